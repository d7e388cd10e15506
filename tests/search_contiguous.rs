//! Batches of contiguous requests: `search` against every way to put pieces into areas.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use extentplan::core::{
    Answer, Area, Companion, Limits, Measure, Place, Policy, Problem, Request, Separation, Shape,
    Size, Source, check, cost, verify,
};
use extentplan::search;

use random::{Random, cases};

fn problem(seed: u64) -> Option<Problem> {
    let mut random = Random(seed);
    let sources = (0..random.between(2, 4)).map(|name| {
        let (mut free, mut start) = (Vec::new(), 1);
        for _ in 0..random.between(1, 2) {
            let length = random.between(1, 7);
            free.extend(Area::new(start, length));
            start += length + 1;
        }
        Source {
            name: format!("s{name}"),
            extents: start,
            free: free.into_iter().collect(),
            tags: Default::default(),
            ..Source::default()
        }
    });
    let sources: Vec<Source> = sources.collect();
    let requests = (0..random.between(1, 4)).map(|name| {
        let mut request = Request::linear(&format!("r{name}"), random.between(1, 4));
        request.policy = Policy::Contiguous;
        request.shape.copies = random.between(1, 2);
        if random.below(4) == 0 {
            request.separation = Separation::None;
        }
        if random.below(4) == 0 {
            let extents = random.between(1, 2);
            let place = Place::Front;
            request.metadata = Some(Companion { extents, place });
        }
        match random.below(6) {
            0 => request.allowed = Some(vec![(0, None), (1, None)]),
            1 => {
                request.shape = Shape {
                    stripes: 1,
                    copies: 1,
                    parity: 0,
                };
                // Area 0 of source 0 starts at 1: what grows may go on there, or has to split an area.
                let start = random.below(3);
                let area = Area::new(start, 1).expect("not empty");
                let previous = extentplan::core::Segment { source: 0, area };
                request.metadata = None;
                request.grows = Some(vec![vec![previous]]);
            }
            2 => {
                let range = Area::new(1, random.between(2, 8)).expect("not empty");
                request.allowed = Some(vec![(0, Some(vec![range])), (1, Some(vec![range]))]);
            }
            _ => {}
        }
        request
    });
    let requests = requests.collect();
    let problem = Problem::new(sources, requests, vec![Measure::Fragments]).ok()?;
    // More pieces have too many places to be tried one by one.
    let pieces: usize = problem.requests().iter().map(Request::legs).sum();
    (pieces <= 4).then_some(problem)
}

/// The least free areas that any plan leaves: every piece at every place, one after another.
fn least(problem: &Problem) -> Option<u64> {
    let mut pieces = Vec::new();
    for (index, request) in problem.requests().iter().enumerate() {
        let Size::Exactly(extents) = request.size else {
            panic!("sizes are exact here");
        };
        for leg in 0..request.legs() {
            pieces.push((index, leg, extents + request.front_extents()));
        }
    }
    // The longest first: they have the fewest places.
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.2));
    let free: Vec<Vec<bool>> = problem
        .sources()
        .iter()
        .map(|source| {
            let count = usize::try_from(source.extents).expect("few");
            let mut is_free = vec![false; count];
            for area in source.free.iter() {
                for extent in area.start()..area.end() {
                    is_free[usize::try_from(extent).expect("few")] = true;
                }
            }
            is_free
        })
        .collect();
    let mut least = None;
    place(
        problem,
        &pieces,
        &mut Vec::new(),
        &mut free.clone(),
        &mut least,
    );
    least
}

fn place(
    problem: &Problem,
    pieces: &[(usize, usize, u64)],
    placed: &mut Vec<(usize, usize, u64)>,
    free: &mut Vec<Vec<bool>>,
    least: &mut Option<u64>,
) {
    let Some((&(index, leg, extents), rest)) = pieces.split_first() else {
        let starts = |source: &Vec<bool>| {
            let starts = (0..source.len()).filter(|&at| source[at] && (at == 0 || !source[at - 1]));
            starts.count() as u64
        };
        let left = free.iter().map(starts).sum();
        *least = Some(least.map_or(left, |least| left.min(least)));
        return;
    };
    let request = &problem.requests()[index];
    let offered = problem.offered(request);
    for source in 0..free.len() {
        let shares = placed
            .iter()
            .any(|other| (other.0, other.1) == (index, source));
        if request.separation() != Separation::None && shares {
            continue;
        }
        let Some((_, areas)) = offered.iter().find(|(offered, _)| *offered == source) else {
            continue;
        };
        for start in 0..problem.sources()[source].extents {
            let end = start + extents;
            let area = Area::between(start, end).expect("not empty");
            let grown = request.grows.as_ref().map(|legs| legs[leg][0]);
            let goes_on = grown.is_none_or(|g| g.source == source && g.area.end() == start);
            let range = usize::try_from(start).expect("few")..usize::try_from(end).expect("few");
            let is_free = free[source]
                .get(range.clone())
                .is_some_and(|f| f.iter().all(|f| *f));
            if !goes_on || !is_free || !areas.contains(area) {
                continue;
            }
            free[source][range.clone()].fill(false);
            placed.push((index, source, start));
            place(problem, rest, placed, free, least);
            placed.pop();
            free[source][range].fill(true);
        }
    }
}

#[test]
fn fewest_free_areas_are_what_trying_everything_finds() {
    let (mut proven, mut open) = (0, 0);
    for seed in 0..cases(1_500) {
        let Some(problem) = problem(seed) else {
            continue;
        };
        let least = least(&problem);
        match search::plan(&problem, None, &Limits::none()) {
            Answer::Best {
                plan,
                cost: claimed,
                ..
            } => {
                assert!(check(&problem, &plan).is_empty(), "seed {seed}");
                assert_eq!(cost(&problem, &plan), claimed, "seed {seed}");
                assert_eq!(least, Some(claimed.0[0]), "seed {seed}");
                proven += 1;
            }
            Answer::Found { plan, bound, .. } => {
                assert!(check(&problem, &plan).is_empty(), "seed {seed}");
                let least = least.expect("there is a plan");
                assert!(
                    bound.0[0] <= least,
                    "seed {seed}: {} of {least}",
                    bound.0[0]
                );
                open += 1;
            }
            Answer::Impossible { why } => {
                assert_eq!(verify(&problem, &why), Ok(()), "seed {seed}");
                assert_eq!(least, None, "seed {seed}");
            }
            Answer::Unknown { .. } => {}
        }
    }
    assert!(proven > 6 * open, "{proven} proven, {open} open");
}
