//! `ardea.run` and `ardea.statevector`: circuits to counts and states.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ardea_circuit::Circuit;
use ardea_simulator::{
    Checkpoint, Method, Real, Record, Run, SimOptions, SimulatorError, StateVector, expectation,
    is_brief, simulate, statevector,
};
use numpy::{Complex64, PyArrayMethods};
use pyo3::exceptions::{PyRuntimeWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};

use crate::arguments::{Seed, Shots, Threads, complex_array};
use crate::calls::{run_brief, run_long};
use crate::circuit::{PyCircuit, shared};
use crate::errors::{Error, Result, guarded};
use crate::kept::Precise;
use crate::pauli::PyPauliSum;
use crate::state::{AnyState, PyStateVector};

/// The floating-point type of the amplitudes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Precision {
    Double,
    Single,
}

impl<'py> FromPyObject<'_, 'py> for Precision {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>()? {
            "double" | "f64" => Ok(Self::Double),
            "single" | "f32" => Ok(Self::Single),
            other => Err(PyValueError::new_err(format!(
                "precision cannot be '{other}'; choose 'double' or 'single'"
            ))),
        }
    }
}

/// Runs a circuit and returns its outcomes; `ardea.run` wraps them.
///
/// Returns:
///     Counts by bit string; the outcome of each shot, if asked for; the engine and, where it was chosen over the state
///     vector, why.
#[pyfunction]
#[pyo3(signature = (
    circuit, shots, *, seed, method, precision, threads = None, memory_limit = None, each_shot = false,
    max_iterations = 1_000_000, initial_state = None, checkpoint = None, checkpoint_every = 60.0
))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn run<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, PyCircuit>,
    shots: Shots,
    seed: Seed,
    method: &str,
    precision: Precision,
    threads: Option<Threads>,
    memory_limit: Option<u64>,
    each_shot: bool,
    max_iterations: u64,
    initial_state: Option<&Bound<'py, PyAny>>,
    checkpoint: Option<PathBuf>,
    checkpoint_every: f64,
) -> Result<RunResult<'py>> {
    let circuit = shared(circuit)?;
    has_counts(&circuit, shots)?;
    let (machine, interrupt) = interruptible(threads, memory_limit);
    let options = SimOptions {
        method: method_of(method)?,
        shots: shots.0,
        seed: seed.0,
        record: record_of(each_shot),
        max_iterations,
        initial_state: initial_state.map(amplitudes).transpose()?,
        checkpoint: kept_at(checkpoint, checkpoint_every)?,
        ..machine
    };
    let outcome = match precision {
        Precision::Double => outcomes::<f64>(py, circuit, options, interrupt)?,
        Precision::Single => outcomes::<f32>(py, circuit, options, interrupt)?,
    };
    warn(py, &outcome.warnings)?;
    let counts = PyDict::new(py);
    for (text, times) in outcome.counts {
        counts.set_item(text, times)?;
    }
    Ok((counts, outcome.each_shot, outcome.method, outcome.reason))
}

/// Refuses to count the outcomes of a circuit that has none.
pub(crate) fn has_counts(circuit: &Circuit, shots: Shots) -> Result<()> {
    if shots.0 == 0 || circuit.writes_clbits() {
        return Ok(());
    }
    let message = "the circuit measures nothing, so there is nothing to count: add measurements, for instance by \
                   circuit.measure_all(), or ask ardea.statevector for its state";
    Err(Error::Value(message.to_owned()))
}

/// Counts, shots, engine, and why it was chosen.
type RunResult<'py> = (
    Bound<'py, PyDict>,
    Option<Vec<String>>,
    &'static str,
    Option<String>,
);

/// Options of a simulation with what it may use of the machine, and the flag in them that ends it.
pub(crate) fn interruptible(
    threads: Option<Threads>,
    memory_limit: Option<u64>,
) -> (SimOptions, Arc<AtomicBool>) {
    let interrupt = Arc::new(AtomicBool::new(false));
    let options = SimOptions {
        threads: threads.map(|threads| threads.0),
        memory_cap: memory_limit,
        interrupt: Some(Arc::clone(&interrupt)),
        ..SimOptions::default()
    };
    (options, interrupt)
}

/// What is kept of the shots.
pub(crate) fn record_of(each_shot: bool) -> Record {
    if each_shot {
        Record::EachShot
    } else {
        Record::Counts
    }
}

pub(crate) fn method_of(name: &str) -> Result<Method> {
    Method::from_name(name).ok_or_else(|| {
        let names = Method::ALL.map(|method| format!("'{method}'")).join(", ");
        Error::Value(format!(
            "there is no method '{name}'; choose one of {names}"
        ))
    })
}

/// What is kept of a run, ready for Python.
struct Outcomes {
    counts: Vec<(String, u64)>,
    each_shot: Option<Vec<String>>,
    method: &'static str,
    reason: Option<String>,
    warnings: Vec<String>,
}

fn outcomes<T: Real>(
    py: Python<'_>,
    circuit: Arc<Circuit>,
    options: SimOptions,
    interrupt: Arc<AtomicBool>,
) -> Result<Outcomes> {
    let brief = is_brief(&circuit, &options);
    let work = move || {
        let run: Run<T> = simulate(&circuit, &options)?;
        let text = |outcome| run.counts.text(outcome);
        Ok(Outcomes {
            counts: run
                .counts
                .iter()
                .map(|(outcome, times)| (text(outcome), times))
                .collect(),
            each_shot: run
                .each_shot
                .as_ref()
                .map(|shots| shots.iter().map(text).collect()),
            method: run.report.method.name(),
            reason: run.report.reason,
            warnings: run.report.warnings,
        })
    };
    if brief {
        run_brief(py, work)
    } else {
        run_long(py, Some(interrupt), work)
    }
}

/// The expectation value of an operator in the state that a circuit makes of 0...0, before its final measurements.
///
/// Args:
///     circuit: A circuit without resets, and with measurements only at its end.
///     operator: A :class:`PauliSum` on at most as many qubits as the circuit has.
///     method: ``"automatic"``, or an engine by name, as in :func:`run`.
///     precision: ``"double"`` or ``"single"``, of the amplitudes.
///     threads: Number of threads; one per processor when not given.
///     memory_limit: Bytes that the state may take at most, beside what the machine allows.
///     initial_state: Amplitudes to start from, ``2**num_qubits`` of them.
///
/// Returns:
///     A float, or a complex number when the operator is not Hermitian.
#[pyfunction]
#[pyo3(name = "expectation", signature = (
    circuit, operator, *, method = "automatic", precision = Precision::Double, threads = None, memory_limit = None,
    initial_state = None
), text_signature = "(circuit, operator, *, method='automatic', precision='double', threads=None, memory_limit=None, \
                     initial_state=None)")]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn expectation_python<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, PyCircuit>,
    operator: &PyPauliSum,
    method: &str,
    precision: Precision,
    threads: Option<Threads>,
    memory_limit: Option<u64>,
    initial_state: Option<&Bound<'py, PyAny>>,
) -> Result<Bound<'py, PyAny>> {
    let circuit = shared(circuit)?;
    let sum = Arc::clone(&operator.inner);
    let (machine, interrupt) = interruptible(threads, memory_limit);
    let options = SimOptions {
        method: method_of(method)?,
        initial_state: initial_state.map(amplitudes).transpose()?,
        ..machine
    };
    let (value, hermitian) = run_long(py, Some(interrupt), move || {
        let value = match precision {
            Precision::Double => expectation::<f64>(&circuit, &sum, &options)?,
            Precision::Single => expectation::<f32>(&circuit, &sum, &options)?,
        };
        Ok((value, sum.is_hermitian()))
    })?;
    Ok(if hermitian {
        PyFloat::new(py, value.re).into_any()
    } else {
        value.into_pyobject(py)?.into_any()
    })
}

/// The state that a circuit of gates makes of 0...0.
///
/// A circuit of up to 13 qubits keeps its gates in the form in which they ran until it is edited, so that another call is
/// faster than the first. After several calls it may be put in a form that is faster still and differs in rounding.
///
/// Args:
///     circuit: A circuit without measurements, resets and conditions.
///     precision: ``"double"`` or ``"single"``.
///     threads: Number of threads; one per processor when not given.
///     memory_limit: Bytes that the state may take at most, beside what the machine allows.
///     initial_state: Amplitudes to start from, ``2**num_qubits`` of them.
///     checkpoint: A file that keeps the state of a long run, as in :func:`run`.
///     checkpoint_every: Seconds between two writings at least.
#[pyfunction]
#[pyo3(name = "statevector", signature = (
    circuit, *, precision = Precision::Double, threads = None, memory_limit = None, initial_state = None,
    checkpoint = None, checkpoint_every = 60.0
), text_signature = "(circuit, *, precision='double', threads=None, memory_limit=None, initial_state=None, \
                     checkpoint=None, checkpoint_every=60.0)")]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn statevector_python(
    py: Python<'_>,
    circuit: &Bound<'_, PyCircuit>,
    precision: Precision,
    threads: Option<Threads>,
    memory_limit: Option<u64>,
    initial_state: Option<&Bound<'_, PyAny>>,
    checkpoint: Option<PathBuf>,
    checkpoint_every: f64,
) -> Result<PyStateVector> {
    let is_plain = memory_limit.is_none() && initial_state.is_none() && checkpoint.is_none();
    if is_plain {
        let found = match precision {
            Precision::Double => brief_state(py, circuit, AnyState::Double)?,
            Precision::Single => brief_state(py, circuit, AnyState::Single)?,
        };
        if let Some(state) = found {
            return Ok(state);
        }
    }
    let (machine, interrupt) = interruptible(threads, memory_limit);
    let options = SimOptions {
        initial_state: initial_state.map(amplitudes).transpose()?,
        checkpoint: kept_at(checkpoint, checkpoint_every)?,
        ..machine
    };
    let circuit = shared(circuit)?;
    match precision {
        Precision::Double => state(py, circuit, options, interrupt, AnyState::Double),
        Precision::Single => state(py, circuit, options, interrupt, AnyState::Single),
    }
}

/// The state of a circuit of few gates on few qubits, whose gates are kept for the next time; `None` for others.
fn brief_state<T: Precise>(
    py: Python<'_>,
    circuit: &Bound<'_, PyCircuit>,
    wrap: impl FnOnce(Arc<StateVector<T>>) -> AnyState,
) -> Result<Option<PyStateVector>> {
    let circuit = circuit.try_borrow().map_err(PyErr::from)?;
    let Some(ready) = guarded(|| Ok(circuit.kept.ready::<T>(&circuit.inner)))? else {
        return Ok(None);
    };
    drop(circuit);
    let work = || Ok(ready.run()?);
    // Even to let others have the interpreter takes longer than the smallest circuits.
    let (state, warning) = match ready.is_instant() {
        true => guarded(work)?,
        false => run_brief(py, work)?,
    };
    warn(py, warning.as_slice())?;
    Ok(Some(PyStateVector::of(wrap(Arc::new(state)))))
}

fn state<T: Real>(
    py: Python<'_>,
    circuit: Arc<Circuit>,
    options: SimOptions,
    interrupt: Arc<AtomicBool>,
    wrap: impl FnOnce(Arc<StateVector<T>>) -> AnyState,
) -> Result<PyStateVector> {
    let brief = is_brief(&circuit, &options);
    let work = move || {
        if !circuit.is_unitary() {
            // Refused by name: this is the simulator's own message.
            return Ok((statevector::<T>(&circuit, &options)?, vec![]));
        }
        let run = simulate::<T>(&circuit, &options)?;
        match run.state {
            Some(state) => Ok((state, run.report.warnings)),
            None => Err(Error::Simulation(SimulatorError::BadArgument {
                what: "the circuit has no single final state".to_owned(),
            })),
        }
    };
    let (state, warnings) = if brief {
        run_brief(py, work)?
    } else {
        run_long(py, Some(interrupt), work)?
    };
    warn(py, &warnings)?;
    Ok(PyStateVector::of(wrap(Arc::new(state))))
}

pub(crate) fn amplitudes(array: &Bound<'_, PyAny>) -> PyResult<Arc<[Complex64]>> {
    let array = complex_array("initial_state", array, 1)?;
    let view = array.readonly();
    Ok(view.as_array().iter().copied().collect())
}

fn kept_at(path: Option<PathBuf>, every: f64) -> Result<Option<Checkpoint>> {
    let Some(path) = path else { return Ok(None) };
    match Duration::try_from_secs_f64(every) {
        Ok(every) => Ok(Some(Checkpoint { path, every })),
        Err(_) => Err(Error::Value(format!(
            "checkpoint_every must be a number of seconds, not {every}"
        ))),
    }
}

fn warn(py: Python<'_>, warnings: &[String]) -> PyResult<()> {
    for warning in warnings {
        let text = std::ffi::CString::new(warning.as_str())?;
        PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &text, 2)?;
    }
    Ok(())
}
