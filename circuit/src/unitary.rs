//! A circuit's matrix, for tests and small blocks.

use nalgebra::DMatrix;

use crate::matrix::{C64, apply_to_rows, cis};
use crate::{Circuit, CircuitError};

/// The widest circuit whose matrix is formed: 2^12 x 2^12 complex numbers take 256 MiB.
pub const MAX_MATRIX_QUBITS: usize = 12;

impl Circuit {
    /// The unitary matrix, with the global phase; qubit 0 is the least significant index bit.
    ///
    /// # Errors
    /// [`CircuitError::TooWide`] beyond [`MAX_MATRIX_QUBITS`], [`CircuitError::Unbound`] for symbols,
    /// [`CircuitError::NotInvertible`] for measurements, resets and control flow.
    pub fn to_matrix(&self) -> Result<DMatrix<C64>, CircuitError> {
        if self.num_qubits() > MAX_MATRIX_QUBITS {
            return Err(CircuitError::TooWide {
                num_qubits: self.num_qubits(),
                limit: MAX_MATRIX_QUBITS,
            });
        }
        let size = 1usize << self.num_qubits();
        let phase = self.global_phase().value().ok_or_else(|| {
            let symbol = self.symbols().into_iter().next();
            CircuitError::Unbound(symbol.map(|s| s.name().to_owned()).unwrap_or_default())
        })?;
        let mut matrix = DMatrix::identity(size, size) * cis(phase);
        for instruction in self.instructions() {
            if instruction.operation.is_directive() {
                continue;
            }
            let qubits: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
            match instruction.operation.matrix() {
                Ok(gate) => apply_to_rows(&mut matrix, &gate, &qubits),
                // Wide operations without a matrix of their own go through their definition.
                Err(CircuitError::TooWide { .. }) => {
                    let definition = instruction.operation.definition()?;
                    let widened = definition
                        .remapped(self.num_qubits(), |q| instruction.qubits[q.index()])?;
                    matrix = widened.to_matrix()? * matrix;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(matrix)
    }
}
