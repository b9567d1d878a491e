//! What can go wrong when noise is put on a circuit.

use ardea_circuit::CircuitError;
use ardea_simulator::SimulatorError;
use thiserror::Error;

/// An error of the noise model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoiseError {
    /// The circuit uses something that the device does not have.
    #[error(
        "instruction {position}: the target '{target}' has no {operation} on qubits {qubits:?}, so its noise is \
         unknown; compile the circuit for the target first"
    )]
    NotOnTarget {
        /// Index of the instruction in its circuit or body.
        position: usize,
        /// Name of the operation.
        operation: String,
        /// The device's qubits.
        qubits: Vec<usize>,
        /// Name of the target.
        target: String,
    },
    /// The circuit has more qubits than the device.
    #[error(
        "the circuit has {needed} qubits and the target '{target}' has {available}; a noisy circuit is on the \
         device's own qubits"
    )]
    TooManyQubits {
        /// Qubits of the circuit.
        needed: usize,
        /// Qubits of the device.
        available: usize,
        /// Name of the target.
        target: String,
    },
    /// A delay in cycles of a clock that is not known.
    #[error(
        "instruction {position}: a delay of {cycles} dt has no length, because the noise model knows no dt; write it in \
         seconds"
    )]
    NoClock {
        /// Index of the instruction.
        position: usize,
        /// Cycles of the delay.
        cycles: f64,
    },
    /// A parameter outside its range.
    #[error("{what}")]
    BadParameter {
        /// What was wrong and what is accepted.
        what: String,
    },
    /// Control flow nested too deeply.
    #[error("control flow nests deeper than {limit} levels; flatten the circuit")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// An error of the simulator.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// An error of the circuit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
