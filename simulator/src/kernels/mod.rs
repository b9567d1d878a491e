//! The arithmetic on amplitudes, and the only home of `unsafe` in this crate.
//!
//! Kernels are named after the shape of a matrix (dense, diagonal, permutation; each with controls) and know
//! nothing of gates. They all work on a [`Tile`]: a copy of 2^t amplitudes, real and imaginary parts apart, small
//! enough for the second-level cache. One sweep through the state gathers a tile, applies a whole run of
//! operations to it, and scatters it back; so a gate costs cache bandwidth, not memory bandwidth, and the state
//! itself stays a plain array of complex numbers that numpy can look at without a copy. States of a few qubits, which lie in
//! the first caches as a whole, have kernels of their own ([`narrow`]).
//!
//! Every kernel is written once, generic over the precision ([`Real`]) and the vector width ([`Simd`]); the width
//! is chosen at run time ([`Width::detect`]).

mod buffer;
mod dense;
mod diagonal;
mod dispatch;
mod groups;
mod narrow;
mod overlap;
#[cfg(all(target_os = "linux", not(miri)))]
mod pages;
mod pair;
mod pauli;
mod peak;
mod per_thread;
mod permutation;
mod pieces;
mod portable;
mod real;
mod shape;
mod simd;
mod sweep;
mod tile;
mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub(crate) use buffer::Buffer;
pub(crate) use dense::MAX_DENSE;
pub use dispatch::Width;
pub(crate) use narrow::{Amplitudes, STEP, Steps, Where};
pub(crate) use overlap::Overlap;
pub(crate) use pair::{PairStep, PairSweep, PairSweeper};
pub(crate) use pauli::{Factor, add_flipped, walsh_hadamard};
pub(crate) use peak::multiply_and_add;
pub(crate) use permutation::MAX_PERMUTATION;
pub use real::Real;
pub(crate) use real::weight;
pub(crate) use shape::Shape;
pub(crate) use sweep::{Pass, Stage, Sweeper, prepare};
pub(crate) use tile::TileLayout;
pub(crate) use wide::MAX_WIDE;
