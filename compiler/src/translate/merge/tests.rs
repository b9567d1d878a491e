use ardea_circuit::random::random_circuit;
use ardea_circuit::{Bindings, Clbit, Expr, Symbol};
use rand::RngExt;

use super::super::TranslateToBasis;
use super::super::testing::{Setting, bound, count, difference};
use super::*;
use crate::synthesis::testing::random_source;

fn merged(setting: &Setting, circuit: &Circuit) -> Circuit {
    let translated = setting.run(&[&TranslateToBasis], circuit);
    let out = setting.run(&[&TranslateToBasis, &MergeOneQubit], circuit);
    assert!(cost(&out) <= cost(&translated));
    setting.check_native(&out);
    out
}

fn narrow() -> Vec<Gate> {
    Gate::ALL
        .into_iter()
        .filter(|gate| (1..=2).contains(&gate.num_qubits()))
        .collect()
}

#[test]
fn random_circuits_keep_their_operator_and_phase() {
    let mut random = random_source(50);
    for setting in Setting::all() {
        for _ in 0..25 {
            let circuit = random_circuit(&mut random, 3, 30, &narrow());
            let out = merged(&setting, &circuit);
            let error = difference(&out, &circuit);
            assert!(error < 1e-11, "off by {error:e}");
            assert_eq!(
                merged(&setting, &out),
                out,
                "merging again must change nothing"
            );
        }
    }
}

#[test]
fn symbolic_angles_merge_through_diagonal_gates_and_flips() {
    let setting = &Setting::all()[1];
    let a = || Angle::symbol("a");
    let mut circuit = Circuit::new(2, 0);
    circuit
        .rz(a(), 0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .x(0)
        .unwrap()
        .rz(a(), 0)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    let out = merged(setting, &circuit);
    // rz(a), then X, then rz(a) is X: nothing symbolic is left but the phase-free X.
    assert!(!out.is_symbolic(), "{}", out.draw());
    assert_eq!(count(&out, Gate::X), 1);
    let bindings: Bindings = [(Symbol::new("a"), Angle::from(0.7))].into();
    assert!(difference(&bound(&out, &bindings), &bound(&circuit, &bindings)) < 1e-13);
}

#[test]
fn random_symbolic_circuits_bind_to_what_they_were() {
    let mut random = random_source(51);
    for setting in Setting::all() {
        for _ in 0..20 {
            let mut circuit = Circuit::new(3, 0);
            for _ in 0..25 {
                let (p, q) = (random.random_range(0..3), random.random_range(1..3));
                let angle = Angle::symbol(["a", "b"][random.random_range(0..2)])
                    * f64::from(random.random_range(-2..3i32));
                match random.random_range(0..9) {
                    0 => circuit.x(p),
                    1 => circuit.h(p),
                    2 => circuit.s(p),
                    3 => circuit.rx(angle, p),
                    4 | 5 => circuit.rz(angle, p),
                    6 => circuit.cx(p, (p + q) % 3),
                    7 => circuit.rzz(angle, p, (p + q) % 3),
                    _ => circuit.cz(p, (p + q) % 3),
                }
                .unwrap();
            }
            let out = merged(&setting, &circuit);
            let bindings: Bindings = [
                (Symbol::new("a"), Angle::from(0.7)),
                (Symbol::new("b"), Angle::from(-2.9)),
            ]
            .into();
            let error = difference(&bound(&out, &bindings), &bound(&circuit, &bindings));
            assert!(
                error < 1e-12,
                "off by {error:e}\n{}\n{}",
                circuit.draw(),
                out.draw()
            );
        }
    }
}

#[test]
fn flips_move_through_cz_and_cancel() {
    let setting = &Setting::all()[1];
    let mut circuit = Circuit::new(2, 0);
    circuit
        .x(0)
        .unwrap()
        .x(1)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .x(0)
        .unwrap()
        .cz(1, 0)
        .unwrap()
        .y(1)
        .unwrap();
    let out = merged(setting, &circuit);
    assert_eq!(
        (count(&out, Gate::X), count(&out, Gate::SX)),
        (0, 0),
        "{}",
        out.draw()
    );
    assert!(difference(&out, &circuit) < 1e-13);
}

#[test]
fn runs_become_at_most_two_pulses() {
    let mut random = random_source(52);
    let ones: Vec<Gate> = narrow()
        .into_iter()
        .filter(|gate| gate.num_qubits() == 1)
        .collect();
    for _ in 0..50 {
        let circuit = random_circuit(&mut random, 1, 20, &ones);
        let out = merged(&Setting::all()[1], &circuit);
        assert!(out.len() <= 5 && count(&out, Gate::SX) <= 2);
        assert!(difference(&out, &circuit) < 1e-12);
    }
}

#[test]
fn nothing_moves_across_measurement_reset_barrier_or_conditions() {
    let setting = &Setting::all()[1];
    let mut body = Circuit::new(1, 1);
    body.sx(0).unwrap().sx(0).unwrap().sx(0).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit
        .x(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .x(0)
        .unwrap()
        .reset(0)
        .unwrap()
        .x(0)
        .unwrap()
        .barrier(&[0])
        .unwrap();
    circuit.x(0).unwrap().delay(1e-7, 0).unwrap().x(0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body.clone(), None, &[0])
        .unwrap();
    circuit.x(0).unwrap();
    let out = merged(setting, &circuit);
    assert_eq!(count(&out, Gate::X), 6, "{}", out.draw());
    let inside = out
        .instructions()
        .iter()
        .find(|instruction| instruction.operation.is_control_flow())
        .unwrap();
    let inside = inside.operation.bodies()[0].clone();
    assert!(difference(&inside, &body) < 1e-13);
    assert_eq!(count(&inside, Gate::SX), 1);
}
