//! What is known of the months to come.

use crate::capacity::{Forecast, MONTHS_BOUGHT};
use crate::core::StopReason;
use crate::show;

/// What is known of the months to come.
pub struct Outlook {
    pub(crate) forecast: Forecast,
    /// Per growing thing its name and how much a month, in words.
    pub(crate) growth: Vec<String>,
    pub(crate) extent_bytes: Option<u64>,
    /// The volume group, where it is one.
    pub(crate) group: Option<String>,
    /// What ended the search, if a limit did.
    pub(crate) stopped: Option<StopReason>,
}

impl Outlook {
    /// Whether a month, counted from 1, fits; `None` where that is open.
    pub(crate) fn fits(&self, month: u64) -> Option<bool> {
        if month <= self.forecast.lasts {
            return Some(true);
        }
        let failing = self.forecast.fails.as_ref()?;
        (month >= failing.month).then_some(false)
    }

    /// A bar for each month.
    pub(crate) fn bars(&self) -> Vec<show::Bar> {
        let months = (1..).zip(&self.forecast.months);
        months
            .map(|(month, known)| show::Bar {
                label: month.to_string(),
                value: known.needed.unwrap_or(u64::MAX),
                fits: self.fits(month),
            })
            .collect()
    }

    /// Free extents before any growth.
    pub(crate) fn free(&self) -> u64 {
        self.forecast.months.first().map_or(0, |month| month.free)
    }

    /// The requests that conflict in the month that fails; of a refusal that was not taken apart, all.
    pub(crate) fn failing_requests(&self) -> Vec<String> {
        let Some(failing) = &self.forecast.fails else {
            return Vec::new();
        };
        match (&failing.conflict, &failing.refusal) {
            (Some(conflict), Some(refusal)) => {
                let requests = refusal.problem.requests();
                let legs = conflict.legs().into_iter();
                legs.map(|(index, _)| requests[index].name.clone())
                    .collect()
            }
            (_, Some(refusal)) => {
                let requests = refusal.problem.requests().iter();
                requests.map(|request| request.name.clone()).collect()
            }
            (_, None) => Vec::new(),
        }
    }
}

/// The last month that a purchase is for.
pub(crate) fn bought_until(failing: u64) -> u64 {
    failing.saturating_add(MONTHS_BOUGHT - 1)
}
