//! A plan applied to a state.

use std::sync::atomic::AtomicBool;

use num_complex::Complex;
use rayon::prelude::*;

use crate::error::SimulatorError;
use crate::kernels::{Pass, Real, Sweeper};
use crate::plan::Prepared;
use crate::reduce::norm_squared;

/// Amplitudes that one task copies at a time.
const CHUNK: usize = 1 << 16;

/// Any qubit may have left |0> before and after a sweep.
const EVERYTHING: (u64, u64) = (u64::MAX, u64::MAX);

/// Applies `plan` to `state`; stops between tiles when `interrupt` is set.
pub(crate) fn apply<T: Real>(
    plan: &Prepared<'_, T>,
    state: &mut [Complex<T>],
    sweeper: &Sweeper<T>,
    interrupt: Option<&AtomicBool>,
) -> Result<(), SimulatorError> {
    plan.for_each_sweep(|ready| {
        let pass = Pass {
            touched: EVERYTHING,
            weigh: false,
        };
        let stages = &ready.stages;
        sweeper
            .sweep(state, &ready.layout, stages, pass, interrupt)
            .map(drop)
    })
}

/// Applies `plan` to `state` and returns the squared norm behind it, found on the way of the last sweep.
pub(crate) fn apply_and_weigh<T: Real>(
    plan: &Prepared<'_, T>,
    state: &mut [Complex<T>],
    sweeper: &Sweeper<T>,
    interrupt: Option<&AtomicBool>,
) -> Result<f64, SimulatorError> {
    let (mut left, mut found) = (plan.num_sweeps(), None);
    plan.for_each_sweep(|ready| {
        left -= 1;
        let pass = Pass {
            touched: EVERYTHING,
            weigh: left == 0,
        };
        let stages = &ready.stages;
        found = Some(sweeper.sweep(state, &ready.layout, stages, pass, interrupt)?);
        Ok(())
    })?;
    Ok(found.unwrap_or_else(|| norm_squared(state)))
}

/// Copies a state of the same size.
pub(crate) fn copy<T: Real>(to: &mut [Complex<T>], from: &[Complex<T>]) {
    if from.len() <= CHUNK {
        to.copy_from_slice(from);
    } else {
        to.par_chunks_mut(CHUNK)
            .zip(from.par_chunks(CHUNK))
            .for_each(|(to, from)| to.copy_from_slice(from));
    }
}
