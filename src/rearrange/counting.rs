//! What can be counted to show that no moves reach the goals, whoever makes way.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas, Failing, HeldVolume, Rearrangement, Separation};
use crate::rearrange::MoveConflict;
use crate::rearrange::forced::{Forced, is_all_barred, parted, place};

/// Why no moves reach the goals, if counting shows it.
pub(crate) fn conflict(state: &Rearrangement, forced: &Forced) -> Option<MoveConflict> {
    locked(state, forced)
        .or_else(|| room(state))
        .or_else(|| apart(state))
}

fn locked(state: &Rearrangement, forced: &Forced) -> Option<MoveConflict> {
    let barred = state.barred();
    for (volume, leg, piece) in forced.pieces() {
        let held = &state.volumes[volume].legs[leg];
        let Some(why) = &held.locked else {
            continue;
        };
        let source = piece.place.source;
        let leaves = barred[source].meeting(piece.place.area).next().is_some();
        return Some(if leaves {
            MoveConflict::Locked {
                leg: held.name.clone(),
                why: why.clone(),
                source: state.sources[source].name.clone(),
                extents: piece.place.area.count(),
            }
        } else {
            // Of legs that share a place one that is locked stays: another is locked, too.
            MoveConflict::LockedTogether {
                volume: state.volumes[volume].name.clone(),
                place: state.sources[source].name.clone(),
            }
        });
    }
    None
}

/// Per source what is free there and may be moved to in the end.
pub(crate) fn open(state: &Rearrangement) -> Vec<Areas> {
    let barred = state.barred();
    let all = state.sources.iter().zip(barred).enumerate();
    all.map(
        |(index, (source, barred))| match state.closed.contains(&index) {
            true => Areas::none(),
            false => source.free.difference(&barred),
        },
    )
    .collect()
}

/// What leaves in the end has to be where there is room now: others that move only change places there.
fn room(state: &Rearrangement) -> Option<MoveConflict> {
    let barred = state.barred();
    let mut leaving = 0u64;
    let mut sources = BTreeSet::new();
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    for piece in legs.flat_map(|leg| &leg.pieces) {
        let source = piece.place.source;
        for part in parted(piece, &barred[source]).0 {
            leaving = leaving.saturating_add(part.place.area.count());
            sources.insert(source);
        }
    }
    let free = open(state)
        .iter()
        .map(Areas::total)
        .fold(0, u64::saturating_add);
    let names = sources
        .iter()
        .map(|&source| state.sources[source].name.clone());
    (leaving > free).then(|| MoveConflict::Room {
        sources: names.collect(),
        leaving,
        free,
    })
}

/// Columns that are apart now, or are to be put apart, need a source each, and a domain each.
fn apart(state: &Rearrangement) -> Option<MoveConflict> {
    let barred = state.barred();
    let may_hold = |source: &usize| !is_all_barred(state, &barred, *source);
    let is_open = |source: &usize| may_hold(source) && !state.closed.contains(source);
    let open: Vec<usize> = (0..state.sources.len()).filter(is_open).collect();
    let open_domains: BTreeSet<&str> = open.iter().flat_map(|&s| state.domains_of(s)).collect();
    let outside = |source: &usize| state.domains_of(*source).next().is_none();
    let open_outside = open.iter().filter(|source| outside(source)).count();
    for volume in &state.volumes {
        let own: BTreeSet<usize> = sources(volume).into_iter().filter(may_hold).collect();
        // Of sources that are closed those that the volume is on may keep what they have.
        let closed = own.iter().filter(|source| !is_open(source));
        let left = open.len() + closed.count();
        let by_domain = !state.domains.is_empty();
        let counts = [
            ("sources", left, false),
            (
                "domains",
                {
                    let mut domains = open_domains.clone();
                    domains.extend(own.iter().flat_map(|&source| state.domains_of(source)));
                    let closed = own
                        .iter()
                        .filter(|source| !is_open(source) && outside(source));
                    domains.len() + open_outside + closed.count()
                },
                true,
            ),
        ];
        for (by, left, is_domain) in counts {
            let columns = match !is_domain || by_domain {
                true => kept_apart(state, volume, is_domain),
                false => 0,
            };
            if columns > left {
                return Some(MoveConflict::Apart {
                    volume: volume.name.clone(),
                    columns: columns as u64,
                    by,
                    left: left as u64,
                });
            }
        }
    }
    None
}

fn sources(volume: &HeldVolume) -> BTreeSet<usize> {
    let pieces = volume.legs.iter().flat_map(|leg| &leg.pieces);
    pieces.map(|piece| piece.place.source).collect()
}

/// How many columns of a volume are never at one place: all, where no two are now or all are to be put apart; at an offset
/// where only that counts.
fn kept_apart(state: &Rearrangement, volume: &HeldVolume, by_domain: bool) -> usize {
    let place_of = |source| match by_domain {
        true => place(state, source),
        false => Failing::Source(source),
    };
    // What begins and ends at which offset: of a column, and the place where that is.
    let mut borders: BTreeMap<u64, Vec<(bool, usize, Failing<'_>)>> = BTreeMap::new();
    for leg in &volume.legs {
        for piece in &leg.pieces {
            let offsets = match volume.separation {
                Separation::None => None,
                Separation::Leg => Area::new(0, 1),
                Separation::Segment => piece.offsets(),
            };
            let Some(offsets) = offsets else { continue };
            let place = place_of(piece.place.source);
            for (at, begins) in [(offsets.start(), true), (offsets.end(), false)] {
                let here = borders.entry(at).or_default();
                here.push((begins, leg.column, place));
            }
        }
    }
    let are_put_apart = state.heals() && volume.separation == Separation::Leg;
    // By column its places, by place its columns, and at how many places columns meet.
    let mut places: BTreeMap<usize, u64> = BTreeMap::new();
    let mut columns: BTreeMap<Failing<'_>, BTreeMap<usize, u64>> = BTreeMap::new();
    let (mut meetings, mut most) = (0u64, 0);
    for here in borders.into_values() {
        for (begins, column, place) in here {
            let own = columns.entry(place).or_default();
            let before = own.len();
            for counts in [own, &mut places] {
                let count = counts.entry(column).or_default();
                *count = if begins {
                    *count + 1
                } else {
                    count.saturating_sub(1)
                };
                if *count == 0 {
                    counts.remove(&column);
                }
            }
            let after = columns.get(&place).map_or(0, BTreeMap::len);
            meetings += u64::from(before < 2 && after > 1);
            meetings -= u64::from(before > 1 && after < 2);
        }
        if meetings == 0 || are_put_apart {
            most = most.max(places.len());
        }
    }
    most
}
