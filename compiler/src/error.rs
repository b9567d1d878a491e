//! Why a compilation can fail: one variant per kind, each saying what to do about it.

use ardea_circuit::CircuitError;

/// Why a circuit could not be compiled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The device is too small.
    #[error(
        "the circuit needs {needed} qubits but target '{target}' has {available} in working order; choose a larger target or a smaller circuit"
    )]
    TooManyQubits {
        /// Qubits of the circuit.
        needed: usize,
        /// Working qubits of the device.
        available: usize,
        /// Name of the device.
        target: String,
    },
    /// The device has enough qubits, but they do not hang together.
    #[error(
        "the circuit needs {needed} connected qubits but the largest connected part of target '{target}' has {largest}; choose another target or split the circuit"
    )]
    Disconnected {
        /// Qubits that must be connected.
        needed: usize,
        /// Qubits of the largest live component.
        largest: usize,
        /// Name of the device.
        target: String,
    },
    /// An operation that the target cannot run and the compiler cannot rewrite.
    #[error("cannot compile '{operation}': {reason}")]
    UnsupportedOperation {
        /// Name of the operation.
        operation: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// An option's value is not one of its choices.
    #[error("{option} cannot be '{value}'; choose one of: {expected}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What could have been.
        expected: String,
    },
    /// `initial_layout` does not fit the circuit and the device.
    #[error("the initial layout does not fit: {reason}")]
    InvalidLayout {
        /// What is wrong with it.
        reason: String,
    },
    /// The circuit goes beyond a limit.
    #[error("{what} is {value}, over the limit of {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        value: usize,
        /// How large it may be.
        limit: usize,
    },
    /// A pipeline's passes are in an order that cannot work.
    #[error(
        "pipeline '{pipeline}': pass '{pass}' needs {missing}, which does not hold there; put a pass that establishes it before"
    )]
    PassOrder {
        /// Name of the pipeline.
        pipeline: String,
        /// Name of the pass.
        pass: &'static str,
        /// What it needs and does not have.
        missing: String,
    },
    /// A pass changed the meaning of the circuit; only found with [`Verification::EachPass`](crate::Verification).
    #[error(
        "pass '{pass}' changed the meaning of the circuit: {difference}; please report this as a bug with the circuit and the options"
    )]
    Miscompiled {
        /// Name of the pass.
        pass: &'static str,
        /// Where the two differ.
        difference: String,
    },
    /// The caller asked for the compilation to stop; see [`compile_until`](crate::compile_until).
    #[error("the compilation was stopped before its end, as asked")]
    Stopped,
    /// Something that cannot happen did.
    #[error(
        "internal error in {place}: {detail}; please report this as a bug with the circuit and the options"
    )]
    Internal {
        /// The module or pass.
        place: &'static str,
        /// What was found.
        detail: String,
    },
    /// A circuit could not be built.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
