//! Removes gates that do nothing but turn the global phase.
//!
//! ```text
//! before                   after
//! rz(0) q[0];              // global phase pi
//! rx(2*pi) q[1];
//! cx q[0], q[1];           cx q[0], q[1];
//! id q[1];
//! ```

use ardea_circuit::{Angle, Circuit, Instruction, Operation};

use super::NEGLIGIBLE;
use super::bodies::in_every_body;
use super::rotation::Rotation;
use crate::{Change, CompileError, Context, Pass};

/// Removes identity gates and zero angles; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct RemoveIdentities;

impl Pass for RemoveIdentities {
    fn name(&self) -> &'static str {
        "remove-identities"
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        in_every_body(circuit, &remove)
    }
}

fn remove(circuit: &mut Circuit) -> Result<Change, CompileError> {
    let phases: Vec<Option<Angle>> = circuit.instructions().iter().map(as_phase).collect();
    if phases.iter().all(Option::is_none) {
        return Ok(Change::Unchanged);
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    for (instruction, phase) in circuit.instructions().iter().zip(phases) {
        match phase {
            Some(phase) => out.add_global_phase(phase),
            None => {
                out.push_instruction(instruction.clone())?;
            }
        }
    }
    *circuit = out;
    Ok(Change::Changed)
}

/// The global phase that an instruction amounts to, when it amounts to no more.
fn as_phase(instruction: &Instruction) -> Option<Angle> {
    if let Some(rotation) = Rotation::of(&instruction.operation) {
        let reduced = rotation.reduced()?;
        return reduced.operation.is_none().then_some(reduced.phase);
    }
    match &instruction.operation {
        // A list of no qubits orders nothing.
        Operation::Barrier if instruction.qubits.is_empty() => Some(Angle::ZERO),
        operation => match operation.standard() {
            // A gate without angles is what it is.
            Some((gate, angles)) if angles.is_empty() => {
                (gate == ardea_circuit::Gate::I).then_some(Angle::ZERO)
            }
            Some((ardea_circuit::Gate::GlobalPhase, angles)) => angles.to_vec().first().cloned(),
            _ => scalar(operation).map(Angle::Value),
        },
    }
}

/// The phase of a matrix that is a phase times the identity, on up to two qubits.
fn scalar(operation: &Operation) -> Option<f64> {
    let phase_of = |entries: &[ardea_circuit::C64], size: usize| {
        let first = entries[0];
        let expected = |k: usize| {
            if k.is_multiple_of(size + 1) {
                first
            } else {
                ardea_circuit::C64::default()
            }
        };
        let close = entries
            .iter()
            .enumerate()
            .all(|(k, entry)| (entry - expected(k)).norm() < NEGLIGIBLE);
        close.then(|| first.arg())
    };
    match operation.num_qubits() {
        Some(1) => operation
            .matrix1()
            .and_then(|matrix| phase_of(matrix.as_slice(), 2)),
        Some(2) => operation
            .matrix2()
            .and_then(|matrix| phase_of(matrix.as_slice(), 4)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use ardea_circuit::{Circuit, Gate};

    use super::*;

    #[test]
    fn identities_leave_only_their_phase() {
        let mut circuit = Circuit::new(2, 0);
        circuit
            .rz(0.0, 0)
            .unwrap()
            .rx(TAU, 1)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .crx(2.0 * TAU, 0, 1)
            .unwrap();
        circuit
            .u(0.0, 0.3, -0.3, 1)
            .unwrap()
            .cp(TAU, 0, 1)
            .unwrap()
            .id(0)
            .unwrap();
        let before = circuit.to_matrix().unwrap();
        assert_eq!(remove(&mut circuit), Ok(Change::Changed));
        assert_eq!(circuit.len(), 1);
        assert!((circuit.to_matrix().unwrap() - before).norm() < 1e-12);
        assert_eq!(remove(&mut circuit), Ok(Change::Unchanged));
    }

    #[test]
    fn a_half_turned_controlled_rotation_is_not_an_identity() {
        let mut circuit = Circuit::new(2, 0);
        circuit.crx(TAU, 0, 1).unwrap().rz(1e-3, 0).unwrap();
        assert_eq!(remove(&mut circuit), Ok(Change::Unchanged));
        assert_eq!(
            circuit.instructions()[0].operation.as_gate(),
            Some(Gate::CRX)
        );
    }
}
