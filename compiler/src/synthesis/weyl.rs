//! The KAK decomposition of two-qubit unitaries.
//!
//! Every `U` in U(4) is `e^{i phase} (L1 x L0) exp(i (a XX + b YY + c ZZ)) (R1 x R0)`, and the numbers `(a, b, c)` in
//! the Weyl chamber `pi/4 >= a >= b >= |c|` (with `c >= 0` where `a = pi/4`) name the class of gates that `U` can be
//! turned into by one-qubit gates. They decide how many `cz` it takes.
//! (Kraus, Cirac, 2001, quant-ph/0011050; Zhang, Vala, Sastry, Whaley, 2003, quant-ph/0209120.)
//!
//! # Method
//!
//! In the magic basis, one-qubit gates are real orthogonal and the middle factor is diagonal, so `V = O1 D O2` there and
//! `M = V^T V = O2^T D^2 O2`: the real and imaginary parts of `M` are commuting real symmetric matrices, and `O2`
//! diagonalises both. Picking a random combination of the two and diagonalising that is the usual way, and fails when
//! eigenvalues nearly coincide. Here both are diagonalised *together* by Jacobi rotations whose angle is the best
//! compromise for the pair (Bunse-Gerstner, Byers, Mehrmann, SIAM J. Matrix Anal. Appl. 14, 1993), which is stable for
//! any spectrum, uses no randomness, and takes about a microsecond on 4x4.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4};

use nalgebra::{Matrix2, Matrix4};
use num_complex::Complex64;

use super::TOLERANCE;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);
const I: Complex64 = Complex64::new(0.0, 1.0);

/// A point of the Weyl chamber: the class of two-qubit gates up to one-qubit gates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    /// Coefficient of XX, in `[0, pi/4]`.
    pub a: f64,
    /// Coefficient of YY, in `[0, a]`.
    pub b: f64,
    /// Coefficient of ZZ, in `[-b, b]`.
    pub c: f64,
}

/// `e^{i phase} (left[1] x left[0]) exp(i (a XX + b YY + c ZZ)) (right[1] x right[0])`, where index 0 is the first
/// (least significant) qubit.
#[derive(Clone, Copy, Debug)]
pub struct Weyl {
    /// The canonical coordinates.
    pub coordinates: Coordinates,
    /// One-qubit gates that act last, by qubit.
    pub left: [Matrix2<Complex64>; 2],
    /// One-qubit gates that act first, by qubit.
    pub right: [Matrix2<Complex64>; 2],
    /// Global phase.
    pub phase: f64,
}

/// The Weyl coordinates alone.
#[must_use]
pub fn coordinates(matrix: &Matrix4<Complex64>) -> Coordinates {
    Weyl::of(matrix).coordinates
}

impl Coordinates {
    /// `exp(i (a XX + b YY + c ZZ))`.
    #[must_use]
    pub fn matrix(&self) -> Matrix4<Complex64> {
        // XX and YY act as (a - b) on the span of 00, 11 and as (a + b) on that of 01, 10.
        let (outer, inner) = (self.a - self.b, self.a + self.b);
        let (even, odd) = (Complex64::cis(self.c), Complex64::cis(-self.c));
        let mut matrix = Matrix4::zeros();
        for (low, high, phase, angle) in [(0, 3, even, outer), (1, 2, odd, inner)] {
            let (sine, cosine) = angle.sin_cos();
            matrix[(low, low)] = phase * cosine;
            matrix[(high, high)] = phase * cosine;
            matrix[(low, high)] = phase * I * sine;
            matrix[(high, low)] = phase * I * sine;
        }
        matrix
    }

    /// The class of this gate followed (or preceded) by a SWAP.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let flip = if self.c >= 0.0 {
            self.a - FRAC_PI_4
        } else {
            FRAC_PI_4 - self.a
        };
        let mut mirrored = Self {
            a: FRAC_PI_4 - self.c.abs(),
            b: FRAC_PI_4 - self.b,
            c: flip,
        };
        if mirrored.a > FRAC_PI_4 - TOLERANCE && mirrored.c < 0.0 {
            mirrored.c = -mirrored.c;
        }
        mirrored
    }
}

impl Weyl {
    /// Decomposes a unitary 4x4 matrix. The result is a deterministic function of the matrix.
    #[must_use]
    pub fn of(matrix: &Matrix4<Complex64>) -> Self {
        let phase = matrix.determinant().arg() / 4.0;
        let magic = to_magic(&(matrix * Complex64::cis(-phase)));
        let square = magic.transpose() * magic;
        let mut rotation = diagonalise_jointly(&part(&square, |x| x.re), &part(&square, |x| x.im));
        if determinant(&rotation) < 0.0 {
            rotation.iter_mut().for_each(|row| row[0] = -row[0]);
        }
        let right = from_real(&rotation);
        let product = magic * right;
        // Column j of `magic * right` is e^{i d_j} times a real vector, and e^{2 i d_j} is its square summed.
        let mut angles = [0.0; 4];
        let mut real = [[0.0; 4]; 4];
        for column in 0..4 {
            let sum: Complex64 = (0..4)
                .map(|row| product[(row, column)] * product[(row, column)])
                .sum();
            angles[column] = sum.arg() / 2.0;
            let back = Complex64::cis(-angles[column]);
            for row in 0..4 {
                real[row][column] = (product[(row, column)] * back).re;
            }
        }
        if determinant(&real) < 0.0 {
            angles[0] += std::f64::consts::PI;
            real.iter_mut().for_each(|row| row[0] = -row[0]);
        }
        let [d0, d1, d2, d3] = angles;
        let mut weyl = Self {
            coordinates: Coordinates {
                a: (d0 + d1 - d2 - d3) / 4.0,
                b: (d1 + d3 - d0 - d2) / 4.0,
                c: (d0 + d3 - d1 - d2) / 4.0,
            },
            left: split_product(&from_magic(&from_real(&real))),
            right: split_product(&from_magic(&right.transpose())),
            phase: phase + (d0 + d1 + d2 + d3) / 4.0,
        };
        weyl.canonicalise();
        weyl
    }

    /// The product of all factors.
    #[must_use]
    pub fn matrix(&self) -> Matrix4<Complex64> {
        let middle = self.coordinates.matrix() * Complex64::cis(self.phase);
        self.left[1].kronecker(&self.left[0]) * middle * self.right[1].kronecker(&self.right[0])
    }

    /// Moves the coordinates into the chamber; each step is an identity of the whole product.
    fn canonicalise(&mut self) {
        for axis in 0..3 {
            let turns = (self.get(axis) / FRAC_PI_2).round();
            self.shift(axis, turns);
        }
        for (first, second) in [(0, 1), (1, 2), (0, 1)] {
            if self.get(first).abs() < self.get(second).abs() {
                self.exchange(first, second);
            }
        }
        if self.get(0) < 0.0 {
            self.flip(0, if self.get(1) < 0.0 { 1 } else { 2 });
        }
        if self.get(1) < 0.0 {
            self.flip(1, 2);
        }
        if self.coordinates.a > FRAC_PI_4 - TOLERANCE && self.coordinates.c < 0.0 {
            self.shift(0, 1.0);
            self.flip(0, 2);
        }
    }

    fn get(&self, axis: usize) -> f64 {
        [self.coordinates.a, self.coordinates.b, self.coordinates.c][axis]
    }

    fn axis(&mut self, axis: usize) -> &mut f64 {
        [
            &mut self.coordinates.a,
            &mut self.coordinates.b,
            &mut self.coordinates.c,
        ]
        .into_iter()
        .nth(axis)
        .expect("three axes")
    }

    /// `exp(i pi/2 PP) = i PP`.
    fn shift(&mut self, axis: usize, turns: f64) {
        if turns == 0.0 {
            return;
        }
        *self.axis(axis) -= turns * FRAC_PI_2;
        self.phase += turns * FRAC_PI_2;
        if turns.rem_euclid(2.0) == 1.0 {
            let pauli = pauli(axis);
            self.left = [self.left[0] * pauli, self.left[1] * pauli];
        }
    }

    /// Conjugation of both qubits by `(P + Q)/sqrt(2)` exchanges PP and QQ and leaves the third.
    fn exchange(&mut self, first: usize, second: usize) {
        let (x, y) = (self.get(first), self.get(second));
        *self.axis(first) = y;
        *self.axis(second) = x;
        let turn = (pauli(first) + pauli(second)) * Complex64::new(FRAC_1_SQRT_2, 0.0);
        self.left = [self.left[0] * turn, self.left[1] * turn];
        self.right = [turn * self.right[0], turn * self.right[1]];
    }

    /// Conjugation of one qubit by the third Pauli negates two coordinates.
    fn flip(&mut self, first: usize, second: usize) {
        *self.axis(first) *= -1.0;
        *self.axis(second) *= -1.0;
        let pauli = pauli(3 - first - second);
        self.left[0] *= pauli;
        self.right[0] = pauli * self.right[0];
    }
}

fn pauli(axis: usize) -> Matrix2<Complex64> {
    match axis {
        0 => Matrix2::new(ZERO, ONE, ONE, ZERO),
        1 => Matrix2::new(ZERO, -I, I, ZERO),
        _ => Matrix2::new(ONE, ZERO, ZERO, -ONE),
    }
}

/// The magic basis, as columns: (00 + 11), i (01 + 10), (01 - 10), i (00 - 11), each over sqrt(2).
fn magic_basis() -> Matrix4<Complex64> {
    let (r, i) = (
        Complex64::new(FRAC_1_SQRT_2, 0.0),
        Complex64::new(0.0, FRAC_1_SQRT_2),
    );
    Matrix4::new(
        r, ZERO, ZERO, i, ZERO, i, r, ZERO, ZERO, i, -r, ZERO, r, ZERO, ZERO, -i,
    )
}

pub(crate) fn to_magic(matrix: &Matrix4<Complex64>) -> Matrix4<Complex64> {
    let basis = magic_basis();
    basis.adjoint() * matrix * basis
}

fn from_magic(matrix: &Matrix4<Complex64>) -> Matrix4<Complex64> {
    let basis = magic_basis();
    basis * matrix * basis.adjoint()
}

type Real4 = [[f64; 4]; 4];

fn part(matrix: &Matrix4<Complex64>, of: fn(Complex64) -> f64) -> Real4 {
    std::array::from_fn(|row| std::array::from_fn(|column| of(matrix[(row, column)])))
}

fn from_real(matrix: &Real4) -> Matrix4<Complex64> {
    Matrix4::from_fn(|row, column| Complex64::new(matrix[row][column], 0.0))
}

fn determinant(matrix: &Real4) -> f64 {
    Matrix4::from_fn(|row, column| matrix[row][column]).determinant()
}

/// An orthogonal matrix whose columns are common eigenvectors of two commuting symmetric matrices.
fn diagonalise_jointly(first: &Real4, second: &Real4) -> Real4 {
    let identity: Real4 =
        std::array::from_fn(|row| std::array::from_fn(|column| f64::from(u8::from(row == column))));
    // Rotations chosen for the pair can, for special matrices, stall although off-diagonal entries remain. Starting
    // from the eigenvectors of a combination leaves that set; several combinations cannot all be special.
    let mut best = (f64::INFINITY, identity);
    for weights in [
        None,
        Some((0.82, 0.57)),
        Some((0.31, -0.95)),
        Some((0.99, 0.13)),
    ] {
        let mut rotation = identity;
        let (mut a, mut b) = (*first, *second);
        if let Some((x, y)) = weights {
            let mut sum = std::array::from_fn(|row| {
                std::array::from_fn(|column| x * a[row][column] + y * b[row][column])
            });
            let mut nothing = [[0.0; 4]; 4];
            sweep_until_diagonal(&mut sum, &mut nothing, &mut rotation);
            (a, b) = (conjugate(first, &rotation), conjugate(second, &rotation));
        }
        let residue = sweep_until_diagonal(&mut a, &mut b, &mut rotation);
        if residue < best.0 {
            best = (residue, rotation);
        }
        if residue < 1e-28 {
            break;
        }
    }
    best.1
}

/// Jacobi sweeps on a pair; returns the remaining off-diagonal weight (sum of squares).
fn sweep_until_diagonal(a: &mut Real4, b: &mut Real4, rotation: &mut Real4) -> f64 {
    const SWEEPS: usize = 12;
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for (p, q) in [(0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (1, 2)] {
            rotated |= rotate(a, b, rotation, p, q);
        }
        if !rotated {
            break;
        }
    }
    let mut residue = 0.0;
    for p in 0..4 {
        for q in p + 1..4 {
            residue += a[p][q] * a[p][q] + b[p][q] * b[p][q];
        }
    }
    residue
}

/// One Jacobi rotation in the plane (p, q): the angle that leaves the least off-diagonal weight in both.
fn rotate(a: &mut Real4, b: &mut Real4, rotation: &mut Real4, p: usize, q: usize) -> bool {
    let (gap_a, gap_b) = (a[p][p] - a[q][q], b[p][p] - b[q][q]);
    let (off_a, off_b) = (2.0 * a[p][q], 2.0 * b[p][q]);
    let on = gap_a * gap_a + gap_b * gap_b - off_a * off_a - off_b * off_b;
    let mixed = 2.0 * (gap_a * off_a + gap_b * off_b);
    if off_a.abs() + off_b.abs() < 1e-16 || (mixed == 0.0 && on >= 0.0) {
        return false;
    }
    let angle = 0.25 * mixed.atan2(on);
    if angle.abs() < 1e-17 {
        return false;
    }
    let (sine, cosine) = angle.sin_cos();
    for matrix in [a, b] {
        for row in matrix.iter_mut() {
            (row[p], row[q]) = (
                cosine * row[p] + sine * row[q],
                cosine * row[q] - sine * row[p],
            );
        }
        let (first, second) = (matrix[p], matrix[q]);
        matrix[p] = std::array::from_fn(|k| cosine * first[k] + sine * second[k]);
        matrix[q] = std::array::from_fn(|k| cosine * second[k] - sine * first[k]);
    }
    for row in rotation.iter_mut() {
        (row[p], row[q]) = (
            cosine * row[p] + sine * row[q],
            cosine * row[q] - sine * row[p],
        );
    }
    true
}

/// `rotation^T matrix rotation`.
fn conjugate(matrix: &Real4, rotation: &Real4) -> Real4 {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let mut sum = 0.0;
            for j in 0..4 {
                for k in 0..4 {
                    sum += rotation[j][row] * matrix[j][k] * rotation[k][column];
                }
            }
            sum
        })
    })
}

/// The factors `[low, high]` of `high x low`, each in SU(2) when the product is in SU(2) x SU(2).
pub(crate) fn split_product(product: &Matrix4<Complex64>) -> [Matrix2<Complex64>; 2] {
    let block =
        |row: usize, column: usize| product.fixed_view::<2, 2>(2 * row, 2 * column).into_owned();
    let first = if block(0, 0).norm_squared() >= block(0, 1).norm_squared() {
        block(0, 0)
    } else {
        block(0, 1)
    };
    let low = first / first.determinant().sqrt();
    let back = low.adjoint();
    let high = Matrix2::from_fn(|row, column| (back * block(row, column)).trace() / 2.0);
    [low, high]
}

#[cfg(test)]
mod tests;
