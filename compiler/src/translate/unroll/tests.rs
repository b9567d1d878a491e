use ardea_circuit::random::{random_angle, random_circuit};
use ardea_circuit::{Angle, Clbit, Expr, Symbol};
use rand::RngExt;

use super::super::testing::{Setting, bound, difference};
use super::*;
use crate::synthesis::testing::{random_source, random_unitary};

fn unrolled(circuit: &Circuit) -> Circuit {
    let out = Setting::all()[0].run(&[&Unroll], circuit);
    assert!(is_unrolled(&out), "{}", out.draw());
    out
}

fn check(circuit: &Circuit) -> Circuit {
    let out = unrolled(circuit);
    let error = difference(&out, circuit);
    assert!(
        error < 1e-10,
        "off by {error:e}\n{}\n{}",
        circuit.draw(),
        out.draw()
    );
    out
}

fn all_qubits(count: usize) -> Vec<Qubit> {
    (0..count).map(Qubit::new).collect()
}

fn on_all(operation: Operation, spare: usize) -> Circuit {
    let count = operation.num_qubits().unwrap();
    let mut circuit = Circuit::new(count + spare, 0);
    circuit.push(operation, &all_qubits(count)).unwrap();
    circuit
}

fn definition(name: &str, params: &[&str], body: Circuit) -> Arc<GateDefinition> {
    Arc::new(GateDefinition {
        name: name.into(),
        num_qubits: body.num_qubits(),
        params: params.iter().map(|name| Symbol::new(name)).collect(),
        body: Some(body),
    })
}

#[test]
fn random_circuits_over_every_gate_keep_their_operator_and_phase() {
    let mut random = random_source(90);
    for _ in 0..30 {
        check(&random_circuit(&mut random, 5, 12, &Gate::ALL));
    }
}

#[test]
fn every_gate_is_exact_under_controls_of_any_state() {
    let mut random = random_source(91);
    for gate in Gate::ALL {
        for controls in 1..4usize {
            if gate.num_qubits() + controls > 6 {
                continue;
            }
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|_| random_angle(&mut random).into())
                .collect();
            let state: Vec<bool> = (0..controls).map(|_| random.random()).collect();
            let operation = Operation::gate(gate, &angles)
                .unwrap()
                .controlled(&state)
                .unwrap();
            check(&on_all(operation, controls % 2));
        }
    }
}

#[test]
fn symbolic_gates_under_controls_bind_to_what_they_were() {
    let names = ["a", "b", "c", "d"];
    let bindings: Bindings = names
        .iter()
        .zip([0.4, -1.9, 2.6, 1.2])
        .map(|(name, value)| (Symbol::new(name), Angle::from(value)))
        .collect();
    for gate in Gate::ALL.into_iter().filter(|gate| gate.num_angles() > 0) {
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|k| Angle::symbol(names[k]))
            .collect();
        for state in [vec![true], vec![false, true]] {
            let circuit = on_all(
                Operation::gate(gate, &angles)
                    .unwrap()
                    .controlled(&state)
                    .unwrap(),
                0,
            );
            let out = unrolled(&circuit);
            assert!(
                difference(&bound(&out, &bindings), &bound(&circuit, &bindings)) < 1e-11,
                "{gate}"
            );
        }
    }
}

#[test]
fn matrices_are_exact_alone_and_under_controls() {
    let mut random = random_source(92);
    for (size, controls) in [
        (8, 0),
        (16, 0),
        (2, 2),
        (4, 1),
        (4, 2),
        (4, 3),
        (8, 1),
        (8, 2),
    ] {
        let operation = Operation::unitary(random_unitary(&mut random, size)).unwrap();
        check(&on_all(
            operation.controlled(&vec![true; controls]).unwrap(),
            0,
        ));
    }
}

#[test]
fn many_controls_borrow_idle_qubits() {
    let operation = Operation::Gate(Gate::X)
        .controlled(&[true, false, true, true, true])
        .unwrap();
    let (alone, borrowing) = (
        check(&on_all(operation.clone(), 0)),
        check(&on_all(operation, 3)),
    );
    assert!(borrowing.two_qubit_count() < alone.two_qubit_count());
    assert_eq!(borrowing.two_qubit_count(), 34);
}

#[test]
fn user_gates_bind_their_own_parameters() {
    let mut inner = Circuit::new(2, 0);
    inner
        .rz(Angle::symbol("a") + Angle::symbol("b") * 2.0, 0)
        .unwrap()
        .crx(Angle::symbol("b"), 0, 1)
        .unwrap();
    inner.add_global_phase(Angle::symbol("a"));
    let inner = definition("inner", &["a", "b"], inner);
    // The outer gate's parameters have the inner one's names, exchanged.
    let mut outer = Circuit::new(3, 0);
    outer
        .push(
            Operation::call(&inner, vec![Angle::symbol("b"), Angle::symbol("a")]).unwrap(),
            &[Qubit::new(2), Qubit::new(0)],
        )
        .unwrap();
    outer.ccx(0, 1, 2).unwrap();
    let outer = definition("outer", &["a", "b"], outer);
    let call = |a: f64, b: f64| Operation::call(&outer, vec![a.into(), b.into()]).unwrap();
    let mut circuit = Circuit::new(4, 0);
    circuit
        .push(
            call(0.3, -0.8),
            &[Qubit::new(1), Qubit::new(3), Qubit::new(0)],
        )
        .unwrap();
    circuit
        .push(
            call(1.3, 2.8),
            &[Qubit::new(0), Qubit::new(1), Qubit::new(2)],
        )
        .unwrap();
    circuit
        .push(
            call(0.9, 0.2).controlled(&[false]).unwrap(),
            &[3, 0, 1, 2].map(Qubit::new),
        )
        .unwrap();
    check(&circuit);
}

#[test]
fn conjugations_are_not_controlled() {
    let mut body = Circuit::new(2, 0);
    body.h(0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .rz(0.3, 1)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .h(0)
        .unwrap();
    let gate = definition("turn", &[], body);
    let circuit = on_all(
        Operation::call(&gate, vec![])
            .unwrap()
            .controlled(&[true])
            .unwrap(),
        0,
    );
    let out = check(&circuit);
    assert!(out.two_qubit_count() <= 3, "{}", out.draw());
}

#[test]
fn doubling_definitions_end_at_the_limit() {
    let mut body = Circuit::new(1, 0);
    body.h(0).unwrap();
    let mut gate = definition("g0", &[], body);
    for level in 1..80 {
        let mut body = Circuit::new(1, 0);
        for _ in 0..2 {
            body.push(Operation::call(&gate, vec![]).unwrap(), &[Qubit::new(0)])
                .unwrap();
        }
        gate = definition(&format!("g{level}"), &[], body);
    }
    let circuit = on_all(Operation::call(&gate, vec![]).unwrap(), 0);
    let error = Unroller::with_limit(10_000).circuit(&circuit).unwrap_err();
    assert!(
        matches!(error, CompileError::Limit { limit: 10_000, .. }),
        "{error}"
    );
    let controlled = on_all(
        Operation::call(&gate, vec![])
            .unwrap()
            .controlled(&[true])
            .unwrap(),
        0,
    );
    assert!(matches!(
        Unroller::with_limit(10_000).circuit(&controlled),
        Err(CompileError::Limit { .. })
    ));
}

#[test]
fn long_chains_of_definitions_need_no_stack() {
    let mut body = Circuit::new(1, 0);
    body.h(0).unwrap();
    let mut gate = definition("g0", &[], body);
    for level in 1..2_000 {
        let mut body = Circuit::new(1, 0);
        body.push(Operation::call(&gate, vec![]).unwrap(), &[Qubit::new(0)])
            .unwrap();
        gate = definition(&format!("g{level}"), &[], body);
    }
    assert_eq!(
        unrolled(&on_all(Operation::call(&gate, vec![]).unwrap(), 0)).len(),
        1
    );
}

#[test]
fn opaque_gates_are_named_in_the_error() {
    let gate = Arc::new(GateDefinition {
        name: "mystery".into(),
        num_qubits: 1,
        params: vec![],
        body: None,
    });
    let circuit = on_all(Operation::call(&gate, vec![]).unwrap(), 0);
    let error = Unroller::with_limit(100)
        .circuit(&circuit)
        .unwrap_err()
        .to_string();
    assert!(error.contains("mystery"), "{error}");
}

#[test]
fn bodies_of_control_flow_are_unrolled_too() {
    let mut body = Circuit::new(3, 1);
    body.ccx(2, 0, 1).unwrap();
    body.add_global_phase(0.4);
    let mut circuit = Circuit::new(4, 1);
    circuit
        .measure(0, 0)
        .unwrap()
        .if_else(Expr::Bit(Clbit::new(0)), body.clone(), None, &[3, 1, 2])
        .unwrap();
    let out = unrolled(&circuit);
    assert!(difference(out.instructions()[1].operation.bodies()[0], &body) < 1e-12);
}
