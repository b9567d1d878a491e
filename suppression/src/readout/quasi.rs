//! Distributions with negative entries, and the nearest without.

use ardea_circuit::Circuit;
use ardea_simulator::{Counts, Outcome};

/// Weights of outcomes that add up to 1, some of them perhaps negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Quasi {
    /// Outcomes in the order of their numbers, with their weights.
    pub weights: Vec<(Outcome, f64)>,
}

impl Quasi {
    /// The frequencies of counts.
    pub fn of_counts(counts: &Counts) -> Self {
        let shots = counts.shots().max(1) as f64;
        let weight = |(outcome, times): (&Outcome, u64)| (outcome.clone(), times as f64 / shots);
        Self {
            weights: counts.iter().map(weight).collect(),
        }
    }

    /// The sum of all negative weights; 0 for a distribution.
    pub fn negativity(&self) -> f64 {
        let negative = self.weights.iter().filter(|(_, w)| *w < 0.0);
        negative.map(|(_, w)| w).sum()
    }

    /// The probability distribution with the least sum of squared differences from this one. Outcomes that get
    /// probability 0 are left out.
    ///
    /// The smallest weights become 0 as long as they are negative once they bear their share of what was added before.
    pub fn nearest(&self) -> Self {
        let mut order: Vec<usize> = (0..self.weights.len()).collect();
        order.sort_by(|&a, &b| {
            self.weights[b]
                .1
                .total_cmp(&self.weights[a].1)
                .then(a.cmp(&b))
        });
        let total: f64 = self.weights.iter().map(|(_, w)| w).sum();
        // What has to be taken from (or given to) the entries that stay, all alike.
        let mut missing = total - 1.0;
        let mut kept = order.len();
        while kept > 0 {
            let smallest = self.weights[order[kept - 1]].1;
            if smallest - missing / kept as f64 > 0.0 {
                break;
            }
            missing -= smallest;
            kept -= 1;
        }
        let share = missing / kept.max(1) as f64;
        order.truncate(kept);
        order.sort_unstable();
        let weight = |&i: &usize| (self.weights[i].0.clone(), self.weights[i].1 - share);
        Self {
            weights: order.iter().map(weight).collect(),
        }
    }

    /// The outcomes as text with their weights, registers as in `circuit`.
    pub fn to_texts(&self, circuit: &Circuit) -> Vec<(String, f64)> {
        let counts = Counts::new(circuit);
        let text = |(outcome, weight): &(Outcome, f64)| (counts.text(outcome), *weight);
        self.weights.iter().map(text).collect()
    }

    /// The weight of an outcome.
    pub fn get(&self, outcome: &Outcome) -> f64 {
        let place = self
            .weights
            .binary_search_by(|(other, _)| other.cmp(outcome));
        place.map_or(0.0, |place| self.weights[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::Clbit;

    fn quasi(weights: &[f64]) -> Quasi {
        let outcome = |k: usize| {
            let mut outcome = Outcome::zero(4);
            (0..4).for_each(|bit| outcome.set(Clbit::new(bit), k >> bit & 1 == 1));
            outcome
        };
        let weights = weights.iter().enumerate();
        Quasi {
            weights: weights.map(|(k, &w)| (outcome(k), w)).collect(),
        }
    }

    #[test]
    fn the_nearest_distribution_of_a_textbook_case() {
        let nearest = quasi(&[0.7, -0.1, 0.45, -0.05]).nearest();
        let found: Vec<f64> = nearest.weights.iter().map(|(_, w)| *w).collect();
        assert!((found[0] - 0.625).abs() < 1e-12 && (found[1] - 0.375).abs() < 1e-12);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn no_distribution_is_nearer() {
        let mut state = 12345u64;
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 40) as f64 / (1u64 << 24) as f64
        };
        for _ in 0..20 {
            let mut weights: Vec<f64> = (0..8).map(|_| next() - 0.3).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w += (1.0 - sum) / 8.0);
            let given = quasi(&weights);
            let nearest = given.nearest();
            let total: f64 = nearest.weights.iter().map(|(_, w)| w).sum();
            assert!((total - 1.0).abs() < 1e-12);
            assert!(nearest.weights.iter().all(|(_, w)| *w > 0.0));
            let distance =
                |p: &[f64]| -> f64 { weights.iter().zip(p).map(|(a, b)| (a - b).powi(2)).sum() };
            let found: Vec<f64> = given.weights.iter().map(|(o, _)| nearest.get(o)).collect();
            for _ in 0..200 {
                let mut other: Vec<f64> = found.iter().map(|p| p + 0.05 * next()).collect();
                let sum: f64 = other.iter().sum();
                other.iter_mut().for_each(|p| *p /= sum);
                assert!(distance(&other) >= distance(&found) - 1e-12);
            }
        }
    }
}
