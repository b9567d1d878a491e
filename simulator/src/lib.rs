//! State-vector simulation of quantum circuits.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ardea_circuit::Circuit;
//! use ardea_simulator::{SimOptions, simulate};
//!
//! let mut bell = Circuit::new(2, 2);
//! bell.h(0)?.cx(0, 1)?.measure(0, 0)?.measure(1, 1)?;
//! let run = simulate::<f64>(&bell, &SimOptions::with_shots(1000))?;
//! assert_eq!(run.counts.get("00") + run.counts.get("11"), 1000);
//! # Ok(()) }
//! ```
//!
//! The way of a circuit: its gates become matrices by shape and a [`Plan`] of few sweeps through memory (`plan/`);
//! kernels apply a whole run of matrices to a tile of the state while it is in the cache (`kernels/`, the only
//! place with `unsafe`); measurements and control flow run as a small program for all shots together (`engine/`).
//! [`mod@reference`] is a slow, obvious engine to test against.
//!
//! What holds everywhere: qubit 0 is the least significant bit; results depend on the seed but not on the number of
//! threads; memory is checked before it is taken; no kernel knows a gate by name.

mod arithmetic;
mod bandwidth;
mod blocks;
mod channel;
mod checkpoint;
mod counts;
mod density;
mod direct;
mod engine;
mod error;
mod expectation;
mod fermion;
#[allow(
    unsafe_code,
    reason = "vector intrinsics and tiles shared between threads; see kernels/mod.rs"
)]
#[allow(
    unreachable_pub,
    reason = "the sealed trait `Real` names vector types in its signatures"
)]
mod kernels;
mod measured;
mod memory;
mod method;
mod noisy;
#[cfg(test)]
mod noisy_fixtures;
mod npy;
mod operator;
mod options;
mod plan;
mod pool;
mod random;
mod reduce;
mod reduced;
pub mod reference;
mod sample;
mod sector;
mod stabilizer;
mod state;
mod symbolic;
mod trajectories;
#[cfg(test)]
mod under_miri;

pub use arithmetic::multiplication_rate;
pub use bandwidth::memory_bandwidth;
pub use channel::{Channel, MAX_CHANNEL_QUBITS, TRACE_TOLERANCE};
pub use checkpoint::Checkpoint;
pub use counts::{Counts, Outcome};
pub use density::{
    DensityMatrix, DensityRun, MAX_DENSITY_QUBITS, density_matrix, simulate_density,
};
pub use direct::{BriefCircuit, Effort};
pub use engine::{
    Expectations, Report, Run, expectation, expectations, is_brief, plan, simulate, statevector,
};
pub use error::SimulatorError;
pub use kernels::{Real, Width};
pub use memory::{Available, available as available_memory};
pub use method::Method;
pub use noisy::{Channels, Confusion, NoisyCircuit};
pub use options::{MAX_SHOTS, Progress, Record, SimOptions};
pub use plan::{Fusion, Plan};
pub use pool::on_threads;
pub use stabilizer::{PauliNoiseRun, pauli_noise};
pub use state::StateVector;
pub use symbolic::{Family, Gradient, gradient};
pub use trajectories::{Estimate, TrajectoryReport, TrajectoryRun, trajectories};
