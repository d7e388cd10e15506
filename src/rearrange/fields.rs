//! What is held, with positions, while moves are put together one after another.

use std::collections::{BTreeMap, HashMap};

use crate::core::{
    Area, Areas, Failing, HeldPiece, HeldVolume, Move, Rearrangement, Segment, Separation, Together,
};

/// Who holds what after some moves.
#[derive(Clone, Debug)]
pub(crate) struct Field<'s> {
    state: &'s Rearrangement,
    together: Together<'s>,
    free: Vec<Areas>,
    /// By volume, leg, source and first extent.
    pieces: BTreeMap<(usize, usize, usize, u64), HeldPiece>,
    /// By volume and source the extents of each column.
    columns: HashMap<(usize, usize), BTreeMap<usize, u64>>,
    /// By domain its sources.
    domains: HashMap<&'s str, Vec<usize>>,
    /// Each move with the offset of its first extent.
    moves: Vec<(Move, u64)>,
    copied: u64,
}

impl<'s> Field<'s> {
    pub(crate) fn of(state: &'s Rearrangement) -> Field<'s> {
        let mut domains: HashMap<&str, Vec<usize>> = HashMap::new();
        for source in 0..state.sources.len() {
            for domain in state.domains_of(source) {
                domains.entry(domain).or_default().push(source);
            }
        }
        let mut field = Field {
            state,
            together: Together::of(state),
            free: free(state),
            pieces: BTreeMap::new(),
            columns: HashMap::new(),
            domains,
            moves: Vec::new(),
            copied: 0,
        };
        for (volume, one) in state.volumes.iter().enumerate() {
            for (leg, held) in one.legs.iter().enumerate() {
                for piece in held.runs() {
                    field.put(volume, leg, piece);
                }
            }
        }
        field
    }

    /// What is free on a source, wherever something may be moved to.
    pub(crate) fn free(&self, source: usize) -> &Areas {
        &self.free[source]
    }

    /// What a leg holds.
    pub(crate) fn all_of(&self, volume: usize, leg: usize) -> impl Iterator<Item = &HeldPiece> {
        let all = self
            .pieces
            .range((volume, leg, 0, 0)..(volume, leg + 1, 0, 0));
        all.map(|(_, piece)| piece)
    }

    /// The moves that were made first.
    pub(crate) fn first_moves(&self, count: usize) -> Vec<Move> {
        self.moves[..count.min(self.moves.len())]
            .iter()
            .map(|(step, _)| *step)
            .collect()
    }

    /// How many moves were made.
    pub(crate) fn made(&self) -> usize {
        self.moves.len()
    }

    /// Whether a leg has anything on a source.
    pub(crate) fn is_on(&self, volume: usize, leg: usize, source: usize) -> bool {
        self.held(volume, leg, source).next().is_some()
    }

    /// What keeps a run from a source now: what it may not meet there, or where it fails with it.
    pub(crate) fn in_the_way<'f>(
        &'f self,
        volume: usize,
        leg: usize,
        run: &HeldPiece,
        to: usize,
    ) -> impl Iterator<Item = (usize, HeldPiece)> + use<'f, 's> {
        let (state, from) = (self.state, run.place.source);
        let is_apart = state.volumes[volume].separation != Separation::None;
        let offsets = run.offsets().filter(|_| is_apart && from != to);
        let entered = state
            .failing_with(to)
            .filter(move |failing| !state.is_in(from, *failing));
        let met = offsets.map(|offsets| {
            entered.flat_map(move |failing| {
                self.sources_in(failing).flat_map(move |source| {
                    let others = self.others(volume, leg, source);
                    others.filter(move |(other, piece)| {
                        let others = piece.offsets().map(|others| (*other, others));
                        others.is_some_and(|others| {
                            let own = (leg, offsets);
                            !self.together.may_meet(volume, failing, own, others)
                        })
                    })
                })
            })
        });
        met.into_iter().flatten()
    }

    /// What legs of other columns hold on a source.
    fn others(
        &self,
        volume: usize,
        leg: usize,
        source: usize,
    ) -> impl Iterator<Item = (usize, HeldPiece)> {
        let legs = &self.state.volumes[volume].legs;
        let column = legs[leg].column;
        let columns = self.columns.get(&(volume, source));
        let mut columns = columns.into_iter().flatten();
        let legs = match columns.any(|(other, _)| *other != column) {
            true => legs.as_slice(),
            false => &[],
        };
        let others = legs.iter().enumerate();
        let others = others.filter(move |(_, other)| other.column != column);
        others.flat_map(move |(other, _)| {
            let pieces = self.held(volume, other, source);
            pieces.map(move |piece| (other, *piece))
        })
    }

    fn sources_in(&self, failing: Failing<'_>) -> impl Iterator<Item = usize> + use<'_, 's> {
        let (own, domain) = match failing {
            Failing::Source(source) => (Some(source), None),
            Failing::Domain(domain) => (None, self.domains.get(domain)),
        };
        own.into_iter().chain(domain.into_iter().flatten().copied())
    }

    /// What a leg holds on a source, by first extent.
    pub(crate) fn held(
        &self,
        volume: usize,
        leg: usize,
        source: usize,
    ) -> impl Iterator<Item = &HeldPiece> {
        let all = self
            .pieces
            .range((volume, leg, source, 0)..(volume, leg, source + 1, 0));
        all.map(|(_, piece)| piece)
    }

    fn put(&mut self, volume: usize, leg: usize, piece: HeldPiece) {
        let Segment { source, area } = piece.place;
        let column = self.state.volumes[volume].legs[leg].column;
        let columns = self.columns.entry((volume, source)).or_default();
        *columns.entry(column).or_default() += area.count();
        let mut piece = piece;
        // What goes on directly behind the other is one piece.
        let mut all = self
            .pieces
            .range((volume, leg, source, 0)..(volume, leg, source, area.start()));
        if let Some((&key, &before)) = all.next_back()
            && let Some(joined) = before.followed_by(&piece)
        {
            self.pieces.remove(&key);
            piece = joined;
        }
        let behind = (volume, leg, source, area.end());
        if let Some(next) = self.pieces.get(&behind)
            && let Some(joined) = piece.followed_by(next)
        {
            self.pieces.remove(&behind);
            piece = joined;
        }
        let key = (volume, leg, source, piece.place.area.start());
        self.pieces.insert(key, piece);
    }

    fn take(&mut self, volume: usize, leg: usize, place: Segment) -> Option<u64> {
        let Segment { source, area } = place;
        let (&key, &whole) = self
            .pieces
            .range((volume, leg, source, 0)..=(volume, leg, source, area.start()))
            .next_back()?;
        let taken = whole.within(area)?;
        self.pieces.remove(&key);
        let column = self.state.volumes[volume].legs[leg].column;
        let columns = self.columns.entry((volume, source)).or_default();
        let count = columns.entry(column).or_default();
        *count = count.saturating_sub(area.count());
        if *count == 0 {
            columns.remove(&column);
        }
        let all = whole.place.area;
        let ends = [
            Area::between(all.start(), area.start()),
            Area::between(area.end(), all.end()),
        ];
        for piece in ends
            .into_iter()
            .flatten()
            .filter_map(|end| whole.within(end))
        {
            let key = (volume, leg, source, piece.place.area.start());
            self.pieces.insert(key, piece);
        }
        Some(taken.offset)
    }

    /// Makes a move; it is allowed.
    pub(crate) fn make(&mut self, step: Move) {
        let Some(offset) = self.take(step.volume, step.leg, step.from) else {
            return;
        };
        let piece = HeldPiece {
            offset,
            place: step.to,
        };
        self.put(step.volume, step.leg, piece);
        let (from, to) = (step.from, step.to);
        self.free[to.source] = self.free[to.source].difference(&to.area.into());
        if !self.state.closed.contains(&from.source) {
            self.free[from.source] = self.free[from.source].union(&from.area.into());
        }
        self.copied += from.area.count();
        self.moves.push((step, offset));
    }

    /// Whether a run may go to a source now: it comes together with nothing that it was apart from.
    pub(crate) fn may_enter(&self, volume: usize, leg: usize, run: &HeldPiece, to: usize) -> bool {
        self.in_the_way(volume, leg, run, to).next().is_none()
    }

    /// How many extents were copied.
    pub(crate) fn copied(&self) -> u64 {
        self.copied
    }

    /// By volume and leg where everything lies, by offset.
    pub(crate) fn end(&self) -> Vec<Vec<Vec<HeldPiece>>> {
        let legs = |volume: &HeldVolume| vec![Vec::new(); volume.legs.len()];
        let mut end: Vec<Vec<Vec<HeldPiece>>> = self.state.volumes.iter().map(legs).collect();
        for ((volume, leg, _, _), piece) in &self.pieces {
            end[*volume][*leg].push(*piece);
        }
        for leg in end.iter_mut().flatten() {
            leg.sort_unstable_by_key(|piece| piece.offset);
            *leg = HeldPiece::joined(leg);
        }
        end
    }

    /// The moves, with those as one that follow each other and go on where the one before ends.
    pub(crate) fn into_moves(self) -> Vec<Move> {
        let mut moves: Vec<(Move, u64)> = Vec::with_capacity(self.moves.len());
        for (step, offset) in self.moves {
            let joined = moves.last().and_then(|(last, first)| {
                let same = (last.volume, last.leg) == (step.volume, step.leg);
                let ends = [(last.from, step.from), (last.to, step.to)];
                let follows = ends.iter().all(|(one, other)| one.continues_with(other));
                let from = Area::between(last.from.area.start(), step.from.area.end())?;
                let to = Area::between(last.to.area.start(), step.to.area.end())?;
                // What is written to is not what is only freed on the way.
                let is_apart =
                    last.to.source != last.from.source || from.intersection(to).is_none();
                let goes_on = first + last.from.area.count() == offset;
                (same && follows && is_apart && goes_on).then_some((from, to))
            });
            match (joined, moves.last_mut()) {
                (Some((from, to)), Some((last, _))) => {
                    last.from.area = from;
                    last.to.area = to;
                }
                _ => moves.push((step, offset)),
            }
        }
        moves.into_iter().map(|(step, _)| step).collect()
    }
}

/// What is free on each source that something may be moved to.
fn free(state: &Rearrangement) -> Vec<Areas> {
    let sources = state.sources.iter().enumerate();
    let free = sources.map(|(index, source)| match state.closed.contains(&index) {
        true => Areas::none(),
        false => source.free.clone(),
    });
    free.collect()
}
