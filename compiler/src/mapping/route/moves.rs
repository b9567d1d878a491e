//! Swaps, and the way out when they lead nowhere.

use super::super::graph::NONE;
use super::super::program::Kind;
use super::Step;
use super::router::Router;
use super::tally::Before;

/// A swap, with what is needed to take it back.
#[derive(Clone)]
pub(super) struct Move {
    edge: (u32, u32),
    before: Before,
}

impl Router<'_> {
    pub(super) fn swap(&mut self, p: u32, q: u32) {
        let before = self.tally.add_swap(self.graph, p, q);
        let edge = (p, q);
        self.since.push(Move { edge, before });
        self.steps.push(Step::Swap(p, q));
        self.exchange(p, q);
        let penalty = self.weights.decay * self.front_distance as f32;
        self.scores.moved(p, q, penalty);
    }

    /// Exchanges two qubits' wires and marks what their scores depend on.
    fn exchange(&mut self, p: u32, q: u32) {
        for (from, to) in [(p, q), (q, p)] {
            let wire = self.wire_at[from as usize];
            if wire == NONE {
                continue;
            }
            let there = self.wire_at[to as usize];
            for i in 0..self.near[wire as usize].len() {
                let partner = self.near[wire as usize][i].0;
                self.mark_wire(partner);
                if partner != there {
                    let at = self.qubit_of[partner as usize];
                    self.front_distance += i64::from(self.graph.distance(to, at))
                        - i64::from(self.graph.distance(from, at));
                }
            }
            for i in 0..self.scores.far_partners(wire) {
                self.mark_wire(self.scores.far_partner(wire, i));
            }
        }
        let (a, b) = (self.wire_at[p as usize], self.wire_at[q as usize]);
        self.wire_at[p as usize] = b;
        self.wire_at[q as usize] = a;
        for (wire, qubit) in [(a, q), (b, p)] {
            if wire != NONE {
                self.qubit_of[wire as usize] = qubit;
            }
            self.scores.mark(qubit);
        }
    }

    /// The release valve: takes back the swaps since the last progress and brings the closest
    /// block of the front together along a shortest path.
    pub(super) fn release(&mut self) {
        while let Some(last) = self.since.pop() {
            let (p, q) = last.edge;
            self.exchange(p, q);
            self.tally.take_back(p, q, &last.before);
            self.steps.pop();
        }
        let pair = |node: u32| match self.program.kind(node) {
            Kind::Pair(a, b) => (a, b),
            Kind::Free => (NONE, NONE),
        };
        let closest = self.front.iter().copied().map(|node| (node, pair(node)));
        let closest = closest.min_by_key(|&(node, (a, b))| (self.wire_distance(a, b), node));
        let Some((_, (a, b))) = closest else { return };
        let mut ends = (a, b);
        while !self.coupled(a, b) {
            let (from, to) = (
                self.qubit_of[ends.0 as usize],
                self.qubit_of[ends.1 as usize],
            );
            let Some(step) = self.step_towards(from, to) else {
                break;
            };
            self.swap(from, step);
            ends = (ends.1, ends.0);
        }
        let mut blocks: Vec<u32> = self.front.clone();
        blocks.sort_unstable();
        for node in blocks {
            let (a, b) = pair(node);
            if self.coupled(a, b) {
                self.leave_front(node, a, b);
                self.execute(node, Kind::Pair(a, b));
            }
        }
    }

    /// The cheapest neighbour of `from` that is one step closer to `to`.
    fn step_towards(&self, from: u32, to: u32) -> Option<u32> {
        let here = self.graph.distance(from, to);
        let steps = self
            .graph
            .neighbours(from)
            .iter()
            .zip(self.graph.incident(from));
        steps
            .filter(|&(&next, _)| self.graph.distance(next, to) < here)
            .min_by(|x, y| {
                self.graph
                    .edge_cost(*x.1)
                    .total_cmp(&self.graph.edge_cost(*y.1))
            })
            .map(|(&next, _)| next)
    }
}
