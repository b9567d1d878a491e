//! The kernels: gates on chunks and on their lanes.

use ardea_circuit::C64;
use ardea_circuit::matrix::cis;
use nalgebra::{Matrix2, Matrix4};
use num_complex::Complex;

use super::gates::Gate;
use super::lanes::{Chunk, Each, Factor, LANE_QUBITS, LANES, RealEach, RealUniform, Uniform};
use crate::kernels::Real;

/// Row and column of each entry of a matrix on one qubit, row by row.
const PLACES: [(usize, usize); 4] = [(0, 0), (0, 1), (1, 0), (1, 1)];

/// A state of at most [`WIDEST`](super::WIDEST) qubits; one of few qubits fills the first lanes of one chunk.
pub(super) struct Amplitudes<T> {
    chunks: Vec<Chunk<T>>,
}

impl<T: Real> Amplitudes<T> {
    /// |0...0>, turned by a phase in radians.
    #[inline(always)]
    pub(super) fn zero(qubits: usize, phase: f64) -> Self {
        let mut chunks = vec![Chunk::ZERO; 1 << qubits.saturating_sub(LANE_QUBITS)];
        let start = cis(phase);
        let start = Complex::new(T::from_f64(start.re), T::from_f64(start.im));
        chunks[0].set(0, start);
        Self { chunks }
    }

    /// Puts the amplitudes where they belong, as pairs of numbers.
    pub(super) fn write(&self, out: &mut [Complex<T>]) {
        for (chunk, out) in self.chunks.iter().zip(out.chunks_mut(LANES)) {
            for (lane, out) in out.iter_mut().enumerate() {
                *out = chunk.get(lane);
            }
        }
    }

    #[inline(always)]
    pub(super) fn turn(&mut self, phase: f64) {
        let factor = Uniform::new(cis(phase));
        self.scale(0, 0, [Some(factor); 4]);
    }

    #[inline(always)]
    pub(super) fn apply_one(&mut self, qubit: usize, matrix: &Matrix2<C64>) {
        if matrix[(0, 1)] == C64::ZERO && matrix[(1, 0)] == C64::ZERO {
            let factors = [matrix[(0, 0)], matrix[(1, 1)]];
            return match LaneBit::of(qubit) {
                Ok(lane) => self.scale(0, 0, [Some(Each::new(|j| factors[lane.bit(j)])); 4]),
                Err(bit) => {
                    let [zero, one] = factors.map(unless_one);
                    self.scale(bit, 0, [zero, one, zero, one]);
                }
            };
        }
        self.controlled_by(0, None, qubit, matrix);
    }

    #[inline(always)]
    pub(super) fn apply_two(&mut self, gate: &Gate) {
        match gate {
            Gate::Controlled {
                control,
                target,
                matrix,
            } => self.controlled(*control, *target, matrix),
            Gate::Diagonal { low, high, factors } => self.diagonal(*low, *high, factors),
            Gate::Exchange { low, high, matrix } => self.exchange(*low, *high, matrix),
            Gate::Dense { low, high, matrix } => self.dense(*low, *high, matrix),
        }
    }

    #[inline(always)]
    fn controlled(&mut self, control: usize, target: usize, matrix: &Matrix2<C64>) {
        match LaneBit::of(control) {
            Ok(lane) => self.controlled_by(0, Some(lane), target, matrix),
            Err(mask) => self.controlled_by(mask, None, target, matrix),
        }
    }

    /// A gate on one qubit, in the chunks with all bits of `mask` and, where there is a `control`, the lanes with its bit.
    #[inline(always)]
    fn controlled_by(
        &mut self,
        mask: usize,
        control: Option<LaneBit>,
        qubit: usize,
        matrix: &Matrix2<C64>,
    ) {
        let unit = Matrix2::<C64>::identity();
        let pick = |j: usize| {
            let acts = control.is_none_or(|control| control.bit(j) == 1);
            if acts { matrix } else { &unit }
        };
        match (LaneBit::of(qubit), is_real(matrix)) {
            (Ok(lane), real) => {
                let kept = |j: usize| pick(j)[(lane.bit(j), lane.bit(j))];
                let crossed = |j: usize| pick(j)[(lane.bit(j), 1 - lane.bit(j))];
                if real {
                    self.lanes(lane.0, mask, &RealEach::new(kept), &RealEach::new(crossed));
                } else {
                    self.lanes(lane.0, mask, &Each::new(kept), &Each::new(crossed));
                }
            }
            (Err(bit), true) if control.is_none() => {
                self.pairs(bit, mask, &entries(matrix).map(RealUniform::new));
            }
            (Err(bit), false) if control.is_none() => {
                self.pairs(bit, mask, &entries(matrix).map(Uniform::new));
            }
            (Err(bit), true) => {
                let each = PLACES.map(|place| RealEach::new(|j| pick(j)[place]));
                self.pairs(bit, mask, &each);
            }
            (Err(bit), false) => {
                let each = PLACES.map(|place| Each::new(|j| pick(j)[place]));
                self.pairs(bit, mask, &each);
            }
        }
    }

    #[inline(always)]
    fn diagonal(&mut self, low: usize, high: usize, factors: &[C64; 4]) {
        match (LaneBit::of(low), LaneBit::of(high)) {
            (Ok(low), Ok(high)) => {
                let each = Each::new(|j| factors[low.bit(j) + 2 * high.bit(j)]);
                self.scale(0, 0, [Some(each); 4]);
            }
            (Ok(low), Err(bit)) => {
                let [zero, one] = [0, 2].map(|high| {
                    let plain = factors[high] == C64::ONE && factors[high + 1] == C64::ONE;
                    (!plain).then(|| Each::new(|j| factors[low.bit(j) + high]))
                });
                self.scale(bit, 0, [zero, one, zero, one]);
            }
            (Err(low), Err(high)) => self.scale(low, high, factors.map(unless_one)),
            (Err(_), Ok(_)) => unreachable!("the lower qubit is not the higher one"),
        }
    }

    #[inline(always)]
    fn dense(&mut self, low: usize, high: usize, matrix: &Matrix4<C64>) {
        match (LaneBit::of(low), LaneBit::of(high)) {
            (Ok(low), Ok(high)) => {
                // Lane j takes from the lanes that differ from it in neither, one or both of the bits.
                let terms = [0, 1, 2, 3].map(|flip| {
                    Each::new(|j| {
                        let row = low.bit(j) + 2 * high.bit(j);
                        matrix[(row, row ^ flip)]
                    })
                });
                self.lane_pairs(low.0, high.0, &terms);
            }
            (Ok(low), Err(bit)) => {
                let each = |row: usize, column: usize, flip: usize| {
                    Each::new(|j| matrix[(low.bit(j) + 2 * row, (low.bit(j) ^ flip) + 2 * column)])
                };
                let terms =
                    PLACES.map(|(row, column)| [each(row, column, 0), each(row, column, 1)]);
                self.crossed_pairs(low.0, bit, &terms);
            }
            (Err(low), Err(high)) => {
                let terms: [[Uniform<T>; 4]; 4] = [0, 1, 2, 3]
                    .map(|row| [0, 1, 2, 3].map(|column| Uniform::new(matrix[(row, column)])));
                self.quadruples(low, high, &terms);
            }
            (Err(_), Ok(_)) => unreachable!("the lower qubit is not the higher one"),
        }
    }

    /// Multiplies each chunk with the factor that its bits `low` and `high` choose (0 for a bit that is not there);
    /// `None` leaves it alone.
    #[inline(always)]
    fn scale<F: Factor<T>>(&mut self, low: usize, high: usize, factors: [Option<F>; 4]) {
        for (index, chunk) in self.chunks.iter_mut().enumerate() {
            let which = usize::from(index & low != 0) + 2 * usize::from(index & high != 0);
            let Some(factor) = factors[which] else {
                continue;
            };
            for lane in 0..LANES {
                chunk.set(lane, factor.times(lane, chunk.get(lane)));
            }
        }
    }

    /// Combines the lanes of each chunk whose index has all bits of `mask`.
    #[inline(always)]
    fn lanes<F: Factor<T>>(&mut self, across: usize, mask: usize, kept: &F, crossed: &F) {
        for (index, chunk) in self.chunks.iter_mut().enumerate() {
            if index & mask != mask {
                continue;
            }
            let other = chunk.crossed(across);
            for lane in 0..LANES {
                let new = kept.times(lane, chunk.get(lane)) + crossed.times(lane, other.get(lane));
                chunk.set(lane, new);
            }
        }
    }

    /// Combines the lanes of each chunk over two bits.
    #[inline(always)]
    fn lane_pairs(&mut self, low: usize, high: usize, terms: &[Each<T>; 4]) {
        for chunk in &mut self.chunks {
            let by_low = chunk.crossed(low);
            let (by_high, by_both) = (chunk.crossed(high), by_low.crossed(high));
            for lane in 0..LANES {
                let new = terms[0].times(lane, chunk.get(lane))
                    + terms[1].times(lane, by_low.get(lane))
                    + terms[2].times(lane, by_high.get(lane))
                    + terms[3].times(lane, by_both.get(lane));
                chunk.set(lane, new);
            }
        }
    }

    /// Combines chunks that differ in `bit` and have all bits of `mask`; entries row by row.
    #[inline(always)]
    fn pairs<F: Factor<T>>(&mut self, bit: usize, mask: usize, entries: &[F; 4]) {
        for start in (0..self.chunks.len()).step_by(2 * bit) {
            let (zeros, ones) = self.chunks[start..start + 2 * bit].split_at_mut(bit);
            for (offset, (zero, one)) in zeros.iter_mut().zip(ones).enumerate() {
                if (start + offset) & mask == mask {
                    mix(zero, one, entries);
                }
            }
        }
    }

    /// As [`pairs`](Self::pairs), and the lanes too: each entry for a lane itself and for its partner.
    #[inline(always)]
    fn crossed_pairs(&mut self, across: usize, bit: usize, entries: &[[Each<T>; 2]; 4]) {
        for start in (0..self.chunks.len()).step_by(2 * bit) {
            let (zeros, ones) = self.chunks[start..start + 2 * bit].split_at_mut(bit);
            for (zero, one) in zeros.iter_mut().zip(ones) {
                let (crossed_zero, crossed_one) = (zero.crossed(across), one.crossed(across));
                for lane in 0..LANES {
                    let x = [zero.get(lane), crossed_zero.get(lane)];
                    let y = [one.get(lane), crossed_one.get(lane)];
                    let sum = |of_x: &[Each<T>; 2], of_y: &[Each<T>; 2]| {
                        of_x[0].times(lane, x[0])
                            + of_x[1].times(lane, x[1])
                            + of_y[0].times(lane, y[0])
                            + of_y[1].times(lane, y[1])
                    };
                    zero.set(lane, sum(&entries[0], &entries[1]));
                    one.set(lane, sum(&entries[2], &entries[3]));
                }
            }
        }
    }

    /// Combines what two bits tell apart as 01 and 10.
    #[inline(always)]
    fn exchange(&mut self, low: usize, high: usize, matrix: &Matrix2<C64>) {
        match (LaneBit::of(low), LaneBit::of(high)) {
            (Ok(low), Ok(high)) => {
                let differ = |j: usize| low.bit(j) != high.bit(j);
                let kept = Each::new(|j| match differ(j) {
                    true => matrix[(high.bit(j), high.bit(j))],
                    false => C64::ONE,
                });
                let crossed = Each::new(|j| match differ(j) {
                    true => matrix[(high.bit(j), low.bit(j))],
                    false => C64::ZERO,
                });
                self.lanes(low.0 | high.0, 0, &kept, &crossed);
            }
            (Ok(low), Err(bit)) => {
                // Lanes whose low bit is not that of the chunk take part.
                let factors = [0, 1].map(|row| {
                    let takes_part = move |j: usize| low.bit(j) != row;
                    let kept = Each::new(|j| {
                        if takes_part(j) {
                            matrix[(row, row)]
                        } else {
                            C64::ONE
                        }
                    });
                    let crossed = Each::new(|j| {
                        if takes_part(j) {
                            matrix[(row, 1 - row)]
                        } else {
                            C64::ZERO
                        }
                    });
                    [kept, crossed]
                });
                self.exchange_lanes(low.0, bit, &factors);
            }
            (Err(low), Err(high)) => {
                let entries = entries(matrix).map(Uniform::new);
                for start in (0..self.chunks.len()).step_by(2 * high) {
                    let (zeros, ones) = self.chunks[start..start + 2 * high].split_at_mut(high);
                    for offset in (0..high).filter(|offset| offset & low != 0) {
                        mix(&mut zeros[offset], &mut ones[offset ^ low], &entries);
                    }
                }
            }
            (Err(_), Ok(_)) => unreachable!("the lower qubit is not the higher one"),
        }
    }

    /// Combines chunks that differ in `bit`, each lane with its partner in the other chunk.
    #[inline(always)]
    fn exchange_lanes(&mut self, across: usize, bit: usize, factors: &[[Each<T>; 2]; 2]) {
        for start in (0..self.chunks.len()).step_by(2 * bit) {
            let (zeros, ones) = self.chunks[start..start + 2 * bit].split_at_mut(bit);
            for (zero, one) in zeros.iter_mut().zip(ones) {
                let (from_zero, from_one) = (zero.crossed(across), one.crossed(across));
                let [of_zero, of_one] = factors;
                for lane in 0..LANES {
                    let new = of_zero[0].times(lane, zero.get(lane))
                        + of_zero[1].times(lane, from_one.get(lane));
                    zero.set(lane, new);
                    let new = of_one[0].times(lane, one.get(lane))
                        + of_one[1].times(lane, from_zero.get(lane));
                    one.set(lane, new);
                }
            }
        }
    }

    /// Combines the four chunks of two bits.
    #[inline(always)]
    fn quadruples(&mut self, low: usize, high: usize, entries: &[[Uniform<T>; 4]; 4]) {
        for start in (0..self.chunks.len()).step_by(2 * high) {
            let (zeros, ones) = self.chunks[start..start + 2 * high].split_at_mut(high);
            let quads = zeros
                .chunks_exact_mut(2 * low)
                .zip(ones.chunks_exact_mut(2 * low));
            for (zeros, ones) in quads {
                let ((a, b), (c, d)) = (zeros.split_at_mut(low), ones.split_at_mut(low));
                for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
                    mix_four([a, b, c, d], entries);
                }
            }
        }
    }
}

#[inline(always)]
fn mix<T: Real, F: Factor<T>>(zero: &mut Chunk<T>, one: &mut Chunk<T>, entries: &[F; 4]) {
    for lane in 0..LANES {
        let (x, y) = (zero.get(lane), one.get(lane));
        zero.set(lane, entries[0].times(lane, x) + entries[1].times(lane, y));
        one.set(lane, entries[2].times(lane, x) + entries[3].times(lane, y));
    }
}

#[inline(always)]
fn mix_four<T: Real, F: Factor<T>>(chunks: [&mut Chunk<T>; 4], entries: &[[F; 4]; 4]) {
    let [a, b, c, d] = chunks;
    for lane in 0..LANES {
        let old = [a.get(lane), b.get(lane), c.get(lane), d.get(lane)];
        let sum = |row: &[F; 4]| {
            row[0].times(lane, old[0])
                + row[1].times(lane, old[1])
                + row[2].times(lane, old[2])
                + row[3].times(lane, old[3])
        };
        a.set(lane, sum(&entries[0]));
        b.set(lane, sum(&entries[1]));
        c.set(lane, sum(&entries[2]));
        d.set(lane, sum(&entries[3]));
    }
}

#[inline(always)]
fn is_real(matrix: &Matrix2<C64>) -> bool {
    matrix.iter().all(|entry| entry.im == 0.0)
}

/// The factor, where it is one.
#[inline(always)]
fn unless_one<T: Real>(value: C64) -> Option<Uniform<T>> {
    (value != C64::ONE).then(|| Uniform::new(value))
}

/// Row by row.
#[inline(always)]
fn entries(matrix: &Matrix2<C64>) -> [C64; 4] {
    [
        matrix[(0, 0)],
        matrix[(0, 1)],
        matrix[(1, 0)],
        matrix[(1, 1)],
    ]
}

/// The bit of a lane's number that belongs to a low qubit, as a power of two.
#[derive(Clone, Copy)]
struct LaneBit(usize);

impl LaneBit {
    /// The lane's bit of a low qubit, or the bit of a chunk's number of a higher one.
    #[inline(always)]
    fn of(qubit: usize) -> Result<Self, usize> {
        match qubit.checked_sub(LANE_QUBITS) {
            None => Ok(Self(1 << qubit)),
            Some(place) => Err(1 << place),
        }
    }

    #[inline(always)]
    fn bit(self, lane: usize) -> usize {
        usize::from(lane & self.0 != 0)
    }
}
