//! Toffoli gates that are right up to a phase of basis states, in fewer `cx`.

use std::f64::consts::FRAC_PI_4;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

use crate::CompileError;

/// `X` on `target` where both controls are 1, times -1 where only `alone` is 1 of the controls and `target` is 1.
///
/// With three `cx` (Margolus; Maslov, 2016, arXiv:1508.03273). The phase is the same before the gate as after it,
/// since `target` does not change where `alone` is the only 1.
pub(super) fn margolus(
    out: &mut Circuit,
    alone: Qubit,
    other: Qubit,
    target: Qubit,
) -> Result<(), CompileError> {
    let turn = |out: &mut Circuit, angle: f64| turn(out, Gate::RY, angle, target);
    turn(out, FRAC_PI_4)?;
    cx(out, other, target);
    turn(out, FRAC_PI_4)?;
    cx(out, alone, target);
    turn(out, -FRAC_PI_4)?;
    cx(out, other, target);
    turn(out, -FRAC_PI_4)
}

/// `ccz` times `cs` or its inverse on `pair`, with four `cx` (Selinger, 2013, arXiv:1210.0974).
pub(super) fn selinger(
    out: &mut Circuit,
    pair: [Qubit; 2],
    third: Qubit,
    phase: Phase,
) -> Result<(), CompileError> {
    let angle = match phase {
        Phase::Minus => FRAC_PI_4,
        Phase::Plus => -FRAC_PI_4,
    };
    for (index, &control) in [pair[0], pair[1], pair[0], pair[1]].iter().enumerate() {
        let sign = if index % 2 == 0 { 1.0 } else { -1.0 };
        turn(out, Gate::P, sign * angle, third)?;
        cx(out, control, third);
    }
    Ok(())
}

/// What a gate on three qubits leaves on two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// i where both are 1.
    Plus,
    /// -i where both are 1.
    Minus,
}

pub(super) fn hadamard(out: &mut Circuit, qubit: Qubit) {
    push(out, Operation::Gate(Gate::H), &[qubit]);
}

fn cx(out: &mut Circuit, control: Qubit, target: Qubit) {
    push(out, Operation::Gate(Gate::CX), &[control, target]);
}

fn turn(out: &mut Circuit, gate: Gate, angle: f64, qubit: Qubit) -> Result<(), CompileError> {
    push(out, Operation::with_values(gate, &[angle])?, &[qubit]);
    Ok(())
}

fn push(out: &mut Circuit, operation: Operation, qubits: &[Qubit]) {
    out.push_valid(Instruction {
        operation,
        qubits: qubits.into(),
    });
}
