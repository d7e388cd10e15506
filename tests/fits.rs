//! What LVM2 refuses of a command whatever room there is, a plan refuses, too.

use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

/// Exit code and all output of `plan` for a pool and a script.
fn plan(pool: &str, options: &[&str], script: &str) -> (i32, String) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("script.sh");
    fs::write(&path, script).expect("a file");
    let mut run = cargo_bin_cmd!("extentplan");
    run.current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("plan")
        .args(options)
        .arg(pool)
        .arg(&path);
    let output = run.output().expect("the program runs");
    let code = output.status.code().expect("it exits by itself");
    let text = [output.stdout, output.stderr].concat();
    (code, String::from_utf8(text).expect("text"))
}

#[track_caller]
fn assert_refused(model: &str, script: &str, expected: &str) {
    let (code, text) = plan(&format!("models/lvm2/{model}.vg"), &[], script);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(expected), "{text}");
}

/// A model with a line more in its group.
fn edited(model: &str, from: &str, to: &str) -> (TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let path = format!("{}/models/lvm2/{model}.vg", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("a model");
    assert!(text.contains(from), "{text}");
    let path = folder.path().join("group.vg");
    fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn properties_that_the_type_does_not_have_are_refused() {
    for (model, script, expected) in [
        (
            "linear",
            "lvchange --cachemode writeback vg0/second",
            "Command on LV vg0/second uses options that require LV types cache cachepool writecache .",
        ),
        (
            "raid1",
            "lvchange --zero n vg0/data",
            "Command on LV vg0/data uses options that require LV types thinpool .",
        ),
        (
            "raid5",
            "lvchange --writemostly /dev/sda vg0/data",
            "Command on LV vg0/data uses options that require LV types raid1 .",
        ),
        (
            "linear",
            "lvchange --syncaction check vg0/second",
            "Command on LV vg0/second does not accept LV type linear.",
        ),
        (
            "striped",
            "lvchange --resync vg0/two",
            "Command on LV vg0/two does not accept LV type striped.",
        ),
    ] {
        assert_refused(model, script, expected);
    }
}

#[test]
fn so_are_those_of_a_volume_that_the_same_script_makes() {
    let script =
        "lvcreate -l 3 -n new vg0\nlvchange --zero n vg0/new\nlvcreate -l 3 -n other vg0\n";
    let expected = "line 2: Command on LV vg0/new uses options that require LV types thinpool .";
    assert_refused("three-disks", script, expected);
    let pool = script.replace("-l 3 -n new", "--type thin-pool -l 3 -n new");
    let (code, text) = plan("models/lvm2/three-disks.vg", &[], &pool);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn options_that_a_new_volume_of_a_type_does_not_take_are_refused() {
    for (script, expected) in [
        (
            "lvcreate -l 4 --cachemode writeback -n x vg0",
            "Command does not accept option: --cachemode writeback.",
        ),
        (
            "lvcreate -l 4 --minrecoveryrate 100 -n x vg0",
            "Command does not accept option: --minrecoveryrate 100.",
        ),
        (
            "lvcreate --type raid5 -i 2 -l 4 --discards ignore -n x vg0",
            "Command does not accept option: --discards ignore.",
        ),
    ] {
        assert_refused("three-disks", script, expected);
    }
}

#[test]
fn images_take_no_stripes_that_they_do_not_have() {
    assert_refused(
        "raid1",
        "lvextend -l +4 -i 2 vg0/data",
        "Unable to extend \"raid1\" segment type with different number of stripes.",
    );
    // LVM2 2.03.16 takes this, and builds images that are shorter than the volume.
    assert_refused(
        "raid1",
        "lvextend -l +4 -i 2 -I 64 vg0/data",
        "are none of raid1",
    );
}

#[test]
fn a_group_of_another_system_is_left_alone() {
    let (_folder, pool) = edited("linear", "\tseqno =", "\tsystem_id = \"other\"\n\tseqno =");
    let script = "lvcreate -l 1 -n x vg0";
    let (code, text) = plan(&pool, &[], script);
    let expected = "Cannot access VG vg0 with system ID other with unknown local system ID.";
    assert!(code == 2 && text.contains(expected), "{code} {text}");
    let (code, text) = plan(&pool, &["--config", "local/system_id=mine"], script);
    let expected = "Cannot access VG vg0 with system ID other with local system ID mine.";
    assert!(code == 2 && text.contains(expected), "{code} {text}");
    let (code, text) = plan(&pool, &["--config", "local/system_id=other"], script);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn what_lies_on_a_volume_counts_among_those_that_a_group_may_have() {
    let (_folder, pool) = edited("linear", "max_lv = 0", "max_lv = 2");
    for script in [
        "lvcreate -l 1 -n x vg0",
        "lvcreate -s -l 1 -n x vg0/second",
        "lvconvert -y --type thin-pool vg0/second",
    ] {
        let (code, text) = plan(&pool, &[], script);
        let expected = "Maximum number of logical volumes (2) reached in volume group vg0";
        assert!(code == 2 && text.contains(expected), "{code} {text}");
    }
    // Images do not.
    let (_folder, pool) = edited("three-disks", "max_lv = 0", "max_lv = 1");
    let script = "lvcreate -l 10 -n x vg0\nlvconvert -y -m 1 vg0/x";
    let (code, text) = plan(&pool, &[], script);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_scenario_adds_no_more_disks_than_a_group_may_have() {
    let (folder, pool) = edited("linear", "max_pv = 0", "max_pv = 2");
    let scenario = folder.path().join("more.toml");
    fs::write(&scenario, "[[add]]\ndisk = \"/dev/sdz\"\nsize = \"1G\"\n").expect("a file");
    let scenario = scenario.display().to_string();
    let (code, text) = plan(&pool, &["--scenario", &scenario], "lvcreate -l 1 -n x vg0");
    let expected = "volume group 'vg0' holds max 2 physical volume(s).";
    assert!(code == 2 && text.contains(expected), "{code} {text}");
}
