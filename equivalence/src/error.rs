//! What can go wrong before a verdict: the circuits cannot be compared at all.

use ardea_circuit::CircuitError;
use thiserror::Error;

/// An error of the checker. A circuit that is merely too hard is no error: its verdict is unknown.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EquivalenceError {
    /// The circuits do not have the same inputs.
    #[error("{0}")]
    Mismatch(String),
    /// An option that cannot be used.
    #[error("{0}")]
    BadOption(String),
    /// An error of a circuit itself.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
