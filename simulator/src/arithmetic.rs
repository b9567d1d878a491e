//! How fast the processor multiplies, measured where a run reports how much of that it used.

use std::time::Instant;

use crate::engine::Report;
use crate::error::SimulatorError;
use crate::kernels::{Real, Width, multiply_and_add};
use crate::measured::Measured;
use crate::pool;

/// Rounds of one pass: a few milliseconds.
const ROUNDS: usize = 1 << 20;
/// Passes; the fastest counts.
const PASSES: usize = 5;

/// Multiplications, each with an addition where the vector unit has both in one instruction, that `threads` threads
/// (one per processor when `None`) make together in a second in precision `T` on vectors of `width`.
///
/// Measured once for each choice, in some hundredths of a second.
///
/// # Errors
/// [`SimulatorError::Threads`].
pub fn multiplication_rate<T: Real>(
    threads: Option<usize>,
    width: Width,
) -> Result<f64, SimulatorError> {
    static KNOWN: Measured<(usize, &'static str, String)> = Measured::new();
    let threads = pool::resolve(threads);
    KNOWN.get((threads, T::NAME, width.to_string()), || {
        pool::on_threads(Some(threads), || measure::<T>(width))
    })
}

fn measure<T: Real>(width: Width) -> f64 {
    let pass = |_| {
        let start = Instant::now();
        let products: usize = rayon::broadcast(|_| multiply_and_add::<T>(width, ROUNDS))
            .into_iter()
            .sum();
        products as f64 / start.elapsed().as_secs_f64()
    };
    (0..PASSES).map(pass).fold(0.0, f64::max)
}

impl Report {
    /// The part of the processor's multiplications ([`multiplication_rate`]) that the run used: near 1 where it waited
    /// for arithmetic and for nothing else. Its inverse is the run's time over its arithmetic bound. The multiplications
    /// are those of all amplitudes, so a run whose first sweeps pass over amplitudes that are still 0 may come out above 1.
    /// `None` as for [`Report::bandwidth`]. `T` is the precision of the run.
    ///
    /// # Errors
    /// As [`multiplication_rate`].
    pub fn multiplication_share<T: Real>(&self) -> Result<Option<f64>, SimulatorError> {
        if self.multiplications == 0.0 || self.seconds == 0.0 {
            return Ok(None);
        }
        let rate = multiplication_rate::<T>(Some(self.threads), self.width)?;
        Ok(Some(self.multiplications / self.seconds / rate))
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;

    use super::*;
    use crate::{SimOptions, simulate};

    #[test]
    fn a_layer_of_real_gates_multiplies_by_real_matrices() {
        let mut circuit = Circuit::new(16, 0);
        (0..16).for_each(|qubit| drop(circuit.ry(0.1 + qubit as f64, qubit).map(|_| ())));
        let options = SimOptions {
            fusion: crate::Fusion::UpTo(1),
            ..SimOptions::default()
        };
        let report = simulate::<f64>(&circuit, &options).unwrap().report;
        // Two real numbers for each amplitude, and two entries of the matrix for each number.
        assert_eq!(report.multiplications, f64::from(4 * 16 * (1 << 16)));
        let share = report.multiplication_share::<f64>().unwrap().unwrap();
        assert!(share > 0.0 && share.is_finite(), "{share}");
    }

    #[test]
    fn every_width_has_a_rate() {
        for width in Width::available() {
            let rate = multiplication_rate::<f32>(Some(1), width).unwrap();
            assert!(rate > 1e7 && rate.is_finite(), "{width}: {rate}");
        }
    }
}
