//! Other sizes for what was reshaped: LVM2 gives back the space for that first, and takes it again as data.

use crate::lvm::simulate::images::reshape::space;
use crate::lvm::{LogicalVolume, Program, Step, TypedStep, VolumeGroup};

/// The volume with reshape space that a command may let grow.
fn grown<'g>(group: &'g VolumeGroup, typed: &TypedStep) -> Option<&'g LogicalVolume> {
    let grows = matches!(typed.program, Program::LvExtend | Program::LvResize);
    let command = match &typed.step {
        Step::Volume(command) if grows => command,
        Step::Resize { command, may_grow } if *may_grow => command,
        _ => return None,
    };
    let volume = group.logical_volume(command.name.as_deref()?)?;
    (space::length(volume) > 0).then_some(volume)
}

/// Whether a command may let a volume grow that has reshape space.
pub(crate) fn may_grow_reshaped(group: &VolumeGroup, typed: &TypedStep) -> bool {
    grown(group, typed).is_some()
}

/// The group without that space, where the command places extents on it.
pub(crate) fn without_space(group: &VolumeGroup, typed: &TypedStep) -> Option<VolumeGroup> {
    let volume = grown(group, typed)?;
    let mut freed = group.clone();
    space::free(&mut freed, &volume.name);
    Some(freed)
}
