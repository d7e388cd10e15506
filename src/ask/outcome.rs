//! What a subcommand found out.

/// What a subcommand found out, as its exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a plan; what was asked holds.
    Yes,
    /// Proven that there is none; what was asked does not hold.
    No,
    /// A limit ran out before an answer; or of a claim that is checked: nothing is wrong, and it rests on a search alone.
    LimitRanOut,
}
