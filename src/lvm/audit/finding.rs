//! The findings of an audit as values; how they are printed is not decided here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::core::{Area, Areas};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The failure of one disk, or of one group of disks, costs more than it should.
    Unsafe,
    /// Something is slower, or harder to use, than it has to be.
    Poor,
    /// Good to know.
    Note,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// Two or more images of one raid or mirror volume have extents on one disk.
    ImagesShareDisk {
        /// The volume.
        volume: String,
        /// Its segment type.
        segment_type: String,
        /// The disk.
        disk: String,
        /// The images there, and metadata if any.
        pieces: Vec<Piece>,
        /// Whether the volume has copies or parity that this spoils; raid0 has none.
        is_redundant: bool,
        /// Whether the loss of this disk alone loses the volume, although it is redundant.
        is_fatal: bool,
    },
    /// The metadata of one leg lies on a disk with another leg: the disk takes both legs with it.
    MetadataSharesDisk {
        /// The volume.
        volume: String,
        /// Its segment type.
        segment_type: String,
        /// The disk.
        disk: String,
        /// The metadata and the image, or the metadata twice.
        pieces: Vec<Piece>,
        /// Whether the volume has copies or parity that this spoils.
        is_redundant: bool,
        /// Whether the loss of this disk alone loses the volume, although it is redundant.
        is_fatal: bool,
    },
    /// Legs of one volume lie on disks that share a tag.
    LegsShareTag {
        /// The volume.
        volume: String,
        /// Its segment type.
        segment_type: String,
        /// The tag.
        tag: String,
        /// What lies on disks with that tag.
        pieces: Vec<Piece>,
        /// Whether the volume has copies or parity that this spoils.
        is_redundant: bool,
        /// Whether the loss of all disks with the tag loses the volume, although it is redundant.
        is_fatal: bool,
    },
    /// The log of a mirror lies on a disk with an image, or on disks that share a tag with one.
    LogSharesDisk {
        /// The volume.
        volume: String,
        /// The disk, or the tag.
        place: String,
        /// The log and the images.
        pieces: Vec<Piece>,
    },
    /// A volume of which copies or parity are left when a disk fails, and which is lost with it all the same,
    /// as something else that it needs lies there and nowhere else.
    WeakLink {
        /// The volume.
        volume: String,
        /// Its segment type.
        segment_type: String,
        /// What of it is held once.
        weak: Vec<String>,
        /// The disks that it is lost with, any one of them; tags of disks that fail together.
        places: Vec<String>,
        /// What lies there.
        pieces: Vec<Piece>,
        /// The volumes that users know which are lost with it.
        lost: Vec<String>,
    },
    /// A volume of which the source of the data does not say what it stands on, or a part of one of which it
    /// does not say whose it is.
    NotJudged {
        /// The volume.
        volume: String,
        /// Its segment type.
        segment_type: String,
    },
    /// A disk is missing.
    DiskMissing {
        /// The disk.
        disk: String,
        /// Extents on it that volumes hold.
        held_extents: u64,
        /// Volumes that can still be read without it.
        degraded: Vec<String>,
        /// Volumes that cannot.
        lost: Vec<String>,
    },
    /// A redundant volume has lost legs, and the loss of one more disk would lose it.
    NoLossLeft {
        /// The volume.
        volume: String,
        /// Images of the legs that are lost.
        lost_legs: Vec<String>,
        /// Disks of which none may fail.
        disks: Vec<String>,
    },
    /// A disk from which LVM2 may not allocate.
    NotAllocatable {
        /// The disk.
        disk: String,
        /// Free extents on it, which no policy reaches.
        free_extents: u64,
    },
    /// The volume group is exported.
    Exported {
        /// Free extents, which no policy reaches.
        free_extents: u64,
    },
    /// A volume, or an image of one, in more segments than needed.
    Fragmented {
        /// The volume or image.
        volume: String,
        /// Segments that it has.
        segments: u64,
        /// Segments that are enough, in what is free and what it has itself, with its siblings where
        /// they are.
        needed: u64,
    },
    /// A volume that cannot grow behind what it has.
    CannotGrow {
        /// The volume.
        volume: String,
        /// What stands behind each leg that cannot.
        blocked: Vec<Blocked>,
    },
}

/// A part of a volume on one disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Piece {
    /// What it is.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// The disk.
    pub disk: String,
    /// Its physical extents there, `first-last`.
    #[serde(serialize_with = "ranges")]
    #[schemars(with = "Vec<String>")]
    pub extents: Areas,
}

/// What a part of a volume is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The data of a leg.
    Image,
    /// The metadata of a leg.
    Metadata,
    /// The log of a mirror.
    Log,
    /// Something that is held once, beside copies or parity of the rest.
    Single,
}

/// A leg that cannot grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocked {
    /// The leg, counted from 0.
    pub leg: usize,
    /// The disk that it ends on.
    pub disk: String,
    /// The extent behind its last one.
    pub extent: u64,
    /// What is there.
    pub by: Blocker,
}

/// What stands behind a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Blocker {
    /// The disk ends.
    EndOfDisk,
    /// The extent is free, but LVM2 may not allocate from the disk.
    NotAllocatable,
    /// A volume holds it.
    Volume(String),
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Finding::ImagesShareDisk { is_redundant, .. }
            | Finding::MetadataSharesDisk { is_redundant, .. }
            | Finding::LegsShareTag { is_redundant, .. } => {
                // Without copies or parity every disk counts anyway; sharing one is only slow.
                if *is_redundant {
                    Severity::Unsafe
                } else {
                    Severity::Poor
                }
            }
            Finding::DiskMissing { degraded, lost, .. } => {
                if degraded.is_empty() && lost.is_empty() {
                    Severity::Poor
                } else {
                    Severity::Unsafe
                }
            }
            Finding::NoLossLeft { .. } | Finding::WeakLink { .. } => Severity::Unsafe,
            Finding::LogSharesDisk { .. } | Finding::Fragmented { .. } => Severity::Poor,
            Finding::NotJudged { .. }
            | Finding::NotAllocatable { .. }
            | Finding::Exported { .. }
            | Finding::CannotGrow { .. } => Severity::Note,
        }
    }
}

fn ranges<S: serde::Serializer>(areas: &Areas, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(areas.iter().map(|area: Area| area.to_string()))
}
