//! A volume becomes the data of a pool; another one, or a new one, its metadata.

use crate::lvm::command::segment_type::TypeArgument;
use crate::lvm::demand::pool::{THIN_LEAST_SECTORS, pool_demand};
use crate::lvm::simulate::activity::ACTIVATION_SKIP;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::{AllowedVolume, Unusable, allowed};
use crate::lvm::simulate::build::{
    append_stripes, crop_metadata, empty_volume, generated_name, segment_over, volume_mut,
};
use crate::lvm::simulate::cache::{push_below, rename_with_parts};
use crate::lvm::simulate::create::chunk_refusal;
use crate::lvm::simulate::device_number::FIXED_MINOR;
use crate::lvm::simulate::given::shown_size;
use crate::lvm::simulate::refusal::{check_count, refused};
use crate::lvm::simulate::request::{Wanted, place};
use crate::lvm::simulate::roles::Roles;
use crate::lvm::simulate::spare::provide_spare;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, LvCommand, SegmentType, VolumeGroup};

/// Simulates `lvconvert --type thin-pool|cache-pool [--poolmetadata METADATA] DATA`.
///
/// No extent of the data moves; metadata may have to be placed, and a spare for it.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn convert_into_pool(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
) -> Result<VolumeGroup, SimulationError> {
    let unsupported = || SimulationError::unsupported("this conversion");
    let given = command.segment_type.as_ref().ok_or_else(unsupported)?;
    let (data_ending, metadata_ending, data_key) = endings(given).ok_or_else(unsupported)?;
    let allowed = allowed(group, &command.physical_volumes, Unusable::Keep)?;
    let name = command.name.clone().unwrap_or_default();
    let missing = |name: &str| {
        Refusal::new(format!(
            "Failed to find logical volume \"{}/{name}\"",
            group.name
        ))
    };
    let data = group
        .logical_volume(&name)
        .filter(|volume| volume.is_visible());
    let data = data.ok_or_else(|| missing(&name))?;
    let extents = data.extents();
    let mut after = group.clone();
    let metadata_name = format!("{name}{metadata_ending}");
    let demand = pool_demand(group, command, settings, given.kind, extents)
        .map_err(|error| refused(&error, settings))?;
    if let Some(metadata) = &command.pool_metadata_volume {
        check_metadata(group, &name, metadata, command)?;
        let has = group
            .logical_volume(metadata)
            .map_or(0, LogicalVolume::extents);
        let has = has.saturating_mul(group.extent_size_sectors);
        // A thin pool asks for no more than it takes at the least.
        let least = match given.kind {
            SegmentType::ThinPool => THIN_LEAST_SECTORS,
            _ => demand
                .metadata_extents
                .saturating_mul(group.extent_size_sectors),
        };
        if has < least {
            return Err(Refusal::new(format!(
                "Can't use volume {}/{metadata} with size {} as pool metadata. Minimal required size is {}.",
                group.name,
                shown_size(has),
                shown_size(least)
            ))
            .into());
        }
    }
    let data_sectors = extents.saturating_mul(group.extent_size_sectors);
    if data_sectors < demand.chunk_sectors {
        return Err(chunk_refusal(given.kind, demand.chunk_sectors).into());
    }
    let metadata_extents = match &command.pool_metadata_volume {
        Some(metadata) => {
            rename_with_parts(&mut after, metadata, &metadata_name);
            let metadata =
                volume_mut(&mut after, &metadata_name).ok_or_else(|| missing(metadata))?;
            metadata.status.remove("VISIBLE");
            metadata.extents()
        }
        None => {
            let extents = demand.metadata_extents;
            let policy = command.policy.unwrap_or(AllocationPolicy::Inherit);
            let asked = (extents, policy);
            let metadata = new_metadata(&after, settings, &metadata_name, asked, &allowed)?;
            after.logical_volumes.push(metadata);
            extents
        }
    };
    if command.pool_metadata_spare.unwrap_or(true) {
        let before = after.clone();
        provide_spare(&mut after, settings, metadata_extents, &allowed).map_err(|error| {
            match command.pool_metadata_volume {
                Some(_) => error,
                None => leaving_metadata(error, before, group, &metadata_name),
            }
        })?;
    }
    let chunk = command.chunk_size_sectors.unwrap_or(demand.chunk_sectors);
    let mut segment = segment_over(&given.word, extents, [], &[("chunk_size", chunk)]);
    if given.kind == SegmentType::ThinPool {
        segment.numbers.insert("zero_new_blocks", 1);
        segment.strings.insert("discards", "passdown".to_string());
    }
    segment
        .strings
        .insert(data_key, format!("{name}{data_ending}"));
    segment.strings.insert("metadata", metadata_name);
    push_below(&mut after, &name, data_ending, segment);
    crop_metadata(&mut after, &name);
    for segment in after
        .logical_volumes
        .iter_mut()
        .flat_map(|volume| &mut volume.segments)
    {
        // Snapshots of the volume are those of the data now.
        if segment.base_type() == "snapshot" && segment.strings.get("origin") == Some(&name) {
            segment
                .strings
                .insert("origin", format!("{name}{data_ending}"));
        }
    }
    if let Some(pool) = volume_mut(&mut after, &name) {
        // A pool can always be written to.
        pool.status.insert("WRITE".to_string());
        // What the volume was like, its data stays like.
        let policy = std::mem::replace(&mut pool.policy, AllocationPolicy::Inherit);
        let tags = std::mem::take(&mut pool.tags);
        let moves = |word: &&str| pool.status.remove(*word);
        let own: Vec<&str> = ["NOTSYNCED", ACTIVATION_SKIP, FIXED_MINOR]
            .into_iter()
            .filter(moves)
            .collect();
        let data = format!("{name}{data_ending}");
        if let Some(data) = volume_mut(&mut after, &data) {
            (data.policy, data.tags) = (policy, tags);
            data.status.extend(own.into_iter().map(str::to_string));
        }
    }
    Ok(after)
}

/// How the parts of a pool are called, and the key of its data.
fn endings(given: &TypeArgument) -> Option<(&'static str, &'static str, &'static str)> {
    match given.kind {
        SegmentType::CachePool => Some(("_cdata", "_cmeta", "data")),
        SegmentType::ThinPool => Some(("_tdata", "_tmeta", "pool")),
        SegmentType::Linear
        | SegmentType::Striped
        | SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => None,
    }
}

/// Refuses what cannot be the metadata of a pool.
fn check_metadata(
    group: &VolumeGroup,
    name: &str,
    metadata: &str,
    command: &LvCommand,
) -> Result<(), SimulationError> {
    let Some(volume) = group.logical_volume(metadata) else {
        return Err(Refusal::new(format!("Unknown pool metadata LV {metadata}.")).into());
    };
    let path = format!("{}/{metadata}", group.name);
    if metadata == name {
        return Err(Refusal::new(format!(
            "Can't use same LV for pool data and metadata LV {path}."
        ))
        .into());
    }
    if command.pool_metadata.is_some() {
        let line = "Please specify either metadata logical volume or its size.";
        return Err(Refusal::new(line).into());
    }
    let roles = Roles::of(group);
    if roles.type_word(volume) == "mirror" {
        return Err(
            Refusal::new("Mirror logical volumes cannot be used for pool metadata.").into(),
        );
    }
    if !matches!(roles.type_word(volume), "linear" | "striped" | "raid") {
        return Err(Refusal::new(format!(
            "Pool metadata LV {path} is of an unsupported type."
        ))
        .into());
    }
    if roles.is_hidden(volume) || roles.first(metadata).is_some() {
        return Err(SimulationError::unsupported(
            "metadata out of a volume that others stand on",
        ));
    }
    Ok(())
}

/// A volume for metadata, placed by itself.
fn new_metadata(
    group: &VolumeGroup,
    settings: &Allocator,
    name: &str,
    (extents, policy): (u64, AllocationPolicy),
    allowed: &[AllowedVolume],
) -> Result<LogicalVolume, SimulationError> {
    check_count(group)?;
    let free = group.free_count();
    if settings.lacks(free, extents) {
        return Err(Refusal::new(format!(
            "Volume group \"{}\" has insufficient free space ({free} extents): {extents} required.",
            group.name
        ))
        .into());
    }
    // It is named as what it is only once it is there.
    let first_name = generated_name(group, "");
    let placed = place(
        group,
        settings,
        &Wanted {
            policy,
            ..Wanted::linear(extents, allowed, &first_name)
        },
    )?;
    let mut metadata = empty_volume(name, false, policy);
    append_stripes(&mut metadata, &placed.placement, 0..1, 0);
    Ok(metadata)
}

/// Where there is no room for the spare, new metadata stays behind as the volume that it was made as.
fn leaving_metadata(
    error: SimulationError,
    mut left: VolumeGroup,
    group: &VolumeGroup,
    metadata: &str,
) -> SimulationError {
    let SimulationError::Refused(mut refusal) = error else {
        return error;
    };
    let first_name = generated_name(group, "");
    rename_with_parts(&mut left, metadata, &first_name);
    if let Some(volume) = volume_mut(&mut left, &first_name) {
        volume.status.insert("VISIBLE".to_string());
        refusal.left = Some(Box::new(left));
    }
    refusal.into()
}
