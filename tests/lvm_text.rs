//! Metadata text: what LVM2 accepts is read, what it refuses is refused with the place and the reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use extentplan::lvm::{
    AllocationPolicy, Part, TextProblem, VolumeGroup, looks_like_metadata, read,
};

/// A folder of metadata and reports from other machines, where `EXTENTPLAN_SAMPLES` names one; its
/// `INDEX.tsv` says of each file what is in it.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("EXTENTPLAN_SAMPLES");
    if folder.is_none() {
        eprintln!("skipped: EXTENTPLAN_SAMPLES names no folder");
    }
    folder.map(PathBuf::from)
}

fn text_of(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file that can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn model(name: &str) -> VolumeGroup {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lvm2");
    let text = text_of(&folder.join(name).with_extension("vg"));
    read(&text).unwrap_or_else(|error| panic!("{}", error.render(name)))
}

/// Free extents per physical volume, as `first-last` runs.
fn free(group: &VolumeGroup) -> Vec<String> {
    let runs = |areas: &extentplan::core::Areas| {
        let runs: Vec<String> = areas.iter().map(|area| area.to_string()).collect();
        runs.join(" ")
    };
    group.free().iter().map(runs).collect()
}

/// A group of two disks with 80 extents each; `lvs` is the inside of `logical_volumes`.
fn group_with(lvs: &str) -> String {
    let disk = |key: &str| {
        format!(
            "{key} {{ id = \"{key}\" device = \"/dev/{key}\" status = [\"ALLOCATABLE\"] pe_start = 2048 pe_count = 80 }}\n"
        )
    };
    format!(
        "contents = \"Text Format Volume Group\"\nversion = 1\nvg0 {{\nid = \"x\"\nseqno = 7\n\
         status = [\"RESIZEABLE\"]\nextent_size = 8192\nmax_lv = 0\nmax_pv = 0\n\
         physical_volumes {{\n{}{}}}\nlogical_volumes {{\n{lvs}}}\n}}\n",
        disk("pv0"),
        disk("pv1"),
    )
}

fn volume(name: &str, segments: &[&str]) -> String {
    let mut text = format!(
        "{name} {{ id = \"{name}\" status = [\"READ\", \"VISIBLE\"] segment_count = {}\n",
        segments.len()
    );
    for (index, segment) in segments.iter().enumerate() {
        text += &format!("segment{} {{ {segment} }}\n", index + 1);
    }
    text + "}\n"
}

fn linear(start: u64, count: u64, disk: &str, at: u64) -> String {
    format!(
        "start_extent = {start} extent_count = {count} type = \"striped\" stripe_count = 1 stripes = [\"{disk}\", {at}]"
    )
}

#[test]
fn every_sample_that_lvm2_accepts_is_read_with_its_volumes() {
    let Some(folder) = samples() else { return };
    let index = text_of(&folder.join("INDEX.tsv"));
    let mut read_samples = 0;
    for line in index
        .lines()
        .filter(|line| line.contains("lvm-2.03.16 accepts"))
    {
        let columns: Vec<&str> = line.split('\t').collect();
        let group = read(&text_of(&folder.join(columns[0])))
            .unwrap_or_else(|error| panic!("{}", error.render(columns[0])));
        assert_eq!(
            group.physical_volumes.len().to_string(),
            columns[3],
            "{line}"
        );
        assert_eq!(
            group.logical_volumes.len().to_string(),
            columns[4],
            "{line}"
        );
        let held: u64 = group
            .logical_volumes
            .iter()
            .flat_map(|volume| &volume.segments)
            .flat_map(|segment| segment.physical())
            .map(|(_, area)| area.count())
            .sum();
        let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
        let all: u64 = group.physical_volumes.iter().map(|pv| pv.extents).sum();
        assert_eq!(held + free, all, "{line}");
        read_samples += 1;
    }
    assert!(read_samples >= 30, "only {read_samples} samples");
}

#[test]
fn every_malformed_sample_is_refused_on_the_line_that_lvm2_names() {
    let Some(folder) = samples() else { return };
    let index = text_of(&folder.join("INDEX.tsv"));
    let mut refused = 0;
    for line in index.lines() {
        let Some((_, rest)) = line.split_once("Parse error at byte ") else {
            continue;
        };
        let expected = rest
            .split("(line ")
            .nth(1)
            .and_then(|rest| rest.split(')').next());
        let name = line.split('\t').next().expect("a name");
        let text = text_of(&folder.join("malformed").join(name));
        let error = read(&text).expect_err(name);
        assert!(looks_like_metadata(&text), "{name}");
        assert_eq!(
            Some(error.line().to_string().as_str()),
            expected,
            "{name}: {error}"
        );
        let shown = error.render(name);
        let in_file = text.lines().nth(error.line() - 1).unwrap_or("").trim_end();
        assert!(shown.contains(in_file), "{shown}");
        refused += 1;
    }
    assert!(refused >= 4, "only {refused} samples");
}

#[test]
fn samples_without_a_header_or_a_volume_group_are_refused() {
    let Some(folder) = samples() else { return };
    let index = text_of(&folder.join("INDEX.tsv"));
    let rejected = index
        .lines()
        .filter(|line| line.contains("lvm-2.03.16 rejected"));
    for name in rejected.map(|line| line.split('\t').next().expect("a name")) {
        let error = read(&text_of(&folder.join(name))).expect_err(name);
        let is_expected = matches!(
            error.problem(),
            TextProblem::NotMetadata { .. } | TextProblem::NoVolumeGroup
        ) || matches!(error.problem(), TextProblem::Missing { key, .. } if key == "physical_volumes");
        assert!(is_expected, "{name}: {error}");
    }
}

#[test]
fn a_broken_text_is_shown_with_its_line_and_what_was_left_open() {
    let text = group_with(&volume("data", &["type = \"striped\""])).replace("type =", "type @");
    let error = read(&text).expect_err("no `=`");
    insta::assert_snapshot!(error.to_string(), @r#"line 16, column 17: found `@`, expected `=` or `{`"#);
    insta::assert_snapshot!(error.render("vg0.vg"), @r#"
    error: found `@`, expected `=` or `{`
      --> vg0.vg:16:17
       |
    16 | segment1 { type @ "striped" }
       |                 ^
    "#);
    let cut = text[..text.find("pe_count").expect("there is one")].trim_end();
    let error = read(cut).expect_err("cut off");
    insta::assert_snapshot!(error.render("vg0.vg"), @r#"
    error: found the end of the text, expected a key or `}`
      --> vg0.vg:11:78
       |
    11 | pv0 { id = "pv0" device = "/dev/pv0" status = ["ALLOCATABLE"] pe_start = 2048
       |                                                                              ^
       |
      ::: vg0.vg:11:5
       |
    11 | pv0 { id = "pv0" device = "/dev/pv0" status = ["ALLOCATABLE"] pe_start = 2048
       |     - opened here and never closed
    "#);
}

#[test]
fn what_each_segment_type_holds_is_not_free() {
    for (name, expected) in [
        ("three-disks", "0-79|0-79|0-79"),
        ("linear", "0-29 70-99|90-99"),
        ("segments", "0-9 30-39 45-49 57-59|0-4 20-59|20-59"),
        ("raid1-shared-disk", "|2-5|"),
        ("mirror-on-two", "45-59|46-59"),
        ("moving", "20-59|20-59|0-59"),
        ("snapshot", "60-79|0-79"),
        ("writecache", "100-119|20-39"),
        ("cache", "100-119|24-39"),
        ("integrity", "23-59|23-59"),
    ] {
        assert_eq!(free(&model(name)).join("|"), expected, "{name}");
    }
}

#[test]
fn states_tags_and_policies_are_read() {
    let group = model("tags-and-policies");
    assert_eq!(group.policy, AllocationPolicy::Cling);
    assert!(group.tags.contains("production"));
    let tags: Vec<String> = group
        .physical_volumes
        .iter()
        .map(|volume| volume.tags.iter().cloned().collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(tags, ["rack1", "rack1", "rack2,ssd", ""]);
    let allocatable: Vec<bool> = group
        .physical_volumes
        .iter()
        .map(|pv| pv.allocatable)
        .collect();
    assert_eq!(allocatable, [true, true, true, false]);
    let policies: Vec<_> = group
        .logical_volumes
        .iter()
        .map(|lv| lv.policy.name())
        .collect();
    assert_eq!(policies, ["contiguous", "anywhere", "inherit"]);

    let missing = model("missing-disk");
    let states: Vec<_> = missing
        .physical_volumes
        .iter()
        .map(|pv| pv.missing)
        .collect();
    assert_eq!(states, [false, true, false]);
    assert_eq!(
        missing.physical_volumes[1].device, "pv1",
        "LVM2 wrote [unknown]"
    );
    assert!(model("exported").status.contains("EXPORTED"));
    let cached = model("cache-volume");
    assert!(
        cached
            .logical_volumes
            .iter()
            .any(|lv| lv.status.contains("CACHE_VOL"))
    );
}

#[test]
fn a_device_that_two_disks_claim_names_neither() {
    let text = group_with("").replace("/dev/pv1", "/dev/pv0");
    let group = read(&text).expect("valid");
    let devices: Vec<&str> = group
        .physical_volumes
        .iter()
        .map(|pv| pv.device.as_str())
        .collect();
    assert_eq!(devices, ["pv0", "pv1"]);
}

#[test]
fn raid_volumes_name_their_images_in_leg_order() {
    let group = model("raid5");
    let data = group.logical_volume("data").expect("made by the script");
    assert_eq!(data.segments[0].numbers["device_count"], 4);
    let names: Vec<&str> = data.segments[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::Logical { volume, start: 0 } => volume.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        names[..4],
        [
            "data_rmeta_0",
            "data_rimage_0",
            "data_rmeta_1",
            "data_rimage_1"
        ]
    );
    assert_eq!(names.len(), 8);
    let mirror = model("mirror");
    let data = mirror.logical_volume("data").expect("made by the script");
    assert_eq!(data.segments[0].strings["mirror_log"], "data_mlog");
}

#[test]
fn segments_that_continue_each_other_are_merged() {
    let pieces = [
        linear(0, 5, "pv0", 10),
        linear(5, 3, "pv0", 15),
        linear(8, 2, "pv1", 18),
    ];
    let text = group_with(&volume("data", &pieces.each_ref().map(String::as_str)));
    let group = read(&text).expect("valid");
    let segments = &group.logical_volumes[0].segments;
    assert_eq!(segments.len(), 2);
    assert_eq!((segments[0].start_extent, segments[0].extent_count), (0, 8));
    assert_eq!((segments[1].start_extent, segments[1].extent_count), (8, 2));
}

#[test]
fn an_unknown_segment_type_occupies_what_its_lists_name() {
    let whole = "start_extent = 0 extent_count = 10 type = \"future+FLAG\" places = [\"pv0\", 5, \"pv1\", 0] odd = [1, \"x\"]";
    let group = read(&group_with(&volume("data", &[whole]))).expect("valid");
    assert_eq!(free(&group), ["0-4 15-79", "10-79"]);
    // Keys that name volumes elsewhere may mean anything there.
    let named = format!("{whole} metadata = \"nowhere\" pool = 5");
    read(&group_with(&volume("data", &[&named]))).expect("valid");
    let shared = format!("{whole} stripe_count = 2");
    let group = read(&group_with(&volume("data", &[&shared]))).expect("valid");
    assert_eq!(free(&group), ["0-4 10-79", "5-79"]);
}

#[test]
fn the_order_of_sections_the_line_ends_and_a_byte_order_mark_do_not_matter() {
    let original = fs::read_to_string("models/lvm2/raid5.vg").expect("a model");
    let expected = read(&original).expect("valid");
    let (header, group) = original.split_at(original.find("vg0 {").expect("the group"));
    let on_disk = format!("{group}{header}\0\0rest of the ring {{");
    let windows = format!("\u{feff}{}", original.replace('\n', "\r\n"));
    let old_mac = original.replace("\t# ", "\n# ");
    for text in [on_disk, windows, old_mac] {
        assert_eq!(
            read(&text).unwrap_or_else(|error| panic!("{error}")),
            expected
        );
        assert!(looks_like_metadata(&text));
    }
}

#[test]
fn other_texts_do_not_look_like_metadata() {
    for text in [
        "",
        "{ \"report\": [] }",
        "  WARNING: something\n{ \"report\": [] }",
        "lvcreate -l 10 -n data vg0",
        "[1, 2]",
        "# only a comment",
    ] {
        assert!(!looks_like_metadata(text), "{text}");
        assert!(read(text).is_err());
    }
}

/// Every contradiction in what the text says, with the message that it earns.
#[test]
fn contradictions_are_refused_with_what_was_found_and_expected() {
    let good = linear(0, 10, "pv0", 0);
    let two = |first: &str, second: &str| group_with(&volume("data", &[first, second]));
    let one = |segment: &str| group_with(&volume("data", &[segment]));
    let striped = |count: u64, stripes: &str| {
        one(&format!(
            "start_extent = 0 extent_count = {count} type = \"striped\" stripe_count = 2 stripe_size = 128 stripes = [{stripes}]"
        ))
    };
    let plain = one(&good);
    let cases = [
        (
            two(&good, &linear(10, 5, "pv0", 5)),
            "found extents 5 to 9 of `pv0` in `vg0/logical_volumes/data/segment2` and in `vg0/logical_volumes/data/segment1`",
        ),
        (
            one(&linear(0, 10, "pv1", 75)),
            "found extents 75 to 84 of `pv1`",
        ),
        (one(&linear(0, 10, "pv7", 0)), "found `pv7` for `stripes`"),
        (
            one(&linear(5, 10, "pv0", 0)),
            "at logical extent 5, expected 0",
        ),
        (
            two(&good, &linear(12, 5, "pv0", 20)),
            "at logical extent 12, expected 10",
        ),
        (
            two(&good, &linear(8, 5, "pv0", 20)),
            "at logical extent 8, expected 10",
        ),
        (
            striped(11, "\"pv0\", 0, \"pv1\", 0"),
            "found 11 extents on 2 stripes",
        ),
        (striped(10, "\"pv0\", 0"), "found 2 entries in `stripes`"),
        (
            striped(10, "\"pv0\", 0, \"pv1\", \"0\""),
            "found the string \"0\" for `stripes`",
        ),
        (
            striped(10, "\"pv0\", 0, \"pv1\", -1"),
            "found -1 for `stripes`",
        ),
        (
            striped(10, "\"pv0\", 0, \"pv0\", 2"),
            "found extents 2 to 4 of `pv0`",
        ),
        (
            plain.replace("segment_count = 1", "segment_count = 2"),
            "found 1 segments",
        ),
        (
            plain.replace("extent_count = 10", "extent_count = 0"),
            "found 0 for `extent_count`",
        ),
        (
            plain.replace("pe_count = 80", "pe_count = 4294967296"),
            "found 4294967296 for `pe_count`",
        ),
        (
            plain.replace("pe_count = 80", "pe_count = 99999999999999999999"),
            "found `99999999999999999999`",
        ),
        (
            plain.replace("pe_count = 80", "pe_count = 080"),
            "found `080`, expected a whole number",
        ),
        (
            plain.replace("pe_count = 80", "pe_count = 80.5"),
            "found the number 80.5 for `pe_count`",
        ),
        (
            plain.replace("pe_count = 80", "pe_count = -1"),
            "found -1 for `pe_count`",
        ),
        (
            plain.replace("pe_count = 80", ""),
            "found no `pe_count` in `vg0/physical_volumes/pv0`",
        ),
        (
            plain.replace("extent_size = 8192", "extent_size = 0"),
            "found 0 for `extent_size`",
        ),
        (plain.replace("seqno = 7", ""), "found no `seqno` in `vg0`"),
        (plain.replace("type = \"striped\"", ""), "found no `type`"),
        (
            plain.replace("physical_volumes {", "other {"),
            "found no `physical_volumes` in `vg0`",
        ),
        (
            plain.replace("[\"ALLOCATABLE\"]", "[1]"),
            "found the number 1 for `status`",
        ),
        (
            plain.replace("pv1 {", "pv0 {"),
            "found a second `pv0` in `vg0/physical_volumes`",
        ),
        (
            plain.replace("seqno = 7", "seqno = 7 seqno = 8"),
            "found a second `seqno` in `vg0`",
        ),
        (
            plain.replace("version = 1", "version = 2"),
            "found another `version`, expected `version = 1`",
        ),
        (
            format!("{plain}{}", plain.replace("vg0", "vg1")),
            "found the volume groups `vg0` and `vg1`",
        ),
        (
            group_with(
                &(volume("a", &[&linear(0, 5, "b", 0)]) + &volume("b", &[&linear(0, 5, "a", 0)])),
            ),
            "lies on itself",
        ),
        (
            one(
                "start_extent = 0 extent_count = 4 type = \"raid1\" device_count = 2 raids = [\"x\", \"y\"]",
            ),
            "found `x` for `raids`",
        ),
        (
            one(
                "start_extent = 0 extent_count = 4 type = \"raid1\" device_count = 3 raids = [\"data\"]",
            ),
            "found 1 entry in `raids`",
        ),
        (
            one("start_extent = 0 extent_count = 4 type = \"thin\" thin_pool = \"nowhere\""),
            "found `nowhere` for `thin_pool`",
        ),
        (
            one("start_extent = 0 extent_count = 4 type = \"mirror\""),
            "found no `mirror_count`",
        ),
    ];
    for (text, message) in cases {
        let error = read(&text).expect_err(message);
        assert!(
            error.to_string().contains(message),
            "{error}\nexpected: {message}"
        );
        assert!(error.to_string().contains("expected"), "{error}");
        // The place is inside the text, and the text can be shown.
        assert!(error.line() <= text.lines().count() + 1);
        assert!(error.render("a").contains("-->"));
    }
    read(&plain).expect("the text that the cases spoil is good");
}

#[test]
fn the_same_key_with_the_same_value_is_no_contradiction() {
    let text = group_with("").replace("seqno = 7", "seqno = 7 seqno = 7");
    assert_eq!(read(&text).expect("harmless").seqno, 7);
}

/// Texts for `x = TEXT` inside a group, of each lexical kind, right and wrong.
const VALUES: &[&str] = &[
    "1",
    "-1",
    "+5",
    "1.5",
    ".5",
    "1.",
    "007",
    "\"a\"",
    "'a'",
    "\"a\\\"b\"",
    "\"a\\nb\"",
    "\"\\\\\"",
    "\"a\nb\"",
    "'a\"b'",
    "word",
    "/dev/x",
    "a-b",
    "@tag",
    "a:b",
    "*",
    "\u{e9}",
    "[]",
    "[1]",
    "[1,]",
    "[1, 2,\n]",
    "[\n# note\n1, # more\n\"b\"\n]",
    "[#]\n]",
    "[1.5]",
    "1 y = 2",
    "[1]y = 2",
    "\"a\"y = 2",
    "5y = 2",
    "READ,y",
    "READ]",
    "[1\n,\n2]",
    "1 y {}",
    "1 y { z = 1 } w = 2",
    "1 \"quoted\" = 2",
    "1 y\n=\n2",
    "1 y\n{\n}",
    "1 a.b = 2",
    "1 7 = 2",
    "1 @y = 2",
    "1 a,b = 2",
    "1 a[0] = 2",
    // Wrong from here on.
    "",
    "[",
    "]",
    "[,]",
    "[1 2]",
    "[1,,2]",
    "[,1]",
    "[[1]]",
    "[word]",
    "[a, b]",
    "1,",
    "1;",
    "1a",
    "1e5",
    "0x10",
    "1.2.3",
    "--",
    "-a",
    "1-2",
    "{",
    "}",
    "= 1",
    "\"open",
    "\"a\" \"b\"",
    "\"a\"\"b\"",
    "1 y",
    "1 y z = 2",
    "1 = 2",
    "1 [y = 2",
    "1 \"\" = 2",
    "1 y {",
    "1 y {}}",
    "a=b",
    "1 #= 2",
    "9223372036854775808",
    "99999999999999999999",
];

#[test]
fn the_grammar_is_that_of_the_real_lvm2() {
    if Command::new("lvm").arg("version").output().is_err() {
        eprintln!("skipped: lvm2 is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("test.vg");
    let (mut accepted, mut refused) = (0, 0);
    for value in VALUES {
        let text = group_with("").replace("seqno = 7", &format!("seqno = 7\nx = {value}\n"));
        fs::write(&file, &text).expect("a file");
        let output = Command::new("lvm")
            .args(["vgcfgrestore", "--list", "-f"])
            .arg(&file)
            .env("LVM_SYSTEM_DIR", folder.path())
            .env("LVM_SUPPRESS_FD_WARNINGS", "1")
            .output()
            .expect("lvm runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        let lvm2_parses =
            !said.contains("Parse error") && !said.contains("Failed to read int token");
        let problem = read(&text).err().map(|error| error.problem().clone());
        let we_parse = !matches!(
            problem,
            Some(
                TextProblem::Syntax { .. }
                    | TextProblem::Unclosed { .. }
                    | TextProblem::NotANumber { .. }
            )
        );
        assert_eq!(we_parse, lvm2_parses, "x = {value}\n{problem:?}\n{said}");
        *(if we_parse {
            &mut accepted
        } else {
            &mut refused
        }) += 1;
    }
    assert!(
        accepted > 40 && refused > 30,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let deep = "a {".repeat(100_000);
    let error = read(&deep).expect_err("too deep");
    assert!(
        matches!(error.problem(), TextProblem::TooDeep { .. }),
        "{error}"
    );

    let list = format!("x = [{}]", "1,".repeat(500_000));
    read(&group_with("").replace("seqno = 7", &format!("seqno = 7 {list}"))).expect("a long list");

    let line = format!("{} = ", "x".repeat(1_000_000));
    let error = read(&line).expect_err("no value");
    assert_eq!(error.column(), 1_000_004);
    assert!(error.render("a").len() < 20_000);

    let huge = group_with("").replace("pe_count = 80", "pe_count = 4294967295");
    assert_eq!(
        read(&huge).expect("as large as can be").free()[0].total(),
        4_294_967_295
    );
}
