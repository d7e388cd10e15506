//! Orders of the same runs, the one that copies least first: where that takes too many moves, more steps aside at once.

use crate::core::{Limits, Move, Rearrangement};
use crate::rearrange::exact::cycles::Cycles;
use crate::rearrange::exact::order::{Reach, order};
use crate::rearrange::exact::tasks::Task;

/// Moves beyond which more is copied where that takes fewer: nobody runs a script of more.
const MOST_MOVES: usize = 5_000;
/// Extents of a run that step aside at once, from the least copying on.
const ASIDE: [u64; 6] = [1, 1 << 4, 1 << 8, 1 << 12, 1 << 16, u64::MAX];

/// The moves that bring all runs to their places, if an order was found.
pub(crate) fn ordered(
    state: &Rearrangement,
    tasks: &[Task],
    limits: &Limits<'_>,
) -> Option<Vec<Move>> {
    let cycles = Cycles::of(tasks, limits);
    let most = state.most_moves.map_or(MOST_MOVES, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let moves = most.max(4 * tasks.len());
    let mut reaches = ASIDE.map(|aside| Reach { moves, aside }).to_vec();
    // As many moves as it takes, where there is no other way.
    reaches.push(Reach {
        moves: usize::MAX,
        aside: u64::MAX,
    });
    reaches
        .into_iter()
        .find_map(|reach| order(state, tasks, &cycles, reach, limits))
}
