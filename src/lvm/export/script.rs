//! Commands as a script for people who want to run them: careful before, helpful after a failure.

use crate::lvm::{Dictionary, EntryPart, LvCommand, SegmentType, Verb, VolumeGroup, shell_quoted};

/// What a script says of one command beside the command itself.
struct Step<'a> {
    command: &'a LvCommand,
    undo: Undo,
}

/// How to take a command back.
enum Undo {
    /// With this line.
    By(String),
    /// Taking back an earlier command takes this one back, too.
    WithEarlier,
    /// The same, and the command directly before needs no line of its own any more.
    ReplacesLast,
}

/// A script for `sh` that runs the commands.
///
/// It refuses to run where the volume group is not the one that was planned for: its `seqno` and its
/// free extents are asked of `vgs` first. It stops at the first command that fails and prints how to
/// take back those before it; its head says how to take back all of them.
#[must_use]
pub fn script(group: &VolumeGroup, dictionary: &Dictionary, commands: &[LvCommand]) -> String {
    let steps: Vec<Step> = steps(group, dictionary, commands);
    let mut lines = vec![
        "#!/bin/sh".to_string(),
        format!("# Builds a plan for volume group {}.", group.name),
        "# It stops at the first command that fails. To take all of it back:".to_string(),
    ];
    lines.extend(undo_of(&steps).iter().map(|line| format!("#   {line}")));
    lines.extend(["set -eu".to_string(), String::new()]);
    lines.extend(guard(group));
    lines.push(FAILURE.to_string());
    for step in &steps {
        lines.push(step.command.to_string());
        match &step.undo {
            Undo::By(line) => lines.push(format!("done_by {}", shell_quoted(line))),
            Undo::ReplacesLast => lines.push("joined".to_string()),
            Undo::WithEarlier => {}
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The part that remembers how to take back what was done, and says so when a command fails.
const FAILURE: &str = "\
undo=
done_by() {
    undo=\"$1
$undo\"
}
joined() {
    undo=${undo#*
}
}
failed() {
    status=$?
    if [ \"$status\" -ne 0 ]; then
        echo 'A command failed; nothing behind it was run. To take back what was done:' >&2
        echo \"${undo:-(nothing was done)}\" >&2
    fi
    exit \"$status\"
}
trap failed EXIT
";

/// The part that compares the volume group with the one that was planned for.
fn guard(group: &VolumeGroup) -> Vec<String> {
    let name = shell_quoted(&group.name);
    let mut lines = Vec::new();
    for (what, field, expected) in [
        ("seqno", "vg_seqno", group.seqno),
        ("free extents", "vg_free_count", group.free_count()),
    ] {
        // Not every report says the seqno; metadata counts from 1.
        if field == "vg_seqno" && expected == 0 {
            continue;
        }
        let message = format!(
            "{} is not as it was planned for, nothing was done: expected {what} {expected}, found ",
            group.name
        );
        lines.extend([
            format!("found=$(vgs --noheadings -o {field} {name} | tr -d '[:space:]')"),
            format!("if [ \"$found\" != {expected} ]; then"),
            format!("    echo {}\"$found\" >&2", shell_quoted(&message)),
            "    exit 1".to_string(),
            "fi".to_string(),
        ]);
    }
    lines.push(String::new());
    lines
}

fn steps<'a>(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    commands: &'a [LvCommand],
) -> Vec<Step<'a>> {
    let mut steps: Vec<Step> = Vec::new();
    for command in commands {
        let name = command.name.clone().unwrap_or_default();
        let path = shell_quoted(&format!("{}/{name}", group.name));
        let grown = dictionary
            .entries
            .iter()
            .find(|entry| entry.part == EntryPart::Grown && entry.name == name);
        let before = steps.iter().any(|step| step.command.name == command.name);
        let undo = match (command.verb, grown) {
            (Verb::Create, _) => Undo::By(format!("lvremove -f {path}")),
            (Verb::Convert, _) => Undo::ReplacesLast,
            (Verb::Extend, _) if command.pool_metadata.is_some() => Undo::By(format!(
                "# the metadata of {path} has grown, which LVM2 does not shrink"
            )),
            // One step back to the size it has takes back all the steps.
            (Verb::Extend, Some(_)) if before => Undo::WithEarlier,
            (Verb::Extend, Some(_)) if is_pool(group, &name) => {
                Undo::By(format!("# {path} is a pool, which LVM2 does not shrink"))
            }
            (Verb::Extend, Some(entry)) => {
                Undo::By(format!("lvreduce -f -l {} {path}", entry.existing_extents))
            }
            (Verb::Extend, None) | (Verb::Change, _) => Undo::WithEarlier,
        };
        steps.push(Step { command, undo });
    }
    steps
}

fn is_pool(group: &VolumeGroup, name: &str) -> bool {
    let volume = group.logical_volume(name);
    let segments = volume.into_iter().flat_map(|volume| &volume.segments);
    segments
        .filter_map(|segment| SegmentType::from_word(&segment.segment_type))
        .any(SegmentType::is_pool)
}

/// How to take back all steps, the last first.
fn undo_of(steps: &[Step]) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps {
        match &step.undo {
            Undo::By(line) => lines.push(line.clone()),
            Undo::ReplacesLast => {
                lines.pop();
            }
            Undo::WithEarlier => {}
        }
    }
    lines.reverse();
    lines
}
