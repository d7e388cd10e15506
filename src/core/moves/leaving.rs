//! What has to be copied wherever it goes, added up without any of the code that moves it.

use std::collections::BTreeMap;

use crate::core::{Areas, Failing, HeldPiece, HeldVolume, Policy, Rearrangement, Separation};

/// Extents that are copied at the least: those that lie where nothing may in the end, with the rest of a run that stays one;
/// of columns that share what fails as one, and are put apart, all but one; and what a source holds more than it may.
#[must_use]
pub fn bound_of_leaving(state: &Rearrangement) -> u64 {
    let barred = state.barred();
    let mut bound = 0u64;
    // Per source what leaves it although it might stay.
    let mut beside = vec![0u64; state.sources.len()];
    for volume in &state.volumes {
        let mut stays: Vec<Vec<HeldPiece>> = Vec::with_capacity(volume.legs.len());
        for leg in &volume.legs {
            let mut own = Vec::new();
            for run in leg.runs() {
                let place = run.place;
                let rest = Areas::from(place.area).difference(&barred[place.source]);
                let leaves = place.area.count() - rest.total();
                if leaves > 0 && volume.policy == Policy::Contiguous {
                    bound = bound.saturating_add(place.area.count());
                    beside[place.source] += rest.total();
                    continue;
                }
                bound = bound.saturating_add(leaves);
                own.extend(rest.iter().filter_map(|area| run.within(area)));
            }
            stays.push(own);
        }
        if state.heals() && volume.separation == Separation::Leg {
            bound = bound.saturating_add(put_apart(state, volume, &stays));
        }
    }
    // Which columns stay where they are put apart is open, and so what that frees of which source.
    if !state.heals() {
        let excess = state.excess().into_iter().zip(beside);
        let more = excess.map(|(excess, beside)| excess.saturating_sub(beside));
        bound = more.fold(bound, u64::saturating_add);
    }
    bound
}

/// What has to leave so that no two columns fail together: all but one, that which may not move or else the longest.
fn put_apart(state: &Rearrangement, volume: &HeldVolume, stays: &[Vec<HeldPiece>]) -> u64 {
    let mut columns: BTreeMap<Failing<'_>, BTreeMap<usize, (bool, u64)>> = BTreeMap::new();
    for (leg, pieces) in volume.legs.iter().zip(stays) {
        for piece in pieces {
            let source = piece.place.source;
            let domain = state.domains_of(source).next().map(Failing::Domain);
            let place = domain.unwrap_or(Failing::Source(source));
            let here = columns.entry(place).or_default();
            let (is_locked, count) = here.entry(leg.column).or_default();
            *is_locked |= leg.locked.is_some();
            *count += piece.place.area.count();
        }
    }
    let leaving = columns.into_values().map(|columns| {
        let all: u64 = columns.values().map(|(_, count)| count).sum();
        let kept = columns.into_values().max();
        all - kept.map_or(0, |(_, count)| count)
    });
    leaving.sum()
}
