//! The running count of two-qubit gates, with swaps absorbed by the blocks beside them.
//!
//! Each qubit remembers the last operator on it, and when it ended. A swap on the same pair of qubits becomes part of
//! that operator, and so does a later block on the pair, as long as neither qubit has met another
//! partner in between.

use super::super::absorb::SwapPrice;
use super::super::graph::{DeviceGraph, NONE};

/// The last operator on a qubit, as far as a swap could be absorbed into it.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    partner: u32,
    price: SwapPrice,
    /// A swap has been absorbed since the block ran.
    swapped: bool,
}

const NO_TAIL: Tail = Tail {
    partner: NONE,
    price: SwapPrice::FREE,
    swapped: false,
};

/// What a swap changed, to take it back.
#[derive(Clone)]
pub(super) struct Before {
    tails: (Tail, Tail),
    ends: (f64, f64),
    gates: i64,
    cost: f64,
    waiting: f64,
}

#[derive(Clone)]
pub(super) struct Tally {
    tails: Vec<Tail>,
    /// Two-qubit gates so far, and their cost on their edges.
    pub(super) gates: i64,
    pub(super) cost: f64,
    /// Seconds after the beginning at which each qubit's last gate ends; not a number before its first.
    ends: Vec<f64>,
    /// Seconds for which qubits wait for each other, each gate as soon as it can.
    waiting: f64,
    layer: f64,
    /// Gates that the blocks so far would need with no swaps at all.
    pub(super) least: i64,
}

impl Tally {
    pub(super) fn new(graph: &DeviceGraph) -> Self {
        Tally {
            tails: vec![NO_TAIL; graph.num_qubits()],
            gates: 0,
            cost: 0.0,
            ends: vec![f64::NAN; graph.num_qubits()],
            waiting: 0.0,
            layer: graph.judge().layer,
            least: 0,
        }
    }

    /// What gates and waits cost so far on ordinary edges and qubits: the circuit as a whole finds its place later.
    pub(super) fn loss(&self, graph: &DeviceGraph) -> f64 {
        let (gate, second) = graph.typical();
        self.gates as f64 * gate + self.waiting * second
    }

    /// Adds a block on two coupled qubits.
    pub(super) fn add_block(&mut self, graph: &DeviceGraph, p: u32, q: u32, block: SwapPrice) {
        let before = self.tail(p, q);
        let price = match before {
            None => block,
            Some(tail) if tail.price == SwapPrice::SWAP => block.flipped(),
            Some(tail) if tail.price.plain == 0 => block,
            Some(tail) if block.plain == 0 => tail.price,
            Some(_) => SwapPrice::GENERIC,
        };
        self.least += i64::from(block.plain);
        self.replace(graph, p, q, before, price, false);
    }

    /// Adds a swap of two coupled qubits; returns how to take it back.
    pub(super) fn add_swap(&mut self, graph: &DeviceGraph, p: u32, q: u32) -> Before {
        let undo = Before {
            tails: (self.tails[p as usize], self.tails[q as usize]),
            ends: (self.ends[p as usize], self.ends[q as usize]),
            gates: self.gates,
            cost: self.cost,
            waiting: self.waiting,
        };
        let before = self.tail(p, q);
        let price = before.map_or(SwapPrice::SWAP, |tail| tail.price.flipped());
        self.replace(graph, p, q, before, price, true);
        undo
    }

    pub(super) fn take_back(&mut self, p: u32, q: u32, before: &Before) {
        (self.tails[p as usize], self.tails[q as usize]) = before.tails;
        (self.ends[p as usize], self.ends[q as usize]) = before.ends;
        self.gates = before.gates;
        self.cost = before.cost;
        self.waiting = before.waiting;
    }

    /// Gates that absorption saves of a swap's three, were it made now; negative is never returned
    /// for a pair on which a swap has just been made.
    pub(super) fn saving(&self, p: u32, q: u32) -> i32 {
        match self.tail(p, q) {
            Some(tail) if !tail.swapped => 3 - tail.price.delta(),
            _ => 0,
        }
    }

    /// Gates on both qubits for so many seconds: the one that is ready earlier waits for the other.
    fn wait(&mut self, p: u32, q: u32, seconds: f64) {
        let (first, second) = (self.ends[p as usize], self.ends[q as usize]);
        // The larger of two, or the only one that is a number.
        let start = first.max(second).max(0.0);
        for (qubit, ready) in [(p, first), (q, second)] {
            if ready < start {
                self.waiting += start - ready;
            }
            self.ends[qubit as usize] = start + seconds;
        }
    }

    fn tail(&self, p: u32, q: u32) -> Option<Tail> {
        let tail = self.tails[p as usize];
        (tail.partner == q && self.tails[q as usize].partner == p).then_some(tail)
    }

    fn replace(
        &mut self,
        graph: &DeviceGraph,
        p: u32,
        q: u32,
        before: Option<Tail>,
        price: SwapPrice,
        swapped: bool,
    ) {
        let added = i64::from(price.plain) - before.map_or(0, |t| i64::from(t.price.plain));
        self.gates += added;
        if let Some(edge) = graph.edge_between(p, q) {
            self.cost += added as f64 * graph.edge_cost(edge);
        }
        if added > 0 {
            self.wait(p, q, added as f64 * self.layer);
        }
        for (qubit, partner) in [(p, q), (q, p)] {
            self.tails[qubit as usize] = Tail {
                partner,
                price,
                swapped,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::graph::Judge;
    use super::super::super::graph::samples::line;
    use super::*;
    use crate::Aim;

    #[test]
    fn a_qubit_that_is_ready_waits_for_its_partner_and_a_swap_can_be_taken_back() {
        let judge = Judge {
            aim: Aim::Success,
            layer: 2.0,
        };
        let graph = line(4).judged(judge);
        let mut tally = Tally::new(&graph);
        for (p, q) in [(0, 1), (2, 3), (1, 2)] {
            tally.add_block(&graph, p, q, SwapPrice::GENERIC);
        }
        // Qubits 1 and 2 were ready together.
        assert_eq!((tally.gates, tally.waiting), (9, 0.0));
        let before = tally.add_swap(&graph, 0, 1);
        // Qubit 0 was ready three gates earlier.
        assert_eq!((tally.gates, tally.waiting), (12, 6.0));
        tally.take_back(0, 1, &before);
        assert_eq!((tally.gates, tally.waiting), (9, 0.0));
        tally.add_block(&graph, 0, 1, SwapPrice::CZ);
        assert_eq!(tally.waiting, 6.0);
    }
}
