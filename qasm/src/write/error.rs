//! What cannot be written.

use ardea_circuit::CircuitError;

/// Why a circuit could not be written; says what to do instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A symbol in OpenQASM 2.
    #[error("OpenQASM 2 has no symbols: bind '{0}' first, or write OpenQASM 3")]
    Symbol(String),
    /// Control flow that OpenQASM 2 lacks.
    #[error("OpenQASM 2 cannot express {0}: write OpenQASM 3")]
    NotInVersion2(String),
    /// A delay in seconds in OpenQASM 2.
    #[error("OpenQASM 2 knows delays in whole clock cycles only, not {0}: write OpenQASM 3")]
    Delay(String),
    /// An opaque gate in OpenQASM 3.
    #[error("OpenQASM 3 has no opaque gates: give '{0}' a definition")]
    Opaque(String),
    /// Gates defined by gates too deeply.
    #[error("gates are defined by gates more than {0} deep: decompose the circuit first")]
    TooDeep(usize),
    /// A matrix that is too large.
    #[error("a matrix on {num_qubits} qubits is not written (at most {limit}): decompose it first")]
    MatrixTooWide {
        /// Qubits of the matrix.
        num_qubits: usize,
        /// Qubits that are written.
        limit: usize,
    },
    /// The circuit could not be taken apart.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
