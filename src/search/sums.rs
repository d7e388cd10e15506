//! Sums of sets of items: meeting in the middle.
//!
//! All sums of either half, in order, are walked from both ends (Horowitz and Sahni 1974). Neighbours
//! by size go to different halves, so that both halves have about as many sums below a limit.

use crate::core::Limits;

/// The sums of sets of some items up to a limit, ascending, each with its members as bits.
struct Sums(Vec<(u64, u64)>);

impl Sums {
    /// The sums up to `limit`; `None` if they are more than `most`, or time ran out.
    fn up_to(limit: u64, sizes: &[u64], most: usize, limits: &Limits<'_>) -> Option<Sums> {
        let mut sums = vec![(0u64, 0u64)];
        for (at, &size) in sizes.iter().enumerate() {
            let fits =
                |&(sum, _): &(u64, u64)| sum.checked_add(size).is_some_and(|sum| sum <= limit);
            let longer = sums.partition_point(fits);
            if sums.len() + longer > most || limits.is_over() {
                return None;
            }
            // Both the sums without the item and those with it are sorted: merge.
            let mut merged = Vec::with_capacity(sums.len() + longer);
            let mut without = 0;
            for &(sum, bits) in &sums[..longer] {
                let with = (sum + size, bits | 1 << at);
                while without < sums.len() && sums[without] <= with {
                    merged.push(sums[without]);
                    without += 1;
                }
                merged.push(with);
            }
            merged.extend_from_slice(&sums[without..]);
            sums = merged;
        }
        Some(Sums(sums))
    }
}

/// The subset with the least sum that is at least `needed`: its sum, and its members as bits. Of more
/// than 64 items, or of more than some millions of sums, nothing is known.
pub(crate) fn least_sum(sizes: &[u64], needed: u64) -> Option<(u64, u64)> {
    /// Sums of one half: some tens of megabytes.
    const MOST: usize = 1 << 21;
    let limits = Limits::none();
    let (left, right) = sizes.split_at(sizes.len() / 2);
    let all = Sums::up_to(u64::MAX, left, MOST, &limits)?;
    let others = Sums::up_to(u64::MAX, right, MOST, &limits)?;
    let mut best: Option<(u64, u64)> = None;
    let mut at = others.0.len();
    for &(sum, bits) in &all.0 {
        // The right sums that suffice become more as the left sum grows.
        while at > 0 && sum + others.0[at - 1].0 >= needed {
            at -= 1;
        }
        if let Some(&(more, more_bits)) = others.0.get(at) {
            let total = sum + more;
            if best.is_none_or(|(held, _)| total < held) {
                best = Some((total, bits | more_bits << left.len()));
            }
        }
    }
    best
}

/// Every set of items whose sum is from `least` to `most`, as bits, with that sum. `None` if one half
/// has more than `sums` sums, or more than `sets` sets are found, there are more than 128 items, or time ran
/// out.
pub(crate) fn between(
    sizes: &[u64],
    (least, most): (u64, u64),
    sums: usize,
    sets: usize,
    limits: &Limits<'_>,
) -> Option<Vec<(u64, u128)>> {
    if sizes.len() > 128 {
        return None;
    }
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(sizes[item]), item));
    let half =
        |first: usize| -> Vec<usize> { order.iter().skip(first).step_by(2).copied().collect() };
    let halves = [half(0), half(1)];
    let of_half = |half: &[usize]| {
        let sizes: Vec<u64> = half.iter().map(|&item| sizes[item]).collect();
        Sums::up_to(most, &sizes, sums, limits)
    };
    let (left, right) = (of_half(&halves[0])?, of_half(&halves[1])?);
    let mut found = Vec::new();
    let mut from = right.0.len();
    for &(sum, bits) in &left.0 {
        while from > 0 && sum + right.0[from - 1].0 >= least {
            from -= 1;
        }
        for &(more, more_bits) in &right.0[from..] {
            if sum + more > most {
                break;
            }
            if found.len() == sets {
                return None;
            }
            let set = members(&halves[0], bits) | members(&halves[1], more_bits);
            found.push((sum + more, set));
        }
    }
    Some(found)
}

/// The items whose bits are set, as bits.
fn members(items: &[usize], mut bits: u64) -> u128 {
    let mut set = 0;
    while bits != 0 {
        set |= 1 << items[bits.trailing_zeros() as usize];
        bits &= bits - 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [u64; 7] = [7, 31, 11, 13, 29, 7, 1];

    /// Every set with its sum.
    fn all() -> Vec<(u64, u128)> {
        let sum = |bits: u128| {
            let members = SIZES.iter().enumerate();
            let members = members.filter(|(at, _)| bits >> at & 1 == 1);
            members.map(|(_, size)| size).sum()
        };
        (0..128).map(|bits| (sum(bits), bits)).collect()
    }

    #[test]
    fn the_least_sufficient_sum_is_found() {
        for needed in 1..=99 {
            let wanted = all().into_iter().map(|(sum, _)| sum);
            let wanted = wanted.filter(|sum| *sum >= needed).min();
            let found = least_sum(&SIZES, needed);
            assert_eq!(found.map(|(sum, _)| sum), wanted);
            if let Some((sum, bits)) = found {
                assert!(all().contains(&(sum, bits.into())));
            }
        }
        assert_eq!(least_sum(&SIZES, 100), None);
    }

    #[test]
    fn the_sets_between_two_sums_are_all_found_once() {
        for least in 0..40 {
            for most in least..=99 {
                let mut wanted = all();
                wanted.retain(|(sum, _)| (least..=most).contains(sum));
                let mut found =
                    between(&SIZES, (least, most), 100, 200, &Limits::none()).expect("few");
                found.sort_unstable();
                wanted.sort_unstable();
                assert_eq!(found, wanted);
                let few = between(
                    &SIZES,
                    (least, most),
                    100,
                    wanted.len().max(1) - 1,
                    &Limits::none(),
                );
                assert_eq!(few.is_none(), !wanted.is_empty());
            }
        }
        assert!(between(&SIZES, (0, 99), 15, 200, &Limits::none()).is_none());
    }
}
