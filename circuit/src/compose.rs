//! Putting circuits together: composition, renaming of qubits, tensor products.

use crate::{Circuit, CircuitError, Clbit, Instruction, Operation, Qubit};

impl Circuit {
    /// Appends `other`, whose qubit `i` acts on `qubits[i]` and whose classical bit `j` is
    /// `clbits[j]`. Its registers are not added; its global phase is.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when the lists have the wrong length, otherwise as
    /// [`Circuit::push`]; this circuit is then unchanged.
    pub fn append(
        &mut self,
        other: &Circuit,
        qubits: &[Qubit],
        clbits: &[Clbit],
    ) -> Result<&mut Self, CircuitError> {
        if qubits.len() != other.num_qubits() || clbits.len() != other.num_clbits() {
            return Err(CircuitError::Mismatch(format!(
                "cannot append: the circuit has {} qubits and {} classical bits, the lists name {} and {}",
                other.num_qubits(),
                other.num_clbits(),
                qubits.len(),
                clbits.len()
            )));
        }
        let renamed: Vec<Instruction> = other
            .instructions()
            .iter()
            .map(|instruction| Instruction {
                operation: instruction
                    .operation
                    .map_clbits(&mut |bit| clbits[bit.index()]),
                qubits: instruction.qubits.map(|q| qubits[q.index()]),
            })
            .collect();
        let mut probe = self.same_shape();
        for instruction in renamed {
            probe.push_instruction(instruction)?;
        }
        probe.add_global_phase(other.global_phase().clone());
        self.extend(&probe);
        Ok(self)
    }

    /// This circuit followed by `other` on the first qubits and classical bits.
    ///
    /// # Errors
    /// [`CircuitError::Mismatch`] when `other` has more bits than this circuit.
    pub fn compose(&self, other: &Circuit) -> Result<Circuit, CircuitError> {
        if other.num_qubits() > self.num_qubits() || other.num_clbits() > self.num_clbits() {
            return Err(CircuitError::Mismatch(format!(
                "cannot compose: the second circuit has {} qubits and {} classical bits, the first only {} and {}",
                other.num_qubits(),
                other.num_clbits(),
                self.num_qubits(),
                self.num_clbits()
            )));
        }
        let mut out = self.clone();
        out.extend(other);
        Ok(out)
    }

    /// The circuit on `num_qubits` qubits with qubit `q` renamed `map(q)`; the map must be one to
    /// one. Classical registers stay, the qubits form one register `q`.
    ///
    /// # Errors
    /// As [`Circuit::push`], when the map leaves the range or merges qubits.
    pub fn remapped(
        &self,
        num_qubits: usize,
        mut map: impl FnMut(Qubit) -> Qubit,
    ) -> Result<Circuit, CircuitError> {
        let mut out = self.same_clbits(num_qubits);
        out.reserve(self.len());
        for instruction in self.instructions() {
            let qubits = instruction.qubits.map(&mut map);
            out.push_instruction(Instruction {
                operation: instruction.operation.clone(),
                qubits,
            })?;
        }
        out.add_global_phase(self.global_phase().clone());
        Ok(out)
    }
}

impl Operation {
    /// The operation reading and writing `map(bit)` instead of each classical bit, in nested
    /// bodies too. Bodies keep their declared number of bits or grow to fit.
    pub fn map_clbits(&self, map: &mut dyn FnMut(Clbit) -> Clbit) -> Operation {
        if let Self::Measure(bit) = self {
            return Self::Measure(map(*bit));
        }
        if !self.is_control_flow() {
            return self.clone();
        }
        let inner =
            self.try_map_bodies(|body| Ok::<_, std::convert::Infallible>(map_body(body, map)));
        let Ok(mut inner) = inner;
        match &mut inner {
            Self::IfElse(op) => op.condition = op.condition.map_bits(&mut |bit| map(bit)),
            Self::Switch(op) => op.subject = op.subject.map_bits(&mut |bit| map(bit)),
            Self::While(op) => op.condition = op.condition.map_bits(&mut |bit| map(bit)),
            _ => {}
        }
        inner
    }
}

fn map_body(body: &Circuit, map: &mut dyn FnMut(Clbit) -> Clbit) -> Circuit {
    let operations: Vec<Operation> = body
        .instructions()
        .iter()
        .map(|i| i.operation.map_clbits(map))
        .collect();
    let highest = operations
        .iter()
        .flat_map(|op| op.clbits_read().into_iter().chain(op.clbits_written()))
        .map(|bit| bit.index() + 1)
        .max()
        .unwrap_or(0);
    let mut out = Circuit::new(body.num_qubits(), highest.max(body.num_clbits()));
    for (operation, instruction) in operations.into_iter().zip(body.instructions()) {
        out.push_valid(Instruction {
            operation,
            qubits: instruction.qubits.clone(),
        });
    }
    out.add_global_phase(body.global_phase().clone());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expr;

    #[test]
    fn append_renames_qubits_and_bits_also_inside_bodies() {
        let mut body = Circuit::new(1, 1);
        body.x(0).unwrap().measure(0, 0).unwrap();
        let mut small = Circuit::new(1, 1);
        small
            .if_else(Expr::Bit(Clbit::new(0)), body, None, &[0])
            .unwrap();
        small.add_global_phase(0.5);
        let mut large = Circuit::new(3, 3);
        large
            .append(&small, &[Qubit::new(2)], &[Clbit::new(1)])
            .unwrap();
        let operation = &large.instructions()[0].operation;
        assert_eq!(&*large.instructions()[0].qubits, &[Qubit::new(2)]);
        assert_eq!(operation.clbits_read(), [Clbit::new(1)]);
        assert_eq!(operation.clbits_written(), [Clbit::new(1)]);
        assert_eq!(large.global_phase().value(), Some(0.5));
    }

    #[test]
    fn lists_of_the_wrong_length_are_refused() {
        let mut large = Circuit::new(3, 0);
        assert!(
            large
                .append(&Circuit::new(2, 0), &[Qubit::new(0)], &[])
                .is_err()
        );
        assert!(Circuit::new(1, 0).compose(&Circuit::new(2, 0)).is_err());
    }
}
