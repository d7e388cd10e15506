//! The allocator against a plain version of itself, on calls that nobody thought of.

mod literal;

use std::collections::BTreeSet;

use extentplan::core::Policy;
use extentplan::greedy::{
    Call, Offer, Pair, Parallel, Previous, Range, Settings, TagRule, allocate,
};
use proptest::prelude::*;

/// Everything of a call that can be drawn.
#[derive(Clone, Debug)]
struct Drawn {
    /// Per source its areas: length, and the gap in front of it.
    areas: Vec<Vec<(u32, u32)>>,
    tags: Vec<BTreeSet<String>>,
    tag_rule: Option<TagRule>,
    legs: u32,
    parity: u32,
    striped: bool,
    companion: u32,
    kind: Companion,
    own_sources: bool,
    extents: u32,
    policy: Policy,
    approximate: bool,
    grows: Option<(u32, u32)>,
    avoided: Vec<(u32, BTreeSet<usize>)>,
    maximise_cling: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Companion {
    None,
    Front,
    Log,
}

fn source() -> impl Strategy<Value = Vec<(u32, u32)>> {
    // Few different lengths, so that there are ties.
    let length = prop_oneof![Just(5u32), Just(10), 1..8u32, 1..40u32];
    prop::collection::vec((length, 0..3u32), 0..7)
}

fn tags() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[abc]", 0..3)
}

fn tag_rule() -> impl Strategy<Value = Option<TagRule>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(TagRule::Any)),
        1 => tags().prop_map(|tags| Some(TagRule::Listed(tags))),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        1 => Just(Policy::Contiguous),
        1 => Just(Policy::Cling),
        1 => Just(Policy::ClingByTags),
        4 => Just(Policy::Normal),
        1 => Just(Policy::Anywhere),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let companion = prop_oneof![
        3 => Just(Companion::None),
        3 => Just(Companion::Front),
        1 => Just(Companion::Log),
    ];
    let first = (
        prop::collection::vec(source(), 1..24),
        prop::collection::vec(tags(), 24),
        tag_rule(),
        1..5u32,
        prop_oneof![3 => Just(0u32), 1 => 1..3u32],
        any::<bool>(),
        prop_oneof![3 => Just(1u32), 1 => 2..5u32],
        companion,
    );
    let avoided = (1..30u32, prop::collection::btree_set(0..24usize, 0..4));
    let second = (
        prop_oneof![4 => Just(false), 1 => Just(true)],
        1..120u32,
        policy(),
        prop_oneof![4 => Just(false), 1 => Just(true)],
        prop::option::weighted(0.3, (1..10u32, 0..3u32)),
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(avoided, 1..3)],
        prop_oneof![3 => Just(true), 1 => Just(false)],
    );
    (first, second).prop_map(|(first, second)| Drawn {
        areas: first.0,
        tags: first.1,
        tag_rule: first.2,
        legs: first.3,
        parity: first.4,
        striped: first.5,
        companion: first.6,
        kind: first.7,
        own_sources: second.0,
        extents: second.1,
        policy: second.2,
        approximate: second.3,
        grows: second.4,
        avoided: second.5,
        maximise_cling: second.6,
    })
}

/// The call that was drawn. What grows has `length` extents per leg at the front of the first sources,
/// `behind` of them directly in front of a free area.
fn call(drawn: &Drawn) -> Call<'_> {
    let (length, _) = drawn.grows.unwrap_or((0, 0));
    let offers: Vec<Offer> = drawn
        .areas
        .iter()
        .enumerate()
        .map(|(source, areas)| {
            let mut start = length;
            let areas = areas.iter().map(|(count, gap)| {
                let range = Range {
                    start: start + gap,
                    count: *count,
                };
                start += gap + count;
                range
            });
            Offer {
                source,
                areas: areas.collect(),
            }
        })
        .collect();
    let multiple = if drawn.striped || drawn.parity > 0 {
        drawn.legs
    } else {
        1
    };
    let front = drawn.kind == Companion::Front;
    let existing = length * multiple;
    let wanted = drawn.extents.next_multiple_of(multiple);
    let all = (drawn.legs + drawn.parity) as usize;
    let previous = drawn.grows.map(|(count, fewer)| {
        let legs = all.saturating_sub(fewer as usize / 2).max(1);
        let pairs: Vec<Pair> = (0..legs.min(offers.len()))
            .map(|leg| Pair {
                leg,
                source: leg,
                range: Range { start: 0, count },
            })
            .collect();
        Previous {
            legs,
            first: pairs.clone(),
            last: pairs,
            end: existing,
        }
    });
    let mut start = 0;
    let parallel = drawn.avoided.iter().map(|(count, sources)| {
        start += count;
        Parallel {
            start: start - count,
            count: *count,
            sources: sources.clone(),
        }
    });
    Call {
        parallel: parallel.collect(),
        offers,
        tags: &drawn.tags,
        tag_rule: drawn.tag_rule.clone(),
        legs: drawn.legs,
        parity: drawn.parity,
        multiple,
        companion: if drawn.kind == Companion::None {
            0
        } else {
            drawn.companion
        },
        metadata: 0,
        logs: u32::from(drawn.kind == Companion::Log),
        front,
        own_sources: drawn.own_sources,
        existing,
        target: existing + wanted + if front { drawn.companion * multiple } else { 0 },
        policy: drawn.policy,
        approximate: drawn.approximate,
        previous,
    }
}

fn settings(drawn: &Drawn) -> Settings {
    Settings {
        maximise_cling: drawn.maximise_cling,
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("EXTENTPLAN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000)
    ))]

    #[test]
    fn the_fast_allocator_decides_as_the_plain_one(drawn in drawn()) {
        let call = call(&drawn);
        let settings = settings(&drawn);
        prop_assert_eq!(allocate(&call, &settings), literal::allocate(&call, &settings));
    }
}

/// Without many chunks and many refusals the comparison would say little.
#[test]
fn the_drawn_calls_are_worth_comparing() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut placed, mut refused, mut in_pieces, mut with_companions) = (0, 0, 0, 0);
    for _ in 0..1000 {
        let tree = drawn().new_tree(&mut runner).expect("a call");
        let drawn = tree.current();
        match allocate(&call(&drawn), &settings(&drawn)) {
            Ok(placement) => {
                placed += 1;
                in_pieces += u32::from(placement.chunks.len() > 2);
                with_companions += u32::from(!placement.metadata.is_empty());
            }
            Err(_) => refused += 1,
        }
    }
    let counts = (placed, refused, in_pieces, with_companions);
    assert!(
        placed > 300 && refused > 200 && in_pieces > 100 && with_companions > 80,
        "{counts:?}"
    );
}
