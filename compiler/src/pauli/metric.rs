//! How far a Pauli operator is from acting on one qubit, given which pairs of qubits may be entangled.

use super::narrow::ones;

/// The widest device graph for which distances are tabulated: one byte for each set of qubits.
pub(super) const MAX_TABLE_QUBITS: usize = 16;

/// Counts the two-qubit gates it takes to bring an operator onto one qubit.
#[derive(Clone, Debug)]
pub(super) enum Metric {
    /// Every pair may be entangled: one gate for each qubit but the last.
    Free,
    /// Only some pairs: the least number of steps, by support.
    Coupled {
        /// For each qubit, its neighbours.
        neighbours: Vec<u64>,
        /// By support; the empty set costs nothing.
        costs: Vec<u8>,
    },
}

impl Metric {
    /// The metric of a connected graph.
    ///
    /// One gate on an edge takes one qubit out of a support that holds both its ends, or adds the second end to a
    /// support that holds one. A search from the single qubits outward finds the least number for every support.
    pub(super) fn coupled(neighbours: Vec<u64>) -> Self {
        let size = 1usize << neighbours.len();
        let mut costs = vec![u8::MAX; size];
        costs[0] = 0;
        let mut layer: Vec<u64> = (0..neighbours.len()).map(|q| 1 << q).collect();
        for &support in &layer {
            costs[support as usize] = 0;
        }
        let mut cost = 0;
        while !layer.is_empty() {
            cost += 1;
            let mut next = Vec::new();
            for support in layer {
                let mut reach = |before: u64| {
                    if costs[before as usize] == u8::MAX {
                        costs[before as usize] = cost;
                        next.push(before);
                    }
                };
                for q in ones(support) {
                    // The steps backwards: a neighbour that was there, or this qubit that was not.
                    for other in ones(neighbours[q] & !support) {
                        reach(support | 1 << other);
                    }
                    if neighbours[q] & support != 0 {
                        reach(support & !(1 << q));
                    }
                }
            }
            layer = next;
        }
        Self::Coupled { neighbours, costs }
    }

    /// The number of two-qubit gates that bring an operator with this support onto one qubit.
    #[inline]
    pub(super) fn cost(&self, support: u64) -> i32 {
        match self {
            Self::Free => support.count_ones().saturating_sub(1) as i32,
            Self::Coupled { costs, .. } => i32::from(costs[support as usize]),
        }
    }

    /// The qubits that may be entangled with one.
    #[inline]
    pub(super) fn neighbours(&self, qubit: usize) -> u64 {
        match self {
            Self::Free => !(1 << qubit),
            Self::Coupled { neighbours, .. } => neighbours[qubit],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_line_gaps_are_filled_first() {
        let line = Metric::coupled(vec![0b0010, 0b0101, 0b1010, 0b0100]);
        let costs = [0b0001, 0b0011, 0b0101, 0b1001, 0b1011, 0b1111].map(|s| line.cost(s));
        assert_eq!(costs, [0, 1, 3, 5, 4, 3]);
    }
}
