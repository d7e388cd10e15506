//! A plan with what builds it: the commands as they were typed where LVM2's own layout is as good, else our own.

use crate::ask::built::{Built, BuiltStep};
use crate::ask::fault::{Result, fault};
use crate::ask::lvm2_layout::Lvm2Layout;
use crate::ask::planned::Commands;
use crate::ask::task::Task;
use crate::core::{Answer, Cost, Plan};
use crate::lvm;

/// An answer with the plan that is built, and what builds it.
pub(crate) struct WithCommands {
    pub(crate) answer: Answer,
    /// None where there is no plan, or no volume group to build it in.
    pub(crate) commands: Option<Commands>,
    /// What LVM2 does with the same requests, and whether that is the plan.
    pub(crate) lvm2: Option<(Lvm2Layout, bool)>,
}

/// What builds an answer.
///
/// # Errors
/// If LVM2's own layout shows that the answer is wrong.
pub(crate) fn with_commands(task: &Task, answer: Answer) -> Result<WithCommands> {
    let group = task.group.as_ref();
    let asked = group.filter(|group| !group.commands.is_empty() || group.placing.is_some());
    let lvm2 = asked.map(|group| Lvm2Layout::of(group, &task.problem));
    if let Some(what) = lvm2.as_ref().and_then(|lvm2| lvm2.contradicts(&answer)) {
        return Err(fault!("the answer is wrong, please report it: {what}"));
    }
    let own = lvm2.as_ref().and_then(|lvm2| lvm2.as_good_as(&answer));
    let is_own = own.is_some();
    let (answer, commands) = match own {
        Some((plan, price, commands)) => {
            let answer = with_plan(answer, plan, price);
            (answer, Some(Ok(commands.clone())))
        }
        None => arranged(task, answer),
    };
    let refusal = group.and_then(|group| group.refusal.clone());
    let commands = commands.map(|commands| refusal.map_or(commands, Err));
    Ok(WithCommands {
        answer,
        commands,
        lvm2: lvm2.map(|layout| (layout, is_own)),
    })
}

/// The answer with another plan that is as good, or better.
fn with_plan(mut answer: Answer, other: &Plan, price: &Cost) -> Answer {
    if let Answer::Best { plan, .. } = &mut answer {
        *plan = other.clone();
    }
    if let Answer::Found { plan, cost, .. } = &mut answer {
        *plan = other.clone();
        *cost = price.clone();
    }
    answer
}

/// The answer with areas and stripes in the order in which LVM2 can be made to put them, if that is as
/// good, and the commands that build it; none where there is no plan, or no volume group to build it in.
fn arranged(task: &Task, mut answer: Answer) -> (Answer, Option<Commands>) {
    let Some(group) = &task.group else {
        return (answer, None);
    };
    let (Answer::Best { plan, cost, .. } | Answer::Found { plan, cost, .. }) = &mut answer else {
        return (answer, None);
    };
    if let Some(placing) = &group.placing {
        let asked = (&*plan, &*cost);
        let built = lvm::steered(&group.group, placing, &task.problem, asked, &group.settings);
        let built = built.map(|(other, typed, after)| {
            *plan = other;
            Built::Step(Box::new(BuiltStep::of(group, &typed, after)))
        });
        return (answer, Some(built.map_err(|error| error.to_string())));
    }
    let built = lvm::in_few_commands(&task.problem, &group.group, &group.dictionary, plan);
    let commands = built.map(|(other, commands)| {
        *plan = other;
        Built::Commands(commands)
    });
    (answer, Some(commands.map_err(|error| error.to_string())))
}
