//! The layout of what a host gets, planned and checked as any other.

use crate::ask::{
    AllPlanned, Fault, InOrder, Outcome, Parts, Pool, Requests, Typed, plan, plan_part,
};
use crate::core::Limits;
use crate::fleet::Asked;
use crate::fleet::place::hosts::PlaceHost;
use crate::solve::Strategy;

/// A layout with its commands, or nothing where there is none, or none was found in time.
///
/// # Errors
/// If the pool is not as it was, or an answer is wrong.
pub(crate) fn built(
    host: &PlaceHost,
    commands: &[Vec<String>],
    asked: &Asked<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    // Fleets have thousands of hosts: more is tried only where the step-by-step allocator finds no layout.
    let greedy = Strategy {
        search: false,
        program: None,
        certify: false,
        ..asked.strategy.clone()
    };
    let searched = Strategy {
        search: asked.strategy.search,
        ..greedy.clone()
    };
    for strategy in [&greedy, &searched, asked.strategy] {
        if let Some(planned) = built_by(strategy, host, commands, asked, limits)? {
            let is_found = planned.outcome() == Outcome::Yes && planned.are_built();
            return Ok(Some(planned).filter(|_| is_found));
        }
    }
    Ok(None)
}

/// The answer of a strategy; nothing where it has none.
fn built_by(
    strategy: &Strategy,
    host: &PlaceHost,
    commands: &[Vec<String>],
    asked: &Asked<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    let started = (asked.clock)();
    let remaining = || {
        let own = asked.time;
        let own = own.map(|own| (started + own).saturating_sub((asked.clock)()));
        own.into_iter().chain((limits.remaining)()).min()
    };
    let limits = Limits {
        remaining: &remaining,
        ..*limits
    };
    let pools = Pool::read_all(&host.text, &host.place)?;
    let mut pools = pools.into_iter();
    let pool = match pools.len() {
        1 => pools.next(),
        _ => pools.find(|pool| pool.group_name() == Some(&host.group)),
    };
    let pool = pool.ok_or_else(|| Fault::of(format!("{}: the pool is gone", host.place)))?;
    let (settings, _) = asked.settings.settings(&host.text)?;
    let typed = commands
        .iter()
        .map(|words| Typed::of_words(words, &settings));
    let requests = Requests::Commands(typed.collect::<Result<_, _>>()?);
    let in_order = InOrder::of(pool, None, settings);
    let in_order = in_order.map_err(|error| Fault::of(format!("{}: {error:?}", host.place)))?;
    let Parts {
        first, mut rest, ..
    } = Parts::of(&host.place, in_order, requests, Vec::new())?;
    let clock = asked.clock;
    let planned = plan(first, &mut rest, |task, _, _| {
        plan_part(task, strategy, &limits, &|| clock().saturating_sub(started))
    })?;
    let is_open = planned.outcome() == Outcome::LimitRanOut || rest.first().is_some();
    Ok((!is_open).then_some(planned))
}
