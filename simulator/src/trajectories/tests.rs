//! Trajectories against density matrices, and independence of everything that must not matter.

use ardea_circuit::{Circuit, Qubit};

use super::*;
use crate::noisy_fixtures::{Flow, random_noisy, random_observable};
use crate::{Channel, Channels, density_matrix, simulate_density};

/// Standard scores of expectation values of trajectories, with the density matrix as the truth.
fn scores(flow: Flow, seeds: std::ops::Range<u64>) -> Vec<f64> {
    let mut out = vec![];
    for seed in seeds {
        let noisy = random_noisy(seed, flow);
        let observables: Vec<SparsePauliSum> = (0..3)
            .map(|i| random_observable(100 * seed + i, noisy.num_qubits()))
            .collect();
        let exact = density_matrix::<f64>(&noisy, &SimOptions::default()).unwrap();
        let options = SimOptions {
            shots: 3000,
            seed,
            ..SimOptions::default()
        };
        let run = trajectories::<f64>(&noisy, &observables, &options).unwrap();
        assert_eq!(run.counts.shots(), 3000);
        for (estimate, operator) in run.expectations.iter().zip(&observables) {
            let truth = exact.expectation(operator).unwrap().re;
            // A value that all shots share has no spread but may have no meaning either: then it must be right.
            if estimate.error < 1e-9 {
                assert!((estimate.mean - truth).abs() < 1e-9, "seed {seed}");
            } else {
                out.push((estimate.mean - truth) / estimate.error);
            }
        }
    }
    out
}

#[test]
fn a_hundred_random_noisy_circuits_agree_with_the_density_matrix_within_error_bars() {
    for flow in [Flow::Straight, Flow::Steered] {
        let scores = scores(flow, 0..100);
        let worst = scores.iter().fold(0.0f64, |worst, z| worst.max(z.abs()));
        let square = scores.iter().map(|z| z * z).sum::<f64>() / scores.len() as f64;
        assert!(scores.len() > 200 && worst < 4.5, "{worst} standard errors");
        assert!((0.75..1.3).contains(&square), "mean square score {square}");
    }
}

#[test]
fn counts_agree_with_those_of_the_density_matrix() {
    for seed in 0..12 {
        let noisy = random_noisy(seed, Flow::Steered);
        let options = SimOptions {
            shots: 20_000,
            seed,
            ..SimOptions::default()
        };
        let a = trajectories::<f64>(&noisy, &[], &options).unwrap().counts;
        let b = simulate_density::<f64>(&noisy, &options).unwrap().counts;
        let (mut chi, mut degrees) = (0.0, 0.0);
        for (text, count) in b.to_map() {
            let (x, y) = (a.get(&text) as f64, count as f64);
            if x + y > 20.0 {
                chi += (x - y).powi(2) / (x + y);
                degrees += 1.0;
            }
        }
        let limit = degrees + 5.0 * f64::sqrt(2.0 * degrees);
        assert!(chi < limit, "seed {seed}: chi square {chi} of {degrees}");
    }
}

#[test]
fn results_depend_on_neither_threads_nor_memory_nor_company() {
    let noisy = random_noisy(8, Flow::Steered);
    let observable = [random_observable(1, noisy.num_qubits())];
    let run = |threads, shots| {
        let options = SimOptions {
            shots,
            seed: 5,
            threads: Some(threads),
            record: Record::EachShot,
            ..SimOptions::default()
        };
        trajectories::<f64>(&noisy, &observable, &options).unwrap()
    };
    let (one, three, fewer) = (run(1, 500), run(3, 500), run(1, 40));
    assert_eq!(one.counts, three.counts);
    assert_eq!(one.each_shot, three.each_shot);
    assert_eq!(one.expectations, three.expectations);
    assert_eq!(one.each_shot.unwrap()[..40], fewer.each_shot.unwrap());
}

#[test]
fn groups_that_find_no_room_start_again_and_end_the_same() {
    let noisy = random_noisy(8, Flow::Steered);
    let run = |waiting| {
        let options = SimOptions {
            shots: 300,
            seed: 9,
            record: Record::EachShot,
            ..SimOptions::default()
        };
        run_with::<f64>(&noisy, &[], &options, |_| waiting).unwrap()
    };
    assert_eq!(run(0).each_shot, run(50).each_shot);
}

#[test]
fn a_qubit_decays_as_the_damping_says() {
    let mut channels = Channels::new();
    let damping = channels.add("damping", Channel::amplitude_damping(0.02).unwrap());
    let mut circuit = Circuit::new(1, 1);
    circuit.x(0).unwrap();
    for _ in 0..50 {
        circuit.push(damping.clone(), &[Qubit::new(0)]).unwrap();
    }
    circuit.measure(0, 0).unwrap();
    let noisy = NoisyCircuit::new(circuit, channels).unwrap();
    let shots = 20_000;
    let run = trajectories::<f64>(&noisy, &[], &SimOptions::with_shots(shots)).unwrap();
    let expected = 0.98f64.powi(50);
    let found = run.counts.get("1") as f64 / shots as f64;
    let error = (expected * (1.0 - expected) / shots as f64).sqrt();
    assert!(
        (found - expected).abs() < 4.0 * error,
        "{found} for {expected}"
    );
    assert_eq!(run.report.jumps, run.counts.get("0"));
}

#[test]
fn single_precision_agrees() {
    let noisy = random_noisy(21, Flow::Straight);
    let observable = [random_observable(2, noisy.num_qubits())];
    let options = SimOptions::with_shots(2000);
    let double = trajectories::<f64>(&noisy, &observable, &options).unwrap();
    let single = trajectories::<f32>(&noisy, &observable, &options).unwrap();
    let difference = double.expectations[0].mean - single.expectations[0].mean;
    assert!(difference.abs() < 1e-4);
}

#[test]
fn no_shots_are_refused() {
    let noisy = random_noisy(1, Flow::Straight);
    let error = trajectories::<f64>(&noisy, &[], &SimOptions::default()).unwrap_err();
    assert!(error.to_string().contains("at least one shot"), "{error}");
}
