//! Mending a packing: legs move between bins, and change places, until no bin is overfull.
//!
//! A bin is a source, or several that are filled as one. Every move is the best that lightens an overfull
//! bin, also where it makes things worse; a leg that moved stays where it is for a while (tabu search:
//! Glover, "Tabu Search, Part I", ORSA Journal on Computing 1 (1989)).

use std::cmp::Reverse;

use crate::core::Limits;
use crate::search::joint::construct::Filling;
use crate::search::joint::instance::{Joint, Packing};
use crate::search::parallel;
use crate::search::random::Random;

/// Starts in one round. A fixed list, so that any number of threads picks the same.
const STARTS: u64 = 8;
/// Rounds, each with other merged sources.
const ROUNDS: u64 = 24;
/// Exchanges looked at in one start, for each leg.
const LOOKS: u64 = 4_000;
/// Legs times sources beyond which it is not tried.
const MOST_WORK: usize = 1 << 22;

/// A packing with fewer pieces, if one is found; `least` is enough.
pub(crate) fn fewer(
    joint: &Joint,
    start: Option<Packing>,
    least: u64,
    limits: &Limits<'_>,
) -> Option<Packing> {
    let work = joint.legs.len().saturating_mul(joint.capacities.len());
    if work > MOST_WORK {
        return start;
    }
    let mut best = start;
    for round in 0..ROUNDS {
        let is_enough = best.as_ref().is_some_and(|best| pieces(best) <= least);
        if is_enough || limits.is_over() {
            break;
        }
        let candidates = round * STARTS..(round + 1) * STARTS;
        let found = parallel::map(candidates, |candidate| {
            let bins = bins(joint, best.as_ref(), candidate);
            let start = State::start(joint, &bins, candidate, limits)?;
            let placed = start.mended(candidate, limits);
            cut(joint, &bins, &placed)
        });
        for packing in found.into_iter().flatten() {
            if best
                .as_ref()
                .is_none_or(|best| pieces(&packing) < pieces(best))
            {
                best = Some(packing);
            }
        }
    }
    best
}

fn pieces(packing: &Packing) -> u64 {
    packing.iter().map(|leg| leg.len() as u64).sum()
}

/// Each source a bin, or, for odd seeds, sources merged as a packing merges them, but for one merger.
fn bins(joint: &Joint, packing: Option<&Packing>, seed: u64) -> Vec<Vec<usize>> {
    let sources = joint.capacities.len();
    let mut bin_of: Vec<usize> = (0..sources).collect();
    let mut mergers = Vec::new();
    if seed % 2 == 1 {
        for leg in packing.into_iter().flatten() {
            mergers.extend(leg.windows(2).map(|pair| (pair[0].0, pair[1].0)));
        }
    }
    let dropped = usize::try_from(seed / 2).unwrap_or(0) % mergers.len().max(1);
    for (index, (from, to)) in mergers.into_iter().enumerate() {
        if index != dropped {
            let (old, new) = (bin_of[to], bin_of[from]);
            for bin in &mut bin_of {
                if *bin == old {
                    *bin = new;
                }
            }
        }
    }
    let mut bins = vec![Vec::new(); sources];
    for (source, bin) in bin_of.into_iter().enumerate() {
        bins[bin].push(source);
    }
    bins.retain(|bin| !bin.is_empty());
    bins
}

/// Whole legs in bins.
struct State<'a> {
    joint: &'a Joint,
    capacities: Vec<u64>,
    load: Vec<u64>,
    inside: Vec<Vec<usize>>,
    bin_of: Vec<usize>,
    /// By request and bin whether the request may not go there, or is there.
    closed: Vec<bool>,
    /// Extents past the capacities.
    excess: u64,
}

impl<'a> State<'a> {
    /// The longest legs first, each where it leaves the least room or overfills least.
    fn start(
        joint: &'a Joint,
        bins: &[Vec<usize>],
        candidate: u64,
        limits: &Limits<'_>,
    ) -> Option<State<'a>> {
        let capacity = |bin: &Vec<usize>| bin.iter().map(|&s| joint.capacities[s]).sum();
        let mut closed = Vec::with_capacity(joint.groups.len() * bins.len());
        for request in 0..joint.groups.len() {
            let shut = |bin: &Vec<usize>| bin.iter().any(|&s| !joint.may_use(request, s));
            closed.extend(bins.iter().map(shut));
        }
        let mut state = State {
            joint,
            capacities: bins.iter().map(capacity).collect(),
            load: vec![0; bins.len()],
            inside: vec![Vec::new(); bins.len()],
            bin_of: vec![0; joint.legs.len()],
            closed,
            excess: 0,
        };
        let mut random = Random::of(limits, candidate);
        let mut order: Vec<(u128, usize)> = (0..joint.legs.len())
            .map(|leg| {
                let weight = u128::from(joint.extents(leg)) * u128::from(100 + random.below(25));
                (weight, leg)
            })
            .collect();
        order.sort_by_key(|&(weight, leg)| (Reverse(weight), leg));
        for (_, leg) in order {
            let open = (0..bins.len()).filter(|&bin| state.is_open(leg, bin));
            let bin = open.min_by_key(|&bin| {
                let free = i128::from(state.capacities[bin]) - i128::from(state.load[bin]);
                let left = free - i128::from(joint.extents(leg));
                (left < 0, left.abs(), bin)
            })?;
            state.put(leg, bin);
        }
        Some(state)
    }

    fn is_open(&self, leg: usize, bin: usize) -> bool {
        !self.closed[self.joint.legs[leg] * self.load.len() + bin]
    }

    fn put(&mut self, leg: usize, bin: usize) {
        self.excess -= self.excess_of(bin, 0, 0);
        self.load[bin] += self.joint.extents(leg);
        self.excess += self.excess_of(bin, 0, 0);
        self.inside[bin].push(leg);
        self.bin_of[leg] = bin;
        let row = self.joint.legs[leg] * self.load.len();
        self.closed[row + bin] = true;
    }

    fn remove(&mut self, leg: usize) {
        let bin = self.bin_of[leg];
        self.excess -= self.excess_of(bin, 0, 0);
        self.load[bin] -= self.joint.extents(leg);
        self.excess += self.excess_of(bin, 0, 0);
        self.inside[bin].retain(|&other| other != leg);
        let row = self.joint.legs[leg] * self.load.len();
        self.closed[row + bin] = false;
    }

    /// By how much a bin would be overfull with that many extents more and less.
    fn excess_of(&self, bin: usize, more: u64, less: u64) -> u64 {
        (self.load[bin] + more - less).saturating_sub(self.capacities[bin])
    }

    /// The bin of each leg in the best state that was seen.
    fn mended(mut self, candidate: u64, limits: &Limits<'_>) -> Vec<usize> {
        let mut random = Random::of(limits, candidate ^ 0x5eed);
        let mut best = (self.excess, self.bin_of.clone());
        let mut rests_until = vec![0u64; self.bin_of.len()];
        let (mut looks, mut step) = (0u64, 0u64);
        let most_looks = LOOKS * self.bin_of.len() as u64;
        while best.0 > 0 && looks < most_looks {
            step += 1;
            if step.is_multiple_of(64) && limits.is_over() {
                break;
            }
            let overfull: Vec<usize> = (0..self.load.len())
                .filter(|&bin| self.excess_of(bin, 0, 0) > 0)
                .collect();
            let chosen = random.position(overfull.len());
            let Some(&bin) = overfull.get(chosen) else {
                break;
            };
            let exchange = self.best_exchange(bin, step, &rests_until, best.0, &mut looks);
            let Some((_, leg, to, back)) = exchange else {
                // Everyone rests: the next step may look elsewhere.
                looks += 1;
                continue;
            };
            self.remove(leg);
            if let Some(back) = back {
                self.remove(back);
                self.put(back, bin);
                rests_until[back] = step + 4 + random.below(8);
            }
            self.put(leg, to);
            rests_until[leg] = step + 4 + random.below(8);
            if self.excess < best.0 {
                best = (self.excess, self.bin_of.clone());
            }
        }
        best.1
    }

    /// The exchange that leaves the least excess: that excess, a leg of `bin`, where it goes, and who
    /// comes back.
    fn best_exchange(
        &self,
        bin: usize,
        step: u64,
        rests_until: &[u64],
        best: u64,
        looks: &mut u64,
    ) -> Option<(u64, usize, usize, Option<usize>)> {
        let mut least: Option<(u64, usize, usize, Option<usize>)> = None;
        let extents = |leg: usize| self.joint.extents(leg);
        for &leg in &self.inside[bin] {
            for to in 0..self.load.len() {
                if to == bin {
                    continue;
                }
                let before = self.excess_of(bin, 0, 0) + self.excess_of(to, 0, 0);
                let rest = self.excess - before;
                let is_open = self.is_open(leg, to);
                let alone = is_open.then_some(None);
                let others = self.inside[to].iter().copied().filter(|&back| {
                    let is_same = self.joint.legs[back] == self.joint.legs[leg];
                    // Two legs of one request are the same to everyone.
                    !is_same && is_open && self.is_open(back, bin)
                });
                for back in alone.into_iter().chain(others.map(Some)) {
                    *looks += 1;
                    let (out, into) = (extents(leg), back.map_or(0, extents));
                    let excess =
                        rest + self.excess_of(bin, into, out) + self.excess_of(to, out, into);
                    let is_resting = rests_until[leg] > step
                        || back.is_some_and(|back| rests_until[back] > step);
                    if is_resting && excess >= best {
                        continue;
                    }
                    if least.is_none_or(|(least, ..)| excess < least) {
                        least = Some((excess, leg, to, back));
                    }
                }
            }
        }
        least
    }
}

/// Pieces out of legs in bins: what is too much for a bin is cut off and goes elsewhere.
fn cut(joint: &Joint, bins: &[Vec<usize>], bin_of: &[usize]) -> Option<Packing> {
    let mut inside = vec![Vec::new(); bins.len()];
    for (leg, &bin) in bin_of.iter().enumerate() {
        inside[bin].push(leg);
    }
    let mut filling = Filling::of(joint);
    let mut packing = vec![Vec::new(); joint.legs.len()];
    let mut late = Vec::new();
    for (bin, mut legs) in bins.iter().zip(inside) {
        // The longest comes last: it is the likeliest to be cut, and never has nothing left here.
        legs.sort_by_key(|&leg| (joint.extents(leg), leg));
        let mut sources = bin.iter().copied();
        let mut source = sources.next();
        for leg in legs {
            let mut missing = joint.extents(leg);
            while missing > 0 {
                let Some(current) = source else {
                    late.push((leg, missing));
                    break;
                };
                let taken = missing.min(filling.left[current]);
                if taken > 0 {
                    packing[leg].push(filling.take(joint.legs[leg], current, taken));
                    missing -= taken;
                }
                if filling.left[current] == 0 {
                    source = sources.next();
                }
            }
        }
    }
    for (leg, missing) in late {
        packing[leg].extend(filling.cut(joint.legs[leg], missing)?);
    }
    Some(packing)
}
