//! `ardea.StateVector`: amplitudes as a numpy view, and questions to a state.
//!
//! The view is read-only and keeps the Python object, and with it the amplitudes, alive. A state is never changed
//! after it was made, so views, worker threads and the object can share it.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use ardea_circuit::Qubit;
use ardea_simulator::{Real, StateVector};
use num_complex::Complex;
use numpy::ndarray::ArrayView1;
use numpy::{Complex32, Complex64, Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyFloat};

use crate::arguments::{Position, Seed, Shots, complex_array};
use crate::calls::{on_pool, run_long};
use crate::circuit::{PyCircuit, matrix_to_python};
use crate::errors::Result;
use crate::pauli::PyPauliSum;
use crate::simulate::{Precision, statevector_python};

/// A state in either precision.
pub(crate) enum AnyState {
    Double(Arc<StateVector<f64>>),
    Single(Arc<StateVector<f32>>),
}

/// Runs an expression on the state, whichever its precision.
macro_rules! with_state {
    ($any:expr, $state:ident => $body:expr) => {
        match $any {
            AnyState::Double($state) => $body,
            AnyState::Single($state) => $body,
        }
    };
}

/// A function and its arguments, as pickle wants them.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, &'static str));

/// A pure state of qubits.
///
/// Qubits that a circuit never touched are 0 and have no amplitudes until somebody asks for the whole array. Qubit 0 is
/// the least significant bit of an index.
///
/// Args:
///     circuit: The circuit of gates that makes the state of 0...0; :func:`statevector` has more options.
///     precision: ``"double"`` or ``"single"``.
#[pyclass(name = "StateVector", module = "ardea", frozen)]
pub(crate) struct PyStateVector {
    state: AnyState,
    /// The state with amplitudes for idle qubits too, once somebody asked for it.
    full: OnceLock<AnyState>,
}

impl PyStateVector {
    pub(crate) fn of(state: AnyState) -> Self {
        Self {
            state,
            full: OnceLock::new(),
        }
    }

    fn full(&self, py: Python<'_>) -> Result<&AnyState> {
        if with_state!(&self.state, state => state.is_full()) {
            return Ok(&self.state);
        }
        if self.full.get().is_none() {
            let full = match &self.state {
                AnyState::Double(state) => AnyState::Double(widened(py, state)?),
                AnyState::Single(state) => AnyState::Single(widened(py, state)?),
            };
            // Another thread may have been faster; its copy is as good.
            let _ = self.full.set(full);
        }
        Ok(self.full.get().unwrap_or(&self.state))
    }
}

fn widened<T: Real>(py: Python<'_>, state: &Arc<StateVector<T>>) -> Result<Arc<StateVector<T>>> {
    let state = Arc::clone(state);
    run_long(py, None, move || {
        on_pool(None, || Ok(Arc::new(state.try_clone()?.into_full()?)))
    })
}

fn of_amplitudes(amplitudes: &[Complex64], precision: Precision) -> Result<AnyState> {
    Ok(match precision {
        Precision::Double => AnyState::Double(Arc::new(StateVector::from_amplitudes(amplitudes)?)),
        Precision::Single => {
            let narrow: Vec<Complex32> = amplitudes
                .iter()
                .map(|z| Complex32::new(z.re as f32, z.im as f32))
                .collect();
            AnyState::Single(Arc::new(StateVector::from_amplitudes(&narrow)?))
        }
    })
}

#[pymethods]
impl PyStateVector {
    #[new]
    #[pyo3(signature = (circuit, *, precision = Precision::Double),
        text_signature = "(circuit, *, precision='double')")]
    fn new(py: Python<'_>, circuit: &Bound<'_, PyCircuit>, precision: Precision) -> Result<Self> {
        statevector_python(py, circuit, precision, None, None, None, None, 60.0)
    }

    /// The state with these amplitudes: ``2**n`` finite numbers of norm 1, which are copied.
    #[staticmethod]
    #[pyo3(signature = (amplitudes, *, precision = Precision::Double),
        text_signature = "(amplitudes, *, precision='double')")]
    fn from_numpy(
        py: Python<'_>,
        amplitudes: &Bound<'_, PyAny>,
        precision: Precision,
    ) -> Result<Self> {
        let array = complex_array("amplitudes", amplitudes, 1)?;
        let view = array.readonly();
        let amplitudes: Vec<Complex64> = view.as_array().iter().copied().collect();
        let state = run_long(py, None, move || {
            on_pool(None, || of_amplitudes(&amplitudes, precision))
        })?;
        Ok(Self::of(state))
    }

    /// Number of qubits, idle ones included.
    #[getter]
    fn num_qubits(&self) -> usize {
        with_state!(&self.state, state => state.num_qubits())
    }

    /// Qubits that have amplitudes; all others are 0.
    #[getter]
    fn active_qubits(&self) -> Vec<usize> {
        with_state!(&self.state, state => state.active_qubits().iter().map(|qubit| qubit.index()).collect())
    }

    /// ``"double"`` or ``"single"``.
    #[getter]
    fn precision(&self) -> &'static str {
        match self.state {
            AnyState::Double(_) => "double",
            AnyState::Single(_) => "single",
        }
    }

    /// The amplitudes of all basis states: a read-only view of the state's own memory, or a writeable copy.
    #[pyo3(signature = (*, copy = false))]
    fn numpy<'py>(slf: &Bound<'py, Self>, copy: bool) -> Result<Bound<'py, PyAny>> {
        let view = with_state!(slf.get().full(slf.py())?, state => view(slf, state.amplitudes())?);
        Ok(if copy {
            view.call_method0("copy")?
        } else {
            view
        })
    }

    /// The amplitudes of the active qubits only, as a read-only view: bit ``i`` of an index belongs to
    /// ``active_qubits[i]``.
    fn active_amplitudes<'py>(slf: &Bound<'py, Self>) -> Result<Bound<'py, PyAny>> {
        Ok(with_state!(&slf.get().state, state => view(slf, state.amplitudes())?))
    }

    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> Result<Bound<'py, PyAny>> {
        let view = Self::numpy(slf, false)?;
        let options = PyDict::new(slf.py());
        if let Some(copy) = copy {
            options.set_item("copy", copy)?;
        }
        match (dtype, copy) {
            (None, Some(true)) => Ok(view.call_method0("copy")?),
            (None, _) => Ok(view),
            (Some(dtype), Some(true)) => Ok(view.call_method1("astype", (dtype,))?),
            (Some(dtype), _) => Ok(slf.py().import("numpy")?.call_method(
                "asarray",
                (view, dtype),
                Some(&options),
            )?),
        }
    }

    fn __len__(&self) -> PyResult<usize> {
        let qubits = self.num_qubits();
        u32::try_from(qubits)
            .ok()
            .and_then(|qubits| 1usize.checked_shl(qubits))
            .filter(|&length| length <= isize::MAX as usize)
            .ok_or_else(|| {
                PyValueError::new_err(format!("2**{qubits} is more than a length can be"))
            })
    }

    /// The amplitude of one basis state: an int whose bit ``q`` is qubit ``q``, or a bit string with qubit 0 last.
    fn amplitude(&self, basis: &Bound<'_, PyAny>) -> Result<Complex64> {
        let basis = self.basis_state(basis)?;
        Ok(with_state!(&self.state, state => {
            widen(state.amplitude(basis))
        }))
    }

    /// The norm; 1 up to rounding.
    fn norm(&self, py: Python<'_>) -> Result<f64> {
        with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.norm())))
        })
    }

    /// The probabilities of all values of some qubits (of all, when not given), whatever the others are: entry ``i``
    /// belongs to the value whose bit ``j`` is ``qubits[j]``.
    #[pyo3(signature = (qubits = None))]
    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        qubits: Option<Vec<Position>>,
    ) -> Result<Bound<'py, PyArray1<f64>>> {
        let qubits: Vec<Qubit> = match qubits {
            Some(list) => list
                .into_iter()
                .map(|position| Qubit::new(position.0))
                .collect(),
            None => (0..self.num_qubits()).map(Qubit::new).collect(),
        };
        let table = with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.probabilities(&qubits)?)))?
        });
        Ok(table.into_pyarray(py))
    }

    /// The expectation value of an operator: a float, or a complex number when the operator is not Hermitian.
    fn expectation<'py>(
        &self,
        py: Python<'py>,
        operator: &PyPauliSum,
    ) -> Result<Bound<'py, PyAny>> {
        let sum = Arc::clone(&operator.inner);
        let (value, hermitian) = with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok((state.expectation(&sum)?, sum.is_hermitian()))))?
        });
        Ok(if hermitian {
            PyFloat::new(py, value.re).into_any()
        } else {
            value.into_pyobject(py)?.into_any()
        })
    }

    /// The variance of a Hermitian operator.
    fn variance(&self, py: Python<'_>, operator: &PyPauliSum) -> Result<f64> {
        let sum = Arc::clone(&operator.inner);
        with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.variance(&sum)?)))
        })
    }

    /// The density matrix of some qubits when the others are forgotten: bit ``j`` of a row or column is ``qubits[j]``.
    fn reduced_density_matrix<'py>(
        &self,
        py: Python<'py>,
        qubits: Vec<Position>,
    ) -> Result<Bound<'py, PyArray2<Complex64>>> {
        let qubits = positions(qubits);
        let matrix = with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.reduced_density_matrix(&qubits)?)))?
        });
        Ok(matrix_to_python(py, matrix))
    }

    /// The purity of the state of some qubits when the others are forgotten: 1 where they are not entangled.
    fn purity(&self, py: Python<'_>, qubits: Vec<Position>) -> Result<f64> {
        let qubits = positions(qubits);
        with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.purity(&qubits)?)))
        })
    }

    /// The entanglement entropy of some qubits with the others, in bits.
    fn entropy(&self, py: Python<'_>, qubits: Vec<Position>) -> Result<f64> {
        let qubits = positions(qubits);
        with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || on_pool(None, || Ok(state.entropy(&qubits)?)))
        })
    }

    /// Writes the amplitudes of all qubits to a file that :func:`numpy.load` reads.
    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        with_state!(&self.state, state => {
            let state = Arc::clone(state);
            run_long(py, None, move || Ok(state.save_npy(&path)?))
        })
    }

    /// Reads a state that :meth:`save` or :func:`numpy.save` wrote: ``2**n`` complex numbers of norm 1.
    #[staticmethod]
    #[pyo3(signature = (path, *, precision = Precision::Double), text_signature = "(path, *, precision='double')")]
    fn load(py: Python<'_>, path: PathBuf, precision: Precision) -> Result<Self> {
        let read = move || {
            Ok(match precision {
                Precision::Double => AnyState::Double(Arc::new(StateVector::load_npy(&path)?)),
                Precision::Single => AnyState::Single(Arc::new(StateVector::load_npy(&path)?)),
            })
        };
        let state = run_long(py, None, move || on_pool(None, read))?;
        Ok(Self::of(state))
    }

    /// Measures all qubits many times, without changing the state.
    ///
    /// Args:
    ///     shots: How often.
    ///     seed: Of the random outcomes; a fresh one when not given.
    ///
    /// Returns:
    ///     :class:`Counts` of bit strings with qubit 0 last.
    #[pyo3(signature = (shots, *, seed = None))]
    fn sample<'py>(
        &self,
        py: Python<'py>,
        shots: Shots,
        seed: Option<Seed>,
    ) -> Result<Bound<'py, PyAny>> {
        let module = py.import("ardea.counts")?;
        let seed = match seed {
            Some(seed) => seed.0,
            None => module.call_method0("fresh_seed")?.extract()?,
        };
        let counts = with_state!(&self.state, state => {
            let state = Arc::clone(state);
            let stop = Arc::new(AtomicBool::new(false));
            run_long(py, Some(Arc::clone(&stop)), move || on_pool(None, || sample(&state, shots.0, seed, &stop)))?
        });
        let dict = PyDict::new(py);
        for (text, times) in counts {
            dict.set_item(text, times)?;
        }
        Ok(module
            .getattr("Counts")?
            .call((dict,), Some(&[("seed", seed)].into_py_dict(py)?))?)
    }

    /// The inner product of this state's conjugate with another state of the same precision.
    fn inner(&self, py: Python<'_>, other: &Self) -> Result<Complex64> {
        match (&self.state, &other.state) {
            (AnyState::Double(a), AnyState::Double(b)) => inner(py, a, b),
            (AnyState::Single(a), AnyState::Single(b)) => inner(py, a, b),
            _ => Err(PyValueError::new_err(
                "the states have different precisions; convert one with from_numpy",
            )
            .into()),
        }
    }

    /// The fidelity with another state of the same precision: the squared size of the inner product.
    fn fidelity(&self, py: Python<'_>, other: &Self) -> Result<f64> {
        Ok(self.inner(py, other)?.norm_sqr())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Result<Reduced<'py>> {
        let py = slf.py();
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (Self::numpy(slf, true)?, slf.get().precision())))
    }

    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        amplitudes: &Bound<'_, PyAny>,
        precision: Precision,
    ) -> Result<Self> {
        Self::from_numpy(py, amplitudes, precision)
    }

    fn __repr__(&self) -> String {
        let (active, all) = (self.active_qubits().len(), self.num_qubits());
        format!(
            "<ardea.StateVector: {all} qubits, {active} of them active, {} precision>",
            self.precision()
        )
    }
}

impl PyStateVector {
    fn basis_state(&self, basis: &Bound<'_, PyAny>) -> PyResult<u128> {
        let qubits = self.num_qubits();
        let value = match basis.extract::<String>() {
            Ok(text) => {
                let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                let fits = digits.len() == qubits && digits.chars().all(|c| matches!(c, '0' | '1'));
                fits.then(|| u128::from_str_radix(&digits, 2).ok())
                    .flatten()
            }
            Err(_) => basis.extract::<u128>().ok(),
        };
        value.filter(|&value| qubits >= 128 || value >> qubits == 0).ok_or_else(|| {
            let message = format!("a basis state is an int below 2**{qubits} or a string of {qubits} digits 0 and 1");
            PyValueError::new_err(message)
        })
    }
}

fn inner<T: Real>(
    py: Python<'_>,
    a: &Arc<StateVector<T>>,
    b: &Arc<StateVector<T>>,
) -> Result<Complex64> {
    let (a, b) = (Arc::clone(a), Arc::clone(b));
    run_long(py, None, move || on_pool(None, || Ok(a.inner_product(&b)?)))
}

fn positions(list: Vec<Position>) -> Vec<Qubit> {
    list.into_iter()
        .map(|position| Qubit::new(position.0))
        .collect()
}

fn widen<T: Into<f64>>(z: Complex<T>) -> Complex64 {
    Complex64::new(z.re.into(), z.im.into())
}

/// Outcomes as bit strings of all qubits, in the order of their numbers.
fn sample<T: Real>(
    state: &StateVector<T>,
    shots: u64,
    seed: u64,
    stop: &AtomicBool,
) -> Result<Vec<(String, u64)>> {
    let text = |index: u64| {
        let mut digits = vec![b'0'; state.num_qubits()];
        for (bit, qubit) in state.active_qubits().iter().enumerate() {
            if index >> bit & 1 == 1 {
                digits[state.num_qubits() - 1 - qubit.index()] = b'1';
            }
        }
        digits.into_iter().map(char::from).collect()
    };
    let counts = state.sample_counts(shots, seed, Some(stop))?;
    Ok(counts
        .into_iter()
        .map(|(index, n)| (text(index), n))
        .collect())
}

/// A read-only array over the amplitudes of `owner`.
#[allow(unsafe_code, reason = "an array over memory that another object owns")]
fn view<'py, C: Element>(
    owner: &Bound<'py, PyStateVector>,
    amplitudes: &[C],
) -> PyResult<Bound<'py, PyAny>> {
    let array = ArrayView1::from(amplitudes);
    // SAFETY: `owner` becomes the array's base and is thus kept alive by it; it is frozen, and neither of its two
    // states is replaced, moved or changed once it is there, so the memory stays where and what it is.
    let array = unsafe { PyArray1::borrow_from_array(&array, owner.clone().into_any()) };
    array.try_readwrite()?.make_nonwriteable();
    Ok(array.into_any())
}
