//! Orders of the same runs, the one that copies least first: where that takes too many moves, more steps aside at once.

use crate::core::{Limits, Move, MoveCost, Policy, Rearrangement};
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
    let reach = |aside| Reach {
        moves,
        aside,
        whole: false,
    };
    let mut reaches = ASIDE.map(reach).to_vec();
    // As many moves as it takes, where there is no other way.
    reaches.push(Reach {
        moves: usize::MAX,
        ..reach(u64::MAX)
    });
    let asked = |reach: Reach| order(state, tasks, &cycles, reach, limits);
    let found = reaches.into_iter().find_map(asked)?;
    // What is contiguous stays whole on its way, where that copies no more.
    let is_contiguous = |task: &Task| state.volumes[task.volume].policy == Policy::Contiguous;
    let whole = tasks.iter().any(is_contiguous).then(|| {
        asked(Reach {
            whole: true,
            ..reach(1)
        })
    });
    let copied = |moves: &Vec<Move>| MoveCost::of(moves).copied;
    let whole = whole.flatten();
    Some(
        match whole.filter(|moves| copied(moves) <= copied(&found)) {
            Some(moves) => moves,
            None => found,
        },
    )
}
