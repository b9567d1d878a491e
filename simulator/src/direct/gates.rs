//! Matrices on one and two qubits by what they do to a state.

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
    let matrix = operation.matrix2()?;
    Some(if first < second {
        matrix
    } else {
        ardea_circuit::matrix::swap_qubits(&matrix)
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

/// `matrix` after a gate on the qubit of index bit `bit`, or (`after`) the gate after it.
pub(super) fn with_gate(
    matrix: &Matrix4<C64>,
    bit: usize,
    gate: &Matrix2<C64>,
    order: Order,
) -> Matrix4<C64> {
    let mut out = *matrix;
    let step = 1 << bit;
    for i in [0, 3 - step] {
        let j = i | step;
        for k in 0..4 {
            match order {
                Order::GateFirst => {
                    let (a, b) = (matrix[(k, i)], matrix[(k, j)]);
                    out[(k, i)] = a * gate[(0, 0)] + b * gate[(1, 0)];
                    out[(k, j)] = a * gate[(0, 1)] + b * gate[(1, 1)];
                }
                Order::GateLast => {
                    let (a, b) = (matrix[(i, k)], matrix[(j, k)]);
                    out[(i, k)] = gate[(0, 0)] * a + gate[(0, 1)] * b;
                    out[(j, k)] = gate[(1, 0)] * a + gate[(1, 1)] * b;
                }
            }
        }
    }
    out
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
    let phase = first / first.norm();
    let inverse = phase.conj();
    for entry in entries {
        *entry = rounded(*entry * inverse);
    }
    phase
}

fn rounded(z: C64) -> C64 {
    let part = |x: f64| {
        if x.abs() < ROUNDING {
            0.0
        } else if (x.abs() - 1.0).abs() < ROUNDING {
            x.signum()
        } else {
            x
        }
    };
    C64::new(part(z.re), part(z.im))
}
