//! What a step costs, in nanoseconds per thousand amplitudes, so that the planner can compare plans.
//!
//! The figures were measured with `benches/simulator.rs` on one core of a Zen 4 server (AVX-512, double precision) in
//! tiles that fit the second-level cache, then adjusted so that the plans chosen for the families of `benches/peers` ran
//! fastest. Only their ratios steer the planner; the estimated time is printed as an
//! orientation and assumes a machine like that one.

use super::structure::{self, Work};
use crate::kernels::{MAX_DENSE, Shape};

/// Costs of the kernels in a tile and of a sweep through memory, per 1024 amplitudes.
#[derive(Debug, Clone)]
pub(crate) struct CostModel {
    /// Reading and writing all amplitudes of a tile once.
    pub(crate) touch: f64,
    /// One real multiplication for each amplitude.
    pub(crate) product: f64,
    /// A diagonal of any number of qubits.
    pub(crate) diagonal: f64,
    /// A permutation.
    pub(crate) permutation: f64,
    /// One more tile operation, whatever it does.
    pub(crate) step: f64,
    /// Gathering and scattering everything once.
    pub(crate) sweep: f64,
}

impl Default for CostModel {
    fn default() -> Self {
        Self {
            touch: 90.0,
            product: 37.0,
            diagonal: 400.0,
            permutation: 300.0,
            step: 10.0,
            sweep: 2000.0,
        }
    }
}

impl CostModel {
    /// The cost of one shape.
    pub(crate) fn of(&self, shape: &Shape) -> f64 {
        let share = |controls: usize| 0.5f64.powi(controls.min(10) as i32);
        self.step
            + match shape {
                Shape::Dense {
                    targets,
                    controls,
                    matrix,
                } => {
                    let work = structure::of_matrix(matrix, 1 << targets.len());
                    // Matrices wider than the vector kernels are multiplied number by number.
                    let slow = if targets.len() > MAX_DENSE { 10.0 } else { 1.0 };
                    self.of_work(work) * share(controls.len()) * slow
                }
                Shape::Permutation { controls, .. } => self.permutation * share(controls.len()),
                Shape::Diagonal { .. } => self.diagonal,
            }
    }

    /// The cost of a diagonal, whatever its entries.
    pub(super) fn of_diagonal(&self) -> f64 {
        self.step + self.diagonal
    }

    /// The cost of a matrix that does this much work.
    pub(crate) fn of_work(&self, work: Work) -> f64 {
        self.touch * work.touched + self.product * work.products()
    }
}
