//! How far a fleet is asked, on terminals only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::terminal;
use crate::fleet::{Sources, Summary};

/// A line on standard error that says how far it is; nothing where that is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes of the files that were read so far.
    read: Arc<AtomicU64>,
}

impl Progress {
    pub(crate) fn new(sources: &Sources) -> Progress {
        let total = sources.total_bytes();
        let target = match terminal::is_quiet() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match total {
            Some(_) => "{wide_bar} {percent}% of {total_bytes}, {eta} left; {msg}",
            None => "{spinner} {elapsed}; {msg}",
        };
        let style = ProgressStyle::with_template(template).expect("a template that is right");
        Progress {
            bar: bar.with_style(style),
            read: sources.read_bytes(),
        }
    }

    /// Says what was done by now.
    pub(crate) fn show(&mut self, summary: &Summary) {
        if !self.bar.is_hidden() {
            self.bar.set_message(summary.counts());
            self.bar.set_position(self.read.load(Ordering::Relaxed));
        }
    }

    /// Writes something else while nothing is shown.
    pub(crate) fn beside<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
