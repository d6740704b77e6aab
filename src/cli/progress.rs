//! The progress bar on stderr, for work that takes longer than a user waits without wondering.

use std::{
    io::{self, IsTerminal as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long nothing is shown: most commands are done before a bar could be read.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far some work is. Shared by the threads that do it; dropped, it leaves no trace on the terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Where it is drawn once it is worth it
    target: Mutex<Option<ProgressDrawTarget>>,
}

impl Progress {
    /// Of `length` pieces of work; never shown where it is not `wanted` or stderr is no terminal.
    pub(super) fn new(length: usize, what: &'static str, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        let shown = wanted && io::stderr().is_terminal();
        Self {
            bar: bar.with_message(what),
            started: Instant::now(),
            target: Mutex::new(shown.then(|| ProgressDrawTarget::stderr_with_hz(10))),
        }
    }

    /// So many pieces more are done.
    pub(crate) fn advance(&self, count: u64) {
        if self.started.elapsed() > PATIENCE {
            let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(target) = target.take() {
                self.bar.set_draw_target(target);
            }
        }
        self.bar.inc(count);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
