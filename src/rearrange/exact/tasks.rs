//! What lies elsewhere than in the end: runs that go from one place to another as they are.

use crate::core::{Area, HeldPiece, Rearrangement, Segment};

/// By volume and leg where everything lies in the end, by offset.
pub(crate) type End = Vec<Vec<Vec<HeldPiece>>>;

/// A run with its place in the end; all of it has the same way to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) volume: usize,
    pub(crate) leg: usize,
    pub(crate) offset: u64,
    pub(crate) from: Segment,
    pub(crate) to: Segment,
    /// The number of its first extent among all that are misplaced.
    pub(crate) number: u64,
}

impl Task {
    pub(crate) fn count(&self) -> u64 {
        self.from.area.count()
    }

    pub(crate) fn run(&self) -> HeldPiece {
        HeldPiece {
            offset: self.offset,
            place: self.from,
        }
    }

    /// So many extents of it from one on.
    pub(crate) fn part(&self, start: u64, count: u64) -> Option<Task> {
        let within = |place: Segment| {
            let area = Area::new(place.area.start() + start, count)?;
            Some(Segment { area, ..place })
        };
        Some(Task {
            offset: self.offset + start,
            from: within(self.from)?,
            to: within(self.to)?,
            number: self.number + start,
            ..*self
        })
    }

    /// The parts in front of and behind some extents of it.
    pub(crate) fn around(&self, start: u64, count: u64) -> impl Iterator<Item = Task> {
        let behind = self.count().saturating_sub(start + count);
        let ends = [self.part(0, start), self.part(start + count, behind)];
        ends.into_iter().flatten()
    }
}

/// The runs that are misplaced, each as long as can be.
pub(crate) fn tasks(state: &Rearrangement, end: &End) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut number = 0;
    for (volume, (held, ends)) in state.volumes.iter().zip(end).enumerate() {
        for (leg, (held, end)) in held.legs.iter().zip(ends).enumerate() {
            for (offset, from, to) in pairs(&held.runs(), &HeldPiece::joined(end)) {
                if from == to {
                    continue;
                }
                tasks.push(Task {
                    volume,
                    leg,
                    offset,
                    from,
                    to,
                    number,
                });
                number += from.area.count();
            }
        }
    }
    tasks
}

/// Both places of each stretch of a leg in which neither is cut.
fn pairs(now: &[HeldPiece], end: &[HeldPiece]) -> Vec<(u64, Segment, Segment)> {
    let mut pairs = Vec::with_capacity(now.len() + end.len());
    let (mut at, mut then) = (now.iter().peekable(), end.iter().peekable());
    while let (Some(one), Some(other)) = (at.peek(), then.peek()) {
        let ends = [one, other].map(|piece| piece.offset + piece.place.area.count());
        let (first, last) = (one.offset.max(other.offset), ends[0].min(ends[1]));
        let part = |piece: &HeldPiece| {
            let start = piece.place.area.start() + (first - piece.offset);
            let area = Area::new(start, last.saturating_sub(first))?;
            Some(Segment {
                area,
                ..piece.place
            })
        };
        if first < last {
            let both = part(one).zip(part(other));
            pairs.extend(both.map(|(from, to)| (first, from, to)));
        }
        if ends[0] <= ends[1] {
            at.next();
        }
        if ends[1] <= ends[0] {
            then.next();
        }
    }
    pairs
}
