//! Free fermions: rotations about products of two Majorana operators, as one orthogonal matrix.
//!
//! In an order of the columns (Jordan and Wigner's) the Majorana operators are `g_2j = Z...Z X_j` and
//! `g_2j+1 = Z...Z Y_j`, with a Z on every column before. A rotation about `i g_a g_b` turns `g_a` and `g_b` into each
//! other and leaves all others alone, so any product of such rotations is known, up to its phase, by what it does to the
//! 2n operators: a 2n x 2n orthogonal matrix. Rz, and any gate `exp(i(a XX + b YY + c XY + d YX))` on neighbours, are of
//! this kind (Valiant 2002; Terhal and DiVincenzo 2002, arXiv:quant-ph/0108010; Jozsa and Miyake 2008, arXiv:0804.4050).

use ardea_circuit::pauli::Majoranas;
use nalgebra::DMatrix;

use crate::rotations::Rotation;

/// What rotations, in the order of time, make of each operator: `R g_a R^-1 = sum_b M_ba g_b`. None if one of them is
/// no product of two.
pub(crate) fn matrix(majoranas: &Majoranas, rotations: &[Rotation]) -> Option<DMatrix<f64>> {
    // Rows are kept as columns, which lie together in memory.
    let mut transposed = DMatrix::identity(majoranas.len(), majoranas.len());
    for rotation in rotations {
        let (list, power) = majoranas.factors(&rotation.pauli);
        let &[a, b] = &list[..] else { return None };
        // The string is i^power g_a g_b, and Hermitian: the power is 1 or 3.
        let (mut sin, cos) = rotation.angle.sin_cos();
        if power == 3 {
            sin = -sin;
        }
        for index in 0..majoranas.len() {
            let (own, other) = (transposed[(index, a)], transposed[(index, b)]);
            transposed[(index, a)] = cos * own + sin * other;
            transposed[(index, b)] = cos * other - sin * own;
        }
    }
    Some(transposed.transpose())
}

/// How far an orthogonal matrix is from a signed permutation.
pub(crate) struct Permutation {
    /// Where each column has its largest entry, and whether that is negative.
    pub(crate) images: Vec<(usize, bool)>,
    /// The Frobenius norm of the difference.
    pub(crate) off: f64,
    /// The norm of its longest column: every signed permutation is at least as far in some column.
    pub(crate) column: f64,
}

/// The signed permutation nearest to an orthogonal matrix.
pub(crate) fn nearest_permutation(matrix: &DMatrix<f64>) -> Permutation {
    let mut out = Permutation {
        images: Vec::with_capacity(matrix.ncols()),
        off: 0.0,
        column: 0.0,
    };
    for column in matrix.column_iter() {
        let largest = column
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let (row, entry) = largest.map_or((0, 0.0), |(row, &entry)| (row, entry));
        let square: f64 = column
            .iter()
            .enumerate()
            .map(|(other, value)| {
                let wanted = if other == row { entry.signum() } else { 0.0 };
                (value - wanted).powi(2)
            })
            .sum();
        out.off += square;
        out.column = out.column.max(square.sqrt());
        out.images.push((row, entry < 0.0));
    }
    out.off = out.off.sqrt();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pauli::Pauli;

    #[test]
    fn a_rotation_turns_the_operators_as_conjugation_does() {
        // exp(-i angle/2 Z) X exp(i angle/2 Z) = cos(angle) X + sin(angle) Y.
        let majoranas = Majoranas::new(vec![0], 1);
        let rotation = Rotation {
            pauli: Pauli::z(1, 0),
            angle: 0.3,
        };
        let matrix = matrix(&majoranas, &[rotation]).expect("Z is a product of two");
        assert!((matrix[(0, 0)] - 0.3f64.cos()).abs() < 1e-12);
        assert!((matrix[(1, 0)] - 0.3f64.sin()).abs() < 1e-12);
        assert!((matrix[(0, 1)] + 0.3f64.sin()).abs() < 1e-12);
    }
}
