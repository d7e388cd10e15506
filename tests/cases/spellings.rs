//! Commands and files as people have them.

use std::io::Write;

use crate::{run, written};

#[test]
fn a_volume_may_be_named_by_all_its_paths() {
    for words in [
        "lvextend -l +100%FREE /dev/mapper/ubuntu--vg-ubuntu--lv",
        "lvextend -l +100%FREE /dev/ubuntu-vg/ubuntu-lv",
        "lvextend -l +100%FREE ubuntu-vg/ubuntu-lv",
        "lvresize -l +100%FREE /dev/mapper/ubuntu--vg-ubuntu--lv",
    ] {
        let plan = run(&format!("plan @data/ubuntu.vg -- {words}"));
        assert_eq!(plan.code, Some(0), "{words}: {}", plan.err);
        assert!(plan.out.contains("8959 extents"), "{words}: {}", plan.out);
    }
    let plan = run("plan @data/ubuntu.vg -- lvextend -l +1 /dev/mapper/ubuntu--vg");
    assert_eq!(plan.code, Some(2));
}

#[test]
fn a_command_is_good_as_it_is_only_where_lvm2_would_take_it_so() {
    for (command, is_in_full) in [
        ("lvcreate -l 5 -n q vg0", true),
        ("lvcreate -l 5 -n q /dev/vg0 /dev/sda", true),
        ("lvcreate -l 5", false),
        ("lvcreate -l 5 -n q vg0 sda", false),
        ("lvcreate -l 5 -n q /dev/sda", false),
        ("lvextend -l +5 second", false),
        ("lvextend -l +5 /dev/mapper/vg0-second", true),
    ] {
        let plan = run(&format!("plan models/lvm2/linear.vg -- {command}"));
        assert_eq!(plan.code, Some(0), "{command}: {}", plan.err);
        let words = "run your own command\n";
        assert_eq!(
            plan.out.contains(words),
            is_in_full,
            "{command}: {}",
            plan.out
        );
    }
    let plan = run("plan models/lvm2/linear.vg -- lvcreate --type raid7 -l 5 -n q vg0");
    assert_eq!(plan.code, Some(2));
    assert!(
        plan.err.contains("Unrecognised segment type raid7"),
        "{}",
        plan.err
    );
}

#[test]
fn a_wrong_group_is_named_where_it_stands_and_a_byte_order_mark_is_no_word() {
    let script = "lvcreate -l 1 -n a vg0\nlvcreate -l 1 -n b other\nlvextend -l +1 other/b\n";
    let (_folder, path) = written("two.sh", script);
    let plan = run(&format!("plan models/lvm2/three-disks.vg {path}"));
    assert_eq!(plan.code, Some(2), "{}", plan.out);
    let words = "line 2: Volume group \"other\" not found";
    assert!(plan.err.contains(words), "{}", plan.err);
    let (_folder, path) = written("marked.sh", "\u{feff}lvcreate -l 1 -n a vg0\r\n");
    let plan = run(&format!("plan models/lvm2/three-disks.vg {path}"));
    assert_eq!(plan.code, Some(0), "{}", plan.err);
}

#[test]
fn a_file_that_is_packed_or_written_otherwise_is_called_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for (bytes, words) in [
        (&b"\xfd7zXZ\0\0"[..], "packed by xz"),
        (b"BZh91AY&SY\xff", "packed by bzip2"),
        (b"\xff\xfe#\0 \0", "UTF-16"),
        (b"\xff\xff", "byte 0 is not UTF-8"),
    ] {
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).expect("written");
        let shown = run(&format!("show {}", path.display()));
        assert_eq!(shown.code, Some(2), "{words}");
        assert!(shown.err.contains(words), "{words}: {}", shown.err);
    }
}

#[test]
fn a_volume_is_renamed_by_a_name_that_lvm2_finds() {
    let plan = run("plan models/lvm2/linear.vg -- lvrename /dev/mapper/vg0-second newer");
    assert!(
        plan.out.contains("\n  lvrename vg0 second newer\n"),
        "{}",
        plan.out
    );
    let plan = run("plan models/lvm2/linear.vg -- lvrename /dev/vg0/second newer");
    assert!(
        plan.out.contains("\n  lvrename /dev/vg0/second newer\n"),
        "{}",
        plan.out
    );
}

#[test]
fn what_a_report_leaves_open_is_said_and_not_taken_for_known() {
    let shown = run("show models/lvm2/segments.json");
    assert!(shown.out.contains("policy not said"), "{}", shown.out);
    for words in [
        "plan models/lvm2/segments.json -- lvcreate -l 5 -n q vg0",
        "capacity models/lvm2/segments.json -- lvcreate -l 5 -n q vg0",
    ] {
        let asked = run(words);
        let open = "of `vg0` the report does not say the policy, the most volumes (max_lv), the policies of volumes, \
                    volumes without extents of their own";
        assert!(asked.err.contains(open), "{words}: {}", asked.err);
    }
    // Which volumes are snapshots or origins of others it does not say at all.
    let grown = run("plan models/lvm2/segments.json -- lvextend -l +1 vg0/small");
    assert_eq!(grown.code, Some(2), "{}", grown.out);
    assert!(grown.err.contains("fullreport --all"), "{}", grown.err);
    let full = run("plan models/lvm2/tags-and-policies.json -- lvcreate -l 1 -n q vg0");
    assert!(!full.err.contains("report does not say"), "{}", full.err);
}

#[test]
fn near_misses_get_a_hint() {
    for (words, hint) in [
        ("lvcreate -L 100%FREE -n x", "a percentage goes with -l"),
        ("lvcreate -l 5G -n x", "a size with its unit goes with -L"),
        ("lvcreate -l 100%FRE -n x", "%"),
        (
            "lvcreate -l 5 -n x @cache",
            "no physical volume has the tag @cache",
        ),
    ] {
        let plan = run(&format!("plan models/lvm2/linear.vg -- {words}"));
        assert_eq!(plan.code, Some(2), "{words}: {}", plan.out);
        assert!(plan.err.contains(hint), "{words}: {}", plan.err);
    }
    let plan = run("plan @data/cache-tag.vg -- lvcreate -n md -L 3G raid0-data @cache");
    let words = "No specified PVs have space available. (no physical volume has the tag @cache";
    assert!(plan.err.contains(words), "{}", plan.err);
}

#[test]
fn of_a_script_the_commands_that_place_extents_are_planned() {
    let plan = run("plan models/lvm2/three-disks.vg @data/provision.sh");
    assert!(plan.code == Some(0) || plan.code == Some(1), "{}", plan.err);
    for passed_over in [
        "`vgcreate vg0",
        "`mkfs.xfs /dev/vg0/db`",
        "`exit 1`",
        "`mkdir -p /srv/db`",
    ] {
        assert!(
            plan.err.contains(passed_over),
            "{passed_over}: {}",
            plan.err
        );
    }
}

#[test]
fn what_only_a_shell_knows_is_an_error_where_it_bears_on_the_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script.sh");
    for (script, found) in [
        ("VG=vg0\nlvcreate -l 1 -n x $VG\n", "line 2: found `$VG`"),
        (
            "lvs vg0/x || lvcreate -l 1 -n x vg0\n",
            "`||` in front of a command",
        ),
        (
            "if lvcreate -l 1 -n x vg0; then\necho\nfi\n",
            "`if` in front of a command",
        ),
        (
            "pvmove /dev/sda\nlvcreate -l 1 -n x vg0\n",
            "`pvmove` is not planned here",
        ),
        (
            "vgextend vg0 /dev/sdx\nlvcreate -l 1 -n x vg0\n",
            "--scenario",
        ),
    ] {
        std::fs::write(&path, script).expect("written");
        let plan = run(&format!("plan models/lvm2/linear.vg {}", path.display()));
        assert_eq!((plan.code, plan.out.as_str()), (Some(2), ""), "{script}");
        assert!(plan.err.contains(found), "{script}: {}", plan.err);
    }
    std::fs::write(
        &path,
        "VG=vg0\necho \"$VG\" | tee log\nlvcreate -l 1 -n x vg0\n",
    )
    .expect("written");
    let plan = run(&format!("plan models/lvm2/linear.vg {}", path.display()));
    assert_eq!(plan.code, Some(0), "{}", plan.err);
}

#[test]
fn a_compressed_file_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("raid5.vg.gz");
    let text = std::fs::read("models/lvm2/raid5.vg").expect("a model");
    let file = std::fs::File::create(&path).expect("a file");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    packed.write_all(&text).expect("written");
    packed.finish().expect("finished");
    let (plain, read) = (
        run("show models/lvm2/raid5.vg"),
        run(&format!("show {}", path.display())),
    );
    assert_eq!((read.code, read.out), (Some(0), plain.out));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (words, hint) in [
        (
            "capacity models/lvm2/raid5.vg --disk 0 -- lvcreate -l 10000 -n q",
            "at least one extent",
        ),
        (
            "plan models/lvm2/raid5.vg lvcreate -l 1 -n q",
            "put `--` in front of it",
        ),
        (
            "show models/lvm2/raid5.vg --json --format text",
            "cannot be used with",
        ),
        (
            "plan models/lvm2/linear.vg -- lvcreate --type linear -i 2 -l 2 -n x",
            "takes 1 stripe",
        ),
    ] {
        let asked = run(words);
        assert_eq!((asked.code, asked.out.as_str()), (Some(2), ""), "{words}");
        assert!(asked.err.contains(hint), "{words}: {}", asked.err);
    }
}

#[test]
fn volumes_are_shown_as_a_tree_with_type_size_legs_and_places() {
    let shown = run("show models/lvm2/raid5.vg");
    for line in [
        "\n  data  raid5, 4 legs, 120 extents (480.00 MiB)\n",
        "\n    [data_rimage_0]  linear, 40 extents (160.00 MiB)  /dev/sda:1-40\n",
        "\n  a data\n",
    ] {
        assert!(shown.out.contains(line), "{line}: {}", shown.out);
    }
    let pool = run("show @data/thin-raid-data-linear-meta.vg");
    let meta = "\n    [pool_tmeta]  linear, 256 extents (1.00 GiB)  /dev/sdc:0-255\n";
    assert!(pool.out.contains(meta), "{}", pool.out);
}

#[test]
fn a_table_for_people_that_lacks_something_is_refused_with_the_report_to_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.txt");
    for (table, hint) in [
        (
            "  LV   VG  Attr       LSize  Devices\n  data vg0 -wi-a----- 10.00g /dev/sda(0)\n",
            "add it with `pvs --segments -o +vg_name,lv_name,vg_extent_size`",
        ),
        (
            "  PV       VG  Fmt  Attr PSize   PFree Start SSize\n  /dev/sda vg0 lvm2 a--  <10.00g    0      0  2559\n",
            "add it with `pvs --segments -o +lv_name`",
        ),
        (
            "  PV         VG  Fmt  Attr PSize  PFree  Start SSize\n  /dev/sda vg0 lvm2 a-- 10.00g 0 0 2559\n",
            "lvm fullreport -a --reportformat json",
        ),
        (
            "  --- Volume group ---\n  VG Name               vg0\n",
            "lvm fullreport --all --reportformat json",
        ),
        (
            "  Fmt  VG UUID  VG   Attr   VPerms\n  lvm2 eKTrUx   vg0  wz--n- writeable\n",
            "lvm fullreport --all --reportformat json",
        ),
        (
            "  /dev/sda vg0     0    25 x-y\n  /dev/sdb vg0    25     1\n",
            "take it without `--noheadings`",
        ),
        (
            "\u{a0} PV\u{a0}\u{a0} VG\u{a0} Attr\u{a0}\n\u{a0} /dev/sda vg0\u{a0} a--\n",
            "blanks that do not break",
        ),
    ] {
        std::fs::write(&path, table).expect("written");
        let shown = run(&format!("show {}", path.display()));
        assert_eq!((shown.code, shown.out.as_str()), (Some(2), ""), "{table}");
        assert!(shown.err.contains(hint), "{}", shown.err);
    }
}

#[test]
fn the_name_of_a_volume_group_stands_for_what_lvm_says_of_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::TempDir::new().expect("a folder");
    let fake = folder.path().join("lvm");
    let report = format!("{}/models/lvm2/segments.json", env!("CARGO_MANIFEST_DIR"));
    let script = format!(
        "#!/bin/sh\nfor last; do :; done\nif [ \"$last\" = vg0 ]; then cat '{report}'; exit; fi\n\
         echo \"  Volume group \\\"$last\\\" not found\" >&2\nexit 5\n"
    );
    std::fs::write(&fake, script).expect("a temporary file");
    std::fs::set_permissions(&fake, PermissionsExt::from_mode(0o755)).expect("a program");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let run = |words: &str| {
        let mut command = assert_cmd::Command::cargo_bin("extentplan").expect("the program");
        command.env("PATH", &path).args(words.split(' '));
        command.assert()
    };
    let asked = "note: there is no file vg0: `lvm fullreport` was asked";
    let plan = run("plan vg0 -- lvcreate -l 4 -n new");
    plan.success().stderr(predicates::str::contains(asked));
    // What is not there is an error that says what was tried, and no all-clear.
    let missing = "there is no file no-such-group; asked for a volume group of that name, `lvm fullreport` fails \
                   (Volume group \"no-such-group\" not found), and there is no backup of it";
    let audit = run("audit no-such-group");
    audit.code(2).stderr(predicates::str::contains(missing));
    let file = "cannot read no/such.vg";
    run("audit no/such.vg")
        .code(2)
        .stderr(predicates::str::contains(file));
}

#[test]
fn a_share_is_given_with_the_other_option() {
    let planned = run("plan @data/pve.vg -- lvcreate -L 50% -n x pve");
    assert_eq!(planned.code, Some(2));
    assert!(
        planned
            .err
            .contains("shares are given with -l, such as 50%FREE"),
        "{}",
        planned.err
    );
}

#[test]
fn what_lies_directly_below_dev_is_no_volume() {
    let planned = run("plan @data/pve.vg -- lvextend -l +1 /dev/dm-0");
    assert_eq!(planned.code, Some(2));
    assert!(
        planned
            .err
            .contains("\"/dev/dm-0\": Invalid path for Logical Volume."),
        "{}",
        planned.err
    );
    for name in ["/dev//pve/swap", "pve//swap", "/dev/pve//swap"] {
        let planned = run(&format!("plan @data/pve.vg -- lvextend -l +1 {name}"));
        assert_eq!(planned.code, Some(0), "{name}: {}", planned.err);
    }
}
