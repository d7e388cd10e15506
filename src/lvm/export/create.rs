//! A volume made, or made longer, by one command for each interval or run of intervals.

use std::collections::BTreeMap;

use crate::core::{Allocation, Segment};
use crate::lvm::export::cut::Interval;
use crate::lvm::export::goal::{Goal, Legs};
use crate::lvm::export::runs::RunLength;
use crate::lvm::export::step::Builder;
use crate::lvm::{
    AllocationPolicy, Amount, Entry, EntryPart, ExportError, LvCommand, OtherOption, Sign,
    SizeArgument, Verb,
};

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

/// Lets a volume grow by intervals.
pub(crate) fn extend(
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
