//! No class of requests is left out: each gets a plan where there is one.
//!
//! The matrix: every policy, every separation, new or growing, and what else a request may ask for, as one request
//! and as several, on the same pool of many areas. What is asked fits, so that "unknown" is a hole in the methods.

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::random::Random;
use extentplan::core::{
    Area, Areas, Avoidance, Companion, Cuts, Limits, Log, Place, Plan, Policy, Problem, Request,
    Segment, Separation, Shape, Size, Source,
};
use extentplan::solve::{Strategy, solve};

const POLICIES: [Policy; 5] = [
    Policy::Contiguous,
    Policy::Cling,
    Policy::ClingByTags,
    Policy::Normal,
    Policy::Anywhere,
];
const SEPARATIONS: [Separation; 3] = [Separation::Segment, Separation::Leg, Separation::None];

/// What a request asks for beside its policy and its separation.
#[derive(Clone, Copy, Debug)]
enum Extra {
    Nothing,
    CutsTogether,
    Front,
    Elsewhere,
    Log,
    Partition,
    Avoid,
    Ranges,
    Optional,
    AtMost,
}

const EXTRAS: [Extra; 10] = [
    Extra::Nothing,
    Extra::CutsTogether,
    Extra::Front,
    Extra::Elsewhere,
    Extra::Log,
    Extra::Partition,
    Extra::Avoid,
    Extra::Ranges,
    Extra::Optional,
    Extra::AtMost,
];

/// Looks at the clock after which it has run out: as good as time, and the same on every machine.
const LOOKS: u64 = 3_000;
/// Sources and areas of each, small enough for a test without optimisation.
const SOURCES: u64 = 14;
const AREAS: u64 = 3;

/// Sources whose areas lie behind used extents, on two of which every growing leg ends.
fn pool(seed: u64) -> Vec<Source> {
    let mut random = Random(seed);
    let source = |index: u64| {
        let mut at = 10;
        let mut areas = Vec::new();
        for _ in 0..AREAS {
            let length = random.between(20, 60) * if random.below(4) == 0 { 5 } else { 1 };
            areas.extend(Area::new(at, length));
            at += length + random.between(1, 30);
        }
        Source {
            name: format!("s{index}"),
            extents: at,
            free: areas.into_iter().collect::<Areas>(),
            tags: BTreeSet::from([format!("rack{}", index % 7), format!("kind{}", index % 2)]),
            ..Source::default()
        }
    };
    (0..SOURCES).map(source).collect()
}

/// A request of the class, of two legs of so many extents; the one of number `number` in its batch.
fn request(class: (Policy, Separation, bool, Extra), number: usize, extents: u64) -> Request {
    let (policy, separation, is_grown, extra) = class;
    let mut request = Request::linear(&format!("r{number}"), extents);
    request.shape = Shape {
        stripes: 1,
        copies: 2,
        parity: 0,
    };
    request.policy = policy;
    request.separation = separation;
    request.cling_tags = BTreeSet::from(["kind0".to_string(), "kind1".to_string()]);
    if is_grown {
        // Each leg ends where the first area of a source of its own begins.
        let leg = |leg: usize| Segment {
            source: 2 * number + leg,
            area: Area::new(5, 5).expect("five extents"),
        };
        request.grows = Some(vec![vec![leg(0)], vec![leg(1)]]);
    }
    match extra {
        Extra::Nothing => {}
        Extra::CutsTogether => request.cuts = Cuts::Together,
        Extra::Front | Extra::Elsewhere => {
            let place = match extra {
                Extra::Front => Place::Front,
                _ => Place::AnySource,
            };
            request.metadata = Some(Companion { extents: 2, place });
        }
        Extra::Log => {
            request.log = Some(Log {
                extents: 2,
                count: 1,
                place: Place::OwnSource,
            });
        }
        Extra::Partition => {
            request.partition_by_tags = (0..7).map(|rack| format!("rack{rack}")).collect();
        }
        Extra::Avoid => {
            request.avoid = vec![Avoidance {
                offsets: Area::new(0, extents / 2).expect("half of it"),
                sources: BTreeSet::from([12, 13]),
            }];
        }
        Extra::Ranges => {
            // Of every second source the front, which is where legs go on; of the others all.
            let front = Area::new(0, 120).expect("some extents");
            let ranges = |source: usize| (source % 4 > 1).then(|| vec![front]);
            let all = 0..usize::try_from(SOURCES).expect("few");
            request.allowed = Some(all.map(|source| (source, ranges(source))).collect());
        }
        Extra::Optional => request.value = Some(10),
        Extra::AtMost => request.size = Size::AtMost(extents),
    }
    request
}

/// What no plan can have: metadata in front of a leg that has to go on where it ended.
fn is_void((policy, _, is_grown, extra): (Policy, Separation, bool, Extra)) -> bool {
    is_grown && policy == Policy::Contiguous && matches!(extra, Extra::Front)
}

#[test]
fn every_class_gets_a_plan_with_everybody_in_it() {
    let mut open = Vec::new();
    let mut all = 0;
    for policy in POLICIES {
        for separation in SEPARATIONS {
            for is_grown in [false, true] {
                for extra in EXTRAS {
                    let class = (policy, separation, is_grown, extra);
                    if is_void(class) {
                        continue;
                    }
                    for count in [1, 2, 5] {
                        // Legs that need several areas where they may have them.
                        let extents = match (policy, count) {
                            (Policy::Contiguous, _) => 18,
                            (_, 1) => 90,
                            (_, _) => 50,
                        };
                        let requests = (0..count).map(|number| request(class, number, extents));
                        let problem =
                            Problem::new(pool(count as u64), requests.collect(), Vec::new());
                        let problem =
                            problem.unwrap_or_else(|defects| panic!("{class:?}: {defects:?}"));
                        let looks = AtomicU64::new(0);
                        let remaining = || {
                            let is_left = looks.fetch_add(1, Ordering::Relaxed) < LOOKS;
                            Some(if is_left {
                                Duration::from_secs(3600)
                            } else {
                                Duration::ZERO
                            })
                        };
                        let limits = Limits {
                            remaining: &remaining,
                            ..Limits::none()
                        };
                        let strategy = Strategy {
                            greedy: None,
                            program: None,
                            ..Strategy::default()
                        };
                        let answer = solve(&problem, &strategy, &limits).expect("an answer");
                        all += 1;
                        let is_placed = |plan: &Plan| plan.allocations.iter().all(Option::is_some);
                        // Nothing is impossible here, and what may be left out fits as well.
                        if !answer.plan().is_some_and(is_placed) {
                            open.push(format!("{class:?} x {count}: {answer:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(
        open.is_empty(),
        "{} of {all}:\n{}",
        open.len(),
        open.join("\n")
    );
}
