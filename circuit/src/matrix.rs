//! Small complex matrices: the alias, a few constructors, and the one tolerance for unitarity.
//!
//! Index convention: the first qubit of an operation is the least significant bit of a row or
//! column index, as in Qiskit.

use nalgebra::{DMatrix, Matrix2, Matrix4};

use crate::CircuitError;

/// A complex number in double precision.
pub type C64 = num_complex::Complex64;

/// A matrix counts as unitary when no entry of `U^dagger U - 1` is larger than this.
pub const UNITARITY_TOLERANCE: f64 = 1e-10;

/// `re + i im`.
#[inline]
pub const fn c(re: f64, im: f64) -> C64 {
    C64::new(re, im)
}

/// `exp(i angle)`.
#[inline]
pub fn cis(angle: f64) -> C64 {
    C64::from_polar(1.0, angle)
}

/// The largest entry of `|U^dagger U - 1|`; infinite when the matrix is not square.
pub fn unitarity_deviation(matrix: &DMatrix<C64>) -> f64 {
    if !matrix.is_square() {
        return f64::INFINITY;
    }
    let product = matrix.adjoint() * matrix - DMatrix::identity(matrix.nrows(), matrix.ncols());
    // `fold(max)` would let NaN through.
    product.iter().map(|z| z.norm()).fold(0.0, |worst: f64, d| {
        if d.is_nan() {
            f64::INFINITY
        } else {
            worst.max(d)
        }
    })
}

/// Checks that `matrix` is a unitary on a whole number of qubits and returns that number.
///
/// # Errors
/// [`CircuitError::WrongShape`] or [`CircuitError::NotUnitary`].
pub fn check_unitary(matrix: &DMatrix<C64>) -> Result<usize, CircuitError> {
    let (rows, columns) = matrix.shape();
    if rows != columns || !rows.is_power_of_two() {
        return Err(CircuitError::WrongShape { rows, columns });
    }
    let deviation = unitarity_deviation(matrix);
    if deviation > UNITARITY_TOLERANCE {
        return Err(CircuitError::NotUnitary {
            deviation,
            tolerance: UNITARITY_TOLERANCE,
        });
    }
    Ok(rows.trailing_zeros() as usize)
}

/// `base` applied when the `num_controls` leading (least significant) qubits read `state`
/// (bit `i` of `state` belongs to control `i`).
pub fn controlled_matrix(base: &DMatrix<C64>, state: &[bool]) -> DMatrix<C64> {
    let num_controls = state.len();
    let pattern = state
        .iter()
        .enumerate()
        .fold(0usize, |acc, (i, &on)| acc | (usize::from(on) << i));
    let size = base.nrows() << num_controls;
    let mut out = DMatrix::identity(size, size);
    for row in 0..base.nrows() {
        for column in 0..base.ncols() {
            out[(
                (row << num_controls) | pattern,
                (column << num_controls) | pattern,
            )] = base[(row, column)];
        }
    }
    out
}

/// The 4 x 4 matrix of a one-qubit gate controlled by the first qubit.
pub fn controlled_matrix1(base: &Matrix2<C64>) -> Matrix4<C64> {
    let mut out = Matrix4::identity();
    for row in 0..2 {
        for column in 0..2 {
            out[(2 * row + 1, 2 * column + 1)] = base[(row, column)];
        }
    }
    out
}

/// `high (x) low`: the matrix of `low` on the first qubit and `high` on the second.
pub fn kron2(high: &Matrix2<C64>, low: &Matrix2<C64>) -> Matrix4<C64> {
    Matrix4::from_fn(|row, column| high[(row >> 1, column >> 1)] * low[(row & 1, column & 1)])
}

/// The same two-qubit operator with its qubits listed in the other order.
pub fn swap_qubits(matrix: &Matrix4<C64>) -> Matrix4<C64> {
    let flip = |i: usize| ((i & 1) << 1) | (i >> 1);
    Matrix4::from_fn(|row, column| matrix[(flip(row), flip(column))])
}

/// Multiplies `target` from the left by `gate` acting on the bit positions `qubits` of the row index.
///
/// `target` has `2^n` rows for any number of columns; `gate` is `2^k x 2^k`.
pub fn apply_to_rows(target: &mut DMatrix<C64>, gate: &DMatrix<C64>, qubits: &[usize]) {
    let size = gate.nrows();
    let offsets: Vec<usize> = (0..size)
        .map(|i| {
            qubits
                .iter()
                .enumerate()
                .map(|(bit, &q)| ((i >> bit) & 1) << q)
                .sum()
        })
        .collect();
    let mask: usize = qubits.iter().map(|&q| 1usize << q).sum();
    let mut gathered = vec![C64::default(); size];
    for column in 0..target.ncols() {
        for base in (0..target.nrows()).filter(|row| row & mask == 0) {
            for (slot, offset) in gathered.iter_mut().zip(&offsets) {
                *slot = target[(base | offset, column)];
            }
            for (row, offset) in offsets.iter().enumerate() {
                target[(base | offset, column)] =
                    (0..size).map(|k| gate[(row, k)] * gathered[k]).sum();
            }
        }
    }
}

/// Whether two matrices agree entry by entry within `tolerance`.
pub fn close(a: &DMatrix<C64>, b: &DMatrix<C64>, tolerance: f64) -> bool {
    a.shape() == b.shape()
        && a.iter()
            .zip(b.iter())
            .all(|(x, y)| (x - y).norm() <= tolerance)
}

/// Whether two matrices agree within `tolerance` after one of them is given a global phase.
pub fn close_up_to_phase(a: &DMatrix<C64>, b: &DMatrix<C64>, tolerance: f64) -> bool {
    if a.shape() != b.shape() {
        return false;
    }
    let overlap: C64 = a.iter().zip(b.iter()).map(|(x, y)| x.conj() * y).sum();
    if overlap.norm() == 0.0 {
        return false;
    }
    close(&(a * (overlap / overlap.norm())), b, tolerance)
}
