//! Bounds by prices: what all requests cost at the least where extents have prices, less what everything
//! free is worth.
//!
//! That nothing is taken twice is left out; the prices make up for it. The measures before may be part of
//! the sum, each with a weight: what they are at the most is known.
//!
//! # Source
//! Held and Karp, "The traveling-salesman problem and minimum spanning trees: part II", Mathematical
//! Programming 1 (1971); Fisher, Management Science 27 (1981).

use crate::core::proof::question::Question;
use crate::core::proof::request;
use crate::core::proof::tariff::Tariff;
use crate::core::{Prices, Refuted};

/// What each request costs at the least, as if it were alone.
pub(super) fn of_requests(question: &Question<'_>, tariff: &Tariff) -> Vec<i128> {
    let wanted = question.wanted.iter();
    let least = wanted.map(|wanted| request::least(question, wanted, tariff).max(0));
    least.collect()
}

/// The least value of the measure that the prices come to.
pub(super) fn least(question: &Question<'_>, prices: &Prices) -> Result<u64, Refuted> {
    let refuted = |reason: &str| {
        Err(Refuted {
            reason: reason.to_string(),
        })
    };
    let position = prices.weights.len().wrapping_sub(1);
    let own = prices.weights.last().copied().unwrap_or(0);
    if question.problem.objective().get(position) != Some(&question.measure) || own == 0 {
        return refuted("its weights are not those of the measures up to the bounded one");
    }
    let tariff = Tariff::of(question, prices)?;
    let mut value: i128 = of_requests(question, &tariff).into_iter().sum();
    for (&(source, start), price) in &tariff.areas {
        let free = question.problem.sources()[source].free.iter();
        let area = free.into_iter().find(|area| area.start() == start);
        value -= price * area.map_or(0, |area| i128::from(area.count()));
    }
    for ((request, source), price) in &tariff.shares {
        let wanted = &question.wanted[*request];
        debug_assert_eq!(wanted.index, *request, "by index, of source {source}");
        value -= price * i128::from(wanted.most_of_a_source());
    }
    value -= tariff.touches.values().sum::<i128>();
    value -= tariff
        .tags
        .values()
        .flat_map(|of| of.values())
        .sum::<i128>();
    for (&measure, &weight) in question.problem.objective().iter().zip(&prices.weights) {
        if measure != question.measure {
            value -= i128::from(weight) * i128::from(question.pin(measure).unwrap_or(0));
        }
    }
    // No plan has a part of one.
    let own = i128::from(own);
    Ok(u64::try_from((value.max(0) + own - 1) / own).unwrap_or(u64::MAX))
}
