//! A plan as commands that make LVM2 build exactly that, each tried on a simulated LVM2 first.

pub(crate) mod cut;
pub(crate) mod error;
pub(crate) mod forms;
pub(crate) mod pool;
pub(crate) mod script;
pub(crate) mod step;

use std::collections::BTreeMap;

use crate::core::{Allocation, Plan, Segment, joined};
use crate::lvm::export::cut::{Interval, intervals};
use crate::lvm::export::step::{Builder, Goal, Stripes};
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
    let (commands, _) = construct(group, dictionary, plan, Stripes::AsPlanned)?;
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
    let (commands, plan) = construct(group, dictionary, plan, Stripes::AsBuilt)?;
    Ok((plan, commands))
}

/// The commands, and the plan as they build it.
fn construct(
    group: &VolumeGroup,
    dictionary: &Dictionary,
    plan: &Plan,
    stripes: Stripes,
) -> Result<(Vec<LvCommand>, Plan), ExportError> {
    let entries = &dictionary.entries;
    let (expected, found) = (entries.len(), plan.allocations.len());
    if expected != found {
        return Err(ExportError::OtherPlan { expected, found });
    }
    let mut builder = Builder::new(group, &dictionary.settings, stripes);
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
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&index| makes_spare(&entries[index]).is_none());
    for index in order {
        let (entry, Some(allocation)) = (&entries[index], &plan.allocations[index]) else {
            continue;
        };
        let intervals = match entry.part {
            EntryPart::Created if entry.demand.kind.is_pool() => {
                let spare = makes_spare(entry);
                pool::create(&mut builder, dictionary, entry, allocation, spare)?
            }
            EntryPart::Created => create(&mut builder, entry, allocation)?,
            EntryPart::Grown | EntryPart::Metadata => grow(&mut builder, entry, allocation)?,
            EntryPart::Spare => continue,
        };
        if let Some(built) = &mut built.allocations[index] {
            built.legs = legs(&intervals);
        }
    }
    Ok((builder.into_commands(), built))
}

/// The legs that intervals make.
fn legs(intervals: &[Interval]) -> Vec<Vec<Segment>> {
    let count = intervals.first().map_or(0, |first| first.pieces.len());
    let leg = |leg: usize| {
        let pieces = intervals.iter().map(|interval| interval.pieces[leg]);
        joined(&pieces.collect::<Vec<_>>())
    };
    (0..count).map(leg).collect()
}

/// Makes a volume: one command for the first interval, one for each further one.
fn create(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<Vec<Interval>, ExportError> {
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
) -> Result<Vec<Interval>, ExportError> {
    let [first, rest @ ..] = intervals else {
        return Ok(Vec::new());
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
    let stepwise = builder.build(&command, &policies, &goal).and_then(|first| {
        let mut built = extend(builder, entry, rest)?;
        built.insert(0, first);
        Ok(built)
    });
    let error = match stepwise {
        Ok(built) => return Ok(built),
        Err(error) => error,
    };
    *builder = before.clone();
    if let Ok(built) = create_under_weaker_policy(builder, &command, &goal, rest) {
        return Ok(built);
    }
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
        .map(|()| intervals.to_vec())
        .map_err(|_| error)
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
) -> Result<Vec<Interval>, ExportError> {
    let before = builder.clone();
    let mut policies = vec![AllocationPolicy::Normal];
    if keeps_legs_apart(goal.interval, rest) {
        policies.push(AllocationPolicy::Anywhere);
    }
    let policies: Vec<Option<AllocationPolicy>> = policies.into_iter().map(Some).collect();
    let first = builder.build(command, &policies, goal);
    let built = first.and_then(|first| {
        let mut built = extend(builder, goal.entry, rest)?;
        built.insert(0, first);
        Ok(built)
    });
    if built.is_err() {
        *builder = before;
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

/// Lets a volume grow, one command for each interval.
fn grow(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
) -> Result<Vec<Interval>, ExportError> {
    let intervals = intervals(entry, allocation, builder.source_count())?;
    extend(builder, entry, &intervals)
}

fn extend(
    builder: &mut Builder,
    entry: &Entry,
    intervals: &[Interval],
) -> Result<Vec<Interval>, ExportError> {
    const NONE: &[Segment] = &[];
    let mut built = Vec::with_capacity(intervals.len());
    for (index, interval) in intervals.iter().enumerate() {
        let goal = Goal {
            entry,
            interval,
            metadata: NONE,
            logs: NONE,
        };
        let mut command = LvCommand::new(Verb::Extend);
        command.volume_group = Some(builder.group_name().to_string());
        let more = interval.extents().saturating_mul(entry.demand.stripes);
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
        if index + 1 < intervals.len() || entry.part != EntryPart::Grown {
            command.other.retain(|option| !is_of_file_system(option));
        }
        if entry.part == EntryPart::Grown && builder.other_stripes(entry) {
            command.stripes = Some(entry.demand.stripes);
            command.stripe_size_sectors = entry.command.stripe_size_sectors;
        }
        let policies = builder.policies_to_extend(entry);
        built.push(builder.build(&command, &policies, &goal)?);
    }
    Ok(built)
}

/// Options that say what becomes of the file system: it grows once, with the last command of its volume.
fn is_of_file_system(option: &OtherOption) -> bool {
    matches!(option.name, "resizefs" | "nofsck")
}
