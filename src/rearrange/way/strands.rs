//! What is held without its positions: how much of what may be cut freely lies in which zone of which source.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    Area, Areas, Failing, HeldPiece, HeldVolume, Policy, Rearrangement, Request, Separation, Size,
};
use crate::rearrange::forced::{parted, place};

/// The part of a source where something may lie in the end, or where nothing may.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) source: usize,
    /// Whether something may lie here in the end.
    pub(crate) is_kept: bool,
    /// Whether nothing may be moved here.
    pub(crate) is_closed: bool,
    /// All extents of it, free or held.
    pub(crate) room: Areas,
    /// How many of these something may hold in the end.
    pub(crate) capacity: u64,
}

/// Extents of one leg that are alike: where each of them lies is all that matters.
#[derive(Clone, Debug)]
pub(crate) struct Strand {
    pub(crate) volume: usize,
    pub(crate) leg: usize,
    pub(crate) column: usize,
    /// Those that it keeps apart from.
    pub(crate) group: Option<usize>,
    /// Its pieces by zone.
    pub(crate) parts: BTreeMap<usize, Vec<HeldPiece>>,
    pub(crate) extents: u64,
    pub(crate) is_locked: bool,
    /// Whether all of it stays where it is, or goes to one zone.
    pub(crate) is_whole: bool,
    /// On how many sources it may be.
    pub(crate) most_sources: Option<usize>,
    /// Of what is held nowhere yet, and costs nothing to enter: the sources that it may enter.
    pub(crate) wanted: Option<BTreeSet<usize>>,
}

/// Strands that keep apart.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) apart: Apart,
    /// By source or domain the columns that are together there now, which may stay so.
    pub(crate) together: BTreeMap<PlaceKey, BTreeSet<usize>>,
}

/// How strands keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Apart {
    /// Columns share no place.
    Columns,
    /// At each offset of so many columns share none.
    Offsets(u64),
}

/// A place, for maps.
pub(crate) type PlaceKey = usize;

/// Everything that is held, as strands.
#[derive(Clone, Debug)]
pub(crate) struct Strands {
    /// That where something may lie has the number of its source.
    pub(crate) zones: Vec<Zone>,
    pub(crate) strands: Vec<Strand>,
    pub(crate) groups: Vec<Group>,
    /// By source the number of its place.
    pub(crate) place_of: Vec<PlaceKey>,
    /// By place its sources.
    pub(crate) places: Vec<Vec<usize>>,
}

impl Strands {
    pub(crate) fn of(state: &Rearrangement) -> Strands {
        let (place_of, places) = places(state);
        let mut all = Strands {
            zones: zones(state),
            strands: Vec::new(),
            groups: Vec::new(),
            place_of,
            places,
        };
        let rear = rear_of(&all.zones, state.sources.len());
        let barred = state.barred();
        let cut = |piece: &HeldPiece| -> Vec<(usize, HeldPiece)> {
            let source = piece.place.source;
            let (behind, before) = parted(piece, &barred[source]);
            let before = before.into_iter().map(|part| (source, part));
            let behind = behind.into_iter().zip(std::iter::repeat(rear[source]));
            let behind = behind.filter_map(|(part, zone)| Some((zone?, part)));
            before.chain(behind).collect()
        };
        for (volume, held) in state.volumes.iter().enumerate() {
            match held.separation {
                Separation::Segment => all.striped(volume, held, cut),
                Separation::Leg | Separation::None => all.apart(volume, held, cut),
            }
        }
        for group in &mut all.groups {
            if state.heals() && group.apart == Apart::Columns {
                group.together.clear();
            }
        }
        all
    }

    /// Legs that keep apart as a whole, or not at all: each is one strand.
    fn apart(
        &mut self,
        volume: usize,
        held: &HeldVolume,
        cut: impl Fn(&HeldPiece) -> Vec<(usize, HeldPiece)>,
    ) {
        let columns: BTreeSet<usize> = held.legs.iter().map(|leg| leg.column).collect();
        let keeps_apart = held.separation == Separation::Leg && columns.len() > 1;
        let group = keeps_apart.then(|| self.group(held, Apart::Columns, None));
        for (index, leg) in held.legs.iter().enumerate() {
            let strand = |pieces: &[HeldPiece]| Strand {
                group,
                ..self.strand(volume, index, held, pieces, &cut)
            };
            let (whole, loose): (Vec<HeldPiece>, Vec<HeldPiece>) = leg
                .runs()
                .into_iter()
                .partition(|run| is_whole(held.policy, run));
            let whole: Vec<Strand> = whole.into_iter().map(|run| strand(&[run])).collect();
            let loose = (!loose.is_empty()).then(|| strand(&loose));
            self.strands.extend(whole.into_iter().chain(loose));
        }
    }

    /// Legs that keep apart at each offset: a strand for each stretch in which no leg changes its zone.
    fn striped(
        &mut self,
        volume: usize,
        held: &HeldVolume,
        cut: impl Fn(&HeldPiece) -> Vec<(usize, HeldPiece)>,
    ) {
        if held.policy == Policy::Contiguous {
            for (index, leg) in held.legs.iter().enumerate() {
                for run in leg.runs() {
                    let strand = self.strand(volume, index, held, &[run], &cut);
                    self.strands.push(strand);
                }
            }
            return;
        }
        let mut parts: Vec<(usize, HeldPiece)> = Vec::new();
        for (index, leg) in held.legs.iter().enumerate() {
            let cut = leg.pieces.iter().flat_map(&cut);
            parts.extend(cut.map(|(_, part)| (index, part)));
        }
        let ends = parts
            .iter()
            .flat_map(|(_, part)| [part.offset, part.offset + part.place.area.count()]);
        let ends: BTreeSet<u64> = ends.collect();
        let mut stretches: BTreeMap<u64, Vec<(usize, HeldPiece)>> = BTreeMap::new();
        for (leg, part) in parts {
            let (first, end) = (part.offset, part.offset + part.place.area.count());
            let mut start = first;
            for &next in ends.range(first + 1..=end) {
                let from = part.place.area.start() + (start - first);
                let area = Area::new(from, next - start);
                let piece = area.and_then(|area| part.within(area));
                let stretch = stretches.entry(start).or_default();
                stretch.extend(piece.map(|piece| (leg, piece)));
                start = next;
            }
        }
        for legs in stretches.into_values() {
            let length = legs
                .first()
                .map_or(0, |(_, piece)| piece.place.area.count());
            let group =
                (legs.len() > 1).then(|| self.group(held, Apart::Offsets(length), Some(&legs)));
            for (leg, piece) in legs {
                let strand = Strand {
                    group,
                    most_sources: None,
                    ..self.strand(volume, leg, held, &[piece], &cut)
                };
                self.strands.push(strand);
            }
        }
    }

    fn group(
        &mut self,
        held: &HeldVolume,
        apart: Apart,
        only: Option<&[(usize, HeldPiece)]>,
    ) -> usize {
        let mut together: BTreeMap<PlaceKey, BTreeSet<usize>> = BTreeMap::new();
        let mut add = |leg: usize, piece: &HeldPiece| {
            let columns = together.entry(self.place_of[piece.place.source]);
            columns.or_default().insert(held.legs[leg].column);
        };
        match only {
            Some(only) => only.iter().for_each(|(leg, piece)| add(*leg, piece)),
            None => {
                for (leg, one) in held.legs.iter().enumerate() {
                    one.pieces.iter().for_each(|piece| add(leg, piece));
                }
            }
        }
        together.retain(|_, columns| columns.len() > 1);
        self.groups.push(Group { apart, together });
        self.groups.len() - 1
    }

    fn strand(
        &self,
        volume: usize,
        leg: usize,
        held: &HeldVolume,
        pieces: &[HeldPiece],
        cut: impl Fn(&HeldPiece) -> Vec<(usize, HeldPiece)>,
    ) -> Strand {
        let mut parts: BTreeMap<usize, Vec<HeldPiece>> = BTreeMap::new();
        for (zone, part) in pieces.iter().flat_map(cut) {
            parts.entry(zone).or_default().push(part);
        }
        let one = &held.legs[leg];
        let sources: BTreeSet<usize> = one.pieces.iter().map(|piece| piece.place.source).collect();
        let clings = matches!(held.policy, Policy::Cling | Policy::ClingByTags);
        Strand {
            volume,
            leg,
            column: one.column,
            group: None,
            extents: pieces.iter().map(|piece| piece.place.area.count()).sum(),
            parts,
            is_locked: one.locked.is_some(),
            is_whole: pieces.iter().any(|piece| is_whole(held.policy, piece)),
            most_sources: clings.then_some(sources.len()),
            wanted: None,
        }
    }

    /// Adds the legs of a request that is to have room: of as many volumes as there are, one more.
    pub(crate) fn want(&mut self, volume: usize, request: &Request, sources: &BTreeSet<usize>) {
        if !matches!(request.size, Size::Exactly(_)) || request.value.is_some() {
            return;
        }
        let metadata = request.metadata.map_or(0, |companion| companion.extents);
        let (length, is_single) = (
            request.leg_extents(),
            self.places.len() == self.place_of.len(),
        );
        let apart = match request.separation() {
            Separation::Leg => Some(Apart::Columns),
            Separation::Segment => Some(Apart::Offsets(length)),
            Separation::None => None,
        };
        // Where domains are kept apart a place is no source, and requests keep apart by sources.
        let group = apart
            .filter(|_| is_single && request.legs() > 1)
            .map(|apart| {
                self.groups.push(Group {
                    apart,
                    together: BTreeMap::new(),
                });
                self.groups.len() - 1
            });
        let strand = |leg: usize, extents: u64, group: Option<usize>| Strand {
            volume,
            leg,
            column: leg,
            group,
            parts: BTreeMap::new(),
            extents,
            is_locked: false,
            is_whole: false,
            most_sources: matches!(request.policy, Policy::Contiguous).then_some(1),
            wanted: Some(sources.clone()),
        };
        let is_front = request.front_extents() > 0 && request.separation() == Separation::Leg;
        let mut beside = match request.log {
            Some(log) => log.extents.saturating_mul(log.count),
            None => 0,
        };
        for leg in 0..request.legs() {
            let own = if is_front { metadata } else { 0 };
            beside = beside.saturating_add(metadata - own);
            self.strands.push(strand(leg, length + own, group));
        }
        if beside > 0 {
            let beside = Strand {
                most_sources: None,
                ..strand(0, beside, None)
            };
            self.strands.push(beside);
        }
    }
}

impl Strand {
    /// How many extents of it lie in a zone.
    pub(crate) fn held(&self, zone: usize) -> u64 {
        let pieces = self.parts.get(&zone).into_iter().flatten();
        pieces.map(|piece| piece.place.area.count()).sum()
    }
}

impl Group {
    /// Whether two columns may be at a place together.
    pub(crate) fn allows(&self, place: PlaceKey, one: usize, other: usize) -> bool {
        one == other
            || self
                .together
                .get(&place)
                .is_some_and(|columns| columns.contains(&one) && columns.contains(&other))
    }
}

/// Whether a run stays one, wherever it goes.
fn is_whole(policy: Policy, run: &HeldPiece) -> bool {
    policy == Policy::Contiguous && run.place.area.count() > 1
}

/// The number of the place of each source, and the sources of each.
fn places(state: &Rearrangement) -> (Vec<PlaceKey>, Vec<Vec<usize>>) {
    let mut numbers: BTreeMap<Failing<'_>, PlaceKey> = BTreeMap::new();
    let mut place_of = Vec::with_capacity(state.sources.len());
    let mut places: Vec<Vec<usize>> = Vec::new();
    for source in 0..state.sources.len() {
        let next = numbers.len();
        let number = *numbers.entry(place(state, source)).or_insert(next);
        if number == places.len() {
            places.push(Vec::new());
        }
        places[number].push(source);
        place_of.push(number);
    }
    (place_of, places)
}

fn zones(state: &Rearrangement) -> Vec<Zone> {
    let mut held: Vec<Vec<Area>> = vec![Vec::new(); state.sources.len()];
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    for piece in legs.flat_map(|leg| &leg.pieces) {
        held[piece.place.source].push(piece.place.area);
    }
    let (barred, spared) = (state.barred(), state.spared());
    let zone = |source: usize, room: Areas, is_kept: bool| Zone {
        source,
        is_kept,
        is_closed: state.closed.contains(&source),
        capacity: match is_kept {
            true => room.total().saturating_sub(spared[source]),
            false => 0,
        },
        room,
    };
    let (mut kept, mut rear) = (Vec::new(), Vec::new());
    for (source, held) in held.into_iter().enumerate() {
        let room = state.sources[source]
            .free
            .union(&held.into_iter().collect());
        if !barred[source].is_empty() {
            rear.push(zone(source, room.intersection(&barred[source]), false));
        }
        kept.push(zone(source, room.difference(&barred[source]), true));
    }
    kept.extend(rear);
    kept
}

/// By source the number of the zone where nothing may lie in the end.
fn rear_of(zones: &[Zone], sources: usize) -> Vec<Option<usize>> {
    let mut rear = vec![None; sources];
    for (number, zone) in zones.iter().enumerate() {
        if !zone.is_kept {
            rear[zone.source] = Some(number);
        }
    }
    rear
}
