//! Replays moves by rules that are said here once more, and says what they break.

use crate::core::moves::ends::ends;
use crate::core::moves::ground::{Ground, Holding};
use crate::core::{
    Area, Areas, Failing, HeldPiece, Move, MoveFault, MoveViolation, Rearrangement, Segment,
    Separation, Together,
};

/// Every rule that the moves break: none if they are right.
///
/// At each step: the leg holds what is moved in one run and may move; what it is moved to is as long, free at that
/// moment, and on a source that is open to it; no two legs come together where they were not from the start. In the
/// end: policies are kept, and every goal is reached. A step that breaks a rule is left out of what follows.
#[must_use]
pub fn check_moves(state: &Rearrangement, moves: &[Move]) -> Vec<MoveViolation> {
    let mut violations = Vec::new();
    let mut ground = Ground::of(state);
    let room = room(state, &ground);
    let together = Together::of(state);
    for (index, step) in moves.iter().enumerate() {
        let faults = faults_of(state, &together, &ground, &room, step);
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

/// Every rule that an end breaks, and every goal that it misses, in whatever order it is reached: by volume and leg what lies where.
#[must_use]
pub fn check_end(state: &Rearrangement, end: &[Vec<Vec<HeldPiece>>]) -> Vec<MoveFault> {
    let room = room(state, &Ground::of(state));
    let mut ended = state.clone();
    for (volume, legs) in ended.volumes.iter_mut().zip(end) {
        for (leg, pieces) in volume.legs.iter_mut().zip(legs) {
            leg.pieces.clone_from(pieces);
        }
    }
    let mut faults = ends(state, &Ground::of(&ended), &room);
    let broken = Together::of(state).broken_by(&ended);
    faults.extend(
        broken
            .into_iter()
            .map(|(volume, place)| MoveFault::Together {
                volume: state.volumes[volume].name.clone(),
                source: match place {
                    Failing::Source(source) => state.sources[source].name.clone(),
                    Failing::Domain(domain) => domain.to_string(),
                },
            }),
    );
    faults
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
    together: &Together<'_>,
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
    let offsets = Area::new(offset, step.from.area.count());
    if offsets.is_some_and(|offsets| comes_together(state, together, ground, step, offsets)) {
        faults.push(MoveFault::Together {
            volume: state.volumes[step.volume].name.clone(),
            source: name(step.to),
        });
    }
    faults
}

/// Whether a run comes to a source or into a domain where a leg of another column is that it may not meet there.
fn comes_together(
    state: &Rearrangement,
    together: &Together<'_>,
    ground: &Ground,
    step: &Move,
    offsets: Area,
) -> bool {
    let volume = &state.volumes[step.volume];
    if volume.separation == Separation::None {
        return false;
    }
    let column = volume.legs[step.leg].column;
    let mut entered = state
        .failing_with(step.to.source)
        .filter(|place| !state.is_in(step.from.source, *place));
    entered.any(|place| {
        let is_met = |other: usize, piece: &HeldPiece| {
            let others = piece.offsets().map(|others| (other, others));
            others.is_some_and(|others| {
                !together.may_meet(step.volume, place, (step.leg, offsets), others)
            })
        };
        let sources: Vec<usize> = match place {
            Failing::Source(source) => vec![source],
            Failing::Domain(_) => {
                let sources = ground.sources_of(step.volume).into_iter();
                sources
                    .filter(|source| state.is_in(*source, place))
                    .collect()
            }
        };
        sources.into_iter().any(|source| {
            let all = ground.columns_on(step.volume, source);
            let mut others = all.filter(|(other, _)| *other != column);
            others.any(|(_, mut holdings)| holdings.any(|one| is_met(one.leg, &one.piece)))
        })
    })
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
