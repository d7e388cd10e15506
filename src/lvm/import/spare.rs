//! The spare for the metadata of pools: whether one has to be made, and how it is called.

use crate::core::{Area, Policy, Request};
use crate::lvm::{
    AllocationPolicy, Demand, Entry, EntryPart, LogicalVolume, LvCommand, SegmentType, VolumeGroup,
};

/// What ends the name of a spare.
const ENDING: &str = "_pmspare";

/// The sources that a request may use, as a request has them.
pub(crate) type Allowed = Option<Vec<(usize, Option<Vec<Area>>)>>;

/// The spare that a new pool wants.
#[derive(Clone, Debug)]
pub(crate) struct WantedSpare {
    /// As many as the pool's metadata has.
    pub(crate) extents: u64,
    /// What the pool may use.
    pub(crate) allowed: Allowed,
    /// The command that makes the pool.
    pub(crate) command: LvCommand,
}

/// A request for the spare, or for what the one that there is lacks.
///
/// LVM2 makes it along with the pool, in a single call: it is asked for in one area.
pub(crate) fn request(group: &VolumeGroup, wanted: &WantedSpare) -> Option<(Request, Entry)> {
    let there_is = group.metadata_spare();
    let existing_extents = there_is.map_or(0, LogicalVolume::extents);
    let extents = wanted.extents.checked_sub(existing_extents)?;
    if extents == 0 {
        return None;
    }
    let name = match there_is {
        Some(spare) => spare.name.clone(),
        None => {
            let names = group
                .logical_volumes
                .iter()
                .map(|volume| volume.name.as_str());
            // LVM2 makes it before its pool, and the pool is made before anything else that is planned.
            format!("{}{ENDING}", next_name(names))
        }
    };
    let mut request = Request::linear(&name, extents);
    request.policy = Policy::Contiguous;
    request.allowed = wanted.allowed.clone();
    let entry = Entry {
        name,
        part: EntryPart::Spare,
        command: LvCommand {
            policy: Some(AllocationPolicy::Inherit),
            ..wanted.command.clone()
        },
        demand: Demand {
            kind: SegmentType::Linear,
            stripes: 1,
            copies: 1,
            extents,
            approximate: false,
            stripe_size_sectors: 0,
            region_size_sectors: 0,
            leg_metadata_extents: 0,
            log_extents: 0,
            pool_metadata_extents: 0,
            chunk_size_sectors: 0,
            wants_spare: false,
        },
        existing_extents,
    };
    Some((request, entry))
}

/// `lvol` and one more than the highest number behind that word in any of the names.
pub(crate) fn next_name<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let number = |name: &str| {
        let rest = name.strip_prefix("lvol")?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse::<u64>().ok()
    };
    let highest = names.filter_map(number).max();
    format!(
        "lvol{}",
        highest.map_or(0, |number| number.saturating_add(1))
    )
}
