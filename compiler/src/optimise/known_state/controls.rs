//! Gates under control and Pauli rotations: what remains when a qubit's part in them is certain.

use ardea_circuit::{Angle, Gate, Operation, Pauli};
use smallvec::SmallVec;

use super::super::NEGLIGIBLE;
use super::super::commutation::pauli;
use super::super::rotation::Rotation;
use super::state::{State, eigenphase};
use super::{Tracker, Wires};
use crate::{Change, CompileError};

impl Tracker {
    /// Controls that are certainly on are taken away; one that is certainly off takes the gate away.
    pub(super) fn drop_certain_controls(
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
    pub(super) fn kick_phase_back(
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
    pub(super) fn narrow_pauli_rotation(
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
