//! Zero-noise extrapolation as a stage: whether it runs, and what it is predicted to gain and to cost.

use ardea_simulator::Estimate;

use super::options::{Choice, Suppress, ZeroNoise};
use super::report::StageReport;
use crate::error::{SuppressionError, bad_option};
use crate::zne::{Extrapolation, extrapolate};

/// Extrapolation, where it is asked for and possible.
pub(super) fn wanted(
    suppress: &Suppress,
    has_observables: bool,
) -> Result<Option<&ZeroNoise>, SuppressionError> {
    match &suppress.zero_noise {
        Choice::Auto | Choice::Off => Ok(None),
        Choice::On(_) if !has_observables => bad_option(
            "zero-noise extrapolation works on expectation values: ask for observables, or leave it out",
        ),
        Choice::On(settings) => {
            // The same checks as on the results, before anything runs.
            amplification(&settings.scales, settings.extrapolation)?;
            Ok(Some(settings))
        }
    }
}

/// By how much extrapolation lengthens error bars, if those of all scales are alike.
pub(super) fn amplification(
    scales: &[f64],
    extrapolation: Extrapolation,
) -> Result<f64, SuppressionError> {
    let alike = Estimate {
        mean: 1.0,
        error: 0.01,
    };
    let points: Vec<(f64, Estimate)> = scales.iter().map(|&s| (s, alike)).collect();
    let method = match extrapolation {
        Extrapolation::Exponential { .. } => Extrapolation::Linear,
        other => other,
    };
    Ok(extrapolate(&points, method)?.amplification)
}

/// What extrapolation is predicted to gain and to cost. `strengths` are the strengths of the noise with the logarithm of
/// success at each.
pub(super) fn report(
    suppress: &Suppress,
    settings: Option<&ZeroNoise>,
    strengths: &[(f64, f64)],
) -> Result<StageReport, SuppressionError> {
    let is_automatic = suppress.zero_noise == Choice::Auto;
    let mut report = StageReport {
        stage: "zero-noise",
        is_on: settings.is_some(),
        is_automatic,
        detail: String::new(),
        success_before: None,
        success_after: None,
    };
    let Some(settings) = settings else {
        let reason = if is_automatic {
            "only where it is asked for"
        } else {
            "switched off"
        };
        reason.clone_into(&mut report.detail);
        return Ok(report);
    };
    let reached: Vec<f64> = strengths.iter().map(|(scale, _)| *scale).collect();
    let words: Vec<String> = reached.iter().map(f64::to_string).collect();
    let rate = decay_of(strengths);
    report.detail = format!(
        "noise at {} times its strength; error bars grow by about a factor {:.1}; before and after are the share of a value \
         that is left, if noise damps it by exp(-{rate:.3} s) at strength s",
        words.join(", "),
        amplification(&reached, settings.extrapolation)?
    );
    report.success_before = Some((-rate).exp());
    report.success_after = continued_share(rate, &reached, settings.extrapolation);
    Ok(report)
}

/// By how much the logarithm of success falls when the noise grows by its own strength.
fn decay_of(strengths: &[(f64, f64)]) -> f64 {
    let by_scale = |a: &&(f64, f64), b: &&(f64, f64)| a.0.total_cmp(&b.0);
    let ends = strengths
        .iter()
        .min_by(by_scale)
        .zip(strengths.iter().max_by(by_scale));
    match ends {
        Some((least, most)) if most.0 > least.0 => {
            ((least.1 - most.1) / (most.0 - least.0)).max(0.0)
        }
        _ => 0.0,
    }
}

/// What a curve makes of an exact exponential decay from 1: 1 less its bias. `None` where no such curve goes through it.
fn continued_share(rate: f64, scales: &[f64], extrapolation: Extrapolation) -> Option<f64> {
    let point = |&scale: &f64| {
        let mean = (-rate * scale).exp();
        (scale, Estimate { mean, error: 0.0 })
    };
    let points: Vec<(f64, Estimate)> = scales.iter().map(point).collect();
    let found = extrapolate(&points, extrapolation).ok()?.value.mean;
    Some((1.0 - (1.0 - found).abs()).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_has_no_bias_and_polynomials_less_with_each_degree() {
        let share = |method| continued_share(0.3, &[1.0, 2.0, 3.0], method).unwrap();
        let exponential = Extrapolation::Exponential { asymptote: 0.0 };
        assert!((share(exponential) - 1.0).abs() < 1e-9);
        // By hand: through exp(-0.3), exp(-0.6) and exp(-0.9), a line by least squares, and 3 a - 3 b + c.
        let [a, b, c] = [1.0, 2.0, 3.0].map(|s: f64| (-0.3 * s).exp());
        let line = (a + b + c) / 3.0 - 2.0 * (c - a) / 2.0;
        assert!((share(Extrapolation::Linear) - (1.0 - (1.0 - line).abs())).abs() < 1e-12);
        let parabola = 3.0 * a - 3.0 * b + c;
        assert!((share(Extrapolation::Richardson) - parabola).abs() < 1e-9);
        let raw = (-0.3f64).exp();
        assert!(raw < line && line < parabola && parabola < 1.0);
    }

    #[test]
    fn nothing_is_predicted_where_nothing_is_left_to_fit() {
        let exponential = Extrapolation::Exponential { asymptote: 0.0 };
        assert_eq!(continued_share(400.0, &[1.0, 2.0], exponential), None);
        assert_eq!(decay_of(&[(1.0, -0.25), (3.0, -0.75)]), 0.25);
        assert_eq!(decay_of(&[(1.0, -0.25)]), 0.0);
    }
}
