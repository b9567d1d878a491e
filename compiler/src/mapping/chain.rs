//! The best line of qubits for a circuit shaped like a chain or a ring.
//!
//! Chains are what the most successful experiments run (spin chains, fermions in one dimension,
//! GHZ and W states), and a device holds astronomically many of them: on a heavy-hex lattice of 156
//! qubits a line of 120 can be drawn in countless ways, and they differ widely in fidelity. The
//! search anneals over self-avoiding paths. The moves keep the path simple: *backbite* (Mansfield
//! 1982; Oberdorf et al. 2006, cond-mat/0508094) joins an end to an inner neighbour and opens the
//! path behind it, *slither* moves the whole path by one, *detour* leads an inner stretch through
//! free qubits, *grow* and *trim* change the length. A reward per qubit drives short paths to full
//! length; the cost decides between full ones.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::embed::Interactions;
use super::frontier::long_path;
use super::graph::{DeviceGraph, NONE};

/// A pattern that is one chain or one ring.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Wires along the chain.
    wires: Vec<u32>,
    /// Two-qubit gates between each wire and the next; a ring has one more, from last to first.
    weights: Vec<f64>,
}

impl Chain {
    /// Recognises a pattern with a single group of wires in a chain or a ring, of three or more.
    pub(crate) fn recognise(pattern: &Interactions) -> Option<Chain> {
        let groups = pattern.groups();
        let [group] = groups.as_slice() else {
            return None;
        };
        if group.len() < 3 || group.iter().any(|&w| pattern.degree(w) > 2) {
            return None;
        }
        let end = group
            .iter()
            .copied()
            .filter(|&w| pattern.degree(w) == 1)
            .min();
        let start = end.or_else(|| group.iter().copied().min())?;
        let (mut wires, mut weights) = (vec![start], Vec::new());
        let (mut previous, mut at) = (NONE, start);
        while let Some(&(next, weight)) = pattern.neighbours(at).iter().find(|x| x.0 != previous) {
            weights.push(weight);
            if next == start {
                break;
            }
            wires.push(next);
            (previous, at) = (at, next);
        }
        Some(Chain { wires, weights })
    }

    fn is_ring(&self) -> bool {
        self.weights.len() == self.wires.len()
    }

    /// A line that is long enough, where the chain takes up much of the component it must be on.
    pub(crate) fn long_line(
        &self,
        pattern: &Interactions,
        graph: &DeviceGraph,
    ) -> Option<Vec<u32>> {
        let length = self.wires.len();
        let fitting = graph
            .components()
            .iter()
            .take_while(|members| members.len() >= length);
        let candidates =
            (0..fitting.count()).filter(|&c| length * 4 >= graph.components()[c].len());
        let per_wire = 1.0 / length as f64;
        let edge_weight = self.weights.iter().sum::<f64>() * per_wire;
        let sum =
            |counts: &[f64]| self.wires.iter().map(|&w| counts[w as usize]).sum::<f64>() * per_wire;
        let (gates, readouts) = (sum(&pattern.gates), sum(&pattern.readouts));
        let waits = sum(&pattern.waits);
        let qubit_cost = |q: u32| {
            gates * graph.gate_cost(q) + readouts * graph.readout_cost(q) + waits * graph.decay(q)
        };
        let lines = candidates.filter(|_| !self.is_ring() && length > 12);
        lines
            .filter_map(|c| long_path(graph, c, length, edge_weight, qubit_cost, BEAM))
            .next()
    }

    /// Places the chain on the cheapest path that `steps` annealing moves find, starting from a line
    /// where one is given.
    pub(crate) fn place(
        &self,
        pattern: &Interactions,
        graph: &DeviceGraph,
        line: Option<&[u32]>,
        steps: usize,
        random: &mut Pcg64Mcg,
    ) -> Option<Vec<u32>> {
        let mut walk = Walk::new(self, pattern, graph, random)?;
        let (path, _) = match line {
            Some(line) => {
                walk.start_from(line);
                walk.anneal(steps, 0.3, random)?
            }
            None => walk.anneal(steps, 8.0, random)?,
        };
        let mut place = vec![NONE; pattern.num_wires()];
        for (&wire, qubit) in self.wires.iter().zip(path) {
            place[wire as usize] = qubit;
        }
        Some(place)
    }
}

/// States kept in the search for long lines; more than this gained nothing on the Heron devices.
const BEAM: usize = 800;

struct Walk<'a> {
    chain: &'a Chain,
    pattern: &'a Interactions,
    graph: &'a DeviceGraph,
    path: Vec<u32>,
    /// Place of each qubit on the path, or `NONE`.
    place: Vec<u32>,
    /// Scratch for the path a move would lead to.
    trial: Vec<u32>,
    /// Scratch for the free qubits of a detour.
    way: Vec<u32>,
    /// Reward for each qubit on the path.
    reward: f64,
}

impl<'a> Walk<'a> {
    fn new(
        chain: &'a Chain,
        pattern: &'a Interactions,
        graph: &'a DeviceGraph,
        random: &mut Pcg64Mcg,
    ) -> Option<Self> {
        let roomy: Vec<u32> = graph
            .components()
            .iter()
            .filter(|members| members.len() >= chain.wires.len())
            .flatten()
            .copied()
            .collect();
        let start = *roomy.get(random.random_range(0..roomy.len().max(1)))?;
        let mut place = vec![NONE; graph.num_qubits()];
        place[start as usize] = 0;
        let (path, trial, way) = (vec![start], Vec::new(), Vec::new());
        let mut walk = Walk {
            chain,
            pattern,
            graph,
            path,
            place,
            trial,
            way,
            reward: 0.0,
        };
        walk.reward = 20.0 * walk.typical_cost();
        Some(walk)
    }

    /// Starts from the cheapest stretch of a line, in either direction.
    fn start_from(&mut self, line: &[u32]) {
        let length = self.chain.wires.len();
        let mut best: Option<(f64, Vec<u32>)> = None;
        for stretch in line.windows(length) {
            let backwards: Vec<u32> = stretch.iter().rev().copied().collect();
            for path in [stretch.to_vec(), backwards] {
                let energy = self.energy(&path);
                if best.as_ref().is_none_or(|b| energy < b.0) {
                    best = Some((energy, path));
                }
            }
        }
        if let Some((_, path)) = best {
            self.trial = path;
            self.accept();
        }
    }

    /// What one more qubit on the path costs on average.
    fn typical_cost(&self) -> f64 {
        let mean = self.chain.weights.iter().sum::<f64>() / self.chain.weights.len() as f64;
        (mean * self.graph.mean_edge_cost()).max(f64::MIN_POSITIVE)
    }

    /// Anneals from a temperature of `hot` typical costs.
    fn anneal(mut self, steps: usize, hot: f64, random: &mut Pcg64Mcg) -> Option<(Vec<u32>, f64)> {
        let (hot, cold) = (hot * self.typical_cost(), 0.05 * self.typical_cost());
        let mut energy = self.energy(&self.path);
        let mut best = self.is_complete().then(|| (self.path.clone(), energy));
        for step in 0..steps {
            let temperature = hot * (cold / hot).powf(step as f64 / steps as f64);
            if !self.propose(random) {
                continue;
            }
            let after = self.energy(&self.trial);
            let accept = after <= energy
                || random.random_range(0.0..1.0) < ((energy - after) / temperature).exp();
            if !accept {
                continue;
            }
            energy = after;
            self.accept();
            let better = best.as_ref().is_none_or(|b| energy < b.1);
            if better && self.is_complete() {
                best = Some((self.path.clone(), energy));
            }
        }
        best
    }

    fn is_complete(&self) -> bool {
        self.path.len() == self.chain.wires.len()
            && (!self.chain.is_ring()
                || self
                    .graph
                    .distance(self.path[0], self.path[self.path.len() - 1])
                    == 1)
    }

    /// Writes a random neighbouring path to `trial`; false when the drawn move is impossible.
    fn propose(&mut self, random: &mut Pcg64Mcg) -> bool {
        let draw = random.random_range(0..64u32);
        self.trial.clear();
        self.trial.extend_from_slice(&self.path);
        // Every move is made at the far end; turning the path around first makes it either end.
        if draw & 1 == 1 {
            self.trial.reverse();
        }
        if draw == 0 && self.path.len() > 1 {
            self.trial.pop();
            return true;
        }
        if draw == 1 {
            // The turned path itself: other weights meet other edges.
            return true;
        }
        if draw < 24 {
            return self.detour(random);
        }
        let last = self.trial.len() - 1;
        let around = self.graph.neighbours(self.trial[last]);
        if around.is_empty() {
            return false;
        }
        let next = around[random.random_range(0..around.len())];
        let met = self.place[next as usize];
        if met == NONE {
            self.trial.push(next);
            if self.trial.len() > self.chain.wires.len() {
                self.trial.remove(0);
            }
            return true;
        }
        let met = if draw & 1 == 1 {
            last - met as usize
        } else {
            met as usize
        };
        if met + 1 >= last {
            return false;
        }
        self.trial[met + 1..].reverse();
        true
    }

    /// Leaves the path at a random qubit, wanders through free qubits until it meets the path
    /// again, and takes that way instead of the stretch between. What is too long then is cut off
    /// at the far end.
    fn detour(&mut self, random: &mut Pcg64Mcg) -> bool {
        const LONGEST: usize = 24;
        let from = random.random_range(0..self.path.len());
        self.way.clear();
        let mut at = self.path[from];
        let mut previous = NONE;
        loop {
            let around = self.graph.neighbours(at);
            let Some(open) = around.len().checked_sub(usize::from(previous != NONE)) else {
                return false;
            };
            if open == 0 {
                return false;
            }
            let mut pick = random.random_range(0..open);
            if let Ok(behind) = around.binary_search(&previous) {
                pick += usize::from(pick >= behind);
            }
            (previous, at) = (at, around[pick]);
            if self.place[at as usize] != NONE {
                break;
            }
            if self.way.contains(&at) || self.way.len() == LONGEST {
                return false;
            }
            self.way.push(at);
        }
        let to = self.place[at as usize] as usize;
        if self.way.is_empty() || to == from {
            return false;
        }
        if to < from {
            self.way.reverse();
        }
        let (first, second) = (from.min(to), from.max(to));
        let (path, way) = (&self.path, &self.way);
        self.trial.clear();
        self.trial
            .extend(path[..=first].iter().chain(way).chain(&path[second..]));
        let excess = self.trial.len().saturating_sub(self.chain.wires.len());
        if random.random_range(0..2u32) == 0 {
            self.trial.drain(..excess);
        } else {
            self.trial.truncate(self.trial.len() - excess);
        }
        true
    }

    fn accept(&mut self) {
        self.path
            .iter()
            .for_each(|&q| self.place[q as usize] = NONE);
        std::mem::swap(&mut self.path, &mut self.trial);
        for (i, &q) in self.path.iter().enumerate() {
            self.place[q as usize] = i as u32;
        }
    }

    fn energy(&self, path: &[u32]) -> f64 {
        let mut sum = -(path.len() as f64) * self.reward;
        for (i, &qubit) in path.iter().enumerate() {
            sum += self
                .pattern
                .wire_cost(self.graph, self.chain.wires[i], qubit);
            if let Some(&next) = path.get(i + 1) {
                sum += self.chain.weights[i] * self.edge_cost(qubit, next);
            }
        }
        if self.chain.is_ring() {
            let (first, last) = (path[0], path[path.len() - 1]);
            let gap = f64::from(self.graph.distance(first, last)) - 1.0;
            sum += gap * self.reward;
            if path.len() == self.chain.wires.len() && gap == 0.0 {
                sum += self.chain.weights[path.len() - 1] * self.edge_cost(last, first);
            }
        }
        sum
    }

    fn edge_cost(&self, a: u32, b: u32) -> f64 {
        self.graph
            .edge_between(a, b)
            .map_or(f64::INFINITY, |edge| self.graph.edge_cost(edge))
    }
}

#[cfg(test)]
mod tests {
    use super::super::embed::samples::{chain, pattern};
    use super::super::graph::samples::{grid, heron, line};
    use super::*;
    use rand::SeedableRng;

    fn place(pattern: &Interactions, graph: &DeviceGraph, steps: usize) -> Option<Vec<u32>> {
        let mut random = Pcg64Mcg::seed_from_u64(11);
        let found = Chain::recognise(pattern)?.place(pattern, graph, None, steps, &mut random);
        if let Some(place) = &found {
            assert!(pattern.cost(graph, place).is_finite());
        }
        found
    }

    #[test]
    fn chains_and_rings_are_recognised_and_other_shapes_are_not() {
        assert!(Chain::recognise(&chain(4)).is_some_and(|c| !c.is_ring()));
        let ring = pattern(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]);
        assert!(Chain::recognise(&ring).is_some_and(|c| c.is_ring()));
        assert!(Chain::recognise(&pattern(4, &[(0, 1), (0, 2), (0, 3)])).is_none());
        assert!(Chain::recognise(&pattern(6, &[(0, 1), (1, 2), (3, 4), (4, 5)])).is_none());
        let tailed = pattern(4, &[(0, 1), (1, 2), (2, 0), (2, 3)]);
        assert!(Chain::recognise(&tailed).is_none());
    }

    #[test]
    fn a_full_line_and_a_snake_through_a_grid_are_found() {
        assert!(place(&chain(6), &line(6), 5_000).is_some());
        assert!(place(&chain(7), &line(6), 5_000).is_none());
        assert!(place(&chain(36), &grid(6, 6), 50_000).is_some());
    }

    #[test]
    fn a_line_of_120_fits_on_heron() {
        let (pattern, graph) = (chain(120), heron());
        let chain = Chain::recognise(&pattern).expect("a chain");
        let line = chain.long_line(&pattern, &graph).expect("a line");
        let mut random = Pcg64Mcg::seed_from_u64(11);
        let place = chain.place(&pattern, &graph, Some(&line), 1000, &mut random);
        assert!(place.is_some_and(|place| pattern.cost(&graph, &place).is_finite()));
    }

    #[test]
    fn rings_fit_where_the_lattice_has_cycles() {
        let ring = |n: u32| {
            pattern(
                n as usize,
                &(0..n).map(|w| (w, (w + 1) % n)).collect::<Vec<_>>(),
            )
        };
        assert!(place(&ring(12), &heron(), 50_000).is_some());
        assert!(place(&ring(20), &heron(), 50_000).is_some());
        assert!(place(&ring(14), &heron(), 20_000).is_none());
        assert!(place(&ring(36), &grid(6, 6), 100_000).is_some());
    }
}
