//! From requests to the moves that make room for them, with what bounds these.

use crate::core::{Area, Goal, Limits, Move, MoveCost, Problem, Rearrangement};
use crate::rearrange::answer::{MoveAnswer, MoveBasis, RearrangeError};
use crate::rearrange::conflict::MoveConflict;
use crate::rearrange::room::answer::Room;
use crate::rearrange::room::ask::Asked;
use crate::rearrange::room::tries::Tries;
use crate::rearrange::room::wanted::Wanted;
use crate::rearrange::room::windows::{Choices, Grounds};
use crate::rearrange::way::{Amounts, amounts};
use crate::solve::Strategy;

/// Choices of windows that are tried.
const MOST_CHOICES: usize = 32;

/// Moves by which requests fit, beside the goals, and where they then go; the least copying first.
///
/// `after` says what the requests are once some moves are made. A request in one piece takes a window that is cleared,
/// the cheapest first; what may be cut takes extents of sources, as many of each as the least copying takes. Every plan is
/// `solve`'s, on what is free when the moves are made. The bound is the larger of what the cheapest windows hold and
/// what any layout has to copy in which extents enough are free.
///
/// # Errors
/// [`RearrangeError`] if a room contradicts a check, or of `after`.
pub fn room(
    state: &Rearrangement,
    after: &dyn Fn(&[Move]) -> Result<Problem, RearrangeError>,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Room, RearrangeError> {
    let now = after(&[])?;
    let mut asked = Asked::new(state, after, &now, strategy, limits);
    asked.with(&[])?;
    if asked.is_decided() {
        return Ok(asked.answer(MoveCost::default(), MoveBasis::Counting));
    }
    let wanted: Vec<Wanted<'_>> = now
        .requests()
        .iter()
        .map(|r| Wanted::of(state, r))
        .collect();
    let all = wanted.iter().map(Wanted::loose).collect::<Vec<_>>();
    let counted = match amounts(state, &all, limits) {
        Amounts::None { why } => return Ok(impossible(state, why)),
        Amounts::Open { bound } | Amounts::Least { bound, .. } => bound,
    };
    let grounds = Grounds::of(state);
    // What leaves anyway lies in no window.
    let mut held = leaving(state);
    for one in wanted.iter().filter(|one| one.is_placed_anew()) {
        let choices = Choices::of(&grounds, one.request, &one.sources);
        match choices.bound() {
            Some(bound) => held += bound,
            None => return Ok(impossible(state, one.no_runs())),
        }
    }
    let behind = wanted
        .iter()
        .filter_map(|one| one.least_behind(state, &grounds));
    let bound = MoveCost {
        copied: counted.max(held).max(behind.max().unwrap_or(0)),
        moves: 0,
    };
    let bound = MoveCost {
        moves: bound.copied.min(1),
        ..bound
    };
    try_windows(state, &wanted, &mut asked, bound, limits)?;
    Ok(asked.answer(bound, MoveBasis::Search))
}

fn impossible(state: &Rearrangement, why: MoveConflict) -> Room {
    Room {
        answer: MoveAnswer::Impossible { why },
        goals: state.goals.clone(),
        placed: None,
    }
}

/// What lies where nothing may lie in the end.
fn leaving(state: &Rearrangement) -> u64 {
    let barred = state.barred();
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    let places = legs.flat_map(|leg| &leg.pieces).map(|piece| piece.place);
    let leaving = places.flat_map(|place| {
        let areas = barred[place.source].meeting(place.area);
        areas.filter_map(move |area| area.intersection(place.area))
    });
    leaving.map(Area::count).fold(0, u64::saturating_add)
}

/// Tries windows for what stays in one piece, the cheapest first, each with what the others take beside them.
fn try_windows(
    state: &Rearrangement,
    wanted: &[Wanted<'_>],
    asked: &mut Asked<'_>,
    bound: MoveCost,
    limits: &Limits<'_>,
) -> Result<(), RearrangeError> {
    let whole: Vec<&Wanted<'_>> = wanted.iter().filter(|one| one.is_whole()).collect();
    // What may be cut, and then the same in one piece, for what `amounts` leaves out.
    for in_one_piece in [false, true] {
        let loose = wanted.iter().filter(|one| !one.is_whole());
        let loose: Vec<&Wanted<'_>> = loose.collect();
        let mut windowed = whole.clone();
        if in_one_piece {
            if loose.is_empty() {
                break;
            }
            windowed.extend(&loose);
        }
        let mut tries = Tries::of(state, &windowed);
        for _ in 0..MOST_CHOICES {
            let worth = |held: u64| asked.best().is_none_or(|best| held < best);
            let Some(clear) = tries.next(worth) else {
                break;
            };
            let mut with = state.clone();
            with.goals.extend(&clear);
            let mut goals = clear;
            if !in_one_piece {
                let all: Vec<_> = loose.iter().map(|one| one.loose()).collect();
                match amounts(&with, &all, limits) {
                    Amounts::Least { free, .. } => {
                        let spare = free
                            .into_iter()
                            .map(|(source, extents)| Goal::Spare { source, extents });
                        goals.extend(spare);
                    }
                    Amounts::None { .. } | Amounts::Open { .. } => continue,
                }
                goals.extend(loose.iter().flat_map(|one| one.cleared(state)));
            }
            asked.with(&goals)?;
            let is_met = asked.best().is_some_and(|best| best <= bound.copied);
            if is_met || limits.is_over() {
                return Ok(());
            }
        }
        if asked.best().is_some() {
            break;
        }
    }
    Ok(())
}
