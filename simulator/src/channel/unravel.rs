//! A channel as quantum trajectories see it: what happens when nothing happens, and the jumps.
//!
//! Of all ways to write a channel with Kraus operators the canonical one gathers as much as possible in its first
//! operator, so trajectories jump as seldom as they can.

use ardea_circuit::C64;
use nalgebra::DMatrix;

use super::{Channel, Form};
use crate::error::SimulatorError;

/// A channel split into no jump and jumps.
#[derive(Debug, Clone)]
pub(crate) struct Unravelling {
    /// What is applied when there is no jump. For a mixture it is a unitary, else a Kraus operator.
    pub(crate) no_jump: DMatrix<C64>,
    /// Of a mixture: minus the logarithm of the probability that there is no jump. `None` where that depends on the
    /// state.
    pub(crate) hazard: Option<f64>,
    /// The jumps; of a mixture unitaries with their probabilities, else Kraus operators with weight 1.
    pub(crate) jumps: Vec<(f64, DMatrix<C64>)>,
}

impl Unravelling {
    /// Splits a channel.
    pub(crate) fn of(channel: &Channel) -> Result<Self, SimulatorError> {
        match &channel.form {
            Form::Mixed(terms) => {
                let weights: Vec<f64> = terms.iter().map(|(p, _)| *p).collect();
                let stay = first_largest(&weights);
                let jumps = others(terms, stay);
                // The sum of the small ones is more exact than 1 less the large one.
                let away: f64 = jumps.iter().map(|(p, _)| p).sum();
                Ok(Self {
                    no_jump: terms[stay].1.clone(),
                    hazard: Some(-(-away).ln_1p()),
                    jumps,
                })
            }
            Form::Kraus(operators) => {
                let canonical;
                let operators = if are_orthogonal(operators) {
                    operators
                } else {
                    canonical = Channel::from_superoperator(&channel.superoperator())?;
                    match &canonical.form {
                        Form::Kraus(operators) => operators,
                        Form::Mixed(_) => return Self::of(&canonical),
                    }
                };
                let weights: Vec<f64> = operators.iter().map(DMatrix::norm_squared).collect();
                let stay = first_largest(&weights);
                let weighted: Vec<(f64, DMatrix<C64>)> =
                    operators.iter().map(|k| (1.0, k.clone())).collect();
                Ok(Self {
                    no_jump: operators[stay].clone(),
                    hazard: None,
                    jumps: others(&weighted, stay),
                })
            }
        }
    }
}

fn first_largest(weights: &[f64]) -> usize {
    (1..weights.len()).fold(
        0,
        |best, i| if weights[i] > weights[best] { i } else { best },
    )
}

fn others(terms: &[(f64, DMatrix<C64>)], without: usize) -> Vec<(f64, DMatrix<C64>)> {
    let others = terms.iter().enumerate().filter(|&(i, _)| i != without);
    others.map(|(_, term)| term.clone()).collect()
}

/// Whether the operators are canonical already: orthogonal in the sense of tr(A† B).
fn are_orthogonal(operators: &[DMatrix<C64>]) -> bool {
    operators
        .iter()
        .enumerate()
        .all(|(i, a)| operators[..i].iter().all(|b| a.dotc(b).norm() < 1e-12))
}
