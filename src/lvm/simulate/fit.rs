//! What LVM2 refuses of a command whatever room there is: options that do not fit the type of a volume. Plans and
//! replays ask the same.

use crate::lvm::simulate::create::counts::check_counts;
use crate::lvm::simulate::create::type_word;
use crate::lvm::simulate::roles::Roles;
use crate::lvm::simulate::rules::check_locked;
use crate::lvm::simulate::syntax::check_syntax;
use crate::lvm::simulate::{SimulationError, lvchange, other_size};
use crate::lvm::{Program, Step, TypedStep, Verb, VolumeGroup};

/// Refuses what does not fit a command, or, where it is there, the volume that it is about.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_fit(
    group: &VolumeGroup,
    roles: &Roles,
    typed: &TypedStep,
) -> Result<(), SimulationError> {
    check_syntax(typed)?;
    check_locked(group, typed)?;
    let (Step::Volume(command) | Step::Resize { command, .. }) = &typed.step else {
        return Ok(());
    };
    if command.verb == Verb::Create {
        let kind = command.created_type();
        return Ok(check_counts(command, kind, &type_word(command, kind))?);
    }
    let name = command.name.as_deref().unwrap_or_default();
    let Some(volume) = group.logical_volume(name) else {
        return Ok(());
    };
    match typed.program {
        Program::LvExtend | Program::LvResize => {
            other_size::check_fit(group, command, volume, roles)?;
        }
        Program::LvChange => lvchange::check_fit(group, &typed.given, volume, roles)?,
        Program::LvCreate
        | Program::LvConvert
        | Program::LvReduce
        | Program::LvRemove
        | Program::LvRename
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => {}
    }
    Ok(())
}
