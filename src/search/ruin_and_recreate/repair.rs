//! Requests placed one after another; where one finds no place, others give theirs up and look again.
//!
//! Ruin and recreate (Schrimpf and others, Journal of Computational Physics 159, 2000) over whole requests.

use crate::core::{Allocation, Limits, Problem};
use crate::search::random::Random;
use crate::search::ruin_and_recreate::place::{Noise, place};
use crate::search::ruin_and_recreate::room::Room;
use crate::search::ruin_and_recreate::wish::Wish;

/// Requests of which some are placed.
pub(crate) struct Repair<'a> {
    problem: &'a Problem,
    wishes: &'a [Wish<'a>],
    room: Room,
    placed: Vec<Option<Allocation>>,
    noise: Noise,
    /// How often each request found no place.
    failures: Vec<u64>,
    /// Extents of the requests that have no place.
    missing: u64,
}

/// Candidates without noise.
pub(crate) const PLAIN: u64 = 2;
/// What choices are wrong by at most, in hundredths.
const NOISE: u64 = 30;

impl<'a> Repair<'a> {
    /// Requests in an order of their ranks and sizes, the more at random the higher the candidate.
    pub(crate) fn start(
        problem: &'a Problem,
        wishes: &'a [Wish<'a>],
        room: &Room,
        candidate: u64,
        limits: &Limits<'_>,
    ) -> Repair<'a> {
        let mut repair = Repair {
            problem,
            wishes,
            room: room.clone(),
            placed: vec![None; wishes.len()],
            noise: Noise {
                random: Random::of(limits, candidate),
                hundredths: if candidate < PLAIN { 0 } else { NOISE },
                likes_few: candidate.is_multiple_of(2),
            },
            failures: vec![0; wishes.len()],
            missing: wishes.iter().map(Wish::extents).sum(),
        };
        let order = repair.order((0..wishes.len()).collect());
        for request in order {
            if limits.is_over() {
                break;
            }
            repair.put(request);
        }
        repair
    }

    /// Tries exchanges until all requests have a place, or so many did not help.
    pub(crate) fn run(&mut self, exchanges: u64, limits: &Limits<'_>) {
        self.noise.hundredths = NOISE;
        // What is exchanged has to fit first of all.
        self.noise.likes_few = false;
        for _ in 0..exchanges {
            if self.missing == 0 || limits.is_over() {
                return;
            }
            self.exchange();
        }
    }

    /// The place of each request, if all have one.
    pub(crate) fn finished(self) -> Option<Vec<Option<Allocation>>> {
        (self.missing == 0).then_some(self.placed)
    }

    /// The least choice first, then what failed most, then the longest legs; at random where there is noise.
    fn order(&mut self, mut requests: Vec<usize>) -> Vec<usize> {
        let mut keys = vec![(0, 0); self.wishes.len()];
        for &request in &requests {
            let wish = &self.wishes[request];
            let spread = self.noise.hundredths;
            let (by_rank, size) = match self.noise.random.below(if spread == 0 { 1 } else { 4 }) {
                // Now and then somebody comes earlier.
                3 => (wish.rank / 2, 200),
                _ => (wish.rank, 100 + self.noise.random.below(1 + spread)),
            };
            let size =
                u128::from(wish.need) * u128::from(size + 10 * self.failures[request].min(50));
            keys[request] = (by_rank, size);
        }
        requests
            .sort_by_key(|&request| (keys[request].0, std::cmp::Reverse(keys[request].1), request));
        requests
    }

    fn put(&mut self, request: usize) -> bool {
        let wish = &self.wishes[request];
        let found = place(self.problem, wish, &mut self.room, &mut self.noise);
        let is_found = found.is_some();
        if is_found {
            self.missing -= wish.extents();
        } else {
            self.failures[request] += 1;
        }
        self.placed[request] = found;
        is_found
    }

    fn remove(&mut self, request: usize) -> Option<Allocation> {
        let allocation = self.placed[request].take()?;
        self.room.give_back_all(&allocation);
        self.missing += self.wishes[request].extents();
        Some(allocation)
    }

    /// Somebody without a place gets one before those who are in the way.
    fn exchange(&mut self) {
        let without: Vec<usize> = (0..self.placed.len())
            .filter(|&request| self.placed[request].is_none())
            .collect();
        let first = without[self.noise.random.position(without.len())];
        let before = self.missing;
        let mut undo: Vec<(usize, Option<Allocation>)> = Vec::new();
        for request in self.in_the_way(first) {
            undo.push((request, self.remove(request)));
        }
        let removed: Vec<usize> = undo.iter().map(|(request, _)| *request).collect();
        let mut order = vec![first];
        if self.put(first) || self.noise.random.below(4) == 0 {
            order = self.order(removed);
            order.extend(without.iter().filter(|&&request| request != first));
            for &request in &order {
                if self.placed[request].is_none() {
                    self.put(request);
                }
            }
        }
        // Now and then a little is lost, so that the search does not stay where it is.
        let allowed = match self.noise.random.below(40) {
            0 => before + before / 4,
            _ => before,
        };
        if self.missing > allowed {
            for &request in undo.iter().map(|(request, _)| request).chain(&without) {
                self.remove(request);
            }
            for (request, allocation) in undo {
                if let Some(allocation) = allocation {
                    self.room.take_all(&allocation);
                    self.missing -= self.wishes[request].extents();
                    self.placed[request] = Some(allocation);
                }
            }
        }
    }

    /// Requests that lie on sources that somebody could use, some of them at random.
    fn in_the_way(&mut self, request: usize) -> Vec<usize> {
        let wish = &self.wishes[request];
        let random = &mut self.noise.random;
        let legs = wish.request.legs();
        let most = 2 + random.position(2 + self.wishes.len() / 3);
        let mut wanted = Vec::new();
        let home: Vec<usize> = wish.previous.iter().flatten().copied().collect();
        for _ in 0..=legs + random.position(4) {
            // Who has to stay where it is has no other sources in mind.
            let source = if home.is_empty() || wish.rank > 3 && random.below(2) == 0 {
                wish.sources
                    .get(random.position(wish.sources.len()))
                    .map(|open| open.0)
            } else {
                home.get(random.position(home.len())).copied()
            };
            wanted.extend(source);
        }
        let lies_there = |allocation: &Allocation| {
            let mut segments = allocation.segments();
            segments.any(|segment| wanted.contains(&segment.source))
        };
        let all = self.placed.iter().enumerate();
        let there = all.filter(|(_, allocation)| allocation.as_ref().is_some_and(lies_there));
        let mut there: Vec<usize> = there.map(|(request, _)| request).collect();
        while there.len() > most {
            let one = self.noise.random.position(there.len());
            there.swap_remove(one);
        }
        there
    }
}
