//! Whole runs against the reference engine, and the rules that hold for all of them.

mod branching;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ardea_circuit::random::random_circuit;
use ardea_circuit::{
    C64, Circuit, Clbit, Expr, ForLoop, ForValues, Gate, IfElse, Operation, Qubit, Switch,
    SwitchCase, Symbol, WhileLoop,
};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::{Fusion, Progress, reference};

fn state<T: Real>(circuit: &Circuit, options: &SimOptions) -> Vec<C64> {
    let state = statevector::<T>(circuit, options)
        .unwrap()
        .into_full()
        .unwrap();
    state
        .amplitudes()
        .iter()
        .map(|z| C64::new(z.re.as_f64(), z.im.as_f64()))
        .collect()
}

fn distance(a: &[C64], b: &[C64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).norm())
        .fold(0.0, f64::max)
}

fn random(seed: u64, qubits: usize, gates: usize) -> Circuit {
    let all: Vec<Gate> = Gate::ALL.into_iter().collect();
    random_circuit(&mut Pcg64Mcg::seed_from_u64(seed), qubits, gates, &all)
}

#[test]
fn random_circuits_of_every_gate_agree_with_the_reference() {
    for seed in 0..60 {
        let qubits = 1 + seed as usize % 9;
        let mut circuit = random(seed, qubits, 60);
        circuit.add_global_phase(0.7);
        let expected = reference::statevector(&circuit).unwrap();
        for fusion in [
            Fusion::Off,
            Fusion::UpTo(1),
            Fusion::UpTo(2),
            Fusion::UpTo(3),
            Fusion::UpTo(4),
            Fusion::UpTo(5),
        ] {
            let options = SimOptions {
                fusion,
                ..SimOptions::default()
            };
            assert!(
                distance(&state::<f64>(&circuit, &options), &expected) < 1e-12,
                "seed {seed} {fusion:?}"
            );
            assert!(
                distance(&state::<f32>(&circuit, &options), &expected) < 1e-4,
                "seed {seed} {fusion:?} f32"
            );
        }
    }
}

#[test]
fn states_of_many_tiles_agree_with_the_reference() {
    for seed in 0..3 {
        let circuit = random(100 + seed, 16, 80);
        let expected = reference::statevector(&circuit).unwrap();
        for width in Width::available() {
            let options = SimOptions {
                width: Some(width),
                ..SimOptions::default()
            };
            assert!(
                distance(&state::<f64>(&circuit, &options), &expected) < 1e-12,
                "seed {seed} {width}"
            );
            assert!(
                distance(&state::<f32>(&circuit, &options), &expected) < 1e-4,
                "seed {seed} {width} f32"
            );
        }
    }
}

#[test]
fn states_of_many_tiles_are_right_while_their_qubits_wake_up() {
    // The qubits are touched a few at a time, the highest first and one not at all, so that sweeps meet amplitudes that
    // are still known to be zero.
    let qubits = 18;
    let mut circuit = Circuit::new(qubits, 0);
    for step in 0..qubits - 1 {
        let qubit = qubits - 1 - step;
        circuit.ry(0.3 + step as f64, qubit).unwrap();
        if step > 0 {
            circuit.cx(qubit + 1, qubit).unwrap();
            circuit.cp(0.7, qubits - 1, qubit).unwrap();
        }
    }
    circuit.cz(0, 5).unwrap();
    let expected = reference::statevector(&circuit).unwrap();
    for fusion in [Fusion::Off, Fusion::Automatic, Fusion::UpTo(5)] {
        let options = SimOptions {
            fusion,
            ..SimOptions::default()
        };
        assert!(plan(&circuit, &options).unwrap().num_sweeps() > 1);
        let found = state::<f64>(&circuit, &options);
        assert!(distance(&found, &expected) < 1e-12, "{fusion:?}");
        let report = simulate::<f64>(&circuit, &options).unwrap().report;
        assert!((report.norm - 1.0).abs() < 1e-12);
    }
}

#[test]
fn long_circuits_are_planned_in_linear_time_and_run_right() {
    let circuit = random(200, 8, 30_000);
    let options = SimOptions {
        fusion: Fusion::Off,
        ..SimOptions::default()
    };
    assert!(plan(&circuit, &options).unwrap().num_steps() > 4096);
    let expected = reference::statevector(&circuit).unwrap();
    assert!(distance(&state::<f64>(&circuit, &options), &expected) < 1e-10);
    assert!(distance(&state::<f64>(&circuit, &SimOptions::default()), &expected) < 1e-10);
}

#[test]
fn every_gate_alone_agrees_with_its_matrix() {
    for gate in Gate::ALL {
        for start in 0..1usize << gate.num_qubits() {
            let mut circuit = Circuit::new(gate.num_qubits() + 1, 0);
            for q in (0..gate.num_qubits()).filter(|q| start >> q & 1 == 1) {
                circuit.x(q).unwrap();
            }
            let angles: Vec<f64> = (0..gate.num_angles()).map(|i| 0.3 + i as f64).collect();
            let qubits: Vec<Qubit> = (0..gate.num_qubits()).map(Qubit::new).collect();
            circuit
                .push(Operation::with_values(gate, &angles).unwrap(), &qubits)
                .unwrap();
            let expected = circuit.to_matrix().unwrap();
            let found = state::<f64>(&circuit, &SimOptions::default());
            assert!(
                distance(
                    &found,
                    &expected.column(0).iter().copied().collect::<Vec<_>>()
                ) < 1e-14,
                "{gate}"
            );
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let circuit = random(7, 16, 100);
    let run = |threads| {
        let mut measured = circuit.same_clbits(16);
        measured.extend(&circuit);
        measured.add_creg("m", 16).unwrap();
        for q in 0..16 {
            measured.measure(q, q).unwrap();
        }
        let options = SimOptions {
            threads: Some(threads),
            shots: 20_000,
            seed: 5,
            ..SimOptions::default()
        };
        let run = simulate::<f64>(&measured, &options).unwrap();
        (run.state.unwrap().amplitudes().to_vec(), run.counts)
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(4));
}

/// Compares counts with the reference's exact distribution by chi square.
fn check_distribution(circuit: &Circuit) {
    let shots = 40_000;
    let run = simulate::<f64>(
        circuit,
        &SimOptions {
            seed: 11,
            ..SimOptions::with_shots(shots)
        },
    )
    .unwrap();
    let exact = reference::distribution(circuit).unwrap();
    let (mut chi, mut seen, mut cells) = (0.0, 0, 0);
    for (bits, probability) in &exact {
        let found = run.counts.iter().find(|(outcome, _)| {
            bits.iter()
                .enumerate()
                .all(|(i, &bit)| outcome.get(Clbit::new(i)) == bit)
        });
        let found = found.map_or(0, |(_, times)| times);
        seen += found;
        let expected = probability * shots as f64;
        if expected > 5.0 {
            chi += (found as f64 - expected).powi(2) / expected;
            cells += 1;
        }
    }
    assert_eq!(
        seen,
        shots,
        "outcomes that cannot occur: {:?} against {exact:?}",
        run.counts.to_map()
    );
    // Mean k, deviation sqrt(2 k): six deviations.
    let freedom = f64::from(cells - 1).max(1.0);
    assert!(
        chi < freedom + 6.0 * (2.0 * freedom).sqrt(),
        "chi square {chi} of {freedom}"
    );
}

#[test]
fn sampling_follows_the_state() {
    let mut circuit = random(3, 6, 40).same_clbits(6);
    circuit.extend(&random(3, 6, 40));
    circuit.add_creg("c", 4).unwrap();
    for q in 0..4 {
        circuit.measure(q + 1, 3 - q).unwrap();
    }
    check_distribution(&circuit);
}

#[test]
fn idle_qubits_take_no_memory_and_results_keep_their_numbers() {
    let mut circuit = Circuit::new(156, 3);
    circuit.h(20).unwrap().cx(20, 150).unwrap().x(99).unwrap();
    circuit.barrier(&[0, 5]).unwrap();
    circuit
        .measure(20, 0)
        .unwrap()
        .measure(150, 1)
        .unwrap()
        .measure(7, 2)
        .unwrap();
    let run = simulate::<f64>(&circuit, &SimOptions::with_shots(1000)).unwrap();
    assert_eq!(run.report.active_qubits, 3);
    assert_eq!(run.counts.get("000") + run.counts.get("011"), 1000);
    let state = run.state.unwrap();
    assert!((state.probability_of_one(Qubit::new(99)).unwrap() - 1.0).abs() < 1e-14);
    assert_eq!(state.probability_of_one(Qubit::new(0)).unwrap(), 0.0);
    let table = state
        .probabilities(&[Qubit::new(150), Qubit::new(3), Qubit::new(20)])
        .unwrap();
    assert!((table[0] - 0.5).abs() < 1e-12 && (table[5] - 0.5).abs() < 1e-12);
    assert!(matches!(
        state.into_full(),
        Err(SimulatorError::OutOfMemory { qubits: 156, .. })
    ));
}

#[test]
fn states_too_large_are_refused_before_anything_is_allocated() {
    for qubits in [34usize, 62, 64, 100, 1000] {
        let mut circuit = Circuit::new(qubits, 0);
        for q in 0..qubits {
            circuit.h(q).unwrap();
        }
        let options = SimOptions {
            memory_cap: Some(64 << 30),
            ..SimOptions::default()
        };
        match statevector::<f64>(&circuit, &options) {
            Err(SimulatorError::OutOfMemory { qubits: found, .. }) => assert_eq!(found, qubits),
            other => panic!("{qubits} qubits gave {other:?}"),
        }
    }
}

#[test]
fn symbols_without_a_value_are_named() {
    let mut circuit = Circuit::new(1, 0);
    circuit
        .rx(ardea_circuit::Angle::symbol("theta"), 0)
        .unwrap();
    let error = statevector::<f64>(&circuit, &SimOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("theta"), "{error}");
}

#[test]
fn a_copy_that_memory_forbids_is_run_again_with_the_same_outcomes() {
    let mut circuit = Circuit::new(13, 3);
    for bit in 0..3 {
        circuit
            .ry(0.8, bit)
            .unwrap()
            .cx(bit, 12 - bit)
            .unwrap()
            .measure(bit, bit)
            .unwrap()
            .h(bit)
            .unwrap();
    }
    let run = |memory_cap| {
        let options = SimOptions {
            threads: Some(1),
            memory_cap,
            record: Record::EachShot,
            ..SimOptions::with_shots(500)
        };
        simulate::<f64>(&circuit, &options)
            .unwrap()
            .each_shot
            .unwrap()
    };
    let tight =
        memory::state_bytes::<f64>(13, 1).unwrap() as u64 + working_bytes::<f64>(13, 1) + 1000;
    assert_eq!(run(None), run(Some(tight)));
}

#[test]
fn controlled_operations_keep_the_phase_of_what_they_control() {
    for controls in 1..=9usize {
        let mut base = Circuit::new(2, 0);
        base.h(0).unwrap().cx(0, 1).unwrap().rz(0.4, 1).unwrap();
        base.add_global_phase(0.9);
        let gate = base.to_gate("base").unwrap();
        let pattern: Vec<bool> = (0..controls).map(|i| i % 3 != 1).collect();
        let operation = gate.controlled(&pattern).unwrap();
        let mut circuit = Circuit::new(controls + 2, 0);
        for q in 0..controls + 2 {
            circuit.ry(0.9 + q as f64, q).unwrap();
        }
        let qubits: Vec<Qubit> = (0..controls + 2).rev().map(Qubit::new).collect();
        circuit.push(operation, &qubits).unwrap();
        let expected = reference::statevector(&circuit).unwrap();
        assert!(
            distance(&state::<f64>(&circuit, &SimOptions::default()), &expected) < 1e-12,
            "{controls} controls"
        );
    }
}

#[test]
fn wide_matrices_act_as_they_are() {
    for qubits in [6usize, 7, 8] {
        let matrix = random(77, qubits, 30).to_matrix().unwrap();
        let mut circuit = random(78, qubits + 1, 20);
        let on: Vec<Qubit> = (0..qubits).rev().map(Qubit::new).collect();
        circuit
            .push(Operation::unitary(matrix).unwrap(), &on)
            .unwrap();
        let expected = reference::statevector(&circuit).unwrap();
        assert!(
            distance(&state::<f64>(&circuit, &SimOptions::default()), &expected) < 1e-12,
            "{qubits} qubits"
        );
    }
}

#[test]
fn a_run_starts_from_the_given_state() {
    let first = random(5, 5, 30);
    let second = random(6, 5, 30);
    let middle = reference::statevector(&first).unwrap();
    let options = SimOptions {
        initial_state: Some(middle.into()),
        ..SimOptions::default()
    };
    let mut both = first.clone();
    both.extend(&second);
    assert!(
        distance(
            &state::<f64>(&second, &options),
            &reference::statevector(&both).unwrap()
        ) < 1e-12
    );
    let bad = SimOptions {
        initial_state: Some(vec![C64::ONE; 32].into()),
        ..SimOptions::default()
    };
    assert!(matches!(
        statevector::<f64>(&second, &bad),
        Err(SimulatorError::BadInitialState { .. })
    ));
}

#[test]
fn an_interrupted_run_ends_with_an_error() {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let progress = Progress::new(move |fraction| {
        assert!(fraction > 0.0 && fraction <= 1.0);
        set.store(true, Ordering::Relaxed);
    });
    let options = SimOptions {
        interrupt: Some(flag),
        progress: Some(progress),
        ..SimOptions::default()
    };
    let circuit = random(9, 18, 400);
    assert!(plan(&circuit, &options).unwrap().num_sweeps() > 1);
    assert!(matches!(
        statevector::<f64>(&circuit, &options),
        Err(SimulatorError::Interrupted)
    ));
}

#[test]
fn expectation_values_agree_with_the_operators_matrix() {
    let circuit = random(12, 6, 60);
    let vector = nalgebra::DVector::from_vec(reference::statevector(&circuit).unwrap());
    let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
    let labels = [
        "IIIIII", "ZIZIIZ", "XIYIZI", "YYYYYY", "YYYIII", "XXXXXX", "IIIIIY", "YIIIII", "ZZZZZZ",
        "XYZXYZ", "YYIIZX",
    ];
    let terms: Vec<(&str, f64)> = labels
        .iter()
        .enumerate()
        .map(|(i, &label)| (label, 0.3 + i as f64))
        .collect();
    let operator = ardea_circuit::SparsePauliSum::from_labels(&terms).unwrap();
    let expected = vector.dotc(&(operator.to_matrix().unwrap() * &vector));
    assert!((state.expectation(&operator).unwrap() - expected).norm() < 1e-12);
    for label in labels {
        let one = ardea_circuit::SparsePauliSum::from_labels(&[(label, 1.0)]).unwrap();
        let expected = vector.dotc(&(one.to_matrix().unwrap() * &vector));
        let found = state.expectation_of(&one.terms()[0].0).unwrap();
        assert!((found - expected.re).abs() < 1e-12, "{label}");
    }
}

#[test]
fn overlaps_of_states_with_different_idle_qubits_are_right() {
    let (mut a, mut b) = (Circuit::new(4, 0), Circuit::new(4, 0));
    a.ry(0.4, 0).unwrap().cx(0, 2).unwrap();
    b.ry(1.1, 2)
        .unwrap()
        .rz(0.3, 2)
        .unwrap()
        .ry(0.2, 3)
        .unwrap();
    let dot: C64 = reference::statevector(&a)
        .unwrap()
        .iter()
        .zip(&reference::statevector(&b).unwrap())
        .map(|(a, b)| a.conj() * b)
        .sum();
    let (a, b) = (
        StateVector::<f64>::from_circuit(&a).unwrap(),
        StateVector::from_circuit(&b).unwrap(),
    );
    assert!((a.inner_product(&b).unwrap() - dot).norm() < 1e-14);
    assert!((a.inner_product(&a).unwrap() - C64::ONE).norm() < 1e-14);
}

#[test]
fn circuits_without_qubits_or_gates_run() {
    for qubits in [0, 1, 5] {
        let mut circuit = Circuit::new(qubits, 0);
        circuit.add_global_phase(0.5);
        let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
        assert!((state.amplitude(0) - C64::cis(0.5)).norm() < 1e-15);
    }
}
