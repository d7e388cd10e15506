//! All states that moves lead to, where there are few: extent by extent, positions left out.
//!
//! Extents of a leg in one zone are alike, and so are those of stripes whose siblings lie alike. A* by what still has to
//! leave where it is.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use crate::core::{
    Area, Areas, Failing, HeldPiece, Limits, Move, Policy, Rearrangement, Segment, Separation,
    Together,
};
use crate::rearrange::fields::Field;
use crate::rearrange::way::strands::{Strands, Zone};

/// Most extents that are looked at one by one.
const MOST_TOKENS: u64 = 48;
/// Most states that are visited.
const MOST_STATES: usize = 150_000;

/// What the search says.
pub(crate) enum Visited {
    /// No moves copy less than these.
    Least(Vec<Move>),
    /// No moves lead to the goals; so many states were visited.
    None { states: u64 },
    /// There are too many states.
    TooMany,
}

/// Extents with their siblings: those of a leg alone, or of all legs that stripe together at an offset, and that met alike
/// from the start.
struct Class {
    volume: usize,
    legs: Vec<usize>,
    offsets: Areas,
    /// The first offset of each row, for stripes.
    rows: usize,
    is_locked: bool,
}

struct Search<'s> {
    state: &'s Rearrangement,
    together: Together<'s>,
    strands: &'s Strands,
    classes: Vec<Class>,
    spared: Vec<u64>,
    sizes: Vec<u64>,
}

type Zones = Vec<u16>;

/// By state what it takes to get there, and from where.
type Seen = HashMap<Zones, (u64, Option<(Zones, Hop)>)>;

/// The least that has to be copied, by visiting every state that may be on the way.
pub(crate) fn search(state: &Rearrangement, strands: &Strands, limits: &Limits<'_>) -> Visited {
    let total = strands.strands.iter().map(|strand| strand.extents);
    let is_plain = |source: usize| state.domains_of(source).count() <= 1;
    let is_small = total.fold(0, u64::saturating_add) <= MOST_TOKENS && strands.zones.len() < 64;
    let has_whole = strands.strands.iter().any(|strand| strand.is_whole);
    if !is_small || has_whole || !(0..state.sources.len()).all(is_plain) {
        return Visited::TooMany;
    }
    let (classes, start) = classes(state, strands);
    let search = Search {
        state,
        together: Together::of(state),
        strands,
        classes,
        spared: state.spared(),
        sizes: strands.zones.iter().map(|zone| zone.room.total()).collect(),
    };
    search.run(start, limits)
}

fn zone_of(zones: &[Zone], source: usize, extent: u64) -> u16 {
    let one = Area::new(extent, 1);
    let found = zones
        .iter()
        .position(|zone| zone.source == source && one.is_some_and(|one| zone.room.contains(one)));
    u16::try_from(found.unwrap_or_default()).unwrap_or(u16::MAX)
}

fn classes(state: &Rearrangement, strands: &Strands) -> (Vec<Class>, Zones) {
    let mut classes = Vec::new();
    let mut start = Zones::new();
    for (volume, one) in state.volumes.iter().enumerate() {
        // By offset the zone of each leg.
        let mut rows: BTreeMap<(usize, u64), BTreeMap<usize, u16>> = BTreeMap::new();
        for (leg, held) in one.legs.iter().enumerate() {
            let alone = match one.separation {
                Separation::Segment => usize::MAX,
                Separation::Leg | Separation::None => leg,
            };
            for piece in &held.pieces {
                let area = piece.place.area;
                for at in 0..area.count() {
                    let zone = zone_of(&strands.zones, piece.place.source, area.start() + at);
                    let row = rows.entry((alone, piece.offset + at)).or_default();
                    row.insert(leg, zone);
                }
            }
        }
        // By legs, and by where those that meet do.
        type Rows = (Vec<Vec<u16>>, Vec<Area>);
        let mut alike: BTreeMap<(Vec<usize>, Vec<usize>), Rows> = BTreeMap::new();
        for ((_, offset), row) in rows {
            let sources = row
                .values()
                .map(|&zone| strands.zones[usize::from(zone)].source);
            let mut sources: Vec<usize> = sources.collect();
            let places = sources.iter().map(|&source| strands.place_of[source]);
            if places.collect::<BTreeSet<usize>>().len() == sources.len() {
                sources.clear();
            }
            let (legs, zones) = row.into_iter().unzip();
            let (rows, offsets) = alike.entry((legs, sources)).or_default();
            rows.push(zones);
            offsets.extend(Area::new(offset, 1));
        }
        for ((legs, _), (mut rows, offsets)) in alike {
            rows.sort_unstable();
            classes.push(Class {
                volume,
                rows: rows.len(),
                is_locked: legs.iter().any(|&leg| one.legs[leg].locked.is_some()),
                legs,
                offsets: offsets.into_iter().collect(),
            });
            start.extend(rows.into_iter().flatten());
        }
    }
    (classes, start)
}

/// Where an extent of a row goes.
#[derive(Clone, Copy, Debug)]
struct Hop {
    class: usize,
    /// The row, as it was.
    row: usize,
    at: usize,
    to: u16,
}

impl Search<'_> {
    fn run(&self, start: Zones, limits: &Limits<'_>) -> Visited {
        let mut seen = Seen::new();
        let mut open = BinaryHeap::new();
        let key = |cost: u64, zones: &Zones| {
            let bound = cost + self.misplaced(zones);
            std::cmp::Reverse((bound, u64::MAX - cost, zones.clone()))
        };
        open.push(key(0, &start));
        seen.insert(start, (0, None));
        while let Some(std::cmp::Reverse((_, rest, zones))) = open.pop() {
            let cost = u64::MAX - rest;
            if seen.get(&zones).is_some_and(|(best, _)| *best < cost) {
                continue;
            }
            if self.is_end(&zones) {
                return Visited::Least(self.moves(&seen, zones));
            }
            if seen.len() > MOST_STATES || limits.is_over() {
                return Visited::TooMany;
            }
            for (next, hop) in self.steps(&zones) {
                let is_better = seen.get(&next).is_none_or(|(best, _)| cost + 1 < *best);
                if is_better {
                    open.push(key(cost + 1, &next));
                    seen.insert(next, (cost + 1, Some((zones.clone(), hop))));
                }
            }
        }
        Visited::None {
            states: seen.len() as u64,
        }
    }

    /// Each row of each class with where it begins.
    fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut begin = 0;
        self.classes
            .iter()
            .enumerate()
            .flat_map(move |(class, one)| {
                let first = begin;
                begin += one.rows * one.legs.len();
                (0..one.rows).map(move |row| (class, row, first + row * one.legs.len()))
            })
    }

    fn source(&self, zone: u16) -> usize {
        self.strands.zones[usize::from(zone)].source
    }

    fn place(&self, zone: u16) -> usize {
        self.strands.place_of[self.source(zone)]
    }

    fn steps(&self, zones: &Zones) -> Vec<(Zones, Hop)> {
        let mut free = self.sizes.clone();
        for &zone in zones {
            let left = &mut free[usize::from(zone)];
            *left = left.saturating_sub(1);
        }
        let mut steps = Vec::new();
        let mut before: Option<(usize, Vec<u16>)> = None;
        for (class, row, begin) in self.rows() {
            let one = &self.classes[class];
            let here = zones[begin..begin + one.legs.len()].to_vec();
            if one.is_locked || before.as_ref() == Some(&(class, here.clone())) {
                continue;
            }
            before = Some((class, here));
            for at in 0..one.legs.len() {
                for (to, zone) in (0u16..).zip(&self.strands.zones) {
                    let has_room = free[usize::from(to)] > 0 && !zone.is_closed;
                    if !has_room || to == zones[begin + at] {
                        continue;
                    }
                    if self.comes_together(zones, class, begin, at, to) {
                        continue;
                    }
                    let mut next = zones.clone();
                    next[begin + at] = to;
                    self.sort(&mut next, class, begin - row * one.legs.len());
                    steps.push((next, Hop { class, row, at, to }));
                }
            }
        }
        steps
    }

    fn sort(&self, zones: &mut Zones, class: usize, begin: usize) {
        let one = &self.classes[class];
        let own = &mut zones[begin..begin + one.rows * one.legs.len()];
        let mut rows: Vec<Vec<u16>> = own.chunks(one.legs.len()).map(<[u16]>::to_vec).collect();
        rows.sort_unstable();
        for (slot, zone) in own.iter_mut().zip(rows.into_iter().flatten()) {
            *slot = zone;
        }
    }

    fn comes_together(
        &self,
        zones: &Zones,
        class: usize,
        begin: usize,
        at: usize,
        to: u16,
    ) -> bool {
        let one = &self.classes[class];
        let volume = &self.state.volumes[one.volume];
        let (old, new) = (self.source(zones[begin + at]), self.source(to));
        if old == new || volume.separation == Separation::None {
            return false;
        }
        let (leg, offsets) = (one.legs[at], one.offsets.iter().next());
        let column = volume.legs[leg].column;
        let entered = self.state.failing_with(new);
        let entered: Vec<Failing<'_>> = entered
            .filter(|place| !self.state.is_in(old, *place))
            .collect();
        let keeps_away = |other: usize, zone: u16| {
            let source = self.source(zone);
            let mut met = entered
                .iter()
                .filter(|place| self.state.is_in(source, **place));
            volume.legs[other].column != column
                && offsets.is_some_and(|offsets| {
                    met.any(|&place| {
                        let (own, others) = ((leg, offsets), (other, offsets));
                        !self.together.may_meet(one.volume, place, own, others)
                    })
                })
        };
        match volume.separation {
            Separation::None => false,
            Separation::Segment => {
                let row = one.legs.iter().zip(&zones[begin..]);
                row.into_iter()
                    .any(|(&other, &zone)| keeps_away(other, zone))
            }
            Separation::Leg => self.rows().any(|(other, _, begin)| {
                let other = &self.classes[other];
                let mut row = other.legs.iter().zip(&zones[begin..]);
                other.volume == one.volume && row.any(|(&leg, &zone)| keeps_away(leg, zone))
            }),
        }
    }

    /// By volume and place how much of each column is there in the end.
    fn columns(&self, zones: &Zones) -> BTreeMap<(usize, usize), BTreeMap<usize, u64>> {
        let mut columns: BTreeMap<(usize, usize), BTreeMap<usize, u64>> = BTreeMap::new();
        for (class, _, begin) in self.rows() {
            let one = &self.classes[class];
            let volume = &self.state.volumes[one.volume];
            if volume.separation != Separation::Leg {
                continue;
            }
            for (at, &leg) in one.legs.iter().enumerate() {
                let zone = zones[begin + at];
                if self.strands.zones[usize::from(zone)].is_kept {
                    let here = columns.entry((one.volume, self.place(zone))).or_default();
                    *here.entry(volume.legs[leg].column).or_default() += 1;
                }
            }
        }
        columns
    }

    /// No fewer extents than these are copied from here on.
    fn misplaced(&self, zones: &Zones) -> u64 {
        let is_rear = |zone: &&u16| !self.strands.zones[usize::from(**zone)].is_kept;
        let rear = zones.iter().filter(is_rear).count() as u64;
        let mut over = 0;
        for (number, zone) in self.strands.zones.iter().enumerate() {
            if zone.is_kept && self.spared[zone.source] > 0 {
                let is_here = |other: &&u16| usize::from(**other) == number;
                let held = zones.iter().filter(is_here).count() as u64;
                over += held.saturating_sub(zone.capacity);
            }
        }
        let mut together = 0;
        if self.state.heals() {
            for columns in self.columns(zones).values() {
                let most = columns.values().max().copied().unwrap_or(0);
                together += columns.values().sum::<u64>() - most;
            }
        }
        rear + over.max(together)
    }

    fn is_end(&self, zones: &Zones) -> bool {
        self.misplaced(zones) == 0 && self.do_cling(zones)
    }

    fn do_cling(&self, zones: &Zones) -> bool {
        let mut after: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
        for (class, _, begin) in self.rows() {
            let one = &self.classes[class];
            for (at, &leg) in one.legs.iter().enumerate() {
                let sources = after.entry((one.volume, leg)).or_default();
                sources.insert(self.source(zones[begin + at]));
            }
        }
        after.into_iter().all(|((volume, leg), sources)| {
            let one = &self.state.volumes[volume];
            let before = one.legs[leg].pieces.iter().map(|piece| piece.place.source);
            !matches!(one.policy, Policy::Cling | Policy::ClingByTags)
                || sources.len() <= before.collect::<BTreeSet<usize>>().len()
        })
    }

    /// The way to a state as moves.
    fn moves(&self, seen: &Seen, end: Zones) -> Vec<Move> {
        let mut way = Vec::new();
        let mut at = end;
        while let Some((_, Some((before, hop)))) = seen.get(&at) {
            way.push((before.clone(), *hop));
            at = before.clone();
        }
        let mut field = Field::of(self.state);
        let mut last: Option<Segment> = None;
        for (zones, hop) in way.into_iter().rev() {
            let begin = self
                .rows()
                .find(|row| (row.0, row.1) == (hop.class, hop.row));
            let begin = begin.map_or(0, |(_, _, begin)| begin);
            let one = &self.classes[hop.class];
            let row = &zones[begin..begin + one.legs.len()];
            let Some(from) = self.extent(&field, hop, row) else {
                break;
            };
            let zone = &self.strands.zones[usize::from(hop.to)];
            let free = field.free(zone.source).intersection(&zone.room);
            let goes_on = |area: &Area| {
                last.is_some_and(|last| {
                    last.source == zone.source && last.area.end() == area.start()
                })
            };
            let area = free.iter().find(goes_on).or_else(|| free.iter().next());
            let Some(area) = area.and_then(|area| Area::new(area.start(), 1)) else {
                break;
            };
            let to = Segment {
                source: zone.source,
                area,
            };
            field.make(Move {
                volume: one.volume,
                leg: one.legs[hop.at],
                from,
                to,
            });
            last = Some(to);
        }
        field.into_moves()
    }

    /// An extent of a row's leg, where all of the row lies as it should.
    fn extent(&self, field: &Field<'_>, hop: Hop, row: &[u16]) -> Option<Segment> {
        let one = &self.classes[hop.class];
        let zone = &self.strands.zones[usize::from(row[hop.at])];
        let offsets = |at: usize| {
            let zone = &self.strands.zones[usize::from(row[at])];
            let pieces = field.held(one.volume, one.legs[at], zone.source);
            let pieces = pieces.flat_map(|piece| parts_in(piece, zone));
            pieces
                .filter_map(|piece| piece.offsets())
                .collect::<Areas>()
        };
        let mut common = offsets(hop.at).intersection(&one.offsets);
        for at in 0..one.legs.len() {
            common = common.intersection(&offsets(at));
        }
        let pieces = field.held(one.volume, one.legs[hop.at], zone.source);
        let mut found = pieces
            .flat_map(|piece| parts_in(piece, zone))
            .filter_map(|piece| {
                let offset = common.meeting(piece.offsets()?).next()?;
                let offset = offset.start().max(piece.offset);
                let start = piece.place.area.start() + (offset - piece.offset);
                Some(Segment {
                    source: zone.source,
                    area: Area::new(start, 1)?,
                })
            });
        found.next()
    }
}

fn parts_in(piece: &HeldPiece, zone: &Zone) -> Vec<HeldPiece> {
    let areas = zone.room.meeting(piece.place.area);
    areas.filter_map(|area| piece.within(area)).collect()
}
