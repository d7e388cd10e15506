//! `extentplan audit` as its user runs it.

use std::fs;

use assert_cmd::Command;

/// The exit code, standard output and standard error of a run.
fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let output = command.args(words).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn what_is_unsafe_is_said_with_its_extents_and_exit_code_1() {
    let (code, out, err) = run(&["audit", "models/lvm2/raid1-shared-disk.vg"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    insta::assert_snapshot!(out, @"
    volume group vg0: 1 logical volume, 4 extents (16.00 MiB) free
    unsafe: 1, poor: 0, notes: 0
    cannot grow in place (1): data

    unsafe  data (raid1) has several images on /dev/sdc; the loss of this disk alone loses data
              data_rimage_0  /dev/sdc:1-5
              data_rmeta_0  /dev/sdc:0-0
              data_rimage_1  /dev/sdc:6-7

    rearrange --heal looks for moves that put legs on disks of their own
    ");
}

#[test]
fn that_a_volume_cannot_grow_in_place_is_said_with_the_reason_on_request() {
    let (_, out, _) = run(&["audit", "models/lvm2/raid1-shared-disk.vg", "--details"]);
    let rest = out.split("/dev/sdc:6-7").nth(1).expect("what follows");
    insta::assert_snapshot!(rest, @"

    note    data cannot grow in place
              leg 1  /dev/sdc ends at extent 8

    rearrange --heal looks for moves that put legs on disks of their own
    ");
}

#[test]
fn many_findings_are_counted_first_and_the_worst_are_listed() {
    // Volume n lies in n + 1 segments with gaps between them, on a disk with room for it in one.
    let volumes = 30;
    let mut segments = String::new();
    let mut start = 0;
    for volume in 1..=volumes {
        segments.push_str(&format!(
            "v{volume} {{\nid = \"\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nsegment_count = {}\n",
            volume + 1
        ));
        for segment in 0..=volume {
            segments.push_str(&format!(
                "segment{} {{\nstart_extent = {segment}\nextent_count = 1\ntype = \"striped\"\n\
                 stripe_count = 1\nstripes = [\"pv0\", {start}]\n}}\n",
                segment + 1
            ));
            start += 2;
        }
        segments.push_str("}\n");
    }
    let text = format!(
        "contents = \"Text Format Volume Group\"\nversion = 1\nvg0 {{\nid = \"\"\nseqno = 1\n\
         status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nextent_size = 8192\nphysical_volumes {{\n\
         pv0 {{\nid = \"\"\ndevice = \"/dev/sda\"\nstatus = [\"ALLOCATABLE\"]\npe_count = {}\n}}\n}}\n\
         logical_volumes {{\n{segments}}}\n}}\n",
        start + 100
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("many.vg");
    fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("a name");
    let (code, out, _) = run(&["audit", file]);
    assert_eq!(code, Some(0), "{out}");
    let lines: Vec<&str> = out.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[1], "unsafe: 0, poor: 30, notes: 0");
    assert_eq!(
        lines[2],
        "poor          30  more segments than would be enough"
    );
    assert!(
        lines[3].starts_with("poor    v30 is in 31 segments"),
        "{out}"
    );
    assert_eq!(lines.last(), Some(&"10 more; --details lists all"));
    let (_, all, _) = run(&["audit", file, "--details"]);
    assert!(all.contains("v1 is in 2 segments"), "{all}");
}

#[test]
fn the_same_for_programs_and_from_a_report() {
    let parsed = |words: &[&str]| -> serde_json::Value {
        let (code, out, _) = run(words);
        assert_eq!(code, Some(1));
        serde_json::from_str(&out).expect("JSON")
    };
    let from_text = parsed(&[
        "audit",
        "models/lvm2/raid1-shared-disk.vg",
        "--format",
        "json",
    ]);
    let from_report = parsed(&["audit", "models/lvm2/raid1-shared-disk.json", "--json"]);
    assert_eq!(from_text, from_report);
    assert_eq!(from_text["schema"], "extentplan/audit/1");
    assert_eq!(from_text["unsafe"], true);
    assert_eq!(from_text["findings"][0]["kind"], "images_share_disk");
    assert_eq!(from_text["findings"][0]["severity"], "unsafe");
    assert_eq!(from_text["findings"][0]["pieces"][0]["extents"][0], "1-5");
}

#[test]
fn a_tag_makes_disks_one_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tagged.vg");
    let text = fs::read_to_string("models/lvm2/raid1.vg").expect("a model");
    let tagged = text.replace("pe_start = 2048", "pe_start = 2048\n tags = [\"rack1\"]");
    fs::write(&file, tagged).expect("a file");
    let file = file.to_str().expect("a name");
    assert_eq!(run(&["audit", file]).0, Some(0));
    for tag in ["rack1", "@rack1"] {
        let (code, out, _) = run(&["audit", file, "--tag", tag]);
        assert_eq!(code, Some(1));
        assert!(
            out.contains("has several legs on disks with the tag rack1"),
            "{out}"
        );
    }
    let (code, _, err) = run(&["audit", file, "--tag", "rack2"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("no physical volume of `vg0` has the tag @rack2; there are @rack1"),
        "{err}"
    );
}

#[test]
fn every_model_fits_100_columns() {
    let mut audited = 0;
    for entry in fs::read_dir("models/lvm2").expect("the models") {
        let path = entry.expect("an entry").path();
        if path
            .extension()
            .is_some_and(|ending| ending == "vg" || ending == "json")
        {
            let (code, out, err) = run(&["audit", path.to_str().expect("a name")]);
            assert!(
                code == Some(0) || code == Some(1),
                "{}: {err}",
                path.display()
            );
            for line in out.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", path.display());
            }
            audited += 1;
        }
    }
    assert!(audited > 20);
}

#[test]
fn what_cannot_be_audited_is_exit_code_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.vg");
    fs::write(&broken, "vg0 {\n\tid = \"a\"\n\tseqno 5\n}\n").expect("a file");
    let (code, out, err) = run(&["audit", broken.to_str().expect("a name")]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("found `5`, expected `=` or `{`") && err.contains("3 |     seqno 5"),
        "{err}"
    );
    let (code, _, err) = run(&["audit", "models/lvm2/nothing.vg"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing.vg"), "{err}");
}

#[test]
fn a_description_in_another_encoding_is_no_obstacle_and_other_files_are_named_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a name").to_string()
    };
    let text = fs::read("models/lvm2/linear.vg").expect("a model");
    let at = text
        .windows(11)
        .position(|word| word == b"vgcfgbackup")
        .expect("in the description");
    let mut latin = text.clone();
    latin[at] = 0xe9;
    let (code, out, err) = run(&["audit", &file("latin.vg", &latin)]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");

    for bytes in [&b"lvcreate -l 10 vg0\n"[..], b"[1, 2]", b"\x7fELF\x80"] {
        let (code, _, err) = run(&["audit", &file("other", bytes)]);
        assert_eq!(code, Some(2));
        assert!(
            err.contains("neither LVM2 metadata nor") || err.contains("a program; expected"),
            "{err}"
        );
    }
}

#[test]
fn of_many_volumes_that_cannot_grow_the_first_are_named() {
    let mut segments = String::new();
    for volume in 0..9 {
        segments += &format!(
            "lv{volume} {{\nid = \"\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nsegment_count = 1\nsegment1 {{\n\
             start_extent = 0\nextent_count = 1\ntype = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", {volume}]\n}}\n}}\n"
        );
    }
    let text = format!(
        "vg0 {{\nid = \"\"\nseqno = 1\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nextent_size = 8192\n\
         physical_volumes {{\npv0 {{\nid = \"\"\ndevice = \"/dev/sda\"\nstatus = [\"ALLOCATABLE\"]\npe_start = 2048\npe_count = 9\n}}\n}}\n\
         logical_volumes {{\n{segments}}}\n}}\ncontents = \"Text Format Volume Group\"\nversion = 1\n"
    );
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("nine.vg");
    fs::write(&path, text).expect("written");
    let path = path.to_str().expect("a path");
    let (_, out, _) = run(&["audit", path]);
    assert!(
        out.contains("cannot grow in place (9): lv0, lv1, lv2, lv3, lv4, lv5, and 3 more\n"),
        "{out}"
    );
    let (_, out, _) = run(&["audit", path, "--details"]);
    assert!(out.contains("lv5, lv6, lv7, lv8\n"), "{out}");
}
