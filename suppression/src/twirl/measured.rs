//! Which measurements may be twirled, and where their X goes.
//!
//! An X before a measurement inverts the bit, and the counts are put right afterwards. That is allowed where nobody
//! looks at the bit meanwhile and nobody else writes it: measurements outside of bodies, into a bit that no condition
//! reads and no other measurement writes. A qubit that is used again gets a second X behind its measurement, which
//! makes the whole exact; one that is reset, or not used again, does not need it.
//!
//! Where barriers stand between the last gate of the qubit and the measurement, the X goes before the first of them: it
//! then merges with that gate.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Operation, Qubit};

/// The measurements of a circuit that may be twirled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Twirlable {
    /// By the position of the measurement.
    pub(super) measurements: BTreeMap<usize, Measurement>,
    /// The measurements whose X stands before the instruction at a position.
    pub(super) before: BTreeMap<usize, Vec<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measurement {
    pub(super) qubit: Qubit,
    /// Whether the qubit is used again, so that a second X must undo the first.
    pub(super) is_reused: bool,
}

impl Twirlable {
    pub(super) fn of(circuit: &Circuit) -> Self {
        let (mut writes, mut is_read) = (
            vec![0usize; circuit.num_clbits()],
            vec![false; circuit.num_clbits()],
        );
        for instruction in circuit.instructions() {
            let operation = &instruction.operation;
            for bit in operation.clbits_read() {
                is_read[bit.index()] = true;
            }
            // Whatever a body writes may not be written at all, so it is as good as written by another.
            let weight = if operation.is_control_flow() { 2 } else { 1 };
            for bit in operation.clbits_written() {
                writes[bit.index()] += weight;
            }
        }
        let mut out = Self::default();
        let mut barrier = vec![None; circuit.num_qubits()];
        for (position, instruction) in circuit.instructions().iter().enumerate() {
            if matches!(instruction.operation, Operation::Barrier) {
                for qubit in instruction.qubits.iter() {
                    barrier[qubit.index()].get_or_insert(position);
                }
                continue;
            }
            if let Operation::Measure(bit) = instruction.operation
                && writes[bit.index()] == 1
                && !is_read[bit.index()]
            {
                let qubit = instruction.qubits[0];
                let measurement = Measurement {
                    qubit,
                    is_reused: false,
                };
                out.measurements.insert(position, measurement);
                let place = barrier[qubit.index()].unwrap_or(position);
                out.before.entry(place).or_default().push(position);
            }
            for qubit in circuit.fenced_qubits(instruction).iter() {
                barrier[qubit.index()] = None;
            }
        }
        out.find_reuse(circuit);
        out
    }

    fn find_reuse(&mut self, circuit: &Circuit) {
        let mut is_needed = vec![false; circuit.num_qubits()];
        for (position, instruction) in circuit.instructions().iter().enumerate().rev() {
            if let Some(measurement) = self.measurements.get_mut(&position) {
                measurement.is_reused = is_needed[measurement.qubit.index()];
            }
            if instruction.operation.is_directive() {
                continue;
            }
            let is_used = !matches!(instruction.operation, Operation::Reset);
            for qubit in instruction.qubits.iter() {
                is_needed[qubit.index()] = is_used;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::{Clbit, Expr};

    #[test]
    fn bits_that_are_read_or_written_twice_are_left_alone() {
        let mut circuit = Circuit::new(3, 4);
        circuit.measure(0, 0).unwrap().measure(0, 1).unwrap();
        let mut body = Circuit::new(1, 4);
        body.x(0).unwrap().measure(0, 3).unwrap();
        let condition = Expr::Bit(Clbit::new(0));
        circuit.if_else(condition, body, None, &[1]).unwrap();
        circuit.measure(1, 2).unwrap().measure(2, 2).unwrap();
        circuit.measure(2, 3).unwrap();
        let found = Twirlable::of(&circuit);
        assert_eq!(found.measurements.keys().collect::<Vec<_>>(), [&1]);
    }

    #[test]
    fn a_second_x_is_needed_where_the_qubit_goes_on() {
        let mut circuit = Circuit::new(3, 3);
        circuit.x(0).unwrap().barrier(&[0, 1]).unwrap();
        for q in 0..3 {
            circuit.measure(q, q).unwrap();
        }
        circuit.sx(0).unwrap().reset(1).unwrap().sx(1).unwrap();
        circuit.barrier(&[2]).unwrap();
        let found = Twirlable::of(&circuit);
        let reused: Vec<bool> = found.measurements.values().map(|m| m.is_reused).collect();
        assert_eq!(reused, [true, false, false]);
        assert_eq!(found.before, [(1, vec![2, 3]), (4, vec![4])].into());
    }
}
