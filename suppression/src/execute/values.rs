//! Values whose error bars have something in common.
//!
//! All that is mitigated with one calibration is wrong together where the calibration is. A value keeps its own error
//! apart from how it depends on what was calibrated, through sums over bases and through extrapolation, and only at the
//! end the two become one error bar.

use std::collections::BTreeMap;

use ardea_circuit::{Clbit, Qubit};
use ardea_simulator::Estimate;

use crate::readout::{Batches, BitErrors, DiagonalObservable, InversionOptions, ReadoutErrors};

/// A rate of misreading of which the calibration saw nothing counts as this: it is not known to be 0.
const LEAST_RATE: f64 = 1e-6;

/// How errors of readout are taken out.
pub(super) enum Mitigation {
    Inversion {
        errors: ReadoutErrors,
        options: InversionOptions,
    },
    Trex {
        zero: Batches,
        /// The bit of the calibration that each qubit is read into.
        places: BTreeMap<Qubit, Clbit>,
    },
}

/// A value; the error is its own.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) own: Estimate,
    pub(super) by_calibration: Dependence,
}

/// By how much a value changes with what was calibrated.
#[derive(Clone, Debug, Default)]
pub(super) struct Dependence {
    /// With the parity of bits of |0...0>, for TREX.
    parities: BTreeMap<Vec<Clbit>, f64>,
    /// With the probability that a qubit is misread in 0, and in 1.
    rates: BTreeMap<Qubit, [f64; 2]>,
}

impl Value {
    /// A number without an error.
    pub(super) fn exact(mean: f64) -> Self {
        Self::of(Estimate { mean, error: 0.0 })
    }

    /// A value that owes nothing to a calibration.
    pub(super) fn of(own: Estimate) -> Self {
        Self {
            own,
            by_calibration: Dependence::default(),
        }
    }

    pub(super) fn add(&mut self, term: &Self) {
        self.own.mean += term.own.mean;
        self.own.error = self.own.error.hypot(term.own.error);
        self.by_calibration.add(&term.by_calibration, 1.0);
    }

    /// With the whole error bar.
    pub(super) fn estimate(&self, mitigation: Option<&Mitigation>) -> Estimate {
        Estimate {
            error: self.own.error.hypot(self.by_calibration.error(mitigation)),
            ..self.own
        }
    }
}

impl Dependence {
    pub(super) fn on_parities(terms: Vec<(f64, Vec<Clbit>)>) -> Self {
        let mut out = Self::default();
        for (by, bits) in terms {
            *out.parities.entry(bits).or_default() += by;
        }
        out
    }

    /// From derivatives by the errors of bits, of which the fractions `flipped` were read behind an X and put right.
    pub(super) fn on_rates(
        measured: &[Option<Qubit>],
        flipped: &[f64],
        by_errors: &[[f64; 2]],
    ) -> Self {
        let mut out = Self::default();
        for ((qubit, by), flipped) in measured.iter().zip(by_errors).zip(flipped) {
            let Some(qubit) = qubit else { continue };
            let own = out.rates.entry(*qubit).or_default();
            own[0] += (1.0 - flipped) * by[0] + flipped * by[1];
            own[1] += (1.0 - flipped) * by[1] + flipped * by[0];
        }
        out
    }

    pub(super) fn add(&mut self, other: &Self, times: f64) {
        for (bits, by) in &other.parities {
            *self.parities.entry(bits.clone()).or_default() += times * by;
        }
        for (qubit, by) in &other.rates {
            let own = self.rates.entry(*qubit).or_default();
            own[0] += times * by[0];
            own[1] += times * by[1];
        }
    }

    /// What the calibration's own error bars add.
    pub(super) fn error(&self, mitigation: Option<&Mitigation>) -> f64 {
        match mitigation {
            Some(Mitigation::Trex { zero, .. }) => {
                let terms = self.parities.iter().map(|(bits, by)| (*by, bits.clone()));
                DiagonalObservable::new(terms.collect()).mean(zero).error
            }
            Some(Mitigation::Inversion { errors, .. }) => {
                let square = |(qubit, by): (&Qubit, &[f64; 2])| {
                    let known = errors.get(*qubit);
                    known.map_or(0.0, |known| {
                        let (zero, one) = (known.one_of_zero.error, known.zero_of_one.error);
                        (by[0] * zero).powi(2) + (by[1] * one).powi(2)
                    })
                };
                self.rates.iter().map(square).sum::<f64>().sqrt()
            }
            None => 0.0,
        }
    }
}

/// The errors of bits as a calibration found them; where it saw none although there may be some, next to none.
pub(super) fn found_errors(errors: &ReadoutErrors, measured: &[Option<Qubit>]) -> Vec<BitErrors> {
    let mut found = errors.of_bits(measured);
    for (errors_of_bit, qubit) in found.iter_mut().zip(measured) {
        let Some(known) = qubit.and_then(|qubit| errors.get(qubit)) else {
            continue;
        };
        if known.one_of_zero.error > 0.0 {
            errors_of_bit.one_of_zero = errors_of_bit.one_of_zero.max(LEAST_RATE);
        }
        if known.zero_of_one.error > 0.0 {
            errors_of_bit.zero_of_one = errors_of_bit.zero_of_one.max(LEAST_RATE);
        }
    }
    found
}
