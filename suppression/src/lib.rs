//! Error suppression and mitigation.
//!
//! [`execute()`] does all of it in one call: compile, suppress, run on the noise simulator, mitigate, and say what each stage
//! did. [`prepare()`] stops at the circuits, for hardware, and takes the counts back. The parts:
//!
//! - [`twirl`]: random Paulis around two-qubit gates and before measurements.
//! - [`readout`]: how qubits are misread, measured and taken out of counts and expectation values.
//! - [`zne`]: expectation values continued to no noise.
//! - [`mod@execute`]: the stages and their report.
//! - [`figures`]: the device and its errors, and the gain of each stage, as SVG.
//!
//! ```
//! use ardea_circuit::Circuit;
//! use ardea_device::Target;
//! use ardea_suppression::{ExecuteOptions, execute};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut bell = Circuit::new(2, 2);
//! bell.h(0)?.cx(0, 1)?.measure(0, 0)?.measure(1, 1)?;
//! let target = Target::line(3)?;
//! let execution = execute(&[bell], &target, &ExecuteOptions::with_shots(1000))?;
//! println!("{}", execution.report);
//! # Ok(()) }
//! ```

#![forbid(unsafe_code)]

mod error;
pub mod execute;
pub mod figures;
pub mod readout;
mod seeds;
pub mod twirl;
pub mod zne;

pub use error::SuppressionError;
pub use execute::{
    Choice, Compilation, ExecuteOptions, Execution, Experiment, Suppress, execute, prepare,
    prepare_until,
};
