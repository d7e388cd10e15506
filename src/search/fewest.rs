//! The fewest areas, and the fewest sources, that hold what a request needs.
//!
//! A source whose `k` longest areas are used gives a request at most `P(k) = min(cap, their sum)`. `P` is
//! concave, so the least number of areas that give `needed` is found greedily, by falling gains.
//! Sources are not concave together with areas; there a table over both decides.

use std::cmp::Reverse;

use crate::core::{Areas, Limits, Measure};
use crate::search::tradeoff::{Selection, Tradeoff};

/// What one source offers: lengths of its areas, longest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lengths(Vec<u64>);

/// Least numbers that hold for every way to gather what is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Least {
    /// Areas.
    pub(crate) areas: u64,
    /// Sources.
    pub(crate) sources: u64,
    /// Sources, with as few areas as possible.
    pub(crate) sources_with_least_areas: u64,
    /// Areas, on as few sources as possible.
    pub(crate) areas_with_least_sources: u64,
}

impl Lengths {
    pub(crate) fn of(areas: &Areas) -> Lengths {
        Lengths::of_list(areas.iter().map(|area| area.count()).collect())
    }

    /// Lengths in any order.
    pub(crate) fn of_list(mut lengths: Vec<u64>) -> Lengths {
        lengths.sort_unstable_by_key(|&length| Reverse(length));
        Lengths(lengths)
    }

    /// As [`Lengths::of`], with every area cut into pieces of at most `longest`, `most` of them: for
    /// legs that may share sources, but need a segment each.
    pub(crate) fn of_pieces(areas: &Areas, longest: u64, most: usize) -> Lengths {
        let mut pieces = Vec::new();
        for area in areas.iter() {
            let mut left = area.count();
            for _ in 0..most {
                if left == 0 {
                    break;
                }
                pieces.push(left.min(longest));
                left -= left.min(longest);
            }
        }
        pieces.sort_unstable_by_key(|&length| Reverse(length));
        Lengths(pieces)
    }

    /// `P(0), P(1), ..`, up to the first that a further area does not enlarge.
    pub(crate) fn gives(&self, cap: u64) -> Vec<u64> {
        let mut gives = vec![0];
        let mut sum = 0;
        for &length in &self.0 {
            if sum >= cap {
                break;
            }
            sum = cap.min(sum + length);
            gives.push(sum);
        }
        gives
    }
}

/// The least numbers, and a selection that has them in the order of the objective; `None` if the
/// sources cannot give `needed`.
///
/// Without the table (it is left out where it would be too large) the selection has fewest areas,
/// and the numbers that need it are the ones that hold anyway.
pub(crate) fn select(
    offers: &[Lengths],
    cap: u64,
    needed: u64,
    objective: &[Measure],
    limits: &Limits<'_>,
) -> Option<(Least, Selection)> {
    let gives: Vec<Vec<u64>> = offers.iter().map(|lengths| lengths.gives(cap)).collect();
    let greedy = fewest(&gives, needed)?;
    let areas = greedy.iter().sum::<usize>();
    let totals = gives.iter().filter_map(|gives| gives.last().copied());
    let sources = fewest_totals(totals.collect(), needed)?;
    let mut least = Least {
        areas: areas as u64,
        sources: sources as u64,
        sources_with_least_areas: sources as u64,
        areas_with_least_sources: areas as u64,
    };
    let touched = greedy.iter().filter(|count| **count > 0).count();
    if touched == sources {
        return Some((least, greedy));
    }
    let sources_first = objective
        .iter()
        .find(|measure| matches!(measure, Measure::Segments | Measure::Sources))
        == Some(&Measure::Sources);
    let tradeoff = Tradeoff::new(&gives, needed, limits);
    let selection = if sources_first {
        let bound = tradeoff.least_areas(sources).unwrap_or(areas).max(areas);
        least.areas_with_least_sources = bound as u64;
        tradeoff.select(bound, sources).or_else(|| {
            // The areas that the sources with most to give bring along bound the table from above.
            let mut order: Vec<usize> = (0..gives.len()).collect();
            order.sort_by_key(|&source| (Reverse(gives[source].last().copied()), source));
            let most = order[..sources]
                .iter()
                .map(|&source| gives[source].len() - 1);
            let table = Table::fill(&gives, sources, most.sum(), limits)?;
            let (count, selection) = table.fewest_areas_on(sources, needed)?;
            least.areas_with_least_sources = count as u64;
            Some(selection)
        })
    } else {
        let bound = tradeoff.least_sources(areas).unwrap_or(sources);
        least.sources_with_least_areas = bound as u64;
        tradeoff.select(areas, bound).or_else(|| {
            let table = Table::fill(&gives, touched, areas, limits)?;
            let (count, selection) = table.fewest_sources_with(areas, needed)?;
            least.sources_with_least_areas = count as u64;
            Some(selection)
        })
    };
    Some((least, selection.unwrap_or(greedy)))
}

/// The `areas` areas that give most, if there are as many worth having.
pub(crate) fn select_areas(offers: &[Lengths], cap: u64, areas: usize) -> Option<Selection> {
    let gives: Vec<Vec<u64>> = offers.iter().map(|lengths| lengths.gives(cap)).collect();
    let all: usize = gives.iter().map(|gives| gives.len() - 1).sum();
    (areas <= all).then(|| take(&gives, areas))
}

/// The selection with `more` areas of its sources, those that give most; `None` if they have no more.
pub(crate) fn with_more(
    offers: &[Lengths],
    cap: u64,
    selection: &Selection,
    more: usize,
) -> Option<Selection> {
    let mut gains = Vec::new();
    for (source, (lengths, &count)) in offers.iter().zip(selection).enumerate() {
        let gives = lengths.gives(cap);
        let further = gives.windows(2).skip(count).filter(|_| count > 0);
        gains.extend(further.map(|pair| (Reverse(pair[1] - pair[0]), source)));
    }
    gains.sort_unstable();
    let mut selection = selection.clone();
    for &(_, source) in gains.get(..more)? {
        selection[source] += 1;
    }
    Some(selection)
}

/// The fewest areas that give `needed`, if a source gives no more than `cap`.
pub(crate) fn fewest_gains(offers: &[Lengths], cap: u64, needed: u64) -> Option<u64> {
    let gives: Vec<Vec<u64>> = offers.iter().map(|lengths| lengths.gives(cap)).collect();
    let selection = fewest(&gives, needed)?;
    Some(selection.iter().map(|&count| count as u64).sum())
}

/// The fewest sources that give `needed`, each at most `cap`.
pub(crate) fn fewest_sources(offers: &[Lengths], cap: u64, needed: u64) -> Option<u64> {
    let totals = offers
        .iter()
        .map(|lengths| lengths.0.iter().sum::<u64>().min(cap));
    fewest_totals(totals.collect(), needed).map(|count| count as u64)
}

/// A number of sources that no selection of at most so many areas goes below, each source giving at most `cap`;
/// `None` if so many areas never give `needed`.
pub(crate) fn fewest_sources_with(
    offers: &[Lengths],
    cap: u64,
    needed: u64,
    areas: u64,
    limits: &Limits<'_>,
) -> Option<u64> {
    let gives: Vec<Vec<u64>> = offers.iter().map(|lengths| lengths.gives(cap)).collect();
    let sources = Tradeoff::new(&gives, needed, limits).least_sources(usize::try_from(areas).ok()?);
    sources.map(|sources| sources as u64)
}

/// The `count` longest areas of all, or all.
pub(crate) fn longest_areas(offers: &[Lengths], count: usize) -> Vec<u64> {
    let mut all: Vec<u64> = offers
        .iter()
        .flat_map(|lengths| &lengths.0)
        .copied()
        .collect();
    all.sort_unstable_by_key(|&length| Reverse(length));
    all.truncate(count);
    all
}

/// The fewest areas that give `needed`, on whatever sources.
pub(crate) fn fewest_areas(offers: &[Lengths], needed: u64) -> Option<u64> {
    fewest_gains(offers, needed, needed)
}

fn take(gives: &[Vec<u64>], areas: usize) -> Selection {
    let mut selection = vec![0; gives.len()];
    for (_, source) in gains(gives).into_iter().take(areas) {
        selection[source] += 1;
    }
    selection
}

/// What one more area of a source adds, the most first; ties go to the source that comes first.
fn gains(gives: &[Vec<u64>]) -> Vec<(Reverse<u64>, usize)> {
    let mut gains: Vec<(Reverse<u64>, usize)> = Vec::new();
    for (source, gives) in gives.iter().enumerate() {
        let steps = gives
            .windows(2)
            .map(|pair| (Reverse(pair[1] - pair[0]), source));
        gains.extend(steps);
    }
    gains.sort_unstable();
    gains
}

/// Greedy over the gains.
fn fewest(gives: &[Vec<u64>], needed: u64) -> Option<Selection> {
    let mut missing = needed;
    let mut areas = 0;
    for (Reverse(gain), _) in gains(gives) {
        if missing == 0 {
            break;
        }
        missing = missing.saturating_sub(gain);
        areas += 1;
    }
    (missing == 0).then(|| take(gives, areas))
}

/// The sources with most to give, until it is enough.
fn fewest_totals(mut totals: Vec<u64>, needed: u64) -> Option<usize> {
    totals.sort_unstable_by_key(|&total| Reverse(total));
    let mut missing = needed;
    for (count, total) in totals.into_iter().enumerate() {
        if missing == 0 {
            return Some(count);
        }
        missing = missing.saturating_sub(total);
        if missing == 0 {
            return Some(count + 1);
        }
    }
    (missing == 0).then_some(0)
}

/// The most that a number of sources can give with a number of areas: a knapsack.
struct Table {
    areas: usize,
    /// Cell `sources * (areas + 1) + areas`; `None` if it cannot be had.
    most: Vec<Option<u64>>,
    /// Per source and cell the areas that the source gives.
    taken: Vec<Vec<u16>>,
}

impl Table {
    /// The table for up to `sources` sources and `areas` areas, or `None` if it would be too large.
    fn fill(
        gives: &[Vec<u64>],
        sources: usize,
        areas: usize,
        limits: &Limits<'_>,
    ) -> Option<Table> {
        /// Steps that take about a tenth of a second.
        const MOST_STEPS: u128 = 1 << 25;
        let cells = (sources + 1) * (areas + 1);
        let widest = gives.iter().map(Vec::len).max().unwrap_or(1);
        let steps = gives.iter().map(|gives| gives.len() as u128).sum::<u128>() * cells as u128;
        let bytes = 2 * cells as u128 * gives.len() as u128;
        if steps > MOST_STEPS
            || !limits.allow_bytes(bytes.saturating_mul(4))
            || widest > usize::from(u16::MAX)
        {
            return None;
        }
        let mut most: Vec<Option<u64>> = vec![None; cells];
        most[0] = Some(0);
        let mut taken = Vec::with_capacity(gives.len());
        for gives in gives {
            if limits.is_over() {
                return None;
            }
            let mut chosen = vec![0u16; cells];
            // From the back, so that a source is counted once.
            for have in (0..sources).rev() {
                for count in (0..areas).rev() {
                    let Some(before) = most[have * (areas + 1) + count] else {
                        continue;
                    };
                    for (more, &gain) in (0u16..).zip(gives).skip(1) {
                        let with = count + usize::from(more);
                        if with > areas {
                            break;
                        }
                        let cell = (have + 1) * (areas + 1) + with;
                        if most[cell].is_none_or(|held| held < before + gain) {
                            most[cell] = Some(before + gain);
                            chosen[cell] = more;
                        }
                    }
                }
            }
            taken.push(chosen);
        }
        Some(Table { areas, most, taken })
    }

    fn fewest_sources_with(&self, areas: usize, needed: u64) -> Option<(usize, Selection)> {
        let enough = |sources: &usize| self.holds(*sources, areas) >= Some(needed);
        let sources = (0..self.most.len() / (self.areas + 1)).find(enough)?;
        Some((sources, self.selection(sources, areas)))
    }

    fn fewest_areas_on(&self, sources: usize, needed: u64) -> Option<(usize, Selection)> {
        let enough = |areas: &usize| self.holds(sources, *areas) >= Some(needed);
        let areas = (0..=self.areas).find(enough)?;
        Some((areas, self.selection(sources, areas)))
    }

    fn holds(&self, sources: usize, areas: usize) -> Option<u64> {
        self.most[sources * (self.areas + 1) + areas]
    }

    /// Walks back over the sources.
    fn selection(&self, sources: usize, areas: usize) -> Selection {
        let (mut have, mut count) = (sources, areas);
        let mut selection = vec![0; self.taken.len()];
        for (source, taken) in self.taken.iter().enumerate().rev() {
            let more = usize::from(taken[have * (self.areas + 1) + count]);
            if more > 0 {
                selection[source] = more;
                have -= 1;
                count -= more;
            }
        }
        selection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(lists: &[&[u64]]) -> Vec<Lengths> {
        lists.iter().map(|list| Lengths(list.to_vec())).collect()
    }

    #[test]
    fn two_areas_on_two_sources_come_before_three_on_one() {
        let offers = lengths(&[&[2, 2, 2], &[4], &[2]]);
        let objective = [Measure::Segments, Measure::Sources];
        let (least, selection) = select(&offers, 6, 6, &objective, &Limits::none()).expect("fits");
        assert_eq!(selection, [1, 1, 0]);
        assert_eq!((least.areas, least.sources_with_least_areas), (2, 2));
        let objective = [Measure::Sources, Measure::Segments];
        let (least, selection) = select(&offers, 6, 6, &objective, &Limits::none()).expect("fits");
        assert_eq!(selection, [3, 0, 0]);
        assert_eq!((least.sources, least.areas_with_least_sources), (1, 3));
    }

    /// Every selection, tried one by one.
    #[test]
    fn the_table_agrees_with_all_selections() {
        let offers = lengths(&[&[5, 1], &[4, 4, 1], &[3, 3], &[6], &[2, 2, 2]]);
        for cap in [3, 5, 7, 40] {
            let gives: Vec<Vec<u64>> = offers.iter().map(|lengths| lengths.gives(cap)).collect();
            let mut all = vec![(0u64, 0usize, 0usize)];
            for gives in &gives {
                let longer = all.iter().flat_map(|&(sum, areas, sources)| {
                    let take = gives.iter().enumerate();
                    take.map(move |(count, gain)| {
                        (sum + gain, areas + count, sources + usize::from(count > 0))
                    })
                });
                all = longer.collect();
            }
            for needed in 1..=35 {
                let enough = || all.iter().filter(|(sum, ..)| *sum >= needed);
                let by_areas = enough().map(|(_, areas, sources)| (*areas, *sources)).min();
                let by_sources = enough().map(|(_, areas, sources)| (*sources, *areas)).min();
                let segments = [Measure::Segments, Measure::Sources];
                let found = select(&offers, cap, needed, &segments, &Limits::none());
                let found = found.map(|(least, _)| (least.areas, least.sources_with_least_areas));
                let wanted = by_areas.map(|(areas, sources)| (areas as u64, sources as u64));
                assert_eq!(found, wanted, "cap {cap} needed {needed}");
                let sources = [Measure::Sources];
                let found = select(&offers, cap, needed, &sources, &Limits::none());
                let found = found.map(|(least, _)| (least.sources, least.areas_with_least_sources));
                let wanted = by_sources.map(|(sources, areas)| (sources as u64, areas as u64));
                assert_eq!(found, wanted, "cap {cap} needed {needed}");
            }
        }
    }
}
