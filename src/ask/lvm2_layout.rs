//! What LVM2's own allocator does with the same requests, and how good that is.

use crate::ask::built::{Built, BuiltStep};
use crate::ask::faults::Faults;
use crate::ask::task::{GroupTask, NotMade};
use crate::core::{Answer, Cost, Measure, Plan, Problem, check, cost};
use crate::json;
use crate::lvm::{self, VolumeGroup};
use crate::show;

/// What LVM2 makes of the commands as they were typed.
#[derive(Clone, Debug)]
pub(crate) struct Lvm2Layout {
    /// The LVM2 that was asked.
    pub(crate) version: lvm::Version,
    /// What it does.
    pub(crate) outcome: Lvm2Outcome,
    /// Whether it would take the commands as they were typed.
    is_in_full: bool,
}

/// Whether LVM2 places it, and how well.
#[derive(Clone, Debug)]
pub(crate) enum Lvm2Outcome {
    /// It does not, and says so; or that is not known.
    Not(NotMade),
    /// It does.
    Places {
        /// What is unsafe then, and was not before.
        faults: Faults,
        /// The first rule of the requests that its layout breaks.
        broken: Option<String>,
        /// The plan that it comes to, and what that costs, where it keeps all rules.
        plan: Option<(Plan, Cost)>,
        /// The commands that make it so, with all that LVM2 is to be told.
        commands: Option<Built>,
    },
}

/// A layout of LVM2 that keeps all rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnLayout<'l> {
    pub(crate) plan: &'l Plan,
    pub(crate) cost: &'l Cost,
    pub(crate) commands: &'l Built,
    /// What is unsafe then, and was not before.
    pub(crate) faults: &'l Faults,
}

impl Lvm2Layout {
    /// What LVM2 does with the commands.
    pub(crate) fn of(group: &GroupTask, problem: &Problem) -> Lvm2Layout {
        let outcome = match made(group, problem) {
            Err(why) => Lvm2Outcome::Not(why),
            Ok((after, plan, commands)) => placed(group, problem, &after, plan, commands),
        };
        Lvm2Layout {
            version: group.settings.version,
            outcome,
            is_in_full: group.is_in_full,
        }
    }

    /// What LVM2's layout, where it keeps all rules, shows to be wrong about an answer.
    pub(crate) fn contradicts(&self, answer: &Answer) -> Option<String> {
        let Lvm2Outcome::Places {
            plan: Some((_, Cost(theirs))),
            ..
        } = &self.outcome
        else {
            return None;
        };
        let bound = match answer {
            Answer::Impossible { .. } => {
                return Some("it is impossible, but LVM2 places it by all rules".to_string());
            }
            Answer::Best { cost, .. } => &cost.0,
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => &bound.0,
        };
        // A bound of a later measure holds where the earlier ones are tight.
        let compared = theirs.len().min(bound.len());
        (theirs[..compared] < bound[..compared])
            .then(|| format!("no plan is below {bound:?}, but that of LVM2 costs {theirs:?}"))
    }

    /// Its layout, where that keeps all rules.
    pub(crate) fn layout(&self) -> Option<OwnLayout<'_>> {
        match &self.outcome {
            Lvm2Outcome::Places {
                faults,
                plan: Some((plan, cost)),
                commands: Some(commands),
                broken: _,
            } => Some(OwnLayout {
                plan,
                cost,
                commands,
                faults,
            }),
            Lvm2Outcome::Places { .. } | Lvm2Outcome::Not(_) => None,
        }
    }

    /// The same for an answer as JSON.
    pub(crate) fn export(&self, objective: &[Measure], is_plan: bool) -> json::Allocator {
        let mut allocator = json::Allocator {
            name: format!("LVM2 {}", self.version),
            refusal: None,
            unknown: None,
            faults: Vec::new(),
            broken: None,
            cost: None,
            is_plan,
        };
        match &self.outcome {
            Lvm2Outcome::Not(why) => {
                (allocator.refusal, allocator.unknown) = (why.refusal(), why.unknown());
            }
            Lvm2Outcome::Places {
                faults,
                broken,
                plan,
                commands: _,
            } => {
                allocator.faults.clone_from(&faults.sentences);
                allocator.broken.clone_from(broken);
                let price = plan.as_ref().map(|(_, price)| price);
                allocator.cost = price.map(|Cost(values)| {
                    objective
                        .iter()
                        .copied()
                        .zip(values.iter().copied())
                        .collect()
                });
            }
        }
        allocator
    }

    /// The same as [`Lvm2Layout::told`] in one line.
    pub(crate) fn in_a_line(&self, problem: &Problem, is_as_good: bool) -> String {
        let text = self.told(problem, is_as_good);
        let text = text.replacen(" refuses\n", " refuses: ", 1);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether LVM2 places it, what is unsafe about its layout, and how good it is.
    pub(crate) fn told(&self, problem: &Problem, is_as_good: bool) -> String {
        let version = self.version;
        let (faults, broken, plan) = match &self.outcome {
            Lvm2Outcome::Not(NotMade::Unknown(what)) => {
                let words = format!("LVM2 {version}: what it does is not known: {what}");
                return show::wrapped("", "  ", words.split(' ').map(str::to_string));
            }
            Lvm2Outcome::Not(NotMade::Refused(refusal)) => {
                let lines = refusal.lines();
                let lines =
                    lines.map(|line| show::wrapped("  ", " ", line.split(' ').map(str::to_string)));
                return format!("LVM2 {version} refuses\n{}", lines.collect::<String>());
            }
            Lvm2Outcome::Places {
                faults,
                broken,
                plan,
                commands: _,
            } => (faults, broken, plan),
        };
        if !faults.is_empty() && !is_as_good {
            return format!("LVM2 {version} places it, and unsafe:\n{}", faults.lines());
        }
        let words = match (plan, broken) {
            _ if is_as_good && self.is_in_full => {
                "places it as well: run your own command".to_string()
            }
            // Groups and devices are named as LVM2 wants them.
            _ if is_as_good => {
                "places it as well: run your own command, spelled out as below".to_string()
            }
            (Some((_, Cost(cost))), _) => {
                format!("places it: {}", show::costs(problem.objective(), cost))
            }
            (None, Some(broken)) => format!("places it, but {broken}"),
            (None, None) => "places it".to_string(),
        };
        let words = words.split(' ').map(str::to_string);
        show::wrapped(&format!("LVM2 {version} "), " ", words)
    }
}

/// The group that LVM2 leaves, the plan that this comes to, and the commands that make it so; or its refusal.
type Made = (VolumeGroup, Option<Plan>, Option<Built>);

fn made(group: &GroupTask, problem: &Problem) -> Result<Made, NotMade> {
    let Some(placing) = &group.placing else {
        let after = group.simulated()?;
        let plan = lvm::plan_made(&group.group, &after, problem, &group.dictionary);
        let commands = group.spelled_out().ok().map(Built::Commands);
        return Ok((after, plan, commands));
    };
    if let Some(refusal) = &group.refusal {
        return Err(NotMade::Refused(refusal.clone()));
    }
    let made = lvm::placed_by_lvm2(&group.group, placing, &placing.typed, &group.settings);
    let lvm::Made { after, plan } = made.map_err(NotMade::of)?;
    let step = BuiltStep::of(group, &placing.typed, after.clone());
    Ok((after, plan, Some(Built::Step(Box::new(step)))))
}

fn placed(
    group: &GroupTask,
    problem: &Problem,
    after: &VolumeGroup,
    plan: Option<Plan>,
    commands: Option<Built>,
) -> Lvm2Outcome {
    let broken = plan.iter().flat_map(|plan| check(problem, plan)).next();
    let plan = plan.filter(|_| broken.is_none());
    Lvm2Outcome::Places {
        faults: Faults::new(&group.original, after),
        broken: broken.map(|violation| violation.to_string()),
        plan: plan.map(|plan| {
            let price = cost(problem, &plan);
            (plan, price)
        }),
        commands,
    }
}
