//! Checks what the segments of a group hold on its physical volumes: inside, and each extent once.

use crate::core::Area;
use crate::lvm::PhysicalVolume;
use crate::lvm::text::error::{Fault, TextProblem};
use crate::lvm::text::grammar::Span;

/// Extents of a physical volume that a segment holds.
pub(crate) struct Holding {
    /// Index of the physical volume.
    pub(crate) volume: usize,
    pub(crate) area: Area,
    /// The path of the segment.
    pub(crate) section: String,
    /// Where the segment says so.
    pub(crate) span: Span,
}

/// Refuses extents past the end of their volume, and extents that are held twice.
pub(crate) fn check(mut holdings: Vec<Holding>, volumes: &[PhysicalVolume]) -> Result<(), Fault> {
    for holding in &holdings {
        let (volume, area) = (&volumes[holding.volume], holding.area);
        if area.end() > volume.extents {
            return Err(Fault::new(
                holding.span.clone(),
                TextProblem::PastEnd {
                    section: holding.section.clone(),
                    volume: volume.key.clone(),
                    start: area.start(),
                    last: area.end() - 1,
                    extents: volume.extents,
                },
            ));
        }
    }
    holdings.sort_by_key(|holding| (holding.volume, holding.area));
    for (left, right) in holdings.iter().zip(holdings.iter().skip(1)) {
        let shared = left.area.intersection(right.area);
        let Some(shared) = shared.filter(|_| left.volume == right.volume) else {
            continue;
        };
        let (first, second) = if left.span.start <= right.span.start {
            (left, right)
        } else {
            (right, left)
        };
        let problem = TextProblem::Overlap {
            volume: volumes[left.volume].key.clone(),
            start: shared.start(),
            last: shared.end() - 1,
            first: first.section.clone(),
            second: second.section.clone(),
        };
        return Err(Fault::new(second.span.clone(), problem)
            .related(first.span.clone(), "held here already"));
    }
    Ok(())
}
