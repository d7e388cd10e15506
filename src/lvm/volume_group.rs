//! A volume group as its metadata describes it; LVM2's words are used here and nowhere below.

use std::collections::BTreeSet;
use std::fmt;

use crate::core::{Area, Areas};
use crate::lvm::ByKey;

/// The largest count that LVM2 can hold: its extents, sizes and start positions have 32 bits. So sums over all
/// physical volumes fit 64 bits.
pub(crate) const LARGEST: u64 = u32::MAX as u64;

/// LVM2's allocation policies. Absent in metadata: `normal` for a volume group, `inherit` for a
/// logical volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AllocationPolicy {
    /// Each leg in one piece, or right behind what it has.
    Contiguous,
    /// Stay on the physical volumes already used.
    Cling,
    /// As cling, or on physical volumes that share a tag of `cling_tag_list`.
    ClingByTags,
    /// One leg per physical volume.
    Normal,
    /// Legs may share physical volumes.
    Anywhere,
    /// That of the volume group.
    Inherit,
}

impl AllocationPolicy {
    /// The word in metadata and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            AllocationPolicy::Contiguous => "contiguous",
            AllocationPolicy::Cling => "cling",
            AllocationPolicy::ClingByTags => "cling_by_tags",
            AllocationPolicy::Normal => "normal",
            AllocationPolicy::Anywhere => "anywhere",
            AllocationPolicy::Inherit => "inherit",
        }
    }

    /// The policy of a word, if it is one.
    #[must_use]
    pub fn from_name(word: &str) -> Option<AllocationPolicy> {
        [
            AllocationPolicy::Contiguous,
            AllocationPolicy::Cling,
            AllocationPolicy::ClingByTags,
            AllocationPolicy::Normal,
            AllocationPolicy::Anywhere,
            AllocationPolicy::Inherit,
        ]
        .into_iter()
        .find(|policy| policy.name() == word)
    }
}

/// What stands among the words of a group that hosts share by lvmlockd, for which LVM2 has a lock type instead.
pub(crate) const SHARED: &str = "SHARED";

/// A volume group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeGroup {
    /// Its name.
    pub name: String,
    /// Its UUID; may be empty where the source of the data has none.
    pub id: String,
    /// Counts changes of the metadata.
    pub seqno: u64,
    /// Size of an extent in sectors of 512 bytes; at least 1.
    pub extent_size_sectors: u64,
    /// Words of `status` and `flags`, such as `RESIZEABLE` and `EXPORTED`; `SHARED` where hosts share it by lvmlockd.
    pub status: BTreeSet<String>,
    /// How many logical volumes it may have; 0: as many as there is room for.
    pub max_volumes: u64,
    /// How many physical volumes it may have; 0: as many as come.
    pub max_disks: u64,
    /// The system that it belongs to; empty: to whoever has its physical volumes.
    pub system_id: String,
    /// Policy of logical volumes that inherit theirs; never `Inherit`.
    pub policy: AllocationPolicy,
    /// Tags of the group.
    pub tags: BTreeSet<String>,
    /// In metadata order, which is the order in which LVM2 allocates.
    pub physical_volumes: Vec<PhysicalVolume>,
    /// In metadata order, hidden ones included.
    pub logical_volumes: Vec<LogicalVolume>,
    /// The names of volumes that are no more and that LVM2 remembers: no other may take them.
    pub historical_volumes: BTreeSet<String>,
    /// What the source of the data leaves open.
    pub unsaid: BTreeSet<Unsaid>,
}

/// What a report may leave open of a volume group; normal, or none, is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unsaid {
    /// Its policy.
    Policy,
    /// How many volumes it may have.
    MostVolumes,
    /// The policies of its volumes.
    VolumePolicies,
    /// Volumes that have no extents of their own.
    VolumesWithoutExtents,
    /// Whether caches hold what nothing else does: the worst is taken.
    CacheModes,
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unsaid::Policy => "the policy",
            Unsaid::MostVolumes => "the most volumes (max_lv)",
            Unsaid::VolumePolicies => "the policies of volumes",
            Unsaid::VolumesWithoutExtents => "volumes without extents of their own",
            Unsaid::CacheModes => "the modes of caches (cache_mode)",
        })
    }
}

/// A physical volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhysicalVolume {
    /// Name of its metadata section, such as `pv0`; segments refer to it.
    pub key: String,
    /// The device, as a hint, such as `/dev/sda1`; the key where the metadata names none.
    pub device: String,
    /// Its UUID; may be empty.
    pub id: String,
    /// Extents in all (`pe_count`).
    pub extents: u64,
    /// Whether LVM2 may allocate from it.
    pub allocatable: bool,
    /// Whether it is marked missing.
    pub missing: bool,
    /// Its tags.
    pub tags: BTreeSet<String>,
}

/// A logical volume, visible or hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalVolume {
    /// Its name, without brackets.
    pub name: String,
    /// Its UUID; may be empty.
    pub id: String,
    /// Words of `status` and `flags`, such as `VISIBLE` and `CACHE_VOL`.
    pub status: BTreeSet<String>,
    /// Its policy.
    pub policy: AllocationPolicy,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// In order of logical extents; adjacent ones that continue each other are merged.
    pub segments: Vec<LvSegment>,
}

/// A segment of a logical volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LvSegment {
    /// First logical extent.
    pub start_extent: u64,
    /// Logical extents.
    pub extent_count: u64,
    /// The segment type as the metadata has it, `striped` also for linear, with its `+FLAG` suffixes.
    pub segment_type: String,
    /// What the segment lies on, in leg order: `stripes`, `mirrors`, `raids` or `raid0_lvs`.
    ///
    /// For raid types with metadata the entries alternate: metadata of leg 0, image of leg 0, ...
    /// Empty where a report does not say: one without hidden volumes has no images.
    pub parts: Vec<Part>,
    /// Whole numbers by key: `stripe_count`, `stripe_size`, `region_size`, `device_count`,
    /// `mirror_count`, `chunk_size` and whatever else the metadata holds.
    pub numbers: ByKey<u64>,
    /// Strings by key: `mirror_log`, `metadata`, `pool`, `thin_pool`, `origin` and whatever else the
    /// metadata holds.
    pub strings: ByKey<String>,
}

/// What one leg of a segment lies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Extents of a physical volume.
    Physical {
        /// Index into [`VolumeGroup::physical_volumes`].
        volume: usize,
        /// First extent.
        start: u64,
    },
    /// Another logical volume.
    Logical {
        /// Its name.
        volume: String,
        /// First logical extent there.
        start: u64,
    },
}

impl LvSegment {
    /// The segment type without its `+FLAG` suffixes; `striped` also for linear.
    #[must_use]
    pub fn base_type(&self) -> &str {
        base_type(&self.segment_type)
    }

    /// Whether it has extents that a reshape of RAID images works in.
    #[must_use]
    pub fn is_reshape_space(&self) -> bool {
        let lengths = ["reshape_count", "data_offset", "reshape_len"];
        let mut lengths = lengths.iter().filter_map(|key| self.numbers.get(key));
        lengths.any(|length| *length > 0)
    }

    /// Extents of each part on a physical volume: the segment's own, shared out evenly where it
    /// stripes, all of them where it mirrors.
    #[must_use]
    pub fn part_extents(&self) -> u64 {
        let parts = self.parts.len() as u64;
        let is_striped = match self.base_type() {
            "striped" | "linear" => true,
            "mirror" => false,
            // Of a type that is not known, as far as its numbers tell.
            _ => self.numbers.get("stripe_count") == Some(&parts),
        };
        if is_striped {
            // Rounded up, so that nothing that is held counts as free.
            self.extent_count.div_ceil(parts.max(1))
        } else {
            self.extent_count
        }
    }

    /// Whether another segment goes on where this one ends, on the same physical volumes: LVM2 makes one of
    /// them.
    pub(crate) fn is_continued_by(&self, next: &LvSegment) -> bool {
        let goes_on = |(before, behind): (&Part, &Part)| match (before, behind) {
            (
                Part::Physical { volume, start },
                Part::Physical {
                    volume: next,
                    start: next_start,
                },
            ) => volume == next && start + self.part_extents() == *next_start,
            (Part::Physical { .. } | Part::Logical { .. }, _) => false,
        };
        matches!(self.base_type(), "striped" | "linear")
            && self.segment_type == next.segment_type
            && self.numbers.get("stripe_size") == next.numbers.get("stripe_size")
            && self.parts.len() == next.parts.len()
            && self.parts.iter().zip(&next.parts).all(goes_on)
    }

    /// The extents of physical volumes that the segment holds itself, in leg order.
    pub fn physical(&self) -> impl Iterator<Item = (usize, Area)> + '_ {
        let count = self.part_extents();
        self.parts.iter().filter_map(move |part| match part {
            Part::Physical { volume, start } => Some((*volume, Area::new(*start, count)?)),
            Part::Logical { .. } => None,
        })
    }
}

/// The word of a segment type in front of its flags: `cache` of `cache+METADATA_FORMAT`.
pub(crate) fn base_type(segment_type: &str) -> &str {
    // Asked of every segment, again and again: bytes are looked at, not letters.
    let end = segment_type.bytes().position(|byte| byte == b'+');
    &segment_type[..end.unwrap_or(segment_type.len())]
}

impl LogicalVolume {
    /// Logical extents in all.
    #[must_use]
    pub fn extents(&self) -> u64 {
        self.segments
            .iter()
            .map(|segment| segment.extent_count)
            .sum()
    }

    /// Whether users see it; hidden ones are images, metadata, logs and the like.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.status.contains("VISIBLE")
    }
}

impl VolumeGroup {
    /// A group without disks and volumes, as `vgcreate` makes them; `extent_size_sectors` in sectors of 512 bytes.
    #[must_use]
    pub fn empty(name: &str, extent_size_sectors: u64) -> VolumeGroup {
        VolumeGroup {
            name: name.to_string(),
            id: String::new(),
            seqno: 1,
            extent_size_sectors,
            status: ["RESIZEABLE", "READ", "WRITE"].map(String::from).into(),
            max_volumes: 0,
            max_disks: 0,
            system_id: String::new(),
            policy: AllocationPolicy::Normal,
            tags: BTreeSet::new(),
            physical_volumes: Vec::new(),
            logical_volumes: Vec::new(),
            historical_volumes: BTreeSet::new(),
            unsaid: BTreeSet::new(),
        }
    }

    /// What has a name already, in LVM2's words; none where it is free.
    pub(crate) fn holder_of_name(&self, name: &str) -> Option<&'static str> {
        if self.logical_volume(name).is_some() {
            return Some("Logical Volume");
        }
        let is_historical = self.historical_volumes.contains(name);
        is_historical.then_some("historical Logical Volume")
    }

    /// Whether physical volumes may come and go.
    #[must_use]
    pub fn is_resizeable(&self) -> bool {
        self.status.contains("RESIZEABLE")
    }

    /// Size of an extent in bytes.
    #[must_use]
    pub fn extent_bytes(&self) -> u64 {
        self.extent_size_sectors.saturating_mul(512)
    }

    /// Per physical volume the extents that no segment of any logical volume holds, whether or not
    /// the volume is allocatable.
    #[must_use]
    pub fn free(&self) -> Vec<Areas> {
        let mut held = vec![Vec::new(); self.physical_volumes.len()];
        for logical in &self.logical_volumes {
            for (volume, area) in logical.segments.iter().flat_map(LvSegment::physical) {
                held[volume].push(area);
            }
        }
        let pairs = self.physical_volumes.iter().zip(held);
        pairs
            .map(|(volume, held)| {
                let all: Areas = Area::new(0, volume.extents).into_iter().collect();
                all.difference(&held.into_iter().collect())
            })
            .collect()
    }

    /// Extents of all physical volumes.
    #[must_use]
    pub fn extent_count(&self) -> u64 {
        let counts = self.physical_volumes.iter().map(|volume| volume.extents);
        counts.fold(0, u64::saturating_add)
    }

    /// The spare for the metadata of pools, if there is one.
    #[must_use]
    pub fn metadata_spare(&self) -> Option<&LogicalVolume> {
        let mut volumes = self.logical_volumes.iter();
        volumes.find(|volume| volume.name.ends_with("_pmspare"))
    }

    /// Free extents of all physical volumes, also of those that LVM2 may not allocate from.
    #[must_use]
    pub fn free_count(&self) -> u64 {
        let counts = self.free().into_iter().map(|areas| areas.total());
        counts.fold(0, u64::saturating_add)
    }

    /// The logical volume of a name.
    #[must_use]
    pub fn logical_volume(&self, name: &str) -> Option<&LogicalVolume> {
        self.logical_volumes
            .iter()
            .find(|volume| volume.name == name)
    }

    /// Where the logical volume of a name stands. Looks from the end, where new ones are.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        let mut volumes = self.logical_volumes.iter();
        volumes.rposition(|volume| volume.name == name)
    }
}
