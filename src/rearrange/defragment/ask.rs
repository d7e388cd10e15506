//! The fewest segments, and the least copying that reaches them; or what a budget comes to.

use crate::core::{
    Area, Goal, HeldLeg, HeldPiece, Limits, Move, MoveCost, Rearrangement, Segment, bound_of_runs,
    check_moves,
};
use crate::rearrange::defragment::anchors::anchors;
use crate::rearrange::defragment::grounds::Grounds;
use crate::rearrange::defragment::join::join;
use crate::rearrange::defragment::pack::pack;
use crate::rearrange::defragment::point::Point;
use crate::rearrange::exact::{End, ordered, tasks};
use crate::rearrange::fields::Field;
use crate::rearrange::{MoveAnswer, MoveBasis, MoveProof, RearrangeError, plan};
use crate::solve::Strategy;

/// Volumes in few segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defragmented {
    /// The moves, with what bounds them: `best` if there are no fewer segments, and none as few for less.
    pub answer: MoveAnswer,
    /// Segments as it is.
    pub before: u64,
    /// Segments behind the moves.
    pub after: u64,
    /// Fewer there cannot be, however it is done.
    pub fewest: u64,
    /// What less copying comes to, from nothing on: each point was found with its moves.
    pub curve: Vec<Point>,
    /// What the moves promise of each volume, as goals.
    pub goals: Vec<Goal>,
}

/// Moves after which some volumes lie in few segments, beside the other goals; with a budget the fewest found for that
/// much copying.
///
/// Bringing runs together one after another gives the curve; its end is also what there is where not all legs could be
/// laid out in one piece. Where that was found, what can stay at the most bounds the copying.
///
/// # Errors
/// As [`plan`].
pub fn defragment(
    state: &Rearrangement,
    is_meant: &[bool],
    budget: Option<u64>,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Defragmented, RearrangeError> {
    let now: End = state
        .volumes
        .iter()
        .map(|volume| volume.legs.iter().map(HeldLeg::runs).collect())
        .collect();
    let before = segments(&now, is_meant);
    let fewest = fewest(state, is_meant);
    let answered = |answer: MoveAnswer| Defragmented {
        answer,
        before,
        after: before,
        fewest,
        curve: Vec::new(),
        goals: Vec::new(),
    };
    let (first, (bound, proof)) = match plan(state, strategy, limits)? {
        MoveAnswer::Best { moves, cost, proof } => (moves, (cost, proof)),
        MoveAnswer::Found {
            moves,
            bound,
            proof,
            ..
        } => (moves, (bound, proof)),
        open @ (MoveAnswer::Impossible { .. } | MoveAnswer::Unknown { .. }) => {
            return Ok(answered(open));
        }
    };
    let mut field = Field::of(state);
    first.iter().for_each(|step| field.make(*step));
    let start = Point {
        copied: field.copied(),
        segments: segments(&field.end(), is_meant),
    };
    let fixed = start.segments - joinable(state, &field.end(), is_meant);
    let points = join(state, is_meant, &mut field, limits);
    let mut curve = vec![start];
    curve.extend(points.iter().map(|(point, _)| Point {
        segments: point.segments + fixed,
        ..*point
    }));
    let allowed = |copied: u64| budget.is_none_or(|budget| copied <= budget);
    let made = points.iter().rev().find(|(point, _)| allowed(point.copied));
    let made = made.map_or(first.len(), |(_, made)| *made);
    let mut choices = vec![field.first_moves(made)];
    if made == field.made() {
        choices.extend(ordered(state, &tasks(state, &field.end()), limits));
    }
    let grounds = Grounds::of(state, is_meant);
    let anchors = anchors(&grounds, limits);
    let extents: u64 = grounds.legs.iter().map(|leg| leg.extents).sum();
    let least = MoveCost {
        copied: extents.saturating_sub(anchors.most),
        moves: (0..grounds.legs.len())
            .map(|leg| grounds.least_moves(leg))
            .sum(),
    };
    if allowed(least.copied)
        && before > fewest
        && let Some(windows) = pack(&grounds, &anchors, least.copied, limits)
    {
        let mut end = now.clone();
        for (leg, (source, start)) in grounds.legs.iter().zip(windows) {
            let area = Area::new(start, leg.extents);
            let piece = |area| HeldPiece {
                offset: leg.runs.first().map_or(0, |run| run.offset),
                place: Segment { source, area },
            };
            end[leg.volume][leg.leg] = area.map(piece).into_iter().collect();
        }
        choices.extend(ordered(state, &tasks(state, &end), limits));
    }
    let mut best: Option<(Point, Vec<Move>)> = None;
    for moves in choices {
        let copied = MoveCost::of(&moves).copied;
        if !allowed(copied) || !check_moves(state, &moves).is_empty() {
            continue;
        }
        let segments = segments(&ended(state, &moves), is_meant);
        let is_better = best.as_ref().is_none_or(|(point, before)| {
            (segments, copied, moves.len()) < (point.segments, point.copied, before.len())
        });
        if is_better {
            best = Some((Point { copied, segments }, moves));
        }
    }
    let Some((point, moves)) = best else {
        return Ok(answered(MoveAnswer::of(
            first,
            bound,
            proof,
            limits.ran_out(),
        )));
    };
    let is_fewest = point.segments == fewest;
    let end = ended(state, &moves);
    let promised = goals(&end, is_meant);
    // Added up once more from the prices alone.
    let whole = Rearrangement {
        goals: [state.goals.clone(), promised.clone()].concat(),
        ..state.clone()
    };
    let legs = grounds.legs.iter().zip(&anchors.prices);
    let prices = legs.map(|(leg, price)| ((leg.volume, leg.leg), *price));
    let copied = bound_of_runs(&whole, &prices.collect());
    let is_priced = is_fewest && copied >= bound.copied;
    let (bound_all, proof) = match is_priced {
        true => (
            MoveCost {
                copied,
                moves: least.moves,
            },
            MoveProof {
                copied: MoveBasis::Prices,
                moves: MoveBasis::Counting,
            },
        ),
        false => (bound, proof),
    };
    let answer = match MoveAnswer::of(moves, bound_all, proof, limits.ran_out()) {
        // There may be fewer segments.
        MoveAnswer::Best { moves, cost, proof } if !is_fewest => MoveAnswer::Found {
            moves,
            cost,
            bound: bound_all,
            proof,
            stopped: limits.ran_out(),
        },
        answer => answer,
    };
    curve.push(point);
    curve.sort_unstable_by_key(|one| (one.copied, one.segments));
    let mut least = u64::MAX;
    curve.retain(|one| {
        let is_better = one.segments < least;
        least = least.min(one.segments);
        is_better
    });
    Ok(Defragmented {
        goals: promised,
        after: point.segments,
        curve,
        ..answered(answer)
    })
}

fn ended(state: &Rearrangement, moves: &[Move]) -> End {
    let mut field = Field::of(state);
    moves.iter().for_each(|step| field.make(*step));
    field.end()
}

fn of_volume(legs: &[Vec<HeldPiece>]) -> u64 {
    legs.iter()
        .map(|leg| HeldPiece::joined(leg).len() as u64)
        .sum()
}

fn segments(end: &End, is_meant: &[bool]) -> u64 {
    let volumes = end.iter().zip(is_meant).filter(|(_, is_meant)| **is_meant);
    volumes.map(|(legs, _)| of_volume(legs)).sum()
}

/// The segments of what may move.
fn joinable(state: &Rearrangement, end: &End, is_meant: &[bool]) -> u64 {
    let mut count = 0;
    for ((volume, legs), is_meant) in state.volumes.iter().zip(end).zip(is_meant) {
        let movable = volume.legs.iter().zip(legs);
        let movable = movable.filter(|(leg, _)| *is_meant && leg.locked.is_none());
        count += movable.map(|(_, pieces)| pieces.len() as u64).sum::<u64>();
    }
    count
}

/// One for each leg; as many as there are of one that may not move.
fn fewest(state: &Rearrangement, is_meant: &[bool]) -> u64 {
    let volumes = state
        .volumes
        .iter()
        .zip(is_meant)
        .filter(|(_, is_meant)| **is_meant);
    let legs = volumes.flat_map(|(volume, _)| &volume.legs);
    let counts = legs.map(|leg| match (&leg.locked, leg.runs().len() as u64) {
        (Some(_), runs) => runs,
        (None, runs) => runs.min(1),
    });
    counts.sum()
}

fn goals(end: &End, is_meant: &[bool]) -> Vec<Goal> {
    let volumes = end
        .iter()
        .enumerate()
        .filter(|(volume, _)| is_meant[*volume]);
    let goals = volumes.map(|(volume, legs)| Goal::Runs {
        volume,
        most: of_volume(legs),
    });
    goals.collect()
}
