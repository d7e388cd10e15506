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

/// Looks that one method may spend on a proof.
pub(crate) fn looks(limits: &Limits<'_>) -> u64 {
    match (limits.remaining)() {
        Some(_) => TIMED,
        None => UNTIMED,
    }
}

/// Looks that one method may spend on better plans.
pub(crate) fn improving_looks(limits: &Limits<'_>) -> u64 {
    match (limits.remaining)() {
        Some(_) => TIMED,
        None => UNTIMED_IMPROVING,
    }
}
