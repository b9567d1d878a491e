//! Circuits from and to Qiskit, which is imported only when a conversion is asked for.
//!
//! Reading walks `circuit.data` once and asks each entry for as little as possible; writing appends ready-made
//! instructions. What one side has and the other has not is refused by name, never dropped.

mod angles;
mod layout;
mod read;
mod read_expression;
mod read_flow;
mod write;
mod write_expression;
mod write_flow;

use std::sync::Arc;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

use crate::circuit::PyCircuit;
use crate::errors::{Error, Result, guarded};

#[pymethods]
impl PyCircuit {
    /// Converts a Qiskit ``QuantumCircuit``: registers, global phase, parameters, control flow, matrices, gates with
    /// their definitions, and the layout that Qiskit's transpiler leaves.
    ///
    /// Needs the optional extra ``ardea[qiskit]``.
    #[staticmethod]
    fn from_qiskit(circuit: &Bound<'_, PyAny>) -> Result<Self> {
        guarded(|| Ok(Self::of(read::read(circuit)?)))
    }

    /// Converts to a Qiskit ``QuantumCircuit``; see :meth:`from_qiskit`.
    ///
    /// Args:
    ///     parameters: Qiskit ``Parameter`` objects to use for the parameters of these names. Qiskit tells parameters
    ///         apart by more than their name, so give those that you bind later; others are made anew.
    #[pyo3(signature = (*, parameters = vec![]))]
    fn to_qiskit<'py>(
        &self,
        py: Python<'py>,
        parameters: Vec<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>> {
        let circuit = Arc::clone(&self.inner);
        guarded(|| write::write(py, &circuit, &parameters))
    }
}

/// A module of Qiskit, or an error that says how to get it.
fn import<'py>(py: Python<'py>, name: &str) -> Result<Bound<'py, PyModule>> {
    py.import(name).map_err(|error| {
        if error.is_instance_of::<PyImportError>(py) {
            let message =
                format!("this conversion needs Qiskit ({error}): pip install './python[qiskit]'");
            return PyImportError::new_err(message).into();
        }
        Error::Python(error)
    })
}
