//! Why a plan has no commands.

use thiserror::Error;

use crate::lvm::LvCommand;

/// A plan that LVM2 cannot be told to build.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The plan is for another problem.
    #[error("the plan has {found} allocations; the commands ask for {expected}")]
    OtherPlan {
        /// Allocations that there should be.
        expected: usize,
        /// Allocations that there are.
        found: usize,
    },
    /// An allocation that does not have the legs that its volume needs.
    #[error("logical volume `{name}`: the plan has {found} {what} instead of {expected}")]
    OtherCount {
        /// The logical volume.
        name: String,
        /// `legs`, `metadata` or `logs`.
        what: &'static str,
        /// How many there should be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// Legs of different length, or no length at all.
    #[error("logical volume `{name}`: leg {leg} has {found} extents, leg 0 has {expected}")]
    UnequalLegs {
        /// The logical volume.
        name: String,
        /// The leg.
        leg: usize,
        /// Extents of leg 0.
        expected: u64,
        /// Extents of the leg.
        found: u64,
    },
    /// The plan names a source that the group does not have.
    #[error("logical volume `{name}`: the plan names source {source_index}; the group has {count}")]
    UnknownSource {
        /// The logical volume.
        name: String,
        /// The index.
        source_index: usize,
        /// Physical volumes of the group.
        count: usize,
    },
    /// A physical volume of which the metadata names no device, or one that others claim, too: no command
    /// could name it.
    #[error(
        "the metadata names no device for physical volume {key} ({id}), or one that others claim, too; take it \
         again where LVM2 sees all of them"
    )]
    NoDevice {
        /// Its key in the metadata.
        key: String,
        /// Its UUID.
        id: String,
    },
    /// Metadata that does not lie in front of its image.
    #[error(
        "logical volume `{name}`: metadata of leg {leg} does not lie directly in front of the leg; \
         LVM2 puts it nowhere else"
    )]
    MetadataApart {
        /// The logical volume.
        name: String,
        /// The leg.
        leg: usize,
    },
    /// LVM2 would build something else, whatever it is told.
    #[error(
        "logical volume `{name}`: LVM2 would not build extents {from} to {to} of {what}: `{command}` {instead}"
    )]
    NotBuilt {
        /// The logical volume.
        name: String,
        /// Which part, such as `leg 1 (data_rimage_1)`.
        what: String,
        /// First extent of the interval, as an offset into the leg.
        from: u64,
        /// One past its last extent.
        to: u64,
        /// The command that should have built it.
        command: Box<LvCommand>,
        /// What it would do instead, such as `would put it on /dev/sda:0-9`.
        instead: String,
    },
}
