//! AVX2 with FMA, and AVX-512.

#[allow(
    clippy::wildcard_imports,
    reason = "intrinsics are many and their names unmistakable"
)]
use std::arch::x86_64::*;

use num_complex::Complex;

use super::simd::{Kernel, Simd, implement_simd_x86};

/// Proof that the processor has AVX2 and FMA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avx2(());

impl Avx2 {
    /// The token, where the processor has the features.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }
}

/// Proof that the processor has the AVX-512 foundation, DQ and VL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avx512(());

impl Avx512 {
    /// The token, where the processor has the features.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("fma"))
        .then_some(Self(()))
    }
}

implement_simd_x86!(Avx2, f64, lanes: 4, features: "avx2,fma", vector: __m256d,
    load: _mm256_loadu_pd, store: _mm256_storeu_pd, splat: _mm256_set1_pd, add: _mm256_add_pd, sub: _mm256_sub_pd, mul: _mm256_mul_pd,
    fmadd: _mm256_fmadd_pd, fnmadd: _mm256_fnmadd_pd, index: __m256i, make_index: avx2_index_f64,
    permute: avx2_permute_f64, split: avx2_split_f64, join: avx2_join_f64);

implement_simd_x86!(Avx2, f32, lanes: 8, features: "avx2,fma", vector: __m256,
    load: _mm256_loadu_ps, store: _mm256_storeu_ps, splat: _mm256_set1_ps, add: _mm256_add_ps, sub: _mm256_sub_ps, mul: _mm256_mul_ps,
    fmadd: _mm256_fmadd_ps, fnmadd: _mm256_fnmadd_ps, index: __m256i, make_index: avx2_index_f32,
    permute: _mm256_permutevar8x32_ps, split: avx2_split_f32, join: avx2_join_f32);

implement_simd_x86!(Avx512, f64, lanes: 8, features: "avx512f,avx512dq,avx512vl,fma", vector: __m512d,
    load: _mm512_loadu_pd, store: _mm512_storeu_pd, splat: _mm512_set1_pd, add: _mm512_add_pd, sub: _mm512_sub_pd, mul: _mm512_mul_pd,
    fmadd: _mm512_fmadd_pd, fnmadd: _mm512_fnmadd_pd, index: __m512i, make_index: avx512_index_f64,
    permute: avx512_permute_f64, split: avx512_split_f64, join: avx512_join_f64);

implement_simd_x86!(Avx512, f32, lanes: 16, features: "avx512f,avx512dq,avx512vl,fma", vector: __m512,
    load: _mm512_loadu_ps, store: _mm512_storeu_ps, splat: _mm512_set1_ps, add: _mm512_add_ps, sub: _mm512_sub_ps, mul: _mm512_mul_ps,
    fmadd: _mm512_fmadd_ps, fnmadd: _mm512_fnmadd_ps, index: __m512i, make_index: avx512_index_f32,
    permute: avx512_permute_f32, split: avx512_split_f32, join: avx512_join_f32);

/// AVX2 cannot permute 64-bit lanes by a variable: each lane moves as two 32-bit halves.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_index_f64(sources: &[u8]) -> __m256i {
    let half = |i: usize| 2 * i32::from(sources[i / 2]) + (i % 2) as i32;
    _mm256_setr_epi32(
        half(0),
        half(1),
        half(2),
        half(3),
        half(4),
        half(5),
        half(6),
        half(7),
    )
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_permute_f64(vector: __m256d, lanes: __m256i) -> __m256d {
    _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(vector), lanes))
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_index_f32(sources: &[u8]) -> __m256i {
    let lane = |i: usize| i32::from(sources[i]);
    _mm256_setr_epi32(
        lane(0),
        lane(1),
        lane(2),
        lane(3),
        lane(4),
        lane(5),
        lane(6),
        lane(7),
    )
}

/// (r0 i0 r1 i1, r2 i2 r3 i3) to (r0 r1 r2 r3, i0 i1 i2 i3).
#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_split_f64(low: __m256d, high: __m256d) -> (__m256d, __m256d) {
    let re = _mm256_unpacklo_pd(low, high); // r0 r2 r1 r3
    let im = _mm256_unpackhi_pd(low, high);
    (
        _mm256_permute4x64_pd::<0b11_01_10_00>(re),
        _mm256_permute4x64_pd::<0b11_01_10_00>(im),
    )
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_join_f64(re: __m256d, im: __m256d) -> (__m256d, __m256d) {
    let re = _mm256_permute4x64_pd::<0b11_01_10_00>(re);
    let im = _mm256_permute4x64_pd::<0b11_01_10_00>(im);
    (_mm256_unpacklo_pd(re, im), _mm256_unpackhi_pd(re, im))
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_split_f32(low: __m256, high: __m256) -> (__m256, __m256) {
    let re = _mm256_shuffle_ps::<0b10_00_10_00>(low, high); // r0 r1 r4 r5 | r2 r3 r6 r7
    let im = _mm256_shuffle_ps::<0b11_01_11_01>(low, high);
    let order = |v| _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(v)));
    (order(re), order(im))
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn avx2_join_f32(re: __m256, im: __m256) -> (__m256, __m256) {
    let order = |v| _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(v)));
    let (re, im) = (order(re), order(im)); // r0 r1 r4 r5 | r2 r3 r6 r7
    (_mm256_unpacklo_ps(re, im), _mm256_unpackhi_ps(re, im))
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_index_f64(sources: &[u8]) -> __m512i {
    let lane = |i: usize| i64::from(sources[i]);
    _mm512_setr_epi64(
        lane(0),
        lane(1),
        lane(2),
        lane(3),
        lane(4),
        lane(5),
        lane(6),
        lane(7),
    )
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_permute_f64(vector: __m512d, lanes: __m512i) -> __m512d {
    _mm512_permutexvar_pd(lanes, vector)
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_index_f32(sources: &[u8]) -> __m512i {
    let mut lanes = [0i32; 16];
    for (lane, &source) in lanes.iter_mut().zip(sources) {
        *lane = i32::from(source);
    }
    // SAFETY: the array holds 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_permute_f32(vector: __m512, lanes: __m512i) -> __m512 {
    _mm512_permutexvar_ps(lanes, vector)
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_split_f64(low: __m512d, high: __m512d) -> (__m512d, __m512d) {
    let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    let odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    (
        _mm512_permutex2var_pd(low, even, high),
        _mm512_permutex2var_pd(low, odd, high),
    )
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_join_f64(re: __m512d, im: __m512d) -> (__m512d, __m512d) {
    let low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    let high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    (
        _mm512_permutex2var_pd(re, low, im),
        _mm512_permutex2var_pd(re, high, im),
    )
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_split_f32(low: __m512, high: __m512) -> (__m512, __m512) {
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    (
        _mm512_permutex2var_ps(low, even, high),
        _mm512_permutex2var_ps(low, odd, high),
    )
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
#[inline]
fn avx512_join_f32(re: __m512, im: __m512) -> (__m512, __m512) {
    let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    (
        _mm512_permutex2var_ps(re, low, im),
        _mm512_permutex2var_ps(re, high, im),
    )
}
