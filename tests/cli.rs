//! The program as a user runs it: output, exit codes, messages.

use std::fs;
use std::path::PathBuf;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

/// What a run printed and how it ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(words: &[&str]) -> Run {
    run_with_input(words, "")
}

fn run_with_input(words: &[&str], input: &str) -> Run {
    let mut command = cargo_bin_cmd!("extentplan");
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .write_stdin(input)
        .output()
        .expect("the program runs");
    Run {
        code: output.status.code().expect("it exits by itself"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

const THREE_DISKS: &str = "models/lvm2/three-disks.vg";

/// A file with this text, in a folder that goes away with the test.
fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path: PathBuf = folder.path().join(name);
    fs::write(&path, text).expect("a temporary file can be written");
    path.display().to_string()
}

/// The run was refused as wrong input, and its message has all these words.
#[track_caller]
fn refused(run: &Run, words: &[&str]) {
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert_eq!(run.out, "", "nothing half-written");
    for word in words {
        assert!(run.err.contains(word), "`{word}` is not in: {}", run.err);
    }
    assert!(!run.err.contains("panicked"), "{}", run.err);
}

#[test]
fn three_disks_take_a_stripe_that_lvm2_refuses() {
    let run = run(&[
        "plan",
        THREE_DISKS,
        "--",
        "lvcreate",
        "-i",
        "2",
        "-l",
        "240",
        "-n",
        "data",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("refuses"), "{}", run.out);
    assert!(run.out.contains("80 more required"), "{}", run.out);
    assert!(
        run.out.contains("best: segments 3, sources 3"),
        "{}",
        run.out
    );
    assert_eq!(run.out.matches("lvcreate").count(), 1, "{}", run.out);
    assert_eq!(run.out.matches("lvextend").count(), 2, "{}", run.out);
    for line in run.out.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(!run.out.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn a_request_that_does_not_fit_is_a_proven_no() {
    let run = run(&[
        "plan",
        THREE_DISKS,
        "--",
        "lvcreate",
        "-i",
        "2",
        "-l",
        "242",
        "-n",
        "data",
    ]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("impossible"), "{}", run.out);
    assert!(
        run.out.contains("242") && run.out.contains("240"),
        "{}",
        run.out
    );
}

#[test]
fn a_plan_as_json_passes_the_check_and_a_spoiled_one_does_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let words = [
        "plan",
        THREE_DISKS,
        "--format",
        "json",
        "--",
        "lvcreate",
        "-l",
        "100",
        "-n",
        "x",
    ];
    let plan = run(&words);
    assert_eq!(plan.code, 0, "{}", plan.err);
    let problem = r#"{"schema": "extentplan/problem/1", "extent_bytes": 4194304,
        "sources": [{"name": "a", "extents": 80, "free": [[0, 80]]},
                    {"name": "b", "extents": 80, "free": [[0, 80]]}],
        "requests": [{"name": "x", "extents": 100}]}"#;
    let problem = file(&folder, "problem.json", problem);
    let plan = run(&["plan", &problem, "--json"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    let good = file(&folder, "plan.json", &plan.out);
    let verdict = run(&["check", &problem, &good]);
    assert_eq!(verdict.code, 0, "{}{}", verdict.out, verdict.err);
    let spoiled = file(&folder, "spoiled.json", &plan.out.replace("80", "79"));
    let verdict = run(&["check", &problem, &spoiled]);
    assert_eq!(verdict.code, 1, "{}{}", verdict.out, verdict.err);
    let less = plan
        .out
        .replace("\"bound\": {\"segments\":2", "\"bound\": {\"segments\":1");
    assert_ne!(less, plan.out);
    let not_best = file(&folder, "less.json", &less);
    let verdict = run(&["check", &problem, &not_best]);
    assert_eq!(verdict.code, 1, "{}{}", verdict.out, verdict.err);
    assert!(
        verdict.out.contains("the status says best"),
        "{}",
        verdict.out
    );
    for (claim, code, says) in [
        (
            "\"bound\": {\"balance\":7,\"segments\":2",
            1,
            "`bound`: balance is not in the objective",
        ),
        (
            "\"bound\": {\"segments\":9,\"segments\":2",
            2,
            "stands twice",
        ),
    ] {
        let more = plan.out.replace("\"bound\": {\"segments\":2", claim);
        let more = file(&folder, "more.json", &more);
        let verdict = run(&["check", &problem, &more]);
        assert_eq!(verdict.code, code, "{}{}", verdict.out, verdict.err);
        let said = verdict.out + &verdict.err;
        assert!(said.contains(says), "{said}");
    }
    let mut bare: serde_json::Value = serde_json::from_str(&plan.out).expect("JSON");
    bare.as_object_mut().expect("an object").remove("proof");
    let unproven = file(&folder, "unproven.json", &bare.to_string());
    let verdict = run(&["check", &problem, &unproven]);
    assert_eq!(verdict.code, 3, "{}{}", verdict.out, verdict.err);
    assert!(verdict.out.contains("rests on"), "{}", verdict.out);
    for (more, says) in [
        ("", "no reason is given"),
        (", \"cost\": {\"segments\":2}", "a cost of one"),
        (", \"bound\": {\"segments\":2}", "no reason is given"),
    ] {
        let bare = format!(
            "{{\"schema\": \"extentplan/plan/1\", \"status\": \"impossible\", \"allocations\": []{more}}}"
        );
        let no_reason = file(&folder, "bare.json", &bare);
        let verdict = run(&["check", &problem, &no_reason]);
        assert_eq!(verdict.code, 1, "{}{}", verdict.out, verdict.err);
        assert!(verdict.out.contains(says), "{}", verdict.out);
    }
}

#[test]
fn json_has_the_commands_that_build_the_plan() {
    let folder = TempDir::new().expect("a temporary folder");
    let request = "-- lvcreate -i 2 -l 240 -n data";
    let asked = |format: &str| {
        let words = ["plan", THREE_DISKS, "--format", format];
        run(&words
            .into_iter()
            .chain(request.split(' '))
            .collect::<Vec<_>>())
    };
    let script = asked("commands").out;
    let printed: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with("lvcreate") || line.starts_with("lvextend"))
        .collect();
    let plan: serde_json::Value = serde_json::from_str(&asked("json").out).expect("JSON");
    let commands = plan["commands"].as_array().expect("a list");
    assert_eq!(commands, &printed);
    assert_eq!(printed.len(), 3);
    // A problem that is no volume group has none, and the file is a plan as before.
    let problem = r#"{"schema": "extentplan/problem/1",
        "sources": [{"name": "a", "extents": 80, "free": [[0, 80]]}],
        "requests": [{"name": "x", "extents": 10}]}"#;
    let problem = file(&folder, "problem.json", problem);
    let plan = run(&["plan", &problem, "--json"]);
    assert!(!plan.out.contains("commands"), "{}", plan.out);
}

#[test]
fn some_plan_is_found_where_the_best_is_out_of_reach() {
    let folder = TempDir::new().expect("a temporary folder");
    // Five legs that may share sources and take every free extent: the program that looks for the best
    // layout comes to none in minutes.
    let problem = r#"{"schema": "extentplan/problem/1",
        "sources": [{"name": "a", "extents": 10, "free": [[0, 10]]},
                    {"name": "b", "extents": 24, "free": [[0, 1], [3, 8], [14, 10]]},
                    {"name": "c", "extents": 9, "free": [[0, 5], [6, 3]]},
                    {"name": "d", "extents": 18, "free": [[0, 2], [5, 3], [9, 5], [15, 3]]}],
        "requests": [{"name": "x", "extents": 27, "stripes": 3, "parity": 2, "metadata": 1,
                      "policy": "anywhere"}]}"#;
    let problem = file(&folder, "problem.json", problem);
    let plan = run(&["plan", &problem, "--time-limit", "2s"]);
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
}

#[test]
fn a_time_limit_without_an_answer_has_its_own_exit_code() {
    let folder = TempDir::new().expect("a temporary folder");
    // Bin covering at load 1 with nothing in common: not decided in no time at all.
    let sources: Vec<String> = (0..60u64)
        .map(|index| {
            let extents = 100_000 + index * index * 7_919 % 99_991;
            format!(r#"{{"name": "s{index}", "extents": {extents}, "free": [[0, {extents}]]}}"#)
        })
        .collect();
    let total: u64 = (0..60u64)
        .map(|index| 100_000 + index * index * 7_919 % 99_991)
        .sum();
    let problem = format!(
        r#"{{"schema": "extentplan/problem/1", "sources": [{}],
            "requests": [{{"name": "x", "extents": {}, "copies": 12, "separation": "leg"}}]}}"#,
        sources.join(","),
        total / 12
    );
    let problem = file(&folder, "problem.json", &problem);
    let run = run(&["plan", &problem, "--time-limit", "0ms"]);
    assert!(run.code == 3 || run.code == 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("best"), "{}", run.out);
}

#[test]
fn free_areas_are_shown_with_the_tags_of_their_own() {
    let text = r#"{"schema": "extentplan/problem/1", "requests": [], "sources": [
        {"name": "a", "extents": 9, "free": [[0, 4, ["new", "near"]], [4, 5]], "tags": ["rack1"]}]}"#;
    let run = run_with_input(&["show", "-"], text);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("  a  0-3 [@near @new] 4-8 @rack1\n"),
        "{}",
        run.out
    );
}

#[test]
fn standard_input_is_a_pool_too() {
    let text = fs::read_to_string(THREE_DISKS).expect("the model");
    let run = run_with_input(&["show", "-"], &text);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("240 extents"), "{}", run.out);
}

#[test]
fn bad_pools_are_named() {
    let folder = TempDir::new().expect("a temporary folder");
    refused(&run(&["show", "no/such/file"]), &["no/such/file"]);
    let empty = file(&folder, "empty.vg", " \n");
    refused(&run(&["show", &empty]), &["empty.vg", "empty"]);
    let garbage = file(&folder, "garbage.vg", "hello world");
    refused(&run(&["show", &garbage]), &["garbage.vg"]);
    let binary = folder.path().join("binary.vg");
    fs::write(&binary, [0xff, 0xfe, 0x00]).expect("a temporary file can be written");
    refused(
        &run(&["show", &binary.display().to_string()]),
        &["binary.vg", "UTF-8"],
    );
}

#[test]
fn bad_problems_are_refused_with_the_thing_named() {
    let folder = TempDir::new().expect("a temporary folder");
    let problem = |sources: &str, requests: &str| {
        format!(
            r#"{{"schema": "extentplan/problem/1", "sources": [{sources}], "requests": [{requests}]}}"#
        )
    };
    let disk = r#"{"name": "sda", "extents": 100, "free": [[0, 100]]}"#;
    let cases: [(&str, String, &[&str]); 10] = [
        (
            "overlapping areas",
            problem(
                r#"{"name": "sda", "extents": 100, "free": [[0, 10], [5, 10]]}"#,
                "",
            ),
            &["sda", "overlap"],
        ),
        (
            "area past the end",
            problem(r#"{"name": "sda", "extents": 100, "free": [[90, 11]]}"#, ""),
            &["sda", "101", "100"],
        ),
        (
            "unknown source",
            problem(disk, r#"{"name": "x", "extents": 1, "sources": ["sdz"]}"#),
            &["sdz"],
        ),
        (
            "unknown tag",
            problem(
                disk,
                r#"{"name": "x", "extents": 1, "partition_by_tags": ["rack9"]}"#,
            ),
            &["x", "rack9"],
        ),
        (
            "indivisible",
            problem(
                disk,
                r#"{"name": "x", "extents": 5, "stripes": 2, "separation": "none"}"#,
            ),
            &["x", "5", "2"],
        ),
        (
            "zero legs",
            problem(disk, r#"{"name": "x", "extents": 5, "stripes": 0}"#),
            &["x", "stripes", "0"],
        ),
        (
            "past 64 bits",
            problem(disk, r#"{"name": "x", "extents": 18446744073709551616}"#),
            &["extents", "18446744073709551616"],
        ),
        (
            "unknown key",
            problem(disk, r#"{"name": "x", "extents": 5, "stripse": 2}"#),
            &["stripse"],
        ),
        (
            "nothing requested",
            problem(disk, ""),
            &["nothing is requested"],
        ),
        ("not JSON", "{".to_string(), &["problem.json"]),
    ];
    for (what, text, words) in cases {
        let path = file(&folder, "problem.json", &text);
        let run = run(&["plan", &path]);
        assert_eq!(run.code, 2, "{what}: {}{}", run.out, run.err);
        refused(&run, words);
    }
}

#[test]
fn a_request_that_nothing_divides_from_the_pool_is_named_as_one() {
    for words in [
        &["plan", THREE_DISKS, "lvcreate", "-l", "3", "-n", "x"][..],
        &["plan", THREE_DISKS, "lvcreate"],
    ] {
        let run = run(words);
        refused(&run, &["lvcreate is a request: put `--` in front of it"]);
        assert!(!run.err.contains("tip:"), "{}", run.err);
    }
}

#[test]
fn bad_requests_are_refused_with_the_argument_named() {
    let plan = |words: &[&str]| {
        let mut line = vec!["plan", THREE_DISKS, "--", "lvcreate"];
        line.extend(words);
        run(&line)
    };
    refused(&plan(&["-l", "10", "--type", "nonsense"]), &["nonsense"]);
    refused(
        &plan(&["-l", "10", "-n", "x", "/dev/no-such-disk"]),
        &["no-such-disk"],
    );
    refused(
        &plan(&["-l", "10", "-n", "x", "@no-such-tag"]),
        &["no-such-tag"],
    );
    refused(
        &plan(&["-L", "99999999999999999999E", "-n", "x"]),
        &["99999999999999999999E"],
    );
    refused(&plan(&["-l", "0", "-n", "x"]), &["0"]);
    refused(&plan(&["-i", "0", "-l", "10", "-n", "x"]), &["0"]);
    refused(
        &plan(&["--no-such-option", "-l", "10"]),
        &["--no-such-option"],
    );
    let folder = TempDir::new().expect("a temporary folder");
    let empty = file(&folder, "requests", "\n");
    refused(&run(&["plan", THREE_DISKS, &empty]), &["requests", "empty"]);
}

#[test]
fn a_plan_for_another_problem_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let problem = |name: &str| {
        format!(
            r#"{{"schema": "extentplan/problem/1",
                "sources": [{{"name": "{name}", "extents": 9, "free": [[0, 9]]}}],
                "requests": [{{"name": "{name}", "extents": 3}}]}}"#
        )
    };
    let one = file(&folder, "one.json", &problem("one"));
    let other = file(&folder, "other.json", &problem("other"));
    let plan = file(&folder, "plan.json", &run(&["plan", &one, "--json"]).out);
    refused(&run(&["check", &other, &plan]), &["plan.json", "one"]);
}

#[test]
fn shells_and_manual_pages_know_every_subcommand() {
    let subcommands = [
        "show", "plan", "compare", "capacity", "audit", "check", "replay", "export", "generate",
    ];
    let page = run(&["manual"]);
    for name in subcommands {
        assert!(
            page.out.contains(&format!("extentplan\\-{name}(1)")),
            "{name}: {}",
            page.out
        );
        let own = run(&["manual", name]);
        assert!(own.out.contains(".SH SYNOPSIS"), "{name}: {}", own.out);
        for shell in ["bash", "zsh", "fish"] {
            let script = run(&["completions", shell]);
            assert_eq!(script.code, 0, "{shell}: {}", script.err);
            assert!(script.out.contains(name), "{shell}: {name}");
        }
    }
    refused(
        &run(&["manual", "plann"]),
        &["plann", "expected one of", "plan"],
    );
    refused(&run(&["completions", "dos"]), &["dos", "bash"]);
}

#[test]
fn commands_that_cannot_be_planned_are_named_as_their_user_wrote_them() {
    let typed = [
        "plan",
        THREE_DISKS,
        "--",
        "lvextend",
        "-L",
        "+1g",
        "/dev/vg0/nope",
    ];
    refused(
        &run(&typed),
        &["lvextend -L +1g /dev/vg0/nope: ", "Failed to find"],
    );
    let folder = TempDir::new().expect("a temporary folder");
    let script = "# two volumes\nlvcreate -l 4 -n a vg0\n\nlvextend -l +1 vg0/nope\n";
    let script = file(&folder, "batch.txt", script);
    let place = format!("{script}: line 4: ");
    refused(&run(&["plan", THREE_DISKS, &script]), &[&place, "vg0/nope"]);
    refused(
        &run(&["capacity", THREE_DISKS, &script]),
        &[&place, "vg0/nope"],
    );
}

#[test]
fn the_version_that_is_assumed_is_noted_where_nothing_says_it() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/three-disks.vg").expect("a model");
    let bare: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let bare = file(&folder, "bare.vg", &(bare.join("\n") + "\n"));
    let note =
        "does not say which LVM2 it belongs to: 2.03.42 is assumed; --lvm2 VERSION sets another";
    let asked = ["--", "lvcreate", "-l", "9", "-n", "data"];
    for (verb, more) in [
        ("plan", &asked[..]),
        ("compare", &asked[..]),
        ("rearrange", &["--drain", "/dev/sda"][..]),
    ] {
        let words = |pool: &'static str| [&[verb, pool][..], more].concat();
        let noted = run(&[&[verb, bare.as_str()][..], more].concat());
        assert_eq!(noted.err.matches(note).count(), 1, "{verb}: {}", noted.err);
        let said = run(&words("models/lvm2/three-disks.vg"));
        assert!(!said.err.contains("is assumed"), "{verb}: {}", said.err);
        let set = run(&[&[verb, bare.as_str(), "--lvm2", "2.03.16"][..], more].concat());
        assert!(!set.err.contains("is assumed"), "{verb}: {}", set.err);
    }
    // What neither prints commands nor asks LVM2 needs no version.
    for words in [&["show", bare.as_str()][..], &["audit", bare.as_str()][..]] {
        assert!(!run(words).err.contains("is assumed"), "{words:?}");
    }
}

#[test]
fn verbose_says_which_methods_were_asked_and_what_they_gave() {
    let words = [
        "-v",
        "plan",
        "models/lvm2/three-disks.vg",
        "--",
        "lvcreate",
        "-i",
        "2",
        "-l",
        "240",
    ];
    let said = run(&words).err;
    let line = said.lines().find(|line| line.contains("asked: "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("asked: greedy ") && line.contains(" ms; "),
        "{line}"
    );
    assert!(line.contains("gave the plan"), "{line}");
    assert!(!run(&words[1..]).err.contains("asked: "));
}
