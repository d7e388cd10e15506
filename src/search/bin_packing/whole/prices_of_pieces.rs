//! How many areas can be taken whole at most, by prices of the pieces that it takes.
//!
//! Let a piece of each length have a price. An area taken whole is worth 1 and costs what its cheapest set
//! of pieces costs; all pieces together cost so much at most. So no more areas can be taken whole than
//! the price of all pieces plus what each area is worth beyond its cheapest set: the Lagrangian of the
//! choice of sets (Geoffrion 1974). Any prices make a bound; good ones are found by subgradient steps
//! (Held, Wolfe, Crowder 1974), all in whole numbers.

use crate::core::Limits;
use crate::search::bin_packing::whole::exact_fillings::{Ways, WaysOfArea};

/// What an area taken whole is worth; prices are counted in parts of it.
const WORTH: i128 = 1 << 32;
/// Parts of a piece in which it is counted how many an area takes.
const USE: i128 = 1 << 12;
/// Steps, and sets looked at in all of them.
const MOST_STEPS: usize = 600;
const MOST_LOOKS: usize = 1 << 26;
/// Steps without a better bound after which they become shorter.
const PATIENCE: usize = 12;

/// The cheapest way to take an area whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cheapest {
    /// Index among the areas of the ways.
    pub(crate) area: usize,
    /// A price that no way is below.
    pub(crate) price: i128,
}

/// A bound on the areas that can be taken whole. `choose` is told the areas, cheapest first, whenever
/// prices have moved on, and says how many it knows to take; the bound is not sought below that.
pub(crate) fn most(
    ways: &Ways,
    mut choose: impl FnMut(&[Cheapest], &[i128]) -> usize,
    limits: &Limits<'_>,
) -> usize {
    let sets: usize = ways.areas.iter().map(|area| 1 + area.sets.len()).sum();
    let steps = (MOST_LOOKS / sets.max(1)).clamp(1, MOST_STEPS);
    let mut best = i128::MAX;
    let mut known = 0;
    for start in [vec![0; ways.lengths.len()], by_length(ways)] {
        let mut prices = start;
        let (mut centre, mut at_centre) = (prices.clone(), i128::MAX);
        let (mut idle, mut shorter) = (0, 0);
        for step in 0..steps {
            let Priced {
                bound,
                slope,
                mut cheapest,
            } = priced(ways, &prices);
            best = best.min(bound);
            if bound < at_centre {
                at_centre = bound;
                centre.clone_from(&prices);
                idle = 0;
            } else {
                idle += 1;
            }
            if step % 16 == 0 || idle == 0 && step < 64 {
                cheapest.sort_by_key(|one| (one.price, one.area));
                known = known.max(choose(&cheapest, &prices));
            }
            if whole(best) <= known || limits.is_over() {
                return whole(best);
            }
            if idle == PATIENCE {
                idle = 0;
                shorter += 1;
                prices.clone_from(&centre);
                if shorter == 16 {
                    break;
                }
                continue;
            }
            let norm: i128 = slope.iter().map(|part| part * part).sum();
            if norm == 0 {
                break;
            }
            // Polyak's step towards what is known, shorter and shorter.
            let aim = known as i128 * WORTH;
            for (price, part) in prices.iter_mut().zip(&slope) {
                let moved = (bound - aim) * part * USE / norm;
                *price = (*price - (moved >> shorter)).clamp(0, WORTH);
            }
        }
    }
    whole(best)
}

fn whole(bound: i128) -> usize {
    usize::try_from(bound / WORTH).unwrap_or(usize::MAX)
}

/// Prices at which an area is worth its extents, if the shortest areas are taken first.
fn by_length(ways: &Ways) -> Vec<i128> {
    let pieces = ways.lengths.iter().zip(&ways.counts);
    let mut left: u128 = pieces.map(|(&l, &n)| u128::from(l) * u128::from(n)).sum();
    let mut areas: Vec<u64> = ways.areas.iter().map(|area| area.extents).collect();
    areas.sort_unstable();
    let mut last = 1;
    for extents in areas {
        last = extents;
        match left.checked_sub(u128::from(extents)) {
            Some(less) => left = less,
            None => break,
        }
    }
    let price = |&length: &u64| (i128::from(length) * WORTH / i128::from(last)).min(WORTH);
    ways.lengths.iter().map(price).collect()
}

struct Priced {
    bound: i128,
    /// By length by how much the bound grows with its price, in parts of a piece.
    slope: Vec<i128>,
    /// The areas that are worth what they cost.
    cheapest: Vec<Cheapest>,
}

fn priced(ways: &Ways, prices: &[i128]) -> Priced {
    let mut slope: Vec<i128> = ways.counts.iter().map(|&n| i128::from(n) * USE).collect();
    let all = prices.iter().zip(&ways.counts);
    let mut bound: i128 = all.map(|(price, &count)| price * i128::from(count)).sum();
    let mut cheapest = Vec::new();
    for (index, area) in ways.areas.iter().enumerate() {
        let listed = area.sets.iter().map(|set| (cost(set, prices), set));
        let listed = listed.min_by_key(|(cost, _)| *cost);
        let other = (!area.is_complete).then(|| least(ways, area, prices));
        let price = match (&listed, other) {
            (Some((cost, _)), Some((least, _))) => (*cost).min(least),
            (Some((cost, _)), None) => *cost,
            (None, Some((least, _))) => least,
            (None, None) => continue,
        };
        if price >= WORTH {
            continue;
        }
        bound += WORTH - price;
        cheapest.push(Cheapest { area: index, price });
        match (listed, other) {
            (Some((cost, set)), _) if cost == price => {
                for &(length, count) in set {
                    slope[length] -= i128::from(count) * USE;
                }
            }
            (_, Some((_, length))) => {
                let count = i128::from(area.extents) * USE / i128::from(ways.lengths[length]);
                slope[length] -= count;
            }
            (Some(_) | None, None) => {}
        }
    }
    Priced {
        bound,
        slope,
        cheapest,
    }
}

/// What a set costs.
pub(crate) fn cost(set: &[(usize, u64)], prices: &[i128]) -> i128 {
    let pieces = set.iter();
    pieces
        .map(|&(length, count)| prices[length] * i128::from(count))
        .sum()
}

/// What extents cost where they are cheapest: no set that fills the area costs less. With their length.
fn least(ways: &Ways, area: &WaysOfArea, prices: &[i128]) -> (i128, usize) {
    let extents = i128::from(area.extents);
    let per_area = ways.lengths.iter().zip(prices).enumerate();
    let per_area = per_area.map(|(index, (&length, price))| {
        // Rounded down, so that it stays a bound.
        (price * extents / i128::from(length), index)
    });
    per_area.min().unwrap_or((0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    /// The most areas that can be taken whole with what is left of the pieces; of each area all sets.
    fn most_of_all(areas: &[Vec<Vec<(usize, u64)>>], left: &[u64]) -> usize {
        let Some((sets, rest)) = areas.split_first() else {
            return 0;
        };
        let mut most = most_of_all(rest, left);
        for set in sets {
            if set.iter().all(|&(length, count)| left[length] >= count) {
                let mut left = left.to_vec();
                for &(length, count) in set {
                    left[length] -= count;
                }
                most = most.max(1 + most_of_all(rest, &left));
            }
        }
        most
    }

    #[test]
    fn no_choice_takes_more_areas_than_the_bound_and_many_as_many() {
        let (mut met, mut hidden) = (0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let lengths = vec![5, 3, 2];
            let counts: Vec<u64> = (0..3).map(|_| 1 + random.below(3)).collect();
            let (mut areas, mut all) = (Vec::new(), Vec::new());
            for bin in 0..6 {
                let extents = 2 + random.below(9);
                let mut sets = Vec::new();
                for five in 0..=counts[0] {
                    for three in 0..=counts[1] {
                        for two in 0..=counts[2] {
                            if 5 * five + 3 * three + 2 * two == extents {
                                sets.push(vec![(0, five), (1, three), (2, two)]);
                            }
                        }
                    }
                }
                all.push(sets.clone());
                // Some areas say only that there may be more ways, and keep some to themselves.
                let is_complete = random.below(4) > 1;
                if !is_complete {
                    sets.truncate(usize::try_from(random.below(2)).expect("few"));
                    hidden += usize::from(sets.len() < all[bin].len());
                }
                areas.push(WaysOfArea {
                    bin,
                    extents,
                    is_complete,
                    sets,
                });
            }
            let exact = most_of_all(&all, &counts);
            let ways = Ways {
                lengths,
                counts,
                of_class: Vec::new(),
                areas,
            };
            let bound = most(&ways, |_, _| exact, &Limits::none());
            assert!(bound >= exact, "seed {seed}");
            met += usize::from(bound == exact);
        }
        assert!(met > 240, "{met} of 400");
        assert!(hidden > 400, "{hidden} areas with sets that are not listed");
    }

    #[test]
    fn no_set_that_fills_an_area_costs_less_than_the_least_and_the_cheapest_pieces_cost_that() {
        let mut met = 0;
        for seed in 0..500 {
            let mut random = Random::new(seed);
            let lengths = vec![5, 3, 2];
            let prices: Vec<i128> = (0..3).map(|_| i128::from(random.below(900))).collect();
            let area = WaysOfArea {
                bin: 0,
                extents: 2 + random.below(29),
                sets: Vec::new(),
                is_complete: false,
            };
            let ways = Ways {
                lengths,
                counts: vec![15; 3],
                of_class: Vec::new(),
                areas: Vec::new(),
            };
            let (least, length) = least(&ways, &area, &prices);
            for five in 0..=area.extents / 5 {
                for three in 0..=(area.extents - 5 * five) / 3 {
                    let left = area.extents - 5 * five - 3 * three;
                    let set = [(0, five), (1, three), (2, left / 2)];
                    if left.is_multiple_of(2) {
                        assert!(cost(&set, &prices) >= least, "seed {seed}");
                    }
                }
            }
            let piece = ways.lengths[length];
            if area.extents.is_multiple_of(piece) {
                let alone = [(length, area.extents / piece)];
                assert_eq!(cost(&alone, &prices), least, "seed {seed}");
                met += 1;
            }
        }
        assert!(met > 100, "{met} of 500");
    }

    fn area(extents: u64, is_complete: bool, sets: &[&[(usize, u64)]]) -> WaysOfArea {
        WaysOfArea {
            bin: 0,
            extents,
            is_complete,
            sets: sets.iter().map(|set| set.to_vec()).collect(),
        }
    }

    #[test]
    fn each_area_is_worth_what_it_has_above_its_cheapest_way() {
        let ways = Ways {
            lengths: vec![5, 3],
            counts: vec![2, 3],
            of_class: Vec::new(),
            areas: vec![
                area(8, true, &[&[(0, 1), (1, 1)]]),
                area(10, true, &[&[(0, 2)]]),
                area(6, false, &[]),
                area(7, true, &[]),
                area(3, false, &[&[(1, 1)]]),
                area(8, false, &[&[(0, 1), (1, 1)]]),
            ],
        };
        let prices = [WORTH / 2, WORTH / 4];
        let Priced {
            bound,
            slope,
            cheapest,
        } = priced(&ways, &prices);
        // The second costs what it is worth; the fourth cannot be taken at all; the last may be filled with
        // threes and a bit, for all that is known.
        let costs = [
            (0, WORTH * 3 / 4),
            (2, WORTH / 2),
            (4, WORTH / 4),
            (5, WORTH * 8 / 12),
        ];
        let found: Vec<(usize, i128)> = cheapest.iter().map(|one| (one.area, one.price)).collect();
        assert_eq!(found, costs);
        let pieces = 2 * WORTH / 2 + 3 * WORTH / 4;
        let gained: i128 = costs.iter().map(|(_, price)| WORTH - price).sum();
        assert_eq!(bound, pieces + gained);
        assert_eq!(
            slope,
            [2 * USE - USE, 3 * USE - USE - 2 * USE - USE - 8 * USE / 3]
        );
    }

    #[test]
    fn prices_by_length_make_the_longest_area_that_the_pieces_fill_worth_itself() {
        let by_length = |areas: &[u64]| {
            let ways = Ways {
                lengths: vec![5, 3],
                counts: vec![2, 1],
                of_class: Vec::new(),
                areas: areas
                    .iter()
                    .map(|&extents| area(extents, true, &[]))
                    .collect(),
            };
            crate::search::bin_packing::whole::prices_of_pieces::by_length(&ways)
        };
        // Of 13 extents 4 and 6 are filled, and a part of 9.
        assert_eq!(by_length(&[9, 4, 20, 6]), [5 * WORTH / 9, 3 * WORTH / 9]);
        assert_eq!(by_length(&[6, 7]), [5 * WORTH / 7, 3 * WORTH / 7]);
        assert_eq!(by_length(&[4]), [WORTH, 3 * WORTH / 4]);
    }
}
