//! The running count of two-qubit gates, with swaps absorbed by the blocks beside them.
//!
//! Each qubit remembers the last operator on it. A swap on the same pair of qubits becomes part of
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
    gates: i64,
    cost: f64,
}

#[derive(Clone)]
pub(super) struct Tally {
    tails: Vec<Tail>,
    /// Two-qubit gates so far, and their cost on their edges.
    pub(super) gates: i64,
    pub(super) cost: f64,
    /// Gates that the blocks so far would need with no swaps at all.
    pub(super) least: i64,
}

impl Tally {
    pub(super) fn new(num_qubits: usize) -> Self {
        Tally {
            tails: vec![NO_TAIL; num_qubits],
            gates: 0,
            cost: 0.0,
            least: 0,
        }
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
            gates: self.gates,
            cost: self.cost,
        };
        let before = self.tail(p, q);
        let price = before.map_or(SwapPrice::SWAP, |tail| tail.price.flipped());
        self.replace(graph, p, q, before, price, true);
        undo
    }

    pub(super) fn take_back(&mut self, p: u32, q: u32, before: &Before) {
        (self.tails[p as usize], self.tails[q as usize]) = before.tails;
        self.gates = before.gates;
        self.cost = before.cost;
    }

    /// Gates that absorption saves of a swap's three, were it made now; negative is never returned
    /// for a pair on which a swap has just been made.
    pub(super) fn saving(&self, p: u32, q: u32) -> i32 {
        match self.tail(p, q) {
            Some(tail) if !tail.swapped => 3 - tail.price.delta(),
            _ => 0,
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
        for (qubit, partner) in [(p, q), (q, p)] {
            self.tails[qubit as usize] = Tail {
                partner,
                price,
                swapped,
            };
        }
    }
}
