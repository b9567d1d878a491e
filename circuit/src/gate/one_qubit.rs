//! The global phase and the one-qubit gates.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4, PI};

use nalgebra::Matrix2;

use super::Gate;
use super::definitions::define;
use super::record::{Form, Inverse, Record};
use crate::Angle;
use crate::matrix::{C64, c, cis};

const ZERO: C64 = c(0.0, 0.0);
const ONE: C64 = c(1.0, 0.0);
const I: C64 = c(0.0, 1.0);

fn diagonal(a: C64, b: C64) -> Matrix2<C64> {
    Matrix2::new(a, ZERO, ZERO, b)
}

fn u(a: &[f64]) -> Matrix2<C64> {
    let (sin, cos) = (a[0] / 2.0).sin_cos();
    Matrix2::new(
        c(cos, 0.0),
        -cis(a[2]) * sin,
        cis(a[1]) * sin,
        cis(a[1] + a[2]) * cos,
    )
}

fn u2(a: &[f64]) -> Matrix2<C64> {
    u(&[FRAC_PI_2, a[0], a[1]])
}

fn p(a: &[f64]) -> Matrix2<C64> {
    diagonal(ONE, cis(a[0]))
}

fn rx(a: &[f64]) -> Matrix2<C64> {
    let (sin, cos) = (a[0] / 2.0).sin_cos();
    Matrix2::new(c(cos, 0.0), c(0.0, -sin), c(0.0, -sin), c(cos, 0.0))
}

fn ry(a: &[f64]) -> Matrix2<C64> {
    let (sin, cos) = (a[0] / 2.0).sin_cos();
    Matrix2::new(c(cos, 0.0), c(-sin, 0.0), c(sin, 0.0), c(cos, 0.0))
}

fn rz(a: &[f64]) -> Matrix2<C64> {
    diagonal(cis(-a[0] / 2.0), cis(a[0] / 2.0))
}

fn r(a: &[f64]) -> Matrix2<C64> {
    let (sin, cos) = (a[0] / 2.0).sin_cos();
    Matrix2::new(
        c(cos, 0.0),
        -I * cis(-a[1]) * sin,
        -I * cis(a[1]) * sin,
        c(cos, 0.0),
    )
}

#[rustfmt::skip]
pub(super) const RECORDS: [Record; 21] = [
    Record {
        gate: Gate::GlobalPhase, name: "global_phase", aliases: &["gphase"], num_qubits: 0, angles: &["phase"],
        form: Form::Phase, inverse: Inverse::NegatedAngles, definition: None,
        doc: "Multiplies the state by exp(i phase); visible only under control.",
    },
    Record {
        gate: Gate::I, name: "id", aliases: &["i", "u0"], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::identity()), inverse: Inverse::Gate(Gate::I),
        definition: Some(|_| define(1, &[])),
        doc: "Does nothing.",
    },
    Record {
        gate: Gate::X, name: "x", aliases: &["not"], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::new(ZERO, ONE, ONE, ZERO)), inverse: Inverse::Gate(Gate::X),
        definition: Some(|_| define(1, &[(Gate::U, &[PI.into(), 0.0.into(), PI.into()], &[0])])),
        doc: "Pauli X: exchanges |0> and |1>.",
    },
    Record {
        gate: Gate::Y, name: "y", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::new(ZERO, -I, I, ZERO)), inverse: Inverse::Gate(Gate::Y),
        definition: Some(|_| define(1, &[(Gate::U, &[PI.into(), FRAC_PI_2.into(), FRAC_PI_2.into()], &[0])])),
        doc: "Pauli Y.",
    },
    Record {
        gate: Gate::Z, name: "z", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| diagonal(ONE, -ONE)), inverse: Inverse::Gate(Gate::Z),
        definition: Some(|_| define(1, &[(Gate::P, &[PI.into()], &[0])])),
        doc: "Pauli Z: the sign of |1>.",
    },
    Record {
        gate: Gate::H, name: "h", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::new(ONE, ONE, ONE, -ONE) * c(FRAC_1_SQRT_2, 0.0)), inverse: Inverse::Gate(Gate::H),
        definition: Some(|_| define(1, &[(Gate::U, &[FRAC_PI_2.into(), 0.0.into(), PI.into()], &[0])])),
        doc: "Hadamard: exchanges the X and Z axes.",
    },
    Record {
        gate: Gate::S, name: "s", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| diagonal(ONE, I)), inverse: Inverse::Gate(Gate::Sdg),
        definition: Some(|_| define(1, &[(Gate::P, &[FRAC_PI_2.into()], &[0])])),
        doc: "Square root of Z: diag(1, i).",
    },
    Record {
        gate: Gate::Sdg, name: "sdg", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| diagonal(ONE, -I)), inverse: Inverse::Gate(Gate::S),
        definition: Some(|_| define(1, &[(Gate::P, &[(-FRAC_PI_2).into()], &[0])])),
        doc: "Inverse of S.",
    },
    Record {
        gate: Gate::T, name: "t", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| diagonal(ONE, c(FRAC_1_SQRT_2, FRAC_1_SQRT_2))), inverse: Inverse::Gate(Gate::Tdg),
        definition: Some(|_| define(1, &[(Gate::P, &[FRAC_PI_4.into()], &[0])])),
        doc: "Fourth root of Z.",
    },
    Record {
        gate: Gate::Tdg, name: "tdg", aliases: &[], num_qubits: 1, angles: &[],
        form: Form::One(|_| diagonal(ONE, c(FRAC_1_SQRT_2, -FRAC_1_SQRT_2))), inverse: Inverse::Gate(Gate::T),
        definition: Some(|_| define(1, &[(Gate::P, &[(-FRAC_PI_4).into()], &[0])])),
        doc: "Inverse of T.",
    },
    Record {
        gate: Gate::SX, name: "sx", aliases: &["v"], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::new(c(0.5, 0.5), c(0.5, -0.5), c(0.5, -0.5), c(0.5, 0.5))), inverse: Inverse::Gate(Gate::SXdg),
        definition: Some(|_| define(1, &[(Gate::GlobalPhase, &[FRAC_PI_4.into()], &[]), (Gate::U, &[FRAC_PI_2.into(), (-FRAC_PI_2).into(), FRAC_PI_2.into()], &[0])])),
        doc: "Square root of X.",
    },
    Record {
        gate: Gate::SXdg, name: "sxdg", aliases: &["vdg"], num_qubits: 1, angles: &[],
        form: Form::One(|_| Matrix2::new(c(0.5, -0.5), c(0.5, 0.5), c(0.5, 0.5), c(0.5, -0.5))), inverse: Inverse::Gate(Gate::SX),
        definition: Some(|_| define(1, &[(Gate::GlobalPhase, &[(-FRAC_PI_4).into()], &[]), (Gate::U, &[(-FRAC_PI_2).into(), (-FRAC_PI_2).into(), FRAC_PI_2.into()], &[0])])),
        doc: "Inverse of SX.",
    },
    Record {
        gate: Gate::P, name: "p", aliases: &["phase"], num_qubits: 1, angles: &["lambda"],
        form: Form::One(p), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(1, &[(Gate::U, &[0.0.into(), 0.0.into(), a[0].clone()], &[0])])),
        doc: "Phase: diag(1, exp(i lambda)).",
    },
    Record {
        gate: Gate::RX, name: "rx", aliases: &[], num_qubits: 1, angles: &["theta"],
        form: Form::One(rx), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(1, &[(Gate::U, &[a[0].clone(), (-FRAC_PI_2).into(), FRAC_PI_2.into()], &[0])])),
        doc: "Rotation about X: exp(-i theta X / 2).",
    },
    Record {
        gate: Gate::RY, name: "ry", aliases: &[], num_qubits: 1, angles: &["theta"],
        form: Form::One(ry), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(1, &[(Gate::U, &[a[0].clone(), 0.0.into(), 0.0.into()], &[0])])),
        doc: "Rotation about Y: exp(-i theta Y / 2).",
    },
    Record {
        gate: Gate::RZ, name: "rz", aliases: &[], num_qubits: 1, angles: &["lambda"],
        form: Form::One(rz), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(1, &[(Gate::GlobalPhase, &[a[0].clone() * -0.5], &[]), (Gate::P, &[a[0].clone()], &[0])])),
        doc: "Rotation about Z: exp(-i lambda Z / 2).",
    },
    Record {
        gate: Gate::R, name: "r", aliases: &["prx"], num_qubits: 1, angles: &["theta", "phi"],
        form: Form::One(r), inverse: Inverse::Of(|a| (Gate::R, vec![-a[0].clone(), a[1].clone()])),
        definition: Some(|a| define(1, &[(Gate::U, &[a[0].clone(), a[1].clone() - FRAC_PI_2.into(), Angle::from(FRAC_PI_2) - a[1].clone()], &[0])])),
        doc: "Rotation by theta about cos(phi) X + sin(phi) Y.",
    },
    Record {
        gate: Gate::U, name: "u", aliases: &["U"], num_qubits: 1, angles: &["theta", "phi", "lambda"],
        form: Form::One(u), inverse: Inverse::Of(|a| (Gate::U, vec![-a[0].clone(), -a[2].clone(), -a[1].clone()])),
        definition: None,
        doc: "The general one-qubit gate, P(phi) RY(theta) P(lambda).",
    },
    Record {
        gate: Gate::U1, name: "u1", aliases: &[], num_qubits: 1, angles: &["lambda"],
        form: Form::One(p), inverse: Inverse::NegatedAngles,
        definition: Some(|a| define(1, &[(Gate::P, &[a[0].clone()], &[0])])),
        doc: "The same as P.",
    },
    Record {
        gate: Gate::U2, name: "u2", aliases: &[], num_qubits: 1, angles: &["phi", "lambda"],
        form: Form::One(u2), inverse: Inverse::Of(|a| (Gate::U2, vec![-a[1].clone() - PI.into(), -a[0].clone() + PI.into()])),
        definition: Some(|a| define(1, &[(Gate::U, &[FRAC_PI_2.into(), a[0].clone(), a[1].clone()], &[0])])),
        doc: "U with theta = pi/2.",
    },
    Record {
        gate: Gate::U3, name: "u3", aliases: &[], num_qubits: 1, angles: &["theta", "phi", "lambda"],
        form: Form::One(u), inverse: Inverse::Of(|a| (Gate::U3, vec![-a[0].clone(), -a[2].clone(), -a[1].clone()])),
        definition: Some(|a| define(1, &[(Gate::U, a, &[0])])),
        doc: "The same as U.",
    },
];
