//! The months to come as JSON.

use crate::ask::capacity::answer_json::{Scale, conflict, words};
use crate::ask::capacity::outlook::{Outlook, bought_until};
use crate::ask::capacity::raw::{RawAnswers, RawFailing, RawMonth, RawOutlook};
use crate::ask::fault::{Fault, Result};

/// The outlook in the shape of the file.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn export(outlook: &Outlook) -> Result<RawAnswers> {
    let forecast = &outlook.forecast;
    let scale = Scale(outlook.extent_bytes);
    let months = (1u64..)
        .zip(&forecast.months)
        .map(|(month, known)| RawMonth {
            month,
            extents: known.needed,
            bytes: known.needed.and_then(|extents| scale.bytes(extents)),
            free: known.free,
            fits: outlook.fits(month),
        });
    let fails = forecast.fails.as_ref().map(|failing| {
        let refusal = failing.refusal.as_ref();
        let parts = failing.conflict.as_ref().zip(refusal);
        Ok::<_, Fault>(RawFailing {
            month: failing.month,
            requests: outlook.failing_requests(),
            reason: refusal.map(words),
            conflict: parts.map(|(found, refusal)| conflict(&refusal.problem, found)),
            add: scale.repairs(&failing.add)?,
            until: bought_until(failing.month),
        })
    });
    Ok(RawAnswers {
        when: Some(RawOutlook {
            lasts: forecast.lasts,
            proven: forecast.is_proven(),
            fails: fails.transpose()?,
            months: months.collect(),
        }),
        ..RawAnswers::default()
    })
}
