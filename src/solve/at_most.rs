//! Sizes "at most": how large can they be?
//!
//! What fits still fits with fewer extents (cut the legs' ends off), so the largest size of one
//! request is found by bisection over problems with exact sizes. With several such requests each is
//! made as large as it can be in turn; that is the best if it reaches what each could have alone.
//!
//! Where no other sizes can be as good, the problem of those sizes is the whole problem: nobody need be asked again.

use crate::core::{Answer, Bound, Limits, Measure, Problem, Request, Size};
use crate::solve::SolveError;
use crate::solve::series::Ask;
use crate::solve::state::State;

/// The answer for a problem whose objective starts with [`Measure::Shortfall`], and whether it was asked of the only
/// sizes that the best plan can have: asking for the whole problem would be asking the same again.
///
/// The sizes are looked for within `limits`; a question that is the whole problem has all of `for_all`.
pub(crate) fn solve(
    problem: &Problem,
    ask: Ask<'_>,
    limits: &Limits<'_>,
    for_all: &Limits<'_>,
) -> Result<(Answer, bool), SolveError> {
    let growing: Vec<usize> = (0..problem.requests().len())
        .filter(|&index| matches!(problem.requests()[index].size, Size::AtMost(_)))
        .collect();
    let mut series = Series {
        problem,
        ask,
        limits,
        state: State::default(),
    };
    let mut sizes: Vec<u64> = problem.requests().iter().map(least).collect();
    // Does anything fit at all?
    match series.ask(&sizes, true)? {
        Answer::Best { .. } | Answer::Found { .. } => {}
        never @ Answer::Impossible { .. } => return Ok((never, false)),
        Answer::Unknown { .. } => return Ok((series.state.answer(), false)),
    }
    let smallest = sizes.clone();
    let mut wanted: u128 = 0;
    let mut reachable: u128 = 0;
    let mut reached: u128 = 0;
    for &index in &growing {
        let alone = if growing.len() > 1 {
            series.largest(&mut smallest.clone(), index)?
        } else {
            u64::MAX
        };
        let in_turn = series.largest(&mut sizes, index)?;
        // Alone it can be at least as large as in company, whatever the order.
        let most = if growing.len() > 1 { alone } else { in_turn };
        wanted += u128::from(problem.requests()[index].size.wanted());
        reachable += u128::from(most);
        reached += u128::from(sizes[index]);
    }
    let shortfall =
        u64::try_from(wanted - reachable).expect("shortfalls are parts of 64-bit sizes");
    let mut bound = vec![shortfall];
    // With several requests that fall short, other sizes may fall short by as much and be better in what follows.
    let is_whole = reached == reachable && (growing.len() == 1 || shortfall == 0);
    series.limits = if is_whole { for_all } else { limits };
    let rest = series.ask(&sizes, false)?;
    if is_whole {
        let behind = problem.objective().len() - 1;
        bound.extend(rest.lower_bound().0.into_iter().take(behind));
    }
    series.state.raise(Bound(bound));
    Ok((series.state.answer(), is_whole))
}

/// Smallest size that a request may have, in logical extents.
fn least(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(extents) => extents,
        Size::AtMost(_) => request.shape.stripes,
    }
}

/// Problems with exact sizes, and what was learned of the whole from them.
struct Series<'a> {
    problem: &'a Problem,
    ask: Ask<'a>,
    limits: &'a Limits<'a>,
    state: State,
}

impl Series<'_> {
    /// What the rooms say of one choice of sizes; `only_fits` asks for some plan instead of the best.
    fn ask(&mut self, sizes: &[u64], only_fits: bool) -> Result<Answer, SolveError> {
        let part = exact(self.problem, sizes, only_fits);
        let answer = (self.ask)(&part, self.limits)?;
        self.state.take_plan(self.problem, answer.clone(), None);
        Ok(answer)
    }

    /// Raises `sizes[index]` to the largest size that is known to fit; returns the smallest size, in
    /// whole stripes, that is proven not to be exceeded.
    fn largest(&mut self, sizes: &mut [u64], index: usize) -> Result<u64, SolveError> {
        let request = &self.problem.requests()[index];
        let (stripes, wanted) = (request.shape.stripes, request.size.wanted());
        // In extents per leg: `fits` is known to fit, more than `most` is known not to.
        let mut fits = sizes[index] / stripes;
        let mut most = wanted / stripes;
        let mut probe = most;
        let mut undecided = u64::MAX;
        while fits < most && fits < undecided.saturating_sub(1) && !self.limits.is_over() {
            let mut trial = sizes.to_vec();
            trial[index] = probe * stripes;
            match self.ask(&trial, true)? {
                Answer::Best { .. } | Answer::Found { .. } => fits = probe,
                Answer::Impossible { .. } => most = probe - 1,
                // Smaller sizes may still be decided; the proof stays open.
                Answer::Unknown { .. } => undecided = undecided.min(probe),
            }
            let end = most.min(undecided.saturating_sub(1));
            probe = fits + (end.saturating_sub(fits)).div_ceil(2);
        }
        sizes[index] = fits * stripes;
        Ok(most * stripes)
    }
}

/// The problem with the given sizes; `only_fits` asks for some plan instead of the best.
fn exact(problem: &Problem, sizes: &[u64], only_fits: bool) -> Problem {
    let mut requests = problem.requests().to_vec();
    for (request, &size) in requests.iter_mut().zip(sizes) {
        request.size = Size::Exactly(size);
    }
    let rest = problem.objective().iter().copied();
    let rest: Vec<Measure> = rest.filter(|&m| m != Measure::Shortfall).collect();
    // A measure that is 0 for every plan asks for nothing but a plan.
    let objective = if only_fits || rest.is_empty() {
        vec![Measure::Shortfall]
    } else {
        rest
    };
    problem
        .with_requests(requests, objective)
        .expect("sizes within those of the problem, in whole stripes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Area, Source};
    use crate::solve::{self, Strategy};

    fn is_whole(wanted: &[u64]) -> bool {
        let sources = [("a", 3), ("b", 5)].map(|(name, extents)| Source {
            name: name.to_string(),
            extents,
            free: Area::new(0, extents).into_iter().collect(),
            ..Source::default()
        });
        let requests = wanted.iter().enumerate().map(|(index, &extents)| Request {
            size: Size::AtMost(extents),
            ..Request::linear(&format!("r{index}"), extents)
        });
        let objective = vec![Measure::Shortfall, Measure::Segments];
        let problem = Problem::new(sources.into(), requests.collect(), objective);
        let ask =
            |part: &Problem, limits: &Limits<'_>| solve::solve(part, &Strategy::default(), limits);
        let limits = Limits::none();
        let found = solve(&problem.expect("no defects"), &ask, &limits, &limits);
        let (answer, is_whole) = found.expect("an answer");
        assert!(matches!(answer, Answer::Best { .. }) || !is_whole);
        is_whole
    }

    #[test]
    fn the_problem_of_the_only_sizes_is_the_whole_problem() {
        assert!(is_whole(&[100]), "as large as it can be");
        assert!(is_whole(&[2, 2]), "as large as was wanted");
        assert!(!is_whole(&[6, 6]), "other sizes fall short by as much");
    }
}
