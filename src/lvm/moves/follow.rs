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
    let steps =
        commands
            .iter()
            .zip(groups.windows(2))
            .enumerate()
            .map(|(number, (command, pair))| {
                let mut promise = None;
                let (before, after) = (&pair[0], &pair[1]);
                let open = match command.verb {
                    Verb::Create => {
                        let old = names(before);
                        let visible = after
                            .logical_volumes
                            .iter()
                            .find(|volume| volume.is_visible() && !old.contains(&volume.name));
                        let name = visible.map_or("", |volume| volume.name.as_str());
                        promise = promised(&groups[number + 1..], name);
                        match sentinel(name) {
                            Some(later) => format!("{} && {}", has_not(name), has_not(&later)),
                            None => has_not(name),
                        }
                    }
                    Verb::Extend => {
                        let name = command.name.as_deref().unwrap_or_default();
                        let extents = before
                            .logical_volumes
                            .iter()
                            .find(|volume| volume.name == name)
                            .map_or(0, |volume| volume.extents());
                        let sectors = extents.saturating_mul(group.extent_size_sectors);
                        let name = shell_quoted(name);
                        format!("has {name} && [ \"$(sectors_of {name})\" = {sectors} ]")
                    }
                    Verb::Convert => match &hidden {
                        Some(later) => has_not(later),
                        None => ":".to_string(),
                    },
                    Verb::Change => {
                        let name = shell_quoted(command.name.as_deref().unwrap_or_default());
                        match command.policy {
                            Some(policy) => {
                                format!("[ \"$(policy_of {name})\" != {} ]", policy.name())
                            }
                            None => ":".to_string(),
                        }
                    }
                };
                AfterMoves {
                    line: command.to_string(),
                    open,
                    promise,
                }
            });
    Ok(steps.collect())
}

/// The sizes that a volume has from where it is made on; none where it is no longer there in the end.
fn promised(groups: &[VolumeGroup], name: &str) -> Option<String> {
    let sizes = groups.iter().map(|group| {
        let mut volumes = group.logical_volumes.iter();
        let own = volumes.find(|volume| volume.name == name)?;
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
