//! The module `extentplan._extentplan`: questions and answers as texts. The package around it makes them typed values.

mod error;
mod fleet;
mod run;

use std::sync::Arc;

use extentplan::ask::{
    self, AllPlanned, Capacity, CapacityQuestion, Fault, InOrder, Made, Parts, Rearrange,
    RearrangeQuestion, Requests, SettingsQuestion, Settled, Told, Typed,
};
use extentplan::capacity::Prefer;
use extentplan::core::{Measure, Problem};
use extentplan::json;
use extentplan::lvm::{Settings, Version};
use extentplan::scenario::{self, Scenario};
use extentplan::show;
use extentplan::solve::Strategy;
use pyo3::prelude::*;

use crate::error::exception;
use crate::run::{Bounds, run};

/// A pool, as it was read.
#[pyclass(frozen)]
#[derive(Clone)]
struct Pool {
    pool: ask::Pool,
    text: Arc<str>,
    name: Arc<str>,
    /// What if: changes made before anything is asked.
    scenario: Option<Arc<Scenario>>,
}

/// What messages call a scenario.
const SCENARIO: &str = "scenario";

#[pymethods]
impl Pool {
    /// The pool of a file's bytes, which `name` has in messages, and the text of a scenario.
    #[new]
    fn new(
        py: Python<'_>,
        bytes: Vec<u8>,
        name: &str,
        wanted: Option<&str>,
        scenario: Option<&str>,
    ) -> PyResult<Pool> {
        let read = || {
            let text = ask::pool_text(bytes, name)?;
            let pool = ask::Pool::read(&text, name, wanted)?;
            pool.check_names(&text, name)?;
            let scenario = scenario.map(scenario::read).transpose();
            let scenario = scenario.map_err(|error| Fault::scenario(SCENARIO, &error))?;
            let read = Pool {
                pool,
                text: text.into(),
                name: name.into(),
                scenario: scenario.map(Arc::new),
            };
            read.as_is()?;
            Ok(read)
        };
        py.detach(read).map_err(|fault| exception(py, &fault))
    }

    /// The volume group; none for a problem.
    #[getter]
    fn group(&self) -> Option<&str> {
        self.pool.group_name()
    }

    /// What is to be noted, a sentence each.
    #[getter]
    fn notes(&self) -> Vec<String> {
        let order = self.pool.order_note(&self.text, &self.name);
        let unsaid = self.pool.unsaid_note(&self.name);
        order.into_iter().chain(unsaid).collect()
    }

    /// The sources as a problem without requests, in JSON.
    fn sources(&self, py: Python<'_>) -> PyResult<String> {
        let pool = self.as_is().map_err(|fault| exception(py, &fault))?;
        let sources = pool.sources();
        match Problem::new(sources, Vec::new(), Vec::new()) {
            Ok(problem) => Ok(json::write_problem(&problem, self.pool.extent_bytes())),
            Err(defects) => Err(exception(py, &Fault::from(defects))),
        }
    }

    /// The logical volumes, in JSON; none for a problem.
    fn volumes(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let pool = self.as_is().map_err(|fault| exception(py, &fault))?;
        let ask::Pool::Group(group) = &pool else {
            return Ok(None);
        };
        let volumes = ask::volumes_json(group, None).map_err(|fault| exception(py, &fault))?;
        Ok(Some(volumes))
    }
}

impl Pool {
    /// How LVM2 behaves, and what is to be noted.
    fn settings(&self, lvm2: &Lvm2) -> Result<(Settings, Option<String>), Fault> {
        let question = SettingsQuestion {
            version: lvm2.version,
            config: &lvm2.config,
            ..SettingsQuestion::default()
        };
        question.settings(&self.text)
    }

    fn settled(&self, lvm2: &Lvm2) -> Result<Settled<'_>, Fault> {
        let settings = self.settings(lvm2)?.0;
        Ok(Settled {
            pool: self.changed(&settings)?,
            name: &self.name,
            settings,
        })
    }

    /// The pool after the changes of its scenario.
    fn changed(&self, settings: &Settings) -> Result<ask::Pool, Fault> {
        let Some(scenario) = &self.scenario else {
            return Ok(self.pool.clone());
        };
        let changed = self.pool.changed(scenario, settings);
        changed.map_err(|error| Fault::scenario(SCENARIO, &error))
    }

    /// The same where nothing is said about LVM2.
    fn as_is(&self) -> Result<ask::Pool, Fault> {
        if self.scenario.is_none() {
            return Ok(self.pool.clone());
        }
        let (settings, _) = SettingsQuestion::default().settings(&self.text)?;
        self.changed(&settings)
    }
}

/// How LVM2 behaves, as far as Python says it.
#[pyclass(frozen)]
#[derive(Clone)]
struct Lvm2 {
    pub(crate) version: Option<Version>,
    pub(crate) config: Vec<String>,
}

#[pymethods]
impl Lvm2 {
    #[new]
    fn new(py: Python<'_>, version: Option<&str>, config: Vec<String>) -> PyResult<Lvm2> {
        let version = version.map(|word| {
            let version = word.parse::<Version>();
            version.map_err(|error| exception(py, &Fault::of(format!("lvm2: {error}"))))
        });
        Ok(Lvm2 {
            version: version.transpose()?,
            config,
        })
    }
}

/// Requests: commands of LVM2 in words, or a text of our own.
#[derive(FromPyObject)]
enum Asked {
    Commands(Vec<Vec<String>>),
    Text(String),
}

impl Asked {
    fn requests(self, settings: &Settings) -> Result<Requests, Fault> {
        match self {
            Asked::Text(text) => Ok(Requests::read(text, "requests", settings)?.0),
            Asked::Commands(commands) if commands.is_empty() => Ok(Requests::None),
            Asked::Commands(commands) => {
                let steps = commands.iter().enumerate().map(|(index, words)| {
                    let read = Typed::of_words(words, settings);
                    read.map_err(|fault| fault.of_request(index))
                });
                let steps: Vec<_> = steps.collect::<Result<_, Fault>>()?;
                Ok(Requests::Commands(steps.concat()))
            }
        }
    }
}

/// What was planned.
#[pyclass(frozen)]
struct Planned {
    planned: AllPlanned,
    unplanned: Option<String>,
    notes: Vec<String>,
}

#[pymethods]
impl Planned {
    fn json(&self) -> String {
        self.planned.json()
    }

    fn text(&self) -> String {
        self.planned.text()
    }

    /// Per part its answer in a sentence or two, in one line.
    fn verdicts(&self) -> Vec<String> {
        let lines = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.planned.verdicts().into_iter().map(lines).collect()
    }

    fn svg(&self) -> String {
        show::drawing(&self.planned.report(&Made::default()))
    }

    fn html(&self) -> String {
        show::page(&self.planned.report(&Made::default()))
    }

    fn script(&self) -> Option<String> {
        self.planned.script()
    }

    /// The first request that is not planned, as what it stands on is not built.
    #[getter]
    fn unplanned(&self) -> Option<&str> {
        self.unplanned.as_deref()
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

#[pyfunction]
fn plan(
    py: Python<'_>,
    pool: &Bound<'_, Pool>,
    requests: Asked,
    objective: Vec<String>,
    lvm2: &Bound<'_, Lvm2>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<Planned> {
    let (pool, lvm2) = (pool.get().clone(), lvm2.get().clone());
    run(py, bounds.get(), move |limits, took| {
        let measures = objective.iter().map(|word| {
            let measure = word.parse::<Measure>();
            measure.map_err(|error| Fault::of(format!("objective: {error}")))
        });
        let measures = measures.collect::<Result<Vec<_>, Fault>>()?;
        let (settings, note) = pool.settings(&lvm2)?;
        let in_order = InOrder::of(pool.pool, pool.scenario.as_deref(), settings);
        let in_order = in_order.map_err(|error| Fault::scenario(SCENARIO, &error))?;
        let requests = requests.requests(in_order.settings())?;
        let parts = Parts::of(&pool.name, in_order, requests, measures)?;
        let mut rest = parts.rest;
        let strategy = Strategy::default();
        let planned = ask::plan(parts.first, &mut rest, |task, _, _| {
            ask::plan_part(task, &strategy, limits, took)
        })?;
        let mut notes: Vec<String> = note.into_iter().chain(parts.notes).collect();
        notes.extend(planned.notes.iter().cloned());
        Ok(Planned {
            unplanned: rest.first().map(|typed| typed.origin.clone()),
            notes,
            planned,
        })
    })
}

/// A question about capacity, as Python has it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct CapacityOptions {
    request: Option<String>,
    count: Option<u64>,
    prefer: Option<String>,
    add: bool,
    disks: Vec<String>,
    tags: Vec<String>,
    why: bool,
    /// Months to look ahead.
    when: Option<u64>,
}

impl CapacityOptions {
    fn question(self, requests: Asked, settings: &Settings) -> Result<CapacityQuestion, Fault> {
        let (requests, commands) = match requests {
            Asked::Commands(commands) => (Requests::None, commands),
            text @ Asked::Text(_) => (text.requests(settings)?, Vec::new()),
        };
        let prefer = match self.prefer.as_deref() {
            None => None,
            Some("value") => Some(Prefer::Value),
            Some("count") => Some(Prefer::Count),
            Some(other) => {
                let message = format!("prefer: found {other:?}, expected \"value\" or \"count\"");
                return Err(Fault::of(message));
            }
        };
        Ok(CapacityQuestion {
            requests,
            commands,
            request: self.request,
            count: self.count,
            prefer,
            add: self.add,
            disks: self.disks,
            tags: self.tags,
            why: self.why,
        })
    }
}

/// The answers as JSON and for people; those about growth drawn, too.
#[pyfunction]
fn capacity(
    py: Python<'_>,
    pool: &Bound<'_, Pool>,
    requests: Asked,
    options: CapacityOptions,
    lvm2: &Bound<'_, Lvm2>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<(String, String, Option<String>)> {
    let (pool, lvm2) = (pool.get().clone(), lvm2.get().clone());
    run(py, bounds.get(), move |limits, _| {
        let asked = pool.settled(&lvm2)?;
        let when = options.when;
        let question = options.question(requests, &asked.settings)?;
        let strategy = Strategy::default();
        let Some(months) = when else {
            let capacity = Capacity::new(question, asked)?;
            let answer = capacity.answer(&strategy, limits)?;
            return Ok((answer.json()?, answer.text(), None));
        };
        let growing = pool.scenario.as_deref().filter(|scenario| scenario.grows());
        let growing = growing.ok_or_else(|| {
            Fault::of("when: found no [[growth]], expected a pool that was read with a scenario which says what grows")
        })?;
        let growing = (growing, SCENARIO);
        let outlook = ask::outlook(asked, &question, growing, months, &strategy, limits)?;
        Ok((
            outlook.json()?,
            outlook.text(show::MapStyle::plain()),
            Some(show::drawing(&outlook.report(&Made::default()))),
        ))
    })
}

/// What failures come to, as JSON and for people.
#[pyfunction]
fn survive(
    py: Python<'_>,
    pool: &Bound<'_, Pool>,
    domains: Vec<String>,
    options: CapacityOptions,
    lvm2: &Bound<'_, Lvm2>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<(String, String)> {
    let (pool, lvm2) = (pool.get().clone(), lvm2.get().clone());
    run(py, bounds.get(), move |limits, _| {
        let strategy = Strategy::default();
        let asked = pool.settled(&lvm2)?;
        let question = options.question(Asked::Commands(Vec::new()), &asked.settings)?;
        let survival = ask::survive(asked, &domains, &question, &strategy, limits)?;
        Ok((survival.json()?, survival.text()))
    })
}

/// What is unsafe or poor, as JSON and for people.
#[pyfunction]
fn audit(
    py: Python<'_>,
    pool: &Bound<'_, Pool>,
    domains: Vec<String>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<(String, String)> {
    let pool = pool.get().clone();
    run(py, bounds.get(), move |_, _| {
        let name = &pool.name;
        let changed = pool.as_is()?;
        let ask::Pool::Group(group) = &changed else {
            let message = format!(
                "{name} is a problem; expected a volume group, which has volumes to look at"
            );
            return Err(Fault::of(message));
        };
        let found = ask::audit(group, &domains).map_err(|fault| {
            // The program has another word for them there.
            Fault::of(fault.to_string().replacen("--tag:", "domains:", 1))
        })?;
        ask::audit_outcome(name, &found)?;
        let printable = group.clone().printable();
        let text = ask::audit_text(&printable, &found, true);
        Ok((ask::audit_json(&found)?, text))
    })
}

/// What is wanted of a volume group, as Python has it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct RearrangeOptions {
    drain: Vec<String>,
    shrink: Vec<String>,
    heal: bool,
    to: Option<String>,
    defragment: Option<Vec<String>>,
    budget: Option<String>,
    balance: bool,
    room: Option<Asked>,
    domains: Vec<String>,
    keep: Vec<String>,
    ignore_policy: bool,
    most_moves: Option<u64>,
    rate: Option<String>,
}

impl RearrangeOptions {
    fn question(self, settings: &Settings) -> Result<RearrangeQuestion, Fault> {
        Ok(RearrangeQuestion {
            drain: self.drain,
            shrink: self.shrink,
            heal: self.heal,
            to: self.to.map(|text| ("to".to_string(), text)),
            defragment: self.defragment,
            budget: self.budget,
            balance: self.balance,
            room: self.room.map(|room| room.requests(settings)).transpose()?,
            domains: self.domains,
            keep: self.keep,
            ignore_policy: self.ignore_policy,
            most_moves: self.most_moves,
            rate: self.rate.as_deref().map(rate).transpose()?,
            is_changed: false,
        })
    }
}

/// Bytes that are copied in a second.
fn rate(word: &str) -> Result<u64, Fault> {
    ask::rate(word).map_err(|fault| Fault::of(format!("rate: {fault}")))
}

/// Moves that were found.
#[pyclass(frozen)]
struct Moves(Told, Vec<String>);

#[pymethods]
impl Moves {
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        self.0.json().map_err(|fault| exception(py, &fault))
    }

    fn text(&self) -> String {
        self.0.text()
    }

    fn svg(&self) -> String {
        show::drawing(&self.0.report(&Made::default()))
    }

    fn html(&self) -> String {
        show::page(&self.0.report(&Made::default()))
    }

    /// Why there is none goes with the answer itself.
    fn script(&self) -> Option<String> {
        let script = self.0.script().ok().flatten();
        script.map(|(script, _)| script)
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.1.clone()
    }
}

#[pyfunction]
fn rearrange(
    py: Python<'_>,
    pool: &Bound<'_, Pool>,
    options: RearrangeOptions,
    lvm2: &Bound<'_, Lvm2>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<Moves> {
    let (pool, lvm2) = (pool.get().clone(), lvm2.get().clone());
    run(py, bounds.get(), move |limits, took| {
        let asked = pool.settled(&lvm2)?;
        let question = Rearrange::new(options.question(&asked.settings)?, asked)?;
        let notes = question.notes().to_vec();
        let told = question.answer(&Strategy::default(), limits, took)?;
        Ok(Moves(told, notes))
    })
}

/// What is wrong with a plan, a sentence each, and where nothing is, what shows it.
#[pyfunction]
fn check(
    py: Python<'_>,
    problem: String,
    plan: String,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<(Vec<String>, String)> {
    run(py, bounds.get(), move |_, _| {
        let problem =
            json::read_problem(&problem).map_err(|error| Fault::json("problem", &error))?;
        let plan = json::read_plan(&plan, &problem).map_err(|error| Fault::json("plan", &error))?;
        let verdict = ask::check(&problem, &plan);
        Ok((verdict.faults, verdict.words))
    })
}

/// Questions and answers as texts.
#[pymodule]
fn _extentplan(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("version", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Pool>()?;
    module.add_class::<Lvm2>()?;
    module.add_class::<Bounds>()?;
    module.add_class::<Planned>()?;
    module.add_class::<Moves>()?;
    module.add_function(wrap_pyfunction!(plan, module)?)?;
    module.add_function(wrap_pyfunction!(capacity, module)?)?;
    module.add_function(wrap_pyfunction!(survive, module)?)?;
    module.add_function(wrap_pyfunction!(audit, module)?)?;
    module.add_function(wrap_pyfunction!(rearrange, module)?)?;
    module.add_function(wrap_pyfunction!(check, module)?)?;
    module.add_class::<fleet::FleetItems>()?;
    module.add_function(wrap_pyfunction!(fleet::fleet_rows, module)?)?;
    Ok(())
}
