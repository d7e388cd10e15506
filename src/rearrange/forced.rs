//! What has to move whatever is done: nothing of it may stay where it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas, Failing, HeldPiece, HeldVolume, Policy, Rearrangement, Separation};

/// Of each leg of each volume the runs that have to move, and those that need not.
#[derive(Clone, Debug)]
pub(crate) struct Forced {
    /// By volume and leg.
    pub(crate) legs: Vec<Vec<Split>>,
    /// Whether all that has to move lies where nothing may stay: no place that it leaves is one to go to.
    pub(crate) is_all_leaving: bool,
    /// The fewest moves that it takes, whichever of legs that are as long stay together.
    pub(crate) least_moves: u64,
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
        let barred = state.barred();
        let mut is_all_leaving = true;
        let mut least_moves = 0;
        let nothing_leaves = barred.iter().all(Areas::is_empty);
        let mut legs = Vec::with_capacity(state.volumes.len());
        for volume in &state.volumes {
            let is_whole = volume.policy == Policy::Contiguous;
            let mut splits = Vec::with_capacity(volume.legs.len());
            for leg in &volume.legs {
                let mut split = Split::default();
                for run in leg.runs() {
                    let barred = &barred[run.place.source];
                    let (leaving, staying) = parted(&run, barred);
                    if is_whole && !leaving.is_empty() && !staying.is_empty() {
                        split.moves.push(run);
                        is_all_leaving = false;
                        continue;
                    }
                    split.moves.extend(leaving);
                    split.stays.extend(staying);
                }
                splits.push(split);
            }
            let runs = |splits: &[Split]| -> u64 {
                splits.iter().map(|split| split.moves.len() as u64).sum()
            };
            let leaving = runs(&splits);
            let mut parted = Parted::default();
            if state.heals() && volume.separation == Separation::Leg {
                parted = part(state, volume, &mut splits);
            }
            is_all_leaving &= !parted.is_any;
            // Another choice may move in one go with what leaves.
            least_moves += match parted.has_choice && !nothing_leaves {
                true => leaving,
                false => runs(&splits),
            };
            legs.push(splits);
        }
        let mut forced = Forced {
            legs,
            is_all_leaving,
            least_moves,
        };
        // Which of several legs stays where they are put apart is open, and so how much of which source that frees.
        if !state.heals() {
            let from = forced.pieces().map(|(_, _, piece)| piece.place.source);
            let from: BTreeSet<usize> = from.collect();
            let excess = state.excess().into_iter().enumerate();
            let more = excess.filter(|(source, excess)| *excess > 0 && !from.contains(source));
            forced.least_moves += more.count() as u64;
        }
        forced
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
}

/// The parts of a run that lie in some areas of its source, and those that do not.
pub(crate) fn parted(run: &HeldPiece, areas: &Areas) -> (Vec<HeldPiece>, Vec<HeldPiece>) {
    let all = run.place.area;
    let own: Areas = areas
        .meeting(all)
        .filter_map(|area| area.intersection(all))
        .collect();
    if own.is_empty() {
        return (Vec::new(), vec![*run]);
    }
    let parts = |areas: Areas| areas.iter().filter_map(|area| run.within(area)).collect();
    let rest = Areas::from(all).difference(&own);
    (parts(own), parts(rest))
}

/// Whether nothing at all may lie on a source that has something to lie on.
pub(crate) fn is_all_barred(state: &Rearrangement, barred: &[Areas], source: usize) -> bool {
    let all = Area::new(0, state.sources[source].extents);
    all.is_some_and(|all| barred[source].contains(all))
}

/// What putting columns apart came to.
#[derive(Clone, Copy, Debug, Default)]
struct Parted {
    /// Whether anything has to move.
    is_any: bool,
    /// Whether another column might have stayed for as little copying.
    has_choice: bool,
}

/// Puts the columns of a volume apart: where several share a place, all but one have to move.
fn part(state: &Rearrangement, volume: &HeldVolume, splits: &mut [Split]) -> Parted {
    let mut parted = Parted::default();
    for (_, columns) in shared(volume, splits, |source| place(state, source)) {
        let is_here = |piece: &HeldPiece| columns.sources.contains(&piece.place.source);
        let here = volume.legs.iter().zip(&*splits);
        let here =
            here.filter(|(leg, split)| leg.locked.is_some() && split.stays.iter().any(is_here));
        let locked: BTreeSet<usize> = here.map(|(leg, _)| leg.column).collect();
        let runs = |column: usize| {
            let own = volume.legs.iter().zip(&*splits);
            let own = own.filter(|(leg, _)| leg.column == column);
            let stays = own.flat_map(|(_, split)| &split.stays);
            stays.filter(|piece| is_here(piece)).count()
        };
        // What is locked stays; else the longest, as that leaves the least to be copied, of most runs.
        let weight = |&(column, extents): &(usize, u64)| {
            let runs = runs(column);
            (
                locked.contains(&column),
                extents,
                runs,
                std::cmp::Reverse(column),
            )
        };
        let all = columns
            .extents
            .iter()
            .map(|(&column, &extents)| (column, extents));
        let Some((kept, most)) = all.max_by_key(weight) else {
            continue;
        };
        let as_long = columns.extents.values().filter(|extents| **extents == most);
        parted.has_choice |= as_long.count() > 1 && !locked.contains(&kept);
        for (leg, split) in volume.legs.iter().zip(&mut *splits) {
            if leg.column == kept {
                continue;
            }
            let (here, elsewhere): (Vec<_>, Vec<_>) = split.stays.drain(..).partition(is_here);
            parted.is_any |= !here.is_empty();
            split.stays = elsewhere;
            split.moves.extend(here);
            split.moves.sort_unstable_by_key(|piece| piece.offset);
            // The front of a run may be among them whose end is.
            split.moves = HeldPiece::joined(&split.moves);
        }
    }
    parted
}

/// A source, or the sources of a domain, and how much of each column stays there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) sources: BTreeSet<usize>,
    pub(crate) extents: BTreeMap<usize, u64>,
}

/// The place that fails as one with a source: its domain, of which it has one at most, or itself.
pub(crate) fn place(state: &Rearrangement, source: usize) -> Failing<'_> {
    let domain = state.domains_of(source).next();
    domain.map_or(Failing::Source(source), Failing::Domain)
}

/// The places at which more than one column of a volume stays.
pub(crate) fn shared<'s>(
    volume: &HeldVolume,
    splits: &[Split],
    place_of: impl Fn(usize) -> Failing<'s>,
) -> BTreeMap<Failing<'s>, Columns> {
    let mut places: BTreeMap<Failing<'s>, Columns> = BTreeMap::new();
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
