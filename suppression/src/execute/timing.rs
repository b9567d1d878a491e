//! Schedules and pulses of one circuit, and what they are predicted to gain.

use ardea_circuit::Circuit;
use ardea_compiler::schedule::{Decouple, Schedule, SlowNoise, estimate_with};
use ardea_compiler::{
    CompileOptions, Context, Decoupling, Pass, Properties, ScheduleMode, Verification,
};
use ardea_device::Target;

use crate::error::SuppressionError;

/// When things happen in the circuits of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timing {
    pub(super) schedule: Option<ScheduleMode>,
    pub(super) decoupling: Decoupling,
}

/// The circuit with its waits written out, where it is scheduled, and pulses in them.
pub(super) fn timed(
    circuit: &Circuit,
    target: &Target,
    timing: Timing,
) -> Result<Circuit, SuppressionError> {
    let mut out = circuit.clone();
    if timing.schedule.is_none() {
        return Ok(out);
    }
    let options = CompileOptions {
        decoupling: timing.decoupling,
        schedule: timing.schedule,
        verification: Verification::Off,
        ..CompileOptions::default()
    };
    let mut context = Context::new(target, &options, circuit.num_qubits());
    context.properties = Properties::MAPPED | Properties::ROUTED | Properties::BASIS;
    Schedule.run(&mut out, &mut context)?;
    if timing.decoupling != Decoupling::None {
        Decouple.run(&mut out, &mut context)?;
    }
    Ok(out)
}

/// Natural logarithm of the chance that the circuit runs without error, slow noise included.
pub(super) fn log_success(circuit: &Circuit, target: &Target) -> Result<f64, SuppressionError> {
    let estimate = estimate_with(circuit, target, &SlowNoise::default())?;
    Ok(estimate.log_success_gates + estimate.log_success_idle + estimate.log_success_slow)
}
