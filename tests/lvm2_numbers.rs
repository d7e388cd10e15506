//! Recorded commands with numbers of any size: none makes a replay take memory or fail.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Memory that a replay may map, in KiB: far more than it needs, far less than one absurd number asks for.
const MEMORY_KIB: u32 = 1 << 21;

/// Zero, the borders of what LVM2 has room for, of 31, 32, 63 and 64 bits, and beyond.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "8",
    "64",
    "65",
    "129",
    "1025",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999",
];

/// Volumes of all types to work on, then commands with `N` in place of a number.
fn commands() -> Vec<String> {
    let made = [
        ("lin", ""),
        ("r1", "--type raid1 -m 1"),
        ("mi", "--type mirror -m 1"),
        ("st", "-i 2"),
        ("r5", "--type raid5 -i 2"),
        ("r10", "--type raid10 -i 2 -m 1"),
        ("tp", "--type thin-pool"),
    ];
    let mut commands: Vec<String> = Vec::new();
    let create = |name: &str, options: &str| format!("lvcreate {options} -l 8 -n {name}");
    commands.extend(made.iter().map(|(name, options)| create(name, options)));
    for kind in [
        "linear",
        "striped",
        "mirror",
        "raid0",
        "raid1",
        "raid4",
        "raid5",
        "raid6",
        "raid10",
        "thin-pool",
        "cache-pool",
    ] {
        for option in [
            "-m N",
            "-i N",
            "-i N -m N",
            "-I N",
            "-R N",
            "-c N",
            "--poolmetadatasize N",
        ] {
            commands.push(format!("lvcreate --type {kind} {option} -l 4 -n x"));
        }
        commands.push(format!("lvcreate --type {kind} -l N -n x"));
        commands.push(format!("lvcreate --type {kind} -l N%VG -n x"));
        commands.push(format!("lvcreate --type {kind} -L Nm -n x"));
    }
    for (name, _) in made {
        for options in [
            "lvextend -i N -l +4",
            "lvextend -l +N",
            "lvextend -l N%LV",
            "lvextend -L Ne",
            "lvextend --poolmetadatasize +N",
            "lvresize -f -l N",
            "lvresize -f -l -N%VG",
            "lvreduce -f -l -N",
            "lvreduce -f -L N",
            "lvconvert -m N",
            "lvconvert -m +N",
            "lvconvert -m -N",
            "lvconvert --type mirror -m N --stripes N",
            "lvconvert --type raid1 -m N -R N",
        ] {
            commands.push(format!("{options} {name}"));
        }
    }
    for range in ["N", "N-", "-N", "N-N", "N+N", "0+N"] {
        commands.push(format!("lvcreate -l 4 -n x p0:{range}"));
    }
    commands
}

fn step(command: &str, number: &str) -> Value {
    let words = command.split(' ').filter(|word| !word.is_empty());
    // Options and names have no capital N.
    let mut words: Vec<String> = words.map(|word| word.replace('N', number)).collect();
    let program = words.remove(0);
    let is_volume = words.last().is_some_and(|word| word.starts_with("p0:"));
    let volumes: Vec<String> = words.pop_if(|_| is_volume).into_iter().collect();
    json!({ "cmd": program, "args": words, "pvs": volumes })
}

#[test]
fn no_number_in_a_recorded_command_takes_memory_or_stops_the_replay() {
    let disks = (0..8).map(|disk| json!({ "name": format!("p{disk}"), "extents": 300 }));
    let disks: Vec<Value> = disks.collect();
    let mut records = String::new();
    let mut count = 0;
    for number in NUMBERS {
        let steps: Vec<Value> = commands().iter().map(|one| step(one, number)).collect();
        count += steps.len();
        let outcome = json!({ "ok": true });
        let record = json!({
            "scenario": { "id": number, "extent_size_kib": 4096, "pvs": disks, "active": true,
                          "steps": steps },
            "result": { "steps": vec![outcome; steps.len()] },
        });
        records.push_str(&format!("{record}\n"));
    }
    let folder = TempDir::new().expect("a folder");
    let recording = folder.path().join("numbers.jsonl");
    fs::write(&recording, records).expect("a temporary file");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" replay \"$1\""))
        .arg(env!("CARGO_BIN_EXE_extentplan"))
        .arg(&recording)
        .output()
        .expect("a shell");
    let (text, error) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(error, "");
    assert!(text.contains(&format!("\nsteps {count} agree ")), "{text}");
}

#[test]
fn extents_that_lvm2_cannot_count_are_no_recording() {
    for (extents, used) in [
        ("4294967296", "[0,1]"),
        ("10", "[4294967296,1]"),
        ("-1", "[0,1]"),
    ] {
        let line = format!(
            "{{\"scenario\":{{\"id\":1,\"pvs\":[{{\"name\":\"p\",\"extents\":{extents},\"used\":[{used}]}}],\
             \"steps\":[]}},\"result\":{{\"steps\":[]}}}}\n"
        );
        let version = "2.03.16".parse().expect("a version");
        let read = extentplan::lvm::replay::replay(std::io::Cursor::new(line), version);
        let error = read.expect_err("no 32 bits").to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
