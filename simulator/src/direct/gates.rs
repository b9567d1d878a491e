//! Two-qubit gates by what they do to the state.

use ardea_circuit::matrix::{kron2, swap_qubits};
use ardea_circuit::{C64, Operation};
use nalgebra::{Matrix2, Matrix4};

/// On states of fewer qubits, a gate on one qubit is applied faster than multiplied into a matrix on two.
const ABSORBS_FROM: usize = 7;

/// A gate on two qubits of the state.
pub(super) enum Gate {
    /// A gate on the target where the control is 1.
    Controlled {
        control: usize,
        target: usize,
        matrix: Matrix2<C64>,
    },
    /// Factors of |00>, |01>, |10>, |11>; the first digit is that of the higher qubit.
    Diagonal {
        low: usize,
        high: usize,
        factors: [C64; 4],
    },
    /// A gate on |01> and |10>, and nothing else.
    Exchange {
        low: usize,
        high: usize,
        matrix: Matrix2<C64>,
    },
    /// Any matrix; the lower qubit is the low bit of its indices.
    Dense {
        low: usize,
        high: usize,
        matrix: Matrix4<C64>,
    },
}

impl Gate {
    /// Reads an operation on two qubits; `None` where it has no matrix.
    pub(super) fn of(operation: &Operation, first: usize, second: usize) -> Option<Self> {
        if let Some((gate, angles)) = operation.standard()
            && let Some((1, base)) = gate.controls()
        {
            let matrix = base.matrix1(&angles.values()?)?;
            return Some(Self::controlled(first, second, matrix));
        }
        let mut matrix = operation.matrix2()?;
        if first > second {
            matrix = swap_qubits(&matrix);
        }
        let (low, high) = (first.min(second), first.max(second));
        let is_zero = |row: usize, column: usize| matrix[(row, column)] == C64::ZERO;
        let apart = |outer: usize, inner: [usize; 3]| {
            inner
                .iter()
                .all(|&i| is_zero(outer, i) && is_zero(i, outer))
        };
        if !(apart(0, [1, 2, 3]) && apart(3, [0, 1, 2])) {
            return Some(Self::Dense { low, high, matrix });
        }
        let one = |i: usize| matrix[(i, i)] == C64::ONE;
        if is_zero(1, 2) && is_zero(2, 1) {
            let factors = [0, 1, 2, 3].map(|i| matrix[(i, i)]);
            Some(Self::Diagonal { low, high, factors })
        } else if one(0) && one(3) {
            let matrix = matrix.fixed_view::<2, 2>(1, 1).into_owned();
            Some(Self::Exchange { low, high, matrix })
        } else {
            Some(Self::Dense { low, high, matrix })
        }
    }

    fn controlled(control: usize, target: usize, matrix: Matrix2<C64>) -> Self {
        if matrix[(0, 1)] == C64::ZERO && matrix[(1, 0)] == C64::ZERO {
            let (low, high) = (control.min(target), control.max(target));
            let mut factors = [C64::ONE; 4];
            factors[if control < target { 1 } else { 2 }] = matrix[(0, 0)];
            factors[3] = matrix[(1, 1)];
            return Self::Diagonal { low, high, factors };
        }
        Self::Controlled {
            control,
            target,
            matrix,
        }
    }

    /// Whether the gate commutes with what is diagonal on the qubit.
    pub(super) fn is_diagonal_on(&self, qubit: usize) -> bool {
        match self {
            Self::Controlled { control, .. } => qubit == *control,
            Self::Diagonal { .. } => true,
            Self::Exchange { .. } | Self::Dense { .. } => false,
        }
    }

    /// Takes a gate that acts before on one of the qubits into the matrix, where that pays.
    pub(super) fn absorb(&mut self, qubit: usize, before: &Matrix2<C64>, qubits: usize) -> bool {
        let Self::Dense { low, matrix, .. } = self else {
            return false;
        };
        if qubits < ABSORBS_FROM {
            return false;
        }
        let beside = Matrix2::identity();
        *matrix *= if qubit == *low {
            kron2(&beside, before)
        } else {
            kron2(before, &beside)
        };
        true
    }
}

/// The angle in radians of an operation that is only a phase.
pub(super) fn phase(operation: &Operation) -> Option<f64> {
    let (_, angles) = operation.standard()?;
    angles.values()?.first().copied()
}
