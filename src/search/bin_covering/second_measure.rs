//! The second measure of whole legs: few sources among the plans with few areas, or the other way round.
//!
//! Source by source the areas of all legs together are a selection, so the trade-off between areas
//! and sources bounds the one for a given number of the other. The plan comes from selections of both
//! numbers, from the bound on: the first that can be shared out is as good as the bound says.

use crate::core::{Areas, Cost, Limits, Measure, Method, Plan, Problem, Request, cost};
use crate::search::bin_covering::covering::{Covering, lead};
use crate::search::bin_covering::{segments_of, share, sources_of};
use crate::search::fewest::Lengths;
use crate::search::tradeoff::Tradeoff;
use crate::search::verdict::Lower;

/// Most selections that are tried.
const MOST_TRIES: usize = 48;

/// Raises the bound on the measure that does not come first, and returns a better plan if it finds
/// one.
pub(crate) fn closer(
    problem: &Problem,
    request: &Request,
    covering: &Covering,
    (known, plan): (&Cost, &Plan),
    lower: &mut Lower,
    limits: &Limits<'_>,
) -> Option<(Cost, Plan, Method)> {
    let covering = covering.by_area();
    // The items of a tag partition are groups; their sources, too, serve one leg each at most.
    let is_by_source = request.partition_by_tags.is_empty();
    let gives = if is_by_source {
        covering.gives()
    } else {
        let offered = problem.offered(request);
        let gives = |(_, areas): &(usize, Areas)| Lengths::of(areas).gives(covering.needed);
        offered.iter().map(gives).collect()
    };
    let tradeoff = Tradeoff::new(&gives, covering.needed * covering.legs as u64, limits);
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (areas, sources) = (count(segments_of(plan)), count(sources_of(plan)));
    let pairs: Vec<(usize, usize)> = if lead(problem.objective()) == Some(Measure::Sources) {
        let least = tradeoff.least_areas(count(lower.sources)).unwrap_or(0);
        lower.segments_with_least_sources = lower.segments_with_least_sources.max(least as u64);
        let from = count(lower.segments_with_least_sources.max(lower.segments));
        (from..areas).map(|areas| (areas, sources)).collect()
    } else {
        let least = tradeoff.least_sources(count(lower.segments)).unwrap_or(0);
        lower.sources_with_least_segments = lower.sources_with_least_segments.max(least as u64);
        let from = count(lower.sources_with_least_segments.max(lower.sources));
        (from..sources).map(|sources| (areas, sources)).collect()
    };
    if !is_by_source {
        return None;
    }
    let mut pairs = pairs.into_iter().take(MOST_TRIES);
    let found = pairs.find_map(|(areas, sources)| {
        if limits.is_over() {
            return None;
        }
        let selection = tradeoff.select(areas, sources)?;
        let (plan, _) = share(problem, request, &covering, &selection, limits)?;
        Some(plan)
    })?;
    let cost = cost(problem, &found);
    (cost < *known).then_some((cost, found, Method::Candidates))
}
