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

    /// Breadth first from `root` over the vertices that are `alive`, children before parents.
    fn tree(&self, root: usize, alive: &[bool]) -> Tree {
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

    /// The living vertices without which the rest stays connected, each with the tree that spans the living from there.
    fn removable(&self, alive: &mut [bool]) -> Vec<Tree> {
        let living: Vec<usize> = (0..alive.len()).filter(|&v| alive[v]).collect();
        let mut out = Vec::new();
        for &vertex in &living {
            alive[vertex] = false;
            let other = living.iter().copied().find(|&v| v != vertex);
            let rest = other.map_or(0, |start| self.tree(start, alive).edges.len() + 1);
            alive[vertex] = true;
            if rest + 1 == living.len() {
                out.push(self.tree(vertex, alive));
            }
        }
        out
    }
}

/// Choices of an input and a qubit that are looked into, those with the fewest other qubits to clear first.
const MAX_CANDIDATES: usize = 48;

/// Where the inputs start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// Each on the qubit of its number.
    Fixed,
    /// Wherever it is best.
    Anywhere,
}

/// Reduces `matrix` to one-qubit gates and, where allowed, a permutation, with gates on coupled qubits only. `noise`
/// is how much, in sixteenths of a gate, a choice may seem cheaper than it is.
pub(crate) fn reduce(
    matrix: &Symplectic,
    couplings: &Couplings,
    start: Start,
    seed: u64,
    noise: u32,
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
        let trees = couplings.removable(&mut alive);
        let mut candidates: Vec<(u32, usize, usize)> = Vec::new();
        for (which, tree) in trees.iter().enumerate() {
            for &input in &inputs {
                if start == Start::Anywhere || input == tree.root {
                    let least = least_gates(&matrix, input, tree.root, &alive);
                    candidates.push((least, which, input));
                }
            }
        }
        candidates.sort_unstable();
        let mut best: Option<(u32, usize, usize)> = None;
        for (least, which, input) in candidates.into_iter().take(MAX_CANDIDATES) {
            {
                if best.is_some_and(|(cost, ..)| cost <= 16 * least) {
                    continue;
                }
                let tree = &trees[which];
                let Some(gates) = gatherer.cost(&matrix, input, tree) else {
                    continue;
                };
                let cost = 16 * gates
                    + if noise > 0 {
                        rng.random_range(0..noise)
                    } else {
                        0
                    };
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, which, input));
                }
            }
        }
        let (_, which, input) = best?;
        let tree = &trees[which];
        gatherer.gather(&mut matrix, input, tree, &mut steps)?;
        wires[input] = tree.root;
        alive[tree.root] = false;
        inputs.retain(|&other| other != input);
    }
    Some(Reduction::new(&matrix, steps, wires))
}

/// No fewer gates gather the pair: each leaves one more qubit without its images at most.
fn least_gates(matrix: &Symplectic, input: usize, root: usize, alive: &[bool]) -> u32 {
    let mut held = 0;
    for (q, alive) in alive.iter().enumerate() {
        if *alive && q != root && matrix.pair_type(input, q) != PairType::NONE {
            held += 1;
        }
    }
    held
}
