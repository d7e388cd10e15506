//! `capacity --when`: the month in which growth no longer fits, and what moves that by a year.

use crate::ask::Outcome;
use crate::ask::capacity::answer_text::ended_by;
use crate::ask::capacity::answers::ended;
use crate::ask::capacity::outlook::Outlook;
use crate::ask::capacity::raw::RawAnswers;
use crate::ask::capacity::subject::{CapacityQuestion, Gathered};
use crate::ask::capacity::{answer_json, when_json, when_text};
use crate::ask::fault::{Fault, Result, fault};
use crate::ask::pool::Settled;
use crate::capacity::{Change, Fixed, Model, forecast};
use crate::core::{Limits, Problem, Request, StopReason};
use crate::lvm::{self, LvCommand, SizeArgument, Verb, VolumeGroup};
use crate::scenario::{Growing, Growth, Rate, Scenario, ScenarioError};
use crate::show;
use crate::solve::Strategy;

/// Looks ahead so many months, with what a scenario that `file` has in messages says of growth.
///
/// # Errors
/// If pool and requests do not go together, or the scenario says nothing of growth, or what makes no problem.
pub fn outlook(
    asked: Settled<'_>,
    question: &CapacityQuestion,
    (scenario, file): (&Scenario, &str),
    months: u64,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Outlook> {
    let group = asked.pool.group_name().map(str::to_string);
    let (gathered, extent_bytes) = question.gathered(asked)?;
    let of_file = |error: ScenarioError| Fault::scenario(file, &error);
    let growth = scenario.growth(extent_bytes).map_err(of_file)?;
    let wrong = |growth: &Growth, message: &str| of_file(scenario.cannot_grow(growth, message));
    let future = Future::new(gathered, &growth, &wrong)?;
    // What makes no problem in the first month never will.
    for (index, one) in growth.iter().enumerate() {
        if let Err(error) = future.of(&future.steps[..=index], 1) {
            let error = scenario.grows_too_fast(one, &format!("by month 1: {error}"));
            return Err(of_file(error));
        }
    }
    let purchase = question.purchase(extent_bytes)?;
    let at = |month: u64| future.at(month).ok();
    let forecast = forecast(&at, months, &purchase, strategy, limits);
    Ok(Outlook {
        forecast: forecast.map_err(|error| fault!("the outlook: {error}"))?,
        growth: future.words(&growth, extent_bytes),
        extent_bytes,
        group,
        stopped: ended(limits),
    })
}

impl Outlook {
    /// The months as JSON.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json(&self) -> Result<String> {
        answer_json::write(&RawAnswers {
            stopped: self.stopped.map(StopReason::name),
            ..when_json::export(self)?
        })
    }

    /// The months for people.
    #[must_use]
    pub fn text(&self, style: show::MapStyle) -> String {
        when_text::write(self, style) + &ended_by(self.stopped)
    }

    /// What the months mean to the exit code.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (&self.forecast.fails, self.forecast.is_proven()) {
            (Some(_), _) => Outcome::No,
            (None, true) => Outcome::Yes,
            (None, false) => Outcome::LimitRanOut,
        }
    }
}

/// What is asked for as a function of the month.
struct Future {
    now: Now,
    /// Per growing thing how fast, and what it has today.
    steps: Vec<Step>,
}

/// The requests that there are without any growth.
enum Now {
    Native(Problem),
    Group {
        group: Box<VolumeGroup>,
        commands: Vec<LvCommand>,
        settings: lvm::Settings,
    },
}

/// Something that grows.
struct Step {
    rate: Rate,
    /// Extents it has today, which percentages are of.
    start: u64,
    of: StepOf,
}

enum StepOf {
    /// A request of our own, by index.
    Request(usize),
    /// A new request of our own.
    NewRequest(String),
    /// A command that takes the extents as its size.
    Command(Box<LvCommand>),
}

impl Future {
    fn new(
        gathered: Gathered,
        growth: &[Growth],
        wrong: &dyn Fn(&Growth, &str) -> Fault,
    ) -> Result<Future> {
        let mut steps = Vec::new();
        let now = match gathered {
            Gathered::Native(problem) => Now::Native(problem),
            Gathered::Group {
                group,
                commands,
                settings,
                is_open,
            } => {
                if is_open {
                    return Err(fault!("--when: the commands need sizes"));
                }
                Now::Group {
                    group,
                    commands: commands.into_iter().map(|(_, command)| command).collect(),
                    settings,
                }
            }
        };
        for one in growth {
            let name = new_name(&now, &steps);
            let (start, of) = match (&now, &one.what) {
                (Now::Native(problem), Growing::Volume(name)) => {
                    let mut requests = problem.requests().iter();
                    let index = requests.position(|request| request.name == *name);
                    let index = index
                        .ok_or_else(|| wrong(one, &format!("there is no request `{name}`")))?;
                    let start = problem.requests()[index].size.wanted();
                    (start, StepOf::Request(index))
                }
                (Now::Native(problem), Growing::Pool { shape: None }) => {
                    (held(problem), StepOf::NewRequest(name))
                }
                (Now::Native(_), Growing::Pool { shape: Some(_) }) => {
                    let message = "a shape is LVM2's; expected a volume group, not a problem";
                    return Err(wrong(one, message));
                }
                (
                    Now::Group {
                        group, commands, ..
                    },
                    Growing::Volume(name),
                ) => {
                    let start = volume_extents(group, commands, name);
                    let start = start.map_err(|message| wrong(one, &message))?;
                    let mut command = LvCommand::new(Verb::Extend);
                    command.volume_group = Some(group.name.clone());
                    command.name = Some(name.clone());
                    (start, StepOf::Command(Box::new(command)))
                }
                (Now::Group { group, .. }, Growing::Pool { shape }) => {
                    let shape = shape.as_deref().unwrap_or_default();
                    let line = format!("lvcreate -l 1 -n {name} {} {shape}", group.name);
                    let read = lvm::read_commands(&line);
                    let read = read.map_err(|error| wrong(one, &error.to_string()))?;
                    let [(_, command)] = read.as_slice() else {
                        let message = "expected the arguments of one lvcreate";
                        return Err(wrong(one, message));
                    };
                    let start = group.extent_count() - group.free_count();
                    (start, StepOf::Command(Box::new(command.clone())))
                }
            };
            let rate = one.rate;
            steps.push(Step { rate, start, of });
        }
        Ok(Future { now, steps })
    }

    /// What is asked for by the end of a month.
    ///
    /// # Errors
    /// If that makes no problem: a number too large, a volume that cannot grow.
    fn at(&self, month: u64) -> std::result::Result<Problem, String> {
        self.of(&self.steps, month)
    }

    /// The same where nothing grows but this.
    fn of(&self, steps: &[Step], month: u64) -> std::result::Result<Problem, String> {
        let too_large = || "more than 2^64 - 1 extents".to_string();
        let more = |step: &Step| step.rate.after(step.start, month).ok_or_else(too_large);
        match &self.now {
            Now::Native(problem) => {
                let mut model = Fixed(problem.clone());
                let mut new = Vec::new();
                for step in steps {
                    let more = more(step)?;
                    match &step.of {
                        StepOf::Request(index) => {
                            let stripes = problem.requests()[*index].shape.stripes;
                            let extents = step.start.checked_add(more);
                            let extents =
                                extents.and_then(|sum| sum.checked_next_multiple_of(stripes));
                            let change = Change::Extents(extents.ok_or_else(too_large)?);
                            let changed = model.changed(*index, &[change]);
                            model = Fixed(changed.ok_or_else(|| {
                                let name = &problem.requests()[*index].name;
                                format!("request `{name}` cannot have that size")
                            })?);
                        }
                        StepOf::NewRequest(name) => new.push(Request::linear(name, more.max(1))),
                        StepOf::Command(_) => {}
                    }
                }
                let mut requests = model.0.requests().to_vec();
                requests.extend(new);
                let sources = problem.sources().to_vec();
                let objective = problem.objective().to_vec();
                Problem::new(sources, requests, objective).map_err(|defects| defects[0].to_string())
            }
            Now::Group {
                group,
                commands,
                settings,
            } => {
                let mut commands = commands.clone();
                for step in steps {
                    if let StepOf::Command(command) = &step.of {
                        let extents = more(step)?.max(1);
                        let mut command = command.as_ref().clone();
                        command.size = Some(match command.verb {
                            Verb::Extend => SizeArgument::more_extents(extents),
                            Verb::Create | Verb::Convert | Verb::Change => {
                                SizeArgument::extents(extents)
                            }
                        });
                        commands.push(command);
                    }
                }
                let imported = lvm::import(group, &commands, settings);
                imported
                    .map(|(problem, _)| problem)
                    .map_err(|error| error.to_string())
            }
        }
    }

    /// What grows and how fast, in words.
    fn words(&self, growth: &[Growth], extent_bytes: Option<u64>) -> Vec<String> {
        let pairs = growth.iter().zip(&self.steps);
        let words = pairs.map(|(growth, step)| {
            let what = match &growth.what {
                Growing::Volume(name) => name.clone(),
                Growing::Pool { shape: Some(shape) } => format!("new volumes ({shape})"),
                Growing::Pool { shape: None } => "new volumes".to_string(),
            };
            let rate = match step.rate {
                Rate::Extents {
                    numerator,
                    denominator,
                } => {
                    if let Some(size) = part_of_an_extent(numerator, denominator, extent_bytes) {
                        return format!("{what}: {size} a month");
                    }
                    let month = step.rate.after(step.start, 1).unwrap_or(u64::MAX);
                    format!("{} a month", show::extents(month, extent_bytes))
                }
                Rate::Share { .. } => {
                    let start = show::extents(step.start, extent_bytes);
                    format!("{} a month, from {start}", step.rate)
                }
            };
            format!("{what}: {rate}")
        });
        words.collect()
    }
}

/// A name for what is new: `growth`, or `growth2` and so on where that is taken.
fn new_name(now: &Now, steps: &[Step]) -> String {
    let is_taken = |name: &String| {
        let is_new = |step: &Step| match &step.of {
            StepOf::NewRequest(other) => other == name,
            StepOf::Command(command) => command.name.as_ref() == Some(name),
            StepOf::Request(_) => false,
        };
        steps.iter().any(is_new)
            || match now {
                Now::Native(problem) => problem.requests().iter().any(|one| one.name == *name),
                Now::Group {
                    group, commands, ..
                } => {
                    group.logical_volume(name).is_some()
                        || commands.iter().any(|one| one.name.as_ref() == Some(name))
                }
            }
    };
    let first = std::iter::once("growth".to_string());
    let mut names = first.chain((2u64..).map(|number| format!("growth{number}")));
    let free = names.find(|name| !is_taken(name));
    free.expect("there are more numbers than names")
}

/// Extents of a problem that are not free.
fn held(problem: &Problem) -> u64 {
    let held = problem.sources().iter().map(|s| s.extents - s.free.total());
    held.fold(0, u64::saturating_add)
}

/// Logical extents of a volume that is there, or that a command makes.
fn volume_extents(
    group: &VolumeGroup,
    commands: &[LvCommand],
    name: &str,
) -> std::result::Result<u64, String> {
    if commands.iter().any(|one| one.name.as_deref() == Some(name)) {
        let settings = lvm::Settings::default();
        let imported = lvm::import(group, commands, &settings);
        let (_, dictionary) = imported.map_err(|error| error.to_string())?;
        let mut entries = dictionary.entries.iter();
        let entry = entries.find(|entry| entry.name == name);
        let whole = |entry: &lvm::Entry| entry.existing_extents.checked_add(entry.demand.extents);
        return entry
            .and_then(whole)
            .ok_or_else(|| format!("the commands ask for no extents of `{name}`"));
    }
    let existing = lvm::existing(group, name).map_err(|error| error.to_string())?;
    Ok(existing.extents)
}

/// What is no whole number of extents, in bytes.
fn part_of_an_extent(
    numerator: u64,
    denominator: u64,
    extent_bytes: Option<u64>,
) -> Option<String> {
    let bytes = u128::from(numerator) * u128::from(extent_bytes?);
    let bytes = u64::try_from(bytes / u128::from(denominator.max(1))).ok()?;
    (!numerator.is_multiple_of(denominator.max(1))).then(|| show::bytes(1, bytes))
}
