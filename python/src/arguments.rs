//! Arguments as Python users write them: positions of bits (one or many), angles, matrices.

use ardea_circuit::{Angle, C64, Clbit, MAX_BITS, Qubit};
use nalgebra::DMatrix;
use numpy::{Complex64, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::errors::{Error, Result};
use crate::parameter::PyParameterExpression;

/// The position of a bit.
#[derive(Clone, Copy)]
pub(crate) struct Position(pub(crate) usize);

impl<'py> FromPyObject<'_, 'py> for Position {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<i64>() {
            Ok(index) => in_range(index).map(Self),
            Err(_) => Err(PyTypeError::new_err(format!(
                "a bit is given by its position, an int, not {}",
                type_name(&object)
            ))),
        }
    }
}

fn in_range(index: i64) -> PyResult<usize> {
    usize::try_from(index)
        .ok()
        .filter(|&index| index < MAX_BITS)
        .ok_or_else(|| {
            let message = format!(
                "bit {index} is out of range: positions count from 0 to the number of bits less one"
            );
            Error::Value(message).into()
        })
}

/// One position or several (a list, range, tuple or array), as gate methods accept them.
pub(crate) enum Positions {
    One(usize),
    Many(Vec<usize>),
}

impl<'py> FromPyObject<'_, 'py> for Positions {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(index) = object.extract::<i64>() {
            return in_range(index).map(Self::One);
        }
        let Ok(items) = object.try_iter() else {
            let message = format!(
                "bits are given by position: an int or several ints, not {}",
                type_name(&object)
            );
            return Err(PyTypeError::new_err(message));
        };
        let items = items
            .map(|item| Ok(item?.extract::<Position>()?.0))
            .collect::<PyResult<_>>()?;
        Ok(Self::Many(items))
    }
}

impl Positions {
    pub(crate) fn into_vec(self) -> Vec<usize> {
        match self {
            Self::One(index) => vec![index],
            Self::Many(list) => list,
        }
    }

    fn get(&self, round: usize) -> usize {
        match self {
            Self::One(index) => *index,
            Self::Many(list) => list[round],
        }
    }
}

/// One list of positions per application of a gate: single positions are repeated to the length of the lists.
pub(crate) fn broadcast(name: &str, arguments: &[Positions]) -> Result<Vec<Vec<usize>>> {
    let mut rounds = None;
    for argument in arguments {
        if let Positions::Many(list) = argument {
            match rounds {
                Some(length) if length != list.len() => {
                    let message = format!(
                        "{name}: lists of {length} and {} bits do not fit together",
                        list.len()
                    );
                    return Err(ardea_circuit::CircuitError::Mismatch(message).into());
                }
                _ => rounds = Some(list.len()),
            }
        }
    }
    let row = |round| {
        arguments
            .iter()
            .map(|argument| argument.get(round))
            .collect()
    };
    Ok((0..rounds.unwrap_or(1)).map(row).collect())
}

/// An angle: a number or a parameter expression.
#[derive(Clone)]
pub(crate) struct AngleArgument(pub(crate) Angle);

impl<'py> FromPyObject<'_, 'py> for AngleArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(expression) = object.cast::<PyParameterExpression>() {
            return Ok(Self(expression.get().angle.clone()));
        }
        match object.extract::<f64>() {
            Ok(value) => Ok(Self(Angle::Value(value))),
            Err(_) => Err(PyTypeError::new_err(format!(
                "an angle is a number or a Parameter expression, not {}",
                type_name(&object)
            ))),
        }
    }
}

/// Defines an argument that is a whole number of at least `$least`, and is named in the message where it is not.
macro_rules! whole_number {
    ($doc:literal, $type:ident, $inner:ty, $name:literal, $least:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy)]
        pub(crate) struct $type(pub(crate) $inner);

        impl<'py> FromPyObject<'_, 'py> for $type {
            type Error = PyErr;

            fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
                let should_be = concat!($name, " should be a whole number, ", $least, " or more");
                match object.extract::<$inner>() {
                    Ok(number) if ($least..).contains(&number) => Ok(Self(number)),
                    _ if object.is_instance_of::<PyInt>() => {
                        let given = object.repr()?;
                        let message = format!("{should_be} and less than 2**64, not {given}");
                        Err(PyValueError::new_err(message))
                    }
                    _ => {
                        let message = format!("{should_be}, not {}", type_name(&object));
                        Err(PyTypeError::new_err(message))
                    }
                }
            }
        }
    };
}

whole_number!("How often a circuit is run.", Shots, u64, "shots", 0);
whole_number!("Where random numbers start.", Seed, u64, "seed", 0);
whole_number!("Threads of a call.", Threads, usize, "threads", 1);

/// The name of an object's class, for messages.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .name()
        .map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

pub(crate) fn qubits(positions: &[usize]) -> Vec<Qubit> {
    positions
        .iter()
        .map(|&position| Qubit::new(position))
        .collect()
}

pub(crate) fn clbits(positions: &[usize]) -> Vec<Clbit> {
    positions
        .iter()
        .map(|&position| Clbit::new(position))
        .collect()
}

/// Any array of numbers as complex numbers, in any memory order; `axes` dimensions are required, and finite entries.
pub(crate) fn complex_array<'py>(
    what: &str,
    object: &Bound<'py, PyAny>,
    axes: usize,
) -> PyResult<Bound<'py, PyArrayDyn<Complex64>>> {
    let numpy = object.py().import("numpy")?;
    let array = numpy.call_method1("asarray", (object,))?;
    let untyped = array.cast::<PyUntypedArray>()?;
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    if !matches!(kind.as_str(), "i" | "u" | "f" | "c") {
        let dtype = array.getattr("dtype")?;
        return Err(PyTypeError::new_err(format!(
            "{what} must hold numbers, not {dtype}"
        )));
    }
    if untyped.ndim() != axes {
        let shape = untyped.shape();
        return Err(PyValueError::new_err(format!(
            "{what} must have {axes} dimension(s); its shape is {shape:?}"
        )));
    }
    let array = numpy
        .call_method1("asarray", (array, "complex128"))?
        .cast_into::<PyArrayDyn<Complex64>>()?;
    if array.readonly().as_array().iter().any(|z| !z.is_finite()) {
        return Err(PyValueError::new_err(format!(
            "{what} has an entry that is not finite"
        )));
    }
    Ok(array)
}

/// A square or rectangular matrix of numbers.
pub(crate) fn complex_matrix(object: &Bound<'_, PyAny>) -> PyResult<DMatrix<C64>> {
    let array = complex_array("a matrix", object, 2)?;
    let view = array.readonly();
    let view = view.as_array();
    Ok(DMatrix::from_fn(
        view.shape()[0],
        view.shape()[1],
        |row, column| view[[row, column]],
    ))
}
