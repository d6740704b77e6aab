//! The progress bar on stderr, for work that takes longer than a user waits without wondering.

use std::{
    io::{self, IsTerminal as _},
    sync::Once,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long nothing is shown: most commands are done before a bar could be read.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far some work is. Shared by the threads that do it; dropped, it leaves no trace on the terminal.
pub(crate) struct Progress {
    /// `None` where nobody would see it
    bar: Option<ProgressBar>,
    started: Instant,
    /// Drawn from then on
    is_worth_it: Once,
}

impl Progress {
    /// Of `length` pieces of work; never shown where it is not `wanted` or stderr is no terminal.
    pub(crate) fn new(length: usize, what: &'static str, wanted: bool) -> Self {
        let is_seen = wanted && io::stderr().is_terminal();
        Self {
            bar: is_seen.then(|| hidden(length, what)),
            started: Instant::now(),
            is_worth_it: Once::new(),
        }
    }

    /// So many pieces more are done.
    pub(crate) fn advance(&self, count: u64) {
        let Some(bar) = &self.bar else { return };
        if self.started.elapsed() > PATIENCE {
            let draw = || bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            self.is_worth_it.call_once(draw);
        }
        bar.inc(count);
    }
}

/// A bar that is not drawn yet.
fn hidden(length: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.with_message(what)
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
