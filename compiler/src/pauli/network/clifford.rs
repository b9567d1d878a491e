//! The Clifford that is left when all rotations are written, reduced pair of rows by pair of rows, up to a renaming of
//! the qubits: greedily where every pair may meet, leaf by leaf on a graph.

use ardea_circuit::Pauli;

use super::super::metric::Metric;
use super::super::narrow::{Entangle, Narrow, ones};
use super::{Network, Search, Step};

impl Search<'_> {
    /// By how much the rows of the final Clifford come nearer.
    pub(super) fn clifford_gain(&self, gate: &Entangle) -> f64 {
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
    pub(super) fn clifford(mut self) -> Option<Network> {
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
