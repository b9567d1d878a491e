//! Linear systems by matrix-vector products alone (GMRES: Saad and Schultz 1986).
//!
//! The residual is least over the Krylov space built so far, kept orthogonal by modified Gram-Schmidt; Givens rotations
//! keep the small least-squares problem triangular. Sums are in a fixed order, so the result does not depend on threads.

use crate::error::SuppressionError;

/// Steps before the space is built anew from the residual.
const RESTART: usize = 60;

/// Steps in all.
const MOST_STEPS: usize = 600;

/// Solves A x = b to a relative residual of `tolerance`, beginning at `b` itself (A is near the identity); also tells how
/// many products it took.
pub(super) fn gmres(
    times: impl Fn(&[f64]) -> Vec<f64>,
    b: &[f64],
    tolerance: f64,
) -> Result<(Vec<f64>, usize), SuppressionError> {
    let norm_of_b = norm(b);
    let mut x = b.to_vec();
    if norm_of_b == 0.0 {
        return Ok((x, 0));
    }
    let mut steps = 0;
    loop {
        let product = times(&x);
        steps += 1;
        let residual: Vec<f64> = b.iter().zip(&product).map(|(b, p)| b - p).collect();
        let size = norm(&residual);
        if size <= tolerance * norm_of_b {
            return Ok((x, steps));
        }
        if steps >= MOST_STEPS || !size.is_finite() {
            return Err(SuppressionError::NoConvergence {
                residual: size / norm_of_b,
                iterations: steps,
            });
        }
        let goal = 0.5 * tolerance * norm_of_b;
        steps += cycle(&times, &mut x, &residual, size, goal);
    }
}

/// One cycle: improves `x` by the best of a Krylov space and returns how many products that took.
fn cycle(
    times: &impl Fn(&[f64]) -> Vec<f64>,
    x: &mut [f64],
    residual: &[f64],
    size: f64,
    goal: f64,
) -> usize {
    let mut basis = vec![scaled(residual, 1.0 / size)];
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut right = vec![size];
    while columns.len() < RESTART && right[columns.len()].abs() > goal {
        let mut next = times(&basis[columns.len()]);
        let mut column = Vec::with_capacity(basis.len() + 1);
        for vector in &basis {
            let overlap = dot(vector, &next);
            next.iter_mut()
                .zip(vector)
                .for_each(|(n, v)| *n -= overlap * v);
            column.push(overlap);
        }
        let rest = norm(&next);
        for (k, &(cos, sin)) in rotations.iter().enumerate() {
            let (a, b) = (column[k], column[k + 1]);
            (column[k], column[k + 1]) = (cos * a + sin * b, cos * b - sin * a);
        }
        let last = column.len() - 1;
        let length = column[last].hypot(rest);
        if length == 0.0 {
            break;
        }
        let (cos, sin) = (column[last] / length, rest / length);
        column[last] = length;
        rotations.push((cos, sin));
        right.push(-sin * right[last]);
        right[last] *= cos;
        columns.push(column);
        if rest == 0.0 {
            break;
        }
        basis.push(scaled(&next, 1.0 / rest));
    }
    let mut weights = vec![0.0; columns.len()];
    for k in (0..columns.len()).rev() {
        let known: f64 = (k + 1..columns.len())
            .map(|j| columns[j][k] * weights[j])
            .sum();
        weights[k] = (right[k] - known) / columns[k][k];
    }
    for (vector, weight) in basis.iter().zip(&weights) {
        x.iter_mut().zip(vector).for_each(|(x, v)| *x += weight * v);
    }
    columns.len()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn scaled(a: &[f64], factor: f64) -> Vec<f64> {
    a.iter().map(|a| a * factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    #[test]
    fn the_solution_is_that_of_elimination_with_restarts_too() {
        let mut random = Pcg64::seed_from_u64(1);
        for (side, strength) in [(1, 0.1), (5, 0.3), (40, 0.1), (150, 0.07)] {
            let mut draw = |_, _| random.random_range(-1.0..1.0) * strength;
            let matrix = DMatrix::identity(side, side) + DMatrix::from_fn(side, side, &mut draw);
            let b = DVector::from_fn(side, |_, _| draw(0, 0));
            let expected = matrix.clone().lu().solve(&b).unwrap();
            let times = |v: &[f64]| {
                (&matrix * DVector::from_column_slice(v))
                    .as_slice()
                    .to_vec()
            };
            let (found, steps) = gmres(times, b.as_slice(), 1e-12).unwrap();
            let error = (DVector::from_vec(found) - &expected).norm() / expected.norm();
            assert!(error < 1e-9, "{side}: {error:.1e} after {steps}");
        }
    }

    #[test]
    fn a_singular_system_is_an_error() {
        let times = |v: &[f64]| vec![v[0] + v[1], v[0] + v[1]];
        let failed = gmres(times, &[1.0, -1.0], 1e-9);
        assert!(matches!(
            failed,
            Err(SuppressionError::NoConvergence { .. })
        ));
    }
}
