//! A new RAID volume: images, each with metadata in front of it.

use crate::lvm::SegmentType;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::{append, append_leg, empty_volume, segment_over};
use crate::lvm::simulate::create::new::{New, legs, place_legs};
use crate::lvm::simulate::ledger::{FreeExtents, Ledger};
use crate::lvm::simulate::redundancy::check_redundancy;
use crate::lvm::simulate::request::Companions;
use crate::lvm::simulate::{Refusal, SimulationError};

pub(crate) fn create_raid(
    ledger: &mut Ledger,
    settings: &Allocator,
    new: &New,
) -> Result<(), SimulationError> {
    let companions = match new.kind {
        SegmentType::Raid0 => Companions::None,
        SegmentType::Raid0Meta => Companions::RaidMetadata(new.stripes),
        _ => Companions::RaidMetadata(new.stripes.saturating_mul(new.mirrors)),
    };
    let placed = place_legs(ledger, settings, new, companions)?;
    let images = legs(new) + usize::try_from(new.kind.parity()).unwrap_or(0);
    if placed.placement.chunks.is_empty() {
        return Err(corrupted(&ledger.group().name, new, images).into());
    }
    if new.kind != SegmentType::Raid1 && !new.stripe_sectors.is_power_of_two() {
        // No longer than an extent, which may be none.
        let (size, name, word) = (new.stripe_sectors, &new.name, &new.word);
        let path = format!("{}/{name}", ledger.group().name);
        return Err(Refusal::lines([
            format!("LV {path} invalid: non power of 2 stripe size (is {size}) for {word} segment"),
            format!("Internal error: LV segments corrupted in {name}."),
        ])
        .into());
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
            ledger.add(volume);
        }
        let mut volume = empty_volume(&format!("{}_rimage_{image}", new.name), false, new.policy);
        append_leg(&mut volume, &placed.placement, image);
        names.push(volume.name.clone());
        ledger.add(volume);
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
    let is_synchronised = !matches!(new.kind, SegmentType::Raid0 | SegmentType::Raid0Meta);
    if new.nosync && is_synchronised {
        volume.status.insert("NOTSYNCED".to_string());
    }
    volume
        .segments
        .push(segment_over(&new.word, placed.extents(), names, &numbers));
    ledger.add(volume);
    let group = ledger.group();
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
