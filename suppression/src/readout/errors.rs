//! How each qubit is misread.

use std::collections::BTreeMap;

use ardea_circuit::Qubit;
use ardea_device::Target;
use ardea_simulator::Estimate;

use crate::error::{SuppressionError, bad_option};

/// How one qubit is misread, with standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QubitReadout {
    /// Probability of reading 1 after preparing 0.
    pub one_of_zero: Estimate,
    /// Probability of reading 0 after preparing 1.
    pub zero_of_one: Estimate,
}

/// How the qubits of a device are misread, each by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadoutErrors {
    qubits: BTreeMap<Qubit, QubitReadout>,
}

/// How one classical bit is misread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BitErrors {
    /// Probability of reading 1 for a true 0.
    pub one_of_zero: f64,
    /// Probability of reading 0 for a true 1.
    pub zero_of_one: f64,
}

impl ReadoutErrors {
    /// Errors of one's own making.
    ///
    /// # Errors
    /// [`SuppressionError::BadOption`] for what is no probability.
    pub fn new(
        qubits: impl IntoIterator<Item = (Qubit, QubitReadout)>,
    ) -> Result<Self, SuppressionError> {
        let qubits: BTreeMap<Qubit, QubitReadout> = qubits.into_iter().collect();
        for (qubit, readout) in &qubits {
            for p in [readout.one_of_zero.mean, readout.zero_of_one.mean] {
                if !(0.0..=1.0).contains(&p) {
                    return bad_option(format!(
                        "{p} is no probability of misreading qubit {}; give numbers from 0 to 1",
                        qubit.index()
                    ));
                }
            }
        }
        Ok(Self { qubits })
    }

    /// What the calibration of a device says, where it says so; both directions alike where it knows their average only.
    pub fn from_target(target: &Target) -> Self {
        let exact = |mean: f64| Estimate {
            mean: mean.clamp(0.0, 1.0),
            error: 0.0,
        };
        let one = |qubit: Qubit| {
            let readout = target.qubit(qubit).readout;
            let other = |known: Option<f64>| known.map(|known| 2.0 * readout.error - known);
            let (a, b) = (readout.prob_meas1_prep0, readout.prob_meas0_prep1);
            let one_of_zero = a.or(other(b)).unwrap_or(readout.error);
            let zero_of_one = b.or(other(a)).unwrap_or(readout.error);
            let found = QubitReadout {
                one_of_zero: exact(one_of_zero),
                zero_of_one: exact(zero_of_one),
            };
            (qubit, found)
        };
        Self {
            qubits: target.qubits().map(one).collect(),
        }
    }

    /// How a qubit is misread; `None` where nothing is known of it.
    pub fn get(&self, qubit: Qubit) -> Option<&QubitReadout> {
        self.qubits.get(&qubit)
    }

    /// The qubits that something is known of, with what.
    pub fn iter(&self) -> impl Iterator<Item = (Qubit, &QubitReadout)> {
        self.qubits.iter().map(|(&qubit, readout)| (qubit, readout))
    }

    /// The errors of classical bits that were read from these qubits; bits without a known qubit count as exact.
    pub fn of_bits(&self, measured: &[Option<Qubit>]) -> Vec<BitErrors> {
        let known = |qubit: &Option<Qubit>| qubit.and_then(|qubit| self.get(qubit));
        measured
            .iter()
            .map(|qubit| {
                known(qubit).map_or_else(BitErrors::default, |readout| BitErrors {
                    one_of_zero: readout.one_of_zero.mean,
                    zero_of_one: readout.zero_of_one.mean,
                })
            })
            .collect()
    }
}

impl BitErrors {
    /// The probability of misreading, averaged over 0 and 1.
    pub fn average(self) -> f64 {
        (self.one_of_zero + self.zero_of_one) / 2.0
    }

    /// The errors of counts of which the fraction `flipped` was measured behind an X and put right afterwards.
    #[must_use]
    pub fn twirled(self, flipped: f64) -> Self {
        let mixed = |own: f64, other: f64| (1.0 - flipped) * own + flipped * other;
        Self {
            one_of_zero: mixed(self.one_of_zero, self.zero_of_one),
            zero_of_one: mixed(self.zero_of_one, self.one_of_zero),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_flipped_bits_are_misread_alike() {
        let errors = BitErrors {
            one_of_zero: 0.01,
            zero_of_one: 0.05,
        };
        let twirled = errors.twirled(0.5);
        assert!((twirled.one_of_zero - 0.03).abs() < 1e-15);
        assert!((twirled.zero_of_one - 0.03).abs() < 1e-15);
        assert_eq!(errors.twirled(0.0), errors);
    }

    #[test]
    fn a_device_says_how_its_qubits_are_misread() {
        let target = Target::bundled("boston").unwrap();
        let errors = ReadoutErrors::from_target(&target);
        for qubit in target.qubits() {
            let found = errors.of_bits(&[Some(qubit), None]);
            assert!((found[0].average() - target.qubit(qubit).readout.error).abs() < 1e-3);
            assert_eq!(found[1], BitErrors::default());
        }
    }
}
