//! Many shots from one state, without running anything again.
//!
//! Each shot draws one uniform number; the numbers are sorted and walked along the cumulative distribution together
//! with the state. That takes one pass over the state and a sort of the shots, no table as large as the state, and
//! memory for a batch of shots only.

use num_complex::Complex;
use rayon::prelude::*;

use crate::kernels::{Real, weight};
use crate::random::Random;
use crate::reduce::{BLOCK, block_sums, block_weight};

/// Shots sorted at a time: 16 bytes each.
pub(crate) const BATCH: usize = 1 << 22;

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

fn order(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;

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
