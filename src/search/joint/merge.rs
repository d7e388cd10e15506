//! Exact search: do all legs fit whole, if so many sources at most are merged?
//!
//! Every way to merge them is a packing of legs into bins. Requests are placed by falling length, each
//! in every combination of bins that differ in what they have left; what is left of the bins is
//! remembered where it was not enough.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::Limits;
use crate::search::joint::instance::{Group, Joint, Packing};
use crate::search::joint::share::{Part, Shared, share};
use crate::search::parallel;

/// Ways to merge sources that are searched one by one.
const MOST_WAYS: usize = 20_000;
/// Steps to find them: most may differ in the names of sources only.
const MOST_STEPS: usize = 1 << 20;
/// Ways that are searched at a time; more would only waste work behind the first success.
const AT_A_TIME: usize = 64;
/// Legs and sources beyond which the search has no chance.
const MOST_LEGS: usize = 64;
/// Nodes of one way.
const MOST_NODES: u64 = 1 << 20;
/// Entries of the memory of one way, about 100 bytes each.
const MOST_REMEMBERED: usize = 1 << 16;

/// What the search says.
pub(crate) enum Merged {
    /// A packing with so many pieces at most.
    Fits(Packing),
    /// There is none.
    Refuted,
    /// It could not be searched to the end.
    Open,
}

/// Whether there is a packing of `pieces` pieces at most.
pub(crate) fn fits(joint: &Joint, pieces: u64, limits: &Limits<'_>) -> Merged {
    let legs = joint.legs.len();
    let Some(merges) = usize::try_from(pieces)
        .ok()
        .and_then(|p| p.checked_sub(legs))
    else {
        return Merged::Refuted;
    };
    let is_restricted = joint.groups.iter().any(|group| group.allowed.is_some());
    let sources: Vec<(usize, u64)> = joint.capacities.iter().copied().enumerate().collect();
    let mut sources: Vec<(usize, u64)> = sources.into_iter().filter(|s| s.1 > 0).collect();
    sources.sort_by_key(|&(source, capacity)| (Reverse(capacity), source));
    if is_restricted || legs > MOST_LEGS || sources.len() > MOST_LEGS {
        return Merged::Open;
    }
    if merges >= sources.len() {
        return Merged::Open;
    }
    let Some(ways) = ways(&sources, merges) else {
        return Merged::Open;
    };
    let mut is_open = false;
    let mut nodes = 0u64;
    for some in ways.chunks(AT_A_TIME) {
        if limits.is_over() || !limits.allow_nodes(nodes) {
            return Merged::Open;
        }
        let found: Vec<(Merged, u64)> =
            parallel::map(some, |way| Search::of(joint, way, limits).run());
        for (merged, visited) in found {
            nodes = nodes.saturating_add(visited);
            match merged {
                Merged::Fits(packing) => return Merged::Fits(packing),
                Merged::Refuted => {}
                Merged::Open => is_open = true,
            }
        }
    }
    if is_open {
        Merged::Open
    } else {
        Merged::Refuted
    }
}

/// Sources that are filled as one: source and capacity of each.
type Bin = Vec<(usize, u64)>;

/// All ways to merge sources that many times, but for those that differ only in the names of sources
/// with equal capacities.
fn ways(sources: &[(usize, u64)], merges: usize) -> Option<Vec<Vec<Bin>>> {
    fn extend(
        sources: &[(usize, u64)],
        merges: usize,
        bins: &mut Vec<Bin>,
        seen: &mut BTreeSet<Vec<Vec<u64>>>,
        ways: &mut Vec<Vec<Bin>>,
        steps: &mut usize,
    ) -> Option<()> {
        *steps = steps.checked_sub(1)?;
        let Some((first, rest)) = sources.split_first() else {
            let capacities = |bin: &Bin| bin.iter().map(|&(_, capacity)| capacity).collect();
            let mut key: Vec<Vec<u64>> = bins.iter().map(capacities).collect();
            key.sort_unstable();
            if seen.insert(key) {
                ways.push(bins.clone());
            }
            return (ways.len() <= MOST_WAYS).then_some(());
        };
        if merges > 0 {
            for bin in 0..bins.len() {
                bins[bin].push(*first);
                extend(rest, merges - 1, bins, seen, ways, steps)?;
                bins[bin].pop();
            }
        }
        // Each source that begins a bin leaves one less that could be merged.
        if rest.len() >= merges {
            bins.push(vec![*first]);
            extend(rest, merges, bins, seen, ways, steps)?;
            bins.pop();
        }
        Some(())
    }
    let mut ways = Vec::new();
    let mut seen = BTreeSet::new();
    let mut steps = MOST_STEPS;
    extend(
        sources,
        merges,
        &mut Vec::new(),
        &mut seen,
        &mut ways,
        &mut steps,
    )?;
    Some(ways)
}

struct Search<'a> {
    joint: &'a Joint,
    bins: &'a [Bin],
    limits: &'a Limits<'a>,
    /// Requests by falling length of their legs.
    order: Vec<usize>,
    /// The first leg of each request.
    first_leg: Vec<usize>,
    /// Extents that the requests from a position of `order` on need together.
    needed_from: Vec<u64>,
    /// What each bin has left.
    left: Vec<u64>,
    inside: Vec<Vec<Part>>,
    failed: BTreeSet<(usize, Vec<(u64, usize)>)>,
    nodes: u64,
    is_open: bool,
}

impl<'a> Search<'a> {
    fn of(joint: &'a Joint, bins: &'a [Bin], limits: &'a Limits<'a>) -> Search<'a> {
        let mut order: Vec<usize> = (0..joint.groups.len()).collect();
        order.sort_by_key(|&request| {
            let group = &joint.groups[request];
            (Reverse(group.extents), Reverse(group.legs), request)
        });
        let mut needed_from = vec![0; order.len() + 1];
        for (at, &request) in order.iter().enumerate().rev() {
            let group = &joint.groups[request];
            needed_from[at] = needed_from[at + 1] + group.extents * group.legs as u64;
        }
        let mut first_leg = vec![0; joint.groups.len()];
        for (leg, &request) in joint.legs.iter().enumerate().rev() {
            first_leg[request] = leg;
        }
        let capacity = |bin: &Bin| bin.iter().map(|&(_, capacity)| capacity).sum();
        Search {
            joint,
            bins,
            limits,
            order,
            first_leg,
            needed_from,
            left: bins.iter().map(capacity).collect(),
            inside: vec![Vec::new(); bins.len()],
            failed: BTreeSet::new(),
            nodes: 0,
            is_open: false,
        }
    }

    fn run(mut self) -> (Merged, u64) {
        let merged = match self.place(0) {
            Some(packing) => Merged::Fits(packing),
            None if self.is_open => Merged::Open,
            None => Merged::Refuted,
        };
        (merged, self.nodes)
    }

    /// Places the requests from a position of `order` on.
    fn place(&mut self, at: usize) -> Option<Packing> {
        let Some(&request) = self.order.get(at) else {
            return self.shared_out();
        };
        self.nodes += 1;
        if self.nodes > MOST_NODES || (self.nodes.is_multiple_of(256) && self.limits.is_over()) {
            self.is_open = true;
        }
        if self.is_open || !self.may_hold(at) {
            return None;
        }
        // The tightest first; bins alike side by side.
        let mut bins: Vec<usize> = (0..self.bins.len()).collect();
        bins.sort_by_key(|&bin| (self.left[bin], self.bins[bin].len(), bin));
        let state = (
            at,
            bins.iter()
                .map(|&bin| (self.left[bin], self.bins[bin].len()))
                .collect(),
        );
        // Bins of several sources also depend on who is inside.
        let is_plain = (0..self.bins.len())
            .all(|bin| self.bins[bin].len() == 1 || self.inside[bin].is_empty());
        if is_plain && self.failed.contains(&state) {
            return None;
        }
        let legs = self.joint.groups[request].legs;
        let found = self.choose(at, &bins, 0, legs, None);
        if found.is_none() && is_plain && !self.is_open && self.failed.len() < MOST_REMEMBERED {
            self.failed.insert(state);
        }
        found
    }

    /// Puts the last `missing` legs of a request into bins from a position on. `skipped` is what a bin
    /// that was passed over had left: bins alike are not tried again.
    fn choose(
        &mut self,
        at: usize,
        bins: &[usize],
        position: usize,
        missing: usize,
        skipped: Option<(u64, usize)>,
    ) -> Option<Packing> {
        if missing == 0 {
            return self.place(at + 1);
        }
        let bin = *bins.get(position)?;
        let request = self.order[at];
        let Group { legs, extents, .. } = self.joint.groups[request];
        let kind = (self.left[bin], self.bins[bin].len());
        let is_alike = self.bins[bin].len() == 1 && skipped == Some(kind);
        let room = usize::try_from(self.left[bin] / extents).unwrap_or(usize::MAX);
        let most = if is_alike {
            0
        } else {
            room.min(self.bins[bin].len()).min(missing)
        };
        for count in (0..=most).rev() {
            for index in 0..count {
                self.inside[bin].push(Part {
                    leg: self.first_leg[request] + legs - missing + index,
                    request,
                    extents,
                });
            }
            self.left[bin] -= extents * count as u64;
            let skipped = (count == 0).then_some(kind);
            let found = self.choose(at, bins, position + 1, missing - count, skipped);
            if found.is_some() {
                return found;
            }
            self.left[bin] += extents * count as u64;
            let kept = self.inside[bin].len() - count;
            self.inside[bin].truncate(kept);
            if self.is_open {
                return None;
            }
        }
        None
    }

    /// Whether the requests from a position on may still fit: each alone, and all together where bins
    /// with less than the shortest leg are lost.
    fn may_hold(&self, at: usize) -> bool {
        for &request in &self.order[at..] {
            let group = &self.joint.groups[request];
            let room = |bin: usize| {
                let room = usize::try_from(self.left[bin] / group.extents).unwrap_or(usize::MAX);
                room.min(self.bins[bin].len())
            };
            if (0..self.bins.len()).map(room).sum::<usize>() < group.legs {
                return false;
            }
        }
        let shortest = self
            .order
            .last()
            .map_or(0, |&request| self.joint.groups[request].extents);
        let usable = self.left.iter().filter(|&&left| left >= shortest);
        usable.sum::<u64>() >= self.needed_from[at]
    }

    /// The pieces, if merged sources can be shared out among the legs inside.
    fn shared_out(&mut self) -> Option<Packing> {
        let mut packing = vec![Vec::new(); self.joint.legs.len()];
        for (bin, inside) in self.bins.iter().zip(&self.inside) {
            if let [(source, _)] = bin[..] {
                for part in inside {
                    packing[part.leg].push((source, part.extents));
                }
                continue;
            }
            match share(bin, inside) {
                Shared::Pieces(pieces) => {
                    for (leg, source, extents) in pieces {
                        packing[leg].push((source, extents));
                    }
                }
                Shared::Refuted => return None,
                Shared::Open => {
                    self.is_open = true;
                    return None;
                }
            }
        }
        Some(packing)
    }
}
