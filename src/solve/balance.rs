//! The measure `balance` in front: the lowest fill that no source has to exceed.
//!
//! Below a given fill each source has only so many extents to give. The lowest fill at which the
//! requests still fit is found by bisection over problems with that much taken away. Which extents
//! are taken away is a choice (the shortest areas first), so what follows in the objective is
//! proven only where it costs no more than it would without any limit on the fill.

use std::cmp::Reverse;

use crate::core::{
    Answer, Area, Bound, Limits, Measure, Policy, Problem, Request, Separation, Source, StopReason,
    cost,
};
use crate::solve::{SolveError, Strategy, ask};

/// Parts in a whole source.
const MILLION: u64 = 1_000_000;

/// The answer for a problem whose objective starts with [`Measure::Balance`].
pub(crate) fn solve(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let any = ask(
        &limited(problem, MILLION, crate::solve::anything()),
        strategy,
        limits,
    )?;
    if any.plan().is_none() {
        return Ok(any.without_bound());
    }
    let present = problem.sources().iter().map(fill_now).max().unwrap_or(0);
    let is_exact = counts_only(problem);
    let fits = lowest_fill(problem, present, strategy, limits)?;
    let bound = if is_exact {
        fits.proven
    } else {
        lowest_fill(&relaxed(problem), present, strategy, limits)?.proven
    };
    let rest = problem.objective()[1..].to_vec();
    // What the rest costs without any limit is what it costs at the least.
    let free = if rest.is_empty() {
        Vec::new()
    } else {
        let unlimited = with_objective(problem, rest.clone());
        let answer = ask(&unlimited, strategy, limits)?;
        if let Answer::Best { plan, method, .. } = &answer {
            let cost = cost(problem, plan);
            if cost.0[0] == bound {
                return Ok(Answer::Best {
                    plan: plan.clone(),
                    cost,
                    method: *method,
                    proof: crate::core::Proof::BoundMet,
                });
            }
        }
        answer.lower_bound().0
    };
    let objective = if rest.is_empty() {
        crate::solve::anything()
    } else {
        rest
    };
    let answer = ask(&limited(problem, fits.fill, objective), strategy, limits)?;
    let best = match answer {
        Answer::Best { plan, method, .. } | Answer::Found { plan, method, .. } => {
            let cost = cost(problem, &plan);
            Some((plan, cost, method))
        }
        Answer::Impossible { .. } | Answer::Unknown { .. } => None,
    };
    let mut values = vec![bound];
    values.extend(free);
    let is_proven = best.as_ref().is_some_and(|(_, cost, _)| cost.0 == values);
    Ok(crate::solve::concluded(
        best,
        Bound(values),
        is_proven,
        StopReason::MethodEnds,
    ))
}

/// A fill at which the requests fit, and one below which they are proven not to.
struct Lowest {
    fill: u64,
    proven: u64,
}

fn lowest_fill(
    problem: &Problem,
    present: u64,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Lowest, SolveError> {
    let (mut fill, mut proven) = (MILLION, present);
    // Fills below `tried` are decided or were too hard to decide.
    let mut tried = present;
    while tried < fill && !limits.is_over() {
        let probe = tried + (fill - tried) / 2;
        let part = limited(problem, probe, crate::solve::anything());
        match ask(&part, strategy, limits)? {
            Answer::Best { .. } | Answer::Found { .. } => fill = probe,
            Answer::Impossible { .. } => {
                tried = probe + 1;
                proven = probe + 1;
            }
            Answer::Unknown { .. } => tried = probe + 1,
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
    Problem::new(sources, problem.requests().to_vec(), objective)
        .expect("fewer free extents make no defect")
}

fn with_objective(problem: &Problem, objective: Vec<Measure>) -> Problem {
    let sources = problem.sources().to_vec();
    Problem::new(sources, problem.requests().to_vec(), objective).expect("only less is asked for")
}

/// Whether what fits depends only on how many extents each source has, so that it does not matter
/// which are taken away.
fn counts_only(problem: &Problem) -> bool {
    let is_alone = problem.requests().len() == 1;
    problem.requests().iter().all(|request| {
        let has_ranges = request
            .allowed
            .iter()
            .flatten()
            .any(|(_, ranges)| ranges.is_some());
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
        is_loose && front_is_simple && others_are_simple && !has_ranges
    })
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
    let requests = problem.requests().iter().map(loosened).collect();
    let objective = problem.objective().to_vec();
    Problem::new(problem.sources().to_vec(), requests, objective)
        .expect("fewer rules make no defect")
}
