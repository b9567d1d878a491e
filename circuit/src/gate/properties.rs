//! What can be computed from a gate's matrix, computed once per gate.

use std::sync::OnceLock;

use nalgebra::DMatrix;

use super::Gate;
use crate::C64;
use crate::matrix::close;

/// Angles without special relations: a property that holds at these holds in general.
const GENERIC_ANGLES: [f64; 4] = [0.731, 1.137, -0.419, 2.253];
const TOLERANCE: f64 = 1e-12;

#[derive(Clone, Copy)]
struct Properties {
    diagonal: bool,
    self_inverse: bool,
    clifford: bool,
    symmetric: bool,
}

impl Gate {
    /// Whether the matrix is diagonal for every value of the angles.
    pub fn is_diagonal(self) -> bool {
        self.properties().diagonal
    }

    /// Whether the gate without angles is its own inverse.
    pub fn is_self_inverse(self) -> bool {
        self.properties().self_inverse
    }

    /// Whether the gate maps Pauli operators to Pauli operators, for every value of its angles.
    pub fn is_clifford(self) -> bool {
        self.properties().clifford
    }

    /// Whether the order of the gate's qubits does not matter.
    pub fn is_symmetric(self) -> bool {
        self.properties().symmetric
    }

    fn properties(self) -> Properties {
        static TABLE: OnceLock<Vec<Properties>> = OnceLock::new();
        TABLE.get_or_init(|| Gate::ALL.into_iter().map(compute).collect())[self as usize]
    }
}

fn compute(gate: Gate) -> Properties {
    let matrix = gate.matrix(&GENERIC_ANGLES[..gate.num_angles()]);
    let identity = DMatrix::identity(matrix.nrows(), matrix.ncols());
    Properties {
        diagonal: is_diagonal(&matrix),
        self_inverse: gate.num_angles() == 0 && close(&(&matrix * &matrix), &identity, TOLERANCE),
        clifford: gate.num_angles() == 0 && is_clifford(&matrix),
        symmetric: is_symmetric(&matrix),
    }
}

fn is_diagonal(matrix: &DMatrix<C64>) -> bool {
    (0..matrix.nrows()).all(|row| {
        (0..matrix.ncols()).all(|column| row == column || matrix[(row, column)].norm() < TOLERANCE)
    })
}

/// Whether exchanging any two neighbouring index bits leaves the matrix as it is.
fn is_symmetric(matrix: &DMatrix<C64>) -> bool {
    let num_qubits = matrix.nrows().trailing_zeros() as usize;
    (1..num_qubits).all(|bit| {
        let exchange = |i: usize| {
            let (low, high) = (i >> (bit - 1) & 1, i >> bit & 1);
            i & !(3 << (bit - 1)) | (high | low << 1) << (bit - 1)
        };
        let exchanged = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |r, k| {
            matrix[(exchange(r), exchange(k))]
        });
        close(matrix, &exchanged, TOLERANCE)
    })
}

/// Whether conjugation takes every X and Z to a Pauli string, up to sign.
fn is_clifford(matrix: &DMatrix<C64>) -> bool {
    let num_qubits = matrix.nrows().trailing_zeros() as usize;
    (0..num_qubits).all(|qubit| {
        [(1usize << qubit, 0usize), (0, 1 << qubit)]
            .into_iter()
            .all(|(flips, signs)| {
                // P U^dagger, for P that flips the bits in `flips` and gives a sign to those in `signs`.
                let adjoint = matrix.adjoint();
                let right = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |row, column| {
                    let source = row ^ flips;
                    let sign = if (source & signs).count_ones() % 2 == 1 {
                        -1.0
                    } else {
                        1.0
                    };
                    adjoint[(source, column)] * sign
                });
                is_pauli(&(matrix * right))
            })
    })
}

/// Whether the matrix is a Pauli string times a phase.
fn is_pauli(matrix: &DMatrix<C64>) -> bool {
    let size = matrix.nrows();
    let Some(flips) = (0..size).find(|&row| matrix[(row, 0)].norm() > 0.5) else {
        return false;
    };
    let first = matrix[(flips, 0)];
    (0..size).all(|column| {
        (0..size).all(|row| {
            let entry = matrix[(row, column)];
            if row != column ^ flips {
                return entry.norm() < TOLERANCE;
            }
            // The sign of a column is the product of the signs of its bits.
            let expected: C64 = (0..size.trailing_zeros())
                .filter(|bit| column >> bit & 1 == 1)
                .map(|bit| matrix[(flips ^ (1 << bit), 1 << bit)] / first)
                .product();
            (entry - first * expected).norm() < TOLERANCE
                && (expected.re.abs() - 1.0).abs() < TOLERANCE
        })
    })
}
