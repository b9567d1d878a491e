//! Counts and depths of a circuit.

use std::collections::BTreeMap;

use crate::{Circuit, Gate, Instruction, Operation};

impl Circuit {
    /// How often each operation appears, by name; bodies of control flow are not entered.
    pub fn count_ops(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        // Names are made once for each gate, not for each instruction.
        let mut gates = vec![0usize; Gate::ALL.len()];
        for instruction in self.instructions() {
            match instruction.operation.as_gate() {
                Some(gate) => gates[gate as usize] += 1,
                None => *counts.entry(instruction.operation.name()).or_insert(0) += 1,
            }
        }
        let used = Gate::ALL.iter().zip(gates).filter(|(_, count)| *count > 0);
        for (gate, count) in used {
            *counts.entry(gate.name().to_owned()).or_insert(0) += count;
        }
        counts
    }

    /// The longest chain of instructions, barriers not counted (but respected), as Qiskit's `depth`.
    pub fn depth(&self) -> usize {
        self.depth_by(|instruction| !matches!(instruction.operation, Operation::Barrier))
    }

    /// The longest chain of instructions on exactly two qubits.
    pub fn two_qubit_depth(&self) -> usize {
        self.depth_by(is_two_qubit)
    }

    /// How many instructions act on exactly two qubits, in nested bodies too.
    pub fn two_qubit_count(&self) -> usize {
        self.instructions()
            .iter()
            .map(|instruction| {
                let nested: usize = instruction
                    .operation
                    .bodies()
                    .iter()
                    .map(|body| body.two_qubit_count())
                    .sum();
                nested + usize::from(is_two_qubit(instruction))
            })
            .sum()
    }

    /// The longest chain, counting only instructions for which `counts` holds; the others keep the
    /// order of their qubits and classical bits.
    pub fn depth_by(&self, counts: impl Fn(&Instruction) -> bool) -> usize {
        let mut levels = vec![0usize; self.num_qubits() + self.num_clbits()];
        let mut wires = Vec::new();
        for instruction in self.instructions() {
            // Nearly all instructions of a long circuit: gates on one or two qubits, and no classical bit.
            match *instruction.qubits {
                [q] if instruction.operation.as_gate().is_some() => {
                    levels[q.index()] += usize::from(counts(instruction));
                    continue;
                }
                [p, q] if instruction.operation.as_gate().is_some() => {
                    let level =
                        levels[p.index()].max(levels[q.index()]) + usize::from(counts(instruction));
                    levels[p.index()] = level;
                    levels[q.index()] = level;
                    continue;
                }
                _ => wires.clear(),
            }
            wires.extend(instruction.qubits.iter().map(|q| q.index()));
            let bits = instruction.operation.clbits();
            wires.extend(bits.iter().map(|bit| self.num_qubits() + bit.index()));
            let level = wires.iter().map(|&w| levels[w]).max().unwrap_or(0)
                + usize::from(counts(instruction));
            wires.iter().for_each(|&w| levels[w] = level);
        }
        levels.into_iter().max().unwrap_or(0)
    }

    /// The qubits that some instruction other than a barrier or delay acts on, in order.
    pub fn active_qubits(&self) -> Vec<crate::Qubit> {
        let mut active = vec![false; self.num_qubits()];
        for instruction in self
            .instructions()
            .iter()
            .filter(|i| !i.operation.is_directive())
        {
            instruction
                .qubits
                .iter()
                .for_each(|q| active[q.index()] = true);
        }
        active
            .iter()
            .enumerate()
            .filter(|(_, on)| **on)
            .map(|(q, _)| crate::Qubit::new(q))
            .collect()
    }
}

fn is_two_qubit(instruction: &Instruction) -> bool {
    instruction.qubits.len() == 2
        && !matches!(instruction.operation, Operation::Barrier)
        && !instruction.operation.is_control_flow()
}

#[cfg(test)]
mod tests {
    use crate::Circuit;

    #[test]
    fn depths_count_chains_through_qubits_and_bits() {
        let mut circuit = Circuit::new(3, 1);
        circuit
            .h(0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .barrier(&[])
            .unwrap()
            .cx(1, 2)
            .unwrap()
            .measure(0, 0)
            .unwrap();
        assert_eq!(
            (
                circuit.depth(),
                circuit.two_qubit_depth(),
                circuit.two_qubit_count()
            ),
            (3, 2, 2)
        );
        assert_eq!(circuit.count_ops()["cx"], 2);
    }
}
