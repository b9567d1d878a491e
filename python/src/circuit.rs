//! `ardea.Circuit`: construction, properties, and everything that makes one circuit from another.
//!
//! The circuit is shared with the threads of long calls and copied on the next write only if one still holds it.

use std::sync::Arc;

use ardea_circuit::{Circuit, DrawOptions, IdleWires};
use numpy::ndarray::{Array2, ShapeBuilder};
use numpy::{Complex64, IntoPyArray, PyArray2};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{AngleArgument, Positions, clbits, qubits, type_name};
use crate::calls::run_long;
use crate::errors::{Result, guarded};
use crate::gate::PyGate;
use crate::instruction::PyInstruction;
use crate::kept::Kept;
use crate::parameter::{angle_to_python, bindings, parameter_to_python};

/// A quantum circuit: instructions over qubits and classical bits.
///
/// Gate methods have Qiskit's names and argument order (angles, then qubits) and return the circuit, so that calls can
/// be chained: ``Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])``. Qubits are given by position; where a method
/// takes one qubit, a list applies the gate to each. Qubit 0 is the least significant bit of a basis state.
///
/// Args:
///     num_qubits: Number of qubits, in a register ``q``.
///     num_clbits: Number of classical bits, in a register ``c``.
///     name: Name, shown in drawings and written to OpenQASM as a comment.
#[pyclass(name = "Circuit", module = "ardea")]
pub(crate) struct PyCircuit {
    pub(crate) inner: Arc<Circuit>,
    pub(crate) kept: Kept,
}

impl PyCircuit {
    pub(crate) fn of(circuit: Circuit) -> Self {
        Self::sharing(Arc::new(circuit))
    }

    /// An object of its own for a circuit that may have others.
    pub(crate) fn sharing(circuit: Arc<Circuit>) -> Self {
        Self {
            inner: circuit,
            kept: Kept::default(),
        }
    }

    /// The circuit for writing; copied first when a long call still reads it.
    pub(crate) fn edit(&mut self) -> &mut Circuit {
        self.kept.clear();
        Arc::make_mut(&mut self.inner)
    }
}

/// The circuit as it is now. A long call works on this and leaves the object free for other threads.
pub(crate) fn shared(circuit: &Bound<'_, PyCircuit>) -> PyResult<Arc<Circuit>> {
    Ok(Arc::clone(&circuit.try_borrow()?.inner))
}

#[pymethods]
impl PyCircuit {
    #[new]
    #[pyo3(signature = (num_qubits = 0, num_clbits = 0, *, name = None))]
    fn new(num_qubits: usize, num_clbits: usize, name: Option<&str>) -> Result<Self> {
        let mut circuit = Circuit::new(0, 0);
        if num_qubits > 0 {
            circuit.add_qreg("q", num_qubits)?;
        }
        if num_clbits > 0 {
            circuit.add_creg("c", num_clbits)?;
        }
        if let Some(name) = name {
            circuit.set_name(name);
        }
        Ok(Self::of(circuit))
    }

    /// The circuit's name, or None.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.inner.name()
    }

    #[setter]
    fn set_name(&mut self, name: &str) {
        self.edit().set_name(name);
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Number of classical bits.
    #[getter]
    fn num_clbits(&self) -> usize {
        self.inner.num_clbits()
    }

    /// Quantum registers: name, first qubit, size.
    #[getter]
    fn qregs(&self) -> Vec<(String, usize, usize)> {
        self.inner
            .qregs()
            .iter()
            .map(|register| (register.name.clone(), register.start, register.size))
            .collect()
    }

    /// Classical registers: name, first bit, size.
    #[getter]
    fn cregs(&self) -> Vec<(String, usize, usize)> {
        self.inner
            .cregs()
            .iter()
            .map(|register| (register.name.clone(), register.start, register.size))
            .collect()
    }

    /// Adds a quantum register; returns the positions of its qubits.
    fn add_qreg(&mut self, name: &str, size: usize) -> Result<Vec<usize>> {
        Ok(self.edit().add_qreg(name, size)?.range().collect())
    }

    /// Adds a classical register; returns the positions of its bits.
    fn add_creg(&mut self, name: &str, size: usize) -> Result<Vec<usize>> {
        Ok(self.edit().add_creg(name, size)?.range().collect())
    }

    /// The global phase in radians: a float, or an expression.
    #[getter]
    fn global_phase<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        angle_to_python(py, self.inner.global_phase().clone())
    }

    #[setter]
    fn set_global_phase(&mut self, phase: AngleArgument) -> Result<()> {
        let phase = phase.0.checked()?;
        let present = self.inner.global_phase().clone();
        // Two steps: the first leaves exactly zero, so the second is not rounded.
        self.edit().add_global_phase(-present);
        self.edit().add_global_phase(phase);
        Ok(())
    }

    /// The parameters without a value, sorted by name.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.inner
            .symbols()
            .iter()
            .map(|symbol| parameter_to_python(py, symbol))
            .collect()
    }

    /// The instructions, in order.
    #[getter]
    fn instructions(&self) -> Vec<PyInstruction> {
        self.inner
            .instructions()
            .iter()
            .map(PyInstruction::of)
            .collect()
    }

    /// Where each input qubit is before the first and after the last instruction of a compiled circuit, or None.
    #[getter]
    fn layout(&self) -> Option<(Vec<usize>, Vec<usize>)> {
        let list =
            |qubits: &[ardea_circuit::Qubit]| qubits.iter().map(|qubit| qubit.index()).collect();
        self.inner
            .layout()
            .map(|layout| (list(&layout.initial), list(&layout.last)))
    }

    /// How often each operation appears, by name.
    fn count_ops(&self) -> std::collections::BTreeMap<String, usize> {
        self.inner.count_ops()
    }

    /// The longest chain of instructions.
    fn depth(&self) -> usize {
        self.inner.depth()
    }

    /// The longest chain of two-qubit instructions.
    fn two_qubit_depth(&self) -> usize {
        self.inner.two_qubit_depth()
    }

    /// Number of two-qubit instructions.
    fn two_qubit_count(&self) -> usize {
        self.inner.two_qubit_count()
    }

    /// The inverse circuit.
    fn inverse(&self) -> Result<Self> {
        guarded(|| Ok(Self::of(self.inner.inverse()?)))
    }

    /// The circuit raised to an integer power; negative powers invert.
    fn power(&self, exponent: i64) -> Result<Self> {
        guarded(|| Ok(Self::of(self.inner.power(exponent)?)))
    }

    /// The circuit several times in a row.
    fn repeat(&self, times: u64) -> Result<Self> {
        guarded(|| Ok(Self::of(self.inner.repeat(times)?)))
    }

    /// The circuit under control. The controls become the first qubits.
    ///
    /// Args:
    ///     num_controls: Number of controls.
    ///     state: What each control must read, for instance ``[True, False]``; all True when not given.
    #[pyo3(signature = (num_controls = 1, *, state = None))]
    fn control(&self, num_controls: usize, state: Option<Vec<bool>>) -> Result<Self> {
        let state = control_state(num_controls, state)?;
        guarded(|| Ok(Self::of(self.inner.controlled(&state)?)))
    }

    /// The circuit as one gate.
    #[pyo3(signature = (name = None))]
    fn to_gate(&self, name: Option<&str>) -> Result<PyGate> {
        let name = name.or(self.inner.name()).unwrap_or("circuit");
        guarded(|| {
            Ok(PyGate {
                operation: self.inner.to_gate(name)?,
            })
        })
    }

    /// The circuit followed by another, as a new circuit.
    ///
    /// Args:
    ///     other: What follows.
    ///     qubits: For each qubit of ``other``, the qubit it acts on; in order when not given.
    ///     clbits: The same for classical bits.
    #[pyo3(signature = (other, qubits = None, clbits = None))]
    fn compose(
        &self,
        other: &Self,
        qubits: Option<Positions>,
        clbits: Option<Positions>,
    ) -> Result<Self> {
        let mut out = (*self.inner).clone();
        append_circuit(&mut out, &other.inner, qubits, clbits)?;
        Ok(Self::of(out))
    }

    /// Appends a gate or the instructions of another circuit, in place; returns the circuit.
    ///
    /// Args:
    ///     operation: A :class:`Gate` or a :class:`Circuit`.
    ///     qubits: The qubits it acts on; for circuits, in order when not given.
    ///     clbits: For circuits, the classical bits.
    #[pyo3(signature = (operation, qubits = None, clbits = None))]
    fn append<'py>(
        slf: Bound<'py, Self>,
        operation: &Bound<'py, PyAny>,
        qubits: Option<Positions>,
        clbits: Option<Positions>,
    ) -> Result<Bound<'py, Self>> {
        if let Ok(gate) = operation.cast::<PyGate>() {
            let wanted = gate.get().operation.num_qubits().unwrap_or_default();
            let list = qubits.map_or_else(|| (0..wanted).collect(), Positions::into_vec);
            let operation = gate.get().operation.clone();
            guarded(|| {
                Ok(slf
                    .borrow_mut()
                    .edit()
                    .push(operation, &self::qubits(&list))
                    .map(|_| ())?)
            })?;
        } else {
            let Ok(other) = operation.cast::<Self>() else {
                let message = format!(
                    "append takes a Gate or a Circuit, not {}",
                    type_name(operation)
                );
                return Err(PyTypeError::new_err(message).into());
            };
            let other = Arc::clone(&other.borrow().inner);
            append_circuit(slf.borrow_mut().edit(), &other, qubits, clbits)?;
        }
        Ok(slf)
    }

    /// The circuit on other qubits: qubit ``i`` becomes ``qubits[i]`` of a circuit with ``num_qubits`` qubits.
    fn remap(&self, qubits: Vec<usize>, num_qubits: usize) -> Result<Self> {
        if qubits.len() != self.inner.num_qubits() {
            let message = format!(
                "cannot remap: {} positions for {} qubits",
                qubits.len(),
                self.inner.num_qubits()
            );
            return Err(ardea_circuit::CircuitError::Mismatch(message).into());
        }
        guarded(|| {
            let map =
                |qubit: ardea_circuit::Qubit| ardea_circuit::Qubit::new(qubits[qubit.index()]);
            Ok(Self::of(self.inner.remapped(num_qubits, map)?))
        })
    }

    /// The circuit with parameters replaced.
    ///
    /// Args:
    ///     values: A mapping from parameters (or their names) to numbers or expressions, or a sequence of numbers in
    ///         the order of :attr:`parameters`. Parameters that a mapping does not name stay.
    fn bind(&self, values: &Bound<'_, PyAny>) -> Result<Self> {
        let values = match values.cast::<PyDict>() {
            Ok(values) => bindings(values)?,
            Err(_) => self.in_order(values)?,
        };
        guarded(|| Ok(Self::of(self.inner.bind(&values)?)))
    }

    /// The same as :meth:`bind`, under Qiskit's name; with ``inplace`` the circuit itself changes.
    #[pyo3(signature = (values, *, inplace = false))]
    fn assign_parameters(
        &mut self,
        values: &Bound<'_, PyAny>,
        inplace: bool,
    ) -> Result<Option<Self>> {
        let bound = self.bind(values)?;
        if !inplace {
            return Ok(Some(bound));
        }
        self.kept.clear();
        self.inner = bound.inner;
        Ok(None)
    }

    /// The unitary matrix, global phase included; at most 12 qubits.
    fn to_matrix<'py>(slf: &Bound<'py, Self>) -> Result<Bound<'py, PyArray2<Complex64>>> {
        let (py, circuit) = (slf.py(), shared(slf)?);
        let matrix = run_long(py, None, move || Ok(circuit.to_matrix()?))?;
        Ok(matrix_to_python(py, matrix))
    }

    /// The circuit as text.
    ///
    /// Args:
    ///     width: Characters per line before the drawing continues below.
    ///     idle_wires: Whether qubits without instructions get a line.
    ///     max_instructions: Instructions beyond this many are not drawn.
    #[pyo3(signature = (*, width = 100, idle_wires = true, max_instructions = 2000))]
    fn draw(&self, width: usize, idle_wires: bool, max_instructions: usize) -> Result<String> {
        let idle = if idle_wires {
            IdleWires::Shown
        } else {
            IdleWires::Hidden
        };
        guarded(|| {
            Ok(self.inner.draw_with(&DrawOptions {
                width,
                max_instructions,
                idle,
            }))
        })
    }

    /// A copy.
    fn copy(&self) -> Self {
        Self::sharing(Arc::clone(&self.inner))
    }

    fn __copy__(&self) -> Self {
        self.copy()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.copy()
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.borrow().inner == self.inner)
    }

    fn __str__(&self) -> Result<String> {
        guarded(|| Ok(self.inner.draw()))
    }

    fn __repr__(&self) -> String {
        let name = self
            .inner
            .name()
            .map(|name| format!(", name={name:?}"))
            .unwrap_or_default();
        format!(
            "<ardea.Circuit: {} qubits, {} classical bits, {} instructions{name}>",
            self.inner.num_qubits(),
            self.inner.num_clbits(),
            self.inner.len()
        )
    }

    fn _repr_html_(&self) -> Result<String> {
        let text = self
            .__str__()?
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        Ok(format!("<pre style=\"line-height: 1.2\">{text}</pre>"))
    }
}

impl PyCircuit {
    fn in_order(&self, values: &Bound<'_, PyAny>) -> Result<ardea_circuit::Bindings> {
        let values: Vec<AngleArgument> = values
            .try_iter()?
            .map(|value| value?.extract())
            .collect::<PyResult<_>>()?;
        let symbols = self.inner.symbols();
        if values.len() != symbols.len() {
            let message = format!("{} values for {} parameters", values.len(), symbols.len());
            return Err(PyValueError::new_err(message).into());
        }
        Ok(symbols
            .into_iter()
            .zip(values.into_iter().map(|value| value.0))
            .collect())
    }
}

/// What the controls must read, one entry for each.
pub(crate) fn control_state(num_controls: usize, state: Option<Vec<bool>>) -> Result<Vec<bool>> {
    let state = state.unwrap_or_else(|| vec![true; num_controls.min(ardea_circuit::MAX_BITS)]);
    if state.len() == num_controls {
        return Ok(state);
    }
    let message = format!("{num_controls} controls, but a state of {}", state.len());
    Err(ardea_circuit::CircuitError::Mismatch(message).into())
}

fn append_circuit(
    circuit: &mut Circuit,
    other: &Circuit,
    on_qubits: Option<Positions>,
    on_clbits: Option<Positions>,
) -> Result<()> {
    let list = |given: Option<Positions>, size| {
        given.map_or_else(|| (0..size).collect(), Positions::into_vec)
    };
    let on_qubits = list(on_qubits, other.num_qubits());
    let on_clbits = list(on_clbits, other.num_clbits());
    check_positions("qubit", &on_qubits, circuit.num_qubits())?;
    check_positions("classical bit", &on_clbits, circuit.num_clbits())?;
    guarded(|| {
        circuit.append(other, &qubits(&on_qubits), &clbits(&on_clbits))?;
        Ok(())
    })
}

/// Positions must exist and differ, also where no instruction uses them.
fn check_positions(kind: &str, positions: &[usize], size: usize) -> Result<()> {
    let mut sorted = positions.to_vec();
    sorted.sort_unstable();
    let problem = match (
        sorted.last(),
        sorted.windows(2).find(|pair| pair[0] == pair[1]),
    ) {
        (Some(&last), _) if last >= size => {
            format!("there is no {kind} {last}: the first circuit has {size}")
        }
        (_, Some(pair)) => format!("{kind} {} is listed twice", pair[0]),
        _ => return Ok(()),
    };
    Err(ardea_circuit::CircuitError::Mismatch(problem).into())
}

/// A matrix as a numpy array, without a copy (in column-major order).
pub(crate) fn matrix_to_python(
    py: Python<'_>,
    matrix: nalgebra::DMatrix<Complex64>,
) -> Bound<'_, PyArray2<Complex64>> {
    let shape = matrix.shape();
    let columns: Vec<Complex64> = matrix.data.into();
    Array2::from_shape_vec(shape.f(), columns)
        .expect("a matrix has as many entries as its shape says")
        .into_pyarray(py)
}
