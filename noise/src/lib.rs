//! Device noise: from a calibration to the counts that a device would give.
//!
//! A [`NoiseModel`] knows what each gate, wait and measurement of a device does to its qubits. It times a circuit as the
//! device would and turns it into a [`NoisyCircuit`](ardea_simulator::NoisyCircuit): relaxation and depolarising as
//! channels, always-on ZZ and slow detunings as ordinary gates where the schedule puts them. [`run`] simulates that,
//! on a density matrix where it is small and by trajectories where it is not; Clifford circuits of any width with the noise
//! as random Paulis, where that is asked for.
//!
//! ```
//! use ardea_circuit::Circuit;
//! use ardea_device::Target;
//! use ardea_noise::{NoiseModel, NoiseOptions, RunOptions, run};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::bundled("boston")?;
//! let model = NoiseModel::from_target(&target, &NoiseOptions::markovian())?;
//! let mut circuit = Circuit::new(2, 2);
//! circuit.sx(0)?.cz(0, 1)?.measure(0, 0)?.measure(1, 1)?; // in the device's gates, on its qubits
//! let result = run(&circuit, &model, &[], &RunOptions::with_shots(1000))?;
//! assert_eq!(result.counts.shots(), 1000);
//! # Ok(()) }
//! ```
//!
//! Times are in seconds, frequencies and rates in hertz, phases in radians, errors are average gate infidelities.

#![forbid(unsafe_code)]

mod division;
mod dress;
mod error;
mod gate_error;
mod model;
mod options;
mod pauli;
mod run;
mod slow;
mod timeline;
mod walk;

pub use division::{divided, shares};
pub use error::NoiseError;
pub use gate_error::GateNoise;
pub use model::NoiseModel;
pub use options::{
    DEFAULT_CHARGE_PARITY, DEFAULT_FLICKER, DEFAULT_QUASI_STATIC, DEFAULT_ZZ, Flicker, NoiseOptions,
};
pub use run::{Engine, NoisyRun, RunOptions, counts_by_draw, density_matrix, run};
