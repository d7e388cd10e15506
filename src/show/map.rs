//! A picture of sources in a terminal: one bar each, one letter per holder.

use anstyle::{AnsiColor, Color, Style};

use crate::core::{Area, Source};
use crate::show::wrap::{WIDTH, columns, padded, shortened};

/// Extents of a source and the mark of who holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Index of the source.
    pub source: usize,
    /// The extents.
    pub area: Area,
    /// What stands for the holder in the bar.
    pub mark: char,
}

/// How a map is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapStyle {
    /// Columns of the whole picture; at least 40 are used.
    pub width: usize,
    /// Whether marks are coloured with ANSI sequences.
    pub is_coloured: bool,
    /// Whether what has no letter is drawn with blocks, as Unicode has them.
    pub has_blocks: bool,
}

impl MapStyle {
    /// Letters alone, 100 columns wide.
    #[must_use]
    pub fn plain() -> MapStyle {
        MapStyle {
            width: WIDTH,
            is_coloured: false,
            has_blocks: false,
        }
    }

    /// What the marks mean that stand for nobody.
    #[must_use]
    pub fn words(self) -> String {
        format!("{} free  {} in use", self.drawn(FREE), self.drawn(HELD))
    }

    /// A mark as it is drawn.
    fn drawn(self, mark: char) -> char {
        match mark {
            FREE if self.has_blocks => '\u{2591}',
            HELD if self.has_blocks => '\u{2588}',
            other => other,
        }
    }
}

/// Free extents.
const FREE: char = '.';
/// Extents that something else holds.
const HELD: char = '#';

/// One line per source: its name, a bar of its extents, how many are free.
///
/// Every bar has the scale of the largest source, so lengths can be compared. A column shows who
/// holds most of its extents; `.` is free, `#` is held by nobody listed. A holding shorter than half
/// a column may not show; the list of segments has it.
#[must_use]
pub fn map(sources: &[Source], holdings: &[Holding], style: MapStyle) -> String {
    let name_width = sources.iter().map(|source| columns(&source.name));
    // A quarter of the picture, about.
    let most = (style.width * 24 / 100).max(12);
    let name_width = name_width.max().unwrap_or(0).clamp(4, most);
    let count_width = sources
        .iter()
        .map(|source| source.extents.to_string().len())
        .max()
        .unwrap_or(1);
    // Two spaces, name, two spaces, bar between brackets, two spaces, "N of N free".
    let fixed = 2 + name_width + 2 + 2 + 2 + 2 * count_width + " of  free".len();
    let bar_width = style.width.max(40).saturating_sub(fixed).max(8);
    let largest = sources.iter().map(|source| source.extents).max();
    let largest = largest.unwrap_or(1).max(1);
    let mut text = String::new();
    for (source, own) in sources.iter().zip(by_source(sources.len(), holdings)) {
        let columns = columns_of(source.extents, largest, bar_width);
        let bar = bar(source, &own, columns, style);
        let taken: u64 = own
            .iter()
            .map(|holding| overlap(source, holding.area))
            .sum();
        let free = source.free.total() - taken;
        let gap = " ".repeat(bar_width - columns);
        text.push_str(&format!(
            "  {}  [{bar}]{gap}  {free:>count_width$} of {:>count_width$} free\n",
            padded(&shortened(&source.name, name_width), name_width),
            source.extents,
        ));
    }
    text
}

/// The holdings on each of so many sources, in their order.
pub(crate) fn by_source(count: usize, holdings: &[Holding]) -> Vec<Vec<&Holding>> {
    let mut lists = vec![Vec::new(); count];
    for holding in holdings {
        if let Some(list) = lists.get_mut(holding.source) {
            list.push(holding);
        }
    }
    lists
}

/// Columns for a source, at least one unless it has no extents.
fn columns_of(extents: u64, largest: u64, width: usize) -> usize {
    let scaled = u128::from(extents) * width as u128 / u128::from(largest);
    let columns = usize::try_from(scaled).unwrap_or(width);
    columns.max(usize::from(extents > 0)).min(width)
}

/// Extents of `area` that are free on the source before anything of the plan is taken.
fn overlap(source: &Source, area: Area) -> u64 {
    let inside = source.free.meeting(area);
    let parts = inside.filter_map(|free| free.intersection(area));
    parts.map(Area::count).sum()
}

fn bar(source: &Source, holdings: &[&Holding], columns: usize, style: MapStyle) -> String {
    let mut bar = String::new();
    // Holdings are shared out to the columns that they meet, in their order.
    let mut cells: Vec<Area> = Vec::with_capacity(columns);
    for column in 0..columns {
        let edge = |column: usize| {
            let scaled = u128::from(source.extents) * column as u128 / columns as u128;
            u64::try_from(scaled).expect("at most the extents of the source")
        };
        let start = edge(column).min(source.extents - 1);
        let end = edge(column + 1).max(start + 1);
        cells.push(Area::between(start, end).expect("a column has an extent"));
    }
    let mut met: Vec<Vec<&Holding>> = vec![Vec::new(); columns];
    for holding in holdings {
        let first = cells.partition_point(|cell| cell.end() <= holding.area.start());
        let meets = |cell: &&Area| cell.start() < holding.area.end();
        let count = cells[first..].iter().take_while(meets).count();
        for list in &mut met[first..first + count] {
            list.push(holding);
        }
    }
    for (cell, holdings) in cells.into_iter().zip(met) {
        let mark = mark_of(source, &holdings, cell);
        let shown = style.drawn(mark);
        if style.is_coloured && mark != FREE {
            let colour = style_of(mark);
            bar.push_str(&format!("{colour}{shown}{colour:#}"));
        } else {
            bar.push(shown);
        }
    }
    bar
}

/// Who holds most of a cell, of those who meet it; of equals the first listed.
fn mark_of(source: &Source, holdings: &[&Holding], cell: Area) -> char {
    let mut counts: Vec<(char, u64)> = Vec::new();
    let mut free = overlap(source, cell);
    let mut held = cell.count() - free;
    for holding in holdings {
        let Some(part) = holding.area.intersection(cell) else {
            continue;
        };
        let taken_free = overlap(source, part);
        free -= taken_free;
        held -= part.count() - taken_free;
        match counts.iter_mut().find(|(mark, _)| *mark == holding.mark) {
            Some((_, count)) => *count += part.count(),
            None => counts.push((holding.mark, part.count())),
        }
    }
    counts.push((HELD, held));
    counts.push((FREE, free));
    let mut most = counts[0];
    for candidate in counts {
        if candidate.1 > most.1 {
            most = candidate;
        }
    }
    most.0
}

/// Colours go round: neighbouring marks differ.
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Yellow,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::Red,
];

fn style_of(mark: char) -> Style {
    if mark == HELD {
        return Style::new().dimmed();
    }
    coloured(COLOURS[mark as usize % COLOURS.len()])
}

fn coloured(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// The sequence that a text begins with, if it is one that switches a colour of these pictures on or off.
#[must_use]
pub fn style_at(text: &str) -> Option<&str> {
    if !text.starts_with('\u{1b}') {
        return None;
    }
    let styles = COLOURS.into_iter().map(coloured);
    let mut styles = styles.chain([Style::new().dimmed()]);
    styles.find_map(|style| {
        let sequences = [style.render().to_string(), style.render_reset().to_string()];
        let mut sequences = sequences.into_iter();
        let found = sequences.find(|sequence| text.starts_with(sequence.as_str()))?;
        text.get(..found.len())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::Areas;

    fn source(name: &str, extents: u64, free: &[(u64, u64)]) -> Source {
        Source {
            name: name.to_string(),
            extents,
            free: free
                .iter()
                .filter_map(|&(start, count)| Area::new(start, count))
                .collect::<Areas>(),
            tags: BTreeSet::new(),
            ..Source::default()
        }
    }

    #[test]
    fn bars_have_one_scale_and_fit_the_width() {
        let sources = [
            source("large", 100, &[(50, 50)]),
            source("small", 50, &[(0, 50)]),
            source("a-name-that-is-much-too-long-for-a-line", 1, &[]),
        ];
        let holdings = [Holding {
            source: 1,
            area: Area::new(0, 25).expect("not empty"),
            mark: '0',
        }];
        let style = MapStyle {
            width: 60,
            is_coloured: false,
            has_blocks: false,
        };
        let text = map(&sources, &holdings, style);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert!(lines[0].contains("[############...........]"), "{text}");
        assert!(lines[1].contains("[000000.....]  "), "{text}");
        assert!(lines[1].ends_with(" 25 of  50 free"), "{text}");
        assert!(lines[2].contains("[#]"), "{text}");
    }
}
