//! Passes that remove gates: one file each, all but [`DropSmallRotations`] exact including the global phase.
//!
//! None of them adds a two-qubit gate or uses a pair of qubits that the circuit did not use, so they run on logical
//! and on routed circuits alike; what is left of a gate may have to be written in the device's gates again.

mod bodies;
pub mod cancel;
mod commutation;
pub mod defer_measurements;
mod edge_block;
pub mod identities;
pub mod known_state;
mod rotation;
pub mod small_rotations;
#[cfg(test)]
pub(crate) mod testing;
pub mod unobserved;

pub use cancel::CancelCommuting;
pub use defer_measurements::DeferMeasurements;
pub use edge_block::Blocks;
pub use identities::RemoveIdentities;
pub use known_state::SimplifyKnownStates;
pub use small_rotations::DropSmallRotations;
pub use unobserved::RemoveUnobserved;

pub(crate) use bodies::in_every_body;
pub(crate) use commutation::{Kind, kinds};
pub(crate) use rotation::{Family, Rotation};

/// The one tolerance of this folder: an operator none of whose entries differs from another's by more than this is the
/// same operator.
pub(crate) const NEGLIGIBLE: f64 = 1e-10;
