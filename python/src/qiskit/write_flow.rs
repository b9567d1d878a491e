//! Our control flow to Qiskit's. A body lists the classical bits it uses and the registers that lie within them.

use std::collections::BTreeSet;

use ardea_circuit::{Circuit, Expr, ForValues, Instruction, Operation};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyRange, PyTuple};

use super::write::{Wires, Writer};
use crate::errors::{Error, Result};

impl<'py> Writer<'py> {
    /// The operation, and the classical bits it acts on.
    pub(super) fn control_flow(
        &mut self,
        wires: &Wires<'py>,
        instruction: &Instruction,
        outer: &Circuit,
    ) -> Result<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let operation = &instruction.operation;
        let used = used_bits(operation);
        let mut body = |body: &Circuit| self.body(wires, instruction, &used, body, outer);
        let op = match operation {
            Operation::IfElse(op) => {
                let then_body = body(&op.then_body)?;
                let else_body = op.else_body.as_ref().map(body).transpose()?;
                let condition = self.condition(wires, &op.condition, outer)?;
                self.module
                    .getattr("IfElseOp")?
                    .call1((condition, then_body, else_body))?
            }
            Operation::While(op) => {
                let body = body(&op.body)?;
                let condition = self.condition(wires, &op.condition, outer)?;
                self.module
                    .getattr("WhileLoopOp")?
                    .call1((condition, body))?
            }
            Operation::For(op) => {
                let body = body(&op.body)?;
                let parameter = op
                    .variable
                    .as_ref()
                    .map(|symbol| self.parameters.get(symbol.name()))
                    .transpose()?;
                let values = self.loop_values(&op.values)?;
                self.module
                    .getattr("ForLoopOp")?
                    .call1((values, parameter, body))?
            }
            Operation::Switch(op) => {
                let cases = PyList::empty(self.py);
                for case in &op.cases {
                    let body = self.body(wires, instruction, &used, &case.body, outer)?;
                    if case.values.is_empty() {
                        cases.append((self.case_default()?, body))?;
                    } else {
                        cases.append((PyTuple::new(self.py, &case.values)?, body))?;
                    }
                }
                let subject = self.subject(wires, &op.subject, outer)?;
                self.module
                    .getattr("SwitchCaseOp")?
                    .call1((subject, cases))?
            }
            other => {
                return Err(Error::Internal(format!(
                    "'{}' is no control flow",
                    other.name()
                )));
            }
        };
        let clbits: Vec<&Bound<'py, PyAny>> = used
            .iter()
            .filter_map(|&bit| wires.clbits[bit].as_ref())
            .collect();
        Ok((op, PyTuple::new(self.py, clbits)?))
    }

    fn body(
        &mut self,
        wires: &Wires<'py>,
        instruction: &Instruction,
        used: &BTreeSet<usize>,
        body: &Circuit,
        outer: &Circuit,
    ) -> Result<Bound<'py, PyAny>> {
        let qubits: Vec<_> = instruction
            .qubits
            .iter()
            .map(|qubit| wires.qubits[qubit.index()].clone())
            .collect();
        let listed: Vec<_> = used
            .iter()
            .filter_map(|&bit| wires.clbits[bit].clone())
            .collect();
        let circuit = self.module.getattr("QuantumCircuit")?.call1((
            PyList::new(self.py, &qubits)?,
            PyList::new(self.py, &listed)?,
        ))?;
        for (register, object) in outer.cregs().iter().zip(&wires.cregs) {
            if register.size > 0 && register.range().all(|bit| used.contains(&bit)) {
                circuit.call_method1("add_register", (object,))?;
            }
        }
        let inside = |(bit, clbit): (usize, &Option<Bound<'py, PyAny>>)| {
            clbit.clone().filter(|_| used.contains(&bit))
        };
        let inner = Wires {
            qubits,
            clbits: wires.clbits.iter().enumerate().map(inside).collect(),
            cregs: wires.cregs.clone(),
            circuit: circuit.clone(),
        };
        self.fill(&inner, body, outer)?;
        Ok(circuit)
    }

    fn case_default(&self) -> Result<Bound<'py, PyAny>> {
        Ok(self.module.getattr("CASE_DEFAULT")?)
    }

    fn loop_values(&self, values: &ForValues) -> Result<Bound<'py, PyAny>> {
        Ok(match *values {
            ForValues::Range { start, stop, step } => {
                let end = stop.saturating_add(step.signum());
                self.py.get_type::<PyRange>().call1((start, end, step))?
            }
            ForValues::List(ref list) => PyTuple::new(self.py, list)?.into_any(),
        })
    }

    /// What a switch looks at: a bit or register where it is one.
    fn subject(
        &self,
        wires: &Wires<'py>,
        subject: &Expr,
        outer: &Circuit,
    ) -> Result<Bound<'py, PyAny>> {
        if let Some(register) = self.whole_register(wires, subject, outer) {
            return Ok(register);
        }
        match subject {
            Expr::Bit(bit) => self.clbit(wires, *bit),
            _ => self.expression(wires, subject, outer),
        }
    }
}

/// Positions of all classical bits that the operation reads or writes.
fn used_bits(operation: &Operation) -> BTreeSet<usize> {
    operation
        .clbits_read()
        .into_iter()
        .chain(operation.clbits_written())
        .map(|bit| bit.index())
        .collect()
}
