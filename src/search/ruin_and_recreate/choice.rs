//! Which cell a piece takes: best fit, else the longest. The longest come from heaps, so that all pieces of a
//! leg cost little more than one pass over what is open to it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::state::{Piece, State};

/// Cells that a wild choice is made among, at most.
const MOST_WILD: usize = 256;
/// How many of a hundred choices are another cell than the longest, or the source behind the first.
const WILD: u64 = 15;

/// The cell that holds it with least left, which is taken from; rather on a source of `near`, the pieces that
/// the leg has already.
pub(crate) fn best_fit(
    state: &mut State<'_>,
    open: &[usize],
    need: u64,
    near: &[Piece],
    noise: &mut Noise,
) -> Option<Piece> {
    let mut best: Option<(u128, usize)> = None;
    state.looks += open.len() as u64;
    for &cell in open {
        let left = state.left[cell];
        if left < need || noise.overlooks() {
            continue;
        }
        let key = noise.spoil(left - need);
        // One source less, for a little room that is lost.
        let key_if_near = key / 8;
        if best.is_some_and(|(held, _)| key_if_near >= held) {
            continue;
        }
        let key = match state.is_near(near, cell) {
            true => key_if_near,
            false => key,
        };
        if best.is_none_or(|(held, _)| key < held) {
            best = Some((key, cell));
        }
    }
    best.map(|(_, cell)| state.take_up_to(cell, need))
}

/// What is left, the most first. Entries fall behind when extents are taken, and are corrected once they
/// come to the top.
struct Largest(BinaryHeap<(u64, Reverse<usize>)>);

impl Largest {
    fn of(entries: impl Iterator<Item = (u64, usize)>) -> Largest {
        let entries = entries.filter(|(left, _)| *left > 0);
        Largest(entries.map(|(left, at)| (left, Reverse(at))).collect())
    }

    fn push(&mut self, left: u64, at: usize) {
        if left > 0 {
            self.0.push((left, Reverse(at)));
        }
    }

    fn top(&mut self, left: impl Fn(usize) -> u64) -> Option<(u64, usize)> {
        loop {
            let &(known, Reverse(at)) = self.0.peek()?;
            let now = left(at);
            if now == known {
                return Some((known, at));
            }
            self.0.pop();
            self.push(now, at);
        }
    }
}

/// Where the next piece of a leg comes from.
pub(crate) enum Next<'c> {
    /// One cell after another.
    Cells(Cells<'c>),
    /// The cells of one source after those of another.
    Sources(Sources<'c>),
}

impl<'c> Next<'c> {
    /// Of these cells, which are ordered by source.
    pub(crate) fn of(state: &mut State<'_>, open: &'c [usize], by_source: bool) -> Next<'c> {
        state.looks += open.len() as u64;
        match by_source {
            true => Next::Sources(Sources::of(state, open)),
            false => Next::Cells(Cells::of(state, open)),
        }
    }

    /// The next piece of a leg with these `pieces`, longer than `least` and up to `missing` extents: the cell
    /// that holds all that is missing with least left over, else the longest.
    pub(crate) fn piece(
        &mut self,
        state: &mut State<'_>,
        pieces: &[Piece],
        missing: u64,
        least: u64,
        noise: &mut Noise,
    ) -> Option<Piece> {
        match self {
            Next::Cells(cells) => cells.piece(state, pieces, missing, least, noise),
            Next::Sources(sources) => {
                let range = sources.tightest(state, missing, noise)?;
                let among = &sources.open[range];
                Cells::of(state, among).piece(state, pieces, missing, least, noise)
            }
        }
    }
}

/// Cells by what is left on them, those of sources where the leg is already beside the others.
pub(crate) struct Cells<'c> {
    open: &'c [usize],
    all: Largest,
    near: Largest,
    /// How many pieces have their sources in `near`.
    pieces: usize,
}

impl<'c> Cells<'c> {
    fn of(state: &State<'_>, open: &'c [usize]) -> Cells<'c> {
        Cells {
            open,
            all: Largest::of(open.iter().map(|&cell| (state.left[cell], cell))),
            near: Largest(BinaryHeap::new()),
            pieces: 0,
        }
    }

    fn piece(
        &mut self,
        state: &mut State<'_>,
        pieces: &[Piece],
        missing: u64,
        least: u64,
        noise: &mut Noise,
    ) -> Option<Piece> {
        for piece in pieces.iter().skip(self.pieces) {
            for &cell in &self.open[range_of(state, self.open, piece.cell)] {
                self.near.push(state.left[cell], cell);
            }
        }
        self.pieces = pieces.len();
        state.looks += 1;
        let (longest, cell) = self.all.top(|cell| state.left[cell])?;
        if longest >= missing
            && missing > least
            && let Some(piece) = best_fit(state, self.open, missing, pieces, noise)
        {
            return Some(piece);
        }
        let chosen = match self.near.top(|cell| state.left[cell]) {
            // Where the leg is already: one source less.
            Some((left, near)) if left > least && left.saturating_mul(2) > longest => near,
            Some(_) | None => cell,
        };
        let chosen = match noise.happens(WILD) {
            true => self.wild(state, pieces, least, noise).unwrap_or(chosen),
            false => chosen,
        };
        (state.left[chosen] > least).then(|| state.take_up_to(chosen, missing))
    }

    /// One cell of some, the longer the rather.
    fn wild(
        &self,
        state: &mut State<'_>,
        pieces: &[Piece],
        least: u64,
        noise: &mut Noise,
    ) -> Option<usize> {
        let some = self.open.len().min(MOST_WILD);
        state.looks += some as u64;
        let (mut best, mut most) = (None, 0);
        for at in 0..some {
            let at = match some < self.open.len() {
                true => noise.random.position(self.open.len()),
                false => at,
            };
            let cell = self.open[at];
            let left = state.left[cell];
            if left <= least {
                continue;
            }
            let worth = noise.random.below(left) + 1;
            let worth = match state.is_near(pieces, cell) {
                true => worth.saturating_mul(2),
                false => worth,
            };
            if worth > most {
                (best, most) = (Some(cell), worth);
            }
        }
        best
    }
}

/// Sources by what is left on their cells.
pub(crate) struct Sources<'c> {
    open: &'c [usize],
    ranges: Vec<Range<usize>>,
    largest: Largest,
}

impl<'c> Sources<'c> {
    fn of(state: &State<'_>, open: &'c [usize]) -> Sources<'c> {
        let (ranges, totals): (Vec<Range<usize>>, Vec<u64>) = sources(state, open).unzip();
        let entries = totals.iter().enumerate();
        Sources {
            open,
            ranges,
            largest: Largest::of(entries.map(|(at, &total)| (total, at))),
        }
    }

    /// The cells of the source that holds all that is missing with least left over, else of that with most.
    fn tightest(
        &mut self,
        state: &mut State<'_>,
        missing: u64,
        noise: &mut Noise,
    ) -> Option<Range<usize>> {
        let total = |state: &State<'_>, range: &Range<usize>| -> u64 {
            self.open[range.clone()]
                .iter()
                .map(|&cell| state.left[cell])
                .sum()
        };
        let ranges = &self.ranges;
        let (most, first) = self.largest.top(|at| total(state, &ranges[at]))?;
        if most >= missing {
            state.looks += self.open.len() as u64;
            let enough = ranges.iter().filter_map(|range| {
                let total = total(state, range);
                (total >= missing).then(|| (noise.spoil(total - missing), range))
            });
            return enough
                .min_by_key(|(key, _)| *key)
                .map(|(_, range)| range.clone());
        }
        state.looks += 1;
        let mut chosen = first;
        if noise.happens(WILD) {
            self.largest.0.pop();
            chosen = self
                .largest
                .top(|at| total(state, &ranges[at]))
                .map_or(first, |(_, at)| at);
            self.largest.push(most, first);
        }
        Some(ranges[chosen].clone())
    }
}

/// Ranges of `open`, which is ordered by source, that are of one source, each with what is left on it.
pub(crate) fn sources<'s>(
    state: &'s State<'_>,
    open: &'s [usize],
) -> impl Iterator<Item = (Range<usize>, u64)> + 's {
    let ranges = open.chunk_by(|&one, &other| state.source(one) == state.source(other));
    ranges.scan(0, |start, cells| {
        let range = *start..*start + cells.len();
        *start = range.end;
        Some((range, cells.iter().map(|&cell| state.left[cell]).sum()))
    })
}

/// The range of `open`, which is ordered by source, with the cells of the source of `cell`.
fn range_of(state: &State<'_>, open: &[usize], cell: usize) -> Range<usize> {
    let source = state.source(cell);
    let from = open.partition_point(|&other| state.source(other) < source);
    let until = from + open[from..].partition_point(|&other| state.source(other) == source);
    from..until
}
