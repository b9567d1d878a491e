use ardea_circuit::{Angle, Circuit, Clbit, Expr};

use super::*;
use crate::Preserve;
use crate::optimise::testing::check_on_random_programs;

/// Runs the pass and checks the operator, global phase included.
fn cancelled(circuit: &Circuit) -> Circuit {
    let mut out = circuit.clone();
    cancel(&mut out).unwrap();
    let difference = (circuit.to_matrix().unwrap() - out.to_matrix().unwrap()).norm();
    assert!(
        difference < 1e-9,
        "{difference}: {circuit:?} became {out:?}"
    );
    out
}

#[test]
fn controlled_nots_cancel_through_what_commutes_with_them() {
    let mut circuit = Circuit::new(3, 0);
    circuit
        .cx(0, 1)
        .unwrap()
        .rz(0.3, 0)
        .unwrap()
        .cx(0, 2)
        .unwrap()
        .sx(1)
        .unwrap()
        .rz(0.4, 0)
        .unwrap()
        .cx(0, 1)
        .unwrap();
    let out = cancelled(&circuit);
    assert_eq!(out.count_ops().get("cx"), Some(&1));
    assert_eq!(out.count_ops().get("rz"), Some(&1));
}

#[test]
fn rotations_of_different_names_merge_and_keep_the_phase() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .t(0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .rz(-0.5, 0)
        .unwrap()
        .p(0.2, 0)
        .unwrap()
        .z(0)
        .unwrap()
        .cz(1, 0)
        .unwrap();
    assert_eq!(cancelled(&circuit).len(), 1);
}

#[test]
fn pauli_rotations_that_commute_as_strings_are_passed() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .rxx(0.3, 0, 1)
        .unwrap()
        .ryy(0.5, 0, 1)
        .unwrap()
        .rzz(0.7, 1, 0)
        .unwrap()
        .rxx(-0.3, 1, 0)
        .unwrap();
    assert_eq!(cancelled(&circuit).len(), 2);
}

#[test]
fn controlled_rotations_do_not_commute_on_their_targets_with_other_axes() {
    // Qiskit issue 16164: a full turn of crx commutes, crx in general does not.
    let mut circuit = Circuit::new(2, 0);
    circuit
        .crx(0.3, 0, 1)
        .unwrap()
        .crz(0.4, 0, 1)
        .unwrap()
        .crx(-0.3, 0, 1)
        .unwrap();
    assert_eq!(cancelled(&circuit).len(), 3);
    let mut through_control = Circuit::new(3, 0);
    through_control
        .crx(0.3, 0, 1)
        .unwrap()
        .cry(0.4, 0, 2)
        .unwrap()
        .crx(-0.3, 0, 1)
        .unwrap();
    assert_eq!(cancelled(&through_control).len(), 1);
}

#[test]
fn half_a_period_of_a_controlled_rotation_survives() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .crz(std::f64::consts::PI, 0, 1)
        .unwrap()
        .crz(std::f64::consts::PI, 0, 1)
        .unwrap();
    assert_eq!(cancelled(&circuit).len(), 1);
}

#[test]
fn symbolic_rotations_cancel() {
    let theta = Angle::symbol("theta");
    let mut circuit = Circuit::new(2, 0);
    circuit
        .rz(theta.clone(), 0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .rz(-theta.clone(), 0)
        .unwrap()
        .cx(0, 1)
        .unwrap();
    circuit
        .u(theta.clone(), 0.1, 0.2, 1)
        .unwrap()
        .u(-theta, -0.2, -0.1, 1)
        .unwrap();
    assert_eq!(cancel(&mut circuit), Ok(Change::Changed));
    assert!(circuit.is_empty());
}

#[test]
fn barriers_measurements_and_conditions_are_not_passed() {
    let mut circuit = Circuit::new(1, 1);
    circuit
        .x(0)
        .unwrap()
        .barrier(&[0])
        .unwrap()
        .x(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .x(0)
        .unwrap();
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[0])
        .unwrap()
        .x(0)
        .unwrap();
    assert_eq!(cancel(&mut circuit), Ok(Change::Unchanged));
}

#[test]
fn random_programs_keep_their_meaning() {
    for preserve in [Preserve::Counts, Preserve::State, Preserve::Unitary] {
        let changed = check_on_random_programs(&CancelCommuting, preserve, 150);
        assert!(changed > 10, "{preserve}: {changed}");
    }
}
