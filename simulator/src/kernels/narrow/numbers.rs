//! The numbers that steps read, in the order in which they read them.

use num_complex::Complex64;

use super::super::real::Real;
use super::super::simd::MAX_LANES;

/// Numbers that were written together, on a cache line of their own where vectors are longest.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Block<T>([T; MAX_LANES]);

/// How the numbers of a sum of two terms are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Two complex numbers.
    Complex,
    /// Two real numbers.
    Real,
    /// A real number and an imaginary one.
    Turned,
}

/// Numbers of many steps.
#[derive(Debug)]
pub(super) struct Numbers<T> {
    lane_bits: u32,
    blocks: Vec<Block<T>>,
}

impl<T: Real> Numbers<T> {
    /// None, and room for so many blocks.
    pub(super) fn new(lane_bits: u32, room: usize) -> Self {
        Self {
            lane_bits,
            blocks: Vec::with_capacity(room),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len() * MAX_LANES
    }

    /// Where the next will be written.
    pub(super) fn end(&self) -> u32 {
        self.blocks.len() as u32
    }

    /// The numbers that were written to `at`.
    #[inline(always)] // part of the kernels
    pub(super) fn at(&self, at: u32) -> *const T {
        self.blocks.as_ptr().wrapping_add(at as usize).cast()
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.blocks.shrink_to_fit();
    }

    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }

    /// Numbers that are the same for all lanes, in blocks of their own.
    #[inline]
    pub(super) fn write(&mut self, numbers: &[f64]) -> u32 {
        let at = self.end();
        for part in numbers.chunks(MAX_LANES) {
            let mut block = Block([T::ZERO; MAX_LANES]);
            for (to, &from) in block.0.iter_mut().zip(part) {
                *to = T::from_f64(from);
            }
            self.blocks.push(block);
        }
        at
    }

    /// Room for so many vectors.
    #[inline]
    pub(super) fn reserve(&mut self, vectors: usize) {
        let blocks = (vectors << self.lane_bits).div_ceil(MAX_LANES);
        let end = self.blocks.len() + blocks;
        self.blocks.resize(end, Block([T::ZERO; MAX_LANES]));
    }

    /// Vector `vector` behind block `at`.
    #[inline]
    fn vector_mut(&mut self, at: u32, vector: usize) -> &mut [T] {
        let place = vector << self.lane_bits;
        let block = &mut self.blocks[at as usize + place / MAX_LANES].0;
        &mut block[place % MAX_LANES..][..1 << self.lane_bits]
    }

    /// Sets a lane of a vector.
    #[inline]
    pub(super) fn put(&mut self, at: u32, vector: usize, lane: usize, number: f64) {
        self.vector_mut(at, vector)[lane] = T::from_f64(number);
    }

    /// Sets three vectors.
    #[inline]
    pub(super) fn put_three<'a>(
        &mut self,
        at: u32,
        vector: usize,
        numbers: impl Fn(usize) -> &'a [f64; 3],
    ) {
        for i in 0..3 {
            for (lane, to) in self.vector_mut(at, vector + i).iter_mut().enumerate() {
                *to = T::from_f64(numbers(lane)[i]);
            }
        }
    }

    /// Rows of two terms for each lane, in the shortest mode that holds all of them.
    #[inline]
    pub(super) fn write_rows(&mut self, rows: &[[[Complex64; 2]; MAX_LANES]]) -> (u32, Mode) {
        let lanes = 1usize << self.lane_bits;
        let mode = mode_of(rows.iter().flat_map(|row| row[..lanes].iter().copied()));
        let each = if mode == Mode::Complex { 4 } else { 2 };
        let at = self.end();
        self.reserve(rows.len() * each);
        for (i, row) in rows.iter().enumerate() {
            let mut put = |term: usize, number: fn(&[Complex64; 2]) -> f64| {
                let vector = self.vector_mut(at, i * each + term);
                for (to, terms) in vector.iter_mut().zip(row) {
                    *to = T::from_f64(number(terms));
                }
            };
            put(0, |terms| terms[0].re);
            match mode {
                Mode::Complex => {
                    put(1, |terms| terms[0].im);
                    put(2, |terms| terms[1].re);
                    put(3, |terms| terms[1].im);
                }
                Mode::Real => put(1, |terms| terms[1].re),
                Mode::Turned => put(1, |terms| terms[1].im),
            }
        }
        (at, mode)
    }
}

/// The numbers of an entry for a complex product of three real ones: its parts and their sum.
#[inline]
pub(super) fn three(entry: Complex64) -> [f64; 3] {
    [entry.re, entry.im, entry.re + entry.im]
}

/// The shortest mode that holds all pairs of terms.
#[inline]
pub(super) fn mode_of(terms: impl Iterator<Item = [Complex64; 2]>) -> Mode {
    let (mut plain, mut real, mut turned) = (true, true, true);
    for [own, other] in terms {
        plain &= own.im == 0.0;
        real &= other.im == 0.0;
        turned &= other.re == 0.0;
    }
    match (plain, real, turned) {
        (true, true, _) => Mode::Real,
        (true, false, true) => Mode::Turned,
        _ => Mode::Complex,
    }
}

#[inline]
pub(super) fn in_mode(mode: Mode, own: Complex64, other: Complex64) -> impl Iterator<Item = f64> {
    let (numbers, count) = match mode {
        Mode::Complex => ([own.re, own.im, other.re, other.im], 4),
        Mode::Real => ([own.re, other.re, 0.0, 0.0], 2),
        Mode::Turned => ([own.re, other.im, 0.0, 0.0], 2),
    };
    numbers.into_iter().take(count)
}
