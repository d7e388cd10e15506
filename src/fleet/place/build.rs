//! The layout of what a host gets, planned and checked as any other.

use crate::ask::{AllPlanned, Fault, Outcome, Pool, Settled};
use crate::core::{Limits, Measure};
use crate::fleet::Manner;
use crate::fleet::place::hosts::PlaceHost;
use crate::fleet::question::{planned, within};
use crate::solve::Strategy;

/// Nodes of each search for a layout: where that is not enough the volumes go elsewhere.
const NODES: u64 = 1_000;

/// One layout takes no more than such a part of the time that is left.
const SHARES: u32 = 32;

/// A layout with its commands, or nothing where none is found; a good one where that `matters`, and that it is found takes
/// longer.
///
/// # Errors
/// If the pool is not as it was, or an answer is wrong.
pub(crate) fn built(
    host: &PlaceHost,
    commands: &[Vec<String>],
    matters: bool,
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    let ask = |strategy: &Strategy, objective: &[Measure]| -> Result<Option<AllPlanned>, Fault> {
        let planned = built_by(strategy, host, commands, objective, manner, limits)?;
        let is_built =
            |planned: &AllPlanned| planned.outcome() == Outcome::Yes && planned.are_built();
        Ok(planned.filter(is_built))
    };
    let [greedy, others @ ..] = &tries(manner.strategy)[..] else {
        return Ok(None);
    };
    if let Some(planned) = ask(greedy, &[])? {
        return Ok(Some(planned));
    }
    for strategy in others {
        // A measure that is 0 for every plan asks for nothing but a plan.
        if let Some(planned) = ask(strategy, &[Measure::Shortfall])? {
            let better = if matters { ask(strategy, &[])? } else { None };
            return Ok(Some(better.unwrap_or(planned)));
        }
    }
    Ok(None)
}

/// The strategies that are tried, each of which asks somebody whom none before it did. Fleets have thousands of hosts: more
/// is tried only where the step-by-step allocator finds no layout.
fn tries(whole: &Strategy) -> Vec<Strategy> {
    let greedy = Strategy {
        search: false,
        program: None,
        certify: false,
        ..whole.clone()
    };
    let searched = Strategy {
        search: true,
        ..greedy.clone()
    };
    let mut tries = vec![greedy];
    if whole.search {
        tries.push(searched);
    }
    if whole.program.is_some() {
        tries.push(Strategy {
            certify: false,
            ..whole.clone()
        });
    }
    tries
}

/// The answer of a strategy; nothing where it has none.
fn built_by(
    strategy: &Strategy,
    host: &PlaceHost,
    commands: &[Vec<String>],
    objective: &[Measure],
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    let pools = Pool::read_all(&host.text, &host.place)?;
    let mut pools = pools.into_iter();
    let pool = match pools.len() {
        1 => pools.next(),
        _ => pools.find(|pool| pool.group_name() == Some(&host.group)),
    };
    let pool = pool.ok_or_else(|| Fault::of(format!("{}: the pool is gone", host.place)))?;
    let (settings, _) = manner.settings.settings(&host.text)?;
    let settled = Settled {
        pool,
        name: &host.place,
        settings,
    };
    // A search for better layouts would take all the time that there is.
    let share = (limits.remaining)().map(|left| left / SHARES);
    let time = manner.time.into_iter().chain(share).min();
    let own = ((manner.clock)(), time);
    let limits = &Limits {
        nodes: limits.nodes.min(NODES),
        ..*limits
    };
    let (done, is_whole) = within(limits, own, manner.clock, |limits| {
        planned(settled, commands, objective, strategy, limits, manner.clock)
    })?;
    let is_open = done.outcome() == Outcome::LimitRanOut || !is_whole;
    Ok((!is_open).then_some(done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_the_same_twice() {
        let asked = |search: bool, has_program: bool| {
            let all = Strategy::default();
            let program = all.program.filter(|_| has_program);
            let tried = tries(&Strategy {
                search,
                program,
                ..all
            });
            let rooms = tried.iter().map(|one| (one.search, one.program.is_some()));
            rooms.collect::<Vec<_>>()
        };
        assert_eq!(asked(false, false), [(false, false)]);
        assert_eq!(asked(true, false), [(false, false), (true, false)]);
        assert_eq!(asked(false, true), [(false, false), (false, true)]);
        assert_eq!(
            asked(true, true),
            [(false, false), (true, false), (true, true)]
        );
    }
}
