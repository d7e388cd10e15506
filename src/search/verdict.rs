//! From a plan and what is known of all plans to an answer.

use crate::core::{Answer, Bound, Measure, Method, Plan, Problem, Proof, StopReason, cost};
use crate::search::bounds::leftover;
use crate::search::pins::Pins;

/// Lower bounds that a strategy knows. What it does not know is 0, and the bounds that hold for
/// every problem are added by [`judge`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lower {
    /// Segments of every plan.
    pub(crate) segments: u64,
    /// Sources of every plan.
    pub(crate) sources: u64,
    /// Sources of every plan that has as few segments as `segments` says.
    pub(crate) sources_with_least_segments: u64,
    /// Segments of every plan that is on as few sources as `sources` says.
    pub(crate) segments_with_least_sources: u64,
    /// Free areas that every plan leaves.
    pub(crate) fragments: u64,
}

impl Lower {
    /// Bounds of two requests together: each measure is a sum over the requests.
    ///
    /// If the sum of one measure is least, so is each part; hence the last two may be added as well.
    pub(crate) fn and(&self, other: &Lower) -> Lower {
        Lower {
            segments: self.segments + other.segments,
            sources: self.sources + other.sources,
            sources_with_least_segments: self.sources_with_least_segments
                + other.sources_with_least_segments,
            segments_with_least_sources: self.segments_with_least_sources
                + other.segments_with_least_sources,
            fragments: 0,
        }
    }
}

/// `Best` if the plan costs what the bound says, else `Found`.
pub(crate) fn judge(
    problem: &Problem,
    plan: Plan,
    lower: &Lower,
    method: Method,
    proof: Proof,
) -> Answer {
    let cost = cost(problem, &plan);
    let bound = bound(problem, lower);
    if cost.0 == bound.0 {
        return Answer::Best {
            plan,
            cost,
            method,
            proof,
            certificates: Vec::new(),
        };
    }
    Answer::Found {
        plan,
        cost,
        bound,
        method,
        stopped: StopReason::MethodEnds,
        certificates: Vec::new(),
    }
}

/// Nothing is known.
pub(crate) fn unknown(stopped: StopReason) -> Answer {
    Answer::Unknown {
        bound: Bound::default(),
        stopped,
    }
}

/// Nothing but lower bounds is known.
pub(crate) fn open(problem: &Problem, lower: &Lower, stopped: StopReason) -> Answer {
    Answer::Unknown {
        bound: bound(problem, lower),
        stopped,
    }
}

/// The bound in the order of the objective.
pub(crate) fn bound(problem: &Problem, lower: &Lower) -> Bound {
    let mut values = Vec::new();
    for &measure in problem.objective() {
        values.push(entry(problem, lower, measure, &values));
    }
    Bound(values)
}

/// The least value of a measure in plans that are no worse before than `values` say.
pub(crate) fn entry(problem: &Problem, lower: &Lower, measure: Measure, values: &[u64]) -> u64 {
    let pins = Pins {
        objective: problem.objective(),
        values,
    };
    match measure {
        Measure::Unserved | Measure::Shortfall | Measure::Elsewhere => 0,
        Measure::Segments => {
            let counted = match pins.of(Measure::Sources) {
                Some(sources) if sources <= lower.sources => {
                    lower.segments.max(lower.segments_with_least_sources)
                }
                Some(_) | None => lower.segments,
            };
            counted.max(leftover::segments(problem, &pins))
        }
        Measure::Sources => {
            let counted = match pins.of(Measure::Segments) {
                Some(segments) if segments <= lower.segments => {
                    lower.sources.max(lower.sources_with_least_segments)
                }
                Some(_) | None => lower.sources,
            };
            counted.max(leftover::sources(problem, &pins))
        }
        Measure::Balance => leftover::balance(problem),
        Measure::Fragments => leftover::fragments(problem, &pins).max(lower.fragments),
        Measure::LargestArea => leftover::largest_area(problem),
    }
}
