//! A volume becomes a thin one that begins as what it held, which stays as it is under another name.

use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::{empty_volume, generated_name, segment_over, volume_mut};
use crate::lvm::simulate::cache::rename_with_parts;
use crate::lvm::simulate::given::plain;
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::lvconvert::pools::make_pool;

use crate::lvm::simulate::refusal::{check_free_name, not_there};
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::rules::{Property, Rules, no_match, permit};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, SegmentType, VolumeGroup};

/// What can become thin.
const RULES: Rules = Rules {
    accepts: &["linear", "striped", "thin", "cache", "raid"],
    visible: true,
    refuses: &[Property::Integrity],
};

/// `--type thin --thinpool POOL`.
///
/// # Errors
/// LVM2's refusal, or that this is not covered.
pub(crate) fn into_thin(
    group: &VolumeGroup,
    conversion: &Conversion,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let (given, name) = (&conversion.given, conversion.name.as_str());
    let Some(pool) = given.get("thinpool").map(plain) else {
        return Err(no_match(true).into());
    };
    let Some(volume) = group.logical_volume(name) else {
        return Err(not_there(group, name).into());
    };
    let roles = Roles::of(group);
    permit(group, &roles, volume, RULES)?;
    if roles.is(name, Role::Origin) {
        return Err(SimulationError::unsupported(
            "an external origin with snapshots",
        ));
    }
    let Some(pool_volume) = group.logical_volume(&pool) else {
        return Err(Refusal::new(format!("Thin pool {pool} not found.")).into());
    };
    let is_pool = pool_volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "thin-pool");
    let mut after = group.clone();
    if !is_pool {
        if pool == name {
            return Err(SimulationError::unsupported("a pool of its own data"));
        }
        let kind = SegmentType::ThinPool;
        after = make_pool(group, conversion, &pool, kind, settings, activity)
            .map_err(|error| not_made(error, &group.name, &pool))?;
    }
    if roles.type_word(volume) == "cache" {
        return Err(SimulationError::unsupported("a cached external origin"));
    }
    let origin = match given.get("originname").map(plain) {
        Some(origin) => {
            check_free_name(&after, &origin)?;
            origin
        }
        None => generated_name(&after, ""),
    };
    let extents = volume.extents();

    let is_writable = volume.status.contains("WRITE");
    rename_with_parts(&mut after, name, &origin);
    if let Some(origin) = volume_mut(&mut after, &origin) {
        origin.status.remove("WRITE");
    }
    let mut thin: LogicalVolume = empty_volume(name, true, AllocationPolicy::Inherit);

    if !is_writable {
        thin.status.remove("WRITE");
    }
    let mut segment = segment_over("thin", extents, [], &[]);
    segment.strings.insert("thin_pool", pool);
    segment.strings.insert("external_origin", origin.clone());
    thin.segments.push(segment);
    after.logical_volumes.push(thin);
    activity.set(&origin, false);
    Ok(after)
}

/// What is said of a pool that there is no room to make.
fn not_made(error: SimulationError, group: &str, pool: &str) -> SimulationError {
    match error {
        SimulationError::Refused(refusal) => {
            let is_of_room = |line: &String| {
                line.starts_with("Volume group") || line.starts_with("Insufficient")
            };
            if !refusal.messages.iter().any(is_of_room) {
                return refusal.into();
            }
            let line = format!("LV {group}/{pool}_tdata could not be converted to a thin pool.");
            refusal.and(line).into()
        }
        other @ SimulationError::Unsupported { .. } => other,
    }
}
