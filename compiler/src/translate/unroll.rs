//! Everything on three qubits and more, and everything defined elsewhere, down to operations on one and two qubits.
//!
//! ```text
//! before:  ccx q[0], q[1], q[2];  my_gate(a) q[0], q[3], q[4];  ctrl @ unitary ...
//! after:   the same by cx, p, h, u, ... on at most two qubits
//! ```
//!
//! A user-defined gate is unrolled once, with its own parameters, and bound for each call; definitions are followed with
//! an explicit stack, so neither long chains nor exponential doubling of definitions can exhaust anything before the
//! limit on instructions is noticed. Controls are pushed inwards: only the middle of a definition that undoes its
//! beginning is controlled, and multi-controlled gates borrow other qubits of the circuit (in any state, and given
//! back) where that makes them shorter.

use std::sync::Arc;

use ardea_circuit::{
    Bindings, Circuit, Gate, GateCall, GateDefinition, Instruction, Operation, Qubit, UnitaryGate,
};
use rustc_hash::FxHashMap;

use crate::synthesis::unitary::synthesise_unitary;
use crate::{Change, CompileError, Context, Pass, Properties};

mod control;

/// The most instructions that unrolling produces.
pub const MAX_UNROLLED_INSTRUCTIONS: usize = 20_000_000;

/// Leaves only operations on one and two qubits, exact including the phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unroll;

impl Pass for Unroll {
    fn name(&self) -> &'static str {
        "unroll"
    }

    fn establishes(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        if is_unrolled(circuit) {
            return Ok(Change::Unchanged);
        }
        *circuit = Unroller::with_limit(MAX_UNROLLED_INSTRUCTIONS).circuit(circuit)?;
        Ok(Change::Changed)
    }
}

fn is_unrolled(circuit: &Circuit) -> bool {
    circuit.instructions().iter().all(|instruction| {
        let operation = &instruction.operation;
        (!operation.is_unitary() || is_plain(operation))
            && operation.bodies().iter().all(|body| is_unrolled(body))
    })
}

/// A standard gate or matrix on at most two qubits.
fn is_plain(operation: &Operation) -> bool {
    match operation {
        Operation::Unitary(gate) => (1..=2).contains(&gate.num_qubits()),
        _ => operation
            .as_gate()
            .is_some_and(|gate| gate.num_qubits() <= 2),
    }
}

/// What has been unrolled already. The keys are addresses; the values keep what is there alive.
struct Unroller {
    limit: usize,
    definitions: FxHashMap<*const GateDefinition, (Arc<GateDefinition>, Arc<Circuit>)>,
    matrices: FxHashMap<*const UnitaryGate, (Arc<UnitaryGate>, Arc<Circuit>)>,
}

impl Unroller {
    fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            definitions: FxHashMap::default(),
            matrices: FxHashMap::default(),
        }
    }

    fn circuit(&mut self, circuit: &Circuit) -> Result<Circuit, CompileError> {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(circuit.len());
        for instruction in circuit.instructions() {
            if instruction.operation.is_control_flow() {
                let operation = instruction
                    .operation
                    .try_map_bodies(|body| self.circuit(body))?;
                out.push_valid(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
            } else {
                self.expand(&instruction.operation, &instruction.qubits, &mut out)?;
            }
        }
        Ok(out)
    }

    /// Appends an operation that is not control flow.
    fn expand(
        &mut self,
        operation: &Operation,
        qubits: &[Qubit],
        out: &mut Circuit,
    ) -> Result<(), CompileError> {
        match operation {
            _ if !operation.is_unitary() || is_plain(operation) => {
                out.push_valid(Instruction {
                    operation: operation.clone(),
                    qubits: qubits.into(),
                });
            }
            Operation::Unitary(gate) => {
                let circuit = self.matrix(gate)?;
                self.append(&circuit, &Bindings::new(), qubits, out)?;
            }
            Operation::Call(call) => {
                let body = self.definition(&call.definition)?;
                self.append(&body, &bindings(call), qubits, out)?;
            }
            Operation::Controlled(op) => self.controlled(&op.base, &op.state, qubits, out)?,
            _ => match operation.as_gate().and_then(Gate::controls) {
                Some(_) => self.control(operation, &[], qubits, out, 0)?,
                None => self.each(&operation.definition()?, qubits, out)?,
            },
        }
        self.check(out.len())
    }

    /// Appends all of a circuit, each operation expanded.
    fn each(
        &mut self,
        circuit: &Circuit,
        qubits: &[Qubit],
        out: &mut Circuit,
    ) -> Result<(), CompileError> {
        out.add_global_phase(circuit.global_phase().clone());
        for instruction in circuit.instructions() {
            self.expand(
                &instruction.operation,
                &mapped(&instruction.qubits, qubits),
                out,
            )?;
        }
        Ok(())
    }

    fn check(&self, instructions: usize) -> Result<(), CompileError> {
        if instructions > self.limit {
            return Err(CompileError::Limit {
                what: "instructions after unrolling",
                value: instructions,
                limit: self.limit,
            });
        }
        Ok(())
    }

    /// Appends an unrolled circuit with its parameters bound.
    fn append(
        &self,
        circuit: &Circuit,
        bindings: &Bindings,
        qubits: &[Qubit],
        out: &mut Circuit,
    ) -> Result<(), CompileError> {
        self.check(out.len().saturating_add(circuit.len()))?;
        out.add_global_phase(circuit.global_phase().bind(bindings)?);
        for instruction in circuit.instructions() {
            let operation = match &instruction.operation {
                symbolic if !bindings.is_empty() && symbolic.is_symbolic() => {
                    symbolic.bind(bindings)?
                }
                other => other.clone(),
            };
            out.push_valid(Instruction {
                operation,
                qubits: instruction.qubits.map(|qubit| qubits[qubit.index()]),
            });
        }
        Ok(())
    }

    /// A matrix as gates, synthesised once.
    fn matrix(&mut self, gate: &Arc<UnitaryGate>) -> Result<Arc<Circuit>, CompileError> {
        if let Some((_, circuit)) = self.matrices.get(&Arc::as_ptr(gate)) {
            return Ok(Arc::clone(circuit));
        }
        let circuit = Arc::new(synthesise_unitary(gate.matrix())?);
        self.matrices
            .insert(Arc::as_ptr(gate), (Arc::clone(gate), Arc::clone(&circuit)));
        Ok(circuit)
    }

    /// The unrolled body of a definition, after those of the definitions that it uses.
    fn definition(
        &mut self,
        definition: &Arc<GateDefinition>,
    ) -> Result<Arc<Circuit>, CompileError> {
        let mut stack = vec![Arc::clone(definition)];
        while let Some(top) = stack.last().map(Arc::clone) {
            if self.definitions.contains_key(&Arc::as_ptr(&top)) {
                stack.pop();
                continue;
            }
            let body = body_of(&top)?;
            let before = stack.len();
            let called = body
                .instructions()
                .iter()
                .filter_map(|instruction| call_in(&instruction.operation));
            stack.extend(
                called
                    .filter(|call| {
                        !self
                            .definitions
                            .contains_key(&Arc::as_ptr(&call.definition))
                    })
                    .map(|call| Arc::clone(&call.definition)),
            );
            if stack.len() == before {
                let flat = Arc::new(self.circuit(body)?);
                self.definitions
                    .insert(Arc::as_ptr(&top), (Arc::clone(&top), flat));
                stack.pop();
            }
        }
        match self.definitions.get(&Arc::as_ptr(definition)) {
            Some((_, flat)) => Ok(Arc::clone(flat)),
            None => Err(CompileError::Internal {
                place: "translate::unroll",
                detail: format!("'{}' was not unrolled", definition.name),
            }),
        }
    }
}

fn bindings(call: &GateCall) -> Bindings {
    call.definition
        .params
        .iter()
        .cloned()
        .zip(call.angles.iter().cloned())
        .collect()
}

fn body_of(definition: &GateDefinition) -> Result<&Circuit, CompileError> {
    definition
        .body
        .as_ref()
        .ok_or_else(|| CompileError::UnsupportedOperation {
            operation: definition.name.clone(),
            reason: "it is an opaque gate; give it a definition".into(),
        })
}

/// The call of a user-defined gate that an operation is, or controls.
fn call_in(operation: &Operation) -> Option<&GateCall> {
    match operation {
        Operation::Call(call) => Some(call),
        Operation::Controlled(op) => call_in(&op.base),
        _ => None,
    }
}

fn mapped(inner: &[Qubit], outer: &[Qubit]) -> Vec<Qubit> {
    inner.iter().map(|qubit| outer[qubit.index()]).collect()
}

#[cfg(test)]
mod tests;
