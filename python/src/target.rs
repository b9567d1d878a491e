//! `ardea.Target`: devices.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ardea_circuit::{Gate, Qubit};
use ardea_device::{InstructionProperties, Target, TargetBuilder};
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Position, type_name};
use crate::errors::{Error, Result, guarded};

/// A quantum device: its gates with errors and durations, its coupling, its clock.
///
/// Args:
///     spec: A bundled calibration (``"boston"``, ``"fez"``, ``"marrakesh"``, ``"kingston"``, ``"pittsburgh"``,
///         ``"aachen"``), a shape (``"line:20"``, ``"ring:12"``,
///         ``"grid:3x4"``, ``"heavy_hex:5"``, ``"all_to_all:8"``), IBM's two files (``"conf.json,props.json"``), or a
///         device file written by :meth:`to_json`.
#[pyclass(name = "Target", module = "ardea", frozen)]
pub(crate) struct PyTarget {
    pub(crate) inner: Arc<Target>,
}

impl PyTarget {
    fn of(target: Target) -> Self {
        Self {
            inner: Arc::new(target),
        }
    }

    fn position(&self, position: Position) -> Result<Qubit> {
        if position.0 < self.inner.num_qubits() {
            return Ok(Qubit::new(position.0));
        }
        let (given, name, size) = (position.0, self.inner.name(), self.inner.num_qubits());
        Err(Error::Value(format!(
            "target '{name}' has no qubit {given}: it has {size}, counted from 0"
        )))
    }
}

/// A target as users give it: the object, or a spec.
pub(crate) fn target_argument(object: &Bound<'_, PyAny>) -> Result<Arc<Target>> {
    if let Ok(target) = object.cast::<PyTarget>() {
        return Ok(Arc::clone(&target.get().inner));
    }
    match object.extract::<String>() {
        Ok(spec) => guarded(|| Ok(Arc::new(Target::from_spec(&spec)?))),
        Err(_) => {
            let message = format!(
                "a target is a Target or a name such as 'boston', not {}",
                type_name(object)
            );
            Err(PyTypeError::new_err(message).into())
        }
    }
}

#[pymethods]
impl PyTarget {
    #[new]
    fn new(spec: &str) -> Result<Self> {
        guarded(|| Ok(Self::of(Target::from_spec(spec)?)))
    }

    /// A calibration that comes with the package; see :meth:`bundled_names`.
    #[staticmethod]
    #[pyo3(signature = (name = "boston"))]
    fn bundled(name: &str) -> Result<Self> {
        guarded(|| Ok(Self::of(Target::bundled(name)?)))
    }

    /// The names of the bundled calibrations.
    #[staticmethod]
    fn bundled_names() -> Vec<&'static str> {
        Target::bundled_names().collect()
    }

    /// Reads IBM's ``conf_*.json`` and ``props_*.json``.
    #[staticmethod]
    fn from_ibm(configuration: PathBuf, properties: PathBuf) -> Result<Self> {
        let configuration = read(&configuration)?;
        let properties = read(&properties)?;
        guarded(|| Ok(Self::of(Target::from_ibm(&configuration, &properties)?)))
    }

    /// Reads the text that :meth:`to_json` writes.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        guarded(|| Ok(Self::of(Target::from_json(text)?)))
    }

    /// The device as JSON text, to the last digit.
    fn to_json(&self) -> Result<String> {
        guarded(|| Ok(self.inner.to_json()))
    }

    /// Qubits in a row, with the typical figures of a Heron processor or, when ``ideal``, without errors.
    #[staticmethod]
    #[pyo3(signature = (num_qubits, *, ideal = false))]
    fn line(num_qubits: usize, ideal: bool) -> Result<Self> {
        build(TargetBuilder::line(num_qubits), ideal)
    }

    /// Qubits in a circle.
    #[staticmethod]
    #[pyo3(signature = (num_qubits, *, ideal = false))]
    fn ring(num_qubits: usize, ideal: bool) -> Result<Self> {
        build(TargetBuilder::ring(num_qubits), ideal)
    }

    /// A square lattice, numbered row by row.
    #[staticmethod]
    #[pyo3(signature = (rows, columns, *, ideal = false))]
    fn grid(rows: usize, columns: usize, ideal: bool) -> Result<Self> {
        build(TargetBuilder::grid(rows, columns), ideal)
    }

    /// The heavy-hex lattice of a code of odd distance: 19 qubits for 3, 57 for 5.
    #[staticmethod]
    #[pyo3(signature = (distance, *, ideal = false))]
    fn heavy_hex(distance: usize, ideal: bool) -> Result<Self> {
        build(TargetBuilder::heavy_hex(distance), ideal)
    }

    /// Every pair coupled.
    #[staticmethod]
    #[pyo3(signature = (num_qubits, *, ideal = false))]
    fn all_to_all(num_qubits: usize, ideal: bool) -> Result<Self> {
        build(TargetBuilder::all_to_all(num_qubits), ideal)
    }

    /// Any coupling, by its edges.
    #[staticmethod]
    #[pyo3(signature = (num_qubits, edges, *, ideal = false))]
    fn from_edges(num_qubits: usize, edges: Vec<(usize, usize)>, ideal: bool) -> Result<Self> {
        build(TargetBuilder::from_edges(num_qubits, &edges), ideal)
    }

    /// The device's name.
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// Where the figures come from.
    #[getter]
    fn source(&self) -> &str {
        self.inner.source()
    }

    /// When the device was calibrated, as its file says, or None.
    #[getter]
    fn calibrated(&self) -> Option<&str> {
        self.inner.calibrated()
    }

    /// Number of qubits, dead ones included.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Coupled pairs in working order.
    #[getter]
    fn edges(&self) -> Vec<(usize, usize)> {
        self.inner
            .edges()
            .map(|(a, b)| (a.index(), b.index()))
            .collect()
    }

    /// Qubits that are out of order.
    #[getter]
    fn dead_qubits(&self) -> Vec<usize> {
        self.inner
            .dead_qubits()
            .map(|qubit| qubit.index())
            .collect()
    }

    /// Coupled pairs that are out of order.
    #[getter]
    fn dead_edges(&self) -> Vec<(usize, usize)> {
        self.inner
            .dead_edges()
            .map(|(a, b)| (a.index(), b.index()))
            .collect()
    }

    /// Names of the native gates.
    #[getter]
    fn basis(&self) -> Vec<&'static str> {
        self.inner.basis().iter().map(|gate| gate.name()).collect()
    }

    /// Names of the gates that ``fractional=True`` adds.
    #[getter]
    fn fractional_gates(&self) -> Vec<&'static str> {
        self.inner
            .fractional_gates()
            .iter()
            .map(|gate| gate.name())
            .collect()
    }

    /// Positions for drawing, or None.
    #[getter]
    fn coordinates(&self) -> Option<Vec<(f64, f64)>> {
        self.inner.coordinates().map(<[(f64, f64)]>::to_vec)
    }

    /// Seconds of one tick of the device's clock, or None.
    #[getter]
    fn dt(&self) -> Option<f64> {
        self.inner.timing().dt
    }

    /// The qubits coupled to a qubit in working order.
    fn neighbors(&self, qubit: Position) -> Result<Vec<usize>> {
        let qubit = self.position(qubit)?;
        Ok(self
            .inner
            .neighbours(qubit)
            .iter()
            .map(|qubit| qubit.index())
            .collect())
    }

    /// The figures of a qubit: t1, t2 (seconds), frequency (hertz), readout_error, readout_duration, and whether it is
    /// ``live``. None where the device does not say.
    fn qubit<'py>(&self, py: Python<'py>, qubit: Position) -> Result<Bound<'py, PyDict>> {
        let qubit = self.position(qubit)?;
        let properties = self.inner.qubit(qubit);
        let dict = PyDict::new(py);
        dict.set_item("t1", properties.t1)?;
        dict.set_item("t2", properties.t2)?;
        dict.set_item("frequency", properties.frequency)?;
        dict.set_item("readout_error", properties.readout.error)?;
        dict.set_item("readout_duration", properties.readout.duration)?;
        dict.set_item("live", self.inner.is_live(qubit))?;
        Ok(dict)
    }

    /// Error and duration (seconds) of a gate, ``"measure"`` or ``"reset"`` on these qubits, or None where the device
    /// has no such instruction.
    fn instruction(&self, name: &str, qubits: Vec<Position>) -> Result<Option<(f64, f64)>> {
        let qubits: Vec<Qubit> = qubits
            .into_iter()
            .map(|qubit| self.position(qubit))
            .collect::<Result<_>>()?;
        let figures = |properties: InstructionProperties| (properties.error, properties.duration);
        match (name, &*qubits) {
            ("measure", &[qubit]) => Ok(Some(figures(self.inner.measure(qubit)))),
            ("reset", &[qubit]) => Ok(self.inner.reset(qubit).map(figures)),
            _ => {
                let gate = Gate::from_name(name)
                    .ok_or_else(|| Error::Value(format!("there is no gate '{name}'")))?;
                Ok(self
                    .inner
                    .instruction(gate, &qubits)
                    .map(|properties| figures(*properties)))
            }
        }
    }

    /// A table of the device's figures.
    fn summary(&self) -> Result<String> {
        guarded(|| Ok(self.inner.summary().to_string()))
    }

    fn __str__(&self) -> Result<String> {
        self.summary()
    }

    fn __repr__(&self) -> String {
        format!(
            "<ardea.Target: {}, {} qubits>",
            self.inner.name(),
            self.inner.num_qubits()
        )
    }
}

fn build(builder: TargetBuilder, ideal: bool) -> Result<PyTarget> {
    guarded(|| {
        Ok(PyTarget::of(
            if ideal { builder.ideal() } else { builder }.build()?,
        ))
    })
}

/// The text of a file; Python's own error, with the file's name, where it cannot be read.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let what = match error.raw_os_error() {
            // OSError makes FileNotFoundError and the like of the number.
            Some(number) => PyOSError::new_err((number, error.to_string(), path.to_path_buf())),
            None => PyOSError::new_err(format!("{}: {error}", path.display())),
        };
        what.into()
    })
}
