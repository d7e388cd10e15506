//! Sizes "at most": how large can they be?
//!
//! What fits still fits with fewer extents (cut the legs' ends off), so the largest size of one
//! request is found by bisection over problems with exact sizes. With several such requests each is
//! made as large as it can be in turn; that is the best if it reaches what each could have alone.

use crate::core::{Answer, Bound, Limits, Measure, Problem, Request, Size, StopReason, cost};
use crate::solve::{SolveError, Strategy, ask};

/// The answer for a problem whose objective starts with [`Measure::Shortfall`].
pub(crate) fn solve(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Answer, SolveError> {
    let growing: Vec<usize> = (0..problem.requests().len())
        .filter(|&index| matches!(problem.requests()[index].size, Size::AtMost(_)))
        .collect();
    let mut sizes: Vec<u64> = problem.requests().iter().map(least).collect();
    // Does anything fit at all?
    match decide(problem, &sizes, strategy, limits)? {
        Decision::Fits => {}
        Decision::Never(answer) | Decision::Open(answer) => return Ok(answer),
    }
    let smallest = sizes.clone();
    let mut wanted: u128 = 0;
    let mut reachable: u128 = 0;
    let mut reached: u128 = 0;
    for &index in &growing {
        let alone = if growing.len() > 1 {
            largest(problem, &mut smallest.clone(), index, strategy, limits)?
        } else {
            u64::MAX
        };
        let in_turn = largest(problem, &mut sizes, index, strategy, limits)?;
        // Alone it can be at least as large as in company, whatever the order.
        let most = if growing.len() > 1 { alone } else { in_turn };
        wanted += u128::from(problem.requests()[index].size.wanted());
        reachable += u128::from(most);
        reached += u128::from(sizes[index]);
    }
    let bound = u64::try_from(wanted - reachable).expect("shortfalls are parts of 64-bit sizes");
    let rest = ask(&exact(problem, &sizes, false), strategy, limits)?;
    // With several requests other sizes may fall short by as much and be better in what follows.
    let is_only_choice = growing.len() == 1 || problem.objective().len() == 1;
    Ok(conclude(
        problem,
        rest,
        bound,
        reached == reachable && is_only_choice,
    ))
}

/// Smallest size that a request may have, in logical extents.
fn least(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(extents) => extents,
        Size::AtMost(_) => request.shape.stripes,
    }
}

/// What the rooms say of one choice of sizes.
enum Decision {
    Fits,
    Never(Answer),
    Open(Answer),
}

fn decide(
    problem: &Problem,
    sizes: &[u64],
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Decision, SolveError> {
    let answer = ask(&exact(problem, sizes, true), strategy, limits)?;
    Ok(match answer {
        Answer::Best { .. } | Answer::Found { .. } => Decision::Fits,
        Answer::Impossible { .. } => Decision::Never(answer),
        Answer::Unknown { stopped, .. } => Decision::Open(Answer::Unknown {
            bound: Bound::default(),
            stopped,
        }),
    })
}

/// Raises `sizes[index]` to the largest size that is known to fit; returns the smallest size, in
/// whole stripes, that is proven not to be exceeded.
fn largest(
    problem: &Problem,
    sizes: &mut [u64],
    index: usize,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<u64, SolveError> {
    let stripes = problem.requests()[index].shape.stripes;
    let wanted = problem.requests()[index].size.wanted();
    // In extents per leg: `fits` is known to fit, more than `most` is known not to.
    let mut fits = sizes[index] / stripes;
    let mut most = wanted / stripes;
    let mut probe = most;
    let mut undecided = u64::MAX;
    while fits < most && fits < undecided.saturating_sub(1) {
        let mut trial = sizes.to_vec();
        trial[index] = probe * stripes;
        match decide(problem, &trial, strategy, limits)? {
            Decision::Fits => fits = probe,
            Decision::Never(_) => most = probe - 1,
            // Smaller sizes may still be decided; the proof stays open.
            Decision::Open(_) => undecided = undecided.min(probe),
        }
        if limits.is_over() {
            break;
        }
        let end = most.min(undecided.saturating_sub(1));
        probe = fits + (end.saturating_sub(fits)).div_ceil(2);
    }
    sizes[index] = fits * stripes;
    Ok(most * stripes)
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
    Problem::new(problem.sources().to_vec(), requests, objective)
        .expect("sizes within those of the problem, in whole stripes")
}

/// The answer to the exact problem as one to the whole.
fn conclude(problem: &Problem, rest: Answer, bound: u64, is_proven: bool) -> Answer {
    let has_rest = problem.objective().len() > 1;
    let lower = |tail: &Bound| {
        let mut values = vec![bound];
        if is_proven && has_rest {
            values.extend(&tail.0);
        }
        Bound(values)
    };
    match rest {
        Answer::Best {
            plan,
            method,
            proof,
            ..
        } => {
            let cost = cost(problem, &plan);
            if is_proven {
                return Answer::Best {
                    plan,
                    cost,
                    method,
                    proof,
                };
            }
            Answer::Found {
                plan,
                cost,
                bound: Bound(vec![bound]),
                method,
                stopped: StopReason::MethodEnds,
            }
        }
        Answer::Found {
            plan,
            bound,
            method,
            stopped,
            ..
        } => Answer::Found {
            cost: cost(problem, &plan),
            plan,
            bound: lower(&bound),
            method,
            stopped,
        },
        // The size was seen to fit a moment ago; a limit must have run out since.
        Answer::Impossible { .. } => Answer::Unknown {
            bound: lower(&Bound::default()),
            stopped: StopReason::MethodEnds,
        },
        Answer::Unknown { stopped, .. } => Answer::Unknown {
            bound: lower(&Bound::default()),
            stopped,
        },
    }
}
