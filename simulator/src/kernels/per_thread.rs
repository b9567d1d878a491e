//! Working memory of the threads, kept from sweep to sweep.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::SimulatorError;

/// One `W` for each thread of a pool.
pub(super) struct PerThread<W>(Vec<Mutex<W>>);

impl<W> PerThread<W> {
    /// As many as the current pool has threads, or one where there is one task: fewer than threads would make some wait
    /// for others.
    pub(super) fn new(
        tasks: usize,
        make: impl Fn() -> Result<W, SimulatorError>,
    ) -> Result<Self, SimulatorError> {
        let count = match tasks {
            0 | 1 => 1,
            _ => rayon::current_num_threads(),
        };
        (0..count)
            .map(|_| make().map(Mutex::new))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is but one.
    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// That of the calling thread. Within the pool no other asks for it, so the lock is never waited for; while it is held,
    /// no parallel loop may begin, or the thread could come back for its own. What a panic left behind is handed out as it
    /// is: users overwrite it.
    pub(super) fn own(&self) -> MutexGuard<'_, W> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        self.0[thread]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
