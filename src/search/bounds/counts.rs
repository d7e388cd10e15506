//! Fewest areas and fewest sources that hold what all legs need together.
//!
//! Whatever the mix of requests: every area that is used takes a segment of its own, or one piece of an
//! interval of a request whose cuts are together. So the fewest areas that hold all legs bound the segments
//! (bin packing with item fragmentation: Casazza and Ceselli, Computers and OR 46, 2014), and the fewest
//! sources the sources.

use crate::core::{Areas, Cuts, Problem, Request, Separation};
use crate::search::bounds::cut::least_leg;
use crate::search::fewest::{Lengths, fewest_gains, fewest_sources};
use crate::search::verdict::Lower;

/// What every plan has at the least; sizes "at most" count with one extent for each leg, optional
/// requests with nothing.
pub(crate) fn lower(problem: &Problem) -> Lower {
    let requests: Vec<&Request> = problem
        .requests()
        .iter()
        .filter(|request| request.value.is_none())
        .collect();
    let needed = requests
        .iter()
        .map(|request| leg(request) * request.legs() as u64);
    let needed: u64 = needed.sum();
    let cap = requests.iter().fold(0u64, |sum, request| {
        sum.saturating_add(most_of_a_source(request))
    });
    let offers = offers(problem, &requests);
    let (Some(areas), Some(sources)) = (
        fewest_gains(&offers, cap, needed),
        fewest_sources(&offers, cap, needed),
    ) else {
        return Lower::default();
    };
    let alone = requests.iter().map(|request| sources_alone(request));
    Lower {
        segments: segments(&requests, areas),
        sources: sources.max(alone.sum()),
        ..Lower::default()
    }
}

/// Per source the lengths of what the requests may use.
fn offers(problem: &Problem, requests: &[&Request]) -> Vec<Lengths> {
    let may_use_all = requests.iter().any(|request| request.allowed.is_none());
    if may_use_all {
        let all = problem.sources().iter();
        return all.map(|source| Lengths::of(&source.free)).collect();
    }
    let mut united = vec![Areas::none(); problem.sources().len()];
    for request in requests {
        for (source, areas) in problem.offered(request) {
            united[source] = problem.sources()[source].united(&united[source], &areas);
        }
    }
    united.iter().map(Lengths::of).collect()
}

/// Extents of a leg with the metadata in front of it.
fn leg(request: &Request) -> u64 {
    least_leg(request) + request.front_extents()
}

/// Most extents of legs that one source can hold. Under separation `segment`, too, only one leg can begin
/// there, with its metadata in front.
fn most_of_a_source(request: &Request) -> u64 {
    match request.separation() {
        Separation::Segment | Separation::Leg => leg(request),
        Separation::None => leg(request).saturating_mul(request.legs() as u64),
    }
}

/// Sources that the legs of one request touch at the least: at its first offset, so many.
fn sources_alone(request: &Request) -> u64 {
    match request.separation() {
        Separation::Segment | Separation::Leg => request.legs() as u64,
        Separation::None => 1,
    }
}

/// Segments of all requests whose legs use so many areas.
fn segments(requests: &[&Request], areas: u64) -> u64 {
    let (mut counted, mut pieces, mut most_pieces) = (0, 0, 1);
    for request in requests {
        let legs = request.legs() as u64;
        // Segments at the least; pieces that as many segments can have.
        let (least, reach) = match request.cuts {
            Cuts::Apart => (legs, legs),
            Cuts::Together => {
                most_pieces = most_pieces.max(legs);
                (1, legs)
            }
        };
        // Where every leg goes on at its next extent, its first piece adds no segment.
        let saved = match (&request.grows, request.cuts) {
            (None, _) => 0,
            (Some(_), Cuts::Apart) => legs,
            (Some(_), Cuts::Together) => 1,
        };
        counted += least - saved;
        pieces += reach;
    }
    counted + areas.saturating_sub(pieces).div_ceil(most_pieces)
}
