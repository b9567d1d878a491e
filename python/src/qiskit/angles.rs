//! Angles: Qiskit's parameter expressions to linear forms and back.

use ardea_circuit::{Angle, Atom, Function};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat};

use crate::arguments::type_name;
use crate::errors::{Error, Result};

/// An angle from a number or a `ParameterExpression`.
pub(super) fn read_angle(value: &Bound<'_, PyAny>) -> Result<Angle> {
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Angle::Value(number.value()));
    }
    let py = value.py();
    if !value.hasattr(intern!(py, "_qpy_replay"))? {
        return value.extract::<f64>().map(Angle::Value).map_err(|_| {
            Error::Conversion(format!(
                "a parameter of type {} is neither real nor symbolic",
                type_name(value)
            ))
        });
    }
    if value
        .call_method0(intern!(py, "is_symbol"))
        .is_ok_and(|yes| yes.is_truthy().unwrap_or(false))
    {
        return Ok(Angle::symbol(&value.str()?.extract::<String>()?));
    }
    if value.getattr(intern!(py, "parameters"))?.len()? == 0 {
        let number = value.call_method0(intern!(py, "numeric"))?;
        return number
            .extract::<f64>()
            .map(Angle::Value)
            .map_err(|_| Error::Conversion(format!("the parameter {number} is not real")));
    }
    replay(value)
}

/// Qiskit records an expression as operations on a stack; an operand that is None is taken from it.
fn replay(value: &Bound<'_, PyAny>) -> Result<Angle> {
    let py = value.py();
    let broken = || Error::Conversion(format!("the parameter expression {value} cannot be read"));
    let mut stack: Vec<Angle> = Vec::new();
    for step in value.getattr(intern!(py, "_qpy_replay"))?.try_iter()? {
        let step = step?;
        let name: String = step.getattr("op")?.str()?.extract()?;
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        let operand = |side: &str, stack: &mut Vec<Angle>| -> Result<Angle> {
            let operand = step.getattr(side)?;
            if operand.is_none() {
                stack.pop().ok_or_else(broken)
            } else {
                read_angle(&operand)
            }
        };
        let unary = match &*name {
            "SIN" => Some(Function::Sin),
            "COS" => Some(Function::Cos),
            "TAN" => Some(Function::Tan),
            "ASIN" => Some(Function::Asin),
            "ACOS" => Some(Function::Acos),
            "ATAN" => Some(Function::Atan),
            "EXP" => Some(Function::Exp),
            "LOG" => Some(Function::Ln),
            "ABS" => Some(Function::Abs),
            _ => None,
        };
        let result = if let Some(function) = unary {
            Angle::apply(function, &[operand("lhs", &mut stack)?])?
        } else if name == "CONJ" {
            // Parameters are real.
            operand("lhs", &mut stack)?
        } else {
            let right = operand("rhs", &mut stack)?;
            let left = operand("lhs", &mut stack)?;
            match &*name {
                "ADD" => left + right,
                "SUB" => left - right,
                "RSUB" => right - left,
                "MUL" => Angle::apply(Function::Product, &[left, right])?,
                "DIV" => Angle::apply(Function::Quotient, &[left, right])?,
                "RDIV" => Angle::apply(Function::Quotient, &[right, left])?,
                "POW" => Angle::apply(Function::Power, &[left, right])?,
                "RPOW" => Angle::apply(Function::Power, &[right, left])?,
                _ => {
                    let message = format!(
                        "the parameter expression {value} uses {name}, which has no counterpart"
                    );
                    return Err(Error::Conversion(message));
                }
            }
        };
        stack.push(result.checked()?);
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(angle), true) => Ok(angle),
        _ => Err(broken()),
    }
}

/// Qiskit's parameters by name, made when first needed.
pub(super) struct Parameters<'py> {
    by_name: Bound<'py, PyDict>,
    class: Bound<'py, PyAny>,
}

impl<'py> Parameters<'py> {
    pub(super) fn new(circuit: &Bound<'py, PyModule>, given: &[Bound<'py, PyAny>]) -> Result<Self> {
        let by_name = PyDict::new(circuit.py());
        for parameter in given {
            by_name.set_item(parameter.getattr("name")?, parameter)?;
        }
        Ok(Self {
            by_name,
            class: circuit.getattr("Parameter")?,
        })
    }

    /// The parameter called `name`.
    pub(super) fn get(&self, name: &str) -> Result<Bound<'py, PyAny>> {
        if let Some(parameter) = self.by_name.get_item(name)? {
            return Ok(parameter);
        }
        let parameter = self.class.call1((name,))?;
        self.by_name.set_item(name, &parameter)?;
        Ok(parameter)
    }

    /// A float or a `ParameterExpression`.
    pub(super) fn write_angle(&self, angle: &Angle) -> Result<Bound<'py, PyAny>> {
        let py = self.class.py();
        let form = match angle {
            Angle::Value(value) => return Ok(PyFloat::new(py, *value).into_any()),
            Angle::Linear(form) => form,
        };
        let mut sum: Option<Bound<'py, PyAny>> = None;
        for (atom, coefficient) in form.terms() {
            let mut term = self.write_atom(atom)?;
            if *coefficient != 1.0 {
                term = term.mul(*coefficient)?;
            }
            sum = Some(match sum {
                Some(sum) => sum.add(term)?,
                None => term,
            });
        }
        let sum = sum.unwrap_or_else(|| PyFloat::new(py, 0.0).into_any());
        Ok(if form.constant() == 0.0 {
            sum
        } else {
            sum.add(form.constant())?
        })
    }

    fn write_atom(&self, atom: &Atom) -> Result<Bound<'py, PyAny>> {
        let opaque = match atom {
            Atom::Symbol(symbol) => return self.get(symbol.name()),
            Atom::Opaque(opaque) => opaque,
        };
        let arguments: Vec<Bound<'py, PyAny>> = opaque
            .arguments
            .iter()
            .map(|argument| self.write_angle(argument))
            .collect::<Result<_>>()?;
        let method = match opaque.function {
            Function::Product => return Ok(arguments[0].mul(&arguments[1])?),
            Function::Quotient => return Ok(arguments[0].div(&arguments[1])?),
            Function::Power => return Ok(arguments[0].pow(&arguments[1], self.class.py().None())?),
            Function::Sqrt => return Ok(arguments[0].pow(0.5, self.class.py().None())?),
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Tan => "tan",
            Function::Asin => "arcsin",
            Function::Acos => "arccos",
            Function::Atan => "arctan",
            Function::Exp => "exp",
            Function::Ln => "log",
            Function::Abs => "abs",
        };
        Ok(arguments[0].call_method0(method)?)
    }
}
