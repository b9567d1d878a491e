//! Cuts a circuit into maximal runs on two qubits.
//!
//! One walk keeps, for each wire, the block that is open on it, and the one-qubit gates since the last block closed. A
//! block closes when one of its wires meets anything else: a gate with a third qubit, a measurement, a reset, a barrier,
//! a delay, control flow, a symbolic angle. Blocks are handed out when they close, so that on every wire the order of
//! operations is kept, and nothing moves across a classical bit (a block touches none).
//!
//! Instructions are held by their place in the circuit; a block's matrix is only worked out when it is asked for, since
//! most blocks of a large circuit hold one two-qubit gate and are left alone.

use ardea_circuit::matrix::swap_qubits;
use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{Matrix2, Matrix4};
use smallvec::SmallVec;

use crate::synthesis::two_qubit::cz_count;
use crate::synthesis::weyl::coordinates;

/// What the walk hands out.
pub(crate) enum Item<'a> {
    /// An instruction outside of every block.
    Single(&'a Instruction),
    /// A run on two qubits.
    Block(&'a Block<'a>),
}

/// A maximal run of numeric gates on two qubits, with at least one two-qubit gate.
pub(crate) struct Block<'a> {
    /// The qubits; the first is the least significant in the matrix.
    pub(crate) qubits: [Qubit; 2],
    /// How many of the gates act on both qubits.
    pub(super) num_two_qubit: usize,
    instructions: &'a [Instruction],
    members: Places,
}

/// Places in the list of instructions. Circuits hold fewer than 2^32.
type Places = SmallVec<[u32; 12]>;

impl<'a> Block<'a> {
    /// The gates, in order.
    pub(crate) fn members(&self) -> impl Iterator<Item = &'a Instruction> + '_ {
        self.members
            .iter()
            .map(|&place| &self.instructions[place as usize])
    }

    /// Which of the block's two qubits a one-qubit gate acts on, or a two-qubit gate lists first.
    pub(super) fn place(&self, member: &Instruction) -> usize {
        usize::from(member.qubits[0] != self.qubits[0])
    }

    /// The product of the gates; none when one has no matrix.
    pub(crate) fn matrix(&self) -> Option<Matrix4<C64>> {
        let mut product = Matrix4::identity();
        for member in self.members() {
            let operation = &member.operation;
            if *operation == Operation::Gate(Gate::CZ) {
                product.row_mut(3).neg_mut();
            } else if member.qubits.len() == 1 {
                apply_one(&mut product, &operation.matrix1()?, self.place(member));
            } else if self.place(member) == 0 {
                product = operation.matrix2()? * product;
            } else {
                product = swap_qubits(&operation.matrix2()?) * product;
            }
        }
        Some(product)
    }
}

fn apply_one(product: &mut Matrix4<C64>, gate: &Matrix2<C64>, place: usize) {
    let bit = 1 << place;
    for low in [0, 3 - bit] {
        for column in 0..4 {
            let (x, y) = (product[(low, column)], product[(low + bit, column)]);
            product[(low, column)] = gate[(0, 0)] * x + gate[(0, 1)] * y;
            product[(low + bit, column)] = gate[(1, 0)] * x + gate[(1, 1)] * y;
        }
    }
}

/// How many `cz` the circuit needs when every run on two qubits is written with the fewest.
pub(crate) fn count_after_merging(circuit: &Circuit) -> usize {
    let mut total = 0;
    let counted = for_each_item(circuit, |item| {
        total += match item {
            Item::Single(instruction) if instruction.qubits.len() == 2 => {
                // Symbolic: a rotation about a product of two Paulis.
                2 * usize::from(instruction.operation.is_unitary())
            }
            Item::Single(_) => 0,
            Item::Block(block) => block.matrix().map_or(block.num_two_qubit, |matrix| {
                cz_count(&coordinates(&matrix))
            }),
        };
        Ok::<_, std::convert::Infallible>(())
    });
    match counted {
        Ok(()) => total,
    }
}

/// Walks the circuit and hands out blocks and other instructions in an order that means the same.
pub(crate) fn for_each_item<E>(
    circuit: &Circuit,
    mut visit: impl FnMut(Item<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut walk = Walk {
        instructions: circuit.instructions(),
        open: vec![None; circuit.num_qubits()],
        loose: vec![Places::new(); circuit.num_qubits()],
        blocks: Vec::new(),
        free: Vec::new(),
    };
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        match *instruction.qubits {
            [qubit] if is_numeric_gate(&instruction.operation) => walk.one(qubit, place as u32),
            [first, second] if is_numeric_gate(&instruction.operation) => {
                walk.two(first, second, place as u32, &mut visit)?;
            }
            _ => {
                for &qubit in circuit.fenced_qubits(instruction).iter() {
                    walk.close(qubit, &mut visit)?;
                }
                visit(Item::Single(instruction))?;
            }
        }
    }
    (0..circuit.num_qubits()).try_for_each(|qubit| walk.close(Qubit::new(qubit), &mut visit))
}

/// Standard gates and matrices without symbols; calls and controlled operations are unrolled before it matters.
fn is_numeric_gate(operation: &Operation) -> bool {
    match operation {
        Operation::Gate(_) | Operation::Rotation(..) | Operation::Unitary(_) => true,
        Operation::Parametric(_, angles) => !angles.iter().any(Angle::is_symbolic),
        _ => false,
    }
}

struct Walk<'a> {
    instructions: &'a [Instruction],
    /// For each wire, the slot of its open block.
    open: Vec<Option<usize>>,
    /// For each wire, one-qubit gates that the next block may take in.
    loose: Vec<Places>,
    blocks: Vec<Block<'a>>,
    free: Vec<usize>,
}

impl Walk<'_> {
    fn one(&mut self, qubit: Qubit, place: u32) {
        match self.open[qubit.index()] {
            Some(slot) => self.blocks[slot].members.push(place),
            None => self.loose[qubit.index()].push(place),
        }
    }

    fn two<E>(
        &mut self,
        first: Qubit,
        second: Qubit,
        place: u32,
        visit: &mut impl FnMut(Item<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let slot = match (self.open[first.index()], self.open[second.index()]) {
            (Some(slot), Some(other)) if slot == other => slot,
            _ => {
                self.close_block(first, visit)?;
                self.close_block(second, visit)?;
                self.start(first, second)
            }
        };
        self.blocks[slot].members.push(place);
        self.blocks[slot].num_two_qubit += 1;
        Ok(())
    }

    fn start(&mut self, first: Qubit, second: Qubit) -> usize {
        let mut members = std::mem::take(&mut self.loose[first.index()]);
        members.append(&mut self.loose[second.index()]);
        let block = Block {
            qubits: [first, second],
            num_two_qubit: 0,
            instructions: self.instructions,
            members,
        };
        let slot = self.free.pop().unwrap_or(self.blocks.len());
        if slot == self.blocks.len() {
            self.blocks.push(block);
        } else {
            self.blocks[slot] = block;
        }
        self.open[first.index()] = Some(slot);
        self.open[second.index()] = Some(slot);
        slot
    }

    /// Hands out everything held back on a wire.
    fn close<E>(
        &mut self,
        qubit: Qubit,
        visit: &mut impl FnMut(Item<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.close_block(qubit, visit)?;
        std::mem::take(&mut self.loose[qubit.index()])
            .into_iter()
            .try_for_each(|place| visit(Item::Single(&self.instructions[place as usize])))
    }

    fn close_block<E>(
        &mut self,
        qubit: Qubit,
        visit: &mut impl FnMut(Item<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(slot) = self.open[qubit.index()] else {
            return Ok(());
        };
        let block = &self.blocks[slot];
        visit(Item::Block(block))?;
        for qubit in block.qubits {
            self.open[qubit.index()] = None;
        }
        self.free.push(slot);
        Ok(())
    }
}
