//! Commands as a script for people who want to run them: careful before, helpful after a failure.

use crate::lvm::{Dictionary, EntryPart, LvCommand, SegmentType, Verb, VolumeGroup, shell_quoted};

/// What a script says of one command beside the command itself.
struct Step<'a> {
    command: &'a LvCommand,
    undo: Undo,
}

/// How to take a command back.
///
/// Only what loses nothing is offered: to remove what these commands made, and to cut off what they added,
/// where nothing of theirs has been written to it. Both ask before they do it, unlike with `-f`.
enum Undo {
    /// With this line.
    By(String),
    /// Taking back an earlier command takes this one back, too.
    WithEarlier,
    /// The same, and the command directly before needs no line of its own any more.
    ReplacesLast,
    /// Not at all, for this reason. From the moment it is begun, what was done to the same volume before
    /// is not to be taken back either; `has_line` says whether that has a line, the last one.
    Never { why: String, has_line: bool },
}

/// A script for `sh` that runs the commands.
///
/// It refuses to run where the volume group is not the one that was planned for: its `seqno` and its
/// free extents are asked of `vgs` first. It stops at the first command that fails and prints how to
/// take back those before it; its head says how to take back all of them. What cannot be taken back
/// without the risk of losing data is named, with no command beside it.
#[must_use]
pub fn script(group: &VolumeGroup, dictionary: &Dictionary, commands: &[LvCommand]) -> String {
    script_after(group, None, dictionary, commands)
}

/// Changes to a volume group that come before a plan: what is done, and the group that it is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The commands, as lines of a shell.
    pub commands: Vec<String>,
    /// The `seqno` of the group before them; 0 where that is not known.
    pub seqno: u64,
    /// The free extents of the group before them.
    pub free_extents: u64,
}

/// As [`script`], for a group as some changes leave it: these are made first.
#[must_use]
pub fn script_after(
    group: &VolumeGroup,
    changed: Option<&Changed>,
    dictionary: &Dictionary,
    commands: &[LvCommand],
) -> String {
    let steps: Vec<Step> = steps(group, dictionary, commands);
    let mut lines = vec![
        "#!/bin/sh".to_string(),
        format!("# Builds a plan for volume group {}.", group.name),
        "# It stops at the first command that fails.".to_string(),
    ];
    let (undo, kept) = undo_of(&steps);
    if !undo.is_empty() {
        let head = "# To take it back, as long as nothing was written to what it makes and adds:";
        lines.push(head.to_string());
        lines.extend(undo.iter().map(|line| format!("#   {line}")));
    }
    let before = changed.map_or(&[][..], |changed| &changed.commands);
    if !before.is_empty() {
        let loses = before.iter().any(|line| line.starts_with("lvremove "));
        let what = match loses {
            true => {
                "Changes the group first, which is not taken back; all that a removed volume holds is lost:"
            }
            false => "Changes the group first, which is not taken back:",
        };
        lines.push(format!("# {what}"));
        lines.extend(before.iter().map(|line| format!("#   {line}")));
    }
    if !kept.is_empty() {
        lines.push("# Cannot be taken back:".to_string());
        lines.extend(kept.iter().map(|line| format!("#   {line}")));
    }
    lines.extend(["set -eu".to_string(), String::new()]);
    let (seqno, free) = match changed {
        Some(changed) => (changed.seqno, changed.free_extents),
        None => (group.seqno, group.free_count()),
    };
    lines.extend(guard(&group.name, seqno, free));
    lines.push(FAILURE.to_string());
    lines.extend(before.iter().cloned());
    let mut said: Vec<&str> = Vec::new();
    for step in &steps {
        if let Undo::Never { why, has_line } = &step.undo {
            // In front of the command: one that fails may have been half done.
            lines.extend(has_line.then(|| "joined".to_string()));
            if !said.contains(&why.as_str()) {
                lines.push(format!("for_good {}", shell_quoted(why)));
                said.push(why);
            }
        }
        lines.push(step.command.to_string());
        match &step.undo {
            Undo::By(line) => lines.push(format!("done_by {}", shell_quoted(line))),
            Undo::ReplacesLast => lines.push("joined".to_string()),
            Undo::WithEarlier | Undo::Never { .. } => {}
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The part that remembers how to take back what was done, and says so when a command fails.
const FAILURE: &str = "\
undo=
kept=
done_by() {
    undo=\"$1
$undo\"
}
joined() {
    undo=${undo#*
}
}
for_good() {
    kept=\"$kept$1
\"
}
failed() {
    status=$?
    if [ \"$status\" -ne 0 ]; then
        echo 'A command failed; nothing behind it was run.' >&2
        if [ -n \"$undo\" ]; then
            printf 'To take back what was done:\\n%s' \"$undo\" >&2
        fi
        if [ -n \"$kept\" ]; then
            printf 'Cannot be taken back:\\n%s' \"$kept\" >&2
        fi
        if [ -z \"$undo$kept\" ]; then
            echo 'Nothing was done before it.' >&2
        fi
    fi
    exit \"$status\"
}
trap failed EXIT
";

/// The part that compares the volume group with the one that was planned for.
fn guard(group: &str, seqno: u64, free: u64) -> Vec<String> {
    let name = shell_quoted(group);
    let mut lines = Vec::new();
    for (what, field, expected) in [
        ("seqno", "vg_seqno", seqno),
        ("free extents", "vg_free_count", free),
    ] {
        // Not every report says the seqno; metadata counts from 1.
        if field == "vg_seqno" && expected == 0 {
            continue;
        }
        let message = format!(
            "{group} is not as it was planned for, nothing was done: expected {what} {expected}, found "
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
        let undo = undo(group, dictionary, command, &steps);
        steps.push(Step { command, undo });
    }
    steps
}

/// How to take a command back that comes behind these.
fn undo(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    command: &LvCommand,
    earlier: &[Step],
) -> Undo {
    let name = command.name.clone().unwrap_or_default();
    let path = format!("{}/{name}", group.name);
    let quoted = shell_quoted(&path);
    let is_same = |step: &&Step| step.command.name == command.name;
    let is_new = |step: &&Step| step.command.verb == Verb::Create;
    let never = |why: &str| Undo::Never {
        why: format!("{path}: {why}"),
        has_line: earlier
            .last()
            .is_some_and(|step| is_same(&step) && !matches!(step.undo, Undo::Never { .. })),
    };
    let is_made_here = earlier.iter().filter(is_same).any(|step| is_new(&step));
    match command.verb {
        Verb::Create => return Undo::By(format!("lvremove {quoted}")),
        Verb::Convert if is_made_here => return Undo::ReplacesLast,
        Verb::Convert => return never("what it was made of cannot be had back"),
        Verb::Extend | Verb::Change if is_made_here => return Undo::WithEarlier,
        Verb::Change => return never("its tags or its policy have changed"),
        Verb::Extend => {}
    }
    if command.other.iter().any(|option| option.name == "resizefs") {
        return never("its file system grows with it, and would be cut off");
    }
    if command.pool_metadata.is_some() {
        return never("LVM2 does not shrink the metadata of a pool");
    }
    if is_pool(group, &name) {
        return never("LVM2 does not shrink a pool");
    }
    let grown = dictionary.entries.iter();
    let mut grown = grown.filter(|entry| entry.part == EntryPart::Grown && entry.name == name);
    match (grown.next(), earlier.iter().find(is_same)) {
        // One step back to the size it has takes back all the steps.
        (Some(_), Some(_)) => Undo::WithEarlier,
        (Some(entry), None) => Undo::By(format!("lvreduce -l {} {quoted}", entry.existing_extents)),
        (None, _) => never("how large it was is not known"),
    }
}

fn is_pool(group: &VolumeGroup, name: &str) -> bool {
    let volume = group.logical_volume(name);
    let segments = volume.into_iter().flat_map(|volume| &volume.segments);
    segments
        .filter_map(|segment| SegmentType::from_word(&segment.segment_type))
        .any(SegmentType::is_pool)
}

/// How to take back all steps, the last first; and what stays.
fn undo_of(steps: &[Step]) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    for step in steps {
        match &step.undo {
            Undo::By(line) => lines.push(line.clone()),
            Undo::ReplacesLast => {
                lines.pop();
            }
            Undo::Never { why, has_line } => {
                if *has_line {
                    lines.pop();
                }
                if !kept.contains(why) {
                    kept.push(why.clone());
                }
            }
            Undo::WithEarlier => {}
        }
    }
    lines.reverse();
    (lines, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm::{Settings, import, read, read_commands};

    const LINEAR: &str = include_str!("../../../models/lvm2/linear.vg");
    const THIN_POOL: &str = include_str!("../../../models/lvm2/thin-pool.vg");

    /// The commands of some lines, each for the group `vg0`.
    fn commands(lines: &[&str]) -> Vec<LvCommand> {
        let read = read_commands(&lines.join("\n")).expect("commands");
        read.into_iter().map(|(_, command)| command).collect()
    }

    /// The script for printed lines where others were asked.
    fn script_for(group: &VolumeGroup, asked: &[&str], printed: &[&str]) -> String {
        let settings = Settings::default();
        let (_, dictionary) = import(group, &commands(asked), &settings).expect("a problem");
        script(group, &dictionary, &commands(printed))
    }

    /// What a script says how to take back all of it, and what cannot be.
    fn head(text: &str) -> Vec<&str> {
        let lines = text.lines();
        let lines = lines.take_while(|line| line.starts_with('#'));
        lines.filter_map(|line| line.strip_prefix("#   ")).collect()
    }

    /// What a script remembers while it runs; `run` stands for a command.
    fn remembered(text: &str) -> Vec<&str> {
        let (_, body) = text.split_once(FAILURE).expect("the part of all scripts");
        let line = |line| match line {
            "joined" => line,
            _ if line.starts_with("done_by ") || line.starts_with("for_good ") => line,
            _ => "run",
        };
        let lines = body.lines().filter(|line| !line.is_empty());
        lines.map(line).collect()
    }

    #[test]
    fn each_volume_goes_back_to_the_size_it_has_and_what_is_new_is_removed() {
        let group = read(LINEAR).expect("metadata");
        let asked = [
            "lvextend -l +20 vg0/second",
            "lvextend -l +2 vg0/two_disks",
            "lvcreate -l 4 -n new vg0",
        ];
        let printed = [
            "lvextend -l +10 vg0/second",
            "lvextend -l +2 vg0/two_disks",
            "lvextend -l +10 vg0/second",
            "lvcreate -l 2 -n new vg0",
            "lvextend -l +2 vg0/new",
            "lvchange --alloc cling vg0/new",
        ];
        let text = script_for(&group, &asked, &printed);
        let expected = [
            "run",
            "done_by 'lvreduce -l 40 vg0/second'",
            "run",
            "done_by 'lvreduce -l 90 vg0/two_disks'",
            "run",
            "run",
            "done_by 'lvremove vg0/new'",
            "run",
            "run",
        ];
        assert_eq!(remembered(&text), expected, "{text}");
        let expected = [
            "lvremove vg0/new",
            "lvreduce -l 90 vg0/two_disks",
            "lvreduce -l 40 vg0/second",
        ];
        assert_eq!(head(&text), expected, "{text}");
        assert!(!text.contains("Cannot be taken back:\n#"), "{text}");
    }

    #[test]
    fn two_new_volumes_that_become_a_pool_are_removed_as_one() {
        let group = read(LINEAR).expect("metadata");
        let asked = ["lvcreate --type thin-pool -l 4 -n pool vg0"];
        let printed = [
            "lvcreate -l 4 -n pool vg0",
            "lvcreate -l 1 -n pool_meta vg0",
            "lvconvert --type thin-pool --poolmetadata vg0/pool_meta -y vg0/pool",
            "lvchange --addtag a vg0/pool",
        ];
        let text = script_for(&group, &asked, &printed);
        let expected = [
            "run",
            "done_by 'lvremove vg0/pool'",
            "run",
            "done_by 'lvremove vg0/pool_meta'",
            "run",
            "joined",
            "run",
        ];
        assert_eq!(remembered(&text), expected, "{text}");
        assert_eq!(head(&text), ["lvremove vg0/pool"], "{text}");
    }

    #[test]
    fn what_has_no_way_back_takes_away_that_of_the_same_volume_alone() {
        let group = read(LINEAR).expect("metadata");
        let asked = ["lvextend -l +10 vg0/second", "lvextend -l +2 vg0/two_disks"];
        let resized = "vg0/second: its file system grows with it, and would be cut off";
        let changed = "vg0/second: its tags or its policy have changed";
        let for_good = |why: &str| format!("for_good '{why}'");
        let text = script_for(
            &group,
            &asked,
            &[
                "lvextend -l +5 vg0/second",
                "lvextend -r -l +5 vg0/second",
                "lvextend -l +2 vg0/two_disks",
            ],
        );
        let expected = [
            "run",
            "done_by 'lvreduce -l 40 vg0/second'",
            "joined",
            &for_good(resized),
            "run",
            "run",
            "done_by 'lvreduce -l 90 vg0/two_disks'",
        ];
        assert_eq!(remembered(&text), expected, "{text}");
        assert_eq!(head(&text), ["lvreduce -l 90 vg0/two_disks", resized]);

        // Where the command before is of another volume, or has no line itself, none is taken away.
        let text = script_for(
            &group,
            &asked,
            &[
                "lvextend -l +2 vg0/two_disks",
                "lvextend -r -l +5 vg0/second",
                "lvextend -r -l +5 vg0/second",
                "lvchange --alloc cling vg0/second",
            ],
        );
        let expected = [
            "run",
            "done_by 'lvreduce -l 90 vg0/two_disks'",
            &for_good(resized),
            "run",
            "run",
            &for_good(changed),
            "run",
        ];
        assert_eq!(remembered(&text), expected, "{text}");
        let expected = ["lvreduce -l 90 vg0/two_disks", resized, changed];
        assert_eq!(head(&text), expected, "{text}");
    }

    #[test]
    fn what_lvm2_cannot_make_smaller_or_nobody_knows_the_size_of_is_kept() {
        let group = read(THIN_POOL).expect("metadata");
        for (asked, printed, why) in [
            (
                "lvextend -l +4 vg0/pool",
                "lvextend -l +4 vg0/pool",
                "vg0/pool: LVM2 does not shrink a pool",
            ),
            (
                "lvextend --poolmetadatasize +8m vg0/pool",
                "lvextend --poolmetadatasize +8m vg0/pool",
                "vg0/pool: LVM2 does not shrink the metadata of a pool",
            ),
            (
                "lvcreate -l 4 -n other vg0",
                "lvextend -l +4 vg0/other",
                "vg0/other: how large it was is not known",
            ),
            (
                "lvcreate -l 4 -n other vg0",
                "lvconvert --type thin-pool --poolmetadata vg0/meta -y vg0/data",
                "vg0/data: what it was made of cannot be had back",
            ),
        ] {
            let text = script_for(&group, &[asked], &[printed]);
            assert_eq!(head(&text), [why], "{text}");
            assert_eq!(remembered(&text), [&format!("for_good '{why}'"), "run"]);
            assert!(!text.contains("# To take it back"), "{text}");
        }
    }

    #[test]
    fn a_group_that_says_no_seqno_is_known_by_its_free_extents_even_if_it_has_none() {
        let mut group = read(LINEAR).expect("metadata");
        let asks = |group: &VolumeGroup, what: &str| {
            let text = guard(&group.name, group.seqno, group.free_count()).join("\n");
            text.contains(&format!("vgs --noheadings -o {what} vg0 "))
        };
        assert!(asks(&group, "vg_seqno") && asks(&group, "vg_free_count"));
        group.seqno = 0;
        assert!(!asks(&group, "vg_seqno") && asks(&group, "vg_free_count"));
        group.seqno = 3;
        group.physical_volumes.clear();
        group.logical_volumes.clear();
        assert_eq!(group.free_count(), 0);
        assert!(asks(&group, "vg_seqno") && asks(&group, "vg_free_count"));
    }
}
