//! The state of a routing run, and its main loop.

use rand_pcg::Pcg64Mcg;
use smallvec::SmallVec;

use super::super::graph::{DeviceGraph, NONE};
use super::super::program::{Kind, Program};
use super::moves::Move;
use super::score::Scores;
use super::tally::Tally;
use super::waiting::Waiting;
use super::{Routed, Step, Weights};
use crate::Aim;

/// A routing run that can be stopped, copied and continued.
#[derive(Clone)]
pub(crate) struct Router<'a> {
    pub(super) graph: &'a DeviceGraph,
    pub(super) program: &'a Program,
    pub(super) weights: Weights,
    /// Qubit of each wire, and wire of each qubit.
    pub(super) qubit_of: Vec<u32>,
    pub(super) wire_at: Vec<u32>,
    pub(super) waiting: Waiting,
    /// Blocks in the front.
    pub(super) front: Vec<u32>,
    /// Partner and block of each wire in the front.
    pub(super) near: Vec<SmallVec<[(u32, u32); 2]>>,
    pub(super) front_distance: i64,
    pub(super) tally: Tally,
    pub(super) scores: Scores,
    /// Swaps since the last progress.
    pub(super) since: Vec<Move>,
    pub(super) queue: Vec<u32>,
    pub(super) steps: Vec<Step>,
    /// Blocks run so far.
    blocks: usize,
}

impl<'a> Router<'a> {
    pub(crate) fn new(
        graph: &'a DeviceGraph,
        program: &'a Program,
        start: &[u32],
        weights: Weights,
    ) -> Self {
        let mut wire_at = vec![NONE; graph.num_qubits()];
        for (wire, &qubit) in start.iter().enumerate() {
            wire_at[qubit as usize] = wire as u32;
        }
        let mut router = Router {
            graph,
            program,
            weights,
            qubit_of: start.to_vec(),
            wire_at,
            waiting: Waiting::default(),
            front: Vec::new(),
            near: vec![SmallVec::new(); program.num_wires()],
            front_distance: 0,
            tally: Tally::new(graph),
            scores: Scores::new(graph, program, weights),
            since: Vec::new(),
            queue: Vec::new(),
            steps: Vec::new(),
            blocks: 0,
        };
        let ready = (0..program.len() as u32).filter(|&v| program.predecessors(v).is_empty());
        router.queue = ready.collect();
        router.advance();
        router.look_ahead();
        router
    }

    /// Routes to the end.
    pub(crate) fn run(&mut self, random: &mut Pcg64Mcg) {
        self.run_until(usize::MAX, random);
    }

    /// Routes until that many blocks have run, or all.
    pub(crate) fn run_until(&mut self, blocks: usize, random: &mut Pcg64Mcg) {
        let patience = 3 * self.graph.diameter() as usize + 20;
        while !self.is_done() && self.blocks < blocks {
            self.rescore();
            let Some(edge) = self.best_edge(random) else {
                break;
            };
            let (p, q) = self.graph.edges()[edge as usize];
            self.swap(p, q);
            if self.run_coupled(&[self.wire_at[p as usize], self.wire_at[q as usize]]) {
                self.progressed();
            } else if self.since.len() > patience {
                self.release();
                self.progressed();
            } else if self.since.len().is_multiple_of(5) {
                self.scores.forget_moves();
            }
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.front.is_empty()
    }

    /// Uses other weights from here on.
    pub(crate) fn set_weights(&mut self, weights: Weights) {
        self.weights = weights;
        self.scores.set_weights(self.graph, weights);
        self.look_ahead();
        (0..self.graph.num_qubits() as u32).for_each(|q| self.scores.mark(q));
    }

    /// The steps since the last call.
    pub(crate) fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    /// What was spent so far beyond what the blocks that have run need themselves, in gates.
    pub(crate) fn excess(&self) -> f64 {
        match self.graph.judge().aim {
            Aim::Gates => (self.tally.gates - self.tally.least) as f64,
            Aim::Success => {
                self.tally.loss(self.graph) / self.graph.typical().0 - self.tally.least as f64
            }
        }
    }

    pub(crate) fn layout(&self) -> &[u32] {
        &self.qubit_of
    }

    pub(crate) fn finish(self) -> Routed {
        Routed {
            steps: self.steps,
            last: self.qubit_of,
            gates: self.tally.gates,
            cost: self.tally.cost,
            loss: self.tally.loss(self.graph),
            aim: self.graph.judge().aim,
        }
    }

    fn progressed(&mut self) {
        self.since.clear();
        self.scores.forget_moves();
        self.advance();
        self.look_ahead();
    }

    /// Runs everything in the queue that can run, and what becomes ready by it.
    fn advance(&mut self) {
        let mut next = 0;
        while next < self.queue.len() {
            let node = self.queue[next];
            next += 1;
            match self.program.kind(node) {
                Kind::Pair(a, b) if !self.coupled(a, b) => self.enter_front(node, a, b),
                kind => self.execute(node, kind),
            }
        }
        self.queue.clear();
    }

    pub(super) fn execute(&mut self, node: u32, kind: Kind) {
        self.steps.push(Step::Node(node));
        self.waiting.run(self.program, node);
        if let Kind::Pair(a, b) = kind {
            let (p, q) = (self.qubit_of[a as usize], self.qubit_of[b as usize]);
            self.tally
                .add_block(self.graph, p, q, self.program.price(node));
            self.scores.mark(p);
            self.scores.mark(q);
            self.blocks += 1;
        }
        for &next in self.program.successors(node) {
            if self.waiting.less(self.program, next) == 0 {
                self.queue.push(next);
            }
        }
    }

    pub(super) fn coupled(&self, a: u32, b: u32) -> bool {
        self.wire_distance(a, b) == 1
    }

    fn enter_front(&mut self, node: u32, a: u32, b: u32) {
        self.front.push(node);
        self.near[a as usize].push((b, node));
        self.near[b as usize].push((a, node));
        self.mark_wire(a);
        self.mark_wire(b);
        self.front_distance += self.wire_distance(a, b);
    }

    pub(super) fn leave_front(&mut self, node: u32, a: u32, b: u32) {
        // The front is no longer than half the wires: a search costs less than keeping places would.
        if let Some(at) = self.front.iter().position(|&other| other == node) {
            self.front.swap_remove(at);
        }
        self.near[a as usize].retain(|x| x.1 != node);
        self.near[b as usize].retain(|x| x.1 != node);
        self.mark_wire(a);
        self.mark_wire(b);
        self.front_distance -= self.wire_distance(a, b);
    }

    pub(super) fn wire_distance(&self, a: u32, b: u32) -> i64 {
        let (p, q) = (self.qubit_of[a as usize], self.qubit_of[b as usize]);
        i64::from(self.graph.distance(p, q))
    }

    /// Runs the front's blocks on these wires that have become coupled; says whether there were any.
    fn run_coupled(&mut self, wires: &[u32]) -> bool {
        let mut any = false;
        for &wire in wires.iter().filter(|&&w| w != NONE) {
            let mut next = 0;
            while let Some(&(partner, node)) = self.near[wire as usize].get(next) {
                if self.coupled(wire, partner) {
                    self.leave_front(node, wire, partner);
                    self.execute(node, self.program.kind(node));
                    any = true;
                } else {
                    next += 1;
                }
            }
        }
        any
    }

    pub(super) fn mark_wire(&mut self, wire: u32) {
        self.scores.mark(self.qubit_of[wire as usize]);
    }
}
