//! Pauli networks: a list of rotations and a final Clifford as two-qubit gates, greedily.
//!
//! A two-qubit Clifford gate conjugates every operator that is still to come. The search goes on until each rotation
//! is about a Pauli on one qubit (or on one pair), where it is written down. A rotation may be written as soon as it
//! commutes with all that come before it, so the order is that of the graph of anticommuting pairs and nothing else.
//! Each step looks at the gates that bring one of the nearest rotations nearer, and takes the one that brings most of
//! what follows nearer, what comes later counting less. The Clifford that is left in the end is reduced in the same
//! manner, pair of rows by pair of rows, up to a renaming of the qubits.
//!
//! Follows: Li et al., 2022 (Paulihedral, arXiv:2109.03371); Schmitz et al., 2023 (PCOAST, arXiv:2305.10966);
//! de Brugiere, Martiel, 2024 (arXiv:2404.03280). New here: distances on the device's graph in place of weights.
//! (Tried and dropped: a lower price for gates that continue a run on one pair, which changed no result.)

use ardea_circuit::{Angle, Pauli};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashSet;

use super::metric::Metric;
use super::narrow::{Entangle, Narrow, ones};
use super::program::Rotation;

/// How many rotations ahead the search looks.
const WINDOW: usize = 128;

/// What counts less than this is not looked at.
const LEAST_WEIGHT: f64 = 1e-3;

/// What distinguishes one way of searching from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// How much a rotation counts for each step that it comes later.
    pub(super) discount: f64,
    /// How much the final Clifford counts.
    pub(super) clifford: f64,
    /// Whether a rotation on a pair may be written at once, for two gates.
    pub(super) pairs_at_once: bool,
    /// Whether every rotation that may come next is aimed at, or only the nearest.
    pub(super) all_in_front: bool,
    /// By how much chance may raise what a gate gains; a rotation that comes one gate nearer counts one.
    pub(super) noise: f64,
    /// Seed of that chance.
    pub(super) seed: u64,
}

/// One step of a network.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Entangle(Entangle),
    /// `exp(-i angle/2 P)` for an operator on one or two qubits.
    Rotate {
        axis: Narrow,
        angle: Angle,
    },
    /// `exp(-i quarters pi/4 P)` on one qubit.
    Quarter {
        qubit: usize,
        pauli: Pauli,
        quarters: u8,
    },
}

/// The steps, and where each qubit's content is at the end.
pub(super) struct Network {
    pub(super) steps: Vec<Step>,
    pub(super) place: Vec<usize>,
}

/// Writes rotations and the Clifford with these rows as a network.
pub(super) fn synthesise(
    rotations: &[Rotation],
    rows: &[Narrow],
    metric: &Metric,
    taste: Taste,
) -> Option<Network> {
    let num_qubits = rows.len() / 2;
    let identity =
        (0..num_qubits).flat_map(|q| [Narrow::single(q, Pauli::X), Narrow::single(q, Pauli::Z)]);
    let mut search = Search {
        metric,
        taste,
        waiting: rotations,
        next: 0,
        forward: identity.collect(),
        rows: rows.to_vec(),
        window: Vec::with_capacity(WINDOW),
        rng: Pcg64Mcg::seed_from_u64(taste.seed),
        steps: Vec::new(),
        stale: true,
        clifford_weight: 0.0,
    };
    search.rotations()?;
    search.clifford()
}

/// Completes steps after which only the Clifford with these rows is left.
pub(super) fn finish(rows: Vec<Narrow>, steps: Vec<Step>, metric: &Metric) -> Option<Network> {
    let search = Search {
        metric,
        taste: Taste {
            discount: 0.0,
            clifford: 0.0,
            pairs_at_once: false,
            all_in_front: false,
            noise: 0.0,
            seed: 0,
        },
        waiting: &[],
        next: 0,
        forward: Vec::new(),
        rows,
        window: Vec::new(),
        rng: Pcg64Mcg::seed_from_u64(0),
        steps,
        stale: false,
        clifford_weight: 0.0,
    };
    search.clifford()
}

/// A rotation in the window.
struct Slot {
    axis: Narrow,
    index: usize,
    /// The anticommuting slots before it, by number of `Slot::id`.
    waits_for: u128,
    id: u8,
    /// How much it counts: less for each round of others that must be written first.
    weight: f64,
    cost: i32,
}

struct Search<'a> {
    metric: &'a Metric,
    taste: Taste,
    waiting: &'a [Rotation],
    next: usize,
    /// `D X D^-1` and `D Z D^-1` for the Clifford D of the steps so far.
    forward: Vec<Narrow>,
    /// The rows of what is left of the final Clifford.
    rows: Vec<Narrow>,
    /// In the order of the program.
    window: Vec<Slot>,
    rng: Pcg64Mcg,
    steps: Vec<Step>,
    /// Whether rotations came or went since they were last weighed.
    stale: bool,
    /// How much the final Clifford counts now.
    clifford_weight: f64,
}

/// What to do next.
enum Choice {
    Gate(Entangle),
    Write(usize),
}

impl Search<'_> {
    fn rotations(&mut self) -> Option<()> {
        // Each gate brings a nearest rotation nearer, so between two that are written there are few.
        let mut patience = 64 * self.rows.len().max(8);
        loop {
            self.fill();
            if self.write_single() {
                patience = 64 * self.rows.len().max(8);
                continue;
            }
            if self.window.is_empty() {
                return Some(());
            }
            patience = patience.checked_sub(1)?;
            if self.stale {
                self.weigh();
            }
            match self.choose()? {
                Choice::Gate(gate) => self.apply(gate),
                Choice::Write(place) => self.write(place),
            }
        }
    }

    /// Takes rotations into the window, seen from where the steps so far have led.
    fn fill(&mut self) {
        while self.window.len() < WINDOW && self.next < self.waiting.len() {
            let axis = self.moved(&self.waiting[self.next].axis);
            let used = self
                .window
                .iter()
                .fold(0u128, |ids, slot| ids | 1 << slot.id);
            let waits_for = self
                .window
                .iter()
                .filter(|slot| slot.axis.anticommutes(&axis))
                .fold(0u128, |ids, slot| ids | 1 << slot.id);
            self.window.push(Slot {
                axis,
                index: self.next,
                waits_for,
                id: used.trailing_ones() as u8,
                weight: 0.0,
                cost: self.metric.cost(axis.support()),
            });
            self.next += 1;
            self.stale = true;
        }
    }

    /// `D P D^-1` for the steps so far.
    fn moved(&self, axis: &Narrow) -> Narrow {
        let mut out = Narrow::IDENTITY;
        let mut ys = 0;
        for q in ones(axis.support()) {
            let pauli = axis.at(q);
            if pauli != Pauli::Z {
                out.multiply(&self.forward[2 * q]);
            }
            if pauli != Pauli::X {
                out.multiply(&self.forward[2 * q + 1]);
            }
            ys += u8::from(pauli == Pauli::Y);
        }
        // Y = i X Z
        out.turn_phase(ys + if axis.is_negative() { 2 } else { 0 });
        out
    }

    /// Writes every rotation about a Pauli on one qubit that may come next.
    fn write_single(&mut self) -> bool {
        let mut any = false;
        let mut place = 0;
        while place < self.window.len() {
            let slot = &self.window[place];
            if slot.waits_for == 0 && slot.axis.support().count_ones() == 1 {
                self.write(place);
                any = true;
                // Those that waited for it stand later.
            } else {
                place += 1;
            }
        }
        any
    }

    fn write(&mut self, place: usize) {
        let slot = self.window.remove(place);
        self.stale = true;
        for other in &mut self.window {
            other.waits_for &= !(1 << slot.id);
        }
        self.steps.push(Step::Rotate {
            axis: slot.axis,
            angle: self.waiting[slot.index].angle.clone(),
        });
    }

    fn apply(&mut self, gate: Entangle) {
        for slot in &mut self.window {
            if slot.axis.conjugate_by(&gate) {
                slot.cost = self.metric.cost(slot.axis.support());
            }
        }
        for row in self.forward.iter_mut().chain(&mut self.rows) {
            row.conjugate_by(&gate);
        }
        self.steps.push(Step::Entangle(gate));
    }

    /// Works out how many rounds each rotation comes later, and what that makes it count.
    fn weigh(&mut self) {
        let mut depths = [0i32; WINDOW];
        let mut deepest = 0;
        let powers: Vec<f64> = (0..=WINDOW)
            .map(|depth| self.taste.discount.powi(depth as i32))
            .collect();
        for slot in &mut self.window {
            let mut depth = 0;
            let mut left = slot.waits_for;
            while left != 0 {
                depth = depth.max(depths[left.trailing_zeros() as usize] + 1);
                left &= left - 1;
            }
            slot.weight = powers[depth as usize];
            depths[slot.id as usize] = depth;
            deepest = deepest.max(depth);
        }
        self.clifford_weight = self.taste.clifford * powers[deepest as usize];
        self.stale = false;
    }

    fn choose(&mut self) -> Option<Choice> {
        let mut rng = self.rng.clone();
        let choice = self.choose_by(&mut rng);
        self.rng = rng;
        choice
    }

    fn choose_by(&self, rng: &mut Pcg64Mcg) -> Option<Choice> {
        let front = || {
            self.window
                .iter()
                .enumerate()
                .filter(|(_, s)| s.waits_for == 0)
        };
        let nearest = front().map(|(_, slot)| slot.cost).min()?;
        let mut best: Option<(f64, Choice)> = None;
        let mut tried: FxHashSet<Entangle> = FxHashSet::default();
        for (place, slot) in front() {
            if slot.cost > nearest && !self.taste.all_in_front {
                continue;
            }
            if self.taste.pairs_at_once && slot.axis.support().count_ones() == 2 && slot.cost == 1 {
                // It is gone, for two gates.
                let score = 0.5;
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    best = Some((score, Choice::Write(place)));
                }
            }
            for gate in self.nearer(&slot.axis, slot.cost) {
                if !tried.insert(gate) {
                    continue;
                }
                let mut gain = self.gain(&gate);
                if self.clifford_weight > LEAST_WEIGHT {
                    gain += self.clifford_weight * self.clifford_gain(&gate);
                }
                let score = gain + self.taste.noise * rng.random::<f64>();
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    best = Some((score, Choice::Gate(gate)));
                }
            }
        }
        best.map(|(_, choice)| choice)
    }

    /// The gates that bring an operator one step nearer to a single qubit.
    fn nearer(&self, axis: &Narrow, cost: i32) -> Vec<Entangle> {
        const PAULIS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];
        let support = axis.support();
        let mut out = Vec::new();
        for a in ones(support) {
            let others = self.metric.neighbours(a)
                & match self.metric {
                    Metric::Free => support,
                    Metric::Coupled { .. } => u64::MAX,
                };
            for b in ones(others) {
                let both = support >> b & 1 == 1;
                if both && b < a {
                    continue;
                }
                for first in PAULIS {
                    for second in PAULIS {
                        let gate = Entangle::new([a, b], [first, second]);
                        if gate
                            .moved_support(axis)
                            .is_some_and(|support| self.metric.cost(support) < cost)
                        {
                            out.push(gate);
                        }
                    }
                }
            }
        }
        out
    }

    /// By how much the rotations in the window come nearer.
    fn gain(&self, gate: &Entangle) -> f64 {
        let mut gain = 0.0;
        for slot in &self.window {
            if slot.weight > LEAST_WEIGHT
                && let Some(support) = gate.moved_support(&slot.axis)
            {
                gain += f64::from(slot.cost - self.metric.cost(support)) * slot.weight;
            }
        }
        gain
    }

    /// By how much the rows of the final Clifford come nearer.
    fn clifford_gain(&self, gate: &Entangle) -> f64 {
        let mut gain = 0.0;
        for pair in self.rows.chunks_exact(2) {
            let pair = [pair[0], pair[1]];
            let mut moved = pair;
            let mut changed = false;
            for row in &mut moved {
                changed |= row.conjugate_by(gate);
            }
            if changed {
                gain += pair_cost(&pair, self.metric) - pair_cost(&moved, self.metric);
            }
        }
        gain
    }

    /// Reduces what is left of the Clifford to one-qubit gates on renamed qubits.
    fn clifford(mut self) -> Option<Network> {
        match self.metric {
            Metric::Free => self.reduce_anywhere()?,
            Metric::Coupled { neighbours, .. } => self.reduce_on_graph(&neighbours.clone())?,
        }
        let mut place = Vec::with_capacity(self.rows.len() / 2);
        for pair in 0..self.rows.len() / 2 {
            let (x, z) = (self.rows[2 * pair], self.rows[2 * pair + 1]);
            if x.support() != z.support() || x.support().count_ones() != 1 {
                return None;
            }
            let qubit = x.support().trailing_zeros() as usize;
            for (pauli, quarters) in local_clifford(qubit, x, z)? {
                self.steps.push(Step::Quarter {
                    qubit,
                    pauli,
                    quarters,
                });
            }
            place.push(qubit);
        }
        Some(Network {
            steps: self.steps,
            place,
        })
    }

    /// Greedy: the gate that brings the nearest pair of rows nearer and all of them most.
    ///
    /// What is gained on one pair may be lost on others, and now and then that goes round in a circle: then `None`.
    fn reduce_anywhere(&mut self) -> Option<()> {
        for _ in 0..4 * self.rows.len().pow(2) {
            let costs: Vec<f64> = self
                .rows
                .chunks_exact(2)
                .map(|pair| pair_cost(&[pair[0], pair[1]], self.metric))
                .collect();
            let nearest = costs
                .iter()
                .copied()
                .filter(|&cost| cost > 0.0)
                .min_by(f64::total_cmp);
            let Some(nearest) = nearest else {
                return Some(());
            };
            let mut best: Option<(f64, Entangle)> = None;
            for (k, &cost) in costs.iter().enumerate() {
                if cost != nearest {
                    continue;
                }
                let pair = [self.rows[2 * k], self.rows[2 * k + 1]];
                let support = pair[0].support() | pair[1].support();
                for gate in gates_within(support) {
                    let mut moved = pair;
                    for row in &mut moved {
                        row.conjugate_by(&gate);
                    }
                    if pair_cost(&moved, self.metric) >= cost {
                        continue;
                    }
                    let gain = self.clifford_gain(&gate);
                    if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                        best = Some((gain, gate));
                    }
                }
            }
            self.apply(best?.1);
        }
        None
    }

    /// Qubit by qubit: a pair of rows is brought onto a qubit without which the graph stays connected.
    fn reduce_on_graph(&mut self, neighbours: &[u64]) -> Option<()> {
        let num_qubits = neighbours.len();
        let mut left: u64 = if num_qubits == 64 {
            u64::MAX
        } else {
            (1 << num_qubits) - 1
        };
        let mut pairs: Vec<usize> = (0..num_qubits).collect();
        while left != 0 {
            let mut best: Option<(usize, usize, Vec<Entangle>)> = None;
            for leaf in ones(left).filter(|&q| is_connected(left & !(1 << q), neighbours)) {
                for (k, &pair) in pairs.iter().enumerate() {
                    let rows = [self.rows[2 * pair], self.rows[2 * pair + 1]];
                    let gates = bring_to(leaf, rows, left, neighbours)?;
                    if best
                        .as_ref()
                        .is_none_or(|(_, _, least)| gates.len() < least.len())
                    {
                        best = Some((leaf, k, gates));
                    }
                }
            }
            let (leaf, k, gates) = best?;
            for gate in gates {
                self.apply(gate);
            }
            pairs.remove(k);
            left &= !(1 << leaf);
        }
        Some(())
    }
}

/// The number of two-qubit gates between a pair of anticommuting rows and one qubit, about.
///
/// On a qubit where the two do nothing there is nothing to do; where they commute it takes one gate; two qubits where
/// they anticommute become two where they commute by one gate (PCOAST, arXiv:2305.10966).
fn pair_cost(pair: &[Narrow; 2], metric: &Metric) -> f64 {
    let support = pair[0].support() | pair[1].support();
    let anti = ((pair[0].x & pair[1].z) ^ (pair[0].z & pair[1].x)).count_ones();
    let extra = 0.5 * f64::from(anti.saturating_sub(1));
    f64::from(metric.cost(support)) + extra
}

/// Every entangling gate on two qubits of a set.
fn gates_within(support: u64) -> impl Iterator<Item = Entangle> {
    const PAULIS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];
    ones(support).flat_map(move |a| {
        ones(support & !((2 << a) - 1)).flat_map(move |b| {
            PAULIS.into_iter().flat_map(move |first| {
                PAULIS
                    .into_iter()
                    .map(move |second| Entangle::new([a, b], [first, second]))
            })
        })
    })
}

fn is_connected(set: u64, neighbours: &[u64]) -> bool {
    if set == 0 {
        return true;
    }
    let mut reached = set & set.wrapping_neg();
    loop {
        let next = ones(reached).fold(reached, |all, q| all | neighbours[q]) & set;
        if next == reached {
            return reached == set;
        }
        reached = next;
    }
}

/// Gates within the graph after which both rows act on `leaf` alone.
fn bring_to(
    leaf: usize,
    mut rows: [Narrow; 2],
    within: u64,
    neighbours: &[u64],
) -> Option<Vec<Entangle>> {
    let parents = parents(leaf, within, neighbours);
    let mut gates = Vec::new();
    // Z first; X may then be moved by gates that leave Z alone.
    for (row, kept) in [(1, None), (0, Some(1))] {
        let held = kept.map(|k: usize| rows[k].at(leaf));
        // Paths from the support to the leaf, the farthest first.
        let mut tree = ones(rows[row].support()).fold(0u64, |tree, q| {
            let mut tree = tree;
            let mut q = q;
            while q != leaf {
                tree |= 1 << q;
                q = parents
                    .iter()
                    .find(|(child, _)| *child == q)
                    .map_or(leaf, |(_, p)| *p);
            }
            tree
        });
        let order: Vec<(usize, usize)> = parents
            .iter()
            .rev()
            .copied()
            .filter(|(child, _)| tree >> child & 1 == 1)
            .collect();
        for (child, parent) in order {
            let mut push = |gate: Entangle, rows: &mut [Narrow; 2]| {
                for row in rows.iter_mut() {
                    row.conjugate_by(&gate);
                }
                gates.push(gate);
            };
            let here = rows[row].at(child);
            if here == Pauli::I {
                continue;
            }
            // At the leaf only gates with the axis that is held there are allowed.
            let held = if parent == leaf { held } else { None };
            if rows[row].at(parent) == Pauli::I {
                let axis = held.unwrap_or(Pauli::Z);
                push(
                    Entangle::new([child, parent], [other_than(here), axis]),
                    &mut rows,
                );
            }
            let there = rows[row].at(parent);
            // The operator at the child is removed by a gate that anticommutes with the one at the parent.
            let axis = held.unwrap_or_else(|| other_than(there));
            if axis == there {
                return None;
            }
            push(Entangle::new([child, parent], [here, axis]), &mut rows);
            tree &= !(1 << child);
        }
    }
    let alone = rows.iter().all(|row| row.support() == 1 << leaf);
    alone.then_some(gates)
}

fn other_than(pauli: Pauli) -> Pauli {
    match pauli {
        Pauli::X => Pauli::Z,
        _ => Pauli::X,
    }
}

/// A breadth-first tree of the set from `root`: each other qubit with its parent, the nearest first.
fn parents(root: usize, within: u64, neighbours: &[u64]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut seen = 1u64 << root;
    let mut queue = vec![root];
    let mut head = 0;
    while head < queue.len() {
        let parent = queue[head];
        head += 1;
        for child in ones(neighbours[parent] & within & !seen) {
            seen |= 1 << child;
            out.push((child, parent));
            queue.push(child);
        }
    }
    out
}

/// Quarter turns after which the rows are X and Z of the qubit: the one-qubit Clifford with these rows.
fn local_clifford(qubit: usize, x: Narrow, z: Narrow) -> Option<Vec<(Pauli, u8)>> {
    const PAULIS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];
    let turns = || {
        PAULIS
            .into_iter()
            .flat_map(|pauli| (1..4).map(move |quarters| (pauli, quarters)))
    };
    let mut words = vec![Vec::new()];
    words.extend(turns().map(|turn| vec![turn]));
    words.extend(turns().flat_map(|first| turns().map(move |second| vec![first, second])));
    words.into_iter().find(|word| {
        let mut rows = [
            Narrow::single(qubit, Pauli::X),
            Narrow::single(qubit, Pauli::Z),
        ];
        // U^-1 Q U for U = T2 T1: the last turn is nearest to Q.
        for (pauli, quarters) in word.iter().rev() {
            let axis = Narrow::single(qubit, *pauli);
            rows.iter_mut()
                .for_each(|row| row.conjugate_by_turn(&axis, *quarters));
        }
        rows == [x, z]
    })
}
