//! Thread pools, one per number of threads, made when first needed.
//!
//! They are keyed by process as well: after a fork the child has none of its parent's threads, so it must not wait on
//! a pool that it inherited in name only.
//!
//! Everything that runs side by side belongs into one pool. A worker that waits for another pool takes up more of its
//! own pool's work meanwhile, on top of its stack: a thousand parallel runs that each ask for a pool of their own overflow
//! it. Within a pool, asking for the same one again costs nothing.

use std::collections::BTreeMap;
use std::process;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::SimulatorError;

/// Deeply nested circuits recurse, and a worker that waits for its part of a loop takes up others: 16 MiB, of which
/// the system provides what is used.
const STACK: usize = 16 << 20;

/// Runs `work` on a pool of `threads` threads, or of one per processor; simulations and parallel loops inside share it.
///
/// # Errors
/// [`SimulatorError::Threads`] where the system starts no more threads.
pub fn on_threads<R: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> R + Send,
) -> Result<R, SimulatorError> {
    Ok(pool(threads)?.install(work))
}

/// The results of `first` and `second`: side by side where that is asked for, and this thread is one of a pool (a thread
/// of nobody's would bring in all processors, whatever the options say).
pub(crate) fn both<A: Send, B: Send>(
    side_by_side: bool,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if side_by_side && rayon::current_thread_index().is_some() {
        rayon::join(first, second)
    } else {
        (first(), second())
    }
}

/// The number of threads that `threads` stands for.
pub(crate) fn resolve(threads: Option<usize>) -> usize {
    // The system is asked once: it looks into several files for the answer.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors =
        || *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    threads.unwrap_or_else(processors).max(1)
}

fn pool(threads: Option<usize>) -> Result<Arc<ThreadPool>, SimulatorError> {
    static POOLS: Mutex<BTreeMap<(u32, usize), Arc<ThreadPool>>> = Mutex::new(BTreeMap::new());
    let threads = resolve(threads);
    let key = (process::id(), threads);
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&key) {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK)
        .thread_name(|i| format!("ardea-{i}"))
        .build()
        .map_err(|cause| SimulatorError::Threads { threads, cause })?;
    let pool = Arc::new(pool);
    pools.insert(key, Arc::clone(&pool));
    Ok(pool)
}
