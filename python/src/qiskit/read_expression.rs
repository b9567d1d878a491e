//! Qiskit's classical expressions to ours.

use ardea_circuit::{BinaryOp, Expr, MAX_EXPR_DEPTH};
use pyo3::prelude::*;

use super::read::{Reader, Scope};
use crate::arguments::type_name;
use crate::errors::{Error, Result};

impl<'py> Reader<'py> {
    /// The expression and its width in bits; a truth value is one bit wide.
    pub(super) fn expression(
        &self,
        node: &Bound<'py, PyAny>,
        scope: &Scope<'py>,
    ) -> Result<(Expr, usize)> {
        self.node(node, scope, MAX_EXPR_DEPTH)
    }

    fn node(
        &self,
        node: &Bound<'py, PyAny>,
        scope: &Scope<'py>,
        depth: usize,
    ) -> Result<(Expr, usize)> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::Conversion(format!(
                "an expression nests deeper than {MAX_EXPR_DEPTH} levels"
            )));
        };
        let child = |side: &str| self.node(&node.getattr(side)?, scope, depth);
        match &*type_name(node) {
            "Var" => {
                let var = node.getattr("var")?;
                if var.hasattr("bytes")? {
                    return Err(Error::Conversion(
                        "run-time variables have no counterpart".to_owned(),
                    ));
                }
                let expr = self.value(&var, scope)?;
                let width = if let Expr::Register(bits) = &expr {
                    bits.len()
                } else {
                    1
                };
                Ok((expr, width))
            }
            "Value" => {
                let width = width_of(node)?;
                let value = node.getattr("value")?;
                let bits = (0..width)
                    .map(|i| Ok(value.rshift(i)?.bitand(1)?.is_truthy()?))
                    .collect::<Result<_>>()?;
                Ok((Expr::Constant(bits), width))
            }
            "Cast" => cast(child("operand")?, node),
            "Unary" => {
                let (operand, width) = child("operand")?;
                match &*operator(node)? {
                    "BIT_NOT" => Ok((Expr::Complement(Box::new(operand)), width)),
                    "LOGIC_NOT" => Ok((Expr::Not(Box::new(operand)), 1)),
                    other => Err(no_counterpart(other)),
                }
            }
            "Binary" => {
                let ((left, a), (right, b)) = (child("left")?, child("right")?);
                let (op, width) = match &*operator(node)? {
                    "BIT_AND" => (BinaryOp::BitAnd, a.max(b)),
                    "BIT_OR" => (BinaryOp::BitOr, a.max(b)),
                    "BIT_XOR" => (BinaryOp::BitXor, a.max(b)),
                    "LOGIC_AND" => (BinaryOp::And, 1),
                    "LOGIC_OR" => (BinaryOp::Or, 1),
                    "EQUAL" => (BinaryOp::Equal, 1),
                    "NOT_EQUAL" => (BinaryOp::NotEqual, 1),
                    "LESS" => (BinaryOp::Less, 1),
                    "LESS_EQUAL" => (BinaryOp::LessEqual, 1),
                    "GREATER" => (BinaryOp::Greater, 1),
                    "GREATER_EQUAL" => (BinaryOp::GreaterEqual, 1),
                    other => return Err(no_counterpart(other)),
                };
                Ok((Expr::Binary(op, Box::new(left), Box::new(right)), width))
            }
            "Index" => {
                let index: Option<usize> = node
                    .getattr("index")?
                    .getattr("value")
                    .ok()
                    .and_then(|i| i.extract().ok());
                match (child("target")?.0, index) {
                    (Expr::Register(bits), Some(index)) if index < bits.len() => {
                        Ok((Expr::Bit(bits[index]), 1))
                    }
                    _ => Err(no_counterpart(
                        "an index that is not a known bit of a register",
                    )),
                }
            }
            other => Err(no_counterpart(other)),
        }
    }
}

/// To a truth value, or to a number at least as wide.
fn cast((operand, from): (Expr, usize), node: &Bound<'_, PyAny>) -> Result<(Expr, usize)> {
    if type_name(&node.getattr("type")?) == "Bool" {
        return Ok((
            Expr::Binary(
                BinaryOp::NotEqual,
                Box::new(operand),
                Box::new(Expr::number(0)),
            ),
            1,
        ));
    }
    let to = width_of(node)?;
    match to.cmp(&from) {
        std::cmp::Ordering::Equal => Ok((operand, to)),
        std::cmp::Ordering::Greater => {
            let zeros = Expr::Constant(vec![false; to]);
            Ok((
                Expr::Binary(BinaryOp::BitOr, Box::new(operand), Box::new(zeros)),
                to,
            ))
        }
        std::cmp::Ordering::Less => Err(no_counterpart("a cast to a narrower number")),
    }
}

fn width_of(node: &Bound<'_, PyAny>) -> Result<usize> {
    let kind = node.getattr("type")?;
    match &*type_name(&kind) {
        "Bool" => Ok(1),
        "Uint" => Ok(kind.getattr("width")?.extract()?),
        other => Err(no_counterpart(other)),
    }
}

fn operator(node: &Bound<'_, PyAny>) -> Result<String> {
    Ok(node.getattr("op")?.getattr("name")?.extract()?)
}

fn no_counterpart(what: &str) -> Error {
    Error::Conversion(format!(
        "{what} in a classical expression has no counterpart"
    ))
}
