use super::super::testing::{distance, random_source, random_unitary};
use super::*;
use rand::RngExt;

/// Two-qubit gates when each matrix takes as many `cz` as it needs.
fn cost(circuit: &Circuit) -> usize {
    let of = |instruction: &Instruction| match (
        instruction.qubits.len(),
        instruction.operation.matrix2(),
    ) {
        (2, Some(matrix)) => cz_count(&Weyl::of(&matrix).coordinates),
        _ => 0,
    };
    circuit.instructions().iter().map(of).sum()
}

fn check(matrix: &DMatrix<C64>, bound: f64) -> usize {
    let circuit = synthesise_unitary(matrix).unwrap();
    let error = distance(&circuit.to_matrix().unwrap(), matrix);
    assert!(error < bound, "misses by {error:e}");
    cost(&circuit)
}

#[test]
fn random_unitaries_are_reproduced_with_the_published_counts() {
    let mut random = random_source(70);
    for (num_qubits, most, rounds) in [
        (1, 0, 10),
        (2, 3, 10),
        (3, 20, 20),
        (4, 100, 4),
        (5, 444, 1),
    ] {
        for _ in 0..rounds {
            let matrix = random_unitary(&mut random, 1 << num_qubits);
            assert!(check(&matrix, 1e-11) <= most, "{num_qubits} qubits");
        }
    }
}

#[test]
fn diagonal_unitaries_take_few_gates() {
    let mut random = random_source(71);
    for num_qubits in 2..6usize {
        let diagonal = nalgebra::DVector::from_fn(1 << num_qubits, |_, _| {
            C64::cis(random.random_range(-3.0..3.0))
        });
        assert!(check(&DMatrix::from_diagonal(&diagonal), 1e-12) <= (1 << num_qubits) - 2);
    }
}

#[test]
fn structure_is_found() {
    let mut random = random_source(72);
    let (a, b) = (
        random_unitary(&mut random, 4),
        random_unitary(&mut random, 2),
    );
    assert!(check(&a.kronecker(&b), 1e-12) <= 3);
    assert!(check(&b.kronecker(&a), 1e-12) <= 3);
    let controlled = ardea_circuit::matrix::controlled_matrix(&a, &[true]);
    assert!(check(&controlled, 1e-12) <= 3 + 4 + 3);
    let toffoli = Gate::CCX.matrix(&[]);
    assert!(check(&toffoli, 1e-12) <= 8);
}

#[test]
fn every_gate_and_permutation_is_reproduced() {
    for gate in Gate::ALL.into_iter().filter(|gate| gate.num_qubits() >= 3) {
        check(&gate.matrix(&[]), 1e-11);
    }
    let mut random = random_source(73);
    for _ in 0..20 {
        let mut order: Vec<usize> = (0..8).collect();
        for k in 0..8 {
            order.swap(k, random.random_range(k..8));
        }
        check(
            &DMatrix::from_fn(8, 8, |r, c| C64::from(f64::from(u8::from(order[c] == r)))),
            1e-11,
        );
    }
    check(&DMatrix::identity(16, 16), 1e-12);
}

#[test]
fn nearly_structured_unitaries_are_reproduced() {
    let mut random = random_source(74);
    for size in [8, 16] {
        for gap in [1e-5, 1e-8, 1e-10, 1e-12, 1e-14] {
            let basis = random_unitary(&mut random, size);
            let phases = nalgebra::DVector::from_fn(size, |k, _| C64::cis(gap * k as f64));
            check(
                &(&basis * DMatrix::from_diagonal(&phases) * basis.adjoint()),
                1e-9,
            );
        }
    }
}

#[test]
fn matrices_beyond_the_limit_are_refused() {
    assert!(matches!(
        synthesise_unitary(&DMatrix::identity(2048, 2048)),
        Err(CompileError::Limit { .. })
    ));
    assert!(synthesise_unitary(&DMatrix::identity(3, 3)).is_err());
}
