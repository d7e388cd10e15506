//! Volumes of which a report leaves something out: nothing is said of them but that.

use std::collections::BTreeSet;

use crate::lvm::command::paths::plain;
use crate::lvm::existing::LEFT_OUT;
use crate::lvm::names::reserved;
use crate::lvm::{Layers, Program, Step, TypedStep, Unsaid, Verb, VolumeGroup};

/// What [`left_out`] says of a group that can be planned in.
///
/// # Errors
/// Why nothing is planned in it: one of its volumes stands on itself.
pub(crate) fn left_out_or_circle(group: &VolumeGroup) -> Result<BTreeSet<&str>, String> {
    let layers = Layers::new(group);
    match layers.circle() {
        None => Ok(left_out_of(&layers)),
        Some(name) => Err(format!(
            "anything in a group in which a volume stands on itself, as `{name}` does"
        )),
    }
}

/// The names of the volumes of which the source of the data leaves out something that they stand on.
pub(crate) fn left_out(group: &VolumeGroup) -> BTreeSet<&str> {
    left_out_of(&Layers::new(group))
}

fn left_out_of<'g>(layers: &Layers<'g>) -> BTreeSet<&'g str> {
    let found = layers.not_judged().into_iter();
    let found = found.flat_map(|volume| [BTreeSet::from([volume]), layers.upwards(volume)]);
    let mut names: BTreeSet<&str> = found.flatten().map(|volume| layers.name(volume)).collect();
    // Nor is anything said of their parts, one of which may be a volume that users see.
    let is_part = |name: &&str| {
        let mut ends = name.match_indices('_').map(|(end, _)| end);
        ends.any(|end| names.contains(&name[..end]) && reserved(&name[end..]).is_some())
    };
    let all = layers.group.logical_volumes.iter();
    let all = all.map(|one| one.name.as_str());
    let parts: Vec<&str> = all.filter(is_part).collect();
    names.extend(parts);
    names
}

/// Why a command cannot be planned that is about a volume of which a report has not all: one of which only the parts
/// are listed, as `pvs --segments` does, or one that stands on what is left out, or that gives the name of such a volume
/// to another; `partial` are the names of these, `pending` those that commands before it make.
pub(crate) fn not_whole(
    group: &VolumeGroup,
    partial: &BTreeSet<String>,
    pending: &BTreeSet<&str>,
    typed: &TypedStep,
) -> Option<String> {
    const ENDINGS: [&str; 5] = ["_rimage_0", "_mimage_0", "_tdata", "_cdata", "_corig"];
    if let Some(name) = named_volumes(typed).find(|name| partial.contains(name)) {
        return Some(format!("`{name}`: {LEFT_OUT}"));
    }
    let is_there = |name: &str| group.logical_volume(name).is_some();
    if group.unsaid.contains(&Unsaid::VolumesWithoutExtents)
        && let Some(name) = named_volumes(typed).find(|name| is_there(name))
    {
        return Some(format!(
            "`{name}`: the report lists segments of disks alone, and not which volumes are snapshots or origins of \
             others; {TAKE_ALL}"
        ));
    }
    let part_of = |name: &str| {
        let mut parts = ENDINGS.iter().map(|ending| format!("{name}{ending}"));
        parts.find(|part| !is_there(name) && is_there(part))
    };
    if let Some((name, part)) = new_name(typed).and_then(|name| Some((name, part_of(name)?))) {
        return Some(format!(
            "a volume `{name}`: there is one already, of which the report lists parts such as `{part}`"
        ));
    }
    let is_unknown = |name: &String| !is_there(name) && !pending.contains(name.as_str());
    let name = named_volumes(typed).find(is_unknown)?;
    if part_of(&name).is_some() {
        return Some(format!(
            "what `{name}` is, of which the report lists the parts alone; {TAKE_ALL}"
        ));
    }
    // A group, or a tag, is no volume.
    let is_volume = name != group.name && !name.starts_with('@');
    (is_volume && !partial.is_empty()).then(|| {
        format!(
            "`{name}`, which is not in the report: of some volumes it lists the parts alone, and nothing that stands on \
             these; {TAKE_ALL}"
        )
    })
}

/// How a report is taken that leaves nothing out.
const TAKE_ALL: &str = "take it by `lvm fullreport --all --reportformat json --units s --nosuffix`";

/// The name that a command gives to a volume.
fn new_name(typed: &TypedStep) -> Option<&str> {
    match &typed.step {
        Step::Volume(command) if command.verb == Verb::Create => command.name.as_deref(),
        Step::Rename { new, .. } => Some(new),
        _ => typed.given.get("name"),
    }
}

/// The logical volumes that a command may change, by their names.
fn named_volumes(typed: &TypedStep) -> impl Iterator<Item = String> {
    const OPTIONS: [&str; 4] = ["poolmetadata", "thinpool", "cachepool", "cachevol"];
    // Behind the first volume stand disks, but where volumes are removed.
    let is_of_volumes = match typed.program {
        Program::LvRemove => usize::MAX,
        Program::LvConvert
        | Program::LvExtend
        | Program::LvResize
        | Program::LvReduce
        | Program::LvChange => 1,
        Program::LvCreate if typed.given.is_layer() => 1,
        Program::LvCreate
        | Program::LvRename
        | Program::VgChange
        | Program::VgExtend
        | Program::VgReduce
        | Program::PvChange
        | Program::PvResize
        | Program::VgCk => 0,
    };
    let options = typed.given.options.iter();
    let options = options.filter(|(name, _)| OPTIONS.contains(name));
    let arguments = typed.given.arguments.iter().take(is_of_volumes);
    let words = arguments.chain(options.map(|(_, value)| value));
    words.map(|word| plain(word))
}
