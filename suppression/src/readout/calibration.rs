//! Circuits that measure how qubits are misread, and what follows from their counts.
//!
//! Each circuit prepares a pattern of 0 and 1 and measures it. Over all circuits every qubit is prepared in 0 and in 1
//! equally often, so all circuits together serve every qubit: marginals, not 2^n patterns. Two patterns are enough;
//! with [`Pattern::Balanced`] qubits are prepared differently from each other too, so that an error that depends on a
//! neighbour is averaged over what the neighbour does.

use ardea_circuit::{Circuit, Clbit, Operation, Qubit};
use ardea_compiler::GateSet;
use ardea_compiler::synthesis::euler::Pulse;
use ardea_compiler::translate::{Emitter, NativeBasis, Wiring};
use ardea_device::Target;
use ardea_simulator::{Counts, Estimate};

use super::errors::{QubitReadout, ReadoutErrors};
use crate::error::{SuppressionError, bad_option};

/// Which states are prepared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// All qubits in 0, and all in 1: two circuits.
    Uniform,
    /// These two, and for each binary digit of a qubit's place in the list the qubits with that digit, and the others:
    /// 2 + 2 log2(n) circuits, in which any two qubits are prepared in all four combinations.
    #[default]
    Balanced,
}

/// A circuit of a calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationCircuit {
    /// On all qubits of the device; classical bit k belongs to the k-th of the qubits calibrated.
    pub circuit: Circuit,
    /// What is prepared in each of them.
    pub prepared: Vec<bool>,
}

/// The circuits that calibrate these qubits of a device.
///
/// # Errors
/// [`SuppressionError::BadOption`] for qubits that the device does not have or that are listed twice.
pub fn calibration_circuits(
    target: &Target,
    qubits: &[Qubit],
    pattern: Pattern,
) -> Result<Vec<CalibrationCircuit>, SuppressionError> {
    if let Some(qubit) = qubits
        .iter()
        .find(|qubit| qubit.index() >= target.num_qubits())
    {
        return bad_option(format!(
            "there is no qubit {} to calibrate: '{}' has {}",
            qubit.index(),
            target.name(),
            target.num_qubits()
        ));
    }
    let basis = NativeBasis::new(target, GateSet::Standard, Wiring::Physical)?;
    let mut patterns = vec![vec![false; qubits.len()]];
    if pattern == Pattern::Balanced {
        let digits = usize::BITS - qubits.len().saturating_sub(1).leading_zeros();
        let digit = |d: u32| (0..qubits.len()).map(|k| k >> d & 1 == 1).collect();
        patterns.extend((0..digits).map(digit));
    }
    let both = patterns.into_iter().flat_map(|pattern: Vec<bool>| {
        let opposite = pattern.iter().map(|bit| !bit).collect();
        [pattern, opposite]
    });
    both.map(|prepared| {
        let empty = Circuit::new(target.num_qubits(), qubits.len());
        let mut emitter = Emitter::new(&basis, empty, None);
        for (&qubit, _) in qubits.iter().zip(&prepared).filter(|(_, one)| **one) {
            emitter.pulse(qubit, Pulse::X);
        }
        let mut circuit = emitter.finish();
        for (bit, &qubit) in qubits.iter().enumerate() {
            circuit.push(Operation::Measure(Clbit::new(bit)), &[qubit])?;
        }
        Ok(CalibrationCircuit { circuit, prepared })
    })
    .collect()
}

/// How the qubits are misread, from the counts of each circuit of a calibration.
///
/// # Errors
/// [`SuppressionError::WrongCounts`] when the counts are not those of the circuits, or a qubit was never prepared in one
/// of its states.
pub fn estimate_errors<'a>(
    qubits: &[Qubit],
    runs: impl IntoIterator<Item = (&'a [bool], &'a Counts)>,
) -> Result<ReadoutErrors, SuppressionError> {
    // For each qubit and each prepared state: shots, and how many of them were misread.
    let mut shots = vec![[0u64; 2]; qubits.len()];
    let mut misread = vec![[0u64; 2]; qubits.len()];
    for (prepared, counts) in runs {
        if prepared.len() != qubits.len() || counts.num_clbits() != qubits.len() {
            return Err(SuppressionError::WrongCounts {
                what: format!(
                    "a calibration of {} qubits got counts of {} bits",
                    qubits.len(),
                    counts.num_clbits()
                ),
            });
        }
        for (outcome, times) in counts.iter() {
            for (k, &one) in prepared.iter().enumerate() {
                shots[k][usize::from(one)] += times;
                if outcome.get(Clbit::new(k)) != one {
                    misread[k][usize::from(one)] += times;
                }
            }
        }
    }
    let one = |k: usize| {
        if shots[k].contains(&0) {
            return Err(SuppressionError::WrongCounts {
                what: format!(
                    "the calibration has no shots of qubit {} in both states",
                    qubits[k].index()
                ),
            });
        }
        let found = QubitReadout {
            one_of_zero: fraction(misread[k][0], shots[k][0]),
            zero_of_one: fraction(misread[k][1], shots[k][1]),
        };
        Ok((qubits[k], found))
    };
    let found: Result<Vec<_>, SuppressionError> = (0..qubits.len()).map(one).collect();
    ReadoutErrors::new(found?)
}

/// A fraction with its standard error, which is not 0 even where nothing (or everything) was hit: one more hit and one
/// more miss are counted for it.
fn fraction(hits: u64, of: u64) -> Estimate {
    let shrunk = (hits as f64 + 1.0) / (of as f64 + 2.0);
    Estimate {
        mean: hits as f64 / of as f64,
        error: (shrunk * (1.0 - shrunk) / of as f64).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_noise::{NoiseModel, NoiseOptions, RunOptions, run};

    #[test]
    fn balanced_patterns_hold_every_pair_of_values_of_every_pair_of_qubits() {
        let target = Target::line(7).unwrap();
        let qubits: Vec<Qubit> = [0, 2, 3, 5, 6].map(Qubit::new).to_vec();
        let circuits = calibration_circuits(&target, &qubits, Pattern::Balanced).unwrap();
        assert_eq!(circuits.len(), 8);
        for a in 0..5 {
            let ones = circuits.iter().filter(|c| c.prepared[a]).count();
            assert_eq!(ones, 4);
            for b in 0..a {
                let mut pairs: Vec<(bool, bool)> = circuits
                    .iter()
                    .map(|c| (c.prepared[a], c.prepared[b]))
                    .collect();
                pairs.sort_unstable();
                pairs.dedup();
                assert_eq!(pairs.len(), 4);
            }
        }
        let uniform = calibration_circuits(&target, &qubits, Pattern::Uniform).unwrap();
        assert_eq!(uniform.len(), 2);
        assert!(calibration_circuits(&target, &[Qubit::new(7)], Pattern::Uniform).is_err());
    }

    #[test]
    fn a_calibration_finds_the_errors_within_its_error_bars() {
        let target = Target::line(4).unwrap();
        let mut model = NoiseModel::from_target(&target, &NoiseOptions::none()).unwrap();
        let qubits: Vec<Qubit> = (0..4).map(Qubit::new).collect();
        let truth = [(0.01, 0.04), (0.0, 0.02), (0.1, 0.2), (0.03, 0.0)];
        for (&qubit, &(a, b)) in qubits.iter().zip(&truth) {
            model = model.with_readout(qubit, a, b).unwrap();
        }
        let circuits = calibration_circuits(&target, &qubits, Pattern::Balanced).unwrap();
        let counts: Vec<Counts> = circuits
            .iter()
            .map(|one| {
                run(&one.circuit, &model, &[], &RunOptions::with_shots(4000))
                    .unwrap()
                    .counts
            })
            .collect();
        let runs = circuits.iter().map(|one| &one.prepared[..]).zip(&counts);
        let found = estimate_errors(&qubits, runs).unwrap();
        for (&qubit, &(a, b)) in qubits.iter().zip(&truth) {
            let found = found.get(qubit).unwrap();
            for (estimate, expected) in [(found.one_of_zero, a), (found.zero_of_one, b)] {
                assert!(estimate.error > 0.0 && estimate.error < 0.01);
                assert!(
                    (estimate.mean - expected).abs() < 4.0 * estimate.error,
                    "{qubit}"
                );
            }
        }
        assert!(estimate_errors(&qubits[..2], [(&[true, false][..], &counts[0])]).is_err());
    }
}
