//! Twirled circuits against the matrices and channels of what they came from.

use ardea_circuit::matrix::close;
use ardea_circuit::random::random_circuit;
use ardea_circuit::{C64, Circuit, Clbit, Expr, Gate, Operation, Qubit};
use ardea_compiler::verify::check_legal;
use ardea_compiler::{CompileOptions, Preserve, Verification, compile};
use ardea_device::TargetBuilder;
use ardea_simulator::{Channel, SimOptions, simulate};
use nalgebra::{DMatrix, Matrix4};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::group::{members, pauli};
use super::*;

fn target(fractional: bool) -> Target {
    let builder = TargetBuilder::line(4);
    let builder = if fractional {
        builder.fractional(&[Gate::RX, Gate::RZZ])
    } else {
        builder
    };
    builder.build().unwrap()
}

fn compiled(seed: u64, target: &Target, gate_set: GateSet) -> Circuit {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let circuit = random_circuit(&mut random, 4, 14, &Gate::ALL);
    let options = CompileOptions {
        gate_set,
        preserve: Preserve::Unitary,
        verification: Verification::Off,
        ..CompileOptions::default()
    };
    compile(&circuit, target, &options).unwrap().circuit
}

fn pulses(circuit: &Circuit) -> usize {
    let counts = circuit.count_ops();
    ["sx", "x", "rx"]
        .map(|name| counts.get(name).copied().unwrap_or(0))
        .iter()
        .sum()
}

#[test]
fn every_version_is_the_same_operator_with_its_phase() {
    for (fractional, gate_set) in [(false, GateSet::Standard), (true, GateSet::Fractional)] {
        let target = target(fractional);
        for seed in 0..10 {
            let circuit = compiled(seed, &target, gate_set);
            let twirler = Twirler::new(
                &circuit,
                &target,
                GateTwirl::TwoQubit,
                MeasurementTwirl::Off,
            );
            let twirler = twirler.unwrap();
            assert_eq!(twirler.num_gates(), circuit.two_qubit_count());
            let expected = circuit.to_matrix().unwrap();
            for version in twirler.versions(seed, 6) {
                assert!(
                    close(&version.circuit.to_matrix().unwrap(), &expected, 1e-10),
                    "{seed}"
                );
                assert_eq!(version.circuit.two_qubit_count(), circuit.two_qubit_count());
                check_legal(&version.circuit, &target, gate_set).unwrap();
                assert_eq!(version.flips, Flips::default());
            }
        }
    }
}

#[test]
fn versions_differ_and_depend_on_seed_and_number_alone() {
    let target = target(false);
    let circuit = compiled(3, &target, GateSet::Standard);
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Off,
    )
    .unwrap();
    let versions = twirler.versions(1, 8);
    assert!((1..8).all(|k| versions[k] != versions[0]));
    assert_eq!(twirler.randomise(1, 5), versions[5]);
    assert_ne!(twirler.randomise(2, 5), versions[5]);
}

#[test]
fn runs_that_have_pulses_keep_their_number() {
    let target = target(false);
    let mut circuit = Circuit::new(4, 0);
    for layer in 0..10 {
        for q in 0..4 {
            circuit.rz(0.3 + q as f64, q).unwrap().sx(q).unwrap();
            circuit
                .rz(1.1 * f64::from(layer), q)
                .unwrap()
                .sx(q)
                .unwrap();
        }
        circuit
            .cz(0, 1)
            .unwrap()
            .cz(2, 3)
            .unwrap()
            .cz(1, 2)
            .unwrap();
    }
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Off,
    )
    .unwrap();
    let full: usize = (0..10)
        .map(|k| pulses(&twirler.randomise(7, k).circuit))
        .sum();
    // Between `cz 0 1` and `cz 1 2` there is no pulse, and one comes in for half of the Paulis; so at the end.
    let free = 2 * 10 + 4;
    assert!(full <= 10 * (pulses(&circuit) + free), "{full}");
    assert!(full >= 10 * pulses(&circuit));
}

#[test]
fn the_bodies_of_control_flow_are_twirled_too() {
    let target = target(false);
    let mut body = Circuit::new(2, 2);
    body.sx(0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .rz(0.4, 1)
        .unwrap()
        .cz(0, 1)
        .unwrap();
    body.add_global_phase(0.3);
    let mut circuit = Circuit::new(4, 2);
    circuit
        .sx(1)
        .unwrap()
        .sx(2)
        .unwrap()
        .cz(1, 2)
        .unwrap()
        .measure(0, 0)
        .unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body.clone(), None, &[1, 2])
        .unwrap();
    circuit.cz(2, 3).unwrap();
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Final,
    )
    .unwrap();
    assert_eq!((twirler.num_gates(), twirler.num_measurements()), (4, 0));
    let expected = body.to_matrix().unwrap();
    let mut changed = 0;
    for version in twirler.versions(0, 10) {
        let choice = version.circuit.instructions().iter();
        let choice = choice
            .map(|i| &i.operation)
            .find(|op| op.is_control_flow())
            .unwrap();
        let twirled = choice.bodies()[0];
        assert!(close(&twirled.to_matrix().unwrap(), &expected, 1e-10));
        changed += usize::from(*twirled != body);
    }
    assert!(changed > 5);
}

#[test]
fn twirled_measurements_give_the_same_counts_once_the_bits_are_put_right() {
    let target = target(false);
    let mut circuit = Circuit::new(4, 4);
    circuit.x(0).unwrap().sx(1).unwrap().cz(0, 1).unwrap();
    circuit.measure(0, 0).unwrap(); // in the middle: the qubit goes on
    circuit
        .sx(0)
        .unwrap()
        .sx(0)
        .unwrap()
        .barrier(&[0, 1, 2])
        .unwrap();
    circuit
        .measure(0, 1)
        .unwrap()
        .measure(2, 2)
        .unwrap()
        .measure(3, 3)
        .unwrap();
    let condition = Expr::Bit(Clbit::new(3));
    let mut body = Circuit::new(1, 4);
    body.x(0).unwrap();
    circuit.if_else(condition, body, None, &[1]).unwrap();
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Final,
    )
    .unwrap();
    assert_eq!(twirler.num_measurements(), 3);
    let expected = simulate::<f64>(&circuit, &SimOptions::with_shots(10))
        .unwrap()
        .counts;
    assert_eq!(expected.len(), 1);
    let mut flipped = [0; 4];
    for version in twirler.versions(5, 40) {
        let run = simulate::<f64>(&version.circuit, &SimOptions::with_shots(10)).unwrap();
        assert_eq!(version.flips.undo(&run.counts, &circuit), expected);
        for bit in version.flips.bits() {
            flipped[bit.index()] += 1;
        }
    }
    assert!(flipped[..3].iter().all(|&n| (8..32).contains(&n)) && flipped[3] == 0);
}

#[test]
fn the_x_of_a_measurement_merges_across_the_barrier_before_it() {
    let target = target(false);
    let mut circuit = Circuit::new(2, 2);
    circuit
        .rz(0.2, 0)
        .unwrap()
        .sx(0)
        .unwrap()
        .barrier(&[0, 1])
        .unwrap();
    circuit.measure(0, 0).unwrap();
    let twirler = Twirler::new(&circuit, &target, GateTwirl::Off, MeasurementTwirl::Final).unwrap();
    for version in twirler.versions(0, 10) {
        assert_eq!(pulses(&version.circuit), 1);
    }
}

#[test]
fn between_the_copies_of_a_folded_gate_there_is_one_pulse_at_most() {
    let target = target(false);
    let mut circuit = Circuit::new(2, 0);
    circuit.cz(0, 1).unwrap();
    for _ in 0..10 {
        circuit.barrier(&[0, 1]).unwrap().cz(0, 1).unwrap();
    }
    let expected = circuit.to_matrix().unwrap();
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Off,
    );
    for version in twirler.unwrap().versions(0, 10) {
        assert!(pulses(&version.circuit) <= 2 * 12);
        assert!(close(
            &version.circuit.to_matrix().unwrap(),
            &expected,
            1e-12
        ));
    }
}

/// A coherent error behind a gate, averaged over the group of the gate, as a channel of its own.
fn average(gate: &Matrix4<C64>, error: &Matrix4<C64>) -> DMatrix<C64> {
    let wide = |matrix: &Matrix4<C64>| DMatrix::from_iterator(4, 4, matrix.iter().copied());
    let pair =
        |indices: [u8; 2]| ardea_circuit::matrix::kron2(&pauli(indices[1]), &pauli(indices[0]));
    let group = members(gate);
    let terms = group
        .iter()
        .map(|member| {
            let noisy = pair(member.after) * error * gate * pair(member.before);
            (1.0 / group.len() as f64, wide(&(noisy * gate.adjoint())))
        })
        .collect();
    Channel::mixed_unitary(terms).unwrap().superoperator()
}

#[test]
fn over_the_whole_group_a_coherent_error_becomes_its_pauli_channel() {
    let error = Gate::RZX.matrix2(&[0.2]).unwrap()
        * Gate::RZZ.matrix2(&[-0.3]).unwrap()
        * Gate::CRX.matrix2(&[0.1]).unwrap();
    let wide = DMatrix::from_iterator(4, 4, error.iter().copied());
    let twirled = Channel::mixed_unitary(vec![(1.0, wide.clone())])
        .unwrap()
        .twirled()
        .unwrap();
    for gate in [Gate::CZ, Gate::ECR] {
        let found = average(&gate.matrix2(&[]).unwrap(), &error);
        assert!(close(&found, &twirled.superoperator(), 1e-12), "{gate}");
    }
    // The smaller group of rzz leaves what commutes with ZZ coherent, and only that.
    let gate = Gate::RZZ.matrix2(&[0.7]).unwrap();
    assert!(!close(
        &average(&gate, &error),
        &twirled.superoperator(),
        1e-3
    ));
    let sideways = Gate::RXX.matrix2(&[0.3]).unwrap() * Gate::RZX.matrix2(&[0.2]).unwrap();
    let alone = DMatrix::from_iterator(4, 4, sideways.iter().copied());
    let alone = Channel::mixed_unitary(vec![(1.0, alone)])
        .unwrap()
        .twirled()
        .unwrap();
    assert!(close(
        &average(&gate, &sideways),
        &alone.superoperator(),
        1e-12
    ));
}

#[test]
fn symbols_are_refused() {
    let target = target(false);
    let mut circuit = Circuit::new(4, 0);
    let angle = ardea_circuit::Angle::symbol("a");
    circuit
        .push(
            Operation::gate(Gate::RZ, &[angle]).unwrap(),
            &[Qubit::new(0)],
        )
        .unwrap();
    let refused = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Off,
    );
    assert!(refused.is_err());
}

#[test]
fn two_versions_in_a_row_invert_opposite_bits() {
    let target = target(false);
    let mut circuit = Circuit::new(4, 4);
    for q in 0..4 {
        circuit.sx(q).unwrap().measure(q, q).unwrap();
    }
    let twirler = Twirler::new(&circuit, &target, GateTwirl::Off, MeasurementTwirl::Final).unwrap();
    let versions = twirler.versions(5, 12);
    let mut firsts = Vec::new();
    for pair in versions.chunks(2) {
        for bit in (0..4).map(Clbit::new) {
            assert_ne!(pair[0].flips.contains(bit), pair[1].flips.contains(bit));
        }
        firsts.push(pair[0].flips.bits().to_vec());
    }
    firsts.sort_unstable();
    firsts.dedup();
    assert!(firsts.len() > 3, "{firsts:?}");
}
