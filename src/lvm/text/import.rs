//! Reads the volume group out of sections and values.

use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::lvm::text::error::{Fault, Span, TextProblem};
use crate::lvm::text::fields::{Fields, Path, refuse_duplicates};
use crate::lvm::text::grammar::{Content, Entry, Section, ValueKind, shortened};
use crate::lvm::text::holdings;
use crate::lvm::text::parts::Volumes;
use crate::lvm::text::segment;
use crate::lvm::volume_group::SHARED;
use crate::lvm::{AllocationPolicy, LogicalVolume, LvSegment, PhysicalVolume, VolumeGroup};

/// What LVM2 writes for a device that it could not find.
const NO_DEVICE: [&str; 2] = ["[unknown]", "unknown device"];

/// The one volume group of a file.
///
/// The sections of physical and logical volumes are let go of as they are read: those of a large
/// group take several times the room of its text, which messages quote.
pub(crate) fn import(text: &str, file: Section<'_>) -> Result<VolumeGroup, Fault> {
    check_header(&file)?;
    let (group_name, mut section) = volume_group(file)?;
    let path = Path::of(&group_name);
    refuse_duplicates(&path, &section)?;
    let group = Fields::new(path, &section);
    group.required_section("physical_volumes")?;
    group.optional_section("logical_volumes")?;
    group.optional_section("historical_logical_volumes")?;

    let mut physical_volumes = Vec::new();
    let disks = path.to("physical_volumes");
    for entry in taken(&mut section, "physical_volumes") {
        if let Content::Section(inner) = &entry.content {
            let fields = Fields::new(disks.to(&entry.key), inner);
            physical_volumes.push(physical_volume(&entry.key, &fields)?);
        }
    }
    distrust_shared_devices(&mut physical_volumes);
    let logical: Vec<Entry<'_>> = taken(&mut section, "logical_volumes")
        .into_iter()
        .filter(|entry| matches!(entry.content, Content::Section(_)))
        .collect();
    let historical_volumes = taken(&mut section, "historical_logical_volumes")
        .into_iter()
        .map(|entry| entry.key.to_string())
        .collect();
    let names: Vec<(String, Span)> = logical
        .iter()
        .map(|entry| (entry.key.to_string(), entry.key_span.clone()))
        .collect();
    let volumes = Volumes {
        physical: physical_volumes
            .iter()
            .enumerate()
            .map(|(index, volume)| (volume.key.as_str(), index))
            .collect(),
        logical: names
            .iter()
            .enumerate()
            .map(|(index, (name, _))| (name.as_str(), index))
            .collect(),
    };
    let mut holdings = Vec::new();
    let mut logical_volumes = Vec::new();
    let mut references: Vec<Vec<usize>> = Vec::new();
    let above = path.to("logical_volumes");
    for (index, entry) in logical.into_iter().enumerate() {
        let Content::Section(inner) = &entry.content else {
            continue;
        };
        let fields = Fields::new(above.to(&entry.key), inner);
        let read = segment::segments(&fields, index, &volumes)?;
        holdings.extend(read.holdings);
        references.push(read.lies_on);
        logical_volumes.push(logical_volume(&entry.key, &fields, read.segments)?);
    }
    holdings::check(holdings, &physical_volumes, |holder| {
        let (volume, _) = &names[holder.logical];
        let segment = text[holder.segment.clone()].trim_matches(['"', '\'']);
        above.to(volume).to(segment).to_string()
    })?;
    if let Some((volume, through)) = cycle(&references) {
        let (name, span) = &names[volume];
        return Err(Fault::new(
            span.clone(),
            TextProblem::Cycle {
                volume: name.clone(),
                through: names[through].0.clone(),
            },
        ));
    }

    let group = Fields::new(path, &section);
    let mut status = group.words("status")?;
    status.append(&mut group.optional_words("flags")?);
    if group
        .optional_text("lock_type")?
        .is_some_and(|kind| kind != "none")
    {
        status.insert(SHARED.to_string());
    }
    Ok(VolumeGroup {
        name: group_name.clone(),
        id: group.text("id")?.to_string(),
        seqno: group.number("seqno", 0)?.0,
        extent_size_sectors: group.number("extent_size", 1)?.0,
        status,
        max_volumes: group.number("max_lv", 0).map_or(0, |(count, _)| count),
        max_disks: group.number("max_pv", 0).map_or(0, |(count, _)| count),
        system_id: group.text("system_id").unwrap_or_default().to_string(),
        policy: policy(&group, AllocationPolicy::Normal)?,
        tags: group.optional_words("tags")?,
        physical_volumes,
        logical_volumes,
        historical_volumes,
        unsaid: BTreeSet::new(),
    })
}

/// The entries of a section in this one, which is left without them; none where there is no such section.
fn taken<'t>(section: &mut Section<'t>, name: &str) -> Vec<Entry<'t>> {
    let mut entries = section.entries.iter_mut();
    match entries.find(|entry| entry.key == name) {
        Some(Entry {
            content: Content::Section(inner),
            ..
        }) => std::mem::take(&mut inner.entries),
        Some(_) | None => Vec::new(),
    }
}

/// The two lines by which LVM2 knows its own files.
fn check_header(file: &Section<'_>) -> Result<(), Fault> {
    let expected: [(&'static str, ValueKind, &'static str); 2] = [
        (
            "contents",
            ValueKind::Text("Text Format Volume Group".into()),
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

/// The name of the volume group and its section. Others may stand beside it; LVM2 ignores them too.
fn volume_group(file: Section<'_>) -> Result<(String, Section<'_>), Fault> {
    let is_group = |section: &Section<'_>| {
        let mut keys = section.entries.iter().map(|entry| entry.key.as_ref());
        keys.any(|key| ["extent_size", "physical_volumes", "logical_volumes"].contains(&key))
    };
    let mut found: Option<(Entry<'_>, Section<'_>)> = None;
    let mut found_is_group = false;
    for mut entry in file.entries {
        let Content::Section(section) = &mut entry.content else {
            continue;
        };
        let section = std::mem::take(section);
        let is_group = is_group(&section);
        match &found {
            Some((first, _)) if found_is_group && is_group => {
                let problem = TextProblem::SeveralVolumeGroups {
                    first: shortened(&first.key),
                    second: shortened(&entry.key),
                };
                return Err(Fault::new(entry.key_span, problem)
                    .related(first.key_span.clone(), "the first one"));
            }
            // Without any, what is missing from the first section tells more than that there is none.
            Some(_) if found_is_group || !is_group => {}
            Some(_) | None => {
                found_is_group = is_group;
                found = Some((entry, section));
            }
        }
    }
    let (entry, section) = found.ok_or_else(|| Fault::new(file.end, TextProblem::NoVolumeGroup))?;
    Ok((entry.key.into_owned(), section))
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
