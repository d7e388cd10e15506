//! A batch as bins and pieces: areas, and legs that are one area each.

use crate::core::{Area, Areas, Limits, Problem, Request, Segment, Separation};

/// One area that pieces can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bin {
    /// Index of the source.
    pub(crate) source: usize,
    /// The free extents.
    pub(crate) area: Area,
}

/// The pieces of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// Index of the request.
    pub(crate) request: usize,
    /// Extents of each piece, metadata in front included.
    pub(crate) length: u64,
    /// How many pieces.
    pub(crate) count: usize,
    /// Whether a source takes at most one of them.
    pub(crate) apart: bool,
    /// Per source whether it may take any.
    pub(crate) welcome: Vec<bool>,
    /// Per source the partition tags that it has, as indices; only one piece may lie on sources with
    /// the same tag. Empty if there is no partition.
    pub(crate) tags: Vec<Vec<usize>>,
    /// How many tags the partition has.
    pub(crate) tag_count: usize,
}

/// A batch as bins and pieces, and the pieces that have no choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// How many sources the problem has.
    pub(crate) sources: usize,
    /// The areas, by source and start.
    pub(crate) bins: Vec<Bin>,
    /// The pieces that look for a bin, longest first.
    pub(crate) classes: Vec<Class>,
}

/// For each class, the bin of each of its pieces.
pub(crate) type Packing = Vec<Vec<usize>>;

impl Batch {
    /// Bins and classes, or `None` if two requests see different ranges of one source, or a limit ran out.
    pub(crate) fn of(
        problem: &Problem,
        forced: &[Option<Vec<Segment>>],
        limits: &Limits<'_>,
    ) -> Option<Batch> {
        let sources = problem.sources().len();
        let mut taken = vec![Vec::new(); sources];
        for segment in forced.iter().flatten().flatten() {
            taken[segment.source].push(segment.area);
        }
        let mut seen: Vec<Option<Areas>> = vec![None; sources];
        let mut classes = Vec::new();
        for (index, request) in problem.requests().iter().enumerate() {
            if forced[index].is_some() {
                continue;
            }
            if limits.is_over() {
                return None;
            }
            let mut welcome = vec![false; sources];
            for (source, areas) in problem.offered(request) {
                if is_avoided(request, source) {
                    continue;
                }
                welcome[source] = true;
                match &seen[source] {
                    None => seen[source] = Some(areas),
                    Some(others) if *others == areas => {}
                    Some(_) => return None,
                }
            }
            let tags: Vec<&String> = request.partition_by_tags.iter().collect();
            let tags_of = |source: usize| {
                let has =
                    |(_, tag): &(usize, &&String)| problem.sources()[source].tags.contains(**tag);
                let found = tags.iter().enumerate().filter(has);
                found.map(|(index, _)| index).collect()
            };
            classes.push(Class {
                request: index,
                length: request.leg_extents().checked_add(request.front_extents())?,
                count: request.legs(),
                apart: request.separation() != Separation::None,
                welcome,
                tags: if tags.is_empty() {
                    Vec::new()
                } else {
                    (0..sources).map(tags_of).collect()
                },
                tag_count: tags.len(),
            });
        }
        classes.sort_by_key(|class| (std::cmp::Reverse(class.length), class.request));
        let shortest = classes.last().map_or(0, |class| class.length);
        let mut bins = Vec::new();
        for (source, areas) in seen.into_iter().enumerate() {
            let taken: Areas = taken[source].iter().copied().collect();
            let left = areas.unwrap_or_default().difference(&taken);
            let long_enough = left.iter().filter(|area| area.count() >= shortest);
            bins.extend(long_enough.map(|area| Bin { source, area }));
        }
        Some(Batch {
            sources,
            bins,
            classes,
        })
    }
}

/// Whether a contiguous leg cannot be on the source at all.
fn is_avoided(request: &Request, source: usize) -> bool {
    request.avoid.iter().any(|avoidance| {
        avoidance.offsets.start() < request.leg_extents() && avoidance.sources.contains(&source)
    })
}
