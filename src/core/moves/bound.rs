//! What no moves that reach some goals go below, added up without any of the code that found it.
//!
//! Whatever prices are given, what they come to is true: other prices only bound less.

use std::collections::BTreeMap;

use crate::core::{Area, Areas, Goal, HeldLeg, HeldPiece, Rearrangement, Segment};

/// Prices are in so many parts of an extent.
pub const PRICE_UNIT: i64 = 1 << 10;

/// Extents that are copied at the least for what is to lie somewhere: those that lie elsewhere, and one more for each
/// closed circle of them, each wanted where the next lies.
#[must_use]
pub fn bound_of_places(state: &Rearrangement) -> u64 {
    // By extent where it is to go.
    let mut ways: BTreeMap<(usize, u64), (usize, u64)> = BTreeMap::new();
    for goal in &state.goals {
        let Goal::Lie { volume, leg, piece } = goal else {
            continue;
        };
        let held = state
            .volumes
            .get(*volume)
            .and_then(|one| one.legs.get(*leg));
        for own in held.into_iter().flat_map(|leg| &leg.pieces) {
            let shared = own.offsets().zip(piece.offsets());
            let Some(shared) = shared.and_then(|(own, wanted)| own.intersection(wanted)) else {
                continue;
            };
            for offset in shared.start()..shared.end() {
                let at = |piece: &HeldPiece| {
                    let start = piece.place.area.start();
                    (piece.place.source, start + (offset - piece.offset))
                };
                if at(own) != at(piece) {
                    ways.insert(at(own), at(piece));
                }
            }
        }
    }
    let misplaced = ways.len() as u64;
    let mut circles = 0;
    while let Some((first, mut at)) = ways.pop_first() {
        while let Some(next) = ways.remove(&at) {
            at = next;
        }
        circles += u64::from(at == first);
    }
    misplaced + circles
}

/// Extents that are copied at the least for volumes of which each leg is to be one run: all but what windows that do not
/// overlap keep, where each leg has one at most.
///
/// A price on each leg lets each source choose by itself; with the prices that is no less than what any choice keeps. What
/// others hold in a window has to leave it.
#[must_use]
pub fn bound_of_runs(state: &Rearrangement, prices: &BTreeMap<(usize, usize), i64>) -> u64 {
    let mut most = vec![u64::MAX; state.volumes.len()];
    for goal in &state.goals {
        if let Goal::Runs { volume, most: own } = *goal {
            most[volume] = own.min(most[volume]);
        }
    }
    let volumes = state.volumes.iter().zip(most);
    let whole = volumes.map(|(volume, most)| {
        let legs = volume.legs.iter().filter(|leg| !leg.pieces.is_empty());
        most <= legs.count() as u64
    });
    let whole: Vec<bool> = whole.collect();
    let grounds = Grounds::of(state);
    let mut extents = 0u64;
    let mut windows: BTreeMap<usize, Vec<(Area, i128)>> = BTreeMap::new();
    let mut others: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
    let mut total: i128 = 0;
    for (volume, held) in state.volumes.iter().enumerate() {
        for (leg, one) in held.legs.iter().enumerate() {
            if !whole[volume] {
                let places = one.pieces.iter().map(|piece| piece.place);
                places.for_each(|place| others[place.source].push(place.area));
                continue;
            }
            extents = extents.saturating_add(length(one));
            let price = prices.get(&(volume, leg)).copied().unwrap_or(0).max(0);
            total += i128::from(price);
            for (place, gain) in aligned(one) {
                if !grounds.may_lie(one, place, gain) {
                    continue;
                }
                let weight = i128::from(gain) * i128::from(PRICE_UNIT) - i128::from(price);
                windows
                    .entry(place.source)
                    .or_default()
                    .push((place.area, weight));
            }
        }
    }
    let others: Vec<Areas> = others.into_iter().map(Areas::from_iter).collect();
    for (source, mut windows) in windows {
        for (area, weight) in &mut windows {
            let leaving = others[source].meeting(*area);
            let leaving = leaving.filter_map(|other| Some(other.intersection(*area)?.count()));
            *weight -= i128::from(leaving.sum::<u64>()) * i128::from(PRICE_UNIT);
        }
        total += heaviest(windows);
    }
    let kept = u64::try_from(total / i128::from(PRICE_UNIT)).unwrap_or(u64::MAX);
    extents.saturating_sub(kept)
}

/// Where runs may lie in the end.
struct Grounds<'s> {
    state: &'s Rearrangement,
    /// Per source what is free or held, and not barred.
    room: Vec<Areas>,
    /// Per source what of that may not move.
    locked: Vec<Areas>,
}

impl Grounds<'_> {
    fn of(state: &Rearrangement) -> Grounds<'_> {
        let mut held: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
        let mut locked = held.clone();
        for leg in state.volumes.iter().flat_map(|volume| &volume.legs) {
            for place in leg.pieces.iter().map(|piece| piece.place) {
                held[place.source].push(place.area);
                if leg.locked.is_some() {
                    locked[place.source].push(place.area);
                }
            }
        }
        let room = state.sources.iter().zip(held).zip(state.barred());
        let room = room.map(|((source, held), barred)| {
            let held: Areas = held.into_iter().collect();
            source.free.union(&held).difference(&barred)
        });
        Grounds {
            state,
            room: room.collect(),
            locked: locked.into_iter().map(Areas::from_iter).collect(),
        }
    }

    /// Whether a leg of which so much lies right may lie at a place.
    fn may_lie(&self, leg: &HeldLeg, place: Segment, gain: u64) -> bool {
        let is_open = !self.state.closed.contains(&place.source) || gain == place.area.count();
        let mut locked = self.locked[place.source].meeting(place.area);
        let is_clear = leg.locked.is_some() || locked.next().is_none();
        is_open && is_clear && self.room[place.source].contains(place.area)
    }
}

fn length(leg: &HeldLeg) -> u64 {
    leg.pieces
        .iter()
        .map(|piece| piece.place.area.count())
        .sum()
}

/// The windows in which some of a leg lies where it would in one run, with how much does.
fn aligned(leg: &HeldLeg) -> Vec<(Segment, u64)> {
    let first = leg
        .pieces
        .iter()
        .map(|piece| piece.offset)
        .min()
        .unwrap_or(0);
    let mut gains: BTreeMap<(usize, u64), u64> = BTreeMap::new();
    for piece in &leg.pieces {
        let behind = piece.offset - first;
        if let Some(start) = piece.place.area.start().checked_sub(behind) {
            *gains.entry((piece.place.source, start)).or_default() += piece.place.area.count();
        }
    }
    let length = length(leg);
    let windows = gains.into_iter().filter_map(|((source, start), gain)| {
        let area = Area::new(start, length)?;
        Some((Segment { source, area }, gain))
    });
    windows.collect()
}

/// The most that windows weigh of which no two overlap.
fn heaviest(mut windows: Vec<(Area, i128)>) -> i128 {
    windows.sort_unstable_by_key(|(area, _)| area.end());
    let mut most: Vec<i128> = vec![0];
    for at in 0..windows.len() {
        let (area, weight) = windows[at];
        let before = windows[..at].partition_point(|(other, _)| other.end() <= area.start());
        most.push(most[at].max(most[before] + weight));
    }
    most.last().copied().unwrap_or(0)
}
