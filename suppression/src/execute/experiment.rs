//! Circuits ready to run, with all that is needed to make results of their counts.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ardea_circuit::{Circuit, Symbol};
use ardea_compiler::CompileError;
use ardea_device::Target;
use ardea_noise::{NoiseModel, RunOptions, counts_by_draw, divided, shares};
use ardea_simulator::{Counts, MAX_SHOTS, SimOptions};
use rayon::prelude::*;

use super::bases::Bases;
use super::calibrate::CalibrationPlan;
use super::collect::Execution;
use super::options::{Calibration, ExecuteOptions, Readout, ReadoutMethod, ZeroNoise};
use super::place::{measuring, placed};
use super::report::{ExecutionReport, ProgramReport};
use super::timing::{log_success, timed};
use super::{stages, zero_noise};
use crate::error::{SuppressionError, bad_option};
use crate::readout::unread_qubits;
use crate::seeds::{Purpose, seed};
use crate::twirl::{Flips, Twirler};
use crate::zne::{Extrapolation, fold};

/// Draws of slow noise for the versions of a circuit together, when the user does not say how many.
const DEFAULT_DRAWS: u64 = 32;

/// Where a misread bit has had its effect, or may not have been measured at all, counts cannot be put right.
const NOTHING_TO_CALIBRATE: &str = "readout was not mitigated: conditions read every bit that is measured, or only bodies of \
     control flow measure them";

/// A circuit that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// On the device's qubits and in its gates.
    pub circuit: Circuit,
    /// How often.
    pub shots: u64,
    /// Classical bits that it reports inverted; [`Experiment::collect`] puts them right.
    pub flips: Flips,
}

impl Job {
    pub(super) fn new(circuit: Circuit, shots: u64) -> Self {
        Self {
            circuit,
            shots,
            flips: Flips::default(),
        }
    }
}

/// A circuit that was given, and the jobs that run for it.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) parts: Vec<Part>,
    pub(super) bases: Bases,
    pub(super) extrapolation: Option<Extrapolation>,
}

/// The versions of one circuit: one basis at one strength of the noise.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) basis: usize,
    pub(super) scale: f64,
    /// Before it was twirled.
    pub(super) circuit: Circuit,
    pub(super) first_bit: usize,
    pub(super) jobs: Range<usize>,
}

/// Circuits ready to run.
#[derive(Clone, Debug)]
pub struct Experiment {
    pub(super) programs: Vec<Program>,
    pub(super) jobs: Vec<Job>,
    pub(super) calibration: Option<CalibrationPlan>,
    pub(super) calibration_jobs: Range<usize>,
    report: ExecutionReport,
    seed: u64,
}

impl Experiment {
    pub(super) fn prepare(
        circuits: &[Circuit],
        target: &Target,
        options: &ExecuteOptions,
        stop: &Arc<AtomicBool>,
    ) -> Result<Self, SuppressionError> {
        let start = Instant::now();
        if !(1..=MAX_SHOTS).contains(&options.shots) {
            return bad_option(format!(
                "an execution takes 1 to {MAX_SHOTS} shots, not {}",
                options.shots
            ));
        }
        options.suppress.check()?;
        let has_observables = !options.observables.is_empty();
        let readout = stages::readout(&options.suppress, has_observables, target)?;
        let zero_noise = zero_noise::wanted(&options.suppress, has_observables)?;
        let mut out = Self {
            programs: vec![],
            jobs: vec![],
            calibration: None,
            calibration_jobs: 0..0,
            report: ExecutionReport {
                target: target.name().to_owned(),
                seed: options.seed,
                programs: vec![],
                calibration_circuits: 0,
                calibration_shots: 0,
                notes: vec![],
                seconds_to_prepare: 0.0,
                seconds_to_run: 0.0,
            },
            seed: options.seed,
        };
        let builder = Builder {
            target,
            options,
            readout,
            zero_noise,
            stop,
        };
        for (number, circuit) in circuits.iter().enumerate() {
            out.add(circuit, number, &builder)?;
        }
        if let Some(readout) = readout {
            let parts = out.programs.iter().flat_map(|program| &program.parts);
            let mut qubits: Vec<_> = parts
                .flat_map(|part| unread_qubits(&part.circuit))
                .flatten()
                .collect();
            qubits.sort_unstable();
            qubits.dedup();
            if qubits.is_empty() {
                if !out.programs.is_empty() {
                    out.report.notes.push(NOTHING_TO_CALIBRATE.to_owned());
                }
                out.report.seconds_to_prepare = start.elapsed().as_secs_f64();
                return Ok(out);
            }
            let (plan, jobs) = CalibrationPlan::new(readout, qubits, target, options.seed)?;
            enough_to_calibrate(&readout, jobs.len() as u64)?;
            out.calibration_jobs = out.jobs.len()..out.jobs.len() + jobs.len();
            out.report.calibration_circuits = jobs.len();
            out.report.calibration_shots = jobs.iter().map(|job| job.shots).sum();
            out.jobs.extend(jobs);
            out.calibration = Some(plan);
        }
        out.report.seconds_to_prepare = start.elapsed().as_secs_f64();
        Ok(out)
    }

    /// The circuits to run, in the order in which [`Experiment::collect`] wants their counts.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// What was done, and what it is predicted to gain.
    pub fn report(&self) -> &ExecutionReport {
        &self.report
    }

    /// Runs all circuits on the noise simulator and makes results of their counts. Shots and seeds are the experiment's;
    /// the draws of slow noise are shared among the versions of a circuit.
    ///
    /// # Errors
    /// Those of the noise simulator, and as [`Experiment::collect`].
    pub fn run(
        &self,
        model: &NoiseModel,
        options: &RunOptions,
    ) -> Result<Execution, SuppressionError> {
        let start = Instant::now();
        options.check()?;
        let one = |number: u64| -> Result<Vec<Counts>, SuppressionError> {
            let job = &self.jobs[number as usize];
            let versions = self.versions_beside(number as usize);
            let draws = options.draws.unwrap_or(DEFAULT_DRAWS).div_ceil(versions);
            let options = RunOptions {
                simulation: SimOptions {
                    shots: job.shots,
                    seed: seed(self.seed, Purpose::Simulation, number),
                    progress: None,
                    ..options.simulation.clone()
                },
                draws: Some(draws.clamp(1, job.shots.max(1))),
                engine: options.engine,
            };
            Ok(counts_by_draw(&job.circuit, model, &options)?)
        };
        let is_light = |job: &Job| options.engine.is_light(job.circuit.active_qubits().len());
        let light = self.jobs.iter().all(is_light);
        let jobs = self.jobs.len() as u64;
        let counts = divided(jobs, light, options.simulation.threads, one)?;
        let mut execution = self.results(&counts)?;
        execution.report.seconds_to_run = start.elapsed().as_secs_f64();
        Ok(execution)
    }

    /// How many versions of the same circuit a job is one of.
    fn versions_beside(&self, job: usize) -> u64 {
        let parts = self.programs.iter().flat_map(|program| &program.parts);
        let found = parts
            .map(|part| &part.jobs)
            .find(|jobs| jobs.contains(&job));
        found.unwrap_or(&self.calibration_jobs).len().max(1) as u64
    }

    fn add(
        &mut self,
        circuit: &Circuit,
        number: usize,
        builder: &Builder<'_>,
    ) -> Result<(), SuppressionError> {
        let Builder {
            target, options, ..
        } = *builder;
        if circuit.is_symbolic() {
            let names: Vec<String> = circuit.symbols().iter().map(Symbol::to_string).collect();
            let names = names.join(", ");
            return bad_option(format!(
                "the circuit has symbols without a value: {names}; bind them first"
            ));
        }
        let suppress = &options.suppress;
        let placed = placed(circuit, target, options, builder.stop)?;
        let bases = Bases::of(&options.observables, placed.layout.last.len())?;
        let measuring = measuring(&placed, &bases, target)?;
        let mut stages = vec![placed.stage];
        let mut timing = None;
        let (mut parts, first_job) = (Vec::new(), self.jobs.len());
        let mut successes = Vec::new();
        for (basis, measured) in measuring.iter().enumerate() {
            for (folded, scale) in strengths(&measured.circuit, builder)? {
                builder.check_stop()?;
                if basis == 0 && builder.zero_noise.is_some() {
                    successes.push((scale, log_success(&folded, target)?));
                }
                let twirled =
                    stages::twirling(suppress, &folded, target, builder.readout.as_ref(), options)?;
                let twirling = twirled.twirling;
                let twirler = Twirler::new(&folded, target, twirling.gates, twirling.measurements)?;
                let stream = (number as u64) << 32 | parts.len() as u64;
                let base = seed(options.seed, Purpose::Twirl, stream);
                let versions = twirler.versions(base, twirled.versions);
                let timing = match &timing {
                    Some(timing) => *timing,
                    None => {
                        let first = &versions[0];
                        stages.push(stages::twirling_report(
                            suppress, &twirler, &twirled, &folded, first, target,
                        )?);
                        let (chosen, reports) = stages::timing(suppress, &first.circuit, target)?;
                        stages.extend(reports);
                        *timing.insert(chosen)
                    }
                };
                let begin = self.jobs.len();
                let shots = shares(options.shots, twirled.versions).collect::<Vec<_>>();
                let jobs: Vec<Job> = versions
                    .into_par_iter()
                    .zip(shots)
                    .map(|(version, shots)| {
                        builder.check_stop()?;
                        let circuit = timed(&version.circuit, target, timing)?;
                        Ok(Job {
                            flips: version.flips,
                            ..Job::new(circuit, shots)
                        })
                    })
                    .collect::<Result<_, SuppressionError>>()?;
                self.jobs.extend(jobs);
                parts.push(Part {
                    basis,
                    scale,
                    first_bit: measured.first_bit,
                    circuit: folded,
                    jobs: begin..self.jobs.len(),
                });
            }
        }
        let circuits: Vec<&Circuit> = measuring.iter().map(|one| &one.circuit).collect();
        let calibration = builder.calibration_shots();
        let readout = builder.readout.as_ref();
        stages.push(stages::readout_report(
            suppress,
            readout,
            &circuits,
            target,
            calibration,
        ));
        stages.push(zero_noise::report(
            suppress,
            builder.zero_noise,
            &successes,
        )?);
        let jobs = &self.jobs[first_job..];
        self.report.programs.push(ProgramReport {
            name: circuit
                .name()
                .map_or_else(|| format!("circuit {number}"), str::to_owned),
            compilation: placed.report,
            stages,
            circuits: jobs.len(),
            shots: jobs.iter().map(|job| job.shots).sum(),
        });
        self.programs.push(Program {
            parts,
            bases,
            extrapolation: builder.zero_noise.map(|settings| settings.extrapolation),
        });
        Ok(())
    }
}

/// What all circuits of an experiment share.
struct Builder<'a> {
    target: &'a Target,
    options: &'a ExecuteOptions,
    readout: Option<Readout>,
    zero_noise: Option<&'a ZeroNoise>,
    stop: &'a Arc<AtomicBool>,
}

impl Builder<'_> {
    fn check_stop(&self) -> Result<(), SuppressionError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(CompileError::Stopped.into());
        }
        Ok(())
    }

    fn calibration_shots(&self) -> u64 {
        match self.readout.map(|readout| readout.calibration) {
            Some(Calibration::Circuits { shots, .. }) => shots,
            _ => 0,
        }
    }
}

/// Each circuit of a calibration that estimates errors needs shots of its own; those of TREX are added up.
fn enough_to_calibrate(readout: &Readout, circuits: u64) -> Result<(), SuppressionError> {
    match readout.calibration {
        Calibration::Circuits { shots, .. }
            if readout.method == ReadoutMethod::Inversion && shots < 2 * circuits =>
        {
            bad_option(format!(
                "the calibration has {circuits} circuits and needs at least {} shots, not {shots}",
                2 * circuits
            ))
        }
        _ => Ok(()),
    }
}

/// The circuit at each strength of its noise. Strengths that whole gates do not tell apart are one.
fn strengths(
    circuit: &Circuit,
    builder: &Builder<'_>,
) -> Result<Vec<(Circuit, f64)>, SuppressionError> {
    let Some(settings) = builder.zero_noise else {
        return Ok(vec![(circuit.clone(), 1.0)]);
    };
    let mut out: Vec<(Circuit, f64)> = Vec::new();
    for &scale in &settings.scales {
        let folded = fold(circuit, builder.target, scale, settings.folding)?;
        if out.iter().all(|(_, other)| *other != folded.scale) {
            out.push((folded.circuit, folded.scale));
        }
    }
    let reached: Vec<f64> = out.iter().map(|(_, scale)| *scale).collect();
    zero_noise::amplification(&reached, settings.extrapolation)?;
    Ok(out)
}
