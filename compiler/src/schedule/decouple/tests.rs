use ardea_circuit::{Clbit, Expr, Gate};
use ardea_device::TargetBuilder;

use super::*;
use crate::schedule::fixtures::{
    builder, count, line, line_aligned, listing, measured, q, random_native,
};
use crate::schedule::{insert_delays, schedule};

const SEQUENCES: [Sequence; 9] = [
    Sequence::XX,
    Sequence::XpXm,
    Sequence::XY4,
    Sequence::XY8,
    Sequence::Cpmg(3),
    Sequence::Udd(4),
    Sequence::Udd(5),
    Sequence::Walsh(1),
    Sequence::Walsh(5),
];

fn padded(circuit: &Circuit, target: &Target) -> Circuit {
    let timeline = schedule(circuit, target, ScheduleMode::Alap).unwrap();
    insert_delays(circuit, target, &timeline, ScheduleMode::Alap).unwrap()
}

/// `sx`, a delay of this many ticks, `sx`, on one qubit.
fn waiting(ticks: f64) -> Circuit {
    let mut circuit = Circuit::new(1, 0);
    circuit
        .sx(0)
        .unwrap()
        .delay(ticks * 1e-9, 0)
        .unwrap()
        .sx(0)
        .unwrap();
    circuit
}

fn decoupled(mut circuit: Circuit, target: &Target, sequence: Sequence) -> Circuit {
    decouple(&mut circuit, target, sequence).unwrap();
    circuit
}

#[test]
fn pulses_sit_where_the_sequence_says() {
    let xx = decoupled(waiting(100.0), &line(1), Sequence::XX);
    assert_eq!(
        listing(&xx),
        [
            "sx 0",
            "delay[20] 0",
            "x 0",
            "delay[40] 0",
            "x 0",
            "delay[20] 0",
            "sx 0"
        ]
    );
    let xy4 = decoupled(waiting(200.0), &line(1), Sequence::XY4);
    let expected = [
        "sx 0",
        "delay[20] 0",
        "x 0",
        "delay[40] 0",
        "rz 0",
        "x 0",
        "delay[40] 0",
        "x 0",
        "delay[40] 0",
        "rz 0",
        "x 0",
        "delay[20] 0",
        "sx 0",
    ];
    assert_eq!(listing(&xy4), expected);
}

#[test]
fn the_operator_stays_the_same_including_its_phase() {
    let mut filled = 0;
    for seed in 0..60 {
        let circuit = random_native(4, 60, seed);
        for (index, sequence) in SEQUENCES.iter().enumerate() {
            let target = &[line(4), line_aligned(4, 8, 8)][(index + seed as usize) % 2];
            let before = padded(&circuit, target);
            let mut after = before.clone();
            filled += decouple(&mut after, target, *sequence).unwrap();
            let difference = (before.to_matrix().unwrap() - after.to_matrix().unwrap()).norm();
            assert!(
                difference < 1e-11,
                "seed {seed}, {sequence:?}: {difference}"
            );
        }
    }
    assert!(filled > 200, "only {filled} windows were filled");
}

#[test]
fn general_gates_make_the_same_pulses() {
    for gate in [Gate::U, Gate::U3] {
        let target = builder(1)
            .basis(&[gate, Gate::SX, Gate::CZ])
            .build()
            .unwrap();
        for sequence in SEQUENCES {
            let after = decoupled(waiting(300.0), &target, sequence);
            assert_eq!(count(&after, gate), sequence.steps().len());
            let difference =
                (waiting(300.0).to_matrix().unwrap() - after.to_matrix().unwrap()).norm();
            assert!(difference < 1e-12, "{gate:?} {sequence:?}");
        }
    }
}

#[test]
fn nothing_around_a_window_moves_and_pulses_are_aligned() {
    for seed in 0..60 {
        let target = if seed % 2 == 0 {
            line(4)
        } else {
            line_aligned(4, 10, 20)
        };
        let before = padded(&measured(random_native(4, 60, seed)), &target);
        for sequence in SEQUENCES {
            let after = decoupled(before.clone(), &target, sequence);
            let times = |circuit: &Circuit| {
                let timeline = schedule(circuit, &target, ScheduleMode::Asap).unwrap();
                let measurements = circuit.instructions().iter().zip(timeline.starts());
                let measurements: Vec<u64> = measurements
                    .filter(|(i, _)| matches!(i.operation, Operation::Measure(_)))
                    .map(|(_, &start)| start)
                    .collect();
                (timeline.total(), measurements)
            };
            assert_eq!(times(&before), times(&after), "seed {seed}");
            let timeline = schedule(&after, &target, ScheduleMode::Asap).unwrap();
            let again = insert_delays(&after, &target, &timeline, ScheduleMode::Asap).unwrap();
            assert_eq!(
                after, again,
                "no gap is left, so every pulse starts where it was put"
            );
        }
    }
}

#[test]
fn a_constant_detuning_cancels() {
    for ticks in 80..400 {
        for (sequence, alignment) in [(Sequence::XX, 1), (Sequence::XY4, 1), (Sequence::XY4, 4)] {
            let target = line_aligned(1, alignment, alignment);
            let after = decoupled(waiting(f64::from(ticks)), &target, sequence);
            // Each flip changes the sign with which the waiting time adds to the phase.
            let (mut phase, mut sign) = (0.0, 1.0);
            for instruction in after.instructions() {
                match instruction.operation {
                    Operation::Delay(_, duration) => phase += sign * duration,
                    Operation::Gate(Gate::X) => sign = -sign,
                    _ => {}
                }
            }
            assert!(
                phase.abs() <= 4.0 * f64::from(alignment),
                "{ticks} {sequence:?}: {phase}"
            );
        }
    }
}

#[test]
fn short_windows_are_left_alone() {
    for (ticks, sequence, pulses) in [
        (39.0, Sequence::XX, 0),
        (40.0, Sequence::XX, 2),
        (79.0, Sequence::XY4, 0),
        (80.0, Sequence::XY4, 4),
        (0.0, Sequence::XX, 0),
    ] {
        let after = decoupled(waiting(ticks), &line(1), sequence);
        assert_eq!(count(&after, Gate::X), pulses, "{ticks} {sequence:?}");
    }
}

#[test]
fn a_window_that_alignment_makes_too_tight_is_left_alone() {
    // The window is from 10 to 64; the first pulse may start at 64 at the earliest.
    let target = line_aligned(1, 64, 64);
    let mut circuit = Circuit::new(1, 0);
    circuit
        .sx(0)
        .unwrap()
        .delay(54e-9, 0)
        .unwrap()
        .sx(0)
        .unwrap();
    let after = decoupled(circuit.clone(), &target, Sequence::XX);
    assert_eq!(after, circuit);
}

#[test]
fn a_ground_state_a_measured_bit_and_a_reset_need_no_pulses() {
    let long = 1e-6;
    let mut circuit = Circuit::new(1, 2);
    circuit
        .delay(long, 0)
        .unwrap()
        .rz(0.3, 0)
        .unwrap()
        .delay(long, 0)
        .unwrap()
        .sx(0)
        .unwrap();
    circuit
        .measure(0, 0)
        .unwrap()
        .delay(long, 0)
        .unwrap()
        .measure(0, 1)
        .unwrap();
    circuit
        .x(0)
        .unwrap()
        .delay(long, 0)
        .unwrap()
        .reset(0)
        .unwrap();
    circuit.delay(long, 0).unwrap().barrier(&[0]).unwrap();
    let mut after = circuit.clone();
    assert_eq!(decouple(&mut after, &line(1), Sequence::XY4).unwrap(), 0);
    assert_eq!(after, circuit);
}

#[test]
fn a_wait_that_nothing_follows_is_left_alone() {
    let mut circuit = Circuit::new(1, 0);
    circuit.x(0).unwrap().delay(1e-6, 0).unwrap();
    assert_eq!(decoupled(circuit.clone(), &line(1), Sequence::XX), circuit);
}

#[test]
fn delays_in_a_row_are_one_window() {
    let mut circuit = Circuit::new(1, 0);
    circuit
        .sx(0)
        .unwrap()
        .delay(30e-9, 0)
        .unwrap()
        .delay(30e-9, 0)
        .unwrap()
        .sx(0)
        .unwrap();
    let after = decoupled(circuit, &line(1), Sequence::XX);
    assert_eq!(
        listing(&after),
        [
            "sx 0",
            "delay[10] 0",
            "x 0",
            "delay[20] 0",
            "x 0",
            "delay[10] 0",
            "sx 0"
        ]
    );
}

#[test]
fn windows_inside_bodies_are_filled() {
    let mut body = Circuit::new(1, 1);
    body.sx(0).unwrap().delay(400e-9, 0).unwrap().sx(0).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit.measure(0, 0).unwrap();
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body.clone(), None, &[1])
        .unwrap();
    assert_eq!(decouple(&mut circuit, &line(2), Sequence::XY4).unwrap(), 1);
    let after = circuit.instructions()[1].operation.bodies()[0];
    assert_eq!(count(after, Gate::X), 4);
    assert!((after.to_matrix().unwrap() - body.to_matrix().unwrap()).norm() < 1e-12);
}

#[test]
fn a_qubit_that_waits_for_a_body_on_another_is_decoupled() {
    // q1 waits while q0 is measured and its body runs; the body's own qubit does not.
    let mut body = Circuit::new(1, 1);
    for _ in 0..40 {
        body.sx(0).unwrap();
    }
    let mut circuit = Circuit::new(2, 1);
    circuit.sx(0).unwrap().sx(1).unwrap().cz(0, 1).unwrap();
    circuit.measure(0, 0).unwrap();
    circuit
        .if_else(Expr::bit_is(Clbit::new(0), true), body, None, &[0])
        .unwrap();
    circuit.cz(0, 1).unwrap();
    let target = line(2);
    let timeline = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
    let mut padded = insert_delays(&circuit, &target, &timeline, ScheduleMode::Alap).unwrap();
    assert_eq!(decouple(&mut padded, &target, Sequence::XY4).unwrap(), 1);
    let on_one = |instruction: &&Instruction| instruction.qubits[..] == [q(1)];
    let pulses = padded.instructions().iter().filter(on_one);
    let is_flip = |instruction: &&Instruction| instruction.operation == Operation::Gate(Gate::X);
    assert_eq!(pulses.filter(is_flip).count(), 4);
    // Nothing around the window has moved.
    let after = schedule(&padded, &target, ScheduleMode::Asap).unwrap();
    assert_eq!(after.total(), timeline.total());
}

/// The line of the other tests whose `rz` lasts so many nanoseconds.
fn line_with_slow_turns(num_qubits: usize, ns: f64, alignment: u32) -> Target {
    let text = line_aligned(num_qubits, alignment, 1).to_json();
    let entry = text.find("\"rz\"").unwrap();
    let field = "\"duration\":";
    let start = entry + text[entry..].find(field).unwrap() + field.len();
    let end = start + text[start..].find(['}', ',']).unwrap();
    let seconds = ns * 1e-9;
    Target::from_json(&format!("{}{seconds:e}{}", &text[..start], &text[end..])).unwrap()
}

#[test]
fn turns_that_take_time_have_room_and_move_nothing() {
    for (ns, alignment) in [(6.0, 1), (6.0, 4), (8.0, 8)] {
        let target = line_with_slow_turns(2, ns, alignment);
        let mut circuit = Circuit::new(2, 0);
        circuit.sx(0).unwrap().sx(1).unwrap().cz(0, 1).unwrap();
        for _ in 0..90 {
            circuit.sx(1).unwrap();
        }
        circuit.cz(0, 1).unwrap().sx(0).unwrap();
        let before = padded(&circuit, &target);
        let whole = schedule(&before, &target, ScheduleMode::Asap).unwrap();
        for sequence in SEQUENCES {
            let after = decoupled(before.clone(), &target, sequence);
            assert!(count(&after, Gate::X) > 1, "{sequence:?}");
            let timeline = schedule(&after, &target, ScheduleMode::Asap).unwrap();
            assert_eq!(timeline.total(), whole.total(), "{sequence:?} {ns}");
            let cz_starts = |circuit: &Circuit, timeline: &Timeline| -> Vec<u64> {
                let all = circuit.instructions().iter().zip(timeline.starts());
                let is_cz = |i: &Instruction| i.operation == Operation::Gate(Gate::CZ);
                all.filter(|(i, _)| is_cz(i))
                    .map(|(_, &start)| start)
                    .collect()
            };
            assert_eq!(
                cz_starts(&after, &timeline),
                cz_starts(&before, &whole),
                "{sequence:?} {ns}"
            );
        }
    }
}

#[test]
fn a_target_without_pulses_is_an_error() {
    let target = TargetBuilder::line(1)
        .basis(&[Gate::SX, Gate::RZ])
        .build()
        .unwrap();
    let message = decouple(&mut waiting(500.0), &target, Sequence::XX)
        .unwrap_err()
        .to_string();
    assert!(message.contains("need x and rz, or u"), "{message}");
}

#[test]
fn boston_fills_a_microsecond() {
    let target = Target::bundled("boston").unwrap();
    let mut circuit = Circuit::new(156, 0);
    circuit
        .sx(3)
        .unwrap()
        .delay(1e-6, 3)
        .unwrap()
        .sx(3)
        .unwrap();
    let after = decoupled(circuit, &target, Sequence::XX);
    let expected = [
        "sx 3",
        "delay[59] 3",
        "x 3",
        "delay[117] 3",
        "x 3",
        "delay[58] 3",
        "sx 3",
    ];
    let times = listing(&after);
    assert_eq!(times.len(), expected.len(), "{times:?}");
    let timeline = schedule(&after, &target, ScheduleMode::Asap).unwrap();
    assert_eq!(timeline.total(), 8 + 250 + 8);
    assert_eq!(after.instructions()[2].qubits[..], [q(3)]);
}

#[test]
fn a_turn_too_large_to_be_changed_exactly_takes_up_no_pulse() {
    for angle in [0.3, 1e8] {
        let mut circuit = Circuit::new(1, 0);
        circuit.sx(0).unwrap().delay(4e-7, 0).unwrap();
        circuit.rz(angle, 0).unwrap().sx(0).unwrap();
        let before = circuit.to_matrix().unwrap();
        for sequence in [Sequence::Walsh(1), Sequence::Walsh(3)] {
            let after = decoupled(circuit.clone(), &line(1), sequence);
            assert!(
                (after.to_matrix().unwrap() - &before).norm() < 1e-7,
                "{angle}"
            );
        }
    }
}
