//! Why nothing can be moved in a volume group, or moves have no commands.

use thiserror::Error;

use crate::lvm::NameError;
use crate::lvm::moves::pvmove::PvMove;

/// Why nothing can be moved, or moves have no commands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MoveError {
    /// A name that LVM2 would not give.
    #[error(transparent)]
    Name(#[from] NameError),
    /// LVM2 changes nothing in the group.
    #[error("{message}")]
    GroupLocked {
        /// What it says.
        message: String,
    },
    /// A `pvmove` was interrupted.
    #[error(
        "a pvmove in volume group {group} is not finished ({volume}): `pvmove` finishes it, `pvmove --abort` \
         takes it back; where volumes were deactivated since, `vgchange -ay {group}` first. Then take the \
         metadata again"
    )]
    Interrupted {
        /// The group.
        group: String,
        /// The volume that stands for it.
        volume: String,
    },
    /// The source of the data leaves out what volumes lie on.
    #[error(
        "what `{volume}` lies on is left out: take the report with `--all`, as `lvm fullreport --all \
         --reportformat json`, or the metadata (vgcfgbackup)"
    )]
    LeftOut {
        /// The volume.
        volume: String,
    },
    /// Legs that are made of legs.
    #[error("`{volume}` is being converted: its legs have legs; wait until that is done")]
    Nested {
        /// The volume.
        volume: String,
    },
    /// A volume that is to be kept, and is not there.
    #[error("no logical volume `{name}` in volume group `{group}`")]
    NoSuchVolume {
        /// Its name.
        name: String,
        /// The group.
        group: String,
    },
    /// A layout that lies on a disk that is not there.
    #[error("`{volume}` is to lie on {disk}, which volume group {group} has not")]
    NoSuchDisk {
        /// The volume.
        volume: String,
        /// The disk.
        disk: String,
        /// The group.
        group: String,
    },
    /// A layout of a volume that is not there, or holds no extents itself.
    #[error(
        "no logical volume `{name}` that holds extents itself in volume group {group}: of a RAID volume its images do \
         (`{name}_rimage_0`), of a pool its data (`{name}_tdata`)"
    )]
    NotHolding {
        /// Its name.
        name: String,
        /// The group.
        group: String,
    },
    /// A layout of another size.
    #[error("stripe {stripe} of `{name}` has {has} extents; {drawn} are drawn")]
    OtherSize {
        /// The volume.
        name: String,
        /// Which of its stripes, from 1 on.
        stripe: usize,
        /// Extents that it has.
        has: u64,
        /// Extents in the layout.
        drawn: u64,
    },
    /// A layout of other stripes.
    #[error("`{name}` has {has} stripes; {drawn} are drawn")]
    OtherStripes {
        /// The volume.
        name: String,
        /// Its stripes.
        has: usize,
        /// Those of the layout.
        drawn: usize,
    },
    /// LVM2 would not make a move.
    #[error("LVM2 would not carry out `{command}`: {why}")]
    NotCarriedOut {
        /// The command.
        command: Box<PvMove>,
        /// What it says.
        why: String,
    },
}
