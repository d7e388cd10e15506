//! What was planned, part after part, as its user wants it.

use std::sync::Arc;
use std::time::Duration;

use crate::ask::Outcome;
use crate::ask::built::Built;
use crate::ask::faults::Faults;
use crate::ask::lvm2_layout::Lvm2Layout;
use crate::ask::task::Task;
use crate::ask::verdict::{outcome, verdict};
use crate::core::{Answer, Request, Size};
use crate::json;
use crate::lvm::{self, Interlude, ScriptPart, Start};
use crate::show;

/// How what a plan makes unsafe is introduced.
pub(crate) const UNSAFE_ONCE_BUILT: &str = "unsafe once it is built";

/// What builds a plan, or why nothing does.
pub(crate) type Commands = Result<Built, String>;

/// One part with its answer.
#[derive(Clone, Debug)]
pub struct Planned {
    pub(crate) task: Arc<Task>,
    pub(crate) answer: Answer,
    /// None where there is no plan, or no volume group to build it in.
    pub(crate) commands: Option<Commands>,
    pub(crate) took: Duration,
    pub(crate) beside: Beside,
}

/// What a text has beside the answer itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// What LVM2 does with the same requests, and whether that is the plan.
    pub(crate) lvm2: Option<(Lvm2Layout, bool)>,
    /// What is unsafe once the plan is built, and was not before.
    pub(crate) faults: Faults,
    /// What would make room where there is no plan, in a sentence.
    pub(crate) offer: Option<String>,
    /// The sources before and after.
    pub(crate) pictures: String,
}

/// All parts so far.
#[derive(Clone, Debug, Default)]
pub struct AllPlanned {
    /// Each with its answer, in their order.
    pub parts: Vec<Planned>,
    /// Whether there are, or will be, several.
    pub are_several: bool,
    /// What is to be noted, a sentence each.
    pub notes: Vec<String>,
    /// What the group is known by before anything is done.
    pub(crate) start: Option<Start>,
}

impl AllPlanned {
    /// What the answers together mean to the exit code: that there is no plan on what was planned before is
    /// no proof that there is none at all.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let worst = |part: &Planned| outcome(&part.answer);
        match (self.parts.len(), self.parts.last().map(worst)) {
            (2.., Some(Outcome::No)) if !self.is_refuted() => Outcome::LimitRanOut,
            (_, None) => Outcome::LimitRanOut,
            (_, Some(last)) => last,
        }
    }

    /// Whether there is no plan for what was planned last wherever the parts before it are placed: it needs more than they
    /// leave free, and they leave as much wherever they are.
    fn is_refuted(&self) -> bool {
        let Some((last, before)) = self.parts.split_last() else {
            return false;
        };
        let is_exact =
            |request: &Request| request.value.is_none() && matches!(request.size, Size::Exactly(_));
        let mut before = before.iter().flat_map(|part| part.task.problem.requests());
        let problem = &last.task.problem;
        let needed = problem.requests().iter().filter(|one| is_exact(one));
        let needed = needed.filter_map(Request::total_extents).map(u128::from);
        let sources = problem.sources().iter();
        let free = sources.map(|source| u128::from(source.free.total()));
        before.all(is_exact) && needed.sum::<u128>() > free.sum()
    }

    /// The commands as a shell script; none where not every part is built.
    #[must_use]
    pub fn script(&self) -> Option<String> {
        // Without a plan for each of them none is built.
        let parts: Option<Vec<ScriptPart>> = self.parts.iter().map(Planned::as_script).collect();
        Some(lvm::script_of(self.start.as_ref()?, &parts?))
    }

    /// Whether there are commands for every part.
    #[must_use]
    pub fn are_built(&self) -> bool {
        self.parts.iter().all(|part| part.as_script().is_some())
    }

    /// What is unsafe once all is built, and was not before, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<&str> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| part.beside.faults.sentences.iter().map(String::as_str))
            .collect()
    }

    /// The answers as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(Planned::json).collect();
        if !self.are_several {
            return parts.concat();
        }
        json::plans_text(&parts)
    }

    /// Per answer what it is, what it costs and why it is so, in a sentence or two.
    #[must_use]
    pub fn verdicts(&self) -> Vec<String> {
        let parts = self.parts.iter();
        parts
            .map(|part| verdict(&part.task.problem, &part.answer))
            .collect()
    }

    /// The answers for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (index, part) in self.parts.iter().enumerate() {
            if self.are_several {
                let on = match index {
                    0 => "",
                    _ => ", on what the parts before it leave",
                };
                let gap = if index == 0 { "" } else { "\n" };
                text.push_str(&format!("{gap}part {}{on}\n", index + 1));
            }
            text.push_str(&part.text());
            if index > 0 && matches!(part.answer, Answer::Impossible { .. }) {
                text.push_str(if self.is_refuted() {
                    "these leave as much wherever they are placed: there is no plan\n"
                } else {
                    "where these are placed otherwise there may be a plan\n"
                });
            }
        }
        let mut commands = String::new();
        for part in &self.parts {
            match &part.commands {
                Some(Ok(_)) => {
                    for line in part.lines() {
                        commands.push_str(&format!("  {line}\n"));
                    }
                }
                Some(Err(error)) => text.push_str(&format!("\nno commands: {error}\n")),
                None => {}
            }
        }
        if !commands.is_empty() {
            text.push_str(&format!("\ncommands\n{commands}"));
        }
        text
    }
}

impl Planned {
    fn as_script(&self) -> Option<ScriptPart<'_>> {
        let (Some(group), Some(Ok(commands))) = (&self.task.group, &self.commands) else {
            return None;
        };
        let (commands, behind) = match commands {
            Built::Commands(commands) => (commands.as_slice(), group.behind.as_slice()),
            // Nothing is asked for behind it: that is another part.
            Built::Step(step) => (&[][..], std::slice::from_ref(&step.interlude)),
        };
        Some(ScriptPart {
            faults: &self.beside.faults.sentences,
            before: &group.before,
            group: &group.group,
            dictionary: &group.dictionary,
            commands,
            behind,
        })
    }

    /// The commands, and those around them, as lines of a shell. What one loses stands in front of it: behind it a shell
    /// that knows no comments where it is typed into would take the words for names.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Some(part) = self.as_script() else {
            return Vec::new();
        };
        let around = |one: &Interlude| {
            let loses = one.loses.iter().map(|loses| format!("# {loses}"));
            loses.chain([one.line.clone()]).collect::<Vec<String>>()
        };
        let faults = part.faults.iter();
        let faults = faults.map(|fault| format!("# {UNSAFE_ONCE_BUILT}: {fault}"));
        let before = part.before.iter().flat_map(around);
        let commands = part.commands.iter().map(ToString::to_string);
        let behind = part.behind.iter().flat_map(around);
        faults.chain(before).chain(commands).chain(behind).collect()
    }

    fn json(&self) -> String {
        let commands = self.commands.as_ref().map(|commands| match commands {
            Ok(_) => Ok(self.lines()),
            Err(error) => Err(error.clone()),
        });
        let objective = self.task.problem.objective();
        let lvm2 = self.beside.lvm2.as_ref();
        let beside = json::BesideAnswer {
            took: Some(self.took),
            faults: self.beside.faults.sentences.clone(),
            commands,
            allocator: lvm2.map(|(layout, is_own)| layout.export(objective, *is_own)),
        };
        json::write_answer_with(&self.task.problem, &self.answer, beside)
    }

    /// What is unsafe then, as lines of their own.
    fn unsafe_once_built(&self) -> String {
        match self.beside.faults.is_empty() {
            true => String::new(),
            false => format!("{UNSAFE_ONCE_BUILT}:\n{}", self.beside.faults.lines()),
        }
    }

    fn text(&self) -> String {
        let problem = &self.task.problem;
        if problem.requests().is_empty() {
            return format!("nothing is placed\n{}", self.unsafe_once_built());
        }
        let lvm2 = self.beside.lvm2.iter();
        let mut text: String = lvm2
            .map(|(layout, is_own)| layout.told(problem, *is_own))
            .collect();
        text.push_str(&verdict(problem, &self.answer));
        text.push_str(&format!("  in {}\n", duration(self.took)));
        text.push_str(&self.unsafe_once_built());
        if let Some(offer) = &self.beside.offer {
            text.push_str(offer);
        }
        if let Some(plan) = self.answer.plan() {
            text.push('\n');
            text.push_str(&show::layout(
                problem,
                plan,
                self.task.extent_bytes,
                &self.task.log_words(),
            ));
            text.push_str(&self.beside.pictures);
        }
        text
    }
}

fn duration(took: Duration) -> String {
    let microseconds = took.as_micros();
    match microseconds {
        0..1_000 => format!("{microseconds} us"),
        1_000..1_000_000 => format!("{}.{} ms", microseconds / 1_000, microseconds % 1_000 / 100),
        _ => format!(
            "{}.{:02} s",
            microseconds / 1_000_000,
            microseconds % 1_000_000 / 10_000
        ),
    }
}
