//! A qubit's own pure state, and what a matrix does to it.

use ardea_circuit::{Angle, C64, Gate, Operation, Pauli};
use nalgebra::{Matrix2, Matrix4, Vector2, Vector4};

use super::super::NEGLIGIBLE;
use super::super::rotation::{Family, Rotation};
use crate::CompileError;

/// A normalised state `a |0> + b |1>`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State(Vector2<C64>);

impl State {
    pub(super) const ZERO: Self = Self(Vector2::new(C64::new(1.0, 0.0), C64::new(0.0, 0.0)));

    /// The basis state that this is, up to phase.
    pub(super) fn bit(self) -> Option<bool> {
        self.eigenvalue(Pauli::Z).map(|sign| sign < 0.0)
    }

    pub(super) fn after(self, matrix: &Matrix2<C64>) -> Self {
        Self((matrix * self.0).normalize())
    }

    /// +1 or -1 when the state is an eigenstate of the Pauli matrix with that value.
    pub(super) fn eigenvalue(self, pauli: Pauli) -> Option<f64> {
        let (a, b) = (self.0[0], self.0[1]);
        let i = C64::new(0.0, 1.0);
        let image = match pauli {
            Pauli::I => return Some(1.0),
            Pauli::X => Vector2::new(b, a),
            Pauli::Y => Vector2::new(-i * b, i * a),
            Pauli::Z => Vector2::new(a, -b),
        };
        [1.0, -1.0]
            .into_iter()
            .find(|&sign| (image - self.0 * C64::from(sign)).norm() < NEGLIGIBLE)
    }

    /// Whether the two differ by a phase only.
    pub(super) fn same_ray(self, other: Self) -> bool {
        (other.0 - self.0 * self.0.dotc(&other.0)).norm() < NEGLIGIBLE
    }

    /// The phase of `other` relative to this state on the same ray.
    pub(super) fn phase_to(self, other: Self) -> f64 {
        self.0.dotc(&other.0).arg()
    }

    fn orthogonal(self) -> Vector2<C64> {
        Vector2::new(-self.0[1].conj(), self.0[0].conj())
    }
}

/// The phase by which a one-qubit operation multiplies a state that it leaves alone, symbolic angles included.
pub(super) fn eigenphase(operation: &Operation, state: State) -> Option<Angle> {
    if operation.num_qubits() != Some(1) {
        return None;
    }
    if let Some(Rotation {
        family: Family::Named(gate),
        angle,
        phase,
    }) = Rotation::of(operation)
    {
        let axis = match gate {
            Gate::RX => Pauli::X,
            Gate::RY => Pauli::Y,
            _ => Pauli::Z,
        };
        if let Some(sign) = state.eigenvalue(axis) {
            return Some(phase + angle * (-0.5 * sign));
        }
    }
    let image = operation.matrix1()? * state.0;
    let value = state.0.dotc(&image);
    ((image - state.0 * value).norm() < NEGLIGIBLE).then(|| Angle::Value(value.arg()))
}

/// `U (known (x) x) = after (x) V x` for every x of the second qubit: the first qubit's new state and V, when it is so.
pub(super) fn factor(matrix: &Matrix4<C64>, known: State) -> Option<(State, Matrix2<C64>)> {
    // One matrix on the second qubit per outcome of the first.
    let blocks = [0, 1].map(|out| {
        Matrix2::from_fn(|row, column| {
            (0..2)
                .map(|bit| matrix[(row << 1 | out, column << 1 | bit)] * known.0[bit])
                .sum::<C64>()
        })
    });
    let larger = usize::from(blocks[1].norm() > blocks[0].norm());
    let weight = blocks[larger].norm() / std::f64::consts::SQRT_2;
    let gate = blocks[larger] / C64::from(weight);
    let after = Vector2::from_fn(|out, _| (gate.adjoint() * blocks[out]).trace() / 2.0);
    let exact = [0, 1]
        .into_iter()
        .all(|out| (blocks[out] - gate * after[out]).norm() < NEGLIGIBLE);
    exact.then(|| (State(after.normalize()), gate))
}

/// The states of the two qubits (first, second) after `U`, when they stay apart; the phase is in the second.
pub(super) fn product_after(
    matrix: &Matrix4<C64>,
    low: State,
    high: State,
) -> Option<(State, State)> {
    let before = Vector4::from_fn(|index, _| low.0[index & 1] * high.0[index >> 1]);
    let after = matrix * before;
    let larger = (0..4).max_by(|&a, &b| after[a].norm().total_cmp(&after[b].norm()))?;
    let first = Vector2::from_fn(|bit, _| after[larger & 2 | bit]).normalize();
    let second = Vector2::from_fn(|bit, _| {
        (0..2)
            .map(|k| first[k].conj() * after[bit << 1 | k])
            .sum::<C64>()
    });
    let exact = (0..4)
        .all(|index| (after[index] - first[index & 1] * second[index >> 1]).norm() < NEGLIGIBLE);
    exact.then(|| (State(first), State(second.normalize())))
}

/// A unitary that takes one state to another.
pub(super) fn preparation(before: State, after: State) -> Matrix2<C64> {
    after.0 * before.0.adjoint() + after.orthogonal() * before.orthogonal().adjoint()
}

/// A one-qubit matrix as a gate (none for the identity) and a global phase.
pub(super) fn one_qubit_gate(
    matrix: &Matrix2<C64>,
) -> Result<(Option<Operation>, f64), CompileError> {
    let named = [Gate::X, Gate::Y, Gate::Z, Gate::H].into_iter();
    for (gate, candidate) in named.filter_map(|gate| gate.matrix1(&[]).map(|m| (gate, m))) {
        let overlap = (candidate.adjoint() * matrix).trace() / 2.0;
        if (overlap.norm() - 1.0).abs() < NEGLIGIBLE
            && (matrix - candidate * overlap).norm() < NEGLIGIBLE
        {
            return Ok(match gate {
                // As a rotation it is native too.
                Gate::Z => (
                    Some(Operation::Rotation(Gate::RZ, std::f64::consts::PI)),
                    overlap.arg() + std::f64::consts::FRAC_PI_2,
                ),
                gate => (Some(Operation::Gate(gate)), overlap.arg()),
            });
        }
    }
    if matrix[(1, 0)].norm() < NEGLIGIBLE {
        let (low, high) = (matrix[(0, 0)].arg(), matrix[(1, 1)].arg());
        let angle = high - low;
        if (matrix[(1, 1)] - matrix[(0, 0)]).norm() < NEGLIGIBLE {
            return Ok((None, low));
        }
        return Ok((
            Some(Operation::Rotation(Gate::RZ, angle)),
            (low + high) / 2.0,
        ));
    }
    // U(theta, phi, lambda) = [cos, -e^(i lambda) sin; e^(i phi) sin, e^(i (phi + lambda)) cos], times a phase.
    let theta = 2.0 * matrix[(1, 0)].norm().atan2(matrix[(0, 0)].norm());
    let (phase, phi, lambda) = if matrix[(0, 0)].norm() < NEGLIGIBLE {
        let phase = matrix[(1, 0)].arg();
        (phase, 0.0, (-matrix[(0, 1)]).arg() - phase)
    } else {
        let phase = matrix[(0, 0)].arg();
        (
            phase,
            matrix[(1, 0)].arg() - phase,
            (-matrix[(0, 1)]).arg() - phase,
        )
    };
    Ok((
        Some(Operation::with_values(Gate::U, &[theta, phi, lambda])?),
        phase,
    ))
}
