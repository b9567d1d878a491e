//! What Clifford gates cost once neighbours on a pair of qubits are written as one block: no CZ, one, two or three.

use ardea_circuit::clifford::CliffordGate;

/// CZ gates that `gates` take when every run on two qubits is written with the fewest, and their depth.
pub(crate) fn two_qubit_cost(
    num_qubits: usize,
    gates: impl IntoIterator<Item = CliffordGate>,
) -> (usize, usize) {
    let mut blocks: Vec<(usize, usize, PairBlock)> = Vec::new();
    let mut open: Vec<Option<usize>> = vec![None; num_qubits];
    for gate in gates {
        if let Some((a, b)) = gate.pair() {
            let block = match (open[a], open[b]) {
                (Some(first), Some(second)) if first == second => first,
                _ => {
                    blocks.push((a, b, PairBlock::IDENTITY));
                    blocks.len() - 1
                }
            };
            (open[a], open[b]) = (Some(block), Some(block));
            let (first, _, matrix) = &mut blocks[block];
            matrix.append(gate, *first);
        } else if let Some(block) = open[qubit_of(gate)] {
            let (first, _, matrix) = &mut blocks[block];
            matrix.append(gate, *first);
        }
    }
    let mut depths = vec![0; num_qubits];
    let mut total = 0;
    for (a, b, block) in &blocks {
        let cost = block.cost();
        total += cost;
        if cost > 0 {
            let depth = depths[*a].max(depths[*b]) + cost;
            (depths[*a], depths[*b]) = (depth, depth);
        }
    }
    (total, depths.into_iter().max().unwrap_or(0))
}

fn qubit_of(gate: CliffordGate) -> usize {
    match gate {
        CliffordGate::X(q)
        | CliffordGate::Y(q)
        | CliffordGate::Z(q)
        | CliffordGate::H(q)
        | CliffordGate::S(q)
        | CliffordGate::Sdg(q)
        | CliffordGate::SX(q)
        | CliffordGate::SXdg(q)
        | CliffordGate::CX(q, _)
        | CliffordGate::CZ(q, _)
        | CliffordGate::Swap(q, _) => q,
    }
}

/// The images of X and Z of two qubits on both of them: bit g of a mask belongs to generator g (X, X, Z, Z).
#[derive(Clone, Copy)]
struct PairBlock {
    x: [u8; 2],
    z: [u8; 2],
}

impl PairBlock {
    const IDENTITY: Self = Self {
        x: [1, 2],
        z: [4, 8],
    };

    /// Appends a gate; `first` is the qubit that counts as the block's first.
    fn append(&mut self, gate: CliffordGate, first: usize) {
        let place = |q: usize| usize::from(q != first);
        match gate {
            CliffordGate::X(_) | CliffordGate::Y(_) | CliffordGate::Z(_) => {}
            CliffordGate::H(q) => std::mem::swap(&mut self.x[place(q)], &mut self.z[place(q)]),
            CliffordGate::S(q) | CliffordGate::Sdg(q) => self.z[place(q)] ^= self.x[place(q)],
            CliffordGate::SX(q) | CliffordGate::SXdg(q) => self.x[place(q)] ^= self.z[place(q)],
            CliffordGate::CX(c, t) => {
                self.x[place(t)] ^= self.x[place(c)];
                self.z[place(c)] ^= self.z[place(t)];
            }
            CliffordGate::CZ(..) => {
                self.z[0] ^= self.x[1];
                self.z[1] ^= self.x[0];
            }
            CliffordGate::Swap(..) => {
                self.x.swap(0, 1);
                self.z.swap(0, 1);
            }
        }
    }

    /// By how much of the first qubit's pair of images is left on the first qubit.
    fn cost(&self) -> usize {
        let bits = |place: usize| {
            let at = |mask: u8| (mask & 1 | mask >> 1 & 2) as usize;
            (at(self.x[place]), at(self.z[place]))
        };
        // The Paulis of X and Z of the first qubit on each qubit, as columns of a matrix over two elements.
        let rank = |(x, z): (usize, usize)| match (x, z) {
            (0, 0) => 0,
            (0, _) | (_, 0) => 1,
            (x, z) if x == z => 1,
            _ => 2,
        };
        match (rank(bits(0)), rank(bits(1))) {
            (2, 0) => 0,
            (2, _) => 1,
            (1, _) => 2,
            _ => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;
    use ardea_circuit::random::random_circuit;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::synthesis::two_qubit::cz_count;
    use crate::synthesis::weyl::coordinates;

    #[test]
    fn the_cost_of_two_qubits_is_that_of_their_weyl_coordinates() {
        use ardea_circuit::Gate::{CX, CZ, H, S, SX, Swap, X};
        let mut seen = [0; 4];
        for seed in 0..200 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let circuit = random_circuit(&mut rng, 2, 9, &[H, S, SX, X, CX, CX, CZ, CZ, Swap]);
            let cost = two_qubit_cost(2, gates_of(&circuit)).0;
            let matrix = circuit.to_matrix().unwrap();
            let matrix = nalgebra::Matrix4::from_iterator(matrix.iter().copied());
            assert_eq!(cost, cz_count(&coordinates(&matrix)), "seed {seed}");
            seen[cost] += 1;
        }
        assert!(seen.iter().all(|&count| count > 5), "{seen:?}");
    }

    fn gates_of(circuit: &Circuit) -> Vec<CliffordGate> {
        let form = |i: &ardea_circuit::Instruction| {
            let form = ardea_circuit::clifford::CliffordForm::of(&i.operation).unwrap();
            let gates = form.gates().iter();
            gates
                .map(|g| g.map(|q| i.qubits[q].index()))
                .collect::<Vec<_>>()
        };
        circuit.instructions().iter().flat_map(form).collect()
    }
}
