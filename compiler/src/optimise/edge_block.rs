//! Two-qubit blocks at the edges of a circuit, where less than the whole matrix matters.
//!
//! A block may be followed by `exp(i a ZZ)` unseen when both its qubits are measured next, and preceded by it when one
//! of them starts in |0> (there it is an `rz` of the other, which can be undone). The angle is free, and one angle
//! makes the block a gate of two CZ: with `g(U) = tr(U YY U^T YY)` for det U = 1, two CZ are enough exactly when g is
//! real (Shende, Bullock, Markov, quant-ph/0308045), and `g(U exp(i a ZZ)) = cos 2a g(U) + i sin 2a tr(U ZZ YY U^T YY)`.
//! A block on two qubits in known states only has to prepare one state, which takes one CZ by its Schmidt form.

use ardea_circuit::matrix::{cis, kron2, swap_qubits};
use ardea_circuit::{C64, Operation};
use nalgebra::{DMatrix, Matrix2, Matrix4, Vector2, Vector4};

use crate::synthesis::two_qubit::{cz_count, rzz_count};
use crate::synthesis::weyl::coordinates;
use crate::{CompileError, GateSet};

/// Which two-qubit operations may be replaced by a cheaper matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocks {
    /// Those that are matrices already. Named gates stay what they are: others may still merge with them.
    #[default]
    Gathered,
    /// All, for when no more merging by name is to come.
    AnyGate,
}

impl Blocks {
    /// Whether `operation` may be replaced.
    pub(super) fn include(self, operation: &Operation) -> bool {
        self == Self::AnyGate || matches!(operation, Operation::Unitary(_))
    }
}

/// Two-qubit gates that a block takes.
pub(super) fn cost(matrix: &Matrix4<C64>, gates: GateSet) -> usize {
    let class = coordinates(matrix);
    match gates {
        GateSet::Standard => cz_count(&class),
        GateSet::Fractional => cz_count(&class).min(rzz_count(&class)),
    }
}

/// The block as an operation.
pub(super) fn operation(matrix: &Matrix4<C64>) -> Result<Operation, CompileError> {
    Ok(Operation::unitary(DMatrix::from_iterator(
        4,
        4,
        matrix.iter().copied(),
    ))?)
}

/// A cheaper block with the same outcomes when both qubits are measured after it, or only one and the other is dropped.
pub(super) fn before_measurement(matrix: &Matrix4<C64>, gates: GateSet) -> Option<Matrix4<C64>> {
    let angle = freeing_angle(&matrix.adjoint());
    cheapest(
        matrix,
        gates,
        angles(-angle).map(|angle| zz_phase(angle) * matrix),
    )
}

/// A cheaper block that does the same where the first qubit starts in `preparation |0>`.
pub(super) fn on_known_first(
    matrix: &Matrix4<C64>,
    preparation: &Matrix2<C64>,
    gates: GateSet,
) -> Option<Matrix4<C64>> {
    let prepare = kron2(&Matrix2::identity(), preparation);
    let from_zero = matrix * prepare;
    let candidates = angles(freeing_angle(&from_zero)).map(|angle| {
        let undo = kron2(&rz_phase(-angle), &Matrix2::identity());
        from_zero * zz_phase(angle) * undo * prepare.adjoint()
    });
    cheapest(matrix, gates, candidates)
}

/// As [`on_known_first`] for the second qubit.
pub(super) fn on_known_second(
    matrix: &Matrix4<C64>,
    preparation: &Matrix2<C64>,
    gates: GateSet,
) -> Option<Matrix4<C64>> {
    on_known_first(&swap_qubits(matrix), preparation, gates).map(|matrix| swap_qubits(&matrix))
}

/// A block of one CZ that does the same where the qubits start in `first |0>` and `second |0>`.
pub(super) fn on_known_both(
    matrix: &Matrix4<C64>,
    first: &Matrix2<C64>,
    second: &Matrix2<C64>,
    gates: GateSet,
) -> Option<Matrix4<C64>> {
    let prepare = kron2(second, first);
    let state: Vector4<C64> = (matrix * prepare).column(0).into_owned();
    cheapest(
        matrix,
        gates,
        [entangle(&state) * prepare.adjoint()].into_iter(),
    )
}

/// The cheapest candidate that is cheaper than the block itself; the first of equals.
fn cheapest(
    matrix: &Matrix4<C64>,
    gates: GateSet,
    candidates: impl Iterator<Item = Matrix4<C64>>,
) -> Option<Matrix4<C64>> {
    let now = cost(matrix, gates);
    candidates
        .map(|candidate| (cost(&candidate, gates), candidate))
        .filter(|(cost, _)| *cost < now)
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, candidate)| candidate)
}

/// The angle that makes the block one of two CZ, and a quarter turn (one CZ absorbed) for blocks that already are.
fn angles(freeing: f64) -> impl Iterator<Item = f64> {
    [freeing, std::f64::consts::FRAC_PI_4].into_iter()
}

/// `a` with `U exp(i a ZZ)` a gate of two CZ at most.
fn freeing_angle(matrix: &Matrix4<C64>) -> f64 {
    let phase = cis(-matrix.determinant().arg() / 4.0);
    let u = matrix * phase;
    let yy = anti_diagonal([-1.0, 1.0, 1.0, -1.0]);
    // ZZ YY = -XX.
    let zz_yy = anti_diagonal([-1.0; 4]);
    let g = (u * yy * u.transpose() * yy).trace();
    let turned = (u * zz_yy * u.transpose() * yy).trace();
    if g.im.abs() < 1e-14 && turned.re.abs() < 1e-14 {
        0.0
    } else {
        (-g.im).atan2(turned.re) / 2.0
    }
}

fn anti_diagonal(entries: [f64; 4]) -> Matrix4<C64> {
    Matrix4::from_fn(|row, column| C64::from(if row + column == 3 { entries[row] } else { 0.0 }))
}

/// `exp(i angle ZZ)`.
fn zz_phase(angle: f64) -> Matrix4<C64> {
    let (even, odd) = (cis(angle), cis(-angle));
    Matrix4::from_diagonal(&Vector4::new(even, odd, odd, even))
}

/// `exp(i angle Z)`.
fn rz_phase(angle: f64) -> Matrix2<C64> {
    Matrix2::from_diagonal(&Vector2::new(cis(angle), cis(-angle)))
}

/// A one-CZ unitary with this first column, from its Schmidt form `sum_k s_k |v_k> |u_k>`.
fn entangle(state: &Vector4<C64>) -> Matrix4<C64> {
    // Row: second qubit, column: first.
    let amplitudes = Matrix2::new(state[0], state[1], state[2], state[3]);
    let (high, weights, low) = schmidt(&amplitudes);
    let (cos, sin) = (C64::from(weights[0]), C64::from(weights[1]));
    let spread = Matrix2::new(cos, -sin, sin, cos);
    let mut cx = Matrix4::identity();
    cx.swap_rows(1, 3);
    kron2(&high, &low) * cx * kron2(&Matrix2::identity(), &spread)
}

/// `A = high diag(weights) low^T` with unitary `high` and `low`.
///
/// In closed form: an iteration for matrices of any size loses unitarity where the weights are nearly equal or one is
/// nearly zero, and both are common here.
fn schmidt(amplitudes: &Matrix2<C64>) -> (Matrix2<C64>, [f64; 2], Matrix2<C64>) {
    let right = principal_axis(&(amplitudes.adjoint() * amplitudes));
    let image = amplitudes * right;
    let left = image
        .try_normalize(f64::MIN_POSITIVE)
        .unwrap_or_else(|| Vector2::new(C64::ONE, C64::ZERO));
    let (left_rest, right_rest) = (beside(&left), beside(&right));
    let rest = left_rest.dotc(&(amplitudes * right_rest));
    let high = Matrix2::from_columns(&[left, left_rest * cis(rest.arg())]);
    let low = Matrix2::from_columns(&[right, right_rest]).conjugate();
    (high, [image.norm(), rest.norm()], low)
}

/// The unit eigenvector of the larger eigenvalue of a Hermitian matrix.
fn principal_axis(matrix: &Matrix2<C64>) -> Vector2<C64> {
    let half_gap = (matrix[(0, 0)].re - matrix[(1, 1)].re) / 2.0;
    let across = matrix[(0, 1)];
    let reach = half_gap.hypot(across.norm());
    // Of the two rows of (matrix - eigenvalue) the one without cancellation.
    let axis = if half_gap >= 0.0 {
        Vector2::new(C64::from(reach + half_gap), across.conj())
    } else {
        Vector2::new(across, C64::from(reach - half_gap))
    };
    axis.try_normalize(f64::MIN_POSITIVE)
        .unwrap_or_else(|| Vector2::new(C64::ONE, C64::ZERO))
}

/// A unit vector orthogonal to a unit vector.
fn beside(axis: &Vector2<C64>) -> Vector2<C64> {
    Vector2::new(-axis[1].conj(), axis[0].conj())
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Gate;
    use ardea_circuit::random::random_circuit;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// A block of three CZ.
    fn random_block(seed: u64) -> Matrix4<C64> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let gates = [Gate::U, Gate::CX, Gate::RXX, Gate::RZZ];
        loop {
            let circuit = random_circuit(&mut rng, 2, 20, &gates);
            let block = Matrix4::from_iterator(circuit.to_matrix().unwrap().iter().copied());
            if cost(&block, GateSet::Standard) == 3 {
                return block;
            }
        }
    }

    fn random_turn(seed: u64) -> Matrix2<C64> {
        let x = seed as f64;
        Gate::U.matrix1(&[1.3 + x, 0.4 - 2.0 * x, 0.7 * x]).unwrap()
    }

    #[test]
    fn a_block_before_measurements_takes_two_cz() {
        for seed in 0..50 {
            let block = random_block(seed);
            let cheaper = before_measurement(&block, GateSet::Standard).unwrap();
            assert!(cost(&cheaper, GateSet::Standard) <= 2, "seed {seed}");
            let moduli = |matrix: &Matrix4<C64>| matrix.map(|entry| entry.norm());
            assert!(
                (moduli(&cheaper) - moduli(&block)).norm() < 1e-9,
                "seed {seed}"
            );
        }
    }

    #[test]
    fn a_block_on_one_known_qubit_takes_two_cz() {
        for seed in 0..50 {
            let (block, turn) = (random_block(seed), random_turn(seed));
            let cheaper = on_known_first(&block, &turn, GateSet::Standard).unwrap();
            assert!(cost(&cheaper, GateSet::Standard) <= 2, "seed {seed}");
            let prepare = kron2(&Matrix2::identity(), &turn);
            for column in [0, 2] {
                let difference =
                    (cheaper * prepare).column(column) - (block * prepare).column(column);
                assert!(difference.norm() < 1e-9, "seed {seed}");
            }
            let second = on_known_second(&swap_qubits(&block), &turn, GateSet::Standard).unwrap();
            assert!((swap_qubits(&second) - cheaper).norm() < 1e-9);
        }
    }

    #[test]
    fn preparing_a_state_is_unitary_however_little_it_entangles() {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        for round in 0..20_000 {
            let mut turn = || {
                let angles = [0; 3].map(|_| {
                    let quarter = f64::from(rng.random_range(-4..=4)) * std::f64::consts::FRAC_PI_4;
                    let little = 10f64.powf(-rng.random_range(1.0..17.0));
                    quarter + rng.random_range(-1.0..1.0) * little
                });
                Gate::U.matrix1(&angles).unwrap()
            };
            let (high, low, spread) = (turn(), turn(), turn());
            let amplitudes = high * Matrix2::from_diagonal(&spread.column(0).into_owned()) * low;
            let state = Vector4::from_iterator((0..4).map(|i| amplitudes[(i / 2, i % 2)]));
            let block = entangle(&state);
            assert!(
                (block.adjoint() * block - Matrix4::identity()).norm() < 1e-12,
                "round {round}"
            );
            assert!((block.column(0) - state).norm() < 1e-12, "round {round}");
        }
    }

    #[test]
    fn a_block_on_two_known_qubits_takes_one_cz() {
        for seed in 0..50 {
            let (block, first, second) =
                (random_block(seed), random_turn(seed), random_turn(seed + 7));
            let cheaper = on_known_both(&block, &first, &second, GateSet::Standard).unwrap();
            assert_eq!(cost(&cheaper, GateSet::Standard), 1, "seed {seed}");
            let prepare = kron2(&second, &first);
            let difference = (cheaper * prepare).column(0) - (block * prepare).column(0);
            assert!(difference.norm() < 1e-9, "seed {seed}");
        }
    }
}
