//! Cancels inverse pairs and merges rotations across everything that commutes with them.
//!
//! ```text
//! before                            after
//! cx q[0], q[1];
//! rz(a) q[0];                       rz(a + b) q[0];
//! cx q[0], q[2];                    cx q[0], q[2];
//! rz(b) q[0];
//! cx q[0], q[1];
//! ```
//!
//! Each gate looks back along its own wires, past what it commutes with, for a partner on the same qubits. What it
//! passes does not matter for gates on other wires, so the walk takes the gates of its wires in turn, latest first, and
//! stops at the first one that does not commute or after a bounded number of steps. A partner is an inverse, a rotation of the
//! same family, or any operation with which the product is a phase. Barriers, delays, measurements, resets and control
//! flow are never passed.

use ardea_circuit::{Angle, Circuit, Instruction, Qubit};
use smallvec::SmallVec;

use super::NEGLIGIBLE;
use super::bodies::in_every_body;
use super::commutation::{Kinds, commute, kinds, product_on_pair};
use super::rotation::{Reduced, Rotation};
use crate::{Change, CompileError, Context, Pass, Properties};

/// How many gates on its own wires a gate looks back over: enough for the longest runs of commuting gates seen on
/// real circuits, and a bound that keeps the pass linear.
const WINDOW: usize = 128;

/// Commutation-aware cancellation and merging; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct CancelCommuting;

impl Pass for CancelCommuting {
    fn name(&self) -> &'static str {
        "cancel-commuting"
    }

    /// A merged rotation may have an angle that the device does not take.
    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        in_every_body(circuit, &cancel)
    }
}

fn cancel(circuit: &mut Circuit) -> Result<Change, CompileError> {
    let mut walk = Walk::new(circuit.num_qubits());
    for instruction in circuit.instructions() {
        walk.add(instruction, &circuit.fenced_qubits(instruction));
    }
    if !walk.changed {
        return Ok(Change::Unchanged);
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone() + walk.phase);
    for placed in walk.kept.into_iter().flatten() {
        out.push_instruction(placed.instruction)?;
    }
    *circuit = out;
    Ok(Change::Changed)
}

struct Placed {
    instruction: Instruction,
    kinds: Kinds,
}

struct Walk {
    /// The output so far; cancelled instructions leave a hole.
    kept: Vec<Option<Placed>>,
    /// Positions in `kept` of the instructions on each wire, in order.
    wires: Vec<Vec<u32>>,
    phase: Angle,
    changed: bool,
}

impl Walk {
    fn new(num_qubits: usize) -> Self {
        Self {
            kept: Vec::new(),
            wires: vec![Vec::new(); num_qubits],
            phase: Angle::ZERO,
            changed: false,
        }
    }

    fn add(&mut self, instruction: &Instruction, fenced: &[Qubit]) {
        let placed = Placed {
            kinds: kinds(&instruction.operation, instruction.qubits.len()),
            instruction: instruction.clone(),
        };
        if instruction.operation.is_unitary()
            && let Some((partner, reduced)) = self.find_partner(&placed)
        {
            self.merge(partner, reduced);
            return;
        }
        let position = self.kept.len() as u32;
        for qubit in fenced {
            self.wires[qubit.index()].push(position);
        }
        self.kept.push(Some(placed));
    }

    /// The latest instruction that `gate` can be moved next to and merged with.
    fn find_partner(&self, gate: &Placed) -> Option<(usize, Reduced)> {
        let qubits = &gate.instruction.qubits;
        // For each wire of the gate, how many of its instructions are still to be looked at.
        let mut left: SmallVec<[usize; 4]> =
            qubits.iter().map(|q| self.wires[q.index()].len()).collect();
        for _ in 0..WINDOW {
            let latest = qubits
                .iter()
                .zip(&left)
                .filter_map(|(q, &n)| Some(self.wires[q.index()][n.checked_sub(1)?]))
                .max()?;
            for (q, n) in qubits.iter().zip(left.iter_mut()) {
                if *n > 0 && self.wires[q.index()][*n - 1] == latest {
                    *n -= 1;
                }
            }
            let other = self.kept[latest as usize].as_ref()?;
            if !other.instruction.operation.is_unitary() {
                return None;
            }
            if same_qubits(&other.instruction, &gate.instruction)
                && let Some(reduced) = merged(&other.instruction, &gate.instruction)
            {
                return Some((latest as usize, reduced));
            }
            if !commute(
                &other.instruction,
                &other.kinds,
                &gate.instruction,
                &gate.kinds,
            ) {
                return None;
            }
        }
        None
    }

    fn merge(&mut self, partner: usize, reduced: Reduced) {
        self.changed = true;
        self.phase = self.phase.clone() + reduced.phase;
        let Some(placed) = self.kept[partner].as_mut() else {
            return;
        };
        match reduced.operation {
            Some(operation) => {
                placed.kinds = kinds(&operation, placed.instruction.qubits.len());
                placed.instruction.operation = operation;
            }
            None => {
                let qubits: SmallVec<[Qubit; 4]> =
                    placed.instruction.qubits.iter().copied().collect();
                for qubit in qubits {
                    self.forget(qubit, partner as u32);
                }
                self.kept[partner] = None;
            }
        }
    }

    /// Takes an instruction off a wire; it is near the end, at most a window away.
    fn forget(&mut self, qubit: Qubit, position: u32) {
        let wire = &mut self.wires[qubit.index()];
        if let Some(index) = wire.iter().rposition(|&entry| entry == position) {
            wire.remove(index);
        }
    }
}

fn same_qubits(a: &Instruction, b: &Instruction) -> bool {
    a.qubits.len() == b.qubits.len() && a.qubits.iter().all(|q| b.qubits.contains(q))
}

/// What the two amount to one after the other, when that is at most one gate.
fn merged(earlier: &Instruction, later: &Instruction) -> Option<Reduced> {
    let same_order = earlier.qubits == later.qubits;
    if let (Some(a), Some(b)) = (
        Rotation::of(&earlier.operation),
        Rotation::of(&later.operation),
    ) && (same_order || (a.is_symmetric() && b.is_symmetric()))
        && let Some(reduced) = a.merged_with(&b).and_then(|sum| sum.reduced())
    {
        return Some(reduced);
    }
    if same_order
        && earlier
            .operation
            .inverse()
            .is_ok_and(|inverse| inverse == later.operation)
    {
        return Some(Reduced {
            operation: None,
            phase: Angle::ZERO,
        });
    }
    product_phase(earlier, later).map(|phase| Reduced {
        operation: None,
        phase: Angle::Value(phase),
    })
}

/// The phase of the product of two operations on the same one or two qubits, when the product is a phase.
fn product_phase(earlier: &Instruction, later: &Instruction) -> Option<f64> {
    match earlier.qubits.len() {
        1 => {
            let product = later.operation.matrix1()? * earlier.operation.matrix1()?;
            let phase = product[(0, 0)];
            let close = (product - nalgebra::Matrix2::identity() * phase)
                .iter()
                .all(|entry| entry.norm() < NEGLIGIBLE);
            close.then(|| phase.arg())
        }
        2 => {
            let product = product_on_pair(earlier, later)?;
            let phase = product[(0, 0)];
            let close = (product - nalgebra::Matrix4::identity() * phase)
                .iter()
                .all(|entry| entry.norm() < NEGLIGIBLE);
            close.then(|| phase.arg())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
