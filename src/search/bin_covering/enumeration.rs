//! All patterns that are cheap enough for what is wanted, and a choice of them, exactly.
//!
//! What a plan has above a bound is what its patterns cost above the cheapest, and the price of the rooms
//! that it leaves. So only patterns that are little dearer than the cheapest come into question: they
//! are listed and chosen from (Baldacci, Christofides and Mingozzi 2008, for routes).

use crate::core::Limits;
use crate::search::bin_covering::column_generation::{Priced, Program};
use crate::search::bin_covering::pattern::Pattern;
use crate::search::bin_covering::pricing::Pricing;
use crate::search::bin_covering::set_packing::{self, Candidate, Choice, Outcome};

/// What came of it.
pub(crate) enum Enumerated {
    /// A pattern for each leg.
    Found(Vec<Pattern>),
    /// There is no such choice.
    None,
    /// There are too many patterns, or the search ended before it knew.
    Open,
}

/// Patterns for so many legs within the room, of a cost of `wanted` together at most. At most so many are
/// listed, and so many nodes searched.
pub(crate) fn within(
    program: &Program<'_>,
    priced: &Priced,
    (room, legs): (&[i64], usize),
    wanted: u64,
    (most, nodes): (usize, u64),
    limits: &Limits<'_>,
) -> Enumerated {
    let Some(slack) = priced.slack(wanted) else {
        return Enumerated::None;
    };
    let end = priced.cover + slack + 1;
    let listed = Pricing::new(program.ground, &priced.prices, room)
        .and_then(|pricing| pricing.list(end, program.counts_areas(), most, limits));
    let Some(patterns) = listed else {
        return Enumerated::Open;
    };
    let candidate = |pattern: &Pattern| Candidate {
        takes: program.takes(pattern),
        above: pattern
            .cost(program.ground, &priced.prices)
            .saturating_sub(priced.cover),
    };
    let candidates: Vec<Candidate> = patterns.iter().map(candidate).collect();
    let others = program.others.map(|_| priced.others);
    let prices: Vec<u64> = priced.prices.rows.iter().copied().chain(others).collect();
    let choice = Choice {
        candidates: &candidates,
        room,
        prices: &prices,
        common: others.map(|_| room.len() - 1),
        legs,
        slack,
    };
    match set_packing::choose(&choice, &limits.with_nodes(nodes)) {
        Outcome::Found(chosen) => {
            Enumerated::Found(chosen.iter().map(|&at| patterns[at].clone()).collect())
        }
        Outcome::None { .. } => Enumerated::None,
        Outcome::Stopped => Enumerated::Open,
    }
}
