//! A plan for any class of problem whatever, and a better one as long as there is time: the fall-back for
//! everything, which proves nothing.
//!
//! It knows nothing but the rules of where one unit (a leg, or all legs whose offsets matter to each other)
//! may go, and places units and takes them out again. Of a new policy it is told in `leg`.

mod choice;
mod layout;
mod leg;
mod model;
mod noise;
mod place;
mod state;
mod together;
mod used_up;
mod walk;

use crate::core::{Bound, Cost, Limits, Plan, Problem, Request, Size, check, cost};
use crate::search::effort::{self, Effort};
use crate::search::parallel;
use model::Model;
use walk::Walk;

/// Walks side by side. A fixed number, so that any number of threads finds the same.
const WALKS: u64 = 2;
/// Rounds at most, and for each unit and each cell: a small problem has soon seen all that it can.
const MOST_ROUNDS: u64 = 200_000;
const ROUNDS_EACH: u64 = 400;
/// Stretches that the rounds are split into; after each the walks meet at the best of them.
const STRETCHES: u64 = 64;
/// Stretches without anything better after which all is lost.
const PATIENCE: u64 = 24;

/// A plan that is better than `start`, or any at all; `None` if none is found. Ends where `bound` is met.
#[must_use]
pub(crate) fn improve(
    problem: &Problem,
    start: Option<&Plan>,
    bound: &Bound,
    effort: Effort,
    limits: &Limits<'_>,
) -> Option<Plan> {
    let legs = leg_extents(problem, start, limits);
    let model = Model::of(problem, &legs);
    if model.cells.is_empty() || model.units.is_empty() {
        return None;
    }
    let most_looks = effort::improving_looks(effort, limits) / WALKS;
    // The first goes on from the plan that is known, the others find one of their own.
    let mut walks: Vec<Walk<'_>> = parallel::map(0..WALKS, |walk| {
        let start = start.filter(|_| walk == 0);
        Walk::start(&model, start, walk, most_looks, limits)
    });
    let mut best: Option<(Cost, Plan)> = start.map(|plan| (cost(problem, plan), plan.clone()));
    let mut is_better = take_best(problem, walks.iter(), &mut best, limits);
    let most = ROUNDS_EACH * (model.cells.len() + model.units.len()) as u64;
    let rounds = most.clamp(64, MOST_ROUNDS);
    let stretch = rounds.div_ceil(STRETCHES);
    let mut idle = 0;
    for done in 0..STRETCHES {
        let is_met = best.as_ref().is_some_and(|(cost, _)| bound.is_met_by(cost));
        let is_spent = walks.iter().all(Walk::is_spent);
        if is_met || is_spent || limits.is_over() || idle == PATIENCE {
            break;
        }
        let run = |walk: &mut Walk<'_>| walk.run(stretch, (done * stretch, rounds), limits);
        let got_better: Vec<bool> = parallel::map(&mut walks, run);
        let better = walks.iter().zip(got_better);
        let better = better.filter_map(|(walk, is_better)| is_better.then_some(walk));
        let has_more = take_best(problem, better, &mut best, limits);
        is_better |= has_more;
        idle = if has_more { 0 } else { idle + 1 };
        if let Some(leader) = (0..walks.len()).min_by_key(|&walk| (walks[walk].best(), walk))
            && done % 8 == 7
        {
            let (before, after) = walks.split_at_mut(leader);
            if let Some((leader, after)) = after.split_first_mut() {
                for walk in before.iter_mut().chain(after) {
                    if walk.best() > leader.best() {
                        walk.follow(leader);
                    }
                }
            }
        }
    }
    best.filter(|_| is_better).map(|(_, plan)| plan)
}

/// How long the legs of each request are to be. Of sizes "at most" those of the plan that is known, else each
/// in turn as long as a first placing finds room for it.
fn leg_extents(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Vec<u64> {
    let requests = problem.requests();
    let is_open = |request: &Request| matches!(request.size, Size::AtMost(_));
    let mut legs: Vec<u64> = requests.iter().map(Request::leg_extents).collect();
    let fits = |legs: &[u64]| {
        let model = Model::of(problem, legs);
        let is_over = limits.is_over();
        !is_over
            && !model.cells.is_empty()
            && Walk::start(&model, None, 0, u64::MAX, limits)
                .best()
                .missing
                == 0
    };
    if !requests.iter().any(is_open) || fits(&legs) {
        return legs;
    }
    let most = legs.clone();
    for (index, request) in requests
        .iter()
        .enumerate()
        .filter(|(_, request)| is_open(request))
    {
        let known = start.and_then(|plan| plan.allocations[index].as_ref());
        legs[index] = known.map_or(1, |known| known.leg_extents());
        debug_assert!(legs[index] <= request.leg_extents());
    }
    for index in (0..legs.len()).filter(|&index| is_open(&requests[index])) {
        let (mut low, mut high) = (legs[index], most[index]);
        while low < high && !limits.is_over() {
            let middle = low + (high - low).div_ceil(2);
            legs[index] = middle;
            if fits(&legs) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        legs[index] = low;
    }
    legs
}

/// Takes over the best plan of the walks if it is right and better than the one that is known.
fn take_best<'w, 'm: 'w>(
    problem: &Problem,
    walks: impl Iterator<Item = &'w Walk<'m>>,
    best: &mut Option<(Cost, Plan)>,
    limits: &Limits<'_>,
) -> bool {
    let mut is_better = false;
    for walk in walks.filter(|walk| walk.best().missing == 0) {
        let plan = walk.plan();
        if !check(problem, &plan).is_empty() {
            continue;
        }
        let cost = cost(problem, &plan);
        if best.as_ref().is_none_or(|(held, _)| cost < *held) {
            (limits.found)(problem, &plan, &cost);
            *best = Some((cost, plan));
            is_better = true;
        }
    }
    is_better
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Cuts, Measure, Separation};
    use crate::search::test_sources::sources;

    #[test]
    fn legs_use_up_areas_of_few_sources_where_those_count_more() {
        let lists: [&[u64]; 4] = [&[100], &[100], &[3, 4, 5, 30], &[2, 4, 6, 30]];
        let mut request = Request::linear("r", 24);
        request.shape.stripes = 2;
        request.cuts = Cuts::Together;
        request.separation = Separation::Segment;
        let objective = vec![Measure::Sources, Measure::Fragments];
        let problem = Problem::new(sources(&lists), vec![request], objective).expect("no defects");
        let (bound, limits) = (Bound::default(), Limits::none());
        let plan = improve(&problem, None, &bound, Effort::Whole, &limits).expect("a plan");
        assert_eq!(cost(&problem, &plan).0, [2, 4]);
    }
}
