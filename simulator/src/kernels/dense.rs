//! A dense matrix on up to [`MAX_DENSE`] targets, with any number of controls.
//!
//! The matrix is cut into [`pieces`]; each piece visits the vectors it mixes and no others. So a lane target costs as
//! many multiplications as any other plus one permutation, and a control on a lane costs nothing: its lanes hold
//! entries of the identity. Controls above the lanes halve the number of vectors visited; controls outside the tile
//! skip whole tiles.

use num_complex::Complex64;

use super::buffer::Zero;
use super::dispatch::Width;
use super::groups::Groups;
use super::pieces::{BLOCK, Piece, pieces};
use super::real::Real;
use super::simd::{Kernel, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{TileLayout, TileView};
use crate::error::SimulatorError;

/// Most targets of a dense matrix.
pub(crate) const MAX_DENSE: usize = 5;

/// Most lanes of any vector.
const MAX_LANES: usize = 16;

/// Most columns of a piece: all settings of the targets.
const MAX_COLUMNS: usize = 1 << MAX_DENSE;

/// A dense matrix made ready for one layout and vector width.
#[derive(Debug)]
pub(super) struct Dense<T> {
    /// Condition on the qubits outside the tile.
    pub(super) outside: Outside,
    groups: Groups,
    bits: u32,
    /// For each mask: the source lanes of the permutation.
    permutations: Vec<[u8; MAX_LANES]>,
    pieces: Vec<Piece<T>>,
}

impl<T: Real> Dense<T> {
    pub(super) fn prepare(
        targets: &[u32],
        controls: &[(u32, bool)],
        matrix: &[Complex64],
        layout: &TileLayout,
        lanes: usize,
    ) -> Result<Self, SimulatorError> {
        assert!(targets.len() <= MAX_DENSE && matrix.len() == 1 << (2 * targets.len()));
        let bits = Bits::of(targets, controls, layout, lanes);
        Ok(Self {
            outside: bits.outside,
            groups: bits.groups(layout, lanes),
            bits: layout.bits,
            permutations: (0..1usize << bits.lane.len())
                .map(|mask| bits.xor_lanes(mask))
                .collect(),
            pieces: pieces(&bits, targets.len(), matrix, lanes)?,
        })
    }

    /// Applies the matrix to the tile.
    pub(super) fn apply(&self, width: Width, tile: &mut TileView<'_, T>) {
        assert!(tile.re.len() >= 1 << self.bits && tile.im.len() >= 1 << self.bits);
        for piece in &self.pieces {
            macro_rules! arms {
                ($($rows:literal $together:literal),*) => {
                    match (piece.rows.len(), piece.apart, piece.splat) {
                        $(
                            ($rows, true, true) => T::dispatch(width, Run::<T, $rows, $together, true, true> { dense: self, piece, tile }),
                            ($rows, true, false) => T::dispatch(width, Run::<T, $rows, $together, true, false> { dense: self, piece, tile }),
                            ($rows, false, true) => T::dispatch(width, Run::<T, $rows, $together, false, true> { dense: self, piece, tile }),
                            ($rows, false, false) => T::dispatch(width, Run::<T, $rows, $together, false, false> { dense: self, piece, tile }),
                        )*
                        (_, true, true) => T::dispatch(width, RunLarge::<T, true, true> { dense: self, piece, tile }),
                        (_, true, false) => T::dispatch(width, RunLarge::<T, true, false> { dense: self, piece, tile }),
                        (_, false, true) => T::dispatch(width, RunLarge::<T, false, true> { dense: self, piece, tile }),
                        (_, false, false) => T::dispatch(width, RunLarge::<T, false, false> { dense: self, piece, tile }),
                    }
                };
            }
            arms!(1 4, 2 4, 3 2, 4 2, 6 1, 8 1);
        }
    }

    fn check(&self, piece: &Piece<T>, lanes: usize) {
        let width = if piece.splat { 1 } else { lanes };
        assert!(piece.columns.len() <= MAX_COLUMNS && piece.rows.len() <= MAX_COLUMNS);
        assert!(piece.entries.len() == piece.rows.len() * piece.columns.len() * 2 * width);
    }
}

/// Where a column is read: its first part, its second, and the permutation of the lanes.
type Source<T, L> = (*const T, *const T, L);

/// The columns of `piece` as addresses relative to the first vector of a group.
#[inline(always)] // part of the kernels
fn sources<T: Real, S: Simd<T>>(
    simd: S,
    dense: &Dense<T>,
    piece: &Piece<T>,
    re: *const T,
    im: *const T,
) -> [Source<T, S::Lanes>; MAX_COLUMNS] {
    let identity = simd.lanes(&dense.permutations[0][..S::LANES]);
    let mut sources = [(re, im, identity); MAX_COLUMNS];
    for (source, column) in sources.iter_mut().zip(&piece.columns) {
        let (first, second) = if column.crossed { (im, re) } else { (re, im) };
        let at = column.offset * S::LANES;
        let lanes = simd.lanes(&dense.permutations[column.mask][..S::LANES]);
        *source = (first.wrapping_add(at), second.wrapping_add(at), lanes);
    }
    sources
}

/// Adds one term to the sums of a row: complex numbers, or parts that do not mix (`APART`).
#[inline(always)] // part of the kernels
fn add_term<T: Real, S: Simd<T>, const APART: bool>(
    simd: S,
    (p, q): (S::Vector, S::Vector),
    (u, v): (S::Vector, S::Vector),
    sums: &mut (S::Vector, S::Vector),
) {
    sums.0 = simd.mul_add(p, u, sums.0);
    if APART {
        sums.1 = simd.mul_add(q, v, sums.1);
    } else {
        sums.1 = simd.mul_add(p, v, sums.1);
        sums.0 = simd.neg_mul_add(q, v, sums.0);
        sums.1 = simd.mul_add(q, u, sums.1);
    }
}

/// A piece of `ROWS` rows whose sums fit the registers: `TOGETHER` groups at a time, so that an entry is loaded once
/// for several of them and enough sums are under way; entries as numbers (`SPLAT`) or vectors.
struct Run<
    'a,
    'b,
    T: Zero,
    const ROWS: usize,
    const TOGETHER: usize,
    const APART: bool,
    const SPLAT: bool,
> {
    dense: &'a Dense<T>,
    piece: &'a Piece<T>,
    tile: &'a mut TileView<'b, T>,
}

impl<T: Real, const ROWS: usize, const TOGETHER: usize, const APART: bool, const SPLAT: bool>
    Kernel<T> for Run<'_, '_, T, ROWS, TOGETHER, APART, SPLAT>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { dense, piece, tile } = self;
        dense.check(piece, S::LANES);
        assert!(piece.rows.len() == ROWS && piece.splat == SPLAT);
        let width = if SPLAT { 1 } else { S::LANES };
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let sources = sources(simd, dense, piece, re, im);
        let sources = &sources[..piece.columns.len()];
        let mut targets = [(re, im); ROWS];
        for (target, &(offset, crossed)) in targets.iter_mut().zip(&piece.rows) {
            let (first, second) = if crossed { (im, re) } else { (re, im) };
            *target = (
                first.wrapping_add(offset * S::LANES),
                second.wrapping_add(offset * S::LANES),
            );
        }
        let zero = simd.splat(T::ZERO);
        let mut at = dense.groups.first();
        let mut left = dense.groups.total();
        while left > 0 {
            // Where fewer groups are left than fit together, the last is worked on several times: all copies are
            // read before any is written.
            let mut starts = [0usize; TOGETHER];
            for start in &mut starts {
                *start = at * S::LANES;
                if left > 1 {
                    at = dense.groups.after(at);
                }
                left = left.saturating_sub(1);
            }
            // SAFETY: `Groups` and the offsets of rows and columns stay below 2^bits / LANES vectors (each sets
            // bits of the vector index that the other leaves 0), and `apply` checked that the tile has 2^bits
            // numbers; the entries are read in the order and number that `check` asserted.
            unsafe {
                let mut sums = [[(zero, zero); TOGETHER]; ROWS];
                let mut entry = piece.entries.as_ptr();
                for &(first, second, lanes) in sources {
                    let mut inputs = [(zero, zero); TOGETHER];
                    for (input, &start) in inputs.iter_mut().zip(&starts) {
                        *input = (simd.load(first.add(start)), simd.load(second.add(start)));
                        if !SPLAT {
                            *input = (simd.permute(input.0, lanes), simd.permute(input.1, lanes));
                        }
                    }
                    for row in &mut sums {
                        let factors = if SPLAT {
                            (simd.splat(*entry), simd.splat(*entry.add(1)))
                        } else {
                            (simd.load(entry), simd.load(entry.add(width)))
                        };
                        entry = entry.add(2 * width);
                        for (sums, &input) in row.iter_mut().zip(&inputs) {
                            add_term::<T, S, APART>(simd, factors, input, sums);
                        }
                    }
                }
                for (&(first, second), row) in targets.iter().zip(&sums) {
                    for (&start, sums) in starts.iter().zip(row) {
                        simd.store(first.add(start), sums.0);
                        simd.store(second.add(start), sums.1);
                    }
                }
            }
        }
    }
}

/// A piece of more rows, in blocks of [`BLOCK`]: the inputs are copied first, since all blocks need all of them.
struct RunLarge<'a, 'b, T: Zero, const APART: bool, const SPLAT: bool> {
    dense: &'a Dense<T>,
    piece: &'a Piece<T>,
    tile: &'a mut TileView<'b, T>,
}

impl<T: Real, const APART: bool, const SPLAT: bool> Kernel<T>
    for RunLarge<'_, '_, T, APART, SPLAT>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { dense, piece, tile } = self;
        dense.check(piece, S::LANES);
        assert!(piece.rows.len().is_multiple_of(BLOCK) && piece.splat == SPLAT);
        let width = if SPLAT { 1 } else { S::LANES };
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let sources = sources(simd, dense, piece, re, im);
        let sources = &sources[..piece.columns.len()];
        let zero = simd.splat(T::ZERO);
        let mut inputs = [(zero, zero); MAX_COLUMNS];
        let mut at = dense.groups.first();
        for _ in 0..dense.groups.total() {
            let start = at * S::LANES;
            at = dense.groups.after(at);
            // SAFETY: as in `Run`.
            unsafe {
                for (input, &(first, second, lanes)) in inputs.iter_mut().zip(sources) {
                    *input = (simd.load(first.add(start)), simd.load(second.add(start)));
                    if !SPLAT {
                        *input = (simd.permute(input.0, lanes), simd.permute(input.1, lanes));
                    }
                }
                let mut entry = piece.entries.as_ptr();
                for rows in piece.rows.as_chunks::<BLOCK>().0 {
                    let mut sums = [(zero, zero); BLOCK];
                    for &input in &inputs[..sources.len()] {
                        for sums in &mut sums {
                            let factors = if SPLAT {
                                (simd.splat(*entry), simd.splat(*entry.add(1)))
                            } else {
                                (simd.load(entry), simd.load(entry.add(width)))
                            };
                            entry = entry.add(2 * width);
                            add_term::<T, S, APART>(simd, factors, input, sums);
                        }
                    }
                    for (&(offset, crossed), sums) in rows.iter().zip(&sums) {
                        let (first, second) = if crossed { (im, re) } else { (re, im) };
                        simd.store(first.add(offset * S::LANES + start), sums.0);
                        simd.store(second.add(offset * S::LANES + start), sums.1);
                    }
                }
            }
        }
    }
}
