//! What must end before what begins: on each qubit the order of the list, and on each classical bit a write after every
//! earlier use and a read after the last write.

use ardea_circuit::{Circuit, Operation};

use super::Direction;

/// The neighbours of each instruction in that order.
pub(super) struct Order {
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl Order {
    pub(super) fn of(circuit: &Circuit) -> Self {
        let mut before: Vec<Vec<usize>> = Vec::with_capacity(circuit.len());
        let mut last: Vec<Option<usize>> = vec![None; circuit.num_qubits()];
        let mut bits = vec![Bit::default(); circuit.num_clbits()];
        for (index, instruction) in circuit.instructions().iter().enumerate() {
            let mut earlier = Vec::new();
            for qubit in circuit.fenced_qubits(instruction).iter() {
                earlier.extend(last[qubit.index()].replace(index));
            }
            let (read, written) = bits_of(&instruction.operation);
            for &bit in &read {
                earlier.extend(bits[bit].writer);
            }
            for &bit in &written {
                earlier.extend(bits[bit].writer);
                earlier.append(&mut bits[bit].readers);
            }
            for bit in read {
                bits[bit].readers.push(index);
            }
            for bit in written {
                bits[bit].writer = Some(index);
            }
            earlier.retain(|&other| other != index);
            earlier.sort_unstable();
            earlier.dedup();
            before.push(earlier);
        }
        let mut after = vec![Vec::new(); circuit.len()];
        for (index, earlier) in before.iter().enumerate() {
            for &other in earlier {
                after[other].push(index);
            }
        }
        Order { before, after }
    }

    /// What an instruction would be pushed against.
    pub(super) fn beside(&self, index: usize, direction: Direction) -> &[usize] {
        match direction {
            Direction::Earlier => &self.before[index],
            Direction::Later => &self.after[index],
        }
    }
}

/// The last write of a classical bit, and the reads since.
#[derive(Clone, Default)]
struct Bit {
    writer: Option<usize>,
    readers: Vec<usize>,
}

fn bits_of(operation: &Operation) -> (Vec<usize>, Vec<usize>) {
    match operation {
        Operation::Measure(bit) => (Vec::new(), vec![bit.index()]),
        operation if operation.is_control_flow() => (
            operation
                .clbits_read()
                .into_iter()
                .map(|bit| bit.index())
                .collect(),
            operation
                .clbits_written()
                .into_iter()
                .map(|bit| bit.index())
                .collect(),
        ),
        _ => (Vec::new(), Vec::new()),
    }
}
