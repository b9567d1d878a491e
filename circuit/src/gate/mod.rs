//! The standard gates: a fieldless enum with one record per gate.
//!
//! A record holds what cannot be computed: names, arity, the matrix (or the base gate and its
//! number of controls), the inverse, the definition, one line of documentation. Whether a gate is
//! diagonal, self-inverse or Clifford is worked out from its matrix. To add a gate, add its name to
//! [`Gate`] and its record to the table of its family at the same place in the order.

mod definitions;
mod multi_qubit;
mod one_qubit;
mod properties;
mod record;
mod two_qubit;

use nalgebra::{DMatrix, Matrix2, Matrix4};
use smallvec::SmallVec;

use crate::matrix::{C64, cis, controlled_matrix, controlled_matrix1};
use crate::{Angle, Circuit};
pub(crate) use definitions::multi_controlled_phase;
use record::{Form, Inverse, Record};

/// A standard gate, named as in Qiskit's circuit library; angles in radians with Qiskit's signs.
///
/// Controlled gates list their controls first. Angles are not part of the gate: they travel beside
/// it, in the order of [`Gate::angle_names`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "each gate is documented by its record: see Gate::doc")]
#[rustfmt::skip]
pub enum Gate {
    GlobalPhase,
    I, X, Y, Z, H, S, Sdg, T, Tdg, SX, SXdg, P, RX, RY, RZ, R, U, U1, U2, U3,
    CX, CY, CZ, CH, CS, CSdg, CSX, CP, CRX, CRY, CRZ, CU, CU1, CU3,
    Swap, ISwap, DCX, ECR, RXX, RYY, RZZ, RZX, XXMinusYY, XXPlusYY,
    CCX, CCZ, CSwap, RCCX, C3X, C3SX, RC3X, C4X,
}

impl Gate {
    /// Every standard gate, in the order of the enum.
    pub const ALL: [Gate; 53] = {
        use Gate::*;
        [
            GlobalPhase,
            I,
            X,
            Y,
            Z,
            H,
            S,
            Sdg,
            T,
            Tdg,
            SX,
            SXdg,
            P,
            RX,
            RY,
            RZ,
            R,
            U,
            U1,
            U2,
            U3,
            CX,
            CY,
            CZ,
            CH,
            CS,
            CSdg,
            CSX,
            CP,
            CRX,
            CRY,
            CRZ,
            CU,
            CU1,
            CU3,
            Swap,
            ISwap,
            DCX,
            ECR,
            RXX,
            RYY,
            RZZ,
            RZX,
            XXMinusYY,
            XXPlusYY,
            CCX,
            CCZ,
            CSwap,
            RCCX,
            C3X,
            C3SX,
            RC3X,
            C4X,
        ]
    };

    /// The gate's name in Qiskit and OpenQASM, for instance `cx`.
    pub fn name(self) -> &'static str {
        self.record().name
    }

    /// Other names by which readers know the gate.
    pub fn aliases(self) -> &'static [&'static str] {
        self.record().aliases
    }

    /// One line on what the gate does.
    pub fn doc(self) -> &'static str {
        self.record().doc
    }

    /// The gate with this name or alias.
    pub fn from_name(name: &str) -> Option<Self> {
        use std::sync::OnceLock;
        static BY_NAME: OnceLock<rustc_hash::FxHashMap<&'static str, Gate>> = OnceLock::new();
        let table = BY_NAME.get_or_init(|| {
            let names = |gate: Gate| {
                gate.aliases()
                    .iter()
                    .copied()
                    .chain([gate.name()])
                    .map(move |name| (name, gate))
            };
            Gate::ALL.into_iter().flat_map(names).collect()
        });
        table.get(name).copied()
    }

    /// How many qubits the gate acts on.
    #[inline]
    pub fn num_qubits(self) -> usize {
        self.record().num_qubits
    }

    /// How many angles the gate takes.
    #[inline]
    pub fn num_angles(self) -> usize {
        self.record().angles.len()
    }

    /// The names of the gate's angles, in order.
    pub fn angle_names(self) -> &'static [&'static str] {
        self.record().angles
    }

    /// The number of control qubits and the gate they control, when the gate is a controlled one.
    pub fn controls(self) -> Option<(usize, Gate)> {
        match self.record().form {
            Form::Controlled(count, base) => Some((count, base)),
            _ => None,
        }
    }

    /// The gate that applies this one under `count` more controls, if it has a name.
    pub fn with_controls(self, count: usize) -> Option<Gate> {
        let (inner, base) = self.controls().unwrap_or((0, self));
        Self::ALL
            .into_iter()
            .find(|gate| gate.controls() == Some((inner + count, base)))
    }

    /// The matrix for `angles` (radians); the first qubit is the least significant index bit.
    ///
    /// # Panics
    /// When `angles` has fewer than [`Gate::num_angles`] entries.
    pub fn matrix(self, angles: &[f64]) -> DMatrix<C64> {
        match self.record().form {
            Form::Phase => DMatrix::from_element(1, 1, cis(angles[0])),
            Form::One(matrix) => DMatrix::from_iterator(2, 2, matrix(angles).iter().copied()),
            Form::Two(matrix) => DMatrix::from_iterator(4, 4, matrix(angles).iter().copied()),
            Form::Controlled(count, base) => {
                controlled_matrix(&base.matrix(angles), &vec![true; count])
            }
            Form::Defined => self
                .definition(&angles.iter().map(|&a| Angle::Value(a)).collect::<Vec<_>>())
                .and_then(|circuit| circuit.to_matrix().ok())
                .expect("every gate without a matrix of its own has a numeric definition"),
        }
    }

    /// The matrix of a one-qubit gate, without a heap allocation.
    pub fn matrix1(self, angles: &[f64]) -> Option<Matrix2<C64>> {
        match self.record().form {
            Form::One(matrix) => Some(matrix(angles)),
            _ => None,
        }
    }

    /// The matrix of a two-qubit gate, without a heap allocation.
    pub fn matrix2(self, angles: &[f64]) -> Option<Matrix4<C64>> {
        match self.record().form {
            Form::Two(matrix) => Some(matrix(angles)),
            Form::Controlled(1, base) => base.matrix1(angles).map(|base| controlled_matrix1(&base)),
            _ => None,
        }
    }

    /// The inverse as a standard gate on the same qubits, where there is one.
    pub fn inverse(self, angles: &[Angle]) -> Option<(Gate, SmallVec<[Angle; 4]>)> {
        match self.record().inverse {
            Inverse::Gate(gate) => Some((gate, angles.iter().cloned().collect())),
            Inverse::NegatedAngles => {
                Some((self, angles.iter().map(|angle| -angle.clone()).collect()))
            }
            Inverse::Of(inverse) => {
                let (gate, angles) = inverse(angles);
                Some((gate, angles.into()))
            }
            Inverse::Unnamed => None,
        }
    }

    /// The gate in terms of simpler ones, exact including the global phase. Following definitions
    /// ends at `U`, `CX` and the global phase, which have none.
    pub fn definition(self, angles: &[Angle]) -> Option<Circuit> {
        self.record().definition.map(|define| define(angles))
    }

    fn record(self) -> &'static Record {
        let place = self as usize;
        let (ones, twos) = (one_qubit::RECORDS.len(), two_qubit::RECORDS.len());
        let record = if place < ones {
            &one_qubit::RECORDS[place]
        } else if place < ones + twos {
            &two_qubit::RECORDS[place - ones]
        } else {
            &multi_qubit::RECORDS[place - ones - twos]
        };
        debug_assert_eq!(record.gate, self, "the tables keep the order of the enum");
        record
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
