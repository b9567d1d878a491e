//! Which qubits a step reaches: all that decides whether two steps commute.

use crate::kernels::Shape;

/// The reach of a step, or of several taken as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// Qubits that take part.
    pub(super) support: u64,
    /// Qubits on which it is not diagonal.
    pub(super) mixed: u64,
}

impl Extent {
    pub(super) fn of(shape: &Shape) -> Self {
        Self {
            support: shape.support(),
            mixed: shape.mixed(),
        }
    }

    pub(super) fn is_diagonal(self) -> bool {
        self.mixed == 0
    }

    /// Number of qubits that take part.
    pub(super) fn width(self) -> u32 {
        self.support.count_ones()
    }

    /// The reach of both.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            support: self.support | other.support,
            mixed: self.mixed | other.mixed,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        *self = self.with(other);
    }

    /// Steps commute when they share only qubits on which both are diagonal (a control is such a qubit).
    pub(super) fn commutes(self, other: Self) -> bool {
        self.support & other.support & (self.mixed | other.mixed) == 0
    }

    /// Whether nothing on the qubits of `mask` commutes with it.
    pub(super) fn blocks(self, mask: u64) -> bool {
        self.mixed & mask == mask && mask != 0
    }
}
