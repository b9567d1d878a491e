//! The blocks of a circuit as hops and phases.

use ardea_circuit::C64;
use nalgebra::{Matrix2, Matrix4};

use crate::blocks::{Origin, Sink, TOLERANCE, conserves_number};

/// What is done to the amplitudes.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Mixes the states in which exactly one of two qubits is 1: the first index belongs to the first qubit's.
    Mix {
        qubits: [u32; 2],
        matrix: Matrix2<C64>,
    },
    /// Multiplies by a factor that depends on some qubits; index bit 0 belongs to the first.
    Diagonal { qubits: Vec<u32>, table: Vec<C64> },
}

/// A circuit's steps.
pub(super) struct Steps {
    pub(super) list: Vec<Step>,
    /// The value of each active qubit before the first step that moves something to or from it.
    pub(super) start: Vec<bool>,
    /// The global factor.
    pub(super) phase: C64,
}

/// Collects steps.
pub(super) struct Collector {
    steps: Steps,
}

impl Collector {
    pub(super) fn new(qubits: usize) -> Self {
        Self {
            steps: Steps {
                list: vec![],
                start: vec![false; qubits],
                phase: C64::ONE,
            },
        }
    }

    pub(super) fn finish(self) -> Steps {
        self.steps
    }

    fn diagonal_step(&mut self, qubits: &[u32], table: &[C64]) {
        if table.iter().any(|entry| (entry - table[0]).norm() > 0.0) {
            self.steps.list.push(Step::Diagonal {
                qubits: qubits.to_vec(),
                table: table.to_vec(),
            });
        } else {
            self.steps.phase *= table[0];
        }
    }
}

impl Sink for Collector {
    fn comes_from(&mut self, _: &Origin) {}

    fn flip(&mut self, qubit: u32) {
        self.steps.start[qubit as usize] ^= true;
    }

    fn scale(&mut self, factor: C64) {
        self.steps.phase *= factor;
    }

    fn single(&mut self, qubit: u32, matrix: &Matrix2<C64>) -> bool {
        let is_diagonal = matrix[(0, 1)].norm() < TOLERANCE && matrix[(1, 0)].norm() < TOLERANCE;
        if is_diagonal {
            self.diagonal_step(&[qubit], &[matrix[(0, 0)], matrix[(1, 1)]]);
        }
        is_diagonal
    }

    fn pair(&mut self, qubits: [u32; 2], matrix: &Matrix4<C64>) -> bool {
        if !conserves_number(matrix) {
            return false;
        }
        let entry = |row: usize, column: usize| matrix[(row, column)];
        if entry(1, 2).norm() < TOLERANCE && entry(2, 1).norm() < TOLERANCE {
            let table: Vec<C64> = (0..4).map(|i| entry(i, i)).collect();
            self.diagonal_step(&qubits, &table);
            return true;
        }
        let outside = [entry(0, 0), C64::ONE, C64::ONE, entry(3, 3)];
        if outside.iter().any(|z| (z - C64::ONE).norm() > 1e-14) {
            self.diagonal_step(&qubits, &outside);
        }
        self.steps.list.push(Step::Mix {
            qubits,
            matrix: Matrix2::new(entry(1, 1), entry(1, 2), entry(2, 1), entry(2, 2)),
        });
        true
    }

    fn diagonal(&mut self, qubits: &[u32], table: &[C64]) -> bool {
        self.diagonal_step(qubits, table);
        true
    }
}
