//! Whether a circuit respects the device: the last word on every mapping.

use ardea_circuit::{Circuit, Operation, Qubit};
use ardea_device::Target;

use crate::CompileError;

/// Checks that every gate acts on live qubits, at most two of them, coupled by a live edge; bodies
/// of control flow included.
///
/// # Errors
/// [`CompileError::Internal`] naming the first offending instruction.
pub fn check_routed(circuit: &Circuit, target: &Target) -> Result<(), CompileError> {
    if circuit.num_qubits() != target.num_qubits() {
        let detail = format!(
            "the circuit has {} qubits and target '{}' {}",
            circuit.num_qubits(),
            target.name(),
            target.num_qubits()
        );
        return Err(CompileError::Internal {
            place: "mapping",
            detail,
        });
    }
    let qubits: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
    check_on(circuit, &qubits, target)
}

fn check_on(circuit: &Circuit, qubits: &[Qubit], target: &Target) -> Result<(), CompileError> {
    for (index, instruction) in circuit.instructions().iter().enumerate() {
        let operation = &instruction.operation;
        if matches!(operation, Operation::Barrier) {
            continue;
        }
        let on: Vec<Qubit> = instruction
            .qubits
            .iter()
            .map(|q| qubits[q.index()])
            .collect();
        let fault = on
            .iter()
            .find(|&&q| !target.is_live(q))
            .map(|q| format!("{q} is out of order"));
        let fault = fault.or_else(|| match on.as_slice() {
            _ if !operation.is_unitary() => None,
            [a, b] if !target.are_coupled(*a, *b) => Some(format!("{a} and {b} are not coupled")),
            [_, _, _, ..] => Some("it acts on more than two qubits".to_owned()),
            _ => None,
        });
        if let Some(fault) = fault {
            let detail = format!("instruction {index} ({}): {fault}", operation.name());
            return Err(CompileError::Internal {
                place: "mapping",
                detail,
            });
        }
        operation
            .bodies()
            .iter()
            .try_for_each(|body| check_on(body, &on, target))?;
    }
    Ok(())
}
