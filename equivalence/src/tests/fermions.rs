//! Circuits of matchgates on a line.

use ardea_circuit::random::random_circuit;
use ardea_circuit::{Circuit, Gate, Operation, Qubit};
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{by, options};
use crate::compare::check_with;
use crate::fermions::matrix;
use crate::pauli::Pauli;
use crate::rotations::Rotation;
use crate::{Meaning, Method, Verdict, by_fermions, by_simulation, check};
use ardea_circuit::pauli::Majoranas;

/// A random circuit of matchgates on neighbours, and fermionic swaps among them.
fn matchgates(rng: &mut Pcg64Mcg, n: usize, gates: usize) -> Circuit {
    let mut circuit = Circuit::new(n, 0);
    for _ in 0..gates {
        let q = rng.random_range(0..n - 1);
        let angle = 6.0 * rng.random::<f64>() - 3.0;
        match rng.random_range(0..6) {
            0 => circuit.rz(angle, q).unwrap(),
            1 => circuit.rxx(angle, q, q + 1).unwrap(),
            2 => circuit.ryy(angle, q, q + 1).unwrap(),
            3 => {
                let gate = Operation::with_values(Gate::XXPlusYY, &[angle, 0.4]).unwrap();
                circuit
                    .push(gate, &[Qubit::new(q), Qubit::new(q + 1)])
                    .unwrap()
            }
            4 => circuit.swap(q, q + 1).unwrap().cz(q, q + 1).unwrap(),
            _ => circuit.iswap(q, q + 1).unwrap(),
        };
    }
    circuit
}

/// What the circuit does to the Majorana operators, by the rotations of its gates.
fn matrix_of(circuit: &Circuit) -> DMatrix<f64> {
    let n = circuit.num_qubits();
    let majoranas = Majoranas::new((0..n).collect(), n);
    let string = |letters: &[(usize, char)]| {
        let mut out = Pauli::identity(n);
        for &(q, letter) in letters {
            let mut own = Pauli::identity(n);
            if letter != 'Z' {
                own.multiply(&Pauli::x(n, q), 0);
            }
            if letter != 'X' {
                own.multiply(&Pauli::z(n, q), u8::from(letter == 'Y'));
            }
            out.multiply(&own, 0);
        }
        out
    };
    let rotations: Vec<Rotation> = circuit
        .instructions()
        .iter()
        .map(|instruction| {
            let (gate, angles) = instruction.operation.standard().unwrap();
            let places: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
            let letter = match gate {
                Gate::RZ => 'Z',
                Gate::RXX => 'X',
                _ => panic!("only rotations"),
            };
            let letters: Vec<(usize, char)> = places.iter().map(|&q| (q, letter)).collect();
            Rotation {
                pauli: string(&letters),
                angle: angles.values().unwrap()[0],
            }
        })
        .collect();
    matrix(&majoranas, &rotations).unwrap()
}

/// A circuit of rotations about Z and XX with this matrix: rotations of neighbouring rows bring it to the identity.
fn from_matrix(matrix: &DMatrix<f64>) -> Circuit {
    let (count, mut rest) = (matrix.nrows(), matrix.clone());
    // Each entry: the lower operator of the pair and the angle that was used up.
    let mut turns: Vec<(usize, f64)> = Vec::new();
    for column in 0..count {
        for a in (column..count - 1).rev() {
            let angle = rest[(a + 1, column)].atan2(rest[(a, column)]);
            let (sin, cos) = angle.sin_cos();
            for index in 0..count {
                let (x, y) = (rest[(a, index)], rest[(a + 1, index)]);
                rest[(a, index)] = cos * x + sin * y;
                rest[(a + 1, index)] = cos * y - sin * x;
            }
            turns.push((a, angle));
        }
    }
    assert!((rest - DMatrix::identity(count, count)).norm() < 1e-9);
    let mut circuit = Circuit::new(count / 2, 0);
    for (a, angle) in turns.into_iter().rev() {
        // g_2j g_2j+1 = i Z_j; g_2j+1 g_2j+2 = i X_j X_j+1: the rotation by -angle undoes what was done to the rows.
        if a % 2 == 0 {
            circuit.rz(angle, a / 2).unwrap();
        } else {
            circuit.rxx(angle, a / 2, a / 2 + 1).unwrap();
        }
    }
    circuit
}

#[test]
fn a_deep_circuit_equals_the_one_made_from_its_matrix() {
    let mut rng = Pcg64Mcg::seed_from_u64(21);
    for n in [3, 24] {
        let mut deep = Circuit::new(n, 0);
        for _ in 0..20 * n {
            let q = rng.random_range(0..n - 1);
            let angle = rng.random::<f64>();
            deep.rz(angle, q)
                .unwrap()
                .rxx(2.0 * angle, q, q + 1)
                .unwrap();
        }
        let made = from_matrix(&matrix_of(&deep));
        let only = [(Method::FreeFermions, by_fermions::decide as _)];
        let report = check_with(&only, &deep, &made, &options(Meaning::Unitary)).unwrap();
        assert_eq!(report.verdict, Verdict::Equal, "{n}: {report:?}");
        assert!(report.detail.contains("global phase"));
        if n == 3 {
            let verdict = by(
                by_simulation::decide,
                &deep,
                &made,
                &options(Meaning::Unitary),
            );
            assert_eq!(verdict, Verdict::Equal);
        }
        let mut wrong = made.clone();
        wrong.rxx(1e-3, 1, 2).unwrap();
        let report = check(&deep, &wrong, &options(Meaning::Unitary)).unwrap();
        assert_eq!(report.verdict, Verdict::Different, "{n}: {report:?}");
        // A Clifford operation more is no rotation more.
        let mut wrong = made.clone();
        wrong.z(1).unwrap();
        let report = check(&deep, &wrong, &options(Meaning::Unitary)).unwrap();
        assert_eq!(report.verdict, Verdict::Different, "{n}: {report:?}");
    }
}

#[test]
fn matchgates_of_all_kinds_and_any_order_of_the_line_are_recognised() {
    let mut rng = Pcg64Mcg::seed_from_u64(22);
    let method = by_fermions::decide;
    for round in 0..40 {
        let n = 3 + round % 3;
        let circuit = matchgates(&mut rng, n, 30);
        let mut places: Vec<usize> = (0..n).collect();
        for i in 0..n {
            places.swap(i, rng.random_range(i..n));
        }
        let qubits: Vec<Qubit> = places.iter().map(|&q| Qubit::new(q)).collect();
        let (mut moved, mut other) = (Circuit::new(n, 0), Circuit::new(n, 0));
        moved.append(&circuit, &qubits, &[]).unwrap();
        other.append(&circuit, &qubits, &[]).unwrap();
        let q = rng.random_range(0..n - 1);
        let (p, q) = (places[q], places[q + 1]);
        other.rxx(0.3, p, q).unwrap().ryy(0.2, p, q).unwrap();
        let options = options(Meaning::Unitary);
        assert_eq!(by(method, &moved, &other, &options), Verdict::Different);
        other.ryy(-0.2, p, q).unwrap().rxx(-0.3, p, q).unwrap();
        assert_eq!(by(method, &moved, &other, &options), Verdict::Equal);
    }
}

#[test]
fn what_is_no_free_fermion_is_not_judged_as_one() {
    let mut rng = Pcg64Mcg::seed_from_u64(23);
    for round in 0..60 {
        let n = 3 + round % 2;
        let a = random_circuit(
            &mut rng,
            n,
            12,
            &[Gate::RXX, Gate::RZ, Gate::RZZ, Gate::ISwap],
        );
        let b = random_circuit(
            &mut rng,
            n,
            12,
            &[Gate::RXX, Gate::RYY, Gate::RZ, Gate::Swap],
        );
        let [one, other] = [&a, &b].map(|circuit| circuit.to_matrix().unwrap());
        let same = ardea_circuit::matrix::close_up_to_phase(&one, &other, 1e-9);
        let verdict = by(by_fermions::decide, &a, &b, &options(Meaning::Unitary));
        assert!(same || verdict != Verdict::Equal);
    }
    let mut interacting = Circuit::new(3, 0);
    interacting.rxx(0.3, 0, 1).unwrap().rzz(0.2, 1, 2).unwrap();
    assert_eq!(
        by(
            by_fermions::decide,
            &interacting,
            &interacting,
            &options(Meaning::Unitary)
        ),
        Verdict::Unknown
    );
}
