//! What is unsafe or poor in a volume group, as it is told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::Outcome;
use crate::ask::fault::{Result, fault};
use crate::ask::redundant::{WITHOUT_HIDDEN, known_tags};
use crate::core::{counted, printable};
use crate::lvm::{self, Audit, Blocked, Blocker, Finding, Piece, Severity, VolumeGroup};
use crate::show;

/// Looks a volume group over; disks of a tag fail together.
///
/// # Errors
/// If no physical volume has a tag.
pub fn audit(group: &VolumeGroup, tags: &[String]) -> Result<Audit> {
    let tags: Vec<String> = tags.iter().map(|tag| bare(tag)).collect();
    known_tags(group, &tags, "--tag")?;
    Ok(lvm::audit(group, &tags))
}

/// What an audit means to the exit code.
///
/// # Errors
/// If the pool, which `name` has in messages, leaves out what would have to be known to say that nothing is unsafe.
pub fn audit_outcome(name: &str, audit: &Audit) -> Result<Outcome> {
    match (audit.is_unsafe(), audit.is_partial()) {
        (true, _) => Ok(Outcome::No),
        (false, true) => Err(fault!("{name}: {WITHOUT_HIDDEN}")),
        (false, false) => Ok(Outcome::Yes),
    }
}

/// A tag as LVM2's command lines have it, with `@`, or without; no tag has letters that cannot be printed.
fn bare(tag: &str) -> String {
    printable(tag.strip_prefix('@').unwrap_or(tag)).into_owned()
}

/// The format of the answer.
#[derive(Serialize, JsonSchema)]
enum AuditSchema {
    #[serde(rename = "extentplan/audit/1")]
    One,
}

/// The audit as a program reads it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// The format of the answer.
    schema: AuditSchema,
    /// The volume group.
    group: &'a str,
    /// Whether any finding is unsafe.
    #[serde(rename = "unsafe")]
    is_unsafe: bool,
    /// Logical volumes that users know.
    volumes: usize,
    /// Free extents of all physical volumes.
    free_extents: u64,
    /// Of these, those that cannot be allocated from.
    unreachable_extents: u64,
    /// What was found.
    findings: Vec<Rated<'a>>,
}

/// A finding with how bad it is.
#[derive(Serialize, JsonSchema)]
struct Rated<'a> {
    /// How bad it is.
    severity: Severity,
    /// What it is.
    #[serde(flatten)]
    finding: &'a Finding,
}

/// The audit as JSON.
///
/// # Errors
/// None that could be the user's fault.
pub fn audit_json(audit: &Audit) -> Result<String> {
    let rated = audit.findings.iter().map(|finding| Rated {
        severity: finding.severity(),
        finding,
    });
    let report = Report {
        schema: AuditSchema::One,
        group: &audit.group,
        is_unsafe: audit.is_unsafe(),
        volumes: audit.volumes,
        free_extents: audit.free_extents,
        unreachable_extents: audit.unreachable_extents,
        findings: rated.collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

/// Most findings that are listed without being asked for; where there are more, their kinds are counted.
const MOST_LISTED: usize = 20;

/// Most volumes that are named where it is no fault of theirs.
const MOST_NAMED: usize = 6;

/// The audit for people; every finding only where `details` are wanted.
#[must_use]
pub fn audit_text(group: &VolumeGroup, audit: &Audit, details: bool) -> String {
    let bytes = Some(group.extent_bytes());
    let mut words = vec![
        format!("{},", volumes(audit)),
        format!("{} free", show::extents(audit.free_extents, bytes)),
    ];
    if audit.unreachable_extents > 0 {
        let unreachable = show::extents(audit.unreachable_extents, bytes);
        let unreachable = format!("({unreachable} of them out of reach)");
        words.extend(unreachable.split(' ').map(str::to_string));
    }
    let head = format!("volume group {}: ", audit.group);
    let mut text = show::wrapped(&head, " ", words.into_iter());
    let (faults, bounded) = ordered(audit);
    let count = |severity| {
        let same = faults.iter().filter(|fault| fault.severity() == severity);
        same.count()
    };
    text.push_str(&format!(
        "unsafe: {}, poor: {}, notes: {}\n",
        count(Severity::Unsafe),
        count(Severity::Poor),
        count(Severity::Note)
    ));
    if !bounded.is_empty() {
        let head = format!("cannot grow in place ({}): ", bounded.len());
        let names = some(&bounded, if details { bounded.len() } else { MOST_NAMED });
        text.push_str(&show::wrapped(&head, ", ", names.into_iter()));
    }
    let listed = if details { faults.len() } else { MOST_LISTED };
    if faults.len() > listed {
        text.push('\n');
        text.push_str(&by_kind(&faults));
    }
    for finding in faults.iter().take(listed) {
        text.push_str(&paragraph(finding, bytes));
    }
    if faults.len() > listed {
        let more = faults.len() - listed;
        text.push_str(&format!("\n{more} more; --details lists all\n"));
    }
    for finding in bounded.iter().filter(|_| details) {
        text.push_str(&paragraph(finding, bytes));
    }
    if faults.iter().any(|finding| can_be_healed(finding)) {
        let words = "rearrange --heal looks for moves that put legs on disks of their own";
        text.push('\n');
        text.push_str(&show::wrapped(
            "",
            " ",
            words.split(' ').map(str::to_string),
        ));
    }
    text
}

/// `1 logical volume`, `2 logical volumes`.
pub(crate) fn volumes(audit: &Audit) -> String {
    counted(audit.volumes as u64, "logical volume")
}

/// The volumes that cannot grow, so many of them by name.
pub(crate) fn some(bounded: &[&Finding], most: usize) -> Vec<String> {
    let names = bounded.iter().filter_map(|finding| match finding {
        Finding::CannotGrow { volume, .. } => Some(volume.clone()),
        _ => None,
    });
    let mut names: Vec<String> = names.take(most).collect();
    match bounded.len() - names.len() {
        0 => {}
        more => names.push(format!("and {more} more")),
    }
    names
}

/// The findings: what is at fault, the worst first, and apart from that what cannot grow, which is no fault.
pub(crate) fn ordered(audit: &Audit) -> (Vec<&Finding>, Vec<&Finding>) {
    let is_bounded = |finding: &&Finding| matches!(finding, Finding::CannotGrow { .. });
    let (bounded, mut faults): (Vec<&Finding>, Vec<&Finding>) =
        audit.findings.iter().partition(is_bounded);
    faults.sort_by_key(|finding| (finding.severity(), std::cmp::Reverse(weight(finding))));
    (faults, bounded)
}

/// Whether moving legs would mend it.
fn can_be_healed(finding: &Finding) -> bool {
    match finding {
        Finding::ImagesShareDisk { .. }
        | Finding::MetadataSharesDisk { .. }
        | Finding::LegsShareTag { .. }
        | Finding::LogSharesDisk { .. } => true,
        Finding::WeakLink { .. }
        | Finding::NotJudged { .. }
        | Finding::DiskMissing { .. }
        | Finding::NoLossLeft { .. }
        | Finding::NotAllocatable { .. }
        | Finding::Exported { .. }
        | Finding::Fragmented { .. }
        | Finding::CannotGrow { .. } => false,
    }
}

/// How many findings there are of each kind, the worst kinds first.
fn by_kind(findings: &[&Finding]) -> String {
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in findings {
        *counts
            .entry((finding.severity(), kind(finding)))
            .or_default() += 1;
    }
    let lines = counts.iter();
    lines
        .map(|((severity, kind), count)| format!("{}{count:>8}  {kind}\n", word(*severity)))
        .collect()
}

/// One finding with what it is about.
fn paragraph(finding: &Finding, bytes: Option<u64>) -> String {
    let words = sentence(finding, bytes);
    let mut text = "\n".to_string();
    text.push_str(&show::wrapped(
        word(finding.severity()),
        " ",
        words.split(' ').map(str::to_string),
    ));
    for (head, words) in details(finding) {
        text.push_str(&show::wrapped(
            &format!("          {head}  "),
            " ",
            words.into_iter(),
        ));
    }
    text
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Unsafe => "unsafe  ",
        Severity::Poor => "poor    ",
        Severity::Note => "note    ",
    }
}

/// How much worse a finding is than others of its severity.
fn weight(finding: &Finding) -> u64 {
    match finding {
        Finding::ImagesShareDisk { is_fatal, .. }
        | Finding::MetadataSharesDisk { is_fatal, .. }
        | Finding::LegsShareTag { is_fatal, .. } => u64::from(*is_fatal),
        Finding::DiskMissing { held_extents, .. } => *held_extents,
        Finding::NoLossLeft { lost_legs, .. } => lost_legs.len() as u64,
        Finding::NotAllocatable { free_extents, .. } | Finding::Exported { free_extents } => {
            *free_extents
        }
        Finding::WeakLink { lost, .. } => 1 + lost.len() as u64,
        Finding::Fragmented {
            segments, needed, ..
        } => segments - needed,
        Finding::LogSharesDisk { .. } | Finding::NotJudged { .. } | Finding::CannotGrow { .. } => 0,
    }
}

/// What findings of a kind have in common.
pub(crate) fn kind(finding: &Finding) -> &'static str {
    match finding {
        Finding::ImagesShareDisk { .. } => "several images on one disk",
        Finding::MetadataSharesDisk { .. } => "metadata of one leg beside another leg",
        Finding::LegsShareTag { .. } => "several legs on disks with one tag",
        Finding::LogSharesDisk { .. } => "a log beside an image",
        Finding::WeakLink { .. } => "something is held once beside copies or parity of the rest",
        Finding::NotJudged { .. } => "cannot be judged: the report leaves out what it stands on",
        Finding::DiskMissing { .. } => "a disk is missing",
        Finding::NoLossLeft { .. } => "legs are lost, and no more may be",
        Finding::NotAllocatable { .. } => "a disk is not allocatable",
        Finding::Exported { .. } => "the volume group is exported",
        Finding::Fragmented { .. } => "more segments than would be enough",
        Finding::CannotGrow { .. } => "cannot grow in place",
    }
}

/// What was found, in a sentence.
pub(crate) fn sentence(finding: &Finding, bytes: Option<u64>) -> String {
    match finding {
        Finding::ImagesShareDisk {
            volume,
            segment_type,
            disk,
            is_fatal,
            is_redundant,
            ..
        } => {
            let loss = loss(
                *is_redundant,
                *is_fatal,
                "the loss of this disk alone",
                volume,
            );
            format!("{volume} ({segment_type}) has several images on {disk}; {loss}")
        }
        Finding::MetadataSharesDisk {
            volume,
            segment_type,
            disk,
            is_fatal,
            is_redundant,
            ..
        } => {
            let loss = loss(
                *is_redundant,
                *is_fatal,
                "the loss of this disk alone",
                volume,
            );
            format!(
                "{volume} ({segment_type}) has metadata of one leg beside another leg on {disk}; {loss}"
            )
        }
        Finding::LegsShareTag {
            volume,
            segment_type,
            tag,
            is_fatal,
            is_redundant,
            ..
        } => {
            let loss = loss(*is_redundant, *is_fatal, "the loss of all of them", volume);
            format!(
                "{volume} ({segment_type}) has several legs on disks with the tag {tag}; {loss}"
            )
        }
        Finding::LogSharesDisk { volume, place, .. } => {
            format!("{volume} has its log beside an image, on {place}: both are lost at once")
        }
        Finding::WeakLink {
            volume,
            segment_type,
            weak,
            places,
            ..
        } => format!(
            "{volume} ({segment_type}) is lost with {}, whatever copies there are of the rest: {} is held \
             once",
            one_of(places),
            weak.join(" and ")
        ),
        Finding::NotJudged { volume, .. } => format!(
            "{volume} cannot be judged: the report leaves out what it stands on, or what it is a part of"
        ),
        Finding::DiskMissing {
            disk, held_extents, ..
        } => {
            format!(
                "{disk} is missing, with {} that volumes hold",
                show::extents(*held_extents, bytes)
            )
        }
        Finding::NoLossLeft { volume, disks, .. } => {
            format!(
                "{volume} has lost legs and does not survive the loss of {}",
                one_of(disks)
            )
        }
        Finding::NotAllocatable { disk, free_extents } => format!(
            "{disk} is not allocatable: no policy reaches its {}",
            show::extents(*free_extents, bytes)
        ),
        Finding::Exported { free_extents } => format!(
            "the volume group is exported: no policy reaches its {}",
            show::extents(*free_extents, bytes)
        ),
        Finding::Fragmented {
            volume,
            segments,
            needed,
        } => format!("{volume} is in {segments} segments where {needed} would be enough"),
        Finding::CannotGrow { volume, .. } => format!("{volume} cannot grow in place"),
    }
}

fn loss(is_redundant: bool, is_fatal: bool, cause: &str, volume: &str) -> String {
    if is_fatal {
        format!("{cause} loses {volume}")
    } else if is_redundant {
        format!("{cause} takes more than one leg, and {volume} has less to lose than it should")
    } else {
        "it has no copies or parity to lose, but its stripes wait for each other".to_string()
    }
}

fn one_of(disks: &[String]) -> String {
    match disks {
        [disk] => disk.clone(),
        disks => format!("any one of {}", disks.join(", ")),
    }
}

/// What a finding is about, a line each: a name, and words behind it.
pub(crate) fn details(finding: &Finding) -> Vec<(String, Vec<String>)> {
    match finding {
        Finding::ImagesShareDisk { pieces, .. }
        | Finding::MetadataSharesDisk { pieces, .. }
        | Finding::LegsShareTag { pieces, .. }
        | Finding::LogSharesDisk { pieces, .. } => pieces.iter().map(piece).collect(),
        Finding::WeakLink { pieces, lost, .. } => {
            let lost = ("lost".to_string(), lost.clone());
            pieces.iter().map(piece).chain([lost]).collect()
        }
        Finding::DiskMissing { degraded, lost, .. } => {
            let lines = [("degraded", degraded), ("lost", lost)];
            let filled = lines.into_iter().filter(|(_, volumes)| !volumes.is_empty());
            filled
                .map(|(word, volumes)| (word.to_string(), volumes.clone()))
                .collect()
        }
        Finding::NoLossLeft { lost_legs, .. } => vec![("lost".to_string(), lost_legs.clone())],
        Finding::CannotGrow { blocked, .. } => blocked.iter().map(blocker).collect(),
        Finding::NotJudged { .. }
        | Finding::NotAllocatable { .. }
        | Finding::Exported { .. }
        | Finding::Fragmented { .. } => Vec::new(),
    }
}

fn piece(piece: &Piece) -> (String, Vec<String>) {
    let ranges = piece.extents.iter();
    let ranges = ranges.map(|area| format!("{}:{area}", piece.disk));
    (piece.name.clone(), ranges.collect())
}

fn blocker(blocked: &Blocked) -> (String, Vec<String>) {
    let Blocked {
        leg,
        disk,
        extent,
        by,
    } = blocked;
    let words = match by {
        Blocker::EndOfDisk => format!("{disk} ends at extent {extent}"),
        Blocker::NotAllocatable => format!("{disk}:{extent} may not be allocated"),
        Blocker::Volume(name) => format!("{disk}:{extent} is held by {name}"),
    };
    (format!("leg {leg}"), vec![words])
}
