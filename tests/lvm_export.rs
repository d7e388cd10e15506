//! Plans as commands: what is printed, and what the real LVM2 makes of it.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use extentplan::core::{Allocation, Area, Plan, Segment};
use extentplan::lvm::{
    Dictionary, LvCommand, Settings, VolumeGroup, commands, import, read, read_command,
    read_commands,
};

fn three_disks() -> VolumeGroup {
    let text = include_str!("../models/lvm2/three-disks.vg");
    read(text).expect("metadata text")
}

fn command(line: &str) -> LvCommand {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    read_command(&words).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn leg(pieces: &[(usize, u64, u64)]) -> Vec<Segment> {
    let segment = |&(source, start, count): &(usize, u64, u64)| Segment {
        source,
        area: Area::new(start, count).expect("not empty"),
    };
    pieces.iter().map(segment).collect()
}

fn imported(group: &VolumeGroup, lines: &[&str]) -> Dictionary {
    let commands: Vec<LvCommand> = lines.iter().map(|line| command(line)).collect();
    let (_, dictionary) = import(group, &commands, &Settings::default()).expect("a problem");
    dictionary
}

/// The lines that build legs of one new volume.
fn lines(group: &VolumeGroup, line: &str, legs: Vec<Vec<Segment>>) -> Result<Vec<String>, String> {
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs,
            ..Allocation::default()
        })],
    };
    let commands = commands(group, &imported(group, &[line]), &plan);
    let commands = commands.map_err(|error| error.to_string())?;
    Ok(commands.iter().map(LvCommand::to_string).collect())
}

#[test]
fn a_stripe_round_three_disks_takes_three_commands() {
    let group = three_disks();
    let legs = vec![
        leg(&[(0, 0, 80), (1, 40, 40)]),
        leg(&[(1, 0, 40), (2, 0, 80)]),
    ];
    let lines = lines(&group, "lvcreate -i 2 -l 240 -n data", legs).expect("commands");
    let expected = [
        "lvcreate -i 2 -l 80 -n data vg0 /dev/sda:0-39 /dev/sdb:0-39",
        "lvextend -l +80 vg0/data /dev/sda:40-79 /dev/sdc:0-39",
        "lvextend -l +80 vg0/data /dev/sdb:40-79 /dev/sdc:40-79",
    ];
    assert_eq!(lines, expected);
    let read = read_commands(&lines.join("\n")).expect("what is printed can be read");
    assert_eq!(read.len(), 3);
}
