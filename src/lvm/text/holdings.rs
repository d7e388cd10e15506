//! Checks what the segments of a group hold on its physical volumes: inside, and each extent once.

use crate::core::Area;
use crate::lvm::PhysicalVolume;
use crate::lvm::text::error::{Fault, Span, TextProblem};

/// Extents of a physical volume that a segment holds.
pub(crate) struct Holding {
    /// Index of the physical volume.
    pub(crate) volume: usize,
    pub(crate) area: Area,
    /// The segment.
    pub(crate) holder: HolderName,
    /// Where the segment says so.
    pub(crate) span: Span,
}

/// What a segment is called: of hundreds of thousands none but those of a message is put into words.
#[derive(Clone)]
pub(crate) struct HolderName {
    /// Number of its logical volume in the group.
    pub(crate) logical: usize,
    /// Where its own name stands.
    pub(crate) segment: Span,
}

/// Refuses extents past the end of their volume, and extents that are held twice; `path` makes the path
/// of a segment.
pub(crate) fn check(
    mut holdings: Vec<Holding>,
    volumes: &[PhysicalVolume],
    path: impl Fn(&HolderName) -> String,
) -> Result<(), Fault> {
    for holding in &holdings {
        let (volume, area) = (&volumes[holding.volume], holding.area);
        if area.end() > volume.extents {
            return Err(Fault::new(
                holding.span.clone(),
                TextProblem::PastEnd {
                    section: path(&holding.holder),
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
            first: path(&first.holder),
            second: path(&second.holder),
        };
        return Err(Fault::new(second.span.clone(), problem)
            .related(first.span.clone(), "held here already"));
    }
    Ok(())
}
