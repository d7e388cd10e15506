//! The volumes of a group as `pvmove` goes through them: who lies on whom, and which are legs of which.

use std::collections::{BTreeSet, HashMap};

use crate::lvm::audit::below::Below;
use crate::lvm::layers::legs::Legs;
use crate::lvm::{LogicalVolume, VolumeGroup};

/// Who lies on whom.
pub(crate) struct Holders {
    by_name: HashMap<String, usize>,
    /// Per volume those that it lies on directly, but for what joins a snapshot with its origin.
    below: Vec<Vec<usize>>,
    /// Per volume those that lie on it.
    above: Vec<Vec<usize>>,
    /// Per volume the raid or mirror volume that it is a part of, and as which.
    leg_of: Vec<Option<(usize, LegPart)>>,
}

/// Which part of a raid or mirror volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegPart {
    /// The image of a leg.
    Image(usize),
    /// Its metadata.
    Metadata(usize),
    /// The log of a mirror.
    Log,
}

impl Holders {
    pub(crate) fn of(group: &VolumeGroup) -> Holders {
        let volumes = &group.logical_volumes;
        let names = volumes.iter().enumerate();
        let by_name: HashMap<String, usize> = names
            .map(|(index, volume)| (volume.name.clone(), index))
            .collect();
        let lies = Below::new(group);
        let mut below = Vec::with_capacity(volumes.len());
        let mut above = vec![Vec::new(); volumes.len()];
        let mut leg_of = vec![None; volumes.len()];
        for (index, volume) in volumes.iter().enumerate() {
            let mut all = BTreeSet::new();
            if !joins_snapshot(volume) {
                all.extend(lies.directly(index));
            }
            for (name, part) in parts(volume) {
                if let Some(&lower) = by_name.get(name) {
                    leg_of[lower] = Some((index, part));
                    all.insert(lower);
                }
            }
            all.iter().for_each(|&lower| above[lower].push(index));
            below.push(all.into_iter().collect());
        }
        Holders {
            by_name,
            below,
            above,
            leg_of,
        }
    }

    /// The volume of a name.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The raid or mirror volume that a volume is a part of.
    pub(crate) fn leg_of(&self, volume: usize) -> Option<(usize, LegPart)> {
        self.leg_of[volume]
    }

    /// The one volume that lies on another, where it is the only one.
    pub(crate) fn only_user(&self, volume: usize) -> Option<usize> {
        match self.above[volume].as_slice() {
            [user] => Some(*user),
            _ => None,
        }
    }

    /// A volume and everything below it.
    pub(crate) fn all_below(&self, volume: usize) -> BTreeSet<usize> {
        self.walk(volume, |_| true)
    }

    /// A volume and those below it that nobody else lies on: what `pvmove -n` means.
    pub(crate) fn only_below(&self, volume: usize) -> BTreeSet<usize> {
        self.walk(volume, |lower| self.above[lower].len() == 1)
    }

    fn walk(&self, volume: usize, is_meant: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![volume];
        while let Some(volume) = open.pop() {
            if found.insert(volume) {
                let lower = self.below[volume].iter().copied();
                open.extend(lower.filter(|lower| is_meant(*lower)));
            }
        }
        found
    }
}

/// The parts of a raid or mirror volume by name, in the order of its legs, metadata first.
pub(crate) fn parts(volume: &LogicalVolume) -> Vec<(&str, LegPart)> {
    let mut parts = Vec::new();
    for segment in &volume.segments {
        let Some(legs) = Legs::of(segment) else {
            continue;
        };
        for (leg, (image, metadata)) in legs.names.into_iter().enumerate() {
            parts.extend(metadata.map(|name| (name, LegPart::Metadata(leg))));
            parts.push((image, LegPart::Image(leg)));
        }
        let log = segment.strings.get("mirror_log");
        parts.extend(log.map(|name| (name.as_str(), LegPart::Log)));
    }
    parts
}

/// Whether a volume is what joins a snapshot with its origin.
pub(crate) fn joins_snapshot(volume: &LogicalVolume) -> bool {
    let mut segments = volume.segments.iter();
    segments.any(|segment| segment.base_type() == "snapshot")
}
