//! A request as a problem.

use std::collections::{BTreeSet, HashMap};

use extentplan::core::{
    Area, Areas, Companion, Cuts, Place, Policy, Problem, Request, Segment, Separation, Shape,
    Size, Source, joined,
};

use crate::fault::Fault;
use crate::read::{Given, GivenSource, Grown, Key};
use crate::types::{
    ALLOC_ANYWHERE, ALLOC_APART_AS_NEEDED, ALLOC_APART_AT_EACH_OFFSET, ALLOC_APART_NOT,
    ALLOC_APART_THROUGHOUT, ALLOC_CLING, ALLOC_CLING_BY_TAGS, ALLOC_CONTIGUOUS, ALLOC_NORMAL,
};

/// What stands for every tag there is.
const EVERY_TAG: &str = "*";

/// The problem that a request asks, where `taken` is not given out again.
pub(crate) fn problem(given: &Given, taken: &HashMap<Key, Areas>) -> Result<Problem, Fault> {
    let indices = Indices::of(&given.sources)?;
    let grows = given.grows.as_ref();
    let grows = grows.map(|grown| segments(grown, &indices)).transpose()?;
    held_once(grows.as_deref().unwrap_or_default())?;
    let mut sources: Vec<Source> = given
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| self::source(index, source, taken))
        .collect();
    for segment in grows.iter().flatten().flatten() {
        if given.sources[segment.source].extents == 0 {
            let source = &mut sources[segment.source];
            source.extents = source.extents.max(segment.area.end());
        }
    }
    let names_tags = given.partition_by_tags || !given.cling_tags.is_empty();
    let every_tag = || -> BTreeSet<String> {
        let tags = sources.iter().filter(|_| names_tags);
        let tags = tags.flat_map(|source| source.tags.iter().chain(source.area_tags.keys()));
        tags.cloned().collect()
    };
    let cling_tags = match given.cling_tags.contains(EVERY_TAG) {
        true => every_tag(),
        false => given.cling_tags.clone(),
    };
    let partition_by_tags = match (given.partition_by_tags, given.cling_tags.is_empty()) {
        (false, _) => BTreeSet::new(),
        (true, true) => every_tag(),
        (true, false) => cling_tags.clone(),
    };
    let preferred = given.cling_sources.iter().enumerate();
    let preferred =
        preferred.map(|(member, key)| indices.get(key).ok_or(Fault::ClingsElsewhere { member }));
    let cling_sources = preferred.collect::<Result<_, Fault>>()?;
    let request = Request {
        name: "request".to_string(),
        size: match given.at_most {
            true => Size::AtMost(given.extents),
            false => Size::Exactly(given.extents),
        },
        shape: Shape {
            stripes: given.stripes,
            copies: given.copies,
            parity: given.parity,
        },
        metadata: (given.metadata > 0).then_some(Companion {
            extents: given.metadata,
            place: Place::Front,
        }),
        log: None,
        policy: match policy(given.policy)? {
            // Among no tags there is nothing but its own source that a leg clings to.
            Policy::ClingByTags if cling_tags.is_empty() && !given.cling_tags.is_empty() => {
                Policy::Cling
            }
            policy => policy,
        },
        separation: separation(given)?,
        // Images of an array have lists of their own; stripes have one together.
        cuts: match given.stripes > 1 && !is_array(given) {
            true => Cuts::Together,
            false => Cuts::Apart,
        },
        partition_by_tags,
        cling_tags,
        cling_sources,
        grows,
        allowed: None,
        area_tags: given.area_tags.clone(),
        avoid: Vec::new(),
        value: None,
    };
    Problem::new(sources, vec![request], Vec::new()).map_err(|defects| {
        let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
        Fault::Defects(words.join("; "))
    })
}

fn source(index: usize, given: &GivenSource, taken: &HashMap<Key, Areas>) -> Source {
    let reach = given.areas.last().map_or(0, |(area, _)| area.end());
    let free: Areas = given.areas.iter().map(|(area, _)| *area).collect();
    Source {
        name: index.to_string(),
        extents: match given.extents {
            0 => reach,
            extents => extents,
        },
        free: match taken.get(&given.key) {
            Some(taken) => free.difference(taken),
            None => free,
        },
        tags: given.tags.clone(),
        area_tags: given
            .area_tags
            .iter()
            .map(|(tag, areas)| (tag.clone(), areas.iter().copied().collect()))
            .collect(),
    }
}

/// Where in a request the source of a key stands.
struct Indices(Vec<(Key, usize)>);

impl Indices {
    fn of(sources: &[GivenSource]) -> Result<Indices, Fault> {
        let keys = sources.iter().enumerate();
        let mut keys: Vec<(Key, usize)> = keys.map(|(index, of)| (of.key, index)).collect();
        keys.sort_unstable();
        for pair in keys.windows(2) {
            if let &[(key, first), (next, second)] = pair
                && key == next
            {
                return Err(Fault::SameSource { first, second });
            }
        }
        Ok(Indices(keys))
    }

    fn get(&self, key: &Key) -> Option<usize> {
        let at = self.0.binary_search_by_key(key, |(key, _)| *key).ok()?;
        Some(self.0[at].1)
    }
}

fn segments(grown: &Grown, indices: &Indices) -> Result<Vec<Vec<Segment>>, Fault> {
    let of_leg = |(leg, segments): (usize, &Vec<(Key, Area)>)| {
        let segments = segments.iter().map(|(key, area)| {
            let source = indices.get(key).ok_or(Fault::GrowsElsewhere { leg })?;
            Ok(Segment {
                source,
                area: *area,
            })
        });
        Ok(joined(&segments.collect::<Result<Vec<_>, Fault>>()?))
    };
    grown.iter().enumerate().map(of_leg).collect()
}

/// No extent is part of two previous segments.
fn held_once(legs: &[Vec<Segment>]) -> Result<(), Fault> {
    let legs = legs.iter().enumerate();
    let of_leg = |(leg, segments): (usize, &'_ Vec<Segment>)| -> Vec<_> {
        segments.iter().map(|s| (s.source, s.area, leg)).collect()
    };
    let mut held: Vec<(usize, Area, usize)> = legs.flat_map(of_leg).collect();
    held.sort_unstable();
    for pair in held.windows(2) {
        if let &[(source_index, before, first), (next_source, area, second)] = pair
            && source_index == next_source
            && area.start() < before.end()
        {
            return Err(Fault::GrowsTwice {
                source_index,
                extent: area.start(),
                first,
                second,
            });
        }
    }
    Ok(())
}

fn policy(number: u32) -> Result<Policy, Fault> {
    match number {
        ALLOC_NORMAL => Ok(Policy::Normal),
        ALLOC_CONTIGUOUS => Ok(Policy::Contiguous),
        ALLOC_CLING => Ok(Policy::Cling),
        ALLOC_CLING_BY_TAGS => Ok(Policy::ClingByTags),
        ALLOC_ANYWHERE => Ok(Policy::Anywhere),
        other => Err(Fault::UnknownPolicy(other)),
    }
}

fn separation(given: &Given) -> Result<Separation, Fault> {
    match given.separation {
        ALLOC_APART_AS_NEEDED if is_array(given) => Ok(Separation::Leg),
        ALLOC_APART_AS_NEEDED | ALLOC_APART_AT_EACH_OFFSET => Ok(Separation::Segment),
        ALLOC_APART_THROUGHOUT => Ok(Separation::Leg),
        ALLOC_APART_NOT => Ok(Separation::None),
        other => Err(Fault::UnknownSeparation(other)),
    }
}

/// Whether it outlives the loss of a leg.
fn is_array(given: &Given) -> bool {
    given.copies > 1 || given.parity > 0
}
