//! Everything that is held, and what is wanted of it.

use std::collections::BTreeSet;

use crate::core::{Area, Areas, Goal, HeldVolume, Source};

/// What fails as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failing<'s> {
    /// A source.
    Source(usize),
    /// The sources of a tag.
    Domain(&'s str),
}

/// Everything that is held, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rearrangement {
    /// The sources, with what is free on each.
    pub sources: Vec<Source>,
    /// Sources that nothing may be moved to.
    pub closed: BTreeSet<usize>,
    /// Tags of sources that fail together: columns keep apart by them, too.
    pub domains: BTreeSet<String>,
    /// Who holds what.
    pub volumes: Vec<HeldVolume>,
    /// What is wanted.
    pub goals: Vec<Goal>,
    /// How many moves there may be where fewer copy more; some thousands if nothing is said.
    pub most_moves: Option<u64>,
}

impl Rearrangement {
    /// Per source where nothing may lie in the end.
    #[must_use]
    pub fn barred(&self) -> Vec<Areas> {
        let mut barred = vec![Vec::new(); self.sources.len()];
        for goal in &self.goals {
            let (source, area) = match *goal {
                Goal::Drain { source } => (source, Area::between(0, u64::MAX)),
                Goal::Shrink { source, extents } => (source, Area::between(extents, u64::MAX)),
                Goal::Clear { source, area } => (source, Some(area)),
                Goal::Spare { .. }
                | Goal::Heal
                | Goal::Lie { .. }
                | Goal::Runs { .. }
                | Goal::Level { .. } => continue,
            };
            barred[source].extend(area);
        }
        barred.into_iter().map(Areas::from_iter).collect()
    }

    /// Per source how many extents have to be free in the end, beside those where nothing may lie.
    #[must_use]
    pub fn spared(&self) -> Vec<u64> {
        let mut spared = vec![0; self.sources.len()];
        let mut room = None;
        for goal in &self.goals {
            match *goal {
                Goal::Spare { source, extents } => spared[source] = extents.max(spared[source]),
                Goal::Level { held, of } => {
                    let room = room.get_or_insert_with(|| self.room());
                    for (spared, (all, open)) in spared.iter_mut().zip(room) {
                        let kept = *open - (*open).min(share(*all, held, of));
                        *spared = kept.max(*spared);
                    }
                }
                Goal::Drain { .. }
                | Goal::Shrink { .. }
                | Goal::Clear { .. }
                | Goal::Heal
                | Goal::Lie { .. }
                | Goal::Runs { .. } => {}
            }
        }
        spared
    }

    /// Per source how many more extents it holds where something may lie in the end than it may hold then.
    #[must_use]
    pub fn excess(&self) -> Vec<u64> {
        let (barred, spared) = (self.barred(), self.spared());
        let mut held = vec![0u64; self.sources.len()];
        let legs = self.volumes.iter().flat_map(|volume| &volume.legs);
        for place in legs.flat_map(|leg| &leg.pieces).map(|piece| piece.place) {
            if spared[place.source] > 0 {
                let rest = Areas::from(place.area).difference(&barred[place.source]);
                held[place.source] += rest.total();
            }
        }
        let sources = self.sources.iter().zip(held).zip(barred.iter().zip(spared));
        let excess = sources.map(|((source, held), (barred, spared))| {
            let free = source.free.difference(barred).total();
            spared.saturating_sub(free).min(held)
        });
        excess.collect()
    }

    /// Per source the extents that are free or held, and those of them where something may lie in the end.
    fn room(&self) -> Vec<(u64, u64)> {
        let mut held = vec![Vec::new(); self.sources.len()];
        let legs = self.volumes.iter().flat_map(|volume| &volume.legs);
        for piece in legs.flat_map(|leg| &leg.pieces) {
            held[piece.place.source].push(piece.place.area);
        }
        let sources = self.sources.iter().zip(held).zip(self.barred());
        let room = sources.map(|((source, held), barred)| {
            let all = source.free.union(&held.into_iter().collect());
            (all.total(), all.difference(&barred).total())
        });
        room.collect()
    }

    /// Whether legs are to be put apart that share a source.
    #[must_use]
    pub fn heals(&self) -> bool {
        self.goals.contains(&Goal::Heal)
    }

    /// The domains of a source: those of its tags that stand for one.
    pub fn domains_of(&self, source: usize) -> impl Iterator<Item = &str> {
        let tags = self.sources[source].tags.intersection(&self.domains);
        tags.map(String::as_str)
    }

    /// What fails as one with a source: itself, and its domains.
    pub fn failing_with(&self, source: usize) -> impl Iterator<Item = Failing<'_>> {
        let domains = self.domains_of(source).map(Failing::Domain);
        std::iter::once(Failing::Source(source)).chain(domains)
    }

    /// Whether a source fails with a place.
    #[must_use]
    pub fn is_in(&self, source: usize, place: Failing<'_>) -> bool {
        match place {
            Failing::Source(other) => other == source,
            Failing::Domain(domain) => self.sources[source].tags.contains(domain),
        }
    }
}

/// How many extents are so many of so many of some, rounded down.
fn share(all: u64, held: u64, of: u64) -> u64 {
    let share = u128::from(all) * u128::from(held) / u128::from(of.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
