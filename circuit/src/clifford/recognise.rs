//! Which operations are Clifford gates, and what they are in elementary ones.

use std::f64::consts::FRAC_PI_2;
use std::sync::OnceLock;

use nalgebra::DMatrix;
use smallvec::{SmallVec, smallvec};

use super::{CliffordGate, Tableau};
use crate::matrix::{apply_to_rows, c};
use crate::{C64, Gate, Operation};

/// The widest operation that is recognised by its matrix.
const MAX_QUBITS: usize = 4;

/// No entry of the operator differs from the Clifford operator's by more.
const TOLERANCE: f64 = 1e-10;

/// A Clifford operation in elementary gates on qubits `0..k`, exact with its phase.
#[derive(Clone, PartialEq, Debug)]
pub struct CliffordForm {
    gates: SmallVec<[CliffordGate; 2]>,
    phase: f64,
}

impl CliffordForm {
    /// The form of `operation`; none when it is not a Clifford gate with numeric angles on at most four qubits.
    ///
    /// Rotations count when no entry of their matrix is further than 1e-10 from a Clifford operator's.
    #[must_use]
    pub fn of(operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Gate(gate) => of_fixed(*gate).clone(),
            Operation::Rotation(Gate::RZ, angle) => quarter_turns(*angle, CliffordGate::S, -0.5),
            Operation::Rotation(Gate::P | Gate::U1, angle) => {
                quarter_turns(*angle, CliffordGate::S, 0.0)
            }
            Operation::Rotation(Gate::RX, angle) => quarter_turns(*angle, CliffordGate::SX, -0.5),
            _ => {
                let is_narrow = operation.num_qubits().is_some_and(|n| n <= MAX_QUBITS);
                if !is_narrow || !operation.is_unitary() {
                    return None;
                }
                if let Some(matrix) = operation.matrix1() {
                    // Seen without building anything, for the many turns that are not Clifford.
                    matrix
                        .iter()
                        .all(|&entry| is_possible(entry))
                        .then_some(())?;
                }
                of_matrix(&operation.matrix().ok()?)
            }
        }
    }

    /// Whether `operation` is recognised.
    #[must_use]
    pub fn is_clifford(operation: &Operation) -> bool {
        match operation {
            Operation::Gate(gate) => of_fixed(*gate).is_some(),
            _ => Self::of(operation).is_some(),
        }
    }

    /// The elementary gates, first to last.
    #[must_use]
    pub fn gates(&self) -> &[CliffordGate] {
        &self.gates
    }

    /// The phase in radians by which the operation differs from its gates.
    #[must_use]
    pub fn phase(&self) -> f64 {
        self.phase
    }
}

/// A turn by `angle` as that many quarter turns; `share` of the angle is a global phase.
///
/// A full turn of the half-angle rotations is -1, which that phase tells too.
fn quarter_turns(
    angle: f64,
    quarter: fn(usize) -> CliffordGate,
    share: f64,
) -> Option<CliffordForm> {
    let turns = (angle / FRAC_PI_2).round();
    // The difference is the angle of a small turn, whose entries differ from the identity's by less.
    if (angle - turns * FRAC_PI_2).abs() > TOLERANCE {
        return None;
    }
    let half = |q| match quarter(q) {
        CliffordGate::S(q) => CliffordGate::Z(q),
        _ => CliffordGate::X(q),
    };
    let gates = match turns.rem_euclid(4.0) as u8 {
        0 => smallvec![],
        1 => smallvec![quarter(0)],
        2 => smallvec![half(0)],
        _ => smallvec![quarter(0).inverse()],
    };
    // The exact turn's phase, so that the tolerance is not spent twice.
    Some(CliffordForm {
        gates,
        phase: share * turns.rem_euclid(8.0) * FRAC_PI_2,
    })
}

fn of_fixed(gate: Gate) -> &'static Option<CliffordForm> {
    static TABLE: OnceLock<Vec<Option<CliffordForm>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let form = |gate: Gate| {
            let simple: SmallVec<[CliffordGate; 2]> = match gate {
                Gate::I => smallvec![],
                Gate::X => smallvec![CliffordGate::X(0)],
                Gate::Y => smallvec![CliffordGate::Y(0)],
                Gate::Z => smallvec![CliffordGate::Z(0)],
                Gate::H => smallvec![CliffordGate::H(0)],
                Gate::S => smallvec![CliffordGate::S(0)],
                Gate::Sdg => smallvec![CliffordGate::Sdg(0)],
                Gate::SX => smallvec![CliffordGate::SX(0)],
                Gate::SXdg => smallvec![CliffordGate::SXdg(0)],
                Gate::CX => smallvec![CliffordGate::CX(0, 1)],
                Gate::CZ => smallvec![CliffordGate::CZ(0, 1)],
                Gate::Swap => smallvec![CliffordGate::Swap(0, 1)],
                _ if gate.is_clifford() && gate.num_qubits() > 0 => {
                    return of_matrix(&gate.matrix(&[]));
                }
                _ => return None,
            };
            Some(CliffordForm {
                gates: simple,
                phase: 0.0,
            })
        };
        Gate::ALL.into_iter().map(form).collect()
    });
    &table[gate as usize]
}

/// Whether a Clifford operator can have this entry: its square modulus is 0 or a power of one half.
fn is_possible(entry: C64) -> bool {
    let square = entry.norm_sqr();
    let mut level = 1.0;
    for _ in 0..=MAX_QUBITS {
        if (square - level).abs() < 4.0 * TOLERANCE {
            return true;
        }
        level /= 2.0;
    }
    square < TOLERANCE * TOLERANCE
}

fn of_matrix(matrix: &DMatrix<C64>) -> Option<CliffordForm> {
    if !matrix.iter().all(|&entry| is_possible(entry)) {
        return None;
    }
    let gates = tableau_of_matrix(matrix)?.to_gates();
    let size = matrix.nrows();
    let mut found = DMatrix::identity(size, size);
    for gate in &gates {
        let (operation, qubits) = gate.to_operation();
        let positions: SmallVec<[usize; 2]> = qubits.iter().map(|q| q.index()).collect();
        apply_to_rows(&mut found, &operation.matrix().ok()?, &positions);
    }
    let overlap: C64 = found
        .iter()
        .zip(matrix.iter())
        .map(|(a, b)| a.conj() * b)
        .sum();
    let phase = overlap / overlap.norm();
    let agrees = found
        .iter()
        .zip(matrix.iter())
        .all(|(a, b)| (a * phase - b).norm() <= TOLERANCE);
    agrees.then(|| CliffordForm {
        gates: gates.into(),
        phase: phase.arg(),
    })
}

/// The tableau of what looks like a Clifford operator; nonsense for what is not one.
fn tableau_of_matrix(matrix: &DMatrix<C64>) -> Option<Tableau> {
    let size = matrix.nrows();
    let num_qubits = size.trailing_zeros() as usize;
    let adjoint = matrix.adjoint();
    let mut images = Vec::with_capacity(2 * num_qubits);
    for flips in [true, false] {
        for q in 0..num_qubits {
            let bit = 1usize << q;
            let right = DMatrix::from_fn(size, size, |row, column| {
                if flips {
                    adjoint[(row ^ bit, column)]
                } else {
                    adjoint[(row, column)] * if row & bit == 0 { 1.0 } else { -1.0 }
                }
            });
            images.push(pauli_of_matrix(&(matrix * right))?);
        }
    }
    Tableau::of_images(num_qubits, &images)
}

/// A Pauli matrix's flips, signs and sign; nonsense for what is not one.
fn pauli_of_matrix(matrix: &DMatrix<C64>) -> Option<(usize, usize, bool)> {
    let size = matrix.nrows();
    let x = (0..size).find(|&row| matrix[(row, 0)].norm() > 0.5)?;
    let first = matrix[(x, 0)];
    let mut z = 0;
    for bit in (0..size.trailing_zeros()).map(|b| 1usize << b) {
        if (matrix[(x ^ bit, bit)] / first).re < 0.0 {
            z |= bit;
        }
    }
    let y_phase = match (x & z).count_ones() % 4 {
        0 => c(1.0, 0.0),
        1 => c(0.0, 1.0),
        2 => c(-1.0, 0.0),
        _ => c(0.0, -1.0),
    };
    Some((x, z, (first / y_phase).re < 0.0))
}
