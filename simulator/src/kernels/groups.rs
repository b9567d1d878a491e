//! Enumerates the vectors of a tile that a kernel visits.
//!
//! A kernel with targets and controls at some bits of the vector index runs over all values of the other bits.
//! These come in runs of consecutive vectors, as long as the lowest fixed bit allows; the start of each run is its
//! number with the fixed bits inserted.

/// The starts and length of the runs.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    /// Number of runs.
    pub(super) count: usize,
    /// Consecutive vectors in a run.
    pub(super) run: usize,
    shift: u32,
    fixed: Vec<u32>,
    /// The fixed bits, and their values.
    mask: usize,
    value: usize,
}

impl Groups {
    /// Runs over `bits` index bits, of which `zeros` are held at 0 and `ones` at 1.
    pub(super) fn new(bits: u32, zeros: &[u32], ones: &[u32]) -> Self {
        let mut fixed: Vec<u32> = zeros.iter().chain(ones).copied().collect();
        fixed.sort_unstable();
        debug_assert!(
            fixed.windows(2).all(|pair| pair[0] < pair[1]) && fixed.iter().all(|&bit| bit < bits)
        );
        let free = bits - fixed.len() as u32;
        let shift = fixed.first().copied().unwrap_or(free);
        let value = ones.iter().fold(0, |value, &bit| value | 1 << bit);
        Self {
            count: 1 << (free - shift),
            run: 1 << shift,
            shift,
            mask: fixed.iter().fold(0, |mask, &bit| mask | 1 << bit),
            fixed,
            value,
        }
    }

    /// First vector of run `i`; below `2^bits` for `i < count`.
    #[inline(always)] // part of the kernels' outer loop
    pub(super) fn start(&self, i: usize) -> usize {
        let mut index = i << self.shift;
        for &bit in &self.fixed {
            let low = index & ((1 << bit) - 1);
            index = (index - low) << 1 | low;
        }
        index | self.value
    }

    /// The first vector.
    pub(super) fn first(&self) -> usize {
        self.value
    }

    /// Number of vectors.
    pub(super) fn total(&self) -> usize {
        self.count << self.shift
    }

    /// The vector after `vector`, which must not be the last.
    #[inline(always)] // part of the kernels' inner loop
    pub(super) fn after(&self, vector: usize) -> usize {
        // The carry of the addition runs through the fixed bits.
        ((vector | self.mask) + 1) & !self.mask | self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_exactly_the_indices_with_the_fixed_bits() {
        for (zeros, ones) in [
            (vec![], vec![]),
            (vec![0], vec![]),
            (vec![2, 4], vec![1]),
            (vec![3], vec![4, 0]),
        ] {
            let groups = Groups::new(5, &zeros, &ones);
            let mut found: Vec<usize> = (0..groups.count)
                .flat_map(|i| (0..groups.run).map(move |j| (i, j)))
                .map(|(i, j)| groups.start(i) + j)
                .collect();
            found.sort_unstable();
            let expected: Vec<usize> = (0..32)
                .filter(|x| {
                    zeros.iter().all(|bit| x >> bit & 1 == 0)
                        && ones.iter().all(|bit| x >> bit & 1 == 1)
                })
                .collect();
            assert_eq!(found, expected, "{zeros:?} {ones:?}");
            let mut walked = vec![groups.first()];
            while walked.len() < groups.total() {
                walked.push(groups.after(walked[walked.len() - 1]));
            }
            assert_eq!(walked, expected, "{zeros:?} {ones:?}");
        }
    }
}
