//! `extentplan capacity` as a user runs it: every question, as text and as JSON.

use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;
use tempfile::TempDir;

/// Runs `extentplan capacity` with words: the exit code, what it printed, and its messages.
fn capacity(words: &str) -> (i32, String, String) {
    program(&format!("capacity {words}"))
}

fn program(words: &str) -> (i32, String, String) {
    let output = cargo_bin_cmd!("extentplan")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words.split_whitespace())
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("it exits by itself");
    (code, text(output.stdout), text(output.stderr))
}

#[track_caller]
fn shown(words: &str, code: i32) -> String {
    let (found, out, err) = capacity(words);
    assert_eq!(found, code, "{out}{err}");
    for line in out.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    out
}

/// The text without the places of legs: of layouts that are equally good any may be shown.
fn without_places(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("  leg"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The JSON without what plans say of themselves: how far one is proven best is not the point here.
fn without_plans(mut value: Value) -> String {
    fn cut(value: &mut Value) {
        match value {
            Value::Object(keys) => {
                for (key, value) in keys {
                    if key == "plan" {
                        *value = "..".into();
                    } else {
                        cut(value);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(cut),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    cut(&mut value);
    serde_json::to_string_pretty(&value).expect("JSON")
}

#[track_caller]
fn json(words: &str, code: i32) -> Value {
    let (found, out, err) = capacity(&format!("--json {words}"));
    assert_eq!(found, code, "{out}{err}");
    serde_json::from_str(&out).expect("JSON")
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a temporary file can be written");
    path.display().to_string()
}

const GROWTH: &str = "[[growth]]\nvolume = 'data'\nper_month = '12M'\n\n\
                      [[growth]]\nper_month = '5%'\nshape = '--type raid1 -m 1'\n";

#[test]
fn how_large() {
    let words = "models/lvm2/segments.vg -- lvcreate -i 2 -n data";
    insta::assert_snapshot!(without_places(&shown(words, 0)));
    insta::assert_snapshot!(without_plans(json(words, 0)));
}

/// The keys of an object.
fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().into_iter().flatten();
    keys.map(|(key, _)| key.as_str()).collect()
}

#[test]
fn how_many() {
    let words = "models/lvm2/segments.vg --count -- lvcreate -i 2 -l 20 -n data";
    insta::assert_snapshot!(shown(words, 0));
    let found = json(words, 0);
    assert_eq!(
        (&found["more"]["count"], &found["more"]["proven"]),
        (&5.into(), &true.into())
    );
    assert_eq!(keys(&found), ["more", "schema"]);
}

#[test]
fn what_to_add() {
    let words =
        "models/lvm2/raid5.vg --disk 1G --disk 300M --tag rack3 -- lvcreate -i 2 -L 500M -n new";
    insta::assert_snapshot!(shown(words, 0));
    let found = json(words, 0);
    assert_eq!(found["add"][0]["kind"], "grow", "{found}");
    assert_eq!(keys(&found), ["add", "schema"]);
}

#[test]
fn why_not() {
    let words = "models/lvm2/segments.vg -- lvcreate -i 3 -l 129 --alloc contiguous -n new";
    insta::assert_snapshot!(shown(words, 1));
    insta::assert_snapshot!(without_plans(json(words, 1)));
}

#[test]
fn fewer_disks_than_legs_is_a_no_that_says_what_to_buy() {
    let words = "models/lvm2/snapshot.vg --why --add -- lvcreate --type raid6 -i 3 -l 30 -n new";
    insta::assert_snapshot!(shown(words, 1));
}

#[test]
fn what_a_failure_comes_to() {
    insta::assert_snapshot!(shown("models/lvm2/raid1.vg --survive 1", 1));
    let found = json("models/lvm2/raid1.vg --survive 1", 1);
    assert_eq!(found["survive"]["broken"], 3);
    assert_eq!(found["survive"]["enough"], serde_json::json!([23]));
    // One of two images is gone already.
    let missing = json("models/lvm2/missing-disk.vg --survive 1", 1);
    assert_eq!(
        missing["survive"]["failures"][0]["state"], "lost",
        "{missing}"
    );
    assert_eq!(
        missing["survive"]["failures"][1]["state"], "repaired",
        "{missing}"
    );
    for file in ["raid4", "raid5", "raid6", "raid10"] {
        let found = json(&format!("models/lvm2/{file}.vg --survive 1"), 1);
        let failures = found["survive"]["failures"].as_array().expect("a list");
        assert!(
            failures.iter().all(|one| one["state"] == "no_room"),
            "{found}"
        );
        // With a disk for the lost leg there is room after any failure.
        let folder = TempDir::new().expect("a folder");
        let extents = &found["survive"]["enough"][0];
        let scenario = format!("[[add]]\ndisk = '/dev/sdx'\nsize = {extents}\n");
        let scenario = self::file(&folder, "s.toml", &scenario);
        let after = format!("models/lvm2/{file}.vg --scenario {scenario} --survive 1");
        assert_eq!(json(&after, 0)["survive"]["broken"], 0);
        let less = format!(
            "[[add]]\ndisk = '/dev/sdx'\nsize = {}\n",
            extents.as_u64().expect("a count") - 1
        );
        let scenario = self::file(&folder, "less.toml", &less);
        json(
            &format!("models/lvm2/{file}.vg --scenario {scenario} --survive 1"),
            1,
        );
    }
    let mirror = json("models/lvm2/mirror.vg --survive 1", 0);
    assert_eq!(mirror["survive"]["broken"], 0);
}

#[test]
fn disks_of_a_tag_fail_together() {
    let folder = TempDir::new().expect("a folder");
    let tags = "[[retag]]\ndisk = 'sda'\ntags = ['left']\n[[retag]]\ndisk = 'sdb'\ntags = ['left']\n\
                [[retag]]\ndisk = 'sdc'\ntags = ['right']\n[[add]]\ndisk = '/dev/sdx'\nsize = 100\n";
    let scenario = file(&folder, "tags.toml", tags);
    let words = format!(
        "models/lvm2/raid5.vg --scenario {scenario} --survive 1 --domain left --domain @right"
    );
    let found = json(&words, 1);
    let states: Vec<&Value> = found["survive"]["failures"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["state"])
        .collect();
    assert_eq!(states, ["lost", "repaired"]);
}

#[test]
fn what_if_a_disk_fails_and_another_comes() {
    let folder = TempDir::new().expect("a folder");
    let text = "fail = ['/dev/sdb']\n\n[[add]]\ndisk = '/dev/sdx'\nsize = '1G'\n";
    let scenario = file(&folder, "s.toml", text);
    let pool = format!("models/lvm2/segments.vg --scenario {scenario}");
    let found = json(&format!("{pool} -- lvcreate -n new"), 0);
    // 28 on sda, 40 on sdc, 255 on the new disk.
    assert_eq!(found["largest"]["extents"], 323);
    let (code, out, _) = program(&format!("show {pool}"));
    assert_eq!(code, 0);
    assert!(
        out.contains("/dev/sdx  0-254") && out.contains("(missing)"),
        "{out}"
    );
    let (code, out, _) = program(&format!("audit {pool}"));
    assert!(code < 2 && out.contains("/dev/sdb"), "{out}");
    let (code, out, _) = program(&format!("plan {pool} -- lvcreate -l 300 -n new"));
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("/dev/sdx"), "{out}");
    let (code, _, err) = program(&format!(
        "show models/lvm2/linear.vg --scenario {scenario}.not"
    ));
    assert_eq!(code, 2);
    assert!(err.contains("s.toml.not"), "{err}");
    let wrong = file(&folder, "wrong.toml", "fail = ['/dev/sdq']\n");
    let (code, out, err) = program(&format!("show models/lvm2/linear.vg --scenario {wrong}"));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains(
            "wrong.toml: line 1, column 9: `fail[0]`: there is no physical volume `/dev/sdq`"
        ),
        "{err}"
    );
}

#[test]
fn when() {
    let folder = TempDir::new().expect("a folder");
    let scenario = file(&folder, "growth.toml", GROWTH);
    let words = format!("models/lvm2/raid5.vg --scenario {scenario} --when --disk 1G");
    insta::assert_snapshot!(shown(&words, 1));
    let found = json(&words, 1);
    assert_eq!(found["when"]["fails"]["month"], 4);
    assert_eq!(found["when"]["lasts"], 3);
    assert_eq!(found["when"]["months"][2]["extents"], 66);
    let three = format!("models/lvm2/raid5.vg --scenario {scenario} --when 3");
    assert_eq!(json(&three, 0)["when"]["proven"], true);
    let (code, out, _) = capacity(&format!("{words} --format svg"));
    assert_eq!(code, 1);
    assert!(
        out.starts_with("<svg ")
            && out.contains("<title>month 4: 90 extents (360.00 MiB), does not fit"),
        "{out}"
    );
    let (code, _, err) = capacity("models/lvm2/raid5.vg --when");
    assert!(code == 2 && err.contains("[[growth]]"), "{err}");
    let unknown = file(
        &folder,
        "unknown.toml",
        "[[growth]]\nvolume = 'dat'\nper_month = 1\n",
    );
    let (code, _, err) = capacity(&format!("models/lvm2/raid5.vg --scenario {unknown} --when"));
    assert!(
        code == 2 && err.contains("line 2, column 10: `growth[0].volume`"),
        "{err}"
    );
}

#[test]
fn a_problem_of_our_own_grows_by_its_requests() {
    let folder = TempDir::new().expect("a folder");
    let problem = r#"{"schema": "extentplan/problem/1", "extent_bytes": 1048576,
        "sources": [{"name": "a", "extents": 60, "free": [[0, 60]]},
                    {"name": "b", "extents": 45, "free": [[0, 45]]}],
        "requests": [{"name": "r", "extents": 10, "stripes": 2}]}"#;
    let problem = file(&folder, "problem.json", problem);
    let scenario = file(
        &folder,
        "g.json",
        r#"{"growth": [{"volume": "r", "per_month": "10M"}]}"#,
    );
    // Two legs of 5 more each month; the smaller source has 45: month 8 is the last.
    let found = json(&format!("{problem} --scenario {scenario} --when 24"), 1);
    assert_eq!(found["when"]["lasts"], 8);
    assert_eq!(found["when"]["fails"]["requests"], serde_json::json!(["r"]));
    let largest = json(&format!("{problem} --scenario {scenario} --why"), 0);
    assert_eq!(largest["fits"], true);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for (words, expected) in [
        (
            "models/lvm2/raid5.vg --survive 1 -- lvcreate -n a",
            "takes no requests",
        ),
        (
            "models/lvm2/raid5.vg --count -- lvcreate -n a",
            "--count needs a size",
        ),
        (
            "models/lvm2/raid5.vg --disk 0G -- lvcreate -l 5 -n a",
            "--disk 0G",
        ),
        (
            "models/lvm2/raid5.vg --scenario - -- lvcreate -l 5 -n a",
            "standard input",
        ),
    ] {
        let (code, out, err) = capacity(words);
        assert_eq!((code, out.as_str()), (2, ""), "{words}");
        assert!(err.contains(expected), "{words}: {err}");
    }
}

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

#[test]
fn every_repair_is_one_that_lvm2_knows() {
    let kinds = |words: &str| -> Vec<Value> {
        let why = &json(words, 1)["why"]["repairs"];
        let repairs = why.as_array().expect("a list").iter();
        repairs.map(|repair| repair["kind"].clone()).collect()
    };
    let three_disks = "models/lvm2/three-disks.vg --";
    // raid0 has two stripes at least, so fewer are no way out, as they are for a striped volume.
    let raid0 = kinds(&format!(
        "{three_disks} lvcreate --type raid0 -i 2 -l 300 -n x"
    ));
    assert!(!raid0.contains(&"stripes".into()), "{raid0:?}");
    // Without the pool nothing is left to plan: the spare goes along with it.
    let pool = kinds(&format!(
        "{three_disks} lvcreate --type thin-pool -l 300 -n x"
    ));
    assert!(!pool.contains(&"drop".into()), "{pool:?}");
    let both = kinds(&format!(
        "{three_disks} lvcreate -l 10 -n y -- lvcreate --type thin-pool -l 300 -n x"
    ));
    assert!(both.contains(&"drop".into()), "{both:?}");
}

#[test]
fn a_volume_that_grows_on_named_disks_grows_as_far_as_it_can() {
    let words = "models/lvm2/segments.vg -- lvextend";
    let size = |rest: &str| json(&format!("{words} {rest}"), 0)["largest"]["extents"].as_u64();
    let (anywhere, there) = (size("vg0/small"), size("vg0/small /dev/sda"));
    assert!(
        there > Some(0) && there < anywhere,
        "{there:?} {anywhere:?}"
    );
}

#[test]
fn the_largest_size_plans_and_a_row_more_is_refused_on_pools_drawn_here() {
    let folder = TempDir::new().expect("a folder");
    let shapes = [
        "-i 1",
        "-i 2",
        "-i 3",
        "--type raid5 -i 2",
        "--type raid1 -m 1",
        "--type mirror -m 1",
    ];
    for (seed, shape) in (0u64..).zip(shapes.iter().cycle()).take(12) {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let sources: Vec<Value> = (0..3 + dice.roll(3))
            .map(|index| {
                let free: Vec<[u64; 2]> = (0..1 + dice.roll(3))
                    .map(|part| [part * 60, 1 + dice.roll(50)])
                    .collect();
                serde_json::json!({"name": format!("/dev/d{index}"), "extents": 200, "free": free})
            })
            .collect();
        let problem = serde_json::json!({
            "schema": "extentplan/problem/1",
            "extent_bytes": 4_194_304,
            "sources": sources,
            "requests": [],
        });
        let pool = file(&folder, "pool.json", &problem.to_string());
        let found = json(&format!("{pool} -- lvcreate {shape} -n v"), 0);
        let extents = found["largest"]["extents"].as_u64().expect("a count");
        assert_eq!(
            found["largest"]["proven"], true,
            "seed {seed}: {shape}: {found}"
        );
        let plan = |extents: u64| {
            program(&format!(
                "plan {pool} -- lvcreate {shape} -l {extents} -n v"
            ))
            .0
        };
        let row = shape
            .split("-i ")
            .nth(1)
            .map_or(1, |count| count.trim().parse().expect("a count"));
        assert_eq!(plan(extents), 0, "seed {seed}: {shape}");
        assert_eq!(plan(extents + row), 1, "seed {seed}: {shape}");
    }
}

#[test]
fn repairs_keep_images_apart_whatever_the_policy() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/raid5.vg").expect("a model");
    let anywhere = text.replacen(
        "\tmax_lv",
        "\tallocation_policy = \"anywhere\"\n\tmax_lv",
        1,
    );
    assert_ne!(text, anywhere);
    let path = file(&folder, "anywhere.vg", &anywhere);
    let there = shown("models/lvm2/raid5.vg --survive 1", 1);
    assert!(
        there.contains("4 of 4 failures cannot be repaired in place"),
        "{there}"
    );
    assert_eq!(shown(&format!("{path} --survive 1"), 1), there);
}

#[test]
fn what_helps_on_any_of_many_disks_is_said_once() {
    let folder = TempDir::new().expect("a folder");
    let source = |at: u64| {
        // All differ, so that each is tried by itself, and each needs as much.
        format!(
            r#"{{"name":"pv{at}","extents":{},"free":[[{},100]]}}"#,
            1_000 + at,
            900 + at
        )
    };
    let sources: Vec<String> = (0..51).map(source).collect();
    let problem = format!(
        r#"{{"schema":"extentplan/problem/1","extent_bytes":4194304,"sources":[{}],"requests":[
            {{"name":"data","extents":500,"policy":"contiguous"}}]}}"#,
        sources.join(",")
    );
    let pool = file(&folder, "p.json", &problem);
    let out = shown(&format!("{pool} --add"), 0);
    let rows = out.lines().filter(|line| line.contains("more extents"));
    assert_eq!(rows.count(), 1, "{out}");
    assert!(
        out.contains("400 more extents (1.56 GiB) on any one of 51 sources: pv0 .. pv50"),
        "{out}"
    );
    let told = json(&format!("{pool} --add"), 0);
    let add = told["add"].as_array().expect("repairs");
    let grown = add.iter().filter(|one| one["kind"] == "grow");
    assert_eq!(grown.count(), 51, "each has its own layout in JSON");
}

#[test]
fn a_layout_over_many_sources_stays_closed_on_its_page() {
    let folder = TempDir::new().expect("a folder");
    let page = |count: u64| {
        let source = |at: u64| {
            format!(
                r#"{{"name":"pv{at}","extents":20,"free":[[{},10]]}}"#,
                at % 9
            )
        };
        let sources: Vec<String> = (0..count).map(source).collect();
        let problem = format!(
            r#"{{"schema":"extentplan/problem/1","sources":[{}],"requests":[{{"name":"data","extents":{}}}]}}"#,
            sources.join(","),
            10 * count
        );
        let pool = file(&folder, &format!("{count}.json"), &problem);
        let (code, out, err) = program(&format!("plan {pool} --format html"));
        assert_eq!(code, 0, "{err}");
        out
    };
    let summary = "<summary>Table: Where each leg goes, extents from first to last</summary>";
    assert!(page(100).contains(summary));
    assert!(!page(9).contains(summary));
}
