//! Whether two quantum circuits mean the same.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ardea_circuit::Circuit;
//! use ardea_equivalence::{CheckOptions, Verdict, check};
//!
//! let (mut swap, mut three) = (Circuit::new(2, 0), Circuit::new(2, 0));
//! swap.swap(0, 1)?;
//! three.cx(0, 1)?.cx(1, 0)?.cx(0, 1)?;
//! assert_eq!(check(&swap, &three, &CheckOptions::default())?.verdict, Verdict::Equal);
//! # Ok(()) }
//! ```
//!
//! Both circuits are lowered to unitary steps on wires (`program`), and methods are tried in turn until one decides
//! (`compare`): exact ones that work at any width first, then exact simulation where it fits, then random inputs. A
//! circuit that nothing decides is [`Verdict::Unknown`]; it is never called equal without a proof or different without
//! one. The crate knows no compiler, so it can judge one.

#![forbid(unsafe_code)]

mod by_clusters;
mod by_fermions;
mod by_rotations;
mod by_simulation;
mod cancel;
mod compare;
mod error;
mod factors;
mod fermions;
mod frames;
mod known;
mod options;
mod pauli;
mod program;
mod report;
mod rotations;
mod split;
mod stabilisers;
mod virtual_qubits;

#[cfg(test)]
mod tests;

pub use compare::check;
pub use error::EquivalenceError;
pub use options::{CheckOptions, Meaning};
pub use report::{Attempt, Method, Report, Verdict, Witness};
