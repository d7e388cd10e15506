//! A plan as commands that make LVM2 build exactly that, each tried on a simulated LVM2 first.

mod create;
pub(crate) mod cut;
pub(crate) mod error;
pub(crate) mod forms;
pub(crate) mod goal;
pub(crate) mod pool;
pub(crate) mod runs;
pub(crate) mod script;
pub(crate) mod step;
mod undo;

use crate::core::{Allocation, Plan, Problem, check, cost, joined};
use crate::lvm::export::create::{create_from, extend};
use crate::lvm::export::cut::{Interval, intervals};
use crate::lvm::export::goal::Legs;
use crate::lvm::export::runs::{aligned, in_rounds};
use crate::lvm::export::step::{Builder, Order};
use crate::lvm::{Dictionary, Entry, EntryPart, ExportError, LvCommand, VolumeGroup};

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
    let (commands, _) = construct(group, dictionary, plan, Order::AsPlanned)?;
    Ok(commands)
}

/// A plan with the stripes of its intervals in the order in which LVM2 puts them, and the commands
/// that build it.
///
/// Where an interval of a striped volume lies on the physical volumes of the first one, LVM2 keeps
/// each stripe where it was, whatever the order of the arguments. Stripes are all alike, so the plan
/// is as good with them in that order.
///
/// # Errors
/// As [`commands`].
pub fn arranged(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    plan: &Plan,
) -> Result<(Plan, Vec<LvCommand>), ExportError> {
    let (commands, plan) = construct(group, dictionary, plan, Order::AnyStripes)?;
    Ok((plan, commands))
}

/// A plan that is as good and takes few commands, and the commands that build it.
///
/// Stripes, and the areas of each leg, may change their order: one command then builds as many areas as
/// LVM2 can be made to take one after another. What is right and as good in no other order stays as it
/// is planned.
///
/// # Errors
/// As [`commands`].
pub fn in_few_commands(
    problem: &Problem,
    group: &VolumeGroup,
    dictionary: &Dictionary,
    plan: &Plan,
) -> Result<(Plan, Vec<LvCommand>), ExportError> {
    let price = cost(problem, plan);
    for order in [Order::AnyAreas, Order::AnyStripes] {
        if let Ok((commands, built)) = construct(group, dictionary, plan, order)
            && check(problem, &built).is_empty()
            && cost(problem, &built) == price
        {
            return Ok((built, commands));
        }
    }
    let commands = commands(group, dictionary, plan)?;
    Ok((plan.clone(), commands))
}

/// The commands, and the plan as they build it.
fn construct(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    plan: &Plan,
    order: Order,
) -> Result<(Vec<LvCommand>, Plan), ExportError> {
    let entries = &dictionary.entries;
    let (expected, found) = (entries.len(), plan.allocations.len());
    if expected != found {
        return Err(ExportError::OtherPlan { expected, found });
    }
    let sources = plan.segments().map(|segment| segment.source);
    let mut volumes = sources.filter_map(|source| group.physical_volumes.get(source));
    if let Some(unnamed) = volumes.find(|volume| volume.device == volume.key) {
        return Err(ExportError::NoDevice {
            key: unnamed.key.clone(),
            id: unnamed.id.clone(),
        });
    }
    let mut builder = Builder::new(group, &dictionary.settings, order);
    let mut built = plan.clone();
    let spare = entries
        .iter()
        .position(|entry| entry.part == EntryPart::Spare);
    let spare = spare.and_then(|at| Some((&entries[at], plan.allocations[at].as_ref()?)));
    // The spare is made along with the pool that needs the largest one, before the other pools would
    // make one that is too small.
    let makes_spare = |entry: &Entry| {
        spare.filter(|(spare, _)| {
            entry.part == EntryPart::Created && Some(&entry.name) == spare.command.name.as_ref()
        })
    };
    let mut sequence: Vec<usize> = (0..entries.len()).collect();
    sequence.sort_by_key(|&index| makes_spare(&entries[index]).is_none());
    for index in sequence {
        let (entry, Some(allocation)) = (&entries[index], &plan.allocations[index]) else {
            continue;
        };
        let legs = match entry.part {
            EntryPart::Created if entry.demand.kind.is_pool() => {
                let spare = makes_spare(entry);
                pool::create(&mut builder, dictionary, entry, allocation, spare)?
            }
            EntryPart::Created => create(&mut builder, entry, allocation)?,
            EntryPart::Grown | EntryPart::Metadata => grow(&mut builder, entry, allocation)?,
            EntryPart::Spare => continue,
        };
        if let Some(built) = &mut built.allocations[index] {
            built.legs = legs.iter().map(|leg| joined(leg)).collect();
        }
    }
    Ok((builder.into_commands(), built))
}

/// The intervals of an allocation in the order in which they are built.
fn intervals_in_order(
    builder: &Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<Vec<Interval>, ExportError> {
    let sources = builder.source_count();
    if builder.order() != Order::AnyAreas {
        return intervals(entry, allocation, sources);
    }
    // What every allocation has to be is asked of the one that is given.
    intervals(entry, allocation, sources)?;
    let aligned = Allocation {
        legs: aligned(&allocation.legs),
        ..allocation.clone()
    };
    Ok(in_rounds(intervals(entry, &aligned, sources)?))
}

/// Makes a volume: one command for the first interval, one for each further one.
fn create(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<Legs, ExportError> {
    let intervals = intervals_in_order(builder, entry, allocation)?;
    let mut template = entry.command.clone();
    template.volume_group = Some(builder.group_name().to_string());
    template.name = Some(entry.name.clone());
    if entry.demand.stripes > 1 {
        template.stripes = Some(entry.demand.stripes);
    }
    create_from(builder, entry, &template, &intervals, allocation)
}

/// Lets a volume grow, one command for each interval or run of intervals.
fn grow(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<Legs, ExportError> {
    let intervals = intervals_in_order(builder, entry, allocation)?;
    extend(builder, entry, &intervals)
}
