//! Tiny problems of every kind, for properties that a slow oracle can judge.

use std::collections::BTreeSet;

use extentplan::core::{
    Allocation, Area, Avoidance, Companion, Cuts, Log, Measure, Place, Plan, Policy, Problem,
    Request, Segment, Separation, Shape, Size, Source,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Names of the sources; more are not needed.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Up to 12 free extents on up to 4 sources, and up to 3 requests.
pub fn problems() -> impl Strategy<Value = Problem> {
    let sources = prop::collection::vec(source(), 1..=NAMES.len());
    let requests = prop_oneof![
        4 => prop::collection::vec(request(), 1),
        2 => prop::collection::vec(request(), 2),
        1 => prop::collection::vec(request(), 3),
    ];
    (sources, requests, objective()).prop_filter_map(
        "defects, or too large for the oracle",
        |(sources, requests, objective)| build(sources, requests, objective),
    )
}

/// Bits say which extents are free.
#[derive(Clone, Debug)]
struct RawSource {
    extents: u64,
    free: u64,
    tags: BTreeSet<String>,
    /// Where extents carry a tag of their own.
    area_tags: Option<(String, u64)>,
}

/// Everything about a request, with places still as indices into whatever there will be.
#[derive(Clone, Debug)]
struct RawRequest {
    shape: Shape,
    leg: u64,
    is_at_most: bool,
    metadata: Option<Companion>,
    log: Option<Log>,
    policy: Policy,
    separation: Separation,
    cuts: Cuts,
    partition: BTreeSet<String>,
    area_tags: BTreeSet<String>,
    cling_sources: Vec<Index>,
    cling: BTreeSet<String>,
    grows: bool,
    previous: Vec<Index>,
    allowed: Option<Vec<(Index, Option<u64>)>>,
    avoid: Vec<(u64, u64, Index)>,
    value: Option<u64>,
}

fn tags() -> impl Strategy<Value = BTreeSet<String>> {
    let tags = select(vec!["x", "y", "z"]).prop_map(str::to_string);
    prop::collection::btree_set(tags, 0..=2)
}

fn source() -> impl Strategy<Value = RawSource> {
    let extents = prop_oneof![1 => Just(0u64), 20 => 1u64..=6];
    let area_tags = (
        select(vec!["x", "y", "w"]).prop_map(str::to_string),
        any::<u64>(),
    );
    let area_tags = prop::option::weighted(0.3, area_tags);
    let parts = (extents, any::<u64>(), any::<u64>(), tags(), area_tags);
    parts.prop_map(|(extents, some, more, tags, area_tags)| {
        RawSource {
            extents,
            // Rather free than not.
            free: (some | more) & ((1 << extents) - 1),
            tags,
            area_tags,
        }
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    let shapes = vec![
        (1, 1, 0),
        (1, 2, 0),
        (2, 1, 0),
        (1, 3, 0),
        (3, 1, 0),
        (2, 1, 1),
        (1, 1, 1),
    ];
    select(shapes).prop_map(|(stripes, copies, parity)| Shape {
        stripes,
        copies,
        parity,
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![2 => Just(Place::Front), 1 => Just(Place::OwnSource), 1 => Just(Place::AnySource)]
}

fn request() -> impl Strategy<Value = RawRequest> {
    let companion = (1u64..=2, place()).prop_map(|(extents, place)| Companion { extents, place });
    let log = (
        1u64..=2,
        1u64..=2,
        select(vec![Place::OwnSource, Place::AnySource]),
    );
    let log = log.prop_map(|(extents, count, place)| Log {
        extents,
        count,
        place,
    });
    let policy = select(vec![
        Policy::Contiguous,
        Policy::Cling,
        Policy::ClingByTags,
        Policy::Normal,
        Policy::Normal,
        Policy::Normal,
        Policy::Anywhere,
    ]);
    let separation = select(vec![Separation::Segment, Separation::Leg, Separation::None]);
    let cuts = select(vec![Cuts::Together, Cuts::Apart]);
    let ranges = prop::option::weighted(0.5, 1u64..63);
    let allowed = prop::collection::vec((any::<Index>(), ranges), 1..=3);
    let avoid = prop::collection::vec((0u64..4, 1u64..4, any::<Index>()), 1..=2);
    let what = (shape(), 1u64..=5, prop::bool::weighted(0.15));
    let companions = (
        prop::option::weighted(0.3, companion),
        prop::option::weighted(0.15, log),
    );
    let rules = (policy, separation, cuts);
    let wishes = (
        prop_oneof![6 => Just(BTreeSet::new()), 1 => tags()],
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(any::<Index>(), 1..=2)],
    );
    let marks = (
        prop_oneof![3 => Just(BTreeSet::new()), 1 => tags()],
        tags(),
        wishes,
    );
    let growth = (
        prop::bool::weighted(0.25),
        prop::collection::vec(any::<Index>(), 3),
    );
    let limits = (
        prop::option::weighted(0.25, allowed),
        prop_oneof![4 => Just(Vec::new()), 1 => avoid],
        prop::option::weighted(0.2, 1u64..4),
    );
    (what, companions, rules, marks, growth, limits).prop_map(
        |(what, (metadata, log), rules, (partition, cling, wishes), (grows, previous), limits)| {
            RawRequest {
                shape: what.0,
                leg: what.1,
                is_at_most: what.2,
                metadata,
                log,
                policy: rules.0,
                separation: rules.1,
                cuts: rules.2,
                partition,
                area_tags: wishes.0,
                cling_sources: wishes.1,
                cling,
                grows,
                previous,
                allowed: limits.0,
                avoid: limits.1,
                value: limits.2,
            }
        },
    )
}

fn objective() -> impl Strategy<Value = Vec<Measure>> {
    let some = prop::sample::subsequence(Measure::ALL.to_vec(), 1..=Measure::ALL.len());
    prop_oneof![
        Just(Vec::new()),
        Just(vec![Measure::Sources, Measure::Segments]),
        some.prop_shuffle(),
    ]
}

fn build(
    sources: Vec<RawSource>,
    requests: Vec<RawRequest>,
    objective: Vec<Measure>,
) -> Option<Problem> {
    let named = sources.iter().zip(NAMES);
    let real: Vec<Source> = named
        .map(|(source, name)| Source {
            name: name.to_string(),
            extents: source.extents,
            free: areas(source.free).into_iter().collect(),
            tags: source.tags.clone(),
            area_tags: source
                .area_tags
                .iter()
                .map(|(tag, bits)| (tag.clone(), areas(bits & source.free).into_iter().collect()))
                .collect(),
        })
        .collect();
    let free: u64 = real.iter().map(|source| source.free.total()).sum();
    let requests = requests.iter().enumerate();
    let requests = requests.map(|(index, raw)| complete(index, raw, &sources));
    let requests: Vec<Request> = requests.collect::<Option<_>>()?;
    let wanted: Option<u64> = requests.iter().map(Request::total_extents).sum();
    // A little too much is interesting, far too much is not.
    if free > 10 || wanted? > free.min(7) + 1 {
        return None;
    }
    Problem::new(real, requests, objective).ok()
}

/// The bits that are 1, as areas.
fn areas(bits: u64) -> Vec<Area> {
    let set = (0..64).filter(|position| bits >> position & 1 == 1);
    set.map(|position| Area::new(position, 1).expect("one extent"))
        .collect()
}

fn complete(index: usize, raw: &RawRequest, sources: &[RawSource]) -> Option<Request> {
    let mut request = Request::linear(&format!("r{index}"), raw.leg * raw.shape.stripes);
    if raw.is_at_most {
        request.size = Size::AtMost(raw.leg * raw.shape.stripes);
    }
    request.shape = raw.shape;
    request.metadata = raw.metadata;
    request.log = raw.log;
    request.policy = raw.policy;
    request.separation = raw.separation;
    request.cuts = raw.cuts;
    let of_areas = |source: &RawSource| {
        let (tag, bits) = source.area_tags.clone()?;
        (bits & source.free != 0).then_some(tag)
    };
    let known = sources.iter().flat_map(|source| {
        let tags = source.tags.iter().cloned();
        tags.chain(of_areas(source))
    });
    let known: BTreeSet<String> = known.collect();
    let only_known = |tags: &BTreeSet<String>| {
        tags.iter()
            .filter(|tag| known.contains(*tag))
            .cloned()
            .collect()
    };
    request.partition_by_tags = only_known(&raw.partition);
    request.cling_tags = only_known(&raw.cling);
    request.area_tags = only_known(&raw.area_tags);
    let preferred = raw.cling_sources.iter();
    request.cling_sources = preferred.map(|index| index.index(sources.len())).collect();
    if raw.grows {
        let used: Vec<Segment> = sources
            .iter()
            .enumerate()
            .flat_map(|(source, raw)| {
                let used = areas(!raw.free & ((1 << raw.extents) - 1));
                used.into_iter().map(move |area| Segment { source, area })
            })
            .collect();
        if used.is_empty() {
            return None;
        }
        let one = |index: &Index| vec![*index.get(&used)];
        request.grows = Some(raw.previous[..request.legs()].iter().map(one).collect());
    }
    if let Some(allowed) = &raw.allowed {
        let mut entries: Vec<(usize, Option<Vec<Area>>)> = Vec::new();
        for (index, ranges) in allowed {
            let source = index.index(sources.len());
            let last = (1 << sources[source].extents) - 1;
            if entries.iter().all(|(other, _)| *other != source) {
                entries.push((source, ranges.map(|bits| areas(bits & last))));
            }
        }
        request.allowed = Some(entries);
    }
    request.avoid = raw
        .avoid
        .iter()
        .map(|(start, count, index)| Avoidance {
            offsets: Area::new(*start, *count).expect("not empty"),
            sources: BTreeSet::from([index.index(sources.len())]),
        })
        .collect();
    request.value = raw.value;
    Some(request)
}

/// Plans that know nothing of any problem: mostly nonsense, with numbers up to the last one.
pub fn plans() -> impl Strategy<Value = Plan> {
    let number = || prop_oneof![6 => 0u64..6, 1 => u64::MAX - 6..u64::MAX];
    let segment = || {
        (0usize..5, number(), number()).prop_filter_map("no area", |(source, start, count)| {
            Some(Segment {
                source,
                area: Area::new(start, count)?,
            })
        })
    };
    let list = |most: usize| prop::collection::vec(segment(), 0..=most);
    let allocation = (prop::collection::vec(list(3), 0..=4), list(3), list(2));
    let allocation = allocation.prop_map(|(legs, metadata, logs)| Allocation {
        legs,
        metadata,
        logs,
    });
    let allocations = prop::collection::vec(prop::option::weighted(0.9, allocation), 0..=3);
    allocations.prop_map(|allocations| Plan { allocations })
}
