//! Layouts with fewer areas, by moving items between legs: local search with late acceptance.
//!
//! A leg takes the longest areas of its items until it has enough. For a wanted number of areas in all
//! some legs have to do without their last area, best those that miss least without it; what they miss
//! together is what the search makes smaller, and at 0 the number is met. A change is kept if it is
//! no worse than the present state, or than the state some steps ago (Burke and Bykov 2017).

use rayon::prelude::*;

use crate::core::Limits;
use crate::search::random::Random;

/// Searches side by side. A fixed list, so that any number of threads picks the same.
const SEEDS: u64 = 4;
/// Steps after which a state is forgotten.
const MEMORY: usize = 600;

/// The items of each leg.
pub(crate) type Legs = Vec<Vec<usize>>;

/// Legs that take at most `wanted` areas, or fewer than the legs to start from; `None` if that was not
/// managed, which proves nothing. Each search makes `steps` steps.
pub(crate) fn improve(
    gives: &[Vec<u64>],
    needed: u64,
    start: &Legs,
    wanted: u64,
    round: u64,
    steps: u64,
    limits: &Limits<'_>,
) -> Option<(u64, Legs)> {
    let gains: Vec<Vec<u64>> = gives
        .iter()
        .map(|gives| gives.windows(2).map(|pair| pair[1] - pair[0]).collect())
        .collect();
    let known = areas(&gains, needed, start)?;
    let searches = (0..SEEDS).into_par_iter().map(|seed| {
        // Some aim at the least, some at anything better.
        let wanted = if seed % 2 == 0 { wanted } else { known - 1 };
        let mut search = Search::new(&gains, needed, start, wanted.max(1));
        search.run(round * SEEDS + seed, steps, limits);
        search.best
    });
    let best: Vec<(u64, Legs)> = searches.flatten().collect();
    let (count, legs) = best.into_iter().min_by_key(|(count, _)| *count)?;
    (count < known).then_some((count, legs))
}

/// The areas that legs take; `None` if one has not enough.
fn areas(gains: &[Vec<u64>], needed: u64, legs: &Legs) -> Option<u64> {
    let mut buffer = Vec::new();
    let of_leg = |items: &Vec<usize>| {
        let need = Need::of(gains, needed, items, &mut buffer);
        need.is_met.then_some(need.whole + 1)
    };
    legs.iter().map(of_leg).sum()
}

/// What a leg takes.
#[derive(Clone, Copy)]
struct Need {
    /// Its areas: all but the last if it has enough, else all.
    whole: u64,
    /// What is missing with those.
    rest: u64,
    /// Whether a further area of its items is enough.
    is_met: bool,
}

impl Need {
    fn of(gains: &[Vec<u64>], needed: u64, items: &[usize], buffer: &mut Vec<u64>) -> Need {
        buffer.clear();
        for &item in items {
            buffer.extend_from_slice(&gains[item]);
        }
        buffer.sort_unstable_by(|left, right| right.cmp(left));
        let mut rest = needed;
        for (&area, whole) in buffer.iter().zip(0..) {
            if area >= rest {
                return Need {
                    whole,
                    rest,
                    is_met: true,
                };
            }
            rest -= area;
        }
        Need {
            whole: buffer.len() as u64,
            rest,
            is_met: false,
        }
    }
}

struct Search<'a> {
    gains: &'a [Vec<u64>],
    needed: u64,
    typical: u64,
    wanted: u64,
    /// The items of each leg, and at the end those that no leg has.
    legs: Legs,
    needs: Vec<Need>,
    buffer: Vec<u64>,
    rests: Vec<u64>,
    best: Option<(u64, Legs)>,
}

impl<'a> Search<'a> {
    fn new(gains: &'a [Vec<u64>], needed: u64, start: &Legs, wanted: u64) -> Search<'a> {
        let mut legs = start.clone();
        let mut is_used = vec![false; gains.len()];
        legs.iter().flatten().for_each(|&item| is_used[item] = true);
        legs.push((0..gains.len()).filter(|&item| !is_used[item]).collect());
        // The area that is the last when as many as wanted are taken, the longest first.
        let mut all: Vec<u64> = gains.iter().flatten().copied().collect();
        all.sort_unstable_by(|left, right| right.cmp(left));
        let last = usize::try_from(wanted).unwrap_or(usize::MAX).min(all.len());
        let typical = last.checked_sub(1).map_or(1, |last| all[last]).max(1);
        let mut buffer = Vec::new();
        let need = |items: &Vec<usize>| Need::of(gains, needed, items, &mut buffer);
        let needs = start.iter().map(need).collect();
        Search {
            gains,
            needed,
            typical,
            wanted,
            legs,
            needs,
            buffer,
            rests: Vec::new(),
            best: None,
        }
    }

    fn run(&mut self, candidate: u64, steps: u64, limits: &Limits<'_>) {
        let mut random = Random::of(limits, candidate);
        let mut now = self.missing();
        let mut past = vec![now; MEMORY];
        for step in 0..steps {
            if now == 0 || step % 256 == 0 && limits.is_over() {
                break;
            }
            let Some(change) = self.draw(&mut random) else {
                break;
            };
            let before = [change.from, change.to].map(|leg| self.needs.get(leg).copied());
            self.apply(&change);
            let after = self.missing();
            let slot = usize::try_from(step).unwrap_or(0) % MEMORY;
            if after <= now || after <= past[slot] {
                now = after;
                self.note();
            } else {
                self.revert(&change);
                for (leg, need) in [change.from, change.to].into_iter().zip(before) {
                    if let Some(need) = need {
                        self.needs[leg] = need;
                    }
                }
            }
            past[slot] = past[slot].min(now);
        }
    }

    /// A move of an item, or an exchange of two, between two legs of which one may be the unused items.
    fn draw(&self, random: &mut Random) -> Option<Change> {
        for _ in 0..64 {
            let from = random.position(self.legs.len());
            let to = random.position(self.legs.len());
            if from == to || self.legs[from].is_empty() {
                continue;
            }
            let given = random.position(self.legs[from].len());
            let is_move = self.legs[to].is_empty() || random.below(4) == 0;
            let taken = (!is_move).then(|| random.position(self.legs[to].len()));
            return Some(Change {
                from,
                to,
                given,
                taken,
            });
        }
        None
    }

    fn apply(&mut self, change: &Change) {
        match change.taken {
            Some(taken) => {
                let item = self.legs[change.to][taken];
                let other = std::mem::replace(&mut self.legs[change.from][change.given], item);
                self.legs[change.to][taken] = other;
            }
            None => {
                let item = self.legs[change.from].swap_remove(change.given);
                self.legs[change.to].push(item);
            }
        }
        for leg in [change.from, change.to] {
            if leg < self.needs.len() {
                let items = &self.legs[leg];
                let buffer = &mut self.buffer;
                self.needs[leg] = Need::of(self.gains, self.needed, items, buffer);
            }
        }
    }

    fn revert(&mut self, change: &Change) {
        match change.taken {
            Some(taken) => {
                let item = self.legs[change.to][taken];
                let other = std::mem::replace(&mut self.legs[change.from][change.given], item);
                self.legs[change.to][taken] = other;
            }
            None => {
                let items = &mut self.legs[change.to];
                let item = items.pop().expect("the item was put there");
                let items = &mut self.legs[change.from];
                items.push(item);
                let last = items.len() - 1;
                items.swap(change.given, last);
            }
        }
    }

    /// What is missing if no more areas are taken than wanted.
    fn missing(&mut self) -> u64 {
        self.rests.clear();
        let (mut count, mut missing) = (0, 0);
        for need in &self.needs {
            count += need.whole;
            if need.is_met {
                count += 1;
                self.rests.push(need.rest);
            } else {
                missing += need.rest;
            }
        }
        let without = count.saturating_sub(self.wanted);
        if without > 0 {
            self.rests.sort_unstable();
            let taken = usize::try_from(without).unwrap_or(usize::MAX);
            missing += self.rests.iter().take(taken).sum::<u64>();
            let further = without.saturating_sub(self.rests.len() as u64);
            missing = missing.saturating_add(further.saturating_mul(self.typical));
        }
        missing
    }

    /// Keeps the state if every leg has enough and fewest areas are taken.
    fn note(&mut self) {
        if self.needs.iter().all(|need| need.is_met) {
            let count = self.needs.iter().map(|need| need.whole + 1).sum();
            if self.best.as_ref().is_none_or(|(held, _)| count < *held) {
                let used = self.needs.len();
                self.best = Some((count, self.legs[..used].to_vec()));
            }
        }
    }
}

/// An item of one leg goes to another, and perhaps one comes back; by places in their lists.
struct Change {
    from: usize,
    to: usize,
    given: usize,
    taken: Option<usize>,
}
