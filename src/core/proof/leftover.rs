//! Bounds of what is read off the extents that are left free.

use crate::core::Request;
use crate::core::proof::question::Question;

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
    lengths.len() as u64 - whole.count() as u64
}

/// What is left in all is at least as much as the longest area that is left.
pub(super) fn largest_area(question: &Question<'_>) -> u64 {
    let sources = || question.problem.sources().iter().map(|source| &source.free);
    let longest = sources().map(|free| free.longest()).max().unwrap_or(0);
    let free: u64 = sources().map(|free| free.total()).sum();
    longest - longest.min(free.saturating_sub(least_taken(question)))
}
