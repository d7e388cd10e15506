//! LVM2: the only place where its words and those of `core` meet.

mod allowed;
mod audit;
mod command;
mod command_check;
mod command_error;
mod command_options;
mod command_pv;
mod command_read;
mod demand;
mod demand_error;
mod demand_extend;
mod demand_pool;
mod dictionary;
mod existing;
mod export;
mod export_cut;
mod export_error;
mod export_pool;
mod export_step;
mod import;
mod import_error;
mod import_spare;
mod of_sources;
pub mod replay;
mod report;
mod settings;
mod shell;
pub mod simulate;
mod size;
mod text;
mod volume_group;

pub use allowed::{AllowedVolume, allowed_volumes, find_volume};
pub use audit::{Audit, Blocked, Blocker, Finding, Piece, Role, Severity, audit};
pub use command::{LvCommand, MirrorLog, OtherOption, SegmentType, TypeArgument, Verb};
pub use command_error::{CommandError, ScriptError};
pub use command_pv::{PeRange, PvArgument};
pub use command_read::{read_command, read_commands};
pub use demand::{Demand, create_demand};
pub use demand_error::DemandError;
pub use demand_extend::extend_demand;
pub use dictionary::{Dictionary, Entry, EntryPart};
pub use existing::{Existing, existing};
pub use export::{arranged, commands};
pub use export_error::ExportError;
pub use import::{import, sources};
pub use import_error::ImportError;
pub use report::{MissingField, ReportError, looks_like_report, read_reports};
pub(crate) use settings::read_settings;
pub use settings::{Settings, Version};
pub use shell::shell_quoted;
pub use size::{Amount, PercentOf, Sign, SizeArgument};
pub use text::{TextError, TextProblem, looks_like_metadata, read};
pub use volume_group::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};
