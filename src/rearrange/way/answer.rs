//! Moves that make way, with what bounds them.

use std::collections::BTreeSet;

use crate::core::{Limits, Move, MoveCost, Rearrangement};
use crate::rearrange::MoveConflict;
use crate::rearrange::way::decode::decode;
use crate::rearrange::way::model::Model;
use crate::rearrange::way::program::{Cut, Ends, least};
use crate::rearrange::way::strands::Strands;
use crate::rearrange::way::tokens::{self, Visited};

/// How often it is tried again where what stays in one piece has to go elsewhere.
const MOST_ROUNDS: usize = 16;

/// What is known of moves when others make way.
pub(crate) enum Way {
    /// These moves do; none copy less than the bound.
    Moves { moves: Vec<Move>, bound: u64 },
    /// None do.
    None { why: MoveConflict },
    /// Neither; none copy less than the bound.
    Open { bound: u64 },
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ways {
    /// How everything may lie in the end.
    Ends,
    /// And, where there are few, all states that moves lead to.
    AndStates,
}

/// Moves that copy little, with what bounds that.
///
/// Ends are counted first, without positions; then moves are looked for that lead to the cheapest. Where these copy more,
/// or none are found, and there are few states, all of them are visited.
pub(crate) fn plan(state: &Rearrangement, ways: Ways, limits: &Limits<'_>) -> Way {
    let strands = Strands::of(state);
    let Some((model, flow)) = Model::of(&strands) else {
        return Way::Open { bound: 0 };
    };
    let (mut best, mut bound): (Option<Vec<Move>>, Option<u64>) = (None, None);
    let mut barred: BTreeSet<(usize, usize)> = BTreeSet::new();
    // What did not get to where it was to, to be tried alone.
    let mut stuck: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut alone = stuck.clone();
    for _ in 0..MOST_ROUNDS {
        let flow = model.without(&flow, &barred);
        let (flow, lower) = match least(&strands, &model, flow, limits) {
            Ends::None { nodes, cut } if barred.is_empty() => {
                let why = match cut {
                    Some(cut) => cut_off(state, &strands, &cut),
                    None => MoveConflict::NoEnd { branches: nodes },
                };
                return Way::None { why };
            }
            Ends::None { .. } => match stuck.difference(&alone).next().copied() {
                Some(one) if best.is_none() => {
                    alone.insert(one);
                    barred = BTreeSet::from([one]);
                    continue;
                }
                Some(_) | None => break,
            },
            Ends::Least { flow, copied } => (Some(flow), copied),
            Ends::Some { flow, bound } => (Some(flow), bound),
            Ends::Open { bound } => (None, bound),
        };
        let bound = *bound.get_or_insert(lower);
        let Some(flow) = flow else { break };
        let decoded = decode(state, &strands, &model, &flow);
        let copied = |moves: &Vec<Move>| MoveCost::of(moves).copied;
        best = best.into_iter().chain(decoded.moves).min_by_key(copied);
        let is_met = best.as_ref().is_some_and(|moves| copied(moves) <= bound);
        let before = barred.len();
        stuck.extend(&decoded.unplaced);
        barred.extend(decoded.unplaced);
        if barred.len() == before && best.is_none() {
            let next = stuck.difference(&alone).next().copied();
            barred = next.into_iter().collect();
            alone.extend(next);
        }
        if is_met
            || barred.is_empty()
            || barred.len() == before && best.is_some()
            || limits.is_over()
        {
            break;
        }
    }
    let (moves, bound) = (best, bound.unwrap_or(0));
    let copied = moves.as_ref().map(|moves| MoveCost::of(moves).copied);
    if let (Some(moves), true) = (&moves, copied == Some(bound)) {
        let moves = moves.clone();
        return Way::Moves { moves, bound };
    }
    let visited = match ways {
        Ways::Ends => Visited::TooMany,
        Ways::AndStates => tokens::search(state, &strands, limits),
    };
    match visited {
        Visited::Least(moves) => {
            let bound = MoveCost::of(&moves).copied;
            Way::Moves { moves, bound }
        }
        Visited::None { states } => Way::None {
            why: MoveConflict::NoWay { states },
        },
        Visited::TooMany => match moves {
            Some(moves) => Way::Moves { moves, bound },
            None => Way::Open { bound },
        },
    }
}

/// The cut in words.
pub(crate) fn cut_off(state: &Rearrangement, strands: &Strands, cut: &Cut) -> MoveConflict {
    let legs = cut.strands.iter().map(|&strand| {
        let one = &strands.strands[strand];
        let leg = state
            .volumes
            .get(one.volume)
            .and_then(|volume| volume.legs.get(one.leg));
        leg.map_or("what is requested".to_string(), |leg| leg.name.clone())
    });
    let sources = cut.zones.iter().map(|&zone| {
        let source = strands.zones[zone].source;
        state.sources[source].name.clone()
    });
    let mut legs: Vec<String> = legs.collect();
    legs.dedup();
    MoveConflict::CutOff {
        legs,
        sources: sources.collect(),
        extents: cut.extents,
        room: cut.room,
    }
}
