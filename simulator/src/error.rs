//! What can go wrong in a simulation, said so that the user knows what to change.

use ardea_circuit::CircuitError;
use thiserror::Error;

use crate::memory::bytes_in_words;
use crate::method::Method;

/// An error of the simulator.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The state does not fit in the memory that may be used.
    #[error(
        "a state of {qubits} qubits in {precision} needs {} and {} may be used ({limit}); \
         use fewer qubits{}, or raise the memory cap",
        bytes_in_words(*.needed), bytes_in_words(*.available),
        if *.precision == "f64" && *.needed / 2 <= *.available { ", single precision (f32)" } else { "" }
    )]
    OutOfMemory {
        /// Qubits of the state.
        qubits: usize,
        /// Name of the precision, `f32` or `f64`.
        precision: &'static str,
        /// Bytes needed, `u128::MAX` when the number is larger than that.
        needed: u128,
        /// Bytes that may be used.
        available: u128,
        /// Which limit was met: free memory, a control group, or the user's cap.
        limit: &'static str,
    },
    /// The allocator refused although the limits allowed the request.
    #[error("the system refused {} for {what}; close other programs or use fewer qubits", bytes_in_words(*.bytes as u128))]
    AllocationFailed {
        /// What the memory was for.
        what: &'static str,
        /// Bytes asked for.
        bytes: usize,
    },
    /// The circuit has symbols without a value.
    #[error("the circuit has unbound symbols: {}; bind them to numbers before running", .names.join(", "))]
    UnboundSymbols {
        /// Names of the symbols, sorted.
        names: Vec<String>,
    },
    /// A gate without a matrix or a definition.
    #[error(
        "instruction {position} ({name}) has neither a matrix nor a definition; give the gate a body or decompose it first"
    )]
    NoDefinition {
        /// Name of the operation.
        name: String,
        /// Index of the instruction in its circuit.
        position: usize,
    },
    /// Definitions nested too deeply.
    #[error(
        "gate definitions or control flow nest deeper than {limit} levels at {name}; flatten the circuit"
    )]
    TooDeep {
        /// Name of the operation where the limit was met.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// A loop ran longer than the limit.
    #[error(
        "a loop ran more than {limit} times; raise `SimOptions::max_iterations` if that is intended"
    )]
    TooManyIterations {
        /// The limit.
        limit: u64,
    },
    /// A matrix that is not unitary within the tolerance.
    #[error(
        "the matrix of {name} is not unitary: it deviates by {deviation:.1e}, more than the tolerance {tolerance:.0e}"
    )]
    NotUnitary {
        /// Name of the operation.
        name: String,
        /// Largest deviation of U†U from the identity.
        deviation: f64,
        /// The tolerance.
        tolerance: f64,
    },
    /// The state holds NaN or infinity after the run.
    #[error(
        "the state's norm is {norm} after the run: an angle or matrix is not finite, or an amplitude overflowed"
    )]
    NotFinite {
        /// The norm found.
        norm: f64,
    },
    /// An initial state that cannot be used.
    #[error("the initial state {problem}")]
    BadInitialState {
        /// What is wrong with it.
        problem: String,
    },
    /// A map that is no channel, or none that can be simulated.
    #[error("this is no quantum channel that can be used: {problem}")]
    BadChannel {
        /// What is wrong with it and what is accepted.
        problem: String,
    },
    /// An argument outside its range.
    #[error("{what}")]
    BadArgument {
        /// What was wrong and what is accepted.
        what: String,
    },
    /// An engine that was chosen by name cannot run the circuit.
    #[error(
        "the {method} engine cannot run instruction {position} ({name}): {reason}; choose the method `automatic` or \
         `statevector`, or change the circuit"
    )]
    Refused {
        /// The engine.
        method: Method,
        /// Index of the first instruction that it cannot run.
        position: usize,
        /// Name of that instruction.
        name: String,
        /// Why it cannot.
        reason: String,
    },
    /// Something other than a state vector does not fit in the memory that may be used.
    #[error(
        "{what} needs {} and {} may be used ({limit}); make the circuit smaller, or raise the memory cap",
        bytes_in_words(*.needed), bytes_in_words(*.available)
    )]
    TooLarge {
        /// What was to be stored.
        what: String,
        /// Bytes needed, `u128::MAX` when the number is larger than that.
        needed: u128,
        /// Bytes that may be used.
        available: u128,
        /// Which limit was met: free memory, a control group, or the user's cap.
        limit: &'static str,
    },
    /// The circuit measures, resets or branches where only gates are possible.
    #[error(
        "{what} needs a circuit of gates only, but instruction {position} is `{name}`; remove it, or run the circuit with shots"
    )]
    NotUnitaryCircuit {
        /// The request.
        what: &'static str,
        /// Name of the instruction.
        name: String,
        /// Its index.
        position: usize,
    },
    /// The run was interrupted through its interrupt flag.
    #[error("the run was interrupted")]
    Interrupted,
    /// The thread pool could not be started.
    #[error("could not start {threads} threads: {cause}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// Why.
        cause: rayon::ThreadPoolBuildError,
    },
    /// A file could not be read or written.
    #[error("could not {doing} {}: {cause}", .path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A checkpoint that the run cannot go on from.
    #[error(
        "the checkpoint {} {problem}; remove it or choose another file to start anew", .path.display()
    )]
    BadCheckpoint {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// An error of the circuit itself.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}

impl SimulatorError {
    /// A refusal inside of a body as that of the body's own instruction, whose index a user can count.
    pub(crate) fn at(self, outer: usize) -> Self {
        match self {
            Self::Refused {
                method,
                name,
                reason,
                ..
            } => Self::Refused {
                method,
                position: outer,
                name,
                reason,
            },
            other => other,
        }
    }
}
