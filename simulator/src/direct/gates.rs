//! Matrices on one and two qubits by what they do to a state.

use ardea_circuit::matrix::swap_qubits;
use ardea_circuit::{C64, Operation};
use nalgebra::{Matrix2, Matrix4};

/// A part of a number below this is rounding: products of gates are known no better.
const ROUNDING: f64 = 4e-16;

/// What a matrix on two qubits mixes. Index bit 0 belongs to the lower qubit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Nothing: factors of the four basis states.
    Diagonal([C64; 4]),
    /// Basis states whose numbers differ by `flip`: a matrix for the pair of state 0, and one for the other pair.
    Pairs { flip: usize, blocks: [Block; 2] },
    /// Everything.
    Dense,
}

/// A matrix of two rows, row by row.
pub(super) type Block = [C64; 4];

/// The four entries of the identity.
pub(super) const IDENTITY: Block = [C64::ONE, C64::ZERO, C64::ZERO, C64::ONE];

/// The four entries of X.
pub(super) const FLIP: Block = [C64::ZERO, C64::ONE, C64::ONE, C64::ZERO];

impl Form {
    /// Looks at the zeros of a matrix.
    pub(super) fn of(matrix: &Matrix4<C64>) -> Self {
        let mut used = [false; 4];
        for row in 0..4 {
            for column in 0..4 {
                used[row ^ column] |= matrix[(row, column)] != C64::ZERO;
            }
        }
        let flip = match used {
            [_, false, false, false] => {
                return Self::Diagonal([0, 1, 2, 3].map(|i| matrix[(i, i)]));
            }
            [_, true, false, false] => 1,
            [_, false, true, false] => 2,
            [_, false, false, true] => 3,
            _ => return Self::Dense,
        };
        let block = |i: usize| {
            let j = i ^ flip;
            [
                matrix[(i, i)],
                matrix[(i, j)],
                matrix[(j, i)],
                matrix[(j, j)],
            ]
        };
        Self::Pairs {
            flip,
            blocks: [block(0), block(if flip == 1 { 2 } else { 1 })],
        }
    }

    /// Whether the matrix commutes with what is diagonal on the qubit of an index bit.
    pub(super) fn is_diagonal_on(&self, bit: usize) -> bool {
        match self {
            Self::Diagonal(_) => true,
            Self::Pairs { flip, .. } => flip >> bit & 1 == 0,
            Self::Dense => false,
        }
    }
}

/// The matrix of an operation on two qubits, the lower of them first; `None` where it has none.
pub(super) fn matrix_of(
    operation: &Operation,
    first: usize,
    second: usize,
) -> Option<Matrix4<C64>> {
    if let Some((gate, angles)) = operation.standard()
        && let Some((1, base)) = gate.controls()
    {
        let base = base.matrix1(&angles.values()?)?;
        let mut matrix = Matrix4::identity();
        // The rows where the control is 1.
        let rows = if first < second { [1, 3] } else { [2, 3] };
        for (i, row) in rows.into_iter().enumerate() {
            for (j, column) in rows.into_iter().enumerate() {
                matrix[(row, column)] = base[(i, j)];
            }
        }
        return Some(matrix);
    }
    let matrix = operation.matrix2()?;
    Some(if first < second {
        matrix
    } else {
        swap_qubits(&matrix)
    })
}

/// The angle in radians of an operation that is only a phase.
pub(super) fn phase(operation: &Operation) -> Option<f64> {
    let (_, angles) = operation.standard()?;
    angles.values()?.first().copied()
}

pub(super) fn is_diagonal(matrix: &Matrix2<C64>) -> bool {
    matrix[(0, 1)] == C64::ZERO && matrix[(1, 0)] == C64::ZERO
}

pub(super) fn diagonal1(zero: C64, one: C64) -> Matrix2<C64> {
    Matrix2::new(zero, C64::ZERO, C64::ZERO, one)
}

pub(super) fn diagonal2(factors: [C64; 4]) -> Matrix4<C64> {
    Matrix4::from_diagonal(&factors.into())
}

/// Row by row.
pub(super) fn entries(matrix: &Matrix2<C64>) -> Block {
    [
        matrix[(0, 0)],
        matrix[(0, 1)],
        matrix[(1, 0)],
        matrix[(1, 1)],
    ]
}

/// Takes a gate on the qubit of index bit `bit` into a matrix.
pub(super) fn take_in(matrix: &mut Matrix4<C64>, bit: usize, gate: &Matrix2<C64>, order: Order) {
    let step = 1 << bit;
    let [g00, g01, g10, g11] = entries(gate);
    for i in [0, 3 - step] {
        let j = i | step;
        for k in 0..4 {
            match order {
                Order::GateFirst => {
                    let (a, b) = (matrix[(k, i)], matrix[(k, j)]);
                    matrix[(k, i)] = a * g00 + b * g10;
                    matrix[(k, j)] = a * g01 + b * g11;
                }
                Order::GateLast => {
                    let (a, b) = (matrix[(i, k)], matrix[(j, k)]);
                    matrix[(i, k)] = g00 * a + g01 * b;
                    matrix[(j, k)] = g10 * a + g11 * b;
                }
            }
        }
    }
}

/// Which of a matrix and a gate acts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GateFirst,
    GateLast,
}

/// Divides by the phase of the first entry that is not zero, and returns that phase. Real and imaginary rotations are
/// then seen as what they are, and diagonals leave half of the amplitudes alone.
pub(super) fn take_phase(entries: &mut [C64]) -> C64 {
    entries
        .iter_mut()
        .for_each(|entry| *entry = rounded(*entry));
    // In the order of nalgebra the first column comes first.
    let Some(&first) = entries.iter().find(|entry| **entry != C64::ZERO) else {
        return C64::ONE;
    };
    if first.im == 0.0 && first.re > 0.0 {
        return C64::ONE;
    }
    let phase = first / first.norm_sqr().sqrt();
    let inverse = phase.conj();
    for entry in entries {
        *entry = rounded(*entry * inverse);
    }
    phase
}

#[inline]
fn rounded(z: C64) -> C64 {
    // Without branches, so that many are looked at together.
    let part = |x: f64| {
        let size = x.abs();
        let kept = if size < ROUNDING { 0.0 } else { x };
        let near_one = (size - 1.0).abs() < ROUNDING;
        if near_one { 1f64.copysign(x) } else { kept }
    };
    C64::new(part(z.re), part(z.im))
}
