//! How many sweeps through memory the plans of known circuits take.

use std::f64::consts::PI;

use ardea_circuit::Circuit;

use crate::engine::plan;
use crate::options::SimOptions;

fn sweeps(circuit: &Circuit) -> usize {
    plan(circuit, &SimOptions::default()).unwrap().num_sweeps()
}

#[test]
fn a_fourier_transform_of_26_qubits_takes_6_sweeps() {
    let mut circuit = Circuit::new(26, 0);
    for target in (0..26).rev() {
        circuit.h(target).unwrap();
        for control in (0..target).rev() {
            let angle = PI / 2f64.powi((target - control) as i32);
            circuit.cp(angle, control, target).unwrap();
        }
    }
    (0..13).for_each(|low| drop(circuit.swap(low, 25 - low).map(|_| ())));
    assert!(sweeps(&circuit) <= 6, "{} sweeps", sweeps(&circuit));
}

#[test]
fn a_run_of_diagonal_gates_takes_one_sweep() {
    let mut circuit = Circuit::new(26, 0);
    for qubit in 0..26 {
        circuit.rz(0.1 + qubit as f64, qubit).unwrap();
        circuit.t(qubit).unwrap();
        for other in 0..qubit {
            circuit.rzz(0.3, other, qubit).unwrap();
            circuit.cz(other, qubit).unwrap();
        }
    }
    assert_eq!(sweeps(&circuit), 1);
}
