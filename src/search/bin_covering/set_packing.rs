//! A pattern for each leg within what rows have room for, at most so far above a bound: exact search.
//!
//! The row that fewest patterns can use comes first: one of them uses it, or one of its room is left,
//! which costs its price. What patterns cost above the cheapest, spread over their rows, bounds what the
//! rows that are left still cost. What failed is remembered by the room and legs left. Of the patterns
//! of a row those of rare rows come first: what they leave can be served in most ways.

use std::collections::HashMap;

use crate::core::Limits;

/// Into so many shares a part is divided; a multiple of small numbers of rows.
const SHARES: u64 = 840;
/// Bytes that one remembered failure takes, about.
const FAILURE_BYTES: u64 = 96;
/// Patterns that take longer to look through than to ask for the time.
const MANY: usize = 500;
/// Words of the set of rows with room for one, and bits of the others.
const WORDS: usize = 4;
const BITS: u32 = 128;

/// A pattern, by the rows that it takes, and by how much it costs more than the cheapest.
pub(crate) struct Candidate {
    pub(crate) takes: Vec<(usize, i64)>,
    pub(crate) above: u64,
}

/// What is to be chosen from.
pub(crate) struct Choice<'a> {
    pub(crate) candidates: &'a [Candidate],
    /// Per row its room, and what it costs to leave one of it.
    pub(crate) room: &'a [i64],
    pub(crate) prices: &'a [u64],
    /// The row that no pattern is looked for by: all of them take it.
    pub(crate) common: Option<usize>,
    pub(crate) legs: usize,
    /// What all that together may cost.
    pub(crate) slack: u64,
}

/// What the search came to.
pub(crate) enum Outcome {
    /// Per leg its candidate.
    Found(Vec<usize>),
    /// There is no such choice.
    None {
        /// Choices that were looked at.
        nodes: u64,
    },
    /// It ended before it knew.
    Stopped,
}

/// Rows with room for one as bits, the others as counts between bits that stay set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
struct Room {
    ones: [u64; WORDS],
    counts: u128,
}

impl Room {
    fn has(&self, taken: &Room, guards: u128) -> bool {
        let ones = self.ones.iter().zip(&taken.ones);
        let mut ones = ones.map(|(left, taken)| taken & !left);
        ones.all(|missing| missing == 0)
            && (self.counts | guards).wrapping_sub(taken.counts) & guards == guards
    }

    fn without(mut self, taken: &Room) -> Room {
        for (left, taken) in self.ones.iter_mut().zip(&taken.ones) {
            *left &= !taken;
        }
        self.counts -= taken.counts;
        self
    }
}

/// Where a row is kept: as a bit, or as a count of so many bits.
#[derive(Clone, Copy)]
enum Place {
    One { word: usize, bit: u32 },
    Count { shift: u32, bits: u32 },
}

impl Place {
    fn left(self, room: &Room) -> u64 {
        match self {
            Place::One { word, bit } => room.ones[word] >> bit & 1,
            Place::Count { shift, bits } => {
                let count = room.counts >> shift & ((1 << bits) - 1);
                u64::try_from(count).unwrap_or(u64::MAX)
            }
        }
    }

    fn put(self, count: u64, room: &mut Room) {
        match self {
            Place::One { word, bit } => room.ones[word] |= count.min(1) << bit,
            Place::Count { shift, .. } => room.counts |= u128::from(count) << shift,
        }
    }
}

/// Chooses a candidate for each leg, or proves that there is no such choice.
pub(crate) fn choose(choice: &Choice<'_>, limits: &Limits<'_>) -> Outcome {
    let Some((places, guards)) = places(choice.room) else {
        return Outcome::Stopped;
    };
    let mut room = Room::default();
    for (place, &count) in places.iter().zip(choice.room) {
        place.put(count.unsigned_abs(), &mut room);
    }
    let taken = |candidate: &Candidate| {
        let mut taken = Room::default();
        let mut takes = candidate.takes.iter();
        let fits = takes.all(|&(row, times)| {
            places[row].put(times.unsigned_abs(), &mut taken);
            times <= choice.room[row]
        });
        fits.then_some(taken)
    };
    let usable = choice.candidates.iter().enumerate();
    let usable = usable.filter_map(|(number, candidate)| {
        Some(Usable {
            number,
            above: candidate.above,
            taken: taken(candidate)?,
        })
    });
    let usable: Vec<Usable> = usable.collect();
    let is_one = |row: &usize| matches!(places[*row], Place::One { .. });
    let (ones, counted): (Vec<usize>, Vec<usize>) = (0..places.len()).partition(is_one);
    let mut search = Search {
        choice,
        ones,
        counted,
        places,
        guards,
        usable: &usable,
        limits,
        failures: HashMap::new(),
        most_failures: limits.memory_bytes / 8 / FAILURE_BYTES,
        nodes: 0,
        is_stopped: false,
        chosen: Vec::with_capacity(choice.legs),
    };
    let all: Vec<usize> = (0..usable.len()).collect();
    if search.go_on(room, choice.legs, choice.slack * SHARES, &all) {
        return Outcome::Found(search.chosen);
    }
    if search.is_stopped {
        return Outcome::Stopped;
    }
    Outcome::None {
        nodes: search.nodes,
    }
}

/// Where each row is kept, and the bits that stay set; `None` if there are too many.
fn places(room: &[i64]) -> Option<(Vec<Place>, u128)> {
    let (mut ones, mut shift, mut guards) = (0, 0, 0u128);
    let mut places = Vec::with_capacity(room.len());
    for &room in room {
        if room <= 1 {
            let (word, bit) = (ones / 64, u32::try_from(ones % 64).ok()?);
            (word < WORDS).then_some(())?;
            places.push(Place::One { word, bit });
            ones += 1;
        } else {
            let bits = 64 - room.leading_zeros();
            (shift + bits < BITS).then_some(())?;
            places.push(Place::Count { shift, bits });
            guards |= 1 << (shift + bits);
            shift += bits + 1;
        }
    }
    Some((places, guards))
}

struct Usable {
    number: usize,
    above: u64,
    taken: Room,
}

struct Search<'a> {
    choice: &'a Choice<'a>,
    places: Vec<Place>,
    /// The rows that are kept as bits, in their order, and the others.
    ones: Vec<usize>,
    counted: Vec<usize>,
    guards: u128,
    usable: &'a [Usable],
    limits: &'a Limits<'a>,
    /// Room and legs left, and the slack with which that failed.
    failures: HashMap<(Room, usize), u64>,
    most_failures: u64,
    nodes: u64,
    is_stopped: bool,
    chosen: Vec<usize>,
}

impl Search<'_> {
    /// Whether `room` can serve `legs` with some of these patterns, within `slack` shares.
    fn go_on(&mut self, room: Room, legs: usize, slack: u64, usable: &[usize]) -> bool {
        if legs == 0 {
            return self.unused(&room) <= slack;
        }
        if self
            .failures
            .get(&(room, legs))
            .is_some_and(|&failed| slack <= failed)
        {
            return false;
        }
        self.nodes += 1;
        let is_asked = usable.len() > MANY || self.nodes.is_multiple_of(64);
        if !self.limits.allow_nodes(self.nodes) || is_asked && self.limits.is_over() {
            self.is_stopped = true;
            return false;
        }
        let fits = |&at: &usize| {
            let pattern = &self.usable[at];
            pattern.above * SHARES <= slack && room.has(&pattern.taken, self.guards)
        };
        let fitting: Vec<usize> = usable.iter().copied().filter(fits).collect();
        if self.branch(room, legs, slack, &fitting) {
            return true;
        }
        if !self.is_stopped && (self.failures.len() as u64) < self.most_failures {
            self.failures.insert((room, legs), slack);
        }
        false
    }

    /// Tries every pattern of the hardest row, and to leave one of it.
    fn branch(&mut self, room: Room, legs: usize, slack: u64, fitting: &[usize]) -> bool {
        let ways = self.ways(fitting);
        let Some(row) = self.hardest(&room, slack, &ways) else {
            return false;
        };
        let place = self.places[row];
        let serves = |at: &usize| place.left(&self.usable[*at].taken) > 0;
        let mut serving: Vec<usize> = fitting.iter().copied().filter(serves).collect();
        serving.sort_by_cached_key(|&at| {
            let pattern = &self.usable[at];
            let counts = self.rows_of(pattern).map(|row| ways[row].0);
            (counts.sum::<usize>(), pattern.above, at)
        });
        let usable = self.usable;
        for at in serving {
            let pattern = &usable[at];
            self.chosen.push(pattern.number);
            let rest = slack - pattern.above * SHARES;
            if self.go_on(room.without(&pattern.taken), legs - 1, rest, fitting) {
                return true;
            }
            self.chosen.pop();
            if self.is_stopped {
                return false;
            }
        }
        let price = self.choice.prices[row] * SHARES;
        let mut one = Room::default();
        self.places[row].put(1, &mut one);
        price <= slack && self.go_on(room.without(&one), legs, slack - price, fitting)
    }

    /// The rows that a pattern is looked for by, once each.
    fn rows_of(&self, pattern: &Usable) -> impl Iterator<Item = usize> + '_ {
        let taken = pattern.taken;
        let bits = taken.ones.into_iter().zip(0..).flat_map(|(mut word, at)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(64 * at + bit)
            })
        });
        let counted = self.counted.iter().copied();
        let counted = counted.filter(move |&row| self.places[row].left(&taken) > 0);
        let rows = bits.map(|bit| self.ones[bit]).chain(counted);
        rows.filter(|row| Some(*row) != self.choice.common)
    }

    /// Per row the patterns that have it, and the shares that one of it costs at least.
    fn ways(&self, fitting: &[usize]) -> Vec<(usize, u64)> {
        let prices = self.choice.prices.iter();
        let mut ways: Vec<(usize, u64)> = prices.map(|price| (0, price * SHARES)).collect();
        for &at in fitting {
            let pattern = &self.usable[at];
            let taken = self.rows_of(pattern);
            let taken = taken.map(|row| self.places[row].left(&pattern.taken));
            let share = pattern.above * SHARES / taken.sum::<u64>().max(1);
            for row in self.rows_of(pattern) {
                ways[row].0 += 1;
                ways[row].1 = ways[row].1.min(share);
            }
        }
        ways
    }

    /// The row with fewest ways to be used; `None` if what is left costs more than there is.
    fn hardest(&self, room: &Room, slack: u64, ways: &[(usize, u64)]) -> Option<usize> {
        let (mut sum, mut hardest) = (0, None);
        for (row, (&(count, least), place)) in ways.iter().zip(&self.places).enumerate() {
            let left = place.left(room);
            if left == 0 || self.choice.common == Some(row) {
                continue;
            }
            sum += least * left;
            let may_rest = self.choice.prices[row] * SHARES <= slack;
            let key = (count + usize::from(may_rest), row);
            if hardest.is_none_or(|held| key < held) {
                hardest = Some(key);
            }
        }
        if sum > slack {
            return None;
        }
        hardest.map(|(_, row)| row)
    }

    /// What the room costs if none of it is used.
    fn unused(&self, room: &Room) -> u64 {
        let rows = self.places.iter().zip(self.choice.prices);
        let rows = rows.map(|(place, price)| place.left(room) * price);
        rows.sum::<u64>() * SHARES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    /// Whether candidates can be chosen one by one, within what is left of room and slack.
    fn can(choice: &Choice<'_>, room: &mut [i64], legs: usize, from: usize, above: u64) -> bool {
        if legs == 0 {
            let left = room.iter().zip(choice.prices);
            let left = left.map(|(&left, price)| left.unsigned_abs() * price);
            return above + left.sum::<u64>() <= choice.slack;
        }
        (from..choice.candidates.len()).any(|at| {
            let candidate = &choice.candidates[at];
            let mut left = room.to_vec();
            for &(row, times) in &candidate.takes {
                left[row] -= times;
            }
            left.iter().all(|left| *left >= 0)
                && can(choice, &mut left, legs - 1, at, above + candidate.above)
        })
    }

    #[test]
    fn the_search_agrees_with_trying_everything() {
        let (mut yes, mut no) = (0, 0);
        for seed in 0..600 {
            let mut random = Random::new(seed);
            let mut small = |end: u64| i64::try_from(random.below(end)).expect("small");
            let room: Vec<i64> = (0..5).map(|_| 1 + small(4) / 2 * small(3)).collect();
            let prices: Vec<u64> = (0..5).map(|_| small(4).unsigned_abs()).collect();
            let has_common = small(2) == 0;
            let candidates: Vec<Candidate> = (0..3 + small(6))
                .map(|_| {
                    let mut takes: Vec<(usize, i64)> = (0..5)
                        .map(|row| (row, small(2) * (1 + small(2))))
                        .filter(|(_, times)| *times > 0)
                        .collect();
                    if takes.iter().all(|(row, _)| *row == 4) {
                        takes.insert(0, (0, 1));
                    }
                    if has_common && takes.iter().all(|(row, _)| *row < 4) {
                        takes.push((4, 1));
                    }
                    Candidate {
                        takes,
                        above: small(5).unsigned_abs(),
                    }
                })
                .collect();
            let choice = Choice {
                candidates: &candidates,
                room: &room,
                prices: &prices,
                common: has_common.then_some(4),
                legs: 1 + random.position(3),
                slack: random.below(16),
            };
            let wanted = can(&choice, &mut room.clone(), choice.legs, 0, 0);
            match choose(&choice, &Limits::none()) {
                Outcome::Found(chosen) => {
                    assert!(wanted, "seed {seed}");
                    assert_eq!(chosen.len(), choice.legs);
                    yes += 1;
                }
                Outcome::None { .. } => {
                    assert!(!wanted, "seed {seed}");
                    no += 1;
                }
                Outcome::Stopped => panic!("seed {seed}: it is small"),
            }
        }
        assert!(yes > 100 && no > 100, "{yes} {no}");
    }
}
