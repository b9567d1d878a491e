//! A dense matrix on more targets than the vector kernels take, row by row.
//!
//! Such matrices come only from users who hand one over; the work is proportional to the matrix itself, and plain loops
//! over slices do it.

use num_complex::Complex64;

use super::buffer::Buffer;
use super::real::Real;
use super::sweep::Outside;
use super::tile::{TileLayout, TileView};
use crate::error::SimulatorError;

/// Most targets of any matrix.
pub(crate) const MAX_WIDE: usize = 12;

/// A wide matrix made ready for one layout.
#[derive(Debug)]
pub(super) struct Wide<T> {
    /// Condition on the qubits outside the tile.
    pub(super) outside: Outside,
    /// Bits of the tile's index: those of the targets, and the condition of the controls inside.
    targets: usize,
    control_mask: usize,
    control_value: usize,
    bits: u32,
    /// Place of each matrix index in the tile.
    places: Vec<usize>,
    /// Real and imaginary parts, row by row.
    re: Buffer<T>,
    im: Buffer<T>,
}

impl<T: Real> Wide<T> {
    pub(super) fn prepare(
        targets: &[u32],
        controls: &[(u32, bool)],
        matrix: &[Complex64],
        layout: &TileLayout,
    ) -> Result<Self, SimulatorError> {
        let positions: Vec<u32> = targets
            .iter()
            .map(|&target| layout.position(target).expect("targets lie in the tile"))
            .collect();
        let place = |index: usize| {
            positions
                .iter()
                .enumerate()
                .map(|(i, &bit)| (index >> i & 1) << bit)
                .sum()
        };
        let places: Vec<usize> = (0..1usize << targets.len()).map(place).collect();
        let mut wide = Self {
            outside: Outside::default(),
            targets: places[places.len() - 1],
            control_mask: 0,
            control_value: 0,
            bits: layout.bits,
            places,
            re: Buffer::zeroed(matrix.len(), "the entries of a matrix")?,
            im: Buffer::zeroed(matrix.len(), "the entries of a matrix")?,
        };
        for &(control, value) in controls {
            match layout.position(control) {
                Some(bit) => {
                    wide.control_mask |= 1 << bit;
                    wide.control_value |= usize::from(value) << bit;
                }
                None => wide.outside.require(control, value),
            }
        }
        for (i, entry) in matrix.iter().enumerate() {
            wide.re[i] = T::from_f64(entry.re);
            wide.im[i] = T::from_f64(entry.im);
        }
        Ok(wide)
    }

    /// Applies the matrix to the tile.
    pub(super) fn apply(&self, tile: &mut TileView<'_, T>) {
        let side = self.places.len();
        let (mut xr, mut xi) = (vec![T::ZERO; side], vec![T::ZERO; side]);
        for base in 0..1usize << self.bits {
            if base & self.targets != 0 || base & self.control_mask != self.control_value {
                continue;
            }
            for (i, place) in self.places.iter().enumerate() {
                xr[i] = tile.re[base | place];
                xi[i] = tile.im[base | place];
            }
            for (row, place) in self.places.iter().enumerate() {
                let (mut yr, mut yi) = (T::ZERO, T::ZERO);
                let entries = row * side..(row + 1) * side;
                let pairs = self.re[entries.clone()].iter().zip(&self.im[entries]);
                for ((&ar, &ai), (&x, &y)) in pairs.zip(xr.iter().zip(&xi)) {
                    yr += ar * x - ai * y;
                    yi += ar * y + ai * x;
                }
                tile.re[base | place] = yr;
                tile.im[base | place] = yi;
            }
        }
    }
}
