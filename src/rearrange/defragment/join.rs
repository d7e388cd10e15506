//! Runs brought together one after another, where that copies least for each segment that it saves.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::{Area, Areas, HeldPiece, Limits, Move, Rearrangement, Segment};
use crate::rearrange::defragment::point::Point;
use crate::rearrange::fields::Field;

/// Times that all legs are looked at.
const ROUNDS: usize = 8;

/// Moves that save segments, made on a field; returns what is copied for how many segments after each of them, with the
/// number of moves made until then.
pub(crate) fn join<'s>(
    state: &'s Rearrangement,
    is_meant: &[bool],
    field: &mut Field<'s>,
    limits: &Limits<'_>,
) -> Vec<(Point, usize)> {
    let mut joining = Joining {
        barred: state.barred(),
        spared: state.spared(),
        gaps: Gaps::default(),
        field,
    };
    for source in 0..state.sources.len() {
        joining.measure(source);
    }
    let legs: Vec<(usize, usize)> = state
        .volumes
        .iter()
        .enumerate()
        .filter(|(volume, _)| is_meant[*volume])
        .flat_map(|(volume, held)| {
            let legs = held.legs.iter().enumerate();
            let movable = legs.filter(|(_, leg)| leg.locked.is_none());
            movable.map(move |(leg, _)| (volume, leg))
        })
        .collect();
    let mut points = Vec::new();
    let all = legs
        .iter()
        .map(|&(volume, leg)| joining.runs(volume, leg).len() as u64);
    let mut segments: u64 = all.sum();
    for _ in 0..ROUNDS {
        let mut open = BinaryHeap::new();
        for &(volume, leg) in &legs {
            if let Some(step) = joining.cheapest(volume, leg) {
                open.push((Reverse(step.price()), Reverse((volume, leg))));
            }
        }
        let before = points.len();
        while let Some((Reverse(price), Reverse((volume, leg)))) = open.pop() {
            if limits.is_over() {
                return points;
            }
            let Some(step) = joining.cheapest(volume, leg) else {
                continue;
            };
            if step.price() <= price {
                segments = segments.saturating_sub(step.saved);
                step.moves.into_iter().for_each(|step| joining.make(step));
                let copied = joining.field.copied();
                points.push((Point { copied, segments }, joining.field.made()));
            }
            if let Some(next) = joining.cheapest(volume, leg) {
                open.push((Reverse(next.price()), Reverse((volume, leg))));
            }
        }
        if points.len() == before {
            break;
        }
    }
    points
}

/// Free runs by length.
type Gaps = std::collections::BTreeSet<(u64, usize, u64)>;

struct Joining<'f, 's> {
    barred: Vec<Areas>,
    spared: Vec<u64>,
    gaps: Gaps,
    field: &'f mut Field<'s>,
}

/// Moves that save segments.
struct Step {
    moves: Vec<Move>,
    copied: u64,
    saved: u64,
}

impl Step {
    /// Extents copied for a segment, in parts of one.
    fn price(&self) -> u64 {
        self.copied.saturating_mul(1 << 10) / self.saved.max(1)
    }
}

impl Joining<'_, '_> {
    fn runs(&self, volume: usize, leg: usize) -> Vec<HeldPiece> {
        let mut runs: Vec<HeldPiece> = self.field.all_of(volume, leg).copied().collect();
        runs.sort_unstable_by_key(|run| run.offset);
        HeldPiece::joined(&runs)
    }

    fn open(&self, source: usize) -> Areas {
        self.field.free(source).difference(&self.barred[source])
    }

    fn measure(&mut self, source: usize) {
        for area in self.open(source).iter() {
            self.gaps.insert((area.count(), source, area.start()));
        }
    }

    fn make(&mut self, step: Move) {
        for source in [step.from.source, step.to.source] {
            for area in self.open(source).iter() {
                self.gaps.remove(&(area.count(), source, area.start()));
            }
        }
        self.field.make(step);
        for source in [step.from.source, step.to.source] {
            self.measure(source);
        }
    }

    /// The step of a leg that copies least for a segment.
    fn cheapest(&self, volume: usize, leg: usize) -> Option<Step> {
        let runs = self.runs(volume, leg);
        let mut best: Option<Step> = None;
        let mut offer = |step: Step| {
            if best.as_ref().is_none_or(|best| step.price() < best.price()) {
                best = Some(step);
            }
        };
        for (at, pair) in runs.windows(2).enumerate() {
            let (one, other) = (&pair[0], &pair[1]);
            let behind = Segment {
                source: one.place.source,
                area: Area::new(one.place.area.end(), other.place.area.count())?,
            };
            let before = one.place.area.count();
            let in_front = other.place.area.start().checked_sub(before);
            let in_front = in_front.and_then(|start| {
                let area = Area::new(start, before)?;
                Some(Segment {
                    source: other.place.source,
                    area,
                })
            });
            let next = runs.get(at + 2).map(|run| run.place);
            let last = at.checked_sub(1).map(|last| runs[last].place);
            let joins_next = next.is_some_and(|next| behind.continues_with(&next));
            let joins_last =
                in_front.is_some_and(|to| last.is_some_and(|last| last.continues_with(&to)));
            let ways = [
                (other, Some(behind), joins_next),
                (one, in_front, joins_last),
            ];
            for (run, to, joins_more) in ways {
                let Some(to) = to.filter(|to| self.may_go(volume, leg, run, *to)) else {
                    continue;
                };
                offer(Step {
                    copied: run.place.area.count(),
                    saved: 1 + u64::from(joins_more),
                    moves: vec![Move {
                        volume,
                        leg,
                        from: run.place,
                        to,
                    }],
                });
            }
        }
        if runs.len() > 1 {
            runs_to_gap(self, volume, leg, &runs)
                .into_iter()
                .for_each(offer);
        }
        best
    }

    fn may_go(&self, volume: usize, leg: usize, run: &HeldPiece, to: Segment) -> bool {
        let has_room = to.source == run.place.source
            || self.spared[to.source] == 0
            || self.open(to.source).total() >= self.spared[to.source] + to.area.count();
        self.field.free(to.source).contains(to.area)
            && self.barred[to.source].meeting(to.area).next().is_none()
            && has_room
            && self.field.may_enter(volume, leg, run, to.source)
    }
}

/// All runs of a leg to a gap that holds them one behind the other.
fn runs_to_gap(
    joining: &Joining<'_, '_>,
    volume: usize,
    leg: usize,
    runs: &[HeldPiece],
) -> Option<Step> {
    const MOST_GAPS: usize = 16;
    let extents: u64 = runs.iter().map(|run| run.place.area.count()).sum();
    let gaps = joining.gaps.range((extents, 0, 0)..).take(MOST_GAPS);
    for &(_, source, start) in gaps {
        let steps = runs.iter().map(|run| {
            let area = Area::new(
                start + (run.offset - runs[0].offset),
                run.place.area.count(),
            )?;
            let to = Segment { source, area };
            joining.may_go(volume, leg, run, to).then_some(Move {
                volume,
                leg,
                from: run.place,
                to,
            })
        });
        let moves: Option<Vec<Move>> = steps.collect();
        // Each has room by itself: all of them have to.
        let has_room = joining.spared[source] == 0
            || joining.open(source).total() >= joining.spared[source] + extents;
        if let Some(moves) = moves.filter(|_| has_room) {
            return Some(Step {
                copied: extents,
                saved: runs.len() as u64 - 1,
                moves,
            });
        }
    }
    None
}
