//! Gates on one qubit that wait to be applied together.

use ardea_circuit::C64;
use nalgebra::Matrix2;

use super::WIDEST;
use super::gates::Gate;

/// For each qubit the product of the gates since it was last applied.
pub(super) struct Pending {
    waiting: [Option<Matrix2<C64>>; WIDEST],
}

impl Pending {
    pub(super) fn new(qubits: usize) -> Self {
        debug_assert!(qubits <= WIDEST);
        Self {
            waiting: [None; WIDEST],
        }
    }

    pub(super) fn push(&mut self, qubit: usize, matrix: &Matrix2<C64>) {
        let before = &mut self.waiting[qubit];
        *before = Some(match before {
            None => *matrix,
            Some(before) => matrix * *before,
        });
    }

    pub(super) fn take(&mut self, qubit: usize) -> Option<Matrix2<C64>> {
        self.waiting[qubit].take()
    }

    /// Whether what waits on the qubit may as well act after the gate.
    pub(super) fn stays(&self, qubit: usize, gate: &Gate) -> bool {
        let diagonal =
            |matrix: &Matrix2<C64>| matrix[(0, 1)] == C64::ZERO && matrix[(1, 0)] == C64::ZERO;
        gate.is_diagonal_on(qubit) && self.waiting[qubit].as_ref().is_none_or(diagonal)
    }
}
