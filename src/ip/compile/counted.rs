//! Contiguous legs that are alike, counted: how many of a request's legs are on a place.

use crate::core::{Cuts, Place, Policy, Request, Separation, Size};
use crate::ip::IpError;
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{bound, whole};
use crate::ip::program::{Kind, Sense, Sum};

/// Whether the legs of a request are alike, and each one piece of known length.
pub(crate) fn fit(request: &Request) -> bool {
    request.policy == Policy::Contiguous
        && request.grows.is_none()
        && matches!(request.size, Size::Exactly(_))
        && request
            .metadata
            .is_none_or(|metadata| metadata.place == Place::Front)
}

/// Adds the columns and rows of a request whose legs are counted.
pub(crate) fn add(
    draft: &mut Draft,
    index: usize,
    request: &Request,
) -> Result<RequestColumns, IpError> {
    let legs = request.legs() as u64;
    let count = whole("legs", legs)?;
    let mut columns = RequestColumns {
        legs: request.legs(),
        phases: 1,
        presence: Sum::number(1),
        ..RequestColumns::default()
    };
    if request.value.is_some() {
        let left_out = draft.program.choice(format!("left_out_r{index}"));
        columns.left_out = Some(left_out);
        columns.presence.add(left_out, -1);
    }
    let piece = request
        .leg_extents()
        .saturating_add(request.front_extents());
    let most_per_source = match request.separation() {
        Separation::None => legs,
        Separation::Segment | Separation::Leg => 1,
    };
    let is_avoided = |source: usize| {
        let leg = request.leg_extents();
        let early = request
            .avoid
            .iter()
            .filter(|avoidance| avoidance.offsets.start() < leg);
        early
            .into_iter()
            .any(|avoidance| avoidance.sources.contains(&source))
    };
    for &place in &draft.places.of_request[index] {
        let most = (draft.extents_of(place) / piece).min(most_per_source);
        if most > 0 && !is_avoided(draft.source_of(place)) {
            let name = format!("legs_r{index}_p{place}");
            let column = draft
                .program
                .column(name, 0, bound("legs", most)?, Kind::Integer);
            draft.taken[place].add(column, whole("extents of a leg", piece)?);
            columns.counts.push((place, column));
        }
    }
    let all: Sum = columns.counts.iter().map(|(_, column)| *column).collect();
    draft.program.row(
        format!("legs_r{index}"),
        all,
        Sense::Equal,
        columns.presence.scaled(count),
    );
    columns.leg_extents = columns
        .presence
        .scaled(whole("extents of a leg", request.leg_extents())?);
    columns.intervals = Some(match request.cuts {
        Cuts::Together => columns.presence.clone(),
        Cuts::Apart => columns.presence.scaled(count),
    });
    let mut touches: Vec<(usize, Sum)> = Vec::new();
    for &(place, column) in &columns.counts {
        let source = draft.source_of(place);
        match touches.last_mut() {
            Some((last, sum)) if *last == source => sum.add(column, 1),
            Some(_) | None => touches.push((source, Sum::of(column))),
        }
    }
    for (source, sum) in &mut touches {
        if most_per_source > 1 {
            let touch = draft.program.choice(format!("touches_r{index}_s{source}"));
            let name = format!("touch_r{index}_s{source}");
            draft
                .program
                .row(name, sum.clone(), Sense::AtMost, Sum::times(touch, count));
            *sum = Sum::of(touch);
        } else {
            let name = format!("separation_r{index}_s{source}");
            draft
                .program
                .row(name, sum.clone(), Sense::AtMost, Sum::number(1));
        }
    }
    for (number, tag) in request.partition_by_tags.iter().enumerate() {
        let tagged = columns.counts.iter();
        let tagged = tagged.filter(|(place, _)| draft.has_tag(*place, tag));
        let all: Sum = tagged.map(|(_, column)| *column).collect();
        let name = format!("partition_r{index}_t{number}");
        draft.program.row(name, all, Sense::AtMost, Sum::number(1));
    }
    // All legs as one: nothing asks which of them touches a source.
    columns.touches = vec![touches];
    Ok(columns)
}
