//! A circuit as the router sees it: blocks on pairs of wires, and what must come before what.
//!
//! Consecutive gates on the same pair of wires, with the single-qubit gates between them, form one
//! block: they become executable together, and the synthesiser will turn them into one two-qubit
//! operator, so a swap beside them is priced against that operator and not against single gates.
//! Everything else that ties wires together (measurements, barriers, classical control) is a free
//! node, which only has to wait its turn. Single-qubit gates are no nodes at all: they travel in
//! front of the next node on their wire.

use std::ops::Range;

use super::absorb::SwapPrice;
use super::graph::NONE;

/// What a node asks of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Gates on two wires that must sit on coupled qubits.
    Pair(u32, u32),
    /// Anything that runs wherever its wires are.
    Free,
}

/// Nodes with their order, in compressed rows; nodes are numbered in a valid order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    num_wires: usize,
    kinds: Vec<Kind>,
    prices: Vec<SwapPrice>,
    successor_row: Vec<u32>,
    successors: Vec<u32>,
    predecessor_row: Vec<u32>,
    predecessors: Vec<u32>,
}

impl Program {
    pub(crate) fn num_wires(&self) -> usize {
        self.num_wires
    }

    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    #[inline]
    pub(crate) fn kind(&self, node: u32) -> Kind {
        self.kinds[node as usize]
    }

    #[inline]
    pub(crate) fn price(&self, node: u32) -> SwapPrice {
        self.prices[node as usize]
    }

    #[inline]
    pub(crate) fn successors(&self, node: u32) -> &[u32] {
        let i = node as usize;
        &self.successors[self.successor_row[i] as usize..self.successor_row[i + 1] as usize]
    }

    #[inline]
    pub(crate) fn predecessors(&self, node: u32) -> &[u32] {
        let i = node as usize;
        &self.predecessors[self.predecessor_row[i] as usize..self.predecessor_row[i + 1] as usize]
    }

    /// The same program run backwards. Nodes keep their numbers' order reversed, so that they are
    /// again numbered in a valid order.
    pub(crate) fn reversed(&self) -> Program {
        let n = self.len();
        let mut builder = ProgramBuilder::new(self.num_wires);
        for node in (0..n as u32).rev() {
            let before = self.successors(node).iter().map(|&s| (n as u32) - 1 - s);
            builder.add_after(self.kind(node), self.price(node), before);
        }
        builder.finish()
    }

    /// The first nodes that hold up to `pairs` blocks, for choosing a layout of a long program.
    pub(crate) fn prefix(&self, pairs: usize) -> Program {
        let mut blocks = (0..self.len()).filter(|&node| self.kinds[node] != Kind::Free);
        let end = blocks.nth(pairs).unwrap_or(self.len());
        self.part(0..end)
    }

    /// Nodes in a row, waiting for each other only and numbered from zero.
    pub(crate) fn part(&self, nodes: Range<usize>) -> Program {
        let mut builder = ProgramBuilder::new(self.num_wires);
        let start = nodes.start as u32;
        for node in nodes.map(|node| node as u32) {
            let before = self.predecessors(node).iter();
            let inside = before.filter(|&&p| p >= start).map(|p| p - start);
            builder.add_after(self.kind(node), self.price(node), inside);
        }
        builder.finish()
    }
}

/// Builds a [`Program`] node by node.
#[derive(Debug)]
pub(crate) struct ProgramBuilder {
    num_wires: usize,
    kinds: Vec<Kind>,
    prices: Vec<SwapPrice>,
    predecessor_row: Vec<u32>,
    predecessors: Vec<u32>,
}

impl ProgramBuilder {
    pub(crate) fn new(num_wires: usize) -> Self {
        ProgramBuilder {
            num_wires,
            kinds: Vec::new(),
            prices: Vec::new(),
            predecessor_row: vec![0],
            predecessors: Vec::new(),
        }
    }

    /// Adds a node that waits for the listed nodes (`NONE` and repetitions are skipped).
    pub(crate) fn add_after(
        &mut self,
        kind: Kind,
        price: SwapPrice,
        before: impl IntoIterator<Item = u32>,
    ) -> u32 {
        let start = self.predecessors.len();
        self.predecessors
            .extend(before.into_iter().filter(|&p| p != NONE));
        self.predecessors[start..].sort_unstable();
        let mut kept = start;
        for i in start..self.predecessors.len() {
            if i == start || self.predecessors[i] != self.predecessors[i - 1] {
                self.predecessors[kept] = self.predecessors[i];
                kept += 1;
            }
        }
        self.predecessors.truncate(kept);
        self.predecessor_row.push(kept as u32);
        self.kinds.push(kind);
        self.prices.push(price);
        self.kinds.len() as u32 - 1
    }

    pub(crate) fn set_price(&mut self, node: u32, price: SwapPrice) {
        self.prices[node as usize] = price;
    }

    pub(crate) fn kind(&self, node: u32) -> Kind {
        self.kinds[node as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(crate) fn finish(self) -> Program {
        let n = self.kinds.len();
        let mut successor_row = vec![0u32; n + 1];
        for &p in &self.predecessors {
            successor_row[p as usize + 1] += 1;
        }
        for i in 0..n {
            successor_row[i + 1] += successor_row[i];
        }
        let mut fill = successor_row.clone();
        let mut successors = vec![0; self.predecessors.len()];
        for node in 0..n {
            let span = self.predecessor_row[node] as usize..self.predecessor_row[node + 1] as usize;
            for &p in &self.predecessors[span] {
                successors[fill[p as usize] as usize] = node as u32;
                fill[p as usize] += 1;
            }
        }
        Program {
            num_wires: self.num_wires,
            kinds: self.kinds,
            prices: self.prices,
            successor_row,
            successors,
            predecessor_row: self.predecessor_row,
            predecessors: self.predecessors,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! Programs made from lists of pairs, for the tests of this folder.
    use super::{Kind, NONE, Program, ProgramBuilder, SwapPrice};

    /// One block per pair, in order, each worth one controlled-Z.
    pub(crate) fn from_pairs(num_wires: usize, pairs: &[(u32, u32)]) -> Program {
        let mut builder = ProgramBuilder::new(num_wires);
        let mut last = vec![NONE; num_wires];
        for &(a, b) in pairs {
            let before = [last[a as usize], last[b as usize]];
            let node = builder.add_after(Kind::Pair(a, b), SwapPrice::CZ, before);
            last[a as usize] = node;
            last[b as usize] = node;
        }
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reversing_swaps_predecessors_and_successors() {
        let program = samples::from_pairs(4, &[(0, 1), (2, 3), (1, 2), (0, 1)]);
        let back = program.reversed();
        assert_eq!(back.kind(0), Kind::Pair(0, 1));
        assert_eq!(back.kind(3), Kind::Pair(0, 1));
        assert_eq!(back.successors(0), &[1, 3]);
        assert_eq!(back.predecessors(3), &[0, 1]);
        assert_eq!(program.predecessors(2), &[0, 1]);
    }

    #[test]
    fn a_prefix_keeps_the_first_blocks() {
        let program = samples::from_pairs(4, &[(0, 1), (2, 3), (1, 2), (0, 1)]).prefix(3);
        assert_eq!(program.len(), 3);
        assert_eq!(program.successors(0), &[2]);
    }

    #[test]
    fn a_part_waits_for_nothing_outside() {
        let program = samples::from_pairs(4, &[(0, 1), (2, 3), (1, 2), (0, 1)]).part(1..4);
        assert_eq!(program.kind(0), Kind::Pair(2, 3));
        assert_eq!(program.predecessors(1), &[0]);
        assert_eq!(program.predecessors(2), &[1]);
    }
}
