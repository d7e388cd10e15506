//! The rows of the legs themselves: length, link, one place at a time, which sources they touch.

use std::collections::BTreeSet;

use crate::core::{Measure, Place, Policy, Request, Segment, Separation, Size};
use crate::ip::IpError;
use crate::ip::compile::apart::may_hold;
use crate::ip::compile::cling;
use crate::ip::compile::columns::{Cell, RequestColumns};
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{bound, whole};
use crate::ip::compile::outline::{Outline, Stride, certain_offsets};
use crate::ip::compile::segments;
use crate::ip::compile::steps::{self, Step};
use crate::ip::program::{Kind, Sense, Sum};

/// Adds the columns and rows of a request's legs.
pub(crate) fn add(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
) -> Result<RequestColumns, IpError> {
    let mut columns = RequestColumns {
        legs: request.legs(),
        phases: outline.phases.len(),
        presence: Sum::number(1),
        ..RequestColumns::default()
    };
    if request.value.is_some() {
        let left_out = draft.program.choice(format!("left_out_r{index}"));
        columns.left_out = Some(left_out);
        columns.presence.add(left_out, -1);
    }
    let (steps, cuts) = steps::steps(draft, index, request, outline, &mut columns)?;
    for leg in 0..request.legs() {
        let cells = cells(draft, index, request, outline, leg, &steps)?;
        columns.cells.push(cells);
    }
    let name = |row: &str, leg: usize, step: usize| format!("{row}_r{index}_l{leg}_k{step}");
    for (leg, steps_of_leg) in columns.cells.iter().enumerate() {
        for (number, (step, cells)) in steps.iter().zip(steps_of_leg).enumerate() {
            draft.go_on()?;
            let extents: Sum = cells.iter().map(|cell| cell.extents).collect();
            let length = step.length.clone();
            draft
                .program
                .row(name("length", leg, number), extents, Sense::Equal, length);
            if outline.stride == Stride::One {
                let uses: Sum = cells.iter().map(|cell| cell.uses).collect();
                let open = step.open.clone();
                draft
                    .program
                    .row(name("one", leg, number), uses, Sense::Equal, open);
            }
            for cell in cells {
                draft.taken[cell.place].add(cell.extents, 1);
            }
        }
    }
    segments::fronts(draft, index, request, outline, &mut columns);
    segments::goes_on(draft, index, request, &mut columns);
    if outline.joins() && draft.problem.objective().contains(&Measure::Segments) {
        segments::joins(draft, index, outline, &mut columns)?;
    }
    columns.intervals = outline.together.then(|| {
        let joined = outline.phases.len() > 1;
        segments::intervals(draft, index, &steps, &cuts, joined, &columns)
    });
    touches(draft, index, request, outline, &mut columns);
    avoided_by_length(draft, index, request, outline, &columns)?;
    Ok(columns)
}

/// Where a leg may be, step by step, with rows `link`.
fn cells(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    leg: usize,
    steps: &[Step],
) -> Result<Vec<Vec<Cell>>, IpError> {
    let places = draft.places;
    let mut open: Vec<usize> = places.of_request[index].clone();
    open.retain(|&place| may_lie(draft, request, leg, place));
    let mut cells = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        draft.go_on()?;
        let avoided = avoided(request, outline, step.phase);
        let mut row = Vec::new();
        for &place in &open {
            if avoided.contains(&draft.source_of(place)) {
                continue;
            }
            let most = step.most.min(draft.extents_of(place));
            let id = format!("r{index}_l{leg}_k{number}_p{place}");
            let uses = draft.program.choice(format!("uses_{id}"));
            // Where places overlap, what is left is no network.
            // Where they are summed up in a measure, it is none either.
            let is_network = places.are_apart() && request.cling_sources.is_empty();
            let kind = if is_network {
                Kind::Follows
            } else {
                Kind::Integer
            };
            let upper = bound("extents of a leg", most)?;
            let extents = draft.program.column(format!("takes_{id}"), 0, upper, kind);
            let limit = Sum::times(uses, i64::from(upper));
            let name = format!("link_{id}");
            draft
                .program
                .row(name, Sum::of(extents), Sense::AtMost, limit);
            row.push(Cell {
                place,
                uses,
                extents,
            });
        }
        cells.push(row);
    }
    Ok(cells)
}

/// Whether a leg may have new extents on a place, for its policy and what the request already has.
fn may_lie(draft: &Draft, request: &Request, leg: usize, place: usize) -> bool {
    let problem = draft.problem;
    let place = draft.places.list[place];
    if !may_hold(problem, request, leg, place) {
        return false;
    }
    let previous = request.grows.as_ref().map(|legs| legs[leg].as_slice());
    match (request.policy, previous) {
        (Policy::Contiguous, grown) => {
            let goes_on = grown.and_then(<[Segment]>::last).is_none_or(|last| {
                last.source == place.source && last.area.end() == place.area.start()
            });
            let piece = certain_offsets(request).saturating_add(request.front_extents());
            goes_on && place.area.count() >= piece
        }
        (Policy::Cling, Some(segments)) => segments
            .iter()
            .any(|segment| segment.source == place.source),
        (Policy::ClingByTags, Some(_)) if problem.goes_by_area_tags(request) => true,
        (Policy::ClingByTags, Some(segments)) => {
            cling::within_reach(problem, request, segments).contains(&place.source)
        }
        (Policy::Cling | Policy::ClingByTags | Policy::Normal | Policy::Anywhere, _) => true,
    }
}

/// Sources that are avoided in a phase. A contiguous leg is at all offsets on one source.
fn avoided(request: &Request, outline: &Outline, phase: usize) -> BTreeSet<usize> {
    let end = if request.policy == Policy::Contiguous {
        certain_offsets(request)
    } else {
        outline.phases[phase].offsets.end()
    };
    let start = outline.phases[phase].offsets.start();
    let meets = request
        .avoid
        .iter()
        .filter(|avoidance| avoidance.offsets.start() < end && start < avoidance.offsets.end());
    meets
        .flat_map(|avoidance| avoidance.sources.iter().copied())
        .collect()
}

/// Rows `avoid`: a contiguous leg of "at most" size ends before its source is avoided.
fn avoided_by_length(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &RequestColumns,
) -> Result<(), IpError> {
    if request.policy != Policy::Contiguous || matches!(request.size, Size::Exactly(_)) {
        return Ok(());
    }
    let all = outline.phases[0].offsets.count();
    for (leg, steps) in columns.cells.iter().enumerate() {
        for cell in &steps[0] {
            let source = draft.source_of(cell.place);
            let starts = request
                .avoid
                .iter()
                .filter(|avoidance| avoidance.sources.contains(&source))
                .map(|avoidance| avoidance.offsets.start());
            if let Some(start) = starts.min().filter(|start| *start < all) {
                let mut left = columns.leg_extents.clone();
                left.add(cell.uses, whole("extents of a leg", all - start)?);
                let name = format!("avoid_r{index}_l{leg}_p{}", cell.place);
                let right = Sum::number(whole("extents of a leg", all)?);
                draft.program.row(name, left, Sense::AtMost, right);
            }
        }
    }
    Ok(())
}

/// Whether any rule or measure asks which sources a leg touches.
fn needs_touches(draft: &Draft, request: &Request, outline: &Outline) -> bool {
    let own = |place: Place| match place {
        Place::OwnSource => true,
        Place::Front | Place::AnySource => false,
    };
    let by_policy = match request.policy {
        Policy::Cling | Policy::ClingByTags => true,
        Policy::Contiguous | Policy::Normal | Policy::Anywhere => false,
    };
    by_policy
        || outline.own_sources
        || request.separation() == Separation::Leg
        || !request.partition_by_tags.is_empty()
        || request.metadata.is_some_and(|metadata| own(metadata.place))
        || request.log.is_some_and(|log| own(log.place))
        || draft.problem.objective().contains(&Measure::Sources)
}

/// Rows `touch`: on which sources a leg lies.
fn touches(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &mut RequestColumns,
) {
    let is_used = needs_touches(draft, request, outline);
    for (leg, steps) in columns.cells.iter().enumerate() {
        let mut list: Vec<(usize, Sum)> = Vec::new();
        let cells: Vec<Cell> = steps.iter().flatten().copied().collect();
        let mut sources: Vec<usize> = cells
            .iter()
            .map(|cell| draft.source_of(cell.place))
            .collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources.into_iter().filter(|_| is_used) {
            let here: Vec<usize> = cells
                .iter()
                .filter(|cell| draft.source_of(cell.place) == source)
                .map(|cell| cell.uses)
                .collect();
            // One place at a time in a single step, or a single place: the uses say it themselves.
            let is_plain = here.len() == 1 || (steps.len() == 1 && outline.stride == Stride::One);
            let touch = if is_plain {
                here.into_iter().collect()
            } else {
                let id = format!("r{index}_l{leg}_s{source}");
                let column = draft.program.choice(format!("touches_{id}"));
                for (number, uses) in here.into_iter().enumerate() {
                    let name = format!("touch_{id}_{number}");
                    draft
                        .program
                        .row(name, Sum::of(column), Sense::AtLeast, Sum::of(uses));
                }
                Sum::of(column)
            };
            list.push((source, touch));
        }
        columns.touches.push(list);
    }
}
