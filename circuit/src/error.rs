//! What can go wrong when a circuit is built or transformed.

use crate::{Clbit, Qubit, Symbol};

/// Errors of circuit construction, binding and transformation; each says what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CircuitError {
    /// A qubit index is not in the circuit.
    #[error(
        "{operation}: qubit {qubit} is out of range for a circuit of {num_qubits} qubits (valid: 0 to num_qubits - 1)"
    )]
    QubitOutOfRange {
        /// The operation's name.
        operation: String,
        /// The offending qubit.
        qubit: Qubit,
        /// Qubits in the circuit.
        num_qubits: usize,
    },
    /// A classical bit index is not in the circuit.
    #[error(
        "{operation}: classical bit {clbit} is out of range for a circuit of {num_clbits} classical bits (add a register with add_creg)"
    )]
    ClbitOutOfRange {
        /// The operation's name.
        operation: String,
        /// The offending bit.
        clbit: Clbit,
        /// Classical bits in the circuit.
        num_clbits: usize,
    },
    /// The same qubit is given twice.
    #[error("{operation}: qubit {qubit} is given twice; an operation needs distinct qubits")]
    DuplicateQubit {
        /// The operation's name.
        operation: String,
        /// The repeated qubit.
        qubit: Qubit,
    },
    /// Wrong number of qubits.
    #[error("{operation} acts on {expected} qubits, {given} given")]
    WrongQubitCount {
        /// The operation's name.
        operation: String,
        /// Qubits the operation needs.
        expected: usize,
        /// Qubits given.
        given: usize,
    },
    /// Wrong number of angles.
    #[error("{operation} takes {expected} angles, {given} given")]
    WrongAngleCount {
        /// The operation's name.
        operation: String,
        /// Angles the operation needs.
        expected: usize,
        /// Angles given.
        given: usize,
    },
    /// An angle or duration is NaN or infinite.
    #[error(
        "{operation}: parameter {value} is not finite; angles are radians and durations seconds or dt"
    )]
    NotFinite {
        /// The operation's name.
        operation: String,
        /// The value.
        value: f64,
    },
    /// A negative duration.
    #[error("delay of {0} is negative; durations must be zero or more")]
    NegativeDuration(f64),
    /// A matrix that should be unitary is not.
    #[error(
        "matrix is not unitary: it deviates by {deviation:.3e}, more than the tolerance {tolerance:.0e}"
    )]
    NotUnitary {
        /// Largest entry of |U^dagger U - 1|.
        deviation: f64,
        /// The tolerance in force.
        tolerance: f64,
    },
    /// A matrix of the wrong shape.
    #[error(
        "matrix is {rows} x {columns}; a gate needs a square matrix whose size is a power of two"
    )]
    WrongShape {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// A symbol has no value.
    #[error("symbol '{0}' has no value; bind it before this step")]
    Unbound(String),
    /// A binding names a symbol that the circuit does not have.
    #[error("the circuit has no symbol '{name}'; it has {known}")]
    UnknownSymbol {
        /// The name.
        name: String,
        /// The symbols that the circuit has, in words.
        known: String,
    },
    /// An angle expression cannot be evaluated.
    #[error("the angle {0} has no finite value for this binding")]
    Undefined(String),
    /// An angle expression has too many parts.
    #[error(
        "an angle may hold {0} products and functions of symbols at most; name intermediate values with symbols of their own"
    )]
    TooComplex(usize),
    /// The operation has no inverse.
    #[error("{0} is not unitary and has no inverse")]
    NotInvertible(String),
    /// The operation cannot be controlled or raised to a power.
    #[error("{0} is not unitary: it cannot be controlled or raised to a power")]
    NotControllable(String),
    /// A circuit or operation is too wide for a matrix.
    #[error(
        "a matrix of {num_qubits} qubits is beyond the limit of {limit}; simulate the circuit instead"
    )]
    TooWide {
        /// Qubits.
        num_qubits: usize,
        /// Limit.
        limit: usize,
    },
    /// A gate's body is missing.
    #[error(
        "gate '{0}' is opaque: it has no definition, so it has no matrix and cannot be decomposed"
    )]
    Opaque(String),
    /// A register name is used twice.
    #[error("a register named '{0}' exists already; choose another name")]
    DuplicateRegister(String),
    /// Too many bits.
    #[error("{requested} bits of a kind are beyond the limit of {limit}")]
    TooManyBits {
        /// Bits asked for.
        requested: usize,
        /// Limit.
        limit: usize,
    },
    /// Circuits, lists or operators do not fit together.
    #[error("{0}")]
    Mismatch(String),
    /// A repetition or power would build too large a circuit.
    #[error("{what} would make {count} instructions, more than the limit of {limit}")]
    TooLong {
        /// What was asked.
        what: String,
        /// Instructions.
        count: u128,
        /// Limit.
        limit: usize,
    },
    /// A Pauli label cannot be read.
    #[error("Pauli label '{label}': character '{found}' is not one of I, X, Y, Z")]
    BadPauli {
        /// The label.
        label: String,
        /// The character.
        found: char,
    },
}

impl CircuitError {
    /// [`CircuitError::UnknownSymbol`] where only `known` symbols are.
    pub fn unknown_symbol<'s>(
        symbol: &Symbol,
        known: impl IntoIterator<Item = &'s Symbol>,
    ) -> Self {
        const NAMED: usize = 10;
        let mut known = known.into_iter().map(Symbol::name);
        let mut named: Vec<&str> = known.by_ref().take(NAMED).collect();
        if known.next().is_some() {
            named.push("...");
        }
        let name = symbol.name().to_owned();
        let known = if named.is_empty() {
            "none".to_owned()
        } else {
            named.join(", ")
        };
        Self::UnknownSymbol { name, known }
    }
}
