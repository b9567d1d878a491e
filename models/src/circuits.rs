//! Trotter circuits of the Fermi-Hubbard model.
//!
//! [`trotter_circuit`] is the textbook one: any formula, lattice and order of the qubits, with
//! strings of cz where a hop passes over other modes. [`mirrored_line_circuit`] is made for a line
//! of qubits: no strings, no gate between distant qubits, and the fewest two-qubit gates for its
//! formula.
//!
//! Both follow the layers of [`Formula`](crate::Formula), so the exact references of
//! [`exact`](crate::exact) tell what they must give.

mod line;
mod plain;
mod writer;

pub use line::mirrored_line_circuit;
pub use plain::trotter_circuit;

use ardea_circuit::Circuit;

use crate::mode::ModeMap;
use crate::occupation::Occupation;

/// A Trotter circuit and where it keeps the modes.
#[derive(Debug, Clone)]
pub struct TrotterCircuit {
    /// The circuit, one qubit for each mode.
    pub circuit: Circuit,
    /// Which qubit holds which mode before the first gate.
    pub initial: ModeMap,
    /// Which qubit holds which mode after the last gate.
    pub last: ModeMap,
}

/// What a Trotter circuit holds besides the evolution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CircuitOptions {
    /// The state in which the evolution starts.
    pub start: Start,
    /// What follows the evolution.
    pub readout: Readout,
    /// The gates in which hops and interactions are written.
    pub style: GateStyle,
}

/// The state in which the evolution starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    /// Whatever the qubits hold: the circuit is the bare evolution.
    #[default]
    Unprepared,
    /// A product state, prepared from |0...0> by x gates.
    Prepared(Occupation),
    /// A product state, used to shorten the first gates: as long as a qubit is certainly 0 or 1,
    /// gates on it need fewer cz or none. The action on |0...0> is that of [`Start::Prepared`]; on
    /// other states it is not.
    Simplified(Occupation),
}

impl Start {
    fn occupation(&self) -> Option<&Occupation> {
        match self {
            Self::Unprepared => None,
            Self::Prepared(occupation) | Self::Simplified(occupation) => Some(occupation),
        }
    }
}

/// What follows the evolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readout {
    /// Nothing.
    #[default]
    None,
    /// Every mode is measured into the classical registers `up` and `down`, at the index of its
    /// site.
    Measured,
}

/// The gates in which hops and interactions are written; the unitary is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GateStyle {
    /// One gate for each term: xx_plus_yy for a hop, cp for an interaction.
    #[default]
    Terms,
    /// Pauli rotations: rxx and ryy for a hop, rz and rzz for an interaction.
    Paulis,
}

#[cfg(test)]
mod tests;
