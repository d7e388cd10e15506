//! Commands that cannot be planned as one: part after part, each on what those before it leave.

use std::collections::BTreeSet;

use crate::ask::apart::kept_apart;
use crate::ask::fault::{Fault, Result, fault};
use crate::ask::pool::{InOrder, Pool};
use crate::ask::task::{GroupTask, Requests, Task, Typed, blamed, with_objective};
use crate::core::Measure;
use crate::json;
use crate::lvm;

/// The commands that are still to be planned.
#[derive(Debug)]
pub struct Rest {
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

/// What was asked of a pool: what is planned first, and the rest.
#[derive(Debug)]
pub struct Parts {
    /// What is planned first.
    pub first: Task,
    /// What is planned behind it.
    pub rest: Rest,
    /// What is to be noted, a sentence each.
    pub notes: Vec<String>,
}

impl Parts {
    /// What is asked of a pool that `name` has in messages; no objective is that of the requests.
    ///
    /// # Errors
    /// If pool and requests do not go together, a command is wrong for the group, or there is no request.
    pub fn of(
        name: &str,
        in_order: InOrder,
        requests: Requests,
        objective: Vec<Measure>,
    ) -> Result<Parts> {
        let InOrder {
            pool,
            before,
            start,
            sized,
            settings,
        } = in_order;
        let nothing = || {
            fault!(
                "{name}: nothing is requested; give requests in a file, or as `-- lvcreate ARGS`"
            )
        };
        let document = match (pool, requests) {
            (pool, Requests::Commands(steps)) => {
                let group = pool.into_group(name)?;
                let mut rest = Rest {
                    start: Some(start.unwrap_or_else(|| lvm::Start::of(&group))),
                    steps,
                    at: 0,
                    sized,
                    settings,
                    objective,
                };
                let (first, notes) = rest.next_part(group, before)?;
                return Ok(Parts { first, rest, notes });
            }
            (pool, Requests::Native { text, name }) => {
                let problem = json::read_requests(&text, pool.sources());
                json::Document {
                    problem: problem.map_err(|error| Fault::json(&name, &error))?,
                    extent_bytes: pool.extent_bytes(),
                }
            }
            (Pool::Native(document), Requests::None) => document,
            (Pool::Group(_), Requests::None) => return Err(nothing()),
        };
        if document.problem.requests().is_empty() {
            return Err(nothing());
        }
        let first = Task {
            problem: with_objective(document.problem, &objective)?,
            apart: Vec::new(),
            extent_bytes: document.extent_bytes,
            group: None,
        };
        Ok(Parts {
            first,
            rest: Rest::none(settings),
            notes: Vec::new(),
        })
    }
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
    #[must_use]
    pub fn first(&self) -> Option<&Typed> {
        self.steps.get(self.at)
    }

    /// The part that comes next, for the group as all before it leave it, and what there is to note; `before` is done
    /// first, where a scenario says so.
    ///
    /// # Errors
    /// If a command is wrong for the group.
    pub fn next_part(
        &mut self,
        group: lvm::VolumeGroup,
        before: Option<Vec<lvm::Interlude>>,
    ) -> Result<(Task, Vec<String>)> {
        let refused = lvm::missing(&group).and_then(|words| {
            let mut steps = self.steps.iter().enumerate().skip(self.at);
            let (at, typed) = steps.find(|(_, typed)| !typed.step.runs_while_missing())?;
            Some((at, typed, words))
        });
        if let (Some((at, typed, words)), None) = (&refused, &before) {
            return Err(fault!("{}: {words}", typed.origin).of_request(*at));
        }
        let refusal = refused.map(|(_, _, words)| words);
        let mut before = before.unwrap_or_default();
        let named = |typed: &Typed| lvm::with_group_named(&typed.step, &group.name);
        let mut steps: Vec<lvm::TypedStep> = self.steps.iter().map(named).collect();
        loop {
            let part = lvm::next_part(group.clone(), &steps, self.at, &self.sized, &self.settings);
            let part = part.map_err(|(position, error)| {
                fault!("{}: {error}", self.steps[position].origin).of_request(position)
            })?;
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
                    let mut fault = blamed(&error, &origins.collect::<Vec<_>>());
                    fault.request = fault.request.map(|position| positions[position]);
                    return Err(fault);
                }
            };
            let is_in_full = match &placing {
                // It is the last of its part.
                Some(_) => steps[part.next - 1].words == self.steps[part.next - 1].step.words,
                None => {
                    let mut commands = commands.iter();
                    commands.all(|command| lvm::is_in_full(&part.group, command))
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
            let apart = match &placing {
                Some(placing) => placing.apart.clone(),
                None => kept_apart(&problem),
            };
            let task = Task {
                problem: with_objective(problem, &self.objective)?,
                apart,
                extent_bytes: Some(part.group.extent_bytes()),
                group: Some(GroupTask {
                    original: lvm::with_new_names(&group, before.iter().chain(&part.behind)),
                    group: part.group,
                    refusal,
                    before,
                    commands,
                    is_in_full,
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
