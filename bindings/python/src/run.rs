//! Work under limits, with the interpreter free for other threads and Ctrl-C heard.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use extentplan::ask::Fault;
use extentplan::core::{Cost, Limits, Plan, Problem};
use extentplan::search::on_threads;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::error::exception;

/// Between two looks at signals: what a user takes for at once.
const LOOK: Duration = Duration::from_millis(20);
/// Between two reports of progress.
const REPORT: Duration = Duration::from_millis(200);
/// Stack of the thread that works, as main threads have it.
const STACK_BYTES: usize = 8 << 20;

/// What a run may use up, as Python has it.
#[pyclass(frozen)]
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    time: Option<Duration>,
    threads: Option<usize>,
    nodes: Option<u64>,
    seed: u64,
    /// Called with seconds, method, and by measure what was found and what was bounded.
    progress: Option<Arc<Py<PyAny>>>,
}

#[pymethods]
impl Bounds {
    #[new]
    fn new(
        time_limit: Option<f64>,
        threads: Option<usize>,
        node_limit: Option<u64>,
        seed: u64,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bounds> {
        let time = time_limit.map(|seconds| {
            Duration::try_from_secs_f64(seconds).map_err(|error| {
                PyValueError::new_err(format!(
                    "time_limit: found {seconds}, expected seconds from 0 on: {error}"
                ))
            })
        });
        Ok(Bounds {
            time: time.transpose()?,
            threads,
            nodes: node_limit,
            seed,
            progress: progress.map(Arc::new),
        })
    }
}

/// What a search said on its way.
#[derive(Clone, Default)]
struct Heard {
    method: &'static str,
    measures: Vec<String>,
    cost: Vec<u64>,
    bound: Vec<u64>,
}

impl Heard {
    fn of_problem(&mut self, problem: &Problem) {
        let measures = problem.objective().iter().map(ToString::to_string);
        let measures: Vec<String> = measures.collect();
        if measures != self.measures {
            self.cost.clear();
            self.bound.clear();
        }
        self.measures = measures;
    }

    fn by_measure<'a>(&'a self, values: &'a [u64]) -> Vec<(&'a str, u64)> {
        let values = values.iter().copied();
        self.measures
            .iter()
            .map(String::as_str)
            .zip(values)
            .collect()
    }
}

/// What was said last, and whether that is news.
#[derive(Default)]
struct News(Mutex<(Heard, bool)>);

impl News {
    fn hear(&self, change: impl FnOnce(&mut Heard)) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut held.0);
        held.1 = true;
    }

    /// What is new since it was asked last.
    fn take(&self) -> Option<Heard> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut held.1).then(|| held.0.clone())
    }
}

/// When a run ends, whatever it has found.
struct End {
    started: Instant,
    time: Option<Duration>,
    is_interrupted: AtomicBool,
}

impl End {
    fn remaining(&self) -> Option<Duration> {
        if self.is_interrupted.load(Ordering::Relaxed) {
            return Some(Duration::ZERO);
        }
        self.time
            .map(|time| time.saturating_sub(self.started.elapsed()))
    }
}

/// The time that a run took so far.
pub(crate) type Took<'a> = &'a dyn Fn() -> Duration;

/// Does `work` on a thread of its own, with the interpreter free meanwhile.
///
/// # Errors
/// Those of `work`, a signal's (`KeyboardInterrupt`) or those of who is told of progress, which do not wait for the work, and
/// `RuntimeError` for a mistake inside the library.
pub(crate) fn run<R: Send + 'static>(
    py: Python<'_>,
    bounds: &Bounds,
    work: impl FnOnce(&Limits<'_>, Took<'_>) -> Result<R, Fault> + Send + 'static,
) -> PyResult<R> {
    let Bounds {
        time,
        threads,
        nodes,
        seed,
        progress,
    } = bounds.clone();
    let end = Arc::new(End {
        started: Instant::now(),
        time,
        is_interrupted: AtomicBool::new(false),
    });
    let (report, reports) = channel();
    let of_work = Arc::clone(&end);
    let news = progress.as_ref().map(|_| Arc::new(News::default()));
    let told = news.clone();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    thread
        .spawn(move || {
            let end = of_work;
            let remaining = || end.remaining();
            let is_interrupted = || end.is_interrupted.load(Ordering::Relaxed);
            let told = told.as_deref();
            let found = |problem: &Problem, _: &Plan, cost: &Cost| {
                hear(told, |heard| {
                    heard.of_problem(problem);
                    heard.cost.clone_from(&cost.0);
                });
            };
            let bounded = |problem: &Problem, bound: &extentplan::core::Bound| {
                hear(told, |heard| {
                    heard.of_problem(problem);
                    if heard.bound < bound.0 {
                        heard.bound.clone_from(&bound.0);
                    }
                });
            };
            let asking = |method| hear(told, |heard| heard.method = method);
            let limits = Limits {
                remaining: &remaining,
                is_interrupted: &is_interrupted,
                found: &found,
                bounded: &bounded,
                asking: &asking,
                nodes: nodes.unwrap_or(Limits::none().nodes),
                seed,
                ..Limits::none()
            };
            let took = || end.started.elapsed();
            let done = catch_unwind(AssertUnwindSafe(|| match threads {
                None => work(&limits, &took),
                Some(count) => on_threads(count, || work(&limits, &took))
                    .unwrap_or_else(|error| Err(Fault::of(error))),
            }));
            // Nobody hears of it behind a signal.
            let _ = report.send(done);
        })
        .map_err(|error| PyRuntimeError::new_err(format!("no thread can be started: {error}")))?;
    let reports = Mutex::new(reports);
    let mut last: Option<Instant> = None;
    loop {
        let heard = py.detach(|| {
            let reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            reports.recv_timeout(LOOK)
        });
        match heard {
            Ok(Ok(done)) => return done.map_err(|fault| exception(py, &fault)),
            Ok(Err(panic)) => return Err(mistake(panic.as_ref())),
            Err(RecvTimeoutError::Disconnected) => return Err(mistake(&"without a word")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let mut heard = py.check_signals();
        if last.is_none_or(|last| last.elapsed() >= REPORT)
            && let (Some(progress), Some(heard_last)) =
                (&progress, news.as_ref().and_then(|news| news.take()))
        {
            last = Some(Instant::now());
            let cost = heard_last.by_measure(&heard_last.cost);
            let bound = heard_last.by_measure(&heard_last.bound);
            let told = (
                end.started.elapsed().as_secs_f64(),
                heard_last.method,
                cost,
                bound,
            );
            heard = heard.and_then(|()| progress.call1(py, told).map(drop));
        }
        if let Err(exception) = heard {
            end.is_interrupted.store(true, Ordering::Relaxed);
            return Err(exception);
        }
    }
}

fn hear(news: Option<&News>, change: impl FnOnce(&mut Heard)) {
    if let Some(news) = news {
        news.hear(change);
    }
}

/// A panic is a mistake of the library.
fn mistake(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("without a word");
    PyRuntimeError::new_err(format!("a mistake in extentplan, please report it: {text}"))
}
