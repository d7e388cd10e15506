//! How what a script does is taken back: only what loses nothing is offered.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::{
    Dictionary, Effect, EntryPart, Interlude, LvCommand, SegmentType, Verb, VolumeGroup,
    shell_quoted,
};

/// What there is to take back, and how, as far as the commands so far go.
///
/// What these commands made is removed, and what they added is cut off, where nothing of theirs has been
/// written to it. Both ask before they do it, unlike with `-f`.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    /// A line for each command that has one, in order; `None` once it holds no more.
    lines: Vec<Option<String>>,
    /// Per volume which lines are about it.
    about: BTreeMap<String, Vec<usize>>,
    /// Volumes that the commands made.
    made: BTreeSet<String>,
    /// Volumes with which something was done that has no way back.
    final_volumes: BTreeSet<String>,
    /// What of the plan stays, a sentence each, in order.
    kept: Vec<String>,
    /// The same, to say each once.
    said: BTreeSet<String>,
}

/// What a script has around a command, so that it knows how to take back what was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// In front of it: a command that fails may have been half done.
    pub(crate) before: Vec<String>,
    /// Behind it.
    pub(crate) behind: Vec<String>,
}

impl Undo {
    /// The lines that take back all of it, the last first.
    pub(crate) fn lines(&self) -> Vec<&str> {
        let lines = self.lines.iter().rev().flatten();
        lines.map(String::as_str).collect()
    }

    /// What of the plan cannot be taken back.
    pub(crate) fn kept(&self) -> &[String] {
        &self.kept
    }

    /// A command of a plan is done.
    pub(crate) fn planned(
        &mut self,
        group: &VolumeGroup,
        dictionary: &Dictionary,
        command: &LvCommand,
    ) -> Around {
        let path_of = |name: &str| format!("{}/{name}", group.name);
        let name = command.name.clone().unwrap_or_default();
        let path = path_of(&name);
        let mut around = Around::default();
        if command.verb == Verb::Create {
            let line = format!("lvremove {}", shell_quoted(&path));
            self.made.insert(path.clone());
            around.behind.push(self.add(path, line));
            return around;
        }
        if self.made.contains(&path) {
            // Taking back what made it takes this back, too, and what has become part of it.
            let part = command.pool_metadata_volume.as_deref().map(path_of);
            around
                .behind
                .extend(part.iter().flat_map(|part| self.forget(part, |_| true)));
            return around;
        }
        let grown = dictionary.entries.iter();
        let mut grown = grown.filter(|entry| entry.part == EntryPart::Grown && entry.name == name);
        let why = match command.verb {
            Verb::Create | Verb::Extend => {
                let resizes = command.other.iter().any(|option| option.name == "resizefs");
                if resizes {
                    "its file system grows with it, and would be cut off"
                } else if command.pool_metadata.is_some() {
                    "LVM2 does not shrink the metadata of a pool"
                } else if group
                    .logical_volume(&name)
                    .is_some_and(|one| !one.is_visible())
                {
                    "it is a part of another volume"
                } else if is_pool(group, &name) {
                    "LVM2 does not shrink a pool"
                } else if self.final_volumes.contains(&path) || self.is_cut(&path) {
                    // One step back to the size it has takes back all the steps.
                    return around;
                } else if let Some(entry) = grown.next() {
                    let quoted = shell_quoted(&path);
                    let line = format!("lvreduce -l {} {quoted}", entry.existing_extents);
                    around.behind.push(self.add(path, line));
                    return around;
                } else {
                    "how large it was is not known"
                }
            }
            Verb::Convert => "what it was made of cannot be had back",
            Verb::Change => "its tags or its policy have changed",
        };
        around.before = self.forget(&path, |_| true);
        around.before.extend(self.keep(format!("{path}: {why}")));
        self.final_volumes.insert(path);
        around
    }

    /// A command between those of a plan is done.
    pub(crate) fn between(&mut self, interlude: &Interlude) -> Around {
        let Interlude {
            line,
            loses,
            effect,
        } = interlude;
        let mut around = Around::default();
        match effect {
            Effect::None | Effect::Sizes { .. } => {}
            Effect::Removes(volumes) => {
                for volume in volumes {
                    around.before.extend(self.forget(volume, |_| true));
                    self.made.remove(volume);
                    self.final_volumes.remove(volume);
                }
            }
            Effect::Converts { volume, made, gone } => {
                for volume in gone {
                    around.before.extend(self.forget(volume, |_| true));
                    self.made.remove(volume);
                }
                if let Some(volume) = volume {
                    around.before.extend(self.forget(volume, cuts));
                }
                for volume in made {
                    self.made.insert(volume.clone());
                    let line = format!("lvremove {}", shell_quoted(volume));
                    around.behind.push(self.add(volume.clone(), line));
                }
                if interlude.is_undone() {
                    return around;
                }
            }
            Effect::Cuts(volume) => {
                around.before.extend(self.forget(volume, cuts));
            }
            Effect::Renames { old, new } => {
                if self.made.remove(old) {
                    self.made.insert(new.clone());
                }
                if self.final_volumes.remove(old) {
                    self.final_volumes.insert(new.clone());
                }
                let lines = self.about.remove(old).unwrap_or_default();
                self.about.insert(new.clone(), lines);
                let line = format!("lvrename {} {}", shell_quoted(new), shell_quoted(old));
                around.behind.push(self.add(new.clone(), line));
                return around;
            }
        }
        let for_good = |sentence: &str| format!("for_good {}", shell_quoted(sentence));
        match loses {
            Some(loses) => around.before.push(for_good(&format!("{line}: {loses}"))),
            None => around.behind.push(for_good(line)),
        }
        around
    }

    /// Whether a line makes a volume as small as it was.
    fn is_cut(&self, path: &str) -> bool {
        let about = self.about.get(path).into_iter().flatten();
        let mut lines = about.filter_map(|&at| self.lines[at].as_deref());
        lines.any(cuts)
    }

    /// A line that takes back the command, from now on.
    fn add(&mut self, path: String, line: String) -> String {
        self.about.entry(path).or_default().push(self.lines.len());
        let remembered = format!("done_by {}", shell_quoted(&line));
        self.lines.push(Some(line));
        remembered
    }

    /// The lines about a volume hold no more.
    fn forget(&mut self, path: &str, which: impl Fn(&str) -> bool) -> Vec<String> {
        let mut forgotten = Vec::new();
        let mut about = self.about.remove(path).unwrap_or_default();
        about.retain(|&at| match self.lines[at].take_if(|line| which(line)) {
            Some(line) => {
                forgotten.push(format!("forget {}", shell_quoted(&line)));
                false
            }
            None => self.lines[at].is_some(),
        });
        if !about.is_empty() {
            self.about.insert(path.to_string(), about);
        }
        forgotten
    }

    /// What stays is said, once.
    fn keep(&mut self, sentence: String) -> Option<String> {
        if !self.said.insert(sentence.clone()) {
            return None;
        }
        let remembered = format!("for_good {}", shell_quoted(&sentence));
        self.kept.push(sentence);
        Some(remembered)
    }
}

/// Whether a line makes a volume smaller.
fn cuts(line: &str) -> bool {
    line.starts_with("lvreduce ")
}

fn is_pool(group: &VolumeGroup, name: &str) -> bool {
    let volume = group.logical_volume(name);
    let segments = volume.into_iter().flat_map(|volume| &volume.segments);
    segments
        .filter_map(|segment| SegmentType::from_word(&segment.segment_type))
        .any(SegmentType::is_pool)
}
