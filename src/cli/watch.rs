//! The one run that a process makes: its clock, its memory, Ctrl-C, and who has the last word.
//!
//! Searches look at their limits and end by themselves, with the best they have. Reading, printing, and
//! whatever else forgets to look are bound here: the work is done by a thread of its own, and where that
//! is not back soon after a limit, the run ends with what it had left as its last word.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli::{Outcome, output, progress, voice};
use crate::core::{Limits, StopReason};

/// Set once the user presses Ctrl-C: the search ends with the best it has.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Set once the process has outgrown nine tenths of the memory that it may take.
static FULL: AtomicBool = AtomicBool::new(false);
/// When the run has to end.
static END: OnceLock<Instant> = OnceLock::new();
/// Bytes of memory that the process may occupy.
static MEMORY: OnceLock<u64> = OnceLock::new();
/// What is said if the work does not come back in time.
static LAST_WORD: Mutex<Option<LastWord>> = Mutex::new(None);

/// The text of an answer and what it means, given what ran out.
pub(crate) type LastWord = Box<dyn FnOnce(StopReason) -> anyhow::Result<(String, Outcome)> + Send>;

/// What bounds a run as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Time from the start of the process to its last output.
    pub(crate) time: Option<Duration>,
    /// Bytes of memory that the process may occupy.
    pub(crate) memory: Option<u64>,
}

/// Does the work of a run within bounds, with Ctrl-C as a stop.
///
/// # Errors
/// If the interrupt handler or the thread cannot be set up, and those of `work`.
pub(crate) fn run(
    started: Instant,
    bounds: Bounds,
    work: impl FnOnce() -> anyhow::Result<Outcome> + Send + 'static,
) -> anyhow::Result<Outcome> {
    /// Stack of the thread that works, as main threads have it.
    const STACK_BYTES: usize = 8 << 20;
    ctrlc::set_handler(|| {
        // A second Ctrl-C does not wait for anything.
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(3);
        }
    })
    .context("cannot set up the interrupt handler")?;
    let end = bounds.time.and_then(|time| started.checked_add(time));
    if let Some(end) = end {
        END.get_or_init(|| end);
    }
    if let Some(bytes) = bounds.memory {
        MEMORY.get_or_init(|| bytes);
    }
    let mut watch = Watch {
        bounds,
        over_since: None,
    };
    if let Some(reason) = watch.must_end() {
        return have_the_last_word(reason);
    }
    let (report, reports) = channel();
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
    let worker = worker.spawn(move || {
        // Nobody hears what comes after the last word.
        let _ = report.send(work());
    });
    let worker = worker.context("cannot start the thread that works")?;
    loop {
        match reports.recv_timeout(watch.pause()) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(reason) = watch.must_end() {
            if let Some(_voice) = voice::silence() {
                return have_the_last_word(reason);
            }
            // What was said may have been all there is to say: then the work is back right after.
            let result = reports.recv_timeout(watch.grace());
            return result.unwrap_or(Ok(Outcome::LimitRanOut));
        }
    }
    match worker.join() {
        // It sends before it ends.
        Ok(()) => anyhow::bail!("the thread that works ended without a word"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// What the run as a whole leaves to a search.
pub(crate) fn limits() -> Limits<'static> {
    Limits {
        remaining: &remaining,
        is_interrupted: &is_interrupted,
        is_full: &is_full,
        memory_bytes: MEMORY.get().copied().unwrap_or(Limits::none().memory_bytes),
        ..Limits::none()
    }
}

/// Time left: `None` without a limit, zero once it ran out or the user wants to stop, for what looks at
/// nothing but the clock.
fn remaining() -> Option<Duration> {
    if is_interrupted() {
        return Some(Duration::ZERO);
    }
    let end = END.get()?;
    Some(end.saturating_duration_since(Instant::now()))
}

/// Whether the user wants to stop.
fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Whether the process has almost outgrown its memory.
fn is_full() -> bool {
    FULL.load(Ordering::Relaxed)
}

/// Leaves what is to be said if the work does not come back in time, in place of what was left before.
pub(crate) fn leave(last_word: LastWord) {
    *LAST_WORD.lock().unwrap_or_else(PoisonError::into_inner) = Some(last_word);
}

/// Says what was left, or at least what ended the run.
fn have_the_last_word(reason: StopReason) -> anyhow::Result<Outcome> {
    progress::take_away();
    let left = LAST_WORD.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(last_word) = { left }.take() else {
        output::remark(&format!("{} before an answer", reason.as_end()));
        return Ok(Outcome::LimitRanOut);
    };
    let (text, outcome) = last_word(reason)?;
    output::write(&text)?;
    Ok(outcome)
}

/// Looks at the clock and at the memory.
struct Watch {
    bounds: Bounds,
    /// When it was first seen that the work has to end, and why.
    over_since: Option<(Instant, StopReason)>,
}

impl Watch {
    /// Time between two looks. Memory can grow by a gigabyte a second.
    fn pause(&self) -> Duration {
        Duration::from_millis(if self.bounds.memory.is_some() { 2 } else { 5 })
    }

    /// Which limit ends the run now, whatever the work is at.
    fn must_end(&mut self) -> Option<StopReason> {
        let occupied = self.bounds.memory.zip(occupied_bytes());
        if let Some((most, bytes)) = occupied {
            if bytes > most {
                return Some(StopReason::Memory);
            }
            if bytes > most / 10 * 9 {
                FULL.store(true, Ordering::Relaxed);
            }
        }
        let now = Instant::now();
        if self.over_since.is_none() {
            let is_over = remaining().is_some_and(|left| left.is_zero());
            let reason = match (is_over, is_full()) {
                (true, _) if is_interrupted() => Some(StopReason::Interrupted),
                (true, _) => Some(StopReason::Time),
                (false, true) => Some(StopReason::Memory),
                (false, false) => None,
            };
            self.over_since = reason.map(|reason| (now, reason));
        }
        let (since, reason) = self.over_since?;
        (now.duration_since(since) >= self.grace()).then_some(reason)
    }

    /// Time in which a search that looks at its limits is back: a search of some milliseconds between two
    /// looks, on a machine with other work.
    fn grace(&self) -> Duration {
        const LEAST: Duration = Duration::from_millis(80);
        let time = self.bounds.time.filter(|_| !is_interrupted());
        time.map_or(LEAST, |time| (time / 20).max(LEAST))
    }
}

/// Bytes of memory that this process occupies, where the system says so.
fn occupied_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_bounds_goes_on() {
        let mut watch = Watch {
            bounds: Bounds {
                time: None,
                memory: None,
            },
            over_since: None,
        };
        assert_eq!(watch.must_end(), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_has_outgrown_its_memory_ends_at_once() {
        let mut watch = Watch {
            bounds: Bounds {
                time: None,
                memory: Some(1),
            },
            over_since: None,
        };
        assert_eq!(watch.must_end(), Some(StopReason::Memory));
    }
}
