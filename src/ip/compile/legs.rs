//! The rows of the legs themselves: length, link, one place at a time, joins, first segments.

use std::collections::BTreeSet;

use crate::core::{Measure, Place, Policy, Request, Segment, Separation, Size};
use crate::ip::IpError;
use crate::ip::compile::outline::{Outline, Stride, certain_offsets};
use crate::ip::compile::{Cell, Draft, RequestColumns, bound, cling, may_hold, whole};
use crate::ip::program::{Kind, Sense, Sum};

/// What holds for all legs in one step.
struct Step {
    /// Extents of the step.
    length: Sum,
    /// 1 if the legs are somewhere in this step.
    open: Sum,
    /// Most extents of the step.
    most: u64,
    /// Index of the phase.
    phase: usize,
}

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
    let (steps, cuts) = steps(draft, index, request, outline, &mut columns)?;
    for leg in 0..request.legs() {
        let cells = cells(draft, index, request, outline, leg, &steps)?;
        columns.cells.push(cells);
    }
    let name = |row: &str, leg: usize, step: usize| format!("{row}_r{index}_l{leg}_k{step}");
    for (leg, steps_of_leg) in columns.cells.iter().enumerate() {
        for (number, (step, cells)) in steps.iter().zip(steps_of_leg).enumerate() {
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
    fronts(draft, index, request, outline, &mut columns);
    goes_on(draft, index, request, &mut columns);
    if outline.joins() && draft.problem.objective().contains(&Measure::Segments) {
        joins(draft, index, outline, &mut columns);
    }
    columns.intervals = outline.together.then(|| {
        let joined = outline.phases.len() > 1;
        intervals(draft, index, &steps, &cuts, joined, &columns)
    });
    touches(draft, index, request, outline, &mut columns);
    avoided_by_length(draft, index, request, outline, &columns)?;
    Ok(columns)
}

/// Lengths of phases and steps, and where cuts are counted once, whether a step is an interval.
fn steps(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &mut RequestColumns,
) -> Result<(Vec<Step>, Vec<usize>), IpError> {
    let mut steps = Vec::new();
    let mut cuts = Vec::new();
    let mut before: Option<(Sum, i64)> = None;
    for (number, phase) in outline.phases.iter().enumerate() {
        let most = phase.offsets.count();
        let (limit, upper) = (
            whole("extents of a leg", most)?,
            bound("extents of a leg", most)?,
        );
        let (length, open) = match request.size {
            Size::Exactly(_) => (columns.presence.scaled(limit), columns.presence.clone()),
            Size::AtMost(_) => {
                let name = format!("extents_r{index}_f{number}");
                let length = Sum::of(draft.program.column(name, 0, upper, Kind::Integer));
                let open = match before {
                    None => columns.presence.clone(),
                    Some((last, full)) => {
                        // A phase opens when the one before it is full.
                        let open =
                            Sum::of(draft.program.choice(format!("open_r{index}_f{number}")));
                        let name = format!("phase_r{index}_f{number}");
                        draft
                            .program
                            .row(name, open.scaled(full), Sense::AtMost, last);
                        open
                    }
                };
                let most = open.scaled(limit);
                let name = format!("open_r{index}_f{number}");
                draft.program.row(name, length.clone(), Sense::AtMost, most);
                (length, open)
            }
        };
        if number == 0 {
            let name = format!("some_r{index}");
            let presence = columns.presence.clone();
            draft
                .program
                .row(name, length.clone(), Sense::AtLeast, presence);
        }
        columns.leg_extents.add_sum(&length, 1);
        let mut sum = Sum::default();
        for step in 0..phase.steps {
            let position = steps.len();
            let own = if phase.steps == 1 {
                length.clone()
            } else {
                let name = format!("extents_r{index}_k{position}");
                let least = i32::from(step == 0 && number == 0 && columns.left_out.is_none());
                Sum::of(draft.program.column(name, least, upper, Kind::Integer))
            };
            sum.add_sum(&own, 1);
            if step == 0 && number == 0 && columns.left_out.is_some() {
                let name = format!("some_r{index}_k0");
                let presence = columns.presence.clone();
                draft
                    .program
                    .row(name, own.clone(), Sense::AtLeast, presence);
            }
            let mut open = open.clone();
            if outline.together && position > 0 {
                let cut = draft
                    .program
                    .choice(format!("interval_r{index}_k{position}"));
                cuts.push(cut);
                if outline.phases.len() == 1 {
                    let name = format!("interval_r{index}_k{position}");
                    let most = Sum::times(cut, limit);
                    draft.program.row(name, own.clone(), Sense::AtMost, most);
                    let earlier = match cuts.as_slice() {
                        [.., earlier, _] => Sum::of(*earlier),
                        [_] | [] => columns.presence.clone(),
                    };
                    let name = format!("order_r{index}_k{position}");
                    draft
                        .program
                        .row(name, Sum::of(cut), Sense::AtMost, earlier);
                    open = Sum::of(cut);
                }
            }
            let most = phase.offsets.count();
            let phase = number;
            steps.push(Step {
                length: own,
                open,
                most,
                phase,
            });
        }
        if phase.steps > 1 {
            let name = format!("phase_length_r{index}_f{number}");
            draft.program.row(name, sum, Sense::Equal, length.clone());
        }
        before = Some((length, limit));
    }
    Ok((steps, cuts))
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
            let kind = if places.are_apart() {
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
    if !may_hold(problem, request, leg, place.source) {
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

/// Rows `front`: the metadata lies in front of the leg's first segment, in its place.
fn fronts(
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
fn goes_on(draft: &mut Draft, index: usize, request: &Request, columns: &mut RequestColumns) {
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
fn joins(draft: &mut Draft, index: usize, outline: &Outline, columns: &mut RequestColumns) {
    for leg in 0..columns.cells.len() {
        let steps = columns.cells[leg].clone();
        let mut list: Vec<Vec<(usize, usize)>> = Vec::new();
        for (number, pair) in steps.windows(2).enumerate() {
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
fn intervals(
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
