//! Pools of a fleet as texts for another process, and the rows of some of them.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use extentplan::ask::{CapacityQuestion, Fault, SettingsQuestion};
use extentplan::core::Measure;
use extentplan::fleet::{FleetQuestion, Item, Manner, RowFormat, Sources, ask_each};
use extentplan::solve::Strategy;
use pyo3::prelude::*;

use crate::Lvm2;
use crate::error::exception;
use crate::run::{Bounds, run};

/// The pools of files and folders, as texts.
#[pyclass(frozen)]
pub(crate) struct FleetItems {
    sources: Mutex<Sources>,
}

#[pymethods]
impl FleetItems {
    #[new]
    fn new(py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<FleetItems> {
        let sources = py.detach(|| Sources::new(&paths));
        let sources = sources.map_err(|fault| exception(py, &fault))?;
        Ok(FleetItems {
            sources: Mutex::new(sources),
        })
    }

    /// The next ones, at most so many; none at the end.
    fn take(&self, py: Python<'_>, count: usize) -> Vec<String> {
        py.detach(|| {
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            sources
                .by_ref()
                .take(count)
                .map(|item| item.packed())
                .collect()
        })
    }
}

/// What is asked of each pool, as Python has it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct FleetOptions {
    requests: Vec<Vec<String>>,
    domains: Vec<String>,
    objective: Vec<String>,
    count: Option<u64>,
    each: Option<f64>,
    seconds: bool,
}

impl FleetOptions {
    fn question(&self, name: &str) -> Result<FleetQuestion, Fault> {
        Ok(match name {
            "audit" => FleetQuestion::Audit(self.domains.clone()),
            "survive" => FleetQuestion::Survive(self.domains.clone()),
            "capacity" => FleetQuestion::Capacity(CapacityQuestion {
                commands: self.requests.clone(),
                count: self.count,
                ..CapacityQuestion::default()
            }),
            "plan" => {
                let measures = self.objective.iter();
                let measures = measures.map(|word| word.parse::<Measure>().map_err(Fault::of));
                FleetQuestion::Plan(self.requests.clone(), measures.collect::<Result<_, _>>()?)
            }
            _ => {
                return Err(Fault::of(format!(
                    "question: found {name:?}, expected audit, capacity, plan or survive"
                )));
            }
        })
    }
}

/// The rows of some pools, a text for each: an object a line. Without pools only the question is looked over.
#[pyfunction]
pub(crate) fn fleet_rows(
    py: Python<'_>,
    items: Vec<String>,
    question: String,
    options: FleetOptions,
    lvm2: &Bound<'_, Lvm2>,
    bounds: &Bound<'_, Bounds>,
) -> PyResult<Vec<String>> {
    let lvm2 = lvm2.get().clone();
    run(py, bounds.get(), move |limits, _| {
        let question = options.question(&question)?;
        let settings = SettingsQuestion {
            version: lvm2.version,
            config: &lvm2.config,
            ..SettingsQuestion::default()
        };
        question.check(&settings)?;
        let each = options.each.map(|seconds| {
            Duration::try_from_secs_f64(seconds)
                .map_err(|error| Fault::of(format!("each: found {seconds}: {error}")))
        });
        let started = Instant::now();
        let clock = || started.elapsed();
        let manner = Manner {
            settings: &settings,
            strategy: &Strategy::default(),
            time: each.transpose()?,
            clock: &clock,
            mirrors: None,
        };
        let rows = items.iter().map(|packed| {
            let rows = ask_each(Item::unpacked(packed)?, &question, &manner, limits);
            let written = rows.into_iter().map(|mut row| {
                row.took = row.took.filter(|_| options.seconds);
                row.written(RowFormat::JsonLines)
            });
            Ok(written.collect())
        });
        rows.collect()
    })
}
