//! The way back from a problem to its volume group: which request is which logical volume.

use crate::lvm::{Demand, LvCommand, SegmentType, Settings};

/// What the sources and requests of an imported problem stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// Per source the device of the physical volume; sources are in the order of the group.
    pub sources: Vec<String>,
    /// Per request what it is for.
    pub entries: Vec<Entry>,
    /// The settings of LVM2 that all of it goes by.
    pub settings: Settings,
    /// What the user should know about what exists, as sentences.
    pub notes: Vec<String>,
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The logical volume: the one that is created or extended, a pool by its own name.
    pub name: String,
    /// What the request is of that volume.
    pub part: EntryPart,
    /// The first command that asked for it.
    pub command: LvCommand,
    /// What the commands come to, together.
    pub demand: Demand,
    /// Logical extents that the volume has already; 0 if it is new.
    pub existing_extents: u64,
}

/// What a request is of a logical volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryPart {
    /// All of a new volume; of a pool its data and, as the log, its metadata.
    Created,
    /// What an existing volume gets more.
    Grown,
    /// What the metadata of an existing pool gets more; the entry is named as the hidden volume that
    /// holds it.
    Metadata,
    /// The spare for the metadata of pools, or what it gets more.
    Spare,
}

impl Dictionary {
    /// Per request what `lvs` calls what goes with it as a whole.
    #[must_use]
    pub fn log_words(&self) -> Vec<&'static str> {
        let entries = self.entries.iter();
        entries.map(|entry| entry.demand.kind.log_word()).collect()
    }
}

impl Entry {
    /// The name of the volume that the legs belong to: of a pool that of its data.
    #[must_use]
    pub fn data_name(&self) -> String {
        if self.demand.kind.is_pool() {
            self.leg_name(0)
        } else {
            self.name.clone()
        }
    }

    /// Names of the legs as LVM2 will call what holds them, such as `data_rimage_1`; one name for
    /// all legs of a striped or linear volume.
    #[must_use]
    pub fn leg_name(&self, leg: usize) -> String {
        let name = &self.name;
        match self.demand.kind {
            SegmentType::Linear | SegmentType::Striped => name.clone(),
            SegmentType::Mirror => {
                let stripes = usize::try_from(self.demand.stripes).unwrap_or(usize::MAX);
                format!("{name}_mimage_{}", leg / stripes.max(1))
            }
            SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Raid10 => format!("{name}_rimage_{leg}"),
            SegmentType::ThinPool => format!("{name}_tdata"),
            SegmentType::CachePool => format!("{name}_cdata"),
        }
    }

    /// The name of what holds the metadata of a leg.
    #[must_use]
    pub fn metadata_name(&self, leg: usize) -> String {
        format!("{}_rmeta_{leg}", self.name)
    }

    /// The name of what holds the log: that of a mirror, or the metadata of a pool.
    #[must_use]
    pub fn log_name(&self) -> String {
        let end = self.demand.kind.log_word();
        format!("{}_{end}", self.name)
    }
}
