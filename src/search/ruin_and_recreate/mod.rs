//! Several requests of different kinds at once: a plan for all of them, without a claim that it is a good one.
//!
//! What each request asks for is simple enough to be placed by a rule; what is hard is that all of them
//! share the room. So the rule is quick and rough, and is asked many times: in other orders, and
//! again for those who are in the way of somebody who finds no place.

mod place;
mod repair;
mod room;
mod wish;

use rayon::prelude::*;

use crate::core::{Answer, Limits, Method, Plan, Problem, Proof, Size, StopReason, check, cost};
use crate::search::verdict::{self, Lower};
use repair::{PLAIN, Repair};
use room::Room;
use wish::Wish;

/// Candidates in one round. A fixed list, so that any number of threads picks the same.
const PER_ROUND: u64 = 4;
/// Rounds.
const ROUNDS: u64 = 8;
/// Requests placed in all exchanges of a candidate, for each source: some tenths of a second.
const MOST_LOOKS: u64 = 1 << 22;
/// Exchanges of a candidate, and for each pair of requests: a few requests have soon tried all they can.
const MOST_EXCHANGES: u64 = 4_000;
const PER_PAIR: u64 = 16;

/// A plan for several requests that all have to be placed at their full size, or none that is known.
#[must_use]
pub(crate) fn any_plan(problem: &Problem, limits: &Limits<'_>) -> Answer {
    let mut requests = problem.requests().iter();
    let takes_all = requests.all(|r| r.value.is_none() && matches!(r.size, Size::Exactly(_)));
    if problem.requests().len() < 2 || !takes_all {
        return verdict::unknown(StopReason::MethodEnds);
    }
    let mut wishes = Vec::with_capacity(problem.requests().len());
    for request in problem.requests() {
        if limits.is_over() {
            return verdict::unknown(limits.ran_out());
        }
        wishes.push(Wish::of(problem, request));
    }
    let room = Room::of(problem);
    let legs: usize = wishes.iter().map(|wish| wish.request.legs()).sum();
    // An exchange places some of the requests, and each leg looks at every source.
    let each = (legs as u64).saturating_mul(problem.sources().len() as u64) / 4;
    let pairs = (wishes.len() * wishes.len()) as u64;
    let most = MOST_EXCHANGES.min(PER_PAIR * pairs);
    let exchanges = (MOST_LOOKS / each.max(1) * 16).min(most).max(32);
    for round in 0..ROUNDS {
        // The plain orders alone are often enough.
        let candidates = match round {
            0 => 0..PLAIN,
            _ => PLAIN + (round - 1) * PER_ROUND..PLAIN + round * PER_ROUND,
        };
        let candidates: Vec<u64> = candidates.collect();
        let found = candidates.par_iter().filter_map(|&candidate| {
            let mut repair = Repair::start(problem, &wishes, &room, candidate, limits);
            if round > 0 {
                repair.run(exchanges, limits);
            }
            let allocations = repair.finished()?;
            let plan = Plan { allocations };
            check(problem, &plan).is_empty().then_some(plan)
        });
        let found: Vec<Plan> = found.collect();
        if let Some(plan) = found.into_iter().min_by_key(|plan| cost(problem, plan)) {
            let method = Method::Candidates;
            let lower = Lower::default();
            return verdict::judge(problem, plan, &lower, method, Proof::BoundMet);
        }
        if limits.is_over() {
            return verdict::unknown(limits.ran_out());
        }
    }
    verdict::unknown(StopReason::MethodEnds)
}
