//! `ardea.PauliSum`: operators for expectation values.

use std::sync::Arc;

use ardea_circuit::{C64, CircuitError, Pauli, PauliString, Qubit, SparsePauliSum};
use numpy::{Complex64, PyArray2};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::Position;
use crate::circuit::matrix_to_python;
use crate::errors::{Result, guarded};

/// A sum of Pauli strings with coefficients.
///
/// Labels are read like numbers: the rightmost letter belongs to qubit 0. Made by :meth:`from_list`,
/// :meth:`from_dict`, :meth:`from_sparse` or arithmetic: ``+``, ``-``, ``*`` with numbers, ``@`` for products.
#[pyclass(name = "PauliSum", module = "ardea", frozen)]
pub(crate) struct PyPauliSum {
    pub(crate) inner: Arc<SparsePauliSum>,
}

impl PyPauliSum {
    pub(crate) fn of(sum: SparsePauliSum) -> Self {
        Self {
            inner: Arc::new(sum),
        }
    }

    fn scaled(&self, factor: C64) -> Result<SparsePauliSum> {
        let terms = self
            .inner
            .terms()
            .iter()
            .map(|(string, k)| (string.clone(), k * factor))
            .collect();
        Ok(SparsePauliSum::from_terms(self.inner.num_qubits(), terms)?)
    }

    fn plus(&self, other: SparsePauliSum) -> Result<Self> {
        if self.inner.num_qubits() != other.num_qubits() {
            let (a, b) = (self.inner.num_qubits(), other.num_qubits());
            return Err(CircuitError::Mismatch(format!(
                "operators on {a} and {b} qubits cannot be added"
            ))
            .into());
        }
        Ok(Self::of((*self.inner).clone() + other))
    }
}

#[pymethods]
impl PyPauliSum {
    /// The sum of pairs of a label and a coefficient: ``[("ZZI", 1.0), ("IIX", 0.5)]``.
    #[staticmethod]
    fn from_list(terms: Vec<(String, Complex64)>) -> Result<Self> {
        let Some((first, _)) = terms.first() else {
            let message =
                "an empty list of terms has no width; use PauliSum.zero(num_qubits)".to_owned();
            return Err(CircuitError::Mismatch(message).into());
        };
        let width = first.chars().count();
        let terms = terms
            .iter()
            .map(|(label, k)| Ok((PauliString::from_label(label)?, *k)))
            .collect::<Result<_>>()?;
        Ok(Self::of(SparsePauliSum::from_terms(width, terms)?))
    }

    /// The sum of labels and coefficients: ``{"ZZI": 1.0, "IIX": 0.5}``.
    #[staticmethod]
    fn from_dict(terms: &Bound<'_, PyDict>) -> Result<Self> {
        Self::from_list(
            terms
                .iter()
                .map(|(key, value)| Ok((key.extract()?, value.extract()?)))
                .collect::<PyResult<_>>()?,
        )
    }

    /// The sum of triples of letters, their qubits, and a coefficient: ``[("ZZ", [0, 5], 1.0)]``.
    #[staticmethod]
    fn from_sparse(
        terms: Vec<(String, Vec<Position>, Complex64)>,
        num_qubits: usize,
    ) -> Result<Self> {
        let terms = terms
            .into_iter()
            .map(|(letters, qubits, k)| Ok((sparse_string(&letters, &qubits, num_qubits)?, k)));
        Ok(Self::of(SparsePauliSum::from_terms(
            num_qubits,
            terms.collect::<Result<_>>()?,
        )?))
    }

    /// The operator 0.
    #[staticmethod]
    fn zero(num_qubits: usize) -> Self {
        Self::of(SparsePauliSum::zero(num_qubits))
    }

    /// Converts a Qiskit ``SparsePauliOp``.
    #[staticmethod]
    fn from_qiskit(operator: &Bound<'_, PyAny>) -> Result<Self> {
        let Ok(list) = operator.call_method0("to_list") else {
            return Err(PyTypeError::new_err("from_qiskit takes a SparsePauliOp").into());
        };
        let terms: Vec<(String, Complex64)> = list.extract()?;
        if terms.is_empty() {
            return Ok(Self::zero(operator.getattr("num_qubits")?.extract()?));
        }
        Self::from_list(terms)
    }

    /// The operator as a Qiskit ``SparsePauliOp``.
    fn to_qiskit<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let class = py.import("qiskit.quantum_info")?.getattr("SparsePauliOp")?;
        let options = PyDict::new(py);
        options.set_item("num_qubits", self.inner.num_qubits())?;
        Ok(class.call_method("from_list", (self.terms(),), Some(&options))?)
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// The terms: pairs of label and coefficient.
    #[getter]
    fn terms(&self) -> Vec<(String, Complex64)> {
        self.inner
            .terms()
            .iter()
            .map(|(string, k)| (string.to_string(), *k))
            .collect()
    }

    /// Whether the operator is Hermitian, so that its expectation values are real.
    #[getter]
    fn is_hermitian(&self) -> bool {
        self.inner.is_hermitian()
    }

    /// The same operator with equal strings added up and small terms left out.
    #[pyo3(signature = (tolerance = 1e-12))]
    fn simplify(&self, tolerance: f64) -> Self {
        Self::of(self.inner.simplified(tolerance))
    }

    /// The operator on other qubits: qubit ``i`` becomes ``qubits[i]`` of ``num_qubits``. With the final layout of a
    /// compiled circuit, the operator to measure on the device.
    fn remap(&self, qubits: Vec<Position>, num_qubits: usize) -> Result<Self> {
        if qubits.len() != self.inner.num_qubits() {
            let message = format!(
                "{} positions for {} qubits",
                qubits.len(),
                self.inner.num_qubits()
            );
            return Err(CircuitError::Mismatch(message).into());
        }
        guarded(|| {
            Ok(Self::of(self.inner.remapped(num_qubits, |qubit| {
                Qubit::new(qubits[qubit.index()].0)
            })?))
        })
    }

    /// The matrix, for at most 12 qubits.
    fn to_matrix<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyArray2<Complex64>>> {
        let matrix = guarded(|| Ok(self.inner.to_matrix()?))?;
        Ok(matrix_to_python(py, matrix))
    }

    fn __add__(&self, other: &Self) -> Result<Self> {
        self.plus((*other.inner).clone())
    }

    fn __sub__(&self, other: &Self) -> Result<Self> {
        self.plus(other.scaled(C64::from(-1.0))?)
    }

    fn __neg__(&self) -> Result<Self> {
        Ok(Self::of(self.scaled(C64::from(-1.0))?))
    }

    fn __mul__(&self, factor: Complex64) -> Result<Self> {
        Ok(Self::of(self.scaled(factor)?))
    }

    fn __rmul__(&self, factor: Complex64) -> Result<Self> {
        self.__mul__(factor)
    }

    fn __matmul__(&self, other: &Self) -> Result<Self> {
        guarded(|| Ok(Self::of(self.inner.product(&other.inner)?)))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().inner.simplified(0.0) == self.inner.simplified(0.0))
    }

    fn __len__(&self) -> usize {
        self.inner.terms().len()
    }

    fn __repr__(&self) -> String {
        let shown: Vec<String> = self
            .inner
            .terms()
            .iter()
            .take(8)
            .map(|(string, k)| format!("{k} {string}"))
            .collect();
        let more = if self.inner.terms().len() > 8 {
            " + ..."
        } else {
            ""
        };
        format!(
            "<ardea.PauliSum on {} qubits: {}{more}>",
            self.inner.num_qubits(),
            shown.join(" + ")
        )
    }
}

fn sparse_string(letters: &str, qubits: &[Position], num_qubits: usize) -> Result<PauliString> {
    if letters.chars().count() != qubits.len() {
        let message = format!(
            "'{letters}' has another number of letters than the {} qubits listed",
            qubits.len()
        );
        return Err(CircuitError::Mismatch(message).into());
    }
    let operators = letters.chars().zip(qubits).map(|(letter, qubit)| {
        let pauli = Pauli::try_from(letter).map_err(|found| CircuitError::BadPauli {
            label: letters.into(),
            found,
        })?;
        Ok((Qubit::new(qubit.0), pauli))
    });
    let operators: Vec<(Qubit, Pauli)> = operators.collect::<Result<_, CircuitError>>()?;
    let mut sorted: Vec<Qubit> = operators.iter().map(|&(qubit, _)| qubit).collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(CircuitError::DuplicateQubit {
            operation: format!("Pauli string {letters}"),
            qubit: pair[0],
        }
        .into());
    }
    Ok(PauliString::from_sparse(num_qubits, &operators)?)
}
