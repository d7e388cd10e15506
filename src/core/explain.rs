//! Why there is no plan, in one sentence for people.

use std::collections::BTreeMap;

use crate::core::{Conflict, Problem};

/// Most names that a sentence lists before it counts the rest.
const MOST_NAMES: usize = 6;

/// Says a conflict in words, with the names of the problem.
///
/// # Panics
/// If the conflict has indices that the problem has not; [`crate::core::verify`] refuses those.
#[must_use]
pub fn explain(problem: &Problem, conflict: &Conflict) -> String {
    let request = |index: &usize| problem.requests()[*index].name.as_str();
    let source = |index: &usize| problem.sources()[*index].name.as_str();
    match conflict {
        Conflict::Cut {
            requests,
            whole,
            needed,
            reachable,
        } => {
            let who = list("request", requests.iter().map(request));
            let verb = if requests.len() == 1 { "needs" } else { "need" };
            let needed = counted(*needed, "extent");
            let others = problem.sources().len().saturating_sub(whole.len());
            let they = if requests.len() == 1 { "it" } else { "they" };
            let free: u64 = problem.sources().iter().map(|one| one.free.total()).sum();
            if others == 0 && *reachable < free {
                return format!(
                    "{who} {verb} {needed}; where {they} may lie there are {reachable}, of {free} that all sources offer"
                );
            }
            if others == 0 {
                return format!("{who} {verb} {needed}; all sources together offer {reachable}");
            }
            let rest = format!(
                "{} can hold one leg of each request at most",
                counted(
                    others as u64,
                    if whole.is_empty() {
                        "source"
                    } else {
                        "other source"
                    }
                )
            );
            let has_one_leg = |index: &usize| problem.requests()[*index].legs() == 1;
            if whole.is_empty() && requests.iter().all(has_one_leg) {
                return format!(
                    "{who} {verb} {needed}; the sources that {they} may lie on offer {reachable}"
                );
            }
            if whole.is_empty() {
                return format!(
                    "{who} {verb} {needed}; {reachable} are within reach, because {rest}"
                );
            }
            let held = list("source", whole.iter().map(source));
            format!(
                "{who} {verb} {needed}; {reachable} are within reach: all that {held} can offer, \
                 while {rest}"
            )
        }
        Conflict::Room {
            requests,
            length,
            pieces,
            places,
        } => format!(
            "{} {} {} of at least {} in one area; there {} of that length",
            list("request", requests.iter().map(request)),
            if requests.len() == 1 { "needs" } else { "need" },
            counted(*pieces, "leg"),
            counted(*length, "extent"),
            if *places == 1 {
                "is room for 1 leg".to_string()
            } else {
                format!("is room for {places} legs")
            },
        ),
        Conflict::Units {
            requests,
            unit,
            whole,
            needed,
            reachable,
        } => {
            let who = list("request", requests.iter().map(request));
            let verb = if requests.len() == 1 { "needs" } else { "need" };
            let unit = counted(*unit, "extent");
            let cut = if whole.len() == problem.sources().len() {
                String::new()
            } else {
                format!(
                    ", where {} can hold one leg of each request at most",
                    counted(
                        problem.sources().len().saturating_sub(whole.len()) as u64,
                        if whole.is_empty() {
                            "source"
                        } else {
                            "other source"
                        }
                    )
                )
            };
            format!(
                "in whole units of {unit} {who} {verb} {needed} in one piece per leg; the areas \
                 hold {reachable}{cut}"
            )
        }
        Conflict::Prices {
            request: index,
            prices,
            tags,
            cover,
        } => {
            let legs = problem.requests()[*index].legs() as u128;
            let sources = prices.iter().map(|(_, price)| ("source", *price));
            let all = sources.chain(tags.iter().map(|(_, price)| ("tag", *price)));
            let total: u128 = all.clone().map(|(_, price)| u128::from(price)).sum();
            let name = request(index);
            let all_legs = legs * u128::from(*cover);
            let what = match (prices.is_empty(), tags.is_empty()) {
                (true, false) => "tags",
                (false, false) => "sources and tags",
                (_, true) => "sources",
            };
            if all.clone().all(|(_, price)| price == 1) {
                return format!(
                    "request `{name}` needs {legs} legs on different {what}; each leg takes at least \
                     {cover} {what} of {total}, so the legs take {all_legs}"
                );
            }
            if let Some((one, spare)) = wasted(problem, *index, prices, tags, *cover) {
                let waste = match spare {
                    0 => "all of it has to be used to the last extent".to_string(),
                    _ => format!("{} can be left over", counted(spare, "extent")),
                };
                return format!(
                    "request `{name}` needs {legs} legs of {} on different {what}, and of what is free {waste}: \
                     no leg is filled so by {one} with any others",
                    counted(*cover, "extent"),
                );
            }
            let mut alike: BTreeMap<(u64, &str), u64> = BTreeMap::new();
            for (of_what, price) in all {
                *alike.entry((price, of_what)).or_default() += 1;
            }
            let priced: Vec<String> = alike
                .iter()
                .rev()
                .map(|((price, of_what), count)| format!("{} at {price}", counted(*count, of_what)))
                .collect();
            let priced = if priced.len() <= MOST_NAMES {
                format!("{} priced", priced.join(", "))
            } else {
                format!("{} {what} priced", prices.len() + tags.len())
            };
            format!(
                "request `{name}` needs {legs} legs on different {what}; with {priced}, any {what} \
                 that hold a leg cost at least {cover}, so the legs cost {all_legs}, but all prices \
                 together are {total}"
            )
        }
        Conflict::PiecePrices {
            prices,
            worth,
            holdable,
        } => format!(
            "with the pieces of {} priced, all pieces that have to be placed are worth {worth}, \
             but the areas can hold pieces worth {holdable} at most",
            list("request", prices.iter().map(|(index, _)| request(index))),
        ),
        Conflict::Apart {
            request: index,
            tags,
            sources,
            legs,
        } => {
            let by_tags = list("tag", tags.iter().map(String::as_str));
            let by_source = list("source", sources.iter().map(source));
            let places = match (tags.is_empty(), sources.is_empty()) {
                (false, false) => {
                    format!("one for each of {by_tags} and one on each of {by_source}")
                }
                (false, true) => format!("one for each of {by_tags}"),
                (true, _) => format!("one on each of {by_source}"),
            };
            format!(
                "request `{}` has {} to keep apart, and there is room for {}: {places}",
                request(index),
                counted(*legs, "leg"),
                tags.len() + sources.len()
            )
        }
        Conflict::Branches(branches) => format!(
            "every choice was tried, and none is left by the rows of the integer program (a tree of {})",
            counted(branches.steps.len() as u64, "step")
        ),
        Conflict::Exhausted { nodes } => format!(
            "every possibility was tried ({})",
            counted(*nodes, "search node")
        ),
        Conflict::Program { rows, columns } => format!(
            "the integer program has no solution ({}, {})",
            counted(*rows, "row"),
            counted(*columns, "column")
        ),
    }
}

/// `1 extent`, `2 extents`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// "request `a`", "sources `a` and `b`", "sources `a`, `b` and 7 more".
fn list<'a>(what: &str, names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut shown: Vec<String> = names.take(MOST_NAMES).map(|n| format!("`{n}`")).collect();
    if count > shown.len() {
        shown.push(format!("{} more", count - shown.len()));
    }
    let last = shown.pop().unwrap_or_default();
    if shown.is_empty() {
        format!("{what}{plural} {last}")
    } else {
        format!("{what}{plural} {} and {last}", shown.join(", "))
    }
}

/// What no set that fills a leg has, and how many extents can be left over, where that is what prices say: everything costs
/// what it holds, and that one thing less.
fn wasted(
    problem: &Problem,
    index: usize,
    prices: &[(usize, u64)],
    tags: &[(String, u64)],
    cover: u64,
) -> Option<(String, u64)> {
    let request = &problem.requests()[index];
    if cover != request.leg_extents() + request.front_extents() {
        return None;
    }
    // What is paid for once: its name, its price and what it holds.
    let of_tags = tags
        .iter()
        .map(|(tag, price)| (format!("tag `{tag}`"), *price, 0));
    let mut paid: Vec<(String, u64, u64)> = of_tags.collect();
    for (source, areas) in problem.offered(request) {
        let borne = &problem.sources()[source].tags;
        if let Some(tag) = tags.iter().position(|(tag, _)| borne.contains(tag)) {
            paid[tag].2 += areas.total();
            continue;
        }
        let price = prices.iter().find(|(other, _)| *other == source);
        let price = price.map_or(0, |(_, price)| *price);
        let name = format!("source `{}`", problem.sources()[source].name);
        paid.push((name, price, areas.total()));
    }
    let held: u64 = paid.iter().map(|(_, _, held)| held).sum();
    let spare = held.checked_sub(cover * request.legs() as u64)?;
    let mut others = paid.into_iter().filter(|(_, price, held)| price != held);
    let (one, price, held) = others.next()?;
    (others.next().is_none() && price < held).then_some((one, spare))
}
