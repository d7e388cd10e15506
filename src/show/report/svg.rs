//! A report as one vector drawing: title, answers and figures below each other.

use std::collections::BTreeSet;

use maud::{Markup, PreEscaped, html};

use crate::show::report::bars::Bars;
use crate::show::report::clean::clean;
use crate::show::report::ink::{Ink, patterns};
use crate::show::report::months::{FOOT, HEAD, HEIGHT, Months};
use crate::show::report::pictures::{Item, Line, Pictures};
use crate::show::report::rows::{BAR, bar, inks};
use crate::show::report::whole::{Figure, Report, Section};
use crate::show::report::words::MOST_REASONS;
use crate::show::wrap::{lines_of, shortened};

/// Width of the drawing and its margins in pixels.
const WIDTH: u64 = 960;
const MARGIN: u64 = 16;
/// Where bars begin, and how wide they are; what stands beside them is on their left.
const BARS: u64 = 330;
const BARS_WIDTH: u64 = WIDTH - BARS - MARGIN;
/// Height of a line of words.
const LINE: u64 = 20;
/// Letters that go into a line, and into the room left of the bars, also where they are wide.
const LETTERS: usize = 110;
const BESIDE: usize = 38;

/// The colours of both schemes, for what has no colour that both share.
const STYLE: &str = "text{font:13px system-ui,sans-serif}.large{font-size:20px}.bold{font-weight:bold}\
.ground{fill:#fff}.ink{fill:#1b1b1b}.paper{fill:#fff}\
@media(prefers-color-scheme:dark){.ground,.paper{fill:#15181b}.ink{fill:#ececec}.held,.nobody-knows{fill:#585d61}\
.mark{stroke:#b8b8b8}.grid{stroke:#4a4f53}.limit{stroke:#ececec}.frame{stroke:#9a9a9a}}\
@media print{.ground,.paper{fill:#fff}.ink{fill:#000}.mark{stroke:#5a5a5a}.held,.nobody-knows{fill:#c4c4c4}.grid{stroke:#c4c4c4}.limit{stroke:#000}}";

/// Title, answers and figures as one vector drawing, 960 pixels wide.
#[must_use]
pub fn drawing(report: &Report) -> String {
    let mut sheet = Sheet::default();
    sheet.line("large bold", &report.title);
    sheet.top += 6;
    let facts: Vec<String> = report
        .facts
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    sheet.words("", &facts.join(" \u{b7} "));
    for finding in &report.findings {
        sheet.words("bold", &finding.words);
        for reason in finding.reasons.iter().take(MOST_REASONS) {
            sheet.words("", &format!("\u{2013} {reason}"));
        }
        if let Some(more @ 1..) = finding.reasons.len().checked_sub(MOST_REASONS) {
            sheet.words("", &format!("\u{2013} and {more} more"));
        }
    }
    for section in &report.sections {
        sheet.section(section);
    }
    let height = sheet.top + MARGIN;
    let findings = report.findings.iter().map(|finding| finding.words.as_str());
    let markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(WIDTH) height=(height) viewBox={ "0 0 " (WIDTH) " " (height) }
            role="img" aria-labelledby="title desc" {
            title id="title" { (report.title) }
            desc id="desc" { (findings.collect::<Vec<_>>().join(" ")) }
            style { (PreEscaped(STYLE)) }
            defs { (patterns(&sheet.used)) }
            rect class="ground" width="100%" height="100%" fill="#ffffff" {}
            @for part in &sheet.parts { (part) }
        }
    };
    clean(markup.into_string()) + "\n"
}

/// What is drawn so far.
#[derive(Default)]
struct Sheet {
    parts: Vec<Markup>,
    /// Where the next line begins.
    top: u64,
    used: BTreeSet<Ink>,
}

impl Sheet {
    fn line(&mut self, class: &str, words: &str) {
        self.top += if class.contains("large") { 34 } else { LINE };
        self.text(MARGIN, self.top - 5, class, words);
    }

    fn words(&mut self, class: &str, words: &str) {
        for line in lines_of(LETTERS, words) {
            self.line(class, &line);
        }
    }

    fn text(&mut self, x: u64, y: u64, class: &str, words: &str) {
        if words.is_empty() {
            return;
        }
        self.parts
            .push(html! { text class={ "ink " (class) } x=(x) y=(y) fill="#1b1b1b" { (words) } });
    }

    fn section(&mut self, section: &Section) {
        self.top += 12;
        self.line("bold", &section.heading);
        for words in &section.words {
            self.words("", words);
        }
        match &section.figure {
            Some(Figure::Pictures(pictures)) => self.pictures(pictures),
            Some(Figure::Months(months)) => self.months(months),
            Some(Figure::Bars(bars)) => self.bars(bars),
            None => {}
        }
    }

    /// A part of its own at a place, with what is wide in per cent of its width.
    fn part(&mut self, (x, width): (u64, u64), height: u64, content: &Markup) {
        let top = self.top;
        self.parts
            .push(html! { svg x=(x) y=(top) width=(width) height=(height) { (content) } });
    }

    fn pictures(&mut self, pictures: &Pictures) {
        for state in &pictures.states {
            if pictures.states.len() > 1 {
                self.top += 6;
                self.line("bold", &state.heading);
            }
            for block in pictures.blocks(state) {
                for item in block.items {
                    let (Item::One(line) | Item::Many { line, .. }) = item;
                    self.row(&line);
                }
                self.text(MARGIN, self.top + 16, "", block.scale.words);
                self.part((BARS, BARS_WIDTH), 24, &block.scale.drawn());
                self.top += 28;
            }
        }
        self.legend(pictures);
    }

    /// A bar, and left of it what it is.
    fn row(&mut self, line: &Line) {
        self.used.extend(inks(std::iter::once(line)));
        let below = if line.tags.is_empty() { 0 } else { 16 };
        self.top += 6;
        let name = shortened(&line.name, BESIDE);
        self.text(MARGIN, self.top + 12, "bold", &name);
        let figures = shortened(&line.figures, BESIDE + 6);
        self.text(MARGIN, self.top + 28, "", &figures);
        if below > 0 {
            self.text(MARGIN, self.top + 44, "", &shortened(&line.tags, BESIDE));
        }
        self.top += 5;
        self.part((BARS, BARS_WIDTH), BAR, &bar(line, false));
        self.top += 28 + below;
    }

    fn legend(&mut self, pictures: &Pictures) {
        let (colours, totals) = (pictures.colours(), pictures.totals());
        let mut keys: Vec<(Ink, String)> = Vec::new();
        let (mut shared, mut sum) = (0, 0u64);
        for ((holder, colour), total) in pictures.holders.iter().zip(colours).zip(totals) {
            match colour {
                Some(_) => keys.push((
                    Ink::of(colour, 0, false),
                    format!("{}, {}", holder.name, pictures.size(total)),
                )),
                None => {
                    shared += 1;
                    sum += total;
                }
            }
        }
        if shared > 0 {
            keys.push((Ink::Other, format!("{shared} more, {}", pictures.size(sum))));
        }
        keys.push((Ink::Held, "in use".to_string()));
        keys.push((Ink::Free, "free".to_string()));
        if pictures
            .states
            .iter()
            .flat_map(|state| &state.held)
            .any(|held| held.is_companion)
        {
            let first = pictures
                .holders
                .first()
                .map_or(Ink::OtherCompanion, |_| Ink::Companion { colour: 0 });
            keys.push((first, "small squares: metadata and logs".to_string()));
        }
        self.top += 4;
        for (ink, words) in keys {
            self.used.insert(ink);
            let top = self.top;
            self.parts.push(html! {
                rect class="frame" x=(BARS) y=(top + 3) width="22" height="15" fill=(ink.fill()) stroke="#595959" {}
            });
            self.text(BARS + 30, top + 15, "", &shortened(&words, 64));
            self.top += LINE;
        }
    }

    fn months(&mut self, months: &Months) {
        self.words("", &months.description());
        let height = HEAD + HEIGHT + FOOT;
        self.top += 8;
        let labels = 90;
        self.part((0, labels), height, &months.scale(labels - 6));
        self.part((labels, WIDTH - labels - MARGIN), height, &months.columns());
        self.top += height;
    }

    fn bars(&mut self, bars: &Bars) {
        self.words("", &bars.caption);
        for row in &bars.rows {
            let words = lines_of(BESIDE + 6, &format!("{}: {}", row.label, row.words));
            let height = (words.len() as u64 * 16).max(BAR) + 8;
            for (number, line) in (0u64..).zip(&words) {
                self.text(MARGIN, self.top + 15 + number * 16, "", line);
            }
            self.part((BARS, BARS_WIDTH), BAR, &bars.bar(row));
            self.top += height;
        }
    }
}
