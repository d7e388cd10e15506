//! Why a command asks nothing of a volume group that could be planned.

use thiserror::Error;

use crate::core::Area;
use crate::lvm::{NameError, SegmentType};

/// What is wrong with a command for a volume group.
///
/// Where LVM2 2.03 refuses the same, the message is LVM2's own.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DemandError {
    /// The command is about another group.
    #[error("Volume group \"{found}\" not found; the one at hand is `{expected}`")]
    OtherGroup {
        /// The one named.
        found: String,
        /// The one at hand.
        expected: String,
    },
    /// LVM2 does nothing of the kind to the group as it is, in its words.
    #[error("{message}")]
    GroupLocked {
        /// The words.
        message: String,
    },
    /// A name that LVM2 would not give, to the volume or to a hidden one below it.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No such physical volume.
    #[error("Physical Volume \"{name}\" not found in Volume Group \"{group}\".")]
    NoSuchVolume {
        /// The name.
        name: String,
        /// The group.
        group: String,
    },
    /// A range goes past the end of its volume.
    #[error("PE range error: start extent {first} to end extent {last}. {volume} has {extents}.")]
    RangePastEnd {
        /// The volume.
        volume: String,
        /// First extent.
        first: u64,
        /// Last extent.
        last: u64,
        /// Extents of the volume.
        extents: u64,
    },
    /// Two ranges of one volume overlap.
    #[error("Overlapping PE ranges specified ({new}, {old}) on {volume}.")]
    RangesOverlap {
        /// The volume.
        volume: String,
        /// The later range.
        new: Area,
        /// The earlier one.
        old: Area,
    },
    /// No volume that is given can be used.
    #[error("No specified PVs have space available.{}", blamed(.arguments))]
    NoVolumes {
        /// What is wrong with each argument.
        arguments: Vec<String>,
    },
    /// A share of a volume that is yet to be made.
    #[error("Please express size as %FREE, %PVS or %VG.")]
    NoVolumeYet,
    /// The size comes to nothing.
    #[error("{what} size of logical volume is 0 extents. Needs to be larger.")]
    Empty {
        /// `Calculated` or `Adjusted`.
        what: &'static str,
    },
    /// A pool by percentage that leaves no room for data.
    /// LVM2 names a thin pool whichever it is.
    #[error("Not enough space for thin pool creation.")]
    NoRoomForPool {
        /// The kind of pool.
        kind: SegmentType,
    },
    /// `allocation/raid_stripe_all_devices`, and not enough devices to stripe over.
    #[error("{}", too_few_devices(*kind, word))]
    TooFewDevices {
        /// The type.
        kind: SegmentType,
        /// The word for it in the command.
        word: String,
    },
    /// A count that does not fit 64 bits.
    #[error("the size of logical volume `{name}` exceeds 2^64 - 1 extents")]
    TooLarge {
        /// The logical volume.
        name: String,
    },
    /// A chunk size that a pool cannot have.
    #[error("chunk size {sectors} sectors: expected {expected}")]
    BadChunkSize {
        /// What was given.
        sectors: u64,
        /// What a pool can have.
        expected: &'static str,
    },
    /// The command places nothing that could be planned.
    #[error("it places no extents; expected lvcreate or lvextend")]
    PlacesNothing,
    /// A logical volume of that name is there.
    #[error("{by} \"{name}\" already exists in volume group \"{group}\"")]
    NameTaken {
        /// What has it, in LVM2's words.
        by: &'static str,
        /// The name.
        name: String,
        /// The group.
        group: String,
    },
    /// No such logical volume.
    #[error("Failed to find logical volume \"{group}/{name}\"")]
    NoSuchLogicalVolume {
        /// The group.
        group: String,
        /// The name.
        name: String,
    },
    /// The logical volume is part of another one.
    #[error("Can't resize internal logical volume {group}/{name}.")]
    Internal {
        /// The group.
        group: String,
        /// The name.
        name: String,
    },
    /// A share of the origin of what is no snapshot.
    #[error("Specified LV does not have an origin LV.")]
    NoOrigin,
    /// A segment type that nobody can plan.
    #[error("logical volume `{name}` is of type `{kind}`, which cannot be extended by a plan")]
    UnsupportedType {
        /// The logical volume.
        name: String,
        /// Its type.
        kind: String,
    },
    /// A layout of the logical volume that nobody can plan.
    #[error("logical volume `{name}`: {reason}")]
    UnsupportedLayout {
        /// The logical volume.
        name: String,
        /// What is odd about it.
        reason: String,
    },
    /// `--poolmetadatasize` for what is no thin pool.
    #[error("logical volume `{name}`: option --poolmetadatasize goes with thin pools; it is none")]
    NoThinPool {
        /// The logical volume.
        name: String,
    },
    /// `--type` of another kind than the volume has.
    #[error("VolumeType does not match ({word}).")]
    OtherType {
        /// The type given.
        word: String,
    },
    /// `-m` of another count than the volume has.
    #[error("Cannot vary number of mirrors in LV yet.")]
    OtherMirrors,
    /// `-i` of another count than a RAID volume has.
    #[error("Unable to extend \"{kind}\" segment type with different number of stripes.")]
    OtherStripes {
        /// The type.
        kind: String,
        /// The count given.
        asked: u64,
    },
    /// A striped volume whose segments differ, without `-i`.
    #[error("Please specify number of stripes (-i) and stripesize (-I)")]
    StripesUnknown,
    /// Not larger than it is.
    #[error("New size given ({found} extents) not larger than existing size ({existing} extents)")]
    NotLarger {
        /// The size asked for.
        found: u64,
        /// The size that it has.
        existing: u64,
    },
    /// Extends what an earlier command of the same plan asked for, in another way.
    #[error(
        "logical volume `{name}` is asked for by an earlier command with other {what}; expected the \
         same, as both are planned as one"
    )]
    OtherTerms {
        /// The logical volume.
        name: String,
        /// `policy`, `stripes` or `physical volumes`.
        what: &'static str,
    },
    /// As large as it is.
    #[error(
        "New size ({existing} extents) matches existing size ({existing} extents){}",
        if asked == existing { "." } else { "" }
    )]
    SameSize {
        /// The size that it has.
        existing: u64,
        /// The size asked for, before it was rounded.
        asked: u64,
    },
}

fn blamed(arguments: &[String]) -> String {
    arguments
        .iter()
        .map(|words| format!(" ({words})"))
        .collect()
}

fn too_few_devices(kind: SegmentType, word: &str) -> String {
    if kind == SegmentType::Raid10 {
        "Unable to create RAID(1)0 LV: insufficient number of devices.".to_string()
    } else if kind.parity() > 0 {
        let least = kind.parity() + 1;
        format!("Number of stripes must be at least {least} for {word}")
    } else {
        "Segment type 'raid0' requires 2 or more stripes.".to_string()
    }
}
