//! Many sources in a few groups, by tag and by how full they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::Source;
use crate::show::report::ticks::fill;

/// Sources that are alike.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// Indices of the sources, at least one.
    pub(crate) members: Vec<usize>,
}

/// Most different tags that groups are made of; with five degrees of fill that is as many as can be looked over.
const MOST_TAGS: usize = 11;

/// The groups of these sources, by tag and within a tag the fullest first.
///
/// Sources go together that have the same tags. Where that makes too many kinds, each goes by the one of its tags that
/// most sources have, and those of rare tags go together.
pub(crate) fn groups(sources: &[Source], members: &[usize]) -> Vec<Group> {
    let of_all = |at: usize| {
        let words: Vec<String> = sources[at]
            .tags
            .iter()
            .map(|tag| format!("@{tag}"))
            .collect();
        words.join(" ")
    };
    let mut kinds: BTreeMap<usize, String> = members.iter().map(|&at| (at, of_all(at))).collect();
    if are_many(&kinds) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in members.iter().flat_map(|&at| &sources[at].tags) {
            *counts.entry(tag).or_default() += 1;
        }
        let most_common = |at: usize| {
            let tags = sources[at].tags.iter();
            tags.max_by_key(|tag| (counts[tag.as_str()], std::cmp::Reverse(tag.as_str())))
        };
        let kept = |at: usize| most_common(at).map_or(String::new(), |tag| format!("@{tag}"));
        kinds = members.iter().map(|&at| (at, kept(at))).collect();
    }
    if are_many(&kinds) {
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for kind in kinds.values() {
            *counts.entry(kind).or_default() += 1;
        }
        let mut by_count: Vec<(&String, usize)> = counts.into_iter().collect();
        by_count.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
        let kept: BTreeSet<String> = by_count
            .into_iter()
            .take(MOST_TAGS - 1)
            .map(|(kind, _)| kind.clone())
            .collect();
        for kind in kinds.values_mut().filter(|kind| !kept.contains(*kind)) {
            *kind = "other tags".to_string();
        }
    }
    let mut groups: BTreeMap<(String, usize), Vec<usize>> = BTreeMap::new();
    for (at, kind) in kinds {
        let source = &sources[at];
        let degree = degree(fill(source.extents, source.free.total()));
        groups.entry((kind, degree)).or_default().push(at);
    }
    let named = groups.into_iter().map(|((kind, degree), members)| Group {
        name: match kind.is_empty() {
            true => DEGREES[degree].to_string(),
            false => format!("{kind}, {}", DEGREES[degree]),
        },
        members,
    });
    named.collect()
}

fn are_many(kinds: &BTreeMap<usize, String>) -> bool {
    kinds.values().collect::<BTreeSet<_>>().len() > MOST_TAGS
}

/// How full sources are, the fullest first.
const DEGREES: [&str; 5] = [
    "full",
    "80 to 99 % full",
    "50 to 79 % full",
    "1 to 49 % full",
    "less than 1 % full",
];

fn degree(fill: u64) -> usize {
    match fill {
        100.. => 0,
        80..100 => 1,
        50..80 => 2,
        1..50 => 3,
        0 => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Area, Areas};

    fn source(at: usize, tags: &[String]) -> Source {
        let free = u64::try_from(at % 11).expect("small") * 10;
        Source {
            name: format!("s{at}"),
            extents: 100,
            free: Area::new(0, free).into_iter().collect::<Areas>(),
            tags: tags.iter().cloned().collect(),
            ..Source::default()
        }
    }

    #[test]
    fn each_source_is_in_one_of_few_groups() {
        for tags in [0usize, 1, 3, 900] {
            let own = |at: usize| -> Vec<String> {
                let tags = (0..tags.min(2)).map(|more| format!("t{}", (at + more) % tags.max(1)));
                tags.collect()
            };
            let sources: Vec<Source> = (0..1_000).map(|at| source(at, &own(at))).collect();
            let members: Vec<usize> = (0..1_000).collect();
            let found = groups(&sources, &members);
            assert!(
                found.len() <= MOST_TAGS * DEGREES.len(),
                "{tags}: {}",
                found.len()
            );
            let mut all: Vec<usize> = found.into_iter().flat_map(|group| group.members).collect();
            all.sort_unstable();
            assert_eq!(all, members);
        }
    }
}
