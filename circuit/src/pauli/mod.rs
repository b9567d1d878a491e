//! Pauli strings and sparse sums of them: observables and Hamiltonians.
//!
//! Labels read as Qiskit's: the rightmost character belongs to qubit 0.

mod string;
mod sum;

pub use string::{Pauli, PauliString};
pub use sum::SparsePauliSum;
