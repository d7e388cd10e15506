//! The real LVM2 for tests: scenarios in, layouts out. See `oracle.py` for what a scenario is.

#![allow(dead_code, reason = "each test file uses its own part of this")]

pub mod built;
pub mod random;
pub mod sizes;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use extentplan::lvm::{
    AllocationPolicy, ByKey, LogicalVolume, LvCommand, LvSegment, Part, PhysicalVolume, Settings,
    Verb, VolumeGroup,
};
use serde_json::{Value, json};

/// The group that every scenario has.
pub const GROUP: &str = "orc_vg";
/// Holds what a scenario says is in use.
const USED: &str = "orc_used";

/// The oracle, if all that it needs (lvm2, python3, a C compiler) are there; else a message
/// that the test is skipped.
pub fn ready_oracle() -> Option<PathBuf> {
    let skipped = |why: &str| {
        eprintln!("skipped: {why}");
        None
    };
    let oracle = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lvm2/oracle.py");
    let checked = Command::new("python3").arg(&oracle).arg("--check").output();
    match checked {
        Ok(output) if output.status.success() => Some(oracle),
        Ok(output) => skipped(String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => skipped(&format!("python3: {error}")),
    }
}

/// A command as a step of the oracle, which names the group itself.
pub fn step(command: &LvCommand) -> Value {
    let mut words = command.words();
    let volumes = words.split_off(words.len() - command.physical_volumes.len());
    let target = words.pop().expect("a command has a target");
    let mut args: Vec<String> = words.split_off(1);
    args.retain(|word| word != "-y");
    match command.verb {
        Verb::Create => assert_eq!(target, GROUP),
        Verb::Extend | Verb::Convert | Verb::Change => args.push(target),
    }
    let volumes = volumes
        .iter()
        .map(|volume| volume.trim_start_matches("/dev/"));
    json!({ "cmd": words[0], "args": args, "pvs": volumes.collect::<Vec<_>>() })
}

/// Runs scenarios on the real LVM2, in order.
pub fn run(oracle: &PathBuf, scenarios: &[Value]) -> Vec<Value> {
    let mut child = Command::new("python3")
        .arg(oracle)
        .args(["--batch", "--compact", "-j", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = child.stdin.take().expect("its input is a pipe");
    let lines: Vec<String> = scenarios.iter().map(Value::to_string).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("the oracle reads");
        }
    });
    let output = child.wait_with_output().expect("the oracle ends");
    writer.join().expect("the writer ends");
    assert!(output.status.success(), "the oracle failed");
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let results: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("the oracle writes JSON"))
        .collect();
    assert_eq!(results.len(), scenarios.len());
    results
}

/// The volume group of a scenario before its first step.
pub fn first_group(scenario: &Value) -> VolumeGroup {
    group(scenario, &json!({ "lvs": {} }))
}

/// The volume group of a scenario with the layout that a step left.
pub fn group(scenario: &Value, layout: &Value) -> VolumeGroup {
    let volumes: Vec<PhysicalVolume> = array(&scenario["pvs"])
        .enumerate()
        .map(|(index, volume)| PhysicalVolume {
            key: format!("pv{index}"),
            device: format!("/dev/{}", text(&volume["name"])),
            id: String::new(),
            extents: number(&volume["extents"]),
            allocatable: volume["allocatable"].as_bool().unwrap_or(true),
            missing: false,
            tags: words(&volume["tags"]),
        })
        .collect();
    let at = |name: &str| {
        let device = format!("/dev/{name}");
        let found = volumes.iter().position(|volume| volume.device == device);
        found.expect("a layout names volumes of its scenario")
    };
    let mut logical_volumes = Vec::new();
    let used = used_segments(scenario);
    if !used.is_empty() {
        logical_volumes.push(LogicalVolume {
            name: USED.to_string(),
            id: String::new(),
            status: ["READ", "WRITE", "VISIBLE"].map(str::to_string).into(),
            policy: AllocationPolicy::Inherit,
            tags: BTreeSet::new(),
            segments: used,
        });
    }
    for (name, volume) in layout["lvs"].as_object().into_iter().flatten() {
        let segments = array(&volume["segments"]).map(|segment| read_segment(segment, &at));
        let policy = volume["allocation_policy"].as_str().unwrap_or("inherit");
        logical_volumes.push(LogicalVolume {
            name: name.clone(),
            id: String::new(),
            status: words(&volume["status"]),
            policy: AllocationPolicy::from_name(policy).expect("a policy"),
            tags: words(&volume["tags"]),
            segments: segments.collect(),
        });
    }
    let policy = scenario["vg_alloc"].as_str().unwrap_or("normal");
    VolumeGroup {
        name: GROUP.to_string(),
        id: String::new(),
        seqno: 1,
        extent_size_sectors: scenario["extent_size_kib"].as_u64().unwrap_or(4096) * 2,
        status: ["READ", "RESIZEABLE", "WRITE"].map(str::to_string).into(),
        max_volumes: 0,
        max_disks: 0,
        historical_volumes: BTreeSet::new(),
        unsaid: BTreeSet::new(),
        system_id: String::new(),
        policy: AllocationPolicy::from_name(policy).expect("a policy"),
        tags: words(&scenario["vg_tags"]),
        physical_volumes: volumes,
        logical_volumes,
    }
}

/// The settings of a scenario, as far as they bear on placement.
pub fn settings(scenario: &Value) -> Settings {
    let config = scenario["config"].as_object().into_iter().flatten();
    let placing = config.filter(|(key, _)| key.starts_with("allocation/"));
    let word = |value: &Value| match value.as_str() {
        Some(text) => text.to_string(),
        None => value.to_string(),
    };
    let words: Vec<String> = placing
        .map(|(key, value)| match value.as_array() {
            Some(list) => {
                let list: Vec<String> = list.iter().map(word).collect();
                format!("{key}={}", list.join(","))
            }
            None => format!("{key}={}", word(value)),
        })
        .collect();
    Settings::read(&words).expect("settings that are simulated")
}

/// The group that a scenario's steps leave, and the last layout.
pub fn after(scenario: &Value, result: &Value) -> (VolumeGroup, Value) {
    let layouts = array(&result["steps"]).filter_map(|step| step.get("layout"));
    match layouts.last() {
        Some(layout) => (group(scenario, layout), layout.clone()),
        None => (first_group(scenario), json!({ "lvs": {} })),
    }
}

fn used_segments(scenario: &Value) -> Vec<LvSegment> {
    let mut segments = Vec::new();
    let mut start_extent = 0;
    for (volume, entry) in array(&scenario["pvs"]).enumerate() {
        let mut ranges: Vec<(u64, u64)> = array(&entry["used"])
            .map(|range| (number(&range[0]), number(&range[1])))
            .collect();
        ranges.sort_unstable();
        for (start, extent_count) in ranges {
            segments.push(LvSegment {
                start_extent,
                extent_count,
                segment_type: "striped".to_string(),
                parts: vec![Part::Physical { volume, start }],
                numbers: ByKey::from([("stripe_count", 1)]),
                strings: ByKey::new(),
            });
            start_extent += extent_count;
        }
    }
    segments
}

fn read_segment(segment: &Value, at: &dyn Fn(&str) -> usize) -> LvSegment {
    let mut parts: Vec<Part> = array(&segment["stripes"])
        .map(|stripe| Part::Physical {
            volume: at(text(&stripe["pv"])),
            start: number(&stripe["pe_start"]),
        })
        .collect();
    parts.extend(array(&segment["subs"]).map(|sub| match sub.as_str() {
        Some(name) => Part::Logical {
            volume: name.to_string(),
            start: 0,
        },
        None => Part::Logical {
            volume: text(&sub[0]).to_string(),
            start: number(&sub[1]),
        },
    }));
    let attributes = segment["attrs"].as_object().into_iter().flatten();
    let keys = segment.as_object().into_iter().flatten();
    let strings = keys
        .filter(|(key, _)| *key != "segtype")
        .chain(attributes.clone())
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())));
    let numbers = attributes.filter_map(|(key, value)| Some((key.clone(), value.as_u64()?)));
    LvSegment {
        start_extent: number(&segment["le_start"]),
        extent_count: number(&segment["len"]),
        segment_type: text(&segment["segtype"]).to_string(),
        parts,
        numbers: numbers.collect(),
        strings: strings.collect(),
    }
}

/// The elements of an array; none where there is no array.
pub fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A string of a scenario or layout.
pub fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// A whole number of a scenario or layout.
pub fn number(value: &Value) -> u64 {
    value.as_u64().expect("a whole number")
}

fn words(value: &Value) -> BTreeSet<String> {
    array(value).map(|word| text(word).to_string()).collect()
}

/// The group that a scenario has after its steps; recordings of these scenarios show what is in use as a volume.
pub fn group_after(scenario: &Value, result: &Value) -> VolumeGroup {
    let mut plain = scenario.clone();
    let layouts = array(&result["steps"]).filter_map(|step| step.get("layout"));
    let Some(layout) = layouts.last() else {
        return first_group(scenario);
    };
    for volume in plain["pvs"].as_array_mut().into_iter().flatten() {
        volume.as_object_mut().expect("a disk").remove("used");
    }
    group(&plain, layout)
}
