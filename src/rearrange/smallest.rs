//! How small a source can be made.

use crate::core::{Goal, Limits, Rearrangement};
use crate::rearrange::counting::open;
use crate::rearrange::forced::parted;
use crate::rearrange::{MoveAnswer, RearrangeError, plan};
use crate::solve::Strategy;

/// To how many extents a source can be shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smallest {
    /// The source.
    pub source: usize,
    /// The extents that remain, to which there are moves.
    pub extents: u64,
    /// Fewer than this cannot remain, whatever is moved.
    pub bound: u64,
    /// Whether that can be counted: what cannot move, and what there is no room for elsewhere, remains.
    pub is_counted: bool,
}

impl Smallest {
    /// Whether fewer extents may be left.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.extents != self.bound
    }
}

/// The fewest extents to which moves shrink a source, beside the other goals.
///
/// What cannot move, and what there is no room for elsewhere, has to remain; the fewest extents for which moves were found
/// are looked for by halving above that. A size that is impossible bounds all that are smaller.
///
/// # Errors
/// As [`plan`].
pub fn smallest(
    state: &Rearrangement,
    source: usize,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Smallest, RearrangeError> {
    let (counted, last) = bounds(state, source);
    // Beside other goals what moves may come here.
    let most = match state.goals.is_empty() {
        true => last,
        false => state.sources[source].extents,
    };
    let (mut low, mut high, mut bound) = (counted, most.max(counted), counted);
    // Mostly that much is enough.
    let mut next = low;
    while low < high && !limits.is_over() {
        let mut state = state.clone();
        state.goals.push(Goal::Shrink {
            source,
            extents: next,
        });
        match plan(&state, strategy, limits)? {
            MoveAnswer::Best { .. } | MoveAnswer::Found { .. } => high = next,
            MoveAnswer::Impossible { .. } => {
                low = next + 1;
                bound = bound.max(low);
            }
            MoveAnswer::Unknown { .. } => low = next + 1,
        }
        next = low.midpoint(high);
    }
    Ok(Smallest {
        source,
        extents: high,
        bound,
        is_counted: bound == counted,
    })
}

/// What has to remain, and where what is held ends: at least one extent each.
fn bounds(state: &Rearrangement, source: usize) -> (u64, u64) {
    let barred = state.barred();
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
                continue;
            }
            for part in parted(piece, &barred[place.source]).0 {
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
