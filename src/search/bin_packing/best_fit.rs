//! Best fit decreasing for contiguous pieces.
//!
//! Johnson, "Near-optimal bin packing algorithms", thesis, MIT 1973: the longest piece first, each into
//! the bin where it leaves least. Bins are given here and differ in size, so the only question is
//! whether every piece finds one.

use std::collections::BTreeSet;

use crate::search::bin_packing::batch::{Batch, Class, Packing};
use crate::search::parallel;

/// What is left of the bins, and which sources a class has used.
struct State<'a> {
    batch: &'a Batch,
    /// Length left and bin, ascending.
    left: BTreeSet<(u64, usize)>,
}

/// Best fit decreasing, beside the pieces that `fixed` has by class; else the first class that does not
/// fit.
pub(crate) fn best_fit(batch: &Batch, fixed: &Packing) -> Result<Packing, usize> {
    fit(batch, fixed, &[])
}

/// Best fit decreasing that spares places for the lengths of which there are hardly enough.
///
/// Where the pieces of at least some length nearly outnumber their places, a piece goes first where it
/// costs the fewest of these places, and only then where it leaves least. `slack` gives for each
/// length the places that are left over.
pub(crate) fn sparing_fit(batch: &Batch, slack: &[(u64, u64)]) -> Option<Packing> {
    /// How many of the scarcest lengths are looked at together.
    const MOST_SCARCE: usize = 8;
    let mut lengths: Vec<(u64, u64)> = slack.iter().map(|&(length, left)| (left, length)).collect();
    lengths.sort_unstable();
    let scarce: Vec<u64> = lengths
        .iter()
        .take(MOST_SCARCE)
        .map(|pair| pair.1)
        .collect();
    let tries: Vec<&[u64]> = (0..scarce.len())
        .map(|index| &scarce[index..=index])
        .chain((2..=scarce.len()).map(|count| &scarce[..count]))
        .collect();
    let found = parallel::map(&tries, |scarce| fit(batch, &none(batch), scarce).ok());
    found.into_iter().flatten().next()
}

/// No piece has its place.
pub(crate) fn none(batch: &Batch) -> Packing {
    vec![Vec::new(); batch.classes.len()]
}

/// Packs the classes in order beside what is fixed.
fn fit(batch: &Batch, fixed: &Packing, scarce: &[u64]) -> Result<Packing, usize> {
    let mut lengths: Vec<u64> = batch.bins.iter().map(|bin| bin.area.count()).collect();
    for (class, bins) in batch.classes.iter().zip(fixed) {
        for &bin in bins {
            lengths[bin] -= class.length;
        }
    }
    let mut state = State {
        batch,
        left: lengths.into_iter().zip(0..).collect(),
    };
    let mut packing = fixed.clone();
    for (index, class) in batch.classes.iter().enumerate() {
        state
            .pack(class, &mut packing[index], scarce)
            .ok_or(index)?;
    }
    Ok(packing)
}

impl State<'_> {
    /// A bin for each piece of the class that has none.
    fn pack(&mut self, class: &Class, bins: &mut Vec<usize>, scarce: &[u64]) -> Option<()> {
        let mut used = vec![false; if class.apart { self.batch.sources } else { 0 }];
        let mut tags = vec![false; class.tag_count];
        for &bin in bins.iter() {
            let source = self.batch.bins[bin].source;
            close(class, source, &mut used, &mut tags);
        }
        while bins.len() < class.count {
            let is_open = |bin: usize| {
                let source = self.batch.bins[bin].source;
                class.welcome[source]
                    && !(class.apart && used[source])
                    && !(class.tag_count > 0 && class.tags[source].iter().any(|&tag| tags[tag]))
            };
            let mut fitting = self.left.range((class.length, 0)..);
            let (left, bin) = if scarce.is_empty() {
                *fitting.find(|&&(_, bin)| is_open(bin))?
            } else {
                let lost = |left: u64| -> u64 {
                    let at = |length: &u64| left / length - (left - class.length) / length;
                    scarce.iter().map(at).sum()
                };
                // No bin can lose less than what the piece itself takes up.
                let least: u64 = scarce.iter().map(|length| class.length / length).sum();
                let mut best: Option<(u64, (u64, usize))> = None;
                for &(left, bin) in fitting {
                    let key = (lost(left), (left, bin));
                    if best.is_none_or(|best| key < best) && is_open(bin) {
                        best = Some(key);
                        if key.0 == least {
                            break;
                        }
                    }
                }
                best?.1
            };
            self.left.remove(&(left, bin));
            if left > class.length {
                self.left.insert((left - class.length, bin));
            }
            let source = self.batch.bins[bin].source;
            close(class, source, &mut used, &mut tags);
            bins.push(bin);
        }
        Some(())
    }
}

/// What a piece on a source keeps the others of its class from.
fn close(class: &Class, source: usize, used: &mut [bool], tags: &mut [bool]) {
    if class.apart {
        used[source] = true;
    }
    if class.tag_count > 0 {
        for &tag in &class.tags[source] {
            tags[tag] = true;
        }
    }
}
