//! A plan as commands that make LVM2 build exactly that, each tried on a simulated LVM2 first.

pub(crate) mod cut;
pub(crate) mod error;
pub(crate) mod forms;
pub(crate) mod pool;
pub(crate) mod runs;
pub(crate) mod script;
pub(crate) mod step;

use std::collections::BTreeMap;

use crate::core::{Allocation, Plan, Problem, Segment, check, cost, joined};
use crate::lvm::export::cut::{Interval, intervals};
use crate::lvm::export::runs::{RunLength, aligned, in_rounds};
use crate::lvm::export::step::{Builder, Goal, Legs, Order};
use crate::lvm::{
    AllocationPolicy, Amount, Dictionary, Entry, EntryPart, ExportError, LvCommand, OtherOption,
    Sign, SizeArgument, Verb, VolumeGroup,
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

/// Makes a volume with a template for the first command.
pub(crate) fn create_from(
    builder: &mut Builder,
    entry: &Entry,
    template: &LvCommand,
    intervals: &[Interval],
    allocation: &Allocation,
) -> Result<Legs, ExportError> {
    let [first, rest @ ..] = intervals else {
        return Ok(Vec::new());
    };
    let before = builder.stage();
    let goal = Goal {
        entry,
        interval: first,
        metadata: &allocation.metadata,
        logs: &allocation.logs,
    };
    let mut command = template.clone();
    let policies = builder.policies_to_create(&command);
    let size = |intervals: &[Interval]| {
        let extents = intervals.iter().map(Interval::extents);
        let extents = extents.fold(0, u64::saturating_add);
        SizeArgument::extents(extents.saturating_mul(entry.demand.stripes))
    };
    let mut front = RunLength::default();
    while let Some(count) = front.next(builder.order(), intervals, &allocation.metadata) {
        let (run, rest) = intervals.split_at(count);
        command.size = Some(size(run));
        let Some(built) = builder.build_run(&command, &policies, run, &goal) else {
            front.failed(count);
            continue;
        };
        if let Ok(built) = appended(built, builder, entry, rest) {
            return Ok(built);
        }
        builder.back_to(before);
        break;
    }
    command.size = Some(size(std::slice::from_ref(first)));
    let stepwise = builder.build(&command, &policies, &goal);
    let stepwise = stepwise.and_then(|built| appended(built, builder, entry, rest));
    let error = match stepwise {
        Ok(built) => return Ok(built),
        Err(error) => error,
    };
    builder.back_to(before);
    if let Ok(built) = create_under_weaker_policy(builder, &command, &goal, rest) {
        return Ok(built);
    }
    if rest.is_empty() {
        return Err(error);
    }
    // With very small extents the metadata may be too short when it is made for a part. All at once
    // it is right, if the pieces happen to sort the right way.
    builder.back_to(before);
    command.size = Some(size(intervals));
    builder
        .build_whole(&command, intervals, &goal)
        .map_err(|_| error)
}

/// What was built, and what the rest of the intervals adds.
fn appended(
    mut built: Legs,
    builder: &mut Builder,
    entry: &Entry,
    rest: &[Interval],
) -> Result<Legs, ExportError> {
    let more = extend(builder, entry, rest)?;
    for (leg, more) in built.iter_mut().zip(more) {
        leg.extend(more);
    }
    Ok(built)
}

/// Makes a volume under a weaker policy, and gives it its own when it is there.
///
/// Under `cling` LVM2 wants the legs of a first interval apart by the tags of its `cling_tag_list`,
/// and under `contiguous` it does not go on with a second one; a mirror's log it keeps away from the
/// tags of the images. None of these is a rule of the policy. `anywhere` keeps nothing apart, so it
/// is tried only where the plan keeps its legs apart by itself.
fn create_under_weaker_policy(
    builder: &mut Builder,
    command: &LvCommand,
    goal: &Goal,
    rest: &[Interval],
) -> Result<Legs, ExportError> {
    let before = builder.stage();
    let mut policies = vec![AllocationPolicy::Normal];
    if keeps_legs_apart(goal.interval, rest) {
        policies.push(AllocationPolicy::Anywhere);
    }
    let policies: Vec<Option<AllocationPolicy>> = policies.into_iter().map(Some).collect();
    let first = builder.build(command, &policies, goal);
    let built = first.and_then(|first| appended(first, builder, goal.entry, rest));
    if built.is_err() {
        builder.back_to(before);
        return built;
    }
    let mut change = LvCommand::new(Verb::Change);
    change.volume_group = command.volume_group.clone();
    change.name = command.name.clone();
    change.policy = Some(command.policy.unwrap_or(AllocationPolicy::Inherit));
    if builder.stored_policy(&goal.entry.name) != change.policy {
        builder
            .run(change)
            .expect("every volume may change its policy");
    }
    built
}

/// Whether no two legs have a physical volume in common.
fn keeps_legs_apart(first: &Interval, rest: &[Interval]) -> bool {
    let mut leg_of = BTreeMap::new();
    let intervals = std::iter::once(first).chain(rest);
    let mut pieces = intervals.flat_map(|interval| interval.pieces.iter().enumerate());
    pieces.all(|(leg, piece)| *leg_of.entry(piece.source).or_insert(leg) == leg)
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

fn extend(
    builder: &mut Builder,
    entry: &Entry,
    mut intervals: &[Interval],
) -> Result<Legs, ExportError> {
    const NONE: &[Segment] = &[];
    let mut built: Legs = Vec::new();
    let policies = builder.policies_to_extend(entry);
    let mut length = RunLength::default();
    while let Some(first) = intervals.first() {
        let goal = Goal {
            entry,
            interval: first,
            metadata: NONE,
            logs: NONE,
        };
        let mut added = None;
        while let Some(count) = length.next(builder.order(), intervals, NONE) {
            let (run, rest) = intervals.split_at(count);
            let command = extension(builder, entry, run, rest.is_empty());
            if let Some(legs) = builder.build_run(&command, &policies, run, &goal) {
                length.built(count);
                added = Some((legs, rest));
                break;
            }
            length.failed(count);
        }
        let (legs, rest) = match added {
            Some(added) => added,
            None => {
                let rest = &intervals[1..];
                let first = std::slice::from_ref(first);
                let command = extension(builder, entry, first, rest.is_empty());
                length.built(1);
                (builder.build(&command, &policies, &goal)?, rest)
            }
        };
        if built.is_empty() {
            built = legs;
        } else {
            for (leg, more) in built.iter_mut().zip(legs) {
                leg.extend(more);
            }
        }
        intervals = rest;
    }
    Ok(built)
}

/// The `lvextend` for intervals, without its physical volumes; `is_last` of those for its volume.
fn extension(builder: &Builder, entry: &Entry, intervals: &[Interval], is_last: bool) -> LvCommand {
    let mut command = LvCommand::new(Verb::Extend);
    command.volume_group = Some(builder.group_name().to_string());
    let extents = intervals.iter().map(Interval::extents);
    let extents = extents.fold(0, u64::saturating_add);
    let more = extents.saturating_mul(entry.demand.stripes);
    if entry.part == EntryPart::Metadata {
        command.name = entry.command.name.clone();
        command.pool_metadata = Some(SizeArgument {
            sign: Sign::Plus,
            amount: Amount::Sectors(more.saturating_mul(builder.extent_size_sectors())),
        });
    } else {
        command.name = Some(entry.name.clone());
        command.size = Some(SizeArgument::more_extents(more));
    }
    command.other = entry.command.other_of(Verb::Extend);
    if !is_last || entry.part != EntryPart::Grown {
        command.other.retain(|option| !is_of_file_system(option));
    }
    if entry.part == EntryPart::Grown && builder.other_stripes(entry) {
        command.stripes = Some(entry.demand.stripes);
        command.stripe_size_sectors = entry.command.stripe_size_sectors;
    }
    command
}

/// Options that say what becomes of the file system: it grows once, with the last command of its volume.
fn is_of_file_system(option: &OtherOption) -> bool {
    matches!(option.name, "resizefs" | "nofsck")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Area;

    #[test]
    fn legs_are_apart_where_no_disk_has_pieces_of_two() {
        let interval = |sources: [usize; 2]| {
            let area = Area::new(0, 5).expect("not empty");
            let piece = |source| Segment { source, area };
            Interval {
                offset: 0,
                pieces: sources.map(piece).to_vec(),
            }
        };
        let first = interval([0, 1]);
        assert!(keeps_legs_apart(&first, &[]));
        assert!(keeps_legs_apart(
            &first,
            &[interval([0, 2]), interval([3, 1])]
        ));
        assert!(!keeps_legs_apart(&first, &[interval([2, 0])]));
        assert!(!keeps_legs_apart(&interval([0, 0]), &[]));
    }
}
