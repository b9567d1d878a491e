//! The arguments that all simulations share.

use clap::{Args, ValueEnum};

use super::{at_least_one, bytes};

/// What a simulation may use of the machine.
#[derive(Debug, Args)]
pub(crate) struct Resources {
    /// Threads to use; one per processor by default.
    #[arg(long, value_parser = at_least_one)]
    pub(crate) threads: Option<usize>,
    /// Memory the states may take at most, for instance 512MiB or 8GiB.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory: Option<u64>,
}

/// How a device's noise is simulated.
#[derive(Debug, Args)]
pub(crate) struct Noisy {
    /// Which noise: calibrated (gate errors, relaxation, misreading) or full (also ZZ and slow detunings).
    #[arg(long, value_enum, default_value_t = NoiseKind::Full)]
    pub(crate) noise_kind: NoiseKind,
    /// How often the slow parameters of the noise are drawn; the shots are divided among the draws, those of all versions
    /// of a circuit together.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) draws: Option<u64>,
    /// Engine for noise.
    #[arg(long, value_enum, default_value_t = NoisyEngine::Automatic)]
    pub(crate) noise_engine: NoisyEngine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoiseKind {
    /// Gate errors, relaxation and misreading, as calibrated.
    Calibrated,
    /// Also always-on ZZ, quasi-static and 1/f detuning, charge parity.
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoisyEngine {
    /// The density matrix where it costs less.
    Automatic,
    /// The density matrix, up to 14 qubits.
    Density,
    /// Quantum trajectories.
    Trajectories,
    /// Clifford circuits of any width, with the noise as random Paulis (an approximation).
    Stabilizer,
}
