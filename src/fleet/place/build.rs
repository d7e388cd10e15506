//! The layout of what a host gets, planned and checked as any other.

use crate::ask::{AllPlanned, Fault, Outcome, Pool, Settled};
use crate::core::Limits;
use crate::fleet::Manner;
use crate::fleet::place::hosts::PlaceHost;
use crate::fleet::question::{planned, within};
use crate::solve::Strategy;

/// A layout with its commands, or nothing where none is found.
///
/// # Errors
/// If the pool is not as it was, or an answer is wrong.
pub(crate) fn built(
    host: &PlaceHost,
    commands: &[Vec<String>],
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Result<Option<AllPlanned>, Fault> {
    // Fleets have thousands of hosts: more is tried only where the step-by-step allocator finds no layout.
    let greedy = Strategy {
        search: false,
        program: None,
        certify: false,
        ..manner.strategy.clone()
    };
    let searched = Strategy {
        search: true,
        ..greedy.clone()
    };
    let Strategy {
        search, program, ..
    } = manner.strategy;
    // Each asks somebody whom none before it did.
    let more = [(&searched, *search), (manner.strategy, program.is_some())];
    let more = more.into_iter().filter(|(_, is_more)| *is_more);
    for strategy in std::iter::once(&greedy).chain(more.map(|(strategy, _)| strategy)) {
        if let Some(planned) = built_by(strategy, host, commands, manner, limits)? {
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
    let own = ((manner.clock)(), manner.time);
    let (done, is_whole) = within(limits, own, manner.clock, |limits| {
        planned(settled, commands, &[], strategy, limits, manner.clock)
    })?;
    let is_open = done.outcome() == Outcome::LimitRanOut || !is_whole;
    Ok((!is_open).then_some(done))
}
