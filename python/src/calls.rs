//! Long calls: the interpreter is released, Ctrl-C works, and thread pools survive a fork.
//!
//! The work runs on a thread of its own while the calling thread, without the interpreter's lock, wakes every
//! [`POLL`] to look for signals. Simulations and compilations are told to stop by their flag and waited for; other
//! work, which is short or a check of equality, is left to finish by itself, its result dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use ardea_simulator::on_threads;
use pyo3::prelude::*;

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

/// Runs `work` on the simulator's pool of `threads` threads, or of one per processor, which survives a fork; the pool
/// that `rayon` has for itself does not, so every parallel loop belongs in here.
pub(crate) fn on_pool<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    on_threads(threads, work)?
}
