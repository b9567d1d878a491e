use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::random::random_circuit;
use ardea_circuit::{C64, Circuit, Gate, Operation, Qubit};
use nalgebra::Matrix4;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::reference;
use crate::under_miri::{sampled, smaller};

/// Qubits of the widest random circuit.
const WIDE: usize = smaller(WIDEST, 7);

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
    for seed in 0..smaller(5 * WIDE, WIDE) as u64 {
        let qubits = 1 + seed as usize % WIDE;
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut circuit = random_circuit(&mut rng, qubits, smaller(80, 20), &narrow_gates());
        circuit.add_global_phase(0.4);
        let expected = reference::statevector(&circuit).unwrap();
        for width in Width::available() {
            let double = amplitudes::<f64>(&circuit, width);
            assert!(distance(&double, &expected) < 1e-12, "seed {seed}, {width}");
            let single = amplitudes::<f32>(&circuit, width);
            assert!(distance(&single, &expected) < 1e-4, "seed {seed}, {width}");
        }
    }
}

#[test]
fn circuits_that_are_kept_are_right_however_they_were_read() {
    for seed in 0..smaller(4 * WIDE, WIDE) as u64 {
        let qubits = 1 + seed as usize % WIDE;
        let mut rng = Pcg64Mcg::seed_from_u64(100 + seed);
        let mut circuit = random_circuit(&mut rng, qubits, smaller(60, 20), &narrow_gates());
        circuit.add_global_phase(-1.3);
        let expected = reference::statevector(&circuit).unwrap();
        for effort in [Effort::Once, Effort::Often] {
            let kept = BriefCircuit::<f64>::read(&circuit, effort).unwrap();
            for _ in 0..2 {
                let (state, warning) = kept.run().unwrap();
                assert_eq!(warning, None);
                let state = state.into_full().unwrap();
                let apart = distance(state.amplitudes(), &expected);
                assert!(apart < 1e-12, "seed {seed}, {effort:?}");
            }
        }
    }
}

#[test]
fn gates_that_repeat_on_a_pair_become_one() {
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap().h(1).unwrap();
    for _ in 0..5 {
        circuit.rxx(0.3, 0, 1).unwrap().ryy(0.3, 0, 1).unwrap();
        circuit.rz(0.1, 0).unwrap().cx(0, 1).unwrap();
    }
    let kept = BriefCircuit::<f64>::read(&circuit, Effort::Often).unwrap();
    assert_eq!(kept.steps.len(), 1);
    let expected = reference::statevector(&circuit).unwrap();
    let found = kept.run().unwrap().0;
    assert!(distance(found.amplitudes(), &expected) < 1e-13);
}

#[test]
fn long_circuits_run_in_batches() {
    const QUBITS: usize = smaller(6, 3);
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let gates = smaller(5 * BATCH, BATCH + BATCH / 4);
    let mut circuit = random_circuit(&mut rng, QUBITS, gates, &narrow_gates());
    // One qubit starts late.
    let mut all = Circuit::new(QUBITS + 1, 0);
    let map: Vec<Qubit> = (0..QUBITS).map(Qubit::new).collect();
    all.append(&circuit, &map, &[]).unwrap();
    all.h(QUBITS).unwrap().cx(QUBITS, 2).unwrap();
    circuit = all;
    let expected = reference::statevector(&circuit).unwrap();
    let found = amplitudes::<f64>(&circuit, Width::detect());
    assert!(distance(&found, &expected) < 1e-11);
}

#[test]
fn only_plain_circuits_on_few_qubits_are_kept() {
    let read = |circuit: &Circuit| BriefCircuit::<f32>::read(circuit, Effort::Once).is_some();
    let mut circuit = Circuit::new(WIDEST, 1);
    circuit.h(0).unwrap().cx(0, 1).unwrap();
    assert!(read(&circuit));
    let mut measured = circuit.clone();
    measured.measure(0, 0).unwrap();
    assert!(!read(&measured));
    let mut wide = circuit.clone();
    wide.ccx(0, 1, 2).unwrap();
    assert!(!read(&wide));
    let mut symbolic = circuit;
    symbolic.rx(ardea_circuit::Angle::symbol("a"), 0).unwrap();
    assert!(!read(&symbolic));
    assert!(!read(&Circuit::new(WIDEST + 1, 0)));
}

#[test]
fn every_gate_is_right_on_every_pair_of_qubits() {
    const QUBITS: usize = smaller(7, 4);
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let blend = random_circuit(&mut rng, QUBITS, smaller(60, 10), &narrow_gates());
    let on_pairs = narrow_gates().into_iter();
    for gate in sampled(on_pairs.filter(|gate| gate.num_qubits() == 2).collect()) {
        let angles: Vec<f64> = (0..gate.num_angles()).map(|i| 0.3 + i as f64).collect();
        let mut all = blend.clone();
        for first in 0..QUBITS {
            for second in (0..QUBITS).filter(|&second| second != first) {
                let operation = Operation::with_values(gate, &angles).unwrap();
                all.push(operation, &[Qubit::new(first), Qubit::new(second)])
                    .unwrap();
            }
        }
        let expected = reference::statevector(&all).unwrap();
        for width in Width::available() {
            let double = amplitudes::<f64>(&all, width);
            assert!(distance(&double, &expected) < 1e-12, "{gate}, {width}");
            let single = amplitudes::<f32>(&all, width);
            assert!(distance(&single, &expected) < 1e-4, "{gate}, {width}");
        }
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
    let block = [C64::ZERO, C64::ONE, C64::ONE, C64::ZERO];
    let identity = [C64::ONE, C64::ZERO, C64::ZERO, C64::ONE];
    let expected = gates::Form::Pairs {
        flip: 3,
        blocks: [identity, block],
    };
    assert_eq!(gates::Form::of(&matrix), expected);
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
