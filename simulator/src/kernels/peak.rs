//! The most that a vector unit multiplies: the roof that the kernels are held against.

use std::hint::black_box;

use super::dispatch::Width;
use super::real::Real;
use super::simd::{Kernel, Simd};

/// Sums that do not wait for each other: enough to keep two units busy, and few enough for 16 registers.
const CHAINS: usize = 12;

/// Multiplies and adds with nothing but registers, `rounds` times for each chain, and returns the number of products.
pub(crate) fn multiply_and_add<T: Real>(width: Width, rounds: usize) -> usize {
    T::dispatch(width, MultiplyAndAdd { rounds })
}

struct MultiplyAndAdd {
    rounds: usize,
}

impl<T: Real> Kernel<T> for MultiplyAndAdd {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> usize {
        // All sums tend to 2: no number overflows or becomes too small for full speed.
        let (half, one) = (simd.splat(T::from_f64(0.5)), simd.splat(T::one()));
        // Not known to the compiler, or equal chains would become one.
        let mut sums: [S::Vector; CHAINS] = black_box([one; CHAINS]);
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = simd.mul_add(*sum, half, one);
            }
        }
        black_box(sums);
        self.rounds * CHAINS * S::LANES
    }
}
