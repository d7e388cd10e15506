//! The legs of a raid or mirror volume by name, and which of them it can be read without.

use std::collections::BTreeSet;

use crate::lvm::{LvSegment, Part};

/// What a volume of legs can lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Redundancy {
    /// Nothing.
    None,
    /// Legs in turn hold the same data, this many each; one of them has to remain.
    Copies(usize),
    /// Any legs, up to this many.
    Parity(usize),
}

/// The legs of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Legs<'g> {
    /// Per leg its image, and its metadata where there is some.
    pub(crate) names: Vec<(&'g str, Option<&'g str>)>,
    redundancy: Redundancy,
}

impl<'g> Legs<'g> {
    /// The legs of a raid or mirror segment; nothing for one that has no images, or whose images are not
    /// known. The volume of a running `pvmove` mirrors extents of disks, not images.
    pub(crate) fn of(segment: &'g LvSegment) -> Option<Legs<'g>> {
        let names = names(segment)?;
        let redundancy = match segment.base_type() {
            "raid0" | "raid0_meta" => Redundancy::None,
            "raid1" | "mirror" => Redundancy::Copies(names.len()),
            kind if kind.starts_with("raid10") => {
                let copies = segment.numbers.get("data_copies");
                let copies = copies.and_then(|copies| usize::try_from(*copies).ok());
                Redundancy::Copies(copies.unwrap_or(2))
            }
            kind if kind.starts_with("raid6") => Redundancy::Parity(2),
            // raid4 and raid5 in all their layouts.
            _ => Redundancy::Parity(1),
        };
        Some(Legs { names, redundancy })
    }

    /// Whether there are copies or parity at all.
    pub(crate) fn is_redundant(&self) -> bool {
        self.redundancy != Redundancy::None && self.names.len() > 1
    }

    /// Whether the volume can be read without these legs.
    pub(crate) fn survives(&self, lost: &BTreeSet<usize>) -> bool {
        match self.redundancy {
            Redundancy::None => lost.is_empty(),
            Redundancy::Parity(legs) => lost.len() <= legs,
            Redundancy::Copies(copies) => {
                let count = self.names.len();
                let copies = copies.clamp(1, count.max(1));
                // Copies lie on neighbours: in fixed groups where the legs divide, else round the end.
                let step = if count.is_multiple_of(copies) {
                    copies
                } else {
                    1
                };
                (0..count)
                    .step_by(step)
                    .all(|first| (first..first + copies).any(|leg| !lost.contains(&(leg % count))))
            }
        }
    }
}

/// Whether a segment is one of legs, whether or not they are known.
pub(crate) fn has_legs(segment: &LvSegment) -> bool {
    segment.base_type() == "mirror" || segment.base_type().starts_with("raid")
}

fn names(segment: &LvSegment) -> Option<Vec<(&str, Option<&str>)>> {
    if !has_legs(segment) {
        return None;
    }
    let names: Option<Vec<&str>> = segment
        .parts
        .iter()
        .map(|part| match part {
            Part::Logical { volume, .. } => Some(volume.as_str()),
            Part::Physical { .. } => None,
        })
        .collect();
    let names = names.filter(|names| !names.is_empty())?;
    let counts = ["device_count", "stripe_count", "mirror_count"];
    let count = counts.iter().find_map(|key| segment.numbers.get(key));
    if count.is_some_and(|&count| names.len() as u64 == 2 * count) {
        let pairs = names.chunks_exact(2);
        Some(pairs.map(|pair| (pair[1], Some(pair[0]))).collect())
    } else {
        Some(names.into_iter().map(|image| (image, None)).collect())
    }
}
