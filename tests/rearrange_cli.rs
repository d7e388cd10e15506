//! `extentplan rearrange` as a user runs it.

use std::fs;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;

fn run(words: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("extentplan");
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = command
        .current_dir(folder)
        .arg("rearrange")
        .args(words)
        .output();
    let output = output.expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("it exits by itself");
    (code, text(output.stdout), text(output.stderr))
}

const LINEAR: &str = "models/lvm2/linear.vg";
const RAID5: &str = "models/lvm2/raid5.vg";

/// The answer without the line that says how long it took.
fn answer(words: &[&str]) -> String {
    let (code, out, err) = run(words);
    assert_eq!(code, 0, "{out}{err}");
    out
}

#[test]
fn a_disk_is_shrunk_as_far_as_it_goes() {
    let out = answer(&[LINEAR, "--shrink", "/dev/sda", "--rate", "100M"]);
    for part in [
        "shrink /dev/sda from 100 to 30 extents (120.00 MiB), the least, proven by counting",
        "best: copied 40 extents (160.00 MiB), moves 2 - proven: copied by counting, moves by search",
        "  about 2 s at 100.00 MiB/s",
        "pvmove --alloc anywhere -n second /dev/sda:",
        "  pvresize -y --setphysicalvolumesize \"$(($(pvs --noheadings --nosuffix --units s -o pe_start /dev/sda) \
         + 245760))s\" /dev/sda",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    for line in out.lines().take_while(|line| *line != "commands") {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn a_size_that_is_left_open_is_asked_for_beside_room() {
    let words = [
        LINEAR, "--shrink", "/dev/sda", "--room", "--", "lvcreate", "-l", "1", "-n", "x",
    ];
    let (code, out, err) = run(&words);
    assert_eq!(code, 2, "{out}");
    assert!(err.contains("--shrink /dev/sda=SIZE"), "{err}");
}

#[test]
fn a_part_is_said_with_the_name_that_its_command_has() {
    let out = answer(&["models/lvm2/raid1.vg", "--shrink", "/dev/sda=45"]);
    let moves: Vec<&str> = out
        .lines()
        .filter(|line| line.contains(" -> /dev/"))
        .collect();
    assert!(!moves.is_empty(), "{out}");
    for line in moves {
        let name = line.trim_start().split("  ").next().unwrap_or_default();
        let said = name
            .split_once(" (of ")
            .map_or(name, |(_, said)| said.trim_end_matches(')'));
        assert!(out.contains(&format!("-n {said} ")), "{line}\n{out}");
    }
}

#[test]
fn fewer_disks_than_legs_is_a_no_that_counts_them() {
    let (code, out, _) = run(&[RAID5, "--drain", "/dev/sdd"]);
    assert_eq!(code, 1);
    let expected = "empty /dev/sdd\nimpossible: `data` has 4 legs that keep apart; 3 sources are left for them\n";
    assert_eq!(out, expected);
}

#[test]
fn what_does_not_fit_elsewhere_is_a_no_in_numbers() {
    let (code, out, _) = run(&[LINEAR, "--drain", "sdb", "--json"]);
    assert_eq!(code, 1);
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(answer["status"], "impossible");
    let why = answer["why"].as_str().expect("a reason");
    assert!(
        why.starts_with("90 extents leave /dev/sdb; 60 are free"),
        "{why}"
    );
}

#[test]
fn moves_as_json_have_both_ends_and_what_proves_them() {
    let out = answer(&[LINEAR, "--shrink", "sda=120M", "--json"]);
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(answer["schema"], "extentplan/moves/1");
    assert_eq!(answer["status"], "best");
    assert_eq!(answer["cost"], answer["bound"]);
    assert_eq!(answer["proof"]["copied"], "counting");
    let moves = answer["moves"].as_array().expect("moves");
    let copied: u64 = moves
        .iter()
        .map(|step| step["from"][2].as_u64().expect("extents"))
        .sum();
    assert_eq!(answer["cost"]["copied"], copied);
    assert_eq!(
        answer["commands"].as_array().expect("commands").len(),
        moves.len() + 1
    );
}

const SEGMENTS: &str = "models/lvm2/segments.vg";
const STRIPES: [&str; 9] = [
    "--",
    "lvcreate",
    "-i",
    "2",
    "--alloc",
    "contiguous",
    "-l",
    "100",
    "-n",
];

#[test]
fn what_does_not_fit_as_it_stands_gets_room_and_is_built_behind_the_moves() {
    let words = [&[SEGMENTS, "--room"], &STRIPES[..], &["new"]].concat();
    let out = answer(&words);
    for part in [
        "copied 20 extents (80.00 MiB)",
        "then there is room: best: segments 1, sources 2",
        "  lvcreate --alloc contiguous -i 2 -l 100 -n new vg0",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let moves = out.lines().filter(|line| line.starts_with("  pvmove "));
    assert_eq!(moves.count(), 2, "{out}");
    let words = [&[SEGMENTS, "--json", "--room"], &STRIPES[..], &["new"]].concat();
    let json: Value = serde_json::from_str(&answer(&words)).expect("JSON");
    assert_eq!(json["cost"]["copied"], 20);
    assert_eq!(json["plan"]["status"], "best");
    assert_eq!(json["commands"].as_array().expect("commands").len(), 3);
    let script = [
        &[SEGMENTS, "--format", "commands", "--room"],
        &STRIPES[..],
        &["new"],
    ]
    .concat();
    let script = answer(&script);
    assert!(
        script.contains("if ! has new; then\n    lvcreate "),
        "{script}"
    );
}

#[test]
fn plan_and_capacity_say_what_would_have_to_move() {
    for subcommand in ["plan", "capacity"] {
        let mut command = cargo_bin_cmd!("extentplan");
        let folder = env!("CARGO_MANIFEST_DIR");
        let words = [&[subcommand, SEGMENTS], &STRIPES[..], &["new"]].concat();
        let output = command.current_dir(folder).args(words).output();
        let output = output.expect("the program runs");
        let out = String::from_utf8(output.stdout).expect("text");
        assert!(
            out.contains("it fits if 20 extents (80.00 MiB) of grown move:"),
            "{out}"
        );
        let question = format!(
            "  extentplan rearrange {SEGMENTS} --room {} new",
            STRIPES.join(" ")
        );
        assert!(out.contains(&question), "{out}");
    }
}

#[test]
fn what_cannot_be_asked_is_said() {
    for (words, parts) in [
        (&[LINEAR][..], &["nothing is asked for", "--drain"][..]),
        (
            &[LINEAR, "--drain", "/dev/sdx"],
            &["no physical volume `/dev/sdx`", "/dev/sda"],
        ),
        (
            &[LINEAR, "--drain", "sda", "--drain", "sdb"],
            &["one has to stay"],
        ),
        (
            &[LINEAR, "--drain", "sda", "--shrink", "sda=9"],
            &["it is to be emptied"],
        ),
        (
            &[LINEAR, "--shrink", "sda=9", "--shrink", "sda=8"],
            &["it has a size already"],
        ),
        (
            &[LINEAR, "--shrink", "sda=900"],
            &["it has 100 extents", "900"],
        ),
        (
            &[LINEAR, "--shrink", "sda=1k"],
            &["one extent has to remain"],
        ),
        (&[LINEAR, "--shrink", "sda=5x"], &["expected a size"]),
        (&[LINEAR, "--room"], &["for what?", "lvcreate"]),
        (
            &[LINEAR, "--heal", "--", "lvcreate", "-l", "1", "-n", "x"],
            &["--room"],
        ),
        (
            &[
                LINEAR, "--room", "--", "lvcreate", "-l", "1", "-n", "second",
            ],
            &["second"],
        ),
        (
            &[LINEAR, "--heal", "--domain", "rack"],
            &["no physical volume of vg0 has this tag"],
        ),
        (
            &[LINEAR, "--heal", "--keep", "nope"],
            &["no logical volume `nope`"],
        ),
        (
            &["models/lvm2/moving.vg", "--heal"],
            &["pvmove", "--abort", "vgchange -ay vg0"],
        ),
        (&["models/lvm2/missing-disk.vg", "--heal"], &["missing"]),
        (&["models/lvm2/exported.vg", "--heal"], &["exported"]),
        (
            &[LINEAR, "--balance", "--most-moves", "3"],
            &["--most-moves is for --to and --defragment"],
        ),
        (
            &["models/easy/avoid-everywhere.json", "--heal"],
            &["needs a volume group"],
        ),
    ] {
        let (code, out, err) = run(words);
        assert_eq!((code, out.as_str()), (2, ""), "{words:?} {err}");
        for part in parts {
            assert!(err.contains(part), "{part} is not in: {err}");
        }
    }
}

#[test]
fn a_group_that_hosts_share_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shared.vg");
    let text = fs::read_to_string(LINEAR).expect("the model");
    let shared = text.replacen("extent_size =", "lock_type = \"sanlock\"\nextent_size =", 1);
    fs::write(&path, shared).expect("written");
    let (code, _, err) = run(&[path.to_str().expect("a path"), "--heal"]);
    assert_eq!(code, 2, "{err}");
    for part in ["Volume group vg0 is shared", "--lock-type none vg0"] {
        assert!(err.contains(part), "{err}");
    }
}

#[test]
fn moves_are_drawn_before_and_behind_on_a_page_of_its_own() {
    let out = answer(&[LINEAR, "--shrink", "/dev/sda", "--format", "html"]);
    for part in [
        "<!DOCTYPE html>",
        "name=\"viewport\"",
        "<title>Moves in volume group vg0</title>",
        ">before</h3>",
        ">after</h3>",
        "<td>second</td><td>/dev/sda:30-59</td><td>/dev/sda:0-29</td><td>30 extents",
        "<title>second ",
        "pvmove --alloc anywhere -n second",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let drawing = answer(&[LINEAR, "--shrink", "/dev/sda", "--format", "svg"]);
    assert!(
        drawing.starts_with("<svg ") && drawing.contains("<title>second "),
        "{drawing}"
    );
}

#[test]
fn a_volume_that_is_kept_is_named_where_it_would_have_to_move() {
    let (code, out, _) = run(&[LINEAR, "--drain", "sda", "--keep", "vg0/second"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("`second` on /dev/sda may not move: `second` is to be kept"),
        "{out}"
    );
}

/// Runs a script with programs of LVM2 that answer from files, and write down what they are asked to do.
fn scripted(script: &str, held: &str, seqno: &str) -> (bool, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let program = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        fs::write(path(name), format!("#!/bin/sh\n{text}\n")).expect("written");
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o755)).expect("runnable");
    };
    fs::write(path("held"), held).expect("written");
    // Only the disk that is asked for: each line begins with it. What is moved lands.
    program(
        "pvs",
        "for last; do :; done\ncase \"$*\" in *pe_start*) echo 2048;; *pv_pe_count*) echo 100;; \
         *) sed -n \"s|^$last ||p\" \"$HELD\";; esac",
    );
    program(
        "vgs",
        &format!("case \"$*\" in *seqno*) echo {seqno};; *) echo 70;; esac"),
    );
    program(
        "lvs",
        "case \"$*\" in *lv_size*) echo 81920;; *) awk '{ print \"  [\" $4 \"]\" }' \"$HELD\";; esac",
    );
    program(
        "pvmove",
        "echo \"pvmove $*\" >> \"$HELD.log\"\ncase \"$*\" in -t*) ;; *) for to; do last=$source; source=$to; done\nfrom=${to#*:}\n\
         old=${last#*:}\nsed -i \"/second/d\" \"$HELD\"\n\
         echo \"${to%%:*} ${from%%-*} $((${from##*-} - ${from%%-*} + 1)) second $((${old%%-*} - 30)) 1\" >> \"$HELD\";; esac",
    );
    program("pvresize", "echo \"pvresize $*\" >> \"$HELD.log\"");
    let own = std::env::var("PATH").unwrap_or_default();
    let mut child = Command::new("sh")
        .arg("-s")
        .env("PATH", format!("{}:{own}", folder.path().display()))
        .env("HELD", path("held"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh starts");
    let mut input = child.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, script.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let log = fs::read_to_string(path("held.log")).unwrap_or_default();
    (
        output.status.success(),
        log,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A script of one move: the end of `second`, which lies on 30-69, goes to the front.
fn script() -> String {
    answer(&[LINEAR, "--shrink", "sda=60", "--format", "commands"])
}

#[test]
fn the_script_tries_each_move_makes_it_and_shrinks_behind_it() {
    let script = script();
    let (ok, log, err) = scripted(&script, "/dev/sda 30 40 second 0 1\n", "5");
    assert!(ok, "{err}\n{script}");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(
        lines[0].starts_with("pvmove -t ") && lines[1] == lines[0].replace(" -t", ""),
        "{log}"
    );
    assert!(
        lines[2].starts_with("pvresize -y --setphysicalvolumesize 493568s"),
        "{log}"
    );
}

#[test]
fn the_script_started_again_passes_over_what_is_done() {
    let script = script();
    let target = script
        .lines()
        .find(|line| line.starts_with("look "))
        .expect("a move");
    let words: Vec<&str> = target.split(' ').collect();
    let held = format!("{} {} 10 second 30 1\n", words[5], words[6]);
    let (ok, log, err) = scripted(&script, &held, "8");
    assert!(ok, "{err}");
    assert!(!log.contains("pvmove") && log.contains("pvresize"), "{log}");
}

#[test]
fn a_script_without_moves_started_again_finds_what_it_promised_or_stops() {
    for (extents, is_promised) in [("10", true), ("11", false)] {
        let words = ["--room", "--", "lvcreate", "-l", extents, "-n", "new"];
        let script = answer(&[&[LINEAR, "--format", "commands"], &words[..]].concat());
        // The volume is there, of 10 extents, and seqno has gone on.
        let (ok, _, err) = scripted(&script, "/dev/sda 30 40 new 0 1\n", "6");
        assert_eq!(ok, is_promised, "{err}\n{script}");
        assert_eq!(err.contains("new is there, and not as large"), !is_promised);
    }
}

#[test]
fn the_script_leaves_a_group_alone_that_has_changed() {
    let script = script();
    for (held, seqno, why) in [
        (
            "/dev/sda 30 40 second 0 1\n",
            "6",
            "has changed since it was planned for",
        ),
        ("/dev/sda 30 40 other 0 1\n", "5", "holds neither all of"),
        ("/dev/sda 30 35 second 0 1\n", "5", "holds neither all of"),
        (
            "/dev/sda 30 40 second 0 1\n/dev/sdb 0 1 pvmove0 0 1\n",
            "5",
            "A pvmove was interrupted",
        ),
    ] {
        let (ok, log, err) = scripted(&script, held, seqno);
        assert!(!ok && log.is_empty(), "{log}");
        assert!(
            err.contains(why) && err.contains("0 of 1 moves are made"),
            "{err}"
        );
    }
}

/// A file with a layout of `second`, one area behind the other.
fn layout(name: &str, areas: &str) -> String {
    let path = std::env::temp_dir().join(format!("extentplan-{}-{name}.json", std::process::id()));
    let text = format!(
        "{{\"schema\": \"extentplan/plan/1\", \"status\": \"found\", \
         \"allocations\": [{{\"request\": \"second\", \"legs\": [[{areas}]]}}]}}"
    );
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}

#[test]
fn a_layout_that_is_drawn_is_reached_and_what_it_does_not_name_makes_way() {
    let path = layout("to", "[\"/dev/sdb\", 0, 10], [\"/dev/sda\", 0, 30]");
    let out = answer(&[LINEAR, "--to", &path]);
    for part in [
        "lay out 1 volume as drawn",
        "copied 50 extents (200.00 MiB), moves 3 - proven by counting",
        "  pvmove -n two_disks /dev/sdb:0-9 ",
        "  pvmove -n second /dev/sda:30-39 /dev/sdb:0-9\n",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn another_state_of_the_group_is_a_layout() {
    let out = answer(&[LINEAR, "--to", LINEAR]);
    assert!(
        out.contains("best: copied 0 extents (0 B), moves 0"),
        "{out}"
    );
}

#[test]
fn goals_that_contradict_each_other_are_refused_by_name() {
    let path = layout("no", "[\"/dev/sdb\", 0, 10], [\"/dev/sda\", 0, 30]");
    let long = layout("long", "[\"/dev/sdb\", 0, 10]");
    let cases: [(&[&str], &str); 7] = [
        (
            &["--to", &path, "--drain", "sda"],
            "--to and --drain /dev/sda contradict each other: as it is drawn `second` is left on 0-29 of /dev/sda",
        ),
        (
            &["--to", &path, "--shrink", "sda=20"],
            "--to and --shrink /dev/sda contradict",
        ),
        (
            &["--to", &path, "--balance"],
            "--to and --balance contradict each other",
        ),
        (
            &["--to", &path, "--defragment"],
            "--to and --defragment contradict each other",
        ),
        (
            &["--to", &long],
            "stripe 1 of `second` has 40 extents; 10 are drawn",
        ),
        (
            &["--defragment", "nope"],
            "--defragment nope: no logical volume `nope`",
        ),
        (
            &["--defragment", "--budget", "much"],
            "--budget much: found `much`",
        ),
    ];
    for (words, expected) in cases {
        let (code, out, err) = run(&[&[LINEAR], words].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
        assert!(err.contains(expected), "{words:?}: {err}");
    }
}

#[test]
fn the_fullest_disk_is_filled_as_little_as_can_be() {
    let out = answer(&[LINEAR, "--balance"]);
    for part in [
        "fill no disk above 65.0 % (65 of 100 extents) instead of 90.0 %, the least, proven by counting",
        "copied 25 extents",
        "highest fill 90.0 % -> 65.0 %",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn segments_are_brought_together_and_the_curve_says_what_less_copying_comes_to() {
    let (code, out, err) = run(&["models/lvm2/segments.vg", "--defragment", "--json"]);
    assert_eq!(code, 0, "{err}");
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    let segments = &answer["segments"];
    assert_eq!(segments["after"], segments["fewest"], "{out}");
    let curve = segments["curve"].as_array().expect("a curve");
    assert_eq!(curve[0][0], 0);
    assert_eq!(curve[0][1], segments["before"]);
    assert_eq!(curve[curve.len() - 1][1], segments["after"]);
    assert_eq!(answer["proof"]["copied"], "prices");
    let (code, out, _) = run(&["models/lvm2/segments.vg", "--defragment", "--budget", "0"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("copied 0 extents"), "{out}");
}
