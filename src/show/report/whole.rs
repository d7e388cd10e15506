//! A report as plain data.

use crate::show::report::bars::Bars;
use crate::show::report::months::Months;
use crate::show::report::pictures::Pictures;
use crate::show::report::words::{Finding, Table};

/// What there is to say about a pool, or was found out about it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What it is about, in a few words.
    pub title: String,
    /// What was looked at, as name and value: the group, when, with which version.
    pub facts: Vec<(String, String)>,
    /// The answers, the most important first.
    pub findings: Vec<Finding>,
    /// What shows them.
    pub sections: Vec<Section>,
    /// What is to be run, in this order.
    pub commands: Vec<String>,
    /// The same for a terminal.
    pub text: String,
}

/// A part of a report.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// What it is called.
    pub heading: String,
    /// Sentences above the figure.
    pub words: Vec<String>,
    /// What is drawn.
    pub figure: Option<Figure>,
    /// What stands behind the figure, or in its place.
    pub tables: Vec<Table>,
}

/// What can be drawn.
#[derive(Clone, Debug)]
pub enum Figure {
    /// Sources and who holds what, once or before and after.
    Pictures(Pictures),
    /// What is asked for month by month.
    Months(Months),
    /// Counts side by side.
    Bars(Bars),
}
