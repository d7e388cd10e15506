//! The free areas of the sources as one call sees them: in which order they are tried, and what a
//! pass has reserved.

use std::collections::BTreeSet;

use crate::greedy::tournament::Tournament;
use crate::greedy::{Call, Range};

/// An area. `free` is what reservations of the current pass have left of `count`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) start: u32,
    pub(crate) count: u32,
    pub(crate) free: u32,
}

/// The areas of one source.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) source: usize,
    /// Indices of pieces. Without reservations: from the longest to the shortest.
    pub(crate) list: Vec<usize>,
    /// How many common visits the list has already gone through.
    visits: u64,
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
    /// Maps with areas left.
    pub(crate) active: BTreeSet<usize>,
    /// Those that are warm.
    pub(crate) warm: BTreeSet<usize>,
    /// The longest area of each cold map; 0 for all others.
    pub(crate) longest: Tournament,
    /// Common visits so far.
    visits: u64,
    /// Extents in all areas, in 32 bits.
    pub(crate) total: u32,
}

impl Maps {
    pub(crate) fn new(call: &Call) -> Maps {
        let mut pieces = Vec::new();
        let mut maps = Vec::with_capacity(call.offers.len());
        let mut longest = Vec::with_capacity(call.offers.len());
        let mut total = 0u32;
        for offer in &call.offers {
            let first = pieces.len();
            for Range { start, count } in offer.areas.iter().copied() {
                total = total.wrapping_add(count);
                pieces.push(Piece {
                    start,
                    count,
                    free: count,
                });
            }
            let mut list: Vec<usize> = (first..pieces.len()).collect();
            // Each area goes in front of the first that is shorter, so equal ones keep their order.
            list.sort_by_key(|piece| std::cmp::Reverse(pieces[*piece].count));
            longest.push(list.first().map_or(0, |piece| pieces[*piece].count));
            maps.push(Map {
                source: offer.source,
                list,
                visits: 0,
            });
        }
        let has_areas = |map: &usize| !maps[*map].list.is_empty();
        // In ascending order, as which the set takes them at once.
        let active = (0..maps.len()).filter(has_areas).collect();
        Maps {
            pieces,
            maps,
            active,
            warm: BTreeSet::new(),
            longest: Tournament::new(&longest),
            visits: 0,
            total,
        }
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
        let missed = self.visits - self.maps[map].visits;
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
            while at < self.maps[map].list.len() {
                let piece = self.maps[map].list[at];
                let count = self.pieces[piece].count;
                if self.pieces[piece].free != count {
                    self.pieces[piece].free = count;
                    self.maps[map].list.remove(at);
                    at = self.insert(map, piece, count);
                }
                at += 1;
            }
            let pieces = &self.pieces;
            let list = &self.maps[map].list;
            let is_clean = list
                .iter()
                .all(|piece| pieces[*piece].free == pieces[*piece].count);
            if is_clean {
                let longest = list.first().map_or(0, |piece| pieces[*piece].count);
                self.warm.remove(&map);
                self.maps[map].visits = self.visits;
                self.longest.set(map, longest);
            }
        }
    }

    /// Puts a piece in front of the first one that is shorter than `key`; returns where.
    pub(crate) fn insert(&mut self, map: usize, piece: usize, key: u32) -> usize {
        let list = &self.maps[map].list;
        let found = list
            .iter()
            .position(|member| key > self.pieces[*member].count);
        let at = found.unwrap_or(list.len());
        self.maps[map].list.insert(at, piece);
        at
    }

    /// Whether a piece is on the list of its map, which it is not once all of it is taken.
    pub(crate) fn is_listed(&self, map: usize, piece: usize) -> bool {
        self.maps[map].list.contains(&piece)
    }

    /// Takes `count` extents off the front of a piece of a warm map. `None` if it has fewer.
    ///
    /// A piece that is taken as a whole leaves the list and is otherwise forgotten about: what takes
    /// from it again takes the same extents, and puts what it leaves of them back on the list.
    pub(crate) fn consume(&mut self, map: usize, piece: usize, count: u32) -> Option<Range> {
        let area = &mut self.pieces[piece];
        let start = area.start;
        let left = area.count.checked_sub(count)?;
        if left > 0 {
            area.start += count;
            area.count = left;
        }
        area.free = left;
        let list = &mut self.maps[map].list;
        match list.iter().position(|member| *member == piece) {
            Some(at) => {
                list.remove(at);
                self.total = self.total.wrapping_sub(count);
            }
            None => self.total = self.total.wrapping_add(left),
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
