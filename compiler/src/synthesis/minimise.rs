//! Minimising a smooth function of many angles: BFGS (Nocedal and Wright, Numerical Optimization, chapter 6).
//!
//! The functions here are distances between unitaries: zero at a solution, quadratic around it, and with many local
//! minima elsewhere, at which there is no sense in staying. So the search ends early where it crawls.

use nalgebra::{DMatrix, DVector};

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A value below this is a solution.
    pub(crate) solved: f64,
    /// Steps at most.
    pub(crate) steps: usize,
    /// Steps after which the value must have fallen by a tenth.
    pub(crate) patience: usize,
}

/// Least decrease of a step, as a part of what the slope promises.
const ARMIJO: f64 = 1e-4;
/// Halvings of a step before it is given up.
const HALVINGS: usize = 30;

/// Moves `point` downhill on `function`, which returns the value at a point and writes the gradient; the value reached.
pub(crate) fn minimise(
    point: &mut DVector<f64>,
    limits: Limits,
    mut function: impl FnMut(&DVector<f64>, &mut DVector<f64>) -> f64,
) -> f64 {
    let size = point.len();
    let mut slope = DVector::zeros(size);
    let mut value = function(point, &mut slope);
    let mut curvature = DMatrix::<f64>::identity(size, size);
    let (mut next, mut next_slope) = (point.clone(), slope.clone());
    let mut mark = value;
    for step in 1..=limits.steps {
        if value < limits.solved {
            break;
        }
        if step % limits.patience == 0 {
            if value > 0.9 * mark {
                break;
            }
            mark = value;
        }
        let mut direction = -(&curvature * &slope);
        let mut descent = direction.dot(&slope);
        if descent >= 0.0 {
            curvature.fill_with_identity();
            direction.copy_from(&slope);
            direction.neg_mut();
            descent = -slope.norm_squared();
        }
        let mut length = 1.0;
        let mut found = None;
        for _ in 0..HALVINGS {
            next.copy_from(point);
            next.axpy(length, &direction, 1.0);
            let there = function(&next, &mut next_slope);
            if there <= value + ARMIJO * length * descent {
                found = Some(there);
                break;
            }
            length *= 0.5;
        }
        let Some(there) = found else { break };
        update(
            &mut curvature,
            &(&next - &*point),
            &(&next_slope - &slope),
            step == 1,
        );
        point.copy_from(&next);
        slope.copy_from(&next_slope);
        value = there;
    }
    value
}

/// The inverse Hessian after a step `s` along which the gradient changed by `y`.
fn update(inverse: &mut DMatrix<f64>, s: &DVector<f64>, y: &DVector<f64>, is_first: bool) {
    let along = s.dot(y);
    if along <= 1e-14 * s.norm() * y.norm() {
        return;
    }
    if is_first {
        *inverse *= along / y.norm_squared();
    }
    let moved = &*inverse * y;
    let factor = (1.0 + y.dot(&moved) / along) / along;
    inverse.ger(factor, s, s, 1.0);
    inverse.ger(-1.0 / along, &moved, s, 1.0);
    inverse.ger(-1.0 / along, s, &moved, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum_of_a_bent_valley() {
        // Rosenbrock's function: 0 at (1, 1).
        let mut point = DVector::from_vec(vec![-1.2, 1.0]);
        let limits = Limits {
            solved: 1e-20,
            steps: 200,
            patience: 100,
        };
        let value = minimise(&mut point, limits, |p, g| {
            let (x, y) = (p[0], p[1]);
            g[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            g[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        });
        assert!(value < 1e-18, "{value}");
        assert!((point[0] - 1.0).abs() < 1e-8 && (point[1] - 1.0).abs() < 1e-8);
    }
}
