//! A run of gates on at most 64 qubits as rotations followed by one Clifford.

use std::f64::consts::FRAC_PI_4;

use ardea_circuit::{Angle, Instruction, Pauli, Qubit};
use rustc_hash::FxHashMap;

use super::amplitude::Amplitude;
use super::narrow::Narrow;
use super::row::{Frame, Row};
use super::turns::{Kind, turns_of, wrapped};

/// The most rotations that a run is written anew with: what is done with them takes more than linear time.
const MAX_ROTATIONS: usize = 8_000;

/// How many rotations back an equal one may be.
const WINDOW: usize = 2048;

/// After so many rounds of merging the rest is left: each round but the last turned rotations into Clifford gates.
const MAX_ROUNDS: usize = 32;

/// `exp(-i angle/2 P)`; the sign of the operator is in the angle.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    pub(super) axis: Narrow,
    pub(super) angle: Angle,
}

/// Rotations, the first to act first, and the Clifford after them.
pub(super) struct Program {
    pub(super) num_qubits: usize,
    pub(super) rotations: Vec<Rotation>,
    /// For the Clifford `C`: `C^-1 X C` and `C^-1 Z C` for each qubit in turn.
    pub(super) rows: Vec<Narrow>,
    /// What C|0...0> is, for its phase.
    pub(super) state: Amplitude,
    pub(super) phase: Angle,
}

impl Program {
    /// The program of gates on one and two qubits; `local` numbers the qubits that they act on.
    ///
    /// None when a gate has neither matrix nor definition, or there are very many rotations.
    pub(super) fn of(
        instructions: &[Instruction],
        num_qubits: usize,
        local: impl Fn(Qubit) -> usize,
    ) -> Option<Self> {
        let mut frame = Frame::new(num_qubits);
        let mut rotations = Vec::new();
        let mut cliffords = Vec::new();
        let mut phase = Angle::ZERO;
        for instruction in instructions {
            let turns = turns_of(&instruction.operation)?;
            let qubits = instruction.qubits.map(|q| Qubit::new(local(q)));
            phase = phase + turns.phase;
            for turn in turns.turns {
                let paulis = &turn.paulis[..qubits.len()];
                match Kind::of(&turn.angle) {
                    Kind::Clifford {
                        quarters,
                        phase: sign,
                    } => {
                        phase = phase + sign.into();
                        frame.append_turn(paulis, &qubits, quarters);
                        cliffords.push((product(paulis, &qubits), quarters));
                    }
                    Kind::Rotation if rotations.len() == MAX_ROTATIONS => return None,
                    Kind::Rotation => {
                        rotations.push((frame.image(paulis, &qubits), turn.angle));
                    }
                }
            }
        }
        let mut merging = Merging {
            frame,
            rotations,
            prepended: Vec::new(),
            phase,
        };
        for _ in 0..MAX_ROUNDS {
            if !merging.round() {
                break;
            }
        }
        Some(merging.finish(num_qubits, &cliffords))
    }
}

/// The tensor product of the Paulis on the qubits.
fn product(paulis: &[Pauli], qubits: &[Qubit]) -> Narrow {
    let mut out = Narrow::IDENTITY;
    for (&pauli, qubit) in paulis.iter().zip(qubits) {
        out.multiply(&Narrow::single(qubit.index(), pauli));
    }
    out
}

struct Merging {
    frame: Frame,
    rotations: Vec<(Row, Angle)>,
    /// Quarter turns put before the Clifford part, the last to act first.
    prepended: Vec<(Row, u8)>,
    phase: Angle,
}

impl Merging {
    /// Merges equal rotations, then moves those that became quarter turns to the end; says whether there were any.
    fn round(&mut self) -> bool {
        let mut merged: Vec<(Row, Angle)> = Vec::with_capacity(self.rotations.len());
        let mut latest: FxHashMap<Vec<u64>, usize> = FxHashMap::default();
        for (row, angle) in self.rotations.drain(..) {
            let partner = latest.get(row.bits()).copied().filter(|&place| {
                merged.len() - place <= WINDOW
                    && merged[place + 1..]
                        .iter()
                        .all(|(other, _)| !other.anticommutes(&row))
            });
            match partner {
                Some(place) => {
                    let sign = if merged[place].0.is_negative() == row.is_negative() {
                        1.0
                    } else {
                        -1.0
                    };
                    let (sum, phase) = wrapped(merged[place].1.clone() + angle * sign);
                    merged[place].1 = sum;
                    self.phase = self.phase.clone() + phase.into();
                }
                None => {
                    latest.insert(row.bits().to_vec(), merged.len());
                    merged.push((row, angle));
                }
            }
        }
        self.push_cliffords(merged)
    }

    fn push_cliffords(&mut self, mut merged: Vec<(Row, Angle)>) -> bool {
        let mut any = false;
        for place in 0..merged.len() {
            let Kind::Clifford { quarters, phase } = Kind::of(&merged[place].1) else {
                continue;
            };
            any = true;
            self.phase = self.phase.clone() + phase.into();
            let (before, after) = merged.split_at_mut(place + 1);
            let axis = &before[place].0;
            if quarters != 0 {
                for (row, _) in after {
                    row.conjugate_by_turn(axis, quarters);
                }
                self.frame.prepend_turn(axis, quarters);
                self.prepended.push((axis.clone(), quarters));
            }
        }
        merged.retain(|(_, angle)| Kind::of(angle) == Kind::Rotation);
        self.rotations = merged;
        any
    }

    fn finish(self, num_qubits: usize, cliffords: &[(Narrow, u8)]) -> Program {
        let mut state = Amplitude::zero(num_qubits);
        for (row, quarters) in self.prepended.iter().rev() {
            state.turn(&Narrow::of(row), *quarters);
        }
        for (axis, quarters) in cliffords {
            state.turn(axis, *quarters);
        }
        let rotations = self.rotations.into_iter().map(|(row, angle)| Rotation {
            angle: if row.is_negative() { -angle } else { angle },
            axis: Narrow::hermitian(row.narrow().0, row.narrow().1, false),
        });
        Program {
            num_qubits,
            rotations: rotations.collect(),
            rows: self.frame.rows().iter().map(Narrow::of).collect(),
            state,
            phase: self.phase,
        }
    }
}

/// Eighths of a turn as an angle.
pub(super) fn eighths(count: u8) -> f64 {
    f64::from(count) * FRAC_PI_4
}
