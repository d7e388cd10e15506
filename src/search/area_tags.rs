//! Problems whose rules go by tags of single areas, between two in which tags are those of whole sources: what
//! the looser one says no to has no plan, and costs no less; what the stricter one has is a plan.

use std::borrow::Cow;

use crate::core::{Answer, Limits, Plan, Problem, StopReason, check};

/// Whether some rule goes by tags of areas.
pub(crate) fn are_asked(problem: &Problem) -> bool {
    let mut requests = problem.requests().iter();
    requests.any(|request| problem.goes_by_area_tags(request))
}

/// The problem as the methods know it, for bounds.
pub(crate) fn looser(problem: &Problem) -> Cow<'_, Problem> {
    match are_asked(problem) {
        true => Cow::Owned(problem.with_tags_of_sources(false)),
        false => problem.spelled_out(),
    }
}

/// The problem as the methods know it, for plans.
pub(crate) fn stricter(problem: &Problem) -> Cow<'_, Problem> {
    match are_asked(problem) {
        true => Cow::Owned(problem.with_tags_of_sources(true)),
        false => problem.spelled_out(),
    }
}

/// Plans by both.
pub(crate) fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Answer {
    let answer = crate::search::plan(&looser(problem), None, limits);
    let is_right = |plan: &Plan| check(problem, plan).is_empty();
    if matches!(answer, Answer::Impossible { .. }) || answer.plan().is_some_and(is_right) {
        return answer;
    }
    let bound = answer.lower_bound();
    let stricter = stricter(problem);
    let start = start.filter(|start| check(&stricter, start).is_empty());
    match crate::search::plan(&stricter, start, limits) {
        Answer::Best {
            plan, cost, method, ..
        }
        | Answer::Found {
            plan, cost, method, ..
        } => Answer::Found {
            plan,
            cost,
            bound,
            method,
            stopped: StopReason::MethodEnds,
            certificates: Vec::new(),
        }
        .best_if_bound_met(),
        Answer::Impossible { .. } | Answer::Unknown { .. } => Answer::Unknown {
            bound,
            stopped: StopReason::MethodEnds,
        },
    }
}
