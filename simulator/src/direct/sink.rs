//! Where the reader's matrices go: to steps at once, or past the pool of diagonals.

use ardea_circuit::C64;
use nalgebra::{Matrix2, Matrix4};

use super::gates::{FLIP, Form, entries, is_diagonal};
use super::pool::{Pool, split};
use super::steps::{push_one, push_two};
use crate::kernels::{Real, Steps};

/// Steps in the making.
pub(super) struct Sink<T> {
    pub(super) steps: Steps<T>,
    pool: Option<Pool>,
    /// What the pool left all amplitudes to be multiplied by.
    factor: C64,
}

impl<T: Real> Sink<T> {
    pub(super) fn new(steps: Steps<T>, pool: Option<Pool>) -> Self {
        Self {
            steps,
            pool,
            factor: C64::ONE,
        }
    }

    /// A matrix on one qubit.
    pub(super) fn one(&mut self, qubit: usize, matrix: &Matrix2<C64>) {
        let Some(pool) = &mut self.pool else {
            return push_one(&mut self.steps, qubit, matrix);
        };
        let multiply = |pool: &mut Pool, diagonal: &Matrix2<C64>| {
            let (zero, one) = (diagonal[(0, 0)], diagonal[(1, 1)]);
            if zero != C64::ONE || one != C64::ONE {
                pool.multiply(qubit, qubit, &[zero, C64::ONE, C64::ONE, one]);
            }
        };
        if is_diagonal(matrix) {
            return multiply(pool, matrix);
        }
        let block = entries(matrix);
        if block == FLIP {
            pool.flip(qubit);
            return push_one(&mut self.steps, qubit, matrix);
        }
        let turned = block[1].re == 0.0 && block[2].re == 0.0 && block[3].im == 0.0;
        let parts = if turned { None } else { split(matrix) };
        let Some([after, real, before]) = parts else {
            if pool.is_touched_by(1 << qubit) {
                self.factor *= pool.flush(&mut self.steps);
            }
            return push_one(&mut self.steps, qubit, matrix);
        };
        if pool.is_touched_by(1 << qubit) {
            multiply(pool, &before);
            self.factor *= pool.flush(&mut self.steps);
        } else {
            push_one(&mut self.steps, qubit, &before);
        }
        push_one(&mut self.steps, qubit, &real);
        multiply(pool, &after);
    }

    /// A matrix on two qubits, the lower of which has index bit 0, and its form.
    pub(super) fn two(&mut self, low: usize, high: usize, matrix: &Matrix4<C64>, form: &Form) {
        if let Some(pool) = &mut self.pool {
            if let Form::Diagonal(factors) = form {
                if *factors != [C64::ONE; 4] {
                    pool.multiply(low, high, factors);
                }
                return;
            }
            if pool.moved(low, high, form).is_none() {
                let mixed = usize::from(!form.is_diagonal_on(0)) << low
                    | usize::from(!form.is_diagonal_on(1)) << high;
                if pool.is_touched_by(mixed) {
                    self.factor *= pool.flush(&mut self.steps);
                }
            }
        }
        push_two(&mut self.steps, low, high, matrix, form);
    }

    /// All steps, and what all amplitudes are to be multiplied by.
    pub(super) fn finish(mut self) -> (Steps<T>, C64) {
        if let Some(pool) = &mut self.pool {
            self.factor *= pool.flush(&mut self.steps);
        }
        (self.steps, self.factor)
    }
}
