//! How much a method does before it gives up.
//!
//! Work is counted in looks at an area, some nanoseconds each: unlike a clock, they end every run at the same
//! place.

use crate::core::Limits;

/// Looks of a method where the clock ends it anyhow: some ten seconds.
const TIMED: u64 = 1 << 31;
/// Looks where nothing else does: whoever waits without a limit is to have an answer soon.
const UNTIMED: u64 = 1 << 27;
/// The same of methods that prove nothing: what they find is found early.
const UNTIMED_IMPROVING: u64 = 1 << 25;
/// Looks of a glance.
const GLANCE: u64 = 1 << 20;

/// Looks that one method may spend on a proof.
pub(crate) fn looks(limits: &Limits<'_>) -> u64 {
    match (limits.remaining)() {
        Some(_) => TIMED,
        None => UNTIMED,
    }
}

/// How long better plans are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Some milliseconds, before bounds that may take long: it may meet one that is known.
    Glance,
    /// As long as there is time.
    Whole,
}

/// Looks that one method may spend on better plans.
pub(crate) fn improving_looks(effort: Effort, limits: &Limits<'_>) -> u64 {
    match ((limits.remaining)(), effort) {
        (_, Effort::Glance) => GLANCE,
        (Some(_), Effort::Whole) => TIMED,
        (None, Effort::Whole) => UNTIMED_IMPROVING,
    }
}
