//! How good measured densities are, stated so that a flat guess cannot look clever.
//!
//! Late in the dynamics the densities are nearly uniform, and then guessing one half everywhere
//! already scores well. A result is therefore compared with the exact Trotterised dynamics, which
//! the circuit implements, and with the exact dynamics, which physics asks for, and the score of
//! the flat guess stands beside both.

use std::fmt;

use crate::correlations::Correlations;
use crate::error::ModelError;

/// The guess that a score has to beat.
const FLAT_GUESS: f64 = 0.5;

/// Root-mean-square errors over all densities `<n_i,sigma>`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The result against the exact Trotterised dynamics: errors of compiling, sampling and noise.
    pub against_trotterised: f64,
    /// The result against the exact dynamics: all errors.
    pub against_exact: f64,
    /// The exact Trotterised dynamics against the exact dynamics: the error of the formula alone.
    pub trotter_error: f64,
    /// One half everywhere against the exact Trotterised dynamics.
    pub flat_against_trotterised: f64,
    /// One half everywhere against the exact dynamics.
    pub flat_against_exact: f64,
}

impl Score {
    /// Scores a result against both references.
    pub fn new(
        result: &Correlations,
        trotterised: &Correlations,
        exact: &Correlations,
    ) -> Result<Self, ModelError> {
        let flat = vec![FLAT_GUESS; 2 * exact.num_sites()];
        let (result, trotterised, exact) = (
            result.densities(),
            trotterised.densities(),
            exact.densities(),
        );
        Ok(Self {
            against_trotterised: root_mean_square_error(&result, &trotterised)?,
            against_exact: root_mean_square_error(&result, &exact)?,
            trotter_error: root_mean_square_error(&trotterised, &exact)?,
            flat_against_trotterised: root_mean_square_error(&flat, &trotterised)?,
            flat_against_exact: root_mean_square_error(&flat, &exact)?,
        })
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "RMSE of the densities     Trotterised      exact")?;
        writeln!(
            f,
            "  result                  {:>11.4} {:>10.4}",
            self.against_trotterised, self.against_exact
        )?;
        writeln!(
            f,
            "  exact Trotter formula             - {:>10.4}",
            self.trotter_error
        )?;
        write!(
            f,
            "  constant {FLAT_GUESS}            {:>11.4} {:>10.4}",
            self.flat_against_trotterised, self.flat_against_exact
        )
    }
}

/// The root of the mean squared difference of two equally long lists.
pub fn root_mean_square_error(a: &[f64], b: &[f64]) -> Result<f64, ModelError> {
    if a.len() != b.len() {
        return Err(ModelError::WrongLength {
            what: "the list to compare",
            given: a.len(),
            expected: b.len(),
        });
    }
    if a.is_empty() {
        return Err(ModelError::NoData { total: 0.0 });
    }
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    Ok((squares / a.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_equal_lists_is_zero_and_of_constant_shifts_the_shift() {
        assert_eq!(
            root_mean_square_error(&[0.1, 0.7], &[0.1, 0.7]).unwrap(),
            0.0
        );
        assert!((root_mean_square_error(&[0.1, 0.7], &[0.3, 0.5]).unwrap() - 0.2).abs() < 1e-15);
        assert!(root_mean_square_error(&[0.1], &[]).is_err());
        assert!(root_mean_square_error(&[], &[]).is_err());
    }
}
