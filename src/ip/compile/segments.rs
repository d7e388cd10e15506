//! Where segments begin and how they go on: first segments, joins from step to step, intervals.

use crate::core::{Policy, Request};
use crate::ip::IpError;
use crate::ip::compile::columns::{Cell, RequestColumns};
use crate::ip::compile::draft::Draft;
use crate::ip::compile::outline::{Outline, Stride};
use crate::ip::compile::steps::Step;
use crate::ip::program::{Sense, Sum};

/// Rows `front`: the metadata lies in front of the leg's first segment, in its place.
pub(crate) fn fronts(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &mut RequestColumns,
) {
    let Ok(front) = i64::try_from(request.front_extents()) else {
        // No place is that long, so the request does not fit.
        draft.program.row(
            format!("front_r{index}"),
            columns.presence.clone(),
            Sense::AtMost,
            Sum::default(),
        );
        return;
    };
    if front == 0 {
        return;
    }
    for leg in 0..request.legs() {
        let cells = columns.cells[leg][0].clone();
        let mut list = Vec::new();
        for cell in cells {
            let fits = draft.extents_of(cell.place) > request.front_extents();
            let column = match outline.stride {
                // Where a leg lies on one place at a time, it begins where its first step is.
                Stride::One => cell.uses,
                Stride::Many if !fits => continue,
                Stride::Many => {
                    let id = format!("r{index}_l{leg}_p{}", cell.place);
                    let column = draft.program.choice(format!("front_{id}"));
                    let (uses, takes) = (Sum::of(cell.uses), Sum::of(cell.extents));
                    let program = &mut draft.program;
                    program.row(
                        format!("front_uses_{id}"),
                        Sum::of(column),
                        Sense::AtMost,
                        uses,
                    );
                    program.row(
                        format!("front_takes_{id}"),
                        takes,
                        Sense::AtLeast,
                        Sum::of(column),
                    );
                    column
                }
            };
            list.push((cell.place, column));
            draft.taken[cell.place].add(column, front);
        }
        if outline.stride == Stride::Many {
            let sum: Sum = list.iter().map(|(_, column)| *column).collect();
            let name = format!("front_r{index}_l{leg}");
            draft
                .program
                .row(name, sum, Sense::Equal, columns.presence.clone());
        }
        columns.fronts.push(list);
    }
}

/// Rows `goes_on`: a leg that goes on where it ended adds no segment, and starts its place.
pub(crate) fn goes_on(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &mut RequestColumns,
) {
    let legs = request.legs();
    columns.goes_on = vec![None; legs];
    let Some(previous) = &request.grows else {
        return;
    };
    for (leg, segments) in previous.iter().enumerate() {
        let last = segments
            .last()
            .expect("a leg that grows has previous segments");
        let found = columns.cells[leg][0].iter().find(|cell| {
            let place = draft.places.list[cell.place];
            place.source == last.source && place.area.start() == last.area.end()
        });
        let Some(cell) = found.copied().filter(|_| request.front_extents() == 0) else {
            if request.policy == Policy::Contiguous {
                // Nothing is free behind the leg, or metadata would have to be there.
                let name = format!("goes_on_r{index}_l{leg}");
                draft.program.row(
                    name,
                    columns.presence.clone(),
                    Sense::AtMost,
                    Sum::default(),
                );
            }
            continue;
        };
        let column = if request.policy == Policy::Contiguous {
            cell.uses
        } else {
            let id = format!("r{index}_l{leg}");
            let column = draft.program.choice(format!("goes_on_{id}"));
            let (uses, takes) = (Sum::of(cell.uses), Sum::of(cell.extents));
            let program = &mut draft.program;
            program.row(
                format!("goes_on_uses_{id}"),
                Sum::of(column),
                Sense::AtMost,
                uses,
            );
            program.row(
                format!("goes_on_takes_{id}"),
                takes,
                Sense::AtLeast,
                Sum::of(column),
            );
            column
        };
        draft.pinned[cell.place].add(column, 1);
        columns.goes_on[leg] = Some((cell.place, column));
    }
}

/// Rows `join`: from one step into the next without a cut.
pub(crate) fn joins(
    draft: &mut Draft,
    index: usize,
    outline: &Outline,
    columns: &mut RequestColumns,
) -> Result<(), IpError> {
    for leg in 0..columns.cells.len() {
        let steps = columns.cells[leg].clone();
        let mut list: Vec<Vec<(usize, usize)>> = Vec::new();
        for (number, pair) in steps.windows(2).enumerate() {
            draft.go_on()?;
            let mut joined = Vec::new();
            for cell in &pair[0] {
                let Some(next) = pair[1].iter().find(|next| next.place == cell.place) else {
                    continue;
                };
                let id = format!("r{index}_l{leg}_k{number}_p{}", cell.place);
                let join = draft.program.choice(format!("joins_{id}"));
                let (here, there) = (Sum::of(cell.uses), Sum::of(next.uses));
                draft
                    .program
                    .row(format!("join_{id}_out"), Sum::of(join), Sense::AtMost, here);
                draft
                    .program
                    .row(format!("join_{id}_in"), Sum::of(join), Sense::AtMost, there);
                joined.push((cell.place, join));
            }
            if outline.stride == Stride::Many {
                let all: Sum = joined.iter().map(|(_, join)| *join).collect();
                let name = format!("join_r{index}_l{leg}_k{number}");
                draft.program.row(name, all, Sense::AtMost, Sum::number(1));
            }
            list.push(joined);
        }
        if outline.stride == Stride::Many {
            for (number, cells) in steps.iter().enumerate() {
                draft.go_on()?;
                let mut entries: Vec<(usize, usize)> = match number.checked_sub(1) {
                    Some(earlier) => list[earlier].clone(),
                    None => columns.fronts.get(leg).cloned().unwrap_or_default(),
                };
                if number == 0 {
                    entries.extend(columns.goes_on[leg]);
                }
                let exits = list.get(number).map_or(&[][..], Vec::as_slice);
                through(
                    draft,
                    &format!("through_r{index}_l{leg}_k{number}"),
                    cells,
                    &entries,
                    exits,
                );
            }
        }
        columns.joins.push(list);
    }
    Ok(())
}

/// Rows `through`: a segment that begins and ends a step fills it, so no other place is used.
fn through(
    draft: &mut Draft,
    name: &str,
    cells: &[Cell],
    entries: &[(usize, usize)],
    exits: &[(usize, usize)],
) {
    let Ok(others) = i64::try_from(cells.len().saturating_sub(1)) else {
        return;
    };
    for &(place, exit) in exits {
        for &(_, entry) in entries.iter().filter(|(entered, _)| *entered == place) {
            let uses = cells.iter().filter(|cell| cell.place != place);
            let mut left: Sum = uses.map(|cell| cell.uses).collect();
            left.add(entry, others);
            left.add(exit, others);
            let right = Sum::number(2 * others);
            draft
                .program
                .row(format!("{name}_p{place}"), left, Sense::AtMost, right);
        }
    }
}

/// Intervals of legs that are cut together; the first step always is one, unless all legs go on.
pub(crate) fn intervals(
    draft: &mut Draft,
    index: usize,
    steps: &[Step],
    cuts: &[usize],
    joined: bool,
    columns: &RequestColumns,
) -> Sum {
    let mut count = columns.presence.clone();
    for (before, &cut) in cuts.iter().enumerate() {
        count.add(cut, 1);
        if joined {
            for (leg, joins) in columns.joins.iter().enumerate() {
                let mut left: Sum = joins[before].iter().map(|(_, join)| *join).collect();
                left.add(cut, 1);
                let name = format!("interval_r{index}_l{leg}_k{}", before + 1);
                let open = steps[before + 1].open.clone();
                draft.program.row(name, left, Sense::AtLeast, open);
            }
        }
    }
    let goes_on: Option<Vec<usize>> = columns
        .goes_on
        .iter()
        .map(|leg| leg.map(|(_, column)| column))
        .collect();
    if let Some(legs) = goes_on {
        let all = draft.program.choice(format!("all_go_on_r{index}"));
        for (leg, column) in legs.into_iter().enumerate() {
            let name = format!("all_go_on_r{index}_l{leg}");
            draft
                .program
                .row(name, Sum::of(all), Sense::AtMost, Sum::of(column));
        }
        count.add(all, -1);
    }
    count
}
