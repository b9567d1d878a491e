//! Scheduling and decoupling as steps of a compilation.

use ardea_circuit::Circuit;
use ardea_device::Target;

use super::estimate::estimate_as_written;
use super::least_loss::{Waits, settle};
use super::{
    CPMG, STAGGERED, Sequence, SlowNoise, UDD, WALSH, decouple, insert_delays, schedule, stagger,
};
use crate::{Change, CompileError, Context, Decoupling, Pass, Properties, ScheduleMode};

/// Makes idle time explicit as delays, in the manner of [`CompileOptions::schedule`], as late as possible where
/// none is chosen.
///
/// [`CompileOptions::schedule`]: crate::CompileOptions::schedule
#[derive(Clone, Copy, Debug, Default)]
pub struct Schedule;

impl Pass for Schedule {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn requires(&self) -> Properties {
        Properties::MAPPED | Properties::ROUTED | Properties::BASIS
    }

    fn establishes(&self) -> Properties {
        Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let mode = context.options.schedule.unwrap_or(ScheduleMode::Alap);
        let (target, decoupling) = (context.target, context.options.decoupling);
        let before = circuit.len();
        *circuit = if mode == ScheduleMode::LeastLoss && decoupling != Decoupling::None {
            best_with_pulses(circuit, target, decoupling)?
        } else {
            let timeline = schedule(circuit, target, mode)?;
            insert_delays(circuit, target, &timeline, mode)?
        };
        Ok(Change::when(circuit.len() != before))
    }
}

/// The circuit with the idle time that is best once pulses fill it; the latest starts are among those compared.
fn best_with_pulses(
    circuit: &Circuit,
    target: &Target,
    decoupling: Decoupling,
) -> Result<Circuit, CompileError> {
    let noise = SlowNoise::default();
    let latest = schedule(circuit, target, ScheduleMode::Alap)?;
    let mut timelines = vec![latest];
    for waits in [Waits::Empty, Waits::Decoupled] {
        let settled = settle(circuit, target, &timelines[0], &noise, waits)?;
        if !timelines.contains(&settled) {
            timelines.push(settled);
        }
    }
    let mut best: Option<(f64, Circuit)> = None;
    for timeline in &timelines {
        let padded = insert_delays(circuit, target, timeline, ScheduleMode::LeastLoss)?;
        let mut filled = padded.clone();
        fill(&mut filled, target, decoupling)?;
        let success = estimate_as_written(&filled, target, &noise)?.log_success();
        if best.as_ref().is_none_or(|&(most, _)| success > most) {
            best = Some((success, padded));
        }
    }
    match best {
        Some((_, padded)) => Ok(padded),
        None => Ok(circuit.clone()),
    }
}

/// Fills idle windows with the pulses of [`CompileOptions::decoupling`]; does nothing where none are chosen.
///
/// [`CompileOptions::decoupling`]: crate::CompileOptions::decoupling
#[derive(Clone, Copy, Debug, Default)]
pub struct Decouple;

impl Pass for Decouple {
    fn name(&self) -> &'static str {
        "decouple"
    }

    fn requires(&self) -> Properties {
        Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let filled = fill(circuit, context.target, context.options.decoupling)?;
        Ok(Change::when(filled > 0))
    }
}

/// Fills idle windows; returns how many.
fn fill(
    circuit: &mut Circuit,
    target: &Target,
    decoupling: Decoupling,
) -> Result<usize, CompileError> {
    let mut best = |palette: &[Sequence]| stagger(circuit, target, palette, &SlowNoise::default());
    match decoupling {
        Decoupling::None => Ok(0),
        Decoupling::Staggered => best(STAGGERED),
        Decoupling::Cpmg => best(CPMG),
        Decoupling::Udd => best(UDD),
        Decoupling::Walsh => best(WALSH),
        Decoupling::Xx => decouple(circuit, target, Sequence::XX),
        Decoupling::XpXm => decouple(circuit, target, Sequence::XpXm),
        Decoupling::Xy4 => decouple(circuit, target, Sequence::XY4),
        Decoupling::Xy8 => decouple(circuit, target, Sequence::XY8),
    }
}

#[cfg(test)]
mod tests;
