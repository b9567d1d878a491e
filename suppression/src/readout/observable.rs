//! Observables that counts alone can tell: sums of products of Z.

use ardea_circuit::{Clbit, Pauli, Qubit, SparsePauliSum};
use ardea_simulator::{Counts, Estimate, Outcome};

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
    pub fn mean(&self, counts: &Counts) -> Estimate {
        mean(counts, |outcome| self.value(outcome))
    }
}

/// 1 for an even number of ones among the bits, -1 for an odd one.
pub(super) fn sign(outcome: &Outcome, bits: &[Clbit]) -> f64 {
    let ones = bits.iter().filter(|&&bit| outcome.get(bit)).count();
    if ones.is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// The mean of a function of the outcome over all shots, with its standard error.
pub(super) fn mean(counts: &Counts, value: impl Fn(&Outcome) -> f64) -> Estimate {
    let (mut shots, mut sum, mut squares) = (0u64, 0.0, 0.0);
    for (outcome, times) in counts.iter() {
        let value = value(outcome);
        shots += times;
        sum += times as f64 * value;
        squares += times as f64 * value * value;
    }
    let shots = shots.max(1) as f64;
    let mean = sum / shots;
    let variance = (squares / shots - mean * mean).max(0.0);
    Estimate {
        mean,
        error: (variance / (shots - 1.0).max(1.0)).sqrt(),
    }
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
        let found = observable.mean(&counts);
        assert!((found.mean - (0.75 * -2.5 + 0.25 * 0.5)).abs() < 1e-12);
        assert!((found.error - (9.0 * 0.75 * 0.25 / 39.0f64).sqrt()).abs() < 1e-12);
        let wrong = SparsePauliSum::from_labels(&[("XII", 1.0)]).unwrap();
        assert!(DiagonalObservable::from_sum(&wrong, same).is_err());
    }
}
