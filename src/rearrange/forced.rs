//! What has to move whatever is done: nothing of it may stay where it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, HeldPiece, HeldVolume, Policy, Rearrangement, Separation};

/// Of each leg of each volume the runs that have to move, and those that need not.
#[derive(Clone, Debug)]
pub(crate) struct Forced {
    /// By volume and leg.
    pub(crate) legs: Vec<Vec<Split>>,
    /// Whether all that has to move lies where nothing may stay: no place that it leaves is one to go to.
    pub(crate) is_all_leaving: bool,
}

/// The runs of a leg, by offset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Split {
    pub(crate) moves: Vec<HeldPiece>,
    pub(crate) stays: Vec<HeldPiece>,
}

impl Forced {
    /// What may not stay on sources that are emptied or shrunk, with the rest of a contiguous run of which a part may
    /// not; and of legs that share a source, or a domain, and should not, all but the longest.
    pub(crate) fn of(state: &Rearrangement) -> Forced {
        let ends = state.ends();
        let mut is_all_leaving = true;
        let mut legs = Vec::with_capacity(state.volumes.len());
        for volume in &state.volumes {
            let is_whole = volume.policy == Policy::Contiguous;
            let mut splits = Vec::with_capacity(volume.legs.len());
            for leg in &volume.legs {
                let mut split = Split::default();
                for run in leg.runs() {
                    let end = ends[run.place.source];
                    let beyond = end.and_then(|end| behind(&run, end));
                    let front = end.map_or(Some(run), |end| before(&run, end));
                    if let (true, Some(_), Some(_)) = (is_whole, beyond, front) {
                        split.moves.push(run);
                        is_all_leaving = false;
                        continue;
                    }
                    split.moves.extend(beyond);
                    split.stays.extend(front);
                }
                splits.push(split);
            }
            if state.heals() && volume.separation == Separation::Leg {
                is_all_leaving &= !part(state, volume, &mut splits);
            }
            legs.push(splits);
        }
        Forced {
            legs,
            is_all_leaving,
        }
    }

    /// Everything that has to move, with its volume and leg.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (usize, usize, &HeldPiece)> {
        let volumes = self.legs.iter().enumerate();
        volumes.flat_map(|(volume, legs)| {
            let legs = legs.iter().enumerate();
            legs.flat_map(move |(leg, split)| {
                split.moves.iter().map(move |piece| (volume, leg, piece))
            })
        })
    }

    /// How many extents that is.
    pub(crate) fn extents(&self) -> u64 {
        let counts = self.pieces().map(|(_, _, piece)| piece.place.area.count());
        counts.fold(0, u64::saturating_add)
    }
}

/// The part of a run from an extent of its source on.
pub(crate) fn behind(run: &HeldPiece, end: u64) -> Option<HeldPiece> {
    run.within(Area::between(end, u64::MAX)?)
}

fn before(run: &HeldPiece, end: u64) -> Option<HeldPiece> {
    run.within(Area::between(0, end)?)
}

/// Puts the columns of a volume apart: where several share a place, all but one have to move. Says whether any has to.
fn part(state: &Rearrangement, volume: &HeldVolume, splits: &mut [Split]) -> bool {
    let mut found = false;
    for (_, columns) in shared(volume, splits, |source| place(state, source)) {
        let is_here = |piece: &HeldPiece| columns.sources.contains(&piece.place.source);
        let here = volume.legs.iter().zip(&*splits);
        let here =
            here.filter(|(leg, split)| leg.locked.is_some() && split.stays.iter().any(is_here));
        let locked: BTreeSet<usize> = here.map(|(leg, _)| leg.column).collect();
        // What is locked stays; else the longest, as that leaves the least to be copied.
        let weight = |&(column, extents): &(usize, u64)| {
            (locked.contains(&column), extents, std::cmp::Reverse(column))
        };
        let all = columns
            .extents
            .iter()
            .map(|(&column, &extents)| (column, extents));
        let Some((kept, _)) = all.max_by_key(weight) else {
            continue;
        };
        for (leg, split) in volume.legs.iter().zip(&mut *splits) {
            if leg.column == kept {
                continue;
            }
            let (here, elsewhere): (Vec<_>, Vec<_>) = split.stays.drain(..).partition(is_here);
            found |= !here.is_empty();
            split.stays = elsewhere;
            split.moves.extend(here);
            split.moves.sort_unstable_by_key(|piece| piece.offset);
            // The front of a run may be among them whose end is.
            split.moves = HeldPiece::joined(&split.moves);
        }
    }
    found
}

/// A source, or the sources of a domain, and how much of each column stays there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) sources: BTreeSet<usize>,
    pub(crate) extents: BTreeMap<usize, u64>,
}

/// The place that fails as one with a source: its domain, of which it has one at most, or itself.
pub(crate) fn place(state: &Rearrangement, source: usize) -> Place<'_> {
    let domain = state.domains_of(source).next();
    domain.map_or(Place::Source(source), Place::Domain)
}

/// What fails as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place<'s> {
    Source(usize),
    Domain(&'s str),
}

/// The places at which more than one column of a volume stays.
pub(crate) fn shared<'s>(
    volume: &HeldVolume,
    splits: &[Split],
    place_of: impl Fn(usize) -> Place<'s>,
) -> BTreeMap<Place<'s>, Columns> {
    let mut places: BTreeMap<Place<'s>, Columns> = BTreeMap::new();
    for (leg, split) in volume.legs.iter().zip(splits) {
        for piece in &split.stays {
            let source = piece.place.source;
            let columns = places.entry(place_of(source)).or_default();
            columns.sources.insert(source);
            *columns.extents.entry(leg.column).or_default() += piece.place.area.count();
        }
    }
    places.retain(|_, columns| columns.extents.len() > 1);
    places
}
