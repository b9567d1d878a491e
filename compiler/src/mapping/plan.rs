//! From a circuit to the router's program, and back again by instruction chains.
//!
//! Each node of the program keeps the chain of instructions it stands for: the single-qubit gates
//! that wait on its wires, then its own. See [`super::program`] for what a node is.

use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use nalgebra::Matrix4;
use num_complex::Complex64;
use rayon::prelude::*;

use super::absorb::SwapPrice;
use super::embed::Interactions;
use super::graph::NONE;
use super::program::{Kind, Program, ProgramBuilder};
use crate::CompileError;

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
    pub(crate) fn of(circuit: &Circuit) -> Result<Plan, CompileError> {
        let mut reader = Reader::new(circuit);
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

/// Whether the operation can leave or restart a loop around it.
pub(crate) fn leaves_loop(operation: &Operation) -> bool {
    match operation {
        Operation::Break | Operation::Continue => true,
        // A loop inside catches its own.
        Operation::For(_) | Operation::While(_) => false,
        _ => operation
            .bodies()
            .iter()
            .any(|body| body.instructions().iter().any(|i| leaves_loop(&i.operation))),
    }
}

struct Reader<'a> {
    circuit: &'a Circuit,
    builder: ProgramBuilder,
    first: Vec<u32>,
    final_of: Vec<u32>,
    next: Vec<u32>,
    /// Last node on each wire, and on each classical bit.
    last: Vec<u32>,
    last_on_bit: Vec<u32>,
    /// First and last instruction of the gates waiting on each wire.
    waiting: Vec<(u32, u32)>,
}

impl<'a> Reader<'a> {
    fn new(circuit: &'a Circuit) -> Self {
        Reader {
            circuit,
            builder: ProgramBuilder::new(circuit.num_qubits()),
            first: Vec::new(),
            final_of: Vec::new(),
            next: vec![NONE; circuit.len()],
            last: vec![NONE; circuit.num_qubits()],
            last_on_bit: vec![NONE; circuit.num_clbits()],
            waiting: vec![(NONE, NONE); circuit.num_qubits()],
        }
    }

    fn read(&mut self, index: u32, instruction: &Instruction) -> Result<(), CompileError> {
        let Instruction { operation, qubits } = instruction;
        check_nesting(operation, 0)?;
        match (operation.is_unitary(), &**qubits) {
            (true, [qubit]) => self.wait(index, qubit.index()),
            (true, [a, b]) => self.pair(index, a.index() as u32, b.index() as u32),
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

    fn wait(&mut self, index: u32, wire: usize) {
        let (first, last) = self.waiting[wire];
        if first == NONE {
            self.waiting[wire] = (index, index);
        } else {
            self.next[last as usize] = index;
            self.waiting[wire].1 = index;
        }
    }

    fn pair(&mut self, index: u32, a: u32, b: u32) {
        let node = self.last[a as usize];
        let same = node != NONE
            && node == self.last[b as usize]
            && matches!(self.builder.kind(node), Kind::Pair(..));
        let node = if same {
            node
        } else {
            let before = [self.last[a as usize], self.last[b as usize]];
            let node = self.builder.add_after(Kind::Pair(a, b), SwapPrice::FREE, before);
            self.open(node)
        };
        for wire in [a, b] {
            self.drain(node, wire);
            self.last[wire as usize] = node;
        }
        self.append(node, index, index);
    }

    fn free(&mut self, index: u32, instruction: &Instruction) {
        let operation = &instruction.operation;
        // A jump must stay where it is among everything else.
        let fence = leaves_loop(operation);
        let wires: Vec<u32> = if fence {
            (0..self.last.len() as u32).collect()
        } else {
            instruction.qubits.iter().map(|q| q.index() as u32).collect()
        };
        let bits: Vec<usize> = if fence {
            (0..self.last_on_bit.len()).collect()
        } else {
            let (read, written) = (operation.clbits_read(), operation.clbits_written());
            read.into_iter().chain(written).map(|bit| bit.index()).collect()
        };
        let on_wires = wires.iter().map(|&w| self.last[w as usize]);
        let on_bits = bits.iter().map(|&c| self.last_on_bit[c]);
        let node = self.builder.add_after(Kind::Free, SwapPrice::FREE, on_wires.chain(on_bits));
        self.open(node);
        for wire in wires {
            self.drain(node, wire);
            self.last[wire as usize] = node;
        }
        bits.into_iter().for_each(|c| self.last_on_bit[c] = node);
        self.append(node, index, index);
    }

    fn open(&mut self, node: u32) -> u32 {
        self.first.push(NONE);
        self.final_of.push(NONE);
        node
    }

    fn drain(&mut self, node: u32, wire: u32) {
        let (first, last) = std::mem::replace(&mut self.waiting[wire as usize], (NONE, NONE));
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
        let prices: Vec<SwapPrice> = (0..nodes).into_par_iter().with_min_len(256).map(price).collect();
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
        return Err(CompileError::Limit { what, value: depth, limit });
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
    let Some(leading) = block.next() else { return SwapPrice::FREE };
    if block.peek().is_none()
        && let Some(price) = known_price(&leading.operation)
    {
        return price;
    }
    let Some(mut product) = two_qubit_matrix(leading, first_wire) else { return SwapPrice::GENERIC };
    for instruction in block {
        let factor = if instruction.qubits.len() == 2 {
            two_qubit_matrix(instruction, first_wire)
        } else {
            one_qubit_matrix(instruction, first_wire)
        };
        let Some(factor) = factor else { return SwapPrice::GENERIC };
        product = factor * product;
    }
    SwapPrice::of(&product)
}

/// Prices of the commonest gates on their own.
fn known_price(operation: &Operation) -> Option<SwapPrice> {
    match operation {
        Operation::Gate(Gate::CX | Gate::CZ | Gate::CY | Gate::CH | Gate::ECR) => Some(SwapPrice::CZ),
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
    let bits = |i: usize| if low { (i & 1, i >> 1) } else { (i >> 1, i & 1) };
    Some(Matrix4::from_fn(|row, column| {
        let ((r, spectator), (c, other)) = (bits(row), bits(column));
        if spectator == other { matrix[(r, c)] } else { Complex64::ZERO }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_on_one_pair_form_a_block_with_the_gates_before_them() {
        let mut circuit = Circuit::new(3, 0);
        circuit.h(0).unwrap().cx(0, 1).unwrap().rz(0.3, 1).unwrap().cx(0, 1).unwrap();
        circuit.h(1).unwrap().cx(1, 2).unwrap().h(2).unwrap();
        let plan = Plan::of(&circuit).unwrap();
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
        circuit.cx(0, 1).unwrap().cx(1, 0).unwrap().cx(0, 1).unwrap();
        assert_eq!(Plan::of(&circuit).unwrap().program.price(0), SwapPrice::SWAP);
        let mut circuit = Circuit::new(2, 0);
        circuit.cx(1, 0).unwrap().ry(0.4, 0).unwrap().rz(0.4, 1).unwrap().cx(1, 0).unwrap();
        assert_eq!(Plan::of(&circuit).unwrap().program.price(0), SwapPrice::ISING);
    }

    #[test]
    fn measurements_split_blocks_and_bits_keep_their_order() {
        let mut circuit = Circuit::new(2, 1);
        circuit.cx(0, 1).unwrap().measure(0, 0).unwrap().cx(0, 1).unwrap().measure(1, 0).unwrap();
        let plan = Plan::of(&circuit).unwrap();
        assert_eq!(plan.program.len(), 4);
        assert_eq!(plan.program.predecessors(3), &[1, 2]);
    }

    #[test]
    fn wide_gates_are_refused_by_name() {
        let mut circuit = Circuit::new(3, 0);
        circuit.ccx(0, 1, 2).unwrap();
        let error = Plan::of(&circuit).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("ccx"), "{error}");
    }
}
