//! The Ardea compiler: turns any [`Circuit`](ardea_circuit::Circuit) into one that a device accepts, with as few and
//! as good two-qubit gates as it can find.
//!
//! A compilation is a [`Pipeline`]: a list of small passes, each of which rewrites the circuit and says what it needs
//! ([`Pass::requires`]) and what it leaves ([`Pass::establishes`]). `presets` has the lists behind the four levels,
//! and `compile` runs one of them:
//!
//! ```text
//! clean  ->  fewer gates  ->  place on the device and route  ->  resynthesise  ->  native gates  ->  schedule
//! ```
//!
//! Where each input qubit starts and ends travels with the circuit as its layout; nothing about it is lost.

#![forbid(unsafe_code)]

pub mod along_line;
pub mod clifford;
pub mod context;
pub mod error;
pub mod fan_out;
pub mod mapping;
pub mod optimise;
pub mod options;
pub mod pass;
pub mod pauli;
pub mod pipeline;
pub mod presets;
pub mod properties;
pub mod relative_phase;
pub mod report;
pub mod schedule;
mod search;
mod settled;
pub mod synthesis;
pub mod translate;
pub mod verify;

pub use context::Context;
pub use error::CompileError;
pub use options::{
    Aim, CompileOptions, Decoupling, Effort, GateSet, Level, Preserve, ScheduleMode, Verification,
};
pub use pass::{Change, Pass};
pub use pipeline::Pipeline;
pub use presets::{Compiled, compile, compile_until, list_of};
pub use properties::Properties;
pub use report::{PassRecord, Report};
