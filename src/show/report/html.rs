//! A report as one page that needs nothing beside itself.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::show::report::bars::Bars;
use crate::show::report::clean::clean;
use crate::show::report::ink::{Ink, patterns};
use crate::show::report::months::{FOOT, HEAD, HEIGHT, Months};
use crate::show::report::pictures::{Item, Line, MOST_SOURCES, Pictures, State};
use crate::show::report::rows::{BAR, bar, inks};
use crate::show::report::ticks::Scale;
use crate::show::report::whole::{Figure, Report, Section};
use crate::show::report::words::{MOST_REASONS, Table, Tone};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Pixels of the labels left of months.
const LABELS: u64 = 80;
/// Places of a holder that are named where it lights up.
const MOST_PLACES: usize = 12;

/// A page that needs nothing beside itself.
#[must_use]
pub fn page(report: &Report) -> String {
    let (figures, used) = figures(report);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                svg class="defs" aria-hidden="true" focusable="false" { defs { (patterns(&used)) } }
                main {
                    h1 { (report.title) }
                    dl class="facts" {
                        @for (name, value) in &report.facts { div { dt { (name) } dd { (value) } } }
                    }
                    @for finding in &report.findings {
                        div class={ "finding " (finding.tone.class()) } {
                            p { (mark(finding.tone)) strong { (finding.words) } }
                            (reasons(&finding.reasons))
                        }
                    }
                    @for (section, figure) in report.sections.iter().zip(&figures) { (one(section, figure)) }
                    @if !report.commands.is_empty() { (commands(&report.commands)) }
                    @if !report.text.is_empty() {
                        h2 { "As text" }
                        details { summary { "What a terminal shows" }
                            pre tabindex="0" role="region" aria-label="What a terminal shows" { (report.text) }
                        }
                    }
                }
                p class="hidden" id="copied" role="status" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    clean(markup.into_string()) + "\n"
}

/// The first reasons, and the others behind a summary.
fn reasons(reasons: &[String]) -> Markup {
    let (first, more) = reasons.split_at(reasons.len().min(MOST_REASONS));
    html! {
        @if !first.is_empty() { ul { @for reason in first { li { (reason) } } } }
        @if !more.is_empty() {
            details { summary { (more.len()) " more" } ul { @for reason in more { li { (reason) } } } }
        }
    }
}

fn mark(tone: Tone) -> Markup {
    let (sign, word) = match tone {
        Tone::Good => ("\u{2713}", "Good: "),
        Tone::Bad => ("\u{2717}", "Bad: "),
        Tone::Open => ("?", "Open: "),
    };
    html! { span aria-hidden="true" { (sign) " " } span class="hidden" { (word) } }
}

/// The figure of each section, and all that they are filled with.
fn figures(report: &Report) -> (Vec<Markup>, BTreeSet<Ink>) {
    let mut used = BTreeSet::new();
    let figures = report.sections.iter().map(|section| match &section.figure {
        Some(Figure::Pictures(pictures)) => {
            html! { (of_pictures(pictures, &mut used)) (table(&pictures.table())) }
        }
        Some(Figure::Months(months)) => html! { (of_months(months)) (table(&months.table())) },
        Some(Figure::Bars(bars)) => of_bars(bars),
        None => html! {},
    });
    let figures = figures.collect();
    (figures, used)
}

fn one(section: &Section, figure: &Markup) -> Markup {
    html! {
        section {
            h2 { (section.heading) }
            @for words in &section.words { p { (words) } }
            (figure)
            @for one in &section.tables { (table(one)) }
        }
    }
}

fn table(table: &Table) -> Markup {
    let rows = html! {
        div class="wide" tabindex="0" role="region" aria-label=(table.caption) {
            table {
                caption { (table.caption) }
                thead { tr { @for head in &table.header { th scope="col" { (head) } } } }
                tbody { @for row in &table.rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    };
    html! {
        @if table.is_behind {
            details { summary { "Table: " (table.caption) } (rows) }
        } @else { (rows) }
    }
}

fn commands(lines: &[String]) -> Markup {
    html! {
        section {
            h2 { "Commands" }
            @if lines.len() > 1 { p { button type="button" class="copy" data-all="all" { "Copy all" } } }
            ol class="commands" {
                @for line in lines {
                    li { code { (line) } @if !line.starts_with('#') { button type="button" class="copy" aria-label={ "Copy " (line) } { "Copy" } } }
                }
            }
        }
    }
}

fn of_bars(bars: &Bars) -> Markup {
    html! {
        figure class="bars" aria-label=(bars.caption) style="margin:0" {
            figcaption { (bars.caption) }
            @for row in &bars.rows {
                div class="row" {
                    div class="label" { (row.label) ": " strong { (row.words) } }
                    svg height=(BAR) aria-hidden="true" focusable="false" { (bars.bar(row)) }
                }
            }
        }
        (table(&bars.table()))
    }
}

fn of_months(months: &Months) -> Markup {
    let height = HEAD + HEIGHT + FOOT;
    html! {
        figure style="margin:0" {
            figcaption { (months.description()) }
            div class="months" {
                svg height=(height) aria-hidden="true" focusable="false" { (months.scale(LABELS)) }
                svg height=(height) role="img" aria-label=(months.description()) { (months.columns()) }
            }
        }
    }
}

fn of_pictures(pictures: &Pictures, used: &mut BTreeSet<Ink>) -> Markup {
    let states: Vec<Markup> = pictures
        .states
        .iter()
        .map(|state| of_state(pictures, state, used))
        .collect();
    html! {
        figure class="pictures" aria-label="Sources and who holds what" style="margin:0" {
            (legend(pictures, used))
            p class="said" role="status" {}
            @for (state, drawn) in pictures.states.iter().zip(&states) {
                @if pictures.states.len() > 1 { h3 { (state.heading) } }
                (drawn)
            }
        }
    }
}

fn of_state(pictures: &Pictures, state: &State, used: &mut BTreeSet<Ink>) -> Markup {
    html! {
        @for block in &pictures.blocks(state) {
            @for item in &block.items {
                @match item {
                    Item::One(line) => (row(pictures, line, used)),
                    Item::Many { line, members } => {
                        details {
                            summary { span class="name" { (line.name) } }
                            (many(pictures, state, members, used))
                        }
                        div class="row" { (label("", &line.figures, "")) (drawn(pictures, line, used)) }
                    }
                }
            }
            (scale(&block.scale))
        }
    }
}

/// The members of a group, opened step by step where they are many.
fn many(pictures: &Pictures, state: &State, members: &[usize], used: &mut BTreeSet<Ink>) -> Markup {
    html! {
        div class="many" {
            @if members.len() <= MOST_SOURCES {
                @for line in &pictures.lines(state, members) { (row(pictures, line, used)) }
                (scale(&pictures.scale()))
            } @else {
                @for some in members.chunks(MOST_SOURCES) {
                    details {
                        summary { (state.sources[some[0]].name) " to " (state.sources[some[some.len() - 1]].name) }
                        div class="many" {
                            @for line in &pictures.lines(state, some) { (row(pictures, line, used)) }
                            (scale(&pictures.scale()))
                        }
                    }
                }
            }
        }
    }
}

fn row(pictures: &Pictures, line: &Line, used: &mut BTreeSet<Ink>) -> Markup {
    html! { div class="row" { (label(&line.name, &line.figures, &line.tags)) (drawn(pictures, line, used)) } }
}

fn label(name: &str, figures: &str, tags: &str) -> Markup {
    html! {
        div class="label" {
            @if !name.is_empty() { span class="name" { (name) } " " }
            span { (figures) }
            @if !tags.is_empty() { " " span class="tags" { (tags) } }
        }
    }
}

fn drawn(pictures: &Pictures, line: &Line, used: &mut BTreeSet<Ink>) -> Markup {
    used.extend(inks(std::iter::once(line)));
    html! { svg height=(BAR) role="img" aria-label=(line.description(&pictures.holders)) { (bar(line, true)) } }
}

fn scale(scale: &Scale) -> Markup {
    html! {
        div class="row scale" aria-hidden="true" {
            div class="label" { (scale.words) }
            svg height="24" focusable="false" { (scale.drawn()) }
        }
    }
}

/// Who has which colour; those that share one are behind a summary, and light up one by one.
fn legend(pictures: &Pictures, used: &mut BTreeSet<Ink>) -> Markup {
    let (colours, totals) = (pictures.colours(), pictures.totals());
    let mut places: Vec<Vec<&str>> = vec![Vec::new(); pictures.holders.len()];
    if let Some(state) = pictures.states.last() {
        for held in &state.held {
            if let Some(holder) = held.holder {
                let name = state.sources[held.source].name.as_str();
                if !places[holder].contains(&name) {
                    places[holder].push(name);
                }
            }
        }
    }
    let (own, shared): (Vec<usize>, Vec<usize>) =
        (0..colours.len()).partition(|&holder| colours[holder].is_some());
    let words = |holder: usize| {
        let shown = places[holder]
            .iter()
            .take(MOST_PLACES)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let more = places[holder].len().saturating_sub(MOST_PLACES);
        if more > 0 {
            format!("{shown} and {more} more")
        } else {
            shown
        }
    };
    let key = |holder: usize| {
        let ink = Ink::of(colours[holder], 0, false);
        html! {
            button type="button" class="key" data-h=(holder) data-on=(words(holder)) {
                (swatch(ink)) span { (pictures.holders[holder].name) ", " (pictures.size(totals[holder])) }
            }
        }
    };
    let has_companions = pictures
        .states
        .iter()
        .flat_map(|state| &state.held)
        .any(|held| held.is_companion);
    let sum: u64 = shared.iter().map(|&holder| totals[holder]).sum();
    let mut kinds = vec![(Ink::Free, "free"), (Ink::Held, "in use")];
    let example = own.first().and_then(|&holder| colours[holder]);
    kinds.extend(example.filter(|_| has_companions).map(|colour| {
        (
            Ink::Companion { colour },
            "small squares: metadata and logs",
        )
    }));
    used.extend(kinds.iter().map(|(ink, _)| *ink));
    used.extend(own.iter().map(|&holder| Ink::of(colours[holder], 0, false)));
    used.insert(Ink::Other);
    html! {
        ul class="legend" {
            @for &holder in &own { li { (key(holder)) } }
            @for (ink, words) in kinds { li { span class="key" { (swatch(ink)) span { (words) } } } }
        }
        @if !shared.is_empty() {
            details {
                summary {
                    span class="key" { (swatch_sized(Ink::Other)) span { (shared.len()) " more, " (pictures.size(sum)) } }
                }
                ul class="legend" { @for &holder in &shared { li { (key(holder)) } } }
            }
        }
    }
}

fn swatch(ink: Ink) -> Markup {
    html! { svg aria-hidden="true" focusable="false" { rect width="100%" height="100%" fill=(ink.fill()) {} } }
}

/// A swatch outside of a list.
fn swatch_sized(ink: Ink) -> Markup {
    html! {
        svg aria-hidden="true" focusable="false" style="width:1.4rem;height:1.1rem;border:1px solid var(--edge)" {
            rect width="100%" height="100%" fill=(ink.fill()) {}
        }
    }
}
