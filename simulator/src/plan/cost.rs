//! What a step costs, in nanoseconds per thousand amplitudes, so that the planner can compare plans.
//!
//! The figures were measured with `benches/simulator.rs` on one core of a Zen 4 server (AVX-512, double precision) in
//! tiles that fit the second-level cache. Only their ratios steer the planner; the estimated time is printed as an
//! orientation and assumes a machine like that one.

use crate::kernels::Shape;

/// Costs of the kernels in a tile and of a sweep through memory, per 1024 amplitudes.
#[derive(Debug, Clone)]
pub(crate) struct CostModel {
    /// Dense matrices by number of targets.
    pub(crate) dense: [f64; 6],
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
            dense: [160.0, 500.0, 880.0, 1700.0, 3100.0, 6800.0],
            diagonal: 450.0,
            permutation: 500.0,
            step: 10.0,
            sweep: 2600.0,
        }
    }
}

impl CostModel {
    /// The cost of one shape.
    pub(crate) fn of(&self, shape: &Shape) -> f64 {
        let share = |controls: usize| 0.5f64.powi(controls.min(10) as i32);
        match shape {
            Shape::Dense {
                targets, controls, ..
            } => self.step + self.of_dense(targets.len()) * share(controls.len()),
            Shape::Permutation { controls, .. } => {
                self.step + self.permutation * share(controls.len())
            }
            Shape::Diagonal { .. } => self.step + self.diagonal,
        }
    }

    /// The cost of a dense matrix of `targets` qubits.
    pub(crate) fn of_dense(&self, targets: usize) -> f64 {
        match self.dense.get(targets) {
            Some(&cost) => cost,
            None => self.dense[5] * 10.0 * 2f64.powi(targets as i32 - 5),
        }
    }
}
