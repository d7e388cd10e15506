//! What LVM2's own allocator does with the same requests, and how good that is.

use std::collections::BTreeSet;

use crate::cli::audit::sentence;
use crate::cli::task::GroupTask;
use crate::core::{Answer, Problem, Segment, joined};
use crate::lvm::{self, Audit, Finding, Severity, VolumeGroup};
use crate::show;

/// Whether LVM2 places it, what is unsafe about its layout, and whether its layout is that of the plan.
pub(crate) fn verdict(group: &GroupTask, problem: &Problem, answer: &Answer) -> String {
    let version = group.settings.version;
    let after = match group.simulated() {
        Ok(after) => after,
        Err(refusal) => {
            let lines = refusal.lines().map(|line| format!("  {line}\n"));
            return format!("LVM2 {version} refuses\n{}", lines.collect::<String>());
        }
    };
    let faults = new_faults(&group.group, &after);
    if !faults.is_empty() {
        let mut text = format!("LVM2 {version} places it, and unsafe:\n");
        for fault in faults {
            let words = sentence(&fault, Some(after.extent_bytes()));
            text.push_str(&show::wrapped(
                "  ",
                " ",
                words.split(' ').map(str::to_string),
            ));
        }
        return text;
    }
    if !is_same(group, &after, problem, answer) || !group.before.is_empty() {
        return format!("LVM2 {version} places it\n");
    }
    let own = group.typed.iter().map(|command| format!("  {command}\n"));
    format!(
        "LVM2 {version} places it just so; run your own command\n{}",
        own.collect::<String>()
    )
}

/// What is unsafe in a group that was not unsafe before.
fn new_faults(before: &VolumeGroup, after: &VolumeGroup) -> Vec<Finding> {
    let is_unsafe = |finding: &Finding| finding.severity() == Severity::Unsafe;
    let faults = |group: &VolumeGroup| -> Vec<Finding> {
        let Audit { findings, .. } = lvm::audit(group, &[]);
        findings.into_iter().filter(is_unsafe).collect()
    };
    let mut new = faults(after);
    if !new.is_empty() {
        let old = faults(before);
        new.retain(|fault| !old.contains(fault));
    }
    new
}

/// Whether every volume has the same legs in the group and in the plan.
fn is_same(group: &GroupTask, after: &VolumeGroup, problem: &Problem, answer: &Answer) -> bool {
    let Some(plan) = answer.plan() else {
        return false;
    };
    let entries = group.dictionary.entries.iter();
    let mut pairs = entries.zip(problem.requests()).zip(&plan.allocations);
    pairs.all(|((entry, request), allocation)| {
        let Some(allocation) = allocation else {
            return false;
        };
        let ours = allocation.legs.iter().enumerate().map(|(leg, new)| {
            let had = request.grows.as_ref().and_then(|legs| legs.get(leg));
            let all: Vec<Segment> = had.into_iter().flatten().chain(new).copied().collect();
            joined(&all)
        });
        let Ok(theirs) = lvm::existing(after, &entry.name) else {
            return false;
        };
        let theirs = theirs.legs.iter().map(|leg| {
            let segments = leg.iter().map(|&(source, area)| Segment { source, area });
            joined(&segments.collect::<Vec<_>>())
        });
        ours.collect::<BTreeSet<_>>() == theirs.collect::<BTreeSet<_>>()
    })
}
