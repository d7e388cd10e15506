//! What is unsafe in a volume group with what is planned, and was not before.

use crate::ask::audit::sentence;
use crate::lvm::{self, Audit, Finding, Severity, VolumeGroup};
use crate::show;

/// What is unsafe in a group and was not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// A sentence each.
    pub(crate) sentences: Vec<String>,
    /// Those that say that a volume is lost with one disk, among these or not.
    fatal: Vec<String>,
}

impl Faults {
    /// What grows, or is repaired in part, is no more unsafe for it.
    pub(crate) fn new(before: &VolumeGroup, after: &VolumeGroup) -> Faults {
        let mut new = unsafe_findings(after);
        if new.is_empty() {
            return Faults::default();
        }
        let old = unsafe_findings(before);
        let bytes = Some(after.extent_bytes());
        new.retain(|fault| !old.iter().any(|old| is_no_worse(fault, old, bytes)));
        Faults {
            sentences: new.iter().map(|fault| sentence(fault, bytes)).collect(),
            fatal: new
                .iter()
                .filter(|fault| is_fatal(fault))
                .map(|fault| sentence(fault, bytes))
                .collect(),
        }
    }

    /// Keeps what is among others, of a plan that these are a part of.
    pub(crate) fn retain(&mut self, others: &Faults) {
        self.sentences
            .retain(|fault| others.sentences.contains(fault));
    }

    /// These but for others.
    pub(crate) fn without(mut self, others: &Faults) -> Faults {
        self.sentences
            .retain(|fault| !others.sentences.contains(fault));
        self
    }

    /// Adds others.
    pub(crate) fn extend(&mut self, others: Faults) {
        self.sentences.extend(others.sentences);
        self.fatal.extend(others.fatal);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    /// Whether others are among these.
    pub(crate) fn include(&self, others: &Faults) -> bool {
        let mut others = others.sentences.iter();
        others.all(|fault| self.sentences.contains(fault))
    }

    /// Whether others are worse: more volumes are lost with one disk, or as many and more is unsafe.
    pub(crate) fn are_less_than(&self, others: &Faults) -> bool {
        let rank = |faults: &Faults| {
            let is_fatal = |fault: &&String| faults.fatal.contains(fault);
            let fatal = faults.sentences.iter().filter(is_fatal).count();
            (fatal, faults.sentences.len())
        };
        rank(self) < rank(others)
    }

    /// The sentences as lines of their own.
    pub(crate) fn lines(&self) -> String {
        let line = |words: &String| show::wrapped("  ", " ", words.split(' ').map(str::to_string));
        self.sentences.iter().map(line).collect()
    }
}

fn unsafe_findings(group: &VolumeGroup) -> Vec<Finding> {
    let Audit { mut findings, .. } = lvm::audit(group, &[]);
    findings.retain(|finding| finding.severity() == Severity::Unsafe);
    findings
}

/// Whether a finding says nothing that an earlier one did not.
fn is_no_worse(new: &Finding, old: &Finding, bytes: Option<u64>) -> bool {
    let (
        Finding::DiskMissing {
            disk,
            degraded,
            lost,
            held_extents: _,
        },
        Finding::DiskMissing {
            disk: old_disk,
            degraded: old_degraded,
            lost: old_lost,
            held_extents: _,
        },
    ) = (new, old)
    else {
        return sentence(new, bytes) == sentence(old, bytes);
    };
    let was_hit = |name: &String| old_degraded.contains(name) || old_lost.contains(name);
    disk == old_disk
        && lost.iter().all(|name| old_lost.contains(name))
        && degraded.iter().all(was_hit)
}

/// Whether a volume is lost with one disk.
fn is_fatal(finding: &Finding) -> bool {
    match finding {
        Finding::ImagesShareDisk { is_fatal, .. }
        | Finding::MetadataSharesDisk { is_fatal, .. }
        | Finding::LegsShareTag { is_fatal, .. } => *is_fatal,
        Finding::WeakLink { .. } => true,
        Finding::DiskMissing { lost, .. } => !lost.is_empty(),
        Finding::NoLossLeft { .. }
        | Finding::LogSharesDisk { .. }
        | Finding::NotJudged { .. }
        | Finding::NotAllocatable { .. }
        | Finding::Exported { .. }
        | Finding::Fragmented { .. }
        | Finding::CannotGrow { .. } => false,
    }
}
