//! Conversions, repairs, snapshots and pools as a user plans them.

use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

/// Exit code, standard output, standard error.
fn plan(pool: &str, options: &[&str], command: &str) -> (i32, String, String) {
    let mut run = cargo_bin_cmd!("extentplan");
    run.current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("plan")
        .arg(format!("models/lvm2/{pool}.vg"));
    run.args(options).arg("--").args(command.split(' '));
    let output = run.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("it exits by itself");
    (code, text(output.stdout), text(output.stderr))
}

/// The last command of a plan as text.
#[track_caller]
fn printed(pool: &str, options: &[&str], command: &str) -> String {
    let (code, out, err) = plan(pool, options, command);
    assert_eq!(code, 0, "{out}{err}");
    let (_, commands) = out.split_once("\ncommands\n").expect("commands");
    let mut lines = commands.trim_end().rsplit('\n').map(str::trim);
    let last = lines.next().unwrap_or_default();
    // What it loses stands in front of it.
    match lines.next().filter(|line| line.starts_with('#')) {
        Some(loses) => format!("{last}  {loses}"),
        None => last.to_string(),
    }
}

#[test]
fn a_new_image_keeps_away_from_the_others_and_is_proven_best() {
    let commands = "lvcreate --type raid1 -m 1 -l 10 -n x vg0 -- lvconvert -m 2 vg0/x";
    let (code, out, err) = plan("three-disks", &[], commands);
    assert_eq!(code, 0, "{out}{err}");
    let (_, second) = out.split_once("part 2").expect("two parts");
    assert!(
        second.contains("best: segments 1, sources 1 - proven: by counting"),
        "{out}"
    );
    assert!(second.contains("x_rimage_2: 10 extents"), "{out}");
    assert!(second.contains("/dev/sdc:1-10"), "{out}");
}

#[test]
fn images_with_checksums_grow_beside_these() {
    let (code, out, err) = plan("integrity", &[], "lvextend -l +5 vg0/data");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("best: segments 2"), "{out}");
    let legs = "  leg 0   /dev/sda:23-27\n  leg 1   /dev/sdb:23-27\n";
    assert!(out.contains(legs), "{out}");
    assert!(
        out.ends_with("commands\n  lvextend -l +5 vg0/data\n"),
        "{out}"
    );
}

#[test]
fn what_has_to_be_inactive_is_said() {
    let command = "lvconvert --type writecache --cachevol vg0/second vg0/two_disks";
    let (code, out, err) = plan("linear", &[], command);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        err.contains("LV vg0/second must be inactive to attach"),
        "{err}"
    );
}

#[test]
fn what_no_disk_is_left_for_is_impossible_and_no_refusal() {
    let (code, out, err) = plan("raid5", &[], "lvconvert --replace /dev/sda vg0/data");
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("impossible"), "{out}");
    assert!(out.contains("LVM2 2.03.16 refuses"), "{out}");
}

#[test]
fn a_failed_disk_is_repaired_on_a_new_one() {
    let folder = TempDir::new().expect("a folder");
    let scenario = folder.path().join("failed.toml");
    let text = "fail = [\"/dev/sdb\"]\n[[add]]\ndisk = \"/dev/sdx\"\nsize = \"400M\"\n";
    fs::write(&scenario, text).expect("a file");
    let scenario = scenario.display().to_string();
    let options = ["--scenario", scenario.as_str()];
    let (code, out, err) = plan("raid5", &options, "lvconvert --repair vg0/data");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("best: segments 1, sources 1"), "{out}");
    assert!(out.contains("/dev/sdx:1-"), "{out}");
    assert_eq!(
        printed("raid5", &options, "lvconvert --repair vg0/data"),
        "lvconvert -y --repair vg0/data"
    );
    // Nothing else is done to a group that lacks a disk.
    let (code, out, _) = plan("raid5", &options, "lvcreate -l 1 -n x vg0");
    assert!(
        code == 0 && out.contains("Cannot change VG vg0 while PVs are missing"),
        "{out}"
    );
}

#[test]
fn no_content_is_lost_without_a_word() {
    for (command, lost) in [
        (
            "lvconvert --type thin-pool vg0/second",
            "all that vg0/second holds is lost",
        ),
        (
            "lvconvert --type cache-pool --poolmetadataspare n --poolmetadata vg0/two_disks vg0/second",
            "all that vg0/second and vg0/two_disks hold is lost",
        ),
        (
            "lvconvert --type cache --cachevol vg0/second vg0/two_disks",
            "all that vg0/second holds is lost",
        ),
    ] {
        let line = printed("linear", &[], command);
        let (_, script, _) = plan("linear", &["--format", "commands"], command);
        // LVM2 would stop at a question.
        let command = &command.replacen("lvconvert", "lvconvert -y", 1);
        assert_eq!(line, format!("{command}  # {lost}"));
        let for_good = format!("for_good '{command}: {lost}'");
        assert!(script.contains(&for_good), "{script}");
        let (before, behind) = script.split_once(&for_good).expect("it is there");
        assert!(
            !before.contains(&format!("\n{command}\n")),
            "said before it is done"
        );
        assert!(behind.contains(&format!("\n{command}\n")), "{script}");
    }
    let line = printed("raid1", &[], "lvconvert -m 0 vg0/data");
    let lost = "lost with /dev/sda from then on, and survived the loss of any one disk";
    assert!(line.ends_with(lost), "{line}");
}

#[test]
fn a_volume_that_was_typed_without_its_group_is_printed_with_it() {
    for (typed, wanted) in [
        ("lvconvert -m 0 data", "lvconvert -y -m 0 vg0/data"),
        (
            "lvchange --addtag data data",
            "lvchange --addtag data vg0/data",
        ),
        ("lvreduce -l -1 data", "lvreduce -y -l -1 vg0/data"),
        ("lvresize -l -1 data", "lvresize -y -l -1 vg0/data"),
    ] {
        let line = printed("raid1", &[], typed);
        assert!(line.starts_with(wanted), "{line}");
    }
}

#[test]
fn a_snapshot_is_removed_to_take_it_back() {
    let command = "lvcreate -s -l 5 -n snap vg0/second";
    let (code, script, err) = plan("linear", &["--format", "commands"], command);
    assert_eq!(code, 0, "{err}");
    assert!(script.contains("#   lvremove vg0/snap"), "{script}");
    assert!(script.contains("done_by 'lvremove vg0/snap'"), "{script}");
    assert!(!script.contains("Beside the plan"), "{script}");
}

#[test]
fn physical_volumes_make_lvm2_build_what_it_would_place_less_well() {
    let options = ["--objective", "balance,segments"];
    let line = printed("three-disks", &options, "lvcreate -l 20 -n x vg0");
    assert!(line.starts_with("lvcreate"), "{line}");
    let folder = TempDir::new().expect("a folder");
    let script = folder.path().join("script.sh");
    fs::write(
        &script,
        "lvcreate -l 10 -n x vg0 /dev/sda\nlvconvert --type raid1 -m 1 vg0/x\n",
    )
    .expect("a file");
    let mut run = cargo_bin_cmd!("extentplan");
    run.current_dir(env!("CARGO_MANIFEST_DIR"));
    let script = script.display().to_string();
    run.args([
        "plan",
        "models/lvm2/three-disks.vg",
        &script,
        "--objective",
        "largest_area",
    ]);
    let output = run.output().expect("the program runs");
    let out = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(
        out.contains("part 2, on what the parts before it leave"),
        "{out}"
    );
    assert!(out.contains("x_rimage_1: 10 extents"), "{out}");
    assert!(
        out.contains("lvconvert -y --type raid1 -m 1 vg0/x"),
        "{out}"
    );
}

#[test]
fn a_reshape_is_planned_where_its_images_are_there_and_says_what_it_loses() {
    let command = "lvconvert --stripesize 128 vg0/data";
    let (_, out, _) = plan("raid5", &[], command);
    assert!(out.contains("4 legs of 1 extent"), "{out}");
    assert_eq!(
        printed("raid5", &[], command),
        "lvconvert -y --stripesize 128 vg0/data"
    );
    let text = printed("raid5", &[], "lvconvert --stripes 2 --force vg0/data");
    let loses = "# what vg0/data holds behind its first";
    assert!(text.contains(loses), "{text}");
}

/// What is best for the new images depends on where the space for the reshape goes, and the other way round.
#[test]
fn new_images_with_reshape_space_say_that_they_are_not_planned() {
    let (code, out, err) = plan("raid5", &[], "lvconvert --stripes 4 vg0/data");
    assert_eq!(code, 2, "{out}{err}");
    assert!(
        err.contains("not planned here: new images and the space"),
        "{err}"
    );
}

#[test]
fn what_is_so_already_is_left_out_of_a_script_which_would_stop_there() {
    let lines = "lvcreate --type thin-pool -l 5 -n pool vg0 -- lvchange --errorwhenfull n vg0/pool -- \
                 lvchange --zero n vg0/pool -- lvchange -pr vg0/second -- lvchange -prw vg0/two_disks";
    let (code, out, err) = plan("linear", &["--format", "commands"], lines);
    assert_eq!(code, 0, "{err}");
    for (line, is_printed) in [
        ("lvchange --errorwhenfull n vg0/pool", false),
        ("lvchange --zero n vg0/pool", true),
        ("lvchange -pr vg0/second", true),
        ("lvchange -prw vg0/two_disks", false),
    ] {
        assert_eq!(out.contains(&format!("\n{line}\n")), is_printed, "{out}");
        assert_ne!(
            err.contains(&format!("`{line}` is passed over")),
            is_printed,
            "{err}"
        );
    }
}

#[test]
fn a_pool_that_fails_when_it_is_full_is_made_in_the_words_that_lvm2_takes() {
    let lines = "lvcreate --type thin-pool --errorwhenfull y -l 5 -n pool vg0";
    let line = printed("linear", &["--objective", "balance"], lines);
    assert!(line.contains(" -T ") && !line.contains("--type"), "{line}");
}

#[test]
fn what_has_snapshots_is_said_to_grow_while_it_is_inactive_alone() {
    let lines = "lvcreate -s -l 2 -n snap vg0/second -- lvextend -l +1 vg0/second";
    let (code, out, err) = plan("linear", &[], lines);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        err.contains("only while it is inactive (lvchange -an vg0/second)"),
        "{err}"
    );
}

#[test]
fn settings_say_what_a_mirror_is() {
    for (setting, kind) in [("raid1", "rimage"), ("mirror", "mlog")] {
        let setting = format!("global/mirror_segtype_default={setting}");
        let (code, out, err) = plan(
            "three-disks",
            &["--config", &setting],
            "lvcreate -m 1 -l 5 -n x vg0",
        );
        assert_eq!(code, 0, "{err}");
        assert_eq!(out.contains("mlog"), kind == "mlog", "{out}");
    }
}

#[test]
fn a_volume_that_moves_is_left_alone() {
    for (command, words) in [
        (
            "lvremove vg0/data",
            "Can't remove locked logical volume vg0/data.",
        ),
        (
            "lvreduce -l -1 vg0/data",
            "Can't resize locked logical volume vg0/data.",
        ),
        ("lvrename vg0/data vg0/x", "Cannot rename locked LV data"),
        (
            "lvcreate -s -l 2 -n s vg0/data",
            "Snapshots of locked volumes are not supported.",
        ),
        ("lvconvert -m 1 vg0/data", "lv_is_locked ."),
    ] {
        let (code, out, err) = plan("moving", &[], command);
        assert!(
            code != 0 && (out + &err).contains(words),
            "{command}: {code} {err}"
        );
    }
}

#[test]
fn a_volume_is_known_by_its_name_below_dev_mapper() {
    for (command, wanted) in [
        (
            "lvremove /dev/mapper/vg0-second",
            "lvremove -y /dev/mapper/vg0-second",
        ),
        (
            "lvchange --alloc cling /dev/mapper/vg0-second",
            "lvchange --alloc cling /dev/mapper/vg0-second",
        ),
    ] {
        let line = printed("linear", &[], command);
        assert!(line.starts_with(wanted), "{line}");
    }
}

#[test]
fn nothing_is_said_of_a_volume_of_which_a_report_leaves_out_what_it_stands_on() {
    let report = fs::read_to_string("models/lvm2/raid1-shared-disk.json").expect("a model");
    let mut report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    for group in report["report"].as_array_mut().expect("reports") {
        for rows in ["lv", "seg"] {
            let rows = group[rows].as_array_mut().expect("rows");
            // As without `--all`: hidden volumes have brackets, and their segments lie on disks.
            rows.retain(|row| {
                let is_hidden =
                    |key: &str| row[key].as_str().is_some_and(|name| name.starts_with('['));
                !is_hidden("lv_name")
                    && !row["devices"]
                        .as_str()
                        .is_some_and(|on| on.starts_with("/dev/"))
            });
        }
    }
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("without-all.json");
    fs::write(&path, report.to_string()).expect("a file");
    let scenario = folder.path().join("drop.toml");
    fs::write(&scenario, "drop = [\"data\"]\n").expect("a file");
    let ask = |words: &[&str]| {
        let mut run = cargo_bin_cmd!("extentplan");
        let output = run
            .arg("plan")
            .arg(&path)
            .args(words)
            .output()
            .expect("the program runs");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), err)
    };
    for command in [
        "lvextend -l +1 vg0/data",
        "lvreduce -l -1 vg0/data",
        "lvconvert -m 2 vg0/data",
        "lvconvert -m 0 vg0/data",
        "lvconvert --repair vg0/data",
        "lvremove vg0/data",
    ] {
        let mut words = vec!["--"];
        words.extend(command.split(' '));
        let (code, err) = ask(&words);
        assert!(
            code == Some(2) && err.contains("--all"),
            "{command}: {code:?} {err}"
        );
    }
    let scenario = scenario.to_str().expect("a name");
    let (code, err) = ask(&[
        "--scenario",
        scenario,
        "--",
        "lvcreate",
        "-l",
        "1",
        "-n",
        "x",
    ]);
    assert!(code == Some(2) && err.contains("--all"), "{err}");
}

#[test]
fn a_group_that_hosts_share_is_planned_where_lvmlockd_runs() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/three-disks.vg").expect("a model");
    let shared = text.replacen("\tmax_lv", "\tlock_type = \"dlm\"\n\tmax_lv", 1);
    assert_ne!(text, shared);
    let path = folder.path().join("shared.vg");
    fs::write(&path, shared).expect("a file");
    let ask = |options: &[&str]| {
        let mut run = cargo_bin_cmd!("extentplan");
        run.arg("plan").arg(&path).args(options);
        let output = run
            .args(["--", "lvcreate", "-l", "1", "-n", "x"])
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, err) = ask(&[]);
    assert!(
        code == Some(2) && err.contains("requires lvmlockd"),
        "{err}"
    );
    assert_eq!(ask(&["--config", "global/use_lvmlockd=1"]).0, Some(0));
}

#[test]
fn what_goes_with_a_volume_is_named_as_lost() {
    for (pool, volume, others) in [
        ("snapshot", "vg0/origin", "vg0/"),
        ("thin-pool", "vg0/pool", "vg0/"),
    ] {
        let line = printed(pool, &[], &format!("lvremove {volume}"));
        let (_, words) = line
            .split_once(" is lost, and with it ")
            .unwrap_or_else(|| panic!("{line}"));
        assert!(
            words.starts_with(others) && words.ends_with("on it"),
            "{line}"
        );
    }
}

#[test]
fn a_snapshot_without_a_size_of_chunks_is_no_reason_to_panic() {
    let folder = TempDir::new().expect("a folder");
    let text = fs::read_to_string("models/lvm2/snapshot.vg").expect("a model");
    for chunk in ["0", "9223372036854775807"] {
        let odd = text.replacen("chunk_size = 8", &format!("chunk_size = {chunk}"), 1);
        assert_ne!(text, odd);
        let path = folder.path().join("odd.vg");
        fs::write(&path, odd).expect("a file");
        let mut run = cargo_bin_cmd!("extentplan");
        run.arg("plan").arg(&path);
        let output = run
            .args(["--", "lvextend", "-l", "+1", "vg0/before"])
            .output()
            .expect("it runs");
        assert!(
            matches!(output.status.code(), Some(0..=3)),
            "{chunk}: {output:?}"
        );
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked"), "{chunk}: {err}");
    }
}
