//! Operations under control, by what they are.

use std::f64::consts::{FRAC_PI_2, PI};

use ardea_circuit::matrix::controlled_matrix as matrix_under_control;
use ardea_circuit::{Angle, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::DMatrix;

use super::{Unroller, bindings, body_of, mapped};
use crate::CompileError;
use crate::synthesis::euler::{Euler, rx};
use crate::synthesis::multi_controlled::{
    RotationAxis, controlled_matrix, controlled_phase, controlled_rotation, controlled_unitary,
    controlled_x, controlled_z,
};

/// Definitions nested deeper than this are unrolled before they are controlled.
const MAX_DEPTH: usize = 48;

impl Unroller {
    /// `base` where the leading qubits read `state`.
    pub(super) fn controlled(
        &mut self,
        base: &Operation,
        state: &[bool],
        qubits: &[Qubit],
        out: &mut Circuit,
    ) -> Result<(), CompileError> {
        self.controlled_by(base, state, &[], qubits, out, 0)
    }

    fn controlled_by(
        &mut self,
        base: &Operation,
        state: &[bool],
        outer: &[Qubit],
        qubits: &[Qubit],
        out: &mut Circuit,
        depth: usize,
    ) -> Result<(), CompileError> {
        let (own, targets) = qubits.split_at(state.len().min(qubits.len()));
        let open: Vec<Qubit> = own
            .iter()
            .zip(state)
            .filter(|(_, on)| !**on)
            .map(|(&qubit, _)| qubit)
            .collect();
        open.iter()
            .for_each(|&qubit| push(out, Gate::X, &[], &[qubit]));
        self.control(base, &[outer, own].concat(), targets, out, depth)?;
        open.iter()
            .for_each(|&qubit| push(out, Gate::X, &[], &[qubit]));
        Ok(())
    }

    /// `operation` on `targets` where all `controls` are 1.
    pub(super) fn control(
        &mut self,
        operation: &Operation,
        controls: &[Qubit],
        targets: &[Qubit],
        out: &mut Circuit,
        depth: usize,
    ) -> Result<(), CompileError> {
        self.check(out.len())?;
        match operation {
            _ if operation.is_directive() => {
                out.push_valid(Instruction {
                    operation: operation.clone(),
                    qubits: targets.into(),
                });
                Ok(())
            }
            _ if controls.is_empty() && operation.as_gate().and_then(Gate::controls).is_none() => {
                self.expand(operation, targets, out)
            }
            Operation::Controlled(op) => {
                self.controlled_by(&op.base, &op.state, controls, targets, out, depth)
            }
            Operation::Unitary(gate) => self.matrix_under(gate.matrix(), controls, targets, out),
            Operation::Call(call) => {
                let body = match depth {
                    0..MAX_DEPTH => body_of(&call.definition)?.substitute(&bindings(call))?,
                    _ => self
                        .definition(&call.definition)?
                        .substitute(&bindings(call))?,
                };
                self.control_each(&body, controls, targets, out, depth + 1)
            }
            _ => match operation.standard() {
                Some((gate, angles)) => {
                    self.gate_under(gate, &angles.to_vec(), controls, targets, out, depth)
                }
                None => Err(CompileError::UnsupportedOperation {
                    operation: operation.name(),
                    reason: "it is not unitary and cannot be controlled; use a condition instead"
                        .into(),
                }),
            },
        }
    }

    /// All of a circuit under control; where its end undoes its beginning, only what is between.
    fn control_each(
        &mut self,
        body: &Circuit,
        controls: &[Qubit],
        targets: &[Qubit],
        out: &mut Circuit,
        depth: usize,
    ) -> Result<(), CompileError> {
        let instructions = body.instructions();
        let frame = mirrored_ends(instructions);
        for (place, Instruction { operation, qubits }) in instructions.iter().enumerate() {
            let qubits = mapped(qubits, targets);
            if place < frame || place >= instructions.len() - frame {
                self.expand(operation, &qubits, out)?;
            } else {
                self.control(operation, controls, &qubits, out, depth)?;
            }
        }
        controlled_phase(out, controls, body.global_phase());
        Ok(())
    }

    fn gate_under(
        &mut self,
        gate: Gate,
        angles: &[Angle],
        controls: &[Qubit],
        targets: &[Qubit],
        out: &mut Circuit,
        depth: usize,
    ) -> Result<(), CompileError> {
        if let Some((count, base)) = gate.controls() {
            let (more, targets) = targets.split_at(count);
            return self.gate_under(
                base,
                angles,
                &[controls, more].concat(),
                targets,
                out,
                depth,
            );
        }
        let borrowed = borrowable(out, controls, targets);
        let numbers: Option<Vec<f64>> = angles.iter().map(Angle::value).collect();
        let with =
            |qubit: Qubit| -> Vec<Qubit> { controls.iter().copied().chain([qubit]).collect() };
        match (gate, angles, targets) {
            (Gate::I, ..) => {}
            (Gate::GlobalPhase, [angle], _) => controlled_phase(out, controls, angle),
            (Gate::X, _, &[target]) => controlled_x(out, controls, target, &borrowed),
            (Gate::Z, _, &[target]) => controlled_z(out, controls, target, &borrowed),
            (Gate::S, _, &[target]) => controlled_phase(out, &with(target), &FRAC_PI_2.into()),
            (Gate::Sdg, _, &[target]) => controlled_phase(out, &with(target), &(-FRAC_PI_2).into()),
            (Gate::T, _, &[target]) => controlled_phase(out, &with(target), &(PI / 4.0).into()),
            (Gate::Tdg, _, &[target]) => controlled_phase(out, &with(target), &(-PI / 4.0).into()),
            (Gate::P | Gate::U1, [angle], &[target]) => controlled_phase(out, &with(target), angle),
            (Gate::RX, [angle], &[target]) => {
                controlled_rotation(out, RotationAxis::X, controls, target, angle, &borrowed)
            }
            (Gate::RY, [angle], &[target]) => {
                controlled_rotation(out, RotationAxis::Y, controls, target, angle, &borrowed)
            }
            (Gate::RZ, [angle], &[target]) => {
                controlled_rotation(out, RotationAxis::Z, controls, target, angle, &borrowed)
            }
            (Gate::CU, [theta, phi, lambda, gamma], &[control, target]) => {
                controlled_phase(out, &with(control), gamma);
                let base = Operation::gate(Gate::U, &[theta.clone(), phi.clone(), lambda.clone()])?;
                self.control(&base, &with(control), &[target], out, depth)?;
            }
            (Gate::Swap, _, &[first, second]) => {
                push(out, Gate::CX, &[], &[second, first]);
                controlled_x(
                    out,
                    &with(first),
                    second,
                    &borrowable(out, &with(first), &[second]),
                );
                push(out, Gate::CX, &[], &[second, first]);
            }
            (Gate::RXX | Gate::RYY | Gate::RZZ | Gate::RZX, [angle], &[first, second]) => {
                pauli_pair_under(gate, angle, controls, [first, second], &borrowed, out);
            }
            (_, _, &[target]) if numbers.is_some() => {
                match numbers.and_then(|values| gate.matrix1(&values)) {
                    Some(matrix) => controlled_unitary(out, controls, target, &matrix, &borrowed),
                    None => return Err(no_rule(gate)),
                }
            }
            (Gate::ISwap | Gate::DCX, ..) => {
                self.matrix_under(&gate.matrix(&[]), controls, targets, out)?
            }
            (Gate::U | Gate::U2 | Gate::U3 | Gate::R, _, &[target]) => {
                let [theta, phi, lambda] = as_u(gate, angles).ok_or_else(|| no_rule(gate))?;
                // e^{i (phi + lambda) / 2} RZ(phi) RY(theta) RZ(lambda)
                controlled_rotation(out, RotationAxis::Z, controls, target, &lambda, &borrowed);
                controlled_rotation(out, RotationAxis::Y, controls, target, &theta, &borrowed);
                controlled_rotation(out, RotationAxis::Z, controls, target, &phi, &borrowed);
                controlled_phase(out, controls, &((phi + lambda) * 0.5));
            }
            _ => {
                let definition = gate.definition(angles).ok_or_else(|| no_rule(gate))?;
                self.control_each(&definition, controls, targets, out, depth + 1)?;
            }
        }
        Ok(())
    }

    fn matrix_under(
        &mut self,
        matrix: &DMatrix<ardea_circuit::C64>,
        controls: &[Qubit],
        targets: &[Qubit],
        out: &mut Circuit,
    ) -> Result<(), CompileError> {
        let borrowed = borrowable(out, controls, targets);
        match *targets {
            [target] => {
                let matrix = matrix.fixed_view::<2, 2>(0, 0).into_owned();
                controlled_unitary(out, controls, target, &matrix, &borrowed);
                Ok(())
            }
            // One control makes a block-diagonal matrix, which is cut without an eigenbasis.
            _ if controls.len() == 1 => {
                let operation = Operation::unitary(matrix_under_control(matrix, &[true]))?;
                self.expand(&operation, &[controls, targets].concat(), out)
            }
            _ => controlled_matrix(out, controls, targets, matrix, &borrowed, |out, basis| {
                self.expand(&Operation::unitary(basis.clone())?, targets, out)
            }),
        }
    }
}

/// `V (cx) rz (cx) V^-1` with only the rotation controlled.
fn pauli_pair_under(
    gate: Gate,
    angle: &Angle,
    controls: &[Qubit],
    [first, second]: [Qubit; 2],
    borrowed: &[Qubit],
    out: &mut Circuit,
) {
    let turned: &[Qubit] = match gate {
        Gate::RZZ => &[],
        Gate::RZX => &[second],
        _ => &[first, second],
    };
    let y = gate == Gate::RYY;
    let turn = |out: &mut Circuit, sign: f64| {
        for &qubit in turned {
            if y {
                // V Z V^-1 = Y for V = RX(-pi/2)
                push_matrix(out, qubit, &rx(sign * FRAC_PI_2));
            } else {
                push(out, Gate::H, &[], &[qubit]);
            }
        }
    };
    turn(out, 1.0);
    push(out, Gate::CX, &[], &[first, second]);
    controlled_rotation(out, RotationAxis::Z, controls, second, angle, borrowed);
    push(out, Gate::CX, &[], &[first, second]);
    turn(out, -1.0);
}

/// How many instructions at the start are undone, in reverse order, at the end. Only standard gates are looked at: the
/// inverse of a call is as large as everything that it calls.
fn mirrored_ends(instructions: &[Instruction]) -> usize {
    let undoes = |first: &Instruction, last: &Instruction| {
        first.qubits == last.qubits
            && first.operation.as_gate().is_some()
            && last.operation.as_gate().is_some()
            && first
                .operation
                .inverse()
                .is_ok_and(|inverse| inverse == last.operation)
    };
    let pairs = instructions
        .iter()
        .zip(instructions.iter().rev())
        .take(instructions.len() / 2);
    pairs
        .take_while(|(first, last)| undoes(first, last))
        .count()
}

/// Other qubits of the circuit, nearest first, as many as can be of use.
fn borrowable(out: &Circuit, controls: &[Qubit], targets: &[Qubit]) -> Vec<Qubit> {
    let wanted = controls.len().saturating_sub(2);
    if controls.len() < 4 {
        return Vec::new();
    }
    let mut used = vec![false; out.num_qubits()];
    controls
        .iter()
        .chain(targets)
        .for_each(|qubit| used[qubit.index()] = true);
    let center = controls.iter().map(|qubit| qubit.index()).sum::<usize>() / controls.len();
    let mut free: Vec<usize> = (0..out.num_qubits())
        .filter(|&index| !used[index])
        .collect();
    free.sort_by_key(|index| index.abs_diff(center));
    free.into_iter().take(wanted).map(Qubit::new).collect()
}

/// The angles of `U` for gates that are `U` with some angles fixed.
fn as_u(gate: Gate, angles: &[Angle]) -> Option<[Angle; 3]> {
    match (gate, angles) {
        (Gate::U | Gate::U3, [theta, phi, lambda]) => {
            Some([theta.clone(), phi.clone(), lambda.clone()])
        }
        (Gate::U2, [phi, lambda]) => Some([FRAC_PI_2.into(), phi.clone(), lambda.clone()]),
        (Gate::R, [theta, phi]) => {
            let turned = phi.clone() - FRAC_PI_2.into();
            Some([theta.clone(), turned.clone(), -turned])
        }
        _ => None,
    }
}

fn push(out: &mut Circuit, gate: Gate, angles: &[f64], qubits: &[Qubit]) {
    let operation = match angles {
        [angle] => Operation::Rotation(gate, *angle),
        _ => Operation::Gate(gate),
    };
    out.push_valid(Instruction {
        operation,
        qubits: qubits.into(),
    });
}

fn push_matrix(out: &mut Circuit, qubit: Qubit, matrix: &nalgebra::Matrix2<ardea_circuit::C64>) {
    let Euler {
        theta,
        phi,
        lambda,
        phase,
    } = Euler::of(matrix);
    out.add_global_phase(phase);
    let angles = [theta, phi, lambda].map(Angle::Value).to_vec();
    out.push_valid(Instruction {
        operation: Operation::Parametric(Gate::U, Box::new(angles)),
        qubits: [qubit].into(),
    });
}

fn no_rule(gate: Gate) -> CompileError {
    CompileError::Internal {
        place: "translate::unroll::control",
        detail: format!("no rule for '{gate}' under control"),
    }
}
