//! The cheapest set of whole areas that holds what a leg needs: a knapsack table over costs.
//!
//! # Source
//! Gilmore and Gomory, Operations Research 9 (1961); choices of which one is taken: Sinha and Zoltners,
//! Operations Research 27 (1979).

/// Costs that a table has.
const CELLS: usize = 1 << 14;
/// Steps that take some seconds.
const MOST_STEPS: usize = 1 << 30;

/// What a source may cost and give.
pub(super) type Ways = Vec<(i128, u64)>;

/// Sources behind one tag, which is paid for once.
pub(super) struct Group {
    pub(super) paid: i128,
    pub(super) sources: Vec<Ways>,
}

/// What a set that gives `need` costs at the least, or that none costs less.
pub(super) fn least(groups: &[Group], need: u64) -> i128 {
    let ways = groups.iter().flat_map(|group| &group.sources).map(Vec::len);
    if ways.sum::<usize>().saturating_mul(CELLS) > MOST_STEPS {
        return 0;
    }
    // By cost the most extents that cost no more; none where not even the tag is paid for.
    let mut most: Vec<Option<u64>> = vec![Some(0); CELLS];
    for group in groups {
        let paid = usize::try_from(group.paid).unwrap_or(CELLS).min(CELLS);
        let mut inside = vec![None; paid];
        inside.extend_from_slice(&most[..CELLS - paid]);
        for ways in &group.sources {
            take(&mut inside, ways);
        }
        for (held, inside) in most.iter_mut().zip(inside) {
            *held = (*held).max(inside);
        }
    }
    let enough = most
        .iter()
        .position(|held| held.is_some_and(|held| held >= need));
    enough.unwrap_or(CELLS) as i128
}

/// One of the ways, or none of them.
fn take(most: &mut [Option<u64>], ways: &[(i128, u64)]) {
    let ways = ways
        .iter()
        .filter_map(|(cost, given)| Some((usize::try_from(*cost).ok()?, *given)));
    let ways: Vec<(usize, u64)> = ways.collect();
    for budget in (0..most.len()).rev() {
        let mut best = most[budget];
        for &(cost, given) in ways.iter().take_while(|(cost, _)| *cost <= budget) {
            let before = most[budget - cost];
            best = best.max(before.map(|before| before.saturating_add(given)));
        }
        most[budget] = best;
    }
}
