//! Expectation values by twirled readout error extinction.
//!
//! With a random X before each measurement, undone in the bits, any error of readout, correlated or not, only scales the
//! expectation value of a product of Z: by what |0...0> gives for the same product, where 1 would be right. Dividing by
//! that takes the error out without a model of it (van den Berg, Minev, Temme 2022, arXiv:2012.09738).

use std::collections::BTreeMap;

use ardea_circuit::Clbit;
use ardea_simulator::Estimate;

use super::batches::Batches;
use super::observable::{DiagonalObservable, sign};
use crate::error::SuppressionError;

/// A factor that is not this many standard errors above 0 is no factor to divide by.
const LEAST_SIGNIFICANCE: f64 = 4.0;

/// The counts of |0...0>, measured with the same twirl and with its flips undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Trex<'a> {
    calibration: &'a Batches,
    /// The bit of the calibration that stands for each bit of the experiment.
    bits: BTreeMap<Clbit, Clbit>,
}

/// An expectation value, its error bar in two parts.
pub(crate) struct Scaled {
    /// The value; its error is that of the experiment's own shots.
    pub(crate) value: Estimate,
    /// What the calibration's scatter adds is the scatter of this, on the calibration's bits.
    pub(crate) of_calibration: Vec<(f64, Vec<Clbit>)>,
}

impl<'a> Trex<'a> {
    /// Counts of |0...0>, and pairs of a bit of the experiment and the bit of these counts that the same qubit is read into.
    pub fn new(calibration: &'a Batches, bits: impl IntoIterator<Item = (Clbit, Clbit)>) -> Self {
        Self {
            calibration,
            bits: bits.into_iter().collect(),
        }
    }

    /// By how much readout scales the sign of the parity of these bits.
    ///
    /// # Errors
    /// [`SuppressionError::WrongCounts`] for a bit that was not calibrated, or a factor that cannot be told from 0.
    pub fn factor(&self, bits: &[Clbit]) -> Result<Estimate, SuppressionError> {
        let parity = DiagonalObservable::new(vec![(1.0, self.places(bits)?)]);
        let factor = parity.mean(self.calibration);
        if factor.mean <= LEAST_SIGNIFICANCE * factor.error {
            return Err(SuppressionError::WrongCounts {
                what: format!(
                    "the readout of {} bits together scales their parity by {:.2e} +- {:.1e}, which is too close to 0 to \
                     divide by; calibrate with more shots, or leave out qubits that are read badly",
                    bits.len(),
                    factor.mean,
                    factor.error
                ),
            });
        }
        Ok(factor)
    }

    /// The expectation value that counts of twirled measurements, with their flips undone, would have had without errors
    /// of readout. Its standard error holds that of the calibration.
    ///
    /// # Errors
    /// As [`Trex::factor`].
    pub fn expectation(
        &self,
        counts: &Batches,
        observable: &DiagonalObservable,
    ) -> Result<Estimate, SuppressionError> {
        let scaled = self.scaled(counts, observable)?;
        let spread = DiagonalObservable::new(scaled.of_calibration).mean(self.calibration);
        Ok(Estimate {
            mean: scaled.value.mean,
            error: scaled.value.error.hypot(spread.error),
        })
    }

    /// The same with the error bar in its parts, for sums of values that share the calibration.
    pub(crate) fn scaled(
        &self,
        counts: &Batches,
        observable: &DiagonalObservable,
    ) -> Result<Scaled, SuppressionError> {
        let mut scaled = Vec::new();
        let mut of_calibration = Vec::new();
        for (coefficient, bits) in observable.terms() {
            if bits.is_empty() {
                scaled.push((*coefficient, bits.clone()));
                continue;
            }
            let factor = self.factor(bits)?.mean;
            let raw = counts.mean(|outcome| sign(outcome, bits)).mean;
            scaled.push((coefficient / factor, bits.clone()));
            // d(c raw / f) = -(c raw / f^2) df
            of_calibration.push((-coefficient * raw / factor.powi(2), self.places(bits)?));
        }
        Ok(Scaled {
            value: DiagonalObservable::new(scaled).mean(counts),
            of_calibration,
        })
    }

    fn places(&self, bits: &[Clbit]) -> Result<Vec<Clbit>, SuppressionError> {
        bits.iter()
            .map(|bit| {
                let place = self.bits.get(bit).copied();
                place.ok_or_else(|| SuppressionError::WrongCounts {
                    what: format!("bit {} was not calibrated", bit.index()),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::{Circuit, Qubit};
    use ardea_device::Target;
    use ardea_noise::{NoiseModel, NoiseOptions, RunOptions, run};
    use ardea_simulator::Counts;

    use crate::twirl::{GateTwirl, MeasurementTwirl, Randomisation, Twirler};

    /// Counts of so many versions, a version and its opposite in one batch.
    fn counts_of(
        circuit: &Circuit,
        target: &Target,
        model: &NoiseModel,
        (versions, shots, seed): (u64, u64, u64),
    ) -> Batches {
        let twirler =
            Twirler::new(circuit, target, GateTwirl::Off, MeasurementTwirl::Final).unwrap();
        let versions = twirler.versions(seed, versions);
        let read = |(k, version): (usize, &Randomisation)| {
            let mut options = RunOptions::with_shots(shots);
            options.simulation.seed = seed << 32 | k as u64;
            let read = run(&version.circuit, model, &[], &options).unwrap().counts;
            version.flips.undo(&read, circuit)
        };
        let counts: Vec<Counts> = versions.iter().enumerate().map(read).collect();
        let pair = |pair: &[Counts]| {
            let mut both = pair[0].clone();
            both.try_merge(pair[1].clone()).unwrap();
            both
        };
        Batches::new(counts.chunks(2).map(pair).collect()).unwrap()
    }

    #[test]
    fn misreading_is_divided_out_within_the_error_bar() {
        let target = Target::line(3).unwrap();
        let mut model = NoiseModel::from_target(&target, &NoiseOptions::none()).unwrap();
        for (q, (a, b)) in [(0.02, 0.1), (0.05, 0.2), (0.0, 0.08)]
            .into_iter()
            .enumerate()
        {
            model = model.with_readout(Qubit::new(q), a, b).unwrap();
        }
        let mut zero = Circuit::new(3, 3);
        let mut state = Circuit::new(3, 3);
        // cos(0.4) for each qubit: rz between two sx.
        for q in 0..3 {
            state
                .sx(q)
                .unwrap()
                .rz(std::f64::consts::PI - 0.4, q)
                .unwrap()
                .sx(q)
                .unwrap();
        }
        for q in 0..3 {
            zero.measure(q, q).unwrap();
            state.measure(q, q).unwrap();
        }
        let bits: Vec<Clbit> = (0..3).map(Clbit::new).collect();
        let same = || bits.iter().map(|&bit| (bit, bit));
        let zero = counts_of(&zero, &target, &model, (64, 500, 3));
        let trex = Trex::new(&zero, same());
        let counts = counts_of(&state, &target, &model, (64, 500, 4));
        let observable = DiagonalObservable::new(vec![
            (1.0, bits.clone()),
            (0.5, vec![Clbit::new(1)]),
            (0.25, vec![]),
        ]);
        let exact = 0.4f64.cos().powi(3) + 0.5 * 0.4f64.cos() + 0.25;
        let found = trex.expectation(&counts, &observable).unwrap();
        assert!(
            (found.mean - exact).abs() < 4.0 * found.error,
            "{found:?} {exact}"
        );
        assert!(found.error < 0.03);
        let raw = observable.mean(&counts);
        assert!((raw.mean - exact).abs() > 10.0 * raw.error);
        assert!(trex.factor(&[Clbit::new(4)]).is_err());
    }

    /// Strongly asymmetric readout, few shots: what the flips scatter and what the calibration scatters must both be in the
    /// error bar.
    #[test]
    fn error_bars_are_those_of_repeated_experiments() {
        let target = Target::line(3).unwrap();
        let mut model = NoiseModel::from_target(&target, &NoiseOptions::none()).unwrap();
        for q in 0..3 {
            model = model.with_readout(Qubit::new(q), 0.01, 0.2).unwrap();
        }
        let mut zero = Circuit::new(3, 3);
        for q in 0..3 {
            zero.measure(q, q).unwrap();
        }
        let bits: Vec<Clbit> = (0..3).map(Clbit::new).collect();
        let parity = DiagonalObservable::new(vec![(1.0, bits.clone())]);
        let (repetitions, mut values, mut bars) = (60, Vec::new(), 0.0);
        for seed in 0..repetitions {
            let calibration = counts_of(&zero, &target, &model, (32, 40, 2 * seed + 100));
            let counts = counts_of(&zero, &target, &model, (32, 40, 2 * seed + 101));
            let trex = Trex::new(&calibration, bits.iter().map(|&bit| (bit, bit)));
            let found = trex.expectation(&counts, &parity).unwrap();
            values.push(found.mean);
            bars += found.error / repetitions as f64;
        }
        let mean = values.iter().sum::<f64>() / repetitions as f64;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let spread = (square / (repetitions - 1) as f64).sqrt();
        assert!((mean - 1.0).abs() < 4.0 * spread / (repetitions as f64).sqrt());
        assert!((0.75..1.4).contains(&(bars / spread)), "{bars} {spread}");
    }
}
