//! `ardea.Family`: a circuit with parameters, planned once and run at many values.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ardea_circuit::{Circuit, SparsePauliSum};
use ardea_simulator::{Family, Real, SimOptions};
use numpy::ndarray::Array2;
use numpy::{
    Complex64, Element, IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Seed, Shots, Threads};
use crate::calls::run_long;
use crate::circuit::{PyCircuit, shared};
use crate::errors::{Error, Result};
use crate::parameter::parameter_to_python;
use crate::pauli::PyPauliSum;
use crate::simulate::{Precision, amplitudes, has_counts, interruptible};

/// A value for each binding, and its slopes in a row for each.
type ValuesAndGradients<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// All circuits that one circuit with parameters stands for, planned once and run at many values.
///
/// Values are arrays with a row for each run and a column for each of :attr:`parameters`. Rows of small circuits are
/// spread over the threads; what is found for a row depends neither on the others nor on the number of threads.
///
/// Args:
///     circuit: The circuit.
///     precision: ``"double"`` or ``"single"``, of the amplitudes.
///     threads: Number of threads; one per processor when not given.
///     memory_limit: Bytes that states may take at most, beside what the machine allows.
///     initial_state: Amplitudes to start from instead of 0...0, ``2**num_qubits`` of them.
#[pyclass(name = "Family", module = "ardea", frozen)]
pub(crate) struct PyFamily {
    inner: Arc<Family>,
    circuit: Arc<Circuit>,
    precision: Precision,
    interrupt: Arc<AtomicBool>,
}

/// Runs an expression with `T` the type of the family's amplitudes.
macro_rules! with_precision {
    ($precision:expr, $body:expr, $real:ident) => {
        match $precision {
            Precision::Double => {
                type $real = f64;
                $body
            }
            Precision::Single => {
                type $real = f32;
                $body
            }
        }
    };
}

#[pymethods]
impl PyFamily {
    #[new]
    #[pyo3(signature = (circuit, *, precision = Precision::Double, threads = None, memory_limit = None,
        initial_state = None),
        text_signature = "(circuit, *, precision='double', threads=None, memory_limit=None, initial_state=None)")]
    fn new(
        py: Python<'_>,
        circuit: &Bound<'_, PyCircuit>,
        precision: Precision,
        threads: Option<Threads>,
        memory_limit: Option<u64>,
        initial_state: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let circuit = shared(circuit)?;
        let (machine, interrupt) = interruptible(threads, memory_limit);
        let options = SimOptions {
            initial_state: initial_state.map(amplitudes).transpose()?,
            ..machine
        };
        let kept = Arc::clone(&circuit);
        let family = run_long(py, None, move || Ok(Family::new(&circuit, &options)?))?;
        Ok(Self {
            inner: Arc::new(family),
            circuit: kept,
            precision,
            interrupt,
        })
    }

    /// The parameters, sorted by name: the order of the columns of values.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.inner
            .symbols()
            .iter()
            .map(|symbol| parameter_to_python(py, symbol))
            .collect()
    }

    /// The amplitudes of each row's state, ``2**num_qubits`` in a row.
    fn states<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyAny>> {
        let rows = rows(&values);
        Ok(match self.precision {
            Precision::Double => self.table_of_states::<f64>(py, rows)?.into_any(),
            Precision::Single => self.table_of_states::<f32>(py, rows)?.into_any(),
        })
    }

    /// The expectation value of each operator (column) in each row's state.
    fn expectations<'py>(
        &self,
        py: Python<'py>,
        operators: Vec<PyRef<'py, PyPauliSum>>,
        values: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray2<Complex64>>> {
        let sums: Vec<SparsePauliSum> = operators
            .iter()
            .map(|operator| SparsePauliSum::clone(&operator.inner))
            .collect();
        let (rows, width, precision) = (rows(&values), sums.len(), self.precision);
        let found = self.run(py, move |family| {
            Ok(with_precision!(
                precision,
                family.expectations::<T>(&sums, &rows)?,
                T
            ))
        })?;
        table(py, width, found)
    }

    /// The expectation value of an operator in each row's state, and its derivatives by all parameters, a row each.
    fn gradients<'py>(
        &self,
        py: Python<'py>,
        operator: &PyPauliSum,
        values: PyReadonlyArray2<'py, f64>,
    ) -> Result<ValuesAndGradients<'py>> {
        let sum = Arc::clone(&operator.inner);
        let (rows, precision) = (rows(&values), self.precision);
        let found = self.run(py, move |family| {
            Ok(with_precision!(
                precision,
                family.gradients::<T>(&sum, &rows)?,
                T
            ))
        })?;
        let values: Vec<f64> = found.iter().map(|gradient| gradient.value).collect();
        let slopes = found
            .into_iter()
            .map(|gradient| {
                gradient
                    .derivatives
                    .into_iter()
                    .map(|(_, slope)| slope)
                    .collect()
            })
            .collect();
        let width = self.inner.symbols().len();
        Ok((values.into_pyarray(py), table(py, width, slopes)?))
    }

    /// The counts of each row, by bit string; row ``i`` has the seed ``seed + i``.
    fn counts<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray2<'py, f64>,
        shots: Shots,
        seed: Seed,
    ) -> Result<Vec<Bound<'py, PyDict>>> {
        has_counts(&self.circuit, shots)?;
        let (rows, precision) = (rows(&values), self.precision);
        let found = self.run(py, move |family| {
            Ok(with_precision!(
                precision,
                family.counts::<T>(&rows, shots.0, seed.0)?,
                T
            ))
        })?;
        found
            .iter()
            .map(|counts| {
                let dict = PyDict::new(py);
                for (outcome, times) in counts.iter() {
                    dict.set_item(counts.text(outcome), times)?;
                }
                Ok(dict)
            })
            .collect()
    }

    fn __repr__(&self) -> String {
        format!(
            "<ardea.Family of {} parameters>",
            self.inner.symbols().len()
        )
    }
}

impl PyFamily {
    fn run<R: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Family) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.interrupt.store(false, Ordering::Relaxed);
        let family = Arc::clone(&self.inner);
        run_long(py, Some(Arc::clone(&self.interrupt)), move || work(&family))
    }

    fn table_of_states<'py, T: Real>(
        &self,
        py: Python<'py>,
        rows: Vec<Vec<f64>>,
    ) -> Result<Bound<'py, PyArray2<num_complex::Complex<T>>>>
    where
        num_complex::Complex<T>: Element,
    {
        let (found, width) = self.run(py, move |family| {
            let mut table = Vec::with_capacity(rows.len());
            for state in family.states::<T>(&rows)? {
                table.push(state.into_full()?.amplitudes().to_vec());
            }
            Ok((table, 1usize << family.num_qubits()))
        })?;
        table(py, width, found)
    }
}

fn rows(values: &PyReadonlyArray2<'_, f64>) -> Vec<Vec<f64>> {
    debug_assert_eq!(values.ndim(), 2);
    let rows = values.as_array();
    rows.outer_iter().map(|row| row.to_vec()).collect()
}

fn table<E: Element + Clone>(
    py: Python<'_>,
    width: usize,
    rows: Vec<Vec<E>>,
) -> Result<Bound<'_, PyArray2<E>>> {
    let shape = (rows.len(), width);
    let flat: Vec<E> = rows.into_iter().flatten().collect();
    let array = Array2::from_shape_vec(shape, flat)
        .map_err(|error| Error::from(PyValueError::new_err(error.to_string())))?;
    Ok(array.into_pyarray(py))
}
