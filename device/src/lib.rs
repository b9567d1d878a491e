//! Device models: what a quantum computer can do, how well, and how fast.
//!
//! A [`Target`] is data. It lists the gates of a device with the error and the duration of each on
//! each qubit or pair, the coherence of the qubits, the clock, and, derived from these, which
//! qubits and edges are fit for use and how far apart they are. The compiler routes by it, the
//! scheduler times by it, the noise model is made from it; none of them knows any device by name.
//!
//! A target comes from one of four places:
//!
//! - [`Target::bundled`]: calibrations of IBM Heron processors that are part of this crate;
//! - [`Target::from_ibm`]: IBM's own `conf_*.json` and `props_*.json`;
//! - [`TargetBuilder`]: lines, rings, grids, heavy-hex lattices, all-to-all, or any list of edges,
//!   with figures of your choice;
//! - [`Target::from_json`]: the compact format that [`Target::to_json`] writes.
//!
//! [`Target::from_spec`] reads the short names that the command line and Python use for all four.
//!
//! ```
//! use ardea_circuit::{Gate, Qubit};
//! use ardea_device::Target;
//!
//! let boston = Target::bundled("boston")?;
//! let pair = [Qubit::new(0), Qubit::new(1)];
//! let cz = boston.instruction(Gate::CZ, &pair).expect("0 and 1 are coupled");
//! assert!(cz.error < 0.01 && cz.duration < 100e-9);
//! assert!(!boston.is_live(Qubit::new(146))); // its sx is out of order
//! # Ok::<(), ardea_device::TargetError>(())
//! ```
#![forbid(unsafe_code)]

mod builder;
mod bundled;
mod compact;
mod description;
mod distance;
mod error;
mod ibm;
mod lattice;
mod properties;
mod spec;
mod summary;
mod target;

pub use builder::TargetBuilder;
pub use distance::DistanceMatrix;
pub use error::TargetError;
pub use properties::{BROKEN_ERROR, InstructionProperties, QubitProperties, Readout, Timing};
pub use summary::{GateSummary, Summary};
pub use target::Target;
