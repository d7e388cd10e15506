//! A plan as commands that make LVM2 build exactly that, each tried on a simulated LVM2 first.

use crate::core::{Allocation, Plan, Segment};
use crate::lvm::export_cut::{Interval, intervals};
use crate::lvm::export_pool;
use crate::lvm::export_step::{Builder, Goal};
use crate::lvm::{
    Dictionary, Entry, EntryPart, ExportError, LvCommand, SizeArgument, Verb, VolumeGroup,
};

/// The commands that build a plan, in the order in which they have to be run.
///
/// A volume is made with one `lvcreate` for the first interval of its legs and one `lvextend` for
/// each further one; each offers exactly the extents that are to be used, in the order of the legs. A
/// pool is made of two volumes, one for data and one for metadata, that `lvconvert` joins: that way
/// either may lie anywhere. Every command is tried on a simulated LVM2, from the group as the
/// commands before it leave it; where the plain command would build something else, other orders of
/// its arguments and other policies are tried.
///
/// # Errors
/// [`ExportError`] if the plan is not one for these commands, or if LVM2 cannot be made to build it;
/// then nothing is printed that would build something else.
pub fn commands(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    plan: &Plan,
) -> Result<Vec<LvCommand>, ExportError> {
    let (expected, found) = (dictionary.entries.len(), plan.allocations.len());
    if expected != found {
        return Err(ExportError::OtherPlan { expected, found });
    }
    let mut builder = Builder::new(group, &dictionary.settings);
    let pairs = || dictionary.entries.iter().zip(&plan.allocations);
    let spare = pairs().find(|(entry, _)| entry.part == EntryPart::Spare);
    // The spare is made along with the pool that needs the largest one, before the other pools would
    // make one that is too small.
    let makes_spare = |entry: &Entry| {
        spare.is_some_and(|(spare, _)| {
            entry.part == EntryPart::Created && Some(&entry.name) == spare.command.name.as_ref()
        })
    };
    let with_spare = pairs().filter(|(entry, _)| makes_spare(entry));
    let without = pairs().filter(|(entry, _)| !makes_spare(entry));
    for (entry, allocation) in with_spare.chain(without) {
        let Some(allocation) = allocation else {
            continue;
        };
        let spare = match spare {
            Some((spare, Some(allocation))) if makes_spare(entry) => Some((spare, allocation)),
            Some(_) | None => None,
        };
        match entry.part {
            EntryPart::Created if entry.demand.kind.is_pool() => {
                export_pool::create(&mut builder, dictionary, entry, allocation, spare)?;
            }
            EntryPart::Created => create(&mut builder, entry, allocation)?,
            EntryPart::Grown => grow(&mut builder, entry, allocation)?,
            EntryPart::Spare => {}
        }
    }
    Ok(builder.into_commands())
}

/// Makes a volume: one command for the first interval, one for each further one.
fn create(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<(), ExportError> {
    let intervals = intervals(entry, allocation, builder.source_count())?;
    let mut template = entry.command.clone();
    template.volume_group = Some(builder.group_name().to_string());
    template.name = Some(entry.name.clone());
    if entry.demand.stripes > 1 {
        template.stripes = Some(entry.demand.stripes);
    }
    create_from(builder, entry, &template, &intervals, allocation)
}

/// Makes a volume with a template for the first command.
pub(crate) fn create_from(
    builder: &mut Builder,
    entry: &Entry,
    template: &LvCommand,
    intervals: &[Interval],
    allocation: &Allocation,
) -> Result<(), ExportError> {
    let [first, rest @ ..] = intervals else {
        return Ok(());
    };
    let before = builder.clone();
    let goal = Goal {
        entry,
        interval: first,
        metadata: &allocation.metadata,
        logs: &allocation.logs,
    };
    let mut command = template.clone();
    command.size = Some(SizeArgument::extents(
        first.extents().saturating_mul(entry.demand.stripes),
    ));
    let policies = builder.policies_to_create(&command);
    let stepwise = builder
        .build(&command, &policies, &goal)
        .and_then(|()| extend(builder, entry, rest));
    let Err(error) = stepwise else { return Ok(()) };
    if rest.is_empty() {
        return Err(error);
    }
    // With very small extents the metadata may be too short when it is made for a part. All at once
    // it is right, if the pieces happen to sort the right way.
    *builder = before;
    command.size = Some(SizeArgument::extents(
        intervals
            .iter()
            .map(Interval::extents)
            .fold(0, u64::saturating_add)
            .saturating_mul(entry.demand.stripes),
    ));
    builder
        .build_whole(&command, intervals, &goal)
        .map_err(|_| error)
}

/// Lets a volume grow, one command for each interval.
fn grow(builder: &mut Builder, entry: &Entry, allocation: &Allocation) -> Result<(), ExportError> {
    let intervals = intervals(entry, allocation, builder.source_count())?;
    extend(builder, entry, &intervals)
}

fn extend(builder: &mut Builder, entry: &Entry, intervals: &[Interval]) -> Result<(), ExportError> {
    const NONE: &[Segment] = &[];
    for interval in intervals {
        let goal = Goal {
            entry,
            interval,
            metadata: NONE,
            logs: NONE,
        };
        let mut command = LvCommand::new(Verb::Extend);
        command.volume_group = Some(builder.group_name().to_string());
        command.name = Some(entry.name.clone());
        let more = interval.extents().saturating_mul(entry.demand.stripes);
        command.size = Some(SizeArgument::more_extents(more));
        command.other = entry.command.other_of(Verb::Extend);
        if entry.part == EntryPart::Grown && builder.other_stripes(entry) {
            command.stripes = Some(entry.demand.stripes);
            command.stripe_size_sectors = entry.command.stripe_size_sectors;
        }
        let policies = builder.policies_to_extend(entry);
        builder.build(&command, &policies, &goal)?;
    }
    Ok(())
}
