//! Error suppression and mitigation.
//!
//! - [`twirl`]: random Paulis around two-qubit gates and before measurements.
//! - [`readout`]: how qubits are misread, measured and taken out of counts and expectation values.
//! - [`zne`]: expectation values continued to no noise.

#![forbid(unsafe_code)]

mod error;
pub mod readout;
mod seeds;
pub mod twirl;
pub mod zne;

pub use error::SuppressionError;
