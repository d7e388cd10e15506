//! What LVM2 says of counts of stripes and mirrors that a type does not have, in the order in which it
//! looks: found by asking 2.03.16 for each type with each count.

use crate::lvm::limits::{MOST_STRIPES, most_copies, most_stripes};
use crate::lvm::simulate::Refusal;
use crate::lvm::{LvCommand, SegmentType};

/// Checks the counts of an `lvcreate`; `word` is the type as it is given.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_counts(
    command: &LvCommand,
    kind: SegmentType,
    word: &str,
) -> Result<(), Refusal> {
    check_options(command, kind)?;
    check_nosync(command, kind)?;
    let (stripes, mirrors) = (command.stripes, command.mirrors);
    if let Some(stripes) = stripes.filter(|&stripes| stripes > MOST_STRIPES) {
        return refused(format!(
            "Number of stripes ({stripes}) must be between 1 and {MOST_STRIPES}."
        ));
    }
    let has_copies = most_copies(kind) > 1;
    if has_copies && mirrors == Some(0) {
        return refused(format!(
            "--mirrors must be at least 1 with segment type {word}."
        ));
    }
    let most = most_copies(kind);
    if kind == SegmentType::Raid10 && mirrors.is_some_and(|mirrors| mirrors != 1) {
        return refused("RAID10 currently supports only 2-way mirroring (i.e. '-m 1')".to_string());
    }
    if has_copies && mirrors.is_some_and(|mirrors| mirrors >= most) {
        return refused(format!(
            "Only up to {most} mirrors in {word} supported currently."
        ));
    }
    if kind == SegmentType::Raid1 && stripes.is_some_and(|stripes| stripes > 1) {
        return refused(format!(
            "Stripes argument cannot be used with segment type, {word}"
        ));
    }
    let (least, most) = (kind.fewest_stripes(), most_stripes(kind));
    if stripes.is_some_and(|stripes| stripes < least) {
        return refused(format!("Minimum of {least} stripes required for {word}."));
    }
    if stripes.is_some_and(|stripes| stripes > most) {
        return refused(format!(
            "Only up to {most} stripes in {word} supported currently."
        ));
    }
    if kind.is_raid() && !has_copies && mirrors.is_some() {
        return refused(format!(
            "Mirror argument cannot be used with segment type, {word}"
        ));
    }
    Ok(())
}

/// What `--nosync` is not for.
fn check_nosync(command: &LvCommand, kind: SegmentType) -> Result<(), Refusal> {
    match kind {
        _ if !command.nosync => Ok(()),
        SegmentType::Linear | SegmentType::Striped => {
            refused("--nosync is supported only with mirrors or raids.".to_string())
        }
        SegmentType::Raid6 => refused("nosync option prohibited on RAID6.".to_string()),
        SegmentType::ThinPool
        | SegmentType::CachePool
        | SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid10 => Ok(()),
    }
}

/// Options that a type does not take at all.
fn check_options(command: &LvCommand, kind: SegmentType) -> Result<(), Refusal> {
    let (takes_stripes, takes_mirrors) = match kind {
        SegmentType::Linear => (command.stripes == Some(1), command.mirrors == Some(0)),
        SegmentType::ThinPool => (true, command.mirrors == Some(0)),
        SegmentType::Striped => {
            let is_typed = command.segment_type.is_some();
            (true, !is_typed && command.mirrors == Some(0))
        }
        SegmentType::CachePool => (true, false),
        SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => (true, true),
    };
    let lines = [
        ("stripes", takes_stripes, command.stripes),
        ("mirrors", takes_mirrors, command.mirrors),
    ];
    let lines = lines.into_iter().filter_map(|(option, takes_it, found)| {
        let found = found.filter(|_| !takes_it)?;
        Some(format!(
            "Command does not accept option: --{option} {found}."
        ))
    });
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        return Err(Refusal::lines(lines));
    }
    if kind == SegmentType::CachePool && command.stripes.is_some() {
        return refused("Option --stripes is unsupported with cache pools.".to_string());
    }
    Ok(())
}

fn refused(message: String) -> Result<(), Refusal> {
    let help = "Run `lvcreate --help' for more information.".to_string();
    Err(Refusal::lines([message, help]))
}
