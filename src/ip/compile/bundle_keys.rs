//! Which problems bundles can say, and what belongs to one bundle.

use std::collections::BTreeMap;

use crate::core::{Measure, Place, Policy, Problem, Request, Separation, Size};

/// Whether a problem is one that bundles can say.
pub(crate) fn fit(problem: &Problem) -> bool {
    let [request] = problem.requests() else {
        return false;
    };
    let measures = problem.objective();
    let is_measurable = |measure: &Measure| match measure {
        Measure::Segments | Measure::Sources => true,
        Measure::Unserved
        | Measure::Shortfall
        | Measure::Elsewhere
        | Measure::Balance
        | Measure::Fragments
        | Measure::LargestArea => false,
    };
    // Every field is named, so that whoever adds one is led here: is it one of these with it?
    #[rustfmt::skip]
    let Request { name: _, size, shape: _, metadata, log, policy, separation: _, cuts,
        partition_by_tags: _, cling_tags: _, cling_sources: _, grows, allowed: _, area_tags: _, avoid, value } = request;
    let has_plain_companions =
        log.is_none() && metadata.is_none_or(|metadata| metadata.place == Place::Front);
    let is_counted_apart = *cuts == crate::core::Cuts::Apart
        || request.legs() == 1
        || !measures.contains(&Measure::Segments);
    matches!(policy, Policy::Normal | Policy::Anywhere)
        && matches!(size, Size::Exactly(_))
        && grows.is_none()
        && value.is_none()
        && avoid.is_empty()
        && has_plain_companions
        && is_counted_apart
        && measures.iter().all(is_measurable)
        && !problem.goes_by_area_tags(request)
        && keys(problem, request).is_some()
}

/// Per offered source what it is bundled by: itself, or its tag. `None` if a leg may not own bundles.
pub(crate) fn keys<'a>(
    problem: &'a Problem,
    request: &'a Request,
) -> Option<Vec<(usize, Option<&'a String>)>> {
    let mut keys = Vec::new();
    let mut sizes: BTreeMap<&String, u32> = BTreeMap::new();
    let mut has_short = false;
    for (source, areas) in problem.offered(request) {
        has_short |= areas.longest() <= request.front_extents();
        let tags = &problem.sources()[source].tags;
        let mut shared = tags.intersection(&request.partition_by_tags);
        let tag = shared.next();
        let owns = tag.is_some() || request.separation() == Separation::Leg || request.legs() == 1;
        if !owns || shared.next().is_some() {
            return None;
        }
        if let Some(tag) = tag {
            *sizes.entry(tag).or_default() += 1;
        }
        keys.push((source, tag));
    }
    // The areas of several sources do not say how many sources they are on.
    let counts_both = problem.objective().len() > 1;
    let has_groups = sizes.values().any(|count| *count > 1);
    // The largest source of a group need not have the longest area, which metadata goes in front of.
    let by_area = problem.objective().contains(&Measure::Segments);
    let hides_front = has_short && !by_area;
    (!(has_groups && (counts_both || hides_front))).then_some(keys)
}
