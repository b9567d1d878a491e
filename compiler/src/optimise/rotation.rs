//! Gates as rotations: which standard gates are `e^(i phase) R(angle)` for a family R whose angles add.
//!
//! S, T, P and RZ are all turns about Z; CZ, CS and CP are all controlled phases. Two of a family merge by adding their
//! angles, symbolic ones included, and what the names hide in global phase is kept.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use ardea_circuit::{Angle, Gate, Operation};

use super::NEGLIGIBLE;

/// A family of gates with one angle in which `R(a) R(b) = R(a + b)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Family {
    /// A gate with one additive angle, by its name: RX, RY, RZ, CRX, CRY, CRZ, CP, RXX, RYY, RZZ, RZX.
    Named(Gate),
    /// Powers of CX: the angle is pi for CX itself, and only its square root has a name besides.
    ControlledX,
    /// `R`, `XXPlusYY` or `XXMinusYY` about the axis that the second angle sets.
    Turned(Gate, Angle),
}

/// An operation as a member of a [`Family`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rotation {
    pub(crate) family: Family,
    pub(crate) angle: Angle,
    /// Global phase beside the family's own matrix.
    pub(crate) phase: Angle,
}

/// What is left of a rotation whose angle was reduced: an operation (none for the identity) and a global phase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reduced {
    pub(crate) operation: Option<Operation>,
    pub(crate) phase: Angle,
}

impl Rotation {
    /// `operation` as a rotation, if it is one.
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        let (gate, angles) = operation.standard()?;
        let angles = angles.to_vec();
        let fixed = |family: Gate, angle: f64, phase: f64| {
            Some(Self {
                family: Family::Named(family),
                angle: angle.into(),
                phase: phase.into(),
            })
        };
        match gate {
            Gate::Z => fixed(Gate::RZ, PI, FRAC_PI_2),
            Gate::S => fixed(Gate::RZ, FRAC_PI_2, FRAC_PI_4),
            Gate::Sdg => fixed(Gate::RZ, -FRAC_PI_2, -FRAC_PI_4),
            Gate::T => fixed(Gate::RZ, FRAC_PI_4, FRAC_PI_4 / 2.0),
            Gate::Tdg => fixed(Gate::RZ, -FRAC_PI_4, -FRAC_PI_4 / 2.0),
            Gate::X => fixed(Gate::RX, PI, FRAC_PI_2),
            Gate::SX => fixed(Gate::RX, FRAC_PI_2, FRAC_PI_4),
            Gate::SXdg => fixed(Gate::RX, -FRAC_PI_2, -FRAC_PI_4),
            Gate::Y => fixed(Gate::RY, PI, FRAC_PI_2),
            Gate::CZ => fixed(Gate::CP, PI, 0.0),
            Gate::CS => fixed(Gate::CP, FRAC_PI_2, 0.0),
            Gate::CSdg => fixed(Gate::CP, -FRAC_PI_2, 0.0),
            Gate::CX => Some(Self {
                family: Family::ControlledX,
                angle: PI.into(),
                phase: Angle::ZERO,
            }),
            Gate::CSX => Some(Self {
                family: Family::ControlledX,
                angle: FRAC_PI_2.into(),
                phase: Angle::ZERO,
            }),
            Gate::P | Gate::U1 => {
                let phase = angles[0].clone() * 0.5;
                Some(Self {
                    family: Family::Named(Gate::RZ),
                    angle: angles[0].clone(),
                    phase,
                })
            }
            Gate::CU1 => Some(Self {
                family: Family::Named(Gate::CP),
                angle: angles[0].clone(),
                phase: Angle::ZERO,
            }),
            Gate::RX
            | Gate::RY
            | Gate::RZ
            | Gate::CRX
            | Gate::CRY
            | Gate::CRZ
            | Gate::CP
            | Gate::RXX
            | Gate::RYY
            | Gate::RZZ
            | Gate::RZX => Some(Self {
                family: Family::Named(gate),
                angle: angles[0].clone(),
                phase: Angle::ZERO,
            }),
            Gate::R | Gate::XXPlusYY | Gate::XXMinusYY => Some(Self {
                family: Family::Turned(gate, angles[1].clone()),
                angle: angles[0].clone(),
                phase: Angle::ZERO,
            }),
            _ => None,
        }
    }

    /// Whether the order of the qubits does not matter.
    pub(crate) fn is_symmetric(&self) -> bool {
        matches!(self.family, Family::Named(gate) if gate.is_symmetric())
    }

    /// The two one after the other, when they are of one family.
    pub(crate) fn merged_with(&self, other: &Self) -> Option<Self> {
        (self.family == other.family).then(|| Self {
            family: self.family.clone(),
            angle: self.angle.clone() + other.angle.clone(),
            phase: self.phase.clone() + other.phase.clone(),
        })
    }

    /// The least that does the same: nothing when the angle is a multiple of the family's period, and where the period
    /// is only one up to sign, the sign as a phase. `None` when no standard gate has this angle.
    pub(crate) fn reduced(&self) -> Option<Reduced> {
        let Angle::Value(angle) = self.angle else {
            return Some(Reduced {
                operation: Some(self.operation(self.angle.clone())?),
                phase: self.phase.clone(),
            });
        };
        let turns = (angle / self.period()).round();
        let rest = angle - turns * self.period();
        // exp(-i pi P) = -1: every full turn of a Pauli rotation is a sign.
        let sign = if self.turn_is_sign() && turns.rem_euclid(2.0) == 1.0 {
            PI
        } else {
            0.0
        };
        let operation = if rest.abs() < NEGLIGIBLE {
            None
        } else {
            Some(self.operation(Angle::Value(rest))?)
        };
        Some(Reduced {
            operation,
            phase: self.phase.clone() + Angle::Value(sign),
        })
    }

    /// The angle after which the family is at the identity again, perhaps up to sign.
    fn period(&self) -> f64 {
        match self.family {
            Family::Named(Gate::CRX | Gate::CRY | Gate::CRZ)
            | Family::Turned(Gate::XXPlusYY | Gate::XXMinusYY, _) => 2.0 * TAU,
            _ => TAU,
        }
    }

    fn turn_is_sign(&self) -> bool {
        match self.family {
            Family::Named(Gate::CP | Gate::CRX | Gate::CRY | Gate::CRZ) | Family::ControlledX => {
                false
            }
            Family::Named(_) => true,
            Family::Turned(gate, _) => gate == Gate::R,
        }
    }

    fn operation(&self, angle: Angle) -> Option<Operation> {
        let is = |x: f64| {
            angle
                .value()
                .is_some_and(|value| (value.abs() - x).abs() < NEGLIGIBLE)
        };
        match &self.family {
            Family::Named(Gate::CP) if is(PI) => Some(Operation::Gate(Gate::CZ)),
            Family::Named(gate) => Operation::gate(*gate, &[angle]).ok(),
            Family::Turned(gate, axis) => Operation::gate(*gate, &[angle, axis.clone()]).ok(),
            Family::ControlledX if is(PI) => Some(Operation::Gate(Gate::CX)),
            Family::ControlledX if is(FRAC_PI_2) && angle.value() > Some(0.0) => {
                Some(Operation::Gate(Gate::CSX))
            }
            Family::ControlledX => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::matrix::cis;
    use nalgebra::DMatrix;

    use super::*;

    #[test]
    fn a_rotation_has_the_matrix_of_its_gate() {
        for &gate in &Gate::ALL {
            for angles in [
                [0.4, 0.9, 0.1, 0.2],
                [7.1, 0.9, 0.1, 0.2],
                [-6.4, -0.2, 0.3, 0.0],
                [TAU, 0.7, 0.0, 0.0],
                [2.0 * TAU, 0.7, 0.0, 0.0],
            ] {
                let operation = Operation::with_values(gate, &angles[..gate.num_angles()]).unwrap();
                let Some(reduced) =
                    Rotation::of(&operation).and_then(|rotation| rotation.reduced())
                else {
                    continue;
                };
                let matrix = operation.matrix().unwrap();
                let rest = match &reduced.operation {
                    Some(operation) => operation.matrix().unwrap(),
                    None => DMatrix::identity(matrix.nrows(), matrix.ncols()),
                };
                assert!(
                    (matrix - rest * cis(reduced.phase.value().unwrap())).norm() < 1e-9,
                    "{gate} {angles:?}"
                );
            }
        }
    }

    #[test]
    fn symbolic_angles_add_and_cancel() {
        let theta = Angle::symbol("theta");
        let plus =
            Rotation::of(&Operation::gate(Gate::P, std::slice::from_ref(&theta)).unwrap()).unwrap();
        let minus = Rotation::of(&Operation::gate(Gate::RZ, &[-theta.clone()]).unwrap()).unwrap();
        let reduced = plus.merged_with(&minus).unwrap().reduced().unwrap();
        assert_eq!(reduced.operation, None);
        assert_eq!(reduced.phase, theta * 0.5);
    }
}
