//! Where one unit goes in what is left: best fit, with choices that are wrong on purpose now and then.

use std::cmp::Reverse;

use crate::core::{Policy, Separation};
use crate::search::random::Random;
use crate::search::ruin_and_recreate::model::Kind;
use crate::search::ruin_and_recreate::state::{Piece, Placed, State};
use crate::search::ruin_and_recreate::together;

/// How choices are made, so that another try is another one.
pub(crate) struct Noise {
    pub(crate) random: Random,
    /// By how many hundredths a choice is wrong at most.
    pub(crate) hundredths: u64,
    /// How many of a hundred cells are overlooked (the "blinks" of Christiaens and Vanden Berghe,
    /// "Slack Induction by String Removals for Vehicle Routing Problems", Transportation Science 2020).
    pub(crate) blinks: u64,
}

impl Noise {
    /// A key that is up to so many hundredths too high.
    pub(crate) fn spoil(&mut self, key: u64) -> u128 {
        let noise = match self.hundredths {
            0 => 0,
            most => self.random.below(most),
        };
        u128::from(key) * u128::from(100 + noise)
    }

    pub(crate) fn overlooks(&mut self) -> bool {
        self.blinks > 0 && self.random.below(100) < self.blinks
    }

    pub(crate) fn happens(&mut self, percent: u64) -> bool {
        self.hundredths > 0 && self.random.below(100) < percent
    }
}

/// Places a unit beside what is placed; nothing is taken if there is no place that is seen.
pub(crate) fn place(state: &mut State<'_>, unit: usize, noise: &mut Noise) -> bool {
    let of = state.model.units[unit];
    let placed: Option<Placed> = match of.kind {
        Kind::Leg(leg) => {
            let open = state.open(unit, leg, &[], false);
            one_leg(state, of.request, leg, &open, of.extents, noise).map(|pieces| vec![pieces])
        }
        Kind::Legs => together::place(state, unit, noise),
        Kind::Metadata(leg) => {
            let open = state.open(unit, leg, &[], false);
            best_fit(state, &open, of.extents, None, noise).map(|piece| vec![vec![piece]])
        }
        Kind::Log => {
            let open = state.open(unit, 0, &[], false);
            best_fit(state, &open, of.extents, None, noise).map(|piece| vec![vec![piece]])
        }
    };
    let is_placed = placed.is_some();
    if let Some(placed) = placed {
        state.keep(unit, placed);
    }
    is_placed
}

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
            let piece = Piece {
                cell,
                extents: need,
                goes_on: true,
            };
            state.take(piece);
            Some(vec![piece])
        }
        Policy::Contiguous => best_fit(state, open, need, None, noise).map(|piece| vec![piece]),
        Policy::Cling if is_new => one_source(state, open, need, front, noise),
        Policy::ClingByTags if is_new => one_source(state, open, need, front, noise)
            .or_else(|| one_tag(state, request, open, need, front, noise)),
        Policy::Cling | Policy::ClingByTags | Policy::Normal | Policy::Anywhere => {
            let likes_sources = state.likes_few_sources();
            let by_source = wish.request.separation() != Separation::None
                && goes_on.is_none()
                && noise.happens(if likes_sources { 80 } else { 15 })
                || noise.hundredths == 0 && likes_sources;
            fill(state, open, need, front, goes_on, by_source, noise)
        }
    }
}

/// The cell that holds it with least left, which is taken from.
fn best_fit(
    state: &mut State<'_>,
    open: &[usize],
    need: u64,
    near: Option<&[Piece]>,
    noise: &mut Noise,
) -> Option<Piece> {
    let mut best: Option<(u128, usize)> = None;
    for &cell in open {
        let left = state.left[cell];
        if left < need || noise.overlooks() {
            continue;
        }
        let mut key = noise.spoil(left - need);
        if let Some(pieces) = near
            && pieces
                .iter()
                .any(|piece| state.source(piece.cell) == state.source(cell))
        {
            // One source less, for a little room that is lost.
            key /= 8;
        }
        if best.is_none_or(|(held, _)| key < held) {
            best = Some((key, cell));
        }
    }
    let (_, cell) = best?;
    let piece = Piece {
        cell,
        extents: need,
        goes_on: false,
    };
    state.take(piece);
    Some(piece)
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
        let piece = Piece {
            cell,
            extents: missing.min(state.left[cell]),
            goes_on: true,
        };
        state.take(piece);
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
            let piece = Piece {
                cell,
                extents: missing.min(state.left[cell]),
                goes_on: false,
            };
            state.take(piece);
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
    while missing > 0 {
        let likely = if by_source {
            let on = tightest_source(state, open, missing, noise);
            on.map(|(from, to)| &open[from..to])
        } else {
            None
        };
        let among = likely.unwrap_or(open);
        let least = if pieces.is_empty() { front } else { 0 };
        if missing > least
            && let Some(piece) = best_fit(state, among, missing, Some(&pieces), noise)
        {
            pieces.push(piece);
            break;
        }
        // The longest, or now and then another.
        let (mut best, mut key): (Option<usize>, u64) = (None, 0);
        let is_wild = noise.happens(15);
        for &cell in among.iter().filter(|cell| state.left[**cell] > least) {
            let left = state.left[cell];
            let worth = match is_wild {
                true => noise.random.below(left) + 1,
                false => left,
            };
            // Where the leg is already: one source less.
            let is_near = pieces
                .iter()
                .any(|piece| state.source(piece.cell) == state.source(cell));
            let worth = if is_near {
                worth.saturating_mul(2)
            } else {
                worth
            };
            if worth > key {
                (best, key) = (Some(cell), worth);
            }
        }
        let Some(cell) = best else {
            pieces.iter().for_each(|piece| state.give_back(*piece));
            return None;
        };
        let piece = Piece {
            cell,
            extents: missing.min(state.left[cell]),
            goes_on: false,
        };
        state.take(piece);
        missing -= piece.extents;
        pieces.push(piece);
    }
    Some(pieces)
}

/// The shortest cells, each taken whole, as far as they go: as many as possible are used up.
fn shortest_whole(
    state: &State<'_>,
    open: &[usize],
    missing: u64,
    noise: &mut Noise,
) -> Vec<usize> {
    let usable = open.iter().filter(|cell| state.left[**cell] <= missing);
    let mut keyed: Vec<(u128, usize)> = usable
        .map(|&cell| (noise.spoil(state.left[cell]), cell))
        .collect();
    keyed.sort_unstable();
    let mut rest = missing;
    let mut chosen = Vec::new();
    for (_, cell) in keyed {
        if state.left[cell] <= rest && !noise.overlooks() {
            rest -= state.left[cell];
            chosen.push(cell);
        }
    }
    chosen
}

/// Cells looked at together, at most: halves of so many have 2^11 sums.
const MOST_TOGETHER: usize = 22;

/// Cells that hold the leg with next to nothing left over, all taken whole: some at random, then the set of
/// others with the least sum that is enough.
///
/// # Source
/// Meeting in the middle: Horowitz and Sahni, "Computing partitions with applications to the knapsack problem",
/// Journal of the ACM 21 (1974).
fn whole_cells(state: &State<'_>, open: &[usize], missing: u64, noise: &mut Noise) -> Vec<usize> {
    let usable = open
        .iter()
        .copied()
        .filter(|&cell| state.left[cell] > 0 && state.left[cell] <= missing);
    let mut usable: Vec<usize> = usable.collect();
    let (mut chosen, mut rest) = (Vec::new(), missing);
    // Cells at random until what is left can be made of the few that are looked at.
    while !usable.is_empty() && usable.len() > MOST_TOGETHER {
        let longest: u64 = usable
            .iter()
            .map(|&cell| state.left[cell])
            .max()
            .unwrap_or(0);
        if longest.saturating_mul(3) >= rest {
            break;
        }
        let cell = usable.swap_remove(noise.random.position(usable.len()));
        if state.left[cell] < rest {
            rest -= state.left[cell];
            chosen.push(cell);
        }
    }
    while usable.len() > MOST_TOGETHER {
        usable.swap_remove(noise.random.position(usable.len()));
    }
    let (one, other) = usable.split_at(usable.len() / 2);
    let mut left = sums(state, one);
    let mut right = sums(state, other);
    left.sort_unstable();
    right.sort_unstable_by(|one, other| other.cmp(one));
    // The larger the one, the smaller the other may be.
    let mut best: Option<(u64, u32, u32)> = None;
    let mut at = 0;
    for &(sum, set) in &left {
        while at + 1 < right.len() && sum + right[at + 1].0 >= rest {
            at += 1;
        }
        let all = sum + right[at].0;
        if all >= rest && best.is_none_or(|(held, ..)| all < held) {
            best = Some((all, set, right[at].1));
        }
    }
    let Some((all, set, others)) = best else {
        return Vec::new();
    };
    if all - rest > state.slack() {
        return Vec::new();
    }
    let of = |cells: &[usize], set: u32| -> Vec<usize> {
        let members = cells
            .iter()
            .enumerate()
            .filter(|(bit, _)| set >> bit & 1 == 1);
        members.map(|(_, &cell)| cell).collect()
    };
    chosen.extend(of(one, set));
    chosen.extend(of(other, others));
    chosen
}

/// The sums of all sets of cells, each with its set.
fn sums(state: &State<'_>, cells: &[usize]) -> Vec<(u64, u32)> {
    let mut sums = vec![(0, 0)];
    for (bit, &cell) in cells.iter().enumerate() {
        for at in 0..sums.len() {
            let (sum, set): (u64, u32) = sums[at];
            sums.push((sum + state.left[cell], set | 1 << bit));
        }
    }
    sums
}

/// The cells of the source that holds all that is missing with least left, else of that with most, as a
/// range of `open`, which is ordered by source.
fn tightest_source(
    state: &State<'_>,
    open: &[usize],
    missing: u64,
    noise: &mut Noise,
) -> Option<(usize, usize)> {
    let mut best: Option<((bool, u128), (usize, usize))> = None;
    for (from, to, total) in sources(state, open) {
        if total == 0 {
            continue;
        }
        let key = match total >= missing {
            true => (false, noise.spoil(total - missing)),
            false => (true, noise.spoil(missing - total)),
        };
        if best.is_none_or(|(held, _)| key < held) {
            best = Some((key, (from, to)));
        }
    }
    best.map(|(_, range)| range)
}

/// Ranges of `open` that are of one source, with what is left on them.
pub(crate) fn sources(state: &State<'_>, open: &[usize]) -> Vec<(usize, usize, u64)> {
    let mut ranges: Vec<(usize, usize, u64)> = Vec::new();
    for (at, &cell) in open.iter().enumerate() {
        let left = state.left[cell];
        match ranges.last_mut() {
            Some((from, to, total)) if state.source(open[*from]) == state.source(cell) => {
                *to = at + 1;
                *total += left;
            }
            Some(_) | None => ranges.push((at, at + 1, left)),
        }
    }
    ranges
}

/// A leg that stays on one source: the one where it needs the fewest areas and leaves the least.
fn one_source(
    state: &mut State<'_>,
    open: &[usize],
    need: u64,
    front: u64,
    noise: &mut Noise,
) -> Option<Vec<Piece>> {
    let mut best: Option<((usize, u128), (usize, usize))> = None;
    for (from, to, total) in sources(state, open) {
        let longest = open[from..to].iter().map(|&cell| state.left[cell]).max();
        if total < need || longest.is_none_or(|longest| longest <= front) || noise.overlooks() {
            continue;
        }
        let key = (
            areas_needed(state, &open[from..to], need),
            noise.spoil(total - need),
        );
        if best.is_none_or(|(held, _)| key < held) {
            best = Some((key, (from, to)));
        }
    }
    let (_, (from, to)) = best?;
    fill(state, &open[from..to], need, front, None, false, noise)
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
