//! Why a contiguous batch cannot be packed: too many pieces of a length, or of a number of units.

use crate::core::{Areas, Conflict, Limits, Policy, Problem, Separation, verify};
use crate::search::bin_packing::batch::{Batch, Class};
use crate::search::flow::Network;
use crate::search::parallel;

/// Per length of a piece, longest first, the pieces of at least that length and the places for them:
/// `floor(area / length)` in an area, one per request on a source. `None` if a limit ran out.
pub(crate) fn places_by_length(batch: &Batch, limits: &Limits<'_>) -> Option<Vec<Places>> {
    let mut lengths: Vec<u64> = batch.classes.iter().map(|class| class.length).collect();
    lengths.dedup();
    let counted = parallel::map(&lengths, |&length| {
        let classes = || {
            batch
                .classes
                .iter()
                .take_while(|class| class.length >= length)
        };
        if limits.is_over() {
            return None;
        }
        Some(Places {
            length,
            pieces: classes().map(|class| class.count as u64).sum(),
            places: places(batch, &classes().collect::<Vec<_>>(), length),
        })
    });
    counted.into_iter().collect()
}

/// How many pieces have at least a length, and for how many there are places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) length: u64,
    pub(crate) pieces: u64,
    pub(crate) places: u64,
}

/// More pieces of at least some length than places for them.
pub(crate) fn room(problem: &Problem, batch: &Batch, counted: &[Places]) -> Option<Conflict> {
    let too_many = counted
        .iter()
        .filter(|counted| counted.pieces > counted.places);
    let mut conflicts = too_many.map(|counted| {
        let classes = batch.classes.iter();
        let mut requests: Vec<usize> = classes
            .take_while(|class| class.length >= counted.length)
            .map(|class| class.request)
            .collect();
        requests.sort_unstable();
        Conflict::Room {
            requests,
            length: counted.length,
            pieces: counted.pieces,
            places: counted.places,
        }
    });
    conflicts.find(|conflict| verify(problem, conflict).is_ok())
}

fn places(batch: &Batch, classes: &[&Class], length: u64) -> u64 {
    let mut fit = vec![0u64; batch.sources];
    for bin in &batch.bins {
        fit[bin.source] += bin.area.count() / length;
    }
    let most = |source: usize| -> u64 {
        let welcome = classes.iter().filter(|class| class.welcome[source]);
        let pieces = welcome.map(|class| if class.apart { 1 } else { class.count as u64 });
        pieces.sum()
    };
    fit.iter()
        .enumerate()
        .map(|(source, &fit)| if fit == 0 { 0 } else { fit.min(most(source)) })
        .sum()
}

/// More units than can flow from the sources to the requests: an area offers `floor(area / unit)`, a
/// piece takes `floor(length / unit)`, and a source serves each request with one piece at most.
pub(crate) fn units(problem: &Problem, batch: &Batch, limits: &Limits<'_>) -> Option<Conflict> {
    /// Units tried in parallel before the limits are asked again; a fixed number, so that the first
    /// conflict found is the same for any number of threads.
    const PER_ROUND: usize = 32;
    let mut units = candidate_units(batch);
    // Those that leave least to spare first: they are the likeliest to refute.
    units.sort_by_cached_key(|&unit| {
        let (needed, offered) = balance(batch, unit);
        // Parts per million of what is offered that is needed.
        let load = u128::from(needed) * 1_000_000 / u128::from(offered.max(1));
        (std::cmp::Reverse(load), unit)
    });
    for round in units.chunks(PER_ROUND) {
        if limits.is_over() {
            return None;
        }
        let found = parallel::map(round, |&unit| refute(problem, batch, unit, limits));
        if let Some(conflict) = found.into_iter().flatten().next() {
            return Some(conflict);
        }
    }
    None
}

/// Units at which the rounding of some piece changes: whole parts of the lengths.
fn candidate_units(batch: &Batch) -> Vec<u64> {
    /// Finer units round so little that they say what the sum of all extents says.
    const MOST_PARTS: u64 = 4;
    let mut units: Vec<u64> = batch
        .classes
        .iter()
        .flat_map(|class| (1..=MOST_PARTS).map(|parts| class.length / parts))
        .filter(|&unit| unit > 0)
        .collect();
    units.push(1);
    units.sort_unstable();
    units.dedup();
    units
}

/// Units needed and offered, without a look at who may be where.
fn balance(batch: &Batch, unit: u64) -> (u64, u64) {
    let needed = batch
        .classes
        .iter()
        .map(|class| class.length / unit * class.count as u64);
    let offered = batch.bins.iter().map(|bin| bin.area.count() / unit);
    (needed.sum(), offered.sum())
}

/// The cut of the flow in units, if it says no.
fn refute(problem: &Problem, batch: &Batch, unit: u64, limits: &Limits<'_>) -> Option<Conflict> {
    let classes: Vec<&Class> = batch
        .classes
        .iter()
        .filter(|class| class.length >= unit)
        .collect();
    let mut offered = vec![0u64; batch.sources];
    let mut longest = vec![0u64; batch.sources];
    for bin in &batch.bins {
        offered[bin.source] += bin.area.count() / unit;
        longest[bin.source] = longest[bin.source].max(bin.area.count());
    }
    let (start, end) = (0, 1);
    let class_node = |class: usize| 2 + class;
    let source_node = |source: usize| 2 + classes.len() + source;
    let mut network = Network::new(2 + classes.len() + batch.sources);
    let mut needed = 0;
    for (index, class) in classes.iter().enumerate() {
        let units = class.length / unit;
        needed += units * class.count as u64;
        network.arc(class_node(index), end, units * class.count as u64);
        for source in 0..batch.sources {
            if !class.welcome[source] || longest[source] < class.length {
                continue;
            }
            let most = if class.apart { units } else { offered[source] };
            network.arc(source_node(source), class_node(index), most);
        }
    }
    for (source, &units) in offered.iter().enumerate() {
        network.arc(start, source_node(source), units);
    }
    let sent = network.send(start, end, &|| limits.is_over())?;
    if sent == needed {
        return None;
    }
    let near = network.near_side(start);
    // The requests on the far side that still ask for more, and the sources cut off from the start.
    let mut requests: Vec<usize> = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        if !near[class_node(index)] {
            requests.push(class.request);
        }
    }
    requests.sort_unstable();
    let whole: Vec<usize> = (0..batch.sources)
        .filter(|&source| !near[source_node(source)])
        .collect();
    state(problem, requests, unit, whole)
}

/// The conflict with its sums, if they hold for the problem as it was asked.
fn state(
    problem: &Problem,
    requests: Vec<usize>,
    unit: u64,
    whole: Vec<usize>,
) -> Option<Conflict> {
    let piece_of = |index: usize| {
        let request = &problem.requests()[index];
        let is_piece = request.policy == Policy::Contiguous;
        is_piece.then(|| request.leg_extents() + request.front_extents())
    };
    let pieces: Vec<u64> = requests
        .iter()
        .map(|&index| piece_of(index))
        .collect::<Option<_>>()?;
    let shortest = pieces.iter().copied().min()?;
    let units = |areas: &Areas| -> u64 {
        let long_enough = areas.iter().filter(|area| area.count() >= shortest);
        long_enough.map(|area| area.count() / unit).sum()
    };
    let mut is_whole = vec![false; problem.sources().len()];
    for &source in &whole {
        is_whole[source] = true;
    }
    let (mut needed, mut reachable) = (0u64, 0u64);
    let mut united = vec![Areas::none(); problem.sources().len()];
    for (&index, &piece) in requests.iter().zip(&pieces) {
        let request = &problem.requests()[index];
        needed += piece / unit * request.legs() as u64;
        for (source, areas) in problem.offered(request) {
            if is_whole[source] {
                united[source] = problem.sources()[source].united(&united[source], &areas);
            } else if request.separation() == Separation::None {
                reachable += units(&areas);
            } else if areas.longest() >= piece {
                reachable += piece / unit;
            }
        }
    }
    reachable += united.iter().map(units).sum::<u64>();
    let conflict = Conflict::Units {
        requests,
        unit,
        whole,
        needed,
        reachable,
    };
    verify(problem, &conflict).is_ok().then_some(conflict)
}
