//! Walking into the bodies of control flow.

use ardea_circuit::{Circuit, Instruction};

use crate::{Change, CompileError};

/// Runs `rewrite` on every body of every control-flow instruction, the innermost first, and then on the circuit.
///
/// A body's qubits are positions in its instruction's list, so a rewrite that looks at one circuit at a time needs to
/// know nothing about where the body stands.
pub(crate) fn in_every_body(
    circuit: &mut Circuit,
    rewrite: &impl Fn(&mut Circuit) -> Result<Change, CompileError>,
) -> Result<Change, CompileError> {
    let mut change = Change::Unchanged;
    if circuit
        .instructions()
        .iter()
        .any(|instruction| instruction.operation.is_control_flow())
    {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        for Instruction { operation, qubits } in circuit.instructions() {
            let operation = operation.try_map_bodies(|body| {
                let mut body = body.clone();
                change = change.or(in_every_body(&mut body, rewrite)?);
                Ok::<_, CompileError>(body)
            })?;
            out.push_instruction(Instruction {
                operation,
                qubits: qubits.clone(),
            })?;
        }
        *circuit = out;
    }
    Ok(change.or(rewrite(circuit)?))
}
