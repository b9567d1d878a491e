//! Channels against each other, against textbook formulas, and against what must be refused.

use ardea_circuit::PauliString;
use nalgebra::DVector;

use super::*;

fn close(a: &DMatrix<C64>, b: &DMatrix<C64>) -> bool {
    largest(&(a - b)) < 1e-12
}

/// One channel of every kind.
fn samples() -> Vec<Channel> {
    let string = |label: &str| PauliString::from_label(label).unwrap();
    vec![
        Channel::identity(1).unwrap(),
        Channel::depolarizing(0.1, 1).unwrap(),
        Channel::depolarizing(0.02, 2).unwrap(),
        Channel::bit_flip(0.9).unwrap(),
        Channel::pauli(&[(string("XZ"), 0.1), (string("IY"), 0.05)]).unwrap(),
        Channel::amplitude_damping(0.3).unwrap(),
        Channel::amplitude_damping(1.0).unwrap(),
        Channel::phase_damping(0.2).unwrap(),
        Channel::thermal_relaxation(50e-6, 70e-6, 10e-6, 0.1).unwrap(),
        Channel::thermal_relaxation(50e-6, 100e-6, 10e-6, 0.0).unwrap(),
        Channel::amplitude_damping(0.3)
            .unwrap()
            .beside(&Channel::phase_damping(0.2).unwrap())
            .unwrap()
            .then(&Channel::depolarizing(0.02, 2).unwrap())
            .unwrap(),
    ]
}

fn apply(channel: &Channel, rho: &DMatrix<C64>) -> DMatrix<C64> {
    let sum = |sum, k: &DMatrix<C64>| sum + k * rho * k.adjoint();
    channel
        .kraus()
        .iter()
        .fold(DMatrix::zeros(rho.nrows(), rho.nrows()), sum)
}

fn some_state(side: usize) -> DMatrix<C64> {
    let vector = DVector::from_fn(side, |i, _| C64::new(1.0 + i as f64, 0.3 * i as f64 - 0.2));
    let rho = &vector * vector.adjoint() + DMatrix::identity(side, side);
    let trace = rho.trace();
    rho / trace
}

#[test]
fn the_superoperator_acts_like_the_kraus_operators_and_leads_back_to_them() {
    for channel in samples() {
        let rho = some_state(1 << channel.num_qubits());
        let expected = apply(&channel, &rho);
        let stacked = DVector::from_column_slice(rho.as_slice());
        let mapped = channel.superoperator() * stacked;
        let mapped = DMatrix::from_column_slice(rho.nrows(), rho.nrows(), mapped.as_slice());
        assert!(close(&mapped, &expected), "{channel:?}");
        let back = Channel::from_superoperator(&channel.superoperator()).unwrap();
        assert!(close(&back.superoperator(), &channel.superoperator()));
        let back = Channel::from_pauli_transfer(&channel.pauli_transfer()).unwrap();
        assert!(close(&back.superoperator(), &channel.superoperator()));
    }
}

#[test]
fn the_split_into_jumps_is_the_channel_again() {
    for channel in samples() {
        let split = Unravelling::of(&channel).unwrap();
        let mut operators = vec![match split.hazard {
            Some(hazard) => split.no_jump * C64::from((-hazard / 2.0).exp()),
            None => split.no_jump,
        }];
        operators.extend(split.jumps.iter().map(|(w, k)| k * C64::from(w.sqrt())));
        let again = Channel::from_kraus(operators).unwrap();
        assert!(close(&again.superoperator(), &channel.superoperator()));
    }
}

#[test]
fn a_depolarizing_channel_shrinks_every_pauli_alike() {
    let transfer = Channel::depolarizing(0.2, 2).unwrap().pauli_transfer();
    for i in 0..16 {
        for j in 0..16 {
            let expected = if i != j {
                0.0
            } else if i == 0 {
                1.0
            } else {
                0.8
            };
            assert!((transfer[(i, j)] - expected).abs() < 1e-14);
        }
    }
}

#[test]
fn relaxation_follows_t1_and_t2() {
    let (t1, t2, time) = (80e-6, 55e-6, 23e-6);
    let channel = Channel::thermal_relaxation(t1, t2, time, 0.0).unwrap();
    let half = C64::from(0.5);
    let plus = DMatrix::from_element(2, 2, half);
    let end = apply(&channel, &plus);
    assert!((end[(0, 1)].re - 0.5 * (-time / t2).exp()).abs() < 1e-14);
    assert!((end[(1, 1)].re - 0.5 * (-time / t1).exp()).abs() < 1e-14);
    // Average gate infidelity of relaxation: 1 - (1/2 + exp(-t/T1)/6 + exp(-t/T2)/3).
    let expected = 0.5 + (-time / t1).exp() / 6.0 + (-time / t2).exp() / 3.0;
    assert!((channel.average_gate_fidelity() - expected).abs() < 1e-14);
}

#[test]
fn twirling_keeps_the_fidelity_and_leaves_paulis() {
    for channel in samples() {
        let twirled = channel.twirled().unwrap();
        assert!((twirled.process_fidelity() - channel.process_fidelity()).abs() < 1e-13);
        let (a, b) = (twirled.pauli_transfer(), channel.pauli_transfer());
        for i in 0..a.nrows() {
            assert!((a[(i, i)] - b[(i, i)]).abs() < 1e-13);
            assert!((0..a.nrows()).all(|j| i == j || a[(i, j)].abs() < 1e-13));
        }
    }
}

#[test]
fn what_only_mixes_unitaries_is_known_as_such() {
    let damping = Channel::phase_damping(0.2).unwrap();
    assert!(damping.as_mixed_unitary().is_some());
    let kraus = Channel::from_kraus(damping.kraus()).unwrap();
    assert_eq!(kraus.as_mixed_unitary().unwrap().len(), 2);
    assert!(
        Channel::amplitude_damping(0.1)
            .unwrap()
            .as_mixed_unitary()
            .is_none()
    );
}

#[test]
fn what_is_no_channel_is_refused_with_the_reason() {
    let half = DMatrix::<C64>::identity(2, 2) * C64::from(0.5);
    let refused = |result: Result<Channel, SimulatorError>, word: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    };
    refused(
        Channel::from_kraus(vec![half.clone()]),
        "preserve the trace",
    );
    refused(Channel::from_kraus(vec![]), "no operators");
    refused(
        Channel::from_kraus(vec![DMatrix::identity(8, 8)]),
        "3 qubits",
    );
    refused(Channel::from_kraus(vec![DMatrix::identity(3, 3)]), "side 3");
    refused(
        Channel::from_kraus(vec![half * C64::from(f64::NAN)]),
        "finite",
    );
    refused(Channel::depolarizing(1.5, 1), "1.3333");
    refused(Channel::bit_flip(f64::NAN), "probability");
    refused(Channel::thermal_relaxation(1.0, 3.0, 1.0, 0.0), "2 T1");
    refused(
        Channel::mixed_unitary(vec![(0.5, DMatrix::identity(2, 2))]),
        "add up",
    );
    // Transposition keeps the trace and is positive, but not completely.
    let mut transposition = DMatrix::zeros(4, 4);
    for (row, column) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
        transposition[(row, column)] = C64::ONE;
    }
    refused(
        Channel::from_superoperator(&transposition),
        "completely positive",
    );
}
