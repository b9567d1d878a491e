//! A circuit as rotations about Pauli operators, and what follows from seeing it so.
//!
//! Every gate on one and two qubits is a product of turns `exp(-i angle/2 P)` about Pauli operators; quarter turns are
//! Clifford gates. Pulling the Clifford gates to the end of a circuit leaves a list of rotations about operators on
//! many qubits, in which the order matters only between those that anticommute. Two passes work on that list:
//!
//! * [`FoldPhases`] merges rotations about the same operator where they stand.
//! * [`ResynthesizePaulis`] writes the whole list anew, with as few two-qubit gates as it finds.

mod amplitude;
mod fold;
mod fragments;
mod metric;
mod narrow;
mod network;
mod parity;
mod placement;
mod program;
mod resynthesise;
mod row;
mod turns;

pub use fold::FoldPhases;
pub use resynthesise::{Reach, ResynthesizePaulis};
