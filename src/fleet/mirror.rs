//! The largest mirror that could be created in any pool of a fleet: bounds of each, and an answer of the few that may have it.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ask::{Capacity, CapacityQuestion, Pool, Settled};
use crate::core::Limits;
use crate::lvm::{self, Audit, Settings, VolumeGroup};
use crate::solve::Strategy;

/// The command that would create it, but for its size.
const COMMAND: [&str; 5] = ["lvcreate", "--type", "raid1", "-m", "1"];

/// Most pools that are kept to be asked.
const MOST_KEPT: usize = 32;

/// Bytes that some pool of a fleet is known to have room for: pools with less are no candidates.
#[derive(Debug, Default)]
pub struct LargestMirror(AtomicU64);

/// A pool that may have the largest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    group: VolumeGroup,
    settings: Settings,
    /// What messages call it.
    place: String,
    /// Free extents by disk, the most first.
    free: Vec<u64>,
    /// Bytes for which there is room, and which none exceeds.
    bounds: (u64, u64),
}

impl LargestMirror {
    /// Whether a group has as much free as a candidate needs.
    pub(crate) fn may_be_in(&self, group: &VolumeGroup, audit: &Audit) -> bool {
        if lvm::missing(group).is_some() {
            return false;
        }
        let half = (audit.free_extents - audit.unreachable_extents) / 2;
        let bytes = of_leg(half, group);
        bytes > 0 && bytes >= self.0.load(Ordering::Relaxed)
    }

    /// The group as a candidate, if it may have the largest so far.
    pub(crate) fn candidate(
        &self,
        group: VolumeGroup,
        settings: Settings,
        place: &str,
    ) -> Option<Candidate> {
        let sources = lvm::sources(&group);
        let mut free: Vec<u64> = sources.iter().map(|one| one.free.total()).collect();
        free.retain(|extents| *extents > 0);
        free.sort_unstable_by_key(|extents| Reverse(*extents));
        // Each leg has disks of its own: the largest disk is in one of them, and the other one has to do with the rest.
        let all: u64 = free.iter().sum();
        let most = (all / 2).min(all - free.first()?);
        // Each disk to the leg that has less.
        let mut legs = [0u64; 2];
        for extents in &free {
            let less = usize::from(legs[1] < legs[0]);
            legs[less] += extents;
        }
        let bounds = (of_leg(legs[0].min(legs[1]), &group), of_leg(most, &group));
        let known = self.0.fetch_max(bounds.0, Ordering::Relaxed);
        (bounds.1 > 0 && bounds.1 >= known).then(|| Candidate {
            group,
            settings,
            place: place.to_string(),
            free,
            bounds,
        })
    }
}

/// Bytes of a leg of so many extents, one of which is metadata.
fn of_leg(extents: u64, group: &VolumeGroup) -> u64 {
    let data = extents.saturating_sub(1);
    data.saturating_mul(group.extent_bytes())
}

/// The candidates of a fleet, with the names that rows have.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    kept: Vec<(Candidate, String)>,
    /// Bytes that one of them has room for.
    least: u64,
    /// Bytes that none of those exceeds which were not kept.
    dropped: u64,
}

impl Candidates {
    /// Hears of one; of several that are alike the first is kept.
    pub(crate) fn add(&mut self, one: Candidate, name: String) {
        let (room, most) = one.bounds;
        let is_alike = |(other, _): &(Candidate, String)| {
            (&other.free, other.bounds) == (&one.free, one.bounds)
        };
        if most < self.least || self.kept.iter().any(is_alike) {
            return;
        }
        self.kept.push((one, name));
        self.least = self.least.max(room);
        let least = self.least;
        self.kept.retain(|(other, _)| other.bounds.1 >= least);
        self.kept.sort_by_key(|(other, _)| Reverse(other.bounds.1));
        let dropped = self.kept.drain(MOST_KEPT.min(self.kept.len())..);
        let most = dropped.map(|(one, _)| one.bounds.1).max();
        self.dropped = self.dropped.max(most.unwrap_or(0));
    }

    /// The largest, and which pool has it; nothing where that is not certain.
    pub(crate) fn largest(self, strategy: &Strategy, limits: &Limits<'_>) -> Option<(u64, String)> {
        let mut largest: Option<(u64, String)> = None;
        // Those that may have most come first.
        for (one, name) in self.kept {
            let known = largest.as_ref().map_or(0, |(bytes, _)| *bytes);
            if one.bounds.1 <= known {
                break;
            }
            let room = one.bounds.0;
            // Where something else than room keeps it from there, others were left out for it.
            let bytes = one.bytes(strategy, limits).filter(|bytes| *bytes >= room)?;
            if bytes > known {
                largest = Some((bytes, name));
            }
        }
        largest.filter(|(bytes, _)| *bytes >= self.dropped)
    }
}

impl Candidate {
    /// Bytes of the largest in the pool; nothing where LVM2 creates none in it, or a limit ran out before it was proven.
    fn bytes(self, strategy: &Strategy, limits: &Limits<'_>) -> Option<u64> {
        let asked = Settled {
            pool: Pool::Group(self.group),
            name: &self.place,
            settings: self.settings,
        };
        let question = CapacityQuestion {
            commands: vec![COMMAND.map(str::to_string).to_vec()],
            ..CapacityQuestion::default()
        };
        let answer = Capacity::new(question, asked).ok()?;
        let short = answer.answer(strategy, limits).ok()?.short();
        let bytes = short.value.get("bytes").copied();
        bytes.filter(|bytes| short.bound.get("bytes") == Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many that may each have more than any, and the largest of those that were asked.
    fn asked(count: u64) -> Option<u64> {
        let group = lvm::read(include_str!("../../models/lvm2/linear.vg")).expect("a group");
        let mut candidates = Candidates::default();
        for number in 0..count {
            let one = Candidate {
                group: group.clone(),
                settings: Settings::default(),
                place: "linear.vg".to_string(),
                free: vec![number],
                bounds: (1, u64::MAX - number),
            };
            candidates.add(one, number.to_string());
        }
        let largest = candidates.largest(&Strategy::default(), &Limits::none());
        largest.map(|(bytes, _)| bytes)
    }

    #[test]
    fn nothing_is_the_largest_where_some_that_may_have_more_were_not_asked() {
        assert!(asked(1).is_some_and(|bytes| bytes > 1));
        assert_eq!(asked(MOST_KEPT as u64 + 1), None);
    }
}
