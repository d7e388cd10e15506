//! From a plan and what is known of all plans to an answer.

use crate::core::{
    Answer, Bound, Measure, Method, Plan, Problem, Proof, Request, Size, StopReason, cost,
};

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
    let (mut after_segments, mut after_sources) = (false, false);
    for measure in problem.objective() {
        values.push(match measure {
            Measure::Unserved | Measure::Shortfall => 0,
            Measure::Segments if after_sources => {
                lower.segments.max(lower.segments_with_least_sources)
            }
            Measure::Segments => lower.segments,
            Measure::Sources if after_segments => {
                lower.sources.max(lower.sources_with_least_segments)
            }
            Measure::Sources => lower.sources,
            Measure::Balance => least_balance(problem),
            Measure::Fragments => least_fragments(problem).max(lower.fragments),
            Measure::LargestArea => least_largest_area(problem),
        });
        after_segments |= *measure == Measure::Segments;
        after_sources |= *measure == Measure::Sources;
    }
    Bound(values)
}

/// Extents that every plan takes.
fn least_taken(problem: &Problem) -> u64 {
    let least = |request: &Request| match (request.value, request.size) {
        (Some(_), _) | (None, Size::AtMost(_)) => 0,
        (None, Size::Exactly(_)) => request.total_extents().unwrap_or(0),
    };
    problem.requests().iter().map(least).sum()
}

/// Extents that no plan takes more than.
fn most_taken(problem: &Problem) -> u64 {
    let most = problem.requests().iter().map(Request::total_extents);
    most.sum::<Option<u64>>().unwrap_or(u64::MAX)
}

/// No source becomes emptier, and the fullest is at least as full as all together.
fn least_balance(problem: &Problem) -> u64 {
    let fill = |used: u128, extents: u128| {
        let parts = (used * 1_000_000).checked_div(extents).unwrap_or(0);
        u64::try_from(parts).unwrap_or(1_000_000)
    };
    let mut fullest = 0;
    let (mut all_used, mut all) = (u128::from(least_taken(problem)), 0u128);
    for source in problem.sources() {
        let used = u128::from(source.extents - source.free.total());
        fullest = fullest.max(fill(used, u128::from(source.extents)));
        all_used += used;
        all += u128::from(source.extents);
    }
    fullest.max(fill(all_used.min(all), all))
}

/// Every area that is not taken whole leaves at least one, and the shortest are the easiest to take
/// whole.
fn least_fragments(problem: &Problem) -> u64 {
    let free = problem
        .sources()
        .iter()
        .flat_map(|source| source.free.iter());
    let mut lengths: Vec<u64> = free.map(|area| area.count()).collect();
    lengths.sort_unstable();
    let mut left = most_taken(problem);
    let mut whole = 0;
    for &length in &lengths {
        if length > left {
            break;
        }
        left -= length;
        whole += 1;
    }
    lengths.len() as u64 - whole
}

/// What is left in all is at least as much as the longest area that is left.
fn least_largest_area(problem: &Problem) -> u64 {
    let longest = problem.sources().iter().map(|source| source.free.longest());
    let longest = longest.max().unwrap_or(0);
    let free: u64 = problem
        .sources()
        .iter()
        .map(|source| source.free.total())
        .sum();
    longest - longest.min(free.saturating_sub(least_taken(problem)))
}
