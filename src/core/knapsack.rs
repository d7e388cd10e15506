//! Knapsacks that are filled once more to add up what prices claim; whoever chose the prices has others.

/// Steps that take about a second.
const MOST_STEPS: u64 = 1 << 28;
/// Sets that take an eighth of a gigabyte.
const MOST_SETS: usize = 1 << 23;

/// The most extents of a set that costs less than `below`, which is not 0; `items` are price and extents. `None` if that
/// takes too many steps.
///
/// In halves: Horowitz and Sahni, "Computing Partitions with Applications to the Knapsack Problem", Journal of the ACM 21
/// (1974).
pub(super) fn most_below(items: &[(u64, u64)], below: u64) -> Option<u64> {
    let (first, second) = items.split_at(items.len() / 2);
    let mut steps = 0;
    let first = front(first, below, &mut steps)?;
    let second = front(second, below, &mut steps)?;
    // The dearer one half is, the cheaper the other has to be.
    let mut left = second.len();
    let mut most = 0;
    for (price, extents) in first {
        while left > 0 && second[left - 1].0 >= below - price {
            left -= 1;
        }
        if left > 0 {
            most = most.max(extents.saturating_add(second[left - 1].1));
        }
    }
    Some(most)
}

/// The sets that cost less than `below`, as price and extents: the cheapest first, and only those that hold more than all
/// that are as cheap. `None` if that takes too many steps.
///
/// Nemhauser and Ullmann, "Discrete Dynamic Programming and Capital Allocation", Management Science 15 (1969).
fn front(items: &[(u64, u64)], below: u64, steps: &mut u64) -> Option<Vec<(u64, u64)>> {
    let mut sets = vec![(0u64, 0u64)];
    for &(price, extents) in items {
        *steps += 2 * sets.len() as u64;
        if *steps > MOST_STEPS || sets.len() > MOST_SETS {
            return None;
        }
        let with = sets.iter().filter_map(|(paid, held)| {
            let paid = paid.checked_add(price).filter(|paid| *paid < below)?;
            Some((paid, held.saturating_add(extents)))
        });
        let mut with = with.peekable();
        let mut without = sets.iter().copied().peekable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(sets.len());
        loop {
            // Of two that cost the same the one that holds more comes last.
            let next = match (with.peek(), without.peek()) {
                (Some(one), Some(other)) if one < other => with.next(),
                (Some(_), None) => with.next(),
                (_, _) => without.next(),
            };
            let Some((paid, held)) = next else { break };
            if merged.last().is_some_and(|(_, most)| *most >= held) {
                continue;
            }
            if merged.last().is_some_and(|(last, _)| *last == paid) {
                merged.pop();
            }
            merged.push((paid, held));
        }
        sets = merged;
    }
    Some(sets)
}

/// The highest price of pieces that fit `extents` together; `pieces` are length, price, how many at
/// most, the dearest per extent first. `None` if that takes too many steps.
pub(super) fn dearest(pieces: &[(u64, u64, u64)], extents: u64, steps: &mut u64) -> Option<u64> {
    fn choose(
        pieces: &[(u64, u64, u64)],
        extents: u64,
        price: u64,
        best: &mut u64,
        steps: &mut u64,
    ) -> Option<()> {
        *steps += 1;
        if *steps > MOST_STEPS {
            return None;
        }
        *best = (*best).max(price);
        let Some((&(length, each, most), rest)) = pieces.split_first() else {
            return Some(());
        };
        // No piece that is left is dearer per extent than this one.
        let more = u128::from(extents) * u128::from(each) / u128::from(length.max(1));
        if u128::from(price) + more <= u128::from(*best) {
            return Some(());
        }
        let fit = extents.checked_div(length).unwrap_or(most).min(most);
        for count in (0..=fit).rev() {
            let price = price.saturating_add(each.saturating_mul(count));
            choose(rest, extents - length * count, price, best, steps)?;
        }
        Some(())
    }
    let mut best = 0;
    choose(pieces, extents, 0, &mut best, steps)?;
    Some(best)
}
