//! Tiny problems from a seed, with every key of the format and every kind of objective, small enough for
//! [`crate::common::oracle`].
//!
//! Beside [`crate::common::generate`], which shrinks what fails, this one has larger and emptier sources,
//! growth right behind what is there, values of all sizes, and any order of some measures.

use std::collections::{BTreeMap, BTreeSet};

use extentplan::core::{
    Area, Areas, Avoidance, Companion, Cuts, Log, Measure, Place, Policy, Problem, Request,
    Segment, Separation, Shape, Size, Source,
};

use crate::common::random::Random;

/// Most extents of all sources: the oracle numbers them by bits.
const MOST_EXTENTS: u64 = 64;

/// About how many sets of extents the oracle may have to look at: mostly few, now and then many.
const MOST_SETS: [f64; 5] = [300.0, 300.0, 3_000.0, 3_000.0, 20_000.0];

/// The problem of a seed. Every seed has one.
pub fn problem(seed: u64) -> Problem {
    let mut random = Random(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
    let most_sets = one_of(&mut random, &MOST_SETS);
    loop {
        let sources = sources(&mut random);
        let count = 1 + random.below(2) * random.below(5);
        let requests = (0..count).map(|index| request(&mut random, &sources, index));
        let Some(requests) = requests.collect::<Option<Vec<Request>>>() else {
            continue;
        };
        if sets(&sources, &requests) > most_sets {
            continue;
        }
        if let Ok(problem) = Problem::new(sources, requests, objective(&mut random)) {
            return problem;
        }
    }
}

fn is_one_in(random: &mut Random, count: u64) -> bool {
    random.below(count) == 0
}

fn one_of<T: Copy>(random: &mut Random, from: &[T]) -> T {
    let index = random.below(from.len() as u64);
    from[usize::try_from(index).expect("an index")]
}

/// One to four measures in any order, now and then all or none.
fn objective(random: &mut Random) -> Vec<Measure> {
    let count = match random.below(20) {
        0 => 0,
        1 => Measure::ALL.len() as u64,
        _ => random.between(1, 4),
    };
    let mut left = Measure::ALL.to_vec();
    let draw = |_| {
        let index = random.below(left.len() as u64);
        left.remove(usize::try_from(index).expect("an index"))
    };
    (0..count).map(draw).collect()
}

/// Up to seven sources, nearly full to nearly empty.
fn sources(random: &mut Random) -> Vec<Source> {
    let most = one_of(random, &[3, 5, 7]);
    let count = random.between(1, most);
    let most = one_of(random, &[3, 6, 12, MOST_EXTENTS / count]);
    let mut sources: Vec<Source> = (0..count)
        .map(|index| {
            let extents = match random.below(20) {
                0 => 0,
                _ => random.between(1, most.min(MOST_EXTENTS / count)),
            };
            let free = free(random, extents);
            Source {
                name: format!("s{index}"),
                extents,
                area_tags: area_tags(random, &free),
                free,
                tags: tags(random),
            }
        })
        .collect();
    // Some that cannot be told apart.
    if is_one_in(random, 4) {
        let first = sources[0].clone();
        for source in sources.iter_mut().skip(1).take(2) {
            *source = Source {
                name: source.name.clone(),
                ..first.clone()
            };
        }
    }
    sources
}

fn free(random: &mut Random, extents: u64) -> Areas {
    let longest = one_of(random, &[1, 3, 9, 30]);
    let mut areas = Vec::new();
    let mut start = random.below(3);
    while start < extents {
        let count = random.between(1, longest).min(extents - start);
        areas.extend(Area::new(start, count));
        start += count + random.between(1, 3);
    }
    areas.into_iter().collect()
}

/// Mostly none; else a stretch of the source that carries a tag.
fn area_tags(random: &mut Random, free: &Areas) -> BTreeMap<String, Areas> {
    let mut tagged = BTreeMap::new();
    for _ in 0..random.below(6).saturating_sub(3) {
        let tag = one_of(random, &["x", "y", "w"]).to_string();
        let stretch = Area::new(random.below(9), random.between(1, 9)).map(Areas::from);
        let stretch = stretch.unwrap_or_default().intersection(free);
        if !stretch.is_empty() {
            tagged.insert(tag, stretch);
        }
    }
    tagged
}

fn tags(random: &mut Random) -> BTreeSet<String> {
    let count = random.below(3);
    (0..count)
        .map(|_| one_of(random, &["x", "y", "z"]).to_string())
        .collect()
}

/// About how many sets of extents the requests can take, one after another.
fn sets(sources: &[Source], requests: &[Request]) -> f64 {
    let free: u64 = sources.iter().map(|source| source.free.total()).sum();
    // The oracle passes through every smaller number of extents.
    let ways = |count: u64| -> f64 {
        let mut sets = 1.0_f64;
        let mut most = sets;
        for taken in 0..count.min(free) {
            sets *= (free - taken) as f64 / (taken + 1) as f64;
            most = most.max(sets);
        }
        most
    };
    let wanted = |request: &Request| request.total_extents().unwrap_or(u64::MAX);
    // Legs are told apart, and a piece that does not fit anywhere ends it at once.
    let of_request = |request: &Request| match wanted(request) {
        wanted if wanted > free + 2 => f64::MAX,
        wanted => ways(wanted) * (request.legs() as f64).powi(2) * wanted as f64 / 4.0,
    };
    requests.iter().map(of_request).product()
}

fn request(random: &mut Random, sources: &[Source], index: u64) -> Option<Request> {
    let shape = one_of(
        random,
        &[
            (1, 1, 0),
            (1, 1, 0),
            (1, 1, 0),
            (1, 2, 0),
            (2, 1, 0),
            (1, 3, 0),
            (3, 1, 0),
            (2, 2, 0),
            (2, 1, 1),
            (1, 1, 1),
        ],
    );
    let shape = Shape {
        stripes: shape.0,
        copies: shape.1,
        parity: shape.2,
    };
    let leg = random.between(1, 5);
    let mut request = Request::linear(&format!("r{index}"), leg * shape.stripes);
    request.shape = shape;
    if is_one_in(random, 6) {
        request.size = Size::AtMost(leg * shape.stripes);
    }
    request.policy = one_of(
        random,
        &[
            Policy::Contiguous,
            Policy::Cling,
            Policy::ClingByTags,
            Policy::Normal,
            Policy::Normal,
            Policy::Anywhere,
        ],
    );
    request.separation = one_of(
        random,
        &[Separation::Segment, Separation::Leg, Separation::None],
    );
    request.cuts = one_of(random, &[Cuts::Together, Cuts::Apart]);
    if is_one_in(random, 3) {
        let place = one_of(
            random,
            &[
                Place::Front,
                Place::Front,
                Place::OwnSource,
                Place::AnySource,
            ],
        );
        request.metadata = Some(Companion {
            extents: random.between(1, 3),
            place,
        });
    }
    if is_one_in(random, 6) {
        request.log = Some(Log {
            extents: random.between(1, 2),
            count: random.between(1, 2),
            place: one_of(random, &[Place::OwnSource, Place::AnySource]),
        });
    }
    let known = sources
        .iter()
        .flat_map(|s| s.tags.iter().chain(s.area_tags.keys()));
    let known: BTreeSet<String> = known.cloned().collect();
    let mut some_known = |is_asked: bool| -> BTreeSet<String> {
        let some = tags(random).into_iter().filter(|tag| known.contains(tag));
        if is_asked {
            some.collect()
        } else {
            BTreeSet::new()
        }
    };
    request.cling_tags = some_known(request.policy == Policy::ClingByTags);
    request.partition_by_tags = some_known(true);
    if is_one_in(random, 2) {
        request.partition_by_tags.clear();
    }
    if is_one_in(random, 4) {
        request.grows = Some(grown(random, sources, request.legs())?);
    }
    if is_one_in(random, 4) {
        request.allowed = Some(allowed(random, sources));
    }
    if is_one_in(random, 8) {
        let tag = one_of(random, &["x", "y", "w"]).to_string();
        request
            .area_tags
            .extend(known.contains(&tag).then_some(tag));
    }
    if is_one_in(random, 6) {
        let source = usize::try_from(random.below(sources.len() as u64)).expect("an index");
        request.cling_sources.insert(source);
    }
    if is_one_in(random, 6) {
        request.avoid = avoided(random, sources, leg);
    }
    if is_one_in(random, 4) {
        request.value = Some(one_of(random, &[0, 1, 1, 2, 3, 100, 1 << 40]));
    }
    Some(request)
}

/// Per leg up to two segments that are in use; often the last one ends where free extents begin.
fn grown(random: &mut Random, sources: &[Source], legs: usize) -> Option<Vec<Vec<Segment>>> {
    let mut used = Vec::new();
    for (source, real) in sources.iter().enumerate() {
        let whole = Areas::from(Area::new(0, real.extents)?);
        used.extend(
            whole
                .difference(&real.free)
                .iter()
                .map(|area| Segment { source, area }),
        );
    }
    let mut of_legs = vec![Vec::new(); legs];
    for segments in &mut of_legs {
        for _ in 0..random.between(1, 2) {
            if used.is_empty() {
                return None;
            }
            let at = usize::try_from(random.below(used.len() as u64)).expect("an index");
            segments.push(used[at]);
            if !is_one_in(random, 4) {
                used.remove(at);
            }
            if used.is_empty() {
                break;
            }
        }
    }
    Some(of_legs)
}

fn allowed(random: &mut Random, sources: &[Source]) -> Vec<(usize, Option<Vec<Area>>)> {
    let mut entries: Vec<(usize, Option<Vec<Area>>)> = Vec::new();
    for _ in 0..random.between(1, 4) {
        let index = usize::try_from(random.below(sources.len() as u64)).expect("an index");
        let extents = sources[index].extents;
        if entries.iter().any(|(other, _)| *other == index) || extents == 0 {
            continue;
        }
        let ranges = is_one_in(random, 2).then(|| {
            (0..random.between(1, 2))
                .filter_map(|_| {
                    let start = random.below(extents);
                    Area::new(start, random.between(1, extents - start))
                })
                .collect()
        });
        entries.push((index, ranges));
    }
    entries
}

/// Some stretches of offsets, often of one source and short: a leg may leave it and come back.
fn avoided(random: &mut Random, sources: &[Source], leg: u64) -> Vec<Avoidance> {
    let any = |random: &mut Random| {
        usize::try_from(random.below(sources.len() as u64)).expect("an index")
    };
    let (first, comes_back) = (any(random), is_one_in(random, 2));
    let longest = if comes_back { leg.div_ceil(3) } else { leg };
    let stretches = if comes_back { 3 } else { 2 };
    (0..random.between(1, stretches))
        .filter_map(|_| {
            let other = any(random);
            let source = if comes_back { first } else { other };
            Some(Avoidance {
                offsets: Area::new(random.below(leg), random.between(1, longest))?,
                sources: BTreeSet::from([source]),
            })
        })
        .collect()
}
