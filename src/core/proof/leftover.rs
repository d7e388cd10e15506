//! Bounds of what is read off the extents that are left free.

use crate::core::proof::question::Question;
use crate::core::{Cuts, Measure, Request};

/// Extents that every plan takes.
fn least_taken(question: &Question<'_>) -> u64 {
    let required = question.wanted.iter().filter(|wanted| wanted.is_required);
    required
        .map(|wanted| wanted.least_taken())
        .fold(0, u64::saturating_add)
}

/// No source becomes emptier, and the fullest is at least as full as all together.
pub(super) fn balance(question: &Question<'_>) -> u64 {
    let fill = |used: u128, extents: u128| (used * 1_000_000).checked_div(extents).unwrap_or(0);
    let (mut fullest, mut used, mut all) = (0, u128::from(least_taken(question)), 0u128);
    for source in question.problem.sources() {
        let taken = u128::from(source.extents - source.free.total());
        fullest = fullest.max(fill(taken, u128::from(source.extents)));
        used += taken;
        all += u128::from(source.extents);
    }
    u64::try_from(fullest.max(fill(used.min(all), all))).unwrap_or(0)
}

/// Every area that is not taken whole leaves one at least, and the shortest are taken whole with the
/// fewest extents.
pub(super) fn fragments(question: &Question<'_>) -> u64 {
    let sources = question.problem.sources().iter();
    let mut lengths: Vec<u64> = sources
        .flat_map(|source| source.free.iter())
        .map(|area| area.count())
        .collect();
    lengths.sort_unstable();
    let requests = question.problem.requests().iter();
    let taken: Option<u64> = requests.map(Request::total_extents).sum();
    let mut left = taken.unwrap_or(u64::MAX);
    let whole = lengths.iter().take_while(|&&length| {
        let fits = length <= left;
        left -= length.min(left);
        fits
    });
    let mut whole = whole.count() as u64;
    if let Some(segments) = question.pin(Measure::Segments) {
        let (of_segment, spared) = pieces(question);
        let of_legs = segments.saturating_mul(of_segment).saturating_add(spared);
        whole = whole.min(of_legs.saturating_add(companions(question)));
    }
    lengths.len() as u64 - whole
}

/// Companions that lie by themselves.
fn companions(question: &Question<'_>) -> u64 {
    let of_requests = question
        .wanted
        .iter()
        .flat_map(|wanted| wanted.companions());
    of_requests.fold(0, |all, (_, count)| all.saturating_add(count))
}

/// Pieces of one segment at the most, and pieces that may make none because a leg goes on.
fn pieces(question: &Question<'_>) -> (u64, u64) {
    let (mut of_segment, mut spared) = (1, 0);
    for wanted in &question.wanted {
        if wanted.request.cuts == Cuts::Together {
            of_segment = wanted.legs.max(of_segment);
        }
        if wanted.growing_legs() > 0 {
            spared += wanted.legs;
        }
    }
    (of_segment, spared)
}

/// Areas of which few are left are used up: by companions, or by a piece of a leg at least.
fn used_up_by_legs(question: &Question<'_>) -> u64 {
    let sources = question.problem.sources().iter();
    let areas: u64 = sources.map(|source| source.free.len() as u64).sum();
    let left = question.pin(Measure::Fragments).unwrap_or(areas);
    areas.saturating_sub(left.saturating_add(companions(question)))
}

/// Segments that use up as many areas as few fragments ask for.
pub(super) fn segments(question: &Question<'_>) -> u64 {
    let (of_segment, spared) = pieces(question);
    let used_up = used_up_by_legs(question).saturating_sub(spared);
    used_up.div_ceil(of_segment)
}

/// Sources that have as many areas as few fragments ask to use up.
pub(super) fn sources(question: &Question<'_>) -> u64 {
    let mut left = used_up_by_legs(question);
    let sources = question.problem.sources().iter();
    let mut counts: Vec<u64> = sources.map(|source| source.free.len() as u64).collect();
    counts.sort_unstable();
    let mut needed = 0;
    while left > 0 {
        let Some(count) = counts.pop() else { break };
        left = left.saturating_sub(count);
        needed += 1;
    }
    needed
}

/// What is left in all is at least as much as the longest area that is left.
pub(super) fn largest_area(question: &Question<'_>) -> u64 {
    let sources = || question.problem.sources().iter().map(|source| &source.free);
    let longest = sources().map(|free| free.longest()).max().unwrap_or(0);
    let free: u64 = sources().map(|free| free.total()).sum();
    longest - longest.min(free.saturating_sub(least_taken(question)))
}
