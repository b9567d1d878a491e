use std::sync::Arc;

use ardea_circuit::random::random_circuit;
use ardea_circuit::{
    Angle, BinaryOp, C64, Clbit, ForLoop, ForValues, Function, Gate, GateDefinition, IfElse,
    Layout, Operation, Switch, SwitchCase, TimeUnit,
};
use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::*;
use crate::{ReadOptions, parse};

fn qasm2(circuit: &Circuit) -> String {
    to_qasm2(circuit, &WriteOptions::default()).expect("expressible in version 2")
}

fn qasm3(circuit: &Circuit) -> String {
    to_qasm3(circuit, &WriteOptions::default()).expect("expressible in version 3")
}

fn read(text: &str) -> Circuit {
    parse(text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn distance(a: &Circuit, b: &Circuit) -> f64 {
    let (a, b) = (
        a.to_matrix().expect("matrix"),
        b.to_matrix().expect("matrix"),
    );
    (a - b).iter().map(|z| z.norm()).fold(0.0, f64::max)
}

fn distance_up_to_phase(a: &Circuit, b: &Circuit) -> f64 {
    let (a, b) = (
        a.to_matrix().expect("matrix"),
        b.to_matrix().expect("matrix"),
    );
    let overlap: C64 = a.iter().zip(b.iter()).map(|(x, y)| x.conj() * y).sum();
    let phase = overlap / overlap.norm();
    (a * phase - b).iter().map(|z| z.norm()).fold(0.0, f64::max)
}

fn gates() -> Vec<Gate> {
    Gate::ALL
        .into_iter()
        .filter(|&g| g != Gate::GlobalPhase)
        .collect()
}

#[test]
fn random_circuits_of_every_gate_survive_both_languages() {
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut circuit = random_circuit(&mut rng, 1 + seed as usize % 5, 25, &gates());
        circuit.add_global_phase(0.25 * seed as f64);
        let three = qasm3(&circuit);
        assert_eq!(read(&three), circuit, "seed {seed}\n{three}");
        let two = qasm2(&circuit);
        let reread = read(&two);
        assert_eq!(
            reread.instructions(),
            circuit.instructions(),
            "seed {seed}\n{two}"
        );
        let strict = WriteOptions {
            openqasm2: OpenQasm2::Strict,
            ..Default::default()
        };
        let text = to_qasm2(&circuit, &strict).expect("expressible");
        let options = ReadOptions {
            openqasm2: OpenQasm2::Strict,
            ..Default::default()
        };
        let reread =
            parse(&text, &options).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
        assert!(
            distance_up_to_phase(&reread, &circuit) < 1e-10,
            "seed {seed}\n{text}"
        );
    }
}

#[test]
fn every_gate_alone_reads_back_as_itself() {
    for gate in gates() {
        let mut circuit = Circuit::new(gate.num_qubits(), 0);
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|i| Angle::Value(0.1 + i as f64 / 3.0))
            .collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
        circuit.gate(gate, &angles, &qubits).unwrap();
        assert_eq!(read(&qasm3(&circuit)), circuit, "{gate}");
        assert_eq!(read(&qasm2(&circuit)), circuit, "{gate}");
    }
}

#[test]
fn angles_are_bit_exact() {
    let mut seed = 7u64;
    let mut circuit = Circuit::new(1, 0);
    for _ in 0..5000 {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let value = f64::from_bits(seed);
        let near_pi = std::f64::consts::PI * ((seed >> 40) % 129) as f64
            / (1u64 << ((seed >> 20) % 9)) as f64;
        for angle in [
            value,
            near_pi,
            near_pi.next_up(),
            -near_pi,
            f64::from((seed >> 33) as i32),
        ] {
            if angle.is_finite() {
                circuit.rz(angle, 0).unwrap();
            }
        }
    }
    for extreme in [0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, 1e-7, 1e22] {
        circuit.rz(extreme, 0).unwrap();
    }
    for text in [qasm2(&circuit), qasm3(&circuit)] {
        let reread = read(&text);
        for (a, b) in circuit.instructions().iter().zip(reread.instructions()) {
            let (Operation::Rotation(_, a), Operation::Rotation(_, b)) =
                (&a.operation, &b.operation)
            else {
                panic!("not rz")
            };
            assert_eq!(a.to_bits(), b.to_bits(), "{a:?} {b:?}");
        }
        assert_eq!(reread.len(), circuit.len());
    }
}

#[test]
fn controlled_gates_and_matrices_keep_their_operator() {
    let mut circuit = Circuit::new(4, 0);
    let q = |list: &[usize]| list.iter().map(|&i| Qubit::new(i)).collect::<Vec<_>>();
    let mut inner = Circuit::new(2, 0);
    inner.rx(0.3, 0).unwrap().cz(0, 1).unwrap();
    inner.add_global_phase(0.4);
    let call = inner.to_gate("inner").unwrap();
    let matrix = inner.to_matrix().unwrap();
    circuit
        .push(
            Operation::with_values(Gate::RX, &[0.7])
                .unwrap()
                .controlled(&[true, false, true])
                .unwrap(),
            &q(&[3, 0, 2, 1]),
        )
        .unwrap();
    circuit
        .push(
            Operation::Gate(Gate::X).controlled(&[false; 3]).unwrap(),
            &q(&[3, 1, 2, 0]),
        )
        .unwrap();
    circuit
        .push(
            Operation::with_values(Gate::GlobalPhase, &[0.7])
                .unwrap()
                .controlled(&[false])
                .unwrap(),
            &q(&[2]),
        )
        .unwrap();
    circuit
        .push(call.controlled(&[true, false]).unwrap(), &q(&[3, 1, 2, 0]))
        .unwrap();
    circuit.push(call, &q(&[3, 1])).unwrap();
    let unitary = Operation::unitary(matrix).unwrap();
    circuit.push(unitary.clone(), &q(&[1, 2])).unwrap();
    circuit
        .push(
            unitary.controlled(&[false, true]).unwrap(),
            &q(&[0, 1, 3, 2]),
        )
        .unwrap();
    let three = qasm3(&circuit);
    assert!(distance(&read(&three), &circuit) < 1e-10, "{three}");
    let two = qasm2(&circuit);
    assert!(distance_up_to_phase(&read(&two), &circuit) < 1e-10, "{two}");
    let strict = to_qasm2(
        &circuit,
        &WriteOptions {
            openqasm2: OpenQasm2::Strict,
            ..Default::default()
        },
    )
    .unwrap();
    assert!(
        distance_up_to_phase(&read(&strict), &circuit) < 1e-10,
        "{strict}"
    );
}

#[test]
fn names_that_clash_or_are_reserved_are_changed_and_definitions_come_first() {
    let gate = |name: &str, body: Circuit| {
        Arc::new(GateDefinition {
            name: name.into(),
            num_qubits: body.num_qubits(),
            params: vec![],
            body: Some(body),
        })
    };
    let mut leaf = Circuit::new(1, 0);
    leaf.h(0).unwrap();
    let leaf = gate("gate", leaf);
    let mut outer = Circuit::new(1, 0);
    outer.call(&leaf, &[], &[0]).unwrap().t(0).unwrap();
    let outer = gate("cx", outer);
    let mut circuit = Circuit::new(0, 0);
    circuit.add_qreg("measure", 2).unwrap();
    circuit.add_qreg("My reg", 1).unwrap();
    circuit.add_creg("x", 3).unwrap();
    circuit
        .call(&outer, &[], &[0])
        .unwrap()
        .call(&leaf, &[], &[2])
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .measure(2, 1)
        .unwrap();
    for text in [qasm2(&circuit), qasm3(&circuit)] {
        let reread = read(&text);
        assert_eq!(
            (reread.num_qubits(), reread.num_clbits(), reread.len()),
            (3, 3, 4),
            "{text}"
        );
        let inner_first =
            text.find("gate gate_1 ").expect("renamed") < text.find("gate cx_1 ").expect("renamed");
        assert!(inner_first, "{text}");
    }
}

#[test]
fn control_flow_survives_version_3() {
    let mut circuit = Circuit::new(3, 0);
    circuit.add_creg("a", 2).unwrap();
    circuit.add_creg("b", 2).unwrap();
    let bit = |i: usize| Expr::Bit(Clbit::new(i));
    let register = |bits: &[usize]| Expr::Register(bits.iter().map(|&i| Clbit::new(i)).collect());
    let both = |op, a, b| Expr::Binary(op, Box::new(a), Box::new(b));
    let body = |f: &dyn Fn(&mut Circuit)| {
        let mut body = Circuit::new(2, 4);
        f(&mut body);
        body
    };
    circuit.h(0).unwrap().measure(0, 0).unwrap();
    let conditions = [
        bit(1),
        Expr::Not(Box::new(bit(0))),
        both(BinaryOp::Equal, register(&[0, 1]), Expr::number(2)),
        both(BinaryOp::LessEqual, register(&[2, 3]), Expr::number(1)),
        both(
            BinaryOp::And,
            bit(0),
            Expr::Not(Box::new(both(BinaryOp::Or, bit(1), bit(2)))),
        ),
        both(
            BinaryOp::Equal,
            both(
                BinaryOp::BitXor,
                register(&[0, 1]),
                Expr::Complement(Box::new(register(&[2, 3]))),
            ),
            Expr::number(3),
        ),
        both(BinaryOp::NotEqual, register(&[3, 0, 2]), Expr::number(5)),
    ];
    for condition in conditions {
        let then_body = body(&|c| drop(c.x(0).unwrap().cx(0, 1).unwrap().measure(1, 3)));
        let else_body = Some(body(&|c| c.add_global_phase(0.5)));
        let operation = Operation::IfElse(Box::new(IfElse {
            condition,
            then_body,
            else_body,
        }));
        circuit
            .push(operation, &[Qubit::new(2), Qubit::new(0)])
            .unwrap();
    }
    let looped = body(&|c| {
        drop(
            c.rx(Angle::symbol("i") * 0.5, 1)
                .unwrap()
                .push(Operation::Break, &[]),
        )
    });
    let values = ForValues::Range {
        start: 3,
        stop: -2,
        step: -2,
    };
    let operation = Operation::For(Box::new(ForLoop {
        variable: Some(Symbol::new("i")),
        values,
        body: looped.clone(),
    }));
    circuit
        .push(operation, &[Qubit::new(1), Qubit::new(2)])
        .unwrap();
    let values = ForValues::List(vec![1, 5, -3]);
    let operation = Operation::For(Box::new(ForLoop {
        variable: Some(Symbol::new("i")),
        values,
        body: looped,
    }));
    circuit
        .push(operation, &[Qubit::new(1), Qubit::new(2)])
        .unwrap();
    circuit
        .while_loop(
            bit(2),
            body(&|c| drop(c.h(0).unwrap().measure(0, 2))),
            &[0, 1],
        )
        .unwrap();
    let cases = vec![
        SwitchCase {
            values: vec![0, 2],
            body: body(&|c| drop(c.x(0))),
        },
        SwitchCase {
            values: vec![],
            body: body(&|c| drop(c.y(1))),
        },
    ];
    circuit
        .push(
            Operation::Switch(Box::new(Switch {
                subject: register(&[0, 1]),
                cases,
            })),
            &[Qubit::new(0), Qubit::new(1)],
        )
        .unwrap();
    let text = qasm3(&circuit);
    let again = qasm3(&read(&text));
    assert_eq!(qasm3(&read(&again)), again);
    let (a, b) = (circuit.instructions(), read(&text));
    assert_eq!(a.len(), b.len(), "{text}");
    for (i, (x, y)) in a.iter().zip(b.instructions()).enumerate() {
        assert_eq!(
            x.operation.clbits_read(),
            y.operation.clbits_read(),
            "instruction {i}\n{text}"
        );
        assert_eq!(
            x.operation.clbits_written(),
            y.operation.clbits_written(),
            "instruction {i}\n{text}"
        );
        assert_eq!(
            x.operation.name(),
            y.operation.name(),
            "instruction {i}\n{text}"
        );
    }
    assert!(matches!(
        to_qasm2(&circuit, &WriteOptions::default()),
        Err(WriteError::NotInVersion2(_))
    ));
}

#[test]
fn simple_conditions_survive_version_2() {
    let mut circuit = Circuit::new(2, 0);
    circuit.add_creg("c", 2).unwrap();
    circuit.add_creg("d", 1).unwrap();
    circuit.measure(0, 0).unwrap();
    let mut body = Circuit::new(1, 3);
    body.x(0).unwrap();
    let condition = Expr::register_is(vec![Clbit::new(0), Clbit::new(1)], 3);
    circuit
        .if_else(condition, body.clone(), None, &[1])
        .unwrap();
    circuit
        .if_else(
            Expr::Bit(Clbit::new(2)),
            body.clone(),
            Some(body.clone()),
            &[1],
        )
        .unwrap();
    let text = qasm2(&circuit);
    assert!(
        text.contains("if (c == 3) x q[1];\nif (d == 1) x q[1];\nif (d == 0) x q[1];"),
        "{text}"
    );
    assert_eq!(read(&text).len(), 4);
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
        .unwrap();
    assert!(to_qasm2(&circuit, &WriteOptions::default()).is_err());
}

#[test]
fn symbols_become_inputs_and_come_back() {
    let mut circuit = Circuit::new(2, 0);
    let (a, b) = (Angle::symbol("a"), Angle::symbol("θ"));
    let product = Angle::apply(Function::Product, &[a.clone(), b.clone()]).unwrap();
    let sine = Angle::apply(Function::Sin, &[b.clone() + Angle::Value(0.1)]).unwrap();
    circuit
        .rz(a.clone() * 0.1 - b * 3.0 + Angle::Value(-0.7), 0)
        .unwrap();
    circuit
        .rzz(product * -2.0 + sine, 0, 1)
        .unwrap()
        .u(a, 0.0, 1.0, 1)
        .unwrap();
    circuit.add_global_phase(Angle::symbol("a"));
    let text = qasm3(&circuit);
    assert_eq!(read(&text), circuit, "{text}");
    assert_eq!(
        to_qasm2(&circuit, &WriteOptions::default()),
        Err(WriteError::Symbol("a".into()))
    );
}

#[test]
fn mapped_circuits_keep_width_layout_and_delays() {
    let mut circuit = Circuit::new(156, 2);
    circuit
        .sx(3)
        .unwrap()
        .cz(3, 4)
        .unwrap()
        .delay(100e-9, 3)
        .unwrap()
        .delay(35.55555555555556e-9, 4)
        .unwrap();
    circuit
        .push(Operation::Delay(TimeUnit::Dt, 16.0), &[Qubit::new(5)])
        .unwrap();
    circuit
        .rzz(0.3, 3, 4)
        .unwrap()
        .barrier(&[3, 4])
        .unwrap()
        .measure(3, 0)
        .unwrap()
        .measure(4, 1)
        .unwrap();
    let list = |positions: &[usize]| positions.iter().map(|&p| Qubit::new(p)).collect::<Vec<_>>();
    circuit.set_layout(Some(Layout {
        initial: list(&[3, 4]),
        last: list(&[4, 3]),
    }));
    let options = WriteOptions {
        qubit_names: QubitNames::Hardware,
        ..Default::default()
    };
    let text = to_qasm3(&circuit, &options).unwrap();
    assert!(
        text.starts_with("// i 3 4\n// o 4 3\nOPENQASM 3.0;"),
        "{text}"
    );
    assert!(text.ends_with("barrier $155;\n"), "{text}");
    assert!(
        text.contains("gate rzz(p0) q0, q1 {\n") && !text.contains("gphase"),
        "{text}"
    );
    let reread = read(&text);
    assert_eq!(
        (reread.num_qubits(), reread.layout()),
        (156, circuit.layout())
    );
    assert_eq!(&reread.instructions()[..9], circuit.instructions());
    assert!(matches!(
        to_qasm2(&circuit, &options),
        Err(WriteError::Delay(_))
    ));
}

#[test]
fn delays_in_clock_cycles_are_opaque_gates_in_version_2() {
    let mut circuit = Circuit::new(1, 0);
    circuit
        .push(Operation::Delay(TimeUnit::Dt, 160.0), &[Qubit::new(0)])
        .unwrap();
    let text = qasm2(&circuit);
    assert!(text.contains("opaque delay(time) q0;"), "{text}");
    assert_eq!(read(&text), circuit);
}

#[test]
fn opaque_gates_stay_opaque_in_version_2() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; opaque magic(a) x, y; qreg q[2]; magic(0.5) q[1], q[0];";
    let circuit = read(text);
    assert_eq!(read(&qasm2(&circuit)), circuit);
    assert_eq!(
        to_qasm3(&circuit, &WriteOptions::default()),
        Err(WriteError::Opaque("magic".into()))
    );
}

#[test]
fn deep_definitions_are_refused() {
    let mut operation = Operation::Gate(Gate::X);
    for depth in 0..1000 {
        let mut body = Circuit::new(1, 0);
        body.push(operation, &[Qubit::new(0)]).unwrap();
        operation = body.to_gate(&format!("g{depth}")).unwrap();
    }
    let mut circuit = Circuit::new(1, 0);
    circuit.push(operation, &[Qubit::new(0)]).unwrap();
    assert!(matches!(
        to_qasm2(&circuit, &WriteOptions::default()),
        Err(WriteError::TooDeep(_))
    ));
    assert!(matches!(
        to_qasm3(&circuit, &WriteOptions::default()),
        Err(WriteError::TooDeep(_))
    ));
}
