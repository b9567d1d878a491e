//! Stronger noise by gates that are written several times.
//!
//! What counts as noise is the two-qubit gates: a circuit of scale s has s times as many. One-qubit gates between them
//! follow where they are folded along. Barriers between the copies keep later compilers from cancelling them.
//!
//! ```text
//! two-qubit gates, scale 3:   cz | cz | cz  for every cz
//! global, scale 3:            C | C† | C    for the whole circuit; for 2, only the end of it is folded
//! ```

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use ardea_compiler::GateSet;
use ardea_compiler::synthesis::euler::Pulse;
use ardea_compiler::translate::{Emitter, NativeBasis, Wiring};
use ardea_device::Target;
use nalgebra::Matrix2;

use crate::error::{SuppressionError, bad_option};

/// Largest scale; a value there says nothing about 0 any more.
const LARGEST: f64 = 100.0;

/// What is folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// Each two-qubit gate by itself, in bodies of control flow too. For scales between odd numbers some of them, evenly
    /// spread.
    #[default]
    TwoQubit,
    /// The whole circuit up to its measurements. For scales between odd numbers its end.
    Global,
}

/// A folded circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// It does what the original does.
    pub circuit: Circuit,
    /// Two-qubit gates as a multiple of the original's: as close to what was asked for as whole gates allow. A gate in a
    /// body counts once.
    pub scale: f64,
}

/// The circuit with its noise made `scale` times as strong; it is in the gates of `target`.
///
/// # Errors
/// [`SuppressionError::BadOption`] for scales below 1 or above 100; [`SuppressionError::Unsuitable`] where there is nothing
/// to fold, a gate has no inverse among those of the device, or something follows a measurement that global folding
/// would have to undo.
pub fn fold(
    circuit: &Circuit,
    target: &Target,
    scale: f64,
    folding: Folding,
) -> Result<Folded, SuppressionError> {
    if !(1.0..=LARGEST).contains(&scale) {
        return bad_option(format!(
            "a circuit cannot be folded to {scale} times its noise; choose 1 to {LARGEST}"
        ));
    }
    let gates = circuit.two_qubit_count();
    if gates == 0 {
        return unsuitable("it has no two-qubit gates");
    }
    let folds = ((scale - 1.0) / 2.0 * gates as f64).round() as usize;
    let basis = NativeBasis::new(target, GateSet::Standard, Wiring::Physical)?;
    let folded = match folding {
        Folding::TwoQubit => {
            let mut spread = Spread {
                gates,
                folds,
                met: 0,
            };
            each_gate(circuit, &mut spread, &basis)?
        }
        Folding::Global => whole(circuit, gates, folds, &basis)?,
    };
    Ok(Folded {
        circuit: folded,
        scale: 1.0 + 2.0 * folds as f64 / gates as f64,
    })
}

fn unsuitable<T>(reason: impl Into<String>) -> Result<T, SuppressionError> {
    Err(SuppressionError::Unsuitable {
        method: "folding",
        reason: reason.into(),
    })
}

/// So many folds spread evenly over so many gates.
struct Spread {
    gates: usize,
    folds: usize,
    met: usize,
}

impl Spread {
    /// How often the next gate is folded.
    fn next(&mut self) -> usize {
        let until = |gate: usize| gate * self.folds / self.gates;
        let folds = until(self.met + 1) - until(self.met);
        self.met += 1;
        folds
    }
}

fn each_gate(
    circuit: &Circuit,
    spread: &mut Spread,
    basis: &NativeBasis<'_>,
) -> Result<Circuit, SuppressionError> {
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    let mut out = Emitter::new(basis, out, None);
    for instruction in circuit.instructions() {
        if instruction.operation.is_control_flow() {
            let folded = |body: &Circuit| each_gate(body, spread, basis);
            out.keep(Instruction {
                operation: instruction.operation.try_map_bodies(folded)?,
                qubits: instruction.qubits.clone(),
            });
            continue;
        }
        out.keep(instruction.clone());
        if !is_two_qubit(instruction) {
            continue;
        }
        for _ in 0..spread.next() {
            barrier(&mut out, &instruction.qubits);
            undo(&mut out, instruction)?;
            barrier(&mut out, &instruction.qubits);
            out.keep(instruction.clone());
        }
    }
    Ok(out.finish())
}

fn is_two_qubit(instruction: &Instruction) -> bool {
    instruction.qubits.len() == 2 && instruction.operation.is_unitary()
}

fn barrier(out: &mut Emitter<'_, '_>, qubits: &[Qubit]) {
    out.keep(Instruction {
        operation: Operation::Barrier,
        qubits: qubits.into(),
    });
}

/// The inverse of a two-qubit gate, in gates that the device has.
fn undo(out: &mut Emitter<'_, '_>, instruction: &Instruction) -> Result<(), SuppressionError> {
    match instruction.operation {
        Operation::Gate(gate) if gate.is_self_inverse() => out.keep(instruction.clone()),
        Operation::Rotation(Gate::RZZ, _) => {
            // Devices may have angles of one sign only: X on one qubit gives the other.
            out.pulse(instruction.qubits[0], Pulse::X);
            out.keep(instruction.clone());
            out.pulse(instruction.qubits[0], Pulse::X);
        }
        ref other => {
            return unsuitable(format!(
                "'{}' has no inverse among the gates of the device",
                other.name()
            ));
        }
    }
    Ok(())
}

/// The circuit C as C (C† C)^k S† S with the end S of C, and then its measurements.
fn whole(
    circuit: &Circuit,
    gates: usize,
    folds: usize,
    basis: &NativeBasis<'_>,
) -> Result<Circuit, SuppressionError> {
    let all = circuit.instructions();
    let is_gate = |i: &Instruction| i.operation.is_unitary() || i.operation.is_directive();
    let end = all.iter().position(|i| !is_gate(i)).unwrap_or(all.len());
    let is_measured = |i: &Instruction| {
        matches!(i.operation, Operation::Measure(_)) || i.operation.is_directive()
    };
    if let Some(other) = all[end..].iter().find(|i| !is_measured(i)) {
        return unsuitable(format!(
            "'{}' follows where the circuit can no longer be undone as a whole; fold its two-qubit gates instead",
            other.operation.name()
        ));
    }
    let body = &all[..end];
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    let mut out = Emitter::new(basis, out, None);
    body.iter().for_each(|i| out.keep(i.clone()));
    let tail = tail_with(body, folds % gates);
    let rounds = std::iter::repeat_n(body, folds / gates).chain(tail);
    let active = circuit.active_qubits();
    for part in rounds {
        barrier(&mut out, &active);
        reversed(&mut out, part, circuit.num_qubits())?;
        barrier(&mut out, &active);
        part.iter().for_each(|i| out.keep(i.clone()));
    }
    all[end..].iter().for_each(|i| out.keep(i.clone()));
    Ok(out.finish())
}

/// The end of a circuit that holds so many two-qubit gates; none for 0.
fn tail_with(body: &[Instruction], gates: usize) -> Option<&[Instruction]> {
    let places = body.iter().enumerate().rev();
    let mut places = places.filter(|(_, instruction)| is_two_qubit(instruction));
    let start = places.nth(gates.checked_sub(1)?)?.0;
    Some(&body[start..])
}

/// The inverse of a run of gates, one-qubit gates merged.
fn reversed(
    out: &mut Emitter<'_, '_>,
    part: &[Instruction],
    num_qubits: usize,
) -> Result<(), SuppressionError> {
    let mut waiting: Vec<Option<Matrix2<C64>>> = vec![None; num_qubits];
    for instruction in part.iter().rev() {
        let qubits = &instruction.qubits;
        if let Some(matrix) = instruction.operation.matrix1() {
            let run = &mut waiting[qubits[0].index()];
            *run = Some(matrix.adjoint() * run.unwrap_or_else(Matrix2::identity));
            continue;
        }
        for qubit in qubits.iter() {
            write(out, &mut waiting, *qubit);
        }
        if instruction.operation.is_directive() {
            out.keep(instruction.clone());
        } else if qubits.len() == 2 {
            undo(out, instruction)?;
        } else {
            let name = instruction.operation.name();
            return unsuitable(format!(
                "'{name}' has no numeric inverse; bind its symbols first"
            ));
        }
    }
    for qubit in (0..num_qubits).map(Qubit::new) {
        write(out, &mut waiting, qubit);
    }
    Ok(())
}

fn write(out: &mut Emitter<'_, '_>, waiting: &mut [Option<Matrix2<C64>>], qubit: Qubit) {
    let Some(matrix) = waiting[qubit.index()].take() else {
        return;
    };
    let is_diagonal = matrix[(0, 1)] == C64::ZERO && matrix[(1, 0)] == C64::ZERO;
    if is_diagonal {
        let (low, high) = (matrix[(0, 0)].arg(), matrix[(1, 1)].arg());
        out.phase((low + high) / 2.0);
        out.rz(qubit, &Angle::Value(high - low));
    } else {
        out.one(qubit, &matrix);
    }
}

#[cfg(test)]
mod tests;
