//! Density matrices: noisy circuits exactly, on up to [`MAX_DENSITY_QUBITS`] qubits.
//!
//! A density matrix of n qubits is kept as a state of 2n qubits ([`gates`]) and runs on the same plans and kernels as any
//! state. Gates cost two sweeps instead of one and the state 4^n numbers; in return every channel is applied exactly
//! and one run serves all shots.

mod gates;
mod machine;
mod state;

#[cfg(test)]
mod tests;

use std::time::Instant;

use crate::counts::{Counts, Outcome};
use crate::engine::readout::Readout;
use crate::engine::working_bytes;
use crate::engine::{Active, Program};
use crate::error::SimulatorError;
use crate::kernels::{Real, Width};
use crate::memory;
use crate::noisy::NoisyCircuit;
use crate::options::{MAX_SHOTS, Record, SimOptions};
use crate::pool;
use crate::random::Random;
use gates::{DensityGates, Measurements};
use machine::Machine;
pub use state::DensityMatrix;

/// Most qubits with gates of a density matrix: 2^28 entries, 4 GiB in double precision.
pub const MAX_DENSITY_QUBITS: usize = 14;

/// The result of a run on a density matrix.
#[derive(Debug)]
pub struct DensityRun<T: Real> {
    /// How often each outcome of the classical bits occurred.
    pub counts: Counts,
    /// The outcome of each shot, where [`Record::EachShot`] asked for it.
    pub each_shot: Option<Vec<Outcome>>,
    /// The state before the final measurements, unless shots took different courses.
    pub state: Option<DensityMatrix<T>>,
    /// Qubits that had entries; the others stayed |0>.
    pub active_qubits: usize,
    /// Wall time in seconds, planning included.
    pub seconds: f64,
}

/// Runs `options.shots` shots of a noisy circuit on its density matrix.
///
/// Measurements at the end are sampled from the diagonal. With measurements in between, shots travel together until
/// their outcomes differ.
///
/// # Errors
/// [`SimulatorError::BadArgument`] beyond [`MAX_DENSITY_QUBITS`] or for an initial state of amplitudes,
/// [`SimulatorError::OutOfMemory`] before anything is allocated, and as [`crate::simulate`].
pub fn simulate_density<T: Real>(
    noisy: &NoisyCircuit,
    options: &SimOptions,
) -> Result<DensityRun<T>, SimulatorError> {
    let start = Instant::now();
    crate::checkpoint::refuse(options, "a density matrix")?;
    if options.shots > MAX_SHOTS {
        let what = format!(
            "{} shots are more than the limit of {MAX_SHOTS}; run several times with different seeds",
            options.shots
        );
        return Err(SimulatorError::BadArgument { what });
    }
    let compiled = Compiled::new::<T>(noisy, options, Measurements::Draw)?;
    let leaves = compiled.run(noisy, options, |machine| {
        machine.shots(options.shots, Counts::new(noisy.circuit()))
    })?;
    let mut each = leaves.each;
    each.sort_unstable_by_key(|&(shot, _)| shot);
    Ok(DensityRun {
        counts: leaves.counts,
        each_shot: (options.record == Record::EachShot)
            .then(|| each.into_iter().map(|(_, outcome)| outcome).collect()),
        state: leaves
            .state
            .map(|entries| compiled.wrap(entries, noisy.num_qubits())),
        active_qubits: compiled.active.qubits.len(),
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The state of a noisy circuit before its final measurements, averaged over all outcomes of earlier ones.
///
/// # Errors
/// As [`simulate_density`]; also [`SimulatorError::BadArgument`] when measurements steer control flow into more than
/// 4096 courses.
pub fn density_matrix<T: Real>(
    noisy: &NoisyCircuit,
    options: &SimOptions,
) -> Result<DensityMatrix<T>, SimulatorError> {
    crate::checkpoint::refuse(options, "a density matrix")?;
    let instructions = noisy.circuit().instructions();
    let steered = instructions.iter().any(|i| i.operation.is_control_flow());
    let measurements = if steered {
        Measurements::Draw
    } else {
        Measurements::Forget
    };
    let compiled = Compiled::new::<T>(noisy, options, measurements)?;
    let entries = compiled.run(noisy, options, |machine| machine.average())?;
    Ok(compiled.wrap(entries, noisy.num_qubits()))
}

/// A noisy circuit made ready for density matrices.
struct Compiled {
    active: Active,
    program: Program,
}

impl Compiled {
    fn new<T: Real>(
        noisy: &NoisyCircuit,
        options: &SimOptions,
        measurements: Measurements,
    ) -> Result<Self, SimulatorError> {
        if options.initial_state.is_some() {
            let what = "a density matrix starts from |0...0>; prepare another state with gates";
            return Err(SimulatorError::BadArgument { what: what.into() });
        }
        let active = Active::of(noisy.circuit());
        let qubits = active.qubits.len();
        if qubits > MAX_DENSITY_QUBITS {
            let what = format!(
                "a density matrix of {qubits} qubits is beyond the limit of {MAX_DENSITY_QUBITS}; use trajectories"
            );
            return Err(SimulatorError::BadArgument { what });
        }
        let threads = pool::resolve(options.threads);
        let working = working_bytes::<T>(2 * qubits, threads);
        memory::check::<T>(2 * qubits, 1, working, options.memory_cap)?;
        let gates = DensityGates::new(noisy, qubits, measurements)?;
        let program = Program::compile_into(gates, noisy.circuit(), &active, options)?;
        Ok(Self { active, program })
    }

    fn run<T: Real, R: Send>(
        &self,
        noisy: &NoisyCircuit,
        options: &SimOptions,
        work: impl FnOnce(&Machine<'_, T>) -> Result<R, SimulatorError> + Send,
    ) -> Result<R, SimulatorError> {
        let width = options.width.unwrap_or_else(Width::detect);
        let readout = Readout::new(noisy, &self.program.terminal);
        let qubits = self.active.qubits.len();
        let clbits = noisy.circuit().num_clbits();
        let random = Random::new(options.seed);
        pool::on_threads(options.threads, || {
            let machine = Machine::new(
                &self.program,
                readout,
                options,
                (qubits, clbits),
                (random, width),
            )?;
            work(&machine)
        })?
    }

    fn wrap<T: Real>(
        &self,
        entries: crate::kernels::Buffer<num_complex::Complex<T>>,
        num_qubits: usize,
    ) -> DensityMatrix<T> {
        DensityMatrix::new(entries, &self.active.qubits, num_qubits)
    }
}
