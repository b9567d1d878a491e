//! The derivative of a gate's matrix by an angle, from the matrix alone.
//!
//! Entries of standard gates are trigonometric polynomials: sums of exp(i k t / 2) with |k| at most 2 in every
//! angle t. The derivative of such a polynomial is an exact combination of its values at four other angles
//! (Wierichs, Izaac, Wang, Lin 2022, arXiv:2107.12390, equation 24), so no gate needs a formula of its own: what is
//! known of a gate's matrix is enough.

use std::f64::consts::PI;

use ardea_circuit::{C64, Gate};
use nalgebra::DMatrix;

/// Highest frequency of a matrix entry in t / 2.
const FREQUENCIES: usize = 2;

/// The derivative of the matrix of `gate` by angle number `which` at `angles`.
pub(super) fn slope(gate: Gate, angles: &[f64], which: usize) -> DMatrix<C64> {
    let points = 2 * FREQUENCIES;
    let mut shifted = angles.to_vec();
    let mut sum: Option<DMatrix<C64>> = None;
    for point in 1..=points {
        let x = (2 * point - 1) as f64 * PI / points as f64;
        let sign = if point % 2 == 1 { 1.0 } else { -1.0 };
        let weight = sign / (2.0 * points as f64 * (x / 2.0).sin().powi(2));
        shifted[which] = angles[which] + 2.0 * x;
        // Half of it, because the polynomial is one in t / 2.
        let term = gate.matrix(&shifted) * C64::from(0.5 * weight);
        sum = Some(match sum {
            None => term,
            Some(sum) => sum + term,
        });
    }
    sum.unwrap_or_else(|| gate.matrix(angles) * C64::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_has_the_slope_of_its_finite_difference() {
        let angles = [0.7, -1.9, 2.6, 0.4];
        let step = 1e-5;
        let mut checked = 0;
        for gate in Gate::ALL {
            let angles = &angles[..gate.num_angles()];
            for which in 0..angles.len() {
                let at = |shift: f64| {
                    let mut moved = angles.to_vec();
                    moved[which] += shift;
                    gate.matrix(&moved)
                };
                let expected = (at(step) - at(-step)) / C64::from(2.0 * step);
                let found = slope(gate, angles, which);
                let error = (found - expected).camax();
                assert!(error < 1e-9, "{gate} by angle {which}: {error:.1e}");
                checked += 1;
            }
        }
        assert!(checked > 20);
    }
}
