//! Routing trials: many layouts, the best routed circuit.
//!
//! A first trial of every setting of the router's weights tells which of them suit the circuit; those get
//! the other trials. The best layouts are then routed for good, by [`super::selection`].

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::MappingOptions;
use super::embed::Interactions;
use super::graph::DeviceGraph;
use super::layout::{Filling, Share, complete, guess};
use super::portfolio::{PORTFOLIO, ranked, share};
use super::program::Program;
use super::route::{Routed, Weights, route};
use super::selection::{Effort, route_selecting};

/// Blocks of a long program that layouts are improved on.
const LAYOUT_BLOCKS: usize = 20_000;
/// Blocks routed in full over all trials, about: very long programs get fewer.
const FULL_BLOCKS: usize = 400_000;
/// Blocks up to which a program gets more trials than asked for, and how many times as many at most.
const SHORT_BLOCKS: usize = 1000;
const MOST_TIMES: usize = 20;

/// How the best layouts are routed for good.
const EFFORT: Effort = Effort {
    keep: 4,
    tries: 4,
    stride: 30,
};

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
    setting: usize,
    gates: i64,
    cost: f64,
}

/// Layouts to route from, and the settings to do it with, both best first.
pub(crate) struct Starts {
    pub(crate) layouts: Vec<Vec<u32>>,
    settings: Vec<usize>,
}

impl Starts {
    /// One layout, about whose routing nothing is known.
    pub(crate) fn only(layout: Vec<u32>) -> Self {
        Starts {
            layouts: vec![layout],
            settings: (0..PORTFOLIO.len()).collect(),
        }
    }
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

    /// The layouts whose routing ended best.
    pub(crate) fn best_layouts(&self, shares: &[Share]) -> Starts {
        let short = self.program.prefix(LAYOUT_BLOCKS);
        let back = short.reversed();
        let run = |settings: &(dyn Fn(usize) -> usize + Sync), trials: std::ops::Range<usize>| {
            trials
                .into_par_iter()
                .filter_map(|index| {
                    self.layout_trial(index, settings(index), shares, &short, &back)
                })
                .collect::<Vec<Trial>>()
        };
        let count = self.layouts();
        let first = count.min(PORTFOLIO.len());
        let mut trials = run(&|index| index, 0..first);
        let order = ranked(trials.iter().map(|trial| (trial.setting, trial.gates)));
        trials.extend(run(&|index| share(&order, index - first), first..count));
        let settings = ranked(trials.iter().map(|trial| (trial.setting, trial.gates)));
        // Stable: the first of equals stays in front.
        trials.sort_by(|a, b| a.gates.cmp(&b.gates).then(a.cost.total_cmp(&b.cost)));
        trials.truncate(EFFORT.keep);
        Starts {
            layouts: trials.into_iter().map(|trial| trial.start).collect(),
            settings,
        }
    }

    /// The best of several routings from these layouts, and the layout that it starts from.
    pub(crate) fn route_from_any(&self, mut starts: Starts) -> (Vec<u32>, Routed) {
        let first = starts.layouts.first().cloned().unwrap_or_default();
        let setting = |index: usize| share(&starts.settings, index);
        let route = |index: usize| self.route(self.program, &first, setting(index), index, 1000);
        let mut best = (0, route(0));
        if !best.1.has_swaps() {
            return (first, best.1);
        }
        let others: Vec<(usize, Routed)> = (1..self.count())
            .into_par_iter()
            .map(|index| (0, route(index)))
            .collect();
        let few: Vec<Weights> = (0..4).map(|index| PORTFOLIO[setting(index)]).collect();
        let (layouts, seed) = (&starts.layouts, self.options.seed);
        let selected = route_selecting(self.graph, self.program, layouts, &few, EFFORT, seed);
        for next in others.into_iter().chain(selected) {
            if next.1.is_better_than(&best.1) {
                best = next;
            }
        }
        (starts.layouts.swap_remove(best.0), best.1)
    }

    fn layouts(&self) -> usize {
        let times = (SHORT_BLOCKS / self.program.len().max(1)).clamp(1, MOST_TIMES);
        self.options.trials.max(1) * times
    }

    fn count(&self) -> usize {
        self.options
            .trials
            .clamp(1, 1 + FULL_BLOCKS / self.program.len().max(1))
    }

    fn layout_trial(
        &self,
        index: usize,
        setting: usize,
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
            let (there, again) = (1 + 2 * round as u64, 2 + 2 * round as u64);
            let end = self.route(short, &start, setting, index, there).last;
            start = self.route(back, &end, setting, index, again).last;
        }
        let routed = self.route(short, &start, setting, index, 1000);
        Some(Trial {
            start,
            setting,
            gates: routed.gates,
            cost: routed.cost,
        })
    }

    fn route(
        &self,
        program: &Program,
        start: &[u32],
        setting: usize,
        index: usize,
        round: u64,
    ) -> Routed {
        let mut random = self.random(index, round);
        let weights = PORTFOLIO[setting % PORTFOLIO.len()];
        route(self.graph, program, start, weights, &mut random)
    }

    fn random(&self, index: usize, round: u64) -> Pcg64Mcg {
        let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (round + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
        Pcg64Mcg::seed_from_u64(self.options.seed ^ mixed)
    }
}
