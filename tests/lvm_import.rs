//! What commands for a volume group come to as a problem.

use std::collections::BTreeSet;

use extentplan::core::{Area, Cuts, Place, Policy, Problem, Request, Separation, Size, Source};
use extentplan::lvm::simulate::simulate;
use extentplan::lvm::{
    Dictionary, EntryPart, ImportError, LvCommand, Settings, VolumeGroup, import, read,
    read_command,
};

fn group(text: &str) -> VolumeGroup {
    read(text).expect("metadata text")
}

fn three_disks() -> VolumeGroup {
    group(include_str!("../models/lvm2/three-disks.vg"))
}

fn commands(lines: &[&str]) -> Vec<LvCommand> {
    let command = |line: &&str| {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        read_command(&words).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    lines.iter().map(command).collect()
}

fn imported(group: &VolumeGroup, lines: &[&str]) -> (Problem, Dictionary) {
    import(group, &commands(lines), &Settings::default())
        .unwrap_or_else(|error| panic!("{lines:?}: {error}"))
}

fn request(line: &str) -> Request {
    imported(&three_disks(), &[line]).0.requests()[0].clone()
}

fn refusal(group: &VolumeGroup, lines: &[&str]) -> String {
    match import(group, &commands(lines), &Settings::default()) {
        Ok((problem, _)) => panic!("{lines:?}: {:?}", problem.requests()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_type_has_its_legs_and_its_way_to_keep_them_apart() {
    let leg = Separation::Leg;
    let segment = Separation::Segment;
    for (options, stripes, copies, parity, separation, cuts) in [
        ("", 1, 1, 0, segment, Cuts::Apart),
        ("-i 2", 2, 1, 0, segment, Cuts::Together),
        ("--type mirror -m 2", 1, 3, 0, leg, Cuts::Apart),
        ("--type raid0 -i 3", 3, 1, 0, leg, Cuts::Apart),
        ("-m 1", 1, 2, 0, leg, Cuts::Apart),
        ("--type raid5", 2, 1, 1, leg, Cuts::Apart),
        ("--type raid4 -i 2", 2, 1, 1, leg, Cuts::Apart),
        ("--type thin-pool -i 2", 2, 1, 0, segment, Cuts::Together),
        ("--type cache-pool", 1, 1, 0, segment, Cuts::Apart),
    ] {
        let request = request(&format!("lvcreate {options} -l 12 -n x"));
        let shape = request.shape;
        assert_eq!(
            (shape.stripes, shape.copies, shape.parity),
            (stripes, copies, parity),
            "{options}"
        );
        assert_eq!(request.separation, separation, "{options}");
        assert_eq!(request.cuts, cuts, "{options}");
        assert_eq!(request.size, Size::Exactly(12), "{options}");
    }
}

#[test]
fn companions_lie_where_lvm2_can_put_them() {
    let raid = request("lvcreate --type raid5 -l 12 -n x");
    let metadata = raid.metadata.expect("metadata of images");
    assert_eq!((metadata.extents, metadata.place), (1, Place::Front));
    assert!(
        request("lvcreate --type raid0 -l 12 -n x")
            .metadata
            .is_none()
    );
    let log = |line: &str, settings: &Settings| {
        let imported = import(&three_disks(), &commands(&[line]), settings).expect("a problem");
        imported.0.requests()[0]
            .log
            .map(|log| (log.extents, log.count, log.place))
    };
    let plain = Settings::default();
    let apart = Settings {
        mirror_logs_require_separate_pvs: true,
        ..Settings::default()
    };
    let mirror = "lvcreate --type mirror -l 12 -n x";
    assert_eq!(log(mirror, &plain), Some((1, 1, Place::AnySource)));
    assert_eq!(log(mirror, &apart), Some((1, 1, Place::OwnSource)));
    assert_eq!(
        log("lvcreate --type mirror --mirrorlog core -l 12 -n x", &plain),
        None
    );
    let pool = "lvcreate --type thin-pool --poolmetadatasize 10m -l 12 -n x";
    assert_eq!(log(pool, &plain), Some((3, 1, Place::AnySource)));
}

#[test]
fn one_spare_serves_all_pools() {
    let lines = [
        "lvcreate --type thin-pool -l 12 -n small",
        "lvcreate --type thin-pool --poolmetadatasize 20m -l 12 -n large /dev/sdb",
        "lvcreate --type cache-pool --poolmetadataspare n -l 12 -n none",
    ];
    let (problem, dictionary) = imported(&three_disks(), &lines);
    let parts: Vec<EntryPart> = dictionary.entries.iter().map(|entry| entry.part).collect();
    let created = EntryPart::Created;
    assert_eq!(parts, [created, created, created, EntryPart::Spare]);
    let spare = &problem.requests()[3];
    assert_eq!(spare.name, "lvol0_pmspare");
    assert_eq!(
        (spare.size, spare.policy),
        (Size::Exactly(5), Policy::Contiguous)
    );
    assert_eq!(spare.allowed, Some(vec![(1, None)]));
    // It is made first, so what is planned beside it does not count for its name.
    let lines = [lines[0], "lvcreate -l 1 -n lvol7"];
    let (problem, _) = imported(&three_disks(), &lines);
    assert_eq!(problem.requests()[2].name, "lvol0_pmspare");
    let pool = group(include_str!("../models/lvm2/thin-pool.vg"));
    let line = format!("lvcreate --type thin-pool -l 1 -n another {}", pool.name);
    assert_eq!(
        imported(&pool, &[&line]).0.requests().len(),
        1,
        "it has a spare"
    );
}

#[test]
fn arguments_say_in_order_what_may_be_used() {
    let area = |start, count| Area::new(start, count).expect("not empty");
    let ranges = Some(vec![area(20, 10), area(0, 5)]);
    let asked = request("lvcreate -l 12 -n x vg0 /dev/sdc /dev/sda:20-29:0-4");
    assert_eq!(asked.allowed, Some(vec![(2, None), (0, ranges)]));
    // Without the group's name, too.
    let asked = request("lvcreate -l 12 -n x /dev/sdc /dev/sdb");
    assert_eq!(asked.allowed, Some(vec![(2, None), (1, None)]));
    assert_eq!(request("lvcreate -l 12 -n x").allowed, None);
    let tagged = group(include_str!("../models/lvm2/tags-and-policies.vg"));
    let tags: BTreeSet<&String> = tagged
        .physical_volumes
        .iter()
        .flat_map(|v| &v.tags)
        .collect();
    for tag in tags {
        let line = format!("lvcreate -l 1 -n x {} @{tag}", tagged.name);
        let Ok((problem, _)) = import(&tagged, &commands(&[&line]), &Settings::default()) else {
            continue;
        };
        let allowed = problem.requests()[0].allowed.clone().expect("not all");
        for (volume, _) in allowed {
            assert!(tagged.physical_volumes[volume].tags.contains(tag));
            assert!(tagged.physical_volumes[volume].allocatable);
        }
    }
}

#[test]
fn percentages_ask_for_at_most_what_lvm2_would_ask_for() {
    let sizes = |lines: &[&str]| -> Vec<Size> {
        let (problem, _) = imported(&three_disks(), lines);
        problem
            .requests()
            .iter()
            .map(|request| request.size)
            .collect()
    };
    assert_eq!(sizes(&["lvcreate -l 100%FREE -n x"]), [Size::AtMost(240)]);
    assert_eq!(sizes(&["lvcreate -m 1 -l 50%VG -n x"]), [Size::AtMost(60)]);
    assert_eq!(
        sizes(&["lvcreate -l 100%PVS -n x vg0 /dev/sda:0-9 /dev/sdb"]),
        [Size::AtMost(90)]
    );
    // What is asked for before is no longer free: 2 x (40 + 1) extents.
    assert_eq!(
        sizes(&["lvcreate -m 1 -l 40 -n x", "lvcreate -l 100%FREE -n y"]),
        [Size::Exactly(40), Size::AtMost(158)]
    );
}

#[test]
fn a_share_is_rounded_up_to_whole_rows_where_exactly_so_much_is_free() {
    let text = include_str!("../models/lvm2/three-disks.vg");
    let group = group(&text.replace("pe_count = 80", "pe_count = 50"));
    let size = |line| imported(&group, &[line]).0.requests()[0].size;
    // 148 of 150 extents, in rows of three.
    let line = "lvcreate -i 3 -l 99%FREE -n x";
    assert_eq!(size(line), Size::AtMost(150));
    // 148 again, in rows of eight: 152 are not there, so it is rounded down.
    let line = "lvcreate -i 2 -I 16m -l 99%FREE -n x";
    assert_eq!(size(line), Size::AtMost(144));
}

#[test]
fn commands_about_one_volume_are_one_request() {
    let lines = [
        "lvcreate -i 2 -l 10 -n x",
        "lvextend -l +3 vg0/x",
        "lvextend -L 80m x",
    ];
    let (problem, dictionary) = imported(&three_disks(), &lines);
    assert_eq!(problem.requests().len(), 1);
    assert_eq!(problem.requests()[0].size, Size::Exactly(20));
    assert_eq!(dictionary.entries[0].demand.extents, 20);
    assert!(dictionary.notes.is_empty(), "{:?}", dictionary.notes);
    let other = [
        "lvcreate -i 2 -l 10 -n x",
        "lvextend -l +3 --alloc cling vg0/x",
    ];
    let message = refusal(&three_disks(), &other);
    assert!(
        message.contains("`x`") && message.contains("policy"),
        "{message}"
    );
    for other in [
        ["lvcreate -l 10 -n x vg0 /dev/sda", "lvextend -l +3 vg0/x"],
        ["lvcreate -l 50%FREE -n x vg0", "lvextend -l +3 vg0/x"],
    ] {
        let message = refusal(&three_disks(), &other);
        assert!(message.contains("by an earlier command"), "{message}");
    }
}

#[test]
fn what_grows_brings_what_it_has() {
    let raid = group(include_str!("../models/lvm2/raid1.vg"));
    let visible = raid
        .logical_volumes
        .iter()
        .find(|volume| volume.is_visible());
    let name = &visible.expect("a volume").name;
    let line = format!("lvextend -l +2 {}/{name}", raid.name);
    let (problem, dictionary) = imported(&raid, &[&line]);
    let request = &problem.requests()[0];
    let grows = request.grows.as_ref().expect("it grows");
    assert_eq!(grows.len(), request.legs());
    for leg in grows {
        assert_eq!(
            leg[0].area.count(),
            1,
            "the metadata of the image comes first"
        );
        assert!(leg.len() > 1);
    }
    assert!(request.metadata.is_none(), "LVM2 makes no more metadata");
    assert_eq!(dictionary.entries[0].part, EntryPart::Grown);
    assert!(dictionary.notes.is_empty());
}

/// A disk of 64 KiB extents with a thin pool: 32768 extents of data, and the least metadata, 32.
fn thin_pool() -> VolumeGroup {
    let disk = Area::new(0, 200_000).expect("not empty");
    let source = Source {
        name: "/dev/sda".to_string(),
        extents: disk.end(),
        free: disk.into(),
        tags: BTreeSet::new(),
        ..Source::default()
    };
    let group = VolumeGroup::of_sources(&[source], 64 << 10).expect("whole sectors");
    let create = &commands(&["lvcreate --type thin-pool -l 32768 -n p pool"])[0];
    simulate(&group, create, &Settings::default()).expect("there is room")
}

#[test]
fn a_pool_that_grows_takes_its_metadata_along() {
    let group = thin_pool();
    let (data, metadata) = (EntryPart::Grown, EntryPart::Metadata);
    for (lines, expected) in [
        // 64 bytes for each chunk of 64 KiB.
        (
            vec!["lvextend -l +32768 pool/p"],
            vec![(data, 32768), (metadata, 32)],
        ),
        (
            vec!["lvextend -l +1 pool/p"],
            vec![(data, 1), (metadata, 1)],
        ),
        (
            vec!["lvextend -l +1 pool/p", "lvextend -l +32768 pool/p"],
            vec![(data, 32769), (metadata, 33)],
        ),
        // LVM2 leaves the metadata alone where physical volumes are named.
        (
            vec!["lvextend -l +32768 pool/p /dev/sda"],
            vec![(data, 32768)],
        ),
        (
            vec!["lvextend --poolmetadatasize +4m pool/p"],
            vec![(metadata, 64)],
        ),
        (
            vec!["lvextend --poolmetadatasize 4m -l +5 pool/p"],
            vec![(data, 5), (metadata, 32)],
        ),
    ] {
        let (problem, dictionary) = imported(&group, &lines);
        let pairs = dictionary.entries.iter().zip(problem.requests());
        let found: Vec<_> = pairs
            .map(|(entry, request)| (entry.part, request.size))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(part, extents)| (part, Size::Exactly(extents)))
            .collect();
        assert_eq!(found, expected, "{lines:?}");
        let grows_spare = |note: &String| note.contains("_pmspare");
        assert_eq!(
            dictionary.notes.iter().any(grows_spare),
            expected.iter().any(|(part, _)| *part == metadata),
            "{lines:?}"
        );
    }
}

#[test]
fn metadata_of_what_is_no_pool_or_of_two_minds_is_refused() {
    let mut group = thin_pool();
    let create = &commands(&["lvcreate -l 1 -n plain pool"])[0];
    group = simulate(&group, create, &Settings::default()).expect("there is room");
    for (lines, word) in [
        (
            vec!["lvextend --poolmetadatasize +4m pool/plain"],
            "goes with thin pools",
        ),
        (vec!["lvextend --poolmetadatasize 1m pool/p"], "not larger"),
        (
            vec![
                "lvextend --poolmetadatasize +1m pool/p",
                "lvextend --poolmetadatasize +1m pool/p",
            ],
            "metadata sizes",
        ),
        (
            vec!["lvextend -i 1000000000000 -l +5 pool/plain"],
            "stripes",
        ),
    ] {
        let found = match lines.iter().try_fold(Vec::new(), |mut read, line| {
            let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
            read.push(read_command(&words).map_err(|error| error.to_string())?);
            Ok::<_, String>(read)
        }) {
            Ok(commands) => import(&group, &commands, &Settings::default())
                .expect_err("refused")
                .to_string(),
            Err(error) => error,
        };
        assert!(found.contains(word), "{lines:?}: {found}");
    }
}

#[test]
fn the_origin_of_a_snapshot_grows_with_a_note() {
    let snapshot = group(include_str!("../models/lvm2/snapshot.vg"));
    let (problem, dictionary) = imported(&snapshot, &["lvextend -l +1 vg0/origin"]);
    assert_eq!(problem.requests().len(), 1);
    assert!(
        dictionary.notes[0].contains("inactive"),
        "{:?}",
        dictionary.notes
    );
}

#[test]
fn images_that_share_a_disk_are_mentioned() {
    let raid = group(include_str!("../models/lvm2/raid1-shared-disk.vg"));
    let visible = raid.logical_volumes.iter().find(|volume| {
        let mut segments = volume.segments.iter();
        segments.any(|segment| segment.segment_type == "raid1")
    });
    let name = &visible.expect("a raid1 volume").name;
    let line = format!("lvextend -l +1 {}/{name}", raid.name);
    let (_, dictionary) = imported(&raid, &[&line]);
    let note = dictionary.notes.first().expect("a note");
    for part in ["images", name.as_str(), "/dev/"] {
        assert!(note.contains(part), "{note}");
    }
}

#[test]
fn policies_and_tags_are_those_of_the_settings() {
    let mut group = three_disks();
    group.physical_volumes[0].tags.insert("a".to_string());
    group.physical_volumes[1].tags.insert("b".to_string());
    let settings = Settings {
        cling_tag_list: vec!["@a".to_string(), "@nobody".to_string()],
        ..Settings::default()
    };
    let asked = |group: &VolumeGroup, line: &str, settings: &Settings| {
        let imported = import(group, &commands(&[line]), settings).expect("a problem");
        imported.0.requests()[0].clone()
    };
    let listed = BTreeSet::from(["a".to_string()]);
    let contiguous = asked(&group, "lvcreate --alloc contiguous -l 1 -n x", &settings);
    assert_eq!(contiguous.partition_by_tags, listed);
    let cling = asked(&group, "lvcreate --alloc cling -l 1 -n x", &settings);
    assert_eq!(
        (cling.policy, cling.cling_tags),
        (Policy::ClingByTags, listed)
    );
    let plain = asked(
        &group,
        "lvcreate --alloc cling_by_tags -l 1 -n x",
        &Settings::default(),
    );
    assert_eq!(plain.policy, Policy::Cling, "no tags are listed");
    group.policy = extentplan::lvm::AllocationPolicy::Anywhere;
    let inherited = asked(&group, "lvcreate -m 1 -l 1 -n x", &settings);
    assert_eq!(inherited.policy, Policy::Anywhere);
    assert_eq!(inherited.separation(), Separation::None);
}

#[test]
fn what_cannot_be_asked_for_is_named() {
    let group = three_disks();
    for (lines, parts) in [
        (
            &["lvcreate -l 1 -n x other"][..],
            &["\"other\" not found", "`vg0`"][..],
        ),
        (&["lvcreate -l 1 -n x vg0 /dev/sdz"], &["/dev/sdz", "vg0"]),
        (&["lvcreate -l 1 -n x vg0 @none"], &["No specified PVs"]),
        (
            &["lvcreate -l 1 -n x vg0 /dev/sda:0-80"],
            &["extent 80", "/dev/sda", "80"],
        ),
        (
            &["lvcreate -l 1 -n x vg0 /dev/sda /dev/sda:3"],
            &["Overlapping", "/dev/sda"],
        ),
        (&["lvextend -l +1 vg0/x"], &["vg0/x"]),
        (
            &["lvcreate -l 1 -n x", "lvcreate -l 1 -n x"],
            &["\"x\"", "already exists"],
        ),
        (
            &["lvchange --addtag a vg0/x"],
            &["lvchange", "expected lvcreate"],
        ),
        (&["lvcreate -l 18446744073709551615%VG -n x"], &["2^64"]),
    ] {
        let message = refusal(&group, lines);
        for part in parts {
            assert!(message.contains(part), "{lines:?}: {message}");
        }
    }
    let none = import(&group, &[], &Settings::default());
    assert_eq!(none, Err(ImportError::NoCommands));
    let exported = self::group(include_str!("../models/lvm2/exported.vg"));
    let message = refusal(&exported, &["lvcreate -l 1 -n x"]);
    assert!(message.contains("exported"), "{message}");
}
