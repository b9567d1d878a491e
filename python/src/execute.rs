//! `ardea.execute` and its parts: stages of suppression, experiments, and what mitigation does to counts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::Circuit;
use ardea_compiler::{GateSet, Level};
use ardea_noise::{Engine, NoiseModel, NoiseOptions, RunOptions};
use ardea_simulator::{Counts, Estimate};
use ardea_suppression::execute::{
    Compilation, ExecutionReport, Expectation, MOST_VERSIONS, ProgramResult,
};
use ardea_suppression::readout::{BitErrors, Inversion, InversionOptions, Quasi};
use ardea_suppression::twirl::{GateTwirl, MeasurementTwirl, Twirler};
use ardea_suppression::zne::{self, Extrapolation, Folding};
use ardea_suppression::{ExecuteOptions, Execution, Experiment, Suppress, prepare_until};
use pyo3::prelude::*;

use crate::arguments::{Seed, Shots, Threads};
use crate::calls::{on_pool, run_long};
use crate::circuit::{PyCircuit, shared};
use crate::errors::{Error, Result, guarded};
use crate::noise::{PyNoiseModel, engine_of};
use crate::pauli::PyPauliSum;
use crate::simulate::interruptible;
use crate::target::target_argument;

/// Circuits ready to run, with all that is needed to make results of their counts; `ardea.Experiment` wraps it.
#[pyclass(name = "NativeExperiment", module = "ardea", frozen)]
pub(crate) struct PyExperiment {
    inner: Arc<Experiment>,
    target: Arc<ardea_device::Target>,
}

/// Value and standard error.
type Pair = (f64, f64);

/// The value, the value as read, the values by strength of the noise, and chi squared of the extrapolation.
type ExpectationResult = (Pair, Pair, Vec<(f64, f64, f64)>, Option<f64>);

/// Counts, quasi-distribution and distribution of a circuit.
type CountsResult = (
    BTreeMap<String, u64>,
    Option<BTreeMap<String, f64>>,
    BTreeMap<String, f64>,
);

/// The results of all circuits, and the report as JSON.
type ExecutionResult = (Vec<(Option<CountsResult>, Vec<ExpectationResult>)>, String);

#[pymethods]
impl PyExperiment {
    /// The circuits to run, in the order in which counts are collected.
    #[getter]
    fn circuits(&self) -> Vec<PyCircuit> {
        let circuit = |job: &ardea_suppression::execute::Job| PyCircuit::of(job.circuit.clone());
        self.inner.jobs().iter().map(circuit).collect()
    }

    /// How often each circuit runs.
    #[getter]
    fn shots(&self) -> Vec<u64> {
        self.inner.jobs().iter().map(|job| job.shots).collect()
    }

    /// The classical bits that each circuit reports inverted.
    #[getter]
    fn inverted_bits(&self) -> Vec<Vec<usize>> {
        let jobs = self.inner.jobs().iter();
        jobs.map(|job| job.flips.bits().iter().map(|bit| bit.index()).collect())
            .collect()
    }

    /// The report as JSON text.
    #[getter]
    fn report_json(&self) -> Result<String> {
        as_json(self.inner.report())
    }

    /// The report as a table.
    #[getter]
    fn report_text(&self) -> String {
        self.inner.report().to_string()
    }

    /// Pictures (SVG) by name: the device with its errors, when what happens, what each stage is predicted to gain.
    fn figures(&self) -> Result<BTreeMap<String, String>> {
        guarded(|| Ok(self.inner.figures(&self.target)?.into_iter().collect()))
    }

    /// Runs all circuits on the noise simulator.
    #[pyo3(signature = (noise = None, *, method = "automatic", draws = None, threads = None, memory_limit = None))]
    fn run(
        &self,
        py: Python<'_>,
        noise: Option<&PyNoiseModel>,
        method: &str,
        draws: Option<u64>,
        threads: Option<Threads>,
        memory_limit: Option<u64>,
    ) -> Result<ExecutionResult> {
        let engine: Engine = engine_of(method)?;
        let model = match noise {
            Some(noise) => noise.shared_model(),
            None => Arc::new(NoiseModel::from_target(
                &self.target,
                &NoiseOptions::default(),
            )?),
        };
        let (simulation, interrupt) = interruptible(threads, memory_limit);
        let options = RunOptions {
            simulation,
            engine,
            draws,
        };
        let experiment = Arc::clone(&self.inner);
        run_long(py, Some(interrupt), move || {
            on_pool(threads.map(|threads| threads.0), || {
                of_execution(&experiment.run(&model, &options)?)
            })
        })
    }

    /// Makes results of counts from elsewhere, one for each circuit, as texts and how often they were read.
    fn collect(
        &self,
        py: Python<'_>,
        counts: Vec<BTreeMap<String, u64>>,
    ) -> Result<ExecutionResult> {
        let experiment = Arc::clone(&self.inner);
        run_long(py, None, move || {
            let jobs = experiment.jobs();
            if jobs.len() != counts.len() {
                return Err(Error::Value(format!(
                    "{} circuits want as many counts, not {}",
                    jobs.len(),
                    counts.len()
                )));
            }
            let read = |(job, counts): (&ardea_suppression::execute::Job, &BTreeMap<_, _>)| {
                counts_of(&job.circuit, counts)
            };
            let counts: Vec<Counts> = jobs.iter().zip(&counts).map(read).collect::<Result<_>>()?;
            on_pool(None, || of_execution(&experiment.collect(&counts)?))
        })
    }

    fn __repr__(&self) -> String {
        format!("<NativeExperiment of {} circuits>", self.inner.jobs().len())
    }
}

/// Compiles circuits and suppresses errors; `ardea.prepare` and `ardea.execute` wrap it.
#[pyfunction]
#[pyo3(signature = (circuits, target, shots, stages, observables, *, seed, level = None, fractional = false, compiled = false, threads = None))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn prepare_execution(
    py: Python<'_>,
    circuits: Vec<Bound<'_, PyCircuit>>,
    target: &Bound<'_, PyAny>,
    shots: Shots,
    stages: &str,
    observables: Vec<PyRef<'_, PyPauliSum>>,
    seed: Seed,
    level: Option<u8>,
    fractional: bool,
    compiled: bool,
    threads: Option<Threads>,
) -> Result<PyExperiment> {
    let circuits: Vec<Circuit> = circuits
        .iter()
        .map(|circuit| Ok((*shared(circuit)?).clone()))
        .collect::<Result<_>>()?;
    let target = target_argument(target)?;
    let options = ExecuteOptions {
        shots: shots.0,
        seed: seed.0,
        compilation: compilation(level, fractional, compiled)?,
        suppress: Suppress::from_text(stages)?,
        observables: observables.iter().map(|sum| (*sum.inner).clone()).collect(),
    };
    let device = Arc::clone(&target);
    let stop = Arc::new(AtomicBool::new(false));
    let experiment = run_long(py, Some(Arc::clone(&stop)), move || {
        on_pool(threads.map(|threads| threads.0), || {
            Ok(prepare_until(&circuits, &device, &options, &stop)?)
        })
    })?;
    Ok(PyExperiment {
        inner: Arc::new(experiment),
        target,
    })
}

/// How circuits come onto the device. Those that are there already have no use for options of the compiler.
fn compilation(level: Option<u8>, fractional: bool, compiled: bool) -> Result<Compilation> {
    let gate_set = if fractional {
        GateSet::Fractional
    } else {
        GateSet::Standard
    };
    if !compiled {
        let level = match level {
            Some(level) => level.to_string().parse()?,
            None => Level::O2,
        };
        return Ok(Compilation::at(level, gate_set));
    }
    let without_effect = [("level", level.is_some()), ("fractional", fractional)];
    match without_effect.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => Err(Error::Value(format!(
            "{name} is for the compiler, which does not run with compiled=True; leave one of them out"
        ))),
        None => Ok(Compilation::Done),
    }
}

fn of_execution(execution: &Execution) -> Result<ExecutionResult> {
    let results = execution.results.iter().map(of_program).collect();
    Ok((results, as_json(&execution.report)?))
}

fn of_program(result: &ProgramResult) -> (Option<CountsResult>, Vec<ExpectationResult>) {
    let counted = result.counted.as_ref().map(|counted| {
        let as_map = |quasi: &Quasi| quasi.to_texts(&counted.shape).into_iter().collect();
        (
            counted.counts.to_map(),
            counted.quasi.as_ref().map(as_map),
            as_map(&counted.distribution),
        )
    });
    let pair = |estimate: Estimate| (estimate.mean, estimate.error);
    let of_one = |found: &Expectation| {
        let by_scale = found.by_scale.iter();
        let by_scale = by_scale.map(|(scale, value)| (*scale, value.mean, value.error));
        let chi_squared = found.extrapolated.as_ref().map(|fit| fit.chi_squared);
        (
            pair(found.value),
            pair(found.raw),
            by_scale.collect(),
            chi_squared,
        )
    };
    (counted, result.expectations.iter().map(of_one).collect())
}

fn as_json(report: &ExecutionReport) -> Result<String> {
    serde_json::to_string_pretty(report)
        .map_err(|error| Error::Internal(format!("the report cannot be written: {error}")))
}

fn counts_of(circuit: &Circuit, counts: &BTreeMap<String, u64>) -> Result<Counts> {
    let texts = counts.iter().map(|(text, &times)| (text.as_str(), times));
    Ok(Counts::from_texts(circuit, texts)?)
}

/// The distribution that would have been counted without errors of readout, on the outcomes that were counted.
///
/// Args:
///     counts: Bit strings and how often each was read; the rightmost character is classical bit 0.
///     errors: For each classical bit the probabilities of reading 1 for 0 and 0 for 1.
///     nearest: Whether the nearest distribution without negative entries is wanted.
///
/// Returns:
///     Bit strings with their weights, which add up to 1.
#[pyfunction]
#[pyo3(signature = (counts, errors, *, nearest = false))]
pub(crate) fn mitigate_readout(
    py: Python<'_>,
    counts: BTreeMap<String, u64>,
    errors: Vec<(f64, f64)>,
    nearest: bool,
) -> Result<BTreeMap<String, f64>> {
    run_long(py, None, move || {
        let shape = Circuit::new(0, errors.len());
        let counts = counts_of(&shape, &counts)?;
        let errors: Vec<BitErrors> = errors
            .into_iter()
            .map(|(one_of_zero, zero_of_one)| BitErrors {
                one_of_zero,
                zero_of_one,
            })
            .collect();
        let quasi = on_pool(None, || {
            Ok(Inversion::new(&counts, &errors, &InversionOptions::default())?.quasi()?)
        })?;
        let found = if nearest { quasi.nearest() } else { quasi };
        Ok(found.to_texts(&shape).into_iter().collect())
    })
}

/// Versions of a compiled circuit with random Paulis around its two-qubit gates: all are the same operator.
///
/// Args:
///     circuit: In the gates of the target.
///     target: A :class:`Target` or its name.
///     versions: How many.
///     seed: Of the Paulis.
///     gates: Whether two-qubit gates are twirled.
///     measurements: Whether there is a random X before each measurement that no condition reads.
///
/// Returns:
///     Pairs of a version and the classical bits that it reports inverted.
#[pyfunction]
#[pyo3(signature = (circuit, target, versions, *, seed = 0, gates = true, measurements = false))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn twirl(
    py: Python<'_>,
    circuit: &Bound<'_, PyCircuit>,
    target: &Bound<'_, PyAny>,
    versions: u64,
    seed: u64,
    gates: bool,
    measurements: bool,
) -> Result<Vec<(PyCircuit, Vec<usize>)>> {
    let (circuit, target) = (shared(circuit)?, target_argument(target)?);
    let gates = if gates {
        GateTwirl::TwoQubit
    } else {
        GateTwirl::Off
    };
    let measurements = if measurements {
        MeasurementTwirl::Final
    } else {
        MeasurementTwirl::Off
    };
    if !(1..=MOST_VERSIONS).contains(&versions) {
        let what = format!("versions must be 1 to {MOST_VERSIONS}, not {versions}");
        return Err(Error::Value(what));
    }
    run_long(py, None, move || {
        let twirler = Twirler::new(&circuit, &target, gates, measurements)?;
        let one = |number| {
            let version = twirler.randomise(seed, number);
            let bits = version.flips.bits().iter().map(|bit| bit.index());
            (PyCircuit::of(version.circuit), bits.collect())
        };
        Ok((0..versions).map(one).collect())
    })
}

/// A compiled circuit with its noise made stronger, by gates that are written several times.
///
/// Args:
///     circuit: In the gates of the target.
///     target: A :class:`Target` or its name.
///     scale: How many times as many two-qubit gates, 1 to 100.
///     method: ``"gates"`` folds each two-qubit gate, ``"global"`` the whole circuit.
///
/// Returns:
///     The circuit, and the scale that whole gates allow.
#[pyfunction]
#[pyo3(signature = (circuit, target, scale, *, method = "gates"))]
pub(crate) fn fold(
    circuit: &Bound<'_, PyCircuit>,
    target: &Bound<'_, PyAny>,
    scale: f64,
    method: &str,
) -> Result<(PyCircuit, f64)> {
    let (circuit, target) = (shared(circuit)?, target_argument(target)?);
    let folding = match method {
        "gates" => Folding::TwoQubit,
        "global" => Folding::Global,
        other => {
            return Err(Error::Value(format!(
                "there is no way '{other}' to fold; choose 'gates' or 'global'"
            )));
        }
    };
    guarded(|| {
        let folded = zne::fold(&circuit, &target, scale, folding)?;
        Ok((PyCircuit::of(folded.circuit), folded.scale))
    })
}

/// The value at no noise, from values at several strengths of it.
///
/// Args:
///     points: Triples of a strength, a value and its standard error.
///     method: ``"linear"``, ``"quadratic"``, ``"richardson"`` or ``"exponential"``.
///     asymptote: The value at infinite noise, for an exponential.
///
/// Returns:
///     The value and its standard error.
#[pyfunction]
#[pyo3(signature = (points, method = "linear", *, asymptote = 0.0))]
pub(crate) fn extrapolate(
    points: Vec<(f64, f64, f64)>,
    method: &str,
    asymptote: f64,
) -> Result<Pair> {
    let curve = match method {
        "linear" => Extrapolation::Linear,
        "quadratic" => Extrapolation::Polynomial(2),
        "richardson" => Extrapolation::Richardson,
        "exponential" => Extrapolation::Exponential { asymptote },
        other => {
            return Err(Error::Value(format!(
                "there is no curve '{other}'; choose 'linear', 'quadratic', 'richardson' or 'exponential'"
            )));
        }
    };
    let points: Vec<(f64, Estimate)> = points
        .into_iter()
        .map(|(scale, mean, error)| (scale, Estimate { mean, error }))
        .collect();
    guarded(|| {
        let found = zne::extrapolate(&points, curve)?.value;
        Ok((found.mean, found.error))
    })
}
