//! All legs of a request at once, where it matters to each at which offsets the others lie where.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Cuts, Policy, Separation};
use crate::search::ruin_and_recreate::choice::sources;
use crate::search::ruin_and_recreate::leg::one_leg;
use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::state::{Piece, Placed, State};

/// Intervals that are cut for one request at most.
const MOST_INTERVALS: usize = 256;

/// Places all legs of the request; nothing is taken where that fails.
pub(crate) fn place(state: &mut State<'_>, unit: usize, noise: &mut Noise) -> Option<Placed> {
    let of = state.model.units[unit];
    let request = state.model.wishes[of.request].request;
    let has_front = request.front_extents() > 0;
    let wraps = request.separation() == Separation::Segment
        && request.policy == Policy::Normal
        && request.partition_by_tags.is_empty()
        && request.avoid.is_empty()
        && !has_front;
    if state.likes_few_fragments() && !noise.happens(40) {
        // Where sources count more, each leg on its own uses up areas of one.
        let placed = if state.likes_few_sources() && request.avoid.is_empty() {
            leg_by_leg(state, unit, noise, whole)
        } else if wraps {
            wrapped(state, unit, noise)
        } else {
            None
        };
        if placed.is_some() {
            return placed;
        }
    }
    if request.cuts == Cuts::Together && request.avoid.is_empty() && !has_front {
        let striped = striped(state, unit, noise);
        if striped.is_some() {
            return striped;
        }
    }
    if request.avoid.is_empty() {
        let apart = leg_by_leg(state, unit, noise, whole);
        if apart.is_some() {
            return apart;
        }
        if wraps && let Some(placed) = wrapped(state, unit, noise) {
            return Some(placed);
        }
    }
    leg_by_leg(state, unit, noise, by_offsets)
}

/// Places one leg beside those before it.
type PlaceLeg = fn(&mut State<'_>, usize, usize, &[Vec<Piece>], &mut Noise) -> Option<Vec<Piece>>;

fn leg_by_leg(
    state: &mut State<'_>,
    unit: usize,
    noise: &mut Noise,
    place_leg: PlaceLeg,
) -> Option<Placed> {
    let legs = state.model.wishes[state.model.units[unit].request]
        .request
        .legs();
    let mut placed: Placed = Vec::with_capacity(legs);
    for leg in 0..legs {
        match place_leg(state, unit, leg, &placed, noise) {
            Some(pieces) => placed.push(pieces),
            None => {
                state.give_back_all(&placed);
                return None;
            }
        }
    }
    Some(placed)
}

/// A leg on sources that no other leg uses.
fn whole(
    state: &mut State<'_>,
    unit: usize,
    leg: usize,
    placed: &[Vec<Piece>],
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let of = state.model.units[unit];
    let open = state.open(unit, leg, placed, false);
    one_leg(state, of.request, leg, &open, of.extents, noise)
}

/// A leg from its first offset to its last, off the sources that are to be avoided there or that another
/// leg is on there: what reaches the end and fits best, else what reaches farthest.
fn by_offsets(
    state: &mut State<'_>,
    unit: usize,
    leg: usize,
    placed: &[Vec<Piece>],
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let model = state.model;
    let of = model.units[unit];
    let wish = &model.wishes[of.request];
    let request = wish.request;
    let front = request.front_extents();
    let may_share = request.separation() == Separation::Segment;
    let mut open = state.open(unit, leg, placed, may_share);
    let mut busy: Vec<Vec<(u64, u64)>> = vec![Vec::new(); model.problem.sources().len()];
    for avoidance in &request.avoid {
        for &source in &avoidance.sources {
            busy[source].push((avoidance.offsets.start(), avoidance.offsets.end()));
        }
    }
    if may_share {
        for pieces in placed {
            let mut offset = 0;
            for (index, piece) in pieces.iter().enumerate() {
                let extents = piece.extents - if index == 0 { front } else { 0 };
                busy[state.source(piece.cell)].push((offset, offset + extents));
                offset += extents;
            }
        }
    }
    // How far a leg may stay on a source from an offset on.
    let reach = |source: usize, offset: u64| {
        let mut end = wish.extents;
        for &(from, to) in &busy[source] {
            if offset < to {
                end = end.min(from.max(offset));
            }
        }
        end - offset
    };
    if matches!(request.policy, Policy::Cling | Policy::ClingByTags)
        && wish.previous[leg].is_empty()
    {
        let mut homes: Vec<(u128, usize, usize)> = Vec::new();
        for (range, total) in sources(state, &open) {
            let (from, to) = (range.start, range.end);
            if total >= of.extents && reach(state.source(open[from]), 0) == wish.extents {
                homes.push((noise.spoil(total), from, to));
            }
        }
        let (_, from, to) = homes.into_iter().min()?;
        open = open[from..to].to_vec();
    }
    let goes_on = wish.goes_on[leg].filter(|cell| front == 0 && !state.is_started[*cell]);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut offset = 0;
    while offset < wish.extents {
        let missing = wish.extents - offset;
        let in_front = if offset == 0 { front } else { 0 };
        let mut best: Option<((bool, u128), usize, u64)> = None;
        for &cell in &open {
            let left = state.left[cell];
            if left <= in_front || noise.overlooks() {
                continue;
            }
            let is_next = offset == 0 && goes_on == Some(cell);
            if request.policy == Policy::Contiguous && !wish.previous[leg].is_empty() && !is_next {
                continue;
            }
            let far = reach(state.source(cell), offset).min(left - in_front);
            let key = if is_next && far > 0 {
                (false, 0)
            } else if far == missing {
                (false, 1 + noise.spoil(left - in_front - missing))
            } else if far > 0 && request.policy != Policy::Contiguous {
                (true, noise.spoil(wish.extents - far))
            } else {
                continue;
            };
            if best.is_none_or(|(held, ..)| key < held) {
                best = Some((key, cell, far));
            }
        }
        let Some((_, cell, far)) = best else {
            pieces.iter().for_each(|piece| state.give_back(*piece));
            return None;
        };
        let piece = match offset == 0 && goes_on == Some(cell) {
            true => state.take_next(cell, far),
            false => state.take_up_to(cell, far + in_front),
        };
        pieces.push(piece);
        offset += far;
    }
    Some(pieces)
}

/// Legs that are cut wherever a source ends (McNaughton's wrap-around rule, Management Science 6, 1959):
/// no source gives more than one leg has, so that none is used twice at an offset.
fn wrapped(state: &mut State<'_>, unit: usize, noise: &mut Noise) -> Option<Placed> {
    let of = state.model.units[unit];
    let wish = &state.model.wishes[of.request];
    let open = state.open(unit, 0, &[], true);
    let needed = of.extents * wish.request.legs() as u64;
    let stretches = match state.likes_few_fragments() {
        true => used_up(state, &open, of.extents, needed, noise)?,
        false => largest(state, &open, of.extents, needed, noise)?,
    };
    let (mut placed, mut leg): (Placed, Vec<Piece>) = (Vec::new(), Vec::new());
    let mut room = of.extents;
    for (cell, mut stretch) in stretches {
        while stretch > 0 {
            let piece = state.take_up_to(cell, stretch.min(room));
            leg.push(piece);
            stretch -= piece.extents;
            room -= piece.extents;
            if room == 0 {
                placed.push(std::mem::take(&mut leg));
                room = of.extents;
            }
        }
    }
    Some(placed)
}

/// So many extents, on few sources: those with most, of each up to `most`; cell and extents, source by source.
fn largest(
    state: &State<'_>,
    open: &[usize],
    most: u64,
    mut missing: u64,
    noise: &mut Noise,
) -> Option<Vec<(usize, u64)>> {
    let mut offers = Vec::new();
    for (range, total) in sources(state, open) {
        let given = total.min(most);
        offers.push((Reverse(noise.spoil(given)), given, range.start, range.end));
    }
    offers.sort_unstable();
    let mut stretches = Vec::new();
    for (_, given, from, to) in offers {
        let mut given = given.min(missing);
        missing -= given;
        let mut cells = open[from..to].to_vec();
        cells.sort_unstable_by_key(|&cell| (Reverse(state.left[cell]), cell));
        for (index, &longest) in cells.iter().enumerate() {
            if given == 0 {
                break;
            }
            // The shortest that holds the rest, if any does.
            let holding = cells[index..]
                .iter()
                .take_while(|&&c| state.left[c] >= given);
            let cell = holding.last().copied().unwrap_or(longest);
            let stretch = given.min(state.left[cell]);
            given -= stretch;
            stretches.push((cell, stretch));
        }
    }
    (missing == 0).then_some(stretches)
}

/// So many extents with as many cells used up as can be: the shortest whole, as far as `most` of each source and
/// all that is missing go, then parts of the longest.
fn used_up(
    state: &State<'_>,
    open: &[usize],
    most: u64,
    mut missing: u64,
    noise: &mut Noise,
) -> Option<Vec<(usize, u64)>> {
    let mut keyed: Vec<(u128, usize)> = open
        .iter()
        .map(|&cell| (noise.spoil(state.left[cell]), cell))
        .collect();
    keyed.sort_unstable();
    let mut room: BTreeMap<usize, u64> = BTreeMap::new();
    let mut given: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let whole = keyed.iter().map(|&(_, cell)| (cell, true));
    let parts = keyed.iter().rev().map(|&(_, cell)| (cell, false));
    for (cell, is_whole) in whole.chain(parts) {
        let source = state.source(cell);
        let room = room.entry(source).or_insert(most);
        let given = given.entry((source, cell)).or_default();
        let rest = state.left[cell] - *given;
        let taken = rest.min(*room).min(missing);
        if !is_whole || taken == rest {
            *given += taken;
            *room -= taken;
            missing -= taken;
        }
    }
    let given = given.into_iter().filter(|(_, extents)| *extents > 0);
    let given = given.map(|((_, cell), extents)| (cell, extents));
    (missing == 0).then(|| given.collect())
}

/// Intervals one after another, each as long as it can be: first where all legs go on, then on the cells
/// that hold it and are shortest.
fn striped(state: &mut State<'_>, unit: usize, noise: &mut Noise) -> Option<Placed> {
    let model = state.model;
    let of = model.units[unit];
    let wish = &model.wishes[of.request];
    let legs = wish.request.legs();
    let mut placed: Placed = vec![Vec::new(); legs];
    let mut missing = of.extents;
    let goes_on: Option<Vec<usize>> = wish.goes_on.iter().copied().collect();
    if let Some(cells) = goes_on {
        let sources: BTreeSet<usize> = cells.iter().map(|&c| state.source(c)).collect();
        let is_apart = sources.len() == legs || wish.request.separation() == Separation::None;
        let longest = cells
            .iter()
            .map(|&cell| state.left[cell])
            .min()
            .unwrap_or(0)
            .min(missing);
        let mut distinct = cells.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if is_apart
            && distinct.len() == legs
            && longest > 0
            && cells.iter().all(|&c| !state.is_started[c])
            && (0..legs).all(|leg| state.open(unit, leg, &[], false).contains(&cells[leg]))
        {
            for (leg, &cell) in cells.iter().enumerate() {
                placed[leg].push(state.take_next(cell, longest));
            }
            missing -= longest;
        }
    }
    for _ in 0..MOST_INTERVALS {
        if missing == 0 {
            return Some(placed);
        }
        let Some((length, cells)) = interval(state, unit, &placed, missing, noise) else {
            break;
        };
        for (leg, cell) in cells.into_iter().enumerate() {
            placed[leg].push(state.take_up_to(cell, length));
        }
        missing -= length;
    }
    state.give_back_all(&placed);
    None
}

/// The next interval: for each leg a cell, on different sources unless legs may share them.
fn interval(
    state: &mut State<'_>,
    unit: usize,
    placed: &[Vec<Piece>],
    missing: u64,
    noise: &mut Noise,
) -> Option<(u64, Vec<usize>)> {
    let wish = &state.model.wishes[state.model.units[unit].request];
    let legs = wish.request.legs();
    let is_alike = wish.home.iter().all(Option::is_none)
        && wish.request.policy == Policy::Normal
        && wish.request.partition_by_tags.is_empty()
        && wish.request.separation() == Separation::Segment;
    if is_alike {
        // By source the longest cell; the legs do not differ.
        let open = state.open(unit, 0, &[], true);
        let longest = sources(state, &open).map(|(range, _)| {
            open[range]
                .iter()
                .map(|&cell| state.left[cell])
                .max()
                .unwrap_or(0)
        });
        let mut longest: Vec<u64> = longest.collect();
        longest.sort_unstable_by_key(|length| Reverse(*length));
        let length = (*longest.get(legs - 1)?).min(missing);
        let mut fitting: Vec<(u128, usize)> = Vec::new();
        for (range, _) in sources(state, &open) {
            let holds = open[range]
                .iter()
                .filter(|&&cell| state.left[cell] >= length);
            if let Some(&cell) = holds.min_by_key(|&&cell| (state.left[cell], cell)) {
                fitting.push((noise.spoil(state.left[cell] - length), cell));
            }
        }
        fitting.sort_unstable();
        let cells: Vec<usize> = fitting
            .into_iter()
            .take(legs)
            .map(|(_, cell)| cell)
            .collect();
        return (length > 0 && cells.len() == legs).then_some((length, cells));
    }
    let mut cells: Vec<usize> = Vec::with_capacity(legs);
    let mut inside: Vec<Vec<Piece>> = placed.to_vec();
    let may_share = wish.request.separation() == Separation::Segment;
    for leg in 0..legs {
        let open = state.open(unit, leg, &inside, may_share);
        let here: BTreeSet<usize> = cells.iter().map(|&cell| state.source(cell)).collect();
        let mut best: Option<(u128, usize)> = None;
        for &cell in &open {
            let clings = match wish.request.policy {
                Policy::Cling | Policy::ClingByTags if wish.home[leg].is_none() => {
                    let first = placed[leg].first();
                    first.is_none_or(|first| state.source(first.cell) == state.source(cell))
                }
                Policy::Contiguous
                | Policy::Cling
                | Policy::ClingByTags
                | Policy::Normal
                | Policy::Anywhere => true,
            };
            let is_apart = wish.request.separation() == Separation::None
                || !here.contains(&state.source(cell));
            if cells.contains(&cell) || !clings || !is_apart {
                continue;
            }
            let held = state.left[cell];
            let key = if held >= missing {
                u128::from(u64::MAX) * 200 - noise.spoil(held - missing)
            } else {
                noise.spoil(held)
            };
            if best.is_none_or(|(most, _)| key > most) {
                best = Some((key, cell));
            }
        }
        let (_, cell) = best?;
        inside[leg].push(Piece {
            cell,
            extents: 1,
            goes_on: false,
        });
        cells.push(cell);
    }
    let length = cells
        .iter()
        .map(|&cell| state.left[cell])
        .min()?
        .min(missing);
    (length > 0).then_some((length, cells))
}
