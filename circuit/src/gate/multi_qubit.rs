//! The gates on three qubits and more.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::Gate;
use super::definitions::{define, multi_controlled_phase};
use super::record::{Form, Inverse, Record};
use crate::{Angle, Circuit};

/// A multi-controlled power of X: the phase between two Hadamards on the target, the last qubit.
fn phase_as_x(lambda: f64, num_qubits: usize) -> Circuit {
    let target = num_qubits - 1;
    let mut circuit = define(num_qubits, &[(Gate::H, &[], &[target])]);
    circuit.extend(&multi_controlled_phase(&lambda.into(), num_qubits));
    circuit.extend(&define(num_qubits, &[(Gate::H, &[], &[target])]));
    circuit
}

/// The Toffoli gate up to relative phases, as a run on the last qubit: P(+-pi/4) between CX.
fn relative_phase(num_qubits: usize, steps: &[(f64, Option<usize>)]) -> Circuit {
    let target = num_qubits - 1;
    let mut circuit = define(num_qubits, &[]);
    for &(angle, control) in steps {
        if angle != 0.0 {
            circuit.extend(&define(
                num_qubits,
                &[(Gate::P, &[Angle::from(angle)], &[target])],
            ));
        }
        let step = match control {
            Some(control) => define(num_qubits, &[(Gate::CX, &[], &[control, target])]),
            None => define(num_qubits, &[(Gate::H, &[], &[target])]),
        };
        circuit.extend(&step);
    }
    circuit
}

const Q: f64 = FRAC_PI_4;

#[rustfmt::skip]
pub(super) const RECORDS: [Record; 8] = [
    Record {
        gate: Gate::CCX, name: "ccx", aliases: &["toffoli"], num_qubits: 3, angles: &[],
        form: Form::Controlled(2, Gate::X), inverse: Inverse::Gate(Gate::CCX),
        definition: Some(|_| phase_as_x(PI, 3)),
        doc: "Toffoli: X controlled by two qubits.",
    },
    Record {
        gate: Gate::CCZ, name: "ccz", aliases: &[], num_qubits: 3, angles: &[],
        form: Form::Controlled(2, Gate::Z), inverse: Inverse::Gate(Gate::CCZ),
        definition: Some(|_| multi_controlled_phase(&PI.into(), 3)),
        doc: "The sign of |111>.",
    },
    Record {
        gate: Gate::CSwap, name: "cswap", aliases: &["fredkin"], num_qubits: 3, angles: &[],
        form: Form::Controlled(1, Gate::Swap), inverse: Inverse::Gate(Gate::CSwap),
        definition: Some(|_| define(3, &[(Gate::CX, &[], &[2, 1]), (Gate::CCX, &[], &[0, 1, 2]), (Gate::CX, &[], &[2, 1])])),
        doc: "Fredkin: a swap controlled by the first qubit.",
    },
    Record {
        gate: Gate::RCCX, name: "rccx", aliases: &["margolus"], num_qubits: 3, angles: &[],
        form: Form::Defined, inverse: Inverse::Gate(Gate::RCCX),
        definition: Some(|_| relative_phase(3, &[(0.0, None), (Q, Some(1)), (-Q, Some(0)), (Q, Some(1)), (-Q, None)])),
        doc: "Toffoli up to relative phases (Margolus; Maslov, 2016, arXiv:1508.03273).",
    },
    Record {
        gate: Gate::C3X, name: "c3x", aliases: &[], num_qubits: 4, angles: &[],
        form: Form::Controlled(3, Gate::X), inverse: Inverse::Gate(Gate::C3X),
        definition: Some(|_| phase_as_x(PI, 4)),
        doc: "X controlled by three qubits.",
    },
    Record {
        gate: Gate::C3SX, name: "c3sx", aliases: &["c3sqrtx"], num_qubits: 4, angles: &[],
        form: Form::Controlled(3, Gate::SX), inverse: Inverse::Unnamed,
        definition: Some(|_| phase_as_x(FRAC_PI_2, 4)),
        doc: "SX controlled by three qubits.",
    },
    Record {
        gate: Gate::RC3X, name: "rcccx", aliases: &["rc3x"], num_qubits: 4, angles: &[],
        form: Form::Defined, inverse: Inverse::Unnamed,
        definition: Some(|_| relative_phase(4, &[
            (0.0, None), (Q, Some(2)), (-Q, None), (0.0, Some(0)), (Q, Some(1)), (-Q, Some(0)), (Q, Some(1)),
            (-Q, None), (Q, Some(2)), (-Q, None),
        ])),
        doc: "X controlled by three qubits, up to relative phases (Maslov, 2016, arXiv:1508.03273).",
    },
    Record {
        gate: Gate::C4X, name: "c4x", aliases: &[], num_qubits: 5, angles: &[],
        form: Form::Controlled(4, Gate::X), inverse: Inverse::Gate(Gate::C4X),
        definition: Some(|_| phase_as_x(PI, 5)),
        doc: "X controlled by four qubits.",
    },
];
