//! Bounds of what is read off the extents that are left free.

use crate::core::{Cuts, Measure, Place, Problem, Request, Size};
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

/// Worths of an area and of an extent that are tried, and where there are many sources.
const WORTHS: usize = 32;
const FEW_WORTHS: usize = 6;
const MANY_SOURCES: usize = 4_096;

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
        let worths = match sources.len() > MANY_SOURCES {
            true => FEW_WORTHS,
            false => WORTHS,
        };
        let step = lengths.len().div_ceil(worths).max(1);
        for &worth in lengths.iter().step_by(step) {
            used_up = used_up.min(of_few(&sources, few, (worth, worths), (least, most)));
        }
    }
    if let Some(segments) = pins.of(Measure::Segments) {
        let pieces = Pieces::of(problem);
        let used_up_by_all = pieces.most(segments).saturating_add(companions(problem));
        used_up = used_up.min(used_up_by_all);
    }
    areas(problem).saturating_sub(used_up)
}

/// Free areas of all sources.
fn areas(problem: &Problem) -> u64 {
    let sources = problem.sources().iter();
    sources.map(|source| source.free.len() as u64).sum()
}

/// How many areas the legs use up at the least, where few are known to be left.
fn used_up_by_legs(problem: &Problem, pins: &Pins<'_>) -> u64 {
    let left = pins.of(Measure::Fragments);
    left.map_or(0, |left| {
        areas(problem).saturating_sub(left.saturating_add(companions(problem)))
    })
}

/// Each area that is used up has a piece of a leg at least.
pub(crate) fn segments(problem: &Problem, pins: &Pins<'_>) -> u64 {
    Pieces::of(problem).fewest_segments(used_up_by_legs(problem, pins))
}

/// Only a source that is touched has areas that are used up.
pub(crate) fn sources(problem: &Problem, pins: &Pins<'_>) -> u64 {
    let used_up = used_up_by_legs(problem, pins);
    let sources = problem.sources().iter();
    let mut counts: Vec<u64> = sources.map(|source| source.free.len() as u64).collect();
    counts.sort_unstable_by_key(|&count| std::cmp::Reverse(count));
    let mut left = used_up;
    let needed = counts.iter().take_while(|&&count| {
        let is_needed = left > 0;
        left = left.saturating_sub(count);
        is_needed
    });
    needed.count() as u64
}

/// How segments and pieces of areas go together.
struct Pieces {
    /// Pieces of one segment at the most.
    of_segment: u64,
    /// Pieces that may go on where a leg ended, which makes no segment.
    spared: u64,
}

impl Pieces {
    fn of(problem: &Problem) -> Pieces {
        let legs = |request: &Request| request.legs() as u64;
        let requests = || problem.requests().iter();
        let together = requests().filter(|request| request.cuts == Cuts::Together);
        let grown = requests().filter(|request| request.grows.is_some());
        Pieces {
            of_segment: together.map(legs).max().unwrap_or(1).max(1),
            spared: grown.map(legs).sum(),
        }
    }

    fn most(&self, segments: u64) -> u64 {
        let pieces = segments.saturating_mul(self.of_segment);
        pieces.saturating_add(self.spared)
    }

    fn fewest_segments(&self, pieces: u64) -> u64 {
        pieces.saturating_sub(self.spared).div_ceil(self.of_segment)
    }
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
fn of_few(
    sources: &[(Vec<u64>, u64)],
    few: usize,
    (worth, worths): (u64, usize),
    (least, most): (u64, u64),
) -> u64 {
    let gain = |lengths: &Vec<u64>| -> i128 {
        let short = lengths.iter().take_while(|length| **length < worth);
        short.map(|length| i128::from(worth - length)).sum()
    };
    let gains: Vec<(i128, i128)> = sources
        .iter()
        .map(|(lengths, held)| (gain(lengths), i128::from(*held)))
        .collect();
    let parts = worths as i128;
    // The bound is convex in the worth of an extent.
    let at = |of_extent: i128| {
        let mut sums: Vec<i128> = gains
            .iter()
            .map(|(gain, held)| gain * parts + held * of_extent)
            .collect();
        if 0 < few && few < sums.len() {
            sums.select_nth_unstable_by_key(few - 1, |sum| -sum);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;
    use crate::search::test_sources::sources as of;

    /// The most areas that can be used up on so few sources that hold all that is taken, by trying all.
    fn most(sources: &[Vec<u64>], few: u32, taken: u64) -> u64 {
        let sets = (0u32..1 << sources.len()).filter(|set| set.count_ones() <= few);
        let of_set = |set: u32| {
            let chosen = (0..sources.len()).filter(|at| set >> at & 1 == 1);
            let mut lengths: Vec<u64> = chosen.flat_map(|at| &sources[at]).copied().collect();
            lengths.sort_unstable();
            let mut left = taken;
            let whole = lengths.iter().take_while(|&&length| {
                let fits = length <= left;
                left -= length.min(left);
                fits
            });
            let whole = whole.count() as u64;
            (lengths.iter().sum::<u64>() >= taken).then_some(whole)
        };
        sets.filter_map(of_set).max().unwrap_or(0)
    }

    #[test]
    fn few_sources_use_up_no_more_areas_than_is_said_and_often_as_many() {
        let mut random = Random::new(5);
        let (mut met, mut all) = (0, 0);
        for _ in 0..300 {
            let of_source = |random: &mut Random| -> Vec<u64> {
                let count = 1 + random.below(5);
                let scale = 1 + random.below(12);
                (0..count).map(|_| 1 + random.below(4 * scale)).collect()
            };
            let lists: Vec<Vec<u64>> = (0..6).map(|_| of_source(&mut random)).collect();
            let free: u64 = lists.iter().flatten().sum();
            let taken = 1 + random.below(free);
            let slices: Vec<&[u64]> = lists.iter().map(Vec::as_slice).collect();
            let objective = [Measure::Sources, Measure::Fragments];
            let problem = of_lengths(&slices, taken, &objective);
            let areas: u64 = lists.iter().map(|lengths| lengths.len() as u64).sum();
            for few in 1..=4 {
                let exact = most(&lists, few, taken);
                if exact == 0 {
                    continue;
                }
                let pins = Pins {
                    objective: problem.objective(),
                    values: &[u64::from(few)],
                };
                let said = areas - fragments(&problem, &pins);
                assert!(
                    said >= exact,
                    "{lists:?} {taken} on {few}: {said} < {exact}"
                );
                all += 1;
                met += u32::from(said == exact);
            }
        }
        assert!(met * 2 > all, "{met} of {all}");
    }

    fn of_lengths(lists: &[&[u64]], taken: u64, objective: &[Measure]) -> Problem {
        let request = vec![Request::linear("r", taken)];
        Problem::new(of(lists), request, objective.to_vec()).expect("no defects")
    }

    #[test]
    fn few_fragments_ask_for_pieces_and_sources_that_use_up_the_other_areas() {
        let objective = [Measure::Fragments, Measure::Segments, Measure::Sources];
        let problem = of_lengths(&[&[3, 4], &[5, 6], &[50]], 13, &objective);
        let fragments = fragments(&problem, &Pins::default());
        let values = [fragments];
        let pins = Pins {
            objective: &objective,
            values: &values,
        };
        assert_eq!(fragments, 2);
        assert_eq!(segments(&problem, &pins), 3);
        assert_eq!(sources(&problem, &pins), 2);
    }

    #[test]
    fn few_segments_use_up_few_areas() {
        let objective = [Measure::Segments, Measure::Fragments];
        let problem = of_lengths(&[&[3, 4, 5], &[60]], 20, &objective);
        let pins = Pins {
            objective: &objective,
            values: &[1],
        };
        assert_eq!(fragments(&problem, &Pins::default()), 1);
        assert_eq!(fragments(&problem, &pins), 3);
    }
}
