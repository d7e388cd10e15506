//! What was found out about capacity.

use crate::ask::capacity::apart::Sharing;
use crate::capacity::{Fit, Largest, More, Repair};
use crate::core::{Answer, Limits, Problem, StopReason};

/// Everything that was found out; `None` where it was not asked.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) largest: Option<Largest>,
    pub(crate) more: Option<More>,
    pub(crate) choice: Option<(Problem, Answer)>,
    pub(crate) fits: Option<Fit>,
    pub(crate) add: Option<Vec<Repair>>,
    /// What is different about the largest size, or about how many fit, where legs share disks.
    pub(crate) sharing: Option<Sharing>,
    /// What would make room by moving what there is, in a sentence.
    pub(crate) offer: Option<String>,
}

/// The limit that ended the search, if one did.
pub(crate) fn ended(limits: &Limits<'_>) -> Option<StopReason> {
    Some(limits.ran_out()).filter(|&reason| reason != StopReason::MethodEnds)
}
