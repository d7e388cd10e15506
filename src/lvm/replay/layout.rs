//! Volume groups as recordings describe them, both ways, and what is different between two.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::Areas;
use crate::lvm::replay::recording::{
    RecordedLayout, RecordedLogicalVolume, RecordedSegment, RecordedStripe, Scenario,
};
use crate::lvm::{
    AllocationPolicy, ByKey, LogicalVolume, LvSegment, Part, PhysicalVolume, VolumeGroup,
};

/// The group that the oracle works on.
const GROUP: &str = "orc_vg";
/// The volume that stands for what is in use beforehand; recordings leave it out.
const USED: &str = "orc_used";
/// The numbers of a segment that are compared; others have nothing to do with where extents lie.
const NUMBERS: [&str; 7] = [
    "stripe_count",
    "stripe_size",
    "device_count",
    "data_copies",
    "mirror_count",
    "region_size",
    "chunk_size",
];
/// The names of other volumes that are compared.
const NAMES: [&str; 13] = [
    "mirror_log",
    "pool",
    "data",
    "metadata",
    "origin",
    "cow_store",
    "merging_store",
    "thin_pool",
    "external_origin",
    "cache_pool",
    "writecache",
    "meta_dev",
    "discards",
];

/// The volume group before the first command.
pub(crate) fn first_group(scenario: &Scenario) -> VolumeGroup {
    let volume = |(index, recorded): (usize, &crate::lvm::replay::recording::RecordedVolume)| {
        PhysicalVolume {
            key: format!("pv{index}"),
            device: format!("/dev/{}", recorded.name),
            id: String::new(),
            extents: u64::from(recorded.extents),
            allocatable: recorded.allocatable,
            missing: false,
            tags: recorded.tags.iter().cloned().collect(),
        }
    };
    let policy = scenario.vg_alloc.as_deref();
    let policy = policy.and_then(AllocationPolicy::from_name);
    VolumeGroup {
        name: GROUP.to_string(),
        id: String::new(),
        seqno: 1,
        extent_size_sectors: u64::from(scenario.extent_size_kib).saturating_mul(2).max(1),
        status: BTreeSet::from(["RESIZEABLE", "READ", "WRITE"].map(str::to_string)),
        max_volumes: 0,
        max_disks: 0,
        system_id: String::new(),
        policy: policy.unwrap_or(AllocationPolicy::Normal),
        tags: scenario.vg_tags.iter().cloned().collect(),
        physical_volumes: scenario.pvs.iter().enumerate().map(volume).collect(),
        logical_volumes: used(scenario).into_iter().collect(),
        historical_volumes: BTreeSet::new(),
        unsaid: BTreeSet::new(),
    }
}

fn used(scenario: &Scenario) -> Option<LogicalVolume> {
    let mut segments = Vec::new();
    let mut start_extent = 0;
    for (volume, recorded) in scenario.pvs.iter().enumerate() {
        let mut ranges = recorded.used.clone().unwrap_or_default();
        ranges.sort_unstable();
        for (start, count) in ranges {
            let (start, extent_count) = (u64::from(start), u64::from(count));
            segments.push(LvSegment {
                start_extent,
                extent_count,
                segment_type: "striped".to_string(),
                parts: vec![Part::Physical { volume, start }],
                numbers: ByKey::from([("stripe_count", 1)]),
                strings: ByKey::new(),
            });
            start_extent += extent_count;
        }
    }
    (!segments.is_empty()).then(|| LogicalVolume {
        name: USED.to_string(),
        id: String::new(),
        status: BTreeSet::from(["READ", "WRITE", "VISIBLE"].map(str::to_string)),
        policy: AllocationPolicy::Inherit,
        tags: BTreeSet::new(),
        segments,
    })
}

/// The volume group that a layout describes; what layouts leave out comes from `group`.
pub(crate) fn group_of(group: &VolumeGroup, layout: &RecordedLayout) -> VolumeGroup {
    let volume_index = |name: &str| {
        let mut volumes = group.physical_volumes.iter();
        volumes.position(|volume| volume.device.strip_prefix("/dev/") == Some(name))
    };
    let segment = |recorded: &RecordedSegment| {
        let physical = recorded.stripes.iter().filter_map(|stripe| {
            Some(Part::Physical {
                volume: volume_index(&stripe.pv)?,
                start: stripe.pe_start,
            })
        });
        let logical = recorded.subs.iter().filter_map(|sub| {
            let (volume, start) = sub_volume(sub)?;
            Some(Part::Logical { volume, start })
        });
        let numbers = recorded.attrs.iter();
        let numbers = numbers.filter_map(|(key, value)| Some((key.clone(), value.as_u64()?)));
        let strings = recorded.more.iter().chain(&recorded.attrs);
        let strings = strings.filter_map(|(key, value)| {
            let is_name = key != "lv";
            Some((key.clone(), value.as_str().filter(|_| is_name)?.to_string()))
        });
        LvSegment {
            start_extent: recorded.le_start,
            extent_count: recorded.len,
            segment_type: recorded.segtype.clone(),
            parts: physical.chain(logical).collect(),
            numbers: numbers.collect(),
            strings: strings.collect(),
        }
    };
    let logical = |(name, recorded): (&String, &RecordedLogicalVolume)| {
        let policy = recorded.allocation_policy.as_deref();
        LogicalVolume {
            name: name.clone(),
            id: String::new(),
            status: recorded
                .status
                .iter()
                .chain(&recorded.flags)
                .cloned()
                .collect(),
            policy: policy
                .and_then(AllocationPolicy::from_name)
                .unwrap_or(AllocationPolicy::Inherit),
            tags: recorded.tags.iter().cloned().collect(),
            segments: recorded.segments.iter().map(segment).collect(),
        }
    };
    let mut after = group.clone();
    after.logical_volumes.retain(|volume| volume.name == USED);
    after.logical_volumes.extend(layout.lvs.iter().map(logical));
    after
}

fn sub_volume(sub: &Value) -> Option<(String, u64)> {
    match sub {
        Value::String(name) => Some((name.clone(), 0)),
        Value::Array(pair) => Some((pair.first()?.as_str()?.to_string(), pair.get(1)?.as_u64()?)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// A volume group as a recording would have it.
pub(crate) fn layout_of(group: &VolumeGroup) -> RecordedLayout {
    let name_of = |volume: usize| {
        let device = &group.physical_volumes[volume].device;
        device.strip_prefix("/dev/").unwrap_or(device).to_string()
    };
    let segment = |segment: &LvSegment| {
        let stripes = segment.physical().map(|(volume, area)| RecordedStripe {
            pv: name_of(volume),
            pe_start: area.start(),
            len: area.count(),
        });
        let subs = segment.parts.iter().filter_map(|part| match part {
            Part::Logical { volume, start: 0 } => Some(Value::from(volume.clone())),
            Part::Logical { volume, start } => Some(Value::from(vec![
                Value::from(volume.clone()),
                (*start).into(),
            ])),
            Part::Physical { .. } => None,
        });
        let numbers = segment.numbers.iter();
        let names = segment.strings.iter();
        RecordedSegment {
            segtype: segment.segment_type.clone(),
            le_start: segment.start_extent,
            len: segment.extent_count,
            stripes: stripes.collect(),
            subs: subs.collect(),
            attrs: numbers
                .map(|(key, value)| (key.to_string(), Value::from(*value)))
                .collect(),
            more: names
                .map(|(key, value)| (key.to_string(), Value::from(value.clone())))
                .collect(),
        }
    };
    let visible = group.logical_volumes.iter();
    let visible = visible.filter(|volume| volume.name != USED);
    let lvs = visible.map(|volume| {
        let recorded = RecordedLogicalVolume {
            status: volume.status.iter().cloned().collect(),
            flags: Vec::new(),
            tags: volume.tags.iter().cloned().collect(),
            allocation_policy: (volume.policy != AllocationPolicy::Inherit)
                .then(|| volume.policy.name().to_string()),
            segments: volume.segments.iter().map(segment).collect(),
        };
        (volume.name.clone(), recorded)
    });
    let areas = |areas: Areas| {
        let pairs = areas.iter().map(|area| (area.start(), area.count()));
        pairs.collect::<Vec<(u64, u64)>>()
    };
    let free = group.free().into_iter().enumerate();
    RecordedLayout {
        lvs: lvs.collect(),
        free: free
            .map(|(volume, free)| (name_of(volume), areas(free)))
            .collect(),
    }
}

/// What is different between a simulated layout and the real one; `None` if nothing that counts.
pub(crate) fn difference(simulated: &RecordedLayout, real: &RecordedLayout) -> Option<String> {
    let ours: BTreeSet<&String> = simulated.lvs.keys().collect();
    let theirs: BTreeSet<&String> = real.lvs.keys().collect();
    if let Some(name) = ours.difference(&theirs).next() {
        return Some(format!("{name} is not there"));
    }
    if let Some(name) = theirs.difference(&ours).next() {
        return Some(format!("{name} is there"));
    }
    for (name, real) in &real.lvs {
        let simulated = &simulated.lvs[name];
        if let Some(difference) = volume_difference(simulated, real) {
            return Some(format!("{name}: {difference}"));
        }
    }
    for (name, real) in &real.free {
        let simulated = simulated.free.get(name);
        if simulated != Some(real) {
            return Some(format!("free on {name}: {real:?}, not {simulated:?}"));
        }
    }
    None
}

fn volume_difference(
    simulated: &RecordedLogicalVolume,
    real: &RecordedLogicalVolume,
) -> Option<String> {
    let set = |volume: &RecordedLogicalVolume| {
        let words = volume.status.iter().chain(&volume.flags);
        words.cloned().collect::<BTreeSet<String>>()
    };
    let (ours, theirs) = (set(simulated), set(real));
    if ours != theirs {
        return Some(format!("status {theirs:?}, not {ours:?}"));
    }
    let tags =
        |volume: &RecordedLogicalVolume| volume.tags.iter().cloned().collect::<BTreeSet<String>>();
    let (ours, theirs) = (tags(simulated), tags(real));
    if ours != theirs {
        return Some(format!("tags {theirs:?}, not {ours:?}"));
    }
    if simulated.allocation_policy != real.allocation_policy {
        let name = |policy: &Option<String>| policy.clone().unwrap_or_else(|| "inherit".into());
        let (ours, theirs) = (&simulated.allocation_policy, &real.allocation_policy);
        return Some(format!("policy {}, not {}", name(theirs), name(ours)));
    }
    let told = |segments: &[RecordedSegment]| segments.iter().map(tell).collect::<Vec<String>>();
    let (ours, theirs) = (told(&simulated.segments), told(&real.segments));
    for index in 0..ours.len().max(theirs.len()) {
        let none = "nothing".to_string();
        let (ours, theirs) = (
            ours.get(index).unwrap_or(&none),
            theirs.get(index).unwrap_or(&none),
        );
        if ours != theirs {
            return Some(format!("segment {}: {theirs}, not {ours}", index + 1));
        }
    }
    None
}

/// All of a segment that counts, in one line.
fn tell(segment: &RecordedSegment) -> String {
    let mut words = vec![format!(
        "{} {}+{}",
        segment.segtype, segment.le_start, segment.len
    )];
    let stripes = segment.stripes.iter();
    words.extend(stripes.map(|stripe| format!("{}:{}+{}", stripe.pv, stripe.pe_start, stripe.len)));
    words.extend(
        segment
            .subs
            .iter()
            .filter_map(sub_volume)
            .map(|(name, start)| {
                if start == 0 {
                    name
                } else {
                    format!("{name}:{start}")
                }
            }),
    );
    for key in NAMES {
        let value = segment.more.get(key).or_else(|| segment.attrs.get(key));
        if let Some(name) = value.and_then(Value::as_str) {
            words.push(format!("{key} {name}"));
        }
    }
    for key in NUMBERS {
        if let Some(number) = segment.attrs.get(key).and_then(Value::as_u64) {
            words.push(format!("{key} {number}"));
        }
    }
    words.join(" ")
}
