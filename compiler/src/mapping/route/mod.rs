//! Routing: insert swaps until every block has run on a coupled pair.
//!
//! SABRE (Li, Ding, Xie 2019, arXiv:1809.02573) in the incremental form of LightSABRE (Zou et al.
//! 2024, arXiv:2409.08368). The *front* holds the blocks that wait for nothing but a coupling; the
//! *lookahead* holds the next few after them, each layer weighing less than the one before. Each
//! step takes the swap that shortens both most, counting what the swap really costs: a swap beside a
//! block on the same pair is absorbed by its synthesis (see [`super::absorb`] and `tally`), so
//! it may cost less than three gates, or nothing.
//!
//! A router is a value that can be stopped after any number of blocks and copied, which is what
//! [`super::selection`] does to follow the best of many continuations.

mod moves;
mod router;
mod score;
mod tally;
mod waiting;

use std::cmp::Ordering;

use rand_pcg::Pcg64Mcg;

use super::graph::DeviceGraph;
use super::program::Program;
use crate::Aim;

pub(crate) use router::Router;

/// One step of a routed program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Run this node where its wires are now.
    Node(u32),
    /// Exchange what these two qubits hold.
    Swap(u32, u32),
}

/// The weights of one routing run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// Blocks in the lookahead.
    pub(crate) lookahead: usize,
    /// Weight of a block in the first layer of the lookahead, against one in the front.
    pub(crate) far: f32,
    /// Weight of each further layer against the one before.
    pub(crate) fade: f32,
    /// Weight of each further hop of a distance against the one before: less than one favours
    /// blocks that are nearly coupled.
    pub(crate) bend: f32,
    /// Weight of the gates a swap saves by being absorbed, in units of a swap.
    pub(crate) absorb: f32,
    /// Weight of an edge's cost against the mean edge.
    pub(crate) noise: f32,
    /// Penalty for moving a wire again soon, against the front's distance.
    pub(crate) decay: f32,
    /// Largest random addition to a candidate's score, in hops.
    pub(crate) jitter: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            lookahead: 20,
            far: 0.5,
            fade: 0.9,
            bend: 1.0,
            absorb: 1.0,
            noise: 0.02,
            decay: 0.001,
            jitter: 0.0,
        }
    }
}

/// A routed program.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    pub(crate) steps: Vec<Step>,
    /// Qubit of each wire at the end.
    pub(crate) last: Vec<u32>,
    /// Two-qubit gates after synthesis, estimated with swaps absorbed.
    pub(crate) gates: i64,
    /// Cost of these gates on their edges.
    pub(crate) cost: f64,
    /// What they and the waits between them cost on ordinary edges and qubits.
    pub(crate) loss: f64,
    /// What it is judged by.
    pub(crate) aim: Aim,
}

/// Of a logarithm of a chance, what counts as one when it is rounded.
const LOSS_UNIT: f64 = 1e-6;

impl Routed {
    /// Fewer gates first, or the lower loss, then the lower cost.
    pub(crate) fn order(&self, other: &Routed) -> Ordering {
        let first = match self.aim {
            Aim::Gates => self.gates.cmp(&other.gates),
            Aim::Success => self.loss.total_cmp(&other.loss),
        };
        first.then(self.cost.total_cmp(&other.cost))
    }

    /// What counts first, as a whole number.
    pub(crate) fn merit(&self) -> i64 {
        match self.aim {
            Aim::Gates => self.gates,
            Aim::Success => (self.loss / LOSS_UNIT).round() as i64,
        }
    }

    pub(crate) fn is_better_than(&self, other: &Routed) -> bool {
        self.order(other) == Ordering::Less
    }

    /// The same routing read backwards: from a routing of a reversed program of that many nodes to
    /// one of the program itself, starting where this one ends.
    pub(crate) fn reversed(self, nodes: usize, last: Vec<u32>) -> Routed {
        let back = |step: Step| match step {
            Step::Node(node) => Step::Node(nodes as u32 - 1 - node),
            swap @ Step::Swap(..) => swap,
        };
        Routed {
            steps: self.steps.into_iter().rev().map(back).collect(),
            last,
            ..self
        }
    }

    /// This routing and then another one, whose program's nodes follow the first `nodes`.
    pub(crate) fn followed_by(self, other: Routed, nodes: usize) -> Routed {
        let later = |step: Step| match step {
            Step::Node(node) => Step::Node(nodes as u32 + node),
            swap @ Step::Swap(..) => swap,
        };
        let mut steps = self.steps;
        steps.extend(other.steps.into_iter().map(later));
        Routed {
            steps,
            last: other.last,
            gates: self.gates + other.gates,
            cost: self.cost + other.cost,
            loss: self.loss + other.loss,
            aim: self.aim,
        }
    }

    /// Whether any swap was needed.
    pub(crate) fn has_swaps(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Swap(..)))
    }
}

/// Routes `program` from the layout `start` (qubit of each wire).
///
/// Every wire must be placed, and wires that share a block on one connected component.
pub(crate) fn route(
    graph: &DeviceGraph,
    program: &Program,
    start: &[u32],
    weights: Weights,
    random: &mut Pcg64Mcg,
) -> Routed {
    let mut router = Router::new(graph, program, start, weights);
    router.run(random);
    router.finish()
}

#[cfg(test)]
mod tests;
