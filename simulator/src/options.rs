//! What a user may choose about a run.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use num_complex::Complex64;

use crate::checkpoint::Checkpoint;
use crate::kernels::Width;
use crate::method::Method;
use crate::plan::Fusion;

/// Most shots of one run.
pub const MAX_SHOTS: u64 = 1 << 32;

/// Options of a run; the default runs no shots in double-precision terms of [`crate::simulate`]'s type parameter.
#[derive(Clone)]
pub struct SimOptions {
    /// The engine to use.
    pub method: Method,
    /// How often the circuit is measured; 0 leaves only the final state.
    pub shots: u64,
    /// Seed of all random outcomes; the same seed gives the same outcomes on any number of threads.
    pub seed: u64,
    /// Threads to use; `None` is one per processor.
    pub threads: Option<usize>,
    /// Bytes that the states may take at most, beside what the machine allows.
    pub memory_cap: Option<u64>,
    /// How gates are combined.
    pub fusion: Fusion,
    /// How often any one loop may run.
    pub max_iterations: u64,
    /// Whether outcomes are kept shot by shot or only counted.
    pub record: Record,
    /// Vector unit; `None` is the widest of the processor.
    pub width: Option<Width>,
    /// Amplitudes to start from instead of |0...0>, 2^n of them for a circuit of n qubits.
    pub initial_state: Option<Arc<[Complex64]>>,
    /// Keeps the state of a long run on disk, from which it goes on after it was broken off.
    pub checkpoint: Option<Checkpoint>,
    /// When set by another thread, the run ends soon with [`crate::SimulatorError::Interrupted`].
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Told how far the run has come.
    pub progress: Option<Progress>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            method: Method::default(),
            shots: 0,
            seed: 0,
            threads: None,
            memory_cap: None,
            fusion: Fusion::default(),
            max_iterations: 1_000_000,
            record: Record::default(),
            width: None,
            initial_state: None,
            checkpoint: None,
            interrupt: None,
            progress: None,
        }
    }
}

impl SimOptions {
    /// Whether the run is to end now.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt
            .as_ref()
            .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// The default options with this many shots.
    pub fn with_shots(shots: u64) -> Self {
        Self {
            shots,
            ..Self::default()
        }
    }
}

impl fmt::Debug for SimOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimOptions")
            .field("method", &self.method)
            .field("shots", &self.shots)
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("memory_cap", &self.memory_cap)
            .field("fusion", &self.fusion)
            .field("max_iterations", &self.max_iterations)
            .field("record", &self.record)
            .field("width", &self.width)
            .field(
                "initial_state",
                &self.initial_state.as_ref().map(|state| state.len()),
            )
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}

/// What is kept of the shots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Record {
    /// How often each outcome occurred.
    #[default]
    Counts,
    /// Also the outcome of every shot, in order.
    EachShot,
}

/// A function that is told the fraction of the work done, between 0 and 1. It is called between sweeps, from a worker
/// thread, and should return quickly.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(f64) + Send + Sync>);

impl Progress {
    /// Calls `report` with the fraction done.
    pub fn new(report: impl Fn(f64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(report))
    }

    pub(crate) fn report(&self, fraction: f64) {
        (self.0)(fraction);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
