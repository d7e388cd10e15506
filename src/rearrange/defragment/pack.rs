//! All legs in one piece: what is anchored stays, the rest goes to gaps, and where there is none others give way.
//!
//! Ejection chains with a memory (Glover, "Ejection chains, reference structures and alternating path methods", 1996): who
//! had to go once is dearer to move again.

use std::collections::{BTreeSet, BinaryHeap};

use crate::core::Limits;
use crate::rearrange::defragment::anchors::Anchors;
use crate::rearrange::defragment::grounds::{Grounds, Window};
use crate::rearrange::defragment::placing::Placing;
use crate::search::random::Random;

/// Times that it is tried again from the best so far.
const TRIES: u64 = 20_000;
/// Tries without a better one, after which it ends.
const PATIENCE: u64 = 3_000;
/// Legs that are looked at in all tries together.
const MOST_WORK: u64 = 1 << 23;
const MOST_SOURCES: usize = 48;

/// By leg a window, all of them together, if that was found; what is copied is close to the bound.
pub(crate) fn pack(
    grounds: &Grounds,
    anchors: &Anchors,
    bound: u64,
    limits: &Limits<'_>,
) -> Option<Vec<Window>> {
    let mut packing = Packing {
        grounds,
        anchors: (0..grounds.legs.len())
            .map(|leg| {
                let mut all: Vec<(u64, Window)> = grounds
                    .anchors(leg)
                    .into_iter()
                    .map(|(window, gain)| (gain, window))
                    .collect();
                all.sort_unstable_by(|one, other| other.cmp(one));
                all
            })
            .collect(),
        random: Random::of(limits, 0),
        went: vec![0; grounds.legs.len()],
        work: 0,
    };
    let mut start = Placing::new(grounds);
    for (leg, window) in anchors.chosen.iter().enumerate() {
        if let Some(window) = window.filter(|window| start.fits(leg, *window)) {
            start.put(leg, window);
        }
    }
    let (mut best, mut waited): (Option<Placing<'_>>, u64) = (None, 0);
    for turn in 0..TRIES {
        if limits.is_over() || packing.work > MOST_WORK || waited > PATIENCE {
            break;
        }
        let mut placing = best.as_ref().unwrap_or(&start).clone();
        if best.is_some() {
            packing.went.iter_mut().for_each(|count| *count = 0);
            packing.shake(&mut placing, turn);
        }
        waited += 1;
        packing.work += 8 * grounds.legs.len() as u64;
        if !packing.settle(&mut placing, limits) {
            continue;
        }
        let copied = placing.copied();
        let before = best.as_ref().map(Placing::copied);
        if before.is_none_or(|before| copied <= before) {
            if before.is_none_or(|before| copied < before) {
                waited = 0;
            }
            best = Some(placing);
        }
        if copied <= bound {
            break;
        }
    }
    best?.windows.into_iter().collect()
}

struct Packing<'g> {
    grounds: &'g Grounds,
    /// By leg its anchors, the best first.
    anchors: Vec<Vec<(u64, Window)>>,
    random: Random,
    /// How often each had to go.
    went: Vec<u64>,
    work: u64,
}

impl Packing<'_> {
    /// Gives a leg that lies elsewhere one of its anchors, or takes some up.
    fn shake(&mut self, placing: &mut Placing<'_>, turn: u64) {
        let count = self.grounds.legs.len();
        let lost = |leg: usize| {
            let best = self.anchors[leg].first()?;
            let now = placing.windows[leg].map_or(0, |window| self.grounds.gain(leg, window));
            (best.0 > now).then_some(leg)
        };
        let losers: Vec<usize> = (0..count).filter_map(lost).collect();
        if turn.is_multiple_of(4) || losers.is_empty() {
            for _ in 0..1 + self.random.below(3) {
                placing.take(self.random.position(count));
            }
            return;
        }
        let leg = losers[self.random.position(losers.len())];
        let all = &self.anchors[leg];
        let (_, window) = all[self.random.position(all.len().min(2))];
        placing.take(leg);
        for other in placing.in_the_way(leg, window) {
            placing.take(other);
            self.went[other] += 1;
        }
        if placing.fits(leg, window) {
            placing.put(leg, window);
            // It is not the first to go again.
            self.went[leg] += 4;
        }
    }

    /// Puts down all that lies nowhere, the longest first; says whether that came to an end.
    fn settle(&mut self, placing: &mut Placing<'_>, limits: &Limits<'_>) -> bool {
        let legs = &self.grounds.legs;
        let open = (0..legs.len()).filter(|&leg| placing.windows[leg].is_none());
        let mut open: BinaryHeap<(u64, usize)> = open.map(|leg| (legs[leg].extents, leg)).collect();
        let mut steps = 200 + 4 * open.len() as u64;
        while let Some((_, leg)) = open.pop() {
            self.work += 1;
            steps -= 1;
            if steps == 0 || limits.is_over() {
                return false;
            }
            let anchored = self.anchors[leg].iter().map(|(_, window)| *window);
            let mut anchored = anchored.filter(|&window| placing.fits(leg, window));
            if let Some(window) = anchored.next().or_else(|| placing.gap(leg)) {
                placing.put(leg, window);
                continue;
            }
            let Some((window, going)) = self.cheapest(placing, leg) else {
                return false;
            };
            for other in going {
                placing.take(other);
                self.went[other] += 1;
                open.push((legs[other].extents, other));
            }
            placing.put(leg, window);
        }
        true
    }

    /// The window of which it costs least to clear all that lies there.
    fn cheapest(&mut self, placing: &Placing<'_>, leg: usize) -> Option<(Window, BTreeSet<usize>)> {
        let count = self.grounds.open.len();
        let sources: Vec<usize> = match count <= MOST_SOURCES {
            true => (0..count).collect(),
            false => (0..MOST_SOURCES)
                .map(|_| self.random.position(count))
                .collect(),
        };
        let mut best: Option<(u64, Window, BTreeSet<usize>)> = None;
        for source in sources {
            for window in placing.borders(leg, source) {
                self.work += 1;
                let going = placing.in_the_way(leg, window);
                if placing.is_over(source, leg, &going) {
                    continue;
                }
                let price = |&other: &usize| {
                    let extents = self.grounds.legs[other].extents;
                    let gain = placing.windows[other].map_or(0, |at| self.grounds.gain(other, at));
                    (5 * gain + extents) * (1 + self.went[other])
                };
                let price: u64 = going.iter().map(price).sum();
                let own = 5 * self.grounds.gain(leg, window);
                let noise = 7 + self.random.below(3);
                let price = price.saturating_sub(own) * noise;
                if best.as_ref().is_none_or(|(least, _, _)| price < *least) {
                    best = Some((price, window, going));
                }
            }
        }
        best.map(|(_, window, going)| (window, going))
    }
}
