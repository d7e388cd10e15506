//! Closed forms that every plan obeys: they bracket the sizes and counts that are worth a solver.
//!
//! As a certificate such a sum is a [`Conflict`] like any other, and verified like any other.

use crate::core::{Areas, Conflict, Policy, Problem, Request, Separation, Size};

/// Requests, each with its index in the problem and how often it is wanted.
type Wanted<'a> = (usize, &'a Request, u64);

/// What a request is offered: sources with areas.
type Offers = Vec<(usize, Areas)>;

/// Whether sums alone leave room for the requests of a problem, together and each alone.
pub(crate) fn may_fit(problem: &Problem) -> bool {
    let wanted = required(problem, None);
    let offers = offers(problem, &wanted);
    sums(problem, &wanted, &offers).is_none()
        && wanted.iter().zip(&offers).all(|(one, offers)| {
            let alone = (std::slice::from_ref(one), std::slice::from_ref(offers));
            have_places(*one, offers) && sums(problem, alone.0, alone.1).is_none()
        })
}

/// The same with one of the requests wanted so many times.
pub(crate) fn may_fit_times(problem: &Problem, request: usize, times: u64) -> bool {
    let wanted = required(problem, Some((request, times)));
    let offers = offers(problem, &wanted);
    let one = wanted.iter().position(|&(index, ..)| index == request);
    sums(problem, &wanted, &offers).is_none()
        && one.is_none_or(|at| have_places(wanted[at], &offers[at]))
}

/// A sum that refutes the problem, if there is one.
pub(crate) fn refutation(problem: &Problem) -> Option<Conflict> {
    let wanted = required(problem, None);
    let offers = offers(problem, &wanted);
    let alone = wanted.iter().zip(&offers).find_map(|(one, offers)| {
        let alone = (std::slice::from_ref(one), std::slice::from_ref(offers));
        sums(problem, alone.0, alone.1).or_else(|| room(one.0, one.1, offers))
    });
    alone.or_else(|| sums(problem, &wanted, &offers))
}

/// The requests that may not be left out.
fn required(problem: &Problem, repeated: Option<(usize, u64)>) -> Vec<Wanted<'_>> {
    let times = |index| match repeated {
        Some((request, times)) if request == index => times,
        Some(_) | None => 1,
    };
    let all = problem.requests().iter().enumerate();
    let required = all.filter(|(_, request)| request.value.is_none());
    required
        .map(|(index, request)| (index, request, times(index)))
        .collect()
}

fn offers(problem: &Problem, wanted: &[Wanted<'_>]) -> Vec<Offers> {
    let offered = |(_, request, _): &Wanted<'_>| problem.offered(request);
    wanted.iter().map(offered).collect()
}

/// Extents that one leg needs at the least.
fn least_leg(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(extents) => extents / request.shape.stripes,
        Size::AtMost(_) => 1,
    }
}

/// McNaughton's count (1959) with companions: no source holds more of a request than one leg's
/// length, or than it offers to all of them together.
fn sums(problem: &Problem, wanted: &[Wanted<'_>], offers: &[Offers]) -> Option<Conflict> {
    let count = problem.sources().len();
    let mut united = vec![Areas::none(); count];
    // What each source can give, request by request.
    let mut useful = vec![0u64; count];
    let mut needed = 0u64;
    for ((_, request, times), offers) in wanted.iter().zip(offers) {
        let legs = request.legs() as u64;
        let leg = least_leg(request);
        let metadata = request.metadata.map_or(0, |metadata| metadata.extents);
        let (log, logs) = request
            .log
            .map_or((0, 0), |log| (log.extents, log.extents * log.count));
        let one = leg * legs + metadata * legs + logs;
        needed = needed.saturating_add(one.saturating_mul(*times));
        let per_source = match request.separation() {
            Separation::None => one,
            Separation::Segment => leg + metadata * legs + logs,
            Separation::Leg => leg + metadata + log,
        };
        for (source, areas) in offers {
            let most = areas.total().min(per_source).saturating_mul(*times);
            useful[*source] = useful[*source].saturating_add(most);
            united[*source] = if united[*source].is_empty() {
                areas.clone()
            } else {
                united[*source].union(areas)
            };
        }
    }
    let mut whole = Vec::new();
    let mut reachable = 0u64;
    for (source, (areas, useful)) in united.iter().zip(useful).enumerate() {
        let held = areas.total();
        if held <= useful {
            whole.push(source);
        }
        reachable = reachable.saturating_add(held.min(useful));
    }
    let requests = wanted.iter().map(|&(index, ..)| index).collect();
    (needed > reachable).then_some(Conflict::Cut {
        requests,
        whole,
        needed,
        reachable,
    })
}

/// Whether sources have places for legs that may not be cut, or not be spread over sources; for the
/// beginnings of all others, each the metadata and an extent behind it.
fn have_places((_, request, times): Wanted<'_>, offers: &Offers) -> bool {
    if request.grows.is_some() {
        return true;
    }
    let piece = piece(request);
    let beginning = request.front_extents().saturating_add(1);
    let places = offers.iter().map(|(_, areas)| {
        let fit = match request.policy {
            Policy::Contiguous => places(areas, piece),
            Policy::Cling => (areas.total() / piece).min(places(areas, beginning)),
            Policy::ClingByTags | Policy::Normal | Policy::Anywhere => places(areas, beginning),
        };
        match request.separation() {
            Separation::None => fit,
            Separation::Segment | Separation::Leg => fit.min(times),
        }
    });
    let places = places.fold(0, u64::saturating_add);
    times.saturating_mul(request.legs() as u64) <= places
}

/// Too few places for the pieces of one contiguous request.
fn room(index: usize, request: &Request, offers: &Offers) -> Option<Conflict> {
    if request.policy != Policy::Contiguous {
        return None;
    }
    let length = piece(request);
    let pieces = request.legs() as u64;
    let per_source = match request.separation() {
        Separation::None => pieces,
        Separation::Segment | Separation::Leg => 1,
    };
    let places = offers
        .iter()
        .map(|(_, areas)| places(areas, length).min(per_source))
        .sum();
    (pieces > places).then_some(Conflict::Room {
        requests: vec![index],
        length,
        pieces,
        places,
    })
}

/// A leg with its metadata; at least 1.
fn piece(request: &Request) -> u64 {
    let piece = least_leg(request).saturating_add(request.front_extents());
    piece.max(1)
}

fn places(areas: &Areas, piece: u64) -> u64 {
    areas.iter().map(|area| area.count() / piece).sum()
}

/// Extents that all requests take together.
pub(crate) fn all_needed(problem: &Problem) -> Option<u64> {
    let mut totals = problem.requests().iter().map(|r| r.total_extents());
    totals.try_fold(0u64, |sum, total| sum.checked_add(total?))
}
