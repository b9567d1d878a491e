//! The dependency graph of a circuit, as an analysis: index arrays over the instruction list.
//!
//! Nodes are positions in [`Circuit::instructions`]; each node sits on the wires (qubits, then
//! classical bits) that its instruction touches, between a predecessor and a successor on each. What
//! may leave a loop sits on every wire, so that nothing passes it.

use crate::{Circuit, Clbit};

/// A wire: qubits come first, then classical bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Wire(u32);

impl Wire {
    /// The wire's position: a qubit's index, or the number of qubits plus a classical bit's index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The position of an instruction in its circuit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeIndex(u32);

impl NodeIndex {
    /// The node of instruction `position`.
    ///
    /// # Panics
    /// When the position does not fit in 32 bits.
    pub fn new(position: usize) -> Self {
        Self(u32::try_from(position).expect("an instruction list of less than 2^32 entries"))
    }

    /// The position in the instruction list.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

const NONE: u32 = u32::MAX;

/// The dependency graph of one circuit at one moment.
#[derive(Clone, Debug)]
pub struct Dag {
    /// `offsets[n]..offsets[n + 1]` are the slots of node `n`.
    offsets: Vec<u32>,
    wires: Vec<Wire>,
    previous: Vec<u32>,
    next: Vec<u32>,
    first: Vec<u32>,
    last: Vec<u32>,
}

impl Dag {
    /// The graph of `circuit`, in time linear in its size.
    ///
    /// # Panics
    /// When the circuit's instructions touch 2^32 wires or more in all.
    pub fn new(circuit: &Circuit) -> Self {
        let num_wires = circuit.num_qubits() + circuit.num_clbits();
        let mut dag = Self {
            offsets: Vec::with_capacity(circuit.len() + 1),
            wires: Vec::with_capacity(2 * circuit.len()),
            previous: Vec::with_capacity(2 * circuit.len()),
            next: Vec::new(),
            first: vec![NONE; num_wires],
            last: vec![NONE; num_wires],
        };
        dag.offsets.push(0);
        // The slot of the last node on each wire, to link it forward.
        let mut open = vec![NONE; num_wires];
        for (position, instruction) in circuit.instructions().iter().enumerate() {
            let node = NodeIndex::new(position).0;
            let start = dag.wires.len();
            let qubits = circuit.fenced_qubits(instruction);
            dag.wires
                .extend(qubits.iter().map(|q| Wire(q.index() as u32)));
            let clbits = circuit.fenced_clbits(instruction);
            let wire_of = |bit: &Clbit| Wire((circuit.num_qubits() + bit.index()) as u32);
            dag.wires.extend(clbits.iter().map(wire_of));
            for slot in start..dag.wires.len() {
                let wire = dag.wires[slot].index();
                dag.previous.push(dag.last[wire]);
                dag.next.push(NONE);
                match open[wire] {
                    NONE => dag.first[wire] = node,
                    before => dag.next[before as usize] = node,
                }
                open[wire] = u32::try_from(slot).expect("fewer than 2^32 wire slots");
                dag.last[wire] = node;
            }
            dag.offsets.push(dag.wires.len() as u32);
        }
        dag
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The wires of a node: its qubits in the instruction's order, then those that it only fences,
    /// then its classical bits, sorted.
    pub fn wires(&self, node: NodeIndex) -> &[Wire] {
        &self.wires[self.slots(node)]
    }

    /// The node before `node` on each of its wires, in the order of [`Dag::wires`].
    pub fn predecessors(&self, node: NodeIndex) -> impl Iterator<Item = Option<NodeIndex>> + '_ {
        self.previous[self.slots(node)].iter().map(|&n| some(n))
    }

    /// The node after `node` on each of its wires, in the order of [`Dag::wires`].
    pub fn successors(&self, node: NodeIndex) -> impl Iterator<Item = Option<NodeIndex>> + '_ {
        self.next[self.slots(node)].iter().map(|&n| some(n))
    }

    /// The first node on a wire.
    pub fn first_on(&self, wire: usize) -> Option<NodeIndex> {
        some(self.first[wire])
    }

    /// The last node on a wire.
    pub fn last_on(&self, wire: usize) -> Option<NodeIndex> {
        some(self.last[wire])
    }

    /// For each node, how many distinct nodes must come right before it.
    pub fn in_degrees(&self) -> Vec<u32> {
        (0..self.len())
            .map(|n| distinct(self.predecessors(NodeIndex::new(n))).len() as u32)
            .collect()
    }

    /// The distinct nodes right after `node`, sorted.
    pub fn distinct_successors(&self, node: NodeIndex) -> smallvec::SmallVec<[NodeIndex; 4]> {
        distinct(self.successors(node))
    }

    /// The nodes without predecessors, in order.
    pub fn front(&self) -> Vec<NodeIndex> {
        (0..self.len())
            .map(NodeIndex::new)
            .filter(|&n| self.predecessors(n).all(|p| p.is_none()))
            .collect()
    }

    /// The layer of each node: the longest chain of nodes before it.
    pub fn layers(&self) -> Vec<u32> {
        let mut layers = vec![0; self.len()];
        // The instruction list is a topological order already.
        for position in 0..self.len() {
            let node = NodeIndex::new(position);
            layers[position] = self
                .predecessors(node)
                .flatten()
                .map(|p| layers[p.index()] + 1)
                .max()
                .unwrap_or(0);
        }
        layers
    }

    fn slots(&self, node: NodeIndex) -> std::ops::Range<usize> {
        self.offsets[node.index()] as usize..self.offsets[node.index() + 1] as usize
    }
}

fn some(node: u32) -> Option<NodeIndex> {
    (node != NONE).then_some(NodeIndex(node))
}

fn distinct(nodes: impl Iterator<Item = Option<NodeIndex>>) -> smallvec::SmallVec<[NodeIndex; 4]> {
    let mut nodes: smallvec::SmallVec<[NodeIndex; 4]> = nodes.flatten().collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wires_link_instructions_in_order() {
        let mut circuit = Circuit::new(3, 1);
        circuit
            .h(0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .measure(1, 0)
            .unwrap()
            .x(2)
            .unwrap();
        let dag = Dag::new(&circuit);
        let node = NodeIndex::new;
        assert_eq!(dag.front(), [node(0), node(4)]);
        assert_eq!(dag.distinct_successors(node(1)).as_slice(), [node(2)]);
        assert_eq!(dag.in_degrees(), [0, 1, 1, 1, 0]);
        assert_eq!(dag.layers(), [0, 1, 2, 3, 0]);
        assert_eq!(
            dag.wires(node(3))
                .iter()
                .map(|w| w.index())
                .collect::<Vec<_>>(),
            [1, 3]
        );
        assert_eq!(
            (dag.first_on(1), dag.last_on(1)),
            (Some(node(1)), Some(node(3)))
        );
    }

    #[test]
    fn nothing_passes_a_jump() {
        let mut body = Circuit::new(2, 0);
        body.x(0).unwrap();
        body.push(crate::Operation::Break, &[]).unwrap();
        body.x(1).unwrap();
        assert_eq!(Dag::new(&body).layers(), [0, 1, 2]);
    }
}
