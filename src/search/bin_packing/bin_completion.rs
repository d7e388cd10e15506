//! Exact packing of contiguous pieces: one bin after another is completed in every way that matters.
//!
//! Korf, "An improved algorithm for optimal bin packing", IJCAI 2003, for bins that are given: a bin is
//! filled with every set of pieces to which no further piece could be added (moving a piece here from
//! a later bin never hurts), as long as what is wasted so far can be spared. Remainders that were
//! seen to fail are remembered, since many fillings leave the same pieces.

use std::collections::HashSet;

use crate::core::{Limits, StopReason};
use crate::search::bin_packing::batch::{Batch, Packing};

/// What the search came to.
pub(crate) enum Outcome {
    /// A packing.
    Packed(Packing),
    /// There is none.
    NoPacking {
        /// Fillings tried.
        nodes: u64,
    },
    /// It had to stop.
    Stopped(StopReason),
}

/// Pieces that can stand for each other.
struct Kind {
    length: u64,
    /// Whether a source takes at most one.
    apart: bool,
    welcome: Vec<bool>,
    /// The classes they come from, each with its count.
    classes: Vec<(usize, usize)>,
}

struct Search<'a> {
    limits: &'a Limits<'a>,
    kinds: Vec<Kind>,
    /// Bins in the order in which they are filled: source by source.
    bins: Vec<(usize, usize, u64)>,
    /// Per bin the extents of all bins from it on.
    room_from: Vec<u64>,
    /// Pieces left per kind.
    left: Vec<usize>,
    /// Extents of the pieces that are left.
    left_extents: u64,
    /// Whether the current source has one of the kind.
    on_source: Vec<bool>,
    /// What was put where: bin of `bins`, kind.
    placed: Vec<(usize, usize)>,
    failed: HashSet<(usize, Box<[usize]>)>,
    failed_limit: usize,
    nodes: u64,
    stopped: Option<StopReason>,
}

/// Packs the batch or proves that it cannot be done.
pub(crate) fn complete(batch: &Batch, limits: &Limits<'_>) -> Outcome {
    /// Beyond this the tree is hopeless, and so is the depth of the recursion.
    const MOST_BINS: usize = 400;
    let pieces: usize = batch.classes.iter().map(|class| class.count).sum();
    let is_small = batch.bins.len() <= MOST_BINS && pieces <= MOST_BINS;
    if !is_small || batch.classes.iter().any(|class| class.tag_count > 0) {
        return Outcome::Stopped(StopReason::MethodEnds);
    }
    let kinds = kinds(batch);
    let bins = order(batch);
    let mut room_from = vec![0; bins.len() + 1];
    for (index, (_, _, length)) in bins.iter().enumerate().rev() {
        room_from[index] = room_from[index + 1] + length;
    }
    let left: Vec<usize> = kinds
        .iter()
        .map(|kind| kind.classes.iter().map(|(_, count)| count).sum())
        .collect();
    let left_extents = kinds
        .iter()
        .zip(&left)
        .map(|(kind, &count)| kind.length * count as u64)
        .sum();
    // A remembered remainder takes its counts and the table's own slot.
    let entry_bytes = (kinds.len() * size_of::<usize>() + 64) as u64;
    let entries = limits.memory_bytes / 4 / entry_bytes;
    let mut search = Search {
        limits,
        on_source: vec![false; kinds.len()],
        kinds,
        bins,
        room_from,
        left,
        left_extents,
        placed: Vec::new(),
        failed: HashSet::new(),
        failed_limit: usize::try_from(entries).unwrap_or(usize::MAX).min(1 << 22),
        nodes: 0,
        stopped: None,
    };
    if search.fill(0) {
        return Outcome::Packed(search.packing(batch));
    }
    match search.stopped {
        Some(reason) => Outcome::Stopped(reason),
        None => Outcome::NoPacking {
            nodes: search.nodes,
        },
    }
}

/// Pieces of one length that no source tells apart are one kind: those of requests with a single
/// piece, and of requests whose legs need not keep apart.
fn kinds(batch: &Batch) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (index, class) in batch.classes.iter().enumerate() {
        let apart = class.apart && class.count > 1;
        let same = kinds.iter_mut().find(|kind| {
            !apart && !kind.apart && kind.length == class.length && kind.welcome == class.welcome
        });
        match same {
            Some(kind) => kind.classes.push((index, class.count)),
            None => kinds.push(Kind {
                length: class.length,
                apart,
                welcome: class.welcome.clone(),
                classes: vec![(index, class.count)],
            }),
        }
    }
    kinds
}

/// Sources with little room first: they have the fewest fillings.
fn order(batch: &Batch) -> Vec<(usize, usize, u64)> {
    let mut room = vec![0u64; batch.sources];
    for bin in &batch.bins {
        room[bin.source] += bin.area.count();
    }
    let bins = batch.bins.iter().enumerate();
    let mut order: Vec<(usize, usize, u64)> = bins
        .map(|(index, bin)| (index, bin.source, bin.area.count()))
        .collect();
    order.sort_by_key(|&(index, source, length)| (room[source], source, length, index));
    order
}

impl Search<'_> {
    /// Whether the pieces that are left fit the bins from `at` on.
    fn fill(&mut self, at: usize) -> bool {
        if self.left_extents == 0 {
            return true;
        }
        if self.room_from[at] < self.left_extents || at == self.bins.len() {
            return false;
        }
        let (_, source, length) = self.bins[at];
        let is_new_source = at == 0 || self.bins[at - 1].1 != source;
        let held = if is_new_source {
            if self.failed.contains(&(at, self.left.as_slice().into())) || !self.has_places(at) {
                return false;
            }
            Some(std::mem::replace(
                &mut self.on_source,
                vec![false; self.kinds.len()],
            ))
        } else {
            None
        };
        let is_done = self.choose(at, 0, length, u64::MAX);
        if let Some(held) = held {
            self.on_source = held;
            if !is_done && self.stopped.is_none() && self.failed.len() < self.failed_limit {
                self.failed.insert((at, self.left.as_slice().into()));
            }
        }
        is_done
    }

    /// Adds pieces of the kinds from `kind` on to bin `at`, which has `space` left. `passed` is the
    /// length of the shortest piece that was not taken although it could have been.
    fn choose(&mut self, at: usize, kind: usize, space: u64, passed: u64) -> bool {
        if self.stopped.is_some() {
            return false;
        }
        let (_, source, _) = self.bins[at];
        let next = (kind..self.kinds.len()).find(|&kind| {
            self.left[kind] > 0
                && self.kinds[kind].length <= space
                && self.kinds[kind].welcome[source]
                && !(self.kinds[kind].apart && self.on_source[kind])
        });
        let Some(kind) = next else {
            // A piece that was passed over and still fits could have been added.
            // There may be very many of those: they count as nodes, too.
            let is_full = passed > space && self.room_from[at + 1] >= self.left_extents;
            return self.visit() && is_full && self.fill(at + 1);
        };
        let length = self.kinds[kind].length;
        let was_there = self.on_source[kind];
        self.left[kind] -= 1;
        self.left_extents -= length;
        self.on_source[kind] = true;
        self.placed.push((at, kind));
        // Another of the same kind may follow, unless the source takes one only.
        if self.choose(at, kind, space - length, passed) {
            return true;
        }
        self.placed.pop();
        self.on_source[kind] = was_there;
        self.left_extents += length;
        self.left[kind] += 1;
        self.choose(at, kind + 1, space, passed.min(length))
    }

    fn visit(&mut self) -> bool {
        /// How many nodes go by between two looks at the clock.
        const NODES_PER_LOOK: u64 = 1 << 10;
        self.nodes += 1;
        if !self.limits.allow_nodes(self.nodes) {
            self.stopped = Some(StopReason::Nodes);
        } else if self.nodes.is_multiple_of(NODES_PER_LOOK) && self.limits.is_over() {
            self.stopped = Some(self.limits.ran_out());
        }
        self.stopped.is_none()
    }

    /// Whether each number of longest pieces still has as many places.
    fn has_places(&self, at: usize) -> bool {
        let mut pieces = 0u64;
        for (kind, &count) in self.kinds.iter().zip(&self.left) {
            pieces += count as u64;
            let fit = self.bins[at..]
                .iter()
                .map(|(_, _, length)| length / kind.length);
            if count > 0 && pieces > fit.sum() {
                return false;
            }
        }
        true
    }

    fn packing(&self, batch: &Batch) -> Packing {
        let mut packing: Packing = vec![Vec::new(); batch.classes.len()];
        for &(at, kind) in &self.placed {
            let class = self.kinds[kind]
                .classes
                .iter()
                .find(|(class, count)| packing[*class].len() < *count);
            if let Some(&(class, _)) = class {
                packing[class].push(self.bins[at].0);
            }
        }
        packing
    }
}
