//! Which areas are taken whole, and by which pieces: those that cost least first, then exchanges.

use crate::core::Limits;
use crate::search::bin_packing::batch::{Batch, Class, Packing};
use crate::search::bin_packing::whole::exact_fillings::{Ways, WaysOfArea};
use crate::search::bin_packing::whole::prices_of_pieces::{Cheapest, cost};
use crate::search::random::Random;

/// Sets looked at in all exchanges.
const MOST_LOOKS: usize = 1 << 23;
/// Exchanges.
const MOST_EXCHANGES: usize = 4_000;
/// Most areas that are given up at once.
const MOST_GIVEN_UP: u64 = 4;

/// Areas that are taken whole.
#[derive(Clone)]
pub(crate) struct Choice<'a> {
    batch: &'a Batch,
    ways: &'a Ways,
    /// By class how many pieces are left.
    left: Vec<usize>,
    /// By area the classes of the pieces in it, if it is taken.
    pieces: Vec<Option<Vec<usize>>>,
    /// By class the sources that hold pieces of it, where a source takes one only or tags count.
    sources: Vec<Vec<usize>>,
    /// How many areas are taken.
    pub(crate) count: usize,
}

impl<'a> Choice<'a> {
    pub(crate) fn none(batch: &'a Batch, ways: &'a Ways) -> Choice<'a> {
        Choice {
            batch,
            ways,
            left: batch.classes.iter().map(|class| class.count).collect(),
            pieces: vec![None; ways.areas.len()],
            sources: vec![Vec::new(); batch.classes.len()],
            count: 0,
        }
    }

    /// The areas in their order, each by the cheapest set for which there are pieces left.
    pub(crate) fn in_order(
        batch: &'a Batch,
        ways: &'a Ways,
        order: &[Cheapest],
        prices: &[i128],
    ) -> Choice<'a> {
        let mut choice = Choice::none(batch, ways);
        for one in order {
            let mut sets: Vec<&Vec<(usize, u64)>> = ways.areas[one.area].sets.iter().collect();
            sets.sort_by_cached_key(|set| cost(set, prices));
            choice.take_any(one.area, &sets);
        }
        choice
    }

    /// Takes the area by the first of the sets for which there are pieces.
    fn take_any(&mut self, area: usize, sets: &[&Vec<(usize, u64)>]) -> bool {
        sets.iter().any(|set| self.take(area, set))
    }

    fn take(&mut self, area: usize, set: &[(usize, u64)]) -> bool {
        let source = self.batch.bins[self.ways.areas[area].bin].source;
        let mut taken = Vec::new();
        for &(length, count) in set {
            for _ in 0..count {
                let Some(class) = self.class(length, source) else {
                    self.give_back(&taken, source);
                    return false;
                };
                self.left[class] -= 1;
                self.sources[class].push(source);
                taken.push(class);
            }
        }
        self.pieces[area] = Some(taken);
        self.count += 1;
        true
    }

    /// The class of that length that has most pieces left and may have one on the source.
    fn class(&self, length: usize, source: usize) -> Option<usize> {
        let first = self.ways.of_class.partition_point(|&other| other < length);
        let same = self.ways.of_class[first..].iter();
        let classes = first..first + same.take_while(|&&other| other == length).count();
        let open = classes.filter(|&class| self.left[class] > 0 && self.is_open(class, source));
        open.max_by_key(|&class| (self.left[class], std::cmp::Reverse(class)))
    }

    fn is_open(&self, class: usize, source: usize) -> bool {
        let held = &self.sources[class];
        let class = &self.batch.classes[class];
        let shares_tag = |other: &usize| {
            let tags = &class.tags[source];
            tags.iter().any(|tag| class.tags[*other].contains(tag))
        };
        class.welcome[source]
            && !(class.apart && held.contains(&source))
            && !(class.tag_count > 0 && held.iter().any(shares_tag))
    }

    fn give_up(&mut self, area: usize) {
        if let Some(taken) = self.pieces[area].take() {
            let source = self.batch.bins[self.ways.areas[area].bin].source;
            self.give_back(&taken, source);
            self.count -= 1;
        }
    }

    fn give_back(&mut self, taken: &[usize], source: usize) {
        for &class in taken {
            self.left[class] += 1;
            let held = &mut self.sources[class];
            if let Some(at) = held.iter().rposition(|&other| other == source) {
                held.swap_remove(at);
            }
        }
    }

    /// Gives up some areas and takes others, as long as there may be more than are taken.
    pub(crate) fn improve(&mut self, most: usize, limits: &Limits<'_>) {
        let all = self.ways.areas.len();
        let sets: usize = self.ways.areas.iter().map(|area| 1 + area.sets.len()).sum();
        let exchanges = (MOST_LOOKS / sets.max(1)).min(MOST_EXCHANGES);
        let mut random = Random::of(limits, 0);
        for step in 0..exchanges {
            if self.count >= most || step % 64 == 63 && limits.is_over() {
                return;
            }
            let before = self.clone();
            let taken: Vec<usize> = (0..all).filter(|&a| self.pieces[a].is_some()).collect();
            for _ in 0..=random.below(MOST_GIVEN_UP) {
                if !taken.is_empty() {
                    self.give_up(taken[random.position(taken.len())]);
                }
            }
            let first = random.position(all);
            for area in (first..all).chain(0..first) {
                if self.pieces[area].is_none() {
                    let mut sets: Vec<&Vec<(usize, u64)>> =
                        self.ways.areas[area].sets.iter().collect();
                    let turn = random.position(sets.len());
                    sets.rotate_left(turn);
                    self.take_any(area, &sets);
                }
            }
            if self.count < before.count {
                *self = before;
            }
        }
    }

    /// Gives up the shortest area that can hold a piece of the class; `None` if there is none.
    pub(crate) fn make_room(&mut self, class: &Class) -> Option<()> {
        let can_hold = |&area: &usize| {
            let WaysOfArea { bin, extents, .. } = self.ways.areas[area];
            let is_welcome = class.welcome[self.batch.bins[bin].source];
            self.pieces[area].is_some() && is_welcome && extents >= class.length
        };
        let areas = (0..self.ways.areas.len()).filter(can_hold);
        let area = areas.min_by_key(|&area| (self.ways.areas[area].extents, area))?;
        self.give_up(area);
        Some(())
    }

    /// The pieces by class, each in its bin.
    pub(crate) fn packing(&self) -> Packing {
        let mut packing: Packing = vec![Vec::new(); self.batch.classes.len()];
        for (pieces, area) in self.pieces.iter().zip(&self.ways.areas) {
            for &class in pieces.iter().flatten() {
                packing[class].push(area.bin);
            }
        }
        packing
    }
}
