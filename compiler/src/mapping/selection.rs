//! Routing by selection: many continuations, cut at short intervals, the best ones followed.
//!
//! One run of a greedy router is a chain of many small decisions, and the best of a hundred runs is
//! hardly better than the mean once the circuit is long: lucky stretches and unlucky ones average
//! out. Choosing after every stretch instead collects the luck: a few survivors are continued in
//! several ways each, with their own seeds and weights, and the continuations that are cheapest so
//! far (gates spent, and what the blocks ahead will probably ask for) become the next survivors.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::graph::DeviceGraph;
use super::program::Program;
use super::route::{Routed, Router, Step, Weights};

/// How many continuations are tried, how many followed, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Survivors of each stretch.
    pub(crate) keep: usize,
    /// Continuations of each survivor.
    pub(crate) tries: usize,
    /// Blocks in a stretch.
    pub(crate) stride: usize,
}

/// What a continuation is judged by, next to the gates it spent: a longer and flatter lookahead than
/// any that steers it.
const JUDGE: Weights = Weights {
    lookahead: 40,
    far: 0.6,
    fade: 0.9,
    bend: 1.0,
    absorb: 1.0,
    noise: 0.0,
    decay: 0.0,
    jitter: 0.0,
};
/// Gates that a hop ahead will cost, about: a swap moves two wires, often both the right way, and may be absorbed.
const GATES_PER_HOP: f64 = 1.0;

/// Random part of the scores, without which continuations would all be the same; one of each
/// survivor's has none.
const JITTER: f32 = 0.3;

/// A run that is being followed.
#[derive(Clone)]
struct Branch<'a> {
    router: Router<'a>,
    /// The layout that it started from.
    start: usize,
    /// Its last stretch in the archive.
    last: Option<usize>,
}

/// A stretch of a run, and the one before it.
struct Stretch {
    before: Option<usize>,
    steps: Vec<Step>,
}

/// The best routing found from any of the layouts `starts`, and which of them it starts from.
pub(crate) fn route_selecting(
    graph: &DeviceGraph,
    program: &Program,
    starts: &[Vec<u32>],
    weights: &[Weights],
    effort: Effort,
    seed: u64,
) -> Option<(usize, Routed)> {
    let mut survivors: Vec<Branch<'_>> = starts
        .iter()
        .enumerate()
        .map(|(start, layout)| Branch {
            router: Router::new(graph, program, layout, weights[start % weights.len()]),
            start,
            last: None,
        })
        .collect();
    let mut archive: Vec<Stretch> = Vec::new();
    for round in 0.. {
        if survivors.iter().all(|branch| branch.router.is_done()) {
            break;
        }
        let target = (round + 1) * effort.stride;
        let tries = (effort.keep * effort.tries).div_ceil(survivors.len().max(1));
        let mut continued: Vec<(f64, Branch<'_>)> = (0..survivors.len() * tries)
            .into_par_iter()
            .map(|index| {
                let mut branch = survivors[index / tries].clone();
                let mixed =
                    ((round as u64) << 20 | index as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
                let mut random = Pcg64Mcg::seed_from_u64(seed ^ mixed);
                let router = &mut branch.router;
                let mut steering = weights[(index + round) % weights.len()];
                if index % tries > 0 {
                    steering.jitter = JITTER;
                }
                router.set_weights(steering);
                router.run_until(target, &mut random);
                router.set_weights(JUDGE);
                (merit(router), branch)
            })
            .collect();
        // Stable: the first of equals stays in front.
        continued.sort_by(|x, y| x.0.total_cmp(&y.0));
        survivors = distinct(continued, effort.keep);
        for branch in &mut survivors {
            archive.push(Stretch {
                before: branch.last,
                steps: branch.router.take_steps(),
            });
            branch.last = Some(archive.len() - 1);
        }
    }
    let finished = survivors.into_iter().map(|branch| {
        let steps = retrace(&archive, &branch);
        let routed = Routed {
            steps,
            ..branch.router.finish()
        };
        (branch.start, routed)
    });
    finished.min_by(|x, y| x.1.order(&y.1))
}

fn merit(router: &Router<'_>) -> f64 {
    router.excess() + GATES_PER_HOP * router.hops_ahead()
}

/// The first branches that differ in where their wires are.
fn distinct(sorted: Vec<(f64, Branch<'_>)>, keep: usize) -> Vec<Branch<'_>> {
    let mut kept: Vec<(f64, Branch<'_>)> = Vec::with_capacity(keep);
    for (merit, branch) in sorted {
        if kept.len() == keep {
            break;
        }
        let is_new = kept.iter().all(|(other, before)| {
            *other != merit || before.router.layout() != branch.router.layout()
        });
        if is_new {
            kept.push((merit, branch));
        }
    }
    kept.into_iter().map(|x| x.1).collect()
}

/// All steps of a run, collected from its stretches.
fn retrace(archive: &[Stretch], branch: &Branch<'_>) -> Vec<Step> {
    let mut stretches = Vec::new();
    let mut at = branch.last;
    while let Some(index) = at {
        stretches.push(&archive[index].steps);
        at = archive[index].before;
    }
    stretches.into_iter().rev().flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::graph::samples::grid;
    use super::super::program::samples::from_pairs;
    use super::super::route::route;
    use super::*;
    use rand::RngExt;

    #[test]
    fn following_the_best_beats_one_run_and_runs_every_block() {
        let graph = grid(4, 4);
        let mut random = Pcg64Mcg::seed_from_u64(5);
        let pairs: Vec<(u32, u32)> = (0..300)
            .map(|_| {
                let a = random.random_range(0..16);
                (a, (a + random.random_range(1..16)) % 16)
            })
            .collect();
        let program = from_pairs(16, &pairs);
        let start: Vec<u32> = (0..16).collect();
        let one = route(&graph, &program, &start, Weights::default(), &mut random);
        let effort = Effort {
            keep: 3,
            tries: 4,
            stride: 10,
        };
        let weights = [Weights::default()];
        let starts = [start.clone(), start];
        let (_, best) = route_selecting(&graph, &program, &starts, &weights, effort, 1).unwrap();
        let blocks = |routed: &Routed| {
            let nodes = routed.steps.iter().filter(|s| matches!(s, Step::Node(_)));
            nodes.count()
        };
        assert_eq!(blocks(&best), program.len());
        assert!(best.gates < one.gates, "{} {}", best.gates, one.gates);
    }
}
