//! Swaps in the input as mere names: a swap gate exchanges what two wires are called from there on.
//!
//! No gate is needed for it, and the final layout tells where each qubit ended. Swaps under
//! conditions stay, since the names would depend on the outcome.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

/// The circuit without its swap gates, and the wire on which each qubit ends; `None` where there
/// is no swap.
pub(crate) fn rename_swaps(circuit: &Circuit) -> Option<(Circuit, Vec<u32>)> {
    let is_swap = |i: &Instruction| i.operation == Operation::Gate(Gate::Swap);
    if !circuit.instructions().iter().any(is_swap) {
        return None;
    }
    let mut wire_of: Vec<u32> = (0..circuit.num_qubits() as u32).collect();
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    out.reserve(circuit.len());
    for instruction in circuit.instructions() {
        if is_swap(instruction) {
            wire_of.swap(instruction.qubits[0].index(), instruction.qubits[1].index());
        } else {
            let qubits = instruction.qubits.map(|q| Qubit::from(wire_of[q.index()]));
            out.push_valid(Instruction {
                operation: instruction.operation.clone(),
                qubits,
            });
        }
    }
    Some((out, wire_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_after_a_swap_follow_their_qubit() {
        let mut circuit = Circuit::new(3, 0);
        circuit
            .swap(0, 1)
            .unwrap()
            .h(0)
            .unwrap()
            .swap(1, 2)
            .unwrap()
            .x(1)
            .unwrap();
        let (out, wires) = rename_swaps(&circuit).unwrap();
        let on: Vec<usize> = out
            .instructions()
            .iter()
            .map(|i| i.qubits[0].index())
            .collect();
        assert_eq!(on, [1, 2]);
        assert_eq!(wires, [1, 2, 0]);
        assert!(rename_swaps(&out).is_none());
    }
}
