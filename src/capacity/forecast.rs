//! When requests that grow month by month no longer fit, and the purchase that moves that by a year.

use crate::capacity::Purchase;
use crate::capacity::add::what_to_add;
use crate::capacity::ask::{Asker, Refusal, Verdict, required};
use crate::capacity::conflict::{MinimalConflict, minimal_conflict};
use crate::capacity::remedy::Repair;
use crate::core::{Limits, Problem};
use crate::solve::{SolveError, Strategy};

/// Months that a purchase has to last.
pub const MONTHS_BOUGHT: u64 = 12;

/// What each month brings.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The months from 1 on, each with the extents that are asked for by then.
    pub months: Vec<Month>,
    /// The last month that is known to fit; 0 if not even the first does.
    pub lasts: u64,
    /// The first month that does not fit, where that is proven.
    pub fails: Option<Failing>,
}

impl Forecast {
    /// Whether the month after the last that fits is proven not to, or every month fits.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        match &self.fails {
            Some(failing) => failing.month == self.lasts + 1,
            None => self.lasts == self.months.len() as u64,
        }
    }
}

/// One month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Extents that all growth takes by then, companions included; `None` past 2^64 - 1.
    pub needed: Option<u64>,
    /// Free extents before any growth.
    pub free: u64,
}

/// The first month that does not fit.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Its number.
    pub month: u64,
    /// What fails, and why; `None` where the month makes no problem that could be asked about.
    pub refusal: Option<Refusal>,
    /// The smallest part of it that conflicts.
    pub conflict: Option<MinimalConflict>,
    /// What moves the failure by [`MONTHS_BOUGHT`] months or more, ranked.
    pub add: Vec<Repair>,
}

/// Looks ahead month by month; `at` gives what is asked for by the end of a month, growing from
/// month to month.
///
/// The first month that fails is found by bisection.
///
/// # Errors
/// [`SolveError`].
pub fn forecast(
    at: &dyn Fn(u64) -> Option<Problem>,
    months: u64,
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Forecast, SolveError> {
    let asker = Asker { strategy, limits };
    let list = (1..=months).map(|month| month_of(at(month))).collect();
    let (mut fits, mut fails) = (0, months + 1);
    let mut never: Option<(u64, Option<Refusal>)> = None;
    let mut probe = months;
    while fits + 1 < fails && !asker.is_over() {
        let verdict = match at(probe) {
            None => Some(None),
            Some(problem) => {
                let problem = required(&problem);
                match asker.fits(&problem)? {
                    Verdict::Fits(_) => {
                        fits = probe;
                        None
                    }
                    Verdict::Never(why) => Some(Some(Refusal { problem, why })),
                    Verdict::Open => {
                        fails = probe;
                        None
                    }
                }
            }
        };
        if let Some(refusal) = verdict {
            never = Some((probe, refusal));
            fails = probe;
        }
        probe = fits + (fails - fits) / 2;
    }
    let failing = match never {
        None => None,
        Some((month, refusal)) => {
            let conflict = match &refusal {
                Some(refusal) => minimal_conflict(&refusal.problem, strategy, limits)?,
                None => None,
            };
            let later = at(month.saturating_add(MONTHS_BOUGHT - 1));
            let add = match later {
                Some(later) => what_to_add(&later, purchase, strategy, limits)?,
                None => None,
            };
            Some(Failing {
                month,
                refusal,
                conflict,
                add: add.unwrap_or_default(),
            })
        }
    };
    Ok(Forecast {
        months: list,
        lasts: fits,
        fails: failing,
    })
}

fn month_of(problem: Option<Problem>) -> Month {
    let free = |problem: &Problem| problem.sources().iter().map(|s| s.free.total()).sum();
    let needed = |problem: &Problem| {
        let mut totals = problem.requests().iter().map(|r| r.total_extents());
        totals.try_fold(0u64, |sum, total| sum.checked_add(total?))
    };
    Month {
        needed: problem.as_ref().and_then(needed),
        free: problem.as_ref().map_or(0, free),
    }
}
