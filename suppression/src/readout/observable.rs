//! Observables that counts alone can tell: sums of products of Z.

use ardea_circuit::{Clbit, Pauli, Qubit, SparsePauliSum};
use ardea_simulator::{Counts, Estimate, Outcome};

use super::batches::Batches;
use crate::error::SuppressionError;

/// A sum of signs of parities of classical bits, `sum of c (-1)^(parity of the bits)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiagonalObservable {
    terms: Vec<(f64, Vec<Clbit>)>,
}

impl DiagonalObservable {
    /// The sum of these terms: a coefficient, and the bits whose parity gives the sign (none for a constant).
    pub fn new(terms: Vec<(f64, Vec<Clbit>)>) -> Self {
        Self { terms }
    }

    /// An operator of I and Z, with the classical bit that each qubit is measured into.
    ///
    /// # Errors
    /// [`SuppressionError::Unsuitable`] for X or Y, complex coefficients, and qubits that are not measured.
    pub fn from_sum(
        sum: &SparsePauliSum,
        bit_of: impl Fn(Qubit) -> Option<Clbit>,
    ) -> Result<Self, SuppressionError> {
        let unsuitable = |reason: String| SuppressionError::Unsuitable {
            method: "an observable read from counts",
            reason,
        };
        if !sum.is_hermitian() {
            return Err(unsuitable("its coefficients must be real".to_owned()));
        }
        let mut terms = Vec::new();
        for (string, coefficient) in sum.terms() {
            let mut bits = Vec::new();
            for (qubit, pauli) in string.support() {
                if pauli != Pauli::Z {
                    let reason = format!("{string} is not diagonal; measure it in its own basis");
                    return Err(unsuitable(reason));
                }
                let bit = bit_of(qubit).ok_or_else(|| {
                    unsuitable(format!("qubit {} is not measured", qubit.index()))
                })?;
                bits.push(bit);
            }
            terms.push((coefficient.re, bits));
        }
        Ok(Self { terms })
    }

    /// The terms.
    pub fn terms(&self) -> &[(f64, Vec<Clbit>)] {
        &self.terms
    }

    /// The value in an outcome.
    pub fn value(&self, outcome: &Outcome) -> f64 {
        let terms = self.terms.iter();
        terms.map(|(k, bits)| k * sign(outcome, bits)).sum()
    }

    /// The mean over all shots, with its standard error.
    pub fn mean(&self, counts: &Batches) -> Estimate {
        let found = counts.mean(|outcome| self.value(outcome));
        Estimate {
            error: found.error.hypot(self.unseen(counts.counts())),
            ..found
        }
    }

    /// The standard error of the terms whose sign was the same in all shots. Counting finds none there, but so many shots
    /// cannot tell it from a small one: one more hit and one more miss are counted for it.
    pub(super) fn unseen(&self, counts: &Counts) -> f64 {
        let shots = counts.shots() as f64;
        let miss = 1.0 / (shots + 2.0);
        let one = 4.0 * miss * (1.0 - miss) / shots.max(1.0);
        let terms = self.terms.iter().filter(|(_, bits)| !bits.is_empty());
        let weight = |(k, bits): &(f64, Vec<Clbit>)| {
            let mut signs = counts.iter().map(|(outcome, _)| sign(outcome, bits));
            let first = signs.next();
            let is_same = signs.all(|sign| Some(sign) == first);
            if is_same { k * k * one } else { 0.0 }
        };
        terms.map(weight).sum::<f64>().sqrt()
    }
}

/// 1 for an even number of ones among the bits, -1 for an odd one.
pub(super) fn sign(outcome: &Outcome, bits: &[Clbit]) -> f64 {
    let ones = bits.iter().filter(|&&bit| outcome.get(bit)).count();
    if ones.is_multiple_of(2) { 1.0 } else { -1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::Circuit;

    #[test]
    fn values_are_signs_of_parities() {
        let sum = SparsePauliSum::from_labels(&[("ZZI", 2.0), ("IIZ", 0.5), ("III", -1.0)]);
        let same = |qubit: Qubit| Some(Clbit::new(qubit.index()));
        let observable = DiagonalObservable::from_sum(&sum.unwrap(), same).unwrap();
        let counts = Counts::from_texts(&Circuit::new(0, 3), [("100", 30), ("111", 10)]).unwrap();
        // -2 + 0.5 - 1 and 2 - 0.5 - 1
        let found = observable.mean(&counts.into());
        assert!((found.mean - (0.75 * -2.5 + 0.25 * 0.5)).abs() < 1e-12);
        assert!((found.error - (9.0 * 0.75 * 0.25 / 39.0f64).sqrt()).abs() < 1e-12);
        let wrong = SparsePauliSum::from_labels(&[("XII", 1.0)]).unwrap();
        assert!(DiagonalObservable::from_sum(&wrong, same).is_err());
    }

    #[test]
    fn shots_that_agree_leave_an_error_bar() {
        let counts = Counts::from_texts(&Circuit::new(0, 2), [("00", 60), ("10", 40)]).unwrap();
        let bit = |k| vec![Clbit::new(k)];
        let sure = DiagonalObservable::new(vec![(3.0, bit(0)), (1.0, vec![])]);
        let found = sure.mean(&counts.clone().into());
        assert_eq!(found.mean, 4.0);
        assert!(
            (found.error - 3.0 * 2.0 * (101.0f64 / 102.0 / 102.0 / 100.0).sqrt()).abs() < 1e-12
        );
        let both = DiagonalObservable::new(vec![(3.0, bit(0)), (1.0, bit(1))]);
        let other = DiagonalObservable::new(vec![(1.0, bit(1))]).mean(&counts.clone().into());
        let expected = other.error.hypot(found.error);
        assert!((both.mean(&counts.into()).error - expected).abs() < 1e-12);
    }
}
