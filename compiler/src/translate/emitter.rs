//! Writes exact gate sequences in a target's native gates.
//!
//! An [`Emitter`] is what translation rules talk to: they say `h`, `cz`, `rzz(theta)` or hand over a matrix, and it
//! writes native instructions and keeps the global phase. Angles may be symbolic wherever a rule is linear in them.

use std::collections::hash_map::Entry;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{Matrix2, Matrix4};
use rustc_hash::FxHashMap;

use super::NativeBasis;
use crate::CompileError;
use crate::synthesis::TOLERANCE;
use crate::synthesis::euler::{Euler, OneQubitBasis, OneQubitSequence, Pulse, wrap_rotation};
use crate::synthesis::two_qubit::{
    Entangler, Maximal, Step, TwoQubitBasis, TwoQubitCircuit, synthesise_weyl,
};
use crate::synthesis::weyl::Weyl;

/// Writes into a circuit, whose qubits are called `wires` on the target.
pub struct Emitter<'a, 't> {
    basis: &'a NativeBasis<'t>,
    wires: Option<&'a [Qubit]>,
    out: Circuit,
    /// The numeric part of the global phase not yet in `out`: it is added to with every gate.
    phase: f64,
    /// Gates without angles as they are written on a pair that offers this, on qubits 0 and 1.
    fixed: FxHashMap<(Gate, Offered), Circuit>,
}

/// What a pair offers, in bits.
type Offered = (Option<(Maximal, u64)>, Option<u64>);

impl<'a, 't> Emitter<'a, 't> {
    /// Writes to the end of `out`. `wires` gives the target's name of each qubit of `out`, where they differ (in the
    /// bodies of control flow).
    #[must_use]
    pub fn new(basis: &'a NativeBasis<'t>, out: Circuit, wires: Option<&'a [Qubit]>) -> Self {
        Self {
            basis,
            wires,
            out,
            phase: 0.0,
            fixed: FxHashMap::default(),
        }
    }

    /// Takes out the instructions written so far.
    pub(super) fn drain(&mut self) -> std::vec::Drain<'_, Instruction> {
        self.out.drain()
    }

    /// The circuit written.
    #[must_use]
    pub fn finish(mut self) -> Circuit {
        self.out.add_global_phase(self.phase);
        self.out
    }

    /// The native gates written with.
    #[must_use]
    pub fn basis(&self) -> &'a NativeBasis<'t> {
        self.basis
    }

    /// The target's name for a qubit.
    #[must_use]
    pub fn wire(&self, qubit: Qubit) -> Qubit {
        self.wires.map_or(qubit, |wires| wires[qubit.index()])
    }

    /// What the pair of qubits offers.
    ///
    /// # Errors
    /// When it has no two-qubit gate.
    pub fn pair(&self, first: Qubit, second: Qubit) -> Result<TwoQubitBasis, CompileError> {
        self.basis.pair(self.wire(first), self.wire(second))
    }

    /// Writes an instruction as it is; it must be native, or not a gate.
    pub fn keep(&mut self, instruction: Instruction) {
        self.out.push_valid(instruction);
    }

    /// A global phase.
    pub fn phase(&mut self, phase: impl Into<Angle>) {
        match phase.into() {
            Angle::Value(value) => self.phase += value,
            symbolic => self.out.add_global_phase(symbolic),
        }
    }

    /// Any one-qubit unitary.
    pub fn one(&mut self, qubit: Qubit, matrix: &Matrix2<C64>) {
        let sequence = Euler::of(matrix).sequence(self.basis.one_qubit());
        self.sequence(qubit, &sequence);
    }

    /// A sequence made by synthesis.
    pub fn sequence(&mut self, qubit: Qubit, sequence: &OneQubitSequence) {
        self.phase(sequence.phase);
        for &pulse in &sequence.pulses {
            self.pulse(qubit, pulse);
        }
    }

    /// One pulse, by the gates that there are.
    pub fn pulse(&mut self, qubit: Qubit, pulse: Pulse) {
        let gates = self.basis.one_qubit_gates();
        match pulse {
            Pulse::Rz(angle) => self.gate1(Operation::Rotation(Gate::RZ, angle), qubit),
            Pulse::Rx(angle) => self.gate1(Operation::Rotation(Gate::RX, angle), qubit),
            Pulse::Sx if gates.has_sx => self.gate1(Operation::Gate(Gate::SX), qubit),
            Pulse::X if gates.has_x => self.gate1(Operation::Gate(Gate::X), qubit),
            Pulse::X if gates.has_sx => {
                self.pulse(qubit, Pulse::Sx);
                self.pulse(qubit, Pulse::Sx);
            }
            Pulse::Sx => {
                self.phase(FRAC_PI_4);
                self.pulse(qubit, Pulse::Rx(FRAC_PI_2));
            }
            Pulse::X => {
                self.phase(FRAC_PI_2);
                self.pulse(qubit, Pulse::Rx(PI));
            }
            Pulse::U(theta, phi, lambda) => {
                let angles = [theta, phi, lambda].map(Angle::Value);
                self.gate1(
                    Operation::Parametric(gates.general, Box::new(angles.to_vec())),
                    qubit,
                );
            }
        }
    }

    /// `rz` of any angle, symbolic or not.
    pub fn rz(&mut self, qubit: Qubit, angle: &Angle) {
        if self.basis.one_qubit() == OneQubitBasis::U {
            self.phase(angle.clone() * -0.5);
            return self.u(qubit, &Angle::ZERO, &Angle::ZERO, angle);
        }
        match angle.value() {
            Some(value) => {
                let (value, phase) = wrap_rotation(value);
                self.phase(phase);
                if value.abs() >= TOLERANCE {
                    self.pulse(qubit, Pulse::Rz(value));
                }
            }
            None => self.gate1(
                Operation::Parametric(Gate::RZ, Box::new(vec![angle.clone()])),
                qubit,
            ),
        }
    }

    /// `U(theta, phi, lambda)` with any of the three symbolic.
    pub fn u(&mut self, qubit: Qubit, theta: &Angle, phi: &Angle, lambda: &Angle) {
        if let (Some(theta), Some(phi), Some(lambda)) = (theta.value(), phi.value(), lambda.value())
        {
            return self.one(
                qubit,
                &Euler {
                    theta,
                    phi,
                    lambda,
                    phase: 0.0,
                }
                .matrix(),
            );
        }
        let gates = self.basis.one_qubit_gates();
        if gates.basis == OneQubitBasis::U {
            let angles = vec![theta.clone(), phi.clone(), lambda.clone()];
            return self.gate1(
                Operation::Parametric(gates.general, Box::new(angles)),
                qubit,
            );
        }
        match theta.value() {
            Some(theta) => {
                // U(theta, phi, lambda) = e^{i (phi + lambda) / 2} Rz(phi) Ry(theta) Rz(lambda)
                self.rz(qubit, lambda);
                self.one(qubit, &crate::synthesis::euler::ry(theta));
                self.rz(qubit, phi);
                self.phase((phi.clone() + lambda.clone()) * 0.5);
            }
            None if gates.basis == OneQubitBasis::RzRx => {
                self.rz(qubit, &(lambda.clone() - FRAC_PI_2.into()));
                self.gate1(
                    Operation::Parametric(Gate::RX, Box::new(vec![theta.clone()])),
                    qubit,
                );
                self.rz(qubit, &(phi.clone() + FRAC_PI_2.into()));
                self.phase((phi.clone() + lambda.clone()) * 0.5);
            }
            None => {
                // The two-pulse sequence of `Euler`, which is linear in all three angles.
                self.rz(qubit, lambda);
                self.pulse(qubit, Pulse::Sx);
                self.rz(qubit, &(theta.clone() + PI.into()));
                self.pulse(qubit, Pulse::Sx);
                self.rz(qubit, &(phi.clone() + PI.into()));
                self.phase((phi.clone() + lambda.clone()) * 0.5 + FRAC_PI_2.into());
            }
        }
    }

    /// The Hadamard gate.
    pub fn h(&mut self, qubit: Qubit) {
        let r = C64::new(std::f64::consts::FRAC_1_SQRT_2, 0.0);
        self.one(qubit, &Matrix2::new(r, r, r, -r));
    }

    /// `cz` by the pair's gate.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub fn cz(&mut self, first: Qubit, second: Qubit) -> Result<(), CompileError> {
        match self.pair(first, second)?.maximal {
            Some((Maximal::Cz, _)) => {
                self.out.push_valid(Instruction {
                    operation: Operation::Gate(Gate::CZ),
                    qubits: [first, second].into(),
                });
                Ok(())
            }
            _ => self.two(first, second, &Entangler::Cz.matrix()),
        }
    }

    /// `cx` by the pair's gate.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub fn cx(&mut self, control: Qubit, target: Qubit) -> Result<(), CompileError> {
        match self.pair(control, target)?.maximal {
            Some((Maximal::Cx { control: 0 }, _)) => {
                self.out.push_valid(Instruction {
                    operation: Operation::Gate(Gate::CX),
                    qubits: [control, target].into(),
                });
                Ok(())
            }
            Some((Maximal::Cz, _)) => {
                self.h(target);
                self.cz(control, target)?;
                self.h(target);
                Ok(())
            }
            _ => self.two(control, target, &Entangler::Cx { control: 0 }.matrix()),
        }
    }

    /// `exp(-i angle ZZ / 2)` for any angle: two `cz`-like gates, or one where the angle allows it, or one `rzz`.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub fn rzz(&mut self, first: Qubit, second: Qubit, angle: &Angle) -> Result<(), CompileError> {
        let Some(value) = angle.value() else {
            self.cx(first, second)?;
            self.rz(second, angle);
            return self.cx(first, second);
        };
        // Half turns are Z on both qubits: RZZ(pi) = -i ZZ. What is left is in [-pi/2, pi/2].
        let turns = (value / PI).round();
        let rest = value - turns * PI;
        if turns.rem_euclid(2.0) == 1.0 {
            // ZZ = -RZ(pi) RZ(pi)
            self.rz(first, &PI.into());
            self.rz(second, &PI.into());
            self.phase(PI);
        }
        self.phase(-FRAC_PI_2 * turns);
        if rest.abs() < TOLERANCE {
            return Ok(());
        }
        let offer = self.pair(first, second)?;
        let quarter = (rest.abs() - FRAC_PI_2).abs() < TOLERANCE;
        let by_maximal = offer
            .maximal
            .map(|(_, cost)| if quarter { cost } else { 2.0 * cost });
        match (by_maximal, offer.rzz) {
            (Some(cost), other) if other.is_none_or(|other| cost <= other) => {
                if quarter {
                    // exp(-i pi/4 ZZ) = e^{i pi/4} (Rz(pi/2) x Rz(pi/2)) cz, and the inverse for the other sign.
                    self.cz(first, second)?;
                    let sign = rest.signum();
                    self.rz(first, &(sign * FRAC_PI_2).into());
                    self.rz(second, &(sign * FRAC_PI_2).into());
                    self.phase(sign * FRAC_PI_4);
                    Ok(())
                } else {
                    self.cx(first, second)?;
                    self.rz(second, &rest.into());
                    self.cx(first, second)
                }
            }
            _ => {
                if rest < 0.0 {
                    self.one(first, &Pulse::X.matrix());
                }
                let operation = Operation::Rotation(Gate::RZZ, rest.abs().min(FRAC_PI_2));
                self.out.push_valid(Instruction {
                    operation,
                    qubits: [first, second].into(),
                });
                if rest < 0.0 {
                    self.one(first, &Pulse::X.matrix());
                }
                Ok(())
            }
        }
    }

    /// Any two-qubit unitary, with the cheapest gates of the pair.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub fn two(
        &mut self,
        first: Qubit,
        second: Qubit,
        matrix: &Matrix4<C64>,
    ) -> Result<(), CompileError> {
        self.weyl(first, second, &Weyl::of(matrix))
    }

    /// Like [`Emitter::two`], from a decomposition already at hand.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub fn weyl(&mut self, first: Qubit, second: Qubit, weyl: &Weyl) -> Result<(), CompileError> {
        let circuit = of_weyl(weyl, &self.pair(first, second)?)?;
        self.steps(first, second, &circuit);
        Ok(())
    }

    /// A gate without angles, with its decomposition; worked out once for all pairs that offer the same.
    ///
    /// # Errors
    /// When the pair has no two-qubit gate.
    pub(super) fn fixed(
        &mut self,
        gate: Gate,
        weyl: &Weyl,
        [first, second]: [Qubit; 2],
    ) -> Result<(), CompileError> {
        let offer = self.pair(first, second)?;
        let maximal = offer
            .maximal
            .map(|(maximal, cost)| (maximal, cost.to_bits()));
        let key = (gate, (maximal, offer.rzz.map(f64::to_bits)));
        let written = match self.fixed.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let mut apart = Emitter::new(self.basis, Circuit::new(2, 0), None);
                apart.steps(Qubit::new(0), Qubit::new(1), &of_weyl(weyl, &offer)?);
                place.insert(apart.finish())
            }
        };
        self.phase += written.global_phase().value().unwrap_or(0.0);
        for instruction in written.instructions() {
            self.out.push_valid(Instruction {
                operation: instruction.operation.clone(),
                qubits: instruction.qubits.map(|q| [first, second][q.index()]),
            });
        }
        Ok(())
    }

    /// A two-qubit circuit made by synthesis for this pair.
    pub fn steps(&mut self, first: Qubit, second: Qubit, circuit: &TwoQubitCircuit) {
        self.phase(circuit.phase);
        let qubits = [first, second];
        for step in &circuit.steps {
            match step {
                Step::Local { qubit, matrix } => self.one(qubits[*qubit], matrix),
                Step::Entangle(gate) => self.out.push_valid(entangler_instruction(*gate, qubits)),
            }
        }
    }

    fn gate1(&mut self, operation: Operation, qubit: Qubit) {
        self.out.push_valid(Instruction {
            operation,
            qubits: [qubit].into(),
        });
    }
}

fn of_weyl(weyl: &Weyl, offer: &TwoQubitBasis) -> Result<TwoQubitCircuit, CompileError> {
    synthesise_weyl(weyl, offer).ok_or_else(|| CompileError::Internal {
        place: "translate::Emitter::weyl",
        detail: "a pair with a two-qubit gate could not express a two-qubit unitary".into(),
    })
}

/// The instruction for an entangler on a pair.
pub(crate) fn entangler_instruction(gate: Entangler, qubits: [Qubit; 2]) -> Instruction {
    let from = |place: usize| [qubits[place], qubits[1 - place]];
    let (operation, qubits) = match gate {
        Entangler::Cz => (Operation::Gate(Gate::CZ), qubits),
        Entangler::Cx { control } => (Operation::Gate(Gate::CX), from(control)),
        Entangler::Ecr { first } => (Operation::Gate(Gate::ECR), from(first)),
        Entangler::Rzz(angle) => (Operation::Rotation(Gate::RZZ, angle), qubits),
    };
    Instruction {
        operation,
        qubits: qubits.into(),
    }
}

/// The names of a body's qubits on the target: those of the instruction that holds it.
pub(crate) fn body_wires(wires: Option<&[Qubit]>, qubits: &[Qubit]) -> Vec<Qubit> {
    qubits
        .iter()
        .map(|qubit| wires.map_or(*qubit, |wires| wires[qubit.index()]))
        .collect()
}
