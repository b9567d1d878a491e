use ardea_device::Target;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::CompileOptions;

fn shortened(circuit: &Circuit) -> Circuit {
    let target = Target::all_to_all(circuit.num_qubits()).unwrap();
    let options = CompileOptions::default();
    let mut context = Context::new(&target, &options, circuit.num_qubits());
    let mut out = circuit.clone();
    ShortenWindows { fits: 400 }
        .run(&mut out, &mut context)
        .unwrap();
    out
}

fn random_circuit(num_qubits: usize, gates: usize, seed: u64) -> Circuit {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut circuit = Circuit::new(num_qubits, 0);
    for _ in 0..gates {
        let a = random.random_range(0..num_qubits);
        let b = (a + random.random_range(1..num_qubits)) % num_qubits;
        let angle = random.random_range(-3.0..3.0);
        match random.random_range(0..4) {
            0 => circuit.rx(angle, a).unwrap(),
            1 => circuit.rz(angle, a).unwrap(),
            2 => circuit.cx(a, b).unwrap(),
            _ => circuit.cz(a, b).unwrap(),
        };
    }
    circuit
}

#[test]
fn the_operator_stays_with_its_global_phase() {
    for seed in 0..8 {
        let circuit = random_circuit(4, 60, seed);
        let out = shortened(&circuit);
        let difference = (circuit.to_matrix().unwrap() - out.to_matrix().unwrap()).norm();
        assert!(difference < 1e-8, "seed {seed}: {difference:e}");
    }
}

#[test]
fn more_gates_than_three_qubits_need_are_left_out() {
    let circuit = random_circuit(3, 120, 3);
    let out = shortened(&circuit);
    assert!(
        out.two_qubit_count() + 20 < circuit.two_qubit_count(),
        "{} of {}",
        out.two_qubit_count(),
        circuit.two_qubit_count()
    );
}

#[test]
fn windows_end_at_what_is_no_gate() {
    let mut circuit = Circuit::new(3, 1);
    circuit.cx(0, 1).unwrap().cx(1, 2).unwrap();
    circuit.measure(1, 0).unwrap();
    circuit.cx(0, 1).unwrap().cx(0, 2).unwrap();
    let windows = gather(&circuit);
    assert_eq!(windows[0].members, [0, 1]);
    assert!(windows.iter().all(|window| !window.members.contains(&2)));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let circuit = random_circuit(5, 120, 11);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| shortened(&circuit))
    };
    assert_eq!(run(1), run(4));
}
