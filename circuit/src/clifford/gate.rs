//! The elementary Clifford gates.

use crate::{Gate, Operation, Qubit, Qubits};

/// One of a few Clifford gates that make up all others, on qubits given by their positions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CliffordGate {
    /// Pauli X.
    X(usize),
    /// Pauli Y.
    Y(usize),
    /// Pauli Z.
    Z(usize),
    /// Hadamard.
    H(usize),
    /// Square root of Z.
    S(usize),
    /// Inverse of [`CliffordGate::S`].
    Sdg(usize),
    /// Square root of X.
    SX(usize),
    /// Inverse of [`CliffordGate::SX`].
    SXdg(usize),
    /// Controlled X: control, target.
    CX(usize, usize),
    /// Controlled Z.
    CZ(usize, usize),
    /// Exchange of two qubits.
    Swap(usize, usize),
}

impl CliffordGate {
    /// The gate that undoes this one.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::S(q) => Self::Sdg(q),
            Self::Sdg(q) => Self::S(q),
            Self::SX(q) => Self::SXdg(q),
            Self::SXdg(q) => Self::SX(q),
            other => other,
        }
    }

    /// The same gate with every qubit `q` replaced by `map(q)`.
    #[must_use]
    pub fn map(self, map: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::X(q) => Self::X(map(q)),
            Self::Y(q) => Self::Y(map(q)),
            Self::Z(q) => Self::Z(map(q)),
            Self::H(q) => Self::H(map(q)),
            Self::S(q) => Self::S(map(q)),
            Self::Sdg(q) => Self::Sdg(map(q)),
            Self::SX(q) => Self::SX(map(q)),
            Self::SXdg(q) => Self::SXdg(map(q)),
            Self::CX(a, b) => Self::CX(map(a), map(b)),
            Self::CZ(a, b) => Self::CZ(map(a), map(b)),
            Self::Swap(a, b) => Self::Swap(map(a), map(b)),
        }
    }

    /// The two qubits of a two-qubit gate.
    #[must_use]
    pub fn pair(self) -> Option<(usize, usize)> {
        match self {
            Self::CX(a, b) | Self::CZ(a, b) | Self::Swap(a, b) => Some((a, b)),
            _ => None,
        }
    }

    /// The gate as an operation, and its qubits.
    #[must_use]
    pub fn to_operation(self) -> (Operation, Qubits) {
        let one = |gate: Gate, q: usize| (Operation::Gate(gate), Qubits::from([Qubit::new(q)]));
        let two = |gate: Gate, a: usize, b: usize| {
            (
                Operation::Gate(gate),
                Qubits::from([Qubit::new(a), Qubit::new(b)]),
            )
        };
        match self {
            Self::X(q) => one(Gate::X, q),
            Self::Y(q) => one(Gate::Y, q),
            Self::Z(q) => one(Gate::Z, q),
            Self::H(q) => one(Gate::H, q),
            Self::S(q) => one(Gate::S, q),
            Self::Sdg(q) => one(Gate::Sdg, q),
            Self::SX(q) => one(Gate::SX, q),
            Self::SXdg(q) => one(Gate::SXdg, q),
            Self::CX(a, b) => two(Gate::CX, a, b),
            Self::CZ(a, b) => two(Gate::CZ, a, b),
            Self::Swap(a, b) => two(Gate::Swap, a, b),
        }
    }
}
