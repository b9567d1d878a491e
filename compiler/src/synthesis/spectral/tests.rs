use super::super::testing::{distance, random_source, random_unitary};
use super::*;

fn diagonal(values: impl Iterator<Item = f64>) -> DMatrix<Complex64> {
    DMatrix::from_diagonal(&nalgebra::DVector::from_iterator_generic(
        nalgebra::Dyn(values.size_hint().0),
        nalgebra::U1,
        values.map(Complex64::cis),
    ))
}

fn is_unitary(matrix: &DMatrix<Complex64>) -> bool {
    distance(
        &(matrix.adjoint() * matrix),
        &DMatrix::identity(matrix.nrows(), matrix.nrows()),
    ) < 1e-13
}

fn check_diagonalise(matrix: &DMatrix<Complex64>) {
    let (phases, vectors) = diagonalise(matrix);
    assert!(is_unitary(&vectors));
    let error = distance(
        &(&vectors * diagonal(phases.iter().copied()) * vectors.adjoint()),
        matrix,
    );
    assert!(error < 2e-13, "misses by {error:e}");
}

fn check_cosine_sine(matrix: &DMatrix<Complex64>) {
    let half = matrix.nrows() / 2;
    let factors = cosine_sine(matrix);
    for unitary in factors.left.iter().chain(&factors.right) {
        assert!(is_unitary(unitary), "{unitary}");
    }
    let direct_sum = |blocks: &[DMatrix<Complex64>; 2]| {
        let mut sum = DMatrix::zeros(2 * half, 2 * half);
        sum.view_mut((0, 0), (half, half)).copy_from(&blocks[0]);
        sum.view_mut((half, half), (half, half))
            .copy_from(&blocks[1]);
        sum
    };
    let middle = DMatrix::from_fn(2 * half, 2 * half, |row, column| {
        if row % half != column % half {
            return Complex64::new(0.0, 0.0);
        }
        let (sine, cosine) = factors.angles[row % half].sin_cos();
        Complex64::new(
            if row == column {
                cosine
            } else if row < column {
                -sine
            } else {
                sine
            },
            0.0,
        )
    });
    let error = distance(
        &(direct_sum(&factors.left) * middle * direct_sum(&factors.right)),
        matrix,
    );
    assert!(error < 2e-13, "misses by {error:e}");
}

/// Unitaries with spectra that are degenerate, nearly so, or generic.
fn samples() -> Vec<DMatrix<Complex64>> {
    let mut random = random_source(30);
    let mut list = Vec::new();
    for size in [2, 4, 8, 16, 32] {
        let basis = random_unitary(&mut random, size);
        list.push(DMatrix::identity(size, size));
        list.push(basis.clone());
        list.push(DMatrix::from_fn(size, size, |row, column| {
            Complex64::new(f64::from(u8::from(row == (column + 1) % size)), 0.0)
        }));
        for gap in [0.0, 1e-4, 1e-8, 1e-9, 1e-12, 1e-15] {
            let phases = diagonal(
                (0..size).map(|k| [0.0, 0.0, 1.0, 1.0 + gap, gap, 2.0 * gap, 3.1, 0.0][k % 8]),
            );
            list.push(&basis * phases * basis.adjoint());
            // Close to block diagonal: all cosines near one, sines of size gap.
            let near = diagonal((0..size).map(|k| gap * k as f64));
            let turned = &basis * near * basis.adjoint();
            let blocks = DMatrix::from_fn(size, size, |row, column| {
                let same = (row < size / 2) == (column < size / 2);
                if same && row % (size / 2) == column % (size / 2) {
                    Complex64::new(1.0, 0.0)
                } else {
                    Complex64::new(0.0, 0.0)
                }
            });
            list.push(turned * blocks);
        }
    }
    list
}

#[test]
fn unitaries_of_any_spectrum_are_diagonalised() {
    samples().iter().for_each(check_diagonalise);
}

#[test]
fn cosine_sine_decompositions_are_exact_for_any_angles() {
    samples().iter().for_each(check_cosine_sine);
}
