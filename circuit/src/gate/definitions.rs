//! How definitions are written down, and the phase polynomial behind multi-controlled phases.

use super::Gate;
use crate::{Angle, Circuit, Operation, Qubit};

/// A circuit from a list of (gate, angles, qubits).
///
/// # Panics
/// When the list is not a valid circuit: it is part of the gate table, which the tests walk.
pub(super) fn define(num_qubits: usize, gates: &[(Gate, &[Angle], &[usize])]) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for (gate, angles, qubits) in gates {
        let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit::new(q)).collect();
        let operation =
            Operation::gate(*gate, angles).expect("a definition gives each gate its angles");
        circuit
            .push(operation, &qubits)
            .expect("a definition stays within its qubits");
    }
    circuit
}

/// exp(i lambda) on |1...1> of `num_qubits` qubits as CX and P gates, 2^n - 2 CX.
///
/// The product of n bits is a signed sum over all their parities,
/// `x1 ... xn = 2^(1-n) sum_S (-1)^(|S|+1) parity_S`. Each qubit in turn visits the parities it
/// forms with the earlier ones in Gray-code order, one CX a step (Barenco et al., 1995,
/// quant-ph/9503016, section 7.1).
pub(crate) fn multi_controlled_phase(lambda: &Angle, num_qubits: usize) -> Circuit {
    let share = 1.0 / f64::from(1u32 << (num_qubits - 1));
    let mut circuit = Circuit::new(num_qubits, 0);
    for target in 0..num_qubits {
        let mut parity = 0usize;
        for step in 0..1usize << target {
            let sign = if parity.count_ones().is_multiple_of(2) {
                1.0
            } else {
                -1.0
            };
            circuit.extend(&define(
                num_qubits,
                &[(Gate::P, &[lambda.clone() * (sign * share)], &[target])],
            ));
            if target > 0 {
                // The last step closes the Gray cycle and restores the target.
                let bit = ((step + 1).trailing_zeros() as usize).min(target - 1);
                circuit.extend(&define(num_qubits, &[(Gate::CX, &[], &[bit, target])]));
                parity ^= 1 << bit;
            }
        }
    }
    circuit
}
