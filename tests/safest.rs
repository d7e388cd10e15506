//! What a plan makes unsafe is the last thing chosen, and it is said.

use assert_cmd::cargo::cargo_bin_cmd;

/// Standard output of a plan that is found, and what its notes say.
#[track_caller]
fn plan(pool: &str, options: &[&str], commands: &str) -> (String, String) {
    asked("plan", pool, options, commands)
}

/// The same of another question.
#[track_caller]
fn asked(question: &str, pool: &str, options: &[&str], commands: &str) -> (String, String) {
    let mut run = cargo_bin_cmd!("extentplan");
    run.current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([question, &format!("models/lvm2/{pool}.vg")]);
    run.args(options).arg("--").args(commands.split(' '));
    let output = run.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    (out, err)
}

#[test]
fn redundant_legs_lie_apart_under_policy_anywhere_where_they_can() {
    for (kind, disks) in [
        ("--type raid1 -m 1", 2),
        ("--type raid1 -m 2", 3),
        ("--type raid5 -i 2", 3),
        ("--type mirror --mirrorlog core -m 1", 2),
    ] {
        let command = format!("lvcreate {kind} --alloc anywhere -l 20 -n v vg0");
        let (out, _) = plan("three-disks", &[], &command);
        let best = format!("best: segments {disks}, sources {disks} - proven: by counting");
        assert!(out.contains(&best), "{command}: {out}");
        assert!(!out.contains("unsafe"), "{command}: {out}");
    }
    // A volume without copies may lie on one.
    let (out, _) = plan(
        "three-disks",
        &[],
        "lvcreate --alloc anywhere -l 20 -n v vg0",
    );
    assert!(out.contains("best: segments 1, sources 1"), "{out}");
}

#[test]
fn where_legs_cannot_lie_apart_what_is_least_unsafe_is_taken_and_said() {
    let command = "lvcreate --type raid6 --alloc anywhere -i 3 -l 12 -n v vg0";
    let (out, _) = plan("three-disks", &[], command);
    // No disk alone takes more than the parity makes up for.
    assert!(out.contains("found: segments 5, sources 3"), "{out}");
    let (_, said) = out.split_once("unsafe once it is built:\n").expect("said");
    assert!(said.contains("v (raid6) has several images on"), "{out}");
    assert!(!said.contains("alone loses v"), "{out}");
    let (_, said) = plan("three-disks", &["--format", "commands"], command);
    assert!(said.contains("unsafe once it is built"), "{said}");
    let (out, _) = plan("three-disks", &["--json"], command);
    assert!(out.contains("\"faults\": ["), "{out}");
    // Two requests, of which one can be kept apart.
    let both = format!("{command} -- lvcreate --type raid1 --alloc anywhere -m 1 -l 5 -n w vg0");
    let (out, _) = plan("three-disks", &[], &both);
    assert!(!out.contains("w (raid1) has several images"), "{out}");
    assert!(out.contains("v (raid6) has several images"), "{out}");
}

#[test]
fn what_is_held_once_beside_new_copies_is_said_and_no_reason_for_another_layout() {
    let snapshot = "lvcreate -l 5 -n data vg0 -- lvcreate -s -l 5 -n snap vg0/data";
    let commands = format!("{snapshot} -- lvconvert --type raid1 -m 1 vg0/data");
    let (out, _) = plan("three-disks", &[], &commands);
    let fault = "snap (snapshot) is lost with /dev/sda, whatever copies there are of the rest: snap is held once";
    assert!(
        out.contains(&format!("# unsafe once it is built: {fault}\n")),
        "{out}"
    );
    assert_eq!(out.matches("places it as well").count(), 3, "{out}");
    // The script says it in its head.
    let (out, _) = plan("three-disks", &["--format", "commands"], &commands);
    assert!(
        out.contains(&format!("# Unsafe once it is built:\n#   {fault}\n")),
        "{out}"
    );
    // One that is made of a redundant volume is, too; what was so before is not said again.
    let (out, _) = plan("raid1", &[], "lvcreate -s -l 1 -n snap vg0/data");
    assert!(out.contains("unsafe once it is built"), "{out}");
    for again in ["lvrename vg0/snap vg0/older", "lvextend -l +1 vg0/snap"] {
        let commands = format!("lvcreate -s -l 1 -n snap vg0/data -- {again}");
        let (out, _) = plan("raid1", &[], &commands);
        assert_eq!(out.matches("# unsafe once it is built").count(), 1, "{out}");
    }
    let (out, _) = plan("raid1-shared-disk", &[], "lvrename vg0/data vg0/other");
    assert!(!out.contains("unsafe once it is built"), "{out}");
}

#[test]
fn a_cache_that_holds_what_nothing_else_does_is_said_to_be_lost_with_its_disk() {
    let lost = "vg0/data is lost with /dev/sdc from then on, and survived the loss of any one disk";
    let made = "lvcreate -l 5 -n fast vg0 /dev/sdc";
    for (command, is_weak) in [
        (
            "lvconvert --type cache --cachemode writeback --cachevol vg0/fast vg0/data",
            true,
        ),
        (
            "lvconvert --type cache --cachemode writethrough --cachevol vg0/fast vg0/data",
            false,
        ),
        ("lvconvert --type cache --cachevol vg0/fast vg0/data", false),
        (
            "lvconvert --type writecache --cachevol vg0/fast vg0/data",
            true,
        ),
        (
            "lvconvert --type cache --cachevol vg0/fast vg0/data -- lvchange --cachemode writeback vg0/data",
            true,
        ),
    ] {
        let (out, _) = plan("raid1", &[], &format!("{made} -- {command}"));
        assert_eq!(out.contains(lost), is_weak, "{command}: {out}");
    }
}

#[test]
fn capacity_counts_legs_that_lie_apart_and_says_what_there_is_where_they_share_disks() {
    let volume = "--type raid1 -m 1 --alloc anywhere -n v vg0";
    let shared = "where legs share disks, as policy anywhere lets them";
    let (out, _) = asked("capacity", "linear", &[], &format!("lvcreate {volume}"));
    assert!(
        out.starts_with("largest v: 9 extents (36.00 MiB), proven\n"),
        "{out}"
    );
    assert!(
        out.contains(&format!("  {shared}: 34 extents (136.00 MiB)\n")),
        "{out}"
    );
    // A plan is safe up to there, and one beyond is not.
    let (out, _) = plan("linear", &[], &format!("lvcreate -l 9 {volume}"));
    assert!(!out.contains("unsafe"), "{out}");
    let (out, _) = plan("linear", &[], &format!("lvcreate -l 10 {volume}"));
    assert!(out.contains("unsafe once it is built"), "{out}");
    let (out, _) = asked(
        "capacity",
        "linear",
        &["--count"],
        &format!("lvcreate -l 3 {volume}"),
    );
    assert!(out.starts_with("how many fit: 2, proven\n"), "{out}");
    assert!(out.contains(&format!("  {shared}: 8\n")), "{out}");
    let (out, _) = asked(
        "capacity",
        "linear",
        &["--json"],
        &format!("lvcreate {volume}"),
    );
    assert!(
        out.contains("\"sharing\": {\n    \"needed\": false,\n    \"most\": 34\n  }"),
        "{out}"
    );
    // Five legs on three disks share some.
    let command = "lvcreate --type raid6 -i 3 --alloc anywhere -n v vg0";
    let (out, _) = asked("capacity", "three-disks", &[], command);
    assert!(out.contains("with legs apart none fits"), "{out}");
    // Nothing is said where the policy keeps them apart, or nothing is lost with a disk that they share.
    for command in [
        "--type raid1 -m 1 -n v vg0",
        "-i 2 --alloc anywhere -n v vg0",
    ] {
        let (out, _) = asked(
            "capacity",
            "three-disks",
            &[],
            &format!("lvcreate {command}"),
        );
        assert!(!out.contains("share disks"), "{out}");
    }
}

#[test]
fn room_is_made_for_legs_that_lie_apart() {
    let command = "lvcreate --type raid1 -m 1 --alloc anywhere -l 10 -n v vg0";
    let (out, _) = asked("rearrange", "linear", &["--room"], command);
    assert!(
        out.starts_with(&format!("room for {command}, legs apart\n")),
        "{out}"
    );
    assert!(out.contains("copied 1 extent"), "{out}");
    let (_, placed) = out.split_once("then there is room").expect("placed");
    assert!(
        placed.contains("  leg 0   [/dev/sda:70-70] /dev/sda:71-80\n"),
        "{out}"
    );
    assert!(placed.contains("  leg 1   [/dev/sdb:"), "{out}");
    // Where they cannot lie apart, they share disks as they would in a plan.
    let command = "lvcreate --type raid6 --alloc anywhere -i 3 -l 12 -n v vg0";
    let (out, _) = asked("rearrange", "three-disks", &["--room"], command);
    assert!(!out.contains("legs apart"), "{out}");
}
