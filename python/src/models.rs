//! `ardea.FermiHubbard`: the Fermi-Hubbard chain, its circuits, operators and exact answers.

use std::sync::Arc;

use ardea_models::{
    CircuitOptions, Correlations, FermiHubbard, Formula, FreeFermions, GateStyle, Mode, ModeMap,
    Occupation, Order, Readout, SectorState, Spin, Start, TimeGrid, TrotterCircuit, jordan_wigner,
    mirrored_line_circuit, trotter_circuit,
};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::calls::{on_pool, run_long};
use crate::circuit::PyCircuit;
use crate::errors::{Error, Result, guarded};
use crate::pauli::PyPauliSum;

/// The Fermi-Hubbard model on an open chain: H = -t sum (c+ c + h.c.) + u sum n_up n_down.
///
/// Args:
///     sites: Number of sites; a circuit has two qubits for each.
///     t: Hopping.
///     u: Interaction.
#[pyclass(name = "FermiHubbard", module = "ardea", frozen)]
pub(crate) struct PyFermiHubbard {
    inner: FermiHubbard,
}

/// A Trotter circuit and the qubits that hold its modes.
#[pyclass(name = "TrotterCircuit", module = "ardea", frozen)]
pub(crate) struct PyTrotterCircuit {
    inner: Arc<TrotterCircuit>,
}

/// Averages of all occupation numbers and of their products.
///
/// Modes are numbered all ups first, then all downs.
#[pyclass(name = "Correlations", module = "ardea", frozen)]
pub(crate) struct PyCorrelations {
    inner: Correlations,
}

#[pymethods]
impl PyFermiHubbard {
    #[new]
    #[pyo3(signature = (sites, *, t = 1.0, u = -2.0), text_signature = "(sites, *, t=1.0, u=-2.0)")]
    fn new(sites: usize, t: f64, u: f64) -> Result<Self> {
        Ok(Self {
            inner: FermiHubbard::chain(sites, t, u)?,
        })
    }

    /// Number of sites.
    #[getter]
    fn sites(&self) -> usize {
        self.inner.num_sites()
    }

    /// Hopping.
    #[getter]
    fn t(&self) -> f64 {
        self.inner.hopping()
    }

    /// Interaction.
    #[getter]
    fn u(&self) -> f64 {
        self.inner.interaction()
    }

    /// A Trotter circuit.
    ///
    /// Args:
    ///     steps: Number of time steps.
    ///     dt: Time of one step.
    ///     method: ``"mirrored"`` is the fermionic-swap circuit on a line of qubits, with the fewest two-qubit gates;
    ///         ``"first"`` and ``"second"`` are the plain Jordan-Wigner circuits of these orders.
    ///     order: Of the qubits of the plain circuits: ``"blocked"``, ``"interleaved"`` or ``"zigzag"``.
    ///     start: The product state in which the evolution starts: ``"neel"``, one character a site of ``0``, ``u``,
    ///         ``d``, ``2``, or None for whatever the qubits hold.
    ///     simplify: Uses the known start to shorten the first gates.
    ///     measure: Measures every mode, into the registers ``up`` and ``down``.
    ///     style: ``"terms"`` writes one gate for each hop and interaction, ``"paulis"`` Pauli rotations.
    #[pyo3(signature = (
        steps, dt, *, method = "mirrored", order = "blocked", start = Some("neel"), simplify = true, measure = true,
        style = "terms"
    ), text_signature = "($self, steps, dt, *, method='mirrored', order='blocked', start='neel', simplify=True, \
        measure=True, style='terms')")]
    #[allow(
        clippy::too_many_arguments,
        reason = "keyword arguments of the Python method"
    )]
    fn circuit(
        &self,
        py: Python<'_>,
        steps: usize,
        dt: f64,
        method: &str,
        order: &str,
        start: Option<&str>,
        simplify: bool,
        measure: bool,
        style: &str,
    ) -> Result<PyTrotterCircuit> {
        let start = match start.map(|start| self.occupation(start)).transpose()? {
            None => Start::Unprepared,
            Some(start) if simplify => Start::Simplified(start),
            Some(start) => Start::Prepared(start),
        };
        let style = match style {
            "terms" => GateStyle::Terms,
            "paulis" => GateStyle::Paulis,
            _ => return Err(choice("style", style, "terms, paulis")),
        };
        let readout = if measure {
            Readout::Measured
        } else {
            Readout::None
        };
        let options = CircuitOptions {
            start,
            readout,
            style,
        };
        let (formula, order) = (formula(method)?, self::order(order)?);
        let (model, grid) = (self.inner.clone(), TimeGrid { dt, steps });
        let inner = run_long(py, None, move || {
            Ok(match formula {
                Formula::Mirrored => mirrored_line_circuit(&model, grid, &options)?,
                _ => trotter_circuit(&model, formula, grid, order, &options)?,
            })
        })?;
        Ok(PyTrotterCircuit {
            inner: Arc::new(inner),
        })
    }

    /// The Hamiltonian as Pauli strings; see :meth:`circuit` for the order.
    #[pyo3(signature = (*, order = "blocked"))]
    fn hamiltonian(&self, order: &str) -> Result<PyPauliSum> {
        let map = ModeMap::new(self::order(order)?, self.inner.num_sites());
        guarded(|| {
            Ok(PyPauliSum::of(jordan_wigner(
                &self.inner.hamiltonian(),
                &map,
            )?))
        })
    }

    /// The exact dynamics of a product state, in the sector of its particle numbers (or, without interaction, of any
    /// size).
    #[pyo3(signature = (time, *, start = "neel"))]
    fn exact(&self, py: Python<'_>, time: f64, start: &str) -> Result<PyCorrelations> {
        let (model, start) = (self.inner.clone(), self.occupation(start)?);
        run_long(py, None, move || {
            on_pool(None, || {
                let inner = if model.interaction() == 0.0 {
                    FreeFermions::new(&model, &start)?
                        .evolve(time)?
                        .correlations()
                } else {
                    SectorState::new(&model, &start)?
                        .evolve(time)?
                        .correlations()
                };
                Ok(PyCorrelations { inner })
            })
        })
    }

    /// The exact outcome of a Trotter circuit; see :meth:`circuit` for the method.
    #[pyo3(signature = (steps, dt, *, method = "mirrored", start = "neel"))]
    fn trotterised(
        &self,
        py: Python<'_>,
        steps: usize,
        dt: f64,
        method: &str,
        start: &str,
    ) -> Result<PyCorrelations> {
        let (model, start) = (self.inner.clone(), self.occupation(start)?);
        let (formula, grid) = (formula(method)?, TimeGrid { dt, steps });
        run_long(py, None, move || {
            on_pool(None, || {
                let inner = if model.interaction() == 0.0 {
                    FreeFermions::new(&model, &start)?
                        .evolve_trotterised(formula, grid)?
                        .correlations()
                } else {
                    SectorState::new(&model, &start)?
                        .evolve_trotterised(formula, grid)?
                        .correlations()
                };
                Ok(PyCorrelations { inner })
            })
        })
    }

    /// Averages from the counts of a circuit with ``measure=True``.
    fn correlations(&self, counts: &Bound<'_, PyDict>) -> Result<PyCorrelations> {
        let counts: Vec<(String, u64)> = counts
            .iter()
            .map(|(key, value)| Ok((key.extract()?, value.extract()?)))
            .collect::<PyResult<_>>()?;
        guarded(|| {
            Ok(PyCorrelations {
                inner: Correlations::from_counts(self.inner.num_sites(), counts)?,
            })
        })
    }

    fn __repr__(&self) -> String {
        let model = &self.inner;
        format!(
            "<ardea.FermiHubbard: {} sites, t={}, u={}>",
            model.num_sites(),
            model.hopping(),
            model.interaction()
        )
    }
}

impl PyFermiHubbard {
    fn occupation(&self, start: &str) -> Result<Occupation> {
        if start == "neel" {
            return Ok(Occupation::neel(self.inner.num_sites()));
        }
        Ok(start.parse()?)
    }
}

#[pymethods]
impl PyTrotterCircuit {
    /// The circuit.
    #[getter]
    fn circuit(&self) -> PyCircuit {
        PyCircuit::of(self.inner.circuit.clone())
    }

    /// For each qubit, the site and spin (``"up"`` or ``"down"``) that it holds before the first gate.
    #[getter]
    fn initial_modes(&self) -> Vec<(usize, &'static str)> {
        modes(&self.inner.initial)
    }

    /// For each qubit, the site and spin that it holds after the last gate.
    #[getter]
    fn final_modes(&self) -> Vec<(usize, &'static str)> {
        modes(&self.inner.last)
    }

    fn __repr__(&self) -> String {
        let circuit = &self.inner.circuit;
        format!(
            "<ardea.TrotterCircuit: {} qubits, {} instructions>",
            circuit.num_qubits(),
            circuit.len()
        )
    }
}

#[pymethods]
impl PyCorrelations {
    /// Number of sites.
    #[getter]
    fn sites(&self) -> usize {
        self.inner.num_sites()
    }

    /// Averages of the occupation with spin up, by site.
    #[getter]
    fn up<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.spin_densities(Spin::Up).into_pyarray(py)
    }

    /// Averages of the occupation with spin down, by site.
    #[getter]
    fn down<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.spin_densities(Spin::Down).into_pyarray(py)
    }

    /// n_up + n_down, by site.
    #[getter]
    fn charge<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.charge().into_pyarray(py)
    }

    /// (n_up - n_down) / 2, by site.
    #[getter]
    fn spin<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.spin().into_pyarray(py)
    }

    /// n_up n_down, by site.
    #[getter]
    fn doublons<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.doublons().into_pyarray(py)
    }

    /// n_up n_down, averaged over the sites.
    #[getter]
    fn mean_doublon(&self) -> f64 {
        self.inner.mean_doublon()
    }

    /// Averages of all products of two occupations.
    #[getter]
    fn products<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let modes: Vec<Mode> = Mode::all(self.inner.num_sites()).collect();
        let size = modes.len();
        Array2::from_shape_fn((size, size), |(a, b)| {
            self.inner.product(modes[a], modes[b])
        })
        .into_pyarray(py)
    }

    fn __repr__(&self) -> String {
        format!("<ardea.Correlations of {} sites>", self.inner.num_sites())
    }
}

fn modes(map: &ModeMap) -> Vec<(usize, &'static str)> {
    let name = |spin| if spin == Spin::Up { "up" } else { "down" };
    map.modes()
        .iter()
        .map(|mode| (mode.site, name(mode.spin)))
        .collect()
}

fn formula(name: &str) -> Result<Formula> {
    match name {
        "mirrored" => Ok(Formula::Mirrored),
        "first" => Ok(Formula::FirstOrder),
        "second" => Ok(Formula::SecondOrder),
        _ => Err(choice("method", name, "mirrored, first, second")),
    }
}

fn order(name: &str) -> Result<Order> {
    match name {
        "blocked" => Ok(Order::Blocked),
        "interleaved" => Ok(Order::Interleaved),
        "zigzag" => Ok(Order::ZigZag),
        _ => Err(choice("order", name, "blocked, interleaved, zigzag")),
    }
}

fn choice(option: &str, value: &str, choices: &str) -> Error {
    Error::Value(format!(
        "{option} cannot be '{value}'; choose one of: {choices}"
    ))
}
