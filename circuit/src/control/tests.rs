use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::matrix::{close, controlled_matrix};
use crate::random::{random_angle, random_circuit};

fn each_operation(mut check: impl FnMut(Operation)) {
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for gate in Gate::ALL {
        for _ in 0..3 {
            let angles: Vec<f64> = (0..gate.num_angles())
                .map(|_| random_angle(&mut rng))
                .collect();
            check(Operation::with_values(gate, &angles).unwrap());
        }
    }
}

#[test]
fn inverses_undo_every_operation() {
    each_operation(|operation| {
        for operation in [operation.clone(), operation.controlled(&[false]).unwrap()] {
            let product =
                operation.inverse().unwrap().matrix().unwrap() * operation.matrix().unwrap();
            assert!(
                close(
                    &product,
                    &DMatrix::identity(product.nrows(), product.nrows()),
                    1e-13
                ),
                "{}",
                operation.name()
            );
        }
    });
}

#[test]
fn control_agrees_with_the_controlled_matrix_and_its_definition() {
    each_operation(|operation| {
        for state in [
            &[true][..],
            &[false],
            &[true, true],
            &[false, true],
            &[true, false, true],
        ] {
            let controlled = operation.controlled(state).unwrap();
            let expected = controlled_matrix(&operation.matrix().unwrap(), state);
            if operation.as_gate() == Some(Gate::GlobalPhase) && state[state.len() - 1] {
                // The phase moved onto the last control: same operator, one qubit fewer.
                assert_eq!(controlled.num_qubits(), Some(state.len()));
            }
            assert!(
                close(&controlled.matrix().unwrap(), &expected, 1e-13),
                "{} {state:?}",
                operation.name()
            );
            if let Ok(definition) = controlled.definition() {
                assert!(
                    close(&definition.to_matrix().unwrap(), &expected, 1e-12),
                    "{} {state:?}",
                    controlled.name()
                );
            }
        }
    });
}

#[test]
fn wide_controls_have_definitions_of_named_gates() {
    let operation = Operation::Rotation(Gate::P, 0.7)
        .controlled(&[true; 6])
        .unwrap();
    let mut circuit = Circuit::new(7, 0);
    circuit.extend(&operation.definition().unwrap());
    let expected = controlled_matrix(&Gate::P.matrix(&[0.7]), &[true; 6]);
    assert!(close(&circuit.to_matrix().unwrap(), &expected, 1e-12));
}

#[test]
fn controlling_a_circuit_controls_its_global_phase() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    for _ in 0..20 {
        let mut circuit = random_circuit(&mut rng, 3, 6, &Gate::ALL);
        circuit.add_global_phase(random_angle(&mut rng));
        assert_eq!(circuit.controlled(&[]).unwrap(), circuit);
        let expected = controlled_matrix(&circuit.to_matrix().unwrap(), &[true, false]);
        assert!(close(
            &circuit
                .controlled(&[true, false])
                .unwrap()
                .to_matrix()
                .unwrap(),
            &expected,
            1e-12
        ));
    }
}

#[test]
fn roots_multiply_back_to_the_operation() {
    each_operation(|operation| {
        for n in [2u32, 3] {
            let root = operation
                .power(1.0 / f64::from(n))
                .unwrap()
                .matrix()
                .unwrap();
            let product = (1..n).fold(root.clone(), |acc, _| acc * &root);
            assert!(
                close(&product, &operation.matrix().unwrap(), 1e-9),
                "{} 1/{n}",
                operation.name()
            );
        }
    });
}

#[test]
fn circuit_powers_and_inverses_are_matrix_powers() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    for _ in 0..20 {
        let size = rng.random_range(1..=4);
        let circuit = random_circuit(&mut rng, size, 5, &Gate::ALL);
        let matrix = circuit.to_matrix().unwrap();
        let identity = DMatrix::identity(matrix.nrows(), matrix.nrows());
        assert!(close(
            &circuit.power(2).unwrap().to_matrix().unwrap(),
            &(&matrix * &matrix),
            1e-12
        ));
        assert!(close(
            &(circuit.power(-1).unwrap().to_matrix().unwrap() * &matrix),
            &identity,
            1e-12
        ));
    }
}

#[test]
fn user_gates_substitute_their_angles() {
    let mut body = Circuit::new(2, 0);
    body.rx(Angle::symbol("a"), 0)
        .unwrap()
        .cp(Angle::symbol("a") * 2.0, 0, 1)
        .unwrap();
    let call = body.to_gate("mine").unwrap();
    let bound = call
        .bind(&[(crate::Symbol::new("a"), 0.3.into())].into())
        .unwrap();
    let mut expected = Circuit::new(2, 0);
    expected.rx(0.3, 0).unwrap().cp(0.6, 0, 1).unwrap();
    assert!(close(
        &bound.matrix().unwrap(),
        &expected.to_matrix().unwrap(),
        1e-15
    ));
    let product = bound.inverse().unwrap().matrix().unwrap() * bound.matrix().unwrap();
    assert!(close(&product, &DMatrix::identity(4, 4), 1e-14));
}

#[test]
fn repeating_without_bound_is_refused() {
    let mut circuit = Circuit::new(1, 0);
    circuit.x(0).unwrap();
    assert!(matches!(
        circuit.power(i64::MAX),
        Err(CircuitError::TooLong { .. })
    ));
}

#[test]
fn whole_powers_of_symbolic_gates_repeat_them() {
    let symbolic = Operation::gate(Gate::U, &[Angle::symbol("a"), 0.3.into(), 0.4.into()]).unwrap();
    let bindings = [(crate::Symbol::new("a"), 0.7.into())].into();
    let numeric = symbolic.bind(&bindings).unwrap().matrix().unwrap();
    let cube = symbolic.power(3.0).unwrap().bind(&bindings).unwrap();
    assert!(close(
        &cube.matrix().unwrap(),
        &(&numeric * &numeric * &numeric),
        1e-14
    ));
    let inverse_square = symbolic.power(-2.0).unwrap().bind(&bindings).unwrap();
    let product = inverse_square.matrix().unwrap() * &numeric * &numeric;
    assert!(close(&product, &DMatrix::identity(2, 2), 1e-14));
}
