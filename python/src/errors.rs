//! Where Rust errors become Python exceptions: one enum, one class of `ardea.errors` for each kind, and the guard that
//! turns a panic into `InternalError` instead of pyo3's `PanicException`, which `except Exception` would not catch.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Mutex, PoisonError};

use ardea_circuit::CircuitError;
use ardea_compiler::CompileError;
use ardea_device::TargetError;
use ardea_equivalence::EquivalenceError;
use ardea_models::ModelError;
use ardea_noise::NoiseError;
use ardea_qasm::{ParseError, WriteError};
use ardea_simulator::SimulatorError;
use ardea_suppression::SuppressionError;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// Whatever can go wrong in a call from Python.
#[derive(Debug)]
pub(crate) enum Error {
    Circuit(CircuitError),
    Parse(ParseError),
    Write(WriteError),
    Target(TargetError),
    Compile(CompileError),
    Simulation(SimulatorError),
    Model(ModelError),
    Equivalence(EquivalenceError),
    /// Another library's object has no counterpart here, or the reverse.
    Conversion(String),
    /// An argument of the right type with a value that cannot be used.
    Value(String),
    /// An argument of the wrong type.
    Type(String),
    /// A panic.
    Internal(String),
    /// An exception raised by Python code that was called.
    Python(PyErr),
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! from {
    ($($variant:ident($source:ty);)*) => {
        $(impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

from! {
    Circuit(CircuitError);
    Parse(ParseError);
    Write(WriteError);
    Target(TargetError);
    Python(PyErr);
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<CompileError> for Error {
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Circuit(error) => Self::Circuit(error),
            error => Self::Compile(error),
        }
    }
}

impl From<SimulatorError> for Error {
    fn from(error: SimulatorError) -> Self {
        match error {
            SimulatorError::Circuit(error) => Self::Circuit(error),
            error => Self::Simulation(error),
        }
    }
}

impl From<NoiseError> for Error {
    fn from(error: NoiseError) -> Self {
        match error {
            NoiseError::Circuit(error) => Self::Circuit(error),
            NoiseError::Simulator(error) => error.into(),
            NoiseError::BadParameter { what } => Self::Value(what),
            other => Self::Simulation(SimulatorError::BadArgument {
                what: other.to_string(),
            }),
        }
    }
}

impl From<SuppressionError> for Error {
    fn from(error: SuppressionError) -> Self {
        match error {
            SuppressionError::Circuit(error) => Self::Circuit(error),
            SuppressionError::Compile(error) => error.into(),
            SuppressionError::Noise(error) => error.into(),
            SuppressionError::Simulator(error) => error.into(),
            other => Self::Value(other.to_string()),
        }
    }
}

impl From<ModelError> for Error {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Circuit(error) => Self::Circuit(error),
            error => Self::Model(error),
        }
    }
}

impl From<EquivalenceError> for Error {
    fn from(error: EquivalenceError) -> Self {
        match error {
            EquivalenceError::Circuit(error) => Self::Circuit(error),
            error => Self::Equivalence(error),
        }
    }
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        Python::attach(|py| error.into_exception(py))
    }
}

impl Error {
    fn into_exception(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Circuit(error) => raise(py, "CircuitError", error.to_string()),
            Self::Parse(error) => raise(
                py,
                "QasmError",
                (error.to_string(), error.line(), error.column()),
            ),
            Self::Write(error) => raise(py, "QasmError", error.to_string()),
            Self::Target(error) => raise(py, "TargetError", error.to_string()),
            Self::Compile(error @ CompileError::Internal { .. }) => {
                raise(py, "InternalError", error.to_string())
            }
            Self::Compile(error) => raise(py, "CompileError", error.to_string()),
            Self::Simulation(
                error @ (SimulatorError::OutOfMemory { .. }
                | SimulatorError::TooLarge { .. }
                | SimulatorError::AllocationFailed { .. }),
            ) => raise(py, "OutOfMemoryError", error.to_string()),
            Self::Simulation(error) => raise(py, "SimulationError", error.to_string()),
            Self::Model(error) => raise(py, "ModelError", error.to_string()),
            Self::Equivalence(error) => raise(py, "EquivalenceError", error.to_string()),
            Self::Conversion(message) => raise(py, "ConversionError", message),
            Self::Value(message) => PyValueError::new_err(message),
            Self::Type(message) => PyTypeError::new_err(message),
            Self::Internal(message) => raise(py, "InternalError", message),
            Self::Python(error) => error,
        }
    }
}

fn raise<A>(py: Python<'_>, class: &str, arguments: A) -> PyErr
where
    A: pyo3::PyErrArguments + Send + Sync + 'static,
{
    let class = py
        .import("ardea.errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| Ok(class.cast_into::<PyType>()?));
    match class {
        Ok(class) => PyErr::from_type(class, arguments),
        Err(error) => error,
    }
}

/// Message and place of the last panic, kept by the hook because the payload does not know the place.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics off the terminal: they are reported as exceptions.
pub(crate) fn install_panic_hook() {
    set_hook(Box::new(|info| {
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.to_string());
    }));
}

/// Runs `work`; a panic becomes [`Error::Internal`].
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let kept = LAST_PANIC
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let said = payload.downcast_ref::<String>().cloned();
        let said = said.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
        let message = kept
            .or(said)
            .unwrap_or_else(|| "a panic without a message".to_owned());
        Err(Error::Internal(format!(
            "{message}; please report this as a bug with the circuit and the options"
        )))
    })
}

/// Panics, here or on the worker thread of a long call: how the tests see what becomes of a panic.
#[pyfunction]
#[pyo3(name = "_panic")]
pub(crate) fn panic_for_tests(py: Python<'_>, on_worker: bool) -> Result<()> {
    let work = || -> Result<()> { panic!("the qubit fell off") };
    if on_worker {
        crate::calls::run_long(py, None, work)
    } else {
        guarded(work)
    }
}
