//! Pauli strings over the columns that both circuits share, and the letters of their rotations.

pub(crate) use ardea_circuit::pauli::PhasedPauli as Pauli;

/// One Pauli letter of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    X,
    Y,
    Z,
}
