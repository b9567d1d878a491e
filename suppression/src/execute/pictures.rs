//! The pictures of an experiment.

use ardea_compiler::ScheduleMode;
use ardea_compiler::schedule::schedule;
use ardea_device::Target;

use super::experiment::Experiment;
use crate::error::SuppressionError;
use crate::figures::{error_map, stage_bars};

impl Experiment {
    /// Names and pictures (SVG): of each circuit `error_map`, the device with the qubits that the circuit uses;
    /// `timeline`, when what happens in its first version; `stages`, what each stage is predicted to gain. Where there are
    /// several circuits, each name ends in `_` and the number of its circuit, from 0.
    ///
    /// `target` is the one that the experiment was prepared for.
    ///
    /// # Errors
    /// When the circuits do not fit the target.
    pub fn figures(&self, target: &Target) -> Result<Vec<(String, String)>, SuppressionError> {
        let mut out = Vec::new();
        for (number, (program, report)) in self
            .programs
            .iter()
            .zip(&self.report().programs)
            .enumerate()
        {
            let ending = match self.programs.len() {
                1 => String::new(),
                _ => format!("_{number}"),
            };
            let first = program.parts.first().map(|part| part.jobs.start);
            if let Some(job) = first.and_then(|first| self.jobs.get(first)) {
                // Waits are in the circuit as delays; where they are not, the device begins as late as it can.
                let timeline = schedule(&job.circuit, target, ScheduleMode::Alap)?;
                let map = error_map(target, Some(&job.circuit.active_qubits()));
                out.push((format!("error_map{ending}"), map));
                out.push((format!("timeline{ending}"), timeline.to_svg(&job.circuit)));
            }
            out.push((format!("stages{ending}"), stage_bars(report)));
        }
        Ok(out)
    }
}
