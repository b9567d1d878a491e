//! A line of progress on a terminal, for work that takes more than a second.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shown from one second after its creation until it is dropped; on a terminal only.
pub(crate) struct Progress {
    state: Arc<State>,
    painter: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    /// Thousandths done; zero as long as nothing is known.
    done: AtomicU64,
    finished: AtomicBool,
}

impl Progress {
    pub(crate) fn start(what: &'static str) -> Self {
        let state = Arc::new(State::default());
        let painter = std::io::stderr().is_terminal().then(|| {
            let state = Arc::clone(&state);
            std::thread::spawn(move || paint(what, &state))
        });
        Self { state, painter }
    }

    /// A function that tells how much is done, between 0 and 1.
    pub(crate) fn reporter(&self) -> impl Fn(f64) + Send + Sync + 'static {
        let state = Arc::clone(&self.state);
        move |fraction| {
            state.done.store(
                (fraction.clamp(0.0, 1.0) * 1000.0) as u64,
                Ordering::Relaxed,
            )
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.state.finished.store(true, Ordering::Relaxed);
        if let Some(painter) = self.painter.take() {
            painter.thread().unpark();
            // A painter that panicked leaves nothing to clean up.
            let _ = painter.join();
        }
    }
}

fn paint(what: &'static str, state: &State) {
    std::thread::park_timeout(Duration::from_secs(1));
    if state.finished.load(Ordering::Relaxed) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
    bar.set_message(what);
    while !state.finished.load(Ordering::Relaxed) {
        let done = state.done.load(Ordering::Relaxed);
        let template = if done == 0 {
            "{spinner} {msg} {elapsed}"
        } else {
            "{msg} [{bar:40}] {percent}% {elapsed}"
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
        bar.set_position(done);
        bar.tick();
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
