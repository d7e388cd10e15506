//! What is answered: where each leg of each request goes.

use crate::core::Area;

/// A stretch of a leg (or of a companion) on one area of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// Index into the sources of the problem.
    pub source: usize,
    /// The extents taken.
    pub area: Area,
}

impl Segment {
    /// Whether `next` starts on the extent behind this segment, on the same source.
    #[must_use]
    pub fn continues_with(&self, next: &Segment) -> bool {
        self.source == next.source && self.area.end() == next.area.start()
    }
}

/// Where one request goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allocation {
    /// Per leg its new segments, in the order of the leg's offsets.
    pub legs: Vec<Vec<Segment>>,
    /// Per leg its metadata companion; empty if none is asked for.
    pub metadata: Vec<Segment>,
    /// The log areas; empty if none is asked for.
    pub logs: Vec<Segment>,
}

impl Allocation {
    /// Every segment of the allocation: legs, then metadata, then logs.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        let companions = self.metadata.iter().chain(&self.logs);
        self.legs.iter().flatten().chain(companions)
    }

    /// New extents of each leg; all legs of a correct allocation are equally long.
    #[must_use]
    pub fn leg_extents(&self) -> u64 {
        let longest = self.legs.iter().map(|leg| leg_extents(leg)).max();
        longest.unwrap_or(0)
    }
}

/// Extents of one leg, saturating: a spoiled plan may say anything.
fn leg_extents(leg: &[Segment]) -> u64 {
    leg.iter()
        .fold(0, |sum, segment| sum.saturating_add(segment.area.count()))
}

/// One allocation for each request, in the order of the problem's requests.
///
/// `None` stands for an optional request that is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    /// Index by request.
    pub allocations: Vec<Option<Allocation>>,
}

impl Plan {
    /// Every segment that the plan takes, of all requests.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.allocations
            .iter()
            .flatten()
            .flat_map(Allocation::segments)
    }
}

/// The segments of a leg with neighbours joined: what continues on the next extent is one segment.
#[must_use]
pub fn joined(leg: &[Segment]) -> Vec<Segment> {
    let mut runs: Vec<Segment> = Vec::with_capacity(leg.len());
    for segment in leg {
        match runs.last_mut() {
            Some(last) if last.continues_with(segment) => {
                last.area = Area::between(last.area.start(), segment.area.end())
                    .expect("a run that goes on is not empty");
            }
            Some(_) | None => runs.push(*segment),
        }
    }
    runs
}
