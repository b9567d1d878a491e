//! A permutation of basis states: amplitudes move, nothing is multiplied.
//!
//! Above the lanes whole vectors change place; where targets or controls lie inside a vector, its lanes do on the
//! way. A permutation that takes one output vector from several inputs is left to the dense kernel, which is faster
//! at that.

use super::buffer::Zero;
use super::dispatch::Width;
use super::groups::Groups;
use super::real::Real;
use super::simd::{Kernel, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{TileLayout, TileView};

/// Most targets of a permutation.
pub(crate) const MAX_PERMUTATION: usize = 5;

/// A permutation made ready for one layout and vector width.
#[derive(Debug)]
pub(super) struct Permutation {
    /// Condition on the qubits outside the tile.
    pub(super) outside: Outside,
    groups: Groups,
    bits: u32,
    offsets: Vec<usize>,
    /// Pairs of vectors that change places, where that is all that happens.
    swaps: Vec<(usize, usize)>,
    /// Else the output vectors that change.
    rows: Vec<Row>,
}

/// An output vector: where it comes from, and the source of each lane (`None` where all stay).
#[derive(Debug)]
struct Row {
    to: usize,
    from: usize,
    lanes: Option<[u8; 16]>,
}

impl Permutation {
    /// `None` where an output vector has lanes of several input vectors.
    pub(super) fn prepare(
        targets: &[u32],
        controls: &[(u32, bool)],
        image: &[u32],
        layout: &TileLayout,
        lanes: usize,
    ) -> Option<Self> {
        assert!(targets.len() <= MAX_PERMUTATION && image.len() == 1 << targets.len());
        let bits = Bits::of(targets, controls, layout, lanes);
        let mut source_of = vec![0usize; image.len()];
        for (from, &to) in image.iter().enumerate() {
            source_of[to as usize] = from;
        }
        let mut rows = Vec::new();
        for to in 0..1usize << bits.high.len() {
            // For each lane, the vector and lane that it is taken from.
            let places: Vec<(usize, usize)> = (0..lanes)
                .map(|lane| bits.source(&source_of, to, lane))
                .collect();
            let from = places[0].0;
            if places.iter().any(|place| place.0 != from) {
                return None;
            }
            let stay = places
                .iter()
                .enumerate()
                .all(|(lane, place)| lane == place.1);
            if from != to || !stay {
                let source =
                    std::array::from_fn(|lane| places.get(lane).map_or(0, |place| place.1 as u8));
                rows.push(Row {
                    to,
                    from,
                    lanes: (!stay).then_some(source),
                });
            }
        }
        let swaps = as_swaps(&rows).unwrap_or_default();
        if !swaps.is_empty() {
            rows.clear();
        }
        Some(Self {
            outside: bits.outside,
            groups: bits.groups(layout, lanes),
            bits: layout.bits,
            offsets: bits.offsets(),
            swaps,
            rows,
        })
    }

    /// Applies the permutation to the tile.
    pub(super) fn apply<T: Real>(&self, width: Width, tile: &mut TileView<'_, T>) {
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
    let source = |row: &Row| row.lanes.is_none().then_some(row.from);
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

struct Run<'a, 'b, T: Zero> {
    permutation: &'a Permutation,
    tile: &'a mut TileView<'b, T>,
}

impl<T: Real> Kernel<T> for Run<'_, '_, T> {
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
        let mut lanes = [simd.lanes(&identity[..S::LANES]); 1 << MAX_PERMUTATION];
        for (lanes, row) in lanes.iter_mut().zip(&permutation.rows) {
            if let Some(sources) = &row.lanes {
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
                for (row, &lanes) in permutation.rows.iter().zip(&lanes) {
                    let (mut x, mut y) = (xr[row.from], xi[row.from]);
                    if row.lanes.is_some() {
                        (x, y) = (simd.permute(x, lanes), simd.permute(y, lanes));
                    }
                    let at = (first + offsets[row.to]) * S::LANES;
                    // SAFETY: as above.
                    unsafe {
                        simd.store(re.add(at), x);
                        simd.store(im.add(at), y);
                    }
                }
            }
        }
    }
}
