//! Thin volumes: new ones, snapshots of others, and ones that begin as what a plain volume holds.

use crate::lvm::simulate::activity::{ACTIVATION_SKIP, Activity};
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::{segment_over, stored};
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::layer::base::{base, new_name, new_volume, refuse_extra};
use crate::lvm::simulate::{Refusal, SimulationError, simulate_by};
use crate::lvm::size::read_sectors;
use crate::lvm::{LogicalVolume, VolumeGroup};

/// Sectors in a mebibyte, the unit of sizes.
const MEBIBYTE_SECTORS: u64 = 2048;

fn usage(line: &str) -> Refusal {
    Refusal::lines([
        line.to_string(),
        "Run `lvcreate --help' for more information.".to_string(),
    ])
}

/// Simulates `lvcreate -V`, which may make the pool first.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn create_thin(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let has_size = given.has("size") || given.has("extents");
    let argument = given
        .arguments
        .first()
        .filter(|name| name.contains('/'))
        .map(|name| plain(name));
    let pool = given.get("thinpool").map(plain).or(argument);
    if let (Some(name), Some(pool)) = (given.get("name").map(plain), &pool)
        && name == *pool
    {
        let line = format!("Logical volume name {name} and pool name must be different.");
        return Err(usage(&line).into());
    }
    if has_size {
        return create_pool_too(group, given, settings, pool, activity);
    }
    refuse_extra(given, &["stripes", "chunksize", "stripesize", "mirrors"], 1)?;
    let Some(pool) = pool else {
        return Err(usage("Please specify name of existing pool.").into());
    };
    let sectors = given
        .get("virtualsize")
        .and_then(|text| read_sectors(text, MEBIBYTE_SECTORS).ok());
    let sectors = sectors.ok_or_else(|| SimulationError::unsupported("this --virtualsize"))?;
    if sectors == 0 {
        return Err(usage("--virtualsize may not be zero.").into());
    }
    check_policy(given)?;
    if given.has("zero") {
        return Err(usage("--zero is supported only with thin pool creation.").into());
    }
    let missing = || format!("Pool {pool} not found in Volume group {}.", group.name);
    check_pool(group, &pool, missing, "a thin pool")?;
    let name = new_name(group, given)?;
    let extents = sectors.div_ceil(group.extent_size_sectors);
    let mut after = group.clone();
    push_thin(&mut after, new_volume(&name, given), &pool, extents, &[]);
    note_activity(given, &name, false, activity);
    Ok(after)
}

/// The pool first, then the volume.
fn create_pool_too(
    group: &VolumeGroup,
    given: &Given,
    settings: &Allocator,
    pool: Option<String>,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let name = match given.get("name") {
        Some(_) => Some(new_name(group, given)?),
        None => None,
    };
    if let Some(pool) = pool
        .as_ref()
        .filter(|pool| group.logical_volume(pool).is_some())
    {
        return Err(Refusal::new(format!(
            "Logical volume {pool} already exists in Volume group {}.",
            group.name
        ))
        .into());
    }
    // What is made as a snapshot of nothing gives its tags to the pool.
    let own: Vec<&str> = [
        "virtualsize",
        "thin",
        "thinpool",
        "type",
        "name",
        "snapshot",
        "addtag",
        "permission",
        "persistent",
        "major",
        "minor",
    ]
    .into_iter()
    .filter(|option| !(given.has("snapshot") && *option == "addtag"))
    .collect();
    let mut command = base(group, given, &own, &[("type", "thin-pool")])?;
    command.name = pool;
    let mut after = simulate_by(group, &command, settings)?;
    let made = after.logical_volumes.iter().rev();
    let made =
        made.filter(|volume| group.logical_volume(&volume.name).is_none() && volume.is_visible());
    let pool = made.map(|volume| volume.name.clone()).next();
    let pool = pool.ok_or_else(|| SimulationError::unsupported("a pool that is not there"))?;
    let sectors = given
        .get("virtualsize")
        .and_then(|text| read_sectors(text, MEBIBYTE_SECTORS).ok());
    let sectors = sectors.ok_or_else(|| SimulationError::unsupported("this --virtualsize"))?;
    let name = match name {
        Some(name) => name,
        None => new_name(&after, given)?,
    };
    let extents = sectors.div_ceil(after.extent_size_sectors);
    let mut volume = new_volume(&name, given);
    if given.has("snapshot") {
        volume.tags.clear();
    }
    volume.policy = command.policy.map_or(volume.policy, stored);
    push_thin(&mut after, volume, &pool, extents, &[]);
    note_activity(given, &name, false, activity);
    Ok(after)
}

/// Simulates `lvcreate -s`, or `--type thin`, of a volume and without a size.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn snapshot_thin(
    group: &VolumeGroup,
    given: &Given,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    if given.has("snapshot") && (given.has("type") || given.has("thin")) {
        return Err(Refusal::new("Command does not accept option: --snapshot.").into());
    }
    refuse_extra(given, &["stripes", "chunksize", "stripesize", "mirrors"], 1)?;
    if given.has("wipesignatures") {
        return Err(usage("Option --wipesignatures is unsupported with snapshots.").into());
    }
    let is_path = given
        .arguments
        .first()
        .is_some_and(|name| name.contains('/'));
    let origin = plain(given.arguments.first().map_or("", String::as_str));
    if !is_path {
        return Err(SimulationError::unsupported(
            "a thin volume without size and origin",
        ));
    }
    let pool = given.get("thinpool").map(plain);
    let Some(volume) = group.logical_volume(&origin) else {
        return Err(Refusal::new(format!(
            "Snapshot origin LV {origin} not found in Volume group {}.",
            group.name
        ))
        .into());
    };
    check_policy(given)?;
    let extents = volume.extents();
    let thin = volume
        .segments
        .first()
        .filter(|segment| segment.base_type() == "thin");
    let own_pool = thin
        .and_then(|segment| segment.strings.get("thin_pool"))
        .cloned();
    let mut after = group.clone();
    // In its own pool it is a snapshot of a thin volume.
    let pool = pool.filter(|pool| own_pool.as_ref() != Some(pool));
    match (pool, own_pool) {
        (None, None) => {
            if given.has("snapshot") {
                let line = "Please specify either size or extents with snapshots.";
                return Err(Refusal::new(line).into());
            }
            let line = format!(
                "Logical volume {}/{origin} is not a thin volume. Thin snapshot supports only thin \
                 origins.",
                group.name
            );
            return Err(Refusal::new(line).into());
        }
        (None, Some(own)) => {
            let name = new_name(group, given)?;
            let mut snapshot = new_volume(&name, given);
            let skips = given.get("setactivationskip") != Some("n");
            if skips {
                snapshot.status.insert(ACTIVATION_SKIP.to_string());
            }
            let external = thin.and_then(|segment| segment.strings.get("external_origin"));
            let mut strings = vec![("origin", origin.as_str())];
            strings.extend(external.map(|external| ("external_origin", external.as_str())));
            push_thin(&mut after, snapshot, &own, extents, &strings);
            note_activity(given, &name, skips, activity);
        }
        (Some(pool), _) => {
            let missing = || {
                format!(
                    "Thin pool volume {pool} not found in Volume group {}.",
                    group.name
                )
            };
            check_pool(group, &pool, missing, "a thin pool volume")?;
            if volume.status.contains("WRITE") {
                return Err(Refusal::new("Cannot use writable LV as the external origin.").into());
            }
            if activity.is_active(&origin) {
                return Err(Refusal::new("Cannot use active LV for the external origin.").into());
            }
            let name = new_name(group, given)?;
            push_thin(
                &mut after,
                new_volume(&name, given),
                &pool,
                extents,
                &[("external_origin", &origin)],
            );
            note_activity(given, &name, false, activity);
        }
    }
    Ok(after)
}

/// A thin volume has no extents that a policy could bear on.
fn check_policy(given: &Given) -> Result<(), Refusal> {
    let mut policies = ["alloc", "contiguous"].iter();
    match policies.find(|option| given.has(option)) {
        Some(option) => Err(Refusal::new(format!(
            "--{option} is only available when creating thin pool."
        ))),
        None => Ok(()),
    }
}

fn check_pool(
    group: &VolumeGroup,
    pool: &str,
    missing: impl FnOnce() -> String,
    what: &str,
) -> Result<(), Refusal> {
    let volume = group
        .logical_volume(pool)
        .ok_or_else(|| Refusal::new(missing()))?;
    let is_pool = volume
        .segments
        .iter()
        .any(|segment| segment.base_type() == "thin-pool");
    if is_pool {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "Logical volume {}/{pool} is not {what}.",
        group.name
    )))
}

fn note_activity(given: &Given, name: &str, skips: bool, activity: &mut Activity) {
    let skips = skips && !given.has("ignoreactivationskip");
    let is_off = given.get("activate").is_some_and(|how| how.ends_with('n'));
    if skips || is_off {
        activity.set(name, false);
    }
}

/// Adds a thin volume to a pool.
pub(crate) fn push_thin(
    group: &mut VolumeGroup,
    mut volume: LogicalVolume,
    pool: &str,
    extents: u64,
    strings: &[(&'static str, &str)],
) {
    let mut segment = segment_over("thin", extents, [], &[]);
    segment.strings.insert("thin_pool", pool.to_string());
    for (key, value) in strings {
        segment.strings.insert(*key, (*value).to_string());
    }
    volume.segments.push(segment);
    group.logical_volumes.push(volume);
}
