//! Routing trials: many layouts, the best routed circuit.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::MappingOptions;
use super::embed::Interactions;
use super::graph::DeviceGraph;
use super::layout::{Filling, Share, complete, guess};
use super::program::Program;
use super::route::{Routed, Step, Weights, route};

/// Blocks of a long program that layouts are improved on.
const LAYOUT_BLOCKS: usize = 20_000;
/// Blocks routed in full over all trials, about: very long programs get fewer.
const FULL_BLOCKS: usize = 400_000;
/// Weights that the trials take in turn. No setting is best for every family of circuits: measured
/// on 48 benchmark circuits, short lookaheads win on arithmetic, strong decay on Fourier transforms.
const PORTFOLIO: [Weights; 4] = [
    Weights {
        lookahead: 10,
        far: 0.25,
        absorb: 1.5,
        noise: 0.0,
        decay: 0.001,
    },
    Weights {
        lookahead: 20,
        far: 0.5,
        absorb: 1.0,
        noise: 0.0,
        decay: 0.01,
    },
    Weights {
        lookahead: 10,
        far: 0.2,
        absorb: 1.0,
        noise: 0.0,
        decay: 0.05,
    },
    Weights {
        lookahead: 5,
        far: 0.3,
        absorb: 1.0,
        noise: 0.01,
        decay: 0.003,
    },
];

/// One program on one device, to be tried many times.
pub(crate) struct Trials<'a> {
    graph: &'a DeviceGraph,
    program: &'a Program,
    pattern: &'a Interactions,
    options: &'a MappingOptions,
}

/// A layout with the figures of its routing.
struct Trial {
    start: Vec<u32>,
    gates: i64,
    cost: f64,
}

impl<'a> Trials<'a> {
    pub(crate) fn new(
        graph: &'a DeviceGraph,
        program: &'a Program,
        pattern: &'a Interactions,
        options: &'a MappingOptions,
    ) -> Self {
        Trials {
            graph,
            program,
            pattern,
            options,
        }
    }

    /// The layout whose routing ended best.
    pub(crate) fn best_layout(&self, shares: &[Share]) -> Vec<u32> {
        let short = self.program.prefix(LAYOUT_BLOCKS);
        let back = short.reversed();
        let trials: Vec<Option<Trial>> = (0..self.options.trials.max(1))
            .into_par_iter()
            .map(|index| self.layout_trial(index, shares, &short, &back))
            .collect();
        let best = trials
            .into_iter()
            .flatten()
            .reduce(|best, next| if better(&next, &best) { next } else { best });
        best.map_or_else(Vec::new, |trial| trial.start)
    }

    /// The best of several routings from one layout.
    pub(crate) fn route_from(&self, start: &[u32]) -> Routed {
        let first = self.route(self.program, start, 0, 1000);
        if !first
            .steps
            .iter()
            .any(|step| matches!(step, Step::Swap(..)))
        {
            return first;
        }
        let others: Vec<Routed> = (1..self.count())
            .into_par_iter()
            .map(|index| self.route(self.program, start, index, 1000))
            .collect();
        others.into_iter().fold(first, |best, next| {
            if next.is_better_than(&best) {
                next
            } else {
                best
            }
        })
    }

    fn count(&self) -> usize {
        self.options
            .trials
            .clamp(1, 1 + FULL_BLOCKS / self.program.len().max(1))
    }

    fn layout_trial(
        &self,
        index: usize,
        shares: &[Share],
        short: &Program,
        back: &Program,
    ) -> Option<Trial> {
        let mut random = self.random(index, 0);
        let filling = if (index + index / PORTFOLIO.len()).is_multiple_of(2) {
            Filling::ByInteraction
        } else {
            Filling::AtRandom
        };
        let mut start = guess(self.pattern, self.graph, shares, filling, &mut random);
        complete(self.graph, &mut start).then_some(())?;
        for round in 0..self.options.rounds {
            let end = self.route(short, &start, index, 1 + 2 * round as u64).last;
            start = self.route(back, &end, index, 2 + 2 * round as u64).last;
        }
        let routed = self.route(short, &start, index, 1000);
        Some(Trial {
            start,
            gates: routed.gates,
            cost: routed.cost,
        })
    }

    fn route(&self, program: &Program, start: &[u32], index: usize, round: u64) -> Routed {
        let weights = PORTFOLIO[index % PORTFOLIO.len()];
        route(
            self.graph,
            program,
            start,
            weights,
            &mut self.random(index, round),
        )
    }

    fn random(&self, index: usize, round: u64) -> Pcg64Mcg {
        let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (round + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
        Pcg64Mcg::seed_from_u64(self.options.seed ^ mixed)
    }
}

fn better(a: &Trial, b: &Trial) -> bool {
    a.gates < b.gates || (a.gates == b.gates && a.cost < b.cost)
}
