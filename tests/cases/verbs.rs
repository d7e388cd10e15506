//! Scripts of all commands of LVM2, planned part after part.

use crate::{Run, run, run_words, written};

/// Plans a script on a pool.
fn plan(pool: &str, options: &str, script: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("script.sh");
    std::fs::write(&path, script).expect("written");
    run(&format!("plan {pool} {} {options}", path.display()))
}

/// The commands that are printed, in order.
/// The commands, each with what it loses, which stands in front of it.
fn commands(plan: &Run) -> Vec<String> {
    let (_, commands) = plan.out.split_once("\ncommands\n").expect("commands");
    let mut all = Vec::new();
    let mut loses = String::new();
    for line in commands.lines().map(str::trim) {
        match line.starts_with('#') {
            true => loses = format!("  {line}"),
            false => all.push(format!("{line}{}", std::mem::take(&mut loses))),
        }
    }
    all
}

const LINEAR: &str = "models/lvm2/linear.vg";

#[test]
fn what_a_later_command_says_otherwise_of_the_same_volume_is_planned_once_that_is_there() {
    let script = "lvcreate -l 100 -n data taft\nlvextend --alloc cling -l +50 taft/data\n";
    let found = plan("@data/cling-sites.vg", "--lvm2 2.03.16", script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let words = found.words();
    assert!(
        words.contains("part 2, on what the parts before it leave"),
        "{words}"
    );
    assert_eq!(
        commands(&found),
        [
            "lvcreate -l 100 -n data taft",
            "lvextend --alloc cling -l +50 taft/data"
        ]
    );
}

#[test]
fn a_share_and_then_a_plain_size_are_two_parts_and_both_are_had() {
    let script = "lvcreate -l 50%FREE -n a vg0\nlvextend -l +4 vg0/a\n";
    let found = plan(LINEAR, "--json", script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(
        found
            .out
            .starts_with("{ \"schema\": \"extentplan/plans/1\""),
        "{}",
        found.out
    );
    let text = plan(LINEAR, "", script);
    assert!(text.out.contains("a: 35 extents"), "{}", text.out);
    assert!(text.out.contains("a: 4 extents"), "{}", text.out);
}

#[test]
fn what_is_removed_made_smaller_or_renamed_is_so_for_the_commands_behind_it() {
    let script = "lvremove vg0/second\nlvcreate -l 100 -n x vg0 /dev/sda\nlvrename vg0/x vg0/y\n\
                  lvreduce -l 60 vg0/y\nlvresize -l 80 vg0/y\nlvresize -l 70 vg0/y\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert_eq!(
        commands(&found),
        [
            "lvremove -y vg0/second  # all that vg0/second holds is lost",
            "lvcreate -l 100 -n x vg0 /dev/sda",
            "lvrename vg0/x vg0/y",
            "lvreduce -y -l 60 vg0/y  # what vg0/y holds behind its new end is lost",
            "lvextend -l 80 vg0/y",
            "lvresize -y -l 70 vg0/y  # what vg0/y holds behind its new end is lost",
        ]
    );
}

#[test]
fn a_volume_removed_in_between_gives_room_to_what_comes_behind_it_alone() {
    let script = "lvcreate -l 61 -n a vg0 /dev/sda\nlvremove vg0/second\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(1), "{}", found.out);
    let script = "lvremove vg0/second\nlvcreate -l 61 -n a vg0 /dev/sda\n";
    assert_eq!(plan(LINEAR, "", script).code, Some(0));
}

#[test]
fn that_a_later_part_has_no_plan_is_no_proof_that_there_is_none() {
    let script = "lvcreate -l 50 -n a vg0\nlvchange --alloc contiguous vg0/a\nlvcreate -C y -l 11 -n b vg0\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(3), "{}", found.out);
    let words = found.words();
    assert!(
        words.contains("where these are placed otherwise there may be a plan"),
        "{words}"
    );
}

#[test]
fn policies_and_tags_are_those_that_the_script_has_set_by_then() {
    let script = "pvchange -x n /dev/sda\nlvcreate -l 10 -n a vg0\npvchange --addtag fast /dev/sda\n\
                  pvchange -x y /dev/sda\nvgchange --alloc contiguous vg0\nlvcreate -l 60 -n b vg0 @fast\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(3), "{}", found.out);
    let script = script.replace("-l 60 -n b", "-l 30 -n b");
    let found = plan(LINEAR, "", &script);
    assert_eq!(found.code, Some(0), "{} {}", found.out, found.err);
    let words = found.words();
    assert!(
        words.contains("a: 10 extents (40.00 MiB), 1 leg leg 0 /dev/sdb:"),
        "{words}"
    );
    assert!(
        words.contains("b: 30 extents (120.00 MiB), 1 leg leg 0 /dev/sda:"),
        "{words}"
    );
}

#[test]
fn commands_that_bear_on_no_extents_are_passed_through_and_keep_a_plan_in_one_part() {
    let script = "lvcreate -l 10 -n a vg0\nlvchange --addtag t vg0/a\nlvchange -an vg0/second\n\
                  lvcreate -l 10 -n b vg0\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(!found.out.contains("part 2"), "{}", found.out);
    let commands = commands(&found);
    assert_eq!(commands[0], "lvchange -an vg0/second");
    let last = commands.last().map(String::as_str);
    assert_eq!(last, Some("lvchange --addtag t vg0/a"));
}

#[test]
fn a_new_disk_is_as_large_as_a_scenario_says() {
    let script = "vgextend vg0 /dev/sdx\nlvcreate -l 200 -n a vg0\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(2), "{}", found.out);
    assert!(
        found.err.contains("nothing says how large /dev/sdx is") && found.err.contains("[[add]]"),
        "{}",
        found.err
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("disk.toml");
    std::fs::write(&path, "[[add]]\ndisk = \"/dev/sdx\"\nsize = \"1G\"\n").expect("written");
    let found = plan(LINEAR, &format!("--scenario {}", path.display()), script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let extended = commands(&found)
        .iter()
        .filter(|line| line.starts_with("vgextend"))
        .count();
    assert_eq!(extended, 1, "{}", found.out);
}

#[test]
fn what_lvm2_refuses_is_refused_in_its_words() {
    for (script, words) in [
        (
            "lvremove vg0/nothing\n",
            "Failed to find logical volume \"vg0/nothing\"",
        ),
        (
            "vgreduce vg0 /dev/sda\n",
            "Physical volume \"/dev/sda\" still in use",
        ),
        (
            "lvrename vg0 second two_disks\n",
            "Logical Volume \"two_disks\" already exists",
        ),
        (
            "lvreduce -l 400 vg0/second\n",
            "not less than existing size (40 extents)",
        ),
        (
            "vgchange --alloc normal vg0\n",
            "allocation policy is already normal",
        ),
        (
            "lvcreate -l 1 -n a vg1\n",
            "Volume group \"vg1\" not found; the one at hand is",
        ),
        (
            "lvremove vg1/second\n",
            "Volume group \"vg1\" not found; the one at hand is",
        ),
    ] {
        let found = plan(LINEAR, "", &format!("{script}lvcreate -l 1 -n x vg0\n"));
        assert_eq!(found.code, Some(2), "{script}: {}", found.out);
        assert!(
            found.err.contains("line 1: ") && found.err.contains(words),
            "{script}: {}",
            found.err
        );
    }
}

#[test]
fn what_lvm2_has_is_never_said_to_be_missing() {
    for (words, said) in [
        (
            "lvconvert --type vdo-pool --vdosettings x vg0/second",
            "option --vdosettings is not planned here",
        ),
        (
            "lvconvert --repair --usepolicies vg0/second",
            "option --usepolicies is not planned here",
        ),
        (
            "lvextend --fs resize -l +1 vg0/second",
            "option --fs is not planned here",
        ),
        (
            "lvcreate --vdo -l 1 -n s vg0",
            "option --vdo is not planned here",
        ),
        ("pvmove /dev/sda", "`pvmove` is not planned here"),
        ("lvcreate --foo -l 1 vg0", "lvcreate has no option `--foo`"),
        (
            "lvresize -m 1 -l +1 vg0/second",
            "lvresize has no option `-m`",
        ),
    ] {
        let found = run(&format!("plan {LINEAR} -- {words}"));
        assert_eq!(found.code, Some(2), "{words}: {}", found.out);
        assert!(found.err.contains(said), "{words}: {}", found.err);
    }
}

#[test]
fn commands_alone_that_place_nothing_are_printed_and_ask_nothing() {
    let found = run(&format!("plan {LINEAR} -- lvreduce -l -10 vg0/second"));
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(
        found.out.starts_with("nothing is placed\n"),
        "{}",
        found.out
    );
    assert_eq!(
        commands(&found),
        ["lvreduce -y -l -10 vg0/second  # what vg0/second holds behind its new end is lost"]
    );
}

#[test]
fn two_volumes_that_become_a_pool_on_the_way_grow_as_one() {
    let script = "lvcreate -l 20 -n pool vg0\nlvcreate -l 2 -n meta vg0\n\
                  lvconvert -y --type thin-pool --poolmetadata vg0/meta vg0/pool\nlvextend -l +5 vg0/pool\n";
    let found = plan(LINEAR, "", script);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let commands = commands(&found);
    assert_eq!(
        commands[2],
        "lvconvert -y --type thin-pool --poolmetadata vg0/meta vg0/pool  # all that vg0/pool and vg0/meta hold \
         is lost"
    );
    assert!(
        commands[3].starts_with("lvextend -l +5 vg0/pool"),
        "{commands:?}"
    );
    let script = plan(LINEAR, "--format commands", script);
    let head: Vec<&str> = script
        .out
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    let head = head.join("\n");
    assert!(head.contains("#   lvremove vg0/pool\n"), "{head}");
    assert!(!head.contains("#   lvremove vg0/meta\n"), "{head}");
}

#[test]
fn the_page_of_options_has_them_all_on_lines_of_bounded_width() {
    let page = run("help options");
    assert_eq!(page.code, Some(0), "{}", page.err);
    assert!(page.out.lines().all(|line| line.len() <= 100));
    for words in [
        "lvconvert",
        "--splitmirrors",
        "-V/--virtualsize",
        "not planned here: how VDO formats a pool is not known",
        "passed through:",
    ] {
        assert!(page.words().contains(words), "{words}: {}", page.out);
    }
}

#[test]
fn what_a_conversion_names_anew_is_not_removed_to_take_it_back() {
    // The volume of the user becomes the external origin, under another name.
    let words =
        "plan @data/pve.vg --format commands -- lvconvert --type thin --thinpool pve/data pve/swap";
    let planned = run(words);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    assert!(planned.out.contains("lvconvert"), "{}", planned.out);
    assert!(!planned.out.contains("lvremove"), "{}", planned.out);
}

#[test]
fn less_by_a_share_is_less() {
    for by in ["-10%LV", "-1%VG", "-10%FREE"] {
        let planned = run(&format!("plan @data/pve.vg -- lvresize -l {by} pve/swap"));
        let words = planned.words();
        assert!(
            words.contains("holds behind its new end is lost"),
            "{by}: {words}"
        );
        assert!(!words.contains("lvextend"), "{by}: {words}");
    }
}

#[test]
fn what_may_not_run_is_not_planned_as_if_it_did() {
    let lines = [
        "if [ \"$1\" = destroy ]\nthen\nlvremove -f pve/swap\nfi",
        "while false\ndo\nlvremove -f pve/swap\ndone",
        "test -e /etc/wipe && lvremove -f pve/swap",
        "mkdir /a && test -e /b && lvremove -f pve/swap",
        "test -e /a || exit 0\nif test -e /b\nthen\nexit 1\nfi\nlvremove -f pve/swap",
        "gone=$(lvremove -f pve/swap)",
        "bash <<END\nlvremove -f pve/swap\nEND",
        "sh -c 'lvremove -f pve/swap'",
        "wipe() {\nlvremove -f pve/swap\n}\nwipe",
        "{ lvremove -f pve/swap; }",
    ];
    for text in lines {
        let (_folder, path) = written("script.sh", text);
        let planned = run_words(&["plan", "@data/pve.vg", &path]);
        assert_eq!(planned.code, Some(2), "{text}: {}", planned.out);
        assert!(
            planned.err.contains("only a shell can make sense of"),
            "{text}: {}",
            planned.err
        );
    }
    let (_folder, path) = written(
        "script.sh",
        "mkdir -p /a && lvcreate -l 10 -n a pve >/dev/null 2>&1 || exit 1\nexit 0\nlvremove -f pve/swap",
    );
    let planned = run_words(&["plan", "@data/pve.vg", &path]);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    assert!(!planned.out.contains("lvremove"), "{}", planned.out);
    let said = format!("{} {}", planned.words(), planned.err);
    assert!(said.contains("is behind an `exit`"), "{said}");
}

#[test]
fn lines_that_are_none_of_lvm2_are_passed_over_whatever_a_shell_makes_of_them() {
    let text = "ID=$(blkid -o value -s UUID \"$DISK\")\nsay() { echo hi; }\ncat > /etc/x <<END\n$ID\nEND\n\
                LANG=C sudo -n lvcreate -l 10 -n a pve </dev/null &>/dev/null";
    let (_folder, path) = written("script.sh", text);
    let planned = run_words(&["plan", "@data/pve.vg", &path]);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    assert!(
        planned.out.contains("lvcreate -l 10 -n a pve"),
        "{}",
        planned.out
    );
    let note = "line 1: `ID=$(blkid -o value -s UUID \"$DISK\")` is no command of LVM2";
    assert!(planned.err.contains(note), "{}", planned.err);
}

#[test]
fn raid6_over_two_disks_is_refused_in_lvm2s_words() {
    let words = "plan models/lvm2/mirror-on-two.vg --config allocation/raid_stripe_all_devices=1 -- lvcreate --type raid6 -l 5 -n a";
    let planned = run(words);
    let said = format!("{} {}", planned.words(), planned.err);
    assert!(
        said.contains("Number of stripes must be at least 3 for raid6"),
        "{said}"
    );
}

#[test]
fn a_volume_is_made_with_checksums_by_two_commands() {
    for (options, behind) in [
        ("--raidintegrity y", "--raidintegrity y"),
        (
            "--raidintegrity=y --raidintegritymode bitmap",
            "--raidintegrity y --raidintegritymode bitmap",
        ),
    ] {
        let line = format!("lvcreate --type raid5 -i 2 -l 20 {options} -n safe vg0");
        let plan = run(&format!("plan models/lvm2/three-disks.vg -- {line}"));
        assert_eq!(plan.code, Some(0), "{}", plan.err);
        let commands = format!(
            "\ncommands\n  lvcreate --type raid5 -i 2 -l 20 -n safe vg0\n  lvconvert -y {behind} vg0/safe\n"
        );
        assert!(plan.out.ends_with(&commands), "{}", plan.out);
        assert!(plan.out.contains("safe_rimage_2_imeta"), "{}", plan.out);
    }
    let nameless = run(
        "plan models/lvm2/three-disks.vg -- lvcreate --type raid1 -m 1 -l 5 --raidintegrity y vg0",
    );
    assert_eq!(nameless.code, Some(2));
    assert!(nameless.err.contains("the name (-n)"), "{}", nameless.err);
}
