//! The measures of the objective as sums of columns, with the rows that make them true.

use crate::core::{Area, Measure, Separation, Size};
use crate::ip::IpError;
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{bound, whole};
use crate::ip::compile::outline::Outline;
use crate::ip::program::{Kind, Objective, Sense, Sum};

/// Parts per million, the unit of `balance`.
const MILLION: i64 = 1_000_000;

/// Adds every measure of the problem's objective.
pub(crate) fn add(
    draft: &mut Draft,
    outlines: &[Outline],
    requests: &[RequestColumns],
) -> Result<(), IpError> {
    for &measure in draft.problem.objective() {
        let sum = match measure {
            Measure::Unserved => unserved(draft, requests)?,
            Measure::Shortfall => shortfall(draft, requests)?,
            Measure::Elsewhere => elsewhere(draft, requests)?,
            Measure::Segments => segments(requests),
            Measure::Sources => sources(draft, outlines, requests),
            Measure::Balance => balance(draft)?,
            Measure::Fragments => fragments(draft)?,
            Measure::LargestArea => largest_area(draft)?,
        };
        let terms = sum.into_measure();
        draft.program.objectives.push(Objective { measure, terms });
    }
    Ok(())
}

fn unserved(draft: &Draft, requests: &[RequestColumns]) -> Result<Sum, IpError> {
    let mut sum = Sum::default();
    for (request, columns) in draft.problem.requests().iter().zip(requests) {
        if let (Some(value), Some(left_out)) = (request.value, columns.left_out) {
            sum.add(left_out, whole("value of a request", value)?);
        }
    }
    Ok(sum)
}

fn shortfall(draft: &Draft, requests: &[RequestColumns]) -> Result<Sum, IpError> {
    let mut sum = Sum::default();
    for (request, columns) in draft.problem.requests().iter().zip(requests) {
        if let Size::AtMost(wanted) = request.size {
            sum.add_sum(&columns.presence, whole("extents of a request", wanted)?);
            let stripes = whole("stripes", request.shape.stripes)?;
            sum.add_sum(&columns.leg_extents, -stripes);
        }
    }
    Ok(sum)
}

/// Extents of legs on places that the request does not prefer.
fn elsewhere(draft: &Draft, requests: &[RequestColumns]) -> Result<Sum, IpError> {
    let mut sum = Sum::default();
    for (request, columns) in draft.problem.requests().iter().zip(requests) {
        if request.cling_sources.is_empty() {
            continue;
        }
        let is_elsewhere = |place: usize| !request.cling_sources.contains(&draft.source_of(place));
        for cell in columns.cells.iter().flatten().flatten() {
            if is_elsewhere(cell.place) {
                sum.add(cell.extents, 1);
            }
        }
        let leg = whole("extents of a leg", request.leg_extents())?;
        for (place, count) in &columns.counts {
            if is_elsewhere(*place) {
                sum.add(*count, leg);
            }
        }
    }
    Ok(sum)
}

fn segments(requests: &[RequestColumns]) -> Sum {
    let mut sum = Sum::default();
    for columns in requests {
        if let Some(intervals) = &columns.intervals {
            sum.add_sum(intervals, 1);
            continue;
        }
        for cell in columns.cells.iter().flatten().flatten() {
            sum.add(cell.uses, 1);
        }
        for (_, join) in columns.joins.iter().flatten().flatten() {
            sum.add(*join, -1);
        }
        for (_, goes_on) in columns.goes_on.iter().flatten() {
            sum.add(*goes_on, -1);
        }
    }
    sum
}

/// Rows `source`: a source counts once per request.
fn sources(draft: &mut Draft, outlines: &[Outline], requests: &[RequestColumns]) -> Sum {
    let mut sum = Sum::default();
    for (index, columns) in requests.iter().enumerate() {
        let request = &draft.problem.requests()[index];
        // Where no source has two legs, nothing can count twice.
        let once = request.legs() == 1
            || !columns.counts.is_empty()
            || request.separation() == Separation::Leg
            || outlines[index].own_sources;
        for source in 0..draft.problem.sources().len() {
            let touches: Vec<Sum> = (0..columns.touches.len())
                .map(|leg| columns.touch(leg, source))
                .filter(|touch| !touch.is_zero())
                .collect();
            if once || touches.len() == 1 {
                for touch in &touches {
                    sum.add_sum(touch, 1);
                }
            } else if !touches.is_empty() {
                let column = draft.program.choice(format!("source_r{index}_s{source}"));
                for (number, touch) in touches.into_iter().enumerate() {
                    let name = format!("source_r{index}_s{source}_{number}");
                    draft
                        .program
                        .row(name, Sum::of(column), Sense::AtLeast, touch);
                }
                sum.add(column, 1);
            }
        }
    }
    sum
}

/// Rows `used` and `fill`: the highest fill of a source, rounded down to parts per million.
fn balance(draft: &mut Draft) -> Result<Sum, IpError> {
    let fill = draft.program.column(
        "fill".to_string(),
        0,
        bound("parts", 1_000_000)?,
        Kind::Raised,
    );
    for (index, source) in draft.problem.sources().iter().enumerate() {
        let extents = whole("extents of a source", source.extents)?;
        let held = whole("extents of a source", source.extents - source.free.total())?;
        let taken = taken_on(draft, |place| place.0 == index);
        if extents == 0 {
            continue;
        }
        // fill >= floor(million x used / extents) says the same as
        // million x used <= extents x fill + extents - 1.
        let mut left = Sum::number(MILLION.checked_mul(held).ok_or(too_large(source.extents))?);
        if !taken.is_zero() {
            let most = bound("free extents of a source", source.free.total())?;
            let used = draft
                .program
                .column(format!("used_s{index}"), 0, most, Kind::Integer);
            draft
                .program
                .row(format!("used_s{index}"), Sum::of(used), Sense::Equal, taken);
            left.add(used, MILLION);
        }
        let mut right = Sum::times(fill, extents);
        right.add_sum(&Sum::number(extents - 1), 1);
        draft
            .program
            .row(format!("fill_s{index}"), left, Sense::AtMost, right);
    }
    Ok(Sum::of(fill))
}

fn too_large(found: u64) -> IpError {
    IpError::TooLarge {
        what: "extents of a source".to_string(),
        found,
        most: i64::MAX.unsigned_abs() / MILLION.unsigned_abs(),
    }
}

/// Rows `open`: a free area that is not used up is left as a free area, however small.
fn fragments(draft: &mut Draft) -> Result<Sum, IpError> {
    let mut sum = Sum::default();
    for (index, source) in draft.problem.sources().iter().enumerate() {
        for area in source.free.iter() {
            let taken = taken_on(draft, |place| place.0 == index && area.contains(place.1));
            if taken.is_zero() {
                sum.add_sum(&Sum::number(1), 1);
                continue;
            }
            note_partly_offered(draft, index, area);
            let count = whole("extents of an area", area.count())?;
            let name = format!("open_s{index}_{}", area.start());
            let open = draft.program.choice(name.clone());
            let mut left = taken;
            left.add(open, count);
            draft
                .program
                .row(name, left, Sense::AtLeast, Sum::number(count));
            sum.add(open, 1);
        }
    }
    Ok(sum)
}

/// Rows `largest`: one free area is chosen to be the largest in the end; the measure is how much
/// shorter it is than the largest was.
fn largest_area(draft: &mut Draft) -> Result<Sum, IpError> {
    let longest = draft
        .problem
        .sources()
        .iter()
        .map(|source| source.free.longest())
        .max();
    let longest = longest.unwrap_or(0);
    if longest == 0 {
        return Ok(Sum::default());
    }
    let demand = draft.problem.requests().iter().fold(0u64, |sum, request| {
        sum.saturating_add(request.total_extents().unwrap_or(u64::MAX))
    });
    // The area that is largest now does not shrink by more than all that is asked for.
    let most = longest.min(demand);
    let shrinks = draft.program.column(
        "shrinks".to_string(),
        0,
        bound("extents of an area", most)?,
        Kind::Raised,
    );
    let mut all = Sum::default();
    for (index, source) in draft.problem.sources().iter().enumerate() {
        for area in source
            .free
            .iter()
            .filter(|area| longest - area.count() <= most)
        {
            let taken = taken_on(draft, |place| place.0 == index && area.contains(place.1));
            if !taken.is_zero() {
                note_partly_offered(draft, index, area);
            }
            let name = format!("largest_s{index}_{}", area.start());
            let kept = draft.program.choice(name.clone());
            all.add(kept, 1);
            let shorter = whole("extents of an area", longest - area.count())?;
            let slack = shorter + whole("extents of an area", area.count().min(demand))?;
            // shrinks >= shorter + taken, unless another area is kept.
            let mut left = taken;
            left.add_sum(&Sum::number(shorter - slack), 1);
            left.add(kept, slack);
            draft
                .program
                .row(name, left, Sense::AtMost, Sum::of(shrinks));
        }
    }
    draft
        .program
        .row("largest".to_string(), all, Sense::Equal, Sum::number(1));
    Ok(Sum::of(shrinks))
}

/// The extents taken on places that are chosen by source and area.
fn taken_on(draft: &Draft, is_chosen: impl Fn((usize, Area)) -> bool) -> Sum {
    let mut sum = Sum::default();
    for (place, taken) in draft.places.list.iter().zip(&draft.taken) {
        if is_chosen((place.source, place.area)) {
            sum.add_sum(taken, 1);
        }
    }
    sum
}

/// Where requests may use only parts of a free area, what they leave of it may be in more pieces
/// than the program sees.
fn note_partly_offered(draft: &mut Draft, source: usize, area: Area) {
    let here = draft
        .places
        .list
        .iter()
        .filter(|place| place.source == source);
    let is_whole = here
        .filter(|place| area.contains(place.area))
        .all(|place| place.area == area);
    if !is_whole {
        draft.program.relaxed = Some("requests may use only part of a free area");
    }
}
