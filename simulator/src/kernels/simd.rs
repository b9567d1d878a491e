//! What a kernel needs of a vector unit.
//!
//! A value of a `Simd` type is a token: it can only be made where the processor's features have been detected, so
//! holding one is the proof that its instructions may be executed.

use num_complex::Complex;

use super::real::Real;

/// Most lanes of any vector.
pub(super) const MAX_LANES: usize = 16;

/// Vectors of `T` and the few operations that kernels are written in.
pub trait Simd<T: Real>: Copy + Send + Sync {
    /// A vector of `LANES` numbers.
    type Vector: Copy;
    /// A choice of source lanes for `permute`.
    type Lanes: Copy;
    /// Numbers in a vector; a power of two, at most [`MAX_LANES`].
    const LANES: usize;

    /// # Safety
    /// `LANES` numbers must be readable at `from`.
    unsafe fn load(self, from: *const T) -> Self::Vector;
    /// # Safety
    /// `LANES` numbers must be writable at `to`.
    unsafe fn store(self, to: *mut T, vector: Self::Vector);
    /// # Safety
    /// `LANES` complex numbers must be readable at `from`.
    unsafe fn load_complex(self, from: *const Complex<T>) -> (Self::Vector, Self::Vector);
    /// # Safety
    /// `LANES` complex numbers must be writable at `to`.
    unsafe fn store_complex(self, to: *mut Complex<T>, re: Self::Vector, im: Self::Vector);
    /// All lanes equal to `value`.
    fn splat(self, value: T) -> Self::Vector;
    /// a + b
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a - b
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a b
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a b + c
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c - a b
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// Source lanes for `permute`; `sources` has `LANES` entries below `LANES`.
    fn lanes(self, sources: &[u8]) -> Self::Lanes;
    /// The vector whose lane i is lane `lanes[i]` of `vector`.
    fn permute(self, vector: Self::Vector, lanes: Self::Lanes) -> Self::Vector;
    /// Asks for the cache line at `place`, which may be any address.
    fn prefetch(self, place: *const T);
    /// Runs a kernel in a function compiled with this unit's features.
    fn vectorize<K: Kernel<T>>(self, kernel: K) -> K::Output;
}

/// A computation generic over the vector width. `run` must be `#[inline(always)]`, or it misses the features.
pub trait Kernel<T: Real> {
    /// What it returns.
    type Output;
    /// The computation.
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output;
}

/// Defines `Simd` on a token for one precision by naming its intrinsics, which differ in nothing but their names.
macro_rules! implement_simd_x86 {
    ($token:ty, $real:ty, lanes: $lanes:literal, features: $features:literal, vector: $vector:ty,
     load: $load:ident, store: $store:ident, splat: $splat:ident, add: $add:ident, sub: $sub:ident, mul: $mul:ident, fmadd: $fmadd:ident,
     fnmadd: $fnmadd:ident, index: $index:ty, make_index: $make_index:expr, permute: $permute:expr,
     split: $split:ident, join: $join:ident) => {
        impl Simd<$real> for $token {
            type Vector = $vector;
            type Lanes = $index;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn load(self, from: *const $real) -> $vector {
                // SAFETY: the caller vouches for the memory, the token for the instruction.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $real, vector: $vector) {
                // SAFETY: as for `load`.
                unsafe { $store(to, vector) }
            }
            #[inline(always)]
            unsafe fn load_complex(self, from: *const Complex<$real>) -> ($vector, $vector) {
                let from = from.cast::<$real>();
                // SAFETY: `Complex` is two numbers in a row, so 2 LANES numbers are readable; the token vouches
                // for the instructions.
                unsafe { $split($load(from), $load(from.add($lanes))) }
            }
            #[inline(always)]
            unsafe fn store_complex(self, to: *mut Complex<$real>, re: $vector, im: $vector) {
                let to = to.cast::<$real>();
                // SAFETY: as for `load_complex`.
                unsafe {
                    let (low, high) = $join(re, im);
                    $store(to, low);
                    $store(to.add($lanes), high);
                }
            }
            #[inline(always)]
            fn splat(self, value: $real) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $splat(value) }
            }
            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $add(a, b) }
            }
            #[inline(always)]
            fn sub(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $sub(a, b) }
            }
            #[inline(always)]
            fn mul(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $mul(a, b) }
            }
            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $fmadd(a, b, c) }
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $fnmadd(a, b, c) }
            }
            #[inline(always)]
            fn lanes(self, sources: &[u8]) -> $index {
                debug_assert!(
                    sources.len() == $lanes && sources.iter().all(|&source| source < $lanes)
                );
                // SAFETY: the token vouches for the instructions.
                unsafe { $make_index(sources) }
            }
            #[inline(always)]
            fn permute(self, vector: $vector, lanes: $index) -> $vector {
                // SAFETY: the token vouches for the instruction.
                unsafe { $permute(vector, lanes) }
            }
            #[inline(always)]
            fn prefetch(self, place: *const $real) {
                // SAFETY: a prefetch reads nothing that the program could see, whatever the address.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
            }
            #[inline(always)]
            fn vectorize<K: Kernel<$real>>(self, kernel: K) -> K::Output {
                #[target_feature(enable = $features)]
                fn inner<K: Kernel<$real>>(token: $token, kernel: K) -> K::Output {
                    kernel.run(token)
                }
                // SAFETY: the token exists only where these features have been detected.
                unsafe { inner(self, kernel) }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
pub(super) use implement_simd_x86;
