//! What can be counted to show that no moves reach the goals, whoever makes way.

use std::collections::BTreeSet;

use crate::core::{Areas, HeldVolume, Rearrangement, Separation};
use crate::rearrange::MoveConflict;
use crate::rearrange::forced::{Forced, Place, Split, is_all_barred, parted, place, shared};

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
        if volume.separation != Separation::Leg {
            continue;
        }
        let held = volume.legs.iter().filter(|leg| !leg.pieces.is_empty());
        let columns: BTreeSet<usize> = held.map(|leg| leg.column).collect();
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
            let is_kept = !is_domain || by_domain;
            let is_needed = state.heals() || is_apart(state, volume, is_domain);
            if is_kept && columns.len() > left && is_needed {
                return Some(MoveConflict::Apart {
                    volume: volume.name.clone(),
                    columns: columns.len() as u64,
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

/// Whether no two columns of a volume share a source now, or a domain.
fn is_apart(state: &Rearrangement, volume: &HeldVolume, by_domain: bool) -> bool {
    let splits = volume.legs.iter().map(|leg| Split {
        moves: Vec::new(),
        stays: leg.pieces.clone(),
    });
    let splits: Vec<Split> = splits.collect();
    let place_of = |source| match by_domain {
        true => place(state, source),
        false => Place::Source(source),
    };
    shared(volume, &splits, place_of).is_empty()
}
