//! The months to come as JSON: `{"when": {..}}`.

use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::cli::capacity::answer_json::{conflict, repairs};
use crate::cli::capacity::when::{Outlook, bought_until};
use crate::core::explain;

/// The object as text.
///
/// # Errors
/// None that could be the user's fault.
pub(crate) fn write(outlook: &Outlook) -> anyhow::Result<String> {
    let forecast = &outlook.forecast;
    let bytes = |extents: u64| {
        outlook
            .extent_bytes
            .and_then(|size| size.checked_mul(extents))
    };
    let mut months: Vec<Value> = Vec::new();
    for (month, known) in (1u64..).zip(&forecast.months) {
        let mut object = Map::new();
        object.insert("month".to_string(), month.into());
        object.insert("extents".to_string(), known.needed.into());
        if let Some(bytes) = known.needed.and_then(bytes) {
            object.insert("bytes".to_string(), bytes.into());
        }
        object.insert("free".to_string(), known.free.into());
        object.insert("fits".to_string(), outlook.fits(month).into());
        months.push(object.into());
    }
    let mut when = json!({
        "lasts": forecast.lasts,
        "proven": forecast.is_proven(),
        "months": months,
    });
    if let (Some(failing), Some(object)) = (&forecast.fails, when.as_object_mut()) {
        let mut fails = json!({
            "month": failing.month,
            "requests": outlook.failing_requests(),
            "until": bought_until(failing.month),
            "add": repairs(&failing.add)?,
        });
        if let (Some(refusal), Some(fails)) = (&failing.refusal, fails.as_object_mut()) {
            let reason = explain(&refusal.problem, &refusal.why);
            fails.insert("reason".to_string(), reason.into());
            if let Some(found) = &failing.conflict {
                fails.insert("conflict".to_string(), conflict(&refusal.problem, found));
            }
        }
        object.insert("fails".to_string(), fails);
    }
    let text = serde_json::to_string_pretty(&json!({ "when": when }));
    Ok(text.context("cannot write JSON")? + "\n")
}
