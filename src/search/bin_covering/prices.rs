//! Prices of sources and tags that show how few areas, or sources, a request needs whose legs keep apart.

use crate::core::{Limits, Plan, Problem, Request};
use crate::search::bin_covering::column_generation::{Count, MOST_ROWS, Master, Program};
use crate::search::bin_covering::ground_set::Ground;
use crate::search::bin_covering::is_covering;
use crate::search::bin_covering::pattern::Pattern;
use crate::search::bin_covering::tags::Kinds;

/// Rounds of column generation.
const ROUNDS: usize = 400;

/// What legs pay, in the same unit.
pub(crate) struct OfSources {
    pub(crate) area: u64,
    pub(crate) source: u64,
    /// For a source, and for a tag, that one leg has.
    pub(crate) touches: Vec<(usize, u64)>,
    pub(crate) tags: Vec<(String, u64)>,
}

/// The best prices for `goal` areas or sources among plans with no more than so many `others`; whether they
/// show it is for the caller to look at.
pub(crate) fn prices(
    problem: &Problem,
    request: &Request,
    (fewest, others): (Count, Option<u64>),
    (goal, plan): (u64, &Plan),
    limits: &Limits<'_>,
) -> Option<OfSources> {
    if !is_covering(request) {
        return None;
    }
    let ground = Ground::of(problem, request);
    if ground.room.len() > MOST_ROWS || limits.is_over() {
        return None;
    }
    let program = Program {
        ground: &ground,
        fewest,
        others,
    };
    let start = ground.legs_of(plan);
    let patterns = start.iter();
    let patterns = patterns.filter_map(|stocks| Pattern::of(&ground, stocks));
    let legs = ground.legs();
    let missing = 2 * goal / (legs as u64).max(1) + 2;
    let mut master = Master::new(&program, program.room(), legs, missing, patterns);
    // Where no relaxed choice is found, the prices may do all the same.
    let _ = master.generate(ROUNDS, goal, limits);
    let priced = master.best?;
    let kinds = Kinds::of(problem, request);
    let (mut touches, mut tags) = (Vec::new(), Vec::new());
    for group in &ground.groups {
        let stocks = ground.stocks[group.stocks.clone()].iter();
        let items = stocks.flat_map(|stock| &stock.items);
        let sources = items.map(|&item| ground.covering.items[item].gains[0].areas[0].0);
        let sources: Vec<usize> = sources.collect();
        let numbers = sources.first().and_then(|&source| kinds.tags_of(source));
        let numbers = numbers.filter(|numbers| !numbers.is_empty());
        let row_price = |row: usize| priced.prices.rows[row];
        match numbers {
            Some(numbers) => {
                for (&number, &row) in numbers.iter().zip(&group.rows) {
                    let tag = kinds.name_of(problem, request, number)?;
                    tags.push((tag, row_price(row)));
                }
            }
            None if group.copies_before == 0 => {
                let price = row_price(group.rows[0]);
                touches.extend(sources.into_iter().map(|source| (source, price)));
            }
            None => {}
        }
    }
    touches.retain(|(_, price)| *price > 0);
    tags.retain(|(_, price)| *price > 0);
    tags.sort();
    tags.dedup();
    Some(OfSources {
        area: priced.prices.area,
        source: priced.prices.source,
        touches,
        tags,
    })
}
