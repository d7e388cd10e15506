//! Reads the volume group out of sections and values.

use std::collections::HashMap;

use crate::lvm::text::error::{Fault, TextProblem};
use crate::lvm::text::fields::{Fields, refuse_duplicates};
use crate::lvm::text::grammar::{Content, Section, ValueKind, shortened};
use crate::lvm::text::holdings;
use crate::lvm::text::parts::Volumes;
use crate::lvm::text::segment;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, PhysicalVolume, VolumeGroup};

/// What LVM2 writes for a device that it could not find.
const NO_DEVICE: [&str; 2] = ["[unknown]", "unknown device"];

/// The one volume group of a file.
pub(crate) fn import(file: &Section) -> Result<VolumeGroup, Fault> {
    check_header(file)?;
    let group = volume_group(file)?;
    refuse_duplicates(&group.path, group.section)?;

    let mut physical_volumes = group
        .required_section("physical_volumes")?
        .sections()
        .map(|(entry, fields)| physical_volume(&entry.key, &fields))
        .collect::<Result<Vec<_>, _>>()?;
    distrust_shared_devices(&mut physical_volumes);
    let logical = group.optional_section("logical_volumes")?;
    let logical: Vec<_> = logical.iter().flat_map(Fields::sections).collect();
    let volumes = Volumes {
        physical: physical_volumes
            .iter()
            .enumerate()
            .map(|(index, volume)| (volume.key.as_str(), index))
            .collect(),
        logical: logical
            .iter()
            .enumerate()
            .map(|(index, (entry, _))| (entry.key.as_str(), index))
            .collect(),
    };
    let mut holdings = Vec::new();
    let mut logical_volumes = Vec::new();
    let mut references: Vec<Vec<usize>> = Vec::new();
    for (entry, fields) in &logical {
        let read = segment::segments(fields, &volumes)?;
        holdings.extend(read.holdings);
        references.push(read.lies_on);
        logical_volumes.push(logical_volume(&entry.key, fields, read.segments)?);
    }
    holdings::check(holdings, &physical_volumes)?;
    if let Some((volume, through)) = cycle(&references) {
        let (entry, _) = &logical[volume];
        return Err(Fault::new(
            entry.key_span.clone(),
            TextProblem::Cycle {
                volume: entry.key.clone(),
                through: logical[through].0.key.clone(),
            },
        ));
    }

    let mut status = group.words("status")?;
    status.append(&mut group.optional_words("flags")?);
    Ok(VolumeGroup {
        name: group.path.clone(),
        id: group.text("id")?.to_string(),
        seqno: group.number("seqno", 0)?.0,
        extent_size_sectors: group.number("extent_size", 1)?.0,
        status,
        policy: policy(&group, AllocationPolicy::Normal)?,
        tags: group.optional_words("tags")?,
        physical_volumes,
        logical_volumes,
    })
}

/// The two lines by which LVM2 knows its own files.
fn check_header(file: &Section) -> Result<(), Fault> {
    let expected: [(&'static str, ValueKind, &'static str); 2] = [
        (
            "contents",
            ValueKind::Text("Text Format Volume Group".to_string()),
            "\"Text Format Volume Group\"",
        ),
        ("version", ValueKind::Integer(1), "1"),
    ];
    let first = file.entries.first();
    let top = first.map_or(file.end.clone(), |entry| entry.key_span.clone());
    for (key, value, words) in expected {
        let found = file.entries.iter().find(|entry| entry.key == key);
        let (span, found) = match found {
            None => (top, format!("no `{key}`")),
            Some(entry) => match &entry.content {
                Content::Value(other) if other.kind == value => continue,
                Content::Value(other) => (other.span.clone(), format!("another `{key}`")),
                Content::Section(_) => (entry.key_span.clone(), format!("a section `{key}`")),
            },
        };
        return Err(Fault::new(
            span,
            TextProblem::NotMetadata {
                found,
                key,
                expected: words,
            },
        ));
    }
    Ok(())
}

/// The section that is a volume group. Others may stand beside it; LVM2 ignores them too.
fn volume_group(file: &Section) -> Result<Fields<'_>, Fault> {
    let all = Fields::new(String::new(), file);
    let sections: Vec<_> = all.sections().collect();
    let is_group = |fields: &Fields<'_>| {
        ["extent_size", "physical_volumes", "logical_volumes"]
            .iter()
            .any(|key| fields.has(key))
    };
    let mut groups = sections.iter().filter(|(_, fields)| is_group(fields));
    // Without any, what is missing from the first section tells more than that there is none.
    let Some((entry, fields)) = groups.next().or(sections.first()) else {
        return Err(Fault::new(file.end.clone(), TextProblem::NoVolumeGroup));
    };
    if let Some((second, _)) = groups.next() {
        let problem = TextProblem::SeveralVolumeGroups {
            first: shortened(&entry.key),
            second: shortened(&second.key),
        };
        return Err(Fault::new(second.key_span.clone(), problem)
            .related(entry.key_span.clone(), "the first one"));
    }
    Ok(Fields::new(entry.key.clone(), fields.section))
}

fn physical_volume(key: &str, fields: &Fields<'_>) -> Result<PhysicalVolume, Fault> {
    let status = fields.words("status")?;
    let flags = fields.optional_words("flags")?;
    let device = fields
        .optional_text("device")?
        .filter(|device| !device.is_empty() && !NO_DEVICE.contains(device));
    Ok(PhysicalVolume {
        key: key.to_string(),
        device: device.unwrap_or(key).to_string(),
        id: fields.text("id")?.to_string(),
        extents: fields.number("pe_count", 0)?.0,
        allocatable: status.contains("ALLOCATABLE"),
        missing: status.contains("MISSING") || flags.contains("MISSING"),
        tags: fields.optional_words("tags")?,
    })
}

/// Devices are hints. One that several volumes have is right for one of them at most, and which one
/// cannot be told.
fn distrust_shared_devices(volumes: &mut [PhysicalVolume]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for volume in volumes.iter() {
        *counts.entry(volume.device.clone()).or_default() += 1;
    }
    for volume in volumes {
        if counts[&volume.device] > 1 {
            volume.device.clone_from(&volume.key);
        }
    }
}

fn logical_volume(
    name: &str,
    fields: &Fields<'_>,
    segments: Vec<LvSegment>,
) -> Result<LogicalVolume, Fault> {
    let mut status = fields.words("status")?;
    status.append(&mut fields.optional_words("flags")?);
    Ok(LogicalVolume {
        name: name.to_string(),
        id: fields.text("id")?.to_string(),
        status,
        policy: policy(fields, AllocationPolicy::Inherit)?,
        tags: fields.optional_words("tags")?,
        segments,
    })
}

/// The policy of a group or volume. As in LVM2, a word that is none leaves the default in force.
fn policy(fields: &Fields<'_>, default: AllocationPolicy) -> Result<AllocationPolicy, Fault> {
    let word = fields.optional_text("allocation_policy")?;
    let policy = match word {
        // What `normal` was called before 2.02.
        Some("next free") => Some(AllocationPolicy::Normal),
        Some(word) => AllocationPolicy::from_name(word),
        None => None,
    };
    Ok(match policy {
        // A group has nothing to inherit from.
        Some(AllocationPolicy::Inherit) | None => default,
        Some(policy) => policy,
    })
}

/// A logical volume that lies on itself and the one it does so through, given what each lies on.
fn cycle(lies_on: &[Vec<usize>]) -> Option<(usize, usize)> {
    #[derive(Clone, Copy)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; lies_on.len()];
    for start in 0..lies_on.len() {
        // Depth first without recursion: each volume of the path with those below it still to visit.
        let mut path = vec![(start, lies_on[start].iter())];
        while let Some((volume, below)) = path.last_mut() {
            let volume = *volume;
            states[volume] = State::Open;
            let Some(&next) = below.next() else {
                states[volume] = State::Done;
                path.pop();
                continue;
            };
            match states[next] {
                State::New => path.push((next, lies_on[next].iter())),
                State::Open => return Some((next, volume)),
                State::Done => {}
            }
        }
    }
    None
}
