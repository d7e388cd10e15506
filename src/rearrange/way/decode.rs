//! From amounts to moves: which runs leave, where exactly they go, and in which order.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{Area, Areas, HeldPiece, Move, Rearrangement, Segment};
use crate::rearrange::fields::Field;
use crate::rearrange::way::model::Model;
use crate::rearrange::way::strands::{Strand, Strands};
use crate::search::least_cost_flow::Flow;

/// Orders that are tried before anything is moved twice.
const ORDERS: usize = 12;

/// What is still to be done with a strand.
#[derive(Clone, Debug)]
struct Wish {
    strand: usize,
    runs: Vec<HeldPiece>,
    /// Zones with the extents that enter.
    entering: Vec<(usize, u64)>,
}

/// Moves, and what they had to go round.
pub(crate) struct Decoded {
    /// Moves that bring all to where a flow has it, each allowed when its turn comes; none where no such order was found,
    /// which says nothing about whether there is one.
    pub(crate) moves: Option<Vec<Move>>,
    /// Strands that stay in one piece, or keep apart from others, with the zones that had no place for them.
    pub(crate) unplaced: BTreeSet<(usize, usize)>,
}

/// The moves for a flow.
pub(crate) fn decode(
    state: &Rearrangement,
    strands: &Strands,
    model: &Model,
    flow: &Flow,
) -> Decoded {
    let wishes = wishes(strands, model, flow);
    let field = Field::of(state);
    let mut unplaced = BTreeSet::new();
    let attempts = (0..ORDERS).filter_map(|order| {
        let mut wishes = wishes.clone();
        arrange(strands, &mut wishes, order);
        let is_last = order + 1 == ORDERS;
        carried_out(strands, field.clone(), wishes, is_last, &mut unplaced)
    });
    // The first that moves nothing twice is as good as any.
    let wanted: u64 = wishes
        .iter()
        .flat_map(|wish| &wish.entering)
        .map(|(_, count)| count)
        .sum();
    let mut best: Option<Field<'_>> = None;
    for field in attempts {
        if best
            .as_ref()
            .is_none_or(|best| field.copied() < best.copied())
        {
            best = Some(field);
        }
        if best.as_ref().is_some_and(|best| best.copied() <= wanted) {
            break;
        }
    }
    Decoded {
        moves: best.map(Field::into_moves),
        unplaced,
    }
}

/// The runs that leave, and how much of each strand enters which zone.
fn wishes(strands: &Strands, model: &Model, flow: &Flow) -> Vec<Wish> {
    let mut entering: Vec<Vec<(usize, u64)>> = vec![Vec::new(); strands.strands.len()];
    let mut kept: Vec<Vec<(usize, u64)>> = entering.clone();
    for entry in &model.entries {
        let (Some(strand), count @ 1..) = (entry.strand, flow.through(entry.arc)) else {
            continue;
        };
        let list = if entry.is_kept {
            &mut kept
        } else {
            &mut entering
        };
        list[strand].push((entry.zone, count));
    }
    shared_out(model, flow, &mut entering);
    let all = strands.strands.iter().enumerate();
    let all = all.filter(|(_, strand)| !strand.is_locked);
    let wishes = all.map(|(number, strand)| Wish {
        strand: number,
        runs: leaving(strand, &kept[number]),
        entering: std::mem::take(&mut entering[number]),
    });
    wishes.filter(|wish| !wish.runs.is_empty()).collect()
}

/// What comes through hubs, shared out among the strands that use them: the largest first, to the zone that it fills best.
fn shared_out(model: &Model, flow: &Flow, entering: &mut [Vec<(usize, u64)>]) {
    for (hub, entries) in model.of_hub.iter().enumerate() {
        let entries = entries.iter().map(|&entry| &model.entries[entry]);
        let zones = entries.map(|entry| (entry.zone, flow.through(entry.arc)));
        let mut zones: Vec<(usize, u64)> = zones.filter(|(_, count)| *count > 0).collect();
        let users = model.to_hub.iter().enumerate();
        let users = users.filter_map(|(strand, to)| {
            let (arc, _) = to.filter(|(_, own)| *own == hub)?;
            Some((flow.through(arc), strand))
        });
        let mut users: Vec<(u64, usize)> = users.filter(|(count, _)| *count > 0).collect();
        users.sort_unstable_by_key(|&(count, strand)| (Reverse(count), strand));
        for (mut count, strand) in users {
            while count > 0 {
                let fits = zones.iter_mut().filter(|(_, left)| *left >= count);
                let best = match fits.min_by_key(|(zone, left)| (*left, *zone)) {
                    Some(best) => Some(best),
                    None => zones
                        .iter_mut()
                        .max_by_key(|(zone, left)| (*left, Reverse(*zone))),
                };
                let Some((zone, left)) = best else { break };
                let part = count.min(*left);
                if part == 0 {
                    break;
                }
                *left -= part;
                count -= part;
                entering[strand].push((*zone, part));
            }
        }
    }
}

/// The runs of a strand that leave: all where nothing may stay, and of the rest what is not kept, in few runs.
fn leaving(strand: &Strand, kept: &[(usize, u64)]) -> Vec<HeldPiece> {
    let mut runs = Vec::new();
    for (&zone, pieces) in &strand.parts {
        let kept: u64 = kept
            .iter()
            .filter(|(at, _)| *at == zone)
            .map(|(_, count)| count)
            .sum();
        let mut left = strand.held(zone).saturating_sub(kept);
        let mut pieces: Vec<&HeldPiece> = pieces.iter().collect();
        pieces.sort_by_key(|piece| piece.place.area.count());
        while left > 0 {
            // The shortest that covers what is left, else the longest.
            let covers = pieces
                .iter()
                .position(|piece| piece.place.area.count() >= left);
            let Some(index) = covers.or(pieces.len().checked_sub(1)) else {
                break;
            };
            let piece = pieces.remove(index);
            let count = piece.place.area.count().min(left);
            let area = Area::new(piece.place.area.start(), count);
            runs.extend(area.and_then(|area| piece.within(area)));
            left -= count;
        }
    }
    runs.sort_unstable_by_key(|run| run.offset);
    HeldPiece::joined(&runs)
}

/// Puts wishes into one of several orders.
fn arrange(strands: &Strands, wishes: &mut [Wish], order: usize) {
    let count = |wish: &Wish| -> u64 { wish.runs.iter().map(|run| run.place.area.count()).sum() };
    let is_whole = |wish: &Wish| strands.strands[wish.strand].is_whole;
    wishes.sort_by_key(|wish| (!is_whole(wish), Reverse(count(wish)), wish.strand));
    let half = wishes.len() / 2;
    match order {
        0 => {}
        1 => wishes.reverse(),
        2 => wishes.sort_by_key(|wish| wish.strand),
        3 => wishes.sort_by_key(|wish| Reverse(wish.strand)),
        _ => {
            wishes.rotate_left((order - 3) % wishes.len().max(1));
            if order.is_multiple_of(2) {
                wishes[half..].reverse();
            }
        }
    }
}

/// Carries out wishes as they can be; with staging where nothing else goes on.
fn carried_out<'s>(
    strands: &Strands,
    mut field: Field<'s>,
    mut wishes: Vec<Wish>,
    with_staging: bool,
    unplaced: &mut BTreeSet<(usize, usize)>,
) -> Option<Field<'s>> {
    let mut staged = 0;
    let most_staged = 2 * wishes.len();
    loop {
        wishes.retain(|wish| !wish.runs.is_empty());
        if wishes.is_empty() {
            return Some(field);
        }
        // What goes into an area in one piece before anything is cut.
        if round(strands, &mut field, &mut wishes, false)
            || round(strands, &mut field, &mut wishes, true)
        {
            continue;
        }
        for wish in &wishes {
            let strand = &strands.strands[wish.strand];
            let zones = wish.entering.iter().filter(|(_, amount)| *amount > 0);
            let without = zones.filter(|(zone, _)| {
                let source = strands.zones[*zone].source;
                let mut runs = wish.runs.iter();
                strand.is_whole
                    || runs.any(|run| !field.may_enter(strand.volume, strand.leg, run, source))
            });
            unplaced.extend(without.map(|(zone, _)| (wish.strand, *zone)));
        }
        if !with_staging
            || staged >= most_staged
            || !stage(strands, &mut field, &mut wishes, staged)
        {
            return None;
        }
        staged += 1;
    }
}

/// One move of each wish that has one; says whether there was any.
fn round(strands: &Strands, field: &mut Field<'_>, wishes: &mut [Wish], may_cut: bool) -> bool {
    let mut moved = false;
    for wish in wishes {
        while one(strands, field, wish, may_cut) {
            moved = true;
        }
    }
    moved
}

/// One move of a wish, if there is one.
fn one(strands: &Strands, field: &mut Field<'_>, wish: &mut Wish, may_cut: bool) -> bool {
    let strand = &strands.strands[wish.strand];
    for entering in 0..wish.entering.len() {
        let (zone, amount) = wish.entering[entering];
        let source = strands.zones[zone].source;
        let free = field.free(source).intersection(&strands.zones[zone].room);
        if free.is_empty() || amount == 0 {
            continue;
        }
        for index in 0..wish.runs.len() {
            let run = wish.runs[index];
            if !field.may_enter(strand.volume, strand.leg, &run, source) {
                continue;
            }
            let wanted = run.place.area.count().min(amount);
            let Some(area) = fitting(&free, wanted) else {
                continue;
            };
            let count = area.count().min(wanted);
            let is_cut = count < run.place.area.count();
            // A run that is longer than what enters has to be cut anyway.
            let is_forced = count == amount && !strand.is_whole;
            if is_cut && (strand.is_whole || !(may_cut || is_forced)) {
                continue;
            }
            send(field, strand, wish, index, source, area, count);
            wish.entering[entering].1 -= count;
            return true;
        }
    }
    false
}

/// The shortest area that holds so much, else the longest.
fn fitting(free: &Areas, wanted: u64) -> Option<Area> {
    let fits = free.iter().filter(|area| area.count() >= wanted);
    let shortest = fits.min_by_key(|area| (area.count(), area.start()));
    shortest.or_else(|| {
        free.iter()
            .max_by_key(|area| (area.count(), Reverse(area.start())))
    })
}

/// Moves the front of a run of a wish.
fn send(
    field: &mut Field<'_>,
    strand: &Strand,
    wish: &mut Wish,
    index: usize,
    source: usize,
    area: Area,
    count: u64,
) {
    let run = wish.runs.remove(index);
    let (from, rest) = run.place.area.split(count);
    let (to, _) = area.split(count);
    field.make(Move {
        volume: strand.volume,
        leg: strand.leg,
        from: Segment {
            source: run.place.source,
            area: from,
        },
        to: Segment { source, area: to },
    });
    if let Some(rest) = rest.and_then(|rest| run.within(rest)) {
        wish.runs.insert(index, rest);
    }
}

/// Moves a run out of the way for a while, the shortest first; says whether one can be.
fn stage(strands: &Strands, field: &mut Field<'_>, wishes: &mut [Wish], turn: usize) -> bool {
    let mut runs: Vec<(u64, usize, usize)> = Vec::new();
    for (number, wish) in wishes.iter().enumerate() {
        for (index, run) in wish.runs.iter().enumerate() {
            runs.push((run.place.area.count(), number, index));
        }
    }
    runs.sort_unstable();
    let count = runs.len().max(1);
    runs.rotate_left(turn % count);
    for (extents, number, index) in runs {
        let wish = &mut wishes[number];
        let strand = &strands.strands[wish.strand];
        let run = wish.runs[index];
        let zones = strands.zones.iter().filter(|zone| {
            zone.source != run.place.source
                && field.may_enter(strand.volume, strand.leg, &run, zone.source)
        });
        let areas = zones.filter_map(|zone| {
            let free = field.free(zone.source).intersection(&zone.room);
            Some((zone.source, fitting(&free, extents)?))
        });
        let best = areas.max_by_key(|(source, area)| (area.count().min(extents), Reverse(*source)));
        let Some((source, area)) = best else { continue };
        let part = area.count().min(extents);
        if strand.is_whole && part < extents {
            continue;
        }
        send(field, strand, wish, index, source, area, part);
        let to = Segment {
            source,
            area: area.split(part).0,
        };
        wish.runs.push(HeldPiece {
            offset: run.offset,
            place: to,
        });
        return true;
    }
    false
}
