//! `ardea.compile` and its result.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::{Circuit, Layout, Qubit};
use ardea_compiler::{CompileOptions, Compiled, GateSet, Level, Preserve, compile_until};
use ardea_device::Target;
use pyo3::prelude::*;
use pyo3::types::PyList;
use rayon::prelude::*;

use crate::arguments::{Position, Threads, type_name};
use crate::calls::{on_pool, run_long};
use crate::circuit::PyCircuit;
use crate::errors::{Error, Result};
use crate::target::target_argument;

/// A compiled circuit with all that is known about it.
#[pyclass(name = "CompileResult", module = "ardea", frozen)]
pub(crate) struct PyCompileResult {
    circuit: Arc<Circuit>,
    /// What had to survive.
    pub(crate) preserve: Preserve,
    /// The average gate infidelity of a rotation that could be dropped.
    pub(crate) approximation: f64,
    /// For each input qubit, its physical qubit before the first instruction.
    #[pyo3(get)]
    initial_layout: Vec<usize>,
    /// For each input qubit, its physical qubit after the last instruction.
    #[pyo3(get)]
    final_layout: Vec<usize>,
    /// The report as JSON text.
    #[pyo3(get)]
    report_json: String,
}

#[pymethods]
impl PyCompileResult {
    /// The compiled circuit, on the qubits of the device.
    #[getter]
    fn circuit(&self) -> PyCircuit {
        PyCircuit::sharing(Arc::clone(&self.circuit))
    }

    /// The figures of the result, and what each pass did, as a dictionary.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?
            .call_method1("loads", (&self.report_json,))
    }

    fn __repr__(&self) -> String {
        format!(
            "<ardea.CompileResult: {} two-qubit gates at depth {}>",
            self.circuit.two_qubit_count(),
            self.circuit.two_qubit_depth()
        )
    }
}

impl PyCompileResult {
    /// The compiled circuit.
    pub(crate) fn shared_circuit(&self) -> Arc<Circuit> {
        Arc::clone(&self.circuit)
    }

    /// Where the input's qubits are.
    pub(crate) fn layout(&self) -> Layout {
        let list = |places: &[usize]| places.iter().map(|&place| Qubit::new(place)).collect();
        Layout {
            initial: list(&self.initial_layout),
            last: list(&self.final_layout),
        }
    }

    fn of(compiled: Compiled, options: &CompileOptions) -> Result<Self> {
        let report_json = serde_json::to_string_pretty(&compiled.report)
            .map_err(|error| Error::Internal(format!("the report cannot be written: {error}")))?;
        let list = |qubits: &[Qubit]| qubits.iter().map(|qubit| qubit.index()).collect();
        Ok(Self {
            preserve: compiled.report.preserve,
            approximation: options.approximation,
            initial_layout: list(&compiled.layout.initial),
            final_layout: list(&compiled.layout.last),
            circuit: Arc::new(compiled.circuit),
            report_json,
        })
    }
}

/// Compiles a circuit, or each of a list of circuits, for a device.
///
/// The same input and seed give the same output whatever the number of threads. Parameters may stay without a value:
/// compile once, bind many times.
///
/// Args:
///     circuit: A :class:`Circuit` or a list of them.
///     target: A :class:`Target`, or a name that it accepts.
///     level: How hard to try, from 0 to 3.
///     effort: How long levels 2 and 3 search: ``"normal"`` when not given, ``"high"`` (about ten times as long) or
///         ``"max"`` (a hundred times).
///     aim: What levels 2 and 3 choose their result by: ``"gates"`` (fewest two-qubit gates) when not given, or
///         ``"success"`` (the estimated success, waiting included).
///     seed: Of every random choice.
///     preserve: What must survive: ``"counts"`` (the distribution of the classical bits), ``"state"`` (the final
///         state from 0...0) or ``"unitary"`` (the operator).
///     fractional: Whether the device's fractional gates may be used.
///     approximation: Rotations whose average gate infidelity against doing nothing is below this are dropped; 0 drops
///         none.
///     dd: Dynamical decoupling in idle windows: ``"none"``, ``"staggered"`` (what suits each window and its
///         neighbours, by the device's figures), ``"xx"``, ``"xpxm"``, ``"xy4"``, ``"xy8"``, ``"cpmg"``, ``"udd"``
///         or ``"walsh"``.
///     schedule: ``"alap"``, ``"asap"`` or ``"least-loss"`` makes idle time explicit as delays.
///     initial_layout: The physical qubit of each input qubit; chosen by the compiler when not given.
///     trials: Number of layout and routing trials; the level's own when not given.
///     verify: ``"each-pass"`` checks the output of every pass on small circuits, ``"off"`` does not.
///     threads: Number of threads; one per processor when not given.
///
/// Returns:
///     A :class:`CompileResult`, or a list of them.
#[pyfunction]
#[pyo3(name = "compile", signature = (
    circuit, target = None, *, level = 2, effort = None, aim = None, seed = 0, preserve = "counts",
    fractional = false, approximation = 1e-12, dd = "none",
    schedule = None, initial_layout = None, trials = None, verify = None, threads = None
))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn compile_python<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, PyAny>,
    target: Option<&Bound<'py, PyAny>>,
    level: u8,
    effort: Option<&str>,
    aim: Option<&str>,
    seed: u64,
    preserve: &str,
    fractional: bool,
    approximation: f64,
    dd: &str,
    schedule: Option<&str>,
    initial_layout: Option<Vec<Position>>,
    trials: Option<usize>,
    verify: Option<&str>,
    threads: Option<Threads>,
) -> Result<Bound<'py, PyAny>> {
    let level: Level = level.to_string().parse()?;
    for (name, is_given) in [("aim", aim.is_some()), ("effort", effort.is_some())] {
        if is_given && level < Level::O2 {
            return Err(Error::Value(format!(
                "{name} is for levels 2 and 3, which choose among several results; level {level} makes one: leave {name} out, \
                 or raise the level"
            )));
        }
    }
    let usual = CompileOptions::default();
    let mut options = CompileOptions {
        level,
        effort: effort.map_or(Ok(usual.effort), str::parse)?,
        aim: aim.map_or(Ok(usual.aim), str::parse)?,
        seed,
        preserve: preserve.parse()?,
        gate_set: if fractional {
            GateSet::Fractional
        } else {
            GateSet::Standard
        },
        approximation,
        decoupling: dd.parse()?,
        schedule: schedule.map(str::parse).transpose()?,
        initial_layout: initial_layout.map(|list| {
            list.into_iter()
                .map(|position| Qubit::new(position.0))
                .collect()
        }),
        trials,
        ..usual
    };
    if let Some(verify) = verify {
        options.verification = verify.parse()?;
    }
    let target = match target {
        Some(target) => target_argument(target)?,
        None => Arc::new(Target::bundled("boston")?),
    };
    if let Ok(circuit) = circuit.cast::<PyCircuit>() {
        let circuits = vec![Arc::clone(&circuit.borrow().inner)];
        let result = compile_all(py, circuits, target, options, threads)?.remove(0);
        return Ok(Bound::new(py, result)?.into_any());
    }
    let circuits = circuit
        .try_iter()
        .map_err(|_| not_a_circuit(circuit))?
        .map(|item| {
            let item = item?;
            item.cast::<PyCircuit>()
                .map(|item| Arc::clone(&item.borrow().inner))
                .map_err(|_| not_a_circuit(&item))
        });
    let results = compile_all(
        py,
        circuits.collect::<Result<_>>()?,
        target,
        options,
        threads,
    )?;
    Ok(PyList::new(py, results)?.into_any())
}

fn compile_all(
    py: Python<'_>,
    circuits: Vec<Arc<Circuit>>,
    target: Arc<Target>,
    options: CompileOptions,
    threads: Option<Threads>,
) -> Result<Vec<PyCompileResult>> {
    let stop = Arc::new(AtomicBool::new(false));
    run_long(py, Some(Arc::clone(&stop)), move || {
        on_pool(threads.map(|threads| threads.0), || {
            let compile = |circuit: &Arc<Circuit>| {
                let compiled = compile_until(circuit, &target, &options, &stop)?;
                PyCompileResult::of(compiled, &options)
            };
            circuits.par_iter().map(compile).collect()
        })
    })
}

fn not_a_circuit(object: &Bound<'_, PyAny>) -> Error {
    Error::Type(format!(
        "compile takes an ardea.Circuit or a list of them, not {}; convert with Circuit.from_qiskit or from_qasm",
        type_name(object)
    ))
}
