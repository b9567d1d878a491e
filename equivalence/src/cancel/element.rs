//! What stands between the seam and the Clifford part: rotations, and matrices on a few virtual qubits.

use ardea_circuit::C64;
use nalgebra::DMatrix;

use crate::pauli::Pauli;
use crate::rotations::Rotation;

/// A matrix on virtual qubits, which are pairs of strings that take the part of X and Z.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) pairs: Vec<[Pauli; 2]>,
    pub(super) matrix: DMatrix<C64>,
}

/// One operation of a side.
#[derive(Clone, Debug)]
pub(super) enum Element {
    Rotation(Rotation),
    Block(Block),
}

impl Element {
    /// The rotation, if it is one.
    pub(super) fn rotation(&self) -> Option<&Rotation> {
        match self {
            Self::Rotation(rotation) => Some(rotation),
            Self::Block(_) => None,
        }
    }

    /// Strings that generate the algebra it belongs to.
    pub(super) fn strings(&self) -> impl Iterator<Item = &Pauli> + Clone {
        let (one, many) = match self {
            Self::Rotation(rotation) => (Some(&rotation.pauli), &[][..]),
            Self::Block(block) => (None, &block.pairs[..]),
        };
        one.into_iter().chain(many.iter().flatten())
    }

    /// Whether it commutes with the string and with all that is made of it.
    pub(super) fn commutes(&self, pauli: &Pauli) -> bool {
        self.strings().all(|own| own.commutes(pauli))
    }

    /// Whether some of its strings does not commute with some of the other's.
    pub(super) fn crosses(&self, other: &Self) -> bool {
        other.strings().any(|pauli| !self.commutes(pauli))
    }

    /// How many rotations it stands for.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Rotation(_) => 1,
            Self::Block(block) => block.matrix.len() - 1,
        }
    }

    /// Changes every string by a Clifford operation.
    pub(super) fn conjugate(&mut self, change: impl Fn(&mut Pauli)) {
        match self {
            Self::Rotation(rotation) => {
                change(&mut rotation.pauli);
                make_positive(rotation);
            }
            Self::Block(block) => block.pairs.iter_mut().flatten().for_each(change),
        }
    }
}

/// A rotation about a string with a plus sign.
pub(super) fn positive(pauli: Pauli, angle: f64) -> Rotation {
    let mut rotation = Rotation { pauli, angle };
    make_positive(&mut rotation);
    rotation
}

fn make_positive(rotation: &mut Rotation) {
    if rotation.pauli.is_negative() {
        rotation.pauli.turn(2);
        rotation.angle = -rotation.angle;
    }
}
