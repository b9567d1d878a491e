//! Sums over the state with a fixed tree.
//!
//! The state is cut into blocks of a fixed size, each block is summed from left to right, and the block sums are added
//! pairwise. Threads only decide who sums a block, never in which order numbers are added, so every result is the
//! same on any number of threads.

use std::ops::{Add, Range};

use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use crate::kernels::{Real, weight};

/// Amplitudes in a block.
pub(crate) const BLOCK: usize = 1 << 12;

/// The sum of `block` over the blocks of `0..len`.
pub(crate) fn sum<S: Send + Copy + Default + Add<Output = S>>(
    len: usize,
    block: impl Fn(Range<usize>) -> S + Sync,
) -> S {
    pairwise(block_sums(len, block))
}

/// The value of each block of `0..len`.
pub(crate) fn block_sums<S: Send>(len: usize, block: impl Fn(Range<usize>) -> S + Sync) -> Vec<S> {
    let count = len.div_ceil(BLOCK);
    let range = |i: usize| i * BLOCK..len.min((i + 1) * BLOCK);
    if count <= 4 {
        (0..count).map(|i| block(range(i))).collect()
    } else {
        (0..count)
            .into_par_iter()
            .map(|i| block(range(i)))
            .collect()
    }
}

/// The sum of |a|^2.
pub(crate) fn norm_squared<T: Real>(amplitudes: &[Complex<T>]) -> f64 {
    sum(amplitudes.len(), |range| block_weight(&amplitudes[range]))
}

/// The sum of |a|^2 in one block, in four interleaved chains so that the additions overlap.
pub(crate) fn block_weight<T: Real>(amplitudes: &[Complex<T>]) -> f64 {
    let mut chains = [0.0; 4];
    let (quads, rest) = amplitudes.as_chunks::<4>();
    for quad in quads {
        for (chain, z) in chains.iter_mut().zip(quad) {
            *chain += weight(*z);
        }
    }
    (chains[0] + chains[2]) + (chains[1] + chains[3]) + rest.iter().map(|z| weight(*z)).sum::<f64>()
}

/// The probabilities of 0 and of 1 on one qubit.
pub(crate) fn qubit_weights<T: Real>(amplitudes: &[Complex<T>], qubit: u32) -> (f64, f64) {
    let Pair(zero, one) = sum(amplitudes.len(), |range| {
        let start = range.start;
        let block = &amplitudes[range];
        if 1usize << qubit >= BLOCK {
            let total = block_weight(block);
            return if start >> qubit & 1 == 1 {
                Pair(0.0, total)
            } else {
                Pair(total, 0.0)
            };
        }
        let mut pair = Pair(0.0, 0.0);
        for (i, half) in block.chunks(1 << qubit).enumerate() {
            let total = block_weight(half);
            if i % 2 == 1 {
                pair.1 += total;
            } else {
                pair.0 += total;
            }
        }
        pair
    });
    (zero, one)
}

/// The sum of conj(a) b.
pub(crate) fn inner_product<T: Real>(a: &[Complex<T>], b: &[Complex<T>]) -> Complex64 {
    sum(a.len(), |range| {
        a[range.clone()]
            .iter()
            .zip(&b[range])
            .map(|(a, b)| wide(a).conj() * wide(b))
            .sum()
    })
}

/// The amplitude in double precision.
pub(crate) fn wide<T: Real>(z: &Complex<T>) -> Complex64 {
    Complex64::new(z.re.as_f64(), z.im.as_f64())
}

#[derive(Debug, Clone, Copy, Default)]
struct Pair(f64, f64);

impl Add for Pair {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

fn pairwise<S: Copy + Default + Add<Output = S>>(mut sums: Vec<S>) -> S {
    while sums.len() > 1 {
        sums = sums
            .chunks(2)
            .map(|pair| {
                pair.iter()
                    .copied()
                    .reduce(|a, b| a + b)
                    .unwrap_or_default()
            })
            .collect();
    }
    sums.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qubit_weights_separate_the_halves() {
        let qubits = 14u32;
        let amplitudes: Vec<Complex64> = (0..1 << qubits)
            .map(|i| Complex64::new(f64::from(i % 7), f64::from(i % 5)))
            .collect();
        for qubit in 0..qubits {
            let expected: f64 = amplitudes
                .iter()
                .enumerate()
                .filter(|(i, _)| i >> qubit & 1 == 1)
                .map(|(_, z)| z.norm_sqr())
                .sum();
            let (zero, one) = qubit_weights(&amplitudes, qubit);
            assert!((one - expected).abs() < 1e-6 * expected, "qubit {qubit}");
            assert!((zero + one - norm_squared(&amplitudes)).abs() < 1e-6 * expected);
        }
    }
}
