//! A stabilizer state `U |0...0>` as what `U` takes Pauli operators back to: `U^-1 X_q U` and `U^-1 Z_q U`.
//!
//! Kept this way round (Gidney 2021, arXiv:2103.02202), a gate changes the rows of its own qubits only, and the row of
//! Z_q tells at once whether a measurement of q is certain: it is exactly when the row holds no X, and the row's
//! sign is the outcome. A measurement by chance takes one pass over the rows.

use ardea_circuit::clifford::CliffordGate;
use ardea_circuit::pauli::PhasedPauli;
use ardea_circuit::{Pauli, PauliString, Qubit};

use super::gates::Gates;

/// What the circuit so far takes each X and each Z back to.
#[derive(Clone)]
pub(super) struct InverseTableau {
    num_qubits: usize,
    /// The rows of all X, then those of all Z.
    rows: Vec<PhasedPauli>,
}

/// The outcome of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// It is certain.
    Certain(bool),
    /// Both outcomes are equally likely.
    Even,
}

/// Bytes of a tableau.
pub(super) fn bytes(num_qubits: usize) -> u128 {
    let row = 16 * num_qubits.div_ceil(64) + size_of::<PhasedPauli>() + 16;
    2 * num_qubits as u128 * row as u128
}

impl InverseTableau {
    /// |0...0>.
    pub(super) fn new(num_qubits: usize) -> Self {
        let n = num_qubits;
        let rows = (0..2 * n)
            .map(|row| {
                if row < n {
                    PhasedPauli::x(n, row)
                } else {
                    PhasedPauli::z(n, row - n)
                }
            })
            .collect();
        Self { num_qubits, rows }
    }

    pub(super) fn apply_all(&mut self, gates: &Gates) {
        gates.iter().for_each(|gate| self.apply(gate));
    }

    /// Applies a gate G: each row becomes that of `G^-1 P G`.
    pub(super) fn apply(&mut self, gate: CliffordGate) {
        let n = self.num_qubits;
        // Products below are written with X first, Y being i X Z.
        match gate {
            CliffordGate::X(q) => self.rows[n + q].turn(2),
            CliffordGate::Z(q) => self.rows[q].turn(2),
            CliffordGate::Y(q) => {
                self.rows[q].turn(2);
                self.rows[n + q].turn(2);
            }
            CliffordGate::H(q) => self.rows.swap(q, n + q),
            CliffordGate::S(q) => self.multiply(q, n + q, 3), // X -> -Y
            CliffordGate::Sdg(q) => self.multiply(q, n + q, 1), // X -> Y
            CliffordGate::SX(q) => self.multiply(n + q, q, 3), // Z -> Y = -i Z X
            CliffordGate::SXdg(q) => self.multiply(n + q, q, 1), // Z -> -Y
            CliffordGate::CX(control, target) => {
                self.multiply(control, target, 0);
                self.multiply(n + target, n + control, 0);
            }
            CliffordGate::CZ(a, b) => {
                self.multiply(a, n + b, 0);
                self.multiply(b, n + a, 0);
            }
            CliffordGate::Swap(a, b) => {
                self.rows.swap(a, b);
                self.rows.swap(n + a, n + b);
            }
        }
    }

    fn multiply(&mut self, row: usize, by: usize, power: u8) {
        if let Ok([row, by]) = self.rows.get_disjoint_mut([row, by]) {
            row.multiply(by, power);
        }
    }

    /// How a measurement of `qubit` would end.
    pub(super) fn chance(&self, qubit: usize) -> Chance {
        let row = self.row_of_z(qubit);
        if row.is_diagonal() {
            Chance::Certain(row.is_negative())
        } else {
            Chance::Even
        }
    }

    /// The row of Z on `qubit`.
    pub(super) fn row_of_z(&self, qubit: usize) -> &PhasedPauli {
        &self.rows[self.num_qubits + qubit]
    }

    /// Projects the state on `outcome`, where both outcomes are possible.
    ///
    /// Gates V that leave |0...0> alone may be put in front of U. They bring the row of Z_q to X on one qubit p, up to
    /// Zs, so that the projection is the state that begins with H on p.
    pub(super) fn project(&mut self, qubit: usize, outcome: bool) {
        let row = self.row_of_z(qubit);
        let mut targets = row.x_words().to_vec();
        let Some(word) = targets.iter().position(|&word| word != 0) else {
            return;
        };
        let pivot = 64 * word + targets[word].trailing_zeros() as usize;
        targets[word] &= targets[word] - 1;
        let several = targets.iter().any(|&word| word != 0);
        let mut image = row.clone();
        image.conjugate_fan_out(pivot, &targets);
        let is_y = image.bits_of(pivot).1;
        if is_y {
            image.conjugate(CliffordGate::S(pivot));
        }
        let flip = image.is_negative() != outcome;
        for row in &mut self.rows {
            if several {
                row.conjugate_fan_out(pivot, &targets);
            }
            if is_y {
                row.conjugate(CliffordGate::S(pivot));
            }
            row.conjugate(CliffordGate::H(pivot));
            if flip {
                row.conjugate(CliffordGate::X(pivot));
            }
        }
    }

    /// Measures `qubit`; `coin` is asked where both outcomes are possible.
    pub(super) fn measure(&mut self, qubit: usize, coin: impl FnOnce() -> bool) -> bool {
        match self.chance(qubit) {
            Chance::Certain(outcome) => outcome,
            Chance::Even => {
                let outcome = coin();
                self.project(qubit, outcome);
                outcome
            }
        }
    }

    /// The expectation value of a string, 1, 0 or -1; `number` gives the qubits of the state, and none for one that is
    /// |0>.
    pub(super) fn expectation(
        &self,
        string: &PauliString,
        number: &impl Fn(Qubit) -> Option<u32>,
    ) -> f64 {
        let n = self.num_qubits;
        let mut image = PhasedPauli::identity(n);
        for (qubit, letter) in string.support() {
            let Some(q) = number(qubit).map(|q| q as usize) else {
                if letter == Pauli::Z {
                    continue;
                }
                return 0.0;
            };
            match letter {
                Pauli::I => {}
                Pauli::X => image.multiply(&self.rows[q], 0),
                Pauli::Z => image.multiply(&self.rows[n + q], 0),
                Pauli::Y => {
                    image.multiply(&self.rows[q], 1);
                    image.multiply(&self.rows[n + q], 0);
                }
            }
        }
        if image.is_diagonal() {
            image.sign()
        } else {
            0.0
        }
    }
}
