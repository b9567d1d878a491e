//! What an instruction holds in order.
//!
//! Two instructions may change places where they share no wire (or commute). A jump out of a loop is different: what
//! follows it may not happen, on whatever qubit, so it stands on every wire of its body.

use std::borrow::Cow;

use crate::{Circuit, Clbit, Instruction, Qubit};

impl Circuit {
    /// The qubits on which what comes before `instruction`, one of this circuit, stays before it and
    /// what comes after stays after, unless they commute: its own, and after them all others where
    /// it [may leave a loop](crate::Operation::leaves_loop).
    pub fn fenced_qubits<'a>(&self, instruction: &'a Instruction) -> Cow<'a, [Qubit]> {
        let own = &*instruction.qubits;
        if !instruction.operation.leaves_loop() {
            return Cow::Borrowed(own);
        }
        let others = (0..self.num_qubits())
            .map(Qubit::new)
            .filter(|qubit| !own.contains(qubit));
        own.iter().copied().chain(others).collect()
    }

    /// The classical bits on which `instruction`, one of this circuit, stays in order, sorted: those
    /// that it reads or writes, or all where it [may leave a loop](crate::Operation::leaves_loop).
    pub fn fenced_clbits(&self, instruction: &Instruction) -> Vec<Clbit> {
        if instruction.operation.leaves_loop() {
            (0..self.num_clbits()).map(Clbit::new).collect()
        } else {
            instruction.operation.clbits()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expr, IfElse, Operation};

    #[test]
    fn a_jump_fences_everything_and_other_instructions_their_own_wires() {
        let choice = |inner: Option<Operation>| {
            let mut then_body = Circuit::new(1, 2);
            if let Some(operation) = inner {
                then_body.push(operation, &[]).unwrap();
            }
            Operation::IfElse(Box::new(IfElse {
                condition: Expr::Bit(Clbit::new(1)),
                then_body,
                else_body: None,
            }))
        };
        let mut circuit = Circuit::new(3, 2);
        circuit.cx(2, 1).unwrap().measure(0, 1).unwrap();
        circuit.push(choice(None), &[Qubit::new(1)]).unwrap();
        let jump = choice(Some(Operation::Break));
        circuit.push(jump, &[Qubit::new(1)]).unwrap();
        circuit.push(Operation::Continue, &[]).unwrap();
        let fenced = |position: usize| -> (Vec<usize>, Vec<usize>) {
            let instruction = &circuit.instructions()[position];
            let qubits = circuit.fenced_qubits(instruction);
            let clbits = circuit.fenced_clbits(instruction);
            (
                qubits.iter().map(|q| q.index()).collect(),
                clbits.iter().map(|c| c.index()).collect(),
            )
        };
        assert_eq!(fenced(0), (vec![2, 1], vec![]));
        assert_eq!(fenced(1), (vec![0], vec![1]));
        assert_eq!(fenced(2), (vec![1], vec![1]));
        assert_eq!(fenced(3), (vec![1, 0, 2], vec![0, 1]));
        assert_eq!(fenced(4), (vec![0, 1, 2], vec![0, 1]));
    }
}
