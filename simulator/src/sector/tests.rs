//! The sector engine against the reference engine.

use std::f64::consts::PI;

use ardea_circuit::random::{random_angle, random_qubits};
use ardea_circuit::{C64, Circuit, Clbit, Gate, Operation, Pauli, PauliString, Qubit};
use ardea_circuit::{SparsePauliSum, UnitaryGate};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::{Method, Record, SimOptions, SimulatorError, StateVector};
use crate::{expectation, reference, simulate};

fn options(shots: u64) -> SimOptions {
    SimOptions {
        method: Method::Sector,
        ..SimOptions::with_shots(shots)
    }
}

/// A random circuit that conserves the particles of two species, the first `split` qubits and the others.
fn random(rng: &mut Pcg64Mcg, qubits: usize, split: usize, gates: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, qubits);
    for q in 0..qubits {
        if rng.random_bool(0.5) {
            circuit.x(q).unwrap();
        }
    }
    for _ in 0..gates {
        let angle = random_angle(rng);
        let low = split < 2 || (qubits - split >= 2 && rng.random_bool(0.5));
        let (start, size) = if low {
            (split, qubits - split)
        } else {
            (0, split)
        };
        if rng.random_bool(0.5) && size >= 2 {
            let pair = random_qubits(rng, size, 2);
            let (a, b) = (start + pair[0].index(), start + pair[1].index());
            match rng.random_range(0..6) {
                0 => drop(circuit.rxx(angle, a, b).and_then(|c| c.ryy(angle, a, b))),
                1 => drop(circuit.append_gate(Gate::XXPlusYY, &[angle, 0.3 * angle], &[a, b])),
                2 => drop(circuit.iswap(a, b)),
                3 => drop(circuit.swap(a, b).and_then(|c| c.cz(a, b))),
                4 => {
                    // A hop that no gate conserves by itself.
                    circuit.h(a).unwrap().h(b).unwrap();
                    circuit.rzz(angle, a, b).unwrap();
                    circuit.h(a).unwrap().h(b).unwrap();
                    circuit.sdg(a).unwrap().sdg(b).unwrap();
                    circuit.h(a).unwrap().h(b).unwrap();
                    circuit.rzz(angle, b, a).unwrap();
                    circuit.h(a).unwrap().h(b).unwrap();
                    circuit.s(a).unwrap().s(b).unwrap();
                }
                _ => drop(circuit.append_gate(Gate::XXPlusYY, &[angle, PI], &[b, a])),
            }
        } else {
            let pair = random_qubits(rng, qubits, 2.min(qubits));
            match (rng.random_range(0..6), &pair[..]) {
                (0, [a, b]) => drop(circuit.cp(angle, a.index(), b.index())),
                (1, [a, b]) => drop(circuit.rzz(angle, a.index(), b.index())),
                (2, [a, b]) => drop(circuit.cz(a.index(), b.index())),
                (3, _) if qubits >= 3 => {
                    let three = random_qubits(rng, qubits, 3);
                    circuit.push(Operation::Gate(Gate::CCZ), &three).unwrap();
                }
                (_, [a, ..]) => drop(circuit.rz(angle, a.index())),
                _ => {}
            }
        }
    }
    circuit.add_global_phase(0.4);
    circuit
}

trait AppendGate {
    fn append_gate(&mut self, gate: Gate, angles: &[f64], qubits: &[usize]) -> Result<(), ()>;
}

impl AppendGate for Circuit {
    fn append_gate(&mut self, gate: Gate, angles: &[f64], qubits: &[usize]) -> Result<(), ()> {
        let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit::new(q)).collect();
        let operation = Operation::with_values(gate, angles).unwrap();
        self.push(operation, &qubits).unwrap();
        Ok(())
    }
}

fn check_state(circuit: &Circuit, what: &str) {
    let expected = reference::statevector(circuit).unwrap();
    let run =
        simulate::<f64>(circuit, &options(0)).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(run.report.method, Method::Sector);
    let found = run.state.unwrap().into_full().unwrap();
    let distance: f64 = found
        .amplitudes()
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).norm())
        .fold(0.0, f64::max);
    assert!(distance < 1e-12, "{what}: {distance}");
}

#[test]
fn conserving_circuits_have_the_references_state() {
    for seed in 0..120 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let qubits = 2 + seed as usize % 9;
        let split = [0, qubits / 2, qubits.min(3)][seed as usize % 3];
        let circuit = random(&mut rng, qubits, split, 40);
        check_state(&circuit, &format!("seed {seed}"));
    }
}

#[test]
fn one_group_is_split_into_rows() {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let circuit = random(&mut rng, 12, 0, 150);
    check_state(&circuit, "twelve qubits");
    let compiled = super::Compiled::new(&circuit, &options(0)).unwrap();
    let layout = super::Layout::new(&compiled.shape, &compiled.steps.start).unwrap();
    assert!(layout.rows.len() > 8, "{} rows", layout.rows.len());
}

/// Particles put into certain places by `ry` and `cx`, and moved by two `cx`, as model circuits do it.
#[test]
fn certain_qubits_let_other_gates_move_particles() {
    let mut circuit = Circuit::new(5, 0);
    circuit.ry(0.7, 1).unwrap().p(-PI / 2.0, 1).unwrap();
    circuit.x(0).unwrap().cx(1, 0).unwrap();
    circuit.cx(1, 2).unwrap().cx(2, 1).unwrap();
    circuit.rxx(0.3, 0, 2).unwrap().ryy(0.3, 0, 2).unwrap();
    circuit.x(3).unwrap().cp(0.9, 3, 0).unwrap().x(3).unwrap();
    circuit.swap(2, 1).unwrap().cx(3, 4).unwrap();
    check_state(&circuit, "known qubits");
}

#[test]
fn expectation_values_agree_with_the_state_vector() {
    for seed in 0..20 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random(&mut rng, 6, [0, 3][seed as usize % 2], 40);
        let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
        for number in 0..4096usize {
            let letters: Vec<_> = (0..6)
                .map(|q| {
                    let letter = [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z][number >> (2 * q) & 3];
                    (Qubit::new(q), letter)
                })
                .collect();
            if number % 7 != 0 {
                continue;
            }
            let string = PauliString::from_sparse(6, &letters).unwrap();
            let expected = state.expectation_of(&string).unwrap();
            let operator = SparsePauliSum::from_terms(6, vec![(string, C64::ONE)]).unwrap();
            let found = expectation::<f64>(&circuit, &operator, &options(0)).unwrap();
            assert!(
                (found.re - expected).abs() < 1e-11,
                "{number}: {found} {expected}"
            );
        }
    }
}

#[test]
fn shots_follow_the_references_distribution() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let mut circuit = random(&mut rng, 6, 3, 60);
    for q in 0..6 {
        circuit.measure(q, 5 - q).unwrap();
    }
    let shots = 40_000;
    let run = simulate::<f64>(&circuit, &options(shots)).unwrap();
    let (mut chi, mut freedom, mut seen) = (0.0, -1.0, 0);
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
    assert!(
        chi < freedom + 6.0 * (2.0f64 * freedom).sqrt(),
        "chi square {chi} of {freedom}"
    );
    let each = |threads| {
        let options = SimOptions {
            threads: Some(threads),
            record: Record::EachShot,
            ..options(5000)
        };
        simulate::<f64>(&circuit, &options)
            .unwrap()
            .each_shot
            .unwrap()
    };
    assert_eq!(each(1), each(3));
}

#[test]
fn forty_qubits_with_two_particles_run() {
    let n = 40;
    let mut circuit = Circuit::new(n, n);
    circuit.x(0).unwrap().x(1).unwrap();
    for layer in 0..60 {
        for q in (layer % 2..n - 1).step_by(2) {
            circuit
                .rxx(0.8, q, q + 1)
                .unwrap()
                .ryy(0.8, q, q + 1)
                .unwrap();
            circuit.cp(0.4, q, q + 1).unwrap();
        }
    }
    for q in 0..n {
        circuit.measure(q, q).unwrap();
    }
    let options = SimOptions {
        memory_cap: Some(1 << 30),
        ..SimOptions::with_shots(200)
    };
    let run = simulate::<f64>(&circuit, &options).unwrap();
    assert_eq!(run.report.method, Method::Sector);
    assert!(run.report.reason.unwrap().contains("780 basis states"));
    for (outcome, _) in run.counts.iter() {
        assert_eq!((0..n).filter(|&q| outcome.get(Clbit::new(q))).count(), 2);
    }
}

#[test]
fn gates_that_make_particles_are_refused_by_their_place() {
    let mut circuit = Circuit::new(3, 3);
    circuit
        .x(0)
        .unwrap()
        .rxx(0.5, 0, 1)
        .unwrap()
        .ryy(0.5, 0, 1)
        .unwrap();
    circuit.rxx(0.3, 1, 2).unwrap();
    let refused = |circuit: &Circuit| match simulate::<f64>(circuit, &options(1)) {
        Err(SimulatorError::Refused { position, name, .. }) => (position, name),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&circuit), (3, "rxx".to_owned()));
    let mut circuit = Circuit::new(2, 2);
    circuit
        .rz(0.1, 0)
        .unwrap()
        .h(1)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    assert_eq!(refused(&circuit), (1, "h".to_owned()));
    let mut circuit = Circuit::new(2, 2);
    circuit
        .x(0)
        .unwrap()
        .rxx(0.5, 0, 1)
        .unwrap()
        .ryy(0.5, 0, 1)
        .unwrap();
    circuit.measure(1, 1).unwrap().iswap(0, 1).unwrap();
    assert_eq!(refused(&circuit), (3, "measure".to_owned()));
    let matrix = Operation::Gate(Gate::CCX).matrix().unwrap();
    let wide = UnitaryGate::new(matrix, None).unwrap();
    let mut circuit = Circuit::new(3, 0);
    let qubits = [0, 1, 2].map(Qubit::new);
    circuit
        .push(Operation::Unitary(wide.into()), &qubits)
        .unwrap();
    assert_eq!(refused(&circuit).0, 0);
}

#[test]
fn sectors_that_do_not_fit_are_refused_before_they_are_made() {
    let mut circuit = Circuit::new(60, 60);
    for q in 0..30 {
        circuit.x(2 * q).unwrap();
    }
    for q in 0..59 {
        circuit
            .rxx(0.5, q, q + 1)
            .unwrap()
            .ryy(0.5, q, q + 1)
            .unwrap();
    }
    circuit.measure(0, 0).unwrap();
    let error = simulate::<f64>(&circuit, &options(1)).unwrap_err();
    assert!(error.to_string().contains("30 of 60"), "{error}");
}
