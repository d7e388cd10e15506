//! Legs that keep apart by source or by tags: `search` against every way to give sources to legs.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;

use extentplan::core::{
    Answer, Area, Companion, Cost, Cuts, Limits, Measure, Place, Problem, Request, Separation,
    Shape, Size, Source, check, cost, verify,
};
use extentplan::search;

use random::{Random, cases};

/// What a problem is made of.
struct Kind {
    /// Most sources, and most legs.
    sources: u64,
    legs: u64,
    /// Tags that keep legs apart, and how many of them a source has at most.
    tags: u64,
    tags_of_source: u64,
    /// Most extents of the metadata in front of a leg.
    metadata: u64,
    objective: &'static [Measure],
}

const BY_SOURCE: Kind = Kind {
    sources: 6,
    legs: 3,
    tags: 0,
    tags_of_source: 0,
    metadata: 2,
    objective: &[Measure::Segments, Measure::Sources],
};

fn problem(kind: &Kind, seed: u64) -> Option<Problem> {
    let mut random = Random(seed);
    let mut sources = Vec::new();
    for name in 0..random.between(2, kind.sources) {
        let (mut free, mut start) = (Vec::new(), random.below(2));
        for _ in 0..random.between(1, 3) {
            let length = random.between(1 + kind.metadata, 9 + kind.metadata);
            free.extend(Area::new(start, length));
            start += length + random.between(1, 2);
        }
        let mut tags = BTreeSet::new();
        for _ in 0..random.below(kind.tags_of_source + 1) {
            tags.insert(format!("t{}", random.below(kind.tags)));
        }
        sources.push(Source {
            name: format!("s{name}"),
            extents: start,
            free: free.into_iter().collect(),
            tags,
            ..Source::default()
        });
    }
    let legs = random.between(1, kind.legs);
    let metadata = random.below(kind.metadata + 1);
    let free: u64 = sources.iter().map(|source| source.free.total()).sum();
    let leg = (free * random.between(4, 10) / 10 / legs)
        .saturating_sub(metadata)
        .max(1);
    let mut request = Request::linear("r", leg);
    request.shape = Shape {
        stripes: 1,
        copies: legs,
        parity: 0,
    };
    request.cuts = Cuts::Apart;
    request.separation = Separation::Leg;
    request.metadata = (metadata > 0).then_some(Companion {
        extents: metadata,
        place: Place::Front,
    });
    let tags = sources.iter().flat_map(|source| &source.tags);
    request.partition_by_tags = tags.cloned().collect();
    if random.below(6) == 0 {
        request.allowed = Some(vec![(0, None), (1, Some(vec![Area::new(0, 9)?]))]);
    }
    let problem = Problem::new(sources, vec![request], kind.objective.to_vec()).ok()?;
    // Where an area cannot even hold the metadata in front of a leg, `search` leaves it to others.
    let offered = problem.offered(&problem.requests()[0]);
    let mut areas = offered.iter().flat_map(|(_, areas)| areas.iter());
    let is_plain = areas.all(|area| area.count() > metadata);
    is_plain.then_some(problem)
}

/// The least cost: every source is given to each leg, or to none.
fn least(problem: &Problem) -> Option<Cost> {
    let request = &problem.requests()[0];
    let Size::Exactly(leg) = request.size else {
        panic!("sizes are exact here");
    };
    let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
    let offered: Vec<(usize, Vec<u64>)> = problem
        .offered(request)
        .into_iter()
        .map(|(source, areas)| (source, areas.iter().map(|area| area.count()).collect()))
        .collect();
    let legs = request.legs();
    let mut least: Option<Cost> = None;
    let ways = (legs + 1).pow(u32::try_from(offered.len()).expect("few sources"));
    'ways: for way in 0..ways {
        let mut left = way;
        let mut given: Vec<Vec<&(usize, Vec<u64>)>> = vec![Vec::new(); legs + 1];
        for source in &offered {
            given[left % (legs + 1)].push(source);
            left /= legs + 1;
        }
        let mut held: BTreeSet<&String> = BTreeSet::new();
        let (mut segments, mut sources) = (0, 0);
        for given in &given[..legs] {
            let tags = given
                .iter()
                .flat_map(|(source, _)| &problem.sources()[*source].tags);
            let apart: BTreeSet<&String> = tags
                .filter(|tag| request.partition_by_tags.contains(*tag))
                .collect();
            let before = held.len();
            held.extend(&apart);
            if held.len() < before + apart.len() {
                continue 'ways;
            }
            let mut areas: Vec<u64> = given.iter().flat_map(|(_, areas)| areas).copied().collect();
            areas.sort_unstable_by(|left, right| right.cmp(left));
            // The metadata and the first extents of the leg are in one area.
            if areas.first().is_none_or(|longest| *longest <= metadata) {
                continue 'ways;
            }
            let mut missing = leg + metadata;
            for area in areas {
                if missing > 0 {
                    segments += 1;
                    missing = missing.saturating_sub(area);
                }
            }
            if missing > 0 {
                continue 'ways;
            }
            sources += given.len() as u64;
        }
        let measured = problem.objective().iter().map(|measure| match measure {
            Measure::Segments => segments,
            Measure::Sources => sources,
            other => panic!("{} is not asked for here", other.name()),
        });
        let cost = Cost(measured.collect());
        if least.as_ref().is_none_or(|least| cost < *least) {
            least = Some(cost);
        }
    }
    least
}

/// How the answers of `count` problems were: best, found, impossible.
fn compare(kind: &Kind, first: u64, count: u64) -> [u64; 3] {
    let mut seen = [0; 3];
    for seed in first..first + cases(count) {
        let Some(problem) = problem(kind, seed) else {
            continue;
        };
        let least = least(&problem);
        match search::plan(&problem, None, &Limits::none()) {
            Answer::Best {
                plan,
                cost: claimed,
                ..
            } => {
                assert_eq!(check(&problem, &plan), [], "seed {seed}");
                assert_eq!(cost(&problem, &plan), claimed, "seed {seed}");
                assert_eq!(Some(claimed), least, "seed {seed}");
                seen[0] += 1;
            }
            Answer::Found {
                plan,
                cost: claimed,
                bound,
                ..
            } => {
                assert_eq!(check(&problem, &plan), [], "seed {seed}");
                assert_eq!(cost(&problem, &plan), claimed, "seed {seed}");
                let least = least.expect("there is a plan");
                assert!(
                    claimed >= least && bound.0 <= least.0,
                    "seed {seed}: {bound:?} {least:?}"
                );
                // The first measure is proven.
                assert_eq!(
                    (claimed.0[0], bound.0[0]),
                    (least.0[0], least.0[0]),
                    "seed {seed}"
                );
                seen[1] += 1;
            }
            Answer::Impossible { why } => {
                assert_eq!(verify(&problem, &why), Ok(()), "seed {seed}");
                assert_eq!(least, None, "seed {seed}");
                seen[2] += 1;
            }
            Answer::Unknown { stopped, .. } => panic!("seed {seed}: {stopped}, {least:?}"),
        }
    }
    seen
}

#[test]
fn legs_on_sources_of_their_own_have_fewest_segments() {
    let [best, _, impossible] = compare(&BY_SOURCE, 0, 200);
    assert!(
        best > 100 && impossible > 30,
        "{best} best, {impossible} impossible"
    );
}

#[test]
fn legs_on_sources_of_their_own_have_fewest_sources() {
    let kind = Kind {
        objective: &[Measure::Sources],
        ..BY_SOURCE
    };
    let [best, found, impossible] = compare(&kind, 10_000, 200);
    assert_eq!(found, 0);
    assert!(
        best > 60 && impossible > 20,
        "{best} best, {impossible} impossible"
    );
}

#[test]
fn legs_in_racks_of_their_own_use_fewest_sources() {
    let kind = Kind {
        tags: 4,
        tags_of_source: 1,
        objective: &[Measure::Sources],
        ..BY_SOURCE
    };
    let [best, found, impossible] = compare(&kind, 20_000, 200);
    assert_eq!(found, 0);
    assert!(
        best > 60 && impossible > 20,
        "{best} best, {impossible} impossible"
    );
}

#[test]
fn a_source_in_several_racks_keeps_other_legs_out_of_each() {
    let kind = Kind {
        tags: 4,
        tags_of_source: 3,
        objective: &[Measure::Sources],
        ..BY_SOURCE
    };
    let [best, found, impossible] = compare(&kind, 30_000, 200);
    assert_eq!(found, 0);
    assert!(
        best > 60 && impossible > 20,
        "{best} best, {impossible} impossible"
    );
    let kind = Kind {
        objective: &[Measure::Segments],
        ..kind
    };
    let [best, found, impossible] = compare(&kind, 40_000, 150);
    assert_eq!(found, 0);
    assert!(
        best > 60 && impossible > 20,
        "{best} best, {impossible} impossible"
    );
}
