use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::matrix::{apply_to_rows, close};
use crate::random::{random_circuit, random_qubits};
use crate::{Angle, C64, Circuit, Gate, Operation, Pauli, PauliString, Qubit};

/// Every Clifford gate of the standard set.
fn clifford_gates() -> Vec<Gate> {
    Gate::ALL
        .into_iter()
        .filter(|gate| gate.is_clifford() && gate.num_qubits() > 0)
        .collect()
}

fn random_elementary(seed: u64, num_qubits: usize, count: usize) -> Vec<CliffordGate> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let one: [fn(usize) -> CliffordGate; 8] = [
        CliffordGate::X,
        CliffordGate::Y,
        CliffordGate::Z,
        CliffordGate::H,
        CliffordGate::S,
        CliffordGate::Sdg,
        CliffordGate::SX,
        CliffordGate::SXdg,
    ];
    let two: [fn(usize, usize) -> CliffordGate; 3] =
        [CliffordGate::CX, CliffordGate::CZ, CliffordGate::Swap];
    (0..count)
        .map(|_| {
            if num_qubits > 1 && rng.random_bool(0.5) {
                let pair = random_qubits(&mut rng, num_qubits, 2);
                two[rng.random_range(0..3)](pair[0].index(), pair[1].index())
            } else {
                one[rng.random_range(0..8)](rng.random_range(0..num_qubits))
            }
        })
        .collect()
}

fn tableau_of(num_qubits: usize, gates: &[CliffordGate]) -> Tableau {
    let mut tableau = Tableau::identity(num_qubits);
    gates.iter().for_each(|&gate| tableau.append(gate));
    tableau
}

fn matrix_of(num_qubits: usize, gates: &[CliffordGate]) -> DMatrix<C64> {
    let size = 1 << num_qubits;
    let mut matrix = DMatrix::identity(size, size);
    for gate in gates {
        let (operation, qubits) = gate.to_operation();
        let positions: Vec<usize> = qubits.iter().map(|q| q.index()).collect();
        apply_to_rows(&mut matrix, &operation.matrix().unwrap(), &positions);
    }
    matrix
}

fn pauli_matrix(string: &PauliString) -> DMatrix<C64> {
    let mut circuit = Circuit::new(string.num_qubits(), 0);
    for (q, pauli) in string.support() {
        let gate = match pauli {
            Pauli::I => Gate::I,
            Pauli::X => Gate::X,
            Pauli::Y => Gate::Y,
            Pauli::Z => Gate::Z,
        };
        circuit.push(Operation::Gate(gate), &[q]).unwrap();
    }
    circuit.to_matrix().unwrap()
}

/// Whether `tableau` says of every generator what conjugation by `matrix` says.
fn describes(tableau: &Tableau, matrix: &DMatrix<C64>) -> bool {
    (0..tableau.num_qubits()).map(Qubit::new).all(|q| {
        [Pauli::X, Pauli::Z].into_iter().all(|pauli| {
            let generator = PauliString::from_sparse(tableau.num_qubits(), &[(q, pauli)]).unwrap();
            let (negative, image) = match pauli {
                Pauli::X => tableau.image_of_x(q),
                _ => tableau.image_of_z(q),
            };
            let sign = C64::from(if negative { -1.0 } else { 1.0 });
            let expected = matrix * pauli_matrix(&generator) * matrix.adjoint();
            close(&expected, &(pauli_matrix(&image) * sign), 1e-9)
        })
    })
}

#[test]
fn the_tableau_of_every_clifford_gate_agrees_with_its_matrix() {
    let gates = clifford_gates();
    assert!(gates.len() >= 15, "{gates:?}");
    for gate in gates {
        let k = gate.num_qubits();
        for qubits in [vec![0, 1], vec![2, 0], vec![1, 2]] {
            let mut circuit = Circuit::new(3, 0);
            let qubits: Vec<Qubit> = qubits.into_iter().map(Qubit::new).take(k).collect();
            circuit.push(Operation::Gate(gate), &qubits).unwrap();
            let tableau = Tableau::of_circuit(&circuit).unwrap();
            assert!(describes(&tableau, &circuit.to_matrix().unwrap()), "{gate}");
        }
    }
}

#[test]
fn the_form_of_an_operation_is_exact_with_its_phase() {
    let mut forms = 0;
    for gate in Gate::ALL {
        let k = gate.num_qubits();
        if k == 0 || k > 4 || gate.num_angles() > 3 {
            continue;
        }
        let choices = 16usize.pow(gate.num_angles() as u32);
        for choice in 0..choices {
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|i| {
                    Angle::Value((choice >> (4 * i) & 15) as f64 * std::f64::consts::FRAC_PI_4)
                })
                .collect();
            let operation = Operation::gate(gate, &angles).unwrap();
            let Some(form) = CliffordForm::of(&operation) else {
                continue;
            };
            forms += 1;
            let phase = C64::from_polar(1.0, form.phase());
            let found = matrix_of(k, form.gates()) * phase;
            assert!(
                close(&found, &operation.matrix().unwrap(), 1e-9),
                "{gate} {angles:?}"
            );
        }
    }
    assert!(forms > 1000, "{forms}");
}

#[test]
fn rotations_count_as_clifford_exactly_at_quarter_turns() {
    let quarter = std::f64::consts::FRAC_PI_2;
    for gate in [Gate::RX, Gate::RY, Gate::RZ, Gate::P, Gate::RZZ, Gate::RXX] {
        for turns in -9..9 {
            let at = |offset: f64| {
                let angle = f64::from(turns) * quarter + offset;
                CliffordForm::is_clifford(&Operation::with_values(gate, &[angle]).unwrap())
            };
            assert!(at(0.0) && at(1e-11), "{gate} {turns}");
            assert!(
                !at(1e-7) && !at(0.3) && !at(quarter / 2.0),
                "{gate} {turns}"
            );
        }
    }
    let controlled = |angle: f64| {
        CliffordForm::is_clifford(&Operation::with_values(Gate::CP, &[angle]).unwrap())
    };
    assert!(controlled(2.0 * quarter) && !controlled(quarter));
    assert!(!CliffordForm::is_clifford(&Operation::Gate(Gate::T)));
    assert!(!CliffordForm::is_clifford(&Operation::Reset));
    let symbolic = Operation::gate(Gate::RZ, &[Angle::symbol("a")]).unwrap();
    assert!(!CliffordForm::is_clifford(&symbolic));
}

#[test]
fn a_matrix_is_recognised_and_a_near_miss_is_not() {
    for seed in 0..30 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let matrix = random_circuit(&mut rng, 3, 15, &clifford_gates())
            .to_matrix()
            .unwrap();
        assert!(CliffordForm::is_clifford(
            &Operation::unitary(matrix.clone()).unwrap()
        ));
        let mut turned = matrix;
        let turn = Gate::RZ.matrix(&[0.4]);
        apply_to_rows(&mut turned, &turn, &[(seed % 3) as usize]);
        assert!(!CliffordForm::is_clifford(
            &Operation::unitary(turned).unwrap()
        ));
    }
}

#[test]
fn tableaus_compose_and_invert_as_their_circuits_do() {
    for (seed, n) in [(1, 1), (2, 3), (3, 20), (4, 70), (5, 150)] {
        let (first, second) = (
            random_elementary(seed, n, 12 * n),
            random_elementary(seed + 50, n, 12 * n),
        );
        let (a, b) = (tableau_of(n, &first), tableau_of(n, &second));
        let both: Vec<CliffordGate> = first.iter().chain(&second).copied().collect();
        assert_eq!(a.then(&b), tableau_of(n, &both), "{n}");
        let undone: Vec<CliffordGate> = first.iter().rev().map(|gate| gate.inverse()).collect();
        assert_eq!(a.inverse(), tableau_of(n, &undone), "{n}");
        assert_eq!(a.then(&a.inverse()), Tableau::identity(n));
    }
}

#[test]
fn conjugation_of_a_string_is_the_product_of_its_images() {
    for seed in 0..20 {
        let gates = random_elementary(seed, 4, 30);
        let (tableau, matrix) = (tableau_of(4, &gates), matrix_of(4, &gates));
        assert!(describes(&tableau, &matrix));
        for label in ["XYZI", "YYII", "IZXY", "IIII"] {
            let string = PauliString::from_label(label).unwrap();
            let (negative, image) = tableau.conjugate(&string);
            let sign = C64::from(if negative { -1.0 } else { 1.0 });
            let expected = &matrix * pauli_matrix(&string) * matrix.adjoint();
            assert!(
                close(&expected, &(pauli_matrix(&image) * sign), 1e-9),
                "seed {seed}: {label}"
            );
        }
    }
}

#[test]
fn gates_made_from_a_tableau_have_it() {
    for (seed, n) in [(1, 1), (2, 2), (3, 5), (4, 40), (5, 130)] {
        let tableau = tableau_of(n, &random_elementary(seed, n, 15 * n));
        assert_eq!(tableau_of(n, &tableau.to_gates()), tableau);
    }
}

#[test]
fn paulis_between_two_operators_are_found() {
    for seed in 0..20 {
        let gates = random_elementary(seed, 5, 40);
        let mut other = gates.clone();
        other.insert(20, CliffordGate::Y((seed % 5) as usize));
        let (a, b) = (tableau_of(5, &gates), tableau_of(5, &other));
        let mut fixed = gates.clone();
        fixed.extend(a.paulis_to(&b).unwrap());
        assert_eq!(tableau_of(5, &fixed), b);
        other.push(CliffordGate::S(0));
        assert_eq!(a.paulis_to(&tableau_of(5, &other)), None);
    }
}

#[test]
fn the_amplitude_of_the_zero_state_agrees_with_the_matrix() {
    for seed in 0..400 {
        let n = 1 + (seed % 5) as usize;
        let gates = random_elementary(seed, n, 40);
        let mut state = StabilizerState::new(n);
        gates.iter().for_each(|&gate| state.apply(gate));
        let found = match state.zero_amplitude() {
            None => C64::from(0.0),
            Some((eighths, halvings)) => C64::from_polar(
                0.5f64.powf(halvings as f64 / 2.0),
                f64::from(eighths) * std::f64::consts::FRAC_PI_4,
            ),
        };
        let expected = matrix_of(n, &gates)[(0, 0)];
        assert!(
            (found - expected).norm() < 1e-9,
            "seed {seed}: {found} instead of {expected}"
        );
    }
}

#[test]
fn the_phase_between_two_forms_of_one_operator_is_exact() {
    for seed in 0..60 {
        let n = 1 + (seed % 4) as usize;
        let gates = random_elementary(seed, n, 30);
        let other = tableau_of(n, &gates).to_gates();
        let undo = other.iter().rev().map(|gate| gate.inverse());
        let phase = phase_of(n, gates.iter().copied().chain(undo)).unwrap();
        let expected = matrix_of(n, &other) * C64::from_polar(1.0, phase);
        assert!(close(&matrix_of(n, &gates), &expected, 1e-9), "seed {seed}");
    }
    assert_eq!(phase_of(2, [CliffordGate::H(0)]), None);
    // Wide operators too: a circuit and its inverse differ by no phase.
    let gates = random_elementary(7, 100, 3000);
    let undo = gates.iter().rev().map(|gate| gate.inverse());
    assert_eq!(phase_of(100, gates.iter().copied().chain(undo)), Some(0.0));
}
