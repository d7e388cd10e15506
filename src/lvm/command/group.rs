//! Commands about the volume group and its physical volumes.

use crate::lvm::command::options::CommandLine;
use crate::lvm::command::options::meaning::Planned;
use crate::lvm::command::paths::{bare, set_group};
use crate::lvm::command::pv::read_volumes;
use crate::lvm::command::step::Step;
use crate::lvm::command::take::{asked_policy, yes_or_no};
use crate::lvm::names::Named;
use crate::lvm::{CommandError, Program};

/// The group that is the argument; without one LVM2 takes all there are.
///
/// # Errors
/// [`CommandError`], if there are several.
pub(crate) fn whole_group(
    given: &CommandLine,
    group: &mut Option<String>,
) -> Result<(), CommandError> {
    let mut names = given.arguments.iter();
    names.try_for_each(|name| set_group(group, Some(bare(name))))
}

/// `vgchange`.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn change_group(
    given: &CommandLine,
    group: &mut Option<String>,
) -> Result<Step, CommandError> {
    whole_group(given, group)?;
    let policy = asked_policy(given)?;
    Ok(Step::ChangeGroup { policy })
}

/// `vgextend` and `vgreduce`.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn change_devices(
    given: &CommandLine,
    group: &mut Option<String>,
) -> Result<Step, CommandError> {
    let Some((first, devices)) = given.arguments.split_first() else {
        return Err(given.missing("the volume group"));
    };
    set_group(group, Some(bare(first)))?;
    let is_all = given.option(Planned::AllVolumes).is_some();
    let words = given.given();
    let not_taken = |what: String| CommandError::Lvm2 {
        message: format!("Command does not accept {what}."),
    };
    match (words.has("removemissing"), is_all, devices.first()) {
        // Where none is missing it changes nothing.
        (true, false, None) => return Ok(Step::Look),
        (true, false, Some(device)) => return Err(not_taken(format!("argument: {device}"))),
        (true, true, _) => return Err(not_taken("option: --removemissing".to_string())),
        (false, ..) if words.has("mirrorsonly") => {
            return Err(not_taken("option: --mirrorsonly".to_string()));
        }
        (false, true, Some(device)) => return Err(not_taken(format!("argument: {device}"))),
        (false, ..) => {}
    }
    if devices.is_empty() && !is_all {
        return Err(given.missing("the name of a physical volume"));
    }
    Ok(match given.program {
        Program::VgExtend => Step::ExtendGroup {
            devices: devices.to_vec(),
        },
        _ => Step::ReduceGroup {
            volumes: read_volumes(devices)?,
        },
    })
}

/// `pvresize`.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn resize_volumes(given: &CommandLine) -> Result<Step, CommandError> {
    let devices = given.arguments.clone();
    if devices.is_empty() {
        return Err(given.missing("the physical volumes"));
    }
    Ok(Step::ResizeVolumes { devices })
}

/// `pvchange`.
///
/// # Errors
/// [`CommandError`].
pub(crate) fn change_volumes(given: &CommandLine) -> Result<Step, CommandError> {
    let tags = |planned: Planned| -> Result<Vec<String>, CommandError> {
        let options = given.options.iter();
        let found = options.filter(|used| used.planned() == Some(planned));
        found
            .map(|used| {
                let tag = used.value.strip_prefix('@').unwrap_or(&used.value);
                Named::Tag.check(tag)?;
                Ok(tag.to_string())
            })
            .collect()
    };
    let is_all = given.option(Planned::AllVolumes).is_some();
    if is_all != given.arguments.is_empty() {
        return Err(given.missing("the physical volumes, or -a for all of them,"));
    }
    Ok(Step::ChangeVolumes {
        volumes: read_volumes(&given.arguments)?,
        allocatable: given
            .option(Planned::Allocatable)
            .map(yes_or_no)
            .transpose()?,
        add_tags: tags(Planned::AddTag)?,
        remove_tags: tags(Planned::DelTag)?,
    })
}
