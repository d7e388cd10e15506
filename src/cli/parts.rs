//! Commands that cannot be planned as one: part after part, each on what those before it leave.

use std::collections::BTreeSet;

use anyhow::anyhow;

use crate::cli::output;
use crate::cli::task::{GroupTask, Task, Typed, blamed, missing, with_objective};
use crate::core::Measure;
use crate::lvm;

/// The commands that are still to be planned.
#[derive(Debug)]
pub(crate) struct Rest {
    /// What the group is known by before anything is done, where there is one.
    pub(crate) start: Option<lvm::Start>,
    pub(crate) steps: Vec<Typed>,
    /// How many of these are planned.
    pub(crate) at: usize,
    /// Disks whose sizes a scenario says.
    pub(crate) sized: BTreeSet<String>,
    pub(crate) settings: lvm::Settings,
    pub(crate) objective: Vec<Measure>,
}

impl Rest {
    /// What there is behind a problem of our own.
    pub(crate) fn none(settings: lvm::Settings) -> Rest {
        Rest {
            start: None,
            steps: Vec::new(),
            at: 0,
            sized: BTreeSet::new(),
            settings,
            objective: Vec::new(),
        }
    }

    /// The first command that is still to be planned.
    pub(crate) fn first(&self) -> Option<&Typed> {
        self.steps.get(self.at)
    }

    /// The part that comes next, for the group as all before it leave it; `before` is done first, where a
    /// scenario says so.
    ///
    /// # Errors
    /// If a command is wrong for the group.
    pub(crate) fn next_task(
        &mut self,
        group: lvm::VolumeGroup,
        before: Option<Vec<lvm::Interlude>>,
    ) -> anyhow::Result<Task> {
        let (task, notes) = self.next_part(group, before)?;
        for note in notes {
            output::remark(&format!("note: {note}"));
        }
        Ok(task)
    }

    /// As [`Rest::next_task`], with what there is to note.
    ///
    /// # Errors
    /// As [`Rest::next_task`].
    pub(crate) fn next_part(
        &mut self,
        group: lvm::VolumeGroup,
        before: Option<Vec<lvm::Interlude>>,
    ) -> anyhow::Result<(Task, Vec<String>)> {
        // A volume may be repaired while physical volumes are missing, and nothing else done.
        let repairs = |typed: &Typed| typed.step.repairs();
        let is_repair = self.steps[self.at..].iter().all(repairs);
        let refusal = missing(&group).filter(|_| !is_repair);
        if let (Some(refusal), None) = (&refusal, &before) {
            return Err(anyhow!("{refusal}"));
        }
        let mut before = before.unwrap_or_default();
        let mut steps: Vec<lvm::TypedStep> = Vec::new();
        steps.extend(self.steps.iter().map(|typed| typed.step.clone()));
        loop {
            let part = lvm::next_part(group.clone(), &steps, self.at, &self.sized, &self.settings);
            let part = part
                .map_err(|(position, error)| anyhow!("{}: {error}", self.steps[position].origin))?;
            let (positions, commands): (Vec<usize>, Vec<lvm::LvCommand>) =
                part.requests.into_iter().unzip();
            let placing = part.placing.map(|placing| *placing);
            let imported = if let Some(placing) = &placing {
                lvm::import_nothing(&part.group, &self.settings)
                    .map(|(_, dictionary)| (placing.problem.clone(), dictionary))
            } else if commands.is_empty() {
                lvm::import_nothing(&part.group, &self.settings)
            } else {
                lvm::import(&part.group, &commands, &self.settings)
            };
            let (problem, dictionary) = match imported {
                Ok(imported) => imported,
                // What a later command says otherwise of the same volume is planned once that is there.
                Err(lvm::ImportError::Command {
                    position,
                    error: lvm::DemandError::OtherTerms { .. },
                    ..
                }) if position > 0 => {
                    steps.truncate(positions[position]);
                    continue;
                }
                Err(error) => {
                    let origins = positions.iter().map(|&at| self.steps[at].origin.clone());
                    return Err(blamed(&error, &origins.collect::<Vec<_>>()));
                }
            };
            let notes = part
                .notes
                .iter()
                .chain(&dictionary.notes)
                .map(ToString::to_string);
            let notes = notes.collect();
            self.at = part.next;
            before.extend(part.before);
            let task = Task {
                problem: with_objective(problem, &self.objective)?,
                extent_bytes: Some(part.group.extent_bytes()),
                group: Some(GroupTask {
                    group: part.group,
                    refusal,
                    before,
                    commands,
                    placing,
                    behind: part.behind,
                    dictionary,
                    settings: self.settings.clone(),
                }),
            };
            return Ok((task, notes));
        }
    }
}
