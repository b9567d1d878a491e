//! Pauli strings over the columns that both circuits share, with their phase.
//!
//! A string is stored as `i^k X^x Z^z`, all X before all Z, so that a product is two exclusive ors and one parity:
//! `(i^k X^x Z^z)(i^l X^u Z^v) = i^(k+l) (-1)^(z.u) X^(x+u) Z^(z+v)`. A string is Hermitian when `k` and the number of
//! its Ys have the same parity, and then its sign is `i^(k - #Y)`.

/// One Pauli letter of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    X,
    Y,
    Z,
}

/// A Pauli string with a power of `i`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pauli {
    /// The words of x, then those of z.
    bits: Box<[u64]>,
    /// The power of `i`.
    power: u8,
}

impl Pauli {
    /// The identity over `columns` columns.
    pub(crate) fn identity(columns: usize) -> Self {
        Self {
            bits: vec![0; 2 * columns.div_ceil(64)].into(),
            power: 0,
        }
    }

    /// `X` in one column.
    pub(crate) fn x(columns: usize, column: usize) -> Self {
        let mut out = Self::identity(columns);
        out.bits[column / 64] |= 1 << (column % 64);
        out
    }

    /// `Z` in one column.
    pub(crate) fn z(columns: usize, column: usize) -> Self {
        let mut out = Self::identity(columns);
        let words = out.words();
        out.bits[words + column / 64] |= 1 << (column % 64);
        out
    }

    fn words(&self) -> usize {
        self.bits.len() / 2
    }

    /// The words of the X part.
    pub(crate) fn x_words(&self) -> &[u64] {
        &self.bits[..self.words()]
    }

    /// The words of the Z part.
    pub(crate) fn z_words(&self) -> &[u64] {
        &self.bits[self.words()..]
    }

    /// X and Z parts together: equal exactly when the strings are equal up to their phase.
    pub(crate) fn letters(&self) -> &[u64] {
        &self.bits
    }

    /// Whether no column holds a letter.
    pub(crate) fn is_identity(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// Whether no column holds an X or Y.
    pub(crate) fn is_diagonal(&self) -> bool {
        self.x_words().iter().all(|&word| word == 0)
    }

    /// Whether the two commute.
    #[inline]
    pub(crate) fn commutes(&self, other: &Self) -> bool {
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
    pub(crate) fn multiply(&mut self, other: &Self, power: u8) {
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
    pub(crate) fn inverse(&self) -> Self {
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
    pub(crate) fn multiply_z(&mut self, columns: &[u64]) {
        let words = self.words();
        for (word, with) in self.bits[words..].iter_mut().zip(columns) {
            *word ^= with;
        }
    }

    /// Multiplies by `i^power`.
    pub(crate) fn turn(&mut self, power: u8) {
        self.power = (self.power + power) % 4;
    }

    /// Whether the sign of a Hermitian string is minus.
    pub(crate) fn is_negative(&self) -> bool {
        debug_assert!(self.is_hermitian(), "only Hermitian strings have a sign");
        self.power_beyond_letters() == 2
    }

    /// In how many columns the letters differ.
    pub(crate) fn letters_apart(&self, other: &Self) -> u32 {
        let words = self.words();
        let differ = |i: usize| self.bits[i] ^ other.bits[i];
        (0..words)
            .map(|i| (differ(i) | differ(words + i)).count_ones())
            .sum()
    }

    /// Whether the string is Hermitian.
    pub(crate) fn is_hermitian(&self) -> bool {
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
    pub(crate) fn letter(&self, column: usize) -> char {
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
    pub(crate) fn touches(&self, columns: &[u64]) -> bool {
        let words = self.x_words().iter().zip(self.z_words());
        words.zip(columns).any(|((x, z), own)| (x | z) & own != 0)
    }

    /// The lowest bit among the words of x and z, if any is set.
    pub(crate) fn lowest_bit(&self) -> Option<usize> {
        let word = self.bits.iter().position(|&word| word != 0)?;
        Some(64 * word + self.bits[word].trailing_zeros() as usize)
    }

    /// Whether a bit of the words of x and z is set.
    pub(crate) fn has_bit(&self, bit: usize) -> bool {
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The single letter that does not commute with strings that have this bit, and with no others.
    pub(crate) fn dual_of_bit(&self, bit: usize) -> Self {
        let columns = self.columns();
        if bit < columns {
            Self::z(columns, bit)
        } else {
            Self::x(columns, bit - columns)
        }
    }

    /// Columns that the words have room for.
    pub(crate) fn columns(&self) -> usize {
        64 * self.words()
    }

    /// The power of `i`.
    pub(crate) fn power(&self) -> u8 {
        self.power
    }

    /// +1 or -1 for a Hermitian string.
    pub(crate) fn sign(&self) -> f64 {
        if self.is_negative() { -1.0 } else { 1.0 }
    }

    /// The string becomes what `exp(i quarter pi/4 P)` makes of it under conjugation: `G^-1 Q G` with
    /// `G = exp(-i quarter pi/4 P)`.
    pub(crate) fn rotate(&mut self, by: &Self, quarters: i64) {
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
mod tests {
    use super::*;

    #[test]
    fn products_have_the_signs_of_the_algebra() {
        let (x, z) = (Pauli::x(2, 1), Pauli::z(2, 1));
        let mut y = x.clone();
        y.multiply(&z, 1); // Y = i X Z
        assert!(!y.is_negative());
        let mut minus_y = z.clone();
        minus_y.multiply(&x, 1); // i Z X = -Y
        assert!(minus_y.is_negative());
        assert!(!x.commutes(&z) && x.commutes(&Pauli::z(2, 0)));
        let mut square = y.clone();
        square.multiply(&y, 0);
        assert!(square.is_identity() && !square.is_negative());
    }

    #[test]
    fn a_quarter_turn_about_z_takes_x_to_minus_y() {
        // S^-1 X S = -Y with S = exp(-i pi/4 Z) up to a phase.
        let mut x = Pauli::x(1, 0);
        x.rotate(&Pauli::z(1, 0), 1);
        assert!(x.letter(0) == 'Y' && x.is_negative());
    }
}
