//! `ardea.Gate`: an operation by itself, to be controlled, inverted, looked at, or appended.

use ardea_circuit::Operation;
use numpy::{Complex64, PyArray2};
use pyo3::prelude::*;

use crate::arguments::{AngleArgument, complex_matrix};
use crate::builder::named_operation;
use crate::circuit::{PyCircuit, control_state, matrix_to_python};
use crate::errors::{Result, guarded};
use crate::parameter::angle_to_python;

/// A gate by itself: append it to a circuit with :meth:`Circuit.append`.
///
/// Args:
///     name: Name of a standard gate, such as ``"rx"``.
///     angles: Its angles in radians.
#[pyclass(name = "Gate", module = "ardea", frozen)]
pub(crate) struct PyGate {
    pub(crate) operation: Operation,
}

#[pymethods]
impl PyGate {
    #[new]
    #[pyo3(signature = (name, angles = vec![]))]
    fn new(name: &str, angles: Vec<AngleArgument>) -> Result<Self> {
        Ok(Self {
            operation: named_operation(name, angles)?,
        })
    }

    /// A unitary matrix as a gate.
    #[staticmethod]
    #[pyo3(signature = (matrix, *, label = None))]
    fn from_matrix(matrix: &Bound<'_, PyAny>, label: Option<String>) -> Result<Self> {
        let matrix = complex_matrix(matrix)?;
        guarded(|| {
            Ok(Self {
                operation: ardea_circuit::UnitaryGate::new(matrix, label)?.into(),
            })
        })
    }

    /// The names of all standard gates.
    #[staticmethod]
    fn names() -> Vec<&'static str> {
        ardea_circuit::Gate::ALL
            .iter()
            .map(|gate| gate.name())
            .collect()
    }

    /// The name.
    #[getter]
    fn name(&self) -> String {
        self.operation.name()
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.operation.num_qubits().unwrap_or_default()
    }

    /// The angles: floats or expressions.
    #[getter]
    fn angles<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        angles_of(&self.operation)
            .into_iter()
            .map(|angle| angle_to_python(py, angle))
            .collect()
    }

    /// The inverse gate.
    fn inverse(&self) -> Result<Self> {
        guarded(|| {
            Ok(Self {
                operation: self.operation.inverse()?,
            })
        })
    }

    /// The gate to a power, on the principal branch.
    fn power(&self, exponent: f64) -> Result<Self> {
        guarded(|| {
            Ok(Self {
                operation: self.operation.power(exponent)?,
            })
        })
    }

    /// The gate under control; the controls become the first qubits.
    #[pyo3(signature = (num_controls = 1, *, state = None))]
    fn control(&self, num_controls: usize, state: Option<Vec<bool>>) -> Result<Self> {
        let state = control_state(num_controls, state)?;
        guarded(|| {
            Ok(Self {
                operation: self.operation.controlled(&state)?,
            })
        })
    }

    /// The unitary matrix; the first qubit is the least significant bit of its index.
    fn to_matrix<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyArray2<Complex64>>> {
        let matrix = guarded(|| Ok(self.operation.matrix()?))?;
        Ok(matrix_to_python(py, matrix))
    }

    /// The gate in terms of simpler ones.
    fn definition(&self) -> Result<PyCircuit> {
        guarded(|| Ok(PyCircuit::of(self.operation.definition()?)))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().operation == self.operation)
    }

    fn __repr__(&self) -> String {
        format!(
            "<ardea.Gate: {} on {} qubits>",
            self.name(),
            self.num_qubits()
        )
    }
}

/// The angles of a standard gate or call; empty for everything else.
pub(crate) fn angles_of(operation: &Operation) -> Vec<ardea_circuit::Angle> {
    match operation {
        Operation::Call(call) => call.angles.clone(),
        Operation::Controlled(op) => angles_of(&op.base),
        _ => operation
            .standard()
            .map(|(_, angles)| angles.to_vec().to_vec())
            .unwrap_or_default(),
    }
}
