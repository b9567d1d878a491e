use ardea_circuit::{Clbit, Expr};

use super::*;
use crate::schedule::fixtures::{builder, line, measured, random_native};
use crate::schedule::{insert_delays, schedule};

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1e-12)
}

#[test]
fn errors_multiply() {
    let mut circuit = Circuit::new(2, 2);
    circuit
        .x(0)
        .unwrap()
        .rz(1.0, 1)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .barrier(&[])
        .unwrap();
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    let found = estimate(&circuit, &line(2)).unwrap();
    let expected = (1.0 - 1e-4_f64).ln() + (1.0 - 1e-3_f64).ln() + 2.0 * (1.0 - 1e-2_f64).ln();
    assert!(close(found.log_success_gates, expected));
    assert_eq!(
        found.log_success_idle, 0.0,
        "nothing waits once it is awake"
    );
    assert!(close(found.success_probability, expected.exp()));
    assert!(close(found.duration_s, 140e-9));
}

#[test]
fn only_an_awake_qubit_decays() {
    // Qubit 0 is awake for 100 ns while qubit 1 waits in its ground state; then both go on.
    let mut circuit = Circuit::new(2, 0);
    circuit
        .x(0)
        .unwrap()
        .delay(100e-9, 0)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    let found = estimate(&circuit, &line(2)).unwrap();
    let rate = 1.0 / (6.0 * 200e-6) + 1.0 / (3.0 * 100e-6);
    assert!(
        close(found.log_success_idle, -100e-9 * rate),
        "{}",
        found.log_success_idle
    );
}

#[test]
fn a_wait_after_measurement_or_reset_costs_nothing() {
    let mut circuit = Circuit::new(1, 1);
    circuit
        .x(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .delay(1e-6, 0)
        .unwrap();
    circuit
        .reset(0)
        .unwrap()
        .delay(1e-6, 0)
        .unwrap()
        .x(0)
        .unwrap();
    assert_eq!(estimate(&circuit, &line(1)).unwrap().log_success_idle, 0.0);
}

#[test]
fn making_idle_time_explicit_changes_nothing() {
    for seed in 0..30 {
        let (native, target) = (measured(random_native(4, 80, seed)), line(4));
        let mut circuit = native.same_shape();
        let gates = native.instructions().iter();
        for gate in gates.filter(|gate| !matches!(gate.operation, Operation::Delay(..))) {
            circuit.push_instruction(gate.clone()).unwrap();
        }
        let timeline = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
        let padded = insert_delays(&circuit, &target, &timeline, ScheduleMode::Alap).unwrap();
        let (a, b) = (
            estimate(&circuit, &target).unwrap(),
            estimate(&padded, &target).unwrap(),
        );
        assert!(
            close(a.log_success_idle, b.log_success_idle)
                && a.log_success_gates == b.log_success_gates
        );
        assert!(a.log_success_idle < 0.0);
        assert_eq!(a.duration_s, b.duration_s);
    }
}

#[test]
fn a_broken_gate_keeps_the_sum_finite() {
    let target = builder(2).dead_edges(&[(0, 1)]).build().unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.cz(0, 1).unwrap();
    let found = estimate(&circuit, &target).unwrap();
    assert!(close(found.log_success_gates, 1e-300_f64.ln()));
    assert!(found.success_probability < 1e-299);
}

#[test]
fn times_that_were_not_measured_do_not_limit() {
    let mut circuit = Circuit::new(1, 0);
    circuit.x(0).unwrap().delay(1e-3, 0).unwrap().x(0).unwrap();
    let ideal = builder(1).ideal().build().unwrap();
    assert_eq!(estimate(&circuit, &ideal).unwrap().success_probability, 1.0);
}

#[test]
fn the_most_costly_body_counts() {
    let mut cheap = Circuit::new(2, 1);
    cheap.x(0).unwrap();
    let mut costly = Circuit::new(2, 1);
    costly.cz(0, 1).unwrap().cz(0, 1).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit
        .if_else(
            Expr::bit_is(Clbit::new(0), true),
            cheap,
            Some(costly),
            &[0, 1],
        )
        .unwrap();
    let found = estimate(&circuit, &line(2)).unwrap();
    assert!(close(found.log_success_gates, 2.0 * (1.0 - 1e-3_f64).ln()));
    assert!(close(found.duration_s, 60e-9));
}

#[test]
fn figures_of_boston_are_used_qubit_by_qubit() {
    let target = Target::bundled("boston").unwrap();
    let mut circuit = Circuit::new(156, 2);
    circuit
        .sx(0)
        .unwrap()
        .cz(1, 0)
        .unwrap()
        .measure(0, 0)
        .unwrap();
    let found = estimate(&circuit, &target).unwrap();
    let sx = target
        .instruction(ardea_circuit::Gate::SX, &[Qubit::new(0)])
        .unwrap()
        .error;
    let expected = [sx, 0.0008309034273122351, 0.004150390625]
        .iter()
        .map(|e| (1.0 - e).ln())
        .sum();
    assert!(close(found.log_success_gates, expected));
    assert!(close(found.duration_s, (32.0 + 68.0 + 2200.0) * 1e-9));
}
