//! On which volumes a command may be used, in the words of LVM2's rules.

use crate::lvm::command::paths::plain;
use crate::lvm::parts::with_parts;
use crate::lvm::simulate::Refusal;
use crate::lvm::simulate::roles::{Role, Roles, has_integrity};
use crate::lvm::{LogicalVolume, LvSegment, Part, Program, TypedStep, VolumeGroup};

/// Options of `lvconvert` that say nothing of what a volume becomes.
pub(crate) const COMMON: [&str; 12] = [
    "yes",
    "force",
    "test",
    "verbose",
    "quiet",
    "autobackup",
    "nolocking",
    "noudevsync",
    "background",
    "interval",
    "alloc",
    "name",
];

/// What a command asks of a volume.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The types that it takes.
    pub(crate) accepts: &'static [&'static str],
    /// Whether it takes visible volumes alone.
    pub(crate) visible: bool,
    /// What volumes must not be.
    pub(crate) refuses: &'static [Property],
}

/// What a volume may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Origin,
    ThickOrigin,
    ExternalOrigin,
    Integrity,
    RaidImage,
    RaidMetadata,
    MirrorImage,
    MirrorLog,
    Partial,
}

impl Property {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Property::Origin => "lv_is_origin",
            Property::ThickOrigin => "lv_is_thick_origin",
            Property::ExternalOrigin => "lv_is_external_origin",
            Property::Integrity => "lv_is_raid_with_integrity",
            Property::RaidImage => "lv_is_raid_image",
            Property::RaidMetadata => "lv_is_raid_metadata",
            Property::MirrorImage => "lv_is_mirror_image",
            Property::MirrorLog => "lv_is_mirror_log",
            Property::Partial => "lv_is_partial",
        }
    }

    pub(crate) fn holds(self, group: &VolumeGroup, roles: &Roles, volume: &LogicalVolume) -> bool {
        let is = |role| roles.is(&volume.name, role);
        match self {
            Property::Origin | Property::ThickOrigin => is(Role::Origin),
            Property::ExternalOrigin => is(Role::ExternalOrigin),
            Property::Integrity => has_integrity(group, volume),
            Property::RaidImage => is(Role::RaidImage),
            Property::RaidMetadata => is(Role::RaidMetadata),
            Property::MirrorImage => is(Role::MirrorImage),
            Property::MirrorLog => is(Role::MirrorLog),
            Property::Partial => lies_on_missing(group, &volume.name),
        }
    }
}

/// Refuses a volume that a command does not take.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn permit(
    group: &VolumeGroup,
    roles: &Roles,
    volume: &LogicalVolume,
    rules: Rules,
) -> Result<(), Refusal> {
    let path = format!("{}/{}", group.name, volume.name);
    let word = roles.type_word(volume);
    let mut lines = Vec::new();
    // What is raid0 is striped, too, and is called so.
    let is_raid0 = |segment: &LvSegment| segment.base_type().starts_with("raid0");
    let is_raid0 = volume.segments.iter().any(is_raid0);
    if rules.accepts.contains(&word) || is_raid0 && rules.accepts.contains(&"striped") {
        let refused = rules
            .refuses
            .iter()
            .filter(|one| one.holds(group, roles, volume));
        let refused: Vec<&str> = refused.map(|one| one.word()).collect();
        if !refused.is_empty() {
            let words = refused.join(" ");
            lines.push(format!(
                "Command on LV {path} is invalid on LV with properties: {words} ."
            ));
        }
        if rules.visible && roles.is_hidden(volume) {
            lines.push(format!(
                "Command on LV {path} requires LV with properties: lv_is_visible ."
            ));
        }
    } else {
        lines.push(format!(
            "Command on LV {path} does not accept LV type {}.",
            if is_raid0 { "striped" } else { word }
        ));
    }
    not_permitted(&path, lines)
}

/// What stands in the status of a volume that a `pvmove` is about, until that is finished.
pub(crate) const LOCKED: &str = "LOCKED";

/// Refuses what changes a volume that a `pvmove` is about.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_locked(group: &VolumeGroup, typed: &TypedStep) -> Result<(), Refusal> {
    let names = typed.given.arguments.iter();
    let mut volumes = names.filter_map(|name| group.logical_volume(&plain(name)));
    let is_first_alone = typed.program != Program::LvRemove;
    let locked = match is_first_alone {
        true => volumes
            .next()
            .filter(|volume| volume.status.contains(LOCKED)),
        false => volumes.find(|volume| volume.status.contains(LOCKED)),
    };
    let Some(volume) = locked else {
        return Ok(());
    };
    let (given, name) = (&typed.given, &volume.name);
    let path = format!("{}/{name}", group.name);
    let has_type = |word| given.get("type") == Some(word);
    Err(match typed.program {
        Program::LvExtend | Program::LvResize | Program::LvReduce => {
            Refusal::new(format!("Can't resize locked logical volume {path}."))
        }
        Program::LvRemove => Refusal::new(format!("Can't remove locked logical volume {path}.")),
        Program::LvRename => Refusal::new(format!("Cannot rename locked LV {name}")),
        Program::LvConvert if has_type("cache-pool") => {
            Refusal::new(format!("Cannot rename locked LV {name}"))
        }
        // Snapshots say it in words of their own.
        Program::LvConvert if !has_type("snapshot") && !given.has("snapshot") => Refusal::lines([
            format!("Command on LV {path} is invalid on LV with properties: lv_is_locked ."),
            format!("Command not permitted on LV {path}."),
        ]),
        Program::LvConvert
        | Program::LvCreate
        | Program::LvChange
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => return Ok(()),
    })
}

/// Ends what a rule says.
///
/// # Errors
/// The refusal, where there are lines.
pub(crate) fn not_permitted(path: &str, mut lines: Vec<String>) -> Result<(), Refusal> {
    if lines.is_empty() {
        return Ok(());
    }
    lines.push(format!("Command not permitted on LV {path}."));
    Err(Refusal::lines(lines))
}

/// What no command touches directly.
pub(crate) fn is_hidden_refusal(group: &VolumeGroup, name: &str) -> Refusal {
    Refusal::new(format!(
        "Operation not permitted on hidden LV {}/{name}.",
        group.name
    ))
}

/// That no command has such options.
pub(crate) fn no_match(names_similar: bool) -> Refusal {
    let line =
        "No command with matching syntax recognised.  Run 'lvconvert --help' for more information.";
    let refusal = Refusal::new(line);
    if names_similar {
        return refusal.and("Nearest similar command has syntax:");
    }
    refusal
}

/// Whether a volume lies on physical volumes that are missing, itself or what it is made of.
fn lies_on_missing(group: &VolumeGroup, name: &str) -> bool {
    let is_missing = |part: &Part| match part {
        Part::Physical { volume, .. } => group.physical_volumes[*volume].missing,
        Part::Logical { .. } => false,
    };
    let mut parts = with_parts(group, name).into_iter();
    parts.any(|part| {
        let volume = group.logical_volume(&part);
        let mut segments = volume.iter().flat_map(|volume| &volume.segments);
        segments.any(|segment| segment.parts.iter().any(is_missing))
    })
}
