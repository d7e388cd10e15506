//! How small a source can be made.

use crate::core::{Goal, Limits, Rearrangement};
use crate::rearrange::counting::open;
use crate::rearrange::forced::behind;
use crate::rearrange::{RearrangeError, plan};
use crate::solve::Strategy;

/// To how many extents a source can be shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smallest {
    /// The source.
    pub source: usize,
    /// The extents that remain, to which there are direct moves.
    pub extents: u64,
    /// Fewer than this cannot remain, whatever is moved.
    pub bound: u64,
}

/// The fewest extents to which direct moves shrink a source, beside the other goals.
///
/// What cannot move, and what there is no room for elsewhere, has to remain; the fewest extents for which direct moves
/// were found are looked for by halving above that.
///
/// # Errors
/// As [`plan`].
pub fn smallest(
    state: &Rearrangement,
    source: usize,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Smallest, RearrangeError> {
    let (bound, last) = bounds(state, source);
    let reaches = |extents: u64| -> Result<bool, RearrangeError> {
        let mut state = state.clone();
        state.goals.push(Goal::Shrink { source, extents });
        Ok(plan(&state, strategy, limits)?.moves().is_some())
    };
    let (mut low, mut high) = (bound, last.max(bound));
    // Mostly that much is enough.
    let mut next = low;
    while low < high && !limits.is_over() {
        if reaches(next)? {
            high = next;
        } else {
            low = next + 1;
        }
        next = low.midpoint(high);
    }
    Ok(Smallest {
        source,
        extents: high,
        bound,
    })
}

/// What has to remain, and where what is held ends: at least one extent each.
fn bounds(state: &Rearrangement, source: usize) -> (u64, u64) {
    let ends = state.ends();
    let (mut locked, mut last, mut held, mut leaving) = (0, 0, 0u64, 0u64);
    for leg in state.volumes.iter().flat_map(|volume| &volume.legs) {
        for piece in &leg.pieces {
            let place = piece.place;
            if place.source == source {
                last = last.max(place.area.end());
                held += place.area.count();
                if leg.locked.is_some() {
                    locked = locked.max(place.area.end());
                }
            } else if let Some(part) = ends[place.source].and_then(|end| behind(piece, end)) {
                leaving = leaving.saturating_add(part.place.area.count());
            }
        }
    }
    let free = open(state).into_iter().enumerate();
    let elsewhere = free
        .filter(|(other, _)| *other != source)
        .map(|(_, areas)| areas.total());
    let elsewhere = elsewhere.fold(0, u64::saturating_add);
    // What leaves other sources may come here: all of it together has to find room.
    let remains = (held + leaving).saturating_sub(elsewhere);
    (locked.max(remains).max(1), last.max(1))
}
