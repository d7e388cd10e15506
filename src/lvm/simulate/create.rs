//! `lvcreate`.

use crate::greedy::Placement;
use crate::lvm::simulate::allowed::{AllowedVolume, Unusable, allowed, free_extents};
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{
    append, append_leg, append_stripes, empty_volume, generated_name, segment_over,
};
use crate::lvm::simulate::lengths;
use crate::lvm::simulate::reduce::cut_off;
use crate::lvm::simulate::redundancy::check_redundancy;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, place};
use crate::lvm::simulate::spare::provide_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{
    AllocationPolicy, Amount, LogicalVolume, LvCommand, MirrorLog, PercentOf, SegmentType,
    Settings, VolumeGroup,
};

/// Everything about the new volume that is settled before its extents are placed.
struct New<'a> {
    name: String,
    kind: SegmentType,
    /// The type as the metadata will name it.
    word: String,
    stripes: u64,
    /// Copies, the first included; 1 where there is no redundancy.
    mirrors: u64,
    stripe_sectors: u64,
    region_sectors: u64,
    extents: u64,
    approximate: bool,
    policy: AllocationPolicy,
    allowed: &'a [AllowedVolume],
    log: MirrorLog,
    nosync: bool,
}

/// Simulates `lvcreate`.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    let kind = command.created_type();
    let (stripes, mirrors) = counts(group, command, settings)?;
    let name = match &command.name {
        Some(name) if group.logical_volume(name).is_some() => {
            return Err(Refusal::new(format!(
                "Logical Volume \"{name}\" already exists in volume group \"{}\"",
                group.name
            ))
            .into());
        }
        Some(name) => name.clone(),
        None => generated_name(group, ""),
    };
    let is_named = command.name.is_some();
    let allowed = allowed(group, &command.physical_volumes, Unusable::Skip)?;
    let extent = group.extent_size_sectors;
    let policy = command.policy.unwrap_or(AllocationPolicy::Inherit);
    let wanted_stripe_sectors = command
        .stripe_size_sectors
        .unwrap_or(settings.stripe_size_sectors);
    let stripe_sectors = wanted_stripe_sectors.min(extent);

    let given = command.pool_metadata.map(|size| match size.amount {
        Amount::Sectors(sectors) => sectors.div_ceil(extent),
        Amount::Extents(extents) => extents,
        Amount::Percent { .. } => 0,
    });
    let chunk = command
        .chunk_size_sectors
        .or(settings.thin_pool_chunk_sectors);
    let pool_metadata = |extents: u64| match kind {
        SegmentType::CachePool => {
            let (chunk, estimated) =
                lengths::cache_pool(extents, extent, command.chunk_size_sectors);
            (chunk, given.unwrap_or(estimated).max(estimated))
        }
        _ => {
            let (chunk, estimated) = lengths::thin_pool(extents, extent, chunk);
            (chunk, given.unwrap_or(estimated))
        }
    };

    let (mut extents, approximate) = wanted_extents(group, command, &allowed, kind, mirrors)?;
    let free = group.free().iter().map(|areas| areas.total()).sum::<u64>();
    if kind.is_pool() && approximate && !is_percent_of_group(command) {
        let metadata = pool_metadata(extents).1;
        if extents <= 2 * metadata {
            let pool = kind.name().replace('-', " ");
            return Err(Refusal::new(format!("Not enough space for {pool} creation.")).into());
        }
        extents -= 2 * metadata;
    }
    if approximate {
        // The stripe size is not yet cut down to the extent size here.
        let boundary = stripes * (wanted_stripe_sectors / extent).max(1);
        let over = extents % boundary;
        if over > 0 && extents - over + boundary > free {
            extents -= over;
            if extents == 0 {
                return Err(too_small("Adjusted"));
            }
        }
    }
    let extents = extents.next_multiple_of(stripes);
    let region = command
        .region_size_sectors
        .unwrap_or(settings.region_size_sectors);
    let mut new = New {
        name,
        kind,
        word: type_word(command, kind),
        stripes,
        mirrors,
        stripe_sectors,
        region_sectors: lengths::region_size(kind, region, extents, extent, stripe_sectors),
        extents,
        approximate,
        policy,
        allowed: &allowed,
        log: command.mirror_log.unwrap_or(MirrorLog::Disk),
        nosync: command.nosync,
    };

    let mut group = group.clone();
    match kind {
        SegmentType::ThinPool | SegmentType::CachePool => {
            let (chunk, metadata) = pool_metadata(extents);
            if kind == SegmentType::CachePool && extents * extent < chunk {
                return Err(Refusal::new(format!(
                    "Size of cache-pool data volume cannot be smaller than chunk size {}.00 KiB.",
                    chunk / 2
                ))
                .into());
            }
            if command.pool_metadata_spare.unwrap_or(true) {
                provide_spare(&mut group, settings, metadata, &allowed)?;
                if !is_named {
                    // The spare has taken the first name.
                    new.name = generated_name(&group, "");
                }
            }
            check_counts(&group, &new)?;
            let with_spare = group.clone();
            create_pool(&mut group, settings, &new, metadata, chunk)
                .map_err(|error| leaving_spare(error, &with_spare))?;
        }
        SegmentType::Linear | SegmentType::Striped => {
            check_counts(&group, &new)?;
            let placed = place_legs(&group, settings, &new, Companions::None)?;
            let mut volume = empty_volume(&new.name, true, policy);
            let stripes = 0..legs(&new);
            append_stripes(&mut volume, &placed.placement, stripes, stripe_sectors);
            group.logical_volumes.push(volume);
        }
        SegmentType::Mirror => {
            check_counts(&group, &new)?;
            create_mirror(&mut group, settings, &new)?;
        }
        SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => {
            check_counts(&group, &new)?;
            create_raid(&mut group, settings, &new)?;
        }
    }
    Ok(group)
}

/// Where LVM2 ends itself, the spare stays behind as the ordinary volume that it was made as.
fn leaving_spare(error: SimulationError, group: &VolumeGroup) -> SimulationError {
    let SimulationError::Refused(mut refusal) = error else {
        return error;
    };
    if refusal.messages.is_empty() {
        let mut left = group.clone();
        let ending = "_pmspare";
        for volume in &mut left.logical_volumes {
            if let Some(name) = volume.name.strip_suffix(ending) {
                volume.name = name.to_string();
                volume.status.insert("VISIBLE".to_string());
            }
        }
        refusal.left = Some(Box::new(left));
    }
    refusal.into()
}

/// The type that the metadata names.
fn type_word(command: &LvCommand, kind: SegmentType) -> String {
    let given = command.segment_type.as_ref();
    given.map_or_else(|| kind.name().to_string(), |given| given.word.clone())
}

/// Stripes and copies, by LVM2's defaults where they are not given.
fn counts(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<(u64, u64), SimulationError> {
    let kind = command.created_type();
    let copies = command.mirrors.map(|mirrors| mirrors + 1);
    let default_stripes = match kind {
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid1
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
        SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid10 => 2,
        SegmentType::Raid6 => 3,
    };
    let spreads = settings.raid_stripe_all_devices && kind.is_raid() && kind != SegmentType::Raid1;
    let stripes = match command.stripes {
        Some(stripes) => stripes,
        None if spreads => {
            let arguments = command.physical_volumes.len();
            let devices = if arguments == 0 {
                group.physical_volumes.len()
            } else {
                arguments
            } as u64;
            let parity = kind.parity();
            if kind == SegmentType::Raid10 {
                devices / 2
            } else if devices > 2 * parity {
                devices - parity
            } else {
                devices
            }
        }
        None => default_stripes,
    };
    if spreads && command.stripes.is_none() && stripes < 2 {
        return Err(Refusal::new(if kind == SegmentType::Raid10 {
            "Unable to create RAID(1)0 LV: insufficient number of devices.".to_string()
        } else {
            format!("Segment type '{kind}' requires 2 or more stripes.")
        })
        .into());
    }
    let copies = match kind {
        SegmentType::Mirror | SegmentType::Raid1 => copies.unwrap_or(2),
        SegmentType::Raid10 => {
            let copies = copies.unwrap_or(2);
            if copies != 2 {
                return Err(Refusal::lines([
                    "RAID10 currently supports only 2-way mirroring (i.e. '-m 1')".to_string(),
                    "Run `lvcreate --help' for more information.".to_string(),
                ])
                .into());
            }
            copies
        }
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
    };
    Ok((stripes.max(1), copies))
}

fn too_small(which: &str) -> SimulationError {
    Refusal::new(format!(
        "{which} size of logical volume is 0 extents. Needs to be larger."
    ))
    .into()
}

fn is_percent_of_group(command: &LvCommand) -> bool {
    let of_group = |amount| {
        matches!(
            amount,
            Amount::Percent {
                of: PercentOf::VolumeGroup,
                ..
            }
        )
    };
    command.size.is_some_and(|size| of_group(size.amount))
}

/// The extents asked for, and whether fewer will do.
fn wanted_extents(
    group: &VolumeGroup,
    command: &LvCommand,
    allowed: &[AllowedVolume],
    kind: SegmentType,
    mirrors: u64,
) -> Result<(u64, bool), SimulationError> {
    let Some(size) = command.size else {
        return Err(SimulationError::unsupported("lvcreate without a size"));
    };
    let (percent, of) = match size.amount {
        Amount::Extents(extents) => return Ok((extents, false)),
        Amount::Sectors(sectors) => {
            return Ok((sectors.div_ceil(group.extent_size_sectors), false));
        }
        Amount::Percent { percent, of } => (percent, of),
    };
    let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
    let total: u64 = group
        .physical_volumes
        .iter()
        .map(|volume| volume.extents)
        .sum();
    let share = |whole: u64| whole.saturating_mul(percent) / 100;
    let extents = match of {
        PercentOf::VolumeGroup => share(total).min(free),
        PercentOf::Free => share(free),
        PercentOf::PhysicalVolumes if command.physical_volumes.is_empty() => share(total),
        PercentOf::PhysicalVolumes => share(free_extents(group, allowed)),
        PercentOf::LogicalVolume | PercentOf::Origin => {
            return Err(SimulationError::unsupported(
                "lvcreate by a percentage of a logical volume",
            ));
        }
    };
    let copies = match kind {
        SegmentType::Mirror | SegmentType::Raid1 | SegmentType::Raid10 => mirrors,
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::ThinPool
        | SegmentType::CachePool => 1,
    };
    if extents == 0 {
        return Err(too_small("Calculated"));
    }
    Ok(((extents / copies).max(1), true))
}

/// What LVM2 looks at before it asks its allocator.
fn check_counts(group: &VolumeGroup, new: &New) -> Result<(), SimulationError> {
    let volumes = new.allowed.len();
    if new.policy != AllocationPolicy::Anywhere && new.stripes > volumes as u64 {
        return Err(Refusal::new(format!(
            "Number of stripes ({}) must not exceed number of physical volumes ({volumes})",
            new.stripes
        ))
        .into());
    }
    let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
    if !new.approximate && free < new.extents {
        return Err(Refusal::new(format!(
            "Volume group \"{}\" has insufficient free space ({free} extents): {} required.",
            group.name, new.extents
        ))
        .into());
    }
    Ok(())
}

/// Legs that hold data, without parity.
fn legs(new: &New) -> usize {
    usize::try_from(new.stripes * new.mirrors).unwrap_or(usize::MAX)
}

fn place_legs(
    group: &VolumeGroup,
    settings: &Settings,
    new: &New,
    companions: Companions,
) -> Result<Placed, SimulationError> {
    place(
        group,
        settings,
        &Wanted {
            kind: new.kind,
            stripes: new.stripes,
            mirrors: new.mirrors,
            companions,
            region_sectors: new.region_sectors,
            extents: new.extents,
            grows: None,
            policy: new.policy,
            approximate: new.approximate,
            allowed: new.allowed,
            parallel: Vec::new(),
            name: &new.name,
        },
    )
}

fn create_raid(
    group: &mut VolumeGroup,
    settings: &Settings,
    new: &New,
) -> Result<(), SimulationError> {
    let companions = match new.kind {
        SegmentType::Raid0 => Companions::None,
        SegmentType::Raid0Meta => Companions::RaidMetadata(new.stripes),
        _ => Companions::RaidMetadata(new.stripes * new.mirrors),
    };
    let placed = place_legs(group, settings, new, companions)?;
    let images = legs(new) + usize::try_from(new.kind.parity()).unwrap_or(0);
    if placed.placement.chunks.is_empty() {
        return Err(corrupted(&group.name, new, images).into());
    }
    let has_metadata = new.kind != SegmentType::Raid0;
    let mut names = Vec::new();
    for image in 0..images {
        if has_metadata {
            let mut volume =
                empty_volume(&format!("{}_rmeta_{image}", new.name), false, new.policy);
            let piece = placed.placement.metadata[image];
            append(&mut volume, &[piece], 0);
            names.push(volume.name.clone());
            group.logical_volumes.push(volume);
        }
        let mut volume = empty_volume(&format!("{}_rimage_{image}", new.name), false, new.policy);
        append_leg(&mut volume, &placed.placement, image);
        names.push(volume.name.clone());
        group.logical_volumes.push(volume);
    }
    let device_count = images as u64;
    let stripe_size = ("stripe_size", new.stripe_sectors);
    let region_size = ("region_size", new.region_sectors);
    let numbers: Vec<(&str, u64)> = match new.kind {
        SegmentType::Raid0 | SegmentType::Raid0Meta => {
            vec![("stripe_count", device_count), stripe_size]
        }
        SegmentType::Raid1 => vec![("device_count", device_count), region_size],
        SegmentType::Raid10 => vec![
            ("device_count", device_count),
            ("data_copies", new.mirrors),
            region_size,
            stripe_size,
        ],
        _ => vec![("device_count", device_count), region_size, stripe_size],
    };
    let mut volume = empty_volume(&new.name, true, new.policy);
    if new.nosync {
        volume.status.insert("NOTSYNCED".to_string());
    }
    volume
        .segments
        .push(segment_over(&new.word, placed.extents(), names, &numbers));
    group.logical_volumes.push(volume);
    check_redundancy(group, settings, &new.name, new.policy, new.allowed)?;
    Ok(())
}

/// What older versions say when a percentage was enough for metadata and for nothing else.
fn corrupted(group: &str, new: &New, images: usize) -> Refusal {
    let lines = |name: &str| {
        [
            format!("LV {name}: has no segment."),
            format!("Internal error: LV segments corrupted in {name}."),
        ]
    };
    let image = |index: usize| lines(&format!("{}_rimage_{index}", new.name));
    let twice = (0..images).chain(0..images).flat_map(image);
    Refusal::lines(lines(&new.name).into_iter().chain(twice))
        .and(format!("Failed to commit VG {group}"))
}

fn create_mirror(
    group: &mut VolumeGroup,
    settings: &Settings,
    new: &New,
) -> Result<(), SimulationError> {
    let placed = place_legs(group, settings, new, Companions::None)?;
    let mut extents = placed.extents();
    let stripes = usize::try_from(new.stripes).unwrap_or(usize::MAX);
    let mut images = images_of(&placed.placement, new, stripes);
    let is_full = |group: &VolumeGroup, images: &[LogicalVolume]| {
        let mut after = group.clone();
        after.logical_volumes.extend(images.iter().cloned());
        after.free().iter().all(|areas| areas.is_empty())
    };
    let log = match new.log {
        MirrorLog::Core => None,
        MirrorLog::Disk => {
            if is_full(group, &images) && extents > 1 {
                // Room for the log is made at the end of the mirror.
                extents -= new.stripes;
                for image in &mut images {
                    cut_off(image, new.stripes);
                }
            }
            Some(format!("{}_mlog", new.name))
        }
    };
    let names: Vec<String> = images.iter().map(|image| image.name.clone()).collect();
    group.logical_volumes.extend(images);
    let mut segment = segment_over(
        "mirror",
        extents,
        names,
        &[
            ("mirror_count", new.mirrors),
            ("region_size", new.region_sectors),
        ],
    );
    if let Some(log) = &log {
        segment
            .strings
            .insert("mirror_log".to_string(), log.clone());
    }
    let mut volume = empty_volume(&new.name, true, new.policy);
    if new.nosync {
        volume.status.insert("NOTSYNCED".to_string());
    }
    volume.segments.push(segment);
    group.logical_volumes.push(volume);
    let has_log = log.is_some();
    if let Some(log) = log {
        add_log(group, settings, new, &log)?;
    }
    if new.region_sectors > extents * group.extent_size_sectors {
        return Err(region_too_large(group, new, has_log).into());
    }
    Ok(())
}

/// The region size is that of the size asked for; a percentage may find less. The log stays behind.
fn region_too_large(group: &VolumeGroup, new: &New, has_log: bool) -> Refusal {
    let refusal = Refusal::lines([
        format!(
            "LV {}/{}, segment 1 invalid: region size is bigger then LV itself for mirror segment.",
            group.name, new.name
        ),
        format!("Internal error: LV segments corrupted in {}.", new.name),
    ]);
    if !has_log {
        return refusal;
    }
    let mut left = group.clone();
    let images = format!("{}_mimage_", new.name);
    let log = format!("{}_mlog", new.name);
    left.logical_volumes
        .retain(|volume| volume.name != new.name && !volume.name.starts_with(&images));
    for volume in &mut left.logical_volumes {
        if volume.name == log {
            volume.status.insert("VISIBLE".to_string());
        }
    }
    Refusal {
        left: Some(Box::new(left)),
        ..refusal.and("Failed to initialise mirror log.")
    }
}

fn images_of(placement: &Placement, new: &New, stripes: usize) -> Vec<LogicalVolume> {
    let count = usize::try_from(new.mirrors).unwrap_or(usize::MAX);
    (0..count)
        .map(|image| {
            let name = format!("{}_mimage_{image}", new.name);
            let mut volume = empty_volume(&name, false, new.policy);
            let legs = image * stripes..(image + 1) * stripes;
            append_stripes(&mut volume, placement, legs, new.stripe_sectors);
            volume
        })
        .collect()
}

/// A mirror's log, by a second call that keeps away from the first segments of the images.
fn add_log(
    group: &mut VolumeGroup,
    settings: &Settings,
    new: &New,
    log: &str,
) -> Result<(), SimulationError> {
    let extents = group
        .logical_volume(&new.name)
        .map_or(0, LogicalVolume::extents);
    let placed = place(
        group,
        settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: 0,
            mirrors: 0,
            companions: Companions::MirrorLogs(1),
            region_sectors: new.region_sectors,
            extents,
            grows: None,
            policy: new.policy,
            approximate: false,
            allowed: new.allowed,
            parallel: parallel_areas(group, &new.name, false)?,
            name: "",
        },
    );
    let placed = match placed {
        Err(SimulationError::Refused(refusal)) => {
            return Err(refusal
                .and("Unable to allocate extents for mirror log.")
                .into());
        }
        other => other?,
    };
    let mut volume = empty_volume(log, false, new.policy);
    append(&mut volume, &placed.placement.logs, 0);
    group.logical_volumes.push(volume);
    Ok(())
}

fn create_pool(
    group: &mut VolumeGroup,
    settings: &Settings,
    new: &New,
    metadata: u64,
    chunk: u64,
) -> Result<(), SimulationError> {
    let placed = place_legs(group, settings, new, Companions::PoolMetadata(metadata))?;
    let (data_ending, metadata_ending, data_key) = match new.kind {
        SegmentType::CachePool => ("_cdata", "_cmeta", "data"),
        _ => ("_tdata", "_tmeta", "pool"),
    };
    let inherit = AllocationPolicy::Inherit;
    let mut data = empty_volume(&format!("{}{data_ending}", new.name), false, inherit);
    append_stripes(
        &mut data,
        &placed.placement,
        0..legs(new),
        new.stripe_sectors,
    );
    let mut meta = empty_volume(&format!("{}{metadata_ending}", new.name), false, inherit);
    let pieces = if new.kind == SegmentType::CachePool {
        &placed.placement.metadata
    } else {
        &placed.placement.logs
    };
    append(&mut meta, pieces, 0);
    let mut segment = segment_over(&new.word, placed.extents(), [], &[("chunk_size", chunk)]);
    segment
        .strings
        .insert(data_key.to_string(), data.name.clone());
    segment
        .strings
        .insert("metadata".to_string(), meta.name.clone());
    let mut pool = empty_volume(&new.name, true, new.policy);
    pool.segments.push(segment);
    group.logical_volumes.extend([meta, data, pool]);
    Ok(())
}
