//! What LVM2 would make of a command: the volume group afterwards, or the refusal.

mod allowed;
mod avoid;
mod build;
mod convert;
mod create;
mod extend;
mod images;
pub(crate) mod ledger;
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

use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
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
    simulate_all(group, std::slice::from_ref(command), settings)
}

/// The volume group after commands that run one after another.
///
/// # Errors
/// As [`simulate`], for the first command that is not carried out.
pub fn simulate_all(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    let mut ledger = Ledger::new(group.clone());
    for command in commands {
        run_on(&mut ledger, command, settings)?;
    }
    Ok(ledger.into_group())
}

/// Runs a command on a ledger, which stays as it is where the command is not carried out.
///
/// # Errors
/// As [`simulate`].
pub(crate) fn run_on(
    ledger: &mut Ledger,
    command: &LvCommand,
    settings: &Settings,
) -> Result<(), SimulationError> {
    let mark = ledger.mark();
    let done = match command.verb {
        Verb::Create => create::create(ledger, command, settings),
        Verb::Extend => extend::extend(ledger, command, settings),
        Verb::Convert => {
            convert::convert(ledger.group(), command, settings).map(|after| ledger.replace(after))
        }
        Verb::Change => run::change(ledger.group(), command).map(|after| ledger.replace(after)),
    };
    if done.is_err() {
        ledger.back_to(mark);
    }
    done
}
