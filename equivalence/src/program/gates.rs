//! Gates as steps: what is known of the state makes them less, definitions are followed, gates on one wire multiplied.

use std::sync::Arc;

use ardea_circuit::{C64, Gate, Operation};
use nalgebra::Matrix2;
use smallvec::SmallVec;

use super::step::{Step, named};
use super::{Control, Lowering, MAX_DEPTH};
use crate::known::{self, Reduced, State};

impl Lowering<'_> {
    pub(super) fn phase(&mut self, phase: f64, controls: &[Control]) -> Result<(), String> {
        let Some(((wire, _), rest)) = controls.split_first() else {
            self.program.phase += phase;
            return Ok(());
        };
        if phase == 0.0 {
            return Ok(());
        }
        let on = controls[0].1;
        let operation = Operation::Rotation(Gate::P, phase);
        // P on a control that must be 0 is X P X.
        let flips = [
            Operation::Gate(Gate::X),
            operation,
            Operation::Gate(Gate::X),
        ];
        for operation in if on { &flips[1..2] } else { &flips[..] } {
            let rest = if operation.as_gate() == Some(Gate::X) {
                &[][..]
            } else {
                rest
            };
            self.gate(operation, &[*wire], rest, 0)?;
        }
        Ok(())
    }

    /// A unitary operation, followed down to steps.
    pub(super) fn gate(
        &mut self,
        operation: &Operation,
        wires: &[usize],
        controls: &[Control],
        depth: usize,
    ) -> Result<(), String> {
        self.count()?;
        if depth > MAX_DEPTH {
            return Err(format!("definitions nest deeper than {MAX_DEPTH} levels"));
        }
        if !controls.is_empty() {
            let state: Vec<bool> = controls.iter().map(|control| control.1).collect();
            let controlled = operation
                .controlled(&state)
                .map_err(|error| error.to_string())?;
            let all: Vec<usize> = controls
                .iter()
                .map(|control| control.0)
                .chain(wires.iter().copied())
                .collect();
            return self.gate(&controlled, &all, &[], depth + 1);
        }
        if wires.len() == 1 {
            let matrix = operation.matrix().map_err(|error| error.to_string())?;
            return self.one(wires[0], Matrix2::from_iterator(matrix.iter().copied()));
        }
        let states: SmallVec<[State; 4]> = wires.iter().map(|&wire| self.states[wire]).collect();
        let (reduced, error) = known::reduce(operation, &states);
        self.program.error += error;
        let places = |list: &[usize]| {
            list.iter()
                .map(|&place| wires[place])
                .collect::<SmallVec<[usize; 4]>>()
        };
        match reduced {
            Reduced::Same => self.written_out(operation, wires, depth),
            Reduced::Phase(phase) => self.phase(phase, &[]),
            Reduced::ControlledPhase(phase, controls) => {
                let controls: Vec<Control> = controls
                    .iter()
                    .map(|&(place, on)| (wires[place], on))
                    .collect();
                self.phase(phase, &controls)
            }
            Reduced::Other(operation, list) => {
                self.gate(&operation, &places(&list), &[], depth + 1)
            }
            Reduced::Separate([first, second]) => {
                self.one(wires[0], first)?;
                self.one(wires[1], second)
            }
        }
    }

    /// A gate on several wires as steps.
    fn written_out(
        &mut self,
        operation: &Operation,
        wires: &[usize],
        depth: usize,
    ) -> Result<(), String> {
        if let Some(step) = named(operation, wires) {
            return self.push(step);
        }
        let definition = match operation {
            Operation::Unitary(_) => None,
            _ => operation.definition().ok(),
        };
        let Some(definition) = definition else {
            let matrix = operation.matrix().map_err(|error| error.to_string())?;
            return self.push(Step::Dense(Arc::new(matrix), wires.into()));
        };
        for inner in definition.instructions() {
            if inner.operation.is_directive() {
                continue;
            }
            let own: SmallVec<[usize; 4]> = inner.qubits.iter().map(|q| wires[q.index()]).collect();
            self.gate(&inner.operation, &own, &[], depth + 1)?;
        }
        self.program.phase += number(definition.global_phase())?;
        Ok(())
    }

    fn one(&mut self, wire: usize, matrix: Matrix2<C64>) -> Result<(), String> {
        self.fresh[wire] = false;
        known::after(&Step::One(wire, matrix), &mut self.states);
        let before = self.pending[wire].take();
        self.pending[wire] = Some(before.map_or(matrix, |before| matrix * before));
        Ok(())
    }

    fn push(&mut self, step: Step) -> Result<(), String> {
        for wire in step.wires() {
            self.flush(wire);
            self.fresh[wire] = false;
        }
        known::after(&step, &mut self.states);
        self.program.steps.push(step);
        Ok(())
    }

    pub(super) fn flush(&mut self, wire: usize) {
        if let Some(matrix) = self.pending[wire].take() {
            self.program.steps.push(Step::One(wire, matrix));
        }
    }
}

/// The number that an angle is by now.
pub(super) fn number(angle: &ardea_circuit::Angle) -> Result<f64, String> {
    angle
        .value()
        .ok_or_else(|| "an angle has no number".to_owned())
}
