//! Chunks of amplitudes, and the coefficients that they are multiplied with.

use ardea_circuit::C64;
use num_complex::Complex;

use crate::kernels::Real;

/// Amplitudes in a chunk.
pub(super) const LANES: usize = 1 << LANE_QUBITS;
/// Qubits whose two amplitudes lie in one chunk.
pub(super) const LANE_QUBITS: usize = 4;

/// Real and imaginary parts of some amplitudes.
#[derive(Clone, Copy)]
pub(super) struct Chunk<T> {
    pub(super) re: [T; LANES],
    pub(super) im: [T; LANES],
}

impl<T: Real> Chunk<T> {
    pub(super) const ZERO: Self = Self {
        re: [T::ZERO; LANES],
        im: [T::ZERO; LANES],
    };

    #[inline(always)]
    pub(super) fn get(&self, lane: usize) -> Complex<T> {
        Complex::new(self.re[lane], self.im[lane])
    }

    #[inline(always)]
    pub(super) fn set(&mut self, lane: usize, value: Complex<T>) {
        self.re[lane] = value.re;
        self.im[lane] = value.im;
    }

    /// Lane j takes the place of lane j ^ `across`, a sum of different powers of two below [`LANES`].
    #[inline(always)]
    pub(super) fn crossed(&self, across: usize) -> Self {
        let mut out = *self;
        if across & 1 != 0 {
            out = out.crossed_by::<1>();
        }
        if across & 2 != 0 {
            out = out.crossed_by::<2>();
        }
        if across & 4 != 0 {
            out = out.crossed_by::<4>();
        }
        if across & 8 != 0 {
            out = out.crossed_by::<8>();
        }
        out
    }

    #[inline(always)]
    fn crossed_by<const BY: usize>(&self) -> Self {
        let mut out = *self;
        for lane in 0..LANES {
            out.set(lane, self.get(lane ^ BY));
        }
        out
    }
}

/// Coefficients of the lanes of a chunk.
pub(super) trait Factor<T>: Copy {
    fn times(&self, lane: usize, value: Complex<T>) -> Complex<T>;
}

/// One complex number for every lane.
#[derive(Clone, Copy)]
pub(super) struct Uniform<T>(Complex<T>);

/// One real number for every lane.
#[derive(Clone, Copy)]
pub(super) struct RealUniform<T>(T);

/// A complex number for each lane.
#[derive(Clone, Copy)]
pub(super) struct Each<T>(Chunk<T>);

/// A real number for each lane.
#[derive(Clone, Copy)]
pub(super) struct RealEach<T>([T; LANES]);

impl<T: Real> Uniform<T> {
    #[inline(always)]
    pub(super) fn new(value: C64) -> Self {
        Self(narrowed(value))
    }
}

impl<T: Real> RealUniform<T> {
    #[inline(always)]
    pub(super) fn new(value: C64) -> Self {
        Self(T::from_f64(value.re))
    }
}

impl<T: Real> Each<T> {
    #[inline(always)]
    pub(super) fn new(value: impl Fn(usize) -> C64) -> Self {
        let mut each = Chunk::ZERO;
        for lane in 0..LANES {
            each.set(lane, narrowed(value(lane)));
        }
        Self(each)
    }
}

impl<T: Real> RealEach<T> {
    #[inline(always)]
    pub(super) fn new(value: impl Fn(usize) -> C64) -> Self {
        Self(std::array::from_fn(|lane| T::from_f64(value(lane).re)))
    }
}

#[inline(always)]
fn narrowed<T: Real>(value: C64) -> Complex<T> {
    Complex::new(T::from_f64(value.re), T::from_f64(value.im))
}

/// Without the fused operations that only some vector units have: every width computes the same.
#[inline(always)]
fn product<T: Real>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
}

impl<T: Real> Factor<T> for Uniform<T> {
    #[inline(always)]
    fn times(&self, _: usize, value: Complex<T>) -> Complex<T> {
        product(self.0, value)
    }
}

impl<T: Real> Factor<T> for RealUniform<T> {
    #[inline(always)]
    fn times(&self, _: usize, value: Complex<T>) -> Complex<T> {
        Complex::new(self.0 * value.re, self.0 * value.im)
    }
}

impl<T: Real> Factor<T> for Each<T> {
    #[inline(always)]
    fn times(&self, lane: usize, value: Complex<T>) -> Complex<T> {
        product(self.0.get(lane), value)
    }
}

impl<T: Real> Factor<T> for RealEach<T> {
    #[inline(always)]
    fn times(&self, lane: usize, value: Complex<T>) -> Complex<T> {
        Complex::new(self.0[lane] * value.re, self.0[lane] * value.im)
    }
}
