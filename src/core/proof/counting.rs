//! Bounds by counting: the fewest areas, or sources, that hold all legs.
//!
//! With the other measure pinned it becomes a bound too: with at most so many segments an area is worth
//! `worth` extents, and a source gives what its areas hold beyond that.

use std::collections::BTreeMap;

use crate::core::proof::leftover;
use crate::core::proof::question::{Question, Wanted};
use crate::core::{Area, Cuts, Measure, Separation};

/// The least value of the measure that counting comes to, or less of it that is `enough`: what is quickly counted goes
/// first.
pub(super) fn least(question: &Question<'_>, worth: u64, enough: u64) -> u64 {
    match question.measure {
        Measure::Unserved => unserved(question),
        Measure::Shortfall => shortfall(question),
        Measure::Elsewhere => required(question).map(elsewhere_of).sum(),
        Measure::Segments => {
            let apart = required(question).map(segments_of).sum();
            if apart >= enough {
                return apart;
            }
            let together = together(question, worth).segments;
            together.max(apart).max(leftover::segments(question))
        }
        Measure::Sources => {
            let apart = required(question).map(sources_of).sum();
            if apart >= enough {
                return apart;
            }
            let together = together(question, worth).sources;
            together.max(apart).max(leftover::sources(question))
        }
        Measure::Balance => leftover::balance(question),
        Measure::Fragments => leftover::fragments(question),
        Measure::LargestArea => leftover::largest_area(question),
    }
}

fn required<'a, 'b>(question: &'b Question<'a>) -> impl Iterator<Item = &'b Wanted<'a>> {
    question.wanted.iter().filter(|wanted| wanted.is_required)
}

/// Values of what there is no room for: what is worth most by the extent is served, the last in part.
fn unserved(question: &Question<'_>) -> u64 {
    let free = question.problem.sources().iter();
    let free: u64 = free.map(|source| source.free.total()).sum();
    let must: u64 = required(question).map(Wanted::least_taken).sum();
    let mut left = u128::from(free.saturating_sub(must));
    let optional = question.wanted.iter().filter(|wanted| !wanted.is_required);
    let mut missed = 0u128;
    let mut choice: Vec<(u128, u128)> = Vec::new();
    for wanted in optional {
        let value = u128::from(wanted.request.value.unwrap_or(0));
        let room = sources_room(wanted);
        match room < wanted.least_of_legs() || wanted.least_taken() > free {
            true => missed += value,
            false => choice.push((value, u128::from(wanted.least_taken()))),
        }
    }
    choice.sort_by(|one, other| (other.0 * one.1).cmp(&(one.0 * other.1)));
    for (value, extents) in choice {
        let served = extents.min(left);
        left -= served;
        missed += value - (value * served).checked_div(extents).unwrap_or(value);
    }
    u64::try_from(missed).unwrap_or(0)
}

/// What the sources can give all legs of a request.
fn sources_room(wanted: &Wanted<'_>) -> u64 {
    let most = wanted.most_of_a_source();
    let offered = wanted.offered.iter();
    offered
        .map(|(_, areas)| areas.total().min(most))
        .fold(0, u64::saturating_add)
}

/// Logical extents of required requests that there is no room for: those go first that take the fewest
/// extents for one.
fn shortfall(question: &Question<'_>) -> u64 {
    let free = question.problem.sources().iter();
    let free: u64 = free.map(|source| source.free.total()).sum();
    let must: u64 = required(question).map(Wanted::least_taken).sum();
    let mut left = free.saturating_sub(must);
    let mut missing = 0;
    let mut choice: Vec<(u64, u64, u64)> = Vec::new();
    for wanted in required(question).filter(|wanted| wanted.least < wanted.most) {
        let stripes = wanted.request.shape.stripes;
        let longest = longest_leg(wanted);
        missing += (wanted.most - longest) * stripes;
        choice.push((wanted.legs, stripes, longest - wanted.least));
    }
    choice.sort_by(|one, other| {
        (u128::from(one.0) * u128::from(other.1)).cmp(&(u128::from(other.0) * u128::from(one.1)))
    });
    let mut is_short = false;
    for (legs, stripes, more) in choice {
        // The first that does not fit whole is served in part, rounded up.
        let served = if is_short { 0 } else { more.min(left / legs) };
        let part = (!is_short && served < more).then(|| (left - served * legs) * stripes / legs);
        is_short |= served < more;
        missing += ((more - served) * stripes).saturating_sub(part.unwrap_or(0));
        left -= served * legs;
    }
    missing
}

/// The longest that all legs of a request may be at once: what the sources hold of legs so long.
fn longest_leg(wanted: &Wanted<'_>) -> u64 {
    let (mut low, mut high) = (wanted.least, wanted.most);
    while low < high {
        let tried = low + (high - low).div_ceil(2);
        let of_length = Wanted {
            request: wanted.request,
            offered: wanted.offered.clone(),
            least: tried,
            most: tried,
            ..*wanted
        };
        match sources_room(&of_length) >= of_length.least_of_legs() {
            true => low = tried,
            false => high = tried - 1,
        }
    }
    low
}

/// Extents of the legs of a request that the sources which it prefers do not hold, as if it were alone.
fn elsewhere_of(wanted: &Wanted<'_>) -> u64 {
    let preferred = &wanted.request.cling_sources;
    if preferred.is_empty() {
        return 0;
    }
    let most = wanted.most_of_a_source();
    let offered = wanted.offered.iter();
    let offered = offered.filter(|(source, _)| preferred.contains(source));
    let held = offered.map(|(_, areas)| areas.total().min(most));
    let legs = wanted.least.saturating_mul(wanted.legs);
    legs.saturating_sub(held.fold(0, u64::saturating_add))
}

/// How many of the longest hold so much.
fn fewest(mut lengths: Vec<u64>, extents: u64) -> u64 {
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    let mut left = extents;
    let needed = lengths.iter().take_while(|&&length| {
        let is_needed = left > 0;
        left = left.saturating_sub(length);
        is_needed
    });
    needed.count() as u64
}

/// What each stay on an area gives, as many as there may be of use.
fn pieces(length: u64, stay: u64, need: u64) -> impl Iterator<Item = u64> {
    let whole = length.checked_div(stay).unwrap_or(0);
    let rest = length.checked_rem(stay).unwrap_or(0);
    let useful = need.checked_div(stay).unwrap_or(0).saturating_add(1);
    let whole = usize::try_from(whole.min(useful)).unwrap_or(0);
    std::iter::repeat_n(stay, whole).chain([rest])
}

/// What each area adds to those that are longer, up to what the source gives: the fewest areas that hold so much
/// are those that add most.
fn added(mut lengths: Vec<u64>, cap: u64) -> Vec<u64> {
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    let mut left = cap;
    let added = lengths.into_iter().map(|length| {
        let added = length.min(left);
        left -= added;
        added
    });
    added.collect()
}

/// Segments of one request, as if it were alone.
fn segments_of(wanted: &Wanted<'_>) -> u64 {
    let need = wanted.least + wanted.request.front_extents();
    let most = wanted.most + wanted.request.front_extents();
    let pieces = wanted.offered.iter().flat_map(|(source, areas)| {
        let stay = wanted.stays(*source).0.min(most);
        areas
            .iter()
            .flat_map(move |area| pieces(area.count(), stay, need))
    });
    let of_leg = fewest(pieces.collect(), need);
    let cap = wanted.most_of_a_source();
    let added = wanted
        .offered
        .iter()
        .flat_map(|(_, areas)| added(areas.iter().map(|area| area.count()).collect(), cap));
    let of_all = fewest(added.collect(), need.saturating_mul(wanted.legs));
    let spared = wanted.growing_legs();
    match wanted.request.cuts {
        Cuts::Apart => {
            // A leg that goes on has the area behind it for nothing.
            let grown = wanted.request.grows.iter().flatten();
            let of_grown = grown.map(|leg| match wanted.goes_on(leg) {
                None => of_leg,
                Some(next) => {
                    let others = wanted.offered.iter().flat_map(|(source, areas)| {
                        let is_next = move |area: &Area| (*source, *area) == next;
                        areas.iter().filter(move |area| !is_next(area))
                    });
                    let others = others.map(|area| area.count().min(most)).collect();
                    fewest(others, need.saturating_sub(next.1.count()))
                }
            });
            let of_legs = match &wanted.request.grows {
                Some(_) => of_grown.sum(),
                None => of_leg * wanted.legs,
            };
            of_legs.max(of_all.saturating_sub(spared))
        }
        Cuts::Together => {
            let intervals = of_leg.max(of_all.div_ceil(wanted.legs));
            intervals.saturating_sub(u64::from(spared > 0))
        }
    }
}

/// Sources of one request, as if it were alone.
fn sources_of(wanted: &Wanted<'_>) -> u64 {
    let need = wanted.least + wanted.request.front_extents();
    let most = wanted.most + wanted.request.front_extents();
    let holds = |most: u64| -> Vec<u64> {
        let offered = wanted.offered.iter();
        offered.map(|(_, areas)| areas.total().min(most)).collect()
    };
    let offered = wanted.offered.iter();
    let of_stays =
        offered.map(|(source, areas)| areas.total().min(most).min(wanted.stays(*source).1));
    let of_leg = fewest(of_stays.collect(), need);
    let of_all = fewest(
        holds(wanted.most_of_a_source()),
        need.saturating_mul(wanted.legs),
    );
    let apart = match wanted.request.separation() {
        Separation::None => of_leg,
        Separation::Segment => of_leg.max(wanted.legs),
        Separation::Leg => of_leg * wanted.legs,
    };
    apart.max(of_all)
}

/// Bounds of all required requests together.
struct Together {
    segments: u64,
    sources: u64,
}

fn together(question: &Question<'_>, worth: u64) -> Together {
    // Per source, per free area of it, what all legs may take.
    let mut most: BTreeMap<usize, (u64, BTreeMap<u64, u64>)> = BTreeMap::new();
    let (mut need, mut pieces_of_one, mut spared) = (0u64, 1, 0u64);
    for wanted in required(question) {
        need = need.saturating_add(wanted.least_of_legs());
        let grown = wanted.growing_legs();
        spared += match wanted.request.cuts {
            Cuts::Apart => grown,
            Cuts::Together => {
                pieces_of_one = pieces_of_one.max(wanted.legs);
                if grown > 0 { wanted.legs } else { 0 }
            }
        };
        let cap = wanted.most_of_a_source();
        for (source, areas) in &wanted.offered {
            let held = most.entry(*source).or_default();
            held.0 = held.0.saturating_add(areas.total().min(cap));
            for free in question.problem.sources()[*source].free.iter() {
                let parts = areas
                    .meeting(free)
                    .filter_map(|part| part.intersection(free));
                let part: u64 = parts.map(|part| part.count()).sum();
                let slot = held.1.entry(free.start()).or_default();
                *slot = slot.saturating_add(part.min(cap)).min(free.count());
            }
        }
    }
    let added = most
        .values()
        .flat_map(|(cap, areas)| added(areas.values().copied().collect(), *cap));
    let areas = fewest(added.collect(), need);
    // Of a source, what is beyond the worth of its areas.
    let mut gains: Vec<u64> = Vec::new();
    for (cap, areas) in most.values() {
        let mut lengths: Vec<u64> = areas.values().copied().collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        let (mut held, mut used, mut gain) = (0u64, 0u64, 0);
        for length in lengths {
            held = held.saturating_add(length).min(*cap);
            used = used.saturating_add(worth);
            gain = gain.max(held.saturating_sub(used));
        }
        gains.push(gain);
    }
    let pieces = question.pin(Measure::Segments).map(|most| {
        let pieces = most.saturating_mul(pieces_of_one).saturating_add(spared);
        pieces.saturating_mul(worth)
    });
    let sources = match pieces {
        Some(given) => fewest(gains.clone(), need.saturating_sub(given)),
        None if worth == 0 => fewest(gains.clone(), need),
        None => 0,
    };
    let with_few_sources = question.pin(Measure::Sources).map_or(0, |most| {
        gains.sort_unstable_by(|one, other| other.cmp(one));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let given = gains
            .iter()
            .take(most)
            .fold(0, |all: u64, gain| all.saturating_add(*gain));
        let pieces = need.saturating_sub(given).checked_div(worth);
        pieces.map_or(0, |whole| {
            whole + u64::from(need.saturating_sub(given) % worth.max(1) > 0)
        })
    });
    let areas = areas.max(with_few_sources);
    Together {
        segments: areas.saturating_sub(spared).div_ceil(pieces_of_one),
        sources,
    }
}
