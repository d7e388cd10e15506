//! The free areas of the sources as one call sees them: in which order they are tried, and what a
//! pass has reserved.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::greedy::tournament::Tournament;
use crate::greedy::{Offer, Range};

/// An area. `free` is what reservations of the current pass have left of `count`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) start: u32,
    pub(crate) count: u32,
    pub(crate) free: u32,
    /// Whether it is on the list of its map, which it is not once all of it is taken.
    is_listed: bool,
}

/// The areas of one source.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) source: usize,
    /// Indices of pieces. Without reservations: from the longest to the shortest.
    pub(crate) list: Vec<usize>,
    /// How many common visits the list has already gone through.
    visits: u64,
    /// How many pieces on the list have reservations; without any, the list is in order.
    reserved: usize,
    /// Where its pieces begin, and how many places for pieces there are from there on.
    places: (usize, usize),
    /// Extents that it was offered with, in 32 bits.
    offered: u32,
}

/// All sources, in order, with the bookkeeping that keeps a pass from looking at each of them.
///
/// A source is *warm* while reservations may lie on it; then its list is kept as it is. All others are
/// *cold*: they have no reservation except the one that every unrestricted pass makes on each source
/// whose areas are all shorter than a leg, on the first area of the list. The reset of the next pass
/// moves that area behind those of its length. So `n` such passes turn the group of longest areas
/// by `n` places, which is made up for when a cold source is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Maps {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) maps: Vec<Map>,
    /// The map of each source.
    pub(crate) of_source: HashMap<usize, usize>,
    /// Maps with areas left.
    pub(crate) active: BTreeSet<usize>,
    /// Those that are warm.
    pub(crate) warm: BTreeSet<usize>,
    /// The longest area of each cold map; 0 for all others.
    pub(crate) longest: Tournament,
    /// Common visits so far.
    visits: u64,
    /// Common visits before this call.
    visits_before: u64,
    /// Maps that a call may have changed.
    touched: Vec<usize>,
    /// Extents in all areas as they are offered, in 32 bits.
    offered: u32,
    /// Extents in all areas, in 32 bits.
    pub(crate) total: u32,
}

impl Maps {
    pub(crate) fn new(offers: &[Offer]) -> Maps {
        let count = offers.iter().map(|offer| offer.areas.len()).sum();
        let mut all = Maps {
            pieces: Vec::with_capacity(count),
            maps: Vec::with_capacity(offers.len()),
            of_source: HashMap::with_capacity(offers.len()),
            active: BTreeSet::new(),
            warm: BTreeSet::new(),
            longest: Tournament::new(&[]),
            visits: 0,
            visits_before: 0,
            touched: Vec::new(),
            offered: 0,
            total: 0,
        };
        for offer in offers {
            all.of_source.insert(offer.source, all.maps.len());
            all.maps.push(Map {
                source: offer.source,
                list: Vec::new(),
                visits: 0,
                reserved: 0,
                places: (all.pieces.len(), 0),
                offered: 0,
            });
            all.offer(all.maps.len() - 1, &offer.areas);
        }
        let longest = (0..offers.len()).map(|map| all.longest_of(map));
        all.longest = Tournament::new(&longest.collect::<Vec<u32>>());
        let has_areas = |map: &usize| !all.maps[*map].list.is_empty();
        // In ascending order, as which the set takes them at once.
        all.active = (0..offers.len()).filter(has_areas).collect();
        all.total = all.offered;
        all
    }

    /// Gives a map its areas.
    fn offer(&mut self, map: usize, areas: &[Range]) {
        let one = &mut self.maps[map];
        if areas.len() > one.places.1 {
            one.places = (self.pieces.len(), areas.len());
        }
        let first = one.places.0;
        let mut offered = 0u32;
        for (index, Range { start, count }) in areas.iter().copied().enumerate() {
            offered = offered.wrapping_add(count);
            let piece = Piece {
                start,
                count,
                free: count,
                is_listed: true,
            };
            match self.pieces.get_mut(first + index) {
                Some(place) => *place = piece,
                None => self.pieces.push(piece),
            }
        }
        one.list.clear();
        one.list.extend(first..first + areas.len());
        // Each area goes in front of the first that is shorter, so equal ones keep their order.
        let pieces = &self.pieces;
        one.list.sort_by_key(|piece| Reverse(pieces[*piece].count));
        one.visits = self.visits;
        one.reserved = 0;
        self.offered = self.offered.wrapping_sub(one.offered).wrapping_add(offered);
        one.offered = offered;
    }

    /// The maps that the last call may have changed, in no order, some of them twice. Each is to be
    /// [renewed](Maps::renew) before the next call.
    pub(crate) fn take_touched(&mut self) -> Vec<usize> {
        self.visits_before = self.visits;
        self.total = self.offered;
        std::mem::take(&mut self.touched)
    }

    /// Makes a map what it would be in a new call with these areas.
    pub(crate) fn renew(&mut self, map: usize, areas: &[Range]) {
        self.offer(map, areas);
        self.warm.remove(&map);
        if areas.is_empty() {
            self.active.remove(&map);
        } else {
            self.active.insert(map);
        }
        self.longest.set(map, self.longest_of(map));
        self.total = self.offered;
    }

    fn longest_of(&self, map: usize) -> u32 {
        let first = self.maps[map].list.first();
        first.map_or(0, |piece| self.pieces[*piece].count)
    }

    /// How many cold maps have areas.
    pub(crate) fn cold(&self) -> usize {
        self.active.len() - self.warm.len()
    }

    /// The longest area of any cold map.
    pub(crate) fn longest_cold(&self) -> u32 {
        self.longest.first_largest().map_or(0, |(_, count)| count)
    }

    /// Brings the list of a cold map up to date; it stays cold.
    pub(crate) fn catch_up(&mut self, map: usize) {
        if self.warm.contains(&map) {
            return;
        }
        self.touched.push(map);
        let missed = self.visits - self.maps[map].visits.max(self.visits_before);
        self.maps[map].visits = self.visits;
        if missed == 0 {
            return;
        }
        let pieces = &self.pieces;
        let list = &mut self.maps[map].list;
        let Some(first) = list.first() else { return };
        let longest = pieces[*first].count;
        let group = list
            .iter()
            .take_while(|piece| pieces[**piece].count == longest)
            .count();
        let turns = missed % group as u64;
        list[..group].rotate_left(usize::try_from(turns).expect("less than the group"));
    }

    /// Makes a map warm, so that reservations can be made on it.
    pub(crate) fn warm_up(&mut self, map: usize) {
        self.catch_up(map);
        if self.warm.insert(map) {
            self.longest.set(map, 0);
        }
    }

    /// Every cold map had its first area reserved.
    pub(crate) fn visit_cold(&mut self) {
        self.visits += 1;
    }

    /// Step 4.1: takes reservations back. Each area that has one is put in its place again, and the
    /// walk goes on behind it; areas that are jumped over that way keep their reservations.
    pub(crate) fn reset(&mut self) {
        let warm: Vec<usize> = self.warm.iter().copied().collect();
        for map in warm {
            let mut at = 0;
            if let (1, Some(last)) = (self.maps[map].reserved, self.maps[map].list.last())
                && self.is_reserved(*last)
            {
                // All that the walk would come by has none.
                at = self.maps[map].list.len() - 1;
            }
            while self.maps[map].reserved > 0 && at < self.maps[map].list.len() {
                let piece = self.maps[map].list[at];
                if self.is_reserved(piece) {
                    let count = self.pieces[piece].count;
                    self.pieces[piece].free = count;
                    self.maps[map].reserved -= 1;
                    self.maps[map].list.remove(at);
                    at = self.insert(map, piece, count);
                }
                at += 1;
            }
            if self.maps[map].reserved == 0 {
                let longest = self.longest_of(map);
                self.warm.remove(&map);
                self.maps[map].visits = self.visits;
                self.longest.set(map, longest);
            }
        }
    }

    fn is_reserved(&self, piece: usize) -> bool {
        self.pieces[piece].free != self.pieces[piece].count
    }

    /// Reserves `used` extents of the piece at a place of a list; returns its new place.
    pub(crate) fn reserve(&mut self, map: usize, at: usize, used: u32) -> usize {
        let piece = self.maps[map].list[at];
        let free = self.pieces[piece].free;
        let was_reserved = self.is_reserved(piece);
        self.pieces[piece].free = free - used;
        let is_reserved = self.is_reserved(piece);
        let place = if used < free {
            self.maps[map].list.remove(at);
            self.maps[map].reserved -= usize::from(was_reserved);
            let place = self.insert(map, piece, free - used);
            self.maps[map].reserved += usize::from(was_reserved);
            place
        } else {
            at
        };
        self.maps[map].reserved += usize::from(is_reserved && !was_reserved);
        place
    }

    /// Puts a piece in front of the first one that is shorter than `key`; returns where.
    pub(crate) fn insert(&mut self, map: usize, piece: usize, key: u32) -> usize {
        let pieces = &self.pieces;
        let list = &self.maps[map].list;
        let at = if self.maps[map].reserved == 0 {
            list.partition_point(|member| key <= pieces[*member].count)
        } else {
            let found = list.iter().position(|member| key > pieces[*member].count);
            found.unwrap_or(list.len())
        };
        self.maps[map].list.insert(at, piece);
        at
    }

    /// Whether a piece is on the list of its map, which it is not once all of it is taken.
    pub(crate) fn is_listed(&self, piece: usize) -> bool {
        self.pieces[piece].is_listed
    }

    /// Takes `count` extents off the front of a piece of a warm map. `None` if it has fewer.
    ///
    /// A piece that is taken as a whole leaves the list and is otherwise forgotten about: what takes
    /// from it again takes the same extents, and puts what it leaves of them back on the list.
    pub(crate) fn consume(&mut self, map: usize, piece: usize, count: u32) -> Option<Range> {
        let was_reserved = self.is_reserved(piece);
        let area = &mut self.pieces[piece];
        let start = area.start;
        let left = area.count.checked_sub(count)?;
        if left > 0 {
            area.start += count;
            area.count = left;
        }
        area.free = left;
        let was_listed = std::mem::replace(&mut area.is_listed, left > 0);
        if was_listed {
            let one = &mut self.maps[map];
            one.reserved -= usize::from(was_reserved);
            // What has just been reserved as a whole is the last.
            let at = match one.list.last() {
                Some(last) if *last == piece => Some(one.list.len() - 1),
                Some(_) | None => one.list.iter().position(|member| *member == piece),
            };
            if let Some(at) = at {
                one.list.remove(at);
            }
            self.total = self.total.wrapping_sub(count);
        } else {
            self.total = self.total.wrapping_add(left);
        }
        if left > 0 {
            self.insert(map, piece, left);
            self.active.insert(map);
        } else if self.maps[map].list.is_empty() {
            self.active.remove(&map);
            self.warm.remove(&map);
            self.longest.set(map, 0);
        }
        Some(Range { start, count })
    }
}
