//! A stabilizer state with its global phase, in the CH form of Bravyi, Browne, Calpin, Campbell, Gosset and Howard
//! (2018, arXiv:1808.00128, section 4.1): `w U_C U_H |s>`, where `U_C` is made of CX, CZ and S and leaves |0...0> alone,
//! `U_H` is a Hadamard on each qubit of `v`, and w is an eighth root of one.
//!
//! `U_C` is kept by how it takes Paulis back: `U_C^-1 Z_p U_C = prod_j Z_j^G[p,j]` and
//! `U_C^-1 X_p U_C = i^g[p] prod_j X_j^F[p,j] Z_j^M[p,j]`. The matrices lie column by column, because a Hadamard, the
//! dearest gate, works on whole columns.

use std::f64::consts::FRAC_PI_4;

use super::{CliffordGate, Tableau};

/// What Clifford gates make of |0...0>, global phase included.
#[derive(Clone, Debug)]
pub struct StabilizerState {
    num_qubits: usize,
    words: usize,
    f: Vec<u64>,
    g: Vec<u64>,
    m: Vec<u64>,
    /// Powers of i, modulo 4.
    gamma: Vec<u8>,
    hadamards: Vec<bool>,
    bits: Vec<bool>,
    /// Power of `exp(i pi/4)`, modulo 8.
    eighths: u8,
}

/// The phase in radians of the operator `gates` when that is a multiple of the identity; none when it is not.
#[must_use]
pub fn phase_of(num_qubits: usize, gates: impl IntoIterator<Item = CliffordGate>) -> Option<f64> {
    let mut state = StabilizerState::new(num_qubits);
    let mut tableau = Tableau::identity(num_qubits);
    for gate in gates {
        state.apply(gate);
        tableau.append(gate);
    }
    if tableau != Tableau::identity(num_qubits) {
        return None;
    }
    let (eighths, halvings) = state.zero_amplitude()?;
    debug_assert_eq!(halvings, 0, "the identity leaves |0...0> alone");
    Some(f64::from(eighths) * FRAC_PI_4)
}

impl StabilizerState {
    /// |0...0>.
    #[must_use]
    pub fn new(num_qubits: usize) -> Self {
        let words = num_qubits.div_ceil(64);
        let mut identity = vec![0; num_qubits * words];
        for q in 0..num_qubits {
            identity[q * words + q / 64] |= 1 << (q % 64);
        }
        Self {
            num_qubits,
            words,
            f: identity.clone(),
            g: identity,
            m: vec![0; num_qubits * words],
            gamma: vec![0; num_qubits],
            hadamards: vec![false; num_qubits],
            bits: vec![false; num_qubits],
            eighths: 0,
        }
    }

    /// Applies a gate.
    ///
    /// # Panics
    /// When the gate names a qubit that the state does not have.
    pub fn apply(&mut self, gate: CliffordGate) {
        match gate {
            CliffordGate::X(p) => {
                let (sign, bits) = self.flipped(p);
                self.bits = bits;
                self.eighths += 2 * self.gamma[p] + 4 * u8::from(sign);
            }
            CliffordGate::Z(p) => {
                let (sign, bits) = self.signed(p);
                self.bits = bits;
                self.eighths += 4 * u8::from(sign);
            }
            CliffordGate::Y(p) => {
                self.apply(CliffordGate::Z(p));
                self.apply(CliffordGate::X(p));
                self.eighths += 2;
            }
            CliffordGate::H(p) => self.hadamard(p),
            CliffordGate::S(p) => self.phase_gate(p, 3),
            CliffordGate::Sdg(p) => self.phase_gate(p, 1),
            CliffordGate::SX(p) => {
                self.hadamard(p);
                self.phase_gate(p, 3);
                self.hadamard(p);
            }
            CliffordGate::SXdg(p) => {
                self.hadamard(p);
                self.phase_gate(p, 1);
                self.hadamard(p);
            }
            CliffordGate::CX(control, target) => self.controlled_x(control, target),
            CliffordGate::CZ(a, b) => {
                for j in 0..self.num_qubits {
                    let (to_a, to_b) = (self.bit(&self.g, b, j), self.bit(&self.g, a, j));
                    self.flip_m(a, j, to_a);
                    self.flip_m(b, j, to_b);
                }
            }
            CliffordGate::Swap(a, b) => {
                self.controlled_x(a, b);
                self.controlled_x(b, a);
                self.controlled_x(a, b);
            }
        }
        self.eighths %= 8;
    }

    /// The amplitude of |0...0> as a power of `exp(i pi/4)` and of `1 / sqrt 2`; none when it is zero.
    #[must_use]
    pub fn zero_amplitude(&self) -> Option<(u8, usize)> {
        let is_reached = (0..self.num_qubits).all(|j| self.hadamards[j] || !self.bits[j]);
        let halvings = self.hadamards.iter().filter(|&&v| v).count();
        is_reached.then_some((self.eighths, halvings))
    }

    #[inline]
    fn bit(&self, columns: &[u64], row: usize, column: usize) -> bool {
        columns[column * self.words + row / 64] >> (row % 64) & 1 == 1
    }

    #[inline]
    fn flip_m(&mut self, row: usize, column: usize, by: bool) {
        self.m[column * self.words + row / 64] ^= u64::from(by) << (row % 64);
    }

    /// S (gamma falls by one, that is rises by three) or its inverse.
    fn phase_gate(&mut self, p: usize, gamma: u8) {
        for j in 0..self.num_qubits {
            let by = self.bit(&self.g, p, j);
            self.flip_m(p, j, by);
        }
        self.gamma[p] = (self.gamma[p] + gamma) % 4;
    }

    fn controlled_x(&mut self, control: usize, target: usize) {
        let (word_c, bit_c) = (control / 64, control % 64);
        let (word_t, bit_t) = (target / 64, target % 64);
        let mut crossings = 0;
        for j in 0..self.num_qubits {
            let column = j * self.words;
            let at = |matrix: &[u64], word: usize, bit: usize| matrix[column + word] >> bit & 1;
            crossings += at(&self.m, word_c, bit_c) & at(&self.f, word_t, bit_t);
            let g = at(&self.g, word_c, bit_c);
            let f = at(&self.f, word_t, bit_t);
            let m = at(&self.m, word_t, bit_t);
            self.g[column + word_t] ^= g << bit_t;
            self.f[column + word_c] ^= f << bit_c;
            self.m[column + word_c] ^= m << bit_c;
        }
        let gamma = u64::from(self.gamma[control] + self.gamma[target]) + 2 * crossings;
        self.gamma[control] = (gamma % 4) as u8;
    }

    /// `U_C^-1 Z_p U_C` on `U_H |s>`: a sign, and the new bits.
    fn signed(&self, p: usize) -> (bool, Vec<bool>) {
        let mut sign = false;
        let mut bits = self.bits.clone();
        for (j, bit) in bits.iter_mut().enumerate() {
            let z = self.bit(&self.g, p, j);
            if self.hadamards[j] {
                *bit ^= z;
            } else {
                sign ^= z && *bit;
            }
        }
        (sign, bits)
    }

    /// `U_C^-1 X_p U_C` on `U_H |s>` without its power of i: a sign, and the new bits.
    fn flipped(&self, p: usize) -> (bool, Vec<bool>) {
        let mut sign = false;
        let mut bits = self.bits.clone();
        for (j, bit) in bits.iter_mut().enumerate() {
            let (x, z) = (self.bit(&self.f, p, j), self.bit(&self.m, p, j));
            if self.hadamards[j] {
                // X Z before the Hadamard is Z X after it.
                sign ^= x && (z ^ *bit);
                *bit ^= z;
            } else {
                sign ^= z && *bit;
                *bit ^= x;
            }
        }
        (sign, bits)
    }

    /// H is `(X + Z) / sqrt 2`, and the sum of the two basis states becomes one again (proposition 4).
    fn hadamard(&mut self, p: usize) {
        let (alpha, t) = self.signed(p);
        let (beta, u) = self.flipped(p);
        let delta = (self.gamma[p] + 2 * (u8::from(alpha) + u8::from(beta))) % 4;
        self.eighths = (self.eighths + 4 * u8::from(alpha)) % 8;
        let differ: Vec<usize> = (0..self.num_qubits).filter(|&j| t[j] != u[j]).collect();
        let plain = differ.iter().copied().find(|&j| !self.hadamards[j]);
        let Some(q) = plain.or(differ.first().copied()) else {
            // (1 + i^delta) / sqrt 2, with delta odd because the state keeps its norm.
            self.eighths = (self.eighths + if delta == 1 { 1 } else { 7 }) % 8;
            self.bits = t;
            return;
        };
        for &j in differ.iter().filter(|&&j| j != q) {
            match (plain.is_some(), self.hadamards[j]) {
                (true, false) => self.right_cx(q, j),
                (true, true) => self.right_cz(q, j),
                (false, _) => self.right_cx(j, q),
            }
        }
        // What is left is |y> + i^delta |z>, different on q only.
        let y_bit = t[q];
        self.bits = if y_bit { u } else { t };
        self.bits[q] = y_bit;
        self.superpose(q, y_bit, delta);
    }

    /// Replaces `H^v (|y> + i^delta |not y>) / sqrt 2` on `q` by `w S^a H^b |c>`.
    fn superpose(&mut self, q: usize, y: bool, delta: u8) {
        if !self.hadamards[q] {
            // i^delta |y'> in front: |0> + i^d |1> = S^(d mod 2) H |d / 2>.
            let (front, d) = if y {
                (delta, (4 - delta) % 4)
            } else {
                (0, delta)
            };
            self.eighths += 2 * front;
            if d % 2 == 1 {
                self.right_s(q);
            }
            self.hadamards[q] = true;
            self.bits[q] = d >= 2;
        } else if delta.is_multiple_of(2) {
            // H (|0> + |1>) = |0>, H (|0> - |1>) = |1>, with a sign when y comes first.
            let one = delta == 2;
            self.eighths += 4 * u8::from(one && y);
            self.hadamards[q] = false;
            self.bits[q] = one;
        } else {
            // H (|0> + i|1>) / sqrt 2 = exp(i pi/4) (|0> - i|1>) / sqrt 2, and the conjugate.
            let (front, d) = if y { (delta, 4 - delta) } else { (0, delta) };
            self.eighths += 2 * front + if d == 1 { 1 } else { 7 };
            // |0> + i^(4 - d) |1>.
            let back = 4 - d;
            self.right_s(q);
            self.hadamards[q] = true;
            self.bits[q] = back >= 2;
        }
        self.eighths %= 8;
    }

    fn right_s(&mut self, q: usize) {
        for word in 0..self.words {
            let f = self.f[q * self.words + word];
            self.m[q * self.words + word] ^= f;
        }
        for p in 0..self.num_qubits {
            if self.bit(&self.f, p, q) {
                self.gamma[p] = (self.gamma[p] + 3) % 4;
            }
        }
    }

    fn right_cz(&mut self, a: usize, b: usize) {
        for word in 0..self.words {
            let (at_a, at_b) = (a * self.words + word, b * self.words + word);
            let mut both = self.f[at_a] & self.f[at_b];
            self.m[at_a] ^= self.f[at_b];
            self.m[at_b] ^= self.f[at_a];
            while both != 0 {
                let p = word * 64 + both.trailing_zeros() as usize;
                self.gamma[p] = (self.gamma[p] + 2) % 4;
                both &= both - 1;
            }
        }
    }

    fn right_cx(&mut self, control: usize, target: usize) {
        for word in 0..self.words {
            let (c, t) = (control * self.words + word, target * self.words + word);
            self.g[c] ^= self.g[t];
            self.f[t] ^= self.f[c];
            self.m[c] ^= self.m[t];
        }
    }
}
