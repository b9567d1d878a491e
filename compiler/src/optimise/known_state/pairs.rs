//! Two-qubit gates by their matrix: what remains when one or both qubits are in known states.

use ardea_circuit::{C64, Operation, Qubit};
use nalgebra::{Matrix2, Matrix4};

use super::super::edge_block;
use super::Tracker;
use super::state::{State, factor, one_qubit_gate, preparation, product_after};
use crate::{Change, CompileError};

impl Tracker {
    /// Simplifies a gate on two qubits, one of which at least is known.
    pub(super) fn two_qubits(
        &mut self,
        operation: &Operation,
        a: Qubit,
        b: Qubit,
    ) -> Result<(), CompileError> {
        let Some(matrix) = operation.matrix2() else {
            return self.keep_and_follow(operation, &[a, b]);
        };
        match (self.state(a), self.state(b)) {
            (Some(low), Some(high)) => {
                if let Some((low_after, high_after)) = product_after(&matrix, low, high) {
                    return self.prepare([(a, low, low_after), (b, high, high_after)]);
                }
                let starts = [low, high].map(|state| preparation(State::ZERO, state));
                let gates = self.rules.gates;
                let cheaper = || edge_block::on_known_both(&matrix, &starts[0], &starts[1], gates);
                if let Some(block) = self.block(operation, cheaper)? {
                    return self.keep_and_follow(&block, &[a, b]);
                }
            }
            (Some(known), None) => {
                if let Some((after, gate)) = factor(&matrix, known) {
                    return self.split((a, known, after), (b, gate));
                }
                if let Some((after, _)) = factor(&(swap() * matrix), known) {
                    return self.exchange(operation, [a, b], (None, Some(after)));
                }
                let start = preparation(State::ZERO, known);
                let gates = self.rules.gates;
                let cheaper = || edge_block::on_known_first(&matrix, &start, gates);
                if let Some(block) = self.block(operation, cheaper)? {
                    return self.keep_and_follow(&block, &[a, b]);
                }
            }
            (None, Some(known)) => {
                let turned = ardea_circuit::matrix::swap_qubits(&matrix);
                if let Some((after, gate)) = factor(&turned, known) {
                    return self.split((b, known, after), (a, gate));
                }
                if let Some((after, _)) = factor(&(swap() * turned), known) {
                    return self.exchange(operation, [a, b], (Some(after), None));
                }
                let start = preparation(State::ZERO, known);
                let gates = self.rules.gates;
                let cheaper = || edge_block::on_known_second(&matrix, &start, gates);
                if let Some(block) = self.block(operation, cheaper)? {
                    return self.keep_and_follow(&block, &[a, b]);
                }
            }
            (None, None) => {}
        }
        self.keep_and_follow(operation, &[a, b])
    }

    /// A cheaper block in the place of one that may be replaced.
    fn block(
        &mut self,
        operation: &Operation,
        cheaper: impl FnOnce() -> Option<Matrix4<C64>>,
    ) -> Result<Option<Operation>, CompileError> {
        if !self.rules.blocks.include(operation) {
            return Ok(None);
        }
        let Some(matrix) = cheaper() else {
            return Ok(None);
        };
        self.change = Change::Changed;
        Ok(Some(edge_block::operation(&matrix)?))
    }

    /// Two qubits in known states that stay apart: one gate each.
    fn prepare(&mut self, qubits: [(Qubit, State, State); 2]) -> Result<(), CompileError> {
        self.change = Change::Changed;
        for (qubit, before, after) in qubits {
            self.turn(qubit, before, after)?;
        }
        Ok(())
    }

    /// A gate that leaves a known qubit in a state of its own: one gate on it and one on the other.
    fn split(
        &mut self,
        (qubit, before, after): (Qubit, State, State),
        (other, matrix): (Qubit, Matrix2<C64>),
    ) -> Result<(), CompileError> {
        let (gate, turn) = one_qubit_gate(&matrix)?;
        self.change = Change::Changed;
        self.out.add_global_phase(turn);
        self.turn(qubit, before, after)?;
        match gate {
            Some(gate) => self.keep(&gate, &[other]),
            None => Ok(()),
        }
    }

    /// Takes a qubit from one known state to another.
    fn turn(&mut self, qubit: Qubit, before: State, after: State) -> Result<(), CompileError> {
        if before.same_ray(after) {
            self.out.add_global_phase(before.phase_to(after));
            return Ok(());
        }
        let (gate, turn) = one_qubit_gate(&preparation(before, after))?;
        self.out.add_global_phase(turn);
        self.states[qubit.index()] = Some(after);
        match gate {
            Some(gate) => self.keep(&gate, &[qubit]),
            None => Ok(()),
        }
    }

    /// The gate stays; a known state moves to the other wire.
    fn exchange(
        &mut self,
        operation: &Operation,
        qubits: [Qubit; 2],
        after: (Option<State>, Option<State>),
    ) -> Result<(), CompileError> {
        self.states[qubits[0].index()] = after.0;
        self.states[qubits[1].index()] = after.1;
        self.keep(operation, &qubits)
    }
}

fn swap() -> Matrix4<C64> {
    Matrix4::from_fn(|row, column| {
        let swapped = (column & 1) << 1 | column >> 1;
        C64::from(if row == swapped { 1.0 } else { 0.0 })
    })
}
