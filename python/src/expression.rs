//! `ardea.Expr`: classical expressions over measured bits, the conditions of control flow.

use ardea_circuit::{BinaryOp, Circuit, Clbit, Expr, MAX_EXPR_DEPTH};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::arguments::{Position, clbits, type_name};
use crate::errors::{Error, Result};

/// A classical expression over measured bits, true when its value is not zero.
///
/// Values are unsigned numbers of any width. ``Expr.bit(0) & ~Expr.bit(1)``,
/// ``Expr.register([0, 1, 2]).greater(4)``.
#[pyclass(name = "Expr", module = "ardea", frozen)]
pub(crate) struct PyExpr {
    pub(crate) inner: Expr,
    depth: usize,
}

impl PyExpr {
    fn leaf(inner: Expr) -> Self {
        Self { inner, depth: 1 }
    }

    fn checked(inner: Expr, depth: usize) -> Result<Self> {
        if depth > MAX_EXPR_DEPTH {
            return Err(Error::Value(format!(
                "a classical expression may nest {MAX_EXPR_DEPTH} levels at most"
            )));
        }
        Ok(Self { inner, depth })
    }

    fn with(&self, op: BinaryOp, other: Operand) -> Result<Self> {
        let depth = 1 + self.depth.max(other.0.depth);
        Self::checked(
            Expr::Binary(op, Box::new(self.inner.clone()), Box::new(other.0.inner)),
            depth,
        )
    }
}

/// The other side of an operator: an expression, or a number from 0 up.
struct Operand(PyExpr);

impl<'py> FromPyObject<'_, 'py> for Operand {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(expr) = object.cast::<PyExpr>() {
            let expr = expr.get();
            return Ok(Self(PyExpr {
                inner: expr.inner.clone(),
                depth: expr.depth,
            }));
        }
        match object.extract::<u64>() {
            Ok(value) => Ok(Self(PyExpr::leaf(Expr::number(value)))),
            Err(_) => {
                let message = format!(
                    "an Expr or an int from 0 to 2**64 - 1 is needed, not {}",
                    type_name(&object)
                );
                Err(PyTypeError::new_err(message))
            }
        }
    }
}

#[pymethods]
impl PyExpr {
    /// One classical bit.
    #[staticmethod]
    fn bit(position: Position) -> Self {
        Self::leaf(Expr::Bit(Clbit::new(position.0)))
    }

    /// Several classical bits as an unsigned number, the least significant first.
    #[staticmethod]
    fn register(positions: Vec<Position>) -> Self {
        let positions: Vec<usize> = positions.into_iter().map(|position| position.0).collect();
        Self::leaf(Expr::Register(clbits(&positions)))
    }

    /// A constant from 0 up.
    #[staticmethod]
    fn number(value: u64) -> Self {
        Self::leaf(Expr::number(value))
    }

    /// True when this is zero.
    fn logic_not(&self) -> Result<Self> {
        Self::checked(Expr::Not(Box::new(self.inner.clone())), self.depth + 1)
    }

    /// True when both are.
    fn logic_and(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::And, other)
    }

    /// True when one of the two is.
    fn logic_or(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::Or, other)
    }

    /// Whether the values are equal.
    fn equal(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::Equal, other)
    }

    /// Whether the values differ.
    fn not_equal(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::NotEqual, other)
    }

    /// Whether this is less.
    fn less(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::Less, other)
    }

    /// Whether this is less or equal.
    fn less_equal(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::LessEqual, other)
    }

    /// Whether this is greater.
    fn greater(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::Greater, other)
    }

    /// Whether this is greater or equal.
    fn greater_equal(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::GreaterEqual, other)
    }

    fn __and__(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::BitAnd, other)
    }

    fn __or__(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::BitOr, other)
    }

    fn __xor__(&self, other: Operand) -> Result<Self> {
        self.with(BinaryOp::BitXor, other)
    }

    fn __invert__(&self) -> Result<Self> {
        Self::checked(
            Expr::Complement(Box::new(self.inner.clone())),
            self.depth + 1,
        )
    }

    fn __repr__(&self) -> String {
        format!("Expr({})", text(&self.inner))
    }
}

fn text(expr: &Expr) -> String {
    match expr {
        Expr::Bit(bit) => format!("c{}", bit.index()),
        Expr::Register(bits) => {
            let bits: Vec<String> = bits.iter().map(|bit| format!("c{}", bit.index())).collect();
            format!("[{}]", bits.join(", "))
        }
        Expr::Constant(bits) => {
            let digits: String = bits
                .iter()
                .rev()
                .map(|&bit| if bit { '1' } else { '0' })
                .collect();
            format!("0b{digits}")
        }
        Expr::Not(operand) => format!("!{}", text(operand)),
        Expr::Complement(operand) => format!("~{}", text(operand)),
        Expr::Binary(op, left, right) => {
            format!("({} {} {})", text(left), op.symbol(), text(right))
        }
    }
}

/// A condition as users write it: an `Expr`, `(bit, value)`, or `(register name, value)`.
pub(crate) fn condition(circuit: &Circuit, object: &Bound<'_, PyAny>) -> Result<Expr> {
    if let Ok(expr) = object.cast::<PyExpr>() {
        return Ok(expr.get().inner.clone());
    }
    let Ok((subject, value)) = object.extract::<(Bound<'_, PyAny>, u64)>() else {
        let message = format!(
            "a condition is an Expr, (bit, value) or (register, value), not {}",
            type_name(object)
        );
        return Err(Error::Type(message));
    };
    if let Ok(name) = subject.extract::<String>() {
        return Ok(Expr::register_is(register(circuit, &name)?, value));
    }
    let bit = Clbit::new(subject.extract::<Position>()?.0);
    match value {
        0 | 1 => Ok(Expr::bit_is(bit, value == 1)),
        _ => Err(PyValueError::new_err(format!("one bit is 0 or 1, never {value}")).into()),
    }
}

/// A value to compare: an `Expr`, a bit, or the name of a register.
pub(crate) fn subject(circuit: &Circuit, object: &Bound<'_, PyAny>) -> Result<Expr> {
    if let Ok(expr) = object.cast::<PyExpr>() {
        return Ok(expr.get().inner.clone());
    }
    if let Ok(name) = object.extract::<String>() {
        return Ok(Expr::Register(register(circuit, &name)?));
    }
    Ok(Expr::Bit(Clbit::new(object.extract::<Position>()?.0)))
}

fn register(circuit: &Circuit, name: &str) -> Result<Vec<Clbit>> {
    match circuit
        .cregs()
        .iter()
        .find(|register| register.name == name)
    {
        Some(register) => Ok(register.range().map(Clbit::new).collect()),
        None => Err(Error::Value(format!(
            "the circuit has no classical register '{name}'"
        ))),
    }
}
