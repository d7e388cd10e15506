//! The rows that keep legs apart: separation and tag partition.

use std::collections::BTreeMap;

use crate::core::{Problem, Request, Separation};
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::outline::{Outline, Stride};
use crate::ip::compile::places::Place;
use crate::ip::program::{Sense, Sum};

/// Adds the rows that keep the legs of a request apart.
pub(crate) fn add(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &mut RequestColumns,
) {
    if request.legs() == 1 {
        return;
    }
    match request.separation() {
        Separation::None => {}
        Separation::Segment if outline.own_sources => {
            for (source, touches) in per_source(columns.touches.iter().flatten()) {
                let name = format!("separation_r{index}_s{source}");
                draft
                    .program
                    .row(name, touches, Sense::AtMost, Sum::number(1));
            }
        }
        Separation::Segment => by_step(draft, index, columns),
        Separation::Leg => {}
    }
    let is_leg = request.separation() == Separation::Leg;
    if is_leg || !request.partition_by_tags.is_empty() {
        let holds = holds(draft, index, request, columns);
        if is_leg {
            for (source, legs) in per_source(holds.iter().flatten()) {
                let name = format!("separation_r{index}_s{source}");
                draft.program.row(name, legs, Sense::AtMost, Sum::number(1));
            }
        }
        columns.tagged = partition(draft, index, request, outline, columns, &holds);
    }
}

/// Rows `separation` by offset: in every step a source has at most one leg.
fn by_step(draft: &mut Draft, index: usize, columns: &RequestColumns) {
    let steps = columns.cells.first().map_or(0, Vec::len);
    for step in 0..steps {
        let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
        for cell in columns.cells.iter().flat_map(|leg| &leg[step]) {
            sums.entry(draft.source_of(cell.place))
                .or_default()
                .add(cell.uses, 1);
        }
        for (source, uses) in sums {
            let name = format!("separation_r{index}_k{step}_s{source}");
            draft.program.row(name, uses, Sense::AtMost, Sum::number(1));
        }
    }
}

/// Rows `hold`: per leg the sources that it or its metadata is on.
fn holds(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &RequestColumns,
) -> Vec<Vec<(usize, Sum)>> {
    if columns.metadata.is_empty() {
        return columns.touches.clone();
    }
    let mut holds = Vec::new();
    for leg in 0..request.legs() {
        let mut metadata: BTreeMap<usize, Sum> = BTreeMap::new();
        for &(place, column) in &columns.metadata[leg] {
            metadata
                .entry(draft.source_of(place))
                .or_default()
                .add(column, 1);
        }
        let mut list: Vec<(usize, Sum)> = Vec::new();
        for (source, touch) in &columns.touches[leg] {
            let sum = match metadata.remove(source) {
                None => touch.clone(),
                Some(pieces) => {
                    let id = format!("r{index}_l{leg}_s{source}");
                    let column = draft.program.choice(format!("holds_{id}"));
                    for (name, what) in [("leg", touch.clone()), ("metadata", pieces)] {
                        let row = format!("hold_{name}_{id}");
                        draft
                            .program
                            .row(row, Sum::of(column), Sense::AtLeast, what);
                    }
                    Sum::of(column)
                }
            };
            list.push((*source, sum));
        }
        list.extend(metadata);
        holds.push(list);
    }
    holds
}

/// Rows `partition`: at most one leg on the sources and areas that carry a tag.
fn partition(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &RequestColumns,
    holds: &[Vec<(usize, Sum)>],
) -> Vec<Vec<(String, Sum)>> {
    let mut tagged_legs = vec![Vec::new(); holds.len()];
    for (number, tag) in request.partition_by_tags.iter().enumerate() {
        let mut all = Sum::default();
        for (leg, list) in holds.iter().enumerate() {
            let of_source = |source: usize| draft.problem.sources()[source].tags.contains(tag);
            let on_sources = list.iter().filter(|(source, _)| of_source(*source));
            let mut tagged: Vec<Sum> = on_sources.map(|(_, sum)| sum.clone()).collect();
            // Single areas of other sources.
            let of_area =
                |place: usize| !of_source(draft.source_of(place)) && draft.has_tag(place, tag);
            let cells = columns.cells[leg].iter().flatten();
            let cells = cells.map(|cell| (cell.place, cell.uses));
            let metadata = columns.metadata.get(leg).into_iter().flatten().copied();
            let on_areas = cells.chain(metadata).filter(|(place, _)| of_area(*place));
            tagged.extend(on_areas.map(|(_, column)| Sum::of(column)));
            // A leg that is on one source only cannot count twice.
            let is_single = outline.stride == Stride::One
                && outline.steps() == 1
                && (request.metadata.is_none() || request.front_extents() > 0);
            let mut of_leg = Sum::default();
            if tagged.len() == 1 || is_single {
                for sum in &tagged {
                    of_leg.add_sum(sum, 1);
                }
            } else if !tagged.is_empty() {
                let id = format!("r{index}_l{leg}_t{number}");
                let column = draft.program.choice(format!("tagged_{id}"));
                for (position, sum) in tagged.into_iter().enumerate() {
                    let name = format!("tagged_{id}_{position}");
                    draft
                        .program
                        .row(name, Sum::of(column), Sense::AtLeast, sum);
                }
                of_leg.add(column, 1);
            }
            all.add_sum(&of_leg, 1);
            if !of_leg.is_zero() {
                tagged_legs[leg].push((tag.clone(), of_leg));
            }
        }
        let name = format!("partition_r{index}_t{number}");
        draft.program.row(name, all, Sense::AtMost, Sum::number(1));
    }
    tagged_legs
}

/// Sums over legs, by source.
fn per_source<'a>(holds: impl Iterator<Item = &'a (usize, Sum)>) -> BTreeMap<usize, Sum> {
    let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
    for (source, sum) in holds {
        sums.entry(*source).or_default().add_sum(sum, 1);
    }
    sums
}

/// Whether a leg may put new extents or metadata on a place, for what other legs already have there
/// (rows `separation` and `partition` with previous segments).
pub(crate) fn may_hold(problem: &Problem, request: &Request, leg: usize, place: Place) -> bool {
    let Some(previous) = &request.grows else {
        return true;
    };
    let others = previous
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != leg);
    let mut held = others.flat_map(|(_, segments)| segments.iter().map(|segment| segment.source));
    let source = &problem.sources()[place.source];
    let is_apart = request.separation() == Separation::Leg;
    !held.any(|other| {
        let other_tags = &problem.sources()[other].tags;
        (is_apart && other == place.source)
            || request
                .partition_by_tags
                .iter()
                .any(|tag| source.has_tag(place.area, tag) && other_tags.contains(tag))
    })
}
