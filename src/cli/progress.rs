//! How far a search is: its best, its bound and the gap between them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::{output, terminal};
use crate::core::{Bound, Cost, Measure, Problem};
use crate::show;

/// Time between two pictures of a moving line.
const TICK: Duration = Duration::from_millis(120);

/// The line that moves, for whoever has to take it away.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// What a search is heard to say: a moving line on a terminal, or a line for each step where the user wants to know.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    known: Mutex<Known>,
    methods: Mutex<Methods>,
}

/// What is known so far of a problem.
#[derive(Default)]
struct Known {
    /// What its costs are of: a search for something else begins anew.
    objective: Vec<Measure>,
    best: Option<Vec<u64>>,
    bound: Option<Vec<u64>>,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let bar = terminal::shows_progress().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{elapsed}  {wide_msg}");
            let bar = bar.with_style(style.expect("a template that is right"));
            bar.enable_steady_tick(TICK);
            *shown() = Some(bar.clone());
            bar
        });
        Progress {
            bar,
            started: Instant::now(),
            known: Mutex::default(),
            methods: Mutex::default(),
        }
    }

    /// Hears of a plan that is better than the one before.
    pub(crate) fn hear(&self, problem: &Problem, cost: &Cost) {
        let mut known = locked(&self.known);
        known.begin(problem.objective());
        if known.best.as_ref() != Some(&cost.0) {
            locked(&self.methods).found(true);
        }
        known.best = Some(cost.0.clone());
        self.say(problem.objective(), "a plan", &cost.0, &known);
    }

    /// Hears of a bound, which may be better than the one before.
    pub(crate) fn hear_bound(&self, problem: &Problem, bound: &Bound) {
        let mut known = locked(&self.known);
        known.begin(problem.objective());
        if !bound.0.is_empty() && known.bound.as_ref().is_none_or(|held| *held < bound.0) {
            known.bound = Some(bound.0.clone());
            locked(&self.methods).found(false);
            self.say(problem.objective(), "no plan is below", &bound.0, &known);
        }
    }

    /// Hears which method is asked next.
    pub(crate) fn hear_method(&self, method: &'static str) {
        locked(&self.methods).begin(method, Instant::now());
    }

    fn say(&self, objective: &[Measure], what: &str, values: &[u64], known: &Known) {
        if terminal::is_verbose() {
            let milliseconds = self.started.elapsed().as_millis();
            let costs = show::costs(objective, values);
            output::remark(&format!("{milliseconds:>8} ms  {what}: {costs}"));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(words(objective, known));
        }
    }
}

/// Which methods were asked, in the order in which each was asked first.
#[derive(Default)]
struct Methods {
    list: Vec<Method>,
    /// Index of the one that is asked now, and since when.
    now: Option<(usize, Instant)>,
}

struct Method {
    name: &'static str,
    took: Duration,
    /// Whether the best plan so far is its own, and the best bound.
    has_plan: bool,
    has_bound: bool,
}

impl Methods {
    fn begin(&mut self, name: &'static str, at: Instant) {
        self.end(at);
        let known = self.list.iter().position(|method| method.name == name);
        let index = known.unwrap_or_else(|| {
            self.list.push(Method {
                name,
                took: Duration::ZERO,
                has_plan: false,
                has_bound: false,
            });
            self.list.len() - 1
        });
        self.now = Some((index, at));
    }

    fn end(&mut self, at: Instant) {
        if let Some((index, since)) = self.now.take() {
            self.list[index].took += at.duration_since(since);
        }
    }

    /// The one that is asked now has found what is the best so far, a plan or else a bound.
    fn found(&mut self, is_plan: bool) {
        let now = self.now.map(|(index, _)| index);
        for (index, method) in self.list.iter_mut().enumerate() {
            match is_plan {
                true => method.has_plan = Some(index) == now,
                false => method.has_bound = Some(index) == now,
            }
        }
    }

    /// `greedy 0.1 ms; search for its class 3.4 ms (plan and bound)`.
    fn words(&mut self, at: Instant) -> Option<String> {
        self.end(at);
        let one = |method: &Method| {
            let gave = match (method.has_plan, method.has_bound) {
                (true, true) => " (gave the plan and the bound)",
                (true, false) => " (gave the plan)",
                (false, true) => " (gave the bound)",
                (false, false) => "",
            };
            let tenths = method.took.as_micros() / 100;
            format!("{} {}.{} ms{gave}", method.name, tenths / 10, tenths % 10)
        };
        let words: Vec<String> = self.list.iter().map(one).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

impl Known {
    /// Forgets what is known of a problem with another objective.
    fn begin(&mut self, objective: &[Measure]) {
        if self.objective != objective {
            *self = Known {
                objective: objective.to_vec(),
                ..Known::default()
            };
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        take_away();
        if terminal::is_verbose()
            && let Some(words) = locked(&self.methods).words(Instant::now())
        {
            let milliseconds = self.started.elapsed().as_millis();
            output::remark(&format!("{milliseconds:>8} ms  asked: {words}"));
        }
    }
}

/// Takes the moving line away, if there is one.
pub(crate) fn take_away() {
    if let Some(bar) = shown().take() {
        bar.finish_and_clear();
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    locked(&SHOWN)
}

/// What is known, in words: `best segments 5; bound segments 3; gap 2`.
fn words(objective: &[Measure], known: &Known) -> String {
    let costs =
        |what: &str, values: &Vec<u64>| format!("{what} {}", show::costs(objective, values));
    let words = [
        known.best.as_ref().map(|best| costs("best", best)),
        known.bound.as_ref().map(|bound| costs("bound", bound)),
        gap(known).map(|gap| format!("gap {gap}")),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// How far the first measure that is not yet proven is from its bound.
fn gap(known: &Known) -> Option<u64> {
    let (best, bound) = (known.best.as_ref()?, known.bound.as_ref()?);
    let mut pairs = best.iter().zip(bound);
    let open = pairs.find(|(best, bound)| best != bound);
    Some(open.map_or(0, |(best, bound)| best.saturating_sub(*bound)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_with_their_time_and_what_they_gave() {
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut methods = Methods::default();
        assert_eq!(methods.words(start), None);
        methods.begin("greedy", start);
        methods.found(true);
        methods.begin("bounds", after(2));
        methods.found(false);
        methods.begin("greedy", after(5));
        methods.begin("integer program", after(6));
        methods.found(true);
        assert_eq!(
            methods.words(after(10)).as_deref(),
            Some(
                "greedy 3.0 ms; bounds 3.0 ms (gave the bound); integer program 4.0 ms (gave the plan)"
            )
        );
    }

    #[test]
    fn the_gap_is_that_of_the_first_measure_that_is_open() {
        let known = |best: &[u64], bound: &[u64]| Known {
            best: Some(best.to_vec()),
            bound: Some(bound.to_vec()),
            ..Known::default()
        };
        let objective = [Measure::Segments, Measure::Sources];
        let open = known(&[5, 4], &[5, 1]);
        assert_eq!(
            words(&objective, &open),
            "best segments 5, sources 4; bound segments 5, sources 1; gap 3"
        );
        assert_eq!(gap(&known(&[5, 4], &[3])), Some(2));
        assert_eq!(gap(&Known::default()), None);
    }
}
