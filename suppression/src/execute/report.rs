//! What an execution did, stage by stage, with what each was predicted to gain.

use std::fmt;

use ardea_compiler::Report as CompileReport;
use serde::Serialize;

/// A stage of an execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageReport {
    /// Its name: compilation, schedule, decoupling, twirling, readout, zero-noise.
    pub stage: &'static str,
    /// Whether it ran.
    pub is_on: bool,
    /// Whether that was decided automatically.
    pub is_automatic: bool,
    /// What it did, or why it did not run.
    pub detail: String,
    /// The predicted chance that all goes well without it: for readout, that all bits are read rightly; for zero-noise, the
    /// share of an expectation value that noise leaves; else, that no gate, wait or measurement goes wrong. `None` where no
    /// prediction is made.
    pub success_before: Option<f64>,
    /// The same with it.
    pub success_after: Option<f64>,
}

/// One circuit of an execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgramReport {
    /// Name of the circuit, or its number.
    pub name: String,
    /// The compilation; `None` for a circuit that was compiled already.
    pub compilation: Option<CompileReport>,
    /// The stages in the order in which they act.
    pub stages: Vec<StageReport>,
    /// Circuits that run for it, calibration not counted.
    pub circuits: usize,
    /// Shots of these together.
    pub shots: u64,
}

/// An execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExecutionReport {
    /// Name of the device.
    pub target: String,
    /// Seed of everything that is random.
    pub seed: u64,
    /// The circuits given.
    pub programs: Vec<ProgramReport>,
    /// Circuits that calibrate the readout of all of them.
    pub calibration_circuits: usize,
    /// Shots of these together.
    pub calibration_shots: u64,
    /// What a reader of the results should know.
    pub notes: Vec<String>,
    /// Wall-clock seconds to compile and suppress.
    pub seconds_to_prepare: f64,
    /// Wall-clock seconds to run and to mitigate; 0 where the circuits were handed over.
    pub seconds_to_run: f64,
}

impl fmt::Display for ExecutionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for program in &self.programs {
            writeln!(
                f,
                "{} on {}: {}, {} shots",
                program.name,
                self.target,
                circuits(program.circuits),
                program.shots
            )?;
            writeln!(
                f,
                "  {:<12} {:<9} {:>9} {:>9}  what",
                "stage", "", "before", "after"
            )?;
            for stage in &program.stages {
                let state = match (stage.is_on, stage.is_automatic) {
                    (true, true) => "on, auto",
                    (true, false) => "on",
                    (false, true) => "off, auto",
                    (false, false) => "off",
                };
                writeln!(
                    f,
                    "  {:<12} {state:<9} {:>9} {:>9}  {}",
                    stage.stage,
                    number(stage.success_before),
                    number(stage.success_after),
                    stage.detail
                )?;
            }
        }
        if self.calibration_circuits > 0 {
            writeln!(
                f,
                "calibration of readout: {}, {} shots",
                circuits(self.calibration_circuits),
                self.calibration_shots
            )?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        write!(
            f,
            "{:.2} s to prepare, {:.2} s to run",
            self.seconds_to_prepare, self.seconds_to_run
        )
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value < 1e-3 => format!("{value:.1e}"),
        Some(value) => format!("{value:.4}"),
    }
}

fn circuits(number: usize) -> String {
    match number {
        1 => "1 circuit".to_owned(),
        _ => format!("{number} circuits"),
    }
}
