//! `ctrl`, `negctrl`, `inv` and `pow` before a gate.
//!
//! Modifiers apply from the right: the leftmost control is the first qubit. Runs of controls are
//! joined and runs of inverses cancel before anything is built, so long chains stay cheap.

use std::sync::Arc;

use ardea_circuit::{Circuit, CircuitError, GateDefinition, Operation, Qubit};

use super::gates::OperandWires;
use super::scope::{GateEntity, GateTarget};
use super::value::Value;
use super::{Lowered, Lowering, circuit_fault};
use crate::ast::{GateCall, Modifier, Span};
use crate::diagnostics::{Issue, fault};
use crate::options::{Limit, Limits};

/// Matrix powers are computed for gates of at most this many qubits ...
const MAX_POWER_QUBITS: usize = 4;
/// ... that expand to at most this many standard gates.
const MAX_POWER_COST: u64 = 10_000;
/// Whole powers up to this are written as repetitions.
const MAX_REPETITIONS: f64 = 64.0;

enum Step {
    Controls(Vec<bool>),
    Inverse,
    Power(f64),
}

impl Lowering<'_> {
    /// How many qubits the call acts on, its controls included.
    pub(super) fn num_qubits_of(
        &self,
        gate: &GateEntity,
        operands: &OperandWires,
        call: &GateCall<'_>,
    ) -> Lowered<usize> {
        let base = match gate.target {
            GateTarget::MultiControlledX => return Ok(operands.len().max(1)),
            _ => gate.num_qubits,
        };
        let mut total = base;
        for modifier in &call.modifiers {
            if let Modifier::Ctrl(argument, span) | Modifier::Negctrl(argument, span) = modifier {
                let controls = match argument {
                    None => 1,
                    Some(expr) => self.integer(expr)?,
                };
                if controls < 1 {
                    return Err(fault(*span, "the number of controls must be positive"));
                }
                total = total.saturating_add(usize::try_from(controls).unwrap_or(usize::MAX));
            }
        }
        Ok(total)
    }

    /// `base` with the modifiers of the call; the number of controls has been checked.
    pub(super) fn modified(
        &mut self,
        base: Operation,
        cost: u64,
        call: &GateCall<'_>,
        span: Span,
    ) -> Lowered<(Operation, u64)> {
        let (mut operation, mut cost) = (base, cost);
        let steps = self.steps(call)?;
        if steps.len() > Limits::MAX_NESTING {
            return Err(Issue::over(Limit::Nesting, Limits::MAX_NESTING as u64).at(span));
        }
        for step in steps {
            operation = match step {
                Step::Controls(state) => operation
                    .controlled(&state)
                    .map_err(|e| circuit_fault(span, e))?,
                Step::Inverse => self
                    .inverse(&operation)
                    .map_err(|e| circuit_fault(span, e))?,
                Step::Power(exponent) => {
                    let (power, repetitions) = self.power(&operation, exponent, cost, span)?;
                    cost = cost.saturating_mul(repetitions);
                    power
                }
            };
        }
        Ok((operation, cost))
    }

    /// The modifiers from the innermost outwards, runs joined.
    fn steps(&self, call: &GateCall<'_>) -> Lowered<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        for modifier in call.modifiers.iter().rev() {
            match modifier {
                Modifier::Inv if matches!(steps.last(), Some(Step::Inverse)) => {
                    steps.pop();
                }
                Modifier::Inv => steps.push(Step::Inverse),
                Modifier::Pow(expr) => steps.push(Step::Power(self.exponent(expr)?)),
                Modifier::Ctrl(argument, _) | Modifier::Negctrl(argument, _) => {
                    let controls =
                        argument.as_ref().map_or(Ok(1), |expr| self.integer(expr))? as usize;
                    let on = matches!(modifier, Modifier::Ctrl(..));
                    match steps.last_mut() {
                        // Collected from the right: the list is turned round below.
                        Some(Step::Controls(state)) => state.extend(vec![on; controls]),
                        _ => steps.push(Step::Controls(vec![on; controls])),
                    }
                }
            }
        }
        for step in &mut steps {
            if let Step::Controls(state) = step {
                state.reverse();
            }
        }
        Ok(steps)
    }

    fn exponent(&self, expr: &crate::ast::Expr<'_>) -> Lowered<f64> {
        let value = match self.angle(expr)? {
            ardea_circuit::Angle::Value(value) => Value::Real(value.into()),
            symbolic => Value::Real(symbolic),
        };
        match value {
            Value::Real(angle) if angle.value().is_some() => Ok(angle.value().unwrap_or_default()),
            _ => Err(fault(
                expr.span,
                "the exponent of `pow` must be a known number",
            )),
        }
    }

    fn power(
        &mut self,
        operation: &Operation,
        exponent: f64,
        cost: u64,
        span: Span,
    ) -> Lowered<(Operation, u64)> {
        let cannot = |error: CircuitError| circuit_fault(span, error);
        let is_call = matches!(operation, Operation::Call(_) | Operation::Controlled(_));
        if is_call && exponent.fract() == 0.0 && exponent.abs() <= MAX_REPETITIONS {
            let base = if exponent < 0.0 {
                self.inverse(operation).map_err(cannot)?
            } else {
                operation.clone()
            };
            let times = exponent.abs() as u64;
            if times == 1 {
                return Ok((base, 1));
            }
            return repeated(&base, times).map(|op| (op, times)).map_err(cannot);
        }
        let wide = operation.num_qubits().is_some_and(|n| n > MAX_POWER_QUBITS);
        if operation.standard().is_none() && (wide || cost > MAX_POWER_COST) {
            return Err(Issue::new("this power of a gate is not supported")
                .hint(format!(
                    "powers need a standard gate, a whole exponent up to {MAX_REPETITIONS}, or a small gate of at most {MAX_POWER_QUBITS} qubits"
                ))
                .at(span));
        }
        operation.power(exponent).map(|op| (op, 1)).map_err(cannot)
    }

    /// The inverse, each definition inverted once: inverting every nested call anew would take time
    /// exponential in the depth of definitions.
    pub(super) fn inverse(&mut self, operation: &Operation) -> Result<Operation, CircuitError> {
        match operation {
            Operation::Call(call) => {
                let definition = self.inverse_definition(&call.definition)?;
                Operation::call(&definition, call.angles.clone())
            }
            Operation::Controlled(op) => self.inverse(&op.base)?.controlled(&op.state),
            other => other.inverse(),
        }
    }

    fn inverse_definition(
        &mut self,
        definition: &Arc<GateDefinition>,
    ) -> Result<Arc<GateDefinition>, CircuitError> {
        let key = Arc::as_ptr(definition) as usize;
        if let Some((_, inverse)) = self.inverses.get(&key) {
            return Ok(Arc::clone(inverse));
        }
        let body = definition
            .body
            .as_ref()
            .ok_or_else(|| CircuitError::Opaque(definition.name.clone()))?;
        let mut inverted = body.same_shape();
        for instruction in body.instructions().iter().rev() {
            let operation = self.inverse(&instruction.operation)?;
            inverted.push(operation, &instruction.qubits)?;
        }
        inverted.add_global_phase(-body.global_phase().clone());
        let name = definition
            .name
            .strip_suffix("_dg")
            .map_or_else(|| format!("{}_dg", definition.name), str::to_owned);
        let (num_qubits, params) = (definition.num_qubits, definition.params.clone());
        let inverse = Arc::new(GateDefinition {
            name,
            num_qubits,
            params,
            body: Some(inverted),
        });
        self.inverses
            .insert(key, (Arc::clone(definition), Arc::clone(&inverse)));
        self.inverses.insert(
            Arc::as_ptr(&inverse) as usize,
            (Arc::clone(&inverse), Arc::clone(definition)),
        );
        Ok(inverse)
    }
}

/// A gate that applies `base` so many times.
fn repeated(base: &Operation, times: u64) -> Result<Operation, CircuitError> {
    let num_qubits = base.num_qubits().unwrap_or(0);
    let qubits: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
    let mut once = Circuit::new(num_qubits, 0);
    once.push(base.clone(), &qubits)?;
    once.repeat(times)?
        .to_gate(&format!("{}_pow{times}", base.name()))
}
