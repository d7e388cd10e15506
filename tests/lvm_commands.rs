//! Commands as people type them, in and out.

use extentplan::lvm::{
    AllocationPolicy, Amount, CommandError, LvCommand, MirrorLog, PercentOf, ScriptError,
    SegmentType, Verb, read_command, read_commands,
};

fn read(line: &str) -> Result<LvCommand, CommandError> {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    read_command(&words)
}

fn command(line: &str) -> LvCommand {
    read(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refusal(line: &str) -> String {
    match read(line) {
        Ok(command) => panic!("{line} was read as {command}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn one_command_has_many_spellings() {
    let plain = command("lvcreate -i 2 -l 240 -n data vg0 /dev/sda:0-99 @fast");
    for line in [
        "lvcreate -i2 -l240 -ndata vg0 /dev/sda:0-99 @fast",
        "lvcreate --stripes 2 --extents=240 --name data vg0 /dev/sda:0-99 @fast",
        "lvcreate vg0 /dev/sda:0-99 -l 240 @fast -n data -i 2",
        "lvcreate -l 240 -i 2 -n vg0/data -- vg0 /dev/sda:0-99 @fast",
        "lvcreate --ext +240 --strip=2 -n data vg0 /dev/sda:0+100 @fast",
        "sudo lvcreate -i 2 -l 240 -n data vg0 /dev/sda:0-99 @fast",
        "lvm lvcreate -i 2 -l 240 -n data vg0 /dev/sda:-99 @fast",
        "sudo /usr/sbin/lvcreate -i 2 -l 240 -n data vg0 /dev/sda:0-99 @fast",
    ] {
        if line.contains("--strip=") {
            // Both --stripes and --stripesize begin like this.
            assert!(matches!(
                read(line),
                Err(CommandError::AmbiguousOption { .. })
            ));
        } else {
            assert_eq!(command(line), plain, "{line}");
        }
    }
    assert_eq!(
        plain.to_string(),
        "lvcreate -i 2 -l 240 -n data vg0 /dev/sda:0-99 @fast"
    );
}

#[test]
fn the_type_is_the_one_that_lvm2_makes() {
    for (line, kind) in [
        ("lvcreate -l 10", SegmentType::Linear),
        ("lvcreate -l 10 -i 1 -m 0", SegmentType::Linear),
        ("lvcreate -l 10 -i 2", SegmentType::Striped),
        ("lvcreate -l 10 -i 2 -m 0", SegmentType::Striped),
        ("lvcreate -l 10 -m 1", SegmentType::Raid1),
        ("lvcreate -l 10 -m 1 -i 2", SegmentType::Raid10),
        ("lvcreate -l 10 --type mirror", SegmentType::Mirror),
        ("lvcreate -l 10 --type raid5_la", SegmentType::Raid5),
        ("lvcreate -l 10 --type raid6_n_6", SegmentType::Raid6),
        ("lvcreate -l 10 --type raid10_near", SegmentType::Raid10),
        ("lvcreate -l 10 -T vg0/pool", SegmentType::ThinPool),
        ("lvcreate -l 10 --thinpool pool vg0", SegmentType::ThinPool),
        (
            "lvcreate -l 10 --type cache-pool -n pool",
            SegmentType::CachePool,
        ),
    ] {
        assert_eq!(command(line).created_type(), kind, "{line}");
    }
}

#[test]
fn a_pool_may_be_named_in_several_places() {
    for line in [
        "lvcreate --type thin-pool -l 10 -n pool vg0",
        "lvcreate --type thin-pool -l 10 vg0/pool",
        "lvcreate --type thin-pool -l 10 --thinpool pool vg0",
        "lvcreate --type thin-pool -l 10 -n vg0/pool",
    ] {
        let command = command(line);
        assert_eq!(command.name.as_deref(), Some("pool"), "{line}");
        assert_eq!(command.volume_group.as_deref(), Some("vg0"), "{line}");
    }
}

#[test]
fn options_that_place_nothing_are_kept() {
    let command = command("lvcreate -an -Zn -W n -yvv --addtag a --addtag=b -kn -l 1 -n x vg0");
    let kept = [
        "-an",
        "-Zn",
        "-W",
        "n",
        "-y",
        "-v",
        "-v",
        "--addtag",
        "a",
        "--addtag=b",
        "-kn",
    ];
    let words = command.other.iter().flat_map(|option| &option.words);
    assert_eq!(words.collect::<Vec<_>>(), kept);
    assert_eq!(self::command(&command.to_string()), command);
}

#[test]
fn every_option_that_places_is_read() {
    let create = command(
        "lvcreate --type mirror -m 2 --mirrorlog core --nosync -R 4m --alloc cling -L 1.5g vg0",
    );
    assert_eq!(create.mirrors, Some(2));
    assert_eq!(create.mirror_log, Some(MirrorLog::Core));
    assert!(create.nosync);
    assert_eq!(create.region_size_sectors, Some(8192));
    assert_eq!(create.policy, Some(AllocationPolicy::Cling));
    let sectors = |size: Option<extentplan::lvm::SizeArgument>| size.map(|size| size.amount);
    assert_eq!(sectors(create.size), Some(Amount::Sectors(3 << 20)));
    let pool = command(
        "lvcreate --type thin-pool -i 2 -I 128 -c 64 --poolmetadatasize 8m --poolmetadataspare n \
         -l 50%FREE -C y vg0",
    );
    assert_eq!(pool.stripe_size_sectors, Some(256));
    assert_eq!(pool.chunk_size_sectors, Some(128));
    assert_eq!(sectors(pool.pool_metadata), Some(Amount::Sectors(16384)));
    assert_eq!(pool.pool_metadata_spare, Some(false));
    assert_eq!(pool.policy, Some(AllocationPolicy::Contiguous));
    let of = PercentOf::Free;
    assert_eq!(
        sectors(pool.size),
        Some(Amount::Percent { percent: 50, of })
    );
}

#[test]
fn lvextend_names_what_it_extends() {
    for (line, group) in [
        ("lvextend -l +10 vg0/data /dev/sda", Some("vg0")),
        ("lvextend -l +10 /dev/vg0/data /dev/sda", Some("vg0")),
        ("lvextend -l +10 data /dev/sda", None),
        ("lvextend -rf -l +10 data /dev/sda", None),
    ] {
        let command = command(line);
        assert_eq!(command.verb, Verb::Extend);
        assert_eq!(command.name.as_deref(), Some("data"), "{line}");
        assert_eq!(command.volume_group.as_deref(), group, "{line}");
        assert_eq!(command.physical_volumes.len(), 1, "{line}");
    }
    assert!(command("lvextend vg0/data /dev/sda").size.is_none());
}

#[test]
fn what_is_wrong_is_named_with_what_was_expected() {
    for (line, parts) in [
        ("", &["no command"][..]),
        ("vgcreate x", &["`vgcreate`", "lvcreate"]),
        ("lvcreate -l", &["-l/--extents", "needs a value"]),
        (
            "lvcreate -l ten -n x",
            &["-l/--extents", "`ten`", "whole number"],
        ),
        ("lvcreate -L 10q -n x", &["-L/--size", "`10q`", "1.5g"]),
        ("lvcreate -L 20e -n x", &["-L/--size", "`20e`", "16 EiB"]),
        (
            "lvcreate -l 18446744073709551616",
            &["-l/--extents", "below 2^64"],
        ),
        ("lvcreate -l 0", &["--extents may not be zero."]),
        ("lvcreate -l -5", &["-l/--extents", "`-5`", "not negative"]),
        ("lvcreate -l 50%LV", &["`50%LV`", "FREE, VG or PVS"]),
        ("lvcreate -n x", &["size", "missing"]),
        (
            "lvcreate -l 5 -L 5",
            &["-l/--extents", "-L/--size", "contradict"],
        ),
        ("lvcreate -l 5 -l 5", &["-l/--extents", "twice"]),
        ("lvcreate -l 5 --frob", &["lvcreate", "`--frob`"]),
        ("lvcreate -l 5 -x", &["lvcreate", "`-x`"]),
        ("lvcreate -l 5 --nosync=y", &["--nosync", "no value", "`y`"]),
        ("lvcreate -l 5 -V 1g", &["-V 1g", "extentplan plan"]),
        (
            "lvcreate -l 5 --config x",
            &["--config", "not planned here"],
        ),
        ("lvcreate -s -l 5 vg0/x", &["-s", "extentplan plan"]),
        (
            "lvcreate -l 5 --type vdo",
            &["`vdo`", "not planned here", "raid10"],
        ),
        (
            "lvcreate -l 5 --type raid1 -i 2",
            &["raid1", "1 stripe (-i)", "found 2"],
        ),
        (
            "lvcreate -l 5 --type raid6 -i 2",
            &["raid6", "3 to 62", "found 2"],
        ),
        (
            "lvcreate -l 5 --type raid10 -m 2",
            &["raid10", "1 mirror (-m)", "found 2"],
        ),
        (
            "lvcreate -l 5 --type mirror -m 8",
            &["mirror", "1 to 7", "found 8"],
        ),
        (
            "lvcreate -l 5 -i 129",
            &["striped", "1 to 128", "found 129"],
        ),
        ("lvcreate -l 5 -i 0", &["-i/--stripes", "`0`", "at least 1"]),
        (
            "lvcreate -l 5 -i 2 -I 3",
            &["-I/--stripesize", "`3`", "power of two"],
        ),
        (
            "lvcreate -l 5 --type linear -m 1",
            &["linear", "mirrors", "found 1"],
        ),
        (
            "lvcreate -l 5 --mirrorlog core -m 1",
            &["--mirrorlog", "raid1"],
        ),
        (
            "lvcreate -l 5 --mirrorlog mirrored",
            &["--mirrorlog", "`mirrored`", "core or disk"],
        ),
        ("lvcreate -l 5 --nosync", &["--nosync", "linear"]),
        (
            "lvcreate -l 5 --alloc near",
            &["--alloc", "`near`", "cling_by_tags"],
        ),
        (
            "lvcreate -l 5 -Cy --alloc cling",
            &["--alloc", "--contiguous", "contradict"],
        ),
        ("lvcreate -l 5 -n a_rimage_1", &["`a_rimage_1`", "_rimage"]),
        ("lvcreate -l 5 -n snapshot1", &["`snapshot1`", "snapshot"]),
        ("lvcreate -l 5 -n a/b vg0", &["`vg0`", "`a`"]),
        ("lvcreate -l 5 vg0/x", &["`vg0/x`", "volume group", "-n"]),
        ("lvcreate -l 5 vg0 /dev/sda:5-3", &["`/dev/sda:5-3`", "end"]),
        ("lvcreate -l 5 vg0 /dev/sda:", &["`/dev/sda:`", "ranges"]),
        ("lvcreate -l 5 vg0 @", &["`@`", "tag"]),
        ("lvcreate -l 5 -n a:0/b", &["`a:0/b`", "GROUP/NAME"]),
        ("lvextend -l +5 vg0/x:0-9", &["`vg0/x:0-9`", "GROUP/NAME"]),
        ("lvextend -l +5", &["logical volume", "missing"]),
        ("lvextend vg0/x", &["size", "missing"]),
        ("lvextend -l -5 vg0/x", &["`-5`", "not negative"]),
        ("lvextend -l +5 -R 1m vg0/x", &["lvextend", "`-R`"]),
    ] {
        let message = refusal(line);
        for part in parts {
            assert!(message.contains(part), "{line}: {message}");
        }
    }
}

#[test]
fn a_script_is_read_line_by_line() {
    let script = "#!/bin/sh\n# the data\nlvcreate -l 10 -n 'data' \\\n  vg0\n\n\
                  sudo lvextend -l +5 vg0/data && lvcreate -l 1 -n log vg0; lvcreate -l 2 vg0\n";
    let read = read_commands(script).expect("a script");
    let lines: Vec<usize> = read.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 6, 6, 6]);
    assert_eq!(read[0].1, command("lvcreate -l 10 -n data vg0"));
    assert_eq!(read[1].1, command("lvextend -l +5 vg0/data"));
}

#[test]
fn a_script_that_cannot_be_read_says_on_which_line() {
    assert_eq!(read_commands("\n# nothing\n"), Err(ScriptError::Empty));
    for (script, message) in [
        (
            "lvcreate -l 1\nlvcreate -l x\n",
            "line 2: option -l/--extents: found `x`",
        ),
        ("set -e\n", "line 1: found the command `set`"),
        ("lvremove vg0/x\n", "line 1: `lvremove` is not planned here"),
        (
            "vgextend vg0 /dev/sdx\n",
            "line 1: `vgextend` is not planned here",
        ),
        (
            "\nlvcreate -l 1 $VG\n",
            "line 2: found `$VG`, which only a shell",
        ),
    ] {
        let error = read_commands(script).expect_err("unreadable");
        assert!(error.to_string().starts_with(message), "{error}");
    }
}
