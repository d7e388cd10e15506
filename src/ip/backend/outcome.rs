//! What a solver says of a program.

use crate::core::StopReason;

/// What a solver says of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// These values are the best by the measure.
    Best(Vec<i32>),
    /// These values satisfy the rows; a limit ran out.
    Feasible(Vec<i32>, StopReason),
    /// No values satisfy the rows.
    Infeasible,
    /// A limit ran out with nothing in hand.
    Stopped(StopReason),
}
