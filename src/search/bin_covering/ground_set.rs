//! What legs are made of, and what only so many of them can have: the rows of the program of patterns.
//!
//! A source without a tag of the partition is a row of its own, and sources that give alike share one,
//! with as much room as there are of them. A tag is a row that one leg can have; sources with the same
//! tags form a group, and whoever uses one of them has all these rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::core::{Plan, Problem, Request};
use crate::search::bin_covering::covering::Covering;
use crate::search::bin_covering::tags::Kinds;

/// The sources of a request, as a leg sees them.
pub(crate) struct Ground {
    /// Each source that offers anything is an item, and each of its areas a gain.
    pub(crate) covering: Covering,
    /// Per row how many legs can have it.
    pub(crate) room: Vec<i64>,
    pub(crate) groups: Vec<Group>,
    /// What can be used behind the groups, in their order.
    pub(crate) stocks: Vec<Stock>,
}

/// Stocks behind the same rows.
pub(crate) struct Group {
    pub(crate) rows: Vec<usize>,
    pub(crate) stocks: Range<usize>,
    /// So many groups in front of this one are the same once more, and share its row.
    pub(crate) copies_before: usize,
}

/// One source, or any of several that give alike.
pub(crate) struct Stock {
    /// What its areas add to a leg, longest first.
    pub(crate) gains: Vec<u64>,
    /// The items that it may be; those of copies are the same.
    pub(crate) items: Vec<usize>,
}

impl Ground {
    pub(crate) fn of(problem: &Problem, request: &Request) -> Ground {
        let kinds = Kinds::of(problem, request);
        let each = (0..problem.sources().len()).map(Some).collect();
        let covering = Covering::of(problem, request, &each).by_area();
        let gives = covering.gives();
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        // Sources by their tags; those without any by what they give.
        let mut tagged: BTreeMap<&BTreeSet<usize>, Vec<usize>> = BTreeMap::new();
        let mut alike: BTreeMap<&[u64], Vec<usize>> = BTreeMap::new();
        for (item, gives) in gives.iter().enumerate() {
            let source = covering.items[item].gains[0].areas[0].0;
            match kinds.tags_of(source) {
                Some(tags) if !tags.is_empty() => tagged.entry(tags).or_default().push(item),
                Some(_) | None => alike.entry(gives).or_default().push(item),
            }
        }
        let mut ground = Ground {
            room: Vec::new(),
            groups: Vec::new(),
            stocks: Vec::new(),
            covering,
        };
        for (tags, items) in tagged {
            let of_tag = |tag: &usize| {
                *rows.entry(*tag).or_insert_with(|| {
                    ground.room.push(1);
                    ground.room.len() - 1
                })
            };
            let rows = tags.iter().map(of_tag).collect();
            let stocks = items.iter().map(|&item| (gains(&gives[item]), vec![item]));
            ground.add(rows, stocks.collect(), 0);
        }
        for (gives, items) in alike.into_iter().rev() {
            let gains = gains(gives);
            let Some(&first) = gains.first() else {
                continue;
            };
            ground
                .room
                .push(i64::try_from(items.len()).unwrap_or(i64::MAX));
            let row = ground.room.len() - 1;
            // Where one area of each is enough, one more is too many.
            let enough = usize::try_from(ground.needed().div_ceil(first)).unwrap_or(usize::MAX);
            for copy in 0..enough.min(items.len()) {
                ground.add(vec![row], vec![(gains.clone(), items.clone())], copy);
            }
        }
        ground
    }

    fn add(&mut self, rows: Vec<usize>, stocks: Vec<(Vec<u64>, Vec<usize>)>, copies_before: usize) {
        let first = self.stocks.len();
        let stocks = stocks
            .into_iter()
            .map(|(gains, items)| Stock { gains, items });
        self.stocks.extend(stocks);
        self.groups.push(Group {
            rows,
            stocks: first..self.stocks.len(),
            copies_before,
        });
    }

    pub(crate) fn legs(&self) -> usize {
        self.covering.legs
    }

    /// What each leg needs.
    pub(crate) fn needed(&self) -> u64 {
        self.covering.needed
    }

    /// The group that a stock is in.
    pub(crate) fn group_of(&self, stock: usize) -> usize {
        self.groups
            .partition_point(|group| group.stocks.end <= stock)
    }

    /// The same stocks, with the first copies in the place of later ones; ascending.
    pub(crate) fn in_order(&self, stocks: &[usize]) -> Vec<usize> {
        let mut used: Vec<usize> = Vec::with_capacity(stocks.len());
        for &stock in stocks {
            let first = stock - self.groups[self.group_of(stock)].copies_before;
            let same = used.iter().filter(|used| (first..=stock).contains(used));
            let same = same.count();
            used.push(if first < stock { first + same } else { stock });
        }
        used.sort_unstable();
        used
    }

    /// Per leg of a plan the stocks that it uses; a leg that uses more of a kind than any needs is left
    /// out.
    pub(crate) fn legs_of(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let legs = self.covering.legs_of(plan).into_iter();
        legs.filter_map(|items| self.stocks_of(&items)).collect()
    }

    pub(crate) fn stocks_of(&self, items: &[usize]) -> Option<Vec<usize>> {
        let mut used = Vec::new();
        for item in items {
            let is_it =
                |stock: &usize| !used.contains(stock) && self.stocks[*stock].items.contains(item);
            let stock = (0..self.stocks.len()).find(is_it)?;
            used.push(stock);
        }
        used.sort_unstable();
        Some(used)
    }

    /// Per leg its items, where each leg uses these stocks.
    pub(crate) fn items_of(&self, legs: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
        let mut is_used = vec![false; self.covering.items.len()];
        let mut of_leg = |stocks: &Vec<usize>| {
            let mut items = Vec::new();
            for &stock in stocks {
                let mut free = self.stocks[stock].items.iter();
                let item = *free.find(|&&item| !is_used[item])?;
                is_used[item] = true;
                items.push(item);
            }
            Some(items)
        };
        legs.iter().map(&mut of_leg).collect()
    }
}

/// What each further area adds.
fn gains(gives: &[u64]) -> Vec<u64> {
    gives.windows(2).map(|pair| pair[1] - pair[0]).collect()
}
