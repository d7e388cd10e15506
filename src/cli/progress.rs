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
        }
    }

    /// Hears of a plan that is better than the one before.
    pub(crate) fn hear(&self, problem: &Problem, cost: &Cost) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.begin(problem.objective());
        known.best = Some(cost.0.clone());
        self.say(problem.objective(), "a plan", &cost.0, &known);
    }

    /// Hears of a bound, which may be better than the one before.
    pub(crate) fn hear_bound(&self, problem: &Problem, bound: &Bound) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.begin(problem.objective());
        if !bound.0.is_empty() && known.bound.as_ref().is_none_or(|held| *held < bound.0) {
            known.bound = Some(bound.0.clone());
            self.say(problem.objective(), "no plan is below", &bound.0, &known);
        }
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
    }
}

/// Takes the moving line away, if there is one.
pub(crate) fn take_away() {
    if let Some(bar) = shown().take() {
        bar.finish_and_clear();
    }
}

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
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
