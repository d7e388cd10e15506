//! Cells that are used up: taken whole, so that as little as can be is left of any.

use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::state::State;
use crate::search::sums::least_sum;

/// The shortest cells, each taken whole, as far as they go: as many as possible are used up.
pub(crate) fn shortest_whole(
    state: &State<'_>,
    open: &[usize],
    missing: u64,
    noise: &mut Noise,
) -> Vec<usize> {
    let usable = open.iter().filter(|cell| state.left[**cell] <= missing);
    let mut keyed: Vec<(u128, usize)> = usable
        .map(|&cell| (noise.spoil(state.left[cell]), cell))
        .collect();
    keyed.sort_unstable();
    let mut rest = missing;
    let mut chosen = Vec::new();
    for (_, cell) in keyed {
        if state.left[cell] <= rest && !noise.overlooks() {
            rest -= state.left[cell];
            chosen.push(cell);
        }
    }
    chosen
}

/// Cells looked at together, at most: halves of so many have 2^11 sums.
const MOST_TOGETHER: usize = 22;

/// Cells that hold the leg with next to nothing left over, all taken whole: some at random, then the set of
/// others with the least sum that is enough.
pub(crate) fn whole_cells(
    state: &State<'_>,
    open: &[usize],
    missing: u64,
    noise: &mut Noise,
) -> Vec<usize> {
    let usable = open
        .iter()
        .copied()
        .filter(|&cell| state.left[cell] > 0 && state.left[cell] <= missing);
    let mut usable: Vec<usize> = usable.collect();
    let (mut chosen, mut rest) = (Vec::new(), missing);
    // Cells at random until what is left can be made of the few that are looked at.
    while usable.len() > MOST_TOGETHER {
        let longest: u64 = usable
            .iter()
            .map(|&cell| state.left[cell])
            .max()
            .unwrap_or(0);
        if longest.saturating_mul(3) >= rest {
            break;
        }
        let cell = usable.swap_remove(noise.random.position(usable.len()));
        if state.left[cell] < rest {
            rest -= state.left[cell];
            chosen.push(cell);
        }
    }
    while usable.len() > MOST_TOGETHER {
        usable.swap_remove(noise.random.position(usable.len()));
    }
    let lengths: Vec<u64> = usable.iter().map(|&cell| state.left[cell]).collect();
    match least_sum(&lengths, rest) {
        Some((sum, members)) if sum - rest <= state.slack() => {
            let own = usable.iter().enumerate();
            let own = own.filter(|(bit, _)| members >> bit & 1 == 1);
            chosen.extend(own.map(|(_, &cell)| cell));
            chosen
        }
        Some(_) | None => Vec::new(),
    }
}
