//! The weights that routing trials take in turn.
//!
//! No setting is best for every family of circuits: short lookaheads win on arithmetic, strong decay on
//! Fourier transforms, bent distances on layers of commuting gates, where only the blocks that are
//! nearly coupled matter. So every setting gets a first trial, and those that did best get the others.

use super::route::Weights;

/// Settings found by measurement on 48 benchmark circuits, each the best of all for some of them.
pub(crate) const PORTFOLIO: [Weights; 8] = [
    Weights {
        lookahead: 10,
        far: 0.5,
        fade: 0.8,
        bend: 1.0,
        absorb: 1.5,
        noise: 0.0,
        decay: 0.001,
        jitter: 0.0,
    },
    Weights {
        lookahead: 20,
        far: 0.6,
        fade: 0.9,
        bend: 1.0,
        absorb: 1.0,
        noise: 0.0,
        decay: 0.01,
        jitter: 0.0,
    },
    Weights {
        lookahead: 10,
        far: 0.4,
        fade: 0.8,
        bend: 1.0,
        absorb: 1.0,
        noise: 0.0,
        decay: 0.05,
        jitter: 0.0,
    },
    Weights {
        lookahead: 5,
        far: 0.5,
        fade: 0.7,
        bend: 1.0,
        absorb: 1.0,
        noise: 0.01,
        decay: 0.003,
        jitter: 0.0,
    },
    Weights {
        lookahead: 10,
        far: 0.3,
        fade: 0.8,
        bend: 0.8,
        absorb: 1.5,
        noise: 0.0,
        decay: 0.01,
        jitter: 0.0,
    },
    Weights {
        lookahead: 5,
        far: 0.3,
        fade: 0.7,
        bend: 1.0,
        absorb: 1.5,
        noise: 0.0,
        decay: 0.05,
        jitter: 0.0,
    },
    Weights {
        lookahead: 60,
        far: 0.3,
        fade: 0.8,
        bend: 1.0,
        absorb: 1.0,
        noise: 0.0,
        decay: 0.01,
        jitter: 0.0,
    },
    Weights {
        lookahead: 20,
        far: 0.5,
        fade: 0.7,
        bend: 0.7,
        absorb: 1.2,
        noise: 0.0,
        decay: 0.003,
        jitter: 0.0,
    },
];

/// The settings in order of merit, the best first; `spent` lists what each trial came to, the trial's
/// number telling its setting.
pub(crate) fn ranked(spent: impl Iterator<Item = (usize, i64)>) -> Vec<usize> {
    let mut best = [i64::MAX; PORTFOLIO.len()];
    for (setting, spent) in spent {
        best[setting] = best[setting].min(spent);
    }
    let mut order: Vec<usize> = (0..PORTFOLIO.len())
        .filter(|&setting| best[setting] < i64::MAX)
        .collect();
    order.sort_by_key(|&setting| best[setting]);
    order
}

/// The setting of a later trial: half of them take the best, a quarter the next, and so on.
pub(crate) fn share(order: &[usize], index: usize) -> usize {
    let rank = ((index + 1).trailing_zeros() as usize).min(order.len().saturating_sub(1));
    order.get(rank).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_settings_get_more_trials() {
        let order = ranked([(0, 9), (3, 7), (1, 8), (3, 11)].into_iter());
        assert_eq!(order, [3, 1, 0]);
        let shares: Vec<usize> = (0..8).map(|i| share(&order, i)).collect();
        assert_eq!(shares, [3, 1, 3, 0, 3, 1, 3, 0]);
    }
}
