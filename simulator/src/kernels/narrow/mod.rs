//! Steps on a state of a few qubits that lies in the first caches as a whole.
//!
//! Such a state is one row of vectors, each a vector of real parts followed by one of imaginary parts. Index bits below
//! the vector length are lanes; the others number the vectors. A step is a small record that says which vectors it
//! works on and where its numbers stand, so a list of steps is run without a call, an allocation or a decision for
//! each amplitude, and can be kept to be run again.

mod combine;
mod dense;
mod numbers;
mod run;
#[cfg(test)]
mod tests;

use num_complex::Complex64;

use super::dispatch::Width;
use super::real::Real;
use super::simd::MAX_LANES;
use numbers::{Mode, Numbers, in_mode, mode_of, three};
pub(crate) use run::Amplitudes;

/// Vector operations for which the processor could be busy otherwise while a step begins.
pub(crate) const STEP: f64 = 25.0;

/// Steps for which there is room from the start.
const MAX_ROOM: usize = 256;

/// The vectors that a step works on: those whose number has these bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Where {
    /// Bits of the vector's number that are given.
    pub(crate) fixed: u16,
    /// Their values.
    pub(crate) value: u16,
}

impl Where {
    /// Every vector.
    pub(crate) const EVERYWHERE: Self = Self { fixed: 0, value: 0 };

    /// The vectors with a bit at 0.
    pub(crate) fn zero(bit: u16) -> Self {
        Self {
            fixed: bit,
            value: 0,
        }
    }

    /// Those of them that have a bit at `value`.
    pub(crate) fn and(self, bit: u16, value: bool) -> Self {
        Self {
            fixed: self.fixed | bit,
            value: self.value | if value { bit } else { 0 },
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Multiplies by one number.
    Scale,
    /// Multiplies by a number for each lane.
    ScaleLanes,
    /// Multiplies by a number for each amplitude.
    Table,
    /// Combines pairs of vectors.
    Mix(Mode),
    /// Combines pairs of vectors, by numbers for each lane and, from the other vector, with lanes exchanged.
    MixLanes(Mode),
    /// Combines the lanes of each vector.
    Lanes(Mode),
    /// Any matrix on two bits of the vectors' numbers.
    DenseVectors,
    /// Any matrix on a lane bit and a bit of the vectors' numbers.
    DenseBoth,
    /// Any matrix on two lane bits.
    DenseLanes,
    /// Pairs of vectors change places.
    Exchange,
    /// Lanes change places.
    Permute,
}

/// One step. Its numbers are read at run time only in the order in which they were written here.
#[derive(Debug, Clone, Copy)]
struct Step {
    kind: Kind,
    /// Lanes are exchanged with those whose number differs by this.
    across: u8,
    places: Where,
    /// What the numbers of paired vectors differ by.
    flip: u16,
    /// For matrices on two bits, the second; for tables, the bits of the vector's number that they depend on.
    other: u16,
    /// First block of its numbers, or which of the permutations.
    at: u32,
}

/// A list of steps for states of one size, in one precision and for one vector unit.
#[derive(Debug)]
pub(crate) struct Steps<T> {
    width: Width,
    lane_bits: u32,
    vector_bits: u32,
    list: Vec<Step>,
    numbers: Numbers<T>,
    permutations: Vec<[u8; MAX_LANES]>,
}

impl<T: Real> Steps<T> {
    /// No steps, on states of so many qubits, with room for about `expected` of them.
    pub(crate) fn new(qubits: usize, width: Width, expected: usize) -> Self {
        let expected = expected.min(MAX_ROOM);
        let lane_bits = width.lanes::<T>().trailing_zeros();
        assert!(qubits <= 16, "the state would not fit the first caches");
        Self {
            width,
            lane_bits,
            vector_bits: (qubits as u32).saturating_sub(lane_bits),
            list: Vec::with_capacity(expected),
            numbers: Numbers::new(lane_bits, 2 * expected),
            permutations: vec![],
        }
    }

    /// Index bits below this one are lanes.
    pub(crate) fn lane_bits(&self) -> u32 {
        self.lane_bits
    }

    /// Gives back room that was not needed.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.list.shrink_to_fit();
        self.numbers.shrink_to_fit();
        self.permutations.shrink_to_fit();
    }

    /// Number of steps.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Vector operations of a run, or as much time as other things take.
    pub(crate) fn work(&self) -> f64 {
        let of = |step: &Step| {
            let vectors = f64::from(1u32 << (self.vector_bits - step.places.fixed.count_ones()));
            let each = match step.kind {
                Kind::Exchange | Kind::Scale | Kind::ScaleLanes | Kind::Permute => 4.0,
                Kind::Table => 6.0,
                Kind::Mix(Mode::Complex) | Kind::MixLanes(Mode::Complex) => 16.0,
                Kind::Mix(_) => 8.0,
                Kind::MixLanes(_) | Kind::Lanes(Mode::Complex) => 10.0,
                Kind::Lanes(_) => 6.0,
                Kind::DenseVectors => 52.0,
                Kind::DenseBoth => 28.0,
                Kind::DenseLanes => 18.0,
            };
            STEP + vectors * each
        };
        self.list.iter().map(of).sum()
    }

    /// Numbers that the steps read.
    pub(crate) fn num_numbers(&self) -> usize {
        self.numbers.len()
    }

    /// Drops all steps.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.numbers.clear();
        self.permutations.clear();
    }

    /// Multiplies vectors by a number.
    pub(crate) fn scale(&mut self, places: Where, factor: Complex64) {
        let at = self.numbers.write(&[factor.re, factor.im]);
        self.push(Kind::Scale, places, 0, 0, 0, at);
    }

    /// Multiplies vectors by a number for each lane.
    pub(crate) fn scale_lanes(&mut self, places: Where, factor: impl Fn(usize) -> Complex64) {
        let at = self.numbers.end();
        self.numbers.reserve(2);
        for lane in 0..self.lanes() {
            self.numbers.put(at, 0, lane, factor(lane).re);
            self.numbers.put(at, 1, lane, factor(lane).im);
        }
        self.push(Kind::ScaleLanes, places, 0, 0, 0, at);
    }

    /// Multiplies each amplitude by a number that depends on its vector's number in the bits of `depends` (all bits from
    /// the lowest on) and on its lane.
    pub(crate) fn table(
        &mut self,
        places: Where,
        depends: u16,
        factor: impl Fn(usize, usize) -> Complex64,
    ) {
        assert!((depends + 1).is_power_of_two());
        let at = self.numbers.end();
        let vectors = usize::from(depends) + 1;
        self.numbers.reserve(2 * vectors);
        for vector in 0..vectors {
            for lane in 0..self.lanes() {
                let factor = factor(vector, lane);
                self.numbers.put(at, 2 * vector, lane, factor.re);
                self.numbers.put(at, 2 * vector + 1, lane, factor.im);
            }
        }
        self.push(Kind::Table, places, 0, depends, 0, at);
    }

    /// Combines each vector x of `places` with y, whose number differs by `flip`: x becomes `e[0] x + e[1] y`, and y
    /// becomes `e[2] x + e[3] y`.
    pub(crate) fn mix(&mut self, places: Where, flip: u16, entries: [Complex64; 4]) {
        assert!(
            places.fixed & flip != 0,
            "a vector would be its own partner"
        );
        let rows = [[entries[0], entries[1]], [entries[3], entries[2]]];
        let mode = mode_of(rows.into_iter());
        let mut numbers = [0.0; 8];
        let mut count = 0;
        for [own, other] in rows {
            for number in in_mode(mode, own, other) {
                numbers[count] = number;
                count += 1;
            }
        }
        let at = self.numbers.write(&numbers[..count]);
        self.push(Kind::Mix(mode), places, flip, 0, 0, at);
    }

    /// As [`mix`](Self::mix) with entries for each lane, and what comes from the other vector comes from the lane whose
    /// number differs by `across`.
    pub(crate) fn mix_lanes(
        &mut self,
        places: Where,
        flip: u16,
        across: usize,
        entries: impl Fn(usize) -> [Complex64; 4],
    ) {
        assert!(
            places.fixed & flip != 0,
            "a vector would be its own partner"
        );
        let (mut first, mut second) = (
            [[Complex64::ZERO; 2]; MAX_LANES],
            [[Complex64::ZERO; 2]; MAX_LANES],
        );
        for lane in 0..self.lanes() {
            let e = entries(lane);
            (first[lane], second[lane]) = ([e[0], e[1]], [e[3], e[2]]);
        }
        let (at, mode) = self.numbers.write_rows(&[first, second]);
        self.push(Kind::MixLanes(mode), places, flip, 0, across, at);
    }

    /// Combines lane j of each vector with the lane whose number differs by `across`: it becomes `t[0]` times itself
    /// plus `t[1]` times the other, where t = `terms(j)`.
    pub(crate) fn lanes_with(
        &mut self,
        places: Where,
        across: usize,
        terms: impl Fn(usize) -> [Complex64; 2],
    ) {
        let mut row = [[Complex64::ZERO; 2]; MAX_LANES];
        for (lane, term) in row.iter_mut().enumerate().take(self.lanes()) {
            *term = terms(lane);
        }
        let (at, mode) = self.numbers.write_rows(&[row]);
        self.push(Kind::Lanes(mode), places, 0, 0, across, at);
    }

    /// A matrix on two bits of the vectors' numbers; `low` is the low bit of its indices.
    pub(crate) fn dense_vectors(
        &mut self,
        low: u16,
        high: u16,
        entry: impl Fn(usize, usize) -> Complex64,
    ) {
        assert!(low != high && low.is_power_of_two() && high.is_power_of_two());
        let mut numbers = [0.0; 48];
        for (place, numbers) in numbers.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *numbers = three(entry(place >> 2, place & 3));
        }
        let at = self.numbers.write(&numbers);
        let places = Where::zero(low).and(high, false);
        self.push(Kind::DenseVectors, places, low, high, 0, at);
    }

    /// A matrix on a lane bit and a higher one; `low` (of a lane's number) is the low bit of its indices.
    pub(crate) fn dense_both(
        &mut self,
        low: usize,
        high: u16,
        entry: impl Fn(usize, usize) -> Complex64,
    ) {
        assert!(low.is_power_of_two() && high.is_power_of_two());
        let at = self.numbers.end();
        self.numbers.reserve(24);
        for place in 0..8 {
            let (row, column, crossed) = (place >> 2, place >> 1 & 1, place & 1);
            let by_bit =
                [0, 1].map(|bit| three(entry(bit + 2 * row, (bit ^ crossed) + 2 * column)));
            self.numbers
                .put_three(at, 3 * place, |lane| &by_bit[usize::from(lane & low != 0)]);
        }
        self.push(Kind::DenseBoth, Where::zero(high), high, 0, low, at);
    }

    /// A matrix on two lane bits; `low` is the low bit of its indices.
    pub(crate) fn dense_lanes(
        &mut self,
        low: usize,
        high: usize,
        entry: impl Fn(usize, usize) -> Complex64,
    ) {
        assert!(low != high && low.is_power_of_two() && high.is_power_of_two());
        let at = self.numbers.end();
        self.numbers.reserve(12);
        for flip in 0..4 {
            let by_row = [0, 1, 2, 3].map(|row| three(entry(row, row ^ flip)));
            let row =
                |lane: usize| usize::from(lane & low != 0) + 2 * usize::from(lane & high != 0);
            self.numbers
                .put_three(at, 3 * flip, |lane| &by_row[row(lane)]);
        }
        self.push(Kind::DenseLanes, Where::EVERYWHERE, high as u16, 0, low, at);
    }

    /// Each vector of `places` changes places with the one whose number differs by `flip`.
    pub(crate) fn exchange(&mut self, places: Where, flip: u16) {
        assert!(
            places.fixed & flip != 0,
            "a vector would be its own partner"
        );
        self.push(Kind::Exchange, places, flip, 0, 0, 0);
    }

    /// Lane j becomes lane `source(j)` of the same vector.
    pub(crate) fn permute(&mut self, places: Where, source: impl Fn(usize) -> usize) {
        let lanes = self.lanes();
        let at = self.permutations.len() as u32;
        let mut sources = [0; MAX_LANES];
        for (lane, place) in sources.iter_mut().enumerate().take(lanes) {
            *place = (source(lane) % lanes) as u8;
        }
        self.permutations.push(sources);
        self.push(Kind::Permute, places, 0, 0, 0, at);
    }

    fn lanes(&self) -> usize {
        1 << self.lane_bits
    }

    #[inline]
    fn push(&mut self, kind: Kind, places: Where, flip: u16, other: u16, across: usize, at: u32) {
        let lanes = self.lanes();
        let within = |bits: u16| u32::from(bits) >> self.vector_bits == 0;
        let in_lanes = matches!(kind, Kind::DenseLanes) && usize::from(flip) < lanes;
        assert!(
            within(places.fixed)
                && places.value & !places.fixed == 0
                && (within(flip) || in_lanes)
                && within(other)
                && across < lanes,
            "a step leaves the state"
        );
        self.list.push(Step {
            kind,
            across: across as u8,
            places,
            flip,
            other,
            at,
        });
    }
}
