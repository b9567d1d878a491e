//! Inverses of operations and circuits.
//!
//! A definition is inverted once however often it is called: definitions that call the one before
//! twice describe a circuit that doubles at each level, and stay as small as they are.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{Circuit, CircuitError, GateCall, GateDefinition, Instruction, Operation, Symbol};

impl Operation {
    /// The inverse on the same qubits, exact including the phase.
    ///
    /// # Errors
    /// [`CircuitError::NotInvertible`] for what is not unitary, [`CircuitError::Opaque`] for
    /// opaque gates.
    pub fn inverse(&self) -> Result<Self, CircuitError> {
        Inverter::default().operation(self)
    }
}

impl Circuit {
    /// The inverse circuit: inverse instructions in the opposite order, phase negated.
    ///
    /// # Errors
    /// [`CircuitError::NotInvertible`] when it measures, resets or branches.
    pub fn inverse(&self) -> Result<Self, CircuitError> {
        Inverter::default().circuit(self)
    }
}

#[derive(Default)]
struct Inverter {
    /// The inverse of each shared definition met so far, by its address; the definition is kept, so
    /// that no other one can have that address meanwhile.
    done: FxHashMap<*const GateDefinition, [Arc<GateDefinition>; 2]>,
}

impl Inverter {
    fn operation(&mut self, operation: &Operation) -> Result<Operation, CircuitError> {
        if let Some((gate, angles)) = operation.standard() {
            if let Some((inverse, angles)) = gate.inverse(&angles.to_vec()) {
                return Operation::gate(inverse, &angles);
            }
            return match gate.controls() {
                Some((count, base)) => {
                    let base = Operation::gate(base, &angles.to_vec())?;
                    self.operation(&base)?.controlled(&vec![true; count])
                }
                None => {
                    let body = operation.definition()?;
                    let definition = self.definition(&operation.name(), &body, &[])?;
                    Operation::call(&Arc::new(definition), Vec::new())
                }
            };
        }
        match operation {
            Operation::Unitary(gate) => Operation::unitary(gate.matrix().adjoint()),
            Operation::Controlled(op) => self.operation(&op.base)?.controlled(&op.state),
            Operation::Call(call) => Ok(Operation::Call(Arc::new(GateCall {
                definition: self.shared(&call.definition)?,
                angles: call.angles.clone(),
            }))),
            Operation::Barrier | Operation::Delay(..) => Ok(operation.clone()),
            _ => Err(CircuitError::NotInvertible(operation.name())),
        }
    }

    fn circuit(&mut self, circuit: &Circuit) -> Result<Circuit, CircuitError> {
        let mut out = circuit.same_shape();
        out.set_layout(circuit.layout().map(|l| crate::Layout {
            initial: l.last.clone(),
            last: l.initial.clone(),
        }));
        out.reserve(circuit.len());
        for instruction in circuit.instructions().iter().rev() {
            out.push_valid(Instruction {
                operation: self.operation(&instruction.operation)?,
                qubits: instruction.qubits.clone(),
            });
        }
        out.add_global_phase(-circuit.global_phase().clone());
        Ok(out)
    }

    fn shared(
        &mut self,
        definition: &Arc<GateDefinition>,
    ) -> Result<Arc<GateDefinition>, CircuitError> {
        let address = Arc::as_ptr(definition);
        if let Some([_, inverse]) = self.done.get(&address) {
            return Ok(Arc::clone(inverse));
        }
        let body = definition
            .body
            .as_ref()
            .ok_or_else(|| CircuitError::Opaque(definition.name.clone()))?;
        let inverse = Arc::new(self.definition(&definition.name, body, &definition.params)?);
        let pair = [Arc::clone(definition), Arc::clone(&inverse)];
        self.done.insert(address, pair);
        Ok(inverse)
    }

    fn definition(
        &mut self,
        name: &str,
        body: &Circuit,
        params: &[Symbol],
    ) -> Result<GateDefinition, CircuitError> {
        // Inverting twice gives the first name back.
        let name = name
            .strip_suffix("_dg")
            .map_or_else(|| format!("{name}_dg"), str::to_owned);
        Ok(GateDefinition {
            name,
            num_qubits: body.num_qubits(),
            params: params.to_vec(),
            body: Some(self.circuit(body)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Qubit;

    #[test]
    fn definitions_that_double_at_each_level_are_inverted_once_each() {
        let mut first = Circuit::new(1, 0);
        first.t(0).unwrap();
        let mut gate = first.to_gate("level").unwrap();
        for _ in 0..60 {
            let mut twice = Circuit::new(1, 0);
            for _ in 0..2 {
                twice.push(gate.clone(), &[Qubit::new(0)]).unwrap();
            }
            gate = twice.to_gate("level").unwrap();
        }
        let inverse = gate.inverse().unwrap();
        let Operation::Call(call) = &inverse else {
            unreachable!("a call's inverse is a call");
        };
        assert_eq!(call.definition.name, "level_dg");
        let calls = call.definition.body.as_ref().unwrap().instructions();
        match (&calls[0].operation, &calls[1].operation) {
            (Operation::Call(a), Operation::Call(b)) => {
                assert!(Arc::ptr_eq(&a.definition, &b.definition));
            }
            other => unreachable!("{other:?}"),
        }
    }
}
