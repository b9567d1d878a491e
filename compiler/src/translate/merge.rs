//! Runs of one-qubit gates fused into the fewest pulses.
//!
//! ```text
//! before:  rz(a) q;  sx q;  cz q, r;  rz(b) q;  sx q;  rz(c) q;  sx q;
//! after:   rz(a) q;  sx q;  cz q, r;  rz(..) q;  sx q;  rz(..) q;  sx q;  rz(..) q;      (at most two sx)
//! ```
//!
//! One walk over the circuit keeps, for each wire, the gates not yet written. Three facts move them forward for free:
//! `rz` commutes with diagonal two-qubit gates, an X before `cz` is an X after it and a Z on the other qubit, and
//! `X rz(a) = rz(-a) X`. Symbolic `rz` stay apart from matrices, and merge with each other and with diagonal numbers.

use std::f64::consts::{FRAC_PI_2, PI};

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::Matrix2;
use smallvec::SmallVec;

use super::emitter::body_wires;
use super::{Emitter, NativeBasis};
use crate::synthesis::TOLERANCE;
use crate::synthesis::euler::{Euler, OneQubitBasis, Pulse, rz};
use crate::{Change, CompileError, Context, Pass, Properties};

/// Fuses runs of one-qubit gates; the result has the fewest pulses that this can reach, never more than before.
#[derive(Clone, Copy, Debug, Default)]
pub struct MergeOneQubit;

impl Pass for MergeOneQubit {
    fn name(&self) -> &'static str {
        "merge-one-qubit"
    }

    fn requires(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let basis = NativeBasis::of(context)?;
        let merged = merge(circuit, &basis, None)?;
        // Angles are recomputed, so equal cost means nothing was gained: keep every bit of the original.
        if cost(&merged) < cost(circuit) {
            *circuit = merged;
            return Ok(Change::Changed);
        }
        Ok(Change::Unchanged)
    }
}

/// Pulses, then all instructions; bodies included.
fn cost(circuit: &Circuit) -> (usize, usize) {
    let mut total = (0, circuit.len());
    for instruction in circuit.instructions() {
        match instruction.operation.as_gate() {
            Some(Gate::RZ) => {}
            Some(gate) if gate.num_qubits() == 1 => total.0 += 1,
            _ => {
                for body in instruction.operation.bodies() {
                    let inner = cost(body);
                    total = (total.0 + inner.0, total.1 + inner.1);
                }
            }
        }
    }
    total
}

/// The circuit with its runs fused; `wires` are the target's names of its qubits where they differ.
fn merge(
    circuit: &Circuit,
    basis: &NativeBasis<'_>,
    wires: Option<&[Qubit]>,
) -> Result<Circuit, CompileError> {
    let mut start = circuit.same_shape();
    start.add_global_phase(circuit.global_phase().clone());
    start.reserve(circuit.len());
    let out = Emitter::new(basis, start, wires);
    let virtual_z = basis.one_qubit() != OneQubitBasis::U;
    let mut merger = Merger {
        out,
        pending: vec![Pending::default(); circuit.num_qubits()],
        virtual_z,
    };
    for instruction in circuit.instructions() {
        let operation = &instruction.operation;
        match (operation.as_gate(), &*instruction.qubits) {
            (_, &[qubit]) if merger.absorb(operation, qubit) => {}
            (Some(Gate::CZ), &[first, second]) => merger.pass_cz(first, second, instruction),
            (Some(gate), &[first, second]) if gate.is_diagonal() => {
                merger.flush_up_to_frame(first);
                merger.flush_up_to_frame(second);
                merger.out.keep(instruction.clone());
            }
            (Some(Gate::CX), &[control, target]) => {
                merger.flush_up_to_frame(control);
                merger.flush(target);
                merger.out.keep(instruction.clone());
            }
            (_, qubits) => {
                let fenced = circuit.fenced_qubits(instruction);
                fenced.iter().for_each(|&qubit| merger.flush(qubit));
                let inner = body_wires(wires, qubits);
                let operation =
                    operation.try_map_bodies(|body| merge(body, basis, Some(&inner)))?;
                merger.out.keep(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
            }
        }
    }
    (0..circuit.num_qubits()).for_each(|qubit| merger.flush(Qubit::new(qubit)));
    Ok(merger.out.finish())
}

/// A part of what is not yet written on a wire.
#[derive(Clone, Debug)]
enum Part {
    /// `rz`; a number only where it is the first part.
    Frame(Angle),
    /// Anything numeric.
    Fixed(Matrix2<C64>),
}

/// What is not yet written on a wire, first to act first.
type Pending = SmallVec<[Part; 2]>;

struct Merger<'a, 't> {
    out: Emitter<'a, 't>,
    pending: Vec<Pending>,
    virtual_z: bool,
}

impl Merger<'_, '_> {
    /// Takes a one-qubit gate into the pending parts, if it is one that can be.
    fn absorb(&mut self, operation: &Operation, qubit: Qubit) -> bool {
        match operation {
            Operation::Rotation(Gate::RZ, angle) => self.push_frame(qubit, Angle::Value(*angle)),
            Operation::Parametric(Gate::RZ, angles) => self.push_frame(qubit, angles[0].clone()),
            _ if !operation.is_unitary() => return false,
            _ => match operation.matrix1() {
                Some(matrix) => self.push_fixed(qubit, matrix),
                None => return false,
            },
        }
        true
    }

    fn push_frame(&mut self, qubit: Qubit, angle: Angle) {
        let pending = &mut self.pending[qubit.index()];
        match (pending.pop(), angle.value()) {
            (None, _) => pending.push(Part::Frame(angle)),
            (Some(Part::Frame(before)), _) => {
                let sum = before + angle;
                match sum.value() {
                    Some(value) if !pending.is_empty() => self.push_fixed(qubit, rz(value)),
                    _ => pending.push(Part::Frame(sum)),
                }
            }
            (Some(Part::Fixed(before)), Some(value)) => {
                pending.push(Part::Fixed(rz(value) * before))
            }
            (Some(Part::Fixed(before)), None) => match as_frame(&before) {
                Some((number, phase)) => {
                    self.out.phase(phase);
                    self.push_frame(qubit, angle + number.into());
                }
                None => pending.extend([Part::Fixed(before), Part::Frame(angle)]),
            },
        }
    }

    fn push_fixed(&mut self, qubit: Qubit, matrix: Matrix2<C64>) {
        let pending = &mut self.pending[qubit.index()];
        match pending.pop() {
            None => pending.push(Part::Fixed(matrix)),
            Some(Part::Fixed(before)) => pending.push(Part::Fixed(matrix * before)),
            Some(Part::Frame(Angle::Value(value))) => pending.push(Part::Fixed(matrix * rz(value))),
            Some(Part::Frame(angle)) => {
                if let Some((number, phase)) = as_frame(&matrix) {
                    self.out.phase(phase);
                    pending.push(Part::Frame(angle + number.into()));
                } else if is_flip(&matrix) {
                    self.push_fixed(qubit, matrix);
                    self.push_frame(qubit, -angle);
                } else {
                    pending.extend([Part::Frame(angle), Part::Fixed(matrix)]);
                }
            }
        }
    }

    /// `cz` with as much as possible left for after it.
    fn pass_cz(&mut self, first: Qubit, second: Qubit, instruction: &Instruction) {
        let flips = [first, second].map(|qubit| self.virtual_z && self.is_pending_flip(qubit));
        for (qubit, flip) in [first, second].into_iter().zip(flips) {
            if !flip {
                self.flush_up_to_frame(qubit);
            }
        }
        self.out.keep(instruction.clone());
        // cz A B = A Z' cz B = A Z' B Z cz for anti-diagonal A, B on the two qubits (Z' on the second, Z on the first):
        // with both, the Z of the first comes before what is pending there.
        let z = Matrix2::new(
            C64::new(1.0, 0.0),
            C64::new(0.0, 0.0),
            C64::new(0.0, 0.0),
            C64::new(-1.0, 0.0),
        );
        if flips[1] {
            if flips[0] {
                if let Some(Part::Fixed(matrix)) = self.pending[first.index()].first_mut() {
                    *matrix *= z;
                }
            } else {
                self.push_z(first);
            }
        }
        if flips[0] {
            self.push_z(second);
        }
    }

    /// `Z = i rz(pi)`
    fn push_z(&mut self, qubit: Qubit) {
        self.out.phase(FRAC_PI_2);
        self.push_frame(qubit, PI.into());
    }

    /// Whether all that is pending is an X and frames.
    fn is_pending_flip(&self, qubit: Qubit) -> bool {
        match self.pending[qubit.index()].as_slice() {
            [Part::Fixed(matrix)] | [Part::Fixed(matrix), Part::Frame(_)] => is_flip(matrix),
            _ => false,
        }
    }

    /// Writes everything pending on a wire.
    fn flush(&mut self, qubit: Qubit) {
        let frame = self.write(qubit);
        self.out.rz(qubit, &frame);
    }

    /// Writes what is pending up to a last `rz`, which commutes with what comes.
    fn flush_up_to_frame(&mut self, qubit: Qubit) {
        if !self.virtual_z {
            return self.flush(qubit);
        }
        let frame = self.write(qubit);
        if !frame.is_zero() {
            self.pending[qubit.index()].push(Part::Frame(frame));
        }
    }

    /// Writes all pulses that are pending and returns the `rz` left over.
    fn write(&mut self, qubit: Qubit) -> Angle {
        let mut frame = Angle::ZERO;
        for part in std::mem::take(&mut self.pending[qubit.index()]) {
            match part {
                Part::Frame(angle) => frame = frame + angle,
                Part::Fixed(matrix) if self.virtual_z => {
                    frame = self.write_pulses(qubit, &matrix, frame)
                }
                Part::Fixed(matrix) => match frame.value() {
                    Some(value) => {
                        self.out.one(qubit, &(matrix * rz(value)));
                        frame = Angle::ZERO;
                    }
                    None => {
                        self.out.rz(qubit, &frame);
                        self.out.one(qubit, &matrix);
                        frame = Angle::ZERO;
                    }
                },
            }
        }
        frame
    }

    /// Writes `matrix rz(frame)` but for a last `rz`, which is returned.
    fn write_pulses(&mut self, qubit: Qubit, matrix: &Matrix2<C64>, frame: Angle) -> Angle {
        let matrix = match frame.value() {
            Some(value) => matrix * rz(value),
            None => *matrix,
        };
        let frame = if frame.is_symbolic() {
            frame
        } else {
            Angle::ZERO
        };
        let sequence = Euler::of(&matrix).sequence(self.out.basis().one_qubit());
        self.out.phase(sequence.phase);
        let mut pulses = sequence.pulses.as_slice();
        let mut before = frame;
        if let [Pulse::Rz(angle), rest @ ..] = pulses {
            before = before + (*angle).into();
            pulses = rest;
        }
        if pulses.is_empty() {
            return before;
        }
        if pulses == [Pulse::X] {
            self.out.pulse(qubit, Pulse::X);
            return -before;
        }
        let (after, middle) = match pulses {
            [middle @ .., Pulse::Rz(angle)] => (Angle::from(*angle), middle),
            _ => (Angle::ZERO, pulses),
        };
        self.out.rz(qubit, &before);
        middle
            .iter()
            .for_each(|&pulse| self.out.pulse(qubit, pulse));
        after
    }
}

/// The angle and phase of a diagonal unitary: `e^{i phase} rz(angle)`.
fn as_frame(matrix: &Matrix2<C64>) -> Option<(f64, f64)> {
    if matrix[(1, 0)].norm() >= TOLERANCE {
        return None;
    }
    let (low, high) = (matrix[(0, 0)].arg(), matrix[(1, 1)].arg());
    Some((high - low, (high + low) / 2.0))
}

/// Whether the unitary is X up to phases: anti-diagonal.
fn is_flip(matrix: &Matrix2<C64>) -> bool {
    matrix[(0, 0)].norm() < TOLERANCE
}

#[cfg(test)]
mod tests;
