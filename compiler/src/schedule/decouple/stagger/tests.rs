use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use ardea_device::{Target, TargetBuilder};

use super::*;
use crate::ScheduleMode;
use crate::schedule::fixtures::{builder, count, random_native};
use crate::schedule::{SlowNoise, decouple, estimate_with, insert_delays, schedule, stagger};

/// The line of the other tests with this ZZ between neighbours.
fn coupled(num_qubits: usize, hertz: f64) -> Target {
    builder(num_qubits).zz_rate(hertz).build().unwrap()
}

/// Sign of Z of each qubit at each tick; flips count in the middle of their pulse. Written anew here, tick by tick, so
/// that it does not rest on what it checks.
fn signs_by_tick(circuit: &Circuit, target: &Target) -> Vec<Vec<i64>> {
    let timeline = schedule(circuit, target, ScheduleMode::Asap).unwrap();
    let mut signs = vec![vec![1; timeline.total() as usize]; circuit.num_qubits()];
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
        if instruction.operation == Operation::Gate(Gate::X) {
            let row = &mut signs[instruction.qubits[0].index()];
            row[(start + ticks / 2) as usize..]
                .iter_mut()
                .for_each(|sign| *sign = -*sign);
        }
    }
    signs
}

/// All qubits of a line in superposition, waiting for this many ticks.
fn waiting_together(num_qubits: usize, ticks: u32) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    let each = |circuit: &mut Circuit| {
        for q in 0..num_qubits {
            circuit.sx(q).unwrap();
        }
    };
    each(&mut circuit);
    for q in 0..num_qubits {
        circuit.delay(f64::from(ticks) * 1e-9, q).unwrap();
    }
    each(&mut circuit);
    circuit
}

/// Three qubits in superposition; the first waits while the others run this many `cz`.
fn beside_running_gates(count: u32) -> Circuit {
    let mut circuit = Circuit::new(3, 0);
    for q in 0..3 {
        circuit.sx(q).unwrap();
    }
    for _ in 0..count {
        circuit.cz(1, 2).unwrap();
    }
    let seconds = f64::from(count) * 30e-9;
    circuit.delay(seconds, 0).unwrap().sx(0).unwrap();
    circuit
}

fn sum(row: &[i64]) -> i64 {
    row.iter().sum()
}

fn common(a: &[i64], b: &[i64]) -> i64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn neighbours_that_wait_together_cancel_z_and_zz() {
    let strong = SlowNoise {
        detuning_hz: 20e3,
        ..SlowNoise::default()
    };
    for ticks in [2000, 3000, 4321, 10000] {
        let target = coupled(5, 50e3);
        let mut circuit = waiting_together(5, ticks);
        let filled = stagger(&mut circuit, &target, STAGGERED, &strong).unwrap();
        assert_eq!(filled, 5);
        let signs = signs_by_tick(&circuit, &target);
        let window = 10..10 + ticks as usize;
        // Rounding moves each of at most a few dozen flips by half a tick.
        let slack = 40;
        for row in &signs {
            assert!(sum(&row[window.clone()]).abs() < slack, "{ticks}");
        }
        for (q, pair) in signs.windows(2).enumerate() {
            let left = common(&pair[0][window.clone()], &pair[1][window.clone()]);
            assert!(left.abs() < slack, "{ticks}, {q}: {left}");
        }
        // The same sequence everywhere leaves all of it.
        let mut same = waiting_together(5, ticks);
        decouple(&mut same, &target, Sequence::XX).unwrap();
        let signs = signs_by_tick(&same, &target);
        assert_eq!(
            common(&signs[0][window.clone()], &signs[1][window]),
            i64::from(ticks)
        );
    }
}

#[test]
fn a_qubit_beside_running_gates_is_balanced_over_them() {
    let target = coupled(3, 100e3);
    let mut circuit = beside_running_gates(60);
    let filled = stagger(&mut circuit, &target, STAGGERED, &SlowNoise::default()).unwrap();
    assert_eq!(filled, 1);
    let signs = signs_by_tick(&circuit, &target);
    assert!(sum(&signs[0][10..1810]).abs() < 10);
}

#[test]
fn a_neighbour_whose_gates_fail_is_echoed_more_often() {
    let pulses = |error: f64| {
        let target = builder(3).two_qubit_gates(error, 30e-9);
        let target = target.zz_rate(20e3).build().unwrap();
        let mut circuit = beside_running_gates(600);
        stagger(&mut circuit, &target, STAGGERED, &SlowNoise::default()).unwrap();
        count(&circuit, Gate::X)
    };
    let (steady, restless) = (pulses(0.0), pulses(5e-3));
    assert!(steady > 0 && restless >= 2 * steady, "{steady}, {restless}");
}

#[test]
fn the_operator_stays_the_same_including_its_phase() {
    let mut filled = 0;
    let noise = SlowNoise {
        detuning_hz: 1e5,
        ..SlowNoise::default()
    };
    for seed in 0..30 {
        let target = coupled(4, 100e3);
        let circuit = random_native(4, 60, seed);
        let timeline = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
        let before = insert_delays(&circuit, &target, &timeline, ScheduleMode::Alap).unwrap();
        for palette in [STAGGERED, CPMG, UDD, WALSH] {
            let mut after = before.clone();
            filled += stagger(&mut after, &target, palette, &noise).unwrap();
            let difference = (before.to_matrix().unwrap() - after.to_matrix().unwrap()).norm();
            assert!(difference < 1e-11, "seed {seed}: {difference}");
        }
    }
    assert!(filled > 200, "only {filled} windows were filled");
}

#[test]
fn windows_where_pulses_cost_more_than_they_save_stay_empty() {
    let fill = |target: &Target, ticks: u32| {
        let mut circuit = waiting_together(2, ticks);
        stagger(&mut circuit, target, STAGGERED, &SlowNoise::default()).unwrap()
    };
    let good = coupled(2, 10e3);
    assert_eq!(fill(&good, 100), 0, "little to save");
    assert_eq!(fill(&good, 5000), 2, "much to save");
    let bad = TargetBuilder::line(2)
        .one_qubit_gates(0.1, 10e-9)
        .zz_rate(10e3)
        .build()
        .unwrap();
    assert_eq!(fill(&bad, 5000), 0, "pulses are bad");
}

#[test]
fn the_estimate_gains_and_never_loses() {
    for seed in 0..20 {
        let target = coupled(4, 30e3);
        let circuit = random_native(4, 60, seed);
        let timeline = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
        let before = insert_delays(&circuit, &target, &timeline, ScheduleMode::Alap).unwrap();
        let noise = SlowNoise::default();
        let mut after = before.clone();
        stagger(&mut after, &target, STAGGERED, &noise).unwrap();
        let of = |circuit: &Circuit| {
            estimate_with(circuit, &target, &noise)
                .unwrap()
                .success_probability
        };
        // Phases of neighbouring windows are counted apart when choosing and together here.
        assert!(of(&after) >= of(&before) * 0.999, "seed {seed}");
    }
    let (target, noise) = (coupled(3, 30e3), SlowNoise::default());
    let before = waiting_together(3, 4000);
    let (mut staggered, mut aligned) = (before.clone(), before.clone());
    stagger(&mut staggered, &target, STAGGERED, &noise).unwrap();
    decouple(&mut aligned, &target, Sequence::XX).unwrap();
    let lost = |circuit: &Circuit| {
        -estimate_with(circuit, &target, &noise)
            .unwrap()
            .log_success_slow
    };
    assert!(lost(&staggered) < 0.01 * lost(&before));
    assert!(lost(&staggered) < 0.02 * lost(&aligned));
}

#[test]
fn inverse_pulses_are_an_x_between_two_half_turns() {
    let mut circuit = waiting_together(1, 100);
    decouple(&mut circuit, &coupled(1, 0.0), Sequence::XpXm).unwrap();
    assert_eq!(
        (count(&circuit, Gate::X), count(&circuit, Gate::RZ)),
        (2, 2)
    );
    let is_turn = |instruction: &Instruction| {
        instruction.operation == Operation::Rotation(Gate::RZ, std::f64::consts::PI)
    };
    let second = circuit
        .instructions()
        .iter()
        .rposition(|i| i.operation == Operation::Gate(Gate::X))
        .unwrap();
    assert!(is_turn(&circuit.instructions()[second - 1]));
    assert!(is_turn(&circuit.instructions()[second + 1]));
}

#[test]
fn a_flip_at_the_end_of_a_window_is_taken_up_by_the_gate_behind_it() {
    let mut before = Circuit::new(1, 0);
    before.sx(0).unwrap().delay(10e-6, 0).unwrap();
    before.rz(0.3, 0).unwrap().sx(0).unwrap();
    let mut after = before.clone();
    let odd = &[Sequence::Walsh(1)];
    let filled = stagger(&mut after, &coupled(1, 0.0), odd, &SlowNoise::default()).unwrap();
    assert_eq!(filled, 1);
    // An even number of flips, the last of which is none of the pulses.
    let pulses = count(&after, Gate::X);
    assert_eq!(pulses % 2, 1, "{pulses}");
    assert_eq!(count(&after, Gate::SX), 2);
    let difference = before.to_matrix().unwrap() - after.to_matrix().unwrap();
    assert!(difference.norm() < 1e-12);
}
