//! What can go wrong when errors are suppressed or mitigated.

use ardea_circuit::CircuitError;
use ardea_compiler::CompileError;
use ardea_noise::NoiseError;
use ardea_simulator::SimulatorError;
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SuppressionError {
    /// An option outside its range, or one that does not fit another.
    #[error("{what}")]
    BadOption {
        /// What was wrong and what is accepted.
        what: String,
    },
    /// A circuit that a method cannot be used on.
    #[error("{method} cannot be used on this circuit: {reason}")]
    Unsuitable {
        /// The method.
        method: &'static str,
        /// Why not, and what to do instead.
        reason: String,
    },
    /// Counts that do not belong to the circuits that were handed over.
    #[error("{what}")]
    WrongCounts {
        /// What does not fit.
        what: String,
    },
    /// A linear system that could not be solved.
    #[error(
        "the readout errors could not be inverted: the residual is {residual:.1e} after {iterations} steps; calibrate \
         again, or leave out qubits whose readout is little better than a coin"
    )]
    NoConvergence {
        /// Norm of what is left, relative to the right-hand side.
        residual: f64,
        /// Steps made.
        iterations: usize,
    },
    /// An error of the compiler.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// An error of the noise model.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// An error of the simulator.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// An error of the circuit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}

pub(crate) fn bad_option<T>(what: impl Into<String>) -> Result<T, SuppressionError> {
    Err(SuppressionError::BadOption { what: what.into() })
}
