//! The families: what is asked of which sources.

use crate::core::{
    Companion, Cuts, Measure, Place, Policy, Request, Separation, Shape, Size, Source,
};
use crate::generate::random::Random;
use crate::generate::sources::{self, Lengths, longest_leg};
use crate::generate::{Family, Settings};

/// What a problem is put together from.
pub(crate) struct Parts {
    pub(crate) sources: Vec<Source>,
    pub(crate) requests: Vec<Request>,
    pub(crate) objective: Vec<Measure>,
}

/// Sources and requests by the rule of the family. The numbers are in range.
pub(crate) fn parts(settings: &Settings, random: &mut Random) -> Parts {
    let both = vec![Measure::Segments, Measure::Sources];
    let kind = Kind::of(settings.family);
    let lengths = match settings.family {
        Family::Planted | Family::Triplets => return planted(settings, random),
        Family::Profiles => profiles(settings, random),
        Family::Raid
        | Family::Contiguous
        | Family::Stripes
        | Family::Racks
        | Family::Batch
        | Family::Full => {
            let sizes = (settings.smallest, settings.largest);
            sources::some(random, settings.sources, settings.areas, sizes)
        }
    };
    let mut placed = sources::placed(random, &lengths);
    let free: Vec<u64> = placed.iter().map(|source| source.free.total()).collect();
    let part = |extents: u64| {
        let part = u128::from(extents) * u128::from(settings.load) / 1_000;
        u64::try_from(part).expect("not more than all")
    };
    let legs = settings.legs;
    match settings.family {
        Family::Contiguous => Parts {
            requests: batch(settings, random, part(free.iter().sum()), kind),
            sources: placed,
            objective: vec![Measure::Segments],
        },
        Family::Batch => Parts {
            requests: batch(settings, random, part(free.iter().sum()), kind),
            sources: placed,
            objective: vec![Measure::Sources],
        },
        Family::Racks => {
            let mut racks = vec![0; usize::try_from(settings.racks).expect("in range")];
            for (index, source) in placed.iter_mut().enumerate() {
                let rack = index % racks.len();
                racks[rack] += source.free.total();
                source.tags.insert(format!("rack{rack}"));
            }
            second_racks(settings, random, &mut placed);
            let mut request = one(random, legs, part(longest_leg(&racks, legs)), kind);
            request.partition_by_tags =
                (0..racks.len()).map(|rack| format!("rack{rack}")).collect();
            // A rack without a source has no tag.
            request
                .partition_by_tags
                .retain(|tag| placed.iter().any(|s| s.tags.contains(tag)));
            Parts {
                sources: placed,
                requests: vec![request],
                objective: vec![Measure::Sources],
            }
        }
        Family::Full => Parts {
            requests: vec![one(random, legs, longest_leg(&free, legs), kind)],
            sources: placed,
            objective: both,
        },
        Family::Raid | Family::Profiles | Family::Stripes | Family::Planted | Family::Triplets => {
            Parts {
                requests: vec![one(random, legs, part(longest_leg(&free, legs)), kind)],
                sources: placed,
                objective: both,
            }
        }
    }
}

/// A second rack for some of the sources, each another than its own.
fn second_racks(settings: &Settings, random: &mut Random, sources: &mut [Source]) {
    let mut order: Vec<usize> = (0..sources.len()).collect();
    random.shuffle(&mut order);
    let both = usize::try_from(settings.both).expect("in range");
    for &index in order.iter().take(both) {
        let own = index as u64 % settings.racks;
        let other = (own + random.between(1, settings.racks - 1)) % settings.racks;
        sources[index].tags.insert(format!("rack{other}"));
    }
}

/// What requests of a family have in common.
#[derive(Clone, Copy)]
struct Kind {
    metadata: u64,
    policy: Policy,
    separation: Separation,
    is_striped: bool,
}

impl Kind {
    fn of(family: Family) -> Kind {
        let plain = Kind {
            metadata: 0,
            policy: Policy::Normal,
            separation: Separation::Leg,
            is_striped: false,
        };
        match family {
            Family::Raid | Family::Profiles => Kind {
                metadata: 1,
                ..plain
            },
            Family::Contiguous => Kind {
                policy: Policy::Contiguous,
                ..plain
            },
            Family::Stripes => Kind {
                separation: Separation::Segment,
                is_striped: true,
                ..plain
            },
            Family::Racks | Family::Batch | Family::Planted | Family::Triplets | Family::Full => {
                plain
            }
        }
    }
}

/// A request with `legs` legs of `leg` extents each, metadata included.
fn one(random: &mut Random, legs: u64, leg: u64, kind: Kind) -> Request {
    let shape = |stripes, copies, parity| Shape {
        stripes,
        copies,
        parity,
    };
    let mut shapes = vec![shape(1, legs, 0)];
    if legs >= 3 {
        shapes.push(shape(legs - 1, 1, 1));
    }
    if legs >= 4 {
        shapes.push(shape(legs - 2, 1, 2));
        if legs.is_multiple_of(2) {
            shapes.push(shape(legs / 2, 2, 0));
        }
    }
    let chosen = random.between(0, shapes.len() as u64 - 1);
    let shape = if kind.is_striped {
        shape(legs, 1, 0)
    } else {
        shapes[usize::try_from(chosen).expect("one of a few")]
    };
    let data = leg.saturating_sub(kind.metadata).max(1);
    Request {
        size: Size::Exactly(data * shape.stripes),
        shape,
        metadata: (kind.metadata > 0).then_some(Companion {
            extents: kind.metadata,
            place: Place::Front,
        }),
        policy: kind.policy,
        separation: kind.separation,
        cuts: if kind.is_striped {
            Cuts::Together
        } else {
            Cuts::Apart
        },
        ..Request::linear("data", 1)
    }
}

/// Requests of one to five legs (not more than there are sources) that take `total` extents together,
/// but for rounding.
fn batch(settings: &Settings, random: &mut Random, total: u64, kind: Kind) -> Vec<Request> {
    const MOST_LEGS: u64 = 5;
    /// Weights are from 1 to this: the longest leg is so many times the shortest.
    const SPREAD: u64 = 20;
    let most = MOST_LEGS.min(settings.sources);
    let drawn: Vec<(u64, u64)> = (0..settings.requests)
        .map(|_| (random.between(1, most), random.between(1, SPREAD)))
        .collect();
    let weights: u64 = drawn.iter().map(|(legs, weight)| legs * weight).sum();
    let mut request = |(index, &(legs, weight)): (usize, &(u64, u64))| {
        let leg = u128::from(total) * u128::from(weight) / u128::from(weights);
        let leg = u64::try_from(leg).expect("not more than all");
        Request {
            name: format!("r{index}"),
            ..one(random, legs, leg, kind)
        }
    };
    drawn.iter().enumerate().map(&mut request).collect()
}

/// Few kinds of sources.
fn profiles(settings: &Settings, random: &mut Random) -> Vec<Lengths> {
    let sizes = (settings.smallest, settings.largest);
    let kinds = sources::some(random, settings.profiles, settings.areas, sizes);
    (0..settings.sources)
        .map(|_| {
            let kind = random.between(0, kinds.len() as u64 - 1);
            kinds[usize::try_from(kind).expect("one of the kinds")].clone()
        })
        .collect()
}

/// So many sources for each leg add up to it exactly. What is left over comes on top, and what is moved
/// goes from one source to another.
fn planted(settings: &Settings, random: &mut Random) -> Parts {
    let (legs, leg) = (settings.legs, settings.largest);
    let mut sizes = Vec::new();
    for _ in 0..legs {
        sizes.extend(match settings.family {
            Family::Triplets => triplet(random, leg),
            Family::Raid
            | Family::Contiguous
            | Family::Stripes
            | Family::Racks
            | Family::Batch
            | Family::Profiles
            | Family::Planted
            | Family::Full => shares(random, leg, settings.each),
        });
    }
    random.shuffle(&mut sizes);
    // What is left over is spread evenly, the odd extents at random.
    let count = sizes.len() as u64;
    for size in &mut sizes {
        *size += settings.slack / count;
    }
    for _ in 0..settings.slack % count {
        let which = random.between(0, count - 1);
        sizes[usize::try_from(which).expect("one of them")] += 1;
    }
    if let [first, .., last] = &mut sizes[..] {
        let moved = settings.moved.min(last.saturating_sub(1));
        *first += moved;
        *last -= moved;
    }
    let lengths: Vec<Lengths> = sizes
        .into_iter()
        .map(|size| match settings.areas {
            1 => vec![size],
            areas => sources::lengths(random, size, areas),
        })
        .collect();
    Parts {
        sources: sources::placed(random, &lengths),
        requests: vec![one(random, legs, leg, Kind::of(settings.family))],
        objective: vec![Measure::Segments, Measure::Sources],
    }
}

/// Three sizes that add up to a leg, each between a quarter and a half of it.
///
/// # Source
/// Falkenauer: A hybrid grouping genetic algorithm for bin packing, 1996, section 5.
fn triplet(random: &mut Random, leg: u64) -> Vec<u64> {
    let first = random.between(leg * 38 / 100, leg * 49 / 100);
    let second = random.between(leg / 4 + 1, (leg - first) / 2);
    vec![first, second, leg - first - second]
}

/// So many sizes that add up to a leg, none less than half of its even share: so all are needed.
fn shares(random: &mut Random, leg: u64, count: u64) -> Vec<u64> {
    let least = leg / count / 2;
    let spare = leg - least * count;
    let mut cuts: Vec<u64> = (1..count).map(|_| random.between(0, spare)).collect();
    cuts.extend([0, spare]);
    cuts.sort_unstable();
    let sizes = cuts.windows(2).map(|pair| pair[1] - pair[0] + least);
    sizes.collect()
}
