//! Tiles: the part of the state that is worked on at one time.
//!
//! A layout names the qubits that vary inside a tile. The others are constant in it and number the tiles. The
//! lowest qubits always belong to the tile, so that it is gathered from chunks of consecutive amplitudes; the copy
//! separates real from imaginary parts on the way.

use num_complex::Complex;

use super::buffer::{Buffer, Zero};
use super::real::Real;
use super::simd::{Kernel, Simd};
use crate::error::SimulatorError;

/// Which qubits of the state vary inside a tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TileLayout {
    /// Qubits of the state.
    pub(super) state_qubits: u32,
    /// Qubits in the tile, ascending; the position in this list is the bit of the index in the tile.
    pub(super) qubits: Vec<u32>,
    /// Bits of the tile's index: `qubits.len()`, or more where a vector is longer than the whole state.
    pub(super) bits: u32,
    /// Amplitudes in one chunk.
    chunk: usize,
    /// Start of each chunk, relative to the tile's base.
    offsets: Vec<usize>,
    /// Qubits outside, as a mask of the state's index.
    outside: u64,
}

impl TileLayout {
    /// The layout with the tile qubits `inside` (a mask) of `state_qubits`, for vectors of `lanes` numbers.
    pub(crate) fn new(state_qubits: u32, inside: u64, lanes: usize) -> Self {
        let qubits: Vec<u32> = (0..state_qubits).filter(|q| inside >> q & 1 == 1).collect();
        let contiguous = qubits
            .iter()
            .enumerate()
            .take_while(|&(i, &q)| i as u32 == q)
            .count();
        let whole = qubits.len() as u32 == state_qubits;
        assert!(
            whole || 1usize << contiguous >= lanes,
            "a tile must hold the lane qubits"
        );
        let high: u64 = qubits[contiguous..].iter().fold(0, |mask, q| mask | 1 << q);
        let offsets = (0..1usize << (qubits.len() - contiguous))
            .map(|i| deposit(i, high))
            .collect();
        let all = if state_qubits == 64 {
            u64::MAX
        } else {
            (1 << state_qubits) - 1
        };
        Self {
            state_qubits,
            bits: (qubits.len() as u32).max(lanes.trailing_zeros()),
            chunk: 1 << contiguous,
            offsets,
            outside: all & !inside,
            qubits,
        }
    }

    /// Number of tiles in the state.
    pub(super) fn tiles(&self) -> usize {
        1 << self.outside.count_ones()
    }

    /// The state's index of the first amplitude of tile `i`.
    pub(super) fn base(&self, i: usize) -> usize {
        deposit(i, self.outside)
    }

    /// The bit of the tile's index that belongs to a qubit, or `None` for a qubit outside.
    pub(super) fn position(&self, qubit: u32) -> Option<u32> {
        self.qubits
            .binary_search(&qubit)
            .ok()
            .map(|position| position as u32)
    }
}

/// The bits of `value` moved, in order, to the ones of `mask`.
fn deposit(value: usize, mask: u64) -> usize {
    let mut rest = mask;
    let mut out = 0;
    let mut value = value;
    while rest != 0 && value != 0 {
        let bit = rest & rest.wrapping_neg();
        if value & 1 == 1 {
            out |= bit as usize;
        }
        value >>= 1;
        rest ^= bit;
    }
    out
}

/// Amplitudes with real and imaginary parts apart.
pub(crate) struct Tile<T: Zero> {
    pub(super) re: Buffer<T>,
    pub(super) im: Buffer<T>,
}

impl<T: Real> Tile<T> {
    /// Room for tiles of up to `2^bits` amplitudes.
    pub(crate) fn new(bits: u32) -> Result<Self, SimulatorError> {
        let zeros = || Buffer::zeroed(1 << bits, "the working memory of a thread");
        Ok(Self {
            re: zeros()?,
            im: zeros()?,
        })
    }
}

/// Copies the tile at `base` from the state.
pub(super) struct Gather<'a, T: Zero> {
    pub(super) layout: &'a TileLayout,
    /// The state's first amplitude.
    pub(super) state: *const Complex<T>,
    pub(super) base: usize,
    pub(super) tile: &'a mut Tile<T>,
}

/// Copies the tile back to the state.
pub(super) struct Scatter<'a, T: Zero> {
    pub(super) layout: &'a TileLayout,
    /// The state's first amplitude.
    pub(super) state: *mut Complex<T>,
    pub(super) base: usize,
    pub(super) tile: &'a Tile<T>,
}

impl<'a, T: Zero> Gather<'a, T> {
    /// # Safety
    /// `state` must be the start of `2^state_qubits` amplitudes, `base` one of the layout's, and no other thread may
    /// write the amplitudes of that tile until the kernel has run.
    pub(super) unsafe fn new(
        layout: &'a TileLayout,
        state: *const Complex<T>,
        base: usize,
        tile: &'a mut Tile<T>,
    ) -> Self {
        assert!(tile.re.len() >= 1 << layout.bits && tile.im.len() >= 1 << layout.bits);
        Self {
            layout,
            state,
            base,
            tile,
        }
    }
}

impl<'a, T: Zero> Scatter<'a, T> {
    /// # Safety
    /// As for [`Gather::new`], and no other thread may read those amplitudes either.
    pub(super) unsafe fn new(
        layout: &'a TileLayout,
        state: *mut Complex<T>,
        base: usize,
        tile: &'a Tile<T>,
    ) -> Self {
        assert!(tile.re.len() >= 1 << layout.bits && tile.im.len() >= 1 << layout.bits);
        Self {
            layout,
            state,
            base,
            tile,
        }
    }
}

impl<T: Real> Kernel<T> for Gather<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            layout,
            state,
            base,
            tile,
        } = self;
        let (re, im) = (tile.re.as_mut_ptr(), tile.im.as_mut_ptr());
        for (i, &offset) in layout.offsets.iter().enumerate() {
            // SAFETY: `new` vouches for the state; base | offset + [0, chunk) are indices of the state because
            // base, offset and chunk use disjoint qubits, and i * chunk + [0, chunk) of the tile for the same reason.
            unsafe {
                let from = state.add(base | offset);
                let (re, im) = (re.add(i * layout.chunk), im.add(i * layout.chunk));
                if layout.chunk >= S::LANES {
                    for j in (0..layout.chunk).step_by(S::LANES) {
                        let (x, y) = simd.load_complex(from.add(j));
                        simd.store(re.add(j), x);
                        simd.store(im.add(j), y);
                    }
                } else {
                    for j in 0..layout.chunk {
                        let z = *from.add(j);
                        *re.add(j) = z.re;
                        *im.add(j) = z.im;
                    }
                }
            }
        }
        // A state shorter than a vector leaves lanes that may hold another run's numbers.
        tile.re[layout.offsets.len() * layout.chunk..1 << layout.bits].fill(T::ZERO);
        tile.im[layout.offsets.len() * layout.chunk..1 << layout.bits].fill(T::ZERO);
    }
}

impl<T: Real> Kernel<T> for Scatter<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            layout,
            state,
            base,
            tile,
        } = self;
        let (re, im) = (tile.re.as_ptr(), tile.im.as_ptr());
        for (i, &offset) in layout.offsets.iter().enumerate() {
            // SAFETY: as in `Gather`.
            unsafe {
                let to = state.add(base | offset);
                let (re, im) = (re.add(i * layout.chunk), im.add(i * layout.chunk));
                if layout.chunk >= S::LANES {
                    for j in (0..layout.chunk).step_by(S::LANES) {
                        simd.store_complex(to.add(j), simd.load(re.add(j)), simd.load(im.add(j)));
                    }
                } else {
                    for j in 0..layout.chunk {
                        *to.add(j) = Complex::new(*re.add(j), *im.add(j));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_state_once() {
        let layout = TileLayout::new(7, 0b0101_1011, 2);
        let mut seen = [false; 128];
        for tile in 0..layout.tiles() {
            for offset in &layout.offsets {
                for j in 0..layout.chunk {
                    let index = (layout.base(tile) | offset) + j;
                    assert!(!seen[index]);
                    seen[index] = true;
                }
            }
        }
        assert!(seen.iter().all(|&seen| seen));
    }
}
