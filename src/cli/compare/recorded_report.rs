//! What LVM2 did over a whole recording, as a report with charts.

use std::collections::BTreeMap;

use crate::ask::Made;
use crate::cli::compare::recorded::{Shares, Tally, per_cent, shares_by_name, stopped, told};
use crate::show::{BarRow, Bars, Figure, Finding, Report, Section, Table, Tone};

/// The figures of a recording, which is called `name`, as an LVM2 of a version makes them.
pub(crate) fn report(shares: &Shares, name: &str, version: &str, each: u64, made: &Made) -> Report {
    let mut facts = vec![
        ("Recording".to_string(), name.to_string()),
        ("LVM2".to_string(), version.to_string()),
        (
            "Search".to_string(),
            format!("at most {each} ms for each request"),
        ),
    ];
    facts.extend(stopped(shares).map(|why| ("Ended".to_string(), why)));
    facts.extend(made.on.iter().map(|on| ("Date".to_string(), on.clone())));
    facts.push((
        "Made by".to_string(),
        concat!("extentplan ", env!("CARGO_PKG_VERSION")).to_string(),
    ));
    let planned = shares.requests - shares.not_planned;
    let of_planned = |count: usize| format!("{count} of {planned} ({})", per_cent(count, planned));
    let more: usize = shares
        .more_segments
        .iter()
        .filter(|(more, _)| **more > 0)
        .map(|(_, count)| count)
        .sum();
    let compared: usize = shares.more_segments.values().sum();
    let laid_out = shares.both_place + shares.only_best;
    let finding = |tone, words: String, reasons: &[&str]| Finding {
        tone,
        words,
        reasons: reasons.iter().map(|words| (*words).to_string()).collect(),
    };
    let findings = vec![
        finding(
            tone_of(shares.only_best),
            format!(
                "refused by LVM2 although a layout exists: {}",
                of_planned(shares.only_best)
            ),
            &["each layout was found by the search and checked by all rules of the request"],
        ),
        finding(
            tone_of(shares.lvm2_shares_disks),
            format!(
                "placed by LVM2 with two legs on one disk: {}",
                of_planned(shares.lvm2_shares_disks)
            ),
            &["legs that stand in for each other: the loss of that disk takes both"],
        ),
        finding(
            tone_of(more),
            format!(
                "placed by LVM2 in more segments than the best layout: {more} of {compared} volumes ({})",
                per_cent(more, compared)
            ),
            &[],
        ),
        finding(
            Tone::Open,
            format!(
                "proven best within the time: {} of the {laid_out} layouts that were found ({})",
                shares.proven,
                per_cent(shares.proven, laid_out)
            ),
            &["a proof goes with each; of the others the layout is the best that was found"],
        ),
    ];
    let rows = shares_by_name(shares).into_iter();
    let all = Table {
        caption: "How the requests came out".to_string(),
        header: ["Requests", "Count", "Share"].map(str::to_string).to_vec(),
        rows: rows
            .map(|(name, count)| {
                vec![
                    name.to_string(),
                    count.to_string(),
                    per_cent(count, shares.requests),
                ]
            })
            .collect(),
        is_behind: false,
    };
    let mut sections = vec![Section {
        heading: "All requests".to_string(),
        tables: vec![all],
        ..Section::default()
    }];
    sections.push(histogram("Segments", "segments", &shares.more_segments));
    sections.push(histogram("Disks", "disks", &shares.more_disks));
    for (by, tallies) in [
        ("type", &shares.by_type),
        ("load of the group before", &shares.by_load),
    ] {
        sections.push(by_kind(by, tallies));
        for (what, get) in KINDS {
            sections.push(chart(what, by, tallies, get));
        }
    }
    Report {
        title: format!(
            "LVM2 beside the best layouts: {} recorded requests",
            shares.requests
        ),
        facts,
        findings,
        sections,
        commands: Vec::new(),
        text: told(shares),
    }
}

type Get = fn(&Tally) -> usize;

/// What is counted of each kind.
const KINDS: [(&str, Get); 3] = [
    ("refused by LVM2 although a layout exists", |tally| {
        tally.only_best
    }),
    ("two legs on one disk", |tally| tally.lvm2_shares_disks),
    ("more segments than the best", |tally| {
        tally.lvm2_has_more_segments
    }),
];

fn tone_of(count: usize) -> Tone {
    if count > 0 { Tone::Bad } else { Tone::Good }
}

/// Shares of each kind, so that kinds with many and with few requests can be compared.
fn chart(what: &str, by: &str, tallies: &BTreeMap<String, Tally>, get: Get) -> Section {
    let row = |(name, tally): (&String, &Tally)| BarRow {
        label: name.clone(),
        value: (get(tally) * 100_000 / tally.requests.max(1)) as u64,
        words: format!(
            "{} of {}",
            per_cent(get(tally), tally.requests),
            tally.requests
        ),
        tone: Tone::Bad,
    };
    Section {
        heading: format!("By {by}: {what}"),
        figure: Some(Figure::Bars(Bars {
            caption: format!("Share of the planned requests, by {by}"),
            rows: tallies.iter().map(row).collect(),
        })),
        ..Section::default()
    }
}

fn by_kind(by: &str, tallies: &BTreeMap<String, Tally>) -> Section {
    let row = |(name, tally): (&String, &Tally)| {
        let mut row = vec![name.clone(), tally.requests.to_string()];
        row.extend(KINDS.iter().map(|(_, get)| get(tally).to_string()));
        row
    };
    let mut header = vec![by.to_string(), "requests".to_string()];
    header.extend(KINDS.iter().map(|(what, _)| (*what).to_string()));
    Section {
        heading: format!("By {by}"),
        tables: vec![Table {
            caption: format!("The planned requests, by {by}"),
            header,
            rows: tallies.iter().map(row).collect(),
            is_behind: false,
        }],
        ..Section::default()
    }
}

/// How often LVM2's layout has so many more.
fn histogram(heading: &str, noun: &str, counts: &BTreeMap<i64, usize>) -> Section {
    let row = |(more, count): (&i64, &usize)| BarRow {
        label: match more {
            0 => format!("as many {noun}"),
            1.. => format!("{more} more"),
            _ => format!(
                "{} fewer, in what the best layout may not do or pays elsewhere for",
                more.unsigned_abs()
            ),
        },
        value: *count as u64,
        words: count.to_string(),
        tone: match more {
            1.. => Tone::Bad,
            0 => Tone::Good,
            _ => Tone::Open,
        },
    };
    Section {
        heading: format!("{heading} that LVM2's layout has more"),
        figure: Some(Figure::Bars(Bars {
            caption: "Volumes that both place".to_string(),
            rows: counts.iter().map(row).collect(),
        })),
        ..Section::default()
    }
}
