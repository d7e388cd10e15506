//! The layout of what a host gets, planned and checked as any other.

use std::time::Duration;

use crate::ask::{
    AllPlanned, Fault, InOrder, Outcome, Parts, Pool, Requests, Typed, plan, plan_part,
};
use crate::core::Limits;
use crate::fleet::Asked;
use crate::fleet::place::hosts::PlaceHost;

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
    /// Time for a layout: more seldom makes it better, and fleets have thousands of hosts.
    const USUAL: Duration = Duration::from_millis(20);
    /// Where no layout is found in that it may take so many times as long.
    const LONGER: u32 = 20;
    let own = asked.time.unwrap_or(USUAL);
    for time in [own, own * LONGER] {
        if let Some(planned) = built_in(time, host, commands, asked, limits)? {
            let is_found = planned.outcome() == Outcome::Yes && planned.are_built();
            return Ok(Some(planned).filter(|_| is_found));
        }
    }
    Ok(None)
}

/// The answer of some time; nothing where that was too short for one.
fn built_in(
    own: Duration,
    host: &PlaceHost,
    commands: &[Vec<String>],
    asked: &Asked<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    let started = (asked.clock)();
    let remaining = || {
        let left = (started + own).saturating_sub((asked.clock)());
        Some((limits.remaining)().map_or(left, |all| all.min(left)))
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
        plan_part(task, asked.strategy, &limits, &|| {
            clock().saturating_sub(started)
        })
    })?;
    let is_open = planned.outcome() == Outcome::LimitRanOut || rest.first().is_some();
    Ok((!is_open).then_some(planned))
}
