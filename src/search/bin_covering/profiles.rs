//! Few kinds of items: legs by how many items of each kind they use, chosen exactly.
//!
//! Shelves hold disks of few models, and empty disks of one model are alike. A leg is then a pattern:
//! how many items of each profile it uses. What matters of a pattern is the fewest areas that it needs,
//! and patterns in which an item could be left out need not be looked at. Which patterns are chosen, as
//! many as there are legs, is decided exactly, for the fewest areas and then for the fewest items
//! (Gilmore and Gomory 1961 for cutting stock; here items are covered, and all patterns are listed).

use std::collections::BTreeMap;

use crate::core::Limits;
use crate::search::bin_covering::branch_and_bound::{Choice, Chosen};
use crate::search::bin_covering::covering::Covering;
use crate::search::bin_covering::simplex::Column;
use crate::search::fewest::Selection;

/// Most profiles, and the least number of items per profile, for which patterns are listed.
const MOST_PROFILES: usize = 16;
const LEAST_ITEMS_EACH: usize = 2;
/// Most patterns that are listed.
const MOST_PATTERNS: usize = 60_000;
/// Most sets that are looked at for that.
const MOST_LOOKED_AT: usize = 1_000_000;

/// Which areas items give, and per leg the items it uses.
pub(crate) type Shared = (Selection, Vec<Vec<usize>>);

/// What is known of the fewest areas and items.
pub(crate) struct Fewest {
    /// No way of sharing out has fewer areas.
    pub(crate) areas: u64,
    /// No way with that few areas has fewer items.
    pub(crate) items_with_least_areas: u64,
    /// The best way, if one is better than what was known.
    pub(crate) best: Option<Shared>,
}

/// What came of it.
pub(crate) enum Outcome {
    /// There are ways; the bounds hold.
    Bounded(Fewest),
    /// There is no way.
    None {
        /// Relaxations that showed it.
        nodes: u64,
    },
    /// There are too many profiles or patterns to tell.
    Open,
}

/// The fewest areas, and then items, with which all legs have enough. `known` are the areas and the
/// items of a way that is known; items count only if `by_item`.
pub(crate) fn fewest(
    covering: &Covering,
    known: Option<(u64, u64)>,
    by_item: bool,
    limits: &Limits<'_>,
) -> Outcome {
    let profiles = profiles(covering);
    let items: usize = profiles.iter().map(|profile| profile.items.len()).sum();
    let are_few = profiles.len() <= MOST_PROFILES && LEAST_ITEMS_EACH * profiles.len() <= items;
    let Some(listed) = are_few
        .then(|| patterns(&profiles, covering.needed))
        .flatten()
    else {
        return Outcome::Open;
    };
    let Ok(count) = i64::try_from(covering.legs) else {
        return Outcome::Open;
    };
    let room = profiles.iter().map(|profile| whole(profile.items.len()));
    let search = Search {
        covering,
        profiles: &profiles,
        room: room.collect(),
        count,
        by_areas: listed,
        limits,
    };
    search.run(known, by_item)
}

/// Items that give alike.
struct Profile {
    gives: Vec<u64>,
    items: Vec<usize>,
}

fn profiles(covering: &Covering) -> Vec<Profile> {
    let mut groups: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
    for (item, gives) in covering.gives().into_iter().enumerate() {
        if gives.len() > 1 {
            groups.entry(gives).or_default().push(item);
        }
    }
    let groups = groups.into_iter().rev();
    groups
        .map(|(gives, items)| Profile { gives, items })
        .collect()
}

struct Search<'a> {
    covering: &'a Covering,
    profiles: &'a [Profile],
    /// Items of each profile.
    room: Vec<i64>,
    count: i64,
    /// The patterns: they take items and cost areas.
    by_areas: Vec<Column>,
    limits: &'a Limits<'a>,
}

impl Search<'_> {
    fn run(&self, known: Option<(u64, u64)>, by_item: bool) -> Outcome {
        let all: Vec<usize> = (0..self.by_areas.len()).collect();
        let mut best: Option<Shared> = None;
        let (mut areas, mut items) = match known {
            Some((areas, items)) => (whole_of(areas), whole_of(items)),
            None => match self.any(&all) {
                Chosen::Found(chosen) => {
                    best = self.shared(&chosen);
                    self.measured(&chosen)
                }
                Chosen::None { nodes } => return Outcome::None { nodes },
                Chosen::Open => return Outcome::Open,
            },
        };
        let choice = Choice {
            columns: &self.by_areas,
            room: &self.room,
            count: self.count,
        };
        let Some((mut least, usable)) = choice.bound(&all, areas) else {
            return Outcome::Open;
        };
        while least < areas {
            match choice.at_most(&usable, least, self.limits) {
                Chosen::Found(chosen) => {
                    best = self.shared(&chosen);
                    (areas, items) = self.measured(&chosen);
                }
                Chosen::None { .. } => least += 1,
                Chosen::Open => break,
            }
        }
        let mut fewest = Fewest {
            areas: u64::try_from(least.min(areas)).unwrap_or(0),
            items_with_least_areas: 0,
            best,
        };
        if by_item
            && least >= areas
            && let Some((_, usable)) = choice.bound(&usable, areas)
        {
            let (proven, better) = self.fewest_items(&usable, areas, items);
            fewest.items_with_least_areas = u64::try_from(proven).unwrap_or(0);
            fewest.best = better.or(fewest.best);
        }
        Outcome::Bounded(fewest)
    }

    /// Any choice of patterns at all.
    fn any(&self, all: &[usize]) -> Chosen {
        let free = self.by_areas.iter().map(|column| Column {
            cost: 0,
            takes: column.takes.clone(),
        });
        let columns: Vec<Column> = free.collect();
        let choice = Choice {
            columns: &columns,
            room: &self.room,
            count: self.count,
        };
        choice.at_most(all, 0, self.limits)
    }

    /// The fewest items with `areas` areas, as far as proven, and a way that has them if it is better
    /// than one with `items`.
    fn fewest_items(&self, usable: &[usize], areas: i64, items: i64) -> (i64, Option<Shared>) {
        let counted = self.by_areas.iter().map(|column| Column {
            cost: column.takes.iter().sum(),
            takes: column.takes.iter().copied().chain([column.cost]).collect(),
        });
        let columns: Vec<Column> = counted.collect();
        let room: Vec<i64> = self.room.iter().copied().chain([areas]).collect();
        let choice = Choice {
            columns: &columns,
            room: &room,
            count: self.count,
        };
        let Some((mut least, usable)) = choice.bound(usable, items) else {
            return (0, None);
        };
        while least < items {
            match choice.at_most(&usable, least, self.limits) {
                Chosen::Found(chosen) => return (least, self.shared(&chosen)),
                Chosen::None { .. } => least += 1,
                Chosen::Open => break,
            }
        }
        (least.min(items), None)
    }

    /// Areas and items of a choice.
    fn measured(&self, chosen: &[(usize, i64)]) -> (i64, i64) {
        let areas = chosen
            .iter()
            .map(|&(index, times)| times * self.by_areas[index].cost);
        let items = chosen
            .iter()
            .map(|&(index, times)| times * self.by_areas[index].takes.iter().sum::<i64>());
        (areas.sum(), items.sum())
    }

    /// Items for the patterns of a choice.
    fn shared(&self, chosen: &[(usize, i64)]) -> Option<Shared> {
        let mut selection = vec![0; self.covering.items.len()];
        let mut legs = Vec::new();
        let mut next = vec![0; self.profiles.len()];
        for &(index, times) in chosen {
            let counts = &self.by_areas[index].takes;
            let gains = gains(self.profiles, counts, self.covering.needed)?;
            for _ in 0..times {
                let mut leg = Vec::new();
                for (profile, gains) in gains.iter().enumerate() {
                    for &gains in gains {
                        let item = *self.profiles[profile].items.get(next[profile])?;
                        next[profile] += 1;
                        selection[item] = gains;
                        leg.push(item);
                    }
                }
                legs.push(leg);
            }
        }
        Some((selection, legs))
    }
}

/// Per profile and item how many of its areas the leg takes: the largest gains, until it has enough.
fn gains(profiles: &[Profile], counts: &[i64], needed: u64) -> Option<Vec<Vec<usize>>> {
    let mut taken: Vec<Vec<usize>> = counts
        .iter()
        .map(|&count| vec![0; usize::try_from(count).unwrap_or(0)])
        .collect();
    let mut missing = needed;
    for step in steps(profiles) {
        for item in &mut taken[step.profile] {
            if missing > 0 {
                *item += 1;
                missing = missing.saturating_sub(step.extents);
            }
        }
    }
    (missing == 0).then_some(taken)
}

/// What one more area of an item of a profile adds.
struct Step {
    extents: u64,
    profile: usize,
}

/// The steps of all profiles, the largest first; those of one profile in their order.
fn steps(profiles: &[Profile]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (profile, Profile { gives, .. }) in profiles.iter().enumerate() {
        let gains = gives.windows(2).map(|pair| pair[1] - pair[0]);
        steps.extend(gains.map(|extents| Step { extents, profile }));
    }
    steps.sort_by_key(|step| std::cmp::Reverse(step.extents));
    steps
}

/// Every pattern that is enough for a leg and in which no item could be left out at the same cost.
fn patterns(profiles: &[Profile], needed: u64) -> Option<Vec<Column>> {
    let mut listing = Listing {
        profiles,
        needed,
        steps: steps(profiles),
        counts: vec![0; profiles.len()],
        left: MOST_LOOKED_AT,
        columns: Vec::new(),
    };
    listing.from(0, 0).then_some(listing.columns)
}

struct Listing<'a> {
    profiles: &'a [Profile],
    needed: u64,
    steps: Vec<Step>,
    counts: Vec<i64>,
    left: usize,
    columns: Vec<Column>,
}

impl Listing<'_> {
    /// Lists the patterns that differ from `counts` from profile `profile` on. `firsts` is what the
    /// items give with one area each. `false` if there are too many.
    fn from(&mut self, profile: usize, firsts: u64) -> bool {
        if self.left == 0 || self.columns.len() > MOST_PATTERNS {
            return false;
        }
        self.left -= 1;
        let Some(this) = self.profiles.get(profile) else {
            self.look_at();
            return true;
        };
        let (first, most) = (this.gives[1], whole(this.items.len()));
        let mut firsts = firsts;
        let mut finished = true;
        for count in 0..=most {
            self.counts[profile] = count;
            finished = self.from(profile + 1, firsts);
            // Where one area of each is enough, one more item is too many.
            if !finished || firsts >= self.needed {
                break;
            }
            firsts += first;
        }
        self.counts[profile] = 0;
        finished
    }

    fn look_at(&mut self) {
        let Some(cost) = self.areas() else {
            return;
        };
        for profile in 0..self.counts.len() {
            if self.counts[profile] == 0 {
                continue;
            }
            self.counts[profile] -= 1;
            let without = self.areas();
            self.counts[profile] += 1;
            if without.is_some_and(|without| without <= cost) {
                return;
            }
        }
        self.columns.push(Column {
            cost,
            takes: self.counts.clone(),
        });
    }

    /// The fewest areas of the items that are enough.
    fn areas(&self) -> Option<i64> {
        let mut missing = self.needed;
        let mut areas = 0;
        for step in &self.steps {
            let count = self.counts[step.profile];
            let wanted = missing.div_ceil(step.extents);
            let used = wanted.min(u64::try_from(count).unwrap_or(0));
            areas += whole_of(used);
            missing = missing.saturating_sub(used.saturating_mul(step.extents));
            if missing == 0 {
                return Some(areas);
            }
        }
        None
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn whole_of(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::bin_covering::covering::{Gain, Item};
    use crate::search::random::Random;

    fn covering(profiles: &[(Vec<u64>, usize)], legs: usize, needed: u64) -> Covering {
        let gain = |&extents: &u64| Gain {
            extents,
            areas: Vec::new(),
        };
        let item = |lengths: &Vec<u64>| Item {
            gains: lengths.iter().map(gain).collect(),
        };
        let items = profiles.iter();
        let items = items.flat_map(|(lengths, count)| (0..*count).map(|_| item(lengths)));
        Covering {
            legs,
            needed,
            items: items.collect(),
        }
    }

    /// The fewest areas and then items: every number of areas of every item for every leg.
    fn by_trying(covering: &Covering, item: usize, missing: &mut [u64]) -> Option<(u64, u64)> {
        let Some(this) = covering.items.get(item) else {
            return missing.iter().all(|left| *left == 0).then_some((0, 0));
        };
        let mut best = by_trying(covering, item + 1, missing);
        for leg in 0..missing.len() {
            let before = missing[leg];
            for (taken, gain) in (1..).zip(&this.gains) {
                missing[leg] = missing[leg].saturating_sub(gain.extents);
                let rest = by_trying(covering, item + 1, missing);
                let with = rest.map(|(areas, items)| (areas + taken, items + 1));
                best = best.into_iter().chain(with).min();
            }
            missing[leg] = before;
        }
        best
    }

    #[test]
    fn counting_profiles_agrees_with_trying_everything() {
        let (mut ways, mut none) = (0, 0);
        for seed in 0..150 {
            let mut random = Random::new(seed);
            let mut small = |end: u64| usize::try_from(random.below(end)).expect("small");
            let kinds = 1 + small(2);
            let profiles: Vec<(Vec<u64>, usize)> = (0..kinds)
                .map(|_| {
                    let mut lengths: Vec<u64> =
                        (0..1 + small(3)).map(|_| 1 + small(9) as u64).collect();
                    lengths.sort_unstable_by_key(|&length| std::cmp::Reverse(length));
                    (lengths, 2 + small(if kinds == 1 { 4 } else { 2 }))
                })
                .collect();
            let legs = 1 + small(3);
            let mut covering = covering(&profiles, legs, 1);
            let all = profiles.iter();
            let all: u64 = all
                .map(|(lengths, count)| lengths.iter().sum::<u64>() * *count as u64)
                .sum();
            covering.needed = (all * (5 + small(6) as u64) / 10 / legs as u64).max(1);
            let wanted = by_trying(&covering, 0, &mut vec![covering.needed; legs]);
            match fewest(&covering, None, true, &Limits::none()) {
                Outcome::Bounded(found) => {
                    let proven = (found.areas, found.items_with_least_areas);
                    assert_eq!(Some(proven), wanted, "seed {seed}");
                    let (selection, legs) = found.best.expect("none was known");
                    let areas: usize = selection.iter().sum();
                    assert_eq!((areas as u64, legs.concat().len() as u64), proven);
                    for leg in legs {
                        let extents = leg
                            .iter()
                            .map(|&item| covering.items[item].extents(selection[item]));
                        assert!(extents.sum::<u64>() >= covering.needed, "seed {seed}");
                    }
                    ways += 1;
                }
                Outcome::None { .. } => {
                    assert_eq!(wanted, None, "seed {seed}");
                    none += 1;
                }
                Outcome::Open => panic!("seed {seed}: few profiles"),
            }
        }
        assert!(ways > 50 && none > 15, "{ways} {none}");
    }
}
