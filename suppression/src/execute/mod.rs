//! Everything in one call: compile, suppress, run, mitigate, report.
//!
//! ```text
//! circuits -> compile -> measure the observables' bases -> fold -> twirl -> schedule, decouple -> jobs
//! jobs -> counts (noise simulator, or hardware) -> bits put right -> readout -> extrapolation -> results
//! ```
//!
//! [`prepare`] does the first line and gives an [`Experiment`]: a list of circuits with their shots, and all that is needed
//! to make results of their counts. [`Experiment::run`] runs them on the noise simulator; [`Experiment::collect`] takes
//! counts from elsewhere. The same arguments give the same experiment, bit by bit, so counts can be collected by another
//! process, another day. Each stage can be switched off, decides for itself, or does as it is told ([`Choice`]).

mod bases;
mod calibrate;
mod collect;
mod experiment;
mod options;
mod pictures;
mod place;
mod reading;
mod report;
mod spelling;
mod stages;
mod timing;
mod values;
mod zero_noise;

#[cfg(test)]
mod error_bar_tests;
#[cfg(test)]
mod tests;

pub use collect::{Counted, Execution, Expectation, ProgramResult};
pub use experiment::{Experiment, Job};
pub use options::{
    Calibration, Choice, Compilation, ExecuteOptions, MOST_VERSIONS, Readout, ReadoutMethod,
    Suppress, Twirling, ZeroNoise,
};
pub use report::{ExecutionReport, ProgramReport, StageReport};

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::Circuit;
use ardea_device::Target;
use ardea_noise::{NoiseModel, NoiseOptions, RunOptions};

use crate::error::SuppressionError;

/// Compiles, suppresses, runs on the noise simulator of `target` with all its noise, and mitigates.
///
/// [`prepare`] and [`Experiment::run`] do the same with a noise model and an engine of one's choice.
///
/// # Errors
/// As both of them.
pub fn execute(
    circuits: &[Circuit],
    target: &Target,
    options: &ExecuteOptions,
) -> Result<Execution, SuppressionError> {
    let model = NoiseModel::from_target(target, &NoiseOptions::default())?;
    prepare(circuits, target, options)?.run(&model, &RunOptions::default())
}

/// Compiles and suppresses: everything before the circuits run.
///
/// # Errors
/// When an option is out of range or does not fit another, a circuit cannot be compiled, or there is nothing to measure.
pub fn prepare(
    circuits: &[Circuit],
    target: &Target,
    options: &ExecuteOptions,
) -> Result<Experiment, SuppressionError> {
    prepare_until(circuits, target, options, &Arc::default())
}

/// [`prepare`], which ends soon after another thread has set `stop`.
///
/// # Errors
/// As [`prepare`], and [`CompileError::Stopped`](ardea_compiler::CompileError::Stopped).
pub fn prepare_until(
    circuits: &[Circuit],
    target: &Target,
    options: &ExecuteOptions,
    stop: &Arc<AtomicBool>,
) -> Result<Experiment, SuppressionError> {
    Experiment::prepare(circuits, target, options, stop)
}
