//! From the counts of all jobs to results.

use std::collections::BTreeSet;
use std::ops::Range;

use ardea_circuit::{Circuit, Clbit};
use ardea_simulator::{Counts, Estimate};

use super::calibrate::Calibrated;
use super::experiment::{Experiment, Part, Program};
use super::reading::Reading;
use super::report::ExecutionReport;
use super::values::{Dependence, Mitigation, Value};
use crate::error::SuppressionError;
use crate::readout::{Batches, DiagonalObservable, Quasi};
use crate::zne::{Extrapolated, Extrapolation, extrapolate};

/// The results of an execution.
#[derive(Clone, Debug)]
pub struct Execution {
    /// One for each circuit given.
    pub results: Vec<ProgramResult>,
    /// What was done.
    pub report: ExecutionReport,
}

/// The result of one circuit.
#[derive(Clone, Debug)]
pub struct ProgramResult {
    /// The counts; `None` where observables were asked for.
    pub counted: Option<Counted>,
    /// The expectation values, in the order of the observables.
    pub expectations: Vec<Expectation>,
}

/// Counts and what mitigation makes of them.
#[derive(Clone, Debug)]
pub struct Counted {
    /// As they were read, over all versions, with the bits of the twirl put right.
    pub counts: Counts,
    /// Without errors of readout; entries can be negative. `None` where readout was not mitigated.
    pub quasi: Option<Quasi>,
    /// The nearest probability distribution; the frequencies of the counts where readout was not mitigated.
    pub distribution: Quasi,
    /// A circuit with the registers of the counts, for [`Quasi::to_texts`].
    pub shape: Circuit,
}

/// An expectation value.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The value after all stages, with its standard error.
    pub value: Estimate,
    /// As the counts of the least folded circuits give it.
    pub raw: Estimate,
    /// After readout mitigation, by strength of the noise.
    pub by_scale: Vec<(f64, Estimate)>,
    /// The extrapolation, where there was one.
    pub extrapolated: Option<Extrapolated>,
}

impl Experiment {
    /// Results from the counts of [`Experiment::jobs`], in their order, wherever they ran.
    ///
    /// Error bars hold what differs between versions. What changes slowly on the device while one version runs is in them
    /// only as far as it makes versions differ.
    ///
    /// # Errors
    /// [`SuppressionError::WrongCounts`] when counts are missing or do not fit their circuits.
    pub fn collect(&self, counts: &[Counts]) -> Result<Execution, SuppressionError> {
        let drawn: Vec<Vec<Counts>> = counts.iter().map(|one| vec![one.clone()]).collect();
        self.results(&drawn)
    }

    /// Results from the counts of each job, those of each draw of slow noise by themselves.
    pub(super) fn results(&self, counts: &[Vec<Counts>]) -> Result<Execution, SuppressionError> {
        self.check(counts)?;
        let mut notes = Vec::new();
        let came_back = |counts: &[Counts]| counts.iter().map(Counts::shots).sum::<u64>();
        let pairs = self.jobs.iter().zip(counts);
        let others = pairs.filter(|(job, counts)| came_back(counts) != job.shots);
        let others = others.count();
        if others > 0 {
            notes.push(format!(
                "{others} of {} circuits came back with other numbers of shots than were asked for; weights and error bars go by \
                 the counts",
                self.jobs.len()
            ));
        }
        let mitigation = match &self.calibration {
            Some(plan) => {
                let jobs = self.calibration_jobs.clone();
                let batches = |shape: &Circuit| self.batches(jobs.clone(), counts, shape);
                Some(match plan.learn(&counts[jobs.clone()], batches)? {
                    Calibrated::Zero(zero) => Mitigation::Trex {
                        zero,
                        places: plan.places(),
                    },
                    Calibrated::Errors(errors) => Mitigation::Inversion {
                        errors,
                        options: plan.readout.inversion,
                    },
                })
            }
            None => None,
        };
        let collector = Collector {
            experiment: self,
            counts,
            mitigation,
        };
        let results = self
            .programs
            .iter()
            .map(|program| collector.program(program, &mut notes))
            .collect::<Result<_, _>>()?;
        let mut report = self.report().clone();
        let mut said = BTreeSet::new();
        notes.retain(|note| said.insert(note.clone()));
        report.notes.extend(notes);
        Ok(Execution { results, report })
    }

    fn check(&self, counts: &[Vec<Counts>]) -> Result<(), SuppressionError> {
        let what = if counts.len() != self.jobs.len() {
            format!(
                "{} circuits were handed over and counts of {} came back; give one for each, in their order",
                self.jobs.len(),
                counts.len()
            )
        } else {
            let bits = |counts: &[Counts]| counts.first().map_or(0, Counts::num_clbits);
            let shots = |counts: &[Counts]| counts.iter().map(Counts::shots).sum::<u64>();
            let mut pairs = self.jobs.iter().zip(counts).enumerate();
            let bad = pairs.find(|(_, (job, counts))| {
                bits(counts) != job.circuit.num_clbits() || (job.shots > 0 && shots(counts) == 0)
            });
            match bad {
                Some((number, (job, counts))) => format!(
                    "circuit {number} has {} classical bits and its counts have {} bits and {} shots",
                    job.circuit.num_clbits(),
                    bits(counts),
                    shots(counts)
                ),
                None => return Ok(()),
            }
        };
        Err(SuppressionError::WrongCounts { what })
    }

    /// The counts of versions of one circuit, with the bits of the twirl put right. A version and its opposite are drawn
    /// together, as are the shots of one draw.
    fn batches(
        &self,
        jobs: Range<usize>,
        counts: &[Vec<Counts>],
        shape: &Circuit,
    ) -> Result<Batches, SuppressionError> {
        let mut batches = Vec::new();
        for pair in jobs.collect::<Vec<_>>().chunks(2) {
            let draws = pair.iter().map(|&n| counts[n].len()).max().unwrap_or(0);
            for draw in 0..draws {
                let mut batch = Counts::new(shape);
                for &number in pair {
                    if let Some(counts) = counts[number].get(draw) {
                        batch.try_merge(self.jobs[number].flips.undo(counts, shape))?;
                    }
                }
                batches.push(batch);
            }
        }
        Batches::new(batches)
    }
}

struct Collector<'a> {
    experiment: &'a Experiment,
    counts: &'a [Vec<Counts>],
    mitigation: Option<Mitigation>,
}

impl Collector<'_> {
    fn program(
        &self,
        program: &Program,
        notes: &mut Vec<String>,
    ) -> Result<ProgramResult, SuppressionError> {
        let mut found = vec![Vec::new(); program.bases.terms.len()];
        for part in &program.parts {
            let jobs = part.jobs.clone();
            let batches = self.experiment.batches(jobs, self.counts, &part.circuit)?;
            let flipped = (0..part.circuit.num_clbits()).map(|bit| self.flipped(part, bit));
            let mitigation = self.mitigation.as_ref();
            let reading = Reading::new(
                &batches,
                &part.circuit,
                flipped.collect(),
                mitigation,
                notes,
            )?;
            if found.is_empty() {
                return Ok(ProgramResult {
                    counted: Some(counted(part, &reading)?),
                    expectations: vec![],
                });
            }
            for (observable, by_scale) in found.iter_mut().enumerate() {
                let constant = program.bases.constants[observable];
                let at = AtScale::find(by_scale, part.scale, constant);
                // None for an observable that is a number.
                let terms = program.bases.terms[observable].get(part.basis);
                let Some(terms) = terms.filter(|terms| !terms.is_empty()) else {
                    continue;
                };
                let bits = |bits: &Vec<usize>| -> Vec<Clbit> {
                    let bits = bits.iter();
                    bits.map(|bit| Clbit::new(part.first_bit + bit)).collect()
                };
                let terms = terms.iter().map(|(k, places)| (*k, bits(places))).collect();
                let (raw, value) = reading.values(&DiagonalObservable::new(terms), notes)?;
                at.raw.add(&raw);
                at.value.add(&value);
            }
        }
        let expectations = found
            .iter()
            .zip(&program.bases.constants)
            .map(|(by_scale, constant)| {
                self.expectation(program.extrapolation, by_scale, *constant, notes)
            })
            .collect::<Result<_, _>>()?;
        Ok(ProgramResult {
            counted: None,
            expectations,
        })
    }

    /// The fraction of a part's shots in which a bit was inverted by the twirl.
    fn flipped(&self, part: &Part, bit: usize) -> f64 {
        let shots = |number: usize| self.counts[number].iter().map(Counts::shots).sum::<u64>();
        let is_flipped = |number: &usize| {
            let flips = &self.experiment.jobs[*number].flips;
            flips.contains(Clbit::new(bit))
        };
        let flipped: u64 = part.jobs.clone().filter(is_flipped).map(shots).sum();
        let all: u64 = part.jobs.clone().map(shots).sum();
        flipped as f64 / all.max(1) as f64
    }

    /// From the sums over bases at each strength of the noise.
    fn expectation(
        &self,
        extrapolation: Option<Extrapolation>,
        by_scale: &[AtScale],
        constant: f64,
        notes: &mut Vec<String>,
    ) -> Result<Expectation, SuppressionError> {
        let extrapolated = match extrapolation {
            // Noise leaves of the observable what is a multiple of the identity.
            Some(Extrapolation::Exponential { asymptote }) => {
                let asymptote = asymptote + constant;
                let method = Extrapolation::Exponential { asymptote };
                Some(self.continued(by_scale, method, notes)?)
            }
            Some(method) => Some(self.continued(by_scale, method, notes)?),
            None => None,
        };
        let whole = |value: &Value| value.estimate(self.mitigation.as_ref());
        let least = by_scale.iter().min_by(|a, b| a.scale.total_cmp(&b.scale));
        let exact = AtScale::new(1.0, constant);
        let least = least.unwrap_or(&exact);
        Ok(Expectation {
            value: match &extrapolated {
                Some(found) => found.value,
                None => whole(&least.value),
            },
            raw: least.raw.own,
            by_scale: by_scale
                .iter()
                .map(|at| (at.scale, whole(&at.value)))
                .collect(),
            extrapolated,
        })
    }

    /// The extrapolation that was asked for, or a straight line where an exponential does not go through the values.
    fn continued(
        &self,
        by_scale: &[AtScale],
        method: Extrapolation,
        notes: &mut Vec<String>,
    ) -> Result<Extrapolated, SuppressionError> {
        let points: Vec<(f64, Estimate)> =
            by_scale.iter().map(|at| (at.scale, at.value.own)).collect();
        let mut found = match extrapolate(&points, method) {
            Err(SuppressionError::Unsuitable { reason, .. }) => {
                notes.push(format!(
                    "no exponential was fitted: {reason}; a straight line was"
                ));
                extrapolate(&points, Extrapolation::Linear)?
            }
            other => other?,
        };
        let mut shared = Dependence::default();
        for (at, by) in by_scale.iter().zip(&found.sensitivities) {
            shared.add(&at.value.by_calibration, *by);
        }
        let shared = shared.error(self.mitigation.as_ref());
        found.value.error = found.value.error.hypot(shared);
        Ok(found)
    }
}

/// An observable at one strength of the noise, summed over bases.
#[derive(Clone)]
struct AtScale {
    scale: f64,
    raw: Value,
    value: Value,
}

impl AtScale {
    fn new(scale: f64, constant: f64) -> Self {
        Self {
            scale,
            raw: Value::exact(constant),
            value: Value::exact(constant),
        }
    }

    /// The entry of a strength, which begins with the part of the observable that needs no measurement.
    fn find(among: &mut Vec<Self>, scale: f64, constant: f64) -> &mut Self {
        let place = among.iter().position(|at| at.scale == scale);
        let place = place.unwrap_or_else(|| {
            among.push(Self::new(scale, constant));
            among.len() - 1
        });
        &mut among[place]
    }
}

fn counted(part: &Part, reading: &Reading<'_>) -> Result<Counted, SuppressionError> {
    let quasi = reading.quasi()?;
    Ok(Counted {
        distribution: match &quasi {
            Some(quasi) => quasi.nearest(),
            None => Quasi::of_counts(reading.counts()),
        },
        quasi,
        counts: reading.counts().clone(),
        shape: part.circuit.same_shape(),
    })
}
