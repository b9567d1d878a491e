//! Signed Pauli operators as packed bits, and the frame that pulls Clifford gates out of a circuit.
//!
//! A [`Row`] is `i^phase X^x Z^z`, all X before all Z, so that a product is two exclusive ors and a count of crossings.
//! A [`Frame`] holds, for the Clifford part `C` of a circuit so far, the operators `C^-1 X_q C` and `C^-1 Z_q C`: a
//! rotation about `P` that comes after `C` is one about `C^-1 P C` that comes before it, and every circuit becomes
//! rotations followed by one Clifford (Litinski, 2019, arXiv:1808.02892).

use ardea_circuit::{Pauli, Qubit};
use smallvec::SmallVec;

/// A Pauli operator with a phase: `i^phase X^x Z^z`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Row {
    /// The x bits, then as many words of z bits.
    words: SmallVec<[u64; 6]>,
    /// Power of i, in 0..4.
    phase: u8,
}

impl Row {
    fn identity(words: usize) -> Self {
        Self {
            words: SmallVec::from_elem(0, 2 * words),
            phase: 0,
        }
    }

    /// Makes it the identity.
    pub(super) fn clear(&mut self) {
        self.words.fill(0);
        self.phase = 0;
    }

    fn half(&self) -> usize {
        self.words.len() / 2
    }

    /// The bits of the operator without its phase: equal for operators that are equal up to a phase.
    pub(super) fn bits(&self) -> &[u64] {
        &self.words
    }

    /// The x and z bits of an operator on at most 64 qubits.
    pub(super) fn narrow(&self) -> (u64, u64) {
        (self.words[0], self.words[self.half()])
    }

    /// Whether a Hermitian operator is minus the tensor product of X, Y and Z that its bits say.
    pub(super) fn is_negative(&self) -> bool {
        let (x, z) = self.words.split_at(self.half());
        let ys: u32 = x.iter().zip(z).map(|(x, z)| (x & z).count_ones()).sum();
        (u32::from(self.phase) + 4 - ys % 4) % 4 == 2
    }

    pub(super) fn anticommutes(&self, other: &Self) -> bool {
        let half = self.half();
        let mut parity = 0;
        for k in 0..half {
            parity ^=
                (self.words[k] & other.words[half + k]) ^ (self.words[half + k] & other.words[k]);
        }
        parity.count_ones() % 2 == 1
    }

    /// `self <- self * other`
    pub(super) fn multiply(&mut self, other: &Self) {
        let half = self.half();
        // Moving the z of the left operator past the x of the right one.
        let crossings: u32 = (0..half)
            .map(|k| (self.words[half + k] & other.words[k]).count_ones())
            .sum();
        self.phase = (self.phase + other.phase + 2 * (crossings % 2) as u8) % 4;
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word ^= other;
        }
    }

    /// `self <- i^power * self`
    pub(super) fn turn_phase(&mut self, power: u8) {
        self.phase = (self.phase + power) % 4;
    }

    /// `self <- R^-1 self R` for `R = exp(-i quarters (pi/4) axis)`.
    pub(super) fn conjugate_by_turn(&mut self, axis: &Self, quarters: u8) {
        if quarters == 0 || !self.anticommutes(axis) {
            return;
        }
        // R^-1 Q R = Q R^2, and R^2 is -i P, -1 or i P.
        if quarters == 2 {
            self.turn_phase(2);
            return;
        }
        self.multiply(axis);
        self.turn_phase(if quarters == 1 { 3 } else { 1 });
    }
}

/// For each qubit of the circuit, the operators `C^-1 X C` and `C^-1 Z C`.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    words: usize,
    /// X of qubit 0, Z of qubit 0, X of qubit 1, ...
    rows: Vec<Row>,
}

impl Frame {
    /// The frame before any gate.
    pub(super) fn new(num_qubits: usize) -> Self {
        let words = num_qubits.div_ceil(64).max(1);
        let mut rows = vec![Row::identity(words); 2 * num_qubits];
        for (k, row) in rows.iter_mut().enumerate() {
            let (qubit, is_z) = (k / 2, k % 2);
            row.words[is_z * words + qubit / 64] |= 1 << (qubit % 64);
        }
        Self { words, rows }
    }

    /// The rows: X of qubit 0, Z of qubit 0, X of qubit 1, ...
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What X of a qubit was before the Clifford part.
    pub(super) fn x(&self, qubit: Qubit) -> &Row {
        &self.rows[2 * qubit.index()]
    }

    /// What Z of a qubit was before the Clifford part.
    pub(super) fn z(&self, qubit: Qubit) -> &Row {
        &self.rows[2 * qubit.index() + 1]
    }

    /// `C^-1 P C` for an operator on a few qubits.
    pub(super) fn image(&self, paulis: &[Pauli], qubits: &[Qubit]) -> Row {
        let mut out = Row::identity(self.words);
        for (&pauli, &qubit) in paulis.iter().zip(qubits) {
            match pauli {
                Pauli::I => {}
                Pauli::X => out.multiply(self.x(qubit)),
                Pauli::Z => out.multiply(self.z(qubit)),
                Pauli::Y => {
                    // Y = i X Z
                    out.multiply(self.x(qubit));
                    out.multiply(self.z(qubit));
                    out.turn_phase(1);
                }
            }
        }
        out
    }

    /// Appends `exp(-i quarters (pi/4) P)` to the Clifford part.
    pub(super) fn append_turn(&mut self, paulis: &[Pauli], qubits: &[Qubit], quarters: u8) {
        let axis = self.image(paulis, qubits);
        for (&pauli, &qubit) in paulis.iter().zip(qubits) {
            let first = 2 * qubit.index();
            let touched: &[usize] = match pauli {
                Pauli::I => &[],
                Pauli::X => &[1],
                Pauli::Y => &[0, 1],
                Pauli::Z => &[0],
            };
            for k in touched {
                self.rows[first + k].conjugate_by_turn(&axis, quarters);
            }
        }
    }

    /// Puts `exp(-i quarters (pi/4) axis)` before the Clifford part.
    pub(super) fn prepend_turn(&mut self, axis: &Row, quarters: u8) {
        for row in &mut self.rows {
            row.conjugate_by_turn(axis, quarters);
        }
    }
}
