//! What is drawn of an end, why it may not be one, and what is left to be found of the rest.

use crate::core::{Area, Areas, Goal, HeldLeg, HeldPiece, Rearrangement, Segment, check_end};
use crate::rearrange::MoveConflict;
use crate::rearrange::exact::tasks::{End, Task, tasks};

/// By volume where its legs lie in the end, where that is drawn.
pub(crate) type Drawn = Vec<Option<Vec<Vec<HeldPiece>>>>;

/// What is drawn.
///
/// # Errors
/// Of which leg only a part is.
pub(crate) fn drawn(state: &Rearrangement) -> Result<Drawn, String> {
    let mut drawn: Drawn = vec![None; state.volumes.len()];
    for goal in &state.goals {
        if let Goal::Lie { volume, leg, piece } = *goal {
            let none = || vec![Vec::new(); state.volumes[volume].legs.len()];
            drawn[volume].get_or_insert_with(none)[leg].push(piece);
        }
    }
    for (volume, legs) in drawn.iter_mut().enumerate() {
        for (leg, pieces) in legs.iter_mut().flatten().enumerate() {
            pieces.sort_unstable_by_key(|piece| piece.offset);
            let held = &state.volumes[volume].legs[leg];
            let offsets = |pieces: &[HeldPiece]| -> Areas {
                pieces.iter().filter_map(HeldPiece::offsets).collect()
            };
            let counts = pieces.iter().map(|piece| piece.place.area.count());
            let is_once = counts.sum::<u64>() == offsets(pieces).total();
            if !is_once || offsets(pieces) != offsets(&held.pieces) {
                return Err(format!(
                    "of `{}` not all is drawn, or some twice",
                    held.name
                ));
            }
        }
    }
    Ok(drawn)
}

/// Why what is drawn cannot be an end, if it cannot.
pub(crate) fn fault(state: &Rearrangement, drawn: &Drawn) -> Option<String> {
    let end: End = state
        .volumes
        .iter()
        .zip(drawn)
        .map(|(volume, legs)| match legs {
            Some(legs) => legs.clone(),
            None => vec![Vec::new(); volume.legs.len()],
        })
        .collect();
    let tasks = tasks(state, &end);
    no_place(state, &end)
        .or_else(|| may_not_move(state, &tasks))
        .or_else(|| check_end(state, &end).first().map(ToString::to_string))
}

/// Extents that two are to hold, or that nobody can.
fn no_place(state: &Rearrangement, end: &End) -> Option<String> {
    let room = room(state);
    let mut places: Vec<(Segment, &str)> = Vec::new();
    for (volume, legs) in state.volumes.iter().zip(end) {
        for (leg, pieces) in volume.legs.iter().zip(legs) {
            places.extend(pieces.iter().map(|piece| (piece.place, leg.name.as_str())));
        }
    }
    places.sort_unstable_by_key(|(place, _)| (place.source, place.area.start()));
    let name = |place: &Segment| format!("{}:{}", state.sources[place.source].name, place.area);
    let outside = places
        .iter()
        .find(|(place, _)| !room[place.source].contains(place.area));
    if let Some((place, leg)) = outside {
        return Some(format!(
            "`{leg}` lies on {}, which is not there to be had",
            name(place)
        ));
    }
    let mut pairs = places.windows(2);
    let twice = pairs.find(|pair| {
        pair[0].0.source == pair[1].0.source && pair[0].0.area.end() > pair[1].0.area.start()
    })?;
    let (one, other) = (&twice[0], &twice[1]);
    Some(format!(
        "`{}` on {} and `{}` on {} overlap",
        one.1,
        name(&one.0),
        other.1,
        name(&other.0)
    ))
}

/// Per source all that is free or held.
fn room(state: &Rearrangement) -> Vec<Areas> {
    let mut held: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    for piece in legs.flat_map(|leg| &leg.pieces) {
        held[piece.place.source].push(piece.place.area);
    }
    let pairs = state.sources.iter().zip(held);
    pairs
        .map(|(source, held)| source.free.union(&held.into_iter().collect()))
        .collect()
}

fn may_not_move(state: &Rearrangement, tasks: &[Task]) -> Option<String> {
    tasks.iter().find_map(|task| {
        let leg = &state.volumes[task.volume].legs[task.leg];
        if let Some(why) = &leg.locked {
            return Some(format!(
                "`{}` lies elsewhere, and may not move: {why}",
                leg.name
            ));
        }
        let source = &state.sources[task.to.source].name;
        let is_closed = state.closed.contains(&task.to.source);
        is_closed.then(|| {
            format!(
                "`{}` comes to {source}, which nothing may be moved to",
                leg.name
            )
        })
    })
}

/// What is to move where nothing is free to begin with.
pub(crate) fn full(state: &Rearrangement, tasks: &[Task]) -> Option<MoveConflict> {
    let sources = state.sources.iter().enumerate();
    let mut open = sources.filter(|(index, _)| !state.closed.contains(index));
    let is_full = open.all(|(_, source)| source.free.is_empty());
    let misplaced = tasks.iter().map(Task::count).fold(0, u64::saturating_add);
    (is_full && misplaced > 0).then_some(MoveConflict::Full { misplaced })
}

/// The question that is left for what is not drawn: what is drawn is gone, and its places are to be clear.
/// Whether what it leaves counts as free is the caller's to say.
pub(crate) fn rest(state: &Rearrangement, drawn: &Drawn, becomes_free: bool) -> Rearrangement {
    let mut rest = state.clone();
    rest.goals.retain(|goal| match goal {
        Goal::Lie { .. } => false,
        Goal::Runs { volume, .. } => drawn[*volume].is_none(),
        Goal::Drain { .. }
        | Goal::Shrink { .. }
        | Goal::Clear { .. }
        | Goal::Spare { .. }
        | Goal::Level { .. }
        | Goal::Heal => true,
    });
    let mut left: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
    let mut taken = left.clone();
    for (volume, legs) in drawn.iter().enumerate() {
        let Some(legs) = legs else { continue };
        for piece in legs.iter().flatten() {
            taken[piece.place.source].push(piece.place.area);
        }
        for leg in &mut rest.volumes[volume].legs {
            let pieces = std::mem::take(&mut leg.pieces);
            for piece in HeldLeg::runs(&HeldLeg {
                pieces,
                ..leg.clone()
            }) {
                left[piece.place.source].push(piece.place.area);
            }
        }
    }
    for (source, (left, taken)) in left.into_iter().zip(taken).enumerate() {
        let (left, taken): (Areas, Areas) =
            (left.into_iter().collect(), taken.into_iter().collect());
        let free = &mut rest.sources[source].free;
        *free = match becomes_free {
            true => free.union(&left).difference(&taken),
            false => free.difference(&taken),
        };
        let clear = taken.iter().map(|area| Goal::Clear { source, area });
        rest.goals.extend(clear);
    }
    rest
}
