//! Pauli strings and sparse sums of them: observables and Hamiltonians.
//!
//! Labels read as Qiskit's: the rightmost character belongs to qubit 0.

mod majorana;
mod phased;
mod string;
mod sum;

pub use majorana::Majoranas;
pub use phased::PhasedPauli;
pub use string::{Pauli, PauliString};
pub use sum::SparsePauliSum;
