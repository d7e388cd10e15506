//! Runs a command that was read.

use crate::lvm::owners::seen_by_users;
use crate::lvm::simulate::activity::Activity;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::build::stored;
use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::layer::create_layer;
use crate::lvm::simulate::lvchange::lvchange;
use crate::lvm::simulate::lvconvert::asked::conversion;
use crate::lvm::simulate::lvconvert::lvconvert;
use crate::lvm::simulate::refusal::partly;
use crate::lvm::simulate::rename::rename;
use crate::lvm::simulate::resizing::{Direction, resize};
use crate::lvm::simulate::roles::Roles;
use crate::lvm::simulate::rules::check_locked;
use crate::lvm::simulate::syntax::check_syntax;
use crate::lvm::simulate::{Refusal, SimulationError, remove, simulate_by};
use crate::lvm::{
    AllocationPolicy, LogicalVolume, LvCommand, LvSegment, Part, PhysicalVolume, Program,
    PvArgument, Settings, Step, TypedStep, Verb, VolumeGroup, find_volume,
};

/// The volume group after a command. What is active by then is noted, whatever comes of it.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn simulate_step(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    step_by(group, typed, &Allocator::lvm2(settings), activity)
}

/// The same, placed by whom it is said.
///
/// # Errors
/// As [`simulate_step`].
pub(crate) fn step_by(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let mut trial = activity.clone();
    let read = as_read(group);
    let after = run(&read, typed, settings, &mut trial);
    if typed.given.has("test") {
        // It says what it would do.
        return after.map(|_| group.clone()).map_err(in_test_mode);
    }
    *activity = trial;
    let mut after = after.map_err(|error| match error {
        SimulationError::Refused(mut refusal) => {
            refusal.left = refusal.left.filter(|left| **left != read);
            refusal.into()
        }
        other @ SimulationError::Unsupported { .. } => other,
    })?;
    if after == read {
        return Ok(group.clone());
    }
    activity.forget_all_but(&after);
    complete_copies(group, &mut after);
    Ok(after)
}

/// The group as LVM2 reads it: pieces of one kind that touch are one. It is written so with the next change.
fn as_read(group: &VolumeGroup) -> VolumeGroup {
    let mut read = group.clone();
    for volume in &mut read.logical_volumes {
        let mut joined: Vec<LvSegment> = Vec::new();
        for segment in volume.segments.drain(..) {
            match joined.last_mut().filter(|last| goes_on(last, &segment)) {
                Some(last) => last.extent_count += segment.extent_count,
                None => joined.push(segment),
            }
        }
        volume.segments = joined;
    }
    read
}

/// Whether a piece on physical volumes begins where another one of its kind ends.
fn goes_on(first: &LvSegment, second: &LvSegment) -> bool {
    let is_alike = first.segment_type == "striped"
        && second.segment_type == "striped"
        && first.numbers == second.numbers
        && first.strings == second.strings
        && first.parts.len() == second.parts.len();
    let stripes = first.parts.len().max(1) as u64;
    let length = first.extent_count / stripes;
    is_alike
        && first
            .parts
            .iter()
            .zip(&second.parts)
            .all(|parts| match parts {
                (
                    Part::Physical { volume: one, start },
                    Part::Physical {
                        volume: other,
                        start: next,
                    },
                ) => one == other && start + length == *next,
                _ => false,
            })
}

/// A refusal of what only says what it would do, where that got as far as the group.
fn in_test_mode(error: SimulationError) -> SimulationError {
    const OF_WORDS: [&str; 3] = [
        "No command with matching syntax",
        "Command does not accept",
        "Run `",
    ];
    match error {
        SimulationError::Refused(mut refusal) => {
            let is_of_words = |line: &String| OF_WORDS.iter().any(|word| line.starts_with(word));
            if !refusal.messages.iter().any(is_of_words) {
                let line = "TEST MODE: Metadata will NOT be updated and volumes will not be (de)activated.";
                refusal.messages.insert(0, line.to_string());
            }
            refusal.left = None;
            refusal.into()
        }
        other @ SimulationError::Unsupported { .. } => other,
    }
}

/// A raid10 that got stripes says that it has one copy until the group is written for another volume.
fn complete_copies(before: &VolumeGroup, after: &mut VolumeGroup) {
    let has_one = |volume: &LogicalVolume| {
        let is_one = |segment: &LvSegment| {
            segment.base_type().starts_with("raid10")
                && segment.numbers.get("data_copies") == Some(&1)
        };
        volume.segments.iter().any(is_one)
    };
    if after == before {
        return;
    }
    for volume in after
        .logical_volumes
        .iter_mut()
        .filter(|volume| has_one(volume))
    {
        // What is reshaped once more says it again.
        if before.logical_volume(&volume.name) == Some(&*volume) {
            for segment in &mut volume.segments {
                segment.numbers.insert("data_copies", 2);
            }
        }
    }
}

fn run(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    let given = &typed.given;
    check_syntax(typed)?;
    check_locked(group, typed)?;
    if typed.program == Program::LvExtend && given.has("usepolicies") {
        return by_policy(group, given);
    }
    match typed.program {
        Program::LvCreate if given.is_layer() => {
            return create_layer(group, given, settings, activity);
        }
        Program::LvRemove => return remove::remove(group, &given.arguments),
        Program::LvConvert => return lvconvert(group, &conversion(given)?, settings, activity),
        Program::LvChange => return lvchange(group, given, activity),
        Program::LvRename => return rename(group, &given.arguments, activity),
        Program::LvCreate
        | Program::LvExtend
        | Program::LvResize
        | Program::LvReduce
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => {}
    }
    match &typed.step {
        Step::Volume(command) => place(group, command, settings, activity),
        Step::Resize { command, may_grow } => {
            let is_of_metadata = command.pool_metadata.is_some() && command.size.is_none();
            let direction = match may_grow {
                true if is_of_metadata => Direction::Larger,
                true => Direction::Either,
                false => Direction::Smaller,
            };
            resize(group, command, direction, settings, activity)
        }
        Step::Remove { .. } | Step::Rename { .. } | Step::AsGiven => {
            Err(SimulationError::unsupported(typed.line()))
        }
        Step::ChangeGroup { policy } => {
            if let Some(how) = typed.given.get("activate") {
                for volume in &group.logical_volumes {
                    activity.set(&volume.name, !how.ends_with('n'));
                }
            }
            if given.has("physicalextentsize") {
                return Err(SimulationError::unsupported("extents of another size"));
            }
            if let Some(most) = given.get("maxphysicalvolumes") {
                check_most_disks(group, most)?;
            }
            let mut after = group.clone();
            if let Some(wanted) = given.get("resizeable").or(given.get("resizable")) {
                let wanted = wanted == "y";
                if wanted == group.is_resizeable() {
                    let not = if wanted { "" } else { "not " };
                    return Err(Refusal::new(format!(
                        "Volume group \"{}\" is already {not}resizeable",
                        group.name
                    ))
                    .into());
                }
                if wanted {
                    after.status.insert("RESIZEABLE".to_string());
                } else {
                    after.status.remove("RESIZEABLE");
                }
            }
            if let Some(most) = given.get("logicalvolume") {
                let most = most
                    .parse()
                    .map_err(|_| SimulationError::unsupported("such a count"))?;
                limit(&mut after, most)?;
            }
            if *policy == Some(AllocationPolicy::Inherit) {
                let message = "Volume Group allocation policy cannot inherit from anything";
                return Err(Refusal::new(message).into());
            }
            if let Some(policy) = policy {
                let policy = stored(*policy);
                if after.policy == policy {
                    return Err(Refusal::new(format!(
                        "Volume group allocation policy is already {}",
                        policy.name()
                    ))
                    .into());
                }
                after.policy = policy;
            }
            Ok(after)
        }
        Step::ChangeVolumes {
            volumes,
            allocatable,
            add_tags,
            remove_tags,
        } => {
            let mut after = group.clone();
            for index in chosen(group, volumes)? {
                let volume = &mut after.physical_volumes[index];
                volume.allocatable = allocatable.unwrap_or(volume.allocatable);
                volume.tags.retain(|tag| !remove_tags.contains(tag));
                volume.tags.extend(add_tags.iter().cloned());
            }
            Ok(after)
        }
        Step::ExtendGroup { .. } => Err(SimulationError::unsupported(
            "vgextend, which does not say how large a disk is",
        )),
        Step::ResizeVolumes { .. } => Err(SimulationError::unsupported(
            "pvresize, which does not say how large a disk is",
        )),
        Step::ReduceGroup { volumes } => reduce_group(group, volumes),
        Step::Look => {
            let is_missing = group.physical_volumes.iter().any(|disk| disk.missing);
            if given.has("removemissing") && is_missing {
                return Err(SimulationError::unsupported("vgreduce --removemissing"));
            }
            Ok(group.clone())
        }
    }
}

/// Growth by a policy is for what fills up. Unless lvm.conf sets a threshold it does nothing.
fn by_policy(group: &VolumeGroup, given: &Given) -> Result<VolumeGroup, SimulationError> {
    let name = given.arguments.first().map(|name| plain(name));
    let volume = name.and_then(|name| group.logical_volume(&name));
    let word = volume.map_or("snapshot", |volume| Roles::of(group).type_word(volume));
    if matches!(word, "snapshot" | "thinpool") {
        return Ok(group.clone());
    }
    let line =
        "Policy-based resize is supported only for snapshot, thin pool and vdo pool volumes.";
    Err(Refusal::new(line).into())
}

/// How many disks a group may have: no fewer than it has. Nothing here adds one past that.
fn check_most_disks(group: &VolumeGroup, most: &str) -> Result<(), SimulationError> {
    let most: usize = most
        .parse()
        .map_err(|_| SimulationError::unsupported("such a count"))?;
    let count = group.physical_volumes.len();
    if most > 0 && most < count {
        return Err(Refusal::new(format!(
            "MaxPhysicalVolumes is less than the current number {count} of PVs for \"{}\"",
            group.name
        ))
        .into());
    }
    Ok(())
}

/// How many volumes a group may have: no fewer than it has.
fn limit(group: &mut VolumeGroup, most: u64) -> Result<(), Refusal> {
    let count = seen_by_users(group)
        .into_iter()
        .filter(|is_seen| *is_seen)
        .count();
    if most > 0 && most < count as u64 {
        return Err(Refusal::new(format!(
            "MaxLogicalVolume is less than the current number {count} of LVs for {}",
            group.name
        )));
    }
    group.max_volumes = most;
    Ok(())
}

/// `lvcreate` and `lvextend`.
fn place(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Allocator,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    if command.verb == Verb::Extend {
        return resize(group, command, Direction::Larger, settings, activity);
    }
    let mut after = simulate_by(group, command, settings)?;
    let mut options = command
        .other
        .iter()
        .filter(|option| option.name == "activate");
    let starts = given_value(command, "setautoactivation");
    if starts == Some("n") {
        let is_new = |volume: &LogicalVolume| group.logical_volume(&volume.name).is_none();
        let volumes = after.logical_volumes.iter_mut();
        for volume in volumes.filter(|volume| volume.is_visible() && is_new(volume)) {
            volume.status.insert("NOAUTOACTIVATE".to_string());
        }
    }
    if let Some(word) = options.next().and_then(|option| option.words.last()) {
        let is_new = |volume: &&LogicalVolume| group.logical_volume(&volume.name).is_none();
        for volume in after.logical_volumes.iter().filter(is_new) {
            activity.set(&volume.name, !word.ends_with('n'));
        }
    }
    Ok(after)
}

fn given_value<'c>(command: &'c LvCommand, name: &str) -> Option<&'c str> {
    let option = command.other.iter().find(|option| option.name == name)?;
    option.words.last().map(String::as_str)
}

/// `vgreduce`: each disk by itself, also where another one stays.
fn reduce_group(
    group: &VolumeGroup,
    volumes: &[PvArgument],
) -> Result<VolumeGroup, SimulationError> {
    let mut after = group.clone();
    let mut messages = Vec::new();
    for index in chosen(group, volumes)? {
        let name = &group.physical_volumes[index].device;
        if find_volume(&after, name).is_none() {
            // It was named twice.
            continue;
        }
        let mut reduced = after.clone();
        match reduced.remove_disk(name) {
            Ok(()) if !reduced.physical_volumes.is_empty() => after = reduced,
            Ok(()) => messages.push(format!(
                "Can't remove final physical volume \"{name}\" from volume group \"{}\"",
                group.name
            )),
            Err(_) if !group.is_resizeable() => {
                messages.push(format!("Volume group {} is not resizeable.", group.name));
            }
            Err(_) => messages.push(format!("Physical volume \"{name}\" still in use")),
        }
    }
    partly(group, after, messages)
}

/// The physical volumes of the arguments; all where there are none.
fn chosen(group: &VolumeGroup, volumes: &[PvArgument]) -> Result<Vec<usize>, SimulationError> {
    if volumes.is_empty() {
        return Ok((0..group.physical_volumes.len()).collect());
    }
    let mut chosen = Vec::new();
    for argument in volumes {
        match argument {
            PvArgument::Device { name, .. } => {
                let index = find_volume(group, name);
                let message = || format!("Failed to find physical volume \"{name}\".");
                chosen.push(index.ok_or_else(|| Refusal::new(message()))?);
            }
            PvArgument::Tag(tag) => {
                let all = group.physical_volumes.iter().enumerate();
                let has_it = |(_, volume): &(usize, &PhysicalVolume)| volume.tags.contains(tag);
                chosen.extend(all.filter(has_it).map(|(index, _)| index));
            }
        }
    }
    Ok(chosen)
}
