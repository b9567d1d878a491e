//! `ardea.verify` and its result.

use std::sync::Arc;

use ardea_circuit::{Circuit, Layout, Qubit};
use ardea_equivalence::{CheckOptions, Report, Verdict, check};
use pyo3::prelude::*;

use crate::arguments::{Position, type_name};
use crate::calls::run_long;
use crate::circuit::PyCircuit;
use crate::compile::PyCompileResult;
use crate::errors::{Error, Result};

/// Whether two circuits mean the same, and how that was found.
#[pyclass(name = "VerifyResult", module = "ardea", frozen)]
pub(crate) struct PyVerifyResult {
    report: Report,
}

#[pymethods]
impl PyVerifyResult {
    /// ``"equal"``, ``"probably equal"``, ``"different"`` or ``"unknown"``.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.report.verdict.as_str()
    }

    /// Whether the circuits are equal for certain.
    #[getter]
    fn is_equal(&self) -> bool {
        self.report.verdict == Verdict::Equal
    }

    /// True where the circuits are equal or probably equal, so that ``if ardea.verify(a, b)`` means what it says.
    fn __bool__(&self) -> bool {
        matches!(self.report.verdict, Verdict::Equal | Verdict::ProbablyEqual)
    }

    /// The method that decided.
    #[getter]
    fn method(&self) -> &'static str {
        self.report.method.as_str()
    }

    /// Why, in a sentence.
    #[getter]
    fn detail(&self) -> &str {
        &self.report.detail
    }

    /// How sure the verdict is: 1 where it was proven.
    #[getter]
    fn confidence(&self) -> f64 {
        self.report.confidence
    }

    /// A bound on how far apart equal circuits may be, or the distance found.
    #[getter]
    fn distance(&self) -> Option<f64> {
        self.report.distance
    }

    /// By how many radians the second circuit's phase is ahead, where that was determined.
    #[getter]
    fn global_phase(&self) -> Option<f64> {
        self.report.global_phase
    }

    /// Wall-clock seconds.
    #[getter]
    fn seconds(&self) -> f64 {
        self.report.seconds
    }

    /// What shows a difference: a dictionary with ``input``, ``observed``, ``before`` and ``after``.
    #[getter]
    fn witness<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>> {
        let Some(witness) = &self.report.witness else {
            return Ok(None);
        };
        as_python(py, witness).map(Some)
    }

    /// Everything that was found, and every method that was tried, as a dictionary.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        as_python(py, &self.report)
    }

    fn __repr__(&self) -> String {
        format!(
            "<ardea.VerifyResult: {} by {}>",
            self.report.verdict, self.report.method
        )
    }
}

fn as_python<'py>(py: Python<'py>, value: &impl serde::Serialize) -> Result<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value)
        .map_err(|error| Error::Internal(format!("the report cannot be written: {error}")))?;
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}

/// Checks whether two circuits mean the same.
///
/// Equal and different are proven; where only random inputs could be compared the verdict is ``"probably equal"``, and a
/// circuit that is too hard is ``"unknown"``. A global phase never matters.
///
/// Args:
///     before: The first circuit.
///     after: The second: a :class:`Circuit`, or the :class:`CompileResult` of the first, which brings its layout and what
///         it had to preserve.
///     preserve: What must agree: ``"counts"``, ``"state"`` or ``"unitary"``, as for :func:`compile`. By default what a
///         compile result had to preserve, otherwise ``"unitary"``.
///     initial_layout: For each qubit of the first circuit its qubit in the second, before it; by default the circuit's
///         own layout, or each in its place.
///     final_layout: The same after it; by default as ``initial_layout``.
///     tolerance: Circuits closer than this count as equal.
///     negligible: Rotations by less than this angle in radians may be missing; the verdict states what they come to. By
///         default what a compile result was allowed to drop, otherwise 0.
///     seed: Of the random inputs.
///     stimuli: How many random inputs are simulated where nothing else decides.
///     memory_limit: Bytes that simulated states may take at most.
///
/// Returns:
///     A :class:`VerifyResult`.
#[pyfunction]
#[pyo3(signature = (
    before, after, *, preserve = None, initial_layout = None, final_layout = None, tolerance = 1e-5,
    negligible = None, seed = 0, stimuli = 4, memory_limit = None
))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of the Python function"
)]
pub(crate) fn verify(
    py: Python<'_>,
    before: PyRef<'_, PyCircuit>,
    after: &Bound<'_, PyAny>,
    preserve: Option<&str>,
    initial_layout: Option<Vec<Position>>,
    final_layout: Option<Vec<Position>>,
    tolerance: f64,
    negligible: Option<f64>,
    seed: u64,
    stimuli: usize,
    memory_limit: Option<u64>,
) -> Result<PyVerifyResult> {
    let mut options = CheckOptions {
        tolerance,
        seed,
        stimuli,
        memory: memory_limit,
        ..CheckOptions::default()
    };
    let before = Arc::clone(&before.inner);
    let after: Arc<Circuit> = if let Ok(circuit) = after.cast::<PyCircuit>() {
        Arc::clone(&circuit.borrow().inner)
    } else if let Ok(compiled) = after.cast::<PyCompileResult>() {
        let compiled = compiled.get();
        options.meaning = compiled.preserve.as_str().parse()?;
        options.negligible = CheckOptions::negligible_at(compiled.approximation);
        options.layout_before = Some(Layout::trivial(before.num_qubits()));
        options.layout_after = Some(compiled.layout());
        compiled.shared_circuit()
    } else {
        return Err(Error::Type(format!(
            "verify takes an ardea.Circuit or a CompileResult second, not {}",
            type_name(after)
        )));
    };
    if let Some(negligible) = negligible {
        options.negligible = negligible;
    }
    if let Some(preserve) = preserve {
        options.meaning = preserve.parse()?;
    }
    if initial_layout.is_some() || final_layout.is_some() {
        let list = |places: Vec<Position>| {
            places
                .into_iter()
                .map(|place| Qubit::new(place.0))
                .collect()
        };
        let trivial = || Layout::trivial(before.num_qubits()).initial;
        let initial: Vec<Qubit> = initial_layout.map_or_else(trivial, list);
        let last = final_layout.map_or_else(|| initial.clone(), list);
        options.layout_after = Some(Layout { initial, last });
    }
    run_long(py, None, move || {
        let report = check(&before, &after, &options)?;
        Ok(PyVerifyResult { report })
    })
}
