//! The integer program: where it is asked, and what its answer comes to.

use crate::core::{Answer, Bound, Limits, Plan, Problem, Request, Size, StopReason, cost};
use crate::ip;
use crate::solve::checked::take_in;
use crate::solve::error::SolveError;
use crate::solve::series::anything;
use crate::solve::state::State;
use crate::solve::strategy::Strategy;

/// The integer program, where it is small enough.
pub(crate) fn ask_programs(
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
    (limits.asking)("integer program");
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
