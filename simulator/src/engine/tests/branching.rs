//! Circuits that measure in their middle and act on what they read.

use super::*;

fn mid_circuit() -> Circuit {
    let mut circuit = Circuit::new(3, 4);
    circuit
        .h(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .ry(0.8, 0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    circuit.reset(0).unwrap().h(0).unwrap().cx(0, 2).unwrap();
    let mut then_body = Circuit::new(1, 4);
    then_body.ry(1.1, 0).unwrap().measure(0, 3).unwrap();
    let condition = Expr::bit_is(Clbit::new(1), true);
    circuit
        .push(
            Operation::IfElse(Box::new(IfElse {
                condition,
                then_body,
                else_body: None,
            })),
            &[Qubit::new(2)],
        )
        .unwrap();
    circuit.measure(2, 2).unwrap();
    circuit
}

#[test]
fn branching_shots_do_not_depend_on_the_number_of_threads() {
    let run = |threads| {
        let options = SimOptions {
            threads: Some(threads),
            shots: 5000,
            seed: 3,
            record: Record::EachShot,
            ..SimOptions::default()
        };
        let run = simulate::<f64>(&mid_circuit(), &options).unwrap();
        (run.counts, run.each_shot.unwrap())
    };
    let one = run(1);
    assert_eq!(one.1.len(), 5000);
    assert_eq!(one, run(2));
    assert_eq!(one, run(4));
}

#[test]
fn mid_circuit_measurements_resets_and_conditions_follow_the_exact_distribution() {
    check_distribution(&mid_circuit());
}

#[test]
fn teleportation_carries_the_state_over() {
    let mut circuit = Circuit::new(3, 3);
    circuit.ry(0.9, 0).unwrap().rz(0.4, 0).unwrap();
    circuit
        .h(1)
        .unwrap()
        .cx(1, 2)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .h(0)
        .unwrap();
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    for (bit, gate) in [(1, Gate::X), (0, Gate::Z)] {
        let mut then_body = Circuit::new(1, 3);
        then_body.push(gate.into(), &[Qubit::new(0)]).unwrap();
        let condition = Expr::bit_is(Clbit::new(bit), true);
        circuit
            .push(
                Operation::IfElse(Box::new(IfElse {
                    condition,
                    then_body,
                    else_body: None,
                })),
                &[Qubit::new(2)],
            )
            .unwrap();
    }
    circuit
        .rz(-0.4, 2)
        .unwrap()
        .ry(-0.9, 2)
        .unwrap()
        .measure(2, 2)
        .unwrap();
    let run = simulate::<f64>(&circuit, &SimOptions::with_shots(2000)).unwrap();
    assert_eq!(
        run.counts.marginal(&[Clbit::new(2)]).unwrap().get("0"),
        2000
    );
    assert_eq!(run.counts.len(), 4);
}

#[test]
fn loops_switches_breaks_and_else_follow_the_exact_distribution() {
    let mut circuit = Circuit::new(2, 3);
    // Repeat until success, at most five times.
    let mut round = Circuit::new(2, 3);
    round.ry(0.9, 0).unwrap().measure(0, 0).unwrap();
    let mut stop = Circuit::new(2, 3);
    stop.push(Operation::Break, &[]).unwrap();
    let mut go_on = Circuit::new(2, 3);
    go_on.rx(0.3, 1).unwrap();
    let condition = Expr::bit_is(Clbit::new(0), true);
    let both = [Qubit::new(0), Qubit::new(1)];
    round
        .push(
            Operation::IfElse(Box::new(IfElse {
                condition,
                then_body: stop,
                else_body: Some(go_on),
            })),
            &both,
        )
        .unwrap();
    let values = ForValues::Range {
        start: 0,
        stop: 4,
        step: 1,
    };
    circuit
        .push(
            Operation::For(Box::new(ForLoop {
                variable: None,
                values,
                body: round,
            })),
            &both,
        )
        .unwrap();
    // Angles from the loop's variable.
    let mut body = Circuit::new(1, 3);
    body.ry(ardea_circuit::Angle::symbol("k"), 0).unwrap();
    let values = ForValues::List(vec![1, -2, 4]);
    let variable = Some(Symbol::new("k"));
    circuit
        .push(
            Operation::For(Box::new(ForLoop {
                variable,
                values,
                body,
            })),
            &[Qubit::new(1)],
        )
        .unwrap();
    circuit.measure(1, 1).unwrap();
    // A switch on both bits, and a loop that ends almost surely.
    let case = |values: &[u64], angle: f64| {
        let mut body = Circuit::new(1, 3);
        body.ry(angle, 0).unwrap();
        SwitchCase {
            values: values.to_vec(),
            body,
        }
    };
    let subject = Expr::Register(vec![Clbit::new(0), Clbit::new(1)]);
    let cases = vec![case(&[0], 0.2), case(&[1, 2], 0.7), case(&[], 1.9)];
    circuit
        .push(
            Operation::Switch(Box::new(Switch { subject, cases })),
            &[Qubit::new(1)],
        )
        .unwrap();
    let mut body = Circuit::new(1, 3);
    body.ry(1.0, 0).unwrap().measure(0, 2).unwrap();
    let condition = Expr::bit_is(Clbit::new(2), false);
    circuit
        .push(
            Operation::While(Box::new(WhileLoop { condition, body })),
            &[Qubit::new(0)],
        )
        .unwrap();
    circuit.measure(1, 0).unwrap();
    check_distribution(&circuit);
}

#[test]
fn a_loop_without_end_is_an_error() {
    let mut circuit = Circuit::new(1, 1);
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    let condition = Expr::bit_is(Clbit::new(0), false);
    circuit
        .push(
            Operation::While(Box::new(WhileLoop { condition, body })),
            &[Qubit::new(0)],
        )
        .unwrap();
    let options = SimOptions {
        max_iterations: 100,
        ..SimOptions::with_shots(1)
    };
    assert!(matches!(
        simulate::<f64>(&circuit, &options),
        Err(SimulatorError::TooManyIterations { limit: 100 })
    ));
}

#[test]
fn a_bit_measured_twice_keeps_the_later_outcome() {
    let mut circuit = Circuit::new(2, 1);
    circuit
        .x(1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .measure(1, 0)
        .unwrap();
    assert_eq!(
        simulate::<f64>(&circuit, &SimOptions::with_shots(10))
            .unwrap()
            .counts
            .get("1"),
        10
    );
    let mut circuit = Circuit::new(2, 1);
    circuit
        .x(1)
        .unwrap()
        .measure(1, 0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .x(1)
        .unwrap();
    assert_eq!(
        simulate::<f64>(&circuit, &SimOptions::with_shots(10))
            .unwrap()
            .counts
            .get("0"),
        10
    );
}
