//! The measure `largest_area` in front: keep as long a free area as can be kept.
//!
//! Whatever run of an area stays free, the pieces beside it can be moved together, so it may as well
//! be the area's end. For each area the longest end that can be set aside is found by bisection: what
//! fits beside a longer end fits beside a shorter one.

use crate::core::{
    Answer, Area, Areas, Bound, Cost, Limits, Measure, Method, Plan, Problem, StopReason, cost,
};
use crate::solve::{SolveError, Strategy, ask};

/// Most areas whose ends are tried; identical sources count once.
const MOST_AREAS: usize = 256;

/// The answer for a problem whose objective starts with [`Measure::LargestArea`].
pub(crate) fn solve(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let all = problem.sources().iter().enumerate();
    let mut candidates: Vec<(usize, Area)> = all
        .filter(|(index, source)| {
            // Of sources that cannot be told apart the first stands for all.
            let alike = |other: &&crate::core::Source| {
                (other.extents, &other.free, &other.tags)
                    == (source.extents, &source.free, &source.tags)
            };
            !has_names(problem) && problem.sources()[..*index].iter().find(alike).is_none()
                || has_names(problem)
        })
        .flat_map(|(index, source)| source.free.iter().map(move |area| (index, area)))
        .collect();
    candidates.sort_by_key(|&(_, area)| std::cmp::Reverse(area.count()));
    let before = candidates.first().map_or(0, |(_, area)| area.count());

    let any = ask(&only_fits(problem, None), strategy, limits)?;
    if any.plan().is_none() {
        return Ok(any.without_bound());
    }
    // The ranges of a request can keep it from the front of an area, so that the end is not as good
    // as any other run.
    let has_ranges = problem
        .requests()
        .iter()
        .flat_map(|request| request.allowed.iter().flatten())
        .any(|(_, ranges)| ranges.is_some());
    let mut is_proven = !has_ranges;
    // Those that are not tried are no longer than this.
    let untried = candidates
        .get(MOST_AREAS)
        .map_or(0, |(_, area)| area.count());
    candidates.truncate(MOST_AREAS);
    let mut kept = 0;
    for &(source, area) in &candidates {
        let mut most = area.count();
        let mut probe = most;
        while kept < most && probe > kept {
            if limits.is_over() {
                is_proven = false;
                break;
            }
            match ask(
                &only_fits(problem, end_of(source, area, probe)),
                strategy,
                limits,
            )? {
                Answer::Best { .. } | Answer::Found { .. } => kept = probe,
                Answer::Impossible { .. } => most = probe - 1,
                Answer::Unknown { .. } => {
                    is_proven = false;
                    most = probe - 1;
                }
            }
            // First the whole area, then one more than what is kept already: most areas fail both.
            probe = if probe == area.count() && most > kept + 1 {
                kept + 1
            } else {
                kept + (most - kept).div_ceil(2)
            };
        }
    }
    is_proven &= untried <= kept;
    let best = before - kept;
    let bound = if is_proven { vec![best] } else { Vec::new() };
    finish(problem, &candidates, kept, bound, strategy, limits)
}

/// Whether requests tell sources apart by more than what they hold.
fn has_names(problem: &Problem) -> bool {
    problem.requests().iter().any(|request| {
        request.allowed.is_some() || request.grows.is_some() || !request.avoid.is_empty()
    })
}

/// The rest of the objective, beside each end that is as long as the longest that can be kept.
fn finish(
    problem: &Problem,
    candidates: &[(usize, Area)],
    kept: u64,
    bound: Vec<u64>,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let mut best: Option<(Plan, Cost, Method)> = None;
    let mut lowest: Option<Bound> = None;
    let mut is_proven = !bound.is_empty();
    for &(source, area) in candidates.iter().filter(|(_, area)| area.count() >= kept) {
        let part = without(problem, end_of(source, area, kept), rest(problem));
        let answer = ask(&part, strategy, limits)?;
        let below = match &answer {
            Answer::Best { cost, .. } => Bound(cost.0.clone()),
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => {
                is_proven = false;
                bound.clone()
            }
            Answer::Impossible { .. } => continue,
        };
        lowest = Some(lowest.map_or(below.clone(), |lowest| lowest.min(below)));
        if let Answer::Best { plan, method, .. } | Answer::Found { plan, method, .. } = answer {
            let cost = cost(problem, &plan);
            if best.as_ref().is_none_or(|(_, known, _)| cost < *known) {
                best = Some((plan, cost, method));
            }
        }
        if limits.is_over() {
            is_proven = false;
            lowest = None;
            break;
        }
    }
    let mut values = bound;
    if problem.objective().len() > 1 && !values.is_empty() {
        values.extend(lowest.map(|bound| bound.0).unwrap_or_default());
    }
    Ok(crate::solve::concluded(
        best,
        Bound(values),
        is_proven,
        StopReason::MethodEnds,
    ))
}

/// The last `count` extents of an area.
fn end_of(source: usize, area: Area, count: u64) -> Option<(usize, Area)> {
    Some((source, Area::between(area.end() - count, area.end())?))
}

fn rest(problem: &Problem) -> Vec<Measure> {
    let rest = problem.objective()[1..].to_vec();
    if rest.is_empty() {
        crate::solve::anything()
    } else {
        rest
    }
}

fn only_fits(problem: &Problem, reserved: Option<(usize, Area)>) -> Problem {
    without(problem, reserved, crate::solve::anything())
}

fn without(problem: &Problem, reserved: Option<(usize, Area)>, objective: Vec<Measure>) -> Problem {
    let mut sources = problem.sources().to_vec();
    if let Some((source, area)) = reserved {
        sources[source].free = sources[source].free.difference(&Areas::from(area));
    }
    Problem::new(sources, problem.requests().to_vec(), objective)
        .expect("fewer free extents make no defect")
}
