//! From a problem to an answer: greedy fast path, bounds and search, then the integer program; no
//! plan and no reason leaves unchecked.

mod at_most;
mod balance;
mod batch;
mod error;
mod known;
mod largest_area;
mod optional;
mod series;
mod split;
mod state;
mod strategy;

pub use error::SolveError;
pub use strategy::Strategy;

use crate::core::{
    Answer, Bound, Cost, Limits, Measure, Method, Plan, Problem, Proof, Request, Size, Source,
    Spent, StopReason, check, cost, verify, verify_bound,
};
use crate::greedy;
use crate::ip;
use crate::search::{self, Effort};
use known::Known;
use series::anything;
use state::State;

/// The best plan with its proof, a plan with a bound, a reason why there is none, or neither.
///
/// What only a whole series of problems can decide is reduced to one first: optional requests, sizes
/// "at most", and the measures `largest_area` and `balance` behind nothing but measures of pieces. What
/// then remains is asked of the rooms of the strategy.
///
/// # Errors
/// [`SolveError`] if a room contradicts the check or another room, or the integer program fails.
pub fn solve(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let spent = Spent::default();
    let known = Known::new(problem, limits);
    let found = |part: &Problem, plan: &Plan, cost: &Cost| known.hear(part, plan, cost);
    let bounded = |part: &Problem, bound: &Bound| known.hear_bound(part, bound);
    let limits = &Limits {
        spent: limits.spent.or(Some(&spent)),
        found: &found,
        bounded: &bounded,
        ..*limits
    };
    if strategy.search {
        // Whoever ends the search from outside has a bound of each measure by then.
        let counted = search::raised(problem, nothing());
        (limits.bounded)(problem, &counted.lower_bound());
    }
    let answer = ask(problem, strategy, limits)?;
    let answer = tried_again(problem, strategy, answer, limits);
    let answer = match limits.ran_out() {
        StopReason::MethodEnds => answer,
        limit @ (StopReason::Time
        | StopReason::Interrupted
        | StopReason::Nodes
        | StopReason::Memory) => known.better_than(answer.ended_by(limit), limit),
    };
    let answer = match strategy.search {
        true => search::raised(problem, answer),
        false => answer,
    };
    let answer = checked(problem, answer, "solve")?;
    if !strategy.certify {
        return Ok(answer);
    }
    let (Some(plan), Some(cost)) = (answer.plan(), answer.cost()) else {
        return Ok(answer);
    };
    // Whoever cannot wait has the answer by now.
    let bound = answer.lower_bound();
    (limits.found)(problem, plan, cost);
    (limits.bounded)(problem, &bound);
    let kept = (limits.remaining)().unwrap_or_default() / KEPT;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let limits = &Limits {
        remaining: &remaining,
        ..*limits
    };
    let found = search::certify(problem, plan, &bound, limits);
    certified(problem, answer.with_certificates(found))
}

/// Nothing is known.
fn nothing() -> Answer {
    Answer::Unknown {
        bound: Bound::default(),
        stopped: StopReason::MethodEnds,
    }
}

/// The answer, or where there is a clock what more walks find before it runs out: any plan where there is none, a
/// better one where methods ended because their share of the time did.
fn tried_again(
    problem: &Problem,
    strategy: &Strategy,
    mut answer: Answer,
    limits: &Limits<'_>,
) -> Answer {
    let is_timed = strategy.search && strategy.walks_on && (limits.remaining)().is_some();
    let is_open = |answer: &Answer| match answer {
        Answer::Unknown { .. } => true,
        Answer::Found { stopped, .. } => *stopped == StopReason::Time,
        Answer::Best { .. } | Answer::Impossible { .. } => false,
    };
    let mut seed = limits.seed;
    while is_timed && is_open(&answer) && !limits.is_over() {
        seed = seed.wrapping_add(1);
        let bound = answer.lower_bound();
        let limits = Limits { seed, ..*limits };
        let found = search::improve(problem, answer.plan(), &bound, Effort::Whole, &limits);
        answer = match found {
            Answer::Found { .. } => found.best_if_bound_met().ended_by(StopReason::Time),
            Answer::Unknown { .. } | Answer::Best { .. } | Answer::Impossible { .. } => answer,
        };
    }
    answer
}

/// Of the time that is left one part in so many is kept while certificates are looked for: an answer is not to be
/// late for them.
const KEPT: u32 = 2;

/// The answer, if each of its certificates holds.
fn certified(problem: &Problem, answer: Answer) -> Result<Answer, SolveError> {
    let bound = answer.lower_bound();
    for (position, certificate) in answer.certificates().iter().enumerate() {
        if let Some(certificate) = certificate {
            verify_bound(problem, &bound, position, certificate).map_err(|refuted| {
                SolveError::WrongReason {
                    room: "search",
                    refuted,
                }
            })?;
        }
    }
    Ok(answer)
}

/// The answer to a problem, or to one of a series.
fn ask(problem: &Problem, strategy: &Strategy, limits: &Limits<'_>) -> Result<Answer, SolveError> {
    let has_optional = problem.requests().iter().any(|r| r.value.is_some());
    let is_at_most = |request: &Request| matches!(request.size, Size::AtMost(_));
    let has_at_most = problem.requests().iter().any(is_at_most);
    let first = problem.objective()[0];
    let of_series = |part: &Problem, limits: &Limits<'_>| ask(part, strategy, limits);
    let is_series = has_optional && first == Measure::Unserved
        || has_at_most && !has_optional && first == Measure::Shortfall;
    if !is_series {
        return match has_optional || has_at_most {
            true => ask_rooms(problem, strategy, limits),
            false => ask_of_fixed(problem, strategy, limits),
        };
    }
    // A part of the time is kept for the problem as a whole.
    let kept = (limits.remaining)().unwrap_or_default() / KEPT_FOR_ALL;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let for_series = Limits {
        remaining: &remaining,
        ..*limits
    };
    let answer = match has_optional {
        true => optional::solve(problem, strategy.search, &of_series, &for_series)?,
        false => at_most::solve(problem, &of_series, &for_series)?,
    };
    let mut state = State::default();
    state.learn(problem, checked(problem, answer, "solve")?, "solve")?;
    ask_for_bound(&mut state, problem, strategy, limits)?;
    ask_for_better(&mut state, problem, strategy, Effort::Whole, limits)?;
    ask_programs(&mut state, problem, strategy, limits)?;
    Ok(state.answer())
}

/// Of the time one part in so many is kept for bounds and plans of the whole problem, where parts of it are
/// planned one after another.
const KEPT_FOR_ALL: u32 = 2;

/// The answer where every request has to be placed at its full size.
fn ask_of_fixed(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let objective = problem.objective();
    let position = objective.iter().take_while(|m| m.adds_up()).count();
    let of_series = |part: &Problem, limits: &Limits<'_>| ask(part, strategy, limits);
    let by_series = match objective.get(position) {
        Some(Measure::LargestArea) => largest_area::solve(problem, position, &of_series, limits)?,
        Some(Measure::Balance) => balance::solve(problem, position, &of_series, limits)?,
        Some(
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Segments
            | Measure::Sources
            | Measure::Fragments,
        )
        | None => None,
    };
    match by_series {
        None => ask_rooms(problem, strategy, limits),
        Some(answer @ (Answer::Best { .. } | Answer::Impossible { .. })) => Ok(answer),
        Some(answer) if limits.is_over() => Ok(answer),
        // What the series leaves open the rooms may know.
        Some(answer) => {
            let mut state = State::default();
            state.learn(problem, checked(problem, answer, "solve")?, "solve")?;
            let answer = ask_rooms(problem, strategy, limits)?;
            state.learn(problem, answer, "solve")?;
            Ok(state.answer())
        }
    }
}

/// Asks one room after another until the answer is proven or there is nobody left.
fn ask_rooms(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    ask_rooms_for(Wanted::Plan, problem, strategy, limits)
}

/// What an answer is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Its plan and its bound.
    Plan,
    /// Its bound alone: no plan is looked for that proves nothing.
    Bound,
}

fn bound_of(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    ask_rooms_for(Wanted::Bound, problem, strategy, limits)
}

fn ask_rooms_for(
    wanted: Wanted,
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    if problem.requests().is_empty() {
        let plan = Plan::default();
        return Ok(Answer::Best {
            cost: cost(problem, &plan),
            plan,
            method: Method::Construction,
            proof: Proof::BoundMet,
            certificates: Vec::new(),
        });
    }
    let mut state = State::default();
    let greedy_goes_first = !strategy.search || likely_pieces(problem) <= MOST_PIECES;
    if let Some(settings) = &strategy.greedy
        && greedy_goes_first
    {
        let answer = greedy::plan(problem, settings, limits);
        take_in(&mut state, problem, answer, "greedy", limits)?;
    }
    if strategy.search && !state.is_settled() {
        let answer = search::plan(problem, state.plan(), limits);
        take_in(&mut state, problem, answer, "search", limits)?;
    }
    if wanted == Wanted::Plan {
        ask_for_better(&mut state, problem, strategy, Effort::Glance, limits)?;
    }
    if problem.requests().len() > 1 && !state.is_settled() && !limits.is_over() {
        let answer = batch::bound(problem, strategy, bound_of, limits)?;
        take_in(&mut state, problem, answer, "solve", limits)?;
    }
    ask_for_bound(&mut state, problem, strategy, limits)?;
    if wanted == Wanted::Plan {
        ask_for_better(&mut state, problem, strategy, Effort::Whole, limits)?;
    }
    if let Some(settings) = &strategy.greedy
        && !greedy_goes_first
        && state.plan().is_none()
        && !state.is_settled()
        && !limits.is_over()
    {
        let answer = greedy::plan(problem, settings, limits);
        take_in(&mut state, problem, answer, "greedy", limits)?;
    }
    ask_programs(&mut state, problem, strategy, limits)?;
    Ok(state.answer())
}

/// What holds for every class of problems.
fn ask_for_bound(
    state: &mut State,
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    if !strategy.search || state.is_settled() || limits.is_over() {
        return Ok(());
    }
    let answer = search::bound(problem, state.plan(), state.bound(), limits);
    take_in(state, problem, answer, "search", limits)
}

/// A plan that is better, whatever the class of the problem.
fn ask_for_better(
    state: &mut State,
    problem: &Problem,
    strategy: &Strategy,
    effort: Effort,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    if !strategy.search || state.is_settled() || limits.is_over() {
        return Ok(());
    }
    let bound = state.bound().clone();
    let answer = search::improve(problem, state.plan(), &bound, effort, limits);
    take_in(state, problem, answer, "search", limits)
}

/// The integer program, where it is small enough.
fn ask_programs(
    state: &mut State,
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    let Some(backend) = strategy
        .program
        .filter(|_| choices(problem) <= MOST_CHOICES)
    else {
        return Ok(());
    };
    if state.is_settled() || limits.is_over() {
        return Ok(());
    }
    // A program that asks for nothing but a plan is answered sooner by far.
    if let (None, Some(easier)) = (state.plan(), any_plan_of(problem)) {
        let answer = ask_program(&easier, None, backend, limits)?;
        let answer = answer.and_then(|answer| of_any_plan(problem, answer));
        if let Some(answer) = answer {
            take_in(state, problem, answer, "ip", limits)?;
        }
    }
    if !state.is_settled()
        && !limits.is_over()
        && let Some(answer) = ask_program(problem, state.plan(), backend, limits)?
    {
        take_in(state, problem, answer, "ip", limits)?;
    }
    Ok(())
}

/// Takes in what a room says, once it is checked, and tells of the plan that is the best by now.
fn take_in(
    state: &mut State,
    problem: &Problem,
    answer: Answer,
    room: &'static str,
    limits: &Limits<'_>,
) -> Result<(), SolveError> {
    state.learn(problem, checked(problem, answer, room)?, room)?;
    if let Some((plan, cost)) = state.found() {
        (limits.found)(problem, plan, cost);
    }
    (limits.bounded)(problem, state.bound());
    Ok(())
}

/// What the integer program says; `None` where it cannot be built, or a backend cannot finish it or loses
/// its way among floats, which says nothing about the problem. A wrong plan is our mistake, and is told.
fn ask_program(
    problem: &Problem,
    start: Option<&Plan>,
    backend: ip::Backend,
    limits: &Limits<'_>,
) -> Result<Option<Answer>, SolveError> {
    match ip::plan(problem, start, backend, limits) {
        Ok(answer) => Ok(Some(answer)),
        Err(
            ip::IpError::TooLarge { .. }
            | ip::IpError::Backend { .. }
            | ip::IpError::Inexact { .. }
            | ip::IpError::Contradiction { .. }
            | ip::IpError::OtherCost { .. },
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The problem with an objective that every plan meets; `None` where it has that one already, or where
/// what is left out counts.
fn any_plan_of(problem: &Problem) -> Option<Problem> {
    let is_exact =
        |request: &Request| request.value.is_none() && matches!(request.size, Size::Exactly(_));
    let asks_for_more = problem.objective() != anything().as_slice();
    (asks_for_more && problem.requests().iter().all(is_exact)).then(|| {
        let easier = problem.clone().with_objective(anything());
        easier.expect("an objective of one measure is one")
    })
}

/// What an answer about any plan comes to where the best is asked for; `None` for nothing.
fn of_any_plan(problem: &Problem, answer: Answer) -> Option<Answer> {
    match answer {
        Answer::Best { plan, method, .. } | Answer::Found { plan, method, .. } => {
            Some(Answer::Found {
                cost: cost(problem, &plan),
                plan,
                bound: Bound::default(),
                method,
                stopped: StopReason::MethodEnds,
                certificates: Vec::new(),
            })
        }
        Answer::Impossible { .. } => Some(answer),
        Answer::Unknown { .. } => None,
    }
}

/// Pieces up to which the step-by-step allocator goes first. It is the fast path for plans of a few
/// pieces; past some thousands a construction of the search is there sooner, and better.
const MOST_PIECES: u128 = 5_000;

/// Pieces that the plan will have if it takes areas of mean length.
fn likely_pieces(problem: &Problem) -> u128 {
    let of_all = |count: fn(&Source) -> u64| -> u128 {
        let counts = problem.sources().iter().map(count);
        counts.map(u128::from).sum()
    };
    let areas = of_all(|source| source.free.len() as u64);
    let free = of_all(|source| source.free.total());
    let requests = problem.requests().iter();
    let wanted: u128 = requests
        .filter_map(|request| request.total_extents().map(u128::from))
        .sum();
    wanted * areas / free.max(1)
}

/// Legs times areas up to which the integer program is asked. Each is a binary column at least. Up to 200
/// microlp proved 121 of 139 problems in five to ten seconds each, from there to this limit 26 of 70; beyond, 5 of 38, and
/// those in a tenth of a second, which is to say that search proves them too.
const MOST_CHOICES: u64 = 1_500;

/// Legs times areas, over all requests.
fn choices(problem: &Problem) -> u64 {
    let of_request = |request: &Request| {
        let offered = problem.offered(request);
        let areas: u64 = offered.iter().map(|(_, areas)| areas.len() as u64).sum();
        areas * request.legs() as u64
    };
    problem.requests().iter().map(of_request).sum()
}

/// The answer, if its plan and its reason are right.
fn checked(problem: &Problem, answer: Answer, room: &'static str) -> Result<Answer, SolveError> {
    match &answer {
        Answer::Best {
            plan,
            cost: claimed,
            ..
        }
        | Answer::Found {
            plan,
            cost: claimed,
            ..
        } => {
            let violations = check(problem, plan);
            if !violations.is_empty() {
                return Err(SolveError::WrongPlan { room, violations });
            }
            let wrong = |claim: String| Err(SolveError::WrongClaim { room, claim });
            let counted = cost(problem, plan);
            if counted != *claimed {
                return wrong(format!(
                    "a cost of {:?}, counted {:?}",
                    claimed.0, counted.0
                ));
            }
            let bound = answer.lower_bound();
            if bound.is_above(&counted) {
                return wrong(format!(
                    "a bound of {:?}, but {:?} is known",
                    bound.0, counted.0
                ));
            }
        }
        Answer::Impossible { why } => {
            verify(problem, why).map_err(|refuted| SolveError::WrongReason { room, refuted })?;
        }
        Answer::Unknown { .. } => {}
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Area, Certificate};

    #[test]
    fn an_answer_whose_certificate_does_not_hold_is_refused() {
        let source = Source {
            name: "s".to_string(),
            extents: 8,
            free: Area::new(0, 8).into_iter().collect(),
            tags: Default::default(),
        };
        let objective = vec![Measure::Segments];
        let problem = Problem::new(vec![source], vec![Request::linear("r", 4)], objective);
        let problem = problem.expect("no defects");
        let claiming = |bound: u64| Answer::Found {
            plan: Plan::default(),
            cost: Cost(vec![2]),
            bound: Bound(vec![bound]),
            method: Method::Greedy,
            stopped: StopReason::MethodEnds,
            certificates: vec![Some(Certificate::Counting { worth: 0 })],
        };
        assert!(certified(&problem, claiming(1)).is_ok());
        assert!(matches!(
            certified(&problem, claiming(2)),
            Err(SolveError::WrongReason { .. })
        ));
    }

    #[test]
    fn the_program_proves_what_a_series_of_sizes_leaves_open() {
        let source = |(index, areas): (usize, &[(u64, u64)])| Source {
            name: format!("s{index}"),
            extents: 8,
            free: areas
                .iter()
                .filter_map(|&(start, count)| Area::new(start, count))
                .collect(),
            tags: Default::default(),
        };
        let free: [&[(u64, u64)]; 3] = [&[(0, 3), (5, 3)], &[(1, 2), (4, 4)], &[(0, 5), (6, 1)]];
        let sources = free.into_iter().enumerate().map(source).collect();
        let mirror = |name: &str, extents: u64| {
            let mut request = Request::linear(name, extents);
            request.size = Size::AtMost(extents);
            request.shape.copies = 2;
            request.policy = crate::core::Policy::Contiguous;
            request.metadata = Some(crate::core::Companion {
                extents: 1,
                place: crate::core::Place::Front,
            });
            request
        };
        let requests = vec![mirror("short", 2), mirror("long", 7)];
        let objective = vec![Measure::Shortfall, Measure::Segments, Measure::Sources];
        let problem = Problem::new(sources, requests, objective).expect("no defects");
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        assert!(matches!(&answer, Answer::Best { cost, .. } if cost.0 == [5, 4, 4]));
    }
}
