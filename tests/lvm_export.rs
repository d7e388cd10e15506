//! Plans as commands: what is printed, and what the real LVM2 makes of it.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use extentplan::core::{
    Allocation, Answer, Area, Limits, Plan, Segment, Source, check, cost, joined,
};
use extentplan::lvm::simulate::{simulate, simulate_all};
use extentplan::lvm::{
    Dictionary, LvCommand, Settings, VolumeGroup, arranged, commands, existing, import,
    in_few_commands, read, read_command, read_commands, script,
};
use extentplan::solve::{Strategy, solve};
use serde_json::{Value, json};
use support::{GROUP, array, ready_oracle, run, step};

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

/// A group of so many disks with four free areas each, of 10 to 30 extents.
fn with_holes(disks: u64) -> VolumeGroup {
    let disk = |disk: u64| {
        let area = |hole: u64| Area::new(50 * hole, 10 + (disk * 7 + hole * 5) % 21);
        Source {
            name: format!("/dev/disk{disk}"),
            extents: 200,
            free: (0..4).filter_map(area).collect(),
            tags: BTreeSet::new(),
            ..Source::default()
        }
    };
    let disks: Vec<Source> = (0..disks).map(disk).collect();
    VolumeGroup::of_sources(&disks, 4 << 20).expect("whole sectors")
}

/// The commands for the best plan of a line, with the areas of all its legs. They build a plan that is right
/// and costs the same, extent for extent.
fn in_few(group: &VolumeGroup, line: &str) -> (Vec<LvCommand>, usize) {
    let settings = Settings::default();
    let (problem, dictionary) = import(group, &[command(line)], &settings).expect("a problem");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
    let plan = answer.plan().expect("there is room");
    let (built, commands) = in_few_commands(&problem, group, &dictionary, plan).expect("commands");
    assert_eq!(check(&problem, &built), []);
    assert_eq!(cost(&problem, &built), cost(&problem, plan));
    let after = simulate_all(group, &commands, &settings).expect("LVM2 builds it");
    let allocation = built.allocations[0].as_ref().expect("it is placed");
    let made = existing(&after, "x").expect("it can be read");
    for (leg, planned) in allocation.legs.iter().enumerate() {
        let segments = made.legs[leg].iter();
        let found: Vec<Segment> = segments
            .map(|&(source, area)| Segment { source, area })
            .collect();
        assert_eq!(joined(&found), *planned, "leg {leg}");
    }
    (commands, allocation.legs.iter().map(Vec::len).sum())
}

#[test]
fn all_areas_of_a_linear_volume_are_offered_to_one_command() {
    for line in ["lvcreate -l 100%FREE -n x", "lvcreate -l 333 -n x"] {
        let (commands, areas) = in_few(&with_holes(12), line);
        assert!(areas > 10, "{areas}");
        assert_eq!(commands.len(), 1, "{line}");
    }
}

#[test]
fn images_take_one_command_for_many_areas_that_are_alike() {
    let line = "lvcreate --type raid6 -i 4 -l 1600 -n x";
    let (commands, areas) = in_few(&with_holes(84), line);
    // A command for each interval is one for each area of a leg, or more.
    assert!(
        commands.len() * 6 * 2 < areas,
        "{} of {areas}",
        commands.len()
    );
}

#[test]
fn what_a_policy_would_not_build_is_built_under_a_weaker_one_and_gets_its_own_back() {
    let mut group = three_disks();
    for volume in &mut group.physical_volumes {
        volume.tags.insert("rack".to_string());
    }
    let settings = Settings {
        cling_tag_list: vec!["@rack".to_string()],
        ..Settings::default()
    };
    let line = "lvcreate --type mirror -m 1 --mirrorlog core --alloc cling -l 10 -n safe";
    let (_, dictionary) = import(&group, &[command(line)], &settings).expect("a problem");
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs: vec![leg(&[(0, 0, 10)]), leg(&[(1, 0, 10)])],
            ..Allocation::default()
        })],
    };
    let commands = commands(&group, &dictionary, &plan).expect("commands");
    let lines: Vec<String> = commands.iter().map(LvCommand::to_string).collect();
    let [create, change] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert!(create.contains("--alloc normal"), "{create}");
    assert_eq!(change, "lvchange --alloc cling vg0/safe");
}

#[test]
fn the_best_stripe_round_three_disks_is_built_by_the_real_lvm2() {
    let group = three_disks();
    let asked = [command("lvcreate -i 2 -l 240 -n data")];
    let (problem, dictionary) = import(&group, &asked, &Settings::default()).expect("a problem");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no room is wrong");
    let Answer::Best { plan, cost, .. } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(cost.0, [3, 3], "segments and sources");
    let (plan, _) = arranged(&group, &dictionary, &plan).expect("an order that LVM2 builds");
    let commands = commands(&group, &dictionary, &plan).expect("commands");
    assert_eq!(commands.len(), 3);

    let Some(oracle) = ready_oracle() else { return };
    let volumes = group.physical_volumes.iter();
    let volumes: Vec<Value> = volumes
        .map(|volume| {
            let name = volume.device.trim_start_matches("/dev/");
            json!({ "name": name, "extents": volume.extents })
        })
        .collect();
    let steps = commands.iter().map(|command| {
        let mut command = command.clone();
        command.volume_group = Some(GROUP.to_string());
        step(&command)
    });
    let steps: Vec<Value> = steps.collect();
    let scenario = json!({ "extent_size_kib": 4096, "pvs": volumes, "steps": steps });
    let results = run(&oracle, std::slice::from_ref(&scenario));
    let steps: Vec<&Value> = array(&results[0]["steps"]).collect();
    assert!(steps.iter().all(|step| step["ok"] == true), "{steps:?}");
    let built = support::group(&scenario, &steps[2]["layout"]);
    let built = existing(&built, "data").expect("a striped volume");
    let planned = plan.allocations[0].as_ref().expect("it is placed");
    for (planned, built) in planned.legs.iter().zip(&built.legs) {
        let built: Vec<Segment> = built
            .iter()
            .map(|&(source, area)| Segment { source, area })
            .collect();
        assert_eq!(
            extentplan::core::joined(planned),
            extentplan::core::joined(&built)
        );
    }
}

#[test]
fn stripes_that_lvm2_would_swap_are_an_error_until_they_are_arranged() {
    let group = three_disks();
    // The second interval lies on the physical volumes of the first, crosswise: LVM2 clings.
    let legs = vec![
        leg(&[(0, 0, 20), (1, 40, 10)]),
        leg(&[(1, 0, 20), (0, 40, 10)]),
    ];
    let line = "lvcreate -i 2 -l 60 -n data";
    let error = lines(&group, line, legs.clone()).expect_err("LVM2 swaps them");
    for part in ["`data`", "extents 20 to 30", "leg 0", "/dev/sda:40-49"] {
        assert!(error.contains(part), "{error}");
    }
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs,
            ..Allocation::default()
        })],
    };
    let dictionary = imported(&group, &[line]);
    let (plan, _) = arranged(&group, &dictionary, &plan).expect("the other order");
    let legs = &plan.allocations[0].as_ref().expect("placed").legs;
    assert_eq!(legs[0], leg(&[(0, 0, 20), (0, 40, 10)]));
    assert_eq!(legs[1], leg(&[(1, 0, 20), (1, 40, 10)]));
    assert_eq!(
        commands(&group, &dictionary, &plan).map(|list| list.len()),
        Ok(2)
    );
}

#[test]
fn a_plan_for_something_else_is_refused_by_name() {
    let group = three_disks();
    let line = "lvcreate --type raid1 -m 1 -l 10 -n safe";
    let whole = |legs: Vec<Vec<Segment>>, metadata: Vec<Segment>| Plan {
        allocations: vec![Some(Allocation {
            legs,
            metadata,
            logs: Vec::new(),
        })],
    };
    let good = [leg(&[(0, 1, 10)]), leg(&[(1, 1, 10)])];
    let front = vec![leg(&[(0, 0, 1)])[0], leg(&[(1, 0, 1)])[0]];
    let dictionary = imported(&group, &[line]);
    let refusal = |plan: &Plan| {
        let error = commands(&group, &dictionary, plan).expect_err("a wrong plan");
        error.to_string()
    };
    assert!(commands(&group, &dictionary, &whole(good.to_vec(), front.clone())).is_ok());
    for (plan, parts) in [
        (Plan::default(), ["0 allocations", "ask for 1"]),
        (
            whole(vec![good[0].clone()], front.clone()),
            ["`safe`", "1 legs instead of 2"],
        ),
        (
            whole(good.to_vec(), Vec::new()),
            ["`safe`", "0 metadata instead of 2"],
        ),
        (
            whole(vec![good[0].clone(), leg(&[(1, 1, 9)])], front.clone()),
            ["`safe`", "leg 1 has 9 extents"],
        ),
        (
            whole(vec![good[0].clone(), leg(&[(7, 1, 10)])], front.clone()),
            ["`safe`", "source 7"],
        ),
        (
            whole(good.to_vec(), vec![front[0], leg(&[(1, 40, 1)])[0]]),
            ["`safe`", "metadata of leg 1"],
        ),
        (
            whole(
                vec![good[0].clone(), leg(&[(0, 41, 10)])],
                vec![front[0], leg(&[(0, 40, 1)])[0]],
            ),
            ["`safe`", "LVM2 would not build"],
        ),
    ] {
        let message = refusal(&plan);
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
}

/// The lines that build a plan for several commands, each tried on the simulated LVM2.
fn all_lines(group: &VolumeGroup, asked: &[&str], allocations: Vec<Allocation>) -> Vec<String> {
    let plan = Plan {
        allocations: allocations.into_iter().map(Some).collect(),
    };
    let commands = commands(group, &imported(group, asked), &plan).expect("commands");
    simulate_all(group, &commands, &Settings::default()).expect("LVM2 runs them");
    commands.iter().map(LvCommand::to_string).collect()
}

#[test]
fn images_that_lvm2_would_swap_stay_an_error() {
    let group = three_disks();
    // As the stripes above: but an image is not as good as another.
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs: vec![
                leg(&[(0, 1, 20), (1, 40, 10)]),
                leg(&[(1, 1, 20), (0, 40, 10)]),
            ],
            metadata: vec![leg(&[(0, 0, 1)])[0], leg(&[(1, 0, 1)])[0]],
            logs: Vec::new(),
        })],
    };
    let dictionary = imported(&group, &["lvcreate --type raid1 -m 1 -l 30 -n safe"]);
    let error = arranged(&group, &dictionary, &plan).expect_err("LVM2 swaps them");
    assert!(
        error.to_string().contains("leg 0 (safe_rimage_0)"),
        "{error}"
    );
}

#[test]
fn a_mirror_is_made_with_its_log_where_it_is_planned() {
    let disk = |disk: u64| Source {
        name: format!("/dev/disk{disk}"),
        extents: 60,
        free: Area::new(0, 60).into_iter().collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    let disks: Vec<Source> = (0..5).map(disk).collect();
    let group = VolumeGroup::of_sources(&disks, 4 << 20).expect("whole sectors");
    let line = "lvcreate --type mirror -m 1 --mirrorlog disk -l 20 -n old";
    let mirror = |legs: Vec<Vec<Segment>>| Allocation {
        legs,
        logs: leg(&[(4, 7, 1)]),
        ..Allocation::default()
    };
    let whole = mirror(vec![leg(&[(0, 0, 20)]), leg(&[(1, 0, 20)])]);
    let built = all_lines(&group, &[line], vec![whole]);
    assert_eq!(built.len(), 1, "{built:?}");
    let end = "/dev/disk0:0-19 /dev/disk1:0-19 /dev/disk4:7-7";
    assert!(built[0].ends_with(end), "{built:?}");
    let parts = mirror(vec![
        leg(&[(0, 0, 12), (2, 5, 8)]),
        leg(&[(1, 0, 12), (3, 5, 8)]),
    ]);
    let built = all_lines(&group, &[line], vec![parts]);
    assert!(built[0].ends_with("/dev/disk4:7-7"), "{built:?}");
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs: vec![leg(&[(0, 0, 20)]), leg(&[(1, 0, 20)])],
            ..Allocation::default()
        })],
    };
    let error = commands(&group, &imported(&group, &[line]), &plan).expect_err("no log");
    assert!(error.to_string().contains("0 logs instead of 1"), "{error}");
}

#[test]
fn a_growth_says_its_stripes_only_where_they_become_others() {
    let group = read(include_str!("../models/lvm2/striped.vg")).expect("metadata text");
    let grown = |line: &str, legs: Vec<Vec<Segment>>| {
        lines(&group, line, legs).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    let free = group.free();
    let start = |disk: usize| free[disk].iter().next_back().expect("free extents").start();
    let two = vec![leg(&[(1, start(1), 5)]), leg(&[(2, start(2), 5)])];
    let same = grown("lvextend -l +10 vg0/two", two);
    assert!(
        same[0].starts_with("lvextend -l +10 vg0/two /dev/"),
        "{same:?}"
    );
    let one = vec![leg(&[(2, start(2), 5)])];
    let other = grown("lvextend -i 1 -l +5 vg0/two", one);
    assert!(
        other[0].starts_with("lvextend -i 1 -l +5 vg0/two /dev/"),
        "{other:?}"
    );
}

#[test]
fn what_concerns_the_file_system_stands_on_the_last_command_alone_and_all_else_on_each() {
    let made = command("lvcreate -l 10 -n x vg0 /dev/sda");
    let group = simulate(&three_disks(), &made, &Settings::default()).expect("there is room");
    let line = "lvextend -r -y -l +11 vg0/x";
    let built = lines(&group, line, vec![leg(&[(1, 0, 5), (2, 0, 6)])]).expect("commands");
    let expected = [
        "lvextend -l +5 -y vg0/x /dev/sdb:0-4",
        "lvextend -l +6 -r -y vg0/x /dev/sdc:0-5",
    ];
    assert_eq!(built, expected);
}

#[test]
fn the_metadata_of_a_pool_grows_where_it_is_planned() {
    let group = read(include_str!("../models/lvm2/thin-pool.vg")).expect("metadata text");
    let line = "lvextend --poolmetadatasize +8m vg0/pool";
    let built = lines(&group, line, vec![leg(&[(1, 30, 2)])]).expect("commands");
    assert_eq!(built.len(), 1, "{built:?}");
    assert!(
        built[0].starts_with("lvextend --poolmetadatasize +"),
        "{built:?}"
    );
    assert!(built[0].ends_with(" vg0/pool /dev/sdb:30-31"), "{built:?}");
}

#[test]
fn the_pool_with_the_largest_metadata_is_made_first_and_makes_the_spare() {
    let asked = [
        "lvcreate --type thin-pool -l 10 --poolmetadatasize 4m -n small",
        "lvcreate --type thin-pool -l 10 --poolmetadatasize 8m -n large",
    ];
    let pool = |data: (usize, u64, u64), metadata: (usize, u64, u64)| Allocation {
        legs: vec![leg(&[data])],
        logs: leg(&[metadata]),
        ..Allocation::default()
    };
    let spare = Allocation {
        legs: vec![leg(&[(2, 30, 2)])],
        ..Allocation::default()
    };
    let allocations = vec![
        pool((0, 0, 10), (1, 0, 1)),
        pool((0, 20, 10), (1, 20, 2)),
        spare,
    ];
    let group = three_disks();
    let built = all_lines(&group, &asked, allocations);
    let position = |name: &str| {
        let is_named = |line: &String| line.contains(&format!(" -n {name} "));
        built.iter().position(is_named).expect("it is made")
    };
    assert!(position("large") < position("small"), "{built:?}");
    assert!(
        built[..position("small")]
            .iter()
            .any(|line| line.contains("/dev/sdc:30-31"))
    );
    let built: Vec<LvCommand> = built.iter().map(|line| command(line)).collect();
    let after = simulate_all(&group, &built, &Settings::default()).expect("LVM2 runs them");
    let spare = after.metadata_spare().expect("it is made");
    let areas: Vec<_> = spare
        .segments
        .iter()
        .flat_map(|one| one.physical())
        .collect();
    assert_eq!(areas, [(2, Area::new(30, 2).expect("not empty"))]);
}

#[test]
fn a_pool_of_two_volumes_has_its_stripes_options_and_tags_and_takes_no_name() {
    let settings = Settings::default();
    let taken = command("lvcreate -l 1 -n pool_meta vg0 /dev/sdc:79");
    let group = simulate(&three_disks(), &taken, &settings).expect("there is room");
    let asked = [
        "lvcreate --type thin-pool -i 2 -I 128 -l 40 -Z n -W n --addtag a -n pool",
        "lvcreate -l 2 -n pool_meta1",
    ];
    let pool = Allocation {
        legs: vec![
            leg(&[(0, 0, 12), (0, 40, 8)]),
            leg(&[(1, 0, 12), (1, 40, 8)]),
        ],
        logs: leg(&[(2, 0, 1)]),
        ..Allocation::default()
    };
    let linear = |at: (usize, u64, u64)| Allocation {
        legs: vec![leg(&[at])],
        ..Allocation::default()
    };
    let allocations = vec![pool, linear((2, 20, 2)), linear((2, 10, 1))];
    let built = all_lines(&group, &asked, allocations);
    let expected = [
        "lvcreate -i 2 -I 256s -l 24 -n pool -W n vg0 /dev/sda:0-11 /dev/sdb:0-11",
        "lvextend -l +16 vg0/pool /dev/sda:40-47 /dev/sdb:40-47",
        "lvcreate -l 1 -n pool_meta2 -W n vg0 /dev/sdc:0-0",
        "lvconvert --type thin-pool --poolmetadata vg0/pool_meta2 -y -Z n vg0/pool /dev/sdc:10-10",
        "lvchange --addtag a vg0/pool",
        "lvcreate -l 2 -n pool_meta1 vg0 /dev/sdc:20-21",
    ];
    assert_eq!(built, expected);
}

/// Where the data and the metadata of a thin pool lie.
fn pool_layout(group: &VolumeGroup, pool: &str) -> [Vec<Segment>; 2] {
    ["tdata", "tmeta"].map(|end| {
        let volume = group.logical_volume(&format!("{pool}_{end}"));
        let segments = volume.expect("it is made").segments.iter();
        let stretches = segments.flat_map(|segment| segment.physical());
        let stretches = stretches.map(|(source, area)| Segment { source, area });
        joined(&stretches.collect::<Vec<_>>())
    })
}

#[test]
fn data_and_metadata_of_a_pool_are_not_taken_for_each_other() {
    let group = three_disks();
    let line = "lvcreate --type thin-pool --poolmetadataspare n -n pool";
    for (data, metadata) in [
        ((0, 7, 1), (1, 7, 1)),
        ((1, 7, 1), (0, 7, 1)),
        ((0, 7, 1), (0, 20, 1)),
        ((0, 20, 1), (0, 7, 1)),
        ((0, 7, 1), (1, 7, 2)),
    ] {
        let pool = Allocation {
            legs: vec![leg(&[data])],
            logs: leg(&[metadata]),
            ..Allocation::default()
        };
        let size = format!(
            "{line} -l {} --poolmetadatasize {}m",
            data.2,
            4 * metadata.2
        );
        let built = all_lines(&group, &[&size], vec![pool]);
        let built: Vec<LvCommand> = built.iter().map(|line| command(line)).collect();
        let after = simulate_all(&group, &built, &Settings::default()).expect("LVM2 runs them");
        let layout = pool_layout(&after, "pool");
        assert_eq!(layout, [leg(&[data]), leg(&[metadata])], "{size}");
    }
}

#[test]
fn stripes_of_a_pool_are_arranged_as_those_of_any_volume() {
    let group = three_disks();
    let line = "lvcreate --type thin-pool --poolmetadataspare n -i 2 -l 40 -n pool";
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs: vec![
                leg(&[(0, 0, 12), (1, 40, 8)]),
                leg(&[(1, 0, 12), (0, 40, 8)]),
            ],
            logs: leg(&[(2, 0, 1)]),
            ..Allocation::default()
        })],
    };
    let dictionary = imported(&group, &[line]);
    assert!(
        commands(&group, &dictionary, &plan).is_err(),
        "LVM2 swaps them"
    );
    let (plan, _) = arranged(&group, &dictionary, &plan).expect("the other order");
    let legs = &plan.allocations[0].as_ref().expect("placed").legs;
    assert_eq!(legs[0], leg(&[(0, 0, 12), (0, 40, 8)]));
    assert_eq!(legs[1], leg(&[(1, 0, 12), (1, 40, 8)]));
}

#[test]
fn stripes_that_are_not_asked_for_are_said() {
    let disk = |disk: u64| Source {
        name: format!("/dev/disk{disk}"),
        extents: 60,
        free: Area::new(0, 60).into_iter().collect(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    let disks: Vec<Source> = (0..4).map(disk).collect();
    let group = VolumeGroup::of_sources(&disks, 4 << 20).expect("whole sectors");
    let asked = ["lvcreate --type raid10 -l 20 -n x"];
    let plan = Allocation {
        legs: (0..4).map(|disk| leg(&[(disk, 1, 10)])).collect(),
        metadata: leg(&[(0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 0, 1)]),
        ..Allocation::default()
    };
    let built = all_lines(&group, &asked, vec![plan]);
    assert!(built[0].contains(" -i 2 "), "{built:?}");
}

/// The lines that build the best plan for a line.
fn best(group: &VolumeGroup, line: &str) -> Vec<String> {
    let asked = [command(line)];
    let (problem, dictionary) = import(group, &asked, &Settings::default()).expect("a problem");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
    let plan = answer.plan().expect("there is room");
    let commands = commands(group, &dictionary, plan).expect("commands");
    commands.iter().map(LvCommand::to_string).collect()
}

#[test]
fn a_cached_volume_grows_by_its_origin() {
    for text in [
        include_str!("../models/lvm2/cache.vg"),
        include_str!("../models/lvm2/cache-volume.vg"),
    ] {
        let group = read(text).expect("metadata");
        let built = best(&group, "lvextend -l +30 vg0/data");
        let line = "lvextend -l +30 vg0/data /dev/sda:100-119 /dev/nvme0n1:";
        assert!(built.len() == 1 && built[0].starts_with(line), "{built:?}");
        let mut after = group.clone();
        for line in &built {
            let step = simulate(&after, &command(line), &Settings::default());
            after = step.expect("LVM2 builds it");
        }
        for name in ["data", "data_corig"] {
            let volume = after.logical_volume(name).expect("it is there");
            assert_eq!(volume.extents(), 130, "{name}");
        }
    }
}

#[test]
fn a_pool_in_one_piece_is_made_at_once() {
    let lines = best(
        &three_disks(),
        "lvcreate --type thin-pool -l 20 -Z n --addtag a -n pool",
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
    let start = "lvcreate --type thin-pool -l 20 -n pool -Z n --addtag a vg0 /dev/sd";
    assert!(lines[0].starts_with(start), "{lines:?}");
    assert_eq!(lines[0].matches("/dev/").count(), 3, "{lines:?}");
}

#[test]
fn a_pool_in_pieces_is_made_of_two_volumes_and_its_spare_comes_along() {
    let lines = best(
        &three_disks(),
        "lvcreate --type thin-pool -l 100 -Z n -n pool",
    );
    assert!(
        lines[0].starts_with("lvcreate -l 100 -n pool vg0 /dev/sd"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("lvcreate -l 1 -n pool_meta vg0 /dev/sd"),
        "{lines:?}"
    );
    let convert =
        "lvconvert --type thin-pool --poolmetadata vg0/pool_meta -y -Z n vg0/pool /dev/sd";
    assert!(lines[2].starts_with(convert), "{lines:?}");
    let lines = best(
        &three_disks(),
        "lvcreate --type cache-pool --poolmetadataspare n -l 100 -n pool",
    );
    let convert = "lvconvert --type cache-pool --poolmetadataspare n --poolmetadata vg0/pool_meta \
                   -y vg0/pool";
    assert_eq!(lines[2], convert, "{lines:?}");
}

/// Runs a script with stand-ins for the tools: `vgs` says what it is told, `lvextend` fails.
fn run_script(text: &str, seqno: &str, free: &str) -> (Output, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let tool = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable");
    };
    let log = folder.path().join("log");
    let logged = format!("echo \"$0 $*\" >> '{}'", log.display());
    tool(
        "vgs",
        &format!("case $* in *seqno*) echo '  {seqno}';; *) echo '  {free}';; esac"),
    );
    tool("lvcreate", &logged);
    tool("lvextend", "exit 5");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let output = Command::new("sh")
        .arg("-c")
        .arg(text)
        .env("PATH", path)
        .output()
        .expect("a shell");
    let run = fs::read_to_string(Path::new(&log)).unwrap_or_default();
    (output, run)
}

#[test]
fn the_script_guards_stops_and_says_how_to_undo() {
    let group = three_disks();
    let dictionary = imported(&group, &["lvcreate -i 2 -l 240 -n data"]);
    let plan = Plan {
        allocations: vec![Some(Allocation {
            legs: vec![
                leg(&[(0, 0, 80), (1, 40, 40)]),
                leg(&[(1, 0, 40), (2, 0, 80)]),
            ],
            ..Allocation::default()
        })],
    };
    let commands = commands(&group, &dictionary, &plan).expect("commands");
    let text = script(&group, &dictionary, &commands);
    assert!(text.contains("#   lvremove vg0/data\n"), "{text}");

    for (seqno, free, message) in [
        ("7", "240", "expected seqno 1, found 7"),
        ("1", "239", "expected free extents 240, found 239"),
    ] {
        let (output, run) = run_script(&text, seqno, free);
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(error.contains("vg0") && error.contains(message), "{error}");
        assert_eq!(run, "", "nothing is run");
    }
    let (output, run) = run_script(&text, "1", "240");
    assert_eq!(
        output.status.code(),
        Some(5),
        "that of the command that failed"
    );
    assert_eq!(run.lines().count(), 1);
    let error = String::from_utf8_lossy(&output.stderr).to_string();
    assert!(error.contains("lvremove vg0/data"), "{error}");
}
