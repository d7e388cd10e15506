//! Commands that place extents, or prepare that, run on a volume group.

use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::simulate::{SimulationError, change, convert, create, extend};
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
    simulate_all_by(group, commands, &Allocator::lvm2(settings))
}

/// As [`simulate_all`], placed by whom it is said.
///
/// # Errors
/// As [`simulate`].
pub(crate) fn simulate_all_by(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let mut ledger = Ledger::new(group.clone());
    for command in commands {
        run_by(&mut ledger, command, settings)?;
    }
    Ok(ledger.into_group())
}

/// As [`simulate`], placed by whom it is said.
///
/// # Errors
/// As [`simulate`].
pub(crate) fn simulate_by(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let mut ledger = Ledger::new(group.clone());
    run_by(&mut ledger, command, settings)?;
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
    run_by(ledger, command, &Allocator::lvm2(settings))
}

fn run_by(
    ledger: &mut Ledger,
    command: &LvCommand,
    settings: &Allocator,
) -> Result<(), SimulationError> {
    let mark = ledger.mark();
    let done = match command.verb {
        Verb::Create => create::create(ledger, command, settings),
        Verb::Extend => extend::extend(ledger, command, settings),
        Verb::Convert => convert::convert_into_pool(ledger.group(), command, settings)
            .map(|after| ledger.replace(after)),
        Verb::Change => change::change(ledger.group(), command).map(|after| ledger.replace(after)),
    };
    if done.is_err() {
        ledger.back_to(mark);
    }
    done
}
