//! The Paulis that a two-qubit gate can be dressed with.
//!
//! Before the gate G stands a pair of Paulis P, behind it the pair that undoes it, P' = ± G P G†, so that P' G P = ± G.
//! For a Clifford gate (`cz`, `cx`, `ecr`, `rzz` by a quarter turn) all 16 pairs will do. For `rzz` by any other angle
//! only the eight that commute with ZZ do: the others turn it into `rzz` by the opposite angle. A device that takes
//! angles of both signs could run that one instead, but Heron's `rzz` takes angles from 0 to pi/2 only, and to reach a
//! negative one it wraps the gate in X on one qubit, which is the same pair over again: nothing would be gained.
//!
//! Members are found by multiplying matrices, so no gate is listed here. Twirled over all 16 pairs the error of a gate
//! becomes a Pauli channel (Bennett et al. 1996, quant-ph/9604024; Wallman and Emerson 2016, arXiv:1512.01098). Over the
//! eight pairs of `rzz`, whose only common partners are II and ZZ, an over-rotation about ZZ itself stays coherent.

use ardea_circuit::C64;
use ardea_circuit::matrix::kron2;
use nalgebra::{Matrix2, Matrix4};

/// How far a product may lie from the identity or its negative.
const TOLERANCE: f64 = 1e-9;

/// Single-qubit Paulis as indices 0 to 3: I, X, Y, Z.
pub(super) type Index = u8;

/// A pair of Paulis before a gate, and what undoes it behind the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// On the gate's first and second qubit.
    pub(super) before: [Index; 2],
    pub(super) after: [Index; 2],
    /// Whether the product is minus the gate.
    pub(super) is_negative: bool,
}

/// The members for a gate, the identity first; more than one for every gate that can be twirled at all.
pub(super) fn members(gate: &Matrix4<C64>) -> Vec<Member> {
    let pairs = || (0..16u8).map(|k| [k & 3, k >> 2]);
    let mut out = Vec::new();
    for before in pairs() {
        let moved = gate * pair(before) * gate.adjoint();
        for after in pairs() {
            let overlap = (pair(after) * moved).trace() / 4.0;
            // The overlap alone is blind to small differences: it is quadratic in them.
            let sign = C64::from(overlap.re.signum());
            if (pair(after) * moved - Matrix4::identity() * sign).norm() < TOLERANCE {
                out.push(Member {
                    before,
                    after,
                    is_negative: overlap.re < 0.0,
                });
            }
        }
    }
    out
}

/// The matrix of a Pauli by its index.
pub(super) fn pauli(index: Index) -> Matrix2<C64> {
    let (zero, one, i) = (C64::ZERO, C64::ONE, C64::I);
    match index {
        0 => Matrix2::new(one, zero, zero, one),
        1 => Matrix2::new(zero, one, one, zero),
        2 => Matrix2::new(zero, -i, i, zero),
        _ => Matrix2::new(one, zero, zero, -one),
    }
}

fn pair(indices: [Index; 2]) -> Matrix4<C64> {
    kron2(&pauli(indices[1]), &pauli(indices[0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::Gate;

    #[test]
    fn clifford_gates_have_sixteen_members_and_rzz_eight() {
        let count = |gate: Gate, angles: &[f64]| members(&gate.matrix2(angles).unwrap()).len();
        for gate in [Gate::CZ, Gate::CX, Gate::ECR, Gate::ISwap] {
            assert_eq!(count(gate, &[]), 16, "{gate}");
        }
        assert_eq!(count(Gate::RZZ, &[0.3]), 8);
        // A small angle is an angle all the same.
        assert_eq!(count(Gate::RZZ, &[1e-5]), 8);
        assert_eq!(count(Gate::RZZ, &[std::f64::consts::FRAC_PI_2]), 16);
    }

    #[test]
    fn every_member_gives_the_gate_back() {
        for gate in [
            Gate::CZ.matrix2(&[]).unwrap(),
            Gate::ECR.matrix2(&[]).unwrap(),
            Gate::RZZ.matrix2(&[0.7]).unwrap(),
        ] {
            for member in members(&gate) {
                let sign = if member.is_negative { -1.0 } else { 1.0 };
                let product = pair(member.after) * gate * pair(member.before) * C64::from(sign);
                assert!((product - gate).norm() < 1e-12, "{member:?}");
            }
        }
    }
}
