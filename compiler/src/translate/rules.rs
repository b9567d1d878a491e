//! How each standard gate is written: exact equations, linear in the angles so that symbols go through.
//!
//! Rules are for gates that appear with symbolic or many different angles. Fixed two-qubit gates and numeric gates with
//! several angles go through their Weyl decomposition, which always finds the least number of two-qubit gates.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::OnceLock;

use ardea_circuit::{Angle, Gate, Operation, Qubit};
use nalgebra::Matrix2;

use super::Emitter;
use crate::CompileError;
use crate::synthesis::euler::rx;
use crate::synthesis::weyl::Weyl;

/// Writes a unitary operation on one or two qubits.
///
/// # Errors
/// When the pair has no two-qubit gate, or the operation is wider or has no matrix and no definition.
pub(super) fn write(
    operation: &Operation,
    qubits: &[Qubit],
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    match (operation.standard(), qubits) {
        (Some((gate, angles)), &[qubit]) => match angles.values() {
            Some(values) => one_numeric(gate, &values, qubit, out),
            None => one_symbolic(gate, &angles.to_vec(), qubit, out),
        },
        (Some((gate, angles)), &[first, second]) => two(gate, &angles.to_vec(), first, second, out),
        (None, &[qubit]) if operation.matrix1().is_some() => {
            operation
                .matrix1()
                .iter()
                .for_each(|matrix| out.one(qubit, matrix));
            Ok(())
        }
        (None, &[first, second]) => match operation.matrix2() {
            Some(matrix) => out.two(first, second, &matrix),
            None => by_definition(operation, qubits, out),
        },
        (None, &[_]) => by_definition(operation, qubits, out),
        _ => Err(CompileError::UnsupportedOperation {
            operation: operation.name(),
            reason: format!(
                "it acts on {} qubits; run the unroll pass first",
                qubits.len()
            ),
        }),
    }
}

fn by_definition(
    operation: &Operation,
    qubits: &[Qubit],
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    let definition = operation.definition()?;
    out.phase(definition.global_phase().clone());
    for inner in definition.instructions() {
        let mapped = inner.qubits.map(|qubit| qubits[qubit.index()]);
        write(&inner.operation, &mapped, out)?;
    }
    Ok(())
}

fn one_numeric(
    gate: Gate,
    values: &[f64],
    qubit: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    match (gate, values) {
        (Gate::I, _) => {}
        // The angle goes through as it is: no digits are lost in a matrix.
        (Gate::RZ, &[angle]) => out.rz(qubit, &angle.into()),
        (Gate::P | Gate::U1, &[angle]) => phase_gate(&angle.into(), qubit, out),
        _ => match gate.matrix1(values) {
            Some(matrix) => out.one(qubit, &matrix),
            None => return Err(no_rule(gate)),
        },
    }
    Ok(())
}

fn one_symbolic(
    gate: Gate,
    angles: &[Angle],
    qubit: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    let quarter = Angle::from(FRAC_PI_2);
    match (gate, angles) {
        (Gate::RZ, [angle]) => out.rz(qubit, angle),
        (Gate::P | Gate::U1, [angle]) => phase_gate(angle, qubit, out),
        (Gate::RX, [theta]) => out.u(qubit, theta, &-quarter.clone(), &quarter),
        (Gate::RY, [theta]) => out.u(qubit, theta, &Angle::ZERO, &Angle::ZERO),
        (Gate::R, [theta, phi]) => {
            let turned = phi.clone() - quarter;
            out.u(qubit, theta, &turned, &-turned.clone());
        }
        (Gate::U2, [phi, lambda]) => out.u(qubit, &quarter, phi, lambda),
        (Gate::U | Gate::U3, [theta, phi, lambda]) => out.u(qubit, theta, phi, lambda),
        _ => return Err(no_rule(gate)),
    }
    Ok(())
}

/// `P(a) = e^{i a/2} RZ(a)`
fn phase_gate(angle: &Angle, qubit: Qubit, out: &mut Emitter<'_, '_>) {
    out.rz(qubit, angle);
    out.phase(angle.clone() * 0.5);
}

fn two(
    gate: Gate,
    angles: &[Angle],
    first: Qubit,
    second: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    match (gate, angles) {
        (Gate::CZ, _) => out.cz(first, second),
        (Gate::CX, _) => out.cx(first, second),
        (Gate::RZZ, [angle]) => out.rzz(first, second, angle),
        // RXX = (H H) RZZ (H H)
        (Gate::RXX, [angle]) => between(&hadamard(), &[first, second], out, |out| {
            out.rzz(first, second, angle)
        }),
        // V Z V^-1 = Y for V = S H, whose H meets the one that makes a cx of a cz
        (Gate::RYY, [angle]) => between(&y_frame(), &[first, second], out, |out| {
            out.rzz(first, second, angle)
        }),
        (Gate::RZX, [angle]) => between(&hadamard(), &[second], out, |out| {
            out.rzz(first, second, angle)
        }),
        // CP(a) = e^{i a/4} RZ(a/2) RZ(a/2) RZZ(-a/2)
        (Gate::CP | Gate::CU1, [angle]) => {
            out.rzz(first, second, &(angle.clone() * -0.5))?;
            out.rz(first, &(angle.clone() * 0.5));
            out.rz(second, &(angle.clone() * 0.5));
            out.phase(angle.clone() * 0.25);
            Ok(())
        }
        (Gate::CRZ, [angle]) => controlled_rz(angle, first, second, out),
        (Gate::CRX, [angle]) => between(&hadamard(), &[second], out, |out| {
            controlled_rz(angle, first, second, out)
        }),
        (Gate::CRY, [angle]) => between(&y_frame(), &[second], out, |out| {
            controlled_rz(angle, first, second, out)
        }),
        _ => general(gate, angles, first, second, out),
    }
}

/// Gates without an angle, or with several: numeric ones by decomposition, symbolic ones by a rule.
fn general(
    gate: Gate,
    angles: &[Angle],
    first: Qubit,
    second: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    if angles.is_empty() {
        return match fixed(gate) {
            Some(weyl) => out.fixed(gate, weyl, [first, second]),
            None => Err(no_rule(gate)),
        };
    }
    if let Some(values) = angles
        .iter()
        .map(Angle::value)
        .collect::<Option<Vec<f64>>>()
    {
        return match gate.matrix2(&values) {
            Some(matrix) => out.two(first, second, &matrix),
            None => Err(no_rule(gate)),
        };
    }
    match (gate, angles) {
        (Gate::CU, [theta, phi, lambda, gamma]) => {
            controlled_u([theta, phi, lambda], gamma, first, second, out)
        }
        (Gate::CU3, [theta, phi, lambda]) => {
            controlled_u([theta, phi, lambda], &Angle::ZERO, first, second, out)
        }
        (Gate::XXPlusYY, [theta, beta]) => {
            exchange(theta, 1.0, &-beta.clone(), first, [first, second], out)
        }
        (Gate::XXMinusYY, [theta, beta]) => {
            exchange(theta, -1.0, beta, second, [first, second], out)
        }
        _ => Err(no_rule(gate)),
    }
}

/// The decomposition of a two-qubit gate without angles, computed once.
fn fixed(gate: Gate) -> Option<&'static Weyl> {
    static TABLE: OnceLock<Vec<Option<Weyl>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let of = |gate: Gate| {
            if gate.num_angles() == 0 {
                gate.matrix2(&[]).map(|matrix| Weyl::of(&matrix))
            } else {
                None
            }
        };
        Gate::ALL.into_iter().map(of).collect()
    });
    table.get(gate as usize)?.as_ref()
}

/// `V middle V^-1` with `V` on each of `qubits`.
fn between(
    turn: &Matrix2<ardea_circuit::C64>,
    qubits: &[Qubit],
    out: &mut Emitter<'_, '_>,
    middle: impl FnOnce(&mut Emitter<'_, '_>) -> Result<(), CompileError>,
) -> Result<(), CompileError> {
    let back = turn.adjoint();
    qubits.iter().for_each(|&qubit| out.one(qubit, &back));
    middle(out)?;
    qubits.iter().for_each(|&qubit| out.one(qubit, turn));
    Ok(())
}

/// `CRZ(a) = RZ(a/2) RZZ(-a/2)`, the first on the target.
fn controlled_rz(
    angle: &Angle,
    control: Qubit,
    target: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    out.rzz(control, target, &(angle.clone() * -0.5))?;
    out.rz(target, &(angle.clone() * 0.5));
    Ok(())
}

/// A phase on the control, then the half-angle sandwich (Barenco et al., 1995, quant-ph/9503016).
fn controlled_u(
    [theta, phi, lambda]: [&Angle; 3],
    gamma: &Angle,
    control: Qubit,
    target: Qubit,
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    let half_sum = (lambda.clone() + phi.clone()) * 0.5;
    phase_gate(&(gamma.clone() + half_sum.clone()), control, out);
    phase_gate(&((lambda.clone() - phi.clone()) * 0.5), target, out);
    out.cx(control, target)?;
    out.u(target, &(theta.clone() * -0.5), &Angle::ZERO, &-half_sum);
    out.cx(control, target)?;
    out.u(target, &(theta.clone() * 0.5), phi, &Angle::ZERO);
    Ok(())
}

/// `exp(-i theta (XX + sign YY) / 4)` with `beta` turning one qubit: two `cz`.
///
/// `cz (e^{iaX} x e^{ibX}) cz = exp(i a XZ) exp(i b ZX)`; turning (X, Z) to (X, Y) on the first qubit and (Z, X) to
/// (X, Y) on the second makes that `exp(i a XX) exp(i b YY)`.
fn exchange(
    theta: &Angle,
    sign: f64,
    beta: &Angle,
    turned: Qubit,
    [first, second]: [Qubit; 2],
    out: &mut Emitter<'_, '_>,
) -> Result<(), CompileError> {
    let rotate_x = |qubit: Qubit, angle: Angle, out: &mut Emitter<'_, '_>| {
        out.u(
            qubit,
            &angle,
            &Angle::from(-FRAC_PI_2),
            &Angle::from(FRAC_PI_2),
        );
    };
    let turns = [
        rx(-FRAC_PI_2),
        rx(FRAC_PI_2) * crate::synthesis::euler::ry(FRAC_PI_2),
    ];
    out.rz(turned, &-beta.clone());
    out.one(first, &turns[0].adjoint());
    out.one(second, &turns[1].adjoint());
    out.cz(first, second)?;
    rotate_x(first, theta.clone() * 0.5, out);
    rotate_x(second, theta.clone() * (0.5 * sign), out);
    out.cz(first, second)?;
    out.one(first, &turns[0]);
    out.one(second, &turns[1]);
    out.rz(turned, beta);
    Ok(())
}

fn hadamard() -> Matrix2<ardea_circuit::C64> {
    let r = ardea_circuit::C64::new((PI / 4.0).cos(), 0.0);
    Matrix2::new(r, r, r, -r)
}

fn y_frame() -> Matrix2<ardea_circuit::C64> {
    let (zero, one, i) = (
        ardea_circuit::C64::new(0.0, 0.0),
        ardea_circuit::C64::new(1.0, 0.0),
        ardea_circuit::C64::new(0.0, 1.0),
    );
    Matrix2::new(one, zero, zero, i) * hadamard()
}

fn no_rule(gate: Gate) -> CompileError {
    CompileError::Internal {
        place: "translate::rules",
        detail: format!("no rule for gate '{gate}'"),
    }
}
