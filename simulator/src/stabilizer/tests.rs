//! The stabilizer engine against the reference engine, and on circuits that no state vector can hold.

use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, PI};

use ardea_circuit::clifford::CliffordForm;
use ardea_circuit::random::{ProgramSize, random_circuit, random_program, random_qubits};
use ardea_circuit::{
    C64, Circuit, Clbit, Expr, Gate, IfElse, Operation, Pauli, PauliString, SparsePauliSum,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::{
    Method, Record, SimOptions, SimulatorError, StateVector, expectation, reference, simulate,
};

const CLIFFORD: [Gate; 18] = [
    Gate::X,
    Gate::Y,
    Gate::Z,
    Gate::H,
    Gate::S,
    Gate::Sdg,
    Gate::SX,
    Gate::SXdg,
    Gate::CX,
    Gate::CY,
    Gate::CZ,
    Gate::Swap,
    Gate::ISwap,
    Gate::DCX,
    Gate::ECR,
    Gate::RZ,
    Gate::RXX,
    Gate::CP,
];

fn options(shots: u64) -> SimOptions {
    SimOptions {
        method: Method::Stabilizer,
        ..SimOptions::with_shots(shots)
    }
}

/// An operation with the same number of qubits that is a Clifford gate.
fn clifford(operation: &Operation, rng: &mut Pcg64Mcg) -> Operation {
    if CliffordForm::is_clifford(operation) || !operation.is_unitary() {
        return operation.clone();
    }
    let quarter = f64::from(rng.random_range(-5i32..6)) * FRAC_PI_2;
    match operation.num_qubits() {
        Some(1) => Operation::with_values(Gate::RX, &[quarter]).unwrap(),
        Some(2) if rng.random_bool(0.5) => Operation::with_values(Gate::RYY, &[quarter]).unwrap(),
        Some(2) => Operation::with_values(Gate::CP, &[2.0 * quarter]).unwrap(),
        _ => Operation::Barrier,
    }
}

/// The program with its gates replaced by Clifford gates, bodies included.
fn all_clifford(circuit: &Circuit, rng: &mut Pcg64Mcg) -> Circuit {
    let mut out = circuit.same_shape();
    for instruction in circuit.instructions() {
        let operation = match &instruction.operation {
            Operation::IfElse(inner) => {
                let mut inner = inner.clone();
                inner.then_body = all_clifford(&inner.then_body, rng);
                inner.else_body = inner.else_body.map(|body| all_clifford(&body, rng));
                Operation::IfElse(inner)
            }
            Operation::Switch(inner) => {
                let mut inner = inner.clone();
                for case in &mut inner.cases {
                    case.body = all_clifford(&case.body, rng);
                }
                Operation::Switch(inner)
            }
            Operation::For(inner) => {
                let mut inner = inner.clone();
                inner.body = all_clifford(&inner.body, rng);
                Operation::For(inner)
            }
            Operation::While(inner) => {
                let mut inner = inner.clone();
                inner.body = all_clifford(&inner.body, rng);
                Operation::While(inner)
            }
            other => clifford(other, rng),
        };
        out.push(operation, &instruction.qubits).unwrap();
    }
    out
}

/// Chi square of counts against the reference's exact distribution, and its degrees of freedom.
fn compare_with_reference(circuit: &Circuit, options: &SimOptions) {
    let expected: BTreeMap<Vec<bool>, f64> = reference::distribution(circuit)
        .unwrap()
        .into_iter()
        .filter(|&(_, p)| p > 1e-9)
        .collect();
    let run = simulate::<f64>(circuit, options).unwrap();
    assert_eq!(run.report.method, Method::Stabilizer);
    assert_eq!(run.counts.shots(), options.shots);
    let mut chi = 0.0;
    let mut seen = 0;
    for (bits, p) in &expected {
        let text: String = bits
            .iter()
            .rev()
            .map(|&b| if b { '1' } else { '0' })
            .collect();
        let times = run.counts.get(&text);
        seen += times;
        let mean = p * options.shots as f64;
        chi += (times as f64 - mean).powi(2) / mean;
    }
    assert_eq!(seen, options.shots, "outcomes that cannot happen");
    let freedom = (expected.len() - 1) as f64;
    let bound = freedom + 5.0 * (2.0 * freedom).sqrt() + 10.0;
    assert!(chi < bound, "chi square {chi}, freedom {freedom}");
}

#[test]
fn clifford_circuits_have_the_references_distribution() {
    for seed in 0..40 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let qubits = 1 + seed as usize % 5;
        let mut circuit = Circuit::new(qubits, qubits);
        for instruction in random_circuit(&mut rng, qubits, 30, &CLIFFORD).instructions() {
            let operation = clifford(&instruction.operation, &mut rng);
            circuit.push(operation, &instruction.qubits).unwrap();
            if rng.random_bool(0.1) {
                let q = rng.random_range(0..qubits);
                if rng.random_bool(0.5) {
                    circuit.reset(q).unwrap();
                } else {
                    circuit.measure(q, rng.random_range(0..qubits)).unwrap();
                }
            }
        }
        for q in 0..qubits {
            circuit.measure(q, q).unwrap();
        }
        compare_with_reference(&circuit, &options(4000));
    }
}

#[test]
fn programs_with_feedback_have_the_references_distribution() {
    let size = ProgramSize {
        num_qubits: 4,
        num_clbits: 4,
        length: 14,
        nesting: 2,
    };
    let mut parted = 0;
    for seed in 0..60 {
        let mut rng = Pcg64Mcg::seed_from_u64(100 + seed);
        let program = random_program(&mut rng, size);
        let circuit = all_clifford(&program, &mut rng);
        let compiled = super::Compiled::new(&circuit, &options(1)).unwrap();
        parted += u32::from(matches!(compiled.feedback, super::Feedback::Any));
        compare_with_reference(&circuit, &options(3000));
    }
    assert!(parted > 10, "only {parted} programs needed branches");
}

/// Teleports a state from qubit 0 to qubit 2 and undoes its preparation there: qubit 2 always ends in |0>.
fn teleportation() -> Circuit {
    let mut circuit = Circuit::new(3, 3);
    let prepare = |circuit: &mut Circuit, q: usize| {
        circuit.h(q).unwrap().s(q).unwrap();
    };
    prepare(&mut circuit, 0);
    circuit.h(1).unwrap().cx(1, 2).unwrap().cx(0, 1).unwrap();
    circuit
        .h(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    for (bit, gate) in [(1, Gate::X), (0, Gate::Z)] {
        let mut body = Circuit::new(1, 3);
        body.push(gate.into(), &[ardea_circuit::Qubit::new(0)])
            .unwrap();
        let operation = Operation::IfElse(Box::new(IfElse {
            condition: Expr::bit_is(Clbit::new(bit), true),
            then_body: body,
            else_body: None,
        }));
        circuit
            .push(operation, &[ardea_circuit::Qubit::new(2)])
            .unwrap();
    }
    circuit.sdg(2).unwrap().h(2).unwrap().measure(2, 2).unwrap();
    circuit
}

#[test]
fn conditional_pauli_gates_travel_with_the_frames() {
    let circuit = teleportation();
    let compiled = super::Compiled::new(&circuit, &options(1)).unwrap();
    assert!(matches!(compiled.feedback, super::Feedback::Paulis(_)));
    let run = simulate::<f64>(&circuit, &options(2000)).unwrap();
    assert!(
        run.counts
            .iter()
            .all(|(outcome, _)| !outcome.get(Clbit::new(2)))
    );
    assert_eq!(run.counts.len(), 4);
    compare_with_reference(&circuit, &options(2000));
}

#[test]
fn expectation_values_agree_with_the_state_vector() {
    for seed in 0..30 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let random = random_circuit(&mut rng, 5, 25, &CLIFFORD);
        let circuit = all_clifford(&random, &mut rng);
        let mut operator = SparsePauliSum::zero(5);
        let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
        for number in 0..1024usize {
            let letters: Vec<_> = (0..5)
                .map(|q| {
                    let letter = [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z][number >> (2 * q) & 3];
                    (ardea_circuit::Qubit::new(q), letter)
                })
                .collect();
            let string = PauliString::from_sparse(5, &letters).unwrap();
            operator
                .push(string, C64::new(1.0 + number as f64, 0.5))
                .unwrap();
        }
        let expected = state.expectation(&operator).unwrap();
        let found = expectation::<f64>(&circuit, &operator, &options(0)).unwrap();
        assert!((found - expected).norm() < 1e-7, "{found} {expected}");
    }
}

#[test]
fn five_thousand_qubits_agree_in_a_ghz_state() {
    let n = 5000;
    let mut circuit = Circuit::new(n, n);
    circuit.h(0).unwrap();
    for q in 1..n {
        circuit.cx(q - 1, q).unwrap();
    }
    for q in 0..n {
        circuit.measure(q, q).unwrap();
    }
    let run = simulate::<f64>(&circuit, &SimOptions::with_shots(1000)).unwrap();
    assert_eq!(run.report.method, Method::Stabilizer);
    assert!(run.report.reason.is_some());
    let counts: Vec<u64> = run.counts.iter().map(|(_, times)| times).collect();
    assert_eq!(counts.len(), 2);
    assert!(counts[0].abs_diff(500) < 100, "{counts:?}");
    let all = |letter: char| {
        let label: String = std::iter::repeat_n(letter, n).collect();
        let operator = SparsePauliSum::from_labels(&[(&label, 1.0)]).unwrap();
        expectation::<f64>(&circuit, &operator, &SimOptions::default()).unwrap()
    };
    assert_eq!(all('X'), C64::ONE);
    assert_eq!(all('Z'), C64::ONE);
    assert_eq!(all('Y'), C64::ONE); // Y^n = i^n X^n Z^n, and 4 divides n
}

#[test]
fn gates_are_recognised_by_angle_and_matrix() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .rz(3.0 * FRAC_PI_2, 0)
        .unwrap()
        .cp(PI, 0, 1)
        .unwrap();
    let matrix = Operation::Gate(Gate::ISwap).matrix().unwrap();
    let gate = ardea_circuit::UnitaryGate::new(matrix, None).unwrap();
    let qubits = random_qubits(&mut Pcg64Mcg::seed_from_u64(1), 2, 2);
    circuit
        .push(Operation::Unitary(gate.into()), &qubits)
        .unwrap();
    assert!(super::Compiled::new(&circuit, &options(0)).is_ok());
}

#[test]
fn other_gates_are_refused_by_their_place() {
    let mut circuit = Circuit::new(2, 2);
    circuit
        .h(0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .t(1)
        .unwrap()
        .h(1)
        .unwrap();
    let error = simulate::<f64>(&circuit, &options(1)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("stabilizer") && message.contains("instruction 2 (t)"),
        "{message}"
    );
    let mut outer = Circuit::new(2, 2);
    outer.measure(0, 0).unwrap();
    let body = Operation::IfElse(Box::new(IfElse {
        condition: Expr::bit_is(Clbit::new(0), true),
        then_body: circuit,
        else_body: None,
    }));
    outer
        .push(
            body,
            &[ardea_circuit::Qubit::new(0), ardea_circuit::Qubit::new(1)],
        )
        .unwrap();
    let error = simulate::<f64>(&outer, &options(1)).unwrap_err();
    assert!(matches!(error, SimulatorError::Refused { position: 1, .. }));
}

#[test]
fn outcomes_depend_on_the_seed_and_not_on_the_threads() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let random = random_circuit(&mut rng, 70, 900, &CLIFFORD);
    let mut frames = Circuit::new(70, 70);
    for instruction in all_clifford(&random, &mut rng).instructions() {
        frames.push_instruction(instruction.clone()).unwrap();
    }
    for q in 0..70 {
        frames.measure(q, q).unwrap();
    }
    let size = ProgramSize {
        num_qubits: 6,
        num_clbits: 6,
        length: 40,
        nesting: 2,
    };
    let program = random_program(&mut rng, size);
    let branches = all_clifford(&program, &mut rng);
    for circuit in [&frames, &branches] {
        let each = |seed: u64, threads: usize| {
            let options = SimOptions {
                seed,
                threads: Some(threads),
                record: Record::EachShot,
                ..options(3000)
            };
            simulate::<f64>(circuit, &options)
                .unwrap()
                .each_shot
                .unwrap()
        };
        let one = each(1, 1);
        assert_eq!(one.len(), 3000);
        assert_eq!(one, each(1, 3));
        assert_ne!(one, each(2, 1));
    }
}

#[test]
fn tableaus_that_do_not_fit_are_refused_before_they_are_made() {
    let n = 40_000;
    let mut circuit = Circuit::new(n, 0);
    for q in 0..n {
        circuit.h(q).unwrap();
    }
    let options = SimOptions {
        memory_cap: Some(1 << 28),
        ..options(1)
    };
    let error = simulate::<f64>(&circuit, &options).unwrap_err();
    assert!(error.to_string().contains("40000 qubits"), "{error}");
}
