//! LVM2: the only place where its words and those of `core` meet.

mod command;
mod command_check;
mod command_error;
mod command_options;
mod command_pv;
mod command_read;
mod shell;
mod size;
mod text;
mod volume_group;

pub use command::{LvCommand, MirrorLog, SegmentType, TypeArgument, Verb};
pub use command_error::{CommandError, ScriptError};
pub use command_pv::{PeRange, PvArgument};
pub use command_read::{read_command, read_commands};
pub use shell::shell_quoted;
pub use size::{Amount, PercentOf, Sign, SizeArgument};
pub use text::{TextError, TextProblem, looks_like_metadata, read};
pub use volume_group::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};
