//! Metadata text in general: what is written is read back, and no damage makes the reader panic.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use extentplan::lvm::{
    AllocationPolicy, ByKey, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup, audit,
    looks_like_metadata, read,
};

/// The text of a group. Each physical segment is cut behind every `cut` extents per part, as LVM2
/// itself leaves segments that it merges when it reads them.
fn write(group: &VolumeGroup, cut: u64) -> String {
    let mut group = group.clone();
    for volume in &mut group.logical_volumes {
        let segments = std::mem::take(&mut volume.segments);
        volume.segments = segments.iter().flat_map(|one| pieces(one, cut)).collect();
    }
    extentplan::lvm::write(&group)
}

/// A striped segment in pieces of `cut` extents per part; others are not merged, so not cut.
fn pieces(segment: &LvSegment, cut: u64) -> Vec<LvSegment> {
    if segment.segment_type != "striped" {
        return vec![segment.clone()];
    }
    let stripes = segment.parts.len() as u64;
    let length = segment.part_extents();
    let starts = (0..length).step_by(usize::try_from(cut).expect("small"));
    starts
        .map(|at| {
            let mut piece = segment.clone();
            piece.start_extent += at * stripes;
            piece.extent_count = cut.min(length - at) * stripes;
            for part in &mut piece.parts {
                match part {
                    Part::Physical { start, .. } | Part::Logical { start, .. } => *start += at,
                }
            }
            piece
        })
        .collect()
}

// ---------------------------------------------------------------- groups of every shape

fn words() -> impl Strategy<Value = BTreeSet<String>> {
    proptest::collection::btree_set("[A-Za-z0-9_\"\\\\ é#{}=]{1,6}", 0..3)
}

fn physical_volume() -> impl Strategy<Value = PhysicalVolume> {
    (
        0..400_u64,
        any::<bool>(),
        any::<bool>(),
        words(),
        "/dev/[a-z\"\\\\ ]{1,5}",
    )
        .prop_map(
            |(extents, allocatable, missing, tags, device)| PhysicalVolume {
                key: String::new(),
                device,
                id: "x".to_string(),
                extents,
                allocatable,
                missing,
                tags,
            },
        )
}

/// What to make a segment of: stripes or copies over disks from `disk` on, and a hole in front.
#[derive(Clone, Debug)]
struct Wish {
    volume: usize,
    disk: usize,
    parts: usize,
    length: u64,
    hole: u64,
    is_mirror: bool,
}

fn wish() -> impl Strategy<Value = Wish> {
    (
        0..4_usize,
        0..5_usize,
        1..4_usize,
        1..40_u64,
        1..4_u64,
        any::<bool>(),
    )
        .prop_map(|(volume, disk, parts, length, hole, is_mirror)| Wish {
            volume,
            disk,
            parts,
            length,
            hole,
            is_mirror,
        })
}

fn volume_group() -> impl Strategy<Value = VolumeGroup> {
    let disks = proptest::collection::vec(physical_volume(), 1..5);
    let wishes = proptest::collection::vec(wish(), 0..12);
    let policy = prop_oneof![
        Just(AllocationPolicy::Normal),
        Just(AllocationPolicy::Cling),
        Just(AllocationPolicy::Anywhere),
        Just(AllocationPolicy::Contiguous),
    ];
    (
        disks,
        wishes,
        policy,
        words(),
        words(),
        1..70_000_u64,
        any::<u32>(),
    )
        .prop_map(
            |(mut disks, wishes, policy, tags, status, extent_size_sectors, seqno)| {
                for (index, disk) in disks.iter_mut().enumerate() {
                    disk.key = format!("pv{index}");
                    // A device that two disks claim would name neither.
                    disk.device += &index.to_string();
                }
                VolumeGroup {
                    name: "group-1".to_string(),
                    id: "group".to_string(),
                    seqno: u64::from(seqno),
                    max_volumes: 0,
                    max_disks: 0,
                    system_id: String::new(),
                    extent_size_sectors,
                    status,
                    policy,
                    tags,
                    logical_volumes: logical_volumes(&disks, &wishes),
                    physical_volumes: disks,
                    historical_volumes: BTreeSet::from(["gone".to_string()]),
                    unsaid: BTreeSet::new(),
                }
            },
        )
}

/// The volumes that the wishes make, as far as the disks go, and a raid volume over each mirror.
fn logical_volumes(disks: &[PhysicalVolume], wishes: &[Wish]) -> Vec<LogicalVolume> {
    let mut next = vec![0; disks.len()];
    let mut segments: BTreeMap<usize, Vec<LvSegment>> = BTreeMap::new();
    for wish in wishes {
        let legs: Vec<usize> = (0..wish.parts)
            .map(|leg| (wish.disk + leg) % disks.len())
            .collect();
        let before = next.clone();
        let mut parts = Vec::new();
        for leg in legs {
            // A hole in front, so that no segment continues the one before it.
            let start = next[leg] + wish.hole;
            next[leg] = start + wish.length;
            parts.push(Part::Physical { volume: leg, start });
        }
        if (0..disks.len()).any(|disk| next[disk] > disks[disk].extents) {
            next = before;
            continue;
        }
        let stripes = parts.len() as u64;
        let volume = segments.entry(wish.volume).or_default();
        let start_extent = volume
            .last()
            .map_or(0, |last| last.start_extent + last.extent_count);
        volume.push(if wish.is_mirror {
            LvSegment {
                start_extent,
                extent_count: wish.length,
                segment_type: "mirror".to_string(),
                parts,
                numbers: ByKey::from([("mirror_count", stripes)]),
                strings: ByKey::new(),
            }
        } else {
            LvSegment {
                start_extent,
                extent_count: wish.length * stripes,
                segment_type: "striped".to_string(),
                parts,
                numbers: ByKey::from([("stripe_count", stripes), ("stripe_size", 128)]),
                strings: ByKey::new(),
            }
        });
    }
    let mut volumes = Vec::new();
    for (index, segments) in segments {
        let volume = |name: String, segments| LogicalVolume {
            name,
            id: "y".to_string(),
            status: BTreeSet::from(["READ".to_string()]),
            policy: [AllocationPolicy::Inherit, AllocationPolicy::ClingByTags][index % 2],
            tags: BTreeSet::from([format!("tag{index}")]),
            segments,
        };
        // The user in front of what it lies on: references go in both directions.
        volumes.push(volume(
            format!("user.{index}"),
            vec![LvSegment {
                start_extent: 0,
                extent_count: 5,
                segment_type: "raid1".to_string(),
                parts: vec![Part::Logical {
                    volume: format!("lv+{index}"),
                    start: 0,
                }],
                numbers: ByKey::from([("device_count", 1)]),
                strings: ByKey::from([("origin".to_string(), format!("lv+{index}"))]),
            }],
        ));
        volumes.push(volume(format!("lv+{index}"), segments));
    }
    volumes
}

// ---------------------------------------------------------------- damage

/// One way to spoil a text, given by positions in it.
#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Delete(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = || any::<prop::sample::Index>();
    let tokens = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "=",
        "\"",
        "'",
        ",",
        "#",
        "\\",
        "\0",
        "-",
        "99999999999999999999",
        "4294967295",
        "\u{feff}",
        "é",
        "\r",
        "0",
        "pv0",
        "segment1 {",
    ]);
    prop_oneof![
        (at(), 1..=255_u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        at().prop_map(Damage::Cut),
        (at(), 1..60_usize).prop_map(|(at, count)| Damage::Delete(at, count)),
        (at(), 1..300_usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
        (at(), tokens).prop_map(|(at, token)| Damage::Insert(at, token)),
    ]
}

fn spoil(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Flip(at, bits) => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Delete(at, count) => {
            let at = at.index(bytes.len());
            bytes.drain(at..bytes.len().min(at + count));
        }
        Damage::Repeat(at, count) => {
            let at = at.index(bytes.len());
            let piece = bytes[at..bytes.len().min(at + count)].to_vec();
            bytes.splice(at..at, piece);
        }
        Damage::Insert(at, token) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, token.bytes());
        }
    }
}

fn models() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/lvm2");
    let mut models: Vec<_> = std::fs::read_dir(folder)
        .expect("the models")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "vg"))
        .collect();
    models.sort();
    models
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a model"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn what_is_written_is_read_back(group in volume_group(), cut in 1..50_u64) {
        let text = write(&group, cut);
        prop_assert!(looks_like_metadata(&text));
        match read(&text) {
            Ok(again) => prop_assert_eq!(again, group),
            Err(error) => prop_assert!(false, "{}\n{}", error, text),
        }
    }

    #[test]
    fn damage_is_read_or_refused_with_a_place(
        model in any::<prop::sample::Index>(),
        damages in proptest::collection::vec(damage(), 1..4),
    ) {
        let models = models();
        let mut bytes = model.get(&models).clone().into_bytes();
        for damage in &damages {
            spoil(&mut bytes, damage);
        }
        let text = String::from_utf8_lossy(&bytes);
        let _ = looks_like_metadata(&text);
        match read(&text) {
            Ok(group) => {
                // Whatever it says now, it does not contradict itself.
                let all: u64 = group.physical_volumes.iter().map(|volume| volume.extents).sum();
                let held: u64 = group.logical_volumes.iter().flat_map(|volume| &volume.segments)
                    .flat_map(|segment| segment.physical()).map(|(_, area)| area.count()).sum();
                let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
                prop_assert_eq!(held + free, all);
                let _ = audit(&group, &[]);
            }
            Err(error) => {
                prop_assert!(error.line() <= text.matches('\n').count() + 1);
                prop_assert!(error.render("damaged.vg").contains("damaged.vg"));
            }
        }
    }
}

#[test]
fn the_generated_groups_are_not_boring() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let groups: Vec<VolumeGroup> = (0..200)
        .map(|_| {
            volume_group()
                .new_tree(&mut runner)
                .expect("a group")
                .current()
        })
        .collect();
    let count = |is: fn(&VolumeGroup) -> bool| groups.iter().filter(|group| is(group)).count();
    let segments = |group: &VolumeGroup| {
        group
            .logical_volumes
            .iter()
            .map(|volume| volume.segments.len())
            .max()
            .unwrap_or(0)
    };
    assert!(groups.iter().filter(|group| segments(group) > 1).count() > 40);
    assert!(count(|group| group.physical_volumes.len() > 2) > 40);
    assert!(count(|group| group.logical_volumes.is_empty()) < 100);
    assert!(count(|group| group.tags.iter().any(|tag| tag.contains(['"', '\\']))) > 20);
}
