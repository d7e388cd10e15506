//! What lies below a logical volume: the extents of physical volumes, through all hidden volumes.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::core::{Area, Areas};
use crate::lvm::{LvSegment, Part, VolumeGroup};

/// A volume group that can be asked what lies below its volumes.
pub(crate) struct Below<'g> {
    pub(crate) group: &'g VolumeGroup,
    /// Per physical volume what nobody holds.
    pub(crate) free: Vec<Areas>,
    by_name: HashMap<&'g str, usize>,
}

/// Extents per physical volume.
pub(crate) type Extents = BTreeMap<usize, Areas>;

/// Keys of segments that name a volume which the segment lies on. `origin` is one for every type but
/// `thin`: the origin of a thin volume lies beside it.
const BELOW_KEYS: [&str; 11] = [
    "cache_pool",
    "cow_store",
    "data",
    "external_origin",
    "meta_dev",
    "metadata",
    "origin",
    "pool",
    "thin_pool",
    "vdo_pool",
    "writecache",
];

impl<'g> Below<'g> {
    pub(crate) fn new(group: &'g VolumeGroup) -> Below<'g> {
        let volumes = group.logical_volumes.iter().enumerate();
        Below {
            group,
            free: group.free(),
            by_name: volumes
                .map(|(index, volume)| (volume.name.as_str(), index))
                .collect(),
        }
    }

    /// The name of a physical volume, for people.
    pub(crate) fn disk(&self, volume: usize) -> String {
        self.group.physical_volumes[volume].device.clone()
    }

    /// The extents below the logical volume of a name; none where there is no such volume.
    pub(crate) fn volume(&self, name: &str) -> Extents {
        let Some(&index) = self.by_name.get(name) else {
            return Extents::new();
        };
        let all = self.group.logical_volumes[index].extents();
        let mut found: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
        let mut open: Vec<(usize, u64, u64)> = vec![(index, 0, all)];
        // Reports may name volumes that lie on each other; no stretch is looked at twice.
        let mut seen = HashSet::new();
        while let Some((index, start, count)) = open.pop() {
            if !seen.insert((index, start, count)) {
                continue;
            }
            for segment in &self.group.logical_volumes[index].segments {
                let (before, end) = (segment.start_extent, start.saturating_add(count));
                let here = Area::between(start, end)
                    .zip(Area::new(before, segment.extent_count))
                    .and_then(|(wanted, all)| wanted.intersection(all));
                if let Some(here) = here {
                    let stretch = (here.start() - before, here.count());
                    self.parts(segment, stretch, &mut found, &mut open);
                    self.named(segment, &mut open);
                }
            }
        }
        let sets = found.into_iter();
        sets.map(|(disk, areas)| (disk, areas.into_iter().collect()))
            .collect()
    }

    /// The volumes that a volume lies on directly, by index.
    pub(crate) fn directly(&self, volume: usize) -> Vec<usize> {
        let mut open = Vec::new();
        for segment in &self.group.logical_volumes[volume].segments {
            for part in &segment.parts {
                if let Part::Logical { volume, .. } = part {
                    self.whole(volume, &mut open);
                }
            }
            self.named(segment, &mut open);
        }
        open.into_iter().map(|(index, _, _)| index).collect()
    }

    /// The index of the logical volume of a name.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// What the parts of a segment hold for a stretch of it, counted from its start.
    fn parts(
        &self,
        segment: &LvSegment,
        (offset, count): (u64, u64),
        found: &mut BTreeMap<usize, Vec<Area>>,
        open: &mut Vec<(usize, u64, u64)>,
    ) {
        let stripes = match segment.base_type() {
            "striped" | "linear" => segment.parts.len() as u64,
            "mirror" => 1,
            // Of the others only this much is sure, that all of it may be needed.
            _ => return self.whole_parts(segment, found, open),
        };
        let first = offset / stripes.max(1);
        let end = (offset + count).div_ceil(stripes.max(1));
        for part in &segment.parts {
            match part {
                Part::Physical { volume, start } => {
                    let area =
                        Area::between(start.saturating_add(first), start.saturating_add(end));
                    found.entry(*volume).or_default().extend(area);
                }
                Part::Logical { volume, start } => {
                    let index = self.by_name.get(volume.as_str());
                    open.extend(
                        index.map(|index| (*index, start.saturating_add(first), end - first)),
                    );
                }
            }
        }
    }

    fn whole_parts(
        &self,
        segment: &LvSegment,
        found: &mut BTreeMap<usize, Vec<Area>>,
        open: &mut Vec<(usize, u64, u64)>,
    ) {
        for (volume, area) in segment.physical() {
            found.entry(volume).or_default().push(area);
        }
        for part in &segment.parts {
            if let Part::Logical { volume, .. } = part {
                self.whole(volume, open);
            }
        }
    }

    /// The volumes that a segment names by key.
    fn named(&self, segment: &LvSegment, open: &mut Vec<(usize, u64, u64)>) {
        for key in BELOW_KEYS {
            if key == "origin" && segment.base_type() == "thin" {
                continue;
            }
            if let Some(name) = segment.strings.get(key) {
                self.whole(name, open);
            }
        }
    }

    fn whole(&self, name: &str, open: &mut Vec<(usize, u64, u64)>) {
        if let Some(&index) = self.by_name.get(name) {
            open.push((index, 0, self.group.logical_volumes[index].extents()));
        }
    }
}
