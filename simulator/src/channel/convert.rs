//! Channels in other forms, put together, and compared.
//!
//! Conventions are Qiskit's: a density matrix is stacked by columns, so that the superoperator is
//! `sum of conj(K) ⊗ K` with the row index in the low bits; the Pauli transfer matrix is
//! `R[i][j] = tr(P_i channel(P_j)) / 2^n` with the Paulis I, X, Y, Z as digits 0 to 3 of an index, the first qubit's
//! digit lowest. (Wood, Biamonte, Cory 2011, arXiv:1111.6950, has all conversions.)

use ardea_circuit::C64;
use nalgebra::DMatrix;

use super::{Channel, Form, TRACE_TOLERANCE, bad, check_width, largest};
use crate::error::SimulatorError;

impl Channel {
    /// The matrix that acts on density matrices stacked by columns, `sum of conj(K) ⊗ K`.
    pub fn superoperator(&self) -> DMatrix<C64> {
        let side = 1 << (2 * self.num_qubits);
        self.kraus()
            .iter()
            .fold(DMatrix::zeros(side, side), |sum, k| {
                sum + k.conjugate().kronecker(k)
            })
    }

    /// The channel with this superoperator; its Kraus operators are the canonical ones, orthogonal to each other and
    /// with the largest first.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when the matrix has no fitting size, is not completely positive, or does not
    /// preserve the trace.
    pub fn from_superoperator(matrix: &DMatrix<C64>) -> Result<Self, SimulatorError> {
        let num_qubits = match (matrix.nrows(), matrix.ncols()) {
            (4, 4) => 1,
            (16, 16) => 2,
            (rows, columns) => {
                return bad(format!(
                    "a superoperator of 1 or 2 qubits is a 4 by 4 or 16 by 16 matrix, not {rows} by {columns}"
                ));
            }
        };
        if matrix
            .iter()
            .any(|z| !z.re.is_finite() || !z.im.is_finite())
        {
            return bad("its superoperator has an entry that is not finite".to_owned());
        }
        let choi = reshuffled(matrix, 1 << num_qubits);
        if largest(&(&choi - choi.adjoint())) > TRACE_TOLERANCE {
            return bad("it does not keep density matrices Hermitian".to_owned());
        }
        let hermitian = (&choi + choi.adjoint()) * C64::from(0.5);
        let eigen = hermitian.symmetric_eigen();
        if let Some(value) = eigen.eigenvalues.iter().find(|&&v| v < -TRACE_TOLERANCE) {
            return bad(format!(
                "it is not completely positive: its Choi matrix has the eigenvalue {value:.1e}"
            ));
        }
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let side = 1 << num_qubits;
        // Weights below this are rounding of the eigenvalues.
        let operators = order
            .into_iter()
            .filter(|&i| eigen.eigenvalues[i] > 1e-15)
            .map(|i| {
                let scale = C64::from(eigen.eigenvalues[i].sqrt());
                let column = eigen.eigenvectors.column(i);
                DMatrix::from_fn(side, side, |row, col| column[col * side + row] * scale)
            })
            .collect();
        Self::from_kraus(operators)
    }

    /// The Pauli transfer matrix, real and of side 4^n.
    pub fn pauli_transfer(&self) -> DMatrix<f64> {
        let basis = stacked_paulis(self.num_qubits);
        let transfer = basis.adjoint() * self.superoperator() * &basis;
        let scale = 1.0 / (1 << self.num_qubits) as f64;
        transfer.map(|z| z.re * scale)
    }

    /// The channel with this Pauli transfer matrix.
    ///
    /// # Errors
    /// As [`from_superoperator`](Self::from_superoperator).
    pub fn from_pauli_transfer(matrix: &DMatrix<f64>) -> Result<Self, SimulatorError> {
        let num_qubits = match (matrix.nrows(), matrix.ncols()) {
            (4, 4) => 1,
            (16, 16) => 2,
            (rows, columns) => {
                return bad(format!(
                    "a Pauli transfer matrix of 1 or 2 qubits is 4 by 4 or 16 by 16, not {rows} by {columns}"
                ));
            }
        };
        let basis = stacked_paulis(num_qubits);
        let scale = 1.0 / (1 << num_qubits) as f64;
        let superoperator = &basis * matrix.map(C64::from) * basis.adjoint() * C64::from(scale);
        Self::from_superoperator(&superoperator)
    }

    /// This channel followed by `next`.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when the numbers of qubits differ.
    pub fn then(&self, next: &Self) -> Result<Self, SimulatorError> {
        if self.num_qubits != next.num_qubits {
            return bad(format!(
                "a channel on {} qubits cannot follow one on {}; put it beside an identity first",
                next.num_qubits, self.num_qubits
            ));
        }
        match (&self.form, &next.form) {
            (Form::Mixed(a), Form::Mixed(b)) if a.len() * b.len() <= 16 => {
                let terms = a
                    .iter()
                    .flat_map(|(p, u)| b.iter().map(move |(q, v)| (p * q, v * u)))
                    .collect();
                Self::mixed_unitary(terms)
            }
            _ => Self::from_superoperator(&(next.superoperator() * self.superoperator())),
        }
    }

    /// This channel on the first qubit and `high` on the second.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when that would be more than two qubits.
    pub fn beside(&self, high: &Self) -> Result<Self, SimulatorError> {
        check_width(self.num_qubits + high.num_qubits)?;
        match (&self.form, &high.form) {
            (Form::Mixed(a), Form::Mixed(b)) => {
                let terms = b
                    .iter()
                    .flat_map(|(q, v)| a.iter().map(move |(p, u)| (p * q, v.kronecker(u))))
                    .collect();
                Self::mixed_unitary(terms)
            }
            _ => {
                let (low, high) = (self.kraus(), high.kraus());
                let operators = high
                    .iter()
                    .flat_map(|v| low.iter().map(move |u| v.kronecker(u)))
                    .collect();
                Self::from_kraus(operators)
            }
        }
    }

    /// The fidelity with the identity of one half of a maximally entangled pair, `sum of |tr K|^2 / 4^n`.
    pub fn process_fidelity(&self) -> f64 {
        let sum: f64 = self.kraus().iter().map(|k| k.trace().norm_sqr()).sum();
        sum / (1u64 << (2 * self.num_qubits)) as f64
    }

    /// The fidelity with the identity averaged over pure states, `(d F + 1) / (d + 1)` with the process fidelity F
    /// (Nielsen 2002, quant-ph/0205035). An average gate error is 1 less this.
    pub fn average_gate_fidelity(&self) -> f64 {
        let dimension = (1u64 << self.num_qubits) as f64;
        (dimension * self.process_fidelity() + 1.0) / (dimension + 1.0)
    }

    /// The channel between random Paulis that are undone after it: a Pauli channel of the same process fidelity.
    ///
    /// # Errors
    /// None in practice: a twirl of a channel is a channel.
    pub fn twirled(&self) -> Result<Self, SimulatorError> {
        let probabilities = self.pauli_probabilities();
        let total: f64 = probabilities.iter().sum();
        let terms = probabilities
            .into_iter()
            .enumerate()
            .map(|(i, p)| (p / total, pauli_matrix(i, self.num_qubits)))
            .collect();
        Self::mixed_unitary(terms)
    }

    /// The probability of each Pauli in the twirled channel, by its index (as the module describes):
    /// `sum of |tr(P K)|^2 / 4^n`.
    pub fn pauli_probabilities(&self) -> Vec<f64> {
        let scale = 1.0 / (1u64 << (2 * self.num_qubits)) as f64;
        let operators = self.kraus();
        (0..1usize << (2 * self.num_qubits))
            .map(|i| {
                let pauli = pauli_matrix(i, self.num_qubits);
                let overlap = |k: &DMatrix<C64>| (&pauli * k).trace().norm_sqr();
                operators.iter().map(overlap).sum::<f64>() * scale
            })
            .collect()
    }
}

/// The matrix of a Pauli string whose base-4 digits are I, X, Y, Z, the first qubit's digit lowest.
pub(crate) fn pauli_matrix(index: usize, num_qubits: usize) -> DMatrix<C64> {
    let (zero, one, i) = (C64::ZERO, C64::ONE, C64::I);
    (0..num_qubits).fold(DMatrix::identity(1, 1), |matrix, qubit| {
        let entries = match index >> (2 * qubit) & 3 {
            0 => [one, zero, zero, one],
            1 => [zero, one, one, zero],
            2 => [zero, -i, i, zero],
            _ => [one, zero, zero, -one],
        };
        DMatrix::from_row_slice(2, 2, &entries).kronecker(&matrix)
    })
}

/// Columns are the Paulis, stacked by columns.
fn stacked_paulis(num_qubits: usize) -> DMatrix<C64> {
    let side = 1usize << (2 * num_qubits);
    let paulis: Vec<DMatrix<C64>> = (0..side).map(|i| pauli_matrix(i, num_qubits)).collect();
    DMatrix::from_fn(side, side, |row, column| paulis[column].as_slice()[row])
}

/// The Choi matrix of a superoperator (and back): `C[(j, i), (l, k)] = S[(k, i), (l, j)]`.
fn reshuffled(superoperator: &DMatrix<C64>, side: usize) -> DMatrix<C64> {
    DMatrix::from_fn(side * side, side * side, |row, column| {
        // Row (j, i): the operator's column j and row i; so K stacked by columns is an eigenvector.
        let (j, i) = (row / side, row % side);
        let (l, k) = (column / side, column % side);
        superoperator[(k * side + i, l * side + j)]
    })
}
