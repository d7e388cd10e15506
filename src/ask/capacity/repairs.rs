//! Repairs in words: those that differ in nothing but the source are one row.

use std::collections::BTreeMap;

use crate::capacity::{Remedy, Repair};
use crate::core::{Policy, Source};
use crate::show;

/// Runs of sources that a row names.
const MOST_RUNS: usize = 6;

/// Something that helps.
pub(crate) struct RepairRow {
    pub(crate) words: String,
    /// Whether less of the same is proven not to do.
    pub(crate) is_smallest: bool,
}

/// The repairs in their order; one source growing by so much stands for every other of which the same is said.
pub(crate) fn repair_rows(repairs: &[Repair], extent_bytes: Option<u64>) -> Vec<RepairRow> {
    let mut alike: BTreeMap<(u64, bool), Vec<&str>> = BTreeMap::new();
    for repair in repairs {
        if let Some((extents, names)) = one_source(&repair.remedy) {
            let key = (extents, repair.is_smallest);
            alike.entry(key).or_default().extend(names);
        }
    }
    let row = |repair: &Repair| {
        let sources = repair.layout.problem.sources();
        let words = match one_source(&repair.remedy) {
            None => remedy_words(&repair.remedy, sources, extent_bytes),
            Some((extents, _)) => {
                // The first of them is a row for all.
                let names = alike.remove(&(extents, repair.is_smallest))?;
                let what = more(extents, extent_bytes);
                format!("{what} on {}", among(sources, &names, "any one"))
            }
        };
        Some(RepairRow {
            words,
            is_smallest: repair.is_smallest,
        })
    };
    repairs.iter().filter_map(row).collect()
}

/// By how much one source grows, and which sources that can be.
fn one_source(remedy: &Remedy) -> Option<(u64, impl Iterator<Item = &str>)> {
    let Remedy::Grow { sources, twins } = remedy else {
        return None;
    };
    let [(name, extents)] = sources.as_slice() else {
        return None;
    };
    Some((
        *extents,
        std::iter::once(name).chain(twins).map(String::as_str),
    ))
}

/// The policy as command lines spell it.
pub(crate) fn policy_name(policy: Policy) -> &'static str {
    match policy {
        Policy::Contiguous => "contiguous",
        Policy::Cling => "cling",
        Policy::ClingByTags => "cling_by_tags",
        Policy::Normal => "normal",
        Policy::Anywhere => "anywhere",
    }
}

/// `12 more extents (48.00 MiB)`.
fn more(extents: u64, extent_bytes: Option<u64>) -> String {
    show::extents(extents, extent_bytes).replacen(" extent", " more extent", 1)
}

/// A remedy in words; `sources` are those of the problem that it is for.
pub(crate) fn remedy_words(
    remedy: &Remedy,
    sources: &[Source],
    extent_bytes: Option<u64>,
) -> String {
    let size = |extents: u64| show::extents(extents, extent_bytes);
    match remedy {
        Remedy::Grow {
            sources: grown,
            twins: _,
        } => {
            // Those that grow alike are one part.
            let mut alike: Vec<(u64, Vec<&str>)> = Vec::new();
            for (name, extents) in grown {
                match alike.iter_mut().find(|(other, _)| other == extents) {
                    Some((_, names)) => names.push(name),
                    None => alike.push((*extents, vec![name])),
                }
            }
            let words = alike.into_iter().map(|(extents, names)| {
                let what = more(extents, extent_bytes);
                format!("{what} on {}", among(sources, &names, "each"))
            });
            words.collect::<Vec<_>>().join(" and ")
        }
        Remedy::GrowAny { tag, extents } => {
            let more = more(*extents, extent_bytes);
            format!("{more} on any source tagged {tag}")
        }
        Remedy::Add { extents, tags } => {
            let mut words: Vec<String> = Vec::new();
            for chunk in extents.chunk_by(|one, other| one == other) {
                words.push(format!("{} of {}", chunk.len(), size(chunk[0])));
            }
            let tags: Vec<String> = tags.iter().map(|tag| format!(" @{tag}")).collect();
            format!("new disks: {}{}", words.join(" and "), tags.concat())
        }
        Remedy::Free {
            holder,
            source,
            areas,
        } => {
            let ranges: Vec<String> = areas.iter().map(|area| area.to_string()).collect();
            let total = size(areas.total());
            format!(
                "free {total} of {holder} on {source}: {}",
                ranges.join(", ")
            )
        }
        Remedy::Policy { request, from, to } => format!(
            "policy {} instead of {} for {request}",
            policy_name(*to),
            policy_name(*from)
        ),
        Remedy::Stripes { request, from, to } => {
            let noun = if *to == 1 { "stripe" } else { "stripes" };
            format!("{to} {noun} instead of {from} for {request}")
        }
        Remedy::Shrink { request, from, to } => {
            format!("{} less for {request}: {}", size(from - to), size(*to))
        }
        Remedy::Drop { request } => format!("without {request}"),
    }
}

/// `pv0`, or `each of 3 sources: pv0 .. pv2`.
fn among(sources: &[Source], names: &[&str], which: &str) -> String {
    if let [name] = names {
        return (*name).to_string();
    }
    let place = |name: &&str| sources.iter().position(|one| one.name == **name);
    let places: Vec<usize> = names.iter().filter_map(place).collect();
    let runs = runs(sources, &places);
    format!("{which} of {} sources: {runs}", names.len())
}

/// `a, b, d .. k and 7 more`: sources by index, in their order, those that follow each other by the first and the last.
pub(crate) fn runs(sources: &[Source], indices: &[usize]) -> String {
    let mut indices = indices.to_vec();
    indices.sort_unstable();
    indices.dedup();
    let mut words = Vec::new();
    let mut left = indices.len();
    for run in indices.chunk_by(|one, next| one + 1 == *next) {
        if words.len() >= MOST_RUNS {
            break;
        }
        left -= run.len();
        let name = |at: usize| sources[run[at]].name.as_str();
        match run.len() {
            count @ 1..=2 => words.extend((0..count).map(|at| name(at).to_string())),
            count => words.push(format!("{} .. {}", name(0), name(count - 1))),
        }
    }
    let more = match left {
        0 => String::new(),
        left => format!(" and {left} more"),
    };
    words.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(count: usize) -> Vec<Source> {
        let source = |at: usize| Source {
            name: format!("s{at}"),
            ..Source::default()
        };
        (0..count).map(source).collect()
    }

    #[test]
    fn sources_are_named_by_the_ends_of_runs() {
        let sources = sources(60);
        assert_eq!(runs(&sources, &[3]), "s3");
        assert_eq!(runs(&sources, &[5, 4]), "s4, s5");
        assert_eq!(
            runs(&sources, &[0, 1, 2, 7, 9, 10, 11, 12]),
            "s0 .. s2, s7, s9 .. s12"
        );
        let even: Vec<usize> = (0..60).step_by(2).collect();
        assert_eq!(runs(&sources, &even), "s0, s2, s4, s6, s8, s10 and 24 more");
    }

    #[test]
    fn sources_that_grow_alike_are_said_once() {
        let grow = |pairs: &[(usize, u64)]| Remedy::Grow {
            sources: pairs
                .iter()
                .map(|(at, extents)| (format!("s{at}"), *extents))
                .collect(),
            twins: Vec::new(),
        };
        let words = |pairs: &[(usize, u64)]| remedy_words(&grow(pairs), &sources(9), None);
        assert_eq!(words(&[(1, 5)]), "5 more extents on s1");
        assert_eq!(
            words(&[(1, 5), (2, 7), (3, 5), (4, 5)]),
            "5 more extents on each of 3 sources: s1, s3, s4 and 7 more extents on s2"
        );
    }
}
