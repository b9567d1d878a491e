//! Clifford synthesis on a coupling graph, one qubit after another.
//!
//! The images of one input's X and Z are gathered on one qubit ([`gather`](super::gather)) whose removal leaves the rest
//! connected; every other image then acts trivially there, and the rest is a smaller problem. Which input and which
//! qubit come next is chosen by cost, as in PermRowCol (Griend and Li 2022, arXiv:2205.00724) and its Clifford relative
//! (Winderl, Huang, Meijer-van de Griend and Yeung 2023, arXiv:2309.08972). Where the inputs may start anywhere, any
//! input may end on any qubit, and no swap is ever needed.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::gather::{Gatherer, Tree};
use super::pair::PairType;
use super::reduction::Reduction;
use super::symplectic::Symplectic;

/// Which qubits may have a two-qubit gate.
#[derive(Clone, Debug)]
pub(crate) struct Couplings {
    neighbours: Vec<Vec<usize>>,
}

impl Couplings {
    /// The graph of these edges on qubits `0..num_qubits`.
    pub(crate) fn new(num_qubits: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut neighbours = vec![Vec::new(); num_qubits];
        for (a, b) in edges {
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
        neighbours.iter_mut().for_each(|list: &mut Vec<usize>| {
            list.sort_unstable();
            list.dedup();
        });
        Self { neighbours }
    }

    /// Any two of `num_qubits` qubits.
    pub(crate) fn complete(num_qubits: usize) -> Self {
        let pairs = (0..num_qubits).flat_map(|a| (0..a).map(move |b| (a, b)));
        Self::new(num_qubits, pairs)
    }

    /// Breadth first from `root` over the vertices that are `alive`, children before parents.
    pub(crate) fn tree(&self, root: usize, alive: &[bool]) -> Tree {
        let mut edges = Vec::new();
        let mut seen = vec![false; alive.len()];
        seen[root] = true;
        let mut queue = vec![root];
        let mut next = 0;
        while next < queue.len() {
            let vertex = queue[next];
            next += 1;
            for &other in &self.neighbours[vertex] {
                if alive[other] && !std::mem::replace(&mut seen[other], true) {
                    edges.push((other, vertex));
                    queue.push(other);
                }
            }
        }
        edges.reverse();
        Tree { root, edges }
    }

    /// The living vertices without which the rest stays connected: those that no other hangs on (Hopcroft and Tarjan
    /// 1973).
    pub(crate) fn removable(&self, alive: &[bool]) -> Vec<usize> {
        let living: Vec<usize> = (0..alive.len()).filter(|&v| alive[v]).collect();
        let Some(&root) = living.first() else {
            return living;
        };
        let mut order = vec![usize::MAX; alive.len()];
        let mut lowest = vec![0; alive.len()];
        let mut cuts = vec![false; alive.len()];
        let (mut seen, mut branches) = (1, 0);
        order[root] = 0;
        // A vertex on the way from the root, the one before it, and how far its neighbours have been looked at.
        let mut path = vec![(root, root, 0)];
        while let Some((vertex, parent, place)) = path.pop() {
            if let Some(&other) = self.neighbours[vertex].get(place) {
                path.push((vertex, parent, place + 1));
                if !alive[other] || other == parent {
                    continue;
                }
                if order[other] == usize::MAX {
                    order[other] = seen;
                    lowest[other] = seen;
                    seen += 1;
                    branches += usize::from(vertex == root);
                    path.push((other, vertex, 0));
                } else {
                    lowest[vertex] = lowest[vertex].min(order[other]);
                }
            } else if vertex != root {
                lowest[parent] = lowest[parent].min(lowest[vertex]);
                cuts[parent] |= parent != root && lowest[vertex] >= order[parent];
            }
        }
        cuts[root] = branches > 1;
        living.into_iter().filter(|&v| !cuts[v]).collect()
    }
}

/// Choices of an input and a qubit that are looked into, those with the fewest other qubits to clear first.
const MAX_CANDIDATES: usize = 32;

/// Where the inputs start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// Each on the qubit of its number.
    Fixed,
    /// Wherever it is best.
    Anywhere,
}

/// Reduces `matrix` to one-qubit gates and, where allowed, a permutation, with gates on coupled qubits only. `noise`
/// is how much, in sixteenths of a gate, a choice may seem cheaper than it is; more than `most` gates are given up.
pub(crate) fn reduce(
    matrix: &Symplectic,
    couplings: &Couplings,
    start: Start,
    seed: u64,
    noise: u32,
    most: usize,
) -> Option<Reduction> {
    let n = matrix.num_qubits();
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut matrix = matrix.clone();
    let mut gatherer = Gatherer::default();
    let mut alive = vec![true; n];
    let mut inputs: Vec<usize> = (0..n).collect();
    let mut steps = Vec::new();
    let mut wires = vec![0; n];
    while !inputs.is_empty() {
        let candidates = candidates(&matrix, couplings, start, &alive, &inputs);
        let mut trees: Vec<Option<Tree>> = vec![None; n];
        let mut types: Vec<Option<Vec<PairType>>> = vec![None; n];
        let mut best: Option<(u32, usize, usize)> = None;
        for (least, root, input) in candidates {
            if best.is_some_and(|(cost, ..)| cost <= 16 * least) {
                continue;
            }
            let tree = trees[root].get_or_insert_with(|| couplings.tree(root, &alive));
            let types = types[input].get_or_insert_with(|| matrix.types(input));
            let Some(gates) = gatherer.cost(types, tree) else {
                continue;
            };
            let cost = 16 * gates
                + if noise > 0 {
                    rng.random_range(0..noise)
                } else {
                    0
                };
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, root, input));
            }
        }
        let (_, root, input) = best?;
        let tree = couplings.tree(root, &alive);
        gatherer.gather(&mut matrix, input, &tree, &mut steps)?;
        if steps.len() > most {
            return None;
        }
        wires[input] = root;
        alive[root] = false;
        inputs.retain(|&other| other != input);
    }
    Some(Reduction::new(&matrix, steps, wires))
}

/// Choices of what comes next: the least number of gates each may take, the qubit, and the input.
fn candidates(
    matrix: &Symplectic,
    couplings: &Couplings,
    start: Start,
    alive: &[bool],
    inputs: &[usize],
) -> Vec<(u32, usize, usize)> {
    let living: Vec<usize> = (0..alive.len()).filter(|&q| alive[q]).collect();
    let weights = matrix.weights(&living);
    let mut out = Vec::new();
    for root in couplings.removable(alive) {
        for &input in inputs {
            if start == Start::Anywhere || input == root {
                // A gate leaves one more qubit without the images at most.
                let at_root = matrix.pair_type(input, root) != PairType::NONE;
                out.push((weights[input] - u32::from(at_root), root, input));
            }
        }
    }
    out.sort_unstable();
    out.truncate(MAX_CANDIDATES);
    out
}
