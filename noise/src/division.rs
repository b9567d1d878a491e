//! Shots divided among runs, and runs among threads.

use ardea_simulator::{SimulatorError, on_threads};
use rayon::prelude::*;

use crate::run::Engine;

/// Qubits of the widest state of which every thread has one of its own; wider ones are worked on by all threads together.
const LIGHT: usize = 16;

impl Engine {
    /// Whether runs of so many qubits go better [`side_by_side`] than one after the other. A density matrix counts as a
    /// state of twice as many.
    pub fn is_light(self, qubits: usize) -> bool {
        match self {
            Self::Density => 2 * qubits <= LIGHT,
            Self::Automatic | Self::Trajectories | Self::Stabilizer => qubits <= LIGHT,
        }
    }
}

/// `shots` divided among so many, as evenly as can be.
pub fn shares(shots: u64, among: u64) -> impl Iterator<Item = u64> {
    let among = among.max(1);
    (0..among).map(move |k| share(shots, among, k))
}

/// The k-th of the [`shares`].
pub(crate) fn share(shots: u64, among: u64, k: u64) -> u64 {
    shots / among + u64::from(k < shots % among)
}

/// The results of `one` for 0, 1 and so on in their order, a few at a time: what waits inside of one run may take up
/// another, so the number that is begun bounds memory and stack.
///
/// # Errors
/// The first one of `one`, and [`SimulatorError::Threads`].
pub fn side_by_side<R: Send, E: Send + From<SimulatorError>>(
    runs: u64,
    threads: Option<usize>,
    one: impl Fn(u64) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, E> {
    if runs <= 1 || threads == Some(1) {
        return (0..runs).map(one).collect();
    }
    on_threads(threads, || {
        let batch = 4 * rayon::current_num_threads() as u64;
        let mut results = Vec::new();
        for first in (0..runs).step_by(batch as usize) {
            let last = runs.min(first + batch);
            let batch: Vec<R> = (first..last)
                .into_par_iter()
                .map(&one)
                .collect::<Result<_, E>>()?;
            results.extend(batch);
        }
        Ok(results)
    })?
}
