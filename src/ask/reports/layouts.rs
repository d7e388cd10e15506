//! What plans take, before and after.

use std::collections::BTreeMap;

use crate::ask::reports::held::in_use;
use crate::ask::reports::pool::as_it_is;
use crate::core::{Allocation, Plan, Problem, Segment, Source, joined};
use crate::lvm::VolumeGroup;
use crate::show::{self, Held, Holder, Pictures, State, Table};

/// A plan with what it is a plan of.
#[derive(Clone, Copy)]
pub(crate) struct Layout<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) plan: &'a Plan,
    pub(crate) log_words: &'a [&'static str],
}

/// A piece of an allocation: what it is called, its leg, and where it lies.
struct Part {
    name: String,
    /// Of a log, as of a further leg.
    leg: usize,
    is_companion: bool,
    segments: Vec<Segment>,
}

/// Most legs that are told apart; of more the requests are.
const MOST_LEGS: usize = 7;

/// Most places that are listed without being asked for.
const MOST_PLACES: usize = 60;

/// The sources as they are, by what that is called, and behind that with what each of these layouts of the same
/// requests takes, by its heading.
pub(crate) fn pictures(
    (before, sources): (&str, &[Source]),
    group: Option<&VolumeGroup>,
    layouts: &[(&str, Layout<'_>)],
    extent_bytes: Option<u64>,
) -> Pictures {
    if let (Some(group), true) = (group, layouts.is_empty()) {
        return as_it_is(group);
    }
    let now = State {
        heading: before.to_string(),
        sources: sources.to_vec(),
        held: in_use(group),
    };
    let requests: Vec<Vec<(&str, Vec<Part>)>> =
        layouts.iter().map(|(_, layout)| parts(*layout)).collect();
    let legs = |requests: &Vec<(&str, Vec<Part>)>| {
        let parts = requests.iter().flat_map(|(_, parts)| parts);
        parts.filter(|part| !part.is_companion).count()
    };
    let by_leg = requests.iter().map(legs).max().unwrap_or(0) <= MOST_LEGS;
    let mut found = Pictures {
        states: vec![now.clone()],
        extent_bytes,
        ..Pictures::default()
    };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for ((heading, _), requests) in layouts.iter().zip(requests) {
        let mut after = State {
            heading: (*heading).to_string(),
            ..now.clone()
        };
        for (request, parts) in requests {
            for part in parts {
                let name = match by_leg {
                    true => format!("{request} leg {}", part.leg),
                    false => request.to_string(),
                };
                let holder = *numbers.entry(name.clone()).or_insert_with(|| {
                    found.holders.push(Holder { name });
                    found.holders.len() - 1
                });
                for segment in part.segments {
                    found.touched.insert(segment.source);
                    let source = &mut after.sources[segment.source];
                    source.free = source.free.difference(&segment.area.into());
                    after.held.push(Held {
                        source: segment.source,
                        area: segment.area,
                        holder: Some(holder),
                        leg: if by_leg { 0 } else { part.leg },
                        is_companion: part.is_companion,
                        name: part.name.clone(),
                    });
                }
            }
        }
        found.states.push(after);
    }
    found
}

/// Per request that is placed its name and its parts: each leg before what goes with it.
fn parts(layout: Layout<'_>) -> Vec<(&str, Vec<Part>)> {
    let pairs = layout
        .problem
        .requests()
        .iter()
        .zip(&layout.plan.allocations)
        .enumerate();
    let placed =
        pairs.filter_map(|(at, (request, allocation))| Some((at, request, allocation.as_ref()?)));
    let of = |at: usize, name: &str, allocation: &Allocation| {
        let mut parts = Vec::new();
        for (leg, segments) in allocation.legs.iter().enumerate() {
            parts.push(Part {
                name: format!("{name} leg {leg}"),
                leg,
                is_companion: false,
                segments: segments.clone(),
            });
            parts.extend(allocation.metadata.get(leg).map(|&segment| Part {
                name: format!("{name} leg {leg} metadata"),
                leg,
                is_companion: true,
                segments: vec![segment],
            }));
        }
        let count = allocation.logs.len();
        parts.extend(
            allocation
                .logs
                .iter()
                .enumerate()
                .map(|(log, &segment)| Part {
                    name: format!(
                        "{name} {}",
                        show::log_name(layout.log_words, at, (log, count))
                    ),
                    leg: 0,
                    is_companion: true,
                    segments: vec![segment],
                }),
        );
        parts
    };
    placed
        .map(|(at, request, allocation)| (request.name.as_str(), of(at, &request.name, allocation)))
        .collect()
}

/// Where each leg goes, as rows of words.
pub(crate) fn table(layout: Layout<'_>, extent_bytes: Option<u64>) -> Table {
    let row = |part: Part| {
        let count = part
            .segments
            .iter()
            .map(|segment| segment.area.count())
            .sum();
        let places = joined(&part.segments).into_iter().map(|segment| {
            format!(
                "{}:{}",
                layout.problem.sources()[segment.source].name,
                segment.area
            )
        });
        vec![
            part.name,
            show::extents(count, extent_bytes),
            places.collect::<Vec<_>>().join(" "),
        ]
    };
    let parts = || parts(layout).into_iter().flat_map(|(_, parts)| parts);
    let places: usize = parts().map(|part| joined(&part.segments).len()).sum();
    Table {
        caption: "Where each leg goes, extents from first to last".to_string(),
        header: ["What", "Size", "Where"].map(str::to_string).to_vec(),
        rows: parts().map(row).collect(),
        is_behind: places > MOST_PLACES,
    }
}
