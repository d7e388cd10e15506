//! `lvcreate` of what lies on something that is there: snapshots, thin volumes, caches, checksums.

mod base;
mod caching;
mod snapshot;
mod thin;
mod virtual_type;

use crate::lvm::VolumeGroup;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::layer::base::base;
use crate::lvm::simulate::syntax::check_new;
use crate::lvm::simulate::{Refusal, SimulationError, integrity, simulate_by};

/// Simulates an `lvcreate` that asks for one.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create_layer(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let kind = given.get("type").unwrap_or_default();
    let has_size = given.has("size") || given.has("extents");
    if given.has("raidintegrity") {
        let command = base(
            group,
            given,
            &[
                "raidintegrity",
                "raidintegritymode",
                "raidintegrityblocksize",
            ],
            &[],
        )?;
        check_new(&command, given)?;
        let after = simulate_by(group, &command, settings)?;
        if given.get("raidintegrity") != Some("y") {
            return Ok(after);
        }
        return integrity::added_to_new(group, after, settings, given);
    }
    if kind == "cache"
        || kind == "writecache"
        || given.has("cache")
        || given.has("cachedevice")
        || given.has("cachepool")
        || given.has("cachevol")
    {
        return caching::create_cached(group, given, settings, activity);
    }
    if kind == "zero" || kind == "error" {
        return virtual_type::create(group, given, settings, kind);
    }
    if given.has("virtualsize") {
        return thin::create_thin(group, given, settings, activity);
    }
    if has_size && (given.has("snapshot") || kind == "snapshot") {
        return snapshot::create_snapshot(group, given, settings);
    }
    if kind == "snapshot" {
        return Err(Refusal::lines([
            "No command with matching syntax recognised.  Run 'lvcreate --help' for more information.".to_string(),
            "Nearest similar command has syntax:".to_string(),
        ])
        .into());
    }
    thin::snapshot_thin(group, given, activity)
}
