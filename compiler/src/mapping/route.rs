//! Routing: insert swaps until every block has run on a coupled pair.
//!
//! SABRE (Li, Ding, Xie 2019, arXiv:1809.02573) in the incremental form of LightSABRE (Zou et al.
//! 2024, arXiv:2409.08368). The *front* holds the blocks that wait for nothing but a coupling; the
//! *lookahead* holds the next few after them. Each step takes the swap that shortens the front most,
//! then the lookahead, plus what the swap really costs: a swap beside a block on the same pair is
//! absorbed by its synthesis (see [`super::absorb`]), so it may cost less than three gates.
//!
//! Speed: the effect of each candidate swap is kept in flat arrays, one entry per edge, and after a
//! swap only the edges around the two moved wires and their partners are computed again.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use smallvec::SmallVec;

use super::absorb::SwapPrice;
use super::graph::{DeviceGraph, NONE};
use super::program::{Kind, Program};

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
    /// Weight of the whole lookahead against the whole front.
    pub(crate) far: f32,
    /// Weight of the gates a swap saves by being absorbed, in units of a swap.
    pub(crate) absorb: f32,
    /// Weight of an edge's cost against the mean edge.
    pub(crate) noise: f32,
    /// Penalty for moving a wire again soon, against the mean front distance.
    pub(crate) decay: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            lookahead: 20,
            far: 0.5,
            absorb: 0.5,
            noise: 0.02,
            decay: 0.001,
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
}

impl Routed {
    /// Fewer gates, or as many at a lower cost.
    pub(crate) fn is_better_than(&self, other: &Routed) -> bool {
        self.gates < other.gates || (self.gates == other.gates && self.cost < other.cost)
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
    Routed {
        steps: router.steps,
        last: router.qubit_of,
        gates: router.gates,
        cost: router.cost,
    }
}

/// The last operator on a qubit, as far as a swap could be absorbed into it.
#[derive(Clone, Copy)]
struct Tail {
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

/// A swap since the last progress, with what is needed to take it back.
struct Undo {
    edge: (u32, u32),
    tails: (Tail, Tail),
    gates: i64,
    cost: f64,
}

struct Router<'a> {
    graph: &'a DeviceGraph,
    program: &'a Program,
    weights: Weights,
    /// Qubit of each wire, and wire of each qubit.
    qubit_of: Vec<u32>,
    wire_at: Vec<u32>,
    waiting: Vec<u32>,
    /// Blocks in the front, and each block's place there.
    front: Vec<u32>,
    place: Vec<u32>,
    /// Partner and block of each wire in the front, and partners in the lookahead.
    near: Vec<SmallVec<[(u32, u32); 2]>>,
    far: Vec<SmallVec<[u32; 4]>>,
    far_wires: Vec<u32>,
    far_count: usize,
    front_distance: i64,
    tails: Vec<Tail>,
    /// Per edge: change of the front distance (infinite where the edge is no candidate), of the
    /// lookahead distance, and the price term.
    near_change: Vec<f32>,
    far_change: Vec<f32>,
    price_term: Vec<f32>,
    noise_term: Vec<f32>,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
    edge_stamp: Vec<u32>,
    stamp: u32,
    decay: Vec<f32>,
    undo: Vec<Undo>,
    queue: Vec<u32>,
    touched: Vec<u32>,
    steps: Vec<Step>,
    gates: i64,
    cost: f64,
}

impl<'a> Router<'a> {
    fn new(graph: &'a DeviceGraph, program: &'a Program, start: &[u32], weights: Weights) -> Self {
        let (n, wires, edges) = (graph.num_qubits(), program.num_wires(), graph.edges().len());
        let mut wire_at = vec![NONE; n];
        for (wire, &qubit) in start.iter().enumerate() {
            wire_at[qubit as usize] = wire as u32;
        }
        let mean = graph.mean_edge_cost();
        let noise = |e: usize| (graph.edge_cost(e as u32) / mean - 1.0) as f32 * weights.noise;
        Router {
            graph,
            program,
            weights,
            qubit_of: start.to_vec(),
            wire_at,
            waiting: program.waiting(),
            front: Vec::new(),
            place: vec![NONE; program.len()],
            near: vec![SmallVec::new(); wires],
            far: vec![SmallVec::new(); wires],
            far_wires: Vec::new(),
            far_count: 0,
            front_distance: 0,
            tails: vec![NO_TAIL; n],
            near_change: vec![f32::INFINITY; edges],
            far_change: vec![0.0; edges],
            price_term: vec![0.0; edges],
            noise_term: (0..edges).map(noise).collect(),
            dirty: Vec::new(),
            is_dirty: vec![false; n],
            edge_stamp: vec![0; edges],
            stamp: 0,
            decay: vec![0.0; n],
            undo: Vec::new(),
            queue: Vec::new(),
            touched: Vec::new(),
            steps: Vec::with_capacity(program.len() * 2),
            gates: 0,
            cost: 0.0,
        }
    }

    fn run(&mut self, random: &mut Pcg64Mcg) {
        let patience = 3 * self.graph.diameter() as usize + 20;
        let ready = (0..self.waiting.len() as u32).filter(|&v| self.waiting[v as usize] == 0);
        self.queue = ready.collect();
        self.advance();
        self.look_ahead();
        while !self.front.is_empty() {
            self.rescore();
            let Some(edge) = self.best_edge(random) else {
                break;
            };
            let (p, q) = self.graph.edges()[edge as usize];
            self.swap(p, q);
            if self.run_coupled(&[self.wire_at[p as usize], self.wire_at[q as usize]]) {
                self.progressed();
            } else if self.undo.len() > patience {
                self.release();
                self.progressed();
            } else if self.undo.len().is_multiple_of(5) {
                self.decay.fill(0.0);
            }
        }
        debug_assert!(self.waiting.iter().all(|&w| w == 0));
    }

    fn progressed(&mut self) {
        self.undo.clear();
        self.decay.fill(0.0);
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

    fn execute(&mut self, node: u32, kind: Kind) {
        self.steps.push(Step::Node(node));
        if let Kind::Pair(a, b) = kind {
            self.account(self.qubit_of[a as usize], self.qubit_of[b as usize], node);
        }
        for &next in self.program.successors(node) {
            self.waiting[next as usize] -= 1;
            if self.waiting[next as usize] == 0 {
                self.queue.push(next);
            }
        }
    }

    /// Adds a block to the running gate count and remembers it for later swaps.
    fn account(&mut self, p: u32, q: u32, node: u32) {
        let block = self.program.price(node);
        let before = self.tail(p, q);
        let price = match before {
            None => block,
            Some(tail) if tail.price == SwapPrice::SWAP => block.flipped(),
            Some(tail) if tail.price.plain == 0 => block,
            Some(_) if block.plain == 0 => before.map_or(block, |tail| tail.price),
            Some(_) => SwapPrice::GENERIC,
        };
        let added = i64::from(price.plain) - before.map_or(0, |t| i64::from(t.price.plain));
        self.add_gates(p, q, added);
        self.set_tails(
            p,
            q,
            Tail {
                partner: NONE,
                price,
                swapped: false,
            },
        );
    }

    fn tail(&self, p: u32, q: u32) -> Option<Tail> {
        let tail = self.tails[p as usize];
        (tail.partner == q && self.tails[q as usize].partner == p).then_some(tail)
    }

    fn set_tails(&mut self, p: u32, q: u32, tail: Tail) {
        self.tails[p as usize] = Tail { partner: q, ..tail };
        self.tails[q as usize] = Tail { partner: p, ..tail };
        self.mark(p);
        self.mark(q);
    }

    fn add_gates(&mut self, p: u32, q: u32, added: i64) {
        self.gates += added;
        if let Some(edge) = self.graph.edge_between(p, q) {
            self.cost += added as f64 * self.graph.edge_cost(edge);
        }
    }

    fn coupled(&self, a: u32, b: u32) -> bool {
        self.graph
            .distance(self.qubit_of[a as usize], self.qubit_of[b as usize])
            == 1
    }

    fn enter_front(&mut self, node: u32, a: u32, b: u32) {
        self.place[node as usize] = self.front.len() as u32;
        self.front.push(node);
        self.near[a as usize].push((b, node));
        self.near[b as usize].push((a, node));
        self.mark_wire(a);
        self.mark_wire(b);
        self.front_distance += self.wire_distance(a, b);
    }

    fn leave_front(&mut self, node: u32, a: u32, b: u32) {
        let at = self.place[node as usize] as usize;
        self.front.swap_remove(at);
        if let Some(&moved) = self.front.get(at) {
            self.place[moved as usize] = at as u32;
        }
        self.near[a as usize].retain(|x| x.1 != node);
        self.near[b as usize].retain(|x| x.1 != node);
        self.mark_wire(a);
        self.mark_wire(b);
        self.front_distance -= self.wire_distance(a, b);
    }

    fn wire_distance(&self, a: u32, b: u32) -> i64 {
        i64::from(
            self.graph
                .distance(self.qubit_of[a as usize], self.qubit_of[b as usize]),
        )
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

    fn mark(&mut self, qubit: u32) {
        if !self.is_dirty[qubit as usize] {
            self.is_dirty[qubit as usize] = true;
            self.dirty.push(qubit);
        }
    }

    fn mark_wire(&mut self, wire: u32) {
        self.mark(self.qubit_of[wire as usize]);
    }

    /// Collects the lookahead: the next blocks behind the front, in order of depth.
    fn look_ahead(&mut self) {
        for i in 0..self.far_wires.len() {
            let wire = self.far_wires[i];
            self.far[wire as usize].clear();
            self.mark_wire(wire);
        }
        self.far_wires.clear();
        self.far_count = 0;
        self.queue.extend_from_slice(&self.front);
        let mut next = 0;
        while next < self.queue.len() && self.far_count < self.weights.lookahead {
            for &after in self.program.successors(self.queue[next]) {
                self.waiting[after as usize] -= 1;
                self.touched.push(after);
                if self.waiting[after as usize] == 0 {
                    self.queue.push(after);
                    if let Kind::Pair(a, b) = self.program.kind(after) {
                        self.far_count += 1;
                        for (x, y) in [(a, b), (b, a)] {
                            self.far[x as usize].push(y);
                            self.far_wires.push(x);
                            self.mark(self.qubit_of[x as usize]);
                        }
                    }
                }
            }
            next += 1;
        }
        for &node in &self.touched {
            self.waiting[node as usize] += 1;
        }
        self.touched.clear();
        self.queue.clear();
    }

    /// Computes the candidates around dirty qubits again.
    fn rescore(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        let dirty = std::mem::take(&mut self.dirty);
        for &qubit in &dirty {
            self.is_dirty[qubit as usize] = false;
            for &edge in self.graph.incident(qubit) {
                if self.edge_stamp[edge as usize] != self.stamp {
                    self.edge_stamp[edge as usize] = self.stamp;
                    self.score_edge(edge);
                }
            }
        }
        self.dirty = dirty;
        self.dirty.clear();
    }

    fn score_edge(&mut self, edge: u32) {
        let (p, q) = self.graph.edges()[edge as usize];
        let (a, b) = (self.wire_at[p as usize], self.wire_at[q as usize]);
        let is_busy = |wire: u32| wire != NONE && !self.near[wire as usize].is_empty();
        if !is_busy(a) && !is_busy(b) {
            self.near_change[edge as usize] = f32::INFINITY;
            return;
        }
        let (from_p, from_q) = (self.graph.distances_from(p), self.graph.distances_from(q));
        let (mut near, mut far) = (0i32, 0i32);
        for (wire, other, here, there) in [(a, q, from_p, from_q), (b, p, from_q, from_p)] {
            if wire == NONE {
                continue;
            }
            let gain = |partner: u32| {
                let at = self.qubit_of[partner as usize];
                if at == other {
                    0
                } else {
                    i32::from(there[at as usize]) - i32::from(here[at as usize])
                }
            };
            near += self.near[wire as usize]
                .iter()
                .map(|x| gain(x.0))
                .sum::<i32>();
            far += self.far[wire as usize]
                .iter()
                .map(|&x| gain(x))
                .sum::<i32>();
        }
        self.near_change[edge as usize] = near as f32;
        self.far_change[edge as usize] = far as f32;
        let saved = match self.tail(p, q) {
            Some(tail) if !tail.swapped => 3 - tail.price.delta(),
            _ => 0,
        };
        self.price_term[edge as usize] = -(saved as f32) / 3.0 * self.weights.absorb;
    }

    /// The best candidate; ties are broken at random.
    fn best_edge(&mut self, random: &mut Pcg64Mcg) -> Option<u32> {
        const TIE: f32 = 1e-4;
        let far_weight = self.weights.far * self.front.len() as f32 / self.far_count.max(1) as f32;
        let mut best = f32::INFINITY;
        let mut chosen = None;
        let mut ties = 0;
        for (edge, &(p, q)) in self.graph.edges().iter().enumerate() {
            let near = self.near_change[edge];
            if near == f32::INFINITY {
                continue;
            }
            let score = near
                + far_weight * self.far_change[edge]
                + self.price_term[edge]
                + self.noise_term[edge]
                + self.decay[p as usize].max(self.decay[q as usize]);
            if score < best - TIE {
                best = score;
                chosen = Some(edge as u32);
                ties = 1;
            } else if score <= best + TIE {
                ties += 1;
                if random.random_range(0..ties) == 0 {
                    chosen = Some(edge as u32);
                }
            }
        }
        chosen
    }

    fn swap(&mut self, p: u32, q: u32) {
        let before = self.tail(p, q);
        self.undo.push(Undo {
            edge: (p, q),
            tails: (self.tails[p as usize], self.tails[q as usize]),
            gates: self.gates,
            cost: self.cost,
        });
        let price = before.map_or(SwapPrice::SWAP, |tail| tail.price.flipped());
        let added = i64::from(price.plain) - before.map_or(0, |t| i64::from(t.price.plain));
        self.add_gates(p, q, added);
        self.set_tails(
            p,
            q,
            Tail {
                partner: NONE,
                price,
                swapped: true,
            },
        );
        self.steps.push(Step::Swap(p, q));
        self.exchange(p, q);
        let penalty = self.weights.decay * self.front_distance as f32;
        self.decay[p as usize] += penalty;
        self.decay[q as usize] += penalty;
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
            for i in 0..self.far[wire as usize].len() {
                self.mark_wire(self.far[wire as usize][i]);
            }
        }
        let (a, b) = (self.wire_at[p as usize], self.wire_at[q as usize]);
        self.wire_at[p as usize] = b;
        self.wire_at[q as usize] = a;
        for (wire, qubit) in [(a, q), (b, p)] {
            if wire != NONE {
                self.qubit_of[wire as usize] = qubit;
            }
            self.mark(qubit);
        }
    }

    /// The release valve: takes back the swaps since the last progress and brings the closest
    /// block of the front together along a shortest path.
    fn release(&mut self) {
        while let Some(last) = self.undo.pop() {
            let (p, q) = last.edge;
            self.exchange(p, q);
            self.tails[p as usize] = last.tails.0;
            self.tails[q as usize] = last.tails.1;
            self.gates = last.gates;
            self.cost = last.cost;
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

#[cfg(test)]
mod tests {
    use super::super::graph::samples::{grid, heron, line};
    use super::super::program::samples::from_pairs;
    use super::*;
    use rand::SeedableRng;

    fn replay(graph: &DeviceGraph, program: &Program, start: &[u32], routed: &Routed) {
        let mut at = start.to_vec();
        let mut done = vec![false; program.len()];
        for step in &routed.steps {
            match *step {
                Step::Swap(p, q) => {
                    assert_eq!(graph.distance(p, q), 1);
                    for qubit in &mut at {
                        *qubit = if *qubit == p {
                            q
                        } else if *qubit == q {
                            p
                        } else {
                            *qubit
                        };
                    }
                }
                Step::Node(node) => {
                    assert!(program.predecessors(node).iter().all(|&p| done[p as usize]));
                    done[node as usize] = true;
                    if let Kind::Pair(a, b) = program.kind(node) {
                        assert_eq!(graph.distance(at[a as usize], at[b as usize]), 1);
                    }
                }
            }
        }
        assert!(done.iter().all(|&d| d));
        assert_eq!(at, routed.last);
    }

    fn random_pairs(wires: u32, count: usize, random: &mut Pcg64Mcg) -> Vec<(u32, u32)> {
        (0..count)
            .map(|_| {
                let a = random.random_range(0..wires);
                (a, (a + random.random_range(1..wires)) % wires)
            })
            .collect()
    }

    #[test]
    fn random_programs_route_on_lines_grids_and_heavy_hex() {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        for (graph, wires) in [(line(9), 9), (grid(4, 4), 12), (heron(), 100), (line(2), 2)] {
            let program = from_pairs(wires as usize, &random_pairs(wires, 400, &mut random));
            let start: Vec<u32> = (0..wires).collect();
            for weights in [
                Weights::default(),
                Weights {
                    absorb: 3.0,
                    ..Weights::default()
                },
                // No sense of direction at all: only the release valve makes progress.
                Weights {
                    lookahead: 0,
                    far: 0.0,
                    absorb: 0.0,
                    noise: 0.0,
                    decay: 1e6,
                },
            ] {
                let routed = route(&graph, &program, &start, weights, &mut random);
                replay(&graph, &program, &start, &routed);
            }
        }
    }

    #[test]
    fn the_gate_estimate_counts_absorbed_swaps() {
        // Three wires on a line: 0-1, 1-2, then 0-2 needs one swap, which a neighbour absorbs.
        let program = from_pairs(3, &[(0, 1), (1, 2), (0, 2)]);
        let routed = route(
            &line(3),
            &program,
            &[0, 1, 2],
            Weights::default(),
            &mut Pcg64Mcg::seed_from_u64(3),
        );
        let swaps = routed
            .steps
            .iter()
            .filter(|s| matches!(s, Step::Swap(..)))
            .count();
        assert_eq!((swaps, routed.gates), (1, 4));
    }
}
