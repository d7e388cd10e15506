//! `extentplan plan`: the best layout for requests, its proof, and the commands that build it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;

use crate::cli::Outcome;
use crate::cli::limits::LimitOptions;
use crate::cli::lvm2_layout::Lvm2Layout;
use crate::cli::output::{self, Format};
use crate::cli::pool::mark;
use crate::cli::so_far::SoFar;
use crate::cli::strategy::StrategyOptions;
use crate::cli::task::{GroupTask, Task, TaskArguments};
use crate::cli::watch;
use crate::core::{
    Answer, Bound, Certificate, Cost, Limits, Measure, Plan, Problem, Source, explain,
};
use crate::json;
use crate::lvm;
use crate::show::{self, Holding, MapStyle};
use crate::solve::solve;

/// Finds the best layout for requests and proves it best, or proves that there is none
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    task: TaskArguments,
    #[command(flatten)]
    strategy: StrategyOptions,
    #[command(flatten)]
    limits: LimitOptions,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write pool and requests to this file, as a problem that `check`, `export` and `plan` read
    #[arg(long, value_name = "FILE")]
    problem_out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let format = if arguments.json {
        Format::Json
    } else {
        arguments.format
    };
    let started = Instant::now();
    watch::leave(nothing_read(format, started));
    let task = Arc::new(arguments.task.read()?);
    if format == Format::Commands && task.group.is_none() {
        bail!(
            "--format commands needs a volume group; {} is none",
            arguments.task.pool_name()
        );
    }
    if let Some(path) = &arguments.problem_out {
        output::save(path, &json::write_problem(&task.problem, task.extent_bytes))?;
    }
    let strategy = arguments.strategy.strategy();
    let so_far = Arc::new(SoFar::default());
    watch::leave(last_word(&task, &so_far, format, started));
    let answer = arguments.limits.run(|limits| {
        let found = |_: &Problem, plan: &Plan, cost: &Cost| so_far.hear(plan, cost);
        let bounded = |_: &Problem, bound: &Bound| so_far.hear_bound(bound);
        let limits = Limits {
            found: &found,
            bounded: &bounded,
            ..*limits
        };
        solve(&task.problem, &strategy, &limits).map_err(anyhow::Error::from)
    })?;
    so_far.conclude(answer.clone());
    let group = task.group.as_ref();
    let lvm2 = group.map(|group| Lvm2Layout::of(group, &task.problem));
    let own = lvm2.as_ref().and_then(|lvm2| lvm2.as_good_as(&answer));
    let is_own = own.is_some();
    let (answer, commands) = match own {
        Some((plan, price, commands)) => {
            let answer = with_plan(answer, plan, price);
            (answer, Some(Ok(commands.to_vec())))
        }
        None => arranged(&task, answer),
    };
    let refusal = group.and_then(|group| group.refusal.clone());
    let commands = commands.map(|commands| refusal.map_or(commands, Err));
    let took = started.elapsed();
    let beside = Beside {
        lvm2: lvm2.map(|layout| (layout, is_own)),
        pictures: match format {
            Format::Text | Format::Html => pictures(&task, &answer),
            Format::Json | Format::Commands | Format::Svg => String::new(),
        },
    };
    if let (Format::Commands, Some(Err(error))) = (format, &commands) {
        bail!("{error}");
    }
    output::print(&written(&task, &answer, &commands, format, took, &beside))?;
    Ok(outcome(&answer))
}

/// What is said if a limit ends the run before the task is read.
fn nothing_read(format: Format, started: Instant) -> watch::LastWord {
    Box::new(move |stopped| {
        let answer = Answer::Unknown {
            bound: Bound::default(),
            stopped,
        };
        let nothing = Problem::new(Vec::new(), Vec::new(), Vec::new());
        let nothing = nothing.expect("nothing has no defect");
        let text = match format {
            Format::Json => json::write_answer(&nothing, &answer, Some(started.elapsed())),
            Format::Text => verdict(&nothing, &answer),
            Format::Commands | Format::Svg | Format::Html => {
                output::remark(verdict(&nothing, &answer).trim_end());
                String::new()
            }
        };
        Ok((text, Outcome::LimitRanOut))
    })
}

/// What is said if a limit ends the run: the best plan so far. How LVM2 could be made to build it takes a
/// search of its own, and is said to be missing; pictures are left out.
fn last_word(
    task: &Arc<Task>,
    so_far: &Arc<SoFar>,
    format: Format,
    started: Instant,
) -> watch::LastWord {
    let (task, so_far) = (Arc::clone(task), Arc::clone(so_far));
    Box::new(move |reason| {
        let answer = so_far.answer(reason);
        let has_plan = answer.plan().is_some();
        let missing = (task.group.is_some() && has_plan)
            .then(|| Err(format!("{} before they were found", reason.as_end())));
        let text = written(
            &task,
            &answer,
            &missing,
            format,
            started.elapsed(),
            &Beside::default(),
        );
        let outcome = match format {
            Format::Commands if has_plan => Outcome::LimitRanOut,
            Format::Text | Format::Json | Format::Commands | Format::Svg | Format::Html => {
                outcome(&answer)
            }
        };
        Ok((text, outcome))
    })
}

/// What a text has beside the answer itself.
#[derive(Default)]
struct Beside {
    /// What LVM2 does with the same requests, and whether that is the plan.
    lvm2: Option<(Lvm2Layout, bool)>,
    /// The sources before and after.
    pictures: String,
}

/// The answer as the user wants it. Where commands are wanted and there are none, why not goes to standard
/// error.
fn written(
    task: &Task,
    answer: &Answer,
    commands: &Option<Commands>,
    format: Format,
    took: Duration,
    beside: &Beside,
) -> String {
    match format {
        Format::Json => json(task, answer, commands.as_ref(), took, beside),
        Format::Text => text(task, answer, commands, took, beside),
        Format::Commands => match (&task.group, commands) {
            (Some(group), Some(Ok(commands))) => {
                let changed = group.changed.as_ref();
                lvm::script_after(&group.group, changed, &group.dictionary, commands)
            }
            (_, commands) => {
                output::remark(verdict(&task.problem, answer).trim_end());
                if let Some(Err(error)) = commands {
                    output::remark(&format!("no commands: {error}"));
                }
                String::new()
            }
        },
        Format::Svg => drawing(task, answer),
        Format::Html => {
            let list = text(task, answer, commands, took, beside);
            show::html(&title(task), &drawing(task, answer), &list)
        }
    }
}

/// What an answer means to the exit code.
pub(crate) fn outcome(answer: &Answer) -> Outcome {
    match answer {
        Answer::Best { .. } | Answer::Found { .. } => Outcome::Yes,
        Answer::Impossible { .. } => Outcome::No,
        Answer::Unknown { .. } => Outcome::LimitRanOut,
    }
}

fn json(
    task: &Task,
    answer: &Answer,
    commands: Option<&Commands>,
    took: Duration,
    beside: &Beside,
) -> String {
    let before = task.group.iter().flat_map(GroupTask::lines_before);
    let lines = commands.map(|commands| match commands {
        Ok(commands) => {
            let lines = commands.iter().map(ToString::to_string);
            Ok(before.map(str::to_string).chain(lines).collect())
        }
        Err(error) => Err(error.clone()),
    });
    let objective = task.problem.objective();
    let lvm2 = beside.lvm2.as_ref();
    let beside = json::BesideAnswer {
        took: Some(took),
        commands: lines,
        allocator: lvm2.map(|(layout, is_own)| layout.export(objective, *is_own)),
    };
    json::write_answer_with(&task.problem, answer, beside)
}

fn text(
    task: &Task,
    answer: &Answer,
    commands: &Option<Commands>,
    took: Duration,
    beside: &Beside,
) -> String {
    let problem = &task.problem;
    let lvm2 = beside.lvm2.iter();
    let mut text: String = lvm2
        .map(|(layout, is_own)| layout.told(problem, *is_own))
        .collect();
    text.push_str(&verdict(problem, answer));
    text.push_str(&format!("  in {}\n", duration(took)));
    let Some(plan) = answer.plan() else {
        return text;
    };
    text.push('\n');
    text.push_str(&show::layout(problem, plan, task.extent_bytes));
    text.push_str(&beside.pictures);
    match commands {
        Some(Ok(commands)) => {
            text.push_str("\ncommands\n");
            for line in task.group.iter().flat_map(GroupTask::lines_before) {
                text.push_str(&format!("  {line}\n"));
            }
            for command in commands {
                text.push_str(&format!("  {command}\n"));
            }
        }
        Some(Err(error)) => text.push_str(&format!("\nno commands: {error}\n")),
        None => {}
    }
    text
}

/// The answer in a line or two: what it is, what it costs, why it is so.
pub(crate) fn verdict(problem: &Problem, answer: &Answer) -> String {
    let objective = problem.objective();
    let words = match answer {
        Answer::Best {
            cost,
            method,
            proof,
            ..
        } => format!(
            "best: {} - proven: {}, found by {method}",
            show::costs(objective, &cost.0),
            proofs(objective, answer, proof.name())
        ),
        Answer::Found {
            cost,
            bound,
            method,
            stopped,
            ..
        } => format!(
            "found: {} - found by {method}, not proven best: {stopped}; {}",
            show::costs(objective, &cost.0),
            gap(objective, cost, bound, answer)
        ),
        Answer::Impossible { why } => format!("impossible: {}", explain(problem, why)),
        Answer::Unknown { bound, stopped } => format!(
            "unknown: neither a plan nor a proof that there is none: {stopped}{}",
            if bound.0.is_empty() {
                String::new()
            } else {
                format!("; no plan is below {}", show::costs(objective, &bound.0))
            }
        ),
    };
    show::wrapped("", " ", words.split(' ').map(str::to_string))
}

/// By what each measure is proven: by a certificate, or by nothing but a search that ended as it says.
fn proofs(objective: &[Measure], answer: &Answer, ended: &str) -> String {
    let by = |index: usize| match certificate(answer, index) {
        Some(certificate) => certificate.name().to_string(),
        None => format!("search ({ended})"),
    };
    let all: Vec<String> = (0..objective.len()).map(by).collect();
    if all.windows(2).all(|pair| pair[0] == pair[1]) {
        return format!("by {}", all.first().map_or("nothing", String::as_str));
    }
    let named = objective.iter().zip(all);
    let words: Vec<String> = named
        .map(|(measure, by)| format!("{measure} by {by}"))
        .collect();
    words.join(", ")
}

fn certificate(answer: &Answer, position: usize) -> Option<&Certificate> {
    answer.certificates().get(position)?.as_ref()
}

/// How far the plan may be from the best.
fn gap(objective: &[Measure], cost: &Cost, bound: &Bound, answer: &Answer) -> String {
    let mut words = Vec::new();
    for (index, measure) in objective.iter().enumerate() {
        let (value, lower) = (cost.0[index], bound.0.get(index).copied());
        words.push(match lower {
            Some(lower) => format!(
                "{measure} at least {lower} (gap {}, by {})",
                value.saturating_sub(lower),
                certificate(answer, index).map_or("search", Certificate::name)
            ),
            None => format!("{measure} not bounded"),
        });
        // Later bounds hold only where the earlier measures are tight.
        if lower != Some(value) {
            break;
        }
    }
    words.join(", ")
}

/// Most sources of which a picture shows also those that a plan leaves alone.
const FEW_SOURCES: usize = 24;

/// The sources before and after.
fn pictures(task: &Task, answer: &Answer) -> String {
    let style = MapStyle {
        width: show::WIDTH,
        is_coloured: output::is_coloured(),
    };
    let (holdings, legend) = taken(&task.problem, answer);
    // Of many sources only those that the plan touches.
    let sources = task.problem.sources();
    let mut is_touched = vec![sources.len() <= FEW_SOURCES; sources.len()];
    for holding in &holdings {
        is_touched[holding.source] = true;
    }
    let mut line_of = vec![None; sources.len()];
    let mut touched: Vec<Source> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        if is_touched[index] {
            line_of[index] = Some(touched.len());
            touched.push(source.clone());
        }
    }
    let lines = holdings.into_iter().filter_map(|holding| {
        let source = line_of[holding.source]?;
        Some(Holding { source, ..holding })
    });
    let shown: Vec<Holding> = lines.collect();
    let words = legend.iter().map(|(mark, name)| format!("{mark} {name}"));
    let words = std::iter::once(". free  # in use".to_string()).chain(words);
    format!(
        "\nbefore\n{}\nafter\n{}{}",
        show::map(&touched, &[], style),
        show::map(&touched, &shown, style),
        show::wrapped("  ", "  ", words)
    )
}

/// What the plan takes, with a mark for each leg, and what the marks mean.
fn taken(problem: &Problem, answer: &Answer) -> (Vec<Holding>, Vec<(char, String)>) {
    let mut holdings = Vec::new();
    let mut legend = Vec::new();
    let Some(plan) = answer.plan() else {
        return (holdings, legend);
    };
    for (request, allocation) in problem.requests().iter().zip(&plan.allocations) {
        let Some(allocation) = allocation else {
            continue;
        };
        let legs = allocation.legs.iter().enumerate().map(|(leg, segments)| {
            let metadata = allocation.metadata.get(leg);
            let segments: Vec<_> = metadata.into_iter().chain(segments).copied().collect();
            (format!("{} leg {leg}", request.name), segments)
        });
        let logs = allocation.logs.iter().enumerate();
        let logs =
            logs.map(|(log, &segment)| (format!("{} log {log}", request.name), vec![segment]));
        for (name, segments) in legs.chain(logs) {
            let mark = mark(legend.len());
            legend.push((mark, name));
            holdings.extend(segments.into_iter().map(|segment| Holding {
                source: segment.source,
                area: segment.area,
                mark,
            }));
        }
    }
    (holdings, legend)
}

fn drawing(task: &Task, answer: &Answer) -> String {
    let (holdings, legend) = taken(&task.problem, answer);
    show::svg(task.problem.sources(), &holdings, &legend)
}

fn title(task: &Task) -> String {
    let names: Vec<&str> = task
        .problem
        .requests()
        .iter()
        .map(|r| r.name.as_str())
        .collect();
    format!("Layout of {}", names.join(", "))
}

/// What builds a plan, or why nothing does.
type Commands = Result<Vec<lvm::LvCommand>, String>;

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
    let (Answer::Best { plan, .. } | Answer::Found { plan, .. }) = &mut answer else {
        return (answer, None);
    };
    let built = lvm::in_few_commands(&task.problem, &group.group, &group.dictionary, plan);
    let commands = built.map(|(other, commands)| {
        *plan = other;
        commands
    });
    (answer, Some(commands.map_err(|error| error.to_string())))
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
