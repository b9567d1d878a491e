//! Trees that grow on a device.

use ardea_circuit::Qubit;
use ardea_device::Target;

use crate::mapping::cost_of;
use crate::schedule::decay_rate;

/// How much an early end counts against the errors of gates while a tree grows, in parts of what it saves at most: the
/// waiting of all its qubits.
const HASTE: [f64; 5] = [0.0, 0.05, 0.2, 0.5, 1.0];
/// Most a qubit loses by waiting for a second: with less coherence than this says, any wait is the end of it.
const MOST_DECAY: f64 = 1e12;
/// Steps of growth that a search may take; on large devices fewer roots are tried.
const MAX_STEPS: usize = 40_000_000;

/// Nodes of a device in the order in which they are reached.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The device's qubits, the root first.
    pub(super) nodes: Vec<u32>,
    /// For every node but the root, the place of its parent in `nodes`.
    pub(super) parents: Vec<usize>,
}

/// A device on which trees grow that do not touch each other's nodes.
pub(super) struct Garden {
    qubits: Vec<Node>,
    /// Mean loss by waiting for a second, of the qubits in working order that keep anything.
    pub(super) decay: f64,
}

/// A qubit as a tree sees it; losses are negative logarithms of success.
struct Node {
    is_free: bool,
    /// Of its measurement.
    readout: f64,
    /// Of waiting for a second.
    decay: f64,
    neighbours: Vec<Branch>,
}

#[derive(Clone, Copy)]
struct Branch {
    to: u32,
    loss: f64,
    seconds: f64,
}

/// A tree while it grows.
struct Sapling {
    tree: Tree,
    /// When each node has no gate any more.
    free_at: Vec<f64>,
    /// Since when each node is no longer in |0>.
    awake_from: Vec<f64>,
    loss: f64,
    end: f64,
}

impl Garden {
    pub(super) fn new(target: &Target) -> Self {
        let branch = |from: Qubit, to: Qubit| Branch {
            to: to.index() as u32,
            loss: cost_of(target.two_qubit_error(from, to).unwrap_or(0.0)),
            seconds: target.two_qubit_duration(from, to).unwrap_or(0.0),
        };
        let node = |qubit: Qubit| Node {
            is_free: target.is_live(qubit),
            readout: cost_of(target.measure(qubit).error),
            // Also where a coherence time of zero makes it infinite.
            decay: decay_rate(target, qubit).min(MOST_DECAY),
            neighbours: target
                .neighbours(qubit)
                .iter()
                .map(|&to| branch(qubit, to))
                .collect(),
        };
        let qubits: Vec<Node> = target.qubits().map(node).collect();
        let kept = qubits.iter().filter(|node| node.is_free);
        let decays: Vec<f64> = kept
            .map(|node| node.decay)
            .filter(|&decay| decay < MOST_DECAY)
            .collect();
        let decay = decays.iter().sum::<f64>() / decays.len().max(1) as f64;
        Self { qubits, decay }
    }

    /// The tree of `width` nodes that loses least, of those that grow greedily from any root in more or less haste;
    /// `None` where there is no room for one. Its nodes are taken from the garden.
    pub(super) fn grow(&mut self, width: usize) -> Option<Tree> {
        let roots: Vec<u32> = (0..self.qubits.len() as u32)
            .filter(|&root| self.qubits[root as usize].is_free)
            .collect();
        let most = (MAX_STEPS / HASTE.len() / (width * width).max(1)).max(4);
        let step = roots.len().div_ceil(most).max(1);
        let waiting = self.decay * width as f64;
        let mut best: Option<(f64, Tree)> = None;
        for &root in roots.iter().step_by(step) {
            for haste in HASTE {
                let Some(grown) = self.grow_from(root, width, haste * waiting) else {
                    break;
                };
                let loss = self.loss(&grown);
                if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                    best = Some((loss, grown.tree));
                }
            }
        }
        let (_, tree) = best?;
        for &node in &tree.nodes {
            self.qubits[node as usize].is_free = false;
        }
        Some(tree)
    }

    /// Adds the branch that costs least, `per_second` of the time at which it ends included, until the tree is wide
    /// enough.
    fn grow_from(&self, root: u32, width: usize, per_second: f64) -> Option<Sapling> {
        let mut place: Vec<Option<usize>> = vec![None; self.qubits.len()];
        place[root as usize] = Some(0);
        let mut sapling = Sapling {
            tree: Tree {
                nodes: vec![root],
                parents: Vec::new(),
            },
            free_at: vec![0.0],
            awake_from: vec![0.0],
            loss: self.qubits[root as usize].readout,
            end: 0.0,
        };
        // Nodes that may still have a free neighbour.
        let mut open = vec![0];
        while sapling.tree.nodes.len() < width {
            let mut least: Option<(f64, usize, Branch)> = None;
            open.retain(|&parent| {
                let mut has_room = false;
                for &branch in &self.qubits[sapling.tree.nodes[parent] as usize].neighbours {
                    let to = branch.to as usize;
                    if !self.qubits[to].is_free || place[to].is_some() {
                        continue;
                    }
                    has_room = true;
                    let end = sapling.free_at[parent] + branch.seconds;
                    let cost = branch.loss + self.qubits[to].readout + per_second * end;
                    if least.is_none_or(|(other, ..)| cost < other) {
                        least = Some((cost, parent, branch));
                    }
                }
                has_room
            });
            let (_, parent, branch) = least?;
            let new = sapling.tree.nodes.len();
            let end = sapling.free_at[parent] + branch.seconds;
            place[branch.to as usize] = Some(new);
            open.push(new);
            sapling.tree.nodes.push(branch.to);
            sapling.tree.parents.push(parent);
            sapling.free_at[parent] = end;
            sapling.free_at.push(end);
            sapling.awake_from.push(end);
            sapling.loss += branch.loss + self.qubits[branch.to as usize].readout;
            sapling.end = sapling.end.max(end);
        }
        Some(sapling)
    }

    /// What gates, measurements and waiting to the end lose.
    fn loss(&self, sapling: &Sapling) -> f64 {
        let waits = sapling.tree.nodes.iter().zip(&sapling.awake_from);
        let waited: f64 = waits
            .map(|(&node, from)| (sapling.end - from) * self.qubits[node as usize].decay)
            .sum();
        sapling.loss + waited
    }
}
