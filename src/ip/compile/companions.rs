//! The rows of metadata that is not in front of its leg, and of logs.

use crate::core::{Place, Request, Separation};
use crate::ip::IpError;
use crate::ip::compile::apart::may_hold;
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{bound, whole};
use crate::ip::program::{Kind, Sense, Sum};

/// Adds the columns and rows of a request's companions.
pub(crate) fn add(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &mut RequestColumns,
) -> Result<(), IpError> {
    metadata(draft, index, request, columns)?;
    logs(draft, index, request, columns)
}

/// Rows `metadata` and `metadata_own`.
fn metadata(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &mut RequestColumns,
) -> Result<(), IpError> {
    let Some(companion) = request.metadata else {
        return Ok(());
    };
    let is_own = match companion.place {
        Place::Front => return Ok(()),
        Place::OwnSource => true,
        Place::AnySource => false,
    };
    let extents = whole("extents of metadata", companion.extents)?;
    for leg in 0..request.legs() {
        let mut list = Vec::new();
        for &place in &draft.places.of_request[index] {
            let fits = draft.extents_of(place) >= companion.extents;
            if fits && may_hold(draft.problem, request, leg, draft.places.list[place]) {
                let name = format!("metadata_r{index}_l{leg}_p{place}");
                let column = draft.program.choice(name);
                draft.taken[place].add(column, extents);
                list.push((place, column));
            }
        }
        let all: Sum = list.iter().map(|(_, column)| *column).collect();
        let name = format!("metadata_r{index}_l{leg}");
        draft
            .program
            .row(name, all, Sense::Equal, columns.presence.clone());
        columns.metadata.push(list);
    }
    if is_own {
        let all: Vec<(usize, usize)> = columns.metadata.iter().flatten().copied().collect();
        own_sources(draft, &format!("metadata_own_r{index}"), &all, 1, columns);
    }
    Ok(())
}

/// Rows `log`, `log_apart` and `log_own`.
fn logs(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &mut RequestColumns,
) -> Result<(), IpError> {
    let Some(log) = request.log else {
        return Ok(());
    };
    let extents = whole("extents of a log", log.extents)?;
    let count = whole("log areas", log.count)?;
    let most_per_source = match request.separation() {
        Separation::None => log.count,
        Separation::Segment | Separation::Leg => 1,
    };
    for &place in &draft.places.of_request[index] {
        let fit = draft.extents_of(place) / log.extents;
        let most = fit.min(most_per_source).min(log.count);
        if most > 0 {
            let name = format!("logs_r{index}_p{place}");
            let upper = bound("log areas", most)?;
            let column = draft.program.column(name, 0, upper, Kind::Integer);
            draft.taken[place].add(column, extents);
            columns.logs.push((place, column));
        }
    }
    let all: Sum = columns.logs.iter().map(|(_, column)| *column).collect();
    let name = format!("log_r{index}");
    draft
        .program
        .row(name, all, Sense::Equal, columns.presence.scaled(count));
    let logs = columns.logs.clone();
    match log.place {
        Place::OwnSource => {
            let most = whole("log areas", most_per_source)?;
            own_sources(draft, &format!("log_own_r{index}"), &logs, most, columns);
        }
        Place::Front | Place::AnySource => {
            if request.separation() != Separation::None {
                for (source, here) in by_source(draft, &logs) {
                    let name = format!("log_apart_r{index}_s{source}");
                    draft.program.row(name, here, Sense::AtMost, Sum::number(1));
                }
            }
        }
    }
    Ok(())
}

/// A source holds at most `most` of the pieces, and none where a leg of the request lies.
fn own_sources(
    draft: &mut Draft,
    name: &str,
    pieces: &[(usize, usize)],
    most: i64,
    columns: &RequestColumns,
) {
    for (source, here) in by_source(draft, pieces) {
        let row = format!("{name}_s{source}");
        draft
            .program
            .row(row, here.clone(), Sense::AtMost, Sum::number(most));
        for leg in 0..columns.touches.len() {
            let touch = columns.touch(leg, source);
            if !touch.is_zero() {
                let mut left = here.clone();
                left.add_sum(&touch, most);
                let row = format!("{name}_l{leg}_s{source}");
                draft
                    .program
                    .row(row, left, Sense::AtMost, Sum::number(most));
            }
        }
    }
}

/// The columns of pieces, summed by source.
fn by_source(draft: &Draft, pieces: &[(usize, usize)]) -> Vec<(usize, Sum)> {
    let mut sums: Vec<(usize, Sum)> = Vec::new();
    let mut sorted = pieces.to_vec();
    sorted.sort_unstable();
    for (place, column) in sorted {
        let source = draft.source_of(place);
        match sums.last_mut() {
            Some((last, sum)) if *last == source => sum.add(column, 1),
            Some(_) | None => sums.push((source, Sum::of(column))),
        }
    }
    sums
}
