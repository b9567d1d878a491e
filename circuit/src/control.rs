//! Control and power of operations and circuits.

use std::sync::Arc;

use nalgebra::DMatrix;

use crate::gate::multi_controlled_phase;
use crate::matrix::C64;
use crate::operation::{ControlledOp, UnitaryGate};
use crate::{Angle, Circuit, CircuitError, Gate, GateDefinition, Operation, Qubit};

/// The most instructions that [`Circuit::power`] and [`Circuit::repeat`] build.
pub const MAX_REPEATED_INSTRUCTIONS: usize = 100_000_000;

impl Operation {
    /// The operation under further controls, which come first in its qubits and must read `state`.
    /// Named gates are used where they exist (`X` under two controls is `CCX`).
    ///
    /// # Errors
    /// [`CircuitError::NotControllable`] for what is not unitary.
    pub fn controlled(&self, state: &[bool]) -> Result<Self, CircuitError> {
        if state.is_empty() {
            return Ok(self.clone());
        }
        if !self.is_unitary() {
            return Err(CircuitError::NotControllable(self.name()));
        }
        if let Self::Controlled(op) = self {
            return op.base.controlled(&[state, &op.state].concat());
        }
        let Some((gate, angles)) = self.standard() else {
            return Ok(wrap(self.clone(), state));
        };
        let angles = angles.to_vec();
        let closed = state.iter().all(|&on| on);
        if gate == Gate::GlobalPhase {
            // A controlled phase acts on the control itself: the last control becomes the target.
            let (last, rest) = state.split_last().expect("there is a control");
            let phase = Self::gate(Gate::P, &angles)?;
            return if *last {
                phase.controlled(rest)
            } else {
                Ok(wrap(self.clone(), state))
            };
        }
        if closed && let Some(named) = gate.with_controls(state.len()) {
            return Self::gate(named, &angles);
        }
        if gate == Gate::U && closed && state.len() == 1 {
            return Self::gate(Gate::CU, &[&angles[..], &[Angle::ZERO]].concat());
        }
        match gate.controls() {
            Some((count, base)) => Ok(wrap(
                Self::gate(base, &angles)?,
                &[state, &vec![true; count]].concat(),
            )),
            None => Ok(wrap(self.clone(), state)),
        }
    }

    /// The operation raised to `exponent`, on the principal branch: eigenvalue phases in
    /// (-pi, pi] are multiplied by the exponent. Rotations stay rotations.
    ///
    /// # Errors
    /// [`CircuitError::NotControllable`] for what is not unitary, [`CircuitError::Unbound`] when a
    /// matrix is needed and an angle is symbolic, [`CircuitError::TooWide`] beyond ten qubits.
    pub fn power(&self, exponent: f64) -> Result<Self, CircuitError> {
        use Gate::*;
        if !self.is_unitary() {
            return Err(CircuitError::NotControllable(self.name()));
        }
        if !exponent.is_finite() {
            return Err(CircuitError::NotFinite {
                operation: format!("power of {}", self.name()),
                value: exponent,
            });
        }
        if exponent == 1.0 {
            return Ok(self.clone());
        }
        if exponent == -1.0 {
            return self.inverse();
        }
        if let Some((gate, angles)) = self.standard() {
            let mut angles = angles.to_vec();
            // Only the first angle turns; a rotation's matrix power is the rotation by the product
            // as long as the angle is on the principal branch, which integers do not need.
            let additive = matches!(
                gate,
                GlobalPhase
                    | P
                    | U1
                    | RX
                    | RY
                    | RZ
                    | R
                    | CP
                    | CU1
                    | CRX
                    | CRY
                    | CRZ
                    | RXX
                    | RYY
                    | RZZ
                    | RZX
                    | XXMinusYY
                    | XXPlusYY
            );
            let limit = if matches!(gate, GlobalPhase | P | U1 | CP | CU1) {
                std::f64::consts::PI
            } else {
                2.0 * std::f64::consts::PI
            };
            let principal = angles
                .first()
                .and_then(Angle::value)
                .is_some_and(|a| a > -limit && a < limit);
            if additive && (exponent.fract() == 0.0 || principal) {
                angles[0] = angles[0].clone() * exponent;
                return Self::gate(gate, &angles);
            }
            let phase_of =
                |turn: f64| Self::with_values(P, &[turn * std::f64::consts::PI * exponent]);
            match gate {
                I => return Ok(self.clone()),
                Z => return phase_of(1.0),
                S => return phase_of(0.5),
                Sdg => return phase_of(-0.5),
                T => return phase_of(0.25),
                Tdg => return phase_of(-0.25),
                _ => {}
            }
        }
        match self {
            Self::Controlled(op) => op.base.power(exponent)?.controlled(&op.state),
            _ if self.is_symbolic() && exponent.fract() == 0.0 && exponent.abs() <= 1024.0 => {
                self.repeated(exponent as i64)
            }
            _ => Self::unitary(matrix_power(&self.matrix()?, exponent)),
        }
    }
}

impl Operation {
    /// A whole power as a gate whose definition repeats the operation or its inverse.
    fn repeated(&self, times: i64) -> Result<Self, CircuitError> {
        let num_qubits = self.num_qubits().unwrap_or(0);
        let qubits: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
        let mut once = Circuit::new(num_qubits, 0);
        once.push(self.clone(), &qubits)?;
        let sign = if times < 0 { "m" } else { "" };
        once.power(times)?.to_gate(&format!(
            "{}_pow_{sign}{}",
            self.name(),
            times.unsigned_abs()
        ))
    }
}

fn wrap(base: Operation, state: &[bool]) -> Operation {
    Operation::Controlled(Arc::new(ControlledOp {
        base,
        state: state.to_vec(),
    }))
}

/// A unitary's power through its eigenvectors. They are those of the Hermitian matrix
/// `cos(a) (U + U^dagger) + i sin(a) (U^dagger - U)`, whose eigenvalues `2 cos(phase - a)` differ
/// wherever those of `U` do, unless two phases happen to lie symmetrically about `a`: then another
/// `a` is tried. (An iteration on `U` itself need not converge.)
fn matrix_power(matrix: &DMatrix<C64>, exponent: f64) -> DMatrix<C64> {
    const TILTS: [f64; 4] = [0.618, 1.234, 2.345, 0.111];
    let rotated = |tilt: f64| {
        let hermitian =
            matrix * C64::from_polar(1.0, -tilt) + matrix.adjoint() * C64::from_polar(1.0, tilt);
        let vectors = hermitian.symmetric_eigen().eigenvectors;
        let inner = vectors.adjoint() * matrix * &vectors;
        let mut rest = inner.clone();
        rest.fill_diagonal(C64::default());
        (rest.norm(), vectors, inner)
    };
    let candidates = TILTS.into_iter().map(rotated);
    let best = candidates.min_by(|a, b| a.0.total_cmp(&b.0));
    let (_, vectors, inner) = best.expect("there are tilts to try");
    let powers = inner.diagonal().map(|eigenvalue| {
        // -1 computed as exp(-i (pi - tiny)) must land on the +pi side, where -1 belongs.
        let phase = eigenvalue.arg();
        let phase = if phase + std::f64::consts::PI < 1e-9 {
            phase + 2.0 * std::f64::consts::PI
        } else {
            phase
        };
        C64::from_polar(1.0, phase * exponent)
    });
    &vectors * DMatrix::from_diagonal(&powers) * vectors.adjoint()
}

/// A controlled operation in terms of simpler ones: open controls by X, phases by parities, named
/// bases through their definition with every part controlled.
pub(crate) fn controlled_definition(op: &ControlledOp) -> Result<Circuit, CircuitError> {
    let num_controls = op.state.len();
    let num_qubits = num_controls + op.base.num_qubits().unwrap_or(0);
    let mut out = Circuit::new(num_qubits, 0);
    let closed: Vec<Qubit> = op
        .state
        .iter()
        .enumerate()
        .filter(|(_, on)| !**on)
        .map(|(i, _)| Qubit::new(i))
        .collect();
    for &qubit in &closed {
        out.push(Operation::Gate(Gate::X), &[qubit])?;
    }
    out.extend(&closed_definition(&op.base, num_controls)?);
    for &qubit in &closed {
        out.push(Operation::Gate(Gate::X), &[qubit])?;
    }
    Ok(out)
}

fn closed_definition(base: &Operation, num_controls: usize) -> Result<Circuit, CircuitError> {
    let num_qubits = num_controls + base.num_qubits().unwrap_or(0);
    let qubits: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
    let mut out = Circuit::new(num_qubits, 0);
    // With few controls the exact parity network is shortest; with many it would be exponential.
    const MAX_PARITY_QUBITS: usize = 5;
    let (gate, angles) = match base.standard() {
        Some((gate, angles)) => (gate, angles.to_vec()),
        None => return control_each(&base.definition()?, num_controls),
    };
    match gate {
        Gate::P | Gate::U1 | Gate::GlobalPhase if num_qubits <= MAX_PARITY_QUBITS => {
            Ok(multi_controlled_phase(&angles[0], num_qubits))
        }
        Gate::P | Gate::U1 | Gate::GlobalPhase => {
            // A half-angle ladder: P(l) under n controls from P(l/2) under one, two C^{n-1}X, and
            // P(l/2) under n-1 (Barenco et al., 1995, quant-ph/9503016, lemma 7.5).
            let (target, rest) = qubits
                .split_last()
                .expect("a phase under control has a qubit");
            let (last, others) = rest.split_last().expect("more than five qubits");
            let half = angles[0].clone() * 0.5;
            let flip = Operation::Gate(Gate::X).controlled(&vec![true; others.len()])?;
            let phase = |angle: Angle| Operation::gate(Gate::CP, &[angle]);
            out.push(phase(half.clone())?, &[*last, *target])?;
            out.push(flip.clone(), rest)?;
            out.push(phase(-half.clone())?, &[*last, *target])?;
            out.push(flip, rest)?;
            let remaining =
                Operation::gate(Gate::P, &[half])?.controlled(&vec![true; others.len()])?;
            out.push(remaining, &[others, &[*target]].concat())?;
            Ok(out)
        }
        Gate::Z | Gate::S | Gate::Sdg | Gate::T | Gate::Tdg => control_each(
            &gate
                .definition(&[])
                .ok_or_else(|| CircuitError::Opaque(gate.name().into()))?,
            num_controls,
        ),
        Gate::X | Gate::SX | Gate::SXdg => {
            // A power of X is the same power of Z between Hadamards on the target.
            let target = [qubits[num_qubits - 1]];
            let turn = match gate {
                Gate::X => std::f64::consts::PI,
                Gate::SX => std::f64::consts::FRAC_PI_2,
                _ => -std::f64::consts::FRAC_PI_2,
            };
            out.push(Operation::Gate(Gate::H), &target)?;
            out.push(
                Operation::Rotation(Gate::P, turn).controlled(&vec![true; num_controls])?,
                &qubits,
            )?;
            out.push(Operation::Gate(Gate::H), &target)?;
            Ok(out)
        }
        Gate::U | Gate::U3 => {
            // U = exp(i (phi + lambda) / 2) RZ(phi) RY(theta) RZ(lambda).
            let half = (angles[1].clone() + angles[2].clone()) * 0.5;
            let mut body = Circuit::new(1, 0);
            body.rz(angles[2].clone(), 0)?
                .ry(angles[0].clone(), 0)?
                .rz(angles[1].clone(), 0)?;
            body.add_global_phase(half);
            control_each(&body, num_controls)
        }
        Gate::RY | Gate::RZ => {
            let target = [qubits[num_qubits - 1]];
            let flip = Operation::Gate(Gate::X).controlled(&vec![true; num_controls])?;
            let turn = |angle: Angle| Operation::gate(gate, &[angle]);
            out.push(turn(angles[0].clone() * 0.5)?, &target)?
                .push(flip.clone(), &qubits)?;
            out.push(turn(angles[0].clone() * -0.5)?, &target)?
                .push(flip, &qubits)?;
            Ok(out)
        }
        Gate::RX => {
            let mut body = Circuit::new(1, 0);
            body.h(0)?.rz(angles[0].clone(), 0)?.h(0)?;
            conjugate_controlled(&body, num_controls)
        }
        _ => control_each(&base.definition()?, num_controls),
    }
}

/// Controls only the middle of an `A B A^-1` circuit of three one-qubit gates.
fn conjugate_controlled(body: &Circuit, num_controls: usize) -> Result<Circuit, CircuitError> {
    let num_qubits = num_controls + body.num_qubits();
    let mut out = Circuit::new(num_qubits, 0);
    let qubits: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
    for (position, instruction) in body.instructions().iter().enumerate() {
        if position == 1 {
            out.push(
                instruction
                    .operation
                    .controlled(&vec![true; num_controls])?,
                &qubits,
            )?;
        } else {
            out.push(instruction.operation.clone(), &qubits[num_controls..])?;
        }
    }
    Ok(out)
}

fn control_each(body: &Circuit, num_controls: usize) -> Result<Circuit, CircuitError> {
    body.controlled(&vec![true; num_controls])
}

impl Circuit {
    /// The circuit under control: new qubits come first and must read `state`, the circuit's own
    /// qubits follow. The global phase becomes a phase on the controls.
    ///
    /// # Errors
    /// [`CircuitError::NotControllable`] when it measures, resets or branches.
    pub fn controlled(&self, state: &[bool]) -> Result<Self, CircuitError> {
        if state.is_empty() {
            return Ok(self.clone());
        }
        let shift = state.len();
        let mut out = Self::new(self.num_qubits() + shift, self.num_clbits());
        let controls: Vec<Qubit> = (0..shift).map(Qubit::new).collect();
        for instruction in self.instructions() {
            let own = instruction.qubits.map(|q| Qubit::new(q.index() + shift));
            if instruction.operation.is_directive() {
                out.push(instruction.operation.clone(), &own)?;
                continue;
            }
            out.push(
                instruction.operation.controlled(state)?,
                &[&controls, &own[..]].concat(),
            )?;
        }
        if !self.global_phase().is_zero() {
            let phase = Operation::gate(Gate::GlobalPhase, &[self.global_phase().clone()])?
                .controlled(state)?;
            out.push(phase, &controls)?;
        }
        Ok(out)
    }

    /// The circuit `times` times in a row.
    ///
    /// # Errors
    /// [`CircuitError::TooLong`] beyond [`MAX_REPEATED_INSTRUCTIONS`].
    pub fn repeat(&self, times: u64) -> Result<Self, CircuitError> {
        let count = u128::from(times) * self.len() as u128;
        if count > MAX_REPEATED_INSTRUCTIONS as u128 {
            return Err(CircuitError::TooLong {
                what: format!("repeating {times} times"),
                count,
                limit: MAX_REPEATED_INSTRUCTIONS,
            });
        }
        let mut out = self.same_shape();
        for _ in 0..if self.is_empty() { 0 } else { times } {
            out.extend(self);
        }
        if self.is_empty() {
            out.add_global_phase(self.global_phase().clone() * times as f64);
        }
        Ok(out)
    }

    /// The circuit raised to an integer power; negative powers invert.
    ///
    /// # Errors
    /// As [`Circuit::inverse`] and [`Circuit::repeat`].
    pub fn power(&self, exponent: i64) -> Result<Self, CircuitError> {
        if exponent < 0 {
            self.inverse()?.repeat(exponent.unsigned_abs())
        } else {
            self.repeat(exponent.unsigned_abs())
        }
    }

    /// The circuit as one gate, named after the circuit (or `name`).
    ///
    /// # Errors
    /// [`CircuitError::NotControllable`] when it is not unitary.
    pub fn to_gate(&self, name: &str) -> Result<Operation, CircuitError> {
        if !self.is_unitary() {
            return Err(CircuitError::NotControllable(format!("circuit '{name}'")));
        }
        let params: Vec<_> = self.symbols().into_iter().collect();
        let angles = params.iter().cloned().map(Angle::from).collect();
        let definition = GateDefinition {
            name: name.into(),
            num_qubits: self.num_qubits(),
            params,
            body: Some(self.clone()),
        };
        Operation::call(&Arc::new(definition), angles)
    }
}

impl From<UnitaryGate> for Operation {
    fn from(gate: UnitaryGate) -> Self {
        Self::Unitary(Arc::new(gate))
    }
}

#[cfg(test)]
mod tests;
