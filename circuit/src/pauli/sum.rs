//! Sums of Pauli strings with complex coefficients.

use std::collections::BTreeMap;
use std::ops::{Add, Mul};

use nalgebra::DMatrix;

use super::PauliString;
use crate::matrix::C64;
use crate::{CircuitError, Qubit};

/// A sum of Pauli strings with complex coefficients, all on the same number of qubits.
#[derive(Clone, PartialEq, Debug)]
pub struct SparsePauliSum {
    num_qubits: usize,
    terms: Vec<(PauliString, C64)>,
}

impl SparsePauliSum {
    /// The zero operator on `num_qubits` qubits.
    pub fn zero(num_qubits: usize) -> Self {
        Self {
            num_qubits,
            terms: Vec::new(),
        }
    }

    /// The sum of `coefficient * label` with real coefficients, for instance `[("ZZ", 1.0)]`.
    ///
    /// # Errors
    /// [`CircuitError::BadPauli`], [`CircuitError::Mismatch`] for labels of different length or an
    /// empty list, [`CircuitError::NotFinite`].
    pub fn from_labels(terms: &[(&str, f64)]) -> Result<Self, CircuitError> {
        let terms: Vec<(PauliString, C64)> = terms
            .iter()
            .map(|(label, k)| Ok((PauliString::from_label(label)?, C64::from(*k))))
            .collect::<Result<_, CircuitError>>()?;
        let num_qubits = terms.first().map(|(string, _)| string.num_qubits());
        let num_qubits = num_qubits.ok_or_else(|| {
            CircuitError::Mismatch("an empty list of terms has no width; use zero".into())
        })?;
        Self::from_terms(num_qubits, terms)
    }

    /// The sum of these terms.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when a string has another width, [`CircuitError::NotFinite`].
    pub fn from_terms(
        num_qubits: usize,
        terms: Vec<(PauliString, C64)>,
    ) -> Result<Self, CircuitError> {
        let mut out = Self::zero(num_qubits);
        for (string, coefficient) in terms {
            out.push(string, coefficient)?;
        }
        Ok(out)
    }

    /// Adds `coefficient * string`.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when the string has another width, [`CircuitError::NotFinite`].
    pub fn push(&mut self, string: PauliString, coefficient: C64) -> Result<(), CircuitError> {
        if string.num_qubits() != self.num_qubits {
            return Err(CircuitError::Mismatch(format!(
                "a Pauli string on {} qubits in a sum on {}",
                string.num_qubits(),
                self.num_qubits
            )));
        }
        if !coefficient.is_finite() {
            let value = if coefficient.re.is_finite() {
                coefficient.im
            } else {
                coefficient.re
            };
            return Err(CircuitError::NotFinite {
                operation: format!("coefficient of {string}"),
                value,
            });
        }
        self.terms.push((string, coefficient));
        Ok(())
    }

    /// How many qubits the operator acts on.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The terms, in the order they were given.
    pub fn terms(&self) -> &[(PauliString, C64)] {
        &self.terms
    }

    /// The same operator with equal strings added up, sorted, and terms of at most `tolerance`
    /// in size left out.
    pub fn simplified(&self, tolerance: f64) -> Self {
        let mut sums: BTreeMap<&PauliString, C64> = BTreeMap::new();
        for (string, coefficient) in &self.terms {
            *sums.entry(string).or_default() += coefficient;
        }
        let terms = sums
            .into_iter()
            .filter(|(_, k)| k.norm() > tolerance)
            .map(|(s, k)| (s.clone(), k))
            .collect();
        Self {
            num_qubits: self.num_qubits,
            terms,
        }
    }

    /// The operator product `self * other`, simplified.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when the widths differ.
    pub fn product(&self, other: &Self) -> Result<Self, CircuitError> {
        let mut terms = Vec::with_capacity(self.terms.len() * other.terms.len());
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let (phase, string) = a.product(b)?;
                terms.push((string, phase * x * y));
            }
        }
        Ok(Self {
            num_qubits: self.num_qubits,
            terms,
        }
        .simplified(0.0))
    }

    /// The operator with qubit `q` renamed `map(q)` on `num_qubits` qubits, for instance onto the
    /// physical qubits of a compiled circuit's final layout.
    ///
    /// # Errors
    /// [`CircuitError::QubitOutOfRange`].
    pub fn remapped(
        &self,
        num_qubits: usize,
        map: impl Fn(Qubit) -> Qubit,
    ) -> Result<Self, CircuitError> {
        let terms = self
            .terms
            .iter()
            .map(|(s, k)| Ok((s.remapped(num_qubits, &map)?, *k)))
            .collect::<Result<_, CircuitError>>()?;
        Ok(Self { num_qubits, terms })
    }

    /// Whether every coefficient is real, so that expectation values are.
    pub fn is_hermitian(&self) -> bool {
        self.simplified(0.0)
            .terms
            .iter()
            .all(|(_, k)| k.im.abs() <= 1e-12 * (1.0 + k.re.abs()))
    }

    /// The operator's matrix, for tests; qubit 0 is the least significant index bit.
    ///
    /// # Errors
    /// [`CircuitError::TooWide`] beyond [`crate::MAX_MATRIX_QUBITS`].
    pub fn to_matrix(&self) -> Result<DMatrix<C64>, CircuitError> {
        if self.num_qubits > crate::MAX_MATRIX_QUBITS {
            return Err(CircuitError::TooWide {
                num_qubits: self.num_qubits,
                limit: crate::MAX_MATRIX_QUBITS,
            });
        }
        let size = 1usize << self.num_qubits;
        let mut out = DMatrix::zeros(size, size);
        for (string, coefficient) in &self.terms {
            let mask =
                |bits: &fixedbitset::FixedBitSet| bits.ones().map(|b| 1usize << b).sum::<usize>();
            let (flips, signs) = (mask(string.x_bits()), mask(string.z_bits()));
            let i_power = C64::i().powu((flips & signs).count_ones());
            for column in 0..size {
                let sign = if (column & signs).count_ones() % 2 == 1 {
                    -1.0
                } else {
                    1.0
                };
                out[(column ^ flips, column)] += coefficient * i_power * sign;
            }
        }
        Ok(out)
    }
}

impl Add for SparsePauliSum {
    type Output = Self;

    /// The sum of two operators.
    ///
    /// # Panics
    /// When the widths differ.
    fn add(mut self, other: Self) -> Self {
        assert_eq!(
            self.num_qubits, other.num_qubits,
            "operators of different width cannot be added"
        );
        self.terms.extend(other.terms);
        self
    }
}

impl Mul<f64> for SparsePauliSum {
    type Output = Self;

    fn mul(mut self, factor: f64) -> Self {
        self.terms.iter_mut().for_each(|(_, k)| *k *= factor);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::close;

    #[test]
    fn products_agree_with_matrix_products() {
        let a = SparsePauliSum::from_labels(&[("XY", 0.5), ("ZI", -1.5), ("YY", 2.0)]).unwrap();
        let b = SparsePauliSum::from_labels(&[("YZ", 1.0), ("IX", 0.25)]).unwrap();
        let product = a.product(&b).unwrap().to_matrix().unwrap();
        assert!(close(
            &product,
            &(a.to_matrix().unwrap() * b.to_matrix().unwrap()),
            1e-12
        ));
    }

    #[test]
    fn simplifying_adds_equal_strings() {
        let sum = SparsePauliSum::from_labels(&[("XX", 1.0), ("ZZ", 1.0), ("XX", -1.0)])
            .unwrap()
            .simplified(1e-12);
        assert_eq!(sum, SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap());
    }

    #[test]
    fn one_letter_matrices_are_the_gates() {
        for (label, gate) in [
            ("X", crate::Gate::X),
            ("Y", crate::Gate::Y),
            ("Z", crate::Gate::Z),
        ] {
            let matrix = SparsePauliSum::from_labels(&[(label, 1.0)])
                .unwrap()
                .to_matrix()
                .unwrap();
            assert!(close(&matrix, &gate.matrix(&[]), 1e-15));
        }
    }
}
