//! What a swap beside a two-qubit block costs after synthesis.
//!
//! Any two-qubit operator needs zero to three controlled-Z gates, and a swap next to it only
//! changes which operator has to be made: beside a generic block it is free, beside a single
//! controlled-Z it costs one gate more, on its own it costs three. How many gates an operator
//! needs follows from traces of U (Y⊗Y) Uᵀ (Y⊗Y) (Shende, Bullock, Markov 2004, quant-ph/0308045),
//! with no decomposition. Pricing swaps by what synthesis makes of them is the idea of NASSC (Liu,
//! Li, Zhou 2022, arXiv:2205.10596) and MIRAGE (McKinney et al. 2023, arXiv:2308.03874).

use nalgebra::Matrix4;
use num_complex::Complex64;

/// Two-qubit gates of a block, as it is and with a swap absorbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SwapPrice {
    pub(crate) plain: u8,
    pub(crate) swapped: u8,
}

impl SwapPrice {
    /// Nothing to synthesise.
    pub(crate) const FREE: SwapPrice = SwapPrice {
        plain: 0,
        swapped: 3,
    };
    /// One controlled-Z up to single-qubit gates.
    pub(crate) const CZ: SwapPrice = SwapPrice {
        plain: 1,
        swapped: 2,
    };
    /// A controlled phase or Ising rotation by a generic angle.
    #[cfg(test)]
    pub(crate) const ISING: SwapPrice = SwapPrice {
        plain: 2,
        swapped: 3,
    };
    /// A generic operator.
    pub(crate) const GENERIC: SwapPrice = SwapPrice {
        plain: 3,
        swapped: 3,
    };
    /// A swap on its own.
    pub(crate) const SWAP: SwapPrice = SwapPrice {
        plain: 3,
        swapped: 0,
    };

    /// The price of a numeric operator.
    pub(crate) fn of(matrix: &Matrix4<Complex64>) -> SwapPrice {
        let mut swapped = *matrix;
        swapped.swap_rows(1, 2);
        SwapPrice {
            plain: count(matrix),
            swapped: count(&swapped),
        }
    }

    /// What absorbing one more swap adds.
    #[inline]
    pub(crate) fn delta(self) -> i32 {
        i32::from(self.swapped) - i32::from(self.plain)
    }

    /// The same block after absorbing one swap.
    #[inline]
    pub(crate) fn flipped(self) -> SwapPrice {
        SwapPrice {
            plain: self.swapped,
            swapped: self.plain,
        }
    }
}

/// The least number of controlled-Z gates that make the operator up to single-qubit gates.
fn count(matrix: &Matrix4<Complex64>) -> u8 {
    // The synthesiser's own: what it does not drop must not be priced at nothing.
    const TOLERANCE: f64 = crate::synthesis::TOLERANCE;
    let quarter = matrix.determinant().powf(0.25);
    if !quarter.is_finite() || quarter.norm() < 0.5 {
        return 3;
    }
    let u = matrix.map(|z| z / quarter);
    // gamma = U (Y⊗Y) Uᵀ (Y⊗Y); multiplying by Y⊗Y reverses the order of rows or columns and
    // changes the signs of the outer ones.
    let flip = |m: Matrix4<Complex64>| {
        Matrix4::from_fn(|r, c| {
            if c == 0 || c == 3 {
                -m[(r, 3 - c)]
            } else {
                m[(r, 3 - c)]
            }
        })
    };
    let gamma = flip(flip(u) * u.transpose());
    let trace = gamma.trace();
    // The fourth root leaves gamma's sign open, and nothing more; a swap has the trace ±4i. Traces
    // alone would only feel the square of a small angle.
    let is_multiple =
        |m: &Matrix4<Complex64>, of: Complex64| (m - Matrix4::identity() * of).norm() < TOLERANCE;
    let one = Complex64::ONE;
    if is_multiple(&gamma, one) || is_multiple(&gamma, -one) {
        return 0;
    }
    if trace.norm() < TOLERANCE && is_multiple(&(gamma * gamma), -one) {
        return 1;
    }
    if trace.im.abs() < TOLERANCE { 2 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagonal(phases: [f64; 4]) -> Matrix4<Complex64> {
        Matrix4::from_fn(|r, c| {
            if r == c {
                Complex64::from_polar(1.0, phases[r])
            } else {
                Complex64::ZERO
            }
        })
    }

    fn swap() -> Matrix4<Complex64> {
        let mut m = Matrix4::identity();
        m.swap_rows(1, 2);
        m
    }

    #[test]
    fn known_operators_have_their_known_prices() {
        use std::f64::consts::PI;
        assert_eq!(SwapPrice::of(&Matrix4::identity()), SwapPrice::FREE);
        assert_eq!(SwapPrice::of(&diagonal([0.0, 0.0, 0.0, PI])), SwapPrice::CZ);
        assert_eq!(
            SwapPrice::of(&diagonal([0.0, 0.0, 0.0, 0.3])),
            SwapPrice::ISING
        );
        assert_eq!(
            SwapPrice::of(&diagonal([-0.2, 0.2, 0.2, -0.2])),
            SwapPrice::ISING
        );
        assert_eq!(SwapPrice::of(&swap()), SwapPrice::SWAP);
        let iswap = swap() * diagonal([0.0, PI / 2.0, PI / 2.0, 0.0]);
        assert_eq!(
            SwapPrice::of(&iswap),
            SwapPrice {
                plain: 2,
                swapped: 1
            }
        );
    }

    #[test]
    fn a_generic_operator_swallows_a_swap() {
        // Heisenberg interaction exp(-i (0.3 XX + 0.2 YY + 0.1 ZZ)) with a local rotation in front.
        let (c, s) = (
            Complex64::new(0.1f64.cos(), 0.0),
            Complex64::new(0.0, -(0.1f64.sin())),
        );
        let (d, t) = (
            Complex64::new(0.5f64.cos(), 0.0),
            Complex64::new(0.0, -(0.5f64.sin())),
        );
        let (m, p) = (
            Complex64::from_polar(1.0, -0.1),
            Complex64::from_polar(1.0, 0.1),
        );
        let z = Complex64::ZERO;
        #[rustfmt::skip]
        let heisenberg = Matrix4::new(
            m * c, z, z, m * s,
            z, p * d, p * t, z,
            z, p * t, p * d, z,
            m * s, z, z, m * c,
        );
        let local = diagonal([0.0, 0.7, 0.0, 0.7]);
        assert_eq!(SwapPrice::of(&(heisenberg * local)), SwapPrice::GENERIC);
    }
}
