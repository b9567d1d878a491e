//! What steps on a state in the first caches cost, and what it costs to make fewer of them.
//!
//! The unit is one fused multiplication and addition for every amplitude.

use ardea_circuit::C64;

use super::gates::{Block, FLIP, Form, IDENTITY};
use super::read::Manner;
use crate::kernels::STEP;

/// Vector operations for which the processor could be busy otherwise while it multiplies two matrices of four rows.
const PRODUCT: f64 = 250.0;
/// The same for such a matrix and one of two rows.
const HALF_PRODUCT: f64 = 120.0;

/// The part of a diagonal in the pass that applies a pool of them.
const DIAGONAL: f64 = 0.5;

/// Costs on states of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Costs {
    step: f64,
    pooled: bool,
    /// To multiply two matrices on two qubits.
    pub(super) product: f64,
    /// To multiply a matrix on two qubits with one on one.
    pub(super) half_product: f64,
    /// Any matrix on two qubits.
    pub(super) dense: f64,
}

impl Costs {
    /// For states of `vectors` vectors.
    pub(super) fn new(vectors: usize, manner: Manner) -> Self {
        let share = 1.0 / vectors as f64;
        let before = if manner == Manner::Quick { share } else { 0.0 };
        Self {
            step: STEP * share,
            pooled: manner == Manner::Pooled,
            product: PRODUCT * before,
            half_product: HALF_PRODUCT * before,
            dense: 16.0 + STEP * share,
        }
    }

    /// A matrix on one qubit.
    pub(super) fn of_one(&self, block: &Block) -> f64 {
        if *block == IDENTITY {
            0.0
        } else {
            self.step + self.work(block)
        }
    }

    /// A matrix on two qubits.
    pub(super) fn of_two(&self, form: &Form) -> f64 {
        match form {
            Form::Diagonal(factors) => {
                if self.pooled {
                    return DIAGONAL;
                }
                let others = factors.iter().filter(|factor| **factor != C64::ONE).count();
                others as f64 * (1.0 + self.step)
            }
            Form::Pairs { blocks, .. } => {
                let cost = |block: &Block| match *block == IDENTITY {
                    true => 0.0,
                    false => self.step + 0.5 * self.work(block),
                };
                blocks.iter().map(cost).sum()
            }
            Form::Dense => self.dense,
        }
    }

    /// For each of its amplitudes.
    fn work(&self, block: &Block) -> f64 {
        let [a, b, c, d] = *block;
        let others = usize::from(a != C64::ONE) + usize::from(d != C64::ONE);
        let is_pure = a.im == 0.0
            && d.im == 0.0
            && (b.im == 0.0 && c.im == 0.0 || b.re == 0.0 && c.re == 0.0);
        if b == C64::ZERO && c == C64::ZERO {
            if self.pooled {
                DIAGONAL
            } else {
                2.0 * others as f64
            }
        } else if *block == FLIP {
            1.5
        } else if is_pure {
            4.0
        } else if self.pooled {
            // Its phases go to the pool.
            4.0 + 2.0 * DIAGONAL
        } else {
            8.0
        }
    }
}
