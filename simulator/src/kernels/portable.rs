//! Vectors of four numbers in plain Rust, for processors without a unit of their own here.
//!
//! The compiler turns these loops into whatever vectors the target has by default (SSE2, NEON). There is no fused
//! multiply-add: where the processor has none, the library call would cost a hundred times the two operations.

use num_complex::Complex;

use super::real::Real;
use super::simd::{Kernel, Simd};

const LANES: usize = 4;

/// Works everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portable;

impl<T: Real> Simd<T> for Portable {
    type Vector = [T; LANES];
    type Lanes = [u8; LANES];
    const LANES: usize = LANES;

    #[inline(always)]
    unsafe fn load(self, from: *const T) -> [T; LANES] {
        // SAFETY: the caller vouches for LANES numbers; the read needs no alignment.
        unsafe { from.cast::<[T; LANES]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T, vector: [T; LANES]) {
        // SAFETY: as for `load`.
        unsafe { to.cast::<[T; LANES]>().write_unaligned(vector) }
    }

    #[inline(always)]
    unsafe fn load_complex(self, from: *const Complex<T>) -> ([T; LANES], [T; LANES]) {
        // SAFETY: the caller vouches for LANES complex numbers; the read needs no alignment.
        let numbers = unsafe { from.cast::<[Complex<T>; LANES]>().read_unaligned() };
        (numbers.map(|z| z.re), numbers.map(|z| z.im))
    }

    #[inline(always)]
    unsafe fn store_complex(self, to: *mut Complex<T>, re: [T; LANES], im: [T; LANES]) {
        let numbers: [Complex<T>; LANES] = std::array::from_fn(|i| Complex::new(re[i], im[i]));
        // SAFETY: as for `load_complex`.
        unsafe { to.cast::<[Complex<T>; LANES]>().write_unaligned(numbers) }
    }

    #[inline(always)]
    fn splat(self, value: T) -> [T; LANES] {
        [value; LANES]
    }

    #[inline(always)]
    fn add(self, a: [T; LANES], b: [T; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    fn sub(self, a: [T; LANES], b: [T; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| a[i] - b[i])
    }

    #[inline(always)]
    fn mul(self, a: [T; LANES], b: [T; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    fn mul_add(self, a: [T; LANES], b: [T; LANES], c: [T; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }

    #[inline(always)]
    fn neg_mul_add(self, a: [T; LANES], b: [T; LANES], c: [T; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| c[i] - a[i] * b[i])
    }

    #[inline(always)]
    fn lanes(self, sources: &[u8]) -> [u8; LANES] {
        std::array::from_fn(|i| sources[i])
    }

    #[inline(always)]
    fn permute(self, vector: [T; LANES], lanes: [u8; LANES]) -> [T; LANES] {
        std::array::from_fn(|i| vector[usize::from(lanes[i]) % LANES])
    }

    #[inline(always)]
    fn prefetch(self, _: *const T) {}

    #[inline(always)]
    fn vectorize<K: Kernel<T>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
