//! Selections of areas: what they are made of, what they give, and which are tried one after another.

use crate::core::Limits;
use crate::search::bin_covering::covering::{Covering, Item};
use crate::search::fewest::{self, Lengths};
use crate::search::tradeoff::Selection;

/// How far above the bound selections of areas are tried, as a part of the bound and at least.
const WIDEN_PART: usize = 16;
const WIDEN_LEAST: usize = 12;

/// What each item gives with as many of its areas as are selected, and to whom no leg needs more.
pub(crate) fn sizes(covering: &Covering, selection: &Selection) -> Vec<u64> {
    let pairs = covering.items.iter().zip(selection);
    let given = pairs.map(|(item, &count)| item.extents(count).min(covering.needed));
    given.collect()
}

/// What items offer, for selections.
pub(crate) fn offers(covering: &Covering) -> Vec<Lengths> {
    let lengths = |item: &Item| item.gains.iter().map(|gain| gain.extents).collect();
    let offers = covering.items.iter();
    offers.map(|item| Lengths::of_list(lengths(item))).collect()
}

/// Selections of more and more areas, until one can be shared out.
pub(crate) fn widened<T>(
    covering: &Covering,
    offers: &[Lengths],
    least: usize,
    limits: &Limits<'_>,
    share: impl Fn(&Selection) -> Option<T>,
) -> Option<T> {
    let most = least + WIDEN_LEAST.max(least / WIDEN_PART);
    let near = least..=most;
    // Beyond that in growing steps, and at the end with all there is.
    let far = (0..12).map(|step| most + (least.max(8) << step) / 8);
    for areas in near.chain(far) {
        if limits.is_over() {
            return None;
        }
        let Some(selection) = fewest::select_areas(offers, covering.needed, areas) else {
            break;
        };
        let found = share(&selection);
        if found.is_some() {
            return found;
        }
    }
    let whole: Selection = covering.items.iter().map(|item| item.gains.len()).collect();
    share(&whole)
}
