//! Many shots from one state, without running anything again.
//!
//! Each shot draws one uniform number; the numbers are sorted and walked along the cumulative distribution together
//! with the state. That takes one pass over the state and a sort of the shots, no table as large as the state, and
//! memory for a batch of shots only.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use num_complex::Complex;
use rayon::prelude::*;

use crate::error::SimulatorError;
use crate::kernels::{Real, weight};
use crate::memory;
use crate::random::Random;
use crate::reduce::{BLOCK, block_sums, block_weight};
use crate::state::StateVector;

/// Shots sorted at a time: 16 bytes each.
pub(crate) const BATCH: usize = 1 << 22;

/// Bytes that an outcome and its count take, in a map and as the text that a caller may make of it.
const BYTES_COUNTED: u128 = 128;

/// Draws that one task walks along the state.
const WALK: usize = 1 << 12;

/// The cumulative distribution over blocks of a state.
pub(crate) struct Distribution<'a, T: Real> {
    amplitudes: &'a [Complex<T>],
    /// Weight before each block, and in the end the total.
    before: Vec<f64>,
}

impl<'a, T: Real> Distribution<'a, T> {
    /// Sums the blocks of `amplitudes`.
    pub(crate) fn new(amplitudes: &'a [Complex<T>]) -> Self {
        let sums = block_sums(amplitudes.len(), |range| block_weight(&amplitudes[range]));
        let mut before = Vec::with_capacity(sums.len() + 1);
        let mut total = 0.0;
        before.push(0.0);
        for sum in sums {
            total += sum;
            before.push(total);
        }
        Self { amplitudes, before }
    }

    /// The sum of all weights.
    pub(crate) fn total(&self) -> f64 {
        self.before[self.before.len() - 1]
    }

    /// For each shot its position in `shots` and its basis state, in ascending order of basis states.
    ///
    /// Takes at most [`BATCH`] shots.
    pub(crate) fn draw(&self, random: Random, shots: &[u64], site: u64) -> Vec<(u32, u64)> {
        debug_assert!(shots.len() <= BATCH);
        let draw = |(i, &shot): (usize, &u64)| (random.uniform(shot, site), i as u32);
        if shots.len() <= WALK {
            let mut draws: Vec<(f64, u32)> = shots.iter().enumerate().map(draw).collect();
            draws.sort_unstable_by(order);
            return self.walk(&draws);
        }
        let mut draws: Vec<(f64, u32)> = shots.par_iter().enumerate().map(draw).collect();
        draws.par_sort_unstable_by(order);
        draws
            .par_chunks(WALK)
            .flat_map_iter(|draws| self.walk(draws))
            .collect()
    }

    /// Basis states of sorted draws. Every draw is counted from the start of its block, so the result does not depend
    /// on how the draws are cut into tasks.
    fn walk(&self, draws: &[(f64, u32)]) -> Vec<(u32, u64)> {
        let total = self.total();
        let mut out = Vec::with_capacity(draws.len());
        let (mut block, mut index, mut sum) = (usize::MAX, 0, 0.0);
        for &(uniform, shot) in draws {
            let target = uniform * total;
            let home = self
                .before
                .partition_point(|&before| before <= target)
                .saturating_sub(1)
                .min(self.before.len() - 2);
            if home != block {
                (block, index, sum) = (home, home * BLOCK, self.before[home]);
            }
            let end = self.amplitudes.len().min((block + 1) * BLOCK);
            // `sum` is the weight before `index`; stop at the first amplitude whose weight reaches beyond the target.
            while index < end {
                let next = sum + weight(self.amplitudes[index]);
                if next > target {
                    break;
                }
                (index, sum) = (index + 1, next);
            }
            let found = if index < end {
                index
            } else {
                self.last_possible(block, end)
            };
            out.push((shot, found as u64));
        }
        out
    }

    /// Where rounding puts a target beyond its block's last weight: the last amplitude that can occur.
    fn last_possible(&self, block: usize, end: usize) -> usize {
        (block * BLOCK..end)
            .rev()
            .find(|&i| weight(self.amplitudes[i]) > 0.0)
            .unwrap_or(end - 1)
    }
}

impl<T: Real> StateVector<T> {
    /// Basis states of the active qubits (bit i belongs to `active_qubits()[i]`) drawn `shots` times, in order of the
    /// shots.
    ///
    /// # Errors
    /// [`SimulatorError::TooLarge`] where so many numbers would not fit into memory; [`StateVector::sample_counts`] takes
    /// less.
    pub fn sample(&self, shots: usize, seed: u64) -> Result<Vec<u64>, SimulatorError> {
        let bytes = (shots as u128).checked_mul(size_of::<u64>() as u128);
        memory::check_bytes(|| format!("a list of {shots} outcomes"), bytes, None)?;
        let mut out: Vec<u64> = Vec::new();
        let refused = |_| SimulatorError::AllocationFailed {
            what: "the list of outcomes",
            bytes: shots.saturating_mul(size_of::<u64>()),
        };
        out.try_reserve_exact(shots).map_err(refused)?;
        out.resize(shots, 0);
        self.draw_all(shots as u64, seed, |start, drawn| {
            for (i, index) in drawn {
                out[start as usize + i as usize] = index;
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// How often each basis state of the active qubits (bit i belongs to `active_qubits()[i]`) is drawn in `shots` shots:
    /// those of [`StateVector::sample`] with the same seed, counted. Ends soon after `interrupt` was set.
    ///
    /// # Errors
    /// [`SimulatorError::TooLarge`] where as many outcomes as there may be would not fit into memory, and
    /// [`SimulatorError::Interrupted`].
    pub fn sample_counts(
        &self,
        shots: u64,
        seed: u64,
        interrupt: Option<&AtomicBool>,
    ) -> Result<BTreeMap<u64, u64>, SimulatorError> {
        let outcomes = shots.min(self.amplitudes().len() as u64);
        let bytes = u128::from(outcomes) * BYTES_COUNTED;
        memory::check_bytes(
            || format!("a table of {outcomes} outcomes"),
            Some(bytes),
            None,
        )?;
        let mut counts = BTreeMap::new();
        self.draw_all(shots, seed, |_, drawn| {
            if interrupt.is_some_and(|interrupt| interrupt.load(Ordering::Relaxed)) {
                return Err(SimulatorError::Interrupted);
            }
            for equal in drawn.chunk_by(|a, b| a.1 == b.1) {
                *counts.entry(equal[0].1).or_insert(0) += equal.len() as u64;
            }
            Ok(())
        })?;
        Ok(counts)
    }

    /// Gives `take` the first shot of each batch, and what [`Distribution::draw`] finds for it.
    fn draw_all(
        &self,
        shots: u64,
        seed: u64,
        mut take: impl FnMut(u64, Vec<(u32, u64)>) -> Result<(), SimulatorError>,
    ) -> Result<(), SimulatorError> {
        let distribution = Distribution::new(self.amplitudes());
        for start in (0..shots).step_by(BATCH) {
            let batch: Vec<u64> = (start..shots.min(start + BATCH as u64)).collect();
            take(start, distribution.draw(Random::new(seed), &batch, 0))?;
        }
        Ok(())
    }
}

fn order(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;
    use num_complex::Complex64;

    use super::*;
    use crate::{SimOptions, statevector};

    #[test]
    fn draws_follow_the_weights() {
        let weights = [0.05, 0.0, 0.25, 0.1, 0.3, 0.05, 0.25, 0.0];
        let amplitudes: Vec<Complex64> = weights
            .iter()
            .map(|w: &f64| Complex64::new(0.0, w.sqrt()))
            .collect();
        let shots: Vec<u64> = (0..100_000).collect();
        let mut found = [0.0; 8];
        for (_, index) in Distribution::new(&amplitudes).draw(Random::new(3), &shots, 0) {
            found[index as usize] += 1.0;
        }
        assert_eq!((found[1], found[7]), (0.0, 0.0));
        let chi: f64 = [0, 2, 3, 4, 5, 6]
            .iter()
            .map(|&i| (found[i] - 1e5 * weights[i]).powi(2) / (1e5 * weights[i]))
            .sum();
        assert!(chi < 25.0, "chi square {chi} of 5 degrees of freedom");
    }

    #[test]
    fn counts_are_those_of_the_list_and_too_long_a_list_is_refused() {
        let mut circuit = Circuit::new(3, 0);
        circuit.ry(0.7, 0).unwrap().h(2).unwrap();
        let state = statevector::<f64>(&circuit, &SimOptions::default()).unwrap();
        let mut expected = BTreeMap::new();
        for index in state.sample(5000, 3).unwrap() {
            *expected.entry(index).or_insert(0) += 1;
        }
        assert_eq!(state.sample_counts(5000, 3, None).unwrap(), expected);
        let refused = state.sample(usize::MAX, 3);
        assert!(matches!(refused, Err(SimulatorError::TooLarge { .. })));
        let stop = AtomicBool::new(true);
        let ended = state.sample_counts(u64::MAX, 3, Some(&stop));
        assert!(matches!(ended, Err(SimulatorError::Interrupted)));
    }

    #[test]
    fn each_shot_gets_the_same_basis_state_in_any_company() {
        let amplitudes: Vec<Complex64> = (0..20_000)
            .map(|i| Complex64::new(f64::from(i % 13), 1.0))
            .collect();
        let distribution = Distribution::new(&amplitudes);
        let shots: Vec<u64> = (0..10_000).collect();
        let mut together = distribution.draw(Random::new(5), &shots, 2);
        together.sort_unstable();
        for shot in [0u64, 17, 9_999] {
            assert_eq!(
                distribution.draw(Random::new(5), &[shot], 2)[0].1,
                together[shot as usize].1
            );
        }
    }
}
