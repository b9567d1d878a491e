use ardea_circuit::random::random_circuit;
use ardea_circuit::{Angle, Clbit, Expr};

use super::super::testing::{Setting, count, difference};
use super::super::{MergeOneQubit, TranslateToBasis};
use super::*;
use crate::synthesis::testing::random_source;

fn narrow() -> Vec<Gate> {
    Gate::ALL
        .into_iter()
        .filter(|gate| (1..=2).contains(&gate.num_qubits()))
        .collect()
}

fn two_qubit_count(circuit: &Circuit) -> usize {
    circuit
        .instructions()
        .iter()
        .filter(|instruction| instruction.qubits.len() == 2)
        .count()
}

#[test]
fn random_circuits_keep_their_operator_and_never_grow() {
    let mut random = random_source(60);
    for setting in Setting::all() {
        for round in 0..25 {
            let circuit = random_circuit(&mut random, 2 + round % 3, 40, &narrow());
            let before = setting.run(&[&TranslateToBasis], &circuit);
            let after = setting.run(
                &[&TranslateToBasis, &ResynthesizeTwoQubit, &MergeOneQubit],
                &circuit,
            );
            setting.check_native(&after);
            assert!(two_qubit_count(&after) <= two_qubit_count(&before));
            let error = difference(&after, &circuit);
            assert!(error < 1e-10, "off by {error:e}");
            if circuit.num_qubits() == 2 {
                assert!(two_qubit_count(&after) <= 3);
            }
            let direct = setting.run(&[&ResynthesizeTwoQubit, &TranslateToBasis], &circuit);
            assert!(difference(&direct, &circuit) < 1e-10);
            let gathered = setting.run(&[&ConsolidateBlocks, &TranslateToBasis], &circuit);
            assert!(difference(&gathered, &circuit) < 1e-10);
            setting.check_native(&gathered);
        }
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let mut random = random_source(61);
    let setting = &Setting::all()[1];
    for _ in 0..10 {
        let circuit = random_circuit(&mut random, 4, 60, &narrow());
        let once = setting.run(
            &[&TranslateToBasis, &ResynthesizeTwoQubit, &MergeOneQubit],
            &circuit,
        );
        let twice = setting.run(&[&ResynthesizeTwoQubit], &once);
        assert_eq!(two_qubit_count(&once), two_qubit_count(&twice));
    }
}

#[test]
fn blocks_end_at_everything_that_is_not_a_gate_on_the_pair() {
    let setting = &Setting::all()[1];
    let mut body = Circuit::new(2, 1);
    body.cx(0, 1).unwrap().cx(0, 1).unwrap().cz(0, 1).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit
        .cz(0, 1)
        .unwrap()
        .barrier(&[0])
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    circuit
        .reset(1)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .delay(1e-7, 0)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1, 0])
        .unwrap();
    circuit
        .cz(0, 1)
        .unwrap()
        .rz(Angle::symbol("a"), 0)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    let out = setting.run(&[&ResynthesizeTwoQubit], &circuit);
    assert_eq!(count(&out, Gate::CZ), 7);
    let inside = out
        .instructions()
        .iter()
        .find(|instruction| instruction.operation.is_control_flow())
        .unwrap();
    assert_eq!(count(inside.operation.bodies()[0], Gate::CZ), 1);
}

#[test]
fn runs_that_cancel_disappear() {
    let setting = &Setting::all()[1];
    let mut circuit = Circuit::new(2, 0);
    circuit
        .cx(0, 1)
        .unwrap()
        .h(0)
        .unwrap()
        .h(0)
        .unwrap()
        .cx(0, 1)
        .unwrap();
    let out = setting.run(
        &[&TranslateToBasis, &ResynthesizeTwoQubit, &MergeOneQubit],
        &circuit,
    );
    assert!(out.is_empty(), "{}", out.draw());
    assert!(difference(&out, &circuit) < 1e-13);
}

#[test]
fn consolidated_blocks_are_single_operations() {
    let setting = &Setting::all()[0];
    let mut circuit = Circuit::new(3, 0);
    circuit
        .cx(0, 1)
        .unwrap()
        .rz(0.3, 1)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .cx(1, 2)
        .unwrap();
    let out = setting.run(&[&ConsolidateBlocks], &circuit);
    assert_eq!(out.len(), 2);
    assert!(difference(&out, &circuit) < 1e-13);
}

#[test]
fn two_cz_are_kept_exactly_where_both_are_needed() {
    let setting = &Setting::all()[1];
    let angles = [
        0.0,
        1e-11,
        0.4,
        std::f64::consts::FRAC_PI_2,
        std::f64::consts::PI,
        2.0,
        -std::f64::consts::FRAC_PI_2,
    ];
    for s in angles {
        for t in angles {
            let mut circuit = Circuit::new(2, 0);
            circuit
                .cz(0, 1)
                .unwrap()
                .rz(0.3, 0)
                .unwrap()
                .ry(s, 0)
                .unwrap();
            circuit
                .rx(t, 1)
                .unwrap()
                .rz(1.3, 1)
                .unwrap()
                .cz(1, 0)
                .unwrap();
            let product = circuit.to_matrix().unwrap();
            let product = nalgebra::Matrix4::from_iterator(product.iter().copied());
            let least = cz_count(&Weyl::of(&product).coordinates);
            let out = setting.run(&[&TranslateToBasis, &ResynthesizeTwoQubit], &circuit);
            assert_eq!(count(&out, Gate::CZ), least, "{s} {t}");
        }
    }
}
