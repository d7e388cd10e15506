//! What is asked for month by month, as columns with axes and a line where there is no more.

use maud::{Markup, html};

use crate::show::quantity::extents;
use crate::show::report::ticks::{share, ticks};
use crate::show::report::words::Table;

/// What is asked for month by month.
#[derive(Clone, Debug, Default)]
pub struct Months {
    /// The months, from the first on.
    pub months: Vec<Month>,
    /// How much there is.
    pub limit: u64,
    /// Bytes of an extent, if they are known.
    pub extent_bytes: Option<u64>,
}

/// A month.
#[derive(Clone, Debug)]
pub struct Month {
    /// Its number.
    pub number: u64,
    /// Extents that are asked for by then; `None`: more than can be counted.
    pub asked: Option<u64>,
    /// Whether that much fits; `None` where nobody knows.
    pub fits: Option<bool>,
}

/// Height of the columns in pixels, and of the labels under them.
pub(crate) const HEIGHT: u64 = 260;
pub(crate) const FOOT: u64 = 40;
/// Pixels above the columns, for the label of the highest mark.
pub(crate) const HEAD: u64 = 12;
/// Most labels under the columns: so many stand side by side on a narrow page.
const MOST_LABELS: usize = 8;
/// Least months behind the first that does not fit.
const BEHIND: usize = 3;

impl Months {
    /// Those that are drawn: some more than fit, for all that comes then is the same.
    pub(crate) fn shown(&self) -> &[Month] {
        let fails = self
            .months
            .iter()
            .position(|month| month.fits == Some(false));
        let end = fails.map_or(self.months.len(), |at| at + 1 + BEHIND.max(at / 4));
        &self.months[..end.min(self.months.len())]
    }

    /// The upper end of the scale: no more than twice what there is, past which a column is cut off.
    fn most(&self) -> u64 {
        let asked = self
            .shown()
            .iter()
            .map(|month| month.asked.unwrap_or(u64::MAX));
        let most = asked.max().unwrap_or(0).min(self.limit.saturating_mul(2));
        most.max(self.limit).max(1)
    }

    /// Pixels from the top to that many extents.
    fn top(&self, count: u64) -> u64 {
        let most = self.most();
        let height = u128::from(count.min(most)) * u128::from(HEIGHT) / u128::from(most);
        HEAD + HEIGHT - u64::try_from(height).unwrap_or(HEIGHT)
    }

    /// Labels of the scale on the left, which end at so many pixels.
    pub(crate) fn scale(&self, right: u64) -> Markup {
        html! {
            @for (count, label) in ticks(self.most(), self.extent_bytes) {
                text class="ink" x=(right) y=(self.top(count) + 4) text-anchor="end" { (label) }
            }
        }
    }

    /// The columns, in per cent of the width.
    pub(crate) fn columns(&self) -> Markup {
        let shown = self.shown();
        let count = shown.len().max(1) as u64;
        let every = shown.len().div_ceil(MOST_LABELS).max(1);
        let fails = shown.iter().position(|month| month.fits == Some(false));
        let bottom = HEAD + HEIGHT;
        html! {
            @for (tick, _) in ticks(self.most(), self.extent_bytes) {
                line class="grid" x1="0" x2="100%" y1=(self.top(tick)) y2=(self.top(tick)) stroke="#c4c4c4" {}
            }
            @for (at, month) in shown.iter().enumerate() {
                @let top = self.top(month.asked.unwrap_or(u64::MAX)).min(bottom - 2);
                @let (class, fill) = match month.fits {
                    Some(true) => ("fits", "#0072b2"),
                    Some(false) => ("fails", "#d55e00"),
                    None => ("nobody-knows", "#c4c4c4"),
                };
                rect class=(class) x=(share(at as u64 * 10 + 1, count * 10)) width=(share(8, count * 10))
                    y=(top) height=(bottom - top) fill=(fill) stroke="#595959" {
                    title { (self.words(month)) }
                }
                @if at % every == 0 && fails.is_none_or(|fails| at == fails || at.abs_diff(fails) >= every) || Some(at) == fails {
                    @let (x, anchor) = place(at as u64, count);
                    text class="ink" x=(x) y=(bottom + 16) text-anchor=(anchor)
                        font-weight=[(Some(at) == fails).then_some("bold")] { (month.number) }
                }
            }
            line class="limit" x1="0" x2="100%" y1=(self.top(self.limit)) y2=(self.top(self.limit))
                stroke="#000000" stroke-width="2" stroke-dasharray="6 4" {}
            text class="ink" x="50%" y=(bottom + 34) text-anchor="middle" { "month" }
        }
    }

    fn words(&self, month: &Month) -> String {
        let asked = month.asked.map_or("too much".to_string(), |asked| {
            extents(asked, self.extent_bytes)
        });
        let verdict = match month.fits {
            Some(true) => "fits",
            Some(false) => "does not fit",
            None => "unknown",
        };
        format!("month {}: {asked}, {verdict}", month.number)
    }

    /// What the drawing says, in a sentence or two.
    pub(crate) fn description(&self) -> String {
        let limit = extents(self.limit, self.extent_bytes);
        let fails = self.months.iter().find(|month| month.fits == Some(false));
        let verdict = match fails {
            Some(month) => format!("Month {} is the first that does not fit", month.number),
            None if self.months.iter().all(|month| month.fits == Some(true)) => {
                "All months fit".to_string()
            }
            None => "Not all months are known to fit".to_string(),
        };
        format!(
            "What is asked for by the end of each month; the dashed line is what is free now, {limit}. {verdict}."
        )
    }

    /// The same as rows of words.
    pub(crate) fn table(&self) -> Table {
        let row = |month: &Month| {
            let asked = month.asked.map_or("too much".to_string(), |asked| {
                extents(asked, self.extent_bytes)
            });
            let left = month.asked.and_then(|asked| self.limit.checked_sub(asked));
            let left = left.map_or("-".to_string(), |left| extents(left, self.extent_bytes));
            let fits = match month.fits {
                Some(true) => "yes",
                Some(false) => "no",
                None => "unknown",
            };
            vec![month.number.to_string(), asked, left, fits.to_string()]
        };
        Table {
            caption: "Growth month by month".to_string(),
            header: ["Month", "Asked for", "Left", "Fits"]
                .map(str::to_string)
                .to_vec(),
            rows: self.months.iter().map(row).collect(),
            is_behind: true,
        }
    }
}

/// Where the label of a column stands: in its middle, but for columns so narrow that it would reach past an end.
fn place(at: u64, count: u64) -> (String, &'static str) {
    /// So many columns are wider than a label, on a narrow page too.
    const WIDE: u64 = 12;
    match at {
        _ if count <= WIDE => (share(at * 2 + 1, count * 2), "middle"),
        0 => (share(0, count), "start"),
        _ if (at + 1) * 25 > count * 24 => (share(at + 1, count), "end"),
        _ => (share(at * 2 + 1, count * 2), "middle"),
    }
}
