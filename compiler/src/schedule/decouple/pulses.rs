//! The pulses of a sequence in the gates of a target.

use std::f64::consts::PI;

use ardea_circuit::{C64, Gate, Operation};
use ardea_device::Target;
use nalgebra::Matrix2;

use super::sequence::Axis;
use crate::CompileError;

/// How to make half a turn about an axis.
#[derive(Clone, Copy)]
pub(super) enum Pulses {
    /// `x`, with `rz(pi)` before it for a turn about -Y, and before and after it for one about -X.
    XAndRz,
    /// One general gate.
    General(Gate),
}

impl Pulses {
    pub(super) fn of(target: &Target) -> Result<Self, CompileError> {
        let has = |gate: Gate| target.basis().contains(&gate);
        if has(Gate::X) && has(Gate::RZ) {
            return Ok(Pulses::XAndRz);
        }
        match [Gate::U, Gate::U3].into_iter().find(|&gate| has(gate)) {
            Some(gate) => Ok(Pulses::General(gate)),
            None => Err(CompileError::UnsupportedOperation {
                operation: "dynamical decoupling".to_owned(),
                reason: format!(
                    "its pulses need x and rz, or u, and target '{}' has neither; compile without it",
                    target.name()
                ),
            }),
        }
    }

    /// The gate that flips.
    pub(super) fn gate(self) -> Gate {
        match self {
            Pulses::XAndRz => Gate::X,
            Pulses::General(gate) => gate,
        }
    }

    /// Turns about Z beside the gate of a pulse.
    pub(super) fn turns(self, axis: Axis) -> usize {
        match (self, axis) {
            (Pulses::General(_), _) | (_, Axis::X) => 0,
            (Pulses::XAndRz, Axis::Y) => 1,
            (Pulses::XAndRz, Axis::MinusX) => 2,
        }
    }

    /// The instructions of a pulse, of which on most devices only one takes time.
    pub(super) fn operations(self, axis: Axis) -> Vec<Operation> {
        let (flip, turn) = (Operation::Gate(Gate::X), Operation::Rotation(Gate::RZ, PI));
        match (self, axis) {
            (Pulses::XAndRz, Axis::X) => vec![flip],
            (Pulses::XAndRz, Axis::MinusX) => vec![turn.clone(), flip, turn],
            (Pulses::XAndRz, Axis::Y) => vec![turn, flip],
            (Pulses::General(gate), axis) => {
                let angles = match axis {
                    Axis::X => [PI, 0.0, PI],
                    Axis::MinusX => [PI, PI, 0.0],
                    Axis::Y => [PI, PI / 2.0, PI / 2.0],
                };
                vec![Operation::with_values(gate, &angles).expect("three finite angles")]
            }
        }
    }

    /// Whether pulses about these axes, which multiply to the identity up to a sign, have the sign -1.
    pub(super) fn are_negative(self, axes: impl Iterator<Item = Axis>) -> bool {
        let product = axes
            .flat_map(|axis| self.operations(axis))
            .filter_map(|operation| operation.matrix1())
            .fold(Matrix2::<C64>::identity(), |product, matrix| {
                matrix * product
            });
        product[(0, 0)].re < 0.0
    }
}
