//! A plan with what builds it: the commands as they were typed where LVM2's own layout is as good, else our own.

use crate::ask::built::{Built, BuiltStep};
use crate::ask::fault::{Result, fault};
use crate::ask::faults::Faults;
use crate::ask::lvm2_layout::{Lvm2Layout, OwnLayout};
use crate::ask::planned::Commands;
use crate::ask::task::Task;
use crate::core::{Answer, Cost, Method, Plan, StopReason};
use crate::lvm;

/// An answer with the plan that is built, and what builds it.
pub(crate) struct WithCommands {
    pub(crate) answer: Answer,
    /// None where there is no plan, or no volume group to build it in.
    pub(crate) commands: Option<Commands>,
    /// What LVM2 does with the same requests, and whether that is the plan.
    pub(crate) lvm2: Option<(Lvm2Layout, bool)>,
    /// What is unsafe once it is built, and was not before.
    pub(crate) faults: Faults,
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
    let own = lvm2.as_ref().and_then(Lvm2Layout::layout);
    let costs_no_more = |own: &OwnLayout<'_>| {
        let ours = answer.cost();
        ours.is_some_and(|ours| own.cost.0 <= ours.0)
    };
    let is_own;
    let (answer, commands, faults) = match own {
        Some(own) if costs_no_more(&own) && own.faults.is_empty() => {
            is_own = true;
            built_by_lvm2(answer, own)
        }
        own => {
            let (ours, commands) = arranged(task, answer.clone());
            let faults = faults(task, commands.as_ref());
            // What is unsafe about both is no reason for another layout; what is unsafe about one alone is one.
            let own = own.filter(|own| {
                costs_no_more(own) && faults.include(own.faults)
                    || own.faults.are_less_than(&faults)
            });
            is_own = own.is_some();
            match own {
                Some(own) => built_by_lvm2(answer, own),
                None => (ours, commands, faults),
            }
        }
    };
    let refusal = group.and_then(|group| group.refusal.clone());
    let commands = commands.map(|commands| refusal.map_or(commands, Err));
    Ok(WithCommands {
        answer,
        commands,
        lvm2: lvm2.map(|layout| (layout, is_own)),
        faults,
    })
}

/// What is unsafe once a plan is built, and was not before.
fn faults(task: &Task, commands: Option<&Commands>) -> Faults {
    let (Some(group), Some(Ok(built))) = (&task.group, commands) else {
        return Faults::default();
    };
    let after = built.after(group);
    after.map_or(Faults::default(), |after| {
        Faults::new(&group.original, &after)
    })
}

/// The answer with the layout of LVM2, and what builds that.
fn built_by_lvm2(answer: Answer, own: OwnLayout<'_>) -> (Answer, Option<Commands>, Faults) {
    let answer = with_plan(answer, own.plan, own.cost);
    (answer, Some(Ok(own.commands.clone())), own.faults.clone())
}

/// The answer with another plan. One that costs more is not proven best: what is unsafe about the other is nothing that
/// bounds count.
fn with_plan(answer: Answer, other: &Plan, price: &Cost) -> Answer {
    let (bound, certificates) = (answer.lower_bound(), answer.certificates().to_vec());
    match answer {
        Answer::Best {
            cost,
            method,
            proof,
            certificates,
            ..
        } if price.0 <= cost.0 => Answer::Best {
            plan: other.clone(),
            cost,
            method,
            proof,
            certificates,
        },
        Answer::Best { .. } => Answer::Found {
            plan: other.clone(),
            cost: price.clone(),
            bound,
            method: Method::Greedy,
            stopped: StopReason::MethodEnds,
            certificates,
        },
        Answer::Found {
            bound,
            method,
            stopped,
            certificates,
            ..
        } => Answer::Found {
            plan: other.clone(),
            cost: price.clone(),
            bound,
            method,
            stopped,
            certificates,
        },
        other @ (Answer::Impossible { .. } | Answer::Unknown { .. }) => other,
    }
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
