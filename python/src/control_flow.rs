//! Control flow in `ardea.Circuit`: bodies that run, repeat or are skipped by classical values.

use ardea_circuit::{
    Circuit, ForLoop, ForValues, IfElse, Operation, Switch, SwitchCase, Symbol, WhileLoop,
};
use pyo3::prelude::*;
use pyo3::types::PyRange;

use crate::arguments::{AngleArgument, Positions, qubits, type_name};
use crate::circuit::PyCircuit;
use crate::errors::{Error, Result, guarded};
use crate::expression::{condition, subject};

/// The values of one case of a switch and its body, as users write them.
type Case<'py> = (Bound<'py, PyAny>, PyRef<'py, PyCircuit>);

#[pymethods]
impl PyCircuit {
    /// Runs a body when a condition on measured bits holds.
    ///
    /// A body is a circuit whose qubit ``i`` is ``qubits[i]`` here and whose classical bits are those of this circuit:
    /// give it as many.
    ///
    /// Args:
    ///     condition: ``(bit, value)``, ``(register name, value)``, or an :class:`Expr`.
    ///     true_body: What runs when it holds.
    ///     qubits: The qubits of the bodies; in order when not given.
    ///     false_body: What runs otherwise.
    #[pyo3(signature = (condition, true_body, qubits = None, *, false_body = None))]
    fn if_test<'py>(
        mut slf: PyRefMut<'py, Self>,
        condition: &Bound<'py, PyAny>,
        true_body: PyRef<'py, Self>,
        qubits: Option<Positions>,
        false_body: Option<PyRef<'py, Self>>,
    ) -> Result<PyRefMut<'py, Self>> {
        let condition = self::condition(&slf.inner, condition)?;
        let then_body = (*true_body.inner).clone();
        let width = then_body.num_qubits();
        let else_body = false_body.map(|body| (*body.inner).clone());
        slf.nest(
            Operation::IfElse(Box::new(IfElse {
                condition,
                then_body,
                else_body,
            })),
            qubits,
            width,
        )?;
        Ok(slf)
    }

    /// Repeats a body while a condition holds; see :meth:`if_test`.
    #[pyo3(signature = (condition, body, qubits = None))]
    fn while_loop<'py>(
        mut slf: PyRefMut<'py, Self>,
        condition: &Bound<'py, PyAny>,
        body: PyRef<'py, Self>,
        qubits: Option<Positions>,
    ) -> Result<PyRefMut<'py, Self>> {
        let condition = self::condition(&slf.inner, condition)?;
        let body = (*body.inner).clone();
        let width = body.num_qubits();
        slf.nest(
            Operation::While(Box::new(WhileLoop { condition, body })),
            qubits,
            width,
        )?;
        Ok(slf)
    }

    /// Repeats a body for each value; see :meth:`if_test`.
    ///
    /// Args:
    ///     values: A range, or a list of ints.
    ///     loop_parameter: The parameter that takes the values inside the body, or None.
    ///     body: What is repeated.
    ///     qubits: The qubits of the body; in order when not given.
    #[pyo3(signature = (values, loop_parameter, body, qubits = None))]
    fn for_loop<'py>(
        mut slf: PyRefMut<'py, Self>,
        values: &Bound<'py, PyAny>,
        loop_parameter: Option<AngleArgument>,
        body: PyRef<'py, Self>,
        qubits: Option<Positions>,
    ) -> Result<PyRefMut<'py, Self>> {
        let values = loop_values(values)?;
        let variable = loop_parameter
            .map(|parameter| loop_variable(&parameter))
            .transpose()?;
        let body = (*body.inner).clone();
        let width = body.num_qubits();
        slf.nest(
            Operation::For(Box::new(ForLoop {
                variable,
                values,
                body,
            })),
            qubits,
            width,
        )?;
        Ok(slf)
    }

    /// Runs the first body whose values hold the subject's value; see :meth:`if_test`.
    ///
    /// Args:
    ///     subject: A bit's position, a register's name, or an :class:`Expr`.
    ///     cases: Pairs of values and a body. The values are an int, several ints, or None for the default.
    ///     qubits: The qubits of the bodies; in order when not given.
    #[pyo3(signature = (subject, cases, qubits = None))]
    fn switch<'py>(
        mut slf: PyRefMut<'py, Self>,
        subject: &Bound<'py, PyAny>,
        cases: Vec<Case<'py>>,
        qubits: Option<Positions>,
    ) -> Result<PyRefMut<'py, Self>> {
        let subject = self::subject(&slf.inner, subject)?;
        let cases: Vec<SwitchCase> = cases
            .iter()
            .map(|(values, body)| {
                Ok(SwitchCase {
                    values: case_values(values)?,
                    body: (*body.inner).clone(),
                })
            })
            .collect::<Result<_>>()?;
        let Some(width) = cases.first().map(|case| case.body.num_qubits()) else {
            return Err(Error::Value("a switch needs at least one case".to_owned()));
        };
        slf.nest(
            Operation::Switch(Box::new(Switch { subject, cases })),
            qubits,
            width,
        )?;
        Ok(slf)
    }

    /// Leaves the innermost loop; for use in the body of a loop.
    fn break_loop(mut slf: PyRefMut<'_, Self>) -> Result<PyRefMut<'_, Self>> {
        let width = slf.inner.num_qubits();
        slf.nest(Operation::Break, None, width)?;
        Ok(slf)
    }

    /// Starts the innermost loop's next round; for use in the body of a loop.
    fn continue_loop(mut slf: PyRefMut<'_, Self>) -> Result<PyRefMut<'_, Self>> {
        let width = slf.inner.num_qubits();
        slf.nest(Operation::Continue, None, width)?;
        Ok(slf)
    }
}

impl PyCircuit {
    fn nest(&mut self, operation: Operation, on: Option<Positions>, width: usize) -> Result<()> {
        let list = on.map_or_else(|| (0..width).collect(), Positions::into_vec);
        let circuit: &mut Circuit = self.edit();
        guarded(|| {
            circuit.push(operation, &qubits(&list))?;
            Ok(())
        })
    }
}

/// What a loop runs over: a range stays one.
pub(crate) fn loop_values(values: &Bound<'_, PyAny>) -> Result<ForValues> {
    let Ok(range) = values.cast::<PyRange>() else {
        let list = values
            .try_iter()?
            .map(|value| value?.extract())
            .collect::<PyResult<Vec<i64>>>()?;
        return Ok(ForValues::List(list));
    };
    let field = |name: &str| range.getattr(name)?.extract::<i64>();
    let (start, end, step) = (field("start")?, field("stop")?, field("step")?);
    // Python's end is not part of the range; ours is.
    Ok(ForValues::Range {
        start,
        stop: end.saturating_sub(step.signum()),
        step,
    })
}

/// The symbol behind a loop's parameter.
pub(crate) fn loop_variable(parameter: &AngleArgument) -> Result<Symbol> {
    let mut symbols = Default::default();
    parameter.0.collect_symbols(&mut symbols);
    match symbols.pop_first() {
        Some(symbol) if ardea_circuit::Angle::from(symbol.clone()) == parameter.0 => Ok(symbol),
        _ => Err(Error::Type(format!(
            "a loop's parameter is a Parameter, not {}",
            parameter.0
        ))),
    }
}

fn case_values(values: &Bound<'_, PyAny>) -> Result<Vec<u64>> {
    if values.is_none() {
        return Ok(vec![]);
    }
    if let Ok(value) = values.extract::<u64>() {
        return Ok(vec![value]);
    }
    match values.extract::<Vec<u64>>() {
        Ok(values) if !values.is_empty() => Ok(values),
        _ => Err(Error::Type(format!(
            "the values of a case are ints or None, not {}",
            type_name(values)
        ))),
    }
}
