use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::random::random_circuit;
use ardea_circuit::{C64, Circuit, Gate, Operation, Qubit};
use nalgebra::{DMatrix, Matrix4};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::reference;

fn amplitudes<T: Real>(circuit: &Circuit, width: Width) -> Vec<C64> {
    let skip = vec![false; circuit.len()];
    let active = Active::all(circuit.num_qubits());
    let options = SimOptions {
        width: Some(width),
        ..SimOptions::default()
    };
    let found = state::<T>(circuit, &active, &skip, &options)
        .unwrap()
        .unwrap();
    let wide = |z: &Complex<T>| C64::new(z.re.as_f64(), z.im.as_f64());
    found.iter().map(wide).collect()
}

fn distance(a: &[C64], b: &[C64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let parts = a.iter().zip(b).map(|(a, b)| (a - b).norm());
    parts.fold(0.0, f64::max)
}

/// Every gate on one and two qubits.
fn narrow_gates() -> Vec<Gate> {
    let narrow = |gate: &Gate| gate.num_qubits() <= 2;
    Gate::ALL.into_iter().filter(narrow).collect()
}

#[test]
fn random_circuits_agree_with_the_reference_at_every_width() {
    for seed in 0..72 {
        let qubits = 1 + seed as usize % WIDEST;
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut circuit = random_circuit(&mut rng, qubits, 80, &narrow_gates());
        circuit.add_global_phase(0.4);
        let expected = reference::statevector(&circuit).unwrap();
        let portable = amplitudes::<f64>(&circuit, Width::PORTABLE);
        assert!(distance(&portable, &expected) < 1e-12, "seed {seed}");
        for width in Width::available() {
            assert_eq!(amplitudes::<f64>(&circuit, width), portable, "{width}");
            let single = amplitudes::<f32>(&circuit, width);
            assert!(distance(&single, &expected) < 1e-4, "seed {seed}");
        }
    }
}

#[test]
fn every_gate_is_right_on_every_pair_of_qubits() {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let blend = random_circuit(&mut rng, WIDEST, 60, &narrow_gates());
    for gate in narrow_gates()
        .into_iter()
        .filter(|gate| gate.num_qubits() == 2)
    {
        let angles: Vec<f64> = (0..gate.num_angles()).map(|i| 0.3 + i as f64).collect();
        let mut all = blend.clone();
        for first in 0..WIDEST {
            for second in (0..WIDEST).filter(|&second| second != first) {
                let operation = Operation::with_values(gate, &angles).unwrap();
                all.push(operation, &[Qubit::new(first), Qubit::new(second)])
                    .unwrap();
            }
        }
        let expected = reference::statevector(&all).unwrap();
        let found = amplitudes::<f64>(&all, Width::detect());
        assert!(distance(&found, &expected) < 1e-11, "{}", gate.name());
    }
}

#[test]
fn matrices_take_in_what_stands_before_them() {
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let mut circuit = random_circuit(&mut rng, 9, 30, &[Gate::U]);
    for (first, second) in [(0, 1), (3, 2), (1, 7), (8, 0), (5, 6), (8, 4)] {
        let block = random_circuit(&mut rng, 2, 9, &narrow_gates());
        let matrix = block.to_matrix().unwrap();
        circuit.u(0.3, 0.2, 0.1, first).unwrap();
        let qubits = [Qubit::new(first), Qubit::new(second)];
        circuit
            .push(Operation::unitary(matrix).unwrap(), &qubits)
            .unwrap();
    }
    let expected = reference::statevector(&circuit).unwrap();
    let found = amplitudes::<f64>(&circuit, Width::detect());
    assert!(distance(&found, &expected) < 1e-12);
}

#[test]
fn idle_qubits_have_no_amplitudes_and_wider_gates_are_left_to_the_plan() {
    let mut circuit = Circuit::new(40, 1);
    circuit.h(3).unwrap().id(5).unwrap().cx(3, 38).unwrap();
    circuit.measure(38, 0).unwrap();
    let active = Active::of(&circuit);
    let skip = [false, false, false, true];
    let found = state::<f64>(&circuit, &active, &skip, &SimOptions::default())
        .unwrap()
        .unwrap();
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let bell = [half, 0.0, 0.0, half].map(C64::from);
    assert!(distance(&found, &bell) < 1e-15);
    circuit.ccx(0, 1, 2).unwrap();
    let active = Active::of(&circuit);
    assert!(
        state::<f64>(&circuit, &active, &[false; 5], &SimOptions::default())
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_matrix_that_only_exchanges_is_read_as_such() {
    let mut matrix = Matrix4::<C64>::identity();
    matrix.swap_rows(1, 2);
    let operation =
        Operation::unitary(DMatrix::from_iterator(4, 4, matrix.iter().copied())).unwrap();
    assert!(matches!(
        gates::Gate::of(&operation, 4, 2),
        Some(gates::Gate::Exchange {
            low: 2,
            high: 4,
            ..
        })
    ));
}

#[test]
fn a_run_that_is_to_end_says_so() {
    let mut circuit = Circuit::new(1, 0);
    circuit.h(0).unwrap();
    let options = SimOptions {
        interrupt: Some(Arc::new(AtomicBool::new(true))),
        ..SimOptions::default()
    };
    let ended = crate::simulate::<f64>(&circuit, &options);
    assert!(matches!(ended, Err(SimulatorError::Interrupted)));
}
