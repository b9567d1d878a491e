//! How fast memory is, measured where a run reports how much of that it used.

use std::time::Instant;

use rayon::prelude::*;

use crate::engine::Report;
use crate::error::SimulatorError;
use crate::kernels::Buffer;
use crate::measured::Measured;
use crate::memory;
use crate::pool;

/// Numbers that are read and written: 256 MiB, beyond the caches of most machines.
const NUMBERS: usize = 32 << 20;
/// Numbers that one task goes through.
const TASK: usize = 1 << 16;
/// Passes over all of them; the fastest counts.
const PASSES: usize = 4;

/// Bytes per second that `threads` threads (one per processor when `None`) read and write together, as a sweep over a
/// state does: each number is read, multiplied and written back in place.
///
/// Measured once for each number of threads, which takes about a tenth of a second and 256 MiB.
///
/// # Errors
/// [`SimulatorError::AllocationFailed`] and [`SimulatorError::Threads`].
pub fn memory_bandwidth(threads: Option<usize>) -> Result<f64, SimulatorError> {
    static KNOWN: Measured<usize> = Measured::new();
    let threads = pool::resolve(threads);
    KNOWN.get(threads, || {
        memory::check::<f64>(0, 0, (NUMBERS * size_of::<f64>()) as u64, None)?;
        pool::on_threads(Some(threads), measure)?
    })
}

fn measure() -> Result<f64, SimulatorError> {
    let mut numbers = Buffer::<f64>::zeroed(NUMBERS, "the measurement of memory")?;
    let mut best = 0.0f64;
    for pass in 0..PASSES {
        let factor = 1.0 + pass as f64 * f64::EPSILON;
        let start = Instant::now();
        numbers.par_chunks_mut(TASK).for_each(|chunk| {
            for number in chunk {
                *number = *number * factor + 1.0;
            }
        });
        let bytes = 2.0 * (NUMBERS * size_of::<f64>()) as f64;
        best = best.max(bytes / start.elapsed().as_secs_f64());
    }
    Ok(best)
}

impl Report {
    /// Bytes per second that the run's sweeps moved, reading and writing; `None` for runs without sweeps, and for those
    /// whose shots may take different courses.
    pub fn bandwidth(&self) -> Option<f64> {
        (self.bytes_moved > 0 && self.seconds > 0.0).then(|| self.bytes_moved as f64 / self.seconds)
    }

    /// The part of the machine's memory bandwidth ([`memory_bandwidth`]) that the run used: near 1 where memory is what
    /// it waited for, small where arithmetic is, and above 1 where the state fits into a cache or the first sweeps pass over
    /// amplitudes that are still 0.
    ///
    /// # Errors
    /// As [`memory_bandwidth`].
    pub fn bandwidth_share(&self) -> Result<Option<f64>, SimulatorError> {
        let Some(rate) = self.bandwidth() else {
            return Ok(None);
        };
        Ok(Some(rate / memory_bandwidth(Some(self.threads))?))
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;

    use crate::{SimOptions, simulate};

    #[test]
    fn a_run_knows_what_it_moved_and_narrow_ones_have_no_sweeps() {
        let layered = |qubits: usize| {
            let mut circuit = Circuit::new(qubits, 0);
            (0..qubits).for_each(|qubit| drop(circuit.h(qubit).map(|_| ())));
            simulate::<f64>(&circuit, &SimOptions::default())
                .unwrap()
                .report
        };
        let wide = layered(18);
        assert_eq!(wide.bytes_moved, wide.sweeps as u64 * (32 << 18));
        let share = wide.bandwidth_share().unwrap().unwrap();
        assert!(share > 0.0 && share.is_finite());
        assert_eq!(layered(4).bandwidth_share().unwrap(), None);
    }
}
