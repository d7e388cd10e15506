//! Where one leg goes in what is left: best fit, else the longest cells.

use std::cmp::Reverse;
use std::ops::Range;

use crate::core::{Policy, Separation};
use crate::search::ruin_and_recreate::choice::{Next, best_fit, sources};
use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::state::{Piece, State};
use crate::search::ruin_and_recreate::used_up::{shortest_whole, whole_cells};

/// The pieces of one leg on cells that are open to it, the metadata in front of it included, which takes
/// them; nothing is taken where it fails.
pub(crate) fn one_leg(
    state: &mut State<'_>,
    request: usize,
    leg: usize,
    open: &[usize],
    need: u64,
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let model = state.model;
    let wish = &model.wishes[request];
    let front = wish.request.front_extents();
    let goes_on = wish.goes_on[leg]
        .filter(|cell| front == 0 && open.contains(cell) && !state.is_started[*cell]);
    let is_new = wish.previous[leg].is_empty();
    match wish.request.policy {
        Policy::Contiguous if !is_new => {
            let cell = goes_on.filter(|&cell| state.left[cell] >= need)?;
            Some(vec![state.take_next(cell, need)])
        }
        Policy::Contiguous => best_fit(state, open, need, &[], noise).map(|piece| vec![piece]),
        Policy::Cling if is_new => one_source(state, open, need, front, noise),
        Policy::ClingByTags if is_new => one_source(state, open, need, front, noise)
            .or_else(|| one_tag(state, request, open, need, front, noise)),
        Policy::Cling | Policy::ClingByTags | Policy::Normal | Policy::Anywhere => {
            let likes_sources = state.likes_few_sources();
            let by_source = wish.request.separation() != Separation::None
                && goes_on.is_none()
                && noise.happens(if likes_sources { 80 } else { 15 })
                || noise.hundredths == 0 && likes_sources;
            let uses_up = by_source && state.likes_few_fragments();
            if uses_up
                && goes_on.is_none()
                && !noise.happens(30)
                && let Some(pieces) = one_source(state, open, need, front, noise)
            {
                return Some(pieces);
            }
            let pieces = fill(state, open, need, front, goes_on, by_source, noise)?;
            match uses_up {
                // Of the same sources other areas.
                true => {
                    pieces.iter().for_each(|piece| state.give_back(*piece));
                    let near = open.iter().copied();
                    let near = near.filter(|&cell| state.is_near(&pieces, cell));
                    let near: Vec<usize> = near.collect();
                    fill(state, &near, need, front, goes_on, false, noise)
                }
                false => Some(pieces),
            }
        }
    }
}

/// Cells of one leg: where it goes on, then the one that holds all that is missing, else the longest.
///
/// The first piece is longer than `front`. With `by_source` whole sources are filled one after another.
fn fill(
    state: &mut State<'_>,
    open: &[usize],
    need: u64,
    front: u64,
    goes_on: Option<usize>,
    by_source: bool,
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut missing = need;
    if let Some(cell) = goes_on
        && state.left[cell] > 0
        && !noise.happens(10)
    {
        let piece = state.take_next(cell, missing);
        missing -= piece.extents;
        pieces.push(piece);
    }
    let uses_up = state.likes_few_fragments() && !noise.happens(30);
    let looks_for_whole = uses_up || state.is_tight() && noise.happens(5);
    if missing > 0 && pieces.is_empty() && looks_for_whole {
        let exact = match uses_up {
            true => shortest_whole(state, open, missing, noise),
            false => whole_cells(state, open, missing, noise),
        };
        for cell in exact {
            let piece = state.take_up_to(cell, missing);
            missing -= piece.extents;
            pieces.push(piece);
        }
        // The metadata lie in front of the longest.
        pieces.sort_unstable_by_key(|piece| (Reverse(piece.extents), piece.cell));
        if pieces.first().is_some_and(|first| first.extents <= front) {
            pieces.drain(..).for_each(|piece| state.give_back(piece));
            missing = need;
        }
    }
    let mut next = Next::of(state, open, by_source);
    while missing > 0 {
        let least = if pieces.is_empty() { front } else { 0 };
        let piece = match state.looks > state.most_looks {
            true => None,
            false => next.piece(state, &pieces, missing, least, noise),
        };
        let Some(piece) = piece else {
            pieces.iter().for_each(|piece| state.give_back(*piece));
            return None;
        };
        missing -= piece.extents;
        pieces.push(piece);
    }
    Some(pieces)
}

/// A leg that stays on one source: the one where it needs the fewest areas, or uses up the most where that counts for
/// more, and leaves the least.
fn one_source(
    state: &mut State<'_>,
    open: &[usize],
    need: u64,
    front: u64,
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let mut best: Option<((usize, u128), Range<usize>)> = None;
    state.looks += open.len() as u64;
    for (range, total) in sources(state, open) {
        let longest = open[range.clone()]
            .iter()
            .map(|&cell| state.left[cell])
            .max();
        if total < need || longest.is_none_or(|longest| longest <= front) || noise.overlooks() {
            continue;
        }
        let cells = &open[range.clone()];
        let first = match state.likes_few_fragments() {
            true => usize::MAX - areas_used_up(state, cells, need),
            false => areas_needed(state, cells, need),
        };
        let key = (first, noise.spoil(total - need));
        if best.as_ref().is_none_or(|(held, _)| key < *held) {
            best = Some((key, range));
        }
    }
    let (_, range) = best?;
    fill(state, &open[range], need, front, None, false, noise)
}

/// How many of the shortest cells so much uses up.
fn areas_used_up(state: &State<'_>, cells: &[usize], need: u64) -> usize {
    let mut lengths: Vec<u64> = cells.iter().map(|&cell| state.left[cell]).collect();
    lengths.sort_unstable();
    let mut sum = 0;
    let is_used_up = |length: &&u64| {
        sum += **length;
        sum <= need
    };
    lengths.iter().take_while(is_used_up).count()
}

/// How many of the longest cells hold so much.
fn areas_needed(state: &State<'_>, cells: &[usize], need: u64) -> usize {
    let mut lengths: Vec<u64> = cells.iter().map(|&cell| state.left[cell]).collect();
    lengths.sort_unstable_by_key(|length| Reverse(*length));
    let mut sum = 0;
    let enough = lengths.iter().position(|length| {
        sum += length;
        sum >= need
    });
    enough.map_or(usize::MAX, |at| at + 1)
}

/// A leg on sources that hang together by a tag: those of the tag that has the least room for it.
fn one_tag(
    state: &mut State<'_>,
    request: usize,
    open: &[usize],
    need: u64,
    front: u64,
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let model = state.model;
    let mut groups = Vec::new();
    for tag in &model.wishes[request].request.cling_tags {
        let has_tag = |cell: &&usize| {
            let source = &model.problem.sources()[model.cells[**cell].source];
            source.tags.contains(tag)
        };
        let group: Vec<usize> = open.iter().filter(has_tag).copied().collect();
        let total: u64 = group.iter().map(|&cell| state.left[cell]).sum();
        if total >= need {
            let key = (areas_needed(state, &group, need), noise.spoil(total - need));
            groups.push((key, group));
        }
    }
    groups.sort_by_key(|(key, _)| *key);
    let mut groups = groups.iter();
    groups.find_map(|(_, group)| fill(state, group, need, front, None, false, noise))
}
