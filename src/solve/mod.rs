//! From a problem to an answer: greedy fast path, bounds and search, then the integer program; no
//! plan and no reason leaves unchecked.

mod at_most;
mod balance;
mod batch;
mod checked;
mod error;
mod known;
mod largest_area;
mod optional;
mod program;
mod series;
mod split;
mod state;
mod strategy;

pub use error::SolveError;
pub use strategy::Strategy;

pub use crate::ip::{verify, verify_bound};

use crate::core::{
    Answer, Bound, Certificate, Conflict, Cost, Limits, Measure, Method, Plan, Problem, Proof,
    Request, Size, Source, Spent, StopReason, cost,
};
use crate::greedy;
use crate::ip;
use crate::search::{self, Effort};
use checked::{certified, checked, take_in};
use known::Known;
use program::ask_programs;
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
    let kept = (limits.remaining)().unwrap_or_default() / KEPT;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let in_time = &Limits {
        remaining: &remaining,
        ..*limits
    };
    match &answer {
        Answer::Impossible {
            why: Conflict::Exhausted { .. } | Conflict::Program { .. },
        } => {
            (limits.asking)("certificates");
            let found = ip::branches(problem, &[], None, in_time);
            let found = found.map(|branches| Answer::Impossible {
                why: Conflict::Branches(branches),
            });
            checked(problem, found.unwrap_or(answer), "ip")
        }
        Answer::Best { plan, cost, .. } | Answer::Found { plan, cost, .. } => {
            // Whoever cannot wait has the answer by now.
            let bound = answer.lower_bound();
            (limits.found)(problem, plan, cost);
            (limits.bounded)(problem, &bound);
            (limits.asking)("certificates");
            let mut found = search::certify(problem, plan, &bound, in_time);
            for (position, certificate) in found.iter_mut().enumerate() {
                if certificate.is_none() && !in_time.is_over() {
                    let (pinned, least) = (&bound.0[..position], bound.0[position]);
                    let branches = ip::branches(problem, pinned, Some(least), in_time);
                    *certificate = branches.map(Certificate::Branches);
                }
            }
            certified(problem, answer.with_certificates(found))
        }
        Answer::Impossible { .. } | Answer::Unknown { .. } => Ok(answer),
    }
}

/// What is known before anybody is asked: the bound that counting gives, of which whoever ends the search from outside
/// is told, and which the first plan may meet.
fn begun(problem: &Problem, strategy: &Strategy, limits: &Limits<'_>) -> State {
    let mut state = State::default();
    if strategy.search {
        let nothing = Answer::Unknown {
            bound: Bound::default(),
            stopped: StopReason::MethodEnds,
        };
        state.raise(search::raised(problem, nothing).lower_bound());
        (limits.bounded)(problem, state.bound());
    }
    state
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
        (limits.asking)("more walks");
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
    let mut state = begun(problem, strategy, limits);
    // A part of the time is kept for the problem as a whole.
    let kept = (limits.remaining)().unwrap_or_default() / KEPT_FOR_ALL;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let for_series = Limits {
        remaining: &remaining,
        ..*limits
    };
    let (answer, is_whole) = match has_optional {
        true => {
            let answer = optional::solve(problem, strategy.search, &of_series, &for_series)?;
            (answer, false)
        }
        false => at_most::solve(problem, &of_series, &for_series, limits)?,
    };
    state.learn(problem, checked(problem, answer, "solve")?, "solve")?;
    if is_whole {
        return Ok(state.answer());
    }
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
    let by_series = match objective.get(position) {
        Some(Measure::LargestArea) => largest_area::solve,
        Some(Measure::Balance) => balance::solve,
        Some(
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Elsewhere
            | Measure::Segments
            | Measure::Sources
            | Measure::Fragments,
        )
        | None => return ask_rooms(problem, strategy, limits),
    };
    let mut state = begun(problem, strategy, limits);
    let of_series = |part: &Problem, limits: &Limits<'_>| ask(part, strategy, limits);
    if let Some(answer) = by_series(problem, position, &of_series, limits)? {
        state.learn(problem, checked(problem, answer, "solve")?, "solve")?;
        if state.is_settled() || limits.is_over() {
            return Ok(state.answer());
        }
    }
    // What the series leaves open the rooms may know.
    let answer = ask_rooms(problem, strategy, limits)?;
    state.learn(problem, answer, "solve")?;
    Ok(state.answer())
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
    let mut state = begun(problem, strategy, limits);
    let greedy_goes_first = !strategy.search || likely_pieces(problem) <= MOST_PIECES;
    if let Some(settings) = &strategy.greedy
        && greedy_goes_first
    {
        (limits.asking)("greedy");
        let answer = greedy::plan(problem, settings, limits);
        take_in(&mut state, problem, answer, "greedy", limits)?;
    }
    if strategy.search && !state.is_settled() {
        (limits.asking)("search for its class");
        let answer = search::plan(problem, state.plan(), limits);
        take_in(&mut state, problem, answer, "search", limits)?;
    }
    if wanted == Wanted::Plan {
        ask_for_better(&mut state, problem, strategy, Effort::Glance, limits)?;
    }
    if problem.requests().len() > 1 && !state.is_settled() && !limits.is_over() {
        (limits.asking)("bounds of each request");
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
        (limits.asking)("greedy");
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
    (limits.asking)("bounds");
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
    (limits.asking)("search for better");
    let answer = search::improve(problem, state.plan(), &bound, effort, limits);
    take_in(state, problem, answer, "search", limits)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Area, Companion, Place, Policy};

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
            ..Source::default()
        };
        let free: [&[(u64, u64)]; 3] = [&[(0, 3), (5, 3)], &[(1, 2), (4, 4)], &[(0, 5), (6, 1)]];
        let sources = free.into_iter().enumerate().map(source).collect();
        let mirror = |name: &str, extents: u64| {
            let mut request = Request::linear(name, extents);
            request.size = Size::AtMost(extents);
            request.shape.copies = 2;
            request.policy = Policy::Contiguous;
            request.metadata = Some(Companion {
                extents: 1,
                place: Place::Front,
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
