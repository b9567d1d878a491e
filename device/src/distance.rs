//! Hop distances between all pairs of qubits: what routing looks up in its innermost loop.
//!
//! One breadth-first search per qubit fills a flat row-major table of `u16`.

use std::collections::VecDeque;

use ardea_circuit::Qubit;

/// Number of hops between any two qubits over live edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistanceMatrix {
    num_qubits: usize,
    hops: Vec<u16>,
}

impl DistanceMatrix {
    /// The entry for two qubits that no live path joins.
    pub const UNREACHABLE: u16 = u16::MAX;

    /// Hops from `a` to `b`: 0 for the same qubit, [`UNREACHABLE`](Self::UNREACHABLE) when apart.
    #[inline]
    pub fn get(&self, a: Qubit, b: Qubit) -> u16 {
        self.row(a)[b.index()]
    }

    /// Hops from `a` to every qubit, by index.
    #[inline]
    pub fn row(&self, a: Qubit) -> &[u16] {
        let start = a.index() * self.num_qubits;
        &self.hops[start..start + self.num_qubits]
    }

    /// Number of qubits on each side of the table.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The largest finite distance.
    pub fn diameter(&self) -> u16 {
        self.hops
            .iter()
            .copied()
            .filter(|&d| d != Self::UNREACHABLE)
            .max()
            .unwrap_or(0)
    }

    pub(crate) fn of(neighbours: &[Vec<Qubit>]) -> Self {
        let num_qubits = neighbours.len();
        let mut hops = vec![Self::UNREACHABLE; num_qubits * num_qubits];
        let mut queue = VecDeque::new();
        for (start, row) in hops.chunks_exact_mut(num_qubits.max(1)).enumerate() {
            row[start] = 0;
            queue.push_back(start);
            while let Some(from) = queue.pop_front() {
                for to in &neighbours[from] {
                    if row[to.index()] == Self::UNREACHABLE {
                        row[to.index()] = row[from] + 1;
                        queue.push_back(to.index());
                    }
                }
            }
        }
        DistanceMatrix { num_qubits, hops }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_gap_has_two_islands() {
        let q = Qubit::new;
        let neighbours = vec![
            vec![q(1)],
            vec![q(0), q(2)],
            vec![q(1)],
            vec![q(4)],
            vec![q(3)],
        ];
        let distances = DistanceMatrix::of(&neighbours);
        assert_eq!(distances.row(q(0)), [0, 1, 2, u16::MAX, u16::MAX]);
        assert_eq!(distances.get(q(4), q(3)), 1);
        assert_eq!(distances.diameter(), 2);
    }
}
