//! Requests that are to have room: what they are once some moves are made, and what builds them then.

use crate::ask::apart::all_apart;
use crate::ask::built::Built;
use crate::ask::fault::{Fault, Result, fault};
use crate::ask::parts::Rest;
use crate::ask::rearrange::subject::Subject;
use crate::ask::task::Task;
use crate::ask::with_commands::with_commands;
use crate::core::{Answer, Goal, Limits, Move, Problem};
use crate::lvm::{self, AfterMoves, VolumeGroup};
use crate::rearrange::{self, RearrangeError, Room};
use crate::solve::Strategy;

/// Requests as they are placed once the moves are made.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) task: Task,
    pub(crate) answer: Answer,
    /// What builds them, or why nothing does.
    pub(crate) commands: Result<Vec<lvm::LvCommand>, String>,
}

impl Subject {
    /// Asks for room: with all legs apart, as a plan has them wherever there is one, else as they are asked for.
    ///
    /// # Errors
    /// What is wrong with the requests, or a contradiction inside the program.
    pub(crate) fn make_room(&self, strategy: &Strategy, limits: &Limits<'_>) -> Result<Room> {
        let state = &self.moves.state;
        let room = |are_apart: bool| {
            let after = |moves: &[Move]| -> Result<Problem, RearrangeError> {
                let task = self.task_after(moves);
                let Task { problem, .. } = task.map_err(|error| RearrangeError::NoProblem {
                    what: error.to_string(),
                })?;
                let apart = are_apart.then(|| all_apart(&problem)).flatten();
                Ok(apart.unwrap_or(problem))
            };
            rearrange::room(state, &after, strategy, limits)
        };
        if !self.task_after(&[])?.apart.is_empty() {
            let apart = room(true)?;
            if apart.placed.is_some() {
                return Ok(apart);
            }
        }
        Ok(room(false)?)
    }

    /// What is placed once moves are made, with the commands for it.
    ///
    /// # Errors
    /// Where LVM2's own layout contradicts the answer.
    pub(crate) fn placed(&self, moves: &[Move], found: (Problem, Answer)) -> Result<Placed> {
        let (problem, answer) = found;
        let task = Task {
            problem,
            ..self.task_after(moves)?
        };
        let built = with_commands(&task, answer)?;
        Ok(Placed {
            answer: built.answer,
            commands: match built.commands {
                Some(Ok(Built::Commands(commands))) => Ok(commands),
                Some(Ok(Built::Step(step))) => Err(no_conversion(&step.interlude.line)),
                Some(Err(error)) => Err(error),
                None => Err("there is no plan".to_string()),
            },
            task,
        })
    }

    fn task_after(&self, moves: &[Move]) -> Result<Task> {
        let group = lvm::group_after_moves(&self.group, &self.moves, moves, &self.settings)?;
        Ok(self.task(&group)?.0)
    }

    /// The requests on a group, as far as the goals leave it.
    pub(crate) fn task(&self, group: &VolumeGroup) -> Result<(Task, Vec<String>)> {
        let mut rest = Rest {
            steps: self.room.clone(),
            ..Rest::none(self.settings.clone())
        };
        let group = kept(group, &self.moves.state.goals);
        let (task, notes) = rest.next_part(group, None)?;
        if let Some(typed) = rest.first() {
            return Err(fault!(
                "{}: it is planned on what the commands before it leave; --room takes those that are planned as one",
                typed.origin
            ));
        }
        let interludes = task
            .group
            .iter()
            .flat_map(|group| group.before.iter().chain(&group.behind));
        if let Some(one) = interludes.into_iter().next() {
            return Err(fault!("{}: --room takes what is placed alone", one.line));
        }
        let placing = task.group.as_ref().and_then(|group| group.placing.as_ref());
        if let Some(placing) = placing {
            return Err(Fault::of(no_conversion(&placing.typed.line())));
        }
        if task.problem.requests().is_empty() {
            return Err(fault!("--room: nothing of what is requested is placed"));
        }
        Ok((task, notes))
    }
}

/// Why a conversion is none of what room is made for.
fn no_conversion(line: &str) -> String {
    format!("{line}: --room takes new volumes and larger ones, no conversions")
}

/// A group without what leaves it: nothing is placed on what is emptied, or behind the end of what is shrunk.
fn kept(group: &VolumeGroup, goals: &[Goal]) -> VolumeGroup {
    let mut group = group.clone();
    let held = |group: &VolumeGroup, source: usize, extents: u64| {
        let segments = group
            .logical_volumes
            .iter()
            .flat_map(|volume| &volume.segments);
        let mut parts = segments.flat_map(lvm::LvSegment::physical);
        parts.any(|(device, area)| device == source && area.end() > extents)
    };
    for goal in goals {
        match *goal {
            Goal::Drain { source } => group.physical_volumes[source].allocatable = false,
            Goal::Shrink { source, extents } => {
                if !held(&group, source, extents) {
                    group.physical_volumes[source].extents = extents;
                }
            }
            Goal::Clear { .. }
            | Goal::Spare { .. }
            | Goal::Heal
            | Goal::Lie { .. }
            | Goal::Runs { .. }
            | Goal::Level { .. } => {}
        }
    }
    group
}

impl Placed {
    /// Whether legs are kept apart that policy `anywhere` would let share disks: moves that cost least are those for that.
    pub(crate) fn keeps_apart(&self) -> bool {
        !self.task.apart.is_empty() && all_apart(&self.task.problem).is_none()
    }

    /// The commands behind the moves, each with when it is still to be run.
    ///
    /// # Errors
    /// Why there are none.
    pub(crate) fn steps(&self) -> Result<Vec<AfterMoves>, String> {
        let commands = self.commands.clone()?;
        let Some(group) = &self.task.group else {
            return Err("there is no volume group".to_string());
        };
        let steps = lvm::commands_after_moves(&group.group, &commands, &group.settings);
        steps.map_err(|error| error.to_string())
    }
}
