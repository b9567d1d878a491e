//! From the counts of all jobs to results.

use ardea_circuit::{Circuit, Clbit};
use ardea_simulator::{Counts, Estimate};

use super::calibrate::Calibrated;
use super::experiment::{Experiment, Part, Program};
use super::report::ExecutionReport;
use crate::error::SuppressionError;
use crate::readout::{
    BitErrors, DiagonalObservable, Inversion, Quasi, ReadoutErrors, Trex, unread_qubits,
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
    /// # Errors
    /// [`SuppressionError::WrongCounts`] when counts are missing or do not fit their circuits.
    pub fn collect(&self, counts: &[Counts]) -> Result<Execution, SuppressionError> {
        self.check(counts)?;
        let mut notes = Vec::new();
        let calibrated = match &self.calibration {
            Some(plan) => {
                let jobs = &self.jobs[self.calibration_jobs.clone()];
                let of_jobs = &counts[self.calibration_jobs.clone()];
                let pairs = plan.qubits.iter().enumerate();
                let learnt = plan.learn(jobs, of_jobs)?;
                Some(match learnt {
                    Calibrated::Zero(zero) => Mitigation::Trex {
                        zero,
                        places: pairs.map(|(k, &qubit)| (qubit, Clbit::new(k))).collect(),
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
            mitigation: calibrated,
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

    fn check(&self, counts: &[Counts]) -> Result<(), SuppressionError> {
        let what = if counts.len() != self.jobs.len() {
            format!(
                "{} circuits were handed over and counts of {} came back; give one for each, in their order",
                self.jobs.len(),
                counts.len()
            )
        } else {
            let mut pairs = self.jobs.iter().zip(counts).enumerate();
            let bad = pairs.find(|(_, (job, counts))| {
                counts.num_clbits() != job.circuit.num_clbits()
                    || (job.shots > 0 && counts.is_empty())
            });
            match bad {
                Some((number, (job, counts))) => format!(
                    "circuit {number} has {} classical bits and its counts have {} bits and {} shots",
                    job.circuit.num_clbits(),
                    counts.num_clbits(),
                    counts.shots()
                ),
                None => return Ok(()),
            }
        };
        Err(SuppressionError::WrongCounts { what })
    }
}

/// How errors of readout are taken out.
enum Mitigation {
    Inversion {
        errors: ReadoutErrors,
        options: crate::readout::InversionOptions,
    },
    Trex {
        zero: Counts,
        places: std::collections::BTreeMap<ardea_circuit::Qubit, Clbit>,
    },
}

struct Collector<'a> {
    experiment: &'a Experiment,
    counts: &'a [Counts],
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

    /// The counts of each version, with the bits of the twirl put right.
    fn versions(&self, part: &Part) -> Vec<Counts> {
        let jobs = part.jobs.clone();
        let undone = |number: usize| {
            let flips = &self.experiment.jobs[number].flips;
            flips.undo(&self.counts[number], &part.circuit)
        };
        jobs.map(undone).collect()
    }

    fn merged(&self, part: &Part) -> Result<Counts, SuppressionError> {
        let mut all = Counts::new(&part.circuit);
        for counts in self.versions(part) {
            all.try_merge(counts)?;
        }
        Ok(all)
    }

    /// The errors of the bits of a part, as its mixture of versions shows them.
    fn bit_errors(
        &self,
        part: &Part,
        errors: &ReadoutErrors,
        notes: &mut Vec<String>,
    ) -> Vec<BitErrors> {
        let shots: u64 = part.jobs.clone().map(|n| self.counts[n].shots()).sum();
        let flipped = |bit: Clbit| {
            let jobs = part.jobs.clone();
            let with = jobs.filter(|&n| self.experiment.jobs[n].flips.contains(bit));
            let flipped: u64 = with.map(|n| self.counts[n].shots()).sum();
            flipped as f64 / shots.max(1) as f64
        };
        let of_bits = errors.of_bits(&unread_qubits(&part.circuit));
        let mixed = of_bits.into_iter().enumerate().map(|(bit, errors)| {
            let mixed = errors.twirled(flipped(Clbit::new(bit)));
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
        let counts = self.merged(part)?;
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
        let constant = Estimate {
            mean: program.bases.constants[observable],
            error: 0.0,
        };
        let mut by_scale: Vec<(f64, Estimate)> = Vec::new();
        let mut raw_by_scale: Vec<Estimate> = Vec::new();
        for part in &program.parts {
            let place = by_scale.iter().position(|(scale, _)| *scale == part.scale);
            let place = place.unwrap_or_else(|| {
                by_scale.push((part.scale, constant));
                raw_by_scale.push(constant);
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
            add(&mut raw_by_scale[place], raw);
            add(&mut by_scale[place].1, value);
        }
        let least = (0..by_scale.len()).min_by(|&a, &b| by_scale[a].0.total_cmp(&by_scale[b].0));
        let least = least.unwrap_or(0);
        let extrapolated = match program.extrapolation {
            // Noise leaves of the observable what is a multiple of the identity.
            Some(Extrapolation::Exponential { asymptote }) => {
                let asymptote = asymptote + constant.mean;
                let method = Extrapolation::Exponential { asymptote };
                Some(continued(&by_scale, method, notes)?)
            }
            Some(method) => Some(continued(&by_scale, method, notes)?),
            None => None,
        };
        Ok(Expectation {
            value: extrapolated.map_or(by_scale[least].1, |found| found.value),
            raw: raw_by_scale[least],
            by_scale,
            extrapolated,
        })
    }

    /// The value of an observable in one basis: as read, and mitigated.
    fn of_part(
        &self,
        part: &Part,
        observable: &DiagonalObservable,
        notes: &mut Vec<String>,
    ) -> Result<(Estimate, Estimate), SuppressionError> {
        let versions = self.versions(part);
        let counts = self.merged(part)?;
        let raw = observable.mean(&counts);
        // Versions differ by more than their shots where the noise is slow or coherent.
        let wider = spread(&versions, observable, raw.mean).map_or(1.0, |spread| {
            if raw.error > 0.0 {
                (spread / raw.error).max(1.0)
            } else {
                1.0
            }
        });
        let value = match &self.mitigation {
            None => raw,
            Some(Mitigation::Inversion { errors, options }) => {
                let errors = self.bit_errors(part, errors, notes);
                Inversion::new(&counts, &errors, options)?.expectation(observable)?
            }
            Some(Mitigation::Trex { zero, places }) => {
                let measured = unread_qubits(&part.circuit);
                let pairs = measured.iter().enumerate().filter_map(|(bit, qubit)| {
                    let place = places.get(qubit.as_ref()?)?;
                    Some((Clbit::new(bit), *place))
                });
                let trex = Trex::new(zero.clone(), pairs);
                match trex.expectation(&counts, observable) {
                    Ok(value) => value,
                    Err(SuppressionError::WrongCounts { what }) => {
                        notes.push(format!("{what}; the value was left as it was read"));
                        raw
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let widened = |estimate: Estimate| Estimate {
            error: estimate.error * wider,
            ..estimate
        };
        Ok((widened(raw), widened(value)))
    }
}

fn add(sum: &mut Estimate, term: Estimate) {
    sum.mean += term.mean;
    sum.error = sum.error.hypot(term.error);
}

/// The standard error of the mean as the differences between versions show it; `None` for too few of them.
fn spread(versions: &[Counts], observable: &DiagonalObservable, mean: f64) -> Option<f64> {
    if versions.len() < 8 {
        return None;
    }
    let total: f64 = versions.iter().map(|counts| counts.shots() as f64).sum();
    let square = |counts: &Counts| {
        let value = observable.mean(counts).mean;
        counts.shots() as f64 / total * (value - mean).powi(2)
    };
    let variance: f64 = versions.iter().map(square).sum();
    Some((variance / (versions.len() - 1) as f64).sqrt())
}

/// The extrapolation that was asked for, or a straight line where an exponential does not go through the values.
fn continued(
    by_scale: &[(f64, Estimate)],
    method: Extrapolation,
    notes: &mut Vec<String>,
) -> Result<Extrapolated, SuppressionError> {
    match extrapolate(by_scale, method) {
        Err(SuppressionError::Unsuitable { reason, .. }) => {
            notes.push(format!(
                "no exponential was fitted: {reason}; a straight line was"
            ));
            extrapolate(by_scale, Extrapolation::Linear)
        }
        other => other,
    }
}
