//! The commands of a plan behind moves, each with the condition under which it is still to be run.

use std::collections::BTreeSet;

use crate::lvm::moves::script::AfterMoves;
use crate::lvm::simulate::{SimulationError, simulate};
use crate::lvm::{LvCommand, Settings, Verb, VolumeGroup, shell_quoted};

/// The commands as steps of a script that can be started again: what makes a volume runs while that is not there, what
/// grows one while it is as large as before.
///
/// # Errors
/// LVM2's refusal of one of them.
pub fn commands_after_moves(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Settings,
) -> Result<Vec<AfterMoves>, SimulationError> {
    let mut groups = vec![group.clone()];
    for command in commands {
        let before = &groups[groups.len() - 1];
        groups.push(simulate(before, command, settings)?);
    }
    let names = |group: &VolumeGroup| -> BTreeSet<String> {
        let volumes = group.logical_volumes.iter();
        volumes.map(|volume| volume.name.clone()).collect()
    };
    let last = names(&groups[groups.len() - 1]);
    // What is there in the end and was not before: that is there once all that goes into it is done.
    let hidden = last.difference(&names(group)).last().cloned();
    let sentinel = |name: &str| {
        let gone = !last.contains(name);
        hidden.clone().filter(|_| gone)
    };
    let has_not = |name: &str| format!("! has {}", shell_quoted(name));
    let or_always = |open: Option<String>| open.unwrap_or_else(|| ":".to_string());
    let extents = |group: &VolumeGroup, name: &str| {
        let volume = group.logical_volume(name);
        volume.map_or(0, |volume| volume.extents())
    };
    let mut steps = Vec::with_capacity(commands.len());
    for (number, command) in commands.iter().enumerate() {
        let (before, after) = (&groups[number], &groups[number + 1]);
        let name = command.name.as_deref().unwrap_or_default();
        let quoted = shell_quoted(name);
        let mut promise = None;
        let open = match command.verb {
            Verb::Create => {
                let old = names(before);
                let mut made = after.logical_volumes.iter();
                let visible =
                    made.find(|volume| volume.is_visible() && !old.contains(&volume.name));
                let name = visible.map_or("", |volume| volume.name.as_str());
                promise = promised(&groups[number + 1..], name);
                match sentinel(name) {
                    Some(later) => format!("{} && {}", has_not(name), has_not(&later)),
                    None => has_not(name),
                }
            }
            Verb::Extend => {
                let sectors = extents(before, name).saturating_mul(group.extent_size_sectors);
                format!("has {quoted} && [ \"$(sectors_of {quoted})\" = {sectors} ]")
            }
            Verb::Convert => or_always(hidden.as_deref().map(has_not)),
            Verb::Change => or_always(
                command
                    .policy
                    .map(|policy| format!("[ \"$(policy_of {quoted})\" != {} ]", policy.name())),
            ),
        };
        steps.push(AfterMoves {
            line: command.to_string(),
            open,
            promise,
        });
    }
    Ok(steps)
}

/// The sizes that a volume has from where it is made on; none where it is no longer there in the end.
fn promised(groups: &[VolumeGroup], name: &str) -> Option<String> {
    let sizes = groups.iter().map(|group| {
        let own = group.logical_volume(name)?;
        Some(own.extents().saturating_mul(group.extent_size_sectors))
    });
    let mut sizes: Vec<u64> = sizes.collect::<Option<Vec<u64>>>()?;
    sizes.dedup();
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    Some(format!(
        "promised {} {}",
        shell_quoted(name),
        sizes.join(" ")
    ))
}
