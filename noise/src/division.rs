//! Shots divided among runs, and runs among threads.

use ardea_simulator::{SimulatorError, on_threads};
use rayon::prelude::*;

use crate::run::{DENSITY, Engine};

/// Qubits of the widest state of which every thread has one of its own; wider ones are worked on by all threads together.
const LIGHT: usize = 16;

impl Engine {
    /// Whether runs of so many qubits go better side by side ([`divided`]) than one after the other. A density matrix counts as a
    /// state of twice as many, and may be what is chosen automatically up to 10 qubits.
    pub fn is_light(self, qubits: usize) -> bool {
        match self {
            Self::Density => 2 * qubits <= LIGHT,
            Self::Automatic if qubits <= DENSITY => 2 * qubits <= LIGHT,
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

/// The results of `one` for 0, 1 and so on in their order: one after the other, each with all threads, or, where runs
/// are `light` ([`Engine::is_light`]), a few at a time: what waits inside of one run may take up another, so the number
/// that is begun bounds memory and stack.
///
/// # Errors
/// The first one of `one`, and [`SimulatorError::Threads`].
pub fn divided<R: Send, E: Send + From<SimulatorError>>(
    runs: u64,
    light: bool,
    threads: Option<usize>,
    one: impl Fn(u64) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, E> {
    if !light || runs <= 1 || threads == Some(1) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_complete() {
        assert_eq!(shares(11, 4).collect::<Vec<_>>(), [3, 3, 3, 2]);
        assert_eq!(shares(2, 3).collect::<Vec<_>>(), [1, 1, 0]);
        assert_eq!(shares(5, 0).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn results_keep_their_order_and_the_first_error_is_told() {
        let squares = divided(100, true, Some(3), |k| Ok::<_, SimulatorError>(k * k)).unwrap();
        assert!(squares.iter().zip(0..).all(|(&square, k)| square == k * k));
        let failing = |k: u64| {
            if k < 50 {
                return Ok(k);
            }
            let what = format!("run {k}");
            Err(SimulatorError::BadArgument { what })
        };
        for light in [false, true] {
            assert!(divided(100, light, Some(3), failing).is_err());
        }
    }

    #[test]
    fn density_matrices_count_as_twice_as_wide() {
        assert!(Engine::Density.is_light(8) && !Engine::Density.is_light(9));
        assert!(Engine::Trajectories.is_light(16) && !Engine::Trajectories.is_light(17));
        assert!(!Engine::Automatic.is_light(10) && Engine::Automatic.is_light(11));
    }
}
