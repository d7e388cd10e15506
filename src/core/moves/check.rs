//! Replays moves by rules that are said here once more, and says what they break.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::moves::ground::{Ground, Holding};
use crate::core::{
    Areas, HeldPiece, Move, MoveFault, MoveViolation, Policy, Rearrangement, Segment, Separation,
};

/// Every rule that the moves break: none if they are right.
///
/// At each step: the leg holds what is moved in one run and may move; what it is moved to is as long, free at that
/// moment, and on a source that is open to it; no two columns of a volume come together that were apart. In the
/// end: policies are kept, and every goal is reached. A step that breaks a rule is left out of what follows.
#[must_use]
pub fn check_moves(state: &Rearrangement, moves: &[Move]) -> Vec<MoveViolation> {
    let mut violations = Vec::new();
    let mut ground = Ground::of(state);
    let room = room(state, &ground);
    for (index, step) in moves.iter().enumerate() {
        let faults = faults_of(state, &ground, &room, step);
        if faults.is_empty() {
            carry_out(state, &mut ground, step);
        }
        violations.extend(faults.into_iter().map(|fault| MoveViolation {
            step: Some(index),
            fault,
        }));
    }
    let mut faults = policies(state, &ground);
    faults.extend(left(state, &ground));
    faults.extend(not_spared(state, &ground, &room));
    if state.heals() {
        faults.extend(not_healed(state, &ground));
    }
    let faults = faults.into_iter();
    violations.extend(faults.map(|fault| MoveViolation { step: None, fault }));
    violations
}

/// Per source all that is free or becomes free once it is moved away.
fn room(state: &Rearrangement, ground: &Ground) -> Vec<Areas> {
    let mut held = vec![Vec::new(); state.sources.len()];
    for holding in ground.holdings() {
        held[holding.piece.place.source].push(holding.piece.place.area);
    }
    let pairs = state.sources.iter().zip(held);
    pairs
        .map(|(source, held)| source.free.union(&held.into_iter().collect()))
        .collect()
}

fn faults_of(
    state: &Rearrangement,
    ground: &Ground,
    room: &[Areas],
    step: &Move,
) -> Vec<MoveFault> {
    let leg = state
        .volumes
        .get(step.volume)
        .and_then(|volume| volume.legs.get(step.leg));
    let sources = state.sources.len();
    let (Some(leg), true) = (leg, step.from.source.max(step.to.source) < sources) else {
        return vec![MoveFault::NotThere { step: *step }];
    };
    let name = |place: Segment| state.sources[place.source].name.clone();
    let mut faults = Vec::new();
    if step.from.area.count() != step.to.area.count() {
        faults.push(MoveFault::OtherLength {
            from: step.from.area.count(),
            to: step.to.area.count(),
        });
    }
    if let Some(why) = &leg.locked {
        faults.push(MoveFault::Locked {
            leg: leg.name.clone(),
            why: why.clone(),
        });
    }
    let is_free = room[step.to.source].contains(step.to.area)
        && ground.meeting(step.to).next().is_none()
        && !state.closed.contains(&step.to.source);
    if !is_free {
        faults.push(MoveFault::NotFree {
            source: name(step.to),
            area: step.to.area,
        });
    }
    let Some(offset) = ground.offset(step.volume, step.leg, step.from) else {
        faults.push(MoveFault::NotHeld {
            leg: leg.name.clone(),
            source: name(step.from),
            area: step.from.area,
        });
        return faults;
    };
    let piece = HeldPiece {
        offset,
        place: step.to,
    };
    if comes_together(state, ground, step, leg.column, &piece) {
        faults.push(MoveFault::Together {
            volume: state.volumes[step.volume].name.clone(),
            source: name(step.to),
        });
    }
    faults
}

/// Whether a run comes to a source or into a domain where another column is, and that it was not in.
fn comes_together(
    state: &Rearrangement,
    ground: &Ground,
    step: &Move,
    column: usize,
    piece: &HeldPiece,
) -> bool {
    let volume = &state.volumes[step.volume];
    let (old, new) = (step.from.source, step.to.source);
    if old == new || volume.separation == Separation::None {
        return false;
    }
    let is_met_on = |source: usize| {
        let mut columns = ground.columns_on(step.volume, source);
        columns.any(|(other, pieces)| {
            other != column && meets(volume.separation, std::iter::once(piece), pieces)
        })
    };
    let entered: BTreeSet<&str> = {
        let before: BTreeSet<&str> = state.domains_of(old).collect();
        state
            .domains_of(new)
            .filter(|domain| !before.contains(domain))
            .collect()
    };
    if entered.is_empty() {
        return is_met_on(new);
    }
    let is_in = |source: &usize| {
        let tags = &state.sources[*source].tags;
        *source == new || entered.iter().any(|domain| tags.contains(*domain))
    };
    let mut sources = ground.sources_of(step.volume).into_iter();
    sources.any(|source| is_in(&source) && is_met_on(source))
}

/// Whether pieces of two columns on one source are such as keep apart.
fn meets<'p>(
    separation: Separation,
    mut ones: impl Iterator<Item = &'p HeldPiece>,
    others: impl Iterator<Item = &'p HeldPiece>,
) -> bool {
    match separation {
        Separation::None => false,
        Separation::Leg => true,
        Separation::Segment => {
            let others: Areas = others.filter_map(HeldPiece::offsets).collect();
            ones.any(|one| {
                one.offsets()
                    .is_some_and(|own| others.meeting(own).next().is_some())
            })
        }
    }
}

fn carry_out(state: &Rearrangement, ground: &mut Ground, step: &Move) {
    let column = state.volumes[step.volume].legs[step.leg].column;
    let Some(offset) = ground.offset(step.volume, step.leg, step.from) else {
        return;
    };
    ground.take(step.from, column);
    let holding = Holding {
        volume: step.volume,
        leg: step.leg,
        piece: HeldPiece {
            offset,
            place: step.to,
        },
    };
    ground.put(holding, column);
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
    let (spared, barred) = (state.spared(), state.barred());
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
