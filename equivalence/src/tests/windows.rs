//! Windows of a circuit that were written anew as a whole, far beyond what any one pair of neighbours shows.

use ardea_circuit::{Circuit, Gate, Operation, Qubit};
use nalgebra::Matrix2;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{by, options};
use crate::compare::check_with;
use crate::pauli::Pauli;
use crate::rotations::euler;
use crate::{CheckOptions, Meaning, Method, Verdict, by_clusters, by_rotations, check};

/// Rotations about strings, in the order of time.
type Word = Vec<(Pauli, f64)>;

fn random_string(rng: &mut Pcg64Mcg, wires: usize) -> Pauli {
    loop {
        let mut out = Pauli::identity(wires);
        for wire in 0..wires {
            if rng.random_bool(0.5) {
                out.multiply(&Pauli::x(wires, wire), 0);
            }
            if rng.random_bool(0.5) {
                out.multiply(&Pauli::z(wires, wire), 0);
            }
        }
        if !out.is_hermitian() {
            out.turn(1);
        }
        if !out.is_identity() {
            return out;
        }
    }
}

/// The word with neighbours that commute exchanged, and others written about other axes of the qubit that they span.
fn scrambled(word: &Word, moves: usize, rng: &mut Pcg64Mcg) -> Word {
    let mut word = word.clone();
    for _ in 0..moves {
        let place = rng.random_range(0..word.len() - 1);
        let ((x, a), (z, b)) = (word[place].clone(), word[place + 1].clone());
        if x.commutes(&z) {
            word.swap(place, place + 1);
            continue;
        }
        // Rx(a), then Rz(b), as rotations about Z, Y and Z.
        let (sin, cos) = (a / 2.0).sin_cos();
        let c = ardea_circuit::C64::new;
        let rx = Matrix2::new(c(cos, 0.0), c(0.0, -sin), c(0.0, -sin), c(cos, 0.0));
        let rz = Matrix2::from_diagonal(&nalgebra::Vector2::new(
            ardea_circuit::matrix::cis(-b / 2.0),
            ardea_circuit::matrix::cis(b / 2.0),
        ));
        let [first, middle, last] = euler(&(rz * rx));
        let mut y = z.clone();
        y.multiply(&x, 3);
        word.splice(
            place..place + 2,
            [(z.clone(), first), (y, middle), (z, last)],
        );
    }
    word
}

/// Appends the word on these wires.
fn append(circuit: &mut Circuit, word: &Word, wires: &[usize]) {
    for (string, angle) in word {
        let letters: Vec<(usize, char)> = wires
            .iter()
            .enumerate()
            .map(|(place, &wire)| (wire, string.letter(place)))
            .filter(|(_, letter)| *letter != 'I')
            .collect();
        let to_z = |circuit: &mut Circuit, back: bool| {
            for &(wire, letter) in &letters {
                let gate = match (letter, back) {
                    ('X', _) => Gate::H,
                    ('Y', false) => Gate::SX,
                    ('Y', true) => Gate::SXdg,
                    _ => continue,
                };
                circuit
                    .push(Operation::Gate(gate), &[Qubit::new(wire)])
                    .unwrap();
            }
        };
        let ladder = |circuit: &mut Circuit| {
            letters
                .windows(2)
                .map(|pair| (pair[0].0, pair[1].0))
                .for_each(|(a, b)| {
                    circuit.cx(a, b).unwrap();
                });
        };
        to_z(circuit, false);
        ladder(circuit);
        circuit
            .rz(angle * string.sign(), letters[letters.len() - 1].0)
            .unwrap();
        let mut undo = Circuit::new(circuit.num_qubits(), 0);
        ladder(&mut undo);
        let all: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
        circuit.append(&undo.inverse().unwrap(), &all, &[]).unwrap();
        to_z(circuit, true);
    }
}

fn random_word(rng: &mut Pcg64Mcg, wires: usize, length: usize) -> Word {
    (0..length)
        .map(|_| (random_string(rng, wires), rng.random::<f64>() * 3.0))
        .collect()
}

#[test]
fn a_scrambled_word_is_the_same_operator() {
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for _ in 0..20 {
        let word = random_word(&mut rng, 3, 5);
        let (mut plain, mut other) = (Circuit::new(3, 0), Circuit::new(3, 0));
        append(&mut plain, &word, &[0, 1, 2]);
        append(&mut other, &scrambled(&word, 12, &mut rng), &[0, 1, 2]);
        assert!(ardea_circuit::matrix::close_up_to_phase(
            &plain.to_matrix().unwrap(),
            &other.to_matrix().unwrap(),
            1e-9
        ));
    }
}

/// A line of overlapping windows and the same with each written anew; `slip` is added to one angle.
fn lines(rng: &mut Pcg64Mcg, n: usize, slip: f64) -> [Circuit; 2] {
    let (mut plain, mut other) = (Circuit::new(n, 0), Circuit::new(n, 0));
    let slipping = rng.random_range(0..n - 2);
    for layer in 0..2 {
        for first in 0..n - 2 {
            let wires = [first, first + 1, first + 2];
            let word = random_word(rng, 3, 4);
            append(&mut plain, &word, &wires);
            let mut written = scrambled(&word, 14, rng);
            if (layer, first) == (0, slipping) {
                let place = rng.random_range(0..written.len());
                written[place].1 += slip;
            }
            append(&mut other, &written, &wires);
        }
    }
    [plain, other]
}

#[test]
fn windows_of_three_wires_that_were_written_anew_are_equal_at_any_width() {
    let mut rng = Pcg64Mcg::seed_from_u64(12);
    for _ in 0..2 {
        let [plain, other] = lines(&mut rng, 24, 0.0);
        let options = options(Meaning::Unitary);
        let report = check_with(
            &[(Method::Windows, by_rotations::decide_by_windows)],
            &plain,
            &other,
            &options,
        )
        .unwrap();
        assert_eq!(report.verdict, Verdict::Equal, "{report:?}");
        assert!(report.distance.unwrap() < 1e-6);
    }
}

#[test]
fn windows_that_were_written_anew_with_a_slip_are_never_equal() {
    let mut rng = Pcg64Mcg::seed_from_u64(13);
    for round in 0..6 {
        let slip = if round % 2 == 0 { 1e-3 } else { 0.4 };
        let [plain, other] = lines(&mut rng, if round < 3 { 24 } else { 6 }, slip);
        let options = CheckOptions {
            work: 1e7,
            ..options(Meaning::Unitary)
        };
        let verdict = check(&plain, &other, &options).unwrap().verdict;
        assert!(
            [Verdict::Different, Verdict::Unknown].contains(&verdict),
            "{verdict}"
        );
    }
}

#[test]
fn what_no_measurement_sees_any_more_is_no_difference() {
    // The first circuit hides a rotation before a measurement behind one that cancels against the second circuit's.
    let build = |hidden: f64| {
        let mut circuit = Circuit::new(2, 2);
        circuit.rx(0.3, 0).unwrap().rzz(0.4, 0, 1).unwrap();
        circuit.rz(hidden, 0).unwrap().rzz(-0.4, 0, 1).unwrap();
        circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
        circuit
    };
    let options = options(Meaning::Unitary);
    for method in [
        by_rotations::decide,
        by_rotations::decide_by_windows,
        by_clusters::decide,
    ] {
        let verdict = by(method, &build(0.0), &build(0.7), &options);
        assert_ne!(verdict, Verdict::Different);
    }
    assert_eq!(
        by(by_rotations::decide, &build(0.0), &build(0.7), &options),
        Verdict::Equal
    );
}

#[test]
fn rotations_dropped_on_purpose_are_forgiven_and_stated() {
    let mut rng = Pcg64Mcg::seed_from_u64(14);
    let [plain, other] = lines(&mut rng, 12, 0.0);
    let mut noisy = Circuit::new(12, 0);
    for instruction in plain.instructions() {
        noisy.push_instruction(instruction.clone()).unwrap();
        if rng.random_bool(0.1) {
            let q = rng.random_range(0..11);
            noisy.rzz(2e-6, q, q + 1).unwrap();
        }
    }
    let by_default = CheckOptions {
        work: 1e5,
        ..options(Meaning::Unitary)
    };
    let forgiving = CheckOptions {
        negligible: 2.6e-6,
        ..by_default.clone()
    };
    assert_ne!(
        check(&noisy, &other, &by_default).unwrap().verdict,
        Verdict::Equal
    );
    let report = check(&noisy, &other, &forgiving).unwrap();
    assert_eq!(report.verdict, Verdict::Equal, "{report:?}");
    assert!(report.detail.contains("taken for nothing"));
    let dropped = noisy.len() - plain.len();
    let distance = report.distance.unwrap();
    assert!(
        distance > 1e-5 && distance < 3e-6 * dropped as f64,
        "{distance} of {dropped}"
    );
    noisy.rzz(1e-3, 3, 4).unwrap();
    assert_ne!(
        check(&noisy, &other, &forgiving).unwrap().verdict,
        Verdict::Equal
    );
    let silly = CheckOptions {
        negligible: 0.3,
        ..by_default
    };
    assert!(check(&noisy, &other, &silly).is_err());
}

#[test]
fn clifford_windows_that_were_written_with_other_rotations_are_equal() {
    let mut rng = Pcg64Mcg::seed_from_u64(15);
    for _ in 0..30 {
        let quarters: Word = (0..4)
            .map(|_| (random_string(&mut rng, 3), std::f64::consts::FRAC_PI_2))
            .collect();
        let there = random_word(&mut rng, 3, 3);
        let back: Word = there
            .iter()
            .rev()
            .map(|(own, angle)| (own.clone(), -angle))
            .collect();
        let long = [&quarters[..2], &there, &back, &quarters[2..]].concat();
        // What comes after the window shows what became of it.
        let end = random_word(&mut rng, 3, 3);
        let (mut plain, mut other) = (Circuit::new(3, 0), Circuit::new(3, 0));
        append(&mut plain, &quarters, &[0, 1, 2]);
        append(&mut plain, &end, &[0, 1, 2]);
        append(&mut other, &scrambled(&long, 16, &mut rng), &[0, 1, 2]);
        append(&mut other, &end, &[0, 1, 2]);
        let options = options(Meaning::Unitary);
        let verdict = by(by_rotations::decide_by_windows, &plain, &other, &options);
        assert_eq!(verdict, Verdict::Equal);
    }
}
