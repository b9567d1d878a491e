//! What each kind of step does to the vectors.
//!
//! Every function here takes a pointer to the first vector, and is safe to call where all vectors that it is told to
//! reach exist and, with the lanes of `across`, the numbers that its sums read.

use super::super::real::Real;
use super::super::simd::{MAX_LANES, Simd};
use super::run::Places;

/// Real and imaginary parts.
pub(super) type Pair<V> = (V, V);

/// For each mask the lanes whose numbers differ by it.
const XOR: [[u8; MAX_LANES]; MAX_LANES] = {
    let mut table = [[0; MAX_LANES]; MAX_LANES];
    let mut mask = 0;
    while mask < MAX_LANES {
        let mut lane = 0;
        while lane < MAX_LANES {
            table[mask][lane] = (lane ^ mask) as u8;
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// The lanes of a vector whose numbers differ by `across`, a number below `LANES`.
#[inline(always)] // part of the kernels
pub(super) fn crossing<T: Real, S: Simd<T>>(simd: S, across: usize) -> S::Lanes {
    simd.lanes(&XOR[across % S::LANES][..S::LANES])
}

#[inline(always)] // part of the kernels
pub(super) fn permuted<T: Real, S: Simd<T>>(
    simd: S,
    x: Pair<S::Vector>,
    lanes: S::Lanes,
) -> Pair<S::Vector> {
    (simd.permute(x.0, lanes), simd.permute(x.1, lanes))
}

/// # Safety
/// Vector `v` must exist.
#[inline(always)] // part of the kernels
pub(super) unsafe fn load<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *const T,
    v: usize,
) -> Pair<S::Vector> {
    // SAFETY: the caller's.
    unsafe {
        let at = vectors.add(2 * v * S::LANES);
        (simd.load(at), simd.load(at.add(S::LANES)))
    }
}

/// # Safety
/// Vector `v` must exist.
#[inline(always)] // part of the kernels
pub(super) unsafe fn store<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    v: usize,
    x: Pair<S::Vector>,
) {
    // SAFETY: the caller's.
    unsafe {
        let at = vectors.add(2 * v * S::LANES);
        simd.store(at, x.0);
        simd.store(at.add(S::LANES), x.1);
    }
}

/// Number `i`: one for all lanes, or (`LANED`) one for each.
///
/// # Safety
/// So many must be readable.
#[inline(always)] // part of the kernels
pub(super) unsafe fn number<T: Real, S: Simd<T>, const LANED: bool>(
    simd: S,
    numbers: *const T,
    i: usize,
) -> S::Vector {
    // SAFETY: the caller's.
    unsafe {
        if LANED {
            simd.load(numbers.add(i * S::LANES))
        } else {
            simd.splat(*numbers.add(i))
        }
    }
}

/// a x
#[inline(always)] // part of the kernels
fn product<T: Real, S: Simd<T>>(
    simd: S,
    a: Pair<S::Vector>,
    x: Pair<S::Vector>,
) -> Pair<S::Vector> {
    (
        simd.neg_mul_add(a.1, x.1, simd.mul(a.0, x.0)),
        simd.mul_add(a.1, x.0, simd.mul(a.0, x.1)),
    )
}

/// a x + sum
#[inline(always)] // part of the kernels
fn add_product<T: Real, S: Simd<T>>(
    simd: S,
    a: Pair<S::Vector>,
    x: Pair<S::Vector>,
    sum: Pair<S::Vector>,
) -> Pair<S::Vector> {
    (
        simd.neg_mul_add(a.1, x.1, simd.mul_add(a.0, x.0, sum.0)),
        simd.mul_add(a.1, x.0, simd.mul_add(a.0, x.1, sum.1)),
    )
}

/// The sum of two terms by numbers in mode `MODE`: 0 complex, 1 real, 2 real and imaginary.
#[inline(always)] // part of the kernels
fn sum<T: Real, S: Simd<T>, const MODE: u8>(
    simd: S,
    f: &[S::Vector; 4],
    own: Pair<S::Vector>,
    other: Pair<S::Vector>,
) -> Pair<S::Vector> {
    match MODE {
        0 => add_product(simd, (f[2], f[3]), other, product(simd, (f[0], f[1]), own)),
        1 => (
            simd.mul_add(f[1], other.0, simd.mul(f[0], own.0)),
            simd.mul_add(f[1], other.1, simd.mul(f[0], own.1)),
        ),
        _ => (
            simd.neg_mul_add(f[1], other.1, simd.mul(f[0], own.0)),
            simd.mul_add(f[1], other.0, simd.mul(f[0], own.1)),
        ),
    }
}

/// The numbers of sum `i`.
///
/// # Safety
/// They must be readable.
#[inline(always)] // part of the kernels
unsafe fn factors<T: Real, S: Simd<T>, const MODE: u8, const LANED: bool>(
    simd: S,
    numbers: *const T,
    i: usize,
) -> [S::Vector; 4] {
    let each = if MODE == 0 { 4 } else { 2 };
    let mut factors = [simd.splat(T::ZERO); 4];
    for (j, factor) in factors.iter_mut().enumerate().take(each) {
        // SAFETY: the caller's.
        *factor = unsafe { number::<T, S, LANED>(simd, numbers, i * each + j) };
    }
    factors
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn scale<T: Real, S: Simd<T>, const LANED: bool>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
) {
    // SAFETY: the caller's.
    unsafe {
        let factor = (
            number::<T, S, LANED>(simd, numbers, 0),
            number::<T, S, LANED>(simd, numbers, 1),
        );
        for v in places {
            store(
                simd,
                vectors,
                v,
                product(simd, factor, load(simd, vectors, v)),
            );
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn table<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    depends: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        for v in places {
            let factor = load(simd, numbers, v & depends);
            store(
                simd,
                vectors,
                v,
                product(simd, factor, load(simd, vectors, v)),
            );
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn mix<T: Real, S: Simd<T>, const MODE: u8, const LANED: bool>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    flip: usize,
    across: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let first = factors::<T, S, MODE, LANED>(simd, numbers, 0);
        let second = factors::<T, S, MODE, LANED>(simd, numbers, 1);
        let lanes = crossing(simd, across);
        for v in places {
            let (x, y) = (load(simd, vectors, v), load(simd, vectors, v ^ flip));
            let (mut to_first, mut to_second) = (y, x);
            if LANED && across != 0 {
                to_first = permuted(simd, y, lanes);
                to_second = permuted(simd, x, lanes);
            }
            store(
                simd,
                vectors,
                v,
                sum::<T, S, MODE>(simd, &first, x, to_first),
            );
            store(
                simd,
                vectors,
                v ^ flip,
                sum::<T, S, MODE>(simd, &second, y, to_second),
            );
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn lanes_with<T: Real, S: Simd<T>, const MODE: u8>(
    simd: S,
    vectors: *mut T,
    places: Places,
    numbers: *const T,
    across: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let factors = factors::<T, S, MODE, true>(simd, numbers, 0);
        let lanes = crossing(simd, across);
        for v in places {
            let x = load(simd, vectors, v);
            let other = permuted(simd, x, lanes);
            store(
                simd,
                vectors,
                v,
                sum::<T, S, MODE>(simd, &factors, x, other),
            );
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn exchange<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    flip: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        for v in places {
            let (x, y) = (load(simd, vectors, v), load(simd, vectors, v ^ flip));
            store(simd, vectors, v, y);
            store(simd, vectors, v ^ flip, x);
        }
    }
}

/// # Safety
/// The module's.
#[inline(always)] // part of the kernels
pub(super) unsafe fn permute<T: Real, S: Simd<T>>(
    simd: S,
    vectors: *mut T,
    places: Places,
    sources: &[u8; MAX_LANES],
) {
    // SAFETY: the caller's.
    unsafe {
        let lanes = simd.lanes(&sources[..S::LANES]);
        for v in places {
            store(
                simd,
                vectors,
                v,
                permuted(simd, load(simd, vectors, v), lanes),
            );
        }
    }
}
