//! Segments of which a part has moved: cut where it has to be, and one again where they continue each other.

use crate::core::Area;
use crate::lvm::{LvSegment, Part};

/// A segment of which one part has moved for a stretch, cut where the stretch begins and ends.
pub(crate) fn moved(
    segment: &LvSegment,
    part: usize,
    from: Area,
    (to, target): (usize, Area),
) -> Vec<LvSegment> {
    let Some(Part::Physical { start, .. }) = segment.parts.get(part) else {
        return vec![segment.clone()];
    };
    let (first, end) = (from.start() - start, from.end() - start);
    let length = segment.part_extents();
    let logical_per_row = segment.extent_count / length.max(1);
    let stretch = |first: u64, end: u64| {
        let mut stretch = segment.clone();
        stretch.start_extent += first * logical_per_row;
        stretch.extent_count = (end - first) * logical_per_row;
        for one in &mut stretch.parts {
            match one {
                Part::Physical { start, .. } | Part::Logical { start, .. } => *start += first,
            }
        }
        stretch
    };
    let mut here = stretch(first, end);
    here.parts[part] = Part::Physical {
        volume: to,
        start: target.start(),
    };
    let mut all = Vec::new();
    if first > 0 {
        all.push(stretch(0, first));
    }
    all.push(here);
    if end < length {
        all.push(stretch(end, length));
    }
    all
}

/// Segments in order, those that continue each other as one.
pub(crate) fn merged(segments: impl Iterator<Item = LvSegment>) -> Vec<LvSegment> {
    let mut all: Vec<LvSegment> = Vec::new();
    for segment in segments {
        match all.last_mut() {
            Some(last) if last.is_continued_by(&segment) => {
                last.extent_count += segment.extent_count
            }
            Some(_) | None => all.push(segment),
        }
    }
    all
}
