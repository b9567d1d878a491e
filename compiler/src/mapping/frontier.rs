//! The cheapest long line through a device, by dynamic programming.
//!
//! A line that takes up most of the device leaves a local search no room to move, so it is built
//! edge by edge in an order that keeps the boundary between decided and undecided qubits small, in
//! the manner of Knuth's Simpath. A state says, for each qubit on the boundary, whether it is
//! untouched, inside a piece of the line, or the open end of a piece and whose other end that is; of all
//! ways to the same state only the cheapest is kept. Every edge taken earns a reward, and the least
//! reward that makes the line long enough makes it a cheapest line of its length (Lagrange). On
//! heavy-hex lattices the boundary is about nine qubits wide; where there are more states than the
//! beam holds, the cheapest are kept.

use std::collections::hash_map::Entry;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::graph::{DeviceGraph, NONE};

/// Boundary qubits that a state has room for.
const SLOTS: usize = 25;
const BITS: u32 = 5;
const UNTOUCHED: u32 = 0;
const INNER: u32 = 1;
/// An open end of a piece whose other end is an end of the line.
const LAST: u32 = 2;
/// An open end of a piece that ends at slot `code - MATE`.
const MATE: u32 = 3;

/// A cheap simple path of at least `length` qubits inside one component of the device, where one is
/// found; `edge_weight` gates are run on each edge. Paths may be somewhat longer than asked for.
pub(crate) fn long_path(
    graph: &DeviceGraph,
    component: usize,
    length: usize,
    edge_weight: f64,
    qubit_cost: impl Fn(u32) -> f64 + Sync,
    beam: usize,
) -> Option<Vec<u32>> {
    let order = Order::new(graph, &graph.components()[component])?;
    let typical = edge_weight * graph.mean_edge_cost();
    let edge_cost = |edge: u32| edge_weight * graph.edge_cost(edge);
    let solve = |reward: f64| order.cheapest(edge_cost, &qubit_cost, reward, length, beam);
    // A coarse grid of rewards, then a finer one below the least that is enough.
    let coarse: Vec<f64> = (0..8).map(|i| typical * 0.5 * f64::powi(2.2, i)).collect();
    let found: Vec<_> = coarse.par_iter().map(|&reward| solve(reward)).collect();
    let enough = found.iter().position(Option::is_some)?;
    let fine: Vec<f64> = (1..5)
        .map(|i| coarse[enough] / f64::powf(2.2, f64::from(i) / 5.0))
        .collect();
    let finer: Vec<_> = fine.par_iter().map(|&reward| solve(reward)).collect();
    let all = found.into_iter().chain(finer).flatten();
    all.reduce(|best, next| if next.0 < best.0 { next } else { best })
        .map(|x| x.1)
}

/// What happens, one after the other.
#[derive(Clone, Copy)]
enum Event {
    /// Decide whether the line takes this edge between two slots.
    Edge {
        edge: u32,
        a: (u32, usize),
        b: (u32, usize),
    },
    /// The qubit in this slot has no undecided edge left.
    Leave { slot: usize },
}

/// A member component's edges in an order with a small boundary.
struct Order<'a> {
    graph: &'a DeviceGraph,
    events: Vec<Event>,
}

struct Layer {
    /// Of each state: the state before, and whether the event's edge was taken.
    back: Vec<(u32, bool)>,
}

#[derive(Clone, Copy)]
struct Reached {
    cost: f64,
    edges: u32,
    back: (u32, bool),
}

impl<'a> Order<'a> {
    fn new(graph: &'a DeviceGraph, members: &[u32]) -> Option<Self> {
        let orders = members
            .par_iter()
            .map(|&start| vertex_order(graph, members.len(), start));
        let best = orders.min_by_key(|(width, order)| (*width, order.first().copied()))?;
        Self::from_vertices(graph, &best.1)
    }

    /// Edges sorted by their later qubit; a qubit gets a slot at its first edge.
    fn from_vertices(graph: &'a DeviceGraph, vertices: &[u32]) -> Option<Self> {
        let mut rank = vec![NONE; graph.num_qubits()];
        vertices
            .iter()
            .enumerate()
            .for_each(|(i, &q)| rank[q as usize] = i as u32);
        let mut open: Vec<usize> = (0..graph.num_qubits() as u32)
            .map(|q| graph.degree(q))
            .collect();
        let mut slot_of = vec![usize::MAX; graph.num_qubits()];
        let mut free: Vec<usize> = (0..SLOTS).rev().collect();
        let mut events = Vec::new();
        for &q in vertices {
            let links = graph.neighbours(q).iter().zip(graph.incident(q));
            let mut earlier: Vec<(u32, u32)> = links
                .filter(|(to, _)| rank[**to as usize] < rank[q as usize])
                .map(|(&to, &edge)| (to, edge))
                .collect();
            earlier.sort_by_key(|x| rank[x.0 as usize]);
            slot_of[q as usize] = free.pop()?;
            for (to, edge) in earlier {
                let (a, b) = ((to, slot_of[to as usize]), (q, slot_of[q as usize]));
                events.push(Event::Edge { edge, a, b });
                for end in [to, q] {
                    open[end as usize] -= 1;
                    if open[end as usize] == 0 {
                        events.push(Event::Leave {
                            slot: slot_of[end as usize],
                        });
                        free.push(slot_of[end as usize]);
                    }
                }
            }
        }
        Some(Order { graph, events })
    }

    /// The cheapest line of at least `length` qubits when each edge earns `reward`, with its cost
    /// per qubit-corrected length; `None` where no line is long enough.
    fn cheapest(
        &self,
        edge_cost: impl Fn(u32) -> f64,
        qubit_cost: impl Fn(u32) -> f64,
        reward: f64,
        length: usize,
        beam: usize,
    ) -> Option<(f64, Vec<u32>)> {
        let mut states = vec![(
            0u128,
            Reached {
                cost: 0.0,
                edges: 0,
                back: (NONE, false),
            },
        )];
        let mut layers: Vec<Layer> = Vec::with_capacity(self.events.len());
        let mut best: Option<(f64, usize, u32, bool)> = None;
        for (number, event) in self.events.iter().enumerate() {
            let mut next: FxHashMap<u128, Reached> = FxHashMap::default();
            for (index, &(state, reached)) in states.iter().enumerate() {
                for take in [false, true] {
                    let Some(step) = apply(state, event, take) else {
                        continue;
                    };
                    let (mut cost, mut edges) = (reached.cost, reached.edges);
                    if let (Event::Edge { edge, a, b }, true) = (event, take) {
                        cost += edge_cost(*edge) - reward;
                        edges += 1;
                        for (qubit, slot) in [a, b] {
                            if code(state, *slot) == UNTOUCHED {
                                cost += qubit_cost(*qubit);
                            }
                        }
                    }
                    let back = (index as u32, take);
                    match step {
                        Step::To(to) => keep(&mut next, to, Reached { cost, edges, back }),
                        Step::Done => {
                            // What a longer line pays for its surplus edges will be cut off again.
                            let qubits = edges as usize + 1;
                            let paid = cost + f64::from(edges) * reward;
                            let per_edge = paid / f64::from(edges.max(1));
                            let fair = paid - per_edge * qubits.saturating_sub(length) as f64;
                            if qubits >= length && best.is_none_or(|b| fair < b.0) {
                                best = Some((fair, number, index as u32, take));
                            }
                        }
                    }
                }
            }
            states = next.into_iter().collect();
            // By cost, then by state: a hash map has no order of its own.
            states.sort_unstable_by(|x, y| x.1.cost.total_cmp(&y.1.cost).then(x.0.cmp(&y.0)));
            states.truncate(beam);
            layers.push(Layer {
                back: states.iter().map(|s| s.1.back).collect(),
            });
        }
        let (fair, number, index, take) = best?;
        Some((fair, self.read_back(&layers, number, index, take)))
    }

    /// The qubits of the line that the recorded decisions describe, from one end to the other.
    fn read_back(&self, layers: &[Layer], number: usize, index: u32, take: bool) -> Vec<u32> {
        let mut taken = Vec::new();
        let (mut number, mut index, mut take) = (number, index, take);
        loop {
            if let (Event::Edge { edge, .. }, true) = (self.events[number], take) {
                taken.push(self.graph.edges()[edge as usize]);
            }
            if number == 0 {
                break;
            }
            number -= 1;
            (index, take) = layers[number].back[index as usize];
        }
        let mut links: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for &(a, b) in &taken {
            links.entry(a).or_default().push(b);
            links.entry(b).or_default().push(a);
        }
        let end = links
            .iter()
            .filter(|x| x.1.len() == 1)
            .map(|x| *x.0)
            .min()
            .unwrap_or(NONE);
        let (mut path, mut previous, mut at) = (vec![end], NONE, end);
        while let Some(&next) = links
            .get(&at)
            .and_then(|list| list.iter().find(|&&to| to != previous))
        {
            path.push(next);
            (previous, at) = (at, next);
        }
        path
    }
}

fn keep(next: &mut FxHashMap<u128, Reached>, state: u128, reached: Reached) {
    match next.entry(state) {
        Entry::Vacant(slot) => {
            slot.insert(reached);
        }
        Entry::Occupied(mut slot) => {
            let old = slot.get();
            let better =
                reached.cost < old.cost || (reached.cost == old.cost && reached.back < old.back);
            if better {
                slot.insert(reached);
            }
        }
    }
}

enum Step {
    To(u128),
    /// The line is complete.
    Done,
}

fn code(state: u128, slot: usize) -> u32 {
    (state >> (slot as u32 * BITS)) as u32 & ((1 << BITS) - 1)
}

fn with(state: u128, slot: usize, code: u32) -> u128 {
    let shift = slot as u32 * BITS;
    state & !(((1u128 << BITS) - 1) << shift) | u128::from(code) << shift
}

/// Ends of the line that are decided: kept above the slots.
fn ends(state: u128) -> u32 {
    (state >> 125) as u32
}

fn apply(state: u128, event: &Event, take: bool) -> Option<Step> {
    match *event {
        Event::Leave { slot } if !take => leave(state, slot),
        Event::Leave { .. } => None,
        Event::Edge { .. } if !take => Some(Step::To(state)),
        Event::Edge { a, b, .. } => join(state, a.1, b.1),
    }
}

fn leave(state: u128, slot: usize) -> Option<Step> {
    let gone = with(state, slot, UNTOUCHED);
    match code(state, slot) {
        UNTOUCHED | INNER => Some(Step::To(gone)),
        LAST => done(gone),
        mate if ends(state) < 2 => {
            let marked = with(gone, (mate - MATE) as usize, LAST);
            Some(Step::To(marked + (1u128 << 125)))
        }
        _ => None,
    }
}

fn join(state: u128, a: usize, b: usize) -> Option<Step> {
    let (x, y) = (code(state, a), code(state, b));
    if x == INNER || y == INNER || x == MATE + b as u32 {
        return None;
    }
    // After joining, a touched end becomes inner; an untouched one is the end of the piece.
    let inner = |s: u128, slot: usize, c: u32| {
        if c == UNTOUCHED {
            s
        } else {
            with(s, slot, INNER)
        }
    };
    let joined = inner(inner(state, a, x), b, y);
    let far = |slot: usize, c: u32| match c {
        UNTOUCHED => Some(slot),
        LAST => None,
        mate => Some((mate - MATE) as usize),
    };
    match (far(a, x), far(b, y)) {
        (None, None) => done(joined),
        (Some(end), None) | (None, Some(end)) => Some(Step::To(with(joined, end, LAST))),
        (Some(p), Some(q)) => {
            let one = with(joined, p, MATE + q as u32);
            Some(Step::To(with(one, q, MATE + p as u32)))
        }
    }
}

/// The line is complete if no other piece is open.
fn done(state: u128) -> Option<Step> {
    (0..SLOTS)
        .all(|slot| code(state, slot) <= INNER)
        .then_some(Step::Done)
}

/// Vertices of a component from `start`, always the one next that keeps the boundary smallest;
/// returns the sum over steps of two to the boundary's width as well.
fn vertex_order(graph: &DeviceGraph, size: usize, start: u32) -> (u64, Vec<u32>) {
    let n = graph.num_qubits();
    let (mut placed, mut unplaced_around) = (vec![false; n], vec![0usize; n]);
    (0..n as u32).for_each(|q| unplaced_around[q as usize] = graph.degree(q));
    let mut order = Vec::with_capacity(size);
    let mut border: Vec<u32> = vec![start];
    let (mut boundary, mut width) = (0usize, 0u64);
    while !border.is_empty() {
        let growth = |q: u32| {
            let closes = graph.neighbours(q).iter();
            let closes =
                closes.filter(|&&r| placed[r as usize] && unplaced_around[r as usize] == 1);
            i64::from(unplaced_around[q as usize] > 0) - closes.count() as i64
        };
        // The longest waiting among equals keeps the front straight.
        let at = (0..border.len())
            .min_by_key(|&i| (growth(border[i]), i))
            .unwrap_or(0);
        let qubit = border.remove(at);
        boundary = (boundary as i64 + growth(qubit)).max(0) as usize;
        width = width.saturating_add(1u64 << boundary.min(40));
        placed[qubit as usize] = true;
        order.push(qubit);
        for &to in graph.neighbours(qubit) {
            unplaced_around[to as usize] -= 1;
            if !placed[to as usize] && !border.contains(&to) {
                border.push(to);
            }
        }
    }
    (width, order)
}

#[cfg(test)]
mod tests {
    use super::super::graph::samples::{grid, heron, line};
    use super::*;

    fn path(graph: &DeviceGraph, length: usize) -> Option<Vec<u32>> {
        let found = long_path(graph, 0, length, 1.0, |_| 0.0, 3000);
        if let Some(path) = &found {
            assert!(path.len() >= length);
            assert!(path.windows(2).all(|w| graph.distance(w[0], w[1]) == 1));
            let mut sorted = path.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), path.len());
        }
        found
    }

    #[test]
    fn lines_that_exist_are_found_and_others_are_not() {
        assert!(path(&line(6), 6).is_some());
        assert!(path(&line(6), 7).is_none());
        assert!(path(&grid(4, 4), 16).is_some());
        assert!(path(&grid(3, 3), 9).is_some());
        let star = super::super::graph::samples::uniform(4, &[(0, 1), (0, 2), (0, 3)]);
        assert!(path(&star, 3).is_some());
        assert!(path(&star, 4).is_none());
    }

    #[test]
    fn a_line_of_125_fits_on_heron() {
        assert!(path(&heron(), 120).is_some());
        assert!(path(&heron(), 125).is_some());
    }
}
