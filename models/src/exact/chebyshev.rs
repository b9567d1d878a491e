//! exp(-i H t) on a vector by its Chebyshev series, with H known only through its action.
//!
//! With the spectrum scaled into [-1, 1], exp(-i r x) = J_0(r) + 2 sum_k (-i)^k J_k(r) T_k(x). The
//! Bessel functions fall off faster than exponentially once k exceeds r, so the series stops at
//! rounding error with no parameter to tune. Method: Tal-Ezer and Kosloff 1984 (J. Chem. Phys. 81,
//! 3967).

use num_complex::Complex64;

/// Terms smaller than this are dropped.
const CUT: f64 = 1e-17;

/// A closed interval that holds the whole spectrum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spectrum {
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

/// The vectors that the evolution holds at once, the state included.
pub(super) const VECTORS: u64 = 4;

/// Evolves `state` in place; `apply(x, y)` writes H x into y.
pub(super) fn evolve(
    state: &mut [Complex64],
    time: f64,
    spectrum: Spectrum,
    apply: impl Fn(&[Complex64], &mut [Complex64]),
) {
    let centre = 0.5 * (spectrum.highest + spectrum.lowest);
    // A margin keeps rounding from pushing the edge of the spectrum outside [-1, 1].
    let radius = 0.5 * (spectrum.highest - spectrum.lowest) * (1.0 + 1e-12) + f64::MIN_POSITIVE;
    let bessel = bessel_j(radius * time.abs());
    let turn = Complex64::new(0.0, -time.signum());

    let mut previous = state.to_vec();
    let mut current = vec![Complex64::ZERO; state.len()];
    let mut next = vec![Complex64::ZERO; state.len()];
    apply(&previous, &mut current);
    shift_and_scale(&mut current, &previous, centre, 1.0 / radius);

    state
        .iter_mut()
        .for_each(|amplitude| *amplitude *= bessel[0]);
    let mut power = turn;
    for (k, &coefficient) in bessel.iter().enumerate().skip(1) {
        let weight = power * (2.0 * coefficient);
        state
            .iter_mut()
            .zip(&current)
            .for_each(|(sum, term)| *sum += weight * term);
        power *= turn;
        if k + 1 < bessel.len() {
            apply(&current, &mut next);
            shift_and_scale(&mut next, &current, centre, 2.0 / radius);
            next.iter_mut()
                .zip(&previous)
                .for_each(|(new, old)| *new -= old);
            std::mem::swap(&mut previous, &mut current);
            std::mem::swap(&mut current, &mut next);
        }
    }
    let phase = Complex64::from_polar(1.0, -centre * time);
    state.iter_mut().for_each(|amplitude| *amplitude *= phase);
}

/// image = (image - centre * vector) * scale.
fn shift_and_scale(image: &mut [Complex64], vector: &[Complex64], centre: f64, scale: f64) {
    image
        .iter_mut()
        .zip(vector)
        .for_each(|(image, x)| *image = (*image - x * centre) * scale);
}

/// J_0(x), J_1(x), ... for x >= 0, until they stay below [`CUT`].
///
/// Miller's downward recurrence, normalised by J_0 + 2 (J_2 + J_4 + ...) = 1.
fn bessel_j(x: f64) -> Vec<f64> {
    if x < 1e-300 {
        return vec![1.0];
    }
    let start = (x + 30.0 + 12.0 * x.cbrt()).ceil() as usize * 2;
    let mut values = vec![0.0; start + 2];
    values[start] = 1e-300;
    for k in (1..=start).rev() {
        values[k - 1] = 2.0 * k as f64 / x * values[k] - values[k + 1];
        if values[k - 1].abs() > 1e200 {
            values[k - 1..]
                .iter_mut()
                .for_each(|value| *value *= 1e-200);
        }
    }
    let norm = values[0] + 2.0 * values.iter().skip(2).step_by(2).sum::<f64>();
    values.iter_mut().for_each(|value| *value /= norm);
    let last = values
        .iter()
        .rposition(|value| value.abs() > CUT)
        .unwrap_or(0);
    values.truncate(last + 1);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_functions_match_published_values() {
        // Abramowitz and Stegun, table 9.1.
        let at_one = bessel_j(1.0);
        assert!((at_one[0] - 0.765_197_686_557_966_6).abs() < 1e-15);
        assert!((at_one[1] - 0.440_050_585_744_933_5).abs() < 1e-15);
        let at_ten = bessel_j(10.0);
        assert!((at_ten[0] + 0.245_935_764_451_348_3).abs() < 1e-14);
        assert!((at_ten[2] - 0.254_630_313_685_121_2).abs() < 1e-14);
        assert_eq!(bessel_j(0.0), [1.0]);
    }

    #[test]
    fn bessel_functions_of_large_arguments_are_normalised() {
        let values = bessel_j(5000.0);
        let squares: f64 = values[0].powi(2)
            + 2.0
                * values
                    .iter()
                    .skip(1)
                    .map(|value| value.powi(2))
                    .sum::<f64>();
        assert!((squares - 1.0).abs() < 1e-10);
    }

    #[test]
    fn diagonal_matrices_give_pure_phases() {
        let energies = [-3.0, 0.5, 2.0];
        for time in [0.0, 0.7, -4.0, 60.0] {
            let mut state = [Complex64::ONE; 3];
            let spectrum = Spectrum {
                lowest: -3.0,
                highest: 2.0,
            };
            evolve(&mut state, time, spectrum, |x, y| {
                (0..3).for_each(|i| y[i] = x[i] * energies[i]);
            });
            for (amplitude, energy) in state.iter().zip(energies) {
                assert!((amplitude - Complex64::from_polar(1.0, -energy * time)).norm() < 1e-12);
            }
        }
    }
}
