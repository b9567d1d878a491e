use std::f64::consts::{FRAC_PI_2, PI};

use ardea_circuit::{Angle, Bindings, Symbol};
use rand::RngExt;

use super::super::testing::{Setting, bound, count, difference};
use super::*;
use crate::synthesis::testing::{random_source, random_unitary, special_angles};

fn narrow_gates() -> impl Iterator<Item = Gate> {
    Gate::ALL
        .into_iter()
        .filter(|gate| (1..=2).contains(&gate.num_qubits()))
}

fn single(gate: Gate, angles: &[Angle], reversed: bool) -> Circuit {
    let mut circuit = Circuit::new(2, 0);
    let mut qubits: Vec<Qubit> = (0..gate.num_qubits()).map(Qubit::new).collect();
    if reversed {
        qubits.reverse();
    }
    circuit
        .push(Operation::gate(gate, angles).unwrap(), &qubits)
        .unwrap();
    circuit
}

fn check(circuit: &Circuit, bound: f64) {
    for setting in Setting::all() {
        let out = setting.run(&[&TranslateToBasis], circuit);
        setting.check_native(&out);
        let error = difference(&out, circuit);
        assert!(
            error < bound,
            "off by {error:e} for {:?}:\n{}\n{}",
            setting.target.basis(),
            circuit.draw(),
            out.draw()
        );
    }
}

#[test]
fn every_gate_is_translated_exactly_at_random_angles() {
    let mut random = random_source(40);
    for gate in narrow_gates() {
        for round in 0..if gate.num_angles() == 0 { 2 } else { 12 } {
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|_| Angle::from(random.random_range(-7.0..7.0)))
                .collect();
            check(&single(gate, &angles, round % 2 == 1), 1e-12);
        }
    }
}

#[test]
fn every_gate_is_translated_exactly_at_special_angles() {
    for gate in narrow_gates().filter(|gate| gate.num_angles() > 0) {
        for (place, angle) in special_angles().into_iter().enumerate() {
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|k| {
                    Angle::from(if k == 0 {
                        angle
                    } else {
                        special_angles()[(place * (k + 5)) % 50]
                    })
                })
                .collect();
            check(&single(gate, &angles, place % 2 == 1), 3.0 * TOLERANCE);
        }
    }
}

#[test]
fn symbolic_gates_bind_to_what_they_were() {
    let names = ["a", "b", "c", "d"];
    for gate in narrow_gates().filter(|gate| gate.num_angles() > 0) {
        // Each choice of which angles are symbolic.
        for mask in 1..1usize << gate.num_angles() {
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|k| {
                    if mask >> k & 1 == 1 {
                        Angle::symbol(names[k]) * 1.5 + 0.25.into()
                    } else {
                        Angle::from(0.4 + k as f64)
                    }
                })
                .collect();
            let circuit = single(gate, &angles, mask % 2 == 0);
            for setting in Setting::all() {
                let out = setting.run(&[&TranslateToBasis], &circuit);
                setting.check_native(&out);
                for values in [
                    [0.3, -1.1, 2.2, 0.7],
                    [PI, FRAC_PI_2, -PI, 0.0],
                    [0.0, 0.0, 0.0, 0.0],
                ] {
                    let bindings: Bindings = names
                        .iter()
                        .zip(values)
                        .map(|(name, value)| (Symbol::new(name), Angle::from(value)))
                        .collect();
                    let (a, b) = (bound(&out, &bindings), bound(&circuit, &bindings));
                    assert!(
                        difference(&a, &b) < 1e-12,
                        "{gate} {mask:b} {:?}\n{}",
                        setting.target.basis(),
                        out.draw()
                    );
                }
            }
        }
    }
}

#[test]
fn matrices_are_translated_exactly() {
    let mut random = random_source(41);
    for size in [2, 4] {
        for _ in 0..10 {
            let mut circuit = Circuit::new(2, 0);
            let qubits: Vec<Qubit> = if size == 2 {
                vec![Qubit::new(1)]
            } else {
                vec![Qubit::new(1), Qubit::new(0)]
            };
            circuit
                .push(
                    Operation::unitary(random_unitary(&mut random, size)).unwrap(),
                    &qubits,
                )
                .unwrap();
            check(&circuit, 1e-12);
        }
    }
}

#[test]
fn gates_take_the_least_number_of_cz() {
    let setting = &Setting::all()[0];
    let mut random = random_source(42);
    for (gate, least) in [
        (Gate::CZ, 1),
        (Gate::CX, 1),
        (Gate::CY, 1),
        (Gate::CH, 1),
        (Gate::ECR, 1),
        (Gate::CS, 2),
        (Gate::CSdg, 2),
        (Gate::CSX, 2),
        (Gate::CP, 2),
        (Gate::CRX, 2),
        (Gate::CRY, 2),
        (Gate::CRZ, 2),
        (Gate::CU, 2),
        (Gate::CU1, 2),
        (Gate::CU3, 2),
        (Gate::Swap, 3),
        (Gate::ISwap, 2),
        (Gate::DCX, 2),
        (Gate::RXX, 2),
        (Gate::RYY, 2),
        (Gate::RZZ, 2),
        (Gate::RZX, 2),
        (Gate::XXMinusYY, 2),
        (Gate::XXPlusYY, 2),
    ] {
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|_| random.random_range(0.1..1.5).into())
            .collect();
        let out = setting.run(&[&TranslateToBasis], &single(gate, &angles, false));
        assert_eq!(count(&out, Gate::CZ), least, "{gate}");
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|k| Angle::symbol(["a", "b", "c", "d"][k]))
            .collect();
        let out = setting.run(&[&TranslateToBasis], &single(gate, &angles, false));
        assert_eq!(count(&out, Gate::CZ), least, "symbolic {gate}");
    }
}

#[test]
fn bodies_are_translated_with_their_phases_and_the_outer_wires() {
    let mut body = Circuit::new(2, 1);
    body.h(0).unwrap().cp(0.7, 0, 1).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit.measure(2, 0).unwrap();
    circuit
        .if_else(
            ardea_circuit::Expr::Bit(ardea_circuit::Clbit::new(0)),
            body.clone(),
            None,
            &[1, 0],
        )
        .unwrap();
    for setting in Setting::all() {
        let out = setting.run(&[&TranslateToBasis], &circuit);
        setting.check_native(&out);
        let translated = out.instructions()[1].operation.bodies()[0].clone();
        assert!(difference(&translated, &body) < 1e-13);
    }
}

#[test]
fn native_circuits_are_left_alone_bit_by_bit() {
    let setting = &Setting::all()[1];
    let mut circuit = Circuit::new(2, 0);
    circuit.rz(7.1, 0).unwrap().sx(1).unwrap().cz(1, 0).unwrap();
    assert_eq!(setting.run(&[&TranslateToBasis], &circuit), circuit);
}

#[test]
fn direction_follows_the_target() {
    let target = ardea_device::TargetBuilder::line(2)
        .basis(&[Gate::CX, Gate::RZ, Gate::SX, Gate::X])
        .build()
        .unwrap();
    let pair = [Qubit::new(0), Qubit::new(1)];
    let basis = NativeBasis::new(&target, crate::GateSet::Standard, Wiring::Physical).unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.cx(1, 0).unwrap().cx(0, 1).unwrap();
    let out = translate(&circuit, &basis, None).unwrap();
    for instruction in out
        .instructions()
        .iter()
        .filter(|instruction| instruction.qubits.len() == 2)
    {
        assert!(target.supports(Gate::CX, &instruction.qubits), "{pair:?}");
    }
    assert!(difference(&out, &circuit) < 1e-13);
}
