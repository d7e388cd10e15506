//! How many more of a request fit, and which of a list of requests fit together.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::capacity::Model;
use crate::capacity::ask::{Asker, Layout, Refusal, Verdict, taken};
use crate::capacity::bounds;
use crate::capacity::largest::last_true;
use crate::core::{Answer, Areas, Limits, Measure, Plan, Problem, Request, Source, check};
use crate::solve::{SolveError, Strategy, solve};

/// How many of a request fit.
#[derive(Clone, Debug)]
pub struct More {
    /// So many fit.
    pub count: u64,
    /// No more than so many fit; equal to `count` if that is proven. [`u64::MAX`] if there are more
    /// than were asked for.
    pub bound: u64,
    /// The layout of all of them; `None` for none.
    pub layout: Option<Layout>,
    /// Why one more does not fit, where that is proven.
    pub beyond: Option<Refusal>,
}

impl More {
    /// Whether no more fit.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.count == self.bound
    }
}

/// Most copies of a request that are asked for: more than a volume manager keeps, and few enough to be
/// written down.
const MOST_COPIES: u64 = 1 << 16;

/// How often a request fits, beside all others of the model, at most `most` times, or `MOST_COPIES`.
///
/// Sums over the sources bracket the count; inside the bracket the requests are asked for jointly,
/// and where that is too hard, one after another into what is left.
///
/// # Errors
/// [`SolveError`].
pub fn how_many(
    model: &dyn Model,
    request: usize,
    most: u64,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<More, SolveError> {
    let asker = Asker { strategy, limits };
    let most = most.min(MOST_COPIES);
    let bracket = allowed_by_sums(model, request);
    let end = bracket.min(most);
    let mut search = Search {
        model,
        request,
        asker,
        fits: None,
        never: None,
        in_turn: None,
    };
    let mut undecided = None;
    let mut probe = end;
    let mut step = 1;
    while probe > 0 {
        if !search.ask(probe, end)? {
            let is_never = search
                .never
                .as_ref()
                .is_some_and(|never| never.count == probe);
            undecided = if is_never { None } else { Some(probe) };
        }
        if asker.is_over() {
            break;
        }
        let never = search.never.as_ref().map(|never| never.count);
        let above = undecided.or(never).unwrap_or(end.saturating_add(1));
        let fits = search.fits.as_ref().map_or(0, |(count, ..)| *count);
        if fits + 1 >= above {
            break;
        }
        probe = if fits > 0 {
            fits + (above - fits) / 2
        } else {
            step = u64::saturating_mul(step, 4);
            above.saturating_sub(step).max(1)
        };
    }
    search.conclude(bracket, most)
}

/// The count up to which the sums leave room.
fn allowed_by_sums(model: &dyn Model, request: usize) -> u64 {
    let problem = model.problem();
    let all = problem
        .sources()
        .iter()
        .map(|source| source.free.total())
        .sum();
    let may_fit = |count| bounds::may_fit_times(problem, request, count);
    // A request takes at least one extent.
    last_true(1, all, may_fit).unwrap_or(0)
}

struct Search<'a> {
    model: &'a dyn Model,
    request: usize,
    asker: Asker<'a>,
    fits: Option<(u64, Problem, Plan)>,
    never: Option<Never>,
    /// How many fit one after another, once that was tried.
    in_turn: Option<(u64, Problem, Plan)>,
}

struct Never {
    count: u64,
    refusal: Option<Refusal>,
}

impl Search<'_> {
    /// Whether so many are seen to fit.
    fn ask(&mut self, count: u64, most: u64) -> Result<bool, SolveError> {
        let Some(problem) = self.model.repeated(self.request, count) else {
            self.never = Some(Never {
                count,
                refusal: None,
            });
            return Ok(false);
        };
        match self.asker.fits(&problem)? {
            Verdict::Fits(plan) => {
                self.fits = Some((count, problem, plan));
                Ok(true)
            }
            Verdict::Never(why) => {
                let refusal = Some(Refusal { problem, why });
                self.never = Some(Never { count, refusal });
                Ok(false)
            }
            Verdict::Open => {
                if self.in_turn.is_none() {
                    self.in_turn = Some(self.one_after_another(most)?);
                }
                let known = self.fits.as_ref().map_or(0, |(count, ..)| *count);
                match &self.in_turn {
                    Some((found, problem, plan)) if *found >= count && *found > known => {
                        self.fits = Some((*found, problem.clone(), plan.clone()));
                        Ok(true)
                    }
                    Some(_) | None => Ok(false),
                }
            }
        }
    }

    /// Places the others of the model, then one of the request after another in what is left.
    fn one_after_another(&self, most: u64) -> Result<(u64, Problem, Plan), SolveError> {
        let none = (0, self.model.problem().clone(), Plan::default());
        let mut found = none;
        let mut plan: Option<Plan> = None;
        while found.0 < most && !self.asker.is_over() {
            let count = found.0 + 1;
            let Some(problem) = self.model.repeated(self.request, count) else {
                break;
            };
            let Some(next) = self.extended(&problem, plan.as_ref())? else {
                break;
            };
            plan = Some(next.clone());
            found = (count, problem, next);
        }
        Ok(found)
    }

    /// The plan with the requests that it does not have yet, placed in what it leaves.
    ///
    /// On as few sources as will do, those that have the most left: so none is used up that a later one
    /// could need to keep its legs apart.
    fn extended(&self, problem: &Problem, plan: Option<&Plan>) -> Result<Option<Plan>, SolveError> {
        let done = plan.map_or(0, |plan| plan.allocations.len());
        let mut all = plan.cloned().unwrap_or_default();
        let free = taken(problem, &all);
        let rest = &problem.requests()[done..];
        let order = fullest_first(&free, rest);
        let mut reach = rest.iter().map(Request::legs).max().unwrap_or(1);
        loop {
            let open: BTreeSet<usize> = order.iter().take(reach).copied().collect();
            let sources = problem.sources().iter().zip(&free).enumerate();
            let sources = sources.map(|(index, (source, free))| Source {
                free: if open.contains(&index) {
                    free.clone()
                } else {
                    Areas::none()
                },
                ..source.clone()
            });
            let objective = problem.objective().to_vec();
            let Ok(part) = Problem::new(sources.collect(), rest.to_vec(), objective) else {
                return Ok(None);
            };
            if let Verdict::Fits(next) = self.asker.fits(&part)? {
                all.allocations.extend(next.allocations);
                let is_right = check(problem, &all).is_empty();
                return Ok(is_right.then_some(all));
            }
            if reach >= order.len() || self.asker.is_over() {
                return Ok(None);
            }
            reach = reach.saturating_mul(2);
        }
    }

    fn conclude(self, bracket: u64, most: u64) -> Result<More, SolveError> {
        let count = self.fits.as_ref().map_or(0, |(count, ..)| *count);
        let bound = match &self.never {
            Some(never) => never.count - 1,
            None if bracket > most => u64::MAX,
            None => bracket,
        };
        let layout = match self.fits {
            Some((_, problem, plan)) => Some(self.asker.layout(problem, plan)?),
            None => None,
        };
        let beyond = match self.never {
            Some(never) => never.refusal,
            None if count == bracket => {
                // The sums refuse one more; let the solver say so.
                match self.model.repeated(self.request, count + 1) {
                    Some(problem) => match self.asker.fits(&problem)? {
                        Verdict::Never(why) => Some(Refusal { problem, why }),
                        Verdict::Fits(_) | Verdict::Open => None,
                    },
                    None => None,
                }
            }
            None => None,
        };
        Ok(More {
            count,
            bound,
            layout,
            beyond,
        })
    }
}

/// The sources by how many legs of the largest request they could still hold, and by how much they
/// have left.
fn fullest_first(free: &[Areas], requests: &[Request]) -> Vec<usize> {
    let needed = requests.iter().map(|request| {
        request
            .leg_extents()
            .saturating_add(request.front_extents())
    });
    let needed = needed.max().unwrap_or(1).max(1);
    let mut order: Vec<usize> = (0..free.len()).collect();
    order.sort_by_key(|&source| {
        let left = free[source].total();
        Reverse((left / needed, left))
    });
    order
}

/// What is best where not everything may fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// The most value, as the requests state it; a request that states none counts 1.
    Value,
    /// The most requests.
    Count,
}

/// Which of the requests fit together: an answer to the problem with every request optional.
///
/// The problem that was answered comes with it, since its requests carry other values.
///
/// # Errors
/// [`SolveError`].
pub fn which_fit(
    problem: &Problem,
    prefer: Prefer,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<(Problem, Answer), SolveError> {
    let requests = problem.requests().iter().map(|request| {
        let mut request = request.clone();
        request.value = match prefer {
            Prefer::Value => Some(request.value.unwrap_or(1)),
            Prefer::Count => Some(1),
        };
        request
    });
    let mut objective = vec![Measure::Unserved];
    let rest = problem.objective().iter().copied();
    objective.extend(rest.filter(|&measure| measure != Measure::Unserved));
    let problem = problem
        .with_requests(requests.collect(), objective)
        .expect("optional requests are no less a problem");
    let answer = solve(&problem, strategy, limits)?;
    Ok((problem, answer))
}
