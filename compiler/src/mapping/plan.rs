//! From a circuit to the router's program, and back again by instruction chains.
//!
//! Each node of the program keeps the chain of instructions it stands for: the single-qubit gates
//! that wait on its wires, then its own. See [`super::program`] for what a node is.

use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use nalgebra::Matrix4;
use num_complex::Complex64;
use rayon::prelude::*;
use smallvec::SmallVec;

use super::absorb::SwapPrice;
use super::axis::{Axis, axis};
use super::embed::Interactions;
use super::graph::NONE;
use super::program::{Kind, Program, ProgramBuilder};
use crate::CompileError;

/// Which gates may pass each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GateOrder {
    /// None that share a qubit.
    Written,
    /// Those that act along the same axis on every qubit they share; the layers of QAOA, Ising and
    /// Fourier circuits are then routed as sets.
    Commuting,
}

/// Deepest nesting of control flow that is mapped.
pub(crate) const MAX_NESTING: usize = 64;

/// A circuit as a program of blocks, with the instructions of each block.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) program: Program,
    /// First instruction of each node's chain.
    first: Vec<u32>,
    /// The instruction after each one in its chain.
    next: Vec<u32>,
    /// First instruction of what is left on each wire at the end.
    rest: Vec<u32>,
}

impl Plan {
    /// Reads a circuit whose gates act on one or two qubits.
    pub(crate) fn of(circuit: &Circuit, order: GateOrder) -> Result<Plan, CompileError> {
        let mut reader = Reader::new(circuit, order);
        for (index, instruction) in circuit.instructions().iter().enumerate() {
            reader.read(index as u32, instruction)?;
        }
        Ok(reader.finish())
    }

    /// The instructions of a node, in order.
    pub(crate) fn chain(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.follow(self.first[node as usize])
    }

    /// The single-qubit gates after the last node of a wire, in order.
    pub(crate) fn rest(&self, wire: u32) -> impl Iterator<Item = u32> + '_ {
        self.follow(self.rest[wire as usize])
    }

    fn follow(&self, start: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = start;
        std::iter::from_fn(move || {
            let here = at;
            (here != NONE).then(|| {
                at = self.next[here as usize];
                here
            })
        })
    }

    /// Which wires interact and how often, control-flow bodies included. Blocks count as the gates
    /// they will be synthesised to.
    pub(crate) fn interactions(&self, circuit: &Circuit) -> Interactions {
        let mut found = Interactions::of_bodies(circuit);
        found.add_pairs((0..self.program.len() as u32).filter_map(|node| {
            match self.program.kind(node) {
                Kind::Pair(a, b) => Some((a, b, f64::from(self.program.price(node).plain.max(1)))),
                Kind::Free => None,
            }
        }));
        found
    }
}

/// Nodes on one wire that commute there, after everything before them.
#[derive(Clone, Debug)]
struct Layer {
    axis: Axis,
    /// The node that all of them wait for.
    entry: u32,
    members: SmallVec<[u32; 4]>,
}

struct Reader<'a> {
    circuit: &'a Circuit,
    order: GateOrder,
    builder: ProgramBuilder,
    first: Vec<u32>,
    final_of: Vec<u32>,
    next: Vec<u32>,
    /// The latest layer on each wire, and the last node on each classical bit.
    layers: Vec<Layer>,
    last_on_bit: Vec<u32>,
    /// First and last instruction of the gates waiting on each wire.
    waiting: Vec<(u32, u32)>,
    /// What the waiting gates of each wire commute with; none when none wait.
    waiting_axis: Vec<Option<Axis>>,
}

impl<'a> Reader<'a> {
    fn new(circuit: &'a Circuit, order: GateOrder) -> Self {
        let empty = Layer {
            axis: Axis::Neither,
            entry: NONE,
            members: SmallVec::new(),
        };
        Reader {
            circuit,
            order,
            builder: ProgramBuilder::new(circuit.num_qubits()),
            first: Vec::new(),
            final_of: Vec::new(),
            next: vec![NONE; circuit.len()],
            layers: vec![empty; circuit.num_qubits()],
            last_on_bit: vec![NONE; circuit.num_clbits()],
            waiting: vec![(NONE, NONE); circuit.num_qubits()],
            waiting_axis: vec![None; circuit.num_qubits()],
        }
    }

    fn read(&mut self, index: u32, instruction: &Instruction) -> Result<(), CompileError> {
        let Instruction { operation, qubits } = instruction;
        check_nesting(operation, 0)?;
        match (operation.is_unitary(), &**qubits) {
            (true, [qubit]) => self.wait(index, qubit.index(), operation),
            (true, [_, _]) => self.pair(index, instruction),
            (true, []) | (false, _) => self.free(index, instruction),
            (true, many) => {
                return Err(CompileError::UnsupportedOperation {
                    operation: operation.name(),
                    reason: format!(
                        "routing takes gates on one or two qubits, this one acts on {}; decompose it first",
                        many.len()
                    ),
                });
            }
        }
        Ok(())
    }

    fn wait(&mut self, index: u32, wire: usize, operation: &Operation) {
        let axis = self.axis(operation, 0);
        let (first, last) = self.waiting[wire];
        if first == NONE {
            self.waiting[wire] = (index, index);
            self.waiting_axis[wire] = Some(axis);
        } else {
            self.next[last as usize] = index;
            self.waiting[wire].1 = index;
            let same = self.waiting_axis[wire] == Some(axis);
            self.waiting_axis[wire] = Some(if same { axis } else { Axis::Neither });
        }
    }

    fn axis(&self, operation: &Operation, position: usize) -> Axis {
        match self.order {
            GateOrder::Written => Axis::Neither,
            GateOrder::Commuting => axis(operation, position),
        }
    }

    fn pair(&mut self, index: u32, instruction: &Instruction) {
        let Instruction { operation, qubits } = instruction;
        let wires = [0, 1].map(|i| qubits[i].index());
        let axes = [0, 1].map(|i| self.axis(operation, i));
        if let Some(node) = self.open_block(wires, axes) {
            for (wire, axis) in wires.into_iter().zip(axes) {
                let layer = &self.layers[wire];
                let waits = self.waiting_axis[wire].is_some_and(|w| w != layer.axis);
                if waits || axis != layer.axis {
                    // The block is alone here, so it may become anything.
                    self.layers[wire].axis = Axis::Neither;
                }
                self.drain(node, wire);
            }
            self.append(node, index, index);
            return;
        }
        let entries = [0, 1].map(|i| self.enter_layer(wires[i], axes[i]));
        let kind = Kind::Pair(wires[0] as u32, wires[1] as u32);
        let node = self.builder.add_after(kind, SwapPrice::FREE, entries);
        self.open(node);
        for wire in wires {
            self.layers[wire].members.push(node);
            self.drain(node, wire);
        }
        self.append(node, index, index);
    }

    /// The block on these wires that a gate with these axes can join.
    fn open_block(&self, wires: [usize; 2], axes: [Axis; 2]) -> Option<u32> {
        let layers = wires.map(|wire| &self.layers[wire]);
        let alone = |layer: &Layer| layer.members.len() == 1;
        let commutes = |i: usize| {
            let waiting = self.waiting_axis[wires[i]];
            layers[i].axis == axes[i]
                && axes[i] != Axis::Neither
                && waiting.is_none_or(|axis| axis == axes[i])
        };
        if !(0..2).all(|i| alone(layers[i]) || commutes(i)) {
            return None;
        }
        let (a, b) = (wires[0] as u32, wires[1] as u32);
        let kinds = [Kind::Pair(a, b), Kind::Pair(b, a)];
        let is_block = |node: u32| kinds.contains(&self.builder.kind(node));
        // Blocks further back are not worth the search.
        let recent = layers[0].members.iter().rev().take(64).copied();
        recent
            .filter(|&node| is_block(node))
            .find(|node| layers[1].members.contains(node))
    }

    /// Makes room for a node with this axis on a wire and returns the node that it waits for.
    fn enter_layer(&mut self, wire: usize, axis: Axis) -> u32 {
        let stays = |layer: &Layer| layer.axis == axis && axis != Axis::Neither;
        let waiting = self.waiting_axis[wire];
        if stays(&self.layers[wire]) && waiting.is_none_or(|w| w == axis) {
            return self.layers[wire].entry;
        }
        let mut entry = self.close_layer(wire);
        // Gates along another axis come before all of the new layer.
        if axis != Axis::Neither && waiting.is_some_and(|w| w != axis) {
            entry = self.builder.add_after(Kind::Free, SwapPrice::FREE, [entry]);
            self.open(entry);
            self.drain(entry, wire);
        }
        self.layers[wire] = Layer {
            axis,
            entry,
            members: SmallVec::new(),
        };
        entry
    }

    /// One node that comes after all of a wire's latest layer.
    fn close_layer(&mut self, wire: usize) -> u32 {
        let layer = &self.layers[wire];
        match layer.members.as_slice() {
            [] => layer.entry,
            &[only] => only,
            many => {
                let node =
                    self.builder
                        .add_after(Kind::Free, SwapPrice::FREE, many.iter().copied());
                self.open(node)
            }
        }
    }

    fn free(&mut self, index: u32, instruction: &Instruction) {
        let wires = self.circuit.fenced_qubits(instruction);
        let wires: Vec<usize> = wires.iter().map(|q| q.index()).collect();
        let bits = self.circuit.fenced_clbits(instruction);
        let bits: Vec<usize> = bits.iter().map(|bit| bit.index()).collect();
        let mut before: Vec<u32> = wires.iter().map(|&wire| self.close_layer(wire)).collect();
        before.extend(bits.iter().map(|&bit| self.last_on_bit[bit]));
        let node = self.builder.add_after(Kind::Free, SwapPrice::FREE, before);
        self.open(node);
        for wire in wires {
            self.drain(node, wire);
            self.layers[wire] = Layer {
                axis: Axis::Neither,
                entry: node,
                members: SmallVec::new(),
            };
        }
        bits.into_iter()
            .for_each(|bit| self.last_on_bit[bit] = node);
        self.append(node, index, index);
    }

    fn open(&mut self, node: u32) -> u32 {
        self.first.push(NONE);
        self.final_of.push(NONE);
        node
    }

    /// Moves the gates that wait on a wire to the end of a node's chain.
    fn drain(&mut self, node: u32, wire: usize) {
        let (first, last) = std::mem::replace(&mut self.waiting[wire], (NONE, NONE));
        self.waiting_axis[wire] = None;
        if first != NONE {
            self.append(node, first, last);
        }
    }

    fn append(&mut self, node: u32, first: u32, last: u32) {
        let node = node as usize;
        if self.first[node] == NONE {
            self.first[node] = first;
        } else {
            self.next[self.final_of[node] as usize] = first;
        }
        self.final_of[node] = last;
    }

    fn finish(self) -> Plan {
        let mut plan = Plan {
            program: ProgramBuilder::new(self.circuit.num_qubits()).finish(),
            first: self.first,
            next: self.next,
            rest: self.waiting.iter().map(|w| w.0).collect(),
        };
        let mut builder = self.builder;
        let (circuit, nodes) = (self.circuit, builder.len() as u32);
        let price = |node: u32| match builder.kind(node) {
            Kind::Pair(a, _) => price_of(circuit, plan.chain(node), a),
            Kind::Free => SwapPrice::FREE,
        };
        let prices: Vec<SwapPrice> = (0..nodes)
            .into_par_iter()
            .with_min_len(256)
            .map(price)
            .collect();
        for (node, price) in prices.into_iter().enumerate() {
            builder.set_price(node as u32, price);
        }
        plan.program = builder.finish();
        plan
    }
}

fn check_nesting(operation: &Operation, depth: usize) -> Result<(), CompileError> {
    if depth > MAX_NESTING {
        let (what, limit) = ("nesting of control flow", MAX_NESTING);
        return Err(CompileError::Limit {
            what,
            value: depth,
            limit,
        });
    }
    let bodies = operation.bodies();
    let mut inner = bodies.iter().flat_map(|body| body.instructions());
    inner.try_for_each(|instruction| check_nesting(&instruction.operation, depth + 1))
}

/// Angles with no special relations, in place of symbols.
const GENERIC_ANGLES: [f64; 4] = [0.731, 1.137, -0.419, 2.253];

/// The price of the operator that a block's chain multiplies out to.
fn price_of(circuit: &Circuit, chain: impl Iterator<Item = u32>, first_wire: u32) -> SwapPrice {
    let instructions = chain.map(|index| &circuit.instructions()[index as usize]);
    // Gates before the first two-qubit gate change nothing.
    let mut block = instructions.skip_while(|i| i.qubits.len() == 1).peekable();
    let Some(leading) = block.next() else {
        return SwapPrice::FREE;
    };
    if block.peek().is_none()
        && let Some(price) = known_price(&leading.operation)
    {
        return price;
    }
    let Some(mut product) = two_qubit_matrix(leading, first_wire) else {
        return SwapPrice::GENERIC;
    };
    for instruction in block {
        let factor = if instruction.qubits.len() == 2 {
            two_qubit_matrix(instruction, first_wire)
        } else {
            one_qubit_matrix(instruction, first_wire)
        };
        let Some(factor) = factor else {
            return SwapPrice::GENERIC;
        };
        product = factor * product;
    }
    SwapPrice::of(&product)
}

/// Prices of the commonest gates on their own.
fn known_price(operation: &Operation) -> Option<SwapPrice> {
    match operation {
        Operation::Gate(Gate::CX | Gate::CZ | Gate::CY | Gate::CH | Gate::ECR) => {
            Some(SwapPrice::CZ)
        }
        Operation::Gate(Gate::Swap) => Some(SwapPrice::SWAP),
        _ => None,
    }
}

fn two_qubit_matrix(instruction: &Instruction, first_wire: u32) -> Option<Matrix4<Complex64>> {
    let operation = &instruction.operation;
    let mut matrix = operation.matrix2().or_else(|| {
        let gate = operation.as_gate().filter(|gate| gate.num_qubits() == 2)?;
        gate.matrix2(&GENERIC_ANGLES[..gate.num_angles()])
    })?;
    if instruction.qubits[0].index() as u32 != first_wire {
        matrix.swap_rows(1, 2);
        matrix.swap_columns(1, 2);
    }
    Some(matrix)
}

fn one_qubit_matrix(instruction: &Instruction, first_wire: u32) -> Option<Matrix4<Complex64>> {
    let operation = &instruction.operation;
    let matrix = operation.matrix1().or_else(|| {
        let gate = operation.as_gate().filter(|gate| gate.num_qubits() == 1)?;
        gate.matrix1(&GENERIC_ANGLES[..gate.num_angles()])
    })?;
    let low = instruction.qubits[0].index() as u32 == first_wire;
    let bits = |i: usize| {
        if low {
            (i & 1, i >> 1)
        } else {
            (i >> 1, i & 1)
        }
    };
    Some(Matrix4::from_fn(|row, column| {
        let ((r, spectator), (c, other)) = (bits(row), bits(column));
        if spectator == other {
            matrix[(r, c)]
        } else {
            Complex64::ZERO
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_on_one_pair_form_a_block_with_the_gates_before_them() {
        let mut circuit = Circuit::new(3, 0);
        circuit
            .h(0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .rz(0.3, 1)
            .unwrap()
            .cx(0, 1)
            .unwrap();
        circuit.h(1).unwrap().cx(1, 2).unwrap().h(2).unwrap();
        let plan = Plan::of(&circuit, GateOrder::Written).unwrap();
        assert_eq!(plan.program.len(), 2);
        assert_eq!(plan.chain(0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(plan.chain(1).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(plan.rest(2).collect::<Vec<_>>(), [6]);
        assert_eq!(plan.program.price(0), SwapPrice::ISING);
        assert_eq!(plan.program.price(1), SwapPrice::CZ);
    }

    #[test]
    fn blocks_are_priced_whatever_the_order_of_their_qubits() {
        let mut circuit = Circuit::new(2, 0);
        circuit
            .cx(0, 1)
            .unwrap()
            .cx(1, 0)
            .unwrap()
            .cx(0, 1)
            .unwrap();
        assert_eq!(
            Plan::of(&circuit, GateOrder::Written)
                .unwrap()
                .program
                .price(0),
            SwapPrice::SWAP
        );
        let mut circuit = Circuit::new(2, 0);
        circuit
            .cx(1, 0)
            .unwrap()
            .ry(0.4, 0)
            .unwrap()
            .rz(0.4, 1)
            .unwrap()
            .cx(1, 0)
            .unwrap();
        assert_eq!(
            Plan::of(&circuit, GateOrder::Written)
                .unwrap()
                .program
                .price(0),
            SwapPrice::ISING
        );
    }

    #[test]
    fn measurements_split_blocks_and_bits_keep_their_order() {
        let mut circuit = Circuit::new(2, 1);
        circuit
            .cx(0, 1)
            .unwrap()
            .measure(0, 0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .measure(1, 0)
            .unwrap();
        let plan = Plan::of(&circuit, GateOrder::Written).unwrap();
        assert_eq!(plan.program.len(), 4);
        assert_eq!(plan.program.predecessors(3), &[1, 2]);
    }

    #[test]
    fn gates_along_one_axis_wait_for_each_other_only_when_asked_to() {
        let mut circuit = Circuit::new(3, 0);
        circuit
            .rzz(0.1, 0, 1)
            .unwrap()
            .rzz(0.2, 1, 2)
            .unwrap()
            .rz(0.4, 1)
            .unwrap();
        circuit
            .rzz(0.3, 0, 1)
            .unwrap()
            .h(1)
            .unwrap()
            .cx(0, 1)
            .unwrap();
        let plan = Plan::of(&circuit, GateOrder::Commuting).unwrap();
        // The two on 0 and 1 are one block, and the one between waits for nothing.
        assert_eq!(plan.chain(0).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(plan.chain(1).collect::<Vec<_>>(), [1]);
        assert!(plan.program.predecessors(1).is_empty());
        // The Hadamard waits for both, and the last gate for the Hadamard.
        let last = plan.program.len() as u32 - 1;
        assert_eq!(plan.chain(last).collect::<Vec<_>>(), [5]);
        assert!(!plan.program.predecessors(last).contains(&1));
        assert_eq!(
            Plan::of(&circuit, GateOrder::Written)
                .unwrap()
                .program
                .len(),
            3
        );
    }

    #[test]
    fn wide_gates_are_refused_by_name() {
        let mut circuit = Circuit::new(3, 0);
        circuit.ccx(0, 1, 2).unwrap();
        let error = Plan::of(&circuit, GateOrder::Written)
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains("ccx"), "{error}");
    }
}
