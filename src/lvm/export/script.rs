//! Commands as a script for people who want to run them: careful before, helpful after a failure.

use crate::lvm::export::undo::{Around, Undo};
use crate::lvm::{Dictionary, Effect, Interlude, LvCommand, VolumeGroup, shell_quoted};

/// What a script does: a plan, and what is done around it.
#[derive(Clone, Copy, Debug)]
pub struct ScriptPart<'a> {
    /// What is unsafe once all is built, and was not before, a sentence each.
    pub faults: &'a [String],
    /// What is done before the plan.
    pub before: &'a [Interlude],
    /// The group as the plan meets it.
    pub group: &'a VolumeGroup,
    /// What stands for what in the plan.
    pub dictionary: &'a Dictionary,
    /// The commands that build the plan.
    pub commands: &'a [LvCommand],
    /// What is done behind the plan.
    pub behind: &'a [Interlude],
}

/// What a volume group is known by before anything is done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its name.
    pub group: String,
    /// Its `seqno`; 0 where that is not known.
    pub seqno: u64,
    /// Its free extents.
    pub free_extents: u64,
}

impl Start {
    /// What a group is known by.
    #[must_use]
    pub fn of(group: &VolumeGroup) -> Start {
        Start {
            group: group.name.clone(),
            seqno: group.seqno,
            free_extents: group.free_count(),
        }
    }
}

/// A script for `sh` that runs the commands.
///
/// It refuses to run where the volume group is not the one that was planned for: its `seqno` and its
/// free extents are asked of `vgs` first. It stops at the first command that fails and prints how to
/// take back those before it; its head says how to take back all of them. What cannot be taken back
/// without the risk of losing data is named, with no command beside it.
#[must_use]
pub fn script(group: &VolumeGroup, dictionary: &Dictionary, commands: &[LvCommand]) -> String {
    let part = ScriptPart {
        faults: &[],
        before: &[],
        group,
        dictionary,
        commands,
        behind: &[],
    };
    script_of(&Start::of(group), &[part])
}

/// As [`script`], for plans one after another, with what is done around them.
#[must_use]
pub fn script_of(start: &Start, parts: &[ScriptPart]) -> String {
    let mut undo = Undo::default();
    let mut body: Vec<String> = Vec::new();
    let mut run = |line: String, around: Around| {
        if !around.before.is_empty() {
            body.push("attempt".to_string());
        }
        body.extend(around.before);
        body.push(line);
        body.extend(around.behind);
    };
    let mut between: Vec<String> = Vec::new();
    for part in parts {
        let mut interlude = |undo: &mut Undo, one: &Interlude| {
            if !one.is_undone() {
                between.push(one.line.clone());
            }
            between.extend(one.loses.iter().map(|loses| format!("  ({loses})")));
            let mut around = undo.between(one);
            if let Effect::Sizes { disk, extents } = &one.effect {
                around.behind.extend(sized(disk, *extents));
            }
            (one.line.clone(), around)
        };
        for one in part.before {
            let (line, around) = interlude(&mut undo, one);
            run(line, around);
        }
        for command in part.commands {
            let around = undo.planned(part.group, part.dictionary, command);
            run(command.to_string(), around);
        }
        for one in part.behind {
            let (line, around) = interlude(&mut undo, one);
            run(line, around);
        }
    }
    let mut lines = vec![
        "#!/bin/sh".to_string(),
        format!("# Builds a plan for volume group {}.", start.group),
        "# It stops at the first command that fails.".to_string(),
    ];
    let mut section = |head: &str, listed: Vec<&str>| {
        if !listed.is_empty() {
            lines.push(format!("# {head}:"));
            lines.extend(listed.iter().map(|line| format!("#   {line}")));
        }
    };
    section(
        "To take it back, as long as nothing was written to what it makes and adds",
        undo.lines(),
    );
    section(
        "Beside the plan it runs, none of which is taken back but a new name",
        between.iter().map(String::as_str).collect(),
    );
    let kept = undo.kept().iter();
    section("Cannot be taken back", kept.map(String::as_str).collect());
    let faults = parts.iter().flat_map(|part| part.faults);
    section(
        "Unsafe once it is built",
        faults.map(String::as_str).collect(),
    );
    lines.extend(["set -eu".to_string(), String::new()]);
    lines.push(format!("group={}", shell_quoted(&start.group)));
    lines.extend(guard(start));
    lines.push(FAILURE.to_string());
    lines.extend(body);
    lines.push(String::new());
    lines.join("\n")
}

/// The part that remembers how to take back what was done, and says so when a command fails.
///
/// What a command loses is remembered in front of it, since one that fails may have been half done. Where the group has
/// the `seqno` that it had before that (`attempt`), the command was refused: then nothing of it is true.
const FAILURE: &str = "\
undo=
kept=
attempted=
seqno() {
    vgs --noheadings -o vg_seqno \"$group\" | tr -d '[:space:]'
}
attempt() {
    undo_before=$undo
    kept_before=$kept
    attempted=$(seqno)
}
done_by() {
    undo=\"$1
$undo\"
}
forget() {
    undo=$(printf '%s' \"$undo\" | grep -vxF -e \"$1\" || :)
    undo=\"${undo:+$undo
}\"
}
for_good() {
    kept=\"$kept$1
\"
}
failed() {
    status=$?
    if [ \"$status\" -ne 0 ]; then
        if [ -n \"$attempted\" ] && [ \"$(seqno)\" = \"$attempted\" ]; then
            undo=$undo_before
            kept=$kept_before
        fi
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
fn guard(start: &Start) -> Vec<String> {
    let group = &start.group;
    let mut lines = Vec::new();
    for (what, field, expected) in [
        ("seqno", "vg_seqno", start.seqno),
        ("free extents", "vg_free_count", start.free_extents),
    ] {
        // Not every report says the seqno; metadata counts from 1.
        if field == "vg_seqno" && expected == 0 {
            continue;
        }
        let message = format!(
            "{group} is not as it was planned for, nothing was done: expected {what} {expected}, found "
        );
        let asked = format!("vgs --noheadings -o {field} {}", shell_quoted(group));
        lines.extend(expects(&asked, expected, &message));
    }
    lines.push(String::new());
    lines
}

/// The part that goes no further where a disk that has come, or has been resized, is not as large as was said.
fn sized(disk: &str, extents: u64) -> Vec<String> {
    let message =
        format!("{disk} is not as large as was planned for: expected {extents} extents, found ");
    let asked = format!("pvs --noheadings -o pv_pe_count {}", shell_quoted(disk));
    expects(&asked, extents, &message)
}

fn expects(asked: &str, expected: u64, message: &str) -> Vec<String> {
    vec![
        format!("found=$({asked} | tr -d '[:space:]')"),
        format!("if [ \"$found\" != {expected} ]; then"),
        format!("    echo {}\"$found\" >&2", shell_quoted(message)),
        "    exit 1".to_string(),
        "fi".to_string(),
    ]
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
        let is_kept = |line: &str| {
            let words = ["done_by ", "for_good ", "forget "];
            words.iter().any(|word| line.starts_with(word))
        };
        let line = |line| if is_kept(line) { line } else { "run" };
        let is_said = |line: &&str| !line.is_empty() && *line != "attempt";
        let lines = body.lines().filter(is_said);
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
            "forget 'lvremove vg0/pool_meta'",
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
            "forget 'lvreduce -l 40 vg0/second'",
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
            let text = guard(&Start::of(group)).join("\n");
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
