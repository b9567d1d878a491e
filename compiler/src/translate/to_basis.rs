//! Every one- and two-qubit operation in the target's gates.
//!
//! ```text
//! before:  h q[0];  cx q[0], q[1];
//! after:   rz(pi/2) q[0];  sx q[0];  rz(pi/2) q[0];  rz(pi/2) q[1];  sx q[1];  rz(pi/2) q[1];
//!          cz q[0], q[1];  rz(pi/2) q[1];  sx q[1];  rz(pi/2) q[1];
//! ```
//!
//! Gate by gate, so the work is linear in the circuit; `merge-one-qubit` tidies up behind it.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

use super::emitter::body_wires;
use super::merge::{Merger, merge_native};
use super::{Emitter, NativeBasis, Wiring, rules};
use crate::synthesis::TOLERANCE;
use crate::{Change, CompileError, Context, Pass, Properties};

/// Writes everything in the target's native gates, exactly. Before routing it uses the target's usual two-qubit gate on
/// every pair; afterwards what each pair has, in a direction that it has.
#[derive(Clone, Copy, Debug, Default)]
pub struct TranslateToBasis;

impl Pass for TranslateToBasis {
    fn name(&self) -> &'static str {
        "translate-to-basis"
    }

    fn requires(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn establishes(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let basis = NativeBasis::of(context)?;
        if is_native(circuit, &basis, None) {
            return Ok(Change::Unchanged);
        }
        *circuit = translate(circuit, &basis, None)?;
        Ok(Change::Changed)
    }
}

/// Writes everything in the target's native gates and fuses runs of one-qubit gates on the way: what
/// [`TranslateToBasis`] and [`super::MergeOneQubit`] do one after the other, with no more than one gate's translation
/// in memory in between.
#[derive(Clone, Copy, Debug, Default)]
pub struct TranslateAndMerge;

impl Pass for TranslateAndMerge {
    fn name(&self) -> &'static str {
        "translate-and-merge"
    }

    fn requires(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn establishes(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let basis = NativeBasis::of(context)?;
        if is_native(circuit, &basis, None) {
            return merge_native(circuit, &basis);
        }
        let start = circuit.same_shape();
        let mut written = Emitter::new(&basis, start, None);
        let mut merger = Merger::new(circuit, &basis, None);
        for instruction in circuit.instructions() {
            translate_one(instruction, &basis, None, &mut written)?;
            for instruction in written.drain() {
                merger.take(&instruction)?;
            }
        }
        let phase = written.finish().global_phase().clone();
        let mut merged = merger.finish();
        merged.add_global_phase(phase);
        *circuit = merged;
        Ok(Change::Changed)
    }
}

fn is_native(circuit: &Circuit, basis: &NativeBasis<'_>, wires: Option<&[Qubit]>) -> bool {
    circuit.instructions().iter().all(|instruction| {
        let operation = &instruction.operation;
        if operation.is_control_flow() {
            let inner = body_wires(wires, &instruction.qubits);
            operation
                .bodies()
                .iter()
                .all(|body| is_native(body, basis, Some(&inner)))
        } else {
            !operation.is_unitary()
                || is_native_gate(operation, &body_wires(wires, &instruction.qubits), basis)
        }
    })
}

/// The circuit in native gates; `wires` are the target's names of its qubits where they differ.
pub(super) fn translate(
    circuit: &Circuit,
    basis: &NativeBasis<'_>,
    wires: Option<&[Qubit]>,
) -> Result<Circuit, CompileError> {
    let mut start = circuit.same_shape();
    start.add_global_phase(circuit.global_phase().clone());
    start.reserve(circuit.len());
    let mut out = Emitter::new(basis, start, wires);
    for instruction in circuit.instructions() {
        translate_one(instruction, basis, wires, &mut out)?;
    }
    Ok(out.finish())
}

fn translate_one(
    instruction: &Instruction,
    basis: &NativeBasis<'_>,
    wires: Option<&[Qubit]>,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    let operation = &instruction.operation;
    if operation.is_control_flow() {
        let inner = body_wires(wires, &instruction.qubits);
        let operation = operation.try_map_bodies(|body| translate(body, basis, Some(&inner)))?;
        out.keep(Instruction {
            operation,
            qubits: instruction.qubits.clone(),
        });
    } else if !operation.is_unitary() || native(instruction, out) {
        out.keep(instruction.clone());
    } else {
        rules::write(operation, &instruction.qubits, out)?;
    }
    Ok(())
}

fn native(instruction: &Instruction, out: &Emitter<'_, '_>) -> bool {
    match *instruction.qubits {
        [qubit] => is_native_gate(&instruction.operation, &[out.wire(qubit)], out.basis()),
        [first, second] => is_native_gate(
            &instruction.operation,
            &[out.wire(first), out.wire(second)],
            out.basis(),
        ),
        _ => false,
    }
}

/// Whether the target runs this gate as it is.
fn is_native_gate(operation: &Operation, qubits: &[Qubit], basis: &NativeBasis<'_>) -> bool {
    let Some((gate, angles)) = operation.standard() else {
        return false;
    };
    if !basis.offers(gate) {
        return false;
    }
    let in_range = match (gate, angles.values()) {
        // Hardware takes rzz between 0 and a quarter turn only, so a symbolic one cannot be promised.
        (Gate::RZZ, Some(values)) => values
            .iter()
            .all(|angle| (TOLERANCE..=std::f64::consts::FRAC_PI_2).contains(angle)),
        (Gate::RZZ, None) => false,
        _ => true,
    };
    in_range && (basis.wiring() == Wiring::Logical || basis.runs(gate, qubits))
}

#[cfg(test)]
mod tests;
