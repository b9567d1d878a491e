//! What a unitary operation does: its matrix, and its definition by simpler operations.

use nalgebra::{DMatrix, Matrix2, Matrix4};

use super::{MAX_OPERATION_MATRIX_QUBITS, Operation};
use crate::matrix::{C64, controlled_matrix};
use crate::{Bindings, Circuit, CircuitError};

impl Operation {
    /// The matrix of a unitary operation with numeric angles on at most ten qubits.
    ///
    /// # Errors
    /// [`CircuitError::Unbound`], [`CircuitError::Opaque`], [`CircuitError::TooWide`],
    /// [`CircuitError::NotInvertible`] for operations that are not unitary.
    pub fn matrix(&self) -> Result<DMatrix<C64>, CircuitError> {
        if let Some((gate, angles)) = self.standard() {
            return Ok(gate.matrix(&angles.values().ok_or_else(|| self.unbound())?));
        }
        let num_qubits = self.num_qubits().unwrap_or(0);
        if num_qubits > MAX_OPERATION_MATRIX_QUBITS {
            return Err(CircuitError::TooWide {
                num_qubits,
                limit: MAX_OPERATION_MATRIX_QUBITS,
            });
        }
        match self {
            Self::Unitary(gate) => Ok(gate.matrix.clone()),
            Self::Controlled(op) => Ok(controlled_matrix(&op.base.matrix()?, &op.state)),
            Self::Call(_) => self.definition()?.to_matrix(),
            _ => Err(CircuitError::NotInvertible(self.name())),
        }
    }

    /// The matrix of a one-qubit unitary operation with numeric angles.
    pub fn matrix1(&self) -> Option<Matrix2<C64>> {
        match self {
            Self::Unitary(gate) if gate.matrix.nrows() == 2 => {
                Some(Matrix2::from_iterator(gate.matrix.iter().copied()))
            }
            Self::Call(call) if call.definition.num_qubits == 1 => self
                .matrix()
                .ok()
                .map(|matrix| Matrix2::from_iterator(matrix.iter().copied())),
            _ => self.standard().and_then(|(gate, angles)| {
                (gate.num_qubits() == 1)
                    .then(|| angles.values().and_then(|values| gate.matrix1(&values)))?
            }),
        }
    }

    /// The matrix of a two-qubit unitary operation with numeric angles.
    pub fn matrix2(&self) -> Option<Matrix4<C64>> {
        match self {
            Self::Unitary(gate) if gate.matrix.nrows() == 4 => {
                Some(Matrix4::from_iterator(gate.matrix.iter().copied()))
            }
            Self::Controlled(_) | Self::Call(_) if self.num_qubits() == Some(2) => self
                .matrix()
                .ok()
                .map(|matrix| Matrix4::from_iterator(matrix.iter().copied())),
            _ => self.standard().and_then(|(gate, angles)| {
                (gate.num_qubits() == 2)
                    .then(|| angles.values().and_then(|values| gate.matrix2(&values)))?
            }),
        }
    }

    /// The operation in terms of simpler ones on qubits `0..n`, exact including the global phase.
    ///
    /// # Errors
    /// [`CircuitError::Opaque`] when there is none: the primitives `U`, `CX` and the global phase,
    /// opaque gates, matrices (which a compiler synthesises), and what is not unitary.
    pub fn definition(&self) -> Result<Circuit, CircuitError> {
        match self {
            Self::Call(call) => {
                let body = call
                    .definition
                    .body
                    .as_ref()
                    .ok_or_else(|| CircuitError::Opaque(self.name()))?;
                let bindings: Bindings = call
                    .definition
                    .params
                    .iter()
                    .cloned()
                    .zip(call.angles.iter().cloned())
                    .collect();
                body.substitute(&bindings)
            }
            Self::Controlled(op) => crate::control::controlled_definition(op),
            _ => self
                .standard()
                .and_then(|(gate, angles)| gate.definition(&angles.to_vec()))
                .ok_or_else(|| CircuitError::Opaque(self.name())),
        }
    }
}
