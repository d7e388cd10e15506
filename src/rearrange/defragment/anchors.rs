//! How much can stay where it is when all legs are in one piece: windows that do not overlap, one for each leg at most.
//!
//! A price on each leg lets each source choose by itself; what all of them choose, and the prices, is no less than what any
//! choice keeps. The prices follow the subgradient (Held, Karp, "The traveling-salesman problem and minimum spanning trees:
//! part II", 1971).

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Limits, PRICE_UNIT};
use crate::rearrange::defragment::grounds::{Grounds, Window};

/// Prices are in parts of an extent.
const UNIT: i64 = PRICE_UNIT;
/// Rounds of prices.
const ROUNDS: u64 = 400;
/// Windows that are looked at in all rounds together.
const MOST_WORK: u64 = 1 << 26;
/// Rounds without a better bound before steps are halved.
const PATIENCE: u64 = 8;

/// What stays.
pub(crate) struct Anchors {
    /// By leg a window, where it has one.
    pub(crate) chosen: Vec<Option<Window>>,
    /// No choice of windows keeps more.
    pub(crate) most: u64,
    /// By leg the price that shows it.
    pub(crate) prices: Vec<i64>,
}

/// A window that a source may choose.
#[derive(Clone, Copy, Debug)]
struct Choice {
    leg: usize,
    start: u64,
    end: u64,
    gain: u64,
}

/// A good choice, and what bounds all.
pub(crate) fn anchors(grounds: &Grounds, limits: &Limits<'_>) -> Anchors {
    let mut sources: Vec<Vec<Choice>> = vec![Vec::new(); grounds.open.len()];
    for leg in 0..grounds.legs.len() {
        for ((source, start), gain) in grounds.anchors_anywhere(leg) {
            sources[source].push(Choice {
                leg,
                start,
                end: start + grounds.legs[leg].extents,
                gain,
            });
        }
    }
    sources
        .iter_mut()
        .for_each(|choices| choices.sort_unstable_by_key(|one| (one.end, one.start, one.leg)));
    let count: u64 = sources.iter().map(|choices| choices.len() as u64).sum();
    let rounds = (MOST_WORK / count.max(1)).clamp(1, ROUNDS);
    let mut prices = vec![0i64; grounds.legs.len()];
    let mut best = Anchors {
        chosen: vec![None; grounds.legs.len()],
        most: u64::MAX,
        prices: prices.clone(),
    };
    let (mut kept, mut patience, mut halved) = (0u64, 0, 0u32);
    for _ in 0..rounds {
        let (bound, taken) = round(&sources, &prices);
        let most = u64::try_from(bound / i128::from(UNIT)).unwrap_or(u64::MAX);
        if most < best.most {
            best.most = most;
            best.prices.clone_from(&prices);
            patience = 0;
        } else {
            patience += 1;
        }
        let (own, chosen) = repaired(&sources, &taken, grounds.legs.len());
        if own > kept || best.chosen.iter().all(Option::is_none) {
            kept = own.max(kept);
            best.chosen = chosen;
        }
        let mut times = vec![0i64; grounds.legs.len()];
        taken
            .iter()
            .for_each(|(source, at)| times[sources[*source][*at].leg] += 1);
        // What is taken once is right; what is not taken at all may be cheaper, as far as it costs anything.
        let off = |(price, times): (&i64, &i64)| match times {
            0 if *price == 0 => 0,
            times => times - 1,
        };
        let norm: i64 = prices
            .iter()
            .zip(&times)
            .map(off)
            .map(|off| off * off)
            .sum();
        if norm == 0 || kept >= best.most || limits.is_over() {
            break;
        }
        if patience == PATIENCE {
            (patience, halved) = (0, halved + 1);
        }
        let gap = bound - i128::from(kept) * i128::from(UNIT);
        let step = i64::try_from(gap / i128::from(norm)).unwrap_or(i64::MAX / 4) >> halved.min(40);
        if step == 0 {
            break;
        }
        let offs: Vec<i64> = prices.iter().zip(&times).map(off).collect();
        for (price, off) in prices.iter_mut().zip(offs) {
            *price = (*price + step * off).max(0);
        }
    }
    best
}

/// What all sources choose under prices, and what no choice keeps more than, in parts of an extent.
fn round(sources: &[Vec<Choice>], prices: &[i64]) -> (i128, Vec<(usize, usize)>) {
    let mut bound: i128 = prices.iter().map(|price| i128::from(*price)).sum();
    let mut taken = Vec::new();
    for (source, choices) in sources.iter().enumerate() {
        // The most that windows up to each come to, and whether it is one of them.
        let mut most: Vec<(i64, bool, usize)> = Vec::with_capacity(choices.len());
        for (at, one) in choices.iter().enumerate() {
            let before = choices[..at].partition_point(|other| other.end <= one.start);
            let weight =
                i64::try_from(one.gain).unwrap_or(i64::MAX / UNIT / 4) * UNIT - prices[one.leg];
            let with = weight + before.checked_sub(1).map_or(0, |last| most[last].0);
            let without = at.checked_sub(1).map_or(0, |last| most[last].0);
            most.push(match weight > 0 && with > without {
                true => (with, true, before),
                false => (without, false, at),
            });
        }
        bound += most.last().map_or(0, |(most, _, _)| i128::from(*most));
        let mut at = choices.len();
        while let Some(last) = at.checked_sub(1) {
            let (_, is_taken, before) = most[last];
            if is_taken {
                taken.push((source, last));
            }
            at = before;
        }
    }
    (bound, taken)
}

/// Of several windows of a leg the best; then all that still fit, the best first.
fn repaired(
    sources: &[Vec<Choice>],
    taken: &[(usize, usize)],
    legs: usize,
) -> (u64, Vec<Option<Window>>) {
    let mut all: Vec<(bool, u64, usize, usize)> = Vec::new();
    let is_taken: BTreeSet<(usize, usize)> = taken.iter().copied().collect();
    for (source, choices) in sources.iter().enumerate() {
        for (at, one) in choices.iter().enumerate() {
            all.push((is_taken.contains(&(source, at)), one.gain, source, at));
        }
    }
    all.sort_unstable_by_key(|&(is_taken, gain, source, at)| {
        std::cmp::Reverse((is_taken, gain, std::cmp::Reverse((source, at))))
    });
    let mut chosen: Vec<Option<Window>> = vec![None; legs];
    let mut used: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::new(); sources.len()];
    let mut kept = 0;
    for (_, gain, source, at) in all {
        let one = &sources[source][at];
        let before = used[source].range(..one.end).next_back();
        if chosen[one.leg].is_some() || before.is_some_and(|(_, end)| *end > one.start) {
            continue;
        }
        used[source].insert(one.start, one.end);
        chosen[one.leg] = Some((source, one.start));
        kept += gain;
    }
    (kept, chosen)
}
