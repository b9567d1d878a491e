//! From the counts of all jobs to results.

use std::ops::Range;

use ardea_circuit::{Circuit, Clbit};
use ardea_simulator::{Counts, Estimate};

use super::calibrate::Calibrated;
use super::experiment::{Experiment, Part, Program};
use super::report::ExecutionReport;
use super::values::{Dependence, Mitigation, Value, found_errors};
use crate::error::SuppressionError;
use crate::readout::{
    Batches, BitErrors, DiagonalObservable, Inversion, Quasi, ReadoutErrors, Trex, unread_qubits,
};
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
    /// As the counts of unfolded circuits give it.
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
        notes.dedup();
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
        if program.bases.terms.is_empty() {
            let counted = self.counted(&program.parts[0], notes)?;
            return Ok(ProgramResult {
                counted: Some(counted),
                expectations: vec![],
            });
        }
        let expectations = (0..program.bases.terms.len())
            .map(|observable| self.expectation(program, observable, notes))
            .collect::<Result<_, _>>()?;
        Ok(ProgramResult {
            counted: None,
            expectations,
        })
    }

    fn batches(&self, part: &Part) -> Result<Batches, SuppressionError> {
        self.experiment
            .batches(part.jobs.clone(), self.counts, &part.circuit)
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

    /// The errors of the bits of a part, as its mixture of versions shows them.
    fn bit_errors(
        &self,
        part: &Part,
        errors: &ReadoutErrors,
        notes: &mut Vec<String>,
    ) -> Vec<BitErrors> {
        let of_bits = found_errors(errors, &unread_qubits(&part.circuit));
        let mixed = of_bits.into_iter().enumerate().map(|(bit, errors)| {
            let mixed = errors.twirled(self.flipped(part, bit));
            if mixed.one_of_zero < 0.5 && mixed.zero_of_one < 0.5 {
                return mixed;
            }
            notes.push(format!(
                "bit {bit} is misread half of the time or more, which cannot be undone: it was left as it was read"
            ));
            BitErrors::default()
        });
        mixed.collect()
    }

    fn counted(&self, part: &Part, notes: &mut Vec<String>) -> Result<Counted, SuppressionError> {
        let counts = self.batches(part)?.counts().clone();
        let quasi = match &self.mitigation {
            Some(Mitigation::Inversion { errors, options }) => {
                let errors = self.bit_errors(part, errors, notes);
                Some(Inversion::new(&counts, &errors, options)?.quasi()?)
            }
            Some(Mitigation::Trex { .. }) | None => None,
        };
        Ok(Counted {
            distribution: match &quasi {
                Some(quasi) => quasi.nearest(),
                None => Quasi::of_counts(&counts),
            },
            quasi,
            counts,
            shape: part.circuit.same_shape(),
        })
    }

    fn expectation(
        &self,
        program: &Program,
        observable: usize,
        notes: &mut Vec<String>,
    ) -> Result<Expectation, SuppressionError> {
        let constant = program.bases.constants[observable];
        let mut by_scale: Vec<(f64, Value)> = Vec::new();
        let mut raw_by_scale: Vec<Value> = Vec::new();
        for part in &program.parts {
            let place = by_scale.iter().position(|(scale, _)| *scale == part.scale);
            let place = place.unwrap_or_else(|| {
                by_scale.push((part.scale, Value::exact(constant)));
                raw_by_scale.push(Value::exact(constant));
                by_scale.len() - 1
            });
            // None for an observable that is a number.
            let terms = program.bases.terms[observable].get(part.basis);
            let Some(terms) = terms.filter(|terms| !terms.is_empty()) else {
                continue;
            };
            let bits = |bits: &Vec<usize>| -> Vec<Clbit> {
                bits.iter()
                    .map(|bit| Clbit::new(part.first_bit + bit))
                    .collect()
            };
            let terms = terms.iter().map(|(k, places)| (*k, bits(places))).collect();
            let (raw, value) = self.of_part(part, &DiagonalObservable::new(terms), notes)?;
            raw_by_scale[place].add(&raw);
            by_scale[place].1.add(&value);
        }
        let least = (0..by_scale.len()).min_by(|&a, &b| by_scale[a].0.total_cmp(&by_scale[b].0));
        let least = least.unwrap_or(0);
        let extrapolated = match program.extrapolation {
            // Noise leaves of the observable what is a multiple of the identity.
            Some(Extrapolation::Exponential { asymptote }) => {
                let asymptote = asymptote + constant;
                let method = Extrapolation::Exponential { asymptote };
                Some(self.continued(&by_scale, method, notes)?)
            }
            Some(method) => Some(self.continued(&by_scale, method, notes)?),
            None => None,
        };
        let whole = |value: &Value| value.estimate(self.mitigation.as_ref());
        Ok(Expectation {
            value: match &extrapolated {
                Some(found) => found.value,
                None => whole(&by_scale[least].1),
            },
            raw: raw_by_scale[least].own,
            by_scale: by_scale
                .iter()
                .map(|(scale, v)| (*scale, whole(v)))
                .collect(),
            extrapolated,
        })
    }

    /// The value of an observable in one basis: as read, and mitigated.
    fn of_part(
        &self,
        part: &Part,
        observable: &DiagonalObservable,
        notes: &mut Vec<String>,
    ) -> Result<(Value, Value), SuppressionError> {
        let batches = self.batches(part)?;
        let raw = Value::of(observable.mean(&batches));
        let value = match &self.mitigation {
            None => raw.clone(),
            Some(Mitigation::Inversion { errors, options }) => {
                let of_bits = self.bit_errors(part, errors, notes);
                let inversion = Inversion::new(batches.counts(), &of_bits, options)?;
                Value {
                    own: inversion.expectation_over(&batches, observable)?,
                    by_calibration: Dependence::on_rates(
                        &unread_qubits(&part.circuit),
                        |bit| self.flipped(part, bit),
                        &inversion.by_errors(observable)?,
                    ),
                }
            }
            Some(Mitigation::Trex { zero, places }) => {
                let measured = unread_qubits(&part.circuit);
                let pairs = measured.iter().enumerate().filter_map(|(bit, qubit)| {
                    let place = places.get(qubit.as_ref()?)?;
                    Some((Clbit::new(bit), *place))
                });
                match Trex::new(zero, pairs).scaled(&batches, observable) {
                    Ok(scaled) => Value {
                        own: scaled.value,
                        by_calibration: Dependence::on_parities(scaled.of_calibration),
                    },
                    Err(SuppressionError::WrongCounts { what }) => {
                        notes.push(format!("{what}; the value was left as it was read"));
                        raw.clone()
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        Ok((raw, value))
    }

    /// The extrapolation that was asked for, or a straight line where an exponential does not go through the values.
    fn continued(
        &self,
        by_scale: &[(f64, Value)],
        method: Extrapolation,
        notes: &mut Vec<String>,
    ) -> Result<Extrapolated, SuppressionError> {
        let points: Vec<(f64, Estimate)> =
            by_scale.iter().map(|(s, value)| (*s, value.own)).collect();
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
        for ((_, value), by) in by_scale.iter().zip(&found.sensitivities) {
            shared.add(&value.by_calibration, *by);
        }
        let shared = shared.error(self.mitigation.as_ref());
        found.value.error = found.value.error.hypot(shared);
        Ok(found)
    }
}
