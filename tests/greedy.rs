//! The allocator against what the real LVM2 was seen to do, one row per observation.

use std::collections::BTreeSet;

use extentplan::core::Policy;
use extentplan::greedy::{
    Call, Offer, Pair, Placement, Previous, Range, Refusal, Settings, TagRule, allocate,
};

/// What is asked for: `legs parity multiple companion front extents`.
#[derive(Clone, Copy)]
struct Shape {
    legs: u32,
    parity: u32,
    multiple: u32,
    companion: u32,
}

const LINEAR: Shape = striped(1);

const fn striped(legs: u32) -> Shape {
    Shape {
        legs,
        parity: 0,
        multiple: legs,
        companion: 0,
    }
}

const fn raid1(legs: u32) -> Shape {
    Shape {
        legs,
        parity: 0,
        multiple: 1,
        companion: 1,
    }
}

const fn raid5(stripes: u32) -> Shape {
    Shape {
        legs: stripes,
        parity: 1,
        multiple: stripes,
        companion: 1,
    }
}

/// Areas in the order given: `P0 0+100, 120+90; P1 0+8`.
fn offers(text: &str) -> Vec<Offer> {
    let offer = |text: &str| {
        let (source, areas) = text.trim().split_once(' ').expect("a source and areas");
        Offer {
            source: source[1..].parse().expect("a number"),
            areas: areas.split(',').map(range).collect(),
        }
    };
    text.split(';').map(offer).collect()
}

fn range(text: &str) -> Range {
    let (start, count) = text.trim().split_once('+').expect("start+count");
    Range {
        start: start.parse().expect("a number"),
        count: count.parse().expect("a number"),
    }
}

fn call<'a>(
    free: &str,
    shape: Shape,
    extents: u32,
    policy: Policy,
    tags: &'a [BTreeSet<String>],
) -> Call<'a> {
    Call {
        offers: offers(free),
        tags,
        tag_rule: None,
        legs: shape.legs,
        parity: shape.parity,
        multiple: shape.multiple,
        companion: shape.companion,
        metadata: 0,
        logs: 0,
        front: shape.companion > 0,
        own_sources: false,
        existing: 0,
        target: extents + shape.companion * shape.multiple,
        policy,
        approximate: false,
        previous: None,
        parallel: Vec::new(),
    }
}

/// Where things went: `d0 P0 0+30, m1 P1 0+1, log P2 3+4`, neighbours joined.
fn told(result: Result<Placement, Refusal>) -> String {
    let placement = match result {
        Ok(placement) => placement,
        Err(refusal) => return format!("{refusal:?}"),
    };
    let mut words: Vec<String> = Vec::new();
    let piece = |name: String, (source, range): (usize, Range)| {
        format!("{name} P{source} {}+{}", range.start, range.count)
    };
    for (leg, metadata) in placement.metadata.iter().enumerate() {
        words.push(piece(format!("m{leg}"), *metadata));
    }
    let legs = placement.chunks.iter().map(|chunk| chunk.pieces.len());
    for leg in 0..legs.max().unwrap_or(0) {
        let mut joined: Vec<(usize, Range)> = Vec::new();
        for chunk in &placement.chunks {
            let (source, range) = chunk.pieces[leg];
            match joined.last_mut() {
                Some((last, before))
                    if *last == source && before.start + before.count == range.start =>
                {
                    before.count += range.count;
                }
                _ => joined.push((source, range)),
            }
        }
        words.extend(joined.into_iter().map(|run| piece(format!("d{leg}"), run)));
    }
    words.extend(placement.logs.iter().map(|log| piece("log".into(), *log)));
    words.join(", ")
}

/// Free areas, shape, extents, policy, outcome.
const CREATED: &[(&str, Shape, u32, Policy, &str)] = {
    use Policy::{Anywhere, Cling, Contiguous, Normal};
    &[
        ("P0 0+100, 120+90", LINEAR, 30, Normal, "d0 P0 0+30"),
        (
            "P0 0+100, 120+50, 200+40",
            LINEAR,
            30,
            Normal,
            "d0 P0 120+30",
        ),
        ("P0 0+10, 20+6", LINEAR, 6, Contiguous, "d0 P0 0+6"),
        ("P0 0+5, 20+5", LINEAR, 5, Normal, "d0 P0 20+5"),
        ("P0 20+5, 0+5", LINEAR, 5, Normal, "d0 P0 0+5"),
        ("P0 20+5, 0+5", LINEAR, 10, Normal, "d0 P0 20+5, d0 P0 0+5"),
        ("P0 0+10, 10+10", LINEAR, 5, Normal, "d0 P0 0+5"),
        (
            "P0 0+5, 5+5",
            LINEAR,
            6,
            Contiguous,
            "MoreRequired { contiguous: true, extents: 6 }",
        ),
        (
            "P0 0+10; P1 0+8, 20+7, 40+3",
            LINEAR,
            21,
            Normal,
            "d0 P0 0+10, d0 P1 0+8, d0 P1 40+3",
        ),
        (
            "P0 0+10; P1 0+10; P2 0+6, 20+5, 40+2; P3 0+6, 20+5, 40+2",
            striped(2),
            34,
            Normal,
            "d0 P0 0+10, d0 P2 0+6, d0 P2 40+1, d1 P1 0+10, d1 P3 0+6, d1 P3 40+1",
        ),
        (
            "P2 0+10; P0 0+4; P1 0+10",
            striped(2),
            10,
            Normal,
            "d0 P2 0+5, d1 P1 0+5",
        ),
        (
            "P0 0+6; P1 0+6; P2 0+8",
            raid1(2),
            7,
            Normal,
            "m0 P2 0+1, m1 P0 0+1, d0 P2 1+5, d0 P1 0+2, d1 P0 1+5, d1 P2 6+2",
        ),
        (
            "P2 0+8; P0 0+6; P1 0+2",
            raid1(2),
            7,
            Normal,
            "m0 P2 0+1, m1 P0 0+1, d0 P2 1+7, d1 P0 1+5, d1 P1 0+2",
        ),
        (
            "P0 0+6; P1 0+6; P2 0+6; P3 0+6; P4 0+6; P5 0+6",
            raid5(2),
            20,
            Normal,
            "m0 P0 0+1, m1 P1 0+1, m2 P2 0+1, d0 P0 1+5, d0 P3 0+5, d1 P1 1+5, d1 P4 0+5, \
             d2 P2 1+5, d2 P5 0+5",
        ),
        (
            "P0 0+6, 20+2",
            striped(2),
            8,
            Anywhere,
            "d0 P0 0+4, d1 P0 20+2, d1 P0 4+2",
        ),
        ("P0 0+12", striped(2), 12, Anywhere, "d0 P0 0+6, d1 P0 6+6"),
        (
            "P0 0+6, 20+6",
            striped(2),
            12,
            Anywhere,
            "MoreRequired { contiguous: false, extents: 12 }",
        ),
        (
            "P0 0+6, 20+7",
            striped(2),
            12,
            Anywhere,
            "d0 P0 20+6, d1 P0 0+6",
        ),
        (
            "P0 0+6, 20+6; P1 0+9",
            LINEAR,
            12,
            Normal,
            "d0 P1 0+9, d0 P0 20+3",
        ),
        (
            "P0 0+6, 20+6; P1 0+9",
            LINEAR,
            12,
            Cling,
            "MoreRequired { contiguous: false, extents: 3 }",
        ),
        ("P1 5+4; P0 3+4", LINEAR, 8, Normal, "d0 P1 5+4, d0 P0 3+4"),
        ("P1 5+4; P0 3+5", LINEAR, 9, Normal, "d0 P0 3+5, d0 P1 5+4"),
        (
            "P0 0+6, 20+2",
            raid1(2),
            2,
            Anywhere,
            "m0 P0 0+1, m1 P0 20+1, d0 P0 1+2, d1 P0 21+1, d1 P0 3+1",
        ),
        (
            "P0 0+4; P1 0+4; P2 0+4",
            striped(2),
            12,
            Normal,
            "MoreRequired { contiguous: false, extents: 4 }",
        ),
        (
            "P0 0+10, 20+1; P1 0+10, 20+1",
            raid1(2),
            10,
            Contiguous,
            "MoreRequired { contiguous: true, extents: 22 }",
        ),
        (
            "P0 0+10, 20+1; P1 0+10, 20+1",
            raid1(2),
            10,
            Normal,
            "m0 P0 0+1, m1 P1 0+1, d0 P0 1+9, d0 P0 20+1, d1 P1 1+9, d1 P1 20+1",
        ),
        (
            "P0 0+10; P1 0+8, 20+7, 40+3",
            LINEAR,
            25,
            Normal,
            "d0 P0 0+10, d0 P1 0+8, d0 P1 40+3, d0 P1 20+4",
        ),
        (
            "P0 0+10; P1 0+5",
            LINEAR,
            16,
            Normal,
            "TooFewExtents { needed: 16, available: 15 }",
        ),
    ]
};

#[test]
fn what_is_created_lands_where_lvm2_puts_it() {
    for (free, shape, extents, policy, expected) in CREATED {
        let tags = vec![BTreeSet::new(); 8];
        let result = allocate(
            &call(free, *shape, *extents, *policy, &tags),
            &Settings::default(),
        );
        assert_eq!(told(result), *expected, "{extents} from {free}");
    }
}

#[test]
fn a_whole_volume_group_is_used_up_leg_by_leg() {
    let tags = vec![BTreeSet::new(); 8];
    let free = "P0 0+38; P1 0+38; P2 0+38; P3 0+38; P4 0+38; P5 0+38";
    let mut call = call(free, raid1(2), 114, Policy::Normal, &tags);
    call.approximate = true;
    assert_eq!(
        told(allocate(&call, &Settings::default())),
        "m0 P0 0+1, m1 P1 0+1, d0 P0 1+37, d0 P2 0+38, d0 P4 0+38, d1 P1 1+37, d1 P3 0+38, d1 P5 0+38"
    );
}

/// Free areas, legs, extents, log extents, outcome.
const WITH_LOG: &[(&str, u32, u32, u32, &str)] = &[
    ("P0 0+20; P1 0+30; P2 0+3", 1, 5, 2, "d0 P0 0+5, log P2 0+2"),
    ("P0 0+20; P1 0+30; P2 0+3", 1, 5, 4, "d0 P0 0+5, log P1 0+4"),
    ("P0 0+20", 1, 5, 2, "d0 P0 0+5, log P0 5+2"),
    ("P0 0+20; P1 0+3; P2 0+2", 1, 5, 4, "d0 P0 0+5, log P0 5+4"),
    ("P0 0+7; P1 0+3; P2 0+2", 1, 5, 4, "Aborts"),
    ("P0 5+15; P1 5+15; P2 0+20; P3 0+20", 0, 0, 1, "log P3 0+1"),
];

#[test]
fn a_log_takes_the_last_source_that_is_long_enough() {
    for (free, legs, extents, log, expected) in WITH_LOG {
        let tags = vec![BTreeSet::new(); 8];
        let mut call = call(free, striped(*legs), *extents, Policy::Normal, &tags);
        call.multiple = 1;
        call.companion = *log;
        call.logs = 1;
        assert_eq!(
            told(allocate(&call, &Settings::default())),
            *expected,
            "{extents} and a log of {log} from {free}"
        );
    }
}

/// A striped volume on P0 0+5 and P1 0+5: free areas, policy, extents to add, outcome.
const GROWN: &[(&str, Policy, u32, &str)] = &[
    (
        "P0 20+8, 5+5; P1 10+9",
        Policy::Normal,
        4,
        "d0 P0 20+2, d1 P1 10+2",
    ),
    (
        "P0 5+5; P1 10+9, 5+2",
        Policy::Normal,
        8,
        "d0 P0 5+4, d1 P1 5+2, d1 P1 10+2",
    ),
    (
        "P0 5+5; P1 10+9, 5+2",
        Policy::Contiguous,
        8,
        "MoreRequired { contiguous: true, extents: 4 }",
    ),
];

#[test]
fn growing_goes_on_where_all_legs_can_and_clings_otherwise() {
    let at = |leg: usize| Pair {
        leg,
        source: leg,
        range: Range { start: 0, count: 5 },
    };
    for (free, policy, extents, expected) in GROWN {
        let tags = vec![BTreeSet::new(); 8];
        let mut call = call(free, striped(2), *extents, *policy, &tags);
        call.existing = 10;
        call.target += 10;
        call.previous = Some(Previous {
            legs: 2,
            first: vec![at(0), at(1)],
            last: vec![at(0), at(1)],
            end: 10,
        });
        assert_eq!(
            told(allocate(&call, &Settings::default())),
            *expected,
            "{extents} more from {free}"
        );
    }
}

#[test]
fn a_partition_by_tags_keeps_its_first_candidate_and_fails() {
    let tag = |tags: &[&str]| tags.iter().map(ToString::to_string).collect();
    let tags: Vec<BTreeSet<String>> = vec![tag(&["a", "b"]), tag(&["a"]), tag(&["b"])];
    let free = "P0 0+10; P1 0+10; P2 0+10";
    let mut call = call(free, striped(2), 10, Policy::Contiguous, &tags);
    call.tag_rule = Some(TagRule::Listed(tag(&["a", "b"])));
    assert_eq!(
        told(allocate(&call, &Settings::default())),
        "MoreRequired { contiguous: true, extents: 10 }"
    );
    call.offers.remove(0);
    assert_eq!(
        told(allocate(&call, &Settings::default())),
        "d0 P1 0+5, d1 P2 0+5"
    );
}

mod plans {
    //! Whole problems.

    use std::collections::BTreeSet;

    use extentplan::core::Limits;
    use extentplan::core::{
        Answer, Area, Areas, Companion, Place, Problem, Request, Separation, Shape, Source,
    };
    use extentplan::greedy::{Settings, plan};

    fn source(name: &str, free: &[(u64, u64)]) -> Source {
        let areas = free
            .iter()
            .filter_map(|(start, count)| Area::new(*start, *count));
        Source {
            name: name.into(),
            extents: 1000,
            free: areas.collect::<Areas>(),
            tags: BTreeSet::new(),
            ..Source::default()
        }
    }

    fn answer(free: &[&[(u64, u64)]], requests: Vec<Request>) -> Answer {
        let names = ["a", "b", "c", "d", "e"];
        let sources = names.iter().zip(free);
        let sources = sources.map(|(name, free)| source(name, free)).collect();
        let problem = Problem::new(sources, requests, Vec::new()).expect("a right problem");
        plan(&problem, &Settings::default(), &Limits::none())
    }

    fn raid1(extents: u64) -> Request {
        Request {
            shape: Shape {
                stripes: 1,
                copies: 2,
                parity: 0,
            },
            metadata: Some(Companion {
                extents: 1,
                place: Place::Front,
            }),
            separation: Separation::Leg,
            ..Request::linear("mirror", extents)
        }
    }

    #[test]
    fn each_request_sees_what_the_ones_before_took() {
        let requests = vec![Request::linear("first", 30), Request::linear("second", 60)];
        let found = answer(&[&[(0, 50)], &[(0, 50)]], requests);
        let plan = found.plan().expect("a plan");
        let told = |index: usize| {
            let allocation = plan.allocations[index].as_ref().expect("placed");
            let pieces = allocation.legs[0].iter();
            pieces
                .map(|piece| format!("{} {}", piece.source, piece.area))
                .collect::<Vec<String>>()
        };
        assert_eq!(told(0), ["0 0-29"]);
        assert_eq!(told(1), ["1 0-49", "0 30-39"]);
    }

    #[test]
    fn a_raid_with_two_legs_on_one_source_is_no_plan() {
        let free: [&[(u64, u64)]; 3] = [&[(0, 6)], &[(0, 6)], &[(0, 8)]];
        assert!(matches!(
            answer(&free, vec![raid1(7)]),
            Answer::Unknown { .. }
        ));
        assert!(answer(&free, vec![raid1(5)]).plan().is_some());
    }

    #[test]
    fn counts_past_32_bits_are_not_wrapped_round() {
        let problem = Problem::new(
            vec![Source {
                extents: 1 << 33,
                ..source("a", &[(0, 1 << 33)])
            }],
            vec![Request::linear("huge", (1 << 32) + 5)],
            Vec::new(),
        );
        let answer = plan(
            &problem.expect("a right problem"),
            &Settings::default(),
            &Limits::none(),
        );
        assert!(matches!(answer, Answer::Unknown { .. }));
    }
}
