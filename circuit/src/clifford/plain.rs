//! From a tableau back to gates, plainly: column by column, with no thought for their number.

use super::{CliffordGate, Tableau};

impl Tableau {
    /// Gates that do what the tableau says, up to the global phase, first to last; about `n^2` two-qubit gates.
    ///
    /// A compiler finds fewer. The gates come from reducing the image of X and then of Z of each qubit to itself with
    /// gates that leave the qubits before it alone (Aaronson and Gottesman, quant-ph/0406196).
    #[must_use]
    pub fn to_gates(&self) -> Vec<CliffordGate> {
        let mut reduction = Reduction {
            tableau: self.clone(),
            gates: Vec::new(),
        };
        for q in 0..self.num_qubits() {
            reduction.reduce_x(q);
            reduction.reduce_z(q);
        }
        reduction.fix_signs();
        let undo = reduction.gates.into_iter().rev();
        undo.map(CliffordGate::inverse).collect()
    }

    /// Pauli gates that, appended to this operator, make it equal to `other`; none when they differ by more.
    #[must_use]
    pub fn paulis_to(&self, other: &Self) -> Option<Vec<CliffordGate>> {
        if !self.equals_up_to_paulis(other) {
            return None;
        }
        // `other = P self`, so `P = other * self^-1`, whose tableau tells P by the signs alone.
        let between = self.inverse().then(other);
        let mut gates = Vec::new();
        for q in 0..self.num_qubits() {
            match (
                between.is_negative(q),
                between.is_negative(self.num_qubits() + q),
            ) {
                (false, false) => {}
                (true, false) => gates.push(CliffordGate::Z(q)),
                (false, true) => gates.push(CliffordGate::X(q)),
                (true, true) => gates.push(CliffordGate::Y(q)),
            }
        }
        Some(gates)
    }
}

struct Reduction {
    tableau: Tableau,
    gates: Vec<CliffordGate>,
}

impl Reduction {
    fn push(&mut self, gate: CliffordGate) {
        self.tableau.append(gate);
        self.gates.push(gate);
    }

    fn reduce_x(&mut self, q: usize) {
        let n = self.tableau.num_qubits();
        for p in q..n {
            match self.tableau.bits(q, p) {
                (true, true) => self.push(CliffordGate::S(p)),
                (false, true) => self.push(CliffordGate::H(p)),
                _ => {}
            }
        }
        if !self.tableau.bits(q, q).0 {
            let other = (q + 1..n).find(|&p| self.tableau.bits(q, p).0);
            let other = other.expect("no image of X is the identity");
            self.push(CliffordGate::Swap(q, other));
        }
        for p in q + 1..n {
            if self.tableau.bits(q, p).0 {
                self.push(CliffordGate::CX(q, p));
            }
        }
    }

    /// With gates that leave X on `q` as it is.
    fn reduce_z(&mut self, q: usize) {
        let n = self.tableau.num_qubits();
        let row = n + q;
        for p in q + 1..n {
            let (x, z) = self.tableau.bits(row, p);
            if x && z {
                self.push(CliffordGate::S(p));
            }
            if x {
                self.push(CliffordGate::H(p));
            }
            if x || z {
                self.push(CliffordGate::CX(p, q));
            }
        }
        if self.tableau.bits(row, q).0 {
            self.push(CliffordGate::SX(q));
        }
    }

    fn fix_signs(&mut self) {
        let n = self.tableau.num_qubits();
        for q in 0..n {
            if self.tableau.is_negative(q) {
                self.push(CliffordGate::Z(q));
            }
            if self.tableau.is_negative(n + q) {
                self.push(CliffordGate::X(q));
            }
        }
    }
}
