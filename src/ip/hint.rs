//! From a plan to values of columns, for a backend to start from: the reverse of decoding, in part.
//!
//! A hint may leave columns open, and a backend may find that it does not fit: then it is ignored.

use std::collections::BTreeSet;

use crate::core::{Allocation, Plan, Problem, Segment};
use crate::ip::compile::{Cell, Columns, Compiled, Meaning, Places, RequestColumns};

/// Values of some columns in a solution that stands for `plan`.
pub(crate) fn hint(compiled: &Compiled, problem: &Problem, plan: &Plan) -> Vec<(usize, i32)> {
    match &compiled.meaning {
        Meaning::Areas(columns) => hint_areas(columns, problem, plan),
        Meaning::Bundles(bundles) => bundles.hint(plan),
    }
}

fn hint_areas(all: &Columns, problem: &Problem, plan: &Plan) -> Vec<(usize, i32)> {
    let mut values = Vec::new();
    for (columns, allocation) in all.requests.iter().zip(&plan.allocations) {
        if let Some(left_out) = columns.left_out {
            values.push((left_out, i32::from(allocation.is_none())));
        }
        let Some(allocation) = allocation else {
            continue;
        };
        for &(place, column) in &columns.counts {
            let starts = allocation.legs.iter().filter_map(|leg| leg.first());
            let here = starts
                .filter(|segment| holds(&all.places, place, segment))
                .count();
            values.push((column, i32::try_from(here).unwrap_or(i32::MAX)));
        }
        // Over several phases it would take as much care to hint as to solve.
        if columns.phases == 1 {
            hint_legs(problem, &all.places, columns, allocation, &mut values);
        }
    }
    values
}

/// Where the legs are, step by step; a step ends wherever a leg is cut.
fn hint_legs(
    problem: &Problem,
    places: &Places,
    columns: &RequestColumns,
    allocation: &Allocation,
    values: &mut Vec<(usize, i32)>,
) {
    let legs: Vec<Vec<Segment>> = allocation
        .legs
        .iter()
        .map(|leg| problem.joined(leg))
        .collect();
    let mut edges = BTreeSet::from([0, allocation.leg_extents()]);
    let steps = columns.cells.first().map_or(0, Vec::len);
    if steps > 1 {
        for leg in &legs {
            let mut offset = 0;
            for segment in leg {
                edges.insert(offset);
                offset += segment.area.count();
            }
        }
    }
    let edges: Vec<u64> = edges.into_iter().collect();
    for (leg, cells) in legs.iter().zip(&columns.cells) {
        for (step, cells) in cells.iter().enumerate() {
            let window = edges.get(step..step + 2).map(|pair| (pair[0], pair[1]));
            for cell in cells {
                let (takes, uses) = in_window(places, leg, *cell, window);
                let repeats = window.is_none() && columns.intervals.is_none();
                let last = leg
                    .last()
                    .is_some_and(|last| holds(places, cell.place, last));
                values.push((cell.extents, takes));
                values.push((cell.uses, i32::from(uses || (repeats && last))));
            }
        }
    }
}

/// Extents that a leg has on a cell's place between two offsets, and whether it has any.
fn in_window(
    places: &Places,
    leg: &[Segment],
    cell: Cell,
    window: Option<(u64, u64)>,
) -> (i32, bool) {
    let Some((from, to)) = window else {
        return (0, false);
    };
    let mut offset = 0u64;
    let mut sum = 0u64;
    for segment in leg {
        let end = offset + segment.area.count();
        if holds(places, cell.place, segment) {
            sum += end.min(to).saturating_sub(offset.max(from));
        }
        offset = end;
    }
    (i32::try_from(sum).unwrap_or(i32::MAX), sum > 0)
}

fn holds(places: &Places, place: usize, segment: &Segment) -> bool {
    let place = places.list[place];
    place.source == segment.source && place.area.contains(segment.area)
}
