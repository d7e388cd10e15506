//! What is there is never denied: problems are made around a plan, larger than an exhaustive search could take, and no
//! bound is above what that plan costs.
//!
//! Legs change between few sources, come back to them, and avoid them in between. `EXTENTPLAN_CASES=50` times as
//! many are the heavy tier.

mod common;

use std::collections::BTreeSet;

use common::random::{Random, cases};
use extentplan::core::{
    Allocation, Answer, Area, Areas, Avoidance, Bound, Cost, Cuts, Limits, Measure, Plan, Policy,
    Problem, Request, Segment, Separation, Shape, Source, check, cost,
};
use extentplan::search;
use extentplan::solve::{Strategy, solve};
use rayon::prelude::*;

fn index(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).expect("an index")
}

/// Legs of one length whose pieces lie on different sources at every offset, and never on two for good.
fn legs(random: &mut Random, count: usize, extents: u64, used: &mut [u64]) -> Vec<Vec<Segment>> {
    let mut legs: Vec<Vec<Segment>> = vec![Vec::new(); count];
    let mut offset = 0;
    while offset < extents {
        let length = random.between(1, 5).min(extents - offset);
        let mut taken = BTreeSet::new();
        for leg in &mut legs {
            let source = loop {
                let source = index(random, used.len());
                if taken.insert(source) {
                    break source;
                }
            };
            let area = Area::new(used[source], length).expect("not empty");
            used[source] += length;
            match leg.last_mut() {
                Some(last) if last.source == source && last.area.end() == area.start() => {
                    last.area = Area::between(last.area.start(), area.end()).expect("not empty");
                }
                Some(_) | None => leg.push(Segment { source, area }),
            }
        }
        offset += length;
    }
    legs
}

/// Stretches of offsets at which no leg is on the source; some of them have to stay so.
fn avoided(
    random: &mut Random,
    legs: &[Vec<Segment>],
    source: usize,
    extents: u64,
) -> Vec<Avoidance> {
    let mut used = Vec::new();
    for leg in legs {
        let mut offset = 0;
        for segment in leg {
            let end = offset + segment.area.count();
            used.extend(Area::between(offset, end).filter(|_| segment.source == source));
            offset = end;
        }
    }
    let all = Areas::from(Area::new(0, extents).expect("not empty"));
    let unused = all.difference(&used.into_iter().collect());
    let mut avoid = Vec::new();
    for offsets in unused.iter().filter(|_| random.below(3) > 0) {
        avoid.push(Avoidance {
            offsets,
            sources: BTreeSet::from([source]),
        });
    }
    avoid
}

/// A problem, and a plan of it.
fn planted(seed: u64) -> (Problem, Plan) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let sources = 2 + index(&mut random, 4);
    let mut used = vec![0; sources];
    let (mut requests, mut allocations) = (Vec::new(), Vec::new());
    for number in 0..1 + index(&mut random, 2) {
        let count = 1 + index(&mut random, 2.min(sources - 1));
        let extents = random.between(2, 24);
        let legs = legs(&mut random, count, extents, &mut used);
        let avoid = (0..sources).flat_map(|source| avoided(&mut random, &legs, source, extents));
        let avoid: Vec<Avoidance> = avoid.collect();
        requests.push(Request {
            shape: Shape {
                copies: count as u64,
                stripes: 1,
                parity: 0,
            },
            separation: Separation::Segment,
            cuts: if random.below(2) == 0 || count == 1 {
                Cuts::Apart
            } else {
                Cuts::Together
            },
            policy: if random.below(4) == 0 {
                Policy::Anywhere
            } else {
                Policy::Normal
            },
            avoid,
            value: (random.below(3) == 0).then_some(extents),
            ..Request::linear(&format!("r{number}"), extents)
        });
        allocations.push(Some(Allocation {
            legs,
            ..Allocation::default()
        }));
    }
    let sources = used.iter().enumerate().map(|(number, used)| {
        let extents = used + 1 + random.below(4) * random.below(4);
        let spare = random.below(2) * random.below(extents - used);
        let free = Area::new(0, used + spare).into_iter().collect();
        Source {
            name: format!("s{number}"),
            extents,
            free,
            tags: BTreeSet::new(),
            ..Source::default()
        }
    });
    let sources: Vec<Source> = sources.collect();
    let mut objective = Measure::ALL.to_vec();
    for at in 0..objective.len() {
        let other = at + index(&mut random, objective.len() - at);
        objective.swap(at, other);
    }
    objective.truncate(1 + index(&mut random, 3));
    if random.below(2) == 0 {
        objective = vec![Measure::Segments, Measure::Sources];
    }
    let problem = Problem::new(sources, requests, objective).expect("a problem");
    (problem, Plan { allocations })
}

/// Whether the first measure in which they differ is higher in the bound.
fn is_above(bound: &Bound, known: &Cost) -> bool {
    let mut pairs = bound.0.iter().zip(&known.0);
    pairs
        .find(|(bound, known)| bound != known)
        .is_some_and(|(bound, known)| bound > known)
}

#[test]
fn no_bound_is_above_a_plan_that_is_there() {
    let wrong: Vec<String> = (0..cases(600))
        .into_par_iter()
        .filter_map(|seed| {
            let (problem, plan) = planted(seed);
            assert_eq!(check(&problem, &plan), [], "seed {seed}");
            let known = cost(&problem, &plan);
            let limits = Limits {
                nodes: 1_000,
                ..Limits::none()
            };
            let strategy = Strategy {
                program: None,
                ..Strategy::default()
            };
            let answers = [
                ("search::plan", search::plan(&problem, None, &limits)),
                (
                    "search::bound",
                    search::bound(&problem, None, &Bound::default(), &limits),
                ),
                (
                    "solve",
                    solve(&problem, &strategy, &limits).expect("no contradiction"),
                ),
            ];
            let denies = |answer: &Answer| {
                matches!(answer, Answer::Impossible { .. })
                    || is_above(&answer.lower_bound(), &known)
            };
            let wrong = answers.iter().find(|(_, answer)| denies(answer))?;
            Some(format!(
                "seed {seed}: {} says {:?}, and {known:?} is there",
                wrong.0, wrong.1
            ))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong, the first of them:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}
