//! What LVM2 refuses for the state of a group, and what it does not.

use crate::{run, run_words, written};

#[test]
fn states_in_which_lvm2_refuses_are_refused_in_its_words() {
    for (file, words) in [
        ("readonly", "Volume group vg0 is read-only."),
        ("maxlv", "Maximum number of logical volumes (2) reached"),
        ("missing-pv", "Cannot change VG vg0 while PVs are missing."),
    ] {
        let plan = run(&format!("plan @data/{file}.vg -- lvcreate -L 1G -n x vg0"));
        assert_eq!((plan.code, plan.out.as_str()), (Some(2), ""), "{file}");
        assert!(plan.err.contains(words), "{file}: {}", plan.err);
    }
    let exported = run("plan models/lvm2/exported.vg -- lvcreate -l 1 -n x vg0");
    assert_eq!(exported.code, Some(2));
    assert!(exported.err.contains("is exported"), "{}", exported.err);
}

#[test]
fn while_a_disk_is_missing_volumes_are_repaired_removed_and_change_what_is_no_place() {
    const REFUSED: &str = "Cannot change VG vg0 while PVs are missing.";
    for (command, words) in [
        ("lvremove -f vg0/other", ""),
        ("lvremove -f vg0/data", ""),
        ("lvchange --alloc cling vg0/other", ""),
        ("lvchange --addtag x vg0/data", ""),
        ("lvchange -p r vg0/data", ""),
        ("vgchange --addtag x vg0", ""),
        ("lvchange --alloc cling vg0/data", "lv_is_partial"),
        ("lvchange --resync vg0/data", REFUSED),
        ("lvrename vg0 other it", REFUSED),
        ("lvreduce -f -l -1 vg0/other", REFUSED),
        ("lvresize -l -1 vg0/other", REFUSED),
        ("lvextend -l +1 vg0/other", REFUSED),
        ("lvconvert -m 1 vg0/other", REFUSED),
        ("vgchange --alloc cling vg0", REFUSED),
        ("pvchange -xn /dev/sdc", REFUSED),
        ("lvremove -f vg0/other -- lvcreate -l 1 -n x vg0", REFUSED),
    ] {
        let plan = run(&format!("plan models/lvm2/missing-disk.vg -- {command}"));
        let code = if words.is_empty() { 0 } else { 2 };
        assert_eq!(plan.code, Some(code), "{command}: {}", plan.err);
        assert!(plan.err.contains(words), "{command}: {}", plan.err);
    }
}

#[test]
fn an_image_that_is_to_come_back_keeps_its_volume_as_it_is_and_names_are_remembered() {
    for (command, words) in [
        (
            "lvextend -l +5 vg0/r",
            "while it is tracking a split image.",
        ),
        (
            "lvreduce -f -l -1 vg0/r",
            "while it is tracking a split image.",
        ),
        ("lvrename vg0 r q", "Cannot rename r while it is tracking"),
        (
            "lvextend -l +5 vg0/r_rimage_1",
            "Cannot resize a RAID image directly",
        ),
        (
            "lvcreate -l 5 -n t2 vg0",
            "historical Logical Volume \"t2\" already exists",
        ),
        (
            "lvrename vg0 t3 t2",
            "Historical Logical Volume \"t2\" already exists",
        ),
        (
            "lvcreate -s -n t2 vg0/t1",
            "historical Logical Volume \"t2\" already exists",
        ),
    ] {
        let plan = run(&format!(
            "plan @data/tracked-and-historical.vg -- {command}"
        ));
        assert_eq!(plan.code, Some(2), "{command}: {}", plan.out);
        assert!(plan.err.contains(words), "{command}: {}", plan.err);
    }
}

#[test]
fn a_segment_of_a_type_that_lvm2_does_not_know_keeps_the_group_as_it_is() {
    let text = std::fs::read_to_string("models/lvm2/linear.vg").expect("a model");
    let text = text.replacen("type = \"striped\"", "type = \"fancy\"", 1);
    let (_folder, path) = written("fancy.vg", &text);
    let plan = run(&format!("plan {path} -- lvcreate -l 5 -n q vg0"));
    assert_eq!(plan.code, Some(2), "{}", plan.out);
    let words = "Cannot change VG vg0 with unknown segments in it!";
    assert!(plan.err.contains(words), "{}", plan.err);
    assert_eq!(run(&format!("show {path}")).code, Some(0));
}

#[test]
fn a_group_of_which_one_volume_more_is_taken_counts_those_of_the_same_plan() {
    let text = std::fs::read_to_string("tests/cases/data/maxlv.vg").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("three.vg");
    std::fs::write(&path, text.replace("max_lv = 2", "max_lv = 3")).expect("written");
    let path = path.display().to_string();
    let one = ["--", "lvcreate", "-l", "1", "-n", "x"];
    let two = ["--", "lvcreate", "-l", "1", "-n", "y"];
    let first = run_words(&[&["plan", &path], &one[..]].concat());
    assert_eq!(first.code, Some(0), "{}", first.err);
    let both = run_words(&[&["plan", &path], &one[..], &two[..]].concat());
    assert_eq!(both.code, Some(2));
    assert!(both.err.contains("(3) reached"), "{}", both.err);
}

#[test]
fn a_group_that_is_not_resizeable_lets_volumes_be_made() {
    let plan = run("plan @data/notresizeable.vg -- lvcreate -L 1G -n x vg0");
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    // But no disk comes or goes.
    const REFUSED: &str = "is not resizeable.";
    let plan = run("plan @data/notresizeable.vg -- vgchange -x y vg0 -- vgreduce vg0 /dev/sdd");
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    let plan = run("plan @data/notresizeable.vg -- vgchange -x n vg0");
    assert!(
        plan.err.contains("is already not resizeable"),
        "{}",
        plan.err
    );
    let plan = run("plan @data/notresizeable.vg -- vgreduce vg0 /dev/sdd");
    assert_eq!(plan.code, Some(2), "{}", plan.out);
    assert!(plan.err.contains(REFUSED), "{}", plan.err);
    let (_folder, scenario) = written("add.toml", "[[add]]\ndisk = \"/dev/sdx\"\nsize = \"1G\"\n");
    let words = "lvcreate -L 1G -n x vg0";
    let plan = run(&format!(
        "plan @data/notresizeable.vg --scenario {scenario} -- {words}"
    ));
    assert_eq!(plan.code, Some(2), "{}", plan.out);
    assert!(plan.err.contains(REFUSED), "{}", plan.err);
    let asked = run("capacity @data/notresizeable.vg -- lvcreate -L 100T -n x vg0");
    assert!(asked.err.contains(REFUSED), "{}", asked.err);
}

#[test]
fn a_reshaped_raid_volume_is_no_worse_for_its_reshape_space_and_grows_by_what_lvm2_takes() {
    let audit = run("audit @data/reshaped.vg");
    assert!(audit.out.contains("poor: 0"), "{}", audit.out);
    // LVM2 gives the space back and takes one extent more of each image: 1028 in all for 3 GiB. A whole size
    // counts the space as data.
    for (size, taken) in [("+3G", 257), ("18G", 256)] {
        let plan = run(&format!(
            "plan @data/reshaped.vg -- lvextend -L {size} vg0/r5"
        ));
        assert_eq!(plan.code, Some(0), "{size}: {}", plan.err);
        let legs = format!("4 legs of {taken} extents");
        assert!(plan.out.contains(&legs), "{}", plan.out);
        let command = format!("\ncommands\n  lvextend -L {size} vg0/r5\n");
        assert!(plan.out.ends_with(&command), "{}", plan.out);
    }
    let less = run("plan @data/reshaped.vg -- lvreduce -f -L -1G vg0/r5");
    assert_eq!(less.code, Some(0), "{}", less.err);
    assert!(
        less.out.contains("# what vg0/r5 holds behind"),
        "{}",
        less.out
    );
    // Nor is it lost from view where failures are asked about.
    let survive = run("capacity @data/reshaped.vg --survive 1");
    assert!(
        survive.out.starts_with("1 redundant volume"),
        "{}",
        survive.out
    );
}

#[test]
fn the_lvm2_that_wrote_a_file_is_the_one_that_is_asked_and_unknown_ones_are_errors() {
    let plan = run("plan @data/pve.vg -- lvcreate -l 1 -n q pve");
    assert!(
        plan.out.starts_with("LVM2 2.03.16 places it"),
        "{}",
        plan.out
    );
    let asked = run("plan @data/pve.vg --lvm2 2.03.42 -- lvcreate -l 1 -n q pve");
    assert!(
        asked.out.starts_with("LVM2 2.03.42 places it"),
        "{}",
        asked.out
    );
    let unknown = run("plan @data/pve.vg --lvm2 2.03.99 -- lvcreate -l 1 -n q pve");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("2.03.0 to 2.03.42"), "{}", unknown.err);
}

#[test]
fn after_a_failure_that_is_only_supposed_there_is_a_plan_and_no_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fail.toml");
    std::fs::write(&path, "fail = [\"/dev/sdb\"]\n").expect("written");
    let scenario = path.display();
    let words = format!("plan models/lvm2/segments.vg --scenario {scenario}");
    let plan = run(&format!("{words} -- lvcreate -l 5 -n x"));
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    assert!(plan.out.starts_with("LVM2 2.03.16 refuses"), "{}", plan.out);
    assert!(
        plan.out.contains("no commands: Cannot change VG"),
        "{}",
        plan.out
    );
    let script = run(&format!("{words} --format commands -- lvcreate -l 5 -n x"));
    assert_eq!((script.code, script.out.as_str()), (Some(2), ""));
}

#[test]
fn a_snapshot_is_extended_up_to_its_origin() {
    let plan = run("plan @data/snapshot-of-raid.vg -- lvextend -L +1G vg0/snap");
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    assert!(plan.out.contains("snap: 256 extents"), "{}", plan.out);
    assert!(plan.out.contains("LVM2 2.03.16 places it"), "{}", plan.out);
    let plan = run("plan @data/snapshot-of-raid.vg -- lvextend -L +40G vg0/snap");
    assert_eq!(plan.code, Some(2));
    assert!(
        plan.err
            .contains("larger than what can be copied of its origin"),
        "{}",
        plan.err
    );
    let hidden = run("plan @data/snapshot-of-raid.vg -- lvextend -L +1G vg0/data_rimage_0");
    assert_eq!(hidden.code, Some(2), "{}", hidden.out);
}

#[test]
fn what_was_held_once_before_is_no_fault_of_a_growth() {
    let plan = run("plan @data/snapshot-of-raid.vg -- lvextend -L +1G vg0/snap");
    let own = "LVM2 2.03.16 places it as well: run your own command";
    assert!(plan.words().starts_with(own), "{}", plan.out);
}

#[test]
fn a_disk_of_which_no_device_is_known_is_in_no_command() {
    let text = std::fs::read_to_string("models/lvm2/three-disks.vg").expect("a model");
    let text = text.replace("device = \"/dev/sdb\"", "device = \"unknown device\"");
    let (_folder, path) = written("unknown.vg", &text);
    let plan = run(&format!("plan {path} -- lvcreate -i 2 -l 240 -n data"));
    let reason = "no commands: the metadata names no device for physical volume pv1";
    assert!(plan.out.contains(reason), "{}", plan.out);
    let script = run(&format!(
        "plan {path} --format commands -- lvcreate -i 2 -l 240 -n data"
    ));
    assert_eq!((script.code, script.out.as_str()), (Some(2), ""));
}

#[test]
fn what_snapshots_and_thin_pools_still_take_is_shown() {
    let shown = run("show @data/snapshot-of-raid.vg --rate 1M");
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    let words = shown.words();
    // 524,288 chunks: one in front, and one of entries for each 256.
    let of_snapshot = "full behind 1.99 GiB that change of data or of itself, counted in chunks of 4.00 KiB; at 1.00 MiB a second in 34 min";
    assert!(words.contains(of_snapshot), "{words}");
    let words = run("show @data/pve.vg").words();
    let of_pool = "3 thin volumes show 96.00 GiB of 339.96 GiB, 28 %; 7 more as large as vm-100-disk-0 (32.00 GiB) before it is overcommitted; metadata for 3.46 TiB";
    assert!(words.contains(of_pool), "{words}");
    let volumes = run("show @data/snapshot-of-raid.vg --format volumes");
    let volumes: serde_json::Value = serde_json::from_str(&volumes.out).expect("JSON");
    let snap = volumes["volumes"].as_array().expect("a list");
    let snap = snap.iter().find(|volume| volume["name"] == "snap");
    let snap = snap.expect("it is there");
    assert_eq!(snap["devices"], serde_json::json!([["/dev/sdc", 0, 512]]));
    assert_eq!(snap["snapshot"]["held_bytes"], 522_246_u64 * 4096);
    let refused = run("show @data/pve.vg --rate 0");
    assert_eq!(refused.code, Some(2), "{}", refused.out);
}

#[test]
fn a_pool_of_an_lvm2_that_is_not_known_is_said_to_be_one() {
    let text = std::fs::read_to_string("tests/cases/data/pve.vg").expect("it is there");
    let start = text.find("Generated by LVM2 version ").expect("a heading") + 26;
    let end = start + text[start..].find(' ').expect("more words");
    let old = format!("{}2.02.176(2){}", &text[..start], &text[end..]);
    let (_folder, path) = crate::written("old.vg", &old);
    let planned = crate::run_words(&["plan", &path, "--", "lvcreate", "-l", "1", "-n", "x"]);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    assert!(planned.err.contains("2.02.176"), "{}", planned.err);
    assert!(planned.err.contains("2.03.42 is taken"), "{}", planned.err);
}
