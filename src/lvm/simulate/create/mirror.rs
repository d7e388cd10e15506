//! A new mirror: its images, and its log in a second call.

use crate::greedy::Placement;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::avoid::parallel_areas;
use crate::lvm::simulate::build::{append, append_stripes, cut_off, empty_volume, segment_over};
use crate::lvm::simulate::create::new::{New, place_legs};
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::simulate::request::{Companions, Wanted, place};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LogicalVolume, LvSegment, MirrorLog, SegmentType, VolumeGroup};

pub(crate) fn create_mirror(
    ledger: &mut Ledger,
    settings: &Allocator,
    new: &New,
) -> Result<(), SimulationError> {
    let placed = place_legs(ledger, settings, new, Companions::None)?;
    let mut extents = placed.extents();
    let stripes = usize::try_from(new.stripes).unwrap_or(usize::MAX);
    let mut images = images_of(&placed.placement, new, stripes);
    let held = |image: &LogicalVolume| {
        let areas = image.segments.iter().flat_map(LvSegment::physical);
        areas.map(|(_, area)| area.count()).sum::<u64>()
    };
    let is_full =
        |images: &[LogicalVolume]| images.iter().map(held).sum::<u64>() == ledger.free_total();
    let log = match new.log {
        MirrorLog::Core => None,
        MirrorLog::Disk => {
            if is_full(&images) && extents > 1 {
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
    for image in images {
        ledger.add(image);
    }
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
        segment.strings.insert("mirror_log", log.clone());
    }
    let mut volume = empty_volume(&new.name, true, new.policy);
    if new.nosync {
        volume.status.insert("NOTSYNCED".to_string());
    }
    volume.segments.push(segment);
    ledger.add(volume);
    let has_log = log.is_some();
    if let Some(log) = log {
        add_log(ledger, settings, new, &log)?;
    }
    let group = ledger.group();
    if new.region_sectors > extents.saturating_mul(group.extent_size_sectors) {
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
    ledger: &mut Ledger,
    settings: &Allocator,
    new: &New,
    log: &str,
) -> Result<(), SimulationError> {
    let group = ledger.group();
    let extents = group
        .logical_volume(&new.name)
        .map_or(0, LogicalVolume::extents);
    let placed = place(
        ledger,
        settings,
        &Wanted {
            kind: SegmentType::Mirror,
            stripes: 0,
            mirrors: 0,
            companions: Companions::MirrorLogs(1),
            region_sectors: new.region_sectors,
            extents,
            grows: None,
            apart: false,
            in_one_piece: false,
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
    ledger.add(volume);
    Ok(())
}
