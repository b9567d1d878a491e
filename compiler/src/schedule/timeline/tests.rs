use ardea_circuit::{Clbit, Expr, TimeUnit};

use super::*;
use crate::schedule::fixtures::{builder, line, line_aligned, measured, q, random_native};

const MODES: [ScheduleMode; 2] = [ScheduleMode::Asap, ScheduleMode::Alap];

fn starts(circuit: &Circuit, target: &Target, mode: ScheduleMode) -> (Vec<u64>, u64) {
    let timeline = schedule(circuit, target, mode).unwrap();
    (timeline.starts().to_vec(), timeline.total())
}

#[test]
fn soon_and_late_differ_only_where_there_is_slack() {
    let mut circuit = Circuit::new(2, 2);
    circuit
        .x(0)
        .unwrap()
        .sx(1)
        .unwrap()
        .sx(1)
        .unwrap()
        .rz(0.1, 0)
        .unwrap();
    circuit
        .cz(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .x(1)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    let target = line(2);
    let soon = (vec![0, 0, 10, 10, 20, 50, 50, 60], 160);
    let late = (vec![10, 0, 10, 20, 20, 60, 50, 60], 160);
    assert_eq!(starts(&circuit, &target, ScheduleMode::Asap), soon);
    assert_eq!(starts(&circuit, &target, ScheduleMode::Alap), late);
    let timeline = schedule(&circuit, &target, ScheduleMode::Asap).unwrap();
    assert!((timeline.total_duration_s() - 160e-9).abs() < 1e-18);
    assert!((timeline.start_s(7) - 60e-9).abs() < 1e-18);
}

#[test]
fn a_barrier_holds_its_qubits_together_and_no_others() {
    let mut circuit = Circuit::new(3, 0);
    circuit
        .x(0)
        .unwrap()
        .barrier(&[0, 1])
        .unwrap()
        .x(1)
        .unwrap()
        .x(2)
        .unwrap();
    assert_eq!(
        starts(&circuit, &line(3), ScheduleMode::Asap),
        (vec![0, 10, 10, 0], 20)
    );
    assert_eq!(
        starts(&circuit, &line(3), ScheduleMode::Alap),
        (vec![0, 10, 10, 10], 20)
    );
}

#[test]
fn a_condition_waits_for_its_bit_and_a_bit_for_its_readers() {
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit.measure(0, 0).unwrap();
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body, None, &[1])
        .unwrap();
    circuit.measure(2, 0).unwrap();
    let (soon, total) = starts(&circuit, &line(3), ScheduleMode::Asap);
    assert_eq!((soon, total), (vec![0, 100, 110], 210));
    let (late, total) = starts(&circuit, &line(3), ScheduleMode::Alap);
    assert_eq!((late, total), (vec![0, 100, 110], 210));
}

#[test]
fn two_conditions_on_one_bit_may_overlap() {
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit.measure(0, 0).unwrap();
    for qubit in [1, 2] {
        circuit
            .if_else(
                Expr::bit_is(Clbit::new(0), true),
                body.clone(),
                None,
                &[qubit],
            )
            .unwrap();
    }
    for mode in MODES {
        assert_eq!(starts(&circuit, &line(3), mode), (vec![0, 100, 100], 110));
    }
}

#[test]
fn control_flow_takes_as_long_as_its_longest_body() {
    let mut short = Circuit::new(2, 1);
    short.x(1).unwrap();
    let mut long = Circuit::new(2, 1);
    long.cz(0, 1).unwrap().sx(0).unwrap().x(1).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit
        .if_else(
            Expr::bit_is(Clbit::new(0), true),
            short,
            Some(long),
            &[2, 1],
        )
        .unwrap();
    circuit.x(1).unwrap();
    assert_eq!(
        starts(&circuit, &line(3), ScheduleMode::Asap),
        (vec![0, 40], 50)
    );
}

#[test]
fn a_body_is_timed_on_the_qubits_it_runs_on() {
    // Position 0 and 1 of the body are qubits 2 and 0, which are not coupled.
    let mut body = Circuit::new(2, 1);
    body.cz(0, 1).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body, None, &[2, 0])
        .unwrap();
    let message = schedule(&circuit, &line(3), ScheduleMode::Asap)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("'cz'") && message.contains("qubits 2, 0"),
        "{message}"
    );
}

#[test]
fn starts_are_aligned_each_to_its_kind() {
    let target = line_aligned(3, 8, 12);
    for seed in 0..50 {
        let circuit = measured(random_native(3, 40, seed));
        for mode in MODES {
            let timeline = schedule(&circuit, &target, mode).unwrap();
            for (index, instruction) in circuit.instructions().iter().enumerate() {
                let start = timeline.starts()[index];
                match &instruction.operation {
                    Operation::Measure(_) => assert_eq!(start % 12, 0),
                    Operation::Delay(..) | Operation::Barrier => {}
                    _ if timeline.durations()[index] > 0 => assert_eq!(start % 8, 0),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn nothing_overlaps_and_the_order_on_each_qubit_is_kept() {
    for (seed, target) in (0..100).map(|seed| {
        (
            seed,
            if seed % 2 == 0 {
                line(4)
            } else {
                line_aligned(4, 16, 16)
            },
        )
    }) {
        let circuit = measured(random_native(4, 60, seed));
        let mut totals = Vec::new();
        for mode in MODES {
            let timeline = schedule(&circuit, &target, mode).unwrap();
            let mut free = [0; 4];
            for (index, instruction) in circuit.instructions().iter().enumerate() {
                let (start, ticks) = (timeline.starts()[index], timeline.durations()[index]);
                for qubit in instruction.qubits.iter() {
                    assert!(
                        free[qubit.index()] <= start,
                        "seed {seed}, instruction {index}"
                    );
                    free[qubit.index()] = start + ticks;
                }
                assert!(start + ticks <= timeline.total());
            }
            totals.push(timeline.total());
        }
        if seed % 2 == 0 {
            assert_eq!(
                totals[0], totals[1],
                "both are as short as the longest chain"
            );
        }
    }
}

#[test]
fn delays_are_taken_in_either_unit() {
    let mut circuit = Circuit::new(1, 0);
    circuit
        .push(Operation::Delay(TimeUnit::Dt, 7.0), &[q(0)])
        .unwrap();
    circuit
        .delay(20e-9, 0)
        .unwrap()
        .delay(0.3e-9, 0)
        .unwrap()
        .x(0)
        .unwrap();
    let timeline = schedule(&circuit, &line(1), ScheduleMode::Asap).unwrap();
    assert_eq!(timeline.durations(), [7, 20, 1, 10]);
}

#[test]
fn time_that_cannot_be_counted_is_an_error() {
    let mut circuit = Circuit::new(1, 0);
    circuit.delay(1e300, 0).unwrap();
    assert!(schedule(&circuit, &line(1), ScheduleMode::Asap).is_err());
    let mut circuit = Circuit::new(1, 0);
    for _ in 0..3 {
        circuit.delay(5e6, 0).unwrap();
    }
    for mode in MODES {
        assert!(schedule(&circuit, &line(1), mode).is_err());
    }
}

#[test]
fn what_the_target_cannot_do_is_named() {
    let mut circuit = Circuit::new(2, 0);
    circuit.h(1).unwrap();
    let message = schedule(&circuit, &line(2), ScheduleMode::Alap)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("'h'") && message.contains("translate"),
        "{message}"
    );
    let message = schedule(&Circuit::new(3, 0), &line(2), ScheduleMode::Alap)
        .unwrap_err()
        .to_string();
    assert!(message.contains("needs 3 qubits"), "{message}");
    let mut circuit = Circuit::new(1, 0);
    circuit.reset(0).unwrap();
    let target = builder(1).without_reset().build().unwrap();
    let message = schedule(&circuit, &target, ScheduleMode::Alap)
        .unwrap_err()
        .to_string();
    assert!(message.contains("cannot reset qubit 0"), "{message}");
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    let mut circuit = Circuit::new(1, 1);
    for _ in 0..70 {
        let mut outer = Circuit::new(1, 1);
        outer
            .if_else(Expr::bit_is(Clbit::new(0), true), circuit, None, &[0])
            .unwrap();
        circuit = outer;
    }
    let message = schedule(&circuit, &line(1), ScheduleMode::Asap)
        .unwrap_err()
        .to_string();
    assert!(message.contains("nested control flow"), "{message}");
}

#[test]
fn nothing_moves_across_a_jump() {
    let mut leave = Circuit::new(1, 1);
    leave.x(0).unwrap();
    leave.push(Operation::Break, &[]).unwrap();
    let mut body = Circuit::new(3, 1);
    body.measure(0, 0).unwrap().x(1).unwrap();
    let condition = Expr::bit_is(Clbit::new(0), true);
    body.if_else(condition, leave, None, &[0]).unwrap();
    body.x(1).unwrap();
    body.push(Operation::Continue, &[]).unwrap();
    body.x(2).unwrap();
    let (soon, late) = (
        vec![0, 0, 100, 110, 120, 120],
        vec![0, 90, 100, 110, 120, 120],
    );
    assert_eq!(starts(&body, &line(3), ScheduleMode::Asap), (soon, 130));
    assert_eq!(starts(&body, &line(3), ScheduleMode::Alap), (late, 130));
}
