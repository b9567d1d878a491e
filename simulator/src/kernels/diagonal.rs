//! A diagonal on any number of qubits, from a table.
//!
//! Each vector's index selects a row of the table through two small maps (its low and its high bits); qubits inside
//! a vector are spread over the lanes of the row, qubits outside the tile select a part of the table per tile.
//! A bit whose value 0 (or 1) leaves everything alone is a control in disguise: only the other half is visited.

use num_complex::Complex64;

use super::buffer::{Buffer, Zero};
use super::dispatch::Width;
use super::groups::Groups;
use super::real::Real;
use super::simd::{Kernel, Simd};
use super::tile::{TileLayout, TileView};
use crate::error::SimulatorError;

/// Bits of a vector's index that the first map takes.
const LOW: u32 = 6;

/// A diagonal made ready for one layout and vector width.
#[derive(Debug)]
pub(super) struct Diagonal<T> {
    groups: Groups,
    bits: u32,
    /// Row of the table for the low and the high bits of a vector's index, to be added.
    low: Box<[u32; 1 << LOW]>,
    high: Vec<u32>,
    /// For each qubit outside the tile: its bit in the state's index and its number of rows.
    outside: Vec<(u32, usize)>,
    /// Rows of real and imaginary parts; one number each where all lanes agree, else one vector each.
    table: Buffer<T>,
    /// For each setting of the qubits outside: whether its part of the table is the identity.
    idle: Vec<bool>,
    /// Rows in the part for one setting of the qubits outside.
    rows: usize,
    splat: bool,
}

impl<T: Real> Diagonal<T> {
    pub(super) fn prepare(
        qubits: &[u32],
        table: &[Complex64],
        layout: &TileLayout,
        lanes: usize,
    ) -> Result<Self, SimulatorError> {
        assert!(table.len() == 1 << qubits.len());
        let lane_bits = lanes.trailing_zeros();
        let (mut lane, mut inside, mut outside) = (vec![], vec![], vec![]);
        let (mut zeros, mut ones) = (vec![], vec![]);
        for (bit, &qubit) in qubits.iter().enumerate() {
            match layout.position(qubit) {
                None => outside.push((bit, qubit)),
                Some(position) if position < lane_bits => lane.push((bit, position)),
                Some(position) => match idle_value(table, bit) {
                    Some(false) => ones.push((bit, position - lane_bits)),
                    Some(true) => zeros.push((bit, position - lane_bits)),
                    None => inside.push((bit, position - lane_bits)),
                },
            }
        }
        let fixed = ones
            .iter()
            .fold(0usize, |index, &(bit, _)| index | 1 << bit);
        let (rows, parts) = (1usize << inside.len(), 1usize << outside.len());
        let splat = lane.is_empty();
        let width = if splat { 1 } else { lanes };
        let mut buffer = Buffer::zeroed(rows * parts * 2 * width, "the table of a diagonal")?;
        let mut idle = vec![true; parts];
        for row in 0..rows * parts {
            let mut index = fixed;
            for (i, &(bit, _)) in inside.iter().enumerate() {
                index |= (row >> i & 1) << bit;
            }
            for (i, &(bit, _)) in outside.iter().enumerate() {
                index |= (row >> (inside.len() + i) & 1) << bit;
            }
            for number in 0..width {
                let entry = table[lane
                    .iter()
                    .fold(index, |index, &(bit, at)| index | (number >> at & 1) << bit)];
                buffer[row * 2 * width + number] = T::from_f64(entry.re);
                buffer[row * 2 * width + width + number] = T::from_f64(entry.im);
                idle[row / rows] &= entry == Complex64::ONE;
            }
        }
        let vector_bits = layout.bits - lane_bits;
        let row_of = |vector: usize| {
            inside.iter().enumerate().fold(0u32, |row, (i, &(_, at))| {
                row | ((vector >> at & 1) as u32) << i
            })
        };
        Ok(Self {
            groups: Groups::new(vector_bits, &positions(&zeros), &positions(&ones)),
            bits: layout.bits,
            low: Box::new(std::array::from_fn(row_of)),
            high: (0..1usize << vector_bits.saturating_sub(LOW))
                .map(|i| row_of(i << LOW))
                .collect(),
            outside: outside
                .iter()
                .enumerate()
                .map(|(i, &(_, qubit))| (qubit, rows << i))
                .collect(),
            table: buffer,
            idle,
            rows,
            splat,
        })
    }

    /// Applies the diagonal to the tile at `base`.
    pub(super) fn apply(&self, width: Width, tile: &mut TileView<'_, T>, base: usize) {
        assert!(tile.re.len() >= 1 << self.bits && tile.im.len() >= 1 << self.bits);
        let start: usize = self
            .outside
            .iter()
            .map(|&(qubit, rows)| (base >> qubit & 1) * rows)
            .sum();
        if self.idle[start / self.rows] {
            return;
        }
        if self.splat {
            T::dispatch(
                width,
                Run::<T, true> {
                    diagonal: self,
                    tile,
                    start,
                },
            );
        } else {
            T::dispatch(
                width,
                Run::<T, false> {
                    diagonal: self,
                    tile,
                    start,
                },
            );
        }
    }
}

/// The value of `bit` for which all entries are exactly 1, if there is one.
fn idle_value(table: &[Complex64], bit: usize) -> Option<bool> {
    let idle = |value: usize| {
        table
            .iter()
            .enumerate()
            .all(|(i, entry)| i >> bit & 1 != value || *entry == Complex64::ONE)
    };
    if idle(0) {
        Some(false)
    } else if idle(1) {
        Some(true)
    } else {
        None
    }
}

fn positions(bits: &[(usize, u32)]) -> Vec<u32> {
    bits.iter().map(|&(_, position)| position).collect()
}

struct Run<'a, 'b, T: Zero, const SPLAT: bool> {
    diagonal: &'a Diagonal<T>,
    tile: &'a mut TileView<'b, T>,
    start: usize,
}

impl<T: Real, const SPLAT: bool> Kernel<T> for Run<'_, '_, T, SPLAT> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            diagonal,
            tile,
            start,
        } = self;
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let width = if SPLAT { 1 } else { S::LANES };
        assert!(diagonal.table.len() >= (start + diagonal.rows) * 2 * width);
        // SAFETY: the table has the part from `start`, as just asserted.
        let table = unsafe { diagonal.table.as_ptr().add(start * 2 * width) };
        for i in 0..diagonal.groups.count {
            let begin = diagonal.groups.start(i);
            for vector in begin..begin + diagonal.groups.run {
                let row = diagonal.low[vector % (1 << LOW)] + diagonal.high[vector >> LOW];
                let at = vector * S::LANES;
                // SAFETY: `vector` is below 2^bits / LANES and the tile has 2^bits numbers (`apply`); the maps name
                // rows below `rows`.
                unsafe {
                    let entry = table.add(row as usize * 2 * width);
                    let (ar, ai) = if SPLAT {
                        (simd.splat(*entry), simd.splat(*entry.add(1)))
                    } else {
                        (simd.load(entry), simd.load(entry.add(width)))
                    };
                    let (xr, xi) = (simd.load(re.add(at)), simd.load(im.add(at)));
                    simd.store(re.add(at), simd.neg_mul_add(ai, xi, simd.mul(ar, xr)));
                    simd.store(im.add(at), simd.mul_add(ai, xr, simd.mul(ar, xi)));
                }
            }
        }
    }
}
