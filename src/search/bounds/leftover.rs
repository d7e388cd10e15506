//! Bounds of what is read off the extents that are left free.

use crate::core::{Measure, Place, Problem, Request, Size};
use crate::search::bounds::cut::most_of_a_source;
use crate::search::pins::Pins;

/// Extents that every plan takes.
fn least_taken(problem: &Problem) -> u64 {
    let least = |request: &Request| match (request.value, request.size) {
        (Some(_), _) | (None, Size::AtMost(_)) => 0,
        (None, Size::Exactly(_)) => request.total_extents().unwrap_or(0),
    };
    problem.requests().iter().map(least).sum()
}

/// Extents that no plan takes more than.
fn most_taken(problem: &Problem) -> u64 {
    let most = problem.requests().iter().map(Request::total_extents);
    most.sum::<Option<u64>>().unwrap_or(u64::MAX)
}

/// No source becomes emptier, and the fullest is at least as full as all together.
pub(crate) fn balance(problem: &Problem) -> u64 {
    let fill = |used: u128, extents: u128| {
        let parts = (used * 1_000_000).checked_div(extents).unwrap_or(0);
        u64::try_from(parts).unwrap_or(1_000_000)
    };
    let mut fullest = 0;
    let (mut all_used, mut all) = (u128::from(least_taken(problem)), 0u128);
    for source in problem.sources() {
        let used = u128::from(source.extents - source.free.total());
        fullest = fullest.max(fill(used, u128::from(source.extents)));
        all_used += used;
        all += u128::from(source.extents);
    }
    fullest.max(fill(all_used.min(all), all))
}

/// What is left in all is at least as much as the longest area that is left.
pub(crate) fn largest_area(problem: &Problem) -> u64 {
    let longest = problem.sources().iter().map(|source| source.free.longest());
    let longest = longest.max().unwrap_or(0);
    let free: u64 = problem
        .sources()
        .iter()
        .map(|source| source.free.total())
        .sum();
    longest - longest.min(free.saturating_sub(least_taken(problem)))
}

/// Worths of an area and of an extent that are tried.
const WORTHS: usize = 32;

/// Every area that is not used up leaves at least one. The shortest are the easiest to use up, of each source as
/// far as one can give all legs; and where few sources are known to be used, those hold all that is taken.
///
/// If an area that is used up is worth `w` extents, and what a source could give `m` parts of its extents, no
/// `k` sources come to more than the `k` that come to most; what is taken pays for it.
pub(crate) fn fragments(problem: &Problem, pins: &Pins<'_>) -> u64 {
    let most = most_taken(problem);
    let cap = problem.requests().iter().fold(0u64, |sum, request| {
        let of_request = match request.size {
            Size::Exactly(_) => most_of_a_source(request),
            Size::AtMost(_) => u64::MAX,
        };
        sum.saturating_add(of_request)
    });
    let of_sources = problem.sources().iter().map(|source| {
        let mut lengths: Vec<u64> = source.free.iter().map(|area| area.count()).collect();
        lengths.sort_unstable();
        let mut left = cap;
        let whole = lengths.iter().take_while(|&&length| {
            let fits = length <= left;
            left -= length.min(left);
            fits
        });
        lengths.truncate(whole.count());
        (lengths, source.free.total().min(cap))
    });
    let sources: Vec<(Vec<u64>, u64)> = of_sources.collect();
    let mut lengths: Vec<u64> = sources
        .iter()
        .flat_map(|(lengths, _)| lengths)
        .copied()
        .collect();
    lengths.sort_unstable();
    let mut left = most;
    let used_up = lengths.iter().take_while(|&&length| {
        let fits = length <= left;
        left -= length.min(left);
        fits
    });
    let mut used_up = used_up.count() as u64;
    if let Some(few) = pins.of(Measure::Sources) {
        let touched = few.saturating_add(companions(problem));
        let few = usize::try_from(touched).unwrap_or(usize::MAX);
        let least = least_taken(problem);
        let step = lengths.len().div_ceil(WORTHS).max(1);
        for &worth in lengths.iter().step_by(step) {
            used_up = used_up.min(of_few(&sources, few, worth, (least, most)));
        }
    }
    let areas: usize = problem
        .sources()
        .iter()
        .map(|source| source.free.len())
        .sum();
    (areas as u64).saturating_sub(used_up)
}

/// Companions that may lie on sources of their own.
fn companions(problem: &Problem) -> u64 {
    let of_request = |request: &Request| {
        let metadata = request
            .metadata
            .filter(|metadata| metadata.place != Place::Front);
        metadata.map_or(0, |_| request.legs() as u64) + request.log.map_or(0, |log| log.count)
    };
    problem.requests().iter().map(of_request).sum()
}

/// Areas that can be used up on so few sources at the most, if one is worth `worth` extents.
fn of_few(sources: &[(Vec<u64>, u64)], few: usize, worth: u64, (least, most): (u64, u64)) -> u64 {
    let gain = |lengths: &Vec<u64>| -> i128 {
        let short = lengths.iter().take_while(|length| **length < worth);
        short.map(|length| i128::from(worth - length)).sum()
    };
    let gains: Vec<(i128, i128)> = sources
        .iter()
        .map(|(lengths, held)| (gain(lengths), i128::from(*held)))
        .collect();
    let parts = WORTHS as i128;
    // The bound is convex in the worth of an extent.
    let at = |of_extent: i128| {
        let mut sums: Vec<i128> = gains
            .iter()
            .map(|(gain, held)| gain * parts + held * of_extent)
            .collect();
        sums.sort_unstable_by_key(|sum| -sum);
        let sum: i128 = sums.iter().take(few).sum();
        sum - i128::from(least) * of_extent + i128::from(most) * parts
    };
    let mut best = at(0);
    for of_extent in 1..2 * parts {
        let value = at(of_extent);
        if value > best {
            break;
        }
        best = value;
    }
    u64::try_from(best / (parts * i128::from(worth.max(1)))).unwrap_or(u64::MAX)
}
