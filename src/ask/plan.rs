//! Plans what was asked, part after part.

use std::sync::Arc;
use std::time::Duration;

use crate::ask::apart::safest;
use crate::ask::fault::{Fault, Result};
use crate::ask::parts::Rest;
use crate::ask::pictures::pictures;
use crate::ask::planned::{AllPlanned, Beside, Planned};
use crate::ask::rearrange::offer;
use crate::ask::task::Task;
use crate::ask::with_commands::{WithCommands, with_commands};
use crate::core::{Answer, Limits, StopReason};
use crate::lvm;
use crate::show::MapStyle;
use crate::solve::{Strategy, solve};

/// Plans every part on what those before it leave. `planned` plans one behind others: [`plan_part`], perhaps with more
/// around it.
///
/// What is planned last has no plan, or is the last; what [`Rest::first`] says then is not planned.
///
/// # Errors
/// Those of `planned`, and if a command is wrong for the group.
pub fn plan<E: From<Fault>>(
    first: Task,
    rest: &mut Rest,
    mut planned: impl FnMut(&Arc<Task>, &AllPlanned, &Rest) -> Result<Planned, E>,
) -> Result<AllPlanned, E> {
    let mut done = AllPlanned {
        are_several: rest.first().is_some(),
        start: rest.start.clone(),
        ..AllPlanned::default()
    };
    let mut task = Arc::new(first);
    loop {
        let part = planned(&task, &done, rest)?;
        let after = match rest.first() {
            Some(_) => group_after(&part)?,
            None => None,
        };
        done.parts.push(part);
        let Some(group) = after else {
            return Ok(done);
        };
        let (next, notes) = rest.next_part(group, None)?;
        done.notes.extend(notes);
        task = Arc::new(next);
    }
}

/// Plans one part; `took` says how long that took, and more with it.
///
/// # Errors
/// If the answer is wrong.
pub fn plan_part(
    task: &Arc<Task>,
    strategy: &Strategy,
    limits: &Limits<'_>,
    took: &dyn Fn() -> Duration,
) -> Result<Planned> {
    let strategy = Strategy {
        walks_on: true,
        ..*strategy
    };
    let (task, answer) = safest(task, |task| solve(&task.problem, &strategy, limits))?;
    Planned::of(&task, answer, took)
}

impl Planned {
    /// An answer with what builds it.
    ///
    /// # Errors
    /// If LVM2's own layout shows that the answer is wrong.
    pub fn of(task: &Arc<Task>, answer: Answer, took: &dyn Fn() -> Duration) -> Result<Planned> {
        let WithCommands {
            answer,
            commands,
            lvm2,
            faults,
        } = with_commands(task, answer)?;
        Ok(Planned {
            task: Arc::clone(task),
            answer,
            commands,
            took: took(),
            beside: Beside {
                lvm2,
                faults,
                ..Beside::default()
            },
        })
    }

    /// What is known of a part that a limit ended: how LVM2 could be made to build its plan takes a search of its own, and
    /// is said to be missing.
    #[must_use]
    pub fn so_far(task: Arc<Task>, answer: Answer, stopped: StopReason, took: Duration) -> Planned {
        let missing = (task.group.is_some() && answer.plan().is_some())
            .then(|| Err(format!("{} before they were found", stopped.as_end())));
        Planned {
            task,
            answer,
            commands: missing,
            took,
            beside: Beside::default(),
        }
    }

    /// Adds pictures of the sources before and after to the text.
    pub fn draw(&mut self, style: MapStyle) {
        self.beside.pictures = pictures(&self.task, &self.answer, style);
    }

    /// Adds which moves make room to the text, where there is no plan in a volume group; `words` are those that ask for
    /// them.
    pub fn offer(&mut self, rest: &Rest, words: &[String], limits: &Limits<'_>) {
        if let (Answer::Impossible { .. }, Some(group)) = (&self.answer, &self.task.group) {
            let steps = rest.steps.clone();
            self.beside.offer = offer(&group.group, &group.settings, steps, words, limits);
        }
    }
}

/// The group once a part is built; none where it is not, and nothing can be planned on it.
fn group_after(part: &Planned) -> Result<Option<lvm::VolumeGroup>> {
    let (Some(group), Some(Ok(commands))) = (&part.task.group, &part.commands) else {
        return Ok(None);
    };
    commands.after(group).map(Some).map_err(Fault::of)
}
