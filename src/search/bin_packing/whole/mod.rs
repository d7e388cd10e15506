//! Contiguous pieces so that as few free areas as possible are left: as many as possible are taken whole.
//!
//! An area that is not taken whole leaves a free area at least, and one only where pieces lie side by
//! side. So what is asked is how many areas can be filled to the last extent.

mod construct;
mod exact_fillings;
mod prices_of_pieces;

use crate::core::{Limits, Measure, Place, Problem, Request, Segment};
use crate::search::bin_packing::batch::{Batch, Packing};
use crate::search::bin_packing::best_fit;
use construct::Choice;
use exact_fillings::Ways;

/// What is known of the free areas that are left.
pub(crate) struct Whole {
    /// How many are left at least.
    pub(crate) least: u64,
    /// A packing that leaves few.
    pub(crate) packing: Option<Packing>,
}

/// Whether the question is asked, and pieces are all that takes extents.
pub(crate) fn is_asked(problem: &Problem) -> bool {
    let is_all = |request: &Request| {
        let metadata = request.metadata;
        request.log.is_none() && metadata.is_none_or(|metadata| metadata.place == Place::Front)
    };
    problem.objective().contains(&Measure::Fragments) && problem.requests().iter().all(is_all)
}

/// As few free areas as can be found, and as are proven; `known` packs the batch, and leaves so many.
pub(crate) fn fewest_left(
    problem: &Problem,
    batch: &Batch,
    forced: &[Option<Vec<Segment>>],
    limits: &Limits<'_>,
) -> Option<Whole> {
    let mut taken = vec![Vec::new(); problem.sources().len()];
    for segment in forced.iter().flatten().flatten() {
        taken[segment.source].push(segment.area);
    }
    let mut is_whole = vec![false; batch.bins.len()];
    let mut all = 0;
    for (source, taken) in taken.into_iter().enumerate() {
        let free = problem.sources()[source]
            .free
            .difference(&taken.into_iter().collect());
        all += free.len() as u64;
        let first = batch.bins.partition_point(|bin| bin.source < source);
        let bins = batch.bins[first..].iter().enumerate();
        for (at, bin) in bins.take_while(|(_, bin)| bin.source == source) {
            is_whole[first + at] = free.iter().any(|area| area == bin.area);
        }
    }
    let ways = Ways::of(batch, &is_whole, limits)?;
    let mut best = Choice::none(batch, &ways);
    let choose = |order: &[prices_of_pieces::Cheapest], prices: &[i128]| {
        let choice = Choice::in_order(batch, &ways, order, prices);
        if choice.count > best.count {
            best = choice;
        }
        best.count
    };
    let most = prices_of_pieces::most(&ways, choose, limits);
    best.improve(most, limits);
    Some(Whole {
        least: all.saturating_sub(most as u64),
        packing: completed(batch, best, limits),
    })
}

/// The pieces that are left beside the areas that are taken whole. What fits nowhere gets areas of
/// these back that are long enough for it.
fn completed(batch: &Batch, mut choice: Choice<'_>, limits: &Limits<'_>) -> Option<Packing> {
    while !limits.is_over() {
        match best_fit::best_fit(batch, &choice.packing()) {
            Ok(packing) => return Some(packing),
            Err(class) => choice.make_room(&batch.classes[class])?,
        }
    }
    None
}
