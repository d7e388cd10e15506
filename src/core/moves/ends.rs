//! What breaks rules, or is missing of goals, once everything has moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::moves::ground::{Ground, Holding};
use crate::core::{Areas, Goal, HeldPiece, MoveFault, Policy, Rearrangement, Segment, Separation};

/// The faults of an end; `room` has per source all that is free or held.
pub(crate) fn ends(state: &Rearrangement, ground: &Ground, room: &[Areas]) -> Vec<MoveFault> {
    let mut faults = policies(state, ground);
    faults.extend(left(state, ground));
    faults.extend(not_spared(state, ground, room));
    if state.heals() {
        faults.extend(not_healed(state, ground));
    }
    faults.extend(elsewhere(state, ground));
    faults.extend(scattered(state, ground));
    faults.extend(too_full(state, ground, room));
    faults
}

/// The policies that are not kept.
fn policies(state: &Rearrangement, ground: &Ground) -> Vec<MoveFault> {
    let mut after: BTreeMap<(usize, usize), Vec<HeldPiece>> = BTreeMap::new();
    for holding in ground.holdings() {
        let policy = state.volumes[holding.volume].policy;
        if matches!(
            policy,
            Policy::Contiguous | Policy::Cling | Policy::ClingByTags
        ) {
            let pieces = after.entry((holding.volume, holding.leg)).or_default();
            pieces.push(holding.piece);
        }
    }
    let mut faults = Vec::new();
    for ((volume, leg), mut pieces) in after {
        pieces.sort_unstable_by_key(|piece| piece.offset);
        let before = &state.volumes[volume].legs[leg];
        match state.volumes[volume].policy {
            Policy::Contiguous => {
                let (runs, now) = (before.runs(), inner_borders(&pieces));
                let starts = pieces.iter().map(|piece| piece.offset);
                let torn =
                    starts.filter(|offset| is_inside(&runs, *offset) && !now.contains(offset));
                faults.extend(torn.map(|offset| MoveFault::Torn {
                    leg: before.name.clone(),
                    offset,
                }));
            }
            Policy::Cling | Policy::ClingByTags => {
                let count = |pieces: &[HeldPiece]| {
                    let sources = pieces.iter().map(|piece| piece.place.source);
                    sources.collect::<BTreeSet<usize>>().len() as u64
                };
                let (before_count, after_count) = (count(&before.pieces), count(&pieces));
                if after_count > before_count {
                    faults.push(MoveFault::Spread {
                        leg: before.name.clone(),
                        before: before_count,
                        after: after_count,
                    });
                }
            }
            Policy::Normal | Policy::Anywhere => {}
        }
    }
    faults
}

/// The offsets at which a piece goes on directly behind the one before it.
fn inner_borders(pieces: &[HeldPiece]) -> BTreeSet<u64> {
    let pairs = pieces.windows(2);
    let goes_on = pairs.filter(|pair| {
        pair[0].place.continues_with(&pair[1].place)
            && pair[0].offset + pair[0].place.area.count() == pair[1].offset
    });
    goes_on.map(|pair| pair[1].offset).collect()
}

/// Whether an offset is inside a run, and not its first.
fn is_inside(runs: &[HeldPiece], offset: u64) -> bool {
    let behind = runs.partition_point(|run| run.offset < offset);
    let run = behind.checked_sub(1).map(|index| &runs[index]);
    run.is_some_and(|run| offset < run.offset + run.place.area.count())
}

/// What lies where nothing is to be.
fn left(state: &Rearrangement, ground: &Ground) -> Vec<MoveFault> {
    let barred = state.barred();
    let is_left = |holding: &&Holding| {
        let place = holding.piece.place;
        barred[place.source].meeting(place.area).next().is_some()
    };
    let all = ground.holdings().filter(is_left);
    all.map(|holding| MoveFault::Left {
        leg: state.volumes[holding.volume].legs[holding.leg].name.clone(),
        source: state.sources[holding.piece.place.source].name.clone(),
        area: holding.piece.place.area,
    })
    .collect()
}

/// Sources of which too little is free.
fn not_spared(state: &Rearrangement, ground: &Ground, room: &[Areas]) -> Vec<MoveFault> {
    let barred = state.barred();
    let mut spared = vec![0; state.sources.len()];
    for goal in &state.goals {
        if let Goal::Spare { source, extents } = *goal {
            spared[source] = extents.max(spared[source]);
        }
    }
    let mut free: Vec<u64> = room
        .iter()
        .zip(&barred)
        .map(|(room, barred)| room.difference(barred).total())
        .collect();
    for holding in ground.holdings() {
        let place = holding.piece.place;
        let beside = Areas::from(place.area).difference(&barred[place.source]);
        free[place.source] = free[place.source].saturating_sub(beside.total());
    }
    let pairs = spared.into_iter().zip(free).enumerate();
    pairs
        .filter(|(_, (wanted, free))| wanted > free)
        .map(|(source, (wanted, free))| MoveFault::NotSpared {
            source: state.sources[source].name.clone(),
            wanted,
            free,
        })
        .collect()
}

/// Volumes of which two columns share a source or a domain.
fn not_healed(state: &Rearrangement, ground: &Ground) -> Vec<MoveFault> {
    let mut faults = Vec::new();
    for (index, volume) in state.volumes.iter().enumerate() {
        if volume.separation != Separation::Leg {
            continue;
        }
        // Per source or domain one source with the column that was met there.
        let mut met: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        'volume: for source in ground.sources_of(index) {
            let name = format!("source {source}");
            let domains = state
                .domains_of(source)
                .map(|domain| format!("domain {domain}"));
            let places: Vec<String> = std::iter::once(name).chain(domains).collect();
            for (column, _) in ground.columns_on(index, source) {
                for place in &places {
                    let first = *met.entry(place.clone()).or_insert((column, source));
                    if first.0 != column {
                        faults.push(MoveFault::NotHealed {
                            volume: volume.name.clone(),
                            source: state.sources[first.1].name.clone(),
                            other: state.sources[source].name.clone(),
                        });
                        break 'volume;
                    }
                }
            }
        }
    }
    faults
}

/// What does not lie where it is to lie.
fn elsewhere(state: &Rearrangement, ground: &Ground) -> Vec<MoveFault> {
    let mut faults = Vec::new();
    for goal in &state.goals {
        if let Goal::Lie { volume, leg, piece } = *goal {
            let name = state.volumes.get(volume).and_then(|one| one.legs.get(leg));
            if ground.offset(volume, leg, piece.place) != Some(piece.offset) {
                faults.push(MoveFault::Elsewhere {
                    leg: name.map_or(String::new(), |leg| leg.name.clone()),
                    offset: piece.offset,
                    source: name_of(state, piece.place),
                    area: piece.place.area,
                });
            }
        }
    }
    faults
}

/// Volumes in more runs than they are to lie in.
fn scattered(state: &Rearrangement, ground: &Ground) -> Vec<MoveFault> {
    let mut most: BTreeMap<usize, u64> = BTreeMap::new();
    for goal in &state.goals {
        if let Goal::Runs { volume, most: own } = *goal {
            let least = most.entry(volume).or_insert(own);
            *least = own.min(*least);
        }
    }
    if most.is_empty() {
        return Vec::new();
    }
    let mut pieces: BTreeMap<(usize, usize), Vec<HeldPiece>> = BTreeMap::new();
    for holding in ground.holdings() {
        if most.contains_key(&holding.volume) {
            let own = pieces.entry((holding.volume, holding.leg)).or_default();
            own.push(holding.piece);
        }
    }
    let mut runs: BTreeMap<usize, u64> = BTreeMap::new();
    for ((volume, _), mut pieces) in pieces {
        pieces.sort_unstable_by_key(|piece| piece.offset);
        *runs.entry(volume).or_default() += HeldPiece::joined(&pieces).len() as u64;
    }
    let found = runs.into_iter().filter_map(|(volume, runs)| {
        let most = *most.get(&volume)?;
        (runs > most).then(|| MoveFault::Scattered {
            volume: state.volumes[volume].name.clone(),
            runs,
            most,
        })
    });
    found.collect()
}

/// Sources that hold more than the share that a level says.
fn too_full(state: &Rearrangement, ground: &Ground, room: &[Areas]) -> Vec<MoveFault> {
    let mut faults = Vec::new();
    let mut held = None;
    for goal in &state.goals {
        let Goal::Level { held: level, of } = *goal else {
            continue;
        };
        let held = held.get_or_insert_with(|| {
            let mut held = vec![0u64; state.sources.len()];
            for holding in ground.holdings() {
                held[holding.piece.place.source] += holding.piece.place.area.count();
            }
            held
        });
        for (source, &held) in held.iter().enumerate() {
            let all = room[source].total();
            if u128::from(held) * u128::from(of) > u128::from(all) * u128::from(level) {
                faults.push(MoveFault::TooFull {
                    source: state.sources[source].name.clone(),
                    held,
                    all,
                    level,
                    of,
                });
            }
        }
    }
    faults
}

fn name_of(state: &Rearrangement, place: Segment) -> String {
    let source = state.sources.get(place.source);
    source.map_or(String::new(), |source| source.name.clone())
}
