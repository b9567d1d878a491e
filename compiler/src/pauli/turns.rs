//! Gates on one and two qubits as rotations about Pauli operators, exactly.
//!
//! ```text
//! cp(a) q[0], q[1]   =   e^(i a/4)  exp(-i a/4 Z0)  exp(-i a/4 Z1)  exp(+i a/4 Z0 Z1)
//! ```
//!
//! Clifford gates are the rotations by quarter turns. Symbolic angles stay symbolic wherever a gate is linear in them.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use ardea_circuit::{Angle, Gate, Operation, Pauli};
use nalgebra::Matrix2;
use num_complex::Complex64;
use smallvec::{SmallVec, smallvec};

use crate::optimise::{Family, NEGLIGIBLE, Rotation};
use crate::synthesis::euler::Euler;
use crate::synthesis::weyl::Weyl;

/// `exp(-i angle/2 P)` for an operator on the qubits of an instruction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    /// By place in the instruction's list of qubits.
    pub(super) paulis: [Pauli; 2],
    pub(super) angle: Angle,
}

impl Turn {
    /// On how many qubits the operator acts.
    pub(super) fn weight(&self) -> usize {
        self.paulis.iter().filter(|&&p| p != Pauli::I).count()
    }
}

/// A gate as a product of turns, the first to act first, times a global phase.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    pub(super) turns: SmallVec<[Turn; 4]>,
    pub(super) phase: Angle,
}

/// How an angle acts: as a Clifford gate and a sign, or as a proper rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// `exp(-i quarters (pi/4) P)`, quarters in 0..4, up to the sign.
    Clifford {
        quarters: u8,
        /// 0 or pi.
        phase: f64,
    },
    /// Anything else.
    Rotation,
}

impl Kind {
    /// The kind of a turn by `angle`.
    pub(super) fn of(angle: &Angle) -> Self {
        let Some(value) = angle.value() else {
            return Self::Rotation;
        };
        let quarters = (value / FRAC_PI_2).round();
        if (value - quarters * FRAC_PI_2).abs() >= NEGLIGIBLE {
            return Self::Rotation;
        }
        let eighths = quarters.rem_euclid(8.0) as u8;
        Self::Clifford {
            quarters: eighths % 4,
            phase: if eighths >= 4 { PI } else { 0.0 },
        }
    }
}

/// The angle between -pi and pi that acts the same up to a sign, and the sign as a phase.
pub(super) fn wrapped(angle: Angle) -> (Angle, f64) {
    match angle.value() {
        Some(value) if value.abs() > PI => {
            let turns = (value / TAU).round();
            let odd = turns.rem_euclid(2.0) == 1.0;
            (
                Angle::Value(value - turns * TAU),
                if odd { PI } else { 0.0 },
            )
        }
        _ => (angle, 0.0),
    }
}

/// How deep definitions of standard gates refer to each other at most.
const MAX_DEFINITIONS: usize = 8;

/// A unitary operation on one or two qubits as turns; none when it has neither a matrix nor a definition.
pub(super) fn turns_of(operation: &Operation) -> Option<Turns> {
    let mut out = Turns {
        turns: SmallVec::new(),
        phase: Angle::ZERO,
    };
    out.add(operation, [0, 1], MAX_DEFINITIONS)?;
    Some(out)
}

impl Turns {
    /// Adds an operation on the given places.
    fn add(&mut self, operation: &Operation, places: [usize; 2], depth: usize) -> Option<()> {
        if !operation.is_unitary() || operation.num_qubits()? > 2 {
            return None;
        }
        if let Some(rotation) = Rotation::of(operation)
            && self.add_rotation(&rotation, places).is_some()
        {
            return Some(());
        }
        match operation.standard() {
            Some((Gate::GlobalPhase, angles)) => {
                self.add_phase(angles.to_vec().first()?.clone());
                return Some(());
            }
            Some((Gate::I, _)) => return Some(()),
            Some((gate, angles)) if angles.values().is_none() => {
                let angles = angles.to_vec();
                if let Some(angles) = as_u(gate, &angles) {
                    self.add_u(&angles, places[0]);
                    return Some(());
                }
                return self.add_definition(operation, places, depth);
            }
            Some((gate, _)) if self.add_clifford(gate, places) => return Some(()),
            _ => {}
        }
        if operation.num_qubits() == Some(1) {
            self.add_matrix(&operation.matrix1()?, places[0]);
            return Some(());
        }
        match operation {
            Operation::Gate(_) | Operation::Rotation(..) | Operation::Parametric(..) => {
                self.add_definition(operation, places, depth)
            }
            _ => self.add_block(&Weyl::of(&operation.matrix2()?), places),
        }
    }

    fn add_definition(
        &mut self,
        operation: &Operation,
        places: [usize; 2],
        depth: usize,
    ) -> Option<()> {
        let definition = operation.definition().ok()?;
        self.add_phase(definition.global_phase().clone());
        for inner in definition.instructions() {
            let at = |k: usize| inner.qubits.get(k).map_or(0, |q| places[q.index()]);
            self.add(&inner.operation, [at(0), at(1)], depth.checked_sub(1)?)?;
        }
        Some(())
    }

    fn add_rotation(&mut self, rotation: &Rotation, places: [usize; 2]) -> Option<()> {
        use Pauli::{I, X, Y, Z};
        let angle = &rotation.angle;
        let half = angle.clone() * 0.5;
        match rotation.family {
            Family::Named(Gate::RX) => self.turn([X, I], angle.clone(), places),
            Family::Named(Gate::RY) => self.turn([Y, I], angle.clone(), places),
            Family::Named(Gate::RZ) => self.turn([Z, I], angle.clone(), places),
            Family::Named(Gate::RXX) => self.turn([X, X], angle.clone(), places),
            Family::Named(Gate::RYY) => self.turn([Y, Y], angle.clone(), places),
            Family::Named(Gate::RZZ) => self.turn([Z, Z], angle.clone(), places),
            Family::Named(Gate::RZX) => self.turn([Z, X], angle.clone(), places),
            Family::Named(Gate::CP) => self.controlled_phase(Z, angle, places),
            Family::ControlledX => self.controlled_phase(X, angle, places),
            Family::Named(gate @ (Gate::CRX | Gate::CRY | Gate::CRZ)) => {
                let axis = match gate {
                    Gate::CRX => X,
                    Gate::CRY => Y,
                    _ => Z,
                };
                self.turn([I, axis], half.clone(), places);
                self.turn([Z, axis], -half, places);
            }
            Family::Named(_) | Family::Turned(..) => return None,
        }
        self.add_phase(rotation.phase.clone());
        Some(())
    }

    /// The power `angle / pi` of a controlled Pauli.
    fn controlled_phase(&mut self, axis: Pauli, angle: &Angle, places: [usize; 2]) {
        let half = angle.clone() * 0.5;
        self.turn([Pauli::Z, Pauli::I], half.clone(), places);
        self.turn([Pauli::I, axis], half.clone(), places);
        self.turn([Pauli::Z, axis], -half, places);
        self.add_phase(angle.clone() * 0.25);
    }

    /// The Clifford gates that are not powers of one rotation.
    fn add_clifford(&mut self, gate: Gate, places: [usize; 2]) -> bool {
        let exchange = |out: &mut Self| {
            for axis in [Pauli::X, Pauli::Y] {
                out.turn([axis, axis], (-FRAC_PI_2).into(), places);
            }
        };
        match gate {
            Gate::CY => self.controlled_phase(Pauli::Y, &PI.into(), places),
            Gate::Swap => {
                exchange(self);
                self.turn([Pauli::Z, Pauli::Z], (-FRAC_PI_2).into(), places);
                self.add_phase((-FRAC_PI_4).into());
            }
            Gate::ISwap => exchange(self),
            _ => return false,
        }
        true
    }

    fn add_matrix(&mut self, matrix: &Matrix2<Complex64>, place: usize) {
        let euler = Euler::of(matrix);
        self.add_phase(euler.phase.into());
        self.add_u(
            &[euler.theta, euler.phi, euler.lambda].map(Angle::Value),
            place,
        );
    }

    /// `U(theta, phi, lambda) = e^{i (phi + lambda) / 2} Rz(phi) Ry(theta) Rz(lambda)`
    fn add_u(&mut self, [theta, phi, lambda]: &[Angle; 3], place: usize) {
        let places = [place; 2];
        self.turn([Pauli::Z, Pauli::I], lambda.clone(), places);
        self.turn([Pauli::Y, Pauli::I], theta.clone(), places);
        self.turn([Pauli::Z, Pauli::I], phi.clone(), places);
        self.add_phase((phi.clone() + lambda.clone()) * 0.5);
    }

    fn add_block(&mut self, weyl: &Weyl, places: [usize; 2]) -> Option<()> {
        for (matrix, place) in weyl.right.iter().zip(places) {
            self.add_matrix(matrix, place);
        }
        let coordinates = weyl.coordinates;
        for (axis, coordinate) in [
            (Pauli::X, coordinates.a),
            (Pauli::Y, coordinates.b),
            (Pauli::Z, coordinates.c),
        ] {
            self.turn([axis, axis], (-2.0 * coordinate).into(), places);
        }
        for (matrix, place) in weyl.left.iter().zip(places) {
            self.add_matrix(matrix, place);
        }
        self.add_phase(weyl.phase.into());
        Some(())
    }

    fn turn(&mut self, paulis: [Pauli; 2], angle: Angle, places: [usize; 2]) {
        if angle.value().is_some_and(|value| value.abs() < NEGLIGIBLE) {
            return;
        }
        let mut placed = [Pauli::I; 2];
        for (pauli, place) in paulis.into_iter().zip(places) {
            if pauli != Pauli::I {
                placed[place] = pauli;
            }
        }
        self.turns.push(Turn {
            paulis: placed,
            angle,
        });
    }

    fn add_phase(&mut self, phase: Angle) {
        self.phase = self.phase.clone() + phase;
    }
}

/// The angles of `U` for a one-qubit gate that is one up to its name.
fn as_u(gate: Gate, angles: &[Angle]) -> Option<[Angle; 3]> {
    match (gate, angles) {
        (Gate::U | Gate::U3, [theta, phi, lambda]) => {
            Some([theta.clone(), phi.clone(), lambda.clone()])
        }
        (Gate::U2, [phi, lambda]) => Some([FRAC_PI_2.into(), phi.clone(), lambda.clone()]),
        (Gate::R, [theta, phi]) => Some([
            theta.clone(),
            phi.clone() - FRAC_PI_2.into(),
            Angle::from(FRAC_PI_2) - phi.clone(),
        ]),
        _ => None,
    }
}

/// One turn as an instruction's worth of standard gates on the same places.
pub(super) fn operations(turn: &Turn) -> SmallVec<[(Operation, SmallVec<[usize; 2]>); 5]> {
    use Pauli::{I, X, Y, Z};
    let angle = &turn.angle;
    let rotation = |gate: Gate| match angle {
        Angle::Value(value) => Operation::Rotation(gate, *value),
        Angle::Linear(_) => Operation::Parametric(gate, Box::new(vec![angle.clone()])),
    };
    let single = |pauli: Pauli| match pauli {
        X => Gate::RX,
        Y => Gate::RY,
        I | Z => Gate::RZ,
    };
    match turn.paulis {
        [I, I] => SmallVec::new(),
        [pauli, I] => smallvec![(rotation(single(pauli)), smallvec![0])],
        [I, pauli] => smallvec![(rotation(single(pauli)), smallvec![1])],
        [X, X] => smallvec![(rotation(Gate::RXX), smallvec![0, 1])],
        [Y, Y] => smallvec![(rotation(Gate::RYY), smallvec![0, 1])],
        [Z, Z] => smallvec![(rotation(Gate::RZZ), smallvec![0, 1])],
        [Z, X] => smallvec![(rotation(Gate::RZX), smallvec![0, 1])],
        [X, Z] => smallvec![(rotation(Gate::RZX), smallvec![1, 0])],
        // Y = S X S^-1 turns the rest into these.
        [first, second] => {
            let place = usize::from(first != Y);
            let paulis = if place == 0 { [X, second] } else { [first, X] };
            let mut out: SmallVec<[(Operation, SmallVec<[usize; 2]>); 5]> =
                smallvec![(Operation::Gate(Gate::Sdg), smallvec![place])];
            out.extend(operations(&Turn {
                paulis,
                angle: angle.clone(),
            }));
            out.push((Operation::Gate(Gate::S), smallvec![place]));
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::{Circuit, Qubit};

    use super::*;

    fn circuit_of(turns: &Turns, num_qubits: usize) -> Circuit {
        let mut circuit = Circuit::new(num_qubits, 0);
        circuit.add_global_phase(turns.phase.clone());
        for turn in &turns.turns {
            for (operation, places) in operations(turn) {
                let qubits: Vec<Qubit> = places.iter().map(|&k| Qubit::new(k)).collect();
                circuit.push(operation, &qubits).unwrap();
            }
        }
        circuit
    }

    #[test]
    fn every_gate_on_one_and_two_qubits_is_the_product_of_its_turns() {
        for &gate in &Gate::ALL {
            for angles in [
                [0.4, 0.9, -0.3, 0.2],
                [7.1, -4.9, 0.1, 2.2],
                [PI, 0.0, FRAC_PI_2, 0.0],
            ] {
                let operation = Operation::with_values(gate, &angles[..gate.num_angles()]).unwrap();
                let num_qubits = gate.num_qubits();
                if !(1..=2).contains(&num_qubits) {
                    continue;
                }
                let circuit = circuit_of(&turns_of(&operation).unwrap(), num_qubits);
                let distance = (circuit.to_matrix().unwrap() - operation.matrix().unwrap()).norm();
                assert!(distance < 1e-9, "{gate} {angles:?}: {distance}");
            }
        }
    }

    #[test]
    fn symbols_stay_symbols() {
        let symbols = ["a", "b", "c", "d"].map(Angle::symbol);
        let bindings = ["a", "b", "c", "d"]
            .into_iter()
            .zip([0.3, -1.2, 2.2, 0.7])
            .map(|(name, value)| (ardea_circuit::Symbol::new(name), Angle::from(value)))
            .collect();
        for &gate in &Gate::ALL {
            if !(1..=2).contains(&gate.num_qubits()) || gate.num_angles() == 0 {
                continue;
            }
            let operation = Operation::gate(gate, &symbols[..gate.num_angles()]).unwrap();
            let circuit = circuit_of(&turns_of(&operation).unwrap(), gate.num_qubits());
            let bound = circuit.substitute(&bindings).unwrap().to_matrix().unwrap();
            let expected = operation.bind(&bindings).unwrap().matrix().unwrap();
            assert!((bound - expected).norm() < 1e-9, "{gate}");
        }
    }
}
