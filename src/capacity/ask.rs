//! One question to `solve`: is there a plan, is there none, or is it open?

use crate::capacity::bounds;
use crate::core::{
    Answer, Area, Areas, Bound, Conflict, Cuts, Limits, Measure, Method, Plan, Problem, Request,
    Size, StopReason, cost, verify,
};
use crate::solve::{SolveError, Strategy, solve};

/// Nodes of a search for a good layout of what is known to fit: some hundredths of a second.
const LAYOUT_NODES: u64 = 20_000;

/// The same where legs are cut together, whose search counts boxes, each many times the work of a node.
const TOGETHER_NODES: u64 = 128;

/// Most pairs of a leg and an area for which legs that are cut together get a better layout than the first:
/// one box takes too long beyond, and a question looks at a dozen layouts.
const TOGETHER_PLACES: usize = 96;

/// Most pairs of a leg and an area it could lie in for which an integer program is asked whether there is
/// a plan. A question is a series of such problems, and microlp takes minutes for one from about twice
/// as many pairs on.
const PROGRAM_PLACES: usize = 64;

/// The same where several requests compete.
const PROGRAM_PLACES_TOGETHER: usize = 24;

/// Who is asked, and what may be used up for one question.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) strategy: &'a Strategy,
    pub(crate) limits: &'a Limits<'a>,
}

/// Whether a problem has a plan.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// This one, for instance.
    Fits(Plan),
    /// Proven that there is none.
    Never(Conflict),
    /// Neither was found.
    Open,
}

impl Verdict {
    pub(crate) fn fits(&self) -> bool {
        matches!(self, Verdict::Fits(_))
    }

    pub(crate) fn is_never(&self) -> bool {
        matches!(self, Verdict::Never(_))
    }
}

impl Asker<'_> {
    /// Whether the requests fit, whatever the plan costs.
    ///
    /// The cheapest is asked first: sums, the step-by-step allocator, bounds and search, everything. Once
    /// a limit ran out that is open.
    pub(crate) fn fits(&self, problem: &Problem) -> Result<Verdict, SolveError> {
        if self.is_over() {
            return Ok(Verdict::Open);
        }
        if let Some(why) = bounds::refutation(problem)
            && verify(problem, &why).is_ok()
        {
            return Ok(Verdict::Never(why));
        }
        // A measure that is 0 for every plan asks for nothing but a plan.
        let problem = problem
            .clone()
            .with_objective(vec![Measure::Shortfall])
            .expect("an objective of one measure is one");
        let is_alone = problem.requests().len() == 1;
        let most_places = if is_alone {
            PROGRAM_PLACES
        } else {
            PROGRAM_PLACES_TOGETHER
        };
        let greedy = Strategy {
            search: false,
            program: None,
            ..self.strategy.clone()
        };
        let no_program = self.quick();
        let stages = [
            (self.strategy.greedy.is_some() && is_alone).then_some(&greedy),
            self.strategy.search.then_some(&no_program),
            (places(&problem) <= most_places).then_some(self.strategy),
        ];
        for strategy in stages.into_iter().flatten() {
            match solve(&problem, strategy, self.limits)? {
                Answer::Best { plan, .. } | Answer::Found { plan, .. } => {
                    return Ok(Verdict::Fits(plan));
                }
                Answer::Impossible { why } => return Ok(Verdict::Never(why)),
                Answer::Unknown { .. } => {}
            }
        }
        Ok(Verdict::Open)
    }

    /// A good plan of a problem that is known to have one: `known`, if nothing better is found.
    ///
    /// Whether it is the best matters less here than that there is one, so no integer program is solved.
    pub(crate) fn layout(&self, problem: Problem, known: Plan) -> Result<Layout, SolveError> {
        let answer = match self.look(&problem)? {
            answer @ (Answer::Best { .. } | Answer::Found { .. }) => answer,
            Answer::Impossible { .. } | Answer::Unknown { .. } => Answer::Found {
                cost: cost(&problem, &known),
                plan: known,
                bound: Bound::default(),
                method: Method::Candidates,
                stopped: StopReason::MethodEnds,
                certificates: Vec::new(),
            },
        };
        Ok(Layout { problem, answer })
    }

    /// A plan of the problem with its proof or bound, or the verdict that there is none.
    pub(crate) fn shown(&self, problem: Problem) -> Result<Result<Layout, Verdict>, SolveError> {
        Ok(match self.fits(&problem)? {
            Verdict::Fits(plan) => Ok(self.layout(problem, plan)?),
            verdict @ (Verdict::Never(_) | Verdict::Open) => Err(verdict),
        })
    }

    /// A plan as good as a short search finds, with what that proves.
    pub(crate) fn look(&self, problem: &Problem) -> Result<Answer, SolveError> {
        let is_together = |request: &Request| request.cuts == Cuts::Together && request.legs() > 1;
        let is_together = problem.requests().iter().any(is_together);
        if is_together && places(problem) > TOGETHER_PLACES {
            return Ok(Answer::Unknown {
                bound: Bound::default(),
                stopped: StopReason::Nodes,
            });
        }
        let most = if is_together {
            TOGETHER_NODES
        } else {
            LAYOUT_NODES
        };
        let limits = self.limits.with_nodes(most);
        solve(problem, &self.quick(), &limits)
    }

    /// Everybody but the integer program.
    fn quick(&self) -> Strategy {
        Strategy {
            program: None,
            ..self.strategy.clone()
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.limits.is_over()
    }
}

/// Pairs of a leg and an area that it could lie in.
fn places(problem: &Problem) -> usize {
    let areas = |request: &Request| -> usize {
        let offered = problem.offered(request);
        offered.iter().map(|(_, areas)| areas.len()).sum()
    };
    let requests = problem.requests().iter();
    let pairs = requests.map(|request| request.legs().saturating_mul(areas(request)));
    pairs.fold(0, usize::saturating_add)
}

/// A problem with its answer, which has a plan.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What was asked of the solver.
    pub problem: Problem,
    /// What it answered: [`Answer::Best`] or [`Answer::Found`].
    pub answer: Answer,
}

impl Layout {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.answer
            .plan()
            .expect("a layout is made of an answer with a plan")
    }
}

/// A problem that has no plan, with its certificate.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was asked of the solver.
    pub problem: Problem,
    /// Why it has no plan.
    pub why: Conflict,
}

/// The problem with every request required and as small as it may be.
#[must_use]
pub(crate) fn required(problem: &Problem) -> Problem {
    let requests = problem.requests().iter().map(|request| {
        let mut request = request.clone();
        request.value = None;
        if let Size::AtMost(_) = request.size {
            request.size = Size::Exactly(request.shape.stripes);
        }
        request
    });
    rebuilt(problem, requests.collect()).expect("less is asked for")
}

/// The problem with other requests, if they make one.
pub(crate) fn rebuilt(problem: &Problem, requests: Vec<Request>) -> Option<Problem> {
    let objective = problem.objective().to_vec();
    problem.with_requests(requests, objective).ok()
}

/// The problem without the extents that a plan of it takes.
pub(crate) fn taken(problem: &Problem, plan: &Plan) -> Vec<Areas> {
    let mut gone: Vec<Vec<Area>> = vec![Vec::new(); problem.sources().len()];
    for segment in plan.segments() {
        gone[segment.source].push(segment.area);
    }
    let pairs = problem.sources().iter().zip(gone);
    pairs
        .map(|(source, gone)| source.free.difference(&gone.into_iter().collect()))
        .collect()
}
