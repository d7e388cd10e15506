//! What a run under one policy prefers and forbids.

use crate::core::Policy;
use crate::greedy::Call;

/// The flags of a run, step 3.3.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    pub(crate) policy: Policy,
    /// What grows has as many legs as what is wanted.
    pub(crate) matches: bool,
    /// Each leg has to go on where it ended.
    pub(crate) contiguous: bool,
    /// Sources that what grows lies on.
    pub(crate) cling_previous: bool,
    /// Sources that this call has already placed something on.
    pub(crate) cling_placed: bool,
    /// A match is only good for the leg that it matches.
    pub(crate) positional: bool,
    /// Sources that share a tag are as good as the same source.
    pub(crate) by_tags: bool,
    /// No two legs on sources that share a tag.
    pub(crate) partition: bool,
    /// Legs may be made of several pieces.
    pub(crate) can_split: bool,
}

impl Flags {
    pub(crate) fn new(call: &Call, policy: Policy, can_split: bool, prefers_placed: bool) -> Flags {
        let clings = matches!(policy, Policy::Cling | Policy::ClingByTags);
        let previous_legs = call.previous.as_ref().map(|previous| previous.legs);
        let matches = previous_legs == Some(call.all_legs());
        let contiguous = matches && policy == Policy::Contiguous;
        Flags {
            policy,
            matches,
            contiguous,
            cling_previous: matches && clings,
            cling_placed: (!matches && clings) || (prefers_placed && policy == Policy::Normal),
            positional: contiguous || clings,
            by_tags: policy == Policy::ClingByTags,
            partition: policy == Policy::Contiguous && call.tag_rule.is_some(),
            can_split,
        }
    }

    /// Whether only areas count that match something.
    pub(crate) fn clings(&self) -> bool {
        self.contiguous || self.cling_previous || self.cling_placed
    }
}
