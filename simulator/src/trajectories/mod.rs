//! Quantum trajectories: noisy circuits on the state vector.
//!
//! Each shot is one trajectory. Between channels' jumps a trajectory evolves by gates and the channels' no-jump
//! operators, which are matrices like any other: they are fused and swept like any circuit. The squared norm that is
//! left is the probability that nothing jumped, so a trajectory draws a number and jumps where the norm falls to it
//! (the waiting-time method: Dalibard, Castin, Molmer 1992, Phys. Rev. Lett. 68, 580; Plenio, Knight 1998,
//! quant-ph/9702007). Channels that mix unitaries jump with a probability that no state changes; their places are
//! drawn on a clock beforehand. All shots start on one path and part only where they jump or measure differently, so
//! what many shots have in common is computed once ([`machine`]).

mod group;
mod jump;
mod machine;
mod measure;
mod nodes;
mod track;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::Instant;

use ardea_circuit::SparsePauliSum;
use rayon::prelude::*;

use crate::channel::Unravelling;
use crate::counts::{Counts, Outcome};
use crate::engine::Program;
use crate::engine::readout::Readout;
use crate::engine::{SMALL, active_qubits, split, working_bytes};
use crate::error::SimulatorError;
use crate::kernels::{Real, Width};
use crate::memory;
use crate::noisy::NoisyCircuit;
use crate::options::{MAX_SHOTS, Record, SimOptions};
use crate::plan::tile_bits;
use crate::pool;
use crate::random::Random;
use machine::{Leaves, Machine};
use nodes::{Kitchen, Nodes, Plans};
use track::TrackRun;

/// States that wait for their turn at most; each is a copy of the whole state.
const MAX_WAITING: usize = 64;

/// Qubits that every tile holds beside those of a matrix.
const ALWAYS_INSIDE: u32 = 6;

/// Expectation values of single shots that are kept at most.
const MAX_VALUES: u64 = 1 << 24;

/// A mean over shots and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error: the standard deviation of the shots over the root of their number; 0 where the value is
    /// exact.
    pub error: f64,
}

/// The result of a run of trajectories.
#[derive(Debug)]
pub struct TrajectoryRun {
    /// How often each outcome of the classical bits occurred.
    pub counts: Counts,
    /// The outcome of each shot, where [`Record::EachShot`] asked for it.
    pub each_shot: Option<Vec<Outcome>>,
    /// Expectation values before the final measurements, in the order of the observables.
    pub expectations: Vec<Estimate>,
    /// How the run went.
    pub report: TrajectoryReport,
}

/// How a run of trajectories went.
#[derive(Debug, Clone)]
pub struct TrajectoryReport {
    /// Qubits that had amplitudes; the others stayed |0>.
    pub active_qubits: usize,
    /// Jumps of all shots together.
    pub jumps: u64,
    /// Final states that were computed; shots with equal histories share one.
    pub final_states: u64,
    /// Threads in use.
    pub threads: usize,
    /// Vector unit in use.
    pub width: Width,
    /// Wall time in seconds, planning included.
    pub seconds: f64,
}

/// Runs `options.shots` trajectories of a noisy circuit with amplitudes of precision `T`.
///
/// Counts and expectation values depend on the seed but not on threads or memory.
///
/// # Errors
/// [`SimulatorError::OutOfMemory`] before anything is allocated, [`SimulatorError::BadArgument`] for no shots or too
/// many, and as [`crate::simulate`].
pub fn trajectories<T: Real>(
    noisy: &NoisyCircuit,
    observables: &[SparsePauliSum],
    options: &SimOptions,
) -> Result<TrajectoryRun, SimulatorError> {
    crate::checkpoint::refuse(options, "a run of trajectories")?;
    run_with::<T>(noisy, observables, options, |room| room)
}

/// Runs with the number of waiting states that `waiting` makes of the room for them.
fn run_with<T: Real>(
    noisy: &NoisyCircuit,
    observables: &[SparsePauliSum],
    options: &SimOptions,
    waiting: impl FnOnce(usize) -> usize,
) -> Result<TrajectoryRun, SimulatorError> {
    let start = Instant::now();
    check_arguments(noisy, observables, options)?;
    let circuit = noisy.circuit();
    let active = active_qubits(circuit, options)?;
    let qubits = active.qubits.len();
    let threads = pool::resolve(options.threads);
    let waiting = waiting(check_memory::<T>(qubits, threads, options)?);
    let splits: Vec<Unravelling> = (0..noisy.channels().len())
        .map(|place| Unravelling::of(noisy.channels().get(place)))
        .collect::<Result<_, _>>()?;
    let run = TrackRun::new(noisy, &splits);
    let program = Program::compile_into(run, circuit, &active, options)?;
    let tracks = &program.plans;
    let width = options.width.unwrap_or_else(Width::detect);
    let kitchen = Kitchen::new(qubits, options.fusion, width);
    let plans: Vec<Plans> = tracks.iter().map(Plans::of).collect();
    let widest = tracks.iter().map(track::Track::widest).max();
    let machine = Machine::<T> {
        program: &program,
        splits: &splits,
        nodes: tracks
            .iter()
            .zip(&plans)
            .map(|(track, plans)| Nodes::new(track, plans, &kitchen))
            .collect(),
        kitchen: &kitchen,
        options,
        observables,
        readout: Readout::new(noisy, &program.terminal),
        active: &active.qubits,
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        random: Random::new(options.seed),
        waiting,
        tile_bits: tile_bits(qubits)
            .max(widest.unwrap_or(0) + ALWAYS_INSIDE)
            .min(qubits as u32),
    };
    let run = |range: Range<u64>| machine.run(range, Counts::new(circuit));
    let work = || -> Result<Vec<Leaves>, SimulatorError> {
        if qubits <= SMALL && threads > 1 && options.shots > 16 {
            let ranges = split(options.shots, threads as u64 * 2);
            ranges.into_par_iter().map(run).collect()
        } else {
            Ok(vec![run(0..options.shots)?])
        }
    };
    let parts = pool::on_threads(options.threads, work)??;
    Ok(gather(
        parts,
        noisy,
        observables.len(),
        options,
        |jumps, final_states| TrajectoryReport {
            active_qubits: qubits,
            jumps,
            final_states,
            threads,
            width,
            seconds: start.elapsed().as_secs_f64(),
        },
    ))
}

fn check_arguments(
    noisy: &NoisyCircuit,
    observables: &[SparsePauliSum],
    options: &SimOptions,
) -> Result<(), SimulatorError> {
    let shots = options.shots;
    let bad = |what: String| Err(SimulatorError::BadArgument { what });
    if shots == 0 {
        return bad("trajectories need at least one shot; set the number of shots".to_owned());
    }
    if shots > MAX_SHOTS {
        return bad(format!(
            "{shots} shots are more than the limit of {MAX_SHOTS}; run several times with different seeds"
        ));
    }
    if shots.saturating_mul(observables.len() as u64) > MAX_VALUES {
        return bad(format!(
            "{} expectation values of {shots} shots are more than {MAX_VALUES} numbers; ask for fewer at a time",
            observables.len()
        ));
    }
    let qubits = noisy.num_qubits();
    match observables.iter().find(|o| o.num_qubits() > qubits) {
        Some(wide) => bad(format!(
            "an operator on {} qubits does not act on a circuit of {qubits}",
            wide.num_qubits()
        )),
        None => Ok(()),
    }
}

/// Checks that two states for each task fit, and says how many more may wait.
fn check_memory<T: Real>(
    qubits: usize,
    threads: usize,
    options: &SimOptions,
) -> Result<usize, SimulatorError> {
    let tasks = if qubits <= SMALL { threads } else { 1 };
    let working = working_bytes::<T>(qubits, threads);
    let two = u32::try_from(2 * tasks).unwrap_or(u32::MAX);
    memory::check::<T>(qubits, two, working, options.memory_cap)?;
    let one = memory::state_bytes::<T>(qubits, 1).unwrap_or(u128::MAX);
    // Half of what is left: the rest of the machine wants to live, too.
    let room = memory::available(options.memory_cap).bytes / 2 / one / tasks as u128;
    Ok(usize::try_from(room)
        .unwrap_or(MAX_WAITING)
        .clamp(2, MAX_WAITING)
        - 2)
}

fn gather(
    parts: Vec<Leaves>,
    noisy: &NoisyCircuit,
    observables: usize,
    options: &SimOptions,
    report: impl FnOnce(u64, u64) -> TrajectoryReport,
) -> TrajectoryRun {
    let mut counts = Counts::new(noisy.circuit());
    let (mut each, mut values) = (vec![], vec![]);
    let (mut jumps, mut ends) = (0, 0);
    for part in parts {
        counts.merge(part.counts);
        each.extend(part.each);
        values.extend(part.values);
        jumps += part.jumps;
        ends += part.ends;
    }
    // In order of the shots, so that the sums do not depend on who finished first.
    each.sort_unstable_by_key(|&(shot, _)| shot);
    values.sort_unstable_by_key(|&(shot, _)| shot);
    let expectations = (0..observables)
        .map(|i| estimate(values.iter().map(|(_, values)| values[i])))
        .collect();
    let each_shot = (options.record == Record::EachShot)
        .then(|| each.into_iter().map(|(_, outcome)| outcome).collect());
    TrajectoryRun {
        counts,
        each_shot,
        expectations,
        report: report(jumps, ends),
    }
}

/// The mean of some values and its standard error.
fn estimate(values: impl ExactSizeIterator<Item = f64> + Clone) -> Estimate {
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let spread: f64 = values.map(|value| (value - mean).powi(2)).sum();
    Estimate {
        mean,
        error: (spread / (n * (n - 1.0).max(1.0))).sqrt(),
    }
}
