//! What a planner may use up before it answers, and what of that ran out.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::core::{Bound, Cost, Plan, Problem, StopReason};

/// What a planner may use up.
///
/// The clock is the caller's, be it the one of [`Limits::within`], and so is the count of all memory: planners only ask
/// for them.
///
/// # Example
/// Ten seconds and a million nodes:
/// ```
/// use std::time::Duration;
///
/// use extentplan::core::Limits;
///
/// let clock = Limits::within(Duration::from_secs(10));
/// let limits = Limits {
///     nodes: 1_000_000,
///     ..clock.limits()
/// };
/// assert!(!limits.is_over());
/// ```
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Time left: `None` without a limit, zero once it ran out.
    pub remaining: &'a (dyn Fn() -> Option<Duration> + Sync),
    /// Whether whoever asked does not want to wait any longer.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Whether all that the caller works with has outgrown the memory it may take.
    pub is_full: &'a (dyn Fn() -> bool + Sync),
    /// Most nodes that one exact search may visit. A limit of nodes, unlike one of time, ends every
    /// run at the same place.
    pub nodes: u64,
    /// Most bytes that memo tables and programs may take, together.
    pub memory_bytes: u64,
    /// Chooses which candidate layouts are tried where there are too many to try all. Another seed may
    /// give another plan, the same seed the same one; no seed makes a proof wrong.
    pub seed: u64,
    /// Told of plans on the way to the answer, each better than the one before and right for the problem
    /// beside it, which is the one asked for: what a caller who cannot wait may go by.
    pub found: &'a (dyn Fn(&Problem, &Plan, &Cost) + Sync),
    /// Told of bounds on the way that are true of every plan of the problem beside them.
    pub bounded: &'a (dyn Fn(&Problem, &Bound) + Sync),
    /// Told which method is asked next, in a few words: what it finds is told until the next is asked.
    pub asking: &'a (dyn Fn(&'static str) + Sync),
    /// Where it is kept that nodes or tables ran out; `None` where nobody asks.
    pub spent: Option<&'a Spent>,
}

/// Which of the limits that are no clock kept a search from going on.
#[derive(Debug, Default)]
pub struct Spent {
    nodes: AtomicBool,
    memory: AtomicBool,
    steps: AtomicU64,
}

/// A clock that runs down: [`Limits::within`] starts it.
pub struct Clock {
    remaining: Box<dyn Fn() -> Option<Duration> + Send + Sync>,
}

impl Clock {
    /// What is left of its time, and no other limit.
    #[must_use]
    pub fn limits(&self) -> Limits<'_> {
        Limits {
            remaining: &*self.remaining,
            ..Limits::none()
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = (self.remaining)();
        f.debug_struct("Clock").field("remaining", &left).finish()
    }
}

impl<'a> Limits<'a> {
    /// A clock that gives a planner so much time from now on; [`Clock::limits`] are the limits.
    ///
    /// Zero is over at once: what needs no search is answered.
    #[must_use]
    pub fn within(time: Duration) -> Clock {
        let start = Instant::now();
        Clock {
            remaining: Box::new(move || Some(time.saturating_sub(start.elapsed()))),
        }
    }

    /// Does some work in half of the time that is left, so that something can follow it.
    pub(crate) fn in_half_of_the_time<R>(&self, work: impl FnOnce(&Limits<'_>) -> R) -> R {
        let kept = (self.remaining)().unwrap_or_default() / 2;
        let remaining = || (self.remaining)().map(|left| left.saturating_sub(kept));
        work(&Limits {
            remaining: &remaining,
            ..*self
        })
    }

    /// No time limit, 2^32 nodes, 4 GiB, seed 0.
    #[must_use]
    pub fn none() -> Limits<'static> {
        Limits {
            remaining: &|| None,
            is_interrupted: &|| false,
            is_full: &|| false,
            nodes: 1 << 32,
            memory_bytes: 4 << 30,
            seed: 0,
            found: &|_, _, _| {},
            bounded: &|_, _| {},
            asking: &|_| {},
            spent: None,
        }
    }

    /// Whether a search has to end now: time or memory ran out, or it was interrupted.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_out_of_time() || (self.is_full)() || (self.is_interrupted)()
    }

    /// Whether one exact search may have visited so many nodes. That it may not is kept.
    #[must_use]
    pub fn allow_nodes(&self, visited: u64) -> bool {
        let allowed = visited <= self.nodes;
        if let (false, Some(spent)) = (allowed, self.spent) {
            spent.nodes.store(true, Ordering::Relaxed);
        }
        allowed
    }

    /// Whether tables may take so many bytes. That they may not is kept.
    #[must_use]
    pub fn allow_bytes(&self, bytes: u128) -> bool {
        let allowed = bytes <= u128::from(self.memory_bytes);
        if let (false, Some(spent)) = (allowed, self.spent) {
            spent.memory.store(true, Ordering::Relaxed);
        }
        allowed
    }

    /// Adds steps of a method that is asked again and again for one answer, and says how many it took so far.
    pub fn steps_with(&self, more: u64) -> u64 {
        self.spent.map_or(more, |spent| {
            let before = spent.steps.fetch_add(more, Ordering::Relaxed);
            before.saturating_add(more)
        })
    }

    /// The same with at most so many nodes, for a search that is one try among others: what ends it is
    /// the method where that is less than was given.
    #[must_use]
    pub fn with_nodes(&self, most: u64) -> Limits<'a> {
        Limits {
            nodes: self.nodes.min(most),
            spent: self.spent.filter(|_| self.nodes <= most),
            ..*self
        }
    }

    /// What ended the search: an interruption, or the limit that ran out; [`StopReason::MethodEnds`] for
    /// neither.
    #[must_use]
    pub fn ran_out(&self) -> StopReason {
        let is_kept = |of: fn(&Spent) -> &AtomicBool| {
            self.spent
                .is_some_and(|spent| of(spent).load(Ordering::Relaxed))
        };
        if (self.is_interrupted)() {
            StopReason::Interrupted
        } else if self.is_out_of_time() {
            StopReason::Time
        } else if (self.is_full)() || is_kept(|spent| &spent.memory) {
            StopReason::Memory
        } else if is_kept(|spent| &spent.nodes) {
            StopReason::Nodes
        } else {
            StopReason::MethodEnds
        }
    }

    fn is_out_of_time(&self) -> bool {
        (self.remaining)().is_some_and(|left| left.is_zero())
    }
}

impl fmt::Debug for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("remaining", &(self.remaining)())
            .field("is_interrupted", &(self.is_interrupted)())
            .field("is_full", &(self.is_full)())
            .field("nodes", &self.nodes)
            .field("memory_bytes", &self.memory_bytes)
            .field("seed", &self.seed)
            .field("spent", &self.spent)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_a_search_is_named_an_interruption_before_time_before_memory_before_nodes() {
        let spent = Spent::default();
        let limits = Limits {
            nodes: 10,
            memory_bytes: 100,
            spent: Some(&spent),
            ..Limits::none()
        };
        assert!(limits.allow_nodes(10) && limits.allow_bytes(100));
        assert_eq!(limits.ran_out(), StopReason::MethodEnds);
        assert!(!limits.allow_nodes(11));
        assert_eq!(limits.ran_out(), StopReason::Nodes);
        assert!(!limits.allow_bytes(101));
        assert_eq!(limits.ran_out(), StopReason::Memory);
        let over = Limits {
            remaining: &|| Some(Duration::ZERO),
            ..limits
        };
        assert_eq!(over.ran_out(), StopReason::Time);
        let interrupted = Limits {
            is_interrupted: &|| true,
            ..over
        };
        assert!(interrupted.is_over());
        assert_eq!(interrupted.ran_out(), StopReason::Interrupted);
    }

    #[test]
    fn a_clock_runs_down_to_the_end_of_its_time() {
        let clock = Limits::within(Duration::from_secs(3600));
        let left = (clock.limits().remaining)();
        assert!(left.is_some_and(|left| left > Duration::from_secs(3000)));
        assert!(!clock.limits().is_over());
        let clock = Limits::within(Duration::ZERO);
        assert!(clock.limits().is_over());
        assert_eq!(clock.limits().ran_out(), StopReason::Time);
        // The longest time that there is runs down like any other.
        assert!(!Limits::within(Duration::MAX).limits().is_over());
    }

    #[test]
    fn full_memory_ends_a_search_as_time_does() {
        let full = Limits {
            is_full: &|| true,
            ..Limits::none()
        };
        assert!(full.is_over());
        assert_eq!(full.ran_out(), StopReason::Memory);
    }

    #[test]
    fn nodes_that_a_method_allows_itself_are_no_limit_that_ran_out() {
        let spent = Spent::default();
        let given = Limits {
            nodes: 10,
            spent: Some(&spent),
            ..Limits::none()
        };
        assert!(!given.with_nodes(5).allow_nodes(6));
        assert_eq!(given.ran_out(), StopReason::MethodEnds);
        assert!(!given.with_nodes(50).allow_nodes(11));
        assert_eq!(given.ran_out(), StopReason::Nodes);
    }
}
