use ardea_circuit::{Clbit, Expr, Qubit};
use ardea_device::Target;

use super::*;
use crate::schedule::fixtures::{builder, line, line_aligned, measured, random_native};
use crate::schedule::schedule;

fn starts_of(circuit: &Circuit, target: &Target) -> Vec<u64> {
    let timeline = schedule(circuit, target, ScheduleMode::LeastLoss).unwrap();
    timeline.starts().to_vec()
}

fn success(circuit: &Circuit, target: &Target, mode: ScheduleMode) -> f64 {
    let timeline = schedule(circuit, target, mode).unwrap();
    let padded = insert_delays(circuit, target, &timeline, mode).unwrap();
    estimate_as_written(&padded, target, &SlowNoise::default())
        .unwrap()
        .log_success()
}

#[test]
fn a_qubit_that_is_done_is_measured_at_once() {
    let mut circuit = Circuit::new(2, 2);
    circuit.sx(0).unwrap().sx(1).unwrap().cz(0, 1).unwrap();
    for _ in 0..4 {
        circuit.sx(1).unwrap();
    }
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    let target = line(2);
    let starts = starts_of(&circuit, &target);
    assert_eq!(starts, [0, 0, 10, 40, 50, 60, 70, 40, 80]);
    assert!(
        success(&circuit, &target, ScheduleMode::LeastLoss)
            > success(&circuit, &target, ScheduleMode::Alap)
    );
}

#[test]
fn what_stands_before_the_measurement_comes_with_it() {
    let mut circuit = Circuit::new(2, 2);
    circuit.sx(0).unwrap().sx(1).unwrap().cz(0, 1).unwrap();
    circuit
        .rz(0.3, 0)
        .unwrap()
        .sx(0)
        .unwrap()
        .rz(0.4, 0)
        .unwrap();
    for _ in 0..4 {
        circuit.sx(1).unwrap();
    }
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    let starts = starts_of(&circuit, &line(2));
    assert_eq!(starts[3..6], [40, 40, 50]);
    assert_eq!(starts[10], 50);
}

#[test]
fn a_qubit_still_sleeps_as_long_as_it_can() {
    let mut circuit = Circuit::new(3, 0);
    for _ in 0..6 {
        circuit.sx(1).unwrap();
    }
    circuit.sx(0).unwrap().cz(0, 1).unwrap();
    assert_eq!(starts_of(&circuit, &line(3))[6], 50);
}

#[test]
fn pieces_of_a_wait_become_one() {
    // q1's gate in the middle could be anywhere between the two cz.
    let mut circuit = Circuit::new(4, 0);
    circuit
        .sx(0)
        .unwrap()
        .sx(1)
        .unwrap()
        .sx(2)
        .unwrap()
        .sx(3)
        .unwrap();
    circuit.cz(0, 1).unwrap().cz(2, 3).unwrap();
    circuit.cz(1, 2).unwrap();
    for _ in 0..40 {
        circuit.sx(0).unwrap();
    }
    circuit.cz(0, 1).unwrap();
    let target = builder(4).zz_rate(100e3).build().unwrap();
    let latest = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
    let settled = settle(
        &circuit,
        &target,
        &latest,
        &SlowNoise::default(),
        Waits::Decoupled,
    )
    .unwrap();
    let middle = settled.starts()[6];
    assert!(
        middle == 40 || middle + 30 == settled.starts()[47],
        "{middle}"
    );
}

#[test]
fn orders_alignments_and_the_whole_length_are_kept() {
    for (seed, pulse, acquire) in
        (0..30).map(|seed| (seed, [1, 4][seed as usize % 2], [1, 16][seed as usize % 2]))
    {
        let target = line_aligned(4, pulse, acquire);
        let circuit = measured(random_native(4, 60, seed));
        let latest = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
        let order = Order::of(&circuit);
        for waits in [Waits::Empty, Waits::Decoupled] {
            let settled = settle(&circuit, &target, &latest, &SlowNoise::default(), waits).unwrap();
            for (index, instruction) in circuit.instructions().iter().enumerate() {
                let start = settled.starts()[index];
                for &other in order.beside(index, Direction::Earlier) {
                    assert!(
                        settled.starts()[other] + settled.durations()[other] <= start,
                        "seed {seed}"
                    );
                }
                let ticks = settled.durations()[index];
                let clock = Clock::new(&target, ScheduleMode::Alap);
                assert_eq!(start % clock.alignment(&instruction.operation, ticks), 0);
                assert!(start + ticks <= settled.total());
            }
            let padded = insert_delays(&circuit, &target, &settled, ScheduleMode::Alap).unwrap();
            let again = schedule(&padded, &target, ScheduleMode::Asap).unwrap();
            assert!(again.total() <= latest.total());
        }
        assert!(
            success(&circuit, &target, ScheduleMode::LeastLoss)
                >= success(&circuit, &target, ScheduleMode::Alap),
            "seed {seed}"
        );
    }
}

#[test]
fn most_random_circuits_gain() {
    let target = line(4);
    let gains = (0..20).filter(|&seed| {
        let circuit = measured(random_native(4, 40, seed));
        success(&circuit, &target, ScheduleMode::LeastLoss)
            > success(&circuit, &target, ScheduleMode::Alap)
    });
    assert!(gains.count() > 15);
}

#[test]
fn a_measurement_is_not_moved_past_what_reads_its_bit() {
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit.sx(0).unwrap().sx(1).unwrap().measure(0, 0).unwrap();
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body, None, &[1])
        .unwrap();
    circuit.sx(0).unwrap().measure(0, 0).unwrap();
    let target = line(2);
    let timeline = schedule(&circuit, &target, ScheduleMode::LeastLoss).unwrap();
    let end = |index: usize| timeline.starts()[index] + timeline.durations()[index];
    assert!(end(2) <= timeline.starts()[3]);
    assert!(end(3) <= timeline.starts()[5]);
    assert_eq!(circuit.instructions()[3].qubits[0], Qubit::new(1));
}
