//! `X` under many controls with the help of borrowed qubits.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

use super::{cx, h, parities, t};
use std::f64::consts::PI;

/// `X` under `n >= 3` controls over `n - 2` borrowed qubits.
///
/// The target takes a Toffoli from the last control and the last borrowed qubit, twice; in between and behind, the
/// borrowed qubit is flipped where all other controls are 1, up to phases that depend on nothing the Toffoli changes.
pub(super) fn ladder_x(out: &mut Circuit, controls: &[Qubit], target: Qubit, borrowed: &[Qubit]) {
    let [rest @ .., last] = controls else { return };
    let steps = &borrowed[..controls.len() - 2];
    let Some(&top) = steps.last() else { return };
    let mut flip = out.same_shape();
    relative_flip(&mut flip, rest, steps);
    for instructions in [flip.instructions().to_vec(), reversed(&flip)] {
        parities_x(out, &[*last, top], target);
        instructions
            .into_iter()
            .for_each(|instruction| out.push_valid(instruction));
    }
}

/// Flips the last of `steps` where all `controls` are 1, up to relative phases; one step less than controls.
///
/// Written from the outside in: `H T cx T^-1 cx ... cx T cx T^-1 H` on each step around the part on the steps below.
fn relative_flip(out: &mut Circuit, controls: &[Qubit], steps: &[Qubit]) {
    let mut closing = Vec::new();
    for place in (1..steps.len()).rev() {
        let (step, below, control) = (steps[place], steps[place - 1], controls[place + 1]);
        h(out, step);
        t(out, step, 1.0);
        cx(out, control, step);
        t(out, step, -1.0);
        cx(out, below, step);
        closing.push((step, below, control));
    }
    // The innermost step is the relative-phase Toffoli of Margolus.
    if let (&[step, ..], &[first, second, ..]) = (steps, controls) {
        h(out, step);
        t(out, step, 1.0);
        cx(out, second, step);
        t(out, step, -1.0);
        cx(out, first, step);
        t(out, step, 1.0);
        cx(out, second, step);
        t(out, step, -1.0);
        h(out, step);
    }
    for (step, below, control) in closing.into_iter().rev() {
        cx(out, below, step);
        t(out, step, 1.0);
        cx(out, control, step);
        t(out, step, -1.0);
        h(out, step);
    }
}

/// The inverse of a circuit of `H`, `P` and `CX`.
fn reversed(circuit: &Circuit) -> Vec<Instruction> {
    let invert = |instruction: &Instruction| match instruction.operation {
        Operation::Rotation(Gate::P, angle) => Instruction {
            operation: Operation::Rotation(Gate::P, -angle),
            qubits: instruction.qubits.clone(),
        },
        _ => instruction.clone(),
    };
    circuit.instructions().iter().rev().map(invert).collect()
}

fn parities_x(out: &mut Circuit, controls: &[Qubit], target: Qubit) {
    let qubits: Vec<Qubit> = controls.iter().copied().chain([target]).collect();
    h(out, target);
    parities(out, &qubits, &PI.into());
    h(out, target);
}
