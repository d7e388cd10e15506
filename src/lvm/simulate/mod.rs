//! What LVM2 would make of a command: the volume group afterwards, or the refusal.

mod allowed;
mod avoid;
mod build;
mod convert;
mod create;
mod extend;
mod images;
mod reduce;
mod redundancy;
mod refusal;
mod remove;
mod request;
mod run;
mod spare;
mod step;

pub use refusal::{Refusal, SimulationError};
pub(crate) use run::simulate_step;
pub(crate) use step::{Step, read_step};

use crate::lvm::{LvCommand, Settings, Verb, VolumeGroup};

/// The volume group after a command.
///
/// Volumes are named as LVM2 names them, hidden ones included; UUIDs are empty.
///
/// # Errors
/// LVM2's refusal with its messages, or that the command is not covered.
pub fn simulate(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    match command.verb {
        Verb::Create => create::create(group, command, settings),
        Verb::Extend => extend::extend(group, command, settings),
        Verb::Convert => convert::convert(group, command, settings),
        Verb::Change => run::change(group, command),
    }
}
