//! Folded circuits against what they came from.

use ardea_circuit::matrix::close;
use ardea_circuit::random::random_circuit;
use ardea_circuit::{Clbit, Expr};
use ardea_compiler::verify::check_legal;
use ardea_compiler::{CompileOptions, Preserve, Verification, compile};
use ardea_device::TargetBuilder;
use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::*;

fn compiled(seed: u64, gate_set: GateSet) -> (Circuit, Target) {
    let builder = TargetBuilder::line(4).fractional(&[Gate::RX, Gate::RZZ]);
    let target = builder.build().unwrap();
    let mut random = Pcg64::seed_from_u64(seed);
    let circuit = random_circuit(&mut random, 4, 10, &Gate::ALL);
    let options = CompileOptions {
        gate_set,
        preserve: Preserve::Unitary,
        verification: Verification::Off,
        ..CompileOptions::default()
    };
    (
        compile(&circuit, &target, &options).unwrap().circuit,
        target,
    )
}

#[test]
fn folded_circuits_are_the_same_operator_with_more_gates() {
    for gate_set in [GateSet::Standard, GateSet::Fractional] {
        for seed in 0..6 {
            let (circuit, target) = compiled(seed, gate_set);
            let expected = circuit.to_matrix().unwrap();
            let gates = circuit.two_qubit_count() as f64;
            for folding in [Folding::TwoQubit, Folding::Global] {
                for scale in [1.0, 1.3, 2.0, 3.0, 4.4, 5.0] {
                    let folded = fold(&circuit, &target, scale, folding).unwrap();
                    let found = folded.circuit.to_matrix().unwrap();
                    assert!(close(&found, &expected, 1e-9), "{seed} {folding:?} {scale}");
                    let count = folded.circuit.two_qubit_count() as f64;
                    assert!((count - folded.scale * gates).abs() < 1e-9);
                    assert!((folded.scale - scale).abs() <= 1.0 / gates + 1e-12);
                    check_legal(&folded.circuit, &target, gate_set).unwrap();
                }
            }
        }
    }
}

#[test]
fn gates_in_bodies_are_folded_and_measurements_stay_last() {
    let target = Target::line(3).unwrap();
    let mut body = Circuit::new(2, 1);
    body.cz(0, 1).unwrap();
    let mut circuit = Circuit::new(3, 1);
    circuit
        .sx(0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap();
    let flat = fold(&circuit, &target, 3.0, Folding::Global)
        .unwrap()
        .circuit;
    assert!(matches!(
        flat.instructions().last().unwrap().operation,
        Operation::Measure(_)
    ));
    assert_eq!(flat.two_qubit_count(), 3);
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1, 2])
        .unwrap();
    let folded = fold(&circuit, &target, 3.0, Folding::TwoQubit)
        .unwrap()
        .circuit;
    assert_eq!(folded.two_qubit_count(), 6);
    assert_eq!(
        folded.instructions().last().unwrap().operation.bodies()[0].two_qubit_count(),
        3
    );
    assert!(fold(&circuit, &target, 3.0, Folding::Global).is_err());
}

#[test]
fn folds_that_do_not_go_around_are_spread_evenly() {
    let target = Target::line(2).unwrap();
    let mut circuit = Circuit::new(2, 0);
    for _ in 0..8 {
        circuit.cz(0, 1).unwrap().sx(0).unwrap();
    }
    let folded = fold(&circuit, &target, 1.5, Folding::TwoQubit).unwrap();
    assert_eq!((folded.circuit.two_qubit_count(), folded.scale), (12, 1.5));
    let names: Vec<String> = folded
        .circuit
        .instructions()
        .iter()
        .map(|i| i.operation.name())
        .collect();
    let runs: Vec<usize> = names
        .split(|name| name == "sx")
        .map(|run| run.iter().filter(|name| *name == "cz").count())
        .collect();
    assert_eq!(runs, [1, 1, 1, 3, 1, 1, 1, 3, 0]);
}

#[test]
fn what_cannot_be_folded_is_refused() {
    let target = Target::line(2).unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.sx(0).unwrap();
    assert!(fold(&circuit, &target, 3.0, Folding::TwoQubit).is_err());
    circuit.cz(0, 1).unwrap();
    for scale in [0.5, f64::NAN, 1e9] {
        assert!(fold(&circuit, &target, scale, Folding::TwoQubit).is_err());
    }
    circuit
        .push(
            Operation::with_values(Gate::CP, &[0.2]).unwrap(),
            &[Qubit::new(0), Qubit::new(1)],
        )
        .unwrap();
    assert!(fold(&circuit, &target, 3.0, Folding::TwoQubit).is_err());
}
