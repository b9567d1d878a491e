//! Which qubit each classical bit was read from.

use ardea_circuit::{Circuit, Operation, Qubit};

/// For each classical bit, the qubit that it holds the measurement of at the end.
///
/// `None` for a bit that nothing measures into for certain: one that only a body of control flow writes, or that a body
/// writes after its measurement. Such a bit is left as it was read.
pub fn measured_qubits(circuit: &Circuit) -> Vec<Option<Qubit>> {
    let mut out = vec![None; circuit.num_clbits()];
    for instruction in circuit.instructions() {
        match instruction.operation {
            Operation::Measure(bit) => out[bit.index()] = Some(instruction.qubits[0]),
            _ => {
                for bit in instruction.operation.clbits_written() {
                    out[bit.index()] = None;
                }
            }
        }
    }
    out
}

/// The same without bits that a condition reads: what was misread there has had its effect already.
pub(crate) fn unread_qubits(circuit: &Circuit) -> Vec<Option<Qubit>> {
    let mut out = measured_qubits(circuit);
    for instruction in circuit.instructions() {
        for bit in instruction.operation.clbits_read() {
            out[bit.index()] = None;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::{Clbit, Expr};

    #[test]
    fn the_last_measurement_counts_and_bodies_leave_it_open() {
        let mut circuit = Circuit::new(3, 4);
        circuit
            .measure(0, 0)
            .unwrap()
            .measure(1, 0)
            .unwrap()
            .measure(2, 1)
            .unwrap();
        let mut body = Circuit::new(1, 4);
        body.measure(0, 1).unwrap();
        circuit
            .if_else(Expr::Bit(Clbit::new(0)), body, None, &[2])
            .unwrap();
        circuit.measure(2, 2).unwrap();
        let found: Vec<Option<usize>> = measured_qubits(&circuit)
            .into_iter()
            .map(|qubit| qubit.map(Qubit::index))
            .collect();
        assert_eq!(found, [Some(1), None, Some(2), None]);
        assert_eq!(unread_qubits(&circuit)[0], None);
    }
}
