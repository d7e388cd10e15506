//! Who holds which extents while moves are replayed.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, HeldPiece, Rearrangement, Segment};

/// A run that a leg holds, as the ground knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    pub(crate) volume: usize,
    pub(crate) leg: usize,
    pub(crate) piece: HeldPiece,
}

/// Every run by source and first extent, and those of each column of each volume on each source.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    held: BTreeMap<(usize, u64), Holding>,
    columns: BTreeMap<(usize, usize, usize), BTreeSet<u64>>,
}

impl Ground {
    pub(crate) fn of(state: &Rearrangement) -> Ground {
        let mut ground = Ground::default();
        for (volume, one) in state.volumes.iter().enumerate() {
            for (leg, held) in one.legs.iter().enumerate() {
                for &piece in &held.pieces {
                    let holding = Holding { volume, leg, piece };
                    ground.put(holding, held.column);
                }
            }
        }
        ground
    }

    /// Everything that is held.
    pub(crate) fn holdings(&self) -> impl Iterator<Item = &Holding> {
        self.held.values()
    }

    pub(crate) fn put(&mut self, holding: Holding, column: usize) {
        let Segment { source, area } = holding.piece.place;
        self.held.insert((source, area.start()), holding);
        let starts = self.columns.entry((holding.volume, source, column));
        starts.or_default().insert(area.start());
    }

    fn remove(&mut self, place: Segment, column: usize) -> Option<Holding> {
        let start = place.area.start();
        let holding = self.held.remove(&(place.source, start))?;
        let key = (holding.volume, place.source, column);
        if let Some(starts) = self.columns.get_mut(&key) {
            starts.remove(&start);
            if starts.is_empty() {
                self.columns.remove(&key);
            }
        }
        Some(holding)
    }

    /// The runs that have extents in common with a segment, in its order.
    pub(crate) fn meeting(&self, place: Segment) -> impl Iterator<Item = &Holding> {
        let Segment { source, area } = place;
        let before = self.held.range(..(source, area.start())).next_back();
        let before = before.filter(|((at, _), holding)| {
            *at == source && holding.piece.place.area.end() > area.start()
        });
        let within = self
            .held
            .range((source, area.start())..(source, area.end()));
        before.into_iter().chain(within).map(|(_, holding)| holding)
    }

    /// The offset of a segment in a leg, where that leg holds all of it, one extent behind the other.
    pub(crate) fn offset(&self, volume: usize, leg: usize, place: Segment) -> Option<u64> {
        let mut first = None;
        let mut at = place.area.start();
        for holding in self.meeting(place) {
            let piece = holding.piece.within(place.area)?;
            let offset = *first.get_or_insert(piece.offset);
            let expected = offset + (at - place.area.start());
            if (holding.volume, holding.leg) != (volume, leg)
                || piece.place.area.start() != at
                || piece.offset != expected
            {
                return None;
            }
            at = piece.place.area.end();
        }
        first.filter(|_| at == place.area.end())
    }

    /// Takes a segment out of what is held; what is left of the runs that it cuts stays.
    pub(crate) fn take(&mut self, place: Segment, column: usize) {
        let cut: Vec<Segment> = self.meeting(place).map(|one| one.piece.place).collect();
        for whole in cut {
            let Some(holding) = self.remove(whole, column) else {
                continue;
            };
            let ends = [
                Area::between(whole.area.start(), place.area.start()),
                Area::between(place.area.end(), whole.area.end()),
            ];
            for piece in ends
                .into_iter()
                .flatten()
                .filter_map(|end| holding.piece.within(end))
            {
                self.put(Holding { piece, ..holding }, column);
            }
        }
    }

    /// The columns of a volume on a source, each with the runs that it has there.
    pub(crate) fn columns_on(
        &self,
        volume: usize,
        source: usize,
    ) -> impl Iterator<Item = (usize, impl Iterator<Item = &Holding>)> {
        let all = self
            .columns
            .range((volume, source, 0)..(volume, source + 1, 0));
        all.map(move |((_, _, column), starts)| {
            let holdings = starts
                .iter()
                .filter_map(move |start| self.held.get(&(source, *start)));
            (*column, holdings)
        })
    }

    /// The sources that a volume is on.
    pub(crate) fn sources_of(&self, volume: usize) -> BTreeSet<usize> {
        let all = self.columns.range((volume, 0, 0)..(volume + 1, 0, 0));
        all.map(|((_, source, _), _)| *source).collect()
    }
}
