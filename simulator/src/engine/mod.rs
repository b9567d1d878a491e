//! From a circuit to a state and counts.
//!
//! [`dispatch`] takes every circuit to an engine: the one of the user's choice, or the one that [`choose`] finds best.
//! For the state vector, the circuit's active qubits get amplitudes ([`active`]), its instructions become a program
//! ([`program`]), and the program runs for all shots together ([`machine`]).

mod active;
pub(crate) mod apply;
mod choose;
pub(crate) mod collapse;
mod dispatch;
mod machine;
mod program;
pub(crate) mod readout;
pub(crate) mod registers;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::Instant;

use ardea_circuit::{Circuit, Operation};
use rayon::prelude::*;

use crate::checkpoint::Keeper;
use crate::counts::{Counts, Outcome};
use crate::direct;
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real, Width};
use crate::memory;
use crate::method::Method;
use crate::options::{Record, SimOptions};
use crate::plan::{Fusion, Lowered, Plan, tile_bits};
use crate::pool;
use crate::state::{StateVector, check_amplitudes};
pub(crate) use active::Active;
pub(crate) use dispatch::no_single_state;
pub use dispatch::{Expectations, expectation, expectations, simulate};
use machine::{Leaves, Machine};
use num_complex::Complex;
pub(crate) use program::{Code, GateRun, Program, Reading, terminal_measurements};

/// States of at most this many qubits stay on one thread, where all of them fit in the cache.
pub(crate) const SMALL: usize = 14;

/// The result of a run.
#[derive(Debug)]
pub struct Run<T: Real> {
    /// How often each outcome of the classical bits occurred.
    pub counts: Counts,
    /// The outcome of each shot, where [`Record::EachShot`] asked for it.
    pub each_shot: Option<Vec<Outcome>>,
    /// The state before the final measurements, from the engines that keep amplitudes and unless shots took different
    /// courses.
    pub state: Option<StateVector<T>>,
    /// How the run went.
    pub report: Report,
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Report {
    /// The engine that ran, never [`Method::Automatic`].
    pub method: Method,
    /// Why it was chosen, where the choice was automatic and fell on another one than the state vector.
    pub reason: Option<String>,
    /// Qubits that the engine kept; the others stayed |0>.
    pub active_qubits: usize,
    /// Matrices applied, as planned; loops and branches may repeat or skip some. 0 on up to 13 qubits, where gates are
    /// not planned.
    pub steps: usize,
    /// Sweeps through memory, as planned.
    pub sweeps: usize,
    /// Bytes that the planned sweeps read and write; 0 where shots may take different courses.
    pub bytes_moved: u64,
    /// Real multiplications of the planned steps ([`Plan::multiplications`]); 0 where shots may take different courses.
    pub multiplications: f64,
    /// Threads in use.
    pub threads: usize,
    /// Vector unit in use.
    pub width: Width,
    /// Norm of the final state; of several, the one farthest from 1.
    pub norm: f64,
    /// Wall time in seconds, planning included.
    pub seconds: f64,
    /// What a user should know about the result.
    pub warnings: Vec<String>,
}

/// Runs `circuit` on the state vector, with amplitudes of precision `T`.
///
/// Measurements at the end are sampled from the final state. With measurements, resets or conditions in between, shots
/// travel together until their outcomes differ.
fn run_state_vector<T: Real>(
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<Run<T>, SimulatorError> {
    let start = Instant::now();
    let active = active_qubits(circuit, options)?;
    let qubits = active.qubits.len();
    let threads = pool::resolve(options.threads);
    memory::check::<T>(
        qubits,
        1,
        working_bytes::<T>(qubits, threads),
        options.memory_cap,
    )?;
    let narrow = narrow_state::<T>(circuit, &active, options)?;
    let compile = || Program::compile::<Lowered>(circuit, &active, options);
    let program = match narrow {
        Some(_) => Program::of_readings(circuit, &active),
        None if qubits <= SMALL => compile()?,
        None => pool::on_threads(options.threads, compile)??,
    };
    let branches = program.branches();
    let keeper = keeper::<T>(&program, options, qubits)?;
    let work = || -> Result<Leaves<T>, SimulatorError> {
        let machine = Machine::<T>::new(
            &program,
            options,
            qubits,
            circuit.num_clbits(),
            keeper.as_ref(),
        )?;
        if let Some(state) = narrow {
            return machine.read(state, 0..options.shots, Counts::new(circuit));
        }
        let run = |range: Range<u64>| machine.run(range, Counts::new(circuit));
        if branches && qubits <= SMALL && options.shots > 64 && threads > 1 {
            merge(
                split(options.shots, threads as u64 * 4)
                    .into_par_iter()
                    .map(run)
                    .collect::<Result<Vec<_>, _>>()?,
                Counts::new(circuit),
            )
        } else {
            run(0..options.shots.max(u64::from(branches)))
        }
    };
    let serial = qubits <= SMALL && options.shots <= 1 << 12 && !branches;
    let mut leaves = if serial {
        work()?
    } else {
        pool::on_threads(options.threads, work)??
    };
    if options.shots == 0 {
        leaves.counts = Counts::new(circuit);
    }
    let state = leaves
        .state
        .filter(|_| !branches)
        .map(|amplitudes| StateVector::new(amplitudes, &active.qubits, circuit.num_qubits()));
    let each_shot = (options.record == Record::EachShot && options.shots > 0).then(|| {
        leaves.each.sort_unstable_by_key(|&(shot, _)| shot);
        leaves
            .each
            .into_iter()
            .map(|(_, outcome)| outcome)
            .collect()
    });
    let sweeps: usize = program.plans.iter().map(Plan::num_sweeps).sum();
    let report = Report {
        method: Method::StateVector,
        reason: None,
        active_qubits: qubits,
        steps: program.plans.iter().map(Plan::num_steps).sum(),
        sweeps,
        bytes_moved: if branches { 0 } else { sweeps as u64 }
            * 2
            * ((2 * size_of::<T>() as u64) << qubits),
        multiplications: if branches {
            0.0
        } else {
            program.plans.iter().map(Plan::multiplications).sum()
        },
        threads: if serial { 1 } else { threads },
        width: options.width.unwrap_or_else(Width::detect),
        norm: leaves.norm,
        seconds: start.elapsed().as_secs_f64(),
        warnings: norm_warning::<T>(leaves.norm)
            .into_iter()
            .chain(keeper.as_ref().and_then(Keeper::finish))
            .collect(),
    };
    Ok(Run {
        counts: leaves.counts,
        each_shot,
        state,
        report,
    })
}

/// Whether [`simulate`] of this circuit takes a few milliseconds at most, on the calling thread and without any other:
/// one of few qubits, with nothing but plain gates and measurements at its end, and few shots. Callers that would start
/// a thread for a long call need not start one then.
pub fn is_brief(circuit: &Circuit, options: &SimOptions) -> bool {
    const MOST_SHOTS: u64 = 1 << 10;
    let plain = options.initial_state.is_none()
        && options.checkpoint.is_none()
        && matches!(options.method, Method::Automatic | Method::StateVector)
        && options.shots <= MOST_SHOTS;
    if !plain || !is_small(circuit) {
        return false;
    }
    let is_plain = |operation: &Operation| {
        operation.is_directive()
            || operation.as_gate().is_some()
            || matches!(operation, Operation::Unitary(_))
    };
    let instructions = circuit.instructions().iter();
    instructions
        .zip(terminal_measurements(circuit))
        .all(|(instruction, terminal)| terminal || is_plain(&instruction.operation))
}

/// Whether gates like the circuit's take a few milliseconds at most.
pub(crate) fn is_small(circuit: &Circuit) -> bool {
    const MOST_UPDATES: usize = 1 << 22;
    let qubits = circuit.num_qubits();
    if qubits >= SMALL || circuit.len() > MOST_UPDATES >> 8 {
        return false;
    }
    // A gate takes as long as on 8 qubits at least, and a wide matrix more for each amplitude.
    let work = |instruction: &ardea_circuit::Instruction| {
        let beyond = instruction.qubits.len().saturating_sub(2);
        1usize << (qubits.max(8) + beyond).min(40)
    };
    let total = circuit.instructions().iter().map(work);
    total.fold(0, usize::saturating_add) <= MOST_UPDATES
}

/// The state of a circuit that is too narrow to be planned, where nothing was asked for that needs a plan.
fn narrow_state<T: Real>(
    circuit: &Circuit,
    active: &Active,
    options: &SimOptions,
) -> Result<Option<Buffer<Complex<T>>>, SimulatorError> {
    let plain = options.fusion == Fusion::Automatic
        && options.initial_state.is_none()
        && options.checkpoint.is_none();
    if !plain || active.qubits.len() > direct::WIDEST {
        return Ok(None);
    }
    direct::state(circuit, active, &terminal_measurements(circuit), options)
}

/// The state that a circuit of gates makes of |0...0> (or of the options' initial state).
///
/// # Errors
/// As [`simulate`]; also [`SimulatorError::NotUnitaryCircuit`] for measurements, resets and control flow.
pub fn statevector<T: Real>(
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<StateVector<T>, SimulatorError> {
    check_unitary(circuit, "a state vector")?;
    let options = SimOptions {
        shots: 0,
        ..options.clone()
    };
    let run = simulate(circuit, &options)?;
    run.state.ok_or_else(|| SimulatorError::BadArgument {
        what: format!(
            "the {} engine keeps no amplitudes; choose the method `automatic` or `statevector` for a state vector",
            run.report.method
        ),
    })
}

/// The plan of a circuit of gates (final measurements are left out).
///
/// # Errors
/// As [`simulate`]; also [`SimulatorError::NotUnitaryCircuit`] for a circuit with measurements, resets or conditions
/// before the end, which has several plans.
pub fn plan(circuit: &Circuit, options: &SimOptions) -> Result<Plan, SimulatorError> {
    check_bound(circuit)?;
    let active = active_qubits(circuit, options)?;
    let limit = active.qubits.len() <= 60;
    if !limit {
        memory::check::<f64>(active.qubits.len(), 1, 0, options.memory_cap)?;
    }
    let mut program = Program::compile::<Lowered>(circuit, &active, options)?;
    match (program.plans.len(), program.code.len()) {
        (1, 1) => Ok(program.plans.remove(0)),
        (0, 0) => Plan::new(
            crate::plan::Lowered::default(),
            active.qubits.len(),
            options.fusion,
        ),
        _ => {
            let gate = |operation: &ardea_circuit::Operation| {
                operation.is_unitary() || operation.is_directive()
            };
            let position = circuit
                .instructions()
                .iter()
                .position(|i| !gate(&i.operation))
                .unwrap_or(0);
            let name = circuit.instructions()[position].operation.name();
            Err(SimulatorError::NotUnitaryCircuit {
                what: "a single plan",
                name,
                position,
            })
        }
    }
}

/// Refuses a circuit with anything but gates; `what` is asked for.
pub(crate) fn check_unitary(circuit: &Circuit, what: &'static str) -> Result<(), SimulatorError> {
    let allowed =
        |operation: &ardea_circuit::Operation| operation.is_unitary() || operation.is_directive();
    match circuit
        .instructions()
        .iter()
        .position(|instruction| !allowed(&instruction.operation))
    {
        None => Ok(()),
        Some(position) => Err(SimulatorError::NotUnitaryCircuit {
            what,
            name: circuit.instructions()[position].operation.name(),
            position,
        }),
    }
}

pub(crate) fn check_bound(circuit: &Circuit) -> Result<(), SimulatorError> {
    let names: Vec<String> = circuit
        .symbols()
        .iter()
        .map(|symbol| symbol.name().to_owned())
        .collect();
    if names.is_empty() {
        Ok(())
    } else {
        Err(SimulatorError::UnboundSymbols { names })
    }
}

/// The active qubits, after a check of the initial state (which makes all of them active).
pub(crate) fn active_qubits(
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<Active, SimulatorError> {
    let Some(initial) = &options.initial_state else {
        return Ok(Active::of(circuit));
    };
    let qubits = check_amplitudes::<f64>(initial)?;
    if qubits != circuit.num_qubits() {
        let problem = format!(
            "has {qubits} qubits but the circuit has {}; they must agree",
            circuit.num_qubits()
        );
        return Err(SimulatorError::BadInitialState { problem });
    }
    Ok(Active::all(qubits))
}

/// Bytes beside the state: a tile for each thread, and the block sums of measurement and sampling.
pub(crate) fn working_bytes<T: Real>(qubits: usize, threads: usize) -> u64 {
    let tile = (2 * size_of::<T>() as u64) << tile_bits(qubits);
    let sums = 32u64
        .checked_shl(qubits.saturating_sub(12) as u32)
        .filter(|_| qubits < 64)
        .unwrap_or(0);
    tile.saturating_mul(threads as u64).saturating_add(sums)
}

/// The checkpoints of a run, if it is to keep any.
fn keeper<T: Real>(
    program: &Program,
    options: &SimOptions,
    qubits: usize,
) -> Result<Option<Keeper>, SimulatorError> {
    let Some(checkpoint) = &options.checkpoint else {
        return Ok(None);
    };
    if program.branches() {
        let what = "a run with resets or measurements in its middle has many states and keeps no checkpoint; \
                    leave the checkpoint out";
        return Err(SimulatorError::BadArgument {
            what: what.to_owned(),
        });
    }
    let width = options.width.unwrap_or_else(Width::detect);
    Keeper::new::<T>(checkpoint, program, options, &width, qubits).map(Some)
}

/// `shots` cut into about `parts` ranges.
pub(crate) fn split(shots: u64, parts: u64) -> Vec<Range<u64>> {
    let step = shots.div_ceil(parts.max(1)).max(1);
    (0..shots.div_ceil(step))
        .map(|i| i * step..shots.min((i + 1) * step))
        .collect()
}

fn merge<T: Real>(parts: Vec<Leaves<T>>, counts: Counts) -> Result<Leaves<T>, SimulatorError> {
    let mut all = Leaves {
        counts,
        each: vec![],
        state: None,
        norm: 1.0,
    };
    for part in parts {
        all.counts.merge(part.counts);
        all.each.extend(part.each);
        if (part.norm - 1.0).abs() > (all.norm - 1.0).abs() {
            all.norm = part.norm;
        }
    }
    Ok(all)
}

pub(crate) fn norm_warning<T: Real>(norm: f64) -> Option<String> {
    let tolerance = if size_of::<T>() == 8 { 1e-10 } else { 1e-4 };
    let drift = (norm - 1.0).abs();
    (drift > tolerance).then(|| {
        format!(
            "the norm of the state drifted from 1 by {drift:.1e} (tolerance {tolerance:.0e}, {})",
            T::NAME
        )
    })
}
