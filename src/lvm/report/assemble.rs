//! Makes a volume group of the rows about it; what is held and what is free has to add up.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::names::reserved;
use crate::lvm::report::agree;
use crate::lvm::report::disk::{self, Disk};
use crate::lvm::report::extent_size::extent_size;
use crate::lvm::report::group::{Group, Members, contradiction, without_brackets};
use crate::lvm::report::related;
use crate::lvm::report::segment::{Names, UNKNOWN_TYPE};
use crate::lvm::report::size::{self, Plain};
use crate::lvm::report::status;
use crate::lvm::report::value::{is_true, tags};
use crate::lvm::report::{MissingField, ReportError};
use crate::lvm::volume_group::SHARED;
use crate::lvm::{AllocationPolicy, ByKey, LARGEST, LogicalVolume, LvSegment, Unsaid, VolumeGroup};

/// The volume group of these rows.
pub(crate) fn assemble(group: &Group<'_>) -> Result<VolumeGroup, ReportError> {
    let (physical, logical) = (group.physical(), group.logical());
    let mut missing = Vec::new();
    if physical.rows.is_empty() {
        missing.push(MissingField {
            what: "its physical volumes",
            of: Vec::new(),
            option: "pvs --segments -o +vg_name,lv_name,vg_extent_size",
        });
    }
    let plain = plain_unit(group);
    let all = disk::disks(group, &physical, &logical)?;
    let whole_disks: Vec<_> = all.iter().filter_map(Disk::size_and_extents).collect();
    let extent_size_sectors = extent_size(group, plain, &whole_disks, &mut missing)?;
    let names = Names {
        physical: &physical,
        logical: &logical,
        plain,
        extent_sectors: extent_size_sectors,
    };
    let mut volumes = logical_volumes(group, &names, &mut missing)?;
    let mut seen = BTreeSet::new();
    if let Some(again) = volumes.iter().find(|volume| !seen.insert(&volume.name)) {
        let what = format!("there are two logical volumes `{}`", again.name);
        return Err(contradiction(group, what));
    }
    related::relate(&names, &mut volumes);
    let extents_of = |text: &str| size::extents(text, plain, extent_size_sectors);
    let mut disks = Vec::new();
    let mut held = disk::held(&volumes, physical.rows.len());
    for (disk, held) in all.into_iter().zip(&mut held) {
        if let Some(volume) = disk.physical_volume(extents_of, &mut missing)? {
            disk.settle(&volume, &mut volumes, held, extents_of, &mut missing)?;
            disks.push(volume);
        }
    }
    if !missing.is_empty() {
        return Err(ReportError::Missing {
            group: group.name.clone(),
            fields: missing,
        });
    }
    size_alone(&names, &mut volumes);
    let unsaid = unsaid(group, &logical, &volumes);
    let made = VolumeGroup {
        name: group.name.clone(),
        id: group.field("vg_uuid").unwrap_or("").to_string(),
        seqno: group
            .field("vg_seqno")
            .and_then(|number| number.parse().ok())
            .unwrap_or(0),
        extent_size_sectors,
        status: group_status(group),
        max_volumes: most(group.field("max_lv")),
        max_disks: most(group.field("max_pv")),
        // Only the system that it belongs to reports a group.
        system_id: String::new(),
        policy: policy(
            group.field("vg_allocation_policy"),
            group.field("vg_attr"),
            4,
        )
        .unwrap_or(AllocationPolicy::Normal),
        tags: tags(group.field("vg_tags")),
        physical_volumes: disks,
        logical_volumes: volumes,
        historical_volumes: BTreeSet::new(),
        unsaid,
    };
    agree::check(group, &names, &made)?;
    Ok(made)
}

/// What the report leaves open that decides where LVM2 places extents, or whether it does.
fn unsaid(group: &Group<'_>, logical: &Members<'_>, volumes: &[LogicalVolume]) -> BTreeSet<Unsaid> {
    let says = |fields: &[&str]| fields.iter().any(|field| group.field(field).is_some());
    let of_each = |fields: &[&str]| {
        let mut seen = (0..logical.rows.len()).filter(|&volume| volumes[volume].is_visible());
        seen.all(|volume| fields.iter().any(|field| logical.has(volume, field)))
    };
    // Beside segments of disks stand no volumes that lie on none.
    let lists_volumes = group
        .rows
        .iter()
        .any(|row| row.filled("lv_name").is_some() && row.get("pv_name").is_none());
    let segments = || volumes.iter().flat_map(|volume| &volume.segments);
    let has_caches = segments().any(|segment| segment.base_type() == "cache");
    let says_modes = segments().any(|segment| segment.strings.contains_key("cache_mode"));
    let left_open = [
        (Unsaid::Policy, !says(&["vg_allocation_policy", "vg_attr"])),
        (Unsaid::MostVolumes, !says(&["max_lv"])),
        (
            Unsaid::VolumePolicies,
            !of_each(&["lv_allocation_policy", "lv_attr"]),
        ),
        (
            Unsaid::VolumesWithoutExtents,
            !lists_volumes && !logical.rows.is_empty(),
        ),
        (Unsaid::CacheModes, has_caches && !says_modes),
    ];
    let left_open = left_open.into_iter().filter(|(_, is_open)| *is_open);
    left_open.map(|(what, _)| what).collect()
}

/// Gives those volumes of which the report has the size and nothing else their extents.
fn size_alone(names: &Names<'_, '_>, volumes: &mut [LogicalVolume]) {
    for (index, volume) in volumes.iter_mut().enumerate() {
        let is_listed = volume.segments.is_empty() && index < names.logical.rows.len();
        let extents = is_listed.then(|| names.volume_extents(index)).flatten();
        if let Some(extent_count) = extents.filter(|extents| (1..=LARGEST).contains(extents)) {
            volume.segments.push(LvSegment {
                start_extent: 0,
                extent_count,
                segment_type: UNKNOWN_TYPE.to_string(),
                parts: Vec::new(),
                numbers: ByKey::new(),
                strings: ByKey::new(),
            });
        }
    }
}

/// A count; 0 where nothing limits it.
fn most(field: Option<&str>) -> u64 {
    field.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// The unit of plain numbers. The first extent lies at most some MiB into a disk: 2048 sectors, or
/// 1048576 bytes, on most. Without that, 1 MiB is the border between extent sizes in use (up to 512 MiB
/// in sectors, from 1 MiB in bytes).
fn plain_unit(group: &Group<'_>) -> Plain {
    let number = |field: &str| {
        let number: Option<u64> = group.field(field).and_then(|text| text.parse().ok());
        number.filter(|number| *number > 0)
    };
    let is_bytes = match (number("pe_start"), number("vg_extent_size")) {
        (Some(start), _) => start >= 1 << 16,
        (None, Some(size)) => size >= 1 << 20,
        (None, None) => true,
    };
    if is_bytes {
        Plain::Bytes
    } else {
        Plain::Sectors
    }
}

/// The logical volumes that have a name or segments, with those segments that rows describe.
fn logical_volumes(
    group: &Group<'_>,
    names: &Names<'_, '_>,
    missing: &mut Vec<MissingField>,
) -> Result<Vec<LogicalVolume>, ReportError> {
    let logical = names.logical;
    let marks_hidden = group.rows.iter().any(|row| {
        let name = row.filled("lv_name");
        name.is_some_and(|name| name.starts_with('['))
    });
    // By table and volume.
    let mut ends: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for row in &group.rows {
        if let Some(owner) = logical.find(row) {
            *counts.entry((row.element, owner)).or_default() += 1;
        }
    }
    let mut segments: Vec<Vec<LvSegment>> = vec![Vec::new(); logical.rows.len()];
    for row in &group.rows {
        let owner = logical.find(row).or_else(|| {
            // A report of one volume need not say whose segments they are.
            let is_free = row.get("lv_uuid") == Some("") || row.get("lv_name") == Some("");
            if is_free { None } else { logical.only() }
        });
        let Some(owner) = owner else { continue };
        let end = ends.entry((row.element, owner)).or_default();
        let is_only = counts.get(&(row.element, owner)) == Some(&1);
        if let Some(segment) = names.segment(row, owner, *end, is_only, missing) {
            *end = segment.start_extent.saturating_add(segment.extent_count);
            segments[owner].push(segment);
        }
    }
    segments
        .into_iter()
        .enumerate()
        .map(|(index, mut segments)| {
            // Several rows may be about one; what the first does not say is taken from the others.
            segments.sort_by_key(|segment| segment.start_extent);
            segments.dedup_by(|again, first| {
                let is_same = again.start_extent == first.start_extent;
                if is_same && again.segment_type == first.segment_type {
                    complete(first, again);
                }
                is_same
            });
            segments.shrink_to_fit();
            let field = |field: &str| logical.field(index, field);
            let id = field("lv_uuid").unwrap_or("");
            let name = field("lv_name").unwrap_or(id);
            let is_hidden = match field("lv_name") {
                None => true,
                // Brackets mark hidden volumes, unless the settings of reports say that nothing does.
                Some(name) if marks_hidden => name.starts_with('['),
                Some(name) => reserved(name).is_some(),
            };
            let volume = LogicalVolume {
                name: without_brackets(name).to_string(),
                id: id.to_string(),
                status: status::words(logical, index, is_hidden),
                policy: policy(field("lv_allocation_policy"), field("lv_attr"), 2)
                    .unwrap_or(AllocationPolicy::Inherit),
                tags: tags(field("lv_tags")),
                segments,
            };
            check_order(group, &volume)?;
            Ok(volume)
        })
        .collect()
}

/// Takes over what another row about the same segment says besides.
fn complete(segment: &mut LvSegment, other: &LvSegment) {
    if segment.parts.is_empty() {
        segment.parts.clone_from(&other.parts);
    }
    for (key, number) in other.numbers.iter() {
        if !segment.numbers.contains_key(key) {
            segment.numbers.insert(key.to_string(), *number);
        }
    }
    for (key, name) in other.strings.iter() {
        if !segment.strings.contains_key(key) {
            segment.strings.insert(key.to_string(), name.clone());
        }
    }
}

/// Segments have to lie one behind the other.
fn check_order(group: &Group<'_>, volume: &LogicalVolume) -> Result<(), ReportError> {
    let mut end = 0;
    for segment in &volume.segments {
        if segment.start_extent != end
            || segment.extent_count == 0
            || segment.extent_count > LARGEST
        {
            return Err(contradiction(
                group,
                format!(
                    "a segment of `{}` starts at extent {} and has {}, and the one before ends at {end}; \
                     take the report with `lvs -a --segments` or `lvm fullreport -a`",
                    volume.name, segment.start_extent, segment.extent_count
                ),
            ));
        }
        // At most as many segments as rows, each below 2^32.
        end += segment.extent_count;
    }
    Ok(())
}

/// The words of the metadata's status, as far as the report tells. A group of which it does not say
/// otherwise can be changed, as nearly all can.
fn group_status(group: &Group<'_>) -> BTreeSet<String> {
    let letter = |at: usize| {
        group
            .field("vg_attr")
            .and_then(|letters| letters.chars().nth(at))
    };
    let of_disk = group
        .field("pv_attr")
        .and_then(|letters| letters.chars().nth(1));
    let says = |field: &str| group.field(field).map(is_true);
    let words = [
        ("READ", true),
        ("WRITE", letter(0).is_none_or(|letter| letter == 'w')),
        (
            "RESIZEABLE",
            letter(1).map_or_else(
                || says("vg_extendable") != Some(false),
                |letter| letter == 'z',
            ),
        ),
        (SHARED, letter(5) == Some('s')),
        (
            "EXPORTED",
            letter(2) == Some('x') || of_disk == Some('x') || says("vg_exported") == Some(true),
        ),
    ];
    let held = words.into_iter().filter(|(_, is_held)| *is_held);
    held.map(|(word, _)| word.to_string()).collect()
}

/// The policy of a word, or of the letter at a place of the attributes.
fn policy(word: Option<&str>, attributes: Option<&str>, at: usize) -> Option<AllocationPolicy> {
    let by_letter = || {
        // A capital letter says that the volume is locked against allocation.
        match attributes?.chars().nth(at)?.to_ascii_lowercase() {
            'c' => Some(AllocationPolicy::Contiguous),
            'l' => Some(AllocationPolicy::Cling),
            'n' => Some(AllocationPolicy::Normal),
            'a' => Some(AllocationPolicy::Anywhere),
            'i' => Some(AllocationPolicy::Inherit),
            _ => None,
        }
    };
    word.and_then(AllocationPolicy::from_name)
        .or_else(by_letter)
}
