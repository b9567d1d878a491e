//! The doors to all engines: one for runs, one for expectation values.

use std::time::Instant;

use ardea_circuit::{Circuit, SparsePauliSum};
use num_complex::Complex64;

use super::choose::{Choice, Engine, Purpose, choose};
use super::{Report, Run, check_bound, run_state_vector};
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::kernels::{Real, Width};
use crate::method::Method;
use crate::options::{MAX_SHOTS, Record, SimOptions};
use crate::pool;
use crate::{fermion, memory, sector, stabilizer};

/// Runs `circuit`, on the state vector with amplitudes of precision `T`, or on another engine by the options'
/// [`Method`](crate::Method). Other engines compute in double precision or exactly, whatever `T` is.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ardea_circuit::Circuit;
/// use ardea_simulator::{Method, SimOptions, simulate};
///
/// let mut ghz = Circuit::new(1000, 1000);
/// ghz.h(0)?;
/// for qubit in 1..1000 {
///     ghz.cx(qubit - 1, qubit)?;
/// }
/// for qubit in 0..1000 {
///     ghz.measure(qubit, qubit)?;
/// }
/// let run = simulate::<f64>(&ghz, &SimOptions::with_shots(100))?;
/// assert_eq!(run.report.method, Method::Stabilizer);
/// assert_eq!(run.counts.get(&"0".repeat(1000)) + run.counts.get(&"1".repeat(1000)), 100);
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`SimulatorError::OutOfMemory`] or [`SimulatorError::TooLarge`] before anything is allocated,
/// [`SimulatorError::UnboundSymbols`], [`SimulatorError::Refused`] by an engine that was chosen by name,
/// [`SimulatorError::TooManyIterations`], [`SimulatorError::NotFinite`], [`SimulatorError::Interrupted`], and errors of
/// operations that have neither matrix nor definition.
pub fn simulate<T: Real>(
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<Run<T>, SimulatorError> {
    let start = Instant::now();
    if options.shots > MAX_SHOTS {
        let what = format!(
            "{} shots are more than the limit of {MAX_SHOTS}; run several times with different seeds",
            options.shots
        );
        return Err(SimulatorError::BadArgument { what });
    }
    check_bound(circuit)?;
    let purpose = if options.shots == 0 {
        Purpose::State
    } else {
        Purpose::Shots
    };
    let Choice { engine, reason } = choose::<T>(circuit, options, purpose)?;
    let mut run = match engine {
        Engine::StateVector => run_state_vector(circuit, options)?,
        Engine::Stabilizer(compiled) => run_stabilizer(circuit, &compiled, options)?,
        Engine::Sector(compiled) => run_sector(circuit, &compiled, options)?,
        Engine::FreeFermion(compiled) => run_free_fermion(circuit, &compiled, options)?,
    };
    run.report.reason = reason;
    run.report.seconds = start.elapsed().as_secs_f64();
    Ok(run)
}

/// Expectation values of one state.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectations {
    /// The value of each operator, in order; real for Hermitian operators, up to rounding.
    pub values: Vec<Complex64>,
    /// The engine that ran.
    pub method: Method,
    /// Why it was chosen, where the choice was automatic and fell on another one than the state vector.
    pub reason: Option<String>,
}

/// The expectation value of `operator` in the state that `circuit` makes of |0...0>, before its final measurements.
///
/// # Errors
/// As [`expectations`].
pub fn expectation<T: Real>(
    circuit: &Circuit,
    operator: &SparsePauliSum,
    options: &SimOptions,
) -> Result<Complex64, SimulatorError> {
    Ok(expectations::<T>(circuit, &[operator], options)?.values[0])
}

/// The expectation values of `operators` in the state that `circuit` makes of |0...0>, before its final measurements,
/// from one run.
///
/// Every engine answers, chosen as in [`simulate`]: Clifford circuits at any width, for instance. Shots in the options
/// do not matter.
///
/// # Errors
/// As [`simulate`]; also [`SimulatorError::BadArgument`] for an operator on more qubits than the circuit has, and for
/// circuits with resets, or with measurements in their middle, which have no single final state.
pub fn expectations<T: Real>(
    circuit: &Circuit,
    operators: &[&SparsePauliSum],
    options: &SimOptions,
) -> Result<Expectations, SimulatorError> {
    check_bound(circuit)?;
    let width = circuit.num_qubits();
    if let Some(operator) = operators.iter().find(|o| o.num_qubits() > width) {
        let what = format!(
            "an operator on {} qubits does not act on a circuit of {width}",
            operator.num_qubits(),
        );
        return Err(SimulatorError::BadArgument { what });
    }
    let options = SimOptions {
        shots: 0,
        ..options.clone()
    };
    let Choice { engine, reason } = choose::<T>(circuit, &options, Purpose::Expectation)?;
    let method = engine.method();
    let values = match engine {
        Engine::StateVector => {
            let run = run_state_vector::<T>(circuit, &options)?;
            let state = run.state.ok_or_else(no_single_state)?;
            let value = |operator: &&SparsePauliSum| state.expectation(operator);
            operators.iter().map(value).collect::<Result<_, _>>()?
        }
        Engine::Stabilizer(compiled) => compiled.expectations(operators, &options)?,
        Engine::FreeFermion(compiled) => compiled.expectations(operators, &options)?,
        Engine::Sector(compiled) => {
            let state = compiled.run(&options)?;
            compiled.expectations(&state, operators, &options)?
        }
    };
    Ok(Expectations {
        values,
        method,
        reason,
    })
}

/// The error of an expectation value of what is no pure state.
pub(crate) fn no_single_state() -> SimulatorError {
    let what = "an expectation value needs one final state, which a circuit with resets or with measurements in its \
                middle does not have; remove them, or count shots";
    SimulatorError::BadArgument { what: what.into() }
}

fn run_stabilizer<T: Real>(
    circuit: &Circuit,
    compiled: &stabilizer::Compiled,
    options: &SimOptions,
) -> Result<Run<T>, SimulatorError> {
    let (counts, each) = compiled.run(circuit, options)?;
    let report = report(
        Method::Stabilizer,
        compiled.active_qubits(),
        compiled.num_gates(),
        options,
    );
    Ok(run_of(counts, each, report, options))
}

fn run_sector<T: Real>(
    circuit: &Circuit,
    compiled: &sector::Compiled,
    options: &SimOptions,
) -> Result<Run<T>, SimulatorError> {
    if options.shots == 0 {
        // The run is for its state: no use starting one that cannot be told.
        memory::check::<T>(compiled.active_qubits(), 1, 0, options.memory_cap)?;
    }
    let state = compiled.run(options)?;
    let (counts, each, norm) = compiled.sample(circuit, &state, options)?;
    let (qubits, steps) = (compiled.active_qubits(), compiled.num_steps());
    let mut report = report(Method::Sector, qubits, steps, options);
    report.norm = norm;
    let mut run = run_of(counts, each, report, options);
    if options.shots == 0 {
        run.state = Some(compiled.state_vector(circuit, &state, options)?);
    }
    Ok(run)
}

fn run_free_fermion<T: Real>(
    circuit: &Circuit,
    compiled: &fermion::Compiled,
    options: &SimOptions,
) -> Result<Run<T>, SimulatorError> {
    let (counts, each) = compiled.run(circuit, options)?;
    let (qubits, steps) = (compiled.active_qubits(), compiled.num_steps());
    let report = report(Method::FreeFermion, qubits, steps, options);
    Ok(run_of(counts, each, report, options))
}

/// The report of an engine without sweeps, its time still to be filled in.
fn report(method: Method, active_qubits: usize, steps: usize, options: &SimOptions) -> Report {
    Report {
        method,
        reason: None,
        active_qubits,
        steps,
        sweeps: 0,
        bytes_moved: 0,
        multiplications: 0.0,
        threads: pool::resolve(options.threads),
        width: options.width.unwrap_or_else(Width::detect),
        norm: 1.0,
        seconds: 0.0,
        warnings: vec![],
    }
}

fn run_of<T: Real>(
    counts: Counts,
    each: Vec<Outcome>,
    report: Report,
    options: &SimOptions,
) -> Run<T> {
    let asked = options.record == Record::EachShot && options.shots > 0;
    Run {
        counts,
        each_shot: asked.then_some(each),
        state: None,
        report,
    }
}
