//! The qubits that a circuit really uses.
//!
//! A compiled circuit names all qubits of its device and acts on a few. Only those get amplitudes; the others stay |0>
//! and are put back where results are presented.

use ardea_circuit::{Circuit, Gate, Operation};

/// Active qubits of a circuit, numbered in ascending order.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    /// The circuit's qubits that are active.
    pub(crate) qubits: Vec<usize>,
    /// For each qubit of the circuit its number in the state.
    numbers: Vec<Option<u32>>,
}

impl Active {
    /// The qubits on which `circuit` has a gate.
    pub(crate) fn of(circuit: &Circuit) -> Self {
        let mut used = vec![false; circuit.num_qubits()];
        mark(circuit, &|local| local, &mut used);
        Self::from_mask(&used)
    }

    /// All qubits.
    pub(crate) fn all(qubits: usize) -> Self {
        Self::from_mask(&vec![true; qubits])
    }

    fn from_mask(used: &[bool]) -> Self {
        let qubits: Vec<usize> = (0..used.len()).filter(|&qubit| used[qubit]).collect();
        let mut numbers = vec![None; used.len()];
        qubits
            .iter()
            .enumerate()
            .for_each(|(number, &qubit)| numbers[qubit] = Some(number as u32));
        Self { qubits, numbers }
    }

    /// The number of a circuit's qubit in the state, or `None` where it stays |0>.
    pub(crate) fn number(&self, qubit: usize) -> Option<u32> {
        self.numbers[qubit]
    }
}

/// Marks the qubits of `circuit` that have a gate; `outer` maps a body's qubits to the circuit's.
fn mark(circuit: &Circuit, outer: &dyn Fn(usize) -> usize, used: &mut [bool]) {
    for instruction in circuit.instructions() {
        let qubits = &instruction.qubits;
        match &instruction.operation {
            // What does nothing, or nothing to |0>, needs no amplitudes.
            Operation::Barrier
            | Operation::Delay(..)
            | Operation::Measure(_)
            | Operation::Reset => {}
            operation if operation.as_gate() == Some(Gate::I) => {}
            operation if operation.is_control_flow() => {
                for body in operation.bodies() {
                    mark(body, &|local| outer(qubits[local].index()), used);
                }
            }
            _ => qubits
                .iter()
                .for_each(|qubit| used[outer(qubit.index())] = true),
        }
    }
}
