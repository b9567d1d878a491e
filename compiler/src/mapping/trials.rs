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
use super::line::ideal_line;
use super::portfolio::{PORTFOLIO, ranked, share};
use super::program::Program;
use super::route::{Routed, Weights, route};
use super::selection::{Effort, route_selecting};

/// Programs of more blocks have their layouts improved on their first few blocks only.
const LONG_BLOCKS: usize = 4_000;
const LAYOUT_BLOCKS: usize = 2_000;
/// Blocks routed in full over all trials, about: very long programs get fewer.
const FULL_BLOCKS: usize = 400_000;
/// Blocks routed in full by selection at most.
const SELECTED_BLOCKS: usize = 300_000;
/// Longer programs are routed from their middle, both ways at once.
const MIDDLE_BLOCKS: usize = 50_000;
/// Blocks up to which a program gets more trials than asked for, and how many times as many at most.
const SHORT_BLOCKS: usize = 1500;
const MOST_TIMES: usize = 4;

/// One program on one device, to be tried many times.
pub(crate) struct Trials<'a> {
    graph: &'a DeviceGraph,
    program: &'a Program,
    pattern: &'a Interactions,
    options: &'a MappingOptions,
}

/// A layout with its routing.
struct Trial {
    start: Vec<u32>,
    setting: usize,
    routed: Routed,
}

/// Layouts to route from, and the settings to do it with, both best first.
pub(crate) struct Starts {
    pub(crate) layouts: Vec<Vec<u32>>,
    settings: Vec<usize>,
    /// A routing of the whole program from the first layout.
    routed: Option<Routed>,
}

impl Starts {
    /// One layout, about whose routing nothing is known.
    pub(crate) fn only(layout: Vec<u32>) -> Self {
        Starts {
            layouts: vec![layout],
            settings: (0..PORTFOLIO.len()).collect(),
            routed: None,
        }
    }

    /// The setting of a routing: the good ones more often; where nothing is known, each in turn.
    fn setting(&self, index: usize) -> usize {
        if self.layouts.len() == 1 {
            self.settings[index % self.settings.len()]
        } else {
            share(&self.settings, index)
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
        let short = self.program.prefix(if self.program.len() > LONG_BLOCKS {
            LAYOUT_BLOCKS
        } else {
            LONG_BLOCKS
        });
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
        let order = ranked(
            trials
                .iter()
                .map(|trial| (trial.setting, trial.routed.merit())),
        );
        trials.extend(run(&|index| share(&order, index - first), first..count));
        let settings = ranked(
            trials
                .iter()
                .map(|trial| (trial.setting, trial.routed.merit())),
        );
        // Stable: the first of equals stays in front.
        trials.sort_by(|a, b| a.routed.order(&b.routed));
        trials.truncate(self.effort().map_or(1, |effort| effort.keep));
        if self.program.len() > MIDDLE_BLOCKS
            && let Some(best) = trials.first()
        {
            let (start, routed) = self.route_from_middle(&best.start, settings[0]);
            return Starts {
                layouts: vec![start],
                settings,
                routed: Some(routed),
            };
        }
        let is_whole = short.len() == self.program.len();
        let routed = trials.first().filter(|_| is_whole);
        Starts {
            routed: routed.map(|trial| trial.routed.clone()),
            layouts: trials.into_iter().map(|trial| trial.start).collect(),
            settings,
        }
    }

    /// Routes the first half of the program backwards and the second half forwards from a layout between them, on
    /// two threads: what a long program loses by a layout that is not chosen for its start is lost only once.
    fn route_from_middle(&self, layout: &[u32], setting: usize) -> (Vec<u32>, Routed) {
        let middle = self.program.len() / 2;
        let before = self.program.part(0..middle).reversed();
        let after = self.program.part(middle..self.program.len());
        let (back, forth) = rayon::join(
            || self.route(&before, layout, setting, 0, 1001),
            || self.route(&after, layout, setting, 0, 1000),
        );
        let start = back.last.clone();
        let back = back.reversed(middle, layout.to_vec());
        (start, back.followed_by(forth, middle))
    }

    /// The best of several routings from these layouts, and the layout that it starts from.
    pub(crate) fn route_from_any(&self, mut starts: Starts) -> (Vec<u32>, Routed) {
        let first = starts.layouts.first().cloned().unwrap_or_default();
        let routed = starts.routed.take();
        let setting = |index: usize| starts.setting(index);
        let route = |index: usize| self.route(self.program, &first, setting(index), index, 1000);
        let known = routed.unwrap_or_else(|| route(0));
        if !known.has_swaps() {
            return (first, known);
        }
        let mut best = (0, known);
        let others: Vec<(usize, Routed)> = (1..self.count())
            .into_par_iter()
            .map(|index| (0, route(index)))
            .collect();
        let few: Vec<Weights> = (0..4).map(|index| PORTFOLIO[setting(index)]).collect();
        let (layouts, seed) = (&starts.layouts, self.options.seed);
        let selected = self.effort().and_then(|effort| {
            route_selecting(self.graph, self.program, layouts, &few, effort, seed)
        });
        for next in others.into_iter().chain(selected) {
            if next.1.is_better_than(&best.1) {
                best = next;
            }
        }
        (starts.layouts.swap_remove(best.0), best.1)
    }

    /// Whether routing along a line is worth the time. A long program is judged by its first blocks, against those
    /// routed from `start`: where nothing is regular, a line takes many times the swaps.
    pub(crate) fn may_follow_a_line(&self, start: &[u32]) -> bool {
        if self.program.len() <= LONG_BLOCKS {
            return true;
        }
        let first = self.program.prefix(LAYOUT_BLOCKS);
        let gates = |graph: &DeviceGraph, start: &[u32]| {
            let weights = PORTFOLIO[0];
            route(graph, &first, start, weights, &mut self.random(0, 0)).gates
        };
        let line = ideal_line(&first);
        2 * gates(&line.graph, &line.start) <= 3 * gates(self.graph, start)
    }

    fn layouts(&self) -> usize {
        let trials = self.options.trials.max(1);
        trials * (SHORT_BLOCKS / self.program.len().max(1)).clamp(1, MOST_TIMES)
    }

    /// How the best layouts are routed for good; not by selection where trials are few or long.
    fn effort(&self) -> Option<Effort> {
        let (trials, blocks) = (self.options.trials, self.program.len());
        let effort = Effort {
            keep: (trials / 3).clamp(3, 8),
            tries: (trials / 3).clamp(4, 6),
            stride: 30,
        };
        (trials >= 8 && blocks * effort.keep * effort.tries <= SELECTED_BLOCKS).then_some(effort)
    }

    fn count(&self) -> usize {
        self.options
            .trials
            .div_ceil(3)
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
        let mut best: Option<Trial> = None;
        let mut consider = |start: &[u32], routed: Routed| {
            if best
                .as_ref()
                .is_none_or(|best| routed.is_better_than(&best.routed))
            {
                let start = start.to_vec();
                best = Some(Trial {
                    start,
                    setting,
                    routed,
                });
            }
        };
        for round in 0..self.options.rounds {
            let (there, again) = (1 + 2 * round as u64, 2 + 2 * round as u64);
            let forth = self.route(short, &start, setting, index, there);
            let back = self.route(back, &forth.last, setting, index, again);
            let end = forth.last.clone();
            consider(&start, forth);
            // Read backwards, the way back is a way forth as well.
            start = back.last.clone();
            consider(&start, back.reversed(short.len(), end));
        }
        let routed = self.route(short, &start, setting, index, 1000);
        consider(&start, routed);
        best
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
