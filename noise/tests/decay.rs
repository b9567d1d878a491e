//! The textbook experiments, against their analytic curves.

use std::f64::consts::PI;

use ardea_circuit::{Circuit, Gate, Operation, Qubit, SparsePauliSum, TimeUnit};
use ardea_device::{Target, TargetBuilder};
use ardea_noise::{Engine, Flicker, NoiseModel, NoiseOptions, RunOptions, density_matrix, run};

const T1: f64 = 80e-6;
const T2: f64 = 60e-6;

/// A line of qubits whose gates on one qubit take no time and make no error, so that only waits matter.
fn device(qubits: usize) -> Target {
    TargetBuilder::line(qubits)
        .coherence(T1, T2)
        .one_qubit_gates(0.0, 0.0)
        .zz_rate(5e3)
        .build()
        .unwrap()
}

fn model(qubits: usize, options: NoiseOptions) -> NoiseModel {
    NoiseModel::from_target(&device(qubits), &options).unwrap()
}

fn wait(circuit: &mut Circuit, qubit: usize, seconds: f64) {
    let delay = Operation::Delay(TimeUnit::Seconds, seconds);
    circuit.push(delay, &[Qubit::new(qubit)]).unwrap();
}

/// The probability of 1 on qubit 0.
fn one(circuit: &Circuit, model: &NoiseModel, draws: u64) -> f64 {
    let options = RunOptions {
        draws: Some(draws),
        ..RunOptions::default()
    };
    let state = density_matrix(circuit, model, &options).unwrap();
    state.probabilities(&[Qubit::new(0)]).unwrap()[1]
}

fn relaxing() -> NoiseOptions {
    NoiseOptions {
        idle_relaxation: true,
        ..NoiseOptions::none()
    }
}

/// A Ramsey experiment on qubit 0 with `pulses` pi pulses, evenly spread as Carr, Purcell, Meiboom and Gill do it.
fn echoes(time: f64, pulses: usize, qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, 0);
    circuit.sx(0).unwrap();
    if pulses == 0 {
        wait(&mut circuit, 0, time);
    }
    let piece = time / (2 * pulses).max(1) as f64;
    for _ in 0..pulses {
        wait(&mut circuit, 0, piece);
        circuit.x(0).unwrap();
        wait(&mut circuit, 0, piece);
    }
    circuit.sx(0).unwrap();
    circuit
}

#[test]
fn the_excited_state_decays_with_t1() {
    let model = model(1, relaxing());
    for step in 0..8 {
        let time = 25e-6 * f64::from(step);
        let mut circuit = Circuit::new(1, 0);
        circuit.x(0).unwrap();
        wait(&mut circuit, 0, time);
        assert!((one(&circuit, &model, 1) - (-time / T1).exp()).abs() < 1e-12);
    }
}

#[test]
fn ramsey_and_echo_without_slow_noise_decay_with_t2() {
    let model = model(1, relaxing());
    for step in 0..6 {
        let time = 20e-6 * f64::from(step);
        let expected = (1.0 + (-time / T2).exp()) / 2.0;
        assert!((one(&echoes(time, 0, 1), &model, 1) - expected).abs() < 1e-12);
        // One pi pulse turns the fringe round.
        assert!((one(&echoes(time, 1, 1), &model, 1) - (1.0 - expected)).abs() < 1e-12);
    }
}

#[test]
fn quasi_static_detuning_makes_ramsey_gaussian_and_is_undone_by_an_echo() {
    let sigma = 4e3;
    let model = model(
        1,
        NoiseOptions {
            quasi_static: Some(sigma),
            ..NoiseOptions::none()
        },
    );
    let draws = 3000;
    for time in [10e-6, 40e-6, 80e-6] {
        let decay = (-2.0 * (PI * sigma * time).powi(2)).exp();
        let found = one(&echoes(time, 0, 1), &model, draws);
        // The variance of a cosine of a Gaussian angle is (1 - decay^2)^2 / 2.
        let error = 0.5 * (1.0 - decay * decay) / (2.0 * draws as f64).sqrt();
        let off = (found - (1.0 + decay) / 2.0).abs();
        assert!(off < 4.0 * error, "{time} s: {found}, off by {off}");
        assert!(one(&echoes(time, 1, 1), &model, 20) < 1e-9);
    }
}

/// The decay under noise of spectrum 1/f: exp(-chi), chi half the mean square of the phase, which is the spectrum
/// through the filter of the pulses (Cywinski, Lutchyn, Nave, Das Sarma 2008, arXiv:0712.2225).
fn flicker_decay(flicker: Flicker, time: f64, pulses: usize) -> f64 {
    let edges: Vec<f64> = std::iter::once(0.0)
        .chain((0..pulses).map(|i| (i as f64 + 0.5) / pulses as f64 * time))
        .chain([time])
        .collect();
    let steps = 20_000;
    let ratio = (flicker.highest / flicker.lowest).ln();
    let mut chi = 0.0;
    for step in 0..steps {
        let place = (f64::from(step) + 0.5) / f64::from(steps);
        let rate = 2.0 * PI * flicker.lowest * (place * ratio).exp();
        // The Fourier integral of the sign that pulses give the detuning.
        let (mut re, mut im) = (0.0, 0.0);
        for (i, span) in edges.windows(2).enumerate() {
            let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
            re += sign * ((rate * span[1]).sin() - (rate * span[0]).sin()) / rate;
            im -= sign * ((rate * span[1]).cos() - (rate * span[0]).cos()) / rate;
        }
        chi += 0.5 * (2.0 * PI * flicker.sigma).powi(2) * (re * re + im * im) / f64::from(steps);
    }
    (-chi).exp()
}

#[test]
fn one_over_f_noise_decays_as_the_filter_function_says_for_ramsey_echo_and_cpmg() {
    let flicker = Flicker {
        sigma: 6e3,
        lowest: 1e3,
        highest: 1e6,
    };
    let model = model(
        1,
        NoiseOptions {
            flicker: Some(flicker),
            ..NoiseOptions::none()
        },
    );
    let (time, draws) = (60e-6, 3000);
    let mut last = 0.0;
    for pulses in [0, 1, 2, 4, 8] {
        let decay = flicker_decay(flicker, time, pulses);
        let found = one(&echoes(time, pulses, 1), &model, draws);
        let sign = if pulses % 2 == 0 { 1.0 } else { -1.0 };
        let expected = (1.0 + sign * decay) / 2.0;
        let error = 0.5 * (1.0 - decay * decay) / (2.0 * draws as f64).sqrt();
        assert!(
            (found - expected).abs() < 4.0 * error,
            "{pulses} pulses: {found} for {expected}"
        );
        assert!(decay > last, "more pulses keep more");
        last = decay;
    }
}

#[test]
fn a_neighbour_in_one_turns_the_phase_by_the_zz_rate_and_an_echo_undoes_it() {
    let model = model(
        2,
        NoiseOptions {
            zz: Some(1.0), // the device gives its own rate
            ..NoiseOptions::none()
        },
    );
    let time = 30e-6;
    let mut ramsey = Circuit::new(2, 0);
    ramsey.x(1).unwrap().sx(0).unwrap();
    wait(&mut ramsey, 0, time);
    ramsey.sx(0).unwrap();
    let expected = (1.0 + (2.0 * PI * 5e3 * time).cos()) / 2.0;
    assert!((one(&ramsey, &model, 1) - expected).abs() < 1e-12);
    // The neighbour in 0 does nothing.
    assert!((one(&echoes(time, 0, 2), &model, 1) - 1.0).abs() < 1e-12);
    // A pulse halfway undoes what the neighbour did.
    let mut echo = Circuit::new(2, 0);
    echo.x(1).unwrap().sx(0).unwrap();
    wait(&mut echo, 0, time / 2.0);
    echo.x(0).unwrap();
    wait(&mut echo, 0, time / 2.0);
    echo.sx(0).unwrap();
    assert!(one(&echo, &model, 1) < 1e-12);
}

#[test]
fn zz_with_a_bystander_goes_on_beside_a_running_cz() {
    let cz = 50e-6;
    let target = TargetBuilder::line(3)
        .one_qubit_gates(0.0, 0.0)
        .two_qubit_gates(0.0, cz)
        .zz_rate(3e3)
        .build()
        .unwrap();
    let options = NoiseOptions {
        zz: Some(0.0),
        ..NoiseOptions::none()
    };
    let model = NoiseModel::from_target(&target, &options).unwrap();
    let mut circuit = Circuit::new(3, 0);
    // Qubit 0 waits in superposition beside a cz of qubits 1 (in 1) and 2 (in 0).
    circuit.sx(0).unwrap().x(1).unwrap().cz(1, 2).unwrap();
    circuit.barrier(&[0, 1, 2]).unwrap().sx(0).unwrap();
    let expected = (1.0 + (2.0 * PI * 3e3 * cz).cos()) / 2.0;
    assert!((one(&circuit, &model, 1) - expected).abs() < 1e-12);
}

#[test]
fn charge_parity_beats_between_two_frequencies() {
    let model = model(
        1,
        NoiseOptions {
            charge_parity: Some(10e3),
            ..NoiseOptions::none()
        },
    );
    let time = 35e-6;
    let expected = (1.0 + (2.0 * PI * 10e3 * time).cos()) / 2.0;
    assert!((one(&echoes(time, 0, 1), &model, 50) - expected).abs() < 1e-9);
}

#[test]
fn calibrated_gate_errors_come_out_as_average_errors() {
    let target = Target::bundled("boston").unwrap();
    let model = NoiseModel::from_target(&target, &NoiseOptions::markovian()).unwrap();
    let mut checked = 0;
    for (a, b) in target.edges().take(60) {
        for (gate, qubits) in [(Gate::CZ, vec![a, b]), (Gate::SX, vec![a])] {
            let calibrated = target.instruction(gate, &qubits).unwrap().error;
            let noise = model.gate_noise(gate, &qubits).unwrap().unwrap();
            let found = noise.average_error().unwrap();
            if noise.depolarizing.is_some() {
                assert!(
                    (found - calibrated).abs() < 1e-10,
                    "{gate:?}: {found} {calibrated}"
                );
                checked += 1;
            } else {
                assert!(found >= calibrated - 1e-12);
            }
        }
    }
    assert!(checked > 60, "{checked}");
}

#[test]
fn the_engines_agree_and_runs_repeat_by_seed() {
    let model = model(3, NoiseOptions::default());
    let mut circuit = Circuit::new(3, 3);
    for qubit in 0..3 {
        circuit.sx(qubit).unwrap();
        wait(&mut circuit, qubit, 10e-6 * (qubit + 1) as f64);
    }
    circuit.cz(0, 1).unwrap().sx(1).unwrap().cz(1, 2).unwrap();
    circuit.sx(0).unwrap();
    for qubit in 0..3 {
        circuit.measure(qubit, qubit).unwrap();
    }
    let observable = [SparsePauliSum::from_labels(&[("ZZI", 0.7), ("IXZ", 0.4)]).unwrap()];
    let with = |engine| {
        let options = RunOptions {
            engine,
            ..RunOptions::with_shots(6000)
        };
        run(&circuit, &model, &observable, &options).unwrap()
    };
    let (density, trajectories) = (with(Engine::Density), with(Engine::Trajectories));
    // Both use the same draws, so only the trajectories' shots tell them apart.
    let difference = density.expectations[0].mean - trajectories.expectations[0].mean;
    assert!(difference.abs() < 5.0 / 6000f64.sqrt(), "{difference}");
    assert_eq!(trajectories.counts, with(Engine::Trajectories).counts);
    assert_eq!(trajectories.counts.shots(), 6000);
}

#[test]
fn control_flow_keeps_its_noise() {
    let model = model(2, relaxing());
    // q0 is measured as 1; then, under the condition, q1 is set and waits inside of the body.
    let mut circuit = Circuit::new(2, 1);
    circuit.x(0).unwrap().measure(0, 0).unwrap();
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    wait(&mut body, 0, 40e-6);
    let condition = ardea_circuit::Expr::Bit(ardea_circuit::Clbit::new(0));
    circuit.if_else(condition, body, None, &[1]).unwrap();
    let state = density_matrix(&circuit, &model, &RunOptions::default()).unwrap();
    let found = state.probabilities(&[Qubit::new(1)]).unwrap()[1];
    assert!((found - (-40e-6 / T1).exp()).abs() < 1e-12, "{found}");
}

#[test]
fn a_circuit_that_is_not_compiled_is_refused_by_name() {
    let model = model(2, NoiseOptions::default());
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap();
    let error = model.apply(&circuit, 0, 0).unwrap_err().to_string();
    assert!(
        error.contains("no h on qubits [0]") && error.contains("compile"),
        "{error}"
    );
}
