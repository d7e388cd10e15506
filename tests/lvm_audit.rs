//! The audit finds what is unsafe, and nothing else: in models, and in everything that a real LVM2 made.

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use extentplan::lvm::{
    AllocationPolicy, Audit, Blocker, ByKey, Finding, LogicalVolume, LvSegment, Part,
    PhysicalVolume, Severity, VolumeGroup, audit, read, read_reports,
};

fn model(name: &str) -> VolumeGroup {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("models/lvm2/{name}.vg"));
    read(&fs::read_to_string(path).expect("a model")).expect("valid")
}

fn findings(group: &VolumeGroup, severity: Severity) -> Vec<Finding> {
    let findings = audit(group, &[]).findings.into_iter();
    findings
        .filter(|finding| finding.severity() == severity)
        .collect()
}

#[test]
fn volumes_are_counted_as_lvs_lists_them_without_hidden_ones() {
    for (name, count) in [
        ("three-disks", 0),
        ("raid1", 2),
        ("raid10", 1),
        ("snapshot", 2),
        ("thin-pool", 4),
        ("cache", 1),
        ("writecache", 1),
        ("moving", 1),
    ] {
        assert_eq!(audit(&model(name), &[]).volumes, count, "{name}");
    }
}

// ---------------------------------------------------------------- single findings

#[test]
fn two_images_on_one_disk_are_named_with_their_extents() {
    let group = model("raid1-shared-disk");
    let result = audit(&group, &[]);
    assert!(result.is_unsafe());
    let [
        Finding::ImagesShareDisk {
            volume,
            segment_type,
            disk,
            pieces,
            is_fatal,
            ..
        },
        ..,
    ] = result.findings.as_slice()
    else {
        panic!("{:?}", result.findings);
    };
    assert_eq!(
        (volume.as_str(), segment_type.as_str(), disk.as_str()),
        ("data", "raid1", "/dev/sdc")
    );
    assert!(
        is_fatal,
        "raid1 with both images on one disk does not survive it"
    );
    let pieces: Vec<String> = pieces
        .iter()
        .map(|piece| {
            let extents: Vec<String> = piece.extents.iter().map(|area| area.to_string()).collect();
            format!("{} {}", piece.name, extents.join(" "))
        })
        .collect();
    // What allocator.md's second example of misplacement, made by the real tool, looks like.
    assert_eq!(
        pieces,
        ["data_rimage_0 1-5", "data_rmeta_0 0-0", "data_rimage_1 6-7"]
    );
    assert_eq!(findings(&group, Severity::Unsafe).len(), 1);
}

#[test]
fn volumes_that_lvm2_placed_well_are_not_unsafe() {
    for name in [
        "linear",
        "striped",
        "segments",
        "raid0",
        "raid0-meta",
        "raid1",
        "raid4",
        "raid5",
        "raid6",
        "raid10",
        "mirror",
        "mirror-on-two",
        "thin-pool",
        "cache",
        "snapshot",
        "integrity",
        "moving",
        "exported",
    ] {
        let result = audit(&model(name), &[]);
        assert!(!result.is_unsafe(), "{name}: {:?}", result.findings);
    }
}

#[test]
fn legs_that_share_a_tag_are_unsafe_when_the_tag_is_asked_for() {
    let mut group = model("raid6");
    for (index, tag) in [
        (0, "left"),
        (1, "left"),
        (2, "left"),
        (3, "right"),
        (4, "right"),
    ] {
        group.physical_volumes[index].tags.insert(tag.to_string());
    }
    assert!(!audit(&group, &[]).is_unsafe());
    let result = audit(
        &group,
        &[
            "left".to_string(),
            "right".to_string(),
            "nowhere".to_string(),
        ],
    );
    let fatal: Vec<(String, bool)> = result
        .findings
        .iter()
        .filter_map(|finding| {
            let Finding::LegsShareTag { tag, is_fatal, .. } = finding else {
                return None;
            };
            Some((tag.clone(), *is_fatal))
        })
        .collect();
    // raid6 survives two legs, not three.
    assert_eq!(
        fatal,
        [("left".to_string(), true), ("right".to_string(), false)]
    );
    assert!(result.is_unsafe());
}

#[test]
fn a_log_beside_an_image_is_poor() {
    let group = model("mirror-on-two");
    assert!(
        audit(&model("mirror"), &[])
            .findings
            .iter()
            .all(|finding| !is_log(finding))
    );
    let poor = findings(&group, Severity::Poor);
    let [
        Finding::LogSharesDisk {
            volume,
            place,
            pieces,
        },
    ] = poor.as_slice()
    else {
        panic!("{poor:?}");
    };
    assert_eq!((volume.as_str(), place.as_str()), ("data", "/dev/sdb"));
    let names: Vec<&str> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["data_mlog", "data_mimage_1"]);
}

fn is_log(finding: &Finding) -> bool {
    matches!(finding, Finding::LogSharesDisk { .. })
}

#[test]
fn a_missing_disk_names_what_is_degraded_and_which_disk_must_not_fail_now() {
    let group = model("missing-disk");
    let found = findings(&group, Severity::Unsafe);
    let expected = [
        Finding::NoLossLeft {
            volume: "data".to_string(),
            lost_legs: vec!["data_rimage_1".to_string()],
            disks: vec!["/dev/sda".to_string()],
        },
        Finding::DiskMissing {
            disk: "pv1".to_string(),
            held_extents: 21,
            degraded: vec!["data".to_string()],
            lost: Vec::new(),
        },
    ];
    assert_eq!(found, expected);

    // A thin pool on a missing disk takes its thin volumes with it.
    let mut group = model("thin-pool");
    group.physical_volumes[0].missing = true;
    let found = findings(&group, Severity::Unsafe);
    let [Finding::DiskMissing { lost, degraded, .. }] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(lost, &["pool", "thin", "thin_snapshot", "striped_pool"]);
    assert!(degraded.is_empty());
}

#[test]
fn space_that_no_policy_reaches_is_counted() {
    let group = model("tags-and-policies");
    let result = audit(&group, &[]);
    assert_eq!((result.free_extents, result.unreachable_extents), (190, 60));
    assert!(result.findings.contains(&Finding::NotAllocatable {
        disk: "/dev/sdd".to_string(),
        free_extents: 60
    }));
    let exported = audit(&model("exported"), &[]);
    assert_eq!(
        (exported.free_extents, exported.unreachable_extents),
        (50, 50)
    );
}

#[test]
fn volumes_in_more_segments_than_needed_are_named_with_how_many_are_enough() {
    // 60 extents in four segments on disks of 60: one is enough once its own place is counted.
    let group = model("segments");
    let fragmented: Vec<Finding> = findings(&group, Severity::Poor);
    assert_eq!(
        fragmented,
        [Finding::Fragmented {
            volume: "grown".to_string(),
            segments: 4,
            needed: 1
        }]
    );
    // Where only /dev/sda may be allocated from, it has 50 extents in a row at best.
    let mut group = model("segments");
    group.physical_volumes[1].allocatable = false;
    group.physical_volumes[2].allocatable = false;
    let expected = Finding::Fragmented {
        volume: "grown".to_string(),
        segments: 4,
        needed: 2,
    };
    assert_eq!(findings(&group, Severity::Poor), [expected]);
    // An image stays away from its siblings: the other disks are taken, so nothing is better.
    assert!(findings(&model("raid5"), Severity::Poor).is_empty());
}

#[test]
fn what_stands_behind_a_volume_is_named() {
    let notes = |group: &VolumeGroup, wanted: &str| {
        let notes = findings(group, Severity::Note).into_iter();
        let blocked = notes.filter_map(|finding| {
            let Finding::CannotGrow { volume, blocked } = finding else {
                return None;
            };
            (volume == wanted).then_some(blocked)
        });
        let blocked = blocked.flatten();
        blocked
            .map(|blocked| (blocked.leg, blocked.extent, blocked.by))
            .collect::<Vec<_>>()
    };
    // `grown` ends on /dev/sdb at 19, `small` on /dev/sda at 56; both have room behind them.
    assert_eq!(notes(&model("segments"), "grown"), []);
    assert_eq!(notes(&model("segments"), "small"), []);
    let behind = |leg| {
        (
            leg,
            41,
            Blocker::Volume(format!("three_images_rmeta_{leg}")),
        )
    };
    assert_eq!(notes(&model("raid1"), "data"), [behind(0), behind(1)]);
    assert_eq!(
        notes(&model("raid1-shared-disk"), "data"),
        [(1, 8, Blocker::EndOfDisk)]
    );
    let mut closed = model("linear");
    closed.physical_volumes[0].allocatable = false;
    assert_eq!(notes(&closed, "second"), [(0, 70, Blocker::NotAllocatable)]);
}

#[test]
fn an_audit_of_a_report_finds_the_same() {
    let report = fs::read_to_string("models/lvm2/raid1-shared-disk.json").expect("a model");
    let from_report = audit(&read_reports(&report).expect("valid")[0], &[]);
    assert_eq!(from_report, audit(&model("raid1-shared-disk"), &[]));
}

#[test]
fn a_volume_whose_images_the_report_leaves_out_is_not_judged() {
    let mut group = model("raid1-shared-disk");
    for volume in &mut group.logical_volumes {
        if volume.name == "data" {
            volume.segments[0].parts.clear();
        }
    }
    let result = audit(&group, &[]);
    assert!(!result.is_unsafe());
    assert!(result.findings.contains(&Finding::NotJudged {
        volume: "data".to_string(),
        segment_type: "raid1".to_string()
    }));
}

#[test]
fn volumes_whose_stretches_double_at_each_level_are_audited_all_the_same() {
    let mut group = model("linear");
    let volume = group.logical_volumes[0].clone();
    let name = |level: u64| format!("level{level}");
    group.logical_volumes = (0..40)
        .map(|level| {
            let mut volume = volume.clone();
            volume.name = name(level);
            let start = |start| Part::Logical {
                volume: name(level + 1),
                start,
            };
            volume.segments[0].segment_type = "mirror".to_string();
            volume.segments[0].extent_count = 1 << 40;
            volume.segments[0].parts = vec![start(0), start(2 << level)];
            volume
        })
        .collect();
    assert!(!audit(&group, &[]).is_unsafe());
}

// ---------------------------------------------------------------- everything that was recorded

/// Recorded runs of the real LVM2: the state after each step that changed something.
fn recorded_layouts() -> Vec<(String, Value, Value)> {
    let mut layouts = Vec::new();
    for line in recordings::lines("random-2000.jsonl.gz") {
        let run: Value = serde_json::from_str(&line).expect("a recorded run");
        let steps = run["result"]["steps"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for (index, step) in steps
            .iter()
            .enumerate()
            .filter(|(_, step)| !step["layout"].is_null())
        {
            let name = format!("{} step {index}", run["scenario"]["id"]);
            layouts.push((name, run["scenario"]["pvs"].clone(), step["layout"].clone()));
        }
    }
    layouts
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a count")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_string()
}

/// The volume group that a recorded layout describes.
fn group_of(pvs: &Value, layout: &Value) -> VolumeGroup {
    let pvs = pvs.as_array().expect("disks");
    let names: Vec<String> = pvs.iter().map(|pv| text(&pv["name"])).collect();
    let physical_volumes = names.iter().zip(pvs).map(|(name, pv)| PhysicalVolume {
        key: name.clone(),
        device: name.clone(),
        id: String::new(),
        extents: number(&pv["extents"]),
        allocatable: pv["allocatable"] != Value::Bool(false),
        missing: false,
        tags: BTreeSet::new(),
    });
    let segment = |segment: &Value| {
        let stripes = segment["stripes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|stripe| Part::Physical {
                volume: names
                    .iter()
                    .position(|name| *name == text(&stripe["pv"]))
                    .expect("a disk"),
                start: number(&stripe["pe_start"]),
            });
        let subs = segment["subs"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|sub| match sub {
                Value::Array(pair) => Part::Logical {
                    volume: text(&pair[0]),
                    start: number(&pair[1]),
                },
                name => Part::Logical {
                    volume: text(name),
                    start: 0,
                },
            });
        let numbers = segment["attrs"].as_object().into_iter().flatten();
        let keys = [
            "mirror_log",
            "pool",
            "metadata",
            "data",
            "origin",
            "thin_pool",
            "cow_store",
        ];
        let named = keys.iter().filter(|key| segment[**key].is_string());
        LvSegment {
            start_extent: number(&segment["le_start"]),
            extent_count: number(&segment["len"]),
            segment_type: text(&segment["segtype"]),
            parts: stripes.chain(subs).collect(),
            numbers: numbers
                .filter_map(|(key, value)| Some((key.clone(), value.as_u64()?)))
                .collect(),
            strings: named
                .map(|key| ((*key).to_string(), text(&segment[*key])))
                .collect(),
        }
    };
    let logical_volumes =
        layout["lvs"]
            .as_object()
            .expect("volumes")
            .iter()
            .map(|(name, volume)| {
                let words = volume["status"].as_array().into_iter().flatten().map(text);
                LogicalVolume {
                    name: name.clone(),
                    id: String::new(),
                    status: words.collect(),
                    policy: AllocationPolicy::Inherit,
                    tags: BTreeSet::new(),
                    segments: volume["segments"]
                        .as_array()
                        .expect("segments")
                        .iter()
                        .map(segment)
                        .collect(),
                }
            });
    // What was taken before the run is in no recorded volume.
    let mut used = LogicalVolume {
        name: "used_before".to_string(),
        id: String::new(),
        status: BTreeSet::new(),
        policy: AllocationPolicy::Inherit,
        tags: BTreeSet::new(),
        segments: Vec::new(),
    };
    for (volume, pv) in pvs.iter().enumerate() {
        for area in pv["used"].as_array().into_iter().flatten() {
            used.segments.push(LvSegment {
                start_extent: used.extents(),
                extent_count: number(&area[1]),
                segment_type: "unknown".to_string(),
                parts: vec![Part::Physical {
                    volume,
                    start: number(&area[0]),
                }],
                numbers: ByKey::new(),
                strings: ByKey::new(),
            });
        }
    }
    VolumeGroup {
        name: "recorded".to_string(),
        id: String::new(),
        seqno: 1,
        max_volumes: 0,
        max_disks: 0,
        system_id: String::new(),
        extent_size_sectors: 1024,
        status: BTreeSet::new(),
        policy: AllocationPolicy::Normal,
        tags: BTreeSet::new(),
        logical_volumes: logical_volumes.chain([used]).collect(),
        physical_volumes: physical_volumes.collect(),
        historical_volumes: BTreeSet::new(),
        unsaid: BTreeSet::new(),
    }
}

/// The disks of a volume in a recorded layout, found by its raw text alone.
fn disks_of(layout: &Value, name: &str) -> BTreeSet<String> {
    let segments = layout["lvs"][name]["segments"]
        .as_array()
        .into_iter()
        .flatten();
    segments
        .flat_map(|segment| {
            let own = segment["stripes"].as_array().into_iter().flatten();
            let below = segment["subs"].as_array().into_iter().flatten();
            let below = below.flat_map(|sub| {
                disks_of(layout, sub.as_str().or(sub[0].as_str()).expect("a name"))
            });
            own.map(|stripe| text(&stripe["pv"]))
                .chain(below)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// One disk with what the audit has to say about a volume there: whether two images share it (or else
/// metadata does), and whether its loss loses the volume.
type Verdicts = BTreeMap<(String, String), (bool, bool)>;

/// The verdicts by counting, for one layout.
fn counted(layout: &Value) -> Verdicts {
    let mut verdicts = Verdicts::new();
    for (name, volume) in layout["lvs"].as_object().expect("volumes") {
        let segment = &volume["segments"][0];
        let kind = segment["segtype"].as_str().expect("a type");
        if !kind.starts_with("raid") && kind != "mirror" {
            continue;
        }
        let subs: Vec<&str> = segment["subs"]
            .as_array()
            .expect("images")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let (metadata, images): (Vec<&str>, Vec<&str>) =
            subs.iter().partition(|name| name.contains("_rmeta_"));
        let images: Vec<BTreeSet<String>> =
            images.iter().map(|name| disks_of(layout, name)).collect();
        let metadata: Vec<BTreeSet<String>> =
            metadata.iter().map(|name| disks_of(layout, name)).collect();
        let disks: BTreeSet<&String> = images.iter().chain(&metadata).flatten().collect();
        for disk in disks {
            let image_is_here: Vec<bool> =
                images.iter().map(|disks| disks.contains(disk)).collect();
            let lost: Vec<bool> = (0..images.len())
                .map(|leg| {
                    image_is_here[leg]
                        || metadata.get(leg).is_some_and(|disks| disks.contains(disk))
                })
                .collect();
            let count = lost.iter().filter(|lost| **lost).count();
            if count < 2 {
                continue;
            }
            let is_fatal = match kind {
                "raid1" | "mirror" => count == images.len(),
                "raid4" | "raid5" | "raid5_ls" => true,
                "raid6" | "raid6_zr" => count > 2,
                "raid10" => lost.chunks(2).any(|pair| pair == [true, true]),
                "raid0" | "raid0_meta" => false,
                other => panic!("{other} is not in the recordings"),
            };
            let shares_images = image_is_here.iter().filter(|here| **here).count() > 1;
            verdicts.insert((name.clone(), disk.clone()), (shares_images, is_fatal));
        }
    }
    verdicts
}

/// The verdicts of an audit.
fn judged(audit: &Audit) -> Verdicts {
    let verdicts = audit.findings.iter().filter_map(|finding| {
        let (Finding::ImagesShareDisk {
            volume,
            disk,
            is_fatal,
            ..
        }
        | Finding::MetadataSharesDisk {
            volume,
            disk,
            is_fatal,
            ..
        }) = finding
        else {
            return None;
        };
        let shares_images = matches!(finding, Finding::ImagesShareDisk { .. });
        Some(((volume.clone(), disk.clone()), (shares_images, *is_fatal)))
    });
    verdicts.collect()
}

#[test]
fn all_shared_disks_that_the_real_lvm2_made_are_found_and_nothing_else() {
    let layouts = recorded_layouts();
    let (mut shared, mut metadata_only, mut fatal, mut unsafe_groups, mut quiet) = (0, 0, 0, 0, 0);
    for (name, pvs, layout) in &layouts {
        let result = audit(&group_of(pvs, layout), &[]);
        let (expected, found) = (counted(layout), judged(&result));
        assert_eq!(found, expected, "{name}");
        shared += expected.values().filter(|(images, _)| *images).count();
        metadata_only += expected.values().filter(|(images, _)| !*images).count();
        fatal += expected.values().filter(|(_, fatal)| *fatal).count();
        // Nothing else is unsafe: no disk is missing in the recordings, and raid0 has nothing to lose.
        let is_redundant = |(volume, _): &(String, String)| {
            !text(&layout["lvs"][volume]["segments"][0]["segtype"]).starts_with("raid0")
        };
        let expects_unsafe = expected.keys().any(is_redundant);
        assert_eq!(result.is_unsafe(), expects_unsafe, "{name}");
        *(if expects_unsafe {
            &mut unsafe_groups
        } else {
            &mut quiet
        }) += 1;
    }
    eprintln!(
        "{} layouts: {shared} disks with two images, {metadata_only} with metadata beside another leg, \
         {fatal} fatal; {unsafe_groups} groups unsafe, {quiet} not",
        layouts.len()
    );
    assert!(
        shared > 300 && metadata_only > 10 && fatal > 100 && unsafe_groups > 200 && quiet > 1000
    );
}

/// Lengths of the runs of extents in areas `[start, count]`, neighbours joined.
fn run_lengths(mut areas: Vec<(u64, u64)>) -> Vec<u64> {
    areas.sort_unstable();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (start, count) in areas {
        match runs.last_mut() {
            Some((first, length)) if *first + *length == start => *length += count,
            _ => runs.push((start, count)),
        }
    }
    runs.into_iter().map(|(_, length)| length).collect()
}

/// How many of these lengths make up so many extents, by trying every choice.
fn fewest_by_trying(lengths: &[u64], extents: u64) -> u32 {
    let choices = (0..1_u32 << lengths.len()).filter(|choice| {
        let chosen = lengths
            .iter()
            .enumerate()
            .filter(|(index, _)| choice >> index & 1 == 1);
        chosen.map(|(_, length)| length).sum::<u64>() >= extents
    });
    choices
        .map(u32::count_ones)
        .min()
        .expect("all of them are enough")
}

#[test]
fn the_segments_that_are_enough_are_the_fewest_there_could_be() {
    let layouts = recorded_layouts();
    let (mut fewer, mut right) = (0, 0);
    for (name, pvs, layout) in &layouts {
        let result = audit(&group_of(pvs, layout), &[]);
        let found: BTreeMap<&str, (u64, u64)> = result
            .findings
            .iter()
            .filter_map(|finding| {
                let Finding::Fragmented {
                    volume,
                    segments,
                    needed,
                } = finding
                else {
                    return None;
                };
                Some((volume.as_str(), (*segments, *needed)))
            })
            .collect();
        let closed: BTreeSet<String> = pvs
            .as_array()
            .expect("disks")
            .iter()
            .filter(|pv| pv["allocatable"] == Value::Bool(false))
            .map(|pv| text(&pv["name"]))
            .collect();
        for (volume, description) in layout["lvs"].as_object().expect("volumes") {
            let segments = description["segments"].as_array().expect("segments");
            let stripes = |segment: &Value| segment["stripes"].as_array().map_or(0, Vec::len);
            if segments.len() < 2 || segments.iter().any(|segment| stripes(segment) != 1) {
                continue;
            }
            let siblings = sibling_disks(layout, volume);
            let mut areas: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
            for (disk, free) in layout["free"].as_object().expect("free areas") {
                if !closed.contains(disk) && !siblings.contains(disk) {
                    let free = free.as_array().expect("areas").iter();
                    let free = free.map(|area| (number(&area[0]), number(&area[1])));
                    areas.entry(disk.clone()).or_default().extend(free);
                }
            }
            for segment in segments {
                let stripe = &segment["stripes"][0];
                let area = (number(&stripe["pe_start"]), number(&stripe["len"]));
                areas.entry(text(&stripe["pv"])).or_default().push(area);
            }
            let lengths: Vec<u64> = areas.into_values().flat_map(run_lengths).collect();
            if lengths.len() > 14 {
                continue;
            }
            let extents = segments.iter().map(|segment| number(&segment["len"])).sum();
            let (segments, fewest) = (
                segments.len() as u64,
                u64::from(fewest_by_trying(&lengths, extents)),
            );
            let expected = (fewest < segments).then_some((segments, fewest));
            assert_eq!(
                found.get(volume.as_str()).copied(),
                expected,
                "{name} {volume}"
            );
            *(if expected.is_some() {
                &mut fewer
            } else {
                &mut right
            }) += 1;
        }
    }
    eprintln!("{fewer} volumes in more segments than needed, {right} not");
    assert!(fewer > 50 && right > 50);
}

/// The disks of the other images of the volume that an image belongs to.
fn sibling_disks(layout: &Value, image: &str) -> BTreeSet<String> {
    let mut disks = BTreeSet::new();
    for volume in layout["lvs"].as_object().expect("volumes").values() {
        let subs = volume["segments"][0]["subs"]
            .as_array()
            .into_iter()
            .flatten();
        let subs: Vec<&str> = subs.filter_map(Value::as_str).collect();
        let Some(place) = subs.iter().position(|sub| *sub == image) else {
            continue;
        };
        let kind = text(&volume["segments"][0]["segtype"]);
        if !kind.starts_with("raid") && kind != "mirror" {
            continue;
        }
        let is_paired = subs.iter().any(|sub| sub.contains("_rmeta_"));
        for (index, sub) in subs.iter().enumerate() {
            let is_own = index == place || (is_paired && index / 2 == place / 2);
            if !is_own {
                disks.extend(disks_of(layout, sub));
            }
        }
    }
    disks
}
