//! How many nodes each node still waits for.
//!
//! Everything behind the slowest wire has run, and nothing beyond the fastest one has been touched, so only the stretch
//! between them is kept: a copy of a router costs the same however long its program is.

use super::super::program::Program;

/// In place of the number, for a node that has run.
const RAN: u32 = u32::MAX;
/// Nodes that have run are dropped by so many at once.
const BATCH: usize = 1024;

#[derive(Clone, Default)]
pub(super) struct Waiting {
    /// The node of the first count; all before it have run.
    first: usize,
    /// Nodes that have run at the start of `counts`.
    ran: usize,
    counts: Vec<u32>,
}

impl Waiting {
    /// One predecessor of the node is out of the way; returns how many are left.
    pub(super) fn less(&mut self, program: &Program, node: u32) -> u32 {
        let count = self.count(program, node);
        *count -= 1;
        *count
    }

    /// Takes back [`Waiting::less`].
    pub(super) fn more(&mut self, program: &Program, node: u32) {
        *self.count(program, node) += 1;
    }

    /// The node has run and will not be asked for again.
    pub(super) fn run(&mut self, program: &Program, node: u32) {
        *self.count(program, node) = RAN;
        while self.counts.get(self.ran) == Some(&RAN) {
            self.ran += 1;
        }
        if self.ran >= BATCH && 2 * self.ran >= self.counts.len() {
            self.counts.drain(..self.ran);
            self.first += self.ran;
            self.ran = 0;
        }
    }

    #[inline]
    fn count(&mut self, program: &Program, node: u32) -> &mut u32 {
        let place = node as usize - self.first;
        if place >= self.counts.len() {
            let untouched = self.first + self.counts.len()..=node as usize;
            self.counts
                .extend(untouched.map(|node| program.predecessors(node as u32).len() as u32));
        }
        &mut self.counts[place]
    }
}
