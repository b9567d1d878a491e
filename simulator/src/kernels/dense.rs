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
use super::simd::{Kernel, MAX_LANES, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{TileLayout, TileView};
use crate::error::SimulatorError;

/// Most targets of a dense matrix.
pub(crate) const MAX_DENSE: usize = 5;

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
                ($($rows:literal ($apart:literal $complex:literal)),*) => {
                    match (piece.rows.len(), piece.apart, piece.splat) {
                        $(
                            ($rows, true, true) => T::dispatch(width, Run::<T, $rows, $apart, 2, true> { dense: self, piece, tile }),
                            ($rows, true, false) => T::dispatch(width, Run::<T, $rows, $apart, 2, false> { dense: self, piece, tile }),
                            ($rows, false, true) => T::dispatch(width, Run::<T, $rows, $complex, 3, true> { dense: self, piece, tile }),
                            ($rows, false, false) => T::dispatch(width, Run::<T, $rows, $complex, 3, false> { dense: self, piece, tile }),
                        )*
                        (_, true, true) => T::dispatch(width, RunLarge::<T, 2, true> { dense: self, piece, tile }),
                        (_, true, false) => T::dispatch(width, RunLarge::<T, 2, false> { dense: self, piece, tile }),
                        (_, false, true) => T::dispatch(width, RunLarge::<T, 3, true> { dense: self, piece, tile }),
                        (_, false, false) => T::dispatch(width, RunLarge::<T, 3, false> { dense: self, piece, tile }),
                    }
                };
            }
            // Groups together, such that sums, inputs and a factor fit 32 registers.
            arms!(1 (4 4), 2 (4 3), 3 (2 2), 4 (2 2), 6 (1 1), 8 (1 1));
        }
    }

    fn check(&self, piece: &Piece<T>, lanes: usize) {
        let width = if piece.splat { 1 } else { lanes };
        assert!(piece.columns.len() <= MAX_COLUMNS && piece.rows.len() <= MAX_COLUMNS);
        assert!(
            piece.entries.len() == piece.rows.len() * piece.columns.len() * piece.parts() * width
        );
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

/// An input as the numbers that are multiplied: two parts that do not mix, or (`PARTS` = 3) the parts of a complex
/// number and their sum.
#[inline(always)] // part of the kernels
fn factors_of<T: Real, S: Simd<T>, const PARTS: usize>(
    simd: S,
    (first, second): (S::Vector, S::Vector),
) -> [S::Vector; PARTS] {
    let mut parts = [first; PARTS];
    parts[1] = second;
    if PARTS == 3 {
        parts[2] = simd.add(first, second);
    }
    parts
}

/// The first and second part of an output from the sums of the products.
///
/// A complex number is multiplied by three real products instead of four (C. F. Gauss): with the entry a + ib and the
/// input x + iy, the real part is ax - by and the imaginary part (a + b)(x + y) - ax - by. The sums over the products are
/// taken first, so a row costs three additions more, which most processors do beside the multiplications.
#[inline(always)] // part of the kernels
fn output<T: Real, S: Simd<T>, const PARTS: usize>(
    simd: S,
    sums: &[S::Vector; PARTS],
) -> (S::Vector, S::Vector) {
    if PARTS == 3 {
        let [real, imaginary, both] = [sums[0], sums[1], sums[2]];
        (
            simd.sub(real, imaginary),
            simd.sub(both, simd.add(real, imaginary)),
        )
    } else {
        (sums[0], sums[1])
    }
}

/// Adds one term to the sums of a row; the entry's numbers are read from `entry` on.
///
/// # Safety
/// They must be readable: `PARTS`, or as many vectors where they differ between lanes.
#[inline(always)] // part of the kernels
unsafe fn add_term<T: Real, S: Simd<T>, const PARTS: usize, const SPLAT: bool>(
    simd: S,
    entry: *const T,
    inputs: &[[S::Vector; PARTS]],
    sums: &mut [[S::Vector; PARTS]],
) {
    for part in 0..PARTS {
        // SAFETY: the caller's.
        let factor = unsafe {
            if SPLAT {
                simd.splat(*entry.add(part))
            } else {
                simd.load(entry.add(part * S::LANES))
            }
        };
        for (sums, input) in sums.iter_mut().zip(inputs) {
            sums[part] = simd.mul_add(factor, input[part], sums[part]);
        }
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
    const PARTS: usize,
    const SPLAT: bool,
> {
    dense: &'a Dense<T>,
    piece: &'a Piece<T>,
    tile: &'a mut TileView<'b, T>,
}

impl<T: Real, const ROWS: usize, const TOGETHER: usize, const PARTS: usize, const SPLAT: bool>
    Kernel<T> for Run<'_, '_, T, ROWS, TOGETHER, PARTS, SPLAT>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { dense, piece, tile } = self;
        dense.check(piece, S::LANES);
        assert!(piece.rows.len() == ROWS && piece.parts() == PARTS && piece.splat == SPLAT);
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
                let mut sums = [[[zero; PARTS]; TOGETHER]; ROWS];
                let mut entry = piece.entries.as_ptr();
                for &(first, second, lanes) in sources {
                    let mut inputs = [[zero; PARTS]; TOGETHER];
                    for (input, &start) in inputs.iter_mut().zip(&starts) {
                        let mut parts = (simd.load(first.add(start)), simd.load(second.add(start)));
                        if !SPLAT {
                            parts = (simd.permute(parts.0, lanes), simd.permute(parts.1, lanes));
                        }
                        *input = factors_of(simd, parts);
                    }
                    for row in &mut sums {
                        add_term::<T, S, PARTS, SPLAT>(simd, entry, &inputs, row);
                        entry = entry.add(PARTS * width);
                    }
                }
                for (&(first, second), row) in targets.iter().zip(&sums) {
                    for (&start, sums) in starts.iter().zip(row) {
                        let parts = output(simd, sums);
                        simd.store(first.add(start), parts.0);
                        simd.store(second.add(start), parts.1);
                    }
                }
            }
        }
    }
}

/// A piece of more rows, in blocks of [`BLOCK`]: the inputs are copied first, since all blocks need all of them.
struct RunLarge<'a, 'b, T: Zero, const PARTS: usize, const SPLAT: bool> {
    dense: &'a Dense<T>,
    piece: &'a Piece<T>,
    tile: &'a mut TileView<'b, T>,
}

impl<T: Real, const PARTS: usize, const SPLAT: bool> Kernel<T>
    for RunLarge<'_, '_, T, PARTS, SPLAT>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { dense, piece, tile } = self;
        dense.check(piece, S::LANES);
        assert!(
            piece.rows.len().is_multiple_of(BLOCK)
                && piece.parts() == PARTS
                && piece.splat == SPLAT
        );
        let width = if SPLAT { 1 } else { S::LANES };
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let sources = sources(simd, dense, piece, re, im);
        let sources = &sources[..piece.columns.len()];
        let zero = simd.splat(T::ZERO);
        let mut inputs = [[zero; PARTS]; MAX_COLUMNS];
        let mut at = dense.groups.first();
        for _ in 0..dense.groups.total() {
            let start = at * S::LANES;
            at = dense.groups.after(at);
            // SAFETY: as in `Run`.
            unsafe {
                for (input, &(first, second, lanes)) in inputs.iter_mut().zip(sources) {
                    let mut parts = (simd.load(first.add(start)), simd.load(second.add(start)));
                    if !SPLAT {
                        parts = (simd.permute(parts.0, lanes), simd.permute(parts.1, lanes));
                    }
                    *input = factors_of(simd, parts);
                }
                let mut entry = piece.entries.as_ptr();
                for rows in piece.rows.as_chunks::<BLOCK>().0 {
                    let mut sums = [[[zero; PARTS]; 1]; BLOCK];
                    for input in &inputs[..sources.len()] {
                        for sums in &mut sums {
                            let input = std::slice::from_ref(input);
                            add_term::<T, S, PARTS, SPLAT>(simd, entry, input, sums);
                            entry = entry.add(PARTS * width);
                        }
                    }
                    for (&(offset, crossed), [sums]) in rows.iter().zip(&sums) {
                        let (first, second) = if crossed { (im, re) } else { (re, im) };
                        let parts = output(simd, sums);
                        simd.store(first.add(offset * S::LANES + start), parts.0);
                        simd.store(second.add(offset * S::LANES + start), parts.1);
                    }
                }
            }
        }
    }
}
