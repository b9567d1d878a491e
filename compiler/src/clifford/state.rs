//! Stabilizer states: what a Clifford block makes of |0...0> takes fewer gates than the block itself.
//!
//! The state is known by its stabilizers, the images of Z on every qubit, and by any products of them that generate the
//! same group. So one light stabilizer after another is gathered on one qubit, where all others, multiplied with it if
//! need be, act trivially from then on. Inputs are all alike, so nothing is permuted.

use ardea_circuit::clifford::{CliffordGate, Tableau};

use super::gather::Tree;
use super::on_graph::Couplings;
use super::pair::Axis;
use super::reduction::{step_gates, to_z};
use super::symplectic::Step;

/// A Pauli string without its sign.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stabilizer {
    x: Vec<u64>,
    z: Vec<u64>,
}

impl Stabilizer {
    /// The Pauli on qubit `q`, as x + 2 z.
    fn at(&self, q: usize) -> u8 {
        let bit = |words: &[u64]| (words[q / 64] >> (q % 64) & 1) as u8;
        bit(&self.x) | bit(&self.z) << 1
    }

    fn multiply(&mut self, other: &Self) {
        for (mine, theirs) in self.x.iter_mut().zip(&other.x) {
            *mine ^= theirs;
        }
        for (mine, theirs) in self.z.iter_mut().zip(&other.z) {
            *mine ^= theirs;
        }
    }

    fn weight(&self) -> u32 {
        let words = self.x.iter().zip(&self.z);
        words.map(|(x, z)| (x | z).count_ones()).sum()
    }

    fn product_weight(&self, other: &Self) -> u32 {
        (0..self.x.len())
            .map(|w| ((self.x[w] ^ other.x[w]) | (self.z[w] ^ other.z[w])).count_ones())
            .sum()
    }

    fn multiply_at(&mut self, q: usize, axis: Axis) {
        let pauli = axis.bits();
        self.x[q / 64] ^= u64::from(pauli & 1) << (q % 64);
        self.z[q / 64] ^= u64::from(pauli >> 1) << (q % 64);
    }

    fn apply(&mut self, Step { a, s, b, t }: Step) {
        let (at_a, at_b) = (self.at(a), self.at(b));
        if t.clashes(at_b) {
            self.multiply_at(a, s);
        }
        if s.clashes(at_a) {
            self.multiply_at(b, t);
        }
    }
}

/// Stabilizers looked at for each choice, the lightest.
const MAX_ROWS: usize = 16;

/// Gates on coupled qubits that make the state that the operator of `tableau` makes of |0...0>, up to its phase.
///
/// None when the couplings do not connect the qubits.
pub(crate) fn prepare(tableau: &Tableau, couplings: &Couplings) -> Option<Vec<CliffordGate>> {
    let n = tableau.num_qubits();
    let mut rest = stabilizers(tableau);
    let mut alive = vec![true; n];
    let mut steps = Vec::new();
    let mut last = vec![0u8; n];
    while !rest.is_empty() {
        lighten(&mut rest);
        let mut lightest: Vec<usize> = (0..rest.len()).collect();
        lightest.sort_by_key(|&row| (rest[row].weight(), row));
        lightest.truncate(MAX_ROWS);
        let mut best: Option<(u32, usize, Tree)> = None;
        for root in couplings.removable(&alive) {
            let tree = couplings.tree(root, &alive);
            let cost = |&row: &usize| (gather_cost(&rest[row], &tree), row);
            let (cost, row) = lightest.iter().map(cost).min()?;
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, row, tree));
            }
        }
        let (_, row, tree) = best?;
        let root = tree.root;
        gather(&mut rest, row, &tree, &mut steps)?;
        let done = rest.swap_remove(row);
        last[root] = done.at(root);
        for other in &mut rest {
            if other.at(root) != 0 {
                other.multiply(&done);
            }
        }
        alive[root] = false;
    }
    // From |0...0> to the last stabilizers, then the steps back.
    let mut gates = Vec::new();
    for (q, &pauli) in last.iter().enumerate() {
        let turn = to_z(Axis::of_bits(pauli)?, q);
        gates.extend(turn.into_iter().rev().map(CliffordGate::inverse));
    }
    gates.extend(steps.iter().rev().flat_map(|step| step_gates(*step)));
    gates.extend(signs(tableau, &gates)?);
    Some(gates)
}

fn stabilizers(tableau: &Tableau) -> Vec<Stabilizer> {
    let n = tableau.num_qubits();
    let words = n.div_ceil(64);
    (0..n)
        .map(|g| {
            let mut row = Stabilizer {
                x: vec![0; words],
                z: vec![0; words],
            };
            for q in 0..n {
                let (x, z) = tableau.bits(n + g, q);
                row.x[q / 64] |= u64::from(x) << (q % 64);
                row.z[q / 64] |= u64::from(z) << (q % 64);
            }
            row
        })
        .collect()
}

/// Rounds of looking for lighter products.
const MAX_ROUNDS: usize = 8;

/// Replaces stabilizers by products of two that act on fewer qubits.
fn lighten(rows: &mut [Stabilizer]) {
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for i in 0..rows.len() {
            let mut weight = rows[i].weight();
            for j in 0..rows.len() {
                if i != j && rows[i].product_weight(&rows[j]) < weight {
                    let other = rows[j].clone();
                    rows[i].multiply(&other);
                    weight = rows[i].weight();
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
    }
}

/// Gates that gather a stabilizer on the root: one for every edge on the way, and one for every idle qubit there.
fn gather_cost(stabilizer: &Stabilizer, tree: &Tree) -> u32 {
    let mut holds: Vec<bool> = Vec::new();
    let mut cost = 0;
    let n = stabilizer.x.len() * 64;
    holds.resize(n, false);
    for &(child, parent) in &tree.edges {
        if holds[child] || stabilizer.at(child) != 0 {
            cost += 1;
            if !holds[parent] && stabilizer.at(parent) == 0 {
                cost += 1;
            }
            holds[parent] = true;
        }
    }
    cost
}

fn gather(rows: &mut [Stabilizer], row: usize, tree: &Tree, steps: &mut Vec<Step>) -> Option<()> {
    for &(child, parent) in &tree.edges {
        if rows[row].at(child) == 0 {
            continue;
        }
        if rows[row].at(parent) == 0 {
            lightest(rows, row, (child, parent), steps, |child, parent| {
                child != 0 && parent != 0
            })?;
        }
        lightest(rows, row, (child, parent), steps, |child, parent| {
            child == 0 && parent != 0
        })?;
    }
    Some(())
}

/// Of the gates with the wanted effect on a stabilizer, the one after which the others act on the fewest qubits.
fn lightest(
    rows: &mut [Stabilizer],
    row: usize,
    (a, b): (usize, usize),
    steps: &mut Vec<Step>,
    wanted: impl Fn(u8, u8) -> bool,
) -> Option<()> {
    let mut best: Option<(u32, Step)> = None;
    for s in Axis::ALL {
        for t in Axis::ALL {
            let step = Step { a, s, b, t };
            let after = |stabilizer: &Stabilizer| {
                let pair = (stabilizer.at(a), 0);
                let ((at_a, _), (at_b, _)) = s.turn(pair, t, (stabilizer.at(b), 0));
                (at_a, at_b)
            };
            let (at_a, at_b) = after(&rows[row]);
            if !wanted(at_a, at_b) {
                continue;
            }
            let load = rows.iter().map(|other| {
                let (at_a, at_b) = after(other);
                u32::from(at_a != 0) + u32::from(at_b != 0)
            });
            let load = load.sum();
            if best.is_none_or(|(least, _)| load < least) {
                best = Some((load, step));
            }
        }
    }
    let (_, step) = best?;
    rows.iter_mut().for_each(|other| other.apply(step));
    steps.push(step);
    Some(())
}

/// Pauli gates after which `gates` make the state of `tableau`, and not one that differs by signs of stabilizers; none
/// when it differs by more.
fn signs(tableau: &Tableau, gates: &[CliffordGate]) -> Option<Vec<CliffordGate>> {
    let n = tableau.num_qubits();
    let mut made = Tableau::identity(n);
    gates.iter().for_each(|&gate| made.append(gate));
    // Seen from before the gates, the stabilizers of the state are products of Z alone, with signs.
    let back = tableau.then(&made.inverse());
    let mut rows: Vec<(Vec<bool>, bool)> = Vec::with_capacity(n);
    for g in 0..n {
        let bits: Vec<(bool, bool)> = (0..n).map(|q| back.bits(n + g, q)).collect();
        if bits.iter().any(|&(x, _)| x) {
            return None;
        }
        let z = bits.into_iter().map(|(_, z)| z).collect();
        rows.push((z, back.is_negative(n + g)));
    }
    let flips = solve(rows)?;
    // An X before the gates is its image after them.
    let mut paulis = Vec::new();
    for q in (0..n).filter(|&q| flips[q]) {
        for p in 0..n {
            match made.bits(q, p) {
                (false, false) => {}
                (true, false) => paulis.push(CliffordGate::X(p)),
                (false, true) => paulis.push(CliffordGate::Z(p)),
                (true, true) => paulis.push(CliffordGate::Y(p)),
            }
        }
    }
    Some(merged(n, &paulis))
}

/// One Pauli gate per qubit that does what many do, up to the phase.
fn merged(n: usize, paulis: &[CliffordGate]) -> Vec<CliffordGate> {
    let mut bits = vec![0u8; n];
    for &gate in paulis {
        match gate {
            CliffordGate::X(q) => bits[q] ^= 1,
            CliffordGate::Z(q) => bits[q] ^= 2,
            CliffordGate::Y(q) => bits[q] ^= 3,
            _ => {}
        }
    }
    let gate = |(q, bits): (usize, u8)| match bits {
        1 => Some(CliffordGate::X(q)),
        2 => Some(CliffordGate::Z(q)),
        3 => Some(CliffordGate::Y(q)),
        _ => None,
    };
    bits.into_iter().enumerate().filter_map(gate).collect()
}

/// The bits whose parities over these sets are these; none when there are no such bits.
fn solve(mut rows: Vec<(Vec<bool>, bool)>) -> Option<Vec<bool>> {
    let n = rows.len();
    for column in 0..n {
        let pivot = (column..n).find(|&row| rows[row].0[column])?;
        rows.swap(column, pivot);
        let (set, parity) = rows[column].clone();
        for (row, (other, other_parity)) in rows.iter_mut().enumerate() {
            if row != column && other[column] {
                other.iter_mut().zip(&set).for_each(|(a, b)| *a ^= b);
                *other_parity ^= parity;
            }
        }
    }
    Some(rows.into_iter().map(|(_, parity)| parity).collect())
}
