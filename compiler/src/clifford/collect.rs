//! Finding the Clifford blocks of a circuit.
//!
//! Gates are taken in an order that the wires allow: first all that are not Clifford, as far as they can be reached, then
//! all Clifford gates that can be, and again. Those taken together and joined by two-qubit gates are a block.

use std::collections::BTreeSet;

use ardea_circuit::clifford::CliffordForm;
use ardea_circuit::{Circuit, Dag, NodeIndex};

/// A piece of a circuit, as positions of its instructions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    /// An instruction that stays what it is.
    Single(usize),
    /// Clifford gates on connected wires, in order.
    Block(Vec<usize>),
}

/// The circuit in pieces, in an order with the same meaning.
pub(crate) fn pieces(circuit: &Circuit) -> Vec<Piece> {
    let mut front = Front::of(circuit);
    let mut out = Vec::new();
    loop {
        let others = front.drain(Kind::Other);
        let clifford = front.drain(Kind::Clifford);
        if others.is_empty() && clifford.is_empty() {
            return out;
        }
        out.extend(others.into_iter().map(Piece::Single));
        out.extend(connected(circuit, &clifford));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Clifford,
}

/// The instructions that can come next.
struct Front {
    dag: Dag,
    kinds: Vec<Kind>,
    waiting: Vec<u32>,
    ready: [BTreeSet<usize>; 2],
}

impl Front {
    fn of(circuit: &Circuit) -> Self {
        let kind = |operation| {
            if CliffordForm::is_clifford(operation) {
                Kind::Clifford
            } else {
                Kind::Other
            }
        };
        let dag = Dag::new(circuit);
        let mut front = Self {
            kinds: circuit
                .instructions()
                .iter()
                .map(|instruction| kind(&instruction.operation))
                .collect(),
            waiting: dag.in_degrees(),
            ready: [BTreeSet::new(), BTreeSet::new()],
            dag,
        };
        for node in front.dag.front() {
            front.admit(node.index());
        }
        front
    }

    fn admit(&mut self, position: usize) {
        self.ready[self.kinds[position] as usize].insert(position);
    }

    /// All of a kind that can be reached through others of that kind, in order.
    fn drain(&mut self, kind: Kind) -> Vec<usize> {
        let mut out = Vec::new();
        while let Some(position) = self.ready[kind as usize].pop_first() {
            out.push(position);
            for next in self.dag.distinct_successors(NodeIndex::new(position)) {
                self.waiting[next.index()] -= 1;
                if self.waiting[next.index()] == 0 {
                    self.admit(next.index());
                }
            }
        }
        out
    }
}

/// The instructions at `positions` by the wires that they join; a block is a group that joins any.
fn connected(circuit: &Circuit, positions: &[usize]) -> Vec<Piece> {
    let mut group: Vec<usize> = (0..circuit.num_qubits()).collect();
    let qubits = |position: usize| {
        circuit.instructions()[position]
            .qubits
            .iter()
            .map(|q| q.index())
    };
    for &position in positions {
        let mut wires = qubits(position);
        if let Some(first) = wires.next() {
            for other in wires {
                let (a, b) = (leader(&mut group, first), leader(&mut group, other));
                group[a.max(b)] = a.min(b);
            }
        }
    }
    let mut out: Vec<Piece> = Vec::new();
    let mut place: Vec<Option<usize>> = vec![None; circuit.num_qubits()];
    for &position in positions {
        let Some(first) = qubits(position).next() else {
            out.push(Piece::Single(position));
            continue;
        };
        let leader = leader(&mut group, first);
        match place[leader] {
            Some(index) => {
                if let Piece::Block(members) = &mut out[index] {
                    members.push(position);
                }
            }
            None => {
                place[leader] = Some(out.len());
                out.push(Piece::Block(vec![position]));
            }
        }
    }
    out
}

fn leader(group: &mut [usize], mut wire: usize) -> usize {
    while group[wire] != wire {
        group[wire] = group[group[wire]];
        wire = group[wire];
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_that_can_meet_are_one_block() {
        let mut circuit = Circuit::new(4, 0);
        circuit.cx(0, 1).unwrap().t(3).unwrap().cx(2, 3).unwrap();
        circuit
            .cx(1, 2)
            .unwrap()
            .t(0)
            .unwrap()
            .h(1)
            .unwrap()
            .cx(0, 1)
            .unwrap();
        let expected = [
            Piece::Single(1),
            Piece::Block(vec![0, 2, 3, 5]),
            Piece::Single(4),
            Piece::Block(vec![6]),
        ];
        assert_eq!(pieces(&circuit), expected);
    }

    #[test]
    fn what_touches_no_common_wire_is_in_blocks_of_its_own() {
        let mut circuit = Circuit::new(5, 1);
        circuit.cx(0, 1).unwrap().cx(2, 3).unwrap().h(4).unwrap();
        circuit.measure(0, 0).unwrap().cx(0, 1).unwrap();
        let expected = [
            Piece::Block(vec![0]),
            Piece::Block(vec![1]),
            Piece::Block(vec![2]),
            Piece::Single(3),
            Piece::Block(vec![4]),
        ];
        assert_eq!(pieces(&circuit), expected);
    }
}
