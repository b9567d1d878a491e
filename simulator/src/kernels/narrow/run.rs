//! The state, and the loop over the steps.

use num_complex::{Complex, Complex64};

use super::super::buffer::Buffer;
use super::super::dispatch::Width;
use super::super::real::Real;
use super::super::simd::{Kernel, MAX_LANES, Simd};
use super::combine::{exchange, lanes_with, mix, permute, scale, table};
use super::dense::{dense_both, dense_lanes, dense_vectors};
use super::numbers::Mode;
use super::{Kind, Steps, Where};
use crate::error::SimulatorError;

/// A state of a few qubits: for each vector its real parts, then its imaginary parts.
pub(crate) struct Amplitudes<T: Real> {
    width: Width,
    qubits: u32,
    vector_bits: u32,
    numbers: Buffer<T>,
}

impl<T: Real> Amplitudes<T> {
    /// The product of states `first |0> + second |1>` of the qubits.
    pub(crate) fn product(qubits: &[[Complex64; 2]], width: Width) -> Result<Self, SimulatorError> {
        let lanes = width.lanes::<T>();
        let lane_bits = lanes.trailing_zeros();
        let vector_bits = (qubits.len() as u32).saturating_sub(lane_bits);
        let mut state = Self {
            width,
            qubits: qubits.len() as u32,
            vector_bits,
            numbers: Buffer::zeroed((2 * lanes) << vector_bits, "the state")?,
        };
        let (low, high) = qubits.split_at(qubits.len().min(lane_bits as usize));
        let mut first = [Complex64::ZERO; MAX_LANES];
        first[0] = Complex64::ONE;
        for (bit, [zero, one]) in low.iter().enumerate() {
            let (zeros, ones) = first.split_at_mut(1 << bit);
            for (a, b) in zeros.iter_mut().zip(ones) {
                (*a, *b) = (zero * *a, one * *a);
            }
        }
        for (lane, number) in first[..lanes].iter().enumerate() {
            state.numbers[lane] = T::from_f64(number.re);
            state.numbers[lanes + lane] = T::from_f64(number.im);
        }
        let state_of = &mut state;
        T::dispatch(
            width,
            Grow {
                state: state_of,
                high,
            },
        );
        Ok(state)
    }

    /// Runs all steps.
    pub(crate) fn run(&mut self, steps: &Steps<T>) {
        assert!(
            self.width == steps.width && self.vector_bits == steps.vector_bits,
            "the steps are for other states"
        );
        T::dispatch(self.width, Run { steps, state: self });
    }

    /// The amplitudes times a number, as pairs of numbers, and the sum of their squares.
    pub(crate) fn finish(
        &self,
        factor: Complex64,
    ) -> Result<(Buffer<Complex<T>>, f64), SimulatorError> {
        let mut out = Buffer::zeroed(1 << self.qubits, "the state")?;
        let weight = T::dispatch(
            self.width,
            Finish {
                state: self,
                factor,
                out: &mut out,
            },
        );
        Ok((out, weight))
    }
}

/// Numbers of vectors, ascending.
pub(super) struct Places {
    at: usize,
    left: usize,
    fixed: usize,
    value: usize,
}

impl Places {
    #[inline(always)] // part of the kernels' loops
    fn of(places: Where, vector_bits: u32) -> Self {
        Self {
            at: usize::from(places.value),
            left: 1 << (vector_bits - places.fixed.count_ones()),
            fixed: usize::from(places.fixed),
            value: usize::from(places.value),
        }
    }
}

impl Iterator for Places {
    type Item = usize;

    #[inline(always)] // part of the kernels' loops
    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let at = self.at;
        // The carry of the addition runs through the fixed bits.
        self.at = ((at | self.fixed) + 1) & !self.fixed | self.value;
        Some(at)
    }
}

struct Run<'a, T: Real> {
    steps: &'a Steps<T>,
    state: &'a mut Amplitudes<T>,
}

impl<T: Real> Kernel<T> for Run<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { steps, state } = self;
        assert!(S::LANES == 1 << steps.lane_bits);
        assert!(state.numbers.len() == (2 * S::LANES) << steps.vector_bits);
        let vectors = state.numbers.as_mut_ptr();
        for step in &steps.list {
            let places = Places::of(step.places, steps.vector_bits);
            let (flip, other) = (usize::from(step.flip), usize::from(step.other));
            let across = usize::from(step.across);
            // SAFETY: `Steps::push` checked that the bits of every step lie within `vector_bits`, so all vectors that
            // the kernels reach lie within the state, whose length was just asserted; and that pairs are disjoint. The
            // blocks of numbers behind `at` were written by the same call that made the step, in the number that the
            // kernel of its kind reads.
            unsafe {
                let numbers = steps.numbers.at(step.at);
                match step.kind {
                    Kind::Scale => scale::<T, S, false>(simd, vectors, places, numbers),
                    Kind::ScaleLanes => scale::<T, S, true>(simd, vectors, places, numbers),
                    Kind::Table => table(simd, vectors, places, numbers, other),
                    Kind::Mix(Mode::Complex) => {
                        mix::<T, S, 0, false>(simd, vectors, places, numbers, flip, 0)
                    }
                    Kind::Mix(Mode::Real) => {
                        mix::<T, S, 1, false>(simd, vectors, places, numbers, flip, 0)
                    }
                    Kind::Mix(Mode::Turned) => {
                        mix::<T, S, 2, false>(simd, vectors, places, numbers, flip, 0)
                    }
                    Kind::MixLanes(Mode::Complex) => {
                        mix::<T, S, 0, true>(simd, vectors, places, numbers, flip, across)
                    }
                    Kind::MixLanes(Mode::Real) => {
                        mix::<T, S, 1, true>(simd, vectors, places, numbers, flip, across)
                    }
                    Kind::MixLanes(Mode::Turned) => {
                        mix::<T, S, 2, true>(simd, vectors, places, numbers, flip, across)
                    }
                    Kind::Lanes(Mode::Complex) => {
                        lanes_with::<T, S, 0>(simd, vectors, places, numbers, across)
                    }
                    Kind::Lanes(Mode::Real) => {
                        lanes_with::<T, S, 1>(simd, vectors, places, numbers, across)
                    }
                    Kind::Lanes(Mode::Turned) => {
                        lanes_with::<T, S, 2>(simd, vectors, places, numbers, across)
                    }
                    Kind::DenseVectors => {
                        dense_vectors(simd, vectors, places, numbers, flip, other)
                    }
                    Kind::DenseBoth => dense_both(simd, vectors, places, numbers, flip, across),
                    Kind::DenseLanes => dense_lanes(simd, vectors, places, numbers, across, flip),
                    Kind::Exchange => exchange::<T, S>(simd, vectors, places, flip),
                    Kind::Permute => {
                        let sources = &steps.permutations[step.at as usize];
                        permute::<T, S>(simd, vectors, places, sources);
                    }
                }
            }
        }
    }
}

/// Makes the state of all qubits from that of the lanes.
struct Grow<'a, T: Real> {
    state: &'a mut Amplitudes<T>,
    high: &'a [[Complex64; 2]],
}

impl<T: Real> Kernel<T> for Grow<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { state, high } = self;
        assert!(state.numbers.len() == (2 * S::LANES) << high.len());
        let vectors = state.numbers.as_mut_ptr();
        for (bit, factors) in high.iter().enumerate() {
            let [zero, one] = factors.map(|z| [T::from_f64(z.re), T::from_f64(z.im)]);
            for v in 0..1usize << bit {
                // SAFETY: v and v | 1 << bit are below 2^high.len(), the number of vectors.
                unsafe {
                    let from = vectors.add(2 * v * S::LANES);
                    let to = vectors.add(2 * (v | 1 << bit) * S::LANES);
                    let (x, y) = (simd.load(from), simd.load(from.add(S::LANES)));
                    if one != [T::ZERO; 2] {
                        let (re, im) = (simd.splat(one[0]), simd.splat(one[1]));
                        simd.store(to, simd.neg_mul_add(im, y, simd.mul(re, x)));
                        simd.store(to.add(S::LANES), simd.mul_add(im, x, simd.mul(re, y)));
                    }
                    if zero != [T::one(), T::ZERO] {
                        let (re, im) = (simd.splat(zero[0]), simd.splat(zero[1]));
                        simd.store(from, simd.neg_mul_add(im, y, simd.mul(re, x)));
                        simd.store(from.add(S::LANES), simd.mul_add(im, x, simd.mul(re, y)));
                    }
                }
            }
        }
    }
}

/// Writes the amplitudes as pairs of numbers.
struct Finish<'a, T: Real> {
    state: &'a Amplitudes<T>,
    factor: Complex64,
    out: &'a mut [Complex<T>],
}

/// Vectors whose squares are summed in the state's own precision.
const TOGETHER: usize = 64;

impl<T: Real> Kernel<T> for Finish<'_, T> {
    type Output = f64;

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { state, factor, out } = self;
        let vectors = 1usize << state.vector_bits;
        assert!(state.numbers.len() == 2 * S::LANES * vectors);
        let (re, im) = (
            simd.splat(T::from_f64(factor.re)),
            simd.splat(T::from_f64(factor.im)),
        );
        let from = state.numbers.as_ptr();
        let zero = simd.splat(T::ZERO);
        let mut short = [Complex::new(T::ZERO, T::ZERO); MAX_LANES];
        let whole = out.len() >= S::LANES;
        let to = if whole {
            assert!(out.len() == S::LANES * vectors);
            out.as_mut_ptr()
        } else {
            short.as_mut_ptr()
        };
        let mut total = 0.0;
        for start in (0..vectors).step_by(TOGETHER) {
            let mut sums = (zero, zero);
            for v in start..vectors.min(start + TOGETHER) {
                // SAFETY: v is below the number of vectors, whose lengths in both places were just asserted; a single
                // short state has room for a vector of its own.
                unsafe {
                    let place = from.add(2 * v * S::LANES);
                    let (x, y) = (simd.load(place), simd.load(place.add(S::LANES)));
                    let u = simd.neg_mul_add(im, y, simd.mul(re, x));
                    let w = simd.mul_add(im, x, simd.mul(re, y));
                    sums = (simd.mul_add(u, u, sums.0), simd.mul_add(w, w, sums.1));
                    simd.store_complex(to.add(v * S::LANES), u, w);
                }
            }
            for sum in [sums.0, sums.1] {
                let mut lanes = [T::ZERO; MAX_LANES];
                // SAFETY: a vector has at most 16 lanes.
                unsafe { simd.store(lanes.as_mut_ptr(), sum) };
                total += lanes.iter().map(|x| x.as_f64()).sum::<f64>();
            }
        }
        if !whole {
            out.copy_from_slice(&short[..out.len()]);
        }
        total
    }
}
