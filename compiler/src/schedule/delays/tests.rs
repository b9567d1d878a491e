use ardea_circuit::{Clbit, Expr};

use super::*;
use crate::schedule::fixtures::{line, line_aligned, listing, measured, random_native};
use crate::schedule::schedule;

fn padded(circuit: &Circuit, target: &Target, mode: ScheduleMode) -> Circuit {
    let timeline = schedule(circuit, target, mode).unwrap();
    insert_delays(circuit, target, &timeline, mode).unwrap()
}

#[test]
fn gaps_become_delays_and_what_follows_the_last_instruction_stays_open() {
    let mut circuit = Circuit::new(3, 0);
    circuit
        .x(0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .rz(0.5, 2)
        .unwrap()
        .x(2)
        .unwrap();
    let soon = ["x 0", "delay[10] 1", "cz 0,1", "rz 2", "x 2"];
    assert_eq!(
        listing(&padded(&circuit, &line(3), ScheduleMode::Asap)),
        soon
    );
    let late = ["x 0", "delay[10] 1", "cz 0,1", "delay[30] 2", "rz 2", "x 2"];
    assert_eq!(
        listing(&padded(&circuit, &line(3), ScheduleMode::Alap)),
        late
    );
}

#[test]
fn the_padded_circuit_alone_gives_back_the_timeline() {
    for seed in 0..100 {
        for target in [line(4), line_aligned(4, 10, 20)] {
            for mode in [ScheduleMode::Asap, ScheduleMode::Alap] {
                let circuit = measured(random_native(4, 50, seed));
                let timeline = schedule(&circuit, &target, mode).unwrap();
                let padded = insert_delays(&circuit, &target, &timeline, mode).unwrap();
                let again = schedule(&padded, &target, ScheduleMode::Asap).unwrap();
                let kept = |instruction: &Instruction| !instruction.operation.is_directive();
                let times = |circuit: &Circuit, timeline: &Timeline| -> Vec<u64> {
                    let pairs = circuit.instructions().iter().zip(timeline.starts());
                    pairs
                        .filter(|(instruction, _)| kept(instruction))
                        .map(|(_, &start)| start)
                        .collect()
                };
                assert_eq!(
                    times(&circuit, &timeline),
                    times(&padded, &again),
                    "seed {seed}"
                );
                let twice = insert_delays(&padded, &target, &again, ScheduleMode::Asap).unwrap();
                assert_eq!(padded, twice, "nothing is left to fill");
            }
        }
    }
}

#[test]
fn delays_do_not_change_the_operator() {
    for seed in 0..20 {
        let circuit = random_native(4, 50, seed);
        let padded = padded(&circuit, &line(4), ScheduleMode::Alap);
        assert!((circuit.to_matrix().unwrap() - padded.to_matrix().unwrap()).norm() < 1e-12);
    }
}

#[test]
fn bodies_get_delays_of_their_own() {
    let mut body = Circuit::new(2, 1);
    body.x(0).unwrap().cz(0, 1).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit.measure(0, 0).unwrap();
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body, None, &[1, 0])
        .unwrap();
    let padded = padded(&circuit, &line(2), ScheduleMode::Alap);
    assert_eq!(
        listing(&padded),
        ["measure 0", "delay[100] 1", "if_else 1,0"]
    );
    let body = padded.instructions()[2].operation.bodies()[0].clone();
    assert_eq!(listing(&body), ["x 0", "delay[10] 1", "cz 0,1"]);
}

#[test]
fn a_timeline_of_another_circuit_is_refused() {
    let circuit = random_native(4, 10, 1);
    let timeline = schedule(&Circuit::new(4, 0), &line(4), ScheduleMode::Asap).unwrap();
    assert!(insert_delays(&circuit, &line(4), &timeline, ScheduleMode::Asap).is_err());
}

#[test]
fn waiting_for_a_jump_is_written_before_it() {
    let mut body = Circuit::new(2, 0);
    body.x(0).unwrap();
    body.push(ardea_circuit::Operation::Continue, &[]).unwrap();
    body.x(1).unwrap();
    let expected = ["x 0", "delay[10] 1", "continue_loop ", "x 1"];
    for mode in [ScheduleMode::Asap, ScheduleMode::Alap] {
        assert_eq!(listing(&padded(&body, &line(2), mode)), expected);
    }
}
