//! Pauli strings with their phase, over columns: what Clifford operations and rotations are computed with.
//!
//! A string is stored as `i^k X^x Z^z`, all X before all Z, so that a product is two exclusive ors and one parity:
//! `(i^k X^x Z^z)(i^l X^u Z^v) = i^(k+l) (-1)^(z.u) X^(x+u) Z^(z+v)`. A string is Hermitian when `k` and the number of
//! its Ys have the same parity, and then its sign is `i^(k - #Y)`.

use super::{Pauli, PauliString};
use crate::Qubit;
use crate::clifford::CliffordGate;

/// A Pauli string with a power of `i`: `i^k X^x Z^z`.
///
/// Where [`PauliString`](super::PauliString) is a label, this is a group element: products keep their phase and cost
/// a few word operations. Strings that meet must have the same number of columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhasedPauli {
    /// The words of x, then those of z.
    bits: Box<[u64]>,
    /// The power of `i`.
    power: u8,
}

impl PhasedPauli {
    /// The identity over `columns` columns.
    #[inline]
    #[must_use]
    pub fn identity(columns: usize) -> Self {
        Self {
            bits: vec![0; 2 * columns.div_ceil(64)].into(),
            power: 0,
        }
    }

    /// `X` in one column.
    #[inline]
    #[must_use]
    pub fn x(columns: usize, column: usize) -> Self {
        let mut out = Self::identity(columns);
        out.bits[column / 64] |= 1 << (column % 64);
        out
    }

    /// `Z` in one column.
    #[inline]
    #[must_use]
    pub fn z(columns: usize, column: usize) -> Self {
        let mut out = Self::identity(columns);
        let words = out.words();
        out.bits[words + column / 64] |= 1 << (column % 64);
        out
    }

    fn words(&self) -> usize {
        self.bits.len() / 2
    }

    /// The words of the X part.
    #[inline]
    #[must_use]
    pub fn x_words(&self) -> &[u64] {
        &self.bits[..self.words()]
    }

    /// The words of the Z part.
    #[inline]
    #[must_use]
    pub fn z_words(&self) -> &[u64] {
        &self.bits[self.words()..]
    }

    /// X and Z parts together: equal exactly when the strings are equal up to their phase.
    #[inline]
    #[must_use]
    pub fn letters(&self) -> &[u64] {
        &self.bits
    }

    /// Whether no column holds a letter.
    #[inline]
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// Whether no column holds an X or Y.
    #[inline]
    #[must_use]
    pub fn is_diagonal(&self) -> bool {
        self.x_words().iter().all(|&word| word == 0)
    }

    /// Whether the two commute.
    #[inline]
    #[must_use]
    pub fn commutes(&self, other: &Self) -> bool {
        let words = self.words();
        let (x, z) = self.bits.split_at(words);
        let (u, v) = other.bits.split_at(words);
        let mut parity = 0;
        for i in 0..words {
            parity ^= (x[i] & v[i]) ^ (z[i] & u[i]);
        }
        parity.count_ones() % 2 == 0
    }

    /// Multiplies by `other` from the right, then by `i^power`.
    #[inline]
    pub fn multiply(&mut self, other: &Self, power: u8) {
        let words = self.words();
        let mut crossings = 0;
        for i in 0..words {
            crossings ^= self.bits[words + i] & other.bits[i];
        }
        let sign = (crossings.count_ones() % 2) as u8 * 2;
        for (word, with) in self.bits.iter_mut().zip(&other.bits) {
            *word ^= with;
        }
        self.power = (self.power + other.power + power + sign) % 4;
    }

    /// The inverse.
    #[inline]
    #[must_use]
    pub fn inverse(&self) -> Self {
        let words = self.words();
        let ys: u32 = (0..words)
            .map(|i| (self.bits[i] & self.bits[words + i]).count_ones())
            .sum();
        Self {
            bits: self.bits.clone(),
            power: (4 - self.power + 2 * (ys % 2) as u8) % 4,
        }
    }

    /// Multiplies by a product of Z from the right.
    #[inline]
    pub fn multiply_z(&mut self, columns: &[u64]) {
        let words = self.words();
        for (word, with) in self.bits[words..].iter_mut().zip(columns) {
            *word ^= with;
        }
    }

    /// Multiplies by `i^power`.
    #[inline]
    pub fn turn(&mut self, power: u8) {
        self.power = (self.power + power) % 4;
    }

    /// Whether the sign of a Hermitian string is minus.
    #[inline]
    #[must_use]
    pub fn is_negative(&self) -> bool {
        debug_assert!(self.is_hermitian(), "only Hermitian strings have a sign");
        self.power_beyond_letters() == 2
    }

    /// In how many columns the letters differ.
    #[inline]
    #[must_use]
    pub fn letters_apart(&self, other: &Self) -> u32 {
        let words = self.words();
        let differ = |i: usize| self.bits[i] ^ other.bits[i];
        (0..words)
            .map(|i| (differ(i) | differ(words + i)).count_ones())
            .sum()
    }

    /// Whether the string is Hermitian.
    #[inline]
    #[must_use]
    pub fn is_hermitian(&self) -> bool {
        self.power_beyond_letters().is_multiple_of(2)
    }

    /// The power of `i` in front of the product of letters, each Y being `i X Z`.
    fn power_beyond_letters(&self) -> u32 {
        let words = self.words();
        let ys: u32 = (0..words)
            .map(|i| (self.bits[i] & self.bits[words + i]).count_ones())
            .sum();
        (u32::from(self.power) + 3 * ys) % 4
    }

    /// The letter in a column: I, X, Y or Z.
    #[inline]
    #[must_use]
    pub fn letter(&self, column: usize) -> char {
        let words = self.words();
        let bit = |word: usize| self.bits[word] >> (column % 64) & 1 == 1;
        match (bit(column / 64), bit(words + column / 64)) {
            (false, false) => 'I',
            (true, false) => 'X',
            (true, true) => 'Y',
            (false, true) => 'Z',
        }
    }

    /// Whether it has a letter in any of these columns.
    #[inline]
    #[must_use]
    pub fn touches(&self, columns: &[u64]) -> bool {
        let words = self.x_words().iter().zip(self.z_words());
        words.zip(columns).any(|((x, z), own)| (x | z) & own != 0)
    }

    /// The lowest bit among the words of x and z, if any is set.
    #[inline]
    #[must_use]
    pub fn lowest_bit(&self) -> Option<usize> {
        let word = self.bits.iter().position(|&word| word != 0)?;
        Some(64 * word + self.bits[word].trailing_zeros() as usize)
    }

    /// Whether a bit of the words of x and z is set.
    #[inline]
    #[must_use]
    pub fn has_bit(&self, bit: usize) -> bool {
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The single letter that does not commute with strings that have this bit, and with no others.
    #[inline]
    #[must_use]
    pub fn dual_of_bit(&self, bit: usize) -> Self {
        let columns = self.columns();
        if bit < columns {
            Self::z(columns, bit)
        } else {
            Self::x(columns, bit - columns)
        }
    }

    /// Columns that the words have room for.
    #[inline]
    #[must_use]
    pub fn columns(&self) -> usize {
        64 * self.words()
    }

    /// The power of `i`.
    #[inline]
    #[must_use]
    pub fn power(&self) -> u8 {
        self.power
    }

    /// +1 or -1 for a Hermitian string.
    #[inline]
    #[must_use]
    pub fn sign(&self) -> f64 {
        if self.is_negative() { -1.0 } else { 1.0 }
    }

    /// The string of a label without a phase, over at least `columns` columns.
    #[must_use]
    pub fn of_string(string: &PauliString, columns: usize) -> Self {
        let mut out = Self::identity(columns.max(string.num_qubits()));
        for (qubit, letter) in string.support() {
            let q = qubit.index();
            match letter {
                Pauli::I => {}
                Pauli::X => out.set(q, true, false),
                Pauli::Z => out.set(q, false, true),
                Pauli::Y => {
                    out.set(q, true, true);
                    out.power = (out.power + 1) % 4; // Y = i X Z
                }
            }
        }
        out
    }

    /// Whether the sign is minus, and the string without it, on `num_qubits` qubits; letters beyond are left out.
    #[must_use]
    pub fn to_signed(&self, num_qubits: usize) -> (bool, PauliString) {
        let operators: Vec<(Qubit, Pauli)> = (0..num_qubits)
            .map(|q| {
                let pauli = match self.bits_of(q) {
                    (false, false) => Pauli::I,
                    (true, false) => Pauli::X,
                    (true, true) => Pauli::Y,
                    (false, true) => Pauli::Z,
                };
                (Qubit::new(q), pauli)
            })
            .collect();
        let string = PauliString::from_sparse(num_qubits, &operators)
            .expect("the operators are on the string's own qubits");
        (self.is_negative(), string)
    }

    /// The X and the Z bit of a column.
    #[inline]
    #[must_use]
    pub fn bits_of(&self, column: usize) -> (bool, bool) {
        let words = self.words();
        let bit = |word: usize| self.bits[word] >> (column % 64) & 1 == 1;
        (bit(column / 64), bit(words + column / 64))
    }

    /// Sets the X and the Z bit of a column, the power of `i` staying as it is.
    #[inline]
    pub fn set(&mut self, column: usize, x: bool, z: bool) {
        let (words, mask) = (self.words(), 1u64 << (column % 64));
        for (word, bit) in [(column / 64, x), (words + column / 64, z)] {
            self.bits[word] = self.bits[word] & !mask | if bit { mask } else { 0 };
        }
    }

    /// The string becomes `G P G^-1`.
    pub fn conjugate(&mut self, gate: CliffordGate) {
        let turn = |bit: bool, power: u8| if bit { power } else { 0 };
        match gate {
            CliffordGate::X(q) => self.turn(turn(self.bits_of(q).1, 2)),
            CliffordGate::Z(q) => self.turn(turn(self.bits_of(q).0, 2)),
            CliffordGate::Y(q) => {
                let (x, z) = self.bits_of(q);
                self.turn(turn(x ^ z, 2));
            }
            CliffordGate::H(q) => {
                let (x, z) = self.bits_of(q);
                self.turn(turn(x && z, 2));
                self.set(q, z, x);
            }
            CliffordGate::S(q) | CliffordGate::Sdg(q) => {
                let (x, z) = self.bits_of(q);
                let power = if gate == CliffordGate::S(q) { 1 } else { 3 };
                self.turn(turn(x, power));
                self.set(q, x, z ^ x);
            }
            CliffordGate::SX(q) | CliffordGate::SXdg(q) => {
                let (x, z) = self.bits_of(q);
                let power = if gate == CliffordGate::SX(q) { 3 } else { 1 };
                self.turn(turn(z, power));
                self.set(q, x ^ z, z);
            }
            CliffordGate::CX(control, target) => {
                let ((xc, zc), (xt, zt)) = (self.bits_of(control), self.bits_of(target));
                self.set(target, xt ^ xc, zt);
                self.set(control, xc, zc ^ zt);
            }
            CliffordGate::CZ(a, b) => {
                let ((xa, za), (xb, zb)) = (self.bits_of(a), self.bits_of(b));
                self.turn(turn(xa && xb, 2));
                self.set(a, xa, za ^ xb);
                self.set(b, xb, zb ^ xa);
            }
            CliffordGate::Swap(a, b) => {
                let ((xa, za), (xb, zb)) = (self.bits_of(a), self.bits_of(b));
                self.set(a, xb, zb);
                self.set(b, xa, za);
            }
        }
    }

    /// The string becomes what controlled X gates from column `control` to all columns of `targets` make of it by
    /// conjugation; `targets` does not hold the control.
    #[inline]
    pub fn conjugate_fan_out(&mut self, control: usize, targets: &[u64]) {
        let words = self.words();
        let (xc, zc) = self.bits_of(control);
        let parity = self.bits[words..]
            .iter()
            .zip(targets)
            .fold(0, |parity, (z, target)| parity ^ (z & target));
        if xc {
            self.bits
                .iter_mut()
                .zip(targets)
                .for_each(|(x, target)| *x ^= target);
        }
        if parity.count_ones() % 2 == 1 {
            self.set(control, xc, !zc);
        }
    }

    /// The string becomes what `exp(i quarter pi/4 P)` makes of it under conjugation: `G^-1 Q G` with
    /// `G = exp(-i quarter pi/4 P)`.
    #[inline]
    pub fn rotate(&mut self, by: &Self, quarters: i64) {
        match quarters.rem_euclid(4) {
            0 => {}
            _ if self.commutes(by) => {}
            2 => self.turn(2),
            1 => self.multiply(by, 3),
            _ => self.multiply(by, 1),
        }
    }
}

#[cfg(test)]
mod tests;
