//! A placement as a report: what it is worth, the requests, and how full hosts are.

use crate::ask::{Made, Outcome, facts};
use crate::fleet::Placement;
use crate::fleet::place::answer::HostFill;
use crate::show::{BarRow, Bars, Figure, Finding, Report, Section, Table, Tone};

/// Rows of a table, and bars of a figure; what is more is in the JSON.
const MOST_ROWS: usize = 500;
const MOST_BARS: usize = 40;

impl Placement {
    /// The placement as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let mut about = facts(None, None, made);
        let placed: u64 = self.requests.iter().map(|request| request.placed).sum();
        let all: u64 = self.requests.iter().map(|request| request.count).sum();
        let first = [
            ("Hosts", self.fills.len().to_string()),
            ("Requests", self.requests.len().to_string()),
            (
                "Placed",
                format!("{placed} of {all} volumes on {} hosts", self.hosts_used),
            ),
        ];
        about.splice(0..0, first.map(|(name, value)| (name.to_string(), value)));
        let left = self.errors.iter().map(|error| format!("left out: {error}"));
        let stopped = self.stopped.map(|stopped| format!("ended by: {stopped}"));
        let findings = vec![Finding {
            tone: match self.outcome() {
                Outcome::Yes => Tone::Good,
                Outcome::No if self.value == self.bound => Tone::Bad,
                Outcome::No | Outcome::LimitRanOut => Tone::Open,
            },
            words: self.verdict(),
            reasons: stopped.into_iter().chain(left).collect(),
        }];
        let sections = [
            Some(self.by_request()),
            self.not_placed(),
            Some(self.by_fill()),
            Some(self.by_host()),
        ];
        Report {
            title: format!("Placement of {all} volumes on {} hosts", self.fills.len()),
            facts: about,
            findings,
            sections: sections.into_iter().flatten().collect(),
            commands: Vec::new(),
            text: self.text(false),
        }
    }

    fn by_request(&self) -> Section {
        let tone = |placed: u64, count: u64| match placed {
            _ if placed == count => Tone::Good,
            0 => Tone::Bad,
            _ => Tone::Open,
        };
        let bars = self.requests.iter().take(MOST_BARS).map(|request| BarRow {
            label: request.name.clone(),
            value: request.placed,
            words: format!(
                "{} of {} placed, each worth {}",
                request.placed, request.count, request.value
            ),
            tone: tone(request.placed, request.count),
        });
        let more = self.requests.len().saturating_sub(MOST_BARS);
        Section {
            heading: "Requests".to_string(),
            words: (more > 0)
                .then(|| format!("{more} more requests are in the text below."))
                .into_iter()
                .collect(),
            figure: Some(Figure::Bars(Bars {
                caption: "How many volumes of each request are placed".to_string(),
                rows: bars.collect(),
            })),
            tables: Vec::new(),
        }
    }

    /// What is not placed, and why.
    fn not_placed(&self) -> Option<Section> {
        let rows = self.requests.iter().filter_map(|request| {
            Some(vec![
                request.name.clone(),
                (request.count - request.placed).to_string(),
                request.unplaced.clone()?,
            ])
        });
        let rows: Vec<Vec<String>> = rows.collect();
        (!rows.is_empty()).then(|| Section {
            heading: "What is not placed".to_string(),
            tables: vec![cut(Table {
                caption: "Volumes that have no host, and why".to_string(),
                header: ["Request", "Volumes", "Why"].map(str::to_string).to_vec(),
                rows,
                is_behind: false,
            })],
            ..Section::default()
        })
    }

    /// How many hosts are full to each tenth, before and after.
    fn by_fill(&self) -> Section {
        let mut counts = [[0u64; 2]; 11];
        for fill in &self.fills {
            for (at, free) in [fill.free_before, fill.free_after].into_iter().enumerate() {
                counts[tenth(fill, free)][at] += 1;
            }
        }
        let bars = counts
            .iter()
            .enumerate()
            .rev()
            .map(|(tenth, [before, after])| BarRow {
                label: match tenth {
                    10 => "full".to_string(),
                    tenth => format!("{} to {} % full", tenth * 10, tenth * 10 + 9),
                },
                value: *after,
                words: format!("{after} hosts, before {before}"),
                tone: Tone::Good,
            });
        Section {
            heading: "Hosts by fill".to_string(),
            figure: Some(Figure::Bars(Bars {
                caption: "How many hosts are how full once everything is created".to_string(),
                rows: bars.collect(),
            })),
            ..Section::default()
        }
    }

    /// Which host has what.
    fn by_host(&self) -> Section {
        let row = |host: &crate::fleet::HostPlaced| {
            let names: Vec<&str> = host.volumes.iter().map(|one| one.name.as_str()).collect();
            vec![
                host.host.clone(),
                host.vg.clone(),
                names.len().to_string(),
                names.join(" "),
            ]
        };
        Section {
            heading: "Which host for which volume".to_string(),
            words: vec![
                "The commands of each host are printed with --format text and --format json."
                    .to_string(),
            ],
            figure: None,
            tables: vec![cut(Table {
                caption: "Hosts that have some, in the order of the fleet".to_string(),
                header: ["Host", "Volume group", "Volumes", "Which"]
                    .map(str::to_string)
                    .to_vec(),
                rows: self.hosts.iter().map(row).collect(),
                is_behind: true,
            })],
        }
    }
}

/// The first rows, and how many more there are.
fn cut(mut table: Table) -> Table {
    let more = table.rows.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        table.rows.truncate(MOST_ROWS);
        table.caption = format!("{}; {more} more are in the JSON", table.caption);
    }
    table
}

/// The tenth to which a host is full; full is only what is full.
fn tenth(fill: &HostFill, free: u64) -> usize {
    let taken = u128::from(fill.extents.saturating_sub(free)) * 10;
    usize::try_from(taken / u128::from(fill.extents.max(1)))
        .unwrap_or(10)
        .min(10)
}
