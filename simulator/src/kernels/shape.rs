//! What a kernel is asked to do: a matrix by its shape, and the qubits it acts on.

use num_complex::Complex64;

/// A matrix on qubits of the state.
///
/// Index bit i of the matrix belongs to `targets[i]`. A control `(q, v)` restricts the action to the basis states
/// whose bit q is v.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Any matrix, row-major, of side `2^targets.len()`.
    Dense {
        targets: Vec<u32>,
        controls: Vec<(u32, bool)>,
        matrix: Vec<Complex64>,
    },
    /// A diagonal of `2^qubits.len()` entries.
    Diagonal {
        qubits: Vec<u32>,
        table: Vec<Complex64>,
    },
    /// The basis state |i> becomes |image[i]>.
    Permutation {
        targets: Vec<u32>,
        controls: Vec<(u32, bool)>,
        image: Vec<u32>,
    },
}

impl Shape {
    /// Qubits along which amplitudes mix: these must lie inside a tile.
    pub(crate) fn mixed(&self) -> u64 {
        match self {
            Self::Dense { targets, .. } | Self::Permutation { targets, .. } => mask(targets),
            Self::Diagonal { .. } => 0,
        }
    }

    /// All qubits that take part.
    pub(crate) fn support(&self) -> u64 {
        match self {
            Self::Dense {
                targets, controls, ..
            }
            | Self::Permutation {
                targets, controls, ..
            } => controls
                .iter()
                .fold(mask(targets), |mask, &(qubit, _)| mask | 1 << qubit),
            Self::Diagonal { qubits, .. } => mask(qubits),
        }
    }
}

fn mask(qubits: &[u32]) -> u64 {
    qubits.iter().fold(0, |mask, &qubit| mask | 1 << qubit)
}
