//! A sum of Pauli strings on one block of a state.
//!
//! Strings that flip the same bits x act together as out\[k\] = d(k) in\[k xor x\] with one factor d(k) for all of them:
//! a Walsh-Hadamard transform turns their coefficients into the d of a whole block. The loops are plain; they are
//! kernels so that the compiler may use the processor's widest vectors.

use num_complex::Complex;

use super::dispatch::Width;
use super::real::Real;
use super::simd::{Kernel, Simd};

/// Amplitudes that are permuted together by the lowest bits of a flip.
const CHUNK: usize = 8;

/// The factor d(k) in a block.
#[derive(Clone, Copy)]
pub(crate) enum Factor<'a, T> {
    /// The same everywhere.
    Constant(Complex<T>),
    /// Real, one per amplitude.
    Real(&'a [T]),
    /// Real and imaginary parts, one each per amplitude.
    Complex(&'a [T], &'a [T]),
}

/// Adds d(k) source\[k xor flip\] to every out\[k\]; all slices have the same length, a power of two above `flip`.
pub(crate) fn add_flipped<T: Real>(
    width: Width,
    out: &mut [Complex<T>],
    source: &[Complex<T>],
    flip: usize,
    factor: Factor<'_, T>,
) {
    assert!(out.len() == source.len() && out.len().is_power_of_two() && flip < out.len());
    T::dispatch(
        width,
        AddFlipped {
            out,
            source,
            flip,
            factor,
        },
    );
}

/// Turns the coefficients of the sign patterns (-1)^|k & z|, indexed by z, into their sum at every k.
pub(crate) fn walsh_hadamard<T: Real>(width: Width, table: &mut [T]) {
    assert!(table.len().is_power_of_two());
    T::dispatch(width, WalshHadamard(table));
}

struct WalshHadamard<'a, T>(&'a mut [T]);

impl<T: Real> Kernel<T> for WalshHadamard<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, _: S) {
        let table = self.0;
        let mut stride = 1;
        while stride < table.len() {
            for pair in table.chunks_exact_mut(2 * stride) {
                let (zeros, ones) = pair.split_at_mut(stride);
                for (a, b) in zeros.iter_mut().zip(ones) {
                    (*a, *b) = (*a + *b, *a - *b);
                }
            }
            stride *= 2;
        }
    }
}

struct AddFlipped<'a, T> {
    out: &'a mut [Complex<T>],
    source: &'a [Complex<T>],
    flip: usize,
    factor: Factor<'a, T>,
}

impl<T: Real> Kernel<T> for AddFlipped<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, _: S) {
        let Self {
            out,
            source,
            flip,
            factor,
        } = self;
        if out.len() < CHUNK {
            for (k, out) in out.iter_mut().enumerate() {
                let d = match factor {
                    Factor::Constant(d) => d,
                    Factor::Real(re) => Complex::new(re[k], T::ZERO),
                    Factor::Complex(re, im) => Complex::new(re[k], im[k]),
                };
                *out += d * source[k ^ flip];
            }
            return;
        }
        match flip % CHUNK {
            0 => add::<T, 0>(out, source, flip, factor),
            1 => add::<T, 1>(out, source, flip, factor),
            2 => add::<T, 2>(out, source, flip, factor),
            3 => add::<T, 3>(out, source, flip, factor),
            4 => add::<T, 4>(out, source, flip, factor),
            5 => add::<T, 5>(out, source, flip, factor),
            6 => add::<T, 6>(out, source, flip, factor),
            _ => add::<T, 7>(out, source, flip, factor),
        }
    }
}

/// The loop for one value `LOW` of the flip's lowest bits.
#[inline(always)] // part of the kernel
fn add<T: Real, const LOW: usize>(
    out: &mut [Complex<T>],
    source: &[Complex<T>],
    flip: usize,
    factor: Factor<'_, T>,
) {
    let (out, _) = out.as_chunks_mut::<CHUNK>();
    let (source, _) = source.as_chunks::<CHUNK>();
    let far = flip / CHUNK;
    match factor {
        Factor::Constant(d) if d.im == T::ZERO => {
            for (k, out) in out.iter_mut().enumerate() {
                let from = &source[k ^ far];
                for lane in 0..CHUNK {
                    let z = from[lane ^ LOW];
                    out[lane].re += d.re * z.re;
                    out[lane].im += d.re * z.im;
                }
            }
        }
        Factor::Constant(d) => {
            for (k, out) in out.iter_mut().enumerate() {
                let from = &source[k ^ far];
                for lane in 0..CHUNK {
                    out[lane] += d * from[lane ^ LOW];
                }
            }
        }
        Factor::Real(table) => {
            let (table, _) = table.as_chunks::<CHUNK>();
            for ((k, out), d) in out.iter_mut().enumerate().zip(table) {
                let from = &source[k ^ far];
                for lane in 0..CHUNK {
                    let z = from[lane ^ LOW];
                    out[lane].re += d[lane] * z.re;
                    out[lane].im += d[lane] * z.im;
                }
            }
        }
        Factor::Complex(re, im) => {
            let ((re, _), (im, _)) = (re.as_chunks::<CHUNK>(), im.as_chunks::<CHUNK>());
            for ((k, out), (re, im)) in out.iter_mut().enumerate().zip(re.iter().zip(im)) {
                let from = &source[k ^ far];
                for lane in 0..CHUNK {
                    out[lane] += Complex::new(re[lane], im[lane]) * from[lane ^ LOW];
                }
            }
        }
    }
}
