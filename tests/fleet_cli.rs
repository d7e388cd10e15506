//! `extentplan fleet`, `shard` and `generate fleet` as their user runs them.

use std::fs;
use std::io::Write;

use assert_cmd::Command;
use serde_json::Value;

/// The exit code, standard output and standard error of a run, with this on standard input.
fn run_with(words: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let output = command.args(words).write_stdin(input).output();
    let output = output.expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    run_with(words, "")
}

fn fleet(hosts: &str) -> String {
    let (code, out, err) = run(&["generate", "fleet", "--hosts", hosts, "--seed", "7"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    out
}

fn rows(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn a_fleet_is_audited_in_its_order_with_a_summary_behind() {
    let (code, out, err) = run_with(&["fleet", "audit", "--no-seconds", "-"], &fleet("40"));
    assert_eq!((code, err.as_str()), (Some(1), ""));
    insta::assert_snapshot!(out);
}

#[test]
fn the_largest_mirror_of_an_audit_is_that_of_the_question_for_it() {
    let fleet = fleet("16");
    let last = |out: &str, words: &str| {
        let line = out.lines().find(|line| line.starts_with(words));
        let line = line.unwrap_or_else(|| panic!("{words}\n{out}"));
        line[words.len()..].to_string()
    };
    let words = [
        "fleet",
        "capacity",
        "-",
        "--summary",
        "--",
        "lvcreate",
        "--type",
        "raid1",
        "-m",
        "1",
    ];
    let (_, asked, _) = run_with(&words, &fleet);
    for threads in ["1", "2"] {
        let words = ["fleet", "audit", "-", "--summary", "--threads", threads];
        let (_, audited, _) = run_with(&words, &fleet);
        assert_eq!(
            last(&audited, "the largest raid1 that fits: "),
            last(&asked, "the largest: ")
        );
    }
}

#[test]
fn no_name_of_a_host_reaches_a_terminal_raw() {
    let pool = r#"{"schema":"extentplan/problem/1","extent_bytes":4194304,"requests":[],"objective":["segments"],
        "sources":[{"name":"s","extents":9,"free":[[0,9]]}]}"#;
    let pool = pool.replace('\n', "");
    let line = format!(r#"{{"host":"a\u001b[31m\u009b2J\u202e","pool":{pool}}}"#);
    for format in ["text", "jsonl", "csv"] {
        let words = [
            "fleet", "capacity", "-", "--format", format, "--", "lvcreate", "-l", "4",
        ];
        let (_, out, err) = run_with(&words, &(line.clone() + "\n"));
        let raw = |letter: char| letter != '\n' && !extentplan::core::is_printable(letter);
        assert!(out.contains(r"a\u001b[31m"), "{format}: {out}");
        assert!(
            !out.contains(raw) && !err.contains(raw),
            "{format}: {out:?} {err:?}"
        );
    }
}

#[test]
fn rows_are_the_same_whatever_the_threads_the_packing_and_the_shards() {
    let lines = fleet("60");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let asked = |words: &[&str]| {
        let (code, out, _) = run(words);
        assert_eq!(code, Some(1));
        out
    };
    fs::write(path("plain"), &lines).expect("a file");
    let question = ["--format", "jsonl", "--no-seconds"];
    let expected = asked(&[&["fleet", "audit", &path("plain")][..], &question].concat());
    assert_eq!(expected.lines().count(), 60);
    let one = ["--threads", "1"];
    let by_one = asked(&[&["fleet", "audit", &path("plain")][..], &question, &one].concat());
    assert_eq!(by_one, expected);
    // Packed in two pieces, and as files of their own.
    let half = lines.lines().take(30).map(str::len).sum::<usize>() + 30;
    let gzip = |text: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text.as_bytes()).expect("memory");
        packer.finish().expect("memory")
    };
    let zstd = |text: &str| {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        ruzstd::encoding::compress_to_vec(text.as_bytes(), level)
    };
    for (name, pack) in [("gz", &gzip as &dyn Fn(&str) -> Vec<u8>), ("zst", &zstd)] {
        let packed = [pack(&lines[..half]), pack(&lines[half..])].concat();
        fs::write(path(name), packed).expect("a file");
        let out = asked(&[&["fleet", "audit", &path(name)][..], &question].concat());
        assert_eq!(out, expected, "{name}");
    }
    let to = path("hosts");
    let (code, _, err) = run(&[
        "generate", "fleet", "--hosts", "60", "--seed", "7", "--to", &to,
    ]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let out = asked(&[&["fleet", "audit", &to][..], &question].concat());
    assert_eq!(out, expected);
    let shards = [&lines[..half], &lines[half..]].map(|part| {
        let (code, out, err) = run_with(&["shard", "audit", "--no-seconds"], part);
        assert_eq!((code, err.as_str()), (Some(1), ""));
        out
    });
    assert_eq!(shards.concat(), expected);
}

#[test]
fn what_cannot_be_asked_is_a_row_with_its_place_and_the_rest_goes_on() {
    let good = fleet("1");
    let broken = "{\"host\":\"b\",\"metadata\":\"vg {\\n  extent_size = \\n}\\n\"}\n";
    let input = format!(
        "{good}{{\"host\":\"a\"}}\n\n{broken}nonsense\n{{\"host\":\"c\",\"pool\":{{\"sources\":[]}}}}\n{good}"
    );
    let (code, out, err) = run_with(
        &["fleet", "audit", "--no-seconds", "--format", "jsonl", "-"],
        &input,
    );
    let rows = rows(&out);
    let answers: Vec<&str> = rows
        .iter()
        .map(|row| row["answer"].as_str().unwrap_or("error"))
        .collect();
    assert_eq!(
        answers,
        ["safe", "error", "error", "error", "error", "safe"]
    );
    let lines: Vec<Option<u64>> = rows.iter().map(|row| row["line"].as_u64()).collect();
    assert_eq!(lines, [None, Some(2), Some(4), Some(5), Some(6), None]);
    let errors: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["error"].as_str())
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
    // Nothing is unsafe, but not all could be asked.
    assert_eq!(code, Some(2));
    assert!(err.contains("error: 4 of 6 rows are errors"), "{err}");
}

#[test]
fn files_of_all_kinds_are_pools_and_a_report_may_hold_several() {
    let (_, out, _) = run(&[
        "fleet",
        "audit",
        "models/lvm2",
        "--no-seconds",
        "--format",
        "csv",
    ]);
    let table: Vec<&str> = out.lines().collect();
    assert!(table[0].starts_with("host,vg,answer,value,bound"), "{out}");
    assert!(
        table
            .iter()
            .any(|row| row.starts_with("raid1-shared-disk,vg0,unsafe,"))
    );
    // What is beside the metadata there is no pool, and says so.
    assert!(
        table
            .iter()
            .any(|row| row.starts_with("README.md,,,") && row.contains("neither"))
    );
    // Several volume groups in one report are several rows.
    let one = fs::read_to_string("models/lvm2/segments.json").expect("a report");
    let other = one.replace("\"vg0\"", "\"vg1\"");
    let entries = [one, other].map(|text| {
        let report: Value = serde_json::from_str(&text).expect("JSON");
        report["report"][0].clone()
    });
    let both = serde_json::json!({"host": "h", "pool": {"report": entries}}).to_string();
    let question = ["fleet", "audit", "-", "--format", "jsonl"];
    let (_, out, err) = run_with(&question, &both);
    let rows = rows(&out);
    let groups: Vec<Option<&str>> = rows.iter().map(|row| row["vg"].as_str()).collect();
    assert_eq!(groups, [Some("vg0"), Some("vg1")], "{out} {err}");
    assert!(rows.iter().all(|row| row["host"] == "h"));
}

#[test]
fn capacity_plans_and_survival_are_asked_of_each() {
    let lines = fleet("6");
    for (name, words) in [
        (
            "capacity",
            &[
                "capacity",
                "-",
                "--no-seconds",
                "--",
                "lvcreate",
                "--type",
                "raid1",
                "-m",
                "1",
            ][..],
        ),
        (
            "count",
            &[
                "capacity",
                "-",
                "--no-seconds",
                "--count",
                "5",
                "--",
                "lvcreate",
                "-L",
                "1t",
            ],
        ),
        (
            "plan",
            &[
                "plan",
                "-",
                "--no-seconds",
                "--",
                "lvcreate",
                "--type",
                "raid5",
                "-i",
                "3",
                "-L",
                "1t",
                "-n",
                "x",
            ],
        ),
        ("survive", &["survive", "-", "--no-seconds"]),
    ] {
        let (_, out, err) = run_with(&[&["fleet"][..], words].concat(), &lines);
        assert_eq!(err, "");
        insta::assert_snapshot!(name, out);
    }
}

#[test]
fn what_is_wrong_with_the_command_line_is_said_before_anything_is_read() {
    for (words, says) in [
        (
            &["fleet", "audit", "/nowhere/at/all"][..],
            "cannot read /nowhere/at/all",
        ),
        (&["fleet", "audit"], "<POOLS>..."),
        (&["fleet", "plan", "-"], "<COMMAND>..."),
        (&["fleet", "plan", "-", "--", "lvcreate", "--bad"], "--bad"),
        (
            &["fleet", "audit", "-", "--format", "xml"],
            "expected one of text, jsonl, csv",
        ),
        (
            &["generate", "fleet", "--hosts", "0"],
            "the number of hosts is 0; expected 1",
        ),
        (&["generate", "fleet"], "--hosts"),
        (&["shard", "audit", "file"], "unexpected argument"),
    ] {
        let (code, out, err) = run(words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}");
        assert!(err.contains(says), "{words:?}: {err}");
    }
}

#[test]
fn a_limit_ends_the_run_with_what_was_done() {
    let lines = fleet("3").repeat(20);
    let words = [
        "fleet",
        "capacity",
        "-",
        "--format",
        "jsonl",
        "--time-limit",
        "10ms",
        "--",
        "lvcreate",
        "-i",
        "4",
    ];
    let (code, out, err) = run_with(&words, &lines);
    assert_eq!(code, Some(3), "{err}");
    assert!(rows(&out).len() < 60);
    assert!(err.contains("time limit: it ran out"), "{err}");
}

#[test]
fn rows_have_the_keys_of_their_schema() {
    let (_, schema, _) = run(&["schema", "fleet-row"]);
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let known = schema["properties"].as_object().expect("keys");
    let (_, out, _) = run_with(
        &["fleet", "audit", "-", "--format", "jsonl"],
        &(fleet("5") + "{}\n"),
    );
    for row in rows(&out) {
        for key in row.as_object().expect("an object").keys() {
            assert!(known.contains_key(key), "{key}");
        }
    }
}

#[test]
fn what_is_wrong_for_every_group_is_said_once_and_nothing_is_asked() {
    let fleet = fleet("3");
    for (words, told) in [
        (
            "fleet audit - --config foo/bar=1",
            "error: --config: `foo/bar` is no setting",
        ),
        (
            "fleet capacity - -- lvcreate --tpye raid1",
            "error: lvcreate --tpye raid1: lvcreate has no option `--tpye`",
        ),
        (
            "shard capacity -- lvcreate --type raid9",
            "error: lvcreate --type raid9: WARNING: Unrecognised segment type raid9 Invalid argument for --type: raid9",
        ),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let (code, out, err) = run_with(&words, &fleet);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}");
        assert!(err.starts_with(told), "{words:?}: {err}");
    }
}
