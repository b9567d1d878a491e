//! Random circuits and programs for tests and benchmarks, reproducible from a seed.

use rand::{Rng, RngExt};

use crate::{Angle, Circuit, Gate, Operation, Qubit};

mod program;

pub use program::{ProgramSize, random_program};

/// A random circuit of `num_gates` standard gates drawn from `gates`, on random distinct qubits,
/// with angles between -2 pi and 2 pi, a fifth of them multiples of pi/4.
///
/// Gates wider than the circuit are never drawn; with none left the circuit is empty.
pub fn random_circuit(
    rng: &mut impl Rng,
    num_qubits: usize,
    num_gates: usize,
    gates: &[Gate],
) -> Circuit {
    let fitting: Vec<Gate> = gates
        .iter()
        .copied()
        .filter(|g| g.num_qubits() <= num_qubits)
        .collect();
    let mut circuit = Circuit::new(num_qubits, 0);
    if fitting.is_empty() {
        return circuit;
    }
    for _ in 0..num_gates {
        let gate = fitting[rng.random_range(0..fitting.len())];
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|_| random_angle(rng).into())
            .collect();
        let qubits = random_qubits(rng, num_qubits, gate.num_qubits());
        let operation = Operation::gate(gate, &angles).expect("the gate has its angles");
        circuit
            .push(operation, &qubits)
            .expect("the qubits are distinct and in range");
    }
    circuit
}

/// `count` distinct qubits below `num_qubits`, in random order.
///
/// # Panics
/// When there are fewer qubits than asked for.
pub fn random_qubits(rng: &mut impl Rng, num_qubits: usize, count: usize) -> Vec<Qubit> {
    assert!(
        count <= num_qubits,
        "{count} distinct qubits out of {num_qubits}"
    );
    let mut all: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
    for i in 0..count {
        all.swap(i, rng.random_range(i..num_qubits));
    }
    all.truncate(count);
    all
}

/// An angle between -2 pi and 2 pi; one in five is a multiple of pi/4, where special cases live.
pub fn random_angle(rng: &mut impl Rng) -> f64 {
    use std::f64::consts::{FRAC_PI_4, PI};
    if rng.random_bool(0.2) {
        f64::from(rng.random_range(-8i32..=8)) * FRAC_PI_4
    } else {
        rng.random_range(-2.0 * PI..2.0 * PI)
    }
}
