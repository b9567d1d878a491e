//! What each stage does with a circuit, decided once for all its versions.

use ardea_circuit::Circuit;
use ardea_compiler::{Decoupling, ScheduleMode};
use ardea_device::Target;

use super::options::{Choice, ExecuteOptions, Readout, ReadoutMethod, Suppress, Twirling};
use super::report::StageReport;
use super::timing::{Timing, log_success, timed};
use crate::error::{SuppressionError, bad_option};
use crate::readout::{ReadoutErrors, unread_qubits};
use crate::twirl::{GateTwirl, MeasurementTwirl, Randomisation, Twirler};

/// Fewer shots than this for a version are not worth a version.
const LEAST_SHOTS: u64 = 8;

/// TREX averages over random flips: a few versions scatter by more than their error bars can tell.
const LEAST_TREX_VERSIONS: u64 = 16;

/// Versions that tell how many pulses twirling adds.
const SAMPLED_VERSIONS: u64 = 8;

/// Growth of the number of pulses up to which counts are twirled. GHZ ladders, which lose by it, grow by 1.26; QPE and
/// Trotter circuits, which gain, by less than 1.1 (noise of ibm_boston and ibm_fez).
const LARGEST_GROWTH: f64 = 1.15;

/// Instructions up to which the place of idle time is searched for in each version.
const LONGEST_SETTLED: usize = 4000;

/// A gain of the logarithm of the chance of success that is no rounding.
const GAIN: f64 = 1e-9;

/// The method of readout mitigation for counts, or for observables; `None` for none.
pub(super) fn readout(
    suppress: &Suppress,
    has_observables: bool,
    target: &Target,
) -> Result<Option<Readout>, SuppressionError> {
    let is_exact = || target.qubits().all(|q| target.measure(q).error == 0.0);
    let readout = match &suppress.readout {
        Choice::Off => return Ok(None),
        Choice::Auto if is_exact() => return Ok(None),
        Choice::Auto if has_observables && suppress.versions >= LEAST_TREX_VERSIONS => {
            Readout::by(ReadoutMethod::Trex)
        }
        Choice::Auto => Readout::by(ReadoutMethod::Inversion),
        Choice::On(readout) => *readout,
    };
    if readout.method == ReadoutMethod::Trex {
        if !has_observables {
            return bad_option(
                "TREX gives expectation values, not counts: ask for observables, or for readout=inversion",
            );
        }
        if readout.calibration == super::options::Calibration::Target {
            return bad_option("TREX needs circuits of its own; it knows no readout errors");
        }
        if suppress.versions < LEAST_TREX_VERSIONS {
            return bad_option(format!(
                "TREX averages over random flips and needs at least {LEAST_TREX_VERSIONS} versions, not {}; with fewer, choose \
                 readout=inversion",
                suppress.versions
            ));
        }
    }
    Ok(Some(readout))
}

/// What is twirled in a circuit.
pub(super) struct Twirled {
    pub(super) twirling: Twirling,
    /// At most as many as there are shots for.
    pub(super) versions: u64,
    /// Why nothing is.
    reason: String,
    /// A version that was made and found to cost too much.
    rejected: Option<Circuit>,
}

impl Twirled {
    fn is_on(&self) -> bool {
        self.twirling.gates != GateTwirl::Off || self.twirling.measurements != MeasurementTwirl::Off
    }
}

/// Twirling of a circuit, and why it is left out where it is.
///
/// Observables are always twirled, for what mitigates them relies on it. For counts the gain is small (a percent of the
/// error on circuits dense with pulses, none on ladders of `cz`), so it must cost next to nothing.
pub(super) fn twirling(
    suppress: &Suppress,
    circuit: &Circuit,
    target: &Target,
    readout: Option<&Readout>,
    options: &ExecuteOptions,
) -> Result<Twirled, SuppressionError> {
    let by_trex = readout.is_some_and(|readout| readout.method == ReadoutMethod::Trex);
    let chosen = |twirling| Twirled {
        twirling,
        versions: 1,
        reason: String::new(),
        rejected: None,
    };
    let off = |reason: &str| Twirled {
        reason: reason.to_owned(),
        ..chosen(Twirling {
            gates: GateTwirl::Off,
            measurements: MeasurementTwirl::Off,
        })
    };
    let mut out = match suppress.twirling {
        Choice::Off => off("switched off"),
        Choice::Auto if circuit.two_qubit_count() == 0 => off("there are no two-qubit gates"),
        Choice::Auto if !options.observables.is_empty() => chosen(Twirling::default()),
        Choice::Auto => {
            let sample = growth_of_pulses(circuit, target, options.seed)?;
            if sample.growth <= LARGEST_GROWTH {
                chosen(Twirling::default())
            } else {
                Twirled {
                    rejected: Some(sample.first),
                    ..off(&format!(
                        "pulses would grow by {:.0} %, more than was found to pay for counts",
                        100.0 * (sample.growth - 1.0)
                    ))
                }
            }
        }
        Choice::On(twirling) => chosen(twirling),
    };
    if by_trex {
        out.twirling.measurements = MeasurementTwirl::Final;
    }
    if out.is_on() {
        // Two in a row invert opposite bits, so that an even number of them is balanced.
        let most = match options.shots / LEAST_SHOTS {
            0 | 1 => 1,
            some => some - some % 2,
        };
        out.versions = suppress.versions.clamp(1, most);
        if by_trex {
            let least = LEAST_TREX_VERSIONS.min(options.shots);
            out.versions = out.versions.max(least).next_multiple_of(2);
        }
    }
    Ok(out)
}

/// What a few versions of a circuit tell.
struct Sample {
    /// How many times as many pulses they have, on average.
    growth: f64,
    first: Circuit,
}

fn growth_of_pulses(
    circuit: &Circuit,
    target: &Target,
    seed: u64,
) -> Result<Sample, SuppressionError> {
    let twirler = Twirler::new(circuit, target, GateTwirl::TwoQubit, MeasurementTwirl::Off)?;
    let versions = twirler.versions(seed, SAMPLED_VERSIONS);
    let all: usize = versions
        .iter()
        .map(|version| pulses(&version.circuit))
        .sum();
    let growth = all as f64 / (SAMPLED_VERSIONS as f64 * pulses(circuit).max(1) as f64);
    let mut versions = versions.into_iter();
    let first = versions
        .next()
        .map_or_else(|| circuit.clone(), |v| v.circuit);
    Ok(Sample { growth, first })
}

/// Pulses as they are wanted, or where they are predicted to gain; with what is said of it. `first` is the first version.
pub(super) fn timing(
    suppress: &Suppress,
    first: &Circuit,
    target: &Target,
) -> Result<(Timing, [StageReport; 2]), SuppressionError> {
    let schedule = match suppress.schedule {
        Choice::Off => None,
        Choice::Auto if first.len() <= LONGEST_SETTLED => Some(ScheduleMode::LeastLoss),
        Choice::Auto => Some(ScheduleMode::Alap),
        Choice::On(mode) => Some(mode),
    };
    let plain = Timing {
        schedule,
        decoupling: Decoupling::None,
    };
    let without = timed(first, target, plain)?;
    let before = log_success(&without, target)?;
    // Without delays it counts as running as late as possible, which is what devices do.
    let unscheduled = match schedule {
        Some(_) => log_success(first, target)?,
        None => before,
    };
    let scheduled = StageReport {
        stage: "schedule",
        is_on: schedule.is_some(),
        is_automatic: suppress.schedule == Choice::Auto,
        detail: match schedule {
            Some(ScheduleMode::Alap) => {
                "waits as delays, operations as late as possible".to_owned()
            }
            Some(ScheduleMode::Asap) => {
                "waits as delays, operations as soon as possible".to_owned()
            }
            Some(ScheduleMode::LeastLoss) => "waits as delays, where they cost least".to_owned(),
            None => "left to the device".to_owned(),
        },
        success_before: Some(unscheduled.exp()),
        success_after: schedule.map(|_| before.exp()),
    };
    let mut decoupled = StageReport {
        stage: "decoupling",
        is_on: false,
        is_automatic: suppress.decoupling == Choice::Auto,
        detail: String::new(),
        success_before: Some(before.exp()),
        success_after: None,
    };
    let sequence = match (suppress.decoupling, schedule) {
        (Choice::Off, _) => {
            "switched off".clone_into(&mut decoupled.detail);
            return Ok((plain, [scheduled, decoupled]));
        }
        (Choice::Auto, None) => {
            "waits are not written out".clone_into(&mut decoupled.detail);
            return Ok((plain, [scheduled, decoupled]));
        }
        (Choice::On(_), None) => {
            return bad_option(
                "pulses go into waits that are written out: let the schedule be made",
            );
        }
        (Choice::Auto, Some(_)) => Decoupling::Staggered,
        (Choice::On(sequence), Some(_)) => sequence,
    };
    let with = Timing {
        decoupling: sequence,
        ..plain
    };
    let filled = match timed(first, target, with) {
        Ok(filled) => filled,
        Err(error) if suppress.decoupling == Choice::Auto => {
            decoupled.detail = error.to_string();
            return Ok((plain, [scheduled, decoupled]));
        }
        Err(error) => return Err(error),
    };
    let after = log_success(&filled, target)?;
    decoupled.success_after = Some(after.exp());
    let pulses = filled.len().saturating_sub(without.len());
    let gains = after > before + GAIN;
    decoupled.is_on = gains || !decoupled.is_automatic;
    decoupled.detail = match (decoupled.is_on, pulses) {
        (true, 0) => format!("{sequence}: no wait is worth pulses"),
        (true, pulses) => format!("{sequence}: {pulses} more instructions in the first version"),
        (false, _) => format!("{sequence} is predicted to gain nothing"),
    };
    let timing = if decoupled.is_on { with } else { plain };
    Ok((timing, [scheduled, decoupled]))
}

/// What twirling does to the circuit. Predicted is what its pulses cost: how much of the coherent errors averages out depends
/// on errors that no calibration reports.
pub(super) fn twirling_report(
    suppress: &Suppress,
    twirler: &Twirler<'_>,
    twirled: &Twirled,
    circuit: &Circuit,
    first: &Randomisation,
    target: &Target,
) -> Result<StageReport, SuppressionError> {
    let is_on = twirled.is_on();
    let detail = if is_on {
        format!(
            "{} versions, {} gates and {} measurements in each; {} pulses become {} and depth {} becomes {}; the prediction \
             counts these (first version), not that coherent errors average out",
            twirled.versions,
            twirler.num_gates(),
            twirler.num_measurements(),
            pulses(circuit),
            pulses(&first.circuit),
            circuit.depth(),
            first.circuit.depth()
        )
    } else {
        twirled.reason.clone()
    };
    let with = if is_on {
        Some(&first.circuit)
    } else {
        twirled.rejected.as_ref()
    };
    let success =
        |circuit: &Circuit| Ok::<_, SuppressionError>(log_success(circuit, target)?.exp());
    Ok(StageReport {
        stage: "twirling",
        is_on,
        is_automatic: suppress.twirling == Choice::Auto,
        detail,
        success_before: Some(success(circuit)?),
        success_after: with.map(success).transpose()?,
    })
}

fn pulses(circuit: &Circuit) -> usize {
    let is_pulse = |name: &str| matches!(name, "sx" | "x" | "rx" | "u" | "u3");
    let counts = circuit.count_ops();
    counts
        .iter()
        .filter(|(name, _)| is_pulse(name))
        .map(|(_, n)| n)
        .sum()
}

/// What readout mitigation is predicted to do for the bits of these circuits.
pub(super) fn readout_report(
    suppress: &Suppress,
    readout: Option<&Readout>,
    circuits: &[&Circuit],
    target: &Target,
    calibration_shots: u64,
) -> StageReport {
    let mut qubits: Vec<_> = circuits
        .iter()
        .flat_map(|c| unread_qubits(c))
        .flatten()
        .collect();
    qubits.sort_unstable();
    qubits.dedup();
    let known = ReadoutErrors::from_target(target);
    let measured: Vec<_> = qubits.iter().map(|&qubit| Some(qubit)).collect();
    let errors: Vec<f64> = known
        .of_bits(&measured)
        .iter()
        .map(|e| e.average())
        .collect();
    let before: f64 = errors.iter().map(|e| 1.0 - e).product();
    let left = |e: &f64| 1.0 - (2.0 * e * (1.0 - e) / calibration_shots as f64).sqrt();
    let of_calibration: f64 = if calibration_shots > 0 {
        errors.iter().map(left).product()
    } else {
        1.0
    };
    // An inversion gives weight to outcomes that were read. Of a true outcome among few, shots with one bit misread come
    // back; those with more are rare each and mostly lost.
    let single: f64 = errors.iter().map(|e| e / (1.0 - e)).sum();
    let after = match readout.map(|readout| readout.method) {
        Some(ReadoutMethod::Inversion) => of_calibration.min(before * (1.0 + single)),
        _ => of_calibration,
    };
    let longer: f64 = errors
        .iter()
        .map(|e| 1.0 / (1.0 - 2.0 * e.min(0.49)))
        .product();
    let detail = match readout.map(|readout| readout.method) {
        None if suppress.readout == Choice::Auto => {
            "the device reports no readout errors".to_owned()
        }
        None => "switched off".to_owned(),
        Some(_) if qubits.is_empty() => {
            "no bit can be put right: conditions read them, or only bodies write them".to_owned()
        }
        Some(ReadoutMethod::Inversion) => format!(
            "inversion on the observed outcomes of {} bits; what is left is {}",
            qubits.len(),
            if after < of_calibration {
                "the weight of shots with several bits misread"
            } else {
                "the calibration's own error"
            }
        ),

        Some(ReadoutMethod::Trex) => format!(
            "TREX on {} bits; error bars grow by at most a factor {longer:.3}",
            qubits.len()
        ),
    };
    StageReport {
        stage: "readout",
        is_on: readout.is_some() && !qubits.is_empty(),
        is_automatic: suppress.readout == Choice::Auto,
        detail,
        success_before: Some(before),
        success_after: readout.map(|_| after),
    }
}
