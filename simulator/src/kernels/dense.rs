//! A dense matrix on up to [`MAX_DENSE`] targets, with any number of controls.
//!
//! Targets above the lanes select among 2^h vectors; targets inside a vector select lanes. Write a lane target's
//! source as its own value XOR a mask m: then for output vector r
//!
//! ```text
//! out[r] = sum over c, m of  A[r][c][m] * permute(in[c], lane XOR m)
//! ```
//!
//! where A[r][c][m] is a vector of matrix entries, one per lane. So a lane target costs as many multiplications as
//! any other plus one permutation, and a control on a lane costs nothing: its lanes hold entries of the identity.
//! Controls above the lanes halve the number of vectors visited; controls outside the tile skip whole tiles.

use num_complex::Complex64;

use super::buffer::{Buffer, Zero};
use super::dispatch::Width;
use super::groups::Groups;
use super::real::Real;
use super::simd::{Kernel, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{Tile, TileLayout};
use crate::error::SimulatorError;

/// Most targets of a dense matrix.
pub(crate) const MAX_DENSE: usize = 5;

/// Most lanes of any vector.
const MAX_LANES: usize = 16;

/// A dense matrix made ready for one layout and vector width.
#[derive(Debug)]
pub(super) struct Dense<T> {
    /// Condition on the qubits outside the tile.
    pub(super) outside: Outside,
    groups: Groups,
    bits: u32,
    /// Vectors that mix, relative to the first of a group.
    offsets: Vec<usize>,
    /// For each mask m: the source lanes of the permutation.
    permutations: Vec<[u8; MAX_LANES]>,
    /// Entries in the order in which the kernel reads them, real and imaginary parts alternating; one number each
    /// where all lanes agree, else one vector each.
    entries: Buffer<T>,
    splat: bool,
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
        let (rows, masks) = (1usize << bits.high.len(), 1usize << bits.lane.len());
        let splat = masks == 1 && bits.lane_controls.is_empty();
        let (width, block) = (if splat { 1 } else { lanes }, rows.min(4));
        let mut entries =
            Buffer::zeroed(rows * rows * masks * 2 * width, "the entries of a matrix")?;
        let mut next = 0;
        for first in (0..rows).step_by(block) {
            for column in 0..rows * masks {
                for row in first..first + block {
                    for lane in 0..width {
                        let entry = bits.entry(
                            matrix,
                            targets.len(),
                            row,
                            column / masks,
                            column % masks,
                            lane,
                        );
                        entries[next + lane] = T::from_f64(entry.re);
                        entries[next + width + lane] = T::from_f64(entry.im);
                    }
                    next += 2 * width;
                }
            }
        }
        Ok(Self {
            outside: bits.outside,
            groups: bits.groups(layout, lanes),
            bits: layout.bits,
            offsets: bits.offsets(),
            permutations: (0..masks).map(|mask| bits.xor_lanes(mask)).collect(),
            entries,
            splat,
        })
    }

    /// Applies the matrix to the tile.
    pub(super) fn apply(&self, width: Width, tile: &mut Tile<T>) {
        assert!(tile.re.len() >= 1 << self.bits && tile.im.len() >= 1 << self.bits);
        let (columns, block) = (
            self.offsets.len() * self.permutations.len(),
            self.offsets.len().min(4),
        );
        let together = if self.splat || columns < 8 || self.groups.run * block < 4 {
            1
        } else {
            4 / block
        };
        macro_rules! arms {
            ($($columns:literal $block:literal $together:literal $splat:literal),*) => {
                match (columns, block, together, self.splat) {
                    $(($columns, $block, $together, $splat) => T::dispatch(
                        width,
                        Run::<T, $columns, $block, $together, $splat> { dense: self, tile },
                    ),)*
                    _ => unreachable!("no dense kernel of {columns} columns in blocks of {block}"),
                }
            };
        }
        arms!(1 1 1 true, 2 2 1 true, 4 4 1 true, 8 4 1 true, 16 4 1 true, 32 4 1 true,
            1 1 1 false, 2 1 1 false, 2 2 1 false, 4 1 1 false, 4 2 1 false, 4 4 1 false,
            8 1 1 false, 8 1 4 false, 8 2 1 false, 8 2 2 false, 8 4 1 false,
            16 1 1 false, 16 1 4 false, 16 2 1 false, 16 2 2 false, 16 4 1 false,
            32 2 1 false, 32 2 2 false, 32 4 1 false);
    }
}

/// One kernel: `COLUMNS` = 2^targets, output rows in blocks of `BLOCK`, entries as numbers (`SPLAT`)
/// or vectors, and `TOGETHER` neighbouring groups at a time, so that an entry that fills a vector is
/// loaded once for several of them.
struct Run<
    'a,
    T: Zero,
    const COLUMNS: usize,
    const BLOCK: usize,
    const TOGETHER: usize,
    const SPLAT: bool,
> {
    dense: &'a Dense<T>,
    tile: &'a mut Tile<T>,
}

impl<T: Real, const COLUMNS: usize, const BLOCK: usize, const TOGETHER: usize, const SPLAT: bool>
    Kernel<T> for Run<'_, T, COLUMNS, BLOCK, TOGETHER, SPLAT>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { dense, tile } = self;
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let (rows, masks) = (dense.offsets.len(), dense.permutations.len());
        assert!(rows * masks == COLUMNS && rows.is_multiple_of(BLOCK));
        assert!(dense.groups.run.is_multiple_of(TOGETHER));
        let width = if SPLAT { 1 } else { S::LANES };
        assert!(dense.entries.len() >= rows * COLUMNS * 2 * width);
        let entries = dense.entries.as_ptr();
        let mut offsets = [0usize; COLUMNS];
        offsets[..rows].copy_from_slice(&dense.offsets);
        let identity = simd.lanes(&dense.permutations[0][..S::LANES]);
        let mut lanes = [identity; MAX_LANES];
        for (lanes, sources) in lanes.iter_mut().zip(&dense.permutations) {
            *lanes = simd.lanes(&sources[..S::LANES]);
        }
        let zero = simd.splat(T::ZERO);
        let mut xr = [[zero; TOGETHER]; COLUMNS];
        let mut xi = [[zero; TOGETHER]; COLUMNS];
        for i in 0..dense.groups.count {
            let start = dense.groups.start(i);
            for first in (start..start + dense.groups.run).step_by(TOGETHER) {
                // SAFETY: `Groups` and `Bits::offsets` stay below 2^bits / LANES vectors (each sets
                // bits of the vector index that the other leaves 0; a run is a multiple of TOGETHER),
                // and `apply` checked that the tile has 2^bits numbers; the entries are read in the
                // order and number asserted above.
                unsafe {
                    for c in 0..if SPLAT { COLUMNS } else { rows } {
                        for g in 0..TOGETHER {
                            let at = (first + g + offsets[c]) * S::LANES;
                            let (x, y) = (simd.load(re.add(at)), simd.load(im.add(at)));
                            if SPLAT {
                                xr[c][g] = x;
                                xi[c][g] = y;
                            } else {
                                xr[c * masks][g] = x;
                                xi[c * masks][g] = y;
                                for m in 1..masks {
                                    xr[c * masks + m][g] = simd.permute(x, lanes[m]);
                                    xi[c * masks + m][g] = simd.permute(y, lanes[m]);
                                }
                            }
                        }
                    }
                    let mut entry = entries;
                    for block in (0..rows).step_by(BLOCK) {
                        let mut yr = [[zero; TOGETHER]; BLOCK];
                        let mut yi = [[zero; TOGETHER]; BLOCK];
                        for c in 0..COLUMNS {
                            for r in 0..BLOCK {
                                let (ar, ai) = if SPLAT {
                                    (simd.splat(*entry), simd.splat(*entry.add(1)))
                                } else {
                                    (simd.load(entry), simd.load(entry.add(width)))
                                };
                                entry = entry.add(2 * width);
                                for g in 0..TOGETHER {
                                    let (x, y) = (xr[c][g], xi[c][g]);
                                    if c == 0 {
                                        yr[r][g] = simd.mul(ar, x);
                                        yi[r][g] = simd.mul(ar, y);
                                    } else {
                                        yr[r][g] = simd.mul_add(ar, x, yr[r][g]);
                                        yi[r][g] = simd.mul_add(ar, y, yi[r][g]);
                                    }
                                    yr[r][g] = simd.neg_mul_add(ai, y, yr[r][g]);
                                    yi[r][g] = simd.mul_add(ai, x, yi[r][g]);
                                }
                            }
                        }
                        for r in 0..BLOCK {
                            for g in 0..TOGETHER {
                                let at = (first + g + offsets[block + r]) * S::LANES;
                                simd.store(re.add(at), yr[r][g]);
                                simd.store(im.add(at), yi[r][g]);
                            }
                        }
                    }
                }
            }
        }
    }
}
