//! Two factorisations of unitary matrices of any size, by Jacobi rotations.
//!
//! * [`diagonalise`]: `U = V diag(e^{i phi}) V^-1`.
//! * [`cosine_sine`]: the cosine-sine decomposition of a unitary cut into four square blocks.
//!
//! Matrices that come from circuits have highly degenerate spectra (many equal eigenvalues, many cosines of exactly 0
//! and 1), where eigenvalue routines that look at one matrix at a time lose digits. Jacobi rotations need no gaps:
//! they make columns orthogonal pair by pair, to working precision, whatever the spectrum.

use nalgebra::{DMatrix, Matrix2, Matrix3, Vector3};
use num_complex::Complex64;

const SWEEPS: usize = 60;

/// Phases `phi` and a unitary `V` with `matrix = V diag(e^{i phi}) V^-1`, for a unitary (or any normal) matrix of
/// eigenvalues of norm one.
///
/// The real and imaginary (Hermitian) parts are diagonalised together by complex plane rotations (Goldstine, Horwitz,
/// J. ACM 6, 1959; angles as in Cardoso, Souloumiac, SIAM J. Matrix Anal. Appl. 17, 1996).
#[must_use]
pub fn diagonalise(matrix: &DMatrix<Complex64>) -> (Vec<f64>, DMatrix<Complex64>) {
    let size = matrix.nrows();
    let mut best: Option<(f64, Vec<f64>, DMatrix<Complex64>)> = None;
    // The plane rotations can stall at special matrices; a second start from other coordinates leaves that set.
    for start in [DMatrix::identity(size, size), mixing(size)] {
        let mut vectors = start;
        let mut rest = vectors.adjoint() * matrix * &vectors;
        for _ in 0..SWEEPS {
            if !sweep(&mut rest, &mut vectors) {
                break;
            }
        }
        let residue = off_diagonal(&rest);
        let phases = rest.diagonal().iter().map(|value| value.arg()).collect();
        if best.as_ref().is_none_or(|(least, _, _)| residue < *least) {
            best = Some((residue, phases, vectors));
        }
        if residue < 1e-24 * size as f64 {
            break;
        }
    }
    best.map(|(_, phases, vectors)| (phases, vectors))
        .unwrap_or_else(|| (Vec::new(), DMatrix::zeros(0, 0)))
}

/// The factors of [`cosine_sine`].
#[derive(Clone, Debug)]
pub struct CosineSine {
    /// Block-diagonal factor that acts last: on the states where the top qubit is 0 and 1.
    pub left: [DMatrix<Complex64>; 2],
    /// One angle for each state of the other qubits, in `[0, pi/2]`.
    pub angles: Vec<f64>,
    /// Block-diagonal factor that acts first.
    pub right: [DMatrix<Complex64>; 2],
}

/// `matrix = (L0 + L1) [[C, -S], [S, C]] (R0 + R1)` with `C = diag(cos t)`, `S = diag(sin t)` and unitary blocks.
///
/// `R0` is built up from rotations that make the columns of both left blocks orthogonal; each rotation is computed
/// from whichever block has the shorter columns there, where nothing cancels.
#[must_use]
pub fn cosine_sine(matrix: &DMatrix<Complex64>) -> CosineSine {
    let half = matrix.nrows() / 2;
    let block = |row: usize, column: usize| {
        matrix
            .view((row * half, column * half), (half, half))
            .into_owned()
    };
    let (mut upper, mut lower) = (block(0, 0), block(1, 0));
    let mut right = DMatrix::<Complex64>::identity(half, half);
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..half {
            for q in p + 1..half {
                let short = |m: &DMatrix<Complex64>| {
                    m.column(p).norm_squared() + m.column(q).norm_squared()
                };
                let from = if short(&upper) <= short(&lower) {
                    &upper
                } else {
                    &lower
                };
                if let Some(rotation) = orthogonalising(from, p, q) {
                    rotate_columns(&mut upper, p, q, &rotation);
                    rotate_columns(&mut lower, p, q, &rotation);
                    rotate_columns(&mut right, p, q, &rotation);
                    rotated = true;
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let (left_upper, cosines) = normalise_columns(&upper);
    let (left_lower, sines) = normalise_columns(&lower);
    let angles: Vec<f64> = sines
        .iter()
        .zip(&cosines)
        .map(|(s, c)| s.atan2(*c))
        .collect();
    // R1 from both right blocks, each weighted by its own cosine or sine: well conditioned for every angle.
    let from_upper = left_upper.adjoint() * block(0, 1);
    let from_lower = left_lower.adjoint() * block(1, 1);
    let second = DMatrix::from_fn(half, half, |row, column| {
        from_lower[(row, column)] * angles[row].cos()
            - from_upper[(row, column)] * angles[row].sin()
    });
    CosineSine {
        left: [left_upper, left_lower],
        angles,
        right: [right.adjoint(), second],
    }
}

/// The 2x2 rotation of columns p and q that makes them orthogonal, unless they are so already.
fn orthogonalising(matrix: &DMatrix<Complex64>, p: usize, q: usize) -> Option<Matrix2<Complex64>> {
    let (first, second) = (matrix.column(p), matrix.column(q));
    let overlap = first.dotc(&second);
    let (norm_p, norm_q) = (first.norm_squared(), second.norm_squared());
    let size = overlap.norm();
    if size <= 4.0 * f64::EPSILON * (norm_p * norm_q).sqrt() || size < 1e-300 {
        return None;
    }
    // A Jacobi rotation for [[norm_p, overlap], [overlap*, norm_q]], the smaller of the two angles.
    let ratio = (norm_q - norm_p) / (2.0 * size);
    let tangent = 1.0f64.copysign(ratio) / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let (sine, phase) = (tangent * cosine, overlap / size);
    let real = |value: f64| Complex64::new(value, 0.0);
    Some(Matrix2::new(
        real(cosine),
        phase * sine,
        -phase.conj() * sine,
        real(cosine),
    ))
}

/// Columns p and q times a 2x2 matrix from the right.
fn rotate_columns(
    matrix: &mut DMatrix<Complex64>,
    p: usize,
    q: usize,
    rotation: &Matrix2<Complex64>,
) {
    let (mut first, mut second) = matrix.columns_range_pair_mut(p..=p, q..=q);
    for (x, y) in first.iter_mut().zip(second.iter_mut()) {
        let (a, b) = (*x, *y);
        *x = a * rotation[(0, 0)] + b * rotation[(1, 0)];
        *y = a * rotation[(0, 1)] + b * rotation[(1, 1)];
    }
}

/// Orthogonal columns as a unitary times their lengths, also when some lengths vanish.
fn normalise_columns(matrix: &DMatrix<Complex64>) -> (DMatrix<Complex64>, Vec<f64>) {
    let size = matrix.nrows();
    let lengths: Vec<f64> = (0..size)
        .map(|column| matrix.column(column).norm())
        .collect();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| lengths[b].total_cmp(&lengths[a]));
    // QR with the longest columns first: short ones, known least, take whatever directions are left.
    let sorted = DMatrix::from_fn(size, size, |row, column| matrix[(row, order[column])]);
    let (q, r) = sorted.qr().unpack();
    let mut unitary = DMatrix::zeros(size, size);
    for (place, &column) in order.iter().enumerate() {
        let diagonal = r[(place, place)];
        let phase = if diagonal.norm() > 0.0 {
            diagonal / diagonal.norm()
        } else {
            Complex64::new(1.0, 0.0)
        };
        unitary.set_column(column, &(q.column(place) * phase));
    }
    (unitary, lengths)
}

/// One round of plane rotations; whether any was needed.
fn sweep(rest: &mut DMatrix<Complex64>, vectors: &mut DMatrix<Complex64>) -> bool {
    let mut rotated = false;
    for p in 0..rest.nrows() {
        for q in p + 1..rest.nrows() {
            if let Some(rotation) = diagonalising(rest, p, q) {
                rotate_columns(rest, p, q, &rotation);
                rotate_rows(rest, p, q, &rotation);
                rotate_columns(vectors, p, q, &rotation);
                rotated = true;
            }
        }
    }
    rotated
}

/// The rotation in the plane (p, q) that leaves the least off-diagonal weight in both Hermitian parts.
fn diagonalising(matrix: &DMatrix<Complex64>, p: usize, q: usize) -> Option<Matrix2<Complex64>> {
    let (above, below) = (matrix[(p, q)], matrix[(q, p)]);
    if above.norm() + below.norm() < 1e-16 {
        return None;
    }
    let gap = matrix[(p, p)] - matrix[(q, q)];
    // For a Hermitian part H: (H_pp - H_qq, 2 Re H_pq, 2 Im H_pq).
    let hermitian = (above + below.conj()) * 0.5;
    let anti = (above - below.conj()) * Complex64::new(0.0, -0.5);
    let first = Vector3::new(gap.re, 2.0 * hermitian.re, 2.0 * hermitian.im);
    let second = Vector3::new(gap.im, 2.0 * anti.re, 2.0 * anti.im);
    let mut axis = dominant(&(first * first.transpose() + second * second.transpose()))?;
    if axis.x < 0.0 {
        axis = -axis;
    }
    let cosine = ((1.0 + axis.x) / 2.0).sqrt();
    let sine = Complex64::new(axis.y, -axis.z) / (2.0 * cosine);
    if sine.norm() < 1e-17 {
        return None;
    }
    let real = Complex64::new(cosine, 0.0);
    Some(Matrix2::new(real, -sine.conj(), sine, real))
}

/// The unit eigenvector of the largest eigenvalue of a symmetric 3x3 matrix; none for the zero matrix.
fn dominant(matrix: &Matrix3<f64>) -> Option<Vector3<f64>> {
    let scale = matrix.amax();
    if scale == 0.0 {
        return None;
    }
    let mut rest = matrix / scale;
    let mut vectors = Matrix3::<f64>::identity();
    for _ in 0..12 {
        let mut rotated = false;
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            let off = rest[(p, q)];
            if off.abs() < 1e-18 {
                continue;
            }
            let ratio = (rest[(q, q)] - rest[(p, p)]) / (2.0 * off);
            let tangent = 1.0f64.copysign(ratio) / (ratio.abs() + ratio.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let mut rotation = Matrix3::identity();
            rotation[(p, p)] = cosine;
            rotation[(q, q)] = cosine;
            rotation[(p, q)] = tangent * cosine;
            rotation[(q, p)] = -tangent * cosine;
            rest = rotation.transpose() * rest * rotation;
            vectors *= rotation;
            rotated = true;
        }
        if !rotated {
            break;
        }
    }
    let place = (0..3).fold(0, |best, k| {
        if rest[(k, k)] > rest[(best, best)] {
            k
        } else {
            best
        }
    });
    Some(vectors.column(place).into_owned())
}

/// Rows p and q times the adjoint of a 2x2 matrix from the left.
fn rotate_rows(matrix: &mut DMatrix<Complex64>, p: usize, q: usize, rotation: &Matrix2<Complex64>) {
    for mut column in matrix.column_iter_mut() {
        let (a, b) = (column[p], column[q]);
        column[p] = rotation[(0, 0)].conj() * a + rotation[(1, 0)].conj() * b;
        column[q] = rotation[(0, 1)].conj() * a + rotation[(1, 1)].conj() * b;
    }
}

fn off_diagonal(matrix: &DMatrix<Complex64>) -> f64 {
    let size = matrix.nrows();
    let columns = (0..size).flat_map(|column| (0..size).map(move |row| (row, column)));
    columns
        .filter(|(row, column)| row != column)
        .map(|place| matrix[place].norm_sqr())
        .sum()
}

/// A fixed unitary without structure.
fn mixing(size: usize) -> DMatrix<Complex64> {
    DMatrix::from_fn(size, size, |row, column| {
        Complex64::cis((1 + row * row + 3 * column + row * column) as f64 * 0.7)
    })
    .qr()
    .q()
}

#[cfg(test)]
mod tests;
