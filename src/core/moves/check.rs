//! Replays moves by rules that are said here once more, and says what they break.

use std::collections::BTreeSet;

use crate::core::moves::ends::ends;
use crate::core::moves::ground::{Ground, Holding};
use crate::core::{
    Areas, HeldPiece, Move, MoveFault, MoveViolation, Rearrangement, Segment, Separation,
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
    let faults = ends(state, &ground, &room);
    let faults = faults.into_iter();
    violations.extend(faults.map(|fault| MoveViolation { step: None, fault }));
    violations
}

/// Every rule that an end breaks, and every goal that it misses, however it is reached: by volume and leg what lies where.
#[must_use]
pub fn check_end(state: &Rearrangement, end: &[Vec<Vec<HeldPiece>>]) -> Vec<MoveFault> {
    let room = room(state, &Ground::of(state));
    let mut ended = state.clone();
    for (volume, legs) in ended.volumes.iter_mut().zip(end) {
        for (leg, pieces) in volume.legs.iter_mut().zip(legs) {
            leg.pieces.clone_from(pieces);
        }
    }
    ends(state, &Ground::of(&ended), &room)
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
