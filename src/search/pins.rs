//! What is known of the measures before the one that is bounded.

use crate::core::Measure;

/// What each measure before comes to at the most, in the order of the objective.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pins<'a> {
    pub(crate) objective: &'a [Measure],
    pub(crate) values: &'a [u64],
}

impl Pins<'_> {
    /// What a measure is at the most; `None` if it is not before.
    pub(crate) fn of(&self, measure: Measure) -> Option<u64> {
        let mut before = self.objective.iter().zip(self.values);
        before
            .find(|(before, _)| **before == measure)
            .map(|(_, value)| *value)
    }
}
