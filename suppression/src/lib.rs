//! Error suppression and mitigation.
//!
//! - [`twirl`]: random Paulis around two-qubit gates and before measurements.

#![forbid(unsafe_code)]

mod error;
mod seeds;
pub mod twirl;

pub use error::SuppressionError;
