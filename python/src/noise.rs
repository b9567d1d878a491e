//! `ardea.NoiseModel` and noisy runs: counts, expectation values and density matrices under a device's noise.

use std::collections::BTreeMap;
use std::sync::Arc;

use ardea_circuit::{PauliString, Qubit};
use ardea_noise::{
    DEFAULT_CHARGE_PARITY, DEFAULT_FLICKER, DEFAULT_QUASI_STATIC, DEFAULT_ZZ, Engine, Flicker,
    NoiseModel, NoiseOptions, RunOptions, density_matrix, run,
};
use ardea_simulator::{Channel, SimOptions};
use numpy::ndarray::Array2;
use numpy::{Complex64, IntoPyArray, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Position, Seed, Shots, Threads, complex_matrix};
use crate::calls::run_long;
use crate::circuit::{PyCircuit, shared};
use crate::errors::{Error, Result};
use crate::pauli::PyPauliSum;
use crate::simulate::{has_counts, interruptible, record_of};
use crate::target::target_argument;

/// What noise does to each instruction of a device.
///
/// Make one with :meth:`from_target` or :meth:`ideal`; methods that begin with ``with_`` return a changed copy.
#[pyclass(name = "NoiseModel", module = "ardea", frozen)]
pub(crate) struct PyNoiseModel {
    inner: Arc<NoiseModel>,
}

#[pymethods]
impl PyNoiseModel {
    /// The noise that a device's calibration tells of, and slow and coherent noise that it does not.
    ///
    /// Args:
    ///     target: A :class:`Target` or its name.
    ///     gate_relaxation: Relaxation of a gate's qubits by T1, T2 and its duration.
    ///     depolarizing: What fills a gate's average error up to the calibrated one.
    ///     idle_relaxation: Relaxation of waiting qubits.
    ///     readout: Misread measurements.
    ///     excited_population: Population of 1 in thermal equilibrium.
    ///     zz: Hertz of the ZZ interaction of coupled pairs for which the device reports none; ``None`` for no ZZ at all.
    ///     quasi_static: Standard deviation in hertz of a detuning that is constant in a shot; ``None`` for none.
    ///     flicker: 1/f detuning as (standard deviation, lowest, highest frequency) in hertz; ``None`` for none.
    ///     charge_parity: Hertz by which each qubit is detuned up or down at random; ``None`` for none.
    #[staticmethod]
    #[pyo3(signature = (
        target, *, gate_relaxation = true, depolarizing = true, idle_relaxation = true, readout = true,
        excited_population = 0.0, zz = Some(DEFAULT_ZZ), quasi_static = Some(DEFAULT_QUASI_STATIC),
        flicker = Some((DEFAULT_FLICKER.sigma, DEFAULT_FLICKER.lowest, DEFAULT_FLICKER.highest)),
        charge_parity = Some(DEFAULT_CHARGE_PARITY)
    ), text_signature = "(target, *, gate_relaxation=True, depolarizing=True, idle_relaxation=True, readout=True, \
                         excited_population=0.0, zz=4000.0, quasi_static=1000.0, flicker=(500.0, 1000.0, 1000000.0), \
                         charge_parity=100.0)")]
    #[allow(
        clippy::too_many_arguments,
        reason = "keyword arguments of the Python function"
    )]
    fn from_target(
        target: &Bound<'_, PyAny>,
        gate_relaxation: bool,
        depolarizing: bool,
        idle_relaxation: bool,
        readout: bool,
        excited_population: f64,
        zz: Option<f64>,
        quasi_static: Option<f64>,
        flicker: Option<(f64, f64, f64)>,
        charge_parity: Option<f64>,
    ) -> Result<Self> {
        let target = target_argument(target)?;
        let options = NoiseOptions {
            gate_relaxation,
            depolarizing,
            idle_relaxation,
            readout,
            excited_population,
            zz,
            quasi_static,
            flicker: flicker.map(|(sigma, lowest, highest)| Flicker {
                sigma,
                lowest,
                highest,
            }),
            charge_parity,
        };
        Ok(Self::of(NoiseModel::from_target(&target, &options)?))
    }

    /// No device and no noise: add channels to gates, for any circuit.
    #[staticmethod]
    fn ideal() -> Self {
        Self::of(NoiseModel::ideal())
    }

    /// A copy with the channel of these Kraus operators behind every gate of this name, or behind those on exactly these
    /// qubits. Standard gates go by Qiskit's names. A channel on one qubit acts on each qubit of a wider gate.
    #[pyo3(signature = (gate, kraus, qubits = None))]
    fn with_channel(
        &self,
        gate: &str,
        kraus: Vec<Bound<'_, PyAny>>,
        qubits: Option<Vec<Position>>,
    ) -> Result<Self> {
        let operators = kraus
            .iter()
            .map(complex_matrix)
            .collect::<PyResult<Vec<_>>>()?;
        self.with(gate, qubits, Channel::from_kraus(operators)?)
    }

    /// A copy with random Paulis behind a gate, as :meth:`with_channel` puts them: labels of one or two qubits with their
    /// probabilities, such as ``{"XI": 0.01, "ZZ": 0.002}``; nothing happens in what is left. As everywhere the
    /// rightmost letter is the first qubit's.
    #[pyo3(signature = (gate, probabilities, qubits = None))]
    fn with_pauli_channel(
        &self,
        gate: &str,
        probabilities: BTreeMap<String, f64>,
        qubits: Option<Vec<Position>>,
    ) -> Result<Self> {
        let terms = probabilities
            .iter()
            .map(|(label, p)| Ok((PauliString::from_label(label)?, *p)))
            .collect::<Result<Vec<_>>>()?;
        self.with(gate, qubits, Channel::pauli(&terms)?)
    }

    /// A copy in which a qubit is misread with these probabilities: 1 after 0, and 0 after 1.
    fn with_readout(&self, qubit: Position, one_of_zero: f64, zero_of_one: f64) -> Result<Self> {
        let qubit = Qubit::new(qubit.0);
        let model = (*self.inner)
            .clone()
            .with_readout(qubit, one_of_zero, zero_of_one)?;
        Ok(Self::of(model))
    }

    fn __repr__(&self) -> String {
        match self.inner.target() {
            Some(target) => format!("<NoiseModel of {}>", target.name()),
            None => "<NoiseModel>".to_owned(),
        }
    }
}

impl PyNoiseModel {
    fn with(&self, gate: &str, qubits: Option<Vec<Position>>, channel: Channel) -> Result<Self> {
        let qubits = qubits.map(in_circuit);
        let model = (*self.inner)
            .clone()
            .with_channel(gate, qubits.as_deref(), channel)?;
        Ok(Self::of(model))
    }

    /// The model itself.
    pub(crate) fn shared_model(&self) -> Arc<NoiseModel> {
        Arc::clone(&self.inner)
    }

    fn of(model: NoiseModel) -> Self {
        Self {
            inner: Arc::new(model),
        }
    }
}

/// The noisy engine of this name.
pub(crate) fn engine_of(method: &str) -> Result<Engine> {
    match method {
        "automatic" => Ok(Engine::Automatic),
        "density_matrix" => Ok(Engine::Density),
        "trajectories" => Ok(Engine::Trajectories),
        "stabilizer" => Ok(Engine::Stabilizer),
        other => Err(Error::Value(format!(
            "there is no noisy method '{other}'; choose 'automatic', 'density_matrix', 'trajectories' or 'stabilizer'"
        ))),
    }
}

fn in_circuit(positions: Vec<Position>) -> Vec<Qubit> {
    positions
        .into_iter()
        .map(|position| Qubit::new(position.0))
        .collect()
}

/// Counts, shots, engine, and the expectation values with their standard errors.
type NoisyResult<'py> = (
    Bound<'py, PyDict>,
    Option<Vec<String>>,
    &'static str,
    Vec<(f64, f64)>,
);

/// Runs a circuit with noise; `ardea.run` and `ardea.noisy_expectation` wrap it.
#[pyfunction]
#[pyo3(signature = (
    circuit, noise, shots, observables, *, seed, method, draws = None, threads = None, memory_limit = None,
    each_shot = false, max_iterations = 1_000_000
))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn run_noisy<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, PyCircuit>,
    noise: &PyNoiseModel,
    shots: Shots,
    observables: Vec<PyRef<'py, PyPauliSum>>,
    seed: Seed,
    method: &str,
    draws: Option<u64>,
    threads: Option<Threads>,
    memory_limit: Option<u64>,
    each_shot: bool,
    max_iterations: u64,
) -> Result<NoisyResult<'py>> {
    let engine = engine_of(method)?;
    let circuit = shared(circuit)?;
    let model = Arc::clone(&noise.inner);
    let observables: Vec<_> = observables.iter().map(|sum| (*sum.inner).clone()).collect();
    if observables.is_empty() {
        has_counts(&circuit, shots)?;
    }
    let (machine, interrupt) = interruptible(threads, memory_limit);
    let options = RunOptions {
        simulation: SimOptions {
            shots: shots.0,
            seed: seed.0,
            record: record_of(each_shot),
            max_iterations,
            ..machine
        },
        engine,
        draws,
    };
    let result = run_long(py, Some(interrupt), move || {
        Ok(run(&circuit, &model, &observables, &options)?)
    })?;
    let counts = PyDict::new(py);
    for (text, times) in result.counts.to_map() {
        counts.set_item(text, times)?;
    }
    let text = |outcome| result.counts.text(outcome);
    let each = result
        .each_shot
        .as_ref()
        .map(|shots| shots.iter().map(text).collect());
    let used = match result.engine {
        Engine::Trajectories => "trajectories",
        Engine::Stabilizer => "stabilizer",
        Engine::Density | Engine::Automatic => "density_matrix",
    };
    let values = result
        .expectations
        .iter()
        .map(|value| (value.mean, value.error));
    Ok((counts, each, used, values.collect()))
}

/// The density matrix of a circuit before its final measurements.
///
/// Args:
///     circuit: On at most 14 qubits with gates; with noise, on the device's qubits and gates.
///     noise: A :class:`NoiseModel`; without one, the matrix of the noiseless state.
///     qubits: The qubits whose reduced matrix is wanted, first listed least significant; all when not given.
///     seed: Of the draws of slow parameters.
///     draws: How often slow parameters are drawn and averaged over; 32 when not given.
///     threads: Number of threads; one per processor when not given.
///     memory_limit: Bytes that the matrix may take at most, beside what the machine allows.
///
/// Returns:
///     An array of shape ``(2**n, 2**n)``.
#[pyfunction]
#[pyo3(name = "density_matrix", signature = (
    circuit, *, noise = None, qubits = None, seed = 0, draws = None, threads = None, memory_limit = None
))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn density_matrix_python<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, PyCircuit>,
    noise: Option<&PyNoiseModel>,
    qubits: Option<Vec<Position>>,
    seed: u64,
    draws: Option<u64>,
    threads: Option<Threads>,
    memory_limit: Option<u64>,
) -> Result<Bound<'py, PyArray2<Complex64>>> {
    let circuit = shared(circuit)?;
    let model = noise.map_or_else(
        || Arc::new(NoiseModel::ideal()),
        |noise| Arc::clone(&noise.inner),
    );
    let (machine, interrupt) = interruptible(threads, memory_limit);
    let options = RunOptions {
        simulation: SimOptions { seed, ..machine },
        engine: Engine::Density,
        draws,
    };
    let matrix = run_long(py, Some(interrupt), move || {
        let state = density_matrix(&circuit, &model, &options)?;
        let all = || (0..circuit.num_qubits()).map(Qubit::new).collect();
        Ok(state.reduced(&qubits.map_or_else(all, in_circuit))?)
    })?;
    let array = Array2::from_shape_fn(matrix.shape(), |place| matrix[place]);
    Ok(array.into_pyarray(py))
}
