//! The months to come, for people: a table whose last column is the chart.

use crate::ask::capacity::answer_text::{list, part_words, sentence};
use crate::ask::capacity::outlook::{Outlook, bought_until};
use crate::core::explain;
use crate::show;

/// Months listed behind the first that does not fit.
const MONTHS_BEHIND: u64 = 2;

/// Columns with which sizes are said in bytes alone.
const NARROW: usize = 90;

/// Columns of a bar, at least and at most; behind it there is room for what the verdict says.
const BAR: (usize, usize) = (10, 40);

pub(crate) fn write(outlook: &Outlook, style: show::MapStyle) -> String {
    let forecast = &outlook.forecast;
    let size = |extents| show::extents(extents, outlook.extent_bytes);
    let mut text = show::wrapped("growth: ", "; ", outlook.growth.iter().cloned());
    text.push_str(&format!("free now: {}\n", size(outlook.free())));
    text.push_str(&verdict(outlook));
    text.push('\n');
    text.push_str(&table(outlook, style));
    let Some(failing) = &forecast.fails else {
        return text;
    };
    if let Some(refusal) = &failing.refusal {
        let reason = explain(&refusal.problem, &refusal.why);
        text.push_str(&format!("\nwhy not in month {}\n", failing.month));
        text.push_str(&sentence("  ", &reason));
        if let Some(conflict) = &failing.conflict {
            for words in part_words(&refusal.problem, conflict) {
                text.push_str(&sentence("  - ", &words));
            }
        }
    }
    let until = bought_until(failing.month);
    if failing.add.is_empty() {
        text.push_str("\nnothing was found that could be added\n");
    } else {
        text.push_str(&format!(
            "\nwhat makes it last a year longer, until month {until}, any one of\n"
        ));
        text.push_str(&list(&failing.add, outlook.extent_bytes));
    }
    text
}

pub(crate) fn verdict(outlook: &Outlook) -> String {
    let forecast = &outlook.forecast;
    let requests = outlook.failing_requests();
    let words = match &forecast.fails {
        None if forecast.is_proven() => {
            format!("all of the {} months fit", forecast.months.len())
        }
        None => format!("{} months fit; what comes then is unknown", forecast.lasts),
        Some(failing) => {
            let proof = if forecast.is_proven() {
                "proven".to_string()
            } else {
                format!("known to fit until month {}", forecast.lasts)
            };
            let what = if requests.is_empty() {
                "growth".to_string()
            } else {
                requests.join(" and ")
            };
            let verb = if requests.len() > 1 { "fit" } else { "fits" };
            format!("month {}: {what} no longer {verb}, {proof}", failing.month)
        }
    };
    sentence("", &words)
}

/// A line for each month until shortly after the first that does not fit.
fn table(outlook: &Outlook, style: show::MapStyle) -> String {
    let forecast = &outlook.forecast;
    let last = match &forecast.fails {
        Some(failing) => failing.month.saturating_add(MONTHS_BEHIND),
        None => u64::MAX,
    };
    let bars: Vec<show::Bar> = outlook.bars();
    let shown = bars.len().min(usize::try_from(last).unwrap_or(usize::MAX));
    let size = |extents: u64| show::extents(extents, outlook.extent_bytes);
    // On a narrow terminal there is no room to say it twice.
    let size = |count: u64| match outlook.extent_bytes {
        Some(bytes) if style.width < NARROW => show::bytes(count, bytes),
        Some(_) | None => size(count),
    };
    let mut rows = vec![["month", "asked for", "left", ""].map(str::to_string)];
    for (month, known) in (1u64..).zip(forecast.months.iter().take(shown)) {
        let left = known
            .needed
            .and_then(|needed| known.free.checked_sub(needed));
        let verdict = match outlook.fits(month) {
            Some(true) => "",
            Some(false) => "does not fit",
            None => "unknown",
        };
        rows.push([
            month.to_string(),
            known.needed.map_or("too much".to_string(), size),
            left.map_or("-".to_string(), size),
            verdict.to_string(),
        ]);
    }
    let mut widths = [0usize; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let [month, asked, left, verdict] = widths;
    let used = month + asked + left + verdict + 5 * 2;
    let width = style.width.saturating_sub(used).clamp(BAR.0, BAR.1);
    let free = outlook.free();
    let lines = show::bars(&bars[..shown], free, width, style);
    let lines = std::iter::once(String::new()).chain(lines);
    let mut text = String::new();
    for ([a, b, c, d], bar) in rows.iter().zip(lines) {
        let line = format!("  {a:>month$}  {b:>asked$}  {c:>left$}  {bar}  {d}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
