//! The measure `largest_area`: keep as long a free area as can be kept.
//!
//! Whatever run of an area stays free, the pieces beside it can be moved together, so it may as well
//! be the area's end. For each area the longest end that can be set aside is found by bisection: what
//! fits beside a longer end, at the best of the measures that come before, fits beside a shorter one.

use crate::core::{Answer, Area, Areas, Bound, Limits, Measure, Problem, Request};
use crate::solve::SolveError;
use crate::solve::series::Ask;
use crate::solve::split::{Fits, Split, fits};
use crate::solve::state::State;

/// Most areas whose ends are tried; identical sources count once.
const MOST_AREAS: usize = 256;

/// The answer for a problem whose objective has [`Measure::LargestArea`] at `position`, behind nothing
/// but measures of pieces; `None` where this is not the way to it.
pub(crate) fn solve(
    problem: &Problem,
    position: usize,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<Option<Answer>, SolveError> {
    let split = Split::at(problem, position);
    let all = problem.sources().iter().enumerate();
    let mut candidates: Vec<(usize, Area)> = all
        .filter(|(index, source)| {
            // Of sources that cannot be told apart the first stands for all.
            let alike = |other: &&crate::core::Source| {
                (other.extents, &other.free, &other.tags, &other.area_tags)
                    == (
                        source.extents,
                        &source.free,
                        &source.tags,
                        &source.area_tags,
                    )
            };
            !has_names(problem) && problem.sources()[..*index].iter().find(alike).is_none()
                || has_names(problem)
        })
        .flat_map(|(index, source)| source.free.iter().map(move |area| (index, area)))
        .collect();
    candidates.sort_by_key(|&(_, area)| std::cmp::Reverse(area.count()));
    let before = candidates.first().map_or(0, |(_, area)| area.count());

    let first = ask(&without(problem, None, split.first()), limits)?;
    let target = match &first {
        Answer::Best { cost, .. } => cost.0.clone(),
        Answer::Found { .. } | Answer::Unknown { .. } if position > 0 => return Ok(None),
        Answer::Found { cost, .. } => cost.0.clone(),
        Answer::Unknown { .. } | Answer::Impossible { .. } => {
            return Ok(Some(first.without_bound()));
        }
    };
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
            let part = without(problem, end_of(source, area, probe), split.first());
            match fits(&ask(&part, limits)?, &target) {
                Fits::Yes => kept = probe,
                Fits::No => most = probe - 1,
                Fits::Open => {
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
    candidates.retain(|(_, area)| area.count() >= kept);
    let ends = Ends {
        areas: candidates,
        kept,
        lost: is_proven.then_some(best),
    };
    finish(problem, &split, first, &target, &ends, ask, limits).map(Some)
}

/// Whether requests tell sources apart by more than what they hold.
fn has_names(problem: &Problem) -> bool {
    problem.requests().iter().any(|request| {
        request.allowed.is_some()
            || request.grows.is_some()
            || !request.avoid.is_empty()
            || !request.cling_sources.is_empty()
    })
}

/// The areas that keep an end as long as can be kept.
struct Ends {
    areas: Vec<(usize, Area)>,
    kept: u64,
    /// By how much the largest area becomes shorter, if that is proven to be the least.
    lost: Option<u64>,
}

/// The rest of the objective, beside each end that is as long as the longest that can be kept.
fn finish(
    problem: &Problem,
    split: &Split,
    first: Answer,
    target: &[u64],
    ends: &Ends,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let mut state = State::default();
    state.take_plan(problem, first, None);
    // What follows costs at the least what it costs beside one of the ends.
    let mut lowest: Option<Vec<u64>> = None;
    for &(source, area) in &ends.areas {
        if limits.is_over() {
            lowest = None;
            break;
        }
        let part = without(problem, end_of(source, area, ends.kept), split.others());
        let answer = ask(&part, limits)?;
        // Beside some ends there is no plan at all, or the measures before are not at their best.
        if !matches!(fits(&answer, &split.values(target)), Fits::No) {
            let behind = split.behind(target, &answer.lower_bound().0);
            lowest = Some(lowest.map_or(behind.clone(), |lowest| lowest.min(behind)));
        }
        state.take_plan(problem, answer, None);
    }
    let mut values = split.values(target);
    if let Some(lost) = ends.lost {
        values.push(lost);
        values.extend(lowest.unwrap_or_default());
    }
    state.raise(Bound(values));
    Ok(state.answer())
}

/// The last `count` extents of an area.
fn end_of(source: usize, area: Area, count: u64) -> Option<(usize, Area)> {
    Some((source, Area::between(area.end() - count, area.end())?))
}

/// The problem with extents that no request may take.
///
/// Where nothing that is asked for is read off what stays free, they are simply not free, which the rooms
/// know best. Elsewhere they have to count as free: then it is the requests that may not take them.
fn without(problem: &Problem, reserved: Option<(usize, Area)>, objective: Vec<Measure>) -> Problem {
    let mut sources = problem.sources().to_vec();
    let mut requests = problem.requests_for(&objective);
    if let Some((source, area)) = reserved {
        let left = sources[source].free.difference(&Areas::from(area));
        if objective.iter().all(|measure| measure.adds_up()) {
            sources[source].free = left;
        } else {
            for request in &mut requests {
                keep_to(request, problem.sources().len(), source, &left);
            }
        }
    }
    Problem::new(sources, requests, objective).expect("fewer free extents make no defect")
}

/// Lets the request take nothing of `source` but what is in `left`.
fn keep_to(request: &mut Request, sources: usize, source: usize, left: &Areas) {
    let everything = || (0..sources).map(|index| (index, None)).collect();
    let allowed = request.allowed.get_or_insert_with(everything);
    for (_, ranges) in allowed.iter_mut().filter(|(index, _)| *index == source) {
        let kept = match ranges {
            None => left.clone(),
            Some(ranges) => left.intersection(&ranges.iter().copied().collect()),
        };
        *ranges = Some(kept.iter().collect());
    }
}
