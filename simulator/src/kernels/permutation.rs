//! A permutation of basis states: amplitudes move, nothing is multiplied.
//!
//! Above the lanes whole vectors change place. Where targets or controls lie inside a vector, an output vector takes
//! some lanes from one input and some from another: each source is permuted, multiplied by a mask of zeros and ones,
//! and added, which is exact.

use super::buffer::{Buffer, Zero};
use super::dispatch::Width;
use super::groups::Groups;
use super::real::Real;
use super::simd::{Kernel, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{Tile, TileLayout};
use crate::error::SimulatorError;

/// Most targets of a permutation.
pub(crate) const MAX_PERMUTATION: usize = 5;

/// Most vectors that all output vectors together are put together from.
const MAX_SOURCES: usize = 256;

/// A permutation made ready for one layout and vector width.
#[derive(Debug)]
pub(super) struct Permutation<T> {
    /// Condition on the qubits outside the tile.
    pub(super) outside: Outside,
    groups: Groups,
    bits: u32,
    offsets: Vec<usize>,
    /// Pairs of vectors that change places, where that is all that happens.
    swaps: Vec<(usize, usize)>,
    /// Else the output vectors that change, each with its sources.
    rows: Vec<Row>,
    /// Masks of zeros and ones, one vector per source that needs one.
    masks: Buffer<T>,
}

#[derive(Debug)]
struct Row {
    to: usize,
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    from: usize,
    /// Source lanes, and where the mask starts; `None` moves the vector as it is.
    lanes: Option<([u8; 16], usize)>,
}

impl<T: Real> Permutation<T> {
    pub(super) fn prepare(
        targets: &[u32],
        controls: &[(u32, bool)],
        image: &[u32],
        layout: &TileLayout,
        lanes: usize,
    ) -> Result<Self, SimulatorError> {
        assert!(targets.len() <= MAX_PERMUTATION && image.len() == 1 << targets.len());
        let bits = Bits::of(targets, controls, layout, lanes);
        let mut source_of = vec![0usize; image.len()];
        for (from, &to) in image.iter().enumerate() {
            source_of[to as usize] = from;
        }
        let mut masks = Vec::new();
        let mut rows = Vec::new();
        for row in 0..1usize << bits.high.len() {
            // For each lane, the vector and lane that it is taken from.
            let places: Vec<(usize, usize)> = (0..lanes)
                .map(|lane| bits.source(&source_of, row, lane))
                .collect();
            if places
                .iter()
                .enumerate()
                .any(|(lane, &place)| place != (row, lane))
            {
                rows.push(Row {
                    to: row,
                    sources: sources_of(&places, &mut masks),
                });
            }
        }
        let swaps = as_swaps(&rows).unwrap_or_default();
        if !swaps.is_empty() {
            rows.clear();
        }
        assert!(rows.iter().map(|row| row.sources.len()).sum::<usize>() <= MAX_SOURCES);
        let mut buffer = Buffer::zeroed(masks.len(), "the masks of a permutation")?;
        buffer
            .iter_mut()
            .zip(&masks)
            .for_each(|(to, &mask)| *to = T::from_f64(mask));
        Ok(Self {
            outside: bits.outside,
            groups: bits.groups(layout, lanes),
            bits: layout.bits,
            offsets: bits.offsets(),
            swaps,
            rows,
            masks: buffer,
        })
    }

    /// Applies the permutation to the tile.
    pub(super) fn apply(&self, width: Width, tile: &mut Tile<T>) {
        assert!(tile.re.len() >= 1 << self.bits && tile.im.len() >= 1 << self.bits);
        T::dispatch(
            width,
            Run {
                permutation: self,
                tile,
            },
        );
    }
}

/// The rows as exchanges of whole vectors, if they are nothing else.
fn as_swaps(rows: &[Row]) -> Option<Vec<(usize, usize)>> {
    let source = |row: &Row| match row.sources[..] {
        [Source { from, lanes: None }] => Some(from),
        _ => None,
    };
    let mut swaps = Vec::new();
    for row in rows {
        let from = source(row)?;
        let back = rows
            .iter()
            .find(|other| other.to == from)
            .and_then(source)?;
        if back != row.to {
            return None;
        }
        if from < row.to {
            swaps.push((from, row.to));
        }
    }
    Some(swaps)
}

/// Groups lanes by the vector they come from.
fn sources_of(places: &[(usize, usize)], masks: &mut Vec<f64>) -> Vec<Source> {
    let mut vectors: Vec<usize> = places.iter().map(|&(vector, _)| vector).collect();
    vectors.sort_unstable();
    vectors.dedup();
    let whole = vectors.len() == 1
        && places
            .iter()
            .enumerate()
            .all(|(lane, &(_, from))| lane == from);
    if whole {
        return vec![Source {
            from: vectors[0],
            lanes: None,
        }];
    }
    let source = |from: usize| {
        let mut lanes = [0u8; 16];
        let start = masks.len();
        for (lane, &(vector, source)) in places.iter().enumerate() {
            lanes[lane] = source as u8;
            masks.push(if vector == from { 1.0 } else { 0.0 });
        }
        Source {
            from,
            lanes: Some((lanes, start)),
        }
    };
    vectors.into_iter().map(source).collect()
}

struct Run<'a, T: Zero> {
    permutation: &'a Permutation<T>,
    tile: &'a mut Tile<T>,
}

impl<T: Real> Kernel<T> for Run<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { permutation, tile } = self;
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        let offsets = &permutation.offsets[..];
        for i in 0..permutation.groups.count {
            let start = permutation.groups.start(i);
            for &(a, b) in &permutation.swaps {
                for first in start..start + permutation.groups.run {
                    let (a, b) = (
                        (first + offsets[a]) * S::LANES,
                        (first + offsets[b]) * S::LANES,
                    );
                    for part in [re, im] {
                        // SAFETY: `Groups` and `Bits::offsets` stay below 2^bits / LANES vectors, and
                        // `apply` checked that the tile has 2^bits numbers.
                        unsafe {
                            let (x, y) = (simd.load(part.add(a)), simd.load(part.add(b)));
                            simd.store(part.add(a), y);
                            simd.store(part.add(b), x);
                        }
                    }
                }
            }
        }
        if permutation.rows.is_empty() {
            return;
        }
        let zero = simd.splat(T::ZERO);
        let mut xr = [zero; 1 << MAX_PERMUTATION];
        let mut xi = [zero; 1 << MAX_PERMUTATION];
        let identity: [u8; 16] = std::array::from_fn(|lane| lane as u8);
        // Lanes of all sources, in the order in which they are used.
        let mut lanes = [simd.lanes(&identity[..S::LANES]); MAX_SOURCES];
        let sources = permutation.rows.iter().flat_map(|row| &row.sources);
        for (lanes, source) in lanes.iter_mut().zip(sources) {
            if let Some((sources, _)) = &source.lanes {
                *lanes = simd.lanes(&sources[..S::LANES]);
            }
        }
        for i in 0..permutation.groups.count {
            let start = permutation.groups.start(i);
            for first in start..start + permutation.groups.run {
                for (c, offset) in offsets.iter().enumerate() {
                    let at = (first + offset) * S::LANES;
                    // SAFETY: as above.
                    unsafe {
                        xr[c] = simd.load(re.add(at));
                        xi[c] = simd.load(im.add(at));
                    }
                }
                let mut next = 0;
                for row in &permutation.rows {
                    let (mut yr, mut yi) = (zero, zero);
                    for source in &row.sources {
                        let (mut x, mut y) = (xr[source.from], xi[source.from]);
                        if let Some((_, mask)) = &source.lanes {
                            (x, y) = (simd.permute(x, lanes[next]), simd.permute(y, lanes[next]));
                            if row.sources.len() > 1 {
                                let mask = &permutation.masks[*mask..*mask + S::LANES];
                                // SAFETY: the slice has LANES numbers.
                                let mask = unsafe { simd.load(mask.as_ptr()) };
                                (x, y) = (simd.mul_add(x, mask, yr), simd.mul_add(y, mask, yi));
                            }
                        }
                        (yr, yi) = (x, y);
                        next += 1;
                    }
                    let at = (first + offsets[row.to]) * S::LANES;
                    // SAFETY: as above.
                    unsafe {
                        simd.store(re.add(at), yr);
                        simd.store(im.add(at), yi);
                    }
                }
            }
        }
    }
}
