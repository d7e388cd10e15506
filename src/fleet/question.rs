//! One question, asked of each pool of a fleet.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ask::{
    AllPlanned, Capacity, CapacityQuestion, Fault, InOrder, Outcome, Parts, Pool, Requests,
    SettingsQuestion, Settled, Short, Typed, audit, plan, plan_part, survive,
};
use crate::core::{Limits, Measure};
use crate::fleet::line::host_of_line;
use crate::fleet::{Item, LargestMirror, PoolText, Row};
use crate::lvm;
use crate::solve::Strategy;

/// What is asked of each pool.
#[derive(Clone, Debug)]
pub enum FleetQuestion {
    /// What is unsafe; disks of these tags fail together.
    Audit(Vec<String>),
    /// How large, or how many.
    Capacity(CapacityQuestion),
    /// The best layout of commands, by these measures.
    Plan(Vec<Vec<String>>, Vec<Measure>),
    /// Whether all could be repaired in place after the failure of any one disk, or of all of a tag.
    Survive(Vec<String>),
}

/// Time since some start.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// How a question is asked, and what bounds each answer.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// How LVM2 behaves.
    pub settings: &'a SettingsQuestion<'a>,
    /// Who solves.
    pub strategy: &'a Strategy,
    /// Time for each pool.
    pub time: Option<Duration>,
    /// Who says how long it took.
    pub clock: Clock<'a>,
    /// Where an audit keeps the largest mirror that could be created, if anybody wants to know.
    pub mirrors: Option<&'a LargestMirror>,
}

impl FleetQuestion {
    /// Looks over what can be looked over without a pool.
    ///
    /// # Errors
    /// If a setting or a command is none.
    pub fn check(&self, settings: &SettingsQuestion<'_>) -> Result<(), Fault> {
        let (settings, _) = settings.settings("")?;
        let commands = match self {
            FleetQuestion::Audit(_) | FleetQuestion::Survive(_) => return Ok(()),
            FleetQuestion::Capacity(question) if question.commands.is_empty() => {
                return Err(Fault::of(
                    "nothing is requested; give a command behind `--`, as `-- lvcreate --type raid1 -m 1`",
                ));
            }
            FleetQuestion::Plan(commands, _) if commands.is_empty() => {
                return Err(Fault::of(
                    "nothing is requested; give a command behind `--`, as `-- lvcreate -L 10g`",
                ));
            }
            FleetQuestion::Plan(commands, _) => commands,
            FleetQuestion::Capacity(question) => return question.check(),
        };
        commands
            .iter()
            .try_for_each(|words| Typed::of_words(words, &settings).map(|_| ()))
    }
}

/// The rows of an item: one for each volume group, or one that says what is wrong.
#[must_use]
pub fn ask_each(
    item: Item,
    question: &FleetQuestion,
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Vec<Row> {
    let Item {
        file,
        line,
        host,
        text,
    } = item;
    let started = (manner.clock)();
    let place = match line {
        Some(line) => format!("{file}: line {line}"),
        None => file.to_string(),
    };
    let wrong = |host: &str, fault: &Fault| {
        let row = Row::of_fault(host, fault);
        let place = Some(file.to_string());
        match (line, row.line) {
            (None, _) => Row { place, ..row },
            (Some(line), None) => Row {
                place,
                line: Some(line),
                ..row
            },
            // Of the text on that line, which has lines of its own.
            (Some(line), Some(inner)) => Row {
                error: row
                    .error
                    .map(|error| format!("{error} (line {inner} of its text)")),
                place,
                line: Some(line),
                ..row
            },
        }
    };
    let text = match text {
        Ok(text) => text,
        Err(fault) => return vec![wrong(&host, &fault)],
    };
    let read = match line {
        Some(_) => PoolText::of_line(&text),
        None => Ok(PoolText {
            host: None,
            tags: Default::default(),
            text: text.as_str().into(),
        }),
    };
    let pool = match read {
        Ok(pool) => pool,
        Err(fault) => {
            let mut placed = Fault::of(format!("{place}: {fault}"));
            placed.column = fault.column;
            let named = host_of_line(&text);
            return vec![wrong(named.as_ref().unwrap_or(&host), &placed)];
        }
    };
    let host = pool.host.as_deref().unwrap_or(&host);
    let pools = match Pool::read_all(&pool.text, &place) {
        Ok(pools) => pools,
        Err(fault) => return vec![wrong(host, &fault)],
    };
    let mut before = started;
    let rows = pools.into_iter().map(|one| {
        let group = one.group_name().map(str::to_string);
        let size = size(&one, question);
        let own = (before, manner.time);
        let answer = within(limits, own, manner.clock, |limits| {
            short(one, &pool.text, &place, (question, manner), limits)
        });
        let row = match answer {
            Ok(row) => Row {
                host: host.to_string(),
                ..row
            },
            Err(fault) => wrong(host, &fault),
        };
        let now = (manner.clock)();
        let took = now.saturating_sub(before);
        before = now;
        Row {
            group,
            extents: Some(size.extents),
            free_extents: row.free_extents.or(size.free),
            extent_bytes: size.extent_bytes,
            took: Some(took),
            ..row
        }
    });
    rows.collect()
}

/// How much there is in a pool.
struct Size {
    extents: u64,
    /// What is free; `None` where the answer says it.
    free: Option<u64>,
    extent_bytes: Option<u64>,
}

fn size(pool: &Pool, question: &FleetQuestion) -> Size {
    let (extents, free) = match (pool, question) {
        (Pool::Group(group), FleetQuestion::Audit(_)) => (group.extent_count(), None),
        (Pool::Group(group), _) => (group.extent_count(), Some(group.free_count())),
        (Pool::Native(document), _) => {
            let sources = document.problem.sources().iter();
            sources.fold((0, Some(0)), |(all, free), source| {
                let free = free.map(|free: u64| free.saturating_add(source.free.total()));
                (all + source.extents, free)
            })
        }
    };
    Size {
        extents,
        free,
        extent_bytes: pool.extent_bytes(),
    }
}

/// The answer of one pool, as the row of no host in particular.
fn short(
    pool: Pool,
    text: &str,
    name: &str,
    (question, manner): (&FleetQuestion, &Manner<'_>),
    limits: &Limits<'_>,
) -> Result<Row, Fault> {
    let settled = |pool: Pool| -> Result<Settled<'_>, Fault> {
        pool.check_names(text, name)?;
        let (settings, _) = manner.settings.settings(text)?;
        Ok(Settled {
            pool,
            name,
            settings,
        })
    };
    let strategy = manner.strategy;
    let short = match question {
        FleetQuestion::Audit(tags) => {
            let Pool::Group(group) = pool else {
                return Err(Fault::of(format!(
                    "{name} is a problem; expected an LVM2 volume group, which has volumes to look at"
                )));
            };
            let audit = audit(&group, tags)?;
            let may_be_in = |known: &&LargestMirror| known.may_be_in(&group, &audit);
            let known = manner.mirrors.filter(may_be_in);
            let candidate = known.and_then(|known| {
                let (settings, _) = manner.settings.settings(text).ok()?;
                known.candidate(group, settings, name)
            });
            return Ok(Row {
                free_extents: Some(audit.free_extents),
                mirror: candidate.map(Box::new),
                ..Row::of_short("", Short::of_audit(&audit))
            });
        }
        FleetQuestion::Capacity(question) => {
            if let Pool::Group(group) = &pool
                && let Some(refusal) = lvm::missing(group)
            {
                return Err(Fault::of(refusal));
            }
            let capacity = Capacity::new(question.clone(), settled(pool)?)?;
            capacity.answer(strategy, limits)?.short()
        }
        FleetQuestion::Survive(domains) => {
            let nothing = CapacityQuestion::default();
            survive(settled(pool)?, domains, &nothing, strategy, limits)?.short()
        }
        FleetQuestion::Plan(commands, objective) => {
            let (planned, is_whole) = planned(
                settled(pool)?,
                commands,
                objective,
                strategy,
                limits,
                manner.clock,
            )?;
            let mut short = planned.short();
            if !is_whole && short.outcome == Outcome::Yes {
                // Something behind it was not planned.
                short.answer = "unknown";
                short.outcome = Outcome::LimitRanOut;
                short.bound = BTreeMap::new();
            }
            short
        }
    };
    Ok(Row::of_short("", short))
}

/// The layout of commands in a pool, and whether nothing behind it is left to be planned.
///
/// # Errors
/// If a command is none, the pool does not take it, or an answer is wrong.
pub(crate) fn planned(
    settled: Settled<'_>,
    commands: &[Vec<String>],
    objective: &[Measure],
    strategy: &Strategy,
    limits: &Limits<'_>,
    clock: Clock<'_>,
) -> Result<(AllPlanned, bool), Fault> {
    let Settled {
        pool,
        name,
        settings,
    } = settled;
    let typed = commands.iter();
    let typed = typed.map(|words| Typed::of_words(words, &settings));
    let typed: Vec<_> = typed.collect::<Result<_, _>>()?;
    let requests = Requests::Commands(typed.concat());
    let in_order = InOrder::of(pool, None, settings);
    let in_order = in_order.map_err(|error| Fault::of(format!("{name}: {error:?}")))?;
    let Parts {
        first, mut rest, ..
    } = Parts::of(name, in_order, requests, objective.to_vec())?;
    let started = clock();
    let took = || clock().saturating_sub(started);
    let done = plan(first, &mut rest, |task, _, _| {
        plan_part(task, strategy, limits, &took)
    })?;
    Ok((done, rest.first().is_none()))
}

/// Limits that also end so much time after a start.
pub(crate) fn within<R>(
    limits: &Limits<'_>,
    (started, time): (Duration, Option<Duration>),
    clock: Clock<'_>,
    work: impl FnOnce(&Limits<'_>) -> R,
) -> R {
    let end = time.map(|time| started + time);
    let remaining = || {
        let own = end.map(|end| end.saturating_sub(clock()));
        own.into_iter().chain((limits.remaining)()).min()
    };
    work(&Limits {
        remaining: &remaining,
        ..*limits
    })
}
