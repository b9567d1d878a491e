//! `ardea.Instruction`: one entry of a circuit, to look at.

use ardea_circuit::{Angle, Instruction, Operation};
use pyo3::prelude::*;

use crate::gate::{PyGate, angles_of};
use crate::parameter::angle_to_python;

/// One instruction of a circuit: what is done, and to which bits.
#[pyclass(name = "Instruction", module = "ardea", frozen)]
pub(crate) struct PyInstruction {
    operation: Operation,
    angles: Vec<Angle>,
    /// The operation's name.
    #[pyo3(get)]
    name: String,
    /// The qubits it acts on.
    #[pyo3(get)]
    qubits: Vec<usize>,
    /// The classical bits it reads or writes.
    #[pyo3(get)]
    clbits: Vec<usize>,
}

impl PyInstruction {
    pub(crate) fn of(instruction: &Instruction) -> Self {
        let operation = &instruction.operation;
        let mut clbits: Vec<usize> = operation
            .clbits_read()
            .into_iter()
            .chain(operation.clbits_written())
            .map(|bit| bit.index())
            .collect();
        clbits.sort_unstable();
        clbits.dedup();
        Self {
            angles: match operation {
                Operation::Delay(_, duration) => vec![Angle::Value(*duration)],
                _ => angles_of(operation),
            },
            name: operation.name(),
            qubits: instruction
                .qubits
                .iter()
                .map(|qubit| qubit.index())
                .collect(),
            clbits,
            operation: operation.clone(),
        }
    }
}

#[pymethods]
impl PyInstruction {
    /// The angles (of a delay: its duration): floats or expressions.
    #[getter]
    fn angles<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.angles
            .iter()
            .map(|angle| angle_to_python(py, angle.clone()))
            .collect()
    }

    /// The operation as a gate, or None when it is not unitary.
    #[getter]
    fn gate(&self) -> Option<PyGate> {
        self.operation.is_unitary().then(|| PyGate {
            operation: self.operation.clone(),
        })
    }

    fn __repr__(&self) -> String {
        let angles: Vec<String> = self.angles.iter().map(ToString::to_string).collect();
        let angles = if angles.is_empty() {
            String::new()
        } else {
            format!("({})", angles.join(", "))
        };
        let clbits = if self.clbits.is_empty() {
            String::new()
        } else {
            format!(" bits {:?}", self.clbits)
        };
        format!(
            "<ardea.Instruction: {}{angles} on {:?}{clbits}>",
            self.name, self.qubits
        )
    }
}
