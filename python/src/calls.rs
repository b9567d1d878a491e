//! Long calls: the interpreter is released, Ctrl-C works, and thread pools survive a fork.
//!
//! The work runs on a thread of its own while the calling thread, without the interpreter's lock, wakes every
//! [`POLL`] to look for signals. Simulations and compilations are told to stop by their flag and waited for; other
//! work, which is short or a check of equality, is left to finish by itself, its result dropped.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::{Error, Result, guarded};

/// How often signals are looked at.
const POLL: Duration = Duration::from_millis(50);

/// Deeply nested definitions recurse; the main thread's usual 8 MiB should not be the better place for them.
const STACK: usize = 16 << 20;

/// Runs `work` without the interpreter's lock. A signal handler that raises ends the call; `interrupt` is then set,
/// and the end of the work awaited.
pub(crate) fn run_long<T: Send + 'static>(
    py: Python<'_>,
    interrupt: Option<Arc<AtomicBool>>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (send, mut receive) = sync_channel(1);
    let run = move || {
        // Nobody may be listening any more: see the module's description.
        let _ = send.send(guarded(work));
    };
    thread::Builder::new()
        .name("ardea-call".to_owned())
        .stack_size(STACK)
        .spawn(run)
        .map_err(|error| Error::Value(format!("could not start a thread: {error}")))?;
    loop {
        let message;
        (receive, message) = py.detach(move || {
            let message = receive.recv_timeout(POLL);
            (receive, message)
        });
        match message {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Internal(
                    "a worker thread ended without a result".to_owned(),
                ));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(signal) = py.check_signals() {
            if let Some(flag) = interrupt {
                flag.store(true, Ordering::Relaxed);
                py.detach(move || drop(receive.recv()));
            }
            return Err(signal.into());
        }
    }
}

/// Runs `work` that takes a few milliseconds at most and starts no threads, without the interpreter's lock but on the
/// calling thread: handing it to another one would take longer than the work.
pub(crate) fn run_brief<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    py.detach(|| guarded(work))
}

/// Runs `work` on a pool of `threads` threads, or one per processor.
///
/// Pools are kept by process: after a fork the child has none of its parent's threads and must not wait for them.
pub(crate) fn on_pool<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    pool(threads)?.install(work)
}

fn pool(threads: Option<usize>) -> Result<Arc<ThreadPool>> {
    static POOLS: Mutex<BTreeMap<(u32, usize), Arc<ThreadPool>>> = Mutex::new(BTreeMap::new());
    let threads = threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .max(1);
    let key = (std::process::id(), threads);
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&key) {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK)
        .thread_name(|i| format!("ardea-python-{i}"))
        .build()
        .map_err(|error| Error::Value(format!("could not start {threads} threads: {error}")))?;
    let pool = Arc::new(pool);
    pools.insert(key, Arc::clone(&pool));
    Ok(pool)
}
