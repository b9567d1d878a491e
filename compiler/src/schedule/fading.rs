//! Phases that a sign gathers from a field with a memory that fades.
//!
//! Where a field of unit strength correlates with itself as exp(-rate |t - t'|) (an Ornstein-Uhlenbeck process, or a sign
//! that flips at random), the phase that builds up under the signs s(t) has the variance
//!
//! ```text
//! int int s(t) s(t') exp(-rate |t - t'|) dt dt'
//! ```
//!
//! which without fading is the square of the signed time.

/// This double integral, piece by piece.
pub(super) struct Fading {
    /// Per tick.
    rate: f64,
    sum: f64,
    /// int s(t') exp(-rate (now - t')) dt' so far.
    past: f64,
    now: u64,
}

impl Fading {
    /// A field that forgets itself at this rate per tick: 0 is never, infinity at once.
    pub(super) fn new(rate: f64) -> Self {
        Fading {
            // Infinity times the length of no gap would not be a number.
            rate: rate.min(f64::MAX),
            sum: 0.0,
            past: 0.0,
            now: 0,
        }
    }

    /// Adds a piece with one sign. It must not start before the end of the one before it.
    pub(super) fn add(&mut self, start: u64, end: u64, sign: f64) {
        if start > self.now {
            self.past *= (-self.rate * (start - self.now) as f64).exp();
        }
        let span = (end - start) as f64;
        let lost = self.rate * span;
        // exp(-lost) - 1, the one exponential of a piece: choosing sequences adds very many.
        let change = (-lost).exp_m1();
        let reach = span * mean(lost, change);
        self.sum += 2.0 * sign * self.past * reach + span * span * mean_of_pairs(lost, change);
        self.past = self.past * (1.0 + change) + sign * reach;
        self.now = end;
    }

    /// In ticks squared; never negative.
    pub(super) fn total(&self) -> f64 {
        self.sum.max(0.0)
    }
}

/// The mean of exp(-x u) for u between 0 and 1; `change` is exp(-x) - 1.
fn mean(x: f64, change: f64) -> f64 {
    match x {
        0.0 => 1.0,
        _ => -change / x,
    }
}

/// The mean of exp(-x |u - v|) for u and v between 0 and 1; `change` is exp(-x) - 1.
fn mean_of_pairs(x: f64, change: f64) -> f64 {
    // Below this the difference has fewer digits than the first terms of its series.
    const SMALL: f64 = 1e-3;
    if x < SMALL {
        1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0))
    } else {
        2.0 * (1.0 - mean(x, change)) / x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn total(rate: f64, pieces: &[(u64, u64, f64)]) -> f64 {
        let mut fading = Fading::new(rate);
        for &(start, end, sign) in pieces {
            fading.add(start, end, sign);
        }
        fading.total()
    }

    #[test]
    fn without_fading_it_is_the_square_of_the_signed_time() {
        let pieces = [(0, 10, 1.0), (10, 25, -1.0), (40, 47, 1.0)];
        assert_relative_eq!(total(0.0, &pieces), 4.0);
        assert_relative_eq!(total(1e-12, &pieces), 4.0, max_relative = 1e-8);
    }

    #[test]
    fn it_is_the_double_sum_over_small_steps() {
        let pieces = [(0, 10, 1.0), (10, 25, -1.0), (40, 47, 1.0)];
        for rate in [1e-5, 0.9e-4, 1e-3, 0.03, 0.4] {
            let steps: Vec<(f64, f64)> = pieces
                .iter()
                .flat_map(|&(start, end, sign)| {
                    (start * 50..end * 50).map(move |step| ((step as f64 + 0.5) / 50.0, sign))
                })
                .collect();
            let summed: f64 = steps
                .iter()
                .flat_map(|&(t, s)| {
                    steps
                        .iter()
                        .map(move |&(u, r)| s * r * (-rate * (t - u).abs()).exp())
                })
                .sum();
            assert_relative_eq!(total(rate, &pieces), summed / 2500.0, max_relative = 1e-3);
        }
    }

    #[test]
    fn what_is_forgotten_at_once_leaves_no_phase() {
        let pieces = [(0, 10, 1.0), (10, 25, -1.0), (40, 47, 1.0)];
        assert_relative_eq!(total(1e9, &pieces), 2.0 * 32.0 / 1e9, max_relative = 1e-6);
        assert_eq!(total(f64::INFINITY, &pieces), 0.0);
    }

    #[test]
    fn the_series_meets_the_formula() {
        let of = |x: f64| mean_of_pairs(x, (-x).exp_m1());
        assert_relative_eq!(of(1e-3 * (1.0 - 1e-12)), of(1e-3), max_relative = 1e-11);
    }
}
