//! Where the qubits of a program stand on a small piece of the device's graph.

use std::collections::BTreeSet;

use ardea_circuit::{Pauli, Qubit};
use ardea_device::Target;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::metric::Metric;
use super::narrow::{Narrow, ones};
use super::program::Program;
use crate::Context;

/// A graph, and the qubit of the program on each of its nodes.
pub(super) struct Placing {
    pub(super) metric: Metric,
    pub(super) qubits: Vec<usize>,
}

impl Placing {
    /// Every pair coupled, qubits in their order.
    pub(super) fn free(num_qubits: usize) -> Self {
        Self {
            metric: Metric::Free,
            qubits: (0..num_qubits).collect(),
        }
    }

    /// An operator on the program's qubits as one on the nodes.
    pub(super) fn moved(&self, axis: &Narrow) -> Narrow {
        let (mut x, mut z) = (0, 0);
        for (node, &q) in self.qubits.iter().enumerate() {
            let pauli = axis.at(q);
            x |= u64::from(matches!(pauli, Pauli::X | Pauli::Y)) << node;
            z |= u64::from(matches!(pauli, Pauli::Z | Pauli::Y)) << node;
        }
        Narrow::hermitian(x, z, axis.is_negative())
    }
}

/// Graphs of the program's width found on the device, each with the qubits placed in several ways: `most` in all, the
/// graphs taking turns.
pub(super) fn placings(program: &Program, context: &Context<'_>, most: usize) -> Vec<Placing> {
    let metrics: Vec<Metric> = shapes(context.target, program.num_qubits)
        .into_iter()
        .take(most)
        .map(Metric::coupled)
        .collect();
    let mut out: Vec<Placing> = Vec::new();
    for start in 0..most.div_ceil(metrics.len().max(1)) {
        for metric in &metrics {
            let mut rng = Pcg64Mcg::seed_from_u64(context.trial_seed(start));
            let qubits = placed(program, metric, &mut rng);
            let known = |other: &Placing| other.qubits == qubits && same(&other.metric, metric);
            if out.len() < most && !out.iter().any(known) {
                out.push(Placing {
                    metric: metric.clone(),
                    qubits,
                });
            }
        }
    }
    out
}

fn same(a: &Metric, b: &Metric) -> bool {
    match (a, b) {
        (Metric::Coupled { neighbours: a, .. }, Metric::Coupled { neighbours: b, .. }) => a == b,
        _ => false,
    }
}

/// How many rotations a placement is judged by.
const JUDGED: usize = 256;

/// The qubits on the nodes: from a random order, exchanges while they bring the operators nearer.
fn placed(program: &Program, metric: &Metric, rng: &mut Pcg64Mcg) -> Vec<usize> {
    let num_qubits = program.num_qubits;
    let mut qubits: Vec<usize> = (0..num_qubits).collect();
    for k in 0..num_qubits {
        qubits.swap(k, rng.random_range(k..num_qubits));
    }
    let supports: Vec<u64> = program
        .rotations
        .iter()
        .take(JUDGED)
        .map(|rotation| rotation.axis.support())
        .collect();
    let judge = |qubits: &[usize]| -> i32 {
        supports
            .iter()
            .map(|support| {
                let moved = qubits
                    .iter()
                    .enumerate()
                    .fold(0, |out, (node, &q)| out | (support >> q & 1) << node);
                metric.cost(moved)
            })
            .sum()
    };
    let mut cost = judge(&qubits);
    loop {
        let mut improved = false;
        for a in 0..num_qubits {
            for b in a + 1..num_qubits {
                qubits.swap(a, b);
                let next = judge(&qubits);
                if next < cost {
                    cost = next;
                    improved = true;
                } else {
                    qubits.swap(a, b);
                }
            }
        }
        if !improved {
            return qubits;
        }
    }
}

/// How many pieces of the device are tried.
const MAX_SHAPES: usize = 4;

/// Connected pieces of the device with so many qubits, different by their sorted degrees, the most compact first.
fn shapes(target: &Target, num_qubits: usize) -> Vec<Vec<u64>> {
    let mut seen = BTreeSet::new();
    let mut out: Vec<(usize, Vec<u64>)> = Vec::new();
    for start in (0..target.num_qubits()).map(Qubit::new) {
        if !target.is_live(start) {
            continue;
        }
        for piece in [
            ball(target, start, num_qubits),
            path(target, start, num_qubits),
        ] {
            if piece.len() < num_qubits {
                continue;
            }
            let neighbours: Vec<u64> = piece
                .iter()
                .map(|&q| {
                    piece
                        .iter()
                        .enumerate()
                        .filter(|(_, other)| target.are_coupled(q, **other))
                        .fold(0, |set, (k, _)| set | 1 << k)
                })
                .collect();
            let key = signature(&neighbours);
            if seen.insert(key) {
                out.push((spread(&neighbours), neighbours));
            }
        }
    }
    out.sort_by_key(|(spread, _)| *spread);
    out.truncate(MAX_SHAPES);
    out.into_iter().map(|(_, neighbours)| neighbours).collect()
}

/// The nearest qubits to a start.
fn ball(target: &Target, start: Qubit, size: usize) -> Vec<Qubit> {
    let mut out = vec![start];
    let mut head = 0;
    while head < out.len() && out.len() < size {
        for &next in target.neighbours(out[head]) {
            if out.len() < size && !out.contains(&next) {
                out.push(next);
            }
        }
        head += 1;
    }
    out
}

/// A path from a start, always to the first neighbour that is not on it.
fn path(target: &Target, start: Qubit, size: usize) -> Vec<Qubit> {
    let mut out = vec![start];
    while out.len() < size {
        let last = out[out.len() - 1];
        match target.neighbours(last).iter().find(|q| !out.contains(q)) {
            Some(&next) => out.push(next),
            None => break,
        }
    }
    out
}

/// For each node its degree and those of its neighbours, sorted: equal for graphs that are the same up to names.
fn signature(neighbours: &[u64]) -> Vec<Vec<u32>> {
    let mut out: Vec<Vec<u32>> = neighbours
        .iter()
        .map(|set| {
            let mut around: Vec<u32> = ones(*set).map(|q| neighbours[q].count_ones()).collect();
            around.sort_unstable();
            around
        })
        .collect();
    out.sort_unstable();
    out
}

/// The sum of all distances.
fn spread(neighbours: &[u64]) -> usize {
    let mut total = 0;
    for q in 0..neighbours.len() {
        let (mut reached, mut distance) = (1u64 << q, 0);
        loop {
            let next = ones(reached).fold(reached, |all, q| all | neighbours[q]);
            if next == reached {
                break;
            }
            distance += 1;
            total += distance * (next & !reached).count_ones() as usize;
            reached = next;
        }
    }
    total
}
