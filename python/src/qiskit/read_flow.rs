//! Qiskit's control flow to ours. A body's bits are mapped to the wires of the instruction that holds it.

use ardea_circuit::{
    Circuit, Clbit, Expr, ForLoop, IfElse, Operation, Qubit, Switch, SwitchCase, WhileLoop,
};
use pyo3::prelude::*;

use super::angles::read_angle;
use super::read::{Reader, Scope};
use crate::arguments::AngleArgument;
use crate::control_flow::{loop_values, loop_variable};
use crate::errors::{Error, Result};

impl<'py> Reader<'py> {
    /// Appends `op` when it is control flow; says whether it was.
    pub(super) fn control_flow(
        &mut self,
        out: &mut Circuit,
        item: &Bound<'py, PyAny>,
        op: &Bound<'py, PyAny>,
        name: &str,
        qubits: &[Qubit],
        scope: &Scope<'py>,
    ) -> Result<bool> {
        if !matches!(
            name,
            "if_else"
                | "while_loop"
                | "for_loop"
                | "switch_case"
                | "break_loop"
                | "continue_loop"
                | "box"
        ) {
            return Ok(false);
        }
        let clbits = scope.clbits_of(item)?;
        let operation = match name {
            "if_else" => {
                let condition = self.condition(&op.getattr("condition")?, scope)?;
                let mut blocks = self.blocks(out, op, &clbits)?.into_iter();
                let then_body = blocks.next().ok_or_else(|| missing(name))?;
                Operation::IfElse(Box::new(IfElse {
                    condition,
                    then_body,
                    else_body: blocks.next(),
                }))
            }
            "while_loop" => {
                let condition = self.condition(&op.getattr("condition")?, scope)?;
                let body = self
                    .blocks(out, op, &clbits)?
                    .into_iter()
                    .next()
                    .ok_or_else(|| missing(name))?;
                Operation::While(Box::new(WhileLoop { condition, body }))
            }
            "for_loop" => self.for_loop(out, op, &clbits)?,
            "switch_case" => self.switch(out, op, &clbits, scope)?,
            "break_loop" => Operation::Break,
            "continue_loop" => Operation::Continue,
            _ => {
                self.boxed(out, op, qubits, &clbits)?;
                return Ok(true);
            }
        };
        out.push(operation, qubits)?;
        Ok(true)
    }

    fn blocks(
        &mut self,
        out: &Circuit,
        op: &Bound<'py, PyAny>,
        clbits: &[Clbit],
    ) -> Result<Vec<Circuit>> {
        let blocks = op.getattr("blocks")?;
        blocks
            .try_iter()?
            .map(|block| self.body(out, &block?, clbits))
            .collect()
    }

    /// A body: local qubits, the outer circuit's classical bits.
    fn body(
        &mut self,
        out: &Circuit,
        block: &Bound<'py, PyAny>,
        clbits: &[Clbit],
    ) -> Result<Circuit> {
        let mut body = out.same_clbits(block.getattr("num_qubits")?.extract()?);
        let scope = Scope::of(block, clbits)?;
        self.fill(&mut body, block, &scope)?;
        Ok(body)
    }

    fn for_loop(
        &mut self,
        out: &Circuit,
        op: &Bound<'py, PyAny>,
        clbits: &[Clbit],
    ) -> Result<Operation> {
        let params = op.getattr("params")?;
        let (indices, parameter) = (params.get_item(0)?, params.get_item(1)?);
        let variable = if parameter.is_none() {
            None
        } else {
            Some(loop_variable(&AngleArgument(read_angle(&parameter)?))?)
        };
        let body = self
            .blocks(out, op, clbits)?
            .into_iter()
            .next()
            .ok_or_else(|| missing("for_loop"))?;
        let values = loop_values(&indices).map_err(|_| {
            Error::Conversion(format!(
                "a loop over {indices} has no counterpart: values must be known ints"
            ))
        })?;
        Ok(Operation::For(Box::new(ForLoop {
            variable,
            values,
            body,
        })))
    }

    fn switch(
        &mut self,
        out: &Circuit,
        op: &Bound<'py, PyAny>,
        clbits: &[Clbit],
        scope: &Scope<'py>,
    ) -> Result<Operation> {
        let subject = self.value(&op.getattr("target")?, scope)?;
        let default = self.py.import("qiskit.circuit")?.getattr("CASE_DEFAULT")?;
        let mut cases = Vec::new();
        for case in op.call_method0("cases_specifier")?.try_iter()? {
            let (labels, block): (Bound<'_, PyAny>, Bound<'_, PyAny>) = case?.extract()?;
            let mut values = Vec::new();
            let mut always = false;
            for label in labels.try_iter()? {
                let label = label?;
                if label.is(&default) {
                    always = true;
                } else {
                    values.push(label.extract::<u64>().map_err(|_| {
                        Error::Conversion(format!(
                            "the case {label} is not an int from 0 to 2**64 - 1"
                        ))
                    })?);
                }
            }
            if always {
                values.clear();
            }
            cases.push(SwitchCase {
                values,
                body: self.body(out, &block, clbits)?,
            });
        }
        Ok(Operation::Switch(Box::new(Switch { subject, cases })))
    }

    /// A box only groups: its content takes its place, between barriers that keep it together.
    fn boxed(
        &mut self,
        out: &mut Circuit,
        op: &Bound<'py, PyAny>,
        qubits: &[Qubit],
        clbits: &[Clbit],
    ) -> Result<()> {
        if !op.getattr("duration")?.is_none() {
            return Err(Error::Conversion(
                "a box with a duration has no counterpart".to_owned(),
            ));
        }
        if let Some(annotations) = op.getattr_opt("annotations")?
            && annotations.len()? > 0
        {
            return Err(Error::Conversion(
                "a box with annotations has no counterpart".to_owned(),
            ));
        }
        let Some(body) = self.blocks(out, op, clbits)?.into_iter().next() else {
            return Ok(());
        };
        let all: Vec<Clbit> = (0..out.num_clbits()).map(Clbit::new).collect();
        let barrier = !qubits.is_empty();
        if barrier {
            out.push(Operation::Barrier, qubits)?;
        }
        out.append(&body, qubits, &all)?;
        if barrier {
            out.push(Operation::Barrier, qubits)?;
        }
        Ok(())
    }

    /// A condition: an expression, or a bit or register with the value that it must have.
    fn condition(&self, condition: &Bound<'py, PyAny>, scope: &Scope<'py>) -> Result<Expr> {
        let Ok((target, value)) = condition.extract::<(Bound<'py, PyAny>, u64)>() else {
            return Ok(self.expression(condition, scope)?.0);
        };
        Ok(match self.value(&target, scope)? {
            Expr::Bit(bit) => Expr::bit_is(bit, value != 0),
            Expr::Register(bits) => Expr::register_is(bits, value),
            _ => return Err(missing("condition")),
        })
    }

    /// A bit, a register or an expression.
    pub(super) fn value(&self, target: &Bound<'py, PyAny>, scope: &Scope<'py>) -> Result<Expr> {
        let circuit = self.py.import("qiskit.circuit")?;
        if target.is_instance(&circuit.getattr("Clbit")?)? {
            return Ok(Expr::Bit(scope.clbit(target)?));
        }
        if target.is_instance(&circuit.getattr("ClassicalRegister")?)? {
            return Ok(Expr::Register(
                target
                    .try_iter()?
                    .map(|bit| scope.clbit(&bit?))
                    .collect::<Result<_>>()?,
            ));
        }
        Ok(self.expression(target, scope)?.0)
    }
}

fn missing(name: &str) -> Error {
    Error::Conversion(format!("'{name}' is incomplete"))
}
