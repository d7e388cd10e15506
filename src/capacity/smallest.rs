//! The smallest amount of something that makes a problem have a plan.

use crate::capacity::ask::{Asker, Verdict};
use crate::capacity::bounds;
use crate::core::{Plan, Problem};
use crate::solve::SolveError;

/// An amount that is enough.
pub(crate) struct Smallest {
    pub(crate) amount: u64,
    /// Whether one less is proven not to be enough.
    pub(crate) is_proven: bool,
    /// The problem with that amount, and a plan for it.
    pub(crate) problem: Problem,
    pub(crate) plan: Plan,
}

/// The smallest amount between 1 and `most` with which a problem has a plan; `None` if `most` is not
/// seen to be enough.
///
/// With more there has to be a plan as well, and `at` has to make a problem of every amount that it is
/// asked for or of none.
pub(crate) fn smallest(
    asker: &Asker<'_>,
    most: u64,
    at: &dyn Fn(u64) -> Option<Problem>,
) -> Result<Option<Smallest>, SolveError> {
    let may_fit = |amount: u64| at(amount).is_some_and(|problem| bounds::may_fit(&problem));
    if most == 0 || asker.is_over() || !may_fit(most) {
        return Ok(None);
    }
    let ask = |amount: u64| -> Result<Option<(Verdict, Problem)>, SolveError> {
        let Some(problem) = at(amount) else {
            return Ok(None);
        };
        Ok(Some((asker.fits(&problem)?, problem)))
    };
    // The sums refuse everything up to `refused`.
    let mut refused = 0;
    let mut open = most;
    while refused + 1 < open {
        if asker.is_over() {
            return Ok(None);
        }
        let middle = refused + (open - refused) / 2;
        if may_fit(middle) {
            open = middle;
        } else {
            refused = middle;
        }
    }
    let mut found: Option<Smallest> = None;
    let mut proven = 0;
    let mut below = refused;
    let mut step = 1;
    loop {
        let end = found.as_ref().map(|found| found.amount);
        let probe = match end {
            Some(end) if below + 1 >= end => break,
            Some(end) => below + (end - below) / 2,
            None if below >= most => break,
            None => {
                let next = below.saturating_add(step).min(most);
                step = step.saturating_mul(8);
                next
            }
        };
        match ask(probe)? {
            Some((Verdict::Fits(plan), problem)) => {
                found = Some(Smallest {
                    amount: probe,
                    is_proven: false,
                    problem,
                    plan,
                });
            }
            Some((Verdict::Never(_), _)) => {
                proven = proven.max(probe);
                below = probe;
            }
            Some((Verdict::Open, _)) | None => below = probe,
        }
        if asker.is_over() {
            break;
        }
    }
    if let Some(found) = &mut found {
        let one_less = found.amount - 1;
        found.is_proven = one_less == 0
            || proven >= one_less
            || ask(one_less)?.is_some_and(|(verdict, _)| verdict.is_never());
    }
    Ok(found)
}
