//! The unitary steps that a circuit is read as.

use std::sync::Arc;

use ardea_circuit::{C64, Gate, Operation};
use nalgebra::{DMatrix, Matrix2};
use smallvec::SmallVec;

use crate::pauli::Letter;

/// One unitary step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Any gate on one wire.
    One(usize, Matrix2<C64>),
    /// Controlled X: control, target.
    Cx(usize, usize),
    /// Controlled Z.
    Cz(usize, usize),
    /// Exchange.
    Swap(usize, usize),
    /// `exp(-i angle/2 P Q)` for a letter on each wire.
    Rotation([Letter; 2], [usize; 2], f64),
    /// A matrix on two to ten wires, the first the least significant.
    Dense(Arc<DMatrix<C64>>, SmallVec<[usize; 4]>),
}

impl Step {
    /// The wires it acts on.
    pub(crate) fn wires(&self) -> SmallVec<[usize; 4]> {
        match self {
            Self::One(a, _) => SmallVec::from_slice(&[*a]),
            Self::Cx(a, b) | Self::Cz(a, b) | Self::Swap(a, b) => SmallVec::from_slice(&[*a, *b]),
            Self::Rotation(_, wires, _) => SmallVec::from_slice(wires),
            Self::Dense(_, wires) => wires.clone(),
        }
    }

    /// The step as an operation on its wires.
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::One(_, matrix) => unitary(DMatrix::from_iterator(2, 2, matrix.iter().copied())),
            Self::Cx(..) => Operation::Gate(Gate::CX),
            Self::Cz(..) => Operation::Gate(Gate::CZ),
            Self::Swap(..) => Operation::Gate(Gate::Swap),
            Self::Rotation([Letter::X, Letter::X], _, angle) => {
                Operation::Rotation(Gate::RXX, *angle)
            }
            Self::Rotation([Letter::Y, Letter::Y], _, angle) => {
                Operation::Rotation(Gate::RYY, *angle)
            }
            Self::Rotation([Letter::Z, Letter::X], _, angle) => {
                Operation::Rotation(Gate::RZX, *angle)
            }
            Self::Rotation(_, _, angle) => Operation::Rotation(Gate::RZZ, *angle),
            Self::Dense(matrix, _) => unitary(matrix.as_ref().clone()),
        }
    }

    /// The step's matrix on its wires, the first the least significant.
    pub(crate) fn matrix(&self) -> DMatrix<C64> {
        match self {
            Self::Dense(matrix, _) => matrix.as_ref().clone(),
            Self::One(_, matrix) => DMatrix::from_iterator(2, 2, matrix.iter().copied()),
            step => step
                .operation()
                .matrix()
                .expect("standard gates with numbers have matrices"),
        }
    }
}

/// The operation of a matrix that was a gate's; a product of many may have drifted a little from unitarity.
fn unitary(matrix: DMatrix<C64>) -> Operation {
    Operation::unitary(matrix.clone()).unwrap_or_else(|_| {
        let svd = matrix.svd(true, true);
        let nearest = svd.u.zip(svd.v_t).map(|(u, v)| u * v);
        nearest
            .and_then(|matrix| Operation::unitary(matrix).ok())
            .unwrap_or(Operation::Barrier)
    })
}

/// The step of a gate that has one.
pub(super) fn named(operation: &Operation, wires: &[usize]) -> Option<Step> {
    let (gate, angles) = operation.standard()?;
    let &[a, b] = wires else { return None };
    let rotation = |first, second| {
        let angle = angles.values()?[0];
        Some(Step::Rotation([first, second], [a, b], angle))
    };
    match gate {
        Gate::CX => Some(Step::Cx(a, b)),
        Gate::CZ => Some(Step::Cz(a, b)),
        Gate::Swap => Some(Step::Swap(a, b)),
        Gate::RXX => rotation(Letter::X, Letter::X),
        Gate::RYY => rotation(Letter::Y, Letter::Y),
        Gate::RZZ => rotation(Letter::Z, Letter::Z),
        Gate::RZX => rotation(Letter::Z, Letter::X),
        _ => None,
    }
}
