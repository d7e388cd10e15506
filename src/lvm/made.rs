//! What a change to a volume group comes to as a plan: the way back from the group that LVM2 left.

use std::collections::HashSet;

use crate::core::{Allocation, Area, Plan, Problem, Segment, joined};
use crate::lvm::existing::{Existing, Stretch};
use crate::lvm::import::fitted;
use crate::lvm::{
    DemandError, Dictionary, Entry, EntryPart, LvCommand, PvArgument, VolumeGroup, existing,
    find_volume,
};

/// The plan that leads from one group to the other, if there is one: what each volume has gained, and
/// nothing else. Whether it keeps the rules of the problem is not asked.
#[must_use]
pub fn plan_made(
    before: &VolumeGroup,
    after: &VolumeGroup,
    problem: &Problem,
    dictionary: &Dictionary,
) -> Option<Plan> {
    let pairs = dictionary.entries.iter().zip(problem.requests());
    let allocations = pairs.map(|(entry, request)| {
        let name = entry.data_name();
        let made = existing(after, &name).ok()?;
        let had = match entry.part {
            EntryPart::Created => None,
            EntryPart::Grown | EntryPart::Metadata | EntryPart::Spare => {
                existing(before, &name).ok()
            }
        };
        let logs = match request.log.is_some() && entry.part == EntryPart::Created {
            true => existing(after, &entry.log_name()).ok()?.legs,
            false => Vec::new(),
        };
        let metadata = match entry.part {
            EntryPart::Created => made.metadata.as_slice(),
            EntryPart::Grown | EntryPart::Metadata | EntryPart::Spare => &[],
        };
        Some(Some(Allocation {
            legs: gained(had.as_ref(), &made),
            metadata: metadata.iter().flat_map(|leg| segments(leg)).collect(),
            logs: logs.iter().flat_map(|leg| segments(leg)).collect(),
        }))
    });
    let plan = Plan {
        allocations: allocations.collect::<Option<_>>()?,
    };
    // LVM2 lets the spare of pools grow with their metadata, asked or not: that is in no plan.
    let taken: u64 = plan.segments().map(|segment| segment.area.count()).sum();
    (before.free_count().checked_sub(after.free_count()) == Some(taken)).then_some(plan)
}

/// Commands with all that LVM2 is to be told: the group and the name that it gives where they say none, and
/// the devices of physical volumes that were named otherwise.
///
/// # Errors
/// [`DemandError`] where a command is not one for this group.
pub fn spelled_out(
    commands: &[LvCommand],
    group: &VolumeGroup,
    dictionary: &Dictionary,
) -> Result<Vec<LvCommand>, DemandError> {
    let given: HashSet<&str> = commands
        .iter()
        .filter_map(|command| command.name.as_deref())
        .collect();
    let is_unnamed =
        |entry: &&Entry| entry.part == EntryPart::Created && !given.contains(entry.name.as_str());
    let mut unnamed = dictionary.entries.iter().filter(is_unnamed);
    let mut all = Vec::with_capacity(commands.len());
    for command in commands {
        let mut command = fitted(group, command, &dictionary.settings)?;
        if command.name.is_none() {
            command.name = unnamed.next().map(|entry| entry.name.clone());
        }
        for argument in &mut command.physical_volumes {
            if let PvArgument::Device { name, .. } = argument
                && !name.starts_with('/')
                && let Some(index) = find_volume(group, name)
            {
                let device = &group.physical_volumes[index].device;
                if find_volume(group, device) == Some(index) {
                    name.clone_from(device);
                }
            }
        }
        all.push(command);
    }
    Ok(all)
}

/// What each leg has behind what it had.
fn gained(had: Option<&Existing>, made: &Existing) -> Vec<Vec<Segment>> {
    // Where a volume goes on with another number of legs, the new ones begin there.
    let had = had.filter(|had| had.legs.len() == made.legs.len());
    let legs = made.legs.iter().enumerate();
    legs.map(|(leg, stretches)| {
        let had = had.map_or(&[][..], |had| &had.legs[leg]);
        let mut behind: u64 = had.iter().map(|(_, area)| area.count()).sum();
        let mut pieces = Vec::new();
        for &(source, area) in stretches {
            let skipped = behind.min(area.count());
            behind -= skipped;
            if let Some(area) = Area::between(area.start() + skipped, area.end()) {
                pieces.push(Segment { source, area });
            }
        }
        joined(&pieces)
    })
    .collect()
}

fn segments(stretches: &[Stretch]) -> Vec<Segment> {
    let segments = stretches
        .iter()
        .map(|&(source, area)| Segment { source, area });
    joined(&segments.collect::<Vec<_>>())
}
