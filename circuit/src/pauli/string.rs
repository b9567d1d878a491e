//! One Pauli string: a tensor product of I, X, Y and Z, stored as two bit sets.

use std::fmt;

use fixedbitset::FixedBitSet;

use crate::matrix::{C64, c};
use crate::{CircuitError, Qubit};

/// A one-qubit Pauli operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pauli {
    /// The identity.
    I,
    /// Pauli X.
    X,
    /// Pauli Y.
    Y,
    /// Pauli Z.
    Z,
}

impl Pauli {
    fn from_bits(x: bool, z: bool) -> Self {
        match (x, z) {
            (false, false) => Self::I,
            (true, false) => Self::X,
            (true, true) => Self::Y,
            (false, true) => Self::Z,
        }
    }

    fn bits(self) -> (bool, bool) {
        (
            matches!(self, Self::X | Self::Y),
            matches!(self, Self::Y | Self::Z),
        )
    }
}

impl TryFrom<char> for Pauli {
    type Error = char;

    fn try_from(letter: char) -> Result<Self, char> {
        match letter {
            'I' => Ok(Self::I),
            'X' => Ok(Self::X),
            'Y' => Ok(Self::Y),
            'Z' => Ok(Self::Z),
            other => Err(other),
        }
    }
}

/// A tensor product of Pauli operators on a fixed number of qubits, without a phase.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PauliString {
    num_qubits: usize,
    x: FixedBitSet,
    z: FixedBitSet,
}

impl PauliString {
    /// The identity on `num_qubits` qubits.
    pub fn identity(num_qubits: usize) -> Self {
        Self {
            num_qubits,
            x: FixedBitSet::with_capacity(num_qubits),
            z: FixedBitSet::with_capacity(num_qubits),
        }
    }

    /// The string with these operators and the identity elsewhere; a later entry for the same
    /// qubit replaces an earlier one.
    ///
    /// # Errors
    /// [`CircuitError::QubitOutOfRange`].
    pub fn from_sparse(
        num_qubits: usize,
        operators: &[(Qubit, Pauli)],
    ) -> Result<Self, CircuitError> {
        let mut out = Self::identity(num_qubits);
        for &(qubit, pauli) in operators {
            if qubit.index() >= num_qubits {
                return Err(CircuitError::QubitOutOfRange {
                    operation: "Pauli string".into(),
                    qubit,
                    num_qubits,
                });
            }
            let (x, z) = pauli.bits();
            out.x.set(qubit.index(), x);
            out.z.set(qubit.index(), z);
        }
        Ok(out)
    }

    /// The string a label such as `"XIZ"` stands for; the rightmost letter belongs to qubit 0.
    ///
    /// # Errors
    /// [`CircuitError::BadPauli`] for any other letter.
    pub fn from_label(label: &str) -> Result<Self, CircuitError> {
        let mut operators = Vec::with_capacity(label.len());
        for (position, letter) in label.chars().rev().enumerate() {
            let pauli = Pauli::try_from(letter).map_err(|found| CircuitError::BadPauli {
                label: label.into(),
                found,
            })?;
            operators.push((Qubit::new(position), pauli));
        }
        Self::from_sparse(operators.len(), &operators)
    }

    /// How many qubits the string is defined on.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The operator on `qubit` (the identity beyond the string's end).
    pub fn get(&self, qubit: Qubit) -> Pauli {
        Pauli::from_bits(
            self.x.contains(qubit.index()),
            self.z.contains(qubit.index()),
        )
    }

    /// The qubits with an operator other than the identity, in order, with the operator.
    pub fn support(&self) -> impl Iterator<Item = (Qubit, Pauli)> + '_ {
        (0..self.num_qubits)
            .map(Qubit::new)
            .map(|q| (q, self.get(q)))
            .filter(|(_, p)| *p != Pauli::I)
    }

    /// On how many qubits the operator is not the identity.
    pub fn weight(&self) -> usize {
        self.x.union_count(&self.z)
    }

    /// The qubits with X or Y: those a basis state is flipped on.
    pub fn x_bits(&self) -> &FixedBitSet {
        &self.x
    }

    /// The qubits with Z or Y: those whose |1> gives a sign.
    pub fn z_bits(&self) -> &FixedBitSet {
        &self.z
    }

    /// Whether the two operators commute. Strings of different length are extended with identities.
    pub fn commutes_with(&self, other: &Self) -> bool {
        let crossings = self.x.intersection_count(&other.z) + self.z.intersection_count(&other.x);
        crossings.is_multiple_of(2)
    }

    /// The product `self * other` as a phase (one of 1, i, -1, -i) and a string.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when the numbers of qubits differ.
    pub fn product(&self, other: &Self) -> Result<(C64, Self), CircuitError> {
        if self.num_qubits != other.num_qubits {
            return Err(CircuitError::Mismatch(format!(
                "Pauli strings on {} and {} qubits",
                self.num_qubits, other.num_qubits
            )));
        }
        // With P = i^(x.z) X^x Z^z, moving Z past X gives (-1)^(z1.x2) and the powers of i add up.
        let mut out = self.clone();
        out.x.symmetric_difference_with(&other.x);
        out.z.symmetric_difference_with(&other.z);
        let ys = |p: &Self| p.x.intersection_count(&p.z);
        let power = ys(self) + ys(other) + 3 * ys(&out) + 2 * self.z.intersection_count(&other.x);
        let phase = [c(1.0, 0.0), c(0.0, 1.0), c(-1.0, 0.0), c(0.0, -1.0)][power % 4];
        Ok((phase, out))
    }

    /// The same operators with qubit `q` renamed `map(q)` on `num_qubits` qubits.
    ///
    /// # Errors
    /// [`CircuitError::QubitOutOfRange`].
    pub fn remapped(
        &self,
        num_qubits: usize,
        map: impl Fn(Qubit) -> Qubit,
    ) -> Result<Self, CircuitError> {
        let operators: Vec<(Qubit, Pauli)> = self.support().map(|(q, p)| (map(q), p)).collect();
        Self::from_sparse(num_qubits, &operators)
    }
}

impl fmt::Display for PauliString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.num_qubits)
            .rev()
            .try_for_each(|q| write!(f, "{:?}", self.get(Qubit::new(q))))
    }
}

impl fmt::Debug for PauliString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_right_to_left() {
        let string = PauliString::from_label("XIZ").unwrap();
        assert_eq!(string.get(Qubit::new(0)), Pauli::Z);
        assert_eq!(string.get(Qubit::new(2)), Pauli::X);
        assert_eq!(string.to_string(), "XIZ");
        assert!(PauliString::from_label("XQ").is_err());
    }

    #[test]
    fn products_agree_with_the_multiplication_table() {
        let one = |label: &str| PauliString::from_label(label).unwrap();
        for (a, b, phase, expected) in [
            ("X", "Y", c(0.0, 1.0), "Z"),
            ("Y", "X", c(0.0, -1.0), "Z"),
            ("Z", "X", c(0.0, 1.0), "Y"),
            ("Y", "Y", c(1.0, 0.0), "I"),
            ("XY", "YX", c(1.0, 0.0), "ZZ"),
        ] {
            assert_eq!(
                one(a).product(&one(b)).unwrap(),
                (phase, one(expected)),
                "{a} {b}"
            );
        }
        assert!(one("XY").commutes_with(&one("YX")));
        assert!(!one("XI").commutes_with(&one("ZI")));
    }
}
