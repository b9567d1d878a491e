//! Our classical expressions to Qiskit's, which tell truth values from numbers.

use ardea_circuit::{BinaryOp, Circuit, Clbit, Expr};
use pyo3::prelude::*;
use pyo3::types::PyBool;

use super::import;
use super::write::{Wires, Writer};
use crate::errors::{Error, Result};

/// An expression with the type that Qiskit gives it.
struct Typed<'py> {
    node: Bound<'py, PyAny>,
    /// Bits of a number; none for a truth value.
    width: Option<usize>,
}

impl<'py> Writer<'py> {
    /// A condition, in the old form of a bit or register with its value where that says all.
    pub(super) fn condition(
        &self,
        wires: &Wires<'py>,
        condition: &Expr,
        outer: &Circuit,
    ) -> Result<Bound<'py, PyAny>> {
        let pair = |target: Bound<'py, PyAny>, value: u64| {
            Ok((target, value).into_pyobject(self.py)?.into_any())
        };
        match condition {
            Expr::Bit(bit) => return pair(self.clbit(wires, *bit)?, 1),
            Expr::Not(inner) => {
                if let Expr::Bit(bit) = **inner {
                    return pair(self.clbit(wires, bit)?, 0);
                }
            }
            Expr::Binary(BinaryOp::Equal, left, right) => {
                if let (Some(register), Expr::Constant(bits)) =
                    (self.whole_register(wires, left, outer), &**right)
                    && let Some(value) = number(bits)
                    && let Expr::Register(list) = &**left
                    && (list.len() >= 64 || value >> list.len() == 0)
                {
                    return pair(register, value);
                }
            }
            _ => {}
        }
        Ok(self.truth(self.typed(wires, condition, outer)?)?.node)
    }

    /// Any expression.
    pub(super) fn expression(
        &self,
        wires: &Wires<'py>,
        expr: &Expr,
        outer: &Circuit,
    ) -> Result<Bound<'py, PyAny>> {
        Ok(self.typed(wires, expr, outer)?.node)
    }

    /// The register of the outer circuit whose bits these are, in order.
    pub(super) fn whole_register(
        &self,
        wires: &Wires<'py>,
        expr: &Expr,
        outer: &Circuit,
    ) -> Option<Bound<'py, PyAny>> {
        let Expr::Register(bits) = expr else {
            return None;
        };
        let same = |register: &ardea_circuit::Register| {
            register.size == bits.len()
                && register
                    .range()
                    .zip(bits)
                    .all(|(position, bit)| position == bit.index())
        };
        outer
            .cregs()
            .iter()
            .position(same)
            .map(|index| wires.cregs[index].clone())
    }

    pub(super) fn clbit(&self, wires: &Wires<'py>, bit: Clbit) -> Result<Bound<'py, PyAny>> {
        let object = wires.clbits.get(bit.index()).cloned().flatten();
        object
            .ok_or_else(|| Error::Internal(format!("classical bit {} is not listed", bit.index())))
    }

    fn typed(&self, wires: &Wires<'py>, expr: &Expr, outer: &Circuit) -> Result<Typed<'py>> {
        match expr {
            Expr::Bit(bit) => self.truth_of("lift", (self.clbit(wires, *bit)?,)),
            Expr::Register(bits) => {
                let Some(register) = self.whole_register(wires, expr, outer) else {
                    let message = "an expression reads bits as a number that are no whole register, in order; \
                                   Qiskit has no such value";
                    return Err(Error::Conversion(message.to_owned()));
                };
                Ok(Typed {
                    node: self.call("lift", (register,))?,
                    width: Some(bits.len()),
                })
            }
            Expr::Constant(bits) => self.number(bits, bits.len().max(1)),
            Expr::Not(operand) => {
                let operand = self.truth(self.typed(wires, operand, outer)?)?;
                self.truth_of("logic_not", (operand.node,))
            }
            Expr::Complement(operand) => {
                let operand = self.typed(wires, operand, outer)?;
                Ok(Typed {
                    node: self.call("bit_not", (operand.node,))?,
                    width: operand.width,
                })
            }
            Expr::Binary(op, left, right) => {
                let (left, right) = (
                    self.typed(wires, left, outer)?,
                    self.typed(wires, right, outer)?,
                );
                self.binary(*op, left, right)
            }
        }
    }

    fn binary(&self, op: BinaryOp, left: Typed<'py>, right: Typed<'py>) -> Result<Typed<'py>> {
        let name = match op {
            BinaryOp::BitAnd => "bit_and",
            BinaryOp::BitOr => "bit_or",
            BinaryOp::BitXor => "bit_xor",
            BinaryOp::And => "logic_and",
            BinaryOp::Or => "logic_or",
            BinaryOp::Equal => "equal",
            BinaryOp::NotEqual => "not_equal",
            BinaryOp::Less => "less",
            BinaryOp::LessEqual => "less_equal",
            BinaryOp::Greater => "greater",
            BinaryOp::GreaterEqual => "greater_equal",
        };
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            return self.truth_of(name, (self.truth(left)?.node, self.truth(right)?.node));
        }
        let bitwise = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
        let ordered = matches!(
            op,
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual
        );
        if left.width.is_none() && right.width.is_none() && !ordered {
            return self.truth_of(name, (left.node, right.node));
        }
        let width = left.width.unwrap_or(1).max(right.width.unwrap_or(1));
        let (left, right) = (self.widened(left, width)?, self.widened(right, width)?);
        let node = self.call(name, (left, right))?;
        Ok(Typed {
            node,
            width: bitwise.then_some(width),
        })
    }

    /// A number of at least `width` bits.
    fn widened(&self, operand: Typed<'py>, width: usize) -> Result<Bound<'py, PyAny>> {
        if operand.width == Some(width) {
            return Ok(operand.node);
        }
        let uint = import(self.py, "qiskit.circuit.classical.types")?
            .getattr("Uint")?
            .call1((width,))?;
        self.call("cast", (operand.node, uint))
    }

    /// A truth value: a number is true when it is not zero.
    fn truth(&self, operand: Typed<'py>) -> Result<Typed<'py>> {
        match operand.width {
            None => Ok(operand),
            Some(_) => self.truth_of("not_equal", (operand.node, 0)),
        }
    }

    fn number(&self, bits: &[bool], width: usize) -> Result<Typed<'py>> {
        let digits: String = bits
            .iter()
            .rev()
            .map(|&bit| if bit { '1' } else { '0' })
            .collect();
        if width == 1 {
            let value = PyBool::new(self.py, bits.contains(&true)).to_owned();
            return self.truth_of("lift", (value,));
        }
        let uint = import(self.py, "qiskit.circuit.classical.types")?
            .getattr("Uint")?
            .call1((width,))?;
        let value = self
            .py
            .get_type::<pyo3::types::PyInt>()
            .call1((digits, 2))?;
        Ok(Typed {
            node: self.call("lift", (value, uint))?,
            width: Some(width),
        })
    }

    fn truth_of<A: pyo3::call::PyCallArgs<'py>>(
        &self,
        function: &str,
        arguments: A,
    ) -> Result<Typed<'py>> {
        Ok(Typed {
            node: self.call(function, arguments)?,
            width: None,
        })
    }

    fn call<A: pyo3::call::PyCallArgs<'py>>(
        &self,
        function: &str,
        arguments: A,
    ) -> Result<Bound<'py, PyAny>> {
        Ok(import(self.py, "qiskit.circuit.classical.expr")?
            .getattr(function)?
            .call1(arguments)?)
    }
}

/// The value of constant bits, when it fits.
fn number(bits: &[bool]) -> Option<u64> {
    let beyond = bits.iter().skip(64).any(|&bit| bit);
    (!beyond).then(|| {
        bits.iter()
            .take(64)
            .enumerate()
            .map(|(i, &bit)| u64::from(bit) << i)
            .sum()
    })
}
