//! The device as the mapper sees it: flat index arrays over live qubits and live edges.
//!
//! Layout and routing ask the same few questions millions of times (neighbours, distance, cost of
//! an edge), so the target is copied once into compressed rows. Costs are negative logarithms of
//! success probabilities: they add up along a circuit, and the cheapest circuit is the one most
//! likely to succeed. Dead qubits keep their number but have no edges.

use std::collections::VecDeque;

use crate::Aim;

/// No qubit, no wire, no edge.
pub(crate) const NONE: u32 = u32::MAX;

/// Hop distance between qubits with no live path between them.
pub(crate) const APART: u16 = u16::MAX;

/// Live coupling graph with costs, in compressed rows.
#[derive(Clone, Debug)]
pub(crate) struct DeviceGraph {
    /// Row starts into `neighbour` and `neighbour_edge`; one more entry than qubits.
    row: Vec<u32>,
    neighbour: Vec<u32>,
    neighbour_edge: Vec<u32>,
    /// Live edges, smaller qubit first, sorted.
    edges: Vec<(u32, u32)>,
    /// Hop distances, row by row.
    distance: Vec<u16>,
    /// The largest finite distance: asked for by every continuation, so counted once.
    diameter: u16,
    /// Cost of one two-qubit gate on each edge.
    edge_cost: Vec<f64>,
    /// Cost of one single-qubit gate on each qubit.
    gate_cost: Vec<f64>,
    /// Cost of one measurement of each qubit.
    readout_cost: Vec<f64>,
    /// Cost of a second of waiting on each qubit.
    decay: Vec<f64>,
    /// What makes one circuit better than another.
    judge: Judge,
    /// What a gate costs on a good edge, and a second of waiting on a good qubit.
    typical: (f64, f64),
    live: Vec<bool>,
    /// Connected component of each qubit; `NONE` for dead qubits.
    component: Vec<u32>,
    /// Live qubits in each component, largest component first.
    components: Vec<Vec<u32>>,
}

/// What one qubit costs, as negative log success probabilities.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QubitCost {
    pub(crate) gate: f64,
    pub(crate) readout: f64,
    /// Of a second of waiting.
    pub(crate) decay: f64,
}

/// What makes one circuit better than another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge {
    pub(crate) aim: Aim,
    /// Seconds of a two-qubit gate with the pulses around it, by which waiting is told.
    pub(crate) layer: f64,
}

impl DeviceGraph {
    /// Builds the graph from costed edges; a qubit listed as `None` is dead and loses its edges.
    pub(crate) fn new(qubits: &[Option<QubitCost>], costed: &[(u32, u32, f64)]) -> Self {
        let n = qubits.len();
        let live: Vec<bool> = qubits.iter().map(Option::is_some).collect();
        let mut sorted: Vec<(u32, u32, f64)> = costed
            .iter()
            .filter(|e| e.0 != e.1 && live[e.0 as usize] && live[e.1 as usize])
            .map(|&(a, b, cost)| (a.min(b), a.max(b), cost))
            .collect();
        sorted.sort_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(x.2.total_cmp(&y.2)));
        sorted.dedup_by_key(|e| (e.0, e.1));
        let edges: Vec<(u32, u32)> = sorted.iter().map(|e| (e.0, e.1)).collect();
        let (row, neighbour, neighbour_edge) = rows(n, &edges);
        let mut graph = DeviceGraph {
            row,
            neighbour,
            neighbour_edge,
            edges,
            distance: Vec::new(),
            diameter: 0,
            edge_cost: sorted.iter().map(|e| e.2).collect(),
            gate_cost: qubits.iter().map(|q| q.map_or(0.0, |c| c.gate)).collect(),
            readout_cost: qubits
                .iter()
                .map(|q| q.map_or(0.0, |c| c.readout))
                .collect(),
            decay: qubits.iter().map(|q| q.map_or(0.0, |c| c.decay)).collect(),
            judge: Judge {
                aim: Aim::Gates,
                layer: 0.0,
            },
            typical: (quantile(sorted.iter().map(|e| e.2)), 0.0),
            live,
            component: vec![NONE; n],
            components: Vec::new(),
        };
        let decays = (0..n).filter(|&q| graph.live[q]).map(|q| graph.decay[q]);
        graph.typical.1 = quantile(decays);
        graph.find_distances();
        graph.find_components();
        graph
    }

    /// The same device where circuits are judged like this.
    #[must_use]
    pub(crate) fn judged(mut self, judge: Judge) -> Self {
        self.judge = judge;
        self
    }

    pub(crate) fn num_qubits(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn is_live(&self, qubit: u32) -> bool {
        self.live[qubit as usize]
    }

    pub(crate) fn neighbours(&self, qubit: u32) -> &[u32] {
        &self.neighbour[self.span(qubit)]
    }

    /// Edge numbers in the order of [`DeviceGraph::neighbours`].
    pub(crate) fn incident(&self, qubit: u32) -> &[u32] {
        &self.neighbour_edge[self.span(qubit)]
    }

    pub(crate) fn degree(&self, qubit: u32) -> usize {
        self.span(qubit).len()
    }

    pub(crate) fn edges(&self) -> &[(u32, u32)] {
        &self.edges
    }

    pub(crate) fn edge_between(&self, a: u32, b: u32) -> Option<u32> {
        let at = self.neighbours(a).binary_search(&b).ok()?;
        Some(self.incident(a)[at])
    }

    #[inline]
    pub(crate) fn distance(&self, a: u32, b: u32) -> u16 {
        self.distance[a as usize * self.live.len() + b as usize]
    }

    /// All hop distances from one qubit.
    #[inline]
    pub(crate) fn distances_from(&self, a: u32) -> &[u16] {
        let n = self.live.len();
        &self.distance[a as usize * n..(a as usize + 1) * n]
    }

    pub(crate) fn edge_cost(&self, edge: u32) -> f64 {
        self.edge_cost[edge as usize]
    }

    pub(crate) fn gate_cost(&self, qubit: u32) -> f64 {
        self.gate_cost[qubit as usize]
    }

    pub(crate) fn readout_cost(&self, qubit: u32) -> f64 {
        self.readout_cost[qubit as usize]
    }

    /// Cost of a second of waiting.
    pub(crate) fn decay(&self, qubit: u32) -> f64 {
        self.decay[qubit as usize]
    }

    /// What a two-qubit gate costs, and a second of waiting, on edges and qubits that are better than most.
    pub(crate) fn typical(&self) -> (f64, f64) {
        self.typical
    }

    pub(crate) fn judge(&self) -> Judge {
        self.judge
    }

    pub(crate) fn component(&self, qubit: u32) -> u32 {
        self.component[qubit as usize]
    }

    /// Connected components of the live graph, largest first.
    pub(crate) fn components(&self) -> &[Vec<u32>] {
        &self.components
    }

    /// The largest finite distance.
    pub(crate) fn diameter(&self) -> u16 {
        self.diameter
    }

    /// The mean cost of a two-qubit gate, for scaling; one where there are no edges.
    pub(crate) fn mean_edge_cost(&self) -> f64 {
        let sum: f64 = self.edge_cost.iter().sum();
        if sum > 0.0 {
            sum / self.edge_cost.len() as f64
        } else {
            1.0
        }
    }

    /// Whether no place is better than another of the same shape.
    pub(crate) fn is_uniform(&self) -> bool {
        let live = || (0..self.num_qubits()).filter(|&q| self.live[q]);
        all_equal(self.edge_cost.iter().copied())
            && all_equal(live().map(|q| self.gate_cost[q]))
            && all_equal(live().map(|q| self.readout_cost[q]))
            && all_equal(live().map(|q| self.decay[q]))
    }

    /// The same device without edges that are far worse than most, as long as everything stays
    /// connected: `limit` is in units of the median cost. `None` where there are no such edges.
    pub(crate) fn without_outliers(&self, limit: f64) -> Option<DeviceGraph> {
        let mut costs = self.edge_cost.clone();
        costs.sort_by(f64::total_cmp);
        let limit = limit * costs.get(costs.len() / 2)?;
        let mut order: Vec<usize> = (0..self.edges.len()).collect();
        order.sort_by(|&x, &y| self.edge_cost[x].total_cmp(&self.edge_cost[y]));
        let mut group: Vec<u32> = (0..self.num_qubits() as u32).collect();
        // Kruskal's way: a bad edge stays only where it joins what better ones do not.
        let kept: Vec<(u32, u32, f64)> = order
            .into_iter()
            .filter_map(|e| {
                let (a, b) = self.edges[e];
                let joins = join(&mut group, a, b);
                let cost = self.edge_cost[e];
                (joins || cost <= limit).then_some((a, b, cost))
            })
            .collect();
        if kept.len() == self.edges.len() {
            return None;
        }
        let qubits: Vec<Option<QubitCost>> = (0..self.num_qubits())
            .map(|q| {
                self.live[q].then_some(QubitCost {
                    gate: self.gate_cost[q],
                    readout: self.readout_cost[q],
                    decay: self.decay[q],
                })
            })
            .collect();
        Some(DeviceGraph::new(&qubits, &kept).judged(self.judge))
    }

    fn span(&self, qubit: u32) -> std::ops::Range<usize> {
        self.row[qubit as usize] as usize..self.row[qubit as usize + 1] as usize
    }

    fn find_distances(&mut self) {
        let n = self.num_qubits();
        let mut distance = vec![APART; n * n];
        let mut queue = VecDeque::new();
        for (source, row) in distance.chunks_exact_mut(n.max(1)).enumerate() {
            row[source] = 0;
            queue.push_back(source as u32);
            while let Some(at) = queue.pop_front() {
                let next = row[at as usize].saturating_add(1).min(APART - 1);
                for &to in self.neighbours(at) {
                    if row[to as usize] == APART {
                        row[to as usize] = next;
                        queue.push_back(to);
                    }
                }
            }
        }
        let finite = distance.iter().copied().filter(|&d| d != APART);
        self.diameter = finite.max().unwrap_or(0);
        self.distance = distance;
    }

    fn find_components(&mut self) {
        let n = self.num_qubits() as u32;
        let mut seen = vec![false; n as usize];
        let mut found: Vec<Vec<u32>> = Vec::new();
        for q in 0..n {
            if seen[q as usize] || !self.is_live(q) {
                continue;
            }
            let members: Vec<u32> = (0..n)
                .filter(|&r| self.distance(q, r) != APART && self.is_live(r))
                .collect();
            members.iter().for_each(|&r| seen[r as usize] = true);
            found.push(members);
        }
        found.sort_by_key(|members| std::cmp::Reverse(members.len()));
        for (number, members) in found.iter().enumerate() {
            members
                .iter()
                .for_each(|&q| self.component[q as usize] = number as u32);
        }
        self.components = found;
    }
}

fn all_equal(mut costs: impl Iterator<Item = f64>) -> bool {
    let first = costs.next();
    costs.all(|cost| Some(cost) == first)
}

/// Joins two groups; says whether they were apart.
fn join(group: &mut [u32], a: u32, b: u32) -> bool {
    let mut root = |mut at: u32| {
        while group[at as usize] != at {
            group[at as usize] = group[group[at as usize] as usize];
            at = group[at as usize];
        }
        at
    };
    let (a, b) = (root(a), root(b));
    group[a as usize] = b;
    a != b
}

/// The first quartile; 0 of nothing.
fn quantile(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 4).copied().unwrap_or(0.0)
}

fn rows(n: usize, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let mut lists: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n];
    for (number, &(a, b)) in edges.iter().enumerate() {
        lists[a as usize].push((b, number as u32));
        lists[b as usize].push((a, number as u32));
    }
    let mut row = vec![0];
    let (mut neighbour, mut edge) = (Vec::new(), Vec::new());
    for list in &mut lists {
        list.sort_unstable();
        neighbour.extend(list.iter().map(|x| x.0));
        edge.extend(list.iter().map(|x| x.1));
        row.push(neighbour.len() as u32);
    }
    (row, neighbour, edge)
}

#[cfg(test)]
pub(crate) mod samples {
    //! Small coupling graphs for the tests of this folder.
    use super::{DeviceGraph, QubitCost};

    pub(crate) fn uniform(n: usize, edges: &[(u32, u32)]) -> DeviceGraph {
        let costed: Vec<_> = edges.iter().map(|&(a, b)| (a, b, 0.01)).collect();
        DeviceGraph::new(&vec![Some(QubitCost::default()); n], &costed)
    }

    pub(crate) fn line(n: u32) -> DeviceGraph {
        uniform(n as usize, &(1..n).map(|q| (q - 1, q)).collect::<Vec<_>>())
    }

    pub(crate) fn grid(rows: u32, columns: u32) -> DeviceGraph {
        let at = |r: u32, c: u32| r * columns + c;
        let mut edges = Vec::new();
        for r in 0..rows {
            for c in 0..columns {
                if c + 1 < columns {
                    edges.push((at(r, c), at(r, c + 1)));
                }
                if r + 1 < rows {
                    edges.push((at(r, c), at(r + 1, c)));
                }
            }
        }
        uniform((rows * columns) as usize, &edges)
    }

    /// The 156-qubit heavy-hex lattice of the Heron processors: eight rows of sixteen qubits with
    /// four bridges between neighbouring rows, shifted by two columns from row to row.
    pub(crate) fn heron_edges() -> Vec<(u32, u32)> {
        let mut edges = Vec::new();
        for row in 0..8u32 {
            let start = row * 20;
            edges.extend((0..15).map(|c| (start + c, start + c + 1)));
            if row < 7 {
                for k in 0..4 {
                    let column = 4 * k + if row % 2 == 0 { 3 } else { 1 };
                    let bridge = start + 16 + k;
                    edges.push((start + column, bridge));
                    edges.push((bridge, start + 20 + column));
                }
            }
        }
        edges
    }

    pub(crate) fn heron() -> DeviceGraph {
        uniform(156, &heron_edges())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heron_has_156_qubits_and_176_edges() {
        let graph = samples::heron();
        assert_eq!((graph.num_qubits(), graph.edges().len()), (156, 176));
        assert_eq!(graph.components().len(), 1);
        assert!((0..156).all(|q| (1..=3).contains(&graph.degree(q))));
    }

    #[test]
    fn dead_qubits_have_no_edges_and_split_components() {
        let mut qubits = vec![Some(QubitCost::default()); 5];
        qubits[2] = None;
        let graph = DeviceGraph::new(
            &qubits,
            &[(0, 1, 0.1), (1, 2, 0.1), (2, 3, 0.1), (3, 4, 0.1)],
        );
        assert_eq!(graph.edges(), &[(0, 1), (3, 4)]);
        assert_eq!(graph.distance(0, 3), APART);
        assert_eq!(graph.components().len(), 2);
        assert_eq!(graph.component(2), NONE);
        assert_eq!(graph.edge_between(4, 3), Some(1));
        assert_eq!(graph.edge_between(1, 2), None);
    }

    #[test]
    fn the_worst_couplings_go_unless_they_hold_the_device_together() {
        let costed = [
            (0, 1, 0.01),
            (1, 2, 0.01),
            (2, 3, 0.01),
            (0, 3, 0.9),
            (3, 4, 0.9),
        ];
        let graph = DeviceGraph::new(&[Some(QubitCost::default()); 5], &costed);
        let calm = graph.without_outliers(15.0).unwrap();
        assert_eq!(calm.edges(), &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        assert_eq!(calm.components().len(), 1);
        assert!(calm.without_outliers(15.0).is_none());
    }
}
