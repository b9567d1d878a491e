//! Whether a device runs a circuit: the last check of every compilation.

use std::f64::consts::FRAC_PI_2;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use ardea_device::Target;

use crate::{CompileError, GateSet};

/// Checks that every instruction is one of the device's on working qubits and couplings, bodies of control flow
/// included, and that angles are in the range that the device takes.
///
/// # Errors
/// [`CompileError::Internal`] naming the first instruction that is not.
pub fn check_legal(
    circuit: &Circuit,
    target: &Target,
    gate_set: GateSet,
) -> Result<(), CompileError> {
    let qubits: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
    check_block(circuit, &qubits, target, gate_set)
}

fn check_block(
    circuit: &Circuit,
    qubits: &[Qubit],
    target: &Target,
    gate_set: GateSet,
) -> Result<(), CompileError> {
    for (index, instruction) in circuit.instructions().iter().enumerate() {
        let on = instruction.qubits.map(|q| qubits[q.index()]);
        if let Some(fault) = fault(instruction, &on, target, gate_set) {
            let detail = format!(
                "instruction {index} ({} on {on:?}): {fault}",
                instruction.operation.name()
            );
            return Err(CompileError::Internal {
                place: "legality check",
                detail,
            });
        }
        for body in instruction.operation.bodies() {
            check_block(body, &on, target, gate_set)?;
        }
    }
    Ok(())
}

fn fault(
    instruction: &Instruction,
    on: &[Qubit],
    target: &Target,
    gate_set: GateSet,
) -> Option<&'static str> {
    let operation = &instruction.operation;
    if matches!(
        operation,
        Operation::Barrier | Operation::Break | Operation::Continue
    ) || operation.is_control_flow()
    {
        return None;
    }
    if !on.iter().all(|&q| target.is_live(q)) {
        return Some("a qubit is out of order");
    }
    let Some(gate) = operation.as_gate() else {
        return operation
            .is_unitary()
            .then_some("it is not one of the device's gates");
    };
    let fractional = target.fractional_gates().contains(&gate) && gate_set == GateSet::Fractional;
    if !target.basis().contains(&gate) && !fractional {
        return Some("it is not one of the device's gates");
    }
    if !target.supports(gate, on) {
        return Some("the device does not have it there in working order");
    }
    let angle = operation
        .standard()
        .and_then(|(_, angles)| angles.values())
        .and_then(|values| values.first().copied());
    (fractional
        && gate == Gate::RZZ
        && angle.is_some_and(|angle| !(0.0..=FRAC_PI_2).contains(&angle)))
    .then_some("its angle is outside 0 to pi/2")
}
