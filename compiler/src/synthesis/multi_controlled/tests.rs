use ardea_circuit::matrix::apply_to_rows;
use ardea_circuit::{Bindings, Symbol};

use rand::RngExt;

use super::super::testing::{distance, random_source, random_unitary, random_unitary2};
use super::method::x_cost;
use super::*;

fn qubits(range: std::ops::Range<usize>) -> Vec<Qubit> {
    range.map(Qubit::new).collect()
}

/// Two-qubit gates, a controlled phase or rotation counting two.
fn cost(circuit: &Circuit) -> usize {
    let of = |instruction: &Instruction| match (
        instruction.qubits.len(),
        instruction.operation.as_gate(),
    ) {
        (2, Some(Gate::CX | Gate::CZ)) => 1,
        (2, _) => 2,
        _ => 0,
    };
    circuit.instructions().iter().map(of).sum()
}

/// Compares with the base on the qubits from `controls` on, by what both make of a random state: two different
/// operators agree on it with probability zero.
fn check(circuit: &Circuit, base: &DMatrix<C64>, controls: usize) {
    let size = 1usize << circuit.num_qubits();
    let mut random = random_source(size as u64);
    let state = DMatrix::from_fn(size, 1, |_, _| {
        C64::new(random.random::<f64>() - 0.5, random.random::<f64>() - 0.5)
    });
    let state = &state / C64::from(state.norm());
    let places =
        |qubits: &[Qubit]| -> Vec<usize> { qubits.iter().map(|qubit| qubit.index()).collect() };
    let mut found = &state * C64::cis(circuit.global_phase().value().unwrap());
    for instruction in circuit.instructions() {
        apply_to_rows(
            &mut found,
            &instruction.operation.matrix().unwrap(),
            &places(&instruction.qubits),
        );
    }
    let mask = (1usize << controls) - 1;
    let mut moved = state.clone();
    let targets: Vec<usize> =
        (controls..controls + base.nrows().trailing_zeros() as usize).collect();
    apply_to_rows(&mut moved, base, &targets);
    let wanted = DMatrix::from_fn(size, 1, |row, _| {
        if row & mask == mask {
            moved[(row, 0)]
        } else {
            state[(row, 0)]
        }
    });
    let error = distance(&found, &wanted);
    assert!(
        error < 1e-12,
        "off by {error:e} on {} qubits",
        circuit.num_qubits()
    );
}

#[test]
fn x_is_exact_for_any_number_of_controls_and_borrowed_qubits() {
    for controls in 0..10 {
        for spare in 0..(13 - controls).min(8) {
            let mut circuit = Circuit::new(controls + 1 + spare, 0);
            controlled_x(
                &mut circuit,
                &qubits(0..controls),
                Qubit::new(controls),
                &qubits(controls + 1..controls + 1 + spare),
            );
            check(&circuit, &Gate::X.matrix(&[]), controls);
            assert!(
                cost(&circuit) <= x_cost(controls, spare).max(controls),
                "{controls} controls, {spare} spare"
            );
        }
    }
}

#[test]
fn x_takes_as_few_cx_as_is_known() {
    let count = |controls: usize, spare: usize| {
        let mut circuit = Circuit::new(controls + 1 + spare, 0);
        controlled_x(
            &mut circuit,
            &qubits(0..controls),
            Qubit::new(controls),
            &qubits(controls + 1..controls + 1 + spare),
        );
        cost(&circuit)
    };
    assert_eq!(
        [count(1, 0), count(2, 0), count(3, 0), count(4, 0)],
        [1, 6, 14, 30]
    );
    assert_eq!(
        [count(4, 2), count(5, 3), count(10, 8), count(50, 48)],
        [26, 34, 74, 394]
    );
    // Linear with one borrowed qubit, quadratic without any.
    assert!(count(20, 1) <= 16 * 20 && count(100, 1) <= 1600);
    assert!(count(20, 0) <= 4 * 20 * 19 + 2 && count(60, 0) <= 4 * 60 * 59 + 2);
}

#[test]
fn phases_and_rotations_are_exact() {
    for controls in 0..13 {
        let mut circuit = Circuit::new(controls + 1, 0);
        controlled_phase(&mut circuit, &qubits(0..controls + 1), &0.7.into());
        check(&circuit, &Gate::P.matrix(&[0.7]), controls);
        for (axis, gate) in [
            (RotationAxis::X, Gate::RX),
            (RotationAxis::Y, Gate::RY),
            (RotationAxis::Z, Gate::RZ),
        ] {
            for angle in [0.7, 2.0 * PI, -5.0] {
                let mut circuit = Circuit::new(controls + 1, 0);
                controlled_rotation(
                    &mut circuit,
                    axis,
                    &qubits(0..controls),
                    Qubit::new(controls),
                    &angle.into(),
                    &[],
                );
                check(&circuit, &gate.matrix(&[angle]), controls);
                assert!(cost(&circuit) <= (16 * controls).max(2));
            }
        }
    }
}

#[test]
fn symbolic_angles_bind_to_the_numeric_result() {
    let bindings: Bindings = [(Symbol::new("a"), Angle::from(-1.3))].into();
    for controls in [1, 2, 5, 7, 9] {
        let mut circuit = Circuit::new(controls + 1, 0);
        controlled_phase(&mut circuit, &qubits(0..controls + 1), &Angle::symbol("a"));
        controlled_rotation(
            &mut circuit,
            RotationAxis::Y,
            &qubits(0..controls),
            Qubit::new(controls),
            &Angle::symbol("a"),
            &[],
        );
        let matrix = Gate::RY.matrix(&[-1.3]) * Gate::P.matrix(&[-1.3]);
        check(&circuit.bind(&bindings).unwrap(), &matrix, controls);
    }
}

#[test]
fn one_qubit_unitaries_are_exact_under_any_number_of_controls() {
    let mut random = random_source(80);
    for controls in 0..8 {
        let mut matrices: Vec<Matrix2<C64>> =
            (0..4).map(|_| random_unitary2(&mut random)).collect();
        matrices.extend(
            [Gate::H, Gate::SX, Gate::Y, Gate::Z, Gate::T, Gate::I]
                .map(|gate| gate.matrix1(&[]).unwrap()),
        );
        matrices.push(Matrix2::identity() * C64::cis(1.1));
        for matrix in matrices {
            let mut circuit = Circuit::new(controls + 2, 0);
            controlled_unitary(
                &mut circuit,
                &qubits(0..controls),
                Qubit::new(controls),
                &matrix,
                &[Qubit::new(controls + 1)],
            );
            let base = DMatrix::from_iterator(2, 2, matrix.iter().copied());
            check(&circuit, &base, controls);
        }
    }
}

#[test]
fn matrices_under_controls_are_exact() {
    let mut random = random_source(81);
    for (controls, targets) in [(1, 2), (3, 2), (2, 3), (6, 2)] {
        let matrix = random_unitary(&mut random, 1 << targets);
        let mut circuit = Circuit::new(controls + targets, 0);
        let wires = qubits(controls..controls + targets);
        controlled_matrix(
            &mut circuit,
            &qubits(0..controls),
            &wires.clone(),
            &matrix,
            &[],
            |out, basis| {
                out.push(Operation::unitary(basis.clone())?, &wires)
                    .map(|_| ())
            },
        )
        .unwrap();
        check(&circuit, &matrix, controls);
    }
}
