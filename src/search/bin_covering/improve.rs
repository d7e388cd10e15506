//! A better bound and a better plan by patterns: of the measure that comes first, and where that is proven
//! of the second.

use crate::core::{
    Answer, Cost, Cuts, Limits, Measure, Method, Plan, Problem, Proof, Request, check, cost,
};
use crate::search::bin_covering::column_generation::{Count, MOST_ROWS, Program};
use crate::search::bin_covering::counts::{segments_of, sources_of};
use crate::search::bin_covering::covering::lead;
use crate::search::bin_covering::gap::{self, Known};
use crate::search::bin_covering::ground_set::Ground;
use crate::search::bin_covering::layout::{layout, selected};
use crate::search::bounds::counts;
use crate::search::verdict::{self, Lower};

/// A better plan, with what it costs.
type Better = Option<(Cost, Plan, Method)>;

/// A better answer than the plan and the bound, if there is one within the limits.
pub(crate) fn closer(
    problem: &Problem,
    request: &Request,
    plan: Plan,
    method: Method,
    mut lower: Lower,
    limits: &Limits<'_>,
) -> Answer {
    let counted = counts::lower(problem);
    let known = lower;
    lower.segments = known.segments.max(counted.segments);
    lower.sources = known.sources.max(counted.sources);
    // What holds for the fewest of one measure does not hold for more of it.
    if lower.segments > known.segments {
        lower.sources_with_least_segments = lower.sources;
    }
    if lower.sources > known.sources {
        lower.segments_with_least_sources = lower.segments;
    }
    let mut best = (cost(problem, &plan), plan, method);
    for ask in [first, second] {
        let known = (&best.0, &best.1);
        if let Some(better) = ask(problem, request, known, &mut lower, limits) {
            best = better;
        }
    }
    verdict::judge(problem, best.1, &lower, best.2, Proof::Exhausted)
}

/// The plan in which each leg has these stocks, if it is right.
fn laid_out(
    problem: &Problem,
    request: &Request,
    ground: &Ground,
    legs: &[Vec<usize>],
) -> Option<Plan> {
    let legs = ground.items_of(legs)?;
    let covering = &ground.covering;
    let selection = selected(covering, &legs);
    let plan = layout(problem, request, covering, &selection, &legs)?;
    check(problem, &plan).is_empty().then_some(plan)
}

/// Raises the bound on the measure that comes first, and returns a better plan if it finds one.
fn first(
    problem: &Problem,
    request: &Request,
    (known, plan): (&Cost, &Plan),
    lower: &mut Lower,
    limits: &Limits<'_>,
) -> Better {
    let (fewest, least, most) = if lead(problem.objective()) == Some(Measure::Sources) {
        (Count::Sources, lower.sources, sources_of(plan))
    } else {
        (Count::Areas, lower.segments, segments_of(problem, plan))
    };
    if least >= most {
        return None;
    }
    let ask = (fewest, None);
    let (proven, better) =
        ask_patterns(problem, request, ask, (known, plan), (least, most), limits)?;
    // What held for the fewest by sums does not hold for more of them.
    if proven > least {
        match fewest {
            Count::Areas => {
                lower.segments = proven;
                lower.sources_with_least_segments = lower.sources;
            }
            Count::Sources => {
                lower.sources = proven;
                lower.segments_with_least_sources = lower.segments;
            }
        }
    }
    better
}

/// Raises the bound on the measure that does not come first, if the first is proven, and returns a
/// better plan if it finds one.
fn second(
    problem: &Problem,
    request: &Request,
    (known, plan): (&Cost, &Plan),
    lower: &mut Lower,
    limits: &Limits<'_>,
) -> Better {
    let objective = problem.objective();
    let are_counted = [Measure::Segments, Measure::Sources]
        .iter()
        .all(|measure| objective.contains(measure));
    if !are_counted || request.cuts != Cuts::Apart && request.legs() > 1 {
        return None;
    }
    let (areas, sources) = (segments_of(problem, plan), sources_of(plan));
    let (fewest, others, least, most) = if lead(objective) == Some(Measure::Sources) {
        let least = lower.segments_with_least_sources.max(lower.segments);
        (Count::Areas, lower.sources, least, areas)
    } else {
        let least = lower.sources_with_least_segments.max(lower.sources);
        (Count::Sources, lower.segments, least, sources)
    };
    let is_proven = others == areas + sources - most;
    if !is_proven || least >= most {
        return None;
    }
    let ask = (fewest, Some(others));
    let (least, better) =
        ask_patterns(problem, request, ask, (known, plan), (least, most), limits)?;
    match fewest {
        Count::Areas => lower.segments_with_least_sources = least,
        Count::Sources => lower.sources_with_least_segments = least,
    }
    better
}

/// What no plan goes below, and a better plan, if one was found.
fn ask_patterns(
    problem: &Problem,
    request: &Request,
    (fewest, others): (Count, Option<u64>),
    (known, plan): (&Cost, &Plan),
    (least, most): (u64, u64),
    limits: &Limits<'_>,
) -> Option<(u64, Better)> {
    let ground = Ground::of(problem, request);
    if ground.room.len() > MOST_ROWS {
        return None;
    }
    let program = Program {
        ground: &ground,
        fewest,
        others,
    };
    let mut closing = Known {
        least,
        most,
        legs: None,
    };
    gap::close(&program, ground.legs_of(plan), &mut closing, limits);
    let better = closing.legs.and_then(|legs| {
        let plan = laid_out(problem, request, &ground, &legs)?;
        let cost = cost(problem, &plan);
        (cost < *known).then_some((cost, plan, Method::Search))
    });
    Some((closing.least, better))
}
