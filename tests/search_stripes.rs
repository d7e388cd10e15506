//! Stripes whose cuts go together: `search` against every list of intervals there is.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;

use extentplan::core::{
    Answer, Area, Cuts, Limits, Measure, Problem, Request, Source, check, cost,
};
use extentplan::search;

use random::{Random, cases};

/// Lengths of the free areas of each source.
type Lists = Vec<Vec<u64>>;

fn problem(lists: &Lists, legs: u64, extents: u64, objective: Vec<Measure>) -> Problem {
    let sources = lists.iter().enumerate().map(|(name, lengths)| {
        let mut start = 0;
        let mut free = Vec::new();
        for &length in lengths {
            free.extend(Area::new(start, length));
            start += length + 1;
        }
        Source {
            name: format!("s{name}"),
            extents: start,
            free: free.into_iter().collect(),
            tags: BTreeSet::new(),
            ..Source::default()
        }
    });
    let mut request = Request::linear("stripe", legs * extents);
    request.shape.stripes = legs;
    request.cuts = Cuts::Together;
    Problem::new(sources.collect(), vec![request], objective).expect("well-formed")
}

/// Whether `count` intervals, none longer than `longest`, on at most `most_sources` sources have
/// `missing` extents: every length, and every choice of areas.
fn is_possible(
    left: &mut Lists,
    legs: usize,
    (count, longest, missing): (usize, u64, u64),
    used: &BTreeSet<usize>,
    most_sources: usize,
) -> bool {
    if missing == 0 {
        return true;
    }
    let shortest = missing.div_ceil(count.max(1) as u64);
    count > 0
        && (shortest..=longest.min(missing)).rev().any(|length| {
            let rest = (count - 1, length, missing - length);
            serve(left, legs, (0, legs, length), rest, used, most_sources)
        })
}

/// The same with an interval of which `(source, legs left, length)` is still to be served.
fn serve(
    left: &mut Lists,
    legs: usize,
    (source, legs_left, length): (usize, usize, u64),
    rest: (usize, u64, u64),
    used: &BTreeSet<usize>,
    most_sources: usize,
) -> bool {
    if legs_left == 0 {
        return is_possible(left, legs, rest, used, most_sources);
    }
    if left.len() - source < legs_left {
        return false;
    }
    let next = (source + 1, legs_left, length);
    if serve(left, legs, next, rest, used, most_sources) {
        return true;
    }
    let mut with = used.clone();
    with.insert(source);
    if with.len() > most_sources {
        return false;
    }
    for area in 0..left[source].len() {
        if left[source][area] >= length {
            left[source][area] -= length;
            let next = (source + 1, legs_left - 1, length);
            let is_served = serve(left, legs, next, rest, &with, most_sources);
            left[source][area] += length;
            if is_served {
                return true;
            }
        }
    }
    false
}

/// The least cost in the order of the objective, or `None` if there is no layout.
fn least_cost(lists: &Lists, legs: usize, extents: u64, segments_first: bool) -> Option<Vec<u64>> {
    let none = BTreeSet::new();
    let most = usize::try_from(extents).expect("small");
    let possible = |count: usize, sources: usize| {
        let start = (count, extents, extents);
        is_possible(&mut lists.clone(), legs, start, &none, sources)
    };
    let all = lists.len();
    if segments_first {
        let count = (1..=most).find(|&count| possible(count, all))?;
        let sources = (1..=all).find(|&sources| possible(count, sources))?;
        return Some(vec![count as u64, sources as u64]);
    }
    // Intervals of one extent each are possible if any are.
    let sources = (1..=all).find(|&sources| possible(most, sources))?;
    let count = (1..=most).find(|&count| possible(count, sources))?;
    Some(vec![sources as u64, count as u64])
}

#[test]
fn no_small_stripe_is_answered_otherwise_than_by_trying_all_intervals() {
    let (mut asked, mut several) = (0, 0);
    for seed in 0..cases(200) {
        let mut random = Random(seed);
        let legs = 2 + random.below(2);
        let lists: Lists = (0..legs + 1 + random.below(2))
            .map(|_| {
                (0..1 + random.below(2))
                    .map(|_| 1 + random.below(5))
                    .collect()
            })
            .collect();
        let extents = 3 + random.below(4);
        let segments_first = random.below(3) > 0;
        let mut objective = vec![Measure::Segments, Measure::Sources];
        if !segments_first {
            objective.reverse();
        }
        let legs_count = usize::try_from(legs).expect("small");
        let least = least_cost(&lists, legs_count, extents, segments_first);
        let problem = problem(&lists, legs, extents, objective);
        match (search::plan(&problem, None, &Limits::none()), least) {
            (
                Answer::Best {
                    plan, cost: found, ..
                },
                Some(least),
            ) => {
                assert_eq!(check(&problem, &plan), [], "seed {seed}");
                assert_eq!(cost(&problem, &plan), found, "seed {seed}");
                assert_eq!(found.0, least, "seed {seed}: {lists:?} {legs} x {extents}");
                asked += 1;
                several += u32::from(least.iter().min() > Some(&1));
            }
            (Answer::Impossible { .. }, None) => {}
            (answer, least) => panic!("seed {seed}: {answer:?}, least {least:?}"),
        }
    }
    // The generator makes what is asked for: layouts, many of them of several intervals.
    assert!(
        asked > 60 && several > asked / 4,
        "{asked} asked, {several} of several"
    );
}

#[test]
fn stripes_of_some_sources_are_proven_in_both_measures() {
    for seed in 0..2 {
        let mut random = Random(seed ^ 0x0C0D);
        let lists: Lists = (0..6)
            .map(|_| {
                (0..1 + random.below(3))
                    .map(|_| 20 + random.below(480))
                    .collect()
            })
            .collect();
        let all: u64 = lists.iter().flatten().sum();
        let problem = problem(
            &lists,
            3,
            all * 3 / 10,
            vec![Measure::Segments, Measure::Sources],
        );
        let answer = search::plan(&problem, None, &Limits::none());
        assert!(
            matches!(answer, Answer::Best { .. } | Answer::Impossible { .. }),
            "seed {seed}: {answer:?}"
        );
    }
}

#[test]
fn whether_there_is_a_layout_is_known_without_looking_for_intervals() {
    let mut random = Random(7);
    let lists: Lists = (0..200)
        .map(|_| (0..20).map(|_| 20 + random.below(480)).collect())
        .collect();
    let all: u64 = lists.iter().flatten().sum();
    // No time at all is left for a search.
    let limits = Limits {
        nodes: 1,
        ..Limits::none()
    };
    let problem = problem(&lists, 6, all / 6 - 100, vec![Measure::Shortfall]);
    let answer = search::plan(&problem, None, &limits);
    assert!(matches!(answer, Answer::Best { .. }), "{:?}", answer.cost());
}
