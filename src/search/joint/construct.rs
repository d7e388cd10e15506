//! A first packing: the longest legs first, each where it leaves the least room; what fits nowhere whole is
//! cut.

use std::cmp::Reverse;

use crate::core::Limits;
use crate::search::joint::instance::{Joint, Packing};
use crate::search::parallel;
use crate::search::random::Random;

/// Orders tried besides the plain one. A fixed list, so that any number of threads picks the same.
const ORDERS: u64 = 16;
/// Legs times sources up to which they are tried.
const MOST_WORK: usize = 1 << 20;

/// The packing with the fewest pieces of several orders of the legs.
pub(crate) fn several(joint: &Joint, limits: &Limits<'_>) -> Option<Packing> {
    let plain = once(joint, None);
    let is_whole = |packing: &Packing| packing.iter().all(|leg| leg.len() == 1);
    let work = joint.legs.len().saturating_mul(joint.capacities.len());
    if plain.as_ref().is_some_and(is_whole) || work > MOST_WORK || limits.is_over() {
        return plain;
    }
    let others = parallel::map(0..ORDERS, |candidate| {
        once(joint, Some(Random::of(limits, candidate)))
    });
    let all = plain.into_iter().chain(others.into_iter().flatten());
    all.min_by_key(|packing| packing.iter().map(Vec::len).sum::<usize>())
}

/// What is left of the sources while legs are placed.
pub(crate) struct Filling<'a> {
    joint: &'a Joint,
    pub(crate) left: Vec<u64>,
    /// By request and source whether a leg of the request is there.
    used: Vec<bool>,
}

impl<'a> Filling<'a> {
    pub(crate) fn of(joint: &'a Joint) -> Filling<'a> {
        Filling {
            joint,
            left: joint.capacities.clone(),
            used: vec![false; joint.capacities.len() * joint.groups.len()],
        }
    }

    fn offers(&self, request: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        let row = request * self.left.len();
        let left = self.left.iter().copied().enumerate();
        left.filter(move |&(source, left)| {
            left > 0 && !self.used[row + source] && self.joint.may_use(request, source)
        })
    }

    /// A piece of a leg.
    pub(crate) fn take(&mut self, request: usize, source: usize, extents: u64) -> (usize, u64) {
        self.left[source] -= extents;
        let row = request * self.left.len();
        self.used[row + source] = true;
        (source, extents)
    }

    /// The source that has the least left after a whole leg.
    fn tightest(&self, request: usize, extents: u64) -> Option<usize> {
        let offers = self.offers(request);
        let fitting = offers.filter(|&(_, left)| left >= extents);
        let least = fitting.min_by_key(|&(source, left)| (left, source));
        least.map(|(source, _)| source)
    }

    /// A leg cut into as few pieces as possible: the most that sources have left first, the rest where
    /// it fits most tightly.
    pub(crate) fn cut(&mut self, request: usize, extents: u64) -> Option<Vec<(usize, u64)>> {
        let mut missing = extents;
        let mut pieces = Vec::new();
        loop {
            if let Some(source) = self.tightest(request, missing) {
                pieces.push(self.take(request, source, missing));
                return Some(pieces);
            }
            let offers = self.offers(request);
            let (source, left) = offers.max_by_key(|&(source, left)| (left, Reverse(source)))?;
            pieces.push(self.take(request, source, left));
            missing -= left;
        }
    }
}

fn once(joint: &Joint, mut random: Option<Random>) -> Option<Packing> {
    let mut filling = Filling::of(joint);
    let mut order: Vec<(u128, usize)> = (0..joint.legs.len())
        .map(|leg| {
            let noise = random.as_mut().map_or(0, |random| random.below(30));
            (
                u128::from(joint.extents(leg)) * u128::from(100 + noise),
                leg,
            )
        })
        .collect();
    order.sort_by_key(|&(weight, leg)| (Reverse(weight), leg));
    let mut packing = vec![Vec::new(); joint.legs.len()];
    let mut late = Vec::new();
    for (_, leg) in order {
        let (request, extents) = (joint.legs[leg], joint.extents(leg));
        match filling.tightest(request, extents) {
            Some(source) => packing[leg].push(filling.take(request, source, extents)),
            None => late.push(leg),
        }
    }
    for leg in late {
        packing[leg] = filling.cut(joint.legs[leg], joint.extents(leg))?;
    }
    Some(packing)
}
