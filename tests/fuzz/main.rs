//! Whatever stands in a file or on a command line, it is read or refused: no panic, no hang, no memory
//! without bounds, and what is written is read again. What was read goes on through the rooms behind.
//!
//! `EXTENTPLAN_FUZZ_INPUTS` says how many spoiled texts each reader gets, `EXTENTPLAN_FUZZ_SEED` which, and
//! `EXTENTPLAN_FUZZ_FIRST` from which number on: what failed is tried alone. Where very many are only to be read,
//! `EXTENTPLAN_FUZZ_FOLLOWED=1000` lets one of a thousand go on.

mod follow;
mod mutate;
mod random;
mod run;

use std::io::{Cursor, Write};
use std::process::{Command, Stdio};

use extentplan::lvm::{self, PvArgument, Settings, SizeArgument, Version, VolumeGroup};
use extentplan::{json, scenario};
use flate2::Compression;
use flate2::write::GzEncoder;

use random::Random;
use run::{Reached, corpus, fuzz};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The volume groups that commands and scenarios are tried on.
fn groups() -> Vec<VolumeGroup> {
    let models = [
        "three-disks.vg",
        "segments.vg",
        "raid5.vg",
        "thin-pool.vg",
        "tags-and-policies.vg",
    ];
    let read = |name: &&str| {
        let file = format!("{}/models/lvm2/{name}", env!("CARGO_MANIFEST_DIR"));
        lvm::read(&std::fs::read_to_string(file).expect("a model")).expect("a volume group")
    };
    models.iter().map(read).collect()
}

#[test]
fn metadata_is_read_or_refused() {
    let models = [
        "models/lvm2/segments.vg",
        "models/lvm2/raid5.vg",
        "models/lvm2/mirror.vg",
    ];
    fuzz(
        "metadata",
        &corpus("metadata", &models),
        |bytes, random, is_followed| {
            let text = text(bytes);
            match lvm::read(&text) {
                Ok(group) => {
                    if is_followed {
                        follow::group(&group, random);
                    }
                    Reached::Read
                }
                Err(error) => {
                    let _ = error.render("spoiled.vg");
                    Reached::Refused
                }
            }
        },
    );
}

#[test]
fn reports_are_read_or_refused() {
    let models = ["models/lvm2/segments.json", "models/lvm2/raid5.txt"];
    fuzz(
        "reports",
        &corpus("reports", &models),
        |bytes, random, is_followed| {
            let text = text(bytes);
            match lvm::read_reports(&text) {
                Ok(groups) if !is_followed => {
                    drop(groups);
                    Reached::Read
                }
                Ok(groups) => {
                    groups.iter().for_each(|group| follow::group(group, random));
                    Reached::Read
                }
                Err(error) => {
                    drop(error.to_string());
                    Reached::Refused
                }
            }
        },
    );
}

#[test]
fn problems_are_read_or_refused() {
    let models = [
        "models/easy/linear-huge.json",
        "models/easy/cling-tags-grow.json",
        "models/easy/metadata-longer-than-areas.json",
    ];
    fuzz(
        "problems",
        &corpus("problems", &models),
        |bytes, random, is_followed| match json::read_document(&text(bytes)) {
            Ok(_) if !is_followed => Reached::Read,
            Ok(document) => {
                follow::problem(&document.problem, document.extent_bytes, random);
                let extent_bytes = document.extent_bytes.unwrap_or(4 << 20);
                match VolumeGroup::of_sources(document.problem.sources(), extent_bytes) {
                    Ok(group) => follow::group(&group, random),
                    Err(error) => drop(error.to_string()),
                }
                Reached::Read
            }
            Err(error) => {
                drop(error.to_string());
                Reached::Refused
            }
        },
    );
}

#[test]
fn requests_are_read_or_refused() {
    let sources = groups().iter().map(lvm::sources).collect::<Vec<_>>();
    fuzz(
        "requests",
        &corpus("requests", &[]),
        |bytes, random, is_followed| match json::read_requests(&text(bytes), sources[0].clone()) {
            Ok(problem) => {
                if is_followed {
                    follow::problem(&problem, None, random);
                }
                Reached::Read
            }
            Err(error) => {
                drop(error.to_string());
                Reached::Refused
            }
        },
    );
}

#[test]
fn plans_are_read_or_refused() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fuzz/problem-of-plans.json"
    );
    let problem = json::read_problem(&std::fs::read_to_string(file).expect("a problem"));
    let problem = problem.expect("a problem");
    fuzz(
        "plans",
        &corpus("plans", &[]),
        |bytes, _, is_followed| match json::read_plan(&text(bytes), &problem) {
            Ok(document) => {
                if is_followed {
                    follow::plan(&problem, &document);
                }
                Reached::Read
            }
            Err(error) => {
                drop(error.to_string());
                Reached::Refused
            }
        },
    );
}

#[test]
fn scenarios_are_read_or_refused() {
    let groups = groups();
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fuzz/problem-of-plans.json"
    );
    let native = json::read_document(&std::fs::read_to_string(file).expect("a problem"));
    let native = native.expect("a problem");
    fuzz(
        "scenarios",
        &corpus("scenarios", &[]),
        |bytes, random, is_followed| {
            let scenario = match scenario::read(&text(bytes)) {
                Ok(scenario) => scenario,
                Err(error) => {
                    drop(error.to_string());
                    return Reached::Refused;
                }
            };
            if !is_followed {
                return Reached::Read;
            }
            for group in &groups {
                match scenario.applied_to_group(group, &Settings::default()) {
                    Ok(changed) => follow::group(&changed, random),
                    Err(error) => drop(error.to_string()),
                }
            }
            match scenario.applied_to_problem(&native.problem, native.extent_bytes) {
                Ok(changed) => drop(follow::problem(&changed, native.extent_bytes, random)),
                Err(error) => drop(error.to_string()),
            }
            for growth in scenario.growth(Some(4 << 20)).into_iter().flatten() {
                let months = random.between(1, 1_200);
                let _ = (
                    growth.rate.after(0, months),
                    growth.rate.after(u64::MAX - 9, months),
                );
                let _ = growth.rate.after(random.below(1 << 33), months);
                drop(growth.rate.to_string());
            }
            Reached::Read
        },
    );
}

#[test]
fn commands_are_read_or_refused() {
    let groups = groups();
    fuzz(
        "commands",
        &corpus("commands", &[]),
        |bytes, random, is_followed| {
            let commands = match lvm::read_commands(&text(bytes)) {
                Ok(commands) => commands,
                Err(error) => {
                    drop(error.to_string());
                    return Reached::Refused;
                }
            };
            for (_, command) in &commands {
                let again = lvm::read_command(&command.words());
                assert_eq!(again.as_ref(), Ok(command), "{command}");
                let line =
                    lvm::read_commands(&command.to_string()).expect("what is written is read");
                assert_eq!(line[0].1, *command);
            }
            let mut commands: Vec<_> = commands.into_iter().map(|(_, command)| command).collect();
            commands.truncate(3);
            if is_followed {
                let group = random.pick(&groups);
                follow::commands(group, &commands, &Settings::default(), random);
            }
            Reached::Read
        },
    );
}

#[test]
fn settings_are_read_or_refused() {
    let groups = groups();
    let command =
        lvm::read_commands("lvcreate --type raid5 -i 2 -L 100M -n new").expect("a command");
    let commands = [command[0].1.clone()];
    fuzz(
        "settings",
        &corpus("settings", &[]),
        |bytes, random, is_followed| {
            let text = text(bytes);
            drop(Settings::of_conf(&text));
            let words: Vec<String> = text.lines().map(str::to_string).collect();
            match Settings::read(&words) {
                Ok(settings) => {
                    if is_followed {
                        follow::commands(random.pick(&groups), &commands, &settings, random);
                    }
                    Reached::Read
                }
                Err(error) => {
                    drop(error);
                    Reached::Refused
                }
            }
        },
    );
}

#[test]
fn sizes_ranges_and_versions_are_read_or_refused() {
    fuzz("sizes", &corpus("sizes", &[]), |bytes, _, _| {
        let text = text(bytes);
        let text = text.trim();
        let mut reached = Reached::Refused;
        for size in [
            SizeArgument::read_size(text),
            SizeArgument::read_extents(text),
        ]
        .into_iter()
        .flatten()
        {
            let written = size.to_string();
            let again = [
                SizeArgument::read_size(&written),
                SizeArgument::read_extents(&written),
            ];
            assert!(
                again.contains(&Ok(size)),
                "{text}: {size:?} is written as {written}"
            );
            reached = Reached::Read;
        }
        if let Ok(argument) = PvArgument::read(text) {
            assert_eq!(PvArgument::read(&argument.to_string()), Ok(argument));
            reached = Reached::Read;
        }
        if let Ok(version) = text.parse::<Version>() {
            assert_eq!(version.to_string().parse(), Ok(version));
            reached = Reached::Read;
        }
        reached
    });
}

#[test]
fn recordings_are_read_or_refused() {
    fuzz(
        "recordings",
        &corpus("recordings", &[]),
        |bytes, random, _| {
            let mut bytes = bytes.to_vec();
            if random.below(4) == 0 {
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(&bytes).expect("memory takes it");
                bytes = packed.finish().expect("memory takes it");
                if random.below(2) == 0 {
                    let at = random.index(bytes.len());
                    bytes[at] ^= 1 << random.below(8);
                }
            }
            match lvm::replay::replay(Cursor::new(bytes), Version::NEWEST) {
                Ok(report) => {
                    let total = report.total;
                    assert_eq!(total.agree + total.differ + total.unsupported, total.steps);
                    Reached::Read
                }
                Err(error) => {
                    drop(error.to_string());
                    Reached::Refused
                }
            }
        },
    );
}

/// As a user runs the program: the words of a line of the corpus are its arguments.
#[test]
fn command_lines_end_with_an_exit_code_that_is_known() {
    let lines = corpus("command-lines", &[]);
    let lines: Vec<Vec<u8>> = lines
        .iter()
        .flat_map(|text| text.split(|byte| *byte == b'\n'))
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect();
    fuzz("command-lines", &lines, |bytes, _, _| {
        let line = text(bytes).replace('\0', " ");
        let mut words = line.split_whitespace();
        // What would write files or read a terminal is not what is tried here.
        let subcommand = words.next().unwrap_or("show");
        let mut program = Command::new(env!("CARGO_BIN_EXE_extentplan"));
        program
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg(subcommand)
            .args(words);
        program.stdin(Stdio::null()).env("NO_COLOR", "1");
        let output = program.output().expect("the program runs");
        let said = text(&output.stderr);
        match output.status.code() {
            Some(0 | 1 | 3) => Reached::Read,
            Some(2) => {
                assert!(!said.trim().is_empty(), "{line}: refused without a word");
                Reached::Refused
            }
            other => panic!("{line}: exit {other:?}\n{said}"),
        }
    });
}

/// The mutator does what it is for: most texts change, and not all of them beyond recognition.
#[test]
fn spoiled_texts_are_many_and_differ() {
    let corpus = corpus("sizes", &[]);
    let mut seen = std::collections::BTreeSet::new();
    for input in 0..1_000 {
        seen.insert(mutate::mutated(&mut Random::of(1, input), &corpus));
    }
    assert!(seen.len() > 700, "{} different texts", seen.len());
}
