//! Density matrices against matrices multiplied out, and questions against their definitions.

use ardea_circuit::matrix::apply_to_rows;
use ardea_circuit::{C64, Circuit, Operation, Qubit};
use nalgebra::{DMatrix, DVector};

use super::*;
use crate::noisy_fixtures::{Flow, random_noisy, random_observable};
use crate::{Channel, Channels, Confusion, StateVector};

/// U rho U† or the sum of K rho K†, by plain matrices.
fn multiplied_out(noisy: &NoisyCircuit) -> DMatrix<C64> {
    let side = 1 << noisy.num_qubits();
    let mut rho = DMatrix::zeros(side, side);
    rho[(0, 0)] = C64::ONE;
    for instruction in noisy.circuit().instructions() {
        if matches!(instruction.operation, Operation::Measure(_)) {
            continue;
        }
        let on: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
        let operators = match noisy.channels().of(&instruction.operation) {
            Some(channel) => channel.kraus(),
            None => vec![instruction.operation.matrix().unwrap()],
        };
        rho = operators.iter().fold(DMatrix::zeros(side, side), |sum, k| {
            let mut half = rho.clone();
            apply_to_rows(&mut half, k, &on);
            let mut whole = half.adjoint();
            apply_to_rows(&mut whole, k, &on);
            sum + whole.adjoint()
        });
    }
    rho
}

fn all(noisy: &NoisyCircuit) -> Vec<Qubit> {
    (0..noisy.num_qubits()).map(Qubit::new).collect()
}

#[test]
fn random_noisy_circuits_give_the_matrix_that_multiplying_out_gives() {
    for seed in 0..60 {
        let noisy = random_noisy(seed, Flow::Straight);
        let state = density_matrix::<f64>(&noisy, &SimOptions::default()).unwrap();
        let found = state.reduced(&all(&noisy)).unwrap();
        let expected = multiplied_out(&noisy);
        assert!((&found - &expected).norm() < 1e-12, "seed {seed}");
        assert!((state.trace() - 1.0).abs() < 1e-12);
        assert!((state.purity() - (&expected * &expected).trace().re).abs() < 1e-12);
        let operator = random_observable(seed, noisy.num_qubits());
        let value = (operator.to_matrix().unwrap() * &expected).trace();
        assert!((state.expectation(&operator).unwrap() - value).norm() < 1e-12);
        let psi = StateVector::from_circuit(&{
            let mut circuit = Circuit::new(noisy.num_qubits(), 0);
            circuit.h(0).unwrap().cx(0, 1).unwrap();
            circuit
        })
        .unwrap();
        let vector = DVector::from_iterator(
            1 << noisy.num_qubits(),
            (0..1u128 << noisy.num_qubits()).map(|i| psi.amplitude(i)),
        );
        let fidelity = (vector.adjoint() * &expected * &vector)[(0, 0)].re;
        assert!((state.fidelity(&psi).unwrap() - fidelity).abs() < 1e-12);
    }
}

#[test]
fn probabilities_and_reduced_states_are_partial_traces() {
    let noisy = random_noisy(3, Flow::Straight);
    let state = density_matrix::<f64>(&noisy, &SimOptions::default()).unwrap();
    let whole = multiplied_out(&noisy);
    let pair = [Qubit::new(1), Qubit::new(0)];
    let mut expected = DMatrix::<C64>::zeros(4, 4);
    let value = |i: usize| (i >> 1 & 1) | (i & 1) << 1;
    for row in 0..whole.nrows() {
        for column in (0..whole.nrows()).filter(|column| column >> 2 == row >> 2) {
            expected[(value(row), value(column))] += whole[(row, column)];
        }
    }
    assert!((state.reduced(&pair).unwrap() - &expected).norm() < 1e-13);
    for (i, p) in state.probabilities(&pair).unwrap().into_iter().enumerate() {
        assert!((p - expected[(i, i)].re).abs() < 1e-13);
    }
}

#[test]
fn the_average_of_steered_circuits_is_that_of_their_shots() {
    // q0 is measured in the middle and q1 follows it: an exact mixture.
    let mut circuit = Circuit::new(2, 1);
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    circuit.ry(0.8, 0).unwrap().measure(0, 0).unwrap();
    let condition = ardea_circuit::Expr::Bit(ardea_circuit::Clbit::new(0));
    circuit.if_else(condition, body, None, &[1]).unwrap();
    let noisy = NoisyCircuit::new(circuit, Channels::new())
        .unwrap()
        .with_readout(Qubit::new(0), Confusion::new(0.1, 0.2).unwrap())
        .unwrap();
    let state = density_matrix::<f64>(&noisy, &SimOptions::default()).unwrap();
    let found = state.probabilities(&all(&noisy)).unwrap();
    let one = 0.4f64.sin().powi(2);
    let expected = [(1.0 - one) * 0.9, one * 0.2, (1.0 - one) * 0.1, one * 0.8];
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-14, "{found:?}");
    }
}

#[test]
fn shots_follow_the_diagonal_and_the_confusion() {
    let mut circuit = Circuit::new(1, 1);
    circuit.x(0).unwrap();
    let mut channels = Channels::new();
    let damping = channels.add("damping", Channel::amplitude_damping(0.25).unwrap());
    circuit.push(damping, &[Qubit::new(0)]).unwrap();
    circuit.measure(0, 0).unwrap();
    let noisy = NoisyCircuit::new(circuit, channels)
        .unwrap()
        .with_readout(Qubit::new(0), Confusion::new(0.0, 0.4).unwrap())
        .unwrap();
    let shots = 100_000;
    let run = simulate_density::<f64>(&noisy, &SimOptions::with_shots(shots)).unwrap();
    let expected = 0.75 * 0.6;
    let error = (expected * (1.0 - expected) / shots as f64).sqrt();
    let found = run.counts.get("1") as f64 / shots as f64;
    assert!((found - expected).abs() < 5.0 * error, "{found}");
}

#[test]
fn too_many_qubits_are_refused_with_a_way_out() {
    let mut circuit = Circuit::new(15, 0);
    for qubit in 0..15 {
        circuit.h(qubit).unwrap();
    }
    let noisy = NoisyCircuit::new(circuit, Channels::new()).unwrap();
    let error = density_matrix::<f64>(&noisy, &SimOptions::default()).unwrap_err();
    assert!(error.to_string().contains("use trajectories"), "{error}");
}
