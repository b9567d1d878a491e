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
//! one matrix becomes the cheapest one that does the same to the known states ([`edge_block`]). The start counts as |0> for
//! every wire unless the operator must be kept; then it does for spare wires only.

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Pauli, Qubit};
use nalgebra::{Matrix2, Matrix4};
use smallvec::SmallVec;

use super::NEGLIGIBLE;
use super::commutation::{Kind, kinds, pauli};
use super::edge_block;
use super::rotation::Rotation;
use crate::{Change, CompileError, Context, GateSet, Pass, Preserve, Properties};

mod state;
#[cfg(test)]
mod tests;

use state::{State, eigenphase, factor, one_qubit_gate, preparation, product_after};

/// Constant propagation over qubit states; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct SimplifyKnownStates;

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
        simplify(circuit, states, context.options.gate_set)
    }
}

fn simplify(
    circuit: &mut Circuit,
    states: Vec<Option<State>>,
    gates: GateSet,
) -> Result<Change, CompileError> {
    let mut tracker = Tracker {
        out: circuit.same_shape(),
        states,
        gates,
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
    /// What the cost of a block is counted in.
    gates: GateSet,
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
        let (gates, mut change) = (self.gates, Change::Unchanged);
        let operation = operation.try_map_bodies(|body| {
            let mut body = body.clone();
            change = change.or(simplify(&mut body, known.clone(), gates)?);
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

    /// Controls that are certainly on are taken away; one that is certainly off takes the gate away.
    fn drop_certain_controls(
        &mut self,
        operation: &Operation,
        qubits: &Wires,
    ) -> Result<Option<()>, CompileError> {
        let Some((controls, base)) = controlled(operation) else {
            return Ok(None);
        };
        let bits: SmallVec<[Option<bool>; 4]> = (0..controls.len())
            .map(|i| self.state(qubits[i]).and_then(State::bit))
            .collect();
        if bits.iter().all(Option::is_none) {
            return Ok(None);
        }
        self.change = Change::Changed;
        if bits
            .iter()
            .zip(&controls)
            .any(|(bit, wanted)| bit.is_some_and(|bit| bit != *wanted))
        {
            return Ok(Some(()));
        }
        let open: Vec<usize> = (0..controls.len()).filter(|&i| bits[i].is_none()).collect();
        let wanted: Vec<bool> = open.iter().map(|&i| controls[i]).collect();
        let rest: Wires = open
            .iter()
            .map(|&i| qubits[i])
            .chain(qubits[controls.len()..].iter().copied())
            .collect();
        let narrower = if wanted.is_empty() {
            base
        } else {
            base.controlled(&wanted)?
        };
        self.gate(narrower, rest).map(Some)
    }

    /// A target in an eigenstate of the base gate only gives its phase to the controls.
    fn kick_phase_back(
        &mut self,
        operation: &Operation,
        qubits: &Wires,
    ) -> Result<Option<()>, CompileError> {
        let (controls, base) =
            controlled(operation).unwrap_or_else(|| (SmallVec::new(), operation.clone()));
        let target = qubits[qubits.len() - 1];
        let (Some(state), 1) = (self.state(target), qubits.len() - controls.len()) else {
            return Ok(None);
        };
        let Some(phase) = eigenphase(&base, state) else {
            return Ok(None);
        };
        if is_full_turn(&phase) {
            self.change = Change::Changed;
            return Ok(Some(()));
        }
        if controls.is_empty() {
            self.change = Change::Changed;
            self.out.add_global_phase(phase);
            return Ok(Some(()));
        }
        let Some(carrier) = controls.iter().position(|&on| on) else {
            return Ok(None);
        };
        self.change = Change::Changed;
        let others: Vec<usize> = (0..controls.len()).filter(|&i| i != carrier).collect();
        let wanted: Vec<bool> = others.iter().map(|&i| controls[i]).collect();
        let rest: Wires = others
            .iter()
            .map(|&i| qubits[i])
            .chain([qubits[carrier]])
            .collect();
        let turn = phase_gate(phase)?;
        let narrower = if wanted.is_empty() {
            turn
        } else {
            turn.controlled(&wanted)?
        };
        self.gate(narrower, rest).map(Some)
    }

    /// `exp(-i a P Q / 2)` on an eigenstate of P is a rotation about Q alone.
    fn narrow_pauli_rotation(
        &mut self,
        operation: &Operation,
        qubits: &Wires,
    ) -> Result<Option<()>, CompileError> {
        let (Some(rotation), Some(&[p, q])) = (
            Rotation::of(operation),
            pauli(operation).and_then(|s| s.first_chunk::<2>()),
        ) else {
            return Ok(None);
        };
        for (known, axis, other, left) in [(0, p, 1, q), (1, q, 0, p)] {
            let Some(sign) = self
                .state(qubits[known])
                .and_then(|state| state.eigenvalue(axis))
            else {
                continue;
            };
            let gate = match left {
                Pauli::X => Gate::RX,
                Pauli::Y => Gate::RY,
                _ => Gate::RZ,
            };
            self.change = Change::Changed;
            self.out.add_global_phase(rotation.phase);
            let narrower = Operation::gate(gate, &[rotation.angle * sign])?;
            return self
                .gate(narrower, SmallVec::from_slice(&[qubits[other]]))
                .map(Some);
        }
        Ok(None)
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

    fn two_qubits(
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
                let gates = self.gates;
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
                let gates = self.gates;
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
                let gates = self.gates;
                let cheaper = || edge_block::on_known_second(&matrix, &start, gates);
                if let Some(block) = self.block(operation, cheaper)? {
                    return self.keep_and_follow(&block, &[a, b]);
                }
            }
            (None, None) => {}
        }
        self.keep_and_follow(operation, &[a, b])
    }

    /// A cheaper block in the place of a gathered one. Named gates stay what they are: others may merge with them.
    fn block(
        &mut self,
        operation: &Operation,
        cheaper: impl FnOnce() -> Option<Matrix4<C64>>,
    ) -> Result<Option<Operation>, CompileError> {
        if !matches!(operation, Operation::Unitary(_)) {
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

/// The control states and the base gate of an operation under control.
fn controlled(operation: &Operation) -> Option<(SmallVec<[bool; 4]>, Operation)> {
    if let Operation::Controlled(op) = operation {
        // The base may be a controlled gate itself.
        let (inner, base) =
            controlled(&op.base).unwrap_or_else(|| (SmallVec::new(), op.base.clone()));
        return Some((op.state.iter().copied().chain(inner).collect(), base));
    }
    let (gate, angles) = operation.standard()?;
    let (count, base) = gate.controls()?;
    let base = Operation::gate(base, &angles.to_vec()).ok()?;
    Some((std::iter::repeat_n(true, count).collect(), base))
}

/// The phase gate of this angle, under its usual name.
fn phase_gate(phase: Angle) -> Result<Operation, CompileError> {
    let half_turn = phase
        .value()
        .is_some_and(|value| (value.abs() - std::f64::consts::PI).abs() < NEGLIGIBLE);
    Ok(if half_turn {
        Operation::Gate(Gate::Z)
    } else {
        Operation::gate(Gate::P, &[phase])?
    })
}

fn is_full_turn(phase: &Angle) -> bool {
    phase.value().is_some_and(|value| {
        let turns = (value / std::f64::consts::TAU).round();
        (value - turns * std::f64::consts::TAU).abs() < NEGLIGIBLE
    })
}

fn swap() -> Matrix4<C64> {
    Matrix4::from_fn(|row, column| {
        let swapped = (column & 1) << 1 | column >> 1;
        C64::from(if row == swapped { 1.0 } else { 0.0 })
    })
}
