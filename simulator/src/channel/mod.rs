//! Quantum channels on one or two qubits: what noise does to a state.
//!
//! A channel is kept as Kraus operators, `rho -> sum of K rho K†`, checked to preserve the trace; or, where every
//! operator is a multiple of a unitary, as unitaries with probabilities, because such a channel can be drawn without
//! looking at the state. Other forms are computed on demand ([`convert`]); common channels have constructors
//! ([`library`]); engines ask for a superoperator or for an [`Unravelling`].
//!
//! Matrices are little-endian like every matrix of Ardea: index bit i belongs to the i-th qubit of the channel.

mod convert;
mod library;
mod unravel;

#[cfg(test)]
mod tests;

pub(crate) use convert::pauli_matrix;
pub(crate) use unravel::Unravelling;

use ardea_circuit::C64;
use ardea_circuit::matrix::unitarity_deviation;
use nalgebra::DMatrix;

use crate::error::SimulatorError;

/// Most qubits of a channel.
pub const MAX_CHANNEL_QUBITS: usize = 2;

/// How far `sum of K†K` may lie from the identity, and probabilities from adding up to 1.
pub const TRACE_TOLERANCE: f64 = 1e-9;

/// Entries smaller than this beside the largest of an operator are rounding dust and become exact zeros, so that
/// structure (a diagonal, a permutation) stays visible to the planner.
const DUST: f64 = 1e-13;

/// A completely positive, trace-preserving map on one or two qubits.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    num_qubits: usize,
    form: Form,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Unitaries with probabilities that add up to 1, none of them 0.
    Mixed(Vec<(f64, DMatrix<C64>)>),
    /// Kraus operators, at least one of them no multiple of a unitary.
    Kraus(Vec<DMatrix<C64>>),
}

impl Channel {
    /// The channel that does nothing.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] for other than 1 or 2 qubits.
    pub fn identity(num_qubits: usize) -> Result<Self, SimulatorError> {
        check_width(num_qubits)?;
        let side = 1 << num_qubits;
        Self::mixed_unitary(vec![(1.0, DMatrix::identity(side, side))])
    }

    /// The channel with these Kraus operators.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when there are none, when they are not square matrices of one size for 1 or 2
    /// qubits, are not finite, or do not preserve the trace within [`TRACE_TOLERANCE`].
    pub fn from_kraus(operators: Vec<DMatrix<C64>>) -> Result<Self, SimulatorError> {
        let num_qubits = check_matrices(operators.iter())?;
        let side = 1 << num_qubits;
        let sum: DMatrix<C64> = operators
            .iter()
            .fold(DMatrix::zeros(side, side), |sum, k| sum + k.adjoint() * k);
        let deviation = largest(&(sum - DMatrix::identity(side, side)));
        if deviation > TRACE_TOLERANCE {
            return bad(format!(
                "its Kraus operators do not preserve the trace: the sum of K†K deviates from the identity by \
                 {deviation:.1e} (tolerance {TRACE_TOLERANCE:.0e}); scale the operators or add the missing one"
            ));
        }
        let operators: Vec<DMatrix<C64>> = operators
            .into_iter()
            .map(without_dust)
            .filter(|k| largest(k) > 0.0)
            .collect();
        let multiples: Option<Vec<(f64, DMatrix<C64>)>> =
            operators.iter().map(as_scaled_unitary).collect();
        let form = match multiples {
            Some(terms) => Form::Mixed(normalised(terms)),
            None => Form::Kraus(operators),
        };
        Ok(Self { num_qubits, form })
    }

    /// One of several unitaries, each with its probability.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when a probability is negative or not finite, when they do not add up to 1
    /// within [`TRACE_TOLERANCE`], or when a matrix is not unitary or not of 1 or 2 qubits.
    pub fn mixed_unitary(terms: Vec<(f64, DMatrix<C64>)>) -> Result<Self, SimulatorError> {
        let num_qubits = check_matrices(terms.iter().map(|(_, matrix)| matrix))?;
        if let Some((p, _)) = terms.iter().find(|(p, _)| !p.is_finite() || *p < 0.0) {
            return bad(format!(
                "{p} is no probability; give numbers between 0 and 1"
            ));
        }
        let total: f64 = terms.iter().map(|(p, _)| p).sum();
        if (total - 1.0).abs() > TRACE_TOLERANCE {
            return bad(format!(
                "its probabilities add up to {total} instead of 1; give the identity the rest"
            ));
        }
        let worst = terms
            .iter()
            .map(|(_, matrix)| unitarity_deviation(matrix))
            .fold(0.0, f64::max);
        if worst > TRACE_TOLERANCE {
            return bad(format!(
                "one of its unitaries deviates from unitarity by {worst:.1e} (tolerance {TRACE_TOLERANCE:.0e})"
            ));
        }
        let terms = terms
            .into_iter()
            .filter(|(p, _)| *p > 0.0)
            .map(|(p, matrix)| (p, without_dust(matrix)))
            .collect();
        Ok(Self {
            num_qubits,
            form: Form::Mixed(normalised(terms)),
        })
    }

    /// Number of qubits, 1 or 2.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The Kraus operators.
    pub fn kraus(&self) -> Vec<DMatrix<C64>> {
        match &self.form {
            Form::Kraus(operators) => operators.clone(),
            Form::Mixed(terms) => terms
                .iter()
                .map(|(p, unitary)| unitary * C64::from(p.sqrt()))
                .collect(),
        }
    }

    /// The unitaries and their probabilities, where the channel is known to be a mixture of unitaries.
    pub fn as_mixed_unitary(&self) -> Option<&[(f64, DMatrix<C64>)]> {
        match &self.form {
            Form::Mixed(terms) => Some(terms),
            Form::Kraus(_) => None,
        }
    }

    /// Whether the channel does nothing, exactly.
    pub fn is_identity(&self) -> bool {
        let side = 1 << self.num_qubits;
        match &self.form {
            Form::Mixed(terms) => terms.iter().all(|(_, matrix)| {
                let phase = matrix[(0, 0)];
                *matrix == DMatrix::identity(side, side) * phase
            }),
            Form::Kraus(_) => false,
        }
    }
}

fn check_width(num_qubits: usize) -> Result<(), SimulatorError> {
    if (1..=MAX_CHANNEL_QUBITS).contains(&num_qubits) {
        Ok(())
    } else {
        bad(format!(
            "it would act on {num_qubits} qubits; channels of 1 or {MAX_CHANNEL_QUBITS} are possible"
        ))
    }
}

/// The number of qubits that all `matrices` act on.
fn check_matrices<'a>(
    mut matrices: impl Iterator<Item = &'a DMatrix<C64>>,
) -> Result<usize, SimulatorError> {
    let Some(first) = matrices.next() else {
        return bad("it has no operators; give at least one".to_owned());
    };
    let side = first.nrows();
    for matrix in std::iter::once(first).chain(matrices) {
        if matrix.nrows() != side || matrix.ncols() != side {
            return bad(format!(
                "its operators must be square matrices of one size, but one is {} by {} and the first has {side} rows",
                matrix.nrows(),
                matrix.ncols()
            ));
        }
        if matrix
            .iter()
            .any(|z| !z.re.is_finite() || !z.im.is_finite())
        {
            return bad("an operator has an entry that is not finite".to_owned());
        }
    }
    if !side.is_power_of_two() {
        return bad(format!("matrices of side {side} do not act on qubits"));
    }
    let num_qubits = side.trailing_zeros() as usize;
    check_width(num_qubits)?;
    Ok(num_qubits)
}

/// The weight and the unitary of an operator that is a multiple of one.
fn as_scaled_unitary(operator: &DMatrix<C64>) -> Option<(f64, DMatrix<C64>)> {
    let weight = operator.norm_squared() / operator.nrows() as f64;
    let unitary = operator / C64::from(weight.sqrt());
    (unitarity_deviation(&unitary) < 1e-11).then_some((weight, unitary))
}

/// The terms with probabilities that add up to 1 as exactly as floating point allows.
fn normalised(mut terms: Vec<(f64, DMatrix<C64>)>) -> Vec<(f64, DMatrix<C64>)> {
    let total: f64 = terms.iter().map(|(p, _)| p).sum();
    terms.iter_mut().for_each(|(p, _)| *p /= total);
    terms
}

fn without_dust(mut matrix: DMatrix<C64>) -> DMatrix<C64> {
    let limit = DUST * largest(&matrix);
    for entry in matrix.iter_mut() {
        if entry.re.abs() <= limit {
            entry.re = 0.0;
        }
        if entry.im.abs() <= limit {
            entry.im = 0.0;
        }
    }
    matrix
}

fn largest(matrix: &DMatrix<C64>) -> f64 {
    matrix.iter().map(|z| z.norm()).fold(0.0, f64::max)
}

fn bad<R>(problem: String) -> Result<R, SimulatorError> {
    Err(SimulatorError::BadChannel { problem })
}
