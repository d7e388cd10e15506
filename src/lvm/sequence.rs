//! Commands one after another, cut into parts: what changes the group, then requests that are planned as one.

mod error;

use std::collections::BTreeSet;

use crate::lvm::closed::closed;
use crate::lvm::import::fitted;
use crate::lvm::owners::seen_by_users;
use crate::lvm::placing::interim::interim;
use crate::lvm::placing::loses::loses;
use crate::lvm::placing::reshaped::may_grow_reshaped;
use crate::lvm::placing::run::{self, after_step, made_without_places};
use crate::lvm::simulate::{
    Activity, Roles, SimulationError, check_fit, has_integrity, simulate_step,
};
use crate::lvm::whole::{left_out_or_circle, not_whole};
use crate::lvm::{
    DemandError, Effect, Interlude, LvCommand, LvSegment, Placing, Program, Settings, Sign, Step,
    TypedStep, Verb, VolumeGroup, conversion_done, extend_demand, find_volume, placing,
};

pub use error::SequenceError;

/// A stretch of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The group as the requests meet it.
    pub group: VolumeGroup,
    /// What is done before these.
    pub before: Vec<Interlude>,
    /// What is planned as one, each with where it stands among all commands.
    pub requests: Vec<(usize, LvCommand)>,
    /// In place of these, a conversion or the like that places extents.
    pub placing: Option<Box<Placing>>,
    /// What is done behind these, and bears on no extents.
    pub behind: Vec<Interlude>,
    /// Where the next part begins.
    pub next: usize,
    /// What is said about the commands, a sentence each.
    pub notes: Vec<String>,
}

/// The part that begins at a command. `sized` are the disks that a scenario has added or resized: what the
/// commands say of these is done.
///
/// # Errors
/// Where the command stands that cannot be carried out, and why.
pub fn next_part(
    mut group: VolumeGroup,
    steps: &[TypedStep],
    from: usize,
    sized: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Part, (usize, SequenceError)> {
    let (mut before, mut requests) = (Vec::new(), Vec::new());
    let mut behind: Vec<(usize, Interlude)> = Vec::new();
    let mut notes = Vec::new();
    let mut next = steps.len();
    let mut pending: BTreeSet<&str> = BTreeSet::new();
    let mut changed_behind: BTreeSet<Option<String>> = BTreeSet::new();
    let mut places = None;
    let partial = left_out_or_circle(&group);
    let partial = partial.map_err(|why| (from, SequenceError::NotPlanned(why)))?;
    let partial: BTreeSet<String> = partial.into_iter().map(str::to_string).collect();
    for (position, typed) in steps.iter().enumerate().skip(from) {
        let at = |error: SequenceError| (position, error);
        belongs(&group, typed, settings).map_err(at)?;
        if let Some(why) = not_whole(&group, &partial, &pending, typed) {
            return Err(at(SequenceError::NotPlanned(why)));
        }
        if is_planned_alone(&group, typed) && !requests.is_empty() {
            next = position;
            break;
        }
        let is_pending = |name: &str| pending.contains(name);
        if is_part_of(&group, typed, &pending) {
            next = position;
            break;
        }
        match role(&group, is_pending, typed, settings).map_err(at)? {
            Role::Request(command) if !changed_behind.contains(&command.name) => {
                pending.extend(command.name.as_deref());
                requests.push((position, command.clone()));
            }
            Role::Neutral(name) if is_pending(name) => {
                changed_behind.insert(Some(name.to_string()));
                behind.push((position, interlude(&group, typed)));
            }
            Role::Neutral(name) if group.logical_volume(name).is_some() => {
                fits(&group, &Roles::of(&group), typed).map_err(at)?;
                match is_so_already(&group, typed, settings) {
                    Some(note) => notes.push(note),
                    None => {
                        let mut one = interlude(&group, typed);
                        if typed.given.has("cachemode")
                            && let Ok(after) = after_step(&group, typed, settings)
                        {
                            one.loses = loses(&group, &after, typed, &[]);
                            group = after;
                        }
                        before.push(one);
                    }
                }
            }
            Role::Idle => before.push(interlude(&group, typed)),
            Role::Places(placing) => {
                notes.extend(run::only_inactive(&group, typed, settings));
                notes.extend(placing.notes.iter().cloned());
                places = Some(placing);
                next = position + 1;
                break;
            }
            Role::Change | Role::Neutral(_) if requests.is_empty() => {
                if is_done(&group, typed, sized).map_err(at)? {
                    let line = typed.line();
                    notes.push(format!("`{line}` is passed over: the scenario does it"));
                    continue;
                }
                let after = changed(&group, typed, settings).map_err(at)?;
                notes.extend(interim(&after, typed));
                if converts(typed) {
                    notes.extend(run::only_inactive(&group, typed, settings));
                }
                before.push(match converts(typed) {
                    true => conversion_done(&group, &after, typed),
                    false if grows(&group, &after, typed) => {
                        Interlude::plain(typed.unattended_line())
                    }
                    false => match &typed.step {
                        Step::Remove { names } => {
                            let line = typed.unattended_line();
                            Interlude::removal(line, &group, &after, names)
                        }
                        _ => interlude(&group, typed),
                    },
                });
                group = after;
            }
            Role::Request(_) | Role::Change | Role::Neutral(_) => {
                next = position;
                break;
            }
        }
    }
    all_fit(&group, steps, &requests, &mut behind, &mut notes, settings)?;
    Ok(Part {
        group,
        before,
        requests,
        placing: places,
        behind: behind.into_iter().map(|(_, one)| one).collect(),
        next,
        notes,
    })
}

/// Refuses what LVM2 refuses of requests whatever room there is, and of what is said behind these of the volumes
/// that they make; what these are already is taken out of that, with a note.
fn all_fit(
    group: &VolumeGroup,
    steps: &[TypedStep],
    requests: &[(usize, LvCommand)],
    behind: &mut Vec<(usize, Interlude)>,
    notes: &mut Vec<String>,
    settings: &Settings,
) -> Result<(), (usize, SequenceError)> {
    if requests.is_empty() {
        return Ok(());
    }
    let roles = Roles::of(group);
    for (position, _) in requests {
        fits(group, &roles, &steps[*position]).map_err(|error| (*position, error))?;
    }
    if behind.is_empty() {
        return Ok(());
    }
    let commands: Vec<LvCommand> = requests.iter().map(|(_, one)| one.clone()).collect();
    // Where they cannot be made, that is said where they are planned.
    let Ok(made) = made_without_places(group, &commands, settings) else {
        return Ok(());
    };
    let roles = Roles::of(&made);
    for (position, _) in behind.iter() {
        fits(&made, &roles, &steps[*position]).map_err(|error| (*position, error))?;
    }
    behind.retain(|(position, _)| {
        let note = is_so_already(&made, &steps[*position], settings);
        notes.extend(note.clone());
        note.is_none()
    });
    Ok(())
}

/// That a command about a volume changes nothing because that is so already, which LVM2 counts as a failure: a script
/// would stop there.
fn is_so_already(group: &VolumeGroup, typed: &TypedStep, settings: &Settings) -> Option<String> {
    match after_step(group, typed, settings) {
        Err(SimulationError::Refused(refusal)) => {
            let is_same = refusal.left.as_ref().is_none_or(|left| **left == *group);
            let line = typed.line();
            is_same.then(|| {
                format!(
                    "`{line}` is passed over, LVM2 refuses it: {}",
                    refusal.messages.join(" ")
                )
            })
        }
        Ok(_) | Err(SimulationError::Unsupported { .. }) => None,
    }
}

fn fits(group: &VolumeGroup, roles: &Roles, typed: &TypedStep) -> Result<(), SequenceError> {
    match check_fit(group, roles, typed) {
        Err(SimulationError::Refused(refusal)) => Err(refusal.into()),
        Err(SimulationError::Unsupported { .. }) | Ok(()) => Ok(()),
    }
}

/// What a command is to a plan.
enum Role<'a> {
    /// It places extents.
    Request(&'a LvCommand),
    /// It bears on no extents; of this volume.
    Neutral(&'a str),
    /// It changes nothing.
    Idle,
    /// It has to be done before what comes behind it is planned.
    Change,
    /// It places extents for what is there, and is planned by itself.
    Places(Box<Placing>),
}

fn role<'a>(
    group: &VolumeGroup,
    is_pending: impl Fn(&str) -> bool,
    typed: &'a TypedStep,
    settings: &Settings,
) -> Result<Role<'a>, SequenceError> {
    if is_planned_alone(group, typed) {
        let placing = placing(group, typed, settings)?;
        return Ok(placing.map_or(Role::Change, |placing| Role::Places(Box::new(placing))));
    }
    Ok(match &typed.step {
        Step::Volume(command) => match command.verb {
            Verb::Create | Verb::Extend => Role::Request(command),
            Verb::Change if command.policy.is_none() => {
                Role::Neutral(command.name.as_deref().unwrap_or_default())
            }
            Verb::Change | Verb::Convert => Role::Change,
        },
        Step::Resize { command, may_grow } => {
            let name = command.name.as_deref().unwrap_or_default();
            let is_less = command.size.is_some_and(|size| size.sign == Sign::Minus);
            // How large it is by then is known once it is planned.
            if !may_grow || is_less || is_pending(name) || group.logical_volume(name).is_none() {
                return Ok(Role::Change);
            }
            match extend_demand(group, command, settings) {
                Ok(_) => Role::Request(command),
                Err(DemandError::NotLarger { .. } | DemandError::SameSize { .. }) => Role::Change,
                Err(error) => return Err(error.into()),
            }
        }
        Step::Remove { .. }
        | Step::AsGiven
        | Step::Rename { .. }
        | Step::ChangeGroup { .. }
        | Step::ExtendGroup { .. }
        | Step::ReduceGroup { .. }
        | Step::ChangeVolumes { .. }
        | Step::ResizeVolumes { .. } => Role::Change,
        Step::Look => Role::Idle,
    })
}

/// Whether what a command places is asked for by running it.
fn is_planned_alone(group: &VolumeGroup, typed: &TypedStep) -> bool {
    converts(typed) || may_grow_reshaped(group, typed) || is_resized_by_layer(group, typed)
}

/// Whether a command gives another size to what has no legs of its own, or to what takes others along: a thin volume,
/// a cache pool, the metadata of a pool with the spare for it, what is cached, images with checksums.
fn is_resized_by_layer(group: &VolumeGroup, typed: &TypedStep) -> bool {
    let Some(command) = resized(typed) else {
        return false;
    };
    let name = command.name.as_deref().unwrap_or_default();
    let Some(volume) = group.logical_volume(name) else {
        return false;
    };
    let kind = volume.segments.first().map_or("", LvSegment::base_type);
    let is_hidden = !volume.is_visible();
    has_integrity(group, volume)
        || matches!(kind, "thin" | "zero" | "error" | "cache-pool")
        || is_hidden && name.ends_with("_corig")
        || is_hidden && name.ends_with("_tmeta") && command.physical_volumes.is_empty()
}

/// A command that may let a volume grow.
fn resized(typed: &TypedStep) -> Option<&LvCommand> {
    match &typed.step {
        Step::Volume(command) if command.verb == Verb::Extend => Some(command),
        Step::Resize { command, may_grow } if *may_grow => Some(command),
        _ => None,
    }
}

/// Whether a command is about a hidden part of a volume that is asked for before it.
fn is_part_of(group: &VolumeGroup, typed: &TypedStep, pending: &BTreeSet<&str>) -> bool {
    let name = resized(typed).and_then(|command| command.name.as_deref());
    let name = name.filter(|name| !pending.contains(name));
    let whole = name.and_then(|name| name.rsplit_once('_'));
    whole.is_some_and(|(whole, _)| pending.contains(whole))
        && name.is_some_and(|name| group.logical_volume(name).is_none())
}

/// Whether a volume has become larger.
fn grows(before: &VolumeGroup, after: &VolumeGroup, typed: &TypedStep) -> bool {
    let name = resized(typed).and_then(|command| command.name.as_deref());
    let extents = |group: &VolumeGroup| Some(group.logical_volume(name?)?.extents());
    extents(after) > extents(before)
}

/// Whether a command is one about what is there that may place extents of its own.
fn converts(typed: &TypedStep) -> bool {
    match typed.program {
        Program::LvConvert => true,
        Program::LvCreate => typed.given.is_layer(),
        Program::LvExtend
        | Program::LvResize
        | Program::LvReduce
        | Program::LvRemove
        | Program::LvChange
        | Program::LvRename
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => false,
    }
}

/// Refuses what is about another group, or about one that LVM2 does not change.
fn belongs(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<(), SequenceError> {
    if let Step::Volume(command) = &typed.step
        && command.verb == Verb::Create
    {
        // Where the group is left out, the first argument may be a disk.
        fitted(group, command, settings)?;
        return Ok(());
    }
    if let Some(message) = closed(group, settings) {
        return Err(DemandError::GroupLocked { message }.into());
    }
    let named = match &typed.step {
        Step::Volume(command) | Step::Resize { command, .. } => &command.volume_group,
        _ => &typed.volume_group,
    };
    match named {
        Some(found) if *found != group.name => Err(DemandError::OtherGroup {
            found: found.clone(),
            expected: group.name.clone(),
        }
        .into()),
        Some(_) | None => Ok(()),
    }
}

/// Whether a scenario has done what a command says of disks.
fn is_done(
    group: &VolumeGroup,
    typed: &TypedStep,
    sized: &BTreeSet<String>,
) -> Result<bool, SequenceError> {
    let (devices, key) = match &typed.step {
        Step::ExtendGroup { devices } => (devices, "add"),
        Step::ResizeVolumes { devices } => (devices, "resize"),
        _ => return Ok(false),
    };
    let unknown = devices.iter().find(|device| !sized.contains(*device));
    let Some(device) = unknown else {
        return Ok(true);
    };
    if key == "add" && find_volume(group, device).is_some() {
        let name = &group.name;
        let message = format!("Physical volume '{device}' is already in volume group '{name}'");
        return Err(DemandError::GroupLocked { message }.into());
    }
    let device = device.clone();
    Err(SequenceError::UnknownSize { device, key })
}

/// The group after a command that places no extents.
fn changed(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<VolumeGroup, SequenceError> {
    let mut activity = Activity::all(true);
    let is_seen = seen_by_users(group);
    let mut names = touched(&typed.step).into_iter();
    if names.any(|name| group.index_of(name).is_some_and(|index| !is_seen[index])) {
        return Err(SequenceError::NotPlanned(
            "a part of another volume is changed by itself".to_string(),
        ));
    }
    if matches!(typed.step, Step::Resize { .. }) {
        let after = simulate_step(group, typed, settings, &mut activity)?;
        if after.free_count() < group.free_count() {
            return Err(SequenceError::NotPlanned(
                "more by a size that may be less".to_string(),
            ));
        }
        return Ok(after);
    }
    Ok(after_step(group, typed, settings)?)
}

/// The volumes that a command that places nothing is about.
fn touched(step: &Step) -> Vec<&str> {
    match step {
        Step::Volume(command) | Step::Resize { command, .. } => {
            command.name.as_deref().into_iter().collect()
        }
        Step::Remove { names } => names.iter().map(String::as_str).collect(),
        Step::Rename { old, .. } => vec![old],
        Step::AsGiven
        | Step::ChangeGroup { .. }
        | Step::ExtendGroup { .. }
        | Step::ReduceGroup { .. }
        | Step::ChangeVolumes { .. }
        | Step::ResizeVolumes { .. }
        | Step::Look => Vec::new(),
    }
}

/// The command as what stands between those of a plan.
fn interlude(group: &VolumeGroup, typed: &TypedStep) -> Interlude {
    let path = |name: &str| format!("{}/{name}", group.name);
    let mut line = typed.unattended_line();
    let (loses, effect) = match &typed.step {
        Step::Resize { command, .. } => {
            let path = path(command.name.as_deref().unwrap_or_default());
            let keeps = command.other.iter().any(|option| option.name == "resizefs");
            let loses = format!("what {path} holds behind its new end is lost");
            ((!keeps).then_some(loses), Effect::Cuts(path))
        }
        Step::Rename { old, new } => {
            // Here LVM2 takes the end of a path under /dev/mapper for the name, with its group and doubled dashes.
            if typed.words.iter().any(|word| word.contains("/mapper/")) {
                line = format!("lvrename {} {old} {new}", group.name);
            }
            let (old, new) = (path(old), path(new));
            (None, Effect::Renames { old, new })
        }
        _ => (None, Effect::None),
    };
    Interlude {
        line,
        loses,
        effect,
    }
}
