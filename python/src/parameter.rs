//! Symbolic angles: `Parameter("a") * 2 + 0.1`.

use std::hash::{DefaultHasher, Hash, Hasher};

use ardea_circuit::{Angle, Bindings, Function, Symbol};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::arguments::{AngleArgument, type_name};
use crate::errors::{Error, Result};

/// An expression over parameters, such as ``2*a + sin(b)``. Made from :class:`Parameter` by arithmetic.
///
/// Equal expressions compare equal, whatever their way of writing as long as they are linear: ``a + a == 2*a``.
#[pyclass(name = "ParameterExpression", module = "ardea", subclass, frozen)]
pub(crate) struct PyParameterExpression {
    pub(crate) angle: Angle,
}

/// A named parameter of a circuit, given its value later. Parameters with the same name are the same parameter.
#[pyclass(name = "Parameter", module = "ardea", extends = PyParameterExpression, frozen)]
pub(crate) struct PyParameter {
    name: String,
}

/// A number, or the expression as an object.
pub(crate) fn angle_to_python(py: Python<'_>, angle: Angle) -> PyResult<Bound<'_, PyAny>> {
    if let Some(value) = angle.value() {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    Ok(Bound::new(py, PyParameterExpression { angle })?.into_any())
}

/// The parameter with this name, as an object.
pub(crate) fn parameter_to_python<'py>(
    py: Python<'py>,
    symbol: &Symbol,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(Bound::new(py, initializer(symbol))?.into_any())
}

fn initializer(symbol: &Symbol) -> PyClassInitializer<PyParameter> {
    let base = PyParameterExpression {
        angle: Angle::from(symbol.clone()),
    };
    PyClassInitializer::from(base).add_subclass(PyParameter {
        name: symbol.name().to_owned(),
    })
}

/// Values for parameters: a mapping from parameters or names to numbers or expressions.
pub(crate) fn bindings(values: &Bound<'_, PyDict>) -> PyResult<Bindings> {
    let mut out = Bindings::new();
    for (key, value) in values {
        let symbol = match key.cast::<PyParameter>() {
            Ok(parameter) => Symbol::new(&parameter.get().name),
            Err(_) => match key.extract::<String>() {
                Ok(name) => Symbol::new(&name),
                Err(_) => {
                    let message = format!(
                        "values are given by Parameter or name, not by {}",
                        type_name(&key)
                    );
                    return Err(PyTypeError::new_err(message));
                }
            },
        };
        out.insert(symbol, value.extract::<AngleArgument>()?.0);
    }
    Ok(out)
}

fn apply<'py>(
    py: Python<'py>,
    function: Function,
    arguments: &[Angle],
) -> Result<Bound<'py, PyAny>> {
    Ok(angle_to_python(py, Angle::apply(function, arguments)?)?)
}

#[pymethods]
impl PyParameterExpression {
    /// The parameters in the expression, sorted by name.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let mut symbols = Default::default();
        self.angle.collect_symbols(&mut symbols);
        symbols
            .iter()
            .map(|symbol| parameter_to_python(py, symbol))
            .collect()
    }

    /// The expression with parameters replaced by numbers or other expressions; a float when none is left.
    fn bind<'py>(&self, py: Python<'py>, values: &Bound<'py, PyDict>) -> Result<Bound<'py, PyAny>> {
        Ok(angle_to_python(py, self.angle.bind(&bindings(values)?)?)?)
    }

    /// The sine.
    fn sin<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Sin, std::slice::from_ref(&self.angle))
    }

    /// The cosine.
    fn cos<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Cos, std::slice::from_ref(&self.angle))
    }

    /// The tangent.
    fn tan<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Tan, std::slice::from_ref(&self.angle))
    }

    /// The inverse sine.
    fn arcsin<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Asin, std::slice::from_ref(&self.angle))
    }

    /// The inverse cosine.
    fn arccos<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Acos, std::slice::from_ref(&self.angle))
    }

    /// The inverse tangent.
    fn arctan<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Atan, std::slice::from_ref(&self.angle))
    }

    /// The exponential.
    fn exp<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Exp, std::slice::from_ref(&self.angle))
    }

    /// The natural logarithm.
    fn log<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Ln, std::slice::from_ref(&self.angle))
    }

    /// The square root.
    fn sqrt<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Sqrt, std::slice::from_ref(&self.angle))
    }

    fn __add__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        Ok(angle_to_python(
            py,
            (self.angle.clone() + other.0).checked()?,
        )?)
    }

    fn __radd__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        self.__add__(py, other)
    }

    fn __sub__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        Ok(angle_to_python(
            py,
            (self.angle.clone() - other.0).checked()?,
        )?)
    }

    fn __rsub__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        Ok(angle_to_python(
            py,
            (other.0 - self.angle.clone()).checked()?,
        )?)
    }

    fn __mul__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Product, &[self.angle.clone(), other.0])
    }

    fn __rmul__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        self.__mul__(py, other)
    }

    fn __truediv__<'py>(&self, py: Python<'py>, other: AngleArgument) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Quotient, &[self.angle.clone(), other.0])
    }

    fn __rtruediv__<'py>(
        &self,
        py: Python<'py>,
        other: AngleArgument,
    ) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Quotient, &[other.0, self.angle.clone()])
    }

    fn __pow__<'py>(
        &self,
        py: Python<'py>,
        exponent: AngleArgument,
        modulus: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>> {
        if modulus.is_some() {
            return Err(Error::Type(
                "parameter expressions have no power with a modulus".to_owned(),
            ));
        }
        apply(py, Function::Power, &[self.angle.clone(), exponent.0])
    }

    fn __neg__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        angle_to_python(py, -self.angle.clone())
    }

    fn __pos__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        angle_to_python(py, self.angle.clone())
    }

    fn __abs__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        apply(py, Function::Abs, std::slice::from_ref(&self.angle))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .extract::<AngleArgument>()
            .is_ok_and(|other| other.0 == self.angle)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.angle.to_string().hash(&mut hasher);
        hasher.finish()
    }

    fn __str__(&self) -> String {
        self.angle.to_string()
    }

    fn __repr__(&self) -> String {
        format!("ParameterExpression({})", self.angle)
    }
}

#[pymethods]
impl PyParameter {
    #[new]
    fn new(name: &str) -> PyResult<PyClassInitializer<Self>> {
        if name.trim().is_empty() {
            return Err(PyValueError::new_err("a parameter needs a name"));
        }
        Ok(initializer(&Symbol::new(name)))
    }

    /// The name.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    fn __repr__(&self) -> String {
        format!("Parameter({:?})", self.name)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (String,)) {
        (py.get_type::<Self>(), (self.name.clone(),))
    }
}
