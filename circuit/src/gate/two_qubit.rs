//! The two-qubit gates. Controlled ones name their base; their control is the first qubit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4};

use nalgebra::Matrix4;

use super::Gate;
use super::definitions::define;
use super::record::{Form, Inverse, Record};
use crate::matrix::{C64, c, cis};
use crate::{Angle, Circuit};

const ZERO: C64 = c(0.0, 0.0);
const ONE: C64 = c(1.0, 0.0);

/// The matrix that acts as (a, b; c, d) on the basis states `low` and `high` and as 1 elsewhere.
fn block(low: usize, high: usize, [m00, m01, m10, m11]: [C64; 4]) -> Matrix4<C64> {
    let mut out = Matrix4::identity();
    out[(low, low)] = m00;
    out[(low, high)] = m01;
    out[(high, low)] = m10;
    out[(high, high)] = m11;
    out
}

/// exp(-i theta P / 2) for a Pauli product P given as a matrix.
fn pauli_rotation(theta: f64, pauli: Matrix4<C64>) -> Matrix4<C64> {
    let (sin, cos) = (theta / 2.0).sin_cos();
    Matrix4::identity() * c(cos, 0.0) + pauli * c(0.0, -sin)
}

fn rzz(a: &[f64]) -> Matrix4<C64> {
    let (minus, plus) = (cis(-a[0] / 2.0), cis(a[0] / 2.0));
    Matrix4::from_diagonal(&nalgebra::Vector4::new(minus, plus, plus, minus))
}

fn rxx(a: &[f64]) -> Matrix4<C64> {
    pauli_rotation(
        a[0],
        Matrix4::from_fn(|row, column| if row + column == 3 { ONE } else { ZERO }),
    )
}

fn ryy(a: &[f64]) -> Matrix4<C64> {
    let sign = |row: usize| if row == 0 || row == 3 { -ONE } else { ONE };
    pauli_rotation(
        a[0],
        Matrix4::from_fn(|row, column| if row + column == 3 { sign(row) } else { ZERO }),
    )
}

/// Z on the first qubit, X on the second.
fn rzx(a: &[f64]) -> Matrix4<C64> {
    let sign = |row: usize| if row & 1 == 1 { -ONE } else { ONE };
    pauli_rotation(
        a[0],
        Matrix4::from_fn(|row, column| if row ^ column == 2 { sign(row) } else { ZERO }),
    )
}

fn ecr(_: &[f64]) -> Matrix4<C64> {
    let (x, ix) = (c(FRAC_1_SQRT_2, 0.0), c(0.0, FRAC_1_SQRT_2));
    Matrix4::new(
        ZERO, x, ZERO, ix, x, ZERO, -ix, ZERO, ZERO, ix, ZERO, x, -ix, ZERO, x, ZERO,
    )
}

fn exchange(theta: f64, low: usize, high: usize, beta: f64) -> Matrix4<C64> {
    let (sin, cos) = (theta / 2.0).sin_cos();
    let coupling = c(0.0, -sin);
    block(
        low,
        high,
        [
            c(cos, 0.0),
            coupling * cis(-beta),
            coupling * cis(beta),
            c(cos, 0.0),
        ],
    )
}

fn conjugated(outer: Gate, inner: Gate, angles: &[Angle], back: Gate) -> Circuit {
    define(
        2,
        &[
            (outer, &[], &[1]),
            (inner, angles, &[0, 1]),
            (back, &[], &[1]),
        ],
    )
}

/// exp(-i theta (XX +- YY) / 4) with one qubit's phase turned by beta.
fn exchange_definition(a: &[Angle], turned: usize, sign: f64) -> Circuit {
    define(
        2,
        &[
            (Gate::RZ, &[-a[1].clone()], &[turned]),
            (Gate::RXX, &[a[0].clone() * 0.5], &[0, 1]),
            (Gate::RYY, &[a[0].clone() * (0.5 * sign)], &[0, 1]),
            (Gate::RZ, &[a[1].clone()], &[turned]),
        ],
    )
}

/// CU: a phase on the control, then the half-angle sandwich of Barenco et al. (quant-ph/9503016).
fn controlled_u(theta: &Angle, phi: &Angle, lambda: &Angle, gamma: Angle) -> Circuit {
    let half_sum = (lambda.clone() + phi.clone()) * 0.5;
    define(
        2,
        &[
            (Gate::P, &[gamma + half_sum.clone()], &[0]),
            (Gate::P, &[(lambda.clone() - phi.clone()) * 0.5], &[1]),
            (Gate::CX, &[], &[0, 1]),
            (
                Gate::U,
                &[theta.clone() * -0.5, 0.0.into(), -half_sum],
                &[1],
            ),
            (Gate::CX, &[], &[0, 1]),
            (
                Gate::U,
                &[theta.clone() * 0.5, phi.clone(), 0.0.into()],
                &[1],
            ),
        ],
    )
}

fn half_angle_sandwich(rotation: Gate, angle: &Angle) -> Circuit {
    define(
        2,
        &[
            (rotation, &[angle.clone() * 0.5], &[1]),
            (Gate::CX, &[], &[0, 1]),
            (rotation, &[angle.clone() * -0.5], &[1]),
            (Gate::CX, &[], &[0, 1]),
        ],
    )
}

fn controlled_phase(lambda: Angle) -> Circuit {
    define(
        2,
        &[
            (Gate::P, &[lambda.clone() * 0.5], &[0]),
            (Gate::P, &[lambda.clone() * 0.5], &[1]),
            (Gate::CX, &[], &[0, 1]),
            (Gate::P, &[lambda * -0.5], &[1]),
            (Gate::CX, &[], &[0, 1]),
        ],
    )
}

#[rustfmt::skip]
pub(super) const RECORDS: [Record; 24] = [
    Record {
        gate: Gate::CX, name: "cx", aliases: &["cnot", "CX"], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::X), inverse: Inverse::Gate(Gate::CX), definition: None,
        doc: "Controlled X.",
    },
    Record {
        gate: Gate::CY, name: "cy", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::Y), inverse: Inverse::Gate(Gate::CY),
        definition: Some(|_| conjugated(Gate::Sdg, Gate::CX, &[], Gate::S)),
        doc: "Controlled Y.",
    },
    Record {
        gate: Gate::CZ, name: "cz", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::Z), inverse: Inverse::Gate(Gate::CZ),
        definition: Some(|_| conjugated(Gate::H, Gate::CX, &[], Gate::H)),
        doc: "Controlled Z: the sign of |11>.",
    },
    Record {
        gate: Gate::CH, name: "ch", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::H), inverse: Inverse::Gate(Gate::CH),
        definition: Some(|_| define(2, &[
            (Gate::RY, &[(-FRAC_PI_4).into()], &[1]), (Gate::CZ, &[], &[0, 1]), (Gate::RY, &[FRAC_PI_4.into()], &[1]),
        ])),
        doc: "Controlled Hadamard.",
    },
    Record {
        gate: Gate::CS, name: "cs", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::S), inverse: Inverse::Gate(Gate::CSdg),
        definition: Some(|_| define(2, &[(Gate::CP, &[FRAC_PI_2.into()], &[0, 1])])),
        doc: "Controlled S.",
    },
    Record {
        gate: Gate::CSdg, name: "csdg", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::Sdg), inverse: Inverse::Gate(Gate::CS),
        definition: Some(|_| define(2, &[(Gate::CP, &[(-FRAC_PI_2).into()], &[0, 1])])),
        doc: "Controlled inverse S.",
    },
    Record {
        gate: Gate::CSX, name: "csx", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Controlled(1, Gate::SX), inverse: Inverse::Unnamed,
        definition: Some(|_| conjugated(Gate::H, Gate::CS, &[], Gate::H)),
        doc: "Controlled square root of X.",
    },
    Record {
        gate: Gate::CP, name: "cp", aliases: &["cphase"], num_qubits: 2, angles: &["lambda"],
        form: Form::Controlled(1, Gate::P), inverse: Inverse::NegatedAngles,
        definition: Some(|a| controlled_phase(a[0].clone())),
        doc: "Controlled phase: exp(i lambda) on |11>.",
    },
    Record {
        gate: Gate::CRX, name: "crx", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Controlled(1, Gate::RX), inverse: Inverse::NegatedAngles,
        definition: Some(|a| conjugated(Gate::H, Gate::CRZ, a, Gate::H)),
        doc: "Controlled RX.",
    },
    Record {
        gate: Gate::CRY, name: "cry", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Controlled(1, Gate::RY), inverse: Inverse::NegatedAngles,
        definition: Some(|a| half_angle_sandwich(Gate::RY, &a[0])),
        doc: "Controlled RY.",
    },
    Record {
        gate: Gate::CRZ, name: "crz", aliases: &[], num_qubits: 2, angles: &["lambda"],
        form: Form::Controlled(1, Gate::RZ), inverse: Inverse::NegatedAngles,
        definition: Some(|a| half_angle_sandwich(Gate::RZ, &a[0])),
        doc: "Controlled RZ.",
    },
    Record {
        gate: Gate::CU, name: "cu", aliases: &[], num_qubits: 2, angles: &["theta", "phi", "lambda", "gamma"],
        form: Form::Two(|a| {
            let base = Gate::U.matrix1(a).expect("U has a matrix") * cis(a[3]);
            crate::matrix::controlled_matrix1(&base)
        }),
        inverse: Inverse::Of(|a| (Gate::CU, vec![-a[0].clone(), -a[2].clone(), -a[1].clone(), -a[3].clone()])),
        definition: Some(|a| controlled_u(&a[0], &a[1], &a[2], a[3].clone())),
        doc: "Controlled U with the phase gamma of its own.",
    },
    Record {
        gate: Gate::CU1, name: "cu1", aliases: &[], num_qubits: 2, angles: &["lambda"],
        form: Form::Controlled(1, Gate::U1), inverse: Inverse::NegatedAngles,
        definition: Some(|a| controlled_phase(a[0].clone())),
        doc: "The same as CP.",
    },
    Record {
        gate: Gate::CU3, name: "cu3", aliases: &[], num_qubits: 2, angles: &["theta", "phi", "lambda"],
        form: Form::Controlled(1, Gate::U3),
        inverse: Inverse::Of(|a| (Gate::CU3, vec![-a[0].clone(), -a[2].clone(), -a[1].clone()])),
        definition: Some(|a| controlled_u(&a[0], &a[1], &a[2], Angle::ZERO)),
        doc: "Controlled U3.",
    },
    Record {
        gate: Gate::Swap, name: "swap", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Two(|_| block(1, 2, [ZERO, ONE, ONE, ZERO])), inverse: Inverse::Gate(Gate::Swap),
        definition: Some(|_| define(2, &[(Gate::CX, &[], &[0, 1]), (Gate::CX, &[], &[1, 0]), (Gate::CX, &[], &[0, 1])])),
        doc: "Exchanges two qubits.",
    },
    Record {
        gate: Gate::ISwap, name: "iswap", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Two(|_| block(1, 2, [ZERO, c(0.0, 1.0), c(0.0, 1.0), ZERO])),
        inverse: Inverse::Of(|_| (Gate::XXPlusYY, vec![std::f64::consts::PI.into(), Angle::ZERO])),
        definition: Some(|_| define(2, &[
            (Gate::S, &[], &[0]), (Gate::S, &[], &[1]), (Gate::H, &[], &[0]),
            (Gate::CX, &[], &[0, 1]), (Gate::CX, &[], &[1, 0]), (Gate::H, &[], &[1]),
        ])),
        doc: "Exchanges two qubits with the phase i.",
    },
    Record {
        gate: Gate::DCX, name: "dcx", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Two(|_| Matrix4::new(
            ONE, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ONE, ZERO, ONE, ZERO, ZERO, ZERO, ZERO, ONE, ZERO,
        )),
        inverse: Inverse::Unnamed,
        definition: Some(|_| define(2, &[(Gate::CX, &[], &[0, 1]), (Gate::CX, &[], &[1, 0])])),
        doc: "Two CX in opposite directions.",
    },
    Record {
        gate: Gate::ECR, name: "ecr", aliases: &[], num_qubits: 2, angles: &[],
        form: Form::Two(ecr), inverse: Inverse::Gate(Gate::ECR),
        definition: Some(|_| define(2, &[
            (Gate::RZX, &[FRAC_PI_4.into()], &[0, 1]), (Gate::X, &[], &[0]), (Gate::RZX, &[(-FRAC_PI_4).into()], &[0, 1]),
        ])),
        doc: "Echoed cross-resonance: (IX - XY) / sqrt(2).",
    },
    Record {
        gate: Gate::RXX, name: "rxx", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Two(rxx), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(2, &[
            (Gate::H, &[], &[0]), (Gate::H, &[], &[1]), (Gate::RZZ, a, &[0, 1]), (Gate::H, &[], &[0]), (Gate::H, &[], &[1]),
        ])),
        doc: "exp(-i theta XX / 2).",
    },
    Record {
        gate: Gate::RYY, name: "ryy", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Two(ryy), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(2, &[
            (Gate::SX, &[], &[0]), (Gate::SX, &[], &[1]), (Gate::RZZ, a, &[0, 1]), (Gate::SXdg, &[], &[0]), (Gate::SXdg, &[], &[1]),
        ])),
        doc: "exp(-i theta YY / 2).",
    },
    Record {
        gate: Gate::RZZ, name: "rzz", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Two(rzz), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(2, &[(Gate::CX, &[], &[0, 1]), (Gate::RZ, a, &[1]), (Gate::CX, &[], &[0, 1])])),
        doc: "exp(-i theta ZZ / 2).",
    },
    Record {
        gate: Gate::RZX, name: "rzx", aliases: &[], num_qubits: 2, angles: &["theta"],
        form: Form::Two(rzx), inverse: Inverse::NegatedAngles,
        definition: Some(|a| conjugated(Gate::H, Gate::RZZ, a, Gate::H)),
        doc: "exp(-i theta ZX / 2), Z on the first qubit and X on the second.",
    },
    Record {
        gate: Gate::XXMinusYY, name: "xx_minus_yy", aliases: &[], num_qubits: 2, angles: &["theta", "beta"],
        form: Form::Two(|a| exchange(a[0], 0, 3, a[1])),
        inverse: Inverse::Of(|a| (Gate::XXMinusYY, vec![-a[0].clone(), a[1].clone()])),
        definition: Some(|a| exchange_definition(a, 1, -1.0)),
        doc: "exp(-i theta (XX - YY) / 4) with phase beta: mixes |00> and |11>.",
    },
    Record {
        gate: Gate::XXPlusYY, name: "xx_plus_yy", aliases: &[], num_qubits: 2, angles: &["theta", "beta"],
        form: Form::Two(|a| exchange(a[0], 1, 2, a[1])),
        inverse: Inverse::Of(|a| (Gate::XXPlusYY, vec![-a[0].clone(), a[1].clone()])),
        definition: Some(|a| exchange_definition(&[a[0].clone(), -a[1].clone()], 0, 1.0)),
        doc: "exp(-i theta (XX + YY) / 4) with phase beta: mixes |01> and |10>.",
    },
];
