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
        merge_native(circuit, &NativeBasis::of(context)?)
    }
}

/// Fuses the runs of a circuit in native gates where that is less.
pub(super) fn merge_native(
    circuit: &mut Circuit,
    basis: &NativeBasis<'_>,
) -> Result<Change, CompileError> {
    let merged = merge(circuit, basis, None)?;
    // Angles are recomputed, so equal cost means nothing was gained: keep every bit of the original.
    if cost(&merged) < cost(circuit) {
        *circuit = merged;
        return Ok(Change::Changed);
    }
    Ok(Change::Unchanged)
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
    let mut merger = Merger::new(circuit, basis, wires);
    for instruction in circuit.instructions() {
        merger.take(instruction)?;
    }
    Ok(merger.finish())
}

/// A part of what is not yet written on a wire.
#[derive(Clone, Debug)]
enum Part {
    /// `rz`; a number only where it is the first part.
    Frame(Angle),
    /// `rz(after) sx rz(before)`: what most of a translated circuit is, and already the fewest pulses.
    Quarter { before: f64, after: f64 },
    /// Anything numeric.
    Fixed(Matrix2<C64>),
}

/// What is not yet written on a wire, first to act first.
type Pending = SmallVec<[Part; 2]>;

/// Takes instructions one by one and writes them with runs of one-qubit gates fused.
pub(super) struct Merger<'a, 't> {
    /// The circuit that the instructions are from.
    source: &'a Circuit,
    wires: Option<&'a [Qubit]>,
    out: Emitter<'a, 't>,
    pending: Vec<Pending>,
    virtual_z: bool,
}

impl<'a, 't> Merger<'a, 't> {
    /// For instructions on the wires of `source`; `wires` are the target's names of its qubits where they differ.
    pub(super) fn new(
        source: &'a Circuit,
        basis: &'a NativeBasis<'t>,
        wires: Option<&'a [Qubit]>,
    ) -> Self {
        let mut start = source.same_shape();
        start.add_global_phase(source.global_phase().clone());
        start.reserve(source.len());
        Self {
            source,
            wires,
            out: Emitter::new(basis, start, wires),
            pending: vec![Pending::default(); source.num_qubits()],
            virtual_z: basis.one_qubit() != OneQubitBasis::U,
        }
    }

    /// Takes the next instruction.
    pub(super) fn take(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        let operation = &instruction.operation;
        match (operation.as_gate(), &*instruction.qubits) {
            (_, &[qubit]) if self.absorb(operation, qubit) => {}
            (Some(Gate::CZ), &[first, second]) => self.pass_cz(first, second, instruction),
            (Some(gate), &[first, second]) if gate.is_diagonal() => {
                self.flush_up_to_frame(first);
                self.flush_up_to_frame(second);
                self.out.keep(instruction.clone());
            }
            (Some(Gate::CX), &[control, target]) => {
                self.flush_up_to_frame(control);
                self.flush(target);
                self.out.keep(instruction.clone());
            }
            (_, qubits) => {
                let fenced = self.source.fenced_qubits(instruction);
                fenced.iter().for_each(|&qubit| self.flush(qubit));
                let (basis, inner) = (self.out.basis(), body_wires(self.wires, qubits));
                let operation =
                    operation.try_map_bodies(|body| merge(body, basis, Some(&inner)))?;
                self.out.keep(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
            }
        }
        Ok(())
    }

    /// The circuit written.
    pub(super) fn finish(mut self) -> Circuit {
        (0..self.source.num_qubits()).for_each(|qubit| self.flush(Qubit::new(qubit)));
        self.out.finish()
    }

    /// Takes a one-qubit gate into the pending parts, if it is one that can be.
    fn absorb(&mut self, operation: &Operation, qubit: Qubit) -> bool {
        match operation {
            Operation::Rotation(Gate::RZ, angle) => self.push_frame(qubit, Angle::Value(*angle)),
            Operation::Parametric(Gate::RZ, angles) => self.push_frame(qubit, angles[0].clone()),
            _ if !operation.is_unitary() => return false,
            Operation::Gate(Gate::SX) if self.out.basis().one_qubit() == OneQubitBasis::RzSx => {
                self.push_quarter(qubit);
            }
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
            (Some(Part::Quarter { before, after }), Some(value)) => {
                let after = after + value;
                pending.push(Part::Quarter { before, after });
            }
            (Some(before @ Part::Quarter { .. }), None) => {
                pending.extend([before, Part::Frame(angle)]);
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

    fn push_quarter(&mut self, qubit: Qubit) {
        let pending = &mut self.pending[qubit.index()];
        let before = match pending.as_slice() {
            [] => 0.0,
            [Part::Frame(Angle::Value(value))] => *value,
            _ => return self.push_fixed(qubit, quarter(0.0, 0.0)),
        };
        pending.clear();
        pending.push(Part::Quarter { before, after: 0.0 });
    }

    fn push_fixed(&mut self, qubit: Qubit, matrix: Matrix2<C64>) {
        let pending = &mut self.pending[qubit.index()];
        match pending.pop() {
            None => pending.push(Part::Fixed(matrix)),
            Some(Part::Fixed(before)) => pending.push(Part::Fixed(matrix * before)),
            Some(Part::Quarter { before, after }) => {
                pending.push(Part::Fixed(matrix * quarter(before, after)));
            }
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
                Part::Quarter { before, after } => {
                    self.out.rz(qubit, &(frame + before.into()));
                    self.out.pulse(qubit, Pulse::Sx);
                    frame = after.into();
                }
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

/// `rz(after) sx rz(before)`
fn quarter(before: f64, after: f64) -> Matrix2<C64> {
    rz(after) * Pulse::Sx.matrix() * rz(before)
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
