//! Stripes, mirrors, lines and contiguous batches: `search` against every layout there is.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;

use extentplan::core::{
    Allocation, Answer, Area, Cost, Cuts, Limits, Measure, Plan, Policy, Problem, Request, Segment,
    Separation, Shape, Source, check, cost, verify,
};
use extentplan::search;

use random::{Random, cases};

fn source(name: usize, areas: &[(u64, u64)]) -> Source {
    let free = areas
        .iter()
        .filter_map(|&(start, count)| Area::new(start, count));
    Source {
        name: format!("s{name}"),
        extents: areas
            .iter()
            .map(|(start, count)| start + count)
            .max()
            .unwrap_or(1),
        free: free.collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    }
}

fn request(name: usize, legs: u64, leg: u64) -> Request {
    let mut request = Request::linear(&format!("r{name}"), legs * leg);
    request.shape.stripes = legs;
    request
}

/// Up to 7 free extents on 2 to 4 sources.
fn tiny_sources(random: &mut Random) -> Vec<Source> {
    let mut left = 7;
    let count = 2 + random.below(3);
    let mut sources = Vec::new();
    for name in 0..count {
        let (mut areas, mut start) = (Vec::new(), random.below(2));
        for _ in 0..1 + random.below(2) {
            let length = (1 + random.below(4)).min(left);
            left -= length;
            if length > 0 {
                areas.push((start, length));
            }
            start += length + 1 + random.below(2);
        }
        sources.push(source(usize::try_from(name).expect("small"), &areas));
    }
    sources
}

/// Requests that take up to 5 extents together.
fn tiny_problem(seed: u64) -> Option<Problem> {
    let mut random = Random(seed);
    let sources = tiny_sources(&mut random);
    let mut requests = Vec::new();
    let mut left = 5;
    let policy = match random.below(3) {
        0 => Policy::Contiguous,
        _ => Policy::Normal,
    };
    for name in 0..1 + random.below(3) {
        let legs = 1 + random.below(3);
        let leg = 1 + random.below(3);
        if legs * leg > left {
            continue;
        }
        left -= legs * leg;
        let mut request = request(usize::try_from(name).expect("small"), legs, leg);
        request.policy = policy;
        request.separation = match random.below(4) {
            0 => Separation::None,
            _ => Separation::Segment,
        };
        let mirror = random.below(2) == 0;
        if mirror {
            request.cuts = Cuts::Apart;
            request.shape = Shape {
                stripes: 1,
                copies: legs,
                parity: 0,
            };
            request.size = extentplan::core::Size::Exactly(leg);
        } else {
            request.cuts = Cuts::Together;
        }
        if random.below(8) == 0 {
            request.allowed = Some(vec![(0, None), (1, None)]);
        }
        requests.push(request);
    }
    let objective = match random.below(4) {
        0 => vec![Measure::Sources, Measure::Segments],
        1 => vec![Measure::Sources],
        _ => vec![Measure::Segments, Measure::Sources],
    };
    Problem::new(sources, requests, objective).ok()
}

/// The least cost of all layouts: every extent of every leg is put on every free extent.
fn least_cost(problem: &Problem) -> Option<Cost> {
    fn place(
        problem: &Problem,
        cells: &[(usize, usize, u64)],
        free: &mut Vec<(usize, u64)>,
        plan: &mut Plan,
        best: &mut Option<Cost>,
    ) {
        let Some((&(request, leg, offset), rest)) = cells.split_first() else {
            if check(problem, plan).is_empty() {
                let cost = cost(problem, plan);
                if best.as_ref().is_none_or(|best| cost < *best) {
                    *best = Some(cost);
                }
            }
            return;
        };
        let is_contiguous = problem.requests()[request].policy == Policy::Contiguous;
        for index in 0..free.len() {
            let (source, extent) = free[index];
            let legs = &mut plan.allocations[request].as_mut().expect("placed").legs;
            let last = legs[leg].last().map(|last| (last.source, last.area.end()));
            if is_contiguous && offset > 0 && last != Some((source, extent)) {
                continue;
            }
            let area = Area::new(extent, 1).expect("one extent");
            legs[leg].push(Segment { source, area });
            free.remove(index);
            place(problem, rest, free, plan, best);
            free.insert(index, (source, extent));
            plan.allocations[request].as_mut().expect("placed").legs[leg].pop();
        }
    }
    let mut cells = Vec::new();
    let mut allocations = Vec::new();
    for (index, request) in problem.requests().iter().enumerate() {
        for leg in 0..request.legs() {
            cells.extend((0..request.leg_extents()).map(|offset| (index, leg, offset)));
        }
        allocations.push(Some(Allocation {
            legs: vec![Vec::new(); request.legs()],
            ..Allocation::default()
        }));
    }
    let mut free = Vec::new();
    for (index, source) in problem.sources().iter().enumerate() {
        for area in source.free.iter() {
            free.extend((area.start()..area.end()).map(|extent| (index, extent)));
        }
    }
    let mut best = None;
    place(
        problem,
        &cells,
        &mut free,
        &mut Plan { allocations },
        &mut best,
    );
    best
}

/// What an answer says, held against the least cost of all layouts. Returns whether it decides.
fn judge(problem: &Problem, answer: &Answer, least: Option<&Cost>, seed: u64) -> bool {
    if let Some(plan) = answer.plan() {
        assert_eq!(check(problem, plan), [], "seed {seed}");
        assert_eq!(Some(&cost(problem, plan)), answer.cost(), "seed {seed}");
    }
    match answer {
        Answer::Best { cost, .. } => {
            assert_eq!(Some(cost), least, "seed {seed}: not the best");
            true
        }
        Answer::Found { cost, bound, .. } => {
            let least = least.unwrap_or_else(|| panic!("seed {seed}: a plan where there is none"));
            assert!(cost >= least, "seed {seed}: {cost:?} below {least:?}");
            for (bound, least) in bound.0.iter().zip(&least.0) {
                assert!(bound <= least, "seed {seed}: bound {bound} above {least}");
                if bound < least {
                    break;
                }
            }
            false
        }
        Answer::Impossible { why } => {
            assert_eq!(least, None, "seed {seed}: {why:?}");
            assert_eq!(verify(problem, why), Ok(()), "seed {seed}");
            true
        }
        Answer::Unknown { .. } => false,
    }
}

#[test]
fn no_tiny_problem_is_answered_otherwise_than_by_trying_every_layout() {
    let (mut asked, mut decided, mut refused) = (0, 0, 0);
    for seed in 0..cases(400) {
        let Some(problem) = tiny_problem(seed) else {
            continue;
        };
        let least = least_cost(&problem);
        let answer = search::plan(&problem, None, &Limits::none());
        asked += 1;
        refused += u32::from(least.is_none());
        decided += u32::from(judge(&problem, &answer, least.as_ref(), seed));
    }
    // The generator makes what is asked for: both answers, and mostly problems that search decides.
    assert!(
        asked > 200 && refused > asked / 20,
        "{asked} asked, {refused} refused"
    );
    assert!(decided > asked / 2, "{decided} of {asked} decided");
}

/// Stripes are decided always: fewest intervals, exactly.
#[test]
fn every_tiny_stripe_gets_its_fewest_intervals() {
    let mut asked = 0;
    for seed in 0..cases(200) {
        let mut random = Random(seed ^ 0xA5A5);
        let sources = tiny_sources(&mut random);
        let legs = 2 + random.below(2);
        let mut request = request(0, legs, 1 + random.below(5 / legs));
        request.cuts = Cuts::Together;
        let Ok(problem) = Problem::new(sources, vec![request], vec![Measure::Segments]) else {
            continue;
        };
        let least = least_cost(&problem);
        let answer = search::plan(&problem, None, &Limits::none());
        let decided = judge(&problem, &answer, least.as_ref(), seed);
        assert!(decided, "seed {seed}: {answer:?}, least {least:?}");
        asked += 1;
    }
    assert!(asked > 100, "{asked} asked");
}

/// Three areas of three sources hold enough for both legs, but each leg needs two areas anyway, and four
/// areas are on two sources.
#[test]
fn areas_that_are_needed_anyway_may_be_on_fewer_sources() {
    let two = [(0, 4), (5, 2)];
    let sources = vec![source(0, &two), source(1, &two), source(2, &[(0, 4)])];
    let mut mirror = request(0, 2, 6);
    mirror.shape = Shape {
        stripes: 1,
        copies: 2,
        parity: 0,
    };
    mirror.size = extentplan::core::Size::Exactly(6);
    mirror.cuts = Cuts::Apart;
    let objective = vec![Measure::Segments, Measure::Sources];
    let problem = Problem::new(sources, vec![mirror], objective).expect("no defects");
    match search::plan(&problem, None, &Limits::none()) {
        Answer::Best { cost, .. } => assert_eq!(cost.0, [4, 2]),
        Answer::Found { bound, .. } => assert!(bound.0 <= vec![4, 2]),
        Answer::Impossible { .. } | Answer::Unknown { .. } => panic!("there is a plan"),
    }
}

#[test]
fn three_sources_of_eighty_give_two_legs_of_a_hundred_and_twenty_in_three_intervals() {
    let sources = (0..3).map(|name| source(name, &[(0, 80)])).collect();
    let mut request = request(0, 2, 120);
    request.cuts = Cuts::Together;
    let problem = Problem::new(sources, vec![request], Vec::new()).expect("well-formed");
    let answer = search::plan(&problem, None, &Limits::none());
    assert!(
        matches!(&answer, Answer::Best { cost, .. } if cost.0 == [3, 3]),
        "{answer:?}"
    );
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_threads() {
    for seed in 0..6 {
        let mut random = Random(seed);
        let sources = (0..10)
            .map(|name| {
                let (mut areas, mut start) = (Vec::new(), 0);
                for _ in 0..1 + random.below(3) {
                    let length = 20 + random.below(400);
                    areas.push((start, length));
                    start += length + 7;
                }
                source(name, &areas)
            })
            .collect::<Vec<_>>();
        let mut stripe = request(0, 3, 500);
        stripe.cuts = Cuts::Together;
        let mut batch: Vec<Request> = (0..8)
            .map(|name| request(name, 1 + random.below(3), 40 + random.below(150)))
            .collect();
        for request in &mut batch {
            request.policy = Policy::Contiguous;
        }
        for requests in [vec![stripe], batch] {
            let Ok(problem) = Problem::new(sources.clone(), requests, Vec::new()) else {
                continue;
            };
            let limits = Limits {
                nodes: 1 << 10,
                ..Limits::none()
            };
            let with = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.expect("threads")
                    .install(|| search::plan(&problem, None, &limits))
            };
            assert_eq!(with(1), with(4), "seed {seed}");
        }
    }
}
