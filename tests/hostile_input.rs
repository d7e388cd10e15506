//! Input whose names end lines, move cursors or hide: whatever is printed of it acts on no terminal,
//! and is no line of its own.

use std::collections::BTreeSet;
use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use extentplan::core::is_printable;
use tempfile::TempDir;

/// A name that ends its line and goes on as a command; then it clears the screen, sets the title of the
/// window, and turns the direction of writing.
const HOSTILE: &str = "x\nHOSTILE --now #\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}1m\u{7f}\r\u{202e}\u{200b}";

/// Runs the program, looks at all that it prints, and gives its exit code and its output.
#[track_caller]
fn harmless(words: &[&str]) -> (i32, String) {
    let mut command = cargo_bin_cmd!("extentplan");
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .expect("the program runs");
    let code = output.status.code().expect("it exits by itself");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    let acts = text
        .chars()
        .find(|&letter| !is_printable(letter) && letter != '\n' && letter != '\t');
    assert_eq!(acts, None, "{words:?}: {text:?}");
    let mut lines = text.lines();
    let own = lines.find(|line| line.trim_start().starts_with("HOSTILE"));
    assert_eq!(own, None, "{words:?}: {text}");
    assert!(!text.contains("panicked"), "{words:?}: {text}");
    (code, text)
}

/// Runs every command that takes a pool. None plans with it; what only looks may.
#[track_caller]
fn looked_at_but_not_planned(pool: &str) {
    for format in ["--format=text", "--format=json", "--format=svg"] {
        harmless(&["show", pool, format]);
    }
    harmless(&["audit", pool, "--tag", HOSTILE]);
    harmless(&["audit", pool, "--json"]);
    const LINEAR: [&str; 6] = ["--", "lvcreate", "-l", "1", "-n", "new"];
    for words in [
        &["plan", pool][..],
        &["plan", pool, "--format=commands"],
        &["plan", pool, "--format=html"],
        &["compare", pool],
        &["capacity", pool],
        &["export", pool],
    ] {
        let words = [words, &LINEAR].concat();
        let (code, text) = harmless(&words);
        assert_eq!(code, 2, "{words:?}: {text}");
    }
    let (code, text) = harmless(&["capacity", pool, "--survive", "1"]);
    assert_eq!(code, 2, "{text}");
}

fn file(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("input");
    fs::write(&path, text).expect("a temporary file can be written");
    path.display().to_string()
}

/// Every string between quotes, once.
fn strings(text: &str) -> BTreeSet<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

#[test]
fn metadata_with_a_hostile_name_is_shown_escaped_and_not_planned_with() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/tags-and-policies.vg").expect("a model");
    let quoted = format!("\"{HOSTILE}\"");
    for (what, hostile) in [
        ("group", text.replace("vg0 {", &format!("{quoted} {{"))),
        ("device", text.replace("\"/dev/sda\"", &quoted)),
        ("group tag", text.replace("\"production\"", &quoted)),
        ("disk tag", text.replace("\"rack1\"", &quoted)),
        (
            "disk",
            text.replace("pv0 {", &format!("{quoted} {{"))
                .replace("\"pv0\"", &quoted),
        ),
        (
            "state",
            text.replacen("\"VISIBLE\"", &format!("\"VISIBLE\", {quoted}"), 1),
        ),
    ] {
        assert_ne!(hostile, text, "{what}");
        let pool = file(&folder, &hostile);
        let (code, shown) = harmless(&["show", &pool]);
        assert_eq!(code, 0, "{what}: {shown}");
        looked_at_but_not_planned(&pool);
        let planned = ["plan", &pool, "--", "lvcreate", "-l", "1", "-n", "new"];
        let (_, refusal) = harmless(&planned);
        let named = refusal.contains(r"`x\nHOSTILE --now #\u001b[2J") && refusal.contains("input:");
        assert!(named, "{what}: {refusal}");
    }
}

#[test]
fn no_string_or_key_of_metadata_gets_out_raw() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/raid1.vg").expect("a model");
    let bare = text
        .lines()
        .filter_map(|line| line.trim().split_once([' ', '\t']));
    let bare = bare.map(|(key, _)| key).filter(|key| *key != "#");
    let keys: BTreeSet<&str> = bare.collect();
    let hostile = format!("\"{HOSTILE}\"");
    let of_strings = strings(&text).into_iter().map(|one| format!("\"{one}\""));
    let of_keys = keys
        .into_iter()
        .flat_map(|key| [format!("{key} "), format!("{key}\t")]);
    let mut tried = 0;
    for part in of_strings.chain(of_keys) {
        let end = if part.ends_with('"') { "" } else { " " };
        let pool = file(&folder, &text.replace(&part, &format!("{hostile}{end}")));
        harmless(&["show", &pool]);
        harmless(&["audit", &pool]);
        harmless(&[
            "plan",
            &pool,
            "--format=commands",
            "--",
            "lvextend",
            "-l+1",
            "vg0/data",
        ]);
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn a_report_with_a_hostile_name_is_shown_escaped_and_not_planned_with() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/tags-and-policies.json").expect("a model");
    let quoted = serde_json::to_string(HOSTILE).expect("a string");
    // The name of the group stands in front of those of volumes, too: only its beginning is the same.
    let open = quoted.trim_end_matches('"');
    for (part, instead) in [
        ("\"vg0", open),
        ("\"/dev/sda\"", &quoted),
        ("\"production\"", &quoted),
        ("\"rack1\"", &quoted),
    ] {
        let hostile = text.replace(part, instead);
        assert_ne!(hostile, text, "{part}");
        let pool = file(&folder, &hostile);
        let (code, shown) = harmless(&["show", &pool]);
        assert_eq!(code, 0, "{part}: {shown}");
        looked_at_but_not_planned(&pool);
        let planned = ["plan", &pool, "--", "lvcreate", "-l", "1", "-n", "new"];
        let (_, refusal) = harmless(&planned);
        assert!(refusal.contains("input: line "), "{part}: {refusal}");
    }
    for part in strings(&text) {
        let pool = file(&folder, &text.replace(&format!("\"{part}\""), &quoted));
        harmless(&["show", &pool]);
        harmless(&["plan", &pool, "--", "lvcreate", "-l", "1", "-n", "new"]);
    }
}

/// A problem of our own with every kind of name in it.
const PROBLEM: &str = r#"{ "schema": "extentplan/problem/1", "extent_bytes": 4194304,
  "sources": [ { "name": "SOURCE", "extents": 50, "free": [[0, 50]], "tags": ["TAG"] },
               { "name": "other", "extents": 50, "free": [[0, 50]] } ],
  "requests": [ { "name": "REQUEST", "extents": 10, "stripes": 2, "sources": ["SOURCE", "other"],
                  "policy": "cling_by_tags", "cling_tags": ["TAG"] } ],
  "objective": ["segments"] }"#;

#[test]
fn problems_with_hostile_names_are_refused_at_their_place() {
    let folder = TempDir::new().expect("a folder");
    let quoted = serde_json::to_string(HOSTILE).expect("a string");
    assert_eq!(harmless(&["plan", &file(&folder, PROBLEM)]).0, 0);
    for (part, line) in [("\"SOURCE\"", 2), ("\"TAG\"", 2), ("\"REQUEST\"", 4)] {
        let pool = file(&folder, &PROBLEM.replace(part, &quoted));
        for words in [
            &["show", &pool][..],
            &["plan", &pool],
            &["export", &pool],
            &["capacity", &pool],
        ] {
            let (code, refusal) = harmless(words);
            assert_eq!(code, 2, "{words:?}: {refusal}");
            assert!(refusal.contains(&format!("line {line}, ")), "{refusal}");
        }
        harmless(&["check", &pool, &pool]);
    }
    for part in strings(PROBLEM) {
        harmless(&[
            "plan",
            &file(&folder, &PROBLEM.replace(&format!("\"{part}\""), &quoted)),
        ]);
    }
}

#[test]
fn what_no_command_could_say_is_refused_where_commands_are_asked_for() {
    let folder = TempDir::new().expect("a folder");
    for (part, name) in [
        ("SOURCE", "-y"),
        ("SOURCE", "a\\\\:0-9"),
        ("TAG", "rack 1"),
        ("TAG", "$(rm)"),
    ] {
        let text = PROBLEM.replace(part, name);
        let pool = file(&folder, &text);
        assert_eq!(harmless(&["plan", &pool]).0, 0, "{name}");
        let mut bare: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        bare["requests"] = serde_json::json!([]);
        let pool = file(&folder, &bare.to_string());
        for command in ["plan", "compare", "capacity", "export"] {
            let words = [command, &pool, "--", "lvcreate", "-l", "1", "-n", "new"];
            let (code, refusal) = harmless(&words);
            assert_eq!(code, 2, "{name}: {refusal}");
            assert!(refusal.contains("input: `"), "{refusal}");
        }
    }
}

#[test]
fn scenarios_with_hostile_names_are_refused_at_their_place() {
    let folder = TempDir::new().expect("a folder");
    let quoted = serde_json::to_string(HOSTILE).expect("a string");
    let toml = quoted.replace('\u{7f}', "\\u007f");
    let pool = "models/lvm2/raid5.vg";
    for change in [
        format!("drop = [{toml}]"),
        format!("fail = [{toml}]"),
        format!("[[add]]\ndisk = {toml}\nsize = 40"),
        format!("[[add]]\ndisk = '/dev/sdx'\nsize = 40\ntags = [{toml}]"),
        format!("[[add]]\ndisk = '/dev/sdx'\nsize = {toml}"),
        format!("[[retag]]\ndisk = '/dev/sda'\ntags = [{toml}]"),
        format!("[[grow]]\nvolume = {toml}\nby = 4"),
        format!("[[growth]]\nvolume = {toml}\nper_month = 4"),
        format!("[[growth]]\nper_month = 4\nshape = {toml}"),
        format!("{toml} = 4"),
    ] {
        let scenario = file(&folder, &change);
        let with = ["--scenario", &scenario];
        for words in [&["show", pool][..], &["capacity", pool, "--when", "3"]] {
            let words = [words, &with].concat();
            let (code, refusal) = harmless(&words);
            let is_growth = change.contains("growth") && words[0] == "show";
            let is_looked_for = !change.contains("growth") && words[0] == "capacity";
            assert!(code == 2 || is_growth, "{words:?}: {change}: {refusal}");
            let placed = refusal.contains("input: line ") || is_growth || is_looked_for;
            assert!(placed, "{change}: {refusal}");
        }
    }
}

#[test]
fn commands_with_hostile_words_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let pool = "models/lvm2/tags-and-policies.vg";
    let create = ["lvcreate", "-l", "4"];
    for words in [
        &[&create[..], &["-n", HOSTILE]].concat()[..],
        &[&create[..], &["-n", "a", HOSTILE]].concat(),
        &[&create[..], &["-n", "a", "vg0", HOSTILE]].concat(),
        &[&create[..], &["-n", "a", "--addtag", HOSTILE]].concat(),
        &[&create[..], &["-n", "a", "--metadataprofile", HOSTILE]].concat(),
        &[&create[..], &["-n", "a", "--type", HOSTILE]].concat(),
        &["lvcreate", "-n", "a", "-l", HOSTILE],
        &["lvextend", "-l", "+1", HOSTILE],
        &[HOSTILE],
    ] {
        for first in [
            &["plan", pool, "--format=commands"][..],
            &["capacity", pool],
            &["compare", pool],
        ] {
            let words = [first, &["--"], words].concat();
            let (code, refusal) = harmless(&words);
            assert_eq!(code, 2, "{words:?}: {refusal}");
        }
        let script: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let requests = file(&folder, &script.join(" "));
        let (code, refusal) = harmless(&["plan", pool, &requests]);
        assert_eq!(code, 2, "{script:?}: {refusal}");
        assert!(refusal.contains("input: line 1: "), "{refusal}");
    }
}

#[test]
fn hostile_arguments_and_file_names_come_back_escaped() {
    let folder = TempDir::new().expect("a folder");
    let pool = "models/lvm2/tags-and-policies.vg";
    let named = folder.path().join(HOSTILE.replace('/', "_"));
    fs::copy(pool, &named).expect("any name without a slash is one");
    let named = named.display().to_string();
    assert_eq!(harmless(&["show", &named]).0, 0);
    assert_eq!(harmless(&["plan", &named]).0, 2);
    fs::write(&named, "vg0 {").expect("a temporary file");
    for words in [
        &["show", &named][..],
        &["plan", &named],
        &["replay", &named],
        &["check", &named, &named],
        &["plan", pool, &named],
        &["show", pool, "--scenario", &named],
        &[HOSTILE],
        &["show", HOSTILE],
        &["show", pool, HOSTILE],
        &["show", pool, "--vg", HOSTILE],
        &["plan", pool, "--config", HOSTILE],
        &["plan", pool, "--objective", HOSTILE],
        &["plan", pool, "--time-limit", HOSTILE],
        &["plan", pool, "--lvm2", HOSTILE],
        &[
            "capacity",
            pool,
            "--request",
            HOSTILE,
            "--",
            "lvcreate",
            "-l",
            "1",
        ],
        &[
            "capacity", pool, "--disk", HOSTILE, "--", "lvcreate", "-l", "1",
        ],
        &[
            "capacity", pool, "--add", "--tag", HOSTILE, "--", "lvcreate", "-l", "900",
        ],
        &["capacity", pool, "--survive", "1", "--domain", HOSTILE],
        &["generate", HOSTILE],
        &["export", pool, "--pin", HOSTILE],
        &["manual", HOSTILE],
    ] {
        let (code, refusal) = harmless(words);
        // `--vg` picks from reports alone.
        assert!(code == 2 || words.contains(&"--vg"), "{words:?}: {refusal}");
    }
}

#[test]
fn what_a_recording_says_is_escaped() {
    let folder = TempDir::new().expect("a folder");
    let record = serde_json::json!({
        "scenario": {
            "id": HOSTILE, "extent_size_kib": 4096, "pvs": [{ "name": HOSTILE, "extents": 10 }],
            "steps": [
                { "cmd": HOSTILE, "args": [HOSTILE] },
                { "cmd": "lvcreate", "args": ["-l", "4", "-n", "a", "--type", HOSTILE] },
                { "cmd": "lvcreate", "args": ["-l", "4", "-n", "a"], "pvs": [HOSTILE] },
            ],
        },
        "result": { "steps": [
            { "ok": false, "stderr": HOSTILE },
            { "ok": false, "stderr": HOSTILE },
            { "ok": true, "stderr": HOSTILE,
              "layout": { "lvs": { HOSTILE: { "segments": [] } }, "free": { HOSTILE: [[4, 6]] } } },
        ] },
    });
    let recording = file(&folder, &record.to_string());
    assert_eq!(harmless(&["replay", &recording]).0, 1);
    assert_eq!(harmless(&["replay", &recording, "--json"]).0, 1);
    harmless(&["compare", &recording]);
}
