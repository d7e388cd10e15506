//! LVM2: the only place where its words and those of `core` meet.

mod all_names;
mod allowed;
mod audit;
mod command;
mod demand;
mod dictionary;
mod existing;
mod export;
mod import;
mod lengths;
mod limits;
mod names;
mod of_sources;
mod parts;
pub mod replay;
mod report;
mod settings;
mod shell;
pub mod simulate;
mod size;
mod text;
mod volume_group;
mod what_if;

pub use all_names::check_names;
pub use allowed::{AllowedVolume, allowed_volumes, find_volume};
pub use audit::{Audit, Blocked, Blocker, Finding, Piece, Role, Severity, audit};
pub use command::error::{CommandError, ScriptError};
pub use command::pv::{PeRange, PvArgument};
pub use command::read::{read_command, read_commands};
pub use command::{LvCommand, MirrorLog, OtherOption, SegmentType, TypeArgument, Verb};
pub use demand::drops::companion_drops;
pub use demand::error::DemandError;
pub use demand::extend::extend_demand;
pub use demand::{Demand, create_demand};
pub use dictionary::{Dictionary, Entry, EntryPart};
pub use existing::{Existing, all_existing, existing};
pub use export::error::ExportError;
pub use export::script::script;
pub use export::{arranged, commands, in_few_commands};
pub use import::error::ImportError;
pub use import::{import, sources};
pub use names::NameError;
pub use report::{MissingField, ReportError, looks_like_report, read_reports};
pub(crate) use settings::read_settings;
pub use settings::{Settings, Version};
pub use shell::shell_quoted;
pub use size::{Amount, PercentOf, Sign, SizeArgument};
pub use text::{TextError, TextProblem, looks_like_metadata, misnamed, read};
pub(crate) use volume_group::LARGEST;
pub use volume_group::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};
pub use what_if::{WhatIfError, disk_extents, owners};
