//! From values at several strengths of the noise to the value at none.
//!
//! Polynomials are fitted by least squares, each value weighted by its error bar; the result is a sum of the values with
//! fixed coefficients, so its error bar follows exactly. Richardson's extrapolation is the polynomial through all points.
//! An exponential is a straight line through the logarithms of the distances from its asymptote.

use ardea_simulator::Estimate;
use nalgebra::{DMatrix, DVector};

use crate::error::{SuppressionError, bad_option};

/// The curve.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Extrapolation {
    /// A straight line.
    #[default]
    Linear,
    /// A polynomial of this degree.
    Polynomial(usize),
    /// The polynomial through all points.
    Richardson,
    /// `a + b exp(-c s)` with this asymptote a: 0 for a Pauli string in noise that ends in the mixed state.
    Exponential {
        /// The value at infinite noise.
        asymptote: f64,
    },
}

/// A value continued to no noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolated {
    /// The value and its standard error, which knows the error bars of the points but not how well the curve fits.
    pub value: Estimate,
    /// By how much the value changes with that of each point, in their order.
    pub sensitivities: Vec<f64>,
    /// The standard error as a multiple of that of the point with the least noise; 0 where that has none.
    pub amplification: f64,
    /// Sum of squared deviations from the curve in units of the error bars; 0 where points have none. About the number of
    /// points less the number of coefficients where the curve fits.
    pub chi_squared: f64,
}

/// Continues values at scales of the noise to scale 0.
///
/// # Errors
/// [`SuppressionError::BadOption`] for too few different scales, or ones that are not positive;
/// [`SuppressionError::Unsuitable`] for an exponential through values on both sides of its asymptote.
pub fn extrapolate(
    points: &[(f64, Estimate)],
    method: Extrapolation,
) -> Result<Extrapolated, SuppressionError> {
    let mut scales: Vec<f64> = points.iter().map(|(scale, _)| *scale).collect();
    scales.sort_by(f64::total_cmp);
    scales.dedup();
    if scales
        .iter()
        .any(|scale| !(*scale > 0.0 && scale.is_finite()))
    {
        return bad_option("scales of the noise must be positive");
    }
    let degree = match method {
        Extrapolation::Linear | Extrapolation::Exponential { .. } => 1,
        Extrapolation::Polynomial(degree) => degree,
        Extrapolation::Richardson => scales.len().saturating_sub(1),
    };
    if scales.len() <= degree || scales.len() < 2 {
        return bad_option(format!(
            "this extrapolation needs {} different scales of the noise, not {}",
            (degree + 1).max(2),
            scales.len()
        ));
    }
    let fitted = match method {
        Extrapolation::Exponential { asymptote } => exponential(points, asymptote)?,
        _ => polynomial(points, degree)?,
    };
    let least = points.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let own = least.map_or(0.0, |(_, value)| value.error);
    Ok(Extrapolated {
        value: fitted.value,
        amplification: if own > 0.0 {
            fitted.value.error / own
        } else {
            0.0
        },
        sensitivities: fitted.sensitivities,
        chi_squared: fitted.chi_squared,
    })
}

struct Fitted {
    value: Estimate,
    sensitivities: Vec<f64>,
    chi_squared: f64,
}

/// The constant of the polynomial of least squares.
fn polynomial(points: &[(f64, Estimate)], degree: usize) -> Result<Fitted, SuppressionError> {
    // Values without error bars beside others would get all the weight; then all count alike.
    let is_weighted = points.iter().all(|(_, value)| value.error > 0.0);
    let weight = |value: &Estimate| if is_weighted { 1.0 / value.error } else { 1.0 };
    let design = DMatrix::from_fn(points.len(), degree + 1, |row, power| {
        points[row].0.powi(power as i32) * weight(&points[row].1)
    });
    let inverse = design.clone().pseudo_inverse(1e-13);
    let inverse = inverse.map_err(|reason| SuppressionError::BadOption {
        what: format!("the scales do not determine the curve: {reason}"),
    })?;
    let values = DVector::from_fn(points.len(), |row, _| {
        points[row].1.mean * weight(&points[row].1)
    });
    let coefficients = &inverse * &values;
    let sensitivities: Vec<f64> = points
        .iter()
        .enumerate()
        .map(|(row, (_, value))| inverse[(0, row)] * weight(value))
        .collect();
    let variance: f64 = points
        .iter()
        .zip(&sensitivities)
        .map(|((_, value), by)| (by * value.error).powi(2))
        .sum();
    let chi_squared = if is_weighted {
        (&design * &coefficients - &values).norm_squared()
    } else {
        0.0
    };
    let value = Estimate {
        mean: coefficients[0],
        error: variance.sqrt(),
    };
    Ok(Fitted {
        value,
        sensitivities,
        chi_squared,
    })
}

fn exponential(points: &[(f64, Estimate)], asymptote: f64) -> Result<Fitted, SuppressionError> {
    let side = points
        .iter()
        .map(|(_, value)| value.mean - asymptote)
        .sum::<f64>()
        .signum();
    let mut logarithms = Vec::with_capacity(points.len());
    for (scale, value) in points {
        let distance = side * (value.mean - asymptote);
        if distance <= 0.0 {
            return Err(SuppressionError::Unsuitable {
                method: "an exponential extrapolation",
                reason: format!(
                    "values lie on both sides of its asymptote {asymptote}; use a polynomial, or more shots"
                ),
            });
        }
        let logarithm = Estimate {
            mean: distance.ln(),
            error: value.error / distance,
        };
        logarithms.push((*scale, logarithm));
    }
    let line = polynomial(&logarithms, 1)?;
    let distance = line.value.mean.exp();
    let by_logarithms = line.sensitivities.iter().zip(points);
    Ok(Fitted {
        value: Estimate {
            mean: asymptote + side * distance,
            error: distance * line.value.error,
        },
        sensitivities: by_logarithms
            .map(|(by, (_, value))| distance * by / (side * (value.mean - asymptote)))
            .collect(),
        chi_squared: line.chi_squared,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    fn points(values: impl Fn(f64) -> f64, error: f64) -> Vec<(f64, Estimate)> {
        [1.0, 1.5, 2.0, 3.0, 5.0]
            .map(|scale| {
                let mean = values(scale);
                (scale, Estimate { mean, error })
            })
            .to_vec()
    }

    #[test]
    fn curves_of_the_right_kind_are_continued_exactly() {
        let value =
            |points: &[(f64, Estimate)], method| extrapolate(points, method).unwrap().value.mean;
        for error in [0.0, 0.01] {
            let line = points(|s| 0.9 - 0.1 * s, error);
            assert!((value(&line, Extrapolation::Linear) - 0.9).abs() < 1e-12);
            let cubic = points(
                |s| 0.7 - 0.1 * s + 0.02 * s.powi(2) - 0.003 * s.powi(3),
                error,
            );
            for method in [Extrapolation::Polynomial(3), Extrapolation::Richardson] {
                assert!((value(&cubic, method) - 0.7).abs() < 1e-9, "{method:?}");
            }
            let decay = points(|s| -0.1 - 0.8 * (-0.3 * s).exp(), error);
            let method = Extrapolation::Exponential { asymptote: -0.1 };
            assert!((value(&decay, method) + 0.9).abs() < 1e-9);
        }
    }

    #[test]
    fn sensitivities_are_differences() {
        let given = points(|s| 0.9 * (-0.2 * s).exp() + 0.01 * s, 0.01);
        for method in [
            Extrapolation::Linear,
            Extrapolation::Polynomial(2),
            Extrapolation::Exponential { asymptote: -0.1 },
        ] {
            let found = extrapolate(&given, method).unwrap().sensitivities;
            for (place, by) in found.iter().enumerate() {
                let moved = |step: f64| {
                    let mut points = given.clone();
                    points[place].1.mean += step;
                    // A point counts by its error bar, which an exponential takes relative to its distance.
                    extrapolate(&points, method).unwrap().value.mean
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert!(
                    (by - difference).abs() < 2e-2,
                    "{method:?} {by} {difference}"
                );
            }
        }
    }

    #[test]
    fn error_bars_are_those_of_repeated_experiments() {
        let mut random = Pcg64::seed_from_u64(5);
        let mut gaussian = || (0..12).map(|_| random.random_range(0.0..1.0)).sum::<f64>() - 6.0;
        for method in [
            Extrapolation::Linear,
            Extrapolation::Polynomial(2),
            Extrapolation::Richardson,
            Extrapolation::Exponential { asymptote: 0.0 },
        ] {
            let mut values = vec![];
            let (mut bar, mut chi) = (0.0, 0.0);
            for _ in 0..600 {
                let mut drawn = points(|s| 0.9 * (-0.1 * s).exp(), 0.004);
                for (_, value) in &mut drawn {
                    value.mean += 0.004 * gaussian();
                }
                let found = extrapolate(&drawn, method).unwrap();
                values.push(found.value.mean);
                bar += found.value.error / 600.0;
                chi += found.chi_squared / 600.0;
            }
            let mean = values.iter().sum::<f64>() / 600.0;
            let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 599.0;
            assert!((bar / spread.sqrt() - 1.0).abs() < 0.12, "{method:?}");
            if let Extrapolation::Exponential { .. } = method {
                assert!(
                    (mean - 0.9).abs() < 0.003 && (chi - 3.0).abs() < 0.5,
                    "{chi}"
                );
            }
        }
    }

    #[test]
    fn impossible_requests_are_refused() {
        let two = &points(|s| 1.0 - 0.3 * s, 0.0)[..2];
        assert!(extrapolate(two, Extrapolation::Polynomial(2)).is_err());
        assert!(extrapolate(&two[..1], Extrapolation::Richardson).is_err());
        let across = points(|s| 1.0 - 0.4 * s, 0.1);
        assert!(extrapolate(&across, Extrapolation::Exponential { asymptote: 0.0 }).is_err());
        let zero = [(0.0, two[0].1), two[1]];
        assert!(extrapolate(&zero, Extrapolation::Linear).is_err());
    }
}
