//! Limits: every search ends soon after it is told to, and the answer names what ran out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use extentplan::capacity::{Fit, Fixed, Purchase, how_many, what_to_add, why_not};
use extentplan::core::{
    Answer, Area, Areas, Avoidance, Companion, Cuts, Defect, Limits, Log, MAX_LOGS, Measure, Place,
    Policy, Problem, Request, Segment, Separation, Shape, Size, Source, StopReason,
};
use extentplan::generate::{Family, Settings, generate};
use extentplan::solve::{Strategy, solve};

/// Sources with a few areas of different lengths, each with a rack and one of two further tags.
fn sources(count: u64) -> Vec<Source> {
    let areas = |index: u64| -> Areas {
        let lengths = (0..4).map(|area| 7 + (index * 5 + area * 11) % 23);
        let mut start = 0;
        let mut list = Vec::new();
        for length in lengths {
            list.extend(Area::new(start, length));
            start += length + 2;
        }
        list.into_iter().collect()
    };
    (0..count)
        .map(|index| Source {
            name: format!("s{index}"),
            extents: 150,
            free: areas(index),
            tags: [format!("rack{}", index % 4), format!("t{}", index % 2)].into(),
            ..Source::default()
        })
        .collect()
}

fn problem(requests: Vec<Request>, objective: &[Measure]) -> Problem {
    Problem::new(sources(24), requests, objective.to_vec()).expect("no defects")
}

/// Requests of one kind, of different sizes.
fn batch(count: u64, change: &dyn Fn(&mut Request)) -> Vec<Request> {
    let requests = (0..count).map(|index| {
        let mut request = Request::linear(&format!("r{index}"), 12 * (1 + index % 5));
        change(&mut request);
        request
    });
    requests.collect()
}

fn shape(stripes: u64, copies: u64, parity: u64) -> Shape {
    Shape {
        stripes,
        copies,
        parity,
    }
}

/// Problems of every kind of request, alone and in company, and of every measure.
fn kinds() -> Vec<(String, Problem)> {
    type Change = Box<dyn Fn(&mut Request)>;
    let tags = || ["rack0", "rack1", "rack2", "rack3"].map(str::to_string);
    let changes: Vec<(&str, Change)> = vec![
        ("linear", Box::new(|_| {})),
        ("mirror", Box::new(|r| r.shape = shape(1, 2, 0))),
        (
            "stripes cut together",
            Box::new(|r| {
                r.shape = shape(3, 1, 0);
                r.cuts = Cuts::Together;
            }),
        ),
        (
            "legs on sources of their own",
            Box::new(|r| {
                r.shape = shape(3, 1, 1);
                r.separation = Separation::Leg;
            }),
        ),
        (
            "metadata in front",
            Box::new(|r| {
                r.shape = shape(1, 2, 0);
                r.separation = Separation::Leg;
                r.metadata = Some(Companion {
                    extents: 1,
                    place: Place::Front,
                });
            }),
        ),
        (
            "metadata elsewhere",
            Box::new(|r| {
                r.shape = shape(1, 2, 0);
                r.metadata = Some(Companion {
                    extents: 2,
                    place: Place::OwnSource,
                });
            }),
        ),
        (
            "log",
            Box::new(|r| {
                r.shape = shape(1, 2, 0);
                r.log = Some(Log {
                    extents: 1,
                    count: 2,
                    place: Place::OwnSource,
                });
            }),
        ),
        (
            "contiguous",
            Box::new(|r| {
                r.size = Size::Exactly(r.size.wanted().min(24));
                r.policy = Policy::Contiguous;
            }),
        ),
        ("cling", Box::new(|r| r.policy = Policy::Cling)),
        (
            "cling by tags",
            Box::new(|r| {
                r.policy = Policy::ClingByTags;
                r.cling_tags = ["t0".to_string(), "t1".to_string()].into();
            }),
        ),
        (
            "anywhere",
            Box::new(|r| {
                r.shape = shape(2, 1, 0);
                r.policy = Policy::Anywhere;
            }),
        ),
        (
            "partition by tags",
            Box::new(move |r| {
                r.shape = shape(3, 1, 0);
                r.cuts = Cuts::Apart;
                r.partition_by_tags = tags().into();
            }),
        ),
        (
            "avoid",
            Box::new(|r| {
                r.avoid = (0..6)
                    .map(|offset| Avoidance {
                        offsets: Area::new(2 * offset, 1).expect("one extent"),
                        sources: [usize::try_from(offset).expect("small")].into(),
                    })
                    .collect();
            }),
        ),
        (
            "allowed",
            Box::new(|r| r.allowed = Some((3..17).map(|source| (source, None)).collect())),
        ),
        (
            "grows",
            Box::new(|r| {
                let area = Area::new(140, 3).expect("three extents");
                r.grows = Some(vec![vec![Segment { source: 2, area }]]);
            }),
        ),
        (
            "at most",
            Box::new(|r| r.size = Size::AtMost(r.size.wanted() * 9)),
        ),
        ("optional", Box::new(|r| r.value = Some(3))),
    ];
    let mut kinds = Vec::new();
    for (name, change) in &changes {
        for count in [1, 25] {
            let requests = batch(count, change);
            if *name == "grows" && count > 1 {
                continue;
            }
            let mut objective = vec![Measure::Segments, Measure::Sources];
            if requests.iter().any(|r| matches!(r.size, Size::AtMost(_))) {
                objective.insert(0, Measure::Shortfall);
            }
            if requests.iter().any(|r| r.value.is_some()) {
                objective.insert(0, Measure::Unserved);
            }
            kinds.push((format!("{name}, {count}"), problem(requests, &objective)));
        }
    }
    for measure in [Measure::Balance, Measure::Fragments, Measure::LargestArea] {
        for objective in [
            vec![measure, Measure::Segments],
            vec![Measure::Segments, measure],
        ] {
            let requests = batch(12, &|request| request.shape = shape(1, 2, 0));
            kinds.push((format!("{objective:?}"), problem(requests, &objective)));
        }
    }
    kinds
}

/// Everybody but the integer program: a backend looks at the clock by itself, not at ours.
fn searches() -> Strategy {
    Strategy {
        program: None,
        ..Strategy::default()
    }
}

/// Limits that are over from a look on, and how often they were looked at after that.
fn told_to_end_at(look: u64, problem: &Problem) -> (Answer, u64) {
    let looks = AtomicU64::new(0);
    let remaining = || {
        let is_over = looks.fetch_add(1, Ordering::Relaxed) >= look;
        Some(if is_over {
            Duration::ZERO
        } else {
            Duration::from_secs(3_600)
        })
    };
    let limits = Limits {
        remaining: &remaining,
        ..Limits::none()
    };
    let answer = solve(problem, &searches(), &limits).expect("no contradictions");
    (answer, looks.load(Ordering::Relaxed).saturating_sub(look))
}

/// What ended the search, if anything did.
fn stopped(answer: &Answer) -> Option<StopReason> {
    match answer {
        Answer::Found { stopped, .. } | Answer::Unknown { stopped, .. } => Some(*stopped),
        Answer::Best { .. } | Answer::Impossible { .. } => None,
    }
}

#[test]
fn whatever_is_asked_without_any_time_is_answered_or_names_the_time() {
    for (name, problem) in kinds() {
        let (answer, _) = told_to_end_at(0, &problem);
        let stopped = stopped(&answer);
        assert!(
            stopped.is_none_or(|reason| reason == StopReason::Time),
            "{name}: {stopped:?}"
        );
    }
}

#[test]
fn after_a_limit_ran_out_nobody_goes_on() {
    /// Looks that it takes all rooms, and all requests of a batch, to see that it is over.
    const FEW: u64 = 3_000;
    for (name, problem) in kinds() {
        for look in [1, 10, 100] {
            let (_, looks) = told_to_end_at(look, &problem);
            assert!(looks <= FEW, "{name}: {looks} looks after the {look}th");
        }
    }
}

#[test]
fn the_node_limit_is_named_where_it_ends_the_search() {
    let settings = Settings {
        sources: 40,
        legs: 6,
        ..Settings::new(Family::Stripes, 1)
    };
    let problem = generate(&settings).expect("settings within their ranges");
    let limits = Limits {
        nodes: 1,
        ..Limits::none()
    };
    let answer = solve(&problem, &searches(), &limits).expect("no contradictions");
    assert_eq!(stopped(&answer), Some(StopReason::Nodes), "{answer:?}");
}

#[test]
fn full_memory_is_named_where_it_ends_the_search() {
    for (name, problem) in kinds() {
        let limits = Limits {
            is_full: &|| true,
            ..Limits::none()
        };
        let answer = solve(&problem, &Strategy::default(), &limits).expect("no contradictions");
        let stopped = stopped(&answer);
        assert!(
            stopped.is_none_or(|reason| reason == StopReason::Memory),
            "{name}: {stopped:?}"
        );
    }
}

#[test]
fn plans_on_the_way_are_right_and_each_is_better_than_the_one_before() {
    for (name, problem) in kinds() {
        let heard = std::sync::Mutex::new(Vec::new());
        let found =
            |part: &Problem, plan: &extentplan::core::Plan, cost: &extentplan::core::Cost| {
                assert!(extentplan::core::check(part, plan).is_empty(), "{name}");
                heard.lock().expect("no panics").push(cost.clone());
            };
        let looks = AtomicU64::new(0);
        let remaining = || {
            let is_over = looks.fetch_add(1, Ordering::Relaxed) >= 500;
            Some(Duration::from_secs(if is_over { 0 } else { 3_600 }))
        };
        let limits = Limits {
            remaining: &remaining,
            found: &found,
            ..Limits::none()
        };
        let answer = solve(&problem, &searches(), &limits).expect("no contradictions");
        let heard = heard.into_inner().expect("no panics");
        assert!(heard.windows(2).all(|pair| pair[1] < pair[0]), "{name}");
        if let (Some(last), Some(cost)) = (heard.last(), answer.cost()) {
            assert!(cost <= last, "{name}: {cost:?} after {last:?}");
        }
    }
}

#[test]
fn questions_of_capacity_without_time_claim_nothing() {
    let over = Limits {
        remaining: &|| Some(Duration::ZERO),
        ..Limits::none()
    };
    let strategy = Strategy::default();
    let requests = batch(1, &|request| request.size = Size::Exactly(9_000));
    let problem = problem(requests, &[Measure::Segments]);
    let model = Fixed(problem.clone());
    let purchase = Purchase::default();
    let fit = why_not(&model, &[], &purchase, &strategy, &over).expect("no contradictions");
    assert!(matches!(fit, Fit::Open));
    let more = how_many(&model, 0, 100, &strategy, &over).expect("no contradictions");
    assert_eq!(more.count, 0);
    let added = what_to_add(&problem, &purchase, &strategy, &over).expect("no contradictions");
    assert!(added.is_some_and(|added| added.is_empty()));
}

#[test]
fn more_logs_than_anyone_has_are_a_defect() {
    let with_logs = |count| {
        let mut request = Request::linear("r", 10);
        request.log = Some(Log {
            extents: 1,
            count,
            place: Place::AnySource,
        });
        Problem::new(sources(4), vec![request], vec![Measure::Segments])
    };
    assert!(with_logs(MAX_LOGS).is_ok());
    let defects = with_logs(MAX_LOGS + 1).expect_err("too many");
    assert!(matches!(
        defects[..],
        [Defect::TooManyLogs { count, .. }] if count == MAX_LOGS + 1
    ));
}

#[test]
fn an_allocator_with_many_segments_to_find_looks_at_the_clock() {
    let areas = (0..500).filter_map(|index| Area::new(2 * index, 1));
    let source = Source {
        name: "s".to_string(),
        extents: 1_000,
        free: areas.collect(),
        ..Source::default()
    };
    let placed = |extents| {
        let requests = vec![Request::linear("r", extents)];
        let problem = Problem::new(vec![source.clone()], requests, Vec::new());
        let clock = Limits::within(Duration::ZERO);
        let settings = extentplan::greedy::Settings::default();
        extentplan::greedy::plan(&problem.expect("no defects"), &settings, &clock.limits())
    };
    assert!(matches!(placed(5), Answer::Found { .. }));
    let stopped = StopReason::Time;
    assert!(matches!(placed(450), Answer::Unknown { stopped: found, .. } if found == stopped));
}
