//! Tiles: the part of the state that is worked on at one time.
//!
//! A layout names the qubits that vary inside a tile. The others are constant in it and number the tiles. The
//! lowest qubits always belong to the tile, so that it is gathered from chunks of consecutive amplitudes; the copy
//! separates real from imaginary parts on the way.

use num_complex::Complex;

use super::buffer::{Buffer, Zero};
use super::real::Real;
use super::simd::{Kernel, MAX_LANES, Simd};
use crate::error::SimulatorError;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Bytes that are asked for before they are needed.
const AHEAD: usize = 4 << 10;

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

    /// Qubits in the tile, as a mask.
    pub(crate) fn inside(&self) -> u64 {
        self.qubits.iter().fold(0, |mask, qubit| mask | 1 << qubit)
    }

    /// Bits of the tile's index.
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// Number of tiles in the state that hold anything, when the qubits not `touched` are |0>.
    pub(super) fn tiles(&self, touched: u64) -> usize {
        1 << (self.outside & touched).count_ones()
    }

    /// The state's index of the first amplitude of tile `i` of [`Self::tiles`].
    pub(super) fn base(&self, i: usize, touched: u64) -> usize {
        deposit(i, self.outside & touched)
    }

    /// The layout of the tile's lowest `bits` index bits, and where its parts start: index in the tile and the same in
    /// the state.
    pub(crate) fn lowest(&self, bits: u32, lanes: usize) -> (Self, Vec<(usize, usize)>) {
        let (low, high) = self.qubits.split_at(self.qubits.len().min(bits as usize));
        let mask = |qubits: &[u32]| qubits.iter().fold(0u64, |mask, &qubit| mask | 1 << qubit);
        let starts = (0..1usize << high.len())
            .map(|i| (i << low.len(), deposit(i, mask(high))))
            .collect();
        (Self::new(self.state_qubits, mask(low), lanes), starts)
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

    /// The part of `2^bits` amplitudes from `start`.
    pub(super) fn part(&mut self, start: usize, bits: u32) -> TileView<'_, T> {
        TileView {
            re: &mut self.re[start..start + (1 << bits)],
            im: &mut self.im[start..start + (1 << bits)],
        }
    }
}

/// The numbers that an operation works on: a tile, or a part of one.
pub(super) struct TileView<'a, T> {
    pub(super) re: &'a mut [T],
    pub(super) im: &'a mut [T],
}

/// Copies the tile at `base` from the state.
pub(super) struct Gather<'a, T: Zero> {
    pub(super) layout: &'a TileLayout,
    /// The state's first amplitude.
    pub(super) state: *const Complex<T>,
    pub(super) base: usize,
    /// Qubits that are not known to be |0>: only their amplitudes are read.
    pub(super) touched: usize,
    pub(super) tile: &'a mut Tile<T>,
}

/// Copies the tile back to the state.
pub(super) struct Scatter<'a, T: Zero> {
    pub(super) layout: &'a TileLayout,
    /// The state's first amplitude.
    pub(super) state: *mut Complex<T>,
    pub(super) base: usize,
    /// Qubits that are not known to be |0>: only their amplitudes are written.
    pub(super) touched: usize,
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
        touched: u64,
        tile: &'a mut Tile<T>,
    ) -> Self {
        assert!(tile.re.len() >= 1 << layout.bits && tile.im.len() >= 1 << layout.bits);
        Self {
            layout,
            state,
            base,
            touched: touched as usize,
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
        touched: u64,
        tile: &'a Tile<T>,
    ) -> Self {
        assert!(tile.re.len() >= 1 << layout.bits && tile.im.len() >= 1 << layout.bits);
        Self {
            layout,
            state,
            base,
            touched: touched as usize,
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
            touched,
            tile,
        } = self;
        // The chunks lie apart, so the hardware sees no stream to fetch ahead.
        let ahead = (AHEAD / (2 * size_of::<T>() * layout.chunk)).max(1);
        for (i, &offset) in layout.offsets.iter().enumerate() {
            if offset & !touched != 0 {
                let part = i * layout.chunk..(i + 1) * layout.chunk;
                tile.re[part.clone()].fill(T::ZERO);
                tile.im[part].fill(T::ZERO);
                continue;
            }
            // SAFETY: `new` vouches for the state; base | offset + [0, chunk) are indices of the state because
            // base, offset and chunk use disjoint qubits, and i * chunk + [0, chunk) of the tile for the same reason.
            unsafe {
                let from = state.add(base | offset);
                let re = tile.re.as_mut_ptr().add(i * layout.chunk);
                let im = tile.im.as_mut_ptr().add(i * layout.chunk);
                if let Some(&next) = layout.offsets.get(i + ahead) {
                    let next = state.add(base | next).cast::<T>();
                    for j in (0..2 * layout.chunk).step_by(LINE / size_of::<T>()) {
                        simd.prefetch(next.wrapping_add(j));
                    }
                }
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
            touched,
            tile,
        } = self;
        let (re, im) = (tile.re.as_ptr(), tile.im.as_ptr());
        for (i, &offset) in layout.offsets.iter().enumerate() {
            if offset & !touched != 0 {
                continue;
            }
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

/// The sum of |a|^2 over a tile.
pub(super) struct Weigh<'a, T: Zero> {
    pub(super) tile: &'a Tile<T>,
    pub(super) bits: u32,
}

impl<T: Real> Kernel<T> for Weigh<'_, T> {
    type Output = f64;

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { tile, bits } = self;
        let numbers = 1usize << bits;
        let mut total = 0.0;
        for start in (0..numbers).step_by(64 * S::LANES) {
            let end = numbers.min(start + 64 * S::LANES);
            let mut sums = [simd.splat(T::ZERO); 2];
            for at in (start..end).step_by(S::LANES) {
                for (sum, part) in sums.iter_mut().zip([&tile.re[at..], &tile.im[at..]]) {
                    assert!(part.len() >= S::LANES);
                    // SAFETY: the slice has LANES numbers, as just asserted.
                    let x = unsafe { simd.load(part.as_ptr()) };
                    *sum = simd.mul_add(x, x, *sum);
                }
            }
            for sum in sums {
                let mut lanes = [T::ZERO; MAX_LANES];
                // SAFETY: a vector has at most so many lanes.
                unsafe { simd.store(lanes.as_mut_ptr(), sum) };
                total += lanes.iter().map(|x| x.as_f64()).sum::<f64>();
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_state_once() {
        let layout = TileLayout::new(7, 0b0101_1011, 2);
        let mut seen = [false; 128];
        for tile in 0..layout.tiles(!0) {
            for offset in &layout.offsets {
                for j in 0..layout.chunk {
                    let index = (layout.base(tile, !0) | offset) + j;
                    assert!(!seen[index]);
                    seen[index] = true;
                }
            }
        }
        assert!(seen.iter().all(|&seen| seen));
    }

    #[test]
    fn the_parts_of_a_tile_cover_it_and_know_their_place_in_the_state() {
        let layout = TileLayout::new(7, 0b0101_1011, 2);
        let (low, starts) = layout.lowest(2, 2);
        assert_eq!(low.qubits, [0, 1]);
        let expected = [
            (0, 0),
            (4, 8),
            (8, 16),
            (12, 24),
            (16, 64),
            (20, 72),
            (24, 80),
            (28, 88),
        ];
        assert_eq!(starts, expected);
    }

    #[test]
    fn tiles_that_hold_only_zeros_are_not_visited() {
        let layout = TileLayout::new(7, 0b0000_1111, 2);
        assert_eq!(layout.tiles(0b0010_0001), 2);
        assert_eq!(layout.base(1, 0b0010_0001), 0b0010_0000);
    }
}
