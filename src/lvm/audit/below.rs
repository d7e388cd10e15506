//! What lies below a logical volume: the extents of physical volumes, through all hidden volumes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
        self.walk(index, Detail::Stretches)
            .or_else(|| self.walk(index, Detail::Volumes))
            .unwrap_or_default()
    }

    /// Everything below a volume, or nothing where that takes too many steps.
    fn walk(&self, volume: usize, detail: Detail) -> Option<Extents> {
        let mut walk = Walk::default();
        self.whole(volume, &mut walk);
        // Reports may name volumes that lie on each other; no stretch is looked at twice.
        let mut seen = BTreeSet::new();
        let mut steps = 0;
        while let Some((index, start, count)) = walk.open.pop() {
            if !seen.insert((index, start, count)) {
                continue;
            }
            let segments = &self.group.logical_volumes[index].segments;
            steps += 1 + segments.len();
            if detail == Detail::Stretches && steps > MOST_STEPS {
                return None;
            }
            for segment in segments {
                let all = Area::new(segment.start_extent, segment.extent_count);
                let wanted = Area::new(start, count);
                let here = all
                    .zip(wanted)
                    .and_then(|(all, wanted)| all.intersection(wanted));
                if let Some(here) = here {
                    self.parts(segment, here, detail, &mut walk);
                    self.named(segment, &mut walk);
                }
            }
        }
        let sets = walk.found.into_iter();
        Some(
            sets.map(|(disk, areas)| (disk, areas.into_iter().collect()))
                .collect(),
        )
    }

    /// The volumes that a volume lies on directly, by index.
    pub(crate) fn directly(&self, volume: usize) -> Vec<usize> {
        let mut walk = Walk::default();
        for segment in &self.group.logical_volumes[volume].segments {
            for part in &segment.parts {
                if let Part::Logical { volume, .. } = part {
                    self.whole_named(volume, &mut walk);
                }
            }
            self.named(segment, &mut walk);
        }
        walk.open.into_iter().map(|(index, _, _)| index).collect()
    }

    /// What the parts of a segment hold for some of its logical extents.
    fn parts(&self, segment: &LvSegment, here: Area, detail: Detail, walk: &mut Walk) {
        let stripes = match segment.base_type() {
            "striped" | "linear" => segment.parts.len() as u64,
            "mirror" => 1,
            // Of the others only this much is sure, that all of it may be needed.
            _ => 0,
        };
        let length = segment.part_extents();
        let (first, end) = if stripes == 0 || detail == Detail::Volumes {
            (0, length)
        } else {
            let before = segment.start_extent;
            (
                (here.start() - before) / stripes,
                (here.end() - before).div_ceil(stripes),
            )
        };
        for part in &segment.parts {
            match part {
                Part::Physical { volume, start } => {
                    let area =
                        Area::between(start.saturating_add(first), start.saturating_add(end));
                    walk.found.entry(*volume).or_default().extend(area);
                }
                Part::Logical { volume, start } => match self.by_name.get(volume.as_str()) {
                    Some(&index) if stripes > 0 && detail == Detail::Stretches => {
                        walk.open
                            .push((index, start.saturating_add(first), end - first));
                    }
                    Some(&index) => self.whole(index, walk),
                    None => {}
                },
            }
        }
    }

    /// The volumes that a segment names by key.
    fn named(&self, segment: &LvSegment, walk: &mut Walk) {
        for key in BELOW_KEYS {
            if key == "origin" && segment.base_type() == "thin" {
                continue;
            }
            if let Some(name) = segment.strings.get(key) {
                self.whole_named(name, walk);
            }
        }
    }

    fn whole_named(&self, name: &str, walk: &mut Walk) {
        if let Some(&index) = self.by_name.get(name) {
            self.whole(index, walk);
        }
    }

    fn whole(&self, volume: usize, walk: &mut Walk) {
        let extents = self.group.logical_volumes[volume].extents();
        walk.open.push((volume, 0, extents));
    }
}

/// How exactly volumes below are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Only the extents of a volume below that are needed: what a running `pvmove` moves of one volume
    /// lies in one volume with what it moves of others.
    Stretches,
    /// All of it.
    Volumes,
}

/// Segments looked at for the exact answer. Real volumes lie a few levels deep; a text can be made in
/// which the stretches double at each level.
const MOST_STEPS: usize = 10_000;

/// A walk down from a volume.
#[derive(Debug, Default)]
struct Walk {
    /// What was found so far.
    found: BTreeMap<usize, Vec<Area>>,
    /// Volumes still to look at, with first extent and count.
    open: Vec<(usize, u64, u64)>,
}
