//! Cuts a circuit into runs of gates between the instructions that are not gates.
//!
//! A run takes every gate that it can reach without passing something else on the gate's own qubits, so measuring one
//! qubit early does not cut the rest of the circuit in two.

use ardea_circuit::{Circuit, Instruction, Operation};
use fixedbitset::FixedBitSet;

/// After so many runs the rest of the circuit is left as it is: a program of very many measurements gains little from
/// being rewritten in pieces, and every run looks at all that is left.
const MAX_RUNS: usize = 16;

/// A piece of a circuit.
#[derive(Debug)]
pub(super) enum Part {
    /// Gates on one and two qubits.
    Gates(Vec<Instruction>),
    /// Anything, to be kept as it is.
    Other(Vec<Instruction>),
}

/// The parts of a circuit, in an order that means the same.
pub(super) fn parts(circuit: &Circuit) -> Vec<Part> {
    let mut left: Vec<&Instruction> = circuit.instructions().iter().collect();
    let mut out = Vec::new();
    for _ in 0..MAX_RUNS {
        if left.is_empty() {
            return out;
        }
        let (gates, rest) = split(&left, circuit.num_qubits(), Keep::Gates);
        out.push(Part::Gates(gates.into_iter().cloned().collect()));
        let (others, rest) = split(&rest, circuit.num_qubits(), Keep::Others);
        out.push(Part::Other(others.into_iter().cloned().collect()));
        left = rest;
    }
    out.push(Part::Other(left.into_iter().cloned().collect()));
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Keep {
    Gates,
    Others,
}

/// Those of one kind that nothing of the other kind comes before on the same qubits, and the rest.
fn split<'a>(
    instructions: &[&'a Instruction],
    num_qubits: usize,
    keep: Keep,
) -> (Vec<&'a Instruction>, Vec<&'a Instruction>) {
    let mut blocked = FixedBitSet::with_capacity(num_qubits);
    let (mut taken, mut rest) = (Vec::new(), Vec::new());
    let mut held_back = false;
    for &instruction in instructions {
        let is_wanted = is_gate(instruction) == (keep == Keep::Gates);
        // What is not a gate may depend on classical bits: such instructions keep their order.
        let in_order = keep == Keep::Gates || !held_back;
        let is_free = if touches_all(instruction) {
            blocked.is_clear()
        } else {
            instruction
                .qubits
                .iter()
                .all(|q| !blocked.contains(q.index()))
        };
        if is_wanted && in_order && is_free {
            taken.push(instruction);
            continue;
        }
        held_back |= is_wanted;
        if touches_all(instruction) {
            blocked.insert_range(..);
        }
        instruction
            .qubits
            .iter()
            .for_each(|q| blocked.insert(q.index()));
        rest.push(instruction);
    }
    (taken, rest)
}

fn is_gate(instruction: &Instruction) -> bool {
    instruction.operation.is_unitary() && (1..=2).contains(&instruction.qubits.len())
}

fn touches_all(instruction: &Instruction) -> bool {
    instruction.operation.leaves_loop()
        || (instruction.operation == Operation::Barrier && instruction.qubits.is_empty())
}
