//! Exact synthesis: from matrices to gates.
//!
//! Everything here takes a unitary (or its description) and returns gates whose product equals it *including the
//! global phase*; nothing approximates. The layers build on each other:
//!
//! * [`euler`]: any one-qubit unitary as `rz`, `sx`, `x`, as `rz`, `rx`, or as `u`.
//! * [`weyl`]: the KAK (Weyl chamber) decomposition of any two-qubit unitary.
//! * [`two_qubit`]: two-qubit unitaries with the least number of `cz`, or of `rzz`.
//! * [`multi_controlled`]: gates under any number of controls.
//! * `network`: three-qubit networks shortened numerically, to rounding error.
//! * [`unitary`]: matrices on any number of qubits, by the eigen- and cosine-sine decompositions of [`spectral`].
//!
//! # Tolerance
//!
//! There is exactly one idea of "near": [`TOLERANCE`]. It equals the deviation from unitarity at which a matrix is
//! still accepted as a gate, so two unitaries that are closer than this were indistinguishable on input already.
//! A gate is left out only when that changes the operator by less than [`TOLERANCE`].

pub mod euler;
mod minimise;
pub mod multi_controlled;
pub(crate) mod network;
pub mod spectral;
pub mod two_qubit;
pub mod unitary;
pub mod weyl;

/// Angles (and coordinates) closer than this to a special value are treated as that value.
///
/// An angle error of `d` changes an operator by at most `d` in norm, so this is also a bound on what one such decision
/// can change.
pub const TOLERANCE: f64 = 1e-10;

/// Angles this close to a multiple of pi/4 are rounding noise of the synthesis itself and are cleaned to it.
pub(crate) const ROUNDING: f64 = 1e-13;

#[cfg(test)]
pub(crate) mod testing;
