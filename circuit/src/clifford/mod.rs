//! Clifford operators at any width: those that take Pauli operators to Pauli operators.
//!
//! - [`Tableau`] is such an operator up to its global phase, as the images of every X and Z. Two circuits of Clifford
//!   gates do the same, up to that phase, exactly when their tableaus are equal.
//! - [`StabilizerState`] is what such a circuit makes of |0...0>, global phase included: it tells the phase by which two
//!   circuits with equal tableaus differ ([`phase_of`]).
//! - [`CliffordForm`] recognises operations, rotations by quarter turns and matrices among them, and writes them in
//!   elementary gates ([`CliffordGate`]), on which the other two work.

mod gate;
mod plain;
mod recognise;
mod state;
mod tableau;
#[cfg(test)]
mod tests;

pub use gate::CliffordGate;
pub use recognise::CliffordForm;
pub use state::{StabilizerState, phase_of};
pub use tableau::Tableau;
