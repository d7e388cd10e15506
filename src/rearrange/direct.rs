//! Direct moves: everything that has to move goes to what is free from the start.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Answer, Area, Conflict, Failing, Limits, Move, Plan, Problem, Rearrangement, Segment,
    Separation, explain,
};
use crate::rearrange::RearrangeError;
use crate::rearrange::forced::{Forced, is_all_barred, place};
use crate::rearrange::request::{Unit, Units};
use crate::solve::{Strategy, solve};

/// What came of the search for direct moves.
pub(crate) enum Direct {
    /// Moves, and what the search knows of how many there have to be.
    Moves { moves: Vec<Move>, bound: u64 },
    /// None were found, with what keeps them from being there where that is known.
    None { why: Option<String> },
}

/// Units with sources that they keep away from.
type Forbidden = BTreeSet<(usize, usize)>;

/// Most problems that are asked because two columns that both move met.
const MOST_PROBLEMS: usize = 64;

/// Direct moves, as few as the solver finds.
///
/// Columns of a volume that both move are kept apart by branching: where they meet, one of them keeps the place and
/// the others are kept away. The one with most there goes first.
///
/// # Errors
/// [`RearrangeError`] of the solver.
pub(crate) fn plan(
    state: &Rearrangement,
    forced: &Forced,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Direct, RearrangeError> {
    let units = Units::of(state, forced)?;
    // A certificate of one of these problems is none of the moves.
    let strategy = Strategy {
        certify: false,
        ..strategy.clone()
    };
    let limits = &Limits {
        found: &|_, _, _| {},
        bounded: &|_, _| {},
        ..*limits
    };
    let bounds_all = bounds_all(state, forced, &units);
    let mut open: Vec<Forbidden> = vec![Forbidden::new()];
    let (mut bound, mut reason) = (None, None);
    for _ in 0..MOST_PROBLEMS {
        let Some(forbidden) = open.pop() else {
            break;
        };
        let problem = units.problem(&forbidden)?;
        let answer = solve(&problem, &strategy, limits)?;
        let lower = answer.lower_bound().0.first().copied().unwrap_or(0);
        let bound = *bound.get_or_insert(if bounds_all { lower } else { 0 });
        if let Answer::Impossible { why } = &answer {
            reason = reason.or_else(|| counted(&problem, why));
        }
        if let Some(found) = answer.plan() {
            let meetings = meetings(state, &units, found);
            let Some(first) = meetings.first() else {
                let all = placed(&units, found);
                let moves = all.flat_map(|(unit, segments)| unit.moves(segments));
                return Ok(Direct::Moves {
                    moves: moves.collect(),
                    bound,
                });
            };
            open.extend(first.branches(state, &units, &forbidden));
            // All at once by what is tried first of each: mostly that does, and saves a problem for each.
            let all = meetings
                .iter()
                .skip(1)
                .fold(open.last().cloned(), |all, one| {
                    one.branches(state, &units, &all?).pop()
                });
            open.extend(all.filter(|_| meetings.len() > 1));
        }
        if limits.is_over() {
            break;
        }
    }
    Ok(Direct::None { why: reason })
}

/// A conflict in words, where it is one that can be added up.
fn counted(problem: &Problem, why: &Conflict) -> Option<String> {
    match why {
        Conflict::Exhausted { .. } | Conflict::Program { .. } => None,
        Conflict::Cut { .. }
        | Conflict::Room { .. }
        | Conflict::Units { .. }
        | Conflict::Prices { .. }
        | Conflict::PiecePrices { .. }
        | Conflict::Apart { .. }
        | Conflict::Branches(_) => Some(explain(problem, why)),
    }
}

/// Whether a bound on the segments of the requests is one on all moves that copy no more: what becomes free on the way
/// is no place to go to, and no request is held to less than what has to move is.
fn bounds_all(state: &Rearrangement, forced: &Forced, units: &Units) -> bool {
    let barred = state.barred();
    // On a source that is only shrunk, or within a domain, a column may follow or join another that is there.
    let is_kept_away = |unit: &Unit| {
        let is_gone = |source: usize| is_all_barred(state, &barred, source);
        let has_siblings = state.volumes[unit.volume].separation != Separation::None;
        has_siblings && !unit.runs.iter().all(|run| is_gone(run.place.source))
    };
    let is_held_to_less = |unit: &Unit| unit.is_restricted() || is_kept_away(unit);
    forced.is_all_leaving && state.domains.is_empty() && !units.units.iter().any(is_held_to_less)
}

/// Columns of a volume that were placed where they may not be together.
struct Meeting<'s> {
    volume: usize,
    place: Failing<'s>,
    /// Extents there by column.
    columns: BTreeMap<usize, u64>,
}

impl Meeting<'_> {
    /// One of the columns keeps the place; what is to be tried first comes last.
    fn branches(
        &self,
        state: &Rearrangement,
        units: &Units,
        forbidden: &Forbidden,
    ) -> Vec<Forbidden> {
        let sources: Vec<usize> = match self.place {
            Failing::Source(source) => vec![source],
            Failing::Domain(domain) => {
                let all = 0..state.sources.len();
                all.filter(|&source| state.sources[source].tags.contains(domain))
                    .collect()
            }
        };
        let mut columns: Vec<(u64, usize)> = self
            .columns
            .iter()
            .map(|(&column, &extents)| (extents, column))
            .collect();
        columns.sort_unstable();
        let keeps = |(_, kept): (u64, usize)| {
            let mut branch = forbidden.clone();
            for (index, unit) in units.units.iter().enumerate() {
                if unit.volume == self.volume && unit.column != kept {
                    branch.extend(sources.iter().map(|&source| (index, source)));
                }
            }
            branch
        };
        columns.into_iter().map(keeps).collect()
    }
}

/// The places at which two columns of a volume meet that both move.
fn meetings<'s>(state: &'s Rearrangement, units: &Units, plan: &Plan) -> Vec<Meeting<'s>> {
    let mut places: BTreeMap<(usize, Failing<'s>), Vec<(Area, usize)>> = BTreeMap::new();
    for (unit, segments) in placed(units, plan) {
        let separation = state.volumes[unit.volume].separation;
        if separation == Separation::None {
            continue;
        }
        let mut offset = unit.runs.first().map_or(0, |run| run.offset);
        for segment in segments {
            // Several runs of one request are kept apart as a whole.
            let offsets = match (separation, unit.runs.len()) {
                (Separation::Segment, 1) => Area::new(offset, segment.area.count()),
                _ => Area::between(0, u64::MAX),
            };
            offset += segment.area.count();
            let here = places
                .entry((unit.volume, place(state, segment.source)))
                .or_default();
            here.extend(offsets.map(|offsets| (offsets, unit.column)));
        }
    }
    let met = places
        .into_iter()
        .filter_map(|((volume, place), mut here)| {
            here.sort_unstable();
            // Where each column ends that began before.
            let mut ends: BTreeMap<usize, u64> = BTreeMap::new();
            let mut columns: BTreeMap<usize, u64> = BTreeMap::new();
            let mut do_meet = false;
            for (offsets, column) in here {
                do_meet |= ends
                    .iter()
                    .any(|(other, end)| *other != column && *end > offsets.start());
                let end = ends.entry(column).or_default();
                *end = (*end).max(offsets.end());
                let extents = columns.entry(column).or_default();
                *extents = extents.saturating_add(offsets.count());
            }
            do_meet.then_some(Meeting {
                volume,
                place,
                columns,
            })
        });
    met.collect()
}

fn placed<'u>(units: &'u Units, plan: &'u Plan) -> impl Iterator<Item = (&'u Unit, &'u [Segment])> {
    let pairs = units.units.iter().zip(&plan.allocations);
    pairs.filter_map(|(unit, allocation)| {
        let leg = allocation.as_ref()?.legs.first()?;
        Some((unit, leg.as_slice()))
    })
}
