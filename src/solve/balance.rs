//! The measure `balance`: the lowest fill that no source has to exceed.
//!
//! Below a given fill each source has only so many extents to give. The lowest fill at which the
//! requests still fit, at the best of the measures that come before, is found by bisection over
//! problems with that much taken away. Which extents are taken away is a choice: the shortest areas
//! first. Where every source serves one leg at most that loses nothing, since of a source only the sums
//! of its longest areas count. Elsewhere the fill is bounded by a problem with fewer rules, and what
//! follows in the objective by what it costs without any limit on the fill.

use std::cmp::Reverse;

use crate::core::{
    Answer, Area, Bound, Cuts, Limits, Measure, Place, Policy, Problem, Request, Separation, Source,
};
use crate::solve::SolveError;
use crate::solve::series::Ask;
use crate::solve::split::{Fits, Split, fits};
use crate::solve::state::State;

/// Parts in a whole source.
const MILLION: u64 = 1_000_000;

/// The answer for a problem whose objective has [`Measure::Balance`] at `position`, behind nothing but
/// measures of pieces; `None` where this is not the way to it.
pub(crate) fn solve(
    problem: &Problem,
    position: usize,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<Option<Answer>, SolveError> {
    let split = Split::at(problem, position);
    let is_exact = if position == 0 {
        counts_only(problem) || pieces_only(problem, &[])
    } else {
        pieces_only(problem, &split.before)
    };
    if position > 0 && !is_exact {
        return Ok(None);
    }
    let first = ask(&with_objective(problem, split.first()), limits)?;
    let target = match &first {
        Answer::Best { cost, .. } => cost.0.clone(),
        Answer::Found { .. } | Answer::Unknown { .. } if position > 0 => return Ok(None),
        Answer::Found { cost, .. } => cost.0.clone(),
        Answer::Unknown { .. } | Answer::Impossible { .. } => {
            return Ok(Some(first.without_bound()));
        }
    };
    let present = problem.sources().iter().map(fill_now).max().unwrap_or(0);
    let found = lowest_fill(problem, &split, &target, present, ask, limits)?;
    let lowest = if is_exact {
        found.proven
    } else {
        lowest_fill(&relaxed(problem), &split, &target, present, ask, limits)?.proven
    };
    let mut state = State::default();
    let mut values = split.values(&target);
    values.push(lowest);
    // What follows costs at the least what it costs without any limit.
    let unlimited = ask(&with_objective(problem, split.others()), limits)?;
    let mut behind = split.behind(&target, &unlimited.lower_bound().0);
    state.take_plan(problem, first, None);
    state.take_plan(problem, unlimited, None);
    state.raise(Bound([values.as_slice(), behind.as_slice()].concat()));
    if state.is_settled() {
        return Ok(Some(state.answer()));
    }
    let part = limited(problem, found.fill, split.others());
    let answer = ask(&part, limits)?;
    // With the fill proven and no extent's absence felt, the limited problem says it exactly.
    if found.fill == lowest && pieces_only(problem, &split.others()) {
        behind = behind.max(split.behind(&target, &answer.lower_bound().0));
    }
    state.take_plan(problem, answer, None);
    state.raise(Bound([values, behind].concat()));
    Ok(Some(state.answer()))
}

/// A fill at which the requests fit, and one below which they are proven not to.
struct Lowest {
    fill: u64,
    proven: u64,
}

/// Fills that may be too hard to decide.
const MOST_TOO_HARD: usize = 2;

fn lowest_fill(
    problem: &Problem,
    split: &Split,
    target: &[u64],
    present: u64,
    ask: Ask<'_>,
    limits: &Limits<'_>,
) -> Result<Lowest, SolveError> {
    let (mut fill, mut proven) = (MILLION, present);
    // Fills below `tried` are decided or were too hard to decide.
    let mut tried = present;
    // Where no clock ends it: one that is too hard takes seconds, and those next to it do as well.
    let mut too_hard = match (limits.remaining)() {
        Some(_) => usize::MAX,
        None => MOST_TOO_HARD,
    };
    while tried < fill && too_hard > 0 && !limits.is_over() {
        let probe = tried + (fill - tried) / 2;
        let answer = ask(&limited(problem, probe, split.first()), limits)?;
        match fits(&answer, target) {
            Fits::Yes => fill = probe,
            Fits::No => {
                tried = probe + 1;
                proven = probe + 1;
            }
            Fits::Open => {
                tried = probe + 1;
                too_hard -= 1;
            }
        }
    }
    Ok(Lowest { fill, proven })
}

fn fill_now(source: &Source) -> u64 {
    let used = u128::from(source.extents - source.free.total());
    let fill = (used * u128::from(MILLION)).checked_div(u128::from(source.extents));
    u64::try_from(fill.unwrap_or(0)).expect("at most a million")
}

/// The problem with no more free on each source than keeps it at `fill` or below.
fn limited(problem: &Problem, fill: u64, objective: Vec<Measure>) -> Problem {
    let mut sources = problem.sources().to_vec();
    for source in &mut sources {
        // The most extents in use whose fill, rounded down, is not above the limit.
        let most = ((u128::from(fill) + 1) * u128::from(source.extents)).saturating_sub(1)
            / u128::from(MILLION);
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let used = source.extents - source.free.total();
        let mut left = most.saturating_sub(used);
        let mut areas: Vec<Area> = source.free.iter().collect();
        areas.sort_by_key(|area| (Reverse(area.count()), area.start()));
        let kept = areas.into_iter().filter_map(|area| {
            let kept = Area::new(area.start(), area.count().min(left))?;
            left -= kept.count();
            Some(kept)
        });
        source.free = kept.collect();
    }
    Problem::new(sources, problem.requests_for(&objective), objective)
        .expect("fewer free extents make no defect")
}

fn with_objective(problem: &Problem, objective: Vec<Measure>) -> Problem {
    let only_less = problem.with_measures(objective);
    only_less.expect("only less is asked for")
}

/// Whether every source serves one leg at most, and nothing but the sums of its longest areas matters
/// for whether the request fits and for these measures.
///
/// A plan that takes no more of a source than may be taken then has its like on what is left of the
/// longest areas: as many of them hold at least as much, and a leg that has more than it needs gives
/// it back.
fn pieces_only(problem: &Problem, measures: &[Measure]) -> bool {
    let [request] = problem.requests() else {
        return false;
    };
    let serves_one = request.legs() == 1
        || match request.policy {
            Policy::Contiguous => request.separation() != Separation::None,
            Policy::Normal => request.separation() == Separation::Leg,
            Policy::Cling | Policy::ClingByTags | Policy::Anywhere => false,
        };
    let is_loose = match request.policy {
        Policy::Contiguous | Policy::Normal | Policy::Anywhere => true,
        Policy::Cling | Policy::ClingByTags => false,
    };
    let is_in_front = |companion: crate::core::Companion| companion.place == Place::Front;
    let counts = measures.iter().all(|measure| match measure {
        Measure::Unserved | Measure::Shortfall | Measure::Sources => true,
        Measure::Segments => {
            request.cuts == Cuts::Apart
                || request.legs() == 1
                || request.policy == Policy::Contiguous
        }
        Measure::Elsewhere | Measure::Balance | Measure::Fragments | Measure::LargestArea => false,
    });
    counts
        && serves_one
        && is_loose
        && !tells_areas_apart(problem, request)
        && request.grows.is_none()
        && request.avoid.is_empty()
        && request.log.is_none()
        && request.metadata.is_none_or(is_in_front)
}

/// Whether what fits depends only on how many extents each source has, so that it does not matter
/// which are taken away.
fn counts_only(problem: &Problem) -> bool {
    let is_alone = problem.requests().len() == 1;
    problem.requests().iter().all(|request| {
        // One leg's metadata needs one area that is long enough, and the longest are kept longest.
        let front_is_simple =
            request.front_extents() == 0 || is_alone && request.separation() == Separation::Leg;
        let is_loose = match request.policy {
            Policy::Contiguous => false,
            Policy::Cling | Policy::ClingByTags | Policy::Normal | Policy::Anywhere => true,
        };
        let others_are_simple = request.log.is_none_or(|log| log.extents == 1)
            && (request.front_extents() > 0
                || request
                    .metadata
                    .is_none_or(|metadata| metadata.extents == 1));
        is_loose && front_is_simple && others_are_simple && !tells_areas_apart(problem, request)
    })
}

/// Whether a request may use some areas of a source and not others, or goes by what tells them apart.
fn tells_areas_apart(problem: &Problem, request: &Request) -> bool {
    let mut allowed = request.allowed.iter().flatten();
    allowed.any(|(_, ranges)| ranges.is_some())
        || !request.area_tags.is_empty()
        || problem.goes_by_area_tags(request)
}

/// The problem without what makes it matter which extents are taken away: whatever fits it, fits
/// this too.
fn relaxed(problem: &Problem) -> Problem {
    let loosened = |request: &Request| {
        let mut request = request.clone();
        if request.policy == Policy::Contiguous {
            request.policy = Policy::Normal;
        }
        request.metadata = None;
        request.log = None;
        for (_, ranges) in request.allowed.iter_mut().flatten() {
            *ranges = None;
        }
        request
    };
    let problem = problem.with_tags_of_sources(false);
    let requests = problem.requests().iter().map(loosened).collect();
    let objective = problem.objective().to_vec();
    problem
        .with_requests(requests, objective)
        .expect("fewer rules make no defect")
}
