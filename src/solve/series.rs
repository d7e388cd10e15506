//! A problem that a series of simpler ones decides: how each of them is asked.

use crate::core::{Answer, Limits, Measure, Problem};
use crate::solve::SolveError;

/// Answers one problem of the series.
pub(crate) type Ask<'a> = &'a dyn Fn(&Problem, &Limits<'_>) -> Result<Answer, SolveError>;

/// An objective that every plan meets at 0: it asks for nothing but a plan. It says so only of
/// problems whose sizes are exact.
pub(crate) fn anything() -> Vec<Measure> {
    vec![Measure::Shortfall]
}
