//! Images and logs of mirrors: made for what is not yet one, added, or taken away.

use crate::greedy::{Parallel, Placement};
use crate::lvm::lengths;
use crate::lvm::parts::images;
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{append, append_stripes, empty_volume, segment_over, volume_mut};
use crate::lvm::simulate::images::context::{Context, last_segment, wanted, wanted_images};
use crate::lvm::simulate::images::remove::remove_images;
use crate::lvm::simulate::request::{Companions, Placed, Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LvSegment, MirrorLog, Part, SegmentType, VolumeGroup};

/// What LVM2 refuses about more or fewer images, or another log, of a mirror.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_change(
    context: &Context,
    segment: &LvSegment,
    to: Option<SegmentType>,
) -> Result<(), Refusal> {
    let conversion = context.conversion;
    let count = images(segment).len() as u64;
    if to == Some(SegmentType::Mirror) && conversion.mirrors.is_none() {
        return Err(Refusal::new(
            "Conversions to --type mirror require -m/--mirrors",
        ));
    }
    let region = segment.numbers.get("region_size").copied();
    let other_region = conversion
        .region_sectors
        .is_some_and(|given| Some(given) != region);
    if other_region && conversion.log.is_some() {
        return Err(Refusal::new(
            "Mirror log region size cannot be changed on an existing mirror.",
        ));
    }
    let wanted = wanted_images(conversion, count, count);
    let has_log = segment.strings.contains_key("mirror_log");
    let frees = wanted < count || (conversion.log == Some(MirrorLog::Core) && has_log);
    let allocates = wanted > count || (conversion.log == Some(MirrorLog::Disk) && !has_log);
    if frees && allocates && !conversion.volumes.is_empty() {
        return Err(Refusal::lines([
            "Cannot both allocate and free extents when specifying physical volumes to use."
                .to_string(),
            "Please specify the operation in two steps.".to_string(),
        ]));
    }
    Ok(())
}

/// Images, and perhaps a log, for what is not yet a mirror.
pub(crate) fn add_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    more: u64,
    with_log: bool,
) -> Result<(), SimulationError> {
    let name = context.name;
    let region = lengths::region_size(
        SegmentType::Mirror,
        context.region_sectors,
        context.extents,
        group.extent_size_sectors,
        0,
    );
    let placed = place_mirrors(group, context, more, region, u64::from(with_log))?;
    let mut names = vec![format!("{name}_mimage_0")];
    names.extend(push_mirrors(group, context, 1, more, &placed.placement));
    let mut segment = segment_over(
        "mirror",
        context.extents,
        names,
        &[("mirror_count", more + 1), ("region_size", region)],
    );
    if with_log {
        let log = format!("{name}_mlog");
        let mut volume = empty_volume(&log, false, command_policy(context));
        append(&mut volume, &placed.placement.logs, 0);
        group.logical_volumes.push(volume);
        segment.strings.insert("mirror_log", log);
    }
    let mut first = empty_volume(
        &format!("{name}_mimage_0"),
        false,
        AllocationPolicy::Inherit,
    );
    if let Some(volume) = volume_mut(group, name) {
        first.segments = std::mem::replace(&mut volume.segments, vec![segment]);
        if !volume.status.contains("WRITE") {
            first.status.remove("WRITE");
        }
    }
    group.logical_volumes.push(first);
    Ok(())
}

/// More or fewer images of a mirror, and another kind of log.
pub(crate) fn change_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    count: u64,
    wanted_count: u64,
) -> Result<(), SimulationError> {
    let name = context.name;
    let before = group.clone();
    if context.conversion.log == Some(MirrorLog::Core) {
        drop_log(group, name);
    }
    if wanted_count < count {
        let fewer = usize::try_from(count - wanted_count).unwrap_or(usize::MAX);
        remove_images(group, context, fewer, false)?;
        if wanted_count == 1 {
            return Ok(());
        }
    } else if wanted_count > count {
        let more = wanted_count - count;
        let placed = place_mirrors(group, context, more, context.region_sectors, 0)
            .map_err(|error| half_added(error, &before, context, count))?;
        let prefix = format!("{name}_mimage_");
        let numbers = group.logical_volumes.iter();
        let numbers = numbers.filter_map(|volume| volume.name.strip_prefix(&prefix));
        let highest = numbers
            .filter_map(|number| number.parse::<u64>().ok())
            .max();
        let first = highest.map_or(0, |highest| highest + 1);
        let names = push_mirrors(group, context, first, more, &placed.placement);
        if let Some(segment) = last_segment(group, name) {
            let parts = names
                .into_iter()
                .map(|volume| Part::Logical { volume, start: 0 });
            segment.parts.extend(parts);
            segment.numbers.insert("mirror_count", wanted_count);
        }
    }
    let log = format!("{name}_mlog");
    let has_log = group.logical_volume(&log).is_some();
    if context.conversion.log == Some(MirrorLog::Disk) && !has_log {
        add_log(group, context, &log, command_policy(context))?;
    }
    Ok(())
}

/// LVM2 has begun by then, and cannot take all of it back: the log stays behind.
fn half_added(
    error: SimulationError,
    before: &VolumeGroup,
    context: &Context,
    count: u64,
) -> SimulationError {
    let SimulationError::Refused(refusal) = error else {
        return error;
    };
    let path = format!("{}/{}", before.name, context.name);
    let drops_log = context.conversion.log == Some(MirrorLog::Core);
    let log = format!("{}_mlog", context.name);
    if before.logical_volume(&log).is_some() && !drops_log {
        return refusal.into();
    }
    let mut refusal = refusal
        .and(format!(
            "Invalid {count} area count(s) in {path}, expected only 1."
        ))
        .and(format!(
            "ABORTING: Failed to remove temporary mirror layer {path}_mimage_0."
        ))
        .and("Manual cleanup with vgcfgrestore and dmsetup may be required.");
    if drops_log {
        let mut left = before.clone();
        if let Some(segment) = last_segment(&mut left, context.name) {
            segment.strings.remove("mirror_log");
        }
        if let Some(log) = volume_mut(&mut left, &format!("{}_mlog", context.name)) {
            log.status.insert("VISIBLE".to_string());
        }
        refusal.left = Some(Box::new(left));
    }
    refusal.into()
}

/// The log goes before anything is placed.
fn drop_log(group: &mut VolumeGroup, name: &str) {
    let log = format!("{name}_mlog");
    group.logical_volumes.retain(|volume| volume.name != log);
    if let Some(segment) = last_segment(group, name) {
        segment.strings.remove("mirror_log");
    }
}

fn place_mirrors(
    group: &VolumeGroup,
    context: &Context,
    more: u64,
    region_sectors: u64,
    logs: u64,
) -> Result<Placed, SimulationError> {
    let companions = if logs > 0 {
        Companions::MirrorLogs(logs)
    } else {
        Companions::None
    };
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: context.conversion.stripes.unwrap_or(1),
            mirrors: more,
            companions,
            region_sectors,
            policy: command_policy(context),
            parallel: parallel_areas(group, context.name, false)?,
            ..wanted(context, &context.allowed)
        },
    );
    match placed {
        Err(SimulationError::Refused(refusal)) => Err(refusal
            .and("Unable to allocate extents for mirror(s).")
            .into()),
        Ok(placed) if placed.placement.overlap.is_some() => Err(SimulationError::unsupported(
            "a log that LVM2 puts where an image lies",
        )),
        other => other,
    }
}

/// Builds images, numbered from `first`; returns their names.
fn push_mirrors(
    group: &mut VolumeGroup,
    context: &Context,
    first: u64,
    count: u64,
    placement: &Placement,
) -> Vec<String> {
    let stripes = context.conversion.stripes.unwrap_or(1);
    let stripes = usize::try_from(stripes).unwrap_or(usize::MAX);
    let stripe_sectors = context
        .settings
        .stripe_size_sectors
        .min(group.extent_size_sectors);
    let mut names = Vec::new();
    for (index, number) in (first..first + count).enumerate() {
        let name = format!("{}_mimage_{number}", context.name);
        let mut image = empty_volume(&name, false, AllocationPolicy::Inherit);
        let legs = index * stripes..(index + 1) * stripes;
        append_stripes(&mut image, placement, legs, stripe_sectors);
        names.push(name);
        group.logical_volumes.push(image);
    }
    names
}

/// A log for a mirror that has none.
pub(crate) fn add_log(
    group: &mut VolumeGroup,
    context: &Context,
    log: &str,
    policy: AllocationPolicy,
) -> Result<(), SimulationError> {
    let parallel: Vec<Parallel> = parallel_areas(group, context.name, false)?;
    let placed = place(
        group,
        context.settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: 0,
            mirrors: 0,
            companions: Companions::MirrorLogs(1),
            policy,
            parallel,
            ..wanted(context, &context.allowed)
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
    let mut volume = empty_volume(log, false, policy);
    append(&mut volume, &placed.placement.logs, 0);
    group.logical_volumes.push(volume);
    if let Some(segment) = last_segment(group, context.name) {
        segment.strings.insert("mirror_log", log.to_string());
    }
    Ok(())
}

/// The policy that new parts of a mirror are placed by, and keep: the command's.
fn command_policy(context: &Context) -> AllocationPolicy {
    context
        .conversion
        .policy
        .unwrap_or(AllocationPolicy::Inherit)
}
