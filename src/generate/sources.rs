//! Sources with free areas between used ones.

use crate::core::{Area, Source};
use crate::generate::random::Random;

/// The free areas of a source, as lengths in the order in which they lie.
pub(crate) type Lengths = Vec<u64>;

/// `total` extents in at most `areas` areas of random length.
pub(crate) fn lengths(random: &mut Random, total: u64, areas: u64) -> Lengths {
    let count = random.between(1, areas.min(total));
    let mut cuts: Vec<u64> = (1..count).map(|_| random.between(1, total - 1)).collect();
    cuts.extend([0, total]);
    cuts.sort_unstable();
    // Two cuts at one place are one.
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Sources of random size.
pub(crate) fn some(
    random: &mut Random,
    count: u64,
    areas: u64,
    (smallest, largest): (u64, u64),
) -> Vec<Lengths> {
    let mut one = |_| {
        let total = random.between(smallest, largest);
        lengths(random, total, areas)
    };
    (0..count).map(&mut one).collect()
}

/// Puts the areas of each source on it, with used extents between them, some in front and behind.
pub(crate) fn placed(random: &mut Random, sources: &[Lengths]) -> Vec<Source> {
    let width = sources.len().to_string().len();
    let mut place = |(index, lengths): (usize, &Lengths)| {
        let mut end = random.between(0, 50);
        let mut areas = Vec::new();
        for &count in lengths {
            areas.extend(Area::new(end, count));
            end += count + random.between(1, 1_000);
        }
        Source {
            name: format!("s{index:0width$}"),
            extents: end,
            free: areas.into_iter().collect(),
            tags: Default::default(),
            ..Source::default()
        }
    };
    sources.iter().enumerate().map(&mut place).collect()
}

/// The longest leg `e` for which sum(min(free of a source, e)) >= legs * e: no legs on sources of
/// their own, at each offset or as a whole, can be longer.
pub(crate) fn longest_leg(free: &[u64], legs: u64) -> u64 {
    let total: u64 = free.iter().sum();
    let (mut fits, mut too_long) = (0, total / legs + 1);
    while too_long - fits > 1 {
        let leg = fits + (too_long - fits) / 2;
        let within_reach: u64 = free.iter().map(|&extents| extents.min(leg)).sum();
        if u128::from(within_reach) >= u128::from(leg) * u128::from(legs) {
            fits = leg;
        } else {
            too_long = leg;
        }
    }
    fits
}
