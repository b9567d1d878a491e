//! Scheduling and decoupling as steps of a compilation.

use ardea_circuit::Circuit;

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
        let timeline = schedule(circuit, context.target, mode)?;
        let before = circuit.len();
        *circuit = insert_delays(circuit, context.target, &timeline, mode)?;
        Ok(Change::when(circuit.len() != before))
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
        let target = context.target;
        let mut best =
            |palette: &[Sequence]| stagger(circuit, target, palette, &SlowNoise::default());
        let filled = match context.options.decoupling {
            Decoupling::None => 0,
            Decoupling::Staggered => best(STAGGERED)?,
            Decoupling::Cpmg => best(CPMG)?,
            Decoupling::Udd => best(UDD)?,
            Decoupling::Walsh => best(WALSH)?,
            Decoupling::Xx => decouple(circuit, target, Sequence::XX)?,
            Decoupling::XpXm => decouple(circuit, target, Sequence::XpXm)?,
            Decoupling::Xy4 => decouple(circuit, target, Sequence::XY4)?,
            Decoupling::Xy8 => decouple(circuit, target, Sequence::XY8)?,
        };
        Ok(Change::when(filled > 0))
    }
}

#[cfg(test)]
mod tests;
