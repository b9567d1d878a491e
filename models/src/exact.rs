//! Exact references: what a perfect computer would measure.
//!
//! Two roads, both for the exact dynamics and for the exact Trotterised one. [`SectorState`] holds
//! the wave function in the sector of fixed particle numbers, for any interaction and small chains.
//! [`FreeFermions`] needs matrices of the size of the chain only, and no interaction.

mod arrangements;
mod chebyshev;
mod free;
mod sector;

pub use free::FreeFermions;
pub use sector::{Sector, SectorState};

use num_complex::Complex64;

/// exp(-i angle (c+_a c_b + h.c.)) on the amplitudes of the two states that a hop connects.
fn hop_rotation(angle: f64) -> (f64, Complex64) {
    (angle.cos(), Complex64::new(0.0, -angle.sin()))
}
