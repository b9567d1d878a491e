//! State-vector simulation.

mod error;
#[allow(unsafe_code, reason = "vector intrinsics and tiles shared between threads; see kernels/mod.rs")]
mod kernels;
mod memory;
mod random;

pub use error::SimulatorError;
pub use kernels::{Real, Width};
