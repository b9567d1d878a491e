//! The free-fermion engine against the reference engine, and on circuits that no state vector can hold.

use ardea_circuit::random::random_angle;
use ardea_circuit::{
    C64, Circuit, Clbit, Gate, Operation, Pauli, PauliString, Qubit, SparsePauliSum,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::{Method, Record, SimOptions, SimulatorError, StateVector};
use crate::{expectation, reference, simulate};

fn options(shots: u64) -> SimOptions {
    SimOptions {
        method: Method::FreeFermion,
        ..SimOptions::with_shots(shots)
    }
}

fn push(circuit: &mut Circuit, gate: Gate, angles: &[f64], qubits: &[usize]) {
    let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit::new(q)).collect();
    let operation = Operation::with_values(gate, angles).unwrap();
    circuit.push(operation, &qubits).unwrap();
}

/// Random matchgates along a line, even and odd ones.
fn random(rng: &mut Pcg64Mcg, line: &[usize], gates: usize) -> Circuit {
    let n = line.len();
    let mut circuit = Circuit::new(n, n);
    for _ in 0..gates {
        let angle = random_angle(rng);
        let place = rng.random_range(0..n - 1);
        let (a, b) = (line[place], line[place + 1]);
        let (a, b) = if rng.random_bool(0.5) { (a, b) } else { (b, a) };
        match rng.random_range(0..9) {
            0 => push(&mut circuit, Gate::RXX, &[angle], &[a, b]),
            1 => push(&mut circuit, Gate::RYY, &[angle], &[a, b]),
            2 => push(&mut circuit, Gate::XXPlusYY, &[angle, 1.3 * angle], &[a, b]),
            3 => push(
                &mut circuit,
                Gate::XXMinusYY,
                &[angle, 0.7 * angle],
                &[a, b],
            ),
            4 => push(&mut circuit, Gate::ISwap, &[], &[a, b]),
            5 => {
                push(&mut circuit, Gate::Swap, &[], &[a, b]);
                push(&mut circuit, Gate::CZ, &[], &[b, a]);
            }
            6 => push(&mut circuit, Gate::X, &[], &[a]),
            7 => {
                // XY + YX, by gates that are no matchgates.
                circuit.s(a).unwrap();
                circuit
                    .h(a)
                    .unwrap()
                    .h(b)
                    .unwrap()
                    .rzz(angle, a, b)
                    .unwrap();
                circuit.h(a).unwrap().h(b).unwrap().sdg(a).unwrap();
            }
            _ => push(&mut circuit, Gate::RZ, &[angle], &[a]),
        }
    }
    circuit
}

fn lines() -> [Vec<usize>; 3] {
    [(0..5).collect(), vec![3, 0, 4, 1, 2], vec![4, 3, 2, 1, 0]]
}

#[test]
fn every_string_has_the_references_expectation_value() {
    for seed in 0..24 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random(&mut rng, &lines()[seed as usize % 3], 40);
        let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
        let operators: Vec<SparsePauliSum> = (0..1024usize)
            .map(|number| {
                let letters: Vec<_> = (0..5)
                    .map(|q| {
                        let letter =
                            [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z][number >> (2 * q) & 3];
                        (Qubit::new(q), letter)
                    })
                    .collect();
                let string = PauliString::from_sparse(5, &letters).unwrap();
                SparsePauliSum::from_terms(5, vec![(string, C64::ONE)]).unwrap()
            })
            .collect();
        let all: Vec<&SparsePauliSum> = operators.iter().collect();
        let found = crate::expectations::<f64>(&circuit, &all, &options(0)).unwrap();
        assert_eq!(found.method, Method::FreeFermion);
        for (operator, value) in operators.iter().zip(found.values) {
            let expected = state.expectation(operator).unwrap();
            assert!(
                (value - expected).norm() < 1e-10,
                "seed {seed} {:?}: {value} {expected}",
                operator.terms()[0].0
            );
        }
    }
}

#[test]
fn shots_follow_the_references_distribution() {
    for seed in 0..6 {
        let mut rng = Pcg64Mcg::seed_from_u64(40 + seed);
        let mut circuit = random(&mut rng, &lines()[seed as usize % 3], 50);
        // One qubit is not measured, one twice.
        for (q, c) in [(4, 0), (1, 1), (0, 2), (2, 3), (1, 4)] {
            circuit.measure(q, c).unwrap();
        }
        let shots = 20_000;
        let run = simulate::<f64>(&circuit, &options(shots)).unwrap();
        let (mut chi, mut freedom, mut seen) = (0.0, 0.0, 0);
        for (bits, p) in reference::distribution(&circuit).unwrap() {
            let text: String = bits
                .iter()
                .rev()
                .map(|&b| if b { '1' } else { '0' })
                .collect();
            let times = run.counts.get(&text);
            if p < 1e-9 {
                assert_eq!(times, 0);
                continue;
            }
            seen += times;
            chi += (times as f64 - p * shots as f64).powi(2) / (p * shots as f64);
            freedom += 1.0;
        }
        assert_eq!(seen, shots);
        let bound = freedom + 6.0 * (2.0f64 * freedom).sqrt();
        assert!(chi < bound, "seed {seed}: chi square {chi} of {freedom}");
    }
}

/// Particles hopping along 200 qubits, by the one-particle matrix that they follow.
#[test]
fn two_hundred_qubits_follow_the_one_particle_matrix() {
    let n = 200;
    let mut circuit = Circuit::new(n, n);
    let mut orbitals = nalgebra::DMatrix::<C64>::zeros(n, n / 2);
    for k in 0..n / 2 {
        circuit.x(2 * k).unwrap();
        orbitals[(2 * k, k)] = C64::ONE;
    }
    let theta = 0.7f64;
    for layer in 0..12 {
        for q in (layer % 2..n - 1).step_by(2) {
            circuit
                .rxx(theta, q, q + 1)
                .unwrap()
                .ryy(theta, q, q + 1)
                .unwrap();
            let (cos, sin) = (theta.cos(), -C64::I * theta.sin());
            for k in 0..n / 2 {
                let (x, y) = (orbitals[(q, k)], orbitals[(q + 1, k)]);
                orbitals[(q, k)] = x * cos + y * sin;
                orbitals[(q + 1, k)] = y * cos + x * sin;
            }
        }
    }
    for q in 0..n {
        circuit.measure(q, q).unwrap();
    }
    let density = &orbitals * orbitals.adjoint();
    let z = |qubits: &[usize]| {
        let letters: Vec<_> = qubits.iter().map(|&q| (Qubit::new(q), Pauli::Z)).collect();
        let string = PauliString::from_sparse(n, &letters).unwrap();
        let operator = SparsePauliSum::from_terms(n, vec![(string, C64::ONE)]).unwrap();
        expectation::<f64>(&circuit, &operator, &SimOptions::default())
            .unwrap()
            .re
    };
    for (a, b) in [(99, 100), (99, 101), (0, 199), (50, 52)] {
        let (da, db) = (density[(a, a)].re, density[(b, b)].re);
        assert!((z(&[a]) - (1.0 - 2.0 * da)).abs() < 1e-10);
        let both = da * db - density[(a, b)].norm_sqr();
        let expected = 1.0 - 2.0 * da - 2.0 * db + 4.0 * both;
        assert!((z(&[a, b]) - expected).abs() < 1e-10, "{a} {b}");
    }
    let run = simulate::<f64>(&circuit, &SimOptions::with_shots(40)).unwrap();
    assert_eq!(run.report.method, Method::FreeFermion);
    for (outcome, _) in run.counts.iter() {
        let ones = (0..n).filter(|&q| outcome.get(Clbit::new(q))).count();
        assert_eq!(ones, n / 2, "the number of particles is sharp");
    }
}

#[test]
fn outcomes_depend_on_the_seed_and_not_on_the_threads() {
    let mut circuit = random(&mut Pcg64Mcg::seed_from_u64(9), &lines()[0], 60);
    for q in 0..5 {
        circuit.measure(q, q).unwrap();
    }
    let each = |seed: u64, threads: usize| {
        let options = SimOptions {
            seed,
            threads: Some(threads),
            record: Record::EachShot,
            ..options(1000)
        };
        simulate::<f64>(&circuit, &options)
            .unwrap()
            .each_shot
            .unwrap()
    };
    assert_eq!(each(1, 1), each(1, 3));
    assert_ne!(each(1, 1), each(2, 1));
}

#[test]
fn other_gates_are_refused_by_their_place() {
    let refused = |circuit: &Circuit| match simulate::<f64>(circuit, &options(1)) {
        Err(SimulatorError::Refused {
            position,
            name,
            reason,
            ..
        }) => (position, name, reason),
        other => panic!("{other:?}"),
    };
    let mut start = Circuit::new(4, 4);
    for (a, b) in [(0, 1), (1, 2), (2, 3)] {
        start.rxx(0.4, a, b).unwrap();
    }
    let mut circuit = start.clone();
    circuit.cz(1, 2).unwrap().rxx(0.3, 0, 1).unwrap();
    let (position, name, _) = refused(&circuit);
    assert_eq!((position, name.as_str()), (3, "cz"));
    let mut circuit = start.clone();
    circuit.rxx(0.2, 0, 3).unwrap();
    let (position, name, reason) = refused(&circuit);
    assert_eq!((position, name.as_str()), (3, "rxx"));
    assert!(reason.contains("neighbours"));
    let mut circuit = start;
    circuit.measure(0, 0).unwrap().rxx(0.1, 0, 1).unwrap();
    assert_eq!(refused(&circuit).0, 3);
}
