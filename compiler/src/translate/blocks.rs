//! Cuts a circuit into maximal runs on two qubits.
//!
//! One walk keeps, for each wire, the block that is open on it, and the one-qubit gates since the last block closed. A
//! block closes when one of its wires meets anything else: a gate with a third qubit, a measurement, a reset, a barrier,
//! a delay, control flow, a symbolic angle. Blocks are handed out when they close, so that on every wire the order of
//! operations is kept, and nothing moves across a classical bit (a block touches none).

use ardea_circuit::{C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{Matrix2, Matrix4};

/// What the walk hands out.
pub(super) enum Item {
    /// An instruction outside of every block.
    Single(Instruction),
    /// A run on two qubits.
    Block(Block),
}

/// A maximal run of numeric gates on two qubits, with at least one two-qubit gate.
pub(super) struct Block {
    /// The qubits; the first is the least significant in `matrix`.
    pub(super) qubits: [Qubit; 2],
    /// The instructions, in order.
    pub(super) members: Vec<Instruction>,
    /// Their product.
    pub(super) matrix: Matrix4<C64>,
    /// How many of them act on both qubits.
    pub(super) num_two_qubit: usize,
}

/// Walks the circuit and hands out blocks and other instructions in an order that means the same.
pub(super) fn for_each_item<E>(circuit: &Circuit, mut visit: impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
    let mut walk = Walk { open: vec![None; circuit.num_qubits()], loose: vec![Vec::new(); circuit.num_qubits()], blocks: Vec::new(), free: Vec::new() };
    for instruction in circuit.instructions() {
        match (&*instruction.qubits, &instruction.operation) {
            (&[qubit], operation) if operation.is_unitary() => match operation.matrix1() {
                Some(matrix) => walk.one(qubit, instruction, &matrix),
                None => walk.other(instruction, &mut visit)?,
            },
            (&[first, second], operation) if operation.is_unitary() => match operation.matrix2() {
                Some(matrix) => walk.two(first, second, instruction, &matrix, &mut visit)?,
                None => walk.other(instruction, &mut visit)?,
            },
            _ => walk.other(instruction, &mut visit)?,
        }
    }
    (0..circuit.num_qubits()).try_for_each(|qubit| walk.close(Qubit::new(qubit), &mut visit))
}

struct Walk {
    /// For each wire, the place of its open block.
    open: Vec<Option<usize>>,
    /// For each wire, one-qubit gates that the next block may take in.
    loose: Vec<Vec<Instruction>>,
    blocks: Vec<Option<Block>>,
    free: Vec<usize>,
}

impl Walk {
    fn one(&mut self, qubit: Qubit, instruction: &Instruction, matrix: &Matrix2<C64>) {
        match self.open[qubit.index()].and_then(|place| self.blocks[place].as_mut()) {
            Some(block) => block.push_one(qubit, instruction.clone(), matrix),
            None => self.loose[qubit.index()].push(instruction.clone()),
        }
    }

    fn two<E>(
        &mut self,
        first: Qubit,
        second: Qubit,
        instruction: &Instruction,
        matrix: &Matrix4<C64>,
        visit: &mut impl FnMut(Item) -> Result<(), E>,
    ) -> Result<(), E> {
        let (a, b) = (self.open[first.index()], self.open[second.index()]);
        if a.is_none() || a != b {
            self.close_block(first, visit)?;
            self.close_block(second, visit)?;
            self.start(first, second);
        }
        if let Some(block) = self.open[first.index()].and_then(|place| self.blocks[place].as_mut()) {
            block.push_two(first, instruction.clone(), matrix);
        }
        Ok(())
    }

    fn start(&mut self, first: Qubit, second: Qubit) {
        let mut block = Block { qubits: [first, second], members: Vec::new(), matrix: Matrix4::identity(), num_two_qubit: 0 };
        for qubit in [first, second] {
            for instruction in std::mem::take(&mut self.loose[qubit.index()]) {
                if let Some(matrix) = instruction.operation.matrix1() {
                    block.push_one(qubit, instruction, &matrix);
                }
            }
        }
        let place = self.free.pop().unwrap_or_else(|| {
            self.blocks.push(None);
            self.blocks.len() - 1
        });
        self.blocks[place] = Some(block);
        self.open[first.index()] = Some(place);
        self.open[second.index()] = Some(place);
    }

    fn other<E>(&mut self, instruction: &Instruction, visit: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        instruction.qubits.iter().try_for_each(|&qubit| self.close(qubit, visit))?;
        visit(Item::Single(instruction.clone()))
    }

    /// Hands out everything held back on a wire.
    fn close<E>(&mut self, qubit: Qubit, visit: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        self.close_block(qubit, visit)?;
        std::mem::take(&mut self.loose[qubit.index()]).into_iter().try_for_each(|instruction| visit(Item::Single(instruction)))
    }

    fn close_block<E>(&mut self, qubit: Qubit, visit: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        let Some(place) = self.open[qubit.index()] else { return Ok(()) };
        let Some(block) = self.blocks[place].take() else { return Ok(()) };
        block.qubits.iter().for_each(|qubit| self.open[qubit.index()] = None);
        self.free.push(place);
        visit(Item::Block(block))
    }
}

impl Block {
    fn push_one(&mut self, qubit: Qubit, instruction: Instruction, gate: &Matrix2<C64>) {
        let bit = if qubit == self.qubits[0] { 1 } else { 2 };
        for low in [0, 3 - bit] {
            for column in 0..4 {
                let (x, y) = (self.matrix[(low, column)], self.matrix[(low + bit, column)]);
                self.matrix[(low, column)] = gate[(0, 0)] * x + gate[(0, 1)] * y;
                self.matrix[(low + bit, column)] = gate[(1, 0)] * x + gate[(1, 1)] * y;
            }
        }
        self.members.push(instruction);
    }

    fn push_two(&mut self, first: Qubit, instruction: Instruction, gate: &Matrix4<C64>) {
        self.num_two_qubit += 1;
        if instruction.operation == Operation::Gate(Gate::CZ) {
            self.matrix.row_mut(3).neg_mut();
        } else if first == self.qubits[0] {
            self.matrix = gate * self.matrix;
        } else {
            self.matrix = ardea_circuit::matrix::swap_qubits(gate) * self.matrix;
        }
        self.members.push(instruction);
    }
}
