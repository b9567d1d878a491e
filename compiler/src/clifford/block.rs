//! A Clifford block taken out of a circuit: its wires, its gates on them, and the exact phase.

use std::f64::consts::FRAC_PI_4;

use ardea_circuit::clifford::{CliffordForm, CliffordGate, StabilizerState, Tableau, phase_of};
use ardea_circuit::{Circuit, Instruction, Qubit};

use super::cost::two_qubit_cost;
use super::on_graph::Couplings;
use super::reduction::{Synthesised, permutation_gates};
use super::state;
use crate::Preserve;

/// Clifford gates on the wires of a circuit that they touch.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The circuit's qubits, sorted; gates name positions in this list.
    pub(crate) wires: Vec<Qubit>,
    pub(crate) gates: Vec<CliffordGate>,
    /// What the instructions multiply the gates by, in radians.
    pub(crate) phase: f64,
}

impl Block {
    /// The block of these instructions; none when one is not a Clifford gate.
    pub(crate) fn of(circuit: &Circuit, members: &[usize]) -> Option<Self> {
        let instructions = || {
            members
                .iter()
                .map(|&position| &circuit.instructions()[position])
        };
        let mut wires: Vec<Qubit> = instructions()
            .flat_map(|i| i.qubits.iter().copied())
            .collect();
        wires.sort_unstable();
        wires.dedup();
        let mut block = Self {
            wires,
            gates: Vec::with_capacity(members.len()),
            phase: 0.0,
        };
        for Instruction { operation, qubits } in instructions() {
            let form = CliffordForm::of(operation)?;
            block.phase += form.phase();
            for gate in form.gates() {
                let gate = gate.map(|q| block.wires.partition_point(|&wire| wire < qubits[q]));
                block.gates.push(gate);
            }
        }
        Some(block)
    }

    pub(crate) fn tableau(&self) -> Tableau {
        let mut tableau = Tableau::identity(self.wires.len());
        self.gates.iter().for_each(|&gate| tableau.append(gate));
        tableau
    }

    /// CZ gates once neighbours are merged, and their depth.
    pub(crate) fn cost(&self) -> (usize, usize) {
        two_qubit_cost(self.wires.len(), self.gates.iter().copied())
    }

    /// The phase in radians by which the block differs from `other`; none when it differs by more.
    pub(crate) fn phase_to(&self, other: &Synthesised) -> Option<f64> {
        let n = self.wires.len();
        let mut back = vec![0; n];
        for (output, &wire) in other.last.iter().enumerate() {
            back[wire] = output;
        }
        let undo = self.gates.iter().rev().map(|gate| gate.inverse());
        let gates = permutation_gates(&other.first)
            .chain(other.gates.iter().copied())
            .chain(permutation_gates(&back))
            .chain(undo);
        Some(self.phase - phase_of(n, gates)?)
    }

    /// As [`Block::phase_to`], where only what is made of |0...0> counts and `other` keeps the wires in their places.
    pub(crate) fn phase_on_zero_to(&self, other: &Synthesised) -> Option<f64> {
        let mut state = StabilizerState::new(self.wires.len());
        let undo = self.gates.iter().rev().map(|gate| gate.inverse());
        let gates = other.gates.iter().copied().chain(undo);
        gates.for_each(|gate| state.apply(gate));
        match state.zero_amplitude()? {
            (eighths, 0) => Some(self.phase - f64::from(eighths) * FRAC_PI_4),
            _ => None,
        }
    }
}

/// What may be written instead of a block.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    pub(crate) block: Block,
    pub(crate) new: Synthesised,
    /// The phase in radians that goes with the new gates.
    pub(crate) phase: f64,
}

/// Which wires nothing has acted on yet, so that they are in |0>.
#[derive(Clone, Debug)]
pub(crate) struct Untouched(Vec<bool>);

impl Untouched {
    /// All of a circuit's wires, or none where the input may be any state.
    pub(crate) fn at_start(circuit: &Circuit, preserve: Preserve) -> Self {
        Self(vec![preserve != Preserve::Unitary; circuit.num_qubits()])
    }

    pub(crate) fn includes(&self, wires: &[Qubit]) -> bool {
        wires.iter().all(|wire| self.0[wire.index()])
    }

    /// These instructions come next.
    pub(crate) fn touch(&mut self, circuit: &Circuit, members: &[usize]) {
        for &position in members {
            let instruction = &circuit.instructions()[position];
            if !instruction.operation.is_directive() {
                instruction
                    .qubits
                    .iter()
                    .for_each(|q| self.0[q.index()] = false);
            }
        }
    }
}

impl Block {
    /// The gates that make the block's state of |0...0>, where they are fewer than `most`.
    pub(crate) fn prepared(
        &self,
        couplings: &Couplings,
        most: usize,
    ) -> Option<(Synthesised, f64)> {
        let gates = state::prepare(&self.tableau(), couplings)?;
        let new = Synthesised::in_place(self.wires.len(), gates);
        let phase = self.phase_on_zero_to(&new)?;
        (new.cost().0 < most).then_some((new, phase))
    }
}

impl Synthesised {
    /// CZ gates once neighbours are merged, and their depth.
    pub(crate) fn cost(&self) -> (usize, usize) {
        two_qubit_cost(self.first.len(), self.gates.iter().copied())
    }
}
