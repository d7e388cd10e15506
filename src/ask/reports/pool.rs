//! A pool as it is, as a report.

use crate::ask::pool::Pool;
use crate::ask::reports::facts::{Made, facts};
use crate::ask::reports::held::held;
use crate::lvm::{self, VolumeGroup};
use crate::show::{self, Figure, Pictures, Report, Section, State};

/// The sources of a pool, their free areas and who holds what; `text` is the same for a terminal.
#[must_use]
pub fn pool_report(pool: &Pool, text: String, made: &Made) -> Report {
    let (group, title) = match pool {
        Pool::Group(group) => (Some(group), format!("Volume group {}", group.name)),
        Pool::Native(_) => (None, "Sources and their free extents".to_string()),
    };
    let (holders, held) = group.map_or_else(Default::default, held);
    let (sources, extent_bytes) = (pool.sources(), pool.extent_bytes());
    let total = sources
        .iter()
        .map(|source| source.extents)
        .fold(0, u64::saturating_add);
    let free = sources
        .iter()
        .map(|source| source.free.total())
        .fold(0, u64::saturating_add);
    let noun = if sources.len() == 1 {
        "source"
    } else {
        "sources"
    };
    let words = format!(
        "{} {noun}, {}; free: {}",
        sources.len(),
        show::extents(total, extent_bytes),
        show::extents(free, extent_bytes)
    );
    let state = State {
        heading: "now".to_string(),
        sources,
        held,
    };
    Report {
        title,
        facts: facts(group, extent_bytes, made),
        sections: vec![Section {
            heading: "Who holds what".to_string(),
            words: vec![words],
            figure: Some(Figure::Pictures(Pictures {
                holders,
                states: vec![state],
                extent_bytes,
                ..Pictures::default()
            })),
            tables: Vec::new(),
        }],
        text,
        ..Report::default()
    }
}

/// The physical volumes of a group as they are.
pub(crate) fn who_holds_what(group: &VolumeGroup) -> Section {
    Section {
        heading: "Who holds what".to_string(),
        figure: Some(Figure::Pictures(as_it_is(group))),
        ..Section::default()
    }
}

/// Who holds what in a group.
pub(crate) fn as_it_is(group: &VolumeGroup) -> Pictures {
    let (holders, held) = held(group);
    Pictures {
        holders,
        states: vec![State {
            heading: "now".to_string(),
            sources: lvm::sources(group),
            held,
        }],
        extent_bytes: Some(group.extent_bytes()),
        ..Pictures::default()
    }
}
