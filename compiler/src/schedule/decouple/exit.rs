//! The last pulse of a sequence taken up by the gate behind the window, where it costs nothing.
//!
//! Sequences with an odd number of sign changes need one more flip at the end of the window. Where turns about Z and an
//! `sx` follow, that flip only changes angles:
//!
//! ```text
//! before: x; rz(a); sx            after: rz(pi - a); sx; rz(pi)      and a phase
//! ```

use std::f64::consts::PI;

use ardea_circuit::{C64, Circuit, Gate, Operation};
use nalgebra::Matrix2;

/// Turns of more radians together are left alone: another half turn would round them visibly.
const MOST_TURNED: f64 = 1e3;

/// The instructions behind a window that can take up a flip, as positions in the circuit.
#[derive(Clone)]
pub(super) struct Exit {
    pub(super) turns: Vec<usize>,
    pub(super) gate: usize,
}

/// What stands in their place, and the phase that is lost.
pub(super) struct Rewritten {
    pub(super) operations: [Operation; 3],
    pub(super) phase: f64,
}

impl Exit {
    /// The exit that begins with the first of `following`, the instructions on the qubit from the end of the window on.
    pub(super) fn of(circuit: &Circuit, following: &[usize]) -> Option<Self> {
        let (mut turns, mut whole) = (Vec::new(), 0.0);
        for &index in following {
            match circuit.instructions()[index].operation {
                Operation::Rotation(Gate::RZ, angle) => {
                    whole += angle.abs();
                    turns.push(index);
                }
                Operation::Gate(Gate::SX) if whole < MOST_TURNED => {
                    return Some(Exit { turns, gate: index });
                }
                _ => return None,
            }
        }
        None
    }

    /// The exit with a pulse, made of these instructions, before it; `None` where it cannot take it up.
    pub(super) fn absorb(&self, circuit: &Circuit, pulse: &[Operation]) -> Option<Rewritten> {
        let turns = self
            .turns
            .iter()
            .map(|&index| &circuit.instructions()[index].operation);
        let gate = Operation::Gate(Gate::SX);
        let (mut angle, mut sign, mut before) = (0.0, 1.0, Matrix2::<C64>::identity());
        for operation in pulse.iter().chain(turns) {
            match *operation {
                Operation::Rotation(Gate::RZ, by) => angle += sign * by,
                Operation::Gate(Gate::X) => sign = -sign,
                _ => return None,
            }
            before = operation.matrix1()? * before;
        }
        let before = gate.matrix1()? * before;
        let turn = |angle| Operation::Rotation(Gate::RZ, angle);
        let operations = [turn(angle + PI), gate, turn(PI)];
        let after = operations
            .iter()
            .try_fold(Matrix2::identity(), |product, operation| {
                Some(operation.matrix1()? * product)
            })?;
        // sx has no zero in its matrix.
        let phase = (before[(0, 0)] / after[(0, 0)]).arg();
        let difference = before - after * C64::from_polar(1.0, phase);
        (difference.norm() < 1e-9).then_some(Rewritten { operations, phase })
    }
}
