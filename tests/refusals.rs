//! A checker must be seen to say no: each defect, violation and conflict has an input that earns it,
//! and spoiled plans and reasons are refused.

mod common;

use std::collections::BTreeSet;

use common::{generate, oracle};
use extentplan::core::{
    Allocation, Answer, Area, Areas, Avoidance, Companion, Conflict, Cuts, Defect, Limits, Log,
    MAX_LOGS, Measure, Place, Plan, Policy, Problem, Request, Segment, Separation, Shape, Size,
    Source, Violation, check, cost, verify,
};
use extentplan::solve::{self, Strategy, solve};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};
use proptest::sample::Index;

fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

fn segment(source: usize, start: u64, count: u64) -> Segment {
    Segment {
        source,
        area: area(start, count),
    }
}

fn source(name: &str, extents: u64, tags: &[&str]) -> Source {
    Source {
        name: name.to_string(),
        extents,
        free: Area::new(0, extents).map(Areas::from).unwrap_or_default(),
        tags: tags.iter().map(ToString::to_string).collect(),
        ..Source::default()
    }
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(ToString::to_string).collect()
}

/// The name of a variant, as `Debug` prints it.
fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|letter: char| !letter.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_string()
}

/// The names of the variants of an enum, read from where it is declared.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let path = format!("{}/src/core/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the source is there");
    let start = text
        .find(&format!("pub enum {name} {{"))
        .expect("declared there");
    let body = &text[start..];
    let lines = body[..body.find("\n}").expect("ends")].lines().skip(1);
    // Variants stand one level deep and start with a capital.
    let names = lines.filter_map(|line| line.strip_prefix("    "));
    names
        .filter(|line| line.starts_with(char::is_uppercase))
        .map(|line| {
            line.split([' ', '(', ','])
                .next()
                .unwrap_or(line)
                .to_string()
        })
        .collect()
}

#[test]
fn every_defect_has_an_input_that_earns_it() {
    let two = || vec![source("a", 10, &["x"]), source("b", 10, &[])];
    let linear = || Request::linear("r", 4);
    let shape = |stripes, copies, parity| Shape {
        stripes,
        copies,
        parity,
    };
    let metadata = |extents| {
        Some(Companion {
            extents,
            place: Place::Front,
        })
    };
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = linear();
        change(&mut request);
        (two(), vec![request], Vec::new())
    };
    let mut past = two();
    past[0].extents = 9;
    let huge = || vec![source("a", u64::MAX, &[]), source("b", 1, &[])];
    let valued = |name: &str| Request {
        value: Some(u64::MAX),
        ..Request::linear(name, 1)
    };
    let twice = vec![Measure::Segments, Measure::Segments];
    let mut used = two();
    used[0].free = area(4, 6).into();
    let grows = |segment: Segment| {
        let request = Request {
            grows: Some(vec![vec![segment]]),
            ..linear()
        };
        (used.clone(), vec![request], Vec::new())
    };
    let inputs = [
        (vec![source("", 1, &[])], vec![], vec![]),
        (
            vec![source("a", 1, &[]), source("a", 1, &[])],
            vec![],
            vec![],
        ),
        (vec![source("a\u{1b}[2J", 1, &[])], vec![], vec![]),
        (vec![source("a", 1, &["x\ny"])], vec![], vec![]),
        (two(), vec![Request::linear("r\u{202e}", 1)], vec![]),
        (past, vec![], vec![]),
        (huge(), vec![], vec![]),
        (two(), vec![Request::linear("", 1)], vec![]),
        (two(), vec![linear(), linear()], vec![]),
        with(&|r| r.size = Size::Exactly(0)),
        with(&|r| r.shape = shape(0, 1, 0)),
        with(&|r| r.metadata = metadata(0)),
        with(&|r| r.shape = shape(3, 1, 0)),
        with(&|r| r.shape = shape(2, u64::MAX, 1)),
        with(&|r| r.metadata = metadata(u64::MAX)),
        with(&|r| {
            r.log = Some(Log {
                extents: 1,
                count: 1,
                place: Place::Front,
            })
        }),
        with(&|r| {
            r.log = Some(Log {
                extents: 1,
                count: MAX_LOGS + 1,
                place: Place::AnySource,
            })
        }),
        with(&|r| r.grows = Some(vec![])),
        with(&|r| r.grows = Some(vec![vec![]])),
        with(&|r| r.allowed = Some(vec![(2, None)])),
        with(&|r| {
            r.avoid = vec![Avoidance {
                offsets: area(0, 1),
                sources: BTreeSet::from([7]),
            }]
        }),
        grows(segment(5, 0, 1)),
        with(&|r| r.allowed = Some(vec![(0, Some(vec![area(5, 6)]))])),
        grows(segment(0, 3, 2)),
        with(&|r| r.allowed = Some(vec![(0, None), (0, None)])),
        with(&|r| r.allowed = Some(vec![(0, Some(vec![area(0, 3), area(2, 3)]))])),
        with(&|r| r.partition_by_tags = words(&["y"])),
        with(&|r| r.policy = Policy::ClingByTags),
        (two(), vec![], twice),
        (two(), vec![valued("p"), valued("q")], vec![]),
    ];
    let mut earned = BTreeSet::new();
    for (sources, requests, objective) in inputs {
        let defects = Problem::new(sources, requests, objective).expect_err("has a defect");
        for defect in defects.0 {
            assert_eq!(defect.to_string().lines().count(), 1);
            earned.insert(variant(&defect));
        }
    }
    assert_eq!(earned, variants("defect.rs", "Defect"));
}

#[test]
fn every_defect_is_found_and_not_only_the_first() {
    let mut request = Request::linear("", 0);
    request.partition_by_tags = words(&["nowhere"]);
    let sources = vec![source("", 1, &[]), source("b", 1, &[])];
    let twice = vec![Measure::Sources, Measure::Sources];
    let defects = Problem::new(sources, vec![request], twice).expect_err("has defects");
    assert!(matches!(
        defects[..],
        [
            Defect::UnnamedSource { .. },
            Defect::UnnamedRequest { .. },
            Defect::Zero { .. },
            Defect::UnknownTag { .. },
            Defect::MeasureTwice { .. },
        ]
    ));
}

/// A mirror with metadata and a log, on four sources; and a plan for it.
fn mirror() -> (Problem, Plan) {
    let names = [("a", &["x"]), ("b", &["y"]), ("c", &["x"]), ("d", &["z"])];
    let sources = names
        .iter()
        .map(|(name, tags)| source(name, 10, *tags))
        .collect();
    let request = Request {
        shape: Shape {
            stripes: 1,
            copies: 2,
            parity: 0,
        },
        metadata: Some(Companion {
            extents: 1,
            place: Place::Front,
        }),
        log: Some(Log {
            extents: 1,
            count: 1,
            place: Place::OwnSource,
        }),
        separation: Separation::Leg,
        partition_by_tags: words(&["x"]),
        allowed: Some(vec![
            (0, None),
            (1, Some(vec![area(0, 8)])),
            (2, None),
            (3, None),
        ]),
        avoid: vec![Avoidance {
            offsets: area(2, 1),
            sources: BTreeSet::from([3]),
        }],
        ..Request::linear("data", 4)
    };
    let problem = Problem::new(sources, vec![request], Vec::new()).expect("no defects");
    let allocation = Allocation {
        legs: vec![vec![segment(0, 1, 4)], vec![segment(1, 1, 4)]],
        metadata: vec![segment(0, 0, 1), segment(1, 0, 1)],
        logs: vec![segment(3, 0, 1)],
    };
    let plan = Plan {
        allocations: vec![Some(allocation)],
    };
    assert_eq!(check(&problem, &plan), []);
    (problem, plan)
}

/// The violations of the plan of [`mirror`] once something is changed in it.
fn spoiled(change: impl Fn(&mut Allocation)) -> BTreeSet<String> {
    let (problem, mut plan) = mirror();
    change(plan.allocations[0].as_mut().expect("placed"));
    check(&problem, &plan).iter().map(variant).collect()
}

/// The violations of a plan with these legs for one request under a policy.
fn under(policy: Policy, separation: Separation, legs: Vec<Vec<Segment>>) -> BTreeSet<String> {
    let request = Request {
        shape: Shape {
            stripes: 1,
            copies: legs.len() as u64,
            parity: 0,
        },
        policy,
        separation,
        cling_tags: words(&["x"]),
        log: Some(Log {
            extents: 1,
            count: 2,
            place: Place::AnySource,
        }),
        ..Request::linear("data", 4)
    };
    let sources = vec![
        source("a", 10, &["x"]),
        source("b", 10, &[]),
        source("c", 10, &["x"]),
    ];
    let problem = Problem::new(sources, vec![request], Vec::new()).expect("no defects");
    let logs = vec![segment(0, 9, 1), segment(0, 8, 1)];
    let allocation = Allocation {
        legs,
        metadata: Vec::new(),
        logs,
    };
    let plan = Plan {
        allocations: vec![Some(allocation)],
    };
    check(&problem, &plan).iter().map(variant).collect()
}

#[test]
fn every_violation_has_a_plan_that_earns_it() {
    let (problem, plan) = mirror();
    let seen_in = |plan: &Plan| {
        check(&problem, plan)
            .iter()
            .map(variant)
            .collect::<BTreeSet<_>>()
    };
    let mut earned = BTreeSet::new();
    let mut expect = |name: &str, seen: BTreeSet<String>| {
        assert!(seen.contains(name), "expected {name}, found {seen:?}");
        earned.insert(name.to_string());
    };
    expect("OtherRequests", seen_in(&Plan::default()));
    expect(
        "OtherRequests",
        seen_in(&Plan {
            allocations: vec![plan.allocations[0].clone(); 2],
        }),
    );
    expect(
        "LeftOut",
        seen_in(&Plan {
            allocations: vec![None],
        }),
    );
    expect("OtherCount", spoiled(|a| a.legs.truncate(1)));
    expect("OtherCount", spoiled(|a| a.metadata.clear()));
    expect("OtherCount", spoiled(|a| a.logs.push(segment(2, 0, 1))));
    expect("OtherLength", spoiled(|a| a.legs[0].clear()));
    expect("OtherLength", spoiled(|a| a.legs[1][0] = segment(1, 1, 5)));
    expect("OtherLength", spoiled(|a| a.logs[0] = segment(3, 0, 2)));
    expect("UnknownSource", spoiled(|a| a.legs[0][0].source = 4));
    expect("NotFree", spoiled(|a| a.legs[0][0] = segment(0, 7, 4)));
    expect(
        "NotFree",
        spoiled(|a| a.legs[0][0] = segment(0, u64::MAX - 5, 4)),
    );
    expect(
        "NotAllowed",
        spoiled(|a| a.legs[1] = vec![segment(1, 1, 3), segment(1, 8, 1)]),
    );
    expect("Overlap", spoiled(|a| a.logs[0] = segment(0, 4, 1)));
    expect(
        "Overlap",
        spoiled(|a| a.legs[0] = vec![segment(0, 1, 2), segment(0, 2, 2)]),
    );
    expect(
        "MetadataNotInFront",
        spoiled(|a| a.metadata[0] = segment(0, 6, 1)),
    );
    expect("NotOwnSource", spoiled(|a| a.logs[0] = segment(1, 6, 1)));
    expect(
        "SameSource",
        spoiled(|a| a.legs[1] = vec![segment(1, 1, 3), segment(0, 9, 1)]),
    );
    expect(
        "SharedTag",
        spoiled(|a| {
            a.legs[1] = vec![segment(2, 1, 4)];
            a.metadata[1] = segment(2, 0, 1);
        }),
    );
    expect(
        "Avoided",
        spoiled(|a| a.legs[1] = vec![segment(1, 1, 2), segment(3, 4, 2)]),
    );
    let (contiguous, cling, by_tags) = (Policy::Contiguous, Policy::Cling, Policy::ClingByTags);
    let apart = Separation::Segment;
    let gap = vec![vec![segment(0, 0, 2), segment(0, 3, 2)]];
    expect("NotContiguous", under(contiguous, apart, gap.clone()));
    assert!(!under(cling, apart, gap).contains("NotClinging"));
    let moves = |to| vec![vec![segment(0, 0, 2), segment(to, 0, 2)]];
    expect("NotClinging", under(cling, apart, moves(2)));
    expect("NotClinging", under(by_tags, apart, moves(1)));
    assert!(!under(by_tags, apart, moves(2)).contains("NotClinging"));
    let crossing = vec![
        vec![segment(0, 0, 2), segment(1, 0, 2)],
        vec![segment(1, 2, 1), segment(0, 2, 2), segment(2, 0, 1)],
    ];
    expect(
        "SameSourceAtOffset",
        under(Policy::Normal, apart, crossing.clone()),
    );
    expect(
        "LogsTogether",
        under(Policy::Normal, apart, crossing.clone()),
    );
    assert_eq!(under(Policy::Anywhere, apart, crossing), BTreeSet::new());
    assert_eq!(earned, variants("violation.rs", "Violation"));
}

#[test]
fn growth_is_held_to_what_is_there() {
    let request = |policy| Request {
        policy,
        separation: Separation::Leg,
        shape: Shape {
            stripes: 1,
            copies: 2,
            parity: 0,
        },
        grows: Some(vec![vec![segment(0, 0, 2)], vec![segment(1, 0, 2)]]),
        ..Request::linear("data", 2)
    };
    let sources: Vec<Source> = ["a", "b", "c"].map(|name| source(name, 10, &[])).into();
    let mut sources = sources;
    for source in &mut sources[..2] {
        source.free = area(2, 8).into();
    }
    let violations = |policy, legs: [Segment; 2]| {
        let problem = Problem::new(sources.clone(), vec![request(policy)], Vec::new());
        let legs = legs.map(|segment| vec![segment]).into();
        let allocation = Allocation {
            legs,
            ..Allocation::default()
        };
        let plan = Plan {
            allocations: vec![Some(allocation)],
        };
        let found = check(&problem.expect("no defects"), &plan);
        found.iter().map(variant).collect::<Vec<_>>()
    };
    let (contiguous, normal) = (Policy::Contiguous, Policy::Normal);
    assert!(violations(contiguous, [segment(0, 2, 2), segment(1, 2, 2)]).is_empty());
    assert_eq!(
        violations(contiguous, [segment(0, 2, 2), segment(1, 3, 2)]),
        ["NotContiguous"]
    );
    assert_eq!(
        violations(Policy::Cling, [segment(0, 4, 2), segment(2, 0, 2)]),
        ["NotClinging"]
    );
    assert_eq!(
        violations(normal, [segment(2, 0, 2), segment(0, 2, 2)]),
        ["SameSource"]
    );
}

/// The violations of one allocation for one request, on four sources of ten extents.
fn found(request: Request, allocation: Allocation) -> Vec<Violation> {
    let sources = ["a", "b", "c", "d"].map(|name| source(name, 10, &[]));
    let problem = Problem::new(sources.into(), vec![request], Vec::new()).expect("no defects");
    let plan = Plan {
        allocations: vec![Some(allocation)],
    };
    check(&problem, &plan)
}

/// The names of what [`found`] finds.
fn found_names(request: Request, allocation: Allocation) -> Vec<String> {
    found(request, allocation).iter().map(variant).collect()
}

fn only_legs(legs: &[&[Segment]]) -> Allocation {
    Allocation {
        legs: legs.iter().map(|leg| leg.to_vec()).collect(),
        ..Allocation::default()
    }
}

fn shaped(stripes: u64, copies: u64, parity: u64, extents: u64) -> Request {
    Request {
        shape: Shape {
            stripes,
            copies,
            parity,
        },
        ..Request::linear("r", extents)
    }
}

#[test]
fn an_optional_request_may_be_left_out_and_no_other() {
    let left_out = |value| {
        let request = Request {
            value,
            ..Request::linear("r", 1)
        };
        let sources = vec![source("a", 1, &[])];
        let problem = Problem::new(sources, vec![request], Vec::new()).expect("no defects");
        let plan = Plan {
            allocations: vec![None],
        };
        check(&problem, &plan).len()
    };
    assert_eq!((left_out(Some(1)), left_out(None)), (0, 1));
}

#[test]
fn parity_is_a_leg_more() {
    let legs: [&[Segment]; 3] = [
        &[segment(0, 0, 1)],
        &[segment(1, 0, 1)],
        &[segment(2, 0, 1)],
    ];
    let names = |legs: &[&[Segment]]| found_names(shaped(2, 1, 1, 2), only_legs(legs));
    assert!(names(&legs).is_empty());
    assert_eq!(names(&legs[..2]), ["OtherCount"]);
    assert_eq!(names(&legs[..1]), ["OtherCount"]);
}

#[test]
fn legs_of_at_most_so_much_are_alike_and_no_longer_than_a_stripe_of_it() {
    let names = |first, second| {
        let request = Request {
            size: Size::AtMost(8),
            ..shaped(2, 1, 0, 8)
        };
        let legs: [&[Segment]; 2] = [&[segment(0, 0, first)], &[segment(1, 0, second)]];
        found_names(request, only_legs(&legs))
    };
    assert!(names(1, 1).is_empty());
    assert!(names(4, 4).is_empty());
    assert_eq!(names(3, 2), ["OtherLength"]);
    assert_eq!(names(5, 5), ["OtherLength", "OtherLength"]);
}

#[test]
fn contiguous_segments_touch_on_one_source() {
    let names = |next| {
        let request = Request {
            policy: Policy::Contiguous,
            ..Request::linear("r", 4)
        };
        found_names(request, only_legs(&[&[segment(0, 0, 2), next]]))
    };
    assert!(names(segment(0, 2, 2)).is_empty());
    for elsewhere in [segment(0, 3, 2), segment(1, 2, 2), segment(1, 3, 2)] {
        assert_eq!(names(elsewhere), ["NotContiguous"], "{elsewhere:?}");
    }
}

#[test]
fn a_piece_may_cross_ranges_that_touch_and_no_gap_between_them() {
    let names = |ranges: &[Area], taken| {
        let request = Request {
            allowed: Some(vec![(0, Some(ranges.to_vec()))]),
            ..Request::linear("r", 4)
        };
        found_names(request, only_legs(&[&[taken]]))
    };
    let (touching, parted) = ([area(3, 3), area(0, 3)], [area(5, 3), area(0, 4)]);
    assert!(names(&touching, segment(0, 1, 4)).is_empty());
    assert!(names(&parted, segment(0, 0, 4)).is_empty());
    assert_eq!(names(&parted, segment(0, 3, 4)), ["NotAllowed"]);
    assert_eq!(names(&touching, segment(0, 3, 4)), ["NotAllowed"]);
}

/// Two sources of 2 and 1 free extents, all of which three copies take, and the objective counts the preference late.
#[test]
fn a_preference_that_counts_late_makes_no_bound_of_an_earlier_measure_wrong() {
    let request = Request {
        separation: Separation::None,
        cuts: Cuts::Together,
        cling_sources: BTreeSet::from([1]),
        ..shaped(1, 3, 0, 1)
    };
    let objective = vec![
        Measure::Segments,
        Measure::LargestArea,
        Measure::Shortfall,
        Measure::Elsewhere,
        Measure::Unserved,
        Measure::Balance,
    ];
    let sources = vec![source("a", 2, &[]), source("b", 1, &[])];
    let problem = Problem::new(sources, vec![request], objective).expect("no defects");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradictions");
    assert_eq!(answer.cost(), oracle::best(&problem).as_ref(), "{answer:?}");
    assert!(matches!(answer, Answer::Best { .. }), "{answer:?}");
}

/// A source of 12 free extents, of which the first 6 have a tag: no 8 of them lie in one area.
#[test]
fn a_reason_counts_areas_of_other_tags_that_touch_one_by_one() {
    let mut parted = source("a", 12, &[]);
    parted.area_tags = [("x".to_string(), area(0, 6).into())].into();
    let request = Request {
        policy: Policy::Contiguous,
        ..Request::linear("r", 8)
    };
    let problem = Problem::new(vec![parted], vec![request], Vec::new()).expect("no defects");
    let room = |places| Conflict::Room {
        requests: vec![0],
        length: 8,
        pieces: 1,
        places,
    };
    assert_eq!(verify(&problem, &room(0)), Ok(()));
    assert!(verify(&problem, &room(1)).is_err());
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradictions");
    let Answer::Impossible { why } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(verify(&problem, &why), Ok(()), "{why:?}");
}

/// Two sources of 0-3 and 4-9, of which `x` has 0-3 of the first and `y` all else.
#[test]
fn rules_go_by_the_tags_of_the_areas_that_legs_lie_on() {
    let names = |request: Request, legs: &[&[Segment]]| -> Vec<String> {
        let mut sources = vec![source("a", 10, &[]), source("b", 10, &[])];
        sources[0].area_tags = [("x".to_string(), area(0, 4).into())].into();
        sources[0]
            .area_tags
            .insert("y".to_string(), area(4, 6).into());
        sources[1].area_tags = [("y".to_string(), area(0, 10).into())].into();
        let problem = Problem::new(sources, vec![request], Vec::new()).expect("no defects");
        let plan = Plan {
            allocations: vec![Some(only_legs(legs))],
        };
        check(&problem, &plan).iter().map(variant).collect()
    };
    let (x, y, z): (&[_], &[_], &[_]) = (
        &[segment(0, 0, 4)],
        &[segment(0, 4, 4)],
        &[segment(1, 0, 4)],
    );
    let asks = Request {
        area_tags: words(&["x"]),
        ..Request::linear("r", 4)
    };
    assert!(names(asks.clone(), &[x]).is_empty());
    assert_eq!(names(asks.clone(), &[y]), ["NotAllowed"]);
    assert_eq!(names(asks, &[z]), ["NotAllowed"]);
    let apart = Request {
        separation: Separation::None,
        partition_by_tags: words(&["x", "y"]),
        ..shaped(1, 2, 0, 4)
    };
    assert!(names(apart.clone(), &[x, y]).is_empty());
    assert_eq!(names(apart, &[y, z]), ["SharedTag"]);
    let clings = |tag| Request {
        policy: Policy::ClingByTags,
        cling_tags: words(&[tag]),
        ..Request::linear("r", 4)
    };
    let leg: &[Segment] = &[segment(0, 8, 2), segment(1, 0, 2)];
    assert!(names(clings("y"), &[leg]).is_empty());
    assert_eq!(names(clings("x"), &[leg]), ["NotClinging"]);
    let at_once = Request {
        policy: Policy::Contiguous,
        ..Request::linear("r", 4)
    };
    assert!(names(at_once.clone(), &[y]).is_empty());
    let crossing: &[Segment] = &[segment(0, 2, 2), segment(0, 4, 2)];
    assert_eq!(names(at_once, &[crossing]), ["NotContiguous"]);
}

#[test]
fn metadata_lies_right_in_front_of_its_leg_on_its_source() {
    let names = |metadata| {
        let request = Request {
            metadata: Some(Companion {
                extents: 1,
                place: Place::Front,
            }),
            ..Request::linear("r", 2)
        };
        let allocation = Allocation {
            metadata: vec![metadata],
            ..only_legs(&[&[segment(0, 4, 2)]])
        };
        found_names(request, allocation)
    };
    assert!(names(segment(0, 3, 1)).is_empty());
    for elsewhere in [segment(0, 2, 1), segment(0, 6, 1), segment(1, 3, 1)] {
        assert_eq!(names(elsewhere), ["MetadataNotInFront"], "{elsewhere:?}");
    }
}

#[test]
fn metadata_on_its_own_source_shares_it_with_no_leg_and_no_other_metadata() {
    let names = |metadata: [Segment; 2]| {
        let request = Request {
            metadata: Some(Companion {
                extents: 1,
                place: Place::OwnSource,
            }),
            separation: Separation::None,
            ..shaped(1, 2, 0, 2)
        };
        let allocation = Allocation {
            metadata: metadata.into(),
            ..only_legs(&[&[segment(0, 0, 2)], &[segment(1, 0, 2)]])
        };
        found_names(request, allocation)
    };
    assert!(names([segment(2, 0, 1), segment(3, 0, 1)]).is_empty());
    assert_eq!(
        names([segment(2, 0, 1), segment(2, 1, 1)]),
        ["NotOwnSource"]
    );
    assert_eq!(
        names([segment(2, 0, 1), segment(0, 2, 1)]),
        ["NotOwnSource"]
    );
}

/// Cut at offset 2 of 4, or one leg behind the other: nobody meets. Then two that do.
#[test]
fn two_legs_may_take_turns_on_a_source_and_not_be_there_at_once() {
    let meetings = |legs: &[&[Segment]]| {
        let found = found(shaped(1, legs.len() as u64, 0, 6), only_legs(legs));
        let at = |violation: &Violation| match violation {
            Violation::SameSourceAtOffset {
                first,
                second,
                offset,
                ..
            } => (*first, *second, *offset),
            other => panic!("{other}"),
        };
        found.iter().map(at).collect::<Vec<_>>()
    };
    let turns: [&[Segment]; 2] = [
        &[segment(0, 0, 3), segment(1, 0, 3)],
        &[segment(1, 3, 3), segment(0, 3, 3)],
    ];
    assert!(meetings(&turns).is_empty());
    // The first leg is on `a` from 0 to 5, the second from 1 to 2, the third from 3 to 6.
    let inside: [&[Segment]; 3] = [
        &[segment(0, 0, 5), segment(3, 0, 1)],
        &[segment(1, 0, 1), segment(0, 5, 1), segment(1, 1, 4)],
        &[segment(2, 0, 3), segment(0, 6, 3)],
    ];
    assert_eq!(meetings(&inside), [(0, 1, 1), (0, 2, 3)]);
    // Of two that go equally far the first is named.
    let alike: [&[Segment]; 3] = [
        &[segment(0, 0, 2), segment(3, 0, 4)],
        &[segment(0, 2, 2), segment(1, 0, 4)],
        &[segment(2, 0, 1), segment(0, 4, 1), segment(2, 1, 4)],
    ];
    assert_eq!(meetings(&alike), [(0, 1, 0), (0, 2, 1)]);
}

#[test]
fn a_source_is_avoided_at_these_offsets_and_not_beside_them() {
    let offsets = |leg: &[Segment]| {
        let request = Request {
            avoid: vec![Avoidance {
                offsets: area(2, 2),
                sources: BTreeSet::from([1]),
            }],
            ..Request::linear("r", 6)
        };
        let at = |violation: &Violation| match violation {
            Violation::Avoided { offset, .. } => *offset,
            other => panic!("{other}"),
        };
        let found = found(request, only_legs(&[leg]));
        found.iter().map(at).collect::<Vec<_>>()
    };
    let (a, b) = (
        |start, count| segment(0, start, count),
        |start, count| segment(1, start, count),
    );
    assert!(offsets(&[b(0, 2), a(0, 2), b(2, 2)]).is_empty());
    assert_eq!(offsets(&[a(0, 1), b(0, 2), a(1, 3)]), [2]);
    assert_eq!(offsets(&[a(0, 3), b(0, 3)]), [3]);
    assert_eq!(offsets(&[b(0, 6)]), [2]);
}

#[test]
fn of_two_pieces_that_go_equally_far_a_third_is_said_to_run_into_the_first() {
    let legs: [&[Segment]; 3] = [
        &[segment(0, 0, 3)],
        &[segment(0, 1, 2), segment(1, 0, 1)],
        &[segment(0, 2, 1), segment(2, 0, 2)],
    ];
    let request = Request {
        separation: Separation::None,
        ..shaped(1, 3, 0, 3)
    };
    let said: Vec<String> = found(request, only_legs(&legs))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|said| said.contains("leg 0")), "{said:?}");
}

#[test]
fn what_goes_right_up_to_a_limit_is_no_defect() {
    let whole = Request {
        allowed: Some(vec![(0, Some(vec![area(4, 6)]))]),
        log: Some(Log {
            extents: 1,
            count: MAX_LOGS,
            place: Place::AnySource,
        }),
        ..Request::linear("r", 1)
    };
    let problem = Problem::new(vec![source("a", 10, &[])], vec![whole], Vec::new());
    assert_eq!(problem.map(|_| ()), Ok(()));
}

#[test]
fn no_stripes_are_one_defect_and_not_also_extents_that_they_do_not_divide() {
    let request = shaped(0, 1, 1, 4);
    let defects = Problem::new(vec![source("a", 10, &[])], vec![request], Vec::new());
    let defects = defects.expect_err("no stripes");
    assert!(
        matches!(defects[..], [Defect::Zero { key: "stripes", .. }]),
        "{defects:?}"
    );
}

/// A problem with no plan, and a reason.
fn refuted(extents: &[u64], request: Request) -> Problem {
    let named = extents.iter().zip(["a", "b", "c", "d", "e", "f", "g"]);
    let sources = named
        .map(|(&extents, name)| source(name, extents, &[]))
        .collect();
    Problem::new(sources, vec![request], Vec::new()).expect("no defects")
}

#[test]
fn every_conflict_that_adds_up_is_accepted_and_spoiled_ones_are_not() {
    let shaped = |extents, copies, separation| Request {
        shape: Shape {
            stripes: 1,
            copies,
            parity: 0,
        },
        separation,
        ..Request::linear("r", extents)
    };
    let contiguous = |name: &str, extents| Request {
        policy: Policy::Contiguous,
        ..Request::linear(name, extents)
    };
    let pieces = {
        let requests = vec![
            contiguous("p", 5),
            contiguous("q", 3),
            contiguous("s", 3),
            contiguous("t", 3),
        ];
        let sources = vec![source("a", 7, &[]), source("b", 7, &[])];
        Problem::new(sources, requests, Vec::new()).expect("no defects")
    };
    let units = {
        let requests = vec![contiguous("p", 8), contiguous("q", 4), contiguous("s", 4)];
        let sources = vec![source("a", 11, &[]), source("b", 7, &[])];
        Problem::new(sources, requests, Vec::new()).expect("no defects")
    };
    let slices = refuted(&[8, 2], shaped(4, 2, Separation::Segment));
    let legs = refuted(&[10; 7], shaped(21, 3, Separation::Leg));
    let room = refuted(
        &[5, 3],
        Request {
            policy: Policy::Contiguous,
            ..shaped(4, 2, Separation::Leg)
        },
    );
    let racks = |separation| {
        let request = Request {
            partition_by_tags: ["r1", "r2"].map(str::to_string).into(),
            ..shaped(4, 4, separation)
        };
        let tags = [["r1"], ["r1"], ["r2"], ["x"]];
        let named = ["a", "b", "c", "d"].into_iter().zip(tags);
        let sources = named.map(|(name, tags)| source(name, 4, &tags)).collect();
        Problem::new(sources, vec![request], Vec::new()).expect("no defects")
    };
    let (apart_by_segment, apart_by_tags) = (racks(Separation::Segment), racks(Separation::None));
    let apart = |tags: &[&str], sources: &[usize], legs| Conflict::Apart {
        request: 0,
        tags: tags.iter().map(|tag| (*tag).to_string()).collect(),
        sources: sources.to_vec(),
        legs,
    };
    assert!(verify(&apart_by_tags, &apart(&["r1", "r2"], &[3], 4)).is_err());
    let prices = |price| (0..7).map(|source| (source, price)).collect::<Vec<_>>();
    let cut = |requests: &[usize], whole: &[usize], needed, reachable| Conflict::Cut {
        requests: requests.to_vec(),
        whole: whole.to_vec(),
        needed,
        reachable,
    };
    let in_units = |unit, needed, reachable| Conflict::Units {
        requests: vec![0, 1, 2],
        unit,
        whole: vec![0, 1],
        needed,
        reachable,
    };
    let places = |length, pieces, places| Conflict::Room {
        requests: vec![0],
        length,
        pieces,
        places,
    };
    let priced = |price, cover| Conflict::Prices {
        request: 0,
        prices: prices(price),
        tags: Vec::new(),
        cover,
    };
    let worth = |first, other, worth, holdable| Conflict::PiecePrices {
        prices: vec![(0, first), (1, other), (2, other), (3, other)],
        worth,
        holdable,
    };
    let mut accepted = BTreeSet::new();
    for (problem, right, wrong) in [
        (
            &slices,
            cut(&[0], &[], 8, 6),
            vec![
                cut(&[0], &[], 8, 5),
                cut(&[0], &[], 9, 6),
                cut(&[0], &[0, 1], 8, 10),
                cut(&[], &[], 0, 0),
                cut(&[1], &[], 8, 6),
                cut(&[0, 0], &[], 16, 12),
            ],
        ),
        (
            &room,
            places(4, 2, 1),
            vec![
                places(4, 2, 0),
                places(4, 3, 1),
                places(0, 2, 1),
                places(5, 2, 1),
                places(3, 2, 2),
            ],
        ),
        (
            &units,
            in_units(4, 4, 3),
            vec![
                in_units(0, 4, 3),
                in_units(4, 5, 3),
                in_units(4, 4, 2),
                in_units(1, 16, 18),
            ],
        ),
        (
            &legs,
            priced(1, 3),
            vec![
                priced(1, 2),
                priced(1, 4),
                priced(2, 3),
                priced(0, 1),
                priced(1, 0),
                priced(1, u64::MAX),
            ],
        ),
        (
            &apart_by_segment,
            apart(&["r1", "r2"], &[3], 4),
            vec![
                apart(&["r1", "r2"], &[3], 5),
                apart(&["r1", "r2"], &[], 4),
                apart(&["r1", "r2", "x"], &[], 4),
                apart(&["r1", "r2"], &[2, 3], 4),
                apart(&["r1"], &[3], 4),
            ],
        ),
        (
            &pieces,
            worth(2, 1, 5, 4),
            vec![
                worth(2, 1, 5, 3),
                worth(2, 1, 6, 4),
                worth(1, 1, 4, 4),
                worth(3, 1, 6, 5),
            ],
        ),
    ] {
        assert_eq!(verify(problem, &right), Ok(()), "{right:?}");
        accepted.insert(variant(&right));
        for conflict in wrong {
            assert!(
                verify(problem, &conflict).is_err(),
                "accepted: {conflict:?}"
            );
        }
    }
    // These two only say who tried; there is nothing to add up.
    for conflict in [
        Conflict::Exhausted { nodes: 1 },
        Conflict::Program {
            rows: 1,
            columns: 1,
        },
    ] {
        assert_eq!(verify(&legs, &conflict), Ok(()));
        accepted.insert(variant(&conflict));
    }
    // A tree is about the rows of the integer program, and stands behind what that alone has found.
    let program_alone = Strategy {
        greedy: None,
        search: false,
        ..Strategy::default()
    };
    let answer = solve(&legs, &program_alone, &Limits::none()).expect("an answer");
    let Answer::Impossible {
        why: Conflict::Branches(tree),
    } = answer
    else {
        panic!("{answer:?}");
    };
    let conflict = Conflict::Branches(tree.clone());
    assert_eq!(solve::verify(&legs, &conflict), Ok(()));
    assert!(verify(&legs, &conflict).is_err(), "there are no rows");
    assert!(solve::verify(&slices, &conflict).is_err(), "other rows");
    for at in 0..tree.steps.len() {
        let mut less = tree.clone();
        less.steps.remove(at);
        let less = Conflict::Branches(less);
        assert!(solve::verify(&legs, &less).is_err(), "without step {at}");
    }
    accepted.insert(variant(&conflict));
    assert_eq!(accepted, variants("certificate.rs", "Conflict"));
}

/// Claims whose sums are right, but in which what is needed is just there.
#[test]
fn what_is_just_met_is_no_conflict() {
    let contiguous = |name: &str, extents| Request {
        policy: Policy::Contiguous,
        ..Request::linear(name, extents)
    };
    let linear = refuted(&[3, 2], Request::linear("r", 5));
    let apart = refuted(
        &[10; 6],
        Request {
            shape: Shape {
                stripes: 1,
                copies: 3,
                parity: 0,
            },
            separation: Separation::Leg,
            ..Request::linear("r", 20)
        },
    );
    let two = {
        let sources = vec![source("a", 8, &[]), source("b", 4, &[])];
        let requests = vec![contiguous("p", 8), contiguous("q", 4)];
        Problem::new(sources, requests, Vec::new()).expect("no defects")
    };
    for (problem, conflict) in [
        (
            &linear,
            Conflict::Cut {
                requests: vec![0],
                whole: Vec::new(),
                needed: 5,
                reachable: 5,
            },
        ),
        (
            &two,
            Conflict::Room {
                requests: vec![0],
                length: 8,
                pieces: 1,
                places: 1,
            },
        ),
        (
            &two,
            Conflict::Units {
                requests: vec![0, 1],
                unit: 4,
                whole: vec![0, 1],
                needed: 3,
                reachable: 3,
            },
        ),
        (
            &apart,
            Conflict::Prices {
                request: 0,
                prices: (0..6).map(|source| (source, 1)).collect(),
                tags: Vec::new(),
                cover: 2,
            },
        ),
        (
            &two,
            Conflict::PiecePrices {
                prices: vec![(0, 2), (1, 1)],
                worth: 3,
                holdable: 3,
            },
        ),
    ] {
        let refuted = verify(problem, &conflict).expect_err("there is a plan");
        let sums_are_wrong = refuted.to_string().contains("states");
        assert!(!sums_are_wrong, "{conflict:?}: {refuted}");
    }
}

/// Two large sources hold one leg each at an offset, so that two of four stripes and one of three copies lie on the small
/// ones: 12 + 10 extents where 20 are free. With the linear request among them the sums of all would fit.
#[test]
fn a_cut_leaves_out_the_requests_that_only_loosen_it() {
    let sources = [("a", 1000), ("b", 1000), ("c", 10), ("d", 10)];
    let sources = sources.map(|(name, extents)| source(name, extents, &[]));
    let named = |name: &str, request: Request| Request {
        name: name.to_string(),
        ..request
    };
    let requests = vec![
        Request::linear("loose", 100),
        named("striped", shaped(4, 1, 0, 24)),
        named("mirrored", shaped(1, 3, 0, 10)),
    ];
    let problem = Problem::new(sources.to_vec(), requests, Vec::new()).expect("no defects");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradiction");
    let Answer::Impossible { why } = answer else {
        panic!("{answer:?} is not impossible");
    };
    assert_eq!(
        why,
        Conflict::Cut {
            requests: vec![1, 2],
            whole: vec![2, 3],
            needed: 54,
            reachable: 52,
        }
    );
    assert_eq!(verify(&problem, &why), Ok(()));
}

#[test]
fn a_reason_about_requests_that_may_be_left_out_is_no_reason() {
    let optional = Request {
        value: Some(1),
        ..Request::linear("r", 20)
    };
    let problem = refuted(&[10], optional);
    let cut = Conflict::Cut {
        requests: vec![0],
        whole: vec![0],
        needed: 20,
        reachable: 10,
    };
    assert!(verify(&problem, &cut).is_err());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Indices and sums that make no sense are violations, never a crash.
    #[test]
    fn any_plan_can_be_checked(problem in generate::problems(), plan in generate::plans()) {
        let violations = check(&problem, &plan);
        for violation in &violations {
            prop_assert!(!violation.to_string().is_empty());
        }
        if violations.is_empty() {
            prop_assert!(oracle::best(&problem).is_some_and(|best| best <= cost(&problem, &plan)));
        }
    }

    /// What passes after a change is a plan that the oracle knows to be possible.
    #[test]
    fn changed_plans_pass_only_if_they_are_right(
        problem in generate::problems(),
        which in any::<Index>(),
        start in 0u64..6,
        source in 0usize..5,
    ) {
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradictions");
        if let Answer::Best { plan, .. } | Answer::Found { plan, .. } = answer {
            let mut plan = plan;
            let mut segments: Vec<&mut Segment> = plan.allocations.iter_mut().flatten()
                .flat_map(|a| a.legs.iter_mut().flatten().chain(&mut a.metadata).chain(&mut a.logs))
                .collect();
            if !segments.is_empty() {
                let index = which.index(segments.len());
                let count = segments[index].area.count();
                *segments[index] = segment(source, start, count);
            }
            if check(&problem, &plan).is_empty() {
                prop_assert!(oracle::best(&problem).is_some_and(|best| best <= cost(&problem, &plan)));
            }
        }
    }
}
