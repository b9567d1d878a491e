//! A Clifford block taken out of a circuit: its wires, its gates on them, and the exact phase.

use ardea_circuit::clifford::{CliffordForm, CliffordGate, Tableau, phase_of};
use ardea_circuit::{Circuit, Instruction, Qubit};

use super::cost::two_qubit_cost;
use super::reduction::{Synthesised, permutation_gates};

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
}

impl Synthesised {
    /// CZ gates once neighbours are merged, and their depth.
    pub(crate) fn cost(&self) -> (usize, usize) {
        two_qubit_cost(self.first.len(), self.gates.iter().copied())
    }
}
