//! Simplifies gates on qubits whose state is known: from |0> at the start, or after a reset.
//!
//! ```text
//! before                   after (q[0] and q[1] start in |0>)
//! x q[0];                  x q[0];
//! ccx q[0], q[1], q[2];
//! cx q[0], q[2];           x q[2];
//! h q[1];                  h q[1];
//! cx q[2], q[1];
//! rz(a) q[0];              // global phase a/2
//! ```
//!
//! Each qubit is followed as long as it is in a state of its own. A gate that only turns the phase of that state goes;
//! a control that is certain goes, or the gate does; a target that the gate leaves alone turns the gate into phases of
//! its controls; and a two-qubit gate that does not entangle becomes gates on its qubits. A block that was gathered into
//! one matrix becomes the cheapest one that does the same to the known states ([`Blocks`]). The start counts as |0> for
//! every wire unless the operator must be kept; then it does for spare wires only.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Pauli, Qubit};
use smallvec::SmallVec;

use super::commutation::{Kind, kinds};
use super::edge_block::Blocks;
use crate::{Change, CompileError, Context, GateSet, Pass, Preserve, Properties};

mod controls;
mod pairs;
mod state;
#[cfg(test)]
mod tests;

use state::State;

/// Constant propagation over qubit states; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct SimplifyKnownStates {
    /// What may become a cheaper block.
    pub blocks: Blocks,
}

impl Pass for SimplifyKnownStates {
    fn name(&self) -> &'static str {
        "simplify-known-states"
    }

    /// What is left of a gate may have a name that the device does not know.
    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let mut states = vec![Some(State::ZERO); circuit.num_qubits()];
        if context.options.preserve == Preserve::Unitary {
            for input in context.current_layout().initial {
                states[input.index()] = None;
            }
        }
        let rules = Rules {
            blocks: self.blocks,
            gates: context.options.gate_set,
        };
        simplify(circuit, states, rules)
    }
}

/// What replacements go by.
#[derive(Clone, Copy)]
struct Rules {
    blocks: Blocks,
    /// What the cost of a block is counted in.
    gates: GateSet,
}

fn simplify(
    circuit: &mut Circuit,
    states: Vec<Option<State>>,
    rules: Rules,
) -> Result<Change, CompileError> {
    let mut tracker = Tracker {
        out: circuit.same_shape(),
        states,
        rules,
        change: Change::Unchanged,
    };
    tracker.out.add_global_phase(circuit.global_phase().clone());
    tracker.out.reserve(circuit.len());
    for instruction in circuit.instructions() {
        tracker.step(instruction)?;
    }
    if tracker.change.is_changed() {
        *circuit = tracker.out;
    }
    Ok(tracker.change)
}

struct Tracker {
    out: Circuit,
    /// The state of each wire that is in one of its own and known.
    states: Vec<Option<State>>,
    rules: Rules,
    change: Change,
}

type Wires = SmallVec<[Qubit; 4]>;

impl Tracker {
    fn step(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        let qubits: Wires = instruction.qubits.iter().copied().collect();
        match &instruction.operation {
            Operation::Barrier | Operation::Delay(..) | Operation::Break | Operation::Continue => {
                self.keep(&instruction.operation, &qubits)
            }
            Operation::Measure(_) => {
                if self
                    .state(qubits[0])
                    .is_some_and(|state| state.bit().is_none())
                {
                    self.states[qubits[0].index()] = None;
                }
                self.keep(&instruction.operation, &qubits)
            }
            Operation::Reset => self.reset(qubits[0]),
            operation if operation.is_control_flow() => self.control_flow(operation, &qubits),
            operation => self.gate(operation.clone(), qubits),
        }
    }

    fn state(&self, qubit: Qubit) -> Option<State> {
        self.states[qubit.index()]
    }

    fn keep(&mut self, operation: &Operation, qubits: &[Qubit]) -> Result<(), CompileError> {
        self.out.push(operation.clone(), qubits)?;
        Ok(())
    }

    fn reset(&mut self, qubit: Qubit) -> Result<(), CompileError> {
        let bit = self.state(qubit).and_then(State::bit);
        self.states[qubit.index()] = Some(State::ZERO);
        match bit {
            Some(false) => {
                self.change = Change::Changed;
                Ok(())
            }
            // A pulse is much shorter than a reset.
            Some(true) => {
                self.change = Change::Changed;
                self.keep(&Operation::Gate(Gate::X), &[qubit])
            }
            _ => self.keep(&Operation::Reset, &[qubit]),
        }
    }

    /// Bodies of a choice start from what is known here; bodies of loops may come around again and know nothing.
    fn control_flow(
        &mut self,
        operation: &Operation,
        qubits: &[Qubit],
    ) -> Result<(), CompileError> {
        let loops = matches!(operation, Operation::For(_) | Operation::While(_));
        let known: Vec<Option<State>> = qubits
            .iter()
            .map(|&q| if loops { None } else { self.state(q) })
            .collect();
        let (rules, mut change) = (self.rules, Change::Unchanged);
        let operation = operation.try_map_bodies(|body| {
            let mut body = body.clone();
            change = change.or(simplify(&mut body, known.clone(), rules)?);
            Ok::<_, CompileError>(body)
        })?;
        self.change = self.change.or(change);
        for qubit in qubits {
            self.states[qubit.index()] = None;
        }
        self.keep(&operation, qubits)
    }

    fn gate(&mut self, operation: Operation, qubits: Wires) -> Result<(), CompileError> {
        if qubits.iter().all(|&q| self.state(q).is_none()) {
            return self.keep(&operation, &qubits);
        }
        if let Some(done) = self.drop_certain_controls(&operation, &qubits)? {
            return Ok(done);
        }
        if let Some(done) = self.kick_phase_back(&operation, &qubits)? {
            return Ok(done);
        }
        if let Some(done) = self.narrow_pauli_rotation(&operation, &qubits)? {
            return Ok(done);
        }
        match qubits[..] {
            [a] => self.one_qubit(&operation, a),
            [a, b] => self.two_qubits(&operation, a, b),
            _ => self.keep_and_follow(&operation, &qubits),
        }
    }

    /// A gate on a qubit whose state it changes.
    fn one_qubit(&mut self, operation: &Operation, qubit: Qubit) -> Result<(), CompileError> {
        let next = self
            .state(qubit)
            .zip(operation.matrix1())
            .map(|(state, matrix)| state.after(&matrix));
        self.states[qubit.index()] = next;
        self.keep(operation, &[qubit])
    }

    /// Keeps a gate: a qubit stays known where the gate commutes with a Pauli matrix whose eigenstate it is in.
    fn keep_and_follow(
        &mut self,
        operation: &Operation,
        qubits: &[Qubit],
    ) -> Result<(), CompileError> {
        for (qubit, kind) in qubits.iter().zip(kinds(operation, qubits.len())) {
            let axis = match kind {
                Kind::Any => continue,
                Kind::Z => Some(Pauli::Z),
                Kind::X => Some(Pauli::X),
                Kind::Y => Some(Pauli::Y),
                Kind::Other => None,
            };
            let stays = axis
                .zip(self.state(*qubit))
                .is_some_and(|(axis, state)| state.eigenvalue(axis).is_some());
            if !stays {
                self.states[qubit.index()] = None;
            }
        }
        self.keep(operation, qubits)
    }
}
