//! Gates under any number of controls, without clean ancillas, exact including the phase.
//!
//! The parts, with the number of `cx` for `n` controls:
//!
//! * a phase on up to five qubits by its parities, `2^(n+1) - 2` (Barenco et al., 1995, quant-ph/9503016, section 7.1):
//!   6 for `ccx`, 14 for `c3x`, 30 for `c4x`;
//! * `X` with `n - 2` borrowed qubits in any state, `8n - 6` (Barenco et al., lemma 7.2, with relative-phase Toffoli
//!   gates after Maslov, 2016, arXiv:1508.03273, and Iten et al., 2016, arXiv:1501.06911), and with one, by two halves
//!   that borrow from each other (lemma 7.3), below `16n`;
//! * a rotation, at most `16n - 24`: the commutator of two multi-controlled `X` on half of the controls each with a
//!   quarter rotation, the halves again borrowing from each other (Vale et al., 2023, arXiv:2302.06377);
//! * a phase on more qubits by rotations on ever fewer, or by the ladder of da Silva and Park (2022, arXiv:2203.11882)
//!   with `4n^2 - 4n + 2`, whichever is less.
//!
//! Everything else is built from these: `X` is a phase of pi between Hadamards, a general one-qubit unitary a rotation
//! and a phase in its eigenbasis. Angles of phases and rotations may be symbolic.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4, PI};

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{DMatrix, Matrix2};

use super::TOLERANCE;
use super::euler::{Euler, rx};
use super::spectral::diagonalise;

mod ladder;
mod method;

use ladder::ladder_x;
use method::{MAX_MULTIPLEXED, PhaseMethod, XMethod, first_half, phase_method, x_method};

/// The axis of a rotation `exp(-i angle P / 2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationAxis {
    /// `rx`
    X,
    /// `ry`
    Y,
    /// `rz`
    Z,
}

/// Appends X on `target` where all `controls` are 1.
///
/// `borrowed` lists other qubits of the circuit that may be used in any state; they are left as they were.
pub fn controlled_x(out: &mut Circuit, controls: &[Qubit], target: Qubit, borrowed: &[Qubit]) {
    match (x_method(controls.len(), borrowed.len()), controls) {
        (_, []) => gate(out, Gate::X, &[], &[target]),
        (_, &[control]) => cx(out, control, target),
        (XMethod::Phase, _) => {
            h(out, target);
            let mut qubits = controls.to_vec();
            qubits.push(target);
            controlled_phase(out, &qubits, &PI.into());
            h(out, target);
        }
        (XMethod::Ladder, _) => ladder_x(out, controls, target, borrowed),
        (XMethod::Halves, _) => {
            let (first, second) = controls.split_at(first_half(controls.len()));
            let [spare, more @ ..] = borrowed else { return };
            let mut joined = second.to_vec();
            joined.push(*spare);
            let free_for_first: Vec<Qubit> = second
                .iter()
                .chain([&target])
                .chain(more)
                .copied()
                .collect();
            let free_for_second: Vec<Qubit> = first.iter().chain(more).copied().collect();
            for _ in 0..2 {
                controlled_x(out, first, *spare, &free_for_first);
                controlled_x(out, &joined, target, &free_for_second);
            }
        }
    }
}

/// Appends Z on `target` where all `controls` are 1; as [`controlled_x`].
pub fn controlled_z(out: &mut Circuit, controls: &[Qubit], target: Qubit, borrowed: &[Qubit]) {
    match (x_method(controls.len(), borrowed.len()), controls) {
        (_, []) => gate(out, Gate::Z, &[], &[target]),
        (_, &[control]) => gate(out, Gate::CZ, &[], &[control, target]),
        (XMethod::Phase, _) => {
            let qubits: Vec<Qubit> = controls.iter().copied().chain([target]).collect();
            controlled_phase(out, &qubits, &PI.into());
        }
        _ => {
            h(out, target);
            controlled_x(out, controls, target, borrowed);
            h(out, target);
        }
    }
}

/// Appends `exp(i angle)` on the state where all `qubits` are 1. The angle may be symbolic.
pub fn controlled_phase(out: &mut Circuit, qubits: &[Qubit], angle: &Angle) {
    match (phase_method(qubits.len()), qubits) {
        (_, []) => out.add_global_phase(angle.clone()),
        (_, &[qubit]) => gate(out, Gate::P, std::slice::from_ref(angle), &[qubit]),
        (_, &[first, second]) => gate(out, Gate::CP, std::slice::from_ref(angle), &[first, second]),
        (PhaseMethod::Parities, _) => parities(out, qubits, angle),
        (PhaseMethod::Rotations, [rest @ .., target]) => {
            controlled_rotation(out, RotationAxis::Z, rest, *target, angle, &[]);
            controlled_phase(out, rest, &(angle.clone() * 0.5));
        }
        (PhaseMethod::Roots, _) => roots(out, qubits, angle),
    }
}

/// Appends a rotation of `target` where all `controls` are 1. The angle may be symbolic.
pub fn controlled_rotation(
    out: &mut Circuit,
    axis: RotationAxis,
    controls: &[Qubit],
    target: Qubit,
    angle: &Angle,
    borrowed: &[Qubit],
) {
    let frame = match axis {
        RotationAxis::X => Some((Matrix2::new(R, R, R, -R), Matrix2::new(R, R, R, -R))),
        // V Z V^-1 = Y for V = RX(-pi/2)
        RotationAxis::Y => Some((rx(FRAC_PI_2), rx(-FRAC_PI_2))),
        RotationAxis::Z => None,
    };
    if controls.len() < 2 {
        let plain = [
            [Gate::RX, Gate::CRX],
            [Gate::RY, Gate::CRY],
            [Gate::RZ, Gate::CRZ],
        ][axis as usize][controls.len()];
        let qubits: Vec<Qubit> = controls.iter().copied().chain([target]).collect();
        return gate(out, plain, std::slice::from_ref(angle), &qubits);
    }
    if let Some((before, _)) = &frame {
        local(out, target, before);
    }
    controlled_rz(out, controls, target, angle, borrowed);
    if let Some((_, after)) = &frame {
        local(out, target, after);
    }
}

/// Appends any one-qubit unitary on `target` where all `controls` are 1.
pub fn controlled_unitary(
    out: &mut Circuit,
    controls: &[Qubit],
    target: Qubit,
    matrix: &Matrix2<C64>,
    borrowed: &[Qubit],
) {
    if controls.is_empty() {
        return local(out, target, matrix);
    }
    if let &[control] = controls {
        let Euler {
            theta,
            phi,
            lambda,
            phase,
        } = Euler::of(matrix);
        return gate(
            out,
            Gate::CU,
            &[theta, phi, lambda, phase].map(Angle::Value),
            &[control, target],
        );
    }
    // matrix = V diag(e^{i low}, e^{i high}) V^-1
    let (mut phases, mut basis) = eigenbasis(matrix);
    if phases[1].abs() < TOLERANCE {
        phases.swap(0, 1);
        basis.swap_columns(0, 1);
    }
    let [low, high] = phases;
    local(out, target, &basis.adjoint());
    if low.abs() >= TOLERANCE {
        controlled_rz(out, controls, target, &(high - low).into(), borrowed);
        controlled_phase(out, controls, &((high + low) / 2.0).into());
    } else if (high.abs() - PI).abs() < TOLERANCE {
        controlled_z(out, controls, target, borrowed);
    } else {
        let qubits: Vec<Qubit> = controls.iter().copied().chain([target]).collect();
        controlled_phase(out, &qubits, &high.into());
    }
    local(out, target, &basis);
}

/// Appends a unitary on `targets` (first the least significant) where all `controls` are 1.
///
/// The matrix is taken to its eigenbasis `V D V^-1`, where only the diagonal needs the controls; `basis` writes `V` and
/// its inverse.
///
/// # Errors
/// Whatever `basis` returns.
pub fn controlled_matrix<E>(
    out: &mut Circuit,
    controls: &[Qubit],
    targets: &[Qubit],
    matrix: &DMatrix<C64>,
    borrowed: &[Qubit],
    mut basis: impl FnMut(&mut Circuit, &DMatrix<C64>) -> Result<(), E>,
) -> Result<(), E> {
    let (phases, vectors) = diagonalise(matrix);
    basis(out, &vectors.adjoint())?;
    controlled_diagonal(out, controls, targets, &phases, borrowed);
    basis(out, &vectors)
}

/// Appends `exp(i phases_j)` on each state `j` of `targets` where all `controls` are 1.
fn controlled_diagonal(
    out: &mut Circuit,
    controls: &[Qubit],
    targets: &[Qubit],
    phases: &[f64],
    borrowed: &[Qubit],
) {
    // exp(i sum_S f_S Z_S) over all sets S of targets: the Walsh transform of the phases.
    let size = phases.len();
    let weight = |set: usize| -> f64 {
        let signed = |(j, phase): (usize, &f64)| {
            if (j & set).count_ones().is_multiple_of(2) {
                *phase
            } else {
                -*phase
            }
        };
        phases.iter().enumerate().map(signed).sum::<f64>() / size as f64
    };
    controlled_phase(out, controls, &weight(0).into());
    for set in 1..size {
        let angle = -2.0 * weight(set);
        if angle.abs() < TOLERANCE {
            continue;
        }
        let members: Vec<Qubit> = targets
            .iter()
            .enumerate()
            .filter(|(k, _)| set >> k & 1 == 1)
            .map(|(_, &q)| q)
            .collect();
        let [rest @ .., last] = members.as_slice() else {
            continue;
        };
        rest.iter().for_each(|&member| cx(out, member, *last));
        controlled_rotation(
            out,
            RotationAxis::Z,
            controls,
            *last,
            &angle.into(),
            borrowed,
        );
        rest.iter().rev().for_each(|&member| cx(out, member, *last));
    }
}

const R: C64 = C64::new(FRAC_1_SQRT_2, 0.0);

/// `rz` where all controls are 1; at least two controls.
fn controlled_rz(
    out: &mut Circuit,
    controls: &[Qubit],
    target: Qubit,
    angle: &Angle,
    borrowed: &[Qubit],
) {
    if controls.len() <= MAX_MULTIPLEXED {
        return multiplexed_rz(out, controls, target, angle);
    }
    // In circuit order X1 A X2 A^-1, twice, with X1, X2 the halves' X: nothing is left unless both fire, and then
    // (A^-1 X A X)^2 = rz(-4 a) for A = rz(a).
    let (first, second) = controls.split_at(first_half(controls.len()));
    let with =
        |others: &[Qubit]| -> Vec<Qubit> { others.iter().chain(borrowed).copied().collect() };
    let (free_for_first, free_for_second) = (with(second), with(first));
    let quarter = angle.clone() * -0.25;
    for _ in 0..2 {
        controlled_x(out, first, target, &free_for_first);
        gate(out, Gate::RZ, std::slice::from_ref(&quarter), &[target]);
        controlled_x(out, second, target, &free_for_second);
        gate(out, Gate::RZ, &[-quarter.clone()], &[target]);
    }
}

/// `rz` where all controls are 1, in Gray-code order: only one of the `2^n` selected angles is not zero.
fn multiplexed_rz(out: &mut Circuit, controls: &[Qubit], target: Qubit, angle: &Angle) {
    let steps = 1usize << controls.len();
    let share = 1.0 / steps as f64;
    for step in 0..steps {
        let gray = step ^ (step >> 1);
        let sign = if gray.count_ones().is_multiple_of(2) {
            share
        } else {
            -share
        };
        gate(out, Gate::RZ, &[angle.clone() * sign], &[target]);
        let bit = ((step + 1).trailing_zeros() as usize).min(controls.len() - 1);
        cx(out, controls[bit], target);
    }
}

/// The phase as a sum over parities, each qubit in turn visiting those it forms with the earlier ones.
fn parities(out: &mut Circuit, qubits: &[Qubit], angle: &Angle) {
    let share = 2.0f64.powi(1 - qubits.len() as i32);
    for (place, &target) in qubits.iter().enumerate() {
        let mut parity = 0usize;
        for step in 0..1usize << place {
            let sign = if parity.count_ones().is_multiple_of(2) {
                share
            } else {
                -share
            };
            gate(out, Gate::P, &[angle.clone() * sign], &[target]);
            if place > 0 {
                let bit = ((step + 1).trailing_zeros() as usize).min(place - 1);
                cx(out, qubits[bit], target);
                parity ^= 1 << bit;
            }
        }
    }
}

/// The ladder of controlled roots (da Silva, Park, 2022, arXiv:2203.11882), for a phase.
///
/// Each qubit in turn is rotated about X by fractions of pi that depend on the qubits before it, which adds the number
/// in binary, and back; the phase reaches the last qubit in the same fractions.
fn roots(out: &mut Circuit, qubits: &[Qubit], angle: &Angle) {
    let count = qubits.len();
    half_ladder(out, qubits, Some(angle), 1.0, false);
    half_ladder(out, qubits, Some(angle), -1.0, false);
    half_ladder(out, &qubits[..count - 1], None, 1.0, true);
    half_ladder(out, &qubits[..count - 1], None, -1.0, true);
}

/// One slope of the ladder. `angle` is for the phases on the last qubit; without it all are rotations.
fn half_ladder(
    out: &mut Circuit,
    qubits: &[Qubit],
    angle: Option<&Angle>,
    sign: f64,
    turned: bool,
) {
    let first = if sign > 0.0 { 0 } else { 1 };
    let mut pairs: Vec<(usize, usize)> = (0..qubits.len())
        .flat_map(|target| (first..target).map(move |control| (control, target)))
        .collect();
    pairs.sort_by_key(|(control, target)| control + target);
    if sign > 0.0 {
        // Descending, with equal sums in their order: gates of equal sum act on different qubits.
        pairs.sort_by_key(|(control, target)| std::cmp::Reverse(control + target));
    }
    for (control, target) in pairs {
        let exponent = target - control - usize::from(control == 0);
        let fraction = 0.5f64.powi(exponent as i32);
        let sign = if control == 0 && turned { -sign } else { sign };
        let (gate_kind, value) = match angle {
            Some(angle) if target + 1 == qubits.len() => {
                (Gate::CP, angle.clone() * (sign * fraction))
            }
            _ => (Gate::CRX, Angle::from(sign * PI * fraction)),
        };
        gate(out, gate_kind, &[value], &[qubits[control], qubits[target]]);
    }
}

/// Eigenphases and eigenvectors of a 2x2 unitary.
fn eigenbasis(matrix: &Matrix2<C64>) -> ([f64; 2], Matrix2<C64>) {
    let (phases, vectors) = diagonalise(&DMatrix::from_iterator(2, 2, matrix.iter().copied()));
    (
        [phases[0], phases[1]],
        Matrix2::from_iterator(vectors.iter().copied()),
    )
}

fn gate(out: &mut Circuit, gate: Gate, angles: &[Angle], qubits: &[Qubit]) {
    let operation = match angles {
        [] => Operation::Gate(gate),
        [Angle::Value(value)] => Operation::Rotation(gate, *value),
        _ => Operation::Parametric(gate, Box::new(angles.to_vec())),
    };
    out.push_valid(Instruction {
        operation,
        qubits: qubits.into(),
    });
}

fn cx(out: &mut Circuit, control: Qubit, target: Qubit) {
    gate(out, Gate::CX, &[], &[control, target]);
}

fn h(out: &mut Circuit, qubit: Qubit) {
    gate(out, Gate::H, &[], &[qubit]);
}

fn t(out: &mut Circuit, qubit: Qubit, sign: f64) {
    gate(out, Gate::P, &[Angle::Value(sign * FRAC_PI_4)], &[qubit]);
}

/// A one-qubit matrix as `u`, or nothing when it is only a phase.
fn local(out: &mut Circuit, qubit: Qubit, matrix: &Matrix2<C64>) {
    let Euler {
        theta,
        phi,
        lambda,
        phase,
    } = Euler::of(matrix);
    out.add_global_phase(phase);
    if theta.abs() >= TOLERANCE || super::euler::wrap_phase(phi + lambda).abs() >= TOLERANCE {
        gate(
            out,
            Gate::U,
            &[theta, phi, lambda].map(Angle::Value),
            &[qubit],
        );
    }
}

#[cfg(test)]
mod tests;
