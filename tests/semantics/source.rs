//! Random circuits over everything that a circuit can hold without measuring.

use ardea::circuit::random::{random_circuit, random_qubits};
use ardea::{Circuit, Gate, Operation};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// `length` operations: mostly standard gates of every kind, and now and then a gate under open and closed controls, a
/// matrix, a call of a gate made from a circuit, an inverse, a power or a barrier.
pub(crate) fn random_mixture(rng: &mut Pcg64Mcg, num_qubits: usize, length: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for _ in 0..length {
        let (operation, width) = match rng.random_range(0..20) {
            0 => controlled(rng, num_qubits),
            1 => matrix(rng, num_qubits),
            2 => call(rng, num_qubits),
            3 => (Operation::Barrier, num_qubits),
            _ => standard(rng, num_qubits),
        };
        let qubits = random_qubits(rng, num_qubits, width);
        circuit.push(operation, &qubits).unwrap();
    }
    circuit.add_global_phase(rng.random_range(-3.0..3.0));
    circuit
}

fn standard(rng: &mut Pcg64Mcg, num_qubits: usize) -> (Operation, usize) {
    loop {
        // A global phase leaves no instruction behind: draw again.
        let drawn = random_circuit(rng, num_qubits, 1, &Gate::ALL).into_instructions();
        if let Some(instruction) = drawn.into_iter().next() {
            return (instruction.operation, instruction.qubits.len());
        }
    }
}

fn controlled(rng: &mut Pcg64Mcg, num_qubits: usize) -> (Operation, usize) {
    if num_qubits < 2 {
        return standard(rng, num_qubits);
    }
    let (base, width) = standard(rng, (num_qubits - 1).min(2));
    let controls = rng.random_range(1..=(num_qubits - width).min(3));
    let state: Vec<bool> = (0..controls).map(|_| rng.random_bool(0.5)).collect();
    (base.controlled(&state).unwrap(), width + controls)
}

fn matrix(rng: &mut Pcg64Mcg, num_qubits: usize) -> (Operation, usize) {
    let width = rng.random_range(1..=num_qubits.min(3));
    let source = random_circuit(rng, width, 8, &Gate::ALL);
    (
        Operation::unitary(source.to_matrix().unwrap()).unwrap(),
        width,
    )
}

fn call(rng: &mut Pcg64Mcg, num_qubits: usize) -> (Operation, usize) {
    let width = rng.random_range(1..=num_qubits.min(4));
    let gate = random_circuit(rng, width, 4, &Gate::ALL)
        .to_gate("mine")
        .unwrap();
    (
        if rng.random_bool(0.3) {
            gate.inverse().unwrap()
        } else {
            gate
        },
        width,
    )
}
