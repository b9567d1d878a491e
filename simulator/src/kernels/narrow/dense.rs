//! Any matrix on two qubits.
//!
//! As in [`combine`](super::combine), the functions are safe to call where all vectors that they are told to reach exist
//! and the numbers of sixteen (or, in lanes, eight or four) entries can be read.

use super::super::real::Real;
use super::super::simd::Simd;
use super::combine::{Pair, crossing, load, number, permuted, store};
use super::run::Places;

/// Real and imaginary part of a number, and their sum.
type Triple<V> = [V; 3];

#[inline(always)] // part of the kernels
fn triple<T: Real, S: Simd<T>>(simd: S, x: Pair<S::Vector>) -> Triple<S::Vector> {
    [x.0, x.1, simd.add(x.0, x.1)]
}

/// The sum of four products, each of three real ones instead of four (C. F. Gauss): with entries a + ib and inputs
/// x + iy, the real part is ax - by and the imaginary part (a + b)(x + y) - ax - by, and the sums over the products are
/// taken before they are put together. `entry` has the parts of the entries and their sums.
#[inline(always)] // part of the kernels
fn sum_of_four<T: Real, S: Simd<T>>(
    simd: S,
    entries: &[Triple<S::Vector>; 4],
    inputs: &[Triple<S::Vector>; 4],
) -> Pair<S::Vector> {
    let mut sums = [simd.splat(T::ZERO); 3];
    for (part, sum) in sums.iter_mut().enumerate() {
        *sum = simd.mul(entries[0][part], inputs[0][part]);
        *sum = simd.mul_add(entries[1][part], inputs[1][part], *sum);
        *sum = simd.mul_add(entries[2][part], inputs[2][part], *sum);
        *sum = simd.mul_add(entries[3][part], inputs[3][part], *sum);
    }
    let [real, imaginary, both] = sums;
    (
        simd.sub(real, imaginary),
        simd.sub(both, simd.add(real, imaginary)),
    )
}

/// Four entries from the `i`-th on.
///
/// # Safety
/// They must be readable.
#[inline(always)] // part of the kernels
unsafe fn four_entries<T: Real, S: Simd<T>, const LANED: bool>(
    simd: S,
    numbers: *const T,
    i: usize,
) -> [Triple<S::Vector>; 4] {
    let mut entries = [[simd.splat(T::ZERO); 3]; 4];
    for (j, entry) in entries.iter_mut().enumerate() {
        for (part, vector) in entry.iter_mut().enumerate() {
            // SAFETY: the caller's.
            *vector = unsafe { number::<T, S, LANED>(simd, numbers, 3 * (i + j) + part) };
        }
    }
    entries
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn dense_vectors<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    low: usize,
    high: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        for v in places {
            let rows = [v, v ^ low, v ^ high, v ^ low ^ high];
            let mut inputs = [[simd.splat(T::ZERO); 3]; 4];
            for (input, &row) in inputs.iter_mut().zip(&rows) {
                *input = triple(simd, load(simd, vectors, row));
            }
            for (i, &row) in rows.iter().enumerate() {
                let entries = four_entries::<T, S, false>(simd, numbers, 4 * i);
                store(simd, vectors, row, sum_of_four(simd, &entries, &inputs));
            }
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn dense_both<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    high: usize,
    across: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let lanes = crossing(simd, across);
        for v in places {
            let (x, y) = (load(simd, vectors, v), load(simd, vectors, v ^ high));
            let inputs = [
                triple(simd, x),
                triple(simd, permuted(simd, x, lanes)),
                triple(simd, y),
                triple(simd, permuted(simd, y, lanes)),
            ];
            for (i, row) in [v, v ^ high].into_iter().enumerate() {
                let entries = four_entries::<T, S, true>(simd, numbers, 4 * i);
                store(simd, vectors, row, sum_of_four(simd, &entries, &inputs));
            }
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn dense_lanes<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    low: usize,
    high: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let entries = four_entries::<T, S, true>(simd, numbers, 0);
        let lanes = [
            crossing(simd, low),
            crossing(simd, high),
            crossing(simd, low | high),
        ];
        for v in places {
            let x = load(simd, vectors, v);
            let inputs = [
                triple(simd, x),
                triple(simd, permuted(simd, x, lanes[0])),
                triple(simd, permuted(simd, x, lanes[1])),
                triple(simd, permuted(simd, x, lanes[2])),
            ];
            store(simd, vectors, v, sum_of_four(simd, &entries, &inputs));
        }
    }
}
