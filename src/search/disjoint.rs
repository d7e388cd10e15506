//! Legs that need only differ at each offset, of a request whose tags keep them apart as a whole: planned as the
//! disjoint sets of sources that they are on.

use crate::core::{Answer, Areas, Limits, Plan, Problem, Request, Separation};

/// The answer where some request is one of these; `ask` answers the problem that says so.
pub(crate) fn plan(
    problem: &Problem,
    ask: impl Fn(&Problem, Option<&Plan>, &Limits<'_>) -> Answer,
    start: Option<&Plan>,
    limits: &Limits<'_>,
) -> Option<Answer> {
    let are_disjoint = |request: &Request| are_disjoint(problem, request);
    if !problem.requests().iter().any(are_disjoint) {
        return None;
    }
    let mut requests = problem.requests().to_vec();
    for request in requests.iter_mut().filter(|request| are_disjoint(request)) {
        request.separation = Separation::Leg;
    }
    let same = problem.with_requests(requests, problem.objective().to_vec());
    Some(ask(&same.ok()?, start, limits))
}

/// Whether every source that the request may use has a tag of which one leg may be. Companions and legs that
/// grow have rules of their own.
fn are_disjoint(problem: &Problem, request: &Request) -> bool {
    let has_tag = |(source, _): (usize, Areas)| {
        let mut tags = problem.sources()[source].tags.iter();
        tags.any(|tag| request.partition_by_tags.contains(tag))
    };
    request.separation() == Separation::Segment
        && request.legs() > 1
        && request.metadata.is_none()
        && request.log.is_none()
        && request.grows.is_none()
        && !request.partition_by_tags.is_empty()
        && problem.offered(request).into_iter().all(has_tag)
}
