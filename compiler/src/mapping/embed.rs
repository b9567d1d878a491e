//! Embedding without swaps: every pair of wires that interacts on a coupled pair of qubits.
//!
//! A subgraph-monomorphism search in the manner of VF2 (Cordella et al. 2004): wires are placed in
//! an order that keeps the placed part connected, each next to its placed neighbours, with a look
//! at the number of free neighbours. Cheap necessary conditions (sizes, degrees, girth, odd cycles)
//! refuse most circuits before any search. The search counts its steps instead of looking at a
//! clock, so the answer depends on nothing but the seed, and it restarts with another order of
//! choices when it digs itself in. Chains and rings have their own search in [`super::chain`].

use std::collections::VecDeque;

use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::graph::{DeviceGraph, NONE};

/// Which wires interact, and how much; the input of every placement.
#[derive(Clone, Debug)]
pub(crate) struct Interactions {
    /// Neighbours of each wire with the number of two-qubit gates between them, sorted.
    neighbours: Vec<Vec<(u32, f64)>>,
    /// Single-qubit gates on each wire that take a pulse.
    pub(crate) gates: Vec<f64>,
    /// Measurements of each wire.
    pub(crate) readouts: Vec<f64>,
    /// Seconds that each wire waits, where the circuit is known well enough to tell.
    pub(crate) waits: Vec<f64>,
    /// Whether anything at all happens to the wire.
    pub(crate) active: Vec<bool>,
}

impl Interactions {
    /// Wires with no interaction yet.
    pub(crate) fn new(num_wires: usize) -> Self {
        Interactions {
            neighbours: vec![Vec::new(); num_wires],
            gates: vec![0.0; num_wires],
            readouts: vec![0.0; num_wires],
            waits: vec![0.0; num_wires],
            active: vec![false; num_wires],
        }
    }

    /// The interactions of a circuit on a device's qubits, as they would be executed: every
    /// two-qubit gate counts once, a swap three times.
    pub(crate) fn of_routed(circuit: &Circuit) -> Self {
        let mut found = Interactions::new(circuit.num_qubits());
        let wires: Vec<u32> = (0..circuit.num_qubits() as u32).collect();
        let mut pairs = Vec::new();
        found.count(circuit, &wires, &mut pairs);
        found.add_pairs(pairs);
        found
    }

    /// As [`Interactions::of_routed`], with pairs only from inside control-flow bodies.
    pub(crate) fn of_bodies(circuit: &Circuit) -> Self {
        let mut found = Interactions::new(circuit.num_qubits());
        let mut pairs = Vec::new();
        let wires: Vec<u32> = (0..circuit.num_qubits() as u32).collect();
        found.count(circuit, &wires, &mut Vec::new());
        let flow = circuit
            .instructions()
            .iter()
            .filter(|i| i.operation.is_control_flow());
        for Instruction { operation, qubits } in flow {
            let on: Vec<u32> = qubits.iter().map(|q| q.index() as u32).collect();
            let mut inside = Interactions::new(circuit.num_qubits());
            operation
                .bodies()
                .iter()
                .for_each(|body| inside.count(body, &on, &mut pairs));
        }
        found.add_pairs(pairs);
        found
    }

    /// Counts gates and measurements on each wire and collects pairs, in bodies too; wire `i` of
    /// the circuit is `wires[i]` here. (Readers and the mapper bound the nesting of bodies.)
    fn count(&mut self, circuit: &Circuit, wires: &[u32], pairs: &mut Vec<(u32, u32, f64)>) {
        for Instruction { operation, qubits } in circuit.instructions() {
            if matches!(operation, Operation::Barrier) {
                continue;
            }
            let on: Vec<u32> = qubits.iter().map(|q| wires[q.index()]).collect();
            on.iter().for_each(|&w| self.active[w as usize] = true);
            match (operation, on.as_slice()) {
                (Operation::Measure(_), &[w]) => self.readouts[w as usize] += 1.0,
                (Operation::Gate(Gate::Swap), &[a, b]) => pairs.push((a, b, 3.0)),
                // A change of frame costs nothing, wherever it is.
                (gate, &[_]) if gate.as_gate().is_some_and(Gate::is_diagonal) => {}
                (gate, &[w]) if gate.is_unitary() => self.gates[w as usize] += 1.0,
                (gate, &[a, b]) if gate.is_unitary() => pairs.push((a, b, 1.0)),
                (other, on) => {
                    other
                        .bodies()
                        .iter()
                        .for_each(|body| self.count(body, on, pairs));
                }
            }
        }
    }

    /// Sums up weighted pairs, on top of what is there.
    pub(crate) fn add_pairs(&mut self, pairs: impl IntoIterator<Item = (u32, u32, f64)>) {
        let mut sorted: Vec<(u32, u32, f64)> = Vec::new();
        for (a, b, weight) in pairs {
            sorted.push((a, b, weight));
            sorted.push((b, a, weight));
        }
        for (a, list) in self.neighbours.iter().enumerate() {
            sorted.extend(list.iter().map(|&(b, weight)| (a as u32, b, weight)));
        }
        sorted.sort_by_key(|x| (x.0, x.1));
        self.neighbours.iter_mut().for_each(Vec::clear);
        for (a, b, weight) in sorted {
            self.active[a as usize] = true;
            match self.neighbours[a as usize].last_mut() {
                Some(last) if last.0 == b => last.1 += weight,
                _ => self.neighbours[a as usize].push((b, weight)),
            }
        }
    }

    pub(crate) fn num_wires(&self) -> usize {
        self.neighbours.len()
    }

    pub(crate) fn neighbours(&self, wire: u32) -> &[(u32, f64)] {
        &self.neighbours[wire as usize]
    }

    pub(crate) fn degree(&self, wire: u32) -> usize {
        self.neighbours[wire as usize].len()
    }

    /// Each interacting pair once.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        self.neighbours.iter().enumerate().flat_map(|(a, list)| {
            let a = a as u32;
            list.iter()
                .filter(move |x| a < x.0)
                .map(move |&(b, weight)| (a, b, weight))
        })
    }

    /// Groups of wires that interact, directly or through others; wires on their own are left out.
    /// Largest group first.
    pub(crate) fn groups(&self) -> Vec<Vec<u32>> {
        let mut seen = vec![false; self.num_wires()];
        let mut groups = Vec::new();
        for start in 0..self.num_wires() as u32 {
            if seen[start as usize] || self.degree(start) == 0 {
                continue;
            }
            seen[start as usize] = true;
            let mut group = vec![start];
            let mut next = 0;
            while next < group.len() {
                for &(to, _) in self.neighbours(group[next]) {
                    if !std::mem::replace(&mut seen[to as usize], true) {
                        group.push(to);
                    }
                }
                next += 1;
            }
            groups.push(group);
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        groups
    }

    /// The cost of a placement: gates on their edges and qubits, and measurements.
    pub(crate) fn cost(&self, graph: &DeviceGraph, qubit_of: &[u32]) -> f64 {
        let pairs: f64 = self
            .pairs()
            .map(|(a, b, weight)| {
                let edge = graph.edge_between(qubit_of[a as usize], qubit_of[b as usize]);
                edge.map_or(f64::INFINITY, |e| weight * graph.edge_cost(e))
            })
            .sum();
        pairs
            + (0..self.num_wires())
                .map(|w| self.wire_cost(graph, w as u32, qubit_of[w]))
                .sum::<f64>()
    }

    /// The part of the cost that belongs to one wire alone.
    pub(crate) fn wire_cost(&self, graph: &DeviceGraph, wire: u32, qubit: u32) -> f64 {
        if qubit == NONE {
            return 0.0;
        }
        self.gates[wire as usize] * graph.gate_cost(qubit)
            + self.readouts[wire as usize] * graph.readout_cost(qubit)
            + self.waits[wire as usize] * graph.decay(qubit)
    }
}

/// Whether an embedding can be ruled out without searching.
pub(crate) fn cannot_embed(pattern: &Interactions, graph: &DeviceGraph) -> bool {
    let mut wanted: Vec<usize> = (0..pattern.num_wires() as u32)
        .map(|w| pattern.degree(w))
        .filter(|&d| d > 0)
        .collect();
    let live = (0..graph.num_qubits() as u32).filter(|&q| graph.is_live(q));
    let mut offered: Vec<usize> = live.map(|q| graph.degree(q)).collect();
    wanted.sort_unstable_by(|x, y| y.cmp(x));
    offered.sort_unstable_by(|x, y| y.cmp(x));
    if wanted.len() > offered.len() || wanted.iter().zip(&offered).any(|(w, o)| w > o) {
        return true;
    }
    let pattern_lists: Vec<Vec<u32>> = (0..pattern.num_wires() as u32)
        .map(|w| pattern.neighbours(w).iter().map(|x| x.0).collect())
        .collect();
    if pattern.pairs().count() > graph.edges().len() {
        return true;
    }
    let graph_lists: Vec<Vec<u32>> = (0..graph.num_qubits() as u32)
        .map(|q| graph.neighbours(q).to_vec())
        .collect();
    girth(&pattern_lists) < girth(&graph_lists)
        || (!is_bipartite(&pattern_lists) && is_bipartite(&graph_lists))
}

/// Length of the shortest cycle, or the maximum where there is none.
fn girth(lists: &[Vec<u32>]) -> usize {
    let mut best = usize::MAX;
    let mut depth = vec![usize::MAX; lists.len()];
    for start in 0..lists.len() {
        depth.fill(usize::MAX);
        depth[start] = 0;
        let mut queue = VecDeque::from([(start as u32, NONE)]);
        while let Some((at, parent)) = queue.pop_front() {
            let here = depth[at as usize];
            if here * 2 >= best {
                break;
            }
            for &to in lists[at as usize].iter().filter(|&&to| to != parent) {
                if depth[to as usize] == usize::MAX {
                    depth[to as usize] = here + 1;
                    queue.push_back((to, at));
                } else {
                    best = best.min(here + depth[to as usize] + 1);
                }
            }
        }
    }
    best
}

fn is_bipartite(lists: &[Vec<u32>]) -> bool {
    let mut side = vec![None; lists.len()];
    for start in 0..lists.len() {
        if side[start].is_some() {
            continue;
        }
        side[start] = Some(false);
        let mut queue = vec![start];
        while let Some(at) = queue.pop() {
            for &to in &lists[at] {
                match (side[to as usize], side[at]) {
                    (None, here) => {
                        side[to as usize] = here.map(|s| !s);
                        queue.push(to as usize);
                    }
                    (there, here) if there == here => return false,
                    _ => {}
                }
            }
        }
    }
    true
}

/// Searches embeddings of all interacting wires until `steps` placements have been tried, and
/// returns the cheapest one found. Wires without interactions get `NONE`.
pub(crate) fn embed(
    pattern: &Interactions,
    graph: &DeviceGraph,
    steps: usize,
    random: &mut Pcg64Mcg,
) -> Option<Vec<u32>> {
    let mut best: Option<(f64, Vec<u32>)> = None;
    let mut left = steps;
    // Short runs first: where they fail it is mostly for an unlucky beginning.
    let mut share = (steps / 64).max(20 * pattern.num_wires()).max(1000);
    while left > 0 {
        let budget = share.min(left);
        let order = search_order(pattern, random);
        let mut search = Search::new(pattern, graph, &order, budget, random);
        search.bound = best.as_ref().map_or(f64::INFINITY, |b| b.0);
        let exhausted = search.run();
        left -= (budget - search.budget).max(1).min(left);
        if let Some(found) = search.best {
            best = Some(found);
        }
        if exhausted {
            break;
        }
        share += share / 8;
    }
    best.map(|(_, place)| place)
}

/// Wires in an order in which each touches an earlier one where possible: within a group, the wire
/// with the most placed neighbours next, then the one with the highest degree.
fn search_order(pattern: &Interactions, random: &mut Pcg64Mcg) -> Vec<u32> {
    let mut order = Vec::new();
    let mut placed_neighbours = vec![0usize; pattern.num_wires()];
    let mut done = vec![false; pattern.num_wires()];
    for group in pattern.groups() {
        let start = group[random.random_range(0..group.len())];
        let mut border = vec![start];
        while !border.is_empty() {
            let key = |&w: &u32| (placed_neighbours[w as usize], pattern.degree(w));
            let most = border.iter().map(key).max().unwrap_or((0, 0));
            // Newest first among equals: following a chain to its end keeps few open ends.
            let at = border.iter().rposition(|w| key(w) == most).unwrap_or(0);
            let wire = border.remove(at);
            done[wire as usize] = true;
            order.push(wire);
            for &(to, _) in pattern.neighbours(wire) {
                placed_neighbours[to as usize] += 1;
                if !done[to as usize] && !border.contains(&to) {
                    border.push(to);
                }
            }
        }
    }
    order
}

struct Search<'a> {
    pattern: &'a Interactions,
    graph: &'a DeviceGraph,
    order: &'a [u32],
    /// Order in which qubits are tried.
    rank: Vec<u32>,
    qubits: Vec<u32>,
    qubit_of: Vec<u32>,
    taken: Vec<bool>,
    budget: usize,
    bound: f64,
    best: Option<(f64, Vec<u32>)>,
}

impl<'a> Search<'a> {
    fn new(
        pattern: &'a Interactions,
        graph: &'a DeviceGraph,
        order: &'a [u32],
        budget: usize,
        random: &mut Pcg64Mcg,
    ) -> Self {
        let n = graph.num_qubits();
        let mut qubits: Vec<u32> = (0..n as u32).filter(|&q| graph.is_live(q)).collect();
        for i in (1..qubits.len()).rev() {
            qubits.swap(i, random.random_range(0..=i));
        }
        let mut rank = vec![0; n];
        for (r, &q) in qubits.iter().enumerate() {
            rank[q as usize] = r as u32;
        }
        Search {
            pattern,
            graph,
            order,
            rank,
            qubits,
            qubit_of: vec![NONE; pattern.num_wires()],
            taken: vec![false; n],
            budget,
            bound: f64::INFINITY,
            best: None,
        }
    }

    /// Depth-first search with an explicit stack; true when everything has been looked at.
    fn run(&mut self) -> bool {
        if self.order.is_empty() {
            self.best = Some((0.0, self.qubit_of.clone()));
            return true;
        }
        let mut stack = vec![(self.candidates(0), 0usize, 0.0f64)];
        while let Some(depth) = stack.len().checked_sub(1) {
            let wire = self.order[depth];
            self.unplace(wire);
            let (candidates, next, cost) = &mut stack[depth];
            let Some(&(qubit, added)) = candidates.get(*next) else {
                stack.pop();
                continue;
            };
            *next += 1;
            let cost = *cost + added;
            if cost >= self.bound {
                continue;
            }
            if self.budget == 0 {
                return false;
            }
            self.budget -= 1;
            self.qubit_of[wire as usize] = qubit;
            self.taken[qubit as usize] = true;
            if depth + 1 == self.order.len() {
                self.bound = cost;
                self.best = Some((cost, self.qubit_of.clone()));
            } else {
                stack.push((self.candidates(depth + 1), 0, cost));
            }
        }
        true
    }

    fn unplace(&mut self, wire: u32) {
        let qubit = std::mem::replace(&mut self.qubit_of[wire as usize], NONE);
        if qubit != NONE {
            self.taken[qubit as usize] = false;
        }
    }

    /// Qubits that can hold the wire at this depth, with the cost they add.
    fn candidates(&self, depth: usize) -> Vec<(u32, f64)> {
        let wire = self.order[depth];
        let anchor = self
            .pattern
            .neighbours(wire)
            .iter()
            .map(|x| self.qubit_of[x.0 as usize])
            .find(|&q| q != NONE);
        let pool = anchor.map_or(self.qubits.as_slice(), |q| self.graph.neighbours(q));
        let mut found: Vec<(u32, f64)> = pool
            .iter()
            .filter_map(|&q| self.added_cost(wire, q).map(|cost| (q, cost)))
            .collect();
        found.sort_unstable_by_key(|&(q, _)| self.rank[q as usize]);
        found
    }

    fn added_cost(&self, wire: u32, qubit: u32) -> Option<f64> {
        let degree = self.pattern.degree(wire);
        if self.taken[qubit as usize] || self.graph.degree(qubit) < degree {
            return None;
        }
        let mut cost = self.pattern.wire_cost(self.graph, wire, qubit);
        let mut open = degree;
        for &(to, weight) in self.pattern.neighbours(wire) {
            let there = self.qubit_of[to as usize];
            if there != NONE {
                let edge = self.graph.edge_between(qubit, there)?;
                cost += weight * self.graph.edge_cost(edge);
                open -= 1;
            }
        }
        let free = self
            .graph
            .neighbours(qubit)
            .iter()
            .filter(|&&q| !self.taken[q as usize]);
        (free.count() >= open).then_some(cost)
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! Interaction patterns for the tests of this folder.
    use super::Interactions;

    pub(crate) fn pattern(wires: usize, pairs: &[(u32, u32)]) -> Interactions {
        let mut found = Interactions::new(wires);
        found.add_pairs(pairs.iter().map(|&(a, b)| (a, b, 1.0)));
        found
    }

    pub(crate) fn chain(wires: u32) -> Interactions {
        pattern(
            wires as usize,
            &(1..wires).map(|w| (w - 1, w)).collect::<Vec<_>>(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::samples::{grid, heron, heron_edges, line, uniform};
    use super::samples::{chain, pattern};
    use super::*;
    use rand::SeedableRng;

    fn check(pattern: &Interactions, graph: &DeviceGraph, expected: bool) {
        let mut random = Pcg64Mcg::seed_from_u64(5);
        let found = (!cannot_embed(pattern, graph))
            .then(|| embed(pattern, graph, 200_000, &mut random))
            .flatten();
        assert_eq!(found.is_some(), expected);
        if let Some(place) = found {
            assert!(pattern.cost(graph, &place).is_finite());
            let mut used: Vec<u32> = place.iter().copied().filter(|&q| q != NONE).collect();
            let count = used.len();
            used.sort_unstable();
            used.dedup();
            assert_eq!(used.len(), count);
        }
    }

    #[test]
    fn small_patterns_embed_where_they_fit() {
        check(&chain(5), &line(5), true);
        check(&chain(6), &line(5), false);
        check(&chain(16), &grid(4, 4), true);
        check(
            &pattern(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]),
            &grid(2, 2),
            true,
        );
        check(&pattern(3, &[(0, 1), (1, 2), (2, 0)]), &grid(4, 4), false);
        check(
            &pattern(5, &[(0, 1), (0, 2), (0, 3), (0, 4)]),
            &heron(),
            false,
        );
        check(&pattern(4, &[(0, 1), (0, 2), (0, 3)]), &heron(), true);
        check(&pattern(2, &[]), &line(2), true);
    }

    #[test]
    fn trees_and_parts_of_the_lattice_embed_on_heavy_hex() {
        // A comb: a chain of thirteen with a tooth on every fourth wire.
        let mut comb: Vec<(u32, u32)> = (1..13).map(|w| (w - 1, w)).collect();
        comb.extend([(0, 13), (4, 14), (8, 15), (12, 16)]);
        check(&pattern(17, &comb), &heron(), true);
        // The first three rows of the lattice itself, and all of it.
        let part: Vec<(u32, u32)> = heron_edges()
            .into_iter()
            .filter(|e| e.1 < 56 && e.0 < 56)
            .collect();
        check(&pattern(56, &part), &heron(), true);
        check(&pattern(156, &heron_edges()), &heron(), true);
    }

    #[test]
    fn several_groups_share_the_device() {
        let pairs = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7)];
        check(&pattern(8, &pairs), &line(8), true);
        check(&pattern(8, &pairs), &line(7), false);
    }

    #[test]
    fn the_cheapest_of_the_embeddings_wins() {
        let mut graph = uniform(4, &[]);
        let costed = [(0, 1, 0.3), (1, 2, 0.1), (2, 3, 0.2)];
        let qubits = vec![Some(super::super::graph::QubitCost::default()); graph.num_qubits()];
        graph = DeviceGraph::new(&qubits, &costed);
        let mut random = Pcg64Mcg::seed_from_u64(5);
        let place = embed(&chain(2), &graph, 1000, &mut random).expect("a pair fits");
        assert_eq!(place.iter().copied().min(), Some(1));
        assert_eq!(place.iter().copied().max(), Some(2));
    }
}
