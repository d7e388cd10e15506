//! Whether a stated reason why there is no plan holds.
//!
//! Like [`crate::core::check`] this shares no code with whoever found the reason: it reads the
//! problem and adds up once more.

use std::collections::BTreeSet;

use crate::core::knapsack::{dearest, most_below};
use crate::core::{Areas, Conflict, Place, Policy, Problem, Refuted, Request, Separation, Size};

/// Adds up a conflict once more.
///
/// [`Conflict::Exhausted`] and [`Conflict::Program`] state nothing that could be added up; they pass. [`Conflict::Branches`]
/// does not: its rows are those of the integer program, and the room that compiles it adds them up.
///
/// # Errors
/// [`Refuted`] if an index, a sum or the comparison is wrong.
pub fn verify(problem: &Problem, conflict: &Conflict) -> Result<(), Refuted> {
    match conflict {
        Conflict::Cut {
            requests,
            whole,
            needed,
            reachable,
        } => verify_cut(problem, requests, whole, *needed, *reachable),
        Conflict::Room {
            requests,
            length,
            pieces,
            places,
        } => verify_room(problem, requests, *length, *pieces, *places),
        Conflict::Units {
            requests,
            unit,
            whole,
            needed,
            reachable,
        } => verify_units(problem, requests, *unit, whole, *needed, *reachable),
        Conflict::Prices {
            request,
            prices,
            tags,
            cover,
        } => verify_prices(problem, *request, prices, tags, *cover),
        Conflict::PiecePrices {
            prices,
            worth,
            holdable,
        } => verify_piece_prices(problem, prices, *worth, *holdable),
        Conflict::Apart {
            request,
            tags,
            sources,
            legs,
        } => verify_apart(problem, *request, tags, sources, *legs),
        Conflict::Branches(_) => {
            refuted("its rows are those of the integer program, which is not at hand".to_string())
        }
        Conflict::Exhausted { .. } | Conflict::Program { .. } => Ok(()),
    }
}

fn refuted<T>(reason: String) -> Result<T, Refuted> {
    Err(Refuted { reason })
}

fn must_equal(what: &str, stated: u64, counted: u64) -> Result<(), Refuted> {
    if stated == counted {
        Ok(())
    } else {
        refuted(format!("it states {stated} for {what}, counted {counted}"))
    }
}

/// The requests by index, all of which have to be required, each once.
fn required<'a>(problem: &'a Problem, indices: &[usize]) -> Result<Vec<&'a Request>, Refuted> {
    if indices.is_empty() || indices.windows(2).any(|pair| pair[0] >= pair[1]) {
        return refuted("its requests are not an ascending list".to_string());
    }
    let mut requests = Vec::new();
    for &index in indices {
        match problem.requests().get(index) {
            None => return refuted(format!("there is no request number {index}")),
            Some(request) if request.value.is_some() => {
                return refuted(format!("request `{}` may be left out", request.name));
            }
            Some(request) => {
                // Every field is named, so that whoever adds one is led here: does it make a reason wrong?
                #[rustfmt::skip]
                let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _,
                    separation: _, cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _,
                    allowed: _, area_tags: _, avoid: _, value: _ } = request;
                requests.push(request);
            }
        }
    }
    Ok(requests)
}

/// Extents that one leg needs at the least, without companions.
fn least_leg(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(extents) => extents / request.shape.stripes,
        Size::AtMost(_) => 1,
    }
}

fn metadata_extents(request: &Request) -> u64 {
    request.metadata.map_or(0, |metadata| metadata.extents)
}

/// What a source offers a request, for each source.
fn offers(problem: &Problem, request: &Request) -> Vec<Areas> {
    let mut areas = vec![Areas::none(); problem.sources().len()];
    for (source, offered) in problem.offered(request) {
        areas[source] = offered;
    }
    areas
}

fn verify_cut(
    problem: &Problem,
    indices: &[usize],
    whole: &[usize],
    needed: u64,
    reachable: u64,
) -> Result<(), Refuted> {
    let requests = required(problem, indices)?;
    let whole: BTreeSet<usize> = whole.iter().copied().collect();
    let mut counted_need = 0u64;
    let mut counted_reach = 0u64;
    // What whole sources offer to any of the requests.
    let mut united = vec![Areas::none(); problem.sources().len()];
    for request in requests {
        let legs = request.legs() as u64;
        let leg = least_leg(request);
        let companions =
            metadata_extents(request) * legs + request.log.map_or(0, |log| log.extents * log.count);
        counted_need += leg * legs + companions;
        // A source holds at most one leg at every offset. Metadata has no offset, so with separation
        // `segment` a source may hold that of all legs; a log may come on top of either.
        let per_source = match request.separation() {
            Separation::None => u64::MAX,
            Separation::Segment => leg + companions,
            Separation::Leg => {
                leg + metadata_extents(request) + request.log.map_or(0, |log| log.extents)
            }
        };
        for (source, areas) in offers(problem, request).into_iter().enumerate() {
            if whole.contains(&source) {
                united[source] = problem.sources()[source].united(&united[source], &areas);
            } else {
                counted_reach = counted_reach.saturating_add(areas.total().min(per_source));
            }
        }
    }
    let held: u64 = united.iter().map(Areas::total).sum();
    counted_reach = counted_reach.saturating_add(held);
    must_equal("the extents needed", needed, counted_need)?;
    must_equal("the extents within reach", reachable, counted_reach)?;
    if needed <= reachable {
        return refuted(format!("{needed} extents fit into {reachable}"));
    }
    Ok(())
}

fn verify_apart(
    problem: &Problem,
    index: usize,
    tags: &[String],
    sources: &[usize],
    legs: u64,
) -> Result<(), Refuted> {
    let request = required(problem, &[index])?[0];
    let name = &request.name;
    must_equal("the legs", legs, request.legs() as u64)?;
    if let Some(tag) = tags
        .iter()
        .find(|tag| !request.partition_by_tags.contains(*tag))
    {
        return refuted(format!(
            "legs of request `{name}` do not keep apart by tag `{tag}`"
        ));
    }
    if !sources.is_empty() && request.separation() == Separation::None {
        return refuted(format!("legs of request `{name}` may share a source"));
    }
    for (source, areas) in offers(problem, request).iter().enumerate() {
        let has_tag = || {
            tags.iter()
                .any(|tag| problem.sources()[source].tags.contains(tag))
        };
        if areas.total() > 0 && !sources.contains(&source) && !has_tag() {
            let source = &problem.sources()[source].name;
            return refuted(format!("source `{source}` is none of those counted"));
        }
    }
    let places = (tags.len() + sources.len()) as u64;
    if places >= legs {
        return refuted(format!("{legs} legs are no more than {places}"));
    }
    Ok(())
}

fn verify_room(
    problem: &Problem,
    indices: &[usize],
    length: u64,
    pieces: u64,
    places: u64,
) -> Result<(), Refuted> {
    let requests = required(problem, indices)?;
    if length == 0 {
        return refuted("pieces of no length".to_string());
    }
    let mut counted_pieces = 0u64;
    let sources = problem.sources().len();
    // Per source: what it offers to any of the requests, and how many pieces they may put there.
    let mut united = vec![Areas::none(); sources];
    let mut most = vec![0u64; sources];
    for request in requests {
        if request.policy != Policy::Contiguous {
            return refuted(format!("request `{}` is not contiguous", request.name));
        }
        let piece = least_leg(request) + request.front_extents();
        if piece < length {
            return refuted(format!(
                "a leg of request `{}` has {piece} extents, fewer than {length}",
                request.name
            ));
        }
        let legs = request.legs() as u64;
        counted_pieces += legs;
        let per_source = match request.separation() {
            Separation::None => legs,
            // A whole leg per source: two contiguous legs share every offset.
            Separation::Segment | Separation::Leg => 1,
        };
        for (source, areas) in offers(problem, request).into_iter().enumerate() {
            if areas.longest() >= length {
                most[source] += per_source;
            }
            united[source] = problem.sources()[source].united(&united[source], &areas);
        }
    }
    let counted_places = united
        .iter()
        .zip(most)
        .map(|(areas, most)| {
            let fit: u64 = areas.iter().map(|area| area.count() / length).sum();
            fit.min(most)
        })
        .sum();
    must_equal("the pieces", pieces, counted_pieces)?;
    must_equal("the places", places, counted_places)?;
    if pieces <= places {
        return refuted(format!("{pieces} pieces fit {places} places"));
    }
    Ok(())
}

fn verify_units(
    problem: &Problem,
    indices: &[usize],
    unit: u64,
    whole: &[usize],
    needed: u64,
    reachable: u64,
) -> Result<(), Refuted> {
    let requests = required(problem, indices)?;
    if unit == 0 {
        return refuted("units of no length".to_string());
    }
    let whole: BTreeSet<usize> = whole.iter().copied().collect();
    let pieces = requests
        .iter()
        .map(|request| least_leg(request) + request.front_extents());
    let shortest = pieces.min().unwrap_or(0);
    let units = |areas: &Areas| {
        let long_enough = areas.iter().filter(|area| area.count() >= shortest);
        long_enough.map(|area| area.count() / unit).sum::<u64>()
    };
    let mut counted_need = 0u64;
    let mut counted_reach = 0u64;
    let mut united = vec![Areas::none(); problem.sources().len()];
    for request in requests {
        if request.policy != Policy::Contiguous {
            return refuted(format!("request `{}` is not contiguous", request.name));
        }
        let piece = least_leg(request) + request.front_extents();
        counted_need += piece / unit * request.legs() as u64;
        for (source, areas) in offers(problem, request).into_iter().enumerate() {
            if whole.contains(&source) {
                united[source] = problem.sources()[source].united(&united[source], &areas);
                continue;
            }
            let reach = match request.separation() {
                Separation::None => units(&areas),
                // A whole leg per source: two contiguous legs share every offset.
                Separation::Segment | Separation::Leg if areas.longest() >= piece => piece / unit,
                Separation::Segment | Separation::Leg => 0,
            };
            counted_reach = counted_reach.saturating_add(reach);
        }
    }
    let held: u64 = united.iter().map(units).sum();
    counted_reach = counted_reach.saturating_add(held);
    must_equal("the units needed", needed, counted_need)?;
    must_equal("the units within reach", reachable, counted_reach)?;
    if needed <= reachable {
        return refuted(format!("{needed} units fit into {reachable}"));
    }
    Ok(())
}

fn verify_prices(
    problem: &Problem,
    index: usize,
    prices: &[(usize, u64)],
    tags: &[(String, u64)],
    cover: u64,
) -> Result<(), Refuted> {
    let requests = required(problem, &[index])?;
    let request = requests[0];
    if request.grows.is_some() {
        return refuted(format!("request `{}` has legs already", request.name));
    }
    let mut price = vec![0u64; problem.sources().len()];
    for &(source, value) in prices {
        match price.get_mut(source) {
            Some(slot) => *slot = value,
            None => return refuted(format!("there is no source number {source}")),
        }
    }
    for (place, (tag, _)) in tags.iter().enumerate() {
        if !request.partition_by_tags.contains(tag) {
            let name = &request.name;
            return refuted(format!(
                "legs of request `{name}` do not keep apart by tag `{tag}`"
            ));
        }
        if place > 0 && tags[place - 1].0 >= *tag {
            return refuted("its tags are not an ascending list".to_string());
        }
    }
    // What is paid for once, with what it holds: the sources of a tag, or a source.
    let mut paid: Vec<(u64, u64)> = tags.iter().map(|(_, price)| (*price, 0)).collect();
    for (source, areas) in offers(problem, request).into_iter().enumerate() {
        let extents = areas.total();
        let borne = &problem.sources()[source].tags;
        if let Some(tag) = tags.iter().position(|(tag, _)| borne.contains(tag)) {
            paid[tag].1 += extents;
            continue;
        }
        // No source, over all offsets, has two legs: it must not, or it has a tag of which one leg may be.
        let has_one_leg = request.separation() == Separation::Leg
            || !request.partition_by_tags.is_disjoint(borne);
        if extents > 0 && !has_one_leg {
            return refuted(format!(
                "the legs of request `{}` need not use disjoint sources",
                request.name
            ));
        }
        paid.push((price[source], extents));
    }
    if cover == 0 {
        return refuted("a leg that costs nothing".to_string());
    }
    let metadata = match request.metadata {
        Some(metadata) if metadata.place != Place::OwnSource => metadata.extents,
        Some(_) | None => 0,
    };
    let needed = least_leg(request) + metadata;
    let total: u128 = paid.iter().map(|(price, _)| u128::from(*price)).sum();
    match most_below(&paid, cover) {
        None => return refuted("its prices allow too many sets to check".to_string()),
        Some(extents) if extents >= needed => {
            return refuted(format!("a leg can be held for less than {cover}"));
        }
        Some(_) => {}
    }
    let least = u128::from(cover) * request.legs() as u128;
    if total >= least {
        return refuted(format!("the prices add up to {total}, not below {least}"));
    }
    Ok(())
}

fn verify_piece_prices(
    problem: &Problem,
    prices: &[(usize, u64)],
    worth: u64,
    holdable: u64,
) -> Result<(), Refuted> {
    let indices: Vec<usize> = prices.iter().map(|&(request, _)| request).collect();
    let requests = required(problem, &indices)?;
    let mut counted_worth = 0u128;
    // Per source what it offers to any of the requests.
    let mut united = vec![Areas::none(); problem.sources().len()];
    let mut pieces = Vec::new();
    for (request, &(_, price)) in requests.iter().zip(prices) {
        if request.policy != Policy::Contiguous {
            return refuted(format!("request `{}` is not contiguous", request.name));
        }
        for (source, areas) in offers(problem, request).into_iter().enumerate() {
            united[source] = problem.sources()[source].united(&united[source], &areas);
        }
        let legs = request.legs() as u64;
        counted_worth += u128::from(price) * u128::from(legs);
        let in_one_area = match request.separation() {
            Separation::None => legs,
            // A whole leg per source: two contiguous legs share every offset.
            Separation::Segment | Separation::Leg => 1,
        };
        pieces.push((
            least_leg(request) + request.front_extents(),
            price,
            in_one_area,
        ));
    }
    // The dearest per extent first, so that what is left to choose from is easy to judge.
    pieces.sort_by(|left, right| {
        let (left, right) = (
            u128::from(left.1) * u128::from(right.0),
            u128::from(right.1) * u128::from(left.0),
        );
        right.cmp(&left)
    });
    let mut counted_hold = 0u128;
    let mut steps = 0;
    for area in united.iter().flat_map(Areas::iter) {
        match dearest(&pieces, area.count(), &mut steps) {
            Some(most) => counted_hold += u128::from(most),
            None => return refuted("its areas hold too many sets of pieces to check".to_string()),
        }
    }
    if counted_worth != u128::from(worth) || counted_hold != u128::from(holdable) {
        return refuted(format!(
            "it states {worth} and {holdable}, counted {counted_worth} and {counted_hold}"
        ));
    }
    if worth <= holdable {
        return refuted(format!("the areas can hold pieces worth {holdable}"));
    }
    Ok(())
}
