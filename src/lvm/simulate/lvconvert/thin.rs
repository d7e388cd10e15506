//! A volume becomes a thin one that begins as what it held, which stays as it is under another name.

use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::{empty_volume, generated_name, segment_over, volume_mut};
use crate::lvm::simulate::cache::rename_with_parts;
use crate::lvm::simulate::given::{Given, plain};

use crate::lvm::simulate::refusal::not_there;
use crate::lvm::simulate::roles::{Role, Roles};
use crate::lvm::simulate::rules::{Property, Rules, no_match, permit};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LogicalVolume, VolumeGroup};

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
    given: &Given,
    name: &str,
    _settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
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
    if !is_pool {
        return Err(SimulationError::unsupported(
            "a thin pool that is not yet one",
        ));
    }
    if roles.type_word(volume) == "cache" {
        return Err(SimulationError::unsupported("a cached external origin"));
    }
    let origin = match given.get("originname").map(plain) {
        Some(origin) if group.logical_volume(&origin).is_some() => {
            return Err(Refusal::new(format!(
                "Logical Volume \"{origin}\" already exists in volume group \"{}\"",
                group.name
            ))
            .into());
        }
        Some(origin) => origin,
        None => generated_name(group, ""),
    };
    let mut after = group.clone();
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
