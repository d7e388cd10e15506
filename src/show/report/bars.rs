//! Counts side by side, a bar for each.

use maud::{Markup, html};

use crate::show::report::rows::BAR;
use crate::show::report::ticks::share;
use crate::show::report::words::{Table, Tone};

/// Counts side by side.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// What is counted.
    pub caption: String,
    /// The counts.
    pub rows: Vec<BarRow>,
}

/// A count.
#[derive(Clone, Debug)]
pub struct BarRow {
    /// What it counts.
    pub label: String,
    /// How much.
    pub value: u64,
    /// How much, in words.
    pub words: String,
    /// How good that is.
    pub tone: Tone,
}

impl Bars {
    /// The largest count.
    pub(crate) fn most(&self) -> u64 {
        self.rows
            .iter()
            .map(|row| row.value)
            .max()
            .unwrap_or(0)
            .max(1)
    }

    /// The bar of a row, in per cent of the width.
    pub(crate) fn bar(&self, row: &BarRow) -> Markup {
        let (class, fill) = match row.tone {
            Tone::Good => ("fits", "#0072b2"),
            Tone::Bad => ("fails", "#d55e00"),
            Tone::Open => ("nobody-knows", "#c4c4c4"),
        };
        html! {
            @if row.value > 0 {
                rect class=(class) width=(share(row.value, self.most())) height=(BAR) fill=(fill) stroke="#595959" {
                    title { (row.label) ": " (row.words) }
                }
            }
            line class="grid" x1="0.5" x2="0.5" y1="0" y2=(BAR) stroke="#595959" {}
        }
    }

    /// The same as rows of words.
    pub(crate) fn table(&self) -> Table {
        Table {
            caption: self.caption.clone(),
            header: vec!["What".to_string(), "How much".to_string()],
            rows: self
                .rows
                .iter()
                .map(|row| vec![row.label.clone(), row.words.clone()])
                .collect(),
            is_behind: true,
        }
    }
}
