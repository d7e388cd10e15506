//! A plan's legs cut into intervals that are whole in every leg: what LVM2 places with one command.

use crate::core::{Allocation, Area, Segment, joined};
use crate::lvm::{Entry, ExportError};

/// A stretch of offsets in which no leg breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    /// First offset into every leg.
    pub(crate) offset: u64,
    /// Per leg its piece; all are equally long.
    pub(crate) pieces: Vec<Segment>,
}

impl Interval {
    /// Extents of each piece.
    pub(crate) fn extents(&self) -> u64 {
        self.pieces.first().map_or(0, |piece| piece.area.count())
    }
}

/// Cuts the legs of an allocation wherever one of them breaks.
///
/// LVM2 joins the pieces of a leg that was cut on account of another one.
///
/// # Errors
/// [`ExportError`] if the legs, the metadata or the logs are not what the entry's volume has.
pub(crate) fn intervals(
    entry: &Entry,
    allocation: &Allocation,
    sources: usize,
) -> Result<Vec<Interval>, ExportError> {
    check(entry, allocation, sources)?;
    let mut legs: Vec<std::vec::IntoIter<Segment>> = Vec::new();
    let mut heads: Vec<Segment> = Vec::new();
    for leg in &allocation.legs {
        let mut runs = joined(leg).into_iter();
        heads.extend(runs.next());
        legs.push(runs);
    }
    let mut intervals = Vec::new();
    let mut offset = 0;
    while let Some(count) = heads.iter().map(|head| head.area.count()).min() {
        let mut rest = Vec::with_capacity(heads.len());
        let mut pieces = Vec::with_capacity(heads.len());
        for (head, runs) in heads.iter().zip(&mut legs) {
            let (front, behind) = head.area.split(count);
            let source = head.source;
            pieces.push(Segment {
                source,
                area: front,
            });
            match behind {
                Some(area) => rest.push(Segment { source, area }),
                None => rest.extend(runs.next()),
            }
        }
        intervals.push(Interval { offset, pieces });
        offset += count;
        heads = rest;
    }
    Ok(intervals)
}

/// What every allocation has to be before anything can be said about how to build it.
fn check(entry: &Entry, allocation: &Allocation, sources: usize) -> Result<(), ExportError> {
    let demand = &entry.demand;
    let has_log = demand.log_extents > 0 || demand.pool_metadata_extents > 0;
    let metadata = if demand.leg_metadata_extents > 0 {
        demand.legs()
    } else {
        0
    };
    for (what, expected, found) in [
        ("legs", demand.legs(), allocation.legs.len()),
        ("metadata", metadata, allocation.metadata.len()),
        ("logs", u64::from(has_log), allocation.logs.len()),
    ] {
        let found = found as u64;
        if expected != found {
            return Err(ExportError::OtherCount {
                name: entry.name.clone(),
                what,
                expected,
                found,
            });
        }
    }
    if let Some(segment) = allocation
        .segments()
        .find(|segment| segment.source >= sources)
    {
        return Err(ExportError::UnknownSource {
            name: entry.name.clone(),
            source_index: segment.source,
            count: sources,
        });
    }
    let length = |leg: &Vec<Segment>| {
        let counts = leg.iter().map(|segment| segment.area.count());
        counts.fold(0, u64::saturating_add)
    };
    let expected = allocation.legs.first().map_or(0, length);
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let found = length(segments);
        if found != expected || found == 0 {
            return Err(ExportError::UnequalLegs {
                name: entry.name.clone(),
                leg,
                expected,
                found,
            });
        }
    }
    for (leg, (metadata, segments)) in allocation.metadata.iter().zip(&allocation.legs).enumerate()
    {
        if !metadata.continues_with(&segments[0]) {
            let name = entry.name.clone();
            return Err(ExportError::MetadataApart { name, leg });
        }
    }
    Ok(())
}

/// A piece with what lies directly in front of it.
pub(crate) fn with_front(front: Option<&Segment>, piece: &Segment) -> Segment {
    let Some(front) = front else { return *piece };
    let area = Area::between(front.area.start(), piece.area.end());
    Segment {
        source: piece.source,
        area: area.expect("what lies in front starts before"),
    }
}
