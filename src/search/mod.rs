//! Bounds, constructions, local search and exact search.
//!
//! A problem goes through four steps, each of which may settle it:
//!
//! | step | for | what it does | where |
//! | --- | --- | --- | --- |
//! | counts | every class | sums that refute a problem, fewest areas and sources that hold what is asked | `bounds` |
//! | methods of a class | see below | constructions, exact search, bounds of their own | a room each |
//! | prices | every class | Lagrangian bound: areas and sources have prices, legs no longer see each other; of each measure among the plans that are no worse in those before | `lagrangian` |
//! | ruin and recreate | every class | any plan, and better ones as long as there is time; proves nothing | `ruin_and_recreate` |
//!
//! Which classes have methods of their own:
//!
//! | class | what it is in the literature | room |
//! | --- | --- | --- |
//! | one request, legs apart by source or by tags | bin covering; column generation (Gilmore and Gomory 1961) | `bin_covering` |
//! | a batch of those | bin packing with item fragmentation (Casazza and Ceselli 2014) | `joint` |
//! | a batch in which each leg is one area | bin packing with bins of different sizes, pattern bound, bin completion | `bin_packing` |
//! | linear and mirrored requests, cuts apart | flow, McNaughton's wrap-around rule (1959) | `wrap_around` |
//! | one striped request, cuts together | interval lengths, a relative of Birkhoff and von Neumann's decomposition | `stripes` |
//! | one request that clings to sources or tags | choice of sources; components of tags | `cling` |
//! | legs that differ at each offset, and by tags as a whole | disjoint legs, see above | `disjoint` |
//! | requests that avoid sources at some offsets | relaxation, then the order of the pieces | `avoidance` |
//! | anything else: mixed batches, growth beside siblings, ranges | | the steps for every class |
//!
//! The methods of a class are asked in this order: `avoidance` (which asks the others about the easier problem), `disjoint` (likewise),
//! `wrap_around`, `cling`, `stripes`, `cling::by_tags`, `bin_packing`, `joint`, `bin_covering`. The steps are calls of their
//! own, in the order of the first table, as long as the answer is open; `certify` then looks for what proves the bound.
//! What several rooms use: `fewest` and `tradeoff` (fewest areas and sources that hold so much), `sums` (subset sums),
//! `flow`, `least_cost_flow`, `companions` (metadata and logs), `verdict` (bounds of measures), `pins` (what is known of the measures
//! before), `effort` (how much a method does).
//!
//! Column generation is in `bin_covering::column_generation`, with its restricted master problem there, its linear program
//! in `simplex` and its pricing problem in `pricing`; dual feasible functions are in `bin_covering::dual_feasible`.
//!
//! A new policy goes into `ruin_and_recreate::leg` (where may one leg go), into `lagrangian::relaxation` (what does one
//! leg cost at given prices; leaving its rule out keeps the bound true) and into `bounds`, which have to
//! stay true; a room of its own is worth it once those do not suffice.
//!
//! Words: an *item* is packed into a *bin* (bin covering: a leg is a bin, areas are items; contiguous pieces are items, areas
//! are bins); a *pattern* is what one leg takes; a *price* (dual price) is what one extent of an area costs a leg in
//! the *relaxation*, which leaves a rule out; a *bound* is true of every plan; a *node* of a search tree is
//! *branched* or *pruned*; a *domain* holds the values left for a number.

mod area_tags;
mod avoidance;
mod bin_covering;
mod bin_packing;
mod bounds;
mod certify;
mod cling;
mod companions;
mod disjoint;
mod effort;
mod fewest;
mod flow;
mod joint;
mod lagrangian;
pub(crate) mod least_cost_flow;
mod parallel;
mod pins;
pub(crate) mod random;
mod ruin_and_recreate;
mod stripes;
mod sums;
#[cfg(test)]
mod test_sources;
mod tradeoff;
mod verdict;
mod wrap_around;

use crate::core::{
    Answer, Bound, Certificate, Limits, Measure, Method, Plan, Problem, StopReason, check, cost,
};
use crate::search::pins::Pins;

pub use effort::Effort;
pub(crate) use parallel::map;
pub use parallel::{in_order, on_threads};

/// Most extents of all sources, and of all requests, that the methods which count by products take.
///
/// They multiply extents by legs (at most 2^16), by units and shares (below 2^12), or round them up to
/// multiples, in 64 bits, some of them signed. A volume group of LVM2 has at most 2^32 extents on a disk.
const MOST_EXTENTS: u64 = 1 << 46;

/// Plans by search.
#[must_use]
pub fn plan(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Answer {
    let problem = &*problem.spelled_out();
    if area_tags::are_asked(problem) {
        return area_tags::plan(problem, start, limits);
    }
    if let Some(why) = bounds::conflict(problem, limits) {
        return Answer::Impossible { why };
    }
    let answer = avoidance::plan(problem, plan, limits)
        .or_else(|| disjoint::plan(problem, plan, start, limits))
        .or_else(|| wrap_around::plan(problem, limits))
        .or_else(|| cling::plan(problem))
        .or_else(|| by_products(problem, start, limits))
        .unwrap_or_else(|| verdict::unknown(StopReason::MethodEnds));
    bounds::raised(problem, answer)
}

/// The answer with a bound for every measure: what counting says, where the answer's own says less or nothing.
#[must_use]
pub fn raised(problem: &Problem, answer: Answer) -> Answer {
    bounds::raised(&area_tags::looser(problem), answer)
}

/// The bound with what counting and prices of areas and sources say, whatever the class of the problem. It is raised
/// measure by measure, each among the plans that are no worse in those before, and no further than `plan`, the best that
/// is known.
#[must_use]
pub fn bound(problem: &Problem, plan: Option<&Plan>, known: &Bound, limits: &Limits<'_>) -> Answer {
    let problem = &*area_tags::looser(problem);
    let costs = plan.map(|plan| cost(problem, plan).0);
    let by_prices = |position: usize, least: u64, values: &[u64]| {
        let objective = problem.objective();
        let goal = costs.as_ref().filter(|costs| costs.starts_with(values));
        let goal = goal.map(|costs| costs[position]);
        if goal.is_some_and(|goal| least >= goal) {
            return least;
        }
        let asked = (objective[position], &Pins { objective, values });
        least.max(lagrangian::least(problem, asked, goal, limits))
    };
    Answer::Unknown {
        bound: bounds::measure_by_measure(problem, known, by_prices),
        stopped: StopReason::MethodEnds,
    }
}

/// A plan that costs less than `start`, or any plan at all, by local search; it ends where `bound` is met.
#[must_use]
pub fn improve(
    problem: &Problem,
    start: Option<&Plan>,
    bound: &Bound,
    effort: Effort,
    limits: &Limits<'_>,
) -> Answer {
    let strict = area_tags::stricter(problem);
    let start = start.filter(|start| check(&strict, start).is_empty());
    let plan = ruin_and_recreate::improve(&strict, start, bound, effort, limits);
    let bound = bound.clone();
    let stopped = StopReason::MethodEnds;
    match plan {
        Some(plan) => Answer::Found {
            cost: cost(problem, &plan),
            plan,
            bound,
            method: Method::Candidates,
            stopped,
            certificates: Vec::new(),
        },
        None => Answer::Unknown { bound, stopped },
    }
}

/// By entry of the bound a certificate that holds, or none; `plan` is the best that is known.
#[must_use]
pub fn certify(
    problem: &Problem,
    plan: &Plan,
    bound: &Bound,
    limits: &Limits<'_>,
) -> Vec<Option<Certificate>> {
    let problem = &*area_tags::looser(problem);
    let is_countable = is_countable(problem);
    certify::certify(problem, (plan, bound), is_countable, limits)
}

fn by_products(problem: &Problem, start: Option<&Plan>, limits: &Limits<'_>) -> Option<Answer> {
    if !is_countable(problem) {
        return None;
    }
    stripes::plan(problem, limits)
        .or_else(|| cling::by_tags::plan(problem, plan, limits))
        .or_else(|| bin_packing::plan(problem, limits))
        .or_else(|| {
            by_leading(problem, &|problem| {
                let of_batch = joint::plan(problem, limits);
                of_batch.or_else(|| bin_covering::plan(problem, start, limits))
            })
        })
}

/// What a room says that knows segments and sources alone: it is asked for those that no other measure goes before.
fn by_leading(problem: &Problem, room: &dyn Fn(&Problem) -> Option<Answer>) -> Option<Answer> {
    let is_known = |measure: &&Measure| matches!(measure, Measure::Segments | Measure::Sources);
    let objective = problem.objective().iter();
    let leading: Vec<Measure> = objective.take_while(is_known).copied().collect();
    if leading.is_empty() || leading.len() == problem.objective().len() {
        return room(problem);
    }
    let easier = problem.with_measures(leading).ok()?;
    let answer = room(&easier)?;
    let bound = answer.lower_bound();
    Some(match answer {
        Answer::Best { plan, method, .. } | Answer::Found { plan, method, .. } => Answer::Found {
            cost: cost(problem, &plan),
            plan,
            bound,
            method,
            stopped: StopReason::MethodEnds,
            certificates: Vec::new(),
        },
        Answer::Impossible { .. } | Answer::Unknown { .. } => answer,
    })
}

/// Whether products of its counts fit.
fn is_countable(problem: &Problem) -> bool {
    let offered = problem.sources().iter().map(|source| source.extents);
    let wanted = problem.requests().iter().map(|r| r.total_extents());
    let wanted = wanted.map(|extents| extents.unwrap_or(u64::MAX));
    offered.fold(0, u64::saturating_add) <= MOST_EXTENTS
        && wanted.fold(0, u64::saturating_add) <= MOST_EXTENTS
}
